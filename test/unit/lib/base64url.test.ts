import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBase64Url,
  decodeBase64UrlText,
  decodeByTable,
  encodeBase64Url,
  encodeBase64UrlText,
  encodeByTable,
} from '../../../src/lib/base64url.ts'

const canonical = (text: string) => Buffer.from(text, 'base64url').toString('base64url') === text

describe('base64url', () => {
  // RFC 4648 section 10, without the padding.
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
    ['\u00FB\u00FF', 'w7vDvw'],
  ])('writes %j as %j and reads it back', (text, encoded) => {
    const bytes = Buffer.from(text)
    expect(encodeBase64UrlText(text)).toBe(encoded)
    expect(encodeBase64Url(bytes)).toBe(encoded)
    expect(encodeByTable(bytes)).toBe(encoded)
    expect(decodeBase64UrlText(encoded)).toBe(text)
    expect([...(decodeByTable(encoded) ?? [])]).toEqual([...bytes])
  })

  it.each([
    'Zg==',
    'Zm8=',
    'Zh',
    'Zm9',
    'Z',
    'Zm9v ',
    ' Zm9v',
    'Zm 9v',
    'Zm9v\n',
    'Zm+v',
    'Zm/v',
    'Zm9v.',
    'Zm9\u0176',
    '\u{1F600}aa',
  ])('does not read %j, which is not canonical', (text) => {
    expect(decodeBase64Url(text)).toBeNull()
    expect(decodeByTable(text)).toBeNull()
    expect(decodeBase64UrlText(text)).toBeNull()
  })

  it('has two implementations that agree on every text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'ABab09-_=+/ \n') }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
    )
    fc.assert(
      fc.property(text, (input) => {
        const native = decodeBase64Url(input)
        const table = decodeByTable(input)
        expect(table === null ? null : [...table]).toEqual(native === null ? null : [...native])
        expect(native !== null).toBe(canonical(input))
      }),
    )
  })

  it('has two implementations that agree on all bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = encodeBase64Url(bytes)
        expect(encodeByTable(bytes)).toBe(text)
        expect([...(decodeByTable(text) ?? [])]).toEqual([...bytes])
      }),
    )
  })

  it('encodes a part of a larger buffer alone', () => {
    expect(encodeBase64Url(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe(Buffer.from([2, 3]).toString('base64url'))
  })

  it('keeps a byte order mark in the text, and refuses bytes that are not UTF-8', () => {
    expect(decodeBase64UrlText(encodeBase64UrlText('\uFEFFa'))).toBe('\uFEFFa')
    expect(decodeBase64UrlText(encodeBase64UrlText('\uFFFD'))).toBe('\uFFFD')
    for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
      expect(decodeBase64UrlText(encodeBase64Url(Uint8Array.from(bytes)))).toBeNull()
    }
  })
})
