import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markRedelivered } from '../../../../../src/celery/brokers/redis/mark-redelivered.ts'

describe('marking an envelope as delivered before', () => {
  it('sets the mark in the headers and in delivery_info, and leaves every other character alone', () => {
    const envelope =
      '{"body": "e30=", "headers" : {"big": 123456789012345678901234567890, "x": NaN,"f":1.0}, "content-type":"a",\n' +
      '"properties": {"priority": 0, "delivery_info": { "exchange": "", "routing_key": "celery"}, "delivery_tag": "t"}}'
    expect(markRedelivered(envelope)).toBe(
      '{"body": "e30=", "headers" : {"redelivered": true, "big": 123456789012345678901234567890, "x": NaN,"f":1.0}, "content-type":"a",\n' +
        '"properties": {"priority": 0, "delivery_info": {"redelivered": true,  "exchange": "", "routing_key": "celery"}, "delivery_tag": "t"}}',
    )
  })

  it.each([
    ['empty objects', '{"headers":{},"properties":{"delivery_info":{ }}}'],
    ['properties before headers', '{"properties":{"delivery_info":{"a":1}},"headers":{"b":2}}'],
    [
      'marks that say otherwise',
      '{"headers":{"redelivered":false},"properties":{"delivery_info":{"redelivered": null}}}',
    ],
    ['spaces before it', ' \n{"headers":{},"properties":{"delivery_info":{}}}'],
  ])('can mark %s', (_, envelope) => {
    const marked = JSON.parse(markRedelivered(envelope)) as Record<string, Record<string, unknown>>
    expect(marked['headers']).toMatchObject({ redelivered: true })
    expect(marked['properties']).toMatchObject({ delivery_info: { redelivered: true } })
    expect(markRedelivered(markRedelivered(envelope))).toBe(markRedelivered(envelope))
  })

  it.each([
    ['nothing to mark', '{"body": ""}'],
    ['headers that are no object', '{"headers": null, "properties": "x"}'],
    ['a number', '5'],
    ['nothing at all', ''],
  ])('leaves alone %s', (_, envelope) => {
    expect(markRedelivered(envelope)).toBe(envelope)
  })

  it('is not misled by texts and by members of the same name further in', () => {
    const decoy = {
      'a"headers': '{"redelivered": false}',
      list: ['}', ']', '\\"', { headers: { redelivered: 'mine' } }],
    }
    const envelope = JSON.stringify({ body: decoy, headers: { decoy }, properties: { a: decoy, delivery_info: {} } })
    expect(JSON.parse(markRedelivered(envelope))).toEqual({
      body: decoy,
      headers: { redelivered: true, decoy },
      properties: { a: decoy, delivery_info: { redelivered: true } },
    })
  })

  it('does for any headers and properties what parsing, setting and writing does', () => {
    const table = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(table, table, table, fc.constantFrom(undefined, 1, '\t'), (headers, properties, info, indent) => {
        const envelope = { body: 'e30=', headers, properties: { ...properties, delivery_info: info } }
        const marked: unknown = JSON.parse(markRedelivered(JSON.stringify(envelope, null, indent)))
        const expected = JSON.parse(JSON.stringify(envelope)) as typeof envelope
        expected.headers['redelivered'] = true
        expected.properties.delivery_info['redelivered'] = true
        expect(marked).toEqual(expected)
      }),
    )
  })
})
