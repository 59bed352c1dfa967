import { envelope } from './envelope.ts'
import { HttpResponse } from './http-response.ts'
import { type JsonOptions, stringifyJson } from './json.ts'
import type { HeaderValues } from './reply.ts'

/**
 * Makes a JSON response of data, a status and headers, as the original's `output_json`: strings and messages in the
 * envelope, everything else as it is. `bigint`s are written as numbers, dates as ISO texts.
 *
 * | data | below 400 | from 400 |
 * |---|---|---|
 * | a string | `{"message": …}` | `{"_errors": […]}` |
 * | an object with `message` | as it is | `{"_errors": [message], …others}` |
 * | anything else | as it is | as it is |
 * | `undefined` | no body; 204 instead of 200 | no body |
 *
 * @param data - what a view returned
 * @param code - the HTTP status; 0 counts as 200; with 204, 205 and 304 the data is not sent
 * @param headers - response headers (default none); a `content-type` among them replaces `application/json`
 * @param options - how decimals are written
 * @throws JsonError `ERR_JSON_CIRCULAR`, `ERR_JSON_TOO_DEEP`, `ERR_JSON_VALUE` when the data cannot be written
 *
 * @example
 * ```ts
 * import { outputJson } from 'twopi/restful'
 *
 * export const response = outputJson('This class is full.', 409)
 * console.log(response.status, response.body) // 409 {"_errors":["This class is full."]}
 * ```
 */
export function outputJson(
  data: unknown,
  code: number,
  headers: HeaderValues = {},
  options?: JsonOptions,
): HttpResponse {
  const status = code || 200
  if (data === undefined) return new HttpResponse(status === 200 ? 204 : status, headers, null)
  // RFC 9110 §15.3.5, §15.3.6 and §15.4.5: these have no content.
  if (status === 204 || status === 205 || status === 304) return new HttpResponse(status, headers, null)
  return new HttpResponse(status, withContentType(headers), stringifyJson(envelope(data, status), options))
}

/**
 * An {@link outputJson} with options of its own, to be registered as a representation.
 *
 * @param options - how decimals are written
 *
 * @example
 * ```ts
 * import { Api, outputJsonWith } from 'twopi/restful'
 *
 * const api = new Api()
 * api.representations.set('application/json', outputJsonWith({ decimals: 'number' }))
 * ```
 */
export function outputJsonWith(
  options: JsonOptions,
): (data: unknown, code: number, headers?: HeaderValues) => HttpResponse {
  const { decimals } = options
  return (data, code, headers) => outputJson(data, code, headers, { decimals })
}

function withContentType(headers: HeaderValues): HeaderValues {
  for (const name in headers) if (name.length === 12 && name.toLowerCase() === 'content-type') return headers
  return { 'content-type': 'application/json', ...headers }
}
