import fc from 'fast-check'
import { errorResponse, HttpResponse, pipeline, type Reply, reply } from 'twopi/http'
import {
  authRequired,
  claim,
  type ParseAuthHeaderOptions,
  parseAuthHeader,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type TestRequestInit, testContext } from '../support/test-request.ts'

// The HTTP table of the attack list: what may come in the place of a token, and what is answered. The token class is the
// smallest there can be, so that the table is about HTTP alone.

const tokens = { load: (raw: string) => (raw.startsWith('good') ? { raw } : null) }

function answer(init: TestRequestInit, options?: ParseAuthHeaderOptions): HttpResponse | string {
  const view = pipeline(parseAuthHeader(tokens, options), authRequired(), ({ token }) => token.raw)
  try {
    return String((view(testContext(init)) as Reply).data)
  } catch (error) {
    return errorResponse(error, { method: 'POST', path: '/' })
  }
}

const realm = 'Bearer realm="api"'
const NO_TOKEN = {
  status: 401,
  challenge: realm,
  body: { _errors: ['A valid token is required to access this resource'], code: 'ERR_AUTH_REQUIRED' },
}
const INVALID = {
  status: 401,
  challenge: `${realm}, error="invalid_token", error_description="The token is not valid."`,
  body: { _errors: ['The provided token was invalid.'], code: 'ERR_TOKEN_INVALID' },
}
const MALFORMED = {
  status: 400,
  challenge: `${realm}, error="invalid_request", error_description="The token must be sent once and be well-formed."`,
  body: { _errors: ['The token must be sent once, as `Authorization: Bearer <token>`.'], code: 'ERR_AUTH_REQUEST' },
}

type Expected = string | typeof NO_TOKEN
const lines = (...values: string[]): TestRequestInit => ({ headers: values.map((value) => ['authorization', value]) })
const url = (value: string, authorization?: string): TestRequestInit => ({
  url: value,
  headers: authorization === undefined ? {} : { authorization },
})
const cookie = (value: string, authorization?: string): TestRequestInit => ({
  headers: authorization === undefined ? { cookie: value } : { cookie: value, authorization },
})
const QUERY: ParseAuthHeaderOptions = { queryString: true }
const COOKIE: ParseAuthHeaderOptions = { cookie: 'access' }
const FLASK: ParseAuthHeaderOptions = { compat: 'twopi-flask' }

