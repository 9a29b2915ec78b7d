/* test_clock.c: the clock of a case over the shipped calendars: starts, suspensions, restarts, extensions, provisional
 * years, its certificate, and the difference of two certificates. */
#include "unit_db.h"

#include "calendar/calendar.h"

static struct unit_db unit;
static struct work w;
static const struct app_config config;

static const struct limit twenty = {20, LIMIT_WORKING_DAYS};
#define ASKED "征求意见期间，不计入（条例第三十三条第三款）"

static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static struct clock_mark start(const char *day) {
    return (struct clock_mark){.kind = CLOCK_START, .day = d(day), .until = DAY_NONE, .rule = "收到申请"};
}
static struct clock_mark restart(const char *day, const char *rule) {
    return (struct clock_mark){.kind = CLOCK_RESTART, .day = d(day), .until = DAY_NONE, .rule = rule};
}
static struct clock_mark suspend(const char *day, const char *until, int64_t ref) {
    return (struct clock_mark){
        .kind = CLOCK_SUSPEND, .day = d(day), .until = until ? d(until) : DAY_NONE, .ref = ref, .rule = ASKED};
}
static struct clock_mark resume(const char *day, int64_t ref) {
    return (struct clock_mark){.kind = CLOCK_RESUME, .day = d(day), .until = DAY_NONE, .ref = ref, .rule = "收到意见"};
}
static struct clock_mark extend(const char *day, int n) {
    return (struct clock_mark){
        .kind = CLOCK_EXTEND, .day = d(day), .until = DAY_NONE, .n = n, .rule = "延长答复期限（条例第三十三条）"};
}

static const char *day_of_due(const struct clock_reading *r) {
    assert_int_equal(r->due_at, day_end(day_of(r->due_at)));
    return day_str(w.arena, day_of(r->due_at)).p;
}

static struct clock_reading read_marks(const struct clock_mark *m, size_t n, struct limit l, const char *today,
                                       json_t **ret_certificate) {
    struct clock_reading r;
    if (clock_read(&w, m, n, l, "条例第三十三条", d(today), &r, ret_certificate) < 0)
        unit_fail("%s\n", error_text(&w.error));
    return r;
}
#define MARKS(...)                                                                                                     \
    ((const struct clock_mark[]){__VA_ARGS__}),                                                                        \
        sizeof((const struct clock_mark[]){__VA_ARGS__}) / sizeof(struct clock_mark)
#define DUE(want, today, l, ...)                                                                                       \
    do {                                                                                                               \
        struct clock_reading got_ = read_marks(MARKS(__VA_ARGS__), l, today, NULL);                                    \
        assert_string_equal(day_of_due(&got_), want);                                                                  \
    } while (0)

static json_t *certificate_day_of(const json_t *c, const char *day) {
    json_t *o;
    size_t i;
    json_array_foreach(json_object_get(c, "days"), i,
                       o) if (!strcmp(json_string_value(json_object_get(o, "day")), day)) return o;
    unit_fail("%s is not in the certificate\n", day);
    return NULL;
}
static bool counts(const json_t *c, const char *day) {
    return json_is_true(json_object_get(certificate_day_of(c, day), "counted"));
}
static const char *reason(const json_t *c, const char *day) {
    return json_string_value(json_object_get(certificate_day_of(c, day), "reason"));
}
static const char *text_of(const json_t *c, const char *key) {
    const char *text = json_string_value(json_object_get(c, key));
    assert_non_null(text);
    return text;
}
static void text_says(const json_t *c, const char *words) {
    if (!strstr(text_of(c, "text"), words))
        unit_fail("\"%s\" is not in: %s\n", words, text_of(c, "text"));
}

/* ── nothing happens but the start ── */

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
        const struct limit l = {v[i].n, LIMIT_WORKING_DAYS};
        json_t *plain, *c;
        struct clock_reading r = read_marks(MARKS(start(v[i].from)), l, v[i].from, &c);
        assert_string_equal(day_of_due(&r), v[i].due);
        assert_int_equal(r.allowed, v[i].n);
        assert_int_equal(r.used, 0);
        assert_false(r.suspended || r.provisional);
        /* and says what limit_due() says, word for word */
        limit_due(day_start(d(v[i].from)), l, "条例第三十三条", &plain);
        assert_true(json_equal(json_object_get(plain, "days"), json_object_get(c, "days")));
        static const char *const same[] = {"rule", "trigger", "start", "due", "text"};
        for (size_t k = 0; k < countof(same); k++)
            assert_string_equal(text_of(c, same[k]), text_of(plain, same[k]));
        assert_true(json_equal(json_object_get(plain, "limit"), json_object_get(c, "limit")));
        assert_true(json_equal(json_object_get(plain, "calendar_version"), json_object_get(c, "calendar_version")));
        json_decref(plain);
        json_decref(c);
    }
}

