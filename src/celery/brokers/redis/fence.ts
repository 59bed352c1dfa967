import { randomUUID } from 'node:crypto'
import type { RedisConnection } from '../../redis/redis-commands.ts'
import { closeFenceScript, openFenceScript } from './fence-scripts.ts'

/** How long a fence is kept that nobody uses, in seconds. Who finds it gone opens another one. */
export const FENCE_SECONDS = 3600

/**
 * A key that the scripts of one connection need in order to do anything, and where they note what they did last. It is closed
 * when the connection is lost: so what is still on its way is not done any more, and what was done is known.
 */
export class Fence {
  readonly key: string

  constructor(keyOf: (id: string) => string, kind: 'publisher' | 'taker') {
    this.key = keyOf(`${kind}.${randomUUID()}`)
  }

  async open(connection: RedisConnection, first: string): Promise<void> {
    await connection.eval(openFenceScript, [this.key], [first, String(FENCE_SECONDS)])
  }

  /** @returns what was noted last; undefined when the key is gone */
  async close(connection: RedisConnection): Promise<string | undefined> {
    const value = await connection.eval(closeFenceScript, [this.key], ['60'])
    return typeof value === 'string' ? value : undefined
  }
}
