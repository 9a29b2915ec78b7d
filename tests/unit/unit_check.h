/* unit_check.h: units, catalogues, duties, facts and publications as rows and events, and what a check says of them,
 * for the tests of supervision's checks. Duties and facts come from their rooms; publications are written as rows, so
 * that a test can say what their rooms refuse. */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include "unit_db.h"

#include "auth/auth.h"
#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "supervision/supervision_internal.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(unit_put,
          "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
          "details, valid_from) VALUES ($1, $2, $3, $4, $4, $4, 'town', '000000000', $1, FALSE, '{}', '2020-01-01')",
          true);
STATEMENT(field_put, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (10, '10', '社会救助', TRUE, '')",
          true);
STATEMENT(catalogue_put,
          "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) VALUES ($1, "
          "$2, $3, 'town', $4, '目录', 'here', 1, 0)",
          true);
STATEMENT(item_put,
          "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES ($1, $2, 10, $3, 0)", true);
STATEMENT(item_version_put,
          "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, limit_text, "
          "limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, mode_active, mode_request, "
          "level_city, level_town, extra, valid_from, created_at) VALUES ($1, $2, $3, 1, '一级', $4, $5, $6, "
          "$7, $8, $9, '', '', TRUE, '', TRUE, FALSE, FALSE, TRUE, '{}', $10, $11)",
          true);
STATEMENT(item_version_end, "UPDATE item_version SET valid_to = $2 WHERE item_id = $1 AND valid_to IS NULL", true);
STATEMENT(owner_put, "INSERT INTO item_owner (version_id, unit_id) VALUES ($1, $2)", true);
STATEMENT(duties_of_item, "SELECT id FROM duty WHERE item_id = $1 ORDER BY id", false);
STATEMENT(duty_of_fact_row, "SELECT id FROM duty WHERE fact_id = $1 ORDER BY id", false);
STATEMENT(publication_put,
          "INSERT INTO disclosure (public_id, unit_id, item_id, field_id, index_number, state, title, number, "
          "number_folded, five, kind, drafter_id, demo, revision, created_at, part) VALUES ($1, $2, $3, 10, '', "
          "'draft', $4, '', '', '', $5, $6, FALSE, 1, $7, $8) RETURNING id",
          true);
STATEMENT(edition_put,
          "INSERT INTO disclosure_version (disclosure_id, version, frozen, title, number, body, body_text, summary, "
          "keywords, attribute, ground, ground_note, genre, theme, validity, source, formed, effective, expires, "
          "sha256, public_from, public_to, made_by, created_at, elements, concealed_at) VALUES ($1, (SELECT count(*) + "
          "1 FROM disclosure_version x WHERE x.disclosure_id = $1), TRUE, $2, '', '', $3, '', '', $4, '', '', '', '', "
          "$5, '', $6, $7, $8, '', $9, $10, $11, $12, $13, $14) RETURNING id",
          true);
STATEMENT(publication_set,
          "UPDATE disclosure SET public_version_id = $2, published_at = CASE WHEN published_at = 0 THEN $3 ELSE "
          "published_at END, withdrawn_at = $4, changed_at = $3, state = $5 WHERE id = $1",
          true);
STATEMENT(publication_about, "UPDATE disclosure SET about_id = $2 WHERE id = $1", true);
STATEMENT(public_id_of, "SELECT public_id FROM disclosure WHERE id = $1", false);
STATEMENT(review_put,
          "INSERT INTO review (disclosure_id, version_id, round, step, outcome, conclusion, reason, person_id, "
          "post_id, at) VALUES ($1, $2, 1, $3, 'passed', '', '', $4, 1, $5)",
          true);
STATEMENT(blob_put,
          "INSERT INTO blob (sha256, sm3, size, type, extension, pages, text, scan, problem, created_at) VALUES ($1, "
          "'', 1, '', 'pdf', 0, $2, '[]', '', 0) RETURNING id",
          true);
STATEMENT(attachment_put,
          "INSERT INTO disclosure_attachment (version_id, position, blob_id, name) VALUES ($1, $2, $3, $4)", true);
STATEMENT(matter_put,
          "INSERT INTO public_matter (kind, code, unit_id, name, category, basis, exemption, valid_from, created_at) "
          "VALUES ('power', $1, $2, '燃气经营许可', '行政许可', '', '', '2020-01-01', $3) RETURNING id",
          true);
STATEMENT(matter_end, "UPDATE public_matter SET valid_to = $2 WHERE id = $1", true);
STATEMENT(matter_link_put, "INSERT INTO public_matter_item (matter_id, item_id) VALUES ($1, $2)", true);

