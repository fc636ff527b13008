-- Which of some keys have nobody waiting any more. $1 outbox, $2 keys.
SELECT k.key
FROM unnest($2) AS k (key)
WHERE NOT EXISTS (
    SELECT 1
    FROM {{schema}}.parked AS p
    WHERE p.outbox = $1
        AND hashtextextended(p.key, 0) = hashtextextended(k.key, 0) AND p.key = k.key)
