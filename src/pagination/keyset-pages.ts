import { Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { type Arg, createArg, fail } from '../webargs/arg-field.ts'
import type { ErrorLayout } from '../webargs/layouts.ts'
import { ValidationError } from '../webargs/validation-error.ts'
import type { CursorCodec, Position } from './cursor-codec.ts'
import { placeOf, type SortColumn, samePlace } from './keyset-order.ts'
import { arrayFrom, queryFrom } from './keyset-rows.ts'
import { assertLinkOptions, type LinkOptions, linkHeader, publicParameters } from './link-header.ts'
import { PageOrderError } from './page-order-error.ts'
import { isSelectQuery, type SelectQuery, toRows } from './page-source.ts'
import { assertWhole, type ShapedItem } from './paginated.ts'
import { type LimitOptions, limitArg } from './pagination-args.ts'
import { shapeItems, splitArguments } from './shape-items.ts'
import { type TotalItems, type TotalOption, toCount } from './total.ts'

/** The fields that `cursorArgs` declares. */
export type KeysetArgs = {
  readonly cursor: Arg<string | undefined>
  readonly limit: Arg<number>
}

/** One page of a keyset. */
export interface KeysetPage<Item, Total extends number | null = null> {
  readonly limit: number
  /** How many items there are on all pages; `null` where nobody counted. */
  readonly totalItems: Total
  readonly items: Item[]
  /** The cursor of the page behind this one; `null` on the last. */
  readonly next: string | null
  /** The cursor of the page before this one; `null` on the first. */
  readonly prev: string | null
}

/** Which page. */
export interface KeysetPageOptions<Total extends TotalOption = false> {
  /** How many items at most, from 1. */
  readonly limit: number
  /** `next` or `prev` of another page; without one it is the first. */
  readonly cursor?: string | undefined
  /** What the list was chosen by. A cursor serves only the filters it was made for. Default none. */
  readonly filters?: unknown
  /** Default false. */
  readonly total?: Total | undefined
}

/** Which page, and how its links are written. `filters` are by default the path and the other parameters of the query. */
export interface KeysetReplyOptions<Total extends TotalOption = false> extends KeysetPageOptions<Total>, LinkOptions {}

type KeysetSource<Row> = readonly Row[] | SelectQuery<Row>
type AnyOptions = KeysetPageOptions<TotalOption>
type AnyReplyOptions = KeysetReplyOptions<TotalOption>

const NOT_OURS = fail('invalid_value', 'Not a cursor of this list.')

/** A list in an order, read page by page from a cursor on. Made by `keyset`. */
export class Keyset<Needs> {
  readonly #columns: readonly SortColumn[]
  readonly #codec: CursorCodec
  readonly #layout: ErrorLayout | undefined

  constructor(columns: readonly SortColumn[], codec: CursorCodec, layout: ErrorLayout | undefined) {
    this.#columns = columns
    this.#codec = codec
    this.#layout = layout
  }

  /**
   * The fields `cursor` and `limit` (from 1 to `maxLimit`) for `useArgs`. A cursor that was changed, made up, or made for
   * another order is refused as any other argument is.
   *
   * @param options - `defaultLimit` (default 20), `maxLimit` (default 100)
   * @returns fields, to be spread among others
   * @throws TypeError when the bounds are not whole numbers, or the default is over the limit
   */
  cursorArgs(options: LimitOptions = {}): KeysetArgs {
    const check = (value: unknown) =>
      typeof value === 'string' && this.#codec.open(value) !== undefined ? { value } : NOT_OURS
    const description = 'Where the page begins: `next` or `prev` of another page.'
    return {
      cursor: createArg<string, true, false>({ check, json: { type: 'string' } }, { optional: true, description }),
      limit: limitArg(options),
    }
  }

  /**
   * One page: `{ limit, totalItems, items, next, prev }`. Rows that come or go between two pages neither repeat nor hide
   * others.
   *
   * @param source - an array, or a select query of Kysely without an order, which is added here
   * @param schema - shapes each item; may be left out
   * @param options - `limit`, `cursor`, `filters`, and `total` (default false)
   * @throws ValidationError `ERR_ARGS_INVALID` (422) when the cursor is not one of this list with these filters
   * @throws PageItemError `ERR_PAGE_ITEM`, PageOrderError `ERR_PAGE_ORDER` when rows are not as declared
   * @throws TypeError when `limit` is not a whole number from 1, or the source cannot be paged
   */
  paginated<Row extends Needs, Total extends TotalOption = false>(
    source: KeysetSource<Row>,
    options: KeysetPageOptions<Total>,
  ): Promise<KeysetPage<Row, TotalItems<Total>>>
  paginated<Row extends Needs, Schema extends StandardSchemaV1 | undefined, Total extends TotalOption = false>(
    source: KeysetSource<Row>,
    schema: Schema,
    options: KeysetPageOptions<Total>,
  ): Promise<KeysetPage<ShapedItem<Row, Schema>, TotalItems<Total>>>
  paginated(
    source: unknown,
    ...rest: readonly [AnyOptions] | readonly [StandardSchemaV1 | undefined, AnyOptions]
  ): Promise<KeysetPage<unknown, number | null>> {
    const { schema, options } = splitArguments(rest)
    return this.#read(source, schema, options, options.filters)
  }

  /**
   * A reply with one page and the header `Link` (RFC 8288): `first`, `prev`, `next` and `last`. The links are the URL of the
   * request with another `cursor`; other parameters stay, a token does not.
   *
   * @param request - of the context of the view
   * @param source - as for `paginated`
   * @param schema - shapes each item; may be left out
   * @param options - as for `paginated`, also `linkBase`, `omit`
   * @throws ValidationError, PageItemError, PageOrderError, TypeError as `paginated`; TypeError when `linkBase` is no address
   *   without a query
   */
  paginatedReply<Row extends Needs, Total extends TotalOption = false>(
    request: HttpRequest,
    source: KeysetSource<Row>,
    options: KeysetReplyOptions<Total>,
  ): Promise<Reply<KeysetPage<Row, TotalItems<Total>>>>
  paginatedReply<Row extends Needs, Schema extends StandardSchemaV1 | undefined, Total extends TotalOption = false>(
    request: HttpRequest,
    source: KeysetSource<Row>,
    schema: Schema,
    options: KeysetReplyOptions<Total>,
  ): Promise<Reply<KeysetPage<ShapedItem<Row, Schema>, TotalItems<Total>>>>
  async paginatedReply(
    request: HttpRequest,
    source: unknown,
    ...rest: readonly [AnyReplyOptions] | readonly [StandardSchemaV1 | undefined, AnyReplyOptions]
  ): Promise<Reply<KeysetPage<unknown, number | null>>> {
    const { schema, options } = splitArguments(rest)
    assertLinkOptions(options)
    const { filters = filtersOf(request, options) } = options
    const page = await this.#read(source, schema, options, filters)
    const at = (cursor: string | undefined) => ({ cursor, limit: String(page.limit) })
    const link = linkHeader(
      request,
      {
        first: at(undefined),
        prev: page.prev === null ? undefined : at(page.prev),
        next: page.next === null ? undefined : at(page.next),
        last: at(this.#codec.encode({ backwards: true, place: null }, filters)),
      },
      options,
    )
    return new Reply(page, 200, { link })
  }

  async #read(
    source: unknown,
    schema: StandardSchemaV1 | undefined,
    { limit, cursor, total = false }: AnyOptions,
    filters: unknown,
  ): Promise<KeysetPage<unknown, number | null>> {
    assertWhole('limit', limit, 1)
    const position = cursor === undefined ? START : this.#positionOf(cursor, filters)
    const { backwards, place } = position
    // One more than the page has tells whether there is another page behind it.
    const found = await this.#rowsFrom(source, position, limit + 1)
    this.#assertPlaces(found, position, isSelectQuery(source))
    const totalItems = total === false ? null : await totalOf(total, source)
    const rows = found.slice(0, limit)
    if (backwards) rows.reverse()

    const more = found.length > limit
    const to = (way: boolean, row: unknown) =>
      this.#codec.encode({ backwards: way, place: row === undefined ? null : this.#placeOf(row, source) }, filters)
    // Where a cursor led to nothing, the way back is to the end of the list, or to its start.
    const next = (backwards ? place !== null : more) ? to(false, rows.at(-1)) : null
    const prev = (backwards ? more : place !== null) ? to(true, rows[0]) : null
    return { limit, totalItems, items: await shapeItems(rows, schema), next, prev }
  }

  #positionOf(cursor: string, filters: unknown): Position {
    const opened = this.#codec.open(cursor)
    if (opened === undefined) throw this.#refused('Not a cursor of this list.')
    if (!opened.hasFilters(filters)) throw this.#refused('This cursor was made for other filters.')
    return opened.position
  }

  #refused(message: string): ValidationError {
    const issue = { location: 'query', path: ['cursor'], code: 'invalid_value', message } as const
    return new ValidationError([issue], { layout: this.#layout })
  }

  async #rowsFrom(source: unknown, position: Position, limit: number): Promise<readonly unknown[]> {
    if (Array.isArray(source)) return arrayFrom(source, this.#columns, position, limit)
    if (isSelectQuery(source)) return queryFrom(source, this.#columns, position, limit)
    const found = source === null ? 'null' : typeof source
    throw new TypeError(`The source of a keyset must be an array or a select query of Kysely, found ${found}`)
  }

  #placeOf(row: unknown, source: unknown): ReturnType<typeof placeOf> {
    return placeOf(row, this.#columns, isSelectQuery(source))
  }

  /** Rows that stand where another one does would be skipped or come twice. */
  #assertPlaces(rows: readonly unknown[], { place }: Position, fromQuery: boolean): void {
    let before = place
    for (const row of rows) {
      const at = placeOf(row, this.#columns, fromQuery)
      if (before !== null && samePlace(before, at)) {
        const names = this.#columns.map(({ by }) => by)
        throw new PageOrderError(names, 'two rows have the same values, or a value lost digits on its way.')
      }
      before = at
    }
  }
}

const START: Position = { backwards: false, place: null }

async function totalOf(total: TotalOption, source: unknown): Promise<number | null> {
  if (typeof total !== 'function') return toCount(await toRows(source).count(), '`count`')
  const told = await total()
  return told === null ? null : toCount(told, '`total`')
}

/** What a client can choose a list by: the path, and its query in any order of names. */
function filtersOf(request: HttpRequest, options: LinkOptions): unknown {
  const parameters = publicParameters(request, ['cursor', 'limit'], options)
  parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return [request.path, parameters]
}
