import { type Agent, request as httpRequest } from 'node:http'

/** A part of a body: its header lines and content. */
export interface Part {
  readonly headers: readonly string[]
  readonly content: string | Uint8Array
}

export const BOUNDARY = '----twopiBoundary7MA4YWxk'

/** A file part as browsers write it. */
export function file(name: string, filename: string, content: string | Uint8Array, type = 'text/plain'): Part {
  return {
    headers: [`Content-Disposition: form-data; name="${name}"; filename="${filename}"`, `Content-Type: ${type}`],
    content,
  }
}

export function field(name: string, content: string): Part {
  return { headers: [`Content-Disposition: form-data; name="${name}"`], content }
}

/** The bytes of a body. */
export function multipart(parts: readonly Part[], boundary: string = BOUNDARY): Buffer {
  const pieces = parts.flatMap(({ headers, content }) => [
    Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Post {
  readonly port: number
  readonly path: string
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  readonly type?: string
  readonly agent?: Agent | false
}

/** Sends over a real socket; a stream goes in pieces without a length. */
export function post({ port, path, body, type, agent = false }: Post): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type ?? `multipart/form-data; boundary=${BOUNDARY}` }
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: incoming.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) })
      })
    })
    outgoing.on('error', reject)
    if (body instanceof Uint8Array) {
      outgoing.setHeader('content-length', body.length)
      outgoing.end(body)
      return
    }
    const closed = new Promise((go) => outgoing.once('close', go))
    const send = async () => {
      for await (const piece of body) {
        if (outgoing.destroyed) return
        if (!outgoing.write(piece)) await Promise.race([new Promise((go) => outgoing.once('drain', go)), closed])
      }
      outgoing.end()
    }
    send().catch(reject)
  })
}
