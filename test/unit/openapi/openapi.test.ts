import { Validator } from '@seriousme/openapi-schema-validator'
import { describeStep, limitBody, pipeline, type RequestContext, reply, steps } from 'twopi/http'
import { describe as describeEndpoint, type OpenApiDocument, type OpenApiOptions, openapi, pageOf } from 'twopi/openapi'
import { paginated, paginationArgs } from 'twopi/pagination'
import { Api, problemJson, Resource } from 'twopi/restful'
import {
  authRequired,
  claim,
  createTokenAuth,
  MemoryRefreshTokenStore,
  parseAuthHeader,
  type RefreshToken,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { ArgsParser, arg, inLocations, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const validator = new Validator()
const info = { title: 'A small school', version: '1.0.0' }

class Token extends ShortlivedTokenMixin(
  {
    userId: claim('user_id', z.string()),
    scopes: claim('scopes', z.array(z.string())),
    refreshTokenId: claim('rfid', z.string()),
  },
  { keys: 'a secret of this test, long enough' },
) {
  static override fromRefreshToken({ id, userId, scopes }: RefreshToken): Token {
    return new this({ refreshTokenId: id, userId, scopes: [...scopes], expiresIn: '15 minutes' })
  }
}

/** The document, which a validator has found to be valid, and what is the same in JSON. */
async function documentOf(api: Parameters<typeof openapi>[0], options: Partial<OpenApiOptions> = {}) {
  const document = openapi(api, { info, ...options })
  const text = JSON.stringify(document)
  expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true })
  expect(JSON.parse(text)).toEqual(document)
  return document
}

type View = (context: RequestContext) => unknown

/** The one operation of a view at a path. */
async function operationOf(view: View, path = '/x', options: Partial<OpenApiOptions> = {}) {
  const document = await documentOf(new Api().addResource({ post: view }, path), options)
  const [methods] = Object.values(document.paths)
  return { document, operation: methods?.['post'] ?? expect.fail('no operation') }
}

const resolve = (document: OpenApiDocument, reference: unknown): unknown => {
  const { $ref } = reference as { $ref: string }
  return $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document)
}

describe('the paths', () => {
  it('are those of the Api, with its prefix, parameters in braces and texts as in URLs', async () => {
    class Room extends Resource {
      get() {
        return 'x'
      }
      delete = pipeline(() => undefined)
    }
    const api = new Api({ prefix: '/api/:tenant' }).addResource(Room, '/räume', '/rooms/:id')
    const { paths } = await documentOf(api)
    expect(Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods)])).toEqual([
      ['/api/{tenant}/r%C3%A4ume', ['get', 'delete']],
      ['/api/{tenant}/rooms/{id}', ['get', 'delete']],
    ])
    expect(paths['/api/{tenant}/rooms/{id}']?.['get']).toEqual({
      operationId: 'getRoomsById',
      tags: ['rooms'],
      parameters: [
        { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      ],
      responses: { 200: { description: 'Success.' }, default: { $ref: '#/components/responses/AnyError' } },
    })
  })

  it('are those of a list of routes, or of several Apis', async () => {
    const view = pipeline(() => 'x')
    const { paths } = await documentOf([
      { routes: [{ method: 'GET', path: '/classes/:id', view }] },
      new Api({ prefix: '/v1' }).addResource({ get: view }, '/classes'),
      new Api({ prefix: '/v2' }).addResource({ get: view }, '/classes'),
    ])
    expect(Object.entries(paths).map(([path, { get }]) => [path, get?.operationId])).toEqual([
      ['/classes/{id}', 'getClassesById'],
      ['/v1/classes', 'getClasses'],
      ['/v2/classes', 'getV2Classes'],
    ])
  })

  it('are there without what is hidden, and with what a resource answers HEAD with itself', async () => {
    const hidden = pipeline(describeEndpoint({ hidden: true }), () => 'x')
    const api = new Api()
      .addResource({ get: () => 'x', head: () => undefined }, '/a')
      .addResource({ get: hidden }, '/b')
    const { paths } = await documentOf(api)
    expect(Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods)])).toEqual([
      ['/a', ['get', 'head']],
    ])
  })

  it('make names that differ, whatever the paths look like', async () => {
    const get = () => 'x'
    const { paths } = await documentOf(new Api({ prefix: '/p' }).addResource({ get }, '', '/', '/a-b', '/a/b', '/a_b'))
    expect(Object.values(paths).map(({ get: operation }) => operation?.operationId)).toEqual([
      'getRoot',
      'getP',
      'getAB',
      'getPAB',
      'getPAB2',
    ])
  })
})

