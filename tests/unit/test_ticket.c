/* test_ticket.c: tickets: every cell of role × state × verb, numbers by year, limits at the edge and across made-up
 * working days, rounds of mending, the check that watches them, the formal notice, the ladder that draws one up. */
#include "unit_alert.h"

STATEMENT(whole_ticket,
          "SELECT state || ' ' || revision || ' ' || acknowledged_at || ' ' || round || ' ' || due_at || ' ' || "
          "reported_at || ' ' || explanation || ' ' || closed_at || ' ' || reason || ' ' || COALESCE(letter_id, 0), "
          "(SELECT COUNT(*) FROM event), (SELECT COUNT(*) FROM notice), (SELECT COUNT(*) FROM letter) FROM ticket "
          "WHERE id = $1",
          false);
STATEMENT(count_tickets, "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM ticket", false);

static int step(const char *login, int64_t id, const char *verb, const char *text) {
    as(login);
    return ticket_step(&w, id, verb, &(struct ticket_step){.text = str_z(text)});
}

static struct ticket get(int64_t id) {
    struct ticket t;
    ok(ticket_get(&w, id, &t));
    return t;
}

static void state_is(int64_t id, const char *state) {
    struct ticket t = get(id);
    if (!str_is(t.state, state))
        unit_fail("%.*s, expected %s\n", STR_ARG(t.state), state);
}

static int make(const char *login, const int64_t *alerts, size_t n, int64_t *ret) {
    as(login);
    return ticket_make(&w,
                       &(struct ticket_new){
                           .alerts = alerts, .n = n, .title = S("某事项逾期未公开"), .demand = S("立即公开并说明原因")},
                       ret);
}

static int64_t sent(int64_t *ret_alert) {
    int64_t alert = alert_made(changjiang), id = 0;
    ok(make("office", &alert, 1, &id));
    if (ret_alert)
        *ret_alert = alert;
    return id;
}

static void due_is(int64_t at_ms, const char *day) {
    if (at_ms != day_end(d(day)))
        unit_fail("due %s, expected %s\n", instant_text(w.arena, at_ms).p, day);
}

static int64_t count(void) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &count_tickets, &r), 1);
    return db_i(&r, 0, 0);
}

/* ── the matrix ── */

/* A who answers for the unit · I who issues over all units. */
static const struct {
    const char *state, *verb, *to;
    char who;
} allowed[] = {
    {"sent", "acknowledge", "acknowledged", 'A'},  {"sent", "letter", "sent", 'I'},
    {"sent", "cancel", "cancelled", 'I'},          {"acknowledged", "mend", "mended", 'A'},
    {"acknowledged", "explain", "explained", 'A'}, {"acknowledged", "letter", "acknowledged", 'I'},
    {"acknowledged", "cancel", "cancelled", 'I'},  {"explained", "mend", "mended", 'A'},
    {"explained", "explain", "explained", 'A'},    {"explained", "letter", "explained", 'I'},
    {"explained", "cancel", "cancelled", 'I'},     {"mended", "pass", "closed", 'I'},
    {"mended", "return", "acknowledged", 'I'},     {"mended", "letter", "mended", 'I'},
    {"mended", "cancel", "cancelled", 'I'},
};
static const struct {
    const char *login;
    char who;
} people[] = {
    {"changjiang-bianji", 'A'},
    {"changjiang-qianfa", 'A'},
    {"changjiang-foi", 'A'},
    {"office", 'I'},
    {"changjiang-chushen", 0},
    {"changjiang-zhongshen", 0},
    {"changjiang-baomi", 0},
    {"mzj-bianji", 0},
    {"mzj-qianfa", 0},
    {"zfb-bianji", 0},
    {"sjgly", 0},
    {"xtgly", 0},
    {"aqgly", 0},
    {"token", 0},
    {NULL, 0},
};
static const char *const verbs[] = {"acknowledge", "explain", "mend", "pass", "return", "cancel", "letter"};

