-- FOI on request (依申请公开, 条例第四章): cases, their clocks, what was asked of whom, reviews, files, remedies.

-- request: one application (申请) or correction request (更正申请, 第四十一条). Who applies is sealed.
CREATE TABLE request (
    id            IDENTITY,
    number        KEYTEXT NOT NULL UNIQUE,        -- 申请编号 2026-000123, one sequence for the city and year
    code_key      KEYTEXT NOT NULL,               -- blind index of number and query code (查询码); the code is never stored
    matter        KEYTEXT NOT NULL,               -- access 申请公开, correction 申请更正
    parent_id     BIGINT REFERENCES request (id), -- split from (一事一申请); NULL: none
    unit_id       BIGINT NOT NULL REFERENCES unit (id), -- who answers now
    state         KEYTEXT NOT NULL,               -- request_flow
    channel       KEYTEXT NOT NULL,               -- in_person post_signed post_ordinary fax internet (第三十一条)
    applicant     KEYTEXT NOT NULL,               -- column of the annual table: person company research welfare legal other
    person        TEXT NOT NULL,                  -- sealed JSON of all identity and contact fields; '' once erased
    masked        TEXT NOT NULL,                  -- the name as lists show it: 张*明
    person_key    KEYTEXT NOT NULL,               -- blind index of identity number or credit code; '' none given
    name_key      KEYTEXT NOT NULL,               -- blind index of the name
    subject       TEXT NOT NULL,                  -- 信息名称
    info_number   TEXT NOT NULL,                  -- 文号
    description   TEXT NOT NULL,                  -- 其他特征性描述
    fingerprint   KEYTEXT NOT NULL,               -- of the wanted information, to find the same asked for by others
    carrier       KEYTEXT NOT NULL,               -- paper electronic disc
    delivery      KEYTEXT NOT NULL,               -- post mail pick_up read_on_site download fax
    other_way     BOOLEAN NOT NULL,               -- other forms are accepted
    help          TEXT NOT NULL,                  -- what help with reading or hearing is needed (第四十三条)
    submitted_at  BIGINT NOT NULL,                -- when it came in
    received_day  KEYTEXT,                        -- 收到申请之日 (第三十一条); NULL: not confirmed yet
    officer_id    BIGINT,                         -- person who took it up
    officer_post  BIGINT,
    due_at        BIGINT NOT NULL,                -- last millisecond of the reply limit; 0 before receipt
    suspended     BOOLEAN NOT NULL,               -- the clock stands still now
    provisional   BOOLEAN NOT NULL,               -- counted in a year without a holiday notice
    certificate   TEXT NOT NULL,                  -- JSON of calendar.h
    calendar_version BIGINT NOT NULL,             -- with which it was counted
    next_at       BIGINT NOT NULL,                -- when the clock must look at it again; 0: never
    warned        KEYTEXT NOT NULL,               -- last step told: '' yellow orange red
    outcome       KEYTEXT NOT NULL,               -- R01 … R18, C1 … C3; '' not decided
    reply         TEXT NOT NULL,                  -- sealed JSON: what the reply says; '' none
    letter_id     BIGINT,                         -- the reply
    replied_at    BIGINT NOT NULL,
    delivered_at  BIGINT NOT NULL,
    closed_day    KEYTEXT,                        -- day it counts as ended in the annual report; NULL: still open
    archived_at   BIGINT NOT NULL,
    late          BOOLEAN NOT NULL,               -- replied after the limit
    days_used     BIGINT NOT NULL,                -- working days counted until the reply
    extended      BOOLEAN NOT NULL,
    rating        BIGINT NOT NULL,                -- 1 … 5; 0 not rated
    rating_text   TEXT NOT NULL,
    erased_at     BIGINT NOT NULL,                -- personal data destroyed
    demo          BOOLEAN NOT NULL,
    revision      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
) STRICT;
CREATE INDEX request_open ON request (due_at, id) WHERE closed_day IS NULL;
CREATE INDEX request_open_unit ON request (unit_id, due_at, id) WHERE closed_day IS NULL;
CREATE INDEX request_open_state ON request (unit_id, state) WHERE closed_day IS NULL;
CREATE INDEX request_unit ON request (unit_id, id);
CREATE INDEX request_state ON request (state, id);
CREATE INDEX request_unit_state ON request (unit_id, state, id);
CREATE INDEX request_received ON request (unit_id, received_day, applicant, channel);
CREATE INDEX request_closed ON request (unit_id, closed_day, outcome, applicant);
CREATE INDEX request_same ON request (fingerprint, id);
CREATE INDEX request_person ON request (person_key, received_day) WHERE person_key <> '';
CREATE INDEX request_name ON request (name_key, id);
CREATE INDEX request_parent ON request (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX request_next ON request (next_at) WHERE next_at <> 0;
CREATE INDEX request_calendar ON request (calendar_version) WHERE closed_day IS NULL;
CREATE INDEX request_archived ON request (archived_at) WHERE archived_at <> 0 AND erased_at = 0;

-- request_mark: what started, stopped, resumed, restarted or extended the clock; never changed.
CREATE TABLE request_mark (
    id         IDENTITY,
    request_id BIGINT NOT NULL REFERENCES request (id),
    kind       BIGINT NOT NULL,                   -- enum clock_mark_kind
    day        KEYTEXT NOT NULL,
    until      KEYTEXT,                           -- suspension: its latest end
    n          BIGINT NOT NULL,                   -- extension: working days
    ref        BIGINT NOT NULL,                   -- suspension: the request_ask it belongs to
    rule       TEXT NOT NULL,                     -- what happened, with the article
    at         BIGINT NOT NULL
) STRICT;
CREATE INDEX request_mark_request ON request_mark (request_id, id);

-- request_ask: what was asked of the applicant or of others, by when, and what came of it.
CREATE TABLE request_ask (
    id          IDENTITY,
    request_id  BIGINT NOT NULL REFERENCES request (id),
    kind        KEYTEXT NOT NULL,                 -- clarify 补正, third 第三方, organ 其他机关, reasons 说明理由, fee 收费
    party       TEXT NOT NULL,                    -- sealed: name and contact of a third party or organ; '' the applicant
    content     TEXT NOT NULL,                    -- sealed: what was asked
    sent_day    KEYTEXT NOT NULL,
    got_day     KEYTEXT,                          -- the day the other side received it; NULL unknown yet
    due_at      BIGINT NOT NULL,                  -- last millisecond to answer; 0: not running yet
    state       KEYTEXT NOT NULL,                 -- open answered lapsed cancelled
    answer      KEYTEXT NOT NULL,                 -- agree refuse given accepted refused paid; '' none
    answer_text TEXT NOT NULL,                    -- sealed
    answered_day KEYTEXT,
    fee_fen     BIGINT NOT NULL,
    fee_basis   KEYTEXT NOT NULL,                 -- piece page
    fee_count   BIGINT NOT NULL,
    disputed    TEXT NOT NULL,                    -- sealed: the applicant's objection to the fee; '' none
    letter_id   BIGINT
) STRICT;
CREATE INDEX request_ask_request ON request_ask (request_id, id);

-- request_review: steps of review of the reply.
CREATE TABLE request_review (
    id         IDENTITY,
    request_id BIGINT NOT NULL REFERENCES request (id),
    step       KEYTEXT NOT NULL,                  -- legal secrecy signing
    outcome    KEYTEXT NOT NULL,                  -- passed returned
    reason     TEXT NOT NULL,
    letter_id  BIGINT,
    person_id  BIGINT NOT NULL,
    post_id    BIGINT NOT NULL,
    at         BIGINT NOT NULL
) STRICT;
CREATE INDEX request_review_request ON request_review (request_id, id);

-- request_file: sealed files of a case.
CREATE TABLE request_file (
    id         IDENTITY,
    request_id BIGINT NOT NULL REFERENCES request (id),
    ask_id     BIGINT,
    role       KEYTEXT NOT NULL,                  -- identity material source released opinion proof
    file_id    BIGINT NOT NULL REFERENCES sealed_file (id),
    by_applicant BOOLEAN NOT NULL,
    at         BIGINT NOT NULL
) STRICT;
CREATE INDEX request_file_request ON request_file (request_id, id);

-- request_delivery: how a letter reached the applicant, with its proof.
CREATE TABLE request_delivery (
    id         IDENTITY,
    request_id BIGINT NOT NULL REFERENCES request (id),
    way        KEYTEXT NOT NULL,                  -- post mail pick_up read_on_site download fax
    day        KEYTEXT NOT NULL,
    proof      TEXT NOT NULL,                     -- number of the registered letter, who signed for it … sealed
    at         BIGINT NOT NULL
) STRICT;
CREATE INDEX request_delivery_request ON request_delivery (request_id, id);

-- request_remedy: reconsideration and litigation about a case (表四).
CREATE TABLE request_remedy (
    id         IDENTITY,
    request_id BIGINT NOT NULL REFERENCES request (id),
    unit_id    BIGINT NOT NULL REFERENCES unit (id),
    kind       KEYTEXT NOT NULL,                  -- reconsideration 复议, suit 未经复议直接起诉, suit_after 复议后起诉
    organ      TEXT NOT NULL,                     -- where it is heard
    number     TEXT NOT NULL,                     -- 案号
    filed_day  KEYTEXT NOT NULL,
    result     KEYTEXT NOT NULL,                  -- pending upheld corrected other
    result_day KEYTEXT,
    note       TEXT NOT NULL
) STRICT;
CREATE INDEX request_remedy_request ON request_remedy (request_id, id);
CREATE INDEX request_remedy_unit ON request_remedy (unit_id, kind, filed_day);

-- request_proposal: information that should become public of its own (第四十四条).
CREATE TABLE request_proposal (
    id            IDENTITY,
    unit_id       BIGINT NOT NULL REFERENCES unit (id),
    fingerprint   KEYTEXT NOT NULL,
    subject       TEXT NOT NULL,
    origin        KEYTEXT NOT NULL,               -- several 多个申请人, applicant 申请人建议
    request_id    BIGINT NOT NULL REFERENCES request (id),
    state         KEYTEXT NOT NULL,               -- open adopted declined
    note          TEXT NOT NULL,
    due_at        BIGINT NOT NULL,                -- adopted: publish by; 0
    disclosure_id BIGINT,                         -- the draft it became
    created_at    BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL
) STRICT;
CREATE UNIQUE INDEX request_proposal_open ON request_proposal (unit_id, fingerprint) WHERE state = 'open';
CREATE INDEX request_proposal_unit ON request_proposal (unit_id, state, id);

-- request_sequence: 申请编号 per year.
CREATE TABLE request_sequence (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
) STRICT;

-- request_attempt: wrong query codes, by blind index of the client and of the number.
CREATE TABLE request_attempt (
    key KEYTEXT NOT NULL,
    at  BIGINT NOT NULL
) STRICT;
CREATE INDEX request_attempt_key ON request_attempt (key, at);
