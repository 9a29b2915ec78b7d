-- catalogue.sql: every statement of the room.

-- ── fields ──

-- name: field_insert
INSERT INTO field (id, code, name, compiled_here, note) VALUES ($1, $2, $3, $4, '') ON CONFLICT (id) DO NOTHING

-- name: field_unit_insert
INSERT INTO field_unit (field_id, unit_id, lead, sort_key) VALUES ($1, $2, $3, $4) ON CONFLICT (field_id, unit_id) DO NOTHING

-- name: field_all
SELECT id, code, name, compiled_here FROM field ORDER BY id

-- name: field_units
SELECT fu.field_id, u.id, u.code, u.name, u.short_name, fu.lead
  FROM field_unit fu JOIN unit u ON u.id = fu.unit_id
 ORDER BY fu.field_id, fu.sort_key

-- ── catalogues ──

-- name: catalogue_insert
INSERT INTO catalogue (code, kind, level, unit_id, name, compiled, adopted_from, sort_key, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id

-- name: catalogue_by_id
SELECT c.id, c.code, c.kind, c.level, c.unit_id, c.name, c.compiled, c.adopted_from, u.code AS unit_code, u.name AS unit_name
  FROM catalogue c JOIN unit u ON u.id = c.unit_id
 WHERE c.id = $1

-- name: catalogue_by_code
SELECT id FROM catalogue WHERE code = $1

-- name: catalogue_all
-- With the number of items in force on a day. $2: a kind, or NULL for all.
SELECT c.id, c.code, c.kind, c.level, c.unit_id, c.name, c.compiled, c.adopted_from, u.code AS unit_code, u.name AS unit_name,
       (SELECT COUNT(*)
          FROM catalogue_item i JOIN item_version v ON v.item_id = i.id
         WHERE i.catalogue_id = c.id AND v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)) AS items
  FROM catalogue c JOIN unit u ON u.id = c.unit_id
 WHERE CAST($2 AS TEXT) IS NULL OR c.kind = $2
 ORDER BY c.sort_key, c.id

-- name: catalogue_lock
SELECT id FROM catalogue WHERE id = $1

-- ── items ──

-- name: item_insert
INSERT INTO catalogue_item (catalogue_id, field_id, code, source_item_id, created_at) VALUES ($1, $2, $3, $4, $5)

-- name: item_codes
SELECT id, code FROM catalogue_item WHERE catalogue_id = $1 ORDER BY code

-- name: item_level1_codes
-- Every code ever given in a catalogue, with the 一级事项 it stands under: codes are never used again.
SELECT i.code, v.level1, i.field_id, v.serial
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id
 WHERE i.catalogue_id = $1 AND v.version = (SELECT MAX(x.version) FROM item_version x WHERE x.item_id = i.id)
 ORDER BY i.code

-- name: item_version_insert
INSERT INTO item_version (item_id, version, serial, level1, level2, elements, basis, limit_text, limit_rules, limit_settled,
                          owners_text, channels, audience_all, audience_group, mode_active, mode_request, level_city,
                          level_town, extra, valid_from, valid_to, proposal_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, NULL, $21, $22)

-- name: item_version_close
-- The last day of the version in force; the only thing about a version that is ever written again.
UPDATE item_version SET valid_to = $2 WHERE id = $1 AND valid_to IS NULL

-- name: item_newest_versions
SELECT v.item_id, v.id, v.version
  FROM item_version v JOIN catalogue_item i ON i.id = v.item_id
 WHERE i.catalogue_id = $1 AND v.version = (SELECT MAX(x.version) FROM item_version x WHERE x.item_id = i.id)
 ORDER BY v.item_id

-- name: item_owner_insert
INSERT INTO item_owner (version_id, unit_id) VALUES ($1, $2) ON CONFLICT (version_id, unit_id) DO NOTHING

-- name: item_owner_list
SELECT u.id AS unit_id, u.code, u.name, u.short_name
  FROM item_owner o JOIN unit u ON u.id = o.unit_id
 WHERE o.version_id = $1
 ORDER BY u.sort_key, u.id

