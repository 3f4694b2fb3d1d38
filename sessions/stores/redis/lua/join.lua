-- Lets players in, or in again.
--
-- KEYS: 1 session, 2 participants, 3 names, 4 connected, 5 leaderboard, 6 stream, 7 streams, 8 sessions of the server,
--       9 shown, then the answers of each question, if some may have been here before
-- ARGV: 1 session id, 2 server id, 3 "1" when the batch is sent again because its answer was lost, 4 number of teams, 0 for none,
--       then for each join:
--       user, username, name key, how often the place
--       had moved when the proof of who it is was given out or "" without one, connection
-- Result: {"missing"} for an unknown session; {"lost"} when it lacks a key that it had; else {"ok", stream id or "",
--         record or "", state (JSON), then for each join
--         {refusal, packed participant, "1" when resumed, connection before or "", players connected,
--         when a question that is open was shown to a new player (active clock) or "", rank or 0, score,
--         what was shown or "", places in KEYS of the questions that were answered, the place that equal scores
--         share or 0}}

local state_json = redis.call('HGET', KEYS[1], 'state')
if not state_json or not is_known(KEYS[1]) then return { 'missing' } end
if lacks(KEYS[1], { KEYS[2], KEYS[5] }) then return { 'lost' } end
local state = cjson.decode(state_json)
local now = now_ms()
local places = tonumber(redis.call('HGET', KEYS[1], 'max_participants'))
  - tonumber(redis.call('HGET', KEYS[1], 'taken') or '0')

-- Of a connection named "SERVER/TIME.NUMBER".
local function asked_at(connection)
  return tonumber(connection:match('/(%d+)%.%d+$') or '0')
end

local function refusal(participant, name, proven, before, connection)
  if participant then
    if participant.status == 'removed' then return 'REMOVED' end
    if proven ~= true and proven ~= participant.moves then return 'INVALID_TOKEN' end
    if asked_at(before) > asked_at(connection) then return 'SUPERSEDED' end
    if participant.status == 'left' and places <= 0 then return 'SESSION_FULL' end
    return ''
  end
  if state.status == 'completed' then return 'SESSION_COMPLETED' end
  if state.locked then return 'SESSION_LOCKED' end
  if places <= 0 then return 'SESSION_FULL' end
  if redis.call('HEXISTS', KEYS[3], name) == 1 then return 'USERNAME_TAKEN' end
  return ''
end

local results, records, back, places_of = {}, {}, {}, {}
-- A newcomer comes into one of the smallest teams (smallest_team in sessions/rules/people.py).
local teams = tonumber(ARGV[4])
local function team_for(user)
  if teams == 0 then return 0 end
  local first, best, best_size, best_turn = 0, 0, 0, 0
  for number = 1, #user do first = first + user:byte(number) end
  for team = 1, teams do
    local size, turn = tonumber(redis.call('HGET', KEYS[1], 'team:' .. team) or '0'), (team - 1 - first) % teams
    if best == 0 or size < best_size or (size == best_size and turn < best_turn) then
      best, best_size, best_turn = team, size, turn
    end
  end
  resize_team(KEYS[1], best, 1)
  return best
end

for first = 5, #ARGV, 5 do
  local user, username, name = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  local proven, connection = tonumber(ARGV[first + 3]), ARGV[first + 4]
  local packed = redis.call('HGET', KEYS[2], user)
  local participant = packed and unpack_participant(packed)
  local before = redis.call('HGET', KEYS[4], user) or ''
  proven = proven or (ARGV[3] == '1' and before == connection)
  local code = refusal(participant, name, proven, before, connection)
  if code ~= '' then
    results[#results + 1] = { code, '', '', '', 0, '', 0, 0, '', {}, 0 }
  else
    local resumed = participant and '1' or ''
    if not participant or participant.status == 'left' then
      places = places - 1
      redis.call('HINCRBY', KEYS[1], 'taken', 1)
    end
    local shown_at, rank = '', 0
    if not participant then
      local position = redis.call('HINCRBY', KEYS[1], 'positions', 1)
      participant = { position = position, joined_at = now, renamed_at = 0, team = team_for(user), status = 'connected',
        username = username }
      redis.call('HSET', KEYS[3], name, user)
      redis.call('ZADD', KEYS[5], -position, user)
      rank = redis.call('ZCARD', KEYS[5])
      packed = pack_participant(participant)
      redis.call('HSET', KEYS[2], user, packed)
      records[#records + 1] = { user, packed }
      if state.phase == 'open' then
        shown_at = string.format('%.0f', (state.paused_at ~= 0 and state.paused_at or now) - state.paused_ms)
        redis.call('HSET', KEYS[9], user, state.question_id .. '=' .. shown_at)
      end
    else
      if participant.status ~= 'connected' then
        participant.status = 'connected'
        packed = pack_participant(participant)
        redis.call('HSET', KEYS[2], user, packed)
      end
      -- Of a player who came in with the reply that was lost, the instance has no record to write.
      if ARGV[3] == '1' and before == connection then records[#records + 1] = { user, packed } end
    end
    redis.call('HSET', KEYS[4], user, connection)
    local score, shown = 0, ''
    if resumed == '1' then
      back[#back + 1], places_of[#places_of + 1] = user, #results + 1
      local above = redis.call('ZREVRANK', KEYS[5], user)
      rank = above and above + 1 or 0
      score = score_of(KEYS[5], user)
      shown = redis.call('HGET', KEYS[9], user) or ''
    end
    -- Who has more points stands above PLACE times one's own.
    local place = rank > 0 and redis.call('ZCOUNT', KEYS[5], '(' .. string.format('%.0f', score * PLACE), '+inf') + 1 or 0
    results[#results + 1] =
      { '', packed, resumed, before, redis.call('HLEN', KEYS[4]), shown_at, rank, score, shown, {}, place }
  end
end

-- A call of the server costs more than what it does: one for each question, not one for each player and question.
if #back > 0 then
  for number = 10, #KEYS do
    for place, answer in ipairs(redis.call('HMGET', KEYS[number], unpack(back))) do
      local answered = results[places_of[place]][10]
      if answer then answered[#answered + 1] = number - 9 end
    end
  end
end

redis.call('SADD', KEYS[8], ARGV[1])
expire(KEYS[1], { KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[9] })
local entry, record = '', ''
if #records > 0 then
  note_keys(KEYS[1], { KEYS[2], KEYS[5] })
  bump_version(KEYS[1])
  record = cjson.encode(records)
  entry = append(KEYS[6], KEYS[7], ARGV[1], 'joins', ARGV[2], record)
end
return { 'ok', entry, record, state_json, unpack(results) }
