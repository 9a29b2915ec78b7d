/* test_catalogue.c: the shipped catalogues and their change through a real database: versions by day, proposals, codes.
 */
#include "unit_catalogue.h"

#include "catalogue/catalogue_internal.h"

static int told; /* versions the hook was told of */
static int64_t clerk, head;

static int hook(struct work *work, const struct item *i) {
    (void)work;
    assert_true(i->version_id > 0 && i->id > 0 && json_is_array(i->rules) && json_array_size(i->rules) > 0);
    told++;
    return 0;
}

static int64_t person(const char *login) {
    struct account_new a = {.login = str_z(login), .name = str_z(login), .password_hash = S("x")};
    int64_t id;
    ok(db_begin(&w));
    ok(account_create(&w, &a, &id));
    ok(db_commit(&w));
    return id;
}

static int set_up(void **s) {
    catalogue_on_in_force(hook);
    catalogue_set_up(s);
    clerk = person("tiyiren");
    head = person("shendingren");
    w.actor.person_id = clerk;
    return 0;
}

static int64_t item_of(const char *code) {
    struct item i;
    assert_int_equal(item_by_code(&w, str_z(code), &i), 1);
    return i.id;
}

/* A proposal to change one text column of an item; its id. */
static int64_t propose(const char *code, const char *column, const char *value, day_t effective) {
    struct item_row row;
    int64_t id;
    assert_int_equal(item_newest(&w, item_of(code), &row), 1);
    struct item_columns now = item_row_columns(&row);
    json_t *after = columns_json(&now);
    json_object_set_new(after, column, json_string(value));
    json_t *changes =
        json_pack("[{s:s, s:I, s:o}]", "op", "change", "item_id", (json_int_t)row.item.id, "after", after);
    struct proposal_new p = {
        .catalogue_id = row.item.catalogue_id, .ground = S("测试依据"), .effective = effective, .changes = changes};
    ok(db_begin(&w));
    ok(proposal_create(&w, &p, &id));
    ok(proposal_step(&w, id, "submit", STR_NONE));
    ok(db_commit(&w));
    json_decref(changes);
    return id;
}

static int step(int64_t by, int64_t id, const char *verb) {
    w.actor.person_id = by;
    ok(db_begin(&w));
    int rc = proposal_step(&w, id, verb, STR_NONE);
    if (rc < 0) {
        db_rollback(&w);
    } else {
        ok(db_commit(&w));
    }
    w.actor.person_id = clerk;
    return rc;
}

static struct item in_force(const char *code, day_t on) {
    struct item i;
    assert_int_equal(item_in_force(&w, item_of(code), on, &i), 1);
    return i;
}

static void sixteen_catalogues_are_in_force_and_every_version_was_told(void **s) {
    (void)s;
    json_t *all = catalogues_list(&w, "standard"), *c;
    json_int_t items = 0;
    size_t i;
    assert_int_equal(json_array_size(all), 16);
    json_array_foreach(all, i, c) items += json_integer_value(json_object_get(c, "items"));
    assert_int_equal(items, 635 + 15 * 272);
    assert_int_equal(told, items);
    json_decref(all);
}

static void loading_again_changes_nothing(void **s) {
    (void)s;
    int before = told;
    ok(db_begin(&w));
    ok(catalogue_init_data(&w, work_today(&w)));
    ok(db_commit(&w));
    assert_int_equal(told, before);
}

static void towns_that_compile_nothing_adopt_item_by_item(void **s) {
    (void)s;
    struct catalogue c, from;
    struct item i;
    ok(catalogue_get(&w, catalogue_named("motou-standard"), &c));
    ok(catalogue_get(&w, catalogue_named("changjiang-standard"), &from));
    assert_true(str_is(c.compiled, "adopted") && c.adopted_from == from.id && str_is(from.compiled, "here"));
    assert_int_equal(item_by_code(&w, S("320682-motou-10-02-002"), &i), 1);
    json_t *o = item_json(&w, &i);
    assert_int_equal(json_integer_value(json_object_get(o, "source_item_id")), item_of("320682-changjiang-10-02-002"));
    json_t *owners = json_object_get(o, "owners");
    assert_int_equal(json_array_size(owners), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(owners, 0), "code")), "motou");
    json_decref(o);
}

