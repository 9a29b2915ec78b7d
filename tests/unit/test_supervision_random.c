/* test_supervision_random.c: histories nobody thought of. Duties come, are met, waived, owed again and get new days; a
 * calendar is announced; the clock jumps; the server is down; the rule is switched off, on and edited. After each story
 * what is kept agrees with a computation from nothing, and each breach was raised once with its true instant. The seed
 * of a story that fails is printed; MINGTANG_TEST_SEED=n runs that one. */
#include "unit_db.h"

#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "supervision/supervision_internal.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(unit_add,
          "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
          "details, valid_from) VALUES ($1, $2, $3, $4, $4, $4, 'town', '000000000', $1, FALSE, '{}', '2020-01-01')",
          true);
STATEMENT(field_add, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (10, '10', '社会救助', TRUE, '')",
          true);
STATEMENT(catalogue_add,
          "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) VALUES (1, "
          "'c', 'standard', 'town', 1, '目录', 'here', 1, 0)",
          true);
STATEMENT(item_add,
          "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES ($1, 1, 10, $2, 0)", true);
STATEMENT(
    version_add,
    "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, limit_text, "
    "limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, mode_active, mode_request, "
    "level_city, level_town, extra, valid_from, created_at) VALUES ($1, $1, 1, 1, '一级', '二级', '要素', '依据', "
    "$2, $3, TRUE, '', '', TRUE, '', TRUE, FALSE, FALSE, TRUE, '{}', $4, 0)",
    true);
STATEMENT(owner_add, "INSERT INTO item_owner (version_id, unit_id) VALUES ($1, $2)", true);
STATEMENT(disclosure_add,
          "INSERT INTO disclosure (id, public_id, unit_id, item_id, index_number, state, title, number, number_folded, "
          "five, kind, demo, revision, created_at, published_at, changed_at, public_version_id) VALUES ($1, $2, $3, "
          "$4, '', 'published', 't', '', '', '', '', FALSE, 1, $5, $5, $5, $1)",
          true);
STATEMENT(edition_add,
          "INSERT INTO disclosure_version (id, disclosure_id, version, frozen, title, number, body, body_text, "
          "summary, keywords, attribute, ground, ground_note, genre, theme, validity, source, sha256, public_from, "
          "created_at) VALUES ($1, $1, 1, TRUE, 't', '', '', '', '', '', 'active', '', '', '', '', 'valid', '', '', "
          "$2, $2)",
          true);
STATEMENT(withdraw,
          "UPDATE disclosure SET state = 'withdrawn', public_version_id = NULL, withdrawn_at = $2 WHERE id = $1", true);
STATEMENT(duty_any, "SELECT id FROM duty WHERE state = $1 AND id > $2 ORDER BY id LIMIT 1", false);
STATEMENT(duty_all, "SELECT id, due_at, created_at, state FROM duty ORDER BY id", false);
STATEMENT(duty_of, "SELECT item_id, unit_id FROM duty WHERE id = $1", false);
STATEMENT(duty_verbs,
          "SELECT verb, at FROM event WHERE subject_kind = 'duty' AND subject_id = $1 AND verb IN ('met', 'met_late', "
          "'reopened', 'waived', 'voided', 'redated') ORDER BY id",
          false);
STATEMENT(alerts_in,
          "SELECT began_at, red_at, state, closed_at FROM alert WHERE subject_id = $1 AND began_at < $3 AND (state <> "
          "'closed' OR closed_at > $2) ORDER BY began_at",
          false);
STATEMENT(alerts_all, "SELECT COUNT(*) FROM alert WHERE subject_id = $1", false);
STATEMENT(rule_state, "UPDATE rule SET state = $1", true);
STATEMENT(rule_edit,
          "INSERT INTO rule_version (rule_id, version, frozen, name, parameters, scope, ladder, weight, ground, "
          "status, effective, created_at) SELECT rule_id, version + 1, TRUE, name, $1, scope, ladder, weight, ground, "
          "status, effective, $2 FROM rule_version ORDER BY version DESC LIMIT 1",
          true);
