/* test_portal.c: the public navigation. */
#include "portal/portal_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* The label marked as current, "" when none or more than one is. */
static const char *current(json_t *nav) {
    const char *label = "";
    size_t n = 0, i;
    json_t *o;
    json_array_foreach(nav, i, o) if (json_is_true(json_object_get(o, "active"))) {
        label = json_string_value(json_object_get(o, "label"));
        n++;
    }
    return n == 1 ? label : "";
}

static void expect(const char *path, const char *label) {
    json_t *nav = portal_nav(str_z(path));
    assert_string_equal(current(nav), label);
    json_decref(nav);
}

static void the_page_one_is_on_is_marked_in_the_navigation(void **state) {
    (void)state;
    expect("/", "首页");
    expect("/fields", "试点领域");
    expect("/fields/10", "试点领域");
    expect("/items/320682-10-01-001", "公开目录");
    expect("/five/result", "五公开");
    expect("/disclosures/abc", "政府信息公开");
}

static void a_path_that_only_begins_alike_is_not_marked(void **state) {
    (void)state;
    expect("/fieldsx", "");
    expect("/sitemap", "");
}

static void neighbours_with_the_same_heading_form_one_group(void **state) {
    (void)state;
    json_t *rows = json_pack("[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}, {s:s, s:i}]", "level1", "甲", "n", 1, "level1", "甲",
                             "n", 2, "level1", "乙", "n", 3, "level1", "甲", "n", 4);
    json_t *groups = rows_grouped(rows, "level1");
    assert_int_equal(json_array_size(groups), 3);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(groups, 0), "count")), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(groups, 1), "name")), "乙");
    json_decref(groups);
    json_decref(rows);
}

static void exactly_one_of_the_five_columns_is_current(void **state) {
    (void)state;
    json_t *list = five_list(S("service")), *none = five_list(STR_NONE), *o;
    size_t i, n = 0;
    json_array_foreach(list, i, o) n += json_is_true(json_object_get(o, "active"));
    assert_int_equal(n, 1);
    json_array_foreach(none, i, o) assert_false(json_is_true(json_object_get(o, "active")));
    json_decref(list);
    json_decref(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_one_is_on_is_marked_in_the_navigation),
        cmocka_unit_test(a_path_that_only_begins_alike_is_not_marked),
        cmocka_unit_test(neighbours_with_the_same_heading_form_one_group),
        cmocka_unit_test(exactly_one_of_the_five_columns_is_current),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
