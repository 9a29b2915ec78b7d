-- Official letters (公文) of any room: drafted from a template, issued with a number, checked by a code.

-- letter: text and PDF hold personal data: sealed, '' once erased. Number, day and digest stay.
CREATE TABLE letter (
    id           IDENTITY,
    unit_id      BIGINT NOT NULL REFERENCES unit (id), -- the issuing organ
    template     TEXT NOT NULL,                        -- code in data/letters.json
    subject_kind KEYTEXT NOT NULL,                     -- the matter it belongs to
    subject_id   BIGINT NOT NULL,
    state        TEXT NOT NULL,                        -- draft issued erased
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    created_by   BIGINT NOT NULL,                      -- person, 0: the system
    issued_at    BIGINT NOT NULL DEFAULT 0,
    erased_at    BIGINT NOT NULL DEFAULT 0,
    day          KEYTEXT,                              -- 成文日期; NULL with the four below: not issued
    year         BIGINT,
    serial       BIGINT,                               -- by unit and year, from 1, without gaps
    number       KEYTEXT UNIQUE,                       -- 文号
    code         KEYTEXT UNIQUE,                       -- 16 letters of base32: the address of the check page
    sha256       TEXT NOT NULL DEFAULT '',             -- of the PDF
    sealed       TEXT NOT NULL,                        -- JSON: addressee, title, body, annexes, note
    pdf          TEXT NOT NULL DEFAULT '',             -- as issued
    UNIQUE (unit_id, year, serial)
) STRICT;
CREATE INDEX letter_subject ON letter (subject_kind, subject_id, id);

-- letter_word: 机关代字 as a unit writes it; without a row the one of data/units.json, else from the short name.
CREATE TABLE letter_word (
    unit_id BIGINT PRIMARY KEY REFERENCES unit (id),
    word    KEYTEXT NOT NULL UNIQUE
) STRICT;

-- letter_serial: the last number of a unit and year. Counted up in the transaction that issues: a rollback leaves no gap.
CREATE TABLE letter_serial (
    unit_id BIGINT NOT NULL REFERENCES unit (id),
    year    BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT;