enum { CITY = 1, CHANGJIANG, BAIPU };
enum { STANDARD = 1, SUPPLEMENTARY, ELSEWHERE }; /* catalogues: two of Changjiang, one of Baipu */
enum { DRAFTER = 7, REVIEWER = 8 };

static struct unit_db unit;
static enum db_engine engine = DB_SQLITE;
static struct work w;
static const struct app_config config;
static int64_t next_item, next_version, next_public;

/* ── time ── */

static inline day_t d(const char *text) {
    day_t day = DAY_NONE;
    if (day_parse(str_z(text), &day) < 0)
        unit_fail("no day: %s\n", text);
    return day;
}

/* Nine in the morning of a day. */
static inline int64_t nine(const char *day) {
    return day_start(d(day)) + 9 * 3600000LL;
}

static inline void at(const char *day) {
    w.now = nine(day);
}

static inline void begin(void) {
    assert_int_equal(db_begin(&w), 0);
}

static inline void commit(void) {
    if (db_commit(&w) < 0)
        unit_fail("%s\n", error_text(&w.error));
}

#define ok(e)                                                                                                          \
    do {                                                                                                               \
        if ((e) < 0)                                                                                                   \
            unit_fail("%s: %s\n", #e, error_text(&w.error));                                                           \
    } while (0)

/* ── items ── */

struct item_made {
    const char *limit, *from, *level2, *elements, *basis;
    int64_t item, catalogue; /* item 0: a new one */
    unsigned owners;         /* bits of units */
    bool unsettled;
};

/* A version of an item in force, and what the catalogue's hook makes of it. Returns the item. */
static inline int64_t item_made(struct item_made x) {
    struct limit_rule rules[8];
    struct item item;
    int n = limit_parse(w.arena, str_z(x.limit), rules, 8);
    json_t *all = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(all, limit_rule_json(&rules[i]));
    char *text = json_dumps(all, JSON_COMPACT);
    int64_t id = ++next_version, item_id = x.item ? x.item : ++next_item;
    begin();
    if (!x.item)
        assert_int_equal(db_exec(&w, &item_put, DB_INT(item_id), DB_INT(x.catalogue ? x.catalogue : STANDARD),
                                 DB_TEXT(str_printf(w.arena, "320682-10-01-%03lld", (long long)item_id))),
                         1);
    else
        ok(db_exec(&w, &item_version_end, DB_INT(item_id), DB_TEXT(day_str(w.arena, d(x.from) - 1))));
    assert_int_equal(db_exec(&w, &item_version_put, DB_INT(id), DB_INT(item_id), DB_INT(id),
                             DB_TEXTZ(x.level2 ? x.level2 : "低保"), DB_TEXTZ(x.elements ? x.elements : "要素"),
                             DB_TEXTZ(x.basis ? x.basis : "依据"), DB_TEXTZ(x.limit), DB_TEXTZ(text),
                             DB_BOOL(!x.unsettled), DB_TEXTZ(x.from), DB_INT(w.now)),
                     1);
    for (int u = CITY; u <= BAIPU; u++)
        if (x.owners & 1u << u)
            assert_int_equal(db_exec(&w, &owner_put, DB_INT(id), DB_INT(u)), 1);
    assert_int_equal(item_version_get(&w, id, &item), 0);
    ok(duty_on_item_in_force(&w, &item));
    commit();
    free(text);
    json_decref(all);
    return item_id;
}

#define OWNED_HERE (1u << CHANGJIANG)
static inline int64_t item(const char *limit, const char *from) {
    return item_made((struct item_made){.limit = limit, .from = from, .owners = OWNED_HERE});
}

/* The n-th duty of an item, from 0. */
static inline int64_t duty_at(int64_t item_id, size_t n) {
    struct db_rows r;
    ok(db_query(&w, &duties_of_item, &r, DB_INT(item_id)));
    assert_true(n < r.n);
    return db_i(&r, n, 0);
}

/* The duty of a fact recorded now. */
static inline int64_t fact(int64_t item_id, const char *kind, const char *subject, const char *day) {
    struct fact_new f = {
        .item_id = item_id, .unit_id = CHANGJIANG, .kind = str_z(kind), .subject = str_z(subject), .day = d(day)};
    struct db_rows r;
    int64_t id;
    f.source_ref = f.number = S("");
    begin();
    ok(fact_record(&w, &f, &id));
    commit();
    assert_int_equal(db_one(&w, &duty_of_fact_row, &r, DB_INT(id)), 1);
    return db_i(&r, 0, 0);
}

/* ── events and publications ── */

static inline void happened(const char *room, const char *verb, const char *kind, int64_t id, int64_t when) {
    int64_t now = w.now;
    w.now = when;
    struct event e = {.room = room,
                      .verb = verb,
                      .subject_kind = kind,
                      .subject_id = id,
                      .unit_id = CHANGJIANG,
                      .visibility = EVENT_INTERNAL};
    begin();
    ok(event_append(&w, &e, NULL));
    commit();
    w.now = now;
}

static inline int64_t publication(const char *kind, const char *title, int64_t item_id) {
    struct db_rows r;
    begin();
    assert_int_equal(db_one(&w, &publication_put, &r, DB_TEXT(str_printf(w.arena, "p%lld", (long long)++next_public)),
                            DB_INT(CHANGJIANG), DB_ID(item_id), DB_TEXTZ(title), DB_TEXTZ(kind), DB_INT(DRAFTER),
                            DB_INT(w.now), DB_BOOL(false)),
                     1);
    commit();
    return db_i(&r, 0, 0);
}

static inline const char *public_id(int64_t id) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &public_id_of, &r, DB_INT(id)), 1);
    return str_dupz(w.arena, db_s(&r, 0, 0));
}

