import { describe, expect, it } from 'vitest'
import type { RedisAddress } from '../../../../../src/celery/brokers/broker-address.ts'
import { RedisKeys } from '../../../../../src/celery/brokers/redis/redis-keys.ts'
import { readRedisSettings } from '../../../../../src/celery/brokers/redis/redis-settings.ts'

const server = { host: 'h', port: 6379, socketPath: undefined, db: 3, username: undefined, password: undefined }
const address: RedisAddress = {
  kind: 'redis',
  servers: [{ ...server, tls: undefined, options: {}, text: 'redis://h:6379/3' }],
  text: 'redis://h:6379/3',
}

function keys(transportOptions: Record<string, unknown> = {}): RedisKeys {
  return new RedisKeys(readRedisSettings({ address, transportOptions }).keys)
}

describe('keys of Redis', () => {
  it('are those of kombu', () => {
    const { unacked, unackedIndex } = keys()
    expect([unacked, unackedIndex]).toEqual(['unacked', 'unacked_index'])
    expect(keys().bindings('celery')).toBe('_kombu.binding.celery')
    expect(keys().binding('celery', '', 'celery')).toBe('celery\x06\x16\x06\x16celery')
    expect(keys().splitBinding('a.*\x06\x16^a$\x06\x16q')).toEqual(['a.*', '^a$', 'q'])
    expect(keys().lists('q2')).toEqual(['q2', 'q2\x06\x163', 'q2\x06\x166', 'q2\x06\x169'])
  })

  it.each([
    [undefined, 'q'],
    [0, 'q'],
    [-5, 'q'],
    [2, 'q'],
    [3, 'q\x06\x163'],
    [5, 'q\x06\x163'],
    [6, 'q\x06\x166'],
    [8, 'q\x06\x166'],
    [9, 'q\x06\x169'],
    [255, 'q\x06\x169'],
    [Number.NaN, 'q'],
  ])('have a message of priority %s in the list of its step', (priority, list) => {
    expect(keys().listFor('q', priority)).toBe(list)
  })

  it('follow `sep` and `priority_steps`', () => {
    const changed = keys({ sep: ':', priority_steps: [0, 5] })
    expect(changed.lists('q')).toEqual(['q', 'q:5'])
    expect([4, 5, 9].map((priority) => changed.listFor('q', priority))).toEqual(['q', 'q:5', 'q:5'])
    expect(changed.binding('a', '', 'q')).toBe('a::q')
  })

  it('all have `global_keyprefix` before them, channels too', () => {
    const prefixed = keys({ global_keyprefix: 'p-', unacked_key: 'u', unacked_index_key: 'i' })
    expect([prefixed.unacked, prefixed.unackedIndex]).toEqual(['p-u', 'p-i'])
    expect(prefixed.bindings('e')).toBe('p-_kombu.binding.e')
    expect(prefixed.lists('q')).toEqual(['p-q', 'p-q\x06\x163', 'p-q\x06\x166', 'p-q\x06\x169'])
    expect(prefixed.channel('celeryev', 'worker.online')).toBe('p-/3.celeryev/worker.online')
    for (const key of [prefixed.malformed, prefixed.fence('a')]) expect(key).toMatch(/^p-_twopi\./)
  })

  it('name channels as kombu does', () => {
    expect(keys().channel('celery.pidbox', '')).toBe('/3.celery.pidbox')
    expect(keys().channel('celeryev', 'worker.online')).toBe('/3.celeryev/worker.online')
    expect(keys().channelPattern('celeryev', 'worker.#')).toBe('/3.celeryev/worker.*')
    expect(keys().channelPattern('celeryev', '#')).toBe('/3.celeryev/*')
    expect(keys().channelPattern('a*b', '')).toBe('/3.a\\*b')
  })

  it.each([
    [{ fanout_prefix: false }, 'e/k'],
    [{ fanout_prefix: true }, '/3.e/k'],
    [{ fanout_prefix: '/x{db}.' }, '/x3.e/k'],
    [{ fanout_patterns: false }, '/3.e'],
  ])('name channels by %o', (options, channel) => {
    expect(keys(options).channel('e', 'k')).toBe(channel)
  })
})
