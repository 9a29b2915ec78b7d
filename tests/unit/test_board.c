/* test_board.c: the maintained counts of the live board: random histories of alerts, spoilt counts, what an older
 * installation already holds, and how long matters wait for posts. */
#include "unit_db.h"

#include "duty/duty.h"
#include "supervision/supervision_internal.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(alert_add,
          "INSERT INTO alert (rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, "
          "post_id, level, peak, began_at, level_at, red_at, due_at, raised_at, state, outcome, title, note, address, "
          "step) VALUES ($1, $1, 'duty_due', 'duty', $2, $3, $4, 0, 0, $5, $5, $6, $6, $7, 0, $8, 'open', '', '题', "
          "'', '/desk', 0) RETURNING id",
          true);
STATEMENT(alert_set, "UPDATE alert SET level = $2, red_at = $3, state = $4, closed_at = $5, unit_id = $6 WHERE id = $1",
          true);
STATEMENT(count_spoil, "UPDATE alert_count SET alerts = alerts + 1", true);
STATEMENT(day_spoil, "UPDATE alert_day SET red = red + 1", true);
STATEMENT(post_times,
          "SELECT step, matters, total_ms, worst_ms, worst_id, post_id FROM post_time WHERE month = $1 "
          "ORDER BY post_id, step",
          false);
STATEMENT(due_sums, "SELECT scale, CAST(SUM(open) AS BIGINT) FROM due_count GROUP BY scale ORDER BY scale", false);

#define HOUR 3600000LL
static const char fixture[] =
    "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, details, "
    "valid_from) VALUES (1, NULL, '/1/', 'u1', '一', '一', 'town', '000000000', 1, FALSE, '{}', '2020-01-01'), (2, "
    "NULL, "
    "'/2/', 'u2', '二', '二', 'town', '000000000', 2, FALSE, '{}', '2020-01-01');"
    "INSERT INTO rule (id, code, check_code, state, shipped, created_at) VALUES (1, 'r1', 'duty_due', 'on', TRUE, 0), "
    "(2, 'r2', 'duty_due', 'on', TRUE, 0);"
    "INSERT INTO rule_version (id, rule_id, version, frozen, name, parameters, scope, ladder, weight, ground, status, "
    "effective, created_at) VALUES (1, 1, 1, TRUE, '一', '{}', '{}', '[]', 0, '', 'C', '2026-01-01', 0), (2, 2, 1, "
    "TRUE, "
    "'二', '{}', '{}', '[]', 0, '', 'C', '2026-01-01', 0);";

static struct unit_db unit;
static enum db_engine engine = DB_SQLITE;
static struct work w;

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void begin(void) {
    assert_int_equal(db_begin(&w), 0);
}
static void commit(void) {
    if (db_commit(&w) < 0)
        unit_fail("%s\n", error_text(&w.error));
}

/* ── random histories ── */

#define ALERTS 60
static struct alert alerts[ALERTS];
static size_t alert_n;

/* As the engine does: the event and the counts in the transaction of the change. */
static int changed(const struct alert *before, const struct alert *after) {
    struct event e = {.room = "alert",
                      .verb = before ? "level" : "raised",
                      .subject_kind = "alert",
                      .subject_id = after->id,
                      .unit_id = after->unit_id,
                      .visibility = EVENT_INTERNAL};
    return event_append(&w, &e, NULL) < 0 ? -1 : board_alert_changed(&w, before, after);
}

static int new_alert(uint64_t *seed) {
    static int64_t subject;
    struct db_rows r;
    int level = 1 + (int)(next_random(seed) % 3);
    struct alert a = {.rule_id = 1 + (int64_t)(next_random(seed) % 2),
                      .subject_id = ++subject,
                      .unit_id = 1 + (int64_t)(next_random(seed) % 2),
                      .field_id = (int64_t)(next_random(seed) % 3),
                      .state = S("open"),
                      .level = level,
                      .began_at = w.now - (int64_t)(next_random(seed) % 10) * 86400000,
                      .raised_at = w.now};
    a.red_at = level == LEVEL_RED ? a.began_at : 0;
    if (db_one(&w, &alert_add, &r, DB_INT(a.rule_id), DB_INT(a.subject_id), DB_INT(a.unit_id), DB_INT(a.field_id),
               DB_INT(a.level), DB_INT(a.began_at), DB_INT(a.red_at), DB_INT(a.raised_at)) != 1)
        return -1;
    a.id = db_i(&r, 0, 0);
    alerts[alert_n++] = a;
    return changed(NULL, &a);
}

