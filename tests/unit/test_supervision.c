/* test_supervision.c: alerts from courses, the time wheel, the ladder. The check is made up here, so that every turn of
 * a course can be tried; all else is real. */
#include "unit_db.h"

#include "auth/auth.h"
#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "supervision/supervision_internal.h"

#define HOUR 3600000LL
#define DAY (24 * HOUR)
#define T0 1790000000000LL /* 2026-09-21 (Monday) 22:13 in Shanghai */

static enum db_engine engine;
static struct unit_db db;
static struct work w;
static struct app_config config;

/* ── the made-up check: courses in memory ── */

#define SUBJECTS 8
static struct course courses[SUBJECTS + 1];
static int broken; /* this subject's course fails */

static int made_up_course(struct work *x, const struct rule *r, int64_t subject, struct course *ret) {
    (void)r;
    if (subject == broken)
        return fail(x, ERR_INTERNAL, "unreadable");
    if (subject < 1 || subject > SUBJECTS || !courses[subject].unit_id)
        return 0;
    *ret = courses[subject];
    return 1;
}

static int made_up_subjects(struct work *x, int64_t after, int64_t *ids, size_t cap) {
    int n = 0;
    (void)x;
    for (int64_t i = after + 1; i <= SUBJECTS && n < (int)cap; i++)
        ids[n++] = i;
    return n;
}

static const struct check_parameter parameters[] = {{"days", "天数", PARAMETER_INT, 1, 9, "3"},
                                                    {NULL, NULL, 0, 0, 0, NULL}};
static int unknown_subjects(struct work *x, int64_t event_subject, int64_t after, int64_t *ids, size_t cap) {
    (void)event_subject, (void)after, (void)ids, (void)cap;
    return fail(x, ERR_INTERNAL, "unreadable");
}

static const struct check_event events[] = {
    {"duty", "created", "thing", NULL}, {"duty", "voided", "thing", unknown_subjects}, {NULL, NULL, NULL, NULL}};
static const struct check made_up[] = {
    {"made_up", "试验", "试验", "thing", "test", parameters, events, made_up_course, made_up_subjects}};

static void in(struct course *c, int64_t unit) {
    *c = (struct course){.unit_id = unit,
                         .holder = PERM_ALERT_ANSWER,
                         .title = S("某事项"),
                         .note = S("逾期"),
                         .address = S("/desk/duties/1")};
}

#define ok(e)                                                                                                          \
    do {                                                                                                               \
        if ((e) < 0)                                                                                                   \
            unit_fail("%s: %s\n", #e, error_text(&w.error));                                                           \
    } while (0)

static const char rule_json[] =
    "[{\"code\": \"made-up\", \"check\": \"made_up\", \"name\": \"试验\", \"on\": true, \"parameters\": {\"days\": 4}, "
    "\"scope\": {},"
    " \"ladder\": [{\"level\": \"yellow\", \"after\": 0, \"to\": \"holder\"}, {\"level\": \"red\", \"after\": 0, "
    "\"to\": \"holder\"},"
    " {\"level\": \"red\", \"after\": 1, \"to\": \"superior\"}, {\"level\": \"red\", \"after\": 3, \"to\": "
    "\"office\"}],"
    " \"weight\": 100, \"ground\": \"试验\", \"status\": \"P\", \"effective\": \"2020-01-01\"}]";

static int setup(void **state) {
    static char dir[] = "/tmp/mingtang-sup-XXXXXX";
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 2);
    unit_db_migrate(&db);
    unit_work_open(&w, &db);
    config =
        (struct app_config){.secret = "0123456789abcdef0123456789abcde", .quiet_hours = "21:00-08:00", .data_dir = dir};
    w.config = &config;
    w.now = T0;
    w.actor.all_units = true;
    for (int i = 0; i <= SUBJECTS; i++)
        courses[i] = (struct course){0};
    broken = 0;
    check_register(made_up, 1);
    unit_db_tamper(&db, "INSERT INTO unit (id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
                        "details, valid_from) "
                        "VALUES (1, '/1/', 'a', 'a', '甲镇', 'town', '', 1, FALSE, '{}', '2020-01-01'), "
                        "(2, '/2/', 'b', 'b', '乙局', 'department', '', 2, FALSE, '{}', '2020-01-01')");
    unit_db_tamper(&db, "INSERT INTO person (id, login, name, password_hash, password_at, must_change, disabled, demo, "
                        "created_at) VALUES "
                        "(11, 'a', 'a', '', 0, FALSE, FALSE, FALSE, 0), (12, 'b', 'b', '', 0, FALSE, FALSE, FALSE, 0)");
    unit_db_tamper(&db, "INSERT INTO post (id, unit_id, name, roles, all_units) VALUES (21, 1, '信息员', 1, FALSE), "
                        "(22, 1, '签发人', 32, FALSE)");
    unit_db_tamper(&db, "INSERT INTO appointment (id, person_id, post_id, from_day) VALUES (31, 11, 21, '2020-01-01'), "
                        "(32, 12, 22, '2020-01-01')");
    json_t *rules = json_loads(rule_json, 0, NULL);
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(supervision_init(&w, rules, true));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    json_decref(rules);
    ok(supervision_pass(&w)); /* takes its place in the log */
    return 0;
}

