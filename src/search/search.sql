-- name: search_events
-- Public events after a place in the log: whose documents may have changed.
SELECT l.seq, e.room, e.subject_kind, e.subject_id
  FROM ledger_entry l JOIN event e ON e.id = l.event_id
 WHERE l.seq > $1 AND l.seq < $2 AND e.visibility = 1
 ORDER BY l.seq LIMIT 500

-- name: search_log_identity
-- Another database has another first entry.
SELECT leaf_hash FROM ledger_entry WHERE seq = 0

-- name: search_synonym_list
SELECT id, words, note FROM search_synonym ORDER BY id

-- name: search_synonym_get
SELECT id, words, note FROM search_synonym WHERE id = $1

-- name: search_synonym_insert
INSERT INTO search_synonym (words, note) VALUES ($1, $2) RETURNING id

-- name: search_synonym_update
UPDATE search_synonym SET words = $2, note = $3 WHERE id = $1

-- name: search_synonym_delete
DELETE FROM search_synonym WHERE id = $1
