import type { MaybePromise } from '../lib/maybe-promise.ts'
import { assertWithout, countRows, type KyselyQuery, SIZE_CLAUSES } from './kysely-query.ts'
import type { Count } from './total.ts'

/** A select query of Kysely (0.28, 0.29), by the methods that are called. Structural, so twopi does not depend on Kysely. */
export interface SelectQuery<Row> {
  where(expression: never): unknown
  orderBy(expression: never, direction: never): unknown
  limit(limit: never): unknown
  offset(offset: never): unknown
  withPlugin(plugin: never): unknown
  toOperationNode(): { readonly kind: string }
  execute(): Promise<Row[]>
}

/** Anything that can be sliced, and counted: what an ORM, a search engine or another service offers. */
export interface PageSlices<Row> {
  /** At most `limit` rows from `offset` on, always in the same order. */
  slice(offset: number, limit: number): MaybePromise<readonly Row[]>
  /** How many rows there are. Needed unless `total` is false or a function; not called when the page tells it. */
  count?(): MaybePromise<Count>
}

/** What can be paged by offset and limit. */
export type PageSource<Row> = readonly Row[] | SelectQuery<Row> | PageSlices<Row>

/** A source, whatever it is. */
export interface Rows {
  readonly slice: (offset: number, limit: number) => MaybePromise<readonly unknown[]>
  readonly count: () => MaybePromise<unknown>
  /** Whether one row more than the page has may be asked for, to see if there is a next page. */
  readonly peeks: boolean
}

/**
 * @throws TypeError when it is none of the three, or a query has a limit or an offset already
 */
export function toRows(source: unknown): Rows {
  if (Array.isArray(source)) {
    return {
      slice: (offset, limit) => source.slice(offset, offset + limit),
      count: () => source.length,
      peeks: true,
    }
  }
  if (isSelectQuery(source)) {
    assertWithout(source, SIZE_CLAUSES)
    return {
      slice: (offset, limit) => source.limit(limit).offset(offset).execute(),
      count: () => countRows(source),
      peeks: true,
    }
  }
  if (isSlices(source)) return { slice: sliceOf(source), count: countOf(source), peeks: false }
  throw new TypeError(
    `The source of a page must be an array, a select query of Kysely or \`{ count, slice }\`, found ${
      source === null ? 'null' : typeof source
    }`,
  )
}

/** Tells whether it is a select query of Kysely. */
export function isSelectQuery(source: unknown): source is KyselyQuery {
  if (typeof source !== 'object' || source === null) return false
  const { execute, limit, toOperationNode } = source as Readonly<Record<string, unknown>>
  return typeof execute === 'function' && typeof limit === 'function' && typeof toOperationNode === 'function'
}

function isSlices(source: unknown): source is PageSlices<unknown> {
  return typeof source === 'object' && source !== null && typeof (source as { slice?: unknown }).slice === 'function'
}

function sliceOf(source: PageSlices<unknown>): Rows['slice'] {
  return async (offset, limit) => {
    const rows = await source.slice(offset, limit)
    if (!Array.isArray(rows)) throw new TypeError(`\`slice\` must give an array, found ${typeof rows}`)
    if (rows.length > limit) {
      throw new TypeError(`\`slice\` must give at most \`limit\` rows, found ${rows.length} for a limit of ${limit}`)
    }
    return rows
  }
}

function countOf(source: PageSlices<unknown>): Rows['count'] {
  return () => {
    if (source.count === undefined) {
      throw new TypeError('`count` is missing: give it, or `total: false`, or a function as `total`')
    }
    return source.count()
  }
}
