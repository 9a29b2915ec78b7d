/* test_alert.c: what a unit says of an alert and what is decided: every cell of role × state × verb, the records that
 * close an alert by themselves, stale forms, double submission, precision of a rule. */
#include "unit_alert.h"

#include "duty/duty.h"

STATEMENT(unit_add_item,
          "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) VALUES (1, "
          "'c', 'standard', 'town', $1, '目录', 'here', 1, 0)",
          true);
STATEMENT(field_add, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (10, '10', '社会救助', TRUE, '')",
          true);
STATEMENT(item_add,
          "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES (1, 1, 10, "
          "'320682-10-01-001', 0)",
          true);
STATEMENT(version_add,
          "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, limit_text, "
          "limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, mode_active, mode_request, "
          "level_city, level_town, extra, valid_from, created_at) VALUES (1, 1, 1, 1, '一级', '二级', '要素', '依据', "
          "'20个工作日', '[]', TRUE, '', '', TRUE, '', TRUE, FALSE, FALSE, TRUE, '{}', '2020-01-01', 0)",
          true);
STATEMENT(duty_add,
          "INSERT INTO duty (id, unit_id, item_id, item_version_id, field_id, source, period_key, rule_no, subject, "
          "trigger_at, due_at, due_day, state, certificate, created_at) VALUES ($1, $2, 1, 1, 10, 'fact', '', 1, "
          "'事项', $3, $3, '2026-11-02', 'open', '{}', $3)",
          true);
STATEMENT(of_another_kind, "UPDATE alert SET subject_kind = 'disclosure' WHERE id = $1", true);
STATEMENT(whole_alert,
          "SELECT state || ' ' || outcome || ' ' || answer || ' ' || answer_ground || ' ' || decision || ' ' || "
          "answered_at || ' ' || decided_at || ' ' || closed_at, (SELECT COUNT(*) FROM event), "
          "(SELECT COUNT(*) FROM notice) FROM alert WHERE id = $1",
          false);

static int step(const char *login, int64_t id, const char *verb, const char *reason) {
    struct alert_step x = {.reason = str_z(reason), .seen = -1, .ground = S("ND1")};
    as(login);
    return alert_step(&w, id, verb, &x);
}

static void state_is(int64_t id, const char *state, const char *outcome) {
    struct alert_full f = alert_at(id);
    if (!str_is(f.a.state, state) || !str_is(f.a.outcome, outcome))
        unit_fail("%.*s %.*s, expected %s %s\n", STR_ARG(f.a.state), STR_ARG(f.a.outcome), state, outcome);
}

/* ── the matrix ── */

/* A who answers for the unit · D who decides over all units · nobody else may anything. */
static const struct {
    const char *state, *verb, *to;
    char who;
} allowed[] = {
    {"open", "mended", "closed", 'A'},           {"open", "deny", "answered", 'A'},
    {"open", "ask_waive", "answered", 'A'},      {"denied", "mended", "closed", 'A'},
    {"denied", "false", "closed", 'D'},          {"denied", "refuse", "open", 'D'},
    {"asked", "mended", "closed", 'A'},          {"asked", "waive_duty", "closed", 'D'},
    {"asked, no duty", "mended", "closed", 'A'}, {"asked, no duty", "waive", "closed", 'D'},
    {"asked, no duty", "refuse", "open", 'D'},   {"asked", "refuse", "open", 'D'},
};
static const struct {
    const char *login;
    char who;
} people[] = {
    {"changjiang-bianji", 'A'},
    {"changjiang-qianfa", 'A'},
    {"changjiang-foi", 'A'},
    {"office", 'D'},
    {"changjiang-chushen", 0},
    {"changjiang-baomi", 0},
    {"changjiang-fuze", 0},
    {"changjiang-zhongshen", 0},
    {"mzj-bianji", 0},
    {"mzj-qianfa", 0},
    {"zfb-bianji", 0},
    {"sjgly", 0},
    {"xtgly", 0},
    {"aqgly", 0},
    {"token", 0},
    {NULL, 0},
};
static const char *const verbs[] = {"mended", "deny", "ask_waive", "false", "waive", "waive_duty", "refuse"};
static const char *const situations[] = {"open", "denied", "asked", "asked, no duty", "closed"};

static void duty_there(int64_t id) {
    ok(db_exec(&w, &duty_add, DB_INT(id), DB_INT(changjiang), DB_INT(w.now - 1000)));
}

