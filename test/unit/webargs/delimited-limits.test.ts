import { arg } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { argsOf, codesOf, refusalOf } from './refusal.ts'

const many = ','.repeat(10_000)
const few = { limits: { values: 10, fields: 10 } }

describe('a list in one text', () => {
  const shape = { ids: arg.delimited(arg.string()) }

  it('has no more items than JSON may have values', async () => {
    expect(await refusalOf(shape, { json: { ids: many } })).toMatchObject({
      status: 413,
      body: { json: { ids: ['There are more than 10000 items.'] } },
      error: { code: 'ERR_ARGS_TOO_LARGE', issues: [{ code: 'too_large' }] },
    })
    expect((await refusalOf(shape, { json: { ids: ','.repeat(10) } }, few)).status).toBe(413)
    expect(await argsOf(shape, { json: { ids: ','.repeat(9) } }, few)).toEqual({ ids: Array(10).fill('') })
    expect((await refusalOf({ o: arg.object(shape) }, { json: { o: { ids: many } } })).status).toBe(413)
  })

  it('has no more items than texts may have fields', async () => {
    const query = { location: 'query', ...few } as const
    expect((await refusalOf(shape, { url: `/?ids=${','.repeat(10)}` }, query)).status).toBe(413)
    const headers = { location: 'headers', ...few } as const
    const list = { 'x-l': arg.list(arg.string()) }
    expect((await refusalOf(list, { headers: { 'x-l': 'a,'.repeat(11) } }, headers)).status).toBe(413)
    expect(
      (await refusalOf(list, { headers: { 'x-l': 'a,'.repeat(11) } }, { firstOf: ['headers'], ...few })).status,
    ).toBe(413)
    expect(await argsOf(list, { headers: { 'x-l': 'a,'.repeat(10) } }, headers)).toEqual({ 'x-l': Array(10).fill('a') })
  })

  it('is counted where the first of several locations has it', async () => {
    const firstOf = { firstOf: ['query', 'json'], ...few } as const
    const refusal = await refusalOf(shape, { json: { ids: ','.repeat(10) } }, firstOf)
    expect(refusal.status).toBe(413)
    expect(codesOf(refusal)).toEqual(['json.ids too_large'])
  })

  it('is counted behind a field that takes its time', async () => {
    const slow = v.pipeAsync(
      v.string(),
      v.checkAsync(async () => true),
    )
    const shape = { slow, ids: arg.delimited(arg.string()) }
    expect((await refusalOf(shape, { json: { slow: '', ids: many } })).status).toBe(413)
  })
})

describe('firstOf', () => {
  it('does not call a field missing when it was over a limit', async () => {
    const refusal = await refusalOf(
      { a: arg.string() },
      { url: '/?a=1&b=2&c=3' },
      { firstOf: ['query'], limits: { fields: 2 } },
    )
    expect(codesOf(refusal)).toEqual(['query too_large'])
  })
})

describe("the library's messages", () => {
  it('are shown within arg.object and arg.list as anywhere else', async () => {
    const shape = {
      o: arg.object({ a: v.string() }),
      l: arg.list(arg.object({ a: v.string() })),
      d: arg.delimited(v.literal('a')),
    }
    const json = { o: { a: 42 }, l: [{ a: 43 }], d: 'x' }
    const { body, error } = await refusalOf(shape, { json }, { messages: 'library' })
    expect(body).toEqual({
      json: {
        o: { a: ['Invalid type: Expected string but received 42'] },
        l: { 0: { a: ['Invalid type: Expected string but received 43'] } },
        d: { 0: ['Invalid type: Expected "a" but received "x"'] },
      },
    })
    for (const issue of error.issues) expect(Object.getOwnPropertySymbols(issue)).toEqual([])
    const safe = await refusalOf(shape, { json })
    expect(JSON.stringify(safe.body)).not.toMatch(/received/)
    for (const issue of safe.error.issues) expect(Object.getOwnPropertySymbols(issue)).toEqual([])
  })
})