-- name: item_version_on
-- The one version in force on a day.
SELECT i.id, v.id AS version_id, i.catalogue_id, i.field_id, i.code, v.version, c.kind, c.level, c.unit_id, v.level1,
       v.level2, v.elements, v.basis, v.limit_text, v.owners_text, v.channels, v.audience_group, v.audience_all,
       v.mode_active, v.mode_request, v.level_city, v.level_town, v.limit_rules, v.valid_from, v.valid_to, v.serial,
       v.limit_settled, v.extra
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE i.id = $1 AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to >= $2)

-- name: item_version_by_id
SELECT i.id, v.id AS version_id, i.catalogue_id, i.field_id, i.code, v.version, c.kind, c.level, c.unit_id, v.level1,
       v.level2, v.elements, v.basis, v.limit_text, v.owners_text, v.channels, v.audience_group, v.audience_all,
       v.mode_active, v.mode_request, v.level_city, v.level_town, v.limit_rules, v.valid_from, v.valid_to, v.serial,
       v.limit_settled, v.extra
  FROM item_version v JOIN catalogue_item i ON i.id = v.item_id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE v.id = $1

-- name: item_version_newest
SELECT i.id, v.id AS version_id, i.catalogue_id, i.field_id, i.code, v.version, c.kind, c.level, c.unit_id, v.level1,
       v.level2, v.elements, v.basis, v.limit_text, v.owners_text, v.channels, v.audience_group, v.audience_all,
       v.mode_active, v.mode_request, v.level_city, v.level_town, v.limit_rules, v.valid_from, v.valid_to, v.serial,
       v.limit_settled, v.extra
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE i.id = $1
 ORDER BY v.version DESC LIMIT 1

-- name: item_versions_newest
-- Of a whole catalogue, in its order: what an import is compared with. Ended items keep their last version.
SELECT i.id, v.id AS version_id, i.catalogue_id, i.field_id, i.code, v.version, c.kind, c.level, c.unit_id, v.level1,
       v.level2, v.elements, v.basis, v.limit_text, v.owners_text, v.channels, v.audience_group, v.audience_all,
       v.mode_active, v.mode_request, v.level_city, v.level_town, v.limit_rules, v.valid_from, v.valid_to, v.serial,
       v.limit_settled, v.extra
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE i.catalogue_id = $1 AND v.version = (SELECT MAX(x.version) FROM item_version x WHERE x.item_id = i.id)
 ORDER BY i.field_id NULLS LAST, v.serial, i.code

-- name: item_versions_on
-- The standard table of one day. $3: a field, or NULL for all.
SELECT i.id, v.id AS version_id, i.catalogue_id, i.field_id, i.code, v.version, c.kind, c.level, c.unit_id, v.level1,
       v.level2, v.elements, v.basis, v.limit_text, v.owners_text, v.channels, v.audience_group, v.audience_all,
       v.mode_active, v.mode_request, v.level_city, v.level_town, v.limit_rules, v.valid_from, v.valid_to, v.serial,
       v.limit_settled, v.extra
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE i.catalogue_id = $1 AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to >= $2)
   AND (CAST($3 AS BIGINT) IS NULL OR i.field_id = $3)
 ORDER BY i.field_id NULLS LAST, v.serial, i.code

-- name: item_id_by_code
SELECT id FROM catalogue_item WHERE code = $1

-- name: item_more
-- What item_json adds: names around an item.
SELECT i.source_item_id, f.code, f.name, c.code, c.name, u.code, u.name
  FROM catalogue_item i JOIN catalogue c ON c.id = i.catalogue_id JOIN unit u ON u.id = c.unit_id
       LEFT JOIN field f ON f.id = i.field_id
 WHERE i.id = $1

-- name: item_version_list
SELECT v.id AS version_id, v.version, v.valid_from, v.valid_to, v.proposal_id, p.ground, p.title
  FROM item_version v LEFT JOIN change_proposal p ON p.id = v.proposal_id
 WHERE v.item_id = $1
 ORDER BY v.version DESC

