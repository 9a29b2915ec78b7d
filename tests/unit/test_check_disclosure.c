/* test_check_disclosure.c: what supervision's checks say of publications: items, attribute, formed day, reviews,
 * display. */
#include "unit_check.h"

/* ── an item ── */

static void a_kind_that_belongs_to_an_item_must_have_one(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = publication("policy", "无主的文件", 0),
            owned = publication("", "有主的", item("20个工作日", "2026-11-02"));
    no_matter("no_item", NULL, id); /* never public */
    edition(id, (struct edition_made){.from = nine("2026-11-03"), .until = nine("2026-11-10")});
    edition(owned, (struct edition_made){.from = nine("2026-11-03")});
    expect("no_item", NULL, id, "red 2026-11-03 09:00–2026-11-10 09:00");
    expect("no_item", NULL, owned, "");
    int64_t guide = publication("guide", "公开指南", 0);
    edition(guide, (struct edition_made){.from = nine("2026-11-03")});
    no_matter("no_item", NULL, guide);
    assert_true(listed("no_item", id));
    assert_true(reached("no_item", "disclosure", "entered", "disclosure", id, id));
    assert_false(reached("no_item", "disclosure", "saved", "disclosure", id, id));
}

/* ── attribute ── */

static int64_t submitted(int64_t id, const char *attribute, const char *day) {
    int64_t v = edition(id, (struct edition_made){.attribute = attribute, .created_at = nine(day) - 1000});
    happened("disclosure", "submitted", "disclosure", id, nine(day));
    return v;
}

static void reviewed(int64_t id, int64_t version, const char *step, int64_t person, int64_t when) {
    begin();
    ok(db_exec(&w, &review_put, DB_INT(id), DB_INT(version), DB_TEXTZ(step), DB_INT(person), DB_INT(when)));
    commit();
}

static void an_attribute_may_not_turn_from_active_once_a_reviewer_saw_it(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t unseen = publication("", "无人看过", 0), id = publication("", "看过的", 0);
    submitted(unseen, "active", "2026-11-03");
    submitted(unseen, "none", "2026-11-04");
    expect("attribute_changed", NULL, unseen, "");
    int64_t v = submitted(id, "active", "2026-11-03");
    reviewed(id, v, "review1", REVIEWER, nine("2026-11-03") + 1);
    expect("attribute_changed", NULL, id, "");
    submitted(id, "request", "2026-11-05");
    expect("attribute_changed", NULL, id, "orange 2026-11-05 09:00–");
    submitted(id, "none", "2026-11-06");
    expect("attribute_changed", NULL, id, "orange 2026-11-05 09:00–");
    submitted(id, "active", "2026-11-09");
    expect("attribute_changed", NULL, id, "orange 2026-11-05 09:00–2026-11-09 09:00");
    assert_true(listed("attribute_changed", id));
    int64_t always = publication("", "本来就不公开", 0);
    v = submitted(always, "none", "2026-11-03");
    reviewed(always, v, "review1", REVIEWER, nine("2026-11-03") + 1);
    submitted(always, "request", "2026-11-04");
    expect("attribute_changed", NULL, always, "");
}

/* ── formed ── */

static int64_t formed_on(const char *formed, const char *shown) {
    int64_t id = publication("", "信息", 0);
    edition(id, (struct edition_made){.from = nine(shown), .formed = formed});
    return id;
}

static void the_formed_day_is_the_day_of_publication_at_the_latest(void **s) {
    (void)s;
    expect("formed_implausible", NULL, formed_on("2026-11-10", "2026-11-10"), "");
    expect("formed_implausible", NULL, formed_on("2026-11-11", "2026-11-10"), "red 2026-11-10 09:00–");
    noted("晚于公开日期");
}

static void more_than_twenty_working_days_before_publication_is_doubtful(void **s) {
    (void)s;
    /* the twentieth working day after 18 September is 22 October: a make-up Sunday and Saturday, two holidays */
    expect("formed_implausible", NULL, formed_on("2026-09-18", "2026-10-21"), "");
    expect("formed_implausible", NULL, formed_on("2026-09-18", "2026-10-22"), "");
    expect("formed_implausible", NULL, formed_on("2026-09-18", "2026-10-23"), "yellow 2026-10-23 09:00–");
    expect("formed_implausible", "{\"days\": 21}", formed_on("2026-09-18", "2026-10-23"), "");
}

