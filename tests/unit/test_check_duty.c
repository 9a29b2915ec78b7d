/* test_check_duty.c: what supervision's checks say of duties: the day before, the day, the day after, across holidays
 * and make-up work days. */
#include "unit_check.h"

static int64_t published; /* stands for publications: a duty keeps only the number */

static void meet(int64_t duty, int64_t item_id) {
    published = publication("", "信息", item_id);
    edition(published, (struct edition_made){.from = w.now});
    begin();
    ok(duty_meet(&w, duty, published, w.now));
    commit();
}

static void reopen(void) {
    begin();
    ok(duty_reopen(&w, published));
    commit();
}

/* ── due ── */

static void a_duty_turns_yellow_five_and_orange_two_working_days_before_and_red_after_its_day(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t duty = duty_at(item("20个工作日", "2026-11-02"), 0); /* due on Monday the 30th */
    expect("duty_due", NULL, duty, "yellow 2026-11-23–2026-11-26; orange 2026-11-26–2026-12-01; red 2026-12-01–");
    assert_int_equal(said.due_at, day_end(d("2026-11-30")));
    assert_int_equal(said.unit_id, CHANGJIANG);
    assert_int_equal(said.field_id, 10);
    assert_int_equal(said.holder, PERM_DISCLOSURE_EDIT);
    noted("2026年11月30日");
    expect("duty_due", "{\"yellow_days\": 1, \"orange_days\": 0}", duty,
           "yellow 2026-11-27–2026-11-30; orange 2026-11-30–2026-12-01; red 2026-12-01–");
    expect("duty_due", "{\"yellow_days\": 2, \"orange_days\": 5}", duty,
           "orange 2026-11-23–2026-12-01; red 2026-12-01–");
    assert_true(listed("duty_due", duty));
}

static void warnings_count_make_up_days_and_leave_out_holidays(void **s) {
    (void)s;
    at("2026-09-21");
    int64_t duty =
        duty_at(item("12个工作日", "2026-09-21"), 0); /* 9-22 … 24, 28 … 30, 10-08, 09, 10 (made up), 12 … 14 */
    assert_int_equal(asked("duty_due", NULL, duty), 1);
    assert_int_equal(said.due_at, day_end(d("2026-10-14")));
    expect("duty_due", NULL, duty, "yellow 2026-10-08–2026-10-12; orange 2026-10-12–2026-10-15; red 2026-10-15–");
    at("2026-09-30");
    duty = duty_at(item("5个工作日", "2026-09-30"), 0); /* 8, 9, 10, 12, 13: warned of from the day it came to be */
    expect("duty_due", NULL, duty, "yellow 2026-09-30 09:00–2026-10-10; orange 2026-10-10–2026-10-14; red 2026-10-14–");
}

static void what_is_met_on_its_last_day_is_never_red_and_a_day_later_it_was(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t a = item("20个工作日", "2026-11-02"), b = item("20个工作日", "2026-11-02");
    at("2026-11-30");
    meet(duty_at(a, 0), a);
    expect("duty_due", NULL, duty_at(a, 0), "yellow 2026-11-23–2026-11-26; orange 2026-11-26–2026-11-30 09:00");
    at("2026-12-01");
    meet(duty_at(b, 0), b);
    expect("duty_due", NULL, duty_at(b, 0),
           "yellow 2026-11-23–2026-11-26; orange 2026-11-26–2026-12-01; red 2026-12-01–2026-12-01 09:00");
}

static void what_is_owed_again_goes_on_and_the_time_between_is_no_part_of_it(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02"), duty = duty_at(id, 0);
    at("2026-11-24");
    meet(duty, id);
    expect("duty_due", NULL, duty, "yellow 2026-11-23–2026-11-24 09:00");
    at("2026-12-03");
    reopen();
    expect("duty_due", NULL, duty, "yellow 2026-11-23–2026-11-24 09:00; red 2026-12-03 09:00–");
    at("2026-12-04");
    meet(duty, id);
    expect("duty_due", NULL, duty, "yellow 2026-11-23–2026-11-24 09:00; red 2026-12-03 09:00–2026-12-04 09:00");
}

