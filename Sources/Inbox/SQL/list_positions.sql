-- Where an inbox is, for all numbers of lanes. $1 inbox.
SELECT p.topic, p.partition, p.lanes, p.lane, p.generation, p.next_offset, p.record_time
FROM {{schema}}.position AS p
WHERE p.inbox = $1