static void rows_from_memory_are_marked_to_be_checked(void **s) {
    (void)s;
    json_t *all = json_array();
    size_t unchecked = 0, n = 0;
    struct db_rows r;
    ok(db_query(&w, &sql_item_versions_on, &r, DB_INT(catalogue_named("city-standard")),
                DB_TEXT(day_str(w.arena, work_today(&w))), DB_NULL));
    for (n = 0; n < r.n; n++) {
        struct item_row row;
        item_row_read(&r, n, &row);
        unchecked += str_find(row.extra, S("\"status\":\"M\"")) >= 0;
    }
    assert_int_equal(n, 635);
    assert_true(unchecked > 350 && unchecked < 420);
    json_decref(all);
}

static void a_change_is_in_force_from_its_day_and_the_old_version_until_the_day_before(void **s) {
    (void)s;
    const char *code = "320682-10-02-002";
    day_t today = work_today(&w);
    int64_t id = propose(code, "elements", "新的要素", today + 10);
    assert_int_equal(step(head, id, "approve"), 0);
    assert_int_equal(in_force(code, today).version, 1);
    ok(catalogue_apply_due(&w, NULL));
    assert_int_equal(in_force(code, today).version, 1);
    w.now += 10 * 86400000LL;
    int before = told;
    ok(catalogue_apply_due(&w, NULL));
    assert_int_equal(told, before + 1);
    assert_int_equal(in_force(code, today + 9).version, 1);
    assert_int_equal(in_force(code, today + 10).version, 2);
    assert_int_equal(in_force(code, today + 9).valid_to, today + 9);
    json_t *versions = item_versions(&w, item_of(code)), *events = event_list(&w, "item", item_of(code), false);
    assert_int_equal(json_array_size(versions), 2);
    assert_true(json_is_true(json_object_get(json_array_get(versions, 0), "current")));
    assert_int_equal(json_array_size(events), 1);
    json_decref(versions);
    json_decref(events);
    w.now -= 10 * 86400000LL;
}

static void on_every_day_exactly_one_version_is_in_force(void **s) {
    (void)s;
    const char *code = "320682-10-01-002";
    day_t today = work_today(&w);
    struct item i;
    for (int n = 0; n < 3; n++)
        assert_int_equal(step(head,
                              propose(code, "elements",
                                      n == 0   ? "甲"
                                      : n == 1 ? "乙"
                                               : "丙",
                                      today),
                              "approve"),
                         0);
    assert_int_equal(in_force(code, today).version, 4);
    assert_int_equal(in_force(code, today - 1).version, 1);
    assert_int_equal(item_in_force(&w, item_of(code), today - 21, &i), 0);
}

static void the_proposer_cannot_approve(void **s) {
    (void)s;
    int64_t id = propose("320682-10-02-004", "elements", "自己审定", work_today(&w));
    assert_int_equal(step(clerk, id, "approve"), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN);
    error_clear(&w);
    assert_int_equal(in_force("320682-10-02-004", work_today(&w)).version, 1);
}

