/* catalogue_flow.c: the life of a change proposal as a table: draft → submitted → approved → in force, or rejected. */
#include "auth/auth.h"
#include "catalogue/catalogue_internal.h"

struct step {
    struct proposal p;
    struct str reason;
};

static const struct flow_state states[] = {
    {"draft", "拟议", "grey"},       {"submitted", "待审定", "blue"}, {"approved", "已审定，待生效", "yellow"},
    {"in_force", "已生效", "green"}, {"rejected", "不予采纳", "red"},
};

static int move(struct work *w, struct step *s, const char *to, bool decides, day_t effective) {
    struct proposal *p = &s->p;
    int64_t by = decides ? w->actor.person_id : p->decided_by, at = decides ? w->now : p->decided_at;
    int n = db_exec(w, &sql_proposal_set_state, DB_INT(p->id), DB_TEXTZ(to), DB_ID(by), DB_INT(at), DB_TEXT(s->reason),
                    DB_TEXT(day_str(w->arena, effective)), DB_TEXT(p->state));
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_WRONG_STATE, "这件目录调整的状态已经变化，请刷新页面查看最新情况");
    p->decided_by = by;
    p->decided_at = at;
    p->effective = effective;
    p->state = str_z(to);
    return 0;
}

/* ── guards ── */

static int first_conflict(struct work *w, struct proposal *p) {
    struct catalogue_state *state;
    json_t *changes = proposal_changes(w, p), *change;
    size_t i;
    int rc = changes && catalogue_state_open(w, &p->catalogue, &state) == 0 ? 0 : -1;
    for (i = 0; rc == 0 && (change = json_array_get(changes, i)); i++) {
        struct str why = change_conflict(w, state, change);
        if (why.n)
            rc = fail(w, ERR_CONFLICT, "有事项在提出后已经变化，请先“按现行目录更新”：%.*s", STR_ARG(why));
    }
    json_decref(changes);
    return rc;
}

static int guard_fits(struct work *w, void *subject) {
    struct step *s = subject;
    return first_conflict(w, &s->p);
}

static int guard_approve(struct work *w, void *subject) {
    struct step *s = subject;
    if (!w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "目录调整须由在岗人员审定");
    if (s->p.proposed_by == w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "提出人不能审定自己提出的调整");
    return first_conflict(w, &s->p);
}

static int guard_decide(struct work *w, void *subject) {
    (void)subject;
    return w->actor.person_id ? 0 : fail(w, ERR_FORBIDDEN, "目录调整须由在岗人员审定");
}

/* ── actions ── */

static int act_submit(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    (void)input;
    return move(w, s, "submitted", false, s->p.effective) < 0 ? -1 : proposal_event(w, &s->p, "submitted", STR_NONE);
}

static int act_withdraw(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    (void)input;
    return move(w, s, "draft", false, s->p.effective) < 0 ? -1 : proposal_event(w, &s->p, "withdrawn", s->reason);
}

/* Takes force at once when its day has come; a past day becomes today: nothing is changed backwards. */
static int act_approve(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    day_t today = work_today(w), effective = s->p.effective > today ? s->p.effective : today;
    (void)input;
    if (move(w, s, "approved", true, effective) < 0 || proposal_event(w, &s->p, "approved", s->reason) < 0)
        return -1;
    return effective == today ? proposal_apply(w, &s->p) : 0;
}

static int act_reject(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    (void)input;
    if (!str_trim(s->reason).n)
        return fail_field(w, "reason", "required", "请写明不予采纳的理由");
    return move(w, s, "rejected", true, s->p.effective) < 0 ? -1 : proposal_event(w, &s->p, "rejected", s->reason);
}

/* The columns the proposer changed, laid over the item as it is now. */
static void rebase_columns(json_t *change, const struct item_row *row) {
    struct item_columns now = item_row_columns(row);
    json_t *before = json_object_get(change, "before"), *after = json_object_get(change, "after"),
           *merged = columns_json(&now), *value;
    const char *key;
    json_object_foreach(after, key, value) if (!json_equal(value, json_object_get(before, key)))
        json_object_set(merged, key, value);
    json_object_set_new(change, "after", merged);
    json_object_set_new(change, "before", columns_json(&now));
    json_set_int(change, "base_version_id", row->item.version_id);
}

