-- Adds participants and answers that are recorded elsewhere. What is there already is replaced by what is given, and
-- nothing is taken away, so that doing it twice, or beside the live session, does no harm. An answer that was graded
-- again here meanwhile stays as it is. rebuild.lua counts then.
--
-- KEYS: 1 participants, 2 names, 3 shown, then the answers of each question
-- ARGV: 1 number of participants, then for each: user, packed participant, name key, shown or "";
--       then for each answer: index of its KEYS entry (from 1), user, packed answer
-- Result: number of answers that were not there before

local position, added = 2, 0
for _ = 1, tonumber(ARGV[1]) do
  local user, packed, name, shown = ARGV[position], ARGV[position + 1], ARGV[position + 2], ARGV[position + 3]
  local before = redis.call('HGET', KEYS[1], user)
  local participant = unpack_participant(packed)
  -- Who is connected or has gone is known here; only a removal is for ever.
  if before then
    local known = unpack_participant(before)
    if participant.status ~= 'removed' then participant.status = known.status end
    -- Of two names the later counts, and what is given may be older.
    if known.renamed_at > participant.renamed_at then
      -- The name is borne here already, by a key of its own.
      participant.username, participant.renamed_at, name = known.username, known.renamed_at, nil
    elseif known.renamed_at < participant.renamed_at then
      free_names(KEYS[2], user)
    end
    -- So of what is arranged.
    if known.arranged_at > participant.arranged_at then
      for _, what in ipairs({ 'arranged_at', 'moves', 'team', 'needs' }) do participant[what] = known[what] end
    end
    packed = pack_participant(participant)
  end
  redis.call('HSET', KEYS[1], user, packed)
  if participant.status ~= 'removed' then
    if name and (redis.call('HGET', KEYS[2], name) or NOBODY) == NOBODY then redis.call('HSET', KEYS[2], name, user) end
  elseif not name then
    keep_names(KEYS[2], user)
  elseif (redis.call('HGET', KEYS[2], name) or user) == user then
    redis.call('HSET', KEYS[2], name, NOBODY)
  end
  if shown ~= '' then redis.call('HSETNX', KEYS[3], user, shown) end
  position = position + 4
end

local PARTS = '^(%a+)|(%d+)|(.*)$'
for number = position, #ARGV, 3 do
  local answers, user, packed = KEYS[3 + tonumber(ARGV[number])], ARGV[number + 1], ARGV[number + 2]
  local before = redis.call('HGET', answers, user)
  local keep = false
  if before and before ~= packed then
    local verdict, points, answer = packed:match(PARTS)
    local here, here_points, same = before:match(PARTS)
    keep = answer == same and is_better(here, tonumber(here_points), verdict, tonumber(points))
  end
  if not keep then added = added + redis.call('HSET', answers, user, packed) end
end
return added
