-- disclosure.sql: every statement of the room.

-- name: disclosure_insert
INSERT INTO disclosure (public_id, unit_id, item_id, field_id, duty_id, index_number, state, title, number, number_folded,
                        five, kind, drafter_id, demo, revision, created_at, part)
VALUES ($1, $2, $3, $4, $5, '', 'draft', $6, $7, $8, $9, $10, $11, $12, 1, $13, $14)
RETURNING id

-- name: disclosure_by_id
SELECT d.id, d.public_id, d.unit_id, d.item_id, d.field_id, d.duty_id, d.index_number, d.state, d.draft_version_id,
       d.public_version_id, d.title, d.number, d.five, d.kind, d.drafter_id, d.signed_by, d.signed_at, d.publish_at,
       d.published_at, d.changed_at, d.withdrawn_at, d.withdraw_reason, d.demo, d.revision, d.created_at,
       u.name AS unit_name, u.code AS unit_code, u.kind AS unit_kind, u.org_code, d.expired_at
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.id = $1

-- name: disclosure_id_by_public
SELECT id FROM disclosure WHERE public_id = $1

-- name: disclosure_lock
SELECT id, revision FROM disclosure WHERE id = $1

-- name: disclosure_draft_head
-- The working copy's fields that lists show; the revision moves with every save. While something of it is public the
-- row says what is public: a correction shows nowhere before it is published.
-- quiet: saving a draft is recorded by the event "saved" of a save on purpose; automatic saves between are not
UPDATE disclosure
   SET title = CASE WHEN public_version_id IS NULL THEN $2 ELSE title END,
       number = CASE WHEN public_version_id IS NULL THEN $3 ELSE number END,
       number_folded = CASE WHEN public_version_id IS NULL THEN $4 ELSE number_folded END,
       five = $5, item_id = $6, field_id = $7, duty_id = $8, revision = revision + 1
 WHERE id = $1 AND revision = $9

-- name: disclosure_touch
-- quiet: attachments of a draft have their own event
UPDATE disclosure SET revision = revision + 1 WHERE id = $1

-- name: disclosure_set_draft_version
UPDATE disclosure SET draft_version_id = $2 WHERE id = $1

-- name: disclosure_set_state
UPDATE disclosure SET state = $2, revision = revision + 1 WHERE id = $1

-- name: disclosure_set_signed
UPDATE disclosure SET signed_by = $2, signed_at = $3 WHERE id = $1

-- name: disclosure_set_schedule
UPDATE disclosure SET publish_at = $2 WHERE id = $1

-- name: disclosure_set_published
UPDATE disclosure
   SET index_number = $2, public_version_id = $3, published_at = $4, changed_at = $5, publish_at = 0, withdrawn_at = 0,
       withdraw_reason = '', expires = $6, expired_at = 0, title = $7, number = $8, number_folded = $9,
       about_id = $10
 WHERE id = $1

-- name: disclosure_set_expired
UPDATE disclosure SET expired_at = $2 WHERE id = $1

-- name: disclosure_set_withdrawn
UPDATE disclosure
   SET public_version_id = NULL, withdrawn_at = $2, withdraw_reason = $3, changed_at = $2, publish_at = 0
 WHERE id = $1

-- name: disclosure_due_to_publish
SELECT id FROM disclosure WHERE publish_at <> 0 AND publish_at <= $1 AND state = 'scheduled' ORDER BY publish_at LIMIT 200

-- name: disclosure_due_to_expire
SELECT id FROM disclosure WHERE state = 'published' AND expires IS NOT NULL AND expires < $1 ORDER BY id LIMIT 200

-- name: disclosure_version_insert
INSERT INTO disclosure_version (disclosure_id, version, frozen, title, number, body, body_text, summary, keywords, attribute,
                                ground, ground_note, genre, theme, validity, source, formed, effective, expires, sha256,
                                made_by, created_at, elements)
VALUES ($1, $2, FALSE, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '', $19, $20, $21)
RETURNING id