static int act_rebase(struct work *w, void *subject, const void *input) {
    struct step *s = subject;
    struct catalogue_state *state;
    json_t *changes = proposal_changes(w, &s->p), *change;
    size_t i;
    (void)input;
    if (!changes || catalogue_state_open(w, &s->p.catalogue, &state) < 0) {
        json_decref(changes);
        return -1;
    }
    json_array_foreach(changes, i, change) {
        const struct item_row *row = change_op(change) == CHANGE_ADD
                                         ? NULL
                                         : state_by_id(state, json_integer_value(json_object_get(change, "item_id")));
        if (row && change_op(change) == CHANGE_EDIT)
            rebase_columns(change, row);
        else if (row)
            json_set_int(change, "base_version_id", row->item.version_id);
    }
    char *text = json_dumps(changes, JSON_COMPACT);
    json_decref(changes);
    int rc = text ? db_exec(w, &sql_proposal_set_changes, DB_INT(s->p.id), DB_TEXTZ(text),
                            DB_TEXT(day_str(w->arena, s->p.effective)))
                  : -1;
    free(text);
    if (rc < 0 || (!str_is(s->p.state, "draft") && move(w, s, "draft", false, s->p.effective) < 0))
        return -1;
    return proposal_event(w, &s->p, "rebased", STR_NONE);
}

static const struct flow_row rows[] = {
    {"draft", "submit", "submitted", PERM_CATALOGUE_PROPOSE, guard_fits, act_submit, "提交审定", FLOW_MAIN},
    {"draft", "rebase", "draft", PERM_CATALOGUE_PROPOSE, NULL, act_rebase, "按现行目录更新", FLOW_PLAIN},
    {"submitted", "approve", "approved", PERM_CATALOGUE_APPROVE, guard_approve, act_approve, "审定通过", FLOW_MAIN},
    {"submitted", "reject", "rejected", PERM_CATALOGUE_APPROVE, guard_decide, act_reject, "不予采纳",
     FLOW_REASON | FLOW_DANGER},
    {"submitted", "withdraw", "draft", PERM_CATALOGUE_PROPOSE, NULL, act_withdraw, "撤回修改", FLOW_PLAIN},
    {"submitted", "rebase", "draft", PERM_CATALOGUE_PROPOSE, NULL, act_rebase, "按现行目录更新", FLOW_PLAIN},
    {"approved", "apply", "in_force", PERM_CATALOGUE_APPROVE, NULL, NULL, "到期生效", FLOW_SYSTEM},
    {"approved", "rebase", "draft", PERM_CATALOGUE_PROPOSE, NULL, act_rebase, "按现行目录更新", FLOW_PLAIN},
    {"approved", "reject", "rejected", PERM_CATALOGUE_APPROVE, guard_decide, act_reject, "停止生效",
     FLOW_REASON | FLOW_DANGER},
};

/* The proposer always; else those whose scope holds the catalogue's unit. */
static int scope(struct work *w, void *subject, int permission) {
    struct step *s = subject;
    if (permission == PERM_CATALOGUE_PROPOSE && w->actor.person_id && s->p.proposed_by == w->actor.person_id)
        return 0;
    return org_may(w, permission, s->p.catalogue.unit_id);
}

static const struct flow flow = {"目录调整", states, countof(states), rows, countof(rows), scope, actor_may};
const struct flow *const catalogue_proposal_flow = &flow;

int proposal_step(struct work *w, int64_t id, const char *verb, struct str reason) {
    struct step s = {.reason = str_trim(reason)};
    struct db_rows r;
    if (utf8_length(s.reason) > 500)
        return fail_field(w, "reason", "too_long", "理由不能超过 500 个字");
    if (db_lock(w, &sql_proposal_lock, &r, DB_INT(id)) < 0 || proposal_get(w, id, &s.p) < 0)
        return -1;
    const char *state = str_dupz(w->arena, s.p.state);
    return flow_step(w, &flow, state, verb, &s, NULL);
}

json_t *proposal_actions(struct work *w, const struct proposal *p) {
    struct step s = {.p = *p};
    return flow_actions(w, &flow, str_dupz(w->arena, p->state), &s);
}
