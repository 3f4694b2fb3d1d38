-- Whether a session has what it had.
--
-- KEYS: 1 session, then the keys that it may have
-- Result: {"missing"} for one that is not here, {"lost"} when it lacks a key that it had, {"ok"}

if not is_known(KEYS[1]) then return { 'missing' } end
if lacks(KEYS[1], slice(KEYS, 2)) then return { 'lost' } end
return { 'ok' }
