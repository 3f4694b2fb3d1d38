-- The players of a server that died are disconnected.
--
-- KEYS: 1 session, 2 participants, 3 connected
-- ARGV: 1 server id
-- Result: the users that were connected to it

local gone = {}
local connected = redis.call('HGETALL', KEYS[3])
for number = 1, #connected, 2 do
  local user = connected[number]
  if connected[number + 1]:sub(1, #ARGV[1] + 1) == ARGV[1] .. '/' then
    if disconnect(KEYS[2], KEYS[3], user) then gone[#gone + 1] = user end
  end
end
return gone
