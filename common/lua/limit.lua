-- Asks the token buckets of one limit, one question after the other. A bucket is the moment at which it is full again
-- (in milliseconds; the "theoretical arrival time" of the generic cell rate algorithm), so that a full one is no key.
--
-- KEYS: per question its bucket; for "peek" and "enter" also the mark of what may be had without a token
-- ARGV: 1 now in ms, 2 time of one token in ms, 3 time of a full bucket in ms, 4 time a mark stays in ms,
--       then per question "take", "peek" or "enter"
-- Result: per question 0, or the ms to wait

local now, token, full, mark_stays = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local waits, at = {}, 0

local function next_key()
  at = at + 1
  return KEYS[at]
end

local function fill(bucket, full_at)
  redis.call('SET', bucket, string.format('%.3f', full_at), 'PX', math.ceil(full_at - now))
end

for question = 5, #ARGV do
  local bucket = next_key()
  local full_at = math.max(now, tonumber(redis.call('GET', bucket) or now))
  if full_at > now + full then
    -- A clock that went back finds an empty bucket, not one that is empty for hours.
    full_at = now + full
    fill(bucket, full_at)
  end
  -- Less the rounding of what was stored, so that who waits as long as told is let through.
  local wait = math.max(0, math.ceil(full_at + token - full - now - 0.01))
  if ARGV[question] == 'take' then
    if wait == 0 then fill(bucket, full_at + token) end
  else
    local mark = next_key()
    if wait > 0 and redis.call('EXISTS', mark) == 1 then wait = 0 end
    if wait == 0 and ARGV[question] == 'enter' then redis.call('SET', mark, '', 'PX', mark_stays) end
  end
  waits[#waits + 1] = wait
end
return waits
