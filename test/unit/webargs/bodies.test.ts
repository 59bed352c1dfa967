import { arg, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'
import { argsOf, codesOf, rawJson, refusalOf } from './refusal.ts'

const shape = { n: arg.int() }
const MISSING = { json: { n: ['Missing data for required field.'] } }
const typed = (type: string, body: string | Uint8Array = '{"n": 1}'): TestRequestInit => ({
  body,
  headers: { 'content-type': type },
})

describe('a JSON body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.school+json', 'APPLICATION/JSON'])(
    'is read under the type %s',
    async (type) => {
      expect(await argsOf(shape, typed(type))).toEqual({ n: 1 })
    },
  )

  it('that is absent or empty lacks its fields', async () => {
    expect(await refusalOf(shape, {})).toMatchObject({ status: 422, body: MISSING })
    expect(await refusalOf(shape, rawJson(''))).toMatchObject({ status: 422, body: MISSING })
    expect(await refusalOf(shape, rawJson(' \n'))).toMatchObject({ status: 422, body: MISSING })
    expect(await refusalOf(shape, typed('text/plain', ''))).toMatchObject({ status: 422, body: MISSING })
    expect(await argsOf({ n: arg.int({ optional: true }) }, {})).toEqual({})
  })

  it.each([
    ['text/plain', 'another was sent'],
    ['application/x-www-form-urlencoded', 'another was sent'],
    ['application/jsonx', 'another was sent'],
  ])('of the type %s is refused in words, with 415', async (type, words) => {
    expect(await refusalOf(shape, typed(type))).toMatchObject({
      status: 415,
      body: { json: [expect.stringContaining(words)] },
      error: { code: 'ERR_ARGS_CONTENT_TYPE', issues: [{ location: 'json', path: [], code: 'content_type' }] },
    })
  })

  it('without a content type is refused in words, with 415', async () => {
    expect(await refusalOf(shape, { body: '{"n": 1}' })).toMatchObject({
      status: 415,
      body: { json: ['The body must be JSON with the content type "application/json"; none was sent.'] },
    })
  })

  it('of a charset that nobody knows, or compressed, is refused with 415', async () => {
    expect((await refusalOf(shape, typed('application/json; charset=klingon'))).status).toBe(415)
    const gzip = { body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }
    expect((await refusalOf(shape, gzip)).status).toBe(415)
  })

  it.each([['{'], ['{"n": 1}}'], ['nul'], ["{'n': 1}"], [new Uint8Array([0x22, 0xff, 0x22])]])(
    'that cannot be read is refused with 400, as webargs does: %s',
    async (body) => {
      expect(await refusalOf(shape, rawJson(body))).toMatchObject({
        status: 400,
        body: { json: ['Invalid JSON body.'] },
        error: { code: 'ERR_ARGS_MALFORMED', issues: [{ code: 'malformed' }] },
      })
    },
  )

  it.each(['null', '5', '"x"', 'true', '[1]', '[]'])('that is no object is an invalid input: %s', async (body) => {
    expect(await refusalOf(shape, rawJson(body))).toMatchObject({
      status: 422,
      body: { json: { _schema: ['Invalid input type.'] } },
    })
  })

  it('over the limit of bytes is refused with 413', async () => {
    const request = new TestRequest({
      body: '{"n": 1}',
      headers: { 'content-type': 'application/json', 'content-length': '9999999' },
    })
    await expect(Promise.resolve(useArgs(shape)({ request }))).rejects.toMatchObject({
      status: 413,
      code: 'ERR_ARGS_TOO_LARGE',
      messagesDict: { json: ['The body must not be larger than 1048576 bytes.'] },
    })
  })

  it('reads the last of duplicate keys', async () => {
    expect(await argsOf(shape, rawJson('{"n": 1, "n": 2}'))).toEqual({ n: 2 })
  })
})

describe('a form', () => {
  const inForm = { location: 'form' } as const

  it('is read, repeated fields as they are declared', async () => {
    const fields = { n: arg.int(), tags: z.array(z.string()) }
    expect(
      await argsOf(
        fields,
        {
          form: [
            ['n', '1'],
            ['tags', 'a'],
            ['tags', 'b'],
          ],
        },
        inForm,
      ),
    ).toEqual({ n: 1, tags: ['a', 'b'] })
  })

  it('that is absent lacks its fields, of another type is refused with 415', async () => {
    expect((await refusalOf(shape, {}, inForm)).body).toEqual({ form: { n: ['Missing data for required field.'] } })
    expect(await refusalOf(shape, { json: { n: 1 } }, inForm)).toMatchObject({
      status: 415,
      body: { form: [expect.stringContaining('application/x-www-form-urlencoded')] },
    })
  })

  it('that is not in its charset is refused with 400', async () => {
    const form = typed('application/x-www-form-urlencoded', new Uint8Array([0x6e, 0x3d, 0xff]))
    expect(await refusalOf(shape, form, inForm)).toMatchObject({ status: 400, body: { form: ['Invalid form body.'] } })
  })

  it('may be empty text where texts may be', async () => {
    expect(await argsOf({ n: arg.string() }, { form: { n: '' } }, inForm)).toEqual({ n: '' })
    expect(codesOf(await refusalOf(shape, { form: { n: '' } }, inForm))).toEqual(['form.n invalid_type'])
  })
})

describe('the statuses', () => {
  it('are settings, and the codes stay', async () => {
    const statuses = { invalid: 400, malformed: 422, contentType: 400, tooLarge: 400 }
    const refused = [
      rawJson('{}'),
      rawJson('{'),
      typed('text/plain'),
      rawJson(`[${'[]'.repeat(0)}${'['.repeat(99)}${']'.repeat(99)}]`),
    ]
    const found = []
    for (const init of refused) {
      const { status, error } = await refusalOf(shape, init, { statuses })
      found.push([status, error.statusCode, error.code])
    }
    expect(found).toEqual([
      [400, 400, 'ERR_ARGS_INVALID'],
      [422, 422, 'ERR_ARGS_MALFORMED'],
      [400, 400, 'ERR_ARGS_CONTENT_TYPE'],
      [400, 400, 'ERR_ARGS_TOO_LARGE'],
    ])
  })
})