/* 2026-09-20 (周日) and 10-10 (周六) are worked. */
static void one_day_is_exact_before_on_and_after_make_up_days(void **s) {
    (void)s;
    static const struct {
        const char *from, *due;
    } v[] = {
        {"2026-09-17", "2026-09-18"}, {"2026-09-18", "2026-09-20"}, {"2026-09-19", "2026-09-20"},
        {"2026-09-20", "2026-09-21"}, {"2026-09-24", "2026-09-28"}, {"2026-09-30", "2026-10-08"},
        {"2026-10-07", "2026-10-08"}, {"2026-10-08", "2026-10-09"}, {"2026-10-09", "2026-10-10"},
        {"2026-10-10", "2026-10-12"}, {"2026-10-11", "2026-10-12"},
    };
    for (size_t i = 0; i < countof(v); i++)
        DUE(v[i].due, v[i].from, ((struct limit){1, LIMIT_WORKING_DAYS}), start(v[i].from));
}

static void used_days_are_those_counted_up_to_today(void **s) {
    (void)s;
    static const struct {
        const char *today;
        int used;
    } v[] = {
        {"2026-09-17", 0}, {"2026-09-18", 0},  {"2026-09-19", 0},  {"2026-09-20", 1},  {"2026-09-21", 2},
        {"2026-09-27", 5}, {"2026-10-21", 19}, {"2026-10-22", 20}, {"2026-10-23", 20}, {"2027-10-23", 20},
    };
    for (size_t i = 0; i < countof(v); i++) {
        struct clock_reading r = read_marks(MARKS(start("2026-09-18")), twenty, v[i].today, NULL);
        assert_int_equal(r.used, v[i].used);
        assert_string_equal(day_of_due(&r), "2026-10-22");
    }
}

static void a_limit_of_no_days_ends_with_its_own_day(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r =
        read_marks(MARKS(start("2026-10-01")), (struct limit){0, LIMIT_WORKING_DAYS}, "2026-10-03", &c);
    assert_string_equal(day_of_due(&r), "2026-10-01");
    assert_int_equal(json_array_size(json_object_get(c, "days")), 0);
    assert_string_equal(text_of(c, "text"), "当日办结，最后一日为2026年10月1日24时");
    json_decref(c);
}

/* ── suspension ── */

/* The letter goes out on Monday 09-21 (counted), the answer comes on Friday 10-09 (not counted): 09-22, 23, 24, 28, 29,
 * 30 and 10-08, 09 are left out; 10-10 (a make-up Saturday) counts again. */
static void a_suspension_over_the_national_day_leaves_out_working_days_only(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r = read_marks(
        MARKS(start("2026-09-18"), suspend("2026-09-21", NULL, 1), resume("2026-10-09", 1)), twenty, "2026-10-10", &c);
    assert_string_equal(day_of_due(&r), "2026-11-03"); /* 2 until 09-21; 10-10 is the 3rd; 17 from 10-12 to 11-03 */
    assert_int_equal(r.used, 3);
    assert_false(r.suspended);
    assert_true(counts(c, "2026-09-21"));
    assert_string_equal(reason(c, "2026-09-22"), ASKED);
    assert_false(counts(c, "2026-09-22"));
    assert_string_equal(reason(c, "2026-09-26"), "中秋节");
    assert_string_equal(reason(c, "2026-10-01"), "国庆节");
    assert_string_equal(text_of(certificate_day_of(c, "2026-10-01"), "notice"), "国务院办公厅2025年11月4日通知");
    assert_string_equal(reason(c, "2026-10-09"), ASKED);
    assert_null(json_object_get(certificate_day_of(c, "2026-10-09"), "notice"));
    assert_true(counts(c, "2026-10-10"));
    assert_int_equal(json_integer_value(json_object_get(certificate_day_of(c, "2026-10-10"), "n")), 3);
    assert_string_equal(text_of(c, "text"), "自2026年9月18日起20个工作日，开始的当日不计入；期间18天为休息日、节假日，"
                                            "不计入；征求意见8个工作日不计入；最后一日为2026年11月3日24时");
    json_decref(c);
}