/* An alert in each situation, of a duty that is there, mended in the records. */
static int64_t prepared(const char *situation) {
    int64_t id = alert_made(changjiang);
    duty_there(alert_at(id).a.subject_id);
    if (strcmp(situation, "open") != 0)
        ok(step("changjiang-bianji", id, strncmp(situation, "asked", 5) == 0 ? "ask_waive" : "deny", "依据第三条"));
    if (strcmp(situation, "asked, no duty") == 0)
        ok(db_exec(&w, &of_another_kind, DB_INT(id)));
    if (strcmp(situation, "closed") == 0)
        ok(step("office", id, "false", "核对无误"));
    else
        put_right(id);
    return id;
}

static const char *leads(const char *situation, const char *verb, char who) {
    for (size_t i = 0; i < countof(allowed); i++)
        if (who && allowed[i].who == who && strcmp(allowed[i].state, situation) == 0 &&
            strcmp(allowed[i].verb, verb) == 0)
            return allowed[i].to;
    return NULL;
}

static void one_cell(const char *situation, const char *verb, size_t p) {
    struct db_rows before, after;
    ok(db_begin(&w));
    int64_t id = prepared(situation);
    const char *to = leads(situation, verb, people[p].who);
    assert_int_equal(db_one(&w, &whole_alert, &before, DB_INT(id)), 1);
    int rc = step(people[p].login, id, verb, "理由和依据都写明了");
    assert_int_equal(db_one(&w, &whole_alert, &after, DB_INT(id)), 1);
    if (to ? rc < 0 || !str_is(alert_at(id).a.state, to) : rc == 0)
        unit_fail("%s %s by %s: %s\n", situation, verb, people[p].login ? people[p].login : "the system",
                  rc < 0 ? error_text(&w.error) : "allowed");
    if (to && db_i(&after, 0, 1) <= db_i(&before, 0, 1))
        unit_fail("%s %s: no event\n", situation, verb);
    if (!to && (!str_eq(db_s(&before, 0, 0), db_s(&after, 0, 0)) || db_i(&before, 0, 1) != db_i(&after, 0, 1) ||
                db_i(&before, 0, 2) != db_i(&after, 0, 2)))
        unit_fail("%s %s by %s: refused, but something changed\n", situation, verb, people[p].login);
    error_clear(&w);
    db_rollback(&w);
}

static void each_cell_of_role_state_and_verb(void **s) {
    (void)s;
    for (size_t i = 0; i < countof(situations); i++)
        for (size_t k = 0; k < countof(verbs); k++)
            for (size_t p = 0; p < countof(people); p++) {
                struct arena *kept = w.arena;
                w.arena = arena_new(LIMIT_ARENA_BYTES);
                next_subject = 0;
                one_cell(situations[i], verbs[k], p);
                arena_free(w.arena);
                w.arena = kept;
            }
}

static void the_table_has_no_other_steps(void **s) {
    (void)s;
    for (size_t i = 0; i < alert_flow.row_count; i++) {
        bool known = false;
        for (size_t k = 0; k < countof(verbs); k++)
            known |= strcmp(verbs[k], alert_flow.rows[i].verb) == 0;
        assert_true(known);
    }
}

/* ── the records decide ── */

