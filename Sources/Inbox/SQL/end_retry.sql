-- A parked message was applied: it goes, and the next one of its key is ready if it was held. What
-- holds nobody up does not stand between them. $1 inbox, $2 id, $3 hash of its key.
WITH gone AS (
    DELETE FROM {{schema}}.parked_message WHERE id = $2
)
UPDATE {{schema}}.parked_message AS p
SET state = 'retrying', retry_at = now()
WHERE p.inbox = $1 AND p.key_hash = $3 AND p.id <> $2 AND p.state = 'held'
    AND p.id = (
        SELECT min(n.id)
        FROM {{schema}}.parked_message AS n
        WHERE n.inbox = $1 AND n.key_hash = $3 AND n.id <> $2 AND n.holds)
