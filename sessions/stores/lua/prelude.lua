-- Put before every script by sessions/stores/redis.py. What the scripts share:
--
-- A participant is kept as "position|joined_at|status|username", an answer as
-- "verdict|points|elapsed_ms|submitted_at|answer"; the free text is last, so that it may hold anything.
-- Points that are not yet to be told stand under "question|user".
-- A place on the leaderboard is points * 2^21 - position: score down, then who joined first. Doubles are exact to 2^53,
-- which leaves room for 2 million players and scores to 4 billion.

local PLACE = 2097152

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function unpack_participant(packed)
  local position, joined_at, status, username = packed:match('^(%d+)|(%d+)|(%a+)|(.*)$')
  return { position = tonumber(position), joined_at = tonumber(joined_at), status = status, username = username }
end

local function pack_participant(p)
  return string.format('%.0f|%.0f|%s|%s', p.position, p.joined_at, p.status, p.username)
end

local function score_of(leaderboard, user)
  local place = redis.call('ZSCORE', leaderboard, user)
  return place and math.ceil(tonumber(place) / PLACE) or 0
end

-- Grows with every change and with time, so that a store that takes over later starts above it.
local function bump_version(session)
  local version = tonumber(redis.call('HGET', session, 'version') or '0') + 1
  local now = now_ms()
  if version < now then version = now end
  redis.call('HSET', session, 'version', string.format('%.0f', version))
end

local function expire(session, keys)
  local at = redis.call('HGET', session, 'expire_at')
  for _, key in ipairs(keys) do
    redis.call('PEXPIREAT', key, at)
  end
end

-- One record for the database; it stays in the stream until it is there.
local function append(stream, streams, id, kind, by, data)
  redis.call('SADD', streams, id)
  return redis.call('XADD', stream, '*', 'kind', kind, 'by', by, 'data', data)
end
