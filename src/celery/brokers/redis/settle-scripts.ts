import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Takes what is done from the table of unacked messages. Each only when it still has the score that its holder gave it: when
 * another worker took it for dead and somebody has it again, it is theirs.
 *
 * KEYS: unacked, index. ARGV: for each its tag and two scores of which it must have one. Answers the places of those that it
 * did not have.
 */
export const ackScript: RedisScript = redisScript(`
local lost, done = {}, {}
for at = 1, #ARGV, 3 do
  local score = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[at]) or nil)
  if score and (score == tonumber(ARGV[at + 1]) or score == tonumber(ARGV[at + 2])) then
    done[#done + 1] = ARGV[at]
  else
    lost[#lost + 1] = (at - 1) / 3
  end
end
if #done > 0 then
  redis.call('ZREM', KEYS[2], unpack(done))
  redis.call('HDEL', KEYS[1], unpack(done))
end
return lost`)

/**
 * Gives new scores to what is still held. KEYS: index. ARGV: for each the new score, then as above. Answers as above.
 */
export const refreshScript: RedisScript = redisScript(`
local lost, held = {}, {}
for at = 1, #ARGV, 4 do
  local score = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[at + 1]) or nil)
  if score and (score == tonumber(ARGV[at + 2]) or score == tonumber(ARGV[at + 3])) then
    held[#held + 1] = ARGV[at]
    held[#held + 1] = ARGV[at + 1]
  else
    lost[#lost + 1] = (at - 1) / 4
  end
end
if #held > 0 then redis.call('ZADD', KEYS[1], 'XX', unpack(held)) end
return lost`)

/**
 * Puts messages from the table into lists, when they have their score as above.
 *
 * KEYS: unacked, index, malformed, lists. ARGV: for each its tag and two scores (two empty ones: it is in the table of what is
 * no message); \`R\` for the end that is served next or \`L\` for the other; how many lists, and their indexes; the text, or
 * an empty one for that of the table without so many bytes at its end, which follow; how many messages are served before it
 * when they are still at that end, and their tags. Answers the places of those that it did not have.
 */
export const putScript: RedisScript = redisScript(`
local lost, at, place = {}, 1, 0
local function next()
  at = at + 1
  return ARGV[at - 1]
end
local function isOneOf(text, tags)
  for _, tag in ipairs(tags) do
    if string.find(text, '"' .. tag .. '"', 1, true) then return true end
  end
end
local function push(list, side, text, before)
  local passed = {}
  if side == 'R' then
    while #passed < #before do
      local last = redis.call('LINDEX', list, -1)
      if not last or not isOneOf(last, before) then break end
      passed[#passed + 1] = redis.call('RPOP', list)
    end
    redis.call('RPUSH', list, text)
    for i = #passed, 1, -1 do redis.call('RPUSH', list, passed[i]) end
  else
    redis.call('LPUSH', list, text)
  end
end
while at < #ARGV do
  local tag, one, other, side = next(), next(), next(), next()
  local lists, before = {}, {}
  for i = 1, tonumber(next()) do lists[i] = KEYS[3 + tonumber(next())] end
  local text, tail = next(), tonumber(next())
  for i = 1, tonumber(next()) do before[i] = next() end
  local isMine
  if one == '' then
    text = redis.call('HGET', KEYS[3], tag)
    isMine = text and true
  else
    local score = tonumber(redis.call('ZSCORE', KEYS[2], tag) or nil)
    isMine = score and (score == tonumber(one) or score == tonumber(other))
    if isMine and text == '' then
      local value = redis.call('HGET', KEYS[1], tag)
      isMine = value and true
      text = value and string.sub(value, 2, -1 - tail)
    end
  end
  if isMine then
    if one == '' then redis.call('HDEL', KEYS[3], tag) else
      redis.call('ZREM', KEYS[2], tag)
      redis.call('HDEL', KEYS[1], tag)
    end
    for _, list in ipairs(lists) do push(list, side, text, before) end
  else
    lost[#lost + 1] = place
  end
  place = place + 1
end
return lost`)
