-- ── state, events, moments ──

-- name: supervision_state_get
SELECT value FROM supervision_state WHERE name = $1

-- ── tickets (督办单) ──

-- name: ticket_serial_next
-- The row stays locked until the commit: two nodes take turns.
INSERT INTO ticket_serial (year, last) VALUES ($1, 1)
ON CONFLICT (year) DO UPDATE SET last = ticket_serial.last + 1 RETURNING last

-- name: ticket_insert
INSERT INTO ticket (number, year, serial, unit_id, office_id, state, title, demand, sent_at, ack_due_at, ack_certificate, round, due_at, made_by)
VALUES ($1, $2, $3, $4, $5, 'sent', $6, $7, $8, $9, $10, 1, $11, $12) RETURNING id

-- name: ticket_round_insert
INSERT INTO ticket_round (ticket_id, round, started_at, due_at, certificate) VALUES ($1, $2, $3, $4, $5)

-- name: ticket_alert_insert
INSERT INTO ticket_alert (ticket_id, alert_id, live) VALUES ($1, $2, TRUE)

-- name: ticket_of_alert
-- The live one, else the last that was cancelled.
SELECT t.id, t.number, t.state, l.live FROM ticket_alert l JOIN ticket t ON t.id = l.ticket_id
 WHERE l.alert_id = $1 ORDER BY l.live DESC, t.id DESC LIMIT 1

-- name: ticket_lock
SELECT id FROM ticket WHERE id = $1

-- name: ticket_get
SELECT t.id, t.number, t.unit_id, t.office_id, t.state, t.title, t.demand, t.sent_at, t.ack_due_at, t.ack_certificate, t.acknowledged_at, t.round, t.due_at,
       t.reported_at, t.explanation, t.explained_at, t.closed_at, t.reason, t.letter_id, t.made_by, t.revision, u.code, u.name, u.short_name, o.name
  FROM ticket t JOIN unit u ON u.id = t.unit_id JOIN unit o ON o.id = t.office_id WHERE t.id = $1

-- name: ticket_list_open
-- What runs, the most urgent first; keyed by (due_at, id).
SELECT t.id, t.number, t.unit_id, t.office_id, t.state, t.title, t.demand, t.sent_at, t.ack_due_at, '', t.acknowledged_at, t.round, t.due_at,
       t.reported_at, '', t.explained_at, t.closed_at, t.reason, t.letter_id, t.made_by, t.revision, u.code, u.name, u.short_name, o.name
  FROM ticket t JOIN unit u ON u.id = t.unit_id JOIN unit o ON o.id = t.office_id
 WHERE t.closed_at = 0 AND (t.due_at, t.id) > ($1, $2) AND u.path LIKE $3 AND (CAST($4 AS TEXT) = '' OR t.state = $4)
   AND (CAST($5 AS BIGINT) = 0 OR (t.due_at < $5 AND t.reported_at = 0) OR (t.ack_due_at < $5 AND t.acknowledged_at = 0))
 ORDER BY t.due_at, t.id LIMIT $6

-- name: ticket_list_any
-- Of any state, newest first; keyed by id.
SELECT t.id, t.number, t.unit_id, t.office_id, t.state, t.title, t.demand, t.sent_at, t.ack_due_at, '', t.acknowledged_at, t.round, t.due_at,
       t.reported_at, '', t.explained_at, t.closed_at, t.reason, t.letter_id, t.made_by, t.revision, u.code, u.name, u.short_name, o.name
  FROM ticket t JOIN unit u ON u.id = t.unit_id JOIN unit o ON o.id = t.office_id
 WHERE t.id < $1 AND u.path LIKE $2 AND (CAST($3 AS TEXT) = '' OR t.state = $3)
 ORDER BY t.id DESC LIMIT $4

-- name: ticket_counts
-- What runs, by state.
SELECT t.state, COUNT(*) FROM ticket t JOIN unit u ON u.id = t.unit_id WHERE t.closed_at = 0 AND u.path LIKE $1 GROUP BY t.state

-- name: ticket_move
UPDATE ticket SET state = $3, acknowledged_at = $4, round = $5, due_at = $6, reported_at = $7, explanation = $8, explained_at = $9, closed_at = $10, reason = $11,
       letter_id = $12, revision = revision + 1
 WHERE id = $1 AND revision = $2

-- name: ticket_round_report
UPDATE ticket_round SET report = $3, reported_at = $4, reported_by = $5 WHERE ticket_id = $1 AND round = $2

-- name: ticket_round_check
UPDATE ticket_round SET result = $3, opinion = $4, checked_at = $5, checked_by = $6 WHERE ticket_id = $1 AND round = $2

-- name: ticket_rounds
SELECT round, started_at, due_at, certificate, report, reported_at, reported_by, result, opinion, checked_at FROM ticket_round
 WHERE ticket_id = $1 ORDER BY round LIMIT 200

-- name: ticket_alerts_release
UPDATE ticket_alert SET live = FALSE WHERE ticket_id = $1

-- name: ticket_alerts
SELECT a.id, a.title, a.note, a.level, a.state, a.outcome, a.began_at, a.due_at, a.unit_id, v.ground
  FROM ticket_alert l JOIN alert a ON a.id = l.alert_id JOIN rule_version v ON v.id = a.version_id
 WHERE l.ticket_id = $1 ORDER BY a.id LIMIT 50

-- name: ticket_alerts_open
SELECT a.id, a.title FROM ticket_alert l JOIN alert a ON a.id = l.alert_id
 WHERE l.ticket_id = $1 AND a.state <> 'closed' ORDER BY a.id LIMIT 50

-- name: ticket_ids
SELECT id FROM ticket WHERE id > $1 ORDER BY id LIMIT $2

-- name: ticket_waiting
-- For the desk's home: of some states (given twice or more), in a tree of units.
SELECT t.id, t.number, t.unit_id, t.office_id, t.state, t.title, t.demand, t.sent_at, t.ack_due_at, '', t.acknowledged_at, t.round, t.due_at,
       t.reported_at, '', t.explained_at, t.closed_at, t.reason, t.letter_id, t.made_by, t.revision, u.code, u.name, u.short_name, o.name
  FROM ticket t JOIN unit u ON u.id = t.unit_id JOIN unit o ON o.id = t.office_id
 WHERE t.closed_at = 0 AND u.path LIKE $1 AND t.state IN ($2, $3, $4) ORDER BY t.due_at, t.id LIMIT $5

-- ── alerts: lists, answers, precision ──

-- name: alert_lock
SELECT id FROM alert WHERE id = $1

-- name: alert_full
SELECT a.id, a.rule_id, a.version_id, a.check_code, a.subject_kind, a.subject_id, a.unit_id, a.field_id, a.item_id, a.post_id, a.level, a.peak, a.began_at,
       a.level_at, a.red_at, a.due_at, a.raised_at, a.state, a.outcome, a.closed_at, a.title, a.note, a.address, a.step, a.answer, a.answer_ground, a.answered_at,
       a.decided_at, a.decision, u.code, u.name, u.short_name, COALESCE(f.code, ''), COALESCE(f.name, ''), COALESCE(i.code, ''), COALESCE(p.name, ''), v.name,
       v.version, v.ground, v.status, r.code
  FROM alert a
  JOIN unit u ON u.id = a.unit_id
  JOIN rule r ON r.id = a.rule_id
  JOIN rule_version v ON v.id = a.version_id
  LEFT JOIN field f ON f.id = a.field_id
  LEFT JOIN catalogue_item i ON i.id = a.item_id
  LEFT JOIN post p ON p.id = a.post_id
 WHERE a.id = $1

-- name: alert_list
-- One state and level, the latest beginning first; keyed by (began_at, id).
SELECT a.id, a.level, a.began_at, a.state, a.outcome, a.answer, a.title, a.note, a.due_at, a.raised_at, a.closed_at, a.peak, a.unit_id, u.code, u.name,
       u.short_name, COALESCE(f.name, ''), v.name, v.version, a.answer_ground, a.decision
  FROM alert a
  JOIN unit u ON u.id = a.unit_id
  JOIN rule_version v ON v.id = a.version_id
  LEFT JOIN field f ON f.id = a.field_id
 WHERE a.state = $1 AND a.level = $2 AND (a.began_at, a.id) < ($3, $4) AND a.began_at >= $5
   AND (CAST($6 AS BIGINT) = 0 OR a.field_id = $6) AND (CAST($7 AS BIGINT) = 0 OR a.rule_id = $7)
 ORDER BY a.began_at DESC, a.id DESC LIMIT $8

-- name: alert_list_path
-- The same in a tree of units.
SELECT a.id, a.level, a.began_at, a.state, a.outcome, a.answer, a.title, a.note, a.due_at, a.raised_at, a.closed_at, a.peak, a.unit_id, u.code, u.name,
       u.short_name, COALESCE(f.name, ''), v.name, v.version, a.answer_ground, a.decision
  FROM alert a
  JOIN unit u ON u.id = a.unit_id
  JOIN rule_version v ON v.id = a.version_id
  LEFT JOIN field f ON f.id = a.field_id
 WHERE a.unit_id IN (SELECT id FROM unit WHERE path LIKE $9) AND a.state = $1 AND a.level = $2 AND (a.began_at, a.id) < ($3, $4) AND a.began_at >= $5
   AND (CAST($6 AS BIGINT) = 0 OR a.field_id = $6) AND (CAST($7 AS BIGINT) = 0 OR a.rule_id = $7)
 ORDER BY a.began_at DESC, a.id DESC LIMIT $8

