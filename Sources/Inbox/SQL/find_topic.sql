-- Whether an inbox has read any partition of a topic. $1 inbox, $2 topic.
SELECT EXISTS (SELECT 1 FROM {{schema}}.position WHERE inbox = $1 AND topic = $2)
