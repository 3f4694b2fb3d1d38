-- Records a batch of answers of one session.
--
-- KEYS: 1 session, 2 participants, 3 leaderboard, 4 withheld, 5 shown, 6 stream, 7 streams, then the answers of each
--       question of the batch
-- ARGV: 1 session id, 2 server id, 3 network allowance in ms, 4 most an answer may lag in ms,
--       5 when the batch was sent, on the clock of this machine, 6 ms after which its sender has given it up,
--       7 the answers, as a JSON list; of each: index of its KEYS entry (from 1), user, question, answer, verdict,
--       schedule ("15,14,...@2000"), received_at, claimed_ms or null, unseen_ms, number of accepted answers its grading knew,
--       whether it was graded without accents
-- Result: {"missing"} for an unknown session; {"lost"} when it lacks a key that it had; {"expired"} for a batch that its sender has given up: a server that hung
--         gets to it when other instances have long decided about these answers; else {"ok", stream id or "", record
--         or "", then for each answer {code, packed answer or "", score, answers to the question}}, with code "" for
--         one that was taken; with "OUTDATED" stands, instead of the packed answer, a JSON list of what the host
--         accepted, and of whether accents do not matter for the player

local state_json = redis.call('HGET', KEYS[1], 'state')
if not state_json or not is_known(KEYS[1]) then return { 'missing' } end
local answered = slice(KEYS, 8)
if lacks(KEYS[1], { KEYS[2], KEYS[3], KEYS[4] }) or lacks(KEYS[1], answered) then return { 'lost' } end
local state = cjson.decode(state_json)
local pace = redis.call('HGET', KEYS[1], 'pace')
local reveal = redis.call('HGET', KEYS[1], 'reveal')
local now = now_ms()
if machine_ms() - tonumber(ARGV[5]) > tonumber(ARGV[6]) then return { 'expired' } end
local allowance, lag = tonumber(ARGV[3]), tonumber(ARGV[4])

-- Homework: the last moment in which an answer of this player counts, in whichever attempt.
local function closing_for(user)
  local closes_at, person = state.closes_at, user:match('^[^~]+')
  for _, extension in ipairs(state.extensions or {}) do
    if extension[1] == person then closes_at = math.max(closes_at, extension[2]) end
  end
  return closes_at
end

-- What a player needs, packed by sessions/rules/people.py, whose rules these are: the percent of the time, and whether
-- no speed is lost and accents do not matter.
local needs_of = {}
local function needs(packed)
  local found = needs_of[packed]
  if not found then
    local time, signs = packed:match('^(%d+)(%a*)$')
    signs = signs or ''
    found = { time = tonumber(time or 100), fast = signs:find('s') ~= nil, lenient = signs:find('a') ~= nil }
    needs_of[packed] = found
  end
  return found
end

local function counted_ms(elapsed, own, schedule)
  if #steps_of(schedule) < 2 then return elapsed end
  if own.fast or own.time == 0 then return 0 end
  return math.floor(elapsed * 100 / own.time)
end

local function is_open(question, at, user, own)
  if state.status ~= 'active' or state.paused_at ~= 0 then return false end
  if pace == 'self' then return not state.closes_at or at <= closing_for(user) end
  if state.phase ~= 'open' or state.question_id ~= question then return false end
  if own.time == 0 then return true end
  return at <= state.opened_at + math.floor((state.deadline - state.opened_at) * own.time / 100)
end

local function is_revealed(question)
  if reveal == 'immediately' or state.status == 'completed' then return true end
  if pace == 'self' then return false end
  return not ((state.phase == 'open' or state.phase == 'asked') and state.question_id == question)
end

local function first_shown(shown, question)
  if not shown then return nil end
  for id, at in shown:gmatch('([^=,]+)=(%d+)') do
    if id == question then return tonumber(at) end
  end
  return nil
end

-- scoring/rules/points.py states this rule; the contract suite runs over both.
local function elapsed_ms(shown, question, at, claimed, unseen)
  local shown_at = first_shown(shown, question)
  -- Whoever joins late is shown the question on joining; opened_at has the moves by pauses in it already.
  if not shown_at and pace == 'host' then shown_at = state.opened_at - state.paused_ms end
  if not shown_at then return unseen end
  local measured = (state.paused_at ~= 0 and state.paused_at or at) - state.paused_ms - shown_at
  measured = math.max(0, measured)
  if not claimed then return measured end
  return math.max(math.min(measured, math.max(0, claimed)), measured - allowance)
