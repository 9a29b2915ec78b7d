-- job.sql: the queue and the schedule of recurring kinds.

-- name: job_insert
-- quiet: what a job changes is told by the job's own events
-- A second one of the same kind and key only moves the waiting one forward.
INSERT INTO job (kind, args, unique_key, state, run_at, tries, lease_until, error, created_at, done_at)
VALUES ($1, $2, $3, 'waiting', $4, 0, 0, '', $5, 0)
ON CONFLICT (kind, unique_key) WHERE unique_key <> '' AND state = 'waiting'
DO UPDATE SET run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END

-- name: job_lease
-- quiet: taking a job is not a change of any matter
-- Takes the most urgent due job, also one whose runner died ($1 now, $2 lease until) of the lane $3 (0 all, 1 quick kinds, 2
-- the slow kinds, which $4 names: ",ocr,"). A job with a key waits while
-- another of its kind and key runs. The outer condition is checked again after waiting for another node's lock.
UPDATE job
   SET state = 'running', lease_until = $2, tries = tries + 1
 WHERE id IN (SELECT c.id
                FROM job c
               WHERE ((c.state = 'waiting' AND c.run_at <= $1) OR (c.state = 'running' AND c.lease_until < $1))
                 AND (CAST($3 AS BIGINT) = 0 OR CASE WHEN CAST($4 AS TEXT) LIKE '%,' || c.kind || ',%' THEN 2 ELSE 1 END = $3)
                 AND NOT EXISTS (SELECT 1 FROM job r
                                  WHERE r.kind = c.kind AND r.unique_key = c.unique_key AND r.unique_key <> ''
                                    AND r.state = 'running' AND r.lease_until >= $1 AND r.id <> c.id)
               ORDER BY c.run_at, c.id
               LIMIT 1)
   AND ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until < $1))
RETURNING id, kind, args, tries

-- name: job_renew
-- quiet: the runner is still at it
UPDATE job SET lease_until = $3 WHERE id = $1 AND state = 'running' AND tries = $2

-- name: job_done
-- quiet: what the job changed is told by its own events
-- tries names the lease: a runner that lost it changes nothing.
UPDATE job SET state = 'done', done_at = $3, error = '' WHERE id = $1 AND state = 'running' AND tries = $2

-- name: job_retry
-- quiet: the reason is kept in the row
UPDATE job
   SET state = 'waiting', run_at = $3, error = $4
 WHERE id = $1 AND state = 'running' AND tries = $2
   AND NOT EXISTS (SELECT 1 FROM job o
                    WHERE o.kind = job.kind AND o.unique_key = job.unique_key AND o.unique_key <> '' AND o.state = 'waiting')

-- name: job_end
-- quiet: the reason is kept in the row
UPDATE job SET state = $3, done_at = $4, error = $5 WHERE id = $1 AND state = 'running' AND tries = $2

-- name: job_next_waiting
SELECT run_at FROM job WHERE state = 'waiting' AND (CAST($1 AS BIGINT) = 0 OR CASE WHEN CAST($2 AS TEXT) LIKE '%,' || kind || ',%' THEN 2 ELSE 1 END = $1) ORDER BY run_at LIMIT 1

-- name: job_next_lost
SELECT lease_until FROM job WHERE state = 'running' AND (CAST($1 AS BIGINT) = 0 OR CASE WHEN CAST($2 AS TEXT) LIKE '%,' || kind || ',%' THEN 2 ELSE 1 END = $1) ORDER BY lease_until LIMIT 1

-- name: job_schedule_list
SELECT kind, next_at FROM job_schedule

-- name: job_schedule_insert
-- quiet: when a recurring job is due is not a change of any matter
INSERT INTO job_schedule (kind, next_at) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING

-- name: job_schedule_claim
-- quiet: when a recurring job is due is not a change of any matter
-- One node wins: the others find next_at moved.
UPDATE job_schedule SET next_at = $3 WHERE kind = $1 AND next_at <= $2

-- name: job_sweep
-- quiet: finished jobs are of no use after a while
DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' AND done_at < $1 ORDER BY id LIMIT 1000)

-- name: job_list
-- The newest jobs, those that failed first, for the operator.
SELECT id, kind, args, state, run_at, tries, error, created_at, done_at
  FROM job
 ORDER BY CASE WHEN state = 'failed' THEN 0 ELSE 1 END, id DESC
 LIMIT $1

-- name: job_again
-- quiet: an operator's second try; the job's own events tell what it changed
UPDATE job SET state = 'waiting', run_at = $2, tries = 0, done_at = 0 WHERE id = $1 AND state = 'failed'
