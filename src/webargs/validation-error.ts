import { BareBody } from '../http/bare-body.ts'
import { HttpError } from '../http/http-error.ts'
import { brand } from '../lib/brand.ts'
import type { ArgIssue } from './arg-issue.ts'
import { byLocation, type ErrorLayout, flat, type MessagesByLocation, problem, sentences } from './layouts.ts'

/**
 * Why a request's arguments were refused: 422 for values, 400 for a body that cannot be read, 415 for one of another content
 * type, 413 for one with too much in it. The statuses are settings; the codes stay.
 */
export type ValidationErrorCode =
  | 'ERR_ARGS_INVALID'
  | 'ERR_ARGS_MALFORMED'
  | 'ERR_ARGS_CONTENT_TYPE'
  | 'ERR_ARGS_TOO_LARGE'

const STATUSES: Readonly<Record<ValidationErrorCode, number>> = {
  ERR_ARGS_INVALID: 422,
  ERR_ARGS_MALFORMED: 400,
  ERR_ARGS_CONTENT_TYPE: 415,
  ERR_ARGS_TOO_LARGE: 413,
}

/** What a {@link ValidationError} may be given. */
export interface ValidationErrorOptions extends ErrorOptions {
  /** Default `'ERR_ARGS_INVALID'`. */
  readonly code?: ValidationErrorCode | undefined
  /** Default: that of the code. */
  readonly status?: number | undefined
  /** Default `'location'`. */
  readonly layout?: ErrorLayout | undefined
}

const MOST_IN_MESSAGE = 10

/** What logs show: an error of a thousand issues is not to be written out whenever it is made. */
function summary(issues: readonly ArgIssue[]): readonly string[] {
  const more = issues.length - MOST_IN_MESSAGE
  return [...sentences(issues.slice(0, MOST_IN_MESSAGE)), ...(more > 0 ? [`(and ${more} more)`] : [])]
}

/**
 * Thrown by `useArgs` and `parser.parse` with everything that is wrong with a request's arguments, and by a view for what
 * only it can know. The adapters and `Resource`s answer it, all with the same body: the errors in their layout, without the
 * `_errors` envelope, as webargs writes them. Codes: {@link ValidationErrorCode}.
 *
 * @example
 * ```ts
 * import { ValidationError } from 'twopi/webargs'
 *
 * export function assertFree(name: string, taken: ReadonlySet<string>): void {
 *   if (!taken.has(name)) return
 *   // 422 {"json": {"name": ["This name is taken."]}}
 *   throw new ValidationError([{ location: 'json', path: ['name'], code: 'custom', message: 'This name is taken.' }])
 * }
 * ```
 */
export class ValidationError extends HttpError {
  declare readonly code: ValidationErrorCode
  /** One for each fault, for programs. */
  readonly issues: readonly ArgIssue[]
  readonly layout: ErrorLayout

  /**
   * @param issues - at least one
   * @param options - code, status, layout, cause
   * @throws TypeError without issues, or when the status is not that of an error
   */
  constructor(issues: readonly ArgIssue[], options: ValidationErrorOptions = {}) {
    const { code = 'ERR_ARGS_INVALID', status = STATUSES[code], layout = 'location', cause } = options
    if (issues.length === 0) throw new TypeError('A ValidationError needs at least one issue, found none.')
    const headers = layout === 'problem' ? { 'content-type': 'application/problem+json' } : undefined
    super(status, summary(issues), { code, headers, cause })
    this.issues = [...issues]
    this.layout = layout
  }

  /** Each issue as a sentence, with its place. */
  override get messages(): readonly string[] {
    return sentences(this.issues)
  }

  /** The status, under the name that webargs gave it. */
  get statusCode(): number {
    return this.status
  }

  /** `location → field → [messages]`, whatever the layout of the reply. */
  get messagesDict(): MessagesByLocation {
    return byLocation(this.issues)
  }

  override get body(): unknown {
    const details = problem(this.issues, this.status)
    const value = this.layout === 'problem' ? details : (this.layout === 'flat' ? flat : byLocation)(this.issues)
    return new BareBody(value, details)
  }

  static {
    brand(this, 'ValidationError')
  }
}
