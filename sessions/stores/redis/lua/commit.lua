-- Takes a transition by compare-and-set on the revision; when an answer was accepted by it, every answer to that question
-- is graded again in the same step.
--
-- KEYS: 1 session, 2 leaderboard, 3 withheld, 4 events, 5 stream, 6 streams, 7 timers, 8 participants, then the other keys of the
--       session that expire with it
-- ARGV: 1 session id, 2 server id, 3 expected revision, 4 state after it (JSON), 5 its revision, 6 the question whose points
--       are not to be told yet ("" for none, "*" for all), 7 due time or "", 8 when the keys expire, 9 record for the database or "" when it has
--       the transition, 10 "1" when the session is completed by it, 11 question to grade again or "", 12 index in KEYS of
--       its answers, 13 setup (JSON) when its quiz grows, or "", 14 questions of that quiz, 15 number of things given
--       (prelude.lua), then for each: it, verdict, schedule; then for each event: seq, event (JSON)
-- Result: {"missing"}, {"lost"} when the session lacks a key that it had, {"stale"}, {"unknown", list of what was given and is not known}, in which cases nothing has
--         changed, or {"ok", stream id of the transition or "", stream id of the end or ""}.

local revision = redis.call('HGET', KEYS[1], 'revision')
if not revision or not is_known(KEYS[1]) then return { 'missing' } end
if lacks(KEYS[1], { KEYS[2], KEYS[3], KEYS[8] }) or lacks(KEYS[1], slice(KEYS, 12)) then return { 'lost' } end
if revision ~= ARGV[3] then return { 'stale' } end
local worths, events = {}, 16 + tonumber(ARGV[15]) * 3
for number = 16, events - 1, 3 do worths[ARGV[number]] = { ARGV[number + 1], ARGV[number + 2] } end
if ARGV[11] ~= '' then
  local given = given_by(KEYS[1], KEYS[8])
  local unknown = unknown_answers(KEYS[tonumber(ARGV[12])], given, worths)
  if #unknown > 0 then return { 'unknown', unknown } end
  if regrade(KEYS[tonumber(ARGV[12])], given, KEYS[2], KEYS[3], ARGV[11], worths) then
    bump_version(KEYS[1])
  end
end
redis.call('HSET', KEYS[1], 'state', ARGV[4], 'revision', ARGV[5], 'expire_at', ARGV[8])
if ARGV[13] ~= '' then redis.call('HSET', KEYS[1], 'setup', ARGV[13], 'questions', ARGV[14]) end
for number = events, #ARGV, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[4], ARGV[number], ARGV[number])
  redis.call('ZADD', KEYS[4], ARGV[number], ARGV[number + 1])
end
if ARGV[6] ~= '*' then
  local withheld, told = redis.call('HGETALL', KEYS[3]), false
  for number = 1, #withheld, 2 do
    local question, user = withheld[number]:match('^([^|]+)|(.+)$')
    if question ~= ARGV[6] then
      -- A removed player has no place to add to.
      if redis.call('ZSCORE', KEYS[2], user) then
        redis.call('ZINCRBY', KEYS[2], tonumber(withheld[number + 1]) * PLACE, user)
      end
      redis.call('HDEL', KEYS[3], withheld[number])
      told = true
    end
  end
  if told then bump_version(KEYS[1]) end
  note_keys(KEYS[1], { KEYS[3] })
end
if ARGV[7] == '' then redis.call('ZREM', KEYS[7], ARGV[1]) else redis.call('ZADD', KEYS[7], ARGV[7], ARGV[1]) end
local touched = { KEYS[1], KEYS[2], KEYS[3], KEYS[4] }
for number = 8, #KEYS do touched[#touched + 1] = KEYS[number] end
expire(KEYS[1], touched)
local transition, finish = '', ''
if ARGV[9] ~= '' then transition = append(KEYS[5], KEYS[6], ARGV[1], 'transition', ARGV[2], ARGV[9]) end
if ARGV[10] == '1' then finish = append(KEYS[5], KEYS[6], ARGV[1], 'finish', ARGV[2], '{}') end
return { 'ok', transition, finish }
