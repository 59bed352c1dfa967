import { issuePath } from '../lib/standard-schema.ts'
import { type ArgIssue, type ArgIssueCode, CODE_MESSAGES, isArgIssueCode } from './arg-issue.ts'
import { readArkTypeIssue } from './arktype-issue.ts'
import type { LibraryIssue, LibraryReading } from './library-issue.ts'
import { PathSet } from './path-set.ts'
import { InputTexts } from './safe-message.ts'
import { UploadedFile } from './uploaded-file.ts'
import { readValibotIssue } from './valibot-issue.ts'
import { readZodIssue } from './zod-issue.ts'

/** An issue that has no location yet. */
export type PlacedIssue = Omit<ArgIssue, 'location'> & { readonly [ORIGINAL]?: string }

/** What the library said, kept by fields within fields until those who know which message is wanted. */
const ORIGINAL: unique symbol = Symbol('original message')

/** The name under which twopi's own fields speak; their codes and messages are taken as they are. */
export const VENDOR = 'twopi'

/** Whose messages clients read: `'safe'` ones that show nothing of the input, or the library's own, whatever they show. */
export type MessageChoice = 'safe' | 'library'

/** `'both'` for fields within fields, which cannot know the choice. */
export type InnerMessageChoice = MessageChoice | 'both'

/**
 * The issues of one validation in our terms: plain paths, our codes, messages for clients.
 *
 * @param input - what was validated; paths begin there
 */
export function toArgIssues(
  issues: readonly LibraryIssue[],
  vendor: string,
  input: unknown,
  choice: InnerMessageChoice,
): readonly PlacedIssue[] {
  const texts = new InputTexts(input)
  const placed = issues.flatMap((issue) => toArgIssue(issue, vendor, input, texts, choice))
  return placed.length < 2 ? placed : withoutConsequences(placed)
}

function toArgIssue(
  issue: LibraryIssue,
  vendor: string,
  input: unknown,
  texts: InputTexts,
  choice: InnerMessageChoice,
): readonly PlacedIssue[] {
  const path = issuePath(issue).map((key) => (typeof key === 'number' ? key : String(key)))
  if (vendor === VENDOR) return [ownIssue(issue, path, choice)]
  const reading = readIssue(issue, vendor)
  if (reading.unknown !== undefined) {
    const message = choice === 'library' ? issue.message : CODE_MESSAGES.unknown
    return reading.unknown.map((key) => ({ path: [...path, key], code: 'unknown', message }))
  }
  const found = valueAt(input, path)
  const code = refine(reading.code, found)
  const message = choice === 'library' ? issue.message : messageOf(issue, reading, code, found, texts)
  const whole = isObject(found.value) || reading.wantsObject === true
  return [
    {
      path,
      code,
      message,
      ...(whole && code !== 'missing' ? { whole } : {}),
      ...(choice === 'both' ? { [ORIGINAL]: issue.message } : {}),
    },
  ]
}

function ownIssue(issue: LibraryIssue, path: PlacedIssue['path'], choice: InnerMessageChoice): PlacedIssue {
  const { code, whole } = issue
  const { [ORIGINAL]: original } = issue as { readonly [ORIGINAL]?: string }
  return {
    path,
    code: isArgIssueCode(code) ? code : 'custom',
    message: choice === 'library' && original !== undefined ? original : issue.message,
    ...(whole === true ? { whole } : {}),
    ...(choice === 'both' && original !== undefined ? { [ORIGINAL]: original } : {}),
  }
}

function readIssue(issue: LibraryIssue, vendor: string): LibraryReading {
  switch (vendor) {
    case 'zod':
      return readZodIssue(issue)
    case 'valibot':
      return readValibotIssue(issue)
    case 'arktype':
      return readArkTypeIssue(issue)
    default:
      return { code: isArgIssueCode(issue['code']) ? issue['code'] : 'invalid_value', safe: undefined }
  }
}

/** Only arktype says whether a value is missing or of another type, so we look. What a check says stays a check's. */
function refine(code: ArgIssueCode, found: Found): ArgIssueCode {
  if (code !== 'invalid_type' && code !== 'invalid_value' && code !== 'missing') return code
  if (found.value === undefined) return 'missing'
  return found.value === null ? 'null' : code
}

function messageOf(
  issue: LibraryIssue,
  { safe, code: original }: LibraryReading,
  code: ArgIssueCode,
  found: Found,
  texts: InputTexts,
): string {
  // The library's standard words for what is not there make way for marshmallow's; those of the application stay.
  if (safe !== undefined && (code !== original || code === 'missing' || code === 'unknown')) return CODE_MESSAGES[code]
  if (safe !== undefined && code !== 'custom') return safe
  const text = safe ?? issue.message
  return texts.areShownIn(text, found.value) ? CODE_MESSAGES[code] : text
}

/** A value that is missing or of another type cannot be too short as well, though some libraries say so. */
function withoutConsequences(issues: readonly PlacedIssue[]): readonly PlacedIssue[] {
  const typed = new PathSet()
  for (const { code, path } of issues) if (isTypeFault(code)) typed.add(path)
  return issues.filter(({ code, path }) => isTypeFault(code) || !typed.has(path))
}

function isTypeFault(code: ArgIssueCode): boolean {
  return code === 'missing' || code === 'null' || code === 'invalid_type'
}

interface Found {
  readonly value: unknown
}

function valueAt(input: unknown, path: PlacedIssue['path']): Found {
  let value = input
  for (const key of path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined
  }
  return { value }
}

/** A file is one value, though it is an object. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof UploadedFile)
}
