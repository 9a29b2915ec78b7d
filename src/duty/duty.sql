-- name: duty_insert
-- One obligation. Twice the same (period, fact or first publication of one version) is one duty: see the unique indexes.
INSERT INTO duty (unit_id, item_id, item_version_id, field_id, source, fact_id, period_key, rule_no, subject, trigger_at,
                  due_at, due_day, state, certificate, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', $13, $14)
    ON CONFLICT DO NOTHING

-- name: duty_insert_id
INSERT INTO duty (unit_id, item_id, item_version_id, field_id, source, fact_id, period_key, rule_no, subject, trigger_at,
                  due_at, due_day, state, certificate, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', $13, $14)
    ON CONFLICT DO NOTHING
RETURNING id

-- name: duty_row
-- A duty with the words of its item, unit and fact.
SELECT d.id, d.unit_id, d.item_id, d.item_version_id, d.field_id, d.source, d.fact_id, d.period_key, d.rule_no, d.subject,
       d.trigger_at, d.due_at, d.due_day, d.state, d.met_at, d.disclosure_id, d.waive_ground, d.certificate, d.created_at,
       u.code AS unit_code, u.name AS unit_name, c.code AS item_code, v.level1, v.level2, v.elements, v.basis, v.limit_text,
       f.code AS field_code, f.name AS field_name, t.subject AS fact_subject, t.number AS fact_number,
       t.kind AS fact_kind, t.day AS fact_day, t.source_ref AS fact_source_ref
  FROM duty d
  JOIN unit u ON u.id = d.unit_id
  JOIN catalogue_item c ON c.id = d.item_id
  JOIN item_version v ON v.id = d.item_version_id
  LEFT JOIN field f ON f.id = d.field_id
  LEFT JOIN fact t ON t.id = d.fact_id
 WHERE d.id = $1

-- name: duty_units_with_first
-- Units that already have the duty of first publication of this version.
SELECT unit_id FROM duty WHERE item_version_id = $1 AND source = 'in_force'

-- name: duty_units_satisfied
-- Units that have published the item under an earlier version with the same content to publish.
SELECT DISTINCT d.unit_id
  FROM duty d JOIN item_version v ON v.id = d.item_version_id
 WHERE d.item_id = $1 AND d.source = 'in_force' AND d.state IN ('met', 'met_late') AND v.elements = $2

-- name: duty_open_of_other_versions
-- What is still owed under other versions of an item; duties of facts stay as they are: the information was formed then.
SELECT d.id, d.unit_id, d.source, d.rule_no, v.limit_rules
  FROM duty d JOIN item_version v ON v.id = d.item_version_id
 WHERE d.item_id = $1 AND d.item_version_id <> $2 AND d.state = 'open' AND d.source <> 'fact'
 ORDER BY d.id

-- name: duty_open_of_ended_items
-- Open duties of items without a version in force on the day.
SELECT d.id
  FROM duty d
 WHERE d.state = 'open' AND d.source <> 'fact'
   AND EXISTS (SELECT 1 FROM item_version v WHERE v.item_id = d.item_id AND v.valid_to IS NOT NULL AND v.valid_to < $1)
   AND NOT EXISTS (SELECT 1 FROM item_version v
                    WHERE v.item_id = d.item_id AND (v.valid_to IS NULL OR v.valid_to >= $1))
 ORDER BY d.id LIMIT $2

-- name: duty_open_with_other_calendar
-- Open duties whose certificate does not name the calendar of $2 (a LIKE pattern). Keyed paging on id.
SELECT id FROM duty
 WHERE id > $1 AND state = 'open' AND source <> 'fixed_date' AND certificate NOT LIKE $2
 ORDER BY id LIMIT $3

-- name: duty_set_due
-- A new day for an open duty that still has the one ($2) it was looked at with.
UPDATE duty SET trigger_at = $3, due_at = $4, due_day = $5, subject = $6, certificate = $7
 WHERE id = $1 AND state = 'open' AND due_at = $2

-- name: duty_set_met
-- The day it was counted under comes back from the change itself: a new calendar may have moved it since it was read.
UPDATE duty SET state = $2, met_at = $3, disclosure_id = $4 WHERE id = $1 AND state = 'open'
RETURNING due_day

-- name: duty_set_open
UPDATE duty SET state = 'open', met_at = 0, disclosure_id = NULL WHERE id = $1 AND state IN ('met', 'met_late')
RETURNING due_day

-- name: duty_set_waived
UPDATE duty SET state = 'waived', waive_ground = $2 WHERE id = $1 AND state = 'open'
RETURNING due_day

-- name: duty_set_void
UPDATE duty SET state = 'void' WHERE id = $1 AND state = 'open'
RETURNING due_day

-- name: duty_disclosure_of
-- Unit and item of what was published. The one look upwards of this room, at two immutable columns.
SELECT unit_id, item_id, public_id FROM disclosure WHERE id = $1

-- name: duty_oldest_open
SELECT id FROM duty WHERE item_id = $1 AND unit_id = $2 AND state = 'open' ORDER BY due_at, id LIMIT 1

-- name: duty_first_open
-- First publication still owed: any publication of the item meets it.
SELECT id FROM duty WHERE item_id = $1 AND unit_id = $2 AND state = 'open' AND source = 'in_force' ORDER BY id

-- name: duty_met_by
SELECT id FROM duty WHERE disclosure_id = $1 AND state IN ('met', 'met_late') ORDER BY id

-- name: duty_period_keys
-- Period and fixed-date duties of an item, whatever became of them.
SELECT unit_id, rule_no, period_key FROM duty WHERE item_id = $1 AND period_key <> ''

-- name: duty_periodic_versions
-- Versions in force with a rule that recurs. Keyed paging on id.
SELECT id FROM item_version
 WHERE id > $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2) AND mode_active
   AND (limit_rules LIKE '%"periodic"%' OR limit_rules LIKE '%"fixed_date"%')
 ORDER BY id LIMIT $3

-- name: duty_count_add
-- Maintained counts of the board, in the transaction of the change.
INSERT INTO duty_count (unit_id, field_id, required, met, met_late) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (unit_id, field_id) DO UPDATE
   SET required = duty_count.required + excluded.required, met = duty_count.met + excluded.met,
       met_late = duty_count.met_late + excluded.met_late

-- name: duty_count_all
SELECT unit_id, field_id, required, met, met_late FROM duty_count
 WHERE required <> 0 OR met <> 0 OR met_late <> 0
 ORDER BY unit_id, field_id

-- name: duty_count_truth
-- The same, counted from the duties.
SELECT unit_id, COALESCE(field_id, 0) AS field_id, COUNT(*) AS required,
       COUNT(*) FILTER (WHERE state = 'met') AS met, COUNT(*) FILTER (WHERE state = 'met_late') AS met_late
  FROM duty
 WHERE state IN ('open', 'met', 'met_late')
 GROUP BY unit_id, COALESCE(field_id, 0)
 ORDER BY 1, 2

-- name: duty_count_clear
-- quiet: derived figures, rebuilt from the duties
DELETE FROM duty_count

-- name: duty_count_rebuild
-- quiet: derived figures, rebuilt from the duties
INSERT INTO duty_count (unit_id, field_id, required, met, met_late) VALUES ($1, $2, $3, $4, $5)

-- name: due_count_add
-- Open duties by day, month and year, in the transaction of the change.
INSERT INTO due_count (scale, period, unit_id, field_id, open)
VALUES (1, $3, $1, $2, $6), (2, $4, $1, $2, $6), (3, $5, $1, $2, $6)
    ON CONFLICT (scale, period, unit_id, field_id) DO UPDATE SET open = due_count.open + excluded.open

-- name: due_count_all
SELECT scale, period, unit_id, field_id, open FROM due_count WHERE open <> 0 ORDER BY scale, period, unit_id, field_id

-- name: due_count_truth
-- The same, counted from the duties.
SELECT 1 AS scale, due_day AS period, unit_id, COALESCE(field_id, 0) AS field_id, COUNT(*) AS open
  FROM duty WHERE state = 'open' GROUP BY due_day, unit_id, COALESCE(field_id, 0)
UNION ALL
SELECT 2, SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0), COUNT(*)
  FROM duty WHERE state = 'open' GROUP BY SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0)
