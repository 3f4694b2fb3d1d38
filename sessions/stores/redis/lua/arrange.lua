-- Changes one thing that is arranged for a player (sessions/rules/people.py).
--
-- KEYS: 1 session, 2 participants, 3 stream, 4 streams
-- ARGV: 1 session id, 2 server id, 3 user, 4 what: "moves", "team" or "needs", 5 its value, 6 who asked
-- Result: {"missing"}, {"none"} when there is no such player or none that is in, {"moved"} when the place has moved
--         meanwhile, or {"ok", packed participant, stream id or "", record or ""}

if not is_known(KEYS[1]) then return { 'missing' } end
local before = redis.call('HGET', KEYS[2], ARGV[3])
local participant = before and unpack_participant(before)
if not participant or participant.status == 'removed' then return { 'none' } end
local what, value = ARGV[4], ARGV[4] == 'needs' and ARGV[5] or tonumber(ARGV[5])
if what == 'moves' and value ~= participant.moves + 1 then return { 'moved' } end
if participant[what] == value then return { 'ok', before, '', '' } end
if what == 'team' then
  resize_team(KEYS[1], participant.team, -1)
  resize_team(KEYS[1], value, 1)
end
-- Somebody may have more time from now on, see RedisStore.slow_players.
if what == 'needs' then redis.call('HSET', KEYS[1], 'needs', '1') end
participant[what], participant.arranged_at = value, math.max(now_ms(), participant.arranged_at + 1)
local packed = pack_participant(participant)
redis.call('HSET', KEYS[2], ARGV[3], packed)
if what == 'team' then
  bump_version(KEYS[1])
  note_names(KEYS[1])
end
local record = cjson.encode({ user_id = ARGV[3], participant = packed, what = what, actor = ARGV[6] })
return { 'ok', packed, append(KEYS[3], KEYS[4], ARGV[1], 'arranging', ARGV[2], record), record }
