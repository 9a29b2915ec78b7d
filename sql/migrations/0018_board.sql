-- The live board (监督看板): maintained counts, so that its figures are sums over few rows.

-- due_count: open duties by the day, the month and the year they are due (duty). What lies before a day is the sum of
-- whole years, whole months and the days of one month, however long the past is. Recomputable from duty.
CREATE TABLE due_count (
    scale    BIGINT NOT NULL,                     -- 1 day, 2 month, 3 year
    period   KEYTEXT NOT NULL,                    -- "2026-11-23", "2026-11", "2026"
    unit_id  BIGINT NOT NULL,
    field_id BIGINT NOT NULL,                     -- 0 none
    open     BIGINT NOT NULL,
    PRIMARY KEY (scale, period, unit_id, field_id)
) STRICT;
INSERT INTO due_count (scale, period, unit_id, field_id, open)
SELECT 1, due_day, unit_id, COALESCE(field_id, 0), COUNT(*) FROM duty WHERE state = 'open' GROUP BY due_day, unit_id, COALESCE(field_id, 0);
INSERT INTO due_count (scale, period, unit_id, field_id, open)
SELECT 2, SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0), COUNT(*) FROM duty WHERE state = 'open'
 GROUP BY SUBSTR(due_day, 1, 7), unit_id, COALESCE(field_id, 0);
INSERT INTO due_count (scale, period, unit_id, field_id, open)
SELECT 3, SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0), COUNT(*) FROM duty WHERE state = 'open'
 GROUP BY SUBSTR(due_day, 1, 4), unit_id, COALESCE(field_id, 0);
-- Only what is still owed is read.
CREATE INDEX due_count_open ON due_count (scale, period, unit_id, field_id, open) WHERE open <> 0;

-- alert_count: alerts that are not closed. Recomputable from alert.
CREATE TABLE alert_count (
    unit_id  BIGINT NOT NULL,
    field_id BIGINT NOT NULL,                     -- 0 none
    rule_id  BIGINT NOT NULL,
    level    BIGINT NOT NULL,                     -- 1 yellow, 2 orange, 3 red
    state    KEYTEXT NOT NULL,                    -- open, answered
    alerts   BIGINT NOT NULL,
    PRIMARY KEY (unit_id, field_id, rule_id, level, state)
) STRICT;
INSERT INTO alert_count (unit_id, field_id, rule_id, level, state, alerts)
SELECT unit_id, field_id, rule_id, level, state, COUNT(*) FROM alert WHERE state <> 'closed' GROUP BY unit_id, field_id, rule_id, level, state;

-- alert_day: what was raised, turned red and was closed on a day, for the trend. Recomputable from alert. Days as numbers
-- since 1970-01-01 in Shanghai, so that both engines count them from instants alike.
CREATE TABLE alert_day (
    day      BIGINT NOT NULL,
    unit_id  BIGINT NOT NULL,
    field_id BIGINT NOT NULL,                     -- 0 none
    raised   BIGINT NOT NULL,                     -- noticed on that day
    red      BIGINT NOT NULL,                     -- red since that day
    closed   BIGINT NOT NULL,
    PRIMARY KEY (day, unit_id, field_id)
) STRICT;
INSERT INTO alert_day (day, unit_id, field_id, raised, red, closed)
SELECT day, unit_id, field_id, SUM(raised), SUM(red), SUM(closed)
  FROM (SELECT (raised_at + 28800000) / 86400000 AS day, unit_id, field_id, 1 AS raised, 0 AS red, 0 AS closed FROM alert
        UNION ALL
        SELECT (red_at + 28800000) / 86400000, unit_id, field_id, 0, 1, 0 FROM alert WHERE red_at <> 0
        UNION ALL
        SELECT (closed_at + 28800000) / 86400000, unit_id, field_id, 0, 0, 1 FROM alert WHERE state = 'closed') x
 GROUP BY day, unit_id, field_id;

-- The alerts behind a day's figures.
CREATE INDEX alert_red ON alert (red_at, id) WHERE red_at <> 0;
CREATE INDEX alert_closed ON alert (closed_at, id) WHERE closed_at <> 0;

-- post_time: how long matters waited for a post at a review step, by the month they were dealt with. Recomputable from the
-- reviews.
CREATE TABLE post_time (
    month    KEYTEXT NOT NULL,                    -- "2026-11"
    post_id  BIGINT NOT NULL,
    step     KEYTEXT NOT NULL,
    matters  BIGINT NOT NULL,
    total_ms BIGINT NOT NULL,
    worst_ms BIGINT NOT NULL,
    worst_id BIGINT NOT NULL,                     -- the publication that waited longest
    PRIMARY KEY (month, post_id, step)
) STRICT;
CREATE INDEX review_at ON review (at);

-- supervised_review: reviews of publications (disclosure) and since when the matter waited for them: the review before it in
-- the same round, else its submission.
CREATE VIEW supervised_review AS
SELECT r.id, r.disclosure_id, r.step, r.post_id, r.at,
       COALESCE((SELECT MAX(p.at) FROM review p WHERE p.disclosure_id = r.disclosure_id AND p.round = r.round AND p.id < r.id),
                (SELECT MAX(e.at) FROM event e
                  WHERE e.subject_kind = 'disclosure' AND e.subject_id = r.disclosure_id AND e.verb = 'submitted' AND e.at <= r.at),
                r.at) AS since
  FROM review r;

-- supervised_count, supervised_due: the maintained figures of duties (duty).
CREATE VIEW supervised_count AS SELECT unit_id, field_id, required, met, met_late FROM duty_count;
CREATE VIEW supervised_due AS SELECT scale, period, unit_id, field_id, open FROM due_count WHERE open <> 0;
