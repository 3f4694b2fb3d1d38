-- Drops all that is held of players, as if they had never come.
--
-- KEYS: 1 session, 2 participants, 3 names, 4 connected, 5 leaderboard, 6 withheld, 7 shown, then the answers of each
--       question
-- ARGV: for each of them: user, name key
-- Result: {"missing"} for an unknown session, or {"ok"}

if not is_known(KEYS[1]) then return { 'missing' } end
local gone = {}
for number = 1, #ARGV, 2 do
  local user = ARGV[number]
  gone[user] = true
  local packed = redis.call('HGET', KEYS[2], user)
  local status = packed and status_of(packed)
  if status and status ~= 'removed' and status ~= 'left' and not user:find('~', 1, true) then
    redis.call('HINCRBY', KEYS[1], 'taken', -1)
  end
  if status and status ~= 'removed' then resize_team(KEYS[1], unpack_participant(packed).team, -1) end
  redis.call('HDEL', KEYS[2], user)
  free_names(KEYS[3], user)
  -- The name of a player who was removed stands for nobody (keep_names), unless another bears it.
  local bearer = redis.call('HGET', KEYS[3], ARGV[number + 1])
  if bearer and redis.call('HEXISTS', KEYS[2], bearer) == 0 then redis.call('HDEL', KEYS[3], ARGV[number + 1]) end
  redis.call('HDEL', KEYS[4], user)
  redis.call('ZREM', KEYS[5], user)
  redis.call('HDEL', KEYS[7], user)
  for answers = 8, #KEYS do redis.call('HDEL', KEYS[answers], user) end
end
for _, field in ipairs(redis.call('HKEYS', KEYS[6])) do
  if gone[field:match('^[^|]+|(.+)$')] then redis.call('HDEL', KEYS[6], field) end
end
note_keys(KEYS[1], { KEYS[2], KEYS[5], KEYS[6] })
note_keys(KEYS[1], slice(KEYS, 8))
bump_version(KEYS[1])
note_names(KEYS[1])
return { 'ok' }