/* Another level, answered, closed, open again, or of another unit (two units were merged). */
static int change_alert(uint64_t *seed) {
    struct alert *a = &alerts[next_random(seed) % alert_n], before = *a;
    switch (next_random(seed) % 6) {
    case 0:
    case 1:
        a->level = 1 + (int)(next_random(seed) % 3);
        a->red_at = a->level == LEVEL_RED && !a->red_at ? w.now : a->red_at;
        break;
    case 2:
        a->state = str_is(a->state, "open") ? S("answered") : S("open");
        a->closed_at = 0;
        break;
    case 3:
    case 4:
        a->state = S("closed");
        a->closed_at = w.now;
        break;
    default:
        a->unit_id = 3 - a->unit_id;
    }
    return db_exec(&w, &alert_set, DB_INT(a->id), DB_INT(a->level), DB_INT(a->red_at), DB_TEXT(a->state),
                   DB_INT(a->closed_at), DB_INT(a->unit_id)) != 1
               ? -1
               : changed(&before, a);
}

static void random_histories_of_alerts_leave_the_counts_right(void **s) {
    (void)s;
    uint64_t seed = 20261128;
    for (int i = 0; i < 400; i++) {
        uint64_t start = seed;
        w.now += (int64_t)(next_random(&seed) % 40) * HOUR / 4;
        begin();
        int rc =
            alert_n < ALERTS && (alert_n == 0 || next_random(&seed) % 3 == 0) ? new_alert(&seed) : change_alert(&seed);
        if (rc < 0)
            unit_fail("seed %llu: %s\n", (unsigned long long)start, error_text(&w.error));
        if (next_random(&seed) % 10 == 0) { /* what is given up leaves no trace */
            db_rollback(&w);
            alert_n = 0;
            continue;
        }
        commit();
        if (i % 10 == 0 && board_recount_check(&w) != 0)
            unit_fail("counts differ: seed %llu, step %d\n", (unsigned long long)start, i);
    }
    assert_int_equal(board_recount_check(&w), 0);
}

static void spoilt_counts_are_found_and_rebuilt(void **s) {
    (void)s;
    const struct db_statement *const spoils[] = {&count_spoil, &day_spoil};
    for (size_t i = 0; i < countof(spoils); i++) {
        begin();
        assert_true(db_exec(&w, spoils[i]) > 0);
        commit();
        assert_int_equal(board_recount_check(&w), 1);
        begin();
        assert_int_equal(board_recount(&w), 0);
        commit();
        assert_int_equal(board_recount_check(&w), 0);
    }
}

/* ── what waits for a post ── */

static void a_matter_waits_from_its_submission_or_the_step_before(void **s) {
    (void)s;
    char sql[3000];
    int64_t t = day_start(day_from(2026, 11, 3)) + 9 * HOUR;
    w.now = t + 24 * HOUR;
    snprintf(
        sql, sizeof sql,
        "INSERT INTO disclosure (id, public_id, unit_id, index_number, state, title, number, number_folded, five, "
        "kind, demo, revision, created_at) VALUES (1, 'p1', 1, '', 'draft', '甲', '', '', '', '', FALSE, 1, 0), (2, "
        "'p2', 1, '', 'draft', '乙', '', '', '', '', FALSE, 1, 0);"
        "INSERT INTO event (id, at, person_name, post_name, actor_unit_name, room, verb, subject_kind, subject_id, "
        "visibility, payload, commitment) VALUES (901, %lld, '', '', '', 'disclosure', 'submitted', 'disclosure', "
        "1, 3, '', ''), (902, %lld, '', '', '', 'disclosure', 'submitted', 'disclosure', 2, 3, '', '');"
        "INSERT INTO review (disclosure_id, version_id, round, step, outcome, conclusion, reason, person_id, "
        "post_id, at) VALUES (1, 1, 1, 'review1', 'passed', '', '', 1, 7, %lld), (2, 2, 1, 'review1', 'returned', "
        "'', '', 1, 7, %lld), (1, 1, 1, 'review2', 'passed', '', '', 2, 8, %lld);",
        (long long)t, (long long)(t + HOUR), (long long)(t + 2 * HOUR), (long long)(t + 6 * HOUR),
        (long long)(t + 5 * HOUR));
    unit_db_tamper(&unit, sql);
    assert_int_equal(board_post_times(&w, NULL), 0);
    assert_int_equal(board_post_times(&w, NULL), 0); /* twice is once */
    struct db_rows r;
    assert_int_equal(db_query(&w, &post_times, &r, DB_TEXTZ("2026-11")), 0);
    assert_int_equal(r.n, 2);
    assert_string_equal(db_s(&r, 0, 0).p, "review1");
    assert_int_equal(db_i(&r, 0, 1), 2);
    assert_int_equal(db_i(&r, 0, 2), 7 * HOUR); /* 2 and 5 */
    assert_int_equal(db_i(&r, 0, 3), 5 * HOUR);
    assert_int_equal(db_i(&r, 0, 4), 2);
    assert_int_equal(db_i(&r, 1, 5), 8);
    assert_int_equal(db_i(&r, 1, 2), 3 * HOUR); /* from the first review, not from the submission */
}

