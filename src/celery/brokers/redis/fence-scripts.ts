import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Opens a fence: a key that scripts of one connection need, and that is closed when the connection is lost. `DEL` comes first,
 * as after a first write a script is not refused for want of memory.
 *
 * KEYS: fence. ARGV: first value, seconds it is kept.
 */
export const openFenceScript: RedisScript = redisScript(`
redis.call('DEL', KEYS[1])
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])`)

/**
 * Closes a fence, so that what is still on its way through its dead connection is not done any more, and says its last value.
 * May be called again when its answer was lost: then it says the same.
 *
 * KEYS: fence. ARGV: seconds the value is kept. Answers nothing when the key is gone: expired, or the server lost its data.
 */
export const closeFenceScript: RedisScript = redisScript(`
local value = redis.call('GET', KEYS[1])
if not value then return false end
if string.sub(value, 1, 7) == 'closed:' then return string.sub(value, 8) end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], 'closed:' .. value, 'EX', ARGV[1])
return value`)
