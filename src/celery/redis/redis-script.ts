import { createHash } from 'node:crypto'

/** A Lua script and the name Redis knows it by. */
export interface RedisScript {
  readonly source: string
  /** SHA-1 of the source, as hex. */
  readonly sha: string
}

/** Makes a script ready for `RedisCommands.eval`. */
export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}
