/* test_limits.c: what each phrase of 公开时限 means (limit_phrases.tsv), default numbers, JSON, words. */
#include "unit.h"

#include "catalogue/catalogue.h"

#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;

static const char *const kinds[] = {"",      "event", "periodic", "immediate",  "prompt",
                                    "fixed", "min",   "before",   "continuous", "manual"};
static const char *const triggers[] = {"",      "formed",     "decided", "approved", "received",
                                       "ended", "period_end", "start",   "date"};
static const char *const units[] = {"", "WD", "CD", "H", "M"};
static const char *const periods[] = {"", "day", "week", "month", "quarter", "half", "year", "workdays"};

static void rule_add(struct buf *b, const struct limit_rule *r) {
    buf_printf(b, "%s%s %s", b->n ? " | " : "", kinds[r->kind], triggers[r->trigger]);
    if (r->limit.unit)
        buf_printf(b, " %d%s", r->limit.n, units[r->limit.unit]);
    if (r->period)
        buf_printf(b, " %s", periods[r->period]);
    if (r->kind == LIMIT_FIXED_DATE)
        buf_printf(b, " %02d-%02d", r->month, r->day);
    if (r->scope.n)
        buf_printf(b, " [%.*s]", STR_ARG(r->scope));
}

/* The rules of a phrase in the notation of the file. */
static struct str rules_of(struct str phrase) {
    struct limit_rule rules[8];
    struct buf b;
    buf_init(&b, 4096);
    int n = limit_parse(arena, phrase, rules, 8);
    for (int i = 0; i < n; i++)
        rule_add(&b, &rules[i]);
    struct str s = str_dup(arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static void every_phrase_means_what_was_written_down_for_it(void **state) {
    (void)state;
    FILE *f = fopen("tests/unit/limit_phrases.tsv", "re");
    assert_non_null(f);
    char line[4096];
    int lines = 0, understood = 0, wrong = 0;
    bool shipped = true;
    for (int n = 0; fgets(line, sizeof line, f); n++) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#') {
            shipped = n < 2;
            continue;
        }
        struct str phrase, want;
        assert_true(str_cut(str_z(line), '\t', &phrase, &want));
        struct str got = rules_of(phrase);
        if (!str_eq(got, want)) {
            wrong++;
            print_error("%.*s\n  want %.*s\n  got  %.*s\n", STR_ARG(phrase), STR_ARG(want), STR_ARG(got));
        }
        lines += shipped;
        understood += shipped && got.n && str_find(got, S("manual")) < 0;
    }
    fclose(f);
    print_message("phrases of the shipped catalogues fully understood: %d of %d\n", understood, lines);
    assert_int_equal(lines, 124);
    assert_int_equal(understood, 124);
    assert_int_equal(wrong, 0);
}

static void what_is_not_understood_waits_for_a_person_under_the_cap_of_article_26(void **state) {
    (void)state;
    struct limit_rule r[4];
    assert_int_equal(limit_parse(arena, S("按有关规定公开"), r, 4), 1);
    assert_int_equal(r[0].kind, LIMIT_MANUAL);
    assert_int_equal(r[0].limit.n, 20);
    assert_int_equal(r[0].limit.unit, LIMIT_WORKING_DAYS);
    assert_string_equal(r[0].status, "U");
    assert_int_equal(limit_parse(arena, S(""), r, 4), 0);
    assert_int_equal(limit_parse(arena, S("  。；"), r, 4), 0);
    assert_int_equal(limit_parse(arena, S("\xff\xfe"), r, 4), 0);
    assert_int_equal(limit_parse(arena, S("及时公开，公示7个工作日"), r, 1), 1);
}

static void promptly_has_a_target_and_the_cap_of_article_26(void **state) {
    (void)state;
    struct limit_rule r[2];
    assert_int_equal(limit_parse(arena, S("及时公开"), r, 2), 1);
    assert_int_equal(r[0].limit.n, 5);
    assert_int_equal(limit_rule_last(&r[0]).n, 20);
    assert_string_equal(r[0].status, "P");
    assert_int_equal(limit_parse(arena, S("实时公开"), r, 2), 1);
    assert_int_equal(r[0].limit.unit, LIMIT_HOURS);
    assert_int_equal(limit_rule_last(&r[0]).unit, LIMIT_WORKING_DAYS);
    assert_int_equal(limit_parse(arena, S("每季度公开"), r, 2), 1);
    assert_int_equal(r[0].due_offset.n, 15);
    assert_int_equal(r[0].due_offset.unit, LIMIT_DAYS);
    assert_int_equal(limit_parse(arena, S("20个工作日"), r, 2), 1);
    assert_int_equal(limit_rule_last(&r[0]).n, 20);
    assert_string_equal(r[0].status, "C");
}

static void a_remark_stays_in_the_words_of_its_rule(void **state) {
    (void)state;
    struct limit_rule r[4];
    assert_int_equal(limit_parse(arena, S("20个工作日。法律、法规另有规定的，从其规定"), r, 4), 1);
    assert_true(str_is(r[0].text, "20个工作日。法律、法规另有规定的，从其规定"));
}

