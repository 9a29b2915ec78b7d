-- Platform tables: accounts, sessions, tokens, events and the ledger, jobs, attachments, calendars.
-- Instants are BIGINT milliseconds UTC; days are TEXT YYYY-MM-DD in Asia/Shanghai.

-- person: an account (账号). Named after a post, never an invented person.
CREATE TABLE person (
    id            IDENTITY,
    login         KEYTEXT NOT NULL UNIQUE,        -- sign-in name
    name          TEXT NOT NULL,                  -- shown name: 长江镇信息员
    password_hash TEXT NOT NULL,                  -- argon2id, encoded
    password_at   BIGINT NOT NULL,                -- when it was set; 90 days
    password_past TEXT NOT NULL DEFAULT '',       -- the last five hashes, one a line
    must_change   BOOLEAN NOT NULL,               -- at next sign-in
    totp_secret   TEXT NOT NULL DEFAULT '',       -- sealed with the installation's secret; '' none
    totp_last     BIGINT NOT NULL DEFAULT 0,      -- last accepted time step: a code works once
    failures      BIGINT NOT NULL DEFAULT 0,      -- wrong passwords since the last success
    locked_until  BIGINT NOT NULL DEFAULT 0,
    disabled      BOOLEAN NOT NULL,
    demo          BOOLEAN NOT NULL,               -- demonstration account
    created_at    BIGINT NOT NULL
) STRICT;