UNION ALL
SELECT 3, SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0), COUNT(*)
  FROM duty WHERE state = 'open' GROUP BY SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0)
 ORDER BY 1, 2, 3, 4

-- name: due_count_clear
-- quiet: derived figures, rebuilt from the duties
DELETE FROM due_count

-- name: due_count_rebuild
-- quiet: derived figures, rebuilt from the duties
INSERT INTO due_count (scale, period, unit_id, field_id, open)
SELECT 1, due_day, unit_id, COALESCE(field_id, 0), COUNT(*)
  FROM duty WHERE state = 'open' GROUP BY due_day, unit_id, COALESCE(field_id, 0)
UNION ALL
SELECT 2, SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0), COUNT(*)
  FROM duty WHERE state = 'open' GROUP BY SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0)
UNION ALL
SELECT 3, SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0), COUNT(*)
  FROM duty WHERE state = 'open' GROUP BY SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0)

-- name: duty_count_total
SELECT CAST(COALESCE(SUM(required), 0) AS BIGINT) AS required, CAST(COALESCE(SUM(met), 0) AS BIGINT) AS met,
       CAST(COALESCE(SUM(met_late), 0) AS BIGINT) AS met_late
  FROM duty_count
 WHERE (CAST($1 AS BIGINT) IS NULL OR unit_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR field_id = $2)

