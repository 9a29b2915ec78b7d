-- request.sql: every statement of the room.

-- name: request_insert
INSERT INTO request (number, code_key, matter, parent_id, unit_id, state, channel, applicant, person, masked, person_key,
                     name_key, subject, info_number, description, fingerprint, carrier, delivery, other_way, help,
                     submitted_at, received_day, due_at, suspended, provisional, certificate, calendar_version, next_at,
                     warned, outcome, reply, replied_at, delivered_at, archived_at, late, days_used, extended, rating,
                     rating_text, erased_at, demo, revision, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0, $23, $23, '',
        0, 0, '', '', '', 0, 0, 0, $23, 0, $23, 0, '', 0, $24, 1, $25)
RETURNING id

-- name: request_rows
-- only: sqlite
-- Whole cases in the order of a JSON array of ids; the columns are those of request.c's read_row(). Without $2
-- what is long and only the page of the case needs is left out.
SELECT r.id, r.number, r.code_key, r.matter, r.parent_id, r.unit_id, r.state, r.channel, r.applicant, CASE WHEN $2 THEN r.person ELSE '' END, r.masked,
       r.person_key, r.name_key, r.subject, r.info_number, r.description, r.fingerprint, r.carrier, r.delivery, r.other_way,
       r.help, r.submitted_at, r.received_day, r.officer_id, r.officer_post, r.due_at, r.suspended, r.provisional,
       CASE WHEN $2 THEN r.certificate ELSE '' END, r.calendar_version, r.next_at, r.warned, r.outcome, CASE WHEN $2 THEN r.reply ELSE '' END, r.letter_id, r.replied_at,
       r.delivered_at, r.closed_day, r.archived_at, r.late, r.days_used, r.extended, r.rating, r.rating_text, r.erased_at,
       r.demo, r.revision, r.created_at, u.name, u.code, u.short_name, p.name
  FROM json_each($1) j CROSS JOIN request r ON r.id = j.value JOIN unit u ON u.id = r.unit_id LEFT JOIN post p ON p.id = r.officer_post
 ORDER BY j.key

-- name: request_rows_postgresql
-- only: postgresql
-- The same.
SELECT r.id, r.number, r.code_key, r.matter, r.parent_id, r.unit_id, r.state, r.channel, r.applicant, CASE WHEN $2 THEN r.person ELSE '' END, r.masked,
       r.person_key, r.name_key, r.subject, r.info_number, r.description, r.fingerprint, r.carrier, r.delivery, r.other_way,
       r.help, r.submitted_at, r.received_day, r.officer_id, r.officer_post, r.due_at, r.suspended, r.provisional,
       CASE WHEN $2 THEN r.certificate ELSE '' END, r.calendar_version, r.next_at, r.warned, r.outcome, CASE WHEN $2 THEN r.reply ELSE '' END, r.letter_id, r.replied_at,
       r.delivered_at, r.closed_day, r.archived_at, r.late, r.days_used, r.extended, r.rating, r.rating_text, r.erased_at,
       r.demo, r.revision, r.created_at, u.name, u.code, u.short_name, p.name
  FROM json_array_elements_text(CAST($1 AS JSON)) WITH ORDINALITY AS j (id, n)
  JOIN request r ON r.id = CAST(j.id AS BIGINT) JOIN unit u ON u.id = r.unit_id LEFT JOIN post p ON p.id = r.officer_post
 ORDER BY j.n

-- name: request_id_by_number
SELECT id FROM request WHERE number = $1

-- name: request_id_in_scope
-- $2: the path of the actor's unit with %.
SELECT r.id FROM request r JOIN unit u ON u.id = r.unit_id WHERE r.number = $1 AND u.path LIKE $2

-- name: request_children_kept
-- Split from one application and not erased yet.
SELECT COUNT(*) FROM request WHERE parent_id = $1 AND erased_at = 0

-- name: request_children
-- Split from one application.
SELECT number, subject AS title, state FROM request WHERE parent_id = $1 ORDER BY id

-- name: request_lock
SELECT id, revision FROM request WHERE id = $1

-- name: request_next_number
INSERT INTO request_sequence (year, last) VALUES ($1, 1)
    ON CONFLICT (year) DO UPDATE SET last = request_sequence.last + 1
RETURNING last

