-- report.sql: figures from the cases, and the annual reports made of them.

-- name: report_units
-- Who reports: every organ in force, with or without cases, and whoever else was ever asked.
SELECT u.id, u.code, u.short_name, u.name, u.kind, u.path
  FROM unit u
 WHERE (u.valid_to IS NULL AND u.kind IN ('city', 'office', 'department', 'town'))
    OR EXISTS (SELECT 1 FROM request r WHERE r.unit_id = u.id)
 ORDER BY u.sort_key, u.id

-- name: report_cases
-- Table 三 of one unit, days $2 to $3: received, carried over from before, ended by outcome, carried on. Each part is
-- counted by its own rule, so that the identities between them can fail. COALESCE: by the index of the days they ended;
-- '~' lies after every day.
SELECT 'r1' AS part, applicant, '' AS outcome, COUNT(*) AS n
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND received_day >= $2 AND received_day <= $3
 GROUP BY applicant
UNION ALL
SELECT 'r2', applicant, '', COUNT(*)
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND closed_day IS NULL AND received_day < $2
 GROUP BY applicant
UNION ALL
SELECT 'r2', applicant, '', COUNT(*)
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND unit_id = $1
   AND closed_day >= $2 AND COALESCE(received_day, '~') < $2
 GROUP BY applicant
UNION ALL
SELECT 'r3', applicant, outcome, COUNT(*)
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND closed_day >= $2 AND closed_day <= $3
 GROUP BY outcome, applicant
UNION ALL
SELECT 'r4', applicant, '', COUNT(*)
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND closed_day IS NULL AND received_day <= $3
 GROUP BY applicant
UNION ALL
SELECT 'r4', applicant, '', COUNT(*)
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND unit_id = $1
   AND closed_day > $3 AND COALESCE(received_day, '~') <= $3
 GROUP BY applicant

-- name: report_endings
-- How the cases ended in the year were handled; backwards: ended before the day they were received.
SELECT COUNT(*) AS closed, COUNT(*) FILTER (WHERE late) AS late, CAST(COALESCE(SUM(days_used), 0) AS BIGINT) AS days_used,
       COUNT(*) FILTER (WHERE closed_day < received_day) AS backwards
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND closed_day >= $2 AND closed_day <= $3

-- name: report_unreceived
-- Ended before anybody confirmed the receipt: in no row of the table.
SELECT COUNT(*) AS n
  FROM request
 WHERE unit_id = $1 AND matter = 'access' AND state <> 'split' AND received_day IS NULL
   AND closed_day >= $2 AND closed_day <= $3

-- name: report_remedies
-- Table 四: what was filed by the year's end and not settled before it began.
SELECT kind, CASE WHEN result = 'pending' OR result_day IS NULL OR result_day > $3 THEN 'pending' ELSE result END AS result,
       CASE WHEN filed_day < $2 THEN 1 ELSE 0 END AS carried, COUNT(*) AS n
  FROM request_remedy
 WHERE unit_id = $1 AND filed_day <= $3 AND (result = 'pending' OR result_day IS NULL OR result_day >= $2)
 GROUP BY 1, 2, 3

-- name: report_fees
-- + 0: from the payments to their cases.
SELECT COUNT(*) AS n, CAST(COALESCE(SUM(a.fee_fen), 0) AS BIGINT) AS fen
  FROM request_ask a JOIN request r ON r.id = a.request_id
 WHERE a.kind = 'fee' AND a.answer = 'paid' AND a.answered_day >= $2 AND a.answered_day <= $3 AND r.unit_id + 0 = $1

-- name: report_published
-- What the unit made public in the year [$2, $3), corrected and withdrew.
SELECT COUNT(*) FILTER (WHERE published_at >= $2 AND published_at < $3) AS published,
       COUNT(*) FILTER (WHERE changed_at >= $2 AND changed_at < $3 AND changed_at > published_at AND withdrawn_at = 0) AS corrected,
       COUNT(*) FILTER (WHERE withdrawn_at >= $2 AND withdrawn_at < $3) AS withdrawn
  FROM disclosure
 WHERE unit_id = $1 AND NOT part AND published_at > 0 AND published_at < $3

-- name: report_policies
-- Policy documents as registered: made in the year, ended in it, in force at its end.
SELECT COUNT(*) FILTER (WHERE v.formed >= $2 AND v.formed <= $3) AS made,
       COUNT(*) FILTER (WHERE v.expires >= $2 AND v.expires <= $3) AS repealed,
       COUNT(*) FILTER (WHERE v.formed <= $3 AND (v.expires > $3 OR (v.expires IS NULL AND v.validity NOT IN ('repealed', 'expired')))) AS in_force
  FROM disclosure d JOIN disclosure_version v ON v.id = d.public_version_id
 WHERE d.unit_id = $1 AND d.kind = 'policy'

-- name: report_duties
SELECT COUNT(*) AS due, COUNT(*) FILTER (WHERE state = 'met') AS on_time
  FROM duty
 WHERE unit_id = $1 AND state IN ('open', 'met', 'met_late') AND due_at >= $2 AND due_at < $3

