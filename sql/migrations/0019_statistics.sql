-- Maintained statistics of supervision (监督统计): counts per month, unit, field, kind of catalogue and post, and what each
-- subject put into them, so that it can be taken out again. All of it can be counted anew from the records.

-- statistics_part: what one subject counts for. One row for each time it counts; a duty has one, a publication one for
-- each time it was published, corrected, withdrawn.
CREATE TABLE statistics_part (
    subject_kind KEYTEXT NOT NULL,                -- duty, disclosure, request, alert
    subject_id   BIGINT NOT NULL,
    serial       BIGINT NOT NULL,
    month        BIGINT NOT NULL,                 -- 202611
    unit_id      BIGINT NOT NULL,
    field_id     BIGINT NOT NULL,                 -- 0 none
    catalogue    BIGINT NOT NULL,                 -- 0 none, 1 standard, 2 supplementary, 3 village
    post_id      BIGINT NOT NULL,                 -- 0 none
    flags        BIGINT NOT NULL,                 -- bit n: counts in the n-th measure
    days         BIGINT NOT NULL,                 -- working days late
    due_at       BIGINT NOT NULL,                 -- of what is open and whose clock runs; else 0
    PRIMARY KEY (subject_kind, subject_id, serial)
) STRICT;
CREATE INDEX statistics_part_unit ON statistics_part (unit_id, month, subject_kind, subject_id);
CREATE INDEX statistics_part_month ON statistics_part (month, subject_kind, subject_id);
CREATE INDEX statistics_part_due ON statistics_part (due_at) WHERE due_at <> 0;

-- statistics: the sums. A column for each measure, in the order of the bits of statistics_part.flags.
CREATE TABLE statistics (
    month         BIGINT NOT NULL,
    unit_id       BIGINT NOT NULL,
    field_id      BIGINT NOT NULL,
    catalogue     BIGINT NOT NULL,
    post_id       BIGINT NOT NULL,
    owed          BIGINT NOT NULL,                -- duties by the month they are due
    met           BIGINT NOT NULL,
    late          BIGINT NOT NULL,                -- published after the limit …
    late_5        BIGINT NOT NULL,                -- … by at most 5 working days
    late_20       BIGINT NOT NULL,                -- … by at most 20
    late_more     BIGINT NOT NULL,
    open          BIGINT NOT NULL,                -- overdue or not: see statistics_open
    waived        BIGINT NOT NULL,
    published     BIGINT NOT NULL,                -- publications by the month of the act
    corrected     BIGINT NOT NULL,
    withdrawn     BIGINT NOT NULL,
    requests      BIGINT NOT NULL,                -- applications by the month received
    replied       BIGINT NOT NULL,
    replied_late  BIGINT NOT NULL,
    request_open  BIGINT NOT NULL,
    corrections   BIGINT NOT NULL,                -- applications for a correction (第四十一条)
    remedies      BIGINT NOT NULL,                -- reconsiderations and suits by the month filed
    yellow        BIGINT NOT NULL,                -- alerts by the month they began, by their highest level
    orange        BIGINT NOT NULL,
    red           BIGINT NOT NULL,
    alert_open    BIGINT NOT NULL,
    confirmed     BIGINT NOT NULL,
    false_alarm   BIGINT NOT NULL,
    alert_waived  BIGINT NOT NULL,
    late_days     BIGINT NOT NULL,                -- sum of statistics_part.days
    PRIMARY KEY (month, unit_id, field_id, catalogue, post_id)
) STRICT;

-- statistics_open: what is open, by the day it is due: what is overdue follows from today, without a sweep at midnight.
CREATE TABLE statistics_open (
    subject_kind KEYTEXT NOT NULL,                -- duty, request
    due_day      BIGINT NOT NULL,                 -- days since 1970 in Shanghai
    month        BIGINT NOT NULL,                 -- where it counts in statistics
    unit_id      BIGINT NOT NULL,
    field_id     BIGINT NOT NULL,
    catalogue    BIGINT NOT NULL,
    post_id      BIGINT NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, due_day, month, unit_id, field_id, catalogue, post_id)
) STRICT;

-- statistics_item: whether the newest public publication of an item names all its content elements (要素).
CREATE TABLE statistics_item (
    item_id       BIGINT PRIMARY KEY,             -- only items of which something is public
    disclosure_id BIGINT NOT NULL,
    elements      BIGINT NOT NULL,                -- how many the item asks for
    missing       TEXT NOT NULL                   -- those not found, separated by 、; '' none
) STRICT;

