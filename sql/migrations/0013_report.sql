-- Annual reports on government information disclosure (年度报告), and the indexes their figures and the statistics read.

-- annual_report: one of a unit and year; the city's own is the sum of all. Figures are computed until it is finished.
CREATE TABLE annual_report (
    id            IDENTITY,
    unit_id       BIGINT NOT NULL REFERENCES unit (id),
    year          BIGINT NOT NULL,
    state         KEYTEXT NOT NULL,               -- report_flow: draft, finished
    sections      TEXT NOT NULL,                  -- JSON: texts of sections 一, 五, 六
    table2        TEXT NOT NULL,                  -- JSON: figures of table 二 by cell; amount in hundredths of 万元
    frozen        TEXT NOT NULL,                  -- JSON: tables 三 and 四 as finished; '' draft
    finished_at   BIGINT NOT NULL,                -- 0: not finished
    disclosure_id BIGINT REFERENCES disclosure (id), -- the information it was published as
    revision      BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    UNIQUE (unit_id, year)
) STRICT;
CREATE INDEX annual_report_year ON annual_report (year, unit_id);

-- Cases that count (a case split into several counts as those), by the day received and the day ended. The indexes hold
-- all that is counted and all that their own condition names, so the table itself is not read.
CREATE INDEX request_count_received ON request (unit_id, received_day, channel, applicant, outcome, officer_post, late,
                                                extended, closed_day, due_at, days_used, matter, state)
    WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL;
CREATE INDEX request_count_closed ON request (unit_id, closed_day, outcome, applicant, received_day, late, days_used,
                                              matter, state)
    WHERE matter = 'access' AND state <> 'split' AND received_day IS NOT NULL;
CREATE INDEX request_ask_paid ON request_ask (answered_day, request_id, fee_fen) WHERE kind = 'fee' AND answer = 'paid';
