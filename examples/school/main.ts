// The API of a small school. Start it with `npm start`; `FRAMEWORK=fastify PORT=8080 npm start` on another server and port.
import type { AddressInfo } from 'node:net'
import { ConfigError } from 'twopi/config'
import { greeting, welcomePage } from './welcome.ts'

try {
  const { settings } = await import('./settings.ts')
  const { api } = await import('./api.ts')
  const { servers } = await import('./servers.ts')
  const { db, prepareDatabase } = await import('./database.ts')
  const { celery, tasksRunHere } = await import('./tasks.ts')
  await prepareDatabase()
  if (tasksRunHere) await celery.worker().start()

  let origin = ''
  const server = await servers[settings.framework](api, () => welcomePage(origin), settings.port)
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  console.log(greeting(settings.framework, origin))

  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close(() => void celery.close().then(() => db.close()))
      server.closeIdleConnections()
    })
  }
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}

/** What to do about a start that failed, for the failures a newcomer meets. */
function explain(error: unknown): unknown {
  if (error instanceof ConfigError) return error.message
  const { code, port } = error as { code?: string; port?: number }
  return code === 'EADDRINUSE' ? `Port ${port} is in use. Choose another one: PORT=5006 npm start` : error
}
