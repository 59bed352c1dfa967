import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import type { ArgIssueCode } from './arg-issue.ts'

/** One issue of a schema library, in our terms. */
export interface LibraryReading {
  readonly code: ArgIssueCode
  /** A text that shows nothing of the input. Undefined when only the library's own is there, which may be anything. */
  readonly safe: string | undefined
  /** The keys that nobody declared, when the issue is about them. */
  readonly unknown?: readonly string[]
  /** Whether an object was expected. */
  readonly wantsObject?: boolean
}

/** What the libraries add to an issue of Standard Schema. */
export type LibraryIssue = StandardSchemaV1.Issue & Readonly<Record<string, unknown>>
