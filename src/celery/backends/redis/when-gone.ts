import type { RedisConnection } from '../../redis/redis-commands.ts'

/**
 * Waits until a connection that has failed a command is known to have ended, which its link learns a moment later than the
 * command; at most a second, as the failure may have been of the command alone.
 */
export async function whenGone(connection: RedisConnection): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const second = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1000)
  })
  await Promise.race([connection.ended, second])
  clearTimeout(timer)
}
