/* rule_flow.c: the life of a rule as a table: draft → on ⇄ off → ended. Switching on needs a dry run of exactly what is
 * switched on; a large one needs a second person. */
#include "job/job.h"
#include "supervision/rule_internal.h"

struct rule_limits rule_limits = {10000, 20, 30, 1096};

struct step {
    struct rule_row row;
    struct str reason;
};

static const struct flow_state states[] = {
    {"draft", "草案", "grey"},
    {"on", "已启用", "green"},
    {"off", "已停用", "yellow"},
    {"ended", "已废止", "grey"},
};

/* ── guards ── */

static int guard_newer(struct work *w, const struct rule_row *r) {
    if (!r->check)
        return fail(w, ERR_WRONG_STATE, "这条规则使用的检查项已经不在系统中");
    if (str_is(r->state, "on") && r->version_id == r->on_version_id)
        return fail(w, ERR_WRONG_STATE, "第 %lld 版已经启用；修改并试运行后，才能启用新的版本", (long long)r->version);
    return 0;
}

/* 0 and its burden, or -1: it was not tried as it is. */
static int tried(struct work *w, const struct rule_row *r, struct rule_run *run, struct rule_load *load) {
    int n = rule_run_valid(w, r, run);
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_WRONG_STATE, "第 %lld 版在 %lld 日内没有完成过试运行，请先试运行", (long long)r->version,
                    (long long)rule_limits.tried_days);
    rule_run_load(w, run, load);
    json_decref(run->result);
    run->result = NULL;
    return 0;
}

static int tried_now(struct work *w, const struct rule_row *r, struct str *ret_large) {
    struct rule_run run;
    struct rule_load load;
    if (guard_newer(w, r) < 0 || tried(w, r, &run, &load) < 0)
        return -1;
    *ret_large = rule_large(w, &load);
    return 0;
}

static int guard_on(struct work *w, void *subject) {
    const struct rule_row *r = &((struct step *)subject)->row;
    struct str large;
    if (tried_now(w, r, &large) < 0)
        return -1;
    return large.n ? fail(w, ERR_WRONG_STATE, "%.*s，须申请启用，由另一人复核", STR_ARG(large)) : 0;
}

static int guard_ask(struct work *w, void *subject) {
    const struct rule_row *r = &((struct step *)subject)->row;
    struct str large;
    if (tried_now(w, r, &large) < 0)
        return -1;
    if (r->asked_by)
        return fail(w, ERR_WRONG_STATE, "%.*s已经申请启用，正在等待复核", STR_ARG(r->asked_by_name));
    return large.n ? 0 : fail(w, ERR_WRONG_STATE, "试运行结果没有超过规定数量，可以直接启用");
}

static int guard_decide(struct work *w, void *subject) {
    const struct rule_row *r = &((struct step *)subject)->row;
    int64_t me = w->actor.person_id;
    if (!r->asked_by || r->asked_version_id != r->version_id)
        return fail(w, ERR_WRONG_STATE, "没有等待复核的启用申请");
    if (!me || me == r->asked_by)
        return fail(w, ERR_FORBIDDEN, "启用申请由您提出，须由另一人复核");
    if (me == r->made_by)
        return fail(w, ERR_FORBIDDEN, "这一版由您编写，须由另一人复核");
    return 0;
}

static int guard_approve(struct work *w, void *subject) {
    struct str large;
    return guard_decide(w, subject) < 0 || tried_now(w, &((struct step *)subject)->row, &large) < 0 ? -1 : 0;
}

/* ── actions ── */

static int changed(struct work *w, int n) {
    return n < 0 ? -1 : n == 0 ? fail(w, ERR_WRONG_STATE, "规则的状态已经变化，请刷新页面查看最新情况") : 0;
}

/* The subjects are gone through by a job: alerts made, or closed. */
static int enrol(struct work *w, const struct rule_row *r) {
    json_t *args = json_object();
    json_set_int(args, "rule", r->id);
    int rc = job_add(w, "supervision_enrol", args, 0, str_printf(w->arena, "%lld", (long long)r->id));
    json_decref(args);
    return rc;
}

