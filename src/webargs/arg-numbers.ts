import { losesDigits } from '../http/json-number.ts'
import { type Arg, type ArgOptions, type ArgValue, type Checked, createArg, fail } from './arg-field.ts'
import { bounds, type Range, rangeCheck, VALUE_WORDS } from './arg-range.ts'

// Text must be a number from its first character to its last: no blanks, no `0x10`, no `1_000`, no `Infinity`. Digits are
// bounded, because making a bigint of many takes quadratic time.
const INTEGER = /^[+-]?\d{1,400}$/
const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/

const MOST_BIGINT = 10n ** 400n

const NOT_AN_INTEGER = fail('invalid_type', 'Not a valid integer.')
const NOT_A_NUMBER = fail('invalid_type', 'Not a valid number.')
const TOO_LARGE = fail('too_big', 'Number too large.')

/** The options of `arg.int()`, `arg.number()`. */
export type NumberOptions<Optional extends boolean, Nullable extends boolean> = ArgOptions<number, Optional, Nullable> &
  Range<number>

/** The options of `arg.bigint()`. */
export type BigIntOptions<Optional extends boolean, Nullable extends boolean> = ArgOptions<bigint, Optional, Nullable> &
  Range<bigint>

/** An integer up to 2^53 - 1 either way: a number, or its digits. More is refused and never rounded. */
export function int<Optional extends boolean = false, Nullable extends boolean = false>(
  options: NumberOptions<Optional, Nullable> = {},
): Arg<ArgValue<number, Optional, Nullable>> {
  const inRange = rangeCheck(options, VALUE_WORDS)
  const check = (value: unknown): Checked<number> => {
    if (typeof value === 'bigint') return TOO_LARGE
    const number = typeof value === 'number' ? value : readInteger(value)
    if (!Number.isInteger(number)) return NOT_AN_INTEGER
    if (!Number.isSafeInteger(number)) return TOO_LARGE
    return inRange(number) ?? { value: number }
  }
  return createArg({ check, json: { type: 'integer', ...bounds(options, 'minimum', 'maximum') } }, options)
}

function readInteger(value: unknown): number {
  // `-0` of a text is 0, as it is for every integer.
  return typeof value === 'string' && INTEGER.test(value) ? Number(value) + 0 : Number.NaN
}

/** A finite number, or its text. Integers that a double would round are refused. */
export function number<Optional extends boolean = false, Nullable extends boolean = false>(
  options: NumberOptions<Optional, Nullable> = {},
): Arg<ArgValue<number, Optional, Nullable>> {
  const inRange = rangeCheck(options, VALUE_WORDS)
  const check = (value: unknown): Checked<number> => {
    if (typeof value === 'bigint') return TOO_LARGE
    const number = typeof value === 'number' ? value : readNumber(value)
    if (Number.isNaN(number)) return NOT_A_NUMBER
    if (
      !Number.isFinite(number) ||
      (typeof value === 'string' && Number.isInteger(number) && losesDigits(unsigned(value)))
    ) {
      return TOO_LARGE
    }
    return inRange(number) ?? { value: number }
  }
  return createArg({ check, json: { type: 'number', ...bounds(options, 'minimum', 'maximum') } }, options)
}

function readNumber(value: unknown): number {
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : Number.NaN
}

/** As JSON writes numbers: no plus sign, digits on both sides of the point. */
function unsigned(text: string): string {
  return text
    .replace(/^[+-]/, '')
    .replace(/^\./, '0.')
    .replace(/\.(?=$|[eE])/, '')
}

/** An integer of up to 400 digits, from its digits or from a number in JSON, exactly. */
export function bigint<Optional extends boolean = false, Nullable extends boolean = false>(
  options: BigIntOptions<Optional, Nullable> = {},
): Arg<ArgValue<bigint, Optional, Nullable>> {
  const inRange = rangeCheck(options, VALUE_WORDS)
  const check = (value: unknown): Checked<bigint> => {
    const exact = readBigInt(value)
    // As many digits as a text may have: comparing and writing more takes its time too.
    if (exact !== undefined && (exact >= MOST_BIGINT || exact <= -MOST_BIGINT)) return TOO_LARGE
    if (exact === undefined) return typeof value === 'number' && Number.isInteger(value) ? TOO_LARGE : NOT_AN_INTEGER
    return inRange(exact) ?? { value: exact }
  }
  // JSON Schema's bounds are JSON numbers; those that are not exact as such are left out.
  const { min, max } = options
  const shown = { min: exactNumber(min), max: exactNumber(max) }
  return createArg({ check, json: { type: 'integer', ...bounds(shown, 'minimum', 'maximum') } }, options)
}

function readBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && INTEGER.test(value) ? BigInt(value.replace(/^\+/, '')) : undefined
}

function exactNumber(value: bigint | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(Number(value)) ? Number(value) : undefined
}