describe('the arguments', () => {
  it('are parameters by location, with lists in their styles', async () => {
    const { operation } = await operationOf(
      pipeline(
        useArgs(
          inLocations({
            path: { id: arg.int({ min: 1 }) },
            query: {
              page: arg.int({ default: 1, description: 'Which page.' }),
              tag: arg.list(arg.string(), { max: 5 }),
              ids: arg.delimited(arg.int(), { optional: true }),
              either: arg.delimited(arg.string(), { delimiter: '|', optional: true }),
              odd: arg.delimited(arg.string(), { delimiter: ';', optional: true }),
            },
            headers: { 'x-request-id': z.string().optional(), authorization: z.string().optional() },
            cookies: { theme: arg.oneOf(['dark', 'light'], { default: 'light' }) },
          }),
        ),
        () => 'x',
      ),
      '/classes/:id',
    )
    expect(operation.parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } },
      { name: 'page', in: 'query', description: 'Which page.', schema: { type: 'integer', default: 1 } },
      {
        name: 'tag',
        in: 'query',
        required: true,
        style: 'form',
        explode: true,
        schema: { type: 'array', items: { type: 'string' }, maxItems: 5 },
      },
      {
        name: 'ids',
        in: 'query',
        style: 'form',
        explode: false,
        schema: { type: 'array', items: { type: 'integer' } },
      },
      {
        name: 'either',
        in: 'query',
        style: 'pipeDelimited',
        explode: false,
        schema: { type: 'array', items: { type: 'string' } },
      },
      { name: 'odd', in: 'query', schema: { type: 'string', description: 'A list with ";" between its items.' } },
      { name: 'x-request-id', in: 'header', schema: { type: 'string' } },
      { name: 'theme', in: 'cookie', schema: { type: 'string', enum: ['dark', 'light'], default: 'light' } },
    ])
    expect(operation.requestBody).toBeUndefined()
    expect(Object.keys(operation.responses)).toEqual(['200', '413', '422', 'default'])
  })

  it('are the members of a schema for a whole location, of all its alternatives too', async () => {
    const shape = z.union([z.object({ kind: z.literal('a'), a: z.string() }), z.object({ kind: z.literal('b') })])
    const { operation } = await operationOf(pipeline(useArgs(shape, { location: 'query' }), () => 'x'))
    expect(operation.parameters).toEqual([
      {
        name: 'kind',
        in: 'query',
        required: true,
        schema: {
          anyOf: [
            { type: 'string', const: 'a' },
            { type: 'string', const: 'b' },
          ],
        },
      },
      { name: 'a', in: 'query', schema: { type: 'string' } },
    ])
  })

  it('are one exploded object when a schema names no members', async () => {
    const { operation } = await operationOf(
      pipeline(useArgs(z.record(z.string(), z.string()), { location: 'query' }), () => 'x'),
    )
    expect(operation.parameters).toMatchObject([{ name: 'args', in: 'query', style: 'form', explode: true }])
  })

  it('in JSON are the body, closed as webargs closes it, with the errors of a body', async () => {
    const { document, operation } = await operationOf(
      pipeline(useArgs({ name: z.string().min(1), seats: z.int().min(0).max(9).default(3) }), () => 'x'),
    )
    expect(operation.requestBody).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              name: { type: 'string', minLength: 1 },
              seats: { type: 'integer', minimum: 0, maximum: 9, default: 3 },
            },
            required: ['name'],
            additionalProperties: false,
          },
        },
      },
    })
    expect(operation.responses['422']).toEqual({ $ref: '#/components/responses/InvalidArguments' })
    expect(resolve(document, operation.responses['422'])).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/ArgumentErrors' } } },
    })
    expect(Object.keys(operation.responses)).toEqual(['200', '400', '413', '415', '422', 'default'])
  })

  it('in a list, in either body, and in none that is demanded', async () => {
    const many = await operationOf(pipeline(useArgs({ name: z.string() }, { many: true }), () => 'x'))
    expect(many.operation.requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { type: 'array', items: { required: ['name'] } } } },
    })
    const shape = { note: arg.string({ optional: true }), ids: arg.delimited(arg.int(), { optional: true }) }
    const either = await operationOf(pipeline(useArgs(shape, { location: 'json_or_form' }), () => 'x'))
    expect(either.operation.requestBody).toMatchObject({
      required: false,
      content: {
        'application/json': { schema: { properties: { ids: { type: 'string' } } } },
        'application/x-www-form-urlencoded': {
          schema: { properties: { ids: { type: 'array', items: { type: 'integer' } } } },
          encoding: { ids: { style: 'form', explode: false } },
        },
      },
    })
  })

  it('with files are a multipart form, in which the other fields are, too', async () => {
    const upload = describeStep((_context: RequestContext) => undefined, {
      args: [
        {
          in: ['files'],
          fields: {
            picture: {
              schema: { type: 'string', contentMediaType: 'image/png', description: 'Of the class.' },
              required: true,
            },
            others: { schema: { type: 'array', items: {}, maxItems: 3 }, required: false },
            any: { schema: z.instanceof(Uint8Array), required: false },
          },
        },
        { in: ['form'], fields: { name: { schema: { type: 'string' }, required: true } } },
      ],
    })
    const { operation } = await operationOf(pipeline(upload, () => 'x'))
    const file = { type: 'string', contentMediaType: 'application/octet-stream' }
    expect(operation.requestBody?.content).toEqual({
      'multipart/form-data': {
        schema: {
          type: 'object',
          properties: {
            picture: { type: 'string', contentMediaType: 'image/png', description: 'Of the class.' },
            others: { type: 'array', items: file, maxItems: 3 },
            any: file,
            name: { type: 'string' },
          },
          required: ['picture', 'name'],
        },
      },
    })
  })

  it('that are uploads say how many files of which type', async () => {
    const step = useArgs(
      inLocations({
        form: { name: arg.string(), ids: arg.delimited(arg.int(), { default: [] }) },
        files: {
          picture: arg.file({ types: ['image/png', 'image/jpeg'], description: 'Of the class.' }),
          others: arg.files({ maxCount: 3, optional: true }),
        },
      }),
    )
    const { operation } = await operationOf(pipeline(step, () => 'x'))
    const file = { type: 'string', contentMediaType: 'application/octet-stream' }
    expect(operation.requestBody).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              ids: { type: 'array', items: { type: 'integer' }, default: [] },
              picture: { ...file, description: 'Of the class.' },
              others: { type: 'array', items: file, minItems: 1, maxItems: 3 },
            },
            required: ['name', 'picture'],
          },
          encoding: {
            ids: { style: 'form', explode: false },
            picture: { contentType: 'image/png, image/jpeg' },
          },
        },
      },
    })
  })

  it('of several steps are one body, of which a schema for the whole stays a part of its own', async () => {
    const fields = (name: string) => useArgs({ [name]: z.string() }, { unknown: { json: 'exclude' } })
    const { operation } = await operationOf(pipeline(fields('a'), fields('b'), () => 'x'))
    expect(operation.requestBody?.content['application/json']?.schema).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      required: ['a', 'b'],
    })
    const union = z.union([z.object({ c: z.string() }), z.object({ d: z.string() })])
    const both = await operationOf(pipeline(fields('a'), useArgs(union, { unknown: { json: 'exclude' } }), () => 'x'))
    expect(both.operation.requestBody?.content['application/json']?.schema).toMatchObject({
      allOf: [{ properties: { a: { type: 'string' } } }, { anyOf: [{ required: ['c'] }, { required: ['d'] }] }],
    })
  })

  it('that are looked for in several places are demanded in none of them', async () => {
    const { useArgs: useOldArgs } = new ArgsParser({
      firstOf: ['query', 'json'],
      layout: 'flat',
      statuses: { invalid: 400 },
    })
    const { document, operation } = await operationOf(pipeline(useOldArgs({ name: z.string() }), () => 'x'))
    expect(operation.parameters).toEqual([
      {
        name: 'name',
        in: 'query',
        required: false,
        description: 'Required. Taken from the first of these that has it: query, json.',
        schema: { type: 'string' },
      },
    ])
    expect(operation.requestBody).toMatchObject({ required: false })
    expect(document.components?.schemas).toHaveProperty('FlatArgumentErrors')
    expect(operation.responses).not.toHaveProperty('422')
    expect(operation.responses['400']).toMatchObject({
      description: expect.stringContaining('The body cannot be read.'),
    })
  })

  it('of a page are those of the pagination, and its body can be declared', async () => {
    const Item = z.object({ id: z.string() }).meta({ id: 'Item' })
    const { operation } = await operationOf(
      pipeline(
        describeEndpoint({ responses: { 200: pageOf(Item) } }),
        useArgs(paginationArgs({ maxLimit: 50 }), { location: 'query' }),
        ({ args }) => paginated([{ id: '1' }], args),
      ),
    )
    expect(operation.parameters).toMatchObject([
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 50, default: 20 } },
      { name: 'offset', in: 'query', schema: { type: 'integer', minimum: 0, default: 0 } },
    ])
    expect(operation.responses['200']).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Item' } } },
            required: ['offset', 'limit', 'totalItems', 'items'],
          },
        },
      },
    })
  })
})

