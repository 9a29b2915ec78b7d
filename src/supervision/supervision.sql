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

-- name: post_time_of_month
SELECT post_id, step, matters, total_ms, worst_ms, worst_id FROM post_time WHERE month = $1 ORDER BY post_id, step

-- name: post_time_truth
SELECT post_id, step, COUNT(*) AS matters, CAST(SUM(waited) AS BIGINT) AS total_ms, MAX(waited) AS worst_ms,
       MAX(CASE WHEN waited = longest THEN disclosure_id END) AS worst_id
  FROM (SELECT post_id, step, disclosure_id, at - since AS waited, MAX(at - since) OVER (PARTITION BY post_id, step) AS longest
          FROM supervised_review WHERE at >= $1 AND at < $2 AND post_id <> 0) x
 GROUP BY post_id, step
 ORDER BY post_id, step

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
