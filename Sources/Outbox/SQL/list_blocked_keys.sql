-- The keys that wait. $1 outbox.
SELECT DISTINCT p.key FROM {{schema}}.parked AS p WHERE p.outbox = $1 AND p.key IS NOT NULL
