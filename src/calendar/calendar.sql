-- name: calendar_version_last
-- The newest calendar version; 0 before the first import.
SELECT COALESCE(MAX(version), 0) AS version FROM calendar_version

-- name: calendar_version_insert
INSERT INTO calendar_version (version, source, created_at) VALUES ($1, $2, $3)

-- name: calendar_year_insert
INSERT INTO calendar_year (year, version, notice, status) VALUES ($1, $2, $3, $4)

-- name: calendar_day_insert
INSERT INTO calendar_day (day, version, working, reason) VALUES ($1, $2, $3, $4)

-- name: calendar_years_in_force
-- The newest version of each year. Year 0 is the rule for every year without a notice of its own.
SELECT y.year, y.version, y.notice, y.status, v.source, v.created_at
  FROM calendar_year y JOIN calendar_version v ON v.version = y.version
 WHERE y.version = (SELECT MAX(z.version) FROM calendar_year z WHERE z.year = y.year)
 ORDER BY y.year

-- name: calendar_days_all
-- Every day of every version; the loader keeps those of the version in force of their year. Annual days are "--MM-DD".
SELECT day, version, working, reason FROM calendar_day ORDER BY day, version