-- name: request_twice
-- The same applicant asked the same unit for the same a moment ago: a double click. + 0: by the applicant's index.
SELECT number FROM request
 WHERE person_key = $1 AND person_key <> '' AND unit_id + 0 = $2 AND fingerprint = $3 AND submitted_at > $4
   AND parent_id IS NULL
 ORDER BY id DESC LIMIT 1

-- name: request_set_state
UPDATE request SET state = $2, revision = revision + 1 WHERE id = $1

-- name: request_set_received
UPDATE request SET received_day = $2 WHERE id = $1

-- name: request_set_unit
UPDATE request SET unit_id = $2, officer_id = NULL, officer_post = NULL WHERE id = $1

-- name: request_set_officer
UPDATE request SET officer_id = $2, officer_post = $3 WHERE id = $1

-- name: request_set_description
-- After a supplement the wanted information reads anew.
UPDATE request SET subject = $2, info_number = $3, description = $4, fingerprint = $5 WHERE id = $1

-- name: request_set_clock
-- Another day is warned of anew.
UPDATE request
   SET warned = CASE WHEN due_at = $2 THEN warned ELSE '' END, due_at = $2, suspended = $3, provisional = $4,
       certificate = $5, calendar_version = $6, next_at = $7, extended = $8, days_used = $9
 WHERE id = $1

-- name: request_set_clock_again
-- quiet: the projected day while the clock stands still; a day that was announced moves by request_redate() alone
UPDATE request
   SET warned = CASE WHEN due_at = $2 THEN warned ELSE '' END, due_at = $2, suspended = $3, provisional = $4,
       certificate = $5, calendar_version = $6, next_at = $7, extended = $8, days_used = $9
 WHERE id = $1

-- name: request_set_looked
-- quiet: when the clock looks again says nothing of the case
UPDATE request SET next_at = $2, calendar_version = $3 WHERE id = $1

-- name: request_set_warned
-- quiet: the notice is the record
UPDATE request SET warned = $2 WHERE id = $1

-- name: request_set_reply
UPDATE request SET outcome = $2, reply = $3, letter_id = $4 WHERE id = $1

-- name: request_set_replied
UPDATE request SET replied_at = $2, late = $3, letter_id = $4, closed_day = $5, next_at = 0, suspended = $6 WHERE id = $1

-- name: request_set_closed
UPDATE request SET outcome = $2, closed_day = $3, next_at = 0, suspended = $4 WHERE id = $1

-- name: request_set_delivered
UPDATE request SET delivered_at = $2 WHERE id = $1

-- name: request_set_archived
UPDATE request SET archived_at = $2 WHERE id = $1

-- name: request_set_rating
UPDATE request SET rating = $2, rating_text = $3 WHERE id = $1

-- name: request_set_erased
UPDATE request
   SET person = '', person_key = '', name_key = '', masked = '（已删除）', subject = '（已删除）', info_number = '',
       description = '', help = '', reply = '', rating_text = '', certificate = '', erased_at = $2
 WHERE id = $1

-- name: request_delivery_erase
UPDATE request_delivery SET proof = '' WHERE request_id = $1

-- name: request_review_erase
UPDATE request_review SET reason = '' WHERE request_id = $1

-- name: request_remedy_erase
UPDATE request_remedy SET note = '' WHERE request_id = $1

-- name: request_proposal_erase
UPDATE request_proposal SET subject = '（已删除）', note = '' WHERE request_id = $1

