/* test_calendar.c: the test vectors of rules.md §0, across make-up days, at the edges. */
#include "unit.h"
#include "calendar/calendar_internal.h"

/* The shipped year files, without a database. */
static void load(void) {
    struct snapshot *s = calloc(1, sizeof *s);
    s->version = 7;
    for (int year = 2020; year <= 2026; year++) {
        char path[64];
        json_t *o, *f, *k;
        size_t i;
        snprintf(path, sizeof path, "data/calendar/%d.json", year);
        f = json_load_file(path, 0, NULL);
        assert_non_null(f);
        struct year_info *y = s->years[year - FIRST_YEAR] = calloc(1, sizeof *y);
        y->known = true;
        json_array_foreach(json_object_get(f, "off"), i, o) {
            day_t a, b;
            assert_int_equal(day_parse(str_z(json_string_value(json_object_get(o, "from"))), &a), 0);
            assert_int_equal(day_parse(str_z(json_string_value(json_object_get(o, "to"))), &b), 0);
            for (; a <= b; a++)
                y->days[a - day_from(year, 1, 1)] = (struct special_day){true, false, "假"};
        }
        json_array_foreach(json_object_get(f, "makeup"), i, k) {
            day_t a;
            assert_int_equal(day_parse(str_z(json_string_value(k)), &a), 0);
            y->days[a - day_from(year, 1, 1)] = (struct special_day){true, true, "调休上班"};
        }
        json_decref(f);
    }
    calendar_swap(s);
}

static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static void the_test_vectors_of_the_rules_hold(void **s) {
    (void)s;
    static const struct {
        const char *from;
        int n;
        const char *due;
    } v[] = {
        {"2020-01-20", 7, "2020-02-06"},  {"2020-01-20", 20, "2020-02-25"}, {"2020-09-24", 20, "2020-10-28"}, {"2021-02-05", 20, "2021-03-10"},
        {"2021-09-17", 20, "2021-10-21"}, {"2022-01-24", 20, "2022-02-24"}, {"2022-09-28", 20, "2022-10-31"}, {"2022-12-28", 20, "2023-01-31"},
        {"2023-09-25", 20, "2023-10-27"}, {"2024-02-02", 20, "2024-03-06"}, {"2024-09-12", 20, "2024-10-16"}, {"2025-01-23", 20, "2025-02-26"},
        {"2025-09-26", 20, "2025-10-30"}, {"2025-12-30", 20, "2026-01-28"}, {"2026-02-10", 20, "2026-03-16"}, {"2026-02-13", 3, "2026-02-25"},
        {"2026-09-18", 7, "2026-09-29"},  {"2026-09-18", 15, "2026-10-15"}, {"2026-09-18", 20, "2026-10-22"}, {"2026-11-02", 20, "2026-11-30"},
    };
    for (size_t i = 0; i < countof(v); i++) {
        char text[11];
        assert_string_equal(day_text(text, calendar_add_working(d(v[i].from), v[i].n)), v[i].due);
    }
}

static void the_working_days_of_each_year_agree_with_the_notices(void **s) {
    (void)s;
    static const int want[] = {249, 250, 249, 249, 251, 248, 248};
    for (int i = 0; i < 7; i++)
        assert_int_equal(calendar_working_days_of_year(2020 + i), want[i]);
}

static void a_makeup_sunday_is_worked_and_the_day_before_is_not(void **s) {
    (void)s;
    assert_false(calendar_workday(d("2026-09-19")));
    assert_true(calendar_workday(d("2026-09-20")));
    assert_false(calendar_workday(d("2026-09-25")));
    assert_true(calendar_workday(d("2026-09-28")));
}

static void the_last_millisecond_of_the_last_day_is_on_time(void **s) {
    (void)s;
    json_t *c;
    int64_t trigger = day_start(d("2026-11-02")) + 23 * 3600000LL + 59 * 60000LL + 59999;
    int64_t due = limit_due(trigger, (struct limit){20, LIMIT_WORKING_DAYS}, "条例第二十六条", &c);
    assert_int_equal(due, day_start(d("2026-12-01")) - 1);
    json_t *days = json_object_get(c, "days");
    assert_int_equal(json_array_size(days), 28);
    int counted = 0;
    size_t i;
    json_t *o;
    json_array_foreach(days, i, o) counted += json_is_true(json_object_get(o, "counted"));
    assert_int_equal(counted, 20);
    json_decref(c);
}

static void hours_begin_at_once_and_skip_no_holiday(void **s) {
    (void)s;
    int64_t t = day_start(d("2026-09-30")) + 17 * 3600000LL;
    assert_int_equal(limit_due(t, (struct limit){24, LIMIT_HOURS}, "r", NULL), t + 86400000LL);
}

static void natural_days_that_end_on_a_rest_day_move_on(void **s) {
    (void)s;
    /* 20 days after 2026-09-11 is 10-01, a holiday to 10-07: Thursday 10-08. */
    assert_int_equal(day_of(limit_due(day_start(d("2026-09-11")), (struct limit){20, LIMIT_DAYS}, "r", NULL)), d("2026-10-08"));
}

static void months_end_on_the_same_day_or_the_last(void **s) {
    (void)s;
    assert_int_equal(calendar_add_months(d("2026-01-31"), 1, false), d("2026-02-28"));
    assert_int_equal(calendar_add_months(d("2024-01-31"), 1, false), d("2024-02-29"));
    assert_int_equal(calendar_add_months(d("2026-11-15"), 3, false), d("2027-02-15"));
}

static void a_year_without_a_notice_is_provisional(void **s) {
    (void)s;
    assert_true(calendar_provisional(d("2027-03-01")));
    assert_false(calendar_workday(d("2027-10-01")));
    assert_false(calendar_workday(d("2027-01-01")));
    assert_true(calendar_workday(d("2027-10-04")));
    json_t *c;
    limit_due(day_start(d("2026-12-28")), (struct limit){20, LIMIT_WORKING_DAYS}, "r", &c);
    assert_true(json_is_true(json_object_get(c, "provisional")));
    json_decref(c);
}

static int setup(void **s) {
    (void)s;
    load();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_test_vectors_of_the_rules_hold),
        cmocka_unit_test(the_working_days_of_each_year_agree_with_the_notices),
        cmocka_unit_test(a_makeup_sunday_is_worked_and_the_day_before_is_not),
        cmocka_unit_test(the_last_millisecond_of_the_last_day_is_on_time),
        cmocka_unit_test(hours_begin_at_once_and_skip_no_holiday),
        cmocka_unit_test(natural_days_that_end_on_a_rest_day_move_on),
        cmocka_unit_test(months_end_on_the_same_day_or_the_last),
        cmocka_unit_test(a_year_without_a_notice_is_provisional),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
