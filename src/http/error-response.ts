import { HttpError } from './http-error.ts'
import type { HttpResponse } from './http-response.ts'
import { outputJson } from './output-json.ts'
import { Reply } from './reply.ts'
import { describeStatus } from './status.ts'

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
 * The response for anything that was thrown. {@link HttpError}s speak for themselves; errors of the framework or of its
 * parsers that carry a status from 400 to 499 keep the status and get its standard text; everything else is a constant 500.
 *
 * @param error - what was caught
 * @param place - the request, for `onError`
 * @param options - who is told of the errors the client must not see
 */
export function errorResponse(error: unknown, place: ErrorPlace, options: ErrorOptions = {}): HttpResponse {
  const { data, status, headers } = errorReply(error, place, options)
  return outputJson(data, status, headers)
}

/** The same before it is written, for those who choose between representations. */
export function errorReply(error: unknown, place: ErrorPlace, options: ErrorOptions = {}): Reply {
  const known = toHttpError(error)
  if (known.status >= 500) report(error, place, options.onError ?? logError)
  return new Reply(known.body, known.status, known.headers)
}

/**
 * Any thrown value as an {@link HttpError}, by the rules of {@link errorResponse}.
 *
 * @param error - what was caught
 * @returns the error itself when it is one, else one that leaks nothing and has the original as its `cause`
 */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  const foreign = foreignError(error)
  return new HttpError(foreign.status, foreign.message, { cause: error })
}

/** The shape of `http-errors`, which Express, Fastify and their parsers use. */
interface ForeignError {
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly expose?: unknown
  readonly type?: unknown
  readonly message?: unknown
}

function foreignError(error: unknown): { status: number; message: string } {
  if (typeof error !== 'object' || error === null) return { status: 500, message: describeStatus(500) }
  const { status, statusCode, expose, type, message } = error as ForeignError
  const found = typeof status === 'number' ? status : statusCode
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 400 || found > 499) {
    return { status: 500, message: describeStatus(500) }
  }
  // A parser's error has a `type` and quotes the body it could not read; one the application made says what it means.
  const speaks = expose === true && type === undefined && typeof message === 'string'
  return { status: found, message: speaks ? message : describeStatus(found) }
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
