import { type Arg, type ArgOptions, type ArgValue, type Checked, createArg, fail } from './arg-field.ts'
import { type Range, rangeCheck, VALUE_WORDS } from './arg-range.ts'

const NOT_A_DATE = fail('invalid_format', 'Not a valid date.')
const NOT_A_DATETIME = fail('invalid_format', 'Not a valid datetime.')

/** The options of `arg.date()` and `arg.dateTime()`. */
export type DateOptions<Optional extends boolean, Nullable extends boolean> = ArgOptions<Date, Optional, Nullable> &
  Range<Date>

/** A day, `2024-02-29`, as a `Date` at its midnight in UTC. */
export function date<Optional extends boolean = false, Nullable extends boolean = false>(
  options: DateOptions<Optional, Nullable> = {},
): Arg<ArgValue<Date, Optional, Nullable>> {
  return moment('date', readDay, NOT_A_DATE, options)
}

/** A moment with its offset from UTC, `2024-02-29T12:00:00Z` (RFC 3339), as a `Date`. */
export function dateTime<Optional extends boolean = false, Nullable extends boolean = false>(
  options: DateOptions<Optional, Nullable> = {},
): Arg<ArgValue<Date, Optional, Nullable>> {
  return moment('date-time', readMoment, NOT_A_DATETIME, options)
}

function moment<Optional extends boolean, Nullable extends boolean>(
  format: 'date' | 'date-time',
  read: (text: string) => number,
  refused: ReturnType<typeof fail>,
  options: DateOptions<Optional, Nullable>,
): Arg<ArgValue<Date, Optional, Nullable>> {
  const show = (time: number) => new Date(time).toISOString().slice(0, format === 'date' ? 10 : undefined)
  const inRange = rangeCheck({ min: options.min?.getTime(), max: options.max?.getTime() }, VALUE_WORDS, show)
  const check = (value: unknown): Checked<Date> => {
    const time = typeof value === 'string' ? read(value) : Number.NaN
    return Number.isNaN(time) ? refused : (inRange(time) ?? { value: new Date(time) })
  }
  return createArg({ check, json: { type: 'string', format } }, options)
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

function readDay(text: string): number {
  if (!DAY.test(text)) return Number.NaN
  const time = Date.parse(`${text}T00:00:00Z`)
  // The 30th of February is the 1st of March to `Date`.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? time : Number.NaN
}

function readMoment(text: string): number {
  const day = MOMENT.exec(text)?.[1]
  return day === undefined || Number.isNaN(readDay(day)) ? Number.NaN : Date.parse(text.toUpperCase())
}
