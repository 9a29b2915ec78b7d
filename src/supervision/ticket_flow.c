/* ticket_flow.c: the life of a ticket as a table:
 *
 *   sent → acknowledged (签收) → explained (说明情况) → mended (整改报告) → closed (核验通过)
 *                ↑_______________________ returned ________|            any of them → cancelled (撤销)
 *
 * A ticket closes only when the records say that nothing of it is open any more: a report is not a publication. */
#include "supervision/ticket_internal.h"

#include "letter/letter.h"

#define TEXT_CHARS 4000

struct step_subject {
    struct ticket t;
    const struct ticket_step *x;
    const char *from;
};

static const struct flow_state states[] = {
    {"sent", "待签收", "red"},      {"acknowledged", "整改中", "orange"}, {"explained", "已说明情况", "orange"},
    {"mended", "待核验", "yellow"}, {"closed", "已办结", "green"},        {"cancelled", "已撤销", "grey"},
};

/* ── guards ── */

static int guard_person(struct work *w, void *subject) {
    (void)subject;
    return w->actor.person_id ? 0 : fail(w, ERR_FORBIDDEN, "督办单须由在岗人员办理，业务系统令牌不能代替");
}

static int guard_pass(struct work *w, void *subject) {
    const struct step_subject *s = subject;
    struct db_rows r;
    if (guard_person(w, subject) < 0 || db_query(w, &sql_ticket_rounds, &r, DB_INT(s->t.id)) < 0)
        return -1;
    if (r.n && db_i(&r, r.n - 1, 6) == w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "整改是您报告的，须由另一人核验");
    if (db_query(w, &sql_ticket_alerts_open, &r, DB_INT(s->t.id)) < 0)
        return -1;
    return r.n == 0
               ? 0
               : fail(w, ERR_WRONG_STATE, "还有%zu条预警没有解除（%.*s%s）：整改到位、认定不属实或者免除后才能办结",
                      r.n, STR_ARG(utf8_head(db_s(&r, 0, 1), 60)), r.n > 1 ? "等" : "");
}

static int guard_letter(struct work *w, void *subject) {
    const struct step_subject *s = subject;
    if (guard_person(w, subject) < 0)
        return -1;
    return s->t.letter_id ? fail(w, ERR_WRONG_STATE, "督办通知书已经制发") : 0;
}

/* ── actions: rows and event ── */

static int move(struct work *w, struct step_subject *s, const char *to) {
    struct ticket *t = &s->t;
    t->state = str_z(to);
    int n =
        db_exec(w, &sql_ticket_move, DB_INT(t->id), DB_INT(t->revision), DB_TEXT(t->state), DB_INT(t->acknowledged_at),
                DB_INT(t->round), DB_INT(t->due_at), DB_INT(t->reported_at), DB_TEXT(t->explanation),
                DB_INT(t->explained_at), DB_INT(t->closed_at), DB_TEXT(t->reason), DB_ID(t->letter_id));
    return n < 0 ? -1 : n ? 0 : fail(w, ERR_CONFLICT, "%s", "");
}

static json_t *from_to(const struct step_subject *s, const char *to) {
    return json_pack("{s:s, s:s}", "from", s->from, "to", to);
}

static struct str text_of(const struct step_subject *s) {
    return str_trim(s->x->text);
}

static int act_acknowledge(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    s->t.acknowledged_at = w->now;
    json_t *p = from_to(s, "acknowledged");
    json_set_bool(p, "late", w->now > s->t.ack_due_at);
    return move(w, s, "acknowledged") < 0                         ? (json_decref(p), -1)
           : ticket_event(w, &s->t, "ticket_acknowledged", p) < 0 ? -1
                                                                  : ticket_tell(w, &s->t, true, "blue", "督办单已签收");
}

static int act_explain(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    s->t.explanation = text_of(s);
    s->t.explained_at = w->now;
    json_t *p = from_to(s, "explained");
    json_set_str(p, "text", text_of(s));
    return move(w, s, "explained") < 0 ? (json_decref(p), -1)
           : ticket_event(w, &s->t, "ticket_explained", p) < 0
               ? -1
               : ticket_tell(w, &s->t, true, "blue", "督办单有情况说明");
}

static int act_mend(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    s->t.reported_at = w->now;
    if (db_exec(w, &sql_ticket_round_report, DB_INT(s->t.id), DB_INT(s->t.round), DB_TEXT(text_of(s)), DB_INT(w->now),
                DB_ID(w->actor.person_id)) < 0 ||
        move(w, s, "mended") < 0)
        return -1;
    json_t *p = from_to(s, "mended");
    json_set_str(p, "text", text_of(s));
    json_set_bool(p, "late", w->now > s->t.due_at);
    return ticket_event(w, &s->t, "ticket_mended", p) < 0 ? -1
                                                          : ticket_tell(w, &s->t, true, "yellow", "督办单整改待核验");
}

