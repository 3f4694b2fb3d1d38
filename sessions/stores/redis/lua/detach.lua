-- Connections are gone: the players who were on just these are disconnected.
--
-- KEYS: 1 session, 2 participants, 3 connected
-- ARGV: user and connection, one pair after the other
-- Result: {"missing"} for an unknown session, or {"ok", then user and packed participant of each who is now
--         disconnected}

if not is_known(KEYS[1]) then return { 'missing' } end
local result = { 'ok' }
for number = 1, #ARGV, 2 do
  local user = ARGV[number]
  if redis.call('HGET', KEYS[3], user) == ARGV[number + 1] then
    local packed = disconnect(KEYS[2], KEYS[3], user)
    if packed then
      result[#result + 1] = user
      result[#result + 1] = packed
    end
  end
end
return result
