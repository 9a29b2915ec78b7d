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

-- name: rulebook_outcomes
-- Closed alerts of a rule by outcome: of the newest subjects, at most 5,000.
SELECT outcome, count(*) AS n
  FROM (SELECT outcome FROM alert WHERE rule_id = $1 AND state = 'closed' ORDER BY subject_id DESC LIMIT 5000) AS x
 GROUP BY outcome ORDER BY outcome

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
