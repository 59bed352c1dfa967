import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { ArgLocation } from './arg-location.ts'
import type { Problems } from './problems.ts'
import type { PlacedIssue } from './to-arg-issues.ts'

/** Where a value stands: its location, and the path from there. */
export type Base = PlacedIssue['path']

export const AT_TOP: Base = []

/** Stands for an input that was refused before any schema saw it; the problems have been told why. */
export const REFUSED: unique symbol = Symbol('refused')

/** A shape, made ready once at set-up. */
export interface Checker {
  /** The names that it takes, in order; undefined when they cannot be seen. */
  readonly names: ReadonlySet<string> | undefined
  /** Which of them take a list. */
  readonly lists: ReadonlySet<string>
  /** Whether it says itself that it takes other names too. */
  readonly open: boolean
  /** Whether it takes nothing but an object. */
  readonly wantsObject: boolean
  /** Gives the output, or anything at all when `problems` got something. A promise only when a schema gave one. */
  check(input: unknown, problems: Problems, location: ArgLocation, base: Base): MaybePromise<unknown>
}
