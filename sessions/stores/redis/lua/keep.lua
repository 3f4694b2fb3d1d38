-- Lets all keys of a session stay for longer.
--
-- KEYS: 1 session, then its other keys that expire
-- ARGV: 1 when the keys expire
-- Result: whether it is here

if not is_known(KEYS[1]) then return 0 end
redis.call('HSET', KEYS[1], 'expire_at', ARGV[1])
expire(KEYS[1], KEYS)
return 1
