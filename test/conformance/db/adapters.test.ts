import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { createDbSession, type DbSession, type SessionHost, withSession } from 'twopi/db'
import * as onExpress from 'twopi/express'
import * as onFastify from 'twopi/fastify'
import * as onFetch from 'twopi/fetch'
import * as onHono from 'twopi/hono'
import { HttpError, HttpResponse, handleErrors, type RequestContext, reply } from 'twopi/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { overSocket, type Send } from '../http/transport.ts'

interface Schema {
  classes: { name: string }
}

/** The routes, before an adapter has made handlers of them; the step with the session stands first in each. */
type Routes = Readonly<Record<string, readonly [(context: never) => unknown, (context: RequestContext) => unknown]>>

interface App {
  readonly send: Send
  readonly origin: string
  readonly close: () => Promise<void>
}

type Listen = (routes: Routes) => Promise<App>
type AnyView = (...parts: readonly unknown[]) => never

/** A server of each kind, each with the parser of bodies that its users have. */
const servers: Readonly<Record<string, Listen>> = {
  'express with its own parser': (routes) => listenExpress(routes, true),
  'express with twopi reading': (routes) => listenExpress(routes, false),
  fastify: async (routes) => {
    const app = Fastify({ forceCloseConnections: true })
    app.setErrorHandler(onFastify.errorHandler({ onError: () => undefined }))
    for (const [path, parts] of Object.entries(routes)) app.post(path, (onFastify.view as AnyView)(...parts))
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    return { origin, send: overSocket(origin), close: () => app.close() }
  },
  hono: (routes) => {
    const app = new Hono()
    app.onError(onHono.errorHandler({ onError: () => undefined }))
    for (const [path, parts] of Object.entries(routes)) app.post(path, (onHono.view as AnyView)(...parts))
    return listenFetch(app.fetch)
  },
  fetch: (routes) => {
    const quiet = handleErrors({ onError: () => undefined })
    const table = Object.entries(routes).map(([path, parts]) => [path, onFetch.view as AnyView, parts] as const)
    const handlers = new Map<string, onFetch.FetchHandler>(
      table.map(([path, view, parts]) => [path, view(quiet, ...parts)]),
    )
    return listenFetch(
      (request) => handlers.get(new URL(request.url).pathname)?.(request) ?? new Response(null, { status: 404 }),
    )
  },
}

async function listenExpress(routes: Routes, ownParser: boolean): Promise<App> {
  const app = express()
  if (ownParser) app.use(express.json())
  for (const [path, parts] of Object.entries(routes)) app.post(path, (onExpress.view as AnyView)(...parts))
  app.use(onExpress.errorHandler({ onError: () => undefined }))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin, send: overSocket(origin), close }
}

