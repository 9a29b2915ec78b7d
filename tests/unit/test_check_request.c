/* test_check_request.c: what supervision says of applications, at the edges: the day before, the day, the day after,
 * across a make-up day, while the clock stands still, after an extension. */
#include "supervision/supervision_internal.h"
#define rule rule_of_foi /* the room request has an enum of that name inside */
#include "unit_request.h"
#undef rule

STATEMENT(set_sent_day, "UPDATE request_ask SET sent_day = $2 WHERE request_id = $1 AND kind = 'clarify'", true);

/* The course under the check's defaults, or with one number set otherwise. 1, 0. */
static int course_with(const char *code, int64_t id, const char *name, int64_t n, struct course *ret) {
    struct rule r = {.check = check_find(str_z(code)), .parameters = json_object()};
    assert_non_null(r.check);
    if (name)
        json_object_set_new(r.parameters, name, json_integer(n));
    int rc = r.check->course(&w, &r, id, ret);
    if (rc < 0)
        unit_fail("%s: %s\n", code, error_text(&w.error));
    json_decref(r.parameters);
    return rc;
}

static struct course course_of(const char *code, int64_t id) {
    struct course c;
    if (course_with(code, id, NULL, 0, &c) != 1)
        unit_fail("%s: not concerned\n", code);
    return c;
}

static void level_is(const struct course *c, int64_t instant, int level) {
    int64_t next;
    int got = course_level(c, instant, &next);
    if (got != level)
        unit_fail("%s at %s, expected %s\n", alert_level_code(got), instant_rfc3339(w.arena, instant).p,
                  alert_level_code(level));
}

/* The level turns to `level` with the first instant of a day, and was `before` until then. */
static void turns(const struct course *c, const char *day, int before, int level) {
    level_is(c, day_start(d(day)) - 1, before);
    level_is(c, day_start(d(day)), level);
}

static void spans_are_in_order(const struct course *c) {
    for (size_t i = 0; i < c->n; i++) {
        assert_true(c->spans[i].from < c->spans[i].until);
        assert_true(i == 0 || c->spans[i - 1].until <= c->spans[i].from);
    }
}

/* ── reply ── */

static void a_reply_is_near_urgent_and_late_from_its_days_on(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件"); /* 2 November: due on 30 November */
    struct course c = course_of("request_reply", id);
    due_is(id, "2026-11-30");
    assert_true(c.unit_id == changjiang && c.holder == PERM_REQUEST_WORK && c.due_at == get(id).due_at);
    level_is(&c, w.now, LEVEL_NONE);
    turns(&c, "2026-11-23", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2026-11-26", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-12-01", LEVEL_ORANGE, LEVEL_RED);
    level_is(&c, day_start(d("2027-12-01")), LEVEL_RED);
    spans_are_in_order(&c);
    assert_true(str_find(c.title, S("关于测试的文件")) < 0); /* nothing of what is asked for */
}

