/* test_base.c: arena, views, buffers, UTF-8, days, random names, errors, log quoting. */
#include "unit.h"
#include <ctype.h>

static struct arena *a;

static int setup(void **s) {
    (void)s;
    a = arena_new(1 << 20);
    return 0;
}
static int teardown(void **s) {
    (void)s;
    arena_free(a);
    return 0;
}

#define assert_str(got, expected) assert_true(str_eq((got), S(expected)))

/* ── arena ── */

static void memory_is_zeroed_aligned_and_told_when_too_much(void **s) {
    (void)s;
    for (size_t n = 0; n < 3000; n += 7) {
        unsigned char *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, n);
    }
    assert_false(arena_over(a) && arena_used(a) <= 1 << 20);
    arena_alloc(a, 1 << 20);
    assert_true(arena_over(a));
}
static void a_large_piece_leaves_the_block_in_use_usable(void **s) {
    (void)s;
    char *before = arena_alloc(a, 16);
    char *large = arena_alloc(a, 600 * 1024);
    char *after = arena_alloc(a, 16);
    large[600 * 1024 - 1] = 1;
    assert_ptr_equal(after, before + 16);
}
static void an_array_holds_as_many_as_asked(void **s) {
    (void)s;
    int64_t *v = arena_many(a, int64_t, 1000);
    v[999] = 7;
    assert_int_equal(v[0], 0);
    assert_non_null(arena_many(a, int64_t, 0));
}

/* ── views ── */

static void views_compare_by_bytes(void **s) {
    (void)s;
    assert_true(str_eq(STR_NONE, S("")));
    assert_true(str_eq(str_z(NULL), STR_NONE));
    assert_true(str_is(S("甲"), "甲"));
    assert_false(str_eq(S("a"), S("ab")));
    assert_true(str_cmp(S("a"), S("ab")) < 0);
    assert_true(str_cmp(S("b"), S("ab")) > 0);
    assert_int_equal(str_cmp(STR_NONE, S("")), 0);
    assert_true(str_starts(S("/desk/x"), S("/desk")));
    assert_false(str_starts(S("/d"), S("/desk")));
    assert_true(str_ends(S("a.pdf"), S(".pdf")));
    assert_true(str_ends(S("a"), S("")));
    assert_int_equal(str_find(S("abcbc"), S("bc")), 1);
    assert_int_equal(str_find(S("abc"), S("x")), -1);
    assert_int_equal(str_find(STR_NONE, S("x")), -1);
    assert_int_equal(str_find(S("ab"), S("abc")), -1);
}
static void parts_are_clamped(void **s) {
    (void)s;
    assert_str(str_sub(S("abcdef"), 2, 3), "cde");
    assert_str(str_sub(S("abc"), 2, SIZE_MAX), "c");
    assert_str(str_sub(S("abc"), 3, 1), "");
    assert_str(str_sub(S("abc"), SIZE_MAX, SIZE_MAX), "");
    assert_str(str_sub(STR_NONE, 0, 5), "");
}
static void chinese_and_ascii_blanks_are_trimmed_and_nothing_else(void **s) {
    (void)s;
    assert_str(str_trim(S(" \t\r\n　公开　办 \xc2\xa0")), "公开　办");
    assert_str(str_trim(S("　　")), "");
    assert_str(str_trim(S("")), "");
    assert_str(str_trim(S("〈一〉")), "〈一〉"); /* shares leading bytes with the ideographic blank */
    assert_str(str_trim(S("\x80\x80")), "\x80\x80");
}
static void a_text_is_cut_at_its_first_separator(void **s) {
    struct str head = S("x"), tail = S("y");
    (void)s;
    assert_false(str_cut(S("abc"), ':', &head, &tail));
    assert_str(head, "x");
    assert_true(str_cut(S("a:b:c"), ':', &head, &tail));
    assert_str(head, "a");
    assert_str(tail, "b:c");
    assert_true(str_cut(S(":"), ':', &head, &tail));
    assert_str(head, "");
    assert_str(tail, "");
    assert_false(str_cut(STR_NONE, ':', &head, &tail));
}
static void whole_numbers_are_read_exactly_or_refused(void **s) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"42", 42},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x10",
                                      "９",
                                      "--1",
                                      "1-",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    int64_t v;
    (void)s;
    for (size_t i = 0; i < countof(good); i++) {
        assert_int_equal(str_int(str_z(good[i].text), &v), 0);
        assert_true(v == good[i].value);
    }
    v = 5;
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(str_int(str_z(bad[i]), &v), -1);
    assert_int_equal(v, 5);
}
static void replacing_copies_only_when_something_is_found(void **s) {
    struct str text = S("a-b-c");
    (void)s;
    assert_str(str_replace(a, text, S("-"), S("——")), "a——b——c");
    assert_str(str_replace(a, text, S("-"), STR_NONE), "abc");
    assert_ptr_equal(str_replace(a, text, S("x"), S("y")).p, text.p);
    assert_ptr_equal(str_replace(a, text, S(""), S("y")).p, text.p);
    assert_str(str_replace(a, S("aaa"), S("aa"), S("b")), "ba");
}
static void copies_end_with_a_zero_byte(void **s) {
    (void)s;
    assert_string_equal(str_dupz(a, S("明堂")), "明堂");
    assert_string_equal(str_dup(a, STR_NONE).p, "");
    assert_str(str_printf(a, "%d年%.*s", 2026, STR_ARG(STR_NONE)), "2026年");
    assert_true(str_hash(S("a")) != str_hash(S("b")));
    assert_true(str_hash(STR_NONE) == str_hash(S("")));
}