-- name: alert_counts
-- What is open, by state and level; index only.
SELECT a.state, a.level, COUNT(*) FROM alert a
 WHERE a.unit_id IN (SELECT id FROM unit WHERE path LIKE $1) AND a.state IN ('open', 'answered') AND a.began_at BETWEEN $2 AND $3 GROUP BY a.state, a.level

-- name: alert_counts_of
-- The same of a field, a rule, or both.
SELECT a.state, a.level, COUNT(*) FROM alert a
 WHERE a.unit_id IN (SELECT id FROM unit WHERE path LIKE $1) AND a.state IN ('open', 'answered') AND a.began_at BETWEEN $2 AND $3
   AND (CAST($4 AS BIGINT) = 0 OR a.field_id = $4) AND (CAST($5 AS BIGINT) = 0 OR a.rule_id = $5)
 GROUP BY a.state, a.level

-- name: alert_rules
-- Rules that can be chosen in a filter: under the name of the version last on.
SELECT r.id, v.name FROM rule r JOIN rule_version v ON v.id = r.version_id ORDER BY v.name, r.id LIMIT 300

-- name: alert_answer_set
UPDATE alert SET answer = $2, answer_ground = $3, answered_by = $4, answered_at = $5 WHERE id = $1

-- name: alert_decide_set
UPDATE alert SET decided_by = $2, decided_at = $3, decision = $4 WHERE id = $1

-- name: alert_notices_drop
-- Steps of the ladder that were not told yet: a person has decided.
DELETE FROM alert_notice WHERE alert_id = $1

-- name: alert_waiting
-- For the desk's home: of one state, the highest level first. Holders have duties and applications in lists of their own.
SELECT a.id, a.title, a.level, a.due_at, a.answer, u.name, u.short_name, v.name
  FROM alert a JOIN unit u ON u.id = a.unit_id JOIN rule_version v ON v.id = a.version_id
 WHERE a.unit_id IN (SELECT id FROM unit WHERE path LIKE $1) AND a.state = $2 AND a.level >= $3
   AND ($4 = FALSE OR a.subject_kind NOT IN ('duty', 'request', 'ticket'))
 ORDER BY a.level DESC, a.began_at, a.id LIMIT $5

-- name: rule_precision_version
-- Index only.
SELECT COUNT(*), COALESCE(SUM(CASE WHEN outcome IN ('mended', 'late') OR (outcome NOT IN ('false', 'waived') AND decided_at > 0) THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN outcome = 'false' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN outcome = 'waived' THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN state <> 'closed' THEN 1 ELSE 0 END), 0)
  FROM alert WHERE version_id = $1

-- name: rule_precision_rule
-- Over all versions: of the newest subjects, at most 5,000.
SELECT COUNT(*), COALESCE(SUM(CASE WHEN outcome IN ('mended', 'late') OR (outcome NOT IN ('false', 'waived') AND decided_at > 0) THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN outcome = 'false' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN outcome = 'waived' THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN state <> 'closed' THEN 1 ELSE 0 END), 0)
  FROM (SELECT state, outcome, decided_at FROM alert WHERE rule_id = $1 ORDER BY subject_id DESC LIMIT 5000) AS newest

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
  SELECT id, verb, at FROM supervised_event
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
SELECT kind, code, unit_id, name, exemption, valid_to, created_at, CASE WHEN linked THEN 1 ELSE 0 END AS linked FROM supervised_power WHERE id = $1

-- name: check_matter_settled
-- When it was first linked or exempted.
SELECT at FROM supervised_event
 WHERE subject_kind = 'matter' AND subject_id = $1 AND room = 'catalogue' AND verb IN ('matter_linked', 'matter_exempted') ORDER BY id LIMIT 1

-- name: check_matters
SELECT id FROM supervised_power WHERE id > $1 ORDER BY id LIMIT $2

-- name: check_matters_unlinked
SELECT id FROM supervised_power WHERE id > $1 AND exemption = '' AND NOT linked ORDER BY id LIMIT $2

-- ── checks: publications ──

-- name: check_publication
SELECT unit_id, item_id, field_id, state, kind, title, number, published_at, withdrawn_at, drafter_id, COALESCE(about_id, 0) AS about_id, public_id
  FROM supervised_disclosure WHERE id = $1 AND NOT part