-- name: duty_totals_as_of
-- The same figures at a past instant ($1), counted from the duties. What was waived or voided since counts as it does
-- today.
SELECT COUNT(*) AS required, COUNT(*) FILTER (WHERE met_at <> 0 AND met_at <= $1 AND met_at <= due_at) AS met,
       COUNT(*) FILTER (WHERE met_at <> 0 AND met_at <= $1 AND met_at > due_at) AS met_late,
       COUNT(*) FILTER (WHERE due_at < $1 AND (met_at = 0 OR met_at > $1)) AS overdue
  FROM duty
 WHERE created_at <= $1 AND state IN ('open', 'met', 'met_late')
   AND (CAST($2 AS BIGINT) IS NULL OR unit_id = $2) AND (CAST($3 AS BIGINT) IS NULL OR field_id = $3)

-- name: duty_overdue_total
SELECT COUNT(*) AS overdue
  FROM duty
 WHERE state = 'open' AND due_at < $1
   AND (CAST($2 AS BIGINT) IS NULL OR unit_id = $2) AND (CAST($3 AS BIGINT) IS NULL OR field_id = $3)

-- name: duty_overdue_cells
SELECT unit_id, COALESCE(field_id, 0) AS field_id, COUNT(*) AS overdue
  FROM duty
 WHERE state = 'open' AND due_at < $1
 GROUP BY unit_id, COALESCE(field_id, 0)

-- name: duty_board_units
-- Units in the official order.
SELECT id, code, short_name, kind FROM unit ORDER BY sort_key, id

-- name: duty_list_open
-- What is owed, most urgent first. Keyed paging on (due_at, id); due_at in [$3, $4).
SELECT d.id, d.state, d.source, d.subject, d.trigger_at, d.due_at, d.met_at, d.unit_id, u.code AS unit_code,
       u.short_name AS unit_name, c.code AS item_code, v.level1, v.level2, v.basis, v.limit_text, d.field_id
  FROM duty d
  JOIN unit u ON u.id = d.unit_id
  JOIN catalogue_item c ON c.id = d.item_id
  JOIN item_version v ON v.id = d.item_version_id
 WHERE d.state = 'open' AND (d.due_at, d.id) > ($1, $2) AND d.due_at >= $3 AND d.due_at < $4 AND u.path LIKE $5
   AND (CAST($6 AS BIGINT) IS NULL OR d.unit_id = $6) AND (CAST($7 AS BIGINT) IS NULL OR d.field_id = $7)
   AND (CAST($8 AS TEXT) IS NULL OR d.source = $8)
 ORDER BY d.due_at, d.id LIMIT $9

