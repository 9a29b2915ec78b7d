-- Units, posts, appointments.

-- unit: 单位. Names change and units merge: former names stay in unit_name.
CREATE TABLE unit (
    id            IDENTITY,
    parent_id     BIGINT REFERENCES unit (id),
    path          KEYTEXT NOT NULL,               -- "/1/5/": ids from the root, for data scope by prefix
    code          KEYTEXT NOT NULL UNIQUE,        -- in addresses
    name          TEXT NOT NULL,                  -- full name
    short_name    TEXT NOT NULL,                  -- as the plan writes it
    kind          KEYTEXT NOT NULL,               -- city office department town village enterprise assessor
    org_code      KEYTEXT NOT NULL,               -- 9 characters, for 索引号
    sort_key      BIGINT NOT NULL,                -- fixed official order
    demonstration BOOLEAN NOT NULL,               -- 镇级目录示范区 (annex 2 note 2)
    details       TEXT NOT NULL,                  -- JSON: functions, address, hours, telephone (public)
    valid_from    KEYTEXT NOT NULL,
    valid_to      KEYTEXT                         -- NULL: in force
) STRICT;
CREATE INDEX unit_kind ON unit (kind, sort_key);

-- unit_name: every name and alias a unit is or was known by.
CREATE TABLE unit_name (
    name    KEYTEXT PRIMARY KEY,
    unit_id BIGINT NOT NULL REFERENCES unit (id)
) STRICT;

-- post: 岗位 in a unit. roles: bits of auth/permissions.h.
CREATE TABLE post (
    id        IDENTITY,
    unit_id   BIGINT NOT NULL REFERENCES unit (id),
    name      TEXT NOT NULL,                      -- 长江镇信息员
    roles     BIGINT NOT NULL,
    all_units BOOLEAN NOT NULL,                   -- scope: every unit (city office, audit)
    ended_at  BIGINT NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX post_unit ON post (unit_id);

-- appointment: a person holds a post from a day to a day.
CREATE TABLE appointment (
    id        IDENTITY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    post_id   BIGINT NOT NULL REFERENCES post (id),
    from_day  KEYTEXT NOT NULL,
    to_day    KEYTEXT                             -- NULL: still
) STRICT;
CREATE INDEX appointment_person ON appointment (person_id);
CREATE INDEX appointment_post ON appointment (post_id);
