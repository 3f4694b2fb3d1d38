-- A player goes: by leaving, or taken out.
--
-- KEYS: 1 session, 2 participants, 3 names, 4 connected, 5 leaderboard, 6 stream, 7 streams
-- ARGV: 1 session id, 2 server id, 3 user, 4 status from now on ("left", "removed"),
--       5 name key (which stays taken on removal), 6 record for the database or ""
-- Result: {"missing"}, {"none"} when there is no such player, or {"ok", packed participant before, stream id or ""}

if not is_known(KEYS[1]) then return { 'missing' } end
local packed = redis.call('HGET', KEYS[2], ARGV[3])
if not packed then return { 'none' } end
local participant = unpack_participant(packed)
redis.call('HDEL', KEYS[4], ARGV[3])
if participant.status == 'removed' then return { 'ok', packed, '' } end
if participant.status ~= 'left' then redis.call('HINCRBY', KEYS[1], 'taken', -1) end
participant.status = ARGV[4]
redis.call('HSET', KEYS[2], ARGV[3], pack_participant(participant))
local entry = ''
if ARGV[4] == 'removed' then
  redis.call('ZREM', KEYS[5], ARGV[3])
  resize_team(KEYS[1], participant.team, -1)
  note_keys(KEYS[1], { KEYS[5] })
  if redis.call('HGET', KEYS[3], ARGV[5]) == ARGV[3] then redis.call('HSET', KEYS[3], ARGV[5], NOBODY) end
  bump_version(KEYS[1])
  if ARGV[6] ~= '' then entry = append(KEYS[6], KEYS[7], ARGV[1], 'removal', ARGV[2], ARGV[6]) end
end
return { 'ok', packed, entry }
