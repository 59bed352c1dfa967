import { envelope } from './envelope.ts'
import { HttpResponse } from './http-response.ts'
import { type JsonOptions, stringifyJson } from './json.ts'
import type { HeaderValues } from './reply.ts'

/** The original's `output_json`: data, status and headers to a JSON response in the envelope. */
export function outputJson(
  data: unknown,
  code: number,
  headers: HeaderValues = {},
  options?: JsonOptions,
): HttpResponse {
  const status = code || 200
  if (data === undefined || status === 204 || status === 304) {
    return new HttpResponse(data === undefined && status === 200 ? 204 : status, headers, null)
  }
  return new HttpResponse(
    status,
    { 'content-type': 'application/json', ...headers },
    stringifyJson(envelope(data, status), options),
  )
}
