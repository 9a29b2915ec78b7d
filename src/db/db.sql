-- db.sql: the record of applied migrations; its table is made in migrate.c.

-- name: db_migration_list
SELECT number, name, checksum FROM schema_migration ORDER BY number

-- name: db_migration_insert
-- quiet: the schema's own record; there is no event table before the first migration
INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)
