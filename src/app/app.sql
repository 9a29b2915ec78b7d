-- app.sql: the few questions of start-up.

-- name: app_demo_present
SELECT id FROM disclosure WHERE demo LIMIT 1

-- name: seed_organs
-- Who takes applications, each with a post that works them; NULL none.
SELECT u.id AS unit, (SELECT MIN(p.id) FROM post p WHERE p.unit_id = u.id) AS post
  FROM unit u
 WHERE u.valid_to IS NULL AND u.kind NOT IN ('village', 'assessor', 'enterprise')
 ORDER BY u.id

-- name: seed_numbers
-- quiet: numbers of generated cases; their events are in the same transaction
INSERT INTO request_sequence (year, last) VALUES ($1, $2)
    ON CONFLICT (year) DO UPDATE SET last = request_sequence.last + $2
RETURNING last

-- name: seed_last_id
SELECT COALESCE(MAX(id), 0) FROM request

-- name: seed_new_ids
SELECT id FROM request WHERE id > $1 ORDER BY id LIMIT $2

-- name: seed_request
-- quiet: generated cases; their events are in the same transaction
INSERT INTO request (number, code_key, matter, unit_id, state, channel, applicant, person, masked, person_key, name_key,
                     subject, info_number, description, fingerprint, carrier, delivery, other_way, submitted_at,
                     received_day, officer_post, due_at, suspended, provisional, certificate, calendar_version, next_at,
                     warned, outcome, reply, replied_at, delivered_at, closed_day, archived_at, late, days_used, extended,
                     rating, demo, revision, created_at, help, rating_text, erased_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
        $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, '', '', 0)

-- name: seed_mark
-- quiet: of generated cases
INSERT INTO request_mark (request_id, kind, day, until, n, ref, rule, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: seed_ask
-- quiet: of generated cases
INSERT INTO request_ask (request_id, kind, party, content, sent_day, got_day, due_at, state, answer, answer_text, answered_day,
                         fee_fen, fee_basis, fee_count, disputed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: seed_remedy
-- quiet: of generated cases
INSERT INTO request_remedy (request_id, unit_id, kind, organ, number, filed_day, result, result_day, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
