-- auth.sql: accounts, sessions, tokens, replays.

-- name: person_insert
INSERT INTO person (login, name, password_hash, password_at, must_change, disabled, demo, created_at)
VALUES ($1, $2, $3, $4, $5, FALSE, $6, $4)
RETURNING id

-- name: person_by_login
SELECT id, login, name, password_hash, password_at, CASE WHEN must_change THEN 1 ELSE 0 END AS must_change, totp_secret, totp_last, failures, locked_until,
       CASE WHEN disabled THEN 1 ELSE 0 END AS disabled, CASE WHEN demo THEN 1 ELSE 0 END AS demo, password_past
  FROM person WHERE login = $1

-- name: person_by_id
SELECT id, login, name, password_hash, password_at, CASE WHEN must_change THEN 1 ELSE 0 END AS must_change, totp_secret, totp_last, failures, locked_until,
       CASE WHEN disabled THEN 1 ELSE 0 END AS disabled, CASE WHEN demo THEN 1 ELSE 0 END AS demo, password_past
  FROM person WHERE id = $1

-- name: person_list
SELECT id, login, name, CASE WHEN disabled THEN 1 ELSE 0 END AS disabled, CASE WHEN demo THEN 1 ELSE 0 END AS demo, locked_until, created_at,
       CASE WHEN totp_secret = '' THEN 0 ELSE 1 END AS second_factor
  FROM person WHERE id > $1 ORDER BY id LIMIT $2

-- name: person_set_failures
-- quiet: a count between two successes; the lock itself is an event
UPDATE person SET failures = $2, locked_until = $3 WHERE id = $1

-- name: person_set_password
UPDATE person SET password_hash = $2, password_at = $3, must_change = $4, password_past = $5, failures = 0, locked_until = 0 WHERE id = $1

-- name: person_set_disabled
UPDATE person SET disabled = $2 WHERE id = $1

-- name: person_set_totp
UPDATE person SET totp_secret = $2, totp_last = 0 WHERE id = $1

-- name: person_set_totp_last
-- quiet: a code works once
UPDATE person SET totp_last = $2 WHERE id = $1 AND totp_last < $2

-- name: session_insert
INSERT INTO session (token_hash, person_id, post_id, csrf, second_factor, factor_due, address, agent, created_at, seen_at)
VALUES ($1, $2, $3, $4, FALSE, $5, $6, $7, $8, $8)

-- name: session_by_token
SELECT s.id, s.person_id, s.post_id, s.csrf, CASE WHEN s.second_factor THEN 1 ELSE 0 END AS second_factor, CASE WHEN s.factor_due THEN 1 ELSE 0 END AS factor_due,
       s.created_at, s.seen_at, s.ended_at, p.login, p.name, CASE WHEN p.must_change THEN 1 ELSE 0 END AS must_change,
       CASE WHEN p.disabled THEN 1 ELSE 0 END AS disabled, p.password_at, CASE WHEN p.demo THEN 1 ELSE 0 END AS demo
  FROM session s JOIN person p ON p.id = s.person_id WHERE s.token_hash = $1

-- name: session_touch
-- quiet: the idle limit's bookkeeping, at most once a minute
UPDATE session SET seen_at = $2 WHERE id = $1

-- name: session_set_post
-- quiet: which of one's posts one acts in is in every event
UPDATE session SET post_id = $2 WHERE id = $1

-- name: session_set_factor
UPDATE session SET second_factor = TRUE, factor_due = FALSE WHERE id = $1

-- name: session_end
UPDATE session SET ended_at = $2 WHERE id = $1 AND ended_at = 0

-- name: session_end_person
UPDATE session SET ended_at = $2 WHERE person_id = $1 AND ended_at = 0 AND id <> $3

-- name: session_list
SELECT id, address, agent, created_at, seen_at FROM session WHERE person_id = $1 AND ended_at = 0 AND seen_at > $2 ORDER BY seen_at DESC LIMIT 20

-- name: session_sweep
-- quiet: expired sign-ins
DELETE FROM session WHERE seen_at < $1

-- name: token_insert
INSERT INTO api_token (name, token_hash, unit_id, scopes, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id

-- name: token_by_hash
SELECT id, name, unit_id, scopes, expires_at, revoked_at FROM api_token WHERE token_hash = $1

-- name: token_list
SELECT t.id, t.name, t.unit_id, t.scopes, t.expires_at, t.revoked_at, t.created_at FROM api_token t ORDER BY t.id DESC LIMIT 200

-- name: token_revoke
UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0

-- name: replay_get
SELECT request_hash, status, location, body FROM replay WHERE owner = $1 AND replay_key = $2

-- name: replay_insert
-- quiet: the answer to a change, kept beside it
INSERT INTO replay (owner, replay_key, request_hash, status, location, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: replay_sweep
-- quiet: answers older than a day
DELETE FROM replay WHERE created_at < $1

-- name: token_unit
-- The unit a token is bound to, by its code.
SELECT id FROM unit WHERE code = $1 AND valid_to IS NULL
