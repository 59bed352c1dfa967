import { describe, expect, it } from 'vitest'
import { decodeTask } from '../../../../src/celery/protocol/decode-task.ts'
import { encodeTask } from '../../../../src/celery/protocol/encode-task.ts'
import type { SignatureData } from '../../../../src/celery/protocol/signature-data.ts'
import { aTask } from '../../../support/celery-task.ts'

const text = (body: Uint8Array) => Buffer.from(body).toString()
const add: SignatureData = { task: 'py.add', args: [1], kwargs: {}, options: {}, subtask_type: null, immutable: false }

describe('encodeTask', () => {
  it('writes three items, always, and all headers in the order of Celery', () => {
    const { body, contentType, contentEncoding, headers, properties } = encodeTask(aTask())
    expect(text(body)).toBe('[[2,3],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]')
    expect([contentType, contentEncoding]).toEqual(['application/json', 'utf-8'])
    expect(JSON.stringify(headers)).toBe(
      JSON.stringify({
        lang: 'js',
        task: 'py.add',
        id: '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
        shadow: null,
        eta: null,
        expires: null,
        group: null,
        group_index: null,
        retries: 0,
        timelimit: [null, null],
        root_id: '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
        parent_id: null,
        argsrepr: '(2, 3)',
        kwargsrepr: '{}',
        origin: 'gen1@host',
        ignore_result: false,
        replaced_task_nesting: 0,
        stamped_headers: null,
        stamps: {},
      }),
    )
    expect(properties).toEqual({
      correlationId: '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
      replyTo: '',
      deliveryMode: 2,
      priority: 0,
    })
  })

  it('writes all that a task has, and reads it again', () => {
    const task = aTask({
      kwargs: { when: new Date('2026-11-23T10:53:24.472Z'), big: 2n ** 70n },
      callbacks: [add],
      errbacks: [{ ...add, immutable: true }],
      chain: [add, { ...add, subtask_type: 'group', kwargs: { tasks: [] } }],
      chord: { ...add, options: { task_id: 'x' } },
      eta: new Date('2026-11-23T10:53:24.472Z'),
      expires: new Date('2026-11-24T00:00:00Z'),
      retries: 2,
      timeLimit: 300,
      softTimeLimit: 1.5,
      group: 'group-1',
      groupIndex: 0,
      rootId: 'root-1',
      parentId: 'parent-1',
      shadow: 'other',
      argsrepr: '(…)',
      kwargsrepr: '{…}',
      ignoreResult: true,
      replacedTaskNesting: 1,
      stampedHeaders: ['mon'],
      stamps: { mon: ['x'] },
      headers: { 'x-tenant': 'a' },
      replyTo: 'queue',
      priority: 7,
    })
    const message = encodeTask(task)
    expect(message.headers['eta']).toBe('2026-11-23T10:53:24.472000+00:00')
    expect(message.headers['timelimit']).toEqual([300, 1.5])
    expect(decodeTask(message)).toEqual(task)
  })

  it('lets headers of the caller win, and refuses those that cannot be sent', () => {
    expect(encodeTask(aTask({ headers: { origin: 'mine', 'x-a': 1 } })).headers).toMatchObject({
      origin: 'mine',
      'x-a': 1,
    })
    expect(() => encodeTask(aTask({ headers: { 'x-a': { f: () => 1 } } }))).toThrow('headers["x-a"].f is a function')
    expect(() => encodeTask(aTask({ stamps: { mon: Symbol('x') } }))).toThrow('stamps.mon is a symbol')
  })

  it('names the argument that cannot be sent', () => {
    expect(() => encodeTask(aTask({ args: [{ user: { callback: () => 1 } }] }))).toThrow(
      'args[0].user.callback is a function',
    )
    expect(() => encodeTask(aTask({ kwargs: { a: new Map() } }))).toThrow('kwargs.a is a Map')
    expect(() => encodeTask(aTask({ chord: { ...add, args: [Symbol('x')] } }))).toThrow(
      'embed.chord.args[0] is a symbol',
    )
  })

  it('refuses times that Python does not have', () => {
    expect(() => encodeTask(aTask({ eta: new Date(Number.NaN) }))).toThrow('`eta`: expected a valid Date')
    expect(() => encodeTask(aTask({ expires: new Date(8.64e15) }))).toThrow('`expires`')
  })

  it.each([
    [1500, '1500'],
    [1500.7, '1500'],
    [-5, '0'],
    [2 ** 32 - 1, '4294967295'],
    // RabbitMQ closes the channel for more than this.
    [2 ** 32, undefined],
  ])('lets RabbitMQ drop a task that expires in %d ms with the expiration %s', (left, expiration) => {
    const expires = new Date('2026-11-23T10:53:24Z')
    const { properties } = encodeTask(aTask({ expires }), { now: expires.getTime() - left })
    expect(properties.expiration).toBe(expiration)
  })

  it('leaves that to the worker when it is not told the time', () => {
    expect(encodeTask(aTask({ expires: new Date() })).properties).not.toHaveProperty('expiration')
  })

  it('marks a task that need not survive a restart', () => {
    expect(encodeTask(aTask(), { deliveryMode: 1 }).properties.deliveryMode).toBe(1)
  })

  it('cuts the texts for monitors where it is told to', () => {
    const { headers } = encodeTask(aTask({ args: ['x'.repeat(50)], kwargs: { a: 'y'.repeat(50) } }), {
      argsreprMaxSize: 10,
    })
    expect(headers).toMatchObject({ argsrepr: "('xxxxxxxxx...', ...", kwargsrepr: "{'a': 'yyyy...', ..." })
  })

  it('compresses, and says how by the name that Celery knows', () => {
    const task = aTask({ args: ['x'.repeat(5000)] })
    const message = encodeTask(task, { compression: 'gzip' })
    expect(message.headers['compression']).toBe('application/x-gzip')
    expect(message.body.length).toBeLessThan(200)
    expect(decodeTask(message).args).toEqual(task.args)
    expect(() => encodeTask(task, { compression: 'bzip2' })).toThrow(TypeError)
  })

  it('writes protocol 1 when asked to, without headers', () => {
    const task = aTask({ callbacks: [add], group: 'group-1', timeLimit: 5, eta: new Date('2026-11-23T10:53:24Z') })
    const { body, headers, properties } = encodeTask(task, { protocol: 1 })
    expect(headers).toEqual({})
    expect(properties.correlationId).toBe(task.id)
    expect(JSON.parse(text(body))).toEqual({
      task: 'py.add',
      id: task.id,
      args: [2, 3],
      kwargs: {},
      group: 'group-1',
      group_index: null,
      retries: 0,
      eta: '2026-11-23T10:53:24.000000+00:00',
      expires: null,
      utc: true,
      callbacks: [add],
      errbacks: null,
      timelimit: [5, null],
      taskset: 'group-1',
      chord: null,
    })
    expect(decodeTask(encodeTask(task, { protocol: 1 }))).toMatchObject({
      ...task,
      origin: undefined,
      priority: 0,
      argsrepr: undefined,
    })
    expect(() => encodeTask(aTask({ chain: [add] }), { protocol: 1 })).toThrow('protocol 1 has no chains')
  })

  it('does not change what it is given', () => {
    const task = Object.freeze(aTask({ headers: Object.freeze({ a: 1 }), stamps: Object.freeze({ b: 2 }) }))
    encodeTask(task, { compression: 'gzip' })
    encodeTask(task, { compression: 'gzip', protocol: 1 })
    expect(task.headers).toEqual({ a: 1 })
  })
})
