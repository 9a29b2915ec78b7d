/* unit_alert.h: units, posts and calendars as shipped, a rule whose check is made up, and alerts of it: for the tests
 * of answers and tickets. What the records say of a subject is set by the test. */
#ifndef UNIT_ALERT_H
#define UNIT_ALERT_H

#include "unit_db.h"

#include "letter/letter.h"
#include "supervision/alert_internal.h"
#include "supervision/ticket_internal.h"

#include <ftw.h>

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(alert_count_events,
          "SELECT COUNT(*) FROM event WHERE room = 'supervision' AND subject_kind = $1 AND subject_id = $2 AND "
          "(CAST($3 AS TEXT) = '' OR verb = $3)",
          false);
STATEMENT(alert_count_notices, "SELECT COUNT(*) FROM notice WHERE title LIKE $1", false);

static enum db_engine engine = DB_SQLITE;
static struct unit_db unit;
static struct work w;
static char data_dir[64];
static struct app_config config;
static int64_t changjiang, mzj, zfb, rule_id, version_id;

#define ok(expression)                                                                                                 \
    do {                                                                                                               \
        if ((expression) < 0)                                                                                          \
            unit_fail("%s: %s %s: %s\n", #expression, error_text(&w.error),                                            \
                      w.error.field_count ? w.error.fields[0].field : "",                                              \
                      w.error.field_count ? w.error.fields[0].message : "");                                           \
    } while (0)
#define refused(expression, wanted)                                                                                    \
    do {                                                                                                               \
        assert_int_equal(expression, -1);                                                                              \
        if (w.error.code != (wanted))                                                                                  \
            unit_fail("%s: %s\n", #expression, error_text(&w.error));                                                  \
        error_clear(&w);                                                                                               \
    } while (0)
#define refused_at(expression, wanted)                                                                                 \
    do {                                                                                                               \
        assert_int_equal(expression, -1);                                                                              \
        if (w.error.code != ERR_INVALID || w.error.field_count != 1 || strcmp(w.error.fields[0].field, wanted) != 0)   \
            unit_fail("%s: not at %s: %s\n", #expression, wanted, error_text(&w.error));                               \
        error_clear(&w);                                                                                               \
    } while (0)

static inline day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static inline void at(const char *day) {
    w.now = day_start(d(day)) + 9 * 3600000LL;
}

/* NULL: the system. */
static inline void as(const char *login) {
    int64_t person;
    w.actor = (struct actor){.address = "127.0.0.1"};
    if (!login)
        return;
    if (strcmp(login, "token") == 0) { /* asked for more than a program may have */
        w.actor.token_id = 7;
        w.actor.unit_id = changjiang;
        actor_grant_scopes(&w.actor, S("alert.read alert.answer alert.decide ticket.issue duty.waive duty.read"));
        return;
    }
    if (account_find(&w, str_z(login), &person) != 1)
        unit_fail("no account %s\n", login);
    w.actor.person_id = person;
    ok(org_actor_fill(&w, 0));
}

static inline int64_t unit_of(const char *code) {
    struct unit u;
    assert_int_equal(unit_by_code(&w, str_z(code), &u), 1);
    return u.id;
}

static inline int64_t events(const char *kind, int64_t id, const char *verb) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &alert_count_events, &r, DB_TEXTZ(kind), DB_INT(id), DB_TEXTZ(verb)), 1);
    return db_i(&r, 0, 0);
}

static inline int64_t notices(const char *like) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &alert_count_notices, &r, DB_TEXTZ(like)), 1);
    return db_i(&r, 0, 0);
}

/* ── the made-up check: red from a moment until another ── */

#define SUBJECTS 200
static struct { int64_t unit, from, until; } told[SUBJECTS + 1];

static int told_course(struct work *x, const struct rule *r, int64_t subject, struct course *ret) {
    (void)x, (void)r;
    if (subject < 1 || subject > SUBJECTS || !told[subject].unit)
        return 0;
    *ret = (struct course){.unit_id = told[subject].unit,
                           .field_id = 10,
                           .holder = PERM_ALERT_ANSWER,
                           .title = S("某事项没有公开"),
                           .note = S("还缺办理结果"),
                           .address = S("/desk/duties/1")};
    course_span(ret, LEVEL_RED, told[subject].from, told[subject].until);
    return 1;
}

static int told_subjects(struct work *x, int64_t after, int64_t *ids, size_t cap) {
    (void)x, (void)after, (void)ids, (void)cap;
    return 0;
}

static const struct check_parameter told_parameters[] = {{NULL, NULL, 0, 0, 0, NULL}};
static const struct check_event told_events[] = {{NULL, NULL, NULL, NULL}};
static const struct check told_check[] = {
    {"told", "试验", "试验用的检查项", "duty", "test", told_parameters, told_events, told_course, told_subjects}};

static int64_t next_subject;

