import { parse } from 'secure-json-parse'
import { losesDigits } from './json-number.ts'
import { parseExact } from './json-parse-exact.ts'

/** How JSON is read. */
export interface JsonParseOptions {
  /**
   * What becomes of numbers that a double cannot hold. Without it they are rounded, as `JSON.parse` does.
   *
   * - `'bigint'`: integers beyond 2^53 - 1 become a `bigint`; fractions are read as ever.
   * - `'exact'`: the same, and a fraction that would become an integer, or no finite number at all, by rounding
   *   (`1.00000000000000001`, `1e400`) becomes `NaN`, which schemas refuse.
   * - a function is given the digits, as they were sent, of every number that would lose some (also `1e400`), and returns
   *   what is to stand in its place: `(digits) => new Decimal(digits)`. What it throws makes the body a malformed one.
   */
  readonly bigNumbers?: 'bigint' | 'exact' | ((digits: string) => unknown) | undefined
}

const REMOVE = { protoAction: 'remove', constructorAction: 'remove' } as const

// No shorter text can hold a number that loses digits: a double keeps any 15, and the exponent's third digit is the first
// that can leave its range. In strings they may match for nothing, which costs time only.
const MAY_LOSE_DIGITS = /[\d.]{16}|\d[eE][+-]?\d{3}/
const MAY_BE_BIG_INTEGER = /\d{16}/

/**
 * Reads JSON text. A byte order mark is dropped, of duplicate keys the last counts, and keys that could change an object's
 * prototype are left out: `__proto__`, and `constructor` with a `prototype` in it, also when they are written with escapes.
 *
 * @param options - `bigNumbers` reads numbers that do not fit without losing digits
 * @throws SyntaxError when it is not JSON
 */
export function parseJson(text: string, options: JsonParseOptions = {}): unknown {
  const { bigNumbers } = options
  if (bigNumbers === 'bigint' && MAY_BE_BIG_INTEGER.test(text)) return parseExact(text, readBigInteger)
  if (bigNumbers === 'exact' && MAY_LOSE_DIGITS.test(text)) return parseExact(text, readExactly)
  if (typeof bigNumbers === 'function' && MAY_LOSE_DIGITS.test(text)) {
    return parseExact(text, (digits) => (losesDigits(digits) ? bigNumbers(digits) : Number(digits)))
  }
  return parse(text, null, REMOVE)
}

function readBigInteger(digits: string): unknown {
  const number = Number(digits)
  return Number.isSafeInteger(number) || /[.eE]/.test(digits) ? number : BigInt(digits)
}

function readExactly(digits: string): unknown {
  const number = readBigInteger(digits)
  if (typeof number !== 'number' || (Number.isFinite(number) && !Number.isInteger(number))) return number
  return losesDigits(digits) ? Number.NaN : number
}
