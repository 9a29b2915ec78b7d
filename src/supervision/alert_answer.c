/* alert_answer.c: what a unit says of an alert, and what is decided: a table:
 *
 *   open → mended (已整改): closed when the records say so, else refused with what is missing
 *        → answered (不属实, 申请免除) → closed (认定不属实, 免除) | open again (不予认可)
 *
 * A duty is waived by the verb of its own room and by who may do that; everything else by who decides on alerts. */
#include "supervision/alert_internal.h"

#include "duty/duty.h"

#define REASON_CHARS 2000

static const struct flow_state states[] = {
    {"open", "待处理", "orange"}, {"answered", "已答复，待认定", "yellow"}, {"closed", "已解除", "grey"}};

struct step_subject {
    struct alert_full f;
    const struct alert_step *x;
    const char *from;
};

/* ── guards ── */

static int guard_person(struct work *w, void *subject) {
    (void)subject;
    return w->actor.person_id ? 0 : fail(w, ERR_FORBIDDEN, "预警须由在岗人员答复和认定，业务系统令牌不能代替");
}

static bool of_duty(const struct step_subject *s) {
    return str_is(s->f.a.subject_kind, "duty");
}

static int guard_false(struct work *w, void *subject) {
    const struct step_subject *s = subject;
    if (guard_person(w, subject) < 0)
        return -1;
    return str_is(s->f.a.answer, "false") ? 0 : fail(w, ERR_WRONG_STATE, "单位没有提出“不属实”");
}

static int guard_waive(struct work *w, void *subject) {
    const struct step_subject *s = subject;
    if (guard_person(w, subject) < 0)
        return -1;
    if (!str_is(s->f.a.answer, "waive"))
        return fail(w, ERR_WRONG_STATE, "单位没有申请免除");
    return of_duty(s) ? fail(w, ERR_WRONG_STATE, "这是应公开任务，须选择依法不予公开的情形，按“免除此任务”办理") : 0;
}

static int guard_waive_duty(struct work *w, void *subject) {
    const struct step_subject *s = subject;
    struct duty d;
    if (guard_person(w, subject) < 0)
        return -1;
    if (!of_duty(s))
        return fail(w, ERR_WRONG_STATE, "这条预警不是应公开任务");
    if (!str_is(s->f.a.answer, "waive"))
        return fail(w, ERR_WRONG_STATE, "单位没有申请免除");
    if (duty_get(w, s->f.a.subject_id, &d) < 0)
        return -1;
    return str_is(d.state, "open") ? 0 : fail(w, ERR_WRONG_STATE, "此任务已经办结，不需要免除");
}

/* ── actions ── */

static int tell(struct work *w, const struct alert *a, bool deciders, const char *tone, const char *what) {
    struct notice n = {.unit_id = a->unit_id,
                       .permission = deciders ? PERM_ALERT_DECIDE : PERM_ALERT_ANSWER,
                       .office = deciders,
                       .tone = tone,
                       .title = str_printf(w->arena, "%s：%.*s", what, STR_ARG(a->title)),
                       .address = str_printf(w->arena, "/desk/alerts/%lld", (long long)a->id)};
    return notice_add(w, &n) < 0 ? -1 : 0;
}

static int move(struct work *w, struct step_subject *s, const char *state, const char *outcome) {
    struct alert before = s->f.a;
    s->f.a.state = str_z(state);
    s->f.a.outcome = str_z(outcome);
    s->f.a.closed_at = strcmp(state, "closed") == 0 ? w->now : 0;
    return alert_save(w, &before, &s->f.a, NULL);
}

static int keep_answer(struct work *w, struct step_subject *s, const char *answer) {
    s->f.a.answer = str_z(answer);
    return db_exec(w, &sql_alert_answer_set, DB_INT(s->f.a.id), DB_TEXTZ(answer), DB_TEXT(str_trim(s->x->reason)),
                   DB_ID(w->actor.person_id), DB_INT(w->now)) < 0
               ? -1
               : 0;
}

static int answered(struct work *w, struct step_subject *s, const char *answer) {
    json_t *p = json_pack("{s:s, s:s}", "answer", answer, "from", s->from);
    json_set_str(p, "reason", str_trim(s->x->reason));
    return alert_event(w, &s->f.a, "answered", p);
}

static int claim(struct work *w, struct step_subject *s, const char *answer, const char *what) {
    return keep_answer(w, s, answer) < 0 || move(w, s, "answered", "") < 0 || answered(w, s, answer) < 0
               ? -1
               : tell(w, &s->f.a, true, "yellow", what);
}

static int act_deny(struct work *w, void *subject, const void *input) {
    (void)input;
    return claim(w, subject, "false", "单位认为预警不属实，请认定");
}