-- name: request_mark_insert
INSERT INTO request_mark (request_id, kind, day, until, n, ref, rule, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: request_mark_until
-- The other side has received the letter: from then its time is known.
UPDATE request_mark SET until = $3 WHERE request_id = $1 AND ref = $2 AND kind = $4

-- name: request_marks
SELECT kind, day, until, n, ref, rule FROM request_mark WHERE request_id = $1 ORDER BY day, id

-- name: request_marks_copy
INSERT INTO request_mark (request_id, kind, day, until, n, ref, rule, at)
SELECT CAST($2 AS BIGINT), kind, day, until, n, ref, rule, at FROM request_mark WHERE request_id = $1 ORDER BY id

-- name: request_ask_insert
INSERT INTO request_ask (request_id, kind, party, content, sent_day, got_day, due_at, state, answer, answer_text, fee_fen,
                         fee_basis, fee_count, disputed, letter_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', '', '', $8, $9, $10, '', NULL)
RETURNING id

-- name: request_ask_get
SELECT id, request_id, kind, party, content, sent_day, got_day, due_at, state, answer, answer_text, answered_day, fee_fen,
       fee_basis, fee_count, disputed, letter_id
  FROM request_ask WHERE id = $1 AND request_id = $2

-- name: request_ask_list
SELECT id, request_id, kind, party, content, sent_day, got_day, due_at, state, answer, answer_text, answered_day, fee_fen,
       fee_basis, fee_count, disputed, letter_id
  FROM request_ask WHERE request_id = $1 ORDER BY id

-- name: request_ask_line
-- Of the case and of those it was split from: what was asked of the whole was asked of the part.
WITH RECURSIVE line (id) AS (
    SELECT CAST($1 AS BIGINT)
    UNION ALL
    SELECT r.parent_id FROM request r JOIN line l ON l.id = r.id WHERE r.parent_id IS NOT NULL)
SELECT id, request_id, kind, party, content, sent_day, got_day, due_at, state, answer, answer_text, answered_day, fee_fen,
       fee_basis, fee_count, disputed, letter_id
  FROM request_ask WHERE request_id IN (SELECT id FROM line) ORDER BY id

-- name: request_ask_letter
UPDATE request_ask SET letter_id = $2 WHERE id = $1

-- name: request_ask_got
UPDATE request_ask SET got_day = $2, due_at = $3 WHERE id = $1

-- name: request_ask_done
-- A late answer is written down beside the silence that was recorded.
UPDATE request_ask SET state = $2, answer = $3, answer_text = $4, answered_day = $5
 WHERE id = $1 AND state IN ('open', 'lapsed')

-- name: request_ask_dispute
UPDATE request_ask SET disputed = $2 WHERE id = $1

-- name: request_ask_erase
UPDATE request_ask SET party = '', content = '', answer_text = '', disputed = '' WHERE request_id = $1

-- name: request_ask_next
-- The earliest limit of what is still open; 0 none.
SELECT COALESCE(MIN(due_at), 0) FROM request_ask WHERE request_id = $1 AND state = 'open' AND due_at > 0

-- name: request_pieces_of_month
-- Applications of one applicant received in a calendar month before this one.
SELECT COUNT(*) FROM request
 WHERE person_key = $1 AND person_key <> '' AND received_day >= $2 AND received_day <= $3 AND id < $4 AND state <> 'split'

-- name: request_review_insert
INSERT INTO request_review (request_id, step, outcome, reason, letter_id, person_id, post_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: request_reviews
SELECT v.step, v.outcome, v.reason, v.letter_id, v.person_id, v.at, p.name AS post_name
  FROM request_review v LEFT JOIN post p ON p.id = v.post_id
 WHERE v.request_id = $1 ORDER BY v.id

-- name: request_review_passed
SELECT step, person_id FROM request_review WHERE request_id = $1 AND letter_id = $2 AND outcome = 'passed'

-- name: request_file_insert
INSERT INTO request_file (request_id, ask_id, role, file_id, by_applicant, at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id

-- name: request_files
SELECT id, ask_id, role, file_id, by_applicant, at FROM request_file WHERE request_id = $1 ORDER BY id

-- name: request_file_get
SELECT id, ask_id, role, file_id, by_applicant, at FROM request_file WHERE request_id = $1 AND id = $2

-- name: request_file_remove
DELETE FROM request_file WHERE request_id = $1 AND id = $2

-- name: request_files_copy
INSERT INTO request_file (request_id, ask_id, role, file_id, by_applicant, at)
SELECT CAST($2 AS BIGINT), NULL, role, file_id, by_applicant, at FROM request_file
 WHERE request_id = $1 AND by_applicant ORDER BY id

-- name: request_file_users
-- Cases that hold the file: those split from one share what came with it.
SELECT COUNT(*) FROM request_file f JOIN request r ON r.id = f.request_id WHERE f.file_id = $1 AND r.erased_at = 0

-- name: request_delivery_insert
INSERT INTO request_delivery (request_id, way, day, proof, at) VALUES ($1, $2, $3, $4, $5)

-- name: request_deliveries
SELECT way, day, proof, at FROM request_delivery WHERE request_id = $1 ORDER BY id

-- name: request_remedy_insert
INSERT INTO request_remedy (request_id, unit_id, kind, organ, number, filed_day, result, result_day, note)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', NULL, $7)
RETURNING id

-- name: request_remedy_result
UPDATE request_remedy SET result = $3, result_day = $4, note = $5 WHERE id = $2 AND request_id = $1

-- name: request_remedies
SELECT id, kind, organ, number, filed_day, result, result_day, note FROM request_remedy WHERE request_id = $1 ORDER BY id

-- name: request_same_list
-- Earlier cases about the same information, newest first.
SELECT r.id, r.number, r.outcome, r.closed_day, r.state, u.short_name AS unit_name, r.unit_id
  FROM request r JOIN unit u ON u.id = r.unit_id
 WHERE r.fingerprint = $1 AND r.id <> $2 AND r.state <> 'split' AND r.fingerprint <> ''
 ORDER BY r.id DESC LIMIT 20

-- name: request_same_applicants
-- How many different applicants asked this unit for the same since a day. + 0: by the index of what is wanted.
SELECT COUNT(DISTINCT CASE WHEN person_key <> '' THEN person_key ELSE name_key END)
  FROM request
 WHERE fingerprint = $1 AND unit_id + 0 = $2 AND received_day >= $3 AND state <> 'split'

-- name: request_repeated
-- The same applicant has already been answered about the same information (条例第三十六条第六项).
SELECT id, number FROM request
 WHERE fingerprint = $1 AND person_key = $2 AND id < $3 AND replied_at > 0 AND person_key <> '' ORDER BY id DESC LIMIT 1

-- name: request_proposal_insert
INSERT INTO request_proposal (unit_id, fingerprint, subject, origin, request_id, state, note, due_at, created_at, decided_at)
VALUES ($1, $2, $3, $4, $5, 'open', $6, 0, $7, 0)
    ON CONFLICT DO NOTHING

-- name: request_proposal_known
SELECT id FROM request_proposal WHERE unit_id = $1 AND fingerprint = $2 AND created_at > $3 LIMIT 1

-- name: request_proposal_get
SELECT p.id, p.unit_id, p.subject, p.origin, p.request_id, p.state, p.note, p.due_at, p.disclosure_id, r.number, r.info_number
  FROM request_proposal p JOIN request r ON r.id = p.request_id WHERE p.id = $1

-- name: request_proposals
-- In the actor's scope, open ones first.
SELECT p.id, p.subject, p.origin, p.state, p.note, p.due_at, p.disclosure_id, p.created_at, p.request_id, r.number,
       u.short_name AS unit_name, p.unit_id
  FROM request_proposal p JOIN request r ON r.id = p.request_id JOIN unit u ON u.id = p.unit_id
 WHERE u.path LIKE $1 AND p.id < $2
 ORDER BY p.id DESC LIMIT $3

-- name: request_proposal_set
UPDATE request_proposal SET state = $2, note = $3, due_at = $4, disclosure_id = $5, decided_at = $6
 WHERE id = $1 AND state = 'open'

-- name: request_due_now
-- Whose clock must be looked at.
SELECT id FROM request WHERE next_at <> 0 AND next_at <= $1 ORDER BY next_at LIMIT $2

-- name: request_older_calendar
-- Open cases counted with an older calendar: versions only grow.
SELECT id FROM request
 WHERE closed_day IS NULL AND calendar_version > 0 AND calendar_version < $1 ORDER BY calendar_version, id LIMIT $2

-- name: request_to_erase
SELECT id FROM request WHERE archived_at <> 0 AND erased_at = 0 AND archived_at < $1 ORDER BY archived_at LIMIT $2

-- name: request_events
SELECT id FROM event WHERE subject_kind = 'request' AND subject_id = $1 ORDER BY id

-- name: request_drafted_by
-- How often a person wrote at the reply: whoever did is no reviewer of it.
SELECT COUNT(*) FROM event
 WHERE subject_kind = 'request' AND subject_id = $1 AND person_id = $2 AND verb IN ('drafted', 'letter_saved')

-- name: request_attempts
SELECT COUNT(*) FROM request_attempt WHERE key = $1 AND at > $2

-- name: request_attempt_insert
-- quiet: wrong codes are counted for an hour, nothing else is known of them
INSERT INTO request_attempt (key, at) VALUES ($1, $2)

-- name: request_attempt_sweep
-- quiet: see request_attempt_insert
DELETE FROM request_attempt WHERE at < $1

-- name: request_count_open
-- What is open, by state; index only.
SELECT state, COUNT(*) FROM request WHERE closed_day IS NULL AND unit_id = $1 GROUP BY state

-- name: request_count_open_all
SELECT state, COUNT(*) FROM request WHERE closed_day IS NULL GROUP BY state

-- name: request_list_open_unit
-- Open cases of a unit, the most urgent first; keyed by (due_at, id).
SELECT r.id FROM request r
 WHERE r.closed_day IS NULL AND r.unit_id = $1 AND (r.due_at, r.id) > ($2, $3) ORDER BY r.due_at, r.id LIMIT $4

-- name: request_list_open
SELECT r.id FROM request r
 WHERE r.closed_day IS NULL AND (r.due_at, r.id) > ($1, $2) ORDER BY r.due_at, r.id LIMIT $3

-- name: request_list_state_unit
-- Newest first; keyed by id.
SELECT r.id FROM request r WHERE r.unit_id = $1 AND r.state = $2 AND r.id < $3 ORDER BY r.id DESC LIMIT $4

-- name: request_list_state
SELECT r.id FROM request r WHERE r.state = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3

-- name: request_list_unit
SELECT r.id FROM request r WHERE r.unit_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3

-- name: request_list_all
SELECT r.id FROM request r WHERE r.id < $1 ORDER BY r.id DESC LIMIT $2

-- name: request_list_name
-- Of one applicant: by the blind index of the name or of the identity number, each by its own index.
SELECT r.id
  FROM (SELECT id, unit_id FROM request WHERE name_key = $1
        UNION SELECT id, unit_id FROM request WHERE person_key = $2 AND person_key <> '') r
  JOIN unit u ON u.id = r.unit_id
 WHERE u.path LIKE $3 AND r.id < $4
 ORDER BY r.id DESC LIMIT $5

-- name: request_found
-- The cases behind a figure: every filter may be '' or 0; outcomes are given four times. Newest first, keyed by id. Ways
-- by days have them at the head of an index that holds the other columns too (0014): no row is read to be left out.
SELECT r.id FROM request r
 WHERE r.id < $1 AND r.state <> 'split'
   AND (CAST($2 AS TEXT) = '' OR r.received_day >= $2) AND (CAST($3 AS TEXT) = '' OR r.received_day <= $3)
   AND (CAST($4 AS TEXT) = '' OR r.closed_day >= $4) AND (CAST($5 AS TEXT) = '' OR r.closed_day <= $5)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
   AND (CAST($21 AS TEXT) = '' OR r.subject LIKE $21 ESCAPE '!')
 ORDER BY r.id DESC LIMIT $19

-- name: request_found_unit
SELECT r.id FROM request r
 WHERE r.unit_id = $22 AND r.id < $1 AND r.state <> 'split'
   AND (CAST($2 AS TEXT) = '' OR r.received_day >= $2) AND (CAST($3 AS TEXT) = '' OR r.received_day <= $3)
   AND (CAST($4 AS TEXT) = '' OR r.closed_day >= $4) AND (CAST($5 AS TEXT) = '' OR r.closed_day <= $5)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
   AND (CAST($21 AS TEXT) = '' OR r.subject LIKE $21 ESCAPE '!')
 ORDER BY r.id DESC LIMIT $19

-- name: request_found_words
-- By words of the title in every unit; unit_id > 0, + 0: all of the index of the units, which holds the titles.
SELECT r.id FROM request r
 WHERE r.unit_id > 0 AND r.id + 0 < $1 AND r.state <> 'split' AND (CAST($2 AS TEXT) = '' OR r.state = $2)
   AND r.subject LIKE $3 ESCAPE '!'
 ORDER BY r.id + 0 DESC LIMIT $4

-- name: request_found_remedy
-- With a reconsideration or suit of a kind, in a unit or, with 0, in every one: few among all.
SELECT DISTINCT r.id
  FROM request_remedy m JOIN request r ON r.id = m.request_id
 WHERE m.kind = $1 AND m.request_id < $2 AND (CAST($3 AS BIGINT) = 0 OR m.unit_id = $3)
   AND (CAST($4 AS TEXT) = '' OR r.state = $4)
 ORDER BY r.id DESC LIMIT $5

-- name: request_found_received
-- By the day received, the latest first; keyed by ($21, $1), which lies not above $3.
SELECT r.id FROM request r
 WHERE r.received_day >= $2 AND r.received_day <= $3 AND (r.received_day, r.id) < ($21, $1) AND r.state <> 'split'
   AND (CAST($4 AS TEXT) = '' OR r.closed_day >= $4) AND (CAST($5 AS TEXT) = '' OR r.closed_day <= $5)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
 ORDER BY r.received_day DESC, r.id DESC LIMIT $19

-- name: request_found_received_unit
SELECT r.id FROM request r
 WHERE r.unit_id = $22 AND r.received_day >= $2 AND r.received_day <= $3 AND (r.received_day, r.id) < ($21, $1) AND r.state <> 'split'
   AND (CAST($4 AS TEXT) = '' OR r.closed_day >= $4) AND (CAST($5 AS TEXT) = '' OR r.closed_day <= $5)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
 ORDER BY r.received_day DESC, r.id DESC LIMIT $19

-- name: request_found_closed
-- By the day they ended.
SELECT r.id FROM request r
 WHERE r.closed_day >= $4 AND r.closed_day <= $5 AND (r.closed_day, r.id) < ($21, $1) AND r.state <> 'split'
   AND (CAST($2 AS TEXT) = '' OR r.received_day >= $2) AND (CAST($3 AS TEXT) = '' OR r.received_day <= $3)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
 ORDER BY r.closed_day DESC, r.id DESC LIMIT $19

-- name: request_found_closed_unit
SELECT r.id FROM request r
 WHERE r.unit_id = $22 AND r.closed_day >= $4 AND r.closed_day <= $5 AND (r.closed_day, r.id) < ($21, $1) AND r.state <> 'split'
   AND (CAST($2 AS TEXT) = '' OR r.received_day >= $2) AND (CAST($3 AS TEXT) = '' OR r.received_day <= $3)
   AND (CAST($6 AS TEXT) = '' OR r.closed_day IS NULL OR r.closed_day > $6)
   AND (CAST($7 AS TEXT) = '' OR r.channel = $7) AND (CAST($8 AS TEXT) = '' OR r.applicant = $8)
   AND (CAST($9 AS TEXT) = '' OR r.outcome IN ($9, $10, $11, $12)) AND (CAST($13 AS BIGINT) = 0 OR r.officer_post = $13)
   AND ($14 = FALSE OR r.late) AND ($15 = FALSE OR r.extended) AND (CAST($16 AS TEXT) = '' OR r.state = $16)
   AND (CAST($17 AS TEXT) = '' OR r.matter = $17)
   AND (CAST($20 AS BIGINT) = 0 OR (r.closed_day IS NULL AND r.due_at > 0 AND r.due_at < $20))
   AND (CAST($18 AS TEXT) = '' OR EXISTS (SELECT 1 FROM request_remedy m WHERE m.request_id = r.id AND m.kind = $18))
 ORDER BY r.closed_day DESC, r.id DESC LIMIT $19

-- name: request_waiting_states
-- Open cases of a unit or, with all, of every unit, in one state: the most urgent first.
SELECT r.id, r.due_at FROM request r
 WHERE r.closed_day IS NULL AND r.state = $1 AND (CAST($2 AS BIGINT) = 0 OR r.unit_id = $2) ORDER BY r.due_at, r.id LIMIT $3

-- name: request_waiting_delivery
SELECT r.id, r.due_at FROM request r WHERE r.state = $1 ORDER BY r.id LIMIT $2

-- name: request_waiting_delivery_unit
SELECT r.id, r.due_at FROM request r WHERE r.state = $1 AND r.unit_id = $3 ORDER BY r.id LIMIT $2

-- name: request_last_read
-- When a person last looked, that event's id, and the id of the last thing done to the case.
SELECT max(CASE WHEN verb = 'read' AND person_id = $2 THEN at END) AS at,
       max(CASE WHEN verb = 'read' AND person_id = $2 THEN id END) AS read_id,
       COALESCE(max(CASE WHEN verb <> 'read' THEN id END), 0) AS done_id
  FROM event WHERE subject_kind = 'request' AND subject_id = $1

-- name: request_marks_until
-- As they stood at an instant, for the replay.
SELECT kind, day, until, n, ref, rule FROM request_mark WHERE request_id = $1 AND at <= $2 ORDER BY day, id

-- name: request_marks_made
-- With when each was made, for the course of the limit.
SELECT kind, day, until, n, ref, rule, at FROM request_mark WHERE request_id = $1 ORDER BY day, id

-- name: request_matter_of
SELECT matter FROM request WHERE id = $1