-- name: items_of_unit_on
SELECT i.id, i.code, v.level1, v.level2, f.name AS field_name, c.kind
  FROM item_owner o JOIN item_version v ON v.id = o.version_id JOIN catalogue_item i ON i.id = v.item_id
       JOIN catalogue c ON c.id = i.catalogue_id LEFT JOIN field f ON f.id = i.field_id
 WHERE o.unit_id = $1 AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to >= $2)
 ORDER BY c.sort_key, c.id, i.field_id NULLS LAST, v.serial, i.code

-- name: items_same_name
-- The same unit's other catalogues that already hold this item (三张目录不重复).
SELECT i.id, i.code, c.name AS catalogue_name
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE c.unit_id = $1 AND c.id <> $2 AND v.level1 = $3 AND v.level2 = $4
   AND v.valid_from <= $5 AND (v.valid_to IS NULL OR v.valid_to >= $5)
 ORDER BY i.code LIMIT 3

-- name: items_of_other_catalogues
-- As items_same_name for a whole import: names only.
SELECT v.level1, v.level2, c.name, i.code
  FROM catalogue_item i JOIN item_version v ON v.item_id = i.id JOIN catalogue c ON c.id = i.catalogue_id
 WHERE c.unit_id = $1 AND c.id <> $2 AND v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to >= $3)

-- name: items_unsettled
-- Time limits a person must settle, of catalogues in the actor's scope ($2: a LIKE pattern over unit.path).
SELECT i.id, i.code, v.level1, v.level2, v.limit_text, c.name AS catalogue_name, f.name AS field_name
  FROM item_version v JOIN catalogue_item i ON i.id = v.item_id JOIN catalogue c ON c.id = i.catalogue_id
       JOIN unit u ON u.id = c.unit_id LEFT JOIN field f ON f.id = i.field_id
 WHERE v.limit_settled = FALSE AND v.valid_from <= $1 AND (v.valid_to IS NULL OR v.valid_to >= $1)
   AND u.path LIKE $2 AND i.id > $3
 ORDER BY i.id LIMIT 51

-- ── change proposals ──

-- name: proposal_insert
INSERT INTO change_proposal (catalogue_id, state, title, ground, effective, changes, import_id, revision, proposed_by, decided_by,
                             reason, created_at, decided_at)
VALUES ($1, 'draft', $2, $3, $4, $5, $6, 1, $7, NULL, '', $8, 0)
RETURNING id

-- name: proposal_by_id
SELECT p.id, p.catalogue_id, p.state, p.title, p.ground, p.effective, p.changes, p.import_id, p.revision, p.proposed_by,
       p.decided_by, p.reason, p.created_at, p.decided_at
  FROM change_proposal p
 WHERE p.id = $1

-- name: proposal_lock
SELECT id, state FROM change_proposal WHERE id = $1

-- name: proposal_set_state
-- Only from the state that was read: two people pressing at once do it once.
UPDATE change_proposal
   SET state = $2, decided_by = $3, decided_at = $4, reason = $5, effective = $6, revision = revision + 1
 WHERE id = $1 AND state = $7

-- name: proposal_set_changes
UPDATE change_proposal SET changes = $2, effective = $3, revision = revision + 1 WHERE id = $1

-- name: proposal_set_reason
-- quiet: why an approved proposal could not take force yet; found anew at each attempt
UPDATE change_proposal SET reason = $2 WHERE id = $1

-- name: proposal_due
SELECT id FROM change_proposal WHERE state = 'approved' AND effective <= $1 ORDER BY effective, id LIMIT 200

-- name: proposal_list
-- Of catalogues in scope ($1: a LIKE pattern over unit.path), or the actor's own ($2). $3: a state, or NULL for all.
SELECT p.id, p.state, p.title, p.ground, p.effective, p.created_at, p.reason, c.name AS catalogue_name, u.short_name AS unit_name,
       length(p.changes) AS size
  FROM change_proposal p JOIN catalogue c ON c.id = p.catalogue_id JOIN unit u ON u.id = c.unit_id
 WHERE (u.path LIKE $1 OR p.proposed_by = $2) AND (CAST($3 AS TEXT) IS NULL OR p.state = $3) AND p.id < $4
 ORDER BY p.id DESC LIMIT $5

-- name: person_name
SELECT name FROM person WHERE id = $1