STATEMENT(rule_newest, "UPDATE rule SET version_id = (SELECT MAX(id) FROM rule_version)", true);
STATEMENT(spoil, "UPDATE alert SET level = 4 - level WHERE id = (SELECT MAX(id) FROM alert WHERE state <> 'closed')",
          true);
STATEMENT(spoil_watch, "UPDATE watch SET next_at = next_at + 1 WHERE subject_id = (SELECT MAX(subject_id) FROM watch)",
          true);
STATEMENT(spoil_due, "UPDATE duty SET due_at = due_at - 86400000 WHERE id = 1", true);

#define DAY_MS 86400000LL
#define STEPS 60
enum { CITY = 1, CHANGJIANG, BAIPU };

static enum db_engine engine;
static struct unit_db unit;
static struct work w;
static struct app_config config;
static uint64_t seed;
static int64_t items[3], next_item, next_disclosure, published[200];
static size_t n_published;
static bool edited, announced, on; /* the rule of this story got another version; the calendar changed */
static int64_t yellow_days;

#define ok(e)                                                                                                          \
    do {                                                                                                               \
        if ((e) < 0)                                                                                                   \
            unit_fail("seed %llu: %s: %s %s\n", (unsigned long long)seed, #e, error_text(&w.error),                    \
                      w.error.field_count ? w.error.fields[0].message : "");                                           \
    } while (0)

static uint64_t next_random(void) {
    static uint64_t x;
    static uint64_t of;
    if (of != seed)
        of = seed, x = seed * 0x9e3779b97f4a7c15ULL;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

/* ── the world ── */

static const char rules[] =
    "[{\"code\": \"duty-due\", \"check\": \"duty_due\", \"name\": \"临期和逾期\", \"on\": true, \"parameters\": "
    "{\"yellow_days\": 5, \"orange_days\": 2}, \"scope\": {}, \"ladder\": [{\"level\": \"yellow\", \"after\": 0, "
    "\"to\": "
    "\"holder\"}, {\"level\": \"red\", \"after\": 0, \"to\": \"holder\"}, {\"level\": \"red\", \"after\": 1, \"to\": "
    "\"superior\"}, {\"level\": \"red\", \"after\": 3, \"to\": \"office\"}], \"weight\": 100, \"ground\": \"试验\", "
    "\"status\": \"P\", \"effective\": \"2020-01-01\"}]";

static int64_t item(const char *limit) {
    int64_t id = ++next_item;
    struct limit_rule parsed[8];
    struct item it;
    int n = limit_parse(w.arena, str_z(limit), parsed, 8);
    json_t *all = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(all, limit_rule_json(&parsed[i]));
    char *text = json_dumps(all, JSON_COMPACT);
    ok(db_exec(&w, &item_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "320682-10-01-%03lld", (long long)id))));
    ok(db_exec(&w, &version_add, DB_INT(id), DB_TEXTZ(limit), DB_TEXTZ(text),
               DB_TEXT(day_str(w.arena, work_today(&w)))));
    for (int u = CHANGJIANG; u <= BAIPU; u++)
        ok(db_exec(&w, &owner_add, DB_INT(id), DB_INT(u)));
    ok(item_version_get(&w, id, &it));
    ok(duty_on_item_in_force(&w, &it));
    free(text);
    json_decref(all);
    return id;
}

