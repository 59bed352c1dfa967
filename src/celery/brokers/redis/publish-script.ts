import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Stores a batch of messages, once: the fence says the number of the batch that was stored last by this connection, and only
 * the next one is stored. So a batch whose answer was lost can be looked up afterwards, and one that is still on its way
 * through a dead connection cannot be stored any more once the fence is closed.
 *
 * KEYS: fence, lists. ARGV: number of the batch before, of this one, seconds the fence is kept; then for each run of messages:
 * index of its list, how many, the messages. Answers -1 when the fence is another one; else pairs of index of the run and what
 * Redis said against it.
 *
 * `SET` comes first: it is what a full memory refuses, and then nothing is stored.
 */
export const publishScript: RedisScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
local faults, run, at = {}, 0, 4
while at < #ARGV do
  local last = at + 1 + tonumber(ARGV[at + 1])
  local stored = redis.pcall('LPUSH', KEYS[1 + tonumber(ARGV[at])], unpack(ARGV, at + 2, last))
  if type(stored) == 'table' and stored.err then
    faults[#faults + 1] = run
    faults[#faults + 1] = stored.err
  end
  run, at = run + 1, last + 1
end
return faults`)
