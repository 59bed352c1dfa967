import { describe, expect, it } from 'vitest'
import { readExpired } from '../../../../../src/celery/brokers/redis/expired.ts'
import { readEnvelope } from '../../../../../src/celery/brokers/redis/read-envelope.ts'
import { writeEnvelope } from '../../../../../src/celery/brokers/redis/write-envelope.ts'
import type { Message } from '../../../../../src/celery/protocol/message.ts'

const message: Message = {
  body: Buffer.from('[[2, 3], {}, {}]'),
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { task: 'tasks.add', big: 12345678901234567890n, timelimit: [300, null], stamps: {}, 'ä"': '\u2028' },
  properties: { correlationId: 'c', replyTo: 'r', deliveryMode: 2, priority: 5, expiration: '1000' },
}

describe('an envelope', () => {
  it('is written as kombu writes it', () => {
    const text = writeEnvelope({ ...message, headers: { a: 1 } }, 'ex', 'key', 'the-tag')
    expect(JSON.parse(text)).toEqual({
      body: 'W1syLCAzXSwge30sIHt9XQ==',
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: { a: 1 },
      properties: {
        correlation_id: 'c',
        reply_to: 'r',
        expiration: '1000',
        delivery_mode: 2,
        delivery_info: { exchange: 'ex', routing_key: 'key' },
        priority: 5,
        body_encoding: 'base64',
        delivery_tag: 'the-tag',
      },
    })
  })

  it('always has the properties that Python does not survive without', () => {
    const text = writeEnvelope({ ...message, properties: {} }, '', 'q', 't')
    expect(JSON.parse(text)).toMatchObject({
      properties: {
        delivery_tag: 't',
        delivery_info: { exchange: '', routing_key: 'q' },
        delivery_mode: 2,
        priority: 0,
      },
    })
  })

  it('gives back what it was made of', () => {
    const found = readEnvelope(writeEnvelope(message, 'ex', 'key', 't'))
    expect(found).toMatchObject({ exchange: 'ex', routingKey: 'key', redelivered: false, malformed: undefined })
    expect(found.message).toEqual(message)
  })

  it.each([
    [
      'only what Python needs',
      { properties: { delivery_tag: 't', delivery_info: { exchange: '', routing_key: 'q' } } },
    ],
    ['no delivery_info', { properties: { delivery_tag: 't' } }],
    ['null for headers', { headers: null, properties: { delivery_tag: 't', delivery_info: null, priority: null } }],
  ])('is read with %s', (_, envelope) => {
    const found = readEnvelope(JSON.stringify({ body: 'e30=', ...envelope }))
    expect(found.malformed).toBeUndefined()
    expect(found.message.headers).toEqual({})
  })

  it.each([
    ['base64', 'e30=', '{}'],
    ['utf-8', 'e30=', 'e30='],
    [undefined, '{"ä": 1}', '{"ä": 1}'],
  ])('has its body by the body_encoding %s', (encoding, body, expected) => {
    const found = readEnvelope(JSON.stringify({ body, properties: { delivery_tag: 't', body_encoding: encoding } }))
    expect(Buffer.from(found.message.body).toString()).toBe(expected)
  })

  it.each([
    [{ headers: { redelivered: true } }],
    [{ properties: { delivery_tag: 't', delivery_info: { redelivered: true } } }],
  ])('says that it was delivered before, by %o, and keeps that out of the headers', (envelope) => {
    const found = readEnvelope(JSON.stringify({ body: '', properties: { delivery_tag: 't' }, ...envelope }))
    expect(found.redelivered).toBe(true)
    expect(found.message.headers).toEqual({})
  })

  it.each([
    ['', 'not JSON'],
    ['hello', 'not JSON'],
    ['{"a"', 'not JSON'],
    ['null', 'not a JSON object'],
    ['5', 'not a JSON object'],
    ['[1]', 'not a JSON object'],
    ['{}', 'no delivery_tag'],
    ['{"body": "", "properties": {"delivery_tag": 5}}', 'no delivery_tag'],
    ['{"body": {}, "properties": {"delivery_tag": "t"}}', 'no body'],
  ])('is malformed when it is %j: %s', (text, reason) => {
    const found = readEnvelope(text)
    expect(found.malformed).toBe(reason)
    expect(Buffer.from(found.message.body).toString()).toBe(text)
  })
})

describe('an entry of the table of unacked messages', () => {
  it('is read as Python writes it, with the envelope as it stands there', () => {
    const envelope =
      '{"body": "e30=", "headers": {"big": 12345678901234567890}, "properties": {"priority": 6, "delivery_info": {}, "delivery_tag": "t"}}'
    expect(readExpired(`[${envelope}, "ex\\u00e4", "key"]`)).toEqual({
      envelope: envelope
        .replace('{"big"', '{"redelivered": true, "big"')
        .replace('"delivery_info": {}', '"delivery_info": {"redelivered": true}'),
      exchange: 'exä',
      routingKey: 'key',
      tail: Buffer.byteLength(', "ex\\u00e4", "key"]'),
      priority: 6,
    })
  })

  it('is not written anew when it may hold bytes that are no text', () => {
    const value = '[{"headers": {"a": "\ufffd"}, "properties": {}}, "", "qü"]'
    expect(readExpired(value)).toEqual({ envelope: '', tail: 12, exchange: '', routingKey: 'qü', priority: undefined })
  })

  it.each([[''], ['{}'], ['[]'], ['[{}, ""]'], ['[{"a"'], ['[{}, "", "\ufffd"]'], ['[ "\ufffd", "", "q"]']])(
    'is not read when it is %j',
    (value) => {
      expect(readExpired(value)).toBeUndefined()
    },
  )
})
