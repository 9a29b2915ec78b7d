-- name: ledger_event_insert
-- only: sqlite
-- Without RETURNING: with it SQLite opens a savepoint for each statement, and in transactions of thousands of events its
-- release was most of the time (docs/bench.md).
INSERT INTO event (at, person_id, person_name, post_id, post_name, token_id, actor_unit_id, actor_unit_name, unit_id,
                   room, verb, subject_kind, subject_id, dossier_id, visibility, payload, commitment)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)

-- name: ledger_event_inserted
-- only: sqlite
SELECT last_insert_rowid()

-- name: ledger_event_append
-- only: postgresql
-- Event, protected part and place in the queue in one round trip.
WITH e AS (
    INSERT INTO event (at, person_id, person_name, post_id, post_name, token_id, actor_unit_id, actor_unit_name, unit_id,
                       room, verb, subject_kind, subject_id, dossier_id, visibility, payload, commitment)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    RETURNING id),
s AS (INSERT INTO event_secret (event_id, salt, payload) SELECT id, CAST($18 AS TEXT), CAST($19 AS TEXT) FROM e),
p AS (INSERT INTO event_pending (event_id) SELECT id FROM e)
SELECT id FROM e

-- name: ledger_secret_insert
-- quiet: part of the event
INSERT INTO event_secret (event_id, salt, payload) VALUES ($1, $2, $3)

-- name: ledger_pending_insert
-- quiet: part of the event
INSERT INTO event_pending (event_id) VALUES ($1)

-- name: ledger_pending_batch
-- Committed events without a number, oldest first. The columns are those of event_row_read().
SELECT e.id, e.at, e.person_id, e.person_name, e.post_id, e.post_name, e.token_id, e.actor_unit_id, e.actor_unit_name,
       e.unit_id, e.room, e.verb, e.subject_kind, e.subject_id, e.dossier_id, e.visibility, e.payload, e.commitment
  FROM event_pending p
  JOIN event e ON e.id = p.event_id
 ORDER BY p.event_id
 LIMIT $1

-- name: ledger_pending_delete
-- quiet: the event has its number
DELETE FROM event_pending WHERE event_id = $1

-- name: ledger_entry_insert
-- quiet: bookkeeping of the log
INSERT INTO ledger_entry (seq, event_id, leaf_hash, at, format) VALUES ($1, $2, $3, $4, $5)

-- name: ledger_entry_last
-- The newest entry: when it was made.
SELECT seq, at FROM ledger_entry ORDER BY seq DESC LIMIT 1

-- name: ledger_state_read
SELECT size, public_size, frontier, root FROM ledger_state WHERE id = 1

-- name: ledger_state_update
-- quiet: bookkeeping of the log
UPDATE ledger_state SET size = $1, public_size = $2, frontier = $3, root = $4 WHERE id = 1 AND size = $5

-- name: ledger_poll
-- What a node asks once a second: the generation, and whether anything waits.
SELECT s.size, s.public_size, (SELECT MIN(event_id) FROM event_pending) AS waiting FROM ledger_state s WHERE s.id = 1

-- name: ledger_verify_rows
-- The log with everything its leaves are computed from. erased: the secret was destroyed on record.
SELECT e.id, e.at, e.person_id, e.person_name, e.post_id, e.post_name, e.token_id, e.actor_unit_id, e.actor_unit_name,
       e.unit_id, e.room, e.verb, e.subject_kind, e.subject_id, e.dossier_id, e.visibility, e.payload, e.commitment,
       l.seq, l.event_id, l.leaf_hash, l.at AS sequenced_at, l.format, s.salt, s.payload AS secret,
       CASE WHEN s.event_id IS NULL
                 AND EXISTS (SELECT 1 FROM event x WHERE x.subject_kind = 'event' AND x.subject_id = e.id
                                                     AND x.room = 'ledger' AND x.verb = 'erased')
            THEN 1 ELSE 0 END AS erased
  FROM ledger_entry l
  LEFT JOIN event e ON e.id = l.event_id
  LEFT JOIN event_secret s ON s.event_id = l.event_id
 ORDER BY l.seq

