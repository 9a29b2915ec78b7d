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
UPDATE alert SET level = $2, peak = $3, level_at = $4, red_at = $5, due_at = $6, state = $7, outcome = $8, closed_at = $9, title = $10, note = $11,
                 step = $12, unit_id = $13, field_id = $14
 WHERE id = $1

-- ── ladder ──

-- name: alert_notice_insert
-- quiet: the step is told by its alert's event
INSERT INTO alert_notice (alert_id, step, audience, unit_id, permission, level, send_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING

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

-- name: supervised_duty
SELECT unit_id, field_id, item_id, source, due_at, state, met_at, subject, level2, created_at FROM supervised_duty WHERE id = $1

-- name: supervised_duties
SELECT id FROM duty WHERE id > $1 ORDER BY id LIMIT $2

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
SELECT d.unit_id, d.field_id, COALESCE(c.catalogue, 0) AS catalogue, d.published_at, d.withdrawn_at, d.item_id
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
SELECT a.unit_id, a.field_id, COALESCE(c.catalogue, 0) AS catalogue, a.post_id, a.began_at, a.peak, a.state, a.outcome
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
 WHERE d.item_id = $1 AND d.public_version_id <> 0
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
       d.level2 AS title, d.subject AS more, d.due_day AS day, d.state
  FROM statistics_part p JOIN supervised_duty d ON d.id = p.subject_id JOIN unit u ON u.id = p.unit_id
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
