-- Copies of these dead letters are in Kafka. $1 ids.
UPDATE {{schema}}.parked_message SET copied_at = now() WHERE id = ANY ($1)
