import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { HttpResponse } from '../../http/http-response.ts'

/**
 * Writes a finished response. Headers that middleware has set already stay, unless the response has the same one.
 *
 * @param onBreak - told of a stream that failed midway, when it is too late to answer anything else
 */
export function send(
  target: ServerResponse,
  response: HttpResponse | Response,
  onBreak: (error: unknown) => void,
): void {
  target.statusCode = response.status
  setHeaders(target, response)
  const { body } = response
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    // Node counts what it sends, but sends nothing to HEAD, whose headers are to be those of GET.
    if (body !== null && target.req.method === 'HEAD' && !target.hasHeader('content-length')) {
      target.setHeader('content-length', Buffer.byteLength(body))
    }
    target.end(body ?? undefined)
    return
  }
  // A stream that breaks, on either side, ends the connection: half a body must not look like a whole one.
  pipeline(Readable.fromWeb(body as ReadableStream), target).catch((error: unknown) => {
    target.destroy()
    if (!clientLeft(error)) onBreak(error)
  })
}

function clientLeft(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function setHeaders(target: ServerResponse, { headers }: HttpResponse | Response): void {
  if (headers instanceof Headers) {
    for (const [name, value] of headers) setHeader(target, name, value)
    return
  }
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) setHeader(target, name, value)
  }
}

function setHeader(target: ServerResponse, name: string, value: string | number | readonly string[]): void {
  // Cookies of others are kept: one `set-cookie` does not replace another.
  if (name.toLowerCase() === 'set-cookie') target.appendHeader(name, typeof value === 'number' ? String(value) : value)
  else target.setHeader(name, value)
}