const table: readonly [title: string, TestRequestInit, Expected, ParseAuthHeaderOptions?][] = [
  ['no Authorization header', {}, NO_TOKEN],
  ['Bearer', lines('Bearer good'), 'good'],
  ['bearer in lower case', lines('bearer good'), 'good'],
  ['BEARER in upper case', lines('BEARER good'), 'good'],
  ['several spaces after the scheme', lines('Bearer   good'), 'good'],
  ['a tab after the scheme', lines('Bearer\tgood'), MALFORMED],
  ['a space and a tab after the scheme', lines('Bearer \tgood'), MALFORMED],
  ['the scheme without a token', lines('Bearer'), MALFORMED],
  ['the scheme, spaces and no token', lines('Bearer  '), MALFORMED],
  ['a space inside the token', lines('Bearer good token'), MALFORMED],
  ['a comma after the token', lines('Bearer good,'), MALFORMED],
  ['two tokens on one line', lines('Bearer good, Bearer good2'), MALFORMED],
  ['two tokens on one line, the first of an unknown scheme', lines('Basic Zm9v, Bearer good'), MALFORMED],
  ['two credentials of other schemes on one line', lines('Basic Zm9v, Basic YmFy'), MALFORMED],
  ['two Authorization lines', lines('Bearer good', 'Bearer good2'), MALFORMED],
  ['two equal Authorization lines', lines('Bearer good', 'Bearer good'), MALFORMED],
  ['a Basic line before a Bearer line', lines('Basic Zm9v', 'Bearer good'), MALFORMED],
  ['a Bearer line before a Basic line', lines('Bearer good', 'Basic Zm9v'), MALFORMED],
  ['two Basic lines', lines('Basic Zm9v', 'Basic YmFy'), MALFORMED],
  ['an empty line before a Bearer line', lines('', 'Bearer good'), MALFORMED],
  ['Basic alone is no bearer token', lines('Basic Zm9v'), NO_TOKEN],
  [
    'Digest alone is no bearer token, its commas do not matter',
    lines('Digest username="a, bearer b", realm="r", nc=1, response = "x"'),
    NO_TOKEN,
  ],
  ['a scheme that only begins like Bearer', lines('Bearerish good'), NO_TOKEN],
  ['an empty Authorization header', lines(''), NO_TOKEN],
  ['a token outside of b64token', lines('Bearer g"ood'), MALFORMED],
  ['a token with an umlaut', lines('Bearer goöd'), MALFORMED],
  ['a NUL in the token', lines('Bearer go\0od'), MALFORMED],
  ['a line break in the token', lines('Bearer good\r\nx: y'), MALFORMED],
  ['padding inside the token', lines('Bearer go=od'), MALFORMED],
  ['padding at the end of the token', lines('Bearer good=='), 'good=='],
  ['an invalid token', lines('Bearer bad'), INVALID],
  ['8192 characters', lines(`Bearer good${'a'.repeat(8188)}`), `good${'a'.repeat(8188)}`],
  ['more than 8192 characters', lines(`Bearer good${'a'.repeat(8189)}`), INVALID],
  ['a header over the token limit that is not well-formed', lines(`Bearer ${'a,'.repeat(9000)}`), MALFORMED],
  ['OPTIONS is no way around', { method: 'OPTIONS', headers: { 'access-control-request-headers': 'a' } }, NO_TOKEN],
  ['a query token is not looked at by default', url('/?token=good'), NO_TOKEN],
  ['a query token beside a header is not looked at by default', url('/?token=bad', 'Bearer good'), 'good'],
  ['a query token where it is allowed', url('/?token=good'), 'good', QUERY],
  ['a query token by another name', url('/?t=good&token=bad'), 'good', { queryString: 't' }],
  ['an invalid query token', url('/?token=bad'), INVALID, QUERY],
  ['an empty query token is none', url('/?token='), NO_TOKEN, QUERY],
  ['an empty query token is none, without a value too', url('/?token'), NO_TOKEN, QUERY],
  ['an empty query token beside a header', url('/?token=', 'Bearer good'), 'good', QUERY],
  ['an empty query token beside another', url('/?token=&token=good'), MALFORMED, QUERY],
  ['compat: an empty query token is none', url('/?token='), NO_TOKEN, FLASK],
  ['a query token over the limit', url(`/?token=good${'a'.repeat(8189)}`), INVALID, QUERY],
  ['two query tokens', url('/?token=good&token=good'), MALFORMED, QUERY],
  ['a query token in array notation is another parameter', url('/?token[]=good'), NO_TOKEN, QUERY],
  ['a query token in object notation is another parameter', url('/?token[$ne]=x'), NO_TOKEN, QUERY],
  ['header and query token', url('/?token=good', 'Bearer good'), MALFORMED, QUERY],
  ['Basic and query token', url('/?token=good', 'Basic Zm9v'), 'good', QUERY],
  ['a malformed header and a query token', url('/?token=good', 'Bearer'), MALFORMED, QUERY],
  ['a header when only the query counts', url('/?token=good', 'Bearer bad'), 'good', { ...QUERY, authHeader: false }],
  ['a cookie is not looked at by default', cookie('access=good'), NO_TOKEN],
  ['a cookie where it is allowed', cookie('a=b; access=good'), 'good', COOKIE],
  ['an invalid cookie', cookie('access=bad'), INVALID, COOKIE],
  ['a cleared cookie', cookie('access='), NO_TOKEN, COOKIE],
  ['two cookies of one name', cookie('access=good; access=good2'), MALFORMED, COOKIE],
  ['two cookies of one name, one of them empty', cookie('access=; a=b; access=good'), MALFORMED, COOKIE],
  ['two cookies of one name, without blanks', cookie('access=good;access=bad'), MALFORMED, COOKIE],
  [
    'two cookies of one name on two lines',
    {
      headers: [
        ['cookie', 'access=good'],
        ['cookie', 'a=b; access=bad'],
      ],
    },
    MALFORMED,
    COOKIE,
  ],
  ['two cookies of another name', cookie('a=1; access=good; a=2; xaccess=bad; access2=bad'), 'good', COOKIE],
  ['a cookie over the limit', cookie(`access=good${'a'.repeat(8189)}`), INVALID, COOKIE],
  ['header and cookie', cookie('access=good', 'Bearer good'), MALFORMED, COOKIE],
  ['cookie and query', { ...cookie('access=good'), url: '/?token=good' }, MALFORMED, { ...COOKIE, ...QUERY }],
  ['header wins over query by option', url('/?token=bad', 'Bearer good'), 'good', { ...QUERY, headerWins: true }],
  ['header wins even when it is the invalid one', url('/?token=good', 'Bearer bad'), INVALID, FLASK],
  ['compat: query token', url('/?token=good'), 'good', FLASK],
  ['compat: header wins over query', url('/?token=bad', 'Bearer good'), 'good', FLASK],
  ['compat: each part can be taken back, the query', url('/?token=good'), NO_TOKEN, { ...FLASK, queryString: false }],
  [
    'compat: each part can be taken back, the header that wins',
    url('/?token=good', 'Bearer good'),
    MALFORMED,
    { ...FLASK, headerWins: false },
  ],
  ['compat: two header lines are still refused', lines('Bearer good', 'Bearer good2'), MALFORMED, FLASK],
]

