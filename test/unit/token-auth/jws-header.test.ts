import { describe, expect, test } from 'vitest'
import { parseHeader } from '../../../src/token-auth/token/jws-header.ts'
import { TokenRejection } from '../../../src/token-auth/token/token-rejection.ts'

const good = { alg: 'HS256', typ: 'at+jwt' }

const parse = (header: object) =>
  parseHeader(Buffer.from(JSON.stringify(header)).toString('base64url'), 'at+jwt', false)

const extras = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]))

describe('the header of a token', () => {
  test('may have members that mean nothing here', () => {
    expect(parse({ ...good, ...extras(20) })).toEqual({ alg: 'HS256', kid: undefined })
  })

  test.each([
    ['members', { ...good, ...extras(40) }],
    ['elements', { ...good, x: Array.from({ length: 40 }, () => 1) }],
    ['levels', { ...good, x: JSON.parse('['.repeat(40) + ']'.repeat(40)) }],
  ])('is refused before it is parsed when it has too many %s', (_, header) => {
    const parsed = parse(header)
    expect(parsed).toBeInstanceOf(TokenRejection)
    expect(parsed).toMatchObject({ code: 'ERR_TOKEN_MALFORMED' })
  })
})
