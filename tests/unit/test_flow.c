/* test_flow.c: a small workflow walked in every way that must and must not work. */
#include "unit.h"
#include "flow/flow.h"

struct matter {
    bool complete, foreign;
    int done;
};
enum { MAY_EDIT = 1, MAY_PASS = 2 };

static int guard_complete(struct work *w, void *subject) {
    const struct matter *m = subject;
    return m->complete ? 0 : fail(w, ERR_INVALID, "还缺公开属性");
}

static int act(struct work *w, void *subject, const void *input) {
    struct matter *m = subject;
    (void)w;
    m->done += input ? *(const int *)input : 1;
    return 0;
}

static int act_fails(struct work *w, void *subject, const void *input) {
    (void)subject;
    (void)input;
    return fail(w, ERR_CONFLICT, "内容已被他人修改");
}

static int scope(struct work *w, void *subject, int permission) {
    const struct matter *m = subject;
    (void)permission;
    return m->foreign ? fail(w, ERR_FORBIDDEN, "这是其他单位的事项") : 0;
}

static bool permitted(const struct actor *a, int permission) {
    return a->rights[0] & (1u << permission);
}

static const struct flow_state states[] = {
    {"draft", "拟稿", "grey"}, {"review", "审核", "yellow"}, {"done", "办结", "green"}};
static const struct flow_row rows[] = {
    {"draft", "submit", "review", MAY_EDIT, guard_complete, act, "提交审核", FLOW_MAIN},
    {"review", "pass", "done", MAY_PASS, NULL, act, "通过", FLOW_MAIN},
    {"review", "return", "draft", MAY_PASS, NULL, act, "退回", FLOW_REASON},
    {"review", "expire", "done", MAY_PASS, NULL, act, "到期办结", FLOW_SYSTEM},
    {"done", "break", NULL, MAY_PASS, NULL, act_fails, "作废", FLOW_DANGER},
};
static const struct flow flow = {"matter", states, countof(states), rows, countof(rows), scope, permitted};

static struct work work_of(uint64_t rights) {
    struct work w = {.arena = arena_new(1 << 20)};
    w.actor.person_id = 7;
    w.actor.rights[0] = rights;
    return w;
}

static void step_is_taken(void **state) {
    struct work w = work_of(1u << MAY_EDIT);
    struct matter m = {.complete = true};
    int by = 5;
    (void)state;
    assert_int_equal(flow_step(&w, &flow, "draft", "submit", &m, &by), 0);
    assert_int_equal(m.done, 5);
    arena_free(w.arena);
}

static void refused(uint64_t rights, struct matter m, const char *from, const char *verb, enum error_code code,
                    const char *words) {
    struct work w = work_of(rights);
    assert_int_equal(flow_step(&w, &flow, from, verb, &m, NULL), -1);
    assert_int_equal(w.error.code, code);
    assert_non_null(strstr(error_text(&w.error), words));
    assert_int_equal(m.done, 0);
    arena_free(w.arena);
}

static void wrong_steps_are_refused_with_a_reason(void **state) {
    const uint64_t all = 1u << MAY_EDIT | 1u << MAY_PASS;
    (void)state;
    refused(all, (struct matter){.complete = true}, "review", "submit", ERR_WRONG_STATE, "审核");
    refused(all, (struct matter){.complete = true}, "nowhere", "submit", ERR_WRONG_STATE, "未知状态");
    refused(all, (struct matter){.complete = true}, "draft", "fly", ERR_NOT_FOUND, "没有这一办理步骤");
    refused(all, (struct matter){.complete = true}, "draft", NULL, ERR_NOT_FOUND, "没有");
    refused(all, (struct matter){.complete = true, .foreign = true}, "draft", "submit", ERR_FORBIDDEN, "其他单位");
    refused(1u << MAY_PASS, (struct matter){.complete = true}, "draft", "submit", ERR_FORBIDDEN, "提交审核");
    refused(all, (struct matter){.complete = false}, "draft", "submit", ERR_INVALID, "公开属性");
    refused(all, (struct matter){.complete = true}, "review", "expire", ERR_FORBIDDEN, "系统");
    refused(all, (struct matter){.complete = true}, "done", "break", ERR_CONFLICT, "他人");
}

static void the_clock_takes_its_own_steps(void **state) {
    struct work w = work_of(1u << MAY_PASS);
    struct matter m = {0};
    (void)state;
    w.actor.person_id = 0;
    assert_int_equal(flow_step(&w, &flow, "review", "expire", &m, NULL), 0);
    assert_int_equal(m.done, 1);
    arena_free(w.arena);
}

static void buttons_show_what_can_be_done_and_why_not(void **state) {
    struct work w = work_of(1u << MAY_EDIT | 1u << MAY_PASS);
    struct matter m = {.complete = false};
    (void)state;
    fail(&w, ERR_CONFLICT, "先前的错误");
    json_t *list = flow_actions(&w, &flow, "draft", &m);
    assert_int_equal(json_array_size(list), 1);
    json_t *o = json_array_get(list, 0);
    assert_true(json_is_false(json_object_get(o, "allowed")));
    assert_string_equal(json_string_value(json_object_get(o, "why")), "还缺公开属性");
    assert_string_equal(error_text(&w.error), "先前的错误");
    json_decref(list);
    list = flow_actions(&w, &flow, "review", &m);
    assert_int_equal(json_array_size(list), 2); /* the clock's step is no button */
    assert_true(json_is_true(json_object_get(json_array_get(list, 1), "reason")));
    json_decref(list);
    m.foreign = true;
    list = flow_actions(&w, &flow, "review", &m);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    m.foreign = false;
    w.actor.rights[0] = 1u << MAY_EDIT;
    list = flow_actions(&w, &flow, "review", &m);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    arena_free(w.arena);
}

static void the_table_describes_itself(void **state) {
    json_t *o = flow_describe(&flow);
    (void)state;
    assert_int_equal(json_array_size(json_object_get(o, "rows")), countof(rows));
    assert_int_equal(json_array_size(json_object_get(o, "states")), countof(states));
    assert_non_null(
        strstr(json_string_value(json_object_get(o, "markdown")), "| 拟稿 | 提交审核（submit） | 审核 | 岗位 |"));
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(o, "rows"), 4), "to")));
    json_decref(o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_is_taken),
        cmocka_unit_test(wrong_steps_are_refused_with_a_reason),
        cmocka_unit_test(the_clock_takes_its_own_steps),
        cmocka_unit_test(buttons_show_what_can_be_done_and_why_not),
        cmocka_unit_test(the_table_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
