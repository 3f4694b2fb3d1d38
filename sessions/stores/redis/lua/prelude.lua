-- Put before every script by sessions/stores/redis/store.py. What the scripts share:
--
-- A participant is kept as "position|joined_at|renamed_at|status|username", with ";arranged_at;moves;team;needs" behind
-- renamed_at where something is arranged for the player (sessions/rules/people.py), an answer as
-- "verdict|points|elapsed_ms|submitted_at|answer"; the free text is last, so that it may hold anything.
-- Points that are not yet to be told stand under "question|user".
-- A place on the leaderboard is points * 2^21 - position: score down, then who joined first. Doubles are exact to 2^53,
-- which leaves room for 2 million players and scores to 4 billion.

-- The last two arguments of every script are not its own: the run of Redis that the sender knows (common/redis.py), and
-- the time that the instances agree on, in ms, which does not step as the clock of this machine may.

local PLACE = 2097152
-- Teams of one session, at most.
local TEAMS_MOST = 12
local NOW = tonumber(table.remove(ARGV))
local RUN = table.remove(ARGV)

local function now_ms()
  return NOW
end

-- The clock of this machine, for measuring how long a script has waited here.
local function machine_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether the session is here as the sender knows it: merged into the run it knows.
local function is_known(session)
  return redis.call('HGET', session, 'run') == RUN
end

-- Notes which of these keys there are, for lacks() to tell when one is lost.
local function note_keys(session, keys)
  for _, key in ipairs(keys) do redis.call('HSET', session, 'has:' .. key, redis.call('EXISTS', key)) end
end

-- Whether one of these keys is gone that was there: it was deleted, or evicted.
local function lacks(session, keys)
  for _, key in ipairs(keys) do
    if redis.call('EXISTS', key) == 0 and redis.call('HGET', session, 'has:' .. key) == '1' then return true end
  end
  return false
end

local function slice(list, first)
  local found = {}
  for number = first, #list do found[#found + 1] = list[number] end
  return found
end

local function unpack_participant(packed)
  local position, joined_at, renamed_at, arranged, status, username =
    packed:match('^(%d+)|(%d+)|(%d+)([^|]*)|(%a+)|(.*)$')
  local arranged_at, moves, team, needs = arranged:match('^;(%d+);(%d+);(%d+);(.*)$')
  return {
    position = tonumber(position),
    joined_at = tonumber(joined_at),
    renamed_at = tonumber(renamed_at),
    arranged_at = tonumber(arranged_at or 0),
    moves = tonumber(moves or 0),
    team = tonumber(team or 0),
    needs = needs or '',
    status = status,
    username = username,
  }
end

-- The status, and what the player needs.
local function status_of(packed_participant)
  local arranged, status = packed_participant:match('^%d+|%d+|%d+([^|]*)|(%a+)|')
  return status, arranged and arranged:match('([^;]*)$')
end

local function pack_participant(p)
  local arranged = ''
  -- Who has just come in has nothing arranged.
  local at, moves, team, needs = p.arranged_at or 0, p.moves or 0, p.team or 0, p.needs or ''
  if at ~= 0 or moves ~= 0 or team ~= 0 or needs ~= '' then
    arranged = string.format(';%.0f;%.0f;%.0f;%s', at, moves, team, needs)
  end
  return string.format('%.0f|%.0f|%.0f%s|%s|%s', p.position, p.joined_at, p.renamed_at, arranged, p.status, p.username)
end

-- A player's connection is gone; the packed participant as it is now, or nil when there is none.
local function disconnect(participants, connected, user)
  redis.call('HDEL', connected, user)
  local packed = redis.call('HGET', participants, user)
  if not packed then return nil end
  local participant = unpack_participant(packed)
  if participant.status == 'connected' then
    participant.status = 'disconnected'
    packed = pack_participant(participant)
    redis.call('HSET', participants, user, packed)
  end
  return packed
end

-- Bears the name of a player who was taken out: nobody comes in under it again.
local NOBODY = ''