static int teardown(void **state) {
    (void)state;
    error_clear(&w);
    unit_work_close(&w);
    unit_db_remove(&db);
    return 0;
}

static int64_t scalar(const char *sql) {
    /* Reading past our statements: what is there, whoever wrote it. */
    if (engine == DB_POSTGRESQL) {
        PGconn *pg = PQconnectdb(db.address);
        PGresult *r = PQexec(pg, sql);
        if (PQresultStatus(r) != PGRES_TUPLES_OK)
            unit_fail("%s: %s\n", sql, PQerrorMessage(pg));
        int64_t n = PQntuples(r) ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : -1;
        PQclear(r);
        PQfinish(pg);
        return n;
    }
    sqlite3 *s;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open(db.address + strlen("sqlite:"), &s), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(s, sql, -1, &st, NULL), SQLITE_OK);
    int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
    sqlite3_finalize(st);
    sqlite3_close(s);
    return n;
}

static void enrol(void) {
    json_t *args = json_pack("{s:I}", "rule", (json_int_t)scalar("SELECT id FROM rule"));
    ok(supervision_enrol(&w, args));
    json_decref(args);
}

static void pass_at(int64_t at) {
    w.now = at;
    for (int i = 0; i < 20; i++) {
        int n = supervision_pass(&w);
        ok(n);
        if (n == 0)
            return;
    }
    unit_fail("the pass finds no end\n");
}

static struct alert only(void) {
    struct alert a;
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 1);
    assert_int_equal(alert_get(&w, scalar("SELECT id FROM alert"), &a), 1);
    return a;
}

/* ── courses and alerts ── */

static void an_alert_changes_level_at_the_very_instant(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_YELLOW, T0 + DAY, T0 + 2 * DAY);
    course_span(&courses[1], LEVEL_RED, T0 + 2 * DAY, INT64_MAX);
    enrol();
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 0);
    assert_int_equal(scalar("SELECT next_at FROM watch WHERE subject_id = 1"), T0 + DAY);
    pass_at(T0 + DAY - 1);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 0);
    pass_at(T0 + DAY);
    assert_int_equal(only().level, LEVEL_YELLOW);
    assert_int_equal(only().post_id, 21);
    pass_at(T0 + 2 * DAY - 1);
    assert_int_equal(only().level, LEVEL_YELLOW);
    assert_int_equal(only().red_at, 0);
    pass_at(T0 + 2 * DAY);
    assert_int_equal(only().level, LEVEL_RED);
    assert_int_equal(only().red_at, T0 + 2 * DAY);
    assert_int_equal(only().began_at, T0 + DAY);
    pass_at(T0 + 2 * DAY + 1);
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE room = 'supervision' AND subject_kind = 'alert' AND verb "
                            "IN ('raised', 'level')"),
                     2);
}

