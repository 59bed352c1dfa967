import { existsSync } from 'node:fs'
import { connect } from 'amqplib'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { greet } from './greet.ts'
import type { OwnService } from './own-service.ts'
import { amqpUrl, hasRabbitmq, type OwnRabbitmq, startRabbitmq } from './rabbitmq.ts'
import { hasRedis, redisUrl, startRedis } from './redis.ts'

const clientOf = (url: string) => createClient({ url, socket: { reconnectStrategy: false } })

async function overRedis<T>(url: string, work: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
  const client = clientOf(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    client.destroy()
  }
}

const isThere = (pid: number | undefined) => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(!hasRedis() && !process.env['CI'])('a private Redis (needs redis-server)', () => {
  let redis: OwnService
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it('keeps its data at the same port when it is killed and when it is restarted', async () => {
    await overRedis(redis.url, (client) => client.set('a', '1'))
    const first = redis.pid
    await redis.kill()
    expect(isThere(first)).toBe(false)
    await expect(overRedis(redis.url, (client) => client.get('a'))).rejects.toThrow()
    await redis.start()
    await redis.restart()
    expect(redis.pid).not.toBe(first)
    expect(await overRedis(redis.url, (client) => client.get('a'))).toBe('1')
  })

  it('answers nothing while it is frozen, and again when it is thawed', async () => {
    redis.freeze()
    expect(await greet(redis.port, '127.0.0.1', 'PING\r\n', 200)).toBe('')
    redis.thaw()
    expect(await greet(redis.port, '127.0.0.1', 'PING\r\n')).toBe('+PONG\r\n')
  })

  it('forgets everything at a restart when asked to', async () => {
    const forgetful = await startRedis({ persistent: false })
    await overRedis(forgetful.url, (client) => client.set('a', '1'))
    await forgetful.restart()
    expect(await overRedis(forgetful.url, (client) => client.get('a'))).toBe(null)
    await forgetful.close()
  })

  it('ends when it is closed, also while frozen', async () => {
    const other = await startRedis()
    const { pid } = other
    other.freeze()
    await other.close()
    await other.close()
    expect(isThere(pid)).toBe(false)
  })

  it('says what the program said when it does not start', async () => {
    await expect(startRedis({ settings: ['--no-such-setting', '1'] })).rejects.toThrow('no-such-setting')
  })
})

describe.skipIf(!hasRabbitmq() && !process.env['CI'])('a private RabbitMQ (needs rabbitmq-server)', () => {
  let rabbitmq: OwnRabbitmq
  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
  })
  afterAll(() => rabbitmq.close())

  const send = async (queue: string) => {
    const connection = await connect(rabbitmq.url)
    const channel = await connection.createConfirmChannel()
    await channel.assertQueue(queue, { durable: true })
    channel.sendToQueue(queue, Buffer.from('x'), { persistent: true })
    await channel.waitForConfirms()
    return connection
  }

  it('keeps durable queues and persistent messages over a restart and a kill', async () => {
    await (await send('kept')).close()
    await rabbitmq.restart()
    expect(await rabbitmq.ctl('list_queues', '--no-table-headers', 'name', 'messages')).toBe('kept\t1\n')
    const { pid } = rabbitmq
    await rabbitmq.kill()
    expect(isThere(pid)).toBe(false)
    await rabbitmq.start()
    expect(await rabbitmq.ctl('list_queues', '--no-table-headers', 'name', 'messages')).toBe('kept\t1\n')
  })

  it('closes the connections of its clients when told by rabbitmqctl', async () => {
    const connection = await send('closed')
    const closed = new Promise<Error>((resolve) => connection.once('close', resolve))
    await rabbitmq.ctl('close_all_connections', 'because of the test')
    expect((await closed).message).toContain('because of the test')
  })

  it('answers nothing while it is frozen, and again when it is thawed', async () => {
    const hello = 'AMQP\0\0\x09\x01'
    rabbitmq.freeze()
    expect(await greet(rabbitmq.port, '127.0.0.1', hello, 200)).toBe('')
    rabbitmq.thaw()
    expect((await greet(rabbitmq.port, '127.0.0.1', hello)).charCodeAt(0)).toBe(1)
  })
})

describe('the services that tests share', () => {
  it('are those of the environment before all others', async () => {
    const before = { REDIS_URL: process.env['REDIS_URL'], AMQP_URL: process.env['AMQP_URL'] }
    Object.assign(process.env, { REDIS_URL: 'redis://elsewhere/3', AMQP_URL: 'amqp://elsewhere//' })
    expect([await redisUrl(), await amqpUrl()]).toEqual(['redis://elsewhere/3', 'amqp://elsewhere//'])
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  it('are there, or are to be skipped', async () => {
    const [redis, amqp] = [await redisUrl(), await amqpUrl()]
    if (redis !== undefined) expect(await overRedis(redis, (client) => client.ping())).toBe('PONG')
    if (amqp !== undefined) await (await connect(amqp)).close()
    expect([redis !== undefined || !hasRedis(), amqp !== undefined || !hasRabbitmq()]).toEqual([true, true])
  })
})

it('leave no folder behind once closed', async () => {
  if (!hasRedis()) return
  const own = await startRedis()
  const folder = (await overRedis(own.url, (client) => client.configGet('dir')))['dir'] ?? ''
  expect(existsSync(folder)).toBe(true)
  await own.close()
  expect(existsSync(folder)).toBe(false)
})