-- name: disclosure_version_update
-- Only while it is a draft: a frozen version never changes.
-- quiet: see disclosure_draft_head
UPDATE disclosure_version
   SET title = $2, number = $3, body = $4, body_text = $5, summary = $6, keywords = $7, attribute = $8, ground = $9,
       ground_note = $10, genre = $11, theme = $12, validity = $13, source = $14, formed = $15, effective = $16, expires = $17,
       elements = $18
 WHERE id = $1 AND NOT frozen

-- name: disclosure_version_copy
-- A new working version with the content of another.
INSERT INTO disclosure_version (disclosure_id, version, frozen, title, number, body, body_text, summary, keywords, attribute,
                                ground, ground_note, genre, theme, validity, source, formed, effective, expires, sha256,
                                made_by, created_at, elements)
SELECT disclosure_id, CAST($2 AS BIGINT), FALSE, title, number, body, body_text, summary, keywords, attribute, ground, ground_note, genre,
       theme, validity, source, formed, effective, expires, '', CAST($3 AS BIGINT), CAST($4 AS BIGINT), elements
  FROM disclosure_version WHERE id = $1
RETURNING id

-- name: disclosure_attachment_copy
INSERT INTO disclosure_attachment (version_id, position, blob_id, name)
SELECT CAST($2 AS BIGINT), position, blob_id, name FROM disclosure_attachment WHERE version_id = $1

-- name: disclosure_version_freeze
UPDATE disclosure_version SET frozen = TRUE, sha256 = $2 WHERE id = $1 AND NOT frozen

-- name: disclosure_version_last
SELECT CAST(COALESCE(max(version), 0) AS BIGINT) AS last FROM disclosure_version WHERE disclosure_id = $1

-- name: disclosure_version_get
SELECT id, disclosure_id, version, CASE WHEN frozen THEN 1 ELSE 0 END AS frozen, title, number, body, body_text, summary,
       keywords, attribute, ground, ground_note, genre, theme, validity, source, formed, effective, expires, sha256,
       public_from, public_to, made_by, created_at, concealed_at, conceal_reason, elements
  FROM disclosure_version WHERE id = $1

-- name: disclosure_version_open
UPDATE disclosure_version SET public_from = $2, public_to = 0 WHERE id = $1

-- name: disclosure_version_close
UPDATE disclosure_version SET public_to = $2 WHERE id = $1

-- name: disclosure_versions_conceal
-- All that were public but one ($4; 0: none is spared).
UPDATE disclosure_version SET concealed_at = $2, conceal_reason = $3
 WHERE disclosure_id = $1 AND public_from <> 0 AND concealed_at = 0 AND id <> $4

-- name: disclosure_versions_past
-- How many former public versions can still be seen.
SELECT count(*) AS n FROM disclosure_version
 WHERE disclosure_id = $1 AND public_from <> 0 AND concealed_at = 0 AND id <> $2

-- name: disclosure_version_at
-- What the public saw of a matter at an instant.
SELECT id FROM disclosure_version
 WHERE disclosure_id = $1 AND public_from <> 0 AND public_from <= $2 AND (public_to = 0 OR public_to > $2)
 ORDER BY public_from DESC, id DESC LIMIT 1

-- name: disclosure_versions_public
SELECT id, version, title, public_from, public_to, sha256, concealed_at, conceal_reason
  FROM disclosure_version WHERE disclosure_id = $1 AND public_from <> 0 ORDER BY version DESC

-- name: disclosure_attachments
SELECT a.position, a.name, b.id AS blob_id, b.sha256, b.size, b.type, b.extension, b.pages, b.scan, b.problem, b.sm3
  FROM disclosure_attachment a JOIN blob b ON b.id = a.blob_id
 WHERE a.version_id = $1 ORDER BY a.position

-- name: disclosure_attachment_texts
SELECT a.name, b.text FROM disclosure_attachment a JOIN blob b ON b.id = a.blob_id WHERE a.version_id = $1 ORDER BY a.position