/* ── buffers ── */

static void a_buffer_takes_exactly_its_maximum_and_then_refuses_for_good(void **s) {
    struct buf b;
    (void)s;
    buf_init(&b, 5);
    buf_addz(&b, "abc");
    buf_printf(&b, "%d", 42);
    assert_false(b.failed);
    assert_string_equal(b.p, "abc42");
    buf_add(&b, S(""));
    assert_false(b.failed);
    buf_addc(&b, 'x');
    assert_true(b.failed);
    assert_int_equal(b.n, 5);
    buf_add(&b, S(""));
    assert_true(b.failed);
    buf_clear(&b);
    buf_addz(&b, "new");
    assert_false(b.failed);
    assert_string_equal(b.p, "new");
    buf_release(&b);
    assert_null(b.p);
}
static void an_empty_buffer_gives_the_empty_view(void **s) {
    struct buf b;
    (void)s;
    buf_init(&b, 100);
    assert_str(buf_str(&b), "");
    buf_clear(&b);
    buf_addz(&b, NULL);
    assert_string_equal(b.p, "");
    buf_release(&b);
}
static void a_buffer_grows_over_many_additions(void **s) {
    struct buf b;
    (void)s;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 30000; i++)
        buf_addz(&b, "政务公开");
    assert_int_equal(b.n, 30000 * 12);
    assert_int_equal(strlen(b.p), b.n);
    buf_release(&b);
}

/* ── UTF-8 ── */

static void only_true_utf8_is_valid(void **s) {
    static const char *const good[] = {
        "", "a", "é", "明堂", "\xf0\xa0\x80\x80", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x80\x80\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xe6\x98",
                                      "a\xe6\x98z",
                                      "\xe6\x98\x8e\x8e",
                                      "\xc3("};
    (void)s;
    for (size_t i = 0; i < countof(good); i++)
        assert_true(utf8_valid(str_z(good[i])));
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(utf8_valid(str_z(bad[i])));
    assert_false(utf8_valid((struct str){"a\0b", 3}));
}
static void every_character_comes_back_as_it_was_written(void **s) {
    (void)s;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        char text[4];
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        struct str t = {text, utf8_put(text, cp)};
        assert_int_equal(utf8_next(&t), cp);
        assert_int_equal(t.n, 0);
    }
}
static void characters_are_counted_not_bytes(void **s) {
    struct str t = S("甲");
    (void)s;
    assert_int_equal(utf8_length(S("明堂ab")), 4);
    assert_int_equal(utf8_length(STR_NONE), 0);
    assert_str(utf8_head(S("政务公开"), 2), "政务");
    assert_str(utf8_head(S("政务"), 9), "政务");
    assert_str(utf8_head(S("政务"), 0), "");
    assert_int_equal(utf8_next(&t), 0x7532);
    assert_int_equal(utf8_next(&t), -1);
}
static void full_width_becomes_half_width(void **s) {
    (void)s;
    assert_str(utf8_halfwidth(a, S("（２０２６）１号　Ａｂ～")), "(2026)1号 Ab~");
    assert_str(utf8_halfwidth(a, S("\xff甲")), "\xff甲");
    assert_str(utf8_halfwidth(a, STR_NONE), "");
}

/* ── days ── */

