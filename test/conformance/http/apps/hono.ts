import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { errorHandler, type HonoHandler, middleware, view } from 'twopi/hono'
import { notFound } from 'twopi/http'
import type { App } from '../cases.ts'
import { type Journal, routes, watch } from '../routes.ts'
import { overFetch, overSocket } from '../transport.ts'
import { currentStore, lang, noting, twice } from './steps.ts'

export async function honoApp(journal: Journal): Promise<App> {
  return listen(buildApp(journal).fetch)
}

/** The same application through Hono's `app.request`. */
export async function requestedHonoApp(journal: Journal): Promise<App> {
  const app = buildApp(journal)
  return { send: overFetch((request) => app.request(request)), close: async () => undefined }
}

/** Serves a fetch-style function over a socket, on Node. */
export async function listen(fetch: (request: Request, env: never) => Response | Promise<Response>): Promise<App> {
  const server = serve({ fetch: fetch as (request: Request) => Response, port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    send: overSocket(origin),
    close: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function buildApp(journal: Journal): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('x-powered-by', 'middleware')
    c.header('set-cookie', 'kept=1', { append: true })
    await next()
  })
  app.onError(errorHandler({ onError: journal.onError }))
  app.notFound(view(notFound))

  for (const { methods, path, parts } of routes(journal)) {
    app.on([...methods], path, (view as (...parts: readonly unknown[]) => HonoHandler)(...parts))
  }
  app.get(
    '/native',
    view(({ native: c }) => c.body('native', 207, { 'x-native': 'yes' })),
  )
  app.get(
    '/native-async',
    view(watch(journal), async ({ native: c }) => c.body('native', 207)),
  )
  app.get(
    '/native-stream',
    view(({ native: c }) =>
      stream(c, async (out) => {
        for (const piece of ['piece ', 'piece ', 'piece']) await out.write(piece)
      }),
    ),
  )

  const localised = middleware(lang, twice)
  app.get('/middleware', localised, (c) => {
    const { lang, twice } = localised.context(c)
    return c.json({ lang, twice })
  })
  app.get('/middleware-around', middleware(noting(journal)), (c) => c.json({ store: currentStore() }))
  return app
}