static void the_day_before_the_day_of_and_the_day_after_an_answer_each_move_the_last_day(void **s) {
    (void)s;
    /* 2026-11-02 Monday: without a letter 11-30. Out on 11-09. */
    DUE("2026-11-30", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-09", 1)); /* answered on the same day: nothing is left out */
    DUE("2026-12-01", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-10", 1));
    DUE("2026-12-02", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-11", 1));
    /* answered on Friday, Saturday, Sunday: the same working days left out */
    DUE("2026-12-04", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-13", 1));
    DUE("2026-12-04", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-15", 1));
    DUE("2026-12-07", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        resume("2026-11-16", 1));
}

static void a_letter_on_the_day_of_receipt_or_on_the_last_day(void **s) {
    (void)s;
    DUE("2026-12-01", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-02", NULL, 1),
        resume("2026-11-03", 1));
    DUE("2026-12-01", "2026-12-05", twenty, start("2026-11-02"), suspend("2026-11-27", NULL, 1),
        resume("2026-11-30", 1));
    /* on the last day it is too late to stop the clock */
    struct clock_reading r =
        read_marks(MARKS(start("2026-11-02"), suspend("2026-11-30", NULL, 1)), twenty, "2026-12-05", NULL);
    assert_string_equal(day_of_due(&r), "2026-11-30");
    assert_false(r.suspended);
    assert_int_equal(r.used, 20);
}

static void overlapping_suspensions_are_a_union_of_days(void **s) {
    (void)s;
    /* one: 11-10…11-13; another: 11-12…11-18 → 7 working days, not 9 */
    json_t *c;
    struct clock_mark other = suspend("2026-11-11", NULL, 2);
    other.rule = "征求其他机关意见期间，不计入（条例第三十四条）";
    struct clock_reading r = read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", NULL, 1), other,
                                              resume("2026-11-13", 1), resume("2026-11-18", 2)),
                                        twenty, "2026-11-20", &c);
    assert_string_equal(day_of_due(&r), "2026-12-09");
    assert_int_equal(r.used, 7);
    assert_string_equal(reason(c, "2026-11-12"), ASKED);
    assert_string_equal(reason(c, "2026-11-16"), other.rule);
    text_says(c, "征求意见4个工作日不计入；征求其他机关意见3个工作日不计入；");
    json_decref(c);
    /* one within the other adds nothing; the answers come in the other order */
    DUE("2026-12-09", "2026-11-20", twenty, start("2026-11-02"), suspend("2026-11-09", NULL, 1),
        suspend("2026-11-11", NULL, 2), resume("2026-11-13", 2), resume("2026-11-18", 1));
    /* while one answer is missing the clock stands */
    r = read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", NULL, 1), suspend("2026-11-11", NULL, 2),
                         resume("2026-11-13", 1)),
                   twenty, "2026-11-16", NULL);
    assert_true(r.suspended);
    assert_int_equal(r.used, 5);
}

static void an_open_suspension_moves_the_last_day_with_every_working_day(void **s) {
    (void)s;
    static const struct {
        const char *today, *due;
        bool suspended;
    } v[] = {
        {"2026-11-06", "2026-11-30", false}, /* the day before the letter */
        {"2026-11-09", "2026-11-30", true},  /* the letter is out; its day counts */
        {"2026-11-10", "2026-12-01", true},  {"2026-11-13", "2026-12-04", true}, {"2026-11-14", "2026-12-04", true},
        {"2026-11-15", "2026-12-04", true},  {"2026-11-16", "2026-12-07", true},
    };
    for (size_t i = 0; i < countof(v); i++) {
        struct clock_reading r =
            read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", NULL, 1)), twenty, v[i].today, NULL);
        assert_string_equal(day_of_due(&r), v[i].due);
        assert_int_equal(r.suspended, v[i].suspended);
        assert_int_equal(r.used, i == 0 ? 4 : 5);
    }
    json_t *c;
    read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", NULL, 1)), twenty, "2026-11-10", &c);
    text_says(c, "最后一日为2026年12月1日24时（因征求意见正在中止计算，按2026年11月10日终了时恢复计算推算）");
    assert_true(json_is_true(json_object_get(c, "suspended")));
    json_decref(c);
}

static void a_suspension_ends_with_its_latest_day_even_without_an_answer(void **s) {
    (void)s;
    static const struct {
        const char *today;
        bool suspended;
        int used;
    } v[] = {{"2026-11-09", true, 5}, {"2026-11-29", true, 5}, {"2026-11-30", true, 5}, {"2026-12-01", false, 6}};
    for (size_t i = 0; i < countof(v); i++) {
        struct clock_reading r =
            read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", "2026-11-30", 1)), twenty, v[i].today, NULL);
        assert_string_equal(day_of_due(&r), "2026-12-21"); /* 15 working days from 12-01 */
        assert_int_equal(r.suspended, v[i].suspended);
        assert_int_equal(r.used, v[i].used);
    }
    /* the answer the day before the latest day, on it, after it */
    DUE("2026-12-18", "2026-12-05", twenty, start("2026-11-02"), suspend("2026-11-09", "2026-11-30", 1),
        resume("2026-11-27", 1));
    DUE("2026-12-21", "2026-12-05", twenty, start("2026-11-02"), suspend("2026-11-09", "2026-11-30", 1),
        resume("2026-11-30", 1));
    DUE("2026-12-21", "2026-12-05", twenty, start("2026-11-02"), suspend("2026-11-09", "2026-11-30", 1),
        resume("2026-12-03", 1));
}

static void the_same_ref_may_be_asked_again_when_its_suspension_is_over(void **s) {
    (void)s;
    DUE("2026-12-03", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-03", NULL, 1),
        resume("2026-11-04", 1), suspend("2026-11-09", NULL, 1), resume("2026-11-11", 1));
    DUE("2026-12-03", "2026-11-30", twenty, start("2026-11-02"), suspend("2026-11-03", "2026-11-04", 1),
        suspend("2026-11-09", "2026-11-11", 1));
}

/* ── restart ── */

static void a_supplement_begins_the_limit_anew(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r =
        read_marks(MARKS(start("2026-09-18"), restart("2026-10-12", "收到补正材料，答复期限重新计算（条例第三十条）")),
                   twenty, "2026-10-13", &c);
    assert_string_equal(day_of_due(&r), "2026-11-09");
    assert_int_equal(r.used, 1);
    assert_string_equal(text_of(c, "trigger"), "2026-10-12T00:00:00+08:00");
    assert_string_equal(text_of(c, "start"), "2026-10-13T00:00:00+08:00");
    assert_string_equal(text_of(json_array_get(json_object_get(c, "days"), 0), "day"), "2026-10-13");
    text_says(c, "自2026年10月12日起重新计算20个工作日，开始的当日不计入；");
    json_decref(c);
    /* the day before the supplement, the old day still holds */
    DUE("2026-10-22", "2026-10-11", twenty, start("2026-09-18"));
}

static void a_paid_fee_begins_the_limit_anew_and_voids_suspensions(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r = read_marks(MARKS(start("2026-11-02"), suspend("2026-11-04", NULL, 1),
                                              restart("2026-11-16", "缴清信息处理费"), resume("2026-11-20", 1)),
                                        twenty, "2026-11-18", &c);
    assert_string_equal(day_of_due(&r), "2026-12-14");
    assert_int_equal(r.used, 2);
    assert_false(r.suspended);
    json_t *marks = json_object_get(c, "marks");
    assert_int_equal(json_array_size(marks), 4);
    assert_true(json_is_true(json_object_get(json_array_get(marks, 1), "void")));
    assert_true(json_is_false(json_object_get(json_array_get(marks, 2), "void")));
    assert_null(strstr(text_of(c, "text"), "征求意见"));
    json_decref(c);
    /* asked again after the restart, under the same ref */
    DUE("2026-12-16", "2026-12-01", twenty, start("2026-11-02"), suspend("2026-11-04", NULL, 1),
        restart("2026-11-16", "缴清"), suspend("2026-11-17", NULL, 1), resume("2026-11-19", 1));
    /* a second restart counts from itself */
    DUE("2026-12-15", "2026-12-01", twenty, start("2026-11-02"), restart("2026-11-16", "缴清"),
        restart("2026-11-17", "补正"));
}

/* ── extension ── */

static void an_extension_counts_only_after_the_last_restart(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r = read_marks(MARKS(start("2026-11-02"), extend("2026-11-20", 10)), twenty, "2026-11-23", &c);
    assert_string_equal(day_of_due(&r), "2026-12-14");
    assert_int_equal(r.allowed, 30);
    text_says(c, "延长10个工作日；最后一日为2026年12月14日24时");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(c, "marks"), 1), "n")), 10);
    json_decref(c);
    r = read_marks(MARKS(start("2026-11-02"), extend("2026-11-10", 10), restart("2026-11-16", "缴清")), twenty,
                   "2026-11-23", NULL);
    assert_int_equal(r.allowed, 20);
    assert_string_equal(day_of_due(&r), "2026-12-14");
    r = read_marks(MARKS(start("2026-11-02"), restart("2026-11-16", "缴清"), extend("2026-11-16", 1)), twenty,
                   "2026-11-23", NULL);
    assert_int_equal(r.allowed, 21);
    assert_string_equal(day_of_due(&r), "2026-12-15");
    /* of one day, the order in which they stand decides */
    r = read_marks(MARKS(start("2026-11-02"), extend("2026-11-16", 1), restart("2026-11-16", "缴清")), twenty,
                   "2026-11-23", NULL);
    assert_string_equal(day_of_due(&r), "2026-12-14");
}

