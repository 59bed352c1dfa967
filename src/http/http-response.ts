import { brand } from '../lib/brand.ts'
import type { HeaderValues } from './reply.ts'

/** What may be sent as it is: a text, bytes, a stream of bytes, or nothing. */
export type ResponseBody = string | Uint8Array | ReadableStream<Uint8Array> | null

/**
 * A finished response: nothing is left to decide but the socket. A representation makes one of a reply; a view may return
 * one to send a body that is not JSON.
 *
 * @example
 * ```ts
 * import { HttpResponse } from 'twopi/http'
 *
 * export const robots = () => new HttpResponse(200, { 'content-type': 'text/plain' }, 'User-agent: *\nDisallow: /\n')
 * ```
 */
export class HttpResponse {
  readonly status: number
  readonly headers: HeaderValues
  readonly body: ResponseBody

  constructor(status: number, headers: HeaderValues, body: ResponseBody) {
    this.status = status
    this.headers = headers
    this.body = body
  }

  static {
    brand(this, 'HttpResponse')
  }
}