static void a_waiver_ends_it_at_its_moment_and_leaves_what_was_before(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02"), early = item("20个工作日", "2026-11-02");
    at("2026-11-03");
    begin();
    ok(duty_waive(&w, duty_at(early, 0), S("ND5"), S("属于内部事务信息")));
    commit();
    expect("duty_due", NULL, duty_at(early, 0), "");
    at("2026-12-02");
    begin();
    ok(duty_waive(&w, duty_at(id, 0), S("ND5"), S("属于内部事务信息")));
    commit();
    expect("duty_due", NULL, duty_at(id, 0),
           "yellow 2026-11-23–2026-11-26; orange 2026-11-26–2026-12-01; red 2026-12-01–2026-12-02 09:00");
}

static void a_changed_item_ends_what_it_voids(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02"), duty = duty_at(id, 0);
    at("2026-11-25");
    item_made((struct item_made){
        .item = id, .limit = "7个工作日", .from = "2026-11-25", .elements = "别的", .owners = OWNED_HERE});
    expect("duty_due", NULL, duty, "yellow 2026-11-23–2026-11-25 09:00");
    assert_true(reached("duty_due", "duty", "created", "item", id, duty_at(id, 1)));
    assert_false(reached("duty_due", "duty", "created", "item", id, duty)); /* void: nothing can come of it */
    assert_true(reached("duty_due", "duty", "voided", "duty", duty, duty));
    no_matter("duty_due", NULL, 999999);
}

static void a_number_in_a_facts_name_does_not_reach_the_title(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02");
    int64_t duty = fact(id, "formed", "联系人13812345678的低保审批", "2026-11-02");
    assert_int_equal(asked("duty_due", NULL, duty), 1);
    assert_true(str_find(said.title, S("13812345678")) < 0);
    assert_true(str_find(said.title, S("******")) >= 0);
}

/* ── met late ── */

static void a_late_publication_is_to_be_explained_for_so_many_days(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t on_time = item("20个工作日", "2026-11-02"), id = item("20个工作日", "2026-11-02"), duty = duty_at(id, 0);
    at("2026-11-30");
    meet(duty_at(on_time, 0), on_time);
    expect("duty_met_late", NULL, duty_at(on_time, 0), "");
    expect("duty_met_late", NULL, duty, "");
    at("2026-12-03");
    meet(duty, id);
    expect("duty_met_late", NULL, duty, "orange 2026-12-03 09:00–2026-12-11"); /* 4, 7, 8, 9, 10 */
    noted("逾期3个工作日");
    expect("duty_met_late", "{\"least\": 3}", duty, "orange 2026-12-03 09:00–2026-12-11");
    expect("duty_met_late", "{\"least\": 4}", duty, "");
    assert_true(listed("duty_met_late", duty));
    assert_false(listed("duty_met_late", duty_at(on_time, 0)));
    at("2026-12-07");
    reopen();
    expect("duty_met_late", NULL, duty, "orange 2026-12-03 09:00–2026-12-07 09:00");
}

/* ── a period skipped ── */

static void a_period_is_skipped_when_the_next_ones_clock_starts_without_it(void **s) {
    (void)s;
    at("2026-09-01");
    int64_t id = item("每月公开", "2026-09-01"), september = duty_at(id, 0);
    expect("period_skipped", NULL, september, "");
    at("2026-10-08");
    ok(duty_tick(&w, NULL));
    expect("period_skipped", NULL, september, "red 2026-10-31–"); /* October's clock */
    noted("2026年9月");
    assert_true(reached("period_skipped", "duty", "created", "item", id, september));
    assert_true(reached("period_skipped", "duty", "redated", "duty", duty_at(id, 1), september));
    assert_true(listed("period_skipped", september));
    at("2026-10-30");
    meet(september, id);
    expect("period_skipped", NULL, september, "");
    expect("period_skipped", NULL, duty_at(id, 1), "");
    reopen();
    at("2026-11-02");
    ok(duty_tick(&w, NULL));
    meet(september, id);
    expect("period_skipped", NULL, september, "red 2026-10-31–2026-11-02 09:00");
    int64_t once = duty_at(item("20个工作日", "2026-11-02"), 0);
    no_matter("period_skipped", NULL, once);
    assert_false(listed("period_skipped", once));
}

