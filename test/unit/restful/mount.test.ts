import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { type ExpressContext, errorHandler as expressErrors, view as expressView } from 'twopi/express'
import { type FastifyContext, errorHandler as fastifyErrors, view as fastifyView } from 'twopi/fastify'
import { view as fetchView } from 'twopi/fetch'
import { type HonoContext, errorHandler as honoErrors, view as honoView } from 'twopi/hono'
import { abort, type RequestContext, reply } from 'twopi/http'
import { Api, getAndExpectJson, problemJson, Resource } from 'twopi/restful'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

class Classes extends Resource {
  get({ request }: RequestContext) {
    return request.params['id'] === '9' ? abort(404, 'No such class.') : { params: request.params }
  }
  async post({ request }: RequestContext) {
    return reply(await getAndExpectJson(request), 201)
  }
  delete() {}
  put(): never {
    throw new Error('secret')
  }
}

function createApi<C extends RequestContext = RequestContext>(): Api<C> {
  const api = new Api<C>({ prefix: '/api/v1', onError: () => {} }).addResource(Classes, '/classes', '/classes/:id')
  api.representations.set('application/problem+json', problemJson)
  return api
}

/** A mounted Api: how to send to it, and how to end it. */
interface Mounted {
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  readonly close?: () => Promise<unknown>
}

class ExpressNative extends Resource {
  get({ native: { res } }: ExpressContext) {
    return res.status(207).type('text').send('native')
  }
  async post({ native: { res } }: ExpressContext) {
    res.status(207).type('text').send('native')
  }
}
class FastifyNative extends Resource {
  get({ native: { reply } }: FastifyContext) {
    return reply.code(207).type('text/plain').send('native')
  }
  async post({ native: { reply } }: FastifyContext) {
    return reply.code(207).type('text/plain').send('native')
  }
}
class HonoNative extends Resource {
  get({ native: c }: HonoContext) {
    return c.text('native', 207)
  }
  async post({ native: c }: HonoContext) {
    return c.text('native', 207)
  }
}
class WebNative extends Resource {
  get() {
    return new Response('native', { status: 207 })
  }
  async post() {
    return new Response('native', { status: 207 })
  }
}

const mounts: Readonly<Record<string, () => Promise<Mounted>>> = {
  async Express() {
    const api = createApi<ExpressContext>().addResource(ExpressNative, '/native')
    const app = express()
    app.use('/api/v1', expressView(api.view))
    app.use(expressErrors({ onError: () => {} }))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return {
      send: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
      close: async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  },
  async Fastify() {
    const api = createApi<FastifyContext>().addResource(FastifyNative, '/native')
    const app = Fastify({ forceCloseConnections: true })
    app.setErrorHandler(fastifyErrors({ onError: () => {} }))
    app.all('/api/v1/*', fastifyView(api.view))
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    return { send: (path, init) => fetch(origin + path, init), close: () => app.close() }
  },
  async Hono() {
    const api = createApi<HonoContext>().addResource(HonoNative, '/native')
    const app = new Hono()
    app.onError(honoErrors({ onError: () => {} }))
    app.all('/api/v1/*', honoView(api.view))
    return { send: async (path, init) => app.request(path, init) }
  },
  async fetch() {
    const handle = fetchView(createApi().addResource(WebNative, '/native').view)
    return { send: async (path, init) => handle(new Request(`http://localhost${path}`, init)) }
  },
}

describe.each(Object.keys(mounts))('an Api mounted on %s', (name) => {
  let mounted: Mounted
  beforeAll(async () => {
    mounted = await (mounts[name] as () => Promise<Mounted>)()
  })
  afterAll(() => mounted.close?.())

  const send = async (path: string, init?: RequestInit) => {
    const response = await mounted.send(path, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) as unknown }
  }

  it('answers below its prefix, with its own parameters', async () => {
    const response = await send('/api/v1/classes/a%20b?x=1')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('vary')).toBe('Accept')
    expect(response.json()).toEqual({ params: { id: 'a b' } })
  })

  it('reads bodies', async () => {
    const headers = { 'content-type': 'application/json' }
    const response = await send('/api/v1/classes', { method: 'POST', headers, body: '{"name":"Maths"}' })
    expect(response.status).toBe(201)
    expect(response.json()).toEqual({ name: 'Maths' })
    const refused = await send('/api/v1/classes', { method: 'POST', headers: { accept: '*/*' } })
    expect(refused.status).toBe(415)
    expect(refused.json()).toMatchObject({ code: 'ERR_EXPECTED_JSON' })
  })

  it('answers unknown paths, wrong methods, errors and faults in the envelope', async () => {
    expect(await send('/api/v1/rooms')).toMatchObject({
      status: 404,
      text: expect.stringMatching(/^\{"_errors":\["The req/),
    })
    expect(await send('/api/v1/classes/9')).toMatchObject({ status: 404, text: '{"_errors":["No such class."]}' })
    expect(await send('/api/v1/classes', { method: 'PUT' })).toMatchObject({
      status: 500,
      text: '{"_errors":["Internal Server Error"]}',
    })
    const refused = await send('/api/v1/classes', { method: 'PATCH' })
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, POST, PUT')
  })

  it('negotiates', async () => {
    const problem = await send('/api/v1/classes/9', { headers: { accept: 'application/problem+json' } })
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect(problem.json()).toMatchObject({ status: 404, detail: 'No such class.' })
    expect(await send('/api/v1/classes', { headers: { accept: 'text/csv' } })).toMatchObject({ status: 406 })
  })

  it('answers HEAD as GET without the body, OPTIONS, and nothing with 204', async () => {
    const get = await send('/api/v1/classes/1')
    const head = await send('/api/v1/classes/1', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, text: '' })
    for (const header of ['content-type', 'content-length', 'vary']) {
      expect(head.headers.get(header), header).toBe(get.headers.get(header))
    }
    const options = await send('/api/v1/classes', { method: 'OPTIONS' })
    expect(options).toMatchObject({ status: 204, text: '' })
    expect(options.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, POST, PUT')
    expect(await send('/api/v1/classes/1', { method: 'DELETE' })).toMatchObject({ status: 204, text: '' })
  })

  it("lets a method answer by the framework's own means", async () => {
    expect(await send('/api/v1/native')).toMatchObject({ status: 207, text: 'native' })
    expect(await send('/api/v1/native', { method: 'POST' })).toMatchObject({ status: 207, text: 'native' })
  })
})
