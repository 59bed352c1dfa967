import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Takes a batch of messages: each leaves its list and enters the table of unacked ones in the same instant, so that no crash
 * of ours loses it. The text is stored as it came; a tag that is in the table already, as copies of one message in several
 * queues have it, gets a suffix there. What is no message goes to a table of its own, where Python does not stumble over it.
 *
 * Steps of priority come first, then queues; a queue that gave a message goes to the end of the row.
 *
 * KEYS: fence, unacked, index, malformed; then for each step of priority the lists of all queues.
 * ARGV: most messages, most bytes, seconds the fence is kept, number of queues, 1 for rotation; then for each queue what
 * stands behind the envelope in the table.
 * Answers nothing when the fence is closed or gone; else the time in microseconds, of which each message has one more than the one
 * before it for its score, so that who restores them has their order; and for each message: index of its queue, of its step, its tag,
 * 1 when it is no message, the text. The fence has the same without the texts.
 */
export const takeScript: RedisScript = redisScript(`
local fence = redis.call('GET', KEYS[1])
if not fence or string.sub(fence, 1, 7) == 'closed:' then return false end
if redis.replicate_commands then redis.replicate_commands() end
local most, room, width = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local time = redis.call('TIME')
local start = time[1] * 1000000 + time[2]
local found, record = { string.format('%d', start) }, { string.format('%d', start) }

local function tagOf(text)
  -- Without the quote before it, of which a text has many: three times as fast.
  local first, last = string.find(text, 'delivery_tag"', 1, true)
  if not first then return nil end
  if string.byte(text) == 123 and string.byte(text, first - 1) == 34 then
    local tag = string.match(text, '^%s*:%s*"([%w%-]+)"', last + 1)
    if tag and not string.find(text, 'delivery_tag"', last + 1, true) then return tag end
  end
  local ok, value = pcall(cjson.decode, text)
  if not ok or type(value) ~= 'table' or type(value.properties) ~= 'table' then return nil end
  local tag = value.properties.delivery_tag
  if type(tag) == 'string' and tag ~= '' then return tag end
end

local function hold(text, queue, place)
  local score = string.format('%.6f', (start + place) / 1000000)
  local tag = tagOf(text)
  if not tag then
    tag = score
    return tag, 1, redis.pcall('HSET', KEYS[4], tag, text)
  end
  local value = '[' .. text .. ARGV[5 + queue]
  local held = redis.pcall('HSETNX', KEYS[2], tag, value)
  if held == 0 then
    tag = tag .. ':' .. score
    held = redis.pcall('HSETNX', KEYS[2], tag, value)
  end
  if type(held) == 'table' and held.err then return tag, 0, held end
  return tag, 0, redis.pcall('ZADD', KEYS[3], score, tag)
end

local order = {}
for queue = 1, width do order[queue] = queue end
for step = 0, (#KEYS - 4) / width - 1 do
  local row, at = {}, 1
  for place = 1, #order do row[place] = order[place] end
  while at <= #row and most > 0 and room > 0 do
    local queue = row[at]
    local list = KEYS[4 + step * width + queue]
    local text = redis.pcall('RPOP', list)
    if type(text) ~= 'string' then
      table.remove(row, at)
    else
      local tag, malformed, held = hold(text, queue, (#found - 1) / 5)
      if type(held) == 'table' and held.err then
        redis.call('RPUSH', list, text)
        return held
      end
      local last = #found
      found[last + 1], found[last + 2], found[last + 3] = queue, step, tag
      found[last + 4], found[last + 5] = malformed, text
      last = #record
      record[last + 1], record[last + 2], record[last + 3], record[last + 4] = queue, step, tag, malformed
      most, room = most - 1, room - #text
      if ARGV[5] == '1' then
        table.remove(row, at)
        row[#row + 1] = queue
        for place = 1, #order do
          if order[place] == queue then table.remove(order, place) break end
        end
        order[#order + 1] = queue
      end
    end
  end
end
if #found > 1 then redis.call('SET', KEYS[1], cjson.encode(record), 'EX', ARGV[3]) end
return found`)
