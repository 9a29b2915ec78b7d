-- Notices inside the house, and files that are personal data.

-- notice: told to posts, not to persons: who holds the post today reads it. No personal data.
CREATE TABLE notice (
    id         IDENTITY,
    at         BIGINT NOT NULL,
    unit_id    BIGINT REFERENCES unit (id),       -- posts of this unit; NULL: of none
    permission KEYTEXT NOT NULL,                  -- code: posts that hold this right
    office     BOOLEAN NOT NULL,                  -- posts over all units too
    tone       TEXT NOT NULL,                     -- red orange yellow green blue grey
    title      TEXT NOT NULL,
    text       TEXT NOT NULL,
    address    TEXT NOT NULL,                     -- /desk/…
    once_key   KEYTEXT NOT NULL                   -- told only once per key; '' always
) STRICT;
CREATE UNIQUE INDEX notice_once ON notice (once_key) WHERE once_key <> '';
CREATE INDEX notice_unit ON notice (unit_id, id);
CREATE INDEX notice_office ON notice (id) WHERE office;

-- notice_read: one notice seen by one person.
CREATE TABLE notice_read (
    person_id BIGINT NOT NULL REFERENCES person (id),
    notice_id BIGINT NOT NULL REFERENCES notice (id),
    at        BIGINT NOT NULL,
    PRIMARY KEY (person_id, notice_id)
) STRICT;

-- notice_seen: everything up to here was marked as seen in one go, in one post.
CREATE TABLE notice_seen (
    person_id BIGINT NOT NULL REFERENCES person (id),
    post_id   BIGINT NOT NULL,
    up_to     BIGINT NOT NULL,
    PRIMARY KEY (person_id, post_id)
) STRICT;

-- sealed_file: a file that is personal data (identity documents, opinions of third parties, documents released to one
-- applicant), encrypted at data_dir/sealed/ab/<file>. The row stays when the file is erased.
CREATE TABLE sealed_file (
    id         IDENTITY,
    file       KEYTEXT NOT NULL UNIQUE,           -- 32 random hex digits; its key is derived from them
    name       TEXT NOT NULL,                     -- sealed; '' once erased
    type       TEXT NOT NULL,                     -- by content
    extension  TEXT NOT NULL,
    size       BIGINT NOT NULL,                   -- of the plain bytes
    sha256     TEXT NOT NULL,                     -- of the file as it is on disk
    claimed    BOOLEAN NOT NULL,                  -- belongs to a matter; else erased after a day
    created_at BIGINT NOT NULL,
    erased_at  BIGINT NOT NULL                    -- 0: it is there
) STRICT;
CREATE INDEX sealed_file_loose ON sealed_file (created_at) WHERE NOT claimed AND erased_at = 0;
