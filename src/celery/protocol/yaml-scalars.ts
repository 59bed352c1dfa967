import { rememberText } from './date-text.ts'
import { parseIso } from './iso-time.ts'
import type { ReadJsonOptions } from './json-parser.ts'
import { MAX_DIGITS } from './limits.ts'
import { PlainDate } from './plain-date.ts'

/** A tag of the package `yaml`, as far as it is used here. */
export interface ScalarTagLike {
  readonly tag: string
  readonly default: true
  readonly test: RegExp
  resolve(text: string): unknown
}

// The plain scalars of YAML 1.1 as PyYAML tells them apart, which is narrower than the standard: `y` is a text there, and so
// are `1e5` and `089`. What PyYAML writes unquoted would change its type with wider rules.

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(\.\d*)?(?:[ \t]*(Z|[-+]\d\d?(?::\d\d)?))?)?$/
const TIMESTAMP = /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:.*)$/

/** The scalars that are no texts; to be put before those of the package. */
export function yamlScalars(options: ReadJsonOptions): ScalarTagLike[] {
  const tag = (name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTagLike => ({
    tag: `tag:yaml.org,2002:${name}`,
    default: true,
    test,
    resolve,
  })
  return [
    tag('bool', BOOL, (text) => /^(?:yes|true|on)$/i.test(text)),
    tag('int', INT, (text) => readInteger(text, options.bigint ?? 'bigint')),
    tag('float', FLOAT, readFloat),
    tag('timestamp', TIMESTAMP, (text) => readTimestamp(text, options.timezone ?? 'UTC')),
  ]
}

/** @throws RangeError, which the package makes an error of the document */
function readInteger(text: string, bigint: 'bigint' | 'number' | 'string'): unknown {
  const digits = text.replace(/[_+-]/g, '')
  if (digits.length > MAX_DIGITS) throw new RangeError(`an integer has more than ${MAX_DIGITS} digits`)
  const octal = /^0[0-7]+$/.test(digits)
  const size = digits.includes(':') ? sexagesimal(digits) : BigInt(octal ? `0o${digits.slice(1)}` : digits)
  const value = text.startsWith('-') ? -size : size
  const number = Number(value)
  if (Number.isSafeInteger(number) || bigint === 'number') return number
  return bigint === 'string' ? String(value) : value
}

function sexagesimal(text: string): bigint {
  return text.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
}

function readFloat(text: string): number {
  const plain = text.replace(/_/g, '').toLowerCase()
  const sign = plain.startsWith('-') ? -1 : 1
  const size = plain.replace(/^[-+]/, '')
  if (size === '.inf') return sign * Number.POSITIVE_INFINITY
  if (size === '.nan') return Number.NaN
  return sign * size.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}

/** @throws RangeError, which the package makes an error of the document */
function readTimestamp(text: string, timeZone: string): Date | PlainDate {
  const [, year = '', month = '', day = '', hour, minute, second, fraction = '', offset = ''] = TIME.exec(text) ?? []
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  if (hour === undefined) return new PlainDate(date)
  const zone = offset.replace(/^([-+])(\d)(?=:|$)/, '$10$2')
  const iso = `${date}T${hour.padStart(2, '0')}:${minute}:${second}${fraction.length > 1 ? fraction : ''}${zone}`
  const read = parseIso(iso, timeZone)
  if (read === undefined) throw new RangeError('no such time')
  return rememberText(read, iso)
}
