-- org.sql: units, posts, appointments.

-- name: unit_by_id
SELECT id, parent_id, code, name, short_name, kind, org_code, CASE WHEN demonstration THEN 1 ELSE 0 END AS demonstration, path, details, sort_key FROM unit WHERE id = $1

-- name: unit_by_code
SELECT id, parent_id, code, name, short_name, kind, org_code, CASE WHEN demonstration THEN 1 ELSE 0 END AS demonstration, path, details, sort_key FROM unit WHERE code = $1

-- name: unit_by_name
SELECT u.id, u.parent_id, u.code, u.name, u.short_name, u.kind, u.org_code, CASE WHEN u.demonstration THEN 1 ELSE 0 END AS demonstration, u.path, u.details, u.sort_key
  FROM unit_name n JOIN unit u ON u.id = n.unit_id WHERE n.name = $1

-- name: unit_list
SELECT id, parent_id, code, name, short_name, kind, CASE WHEN demonstration THEN 1 ELSE 0 END AS demonstration, sort_key
  FROM unit WHERE valid_to IS NULL AND (CAST($1 AS TEXT) = '' OR kind = $1) ORDER BY sort_key, id

-- name: unit_insert
INSERT INTO unit (parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, details, valid_from)
VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING id

-- name: unit_set_path
UPDATE unit SET path = $2 WHERE id = $1

-- name: unit_update
UPDATE unit SET name = $2, short_name = $3, details = $4 WHERE id = $1

-- name: unit_name_insert
INSERT INTO unit_name (name, unit_id) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING

-- name: unit_path
SELECT path FROM unit WHERE id = $1

-- name: post_insert
INSERT INTO post (unit_id, name, roles, all_units) VALUES ($1, $2, $3, $4)
RETURNING id

-- name: post_by_name
SELECT id FROM post WHERE unit_id = $1 AND name = $2 AND ended_at = 0

-- name: post_of_person
-- The post a person holds today: the asked one, or ($2 = 0) the first.
SELECT p.id, p.name, p.roles, CASE WHEN p.all_units THEN 1 ELSE 0 END AS all_units, u.id AS unit_id, u.name AS unit_name, u.code AS unit_code
  FROM appointment a JOIN post p ON p.id = a.post_id JOIN unit u ON u.id = p.unit_id
 WHERE a.person_id = $1 AND (CAST($2 AS BIGINT) = 0 OR p.id = $2) AND a.from_day <= $3 AND (a.to_day IS NULL OR a.to_day >= $3) AND p.ended_at = 0
 ORDER BY a.id LIMIT 1

-- name: posts_of_person
SELECT p.id, p.name, p.roles, u.short_name AS unit
  FROM appointment a JOIN post p ON p.id = a.post_id JOIN unit u ON u.id = p.unit_id
 WHERE a.person_id = $1 AND a.from_day <= $2 AND (a.to_day IS NULL OR a.to_day >= $2) AND p.ended_at = 0
 ORDER BY a.id

-- name: posts_of_unit
SELECT p.id, p.name, p.roles, CASE WHEN p.all_units THEN 1 ELSE 0 END AS all_units FROM post p WHERE p.unit_id = $1 AND p.ended_at = 0 ORDER BY p.id

-- name: appointments_of_unit
SELECT a.id, a.post_id, a.from_day, a.to_day, s.name AS person_name, s.login, p.name AS post_name
  FROM appointment a JOIN post p ON p.id = a.post_id JOIN person s ON s.id = a.person_id
 WHERE p.unit_id = $1 ORDER BY a.id

-- name: appointment_insert
INSERT INTO appointment (person_id, post_id, from_day, to_day) VALUES ($1, $2, $3, $4)

-- name: appointment_get
SELECT a.id, a.person_id, a.post_id, p.unit_id FROM appointment a JOIN post p ON p.id = a.post_id WHERE a.id = $1

-- name: appointment_end
UPDATE appointment SET to_day = $2 WHERE id = $1 AND (to_day IS NULL OR to_day > $2)

-- name: org_person_any
SELECT id FROM person LIMIT 1

-- name: unit_names_all
-- Every name a unit in force is or was known by.
SELECT u.id, n.name FROM unit u JOIN unit_name n ON n.unit_id = u.id WHERE u.valid_to IS NULL ORDER BY u.sort_key, u.id, n.name
