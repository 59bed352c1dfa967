import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/** Tells how many wait in lists. KEYS: lists. Fails when one is no list. */
export const sizeScript: RedisScript = redisScript(`
local size = 0
for _, list in ipairs(KEYS) do size = size + redis.call('LLEN', list) end
return size`)

/** Empties lists, and tells how many waited. KEYS: lists. */
export const purgeScript: RedisScript = redisScript(`
local size = 0
for _, list in ipairs(KEYS) do
  size = size + redis.call('LLEN', list)
  redis.call('DEL', list)
end
return size`)
