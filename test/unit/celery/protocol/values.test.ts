import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../../src/celery/protocol/decimal.ts'
import { PlainDate } from '../../../../src/celery/protocol/plain-date.ts'
import { PlainTime } from '../../../../src/celery/protocol/plain-time.ts'
import { Uuid } from '../../../../src/celery/protocol/uuid.ts'

describe('a Decimal', () => {
  it('keeps its digits and compares as a number', () => {
    expect(String(new Decimal('19.90'))).toBe('19.90')
    expect(JSON.stringify({ price: new Decimal('19.90') })).toBe('{"price":"19.90"}')
    expect(new Decimal('9.5') < new Decimal('10')).toBe(true)
    expect(Number(new Decimal('-Infinity'))).toBe(Number.NEGATIVE_INFINITY)
    expect(String(new Decimal(10n ** 30n))).toBe(`1${'0'.repeat(30)}`)
  })

  it.each(['1', '-1.50', '.5', '5.', '1E+3', '1e-7', 'NaN', 'sNaN', '-Infinity', 'inf'])('is made of %s', (text) => {
    expect(new Decimal(text).toString()).toBe(text)
  })

  it.each(['', 'x', '1,5', '1.5.5', '0x10', ' 1', '1e', '--1'])('is not made of "%s"', (text) => {
    expect(() => new Decimal(text)).toThrow(TypeError)
  })
})

describe('a Uuid', () => {
  it('is the same however it was written', () => {
    const text = '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'
    for (const written of [text, text.toUpperCase(), text.replaceAll('-', ''), `{${text}}`, `urn:uuid:${text}`]) {
      expect(String(new Uuid(written))).toBe(text)
    }
    expect(JSON.stringify([new Uuid(text)])).toBe(`["${text}"]`)
    expect(new Uuid(text) < new Uuid('f'.repeat(32))).toBe(true)
  })

  it.each(['', '8eec', '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6bg'])('is not made of "%s"', (text) => {
    expect(() => new Uuid(text)).toThrow(TypeError)
  })
})

describe('a PlainDate', () => {
  it('is a day, and compares as one', () => {
    expect(String(new PlainDate('2026-11-23'))).toBe('2026-11-23')
    expect(JSON.stringify(new PlainDate('2026-11-23'))).toBe('"2026-11-23"')
    expect(new PlainDate('2026-11-23') < new PlainDate('2026-12-01')).toBe(true)
  })

  it.each(['', '2026-02-30', '2026-1-1', '2026-11-23T00:00'])('is not made of "%s"', (text) => {
    expect(() => new PlainDate(text)).toThrow(TypeError)
  })
})

describe('a PlainTime', () => {
  it.each(['08:15', '08:15:30', '23:59:59.999999', '08:15:00+01:00', '08:15:00Z'])('is made of %s', (text) => {
    expect(String(new PlainTime(text))).toBe(text)
    expect(JSON.stringify(new PlainTime(text))).toBe(`"${text}"`)
    expect(new PlainTime(text).valueOf()).toBe(text)
  })

  it.each(['', '24:00', '8:15', '08:60', '08:15:61', '08:15:00.1234567'])('is not made of "%s"', (text) => {
    expect(() => new PlainTime(text)).toThrow(TypeError)
  })
})
