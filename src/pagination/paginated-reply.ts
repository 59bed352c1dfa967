import { Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { assertLinkOptions, type LinkOptions, type LinkTargets, linkHeader } from './link-header.ts'
import type { PageSource } from './page-source.ts'
import { type Page, type PageOptions, type ReadPage, readPage, type ShapedItem } from './paginated.ts'
import { splitArguments } from './shape-items.ts'
import type { TotalItems, TotalOption } from './total.ts'

/** Which page, and how its links are written. */
export interface PageReplyOptions<Total extends TotalOption = true> extends PageOptions<Total>, LinkOptions {}

/**
 * A reply with one page and the header `Link` (RFC 8288): `first`, `prev`, `next`, and `last` where all items were counted.
 * The links are the URL of the request with another `offset`; other parameters stay, a token does not.
 *
 * @param request - of the context of the view
 * @param source - as for `paginated`
 * @param schema - shapes each item; may be left out
 * @param options - `offset`, `limit`, `total` (default true), `linkBase`, `omit`
 * @throws TypeError, PageItemError `ERR_PAGE_ITEM` as `paginated`; TypeError when `linkBase` is no address without a query
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { paginatedReply, paginationArgs } from 'twopi/pagination'
 * import { useArgs } from 'twopi/webargs'
 *
 * const names = ['Ada', 'Alan', 'Grace']
 *
 * export const list = pipeline(
 *   useArgs(paginationArgs(), { location: 'query' }),
 *   ({ args, request }) => paginatedReply(request, names, args),
 * )
 * ```
 */
export function paginatedReply<Row, Total extends TotalOption = true>(
  request: HttpRequest,
  source: PageSource<Row>,
  options: PageReplyOptions<Total>,
): Promise<Reply<Page<Row, TotalItems<Total>>>>
export function paginatedReply<Row, Schema extends StandardSchemaV1 | undefined, Total extends TotalOption = true>(
  request: HttpRequest,
  source: PageSource<Row>,
  schema: Schema,
  options: PageReplyOptions<Total>,
): Promise<Reply<Page<ShapedItem<Row, Schema>, TotalItems<Total>>>>
export async function paginatedReply(
  request: HttpRequest,
  source: unknown,
  ...rest:
    | readonly [PageReplyOptions<TotalOption>]
    | readonly [StandardSchemaV1 | undefined, PageReplyOptions<TotalOption>]
): Promise<Reply<Page<unknown, number | null>>> {
  const { schema, options } = splitArguments(rest)
  assertLinkOptions(options)
  const read = await readPage(source, schema, options)
  // What a function says may be an estimate, and a link to the last page must lead there.
  const counted = (options.total ?? true) === true ? read.page.totalItems : null
  return new Reply(read.page, 200, { link: linkHeader(request, targetsOf(read, counted), options) })
}

function targetsOf({ page: { offset, limit }, hasNext }: ReadPage, total: number | null): LinkTargets {
  const last = total === null ? undefined : lastOffset(offset, limit, total)
  const at = (start: number) => ({ offset: String(start), limit: String(limit) })
  return {
    first: at(0),
    // From behind the end, back to where there is something.
    prev: offset === 0 ? undefined : at(Math.max(0, Math.min(offset - limit, last ?? offset))),
    next: hasNext ? at(offset + limit) : undefined,
    last: last === undefined ? undefined : at(last),
  }
}

/** Where the walk that goes through this page by `next` ends. */
function lastOffset(offset: number, limit: number, total: number): number {
  const start = offset % limit
  return total <= start ? 0 : start + Math.floor((total - 1 - start) / limit) * limit
}
