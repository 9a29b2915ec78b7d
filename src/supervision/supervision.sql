-- ── state, events, moments ──

-- name: supervision_state_get
SELECT value FROM supervision_state WHERE name = $1

-- name: supervision_state_set
-- quiet: how far was read
INSERT INTO supervision_state (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: supervision_look
-- Is there anything to do: events not followed, moments come, notices due. Cheap: three ends of indexes.
SELECT CASE WHEN (SELECT COALESCE(max(seq), -1) FROM ledger_entry)
                 <> COALESCE((SELECT value FROM supervision_state WHERE name = 'seq'), -2) THEN 1
            WHEN EXISTS (SELECT 1 FROM watch WHERE next_at <= $1) THEN 1
            WHEN EXISTS (SELECT 1 FROM alert_notice WHERE send_at <= $1) THEN 1
            ELSE 0 END AS work

-- name: supervision_events
-- Events after a place in the log, of every visibility.
SELECT l.seq, e.room, e.verb, e.subject_kind, e.subject_id
  FROM ledger_entry l JOIN event e ON e.id = l.event_id
 WHERE l.seq > $1 AND l.seq < $2
 ORDER BY l.seq LIMIT $3

-- name: watch_due
SELECT rule_id, subject_id FROM watch WHERE next_at <= $1 ORDER BY next_at LIMIT $2

-- name: watch_save
-- quiet: when to look again follows from records
INSERT INTO watch (rule_id, subject_id, next_at) VALUES ($1, $2, $3)
ON CONFLICT (rule_id, subject_id) DO UPDATE SET next_at = excluded.next_at

-- name: watch_delete
-- quiet: when to look again follows from records
DELETE FROM watch WHERE rule_id = $1 AND subject_id = $2

-- name: supervision_unit
SELECT path, kind FROM unit WHERE id = $1

-- name: holder_post
-- A post of the unit in force that somebody holds today and whose roles grant the right ($2: bits).
SELECT p.id
  FROM post p
  JOIN unit u ON u.id = p.unit_id AND (u.valid_to IS NULL OR u.valid_to >= $3)
  JOIN appointment a ON a.post_id = p.id AND a.from_day <= $3 AND (a.to_day IS NULL OR a.to_day >= $3)
  JOIN person x ON x.id = a.person_id AND NOT x.disabled
 WHERE p.unit_id = $1 AND p.ended_at = 0 AND (p.roles & $2) <> 0
 ORDER BY p.id LIMIT 1

-- ── rules ──

-- name: rules_on
SELECT id FROM rule WHERE state = 'on' ORDER BY id

-- name: rule_get
-- A rule with the version that is on ($2 = 0) or one of its versions.
SELECT r.id, r.code, r.check_code, r.state, r.on_at, v.id AS version_id, v.version, v.name, v.parameters, v.scope, v.ladder, v.weight, v.ground,
       v.effective
  FROM rule r
  JOIN rule_version v ON v.rule_id = r.id AND (v.version = $2 OR ($2 = 0 AND v.id = r.version_id))
 WHERE r.id = $1

-- name: rule_by_code
SELECT id FROM rule WHERE code = $1

-- name: rule_insert
INSERT INTO rule (code, check_code, state, on_at, shipped, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id

-- name: rule_version_insert
INSERT INTO rule_version (rule_id, version, frozen, name, parameters, scope, ladder, weight, ground, status, effective, made_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id

-- name: rule_set_version
UPDATE rule SET version_id = $2 WHERE id = $1

-- name: rule_touched
-- Subjects a rule has an open alert or a moment for, by id.
SELECT subject_id FROM (
  SELECT subject_id FROM watch WHERE rule_id = $1 AND subject_id > $2
  UNION
  SELECT subject_id FROM alert WHERE rule_id = $1 AND subject_id > $2 AND state <> 'closed') AS touched
 ORDER BY subject_id LIMIT $3

-- ── alerts ──

-- name: alert_get
SELECT id, rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, post_id, level, peak, began_at, level_at, red_at,
       due_at, raised_at, state, outcome, closed_at, title, note, address, step, answer
  FROM alert WHERE id = $1

-- name: alert_of_subject
-- Alerts of a rule and subject, newest beginning first.
SELECT id, rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, post_id, level, peak, began_at, level_at, red_at,
       due_at, raised_at, state, outcome, closed_at, title, note, address, step, answer
  FROM alert WHERE rule_id = $1 AND subject_id = $2 ORDER BY began_at DESC LIMIT $3

-- name: alert_open_of
SELECT id, rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, post_id, level, peak, began_at, level_at, red_at,
       due_at, raised_at, state, outcome, closed_at, title, note, address, step, answer
  FROM alert WHERE rule_id = $1 AND subject_id = $2 AND state <> 'closed'

-- name: alert_insert
INSERT INTO alert (rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, post_id, level, peak, began_at, level_at,
                   red_at, due_at, raised_at, state, outcome, closed_at, title, note, address, step)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0) RETURNING id

-- name: alert_update
-- $14: the state it was read in: who comes second looks again.
UPDATE alert SET level = $2, peak = $3, level_at = $4, red_at = $5, due_at = $6, state = $7, outcome = $8, closed_at = $9, title = $10, note = $11,
                 unit_id = $12, field_id = $13
 WHERE id = $1 AND state = $14

-- ── ladder ──

-- name: alert_notice_insert
-- quiet: the step is told by its alert's event
INSERT INTO alert_notice (alert_id, step, audience, unit_id, permission, level, send_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING

-- name: alert_step
-- quiet: what the post concerned was told stands in its notice; what went further is the event "escalated"
UPDATE alert SET step = $2 WHERE id = $1

-- name: alert_told_last
SELECT last_at FROM alert_told WHERE audience = $1 AND unit_id = $2 AND permission = $3

-- name: alert_told_save
-- quiet: when an audience last heard
INSERT INTO alert_told (audience, unit_id, permission, last_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (audience, unit_id, permission) DO UPDATE SET last_at = excluded.last_at

-- name: alert_notice_groups
-- What is to be told now, one line an audience and level; what has ended meanwhile is not told.
SELECT n.audience, n.unit_id, n.permission, n.level, count(*) FILTER (WHERE a.state <> 'closed') AS n, min(a.id) FILTER (WHERE a.state <> 'closed') AS first
  FROM alert_notice n JOIN alert a ON a.id = n.alert_id
 GROUP BY n.audience, n.unit_id, n.permission, n.level
HAVING min(n.send_at) <= $1
 ORDER BY n.audience, n.unit_id, n.level DESC

-- name: alert_notice_done
-- quiet: the notice was written
DELETE FROM alert_notice WHERE audience = $1 AND unit_id = $2 AND permission = $3 AND level = $4

-- ── checks: duties ──

-- name: check_duty_row
SELECT id, unit_id, field_id, item_id, source, period_key, rule_no, trigger_at, due_at, state, met_at, fact_id, subject, created_at, level1, level2,
       limit_text
  FROM supervised_duty WHERE id = $1

-- name: check_duty_events
-- What became of a duty, in order: the newest of it, for one that was met and owed again very often.
SELECT verb, at FROM (
  SELECT id, verb, at FROM event
   WHERE subject_kind = 'duty' AND subject_id = $1 AND room = 'duty' AND verb IN ('met', 'met_late', 'reopened', 'waived', 'voided')
   ORDER BY id DESC LIMIT 40) AS newest
 ORDER BY id

-- name: check_duties
SELECT id FROM supervised_duty WHERE id > $1 ORDER BY id LIMIT $2

-- name: check_duties_met_late
-- By id, not by state: pages follow the primary key.
SELECT id FROM supervised_duty WHERE id > $1 AND COALESCE(state, '') = 'met_late' ORDER BY id LIMIT $2

-- name: check_duties_of_periods
SELECT id FROM supervised_duty WHERE id > $1 AND period_key <> '' ORDER BY id LIMIT $2

-- name: check_duties_of_facts
SELECT id FROM supervised_duty WHERE id > $1 AND fact_id <> 0 ORDER BY id LIMIT $2

-- name: check_duties_open_of_item
SELECT id FROM supervised_duty WHERE item_id = $1 AND id > $2 AND state = 'open' ORDER BY id LIMIT $3

-- name: check_duty_next_period
-- When the clock of the next period of the same obligation starts.
SELECT trigger_at FROM supervised_duty
 WHERE unit_id = $1 AND item_id = $2 AND rule_no = $3 AND period_key <> '' AND trigger_at > $4
 ORDER BY trigger_at LIMIT 1

-- name: check_duty_kin
-- A duty and what is open of the same obligation's other periods.
SELECT b.id FROM supervised_duty a JOIN supervised_duty b ON b.unit_id = a.unit_id AND b.item_id = a.item_id AND b.rule_no = a.rule_no
 WHERE a.id = $1 AND b.id > $2 AND b.period_key <> '' AND (b.state = 'open' OR b.id = a.id)
 ORDER BY b.id LIMIT $3

-- name: check_fact_of_duty
-- The fact behind a duty, and the first of the duties it made.
SELECT f.kind, f.subject, f.number, f.day, (SELECT min(d.id) FROM supervised_duty d WHERE d.of_fact_id = f.id) AS first_duty
  FROM supervised_fact f WHERE f.id = $1

-- ── checks: catalogues ──

-- name: check_item_versions
-- An item's versions, the newest of them, in order.
SELECT code, field_id, unit_id, level1, level2, basis, limit_settled, valid_from, valid_to, owners, catalogue_id FROM (
  SELECT i.version_id, i.code, i.field_id, i.unit_id, i.level1, i.level2, i.basis, CASE WHEN i.limit_settled THEN 1 ELSE 0 END AS limit_settled,
         i.valid_from, i.valid_to, (SELECT count(*) FROM supervised_owner o WHERE o.version_id = i.version_id) AS owners, i.catalogue_id
    FROM supervised_item i WHERE i.id = $1 ORDER BY i.version_id DESC LIMIT 24) AS newest
 ORDER BY version_id

-- name: check_items
SELECT DISTINCT id FROM supervised_item WHERE id > $1 ORDER BY id LIMIT $2

-- name: check_items_of_catalogue
SELECT DISTINCT id FROM supervised_item WHERE catalogue_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: check_item_twins
-- Versions of other, earlier items of the same unit's catalogues under the same names ($1 item, $2 unit, $3 field, $4, $5 names).
SELECT DISTINCT i.code, i.valid_from, i.valid_to
  FROM supervised_item i
 WHERE i.unit_id = $2 AND i.id < $1 AND i.field_id = $3 AND i.level1 = $4 AND i.level2 = $5
 ORDER BY i.valid_from, i.code LIMIT 20

-- name: check_items_of_unit_of
-- Items of all catalogues of the unit an item belongs to: what may be its twin.
SELECT DISTINCT b.id
  FROM supervised_item a JOIN supervised_item b ON b.unit_id = a.unit_id AND b.level2 = a.level2 AND b.level1 = a.level1
 WHERE a.id = $1 AND b.id > $2 ORDER BY b.id LIMIT $3

-- name: check_owner_spans
-- When a unit owed an item actively, in order.
SELECT o.valid_from, o.valid_to FROM supervised_owner o
 WHERE o.item_id = $1 AND o.unit_id = $2 AND o.mode_active
 ORDER BY o.valid_from LIMIT 60

-- name: check_item_words
SELECT code, level2, field_id FROM supervised_item WHERE id = $1 ORDER BY version_id DESC LIMIT 1

-- name: check_published_first
SELECT published_at FROM supervised_disclosure
 WHERE of_item_id = $1 AND unit_id = $2 AND published_at <> 0 ORDER BY published_at LIMIT 1

-- name: check_published_still
-- Is anything of it public now; and when the last of it went.
SELECT COALESCE(max(CASE WHEN shown_version_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS still, COALESCE(max(withdrawn_at), 0) AS gone
  FROM (SELECT shown_version_id, withdrawn_at FROM supervised_disclosure
         WHERE of_item_id = $1 AND unit_id = $2 AND published_at <> 0 ORDER BY published_at DESC LIMIT 500) AS newest

-- name: check_owners
-- Items and the units that owe them, as one number (see OWNER_ID): $1 item, $2 unit of the last one.
SELECT DISTINCT item_id * 1048576 + unit_id AS id FROM supervised_owner
 WHERE item_id >= $1 AND (item_id > $1 OR unit_id > $2) ORDER BY id LIMIT $3

-- name: check_owners_of_item
SELECT DISTINCT item_id * 1048576 + unit_id AS id FROM supervised_owner WHERE item_id = $1 AND unit_id > $2 ORDER BY id LIMIT $3

-- name: check_owners_of_catalogue
SELECT DISTINCT o.item_id * 1048576 + o.unit_id AS id
  FROM supervised_item i JOIN supervised_owner o ON o.version_id = i.version_id
 WHERE i.catalogue_id = $1 AND o.item_id >= $2 AND (o.item_id > $2 OR o.unit_id > $3) ORDER BY id LIMIT $4

-- name: check_owner_of_disclosure
SELECT of_item_id * 1048576 + unit_id AS id FROM supervised_disclosure WHERE id = $1 AND of_item_id IS NOT NULL

-- name: check_matter_row
SELECT kind, code, unit_id, name, exemption, valid_to, created_at, CASE WHEN linked THEN 1 ELSE 0 END AS linked FROM supervised_matter WHERE id = $1

-- name: check_matter_settled
-- When it was first linked or exempted.
SELECT at FROM event
 WHERE subject_kind = 'matter' AND subject_id = $1 AND room = 'catalogue' AND verb IN ('matter_linked', 'matter_exempted') ORDER BY id LIMIT 1

-- name: check_matters
SELECT id FROM supervised_matter WHERE id > $1 ORDER BY id LIMIT $2

-- name: check_matters_unlinked
SELECT id FROM supervised_matter WHERE id > $1 AND exemption = '' AND NOT linked ORDER BY id LIMIT $2

-- ── checks: publications ──

-- name: check_publication
SELECT unit_id, item_id, field_id, state, kind, title, number, published_at, withdrawn_at, drafter_id, COALESCE(about_id, 0) AS about_id, public_id
  FROM supervised_disclosure WHERE id = $1 AND NOT part

-- name: check_editions
-- Its public versions, the newest of them, in order; entered: it was public before this system; expired_at: declared no longer valid while it
-- was the one shown.
SELECT id, title, attribute, validity, formed, effective, expires, elements, public_from, public_to, made_by, concealed_at, entered, expired_at FROM (
  SELECT v.id, v.title, v.attribute, v.validity, v.formed, v.effective, v.expires, v.elements, v.public_from, v.public_to, v.made_by, v.concealed_at,
         (SELECT count(*) FROM event e
           WHERE e.subject_kind = 'disclosure' AND e.subject_id = v.disclosure_id AND e.room = 'disclosure' AND e.verb = 'entered'
             AND e.at = v.public_from) AS entered,
         COALESCE((SELECT min(e.at) FROM event e
           WHERE e.subject_kind = 'disclosure' AND e.subject_id = v.disclosure_id AND e.room = 'disclosure' AND e.verb = 'expired'
             AND e.at >= v.public_from AND (v.public_to = 0 OR e.at < v.public_to)), 0) AS expired_at
    FROM supervised_version v WHERE v.disclosure_id = $1 AND v.public_from <> 0 ORDER BY v.public_from DESC, v.id DESC LIMIT 24) AS newest
 ORDER BY public_from, id

-- name: check_publications
-- What was ever public and is no part of the portal.
SELECT id FROM supervised_disclosure WHERE id > $1 AND published_at <> 0 AND NOT part ORDER BY id LIMIT $2

-- name: check_publications_of_kind
SELECT id FROM supervised_disclosure WHERE kind = $1 AND id > $2 AND published_at <> 0 ORDER BY id LIMIT $3

-- name: check_publications_of_item
-- Published since the day an item last changed.
SELECT id FROM supervised_disclosure
 WHERE of_item_id = $1 AND id > $2 AND published_at <> 0
   AND changed_at >= (SELECT COALESCE(max(i.created_at), 0) - 86400000 FROM supervised_item i WHERE i.id = $1)
 ORDER BY id LIMIT $3

-- name: check_reviews_passed
SELECT version_id, step, person_id, at FROM supervised_review WHERE disclosure_id = $1 AND outcome = 'passed' ORDER BY id DESC LIMIT 400

-- name: check_attributes
-- The frozen versions, the newest of them, in order: attribute, whether a reviewer dealt with it, and when it was submitted.
SELECT attribute, created_at, reviewed, submitted_at FROM (
  SELECT v.id, v.attribute, v.created_at,
         (SELECT count(*) FROM supervised_review r WHERE r.disclosure_id = v.disclosure_id AND r.version_id = v.id) AS reviewed,
         COALESCE((SELECT min(e.at) FROM event e
           WHERE e.subject_kind = 'disclosure' AND e.subject_id = v.disclosure_id AND e.room = 'disclosure' AND e.verb = 'submitted'
             AND e.at >= v.created_at), 0) AS submitted_at
    FROM supervised_version v WHERE v.disclosure_id = $1 AND v.frozen ORDER BY v.id DESC LIMIT 24) AS newest
 ORDER BY id

-- name: check_submitted
-- Everything that went to review or further.
SELECT id FROM supervised_disclosure
 WHERE id > $1 AND NOT part AND EXISTS (SELECT 1 FROM supervised_version v WHERE v.disclosure_id = supervised_disclosure.id AND v.frozen)
 ORDER BY id LIMIT $2

-- name: check_text
SELECT title, body_text FROM supervised_version WHERE id = $1

-- name: check_attached
SELECT name, text FROM supervised_attachment WHERE version_id = $1 ORDER BY position

-- ── checks: documents ──

-- name: check_interpreted
-- When interpretations of a document were public, in order.
SELECT v.public_from, v.public_to
  FROM supervised_disclosure d JOIN supervised_version v ON v.disclosure_id = d.id
 WHERE d.about_id = $1 AND d.kind = 'interpretation' AND v.public_from <> 0
 ORDER BY v.public_from LIMIT 60

-- name: check_shown
-- When a publication was public, in order.
SELECT public_from, public_to FROM supervised_version WHERE disclosure_id = $1 AND public_from <> 0 ORDER BY public_from LIMIT 60

-- name: check_interpretations_of
-- A publication and the interpretations that say they are about it.
SELECT id FROM (
  SELECT id FROM supervised_disclosure WHERE id = $1
  UNION
  SELECT id FROM supervised_disclosure WHERE about_id = $1) AS both_of
 WHERE id > $2 ORDER BY id LIMIT $3

-- name: check_elements
SELECT elements FROM supervised_version WHERE disclosure_id = $1 AND elements <> '' ORDER BY id DESC LIMIT 24

-- name: check_by_public_id
SELECT id FROM supervised_disclosure WHERE public_id = $1

-- name: check_results
-- Publications of a unit since an instant whose title has the words of a consultation ($3, a LIKE pattern): candidates for its result.
SELECT title, published_at FROM supervised_disclosure
 WHERE unit_id = $1 AND shown_version_id IS NOT NULL AND published_at >= $2 AND title LIKE $3 ESCAPE '!' AND NOT part
 ORDER BY published_at LIMIT 50

-- name: check_consultations_of_unit
-- A publication, and the consultations of the last 400 days of its unit, whose result it may be.
SELECT id FROM (
  SELECT id FROM supervised_disclosure WHERE id = $1
  UNION
  SELECT c.id FROM supervised_disclosure d JOIN supervised_disclosure c ON c.unit_id = d.unit_id AND c.kind = 'consultation'
   WHERE d.id = $1 AND c.shown_version_id IS NOT NULL AND c.published_at <= d.published_at AND c.published_at > d.published_at - 34560000000
  ) AS both_of
 WHERE id > $2 ORDER BY id LIMIT $3