static void an_extension_while_suspended_adds_its_days_after_the_answer(void **s) {
    (void)s;
    /* 8 left out as above; then 10 more: 11-03 + 10 working days */
    json_t *c;
    struct clock_reading r = read_marks(
        MARKS(start("2026-09-18"), suspend("2026-09-21", NULL, 1), extend("2026-09-30", 10), resume("2026-10-09", 1)),
        twenty, "2026-10-12", &c);
    assert_string_equal(day_of_due(&r), "2026-11-17");
    assert_int_equal(r.allowed, 30);
    text_says(c, "征求意见8个工作日不计入；延长10个工作日；最后一日为2026年11月17日24时");
    json_decref(c);
}

/* ── years without a notice ── */

static void a_year_without_a_notice_makes_the_reading_provisional(void **s) {
    (void)s;
    json_t *c;
    struct clock_reading r = read_marks(MARKS(start("2026-12-02")), twenty, "2026-12-03", &c);
    assert_string_equal(day_of_due(&r), "2026-12-30");
    assert_false(r.provisional);
    json_decref(c);
    r = read_marks(MARKS(start("2026-12-03")), twenty, "2026-12-03", NULL);
    assert_string_equal(day_of_due(&r), "2026-12-31");
    assert_false(r.provisional);
    r = read_marks(MARKS(start("2026-12-04")), twenty, "2026-12-04", &c);
    assert_string_equal(day_of_due(&r), "2027-01-04"); /* 元旦, Saturday, Sunday */
    assert_true(r.provisional);
    assert_true(json_is_true(json_object_get(c, "provisional")));
    assert_string_equal(reason(c, "2027-01-01"), "元旦");
    text_says(c, "按周末和法定节日暂算");
    json_decref(c);
    /* a suspension carries a case of 2027 into 2028 */
    r = read_marks(MARKS(start("2027-12-01"), suspend("2027-12-10", "2027-12-31", 1)), twenty, "2027-12-15", &c);
    assert_string_equal(day_of_due(&r), "2028-01-19"); /* 7 until 12-10; 13 from Monday 2028-01-03 */
    assert_true(r.provisional);
    json_decref(c);
}

