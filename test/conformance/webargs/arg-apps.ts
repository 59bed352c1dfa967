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
import { listen } from '../http/apps/hono.ts'

/** A route by GET and POST, with what stands in its view; the path as Express, Fastify and Hono write it. */
export interface ArgsRoute {
  readonly path: string
  readonly parts: readonly unknown[]
}

/** A server on a socket. */
export interface ArgsApp {
  readonly origin: string
  close(): Promise<unknown>
}

/** The routes on each adapter. `onError` hears of what is answered with 500. */
export const argsApps: Readonly<
  Record<string, (routes: readonly ArgsRoute[], onError?: (error: unknown) => void) => Promise<ArgsApp>>
> = {
  async express(routes, onError) {
    const app = express()
    for (const { path, parts } of routes) {
      const handler = (expressView as (...parts: readonly unknown[]) => RequestHandler)(...parts)
      app.get(path, handler).post(path, handler)
    }
    app.use(expressErrors({ onError }))
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

  async fastify(routes, onError) {
    // Parameters of the path are as long as they may be elsewhere.
    const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 1000 } })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', contentTypeParser)
    app.setErrorHandler(fastifyErrors({ onError }))
    for (const { path, parts } of routes) {
      const handler = (fastifyView as (...parts: readonly unknown[]) => RouteHandlerMethod)(...parts)
      app.route({ method: ['GET', 'POST'], url: path, handler })
    }
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
  },

  async hono(routes, onError) {
    const app = new Hono()
    app.onError(honoErrors({ onError }))
    for (const { path, parts } of routes) {
      app.on(['GET', 'POST'], path, (honoView as (...parts: readonly unknown[]) => HonoHandler)(...parts))
    }
    return started(app.fetch)
  },

  async fetch(routes, onError) {
    const make = fetchView as (...parts: readonly unknown[]) => FetchHandler
    const table = routes.map(({ path, parts }) => ({
      pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
      handler: make(handleErrors({ onError }), ...parts),
    }))
    return started((request) => {
      const { pathname } = new URL(request.url)
      for (const { pattern, handler } of table) {
        const found = pattern.exec(pathname)
        if (found === null) continue
        const pairs = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decoded(text)])
        return handler(request, { params: Object.fromEntries(pairs) })
      }
      return new Response(null, { status: 404 })
    })
  },
}

/** As routers do: what cannot be decoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function started(handle: (request: Request) => Response | Promise<Response>): Promise<ArgsApp> {
  const { origin, close } = await listen(handle)
  if (origin === undefined) throw new Error('The server has no origin.')
  return { origin, close }
}