struct edition_made {
    int64_t from, until; /* public; until 0: still; from 0: never was */
    const char *title, *body, *attribute, *validity, *formed, *effective, *expires, *elements;
    int64_t made_by, concealed_at, created_at;
};

/* A frozen version of a publication; the row says what is public after it. Returns the version. */
static inline int64_t edition(int64_t id, struct edition_made x) {
    struct db_rows r;
    struct str formed = str_z(x.formed ? x.formed : "");
    if (!formed.n && x.from)
        formed = day_str(w.arena, day_of(x.from));
    begin();
    assert_int_equal(db_one(&w, &edition_put, &r, DB_INT(id), DB_TEXTZ(x.title ? x.title : "标题"),
                            DB_TEXTZ(x.body ? x.body : ""), DB_TEXTZ(x.attribute ? x.attribute : "active"),
                            DB_TEXTZ(x.validity ? x.validity : "valid"), DB_OPT(formed), DB_OPT(str_z(x.effective)),
                            DB_OPT(str_z(x.expires)), DB_INT(x.from), DB_INT(x.until),
                            DB_INT(x.made_by ? x.made_by : DRAFTER), DB_INT(x.created_at ? x.created_at : x.from),
                            DB_TEXTZ(x.elements ? x.elements : ""), DB_INT(x.concealed_at)),
                     1);
    int64_t version = db_i(&r, 0, 0);
    if (x.from)
        ok(db_exec(&w, &publication_set, DB_INT(id), DB_ID(x.until ? 0 : version), DB_INT(x.from), DB_INT(x.until),
                   DB_TEXTZ(x.until ? "withdrawn" : "published")));
    commit();
    return version;
}

static inline void attached(int64_t version, int64_t position, const char *name, const char *text) {
    struct db_rows r;
    begin();
    assert_int_equal(db_one(&w, &blob_put, &r,
                            DB_TEXT(str_printf(w.arena, "b%lld-%lld", (long long)version, (long long)position)),
                            DB_TEXTZ(text)),
                     1);
    ok(db_exec(&w, &attachment_put, DB_INT(version), DB_INT(position), DB_INT(db_i(&r, 0, 0)), DB_TEXTZ(name)));
    commit();
}

/* ── what a check says ── */

static struct course said; /* by the last one */

/* 1 or 0; parameters as JSON, NULL: the defaults. */
static inline int asked(const char *code, const char *parameters, int64_t subject) {
    const struct check *c = check_find(str_z(code));
    if (!c)
        unit_fail("no check %s\n", code);
    struct rule r = {.check = c, .parameters = json_loads(parameters ? parameters : "{}", 0, NULL)};
    assert_non_null(r.parameters);
    assert_int_equal(rule_parameters_check(&w, c, r.parameters), 0);
    memset(&said, 0, sizeof said);
    int n = c->course(&w, &r, subject, &said);
    json_decref(r.parameters);
    if (n < 0)
        unit_fail("%s: %s\n", code, error_text(&w.error));
    if (n == 1 && said.n) {
        assert_true(said.unit_id > 0 && said.holder > PERM_SIGNED_IN && said.title.n > 0 && said.note.n > 0);
        assert_true(str_starts(said.address, S("/desk/")));
        for (size_t i = 0; i < said.n; i++) {
            assert_true(said.spans[i].from < said.spans[i].until);
            assert_true(said.spans[i].level >= LEVEL_YELLOW && said.spans[i].level <= LEVEL_RED);
            assert_true(i == 0 || said.spans[i - 1].until <= said.spans[i].from);
        }
    }
    return n;
}

