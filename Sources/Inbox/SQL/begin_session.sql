-- What a lane learns when it connects: the type's number and the time by the database's clock.
-- $1 the type.
SELECT to_regtype($1)::oid::int8 AS message_type, now() AS database_time
