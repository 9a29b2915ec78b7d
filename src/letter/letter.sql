-- letter.sql: official letters, their numbers, the words of organs.

-- name: letter_insert
INSERT INTO letter (unit_id, template, subject_kind, subject_id, state, revision, created_at, created_by, sealed)
VALUES ($1, $2, $3, $4, 'draft', 1, $5, $6, $7) RETURNING id

-- name: letter_get
SELECT id, unit_id, template, subject_kind, subject_id, state, revision, created_at, issued_at, erased_at, day, number, code, sha256, sealed
  FROM letter WHERE id = $1

-- name: letter_by_code
SELECT l.template, l.state, l.day, l.number, l.sha256, l.erased_at, u.name, u.code
  FROM letter l JOIN unit u ON u.id = l.unit_id WHERE l.code = $1

-- name: letter_pdf_get
SELECT pdf FROM letter WHERE id = $1 AND state = 'issued'

-- name: letter_of_subject
SELECT id, unit_id, template, subject_kind, subject_id, state, revision, created_at, issued_at, erased_at, day, number, code, sha256, '' AS sealed
  FROM letter WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id LIMIT 200

-- name: letter_save
UPDATE letter SET sealed = $3, revision = revision + 1 WHERE id = $1 AND state = 'draft' AND revision = $2

-- name: letter_delete
DELETE FROM letter WHERE id = $1 AND state = 'draft'

-- name: letter_serial_next
-- The row stays locked until the commit: two nodes take turns.
INSERT INTO letter_serial (unit_id, year, last) VALUES ($1, $2, 1)
ON CONFLICT (unit_id, year) DO UPDATE SET last = letter_serial.last + 1 RETURNING last

-- name: letter_issue
UPDATE letter SET state = 'issued', revision = revision + 1, issued_at = $2, day = $3, year = $4, serial = $5, number = $6, code = $7, sha256 = $8, pdf = $9
 WHERE id = $1 AND state = 'draft'

-- name: letter_erase
UPDATE letter SET state = 'erased', revision = revision + 1, erased_at = $2, sealed = '', pdf = '' WHERE id = $1 AND state = 'issued'

-- name: letter_number_used
SELECT id FROM letter WHERE number = $1

-- name: letter_word_get
SELECT word FROM letter_word WHERE unit_id = $1

-- name: letter_word_owner
SELECT unit_id FROM letter_word WHERE word = $1

-- name: letter_word_set
INSERT INTO letter_word (unit_id, word) VALUES ($1, $2) ON CONFLICT (unit_id) DO UPDATE SET word = $2
