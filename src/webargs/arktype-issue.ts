import type { ArgIssueCode } from './arg-issue.ts'
import type { LibraryIssue, LibraryReading } from './library-issue.ts'

const CODES: Readonly<Record<string, ArgIssueCode>> = {
  required: 'missing',
  domain: 'invalid_type',
  proto: 'invalid_type',
  min: 'too_small',
  minLength: 'too_small',
  after: 'too_small',
  max: 'too_big',
  maxLength: 'too_big',
  before: 'too_big',
  pattern: 'invalid_format',
  predicate: 'custom',
}

/** How arktype words `boolean` and unions of types, which have the code of a check. */
const TYPE = '(?:an? (?:string|number|bigint|symbol|object|array|function|Date)|boolean|undefined|null|true|false)'
const TYPES = new RegExp(`^${TYPE}(?:,? (?:or )?${TYPE})*$`)

/** Reads an issue of arktype (an `ArkError`). */
export function readArkTypeIssue(issue: LibraryIssue): LibraryReading {
  const { message, expected, actual } = issue
  const wanted = wantedBy(issue)
  // What the application configured replaces the whole message; ours only says what was expected.
  const isOwn = message.includes(String(expected)) && (String(actual) === '' || message.includes(String(actual)))
  return {
    code: codeOf(issue),
    safe: isOwn && wanted !== undefined ? `Must be ${wanted}.` : undefined,
    wantsObject: expected === 'an object',
  }
}

function codeOf({ code, expected, actual, rule, errors }: LibraryIssue): ArgIssueCode {
  if (code === 'predicate' && expected === 'removed' && actual === '') return 'unknown'
  if (code === 'predicate' && TYPES.test(String(expected))) return 'invalid_type'
  if (code === 'divisor' && rule === 1) return 'invalid_type'
  if (code === 'union') return branches(errors).some(isValue) ? 'invalid_value' : 'invalid_type'
  return CODES[String(code)] ?? 'invalid_value'
}

function wantedBy({ code, expected, errors, path }: LibraryIssue): string | undefined {
  // The text of a union repeats the input; those of its branches do not.
  if (code === 'union') {
    const here = branches(errors).filter((branch) => branch.path?.length === path?.length)
    return here.length === branches(errors).length
      ? here.map(({ expected: text }) => String(text)).join(' or ')
      : undefined
  }
  // Several checks that failed together come as lines.
  const lines = String(expected).split('\n')
  return lines.map((line) => line.replace(/^\s*\u25E6\s*/, '')).join(' and ')
}

/** A certain value, and not one of those that are all there is of a type. */
function isValue({ code, expected }: LibraryIssue): boolean {
  return code === 'unit' && !/^(?:true|false|null|undefined)$/.test(String(expected))
}

function branches(errors: unknown): readonly LibraryIssue[] {
  return Array.isArray(errors) ? errors : []
}
