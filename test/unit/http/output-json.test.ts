import { Decimal } from 'decimal.js'
import { describe, expect, it } from 'vitest'
import { outputJson, outputJsonWith } from '../../../src/http/output-json.ts'

describe('outputJson', () => {
  it('writes data with its status and the content type of Flask', () => {
    const { status, headers, body } = outputJson({ a: 1 }, 201)
    expect({ status, headers, body }).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })
  })

  it('takes the code 0 for 200', () => {
    expect(outputJson('x', 0)).toMatchObject({ status: 200, body: '{"message":"x"}' })
    expect(outputJson(undefined, 0)).toMatchObject({ status: 204, body: null })
  })

  it('answers nothing with 204 and no body, or with the status that was asked for', () => {
    expect(outputJson(undefined, 200)).toMatchObject({ status: 204, headers: {}, body: null })
    expect(outputJson(undefined, 201, { location: '/1' })).toMatchObject({ status: 201, headers: { location: '/1' } })
    expect(outputJson(undefined, 404)).toMatchObject({ status: 404, body: null })
  })

  it('writes null as null', () => {
    expect(outputJson(null, 200)).toMatchObject({ status: 200, body: 'null' })
  })

  it.each([204, 205, 304])('sends no body with the status %i, whatever the data', (status) => {
    expect(outputJson(null, status)).toMatchObject({ status, headers: {}, body: null })
    expect(outputJson({ a: 1 }, status)).toMatchObject({ status, body: null })
  })

  it('keeps headers, and sends one content type whatever its case', () => {
    const { headers } = outputJson({}, 200, { 'X-Total': 3, 'Content-Type': 'application/hal+json' })
    expect(headers).toEqual({ 'X-Total': 3, 'Content-Type': 'application/hal+json' })
  })

  it('does not change the headers it is given', () => {
    const headers = Object.freeze({ 'x-total': 3 })
    expect(outputJson({}, 200, headers).headers).toEqual({ 'content-type': 'application/json', 'x-total': 3 })
    expect(headers).toEqual({ 'x-total': 3 })
  })

  it('writes bigints as numbers inside the envelope too', () => {
    expect(outputJson({ message: 'full', seats: 2n ** 64n }, 409).body).toBe(
      '{"_errors":["full"],"seats":18446744073709551616}',
    )
  })

  it('writes decimals as strings, and by its setting as numbers', () => {
    const data = { price: new Decimal('1.10') }
    expect(outputJson(data, 200).body).toBe('{"price":"1.1"}')
    expect(outputJsonWith({ decimals: 'number' })(data, 200).body).toBe('{"price":1.1}')
    expect(outputJsonWith({ decimals: 'string' })(data, 200, { a: '1' })).toMatchObject({
      headers: { 'content-type': 'application/json', a: '1' },
      body: '{"price":"1.1"}',
    })
  })

  it('does not put a decimal into the envelope as a message', () => {
    expect(outputJson(new Decimal('1.10'), 200).body).toBe('"1.1"')
    expect(outputJson(new Decimal('1.10'), 400).body).toBe('"1.1"')
  })
})
