-- desk.sql: the room owns no table; these read the events' table for the auditor's list.

-- name: desk_events_recent
-- Events, newest first; optional kind, unit of the matter and post.
SELECT id, at, person_name, post_name, actor_unit_name, room, verb, subject_kind, subject_id, visibility
  FROM event
 WHERE id < $1 AND (CAST($2 AS TEXT) = '' OR subject_kind = $2)
   AND (CAST($4 AS BIGINT) IS NULL OR unit_id = $4) AND (CAST($5 AS TEXT) = '' OR post_name = $5)
 ORDER BY id DESC LIMIT $3