/* A ticket in each state; its alert is over in the records, so that the check may pass. */
static int64_t prepared(const char *state) {
    int64_t alert, id = sent(&alert);
    put_right(alert);
    as(NULL);
    looked_at(alert);
    if (strcmp(state, "sent") == 0)
        return id;
    if (strcmp(state, "cancelled") == 0) {
        ok(step("office", id, "cancel", "发错了单位"));
        return id;
    }
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    if (strcmp(state, "acknowledged") == 0)
        return id;
    if (strcmp(state, "explained") == 0) {
        ok(step("changjiang-bianji", id, "explain", "正在办理之中"));
        return id;
    }
    ok(step("changjiang-jiaodui", id, "mend", "") < 0 ? (error_clear(&w), 0) : -1);
    ok(step("changjiang-qianfa", id, "mend", "已经补充公开"));
    if (strcmp(state, "closed") == 0)
        ok(step("office", id, "pass", ""));
    return id;
}

static const char *leads(const char *state, const char *verb, char who) {
    for (size_t i = 0; i < countof(allowed); i++)
        if (who && allowed[i].who == who && strcmp(allowed[i].state, state) == 0 && strcmp(allowed[i].verb, verb) == 0)
            return allowed[i].to;
    return NULL;
}

static void one_cell(const char *state, const char *verb, size_t p) {
    struct db_rows before, after;
    ok(db_begin(&w));
    int64_t id = prepared(state);
    const char *to = leads(state, verb, people[p].who);
    assert_int_equal(db_one(&w, &whole_ticket, &before, DB_INT(id)), 1);
    int rc = step(people[p].login, id, verb, "写明了情况和理由");
    assert_int_equal(db_one(&w, &whole_ticket, &after, DB_INT(id)), 1);
    if (to ? rc < 0 || !str_is(get(id).state, to) : rc == 0)
        unit_fail("%s %s by %s: %s\n", state, verb, people[p].login ? people[p].login : "the system",
                  rc < 0 ? error_text(&w.error) : "allowed");
    if (to && db_i(&after, 0, 1) <= db_i(&before, 0, 1))
        unit_fail("%s %s: no event\n", state, verb);
    if (!to && (!str_eq(db_s(&before, 0, 0), db_s(&after, 0, 0)) || db_i(&before, 0, 1) != db_i(&after, 0, 1) ||
                db_i(&before, 0, 2) != db_i(&after, 0, 2) || db_i(&before, 0, 3) != db_i(&after, 0, 3)))
        unit_fail("%s %s by %s: refused, but something changed\n", state, verb, people[p].login);
    error_clear(&w);
    db_rollback(&w);
}

static void each_cell_of_role_state_and_verb(void **s) {
    (void)s;
    for (size_t i = 0; i < ticket_flow.state_count; i++)
        for (size_t k = 0; k < countof(verbs); k++)
            for (size_t p = 0; p < countof(people); p++) {
                struct arena *kept = w.arena;
                w.arena = arena_new(LIMIT_ARENA_BYTES);
                next_subject = 0;
                one_cell(ticket_flow.states[i].code, verbs[k], p);
                arena_free(w.arena);
                w.arena = kept;
            }
}

static void the_table_has_no_other_steps(void **s) {
    (void)s;
    assert_int_equal(ticket_flow.row_count, countof(allowed));
    for (size_t i = 0; i < ticket_flow.row_count; i++) {
        const struct flow_row *r = &ticket_flow.rows[i];
        bool known = false;
        for (size_t k = 0; k < countof(allowed); k++)
            known |= strcmp(allowed[k].state, r->from) == 0 && strcmp(allowed[k].verb, r->verb) == 0 &&
                     strcmp(allowed[k].to, r->to) == 0;
        if (!known)
            unit_fail("%s %s is not in the test\n", r->from, r->verb);
    }
}

/* ── making one ── */

static void numbers_count_by_year_and_a_refused_one_leaves_no_gap(void **s) {
    int64_t a = sent(NULL), b, c, alert = alert_made(changjiang);
    (void)s;
    assert_true(str_is(get(a).number, "督办〔2026〕1号"));
    ok(db_begin(&w));
    ok(make("office", &alert, 1, &b));
    assert_true(str_is(get(b).number, "督办〔2026〕2号"));
    db_rollback(&w);
    b = sent(NULL);
    assert_true(str_is(get(b).number, "督办〔2026〕2号"));
    at("2026-12-31");
    assert_true(str_is(get(sent(NULL)).number, "督办〔2026〕3号"));
    at("2027-01-01");
    c = sent(NULL);
    assert_true(str_is(get(c).number, "督办〔2027〕1号"));
}

