import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { readIssue } from './issue-data.ts'

/**
 * The text of an issue for a message. Some libraries put the value into theirs (valibot, arktype), and so may a user's own
 * check: such a text is replaced by one that is made of the schema's own data, or by a constant.
 *
 * @param own - the values at and below the issue's path
 * @param others - all other values: a check across fields may name one
 */
export function describeIssue(
  issue: StandardSchemaV1.Issue,
  own: readonly string[],
  others: readonly string[],
): string {
  const { message, expected } = issue as StandardSchemaV1.Issue & { readonly expected?: unknown }
  const isSafe = (text: string) =>
    !own.some((value) => shows(text, value)) && !others.some((value) => holds(text, value))
  const { about, text, isEcho } = readIssue(issue)
  if (!isEcho && isSafe(message)) return message
  if (text !== undefined) return text
  const wanted = typeof expected === 'string' && !expected.startsWith('must be ') ? `expected ${expected}` : ''
  if (wanted !== '' && isSafe(wanted)) return wanted
  return about === 'type' ? 'is of the wrong type' : 'is refused by the schema'
}

/** A part of a value is enough: libraries escape quotes and cut long values short. */
function shows(text: string, value: string): boolean {
  const letters = simplify(value)
  if (letters.length < 4 || /^\d+$/.test(letters)) return holdsWord(text, value)
  const where = simplify(text)
  for (let start = 0; start + 4 <= letters.length; start++) {
    if (where.includes(letters.slice(start, start + 4))) return true
  }
  return false
}

function holds(text: string, value: string): boolean {
  return value.length < 8
    ? holdsWord(text, value) && !/^[a-z]+$/i.test(value)
    : simplify(text).includes(simplify(value))
}

function holdsWord(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!isLetter(text[at - 1]) && !isLetter(text[at + value.length])) return true
  }
  return false
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character)
}

function simplify(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