static void years_before_publication_is_most_likely_a_slip(void **s) {
    (void)s;
    expect("formed_implausible", "{\"years\": 1, \"days\": 3660}", formed_on("2025-11-10", "2026-11-10"), "");
    expect("formed_implausible", "{\"years\": 1, \"days\": 3660}", formed_on("2025-11-09", "2026-11-10"),
           "yellow 2026-11-10 09:00–");
    noted("早于公开1年以上");
}

static void a_correction_must_not_move_a_plausible_formed_day(void **s) {
    (void)s;
    int64_t id = publication("", "信息", 0);
    edition(id, (struct edition_made){.from = nine("2026-11-10"), .until = nine("2026-11-16"), .formed = "2026-11-09"});
    edition(id, (struct edition_made){.from = nine("2026-11-16"), .until = nine("2026-11-18"), .formed = "2026-11-12"});
    expect("formed_implausible", NULL, id, "orange 2026-11-16 09:00–2026-11-18 09:00");
    noted("由2026年11月9日改为2026年11月12日");
    edition(id, (struct edition_made){.from = nine("2026-11-18"), .formed = "2026-11-09"});
    expect("formed_implausible", NULL, id, "orange 2026-11-16 09:00–2026-11-18 09:00");
    int64_t mended = publication("", "信息", 0); /* it was wrong, and was put right */
    edition(mended,
            (struct edition_made){.from = nine("2026-11-10"), .until = nine("2026-11-16"), .formed = "2026-12-09"});
    edition(mended, (struct edition_made){.from = nine("2026-11-16"), .formed = "2026-11-09"});
    expect("formed_implausible", NULL, mended, "red 2026-11-10 09:00–2026-11-16 09:00");
}

static void what_was_public_before_this_system_is_not_measured_by_its_entry(void **s) {
    (void)s;
    int64_t id = formed_on("2020-06-30", "2026-11-10");
    expect("formed_implausible", NULL, id, "yellow 2026-11-10 09:00–");
    happened("disclosure", "entered", "disclosure", id, nine("2026-11-10"));
    expect("formed_implausible", NULL, id, "");
}

/* ── reviews ── */

static const char *const steps[] = {"review1", "review2", "review3", "secrecy", "signing"};

static int64_t walked(const char *without, int64_t secrecy_by) {
    int64_t id = publication("", "信息", 0);
    int64_t v = edition(id, (struct edition_made){.from = nine("2026-11-10")});
    for (size_t i = 0; i < countof(steps); i++)
        if (!without || strcmp(steps[i], without) != 0)
            reviewed(id, v, steps[i], strcmp(steps[i], "secrecy") == 0 ? secrecy_by : REVIEWER, nine("2026-11-09"));
    return id;
}

static void every_review_of_that_very_version_must_come_before_it_is_public(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = walked(NULL, REVIEWER);
    expect("review_missing", NULL, id, "");
    for (size_t i = 0; i < countof(steps); i++)
        expect("review_missing", NULL, walked(steps[i], REVIEWER), "red 2026-11-10 09:00–");
    noted("缺少：签发");
    expect("review_missing", NULL, walked(NULL, DRAFTER), "red 2026-11-10 09:00–");
    noted("拟稿人以外");
    int64_t late = walked("signing", REVIEWER), entered = publication("", "此前已公开", 0);
    struct db_rows r;
    STATEMENT(version_of, "SELECT id FROM disclosure_version WHERE disclosure_id = $1", false);
    assert_int_equal(db_one(&w, &version_of, &r, DB_INT(late)), 1);
    reviewed(late, db_i(&r, 0, 0), "signing", REVIEWER, nine("2026-11-10") + 1); /* after it was public */
    expect("review_missing", NULL, late, "red 2026-11-10 09:00–");
    edition(entered, (struct edition_made){.from = nine("2026-11-10")});
    happened("disclosure", "entered", "disclosure", entered, nine("2026-11-10"));
    expect("review_missing", NULL, entered, "");
    /* a correction needs its own; the first version's do not serve it */
    int64_t v2 = edition(id, (struct edition_made){.from = nine("2026-11-16")});
    (void)v2;
    assert_int_equal(asked("review_missing", NULL, id), 1);
    assert_int_equal(said.spans[said.n - 1].from, nine("2026-11-16"));
}

/* ── display ── */

