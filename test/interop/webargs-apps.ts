import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import Fastify, { type RouteHandlerMethod } from 'fastify'
import { Hono } from 'hono'
import { errorHandler as expressErrors, view as expressView } from 'twopi/express'
import { contentTypeParser, errorHandler as fastifyErrors, view as fastifyView } from 'twopi/fastify'
import { type FetchHandler, view as fetchView } from 'twopi/fetch'
import { type HonoHandler, errorHandler as honoErrors, view as honoView } from 'twopi/hono'
import { handleErrors } from 'twopi/http'
import { listen } from '../conformance/http/apps/hono.ts'
import type { Route } from './webargs-routes.ts'

/** A server on a socket. */
export interface WebargsApp {
  readonly origin: string
  close(): Promise<unknown>
}

/** The routes on each adapter. */
export const apps: Readonly<Record<string, (routes: readonly Route[]) => Promise<WebargsApp>>> = {
  async express(routes) {
    const app = express()
    for (const { path, parts } of routes) {
      const handler = (expressView as (...parts: readonly unknown[]) => RequestHandler)(...parts)
      app.get(path, handler).post(path, handler)
    }
    app.use(expressErrors())
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  },

  async fastify(routes) {
    // Parameters of the path are as long as they may be elsewhere.
    const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 1000 } })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', contentTypeParser)
    app.setErrorHandler(fastifyErrors())
    for (const { path, parts } of routes) {
      const handler = (fastifyView as (...parts: readonly unknown[]) => RouteHandlerMethod)(...parts)
      app.route({ method: ['GET', 'POST'], url: path, handler })
    }
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
  },

  async hono(routes) {
    const app = new Hono()
    app.onError(honoErrors())
    for (const { path, parts } of routes) {
      app.on(['GET', 'POST'], path, (honoView as (...parts: readonly unknown[]) => HonoHandler)(...parts))
    }
    return started(app.fetch)
  },

  async fetch(routes) {
    const make = fetchView as (...parts: readonly unknown[]) => FetchHandler
    const table = routes.map(({ path, parts }) => ({
      pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
      handler: make(handleErrors(), ...parts),
    }))
    return started((request) => {
      const { pathname } = new URL(request.url)
      for (const { pattern, handler } of table) {
        const found = pattern.exec(pathname)
        if (found === null) continue
        const pairs = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)])
        return handler(request, { params: Object.fromEntries(pairs) })
      }
      return new Response(null, { status: 404 })
    })
  },
}

async function started(handle: (request: Request) => Response | Promise<Response>): Promise<WebargsApp> {
  const { origin, close } = await listen(handle)
  if (origin === undefined) throw new Error('The server has no origin.')
  return { origin, close }
}
