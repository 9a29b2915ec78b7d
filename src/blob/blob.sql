-- name: blob_by_sha256
SELECT id, sha256, sm3, size, type, extension, pages, scan, problem FROM blob WHERE sha256 = $1

-- name: blob_by_id
SELECT id, sha256, sm3, size, type, extension, pages, scan, problem FROM blob WHERE id = $1

-- name: blob_insert
-- Nothing comes back when the same content came in meanwhile.
INSERT INTO blob (sha256, sm3, size, type, extension, pages, text, scan, problem, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (sha256) DO NOTHING
RETURNING id

-- name: blob_text_by_id
SELECT text FROM blob WHERE id = $1

-- name: blob_all
-- Every attachment with the place of its first record in the log.
SELECT b.id, b.sha256, b.sm3,
       (SELECT min(l.seq) FROM event e JOIN ledger_entry l ON l.event_id = e.id
         WHERE e.subject_kind = 'blob' AND e.subject_id = b.id) AS seq
  FROM blob b
 ORDER BY b.id

-- name: blob_set_text
-- quiet: the file is as it was; only what could be read of it is more
UPDATE blob SET text = $2, scan = $3, pages = $4, problem = $5 WHERE id = $1

-- name: sealed_file_insert
-- quiet: a file in waiting; what it belongs to has its own event
INSERT INTO sealed_file (file, name, type, extension, size, sha256, claimed, created_at, erased_at)
VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, 0) RETURNING id

-- name: sealed_file_get
SELECT id, file, name, type, extension, size, sha256, erased_at FROM sealed_file WHERE id = $1

-- name: sealed_file_claim
-- quiet: what it belongs to has its own event
UPDATE sealed_file SET claimed = TRUE WHERE id = $1 AND NOT claimed AND erased_at = 0

-- name: sealed_file_erase
UPDATE sealed_file SET erased_at = $2, name = '' WHERE id = $1 AND erased_at = 0

-- name: sealed_file_alive
SELECT id FROM sealed_file WHERE file = $1 AND erased_at = 0

-- name: sealed_file_loose
-- Uploaded, but never part of anything.
SELECT id, file FROM sealed_file WHERE NOT claimed AND erased_at = 0 AND created_at < $1 ORDER BY created_at LIMIT $2

-- name: sealed_file_erase_loose
-- quiet: it never belonged to a matter
UPDATE sealed_file SET erased_at = $2, name = '' WHERE id = $1 AND NOT claimed AND erased_at = 0

-- name: sealed_file_living
SELECT id, file, sha256 FROM sealed_file WHERE erased_at = 0 ORDER BY id
