-- How many messages of an inbox stand outside the flow. $1 inbox.
SELECT count(*) FILTER (WHERE state = 'dead'), count(*) FILTER (WHERE state = 'held'),
    count(*) FILTER (WHERE state = 'retrying')
FROM {{schema}}.parked_message
WHERE inbox = $1
