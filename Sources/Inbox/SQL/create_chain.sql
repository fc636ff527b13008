-- For handlers that continue a chain by hand. The chain a message belongs to: the header
-- correlation-id, or the message itself where a chain begins.
CREATE OR REPLACE FUNCTION {{schema}}.correlation(m {{schema}}.message) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(
        nullif((m).headers OPERATOR(pg_catalog.->>) 'correlation-id', ''), (m).message_id);

-- For a handler that takes many messages and loops: from here on, until the transaction ends or the
-- next message is entered, rows of an outbox follow from this message.
CREATE OR REPLACE FUNCTION {{schema}}.enter(m {{schema}}.message) RETURNS void
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT
        pg_catalog.set_config('postbox.causation_id', coalesce((m).message_id, ''), true),
        pg_catalog.set_config(
            'postbox.correlation_id', coalesce({{schema}}.correlation(m), ''), true),
        pg_catalog.set_config(
            'postbox.traceparent',
            coalesce((m).headers OPERATOR(pg_catalog.->>) 'traceparent', ''), true);
END;
