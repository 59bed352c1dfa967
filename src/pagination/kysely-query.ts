// What is called of a select query of Kysely 0.28 and 0.29. Structural, so that twopi does not depend on it.

/** An expression, which only Kysely looks into. */
export interface Expression {
  readonly toOperationNode: () => unknown
}

/** The part of an expression builder that is called. */
export interface ExpressionBuilder {
  (column: string, operator: string, value: unknown): Expression
  and(expressions: readonly Expression[]): Expression
  or(expressions: readonly Expression[]): Expression
  refTuple(...columns: string[]): unknown
  tuple(...values: unknown[]): unknown
  (tuple: unknown, operator: string, values: unknown): Expression
}

/** A node of a query: plain data, by Kysely's documented way for plugins. */
interface Node {
  readonly kind: string
}

interface SelectNode extends Node {
  readonly from?: unknown
  readonly with?: unknown
  readonly orderBy?: unknown
  readonly limit?: unknown
  readonly offset?: unknown
  readonly fetch?: unknown
  readonly top?: unknown
  readonly distinctOn?: unknown
  readonly setOperations?: unknown
  readonly endModifiers?: unknown
}

interface Plugin {
  transformQuery(args: { readonly node: SelectNode }): Node
  transformResult(args: { readonly result: unknown }): Promise<unknown>
}

/** A select query, seen from inside. */
export interface KyselyQuery {
  where(build: (builder: ExpressionBuilder) => Expression): KyselyQuery
  orderBy(column: string | ((builder: ExpressionBuilder) => Expression), direction: 'asc' | 'desc'): KyselyQuery
  limit(limit: number): KyselyQuery
  offset(offset: number): KyselyQuery
  withPlugin(plugin: Plugin): KyselyQuery
  toOperationNode(): SelectNode
  execute(): Promise<Record<string, unknown>[]>
}

const CLAUSES = {
  limit: '`limit`',
  offset: '`offset`',
  fetch: '`fetch`',
  top: '`top`',
  orderBy: '`orderBy`',
  distinctOn: '`distinctOn`',
  setOperations: '`union`, `intersect` or `except`',
} as const

/** A part of a query that would disturb paging. */
export type Clause = keyof typeof CLAUSES

/** Those that say themselves how many rows there are. */
export const SIZE_CLAUSES: readonly Clause[] = ['limit', 'offset', 'fetch', 'top']

/**
 * @throws TypeError when a query has clauses that paging sets itself or cannot keep
 */
export function assertWithout(query: KyselyQuery, clauses: readonly Clause[]): void {
  const node = query.toOperationNode()
  const found = clauses.filter((clause) => node[clause] !== undefined).map((clause) => CLAUSES[clause])
  if (found.length > 0) {
    const remedy = 'leave it out, or page over the query as a table: `db.selectFrom(query.as("rows")).selectAll()`'
    throw new TypeError(`The query of a page must be without ${found.join(', ')}; ${remedy}`)
  }
}

/** How many rows a query has, whatever is in it: groups, `distinct` and unions count as the rows they give. */
export async function countRows(query: KyselyQuery): Promise<unknown> {
  const [row = {}] = await query.withPlugin(counting).execute()
  return Object.values(row)[0]
}

/** Makes `select count(*) from (<query>)` of a query. As a plugin, because only the query itself can be executed. */
const counting: Plugin = {
  transformQuery: ({ node }) => {
    // The order is of no use to a count, and locks would be taken on every row. What a `with` writes (PostgreSQL) may only
    // be at the top.
    const { orderBy: _order, endModifiers: _locks, with: tables, ...rows } = node
    const counted: SelectNode & { readonly selections: readonly unknown[] } = {
      kind: 'SelectQueryNode',
      ...(tables === undefined ? {} : { with: tables }),
      from: {
        kind: 'FromNode',
        froms: [{ kind: 'AliasNode', node: rows, alias: { kind: 'IdentifierNode', name: 'counted' } }],
      },
      selections: [
        { kind: 'SelectionNode', selection: { kind: 'RawNode', sqlFragments: ['count(*) as total'], parameters: [] } },
      ],
    }
    return counted
  },
  transformResult: ({ result }) => Promise.resolve(result),
}