end

-- A call of the server costs more than what it does: what a batch can ask for at once, it does.
local given, users, of_question = cjson.decode(ARGV[7]), {}, {}
for number, fields in ipairs(given) do
  users[number] = fields[2]
  local index = fields[1]
  local asked = of_question[index]
  if not asked then
    asked = { users = {}, written = {}, count = redis.call('HLEN', KEYS[7 + index]), stored = {} }
    of_question[index] = asked
  end
  asked.users[#asked.users + 1] = fields[2]
end
local participants = redis.call('HMGET', KEYS[2], unpack(users))
local shown_to = redis.call('HMGET', KEYS[5], unpack(users))
for index, asked in pairs(of_question) do
  local found = redis.call('HMGET', KEYS[7 + index], unpack(asked.users))
  for number, user in ipairs(asked.users) do asked.stored[user] = found[number] end
end

-- Nothing is written before all is worked out: a script that breaks off in between would leave half a batch.
local results, records, withheld, earned = {}, {}, {}, {}
for number, fields in ipairs(given) do
  local index, user, question, answer, verdict, schedule, received_at, claimed, unseen, accepts, lenient = unpack(fields)
  local asked = of_question[index]
  asked.accepted = asked.accepted or accepted_to(state, question)
  -- In time is what reached an instance in time, even when its batch runs a few milliseconds later.
  local at = math.max(math.min(received_at, now), now - lag)
  local status, packed = false, ''
  if participants[number] then status, packed = status_of(participants[number]) end
  local own = needs(packed)
  local code, stored = '', asked.stored[user]
  if not status or status == 'removed' or status == 'left' then
    code, stored = 'NOT_JOINED', false
  elseif stored then
    code = 'ALREADY_ANSWERED'
  elseif state.status == 'completed' then
    code = 'SESSION_COMPLETED'
  elseif not is_open(question, at, user, own) then
    code = 'QUESTION_NOT_OPEN'
  elseif #asked.accepted ~= accepts or own.lenient ~= lenient then
    code = 'OUTDATED'
    -- cjson writes an empty table as an object.
    local accepted = #asked.accepted == 0 and '[]' or cjson.encode(asked.accepted)
    stored = '[' .. accepted .. ',' .. tostring(own.lenient) .. ']'
  else
    if claimed == cjson.null then claimed = nil end
    local elapsed = elapsed_ms(shown_to[number], question, at, claimed, unseen)
    elapsed = counted_ms(elapsed, own, schedule)
    local points = points_at(schedule, elapsed)
    stored = string.format('%s|%.0f|%.0f|%.0f|%s', verdict, points, elapsed, at, answer)
    -- A second one in this batch finds it.
    asked.stored[user] = stored
    asked.written[#asked.written + 1] = user
    asked.written[#asked.written + 1] = stored
    asked.count = asked.count + 1
    if is_revealed(question) then
      earned[number] = points
    else
      withheld[#withheld + 1] = question .. '|' .. user
      withheld[#withheld + 1] = points
    end
    records[#records + 1] = { user, question, stored }
  end
  results[number] = { code, stored or '', 0, asked.count }
end

local record = #records > 0 and cjson.encode(records) or ''
for index, asked in pairs(of_question) do
  if #asked.written > 0 then redis.call('HSET', KEYS[7 + index], unpack(asked.written)) end
end
if #withheld > 0 then redis.call('HSET', KEYS[4], unpack(withheld)) end
for number, result in ipairs(results) do
  local points, user = earned[number], users[number]
  result[3] = points and points_of(redis.call('ZINCRBY', KEYS[3], points * PLACE, user)) or score_of(KEYS[3], user)
end

local entry = ''
if #records > 0 then
  if next(earned) then bump_version(KEYS[1]) end
  entry = append(KEYS[6], KEYS[7], ARGV[1], 'answers', ARGV[2], record)
  local touched = { KEYS[3], KEYS[4] }
  for _, key in ipairs(answered) do touched[#touched + 1] = key end
  expire(KEYS[1], touched)
  note_keys(KEYS[1], answered)
  note_keys(KEYS[1], { KEYS[4] })
end
return { 'ok', entry, record, unpack(results) }
