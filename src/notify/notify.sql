-- name: message_insert
-- quiet: the reason of a message has its own event
INSERT INTO message (channel, sealed, message_id, state, created_at, done_at, error)
VALUES ($1, $2, $3, 'waiting', $4, 0, '') RETURNING id

-- name: message_get
SELECT channel, sealed, message_id, state FROM message WHERE id = $1

-- name: message_done
-- quiet: the reason of a message has its own event
-- Address and text are destroyed.
UPDATE message SET state = $2, done_at = $3, error = $4, sealed = '' WHERE id = $1 AND state = 'waiting'