-- name: duty_list_any
-- Duties in one state, or in any; due_at in [$9, $10).
SELECT d.id, d.state, d.source, d.subject, d.trigger_at, d.due_at, d.met_at, d.unit_id, u.code AS unit_code,
       u.short_name AS unit_name, c.code AS item_code, v.level1, v.level2, v.basis, v.limit_text, d.field_id
  FROM duty d
  JOIN unit u ON u.id = d.unit_id
  JOIN catalogue_item c ON c.id = d.item_id
  JOIN item_version v ON v.id = d.item_version_id
 WHERE (d.due_at, d.id) > ($1, $2) AND (CAST($3 AS TEXT) IS NULL OR d.state = $3) AND u.path LIKE $4
   AND (CAST($5 AS BIGINT) IS NULL OR d.unit_id = $5) AND (CAST($6 AS BIGINT) IS NULL OR d.field_id = $6)
   AND (CAST($7 AS TEXT) IS NULL OR d.source = $7) AND d.due_at >= $9 AND d.due_at < $10
 ORDER BY d.due_at, d.id LIMIT $8

-- name: duty_owed_by_item
-- Open duties of an item for the public: no words of a fact.
SELECT d.id, d.source, d.subject, d.due_at, u.code AS unit_code, u.short_name AS unit_name
  FROM duty d JOIN unit u ON u.id = d.unit_id
 WHERE d.item_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR d.unit_id = $2) AND d.state = 'open'
 ORDER BY d.due_at, d.id LIMIT 200

-- name: duty_owed_by_item_as_of
-- What was open at a past instant ($3).
SELECT d.id, d.source, d.subject, d.due_at, u.code AS unit_code, u.short_name AS unit_name
  FROM duty d JOIN unit u ON u.id = d.unit_id
 WHERE d.item_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR d.unit_id = $2) AND d.created_at <= $3
   AND d.state IN ('open', 'met', 'met_late') AND (d.met_at = 0 OR d.met_at > $3)
 ORDER BY d.due_at, d.id LIMIT 200

-- name: duty_of_fact
SELECT id FROM duty WHERE fact_id = $1 ORDER BY due_at, id LIMIT 1

-- name: duty_all_of_fact
SELECT id, due_at, due_day, state, met_at FROM duty WHERE fact_id = $1 ORDER BY due_at, id

-- name: fact_insert
-- The business system's number is taken once per token: then nothing is inserted and no row comes back.
INSERT INTO fact (item_id, unit_id, kind, subject, number, day, source_ref, token_id, person_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (token_id, source_ref) WHERE source_ref <> '' DO NOTHING
RETURNING id

-- name: fact_by_source
SELECT id, item_id, unit_id, kind, subject, number, day FROM fact WHERE token_id = $1 AND source_ref = $2 AND source_ref <> ''

-- name: fact_list
-- Facts in scope, newest first. Keyed paging on id.
SELECT t.id, t.kind, t.subject, t.number, t.day, t.source_ref, t.created_at, u.short_name AS unit_name, u.code AS unit_code,
       c.code AS item_code, (SELECT v.level2 FROM item_version v WHERE v.item_id = t.item_id ORDER BY v.version DESC LIMIT 1) AS level2,
       (SELECT d.id FROM duty d WHERE d.fact_id = t.id ORDER BY d.due_at, d.id LIMIT 1) AS duty_id,
       (SELECT d.due_at FROM duty d WHERE d.fact_id = t.id ORDER BY d.due_at, d.id LIMIT 1) AS due_at,
       (SELECT d.met_at FROM duty d WHERE d.fact_id = t.id ORDER BY d.due_at, d.id LIMIT 1) AS met_at,
       (SELECT d.state FROM duty d WHERE d.fact_id = t.id ORDER BY d.due_at, d.id LIMIT 1) AS state
  FROM fact t
  JOIN unit u ON u.id = t.unit_id
  JOIN catalogue_item c ON c.id = t.item_id
 WHERE t.id < $1 AND u.path LIKE $2
 ORDER BY t.id DESC LIMIT $3

-- name: duty_recompute_page
-- What a duty's day and state follow from. Keyed paging on id.
SELECT d.id, d.source, d.period_key, d.trigger_at, d.due_at, d.due_day, d.state, d.met_at, d.certificate, f.day, v.valid_from, d.disclosure_id, d.waive_ground
  FROM duty d
  JOIN item_version v ON v.id = d.item_version_id
  LEFT JOIN fact f ON f.id = d.fact_id
 WHERE d.id > $1 ORDER BY d.id LIMIT $2

-- name: duty_recompute_total
SELECT COUNT(*) FROM duty
