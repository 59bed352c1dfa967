import { once } from 'node:events'
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { withSession } from 'twopi/db'
import * as onExpress from 'twopi/express'
import * as onFastify from 'twopi/fastify'
import * as onFetch from 'twopi/fetch'
import * as onHono from 'twopi/hono'
import { type HttpResponse, notFound } from 'twopi/http'
import type { Api } from 'twopi/restful'
import { db } from './database.ts'

export type Framework = 'express' | 'fastify' | 'hono' | 'fetch'

/** Serves the API below `/api/v1` and a page at `/`; resolves when it listens. */
type Serve = (api: Api, page: () => HttpResponse, port: number) => Promise<Server>

/** The same API on each server: these lines are all that differs. */
export const servers: Readonly<Record<Framework, Serve>> = {
  async express(api, page, port) {
    const { view, errorHandler } = onExpress
    const app = express()
    app.use('/api/v1', view(withSession(db), api.view))
    app.get('/', view(page))
    app.use(view(notFound))
    app.use(errorHandler())
    return listening(app.listen(port))
  },

  async fastify(api, page, port) {
    const { view, errorHandler, contentTypeParser } = onFastify
    const app = Fastify({ frameworkErrors: errorHandler() })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', contentTypeParser)
    app.all('/api/v1/*', view(withSession(db), api.view))
    app.get('/', view(page))
    app.setNotFoundHandler(view(notFound))
    app.setErrorHandler(errorHandler())
    await app.listen({ port, host: '::' })
    return app.server
  },

  async hono(api, page, port) {
    const { view, errorHandler } = onHono
    const app = new Hono()
    app.all('/api/v1/*', view(withSession(db), api.view))
    app.get('/', view(page))
    app.notFound(view(notFound))
    app.onError(errorHandler())
    return listening(serve({ fetch: app.fetch, port }) as Server)
  },

  async fetch(api, page, port) {
    const { view } = onFetch
    const [answer, welcome] = [view(withSession(db), api.view), view(page)]
    const fetch = (request: Request) => (new URL(request.url).pathname === '/' ? welcome(request) : answer(request))
    return listening(serve({ fetch, port }) as Server)
  },
}

/** Rejects when the port is taken, for instance. */
async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server, 'listening')
  return server
}
