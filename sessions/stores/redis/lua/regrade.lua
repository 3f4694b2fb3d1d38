-- Grades the answers to a question again, where the session came together from several places (merge.lua, rebuild.lua).
--
-- KEYS: 1 session, 2 leaderboard, 3 withheld, 4 answers to the question
-- ARGV: 1 question, then for each answer text: text, verdict, schedule
-- Result: answers that were given and are not known, in which case nothing has changed

local worths = {}
for number = 2, #ARGV, 3 do worths[ARGV[number]] = { ARGV[number + 1], ARGV[number + 2] } end
local unknown = unknown_answers(KEYS[4], worths)
if #unknown == 0 and regrade(KEYS[4], KEYS[2], KEYS[3], ARGV[1], worths) then
  bump_version(KEYS[1])
end
return unknown
