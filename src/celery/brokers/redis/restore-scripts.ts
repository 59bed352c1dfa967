import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Says what has not been shown to be alive for too long, when nobody else is at it. By the server's clock: those of workers
 * may differ.
 *
 * KEYS: mutex, index, unacked. ARGV: token, milliseconds the mutex is kept, the visibility timeout in seconds, how many.
 * Answers nothing when the mutex is held; else for each its tag, score and value, the youngest first. What has no value is
 * forgotten.
 */
export const expiredScript: RedisScript = redisScript(`
if redis.replicate_commands then redis.replicate_commands() end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[1] .. ':' .. ARGV[1])
  if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
end
local time = redis.call('TIME')
local limit = time[1] + time[2] / 1000000 - tonumber(ARGV[3])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[2], string.format('%.6f', limit), 0, 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local answer = {}
for at = 1, #found, 2 do
  local value = redis.call('HGET', KEYS[3], found[at])
  if value then
    local last = #answer
    answer[last + 1], answer[last + 2], answer[last + 3] = found[at], found[at + 1], value
  else
    redis.call('ZREM', KEYS[2], found[at])
  end
end
return answer`)

/** Lets go of the mutex. KEYS: mutex. ARGV: token. */
export const unlockScript: RedisScript = redisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)