describe('what may come in the place of a token', () => {
  it.each(table)('%s', (_title, init, expected, options) => {
    const actual = answer(init, options)
    if (typeof expected === 'string' || typeof actual === 'string') return expect(actual).toBe(expected)
    expect({
      status: actual.status,
      challenge: actual.headers['www-authenticate'],
      body: JSON.parse(String(actual.body)),
    }).toEqual(expected)
  })

  it('never takes a second credential for the first, whatever stands between them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Basic', 'Bearer', 'Digest', 'X', 'bearer'),
        fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,20}$/),
        fc.constantFrom(', ', ',', ' ,  '),
        (scheme, credentials, separator) => {
          const result = answer(lines(`${scheme} ${credentials}${separator}Bearer good`))
          expect(result).toMatchObject({ status: 400 })
        },
      ),
    )
  })

  it('answers every header with one of three answers and never repeats any of it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const marked = `zq7${text}zq7`
        for (const value of [`Bearer ${marked}`, marked, `${marked} good`]) {
          const result = answer(lines(value))
          if (typeof result === 'string') throw new Error(`accepted ${value}`)
          expect([400, 401]).toContain(result.status)
          expect(JSON.stringify(result)).not.toContain('zq7')
        }
      }),
    )
  })

  // Linear work takes about a millisecond; quadratic work would run into the time limit of the test.
  it.each(['"\\', '"', ', a', ',a ', 'a ', '\\', '=', '"\\"', ',\t'])(
    'a header of 100 000 characters of %j is only refused',
    (unit) => {
      for (const scheme of ['Digest', 'Bearer']) {
        const result = answer(lines(`${scheme} ${unit.repeat(100_000 / unit.length)}`))
        expect(result).toMatchObject({ status: expect.toSatisfy((status) => status === 400 || status === 401) })
      }
    },
  )
})

