-- name: supervision_state_get
SELECT value FROM supervision_state WHERE name = $1