/* Those who may decide, and those who asked, hear of it. */
static int tell(struct work *w, const struct rule_row *r, int permission, const char *what, struct str text) {
    struct notice n = {.permission = permission, .office = true, .tone = "blue", .text = text};
    n.title = str_printf(w->arena, "%s：%.*s", what, STR_ARG(r->name));
    n.address = str_printf(w->arena, "/desk/rules/%lld", (long long)r->id);
    return notice_add(w, &n) < 0 ? -1 : 0;
}

static json_t *burden(struct work *w, const struct rule_row *r) {
    struct rule_run run;
    struct rule_load load;
    if (tried(w, r, &run, &load) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "run", run.id);
    json_set_int(o, "raised", load.raised);
    json_set_int(o, "standing", load.standing);
    json_set_int(o, "busiest", load.busiest);
    return o;
}

static int switch_on(struct work *w, struct step *s, int64_t asked_by) {
    struct rule_row *r = &s->row;
    json_t *more = burden(w, r);
    if (!more)
        return -1;
    if (asked_by)
        json_set_int(more, "asked_by", asked_by);
    if (changed(w, db_exec(w, &sql_rulebook_set_on, DB_INT(r->id), DB_INT(r->version_id), DB_INT(w->now),
                           DB_TEXT(r->state))) < 0 ||
        changed(w, db_exec(w, &sql_rulebook_freeze, DB_INT(r->version_id))) < 0) {
        json_decref(more);
        return -1;
    }
    return rule_event(w, r, "rule_on", s->reason, more) < 0 ? -1 : enrol(w, r);
}

static int act_on(struct work *w, void *subject, const void *input) {
    (void)input;
    return switch_on(w, subject, 0);
}

static int act_approve(struct work *w, void *subject, const void *input) {
    (void)input;
    struct step *s = subject;
    return switch_on(w, s, s->row.asked_by) < 0 ? -1 : tell(w, &s->row, PERM_RULE_EDIT, "已同意启用", s->reason);
}

static int act_ask(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    (void)input;
    if (!w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "启用申请要由人提出");
    json_t *more = burden(w, &s->row);
    if (!more)
        return -1;
    if (changed(w, db_exec(w, &sql_rulebook_set_asked, DB_INT(s->row.id), DB_INT(w->actor.person_id),
                           DB_INT(s->row.version_id))) < 0) {
        json_decref(more);
        return -1;
    }
    return rule_event(w, &s->row, "rule_asked", s->reason, more) < 0
               ? -1
               : tell(w, &s->row, PERM_RULE_APPROVE, "大范围监督规则等待复核", s->reason);
}

static int act_refuse(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    (void)input;
    if (changed(w, db_exec(w, &sql_rulebook_set_asked, DB_INT(s->row.id), DB_NULL, DB_NULL)) < 0)
        return -1;
    return rule_event(w, &s->row, "rule_refused", s->reason, NULL) < 0
               ? -1
               : tell(w, &s->row, PERM_RULE_EDIT, "不同意启用", s->reason);
}

static int leave(struct work *w, struct step *s, const char *to, const char *verb) {
    bool was_on = str_is(s->row.state, "on");
    if (changed(w, db_exec(w, &sql_rulebook_set_state, DB_INT(s->row.id), DB_TEXTZ(to), DB_TEXT(s->row.state))) < 0 ||
        rule_event(w, &s->row, verb, s->reason, NULL) < 0)
        return -1;
    return was_on ? enrol(w, &s->row) : 0;
}

static int act_off(struct work *w, void *subject, const void *input) {
    (void)input;
    return leave(w, subject, "off", "rule_off");
}

static int act_end(struct work *w, void *subject, const void *input) {
    (void)input;
    return leave(w, subject, "ended", "rule_ended");
}

/* ── the table ── */

static int scope(struct work *w, void *subject, int permission) {
    (void)subject;
    return rule_may(w, permission);
}

