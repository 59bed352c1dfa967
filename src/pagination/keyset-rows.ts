import type { Position } from './cursor-codec.ts'
import { comparePlaces, type Place, placeOf, type SortColumn, type SortValue } from './keyset-order.ts'
import {
  assertWithout,
  type Expression,
  type ExpressionBuilder,
  type KyselyQuery,
  SIZE_CLAUSES,
} from './kysely-query.ts'

/** Of an array, the rows from a position on, nearest first. */
export function arrayFrom(
  source: readonly unknown[],
  columns: readonly SortColumn[],
  { backwards, place }: Position,
  limit: number,
): readonly unknown[] {
  const sign = backwards ? -1 : 1
  const placed = source.map((row) => ({ row, at: placeOf(row, columns, false) }))
  const ahead = place === null ? placed : placed.filter(({ at }) => sign * comparePlaces(at, place, columns) > 0)
  ahead.sort((a, b) => sign * comparePlaces(a.at, b.at, columns))
  return ahead.slice(0, limit).map(({ row }) => row)
}

/**
 * Of a query, the rows from a position on, nearest first.
 *
 * @throws TypeError when the query has an order or a size of its own, or parts that a further condition would change
 */
export function queryFrom(
  query: KyselyQuery,
  columns: readonly SortColumn[],
  { backwards, place }: Position,
  limit: number,
): Promise<readonly unknown[]> {
  // In a union a condition would be one of its first part alone; `distinct on` would choose other rows.
  assertWithout(query, [...SIZE_CLAUSES, 'orderBy', 'distinctOn', 'setOperations'])
  let ahead = query
  if (place !== null) ahead = ahead.where((builder) => isAhead(builder, columns, place, backwards))
  for (const { column, descending, nullable } of columns) {
    const direction = descending === backwards ? 'asc' : 'desc'
    if (nullable) ahead = ahead.orderBy((builder) => builder(column, 'is', null), direction)
    ahead = ahead.orderBy(column, direction)
  }
  return ahead.limit(limit).execute()
}

/** What holds for the rows behind a place (before it, when going backwards). */
function isAhead(
  builder: ExpressionBuilder,
  columns: readonly SortColumn[],
  place: Place,
  backwards: boolean,
): Expression {
  const [first] = columns as readonly [SortColumn, ...SortColumn[]]
  const exact = byTuple(builder, columns, place, backwards) ?? byColumns(builder, columns, place, backwards)
  if (columns.length === 1 || first.nullable) return exact
  // It follows from the rest; MySQL finds the beginning in an index only by it.
  const operator = first.descending === backwards ? '>=' : '<='
  return builder.and([builder(first.column, operator, place[0]), exact])
}

/** `(a, b) > (x, y)`, which PostgreSQL and SQLite look up in an index of both; undefined where it does not say what is meant. */
function byTuple(
  builder: ExpressionBuilder,
  columns: readonly SortColumn[],
  place: Place,
  backwards: boolean,
): Expression | undefined {
  const [first] = columns as readonly [SortColumn, ...SortColumn[]]
  const alike = columns.every(({ descending, nullable }) => !nullable && descending === first.descending)
  if (columns.length === 1 || !alike) return undefined
  const operator = first.descending === backwards ? '>' : '<'
  return builder(builder.refTuple(...columns.map(({ column }) => column)), operator, builder.tuple(...place))
}

/** `a > x or (a = x and b > y) or …`. */
function byColumns(
  builder: ExpressionBuilder,
  columns: readonly SortColumn[],
  place: Place,
  backwards: boolean,
): Expression {
  const ways: Expression[] = []
  const equal: Expression[] = []
  for (const [i, column] of columns.entries()) {
    const value = place[i] ?? null
    const further = isFurther(builder, column, value, backwards)
    if (further !== undefined) ways.push(equal.length === 0 ? further : builder.and([...equal, further]))
    equal.push(builder(column.column, value === null ? 'is' : '=', value))
  }
  return builder.or(ways)
}

/** What holds for values behind one of a column; undefined when none is. */
function isFurther(
  builder: ExpressionBuilder,
  { column, descending, nullable }: SortColumn,
  value: SortValue | null,
  backwards: boolean,
): Expression | undefined {
  const up = descending === backwards
  if (value === null) return up ? undefined : builder(column, 'is not', null)
  if (!up) return builder(column, '<', value)
  const larger = builder(column, '>', value)
  return nullable ? builder.or([larger, builder(column, 'is', null)]) : larger
}