/* ── decisions ── */

static void a_permit_decided_before_the_holiday_is_owed_in_seven_working_days(void **s) {
    (void)s;
    at("2026-09-18");
    int64_t id = item("20个工作日", "2026-09-18");
    int64_t duty = fact(id, "decided", "某燃气公司行政许可决定", "2026-09-18");
    /* the Sunday made up counts, Mid-Autumn does not: due on the 29th */
    expect("permit_penalty_late", NULL, duty, "yellow 2026-09-24–2026-09-30; red 2026-09-30–");
    assert_int_equal(said.due_at, day_end(d("2026-09-29")));
    noted("7个工作日");
    expect("permit_penalty_late", "{\"yellow_days\": 0}", duty, "red 2026-09-30–");
    no_matter("enforcement_late", NULL, duty);
    at("2026-09-29");
    meet(duty, id);
    expect("permit_penalty_late", "{\"yellow_days\": 0}", duty, "");
    assert_true(listed("permit_penalty_late", duty));
}

static void only_decisions_that_may_wait_longer_by_their_own_day_are_watched(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t quick = item("7个工作日", "2026-11-02"), slow = item("20个工作日", "2026-11-02");
    int64_t none = item("自处罚决定作出之日起30个工作日内", "2026-11-02");
    expect("permit_penalty_late", NULL, fact(quick, "decided", "行政处罚决定书", "2026-11-02"), "");
    no_matter("permit_penalty_late", NULL, fact(slow, "formed", "行政处罚统计", "2026-11-02"));
    no_matter("permit_penalty_late", NULL, fact(slow, "decided", "年度安排", "2026-11-02"));
    no_matter("permit_penalty_late", NULL, duty_at(slow, 0));
    int64_t forced = fact(none, "decided", "行政强制执行决定", "2026-11-02");
    no_matter("permit_penalty_late", NULL, forced);
    expect("enforcement_late", NULL, forced, "yellow 2026-11-23–2026-12-01; red 2026-12-01–");
    int64_t fine = fact(none, "decided", "行政处罚决定书", "2026-11-02");
    no_matter("enforcement_late", NULL, fine);
    expect("permit_penalty_late", "{\"words\": \"罚款、处罚\"}", fine, "yellow 2026-11-09–2026-11-12; red 2026-11-12–");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_turns_yellow_five_and_orange_two_working_days_before_and_red_after_its_day),
        cmocka_unit_test(warnings_count_make_up_days_and_leave_out_holidays),
        cmocka_unit_test(what_is_met_on_its_last_day_is_never_red_and_a_day_later_it_was),
        cmocka_unit_test(what_is_owed_again_goes_on_and_the_time_between_is_no_part_of_it),
        cmocka_unit_test(a_waiver_ends_it_at_its_moment_and_leaves_what_was_before),
        cmocka_unit_test(a_changed_item_ends_what_it_voids),
        cmocka_unit_test(a_number_in_a_facts_name_does_not_reach_the_title),
        cmocka_unit_test(a_late_publication_is_to_be_explained_for_so_many_days),
        cmocka_unit_test(a_period_is_skipped_when_the_next_ones_clock_starts_without_it),
        cmocka_unit_test(a_permit_decided_before_the_holiday_is_owed_in_seven_working_days),
        cmocka_unit_test(only_decisions_that_may_wait_longer_by_their_own_day_are_watched),
    };
    return run_checks("checks of duties", tests);
}