static int setup(void **s) {
    static char dir[] = "/tmp/mingtang-random";
    (void)s;
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    config =
        (struct app_config){.secret = "0123456789abcdef0123456789abcde", .quiet_hours = "21:00-08:00", .data_dir = dir};
    w.config = &config;
    w.actor = (struct actor){.person_name = S("测试"), .all_units = true};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    w.now = day_start(day_from(2026, 11, 2)) + 9 * 3600000;
    supervision_checks();
    next_disclosure = next_item = 0;
    n_published = 0;
    edited = announced = false;
    on = true;
    yellow_days = 5;
    json_t *o = json_loads(rules, 0, NULL);
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(db_exec(&w, &unit_add, DB_INT(CITY), DB_NULL, DB_TEXTZ("/1/"), DB_TEXTZ("city")));
    ok(db_exec(&w, &unit_add, DB_INT(CHANGJIANG), DB_INT(CITY), DB_TEXTZ("/1/2/"), DB_TEXTZ("changjiang")));
    ok(db_exec(&w, &unit_add, DB_INT(BAIPU), DB_INT(CITY), DB_TEXTZ("/1/3/"), DB_TEXTZ("baipu")));
    ok(db_exec(&w, &field_add));
    ok(db_exec(&w, &catalogue_add));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    ok(supervision_pass(&w)); /* takes its place in the log */
    for (int i = 0; i < 3; i++)
        ok(statistics_fill(&w, NULL));
    ok(db_begin(&w));
    ok(supervision_init(&w, o, true));
    items[0] = item("信息形成或变更之日起20个工作日内");
    items[1] = item("每月公开");
    items[2] = item("变更之日起7个工作日内");
    ok(db_commit(&w));
    json_decref(o);
    return 0;
}

static int teardown(void **s) {
    (void)s;
    error_clear(&w);
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

/* ── steps ── */

static void enrol(void) {
    json_t *args = json_pack("{s:i}", "rule", 1);
    ok(supervision_enrol(&w, args));
    json_decref(args);
}

static void passes(void) {
    while (ledger_sequence_once(&w) > 0)
        ;
    for (int i = 0; i < 200; i++) {
        int n = supervision_pass(&w);
        ok(n);
        while (ledger_sequence_once(&w) > 0)
            ;
        if (n == 0)
            return;
    }
    unit_fail("seed %llu: the pass finds no end\n", (unsigned long long)seed);
}

static int64_t some_duty(const char *state) {
    struct db_rows r;
    for (int64_t after = (int64_t)(next_random() % 40);; after = 0) {
        int n = db_one(&w, &duty_any, &r, DB_TEXTZ(state), DB_INT(after));
        ok(n);
        if (n == 1)
            return db_i(&r, 0, 0);
        if (after == 0)
            return 0;
    }
}

static void step_fact(void) {
    struct fact_new f = {.item_id = items[next_random() % 3],
                         .unit_id = next_random() % 2 ? CHANGJIANG : BAIPU,
                         .kind = S("formed"),
                         .subject = S("随机"),
                         .source_ref = S(""),
                         .number = S(""),
                         .day = work_today(&w)};
    day_t earliest = day_from(2026, 11, 2), day = f.day - (day_t)(next_random() % 12);
    f.day = day > earliest ? day : earliest;
    int64_t id;
    ok(db_begin(&w));
    ok(fact_record(&w, &f, &id));
    ok(db_commit(&w));
}

static void step_publish(void) {
    struct db_rows r;
    int64_t duty = some_duty("open"), id = next_disclosure + 1;
    if (!duty || n_published == countof(published))
        return;
    ok(db_one(&w, &duty_of, &r, DB_INT(duty)));
    ok(db_begin(&w));
    ok(db_exec(&w, &disclosure_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "p%lld", (long long)id)),
               DB_INT(db_i(&r, 0, 1)), DB_INT(db_i(&r, 0, 0)), DB_INT(w.now)));
    ok(db_exec(&w, &edition_add, DB_INT(id), DB_INT(w.now)));
    ok(duty_meet(&w, duty, id, w.now));
    ok(db_commit(&w));
    published[n_published++] = next_disclosure = id;
}

static void step_withdraw(void) {
    if (!n_published)
        return;
    size_t i = next_random() % n_published;
    ok(db_begin(&w));
    ok(db_exec(&w, &withdraw, DB_INT(published[i]), DB_INT(w.now)));
    ok(duty_reopen(&w, published[i]));
    ok(db_commit(&w));
    published[i] = published[--n_published];
}

static void step_waive(void) {
    int64_t duty = some_duty("open");
    if (!duty)
        return;
    ok(db_begin(&w));
    ok(duty_waive(&w, duty, S("ND6"), S("过程性信息")));
    ok(db_commit(&w));
}