static void each_day_from_1970_to_2100_follows_the_one_before(void **s) {
    int y = 1970, m = 1, d = 1, weekday = 4;
    (void)s;
    for (day_t day = 0;; day++) {
        int y2, m2, d2,
            length = m == 2                                  ? 28 + ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0)
                     : m == 4 || m == 6 || m == 9 || m == 11 ? 30
                                                             : 31;
        char text[11], again[64];
        day_t parsed;
        day_split(day, &y2, &m2, &d2);
        assert_true(y2 == y && m2 == m && d2 == d);
        assert_int_equal(day_from(y, m, d), day);
        assert_int_equal(day_weekday(day), weekday);
        snprintf(again, sizeof again, "%04d-%02d-%02d", y, m, d);
        assert_string_equal(day_text(text, day), again);
        assert_int_equal(day_parse(str_z(text), &parsed), 0);
        assert_int_equal(parsed, day);
        if (y == 2100 && m == 12 && d == 31)
            break;
        weekday = weekday % 7 + 1;
        if (++d > length) {
            d = 1;
            if (++m > 12) {
                m = 1;
                y++;
            }
        }
    }
}
static void dates_that_do_not_exist_are_refused(void **s) {
    static const char *const bad[] = {
        "",           "2026-02-29",  "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-01",  "2026-01-1",
        "2026/01/01", "2026-01-01 ", "-026-01-01", "2026--1-01", "2026-01--1", "0000-01-01", "２026-01-0", "20260101"};
    day_t d = 5;
    (void)s;
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(day_parse(str_z(bad[i]), &d), -1);
    assert_int_equal(d, 5);
    assert_int_equal(day_from(2026, 2, 30), DAY_NONE);
    assert_int_equal(day_parse(S("2000-02-29"), &d), 0);
    assert_int_equal(day_parse(S("9999-12-31"), &d), 0);
    assert_int_equal(day_parse(S("0001-01-01"), &d), 0);
}
static void a_day_ends_at_one_millisecond_before_midnight_in_shanghai(void **s) {
    day_t d = day_from(2026, 11, 23);
    (void)s;
    int64_t last = day_end(d);
    assert_int_equal(day_of(last), d);
    assert_int_equal(day_of(last + 1), d + 1);
    assert_int_equal(day_of(day_start(d)), d);
    assert_int_equal(day_of(day_start(d) - 1), d - 1);
    assert_int_equal(last - day_start(d), 86399999);
    assert_str(instant_rfc3339(a, last), "2026-11-23T23:59:59+08:00");
    assert_str(instant_text(a, last), "2026-11-23 23:59");
    assert_int_equal(day_of(0), 0); /* 08:00 on 1970-01-01 */
    assert_int_equal(day_of(-8 * 3600000LL), 0);
    assert_int_equal(day_of(-8 * 3600000LL - 1), -1);
    assert_str(instant_rfc3339(a, -1), "1970-01-01T07:59:59+08:00");
    assert_str(instant_rfc3339(a, 1795445106000), "2026-11-23T22:45:06+08:00");
}
static void days_are_told_in_chinese_and_no_day_as_nothing(void **s) {
    struct clock c = {1234};
    (void)s;
    assert_str(day_chinese(a, day_from(2026, 1, 5)), "2026年1月5日");
    assert_str(day_chinese(a, DAY_NONE), "");
    assert_str(day_str(a, DAY_NONE), "");
    assert_str(day_str(a, day_from(2026, 1, 5)), "2026-01-05");
    assert_str(instant_text(a, 0), "");
    assert_int_equal(day_weekday(day_from(2026, 11, 23)), 1);
    assert_int_equal(day_weekday(day_from(1969, 12, 28)), 7);
    assert_int_equal(clock_now(&c), 1234);
    assert_true(clock_now(NULL) > 1600000000000);
    assert_true(clock_mono_ns() <= clock_mono_ns());
}

/* ── names ── */

static void base64url_comes_back_and_other_forms_are_refused(void **s) {
    static const char *const bad[] = {"A", "AAAAA", "AA==", "A+", "A/A", "AB", "AAB", "A A", "中"};
    struct str back = S("kept");
    unsigned char bytes[256];
    (void)s;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        random_bytes(bytes, n);
        struct str text = base64url_encode(a, bytes, n);
        for (size_t i = 0; i < text.n; i++)
            assert_true(isalnum((unsigned char)text.p[i]) || text.p[i] == '-' || text.p[i] == '_');
        assert_int_equal(base64url_decode(a, text, &back), 0);
        assert_true(str_eq(back, (struct str){(const char *)bytes, n}));
    }
    assert_str(base64url_encode(a, "f", 1), "Zg");
    assert_str(base64url_encode(a, "fo", 2), "Zm8");
    assert_str(base64url_encode(a, "foo", 3), "Zm9v");
    back = S("kept");
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(base64url_decode(a, str_z(bad[i]), &back), -1);
    assert_str(back, "kept");
    assert_int_equal(base64url_decode(a, (struct str){"AA\0A", 4}, &back), -1);
}
static void tokens_differ_and_bytes_print_as_hex(void **s) {
    (void)s;
    assert_int_equal(random_token(a, 32).n, 43);
    assert_false(str_eq(random_token(a, 16), random_token(a, 16)));
    assert_str(hex_encode(a, "\x00\x9f\xff", 3), "009fff");
    assert_str(hex_encode(a, "", 0), "");
}

