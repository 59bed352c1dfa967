import type { ArgIssueCode } from './arg-issue.ts'
import type { LibraryIssue, LibraryReading } from './library-issue.ts'

/** Schemas that ask for one of some values; all others ask for a type. */
const VALUES: ReadonlySet<unknown> = new Set(['picklist', 'enum', 'literal', 'variant'])

const ACTIONS: Readonly<Record<string, ArgIssueCode>> = {
  gt_value: 'too_small',
  non_empty: 'too_small',
  lt_value: 'too_big',
  check: 'custom',
  check_items: 'custom',
  custom: 'custom',
  partial_check: 'custom',
  raw_check: 'custom',
  integer: 'invalid_type',
  safe_integer: 'invalid_type',
  finite: 'invalid_type',
  multiple_of: 'invalid_value',
  length: 'invalid_value',
  size: 'invalid_value',
  value: 'invalid_value',
  values: 'invalid_value',
}

/** Reads an issue of valibot. */
export function readValibotIssue(issue: LibraryIssue): LibraryReading {
  const { kind, type, expected, message } = issue
  const unknown = kind === 'schema' && expected === 'never'
  return {
    code: unknown ? 'unknown' : kind === 'schema' ? schemaCode(type) : actionCode(String(type)),
    safe: withoutInput(message, expected),
    wantsObject: expected === 'Object',
  }
}

function schemaCode(type: unknown): ArgIssueCode {
  return type === 'custom' ? 'custom' : VALUES.has(type) ? 'invalid_value' : 'invalid_type'
}

function actionCode(type: string): ArgIssueCode {
  if (Object.hasOwn(ACTIONS, type)) return ACTIONS[type] as ArgIssueCode
  if (type.startsWith('min_')) return 'too_small'
  if (type.startsWith('max_')) return 'too_big'
  return type.startsWith('not_') || type.startsWith('some_') || type.startsWith('every_')
    ? 'invalid_value'
    : 'invalid_format'
}

/** valibot's own messages end with what it received; a message of the application is not one of them. */
function withoutInput(message: string, expected: unknown): string | undefined {
  const start = /^Invalid [\w ]+(?=: )/.exec(message)?.[0]
  if (start === undefined) return undefined
  if (expected === null || expected === undefined)
    return message.startsWith(`${start}: Received `) ? `${start}.` : undefined
  const wanted = `${start}: Expected ${String(expected)}`
  return message.startsWith(`${wanted} but received `) ? `${wanted}.` : undefined
}