-- Goes through all names, since the key of one cannot be made here: for what is rare.
local function names_of(names, user)
  local found, pairs_of = {}, redis.call('HGETALL', names)
  for number = 2, #pairs_of, 2 do
    if pairs_of[number] == user then found[#found + 1] = pairs_of[number - 1] end
  end
  return found
end

local function free_names(names, user)
  for _, name in ipairs(names_of(names, user)) do redis.call('HDEL', names, name) end
end

local function keep_names(names, user)
  for _, name in ipairs(names_of(names, user)) do redis.call('HSET', names, name, NOBODY) end
end

-- The sizes of teams are counted, so that a newcomer finds the smallest without looking at everybody.
local function resize_team(session, team, by)
  if team > 0 then redis.call('HINCRBY', session, 'team:' .. string.format('%.0f', team), by) end
end

local function points_of(place)
  return math.ceil(tonumber(place) / PLACE)
end

local function score_of(leaderboard, user)
  local place = redis.call('ZSCORE', leaderboard, user)
  return place and points_of(place) or 0
end

-- Grows with every change and with time, so that a store that takes over later starts above it.
local function bump_version(session)
  local version = tonumber(redis.call('HGET', session, 'version') or '0') + 1
  local now = now_ms()
  if version < now then version = now end
  redis.call('HSET', session, 'version', string.format('%.0f', version))
end

-- Whoever keeps the names of players learns that they are others now; to be called after bump_version.
local function note_names(session)
  redis.call('HSET', session, 'named', redis.call('HGET', session, 'version'))
end

local function expire(session, keys)
  -- The time is the instances', not that of this machine.
  local left = string.format('%.0f', math.max(1, tonumber(redis.call('HGET', session, 'expire_at')) - NOW))
  for _, key in ipairs(keys) do
    redis.call('PEXPIRE', key, left)
  end
end

-- One record for the database; it stays in the stream until it is there.
local function append(stream, streams, id, kind, by, data)
  redis.call('SADD', streams, id)
  return redis.call('XADD', stream, '*', 'kind', kind, 'by', by, 'data', data)
end

local schedules = {}

-- What a schedule of points ("15,14,...@2000": one for each step of time, and how long a step is) gives for an answer.
local function steps_of(schedule)
  local steps = schedules[schedule]
  if not steps then
    local listed, step = schedule:match('^(.*)@(%d+)$')
    steps = { ms = tonumber(step) }
    for points in listed:gmatch('%d+') do steps[#steps + 1] = tonumber(points) end
    schedules[schedule] = steps
  end
  return steps
end

local function points_at(schedule, elapsed)
  local steps = steps_of(schedule)
  return steps[math.min(math.floor(elapsed / steps.ms), #steps - 1) + 1]
end

-- The answers to a question that the host accepted besides the quiz's own, in order.
local function accepted_to(state, question)
  local found = {}
  for _, entry in ipairs(state.accepted or {}) do
    if entry[1] == question then found[#found + 1] = entry[2] end
  end
  return found
end

local RANKS = { wrong = 0, almost = 1, correct = 2 }

-- Whether one verdict and its points are better than others, see scoring/rules/regrading.py.
local function is_better(verdict, points, than, than_points)
  if RANKS[verdict] ~= RANKS[than] then return RANKS[verdict] > RANKS[than] end
  return points > than_points
end

-- What an answer's worth follows from: its text, after "a" where accents do not matter for who gave it, "-" else.
local function given_by(session, participants)
  -- Most sessions have nobody who needs anything: then nobody is read.
  local needing = redis.call('HGET', session, 'needs')
  return function(user, text)
    local packed = needing and redis.call('HGET', participants, user)
    local _, needs = status_of(packed or '')
    return (needs and needs:find('a', 1, true) and 'a' or '-') .. text
  end
end

-- Answers to the question that "worths" does not know: nothing is changed before all are known.
local function unknown_answers(answers, given, worths)
  local missing, seen, all = {}, {}, redis.call('HGETALL', answers)
  for index = 1, #all, 2 do
    local known = given(all[index], all[index + 1]:match('^%a+|%d+|%d+|%d+|(.*)$'))
    if not worths[known] and not seen[known] then
      seen[known] = true
      missing[#missing + 1] = known
    end
  end
  return missing
end

-- Gives every answer to the question what its text is worth now, where that is better, and the player the difference.
-- Doing it twice changes nothing. worths[given] = { verdict, schedule }.
local function regrade(answers, given, leaderboard, withheld, question, worths)
  local changed, all = false, redis.call('HGETALL', answers)
  for index = 1, #all, 2 do
    local user = all[index]
    local verdict, points, elapsed, submitted_at, text = all[index + 1]:match('^(%a+)|(%d+)|(%d+)|(%d+)|(.*)$')
    local worth = worths[given(user, text)]
    points = tonumber(points)
    local now = worth and points_at(worth[2], tonumber(elapsed))
    if worth and is_better(worth[1], now, verdict, points) then
      now = math.max(now, points)
      redis.call('HSET', answers, user, string.format('%s|%.0f|%s|%s|%s', worth[1], now, elapsed, submitted_at, text))
      local field = question .. '|' .. user
      if redis.call('HEXISTS', withheld, field) == 1 then
        redis.call('HSET', withheld, field, now)
      elseif redis.call('ZSCORE', leaderboard, user) then
        redis.call('ZINCRBY', leaderboard, (now - points) * PLACE, user)
      end
      changed = true
    end
  end
  return changed
end
