-- Homework: a player begins another attempt, which is a row of its own (sessions/rules/attempts.py).
--
-- KEYS: 1 session, 2 participants, 3 leaderboard, 4 stream, 5 streams
-- ARGV: 1 session id, 2 server id, 3 user, 4 id of the attempt before, 5 id of the attempt
-- Result: {"missing"} for an unknown session; {"lost"} when it lacks a key that it had; {"none"} when there is no such
--         player or attempt before, or {"ok", stream id or "", record or ""}, without a record when it was begun before

if not is_known(KEYS[1]) then return { 'missing' } end
if lacks(KEYS[1], { KEYS[2], KEYS[3] }) then return { 'lost' } end
local packed = redis.call('HGET', KEYS[2], ARGV[3])
if not packed or status_of(packed) == 'removed' then return { 'none' } end
if redis.call('HEXISTS', KEYS[2], ARGV[5]) == 1 then return { 'ok', '', '' } end
if redis.call('HEXISTS', KEYS[2], ARGV[4]) == 0 then return { 'none' } end
local person = unpack_participant(packed)
local position = redis.call('HINCRBY', KEYS[1], 'positions', 1)
local row = pack_participant({
  position = position,
  joined_at = now_ms(),
  renamed_at = 0,
  -- Who is in which team, and where the player's place is, stands in the player's own row alone.
  arranged_at = person.arranged_at,
  moves = 0,
  team = 0,
  needs = person.needs,
  status = 'disconnected',
  username = '',
})
redis.call('HSET', KEYS[2], ARGV[5], row)
redis.call('ZADD', KEYS[3], -position, ARGV[5])
expire(KEYS[1], { KEYS[2], KEYS[3] })
note_keys(KEYS[1], { KEYS[2], KEYS[3] })
bump_version(KEYS[1])
local record = cjson.encode({ { ARGV[5], row } })
return { 'ok', append(KEYS[4], KEYS[5], ARGV[1], 'joins', ARGV[2], record), record }