/* ── errors ── */

static void the_first_error_wins_and_is_cut_between_characters(void **s) {
    struct work w = {.arena = a};
    (void)s;
    char *text = arena_alloc(a, 601);
    for (size_t i = 0; i < 200; i++)
        memcpy(text + 3 * i, "公", 3);
    assert_int_equal(fail(&w, ERR_CONFLICT, "%s", text), -1);
    assert_int_equal(strlen(w.error.text), 399);
    assert_true(utf8_valid(str_z(w.error.text)));
    assert_int_equal(fail(&w, ERR_NOT_FOUND, "x"), -1);
    assert_int_equal(w.error.code, ERR_CONFLICT);
    assert_int_equal(fail_field(&w, "title", "required", "请填写标题"), -1);
    assert_int_equal(w.error.field_count, 0);
    error_clear(&w);
    fail(&w, ERR_GONE, "%s", "");
    assert_string_equal(error_text(&w.error), "此内容已撤回");
}
static void errors_of_fields_are_collected_up_to_a_limit(void **s) {
    struct work w = {.arena = a};
    (void)s;
    for (int i = 0; i < LIMIT_FIELD_ERRORS + 5; i++)
        assert_int_equal(fail_field(&w, "f", "range", "第%d项有误", i), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    assert_int_equal(w.error.field_count, LIMIT_FIELD_ERRORS);
    assert_string_equal(w.error.fields[1].message, "第1项有误");
    assert_int_equal(error_status(ERR_INVALID), 422);
    assert_string_equal(error_name(ERR_WRONG_STATE), "wrong_state");
    assert_int_equal(error_status(ERR__MAX), 500);
}
static void outside_text_in_the_log_stays_on_its_line(void **s) {
    char out[64], small[8];
    (void)s;
    assert_string_equal(log_quote(out, sizeof out, S("a\"b\\c\nd\x7f")), "\"a\\\"b\\\\c\\x0ad\\x7f\"");
    assert_string_equal(log_quote(out, sizeof out, STR_NONE), "\"\"");
    assert_true(strlen(log_quote(small, sizeof small, S("abcdefghijk"))) < sizeof small);
    assert_true(strlen(log_quote(small, sizeof small, S("\n\n\n\n\n"))) < sizeof small);
    assert_string_equal(log_quote(small, 2, S("a")), "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(memory_is_zeroed_aligned_and_told_when_too_much),
        T(a_large_piece_leaves_the_block_in_use_usable),
        T(an_array_holds_as_many_as_asked),
        T(views_compare_by_bytes),
        T(parts_are_clamped),
        T(chinese_and_ascii_blanks_are_trimmed_and_nothing_else),
        T(a_text_is_cut_at_its_first_separator),
        T(whole_numbers_are_read_exactly_or_refused),
        T(replacing_copies_only_when_something_is_found),
        T(copies_end_with_a_zero_byte),
        T(a_buffer_takes_exactly_its_maximum_and_then_refuses_for_good),
        T(an_empty_buffer_gives_the_empty_view),
        T(a_buffer_grows_over_many_additions),
        T(only_true_utf8_is_valid),
        T(every_character_comes_back_as_it_was_written),
        T(characters_are_counted_not_bytes),
        T(full_width_becomes_half_width),
        T(each_day_from_1970_to_2100_follows_the_one_before),
        T(dates_that_do_not_exist_are_refused),
        T(a_day_ends_at_one_millisecond_before_midnight_in_shanghai),
        T(days_are_told_in_chinese_and_no_day_as_nothing),
        T(base64url_comes_back_and_other_forms_are_refused),
        T(tokens_differ_and_bytes_print_as_hex),
        T(the_first_error_wins_and_is_cut_between_characters),
        T(errors_of_fields_are_collected_up_to_a_limit),
        T(outside_text_in_the_log_stays_on_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
