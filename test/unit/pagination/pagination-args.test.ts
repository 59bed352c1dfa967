import fc from 'fast-check'
import { paginationArgs } from 'twopi/pagination'
import { arg, parser } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { TestRequest } from '../../support/test-request.ts'

const read = (query: string, options?: Parameters<typeof paginationArgs>[0]) =>
  parser.parse(paginationArgs(options), new TestRequest({ method: 'GET', url: `/x${query}` }), { location: 'query' })

describe('paginationArgs', () => {
  it('gives the first 20 items when nothing is said', async () => {
    expect(await read('')).toEqual({ offset: 0, limit: 20 })
    expect(await read('', { maxLimit: 5 })).toEqual({ offset: 0, limit: 5 })
    expect(await read('', { defaultLimit: undefined, maxLimit: undefined, maxOffset: undefined })).toEqual({
      offset: 0,
      limit: 20,
    })
    expect(await read('', { defaultLimit: 7, maxLimit: 7 })).toEqual({ offset: 0, limit: 7 })
  })

  it('takes both from the query, up to the bounds', async () => {
    expect(await read('?offset=40&limit=100')).toEqual({ offset: 40, limit: 100 })
    expect(await read('?offset=2147483647&limit=1')).toEqual({ offset: 2147483647, limit: 1 })
  })

  it.each([
    ['?limit=0', { limit: ['Must be greater than or equal to 1 and less than or equal to 100.'] }],
    ['?limit=-1', { limit: ['Must be greater than or equal to 1 and less than or equal to 100.'] }],
    ['?limit=101', { limit: ['Must be greater than or equal to 1 and less than or equal to 100.'] }],
    ['?limit=100000', { limit: ['Must be greater than or equal to 1 and less than or equal to 100.'] }],
    ['?limit=', { limit: ['Not a valid integer.'] }],
    ['?limit=1.5', { limit: ['Not a valid integer.'] }],
    ['?limit=Infinity', { limit: ['Not a valid integer.'] }],
    ['?limit=9007199254740993', { limit: ['Number too large.'] }],
    ['?offset=-3', { offset: ['Must be greater than or equal to 0 and less than or equal to 2147483647.'] }],
    ['?offset=2147483648', { offset: ['Must be greater than or equal to 0 and less than or equal to 2147483647.'] }],
  ])('refuses %s with 422, as any other argument', async (query, messages) => {
    await expect(read(query)).rejects.toMatchObject({
      code: 'ERR_ARGS_INVALID',
      status: 422,
      messagesDict: { query: messages },
    })
  })

  it('is told together with what else is wrong', async () => {
    const shape = { ...paginationArgs(), open: arg.bool() }
    const request = new TestRequest({ method: 'GET', url: '/x?offset=-1&limit=x&open=maybe' })
    const wrong = await parser.parse(shape, request, { location: 'query' }).catch((error: unknown) => error)
    expect(wrong).toMatchObject({
      messagesDict: {
        query: { offset: [expect.any(String)], limit: [expect.any(String)], open: [expect.any(String)] },
      },
    })
  })

  it('never lets anything through that is out of bounds', async () => {
    const hostile = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.bigInt().map(String))
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (offset, limit) => {
        const result = await read(`?${new URLSearchParams({ offset, limit })}`, { maxLimit: 50 }).catch(
          (error: unknown) => {
            expect(error).toMatchObject({ status: 422 })
            return { offset: 0, limit: 1 }
          },
        )
        expect(Number.isSafeInteger(result.offset) && result.offset >= 0).toBe(true)
        expect(Number.isSafeInteger(result.limit) && result.limit >= 1 && result.limit <= 50).toBe(true)
      }),
    )
  })

  it('throws at set-up for bounds that cannot work, all at once', () => {
    expect(() => paginationArgs({ maxLimit: 0, maxOffset: -1 })).toThrow(
      new TypeError(
        '`maxOffset` must be a whole number from 0, found -1; `maxLimit` must be a whole number from 1, found 0',
      ),
    )
    expect(() => paginationArgs({ maxLimit: 10, defaultLimit: 11 })).toThrow(
      new TypeError('`defaultLimit` must not be over `maxLimit`, found 11 and 10'),
    )
    expect(() => paginationArgs({ maxLimit: Number.NaN })).toThrow(/`maxLimit` .* found NaN$/)
    expect(() => paginationArgs({ defaultLimit: 1.5 })).toThrow(/`defaultLimit` .* found 1.5$/)
  })

  it('says its bounds as JSON Schema', () => {
    const { limit, offset } = paginationArgs({ maxLimit: 50 })
    const target = { target: 'draft-2020-12' }
    expect(limit['~standard'].jsonSchema.input(target)).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: 20,
    })
    expect(offset['~standard'].jsonSchema.input(target)).toMatchObject({ minimum: 0, default: 0 })
  })
})