/* A breach of the unit, noticed now. */
static inline int64_t alert_made(int64_t unit_id) {
    struct db_rows r;
    struct rule rule;
    static const struct db_statement newest = {"newest",   "test", "SELECT MAX(id) FROM alert", "a fixture", false,
                                               UINT32_MAX, 0};
    struct actor before = w.actor;
    int64_t subject = ++next_subject;
    assert_true(subject <= SUBJECTS);
    told[subject].unit = unit_id;
    told[subject].from = w.now - 1000;
    told[subject].until = INT64_MAX;
    as(NULL);
    assert_int_equal(rule_get(&w, rule_id, 0, &rule), 1);
    ok(evaluate(&w, &rule, subject));
    rule_release(&rule);
    w.actor = before;
    assert_int_equal(db_one(&w, &newest, &r), 1);
    return db_i(&r, 0, 0);
}

static inline struct alert_full alert_at(int64_t id) {
    struct alert_full f;
    ok(alert_full_get(&w, id, &f));
    return f;
}

/* The record is put right: the course ends now. */
static inline void put_right(int64_t alert_id) {
    told[alert_at(alert_id).a.subject_id].until = w.now;
}

static inline void looked_at(int64_t alert_id) {
    struct rule rule;
    assert_int_equal(rule_get(&w, rule_id, 0, &rule), 1);
    ok(evaluate(&w, &rule, alert_at(alert_id).a.subject_id));
    rule_release(&rule);
}

/* ── set-up ── */

static inline json_t *asset(const char *name) {
    const struct asset *a = asset_find(&config, w.arena, name);
    assert_non_null(a);
    json_t *o = json_loadb(a->bytes.p, a->bytes.n, 0, NULL);
    assert_non_null(o);
    return o;
}

static const char told_rule[] =
    "[{\"code\": \"told\", \"check\": \"told\", \"name\": \"试验规则\", \"on\": true, \"parameters\": {}, \"scope\": "
    "{}, \"ladder\": [{\"level\": \"red\", \"after\": 0, \"to\": \"holder\"}, {\"level\": \"red\", \"after\": 3, "
    "\"to\": \"office\", \"ticket\": true}], \"weight\": 100, \"ground\": \"试验依据第一条\", \"status\": \"P\", "
    "\"effective\": \"2020-01-01\"}]";

static inline int alert_set_up(void **s) {
    (void)s;
    snprintf(data_dir, sizeof data_dir, "/tmp/mingtang-alert-XXXXXX");
    assert_non_null(mkdtemp(data_dir));
    config = (struct app_config){.base_url = "http://127.0.0.1",
                                 .data_dir = data_dir,
                                 .ledger_key_file = "",
                                 .secret = "0123456789abcdef0123456789abcde"};
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 4);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    at("2026-09-01");
    check_register(told_check, 1);
    check_register(ticket_checks, ticket_check_count);
    json_t *units = asset("data/units.json"), *accounts = asset("data/accounts-demo.json"),
           *rules = json_loads(told_rule, 0, NULL);
    static const struct db_statement the_rule = {
        "the_rule", "test", "SELECT id, version_id FROM rule WHERE code = 'told'", "a fixture", false, UINT32_MAX, 0};
    struct db_rows r;
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(org_load(&w, units));
    ok(org_load_accounts(&w, accounts));
    ok(supervision_init(&w, rules, true));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    assert_int_equal(db_one(&w, &the_rule, &r), 1);
    rule_id = db_i(&r, 0, 0);
    version_id = db_i(&r, 0, 1);
    changjiang = unit_of("changjiang");
    mzj = unit_of("mzj");
    zfb = unit_of("zfb");
    json_decref(units);
    json_decref(accounts);
    json_decref(rules);
    return 0;
}

static inline int alert_remove_one(const char *path, const struct stat *st, int flag, struct FTW *f) {
    (void)st, (void)flag, (void)f;
    return remove(path);
}

static inline int alert_tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    ledger_forget();
    return nftw(data_dir, alert_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Each test has the memory of one request, and leaves no row behind. */
static struct arena *group_arena;
static inline int alert_begin(void **s) {
    (void)s;
    group_arena = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    memset(told, 0, sizeof told);
    next_subject = 0;
    at("2026-11-02");
    error_clear(&w);
    return db_begin(&w);
}

static inline int alert_end(void **s) {
    (void)s;
    db_rollback(&w);
    arena_free(w.arena);
    w.arena = group_arena;
    return 0;
}
#define alert_test(f) cmocka_unit_test_setup_teardown(f, alert_begin, alert_end)

static inline int alert_groups(const char *name, const struct CMUnitTest *tests, size_t n, int (*set_up)(void **)) {
    char title[100];
    int failed = 0;
    for (engine = DB_SQLITE; engine <= DB_POSTGRESQL; engine++) {
        if (engine == DB_POSTGRESQL && !getenv("MINGTANG_TEST_PG"))
            break;
        snprintf(title, sizeof title, "%s on %s", name, engine == DB_SQLITE ? "SQLite" : "PostgreSQL");
        failed += _cmocka_run_group_tests(title, tests, n, set_up, alert_tear_down);
    }
    return failed;
}
#endif