async function listenFetch(fetch: (request: Request) => Response | PromiseLike<Response>): Promise<App> {
  const server = serve({ fetch: (request: Request) => Promise.resolve(fetch(request)), port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { origin, send: overSocket(origin), close }
}

/** Lets a test hold something up, and know that it has been reached. */
class Gate {
  #open: () => void = () => {}
  #arrive: () => void = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })
  readonly arrived = new Promise<void>((resolve) => {
    this.#arrive = resolve
  })

  open(): void {
    this.#open()
  }

  pass(): Promise<void> {
    this.#arrive()
    return this.#opened
  }
}

describe.each(Object.entries(servers))('withSession on %s', (_name, listen) => {
  let db: DbSession<Schema>
  let app: App
  let commit: Gate
  let view: Gate
  let aborted: Promise<void>
  let noteAbort: () => void

  const add = (name: string) => db.session().insertInto('classes').values({ name }).execute()
  const names = async () => {
    const rows = await db.run(() => db.session().selectFrom('classes').select('name').execute())
    return rows.map(({ name }) => name)
  }
  const nameOf = async ({ request }: RequestContext) => ((await request.json()) as { name: string }).name
  const post = (path: string, name = 'Algebra') =>
    app.send({ method: 'POST', path, headers: [['content-type', 'application/json']], body: JSON.stringify({ name }) })

  beforeAll(async () => {
    db = createDbSession<Schema>({ DATABASE_URL: 'sqlite://' })
    await db.run(() => db.session().schema.createTable('classes').addColumn('name', 'text').execute())
    /** Commits only when the test says so. */
    const held: SessionHost = {
      run: (fn, options) =>
        db.run(async () => {
          const result = await fn()
          await commit.pass()
          return result
        }, options),
    }
    const session = withSession(db)
    app = await listen({
      '/add': [
        session,
        async (context) => {
          await add('before')
          const name = await nameOf(context)
          await add(name)
          return reply({ name }, 201)
        },
      ],
      '/held': [
        withSession(held),
        async (context) => {
          await add(await nameOf(context))
          return { ok: true }
        },
      ],
      '/throws': [
        session,
        async (context) => {
          await add(await nameOf(context))
          throw new HttpError(409, 'Full.')
        },
      ],
      '/breaks': [
        session,
        async (context) => {
          await add(await nameOf(context))
          throw new Error('a bug')
        },
      ],
      '/refuses': [
        session,
        async (context) => {
          await add(await nameOf(context))
          return reply('Full.', 409)
        },
      ],
      '/commits-refusals': [
        withSession(db, { rollbackFrom: 500 }),
        async (context) => {
          await add(await nameOf(context))
          return reply('Full.', 409)
        },
      ],
      '/bad-commit': [
        session,
        async (context) => {
          await add(await nameOf(context))
          // Taken away behind the session's back, so that the commit has nothing to commit.
          const bare = (await db.session().connection) as { exec(sql: string): void }
          bare.exec('rollback')
          return { ok: true }
        },
      ],
      '/reads': [
        withSession(db, { readOnly: true }),
        async (context) => {
          await add(await nameOf(context))
          return { ok: true }
        },
      ],
      '/stream': [
        session,
        async (context) => {
          await add(await nameOf(context))
          const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
          const writer = writable.getWriter()
          const write = async () => {
            const inside = await Promise.resolve()
              .then(() => db.session().selectFrom('classes').selectAll().execute())
              .then(
                () => 'worked',
                ({ code }: { code: string }) => code,
              )
            const rows = await db.run(() => db.session().selectFrom('classes').select('name').execute())
            await writer.write(new TextEncoder().encode(`${inside} ${rows.map(({ name }) => name).join()}`))
            await writer.close()
          }
          // The body is produced after the headers have left, so after the commit.
          setTimeout(() => void write().catch(() => undefined), 20)
          return new HttpResponse(200, { 'content-type': 'text/plain' }, readable)
        },
      ],
      '/slow': [
        session,
        async (context) => {
          await add(await nameOf(context))
          context.request.signal.addEventListener('abort', () => noteAbort(), { once: true })
          await view.pass()
          await add('after')
          return { ok: true }
        },
      ],
    })
  })
  afterAll(async () => {
    await app.close()
    expect(db.stats()).toMatchObject({ scopes: 0, write: { held: 0 } })
    await db.close()
  })
  beforeEach(async () => {
    await db.run(() => db.session().deleteFrom('classes').execute())
    commit = new Gate()
    view = new Gate()
    aborted = new Promise((resolve) => {
      noteAbort = resolve
    })
  })

  it('keeps the session before and after the body is parsed', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => post('/add', name)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect((await names()).sort()).toEqual(['a', 'b', 'before', 'before', 'before', 'c'])
  })

  it('sends no header before the commit is done', async () => {
    let answered = false
    const answer = post('/held').then((response) => {
      answered = true
      return response
    })
    await commit.arrived
    // A turn of the loop in which a response that had left would have come.
    await fetch(app.origin, { method: 'POST' }).then((response) => response.text())
    expect(answered).toBe(false)
    commit.open()
    expect((await answer).status).toBe(200)
    expect(await names()).toEqual(['Algebra'])
  })

  it.each([
    ['/throws', 409],
    ['/breaks', 500],
    ['/refuses', 409],
    ['/reads', 500],
  ])('rolls back what %s did and answers %i', async (path, status) => {
    expect((await post(path)).status).toBe(status)
    expect(await names()).toEqual([])
  })

  it('commits a refusal when it is told to', async () => {
    expect((await post('/commits-refusals')).status).toBe(409)
    expect(await names()).toEqual(['Algebra'])
  })

  it('answers a commit that fails with 500, and not with what the view returned', async () => {
    const { status, text } = await post('/bad-commit')
    expect(status).toBe(500)
    expect(text).not.toContain('ok')
    expect(await names()).toEqual([])
  })

  it('commits before a stream begins, which has no session and can open one', async () => {
    expect((await post('/stream')).text).toBe('ERR_DB_SCOPE_ENDED Algebra')
  })

  it('rolls back when the client has gone', async () => {
    const controller = new AbortController()
    const request = fetch(new URL('/slow', app.origin), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Algebra' }),
      signal: controller.signal,
    })
    await view.arrived
    controller.abort()
    await expect(request).rejects.toThrow()
    await aborted
    view.open()
    expect(await names()).toEqual([])
  })
})

describe('withSession', () => {
  it('refuses a status that is none', () => {
    const host: SessionHost = { run: async (fn) => fn() }
    expect(() => withSession(host, { rollbackFrom: 0 })).toThrow(/`rollbackFrom` must be a status/)
  })
})
