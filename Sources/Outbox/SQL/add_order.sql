-- The column that rises with insertion, for a table that has none. Services that name their columns
-- do not notice it. Lock: the table is rewritten under an exclusive lock.
ALTER TABLE {{table}} ADD COLUMN IF NOT EXISTS {{id}} bigint GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX IF NOT EXISTS {{order_index}} ON {{table}} ({{id}});
