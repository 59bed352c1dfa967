import { describe, expect, it } from 'vitest'
import type { RedisConnection } from '../../../../src/celery/redis/redis-commands.ts'
import { RedisFailure } from '../../../../src/celery/redis/redis-failure.ts'
import { pauseBefore, RedisLink } from '../../../../src/celery/redis/redis-link.ts'

/** A connection of which only the end matters. */
function stub(): RedisConnection & { end(): void } {
  let end = () => {}
  const ended = new Promise<Error>((resolve) => {
    end = () => resolve(new Error('cut'))
  })
  return { ended, end, close: () => end() } as RedisConnection & { end(): void }
}

const unsent = () => Promise.reject(new RedisFailure('unsent', 'nobody listens'))

describe('a link', () => {
  it('opens once for all who ask at the same time', async () => {
    let opened = 0
    const link = new RedisLink({
      maxRetries: 0,
      open: async () => {
        opened++
        return stub()
      },
    })
    const [one, two] = await Promise.all([link.connect(), link.connect()])
    expect([opened, one === two, one === link.connection]).toEqual([1, true, true])
    link.close()
  })

  it('opens another connection when one ends, and tells of it', async () => {
    const connections = [stub(), stub()]
    const told: string[] = []
    const link = new RedisLink({
      maxRetries: 0,
      open: async () => connections[told.length] as RedisConnection,
      onDown: ({ message }) => told.push(message),
    })
    const first = await link.connect()
    connections[0]?.end()
    await first.ended
    const second = await link.connect()
    expect([second === connections[1], told]).toEqual([true, ['cut']])
    link.close()
  })

  it('gives up after so many retries, and begins anew when asked again', async () => {
    let tries = 0
    let givenUp = 0
    const link = new RedisLink({
      maxRetries: 2,
      random: () => 0,
      open: () => {
        tries++
        return unsent()
      },
      onGivenUp: () => givenUp++,
    })
    await expect(link.connect()).rejects.toMatchObject({ kind: 'unsent' })
    expect([tries, givenUp]).toEqual([3, 1])
    await expect(link.connect()).rejects.toMatchObject({ kind: 'unsent' })
    expect([tries, givenUp]).toEqual([6, 2])
  })

  it('does not try a wrong password again, unless it was right before', async () => {
    let tries = 0
    const connection = stub()
    const wrong = () => Promise.reject(new RedisFailure('failed', 'the password is wrong', 'WRONGPASS'))
    const never = new RedisLink({ maxRetries: 5, random: () => 0, open: () => (++tries > 0 ? wrong() : unsent()) })
    await expect(never.connect()).rejects.toMatchObject({ reply: 'WRONGPASS' })
    expect(tries).toBe(1)
    const once = new RedisLink({
      maxRetries: 1,
      random: () => 0,
      open: () => (++tries === 2 ? Promise.resolve(connection) : wrong()),
    })
    await once.connect()
    connection.end()
    await connection.ended
    await expect(once.connect()).rejects.toMatchObject({ reply: 'WRONGPASS' })
    expect(tries).toBe(4)
  })

  it('closes a connection that cannot be prepared, and tries again', async () => {
    const [bad, good] = [stub(), stub()]
    let isGood = false
    const link = new RedisLink({
      maxRetries: 1,
      random: () => 0,
      open: async () => (isGood ? good : bad),
      onUp: async (connection) => {
        if (connection === good) return
        isGood = true
        throw new RedisFailure('refused', 'it is loading its data', 'LOADING')
      },
    })
    expect(await link.connect()).toBe(good)
    await bad.ended
    link.close()
  })

  it('rejects who waits when it is closed, also in a pause between tries', async () => {
    const link = new RedisLink({ maxRetries: null, random: () => 1, open: unsent })
    const waiting = link.connect()
    await Promise.resolve()
    link.close()
    await expect(waiting).rejects.toMatchObject({ kind: 'unsent' })
    await expect(link.connect()).rejects.toMatchObject({ kind: 'unsent' })
  })

  it('pauses longer and longer, up to five seconds', () => {
    expect([1, 2, 3, 7, 8, 50].map((retry) => pauseBefore(retry, () => 1))).toEqual([50, 100, 200, 3200, 5000, 5000])
    expect(pauseBefore(3, () => 0)).toBe(100)
  })
})
