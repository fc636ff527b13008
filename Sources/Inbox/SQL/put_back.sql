-- A try that nobody is to blame for does not count. $1 id, $2 the attempts with this one. Not when
-- a person has asked for a retry meanwhile.
UPDATE {{schema}}.parked_message
SET attempts = attempts - 1, retry_at = now() + interval '1 second'
WHERE id = $1 AND state = 'retrying' AND attempts = $2
