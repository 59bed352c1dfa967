import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keeperVariable } from './keeper-variable.ts'
import type { OwnService } from './own-service.ts'
import { startRabbitmq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'

const starts: Readonly<Record<string, () => Promise<OwnService>>> = {
  '/redis': () => startRedis(),
  '/rabbitmq': () => startRabbitmq(),
}

/**
 * Runs once, around all files of tests. It starts nothing before a file asks for it at a socket, each service once for all
 * of them, and ends what it started.
 */
export default async function keepServices(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'twopi-keeper-'))
  const started = new Map<string, Promise<OwnService>>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const start = starts[path]
    const service = started.get(path) ?? start?.() ?? Promise.reject(new Error(`no service ${path}`))
    if (start !== undefined) started.set(path, service)
    service.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  const socket = join(folder, 'socket')
  server.listen(socket)
  await once(server, 'listening')
  process.env[keeperVariable] = socket
  return async () => {
    server.close()
    for (const service of started.values()) await service.then((one) => one.close()).catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  }
}