/* ── natural days ── */

static void natural_days_are_counted_and_roll_at_the_end(void **s) {
    (void)s;
    const struct limit l = {20, LIMIT_DAYS};
    json_t *c, *plain;
    struct clock_reading r = read_marks(MARKS(start("2026-09-11")), l, "2026-10-08", &c);
    assert_string_equal(day_of_due(&r), "2026-10-08");
    assert_int_equal(r.used, 20);
    limit_due(day_start(d("2026-09-11")), l, "条例第三十三条", &plain);
    assert_string_equal(text_of(plain, "text"), text_of(c, "text"));
    assert_true(counts(c, "2026-10-01")); /* the last day before it rolls */
    assert_string_equal(reason(c, "2026-10-02"), "国庆节");
    assert_false(counts(c, "2026-10-02"));
    assert_string_equal(reason(c, "2026-10-08"), "届满日为休息日，顺延至本日（民法典第二百零三条）");
    json_decref(plain);
    json_decref(c);
    DUE("2026-09-30", "2026-09-11", l, start("2026-09-10")); /* ends on a working day: stays */
    DUE("2026-10-10", "2026-10-05", ((struct limit){5, LIMIT_DAYS}), start("2026-10-05"));
    /* left out: 09-15 … 09-20, six natural days, rest days among them */
    r = read_marks(
        MARKS(start("2026-09-10"), suspend("2026-09-14", NULL, 1), resume("2026-09-20", 1), extend("2026-09-21", 3)), l,
        "2026-09-21", &c);
    assert_string_equal(day_of_due(&r), "2026-10-09"); /* 20 + 3 + 6 days after 09-10 */
    assert_int_equal(r.used, 5);
    assert_string_equal(reason(c, "2026-09-19"), ASKED);
    text_says(c, "征求意见6日不计入；延长3日；");
    json_decref(c);
}

static void a_roll_goes_past_days_left_out(void **s) {
    (void)s;
    /* 5 days after Monday 11-02: Saturday 11-07, on which a letter goes out; answered on Tuesday 11-10 */
    json_t *c;
    const struct limit l = {5, LIMIT_DAYS};
    struct clock_reading r = read_marks(
        MARKS(start("2026-11-02"), suspend("2026-11-07", NULL, 1), resume("2026-11-10", 1)), l, "2026-11-12", &c);
    assert_string_equal(day_of_due(&r), "2026-11-11");
    assert_string_equal(reason(c, "2026-11-09"), ASKED);
    assert_string_equal(reason(c, "2026-11-08"), "周日");
    text_says(c, "届满日2026年11月7日为休息日，顺延至其后计算未中止的第一个工作日");
    json_decref(c);
}

/* ── what makes no sense ── */

static void refused(const struct clock_mark *m, size_t n, struct limit l) {
    struct clock_reading r = {.due_at = 7};
    json_t *c = NULL;
    assert_int_equal(clock_read(&w, m, n, l, "r", d("2026-11-10"), &r, &c), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    assert_true(strlen(error_text(&w.error)) > 10);
    assert_null(c);
    assert_int_equal(r.due_at, 7);
    error_clear(&w);
}

static void marks_that_make_no_sense_are_refused(void **s) {
    (void)s;
    refused(NULL, 0, twenty);
    refused(MARKS(restart("2026-11-02", "r")), twenty);
    refused(MARKS(suspend("2026-11-02", NULL, 1), start("2026-11-03")), twenty);
    refused(MARKS(start("2026-11-02"), start("2026-11-03")), twenty);
    refused(MARKS(start("2026-11-02"), resume("2026-11-03", 1)), twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-03", NULL, 1), resume("2026-11-04", 2)), twenty);
    refused(
        MARKS(start("2026-11-02"), suspend("2026-11-03", NULL, 1), resume("2026-11-04", 1), resume("2026-11-05", 1)),
        twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-03", NULL, 1), suspend("2026-11-04", NULL, 1)), twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-03", "2026-11-06", 1), suspend("2026-11-06", NULL, 1)), twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-03", "2026-11-02", 1)), twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-05", NULL, 1), resume("2026-11-04", 1)), twenty);
    refused(MARKS(start("2026-11-02"), extend("2026-11-03", 0)), twenty);
    refused(MARKS(start("2026-11-02"), extend("2026-11-03", -5)), twenty);
    refused(MARKS(start("2026-11-02"), extend("2026-11-03", 3660), extend("2026-11-03", 1)), twenty);
    refused(MARKS(start("2026-11-02"), extend("2026-11-01", 5)), twenty);
    refused(MARKS(start("1999-12-31")), twenty);
    refused(MARKS(start("2026-11-02"), suspend("2026-11-03", "2101-01-01", 1)), twenty);
    struct clock_mark strange = {.kind = 9, .day = d("2026-11-03"), .until = DAY_NONE};
    refused(MARKS(start("2026-11-02"), strange), twenty);
    struct clock_mark never = {.kind = CLOCK_START, .day = DAY_NONE, .until = DAY_NONE};
    refused(MARKS(never), twenty);
    refused(MARKS(start("2026-11-02")), (struct limit){-1, LIMIT_WORKING_DAYS});
    refused(MARKS(start("2026-11-02")), (struct limit){3661, LIMIT_WORKING_DAYS});
    refused(MARKS(start("2026-11-02")), (struct limit){2, LIMIT_HOURS});
    refused(MARKS(start("2026-11-02")), (struct limit){2, LIMIT_MONTHS});
}

