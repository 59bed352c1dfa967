import type { MaybePromise } from '../lib/maybe-promise.ts'

/** What counts may come as: databases count with `bigint`, and some drivers give that as text. */
export type Count = number | bigint | string

/**
 * How the number of all items is found: `true` counts them when the page does not tell, `false` leaves it out, a function
 * says it (an estimate, a cached number, or `null`).
 */
export type TotalOption = boolean | (() => MaybePromise<Count | null>)

/** The type of `totalItems`: a number, or `null` where nobody counts. */
export type TotalItems<Total> = Total extends false
  ? null
  : Total extends () => infer Result
    ? null extends Awaited<Result>
      ? number | null
      : number
    : number

/**
 * A count as a number.
 *
 * @throws TypeError when it is no whole number from 0 that a double holds
 */
export function toCount(count: unknown, from: string): number {
  const number = typeof count === 'bigint' || (typeof count === 'string' && /^\d+$/.test(count)) ? Number(count) : count
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new TypeError(`${from} must give a whole number from 0, found ${describe(count)}`)
}

function describe(count: unknown): string {
  return typeof count === 'number' || typeof count === 'bigint' ? String(count) : count === null ? 'null' : typeof count
}
