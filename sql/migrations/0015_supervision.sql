-- Supervision (在线监督): rules as data, alerts, the time wheel; and the views through which it reads other rooms.

-- rule: a supervision rule; what it says is in its versions.
CREATE TABLE rule (
    id         IDENTITY,
    code       KEYTEXT NOT NULL UNIQUE,           -- "duty-due"; of data/rules.json, or "r-<number>"
    check_code KEYTEXT NOT NULL,                  -- the check it uses; never changes
    state      KEYTEXT NOT NULL,                  -- draft, on, off, ended
    version_id BIGINT,                            -- the version switched on, or last on; NULL: never
    on_at      BIGINT NOT NULL DEFAULT 0,         -- when it was first switched on
    asked_by   BIGINT,                            -- who asked to switch on a rule so large that a second person decides
    asked_version BIGINT,
    shipped    BOOLEAN NOT NULL,                  -- came with the program
    created_at BIGINT NOT NULL
) STRICT;

-- rule_version: parameters, scope, ladder. A version that was switched on never changes.
CREATE TABLE rule_version (
    id         IDENTITY,
    rule_id    BIGINT NOT NULL REFERENCES rule (id),
    version    BIGINT NOT NULL,                   -- 1, 2, …
    frozen     BOOLEAN NOT NULL,                  -- it has been switched on
    name       TEXT NOT NULL,
    parameters TEXT NOT NULL,                     -- JSON object, by the check's table
    scope      TEXT NOT NULL,                     -- JSON object: units, except, unit_kinds, fields, items, kinds
    ladder     TEXT NOT NULL,                     -- JSON array: level, after (working days), to, ticket
    weight     BIGINT NOT NULL,                   -- hundredths
    ground     TEXT NOT NULL,                     -- law, article or document behind it
    status     KEYTEXT NOT NULL,                  -- C confirmed, M from memory, U unsure, P proposal, L local
    effective  KEYTEXT NOT NULL,                  -- day it applies from
    made_by    BIGINT,                            -- person; NULL: shipped
    created_at BIGINT NOT NULL,
    UNIQUE (rule_id, version)
) STRICT;

