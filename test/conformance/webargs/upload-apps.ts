import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import express, { type RequestHandler } from 'express'
import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { Hono } from 'hono'
import { errorHandler as expressErrors, view as expressView } from 'twopi/express'
import { contentTypeParser, errorHandler as fastifyErrors, view as fastifyView } from 'twopi/fastify'
import { type FetchHandler, view as fetchView } from 'twopi/fetch'
import { type HonoHandler, errorHandler as honoErrors, view as honoView } from 'twopi/hono'
import { handleErrors } from 'twopi/http'

/** The steps and the view of each path; all are reached by POST. */
export type UploadRoutes = Readonly<Record<string, readonly unknown[]>>

export interface UploadApp {
  readonly port: number
  close(): Promise<void>
}

export type OnError = (error: unknown) => void

/** Makes a server that listens on a socket. */
export type UploadAppFactory = (routes: UploadRoutes, onError: OnError) => Promise<UploadApp>

export function expressUploads(...before: readonly RequestHandler[]): UploadAppFactory {
  return async (routes, onError) => {
    const app = express()
    for (const handler of before) app.use(handler)
    for (const [path, parts] of Object.entries(routes)) {
      app.post(path, (expressView as (...parts: readonly unknown[]) => RequestHandler)(...parts))
    }
    app.use(expressErrors({ onError }))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      port: (server.address() as AddressInfo).port,
      close: async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  }
}

function leaveBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', contentTypeParser)
}

export function fastifyUploads(prepare: (app: FastifyInstance) => void = leaveBodies): UploadAppFactory {
  return async (routes, onError) => {
    const app = Fastify({ forceCloseConnections: true })
    prepare(app)
    app.setErrorHandler(fastifyErrors({ onError }))
    app.after(() => {
      for (const [path, parts] of Object.entries(routes)) {
        app.post(path, (fastifyView as (...parts: readonly unknown[]) => RouteHandlerMethod)(...parts))
      }
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  }
}

export function honoUploads(): UploadAppFactory {
  return (routes, onError) => {
    const app = new Hono()
    app.onError(honoErrors({ onError }))
    for (const [path, parts] of Object.entries(routes)) {
      app.post(path, (honoView as (...parts: readonly unknown[]) => HonoHandler)(...parts))
    }
    return listen(app.fetch)
  }
}

export function fetchUploads(): UploadAppFactory {
  return (routes, onError) => {
    const make = fetchView as (...parts: readonly unknown[]) => FetchHandler
    const handlers = new Map(
      Object.entries(routes).map(([path, parts]) => [path, make(handleErrors({ onError }), ...parts)]),
    )
    return listen((request) => {
      const handler = handlers.get(new URL(request.url).pathname)
      return handler === undefined ? new Response(null, { status: 404 }) : handler(request)
    })
  }
}

async function listen(fetch: (request: Request) => Response | Promise<Response>): Promise<UploadApp> {
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
