import { writeJson } from './json-write.ts'

/** How JSON is written. */
export interface JsonOptions {
  /**
   * How decimal objects (decimal.js, big.js, bignumber.js, Prisma's) are written. `'string'` (default) is what they do by
   * themselves: `"1.10"`. `'number'` writes a JSON number with all its digits, which most clients read as a double.
   */
  readonly decimals?: 'string' | 'number' | undefined
}

/**
 * Writes JSON as `JSON.stringify` does, and also what it refuses: a `bigint` becomes a number, digit for digit.
 *
 * Plain data is written by `JSON.stringify` itself, at its speed; only data that it refuses is walked once more.
 *
 * @param data - any value; nothing (`undefined`, a function, a symbol) is written as `null`
 * @param options - how decimals are written
 * @throws JsonError `ERR_JSON_CIRCULAR`, `ERR_JSON_TOO_DEEP`, `ERR_JSON_VALUE`, each naming the path in the data
 */
export function stringifyJson(data: unknown, options?: JsonOptions): string {
  const exactDecimals = options?.decimals === 'number'
  if (!exactDecimals) {
    try {
      return JSON.stringify(data) ?? 'null'
    } catch {
      // The slow writer either can, or says where it cannot.
    }
  }
  return writeJson(data, exactDecimals)
}
