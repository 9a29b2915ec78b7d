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
