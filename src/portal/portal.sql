-- portal.sql: citizens' subscriptions to searches.

-- name: subscription_insert
-- quiet: a reader's wish is no act of government
INSERT INTO subscription (address, address_key, asked_from, search, title, often, created_at, confirmed_at, seen_at, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7, 0) RETURNING id

-- name: subscription_asked_of_address
SELECT count(*) FROM subscription WHERE address_key = $1 AND created_at > $2

-- name: subscription_asked_from
SELECT count(*) FROM subscription WHERE asked_from = $1 AND created_at > $2

-- name: subscription_get
SELECT id, title, often, created_at, confirmed_at, search FROM subscription WHERE id = $1

-- name: subscription_confirm
-- quiet: a reader's wish is no act of government
UPDATE subscription SET confirmed_at = $2, seen_at = $2, next_at = $2 WHERE id = $1 AND confirmed_at = 0

-- name: subscription_delete
-- quiet: a reader's wish is no act of government
DELETE FROM subscription WHERE id = $1

-- name: subscription_due
SELECT id, address, search, title, often, seen_at, created_at
  FROM subscription WHERE confirmed_at > 0 AND next_at <= $1 ORDER BY next_at, id LIMIT 500

-- name: subscription_told
-- quiet: what was sent stands in the outbox
UPDATE subscription SET seen_at = $3, next_at = $4 WHERE id = $1 AND seen_at = $2

-- name: subscription_sweep
-- quiet: what nobody confirmed is forgotten
DELETE FROM subscription WHERE confirmed_at = 0 AND created_at < $1
