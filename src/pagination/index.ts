/**
 * Pages of a list: by offset and limit, or from a signed cursor on; of an array, a query of Kysely, or anything that can be
 * counted and sliced.
 *
 * @module twopi/pagination
 */
export { type KeysetOptions, keyset } from './keyset.ts'
export type { KeysetRow, OrderColumn, SortValue } from './keyset-order.ts'
export type { Keyset, KeysetArgs, KeysetPage, KeysetPageOptions, KeysetReplyOptions } from './keyset-pages.ts'
export type { LinkOptions } from './link-header.ts'
export { PageItemError } from './page-item-error.ts'
export { PageOrderError } from './page-order-error.ts'
export type { PageSlices, PageSource, SelectQuery } from './page-source.ts'
export { type Page, type PageOptions, paginated, type ShapedItem } from './paginated.ts'
export { type PageReplyOptions, paginatedReply } from './paginated-reply.ts'
export {
  type LimitOptions,
  type PaginationArgs,
  type PaginationArgsOptions,
  paginationArgs,
} from './pagination-args.ts'
export type { TotalItems, TotalOption } from './total.ts'
