-- name: message_insert
-- quiet: the reason of a message has its own event
INSERT INTO message (channel, sealed, message_id, state, created_at, done_at, error)
VALUES ($1, $2, $3, 'waiting', $4, 0, '') RETURNING id

-- name: message_get
SELECT channel, sealed, message_id, state FROM message WHERE id = $1

-- name: message_done
-- quiet: the reason of a message has its own event
-- Address and text are destroyed.
UPDATE message SET state = $2, done_at = $3, error = $4, sealed = '' WHERE id = $1 AND state = 'waiting'

-- name: notice_insert
-- quiet: the reason of a notice has its own event
INSERT INTO notice (at, unit_id, permission, office, tone, title, text, address, once_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING

-- name: notice_list
-- $1 person, $2 post, $3 unit, $4 whether the post covers all units, $5 codes of its rights with blanks around each.
SELECT n.id, n.at, n.tone, n.title, n.text, n.address, u.short_name AS unit,
       CASE WHEN r.notice_id IS NOT NULL OR n.id <= COALESCE(s.up_to, 0) THEN 1 ELSE 0 END AS seen
  FROM notice n
  LEFT JOIN unit u ON u.id = n.unit_id
  LEFT JOIN notice_read r ON r.notice_id = n.id AND r.person_id = $1
  LEFT JOIN notice_seen s ON s.person_id = $1 AND s.post_id = $2
 WHERE n.id < $6 AND (n.unit_id = $3 OR (n.office AND CAST($4 AS BIGINT) = 1))
   AND CAST($5 AS TEXT) LIKE '% ' || n.permission || ' %'
 ORDER BY n.id DESC LIMIT $7

-- name: notice_unread
SELECT count(*) FROM (
  SELECT n.id FROM notice n
   WHERE n.id > COALESCE((SELECT up_to FROM notice_seen WHERE person_id = $1 AND post_id = $2), 0) AND n.at > $6
     AND (n.unit_id = $3 OR (n.office AND CAST($4 AS BIGINT) = 1))
     AND CAST($5 AS TEXT) LIKE '% ' || n.permission || ' %'
     AND NOT EXISTS (SELECT 1 FROM notice_read r WHERE r.notice_id = n.id AND r.person_id = $1)
   LIMIT $7) AS unread

-- name: notice_get
SELECT n.address FROM notice n
 WHERE n.id = $1 AND (n.unit_id = $2 OR (n.office AND CAST($3 AS BIGINT) = 1))
   AND CAST($4 AS TEXT) LIKE '% ' || n.permission || ' %'

-- name: notice_read_insert
-- quiet: what somebody has looked at is no part of any matter
INSERT INTO notice_read (person_id, notice_id, at) VALUES ($1, $2, $3)
ON CONFLICT (person_id, notice_id) DO NOTHING

-- name: notice_seen_save
-- quiet: what somebody has looked at is no part of any matter
INSERT INTO notice_seen (person_id, post_id, up_to) VALUES ($1, $2, (SELECT COALESCE(max(id), 0) FROM notice))
ON CONFLICT (person_id, post_id) DO UPDATE SET up_to = excluded.up_to
