import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { buildUrl, parseUrl } from 'twopi/config'

/** What happens to a connection on which a text passes to the server. */
export type Cut = 'before' | 'after'

/** Stands between a client and its server, and cuts the connection at a chosen statement. */
export interface Proxy {
  readonly url: string
  /**
   * Cuts the next connection that sends the text: `before` the server gets it, or `after` it has answered, so that only the
   * answer is lost.
   */
  cutAt(text: string, cut: Cut): void
  close(): Promise<void>
}

export async function startProxy(url: string): Promise<Proxy> {
  const { hostname, port } = parseUrl(url)
  let armed: { readonly text: string; readonly cut: Cut } | undefined
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    const upstream = connect(port ?? 0, hostname ?? '127.0.0.1')
    let silent = false
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    client.on('data', (chunk) => {
      if (armed !== undefined && chunk.includes(armed.text)) {
        const { cut } = armed
        armed = undefined
        if (cut === 'before') return end()
        silent = true
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => (silent ? end() : client.write(chunk)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: buildUrl(url, { hostname: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }),
    cutAt: (text, cut) => {
      armed = { text, cut }
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
