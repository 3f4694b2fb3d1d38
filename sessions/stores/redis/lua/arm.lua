-- Sets the timer of a session, if it is where the sender saw it: one that has ended meanwhile has none.
--
-- KEYS: 1 session, 2 timers
-- ARGV: 1 session id, 2 revision, 3 due time
-- Result: whether it was set

if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
