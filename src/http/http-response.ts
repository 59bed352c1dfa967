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

  /**
   * @param status - from 200 to 599
   * @param headers - a header that is undefined is left out
   * @throws TypeError for a status, or a header's name or value, that HTTP does not allow
   */
  constructor(status: number, headers: HeaderValues, body: ResponseBody) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new TypeError(`\`status\` of a response must be an integer from 200 to 599, found ${String(status)}`)
    }
    this.status = status
    this.headers = checkHeaders(headers)
    this.body = body
  }

  static {
    brand(this, 'HttpResponse')
  }
}

// RFC 9110 sections 5.1 and 5.5. Servers check this too, but some only while they write, when nobody can answer any more.
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

function checkHeaders(headers: HeaderValues): HeaderValues {
  let complete = true
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) complete = false
    else if (!NAME.test(name) || !(typeof value === 'object' ? value.every(isValue) : isValue(String(value)))) {
      throw new TypeError(
        `The header "${name.replace(/[^\x21-\x7e]/g, '?')}" has a character that HTTP does not allow; encode its value, for instance with encodeURI().`,
      )
    }
  }
  return complete ? headers : Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
}

function isValue(text: string): boolean {
  return VALUE.test(text)
}
