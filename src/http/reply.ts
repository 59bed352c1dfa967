import { brand } from '../lib/brand.ts'

/** Header names and values. A list sends the header once per item, as `set-cookie` needs; undefined sends none. */
export type HeaderValues = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** What a view answers: data that is still to be written in the representation the client gets. Made by {@link reply}. */
export class Reply<Data = unknown> {
  /** What goes into the body: any JSON value, a string, or `undefined` for none. */
  readonly data: Data
  /** The HTTP status, 200 unless given; 0 counts as 200, as in the original. */
  readonly status: number
  readonly headers: HeaderValues

  constructor(data: Data, status = 200, headers: HeaderValues = {}) {
    if (!Number.isInteger(status) || (status !== 0 && (status < 200 || status > 599))) {
      throw new TypeError(`\`status\` of a reply must be an integer from 200 to 599, found ${String(status)}`)
    }
    this.data = data
    this.status = status || 200
    this.headers = headers
  }

  static {
    brand(this, 'Reply')
  }
}

/**
 * Answers with a status and headers; a view that needs neither just returns its data.
 *
 * @param data - any JSON value, a string (becomes `{"message": …}`, or `{"_errors": […]}` from status 400), or `undefined`
 * @param status - the HTTP status (default 200)
 * @param headers - response headers (default none)
 * @returns the reply, to be returned by a view or a step; a step that returns one ends the request
 * @throws TypeError when the status is not one HTTP has
 *
 * @example
 * ```ts
 * import { reply } from 'twopi/http'
 *
 * export const created = () => reply({ id: '42' }, 201, { location: '/classes/42' })
 * ```
 */
export function reply<Data>(data: Data, status?: number, headers?: HeaderValues): Reply<Data> {
  return new Reply(data, status, headers)
}
