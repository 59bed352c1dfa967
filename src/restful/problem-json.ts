import { BareBody } from '../http/bare-body.ts'
import { envelope } from '../http/envelope.ts'
import { HttpResponse } from '../http/http-response.ts'
import { stringifyJson } from '../http/json.ts'
import { outputJson } from '../http/output-json.ts'
import type { HeaderValues } from '../http/reply.ts'
import { statusTitle } from './status-title.ts'

const PROBLEM_JSON = 'application/problem+json'

/**
 * Writes errors as problem details (RFC 9457), beside the envelope that other clients go on reading:
 * `type` (`about:blank`), `title` (the status in words), `status`, `detail` (the messages), `errors` with one member per
 * message when there are several, and whatever else the error carries (`code`, an `HttpError`'s `details`) as extension
 * members. An error's own `type`, `title`, `detail`, `instance` or `errors` among its details replaces ours.
 *
 * A success is no problem and is written by `outputJson`, as `application/json`, also for a client that accepts
 * `application/problem+json` alone: RFC 9110 §12.5.1 lets a server disregard what was accepted, and a 406 would take the
 * data from exactly the clients that asked for better errors.
 *
 * @param data - what a resource answered, or an error's body in the envelope
 * @param code - the HTTP status
 * @param headers - response headers (default none)
 * @throws JsonError when the data cannot be written
 *
 * @example
 * ```ts
 * import { Api, problemJson } from 'twopi/restful'
 *
 * const api = new Api({ prefix: '/api/v1' })
 * api.representations.set('application/problem+json', problemJson)
 * ```
 */
export function problemJson(data: unknown, code: number, headers: HeaderValues = {}): HttpResponse {
  if (code < 400) return outputJson(data, code, withoutProblemType(headers))
  // An error with a layout of its own also knows itself as a problem.
  const members = data instanceof BareBody ? data.problem : membersOf(envelope(data, code))
  const problem = { type: 'about:blank', title: statusTitle(code), ...members, status: code }
  return new HttpResponse(code, withProblemType(headers), stringifyJson(problem))
}

type Members = Readonly<Record<string, unknown>>

function membersOf(body: unknown): Members {
  if (Array.isArray(body)) return fromMessages(body)
  if (typeof body !== 'object' || body === null) return {}
  const { toJSON } = body as { readonly toJSON?: unknown }
  const shown: unknown = typeof toJSON === 'function' ? toJSON.call(body, '') : body
  if (typeof shown !== 'object' || shown === null) return {}
  const { _errors, ...others } = shown as Members
  return { ...(_errors === undefined ? {} : fromMessages(_errors)), ...others }
}

/** A single message is the detail; several are told apart in `errors`, where messages that are objects stay what they are. */
function fromMessages(messages: unknown): Members {
  if (!Array.isArray(messages)) return { errors: messages }
  const texts = messages.filter((message) => typeof message === 'string')
  const detail = texts.length === 0 ? {} : { detail: texts.join(' ') }
  if (messages.length === texts.length && texts.length < 2) return detail
  return { ...detail, errors: messages.map(toMember) }
}

function toMember(message: unknown): unknown {
  return typeof message === 'object' && message !== null ? message : { detail: String(message) }
}

function withProblemType(headers: HeaderValues): HeaderValues {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return named ? headers : { 'content-type': PROBLEM_JSON, ...headers }
}

/** The type this representation was chosen for; one that the resource set itself stays. */
function withoutProblemType(headers: HeaderValues): HeaderValues {
  const { 'content-type': type, ...others } = headers
  return type === PROBLEM_JSON ? others : headers
}