describe('the answer to a token that came in the URL or in a cookie', () => {
  const QUERY_AND_COOKIE: ParseAuthHeaderOptions = { queryString: true, cookie: 'access' }
  const ask = async (init: TestRequestInit, answered: () => unknown, options = QUERY_AND_COOKIE) =>
    (await pipeline(parseAuthHeader(tokens, options), answered)(testContext(init))) as Reply | HttpResponse | Response

  it.each([
    ['in the URL', url('/?token=good'), 'private'],
    ['in a cookie', cookie('access=good'), 'private'],
    ['in the header', url('/', 'Bearer good'), undefined],
    ['nowhere', {}, undefined],
  ])('%s is marked for caches: data, replies, finished responses', async (_title, init, expected) => {
    for (const answered of [
      () => 'data',
      async () => ({ a: 1 }),
      () => reply('data', 201, { vary: 'accept' }),
      () => new HttpResponse(200, { 'content-type': 'text/plain' }, 'text'),
    ]) {
      const { headers, status } = (await ask(init, answered)) as HttpResponse
      expect({ ...headers }['cache-control']).toBe(expected)
      expect([200, 201]).toContain(status)
    }
    for (const answered of [() => new Response('text'), () => Response.redirect('http://localhost/', 303)]) {
      const response = (await ask(init, answered)) as Response
      expect(response.headers.get('cache-control')).toBe(expected ?? null)
      expect(response.headers.get('location')).toBe(answered().headers.get('location'))
      expect(response.status).toBe(answered().status)
    }
  })

  it('keeps what the view says of caches', async () => {
    const said = { 'Cache-Control': 'no-store' }
    expect((await ask(url('/?token=good'), () => reply('', 200, said))).headers).toEqual(said)
    const response = (await ask(url('/?token=good'), () => new Response('', { headers: said }))) as Response
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('adds no promise, also not where the token is asynchronous and did not come', () => {
    const view = pipeline(parseAuthHeader(tokens, QUERY_AND_COOKIE), ({ token }) => token)
    expect(view(testContext(url('/?token=good')))).toMatchObject({ headers: { 'cache-control': 'private' } })
    const later = pipeline(parseAuthHeader({ load: async (raw: string) => ({ raw }) }, QUERY_AND_COOKIE), () => '')
    expect(later(testContext())).not.toBeInstanceOf(Promise)
    expect(later(testContext(url('/?token=good')))).toBeInstanceOf(Promise)
  })

  it('is marked when the token is asynchronous', async () => {
    const later = pipeline(
      parseAuthHeader({ load: async (raw: string) => ({ raw }) }, QUERY_AND_COOKIE),
      async () => '',
    )
    expect(await later(testContext(url('/?token=good')))).toMatchObject({ headers: { 'cache-control': 'private' } })
  })
})

describe('options that would not do what they seem to say', () => {
  const real = ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: 'a secret of more than thirty-two bytes' })

  it.each([
    [{ query: true }, /^parseAuthHeader: there is no option `query`; there are authHeader, queryString, cookie/],
    [{ cookies: 't' }, /no option `cookies`/],
    [{ ignoreExpiry: true }, /no option `ignoreExpiry`/],
    [{ issuer: '' }, /`issuer` must be a text that is not empty/],
    [{ audience: [] }, /`audience` must be/],
    [{ audience: '' }, /`audience` must be/],
    [{ authHeader: 'no' }, /`authHeader` must be true or false/],
    [{ headerWins: 1 }, /`headerWins` must be true or false/],
    [{ queryString: 1 }, /`queryString` must be/],
    [{ queryString: null }, /`queryString` must be/],
    [{ cookie: true }, /`cookie` must be/],
    [{ cookie: null }, /`cookie` must be/],
    [{ compat: 'flask' }, /`compat` must be 'twopi-flask'/],
    [null, /the options must be an object/],
    ['secret', /the options must be an object/],
  ])('parseAuthHeader with %j', (options, message) => {
    expect(() => parseAuthHeader(real, options as ParseAuthHeaderOptions)).toThrow(TypeError)
    expect(() => parseAuthHeader(real, options as ParseAuthHeaderOptions)).toThrow(message)
  })

  it('parseAuthHeader tells all of them at once', () => {
    const wrong = { query: true, issuer: '', audience: [], realm: '\n', cookie: '', secret: 'short', keys: 'short' }
    expect(() => parseAuthHeader(real, wrong as ParseAuthHeaderOptions)).toThrow(/^parseAuthHeader: 7 problems\n/)
  })

  it('parseAuthHeader with a class of your own, which would not see issuer, audience and keys', () => {
    const options = { issuer: 'me', audience: 'you', keys: 'k' } as ParseAuthHeaderOptions
    expect(() => parseAuthHeader(tokens, options)).toThrow(/3 problems\n.*`issuer`.*\n.*`audience`.*\n.*`keys`/)
  })

  it.each([
    [{ scope: ['a'] }, /^authRequired: there is no option `scope`; there are scopes, realm/],
    [{ scopes: undefined }, /`scopes` must be an array of strings; leave it out to ask for none/],
    [{ scopes: null }, /`scopes` must be an array/],
    [null, /the options must be an object/],
    [['a'], /no option `0`/],
    [{ scope: [], scopes: [''], realm: 1 }, /3 problems/],
  ])('authRequired with %j', (options, message) => {
    expect(() => authRequired(options as Parameters<typeof authRequired>[0])).toThrow(TypeError)
    expect(() => authRequired(options as Parameters<typeof authRequired>[0])).toThrow(message)
  })
})

describe('what goes into a challenge', () => {
  const hostile = ['a\r\nset-cookie: x=1', 'a\nb', 'a\0b', 'ä', '\u2028', '\x7f', '\t']

  it.each(hostile)('a realm with %j is refused at set-up', (realm) => {
    expect(() => authRequired({ realm })).toThrow(/^authRequired: `realm` must be a string of printable ASCII/)
    expect(() => parseAuthHeader(tokens, { realm })).toThrow(/^parseAuthHeader: `realm` must be/)
  })

  it.each([...hostile, '', 'a b', 'a"b', 'a\\b'])('a scope with %j is refused at set-up', (scope) => {
    expect(() => authRequired({ scopes: ['ok', scope] })).toThrow(
      /^authRequired: `scopes\[1\]` must be printable ASCII/,
    )
  })

  it('quotes and backslashes of a realm are escaped', () => {
    const view = pipeline(parseAuthHeader(tokens), authRequired({ realm: 'the "big\\small" API' }), () => null)
    expect(() => view(testContext())).toThrow(
      expect.objectContaining({ headers: { 'www-authenticate': 'Bearer realm="the \\"big\\\\small\\" API"' } }),
    )
  })

  it('whatever realm and scopes are accepted, the challenge is one line of printable ASCII with balanced quotes', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { minLength: 1 }), (realm, scopes) => {
        let step: ReturnType<typeof authRequired>
        try {
          step = authRequired({ realm, scopes }) as ReturnType<typeof authRequired>
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        let challenge = ''
        try {
          step({ token: { scopes: [] } })
        } catch (error) {
          challenge = (error as { headers: { 'www-authenticate': string } }).headers['www-authenticate']
        }
        expect(challenge).toMatch(/^Bearer (?:[a-z_]+="(?:[^"\\]|\\["\\])*"(?:, |$))+$/)
        expect(challenge).toMatch(/^[\x20-\x7e]+$/)
      }),
    )
  })
})
