-- Gives a player another name.
--
-- KEYS: 1 session, 2 participants, 3 names, 4 stream, 5 streams
-- ARGV: 1 session id, 2 server id, 3 user, 4 name, 5 its name key, 6 who asked
-- Result: {"missing"}, {"none"} when there is no such player or none that is in, {"taken"} when another player has the
--         name, or {"ok", packed participant, stream id or "", record or ""}

if not is_known(KEYS[1]) then return { 'missing' } end
local before = redis.call('HGET', KEYS[2], ARGV[3])
local participant = before and unpack_participant(before)
if not participant or participant.status == 'removed' then return { 'none' } end
local bearer = redis.call('HGET', KEYS[3], ARGV[5])
-- That of somebody who was taken out is the host's to give.
if bearer and bearer ~= NOBODY and bearer ~= ARGV[3] then return { 'taken' } end
if participant.username == ARGV[4] then return { 'ok', before, '', '' } end
free_names(KEYS[3], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[3])
local from = participant.username
participant.username, participant.renamed_at = ARGV[4], math.max(now_ms(), participant.renamed_at + 1)
local packed = pack_participant(participant)
redis.call('HSET', KEYS[2], ARGV[3], packed)
bump_version(KEYS[1])
note_names(KEYS[1])
local record = cjson.encode({ user_id = ARGV[3], participant = packed, before = from, actor = ARGV[6] })
return { 'ok', packed, append(KEYS[4], KEYS[5], ARGV[1], 'renaming', ARGV[2], record), record }
