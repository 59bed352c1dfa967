import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIso, hasOffset, parseIso } from '../../../../src/celery/protocol/iso-time.ts'

describe('formatIso', () => {
  it('writes six digits and the offset of UTC', () => {
    expect(formatIso(new Date('2026-11-23T10:53:24.472Z'))).toBe('2026-11-23T10:53:24.472000+00:00')
    expect(formatIso(new Date('2026-11-23T10:53:24Z'))).toBe('2026-11-23T10:53:24.000000+00:00')
  })

  it('writes what is read as the same instant, in all the years that Python has', () => {
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(date, (one) => {
        expect(formatIso(one)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
        expect(parseIso(formatIso(one))).toEqual(one)
      }),
    )
  })

  it.each(['invalid', '+010000-01-01T00:00:00Z', '0000-12-31T23:59:59.999Z'])(
    'refuses a date Python does not have: %s',
    (text) => {
      expect(() => formatIso(new Date(text))).toThrow(TypeError)
    },
  )
})

describe('parseIso', () => {
  it.each([
    ['2026-11-23T10:53:24.472227+00:00', '2026-11-23T10:53:24.472Z'],
    ['2026-11-23T10:53:24.472Z', '2026-11-23T10:53:24.472Z'],
    ['2026-11-23T10:53:24z', '2026-11-23T10:53:24.000Z'],
    ['2026-11-23T10:53:24.123456789Z', '2026-11-23T10:53:24.123Z'],
    ['2026-11-23T10:53:24.1', '2026-11-23T10:53:24.100Z'],
    ['2026-11-23T10:53:24,5', '2026-11-23T10:53:24.500Z'],
    ['2026-11-23T10:53:24', '2026-11-23T10:53:24.000Z'],
    ['2026-11-23 10:53:24', '2026-11-23T10:53:24.000Z'],
    ['2026-11-23T10:53', '2026-11-23T10:53:00.000Z'],
    ['2026-11-23T10', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['20261123T105324Z', '2026-11-23T10:53:24.000Z'],
    ['2026-11-23T10:53:24+02:00', '2026-11-23T08:53:24.000Z'],
    ['2026-11-23T10:53:24-0330', '2026-11-23T14:23:24.000Z'],
    ['2026-11-23T10:53:24+02', '2026-11-23T08:53:24.000Z'],
    ['2026-11-23T10:53:24+00:00:30', '2026-11-23T10:52:54.000Z'],
    ['2026-11-23T24:00:00', '2026-11-24T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(parseIso(text)?.toISOString()).toBe(iso)
  })

  it.each([
    '',
    'now',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2023-02-29',
    '2026-11-23T25:00',
    '2026-11-23T10:60',
    '2026-11-23T10:53:60',
    '2026-11-23T24:00:01',
    '2026-11-23T10:53:24+24:00',
    '2026-11-23T10:53:24+00:60',
    '2026-11-23T10:53:24Zjunk',
    ' 2026-11-23',
    '2026-11-23T10:53:24.',
    '0000-01-01',
    '2026-11-23T10:53:24 +00:00',
    '１２３４-11-23',
  ])('finds no time in "%s"', (text) => {
    expect(parseIso(text)).toBeUndefined()
  })

  it.each([
    ['2026-07-01T08:15:00', 'Europe/Berlin', '2026-07-01T06:15:00.000Z'],
    ['2026-12-01T08:15:00.25', 'America/New_York', '2026-12-01T13:15:00.250Z'],
    ['2026-07-01', 'Asia/Kathmandu', '2026-06-30T18:15:00.000Z'],
    // The clocks show this twice: the first time is meant.
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    // And this never: it is read by the offset before the change.
    ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29T03:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-07-01T08:15:00Z', 'Europe/Berlin', '2026-07-01T08:15:00.000Z'],
  ])('reads %s in %s', (text, zone, iso) => {
    expect(parseIso(text, zone)?.toISOString()).toBe(iso)
  })

  it('agrees with the clock of a zone at every instant', () => {
    const zone = 'America/Sao_Paulo'
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    const date = fc.date({ min: new Date('1990-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (one) => {
        const text = shown.format(one)
        const read = parseIso(text, zone)
        expect(read && shown.format(read)).toBe(text)
      }),
    )
  })
})

describe('hasOffset', () => {
  it('tells aware from naive', () => {
    expect(['2026-11-23T10:53:24Z', '2026-11-23T10:53:24+00:00', '2026-11-23T10-03'].map(hasOffset)).toEqual([
      true,
      true,
      true,
    ])
    expect(['2026-11-23T10:53:24', '2026-11-23', '20261123T105324'].map(hasOffset)).toEqual([false, false, false])
  })
})
