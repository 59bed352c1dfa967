import { AsyncLocalStorage } from 'node:async_hooks'
import { around, type ErrorPlace, HttpError, HttpResponse, limitBody, type RequestContext, reply } from 'twopi/http'

/** What the suite looks at afterwards, because a client cannot see it. */
export class Journal {
  readonly errors: unknown[] = []
  readonly places: string[] = []
  readonly notes: string[] = []
  readonly signals: AbortSignal[] = []
  readonly #waiting: (() => void)[] = []

  readonly onError = (error: unknown, { method, path }: ErrorPlace): void => {
    this.errors.push(error)
    this.places.push(`${method} ${path}`)
  }

  note(text: string): void {
    this.notes.push(text)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves when the note is there; no clock is involved. */
  async until(text: string): Promise<void> {
    while (!this.notes.includes(text)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

/** A pipeline before any adapter has made a handler of it: `view(...parts)`. */
export type Parts = readonly [...steps: unknown[], view: unknown]

export interface Route {
  readonly methods: readonly string[]
  readonly path: string
  readonly parts: Parts
}

const storage = new AsyncLocalStorage<string>()

function endless(journal: Journal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => journal.note('cancelled'),
  })
}

/** A step that notes how what comes after it ended. */
export const watch = (journal: Journal) =>
  around(async (_context: RequestContext, next) => {
    try {
      const outcome = await next()
      journal.note(`around saw ${outcome.status}`)
      return outcome
    } catch (error) {
      journal.note(`around caught ${(error as Error).message}`)
      throw error
    }
  })

/** The routes that every adapter serves in the suite: neutral, the same functions everywhere. */
export function routes(journal: Journal): readonly Route[] {
  const route = (methods: string, path: string, ...parts: Parts): Route => ({
    methods: methods.split(' '),
    path,
    parts,
  })
  const later = async () => {
    await Promise.resolve()
  }
  const note = watch(journal)

  return [
    route('GET POST PUT PATCH DELETE OPTIONS', '/echo/:name', ({ request }: RequestContext) => ({
      method: request.method,
      url: request.url,
      path: request.path,
      params: { ...request.params },
      query: [...request.query],
      cookies: { ...request.cookies },
      tags: request.headers.getAll('X-Tag'),
      tag: request.headers.get('x-tag') ?? null,
      contentType: request.contentType,
    })),
    route('POST', '/json', async ({ request }: RequestContext) => reply(await request.json())),
    route('POST', '/json-twice', async ({ request }: RequestContext) => [await request.json(), await request.json()]),
    route('POST', '/form', async ({ request }: RequestContext) => [...(await request.form())]),
    route('POST', '/text', async ({ request }: RequestContext) => ({ text: await request.text() })),
    route('POST', '/bytes', async ({ request }: RequestContext) => ({ length: (await request.bytes()).length })),
    route('POST', '/limited', limitBody(10), async ({ request }: RequestContext) => ({ text: await request.text() })),
    route('POST', '/body-unread', () => 'not read'),

    route('GET', '/string', () => 'hello'),
    route('GET', '/nothing', () => undefined),
    route('GET', '/null', () => null),
    route('GET', '/list', () => [1, 'ä', { deep: true }]),
    route('GET', '/big', () => ({ big: 2n ** 64n })),
    route('GET', '/error-string', () => reply('bad', 400)),
    route('GET', '/created', () =>
      reply({ id: 1 }, 201, { location: '/classes/1', 'set-cookie': ['a=1', 'b=2'], 'x-n': 5 }),
    ),
    route('GET', '/finished', () => new HttpResponse(202, { 'content-type': 'text/plain' }, 'as it is')),
    route(
      'GET',
      '/bytes',
      () => new HttpResponse(200, { 'content-type': 'application/octet-stream' }, new Uint8Array([104, 105])),
    ),
    route('GET', '/stream', () => {
      const pieces = ['one ', 'two ', 'three']
      const stream = new ReadableStream({
        pull(controller) {
          const piece = pieces.shift()
          if (piece === undefined) controller.close()
          else controller.enqueue(new TextEncoder().encode(piece))
        },
      })
      return new Response(stream, { status: 203, headers: { 'content-type': 'text/plain', 'x-kind': 'web' } })
    }),

    route(
      'GET',
      '/steps',
      () => ({ a: 1 }),
      later,
      async ({ a }: { a: number }) => ({ b: a + 1 }),
      ({ a, b }: { a: number; b: number }) => ({ a, b }),
    ),
    route(
      'GET',
      '/step-ends',
      () => reply({ ended: true }, 202),
      () => journal.note('must not run'),
    ),
    route(
      'GET',
      '/step-ends-later',
      async () => reply({ ended: true }, 202),
      () => journal.note('must not run'),
    ),
    route('GET', '/around', note, () => reply({ ok: true }, 201)),
    route('GET', '/around-throws', note, () => {
      throw new HttpError(409, 'inside')
    }),
    route(
      'GET',
      '/around-fails-after',
      around(async (_context: RequestContext, next) => {
        await next()
        throw new HttpError(503, 'commit failed')
      }),
      () => ({ never: 'seen' }),
    ),
    route(
      'POST',
      '/storage',
      around((_context: RequestContext, next) => storage.run('kept', () => next())),
      async ({ request }: RequestContext) => {
        const body = await request.json()
        return { body, store: storage.getStore() ?? null }
      },
    ),

    route('GET', '/throw/http', () => {
      throw new HttpError(418, ['one', 'two'], {
        code: 'ERR_TEAPOT',
        headers: { 'x-pot': 'tea' },
        details: { size: 'short' },
      })
    }),
    route(
      'GET',
      '/throw/before',
      () => {
        throw new HttpError(403)
      },
      () => journal.note('must not run'),
    ),
    route('GET', '/throw/unknown', () => {
      throw new Error('password=hunter2 at /srv/app/db.js')
    }),
    route('GET', '/throw/unknown-later', async () => {
      await Promise.resolve()
      throw new Error('password=hunter2 at /srv/app/db.js')
    }),
    route('GET', '/throw/value', () => {
      throw 'a bare string with hunter2'
    }),
    route('GET', '/throw/nothing', () => {
      throw undefined
    }),
    route('GET', '/throw/nothing-later', () => Promise.reject()),
    route('GET', '/throw/upstream', () => {
      throw Object.assign(new Error('upstream key hunter2 refused'), { status: 401 })
    }),
    route('GET', '/throw/exposed', () => {
      throw Object.assign(new Error('There is no such row.'), { status: 404, expose: true })
    }),
    route('GET', '/throw/unwritable', () => {
      const details: { self?: unknown } = {}
      details.self = details
      throw new HttpError(400, 'hunter2', { details })
    }),
    route('GET', '/throw/unsendable', () => {
      throw new HttpError(400, 'hunter2', { headers: { 'x-a': 'b\r\nset-cookie: c=1' } })
    }),
    route('GET', '/client-header', ({ request }: RequestContext) =>
      reply({ ok: true }, 201, { location: `/classes/${request.query.get('name')}` }),
    ),
    route('GET', '/client-header-later', async ({ request }: RequestContext) =>
      reply({ ok: true }, 201, { location: `/classes/${request.query.get('name')}` }),
    ),
    route('GET', '/no-such-header', () => reply({ ok: true }, 200, { 'x-a': undefined, 'x-b': 'b' })),
    route('GET', '/endless', () => new Response(endless(journal), { headers: { 'x-kind': 'endless' } })),
    route('GET', '/endless-finished', () => new HttpResponse(200, { 'x-kind': 'endless' }, endless(journal))),
    route('GET', '/endless-no-content', () => new HttpResponse(204, { 'x-kind': 'endless' }, endless(journal))),
    route('GET', '/breaks', () => {
      const pieces = ['half']
      const stream = new ReadableStream({
        pull(controller) {
          const piece = pieces.shift()
          if (piece === undefined) controller.error(new Error('disk failed'))
          else controller.enqueue(new TextEncoder().encode(piece))
        },
      })
      return new HttpResponse(200, { 'content-type': 'text/plain' }, stream)
    }),
    route('GET', '/signal', ({ request }: RequestContext) => {
      journal.signals.push(request.signal)
      return 'done'
    }),
    route('POST', '/read-then-wait', async ({ request }: RequestContext) => {
      const body = request.json()
      journal.note('started to read')
      await journal.until('client is gone')
      return await body
    }),
    route('GET', '/throw/circular', () => {
      const data: { self?: unknown } = {}
      data.self = data
      return data
    }),

    route('GET', '/wait-for-abort', async ({ request }: RequestContext) => {
      journal.note('waiting')
      await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve()))
      journal.note('aborted')
      return 'nobody reads this'
    }),
    route('POST', '/upload-aborted', async ({ request }: RequestContext) => {
      journal.note('reading')
      try {
        return (await request.bytes()).length
      } catch (error) {
        journal.note(`body: ${(error as { code?: string }).code}`)
        throw error
      }
    }),
  ]
}
