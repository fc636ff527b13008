-- Lets one instance at a time take lanes of an outbox, until its transaction ends. $1 outbox.
SELECT pg_advisory_xact_lock(hashtextextended('postbox.lane.' || $1, 0))