-- rule_run: a dry run on recorded history (试运行).
CREATE TABLE rule_run (
    id         IDENTITY,
    version_id BIGINT NOT NULL REFERENCES rule_version (id),
    from_day   KEYTEXT NOT NULL,
    to_day     KEYTEXT NOT NULL,
    state      KEYTEXT NOT NULL,                  -- waiting, running, done, failed
    done       BIGINT NOT NULL DEFAULT 0,         -- subjects looked at
    total      BIGINT NOT NULL DEFAULT 0,
    raised     BIGINT NOT NULL DEFAULT 0,
    result     TEXT NOT NULL DEFAULT '',          -- JSON
    digest     KEYTEXT NOT NULL,                  -- of parameters, scope and ladder it was run with
    made_by    BIGINT,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX rule_run_version ON rule_run (version_id, id);

-- alert: what a rule found, from its true beginning to its end. At most one open per rule and subject.
CREATE TABLE alert (
    id           IDENTITY,
    rule_id      BIGINT NOT NULL REFERENCES rule (id),
    version_id   BIGINT NOT NULL REFERENCES rule_version (id), -- that raised it
    check_code   KEYTEXT NOT NULL,
    subject_kind KEYTEXT NOT NULL,
    subject_id   BIGINT NOT NULL,
    unit_id      BIGINT NOT NULL,
    field_id     BIGINT NOT NULL,                 -- 0 none
    item_id      BIGINT NOT NULL,                 -- 0 none
    post_id      BIGINT NOT NULL,                 -- the post that held the matter when it was raised; 0: nobody holds it
    level        BIGINT NOT NULL,                 -- 1 yellow, 2 orange, 3 red: now, or last
    peak         BIGINT NOT NULL,                 -- the highest it had
    began_at     BIGINT NOT NULL,                 -- the true instant, whenever it was noticed
    level_at     BIGINT NOT NULL,                 -- since when it has this level
    red_at       BIGINT NOT NULL,                 -- since when it is red; 0 never was
    due_at       BIGINT NOT NULL,
    raised_at    BIGINT NOT NULL,                 -- when it was noticed
    state        KEYTEXT NOT NULL,                -- open, answered, closed
    outcome      KEYTEXT NOT NULL,                -- '' while open; mended, late (ended by itself after red), lapsed (ended before red), false, waived, rule_ended
    closed_at    BIGINT NOT NULL DEFAULT 0,
    title        TEXT NOT NULL,
    note         TEXT NOT NULL,
    address      TEXT NOT NULL,                   -- "/desk/…"
    step         BIGINT NOT NULL,                 -- steps of the ladder taken
    answer       KEYTEXT NOT NULL DEFAULT '',     -- mended, false, waive: what the unit says
    answer_ground TEXT NOT NULL DEFAULT '',
    answered_by  BIGINT,
    answered_at  BIGINT NOT NULL DEFAULT 0,
    decided_by   BIGINT,
    decided_at   BIGINT NOT NULL DEFAULT 0,
    decision     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX alert_one_open ON alert (rule_id, subject_id) WHERE state <> 'closed';
CREATE UNIQUE INDEX alert_once ON alert (rule_id, subject_id, began_at);
CREATE INDEX alert_unit ON alert (unit_id, state, level, began_at, id);
CREATE INDEX alert_state ON alert (state, level, began_at, id);
CREATE INDEX alert_subject ON alert (subject_kind, subject_id);
CREATE INDEX alert_raised ON alert (raised_at, id);

-- watch: the time wheel: when a rule must look at a subject again. No row: no moment is in sight.
CREATE TABLE watch (
    rule_id    BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    PRIMARY KEY (rule_id, subject_id)
) STRICT;
CREATE INDEX watch_next ON watch (next_at);

-- alert_notice: a step of the ladder that was taken and must be told, alone or in a digest.
CREATE TABLE alert_notice (
    id       IDENTITY,
    alert_id BIGINT NOT NULL REFERENCES alert (id),
    step     BIGINT NOT NULL,
    audience BIGINT NOT NULL,                     -- 1 holder, 2 superior, 3 office
    unit_id  BIGINT NOT NULL,
    permission KEYTEXT NOT NULL,
    level    BIGINT NOT NULL,
    send_at  BIGINT NOT NULL,
    UNIQUE (alert_id, step, level)
) STRICT;
CREATE INDEX alert_notice_send ON alert_notice (send_at);

-- alert_told: when an audience last heard, so that it hears at most once in a while.
CREATE TABLE alert_told (
    audience   BIGINT NOT NULL,
    unit_id    BIGINT NOT NULL,
    permission KEYTEXT NOT NULL,
    last_at    BIGINT NOT NULL,
    PRIMARY KEY (audience, unit_id, permission)
) STRICT;

-- supervision_state: how far events were followed ("seq"), and the latest instant seen ("clock"): it never goes back.
CREATE TABLE supervision_state (
    name  KEYTEXT PRIMARY KEY,
    value BIGINT NOT NULL
) STRICT;

-- ── views: what supervision may know of other rooms. Columns here are a promise of those rooms. ──

-- supervised_duty: obligations to publish (duty).
CREATE VIEW supervised_duty AS
SELECT d.id, d.unit_id, COALESCE(d.field_id, 0) AS field_id, d.item_id, d.source, d.period_key, d.rule_no, d.trigger_at, d.due_at, d.due_day,
       d.state, d.met_at, COALESCE(d.disclosure_id, 0) AS disclosure_id, COALESCE(d.fact_id, 0) AS fact_id, d.subject, d.created_at, v.level2, v.basis,
       c.code AS item_code, v.level1, v.limit_text, d.fact_id AS of_fact_id
  FROM duty d
  JOIN item_version v ON v.id = d.item_version_id
  JOIN catalogue_item c ON c.id = d.item_id;

-- supervised_disclosure: publications and drafts (disclosure).
CREATE VIEW supervised_disclosure AS
SELECT d.id, d.public_id, d.unit_id, COALESCE(d.item_id, 0) AS item_id, COALESCE(d.field_id, 0) AS field_id, d.state, d.kind, d.title, d.number,
       d.published_at, d.changed_at, d.withdrawn_at, d.created_at, COALESCE(d.public_version_id, 0) AS public_version_id, d.expires, d.demo,
       COALESCE(d.drafter_id, 0) AS drafter_id,
       d.item_id AS of_item_id, d.about_id, d.public_version_id AS shown_version_id, d.part -- as stored, so that indexes serve
  FROM disclosure d;
-- What a unit has ever published of an item.
CREATE INDEX disclosure_item_unit ON disclosure (item_id, unit_id, published_at) WHERE published_at <> 0;

-- supervised_version: their frozen and public versions.
CREATE VIEW supervised_version AS
SELECT v.id, v.disclosure_id, v.version, v.frozen, v.title, v.body, v.body_text, v.attribute, v.validity, v.formed, v.effective, v.expires, v.elements,
       v.public_from, v.public_to, v.created_at, COALESCE(v.made_by, 0) AS made_by, v.concealed_at
  FROM disclosure_version v;

-- supervised_step: steps taken by reviewers.
CREATE VIEW supervised_step AS
SELECT r.id, r.disclosure_id, r.version_id, r.step, r.outcome, r.conclusion, r.person_id, r.at
  FROM review r;

-- supervised_fact: what was formed, decided, approved … (duty).
CREATE VIEW supervised_fact AS
SELECT f.id, f.item_id, f.unit_id, f.kind, f.subject, f.number, f.day, f.created_at
  FROM fact f;

-- supervised_item: catalogue items as in force.
CREATE VIEW supervised_item AS
SELECT c.id, c.code, c.catalogue_id, COALESCE(c.field_id, 0) AS field_id, g.unit_id, v.id AS version_id, v.level1, v.level2, v.elements, v.basis,
       v.limit_text, v.limit_settled, v.mode_active, v.valid_from, v.valid_to, v.created_at
  FROM catalogue_item c
  JOIN catalogue g ON g.id = c.catalogue_id
  JOIN item_version v ON v.item_id = c.id;
-- Items under the same name.
CREATE INDEX item_version_level2 ON item_version (level2);

-- supervised_owner: which units owe an item, by version (公开主体).
CREATE VIEW supervised_owner AS
SELECT v.item_id, o.unit_id, v.id AS version_id, v.valid_from, v.valid_to, v.mode_active
  FROM item_owner o
  JOIN item_version v ON v.id = o.version_id;

-- supervised_power: powers and public services, and whether an item stands behind them.
CREATE VIEW supervised_power AS
SELECT m.id, m.kind, m.code, m.unit_id, m.name, m.exemption, m.valid_from, m.valid_to, m.created_at,
       EXISTS (SELECT 1 FROM public_matter_item x WHERE x.matter_id = m.id) AS linked
  FROM public_matter m;

-- supervised_request: applications for information (request); nothing of who applies and what is asked for.
CREATE VIEW supervised_request AS
SELECT r.id, r.number, r.unit_id, r.state, r.channel, r.matter, r.submitted_at, r.received_day, r.due_at, r.suspended, r.replied_at, r.delivered_at,
       r.closed_day, r.late, r.outcome, r.extended, COALESCE(r.parent_id, 0) AS parent_id, r.created_at
  FROM request r;

-- supervised_clock: every promise with a clock, of both rooms: what runs against a day, and when it was kept.
CREATE VIEW supervised_clock AS
SELECT 'duty' AS subject_kind, d.id AS subject_id, d.unit_id, COALESCE(d.field_id, 0) AS field_id, d.due_at, d.met_at AS kept_at, d.state
  FROM duty d
UNION ALL
SELECT 'request', r.id, r.unit_id, 0, r.due_at, r.replied_at, r.state
  FROM request r WHERE r.received_day IS NOT NULL;