-- name: ledger_unlogged
-- The first event that is neither numbered nor waiting to be: there must be none.
SELECT e.id
  FROM event e
  LEFT JOIN ledger_entry l ON l.event_id = e.id
  LEFT JOIN event_pending p ON p.event_id = e.id
 WHERE l.event_id IS NULL AND p.event_id IS NULL
 ORDER BY e.id
 LIMIT 1

-- name: ledger_waiting_twice
-- The first event that is numbered and still waits: there must be none.
SELECT p.event_id FROM event_pending p JOIN ledger_entry l ON l.event_id = p.event_id ORDER BY p.event_id LIMIT 1

-- name: ledger_event_list
SELECT e.id, l.seq, e.at, e.person_name, e.post_name, e.actor_unit_name, e.room, e.verb, e.subject_kind, e.subject_id,
       e.visibility, e.payload, s.payload AS secret, e.unit_id
  FROM event e
  LEFT JOIN ledger_entry l ON l.event_id = e.id
  LEFT JOIN event_secret s ON s.event_id = e.id
 WHERE e.subject_kind = $1 AND e.subject_id = $2
 ORDER BY e.id

-- name: ledger_event_recent
-- Latest first, keyed by id.
SELECT e.id, l.seq, e.at, e.person_name, e.post_name, e.actor_unit_name, e.room, e.verb, e.subject_kind, e.subject_id,
       e.visibility, e.payload, s.payload AS secret, e.unit_id
  FROM event e
  LEFT JOIN ledger_entry l ON l.event_id = e.id
  LEFT JOIN event_secret s ON s.event_id = e.id
 WHERE e.id < $1
 ORDER BY e.id DESC
 LIMIT $2

-- name: ledger_event_recent_of_unit
SELECT e.id, l.seq, e.at, e.person_name, e.post_name, e.actor_unit_name, e.room, e.verb, e.subject_kind, e.subject_id,
       e.visibility, e.payload, s.payload AS secret, e.unit_id
  FROM event e
  LEFT JOIN ledger_entry l ON l.event_id = e.id
  LEFT JOIN event_secret s ON s.event_id = e.id
 WHERE e.unit_id = $1 AND e.id < $2
 ORDER BY e.id DESC
 LIMIT $3

-- name: ledger_leaf_range
SELECT leaf_hash FROM ledger_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq

-- name: ledger_node_range
SELECT hash FROM ledger_node WHERE level = $1 AND position >= $2 AND position < $3 ORDER BY position

-- name: ledger_node_insert
-- quiet: derived from the entries
INSERT INTO ledger_node (level, position, hash) VALUES ($1, $2, $3)

-- name: ledger_node_clear
-- quiet: derived from the entries
DELETE FROM ledger_node

-- name: ledger_node_count
-- How many subtrees of 256 leaves are kept.
SELECT count(*) AS n FROM ledger_node WHERE level = 1

-- name: ledger_checkpoint_insert
-- quiet: bookkeeping of the log
INSERT INTO ledger_checkpoint (size, at, root, note) VALUES ($1, $2, $3, $4)

-- name: ledger_checkpoint_latest
SELECT size, at, root, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1

-- name: ledger_checkpoint_at
SELECT size, at, root, note FROM ledger_checkpoint WHERE size = $1

-- name: ledger_checkpoint_before
-- The newest ones below a size, for the page.
SELECT size, at, root, note FROM ledger_checkpoint WHERE size < $1 ORDER BY size DESC LIMIT $2

-- name: ledger_checkpoint_covering
-- The first checkpoint that binds an entry.
SELECT size, at, root, note FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT 1

-- name: ledger_checkpoint_batch
-- Ascending, for verification.
SELECT size, at, root, note FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT 500

-- name: ledger_key_active
SELECT id, origin, algorithm, vkey, from_size, at FROM ledger_key WHERE algorithm = $1 AND retired_at = 0 ORDER BY id DESC LIMIT 1

