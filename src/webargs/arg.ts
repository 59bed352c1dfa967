import { date, dateTime } from './arg-dates.ts'
import { file, files } from './arg-files.ts'
import { delimited, list } from './arg-lists.ts'
import { bigint, int, number } from './arg-numbers.ts'
import { object } from './arg-object.ts'
import { bool, oneOf, string } from './arg-texts.ts'

/**
 * Fields that read text as well as JSON: what a query, a form, a header, a cookie or a path can hold. Each is a Standard
 * Schema and stands beside those of zod, valibot and arktype in one shape. Nothing is guessed: an empty text is no number,
 * `"false"` is false, `"1abc"` is refused, and an integer that does not fit is refused and never rounded.
 *
 * Each takes `optional`, `nullable`, `default` and `description`; numbers and dates also `min` and `max` (included), texts
 * and lists too, as lengths.
 *
 * @example
 * ```ts
 * import { arg, useArgs } from 'twopi/webargs'
 *
 * export const filters = useArgs(
 *   {
 *     page: arg.int({ min: 1, default: 1 }),
 *     open: arg.bool({ optional: true }),
 *     tag: arg.list(arg.string()), // ?tag=a&tag=b
 *     ids: arg.delimited(arg.int(), { default: [] }), // ?ids=1,2
 *     since: arg.date({ optional: true }),
 *     sort: arg.oneOf(['name', 'seats'], { default: 'name' }),
 *   },
 *   { location: 'query' },
 * )
 * ```
 */
export const arg: {
  readonly int: typeof int
  readonly number: typeof number
  readonly bigint: typeof bigint
  readonly bool: typeof bool
  readonly string: typeof string
  readonly oneOf: typeof oneOf
  readonly date: typeof date
  readonly dateTime: typeof dateTime
  readonly list: typeof list
  readonly delimited: typeof delimited
  readonly object: typeof object
  readonly file: typeof file
  readonly files: typeof files
} = { int, number, bigint, bool, string, oneOf, date, dateTime, list, delimited, object, file, files }
