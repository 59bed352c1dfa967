import { type RedisScript, redisScript } from './redis-script.ts'

/** Answers `master` or `slave`. Redis lets no script ask for `ROLE`. */
export const serverRole: RedisScript = redisScript(
  `return string.match(redis.call('INFO', 'replication'), 'role:(%a+)')`,
)