/* "2026-11-23" at its first instant, else with the time; "" for ever. */
static inline struct str instant(int64_t t) {
    return t == INT64_MAX ? S("") : t == day_start(day_of(t)) ? day_str(w.arena, day_of(t)) : instant_text(w.arena, t);
}

/* The spans in order: "yellow 2026-11-23–2026-11-26; red 2026-12-01–". */
static inline void expect(const char *code, const char *parameters, int64_t subject, const char *spans) {
    struct str text = STR_NONE;
    assert_int_equal(asked(code, parameters, subject), 1);
    for (size_t i = 0; i < said.n; i++)
        text = str_printf(w.arena, "%.*s%s%s %.*s–%.*s", STR_ARG(text), i ? "; " : "",
                          alert_level_code(said.spans[i].level), STR_ARG(instant(said.spans[i].from)),
                          STR_ARG(instant(said.spans[i].until)));
    if (!str_is(text, spans))
        unit_fail("%s of %lld: %.*s\n          not: %s\n", code, (long long)subject, STR_ARG(text), spans);
}

static inline void no_matter(const char *code, const char *parameters, int64_t subject) {
    if (asked(code, parameters, subject) != 0)
        unit_fail("%s concerns %lld\n", code, (long long)subject);
}

static inline void noted(const char *words) {
    if (str_find(said.note, str_z(words)) < 0)
        unit_fail("note: %.*s\n without: %s\n", STR_ARG(said.note), words);
}

/* Is the subject among those the check goes through, page by page? */
static inline bool listed(const char *code, int64_t subject) {
    const struct check *c = check_find(str_z(code));
    int64_t ids[3], after = 0;
    bool found = false;
    for (int n = 3; n == 3;) {
        n = c->subjects(&w, after, ids, 3);
        assert_true(n >= 0);
        for (int i = 0; i < n; i++) {
            assert_true(ids[i] > after);
            after = ids[i];
            found |= ids[i] == subject;
        }
    }
    return found;
}

/* Does an event lead to the subject? */
static inline bool reached(const char *code, const char *room, const char *verb, const char *kind,
                           int64_t event_subject, int64_t subject) {
    const struct check *c = check_find(str_z(code));
    int64_t ids[500];
    bool found = false;
    for (const struct check_event *e = c->events; e->room; e++) {
        if (strcmp(e->room, room) != 0 || (e->verb && strcmp(e->verb, verb) != 0) || strcmp(e->subject_kind, kind) != 0)
            continue;
        int n = e->of ? e->of(&w, event_subject, 0, ids, countof(ids)) : 1;
        if (!e->of)
            ids[0] = event_subject;
        assert_true(n >= 0);
        for (int i = 0; i < n; i++) {
            assert_true(i == 0 || ids[i - 1] < ids[i]);
            found |= ids[i] == subject;
        }
    }
    return found;
}

/* ── */

static inline int check_set_up(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    next_item = next_version = next_public = 0;
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.actor = (struct actor){.person_name = S("测试"), .all_units = true};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    at("2026-11-02");
    supervision_checks();
    begin();
    ok(calendar_init_data(&w));
    ok(db_exec(&w, &unit_put, DB_INT(CITY), DB_NULL, DB_TEXTZ("/1/"), DB_TEXTZ("city")));
    ok(db_exec(&w, &unit_put, DB_INT(CHANGJIANG), DB_INT(CITY), DB_TEXTZ("/1/2/"), DB_TEXTZ("changjiang")));
    ok(db_exec(&w, &unit_put, DB_INT(BAIPU), DB_INT(CITY), DB_TEXTZ("/1/3/"), DB_TEXTZ("baipu")));
    ok(db_exec(&w, &field_put));
    ok(db_exec(&w, &catalogue_put, DB_INT(STANDARD), DB_TEXTZ("c1"), DB_TEXTZ("standard"), DB_INT(CHANGJIANG)));
    ok(db_exec(&w, &catalogue_put, DB_INT(SUPPLEMENTARY), DB_TEXTZ("c2"), DB_TEXTZ("supplementary"),
               DB_INT(CHANGJIANG)));
    ok(db_exec(&w, &catalogue_put, DB_INT(ELSEWHERE), DB_TEXTZ("c3"), DB_TEXTZ("standard"), DB_INT(BAIPU)));
    commit();
    ok(calendar_load(&w));
    return 0;
}

static inline int check_tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

#define run_checks(name, tests)                                                                                        \
    (cmocka_run_group_tests_name(name " on SQLite", tests, check_set_up, check_tear_down) +                            \
     (getenv("MINGTANG_TEST_PG")                                                                                       \
          ? (engine = DB_POSTGRESQL,                                                                                   \
             cmocka_run_group_tests_name(name " on PostgreSQL", tests, check_set_up, check_tear_down))                 \
          : 0))
#endif
