import type { ArgIssue } from './arg-issue.ts'

/**
 * How errors are laid out in a reply:
 *
 * - `'location'` (default): `location → field → [messages]`, as webargs 6 and later;
 * - `'flat'`: `field → [messages]`, as webargs 5 and before, the generation of the original;
 * - `'problem'`: problem details (RFC 9457) with a list of `{ detail, pointer, in, code }`.
 */
export type ErrorLayout = 'location' | 'flat' | 'problem'

/** Messages, or objects of them by name or index. What is about an object as a whole is under `_schema`. */
export type ErrorMessages = readonly string[] | { readonly [name: string]: ErrorMessages }

/** Messages by location, then by field. */
export type MessagesByLocation = { readonly [location: string]: ErrorMessages }

const WHOLE = '_schema'

/** A place in the tree of messages: those about itself, and the places below. */
class Place {
  readonly messages: string[] = []
  readonly below: Map<string, Place> = new Map()

  at(key: string): Place {
    let place = this.below.get(key)
    if (place === undefined) {
      place = new Place()
      this.below.set(key, place)
    }
    return place
  }

  toMessages(): ErrorMessages {
    if (this.below.size === 0) return this.messages
    // A place cannot be both a list of messages and an object of them.
    if (this.messages.length > 0) this.at(WHOLE).messages.unshift(...this.messages.splice(0))
    return this.toObject()
  }

  toObject(): { readonly [name: string]: ErrorMessages } {
    // Without a prototype, so that `__proto__` is a name like any other.
    const object: Record<string, ErrorMessages> = Object.create(null)
    for (const [key, place] of this.below) object[key] = place.toMessages()
    return object
  }
}

function insert(root: Place, { path, whole, message }: ArgIssue): void {
  let place = root
  for (const key of path) place = place.at(String(key))
  if (whole === true) place = place.at(WHOLE)
  if (!place.messages.includes(message)) place.messages.push(message)
}

/** `location → field → [messages]`. */
export function byLocation(issues: readonly ArgIssue[]): MessagesByLocation {
  const root = new Place()
  for (const issue of issues) insert(root.at(issue.location), issue)
  return root.toObject()
}

/** `field → [messages]`; what is wrong with a location itself stays under its name, as webargs has it. */
export function flat(issues: readonly ArgIssue[]): MessagesByLocation {
  const root = new Place()
  for (const issue of issues)
    insert(issue.path.length === 0 && issue.whole !== true ? root.at(issue.location) : root, issue)
  return root.toObject()
}

/** The phrases of RFC 9110 §15 for the statuses this module gives by itself. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
}

/** Problem details (RFC 9457). */
export function problem(issues: readonly ArgIssue[], status: number): Readonly<Record<string, unknown>> {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Client Error',
    status,
    errors: issues.map(({ message, path, location, code }) => ({
      detail: message,
      pointer: toPointer(path),
      in: location,
      code,
    })),
  }
}

/** A JSON Pointer as the fragment of a URI (RFC 6901 §6), which is how RFC 9457 writes it: `#/tags/0`. */
function toPointer(path: ArgIssue['path']): string {
  return `#${path.map((key) => `/${toFragment(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`
}

function toFragment(text: string): string {
  // Half a surrogate pair has no UTF-8.
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'))
}

/** Each issue as a sentence, with its place: `json.name: Missing data for required field.` */
export function sentences(issues: readonly ArgIssue[]): readonly string[] {
  return issues.map(({ location, path, message }) => `${[location, ...path].join('.')}: ${message}`)
}
