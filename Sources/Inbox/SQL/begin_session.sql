-- What a lane learns when it connects: the type's number, the time by the database's clock, and since
-- when ids are known, if not since ever. $1 the type, $2 the inbox.
SELECT to_regtype($1)::oid::int8 AS message_type, now() AS database_time,
    (SELECT w.known_since
    FROM {{schema}}.inbox_window AS w
    WHERE w.inbox = $2 AND isfinite(w.known_since)) AS known_since
