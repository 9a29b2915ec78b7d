-- app.sql: the few questions of start-up.

-- name: app_demo_present
SELECT id FROM disclosure WHERE demo LIMIT 1
