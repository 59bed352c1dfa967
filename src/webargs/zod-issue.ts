import type { ArgIssueCode } from './arg-issue.ts'
import type { LibraryIssue, LibraryReading } from './library-issue.ts'

const CODES: Readonly<Record<string, ArgIssueCode>> = {
  invalid_type: 'invalid_type',
  invalid_union: 'invalid_type',
  too_small: 'too_small',
  too_big: 'too_big',
  invalid_format: 'invalid_format',
  not_multiple_of: 'invalid_value',
  unrecognized_keys: 'unknown',
  invalid_key: 'invalid_value',
  invalid_element: 'invalid_value',
  invalid_value: 'invalid_value',
  custom: 'custom',
  // zod 3
  invalid_string: 'invalid_format',
  invalid_enum_value: 'invalid_value',
  invalid_literal: 'invalid_value',
  invalid_union_discriminator: 'invalid_value',
  invalid_date: 'invalid_type',
  not_finite: 'invalid_type',
}

// zod's own messages, from their first character to their last: a message of the application may begin in the same way.
// They name types and bounds, never the input.
const NOUN =
  'input|date|email address|email|URL|url|emoji|UUID|UUIDv\\d|uuid|nanoid|GUID|cuid2?|ULID|ulid|XID|KSUID|ISO (?:datetime|date|time|duration)|datetime|time|duration|IPv[46] (?:address|range)|ip|cidr|MAC address|base64(?:url)?(?:-encoded string)?|JSON string|E\\.164 number|JWT|jwt|template literal|hostname|hex|(?:md5|sha\\d+)_(?:hex|base64|base64url)|discriminator|literal value|function arguments|function return type'
const OWN = new RegExp(
  `^(?:Required|Invalid(?: (?:${NOUN}))?|Unrecognized keys?.*|Invalid input: expected [\\w ]+, received \\w+|Expected \\w+, received \\w+|Invalid (?:key|value) in \\w+|Number must be finite)$`,
  's',
)

/** Those that repeat what the schema says. */
function isStated({
  message,
  values,
  minimum,
  maximum,
  divisor,
  prefix,
  suffix,
  includes,
  pattern,
}: LibraryIssue): boolean {
  if (Array.isArray(values)) {
    const shown = values.map((value) =>
      typeof value === 'string' ? `"${value}"` : `${value}${typeof value === 'bigint' ? 'n' : ''}`,
    )
    if (message === `Invalid input: expected ${shown[0]}` && shown.length === 1) return true
    return message === `Invalid option: expected one of ${shown.join('|')}`
  }
  if (divisor !== undefined) return message === `Invalid number: must be a multiple of ${String(divisor)}`
  const tails = [`start with "${prefix}"`, `end with "${suffix}"`, `include "${includes}"`, `match pattern ${pattern}`]
  if (tails.some((tail) => message === `Invalid string: must ${tail}`)) return true
  const bound = String(minimum ?? maximum)
  const [before, after, ...more] = message.split(bound)
  return (
    more.length === 0 &&
    after !== undefined &&
    /^(?:Too (?:small|big): expected [a-z]+ to (?:have|be) [<>]=?|(?:String|Number|Array|Set|BigInt) must [a-z ]+ )$/.test(
      before ?? '',
    ) &&
    /^(?: [a-z]+(?:\(s\))?)?$/.test(after)
  )
}

/** Reads an issue of zod 3 or 4. */
export function readZodIssue(issue: LibraryIssue): LibraryReading {
  const { code, message, keys, expected } = issue
  return {
    code: CODES[String(code)] ?? 'invalid_value',
    // A check of the application may use the same words, but not their codes.
    safe: code !== 'custom' && (OWN.test(message) || isStated(issue)) ? message : undefined,
    ...(code === 'unrecognized_keys' && Array.isArray(keys) ? { unknown: keys.map(String) } : {}),
    wantsObject: expected === 'object',
  }
}