static void step_switch(void) {
    ok(db_begin(&w));
    ok(db_exec(&w, &rule_state, DB_TEXTZ(on ? "off" : "on")));
    ok(db_commit(&w));
    on = !on;
    enrol();
}

static void step_edit(void) {
    yellow_days = 3 + (int64_t)(next_random() % 8);
    ok(db_begin(&w));
    ok(db_exec(&w, &rule_edit,
               DB_TEXT(str_printf(w.arena, "{\"yellow_days\": %lld, \"orange_days\": 2}", (long long)yellow_days)),
               DB_INT(w.now)));
    ok(db_exec(&w, &rule_newest));
    ok(db_commit(&w));
    edited = true;
    if (on)
        enrol();
}

static void step_calendar(void) {
    char text[400];
    snprintf(text, sizeof text,
             "{\"year\":2027,\"notice\":\"测试通知\",\"off\":[{\"reason\":\"元旦\",\"from\":\"2027-01-01\",\"to\":"
             "\"2027-01-03\"},{\"reason\":\"春节\",\"from\":\"2027-02-05\",\"to\":\"2027-02-%02d\"},{\"reason\":"
             "\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],\"makeup\":[\"2027-02-20\"]}",
             10 + (int)(next_random() % 5));
    json_t *year = json_loads(text, 0, NULL);
    ok(db_begin(&w));
    ok(calendar_import(&w, year, "test", NULL));
    ok(db_commit(&w));
    json_decref(year);
    ok(calendar_load(&w));
    announced = true;
    ok(duty_tick(&w, NULL));
    passes();
    if (on)
        enrol(); /* what a calendar moves besides the due days */
}

static void one_step(bool with_edits, bool with_calendar) {
    static const int64_t jumps[] = {0, 1, 3600000, 5 * 3600000LL, DAY_MS, DAY_MS, 2 * DAY_MS, 4 * DAY_MS};
    w.now += jumps[next_random() % countof(jumps)] + (int64_t)(next_random() % 1000);
    switch (next_random() % 13) {
    case 0:
    case 1:
    case 2:
        step_fact();
        break;
    case 3:
    case 4:
        step_publish();
        break;
    case 5:
        step_withdraw();
        break;
    case 6:
        step_waive();
        break;
    case 7:
        ok(duty_tick(&w, NULL));
        break;
    case 8:
        step_switch();
        break;
    case 9:
        if (with_edits)
            step_edit();
        break;
    case 10:
        if (with_calendar)
            step_calendar();
        break;
    case 11:
        w.now += 7 * DAY_MS; /* the server is down for a week */
        break;
    default:
        break;
    }
    if (next_random() % 3)
        passes();
}

/* ── each breach once ── */

/* Owed in [from, until): one alert, with its true beginning and the true instant of the breach. */
static size_t owed(int64_t duty, int64_t due, int64_t from, int64_t until) {
    struct db_rows r;
    int64_t yellow = day_start(check_warn_day(day_of(due), (int)yellow_days)), begins = from > yellow ? from : yellow,
            red = from > due + 1 ? from : due + 1;
    if (begins > w.now || begins >= until)
        return 0;
    ok(db_query(&w, &alerts_in, &r, DB_INT(duty), DB_INT(begins), DB_INT(until)));
    if (r.n != 1)
        unit_fail("seed %llu: duty %lld, owed from %lld to %lld: %zu alerts\n", (unsigned long long)seed,
                  (long long)duty, (long long)begins, (long long)until, r.n);
    if (db_i(&r, 0, 0) != begins || db_i(&r, 0, 1) != (red < until && red <= w.now ? red : 0) ||
        str_is(db_s(&r, 0, 2), "closed") != (until <= w.now) || (until <= w.now && db_i(&r, 0, 3) != until))
        unit_fail("seed %llu: duty %lld: begins %lld, red %lld, ends %lld; kept %lld, %lld, %lld\n",
                  (unsigned long long)seed, (long long)duty, (long long)begins, (long long)red, (long long)until,
                  (long long)db_i(&r, 0, 0), (long long)db_i(&r, 0, 1), (long long)db_i(&r, 0, 3));
    return 1;
}

