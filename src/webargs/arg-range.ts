import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { fail } from './arg-field.ts'

/** The bounds of a field, both included. */
export interface Range<T> {
  readonly min?: T | undefined
  readonly max?: T | undefined
}

/** The words for values under and over the bounds, as marshmallow's `Range` and `Length` have them. */
interface RangeWords<T> {
  readonly min: (min: T) => string
  readonly max: (max: T) => string
  readonly both: (min: T, max: T) => string
}

export const VALUE_WORDS: RangeWords<string> = {
  min: (min) => `Must be greater than or equal to ${min}.`,
  max: (max) => `Must be less than or equal to ${max}.`,
  both: (min, max) => `Must be greater than or equal to ${min} and less than or equal to ${max}.`,
}

export const LENGTH_WORDS: RangeWords<string> = {
  min: (min) => `Shorter than minimum length ${min}.`,
  max: (max) => `Longer than maximum length ${max}.`,
  both: (min, max) => (min === max ? `Length must be ${min}.` : `Length must be between ${min} and ${max}.`),
}

/** Made once at set-up: tells what is wrong with a size, or undefined. */
export function rangeCheck<T extends number | bigint>(
  { min, max }: Range<T>,
  words: RangeWords<string>,
  show: (bound: T) => string = String,
): (size: T) => StandardSchemaV1.FailureResult | undefined {
  if (min === undefined && max === undefined) return () => undefined
  if (min !== undefined && max !== undefined && min > max) {
    throw new TypeError(`\`min\` must not be greater than \`max\`, found ${show(min)} and ${show(max)}`)
  }
  for (const bound of [min, max]) {
    if (bound !== undefined && Number.isNaN(Number(bound)))
      throw new TypeError('`min` and `max` must be numbers, found NaN')
  }
  const both = min !== undefined && max !== undefined ? words.both(show(min), show(max)) : undefined
  const under = fail('too_small', both ?? (min === undefined ? '' : words.min(show(min))))
  const over = fail('too_big', both ?? (max === undefined ? '' : words.max(show(max))))
  return (size) => (min !== undefined && size < min ? under : max !== undefined && size > max ? over : undefined)
}

/** @throws TypeError when a bound of a length is not a whole number from 0 */
export function assertLengths({ min, max }: Range<number>): void {
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound !== undefined && (!Number.isSafeInteger(bound) || bound < 0)) {
      throw new TypeError(`\`${name}\` must be a whole number from 0, found ${String(bound)}`)
    }
  }
}

/** The members of a JSON Schema for bounds that are there. */
export function bounds<T>({ min, max }: Range<T>, minName: string, maxName: string): Readonly<Record<string, T>> {
  return { ...(min === undefined ? {} : { [minName]: min }), ...(max === undefined ? {} : { [maxName]: max }) }
}