static void the_days_of_the_rule_count(void **s) {
    struct course c;
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    assert_int_equal(course_with("request_reply", id, "yellow_days", 10, &c), 1);
    turns(&c, "2026-11-16", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2026-11-26", LEVEL_YELLOW, LEVEL_ORANGE);
    assert_int_equal(course_with("request_reply", id, "orange_days", 0, &c), 1);
    turns(&c, "2026-11-30", LEVEL_YELLOW, LEVEL_ORANGE);
    assert_int_equal(course_with("request_reply", id, "orange_days", 8, &c), 1); /* before yellow: no yellow */
    turns(&c, "2026-11-18", LEVEL_NONE, LEVEL_ORANGE);
}

static void make_up_days_are_working_days_of_the_warning(void **s) {
    (void)s;
    at("2026-09-10");
    int64_t id = working(1, "关于测试的文件");
    struct course c = course_of("request_reply", id);
    due_is(id, "2026-10-14");
    turns(&c, "2026-10-08", LEVEL_NONE, LEVEL_YELLOW); /* 9, 10 (调休), 12, 13, 14 October are left */
    turns(&c, "2026-10-12", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-10-15", LEVEL_ORANGE, LEVEL_RED);
}

static void a_reply_ends_it_at_its_instant(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-27");
    signed_and_sent(id, not_there());
    struct course c = course_of("request_reply", id);
    level_is(&c, w.now - 1, LEVEL_ORANGE);
    level_is(&c, w.now, LEVEL_NONE);
    level_is(&c, day_start(d("2026-12-05")), LEVEL_NONE);
    struct course none;
    assert_int_equal(course_with("request_met_late", id, NULL, 0, &none), 0);
}

static void a_reply_on_the_first_day_after_is_late_and_kept_for_a_month(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-12-01");
    signed_and_sent(id, not_there());
    struct course c = course_of("request_reply", id), late = course_of("request_met_late", id);
    level_is(&c, w.now - 1, LEVEL_RED);
    level_is(&c, w.now, LEVEL_NONE);
    level_is(&late, w.now - 1, LEVEL_NONE);
    level_is(&late, w.now, LEVEL_RED);
    turns(&late, "2027-01-01", LEVEL_RED, LEVEL_NONE); /* thirty whole days after it */
    assert_int_equal(day_of(late.due_at), d("2026-11-30"));
}

static void a_reply_on_the_last_day_is_not_late(void **s) {
    struct course none;
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-30");
    signed_and_sent(id, not_there());
    assert_int_equal(course_with("request_met_late", id, NULL, 0, &none), 0);
}

static void an_extension_ends_the_warning_and_does_not_unmake_it(void **s) {
    struct request_step x = nothing();
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-27");
    x.n = 20;
    x.reason = S("需要多个部门核对");
    ok(step("changjiang-fuze", id, "extend", x));
    struct course c = course_of("request_reply", id);
    due_is(id, "2026-12-28");
    turns(&c, "2026-11-23", LEVEL_NONE, LEVEL_YELLOW);
    level_is(&c, w.now - 1, LEVEL_ORANGE);
    level_is(&c, w.now, LEVEL_NONE);
    turns(&c, "2026-12-21", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2026-12-24", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-12-29", LEVEL_ORANGE, LEVEL_RED);
    spans_are_in_order(&c);
}

static void nothing_is_near_while_the_clock_stands(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-24"); /* four working days are left after this one */
    ok(step("changjiang-foi", id, "consult", party("third", NULL)));
    struct course c = course_of("request_reply", id);
    level_is(&c, w.now - 1, LEVEL_YELLOW);
    level_is(&c, w.now, LEVEL_NONE);
    level_is(&c, day_start(d("2027-06-01")), LEVEL_NONE); /* until the answer */
    at("2026-12-10");
    struct ask a = ask_at(id, 0);
    ok(step("changjiang-foi", id, "answer", answer(&a, "agree")));
    c = course_of("request_reply", id);
    due_is(id, "2026-12-16");
    level_is(&c, w.now - 1, LEVEL_NONE);
    level_is(&c, w.now, LEVEL_YELLOW);
    turns(&c, "2026-12-14", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-12-17", LEVEL_ORANGE, LEVEL_RED);
    spans_are_in_order(&c);
}

/* A third party that received the letter has fifteen working days: then the clock goes on by itself. */
static void silence_lets_the_clock_go_on(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-24");
    struct request_step x = party("third", NULL);
    ok(step("changjiang-foi", id, "consult", x));
    struct ask a = ask_at(id, 0);
    struct request_step got = nothing();
    got.ask_id = a.id;
    got.day = d("2026-11-24");
    ok(step("changjiang-foi", id, "got", got));
    struct course c = course_of("request_reply", id);
    level_is(&c, w.now, LEVEL_NONE);
    turns(&c, "2026-12-16", LEVEL_NONE, LEVEL_YELLOW); /* 15 December was the fifteenth working day */
    spans_are_in_order(&c);
}

static void what_is_withdrawn_is_over(void **s) {
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-12-02");
    ok(step(NULL, id, "withdraw_own", nothing()));
    struct course c = course_of("request_reply", id);
    level_is(&c, w.now - 1, LEVEL_RED);
    level_is(&c, w.now, LEVEL_NONE);
}

/* ── confirmation ── */

static void an_application_is_confirmed_within_a_working_day(void **s) {
    struct request_made made;
    struct request_input x = input("internet", 1, "关于测试的文件");
    struct request_step step_x = nothing();
    (void)s;
    at("2026-11-06"); /* a Friday */
    as(NULL);
    ok(request_submit(&w, &x, &made));
    struct course c = course_of("request_confirm", made.id), none;
    turns(&c, "2026-11-10", LEVEL_NONE, LEVEL_RED);
    assert_int_equal(course_with("request_reply", made.id, NULL, 0, &none), 0); /* no clock yet */
    assert_int_equal(course_with("request_confirm", made.id, "days", 3, &none), 1);
    turns(&none, "2026-11-12", LEVEL_NONE, LEVEL_RED);
    at("2026-11-10");
    ok(step("changjiang-foi", made.id, "confirm", step_x));
    c = course_of("request_confirm", made.id);
    level_is(&c, w.now - 1, LEVEL_RED);
    level_is(&c, w.now, LEVEL_NONE);
}

static void what_is_confirmed_in_time_or_at_once_was_never_red(void **s) {
    struct request_made made;
    struct request_input x = input("internet", 1, "关于测试的文件");
    (void)s;
    at("2026-11-06");
    as(NULL);
    ok(request_submit(&w, &x, &made));
    at("2026-11-09");
    ok(step("changjiang-foi", made.id, "confirm", nothing()));
    struct course c = course_of("request_confirm", made.id);
    assert_int_equal(c.n, 0);
    c = course_of("request_confirm", asked("in_person", 2, "另一份文件"));
    assert_int_equal(c.n, 0);
}

/* ── 补正 ── */

static void a_supplement_asked_on_the_seventh_day_is_in_time(void **s) {
    struct course c;
    (void)s;
    int64_t id = working(1, "关于测试的文件");
    at("2026-11-11"); /* the seventh working day after 2 November */
    ok(step("changjiang-foi", id, "clarify", say("请写明文号")));
    assert_int_equal(course_with("request_clarify", id, NULL, 0, &c), 0);
    assert_int_equal(course_with("request_clarify", id, "days", 6, &c), 1);
    level_is(&c, w.now - 1, LEVEL_NONE);
    level_is(&c, w.now, LEVEL_RED);
    assert_int_equal(db_exec(&w, &set_sent_day, DB_INT(id), DB_TEXTZ("2026-11-12")), 1); /* the paper went out later */
    assert_int_equal(course_with("request_clarify", id, NULL, 0, &c), 1);
    assert_int_equal(day_of(c.due_at), d("2026-11-11"));
}

/* ── proposals (第四十四条) ── */

static void what_three_asked_for_is_considered_in_time(void **s) {
    struct course c;
    (void)s;
    int64_t id = working(1, "同一份文件");
    assert_int_equal(course_with("request_publish", id, NULL, 0, &c), 0);
    working(2, "同一份文件");
    int64_t third = working(3, "同一份文件"), ids[4];
    const struct check *check = check_find(S("request_publish"));
    assert_int_equal(check->subjects(&w, 0, ids, 4), 1);
    assert_int_equal(ids[0], third);
    assert_int_equal(check->subjects(&w, third, ids, 4), 0);
    c = course_of("request_publish", third); /* ten working days after 2 November: the 16th */
    turns(&c, "2026-11-09", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2026-11-12", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-11-17", LEVEL_ORANGE, LEVEL_RED);
}

static void subjects_are_given_page_by_page(void **s) {
    int64_t ids[2], made[3];
    const struct check *check = check_find(S("request_reply"));
    (void)s;
    for (int i = 0; i < 3; i++)
        made[i] = working(i + 1, "关于测试的文件");
    assert_int_equal(check->subjects(&w, made[0] - 1, ids, 2), 2);
    assert_true(ids[0] == made[0] && ids[1] == made[1]);
    assert_int_equal(check->subjects(&w, made[1], ids, 2), 1);
    assert_int_equal(ids[0], made[2]);
}

int main(void) {
    supervision_checks();
    const struct CMUnitTest tests[] = {
        request_test(a_reply_is_near_urgent_and_late_from_its_days_on),
        request_test(the_days_of_the_rule_count),
        request_test(make_up_days_are_working_days_of_the_warning),
        request_test(a_reply_ends_it_at_its_instant),
        request_test(a_reply_on_the_first_day_after_is_late_and_kept_for_a_month),
        request_test(a_reply_on_the_last_day_is_not_late),
        request_test(an_extension_ends_the_warning_and_does_not_unmake_it),
        request_test(nothing_is_near_while_the_clock_stands),
        request_test(silence_lets_the_clock_go_on),
        request_test(what_is_withdrawn_is_over),
        request_test(an_application_is_confirmed_within_a_working_day),
        request_test(what_is_confirmed_in_time_or_at_once_was_never_red),
        request_test(a_supplement_asked_on_the_seventh_day_is_in_time),
        request_test(what_three_asked_for_is_considered_in_time),
        request_test(subjects_are_given_page_by_page),
    };
    int failed = cmocka_run_group_tests_name("checks of requests on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG") ? failed + cmocka_run_group_tests_name("checks of requests on PostgreSQL", tests,
                                                                             request_set_up, request_tear_down)
                                      : failed;
}
