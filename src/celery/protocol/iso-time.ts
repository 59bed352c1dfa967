const FORM =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,12}))?)?)?(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?)?)?$/i

/** The years that Python's `datetime` has, as milliseconds. */
const FIRST_MS = -62_135_596_800_000
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * An instant as Celery writes it: six digits of the second and `+00:00`, which every version of Celery reads.
 *
 * @param date - an instant in the years 1 to 9999
 * @throws TypeError when it is not a valid date, or Python has no such year
 */
export function formatIso(date: Date): string {
  const time = date.getTime()
  if (!(time >= FIRST_MS && time <= LAST_MS)) {
    throw new TypeError(`expected a valid Date in the years 1 to 9999, found ${String(date)}`)
  }
  return `${date.toISOString().slice(0, 23)}000+00:00`
}

/**
 * Reads what `formatIso`, Python's `isoformat()` and JavaScript's `toISOString()` write, and the other plain forms of ISO
 * 8601: basic or extended, any number of digits of the second (those behind the third are dropped), `Z`, an offset or none.
 *
 * @param text - `2026-11-23T10:53:24.472227+00:00`
 * @param timeZone - an IANA name, in which a text without an offset is read; `UTC` by default
 * @returns undefined when the text is nothing of that, or is no day or time that exists
 */
export function parseIso(text: string, timeZone = 'UTC'): Date | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = FORM.exec(text) ?? []
  if (year === undefined) return undefined
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const utc = utcTime(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second), ms)
  if (utc === undefined) return undefined
  if (offset !== undefined) {
    const shift = offsetMs(offset)
    return shift === undefined ? undefined : new Date(utc - shift)
  }
  return new Date(timeZone === 'UTC' ? utc : localToUtc(utc, timeZone))
}

/** Tells whether a text that `parseIso` reads has an offset of its own. */
export function hasOffset(text: string): boolean {
  return /[T ].*(?:Z|[+-]\d{2}(?::?\d{2}){0,2}(?:\.\d+)?)$/i.test(text)
}

/** Milliseconds of a moment in UTC; undefined when there is no such day or time. 24:00 is the next day's midnight. */
function utcTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number | undefined {
  if (minute > 59 || second > 59 || hour > 24 || (hour === 24 && minute + second + ms > 0)) return undefined
  const date = new Date(0)
  // Not `Date.UTC`, which takes the years 0 to 99 for those of the last century.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || year < 1) return undefined
  return date.setUTCHours(hour, minute, second, ms)
}

function offsetMs(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = (offset.slice(1).replaceAll(':', '').match(/\d\d/g) ?? []).map(Number)
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  return (offset.startsWith('-') ? -1000 : 1000) * (hours * 3600 + minutes * 60 + seconds)
}

/** The instant at which clocks of a zone show a time; the first of two in autumn, as Celery chooses. */
function localToUtc(local: number, timeZone: string): number {
  const format = zoneFormat(timeZone)
  const early = local - zoneOffset(format, local - 86_400_000)
  if (early + zoneOffset(format, early) === local) return early
  const late = local - zoneOffset(format, local + 86_400_000)
  if (late + zoneOffset(format, late) === local) return late
  // A time that spring leaves out: as if the clocks had not been changed.
  return early
}

/** How far the clocks of a zone are ahead of UTC, in milliseconds. */
function zoneOffset(format: Intl.DateTimeFormat, instant: number): number {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const shown = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'))
  return shown - Math.floor(instant / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}
