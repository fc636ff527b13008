-- Notes the ids of messages, and gives the offsets of those that are new. $1 the messages, $2 since
-- when ids are known, $3 whether on any day.
SELECT f.topic, f.partition, f."offset"
FROM unnest({{schema}}.fresh($1::{{schema}}.message[], $2, $3)) AS f
