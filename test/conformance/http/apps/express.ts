import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import express, { type RequestHandler } from 'express'
import { errorHandler, middleware, view } from 'twopi/express'
import { notFound } from 'twopi/http'
import type { App } from '../cases.ts'
import { type Journal, routes, watch } from '../routes.ts'
import { overSocket } from '../transport.ts'
import { currentStore, lang, noting, twice } from './steps.ts'

/** @param before - body parsers or other middleware of Express's own */
export async function expressApp(journal: Journal, ...before: readonly RequestHandler[]): Promise<App> {
  const app = express()
  app.use((_req, res, next) => {
    res.setHeader('x-powered-by', 'middleware')
    res.appendHeader('set-cookie', 'kept=1')
    next()
  })
  for (const handler of before) app.use(handler)

  for (const { methods, path, parts } of routes(journal)) {
    const handler = (view as (...parts: readonly unknown[]) => RequestHandler)(...parts)
    for (const method of methods) app[method.toLowerCase() as 'get'](path, handler)
  }
  app.get(
    '/native',
    view(({ native: { res } }) => res.status(207).set('x-native', 'yes').type('text').send('native')),
  )
  app.get(
    '/native-async',
    view(watch(journal), async ({ native: { res } }) => res.status(207).type('text').send('native')),
  )
  app.get(
    '/native-unreturned',
    view(watch(journal), async ({ native: { res } }) => void res.status(207).send('native')),
  )
  app.get(
    '/native-stream',
    view(({ native: { res } }) => Readable.from(['piece ', 'piece ', 'piece']).pipe(res)),
  )

  const localised = middleware(lang, twice)
  app.get('/middleware', localised, (req, res) => {
    const { lang, twice } = localised.context(req)
    res.json({ lang, twice })
  })
  app.get('/middleware-around', middleware(noting(journal)), (_req, res) => {
    res.json({ store: currentStore() })
  })

  app.use(view(notFound))
  app.use(errorHandler({ onError: journal.onError }))

  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    send: overSocket(origin),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
