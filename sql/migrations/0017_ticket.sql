-- Tickets (督办单): what an office asks of a unit after alerts, with clocks of their own, round by round.

-- ticket: state: sent, acknowledged, explained, mended, closed, cancelled.
CREATE TABLE ticket (
    id              IDENTITY,
    number          KEYTEXT NOT NULL UNIQUE,         -- 督办〔2026〕1号
    year            BIGINT NOT NULL,
    serial          BIGINT NOT NULL,                 -- by year, from 1, without gaps
    unit_id         BIGINT NOT NULL REFERENCES unit (id), -- who must mend
    office_id       BIGINT NOT NULL REFERENCES unit (id), -- who sends and checks
    state           KEYTEXT NOT NULL,
    title           TEXT NOT NULL,
    demand          TEXT NOT NULL,                   -- what is asked
    sent_at         BIGINT NOT NULL,
    ack_due_at      BIGINT NOT NULL,
    ack_certificate TEXT NOT NULL,
    acknowledged_at BIGINT NOT NULL DEFAULT 0,
    round           BIGINT NOT NULL,                 -- of mending, from 1; each return begins another
    due_at          BIGINT NOT NULL,                 -- of the present round
    reported_at     BIGINT NOT NULL DEFAULT 0,       -- in the present round; 0: not yet
    explanation     TEXT NOT NULL DEFAULT '',        -- the last one
    explained_at    BIGINT NOT NULL DEFAULT 0,
    closed_at       BIGINT NOT NULL DEFAULT 0,       -- closed or cancelled
    reason          TEXT NOT NULL DEFAULT '',        -- why cancelled
    letter_id       BIGINT REFERENCES letter (id),   -- 督办通知书
    made_by         BIGINT,                          -- person; NULL: a rule's ladder
    revision        BIGINT NOT NULL DEFAULT 1,
    UNIQUE (year, serial)
) STRICT;
CREATE INDEX ticket_open ON ticket (due_at, id) WHERE closed_at = 0;
CREATE INDEX ticket_unit ON ticket (unit_id, state, due_at, id);
CREATE INDEX ticket_state ON ticket (state, id);

-- ticket_round: one round of mending: its limit with certificate, the unit's report, what the check found.
CREATE TABLE ticket_round (
    ticket_id   BIGINT NOT NULL REFERENCES ticket (id),
    round       BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    certificate TEXT NOT NULL,
    report      TEXT NOT NULL DEFAULT '',
    reported_at BIGINT NOT NULL DEFAULT 0,
    reported_by BIGINT,
    result      KEYTEXT NOT NULL DEFAULT '',         -- passed, returned
    opinion     TEXT NOT NULL DEFAULT '',
    checked_at  BIGINT NOT NULL DEFAULT 0,
    checked_by  BIGINT,
    PRIMARY KEY (ticket_id, round)
) STRICT;

-- ticket_alert: what it is about. live: not of a cancelled ticket; one live ticket per alert.
CREATE TABLE ticket_alert (
    ticket_id BIGINT NOT NULL REFERENCES ticket (id),
    alert_id  BIGINT NOT NULL REFERENCES alert (id),
    live      BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, alert_id)
) STRICT;
CREATE UNIQUE INDEX ticket_alert_live ON ticket_alert (alert_id) WHERE live;
CREATE INDEX ticket_alert_alert ON ticket_alert (alert_id);

-- ticket_serial: the last number of a year. Counted up in the transaction that sends: a rollback leaves no gap.
CREATE TABLE ticket_serial (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
) STRICT;

-- For the precision of a rule's version.
CREATE INDEX alert_version ON alert (version_id, state, outcome, decided_at);
