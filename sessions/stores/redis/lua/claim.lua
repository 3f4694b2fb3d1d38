-- Claims sessions whose timer is due; a claimed one is not given out again until the claim runs out.
--
-- KEYS: 1 timers
-- ARGV: 1 now in ms, 2 length of a claim in ms, 3 most to claim
-- Result: the claimed session ids

local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do
  redis.call('ZADD', KEYS[1], tonumber(ARGV[1]) + tonumber(ARGV[2]), id)
end
return due