describe('the security', () => {
  it('is a bearer token with its scopes, and the refusals', async () => {
    const mayWrite = steps(parseAuthHeader(Token), authRequired({ scopes: ['classes:write'] }))
    const { document, operation } = await operationOf(pipeline(mayWrite, () => 'x'))
    expect(operation.security).toEqual([{ bearerToken: ['classes:write'] }])
    expect(document.components?.securitySchemes).toEqual({
      bearerToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    })
    expect(Object.keys(operation.responses)).toEqual(['200', '400', '401', '403', 'default'])
    expect(resolve(document, operation.responses['403'])).toMatchObject({
      headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Errors' } } },
    })
  })

  it('is a choice of ways, and of none where no step demands a token', async () => {
    const { document, operation } = await operationOf(
      pipeline(parseAuthHeader(Token, { queryString: true, cookie: 'session' }), () => 'x'),
    )
    expect(operation.security).toEqual([{ bearerToken: [] }, { tokenInQuery: [] }, { tokenInCookie: [] }, {}])
    expect(document.components?.securitySchemes).toMatchObject({
      tokenInQuery: { type: 'apiKey', in: 'query', name: 'token' },
      tokenInCookie: { type: 'apiKey', in: 'cookie', name: 'session' },
    })
  })

  it('of steps before the whole Api is told by an option', async () => {
    const { operation } = await operationOf(() => 'x', '/x', { steps: [parseAuthHeader(Token), authRequired()] })
    expect(operation).toMatchObject({ security: [{ bearerToken: [] }] })
  })

  it('of login, renewal and logout is what they take and answer', async () => {
    const auth = createTokenAuth({
      token: Token,
      store: new MemoryRefreshTokenStore(),
      fields: ['email', 'password', 'otp?'],
      authenticate: () => null,
    })
    const login = await operationOf(pipeline(describeEndpoint({ summary: 'Come in' }), auth.login))
    expect(login.operation).toMatchObject({
      summary: 'Come in',
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { required: ['email', 'password'] } },
          'application/x-www-form-urlencoded': { schema: { required: ['email', 'password'] } },
        },
      },
    })
    expect(Object.keys(login.operation.responses)).toEqual(['200', '400', '401', '413', '415', '422', 'default'])
    const logout = await operationOf(auth.logout)
    expect(logout.operation).toMatchObject({ security: [{ bearerToken: [] }, {}], requestBody: { required: false } })
    expect((await operationOf(auth.renew)).operation.requestBody?.required).toBe(true)
  })
})