static void several_alerts_of_one_unit_and_of_one_only(void **s) {
    int64_t alerts[3] = {alert_made(changjiang), alert_made(changjiang), alert_made(mzj)}, id = 0;
    (void)s;
    refused_at(make("office", alerts, 3, &id), "alert");
    refused_at(make("office", alerts, 0, &id), "alert");
    refused_at(make("office", &(int64_t){999999}, 1, &id), "alert");
    assert_int_equal(count(), 0);
    ok(make("office", alerts, 2, &id));
    json_t *list = ticket_alerts_json(&w, id);
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    assert_int_equal(events("ticket", id, "ticket_sent"), 1);
    assert_int_equal(notices("收到督办单%"), 1);
    assert_int_equal(notices("本单位收到督办单%"), 1);
    /* double submission: the alerts are in a ticket already */
    refused_at(make("office", alerts, 2, &id), "alert");
    assert_int_equal(count(), 1);
    put_right(alerts[2]);
    as(NULL);
    looked_at(alerts[2]);
    refused_at(make("office", &alerts[2], 1, &id), "alert"); /* over */
}

static void only_a_supervisor_in_his_scope_sends_one(void **s) {
    static const char *const others[] = {"changjiang-bianji", "changjiang-qianfa", "sjgly", "xtgly", "token", NULL};
    int64_t alert = alert_made(changjiang), id;
    (void)s;
    for (size_t i = 0; i < countof(others); i++)
        refused(make(others[i], &alert, 1, &id), ERR_FORBIDDEN);
    assert_int_equal(count(), 0);
    as("office");
    w.actor.all_units = false; /* a supervisor of another unit */
    w.actor.unit_id = mzj;
    refused(ticket_make(&w, &(struct ticket_new){.alerts = &alert, .n = 1}, &id), ERR_FORBIDDEN);
}

static void words_too_long_are_refused_at_their_field(void **s) {
    int64_t alert = alert_made(changjiang), id;
    (void)s;
    char *p = arena_alloc(w.arena, 3 * 2001 + 1);
    for (int i = 0; i < 2001; i++)
        memcpy(p + (size_t)i * 3, "字", 3);
    as("office");
    struct ticket_new x = {.alerts = &alert, .n = 1, .title = {p, 303}};
    refused_at(ticket_make(&w, &x, &id), "title");
    x = (struct ticket_new){.alerts = &alert, .n = 1, .demand = {p, 6003}};
    refused_at(ticket_make(&w, &x, &id), "demand");
    x.demand.n = 6000;
    ok(ticket_make(&w, &x, &id));
}

/* ── limits ── */

/* 2026: 国庆 10-01 … 10-07 off, 09-20 (Sunday) and 10-10 (Saturday) are worked. */
static void limits_count_working_days_across_moved_ones(void **s) {
    (void)s;
    at("2026-11-02"); /* Monday */
    struct ticket t = get(sent(NULL));
    due_is(t.ack_due_at, "2026-11-03");
    due_is(t.due_at, "2026-11-09");
    at("2026-11-06"); /* Friday */
    t = get(sent(NULL));
    due_is(t.ack_due_at, "2026-11-09");
    due_is(t.due_at, "2026-11-13");
    day_t start = d("2026-09-30");
    at("2026-09-30"); /* the last day before the holiday */
    t = get(sent(NULL));
    due_is(t.ack_due_at, day_str(w.arena, calendar_add_working(start, 1)).p);
    due_is(t.due_at, day_str(w.arena, calendar_add_working(start, 5)).p);
    due_is(t.ack_due_at, "2026-10-08");
    assert_true(calendar_workday(d("2026-10-10")));
    due_is(t.due_at, "2026-10-13"); /* 8, 9, 10 (worked Saturday), 12, 13 */
    json_t *c = json_loadb(t.ack_certificate.p, t.ack_certificate.n, 0, NULL);
    assert_true(str_starts(str_z(json_string_value(json_object_get(c, "due"))), S("2026-10-08")));
    assert_int_equal(json_array_size(json_object_get(c, "days")), 8);
    json_decref(c);
}

