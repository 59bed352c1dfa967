import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { type PageSource, toRows } from './page-source.ts'
import { shapeItems, splitArguments } from './shape-items.ts'
import { type TotalItems, type TotalOption, toCount } from './total.ts'

/** One page, as the original wrote it. */
export interface Page<Item, Total extends number | null = number> {
  readonly offset: number
  readonly limit: number
  /** How many items there are on all pages; `null` where nobody counted. */
  readonly totalItems: Total
  readonly items: Item[]
}

/** Which page. */
export interface PageOptions<Total extends TotalOption = true> {
  /** How many items to leave out, from 0. */
  readonly offset: number
  /** How many items at most, from 1. */
  readonly limit: number
  /** Default true. */
  readonly total?: Total | undefined
}

/** An item of a page: what the schema makes of a row; without one the row. */
export type ShapedItem<Row, Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : Row

/**
 * One page of a list: `{ offset, limit, totalItems, items }`.
 *
 * The rows are read first. They are counted after that, one query after the other, and only when the page does not tell the
 * number by itself, as the last page does: one connection cannot do both at once.
 *
 * @param source - an array, a select query of Kysely, or `{ count, slice }`; give a query an `orderBy`, because without one
 *   a database may give its rows in another order each time
 * @param schema - shapes each item; may be left out
 * @param options - `offset`, `limit`, and `total` (default true)
 * @throws TypeError when `offset` or `limit` are not whole numbers in their bounds, or the source is none
 * @throws PageItemError `ERR_PAGE_ITEM` when a row is not what the schema asks for
 *
 * @example
 * ```ts
 * import { paginated } from 'twopi/pagination'
 * import { z } from 'zod'
 *
 * const rows = [{ id: 1, name: 'Ada', password: 'x' }]
 * const shown = z.object({ id: z.int(), name: z.string() })
 *
 * export const page = await paginated(rows, shown, { offset: 0, limit: 20 })
 * console.log(page) // { offset: 0, limit: 20, totalItems: 1, items: [{ id: 1, name: 'Ada' }] }
 * ```
 */
export function paginated<Row, Total extends TotalOption = true>(
  source: PageSource<Row>,
  options: PageOptions<Total>,
): Promise<Page<Row, TotalItems<Total>>>
export function paginated<Row, Schema extends StandardSchemaV1 | undefined, Total extends TotalOption = true>(
  source: PageSource<Row>,
  schema: Schema,
  options: PageOptions<Total>,
): Promise<Page<ShapedItem<Row, Schema>, TotalItems<Total>>>
export async function paginated(
  source: unknown,
  ...rest: readonly [PageOptions<TotalOption>] | readonly [StandardSchemaV1 | undefined, PageOptions<TotalOption>]
): Promise<Page<unknown, number | null>> {
  const { schema, options } = splitArguments(rest)
  return (await readPage(source, schema, options)).page
}

/** A page, and whether there is another behind it. */
export interface ReadPage {
  readonly page: Page<unknown, number | null>
  readonly hasNext: boolean
}

/** What {@link paginated} does. */
export async function readPage(
  source: unknown,
  schema: StandardSchemaV1 | undefined,
  { offset, limit, total = true }: PageOptions<TotalOption>,
): Promise<ReadPage> {
  assertWhole('offset', offset, 0)
  assertWhole('limit', limit, 1)
  const rows = toRows(source)
  const found = await rows.slice(offset, rows.peeks ? limit + 1 : limit)
  const seen = found.slice(0, limit)
  const more = rows.peeks ? found.length > limit : seen.length === limit
  const totalItems = await totalOf(total, rows.count, offset, found.length, more)
  const items = await shapeItems(seen, schema)
  // Only a count says that a full slice was the last one.
  const hasNext = more && (rows.peeks || total !== true || totalItems === null || offset + seen.length < totalItems)
  return { page: { offset, limit, totalItems, items }, hasNext }
}

async function totalOf(
  total: TotalOption,
  count: () => unknown,
  offset: number,
  found: number,
  more: boolean,
): Promise<number | null> {
  if (total === false) return null
  if (typeof total === 'function') {
    const told = await total()
    return told === null ? null : toCount(told, '`total`')
  }
  // An empty page behind the end does not tell how long the list is.
  if (!more && (found > 0 || offset === 0)) return offset + found
  const counted = toCount(await count(), '`count`')
  // Rows may go between the two queries; those that were seen were there.
  return found > 0 ? Math.max(counted, offset + found) : counted
}

/** @throws TypeError */
export function assertWhole(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new TypeError(`\`${name}\` must be a whole number from ${least}, found ${String(value)}`)
  }
}