static void what_is_mended_closes_by_itself_and_what_is_not_says_what_is_missing(void **s) {
    int64_t id = alert_made(changjiang);
    (void)s;
    assert_int_equal(step("changjiang-bianji", id, "mended", ""), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    assert_non_null(strstr(error_text(&w.error), "还缺办理结果"));
    error_clear(&w);
    state_is(id, "open", "");
    assert_int_equal(alert_at(id).a.answer.n, 0); /* what was refused left nothing */
    assert_int_equal(events("alert", id, "answered"), 0);
    at("2026-11-03");
    put_right(id);
    ok(step("changjiang-bianji", id, "mended", "已补充办理结果"));
    state_is(id, "closed", "mended");
    assert_int_equal(events("alert", id, "answered"), 1);
    assert_int_equal(alert_at(id).a.closed_at, w.now);
    assert_true(str_is(alert_at(id).answer_ground, "已补充办理结果"));
}

static void without_a_word_of_the_unit_it_is_late(void **s) {
    int64_t id = alert_made(changjiang);
    (void)s;
    put_right(id);
    as(NULL);
    looked_at(id);
    state_is(id, "closed", "late");
}

/* What a person decided stands as long as the breach lasts; another breach is another alert. */
static void a_decision_stands_until_the_occurrence_ends(void **s) {
    int64_t id = alert_made(changjiang), subject = alert_at(id).a.subject_id;
    struct rule rule;
    struct db_rows r;
    (void)s;
    ok(step("changjiang-bianji", id, "deny", "文件已于上月公开"));
    ok(step("office", id, "false", "核对属实，规则误报"));
    as(NULL);
    for (int i = 0; i < 3; i++) {
        at(i == 0 ? "2026-11-03" : i == 1 ? "2026-11-20" : "2026-12-30");
        looked_at(id);
        state_is(id, "closed", "false");
    }
    told[subject].from = w.now - 500;
    assert_int_equal(rule_get(&w, rule_id, 0, &rule), 1);
    w.now += 1000;
    ok(evaluate(&w, &rule, subject));
    rule_release(&rule);
    STATEMENT(of_subject, "SELECT COUNT(*), MAX(id) FROM alert WHERE subject_id = $1", false);
    assert_int_equal(db_one(&w, &of_subject, &r, DB_INT(subject)), 1);
    assert_int_equal(db_i(&r, 0, 0), 2);
    state_is(db_i(&r, 0, 1), "open", "");
}

static void a_refused_answer_opens_it_again_and_the_unit_may_answer_anew(void **s) {
    int64_t id = alert_made(changjiang);
    (void)s;
    ok(step("changjiang-bianji", id, "deny", "认为不属实"));
    assert_int_equal(notices("单位认为预警不属实%"), 1);
    refused(step("changjiang-bianji", id, "deny", "再说一次不属实"), ERR_WRONG_STATE); /* double submission */
    assert_int_equal(events("alert", id, "answered"), 1);
    ok(step("office", id, "refuse", "附件并未公开"));
    state_is(id, "open", "");
    assert_int_equal(notices("答复未获认可%"), 1);
    refused(step("office", id, "refuse", "附件并未公开"), ERR_WRONG_STATE);
    w.now += 1000;
    ok(step("changjiang-bianji", id, "deny", "附件已经补上"));
    ok(step("office", id, "false", "核对属实"));
    state_is(id, "closed", "false");
}

/* The form of a decision names the answer it was made for. */
static void a_decision_on_an_older_answer_is_refused(void **s) {
    int64_t id = alert_made(changjiang);
    struct alert_step x = {.reason = S("依据在此处"), .seen = -1};
    (void)s;
    ok(step("changjiang-bianji", id, "deny", "第一次的答复"));
    x.seen = alert_at(id).answered_at;
    w.now += 1000;
    ok(step("office", id, "refuse", "理由不充分"));
    w.now += 1000;
    ok(step("changjiang-bianji", id, "deny", "第二次的答复"));
    as("office");
    refused(alert_step(&w, id, "false", &x), ERR_CONFLICT);
    x.seen = alert_seen(&(struct alert_full){.answered_at = w.now});
    ok(alert_step(&w, id, "false", &x));
}

static void reasons_are_asked_for_at_their_field(void **s) {
    int64_t id = alert_made(changjiang);
    (void)s;
    refused_at(step("changjiang-bianji", id, "deny", "  无 "), "reason");
    refused_at(step("changjiang-bianji", id, "ask_waive", ""), "reason");
    char *p = arena_alloc(w.arena, 3 * 2001 + 1);
    for (int i = 0; i < 2001; i++)
        memcpy(p + (size_t)i * 3, "字", 3);
    refused_at(step("changjiang-bianji", id, "deny", p), "reason");
    p[3 * 2000] = 0;
    ok(step("changjiang-bianji", id, "deny", p));
    refused_at(step("office", id, "false", ""), "reason");
    refused(step("mzj-bianji", id, "deny", "别的单位"), ERR_FORBIDDEN);
    refused(step("changjiang-bianji", id + 1000, "deny", "没有这条"), ERR_NOT_FOUND);
    refused(step("changjiang-bianji", id, "invented", "没有这步"), ERR_NOT_FOUND);
}

static void a_duty_is_waived_in_its_own_room_with_its_own_ground(void **s) {
    struct alert_step x = {.reason = S("涉及国家秘密，已经保密审查"), .seen = -1};
    struct duty duty;
    (void)s;
    int64_t id = prepared("asked"), subject = alert_at(id).a.subject_id;
    as("office");
    x.ground = S("no such ground");
    ok(db_begin(&w));
    refused_at(alert_step(&w, id, "waive_duty", &x), "ground");
    db_rollback(&w);
    x.ground = str_z(duty_ground_options[0].value);
    ok(alert_step(&w, id, "waive_duty", &x));
    state_is(id, "closed", "waived");
    ok(duty_get(&w, subject, &duty));
    assert_true(str_is(duty.state, "waived"));
    assert_int_equal(events("alert", id, "waived"), 1);
}

/* ── precision ── */

static void precision_counts_what_was_confirmed_against_false_alarms(void **s) {
    struct precision p;
    (void)s;
    ok(rule_precision(&w, rule_id, version_id, &p));
    assert_int_equal(p.raised, 0);
    assert_int_equal(p.hundredths, -1);
    int64_t a[7];
    for (int i = 0; i < 7; i++)
        a[i] = alert_made(changjiang);
    for (int i = 0; i < 2; i++)
        put_right(a[i]);
    ok(step("changjiang-bianji", a[0], "mended", ""));
    as(NULL);
    looked_at(a[1]);
    ok(step("changjiang-bianji", a[2], "deny", "文件早已公开"));
    ok(step("office", a[2], "false", "核对属实"));
    ok(step("changjiang-bianji", a[3], "deny", "认为不属实"));
    ok(step("office", a[3], "refuse", "理由不充分")); /* open, but confirmed */
    ok(step("changjiang-bianji", a[4], "deny", "还没有认定"));
    duty_there(alert_at(a[5]).a.subject_id);
    ok(step("changjiang-bianji", a[5], "ask_waive", "依法不公开"));
    struct alert_step x = {.reason = S("依法不公开"), .ground = str_z(duty_ground_options[0].value), .seen = -1};
    as("office");
    ok(alert_step(&w, a[5], "waive_duty", &x));
    ok(rule_precision(&w, rule_id, version_id, &p));
    assert_int_equal(p.raised, 7);
    assert_int_equal(p.confirmed, 3);
    assert_int_equal(p.false_alarms, 1);
    assert_int_equal(p.waived, 1);
    assert_int_equal(p.open, 3);
    assert_int_equal(p.hundredths, 7500);
    ok(rule_precision(&w, rule_id, 0, &p)); /* all versions: the same, there is one */
    assert_int_equal(p.confirmed, 3);
    assert_int_equal(p.hundredths, 7500);
}

/* ── what the page offers ── */

static void actions_are_of_the_answer_at_hand(void **s) {
    int64_t id = alert_made(changjiang);
    struct alert_full f;
    json_t *list;
    (void)s;
    ok(step("changjiang-bianji", id, "deny", "认为不属实"));
    as("office");
    f = alert_at(id);
    list = alert_actions(&w, &f);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "verb")), "false");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "verb")), "refuse");
    json_decref(list);
    as("changjiang-chushen");
    list = alert_actions(&w, &f);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void what_waits_is_for_who_must_act(void **s) {
    int64_t id = alert_made(changjiang);
    json_t *list;
    (void)s;
    as("changjiang-bianji");
    list = supervision_waiting(&w, 40); /* of duties there is another list */
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    ok(step("changjiang-bianji", id, "deny", "认为不属实"));
    as("office");
    list = supervision_waiting(&w, 40);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    as("mzj-bianji");
    list = supervision_waiting(&w, 40);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static int set_up(void **s) {
    alert_set_up(s);
    ok(db_begin(&w));
    ok(db_exec(&w, &field_add));
    ok(db_exec(&w, &unit_add_item, DB_INT(changjiang)));
    ok(db_exec(&w, &item_add));
    ok(db_exec(&w, &version_add));
    return db_commit(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_cell_of_role_state_and_verb, alert_begin, alert_end),
        cmocka_unit_test(the_table_has_no_other_steps),
        alert_test(what_is_mended_closes_by_itself_and_what_is_not_says_what_is_missing),
        alert_test(without_a_word_of_the_unit_it_is_late),
        alert_test(a_decision_stands_until_the_occurrence_ends),
        alert_test(a_refused_answer_opens_it_again_and_the_unit_may_answer_anew),
        alert_test(a_decision_on_an_older_answer_is_refused),
        alert_test(reasons_are_asked_for_at_their_field),
        alert_test(a_duty_is_waived_in_its_own_room_with_its_own_ground),
        alert_test(precision_counts_what_was_confirmed_against_false_alarms),
        alert_test(actions_are_of_the_answer_at_hand),
        alert_test(what_waits_is_for_who_must_act),
    };
    return alert_groups("answers to alerts", tests, countof(tests), set_up);
}