static int64_t shown(const char *title, int64_t item_id, const char *from, const char *until, bool by_law) {
    int64_t id = publication("", title, item_id);
    edition(id, (struct edition_made){
                    .from = nine(from), .until = until ? nine(until) : 0, .concealed_at = by_law ? nine(until) : 0});
    return id;
}

static void thirty_days_after_publication_it_may_be_withdrawn(void **s) {
    (void)s;
    at("2026-11-02");
    expect("withdrawn_early", NULL, shown("信息", 0, "2026-11-02", NULL, false), "");
    expect("withdrawn_early", NULL, shown("信息", 0, "2026-11-02", "2026-12-01", false), "red 2026-12-01 09:00–");
    expect("withdrawn_early", NULL, shown("信息", 0, "2026-11-02", "2026-12-02", false), "red 2026-12-02 09:00–");
    expect("withdrawn_early", NULL, shown("信息", 0, "2026-11-02", "2026-12-03", false), "");
    expect("withdrawn_early", NULL, shown("信息", 0, "2026-11-02", "2026-11-03", true), "orange 2026-11-03 09:00–");
    noted("依法不得公开");
    int64_t again = shown("信息", 0, "2026-11-02", "2026-11-05", false);
    edition(again, (struct edition_made){.from = nine("2026-11-09")});
    expect("withdrawn_early", NULL, again, "red 2026-11-05 09:00–2026-11-09 09:00");
}

static void the_items_own_display_counts_its_own_days(void **s) {
    (void)s;
    at("2026-09-21");
    /* five working days from the 24th: 28, 29, 30, 10-08, 10-09 */
    int64_t id = item("公示不少于5个工作日", "2026-09-21");
    expect("withdrawn_early", NULL, shown("公示", id, "2026-09-24", "2026-10-08", false), "red 2026-10-08 09:00–");
    expect("withdrawn_early", NULL, shown("公示", id, "2026-09-24", "2026-10-09", false), "red 2026-10-09 09:00–");
    expect("withdrawn_early", NULL, shown("公示", id, "2026-09-24", "2026-10-10", false), "");
}

static void a_list_is_taken_down_when_its_display_is_over(void **s) {
    (void)s;
    at("2026-11-02");
    no_matter("display_over", NULL, shown("工作动态", 0, "2026-11-02", NULL, false));
    expect("display_over", "{\"days\": 7}", shown("低保对象名单", 0, "2026-11-02", NULL, false), "red 2026-11-10–");
    noted("2026年11月9日");
    expect("display_over", "{\"days\": 7}", shown("低保公示", 0, "2026-11-02", "2026-11-09", false), "");
    expect("display_over", "{\"days\": 7}", shown("低保公示", 0, "2026-11-02", "2026-11-10", false),
           "red 2026-11-10–2026-11-10 09:00");
    int64_t dated = publication("", "拟录用人员公示", 0);
    edition(dated,
            (struct edition_made){.from = nine("2026-11-02"), .title = "拟录用人员公示", .expires = "2026-11-20"});
    expect("display_over", "{\"days\": 7}", dated, "red 2026-11-21–");
    int64_t longer = item("公告时间不少于30日", "2026-11-02");
    expect("display_over", "{\"days\": 7}", shown("征地公示", longer, "2026-11-02", NULL, false), "red 2026-12-03–");
    expect("display_over", "{\"days\": 7, \"words\": \"动态、快讯\"}", shown("工作动态", 0, "2026-11-02", NULL, false),
           "red 2026-11-10–");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_that_belongs_to_an_item_must_have_one),
        cmocka_unit_test(an_attribute_may_not_turn_from_active_once_a_reviewer_saw_it),
        cmocka_unit_test(the_formed_day_is_the_day_of_publication_at_the_latest),
        cmocka_unit_test(more_than_twenty_working_days_before_publication_is_doubtful),
        cmocka_unit_test(years_before_publication_is_most_likely_a_slip),
        cmocka_unit_test(a_correction_must_not_move_a_plausible_formed_day),
        cmocka_unit_test(what_was_public_before_this_system_is_not_measured_by_its_entry),
        cmocka_unit_test(every_review_of_that_very_version_must_come_before_it_is_public),
        cmocka_unit_test(thirty_days_after_publication_it_may_be_withdrawn),
        cmocka_unit_test(the_items_own_display_counts_its_own_days),
        cmocka_unit_test(a_list_is_taken_down_when_its_display_is_over),
    };
    return run_checks("checks of publications", tests);
}
