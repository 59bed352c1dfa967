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

// What zod's own messages begin with; they name types and bounds, never the input.
const OWN =
  /^(?:Invalid |Too (?:small|big): |Unrecognized key|Expected |String must |Number must |Array must |Required$)/

/** Reads an issue of zod 3 or 4. */
export function readZodIssue(issue: LibraryIssue): LibraryReading {
  const { code, message, keys, expected } = issue
  return {
    code: CODES[String(code)] ?? 'invalid_value',
    // A check of the application may use the same words, but not their codes.
    safe: code !== 'custom' && OWN.test(message) ? message : undefined,
    ...(code === 'unrecognized_keys' && Array.isArray(keys) ? { unknown: keys.map(String) } : {}),
    wantsObject: expected === 'object',
  }
}