static void rules_are_told_in_plain_words(void **state) {
    (void)state;
    static const char *const words[][2] = {
        {"信息形成或变更之日起20个工作日内", "信息形成或变更后20个工作日内"},
        {"本级政府财政部门批复后20日内", "批准或批复后20日内"},
        {"及时公开", "信息形成或变更后及时公开，目标5个工作日内，最迟20个工作日内"},
        {"每季度公开", "每季度公开，期间届满后15日内"},
        {"每20个工作日更新", "每20个工作日公开一次"},
        {"每年3月底前公布", "每年3月31日前"},
        {"公告时间不少于30日", "公示不少于30日"},
        {"采购活动开始前30日公开", "活动开始30日前"},
        {"扶贫项目实施前", "活动开始前"},
        {"实时公开", "实时公开，24小时内，最迟1个工作日内"},
        {"长期公开", "长期公开，变更后20个工作日内更新"},
        {"按规定公开", "时限待人工确定，最迟20个工作日内"},
        {"处罚决定：20个工作日内", "处罚决定：作出决定后20个工作日内"},
    };
    for (size_t i = 0; i < countof(words); i++) {
        struct limit_rule r[4];
        assert_int_equal(limit_parse(arena, str_z(words[i][0]), r, 4), 1);
        assert_string_equal(limit_rule_text(arena, &r[0]).p, words[i][1]);
    }
}

static void a_rule_survives_its_json(void **state) {
    (void)state;
    static const char *const phrases[] = {"处罚决定：20个工作日内",
                                          "及时公开",
                                          "实时公开",
                                          "每月公开",
                                          "每20个工作日更新",
                                          "每年3月底前公布",
                                          "公告时间不少于30日",
                                          "计划停水提前24小时公开",
                                          "长期公开",
                                          "按规定公开"};
    struct work w = {.arena = arena};
    for (size_t i = 0; i < countof(phrases); i++) {
        struct limit_rule r[4], back;
        struct buf a, b;
        assert_int_equal(limit_parse(arena, str_z(phrases[i]), r, 4), 1);
        json_t *j = limit_rule_json(&r[0]);
        assert_int_equal(limit_rule_from_json(&w, j, &back), 0);
        buf_init(&a, 4096);
        buf_init(&b, 4096);
        rule_add(&a, &r[0]);
        rule_add(&b, &back);
        assert_string_equal(a.p, b.p);
        assert_int_equal(back.cap.n, r[0].cap.n);
        assert_int_equal(back.due_offset.n, r[0].due_offset.n);
        assert_true(str_eq(back.text, r[0].text));
        json_t *again = limit_rule_json(&back);
        assert_true(json_equal(j, again));
        json_decref(again);
        json_decref(j);
        buf_release(&a);
        buf_release(&b);
    }
}

static void a_rule_without_its_numbers_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"kind\":\"event\",\"trigger\":\"formed\"}",
        "{\"kind\":\"other\",\"trigger\":\"formed\"}",
        "{\"kind\":\"event\",\"trigger\":\"formed\",\"limit\":{\"n\":-1,\"unit\":\"WD\"}}",
        "{\"kind\":\"event\",\"trigger\":\"formed\",\"limit\":{\"n\":1,\"unit\":\"Y\"}}",
        "{\"kind\":\"periodic\",\"trigger\":\"period_end\"}",
        "{\"kind\":\"fixed_date\",\"trigger\":\"date\",\"month\":2,\"day\":30}",
        "[]",
        "3",
    };
    for (size_t i = 0; i < countof(bad); i++) {
        struct work w = {.arena = arena};
        struct limit_rule r = {.month = 77};
        json_t *j = json_loads(bad[i], JSON_DECODE_ANY, NULL);
        assert_int_equal(limit_rule_from_json(&w, j, &r), -1);
        assert_int_equal(r.month, 77);
        json_decref(j);
    }
}

static void unreadable_defaults_change_nothing(void **state) {
    (void)state;
    assert_int_equal(limit_defaults_load(S("{}")), -1);
    assert_int_equal(limit_defaults_load(S("not json")), -1);
    promptly_has_a_target_and_the_cap_of_article_26(state);
}

static int setup(void **state) {
    (void)state;
    arena = arena_new(LIMIT_ARENA_BYTES);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phrase_means_what_was_written_down_for_it),
        cmocka_unit_test(what_is_not_understood_waits_for_a_person_under_the_cap_of_article_26),
        cmocka_unit_test(promptly_has_a_target_and_the_cap_of_article_26),
        cmocka_unit_test(a_remark_stays_in_the_words_of_its_rule),
        cmocka_unit_test(rules_are_told_in_plain_words),
        cmocka_unit_test(a_rule_survives_its_json),
        cmocka_unit_test(a_rule_without_its_numbers_is_refused),
        cmocka_unit_test(unreadable_defaults_change_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
