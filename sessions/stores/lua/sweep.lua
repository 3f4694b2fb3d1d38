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
    redis.call('HDEL', KEYS[3], user)
    local packed = redis.call('HGET', KEYS[2], user)
    if packed then
      local participant = unpack_participant(packed)
      if participant.status == 'connected' then
        participant.status = 'disconnected'
        redis.call('HSET', KEYS[2], user, pack_participant(participant))
      end
      gone[#gone + 1] = user
    end
  end
end
return gone
