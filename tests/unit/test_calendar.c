/* test_calendar.c: the shipped calendars through a real database: the test vectors of the rules, the edges across
 * make-up days (调休), rolls of 民法典203, certificates, and the import of a year. */
#include "unit_db.h"

#include "calendar/calendar.h"

#include <pthread.h>

static struct unit_db unit;
static struct work w;
static const struct app_config config;

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
        {"2020-01-20", 7, "2020-02-06"},  {"2020-01-20", 20, "2020-02-25"}, {"2020-09-24", 20, "2020-10-28"},
        {"2021-02-05", 20, "2021-03-10"}, {"2021-09-17", 20, "2021-10-21"}, {"2022-01-24", 20, "2022-02-24"},
        {"2022-09-28", 20, "2022-10-31"}, {"2022-12-28", 20, "2023-01-31"}, {"2023-09-25", 20, "2023-10-27"},
        {"2024-02-02", 20, "2024-03-06"}, {"2024-09-12", 20, "2024-10-16"}, {"2025-01-23", 20, "2025-02-26"},
        {"2025-09-26", 20, "2025-10-30"}, {"2025-12-30", 20, "2026-01-28"}, {"2026-02-10", 20, "2026-03-16"},
        {"2026-02-13", 3, "2026-02-25"},  {"2026-09-18", 7, "2026-09-29"},  {"2026-09-18", 15, "2026-10-15"},
        {"2026-09-18", 20, "2026-10-22"}, {"2026-11-02", 20, "2026-11-30"},
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
    assert_int_equal(json_array_size(days), 28); /* every day from 11-03 to 11-30 */
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
    assert_int_equal(day_of(limit_due(day_start(d("2026-09-11")), (struct limit){20, LIMIT_DAYS}, "r", NULL)),
                     d("2026-10-08"));
}

static void months_end_on_the_same_day_or_the_last(void **s) {
    (void)s;
    assert_int_equal(calendar_add_months(d("2026-01-31"), 1, false), d("2026-02-28"));
    assert_int_equal(calendar_add_months(d("2024-01-31"), 1, false), d("2024-02-29"));
    assert_int_equal(calendar_add_months(d("2026-11-15"), 3, false), d("2027-02-15"));
    assert_int_equal(calendar_add_months(d("2026-03-31"), -1, false), d("2026-02-28"));
    /* The last day 2026-02-15 is 春节, the next working day 02-24. */
    assert_int_equal(calendar_add_months(d("2026-01-15"), 1, true), d("2026-02-24"));
}

static void a_year_without_a_notice_is_provisional(void **s) {
    (void)s;
    assert_true(calendar_provisional(d("2027-03-01")));
    assert_false(calendar_workday(d("2027-10-01")));
    assert_false(calendar_workday(d("2027-02-08"))); /* 初三 */
    assert_true(calendar_workday(d("2027-02-09")));
    assert_false(calendar_workday(d("2035-05-02")));
    assert_string_equal(calendar_reason(d("2035-05-02")), "劳动节");
    assert_false(calendar_workday(d("2027-01-01")));
    assert_true(calendar_workday(d("2027-10-04")));
    json_t *c;
    limit_due(day_start(d("2026-12-28")), (struct limit){20, LIMIT_WORKING_DAYS}, "r", &c);
    assert_true(json_is_true(json_object_get(c, "provisional")));
    json_decref(c);
}

static void every_shipped_day_has_the_reason_its_notice_gives(void **s) {
    (void)s;
    assert_string_equal(calendar_reason(d("2026-10-01")), "国庆节");
    assert_string_equal(calendar_reason(d("2026-10-10")), "调休上班");
    assert_string_equal(calendar_reason(d("2026-11-21")), "周六");
    assert_string_equal(calendar_reason(d("2026-11-22")), "周日");
    assert_string_equal(calendar_reason(d("2026-11-23")), "工作日");
    assert_string_equal(calendar_notice(d("2025-10-01")), "国办发明电〔2024〕12号");
    assert_string_equal(calendar_notice(d("2025-10-13")), "");
    assert_true(calendar_workday(d("2024-02-09")));  /* 除夕 2024 is a working day */
    assert_false(calendar_workday(d("2020-02-01"))); /* the extension of 2020 */
    assert_false(calendar_provisional(d("2026-12-31")));
}

