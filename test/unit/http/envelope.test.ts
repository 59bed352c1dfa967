import { describe, expect, it } from 'vitest'
import { envelope } from '../../../src/http/envelope.ts'

class Problem {
  readonly message: unknown
  readonly field = 'name'
  constructor(message: unknown) {
    this.message = message
  }
}

describe('the envelope', () => {
  it.each([
    ['a string below 400', 'hello', 200, { message: 'hello' }],
    ['a string of a redirect', 'x', 302, { message: 'x' }],
    ['a string from 400', 'bad', 400, { _errors: ['bad'] }],
    ['an empty string from 400', '', 400, { _errors: [''] }],
    ['a string of a failure', 'boom', 500, { _errors: ['boom'] }],
    ['a String object', new String('bad'), 400, { _errors: ['bad'] }],
    ['a String object below 400', new String('hello'), 200, { message: 'hello' }],
    ['a message', { message: 'm' }, 404, { _errors: ['m'] }],
    ['a message beside other members', { message: 'm', a: 1 }, 400, { _errors: ['m'], a: 1 }],
    ['a list of messages', { message: ['a', 'b'] }, 400, { _errors: ['a', 'b'] }],
    ['an object as the message', { message: { field: 'bad' } }, 400, { _errors: [{ field: 'bad' }] }],
    ['null as the message', { message: null }, 400, { _errors: [null] }],
    ['a message and errors', { message: 'm', _errors: ['e'] }, 400, { _errors: ['m', 'e'] }],
    ['an instance of a class', new Problem('m'), 400, { _errors: ['m'], field: 'name' }],
    ['an object without a prototype', Object.assign(Object.create(null), { message: 'm' }), 400, { _errors: ['m'] }],
    ['an Error', Object.assign(new Error('m'), { field: 'name' }), 400, { _errors: ['m'], field: 'name' }],
    ['an error with its message on the prototype', new DOMException('m'), 400, { _errors: ['m'] }],
  ])('puts %s into its place', (_title, data, status, expected) => {
    expect(envelope(data, status)).toEqual(expected)
  })

  it.each([
    ['an object below 400', { message: 'm', a: 1 }, 200],
    ['an object without a message', { code: 'E1' }, 400],
    ['an object with an undefined message', { message: undefined, a: 1 }, 400],
    ['an object with errors already', { _errors: ['e'], code: 'E1' }, 400],
    ['an object with a method of that name', { message: () => 'm', a: 1 }, 400],
    ['a list', ['e1', 'e2'], 400],
    ['null', null, 400],
    ['a number', 7, 400],
    ['false', false, 500],
    ['a date', new Date(0), 400],
    ['a bigint', 1n, 400],
  ])('leaves %s as it is', (_title, data, status) => {
    expect(envelope(data, status)).toBe(data)
  })

  it('shows of an object with a toJSON what that shows, and nothing else', () => {
    const user = { message: 'm', passwordHash: 'h', toJSON: () => ({ message: 'shown', a: 1 }) }
    expect(envelope(user, 400)).toEqual({ _errors: ['shown'], a: 1 })
  })

  it('does not change the data', () => {
    const data = Object.freeze({ message: Object.freeze(['m']), a: 1 })
    envelope(data, 400)
    expect(data).toEqual({ message: ['m'], a: 1 })
  })
})