#define SWITCHING(state, on_label)                                                                                     \
    {state, "on", "on", PERM_RULE_EDIT, guard_on, act_on, on_label, FLOW_REASON | FLOW_MAIN},                          \
        {state, "ask", NULL, PERM_RULE_EDIT, guard_ask, act_ask, "申请启用", FLOW_REASON | FLOW_MAIN},                 \
        {state, "approve", "on", PERM_RULE_APPROVE, guard_approve, act_approve, "同意启用", FLOW_REASON | FLOW_MAIN},  \
    {                                                                                                                  \
        state, "refuse", NULL, PERM_RULE_APPROVE, guard_decide, act_refuse, "不同意启用", FLOW_REASON                  \
    }
static const struct flow_row rows[] = {
    SWITCHING("draft", "启用规则"),
    SWITCHING("on", "启用新版本"),
    SWITCHING("off", "重新启用"),
    {"on", "off", "off", PERM_RULE_EDIT, NULL, act_off, "停用规则", FLOW_REASON},
    {"draft", "end", "ended", PERM_RULE_EDIT, NULL, act_end, "废止规则", FLOW_REASON | FLOW_DANGER},
    {"on", "end", "ended", PERM_RULE_EDIT, NULL, act_end, "废止规则", FLOW_REASON | FLOW_DANGER},
    {"off", "end", "ended", PERM_RULE_EDIT, NULL, act_end, "废止规则", FLOW_REASON | FLOW_DANGER},
};
const struct flow rule_flow = {"rule", states, countof(states), rows, countof(rows), scope, actor_may};

int rule_step(struct work *w, int64_t id, const char *verb, const struct rule_step_input *x) {
    struct step s = {.reason = str_trim(x->reason)};
    struct db_rows lock;
    if (db_lock(w, &sql_rulebook_lock, &lock, DB_INT(id)) < 0)
        return -1;
    int n = rule_row_get(w, id, 0, &s.row);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条监督规则");
    const struct flow_row *row = flow_find(&rule_flow, s.row.state.p, verb);
    if (row && x->version && x->version != s.row.version)
        return fail(w, ERR_CONFLICT, "规则已有第 %lld 版，请刷新页面，看过最新版本再办理", (long long)s.row.version);
    if (row && actor_may(&w->actor, row->permission) && (row->flags & FLOW_REASON) && utf8_length(s.reason) < 2)
        return fail_field(w, "reason", "required", "请写明“%s”的理由", row->label);
    return flow_step(w, &rule_flow, s.row.state.p, verb, &s, NULL);
}

/* Buttons of the page: steps that are not the question now are left out instead of being shown as refused. */
json_t *rule_actions(struct work *w, const struct rule_row *r) {
    struct step s = {.row = *r};
    json_t *list = flow_actions(w, &rule_flow, r->state.p, &s), *out = json_array(), *o;
    bool asked = r->asked_by && r->asked_version_id == r->version_id;
    size_t i;
    json_array_foreach(list, i, o) {
        const char *verb = json_string_value(json_object_get(o, "verb"));
        bool allowed = json_is_true(json_object_get(o, "allowed"));
        bool deciding = strcmp(verb, "approve") == 0 || strcmp(verb, "refuse") == 0;
        if ((deciding && !asked) || (strcmp(verb, "ask") == 0 && !allowed) ||
            (strcmp(verb, "on") == 0 && !allowed && asked))
            continue;
        json_array_append(out, o);
    }
    json_decref(list);
    return out;
}

/* ── numbers ── */

static int64_t number(const json_t *rules, const char *key, int64_t least, int64_t otherwise) {
    const json_t *v = json_object_get(rules, key);
    if (!v)
        return otherwise;
    return json_is_integer(v) && json_integer_value(v) >= least ? json_integer_value(v) : -1;
}

int rule_limits_load(struct str text) {
    json_t *all = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *rules = json_object_get(all, "rules");
    struct rule_limits l = {number(rules, "second_person_alerts", 1, rule_limits.alerts),
                            number(rules, "second_person_per_post_week", 1, rule_limits.per_post_week),
                            number(rules, "tried_days", 1, rule_limits.tried_days),
                            number(rules, "most_days", 7, rule_limits.most_days)};
    bool good = json_is_object(rules) && l.alerts > 0 && l.per_post_week > 0 && l.tried_days > 0 && l.most_days > 0;
    if (good)
        rule_limits = l;
    json_decref(all);
    return good ? 0 : -1;
}
