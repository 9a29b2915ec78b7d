-- desk.sql: the room owns no table; these read the events' table for the auditor's list.

-- name: desk_events_recent
-- Events, newest first, of one unit or (NULL) all; optional kind.
SELECT id, at, person_name, post_name, actor_unit_name, room, verb, subject_kind, subject_id, visibility
  FROM event
 WHERE id < $1 AND (CAST($2 AS TEXT) = '' OR subject_kind = $2)
 ORDER BY id DESC LIMIT $3
