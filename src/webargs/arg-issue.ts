import type { ArgLocation } from './arg-location.ts'

/** Which kind of fault an issue is, for programs. Texts may change and differ by schema library; these do not. */
export type ArgIssueCode =
  | 'missing'
  | 'unknown'
  | 'null'
  | 'invalid_type'
  | 'too_small'
  | 'too_big'
  | 'invalid_format'
  | 'invalid_value'
  | 'custom'
  | 'malformed'
  | 'content_type'
  | 'too_large'

/** One fault of a request. */
export interface ArgIssue {
  readonly location: ArgLocation
  /** From the location down to the value: names, and indexes of lists. Empty for the location as a whole. */
  readonly path: readonly (string | number)[]
  readonly code: ArgIssueCode
  /** For people. */
  readonly message: string
  /** True when it is about an object as a whole, which layouts show as `_schema`. */
  readonly whole?: boolean
}

/** A text for each kind, where nobody has a better one: marshmallow's, where it has one. */
export const CODE_MESSAGES: Readonly<Record<ArgIssueCode, string>> = {
  missing: 'Missing data for required field.',
  unknown: 'Unknown field.',
  null: 'Field may not be null.',
  invalid_type: 'Invalid type.',
  too_small: 'Too small.',
  too_big: 'Too big.',
  invalid_format: 'Invalid format.',
  invalid_value: 'Invalid value.',
  custom: 'Invalid value.',
  malformed: 'Invalid body.',
  content_type: 'The body has a content type that is not accepted here.',
  too_large: 'There is more than is accepted here.',
}

/** What marshmallow says of a value that should have been an object. */
export const INVALID_INPUT_TYPE = 'Invalid input type.'

/** Tells whether a value is one of {@link ArgIssueCode}. */
export function isArgIssueCode(value: unknown): value is ArgIssueCode {
  return typeof value === 'string' && Object.hasOwn(CODE_MESSAGES, value)
}