/* The day before, the day, the day after, across a make-up Sunday and the holidays after it. */
static void counting_over_the_national_day_of_2026_is_exact(void **s) {
    (void)s;
    static const struct {
        const char *from;
        int n;
        const char *due;
    } v[] = {
        {"2026-09-18", 1, "2026-09-20"}, {"2026-09-19", 1, "2026-09-20"}, {"2026-09-20", 1, "2026-09-21"},
        {"2026-09-24", 1, "2026-09-28"}, {"2026-09-30", 1, "2026-10-08"}, {"2026-09-30", 3, "2026-10-10"},
        {"2026-09-30", 4, "2026-10-12"}, {"2026-10-09", 1, "2026-10-10"}, {"2026-10-10", 1, "2026-10-12"},
    };
    for (size_t i = 0; i < countof(v); i++) {
        char text[11];
        assert_string_equal(day_text(text, calendar_add_working(d(v[i].from), v[i].n)), v[i].due);
    }
    assert_int_equal(calendar_add_working(d("2026-10-08"), -1), d("2026-09-30"));
    assert_int_equal(calendar_add_working(d("2026-10-01"), 0), d("2026-10-01"));
}

static void working_days_between_two_days_count_the_second_and_not_the_first(void **s) {
    (void)s;
    assert_int_equal(calendar_working_between(d("2026-11-23"), d("2026-11-23")), 0);
    assert_int_equal(calendar_working_between(d("2026-11-23"), d("2026-11-24")), 1);
    assert_int_equal(calendar_working_between(d("2026-11-20"), d("2026-11-23")), 1);
    assert_int_equal(calendar_working_between(d("2026-11-23"), d("2026-11-20")), -1);
    assert_int_equal(calendar_working_between(d("2026-09-30"), d("2026-10-10")), 3);
}

static void a_limit_ends_with_the_last_millisecond_of_its_day(void **s) {
    (void)s;
    int64_t due = limit_due(day_start(d("2026-11-02")), (struct limit){20, LIMIT_WORKING_DAYS}, "r", NULL);
    assert_int_equal(due, day_end(d("2026-11-30")));
    assert_int_equal(day_of(due), d("2026-11-30"));
    assert_int_equal(day_of(due + 1), d("2026-12-01"));
    assert_string_equal(instant_rfc3339(w.arena, due).p, "2026-11-30T23:59:59+08:00");
}

static void a_limit_in_days_that_ends_on_a_working_day_does_not_move(void **s) {
    (void)s;
    assert_int_equal(day_of(limit_due(day_start(d("2026-09-10")), (struct limit){20, LIMIT_DAYS}, "r", NULL)),
                     d("2026-09-30"));
    /* the day after is 国庆节: rolls to 10-08; a make-up Saturday takes the roll as well */
    assert_int_equal(day_of(limit_due(day_start(d("2026-09-11")), (struct limit){20, LIMIT_DAYS}, "r", NULL)),
                     d("2026-10-08"));
    assert_int_equal(day_of(limit_due(day_start(d("2026-10-05")), (struct limit){5, LIMIT_DAYS}, "r", NULL)),
                     d("2026-10-10"));
    assert_int_equal(calendar_add_days(d("2026-09-11"), 20, false), d("2026-10-01"));
}

static void a_certificate_shows_the_days_a_roll_added(void **s) {
    (void)s;
    json_t *c, *days, *last;
    limit_due(day_start(d("2026-09-11")), (struct limit){20, LIMIT_DAYS}, "二十日", &c);
    days = json_object_get(c, "days");
    assert_int_equal(json_array_size(days), 27);
    last = json_array_get(days, 26);
    assert_string_equal(json_string_value(json_object_get(last, "day")), "2026-10-08");
    assert_true(json_is_false(json_object_get(last, "counted")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(days, 19), "reason")), "国庆节");
    assert_non_null(strstr(json_string_value(json_object_get(c, "text")), "顺延"));
    json_decref(c);
}

/* ── import ── */

static json_t *year_2027(void) {
    json_t *o = json_loads("{\"year\":2027,\"notice\":\"测试通知\",\"off\":["
                           "{\"reason\":\"元旦\",\"from\":\"2027-01-01\",\"to\":\"2027-01-03\"},"
                           "{\"reason\":\"春节\",\"from\":\"2027-02-05\",\"to\":\"2027-02-11\"},"
                           "{\"reason\":\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],"
                           "\"makeup\":[\"2027-02-20\"]}",
                           0, NULL);
    assert_non_null(o);
    return o;
}

