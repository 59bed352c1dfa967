import type { ErrorLayout } from '../webargs/layouts.ts'
import { CursorCodec, type CursorKey, readKeys } from './cursor-codec.ts'
import { type KeysetRow, type OrderColumn, type OrderName, readOrder } from './keyset-order.ts'
import { Keyset } from './keyset-pages.ts'

/** What a keyset is made of. */
export interface KeysetOptions<Order extends readonly OrderColumn[]> {
  /** The columns to order by, first to last. */
  readonly order: Order
  /** The columns of `order` that together no two rows have alike: the primary key, most often. */
  readonly unique: NoInfer<OrderName<Order>> | readonly NoInfer<OrderName<Order>>[]
  /**
   * Signs the cursors: a secret of at least 32 bytes, a string standing for its UTF-8 bytes. Of a list the first signs and
   * all are accepted.
   */
  readonly key: CursorKey | readonly CursorKey[] | undefined
  /** The layout of the error that tells of a cursor made for other filters. Default `'location'`, as that of `useArgs`. */
  readonly layout?: ErrorLayout | undefined
}

/**
 * Declares a list that is read from a cursor on, which stays quick however far a client reads, and in which rows that come or
 * go make no others repeat or disappear.
 *
 * A cursor holds the values of the row it stands at. It is signed, not encrypted: do not order by what clients must not see.
 *
 * @param options - `order`, `unique`, `key`, `layout`
 * @returns the fields for `useArgs`, and what reads a page
 * @throws TypeError with everything that is wrong with the options
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { keyset } from 'twopi/pagination'
 * import { useArgs } from 'twopi/webargs'
 *
 * const classes = [{ id: 1, name: 'Algebra' }]
 * const byName = keyset({ order: ['name', 'id'], unique: 'id', key: process.env['SECRET_KEY'] })
 *
 * export const list = pipeline(
 *   useArgs(byName.cursorArgs(), { location: 'query' }),
 *   ({ args, request }) => byName.paginatedReply(request, classes, args),
 * )
 * ```
 */
export function keyset<const Order extends readonly OrderColumn[]>({
  order,
  unique,
  key,
  layout,
}: KeysetOptions<Order>): Keyset<KeysetRow<Order>> {
  const problems: string[] = []
  const columns = readOrder(order, unique, problems)
  const keys = readKeys(key, problems)
  if (problems.length > 0) throw new TypeError(problems.join('; '))
  return new Keyset(columns, new CursorCodec(keys, columns), layout)
}
