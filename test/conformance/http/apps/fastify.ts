import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type HTTPMethods, type RouteHandlerMethod } from 'fastify'
import { errorHandler, middleware, view } from 'twopi/fastify'
import { notFound } from 'twopi/http'
import type { App } from '../cases.ts'
import { type Journal, routes, watch } from '../routes.ts'
import { overSocket, type Send } from '../transport.ts'
import { currentStore, lang, noting, twice } from './steps.ts'

/** @param prepare - what this variant does to the application first */
export async function fastifyApp(journal: Journal, prepare: (app: FastifyInstance) => void): Promise<App> {
  const app = buildApp(journal, prepare)
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  return { origin, send: overSocket(origin), close: () => app.close() }
}

/** The same application through Fastify's `inject`. */
export async function injectedFastifyApp(journal: Journal, prepare: (app: FastifyInstance) => void): Promise<App> {
  const app = buildApp(journal, prepare)
  const send: Send = async ({ method = 'GET', path, headers = [], body }) => {
    const lines: Record<string, string | string[]> = {}
    for (const [name, value] of headers) lines[name] = name in lines ? [lines[name] as string, value] : value
    const payload = Array.isArray(body)
      ? Readable.from(body)
      : body instanceof Uint8Array
        ? Buffer.from(body)
        : (body as string | undefined)
    const response = await app.inject({
      method: method as 'GET',
      url: path,
      headers: lines,
      ...(payload === undefined ? {} : { payload }),
    })
    const flat = Object.entries(response.headers).map(([name, value]) => [
      name,
      typeof value === 'number' ? String(value) : value,
    ])
    return { status: response.statusCode, headers: Object.fromEntries(flat), text: response.payload }
  }
  return { send, close: () => app.close() }
}

function buildApp(journal: Journal, prepare: (app: FastifyInstance) => void): FastifyInstance {
  const onThrow = errorHandler({ onError: journal.onError })
  const app = Fastify({ forceCloseConnections: true, frameworkErrors: onThrow })
  prepare(app)
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-powered-by', 'middleware').header('set-cookie', 'kept=1')
  })
  app.setErrorHandler(onThrow)
  app.setNotFoundHandler(view(notFound))

  for (const { methods, path, parts } of routes(journal)) {
    const handler = (view as (...parts: readonly unknown[]) => RouteHandlerMethod)(...parts)
    app.route({ method: methods as HTTPMethods[], url: path, handler })
  }
  app.get(
    '/native',
    view(({ native: { reply } }) => reply.code(207).header('x-native', 'yes').type('text/plain').send('native')),
  )
  app.get(
    '/native-async',
    view(watch(journal), async ({ native: { reply } }) => reply.code(207).send('native')),
  )
  app.get(
    '/native-unreturned',
    view(watch(journal), async ({ native: { reply } }) => void reply.code(207).send('native')),
  )
  app.get(
    '/native-stream',
    view(({ native: { reply } }) => reply.send(Readable.from(['piece ', 'piece ', 'piece']))),
  )

  const localised = middleware(lang, twice)
  app.get('/middleware', { preHandler: localised }, (request) => {
    const { lang, twice } = localised.context(request)
    return { lang, twice }
  })
  app.get('/middleware-around', { preHandler: middleware(noting(journal)) }, async () => ({ store: currentStore() }))
  return app
}