static int level_of(int64_t id, const char *day, int hour) {
    struct course c;
    struct rule r = {.check = &ticket_checks[0]};
    int64_t next;
    assert_int_equal(ticket_checks[0].course(&w, &r, id, &c), 1);
    return course_level(&c, day_start(d(day)) + hour * 3600000LL, &next);
}

static void the_check_turns_on_the_day_before_on_the_day_and_after(void **s) {
    int64_t id;
    (void)s;
    at("2026-09-30");
    id = sent(NULL);
    /* not acknowledged: red from the day after the holiday's first working day */
    assert_int_equal(level_of(id, "2026-10-07", 23), LEVEL_NONE);
    assert_int_equal(level_of(id, "2026-10-08", 23), LEVEL_NONE);
    assert_int_equal(level_of(id, "2026-10-09", 0), LEVEL_RED);
    at("2026-10-08");
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    assert_int_equal(level_of(id, "2026-10-09", 0), LEVEL_NONE);
    assert_int_equal(level_of(id, "2026-10-11", 23), LEVEL_NONE);
    assert_int_equal(level_of(id, "2026-10-12", 0), LEVEL_YELLOW); /* one working day left */
    assert_int_equal(level_of(id, "2026-10-13", 23), LEVEL_YELLOW);
    assert_int_equal(level_of(id, "2026-10-14", 0), LEVEL_RED);
    at("2026-10-13");
    ok(step("changjiang-bianji", id, "mend", "已经补充公开"));
    assert_int_equal(level_of(id, "2026-10-14", 0), LEVEL_NONE);
}

static void a_late_signature_and_a_late_report_are_one_breach_without_a_gap(void **s) {
    int64_t id;
    struct course c;
    struct occurrence o;
    struct rule r = {.check = &ticket_checks[0]};
    (void)s;
    at("2026-11-02");
    id = sent(NULL);
    at("2026-11-12"); /* both limits have passed */
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    at("2026-11-13");
    ok(step("changjiang-bianji", id, "mend", "已经补充公开"));
    assert_int_equal(ticket_checks[0].course(&w, &r, id, &c), 1);
    assert_true(course_occurrence(&c, 0, &o));
    assert_int_equal(o.from, day_end(d("2026-11-03")) + 1);
    assert_int_equal(o.until, w.now);
    assert_false(course_occurrence(&c, 1, &o));
    assert_int_equal(ticket_checks[0].course(&w, &r, 999999, &c), 0);
}

static void a_return_begins_another_round_with_its_own_limit(void **s) {
    int64_t alert, id;
    (void)s;
    at("2026-11-02");
    id = sent(&alert);
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    at("2026-11-09");
    ok(step("changjiang-bianji", id, "mend", "自认为已经整改"));
    at("2026-11-11");
    assert_int_equal(step("office", id, "pass", ""), -1); /* the records say otherwise */
    assert_non_null(strstr(error_text(&w.error), "还有1条预警没有解除"));
    error_clear(&w);
    refused_at(step("office", id, "return", ""), "text");
    ok(step("office", id, "return", "附件仍未公开"));
    struct ticket t = get(id);
    assert_int_equal(t.round, 2);
    assert_int_equal(t.reported_at, 0);
    due_is(t.due_at, "2026-11-18");
    assert_int_equal(level_of(id, "2026-11-10", 12), LEVEL_NONE); /* reported, not yet checked */
    assert_int_equal(level_of(id, "2026-11-19", 0), LEVEL_RED);
    json_t *rounds = ticket_rounds_json(&w, &t);
    assert_int_equal(json_array_size(rounds), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rounds, 0), "opinion")), "附件仍未公开");
    json_decref(rounds);
    at("2026-11-20");
    ok(step("changjiang-bianji", id, "mend", "附件已经公开"));
    put_right(alert);
    as(NULL);
    looked_at(alert);
    ok(step("office", id, "pass", "核验属实"));
    state_is(id, "closed");
    assert_int_equal(events("ticket", id, "ticket_checked"), 1);
    assert_int_equal(events("ticket", id, "ticket_closed"), 1);
    assert_int_equal(level_of(id, "2026-11-19", 12), LEVEL_RED); /* what was late stays late */
    assert_int_equal(level_of(id, "2026-11-21", 0), LEVEL_NONE);
}

/* ── forms ── */