-- ── imports ──

-- name: import_insert
INSERT INTO catalogue_import (catalogue_id, file_name, sha256, state, report, plan, person_id, created_at, applied_at)
VALUES ($1, $2, $3, 'dry', $4, $5, $6, $7, 0)
RETURNING id

-- name: import_by_id
SELECT id, catalogue_id, file_name, sha256, state, report, created_at, applied_at FROM catalogue_import WHERE id = $1

-- name: import_plan
SELECT plan, state FROM catalogue_import WHERE id = $1

-- name: import_set_applied
UPDATE catalogue_import SET state = 'applied', applied_at = $2, plan = '{}' WHERE id = $1 AND state = 'dry'

-- name: import_list
SELECT id, file_name, state, created_at FROM catalogue_import WHERE catalogue_id = $1 ORDER BY id DESC LIMIT 20

-- name: import_proposal
SELECT id FROM change_proposal WHERE import_id = $1 ORDER BY id DESC LIMIT 1

-- ── powers and public services ──

-- name: matter_put
INSERT INTO public_matter (kind, code, unit_id, name, category, basis, exemption, valid_from, valid_to, created_at)
VALUES ($1, $2, $3, $4, $5, $6, '', $7, NULL, $8)
ON CONFLICT (kind, code, unit_id) DO UPDATE SET name = excluded.name, category = excluded.category, basis = excluded.basis, valid_to = NULL

-- name: matter_list
-- $1 kind; $2 a LIKE pattern over unit.path; $3 TRUE: only those without item and exemption; keyed by id.
SELECT m.id, m.code, m.name, m.category, m.exemption, u.short_name AS unit_name, u.name AS unit_full,
       (SELECT COUNT(*) FROM public_matter_item x WHERE x.matter_id = m.id) AS items
  FROM public_matter m JOIN unit u ON u.id = m.unit_id
 WHERE m.kind = $1 AND u.path LIKE $2 AND m.id > $4 AND m.valid_to IS NULL
   AND ($3 = FALSE OR (m.exemption = '' AND NOT EXISTS (SELECT 1 FROM public_matter_item x WHERE x.matter_id = m.id)))
 ORDER BY m.id LIMIT 101

-- name: matter_counts
SELECT COUNT(*) AS total,
       CAST(COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM public_matter_item x WHERE x.matter_id = m.id) THEN 1 ELSE 0 END), 0) AS BIGINT) AS linked,
       CAST(COALESCE(SUM(CASE WHEN m.exemption <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) AS exempt
  FROM public_matter m JOIN unit u ON u.id = m.unit_id
 WHERE m.kind = $1 AND u.path LIKE $2 AND m.valid_to IS NULL

-- name: matter_by_id
SELECT id, kind, code, unit_id, name, exemption FROM public_matter WHERE id = $1

-- name: matter_items
SELECT x.matter_id, i.id, i.code, v.level2
  FROM public_matter_item x JOIN catalogue_item i ON i.id = x.item_id JOIN item_version v ON v.item_id = i.id
       JOIN public_matter m ON m.id = x.matter_id JOIN unit u ON u.id = m.unit_id
 WHERE m.kind = $1 AND u.path LIKE $2 AND m.id > $3
   AND v.version = (SELECT MAX(y.version) FROM item_version y WHERE y.item_id = i.id)
 ORDER BY x.matter_id, i.code LIMIT 1000

-- name: matter_item_insert
INSERT INTO public_matter_item (matter_id, item_id) VALUES ($1, $2) ON CONFLICT (matter_id, item_id) DO NOTHING

-- name: matter_set_exemption
UPDATE public_matter SET exemption = $2 WHERE id = $1

-- name: item_search_list
-- Items in force on a day ($2), by id; what a town adopted word for word stands once, where it was compiled.
SELECT i.id FROM catalogue_item i
 WHERE i.id > $1 AND i.source_item_id IS NULL AND EXISTS (SELECT 1 FROM item_version v WHERE v.item_id = i.id AND v.valid_from <= $2
                                                            AND (v.valid_to IS NULL OR v.valid_to >= $2))
 ORDER BY i.id LIMIT $3