-- name: ledger_keys_active
-- The keys in use, with the size of the newest checkpoint: whether a key has signed yet.
SELECT k.algorithm, k.origin, k.vkey, k.from_size, COALESCE((SELECT max(size) FROM ledger_checkpoint), 0) AS newest
  FROM ledger_key k WHERE k.retired_at = 0 ORDER BY k.id

-- name: ledger_key_list
SELECT id, origin, algorithm, vkey, from_size, at, retired_at FROM ledger_key ORDER BY retired_at, id DESC

-- name: ledger_key_events
-- What the log says of its keys, oldest first.
SELECT e.id, e.at, e.payload, l.seq
  FROM event e LEFT JOIN ledger_entry l ON l.event_id = e.id
 WHERE e.subject_kind = 'ledger' AND e.subject_id = 1 AND e.room = 'ledger' AND e.verb IN ('key_set', 'key_rotated')
 ORDER BY e.id

-- name: ledger_key_insert
INSERT INTO ledger_key (origin, algorithm, vkey, from_size, at) VALUES ($1, $2, $3, $4, $5)

-- name: ledger_key_retire
UPDATE ledger_key SET retired_at = $2 WHERE algorithm = $1 AND retired_at = 0

-- name: ledger_cosignature_insert
-- quiet: what a witness said; it proves itself
INSERT INTO ledger_cosignature (size, witness, vkey, at, line) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (size, witness) DO NOTHING

-- name: ledger_cosignatures_of
SELECT size, witness, vkey, at, line FROM ledger_cosignature WHERE size = $1 ORDER BY witness

-- name: ledger_cosignature_last
-- The largest tree a witness has cosigned.
SELECT size, at FROM ledger_cosignature WHERE witness = $1 ORDER BY size DESC LIMIT 1

-- name: ledger_cosignature_batch
-- Ascending, for verification. A checkpoint may have several, and a batch may end between them.
SELECT c.size, c.witness, c.vkey, c.at, c.line, COALESCE(k.note, '') AS note
  FROM ledger_cosignature c LEFT JOIN ledger_checkpoint k ON k.size = c.size
 WHERE c.size > $1 OR (c.size = $1 AND c.witness > $2)
 ORDER BY c.size, c.witness LIMIT 500

-- name: ledger_entry_rows
-- What the leaves of a range are computed from; the columns are those of event_row_read().
SELECT e.id, e.at, e.person_id, e.person_name, e.post_id, e.post_name, e.token_id, e.actor_unit_id, e.actor_unit_name,
       e.unit_id, e.room, e.verb, e.subject_kind, e.subject_id, e.dossier_id, e.visibility, e.payload, e.commitment,
       l.seq, l.at AS logged, l.format
  FROM ledger_entry l JOIN event e ON e.id = l.event_id
 WHERE l.seq >= $1 AND l.seq < $2
 ORDER BY l.seq

-- name: ledger_entry_of_event
SELECT seq, at, format FROM ledger_entry WHERE event_id = $1

-- name: ledger_secret_of
SELECT salt, payload FROM event_secret WHERE event_id = $1

-- name: ledger_secret_destroy
DELETE FROM event_secret WHERE event_id = $1

-- name: ledger_event_row
-- One event; the columns are those of event_row_read().
SELECT e.id, e.at, e.person_id, e.person_name, e.post_id, e.post_name, e.token_id, e.actor_unit_id, e.actor_unit_name,
       e.unit_id, e.room, e.verb, e.subject_kind, e.subject_id, e.dossier_id, e.visibility, e.payload, e.commitment
  FROM event e
 WHERE e.id = $1

-- name: ledger_node_total
SELECT count(*) AS n FROM ledger_node

-- name: ledger_checkpoint_cosigned
-- The newest checkpoint that a witness has cosigned.
SELECT k.size, k.at, k.root, k.note FROM ledger_cosignature c JOIN ledger_checkpoint k ON k.size = c.size
 ORDER BY c.size DESC LIMIT 1
