import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Bindings } from '../../../src/celery/brokers/redis/bindings.ts'
import { createLink } from '../../../src/celery/brokers/redis/connections.ts'
import { RedisKeys } from '../../../src/celery/brokers/redis/redis-keys.ts'
import { readRedisSettings } from '../../../src/celery/brokers/redis/redis-settings.ts'
import { Restorer, type RestorerOptions } from '../../../src/celery/brokers/redis/restorer.ts'
import { ServerClock } from '../../../src/celery/brokers/redis/server-clock.ts'
import type { RedisLink } from '../../../src/celery/redis/redis-link.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { stays, until } from './bench.ts'
import { type Client, openRedis, redisServer, removeKeys } from './redis-handles.ts'

const url = await redisUrl()

describe.skipIf(url === undefined)('the restorer of what the dead held (needs redis-server)', () => {
  let prefix: string
  let client: Client
  let link: RedisLink
  let keys: RedisKeys
  let restorer: Restorer | undefined

  beforeAll(async () => {
    client = await openRedis(url ?? '')
  })
  beforeEach(() => {
    prefix = `twopi-test:${randomUUID()}:`
  })
  afterEach(async () => {
    restorer?.stop()
    link.close()
    await removeKeys(client, prefix)
  })
  afterAll(() => client.destroy())

  async function start(change: Partial<RestorerOptions> = {}, limit?: number): Promise<void> {
    const server = redisServer(url ?? '')
    const transportOptions = {
      ...{ global_keyprefix: prefix, visibility_timeout: 10, unacked_restore_interval: 0.05 },
      ...(limit === undefined ? {} : { unacked_restore_limit: limit }),
    }
    const settings = readRedisSettings({
      address: { kind: 'redis', servers: [server], text: server.text },
      transportOptions,
    })
    keys = new RedisKeys(settings.keys)
    const bindings = new Bindings(keys)
    link = createLink(settings, { scripts: [] })
    await link.connect()
    const lookup: RestorerOptions['lookup'] = (connection, exchange, key) =>
      bindings.lookupAny(connection, exchange, key)
    restorer = new Restorer({
      ...{ link, keys, settings, lookup },
      clock: new ServerClock(),
      isMine: () => false,
      ...change,
    })
    restorer.start()
  }

  /** As a worker leaves it that died so many seconds ago. */
  async function hold(tag: string, secondsAgo: number, exchange = '', key = 'q', envelope = '{}'): Promise<void> {
    await client.hSet(`${prefix}unacked`, tag, `[${envelope}, ${JSON.stringify(exchange)}, ${JSON.stringify(key)}]`)
    await client.zAdd(`${prefix}unacked_index`, { score: Date.now() / 1000 - secondsAgo, value: tag })
  }
  const tags = () => client.hKeys(`${prefix}unacked`)

  it('gives again what is too old, the oldest next, and leaves alone what is not', async () => {
    for (const [tag, age] of Object.entries({ young: 5, old: 20, older: 30 })) {
      await hold(tag, age, '', 'q', `{"properties": {"delivery_tag": "${tag}"}}`)
    }
    await start()
    await until(async () => (await client.lLen(`${prefix}q`)) === 2, 'two')
    const texts = await client.lRange(`${prefix}q`, 0, -1)
    expect(texts.map((text) => (JSON.parse(text) as { properties: object }).properties)).toEqual([
      { delivery_tag: 'old' },
      { delivery_tag: 'older' },
    ])
    expect(await tags()).toEqual(['young'])
  })

  it('leaves alone what this very process holds', async () => {
    await hold('mine', 20)
    await hold('other', 20)
    await start({ isMine: (tag) => tag === 'mine' })
    await until(async () => (await client.lLen(`${prefix}q`)) === 1, 'the other')
    await stays(() => 0, 0)
    expect(await tags()).toEqual(['mine'])
  })

  it('gives to all queues that an exchange of Python has, and keeps what it knows no place for', async () => {
    await client.sAdd(`${prefix}_kombu.binding.ex`, [
      'k\x06\x16\x06\x16one',
      'k\x06\x16\x06\x16two',
      'x\x06\x16\x06\x16no',
    ])
    await client.sAdd(`${prefix}_kombu.binding.topics`, ['a.*\x06\x16^a\\..*?[^\\.]$\x06\x16three'])
    await hold('direct', 20, 'ex', 'k')
    await hold('topic', 20, 'topics', 'a.b')
    await hold('nowhere', 20, 'unknown', 'k')
    await hold('broken', 20, '', 'q', 'no message')
    await start()
    const lengths = () => Promise.all(['one', 'two', 'three', 'no'].map((queue) => client.lLen(prefix + queue)))
    await until(async () => (await tags()).length === 2, 'both to be restored')
    expect(await lengths()).toEqual([1, 1, 1, 0])
    expect((await tags()).sort()).toEqual(['broken', 'nowhere'])
    // Looked at again after another timeout, not at every turn.
    const scores = await client.zRangeWithScores(`${prefix}unacked_index`, 0, -1)
    for (const { score } of scores) expect(Math.abs(Date.now() / 1000 - score)).toBeLessThan(5)
  })

  it('gives no more than so many at a time, when that is said', async () => {
    for (let i = 0; i < 5; i++) await hold(`t${i}`, 20 + i)
    await start({}, 2)
    const seen = new Set<number>()
    await until(async () => {
      seen.add(await client.lLen(`${prefix}q`))
      return seen.has(5)
    }, 'all')
    expect([...seen].filter((length) => ![0, 2, 4, 5].includes(length))).toEqual([])
  })

  it('gives hundreds at once', async () => {
    for (let i = 0; i < 350; i++) await hold(`t${i}`, 20 + i)
    await start()
    await until(async () => (await client.lLen(`${prefix}q`)) === 350, 'all', 2000)
    expect(await tags()).toEqual([])
  })

  it('forgets what the index has and the table has not', async () => {
    await client.zAdd(`${prefix}unacked_index`, { score: 5, value: 'gone' })
    await start()
    await until(async () => (await client.exists(`${prefix}unacked_index`)) === 0, 'an empty index')
  })
})
