import fc from 'fast-check'
import { HttpRequest, type RequestHeaders } from 'twopi/http'
import { describe, expect, it } from 'vitest'
import { RawHeaders } from '../../../src/http/headers.ts'
import { charset, isJsonType, mediaType } from '../../../src/http/media-type.ts'
import { TestRequest } from '../../support/test-request.ts'

/** A request whose body the framework has parsed already. */
class ParsedRequest extends HttpRequest {
  override readonly method = 'POST'
  override readonly url = '/'
  override readonly params = {}
  override readonly headers: RequestHeaders
  override readonly signal: AbortSignal = new AbortController().signal
  protected override readonly parsedBody: unknown

  constructor(parsedBody: unknown, contentType = 'application/json') {
    super()
    this.parsedBody = parsedBody
    this.headers = new RawHeaders(['content-type', contentType])
  }

  protected override readBody(): Promise<Uint8Array> {
    throw new Error('must not be read')
  }
}

describe('HttpRequest', () => {
  it('splits path and query of what was sent', () => {
    const request = new TestRequest({ url: '/a/b?x=1&x=2&y=%ff%zz' })
    expect(request.path).toBe('/a/b')
    expect(request.query.getAll('x')).toEqual(['1', '2'])
    expect(request.query.get('y')).toBe('\uFFFD%zz')
  })

  it('never throws for the query, cookies or content type of a hostile client', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (url, cookie, type) => {
        const request = new TestRequest({ url, headers: { cookie, 'content-type': type } })
        return [request.path, request.query, request.cookies, request.contentType].length === 4
      }),
    )
  })

  it('gives no cookie for a name that every object has', () => {
    expect(new TestRequest({ headers: { cookie: 'a=1' } }).cookies['constructor']).toBeUndefined()
  })

  it('takes what the framework has parsed', async () => {
    const body = { a: 1 }
    expect(await new ParsedRequest(body).json()).toBe(body)
    expect(await new ParsedRequest(new TextEncoder().encode('{"a":2}')).json()).toEqual({ a: 2 })
    const form = new ParsedRequest({ a: '1', b: ['2', '3'], c: { deep: 'x' } }, 'application/x-www-form-urlencoded')
    expect([...(await form.form())]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['b', '3'],
    ])
  })

  it('says so when the framework has parsed what is wanted raw', async () => {
    await expect(new ParsedRequest({ a: 1 }).bytes()).rejects.toThrow('has already parsed this body')
    await expect(new ParsedRequest({ a: 1 }).json({ bigNumbers: 'bigint' })).rejects.toThrow('needs the raw body')
  })

  it('takes dangerous keys out of what the framework has parsed', async () => {
    const body = JSON.parse('{"a":{"__proto__":{"x":1}}}')
    expect(Object.keys((await new ParsedRequest(body).json()) as { a: object })).toEqual(['a'])
    expect(Object.hasOwn(body.a, '__proto__')).toBe(false)
  })

  it('refuses a limit that is none, and one that comes too late', async () => {
    const request = new TestRequest({ body: 'x' })
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => request.limitBody(limit)).toThrow(TypeError)
    }
    await request.bytes()
    expect(() => request.limitBody(5)).toThrow('before the body is read')
  })

  it('decodes UTF-16 by its charset and drops the byte order mark', async () => {
    const body = new Uint8Array(Buffer.from('\uFEFFhä', 'utf16le'))
    const request = new TestRequest({ body, headers: { 'content-type': 'text/plain; charset=utf-16le' } })
    expect(await request.text()).toBe('hä')
  })
})

describe('RawHeaders', () => {
  const headers = new RawHeaders(['X-A', '1', 'cookie', 'a=1', 'x-a', '2', 'Cookie', 'b=2'])

  it('finds names without regard to case, keeps lines apart and joins them as HTTP does', () => {
    expect(headers.getAll('x-A')).toEqual(['1', '2'])
    expect(headers.get('X-a')).toBe('1, 2')
    expect(headers.get('COOKIE')).toBe('a=1; b=2')
    expect(headers.get('nothing')).toBeUndefined()
    expect([...headers.entries()].map(([name]) => name)).toEqual(['x-a', 'cookie', 'x-a', 'cookie'])
  })
})

describe('media types', () => {
  it('are compared without case, parameters and space', () => {
    expect(mediaType(' Application/JSON ; charset=x')).toBe('application/json')
    expect(mediaType(undefined)).toBe('')
    expect(charset('text/plain;CharSet="UTF-8"')).toBe('utf-8')
    expect(charset('text/plain; x=charset')).toBeUndefined()
  })

  it('count as JSON by name or suffix', () => {
    const kinds = {
      'application/json': true,
      'application/problem+json': true,
      '+json': false,
      'text/json5': false,
      '': false,
    }
    for (const [type, is] of Object.entries(kinds)) expect(isJsonType(type), type).toBe(is)
  })
})

describe('what is known of a body before it is read', () => {
  it('is whether the framework has parsed it', () => {
    expect(new ParsedRequest({ a: 1 }).isParsed).toBe(true)
    expect(new ParsedRequest(new Uint8Array([1])).isParsed).toBe(false)
    expect(new TestRequest({ json: 1 }).isParsed).toBe(false)
  })

  it('is whether any came, by its length or by reading it', async () => {
    const withLength = (length: string, body: string) =>
      new TestRequest({ headers: { 'content-length': length }, body })
    expect(await withLength('0', '').isEmpty()).toBe(true)
    expect(await withLength('5', '').isEmpty()).toBe(false)
    expect(await new TestRequest({ body: '' }).isEmpty()).toBe(true)
    expect(await new TestRequest({ body: 'x' }).isEmpty()).toBe(false)
    expect(await new ParsedRequest('x', 'text/plain').isEmpty()).toBe(false)
    expect(await new ParsedRequest(null).isEmpty()).toBe(true)
  })

  it('leaves JSON to be read once with the same options, and anew with others', async () => {
    const request = new TestRequest({ body: '[9007199254740993]', headers: { 'content-type': 'application/json' } })
    const exact = { bigNumbers: 'exact' } as const
    expect(request.json(exact)).toBe(request.json(exact))
    expect(await request.json(exact)).toEqual([9007199254740993n])
    expect(await request.json()).toEqual([9007199254740992])
  })
})
