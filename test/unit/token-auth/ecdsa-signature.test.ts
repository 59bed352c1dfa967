import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromDer, toDer } from '../../../src/token-auth/engines/ecdsa-signature.ts'

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const pad = (text: string) => text.padStart(64, '0')

describe('the two forms of an ECDSA signature', () => {
  it.each([
    ['ordinary numbers', '7f'.repeat(32) + '01'.repeat(32), `3044 0220 ${'7f'.repeat(32)} 0220 ${'01'.repeat(32)}`],
    ['numbers with the high bit', 'ff'.repeat(64), `3046 0221 00${'ff'.repeat(32)} 0221 00${'ff'.repeat(32)}`],
    ['short numbers', pad('01') + pad('80'), '3007 020101 02020080'],
    ['zeros', pad('00') + pad('00'), '3006 020100 020100'],
  ])('stand for the same: %s', (_, raw, der) => {
    expect(hex(toDer(bytes(raw)))).toBe(der.replaceAll(' ', ''))
    expect(hex(fromDer(bytes(der)))).toBe(raw)
  })

  it('turn into each other and back for all numbers', () => {
    const number = fc
      .tuple(fc.integer({ min: 0, max: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, tail]) => tail.map((byte, index) => (index < zeros ? 0 : byte)))
    fc.assert(
      fc.property(number, number, (r, s) => {
        const raw = Uint8Array.from([...r, ...s])
        expect(hex(fromDer(toDer(raw)))).toBe(hex(raw))
      }),
    )
  })

  it('are those of node:crypto', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    for (let i = 0; i < 200; i++) {
      const der = sign('sha256', Buffer.from([i]), key)
      expect(hex(toDer(fromDer(der) ?? new Uint8Array()))).toBe(hex(der))
    }
  })

  it.each([
    ['nothing', ''],
    ['another tag', '3107 020101 020101'],
    ['a wrong total', '3008 020101 02020080'],
    ['bytes behind', '3006 020101 020101 00'],
    ['a negative number', '3006 020180 020101'],
    ['a zero in front that is not needed', '3007 02020001 020101'],
    ['an empty number', '3005 0200 020101'],
    ['a number that is no INTEGER', '3006 030101 020101'],
    ['a number of 33 bytes', `3026 0221 01${'00'.repeat(32)} 020101`],
    ['a long form of the length', `308106 020101 020101`],
    ['a length beyond the end', '3006 020101 020201'],
  ])('have only one DER form: not %s', (_, der) => {
    expect(fromDer(bytes(der))).toBeNull()
  })
})
