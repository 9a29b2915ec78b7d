-- Duties: who owes what by when.

-- fact: information was formed, decided, approved, received, ended (信息形成事实). Never changed; a correction is a new one.
CREATE TABLE fact (
    id         IDENTITY,
    item_id    BIGINT NOT NULL REFERENCES catalogue_item (id),
    unit_id    BIGINT NOT NULL REFERENCES unit (id),
    kind       KEYTEXT NOT NULL,
    subject    TEXT NOT NULL,
    number     TEXT NOT NULL,                     -- 文号
    day        KEYTEXT NOT NULL,                  -- the day it happened, from the source
    source_ref KEYTEXT NOT NULL,                  -- the business system's own number; '' by hand
    token_id   BIGINT NOT NULL,                   -- 0: a person
    person_id  BIGINT,
    created_at BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX fact_source ON fact (token_id, source_ref) WHERE source_ref <> '';
CREATE INDEX fact_unit ON fact (unit_id, id);

-- duty: an obligation with a clock.
CREATE TABLE duty (
    id              IDENTITY,
    unit_id         BIGINT NOT NULL REFERENCES unit (id),   -- the debtor
    item_id         BIGINT NOT NULL REFERENCES catalogue_item (id),
    item_version_id BIGINT NOT NULL REFERENCES item_version (id),
    field_id        BIGINT REFERENCES field (id),
    source          KEYTEXT NOT NULL,             -- in_force, period, fact, fixed_date
    fact_id         BIGINT REFERENCES fact (id),
    period_key      KEYTEXT NOT NULL,             -- "2026Q3", "2026-03-31"; '' none
    rule_no         BIGINT NOT NULL,              -- which rule of the item version
    subject         TEXT NOT NULL,                -- in words
    trigger_at      BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,              -- last millisecond on time
    due_day         KEYTEXT NOT NULL,
    state           KEYTEXT NOT NULL,             -- open, met, met_late, waived, void
    met_at          BIGINT NOT NULL DEFAULT 0,
    disclosure_id   BIGINT,                       -- what met it
    waive_ground    TEXT NOT NULL DEFAULT '',
    certificate     TEXT NOT NULL,                -- JSON: every day counted and why
    created_at      BIGINT NOT NULL
) STRICT;
CREATE INDEX duty_unit_due ON duty (unit_id, state, due_at, id);
CREATE INDEX duty_state_due ON duty (state, due_at, id);
CREATE INDEX duty_item ON duty (item_id, unit_id, state, due_at);
CREATE INDEX duty_disclosure ON duty (disclosure_id);
CREATE UNIQUE INDEX duty_once_period ON duty (unit_id, item_id, rule_no, period_key) WHERE period_key <> '';
CREATE UNIQUE INDEX duty_once_fact ON duty (fact_id, unit_id, rule_no) WHERE fact_id IS NOT NULL;
CREATE UNIQUE INDEX duty_once_in_force ON duty (item_version_id, unit_id, rule_no) WHERE source = 'in_force';

-- duty_count: maintained counts for the board; recomputable from duty. One row per unit × field.
CREATE TABLE duty_count (
    unit_id  BIGINT NOT NULL,
    field_id BIGINT NOT NULL,                     -- 0: no field
    required BIGINT NOT NULL,                     -- not void, not waived
    met      BIGINT NOT NULL,                     -- on time
    met_late BIGINT NOT NULL,
    PRIMARY KEY (unit_id, field_id)
) STRICT;
