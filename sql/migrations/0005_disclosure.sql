-- Published information.

-- disclosure: identity and state. What the public sees is public_version_id, nothing else.
CREATE TABLE disclosure (
    id            IDENTITY,
    public_id     KEYTEXT NOT NULL UNIQUE,        -- in addresses; not guessable while unpublished
    unit_id       BIGINT NOT NULL REFERENCES unit (id),
    item_id       BIGINT REFERENCES catalogue_item (id),
    field_id      BIGINT REFERENCES field (id),
    duty_id       BIGINT REFERENCES duty (id),    -- the duty it is written for
    index_number  KEYTEXT NOT NULL,               -- 索引号, given at first publication, never reused; '' before
    state         KEYTEXT NOT NULL,               -- disclosure_flow
    draft_version_id  BIGINT,                     -- the version being worked on
    public_version_id BIGINT,                     -- the version the public sees; NULL: none
    title         TEXT NOT NULL,                  -- of the working version, for lists
    number        TEXT NOT NULL,                  -- 文号
    number_folded KEYTEXT NOT NULL,               -- brackets and blanks removed, for search
    five          KEYTEXT NOT NULL,               -- decision … result; '' none
    kind          KEYTEXT NOT NULL,               -- '' ordinary, plan (工作方案), interpretation …
    drafter_id    BIGINT,                         -- person
    signed_by     BIGINT,
    signed_at     BIGINT NOT NULL DEFAULT 0,
    publish_at    BIGINT NOT NULL DEFAULT 0,      -- scheduled; 0 none
    published_at  BIGINT NOT NULL DEFAULT 0,      -- first publication, the server's
    changed_at    BIGINT NOT NULL DEFAULT 0,      -- last public change
    withdrawn_at  BIGINT NOT NULL DEFAULT 0,
    withdraw_reason TEXT NOT NULL DEFAULT '',
    expires       KEYTEXT,                        -- 失效日期
    demo          BOOLEAN NOT NULL,               -- 演示数据: said on the page
    revision      BIGINT NOT NULL,                -- of the row, for stale forms
    created_at    BIGINT NOT NULL
) STRICT;
CREATE INDEX disclosure_public_list ON disclosure (published_at, id) WHERE public_version_id IS NOT NULL;
CREATE INDEX disclosure_public_unit ON disclosure (unit_id, published_at, id) WHERE public_version_id IS NOT NULL;
CREATE INDEX disclosure_public_field ON disclosure (field_id, published_at, id) WHERE public_version_id IS NOT NULL;
CREATE INDEX disclosure_public_item ON disclosure (item_id, published_at, id) WHERE public_version_id IS NOT NULL;
CREATE INDEX disclosure_public_five ON disclosure (five, published_at, id) WHERE public_version_id IS NOT NULL;
CREATE INDEX disclosure_number ON disclosure (number_folded) WHERE number_folded <> '';
CREATE INDEX disclosure_work ON disclosure (unit_id, state, id);
CREATE INDEX disclosure_scheduled ON disclosure (publish_at) WHERE publish_at <> 0;
CREATE UNIQUE INDEX disclosure_index_number ON disclosure (index_number) WHERE index_number <> '';

-- disclosure_version: content. Immutable from submission on; a draft's version may change until then.
CREATE TABLE disclosure_version (
    id            IDENTITY,
    disclosure_id BIGINT NOT NULL REFERENCES disclosure (id),
    version       BIGINT NOT NULL,                -- 1, 2, …
    frozen        BOOLEAN NOT NULL,               -- submitted: never changes again
    title         TEXT NOT NULL,
    number        TEXT NOT NULL,
    body          TEXT NOT NULL,                  -- sanitised HTML
    body_text     TEXT NOT NULL,                  -- plain text of it
    summary       TEXT NOT NULL,
    keywords      TEXT NOT NULL,
    attribute     KEYTEXT NOT NULL,               -- active, request, none; '' not yet set
    ground        KEYTEXT NOT NULL,               -- ND1 … ND8
    ground_note   TEXT NOT NULL,
    genre         TEXT NOT NULL,
    theme         TEXT NOT NULL,
    validity      KEYTEXT NOT NULL,               -- valid, partly, amended, expired, repealed, future
    source        TEXT NOT NULL,
    formed        KEYTEXT,                        -- 生成日期
    effective     KEYTEXT,                        -- 实施日期
    expires       KEYTEXT,                        -- 失效日期
    sha256        KEYTEXT NOT NULL,               -- of the canonical JSON of the content with attachment hashes; '' while a draft
    public_from   BIGINT NOT NULL DEFAULT 0,      -- public in [from, to)
    public_to     BIGINT NOT NULL DEFAULT 0,      -- 0: still, when public_from is not 0
    made_by       BIGINT,
    created_at    BIGINT NOT NULL,
    UNIQUE (disclosure_id, version)
) STRICT;

CREATE TABLE disclosure_attachment (
    version_id BIGINT NOT NULL REFERENCES disclosure_version (id),
    position   BIGINT NOT NULL,
    blob_id    BIGINT NOT NULL REFERENCES blob (id),
    name       TEXT NOT NULL,                     -- shown and downloaded as
    PRIMARY KEY (version_id, position)
) STRICT;
CREATE INDEX disclosure_attachment_blob ON disclosure_attachment (blob_id);

-- review: each step taken by a reviewer on one version.
CREATE TABLE review (
    id            IDENTITY,
    disclosure_id BIGINT NOT NULL REFERENCES disclosure (id),
    version_id    BIGINT NOT NULL REFERENCES disclosure_version (id),
    round         BIGINT NOT NULL,                -- submission number
    step          KEYTEXT NOT NULL,               -- review1 review2 review3 secrecy sign proofread
    outcome       KEYTEXT NOT NULL,               -- passed, returned
    conclusion    KEYTEXT NOT NULL,               -- secrecy: agree, partial, refuse, refer; '' else
    reason        TEXT NOT NULL,
    person_id     BIGINT NOT NULL,
    post_id       BIGINT NOT NULL,
    at            BIGINT NOT NULL
) STRICT;
CREATE INDEX review_disclosure ON review (disclosure_id, id);

-- index_sequence: 索引号 per unit and year, never reused.
CREATE TABLE index_sequence (
    unit_id BIGINT NOT NULL,
    year    BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT;

-- address_moved: redirects of what moved; addresses never break.
CREATE TABLE address_moved (
    old_path KEYTEXT PRIMARY KEY,
    new_path TEXT NOT NULL
) STRICT;

-- plan_task: tasks of a work plan (挂图作战): goal, unit, day, tied to the published plan.
CREATE TABLE plan_task (
    id            IDENTITY,
    disclosure_id BIGINT NOT NULL REFERENCES disclosure (id),
    serial        KEYTEXT NOT NULL,               -- "2.1.1"
    title         TEXT NOT NULL,
    content       TEXT NOT NULL,                  -- in our own words
    units_text    TEXT NOT NULL,
    due           KEYTEXT,
    state         KEYTEXT NOT NULL                -- open, done
) STRICT;
