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
