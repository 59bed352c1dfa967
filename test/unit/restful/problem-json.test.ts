import { problemJson } from 'twopi/restful'
import { describe, expect, it } from 'vitest'

const read = (data: unknown, code: number, headers?: Parameters<typeof problemJson>[2]) => {
  const { status, headers: sent, body } = problemJson(data, code, headers)
  return { status, type: sent['content-type'], json: body === null ? undefined : JSON.parse(String(body)) }
}
const PROBLEM = 'application/problem+json'

describe('problemJson', () => {
  it.each([
    ['a message', { _errors: ['No such class.'] }, { detail: 'No such class.' }],
    ['a string', 'No such class.', { detail: 'No such class.' }],
    ['an object with a message', { message: 'No such class.', id: 7 }, { detail: 'No such class.', id: 7 }],
    ['a code', { _errors: ['No.'], code: 'ERR_X' }, { detail: 'No.', code: 'ERR_X' }],
    [
      'several messages',
      { _errors: ['No name.', 'No seats.'] },
      { detail: 'No name. No seats.', errors: [{ detail: 'No name.' }, { detail: 'No seats.' }] },
    ],
    ['a message that is an object', { _errors: [{ name: 'bad' }] }, { errors: [{ name: 'bad' }] }],
    ['errors by field', { _errors: { name: ['bad'] } }, { errors: { name: ['bad'] } }],
    ['a list', ['No name.', 7], { detail: 'No name.', errors: [{ detail: 'No name.' }, { detail: '7' }] }],
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a date', new Date(0), {}],
    ['an object with a toJSON', { secret: 1, toJSON: () => ({ message: 'm' }) }, { detail: 'm' }],
    ['a bigint', { _errors: ['Full.'], seats: 7n }, { detail: 'Full.', seats: 7 }],
  ])('writes %s as the members of RFC 9457', (_title, data, members) => {
    expect(read(data, 404)).toEqual({
      status: 404,
      type: PROBLEM,
      json: { type: 'about:blank', title: 'Not Found', status: 404, ...members },
    })
  })

  it("lets an error's own members stand, but not a status that is not true", () => {
    const own = {
      type: 'https://school.example/full',
      title: 'Class full',
      instance: '/classes/7',
      detail: 'Try another.',
    }
    expect(read({ _errors: ['Full.'], ...own, status: 200 }, 409).json).toEqual({ ...own, status: 409 })
  })

  it.each([
    [418, 'Client Error'],
    [422, 'Unprocessable Content'],
    [500, 'Internal Server Error'],
    [599, 'Server Error'],
  ])('calls the status %i %s', (status, title) => {
    expect(read('x', status).json.title).toBe(title)
  })

  it('writes a success as plain JSON', () => {
    const { status, type, json } = read({ a: 1 }, 201, { 'content-type': PROBLEM })
    expect({ status, type, json }).toEqual({ status: 201, type: 'application/json', json: { a: 1 } })
    expect(read('made', 200).json).toEqual({ message: 'made' })
    expect(read({}, 200, { 'content-type': 'application/hal+json' }).type).toBe('application/hal+json')
  })

  it('keeps headers and a content type of its own', () => {
    const { headers } = problemJson('x', 503, { 'Retry-After': 60, 'Content-Type': 'application/problem+json; v=1' })
    expect(headers).toEqual({ 'Retry-After': 60, 'Content-Type': 'application/problem+json; v=1' })
  })
})