-- session: one sign-in of a person. The cookie's token is stored hashed.
CREATE TABLE session (
    id           IDENTITY,
    token_hash   KEYTEXT NOT NULL UNIQUE,         -- SHA-256, hex
    person_id    BIGINT NOT NULL REFERENCES person (id),
    post_id      BIGINT,                          -- the post acted in
    csrf         TEXT NOT NULL,
    second_factor BOOLEAN NOT NULL,               -- a second factor was given
    factor_due   BOOLEAN NOT NULL,                -- signed in with the password alone, factor still to come
    address      TEXT NOT NULL,
    agent        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,                 -- idle limit counts from here
    ended_at     BIGINT NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX session_person ON session (person_id);

-- api_token: a program's key (业务系统令牌), stored hashed.
CREATE TABLE api_token (
    id         IDENTITY,
    name       TEXT NOT NULL,
    token_hash KEYTEXT NOT NULL UNIQUE,
    unit_id    BIGINT NOT NULL,
    scopes     TEXT NOT NULL,                     -- permission codes, space-separated
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL DEFAULT 0,
    used_at    BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
) STRICT;

-- replay: answers already given to a write, by Idempotency-Key or the form's _once.
CREATE TABLE replay (
    owner        KEYTEXT NOT NULL,                -- "s<session>" or "t<token>"
    replay_key   KEYTEXT NOT NULL,
    request_hash TEXT NOT NULL,                   -- of method, path and body: another request with the same key is refused
    status       BIGINT NOT NULL,
    location     TEXT NOT NULL,
    body         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (owner, replay_key)
) STRICT;

-- event: everything that happened. Never updated, never deleted (see the triggers below).
CREATE TABLE event (
    id           IDENTITY,
    at           BIGINT NOT NULL,
    person_id    BIGINT,                          -- who; NULL: the system or the public
    person_name  TEXT NOT NULL,                   -- as of the moment
    post_id      BIGINT,
    post_name    TEXT NOT NULL,
    token_id     BIGINT,
    actor_unit_id   BIGINT,                       -- the unit acted for
    actor_unit_name TEXT NOT NULL,
    unit_id      BIGINT,                          -- the unit the matter belongs to
    room         KEYTEXT NOT NULL,
    verb         KEYTEXT NOT NULL,
    subject_kind KEYTEXT NOT NULL,
    subject_id   BIGINT NOT NULL,
    dossier_id   BIGINT,
    visibility   BIGINT NOT NULL,                 -- 1 public, 2 internal, 3 restricted
    payload      TEXT NOT NULL,                   -- canonical JSON, public part; '' when none
    commitment   TEXT NOT NULL                    -- hex SHA-256(salt || secret); '' when there is no secret
) STRICT;
CREATE INDEX event_subject ON event (subject_kind, subject_id, id);
CREATE INDEX event_unit ON event (unit_id, id);

-- event_secret: the protected part of an event; may be destroyed (erasure), the proofs stay.
CREATE TABLE event_secret (
    event_id BIGINT PRIMARY KEY REFERENCES event (id),
    salt     TEXT NOT NULL,                       -- hex, 32 bytes
    payload  TEXT NOT NULL                        -- canonical JSON: protected payload, address, …
) STRICT;

-- event_pending: committed events the sequencer has not numbered yet.
CREATE TABLE event_pending (
    event_id BIGINT PRIMARY KEY
) STRICT;

-- ledger_entry: the numbered log. seq is contiguous from 0.
CREATE TABLE ledger_entry (
    seq        BIGINT PRIMARY KEY,
    event_id   BIGINT NOT NULL UNIQUE REFERENCES event (id),
    leaf_hash  KEYTEXT NOT NULL,                  -- hex, RFC 6962 leaf hash
    at         BIGINT NOT NULL                    -- when it was sequenced
) STRICT;

-- ledger_state: one row: size, compact range (roots of the full subtrees, widest first) and root.
CREATE TABLE ledger_state (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    size        BIGINT NOT NULL,
    public_size BIGINT NOT NULL,                  -- the cache generation
    frontier    TEXT NOT NULL,                    -- hex hashes, space-separated
    root        TEXT NOT NULL                     -- hex
) STRICT;
INSERT INTO ledger_state (id, size, public_size, frontier, root)
VALUES (1, 0, 0, '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- job: the queue.
CREATE TABLE job (
    id          IDENTITY,
    kind        KEYTEXT NOT NULL,
    args        TEXT NOT NULL,
    unique_key  KEYTEXT NOT NULL,                 -- '' none
    state       KEYTEXT NOT NULL,                 -- waiting, running, done, failed
    run_at      BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    error       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    done_at     BIGINT NOT NULL
) STRICT;
CREATE INDEX job_due ON job (state, run_at);
CREATE UNIQUE INDEX job_unique ON job (kind, unique_key) WHERE unique_key <> '' AND state = 'waiting';

-- job_schedule: when each recurring kind last ran, so that one node at a time runs it.
CREATE TABLE job_schedule (
    kind    KEYTEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
) STRICT;

-- blob: an attachment's bytes by content; the file is data_dir/blobs/ab/cd/<sha256>.
CREATE TABLE blob (
    id         IDENTITY,
    sha256     KEYTEXT NOT NULL UNIQUE,
    sm3        KEYTEXT NOT NULL,
    size       BIGINT NOT NULL,
    type       TEXT NOT NULL,                     -- sniffed
    extension  TEXT NOT NULL,
    pages      BIGINT NOT NULL,
    text       TEXT NOT NULL,                     -- extracted, at most 1 MB
    scan       TEXT NOT NULL,                     -- JSON: personal data found
    problem    TEXT NOT NULL,                     -- '' or what is wrong with it
    created_at BIGINT NOT NULL
) STRICT;

-- calendar_day: days that differ from Monday–Friday. Versions are kept: a certificate names the one used.
CREATE TABLE calendar_version (
    version    BIGINT PRIMARY KEY,
    source     TEXT NOT NULL,                     -- file or notice
    created_at BIGINT NOT NULL
) STRICT;
CREATE TABLE calendar_year (
    year       BIGINT NOT NULL,
    version    BIGINT NOT NULL,                   -- in force from this calendar version on
    notice     TEXT NOT NULL,                     -- 国办发明电〔2025〕7号
    status     TEXT NOT NULL,                     -- C, U …: how sure (rules.md)
    PRIMARY KEY (year, version)
) STRICT;
CREATE TABLE calendar_day (
    day        KEYTEXT NOT NULL,
    version    BIGINT NOT NULL,
    working    BOOLEAN NOT NULL,                  -- true: make-up work day (调休上班)
    reason     TEXT NOT NULL,                     -- 国庆节
    PRIMARY KEY (day, version)
) STRICT;

-- only: sqlite
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
-- end
-- only: sqlite
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
-- end
-- only: postgresql
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'event is append-only'; END $$;
-- end
-- only: postgresql
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_append_only();
-- end
