-- Grades the answers to a question again, where the session came together from several places (merge.lua, rebuild.lua).
--
-- KEYS: 1 session, 2 leaderboard, 3 withheld, 4 answers to the question, 5 participants
-- ARGV: 1 question, then for each thing given (prelude.lua): it, verdict, schedule
-- Result: what was given and is not known, in which case nothing has changed

local worths = {}
for number = 2, #ARGV, 3 do worths[ARGV[number]] = { ARGV[number + 1], ARGV[number + 2] } end
local given = given_by(KEYS[1], KEYS[5])
local unknown = unknown_answers(KEYS[4], given, worths)
if #unknown == 0 and regrade(KEYS[4], given, KEYS[2], KEYS[3], ARGV[1], worths) then
  bump_version(KEYS[1])
end
return unknown