static void after_a_week_down_each_breach_is_raised_once_with_its_true_instant(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, T0 + DAY, T0 + 2 * DAY);
    course_span(&courses[1], LEVEL_YELLOW, T0 + 3 * DAY, T0 + 4 * DAY);
    course_span(&courses[1], LEVEL_RED, T0 + 5 * DAY, INT64_MAX);
    enrol();
    pass_at(T0 + 8 * DAY);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 3);
    assert_int_equal(scalar("SELECT count(*) FROM alert WHERE began_at = 1790000000000 + 86400000 AND closed_at = "
                            "1790000000000 + 172800000 "
                            "AND outcome = 'late' AND level = 3"),
                     1);
    assert_int_equal(scalar("SELECT count(*) FROM alert WHERE outcome = 'lapsed' AND state = 'closed'"), 1);
    assert_int_equal(scalar("SELECT began_at FROM alert WHERE state = 'open'"), T0 + 5 * DAY);
    enrol();
    pass_at(T0 + 9 * DAY);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 3);
    /* Down for a week: each audience hears once, of the last step for it; the office on its own day. */
    pass_at(T0 + 10 * DAY + 12 * HOUR);
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 3);
}

static void what_ended_before_the_rule_was_switched_on_is_not_raised(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, T0 - 9 * DAY, T0 - DAY);
    in(&courses[2], 1);
    course_span(&courses[2], LEVEL_RED, T0 - 9 * DAY, INT64_MAX);
    enrol();
    assert_int_equal(only().subject_id, 2);
    assert_int_equal(only().began_at, T0 - 9 * DAY);
}

static void a_clock_set_back_takes_nothing_back(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, T0 + DAY, INT64_MAX);
    enrol();
    pass_at(T0 + DAY);
    int64_t events_then = scalar("SELECT count(*) FROM event WHERE room = 'supervision'");
    w.now = T0 - 5 * DAY;
    enrol();
    pass_at(T0 - 5 * DAY);
    assert_int_equal(only().level, LEVEL_RED);
    assert_string_equal(only().state.p, "open");
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE room = 'supervision'"), events_then);
}

static void what_a_person_decided_stands_until_the_stretch_ends(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, T0, T0 + 3 * DAY);
    course_span(&courses[1], LEVEL_RED, T0 + 4 * DAY, INT64_MAX);
    enrol();
    struct alert a = only(), before = a;
    a.state = S("closed");
    a.outcome = S("false");
    a.closed_at = T0 + DAY;
    ok(db_begin(&w));
    ok(alert_save(&w, &before, &a, "decided"));
    ok(db_commit(&w));
    enrol();
    pass_at(T0 + 2 * DAY);
    assert_string_equal(only().outcome.p, "false");
    pass_at(T0 + 4 * DAY);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 2);
    assert_int_equal(scalar("SELECT began_at FROM alert WHERE state = 'open'"), T0 + 4 * DAY);
}

static void a_moved_day_moves_the_alert_and_makes_no_storm(void **state) {
    (void)state;
    for (int i = 1; i <= SUBJECTS; i++) {
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_YELLOW, T0 - DAY, T0 + 5 * DAY);
        course_span(&courses[i], LEVEL_RED, T0 + 5 * DAY, INT64_MAX);
    }
    enrol();
    assert_int_equal(scalar("SELECT count(*) FROM alert WHERE state = 'open' AND level = 1"), SUBJECTS);
    for (int i = 1; i <= SUBJECTS; i++) { /* two days later, by a new calendar */
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_YELLOW, T0 + DAY, T0 + 7 * DAY);
        course_span(&courses[i], LEVEL_RED, T0 + 7 * DAY, INT64_MAX);
    }
    enrol();
    assert_int_equal(scalar("SELECT count(*) FROM alert WHERE state = 'closed' AND outcome = 'lapsed'"), SUBJECTS);
    for (int i = 1; i <= SUBJECTS; i++) { /* and back */
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_YELLOW, T0 - DAY, T0 + 5 * DAY);
        course_span(&courses[i], LEVEL_RED, T0 + 5 * DAY, INT64_MAX);
    }
    enrol();
    assert_int_equal(scalar("SELECT count(*) FROM alert"), SUBJECTS);
    assert_int_equal(scalar("SELECT count(*) FROM alert WHERE state = 'open' AND outcome = '' AND closed_at = 0"),
                     SUBJECTS);
    assert_int_equal(scalar("SELECT count(*) FROM alert_notice"), SUBJECTS); /* one step each, told in one digest */
    for (int i = 1; i <= SUBJECTS; i++) { /* begun earlier than thought: the same alert */
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_YELLOW, T0 - 3 * DAY, T0 + 5 * DAY);
    }
    enrol();
    assert_int_equal(scalar("SELECT count(*) FROM alert"), SUBJECTS);
}