static void the_longest_clock_still_ends(void **s) {
    (void)s;
    struct clock_reading r =
        read_marks(MARKS(start("2000-01-01"), suspend("2000-01-02", "2100-12-31", 1), extend("2000-01-02", 3660)),
                   (struct limit){3660, LIMIT_WORKING_DAYS}, "2100-12-31", NULL);
    assert_int_equal(r.allowed, 7320);
    assert_true(day_of(r.due_at) > d("2120-01-01"));
    assert_true(r.suspended);
}

/* ── against a count of its own ── */

#define MARKS_MAX 12
struct story {
    struct clock_mark m[MARKS_MAX];
    size_t n;
    struct limit l;
    day_t today;
};

static uint64_t next_random(uint64_t *x) {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}
static int between(uint64_t *x, int low, int high) {
    return low + (int)(next_random(x) % (uint64_t)(high - low + 1));
}

/* A story that makes sense: at most three refs, each asked again only when answered. */
static struct story random_story(uint64_t *x) {
    struct story t = {.n = 1, .l = {between(x, 1, 25), between(x, 0, 2) ? LIMIT_WORKING_DAYS : LIMIT_DAYS}};
    bool open[3] = {0};
    day_t day = d("2025-09-01") + between(x, 0, 470), first = day;
    t.m[0] = (struct clock_mark){.kind = CLOCK_START, .day = day, .until = DAY_NONE, .rule = "收到"};
    size_t want = (size_t)between(x, 1, MARKS_MAX);
    while (t.n < want) {
        int ref = between(x, 0, 2), kind = between(x, 0, 9);
        day += between(x, 0, 3) ? between(x, 0, 9) : 0;
        struct clock_mark m = {.kind = CLOCK_EXTEND, .day = day, .until = DAY_NONE, .n = between(x, 1, 20), .ref = ref};
        if (kind == 0)
            m.kind = CLOCK_RESTART;
        else if (kind < 8)
            m.kind = open[ref] ? CLOCK_RESUME : CLOCK_SUSPEND;
        if (m.kind == CLOCK_SUSPEND && between(x, 0, 1))
            m.until = day + between(x, 0, 20);
        if (m.kind == CLOCK_SUSPEND || m.kind == CLOCK_RESUME)
            open[ref] = m.kind == CLOCK_SUSPEND;
        t.m[t.n++] = m;
    }
    t.today = first + between(x, -3, 120);
    return t;
}

/* Is day t left out? Asks the story from the beginning, day by day: who waits for an answer that day. */
static bool naive_out(const struct story *t, size_t from, day_t day) {
    for (size_t i = from; i < t->n; i++) {
        if (t->m[i].kind != CLOCK_SUSPEND || day <= t->m[i].day || (t->m[i].until != DAY_NONE && day > t->m[i].until))
            continue;
        size_t k = i + 1;
        while (k < t->n && (t->m[k].kind != CLOCK_RESUME || t->m[k].ref != t->m[i].ref))
            k++;
        if (k < t->n ? day <= t->m[k].day : t->m[i].until != DAY_NONE || day <= t->today)
            return true;
    }
    return false;
}

static struct clock_reading naive(const struct story *t) {
    struct clock_reading r = {0};
    size_t from = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->m[i].kind == CLOCK_START || t->m[i].kind == CLOCK_RESTART)
            from = i;
    r.allowed = t->l.n;
    for (size_t i = from; i < t->n; i++)
        r.allowed += t->m[i].kind == CLOCK_EXTEND ? t->m[i].n : 0;
    day_t day = t->m[from].day;
    int counted = 0;
    while (counted < r.allowed) {
        day++;
        bool yes = !naive_out(t, from, day) && (t->l.unit == LIMIT_DAYS || calendar_workday(day));
        counted += yes;
        r.used += yes && day <= t->today;
        r.provisional |= calendar_provisional(day);
    }
    if (!calendar_workday(day)) {
        do
            r.provisional |= calendar_provisional(++day);
        while (!calendar_workday(day) || naive_out(t, from, day));
    }
    r.due_at = day_end(day);
    for (size_t i = from; i < t->n; i++) {
        size_t k = i + 1;
        while (k < t->n && (t->m[k].kind != CLOCK_RESUME || t->m[k].ref != t->m[i].ref))
            k++;
        r.suspended |= t->m[i].kind == CLOCK_SUSPEND && t->m[i].day <= t->today && t->m[i].day < day &&
                       (k == t->n || t->m[k].day > t->today) &&
                       (t->m[i].until == DAY_NONE || t->today <= t->m[i].until);
    }
    return r;
}

