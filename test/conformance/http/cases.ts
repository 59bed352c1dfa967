import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Journal } from './routes.ts'
import type { Send, TestRequest } from './transport.ts'

/** An application with all the suite's routes, `/native…` and the `/middleware…` routes. */
export interface App {
  readonly send: Send
  /** Present when there is a socket. */
  readonly origin?: string
  close(): Promise<void>
}

export interface Variant {
  createApp(journal: Journal): Promise<App>
  /** Titles that this variant cannot do, each with the reason. */
  readonly skips: Readonly<Record<string, string>>
}

const json = ['content-type', 'application/json'] as const
const form = ['content-type', 'application/x-www-form-urlencoded'] as const
const post = (
  path: string,
  body: NonNullable<TestRequest['body']>,
  type: readonly [string, string] | null = json,
): TestRequest => ({
  method: 'POST',
  path,
  body,
  headers: type === null ? [] : [type],
})

/** The whole contract of an adapter. A variant's own test file is its factory and its skips. */
export function describeHttpAdapter(name: string, variant: Variant): void {
  describe(name, () => {
    const journal = new Journal()
    let app: App
    beforeAll(async () => {
      app = await variant.createApp(journal)
    })
    afterAll(() => app.close())

    const used = new Set<string>()
    function test(title: string, run: () => Promise<void>): void {
      const reason = variant.skips[title]
      used.add(title)
      if (reason === undefined) it(title, run)
    }
    async function expectReply(request: TestRequest, status: number, body: unknown) {
      const response = await app.send(request)
      expect({ status: response.status, body: response.text === '' ? '' : JSON.parse(response.text) }).toEqual({
        status,
        body,
      })
      return response
    }
    const expectCode = async (request: TestRequest, status: number, code: string) => {
      const response = await app.send(request)
      const body = JSON.parse(response.text)
      expect({ status: response.status, code: body.code }).toEqual({ status, code })
      expect(body._errors).toHaveLength(1)
    }

    // Requests

    test('gives path parameters, path, url and method', async () => {
      const { text } = await app.send({ method: 'PUT', path: '/echo/a%20b%2Fc?x=1' })
      expect(JSON.parse(text)).toMatchObject({
        method: 'PUT',
        url: '/echo/a%20b%2Fc?x=1',
        path: '/echo/a%20b%2Fc',
        params: { name: 'a b/c' },
      })
    })

    test('keeps repeated query keys and decodes them', async () => {
      const { text } = await app.send({ path: '/echo/x?tag=a&tag=b%26c&empty=&plus=1+2&tag=' })
      const query = [
        ['tag', 'a'],
        ['tag', 'b&c'],
        ['empty', ''],
        ['plus', '1 2'],
        ['tag', ''],
      ]
      expect(JSON.parse(text).query).toEqual(query)
    })

    test('keeps repeated header lines apart', async () => {
      const { text } = await app.send({
        path: '/echo/x',
        headers: [
          ['x-tag', 'a'],
          ['x-tag', 'b, c'],
        ],
      })
      expect(JSON.parse(text)).toMatchObject({ tags: ['a', 'b, c'], tag: 'a, b, c' })
    })

    test('joins repeated header lines when asked for one value', async () => {
      const { text } = await app.send({
        path: '/echo/x',
        headers: [
          ['x-tag', 'a'],
          ['x-tag', 'b'],
        ],
      })
      expect(JSON.parse(text).tag).toBe('a, b')
    })

    test('reads cookies, decoded, the first of two with one name', async () => {
      const { text } = await app.send({ path: '/echo/x', headers: [['cookie', 'a=1; b=%C3%A4; a=2; __proto__=x']] })
      const cookies = JSON.parse(text).cookies
      expect(cookies).toMatchObject({ a: '1', b: 'ä' })
      expect({}).not.toHaveProperty('x')
    })

    test('answers OPTIONS where a view is registered for it', async () => {
      const response = await app.send({ method: 'OPTIONS', path: '/echo/x' })
      expect(JSON.parse(response.text).method).toBe('OPTIONS')
    })

    test('answers HEAD with the headers of GET and no body', async () => {
      const response = await app.send({ method: 'HEAD', path: '/string' })
      expect(response.status).toBe(200)
      expect(response.headers['content-type']).toBe('application/json')
      expect(response.text).toBe('')
    })

    // Bodies

    test('reads JSON of every kind of value', async () => {
      for (const value of [{ a: [1, null] }, [], 5, 'text', false]) {
        const response = await app.send(post('/json', JSON.stringify(value)))
        expect(JSON.parse(response.text)).toEqual(value === 'text' ? { message: 'text' } : value)
      }
    })

    test('reads JSON under a vendor type with the suffix +json', async () => {
      await expectReply(post('/json', '{"a":1}', ['content-type', 'application/vnd.school+json; version=2']), 200, {
        a: 1,
      })
    })

    test('reads the body once, however often it is asked for', async () => {
      await expectReply(post('/json-twice', '{"a":1}'), 200, [{ a: 1 }, { a: 1 }])
    })

    test('drops a byte order mark before JSON', async () => {
      await expectReply(post('/json', '\uFEFF{"a":1}'), 200, { a: 1 })
    })

    test('decodes a body by its charset', async () => {
      const latin1 = Buffer.from('{"a":"\u00e4"}', 'latin1')
      await expectReply(post('/text', latin1, ['content-type', 'text/plain; charset="ISO-8859-1"']), 200, {
        text: '{"a":"ä"}',
      })
    })

    test('lets the last of duplicate JSON keys win and __proto__ do nothing', async () => {
      const response = await app.send(
        post('/json', '{"a":1,"a":2,"__proto__":{"polluted":1},"\\u005f_proto__":{"polluted":1}}'),
      )
      expect(JSON.parse(response.text)).toEqual({ a: 2 })
      expect({}).not.toHaveProperty('polluted')
    })

    test('answers malformed JSON with 400', () => expectCode(post('/json', '{"a":'), 400, 'ERR_BODY_MALFORMED'))

    test('answers JSON that is not UTF-8 with 400', () =>
      expectCode(post('/json', new Uint8Array([34, 255, 34])), 400, 'ERR_BODY_MALFORMED'))

    test('answers an empty JSON body with 400', () => expectCode(post('/json', ''), 400, 'ERR_BODY_EMPTY'))

    test('answers another content type than JSON with 415', () =>
      expectCode(post('/json', '{"a":1}', ['content-type', 'text/plain']), 415, 'ERR_BODY_CONTENT_TYPE'))

    test('answers JSON without a content type with 415', () =>
      expectCode(post('/json', new TextEncoder().encode('{"a":1}'), null), 415, 'ERR_BODY_CONTENT_TYPE'))

    test('answers an unknown charset with 415', () =>
      expectCode(
        post('/json', '{"a":1}', ['content-type', 'application/json; charset=klingon']),
        415,
        'ERR_BODY_CHARSET',
      ))

    test('answers a compressed body with 415', () =>
      expectCode(
        { ...post('/json', '{}'), headers: [json, ['content-encoding', 'gzip']] },
        415,
        'ERR_BODY_CONTENT_ENCODING',
      ))

    test('reads a form, repeated fields kept', async () => {
      const pairs = [
        ['username', 'te st'],
        ['tag', 'a'],
        ['tag', 'ä&b'],
      ]
      await expectReply(post('/form', 'username=te+st&tag=a&tag=%C3%A4%26b', form), 200, pairs)
    })

    test('answers JSON where a form is wanted with 415', () =>
      expectCode(post('/form', '{}'), 415, 'ERR_BODY_CONTENT_TYPE'))

    test('reads an empty body as no bytes', async () => {
      await expectReply({ method: 'POST', path: '/bytes' }, 200, { length: 0 })
    })

    test('reads bodies of all sizes up to 1 MiB', async () => {
      for (const length of [1, 1000, 65_536, 65_537, 1_048_576]) {
        await expectReply(post('/bytes', new Uint8Array(length), ['content-type', 'application/octet-stream']), 200, {
          length,
        })
      }
    })

    test('reads a body sent in pieces without a length', async () => {
      const pieces = Array.from({ length: 20 }, () => new Uint8Array(10_000))
      await expectReply(post('/bytes', pieces, ['content-type', 'application/octet-stream']), 200, { length: 200_000 })
    })

    test('answers a body over 1 MiB with 413', () =>
      expectCode(
        post('/bytes', new Uint8Array(1_048_577), ['content-type', 'application/octet-stream']),
        413,
        'ERR_BODY_TOO_LARGE',
      ))

    test('answers a body over 1 MiB in pieces with 413', () =>
      expectCode(
        post(
          '/bytes',
          Array.from({ length: 40 }, () => new Uint8Array(65_536)),
          ['content-type', 'application/octet-stream'],
        ),
        413,
        'ERR_BODY_TOO_LARGE',
      ))

    test('holds a body to the limit of its route', async () => {
      await expectReply(post('/limited', '0123456789', ['content-type', 'text/plain']), 200, { text: '0123456789' })
      await expectCode(post('/limited', '0123456789a', ['content-type', 'text/plain']), 413, 'ERR_BODY_TOO_LARGE')
    })

    test('answers without reading a body that no view asks for', async () => {
      const response = await app.send(
        post('/body-unread', new Uint8Array(300_000), ['content-type', 'application/octet-stream']),
      )
      expect(response.status).toBe(200)
    })

    test('keeps an AsyncLocalStorage over the reading of a body', async () => {
      await expectReply(post('/storage', '{"a":1}'), 200, { body: { a: 1 }, store: 'kept' })
    })

    // Replies

    test('answers a string as a message', async () => {
      const { headers } = await expectReply({ path: '/string' }, 200, { message: 'hello' })
      expect(headers['content-type']).toBe('application/json')
    })

    test('answers a string with a status from 400 as an error', async () => {
      await expectReply({ path: '/error-string' }, 400, { _errors: ['bad'] })
    })

    test('answers nothing with 204', async () => {
      await expectReply({ path: '/nothing' }, 204, '')
    })

    test('answers null and lists as they are', async () => {
      await expectReply({ path: '/null' }, 200, null)
      await expectReply({ path: '/list' }, 200, [1, 'ä', { deep: true }])
    })

    test('answers a bigint digit for digit', async () => {
      const { text } = await app.send({ path: '/big' })
      expect(text).toBe('{"big":18446744073709551616}')
    })

    test('sends the status and headers of a reply, cookies apart', async () => {
      const { headers } = await expectReply({ path: '/created' }, 201, { id: 1 })
      expect(headers).toMatchObject({ location: '/classes/1', 'x-n': '5' })
    })

    test('sends a finished response as it is', async () => {
      expect(await app.send({ path: '/finished' })).toMatchObject({
        status: 202,
        text: 'as it is',
        headers: { 'content-type': 'text/plain' },
      })
      expect(await app.send({ path: '/bytes' })).toMatchObject({ status: 200, text: 'hi' })
    })

    test('streams a web Response from a view', async () => {
      const response = await app.send({ path: '/stream' })
      expect(response).toMatchObject({ status: 203, text: 'one two three', headers: { 'x-kind': 'web' } })
    })

    test("leaves the answer to the framework's own response", async () => {
      expect(await app.send({ path: '/native' })).toMatchObject({
        status: 207,
        text: 'native',
        headers: { 'x-native': 'yes' },
      })
    })

    for (const [path, how] of [
      ['/native-async', 'returned by'],
      ['/native-unreturned', 'used without being returned by'],
    ]) {
      test(`leaves the answer to the framework's own response ${how} an async view`, async () => {
        const seen = journal.notes.length
        expect(await app.send({ path: path as string })).toMatchObject({ status: 207, text: 'native' })
        expect(journal.notes.slice(seen)).toEqual(['around saw 207'])
      })
    }

    test("streams with the framework's own response", async () => {
      expect(await app.send({ path: '/native-stream' })).toMatchObject({ status: 200, text: 'piece piece piece' })
    })

    test("keeps a header that the framework's own middleware set", async () => {
      const response = await app.send({ path: '/string' })
      expect(response.headers['x-powered-by']).toBe('middleware')
    })

    // Steps

    test('adds what steps return to the context, in order, synchronous or not', async () => {
      await expectReply({ path: '/steps' }, 200, { a: 1, b: 2 })
    })

    test('ends with the reply of a step and runs nothing after it', async () => {
      await expectReply({ path: '/step-ends' }, 202, { ended: true })
      await expectReply({ path: '/step-ends-later' }, 202, { ended: true })
      expect(journal.notes).not.toContain('must not run')
    })

    test('tells a step around the rest how it ended, before the response leaves', async () => {
      await expectReply({ path: '/around' }, 201, { ok: true })
      expect(journal.notes).toContain('around saw 201')
    })

    test('lets a step around the rest see what it threw', async () => {
      await expectReply({ path: '/around-throws' }, 409, { _errors: ['inside'] })
      expect(journal.notes).toContain('around caught inside')
    })

    test('answers with the failure of a step after the view', async () => {
      await expectReply({ path: '/around-fails-after' }, 503, { _errors: ['commit failed'] })
    })

    // Errors

    test('answers an HttpError with its messages, code, details and headers', async () => {
      const { headers } = await expectReply({ path: '/throw/http' }, 418, {
        _errors: ['one', 'two'],
        code: 'ERR_TEAPOT',
        size: 'short',
      })
      expect(headers['x-pot']).toBe('tea')
    })

    test('answers an error thrown before the view, which then does not run', async () => {
      const response = await app.send({ path: '/throw/before' })
      expect(response.status).toBe(403)
      expect(JSON.parse(response.text)._errors[0]).toMatch(/permission/)
      expect(journal.notes).not.toContain('must not run')
    })

    const faults = ['unknown', 'unknown-later', 'value', 'nothing', 'nothing-later', 'upstream', 'circular']
    for (const path of [...faults, 'unwritable', 'unsendable'].map((name) => `/throw/${name}`)) {
      test(`answers ${path} with a constant 500 and tells onError the rest`, async () => {
        const before = journal.errors.length
        const response = await expectReply({ path: `${path}?token=hunter3` }, 500, {
          _errors: ['Internal Server Error'],
        })
        expect(JSON.stringify(response)).not.toMatch(/hunter/)
        expect(journal.errors).toHaveLength(before + 1)
        expect(journal.places.at(-1)).toBe(`GET ${path}`)
      })
    }

    test('keeps the status and words of an error that the application exposes', async () => {
      await expectReply({ path: '/throw/exposed' }, 404, { _errors: ['There is no such row.'] })
    })

    test("answers with a constant 500 when a reply's header holds what HTTP does not allow, and goes on serving", async () => {
      for (const path of ['/client-header', '/client-header-later']) {
        for (const name of ['%E4%BD%A0', '%0d%0aset-cookie:%20a=1', '%00']) {
          await expectReply({ path: `${path}?name=${name}` }, 500, { _errors: ['Internal Server Error'] })
        }
        await expectReply({ path: `${path}?name=7` }, 201, { ok: true })
      }
    })

    test('answers an unknown route in the envelope', async () => {
      const response = await app.send({ path: '/no/such/route' })
      expect(response.status).toBe(404)
      expect(JSON.parse(response.text)._errors).toHaveLength(1)
    })

    test('answers a path with broken percent-encoding in the envelope, if not with a view', async () => {
      const { status, text } = await app.send({ path: '/echo/%zz' })
      if (status !== 200)
        expect({ status, errors: JSON.parse(text)._errors.length }).toEqual({ status: 400, errors: 1 })
    })

    test("takes a request's whole URL for its path and query", async () => {
      const text = await converse(app, 'GET http://x/echo/a?b=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      expect(text).toContain('"url":"/echo/a?b=1"')
      expect(text).toContain('"path":"/echo/a"')
    })

    // Middleware

    test("gives a native handler the typed context of a middleware's steps", async () => {
      expect(JSON.parse((await app.send({ path: '/middleware?lang=fr' })).text)).toEqual({ lang: 'fr', twice: 'frfr' })
    })

    test('ends in a middleware when one of its steps replies or throws', async () => {
      await expectReply({ path: '/middleware?end=reply' }, 202, { ended: true })
      await expectReply({ path: '/middleware?end=throw' }, 401, { _errors: ['no entry'] })
    })

    test('runs a step around a native handler', async () => {
      expect(JSON.parse((await app.send({ path: '/middleware-around' })).text)).toEqual({ store: 'kept' })
      await journal.until('middleware saw 200')
    })

    test('never lets a request through whose middleware step throws something that is not an Error', async () => {
      for (const what of ['nothing', 'route', 'object', 'rejects']) {
        await expectReply({ path: `/middleware?end=${what}` }, 500, { _errors: ['Internal Server Error'] })
      }
    })

    // Bodies that nobody may read

    test('answers HEAD and 204 without the body of a stream, and cancels it', async () => {
      for (const [method, path, status] of [
        ['HEAD', '/endless', 200],
        ['HEAD', '/endless-finished', 200],
        ['GET', '/endless-no-content', 204],
      ] as const) {
        journal.notes.length = 0
        const response = await app.send({ method, path })
        expect(response).toMatchObject({ status, text: '', headers: { 'x-kind': 'endless' } })
        await journal.until('cancelled')
      }
    })

    test('does not make a whole answer of a stream that breaks', async () => {
      await expect(app.send({ path: '/breaks' })).rejects.toThrow()
    })

    test('leaves out a header that is undefined', async () => {
      const { headers } = await app.send({ path: '/no-such-header' })
      expect([headers['x-a'], headers['x-b']]).toEqual([undefined, 'b'])
    })

    test('adds its cookies to those that middleware has set', async () => {
      const { headers } = await app.send({ path: '/created' })
      expect(headers['set-cookie']).toEqual(['kept=1', 'a=1', 'b=2'])
    })

    test('answers the next request on a connection after a body that was too large', async () => {
      const large =
        'POST /limited HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n'
      const chunk = `c350\r\n${'x'.repeat(50_000)}\r\n`
      const next = 'GET /string HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      const text = await converse(app, `${large}${chunk.repeat(4)}0\r\n\r\n${next}`)
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
    })

    const expectCut = async (header: string) => {
      const head = `POST /limited HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n${header}\r\n\r\n`
      const { answer, sent } = await flood(app, head, `10000\r\n${'x'.repeat(65_536)}\r\n`, 400 * 1_048_576)
      expect(answer).toMatch(/^HTTP\/1\.1 413 /)
      expect(sent).toBeLessThan(100 * 1_048_576)
    }

    test('cuts the connection of a client that goes on sending after its answer', () =>
      expectCut('Transfer-Encoding: chunked'))

    test('cuts the connection of a client that goes on sending what its headers had said was too large', () =>
      expectCut(`Content-Length: ${2 ** 40}`))

    // Clients that go away

    test('does not abort the signal of a request that was answered', async () => {
      await app.send({ path: '/signal' })
      await app.send({ path: '/string' })
      expect(journal.signals.at(-1)?.aborted).toBe(false)
    })

    test('survives a client that goes away while a view has begun to read and looks later', async () => {
      const head =
        'POST /read-then-wait HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'
      await abandon(app, head, () => journal.until('started to read'))
      await expectReply({ path: '/string' }, 200, { message: 'hello' })
      journal.note('client is gone')
      await expectReply({ path: '/string' }, 200, { message: 'hello' })
    })

    test('aborts the signal when the client goes away', async () => {
      await abandon(app, 'GET /wait-for-abort HTTP/1.1\r\nHost: x\r\n\r\n', () => journal.until('waiting'))
      await journal.until('aborted')
      await expectReply({ path: '/string' }, 200, { message: 'hello' })
    })

    test('gives up on a body whose client goes away, and goes on serving', async () => {
      const head =
        'POST /upload-aborted HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nabc'
      await abandon(app, head, () => journal.until('reading'))
      await journal.until('body: ERR_BODY_ABORTED')
      await expectReply({ path: '/string' }, 200, { message: 'hello' })
    })

    it('has no skip for a case that does not exist', () => {
      expect(Object.keys(variant.skips).filter((title) => !used.has(title))).toEqual([])
    })
  })
}

/** Sends text on a bare socket and gives all that comes back until the server closes. */
function converse(app: App, text: string): Promise<string> {
  const { hostname, port } = new URL(app.origin ?? '')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text)
  })
}

/** Sends a piece over and over on a bare socket, until the server closes it or so many bytes are gone. */
function flood(app: App, head: string, piece: string, most: number): Promise<{ answer: string; sent: number }> {
  const { hostname, port } = new URL(app.origin ?? '')
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    let sent = 0
    const send = () => {
      while (sent < most && !socket.destroyed) {
        sent += piece.length
        if (!socket.write(piece)) return
      }
      socket.destroy()
    }
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.on('drain', send)
    // It is cut while something is on its way.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ answer, sent }))
    socket.write(head)
    send()
  })
}

/** Writes the start of a request on a bare socket, waits, and cuts the connection. */
async function abandon(app: App, text: string, until: () => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(app.origin ?? '')
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(text)
  await until()
  socket.destroy()
}
