import { abort, errorResponse, HttpError, HttpResponse, pipeline, Reply, type RequestContext, reply } from 'twopi/http'
import { Api, JsonError, outputJsonWith, problemJson, type Representation, Resource } from 'twopi/restful'
import { describe, expect, it, vi } from 'vitest'
import { TestRequest } from '../../support/test-request.ts'
import { call } from './call.ts'

const name = async ({ request }: RequestContext) => ({ name: String(await request.json()) })

class Classes extends Resource {
  readonly #names = new Map([['1', 'Maths']])

  get({ request }: RequestContext) {
    const { id } = request.params
    if (id === undefined) return [...this.#names.values()]
    return { id, name: this.#names.get(id) ?? abort(404, 'No such class.') }
  }

  post = pipeline(name, ({ name }) => {
    this.#names.set('2', name)
    return reply({ id: '2', name }, 201, { location: '/api/v1/classes/2' })
  })

  async delete({ request }: RequestContext) {
    this.#names.delete(request.params['id'] ?? '')
  }
}

/** A resource whose `get` is the given function. */
const getting = (get: (context: RequestContext) => unknown) =>
  new (class extends Resource {
    get = get
  })()
const school = () => new Api({ prefix: '/api/v1' }).addResource(Classes, '/classes', '/classes/:id')
const NOT_FOUND = { _errors: new HttpError(404).messages }

describe('a resource', () => {
  it('answers by the method of its verb, with the parameters of the path', async () => {
    const api = school()
    expect(await call(api, '/api/v1/classes')).toMatchObject({ status: 200, json: ['Maths'] })
    expect(await call(api, '/api/v1/classes/1?full=1')).toMatchObject({ status: 200, json: { id: '1', name: 'Maths' } })
    expect(await call(api, '/api/v1/classes/1', { method: 'DELETE' })).toMatchObject({ status: 204, json: undefined })
    expect(await call(api, '/api/v1/classes')).toMatchObject({ json: [] })
  })

  it('may have a pipeline of steps as a method', async () => {
    const api = school()
    expect(await call(api, '/api/v1/classes', { method: 'POST', json: 'Art' })).toMatchObject({
      status: 201,
      headers: { location: '/api/v1/classes/2' },
      json: { id: '2', name: 'Art' },
    })
    expect(await call(api, '/api/v1/classes')).toMatchObject({ json: ['Maths', 'Art'] })
  })

  it('is made once of its class, by the arguments that are given', async () => {
    let made = 0
    class Counter extends Resource {
      readonly #start: number
      readonly #step: number
      constructor(start: number, step: number) {
        super()
        this.#start = start
        this.#step = step
        made++
      }
      get() {
        return { next: this.#start + this.#step }
      }
    }
    const api = new Api().addResource(Counter, '/a', '/b', { args: [40, 2] }).addResource(new Counter(1, 1), '/c')
    expect(await call(api, '/a')).toMatchObject({ json: { next: 42 } })
    expect(await call(api, '/b')).toMatchObject({ json: { next: 42 } })
    expect(await call(api, '/c')).toMatchObject({ json: { next: 2 } })
    expect(made).toBe(2)
  })

  it('reads the body of the request that the framework gave, however often', async () => {
    const context = { request: new TestRequest({ method: 'GET', url: '/1', json: { a: 1 } }) }
    const api = new Api().addResource(
      getting(async ({ request }) => [request.params['id'], await request.json(), await request.text()]),
      '/:id',
    )
    expect(await context.request.json()).toEqual({ a: 1 })
    expect(await api.view(context)).toMatchObject({ body: '["1",{"a":1},"{\\"a\\":1}"]' })
    expect(context.request.params).toEqual({ id: '1' })
  })

  it('does not see the parameters that the framework found for the mount', async () => {
    const request = new TestRequest({ method: 'GET', url: '/a' })
    request.setParams({ '*': 'a' })
    expect(
      await new Api()
        .addResource(
          getting(({ request }) => request.params),
          '/a',
        )
        .view({ request }),
    ).toMatchObject({
      body: '{}',
    })
  })

  it('answers synchronously when its method does', () => {
    const api = new Api().addResource(
      getting(() => 1),
      '/',
    )
    expect(api.view({ request: new TestRequest({ method: 'GET' }) })).toBeInstanceOf(HttpResponse)
  })

  it('finds what the steps before the view of the Api have added', async () => {
    type Context = RequestContext & { readonly user: string }
    class Me extends Resource {
      get({ user }: Context) {
        return { user }
      }
    }
    const api = new Api<Context>().addResource(Me, '/me')
    const mounted = pipeline(() => ({ user: 'ada' }), api.view)
    expect(await mounted({ request: new TestRequest({ method: 'GET', url: '/me' }) })).toMatchObject({
      body: '{"user":"ada"}',
    })
  })
})

describe('what does not compile', () => {
  it('is a resource that needs what nobody adds, and constructor arguments that are missing or wrong', () => {
    class Me extends Resource {
      get({ user }: RequestContext & { readonly user: string }) {
        return user
      }
    }
    class Room extends Resource {
      constructor(readonly_: string) {
        super()
        void readonly_
      }
      get() {}
    }
    const api = new Api()
    // @ts-expect-error no step adds `user`
    api.addResource(Me, '/me')
    // @ts-expect-error the constructor takes an argument
    api.addResource(Room, '/a')
    // @ts-expect-error which is a text
    api.addResource(Room, '/b', { args: [1] })
    api.addResource(Room, '/c', { args: ['x'] })
    // @ts-expect-error a path is missing
    expect(() => api.addResource(new Room('x'))).toThrow('it needs at least one path')
  })
})

describe('methods that are not written', () => {
  it('are refused with 405 and Allow', async () => {
    const { status, headers, json } = await call(school(), '/api/v1/classes', { method: 'PUT' })
    expect(status).toBe(405)
    expect(headers['allow']).toBe('DELETE, GET, HEAD, OPTIONS, POST')
    expect(json).toEqual({ _errors: ['The method is not allowed for the requested URL.'] })
    expect(await call(school(), '/api/v1/classes', { method: 'TRACE' })).toMatchObject({ status: 405 })
  })

  it('answer HEAD as GET, for the adapter to drop the body', async () => {
    const get = await call(school(), '/api/v1/classes/1')
    expect(await call(school(), '/api/v1/classes/1', { method: 'HEAD' })).toEqual(get)
  })

  it('answer OPTIONS with 204 and Allow', async () => {
    expect(await call(school(), '/api/v1/classes', { method: 'OPTIONS' })).toEqual({
      status: 204,
      headers: { allow: 'DELETE, GET, HEAD, OPTIONS, POST' },
      json: undefined,
    })
  })

  it('leave HEAD out of Allow where there is no GET', async () => {
    class Sink extends Resource {
      post() {}
    }
    const api = new Api().addResource(Sink, '/')
    expect(await call(api, '/', { method: 'HEAD' })).toMatchObject({ status: 405, headers: { allow: 'OPTIONS, POST' } })
  })

  it('give way to methods that are', async () => {
    class Own extends Resource {
      get() {
        return 'get'
      }
      head() {
        return reply(undefined, 200, { 'x-own': 'head' })
      }
      options() {
        return 'options'
      }
    }
    const api = new Api().addResource(Own, '/')
    expect(await call(api, '/', { method: 'HEAD' })).toMatchObject({ headers: { 'x-own': 'head' } })
    expect(await call(api, '/', { method: 'OPTIONS' })).toMatchObject({ status: 200, json: { message: 'options' } })
  })
})

describe('paths', () => {
  const echo = (label: string) => getting(({ request }) => ({ label, ...request.params }))
  const json = async (api: Api, url: string) => {
    const { status, json } = await call(api, url)
    return status === 200 ? json : status
  }

  it('that nobody has are answered in the envelope, below the prefix and outside of it', async () => {
    for (const url of ['/api/v1/rooms', '/api/v1', '/', '/classes', '/api/v1/classes/1/2', '*', '']) {
      expect(await call(school(), url), url).toMatchObject({ status: 404, json: NOT_FOUND })
    }
  })

  it('with a trailing slash, an empty segment or another case are other paths', async () => {
    const classes = new Api({ prefix: '/api/v1' }).addResource(echo('x'), '/classes', '/classes/:id')
    expect(await json(classes, '/api/v1/classes/1')).toEqual({ label: 'x', id: '1' })
    for (const below of ['/classes/', '//classes', '/Classes', '/classes/1/', '/classes//']) {
      expect(await json(classes, `/api/v1${below}`), below).toBe(404)
    }
    const api = new Api({ prefix: '/api' }).addResource(echo('slash'), '/').addResource(echo('root'), '')
    expect(await json(api, '/api/')).toEqual({ label: 'slash' })
    expect(await json(api, '/api')).toEqual({ label: 'root' })
  })

  it('prefer texts to parameters, from left to right, and come back from ways that lead nowhere', async () => {
    const api = new Api()
      .addResource(echo('param'), '/a/:x')
      .addResource(echo('text'), '/a/new')
      .addResource(echo('left'), '/b/:y')
      .addResource(echo('right'), '/:z/c')
      .addResource(echo('deep'), '/:p/:q/d')
    expect(await json(api, '/a/new')).toEqual({ label: 'text' })
    expect(await json(api, '/a/1')).toEqual({ label: 'param', x: '1' })
    expect(await json(api, '/b/c')).toEqual({ label: 'left', y: 'c' })
    expect(await json(api, '/z/c')).toEqual({ label: 'right', z: 'z' })
    expect(await json(api, '/b/c/d')).toEqual({ label: 'deep', p: 'b', q: 'c' })
  })

  it('are decoded once, segment by segment', async () => {
    const api = new Api().addResource(echo('café'), '/café/:id').addResource(echo('plain'), '/plain')
    expect(await json(api, '/caf%C3%A9/a%2Fb')).toEqual({ label: 'café', id: 'a/b' })
    expect(await json(api, '/caf%C3%A9/%2525')).toEqual({ label: 'café', id: '%25' })
    expect(await json(api, '/caf%C3%A9/a+b%20c')).toEqual({ label: 'café', id: 'a+b c' })
    expect(await json(api, '/pl%61in')).toEqual({ label: 'plain' })
    expect(await json(api, '/plain%2F')).toBe(404)
  })

  it.each(['/plain/%', '/%ff', '/%E0%A4%A', '/%zz'])(
    'with broken percent-encoding are refused with 400: %s',
    async (url) => {
      const api = new Api().addResource(echo('any'), '/:id')
      expect(await call(api, url)).toMatchObject({
        status: 400,
        json: { _errors: ['The percent-encoding of the path is broken.'] },
      })
    },
  )

  it('may have parameters in the prefix', async () => {
    const api = new Api({ prefix: '/schools/:school' }).addResource(echo('x'), '/rooms/:room')
    expect(await json(api, '/schools/1/rooms/2')).toEqual({ label: 'x', school: '1', room: '2' })
  })

  it('and parameters named like members of every object stay what they are', async () => {
    const api = new Api().addResource(echo('x'), '/:toString/:constructor')
    expect(await json(api, '/a/b')).toEqual({ label: 'x', toString: 'a', constructor: 'b' })
    expect(await json(api, '/constructor')).toBe(404)
  })

  it('that cannot be are refused when they are added, all at once', () => {
    const api = new Api({ prefix: '/api' }).addResource(echo('a'), '/classes/:id')
    class Wrong extends Resource {
      readonly get: string = 'text'
    }
    const paths = [
      'rooms',
      '/a*',
      '/:id/:id',
      '/:',
      '/:1',
      '/:__proto__',
      '/<int:id>',
      '/a%20b',
      '/a b',
      '/classes/:name',
      '/x',
      '/x',
    ] as const
    // @ts-expect-error a text is not a method
    expect(() => api.addResource(Wrong, ...paths)).toThrow(
      new TypeError(
        [
          'The resource `Wrong`: 13 problems',
          '`get` must be a function, found string',
          'it has none of the methods `get`, `post`, `put`, `patch`, `delete`, `head`, `options`',
          'the path "rooms" must begin with "/"',
          '"a*" in the path "/api/a*" must be a plain text, or `:name` as a whole segment',
          'the path "/api/:id/:id" has the parameter ":id" twice',
          'the parameter ":" in the path "/api/:" must be named by letters, digits and "_"',
          'the parameter ":1" in the path "/api/:1" must be named by letters, digits and "_"',
          'the parameter ":__proto__" in the path "/api/:__proto__" must be named by letters, digits and "_"',
          '"<int:id>" in the path "/api/<int:id>" must be a plain text, or `:name` as a whole segment',
          '"a%20b" in the path "/api/a%20b" must be a plain text, or `:name` as a whole segment',
          '"a b" in the path "/api/a b" must be a plain text, or `:name` as a whole segment',
          'the path "/api/classes/:name" matches what "/api/classes/:id" matches already',
          'the path "/api/x" matches what "/api/x" matches already',
        ].join('\n  - '),
      ),
    )
  })

  it('refuses a prefix that is none', () => {
    for (const prefix of ['api', '/api/', '/', '/a*', '/:a/:a']) {
      expect(() => new Api({ prefix }), prefix).toThrow(TypeError)
    }
    expect(() => new Api({ prefix: 'api/' })).toThrow(
      'The `prefix` of an Api: 2 problems\n  - the path "api/" must begin with "/"\n  - it must not end with "/"; the paths begin with one',
    )
  })

  it('says what it takes when it is given something else', () => {
    expect(() => new Api('/api' as never)).toThrow("takes options such as { prefix: '/api/v1' }, found string")
    expect(() => new Api().addResource(null as never, '/x')).toThrow('found null')
    expect(() => new Api().addResource((() => 1) as never, '/x')).toThrow('found a function that is no class')
  })

  it('changes nothing when a resource is refused', async () => {
    const api = new Api().addResource(echo('first'), '/a')
    expect(() => api.addResource(echo('second'), '/b', '/a')).toThrow('the path "/a" matches what "/a" matches already')
    expect(await json(api, '/b')).toBe(404)
  })
})

describe('what methods return', () => {
  it.each([
    ['an HttpResponse', () => new HttpResponse(207, { a: '1' }, 'raw')],
    ['a web Response', () => new Response('raw', { status: 207 })],
  ])('passes through untouched when it is %s', async (_title, make) => {
    const made = make()
    const api = new Api().addResource(
      getting(() => made),
      '/',
    )
    api.representations.set('application/problem+json', problemJson)
    expect(await api.view({ request: new TestRequest({ method: 'GET' }) })).toBe(made)
  })

  it("is left to the adapter when it is the framework's own response object, or nothing after one was used", async () => {
    // Fastify's reply is a promise of its own end.
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    const own = { sent: false, then: () => expect.unreachable('the reply was awaited') }
    const context = { request: new TestRequest({ method: 'GET' }), native: { reply: own } }
    const serve = (get: () => unknown) => new Api().addResource(getting(get), '/').view(context)
    expect(serve(() => own)).toBe(own)
    const settled = { sent: true }
    const waiting = { request: context.request, native: { res: settled } }
    expect(
      await new Api()
        .addResource(
          getting(async () => settled),
          '/',
        )
        .view(waiting),
    ).toBe(settled)
    expect(serve(() => undefined)).toBeUndefined()
    expect(serve(() => ({ sent: false }))).toBeInstanceOf(HttpResponse)
  })

  it('is written by the representation when it is a reply, a string, nothing or data', async () => {
    const seen: unknown[] = []
    const spy: Representation = (data, code, headers = {}) => {
      seen.push([data, code, headers])
      return new HttpResponse(code, headers, null)
    }
    const values = [reply({ a: 1 }, 201, { b: '2' }), 'text', undefined, null, new Reply('x')]
    for (const value of values) {
      const api = new Api().addResource(
        getting(() => value),
        '/',
      )
      api.representations.set('application/json', spy)
      await call(api, '/')
    }
    expect(seen).toEqual([
      [{ a: 1 }, 201, { b: '2' }],
      ['text', 200, {}],
      [undefined, 200, {}],
      [null, 200, {}],
      ['x', 200, {}],
    ])
  })
})

describe('representations', () => {
  const csv: Representation = (data, code, headers = {}) =>
    new HttpResponse(code, headers, code < 400 ? `csv:${JSON.stringify(data)}` : null)
  const withCsv = (get: () => unknown = () => [1]) => {
    const api = new Api().addResource(getting(get), '/')
    api.representations.set('text/csv', csv)
    return api
  }
  const send = async (api: Api, accept?: string, url = '/') => {
    const headers = accept === undefined ? {} : { accept }
    const outcome = await api.view({ request: new TestRequest({ method: 'GET', url, headers }) })
    if (!(outcome instanceof HttpResponse)) throw new TypeError('no HttpResponse')
    const { status, body } = outcome
    return { status, headers: outcome.headers, body }
  }

  it('are chosen by what the client accepts, and named by their type', async () => {
    expect(await send(withCsv(), 'text/csv')).toEqual({
      status: 200,
      headers: { 'content-type': 'text/csv', vary: 'Accept' },
      body: 'csv:[1]',
    })
    expect(await send(withCsv(), 'text/csv;q=0.5, application/json')).toMatchObject({ body: '[1]' })
    expect(await send(withCsv())).toMatchObject({ body: '[1]' })
  })

  it('give way to a content type of the reply, whatever its case', async () => {
    const api = withCsv(() => reply([1], 200, { 'Content-Type': 'text/csv; header=present' }))
    const { headers } = await send(api, 'text/csv')
    expect(headers).toEqual({ 'Content-Type': 'text/csv; header=present', vary: 'Accept' })
  })

  it('send no content type with nothing', async () => {
    expect(
      (
        await send(
          withCsv(() => undefined),
          'text/csv',
        )
      ).headers,
    ).toEqual({ vary: 'Accept' })
    expect(
      (
        await send(
          withCsv(() => reply(1, 204)),
          'text/csv',
        )
      ).headers,
    ).toEqual({ vary: 'Accept' })
  })

  it('write outputJson under a type of its own', async () => {
    const api = new Api().addResource(
      getting(() => ({ id: 1 })),
      '/',
    )
    api.representations.set('application/vnd.school+json', outputJsonWith({}))
    expect(await send(api, 'application/vnd.school+json')).toMatchObject({
      headers: { 'content-type': 'application/vnd.school+json' },
      body: '{"id":1}',
    })
  })

  it('are told to caches when there are several, beside what else varies', async () => {
    const vary = async (value: string) => (await send(withCsv(() => reply(1, 200, { Vary: value })))).headers['Vary']
    expect(await vary('Origin')).toBe('Origin, Accept')
    expect(await vary('Origin, accept')).toBe('Origin, accept')
    expect(await vary('*')).toBe('*')
    expect(await vary('Accept-Encoding')).toBe('Accept-Encoding, Accept')
    const alone = new Api().addResource(
      getting(() => 1),
      '/',
    )
    expect((await send(alone)).headers).toEqual({ 'content-type': 'application/json' })
  })

  it('that do not suit the client are a 406 in the envelope, before the method runs', async () => {
    const get = vi.fn()
    const { status, headers, body } = await send(withCsv(get), 'image/png')
    expect(get).not.toHaveBeenCalled()
    expect(status).toBe(406)
    expect(headers).toEqual({ 'content-type': 'application/json', vary: 'Accept' })
    expect(JSON.parse(String(body))).toEqual({
      _errors: new HttpError(406).messages,
      available: ['application/json', 'text/csv'],
    })
  })

  it('that do not suit the client do not hide that there is no such path or method', async () => {
    expect(await send(withCsv(), 'image/png', '/other')).toMatchObject({ status: 404 })
    expect(await call(withCsv(), '/', { method: 'PUT', headers: { accept: 'image/png' } })).toMatchObject({
      status: 405,
    })
    expect(await call(withCsv(), '/', { method: 'OPTIONS', headers: { accept: 'image/png' } })).toMatchObject({
      status: 204,
    })
  })

  it('may be those of one resource alone', async () => {
    class Report extends Resource {
      override readonly representations = new Map([['text/csv', csv]])
      get() {
        return [1]
      }
    }
    const api = new Api().addResource(Report, '/report')
    expect(await send(api, undefined, '/report')).toMatchObject({
      headers: { 'content-type': 'text/csv' },
      body: 'csv:[1]',
    })
    const refused = await send(api, 'application/json', '/report')
    expect(refused).toMatchObject({ status: 406, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(String(refused.body))).toMatchObject({ available: ['text/csv'] })
  })

  it('cannot be none', () => {
    class None extends Resource {
      override readonly representations = new Map<string, Representation>()
      get() {}
    }
    expect(() => new Api().addResource(None, '/')).toThrow('`representations` must have at least one media type')
  })

  it('write errors as problem details for those who ask for them', async () => {
    const api = school()
    api.representations.set('application/problem+json', problemJson)
    const accept = { accept: 'application/problem+json, application/json' }
    expect(await call(api, '/api/v1/classes/9', { headers: accept })).toEqual({
      status: 404,
      headers: { 'content-type': 'application/problem+json', vary: 'Accept' },
      json: { type: 'about:blank', title: 'Not Found', status: 404, detail: 'No such class.' },
    })
    expect(await call(api, '/api/v1/rooms', { headers: accept })).toMatchObject({
      headers: { 'content-type': 'application/problem+json' },
      json: { title: 'Not Found' },
    })
    expect(await call(api, '/api/v1/classes/1', { headers: { accept: 'application/problem+json' } })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', vary: 'Accept' },
      json: { id: '1', name: 'Maths' },
    })
    expect(await call(api, '/api/v1/classes/9')).toMatchObject({ json: { _errors: ['No such class.'] } })
  })
})

describe('errors', () => {
  const throwing = (error: unknown, options: ConstructorParameters<typeof Api>[0] = {}) =>
    new Api({ onError: () => {}, ...options }).addResource(
      getting(() => {
        throw error
      }),
      '/',
      '/:id',
    )
  const place = { method: 'GET', path: '/' }

  it.each([
    [
      'an HttpError',
      new HttpError(409, ['a', 'b'], { code: 'ERR_X', headers: { 'retry-after': 5 }, details: { n: 1 } }),
    ],
    ['an error of a parser', Object.assign(new Error('secret'), { status: 413, type: 'entity.too.large' })],
    ['an unknown error', new Error('secret')],
    ['what is no error', 'secret'],
  ])('are answered with the same bytes as outside of an Api: %s', async (_title, error) => {
    const expected = errorResponse(error, place, { onError: () => {} })
    expect(await throwing(error).view({ request: new TestRequest({ method: 'GET' }) })).toEqual(expected)
    const later = new Api({ onError: () => {} }).addResource(
      getting(() => Promise.reject(error)),
      '/',
    )
    expect(await later.view({ request: new TestRequest({ method: 'GET' }) })).toEqual(expected)
  })

  it('from 500 are told to onError with the path but not the query', async () => {
    const onError = vi.fn()
    const error = new Error('secret')
    expect(await call(throwing(error, { onError }), '/1?token=t')).toMatchObject({
      status: 500,
      json: { _errors: ['Internal Server Error'] },
    })
    expect(onError.mock.calls).toEqual([[error, { method: 'GET', path: '/1' }]])
    onError.mockClear()
    await call(throwing(new HttpError(404), { onError }), '/')
    expect(onError).not.toHaveBeenCalled()
  })

  it('of the application are translated by the option `errors`', async () => {
    class Full extends Error {}
    const errors = vi.fn((error: unknown) => (error instanceof Full ? new HttpError(409, 'Full.') : undefined))
    expect(await call(throwing(new Full(), { errors }), '/')).toMatchObject({
      status: 409,
      json: { _errors: ['Full.'] },
    })
    expect(await call(throwing(new Error(), { errors }), '/')).toMatchObject({ status: 500 })
    errors.mockClear()
    expect(await call(throwing(new HttpError(404), { errors }), '/')).toMatchObject({ status: 404 })
    expect(errors).not.toHaveBeenCalled()
  })

  it('of the translation itself are answered too', async () => {
    const onError = vi.fn()
    const bug = new Error('bug')
    const errors = () => {
      throw bug
    }
    expect(await call(throwing(new Error(), { errors, onError }), '/')).toMatchObject({ status: 500 })
    expect(onError.mock.calls[0]?.[0]).toBe(bug)
  })

  it('of writing are a constant 500 that names the path to onError alone', async () => {
    const onError = vi.fn()
    const circular: { self?: unknown } = {}
    circular.self = circular
    const api = new Api({ onError }).addResource(
      getting(() => ({ data: circular })),
      '/',
    )
    expect(await call(api, '/')).toMatchObject({ status: 500, json: { _errors: ['Internal Server Error'] } })
    const error: unknown = onError.mock.calls[0]?.[0]
    expect(error).toBeInstanceOf(JsonError)
    expect(error).toMatchObject({ code: 'ERR_JSON_CIRCULAR', path: '$.data.self' })
  })

  it('of a representation that fails at errors too fall back to JSON', async () => {
    const onError = vi.fn()
    const broken = new Error('broken')
    const api = new Api({ onError }).addResource(
      getting(() => 1),
      '/',
    )
    api.representations.set('application/json', () => {
      throw broken
    })
    expect(await call(api, '/')).toMatchObject({
      status: 500,
      headers: { 'content-type': 'application/json' },
      json: { _errors: ['Internal Server Error'] },
    })
    expect(onError).toHaveBeenCalledWith(broken, place)
  })
})
