-- Tells a Redis that lost its data which players are connected to a server.
--
-- KEYS: 1 session, 2 participants, 3 connected, 4 sessions of the server
-- ARGV: 1 session id, then for each player: user, connection
-- Result: number of players that were not known to be connected

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local added = 0
for number = 2, #ARGV, 2 do
  local user = ARGV[number]
  local packed = redis.call('HGET', KEYS[2], user)
  if packed and redis.call('HSETNX', KEYS[3], user, ARGV[number + 1]) == 1 then
    local participant = unpack_participant(packed)
    if participant.status == 'disconnected' then
      participant.status = 'connected'
      redis.call('HSET', KEYS[2], user, pack_participant(participant))
    end
    added = added + 1
  end
end
redis.call('SADD', KEYS[4], ARGV[1])
expire(KEYS[1], { KEYS[3] })
return added