/* Every day from the first to the due day once, numbered without a gap, with a reason for each left out. */
static bool certificate_holds(const json_t *c, const struct clock_reading *r) {
    json_t *o;
    size_t i;
    int n = 0;
    day_t day = DAY_NONE, last = DAY_NONE;
    bool ok = day_parse(str_sub(str_z(text_of(c, "trigger")), 0, 10), &last) == 0;
    json_array_foreach(json_object_get(c, "days"), i, o) {
        ok &= day_parse(str_z(text_of(o, "day")), &day) == 0 && day == last + 1;
        last = day;
        if (json_is_true(json_object_get(o, "counted")))
            ok &= json_integer_value(json_object_get(o, "n")) == ++n;
        else
            ok &= text_of(o, "reason")[0] && !json_object_get(o, "n");
    }
    return ok && n == r->allowed && last == day_of(r->due_at) &&
           json_integer_value(json_object_get(c, "used")) == r->used &&
           json_integer_value(json_object_get(c, "allowed")) == r->allowed;
}

static void random_stories_agree_with_a_count_day_by_day(void **s) {
    (void)s;
    const char *given = getenv("MINGTANG_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_now(&(struct clock){0});
    uint64_t x = seed * 2654435761u + 88172645463325252ull;
    for (int i = 0; i < 20000; i++) {
        struct story t = random_story(&x);
        struct clock_reading r, want = naive(&t);
        json_t *c = NULL;
        struct arena *kept = w.arena;
        w.arena = arena_new(1 << 20);
        int rc = clock_read(&w, t.m, t.n, t.l, "r", t.today, &r, i % 4 ? NULL : &c);
        if (rc < 0 || r.due_at != want.due_at || r.allowed != want.allowed || r.used != want.used ||
            r.suspended != want.suspended || r.provisional != want.provisional || (c && !certificate_holds(c, &r)))
            unit_fail("MINGTANG_TEST_SEED=%llu, story %d: rc %d, %s\n", (unsigned long long)seed, i, rc,
                      error_text(&w.error));
        json_decref(c);
        arena_free(w.arena);
        w.arena = kept;
    }
}

/* ── the certificate and the difference ── */

static void the_certificate_names_every_mark(void **s) {
    (void)s;
    json_t *c;
    read_marks(MARKS(start("2026-11-02"), suspend("2026-11-09", "2026-11-30", 1), resume("2026-11-16", 1)), twenty,
               "2026-11-18", &c);
    json_t *m = json_object_get(c, "marks");
    assert_int_equal(json_array_size(m), 3);
    assert_string_equal(text_of(json_array_get(m, 0), "kind"), "start");
    assert_string_equal(text_of(json_array_get(m, 0), "kind_name"), "开始计算");
    assert_string_equal(text_of(json_array_get(m, 1), "kind"), "suspend");
    assert_string_equal(text_of(json_array_get(m, 1), "until"), "2026-11-30");
    assert_string_equal(text_of(json_array_get(m, 1), "text"), ASKED);
    assert_string_equal(text_of(json_array_get(m, 2), "day"), "2026-11-16");
    assert_null(json_object_get(json_array_get(m, 2), "until"));
    assert_null(json_object_get(json_array_get(m, 2), "n"));
    assert_string_equal(text_of(c, "due"), "2026-12-07T23:59:59+08:00");
    assert_string_equal(text_of(c, "rule"), "条例第三十三条");
    assert_int_equal(json_integer_value(json_object_get(c, "allowed")), 20);
    assert_int_equal(json_integer_value(json_object_get(c, "used")), 7);
    json_decref(c);
}

static void suspensions_without_words_still_have_a_reason(void **s) {
    (void)s;
    struct clock_mark m = suspend("2026-11-09", NULL, 1);
    json_t *c;
    m.rule = NULL;
    read_marks(MARKS(start("2026-11-02"), m, resume("2026-11-10", 1)), twenty, "2026-11-18", &c);
    assert_string_equal(reason(c, "2026-11-10"), "中止计算期间，不计入");
    text_says(c, "；中止计算1个工作日不计入；");
    json_decref(c);
}

static void equal_certificates_have_no_difference(void **s) {
    (void)s;
    json_t *a, *b;
    read_marks(MARKS(start("2026-11-02")), twenty, "2026-11-18", &a);
    read_marks(MARKS(start("2026-11-02")), twenty, "2026-11-20", &b); /* only `used` differs */
    assert_null(clock_difference(a, b));
    json_decref(a);
    json_decref(b);
}

/* Last: the year 2027 is announced. */
static void an_announced_year_shows_which_days_changed(void **s) {
    (void)s;
    json_t *before, *after, *quiet, *year, *x;
    read_marks(MARKS(start("2027-01-25"), suspend("2027-01-26", NULL, 1), resume("2027-01-27", 1)), twenty,
               "2027-01-28", &before);
    read_marks(MARKS(start("2027-05-10")), (struct limit){3, LIMIT_WORKING_DAYS}, "2027-05-10", &quiet);
    assert_true(json_is_true(json_object_get(quiet, "provisional")));
    year = json_loads("{\"year\":2027,\"notice\":\"测试通知\",\"off\":["
                      "{\"reason\":\"元旦\",\"from\":\"2027-01-01\",\"to\":\"2027-01-03\"},"
                      "{\"reason\":\"春节\",\"from\":\"2027-02-05\",\"to\":\"2027-02-11\"},"
                      "{\"reason\":\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],"
                      "\"makeup\":[\"2027-02-20\"]}",
                      0, NULL);
    assert_non_null(year);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(calendar_import(&w, year, "test", NULL), 0);
    assert_int_equal(db_commit(&w), 0);
    struct clock_reading r =
        read_marks(MARKS(start("2027-01-25"), suspend("2027-01-26", NULL, 1), resume("2027-01-27", 1)), twenty,
                   "2027-01-28", &after);
    assert_false(r.provisional);
    /* 02-09, 10 and 11 no longer count; 02-20 does: two working days later */
    assert_string_equal(day_of_due(&r), "2027-03-01");
    x = clock_difference(before, after);
    assert_non_null(x);
    assert_string_equal(text_of(x, "due_before"), "2027-02-25");
    assert_string_equal(text_of(x, "due_after"), "2027-03-01");
    json_t *days = json_object_get(x, "days");
    assert_int_equal(json_array_size(days), 6);
    assert_string_equal(text_of(json_array_get(days, 0), "day"), "2027-02-09");
    assert_string_equal(text_of(json_array_get(days, 0), "before"), "计入（工作日）");
    assert_string_equal(text_of(json_array_get(days, 0), "after"), "不计入（春节）");
    assert_string_equal(text_of(json_array_get(days, 3), "day"), "2027-02-20");
    assert_string_equal(text_of(json_array_get(days, 3), "after"), "计入（调休上班）");
    assert_string_equal(text_of(json_array_get(days, 5), "before"), "期限之外");
    assert_string_equal(text_of(x, "text"), "最后一日由2027年2月25日改为2027年3月1日；2027年2月9日由计入（工作日）改为"
                                            "不计入（春节）；2027年2月10日由计入（工"
                                            "作日）改为不计入（春节）；2027年2月11日由计入（工作日）改为不计入（春节）"
                                            "；2027年2月20日由不计入（周六）改为计入（"
                                            "调休上班）");
    json_decref(x);
    json_decref(after);
    /* a case whose days are the same is not told anything */
    read_marks(MARKS(start("2027-05-10")), (struct limit){3, LIMIT_WORKING_DAYS}, "2027-05-10", &after);
    assert_null(clock_difference(quiet, after));
    json_decref(after);
    json_decref(quiet);
    json_decref(before);
    json_decref(year);
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
        cmocka_unit_test(one_day_is_exact_before_on_and_after_make_up_days),
        cmocka_unit_test(used_days_are_those_counted_up_to_today),
        cmocka_unit_test(a_limit_of_no_days_ends_with_its_own_day),
        cmocka_unit_test(a_suspension_over_the_national_day_leaves_out_working_days_only),
        cmocka_unit_test(the_day_before_the_day_of_and_the_day_after_an_answer_each_move_the_last_day),
        cmocka_unit_test(a_letter_on_the_day_of_receipt_or_on_the_last_day),
        cmocka_unit_test(overlapping_suspensions_are_a_union_of_days),
        cmocka_unit_test(an_open_suspension_moves_the_last_day_with_every_working_day),
        cmocka_unit_test(a_suspension_ends_with_its_latest_day_even_without_an_answer),
        cmocka_unit_test(the_same_ref_may_be_asked_again_when_its_suspension_is_over),
        cmocka_unit_test(a_supplement_begins_the_limit_anew),
        cmocka_unit_test(a_paid_fee_begins_the_limit_anew_and_voids_suspensions),
        cmocka_unit_test(an_extension_counts_only_after_the_last_restart),
        cmocka_unit_test(an_extension_while_suspended_adds_its_days_after_the_answer),
        cmocka_unit_test(a_year_without_a_notice_makes_the_reading_provisional),
        cmocka_unit_test(natural_days_are_counted_and_roll_at_the_end),
        cmocka_unit_test(a_roll_goes_past_days_left_out),
        cmocka_unit_test(marks_that_make_no_sense_are_refused),
        cmocka_unit_test(the_longest_clock_still_ends),
        cmocka_unit_test(random_stories_agree_with_a_count_day_by_day),
        cmocka_unit_test(the_certificate_names_every_mark),
        cmocka_unit_test(suspensions_without_words_still_have_a_reason),
        cmocka_unit_test(equal_certificates_have_no_difference),
        cmocka_unit_test(an_announced_year_shows_which_days_changed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