-- name: check_editions
-- Its public versions, the newest of them, in order; entered: it was public before this system; expired_at: declared no longer valid while it
-- was the one shown.
SELECT id, title, attribute, validity, formed, effective, expires, elements, public_from, public_to, made_by, concealed_at, entered, expired_at FROM (
  SELECT v.id, v.title, v.attribute, v.validity, v.formed, v.effective, v.expires, v.elements, v.public_from, v.public_to, v.made_by, v.concealed_at,
         (SELECT count(*) FROM supervised_event e
           WHERE e.subject_kind = 'disclosure' AND e.subject_id = v.disclosure_id AND e.room = 'disclosure' AND e.verb = 'entered'
             AND e.at = v.public_from) AS entered,
         COALESCE((SELECT min(e.at) FROM supervised_event e
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
SELECT version_id, step, person_id, at FROM supervised_step WHERE disclosure_id = $1 AND outcome = 'passed' ORDER BY id DESC LIMIT 400

-- name: check_attributes
-- The frozen versions, the newest of them, in order: attribute, whether a reviewer dealt with it, and when it was submitted.
SELECT attribute, created_at, reviewed, submitted_at FROM (
  SELECT v.id, v.attribute, v.created_at,
         (SELECT count(*) FROM supervised_step r WHERE r.disclosure_id = v.disclosure_id AND r.version_id = v.id) AS reviewed,
         COALESCE((SELECT min(e.at) FROM supervised_event e
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
SELECT name, body_text FROM supervised_attachment WHERE version_id = $1 ORDER BY position

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
-- Consultations of the last 400 days of the unit that published something, whose result it may be.
SELECT c.id, c.title FROM supervised_disclosure d JOIN supervised_disclosure c ON c.unit_id + 0 = d.unit_id
 WHERE d.id = $1 AND c.id > $2 AND c.kind = 'consultation' AND c.kind <> '' AND c.published_at <= d.published_at
   AND c.published_at > d.published_at - 34560000000
 ORDER BY c.id LIMIT $3

-- name: check_titles
SELECT title FROM supervised_version WHERE disclosure_id = $1 AND public_from <> 0 ORDER BY id DESC LIMIT 24

-- ── rule management ──

-- name: rulebook_lock
SELECT id FROM rule WHERE id = $1

-- name: rulebook_get
-- A rule with one version ($2 = 0: the newest).
SELECT r.id, r.code, r.check_code, r.state, COALESCE(r.version_id, 0) AS on_version_id, COALESCE(o.version, 0) AS on_version, r.on_at,
       COALESCE(r.asked_by, 0) AS asked_by, COALESCE(r.asked_version, 0) AS asked_version, COALESCE(p.name, '') AS asked_by_name,
       CASE WHEN r.shipped THEN 1 ELSE 0 END AS shipped, v.id AS version_id, v.version, v.name, v.parameters, v.scope, v.ladder, v.weight, v.ground,
       v.status, v.effective, COALESCE(v.made_by, 0) AS made_by, COALESCE(m.name, '') AS made_by_name, v.created_at,
       CASE WHEN v.frozen THEN 1 ELSE 0 END AS frozen, (SELECT max(n.version) FROM rule_version n WHERE n.rule_id = r.id) AS newest
  FROM rule r
  JOIN rule_version v ON v.rule_id = r.id
       AND (v.version = $2 OR (CAST($2 AS BIGINT) = 0 AND v.version = (SELECT max(n.version) FROM rule_version n WHERE n.rule_id = r.id)))
  LEFT JOIN rule_version o ON o.id = r.version_id
  LEFT JOIN person p ON p.id = r.asked_by
  LEFT JOIN person m ON m.id = v.made_by
 WHERE r.id = $1

-- name: rulebook_list
-- Rules with their newest version, what is open of them, how often they were wrong (of the newest closed), the last dry run. Keyed by id.
SELECT r.id, r.code, r.check_code, r.state, COALESCE(o.version, 0) AS on_version, CASE WHEN r.asked_by IS NULL THEN 0 ELSE 1 END AS asked,
       v.version, v.name, v.scope,
       (SELECT count(*) FROM (SELECT 1 FROM alert a WHERE a.rule_id = r.id AND a.state <> 'closed' LIMIT 10001) AS x) AS open,
       t.id AS run_id, t.state AS run_state, t.raised AS run_raised, t.ended_at AS run_ended_at
  FROM rule r
  JOIN rule_version v ON v.rule_id = r.id AND v.version = (SELECT max(n.version) FROM rule_version n WHERE n.rule_id = r.id)
  LEFT JOIN rule_version o ON o.id = r.version_id
  LEFT JOIN rule_run t ON t.id = (SELECT max(y.id) FROM rule_run y JOIN rule_version yv ON yv.id = y.version_id WHERE yv.rule_id = r.id)
 WHERE (CAST($1 AS TEXT) = '' OR r.state = $1) AND r.id > $2
 ORDER BY r.id LIMIT $3

-- name: rulebook_open
SELECT count(*) AS n FROM (SELECT 1 FROM alert a WHERE a.rule_id = $1 AND a.state <> 'closed' LIMIT 10001) AS x

-- name: rulebook_versions
SELECT v.version, v.name, v.created_at, COALESCE(m.name, '') AS made_by_name, CASE WHEN v.frozen THEN 1 ELSE 0 END AS frozen
  FROM rule_version v LEFT JOIN person m ON m.id = v.made_by
 WHERE v.rule_id = $1 ORDER BY v.version DESC LIMIT 200

-- name: rulebook_set_code
UPDATE rule SET code = $2 WHERE id = $1

-- name: rulebook_set_asked
UPDATE rule SET asked_by = $2, asked_version = $3 WHERE id = $1

-- name: rulebook_set_on
UPDATE rule SET state = 'on', version_id = $2, on_at = CASE WHEN on_at = 0 THEN $3 ELSE on_at END, asked_by = NULL, asked_version = NULL
 WHERE id = $1 AND state = $4

-- name: rulebook_freeze
UPDATE rule_version SET frozen = TRUE WHERE id = $1

-- name: rulebook_set_state
UPDATE rule SET state = $2, asked_by = NULL, asked_version = NULL WHERE id = $1 AND state = $3

-- name: rulebook_units
SELECT id, code, short_name, kind, path FROM unit WHERE valid_to IS NULL ORDER BY sort_key, id LIMIT 5000

-- name: rulebook_post
SELECT p.name, u.short_name, u.code FROM post p JOIN unit u ON u.id = p.unit_id WHERE p.id = $1

-- name: rulebook_run_insert
INSERT INTO rule_run (version_id, from_day, to_day, state, digest, made_by, created_at) VALUES ($1, $2, $3, 'waiting', $4, $5, $6) RETURNING id

-- name: rulebook_run_get
SELECT t.id, v.rule_id, t.version_id, v.version, t.done, t.total, t.raised, COALESCE(t.made_by, 0) AS made_by, t.created_at, t.ended_at, t.state,
       t.from_day, t.to_day, t.digest, COALESCE(p.name, '') AS made_by_name, t.result
  FROM rule_run t JOIN rule_version v ON v.id = t.version_id LEFT JOIN person p ON p.id = t.made_by
 WHERE t.id = $1

-- name: rulebook_runs
-- Dry runs of a rule, newest first.
SELECT t.id, v.version, t.state, t.from_day, t.to_day, t.raised, t.created_at, t.ended_at, t.digest, COALESCE(p.name, '') AS made_by_name
  FROM rule_run t JOIN rule_version v ON v.id = t.version_id LEFT JOIN person p ON p.id = t.made_by
 WHERE v.rule_id = $1 ORDER BY t.id DESC LIMIT 20

-- name: rulebook_run_busy
SELECT t.id FROM rule_run t JOIN rule_version v ON v.id = t.version_id
 WHERE v.rule_id = $1 AND t.state IN ('waiting', 'running') ORDER BY t.id DESC LIMIT 1

-- name: rulebook_run_valid
-- The newest finished dry run of what a version says.
SELECT t.id FROM rule_run t JOIN rule_version v ON v.id = t.version_id
 WHERE v.rule_id = $1 AND t.digest = $2 AND t.state = 'done' AND t.ended_at >= $3 ORDER BY t.id DESC LIMIT 1

-- name: rulebook_run_progress
-- quiet: how far a dry run has come; asking for it was its event, and what it found can be computed again
UPDATE rule_run SET state = $2, done = $3, total = $4, raised = $5, result = $6, ended_at = $7 WHERE id = $1 AND state IN ('waiting', 'running')

-- name: rulebook_alerts
-- Alerts of a check that are on record for the subjects of one batch.
SELECT subject_id, began_at, closed_at, outcome FROM alert
 WHERE subject_kind = $1 AND subject_id >= $2 AND subject_id <= $3 AND check_code = $4
 ORDER BY subject_id, began_at LIMIT 20000
-- ── applications for information (check_request.c) ──

-- name: supervised_request
SELECT number, unit_id, state, submitted_at, received_day, replied_at, closed_day, CASE WHEN late THEN 1 ELSE 0 END AS late, created_at
  FROM supervised_request WHERE id = $1

-- name: supervised_requests
SELECT id FROM supervised_request WHERE id > $1 ORDER BY id LIMIT $2

-- name: supervised_request_ended
-- When a case ended without a reply.
SELECT max(at) AS at FROM supervised_event
 WHERE subject_kind = 'request' AND subject_id = $1 AND room = 'request' AND verb IN ('abandoned', 'withdrawn', 'split')

-- name: supervised_request_confirmed
SELECT min(at) AS at FROM supervised_event
 WHERE subject_kind = 'request' AND subject_id = $1 AND room = 'request' AND verb = 'confirmed'

-- name: supervised_request_clarify
-- The first time the applicant was told to supplement, and the event that says so.
SELECT a.sent_day, (SELECT min(e.at) FROM supervised_event e
                     WHERE e.subject_kind = 'request' AND e.subject_id = a.request_id AND e.verb = 'clarify_asked') AS at
  FROM supervised_ask a WHERE a.request_id = $1 AND a.kind = 'clarify' ORDER BY a.id LIMIT 1

-- name: supervised_proposal
SELECT state, created_at, decided_at, due_at, published_at FROM supervised_proposal WHERE request_id = $1 ORDER BY id LIMIT 1

-- name: supervised_proposals
SELECT DISTINCT request_id FROM supervised_proposal WHERE request_id > $1 ORDER BY request_id LIMIT $2

-- name: supervised_proposal_of
SELECT DISTINCT request_id FROM supervised_proposal WHERE disclosure_id = $1 AND request_id > $2 ORDER BY request_id LIMIT $3

-- ── the site: columns, publications, days (site_columns.c, check_site.c) ──

-- name: site_column_get
SELECT id, code, name, kind, holds, what, since, gone_at FROM site_column WHERE id = $1

-- name: site_columns
SELECT id, code, name, kind, holds, what, since, gone_at FROM site_column WHERE gone_at = 0
 ORDER BY CASE WHEN kind = 'home' THEN 0 ELSE 1 END, id LIMIT 500

-- name: site_column_ids
SELECT id FROM site_column WHERE id > $1 ORDER BY id LIMIT $2

-- name: site_home
SELECT id, since FROM site_column WHERE code = '/'

-- name: site_office
SELECT id FROM supervised_unit WHERE kind = 'office' AND valid_to IS NULL ORDER BY sort_key, id LIMIT 1

-- name: site_column_save
-- A row only when something of it changed.
INSERT INTO site_column (code, name, kind, holds, what, since, gone_at) VALUES ($1, $2, $3, $4, $5, $6, 0)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, holds = excluded.holds, what = excluded.what, gone_at = 0
 WHERE site_column.name <> excluded.name OR site_column.kind <> excluded.kind OR site_column.holds <> excluded.holds
    OR site_column.what <> excluded.what OR site_column.gone_at <> 0
RETURNING id

-- name: site_column_gone
UPDATE site_column SET gone_at = $2 WHERE id = $1

-- name: site_newest
SELECT max(published_at) AS at FROM supervised_publication WHERE published_at > $1 AND published_at < $2

-- name: site_next
SELECT min(published_at) AS at FROM supervised_publication WHERE published_at > $1 AND published_at < $2

-- name: site_newest_class
SELECT max(published_at) AS at FROM supervised_publication WHERE published_at > $1 AND published_at < $2 AND class = $3

-- name: site_next_class
SELECT min(published_at) AS at FROM supervised_publication WHERE published_at > $1 AND published_at < $2 AND class = $3

-- name: site_newest_catalogue
-- By the items of the catalogues of one kind: what is public now.
SELECT max(p.published_at) AS at
  FROM catalogue g
  JOIN catalogue_item c ON c.catalogue_id = g.id
  JOIN supervised_publication p ON p.item_id = c.id AND p.public_version_id IS NOT NULL
 WHERE g.kind = $3 AND p.published_at > $1 AND p.published_at < $2

-- name: site_next_catalogue
SELECT min(p.published_at) AS at
  FROM catalogue g
  JOIN catalogue_item c ON c.catalogue_id = g.id
  JOIN supervised_publication p ON p.item_id = c.id AND p.public_version_id IS NOT NULL
 WHERE g.kind = $3 AND p.published_at > $1 AND p.published_at < $2

-- name: site_emptied
-- Withdrawals that left nothing of a class, newest first.
SELECT p.withdrawn_at
  FROM supervised_publication p
 WHERE p.withdrawn_at > 0 AND p.class = $1
   AND NOT EXISTS (SELECT 1 FROM supervised_publication o
                    WHERE o.class = $1 AND o.published_at <= p.withdrawn_at
                      AND (o.withdrawn_at = 0 OR o.withdrawn_at > p.withdrawn_at))
 ORDER BY p.withdrawn_at DESC LIMIT 12

-- name: site_columns_of
-- The columns that a publication renews.
SELECT c.id
  FROM site_column c
 WHERE c.id > $2
   AND (c.holds = 'all'
    OR (c.holds = 'class' AND c.what = (SELECT p.class FROM supervised_publication p WHERE p.id = $1))
    OR (c.holds = 'catalogue' AND c.what = (SELECT g.kind FROM supervised_publication p JOIN catalogue_item i ON i.id = p.item_id
                                                     JOIN catalogue g ON g.id = i.catalogue_id WHERE p.id = $1)))
 ORDER BY c.id LIMIT $3

-- name: site_days
-- Newest first.
SELECT day, tries, slow FROM site_day ORDER BY day DESC LIMIT 400

-- name: site_days_sum
SELECT COALESCE(sum(tries), 0) AS tries, COALESCE(sum(slow), 0) AS slow FROM site_day WHERE day >= $1 AND day < $2

-- name: site_day_add
-- quiet: how often the public address was asked
INSERT INTO site_day (day, tries, slow) VALUES ($1, 1, $2)
    ON CONFLICT (day) DO UPDATE SET tries = site_day.tries + 1, slow = site_day.slow + excluded.slow
RETURNING tries

-- ── organs (check_unit.c) ──

-- name: supervised_unit
SELECT name, kind, valid_from, valid_to FROM supervised_unit WHERE id = $1

-- name: supervised_units
SELECT id FROM supervised_unit WHERE id > $1 AND kind IN ('city', 'office', 'department', 'town') ORDER BY id LIMIT $2

-- name: site_unit_kind
-- A unit's publications of one kind in order of time; elements of the newest frozen version.
SELECT p.published_at, p.withdrawn_at,
       (SELECT v.elements FROM supervised_version v WHERE v.disclosure_id = p.id AND v.frozen ORDER BY v.version DESC LIMIT 1) AS elements
  FROM supervised_publication p
 WHERE p.unit_id = $1 AND p.kind = $2
 ORDER BY p.published_at, p.id LIMIT 200

-- name: site_unit_of
-- The unit of a publication of the kinds that each organ owes.
SELECT unit_id FROM supervised_publication WHERE id = $1 AND unit_id > $2 AND kind IN ('guide', 'profile', 'report')

-- ── findings (site_finding.c) ──

-- name: site_finding_get
SELECT id, kind, disclosure_id, unit_id, page, title, address, status, detail, failed_at, asked_at, tries, ended_at FROM site_finding WHERE id = $1

-- name: site_finding_ids
SELECT id FROM site_finding WHERE id > $1 ORDER BY id LIMIT $2

-- name: site_finding_again
-- quiet: the same as before, looked at again
UPDATE site_finding SET tries = tries + 1, asked_at = $4, status = $5, detail = $6, title = $7, unit_id = $8
 WHERE kind = $1 AND disclosure_id = $2 AND address_key = $3 AND ended_at = 0
RETURNING id, tries

-- name: site_finding_insert
-- quiet: counts from the second failed look on; then it is an event
INSERT INTO site_finding (kind, disclosure_id, unit_id, page, title, address, address_key, status, detail, failed_at, asked_at, tries, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1, 0)
RETURNING id

-- name: site_finding_open_of
-- Open ones of a publication, or of a page of the portal ($1 0).
SELECT id, kind, tries, unit_id FROM site_finding
 WHERE disclosure_id = $1 AND page = $2 AND ended_at = 0 ORDER BY id LIMIT 500

-- name: site_finding_end
-- quiet: a single failed look was nothing; else it is an event
UPDATE site_finding SET ended_at = $2 WHERE id = $1 AND ended_at = 0

-- name: site_finding_orphans
-- Publications with open findings that are public no more.
SELECT DISTINCT f.disclosure_id, f.page
  FROM site_finding f JOIN supervised_publication p ON p.id = f.disclosure_id
 WHERE f.ended_at = 0 AND p.public_version_id IS NULL LIMIT 200

-- ── the walk (site_walk.c, site_look.c) ──

-- name: site_state_get
SELECT value FROM site_state WHERE name = $1

-- name: site_state_set
-- quiet: how far the walk has come
INSERT INTO site_state (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: site_walk
-- What is public, in order of ids.
SELECT p.id, p.unit_id, p.public_version_id, p.public_id, v.title, v.body
  FROM supervised_publication p JOIN supervised_version v ON v.id = p.public_version_id
 WHERE p.id > $1 ORDER BY p.id LIMIT $2

-- name: site_walk_again
-- Public, with findings that were not looked at lately.
SELECT p.id, p.unit_id, p.public_version_id, p.public_id, v.title, v.body
  FROM (SELECT disclosure_id, min(asked_at) AS asked_at FROM site_finding
         WHERE ended_at = 0 AND disclosure_id > 0 AND asked_at < $1 GROUP BY disclosure_id ORDER BY 2, 1 LIMIT $2) f
  JOIN supervised_publication p ON p.id = f.disclosure_id
  JOIN supervised_version v ON v.id = p.public_version_id
 ORDER BY f.asked_at, p.id

-- name: site_newest_page
SELECT public_id FROM supervised_publication WHERE public_version_id IS NOT NULL ORDER BY published_at DESC, id DESC LIMIT 1

-- name: site_attachments
SELECT position, name FROM supervised_attachment WHERE version_id = $1 ORDER BY position LIMIT 100
-- ── the live board ──

-- name: alert_count_add
-- Alerts that are not closed, in the transaction of the change.
INSERT INTO alert_count (unit_id, field_id, rule_id, level, state, alerts) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (unit_id, field_id, rule_id, level, state) DO UPDATE SET alerts = alert_count.alerts + excluded.alerts

-- name: alert_day_add
INSERT INTO alert_day (day, unit_id, field_id, raised, red, closed) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (day, unit_id, field_id) DO UPDATE
   SET raised = alert_day.raised + excluded.raised, red = alert_day.red + excluded.red, closed = alert_day.closed + excluded.closed

-- name: alert_count_all
SELECT unit_id, field_id, rule_id, level, state, alerts FROM alert_count WHERE alerts <> 0
 ORDER BY unit_id, field_id, rule_id, level, state

-- name: alert_count_truth
-- The same, counted from the alerts.
SELECT unit_id, field_id, rule_id, level, state, COUNT(*) AS alerts FROM alert WHERE state <> 'closed'
 GROUP BY unit_id, field_id, rule_id, level, state
 ORDER BY unit_id, field_id, rule_id, level, state

-- name: alert_day_all
SELECT day, unit_id, field_id, raised, red, closed FROM alert_day WHERE raised <> 0 OR red <> 0 OR closed <> 0
 ORDER BY day, unit_id, field_id

-- name: alert_day_truth
SELECT day, unit_id, field_id, CAST(SUM(raised) AS BIGINT) AS raised, CAST(SUM(red) AS BIGINT) AS red,
       CAST(SUM(closed) AS BIGINT) AS closed
  FROM (SELECT (raised_at + 28800000) / 86400000 AS day, unit_id, field_id, 1 AS raised, 0 AS red, 0 AS closed FROM alert
        UNION ALL
        SELECT (red_at + 28800000) / 86400000, unit_id, field_id, 0, 1, 0 FROM alert WHERE red_at <> 0
        UNION ALL
        SELECT (closed_at + 28800000) / 86400000, unit_id, field_id, 0, 0, 1 FROM alert WHERE state = 'closed') x
 GROUP BY day, unit_id, field_id
 ORDER BY day, unit_id, field_id

-- name: alert_count_clear
-- quiet: derived figures, rebuilt from the alerts
DELETE FROM alert_count

-- name: alert_count_rebuild
-- quiet: derived figures, rebuilt from the alerts
INSERT INTO alert_count (unit_id, field_id, rule_id, level, state, alerts)
SELECT unit_id, field_id, rule_id, level, state, COUNT(*) FROM alert WHERE state <> 'closed'
 GROUP BY unit_id, field_id, rule_id, level, state

-- name: alert_day_clear
-- quiet: derived figures, rebuilt from the alerts
DELETE FROM alert_day

-- name: alert_day_rebuild
-- quiet: derived figures, rebuilt from the alerts
INSERT INTO alert_day (day, unit_id, field_id, raised, red, closed)
SELECT day, unit_id, field_id, SUM(raised), SUM(red), SUM(closed)
  FROM (SELECT (raised_at + 28800000) / 86400000 AS day, unit_id, field_id, 1 AS raised, 0 AS red, 0 AS closed FROM alert
        UNION ALL
        SELECT (red_at + 28800000) / 86400000, unit_id, field_id, 0, 1, 0 FROM alert WHERE red_at <> 0
        UNION ALL
        SELECT (closed_at + 28800000) / 86400000, unit_id, field_id, 0, 0, 1 FROM alert WHERE state = 'closed') x
 GROUP BY day, unit_id, field_id

-- name: post_time_clear
-- quiet: derived figures, rebuilt from the reviews
DELETE FROM post_time WHERE month = $1

-- name: post_time_rebuild
-- quiet: derived figures, rebuilt from the reviews
-- Reviews of one month ($1, from the instant $2 to before $3). The id of the longest: of the latest, when several are.
INSERT INTO post_time (month, post_id, step, matters, total_ms, worst_ms, worst_id)
SELECT CAST($1 AS TEXT), post_id, step, COUNT(*), SUM(waited), MAX(waited), MAX(CASE WHEN waited = longest THEN disclosure_id END)
  FROM (SELECT post_id, step, disclosure_id, at - since AS waited, MAX(at - since) OVER (PARTITION BY post_id, step) AS longest
          FROM supervised_review WHERE at >= $2 AND at < $3 AND post_id <> 0) x
 GROUP BY post_id, step

-- name: board_units
-- Units in the official order.
SELECT id, code, short_name FROM unit ORDER BY sort_key, id

-- name: board_duties
SELECT unit_id, field_id, required, met, met_late FROM supervised_count WHERE required <> 0 OR met <> 0 OR met_late <> 0

-- name: board_overdue
-- Open duties due before the day $1: whole years before its year ($3), whole months before its month ($2), days of it.
SELECT unit_id, field_id, CAST(SUM(open) AS BIGINT) AS overdue
  FROM (SELECT unit_id, field_id, open FROM supervised_due WHERE scale = 3 AND period < $3
        UNION ALL
        SELECT unit_id, field_id, open FROM supervised_due WHERE scale = 2 AND period >= $3 AND period < $2
        UNION ALL
        SELECT unit_id, field_id, open FROM supervised_due WHERE scale = 1 AND period >= $2 AND period < $1) x
 GROUP BY unit_id, field_id

-- name: board_due_days
-- Open duties of the days from $1 to $2.
SELECT period, CAST(SUM(open) AS BIGINT) AS open FROM supervised_due WHERE scale = 1 AND period >= $1 AND period <= $2
 GROUP BY period ORDER BY period

-- name: board_alerts
SELECT unit_id, field_id, level, CAST(SUM(alerts) AS BIGINT) AS alerts FROM alert_count WHERE alerts <> 0 GROUP BY unit_id, field_id, level

-- name: board_trend
SELECT day, CAST(SUM(raised) AS BIGINT) AS raised, CAST(SUM(red) AS BIGINT) AS red, CAST(SUM(closed) AS BIGINT) AS closed
  FROM alert_day WHERE day >= $1 GROUP BY day ORDER BY day

-- name: board_day_raised
-- Alerts noticed in [$1, $2), of the units in scope ($3), the latest first. Keyed paging on (raised_at, id) below ($4, $5).
SELECT a.id, a.title, a.raised_at AS at, a.level, a.state, u.short_name
  FROM alert a JOIN unit u ON u.id = a.unit_id
 WHERE a.raised_at >= $1 AND a.raised_at < $2 AND (a.raised_at, a.id) < ($4, $5) AND u.path LIKE $3
 ORDER BY a.raised_at DESC, a.id DESC LIMIT $6

-- name: board_day_red
-- Those that turned red in it.
SELECT a.id, a.title, a.red_at AS at, a.level, a.state, u.short_name
  FROM alert a JOIN unit u ON u.id = a.unit_id
 WHERE a.red_at >= $1 AND a.red_at < $2 AND a.red_at <> 0 AND (a.red_at, a.id) < ($4, $5) AND u.path LIKE $3
 ORDER BY a.red_at DESC, a.id DESC LIMIT $6

-- name: board_day_closed
-- Those that were closed in it.
SELECT a.id, a.title, a.closed_at AS at, a.level, a.state, u.short_name
  FROM alert a JOIN unit u ON u.id = a.unit_id
 WHERE a.closed_at >= $1 AND a.closed_at < $2 AND a.closed_at <> 0 AND a.state = 'closed' AND (a.closed_at, a.id) < ($4, $5)
   AND u.path LIKE $3
 ORDER BY a.closed_at DESC, a.id DESC LIMIT $6

-- name: board_posts
-- Posts by the average time that matters waited for them at one step, in the months $1 and $2.
SELECT t.post_id, p.name, u.short_name, t.step, CAST(SUM(t.matters) AS BIGINT) AS matters,
       CAST(SUM(t.total_ms) / SUM(t.matters) AS BIGINT) AS average_ms, MAX(t.worst_ms) AS worst_ms,
       MAX(CASE WHEN t.worst_ms = (SELECT MAX(o.worst_ms) FROM post_time o WHERE o.post_id = t.post_id AND o.step = t.step AND o.month IN ($1, $2))
                THEN t.worst_id END) AS worst_id
  FROM post_time t JOIN post p ON p.id = t.post_id JOIN unit u ON u.id = p.unit_id
 WHERE t.month IN ($1, $2)
 GROUP BY t.post_id, p.name, u.short_name, t.step
 ORDER BY average_ms DESC, t.post_id, t.step LIMIT $3

-- ── figures: maintained statistics ──

-- name: figure_parts
SELECT serial, month, unit_id, field_id, catalogue, post_id, flags, days, due_at
  FROM statistics_part WHERE subject_kind = $1 AND subject_id = $2 ORDER BY serial

-- name: figure_parts_clear
-- quiet: derived figures, rebuilt from the records
DELETE FROM statistics_part WHERE subject_kind = $1 AND subject_id = $2

-- name: figure_part_insert
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics_part (subject_kind, subject_id, serial, month, unit_id, field_id, catalogue, post_id, flags, days, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: figure_add
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics (month, unit_id, field_id, catalogue, post_id,
                        owed, met, late, late_5, late_20, late_more, open, waived, published,
                        corrected, withdrawn, requests, replied, replied_late, request_open, corrections, remedies, yellow,
                        orange, red, alert_open, confirmed, false_alarm, alert_waived, late_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
    ON CONFLICT (month, unit_id, field_id, catalogue, post_id) DO UPDATE
   SET owed = statistics.owed + excluded.owed, met = statistics.met + excluded.met,
       late = statistics.late + excluded.late, late_5 = statistics.late_5 + excluded.late_5,
       late_20 = statistics.late_20 + excluded.late_20, late_more = statistics.late_more + excluded.late_more,
       open = statistics.open + excluded.open, waived = statistics.waived + excluded.waived,
       published = statistics.published + excluded.published, corrected = statistics.corrected + excluded.corrected,
       withdrawn = statistics.withdrawn + excluded.withdrawn, requests = statistics.requests + excluded.requests,
       replied = statistics.replied + excluded.replied, replied_late = statistics.replied_late + excluded.replied_late,
       request_open = statistics.request_open + excluded.request_open, corrections = statistics.corrections + excluded.corrections,
       remedies = statistics.remedies + excluded.remedies, yellow = statistics.yellow + excluded.yellow,
       orange = statistics.orange + excluded.orange, red = statistics.red + excluded.red,
       alert_open = statistics.alert_open + excluded.alert_open, confirmed = statistics.confirmed + excluded.confirmed,
       false_alarm = statistics.false_alarm + excluded.false_alarm, alert_waived = statistics.alert_waived + excluded.alert_waived,
       late_days = statistics.late_days + excluded.late_days

-- name: figure_open_add
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics_open (subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (subject_kind, due_day, month, unit_id, field_id, catalogue, post_id) DO UPDATE
   SET n = statistics_open.n + excluded.n

-- name: figure_open_tidy
-- quiet: derived figures, rebuilt from the records
DELETE FROM statistics_open
 WHERE subject_kind = $1 AND due_day = $2 AND month = $3 AND unit_id = $4 AND field_id = $5 AND catalogue = $6 AND post_id = $7 AND n = 0

-- name: figure_duty
SELECT d.unit_id, d.field_id, c.catalogue, d.due_at, d.due_day, d.state, d.met_at, d.disclosure_id
  FROM supervised_duty d JOIN supervised_catalogue c ON c.item_id = d.item_id
 WHERE d.id = $1

-- name: figure_drafted
-- The post of the unit in which a publication was begun.
SELECT post_id FROM supervised_drafted WHERE disclosure_id = $1 AND unit_id = $2 ORDER BY event_id LIMIT 1

-- name: figure_holders
-- Posts of a unit that draft (role bit $2), when nobody has drafted yet.
SELECT COUNT(*) AS n, CAST(COALESCE(MIN(id), 0) AS BIGINT) AS id
  FROM post WHERE unit_id = $1 AND ended_at = 0 AND NOT all_units AND (roles & $2) <> 0

-- name: figure_disclosure
SELECT d.unit_id, COALESCE(d.field_id, 0) AS field_id, COALESCE(c.catalogue, 0) AS catalogue, d.published_at, d.withdrawn_at, d.item_id
  FROM supervised_information d LEFT JOIN supervised_catalogue c ON c.item_id = d.item_id
 WHERE d.id = $1

-- name: figure_versions
-- Versions that were public, in their order; after the first each is a correction.
SELECT version, public_from FROM supervised_version WHERE disclosure_id = $1 AND public_from > 0 ORDER BY version LIMIT 200

-- name: figure_request
SELECT r.unit_id, r.matter, r.received_day, r.state, r.replied_at, r.late, r.due_at, r.suspended, r.closed_day, o.post_id
  FROM supervised_request r JOIN supervised_officer o ON o.request_id = r.id
 WHERE r.id = $1

-- name: figure_remedies
SELECT id, unit_id, filed_day FROM supervised_remedy WHERE request_id = $1 ORDER BY id LIMIT 100

-- name: figure_alert
SELECT a.unit_id, a.field_id, COALESCE(c.catalogue, 0) AS catalogue, a.post_id, a.began_at, a.peak, a.state, a.outcome,
       a.decided_at
  FROM alert a LEFT JOIN supervised_catalogue c ON c.item_id = a.item_id
 WHERE a.id = $1

-- name: figure_item_duties
-- Duties of an item that count nowhere yet.
SELECT d.id FROM supervised_duty d
 WHERE d.item_id = $1 AND d.id > $2 AND d.state <> 'void'
   AND NOT EXISTS (SELECT 1 FROM statistics_part p WHERE p.subject_kind = 'duty' AND p.subject_id = d.id)
 ORDER BY d.id LIMIT $3

-- name: figure_item
-- The newest public publication of an item, and what the item asked for when it was in force last.
SELECT d.id, v.id AS version_id, v.title, v.body_text
  FROM supervised_information d JOIN supervised_version v ON v.id = d.public_version_id
 WHERE d.item_id = $1 AND d.public_version_id IS NOT NULL
 ORDER BY d.published_at DESC, d.id DESC LIMIT 1

-- name: figure_item_elements
SELECT elements FROM supervised_item WHERE id = $1 AND valid_from <= $2 ORDER BY valid_from DESC, version_id DESC LIMIT 1

-- name: figure_attachments
SELECT name, body_text FROM supervised_attachment WHERE version_id = $1 ORDER BY position LIMIT 100

-- name: figure_item_put
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics_item (item_id, disclosure_id, elements, missing) VALUES ($1, $2, $3, $4)
    ON CONFLICT (item_id) DO UPDATE
   SET disclosure_id = excluded.disclosure_id, elements = excluded.elements, missing = excluded.missing

-- name: figure_item_clear
-- quiet: derived figures, rebuilt from the records
DELETE FROM statistics_item WHERE item_id = $1

-- name: figure_item_get
SELECT disclosure_id, elements, missing FROM statistics_item WHERE item_id = $1

-- name: figure_after_duty
SELECT id FROM supervised_duty WHERE id > $1 ORDER BY id LIMIT $2

-- name: figure_after_disclosure
SELECT id FROM supervised_information WHERE id > $1 ORDER BY id LIMIT $2

-- name: figure_after_request
SELECT id FROM supervised_request WHERE id > $1 ORDER BY id LIMIT $2

-- name: figure_after_alert
SELECT id FROM alert WHERE id > $1 ORDER BY id LIMIT $2

-- name: figure_after_item
SELECT DISTINCT id FROM supervised_item WHERE id > $1 ORDER BY id LIMIT $2

-- name: figure_last
-- How far each kind goes, for the progress.
SELECT (SELECT COALESCE(MAX(id), 0) FROM supervised_duty) AS duty, (SELECT COALESCE(MAX(id), 0) FROM supervised_information) AS disclosure,
       (SELECT COALESCE(MAX(id), 0) FROM supervised_request) AS request, (SELECT COALESCE(MAX(id), 0) FROM alert) AS alert,
       (SELECT COALESCE(MAX(id), 0) FROM supervised_item) AS item

-- name: figure_places
SELECT name, value FROM supervision_state
 WHERE name IN ('statistics_duty', 'statistics_disclosure', 'statistics_request', 'statistics_alert', 'statistics_item', 'statistics_filled')

-- name: figure_place_put
-- quiet: how far derived figures were counted
INSERT INTO supervision_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: figure_clear
-- quiet: derived figures, rebuilt from the records
DELETE FROM statistics

-- name: figure_open_clear
-- quiet: derived figures, rebuilt from the records
DELETE FROM statistics_open

-- name: figure_rebuild
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics (month, unit_id, field_id, catalogue, post_id,
                        owed, met, late, late_5, late_20, late_more, open, waived, published,
                        corrected, withdrawn, requests, replied, replied_late, request_open, corrections, remedies, yellow,
                        orange, red, alert_open, confirmed, false_alarm, alert_waived, late_days)
SELECT month, unit_id, field_id, catalogue, post_id,
       owed, met, late, late_5, late_20, late_more, open, waived, published, corrected, withdrawn, requests,
       replied, replied_late, request_open, corrections, remedies, yellow, orange, red, alert_open, confirmed, false_alarm, alert_waived,
       late_days
  FROM statistics_truth

-- name: figure_open_rebuild
-- quiet: derived figures, rebuilt from the records
INSERT INTO statistics_open (subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n)
SELECT subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n FROM statistics_open_truth

-- name: figure_wrong
-- Cells whose sums differ from what the parts add up to, either way. Every part counts in one of the measures of the condition.
SELECT month, unit_id, field_id, catalogue, post_id FROM (
    SELECT month, unit_id, field_id, catalogue, post_id,
           owed, met, late, late_5, late_20, late_more, open, waived, published, corrected, withdrawn, requests,
           replied, replied_late, request_open, corrections, remedies, yellow, orange, red, alert_open, confirmed, false_alarm, alert_waived,
           late_days
      FROM statistics_truth
    EXCEPT
    SELECT month, unit_id, field_id, catalogue, post_id,
           owed, met, late, late_5, late_20, late_more, open, waived, published, corrected, withdrawn, requests,
           replied, replied_late, request_open, corrections, remedies, yellow, orange, red, alert_open, confirmed, false_alarm, alert_waived,
           late_days
      FROM statistics) AS more
UNION
SELECT month, unit_id, field_id, catalogue, post_id FROM (
    SELECT month, unit_id, field_id, catalogue, post_id,
           owed, met, late, late_5, late_20, late_more, open, waived, published, corrected, withdrawn, requests,
           replied, replied_late, request_open, corrections, remedies, yellow, orange, red, alert_open, confirmed, false_alarm, alert_waived,
           late_days
      FROM statistics
     WHERE owed + waived + published + corrected + withdrawn + requests + corrections + remedies + yellow + orange + red <> 0
    EXCEPT
    SELECT month, unit_id, field_id, catalogue, post_id,
           owed, met, late, late_5, late_20, late_more, open, waived, published, corrected, withdrawn, requests,
           replied, replied_late, request_open, corrections, remedies, yellow, orange, red, alert_open, confirmed, false_alarm, alert_waived,
           late_days
      FROM statistics_truth) AS less
 LIMIT 100

-- name: figure_open_wrong
SELECT subject_kind, due_day FROM (
    SELECT subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n FROM statistics_open_truth
    EXCEPT
    SELECT subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n FROM statistics_open) AS more
UNION
SELECT subject_kind, due_day FROM (
    SELECT subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n FROM statistics_open
    EXCEPT
    SELECT subject_kind, due_day, month, unit_id, field_id, catalogue, post_id, n FROM statistics_open_truth) AS less
 LIMIT 100

-- name: figure_sums
-- Sums by $1 (0 unit, 1 post, 2 field, 3 kind of catalogue, 4 month); months $2 to $3; -1: every one.
SELECT CASE CAST($1 AS BIGINT) WHEN 0 THEN s.unit_id WHEN 1 THEN s.post_id WHEN 2 THEN s.field_id WHEN 3 THEN s.catalogue ELSE s.month END AS key,
       CAST(SUM(s.owed) AS BIGINT) AS owed, CAST(SUM(s.met) AS BIGINT) AS met, CAST(SUM(s.late) AS BIGINT) AS late,
       CAST(SUM(s.late_5) AS BIGINT) AS late_5, CAST(SUM(s.late_20) AS BIGINT) AS late_20, CAST(SUM(s.late_more) AS BIGINT) AS late_more,
       CAST(SUM(s.open) AS BIGINT) AS open, CAST(SUM(s.waived) AS BIGINT) AS waived, CAST(SUM(s.published) AS BIGINT) AS published,
       CAST(SUM(s.corrected) AS BIGINT) AS corrected, CAST(SUM(s.withdrawn) AS BIGINT) AS withdrawn, CAST(SUM(s.requests) AS BIGINT) AS requests,
       CAST(SUM(s.replied) AS BIGINT) AS replied, CAST(SUM(s.replied_late) AS BIGINT) AS replied_late, CAST(SUM(s.request_open) AS BIGINT) AS request_open,
       CAST(SUM(s.corrections) AS BIGINT) AS corrections, CAST(SUM(s.remedies) AS BIGINT) AS remedies, CAST(SUM(s.yellow) AS BIGINT) AS yellow,
       CAST(SUM(s.orange) AS BIGINT) AS orange, CAST(SUM(s.red) AS BIGINT) AS red, CAST(SUM(s.alert_open) AS BIGINT) AS alert_open,
       CAST(SUM(s.confirmed) AS BIGINT) AS confirmed, CAST(SUM(s.false_alarm) AS BIGINT) AS false_alarm, CAST(SUM(s.alert_waived) AS BIGINT) AS alert_waived,
       CAST(SUM(s.late_days) AS BIGINT) AS late_days
  FROM statistics s JOIN unit u ON u.id = s.unit_id
 WHERE s.month >= $2 AND s.month <= $3 AND u.path LIKE $4 AND (CAST($5 AS BIGINT) < 0 OR s.unit_id = $5)
   AND (CAST($6 AS BIGINT) < 0 OR s.field_id = $6) AND (CAST($7 AS BIGINT) < 0 OR s.catalogue = $7)
   AND (CAST($8 AS BIGINT) < 0 OR s.post_id = $8) AND (CAST($9 AS TEXT) = '' OR u.kind = $9)
 GROUP BY 1 ORDER BY 1 LIMIT 2000

-- name: figure_overdue
-- What is open and was due before a day ($10), with the same limits.
SELECT CASE CAST($1 AS BIGINT) WHEN 0 THEN s.unit_id WHEN 1 THEN s.post_id WHEN 2 THEN s.field_id WHEN 3 THEN s.catalogue ELSE s.month END AS key, s.subject_kind, CAST(SUM(s.n) AS BIGINT) AS n
  FROM statistics_open s JOIN unit u ON u.id = s.unit_id
 WHERE s.month >= $2 AND s.month <= $3 AND u.path LIKE $4 AND (CAST($5 AS BIGINT) < 0 OR s.unit_id = $5)
   AND (CAST($6 AS BIGINT) < 0 OR s.field_id = $6) AND (CAST($7 AS BIGINT) < 0 OR s.catalogue = $7)
   AND (CAST($8 AS BIGINT) < 0 OR s.post_id = $8) AND (CAST($9 AS TEXT) = '' OR u.kind = $9)
   AND s.due_day < $10
 GROUP BY 1, 2 LIMIT 4000

-- name: figure_overdue_today
-- What is open and was due today before this moment: limits in hours. From $10 up to $11.
SELECT CASE CAST($1 AS BIGINT) WHEN 0 THEN s.unit_id WHEN 1 THEN s.post_id WHEN 2 THEN s.field_id WHEN 3 THEN s.catalogue ELSE s.month END AS key, s.subject_kind, COUNT(*) AS n
  FROM statistics_part s JOIN unit u ON u.id = s.unit_id
 WHERE s.month >= $2 AND s.month <= $3 AND u.path LIKE $4 AND (CAST($5 AS BIGINT) < 0 OR s.unit_id = $5)
   AND (CAST($6 AS BIGINT) < 0 OR s.field_id = $6) AND (CAST($7 AS BIGINT) < 0 OR s.catalogue = $7)
   AND (CAST($8 AS BIGINT) < 0 OR s.post_id = $8) AND (CAST($9 AS TEXT) = '' OR u.kind = $9)
   AND s.due_at <> 0 AND s.due_at >= $10 AND s.due_at < $11
 GROUP BY 1, 2 LIMIT 4000

-- name: figure_units
SELECT id, code, short_name, kind, sort_key FROM unit WHERE path LIKE $1 ORDER BY sort_key, id LIMIT 5000

-- name: figure_posts
-- Posts that count somewhere.
SELECT p.id, p.name, u.short_name FROM post p JOIN unit u ON u.id = p.unit_id
 WHERE u.path LIKE $1 AND p.id IN (SELECT s.post_id FROM statistics s) ORDER BY u.sort_key, p.id LIMIT 5000

-- name: figure_fields
SELECT id, code, name FROM field ORDER BY id

-- name: figure_records_duty
-- The duties behind a figure: bit $9; $10 not 0: only those overdue at that instant. Newest month first, keyed paging.
SELECT p.subject_id, p.serial, p.month, p.days, u.code AS unit_code, u.short_name AS unit_name,
       n.item_name AS title, d.subject AS more, d.due_day AS day, d.state
  FROM statistics_part p JOIN supervised_duty d ON d.id = p.subject_id JOIN supervised_duty_words n ON n.duty_id = p.subject_id
  JOIN unit u ON u.id = p.unit_id
 WHERE p.subject_kind = 'duty'
   AND p.month >= $1 AND p.month <= $2 AND u.path LIKE $3 AND (CAST($4 AS BIGINT) < 0 OR p.unit_id = $4)
   AND (CAST($5 AS BIGINT) < 0 OR p.field_id = $5) AND (CAST($6 AS BIGINT) < 0 OR p.catalogue = $6)
   AND (CAST($7 AS BIGINT) < 0 OR p.post_id = $7) AND (CAST($8 AS TEXT) = '' OR u.kind = $8)
   AND (p.flags & CAST($9 AS BIGINT)) <> 0 AND (CAST($10 AS BIGINT) = 0 OR (p.due_at <> 0 AND p.due_at < $10))
   AND (p.month, p.subject_id, p.serial) < ($11, $12, $13)
 ORDER BY p.month DESC, p.subject_id DESC, p.serial DESC LIMIT $14

-- name: figure_records_disclosure
SELECT p.subject_id, p.serial, p.month, p.days, u.code AS unit_code, u.short_name AS unit_name,
       d.title, d.number AS more, '' AS day, d.state
  FROM statistics_part p JOIN supervised_disclosure d ON d.id = p.subject_id JOIN unit u ON u.id = p.unit_id
 WHERE p.subject_kind = 'disclosure'
   AND p.month >= $1 AND p.month <= $2 AND u.path LIKE $3 AND (CAST($4 AS BIGINT) < 0 OR p.unit_id = $4)
   AND (CAST($5 AS BIGINT) < 0 OR p.field_id = $5) AND (CAST($6 AS BIGINT) < 0 OR p.catalogue = $6)
   AND (CAST($7 AS BIGINT) < 0 OR p.post_id = $7) AND (CAST($8 AS TEXT) = '' OR u.kind = $8)
   AND (p.flags & CAST($9 AS BIGINT)) <> 0 AND (CAST($10 AS BIGINT) = 0 OR (p.due_at <> 0 AND p.due_at < $10))
   AND (p.month, p.subject_id, p.serial) < ($11, $12, $13)
 ORDER BY p.month DESC, p.subject_id DESC, p.serial DESC LIMIT $14

-- name: figure_records_request
-- Nothing of who applied and what for: the number.
SELECT p.subject_id, p.serial, p.month, p.days, u.code AS unit_code, u.short_name AS unit_name,
       r.number AS title, '' AS more, r.received_day AS day, r.state
  FROM statistics_part p JOIN supervised_request r ON r.id = p.subject_id JOIN unit u ON u.id = p.unit_id
 WHERE p.subject_kind = 'request'
   AND p.month >= $1 AND p.month <= $2 AND u.path LIKE $3 AND (CAST($4 AS BIGINT) < 0 OR p.unit_id = $4)
   AND (CAST($5 AS BIGINT) < 0 OR p.field_id = $5) AND (CAST($6 AS BIGINT) < 0 OR p.catalogue = $6)
   AND (CAST($7 AS BIGINT) < 0 OR p.post_id = $7) AND (CAST($8 AS TEXT) = '' OR u.kind = $8)
   AND (p.flags & CAST($9 AS BIGINT)) <> 0 AND (CAST($10 AS BIGINT) = 0 OR (p.due_at <> 0 AND p.due_at < $10))
   AND (p.month, p.subject_id, p.serial) < ($11, $12, $13)
 ORDER BY p.month DESC, p.subject_id DESC, p.serial DESC LIMIT $14

-- name: figure_records_alert
SELECT p.subject_id, p.serial, p.month, p.days, u.code AS unit_code, u.short_name AS unit_name,
       a.title, a.note AS more, '' AS day, a.state
  FROM statistics_part p JOIN alert a ON a.id = p.subject_id JOIN unit u ON u.id = p.unit_id
 WHERE p.subject_kind = 'alert'
   AND p.month >= $1 AND p.month <= $2 AND u.path LIKE $3 AND (CAST($4 AS BIGINT) < 0 OR p.unit_id = $4)
   AND (CAST($5 AS BIGINT) < 0 OR p.field_id = $5) AND (CAST($6 AS BIGINT) < 0 OR p.catalogue = $6)
   AND (CAST($7 AS BIGINT) < 0 OR p.post_id = $7) AND (CAST($8 AS TEXT) = '' OR u.kind = $8)
   AND (p.flags & CAST($9 AS BIGINT)) <> 0 AND (CAST($10 AS BIGINT) = 0 OR (p.due_at <> 0 AND p.due_at < $10))
   AND (p.month, p.subject_id, p.serial) < ($11, $12, $13)
 ORDER BY p.month DESC, p.subject_id DESC, p.serial DESC LIMIT $14

-- ── recomputation (recompute.c) ──

-- name: supervision_enrolling
-- A rule's subjects are being looked at after switching it on or off.
SELECT id FROM job WHERE kind = 'supervision_enrol' AND state IN ('waiting', 'running') LIMIT 1

-- name: watch_get
SELECT next_at FROM watch WHERE rule_id = $1 AND subject_id = $2

-- name: rule_off_touched
-- What rules that are not on still hold: the code, the subject, 1 an open alert or 0 a moment.
SELECT r.code, a.subject_id, 1 AS kind FROM rule r JOIN alert a ON a.rule_id = r.id AND a.state <> 'closed' WHERE r.state <> 'on'
UNION ALL
SELECT r.code, w.subject_id, 0 FROM rule r JOIN watch w ON w.rule_id = r.id WHERE r.state <> 'on'
 ORDER BY 1, 2 LIMIT $1

-- name: duty_met_wrong
-- Met duties that no publication on record explains: of the same item and unit, still public, and made public at that very instant.
SELECT d.id, d.met_at, d.state
  FROM supervised_duty d
  LEFT JOIN supervised_disclosure p ON p.id = d.disclosure_id
 WHERE d.id > $1 AND d.state IN ('met', 'met_late')
   AND (p.id IS NULL OR p.unit_id <> d.unit_id OR p.item_id <> d.item_id OR p.public_version_id = 0
        OR NOT EXISTS (SELECT 1 FROM supervised_version v WHERE v.disclosure_id = p.id AND v.public_from = d.met_at))
 ORDER BY d.id LIMIT $2

-- ── the page 网站自查 (site_gauge.c, site_pages.c) ──

-- name: site_rule_on
SELECT id FROM rule WHERE check_code = $1 AND state = 'on' ORDER BY id LIMIT 1

-- name: site_class_public
SELECT id FROM supervised_publication WHERE class = $1 AND public_version_id IS NOT NULL LIMIT 1

-- name: site_without_profile
-- Organs in force that show no profile, in official order.
SELECT u.code, u.short_name
  FROM supervised_unit u
 WHERE u.valid_to IS NULL AND u.kind IN ('city', 'office', 'department', 'town')
   AND NOT EXISTS (SELECT 1 FROM supervised_publication p
                    WHERE p.unit_id = u.id AND p.kind = 'profile' AND p.public_version_id IS NOT NULL)
 ORDER BY u.sort_key, u.id LIMIT 500

-- name: site_found_count
-- Open findings that count: what is asked over the net from the second failed look on.
SELECT count(*) AS n FROM site_finding
 WHERE ended_at = 0 AND (kind = $1 OR kind = $2) AND (tries > 1 OR kind NOT IN ('link', 'attachment'))

-- name: site_found
-- Open ones in scope, newest first.
SELECT f.id, f.kind, f.disclosure_id, f.page, f.title, f.address, f.detail, f.failed_at, f.asked_at, u.short_name
  FROM site_finding f JOIN supervised_unit u ON u.id = f.unit_id
 WHERE f.ended_at = 0 AND u.path LIKE $1 AND f.id < $2 AND (f.tries > 1 OR f.kind NOT IN ('link', 'attachment'))
 ORDER BY f.id DESC LIMIT $3

-- name: site_walk_left
-- What the walk has still before it, at most 1001.
SELECT count(*) AS n
  FROM (SELECT id FROM supervised_publication WHERE id > $1 AND public_version_id IS NOT NULL ORDER BY id LIMIT 1001) x
-- ── figures: what the public sees ──

-- name: figure_then
-- Duties as they stood at a past instant ($2), by unit (0) or field, due in days $3 to $4. What was waived or void since counts as
-- it does today.
SELECT CASE CAST($1 AS BIGINT) WHEN 0 THEN d.unit_id ELSE d.field_id END AS key, COUNT(*) AS owed,
       COUNT(*) FILTER (WHERE d.met_at <> 0 AND d.met_at <= $2 AND d.met_at <= d.due_at) AS met,
       COUNT(*) FILTER (WHERE d.met_at <> 0 AND d.met_at <= $2 AND d.met_at > d.due_at) AS late,
       COUNT(*) FILTER (WHERE d.due_at < $2 AND (d.met_at = 0 OR d.met_at > $2)) AS overdue
  FROM supervised_duty d
 WHERE d.created_at <= $2 AND d.state IN ('open', 'met', 'met_late') AND d.due_day >= $3 AND d.due_day <= $4
 GROUP BY 1 ORDER BY 1 LIMIT 5000

-- name: figure_missing
-- What is overdue for the public, the longest first: no words of a fact. Keyed paging on (due_at, id).
SELECT d.id, d.due_at, d.source, d.subject, n.item_name, d.item_code, d.basis, u.code AS unit_code, u.short_name AS unit_name,
       f.code AS field_code, f.name AS field_name
  FROM supervised_duty d JOIN supervised_duty_words n ON n.duty_id = d.id JOIN unit u ON u.id = d.unit_id LEFT JOIN field f ON f.id = d.field_id
 WHERE d.state = 'open' AND d.due_at < $1 AND d.due_day >= $2 AND d.due_day <= $3
   AND (CAST($4 AS BIGINT) < 0 OR d.unit_id = $4) AND (CAST($5 AS BIGINT) < 0 OR d.field_id = $5)
   AND (d.due_at, d.id) > ($6, $7)
 ORDER BY d.due_at, d.id LIMIT $8

-- name: figure_missing_then
-- What was overdue at a past instant ($1).
SELECT d.id, d.due_at, d.source, d.subject, n.item_name, d.item_code, d.basis, u.code AS unit_code, u.short_name AS unit_name,
       f.code AS field_code, f.name AS field_name
  FROM supervised_duty d JOIN supervised_duty_words n ON n.duty_id = d.id JOIN unit u ON u.id = d.unit_id LEFT JOIN field f ON f.id = d.field_id
 WHERE d.state IN ('open', 'met', 'met_late') AND d.due_at < $1 AND d.due_day >= $2 AND d.due_day <= $3
   AND (CAST($4 AS BIGINT) < 0 OR d.unit_id = $4) AND (CAST($5 AS BIGINT) < 0 OR d.field_id = $5)
   AND (d.due_at, d.id) > ($6, $7) AND d.created_at <= $1 AND (d.met_at = 0 OR d.met_at > $1)
 ORDER BY d.due_at, d.id LIMIT $8

-- name: figure_caught_up
-- Whether everything numbered was followed, and everything older counted.
SELECT (SELECT value FROM supervision_state WHERE name = 'seq') AS seq,
       (SELECT value FROM supervision_state WHERE name = 'statistics_filled') AS filled

-- name: five_matters
-- Powers and services in force on a day ($1): all, with an item, without one on a stated ground.
SELECT kind, COUNT(*) AS total, CAST(SUM(linked) AS BIGINT) AS linked,
       CAST(SUM(CASE WHEN linked = 0 AND exemption <> '' THEN 1 ELSE 0 END) AS BIGINT) AS exempt
  FROM supervised_matter
 WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
 GROUP BY kind ORDER BY kind

-- name: five_matters_missing
-- Those without an item and without a ground. Keyed paging on id.
SELECT m.id, m.code, m.name, m.category, u.code AS unit_code, u.short_name AS unit_name
  FROM supervised_matter m JOIN unit u ON u.id = m.unit_id
 WHERE m.kind = $1 AND m.linked = 0 AND m.exemption = '' AND m.valid_from <= $2 AND (m.valid_to IS NULL OR m.valid_to >= $2)
   AND m.id > $3
 ORDER BY m.id LIMIT $4

-- name: five_items
-- Items to be published that are in force on a day ($1): all, with a public publication, with one that names all elements.
SELECT COUNT(*) AS total, COUNT(*) FILTER (WHERE t.disclosure_id > 0) AS published,
       COUNT(*) FILTER (WHERE t.disclosure_id > 0 AND t.missing = '') AS complete
  FROM supervised_item i LEFT JOIN statistics_item t ON t.item_id = i.id
 WHERE i.mode_active AND i.valid_from <= $1 AND (i.valid_to IS NULL OR i.valid_to >= $1)

-- name: five_items_missing
-- Published items whose publication does not name all elements. Keyed paging on the item.
SELECT i.id, i.code, i.level1, i.level2, t.missing, d.public_id, d.title, u.code AS unit_code, u.short_name AS unit_name
  FROM statistics_item t
  JOIN supervised_item i ON i.id = t.item_id
  JOIN supervised_disclosure d ON d.id = t.disclosure_id
  JOIN unit u ON u.id = d.unit_id
 WHERE t.disclosure_id > 0 AND t.missing <> '' AND i.mode_active AND i.valid_from <= $1 AND (i.valid_to IS NULL OR i.valid_to >= $1)
   AND d.public_version_id > 0 AND i.id > $2
 ORDER BY i.id LIMIT $3