static int round_checked(struct work *w, const struct step_subject *s, const char *result) {
    return db_exec(w, &sql_ticket_round_check, DB_INT(s->t.id), DB_INT(s->t.round), DB_TEXTZ(result),
                   DB_TEXT(text_of(s)), DB_INT(w->now), DB_ID(w->actor.person_id)) < 0
               ? -1
               : 0;
}

static int act_pass(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    s->t.closed_at = w->now;
    if (round_checked(w, s, "passed") < 0 || move(w, s, "closed") < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "text", text_of(s));
    json_object_set_new(p, "result", json_string("passed"));
    if (ticket_event(w, &s->t, "ticket_checked", p) < 0 ||
        ticket_event(w, &s->t, "ticket_closed", from_to(s, "closed")) < 0)
        return -1;
    return ticket_tell(w, &s->t, false, "green", "督办单核验通过，已办结");
}

/* Another round, with a limit of its own from today. */
static int act_return(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    struct str certificate;
    (void)input;
    if (round_checked(w, s, "returned") < 0 || ticket_due(w, "mend", w->now, &s->t.due_at, &certificate) < 0)
        return -1;
    s->t.round++;
    s->t.reported_at = 0;
    if (db_exec(w, &sql_ticket_round_insert, DB_INT(s->t.id), DB_INT(s->t.round), DB_INT(w->now), DB_INT(s->t.due_at),
                DB_TEXT(certificate)) < 0 ||
        move(w, s, "acknowledged") < 0)
        return -1;
    json_t *p = from_to(s, "acknowledged");
    json_set_str(p, "reason", text_of(s));
    json_set_day(w->arena, p, "due", day_of(s->t.due_at));
    return ticket_event(w, &s->t, "ticket_returned", p) < 0
               ? -1
               : ticket_tell(w, &s->t, false, "red", "督办单退回，请继续整改");
}

static int act_cancel(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    s->t.closed_at = w->now;
    s->t.reason = text_of(s);
    if (db_exec(w, &sql_ticket_alerts_release, DB_INT(s->t.id)) < 0 || move(w, s, "cancelled") < 0)
        return -1;
    json_t *p = from_to(s, "cancelled");
    json_set_str(p, "reason", text_of(s));
    return ticket_event(w, &s->t, "ticket_cancelled", p) < 0 ? -1
                                                             : ticket_tell(w, &s->t, false, "grey", "督办单已撤销");
}

/* ── the formal notice (督办通知书) ── */

static struct str findings(struct work *w, const struct db_rows *r, struct str *ret_grounds) {
    struct str all = S(""), grounds = S("");
    for (size_t i = 0; i < r->n; i++) {
        struct str note = db_s(r, i, 2), ground = db_s(r, i, 9);
        all = str_printf(w->arena, "%.*s%s%zu．%.*s（自%.*s起）%s%.*s", STR_ARG(all), i ? "\n" : "", i + 1,
                         STR_ARG(db_s(r, i, 1)), STR_ARG(day_chinese(w->arena, day_of(db_i(r, i, 6)))),
                         note.n ? "：" : "。", STR_ARG(note));
        if (ground.n && str_find(grounds, ground) < 0)
            grounds = str_printf(w->arena, "%.*s%s%.*s", STR_ARG(grounds), grounds.n ? "；" : "", STR_ARG(ground));
    }
    *ret_grounds = grounds;
    return all;
}

static json_t *notice_facts(struct work *w, const struct ticket *t) {
    struct db_rows r;
    struct str grounds;
    if (db_query(w, &sql_ticket_alerts, &r, DB_INT(t->id)) < 0)
        return NULL;
    json_t *facts = json_object(), *o = json_object();
    json_set_str(o, "findings", findings(w, &r, &grounds));
    json_set_str(o, "grounds", grounds);
    json_set_str(o, "number", t->number);
    json_set_str(o, "unit_name", t->unit_name);
    json_set_str(o, "demand", t->demand);
    json_set_str(o, "acknowledge_text", day_chinese(w->arena, day_of(t->ack_due_at)));
    json_set_str(o, "due_text", day_chinese(w->arena, day_of(t->due_at)));
    json_object_set_new(facts, "ticket", o);
    return facts;
}

static int act_letter(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    json_t *facts = notice_facts(w, &s->t);
    (void)input;
    if (!facts)
        return -1;
    int rc = letter_draft(w,
                          &(struct letter_new){.unit_id = s->t.office_id,
                                               .template = "ticket",
                                               .subject_kind = "ticket",
                                               .subject_id = s->t.id,
                                               .facts = facts},
                          &s->t.letter_id);
    json_decref(facts);
    if (rc < 0 || letter_issue_numbered(w, s->t.letter_id, work_today(w), s->t.number) < 0 || move(w, s, s->from) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "letter", s->t.letter_id);
    return ticket_event(w, &s->t, "ticket_letter", p) < 0 ? -1 : ticket_tell(w, &s->t, false, "red", "收到督办通知书");
}

