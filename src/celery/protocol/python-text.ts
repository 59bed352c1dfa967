import { dateText } from './date-text.ts'
import type { Decimal } from './decimal.ts'
import { formatIso, parseIso } from './iso-time.ts'
import type { PlainDate } from './plain-date.ts'
import type { PlainTime } from './plain-time.ts'

// What Python's `repr` says of single values.

const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]/

/** The length of a text in Python: code points. */
export function pythonLength(text: string): number {
  return SURROGATES.test(text) ? Array.from(text).length : text.length
}

/** The first code points of a text. */
export function pythonSlice(text: string, end: number): string {
  return SURROGATES.test(text.slice(0, 2 * end))
    ? Array.from(text.slice(0, 2 * end))
        .slice(0, end)
        .join('')
    : text.slice(0, end)
}

/** A number as Python writes it after it came by JSON: whole numbers up to 2^53 are integers there. */
export function numberRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  const text = String(value)
  if (Number.isSafeInteger(value)) return text
  if (size < 1e16 && Number.isInteger(value)) return `${text}.0`
  const scientific = size < 1e-4 || size >= 1e16 ? value.toExponential() : text
  return scientific.replace(/e([+-])(\d)$/, 'e$10$2')
}

const DATETIME = /^(\d{4}-\d{2}-\d{2})(?:[T ]([\d:.]*)(Z|[+-][\d:.]+)?)?$/i

/** `datetime.datetime(2026, 11, 23, 8, 15, tzinfo=datetime.timezone.utc)`. */
export function dateRepr(date: Date): string {
  const text = dateText(date)
  // A text in the basic form of ISO 8601 is shown by its instant.
  const [, day = '', time = '', offset] = DATETIME.exec(text) ?? DATETIME.exec(formatIso(date)) ?? []
  const numbers = [...day.split('-').map(Number), ...timeNumbers(time)]
  return `datetime.datetime(${numbers.join(', ')}${offset ? `, tzinfo=${zoneRepr(offset)}` : ''})`
}

/** `datetime.date(2026, 11, 23)`. */
export function plainDateRepr(date: PlainDate): string {
  return `datetime.date(${date.toString().split('-').map(Number).join(', ')})`
}

/** `datetime.time(8, 15)`. */
export function plainTimeRepr(time: PlainTime): string {
  const [, clock = '', offset] = /^([\d:.]*)(.*)$/.exec(time.toString()) ?? []
  return `datetime.time(${timeNumbers(clock).join(', ')}${offset ? `, tzinfo=${zoneRepr(offset)}` : ''})`
}

/** `Decimal('19.90')`. */
export function decimalRepr(decimal: Decimal): string {
  return `Decimal('${decimal.toString()}')`
}

/** Hours, minutes, and the seconds and microseconds that are not zero. */
function timeNumbers(time: string): number[] {
  const [clock = '', fraction = ''] = time.split('.')
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number)
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'))
  if (micros > 0) return [hour, minute, second, micros]
  return second > 0 ? [hour, minute, second] : [hour, minute]
}

function zoneRepr(offset: string): string {
  if (offset === '+00:00') return 'datetime.timezone.utc'
  const shift =
    (parseIso('1970-01-02T00:00:00Z')?.getTime() ?? 0) - (parseIso(`1970-01-02T00:00:00${offset}`)?.getTime() ?? 0)
  if (shift === 0) return 'datetime.timezone.utc'
  // Python keeps a negative timedelta as days below zero and seconds above.
  const seconds = (((shift / 1000) % 86_400) + 86_400) % 86_400
  const delta = shift < 0 ? `days=-1, seconds=${seconds}` : `seconds=${seconds}`
  return `datetime.timezone(datetime.timedelta(${delta}))`
}
