import { describe, expect, it } from 'vitest'
import { readRequest } from '../../../../../src/celery/worker/control/read-request.ts'

const NODE = 'celery@w1'

const read = (body: unknown, more: object = {}, accept: readonly string[] = ['json']) =>
  readRequest(
    {
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: {},
      properties: {},
      ...more,
    },
    accept,
    NODE,
  )

describe('a command', () => {
  it('has a method, arguments, and where to answer', () => {
    const reply_to = { exchange: 'reply.celery.pidbox', routing_key: 'me' }
    expect(read({ method: 'revoke', arguments: { task_id: 't' }, reply_to, ticket: 'ticket' })).toEqual({
      method: 'revoke',
      args: { task_id: 't' },
      reply: { exchange: 'reply.celery.pidbox', routingKey: 'me', ticket: 'ticket' },
    })
    expect(read({ method: 'ping', arguments: null, ticket: 5, reply_to })?.reply?.ticket).toBe('')
  })

  it.for([[null], ['me'], [{}], [{ exchange: 1, routing_key: 'me' }], [{ exchange: 'e' }], [['e', 'me']]])(
    'is not answered to what is no address: %j',
    ([reply_to]) => {
      expect(read({ method: 'ping', reply_to })).toEqual({ method: 'ping', args: {}, reply: undefined })
    },
  )

  it.for([
    [{}, true],
    [{ destination: null }, true],
    [{ destination: [] }, true],
    [{ destination: '' }, true],
    [{ destination: [NODE, 'celery@w2'] }, true],
    [{ destination: ['celery@w2'] }, false],
    [{ destination: NODE }, true],
    [{ destination: 'celery@w' }, false],
    // Names win over patterns.
    [{ destination: [NODE], pattern: '*@w2', matcher: 'glob' }, true],
    [{ pattern: 'celery@*', matcher: 'glob' }, true],
    [{ pattern: '*@w[12]', matcher: 'glob' }, true],
    [{ pattern: '*@w2', matcher: 'glob' }, false],
    [{ pattern: '*@w2', matcher: null }, true],
    [{ pattern: '', matcher: 'glob' }, true],
  ] as const)('for %j is for this node: %j', ([meant, isMeant]) => {
    expect(read({ method: 'ping', ...meant }) !== undefined).toBe(isMeant)
  })

  it.for([
    [[], 'must name its method'],
    [5, 'must name its method'],
    [{}, 'must name its method'],
    [{ method: 5 }, 'must name its method'],
    [{ method: 'ping', arguments: [1] }, 'arguments of a command must be an object'],
    [{ method: 'ping', arguments: 'x' }, 'arguments of a command must be an object'],
    [{ method: 'ping', pattern: '(a+)+$', matcher: 'pcre' }, 'must have the matcher "glob"'],
    [{ method: 'ping', pattern: '*'.repeat(257), matcher: 'glob' }, 'at most 256 characters'],
    ['{', 'not valid JSON'],
    ['['.repeat(1000), 'nested deeper'],
    [`"${'x'.repeat(5 * 1024 * 1024)}"`, 'must have at most 4194304 bytes'],
  ] as const)('that is none is refused', ([body, text]) => {
    expect(() => read(body)).toThrow(text)
  })

  it('in a format that is not accepted is refused', () => {
    expect(() => read({ method: 'ping' }, { contentType: 'application/x-python-serialize' })).toThrow('pickle')
    expect(() => read({ method: 'ping' }, {}, ['yaml'])).toThrow('json')
  })
})
