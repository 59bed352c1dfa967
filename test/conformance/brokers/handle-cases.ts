import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { message, send, to } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

/** What a handle is, from the first connection to the end. */
export function handleCases(test: AddCase, variant: BrokerVariant): void {
  const { kind, capabilities, secrets = [] } = variant

  test('says its kind and what it can', async (bench) => {
    const broker = await bench.open()
    expect(broker.kind).toBe(kind)
    expect(broker.abilities).toEqual(capabilities.abilities)
    expect(broker.address).toMatch(/^[a-z+]+:/)
  })

  test('shows no secret in its address', async (bench) => {
    const { address } = await bench.open()
    for (const secret of secrets) expect(address).not.toContain(secret)
  })

  test('connects once, however often and at the same time it is asked', async (bench) => {
    const broker = await bench.open()
    await Promise.all([broker.connect(), broker.connect(), broker.ping()])
    await broker.connect()
    await broker.ping()
  })

  test('connects by itself when something is asked of it', async (bench) => {
    const broker = await bench.open()
    const queue = bench.queue()
    await Promise.all([broker.declare(queue), broker.ping()])
    await send(broker, queue, 'a')
    expect(await broker.size(queue.name)).toBe(1)
  })

  test('rejects everything with ERR_CELERY_CONNECTION once it is closed', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const exchange = bench.exchange('fanout')
    await broker.close()
    const calls: Record<string, () => Promise<unknown>> = {
      connect: () => broker.connect(),
      declare: () => broker.declare(queue),
      publish: () => broker.publish(message('late'), to(queue)),
      consume: () => broker.consume([queue], { prefetch: 1, onDelivery: () => {} }),
      size: () => broker.size(queue.name),
      purge: () => broker.purge(queue.name),
      deleteQueue: () => broker.deleteQueue(queue.name),
      subscribe: () => broker.subscribe(exchange, { queue: bench.ownQueue(), onMessage: () => {} }),
      ping: () => broker.ping(),
    }
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    }
    expect(await (await bench.open()).size(queue.name)).toBe(0)
  })

  test('closes without ever having connected, and more than once', async (bench) => {
    const broker = await bench.open()
    await Promise.all([broker.close(), broker.close()])
    await broker.close()
  })

  test('closes beside other handles without disturbing them', async (bench) => {
    const [one, two] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(one)
    const taker = await bench.take(two, [queue])
    await one.close()
    await send(two, queue, 'a')
    await (await taker.at(0)).ack()
  })

  if (variant.unreachable) {
    test('rejects with ERR_CELERY_CONNECTION when the broker cannot be reached, and shows no secret', async (bench) => {
      const broker = await bench.unreachable()
      const queue = bench.uniqueName('queue')
      for (const call of [broker.connect(), broker.ping(), broker.publish(message('a'), to(queue))]) {
        const error: unknown = await call.catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
        for (const secret of secrets) expect(String(error)).not.toContain(secret)
      }
      await broker.close()
    })
  }
}