static void a_bad_year_file_is_refused_and_changes_nothing(void **s) {
    (void)s;
    static const char *const bad[] = {
        "[]",
        "{\"year\":\"2027\"}",
        "{\"year\":1900,\"notice\":\"x\",\"off\":[]}",
        "{\"year\":2027,\"off\":[]}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":{}}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[]}", /* 261 working days */
        "{\"year\":2027,\"notice\":\"x\",\"off\":[{\"reason\":\"春节\",\"from\":\"2027-02-30\",\"to\":\"2027-03-01\"}]"
        "}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[{\"reason\":\"春节\",\"from\":\"2027-02-10\",\"to\":\"2027-02-05\"}]"
        "}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[{\"reason\":\"春节\",\"from\":\"2026-02-10\",\"to\":\"2026-02-15\"}]"
        "}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[{\"reason\":\"\",\"from\":\"2027-02-10\",\"to\":\"2027-02-15\"}]}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[],\"makeup\":[\"2027-02-03\"]}", /* a Wednesday */
        "{\"year\":2027,\"notice\":\"x\",\"off\":[],\"makeup\":[\"2027-02-06\",\"2027-02-06\"]}",
        "{\"year\":2027,\"notice\":\"x\",\"off\":[],\"makeup\":[3]}",
    };
    int before = calendar_version();
    for (size_t i = 0; i < countof(bad); i++) {
        json_t *o = json_loads(bad[i], JSON_DECODE_ANY, NULL);
        assert_int_equal(db_begin(&w), 0);
        assert_int_equal(calendar_import(&w, o, "test", NULL), -1);
        assert_int_equal(w.error.code, ERR_INVALID);
        assert_string_equal(w.error.fields[0].field, "year_file");
        db_rollback(&w);
        error_clear(&w);
        json_decref(o);
    }
    assert_int_equal(calendar_load(&w), 0);
    assert_int_equal(calendar_version(), before);
}

static void an_import_that_is_rolled_back_is_never_seen(void **s) {
    (void)s;
    json_t *o = year_2027();
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(calendar_import(&w, o, "test", NULL), 0);
    assert_true(calendar_provisional(d("2027-02-10")));
    db_rollback(&w);
    assert_true(calendar_provisional(d("2027-02-10")));
    assert_int_equal(calendar_load(&w), 0);
    assert_true(calendar_provisional(d("2027-02-10")));
    json_decref(o);
}

static void *reads_until_told(void *stop) {
    long seen = 0;
    while (!__atomic_load_n((int *)stop, __ATOMIC_ACQUIRE))
        seen += calendar_working_days_of_year(2026) == 248 && calendar_reason(day_from(2027, 2, 10)) != NULL;
    return (void *)seen;
}

static void an_announced_year_is_no_longer_provisional_after_the_commit(void **s) {
    (void)s;
    json_t *o = year_2027(), *c;
    int stop = 0;
    int64_t version = 0;
    int before = calendar_version();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, reads_until_told, &stop), 0);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(calendar_import(&w, o, "test", &version), 0);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(version, before + 1);
    assert_int_equal(calendar_version(), before + 1);
    assert_false(calendar_provisional(d("2027-02-10")));
    assert_false(calendar_workday(d("2027-02-10")));
    assert_true(calendar_workday(d("2027-02-20")));
    assert_true(calendar_workday(d("2027-05-04")));
    assert_true(calendar_provisional(d("2028-02-10")));
    limit_due(day_start(d("2027-02-01")), (struct limit){20, LIMIT_WORKING_DAYS}, "r", &c);
    assert_int_equal(json_integer_value(json_object_get(c, "calendar_version")), before + 1);
    assert_true(json_is_false(json_object_get(c, "provisional")));
    json_decref(c);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    void *seen;
    pthread_join(thread, &seen);
    assert_true((long)seen > 0);
    json_decref(o);
}

static void loading_the_shipped_calendars_twice_changes_nothing(void **s) {
    (void)s;
    int before = calendar_version();
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(calendar_init_data(&w), 0);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(calendar_version(), before);
}

static int setup(void **s) {
    (void)s;
    unit_db_place(&unit, DB_SQLITE);
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    return db_begin(&w) || calendar_init_data(&w) || db_commit(&w) || calendar_load(&w);
}

static int teardown(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
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
        cmocka_unit_test(every_shipped_day_has_the_reason_its_notice_gives),
        cmocka_unit_test(counting_over_the_national_day_of_2026_is_exact),
        cmocka_unit_test(working_days_between_two_days_count_the_second_and_not_the_first),
        cmocka_unit_test(a_limit_ends_with_the_last_millisecond_of_its_day),
        cmocka_unit_test(a_limit_in_days_that_ends_on_a_working_day_does_not_move),
        cmocka_unit_test(a_certificate_shows_the_days_a_roll_added),
        cmocka_unit_test(a_bad_year_file_is_refused_and_changes_nothing),
        cmocka_unit_test(an_import_that_is_rolled_back_is_never_seen),
        cmocka_unit_test(an_announced_year_is_no_longer_provisional_after_the_commit),
        cmocka_unit_test(loading_the_shipped_calendars_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