static void an_old_form_is_refused_and_so_is_the_second_of_two(void **s) {
    int64_t id = sent(NULL);
    (void)s;
    struct ticket_step x = {.revision = get(id).revision};
    as("changjiang-bianji");
    ok(ticket_step(&w, id, "acknowledge", &x));
    refused(ticket_step(&w, id, "acknowledge", &x), ERR_CONFLICT);
    refused(step("changjiang-bianji", id, "acknowledge", ""), ERR_WRONG_STATE);
    assert_int_equal(events("ticket", id, "ticket_acknowledged"), 1);
    refused(step("mzj-bianji", id, "explain", "别的单位"), ERR_FORBIDDEN);
    refused(step("changjiang-bianji", id + 1000, "explain", "没有这张"), ERR_NOT_FOUND);
    refused(step("changjiang-bianji", id, "invented", "没有这步"), ERR_NOT_FOUND);
    refused_at(step("changjiang-bianji", id, "explain", " 无 "), "text");
    state_is(id, "acknowledged");
}

static void who_reported_does_not_check(void **s) {
    int64_t id = prepared("mended");
    (void)s;
    as("changjiang-qianfa");
    struct actor both = w.actor;
    actor_grant_roles(&both, ROLE_SUPERVISOR);
    w.actor = both;
    refused(ticket_step(&w, id, "pass", &(struct ticket_step){0}), ERR_FORBIDDEN);
    ok(step("office", id, "pass", ""));
}

static void a_cancelled_one_lets_its_alerts_go(void **s) {
    int64_t alert, id = sent(&alert), again;
    struct str number;
    bool live;
    (void)s;
    ok(step("office", id, "cancel", "发错了单位"));
    assert_int_equal(ticket_of_alert(&w, alert, &again, &number, &live), 1);
    assert_false(live);
    assert_int_equal(level_of(id, "2026-12-01", 0), LEVEL_NONE);
    ok(make("office", &alert, 1, &again));
    assert_int_not_equal(again, id);
    assert_int_equal(ticket_of_alert(&w, alert, &again, &number, &live), 1);
    assert_true(live);
}

/* ── the ladder ── */

static void the_ladder_draws_one_up_once_per_alert_as_the_system(void **s) {
    int64_t alert = alert_made(changjiang), a, b;
    (void)s;
    as("changjiang-bianji"); /* whoever's step led here */
    ok(ticket_draw_up(&w, alert, &a));
    assert_int_equal(w.actor.unit_id, changjiang);
    ok(ticket_draw_up(&w, alert, &b));
    assert_int_equal(a, b);
    assert_int_equal(count(), 1);
    struct ticket t = get(a);
    assert_int_equal(t.made_by, 0);
    assert_int_equal(t.office_id, zfb);
    assert_true(t.demand.n > 0);
    ok(step("office", a, "cancel", "不需要督办"));
    ok(ticket_draw_up(&w, alert, &b)); /* what a person cancelled is not drawn up again */
    assert_int_equal(a, b);
    assert_int_equal(count(), 1);
}

static void the_engine_climbs_to_a_ticket_after_three_working_days(void **s) {
    int64_t alert;
    (void)s;
    at("2026-11-02");
    alert = alert_made(changjiang);
    as(NULL);
    at("2026-11-04");
    looked_at(alert);
    assert_int_equal(count(), 0);
    at("2026-11-05"); /* 8:30 has passed */
    looked_at(alert);
    assert_int_equal(count(), 1);
    looked_at(alert);
    assert_int_equal(count(), 1);
}

static void no_ticket_for_a_ticket(void **s) {
    next_subject = 100; /* no subject has the number of a ticket */
    int64_t alert, id = sent(&alert), got = 0;
    STATEMENT(of_the_ticket, "UPDATE alert SET subject_kind = 'ticket', subject_id = $2 WHERE id = $1", true);
    (void)s;
    int64_t other = alert_made(changjiang);
    ok(db_exec(&w, &of_the_ticket, DB_INT(other), DB_INT(id)));
    ok(ticket_draw_up(&w, other, &got));
    assert_int_equal(got, id);
    assert_int_equal(count(), 1);
}

/* ── the formal notice ── */

