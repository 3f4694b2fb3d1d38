-- Self pace: a question is being shown to a player, whose time runs from the first showing.
--
-- KEYS: 1 session, 2 shown
-- ARGV: 1 user, 2 question
-- Result: when it was first shown, on the session's active clock; -1 for an unknown session

local state_json = redis.call('HGET', KEYS[1], 'state')
if not state_json then return -1 end
local state = cjson.decode(state_json)
local at = (state.paused_at ~= 0 and state.paused_at or now_ms()) - state.paused_ms
local others = {}
for id, time in (redis.call('HGET', KEYS[2], ARGV[1]) or ''):gmatch('([^=,]+)=(%d+)') do
  if id == ARGV[2] then at = tonumber(time) else others[#others + 1] = id .. '=' .. time end
end
-- Put last again, with the time it had: a skipped question that comes back has been running.
others[#others + 1] = string.format('%s=%.0f', ARGV[2], at)
redis.call('HSET', KEYS[2], ARGV[1], table.concat(others, ','))
expire(KEYS[1], { KEYS[2] })
return at
