import { BodyError } from '../http/body-errors.ts'
import type { JsonParseOptions } from '../http/json-parse.ts'
import { isJsonType } from '../http/media-type.ts'
import type { HttpRequest } from '../http/request.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { ArgLocation } from './arg-location.ts'
import { REFUSED } from './checker.ts'
import { MULTIPART, readMultipart } from './multipart-body.ts'
import type { Problems } from './problems.ts'
import { ParametersSource, type TextSource } from './text-source.ts'
import { DEFAULT_UPLOADS, type UploadSettings } from './upload-options.ts'

/** A body that did not come at all: its fields are missing. */
export const NO_BODY: unique symbol = Symbol('no body')

const FORM = 'application/x-www-form-urlencoded'

/** Integers of any size arrive as they were sent: what does not fit a number is a bigint, which fields for numbers refuse. */
const EXACT: JsonParseOptions = { bigNumbers: 'exact' }

/**
 * Goes on with the JSON of a body, {@link NO_BODY} or `REFUSED`. It takes the continuation, because a promise of its own
 * would be a cost on every request.
 */
export function readJson<Result>(
  request: HttpRequest,
  location: ArgLocation,
  problems: Problems,
  next: (value: unknown) => MaybePromise<Result>,
): Promise<Result> {
  // Behind a framework's own parser the digits are gone.
  const body = request.isParsed ? request.json() : request.json(EXACT)
  return body.then(next, (error: unknown) =>
    refuse(error, request, location, problems, 'Invalid JSON body.').then(next),
  )
}

/**
 * The form of a body, of either kind, {@link NO_BODY} or {@link REFUSED}.
 *
 * @param uploads - the limits of one that is multipart
 */
export function readForm(
  request: HttpRequest,
  location: ArgLocation,
  problems: Problems,
  uploads: UploadSettings = DEFAULT_UPLOADS,
): Promise<TextSource | typeof NO_BODY | typeof REFUSED> {
  if (request.contentType === MULTIPART && !request.isParsed)
    return readMultipartForm(request, location, problems, uploads)
  return request.form().then(
    (form) => new ParametersSource(form),
    (error: unknown) => refuse(error, request, location, problems, 'Invalid form body.'),
  )
}

async function readMultipartForm(
  request: HttpRequest,
  location: ArgLocation,
  problems: Problems,
  uploads: UploadSettings,
): Promise<TextSource | typeof NO_BODY | typeof REFUSED> {
  const { fields, complete, isEmpty } = await readMultipart(request, location, problems, uploads)
  if (!complete) return REFUSED
  return isEmpty ? NO_BODY : new ParametersSource(fields)
}

/** Which kind of body a request says it has. */
export function bodyKind(request: HttpRequest): 'json' | 'form' | 'other' {
  const type = request.contentType
  return isJsonType(type) ? 'json' : type === FORM || type === MULTIPART ? 'form' : 'other'
}

/** For a body that is neither JSON nor a form, where both are taken: {@link NO_BODY} or {@link REFUSED}. */
export async function refuseOther(request: HttpRequest, location: ArgLocation, problems: Problems): Promise<unknown> {
  const message = `The body must be JSON ("application/json") or a form ("${FORM}").`
  return refuse(new BodyError('ERR_BODY_CONTENT_TYPE', message), request, location, problems, '')
}

async function refuse(
  error: unknown,
  request: HttpRequest,
  location: ArgLocation,
  problems: Problems,
  malformed: string,
): Promise<typeof NO_BODY | typeof REFUSED> {
  if (!(error instanceof BodyError)) throw error
  const words = error.messages.join(' ')
  switch (error.code) {
    case 'ERR_BODY_EMPTY':
      return NO_BODY
    case 'ERR_BODY_CONTENT_TYPE':
      if (await isEmpty(request)) return NO_BODY
      problems.add(location, { path: [], code: 'content_type', message: words }, 'ERR_ARGS_CONTENT_TYPE', error)
      return REFUSED
    case 'ERR_BODY_CHARSET':
    case 'ERR_BODY_CONTENT_ENCODING':
      problems.add(location, { path: [], code: 'content_type', message: words }, 'ERR_ARGS_CONTENT_TYPE', error)
      return REFUSED
    case 'ERR_BODY_MALFORMED':
      problems.add(location, { path: [], code: 'malformed', message: malformed }, 'ERR_ARGS_MALFORMED', error)
      return REFUSED
    case 'ERR_BODY_TOO_LARGE':
      problems.add(location, { path: [], code: 'too_large', message: words }, 'ERR_ARGS_TOO_LARGE', error)
      return REFUSED
    case 'ERR_BODY_ABORTED':
      throw error
    default:
      return error.code satisfies never
  }
}

/** A body that is too large, or cannot be read, is not empty; that it is of another type is the first thing wrong with it. */
export async function isEmpty(request: HttpRequest): Promise<boolean> {
  try {
    return await request.isEmpty()
  } catch (error) {
    if (error instanceof BodyError && error.code !== 'ERR_BODY_ABORTED') return false
    throw error
  }
}

/** Adds that a limit was passed. */
export function addTooMuch(problems: Problems, location: ArgLocation, message: string): void {
  problems.add(location, { path: [], code: 'too_large', message }, 'ERR_ARGS_TOO_LARGE')
}
