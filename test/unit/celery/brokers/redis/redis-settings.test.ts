import { describe, expect, it } from 'vitest'
import type { RedisAddress, SentinelAddress } from '../../../../../src/celery/brokers/broker-address.ts'
import { readRedisSettings } from '../../../../../src/celery/brokers/redis/redis-settings.ts'

const server = { host: 'h', port: 6379, socketPath: undefined, db: 0, username: undefined, password: undefined }
const text = 'redis://h:6379/0'
const address = (options: Record<string, string> = {}): RedisAddress => ({
  kind: 'redis',
  servers: [{ ...server, tls: undefined, options, text }],
  text,
})
const sentinel: SentinelAddress = {
  kind: 'sentinel',
  sentinels: [{ host: 's', port: 26_379 }],
  ...{ db: 0, username: undefined, password: undefined, tls: undefined, options: {}, text: 'sentinel://s:26379/0' },
}

describe('options of the Redis broker', () => {
  it('have the defaults of kombu, and a time-out for every command', () => {
    expect(readRedisSettings({ address: address() })).toMatchObject({
      visibilityTimeout: 3600,
      refreshInterval: 30,
      restoreInterval: 60,
      restoreLimit: undefined,
      commandTimeout: 10,
      connectTimeout: 4,
      healthInterval: 25,
      confirmTimeout: 30,
      maxRetries: 100,
      order: 'round_robin',
      deadLetterList: undefined,
    })
  })

  it.each([
    [1, 0.25, 0.5],
    [60, 15, 15],
    [86_400, 30, 60],
  ])('show that what is held is alive well within a visibility timeout of %d s', (timeout, refresh, restore) => {
    const settings = readRedisSettings({ address: address(), transportOptions: { visibility_timeout: timeout } })
    expect([settings.refreshInterval, settings.restoreInterval]).toEqual([refresh, restore])
  })

  it('take what a URL says, and transport options over it', () => {
    const url = address({ socket_timeout: '5', health_check_interval: '7', client_name: 'c' })
    const settings = readRedisSettings({ address: url, transportOptions: { socket_timeout: 6, client_name: null } })
    expect(settings).toMatchObject({ commandTimeout: 6, healthInterval: 7 })
  })

  it('ignore what is about other transports', () => {
    expect(() =>
      readRedisSettings({ address: address(), transportOptions: { confirm_publish: true, region: 'eu' } }),
    ).not.toThrow()
  })

  it('are refused with all that is wrong at once', () => {
    const transportOptions = {
      visibility_timeout: -1,
      priority_steps: [0, 'a'],
      queue_order_strategy: 'random',
      sep: 5,
      fanout_patterns: 'yes',
      unacked_restore_limit: 1.5,
      sentinel_kwargs: 'x',
    }
    const read = () => readRedisSettings({ address: address(), transportOptions })
    expect(read).toThrow(TypeError)
    for (const name of Object.keys(transportOptions)) expect(read).toThrow(`\`${name}\``)
  })

  it('are refused when what is held would be shown to be alive too late', () => {
    const transportOptions = { visibility_timeout: 10, visibility_refresh_interval: 6 }
    expect(() => readRedisSettings({ address: address(), transportOptions })).toThrow('half of `visibility_timeout`')
  })

  it('must name the master for sentinels', () => {
    expect(() => readRedisSettings({ address: sentinel })).toThrow('master_name')
    const transportOptions = { master_name: 'mymaster', sentinel_kwargs: { password: 'p' } }
    expect(readRedisSettings({ address: sentinel, transportOptions })).toMatchObject({
      masterName: 'mymaster',
      sentinelCredentials: { username: undefined, password: 'p' },
    })
  })

  it('make no retry where connections shall not be retried', () => {
    expect(readRedisSettings({ address: address(), connectionRetry: false }).maxRetries).toBe(0)
    expect(readRedisSettings({ address: address(), maxRetries: null }).maxRetries).toBeNull()
  })
})