static void the_notice_carries_the_tickets_number_and_what_is_to_be_mended(void **s) {
    int64_t id = sent(NULL);
    struct str pdf, docx;
    (void)s;
    ok(step("office", id, "letter", ""));
    struct ticket t = get(id);
    assert_true(t.letter_id > 0);
    json_t *o = letter_json(&w, t.letter_id, true);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "number")), "督办〔2026〕1号");
    assert_string_equal(json_string_value(json_object_get(o, "addressee")), t.unit_name.p);
    const char *body = json_string_value(json_object_get(o, "body"));
    assert_non_null(strstr(body, "某事项没有公开"));
    assert_non_null(strstr(body, "还缺办理结果"));
    assert_non_null(strstr(body, "试验依据第一条"));
    assert_non_null(strstr(body, "立即公开并说明原因"));
    assert_non_null(strstr(body, "2026年11月3日前签收"));
    assert_non_null(strstr(body, "2026年11月9日前完成整改"));
    json_decref(o);
    ok(letter_pdf(&w, t.letter_id, &pdf));
    assert_true(str_starts(pdf, S("%PDF-")));
    ok(letter_docx(&w, t.letter_id, &docx));
    assert_true(str_starts(docx, S("PK")));
    refused(step("office", id, "letter", ""), ERR_WRONG_STATE); /* once */
}

/* ── waiting, replay ── */

static size_t waits_for(const char *login) {
    as(login);
    json_t *list = supervision_waiting(&w, 40);
    assert_non_null(list);
    size_t n = json_array_size(list);
    json_decref(list);
    return n;
}

static void what_waits_is_for_who_must_act(void **s) {
    int64_t alert, id = sent(&alert);
    (void)s;
    assert_int_equal(waits_for("changjiang-bianji"), 1);
    assert_int_equal(waits_for("mzj-bianji"), 0);
    assert_int_equal(waits_for("office"), 0);
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    ok(step("changjiang-bianji", id, "mend", "已经补充公开"));
    assert_int_equal(waits_for("changjiang-bianji"), 0);
    assert_int_equal(waits_for("office"), 1);
}

static void the_replay_shows_the_clock_of_then(void **s) {
    int64_t id;
    (void)s;
    at("2026-11-02");
    id = sent(NULL);
    int64_t first = w.now;
    at("2026-11-03");
    ok(step("changjiang-bianji", id, "acknowledge", ""));
    json_t *clock = ticket_replay_clock(&w, id, first), *o = ticket_replay(&w, id);
    assert_string_equal(json_string_value(json_object_get(clock, "due")), "2026-11-03");
    assert_int_equal(json_integer_value(json_object_get(o, "unit_id")), changjiang);
    json_decref(clock);
    json_decref(o);
    clock = ticket_replay_clock(&w, id, w.now);
    assert_string_equal(json_string_value(json_object_get(clock, "due")), "2026-11-09");
    json_decref(clock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        alert_test(each_cell_of_role_state_and_verb),
        cmocka_unit_test(the_table_has_no_other_steps),
        alert_test(numbers_count_by_year_and_a_refused_one_leaves_no_gap),
        alert_test(several_alerts_of_one_unit_and_of_one_only),
        alert_test(only_a_supervisor_in_his_scope_sends_one),
        alert_test(words_too_long_are_refused_at_their_field),
        alert_test(limits_count_working_days_across_moved_ones),
        alert_test(the_check_turns_on_the_day_before_on_the_day_and_after),
        alert_test(a_late_signature_and_a_late_report_are_one_breach_without_a_gap),
        alert_test(a_return_begins_another_round_with_its_own_limit),
        alert_test(an_old_form_is_refused_and_so_is_the_second_of_two),
        alert_test(who_reported_does_not_check),
        alert_test(a_cancelled_one_lets_its_alerts_go),
        alert_test(the_ladder_draws_one_up_once_per_alert_as_the_system),
        alert_test(the_engine_climbs_to_a_ticket_after_three_working_days),
        alert_test(no_ticket_for_a_ticket),
        alert_test(the_notice_carries_the_tickets_number_and_what_is_to_be_mended),
        alert_test(what_waits_is_for_who_must_act),
        alert_test(the_replay_shows_the_clock_of_then),
    };
    return alert_groups("tickets", tests, countof(tests), alert_set_up);
}
