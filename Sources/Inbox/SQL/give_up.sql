-- A parked message was tried often enough, or for a while longer is not. $1 id, $2 reason, $3 whether
-- it is a dead letter now, $4 the attempts it had. Not when a person has asked for a retry meanwhile.
UPDATE {{schema}}.parked_message
SET reason = $2, state = CASE WHEN $3 THEN 'dead' ELSE state END,
    retry_at = CASE WHEN NOT $3 THEN retry_at END
WHERE id = $1 AND state = 'retrying' AND attempts = $4