-- name: report_get
SELECT a.id, a.state, a.sections, a.table2, a.frozen, a.finished_at, a.disclosure_id, a.revision, a.changed_at,
       d.state AS disclosure_state, d.public_id, d.published_at
  FROM annual_report a LEFT JOIN disclosure d ON d.id = a.disclosure_id
 WHERE a.unit_id = $1 AND a.year = $2

-- name: report_of_year
SELECT a.unit_id, a.state, a.table2, a.frozen, a.disclosure_id, a.finished_at, d.published_at, d.public_id, d.state AS disclosure_state
  FROM annual_report a LEFT JOIN disclosure d ON d.id = a.disclosure_id
 WHERE a.year = $1

-- name: report_insert
INSERT INTO annual_report (unit_id, year, state, sections, table2, frozen, finished_at, revision, changed_at)
VALUES ($1, $2, 'draft', $3, $4, '', 0, 1, $5)
RETURNING id

-- name: report_update
UPDATE annual_report SET sections = $3, table2 = $4, changed_at = $5, revision = revision + 1
 WHERE id = $1 AND revision = $2 AND state = 'draft'

-- name: report_autosave
-- quiet: the text of a draft between two saves on purpose
UPDATE annual_report SET sections = $3, table2 = $4, changed_at = $5, revision = revision + 1
 WHERE id = $1 AND revision = $2 AND state = 'draft'

-- name: report_finish
UPDATE annual_report SET state = 'finished', sections = $3, table2 = $4, frozen = $5, finished_at = $6, revision = revision + 1
 WHERE id = $1 AND revision = $2 AND state = 'draft'

-- name: report_reopen
UPDATE annual_report SET state = 'draft', frozen = '', finished_at = 0, revision = revision + 1
 WHERE id = $1 AND revision = $2 AND state = 'finished'

-- name: report_set_disclosure
UPDATE annual_report SET disclosure_id = $3, revision = revision + 1
 WHERE id = $1 AND revision = $2 AND state = 'finished'

-- name: report_city
-- The unit whose report is the city total.
SELECT code FROM unit WHERE kind = 'city' AND valid_to IS NULL ORDER BY sort_key, id LIMIT 1

-- name: statistics_cases
-- Cases of one unit received in [$2, $3], grouped by all that is counted. $4: now, for what is overdue.
SELECT channel, applicant, outcome, COALESCE(officer_post, 0) AS post, substr(received_day, 1, 7) AS month,
       CASE WHEN late THEN 1 ELSE 0 END AS late, CASE WHEN extended THEN 1 ELSE 0 END AS extended,
       CASE WHEN closed_day IS NULL THEN 0 ELSE 1 END AS closed,
       CASE WHEN closed_day IS NULL AND due_at <> 0 AND due_at < $4 THEN 1 ELSE 0 END AS overdue,
       COUNT(*) AS n, CAST(COALESCE(SUM(days_used), 0) AS BIGINT) AS days
  FROM request
 WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL AND unit_id = $1
   AND received_day >= $2 AND received_day <= $3
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9

-- name: statistics_remedies
-- Reconsiderations and suits filed in [$2, $3], by result.
SELECT kind, result, COUNT(*) AS n
  FROM request_remedy
 WHERE unit_id = $1 AND filed_day >= $2 AND filed_day <= $3
 GROUP BY kind, result

-- name: statistics_posts
-- Names of the posts that handled them.
SELECT p.id, p.name
  FROM post p
 WHERE p.id IN (SELECT r.officer_post FROM request r
                 WHERE r.matter = 'access' AND r.state <> 'split' AND r.received_day IS NOT NULL AND r.unit_id = $1
                   AND r.received_day >= $2 AND r.received_day <= $3)

-- name: remedies_list
-- Reconsiderations and suits with their cases. By year (days $2 to $3) as table 四 counts them, or ($4) by the day filed.
-- $5 '' any kind, $6 '' any result at the end of the span (by the day filed: as it is now). Keyed paging on id.
SELECT m.id, m.kind, m.organ, m.number, m.filed_day, m.result, m.result_day, m.request_id, r.number AS request_number,
       u.code AS unit_code, u.short_name AS unit_name
  FROM request_remedy m JOIN request r ON r.id = m.request_id JOIN unit u ON u.id = m.unit_id
 WHERE (CAST($1 AS BIGINT) IS NULL OR m.unit_id = $1) AND u.path LIKE $7 AND m.id > $8
   AND (CAST($5 AS TEXT) = '' OR m.kind = $5) AND m.filed_day <= $3
   AND CASE WHEN $4 THEN m.filed_day >= $2 ELSE m.result = 'pending' OR m.result_day IS NULL OR m.result_day >= $2 END
   AND (CAST($6 AS TEXT) = '' OR $6 = CASE WHEN NOT $4 AND (m.result = 'pending' OR m.result_day IS NULL OR m.result_day > $3)
                                           THEN 'pending' ELSE m.result END)
 ORDER BY m.id LIMIT $9

-- name: report_disclosure
-- What its editors set in the draft a report was made into: kept when the text is made anew.
SELECT d.revision, d.state, d.item_id, d.five, v.number, v.summary, v.keywords, v.genre, v.theme, v.source, v.effective
  FROM disclosure d JOIN disclosure_version v ON v.id = d.draft_version_id
 WHERE d.id = $1
