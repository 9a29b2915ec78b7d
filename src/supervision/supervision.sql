-- name: supervision_state_get
SELECT value FROM supervision_state WHERE name = $1

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