/* From what was done to the duty, as the log tells it. */
static void each_breach_once(void) {
    struct db_rows all, verbs, n;
    ok(db_query(&w, &duty_all, &all));
    assert_true(all.n > 0);
    for (size_t i = 0; i < all.n; i++) {
        int64_t id = db_i(&all, i, 0), due = db_i(&all, i, 1), from = db_i(&all, i, 2);
        size_t alerts = 0;
        ok(db_query(&w, &duty_verbs, &verbs, DB_INT(id)));
        for (size_t k = 0; k < verbs.n; k++) {
            bool again = str_is(db_s(&verbs, k, 0), "reopened");
            if (!again && from)
                alerts += owed(id, due, from, db_i(&verbs, k, 1));
            from = again ? db_i(&verbs, k, 1) : 0;
        }
        if (from)
            alerts += owed(id, due, from, INT64_MAX);
        ok(db_one(&w, &alerts_all, &n, DB_INT(id)));
        if ((size_t)db_i(&n, 0, 0) != alerts)
            unit_fail("seed %llu: duty %lld: %lld alerts of %zu\n", (unsigned long long)seed, (long long)id,
                      (long long)db_i(&n, 0, 0), alerts);
    }
}

static size_t differences(bool told) {
    json_t *list = NULL;
    int rc = supervision_recompute(&w, NULL, &list);
    ok(rc);
    ok(duty_recompute(&w, NULL, list, 200));
    size_t n = json_array_size(list);
    if (n && told) {
        char *text = json_dumps(list, JSON_INDENT(1));
        print_message("%s\n", text);
        free(text);
    }
    json_decref(list);
    return n;
}

static void story(uint64_t number, bool with_edits, bool with_calendar) {
    seed = number;
    for (int i = 0; i < STEPS; i++)
        one_step(with_edits, with_calendar);
    if (!on)
        step_switch();
    passes();
    if (differences(true))
        unit_fail("seed %llu: differs from a computation from nothing\n", (unsigned long long)seed);
    if (!edited && !announced)
        each_breach_once();
}

static void stories(uint64_t first, uint64_t last, bool with_edits, bool with_calendar) {
    const char *one = getenv("MINGTANG_TEST_SEED");
    for (uint64_t n = first; n <= last; n++)
        if (!one || strtoull(one, NULL, 10) == n) {
            setup(NULL);
            story(n, with_edits, with_calendar);
            teardown(NULL);
        }
}

static void each_breach_is_raised_once_with_its_true_instant(void **s) {
    (void)s;
    stories(1, 6, false, false);
}

static void an_edited_rule_and_a_new_calendar_leave_what_is_kept_in_agreement(void **s) {
    (void)s;
    stories(101, 104, true, false);
    stories(201, 204, true, true);
}

/* The computation is one that can fail. */
static void what_is_spoilt_is_found(void **s) {
    static const struct db_statement *const spoils[] = {&spoil, &spoil_watch, &spoil_due};
    (void)s;
    setup(NULL);
    w.now += 20 * DAY_MS;
    enrol();
    passes();
    assert_int_equal(differences(true), 0);
    for (size_t i = 0; i < countof(spoils); i++) {
        ok(db_begin(&w));
        assert_int_equal(db_exec(&w, spoils[i]), 1);
        ok(db_commit(&w));
        assert_true(differences(false) > i);
    }
    teardown(NULL);
}

static int run(const char *name) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_breach_is_raised_once_with_its_true_instant),
        cmocka_unit_test(an_edited_rule_and_a_new_calendar_leave_what_is_kept_in_agreement),
        cmocka_unit_test(what_is_spoilt_is_found),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR);
    engine = DB_SQLITE;
    int failed = run("random histories on SQLite");
    if (!getenv("MINGTANG_TEST_PG"))
        return failed;
    engine = DB_POSTGRESQL;
    return failed + run("random histories on PostgreSQL");
}
