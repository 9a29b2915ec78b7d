-- name: supervision_state_get
SELECT value FROM supervision_state WHERE name = $1

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

-- name: board_red
-- The latest alerts that are red and open, of the units in scope ($1).
SELECT a.id, a.title, a.began_at, u.short_name
  FROM alert a JOIN unit u ON u.id = a.unit_id
 WHERE a.state = 'open' AND a.level = 3 AND u.path LIKE $1
 ORDER BY a.began_at DESC, a.id DESC LIMIT $2

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