-- name: disclosure_attachment_add
INSERT INTO disclosure_attachment (version_id, position, blob_id, name)
SELECT CAST($1 AS BIGINT), CAST(COALESCE(max(position), 0) AS BIGINT) + 1, CAST($2 AS BIGINT), CAST($3 AS TEXT)
  FROM disclosure_attachment WHERE version_id = $1
RETURNING position

-- name: disclosure_attachment_remove
DELETE FROM disclosure_attachment WHERE version_id = $1 AND position = $2

-- name: disclosure_attachment_one
SELECT a.name, b.sha256, b.size, b.type
  FROM disclosure_attachment a JOIN blob b ON b.id = a.blob_id
 WHERE a.version_id = $1 AND a.position = $2

-- name: review_insert
INSERT INTO review (disclosure_id, version_id, round, step, outcome, conclusion, reason, person_id, post_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: review_list
SELECT r.step, r.outcome, r.conclusion, r.reason, r.round, r.at, r.version_id, v.version, r.person_id, p.name AS post_name
  FROM review r JOIN disclosure_version v ON v.id = r.version_id LEFT JOIN post p ON p.id = r.post_id
 WHERE r.disclosure_id = $1 ORDER BY r.id

-- name: review_passed
-- Who passed which step on this very version.
SELECT step, person_id FROM review WHERE version_id = $1 AND outcome = 'passed'

-- name: review_last_version_of
-- The version this post last looked at, for the differences since then.
SELECT version_id FROM review WHERE disclosure_id = $1 AND version_id <> $2 AND step = $3 ORDER BY id DESC LIMIT 1

-- name: index_sequence_next
-- quiet: the number itself is in the event of the publication
INSERT INTO index_sequence (unit_id, year, last) VALUES ($1, $2, 1)
ON CONFLICT (unit_id, year) DO UPDATE SET last = index_sequence.last + 1
RETURNING last

-- name: disclosure_latest_all
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND NOT d.part AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_latest_unit
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND NOT d.part AND d.unit_id = $4 AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_latest_field
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND d.field_id = $4 AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_latest_item
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND d.item_id = $4 AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_latest_five
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND d.five = $4 AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_latest_kind
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND d.kind = $4 AND (d.published_at, d.id) < ($1, $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_search
-- Simple search by title and 文号 ($4, $5 are LIKE patterns; a bounded walk, newest first). Full text is a room of its own.
SELECT d.id, d.public_id, d.title, d.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN unit u ON u.id = d.unit_id
 WHERE d.public_version_id IS NOT NULL AND NOT d.part AND (d.published_at, d.id) < ($1, $2)
   AND (d.title LIKE $4 ESCAPE '!' OR d.number_folded LIKE $5 ESCAPE '!')
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_fresh_by_field
-- How many were first published since an instant, per field.
SELECT field_id, count(*) AS n FROM disclosure
 WHERE public_version_id IS NOT NULL AND published_at >= $1 AND field_id IS NOT NULL GROUP BY field_id

-- name: disclosure_work_list
-- A unit's matters (unit path prefix), latest first; state '' for all.
SELECT d.id, d.title, d.number, d.state, d.revision, d.created_at, d.published_at, d.publish_at, d.duty_id, u.short_name AS unit_name,
       t.due_at, t.met_at, t.state AS duty_state
  FROM disclosure d JOIN unit u ON u.id = d.unit_id LEFT JOIN duty t ON t.id = d.duty_id
 WHERE u.path LIKE $1 AND (CAST($2 AS TEXT) = '' OR d.state = $2) AND d.id < $3
 ORDER BY d.id DESC LIMIT $4

-- name: disclosure_waiting
-- What waits in one state for one unit path, oldest duty first.
SELECT d.id, d.title, d.state, u.short_name AS unit_name, t.due_at, t.met_at, t.state AS duty_state
  FROM disclosure d JOIN unit u ON u.id = d.unit_id LEFT JOIN duty t ON t.id = d.duty_id
 WHERE u.path LIKE $1 AND d.state = $2
 ORDER BY t.due_at NULLS LAST, d.id LIMIT $3

-- name: plan_task_insert
INSERT INTO plan_task (disclosure_id, serial, title, content, units_text, due, state) VALUES ($1, $2, $3, $4, $5, $6, 'open')

-- name: plan_task_list
SELECT serial, title, content, units_text, due, state FROM plan_task WHERE disclosure_id = $1 ORDER BY id

-- name: disclosure_number_known
SELECT id FROM disclosure WHERE number_folded = $1 AND number_folded <> '' LIMIT 1

-- name: disclosure_publications
-- Every publication on record, with its place in the log and the instant of what ended it. An entered one says its version;
-- logs begun earlier have a second event of it, "published", that does.
SELECT e.id, e.subject_id AS disclosure_id, e.id AS event_id, l.seq, e.payload, e.at,
       COALESCE((SELECT n.at FROM event n
                  WHERE n.subject_kind = 'disclosure' AND n.subject_id = e.subject_id AND n.id > e.id
                    AND n.room = 'disclosure'
                    AND (n.verb IN ('published', 'corrected', 'withdrawn')
                         OR (n.verb = 'entered' AND n.payload LIKE '%"version":%'))
                  ORDER BY n.id LIMIT 1), 0) AS ended_at
  FROM event e LEFT JOIN ledger_entry l ON l.event_id = e.id
 WHERE e.subject_kind = 'disclosure' AND e.room = 'disclosure'
   AND (e.verb IN ('published', 'corrected') OR (e.verb = 'entered' AND e.payload LIKE '%"version":%'))
 ORDER BY e.id

-- name: disclosure_version_by_number
SELECT id, public_from, public_to FROM disclosure_version WHERE disclosure_id = $1 AND version = $2

-- name: disclosure_public_unrecorded
-- Matters that show another number of public versions than were published on record: there must be none.
SELECT v.disclosure_id
  FROM disclosure_version v
 WHERE v.public_from <> 0
 GROUP BY v.disclosure_id
HAVING count(*) <> (SELECT count(*) FROM event e
                     WHERE e.subject_kind = 'disclosure' AND e.subject_id = v.disclosure_id
                       AND e.room = 'disclosure'
                       AND (e.verb IN ('published', 'corrected')
                            OR (e.verb = 'entered' AND e.payload LIKE '%"version":%')))
 ORDER BY v.disclosure_id LIMIT 50

-- name: disclosure_public_misplaced
-- Matters whose public version is not the one that is open, or that show none while one is open: there must be none.
SELECT d.id
  FROM disclosure d
  LEFT JOIN disclosure_version v ON v.disclosure_id = d.id AND v.public_from <> 0 AND v.public_to = 0
 WHERE COALESCE(d.public_version_id, 0) <> COALESCE(v.id, 0)
 ORDER BY d.id LIMIT 50

-- name: disclosure_latest_as_of
-- What was public at an instant ($4), newest first; filters by unit, item, field, 五公开 and kind, each optional; $10, $11
-- are LIKE patterns of title and 文号 or ''. A bounded walk by first publication.
SELECT d.id, d.public_id, v.title, v.number, d.published_at, d.five, d.field_id, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name
  FROM disclosure d JOIN disclosure_version v ON v.disclosure_id = d.id JOIN unit u ON u.id = d.unit_id
 WHERE NOT d.part AND d.published_at <> 0 AND d.published_at <= $4 AND (d.published_at, d.id) < ($1, $2)
   AND v.public_from <> 0 AND v.public_from <= $4 AND (v.public_to = 0 OR v.public_to > $4) AND v.concealed_at = 0
   AND (CAST($5 AS BIGINT) IS NULL OR d.unit_id = $5) AND (CAST($6 AS BIGINT) IS NULL OR d.item_id = $6)
   AND (CAST($7 AS BIGINT) IS NULL OR d.field_id = $7) AND (CAST($8 AS TEXT) = '' OR d.five = $8)
   AND (CAST($9 AS TEXT) = '' OR d.kind = $9)
   AND (CAST($10 AS TEXT) = '' OR v.title LIKE $10 ESCAPE '!' OR d.number_folded LIKE $11 ESCAPE '!')
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_each_then
-- What was public at an instant ($1), newest first, with what its facets are made of; of one kind ($2) or of any (''). Topics
-- are found as documents are, the other parts of the portal are not.
SELECT d.public_id, v.title, v.number, d.published_at, d.five, d.kind, v.genre, v.theme, v.validity, v.formed, v.elements,
       d.expired_at, d.index_number, CASE WHEN d.demo THEN 1 ELSE 0 END AS demo,
       u.code AS unit_code, u.short_name AS unit_name, u.kind AS unit_kind, f.code AS field_code, i.code AS item_code,
       c.kind AS catalogue
  FROM disclosure d JOIN disclosure_version v ON v.disclosure_id = d.id JOIN unit u ON u.id = d.unit_id
  LEFT JOIN field f ON f.id = d.field_id LEFT JOIN catalogue_item i ON i.id = d.item_id
  LEFT JOIN catalogue c ON c.id = i.catalogue_id
 WHERE (NOT d.part OR d.kind = 'topic') AND d.published_at <> 0 AND d.published_at <= $1
   AND v.public_from <> 0 AND v.public_from <= $1 AND (v.public_to = 0 OR v.public_to > $1) AND v.concealed_at = 0
   AND (CAST($2 AS TEXT) = '' OR d.kind = $2)
 ORDER BY d.published_at DESC, d.id DESC LIMIT $3

-- name: disclosure_fresh_by_field_as_of
-- How many of what was public at an instant ($2) were first published since another ($1), per field.
SELECT d.field_id, count(*) AS n
  FROM disclosure_version v JOIN disclosure d ON d.id = v.disclosure_id
 WHERE v.public_from <> 0 AND v.public_from <= $2 AND (v.public_to = 0 OR v.public_to > $2) AND v.concealed_at = 0
   AND d.published_at >= $1 AND d.field_id IS NOT NULL
 GROUP BY d.field_id

-- name: disclosure_public_id_of
-- By its address or by its index number.
SELECT public_id FROM disclosure WHERE published_at <> 0 AND (public_id = $1 OR (index_number = $1 AND index_number <> ''))

-- name: disclosure_version_ids
SELECT id FROM disclosure_version WHERE disclosure_id = $1 ORDER BY version

-- name: disclosure_last_read
-- When a person last looked, that event's id, and the id of the last thing done to the matter.
SELECT max(CASE WHEN verb = 'read' AND person_id = $2 THEN at END) AS at,
       max(CASE WHEN verb = 'read' AND person_id = $2 THEN id END) AS read_id,
       COALESCE(max(CASE WHEN verb <> 'read' THEN id END), 0) AS done_id
  FROM event WHERE subject_kind = 'disclosure' AND subject_id = $1

-- name: disclosure_search_list
-- What is public and listed, in order of publication.
SELECT published_at, id FROM disclosure
 WHERE public_version_id IS NOT NULL AND (published_at, id) > ($1, $2)
 ORDER BY published_at, id LIMIT $3

-- name: disclosure_public_range
-- Addresses of what is public and listed with ids in ($1, $2], and when each changed last.
SELECT public_id, changed_at FROM disclosure
 WHERE public_version_id IS NOT NULL AND NOT part AND id > $1 AND id <= $2 ORDER BY id

-- name: disclosure_public_after
-- The first one after an id.
SELECT id FROM disclosure WHERE public_version_id IS NOT NULL AND NOT part AND id > $1 ORDER BY id LIMIT 1

-- name: disclosure_search_row
-- What search needs of a matter besides its version.
SELECT u.short_name AS unit_short, f.code AS field_code, i.code AS item_code, a.public_id AS about, c.kind AS catalogue
  FROM disclosure d JOIN unit u ON u.id = d.unit_id LEFT JOIN field f ON f.id = d.field_id
  LEFT JOIN catalogue_item i ON i.id = d.item_id LEFT JOIN catalogue c ON c.id = i.catalogue_id LEFT JOIN disclosure a ON a.id = d.about_id
 WHERE d.id = $1

-- name: disclosure_search_files
SELECT a.position, a.name, b.extension, b.pages, b.text
  FROM disclosure_attachment a JOIN blob b ON b.id = a.blob_id WHERE a.version_id = $1 ORDER BY a.position

-- name: disclosure_public_by_number
-- What is public under a 文号 (folded), the newest.
SELECT public_id FROM disclosure
 WHERE number_folded = $1 AND number_folded <> '' AND public_version_id IS NOT NULL ORDER BY published_at DESC LIMIT 1

-- name: disclosure_about
-- Public interpretations of a matter, oldest first; at an instant ($2), 0 now.
SELECT d.public_id, v.title, d.published_at
  FROM disclosure d JOIN disclosure_version v ON v.disclosure_id = d.id
 WHERE d.about_id = $1 AND v.public_from <> 0 AND v.concealed_at = 0
   AND ((CAST($2 AS BIGINT) = 0 AND v.id = d.public_version_id) OR
        ($2 <> 0 AND v.public_from <= $2 AND (v.public_to = 0 OR v.public_to > $2)))
 ORDER BY d.published_at, d.id LIMIT 20

-- name: disclosure_profile_of
SELECT d.id, d.public_id, d.public_version_id FROM disclosure d
 WHERE d.kind = 'profile' AND d.unit_id = $1 AND d.public_version_id IS NOT NULL ORDER BY d.published_at DESC LIMIT 1

-- name: disclosure_parts
-- Parts of the portal of one kind ($1) that are public at an instant ($2).
SELECT d.id, v.id FROM disclosure d JOIN disclosure_version v ON v.disclosure_id = d.id
 WHERE d.part AND d.kind = $1 AND v.public_from <> 0 AND v.public_from <= $2 AND (v.public_to = 0 OR v.public_to > $2)
   AND v.concealed_at = 0 AND (d.expired_at = 0 OR d.expired_at > $2)
 ORDER BY d.published_at, d.id LIMIT 500

-- name: disclosure_part_images
SELECT a.position, a.name FROM disclosure_attachment a JOIN blob b ON b.id = a.blob_id
 WHERE a.version_id = $1 AND b.extension IN ('png', 'jpg', 'jpeg', 'gif', 'webp') ORDER BY a.position LIMIT 1

-- name: disclosure_part_work_list
SELECT d.id, d.public_id, d.kind, d.title, d.state, CASE WHEN d.public_version_id IS NULL THEN 0 ELSE 1 END AS is_public, v.elements
  FROM disclosure d JOIN disclosure_version v ON v.id = COALESCE(d.public_version_id, d.draft_version_id)
 WHERE d.part AND d.unit_id = $1 ORDER BY d.kind, d.id DESC LIMIT 1000

-- name: disclosure_part_same_code
-- Another public part of this kind whose elements hold the code ($3: a LIKE pattern).
SELECT d.title FROM disclosure d JOIN disclosure_version v ON v.id = d.public_version_id
 WHERE d.part AND d.kind = $1 AND d.id <> $2 AND v.elements LIKE $3 LIMIT 1

-- name: address_moved_get
SELECT new_path FROM address_moved WHERE old_path = $1

-- name: address_moved_put
-- quiet: told by the event of the publication or of the whole list
INSERT INTO address_moved (old_path, new_path) VALUES ($1, $2)
ON CONFLICT (old_path) DO UPDATE SET new_path = excluded.new_path

-- name: address_moved_follow
-- quiet: told by the event of the publication or of the whole list
-- What led to $1 leads to where that moved: no chains.
UPDATE address_moved SET new_path = $2 WHERE new_path = $1

-- name: address_moved_forget
-- quiet: told by the event of the publication or of the whole list
DELETE FROM address_moved WHERE old_path = $1

-- name: disclosure_public_with_blob
SELECT d.id FROM disclosure d JOIN disclosure_attachment a ON a.version_id = d.public_version_id WHERE a.blob_id = $1 LIMIT 100
