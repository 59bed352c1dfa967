import { PageOrderError } from './page-order-error.ts'

/** What rows may be ordered by. */
export type SortValue = string | number | bigint | boolean | Date

/** A column of an order: its name, or more about it. */
export type OrderColumn =
  | string
  | {
      /** The name in the rows. */
      readonly by: string
      /** The name in the query, where it differs: `'classes.name'`. Default `by`. */
      readonly column?: string | undefined
      /** Default `'asc'`. */
      readonly direction?: 'asc' | 'desc' | undefined
      /** Whether it may be `null`, which then stands behind every value (before, with `'desc'`). Default false. */
      readonly nullable?: boolean | undefined
      /**
       * Says of a `Date` that a database gives that its column holds no more than milliseconds, as `timestamptz(3)` of
       * PostgreSQL and `datetime(3)` of MySQL. Without it a `Date` of a query is refused: digits that it cannot hold would
       * make pages skip rows.
       */
      readonly milliseconds?: boolean | undefined
    }

/** The names of the columns of an order. */
export type OrderName<Order extends readonly OrderColumn[]> = NameOf<Order[number]>

type NameOf<Column> = Column extends { readonly by: infer Name extends string }
  ? Name
  : Column extends string
    ? Column
    : never

/** What every row must have to be paged in an order; anything, when the order is only known at run time. */
export type KeysetRow<Order extends readonly OrderColumn[]> =
  string extends OrderName<Order>
    ? object
    : {
        readonly [Column in Order[number] as NameOf<Column>]: Column extends { readonly nullable: true }
          ? SortValue | null
          : SortValue
      }

/** A column with nothing left out. */
export interface SortColumn {
  readonly by: string
  readonly column: string
  readonly descending: boolean
  readonly nullable: boolean
  readonly milliseconds: boolean
}

/** The values of one row by which it is ordered: its place. */
export type Place = readonly (SortValue | null)[]

/** Reads an order; what is wrong with it is added to `problems`. */
export function readOrder(order: readonly OrderColumn[], unique: unknown, problems: string[]): readonly SortColumn[] {
  if (!Array.isArray(order) || order.length === 0) {
    problems.push('`order` must name at least one column')
    return []
  }
  const columns = order.map((entry: OrderColumn) =>
    toColumn(typeof entry === 'string' ? { by: entry } : entry, problems),
  )
  const names = columns.map(({ by }) => by)
  if (new Set(names).size < names.length) problems.push('`order` must name each column once')
  const breakers = typeof unique === 'string' ? [unique] : unique
  if (!Array.isArray(breakers) || breakers.length === 0 || !breakers.every((name) => names.includes(name))) {
    problems.push(
      '`unique` must name the columns of `order` that no two rows have alike, most often the primary key: rows of equal rank could be skipped or come twice',
    )
  } else if (columns.some(({ by, nullable }) => nullable && breakers.includes(by))) {
    problems.push('a column of `unique` must not be `nullable`: databases hold several `null` for different')
  }
  return columns
}

function toColumn(entry: Exclude<OrderColumn, string>, problems: string[]): SortColumn {
  const { by, column = by, direction = 'asc', nullable = false, milliseconds = false } = entry
  if (typeof by !== 'string' || by === '' || typeof column !== 'string' || column === '') {
    problems.push('a column of `order` must have a name')
  }
  if (direction !== 'asc' && direction !== 'desc') {
    problems.push(`the direction of "${by}" must be 'asc' or 'desc', found '${String(direction)}'`)
  }
  return { by, column, descending: direction === 'desc', nullable, milliseconds }
}

/**
 * The place of a row.
 *
 * @param fromQuery - whether a database gave it, so that a `Date` may have lost digits
 * @throws PageOrderError `ERR_PAGE_ORDER` when it has none
 */
export function placeOf(row: unknown, columns: readonly SortColumn[], fromQuery: boolean): Place {
  return columns.map((column) => {
    const value = (row as Readonly<Record<string, unknown>>)[column.by]
    const fault = valueFault(value, column, fromQuery)
    if (fault !== undefined) throw new PageOrderError([column.by], fault)
    return value as SortValue | null
  })
}

function valueFault(value: unknown, { nullable, milliseconds }: SortColumn, fromQuery: boolean): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'bigint':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : 'a row has a number that is not finite.'
    case 'undefined':
      return 'a row does not have it; select it, or give its name in the rows as `by`.'
    default:
      if (value === null) return nullable ? undefined : 'it is `null` in a row; say `nullable: true`.'
      if (!(value instanceof Date)) return 'a row has a value that is no text, number, boolean or date.'
      if (Number.isNaN(value.getTime())) return 'a row has an invalid date.'
      return fromQuery && !milliseconds
        ? 'it is a Date, which holds milliseconds, where a database may hold more. Select it as text, or let the column hold three digits and say `milliseconds: true`.'
        : undefined
  }
}

/**
 * Where one place is in respect to another, in the order as declared: below 0 before it, above 0 behind it.
 *
 * @throws PageOrderError `ERR_PAGE_ORDER` when two values are of different kinds
 */
export function comparePlaces(a: Place, b: Place, columns: readonly SortColumn[]): number {
  for (const [i, { by, descending }] of columns.entries()) {
    const sign = compareValues(a[i] ?? null, b[i] ?? null, by)
    if (sign !== 0) return descending ? -sign : sign
  }
  return 0
}

/** `null` is the largest, as in PostgreSQL. */
function compareValues(a: SortValue | null, b: SortValue | null, by: string): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (kindOf(a) !== kindOf(b)) throw new PageOrderError([by], `rows have both a ${kindOf(a)} and a ${kindOf(b)}.`)
  return a < b ? -1 : a > b ? 1 : 0
}

function kindOf(value: SortValue): string {
  if (typeof value === 'bigint') return 'number'
  return typeof value === 'object' ? 'date' : typeof value
}

/** Tells whether two places are one, whatever the kinds of their values. */
export function samePlace(a: Place, b: Place): boolean {
  return a.every((value, i) => plain(value) === plain(b[i] ?? null))
}

function plain(value: SortValue | null): string | number | bigint | boolean | null {
  return value instanceof Date ? value.getTime() : value
}