/* ── the table ── */

#define OFFICE_ROWS(state)                                                                                             \
    {state, "letter", state, PERM_TICKET_ISSUE, guard_letter, act_letter, "制发督办通知书", FLOW_PLAIN}, {             \
        state, "cancel", "cancelled", PERM_TICKET_ISSUE, guard_person, act_cancel, "撤销督办单",                       \
            FLOW_REASON | FLOW_DANGER                                                                                  \
    }

static const struct flow_row rows[] = {
    {"sent", "acknowledge", "acknowledged", PERM_ALERT_ANSWER, guard_person, act_acknowledge, "签收督办单", FLOW_MAIN},
    OFFICE_ROWS("sent"),
    {"acknowledged", "mend", "mended", PERM_ALERT_ANSWER, guard_person, act_mend, "报告整改", FLOW_MAIN | FLOW_REASON},
    {"acknowledged", "explain", "explained", PERM_ALERT_ANSWER, guard_person, act_explain, "说明情况", FLOW_REASON},
    OFFICE_ROWS("acknowledged"),
    {"explained", "mend", "mended", PERM_ALERT_ANSWER, guard_person, act_mend, "报告整改", FLOW_MAIN | FLOW_REASON},
    {"explained", "explain", "explained", PERM_ALERT_ANSWER, guard_person, act_explain, "补充说明", FLOW_REASON},
    OFFICE_ROWS("explained"),
    {"mended", "pass", "closed", PERM_TICKET_ISSUE, guard_pass, act_pass, "核验通过，办结", FLOW_MAIN},
    {"mended", "return", "acknowledged", PERM_TICKET_ISSUE, guard_person, act_return, "退回继续整改", FLOW_REASON},
    OFFICE_ROWS("mended"),
};

static int scope(struct work *w, void *subject, int permission) {
    return org_may(w, permission, ((const struct step_subject *)subject)->t.unit_id);
}

const struct flow ticket_flow = {"ticket", states, countof(states), rows, countof(rows), scope, actor_may};

/* ── one step ── */

static int text_check(struct work *w, const struct flow_row *row, const struct ticket_step *x) {
    struct str text = str_trim(x->text);
    if ((row->flags & FLOW_REASON) && utf8_length(text) < 4)
        return fail_field(w, "text", "required", "请写明情况，不少于 4 个字");
    return utf8_length(text) > TEXT_CHARS ? fail_field(w, "text", "too_long", "最多 %d 个字", TEXT_CHARS) : 0;
}

int ticket_step(struct work *w, int64_t id, const char *verb, const struct ticket_step *x) {
    struct step_subject s = {.x = x};
    struct db_rows lock;
    if (db_lock(w, &sql_ticket_lock, &lock, DB_INT(id)) < 0 || ticket_get(w, id, &s.t) < 0 ||
        org_may(w, PERM_ALERT_READ, s.t.unit_id) < 0)
        return -1;
    s.from = str_dupz(w->arena, s.t.state);
    if (x->revision && x->revision != s.t.revision)
        return fail(w, ERR_CONFLICT, "督办单的状态刚刚变化，请查看最新情况后再办理");
    const struct flow_row *row = flow_find(&ticket_flow, s.from, verb);
    if (row && (org_may(w, row->permission, s.t.unit_id) < 0 || text_check(w, row, x) < 0))
        return -1;
    return flow_step(w, &ticket_flow, s.from, verb, &s, x);
}

/* ── what each form asks ── */

static const struct {
    const char *verb, *label, *hint;
} asks[] = {
    {"explain", "情况说明", "与认定不符的，写明依据；需要更多时间的，写明原因和安排"},
    {"mend", "整改情况", "写明做了什么、在哪里可以看到；系统会同时核对各条预警是否已经解除"},
    {"pass", "核验意见", "可以不填"},
    {"return", "退回意见", "写明还缺什么；退回后整改期限从今天重新计算"},
    {"cancel", "撤销理由", "撤销后该督办单不再计算期限"},
};

json_t *ticket_actions(struct work *w, const struct ticket *t) {
    struct step_subject s = {.t = *t};
    json_t *list = flow_actions(w, &ticket_flow, str_dupz(w->arena, t->state), &s), *o;
    size_t i;
    json_array_foreach(list, i, o) {
        const char *verb = json_string_value(json_object_get(o, "verb"));
        json_object_set_new(o, "ask", json_false());
        for (size_t k = 0; k < countof(asks); k++)
            if (strcmp(asks[k].verb, verb) == 0)
                json_object_set_new(o, "ask", json_pack("{s:s, s:s}", "label", asks[k].label, "hint", asks[k].hint));
    }
    return list;
}