describe('the replies', () => {
  it('are those that are declared, in the place of 200, and errors beside those of the steps', async () => {
    const { operation } = await operationOf(
      pipeline(
        describeEndpoint({
          summary: 'Make one',
          description: 'At *once*.',
          tags: ['making'],
          operationId: 'makeOne',
          deprecated: true,
          responses: {
            201: { description: 'Made.', schema: z.object({ id: z.string() }), headers: { location: 'Where it is.' } },
            204: 'Nothing to do.',
            409: 'It is there.',
            422: 'It cannot be.',
          },
        }),
        useArgs({ name: z.string() }),
        () => reply({ id: '1' }, 201),
      ),
    )
    expect(operation).toMatchObject({
      operationId: 'makeOne',
      summary: 'Make one',
      description: 'At *once*.',
      tags: ['making'],
      deprecated: true,
    })
    expect(Object.keys(operation.responses)).toEqual(['201', '204', '400', '409', '413', '415', '422', 'default'])
    expect(operation.responses['201']).toMatchObject({
      description: 'Made.',
      headers: { location: { description: 'Where it is.', schema: { type: 'string' } } },
      content: { 'application/json': { schema: { type: 'object', required: ['id'] } } },
    })
    expect(operation.responses['204']).toEqual({ description: 'Nothing to do.' })
    expect(operation.responses['422']).toEqual({
      description: 'It cannot be. Arguments are missing or not valid. Every fault is listed.',
      content: {
        'application/json': {
          schema: { anyOf: [{ $ref: '#/components/schemas/Errors' }, { $ref: '#/components/schemas/ArgumentErrors' }] },
        },
      },
    })
  })

  it('say how large a body may be', async () => {
    const { operation } = await operationOf(pipeline(limitBody(2_000_000), useArgs({ a: z.string() }), () => 'x'))
    expect(operation.requestBody?.description).toBe('At most 2,000,000 bytes.')
    const bare = await operationOf(pipeline(limitBody(10), () => 'x'))
    expect(bare.operation.responses['413']).toEqual({ $ref: '#/components/responses/BodyTooLarge' })
  })

  it('are shown in every media type of the Api', async () => {
    const api = new Api().addResource(
      { get: pipeline(describeEndpoint({ responses: { 200: z.string() } }), () => 'x') },
      '/x',
    )
    api.representations.set('application/problem+json', problemJson)
    const document = await documentOf(api)
    const { get } = document.paths['/x'] ?? {}
    expect(get?.responses['200']).toMatchObject({ content: { 'application/json': {} } })
    expect(resolve(document, get?.responses['default'])).toMatchObject({
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/Errors' } },
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      },
    })
  })

  it('as problem details are of their media type', async () => {
    const { document, operation } = await operationOf(
      pipeline(useArgs({ a: z.string() }, { layout: 'problem' }), () => 'x'),
    )
    expect(resolve(document, operation.responses['422'])).toMatchObject({
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ArgumentProblem' } } },
    })
  })
})

