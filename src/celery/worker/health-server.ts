import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WorkerHealth } from './worker-health.ts'

/** Where {@link startHealthServer} listens. */
export interface HealthServerOptions {
  /** Where to listen; 0: any free port. */
  readonly port: number
  /** Default `127.0.0.1`: who asks from outside of this machine or container needs `0.0.0.0` or `::`. */
  readonly host?: string | undefined
}

/** A running server; `close()` ends it. */
export interface HealthServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  /** Resolves when it does not listen any more. Never rejects. */
  close(): Promise<void>
}

const NO_STORE = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/**
 * Answers an orchestrator's probes: `GET /live` is 200 as long as the worker has not failed, `GET /ready` is 200 as long as it
 * takes messages; both are 503 otherwise. The body tells numbers, never the arguments of tasks nor addresses.
 *
 * @throws when the port is taken (`EADDRINUSE`)
 *
 * @example
 * ```ts
 * import { createCelery, startHealthServer } from 'twopi/celery'
 *
 * const celery = createCelery('school')
 * const worker = celery.worker()
 * await worker.start()
 * const health = await startHealthServer(worker, { port: 8080 })
 * await worker.done
 * await health.close()
 * ```
 */
export async function startHealthServer(
  worker: { health(): WorkerHealth },
  { port, host = '127.0.0.1' }: HealthServerOptions,
): Promise<HealthServer> {
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 5_000 }, ({ method, url }, response) => {
    const path = url?.split('?', 1)[0]
    if (path !== '/live' && path !== '/ready') return send(response, 404, { error: 'GET /live or GET /ready' })
    if (method !== 'GET' && method !== 'HEAD') return send(response.setHeader('allow', 'GET, HEAD'), 405, {})
    const health = worker.health()
    send(response, isWell(path, health) ? 200 : 503, told(health))
  })
  // Probes come one at a time; more than a few at once is nobody's orchestrator.
  server.maxConnections = 64
  await listen(server, port, host)
  const address = server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const close = () => closed(server)
  return { url: `http://${shown}:${address.port}`, close, [Symbol.asyncDispose]: close }
}

function isWell(path: '/live' | '/ready', { state, consuming, connected }: WorkerHealth): boolean {
  if (path === '/live') return state !== 'failed'
  return state === 'running' && consuming && connected
}

function told({ lastDelivery, lastError, ...health }: WorkerHealth): object {
  const code = (lastError as { code?: unknown } | undefined)?.code
  return {
    ...health,
    lastDelivery: lastDelivery?.toISOString() ?? null,
    // Its text may name hosts.
    lastError: lastError === undefined ? null : typeof code === 'string' ? code : lastError.name,
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, NO_STORE).end(JSON.stringify(body))
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // A connection that could not be accepted, for want of file handles: the probe has failed, the worker goes on.
      server.on('error', () => undefined)
      resolve()
    })
    // Whoever runs a worker waits for its end; this alone must not keep the process.
    server.unref()
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
