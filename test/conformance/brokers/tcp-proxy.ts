import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Stands between clients and a server, as a network that misbehaves. */
export interface TcpProxy {
  readonly port: number
  /** Ends every connection with a reset. */
  cut(): void
  /** Takes no new connections, or does again. */
  refuse(refusing: boolean): void
  /** Half-open: nothing more passes, in the direction given, and nobody is told. Connections made later pass. */
  swallow(direction: 'answers' | 'everything'): void
  close(): Promise<void>
}

/** @param port - of the server, at 127.0.0.1 */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let refusing = false
  const server = createServer((client) => {
    if (refusing) return void client.resetAndDestroy()
    const upstream = connect(port, '127.0.0.1')
    const pair: Pair = { client, upstream, silent: undefined }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', (bytes) => pair.silent !== 'everything' && upstream.write(bytes))
    upstream.on('data', (bytes) => pair.silent === undefined && client.write(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = () => {
    for (const { client, upstream } of pairs) {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    refuse: (value) => {
      refusing = value
    },
    swallow: (direction) => {
      for (const pair of pairs) pair.silent = direction
    },
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  silent: 'answers' | 'everything' | undefined
}
