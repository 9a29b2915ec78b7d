/* test_diff.c: differences of two texts. Whatever is told, same+del is the text before and same+ins the text after. */
#include "unit.h"
#include "view/view.h"

/* Checks that both texts come back; gives the pieces as "=…|-…|+…". Caller frees. */
static char *diff(struct str before, struct str after) {
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    struct buf x, y, told;
    size_t i;
    json_t *list = text_diff(a, before, after), *o;
    buf_init(&x, 32 << 20);
    buf_init(&y, 32 << 20);
    buf_init(&told, 64 << 20);
    buf_add(&told, S(""));
    json_array_foreach(list, i, o) {
        const char *op = json_string_value(json_object_get(o, "op"));
        json_t *t = json_object_get(o, "text");
        struct str text = {json_string_value(t), json_string_length(t)};
        assert_true(text.n > 0);
        if (strcmp(op, "ins") != 0)
            buf_add(&x, text);
        if (strcmp(op, "del") != 0)
            buf_add(&y, text);
        if (i)
            buf_addc(&told, '|');
        buf_addc(&told, *op == 's' ? '=' : *op == 'd' ? '-' : '+');
        buf_add(&told, text);
    }
    assert_true(str_eq(buf_str(&x), before));
    assert_true(str_eq(buf_str(&y), after));
    buf_release(&x);
    buf_release(&y);
    json_decref(list);
    arena_free(a);
    return told.p;
}

static void expect(const char *before, const char *after, const char *told) {
    char *got = diff(str_z(before), str_z(after));
    assert_string_equal(got, told);
    free(got);
}

static void equal_texts_have_no_difference(void **s) {
    (void)s;
    expect("", "", "");
    expect("甲\n乙", "甲\n乙", "=甲\n乙");
}
static void whole_lines_come_and_go(void **s) {
    (void)s;
    expect("", "甲\n", "+甲\n");
    expect("甲\n", "", "-甲\n");
    expect("一\n二\n三\n", "一\n三\n", "=一\n|-二\n|=三\n");
    expect("一\n三\n", "一\n二\n三\n", "=一\n|+二\n|=三\n");
    expect("一\n二\n三\n四\n五\n", "零\n一\n三\n四\n六\n五\n", "+零\n|=一\n|-二\n|=三\n四\n|+六\n|=五\n");
}
static void inside_a_changed_line_only_the_characters_differ(void **s) {
    (void)s;
    expect("办理时限为十五个工作日。\n", "办理时限为二十个工作日。\n", "=办理时限为|-十五|+二十|=个工作日。\n");
    expect("甲：联系电话一二三四\n乙不变\n丙：地址在东街\n", "甲：联系电话一二三五\n乙不变\n丙：地址在西街\n",
           "=甲：联系电话一二三|-四|+五|=\n乙不变\n丙：地址在|-东|+西|=街\n");
    expect("没有换行", "没有换行了", "=没有换行|+了");
}
static void a_single_character_in_common_is_chance(void **s) {
    (void)s;
    expect("从前有座山。", "后来修的路山上。", "-从前有座山|+后来修的路山上|=。");
}
static void a_long_text_changed_in_many_places_keeps_what_is_same(void **s) {
    struct buf x, y;
    (void)s;
    buf_init(&x, 4 << 20);
    buf_init(&y, 4 << 20);
    for (int i = 0; i < 20000; i++) {
        buf_printf(&x, "第%d行的内容没有变化\n", i);
        if (i % 50 == 7)
            buf_printf(&y, "第%d行的内容有了变化\n", i);
        else if (i % 50 != 31)
            buf_printf(&y, "第%d行的内容没有变化\n", i);
    }
    char *told = diff(buf_str(&x), buf_str(&y));
    assert_non_null(strstr(told, "第19999行的内容没有变化"));
    size_t changes = 0;
    for (const char *p = told; (p = strstr(p, "|-")); p++)
        changes++;
    assert_in_range(changes, 400, 1600);
    free(told);
    buf_release(&x);
    buf_release(&y);
}
static void texts_with_nothing_in_common_are_replaced_whole_in_bounded_time(void **s) {
    struct buf x, y;
    (void)s;
    for (int width = 1; width <= 1000; width *= 10) { /* from many short lines to few long ones */
        buf_init(&x, 8 << 20);
        buf_init(&y, 8 << 20);
        uint32_t r = 1;
        for (int i = 0; i < 300000; i++) {
            char t[4];
            r = r * 1664525 + 1013904223;
            buf_add(&x, (struct str){t, utf8_put(t, 0x4E00 + (r >> 20) % 5000)});
            r = r * 1664525 + 1013904223;
            buf_add(&y, (struct str){t, utf8_put(t, 0x4E00 + (r >> 20) % 5000)});
            if (i % width == 0) {
                buf_addc(&x, '\n');
                buf_addc(&y, '\n');
            }
        }
        uint64_t start = clock_mono_ns();
        free(diff(buf_str(&x), buf_str(&y)));
        assert_true(clock_mono_ns() - start < 20000000000ull);
        buf_release(&x);
        buf_release(&y);
    }
}
static void random_small_texts_always_come_back(void **s) {
    static const char *const bits[] = {"甲", "乙", "\n", "a"};
    uint32_t r = 7;
    (void)s;
    for (int round = 0; round < 20000; round++) {
        char x[128] = "", y[128] = "";
        size_t n[2] = {0};
        for (int side = 0; side < 2; side++) {
            r = r * 1664525 + 1013904223;
            for (uint32_t k = (r >> 16) % 24; k; k--) {
                r = r * 1664525 + 1013904223;
                const char *bit = bits[(r >> 16) % 4];
                memcpy((side ? y : x) + n[side], bit, strlen(bit));
                n[side] += strlen(bit);
            }
        }
        free(diff((struct str){x, n[0]}, (struct str){y, n[1]}));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_no_difference),
        cmocka_unit_test(whole_lines_come_and_go),
        cmocka_unit_test(inside_a_changed_line_only_the_characters_differ),
        cmocka_unit_test(a_single_character_in_common_is_chance),
        cmocka_unit_test(a_long_text_changed_in_many_places_keeps_what_is_same),
        cmocka_unit_test(texts_with_nothing_in_common_are_replaced_whole_in_bounded_time),
        cmocka_unit_test(random_small_texts_always_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
