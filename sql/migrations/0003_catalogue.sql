-- The three catalogues: what is owed.

-- field: 领域, the 26 of annex 2.
CREATE TABLE field (
    id            BIGINT PRIMARY KEY,             -- 1 … 26
    code          KEYTEXT NOT NULL UNIQUE,        -- "01"
    name          TEXT NOT NULL,
    compiled_here BOOLEAN NOT NULL,               -- the * mark: Rugao compiles it; else adopted (承接)
    note          TEXT NOT NULL
) STRICT;
CREATE TABLE field_unit (
    field_id BIGINT NOT NULL REFERENCES field (id),
    unit_id  BIGINT NOT NULL REFERENCES unit (id),
    lead     BOOLEAN NOT NULL,                    -- 牵头
    sort_key BIGINT NOT NULL,
    PRIMARY KEY (field_id, unit_id)
) STRICT;

-- catalogue: one list of one unit and level.
CREATE TABLE catalogue (
    id           IDENTITY,
    code         KEYTEXT NOT NULL UNIQUE,         -- in addresses: "city-standard", "changjiang-standard"
    kind         KEYTEXT NOT NULL,                -- standard, supplementary, village
    level        KEYTEXT NOT NULL,                -- city, town, village
    unit_id      BIGINT NOT NULL REFERENCES unit (id),
    name         TEXT NOT NULL,
    compiled     KEYTEXT NOT NULL,                -- here, adopted
    adopted_from BIGINT REFERENCES catalogue (id),
    sort_key     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
) STRICT;

-- catalogue_item: stable identity of an item.
CREATE TABLE catalogue_item (
    id           IDENTITY,
    catalogue_id BIGINT NOT NULL REFERENCES catalogue (id),
    field_id     BIGINT REFERENCES field (id),
    code         KEYTEXT NOT NULL UNIQUE,         -- 320682-01-02-003; towns 320682-<unit code>-01-02-003
    source_item_id BIGINT REFERENCES catalogue_item (id), -- derived from (village, adopted)
    created_at   BIGINT NOT NULL
) STRICT;
CREATE INDEX catalogue_item_catalogue ON catalogue_item (catalogue_id, field_id, code);

-- item_version: every column of the standard table. A version that has been in force never changes.
CREATE TABLE item_version (
    id             IDENTITY,
    item_id        BIGINT NOT NULL REFERENCES catalogue_item (id),
    version        BIGINT NOT NULL,               -- 1, 2, …
    serial         BIGINT NOT NULL,               -- 序号 within its field
    level1         TEXT NOT NULL,                 -- 一级事项
    level2         TEXT NOT NULL,                 -- 二级事项
    elements       TEXT NOT NULL,                 -- 公开内容（要素）
    basis          TEXT NOT NULL,                 -- 公开依据
    limit_text     TEXT NOT NULL,                 -- 公开时限, original words
    limit_rules    TEXT NOT NULL,                 -- JSON array of machine rules
    limit_settled  BOOLEAN NOT NULL,              -- false: a person must settle the rule
    owners_text    TEXT NOT NULL,                 -- 公开主体, original words
    channels       TEXT NOT NULL,                 -- 公开渠道和载体
    audience_all   BOOLEAN NOT NULL,              -- 全社会
    audience_group TEXT NOT NULL,                 -- 特定群体
    mode_active    BOOLEAN NOT NULL,              -- 主动
    mode_request   BOOLEAN NOT NULL,              -- 依申请公开
    level_city     BOOLEAN NOT NULL,              -- 县级
    level_town     BOOLEAN NOT NULL,              -- 乡级
    extra          TEXT NOT NULL,                 -- JSON: further columns found on import, provenance
    valid_from     KEYTEXT NOT NULL,
    valid_to       KEYTEXT,                       -- last day in force; NULL open
    proposal_id    BIGINT,                        -- the change that made it
    created_at     BIGINT NOT NULL,
    UNIQUE (item_id, version)
) STRICT;
CREATE INDEX item_version_item ON item_version (item_id, valid_from);

-- item_owner: 公开主体 as units, of one version.
CREATE TABLE item_owner (
    version_id BIGINT NOT NULL REFERENCES item_version (id),
    unit_id    BIGINT NOT NULL REFERENCES unit (id),
    PRIMARY KEY (version_id, unit_id)
) STRICT;
CREATE INDEX item_owner_unit ON item_owner (unit_id);

-- change_proposal: items added, changed, ended, with ground and effective day (动态调整).
CREATE TABLE change_proposal (
    id           IDENTITY,
    catalogue_id BIGINT NOT NULL REFERENCES catalogue (id),
    state        KEYTEXT NOT NULL,                -- draft, submitted, approved, in_force, rejected
    title        TEXT NOT NULL,
    ground       TEXT NOT NULL,                   -- law, higher rule, reform
    effective    KEYTEXT NOT NULL,
    changes      TEXT NOT NULL,                   -- JSON: [{op, item_id, before, after}]
    import_id    BIGINT,
    revision     BIGINT NOT NULL,
    proposed_by  BIGINT,
    decided_by   BIGINT,
    reason       TEXT NOT NULL,                   -- of a rejection
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL
) STRICT;
CREATE INDEX change_proposal_state ON change_proposal (state, effective);

-- catalogue_import: an uploaded file, its parsed plan and report.
CREATE TABLE catalogue_import (
    id           IDENTITY,
    catalogue_id BIGINT NOT NULL REFERENCES catalogue (id),
    file_name    TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    state        KEYTEXT NOT NULL,                -- dry, applied, failed
    report       TEXT NOT NULL,                   -- JSON: counts, problems by row and column
    plan         TEXT NOT NULL,                   -- JSON: rows as understood
    person_id    BIGINT,
    created_at   BIGINT NOT NULL,
    applied_at   BIGINT NOT NULL
) STRICT;

-- power / public_service: 权责清单 and 公共服务事项清单 rows.
CREATE TABLE public_matter (
    id         IDENTITY,
    kind       KEYTEXT NOT NULL,                  -- power, service
    code       KEYTEXT NOT NULL,
    unit_id    BIGINT NOT NULL REFERENCES unit (id),
    name       TEXT NOT NULL,
    category   TEXT NOT NULL,                     -- 行政许可, 行政处罚 …
    basis      TEXT NOT NULL,
    exemption  TEXT NOT NULL,                     -- ground when it is linked to no item on purpose; '' none
    valid_from KEYTEXT NOT NULL,
    valid_to   KEYTEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, code, unit_id)
) STRICT;
CREATE TABLE public_matter_item (
    matter_id BIGINT NOT NULL REFERENCES public_matter (id),
    item_id   BIGINT NOT NULL REFERENCES catalogue_item (id),
    PRIMARY KEY (matter_id, item_id)
) STRICT;