-- What the parts add up to: for checking and for counting anew.
CREATE VIEW statistics_truth AS
SELECT month, unit_id, field_id, catalogue, post_id,
       CAST(SUM((flags >> 0) & 1) AS BIGINT) AS owed,
       CAST(SUM((flags >> 1) & 1) AS BIGINT) AS met,
       CAST(SUM((flags >> 2) & 1) AS BIGINT) AS late,
       CAST(SUM((flags >> 3) & 1) AS BIGINT) AS late_5,
       CAST(SUM((flags >> 4) & 1) AS BIGINT) AS late_20,
       CAST(SUM((flags >> 5) & 1) AS BIGINT) AS late_more,
       CAST(SUM((flags >> 6) & 1) AS BIGINT) AS open,
       CAST(SUM((flags >> 7) & 1) AS BIGINT) AS waived,
       CAST(SUM((flags >> 8) & 1) AS BIGINT) AS published,
       CAST(SUM((flags >> 9) & 1) AS BIGINT) AS corrected,
       CAST(SUM((flags >> 10) & 1) AS BIGINT) AS withdrawn,
       CAST(SUM((flags >> 11) & 1) AS BIGINT) AS requests,
       CAST(SUM((flags >> 12) & 1) AS BIGINT) AS replied,
       CAST(SUM((flags >> 13) & 1) AS BIGINT) AS replied_late,
       CAST(SUM((flags >> 14) & 1) AS BIGINT) AS request_open,
       CAST(SUM((flags >> 15) & 1) AS BIGINT) AS corrections,
       CAST(SUM((flags >> 16) & 1) AS BIGINT) AS remedies,
       CAST(SUM((flags >> 17) & 1) AS BIGINT) AS yellow,
       CAST(SUM((flags >> 18) & 1) AS BIGINT) AS orange,
       CAST(SUM((flags >> 19) & 1) AS BIGINT) AS red,
       CAST(SUM((flags >> 20) & 1) AS BIGINT) AS alert_open,
       CAST(SUM((flags >> 21) & 1) AS BIGINT) AS confirmed,
       CAST(SUM((flags >> 22) & 1) AS BIGINT) AS false_alarm,
       CAST(SUM((flags >> 23) & 1) AS BIGINT) AS alert_waived,
       CAST(SUM(days) AS BIGINT) AS late_days
  FROM statistics_part
 GROUP BY month, unit_id, field_id, catalogue, post_id;

CREATE VIEW statistics_open_truth AS
SELECT subject_kind, (due_at + 28800000) / 86400000 AS due_day, month, unit_id, field_id, catalogue, post_id, COUNT(*) AS n
  FROM statistics_part
 WHERE due_at <> 0
 GROUP BY subject_kind, (due_at + 28800000) / 86400000, month, unit_id, field_id, catalogue, post_id;

-- ── further views of other rooms: who holds a matter, what kind of catalogue it belongs to ──

CREATE VIEW supervised_catalogue AS
SELECT c.id AS item_id, CASE g.kind WHEN 'standard' THEN 1 WHEN 'supplementary' THEN 2 WHEN 'village' THEN 3 ELSE 0 END AS catalogue
  FROM catalogue_item c JOIN catalogue g ON g.id = c.catalogue_id;

-- supervised_drafted: the post in which a publication was begun.
CREATE VIEW supervised_drafted AS
SELECT e.subject_id AS disclosure_id, e.id AS event_id, e.post_id, p.unit_id
  FROM event e JOIN post p ON p.id = e.post_id
 WHERE e.subject_kind = 'disclosure' AND e.room = 'disclosure' AND e.verb = 'created';

-- supervised_information: publications without the parts of the portal, which are no information. Columns as they are, so that
-- the indexes of what is public serve.
CREATE VIEW supervised_information AS
SELECT d.id, d.unit_id, d.item_id, d.field_id, d.published_at, d.withdrawn_at, d.public_version_id
  FROM disclosure d WHERE NOT d.part;

-- supervised_duty_words: what is owed, in the words of the catalogue: 二级事项, or 一级事项 where there is no second.
CREATE VIEW supervised_duty_words AS
SELECT d.id AS duty_id, CASE WHEN v.level2 <> '' THEN v.level2 ELSE v.level1 END AS item_name
  FROM duty d JOIN item_version v ON v.id = d.item_version_id;

CREATE VIEW supervised_officer AS
SELECT r.id AS request_id, COALESCE(r.officer_post, 0) AS post_id FROM request r;

CREATE VIEW supervised_remedy AS
SELECT m.id, m.request_id, m.unit_id, m.kind, m.filed_day, m.result FROM request_remedy m;

-- supervised_matter: powers (权责清单) and public services, and whether an item in the catalogues stands for them.
CREATE VIEW supervised_matter AS
SELECT m.id, m.kind, m.code, m.name, m.category, m.unit_id, m.exemption, m.valid_from, m.valid_to,
       CASE WHEN EXISTS (SELECT 1 FROM public_matter_item x WHERE x.matter_id = m.id) THEN 1 ELSE 0 END AS linked
  FROM public_matter m;
