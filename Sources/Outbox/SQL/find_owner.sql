-- Who owns a lane. $1 outbox, $2 lane.
SELECT owner, epoch FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2