static void the_last_reviews_of_a_month_are_counted_on_the_first_of_the_next(void **s) {
    (void)s;
    char sql[400];
    struct db_rows r;
    snprintf(sql, sizeof sql,
             "INSERT INTO review (disclosure_id, version_id, round, step, outcome, conclusion, reason, person_id, "
             "post_id, at) VALUES (1, 1, 1, 'review3', 'passed', '', '', 3, 9, %lld)",
             (long long)(day_end(day_from(2026, 11, 30))));
    unit_db_tamper(&unit, sql);
    w.now = day_start(day_from(2026, 12, 1)) + HOUR;
    assert_int_equal(board_post_times(&w, NULL), 0);
    assert_int_equal(db_query(&w, &post_times, &r, DB_TEXTZ("2026-11")), 0);
    assert_int_equal(r.n, 3);
    assert_int_equal(db_query(&w, &post_times, &r, DB_TEXTZ("2026-12")), 0);
    assert_int_equal(r.n, 0);
}

/* ── an older installation ── */

static size_t migrations(struct db_migration *list, size_t cap, int below) {
    size_t n = 0;
    for (size_t i = 0; i < app_asset_count && n < cap; i++) {
        struct str name = str_z(app_assets[i].name);
        int number =
            str_starts(name, S("sql/migrations/")) ? (int)strtol(name.p + strlen("sql/migrations/"), NULL, 10) : 0;
        if (number > 0 && number < below)
            list[n++] = (struct db_migration){number, app_assets[i].name, app_assets[i].bytes};
    }
    return n;
}

static void what_was_there_before_is_counted_by_the_migration(void **s) {
    (void)s;
    static struct db_migration list[200];
    struct unit_db old;
    struct work v;
    char why[900] = "", sql[4000];
    unit_db_place(&old, engine);
    unit_db_open(&old, 2);
    assert_int_equal(db_migrate(old.pool, list, migrations(list, countof(list), 18), 0, why, sizeof why), 0);
    unit_db_tamper(&old, fixture);
    snprintf(
        sql, sizeof sql,
        "INSERT INTO duty (unit_id, item_id, item_version_id, field_id, source, period_key, rule_no, subject, "
        "trigger_at, due_at, due_day, state, certificate, created_at) VALUES (1, 1, 1, 3, 'period', 'a', 0, '', 0, 0, "
        "'2026-11-30', 'open', '', 0), (1, 1, 1, 3, 'period', 'b', 0, '', 0, 0, '2026-11-30', 'open', '', 0), (1, 1, "
        "1, "
        "NULL, 'period', 'c', 0, '', 0, 0, '2027-01-04', 'open', '', 0), (1, 1, 1, 3, 'period', 'd', 0, '', 0, 0, "
        "'2026-11-30', 'met', '', 0);"
        "INSERT INTO duty_count (unit_id, field_id, required, met, met_late) VALUES (1, 3, 3, 1, 0), (1, 0, 1, 0, 0);"
        "INSERT INTO alert (rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, "
        "post_id, level, peak, began_at, level_at, red_at, due_at, raised_at, state, outcome, closed_at, title, note, "
        "address, step) VALUES (1, 1, 'x', 'duty', 1, 1, 3, 0, 0, 3, 3, %lld, 0, %lld, 0, %lld, 'open', '', 0, '', "
        "'', '', 0), (1, 1, 'x', 'duty', 2, 2, 0, 0, 0, 1, 1, 1, 0, 0, 0, %lld, 'closed', 'lapsed', %lld, '', '', '', "
        "0);",
        (long long)day_end(day_from(2026, 11, 1)), (long long)day_end(day_from(2026, 11, 2)),
        (long long)day_start(day_from(2026, 11, 3)), (long long)day_end(day_from(2026, 11, 3)),
        (long long)day_start(day_from(2026, 11, 4)));
    unit_db_tamper(&old, sql);
    unit_db_migrate(&old);
    unit_work_open(&v, &old);
    struct db_rows r;
    assert_int_equal(db_query(&v, &due_sums, &r), 0);
    assert_int_equal(r.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(db_i(&r, i, 1), 3);
    assert_int_equal(duty_recount_check(&v), 0);
    assert_int_equal(board_recount_check(&v), 0);
    assert_int_equal(db_query(&v, &sql_alert_day_all, &r), 0);
    assert_int_equal(r.n, 4); /* red on the 2nd, raised on the 3rd (both units), closed on the 4th */
    unit_work_close(&v);
    unit_db_remove(&old);
}

static int setup(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_db_tamper(&unit, fixture);
    unit_work_open(&w, &unit);
    w.now = day_start(day_from(2026, 11, 2)) + 9 * HOUR;
    alert_n = 0;
    return 0;
}

static int teardown(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_of_alerts_leave_the_counts_right),
        cmocka_unit_test(spoilt_counts_are_found_and_rebuilt),
        cmocka_unit_test(a_matter_waits_from_its_submission_or_the_step_before),
        cmocka_unit_test(the_last_reviews_of_a_month_are_counted_on_the_first_of_the_next),
        cmocka_unit_test(what_was_there_before_is_counted_by_the_migration),
    };
    int failed = cmocka_run_group_tests_name("board on SQLite", tests, setup, teardown);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("board on PostgreSQL", tests, setup, teardown)
               : failed;
}
