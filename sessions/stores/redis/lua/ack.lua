-- Records are in the database: takes them out of the stream, and the stream away when it is empty.
--
-- KEYS: 1 stream, 2 streams
-- ARGV: 1 session id, then the ids of the records
-- Result: number of records left

for number = 2, #ARGV do redis.call('XDEL', KEYS[1], ARGV[number]) end
local left = redis.call('XLEN', KEYS[1])
if left == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('SREM', KEYS[2], ARGV[1])
end
return left