describe('the document', () => {
  const api = () =>
    new Api().addResource({ post: pipeline(useArgs({ a: z.string() }), () => 'x'), get: () => 'x' }, '/b', '/a')

  it('is the same, to the byte, each time', () => {
    expect(JSON.stringify(openapi(api(), { info }))).toBe(JSON.stringify(openapi(api(), { info })))
  })

  it('has what the options say of the API', async () => {
    const more = { servers: [{ url: 'https://api.example.org' }], tags: [{ name: 'a', description: 'First.' }] }
    expect(await documentOf(api(), more)).toMatchObject({ openapi: '3.1.1', info, ...more })
  })

  it('is valid for an Api without resources', async () => {
    expect(await documentOf(new Api())).toEqual({ openapi: '3.1.1', info, paths: {} })
  })

  it('would not pass with a parameter that says nothing, or a reference to nothing', async () => {
    const document = openapi(api(), { info })
    const { post } = document.paths['/a'] ?? {}
    const planted = (change: object) => ({ ...document, paths: { '/a': { post: { ...post, ...change } } } })
    for (const change of [
      { parameters: [{ name: 'x', in: 'query' }] },
      { responses: { 200: { $ref: '#/nowhere' } } },
    ]) {
      expect(await validator.validate(JSON.parse(JSON.stringify(planted(change))))).toMatchObject({ valid: false })
    }
  })

  it('is refused with everything that is wrong', () => {
    const routes = [
      { method: 'FETCH', path: '/a', view: () => 'x' },
      { method: 'GET', path: 'b', view: () => 'x' },
      { method: 'GET', path: '/c/:x', view: () => 'x' },
      { method: 'GET', path: '/c/:y', view: () => 'x' },
    ]
    const wrong = { info: { title: 'x' }, converters: { valibot: 'no' } } as never
    expect(() => openapi({ routes }, wrong)).toThrow(
      new TypeError(
        'openapi: `info.version` must be a text; `converters.valibot` must be a function; ' +
          'the route "FETCH /a" must have a method of GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH, TRACE; ' +
          'the path of the route "GET b" must begin with "/"; the route "GET /c/:y" is there twice',
      ),
    )
  })

  it('refuses one path with two names for its parameter, which a document must not have', () => {
    const route = (method: string, path: string) => ({ method, path, view: () => 'x' })
    const routes = [route('GET', '/a/:id'), route('POST', '/a/:name'), route('PUT', '/a/:id')]
    expect(() => openapi({ routes }, { info })).toThrow(
      new TypeError('openapi: the route "POST /a/:name" must have the parameter names of "/a/:id"'),
    )
    const deeper = openapi({ routes: [route('GET', '/a/:id'), route('GET', '/a/:name/b')] }, { info })
    expect(Object.keys(deeper.paths)).toEqual(['/a/{id}', '/a/{name}/b'])
  })

  it('refuses arguments that are demanded of a path without them, all at once', () => {
    const view = pipeline(useArgs({ idd: arg.int() }, { location: 'path' }), () => 'x')
    const schema = pipeline(useArgs(z.object({ nr: z.string() }), { location: 'path' }), () => 'x')
    const routes = [
      { method: 'GET', path: '/a/:id', view },
      { method: 'GET', path: '/b', view: schema },
    ]
    expect(() => openapi({ routes }, { info })).toThrow(
      new TypeError(
        'openapi: the route "GET /a/:id" must have the path parameters "idd" that its view demands, found "id"; ' +
          'the route "GET /b" must have the path parameters "nr" that its view demands, found none',
      ),
    )
  })

  it('takes arguments of a path that are optional, or that may come from elsewhere', async () => {
    const optional = pipeline(useArgs({ id: arg.int({ optional: true }) }, { location: 'path' }), () => 'x')
    const anywhere = pipeline(useArgs({ id: arg.int() }, { firstOf: ['path', 'query'] }), () => 'x')
    const api = new Api().addResource({ get: optional, post: anywhere }, '/a', '/a/:id')
    const { paths } = await documentOf(api)
    expect(paths['/a']?.['get']?.parameters).toBeUndefined()
    expect(paths['/a/{id}']?.['get']?.parameters).toMatchObject([{ name: 'id', in: 'path', required: true }])
    expect(paths['/a']?.['post']?.parameters).toMatchObject([{ name: 'id', in: 'query' }])
  })

  it('refuses one name for two views, and keeps that of one view for its first path', async () => {
    const named = () => pipeline(describeEndpoint({ operationId: 'x' }), () => 'x')
    const two = new Api().addResource({ get: named() }, '/a').addResource({ get: named() }, '/b')
    expect(() => openapi(two, { info })).toThrow('the `operationId` "x" of GET /b is that of another already')
    const { paths } = await documentOf(new Api().addResource({ get: named() }, '/a', '/b'))
    expect([paths['/a']?.['get']?.operationId, paths['/b']?.['get']?.operationId]).toEqual(['x', 'getB'])
  })

  it('refuses a status that no reply can have', () => {
    expect(() => describeEndpoint({ responses: { 99: 'x' } })).toThrow('from 200 to 599, found 99')
  })
})
