import { HttpError } from './http-error.ts'
import type { HttpResponse } from './http-response.ts'
import { outputJson } from './output-json.ts'
import { Reply } from './reply.ts'
import { describeStatus } from './status.ts'
import { thrownValue } from './thrown-value.ts'

/** Where an error happened; the query is left out, because it may carry a token. */
export interface ErrorPlace {
  readonly method: string
  readonly path: string
}

/** How errors are answered. */
export interface ErrorOptions {
  /**
   * Told of every error that is answered with a status from 500, which the client sees only as a constant text.
   * Default: `console.error`. What it throws is ignored.
   */
  readonly onError?: ((error: unknown, place: ErrorPlace) => void) | undefined
}

/**
 * The response for anything that was thrown. {@link HttpError}s speak for themselves; errors of the framework and of its
 * parsers for the client (they have `expose`) keep their status; everything else is a constant 500.
 *
 * @param error - what was caught
 * @param place - the request, for `onError`
 * @param options - who is told of the errors the client must not see
 * @returns the response; it never throws, also when the error itself cannot be written
 */
export function errorResponse(error: unknown, place: ErrorPlace, options: ErrorOptions = {}): HttpResponse {
  const { data, status, headers } = errorReply(error, place, options)
  try {
    return outputJson(data, status, headers)
  } catch (fault) {
    const constant = errorReply(fault instanceof HttpError ? new Error('', { cause: fault }) : fault, place, options)
    return outputJson(constant.data, constant.status)
  }
}

/** The same before it is written, for those who choose between representations. */
export function errorReply(error: unknown, place: ErrorPlace, options: ErrorOptions = {}): Reply {
  const known = toHttpError(error)
  if (known.status >= 500) report(thrownValue(error), place, options.onError ?? logError)
  return new Reply(known.body, known.status, known.headers)
}

/**
 * Any thrown value as an {@link HttpError}, by the rules of {@link errorResponse}.
 *
 * @param error - what was caught
 * @returns the error itself when it is one, else one that leaks nothing and has the original as its `cause`
 */
export function toHttpError(error: unknown): HttpError {
  const thrown = thrownValue(error)
  if (thrown instanceof HttpError) return thrown
  return foreignError(thrown) ?? new HttpError(500, undefined, { cause: thrown })
}

/** The shape of `http-errors`, which Express and its parsers use, and of what Express's router throws for a bad path. */
interface ForeignError {
  readonly status?: unknown
  readonly expose?: unknown
  readonly type?: unknown
  readonly message?: unknown
}

/**
 * An error that says it is for the client. A bare `status` does not: errors of HTTP clients have one too, and then it is
 * another server's.
 */
function foreignError(error: unknown): HttpError | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { status, expose, type, message } = error as ForeignError
  const isClientError = typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 499
  if (!isClientError || !(expose === true || error instanceof URIError)) return undefined
  // A parser's error has a `type` and quotes the body it could not read; one the application made says what it means.
  const speaks = expose === true && type === undefined && typeof message === 'string'
  return new HttpError(status, speaks ? message : describeStatus(status), { cause: error })
}

function report(error: unknown, place: ErrorPlace, onError: NonNullable<ErrorOptions['onError']>): void {
  try {
    onError(error, place)
  } catch {
    // A failing logger must not take the response with it.
  }
}

function logError(error: unknown, { method, path }: ErrorPlace): void {
  console.error(`${method} ${path} failed:`, error)
}
