import type { ArgIssue } from './arg-issue.ts'
import type { ArgLocation } from './arg-location.ts'
import type { LibraryIssue } from './library-issue.ts'
import type { ArgLimits } from './limits.ts'
import { type InnerMessageChoice, type PlacedIssue, toArgIssues, VENDOR } from './to-arg-issues.ts'
import type { ValidationErrorCode } from './validation-error.ts'

/** Of several faults the one that the client must repair first gives the status. */
const ORDER: readonly ValidationErrorCode[] = [
  'ERR_ARGS_INVALID',
  'ERR_ARGS_MALFORMED',
  'ERR_ARGS_CONTENT_TYPE',
  'ERR_ARGS_TOO_LARGE',
]

/** How much text the issues of one request may have, keys and messages together, in characters. */
const MOST_TEXT = 65_536

const LONGEST_KEY = 100
const LONGEST_MESSAGE = 4096

/** A name as a reply shows it: the client chose it, and each of its issues repeats it. */
export function shownKey<Key extends string | number>(key: Key): Key | string {
  return typeof key === 'string' ? cut(key, LONGEST_KEY) : key
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

/** Gathers what is wrong with one request. What it keeps is bounded, whatever the request holds. */
export class Problems {
  readonly issues: ArgIssue[] = []
  code: ValidationErrorCode = 'ERR_ARGS_INVALID'
  cause: unknown
  readonly #messages: InnerMessageChoice
  /** Those of the request; of the issues that are found, those beyond are dropped. */
  readonly limits: ArgLimits
  #text = 0

  constructor(messages: InnerMessageChoice, limits: ArgLimits) {
    this.#messages = messages
    this.limits = limits
  }

  add(
    location: ArgLocation,
    issue: PlacedIssue,
    code: ValidationErrorCode = 'ERR_ARGS_INVALID',
    cause?: unknown,
  ): void {
    if (this.issues.length < this.limits.issues) this.#keep(location, issue)
    if (ORDER.indexOf(code) > ORDER.indexOf(this.code)) this.code = code
    this.cause ??= cause
  }

  #keep(location: ArgLocation, issue: PlacedIssue): void {
    const path = issue.path.map(shownKey)
    const message = cut(issue.message, LONGEST_MESSAGE)
    const text = path.reduce<number>((sum, key) => sum + String(key).length, message.length)
    // The first is what makes it a refusal.
    if (this.#text + text > MOST_TEXT && this.issues.length > 0) return
    this.#text += text
    this.issues.push({ location, ...issue, path, message })
  }

  /** What a schema found in `input`, which stands at `base` in its location. */
  addFound(
    location: ArgLocation,
    issues: readonly LibraryIssue[],
    vendor: string,
    input: unknown,
    base: PlacedIssue['path'],
  ): void {
    const room = this.limits.issues - this.issues.length
    if (room <= 0) return
    for (const issue of toArgIssues(issues.slice(0, room), vendor, input, this.#messages)) {
      const placed = base.length === 0 ? issue : { ...issue, path: [...base, ...issue.path] }
      const isTooLarge = vendor === VENDOR && issue.code === 'too_large'
      this.add(location, placed, isTooLarge ? 'ERR_ARGS_TOO_LARGE' : 'ERR_ARGS_INVALID')
    }
  }

  /** Says of the issues from an index on where they really are, by their paths. */
  relocate(from: number, locationOf: (path: PlacedIssue['path']) => ArgLocation): void {
    for (const [i, issue] of this.issues.entries()) {
      if (i >= from) this.issues[i] = { ...issue, location: locationOf(issue.path) }
    }
  }
}