static void a_rule_switched_off_lets_go_and_switched_on_again_goes_on(void **state) {
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, T0 - DAY, INT64_MAX);
    enrol();
    unit_db_tamper(&db, "UPDATE rule SET state = 'off'");
    enrol();
    assert_string_equal(only().outcome.p, "rule_ended");
    assert_int_equal(scalar("SELECT count(*) FROM watch"), 0);
    unit_db_tamper(&db, "UPDATE rule SET state = 'on'");
    enrol();
    assert_string_equal(only().state.p, "open");
}

static void a_subject_that_cannot_be_read_holds_up_nobody(void **state) {
    (void)state;
    for (int i = 1; i <= 3; i++) {
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_RED, T0 + DAY, INT64_MAX);
    }
    enrol();
    broken = 2;
    pass_at(T0 + DAY);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 2);
    assert_true(scalar("SELECT next_at FROM watch WHERE subject_id = 2") > T0 + DAY);
    broken = 0;
    pass_at(T0 + DAY + HOUR);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 3);
}

static void an_event_is_followed_once(void **state) {
    (void)state;
    in(&courses[3], 1);
    course_span(&courses[3], LEVEL_RED, T0, INT64_MAX);
    ok(db_begin(&w));
    for (int i = 0; i < 3; i++)
        ok(event_append(&w,
                        &(struct event){.room = "duty",
                                        .verb = "created",
                                        .subject_kind = "thing",
                                        .subject_id = 3,
                                        .visibility = EVENT_INTERNAL},
                        NULL));
    ok(event_append(
        &w,
        &(struct event){
            .room = "duty", .verb = "met", .subject_kind = "thing", .subject_id = 4, .visibility = EVENT_INTERNAL},
        NULL));
    ok(db_commit(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    pass_at(T0);
    assert_int_equal(only().subject_id, 3);
    int64_t seq = scalar("SELECT value FROM supervision_state WHERE name = 'seq'");
    while (ledger_sequence_once(&w) > 0)
        ;
    pass_at(T0 + 1);
    assert_int_equal(only().subject_id, 3);
    assert_true(scalar("SELECT value FROM supervision_state WHERE name = 'seq'") > seq); /* its own events too */
}

static void a_new_calendar_has_every_subject_looked_at_again_by_a_job(void **state) {
    (void)state;
    unit_db_tamper(&db, "DELETE FROM job");
    ok(db_begin(&w));
    ok(event_append(&w,
                    &(struct event){.room = "calendar",
                                    .verb = "imported",
                                    .subject_kind = "calendar",
                                    .subject_id = 2,
                                    .visibility = EVENT_INTERNAL},
                    NULL));
    ok(db_commit(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    pass_at(T0);
    assert_int_equal(scalar("SELECT count(*) FROM job WHERE kind = 'supervision_enrol'"), 1);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 0);
}

static void an_event_that_cannot_be_followed_holds_up_none_behind_it(void **state) {
    (void)state;
    in(&courses[3], 1);
    course_span(&courses[3], LEVEL_RED, T0, INT64_MAX);
    ok(db_begin(&w));
    ok(event_append(
        &w,
        &(struct event){
            .room = "duty", .verb = "voided", .subject_kind = "thing", .subject_id = 5, .visibility = EVENT_INTERNAL},
        NULL));
    ok(event_append(
        &w,
        &(struct event){
            .room = "duty", .verb = "created", .subject_kind = "thing", .subject_id = 3, .visibility = EVENT_INTERNAL},
        NULL));
    ok(db_commit(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    pass_at(T0);
    assert_int_equal(only().subject_id, 3);
}

/* ── scope ── */

static void a_rule_concerns_only_its_scope(void **state) {
    static const char *const scopes[][2] = {{"{\"units\": [\"a\"]}", "1"},
                                            {"{\"except\": [\"a\"]}", "2"},
                                            {"{\"unit_kinds\": [\"department\"]}", "2"},
                                            {"{\"fields\": [\"07\"]}", "2"},
                                            {"{\"kinds\": [\"policy\"]}", "1"}};
    (void)state;
    for (size_t i = 0; i < countof(scopes); i++) {
        char sql[300];
        in(&courses[1], 1);
        courses[1].kind = S("policy");
        in(&courses[2], 2);
        courses[2].field_id = 7;
        for (int k = 1; k <= 2; k++)
            course_span(&courses[k], LEVEL_RED, T0 - DAY, INT64_MAX);
        snprintf(sql, sizeof sql, "UPDATE rule_version SET scope = '%s'", scopes[i][0]);
        unit_db_tamper(&db, sql);
        enrol();
        assert_int_equal(scalar("SELECT count(*) FROM alert WHERE state = 'open'"), 1);
        assert_int_equal(scalar("SELECT subject_id FROM alert WHERE state = 'open'"), scopes[i][1][0] - '0');
    }
}

static void contradictions_are_told_at_the_field(void **state) {
    struct scope s;
    struct rule r = {0};
    (void)state;
    json_t *o = json_pack("{s:[s], s:[s]}", "units", "a", "except", "a");
    assert_int_equal(rule_scope_read(&w, o, &s), -1);
    assert_string_equal(w.error.fields[0].field, "except");
    error_clear(&w);
    json_decref(o);
    o = json_pack("{s:[s]}", "units", "nowhere");
    assert_int_equal(rule_scope_read(&w, o, &s), -1);
    assert_string_equal(w.error.fields[0].field, "units");
    error_clear(&w);
    json_decref(o);
    o = json_pack("[{s:s, s:i, s:s}, {s:s, s:i, s:s}]", "level", "red", "after", 3, "to", "office", "level", "red",
                  "after", 1, "to", "holder");
    assert_int_equal(rule_ladder_read(&w, o, &r), -1);
    error_clear(&w);
    json_decref(o);
    static const int bad[] = {0, 10};
    for (size_t i = 0; i < countof(bad); i++) {
        o = json_pack("{s:i}", "days", bad[i]);
        assert_int_equal(rule_parameters_check(&w, &made_up[0], o), -1);
        assert_string_equal(w.error.fields[0].field, "days");
        error_clear(&w);
        json_decref(o);
    }
    o = json_pack("{s:i}", "weeks", 1);
    assert_int_equal(rule_parameters_check(&w, &made_up[0], o), -1);
    json_decref(o);
}

/* ── the ladder ── */

static int64_t at_hour(day_t d, int hour) {
    return day_start(d) + hour * HOUR;
}

static void the_ladder_goes_from_the_post_to_its_superior_to_the_office(void **state) {
    day_t monday = day_from(2026, 10, 12);
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, at_hour(monday, 10), INT64_MAX);
    w.now = at_hour(monday, 10);
    enrol();
    pass_at(at_hour(monday, 10) + 1);
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE unit_id = 1 AND permission = 'alert.answer'"), 1);
    pass_at(at_hour(monday, 23));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 1);
    pass_at(at_hour(monday + 1, 8));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 1);
    pass_at(at_hour(monday + 1, 9)); /* one working day on, at half past eight */
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE permission = 'alert.superior'"), 1);
    pass_at(at_hour(monday + 2, 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 2);
    pass_at(at_hour(monday + 3, 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE unit_id IS NULL AND permission = 'alert.decide'"), 1);
    pass_at(at_hour(monday + 30, 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 3); /* no repeats */
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE verb = 'escalated'"), 2);
}

static void the_holidays_do_not_count(void **state) {
    day_t last = day_from(2026, 9, 30); /* before the National Day: off from 1 to 7 October */
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, at_hour(last, 10), INT64_MAX);
    w.now = at_hour(last, 10);
    enrol();
    pass_at(at_hour(last, 10) + 1);
    pass_at(at_hour(day_from(2026, 10, 7), 20));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 1);
    pass_at(at_hour(day_from(2026, 10, 8), 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 2);
}

static void many_at_once_are_one_notice_and_nights_are_quiet(void **state) {
    day_t monday = day_from(2026, 10, 12);
    (void)state;
    for (int i = 1; i <= SUBJECTS; i++) {
        in(&courses[i], 1);
        course_span(&courses[i], LEVEL_RED, at_hour(monday, 22), INT64_MAX);
    }
    w.now = at_hour(monday, 20);
    enrol();
    pass_at(at_hour(monday, 22));
    assert_int_equal(scalar("SELECT count(*) FROM alert"), SUBJECTS);
    pass_at(at_hour(monday + 1, 7));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 0);
    pass_at(at_hour(monday + 1, 8));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 1);
}

static void yellow_is_told_in_the_morning_of_a_working_day(void **state) {
    day_t friday = day_from(2026, 10, 16);
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_YELLOW, at_hour(friday, 15), INT64_MAX);
    w.now = at_hour(friday, 14);
    enrol();
    pass_at(at_hour(friday, 15));
    pass_at(at_hour(friday + 2, 12));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 0);
    pass_at(at_hour(friday + 3, 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 1);
}

static void what_is_mended_before_it_was_told_is_not_told(void **state) {
    day_t monday = day_from(2026, 10, 12);
    (void)state;
    in(&courses[1], 1);
    course_span(&courses[1], LEVEL_RED, at_hour(monday, 22), at_hour(monday, 23));
    w.now = at_hour(monday, 20);
    enrol();
    pass_at(at_hour(monday, 22));
    pass_at(at_hour(monday, 23));
    pass_at(at_hour(monday + 1, 9));
    assert_int_equal(scalar("SELECT count(*) FROM notice"), 0);
    assert_int_equal(scalar("SELECT count(*) FROM alert_notice"), 0);
}

static void a_post_without_a_holder_is_passed_over(void **state) {
    day_t monday = day_from(2026, 10, 12);
    (void)state;
    for (int i = 1; i <= 2; i++) {
        in(&courses[i], i);
        course_span(&courses[i], LEVEL_RED, at_hour(monday, 10), INT64_MAX);
    }
    unit_db_tamper(&db, "UPDATE appointment SET to_day = '2026-10-11' WHERE id = 31");
    unit_db_tamper(&db, "UPDATE post SET roles = 8 WHERE id = 22"); /* 终审人: superior, answers nothing */
    w.now = at_hour(monday, 10);
    enrol();
    pass_at(at_hour(monday, 10) + 1);
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE unit_id = 1 AND permission = 'alert.superior'"), 1);
    /* Unit 2 has nobody at all: the office hears. */
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE unit_id IS NULL AND permission = 'alert.decide'"), 1);
    assert_int_equal(scalar("SELECT post_id FROM alert WHERE unit_id = 2"), 0);
}

static int run_all(enum db_engine e) {
    engine = e;
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_alert_changes_level_at_the_very_instant),
        T(after_a_week_down_each_breach_is_raised_once_with_its_true_instant),
        T(what_ended_before_the_rule_was_switched_on_is_not_raised),
        T(a_clock_set_back_takes_nothing_back),
        T(what_a_person_decided_stands_until_the_stretch_ends),
        T(a_moved_day_moves_the_alert_and_makes_no_storm),
        T(a_rule_switched_off_lets_go_and_switched_on_again_goes_on),
        T(a_subject_that_cannot_be_read_holds_up_nobody),
        T(an_event_is_followed_once),
        T(an_event_that_cannot_be_followed_holds_up_none_behind_it),
        T(a_new_calendar_has_every_subject_looked_at_again_by_a_job),
        T(a_rule_concerns_only_its_scope),
        T(contradictions_are_told_at_the_field),
        T(the_ladder_goes_from_the_post_to_its_superior_to_the_office),
        T(the_holidays_do_not_count),
        T(many_at_once_are_one_notice_and_nights_are_quiet),
        T(yellow_is_told_in_the_morning_of_a_working_day),
        T(what_is_mended_before_it_was_told_is_not_told),
        T(a_post_without_a_holder_is_passed_over),
    };
    return cmocka_run_group_tests_name(e == DB_SQLITE ? "supervision (SQLite)" : "supervision (PostgreSQL)", tests,
                                       NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR);
    int rc = run_all(DB_SQLITE);
    return rc + (getenv("MINGTANG_TEST_PG") ? run_all(DB_POSTGRESQL) : 0);
}