static int act_ask_waive(struct work *w, void *subject, const void *input) {
    (void)input;
    return claim(w, subject, "waive", "单位申请免除，请决定");
}

/* The records decide: the course is looked at again, now. */
static int look_again(struct work *w, struct step_subject *s) {
    struct rule r;
    struct alert now;
    int n = rule_get(w, s->f.a.rule_id, 0, &r);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "这条规则已不再使用，预警将由系统解除");
    int rc = evaluate(w, &r, s->f.a.subject_id);
    rule_release(&r);
    if (rc < 0 || alert_get(w, s->f.a.id, &now) < 0)
        return -1;
    if (str_is(now.state, "closed"))
        return s->f.a = now, 0;
    return fail(w, ERR_WRONG_STATE, "系统核对后仍未解除：%.*s。整改到位后会自动解除；认为不属实的，请写明依据答复",
                STR_ARG(utf8_head(now.note.n ? now.note : now.title, 100)));
}

static int act_mended(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    if (db_begin(w) < 0)
        return -1;
    /* said first: the engine knows then that what ends was mended */
    if (keep_answer(w, s, "mended") < 0 || look_again(w, s) < 0 || answered(w, s, "mended") < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int keep_decision(struct work *w, const struct step_subject *s) {
    return db_exec(w, &sql_alert_decide_set, DB_INT(s->f.a.id), DB_ID(w->actor.person_id), DB_INT(w->now),
                   DB_TEXT(str_trim(s->x->reason))) < 0
               ? -1
               : 0;
}

static int decided(struct work *w, const struct step_subject *s, const char *verb, const char *result) {
    json_t *p = json_pack("{s:s, s:s}", "outcome", result, "answer", s->f.a.answer.p ? s->f.a.answer.p : "");
    json_set_str(p, "reason", str_trim(s->x->reason));
    if (s->x->ground.n)
        json_set_str(p, "ground", s->x->ground);
    return alert_event(w, &s->f.a, verb, p);
}

static int close_by_decision(struct work *w, struct step_subject *s, const char *verb, const char *outcome,
                             const char *what) {
    return keep_decision(w, s) < 0 || move(w, s, "closed", outcome) < 0 ||
                   db_exec(w, &sql_alert_notices_drop, DB_INT(s->f.a.id)) < 0 || decided(w, s, verb, outcome) < 0
               ? -1
               : tell(w, &s->f.a, false, "green", what);
}

static int act_false(struct work *w, void *subject, const void *input) {
    (void)input;
    return close_by_decision(w, subject, "decided", "false", "认定不属实，预警已解除");
}

static int act_waive(struct work *w, void *subject, const void *input) {
    (void)input;
    return close_by_decision(w, subject, "waived", "waived", "已同意免除，预警已解除");
}

static int act_waive_duty(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    return duty_waive(w, s->f.a.subject_id, s->x->ground, str_trim(s->x->reason)) < 0
               ? -1
               : close_by_decision(w, s, "waived", "waived", "已同意免除任务，预警已解除");
}

static int act_refuse(struct work *w, void *subject, const void *input) {
    struct step_subject *s = subject;
    (void)input;
    return keep_decision(w, s) < 0 || move(w, s, "open", "") < 0 || decided(w, s, "decided", "refused") < 0
               ? -1
               : tell(w, &s->f.a, false, "red", "答复未获认可，请继续整改");
}

/* ── the table ── */

static const struct flow_row rows[] = {
    {"open", "mended", NULL, PERM_ALERT_ANSWER, guard_person, act_mended, "已整改，请核对", FLOW_MAIN},
    {"open", "deny", "answered", PERM_ALERT_ANSWER, guard_person, act_deny, "答复不属实", FLOW_REASON},
    {"open", "ask_waive", "answered", PERM_ALERT_ANSWER, guard_person, act_ask_waive, "申请免除", FLOW_REASON},
    {"answered", "mended", NULL, PERM_ALERT_ANSWER, guard_person, act_mended, "已整改，请核对", FLOW_PLAIN},
    {"answered", "false", "closed", PERM_ALERT_DECIDE, guard_false, act_false, "认定不属实", FLOW_REASON | FLOW_MAIN},
    {"answered", "waive", "closed", PERM_ALERT_DECIDE, guard_waive, act_waive, "同意免除", FLOW_REASON | FLOW_MAIN},
    {"answered", "waive_duty", "closed", PERM_DUTY_WAIVE, guard_waive_duty, act_waive_duty, "免除此任务",
     FLOW_REASON | FLOW_DANGER},
    {"answered", "refuse", "open", PERM_ALERT_DECIDE, guard_person, act_refuse, "不予认可，继续整改", FLOW_REASON},
};

static int scope(struct work *w, void *subject, int permission) {
    return org_may(w, permission, ((const struct step_subject *)subject)->f.a.unit_id);
}

const struct flow alert_flow = {"alert", states, countof(states), rows, countof(rows), scope, actor_may};

/* ── one step ── */

int64_t alert_seen(const struct alert_full *f) {
    return f->answered_at > f->decided_at ? f->answered_at : f->decided_at;
}

static int reason_check(struct work *w, const struct flow_row *row, const struct alert_step *x) {
    struct str reason = str_trim(x->reason);
    if ((row->flags & FLOW_REASON) && utf8_length(reason) < 4)
        return fail_field(w, "reason", "required", "请写明理由和依据，不少于 4 个字");
    return utf8_length(reason) > REASON_CHARS ? fail_field(w, "reason", "too_long", "最多 %d 个字", REASON_CHARS) : 0;
}

int alert_step(struct work *w, int64_t id, const char *verb, const struct alert_step *x) {
    struct step_subject s = {.x = x};
    struct db_rows lock;
    if (db_lock(w, &sql_alert_lock, &lock, DB_INT(id)) < 0 || alert_full_get(w, id, &s.f) < 0 ||
        org_may(w, PERM_ALERT_READ, s.f.a.unit_id) < 0)
        return -1;
    s.from = str_dupz(w->arena, s.f.a.state);
    if (x->seen >= 0 && x->seen != alert_seen(&s.f))
        return fail(w, ERR_CONFLICT, "这条预警刚刚有新的答复或者认定，请查看最新情况后再办理");
    const struct flow_row *row = flow_find(&alert_flow, s.from, verb);
    if (row && (org_may(w, row->permission, s.f.a.unit_id) < 0 || reason_check(w, row, x) < 0))
        return -1;
    return flow_step(w, &alert_flow, s.from, verb, &s, x);
}

static const struct {
    const char *verb, *label, *hint;
} asks[] = {
    {"mended", "整改情况", "可以不填；系统按记录核对，确已整改的立即解除"},
    {"deny", "不属实的依据", "写明事实和依据，由监督岗位认定"},
    {"ask_waive", "申请免除的理由", "写明依据，由有权的岗位决定"},
    {"false", "认定理由", "认定后预警解除，并计为规则的误报"},
    {"waive", "同意的理由", ""},
    {"waive_duty", "免除的理由", "免除后此任务不再计入应公开"},
    {"refuse", "不予认可的理由", "预警继续有效，单位会收到通知"},
};

/* A row that another answer would need is not shown as blocked: it is of another matter. */
static bool of_other_answer(const struct alert *a, const char *verb) {
    bool duty = str_is(a->subject_kind, "duty"), waive = str_is(a->answer, "waive");
    if (strcmp(verb, "false") == 0)
        return !str_is(a->answer, "false");
    if (strcmp(verb, "waive") == 0)
        return !waive || duty;
    return strcmp(verb, "waive_duty") == 0 && (!waive || !duty);
}

json_t *alert_actions(struct work *w, const struct alert_full *f) {
    struct step_subject s = {.f = *f};
    json_t *list = flow_actions(w, &alert_flow, str_dupz(w->arena, f->a.state), &s);
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *o = json_array_get(list, i);
        const char *verb = json_string_value(json_object_get(o, "verb"));
        if (of_other_answer(&f->a, verb)) {
            json_array_remove(list, i);
            continue;
        }
        for (size_t k = 0; k < countof(asks); k++)
            if (strcmp(asks[k].verb, verb) == 0)
                json_object_set_new(o, "ask", json_pack("{s:s, s:s}", "label", asks[k].label, "hint", asks[k].hint));
        json_set_bool(o, "wants_ground", strcmp(verb, "waive_duty") == 0);
    }
    return list;
}

/* ── precision ── */

int rule_precision(struct work *w, int64_t rule_id, int64_t version_id, struct precision *ret) {
    struct db_rows r;
    int n_rows = version_id ? db_one(w, &sql_rule_precision_version, &r, DB_INT(version_id))
                            : db_one(w, &sql_rule_precision_rule, &r, DB_INT(rule_id));
    if (n_rows != 1)
        return -1;
    *ret = (struct precision){.raised = db_i(&r, 0, 0),
                              .confirmed = db_i(&r, 0, 1),
                              .false_alarms = db_i(&r, 0, 2),
                              .waived = db_i(&r, 0, 3),
                              .open = db_i(&r, 0, 4),
                              .hundredths = -1};
    int64_t n = ret->confirmed + ret->false_alarms;
    if (n)
        ret->hundredths = (ret->confirmed * 20000 + n) / (2 * n); /* rounded half up */
    return 0;
}
