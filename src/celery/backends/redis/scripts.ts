import { type RedisScript, redisScript } from '../../redis/redis-script.ts'

/**
 * Stores a state and tells those who watch, unless a SUCCESS is stored already: what Celery does by GET, then SETEX and PUBLISH,
 * without the moment in between in which two workers overwrite each other.
 *
 * Keys: the result. Values: the text; seconds until it expires, or empty; SHA-1 of a stored text that is known to be no SUCCESS.
 * Gives 1 when it is stored, 0 when a SUCCESS was; or the stored text and its SHA-1, when it is not JSON that begins with its
 * status as all known writers' does: the caller reads it, and calls again.
 */
export const storeScript: RedisScript = redisScript(`
local head = redis.call('GETRANGE', KEYS[1], 0, 79)
if head ~= '' then
  local status = string.match(head, '^%s*{%s*"status"%s*:%s*"([^"\\\\]*)"')
  if status == 'SUCCESS' then return 0 end
  if not status then
    local old = redis.call('GET', KEYS[1])
    local sha = redis.sha1hex(old)
    if sha ~= ARGV[3] then return {old, sha} end
  end
end
if ARGV[2] == '' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
`)

/** Stores a value and tells those who watch. Keys: the one. Values: the text; seconds until it expires, or empty. */
export const setScript: RedisScript = redisScript(`
if ARGV[2] == '' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
end
return redis.call('PUBLISH', KEYS[1], ARGV[1])
`)

/**
 * Notes a part of a chord. Celery sends the same commands as a transaction, and reads the parts afterwards.
 *
 * Keys: parts, added, size, the saved group. Values: the part; its place, or empty where parts are a list; seconds until it all
 * expires, or empty; 1 when the part may be in the list already. Gives nothing while parts are missing; else the saved group,
 * or nil, and all parts.
 */
export const chordPartScript: RedisScript = redisScript(`
local count
if ARGV[2] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
  count = redis.call('ZCOUNT', KEYS[1], '-inf', '+inf')
else
  local known = false
  if ARGV[4] == '1' then
    for _, part in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do known = known or part == ARGV[1] end
  end
  if not known then redis.call('RPUSH', KEYS[1], ARGV[1]) end
  count = redis.call('LLEN', KEYS[1])
end
local added = redis.call('GET', KEYS[2])
local size = redis.call('GET', KEYS[3])
if ARGV[3] ~= '' then
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
end
if not size or count ~= tonumber(size) + tonumber(added or 0) then return {} end
local parts = ARGV[2] ~= '' and redis.call('ZRANGE', KEYS[1], 0, -1) or redis.call('LRANGE', KEYS[1], 0, -1)
return {redis.call('GET', KEYS[4]), parts}
`)
