import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApiDocument } from 'twopi/openapi'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Framework } from '../../examples/school/servers.ts'
import { greeting, welcomePage } from '../../examples/school/welcome.ts'

vi.stubEnv('CELERY_BROKER_URL', undefined)
vi.stubEnv('CELERY_RESULT_BACKEND', undefined)
vi.stubEnv('DATABASE_URL', process.env['SCHOOL_DATABASE_URL'] ?? 'sqlite://')
const { api } = await import('../../examples/school/api.ts')
const { db, prepareDatabase } = await import('../../examples/school/database.ts')
const { servers } = await import('../../examples/school/servers.ts')
const { celery } = await import('../../examples/school/tasks.ts')
await prepareDatabase()
await celery.worker().start()
afterAll(async () => {
  await celery.close()
  await db.close()
})

const frameworks: Record<Framework, true> = { express: true, fastify: true, hono: true, fetch: true }

describe.each(Object.keys(frameworks) as Framework[])('the school on %s', (framework) => {
  let server: Server
  let origin: string

  beforeAll(async () => {
    server = await servers[framework](api, () => welcomePage(origin), 0)
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  async function call(method: string, path: string, body?: object | URLSearchParams, token?: string) {
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` })
    if (body !== undefined && !(body instanceof URLSearchParams)) headers.set('content-type', 'application/json')
    const payload = body === undefined || body instanceof URLSearchParams ? (body ?? null) : JSON.stringify(body)
    const response = await fetch(`${origin}/api/v1${path}`, { method, headers, body: payload })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? '' : JSON.parse(text) }
  }
  const credentials = { username: 'test', password: 'test' }

  it('logs in with JSON and with a form', async () => {
    for (const body of [credentials, new URLSearchParams(credentials)]) {
      const response = await call('POST', '/login', body)
      expect(response).toMatchObject({
        status: 200,
        body: { token: expect.any(String), refreshToken: expect.any(String) },
      })
      expect(Object.keys(response.body).sort()).toEqual(['refreshToken', 'token'])
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('refuses a wrong password', async () => {
    const { status, body } = await call('POST', '/login', { username: 'test', password: 'guess' })
    expect({ status, errors: body._errors.length }).toEqual({ status: 401, errors: 1 })
  })

  it('greets, renews and logs out', async () => {
    const { token, refreshToken } = (await call('POST', '/login', credentials)).body
    expect(await call('POST', '/protected', undefined, token)).toMatchObject({
      status: 200,
      body: { message: 'Welcome, test' },
    })
    const renewed = await call('POST', '/renew', { refreshToken })
    expect(renewed.body).toEqual({ token: expect.any(String) })
    expect(await call('POST', '/protected', undefined, renewed.body.token)).toMatchObject({ status: 200 })
    expect(await call('POST', '/logout', undefined, token)).toMatchObject({ status: 200, body: { status: 'success' } })
    expect(await call('POST', '/renew', { refreshToken })).toMatchObject({ status: 401 })
  })

  it('asks for a token with a challenge', async () => {
    const { status, headers, body } = await call('POST', '/protected')
    expect({ status, body }).toMatchObject({
      status: 401,
      body: { _errors: ['A valid token is required to access this resource'] },
    })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })

  it('makes, shows, changes and deletes a class', async () => {
    const { token } = (await call('POST', '/login', credentials)).body
    const created = await call('POST', '/classes', { name: 'Algebra' }, token)
    expect(created).toMatchObject({ status: 201, body: { name: 'Algebra', seats: 30 } })
    const path = `/classes/${created.body.id}`
    expect(created.headers.get('location')).toBe(`/api/v1${path}`)
    expect(await call('GET', path)).toMatchObject({ status: 200, body: created.body })
    expect((await call('GET', '/classes')).body.items).toContainEqual(created.body)
    const changed = await call('PUT', path, { name: 'Geometry', seats: 12 }, token)
    expect(changed.body).toEqual({ id: created.body.id, name: 'Geometry', seats: 12 })
    expect(await call('DELETE', path, undefined, token)).toMatchObject({ status: 204, body: '' })
    expect(await call('GET', path)).toMatchObject({ status: 404, body: { _errors: ['There is no such class.'] } })
  })

  it('documents every endpoint in a valid document, the same on every server', async () => {
    const response = await fetch(`${origin}/api/v1/openapi.json`)
    expect(response.headers.get('content-type')).toBe('application/json')
    const document = (await response.json()) as OpenApiDocument
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true })
    expect(Object.keys(document.paths)).toEqual([
      '/api/v1/login',
      '/api/v1/renew',
      '/api/v1/logout',
      '/api/v1/protected',
      '/api/v1/classes',
      '/api/v1/classes/import',
      '/api/v1/classes/{id}',
      '/api/v1/reports',
      '/api/v1/reports/{id}',
    ])
    expect(document.paths['/api/v1/classes']?.['post']?.security).toEqual([{ bearerToken: ['classes:write'] }])
  })

  it('shows the document on a page whose files come from this server alone', async () => {
    const page = await fetch(`${origin}/api/v1/docs`, { headers: { accept: 'text/html,*/*;q=0.8' } })
    const html = await page.text()
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(html).not.toMatch(/<style|style=|<script>|\bon\w+=|https?:|\/\//i)
    const urls = [...html.matchAll(/(?:href|src|data-url)="([^"]+)"/g)].map(([, url]) => new URL(url ?? '', page.url))
    expect(urls).toHaveLength(6)
    for (const url of urls) {
      const file = await fetch(url)
      expect({ url: url.pathname, status: file.status }).toEqual({ url: url.pathname, status: 200 })
      expect(file.headers.get('x-content-type-options') ?? 'nosniff').toBe('nosniff')
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
    const bundle = await fetch(`${origin}/api/v1/docs/swagger-ui-bundle.js`)
    expect(bundle.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const again = { headers: { 'if-none-match': bundle.headers.get('etag') ?? '' } }
    expect((await fetch(bundle.url, again)).status).toBe(304)
    for (const name of ['package.json', 'index.html', '..%2fpackage.json', 'constructor', '__proto__']) {
      expect((await fetch(`${origin}/api/v1/docs/${name}`)).status).toBe(404)
    }
  })

  it('lets nobody change classes without a token, and says everything that is wrong with a class', async () => {
    expect(await call('POST', '/classes', { name: 'Algebra' })).toMatchObject({ status: 401 })
    const { token } = (await call('POST', '/login', credentials)).body
    const { status, body } = await call('POST', '/classes', { name: '', seats: 1.5 }, token)
    expect({ status, fields: Object.keys(body.json) }).toEqual({ status: 422, fields: ['name', 'seats'] })
    expect(await call('POST', '/classes', new URLSearchParams({ name: 'x' }), token)).toMatchObject({ status: 415 })
  })

  it('gives classes in pages, found by their name', async () => {
    const { token } = (await call('POST', '/login', credentials)).body
    const start = `${framework}_%!`
    for (const name of ['c', 'a', 'b']) await call('POST', '/classes', { name: start + name }, token)
    const path = `/classes?name=${encodeURIComponent(start)}&limit=2`
    const { body, headers } = await call('GET', path)
    expect(body).toMatchObject({
      offset: 0,
      limit: 2,
      totalItems: 3,
      items: [{ name: `${start}a` }, { name: `${start}b` }],
    })
    expect(headers.get('link')).toContain('rel="next"')
    expect(await call('GET', '/classes?limit=1000')).toMatchObject({
      status: 422,
      body: { query: { limit: [expect.any(String)] } },
    })
  })

  it('makes all classes of a file, or none', async () => {
    const { token } = (await call('POST', '/login', credentials)).body
    async function upload(text: string, type = 'text/csv') {
      const form = new FormData()
      form.set('list', new Blob([text], { type }), 'classes.csv')
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${origin}/api/v1/classes/import`, { method: 'POST', headers, body: form })
      return { status: response.status, body: await response.json() }
    }
    const count = async () => (await call('GET', `/classes?name=Import-${framework}`)).body.totalItems
    expect(await upload(`Import-${framework}-1,5\nImport-${framework}-2\n`)).toEqual({
      status: 201,
      body: { created: 2 },
    })
    expect(await count()).toBe(2)
    expect(await upload(`Import-${framework}-3,5\nImport-${framework}-4,many\n`)).toMatchObject({ status: 422 })
    expect(await count()).toBe(2)
    expect(await upload('x', 'image/png')).toMatchObject({
      status: 422,
      body: { files: { list: [expect.any(String)] } },
    })
    expect(await upload('x'.repeat(100_001))).toMatchObject({ status: 413 })
  })

  it('makes a report in a task, and tells how far it is', async () => {
    const { token } = (await call('POST', '/login', credentials)).body
    await call('POST', '/classes', { name: 'Reported', seats: 999 }, token)
    const ordered = await call('POST', '/reports', undefined, token)
    expect(ordered).toMatchObject({ status: 202, body: { id: expect.any(String) } })
    const path = ordered.headers.get('location')?.replace('/api/v1', '') ?? ''
    const seen = new Map<string, object>()
    await vi.waitFor(
      async () => {
        const { body } = await call('GET', path, undefined, token)
        seen.set(body.state, body)
        expect(body.state).toBe('SUCCESS')
      },
      { interval: 10, timeout: 20_000 },
    )
    expect(seen.get('PROGRESS')).toMatchObject({
      progress: { done: expect.any(Number), total: expect.any(Number) },
      report: null,
    })
    expect(seen.get('SUCCESS')).toMatchObject({
      progress: null,
      report: { seats: expect.any(Number), largest: 'Reported' },
    })
    expect(await call('GET', '/reports/none', undefined, token)).toMatchObject({ status: 422 })
    expect(await call('GET', path)).toMatchObject({ status: 401 })
  })

  it('tells which methods a path has', async () => {
    const wrong = await call('PATCH', '/classes')
    expect(wrong).toMatchObject({
      status: 405,
      body: { _errors: ['The method is not allowed for the requested URL.'] },
    })
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    expect((await call('OPTIONS', '/classes')).headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    expect(await call('HEAD', '/classes')).toMatchObject({ status: 200, body: '' })
  })

  it('answers unknown paths in the envelope, inside and outside of the API', async () => {
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, body: { _errors: [expect.any(String)] } })
    const outside = await fetch(`${origin}/nothing`)
    expect({ status: outside.status, body: await outside.json() }).toEqual({
      status: 404,
      body: { _errors: [expect.any(String)] },
    })
  })

  it('shows a browser what to type', async () => {
    const response = await fetch(origin)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain(`${origin}/api/v1/login`)
  })
})

describe('the greeting of the school', () => {
  it('has the address, the demo user and four lines to try', () => {
    const text = greeting('hono', 'http://localhost:5005')
    expect(text).toContain('http://localhost:5005 (hono)')
    expect(text).toContain('Demo user: test, password: test')
    expect(text.match(/^ {2}curl /gm)).toHaveLength(4)
  })
})