static void two_people_pressing_at_once_decide_once(void **s) {
    (void)s;
    int64_t id = propose("320682-10-02-005", "elements", "两人同时", work_today(&w));
    assert_int_equal(step(head, id, "approve"), 0);
    assert_int_equal(step(head, id, "approve"), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    error_clear(&w);
}

static void a_due_proposal_that_no_longer_fits_waits_with_its_reason_and_others_go_on(void **s) {
    (void)s;
    day_t today = work_today(&w);
    int64_t stale = propose("320682-10-03-001", "elements", "会过时", today + 2);
    int64_t fine = propose("320682-10-03-002", "elements", "不会过时", today + 2);
    assert_int_equal(step(head, stale, "approve"), 0);
    assert_int_equal(step(head, fine, "approve"), 0);
    assert_int_equal(step(head, propose("320682-10-03-001", "channels", "■政府网站", today), "approve"), 0);
    w.now += 2 * 86400000LL;
    ok(catalogue_apply_due(&w, NULL));
    ok(catalogue_apply_due(&w, NULL));
    assert_string_equal(str_dupz(w.arena, in_force("320682-10-03-002", today + 2).elements), "不会过时");
    struct proposal p;
    ok(proposal_get(&w, stale, &p));
    assert_true(str_is(p.state, "approved"));
    assert_true(str_find(p.reason, S("已有第 2 版")) >= 0);
    w.now -= 2 * 86400000LL;
}

static void a_town_keeps_a_rule_a_person_settled_while_the_words_stay(void **s) {
    (void)s;
    const char *code = "320682-10-04-001";
    struct item_row row;
    int64_t id;
    assert_int_equal(item_newest(&w, item_of(code), &row), 1);
    struct item_columns now = item_row_columns(&row);
    struct limit_rule rule = {.kind = LIMIT_EVENT,
                              .trigger = TRIGGER_DECIDED,
                              .limit = {3, LIMIT_WORKING_DAYS},
                              .text = S("测试"),
                              .status = "C"};
    json_t *changes = json_pack("[{s:s, s:I, s:o, s:[o]}]", "op", "change", "item_id", (json_int_t)row.item.id, "after",
                                columns_json(&now), "limit_rules", limit_rule_json(&rule));
    struct proposal_new p = {
        .catalogue_id = row.item.catalogue_id, .ground = S("测试"), .effective = work_today(&w), .changes = changes};
    ok(db_begin(&w));
    ok(proposal_create(&w, &p, &id));
    ok(proposal_step(&w, id, "submit", STR_NONE));
    ok(db_commit(&w));
    json_decref(changes);
    assert_int_equal(step(head, id, "approve"), 0);
    assert_int_equal(step(head, propose(code, "elements", "只改要素", work_today(&w)), "approve"), 0);
    struct item i = in_force(code, work_today(&w));
    assert_int_equal(i.version, 3);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json_array_get(i.rules, 0), "limit"), "n")), 3);
}

static void codes_are_never_given_twice(void **s) {
    (void)s;
    struct catalogue c;
    struct code_book *b;
    ok(catalogue_get(&w, catalogue_named("changjiang-standard"), &c));
    ok(code_book_open(&w, &c, &b));
    struct str known = code_book_next(b, 10, S("最低生活保障")), again = code_book_next(b, 10, S("最低生活保障")),
               fresh = code_book_next(b, 10, S("全新的一级事项"));
    assert_true(str_starts(known, S("320682-changjiang-10-02-")) && !str_eq(known, again));
    assert_true(str_ends(fresh, S("-001")) && !str_starts(fresh, S("320682-changjiang-10-02-")));
    struct item i;
    assert_int_equal(item_by_code(&w, known, &i), 0);
}

static void elements_are_split_outside_brackets_and_without_the_open_end(void **s) {
    (void)s;
    json_t *list = item_elements(w.arena, S("办事指南（条件、材料）、救助标准；结果\n公示名单、联系方式等"));
    static const char *const want[] = {"办事指南（条件、材料）", "救助标准", "结果", "公示名单", "联系方式"};
    assert_int_equal(json_array_size(list), countof(want));
    for (size_t i = 0; i < countof(want); i++)
        assert_string_equal(json_string_value(json_array_get(list, i)), want[i]);
    json_decref(list);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        catalogue_test(sixteen_catalogues_are_in_force_and_every_version_was_told),
        catalogue_test(loading_again_changes_nothing),
        catalogue_test(towns_that_compile_nothing_adopt_item_by_item),
        catalogue_test(rows_from_memory_are_marked_to_be_checked),
        catalogue_test(a_change_is_in_force_from_its_day_and_the_old_version_until_the_day_before),
        catalogue_test(on_every_day_exactly_one_version_is_in_force),
        catalogue_test(the_proposer_cannot_approve),
        catalogue_test(two_people_pressing_at_once_decide_once),
        catalogue_test(a_due_proposal_that_no_longer_fits_waits_with_its_reason_and_others_go_on),
        catalogue_test(a_town_keeps_a_rule_a_person_settled_while_the_words_stay),
        catalogue_test(codes_are_never_given_twice),
        catalogue_test(elements_are_split_outside_brackets_and_without_the_open_end),
    };
    return cmocka_run_group_tests(tests, set_up, catalogue_tear_down);
}
