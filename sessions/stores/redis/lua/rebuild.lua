-- Takes a session's state where it is newer than what is here, and counts scores, places and timers from the answers.
--
-- KEYS: 1 session, 2 participants, 3 names, 4 connected, 5 leaderboard, 6 withheld, 7 events, 8 shown, 9 timers,
--       10 stream, 11 streams, then the answers of each question
-- ARGV: 1 session id, 2 state (JSON), 3 revision, 4 setup (JSON), 5 pace, 6 reveal, 7 most participants,
--       8 when the keys expire, 9 due time or "", 10 number of events, then for each event: seq, event (JSON);
--       then the id of each question, in the order of its answers in KEYS
-- Result: 1 when the state was taken, 0 when this had the same or a newer one, -1 when the quiz has more questions here:
--         then nothing has changed, for the points of those would not be counted

local HOUR_MS = 3600000
if tonumber(redis.call('HGET', KEYS[1], 'questions') or '0') > #KEYS - 11 then return -1 end
local here = redis.call('HGET', KEYS[1], 'revision')
local taken = (not here or tonumber(here) < tonumber(ARGV[3])) and 1 or 0
if taken == 1 then
  redis.call('HSET', KEYS[1], 'state', ARGV[2], 'revision', ARGV[3])
  if ARGV[9] == '' then redis.call('ZREM', KEYS[9], ARGV[1]) else redis.call('ZADD', KEYS[9], ARGV[9], ARGV[1]) end
end
redis.call('HSET', KEYS[1], 'run', RUN, 'setup', ARGV[4], 'questions', #KEYS - 11, 'pace', ARGV[5], 'reveal', ARGV[6], 'max_participants', ARGV[7],
  'expire_at', ARGV[8])
local last = 10 + tonumber(ARGV[10]) * 2
for number = 11, last, 2 do
  local seq = ARGV[number]
  if taken == 1 then redis.call('ZREMRANGEBYSCORE', KEYS[7], seq, seq) end
  -- Where the state is no newer, it may still be that the events were lost.
  if redis.call('ZCOUNT', KEYS[7], seq, seq) == 0 then redis.call('ZADD', KEYS[7], seq, ARGV[number + 1]) end
end

local state = cjson.decode(redis.call('HGET', KEYS[1], 'state'))
-- Whoever ended the session wrote that to the database alone: its end has the final standings written (commit.lua). Where
-- the session was lost here, it may be that nobody has done that; of one that ended long ago somebody has.
if taken == 1 and state.status == 'completed' and (here or NOW - (state.ended_at or 0) < HOUR_MS) then
  append(KEYS[10], KEYS[11], ARGV[1], 'finish', 'rebuild', '{}')
end
local told = {}
redis.call('DEL', KEYS[5], KEYS[6])
for number = 12, #KEYS do
  local question = ARGV[last + number - 11]
  local revealed = ARGV[6] == 'immediately' or state.status == 'completed'
  if not revealed and ARGV[5] == 'host' then
    revealed = not ((state.phase == 'open' or state.phase == 'asked') and state.question_id == question)
  end
  local answers = redis.call('HGETALL', KEYS[number])
  for index = 1, #answers, 2 do
    local user, points = answers[index], tonumber(answers[index + 1]:match('^%a+|(%d+)|'))
    if revealed then
      told[user] = (told[user] or 0) + points
    else
      redis.call('HSET', KEYS[6], question .. '|' .. user, points)
    end
  end
end

local participants = redis.call('HGETALL', KEYS[2])
local sizes = {}
local taken_places, positions = 0, tonumber(redis.call('HGET', KEYS[1], 'positions') or '0')
for index = 1, #participants, 2 do
  local user, participant = participants[index], unpack_participant(participants[index + 1])
  positions = math.max(positions, participant.position)
  if participant.status ~= 'removed' then
    if participant.needs ~= '' then redis.call('HSET', KEYS[1], 'needs', '1') end
    sizes[participant.team] = (sizes[participant.team] or 0) + 1
    redis.call('ZADD', KEYS[5], (told[user] or 0) * PLACE - participant.position, user)
    -- Another attempt of a player takes no place.
    if participant.status ~= 'left' and not user:find('~', 1, true) then taken_places = taken_places + 1 end
  end
end
for number = 1, TEAMS_MOST do
  local field = 'team:' .. number
  if sizes[number] or redis.call('HEXISTS', KEYS[1], field) == 1 then
    redis.call('HSET', KEYS[1], field, sizes[number] or 0)
  end
end
redis.call('HSET', KEYS[1], 'positions', positions, 'taken', taken_places)
bump_version(KEYS[1])
note_names(KEYS[1])
local touched = {}
for number = 1, 8 do touched[number] = KEYS[number] end
for number = 12, #KEYS do touched[#touched + 1] = KEYS[number] end
expire(KEYS[1], touched)
note_keys(KEYS[1], { KEYS[2], KEYS[5], KEYS[6] })
note_keys(KEYS[1], slice(KEYS, 10))
return taken
