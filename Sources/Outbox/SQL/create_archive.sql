-- What was delivered, by day. Postbox makes the days ahead and drops those past their time.
CREATE TABLE IF NOT EXISTS {{schema}}.delivered (
    outbox       text        NOT NULL,
    id           bigint      NOT NULL,
    message_id   text,
    topic        text,
    key          text,
    type         text,
    payload      bytea,
    headers      jsonb,
    created_at   timestamptz,
    partition    integer     NOT NULL,
    "offset"     bigint      NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (delivered_at);
CREATE TABLE IF NOT EXISTS {{schema}}.delivered_default
    PARTITION OF {{schema}}.delivered DEFAULT;
