import { brand } from './brand.ts'

/**
 * The base of every error twopi throws for something that came off the wire.
 * Mistakes in the calling code (wrong options) are `TypeError`s instead.
 *
 * Each error has a stable {@link code}; `docs/errors.md` lists them all.
 */
export abstract class TwopiError extends Error {
  /** Stable and meant for programs, for instance `ERR_TOKEN_EXPIRED`. Texts may change, codes do not. */
  abstract readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }

  static {
    brand(this, 'TwopiError')
  }
}

/**
 * Tells whether a caught value is one of twopi's errors, also across two installed copies of the package.
 *
 * @param value - anything that was caught
 * @returns true when the value has a `code` listed in `docs/errors.md`
 *
 * @example
 * ```ts
 * import { isTwopiError } from 'twopi'
 *
 * export function codeOf(error: unknown): string | undefined {
 *   return isTwopiError(error) ? error.code : undefined
 * }
 * ```
 */
export function isTwopiError(value: unknown): value is TwopiError {
  return value instanceof TwopiError
}
