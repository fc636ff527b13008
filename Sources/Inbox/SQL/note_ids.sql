-- Notes ids, and says which are new. $1 inbox, $2 ids, $3 the messages' times, $4 since and $5 until
-- when ids are known, $6 whether on any day.
SELECT {{schema}}.note_ids($1, $2, $3, $4, $5, $6)
