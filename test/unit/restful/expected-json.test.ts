import { BodyError, errorResponse, HttpError } from 'twopi/http'
import { Api, ExpectedJSONException, getAndExpectJson, Resource } from 'twopi/restful'
import { describe, expect, it } from 'vitest'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'
import { call } from './call.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const read = (init: TestRequestInit, options?: Parameters<typeof getAndExpectJson>[1]) =>
  getAndExpectJson(new TestRequest(init), options)

/** A request whose body the framework has read already. */
class ParsedRequest extends TestRequest {
  protected override readonly parsedBody: unknown
  constructor(parsedBody: unknown, headers: Readonly<Record<string, string>>) {
    super({ headers })
    this.parsedBody = parsedBody
  }
}

const refused: readonly (readonly [string, TestRequestInit, number, string])[] = [
  ['null', { headers: JSON_TYPE, body: 'null' }, 400, 'A JSON body was expected, but the body is `null`.'],
  ['an empty body', { headers: JSON_TYPE, body: '' }, 400, 'A JSON body was expected, but the body is empty.'],
  ['a body of spaces', { headers: JSON_TYPE, body: ' \n' }, 400, 'A JSON body was expected, but the body is empty.'],
  ['text that is not JSON', { headers: JSON_TYPE, body: '{"a":' }, 400, 'The body is not valid JSON.'],
  [
    'a missing content type',
    { body: '{}' },
    415,
    'The body must be JSON with the content type "application/json"; none was sent.',
  ],
  [
    'another content type',
    { headers: { 'content-type': 'text/plain' }, body: '{}' },
    415,
    'The body must be JSON with the content type "application/json"; another was sent.',
  ],
]

describe('getAndExpectJson', () => {
  it.each([
    ['{"a":[1]}', { a: [1] }],
    ['{}', {}],
    ['[]', []],
    ['false', false],
    ['0', 0],
    ['""', ''],
  ])('gives the value of %s', async (body, value) => {
    expect(await read({ headers: JSON_TYPE, body })).toEqual(value)
  })

  it('takes vendor types with the suffix +json', async () => {
    expect(await read({ headers: { 'content-type': 'application/vnd.school+json; v=1' }, body: '1' })).toBe(1)
  })

  it.each(refused)('refuses %s', async (_title, init, status, message) => {
    const error = await read(init).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ExpectedJSONException)
    expect(error).toMatchObject({ status, code: 'ERR_EXPECTED_JSON', messages: [message] })
  })

  it('reads big numbers without loss by its option', async () => {
    const init = { headers: JSON_TYPE, body: '{"id":9007199254740993}' }
    expect(await read(init)).toEqual({ id: 9007199254740992 })
    expect(await read(init, { bigNumbers: 'bigint' })).toEqual({ id: 9007199254740993n })
  })

  it('lets the other faults of a body through', async () => {
    const request = new TestRequest({
      headers: [
        ['content-type', 'application/json'],
        ['content-length', '2000000'],
      ],
      body: '{}',
    })
    const error = await getAndExpectJson(request).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BodyError)
    expect(error).toMatchObject({ status: 413, code: 'ERR_BODY_TOO_LARGE' })
  })

  it('takes what the framework has parsed, but not for the `{}` it makes of an empty body', async () => {
    expect(await getAndExpectJson(new ParsedRequest({}, { ...JSON_TYPE, 'content-length': '2' }))).toEqual({})
    const empty = new ParsedRequest({}, { ...JSON_TYPE, 'content-length': '0' })
    await expect(getAndExpectJson(empty)).rejects.toThrow('the body is empty')
  })
})

describe('ExpectedJSONException', () => {
  it('is an HttpError of 400 unless told otherwise', () => {
    const error = new ExpectedJSONException()
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ status: 400, code: 'ERR_EXPECTED_JSON', name: 'ExpectedJSONException' })
  })

  it.each(refused)(
    'has the same body for %s from its own handler, from an adapter and from an Api',
    async (_title, init) => {
      const error = await read(init).catch((thrown: unknown) => thrown)
      if (!(error instanceof ExpectedJSONException)) throw error
      const handled = ExpectedJSONException.handle(error)
      expect(handled).toEqual(errorResponse(error, { method: 'POST', path: '/' }))
      expect(JSON.parse(String(handled.body))).toEqual({ _errors: error.messages, code: 'ERR_EXPECTED_JSON' })

      class Echo extends Resource {
        post({ request }: { request: TestRequest }) {
          return getAndExpectJson(request)
        }
      }
      const api = new Api<{ request: TestRequest }>().addResource(Echo, '/')
      expect(await api.view({ request: new TestRequest(init) })).toEqual(handled)
    },
  )

  it('can be thrown by an application itself', async () => {
    class Strict extends Resource {
      get(): never {
        throw new ExpectedJSONException('An object was expected.')
      }
    }
    const { status, json } = await call(new Api().addResource(Strict, '/'), '/')
    expect({ status, json }).toEqual({
      status: 400,
      json: { _errors: ['An object was expected.'], code: 'ERR_EXPECTED_JSON' },
    })
  })
})
