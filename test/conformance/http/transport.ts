import { request as httpRequest } from 'node:http'

/** One request as the suite describes it; header lines stay apart. */
export interface TestRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array | readonly Uint8Array[]
}

export interface TestResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export type Send = (request: TestRequest) => Promise<TestResponse>

/** Sends over a real socket with Node's own client, which changes nothing of what it is given. */
export function overSocket(origin: string): Send {
  return ({ method = 'GET', path, headers = [], body }) =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(new URL(path, origin), { method, agent: false }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
        })
        incoming.on('error', reject)
      })
      outgoing.on('error', reject)
      const lines = new Map<string, string[]>()
      for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value])
      for (const [name, values] of lines) outgoing.setHeader(name, values.length === 1 ? (values[0] ?? '') : values)
      // A list is sent in pieces, so without a content-length.
      if (Array.isArray(body)) for (const piece of body as Uint8Array[]) outgoing.write(piece)
      else if (body !== undefined) outgoing.setHeader('content-length', Buffer.byteLength(body as string | Uint8Array))
      outgoing.end(Array.isArray(body) ? undefined : body)
    })
}

/** Sends by calling a fetch-style function, without a socket. */
export function overFetch(handle: (request: Request) => Response | Promise<Response>): Send {
  return async ({ method = 'GET', path, headers = [], body }) => {
    const list = new Headers()
    for (const [name, value] of headers) list.append(name, value)
    const payload = Array.isArray(body) ? new Blob(body as Uint8Array<ArrayBuffer>[]).stream() : body
    const init = payload === undefined ? {} : { body: payload as string, duplex: 'half' as const }
    const response = await handle(new Request(new URL(path, 'http://localhost'), { method, headers: list, ...init }))
    return {
      status: response.status,
      headers: { ...Object.fromEntries(response.headers), 'set-cookie': response.headers.getSetCookie() },
      text: await response.text(),
    }
  }
}
