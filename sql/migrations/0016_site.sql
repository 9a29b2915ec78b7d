-- The site as it is found (网站自查), and what supervision may know of publications and cases besides 0015.

-- site_column: the home page ('/') and the portal's columns, as subjects of checks.
CREATE TABLE site_column (
    id        IDENTITY,
    code      KEYTEXT NOT NULL UNIQUE,            -- '/', "policies"
    name      TEXT NOT NULL,
    kind      KEYTEXT NOT NULL,                   -- home, news 动态要闻, notice 通知公告和政策文件, reading 政策解读, other
    holds     KEYTEXT NOT NULL,                   -- all, class, catalogue; search: a search of its own, not looked into
    what      KEYTEXT NOT NULL,                   -- the class of publication or the kind of catalogue; '' else
    since     BIGINT NOT NULL,
    gone_at   BIGINT NOT NULL                     -- 0: it is there
) STRICT;

-- site_finding: what was found wrong at an address, from the first failed look to the first good one.
CREATE TABLE site_finding (
    id            IDENTITY,
    kind          KEYTEXT NOT NULL,               -- link, attachment, outside, meta, footer
    disclosure_id BIGINT NOT NULL,                -- 0: a page of the portal
    unit_id       BIGINT NOT NULL,
    page          TEXT NOT NULL,                  -- where it stands: "/disclosures/…"
    title         TEXT NOT NULL,                  -- of that page
    address       TEXT NOT NULL,                  -- what was asked
    address_key   KEYTEXT NOT NULL,               -- SHA-256 of it, hex
    status        KEYTEXT NOT NULL,               -- the answer's, "none" nobody answered, "missing", "unguarded"
    detail        TEXT NOT NULL,                  -- in words: which tags, which elements
    failed_at     BIGINT NOT NULL,                -- first failed at
    asked_at      BIGINT NOT NULL,                -- last asked at
    tries         BIGINT NOT NULL,                -- failed looks in a row
    ended_at      BIGINT NOT NULL                 -- 0: still so
) STRICT;
CREATE UNIQUE INDEX site_finding_open ON site_finding (kind, disclosure_id, address_key) WHERE ended_at = 0;
CREATE INDEX site_finding_found ON site_finding (id) WHERE ended_at = 0;
CREATE INDEX site_finding_ask ON site_finding (asked_at) WHERE ended_at = 0;
CREATE INDEX site_finding_page ON site_finding (disclosure_id, id);

-- site_day: tries to open the public address, by day.
CREATE TABLE site_day (
    day   KEYTEXT PRIMARY KEY,
    tries BIGINT NOT NULL,
    slow  BIGINT NOT NULL                         -- not open within 15 seconds
) STRICT;

-- site_state: how far the walk has come: "after" (disclosure), "round" (began at), "walked" (last round ended at),
-- "looked" (pages last looked at).
CREATE TABLE site_state (
    name  KEYTEXT PRIMARY KEY,
    value BIGINT NOT NULL
) STRICT;

-- What was ever published, without the parts of the portal. class: as the portal's columns sort it.
CREATE INDEX disclosure_ever ON disclosure (published_at, id) WHERE published_at > 0 AND NOT part;
CREATE INDEX disclosure_ever_class ON disclosure
    ((CASE WHEN kind <> '' AND kind <> 'plan' THEN kind WHEN kind = 'plan' OR number <> '' THEN 'policy' ELSE 'information' END), published_at, id)
    WHERE published_at > 0 AND NOT part;
CREATE INDEX disclosure_ever_unit ON disclosure (unit_id, kind, published_at, id) WHERE published_at > 0 AND NOT part;
CREATE INDEX disclosure_ever_withdrawn ON disclosure (withdrawn_at) WHERE published_at > 0 AND withdrawn_at > 0 AND NOT part;
CREATE VIEW supervised_publication AS
SELECT d.id, d.public_id, d.unit_id, d.kind,
       CASE WHEN d.kind <> '' AND d.kind <> 'plan' THEN d.kind WHEN d.kind = 'plan' OR d.number <> '' THEN 'policy' ELSE 'information' END AS class,
       d.item_id, d.title, d.published_at, d.withdrawn_at, d.public_version_id
  FROM disclosure d WHERE d.published_at > 0 AND NOT d.part;

-- Attachments of versions, by place: names and what could be read of them.
CREATE VIEW supervised_attachment AS
SELECT a.version_id, a.position, a.name, COALESCE(b.text, '') AS body_text
  FROM disclosure_attachment a LEFT JOIN blob b ON b.id = a.blob_id;

-- Units: what kind of organ, since when.
CREATE VIEW supervised_unit AS
SELECT u.id, u.code, u.name, u.short_name, u.kind, u.path, u.sort_key, u.valid_from, u.valid_to FROM unit u;

-- Events of a subject: verb and instant.
CREATE VIEW supervised_event AS
SELECT e.id, e.room, e.verb, e.subject_kind, e.subject_id, e.at FROM event e;

-- What was asked of the applicant or of others: when, not what.
CREATE VIEW supervised_ask AS
SELECT a.id, a.request_id, a.kind, a.sent_day FROM request_ask a;

-- Proposals to make information public of its own (条例第四十四条).
CREATE INDEX request_proposal_request ON request_proposal (request_id);
CREATE INDEX request_proposal_disclosure ON request_proposal (disclosure_id) WHERE disclosure_id IS NOT NULL;
CREATE VIEW supervised_proposal AS
SELECT p.id, p.unit_id, p.request_id, p.origin, p.state, p.due_at, p.created_at, p.decided_at,
       COALESCE(p.disclosure_id, 0) AS disclosure_id, COALESCE(d.published_at, 0) AS published_at
  FROM request_proposal p LEFT JOIN disclosure d ON d.id = p.disclosure_id;
