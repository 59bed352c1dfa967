import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Says what has not been shown to be alive for too long. By the server's clock: those of workers may differ.
 *
 * KEYS: index, unacked. ARGV: the visibility timeout in seconds, how many. Answers for each its tag, score and value, the
 * youngest first. What has no value is forgotten, as in kombu.
 */
export const expiredScript: RedisScript = redisScript(`
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('TIME')
local limit = time[1] + time[2] / 1000000 - tonumber(ARGV[1])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], string.format('%.6f', limit), 0, 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local answer = {}
for at = 1, #found, 2 do
  local value = redis.call('HGET', KEYS[2], found[at])
  if value then
    local last = #answer
    answer[last + 1], answer[last + 2], answer[last + 3] = found[at], found[at + 1], value
  else
    redis.call('ZREM', KEYS[1], found[at])
  end
end
return answer`)
