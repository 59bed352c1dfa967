import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { errorHandler as expressErrors, view as expressView } from 'twopi/express'
import { contentTypeParser, errorHandler as fastifyErrors, view as fastifyView } from 'twopi/fastify'
import { view as fetchView } from 'twopi/fetch'
import { errorHandler as honoErrors, view as honoView } from 'twopi/hono'
import { arg, inLocations, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

type Send = (path: string, init: RequestInit) => Promise<Response>
interface Server {
  readonly send: Send
  close(): Promise<unknown>
}

const step = () =>
  useArgs(inLocations({ path: { id: arg.int() }, query: { tag: arg.list(arg.string()) }, json: { n: z.int() } }))

async function onExpress(...before: readonly RequestHandler[]): Promise<Server> {
  const app = express()
  for (const handler of before) app.use(handler)
  app.all(
    '/:id',
    expressView(step(), ({ args }) => args),
  )
  app.use(expressErrors())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    send: (path, init) => fetch(origin + path, init),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function onFastify(own: boolean): Promise<Server> {
  const app = fastify()
  if (!own) app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', contentTypeParser)
  app.setErrorHandler(fastifyErrors())
  app.all(
    '/:id',
    fastifyView(step(), ({ args }) => args),
  )
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  return { send: (path, init) => fetch(origin + path, init), close: () => app.close() }
}

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  express: () => onExpress(),
  'express behind its own parsers': () =>
    onExpress(express.json({ strict: false }), express.urlencoded(), express.text()),
  fastify: () => onFastify(false),
  'fastify behind its own parsers': () => onFastify(true),
  hono: async () => {
    const app = new Hono().all(
      '/:id',
      honoView(step(), ({ args }) => args),
    )
    app.onError(honoErrors())
    return { send: async (path, init) => app.request(path, init), close: async () => undefined }
  },
  fetch: async () => {
    const handler = fetchView(step(), ({ args }) => args)
    const send: Send = async (path, init) => {
      const url = new URL(path, 'http://localhost')
      return handler(new Request(url, init), { params: { id: url.pathname.slice(1) } })
    }
    return { send, close: async () => undefined }
  },
}

const json = (body: string): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body })
const MISSING = ['Missing data for required field.']

/** What every server answers, to the byte. */
const exchanges: readonly [path: string, init: RequestInit, status: number, body: unknown][] = [
  ['/1?tag=a', json('{"n":2}'), 200, { id: 1, tag: ['a'], n: 2 }],
  [
    '/x',
    json('{"n":"x","m":1}'),
    422,
    {
      path: { id: ['Not a valid integer.'] },
      query: { tag: MISSING },
      json: { m: ['Unknown field.'], n: ['Invalid input: expected number, received string'] },
    },
  ],
  ['/1?tag=a', { method: 'GET' }, 422, { json: { n: MISSING } }],
  ['/1?tag=a', { method: 'POST' }, 422, { json: { n: MISSING } }],
  ['/1?tag=a', json('null'), 422, { json: { _schema: ['Invalid input type.'] } }],
  [
    '/1?tag=a',
    { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"n":1}' },
    415,
    { json: ['The body must be JSON with the content type "application/json"; another was sent.'] },
  ],
  [
    '/1',
    { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'n=1' },
    415,
    {
      query: { tag: MISSING },
      json: ['The body must be JSON with the content type "application/json"; another was sent.'],
    },
  ],
]

describe.each(Object.keys(servers))('arguments on %s', (name) => {
  it('are read, and refused in the same words as everywhere', async () => {
    const { send, close } = await (servers[name] as () => Promise<Server>)()
    try {
      for (const [path, init, status, body] of exchanges) {
        const response = await send(path, init)
        expect([path, response.status, await response.json()]).toEqual([path, status, body])
        expect(response.headers.get('content-type')).toBe('application/json')
      }
      // A framework's own parser answers what it cannot read before any view runs.
      const broken = await send('/x?tag=a', json('{'))
      expect(broken.status).toBe(400)
      if (!name.includes('own')) {
        expect(await broken.json()).toEqual({ path: { id: ['Not a valid integer.'] }, json: ['Invalid JSON body.'] })
      }
    } finally {
      await close()
    }
  })
})
