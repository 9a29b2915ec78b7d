/* flow.c: one way through every workflow: find the row, scope, permission, guard, action; and what the table offers. */
#include "flow/flow.h"

const struct flow_state *flow_state(const struct flow *f, const char *code) {
    for (size_t i = 0; code && i < f->state_count; i++)
        if (strcmp(f->states[i].code, code) == 0)
            return &f->states[i];
    return NULL;
}

const struct flow_row *flow_find(const struct flow *f, const char *from, const char *verb) {
    for (size_t i = 0; from && verb && i < f->row_count; i++)
        if (strcmp(f->rows[i].from, from) == 0 && strcmp(f->rows[i].verb, verb) == 0)
            return &f->rows[i];
    return NULL;
}

/* A verb that the table knows in another state is one that came too late, or too early. */
static int not_from_here(struct work *w, const struct flow *f, const char *state, const char *verb) {
    const struct flow_state *s = flow_state(f, state);
    for (size_t i = 0; verb && i < f->row_count; i++)
        if (strcmp(f->rows[i].verb, verb) == 0)
            return fail(w, ERR_WRONG_STATE, "此事项现为“%s”，不能“%s”。请刷新页面查看最新情况",
                        s ? s->name : "未知状态", f->rows[i].label);
    return fail(w, ERR_NOT_FOUND, "没有这一办理步骤");
}

int flow_step(struct work *w, const struct flow *f, const char *state, const char *verb, void *subject,
              const void *input) {
    const struct flow_row *row = flow_find(f, state, verb);
    if (!row)
        return not_from_here(w, f, state, verb);
    if ((row->flags & FLOW_SYSTEM) && (w->actor.person_id || w->actor.token_id))
        return fail(w, ERR_FORBIDDEN, "“%s”由系统到时自动办理，不能由人代办", row->label);
    if (f->scope && f->scope(w, subject, row->permission) < 0)
        return -1;
    if (f->permitted && !f->permitted(&w->actor, row->permission))
        return fail(w, ERR_FORBIDDEN, "您的岗位没有“%s”的权限", row->label);
    if (row->guard && row->guard(w, subject) < 0)
        return -1;
    return row->action ? row->action(w, subject, input) : 0;
}

/* Asks without leaving a trace in w->error. */
static bool asks(struct work *w, int (*answer)(struct work *, void *, const struct flow_row *, const struct flow *),
                 void *subject, const struct flow_row *row, const struct flow *f, char *why, size_t cap) {
    struct error before = w->error;
    error_clear(w);
    bool yes = answer(w, subject, row, f) == 0;
    if (!yes && why)
        snprintf(why, cap, "%s", error_text(&w->error));
    w->error = before;
    return yes;
}

static int ask_scope(struct work *w, void *subject, const struct flow_row *row, const struct flow *f) {
    return f->scope ? f->scope(w, subject, row->permission) : 0;
}

static int ask_guard(struct work *w, void *subject, const struct flow_row *row, const struct flow *f) {
    (void)f;
    return row->guard ? row->guard(w, subject) : 0;
}

static json_t *action_json(const struct flow_row *row, bool allowed, const char *why) {
    json_t *o = json_object();
    json_object_set_new(o, "verb", json_string(row->verb));
    json_object_set_new(o, "label", json_string(row->label));
    json_object_set_new(o, "main", json_boolean(row->flags & FLOW_MAIN));
    json_object_set_new(o, "danger", json_boolean(row->flags & FLOW_DANGER));
    json_object_set_new(o, "reason", json_boolean(row->flags & FLOW_REASON));
    json_object_set_new(o, "allowed", json_boolean(allowed));
    if (!allowed)
        json_object_set_new(o, "why", json_string(why));
    return o;
}

json_t *flow_actions(struct work *w, const struct flow *f, const char *state, void *subject) {
    json_t *list = json_array();
    for (size_t i = 0; state && i < f->row_count; i++) {
        const struct flow_row *row = &f->rows[i];
        char why[sizeof w->error.text] = "";
        if (strcmp(row->from, state) != 0 || (row->flags & FLOW_SYSTEM))
            continue;
        if ((f->permitted && !f->permitted(&w->actor, row->permission)) ||
            !asks(w, ask_scope, subject, row, f, NULL, 0))
            continue;
        bool allowed = asks(w, ask_guard, subject, row, f, why, sizeof why);
        json_array_append_new(list, action_json(row, allowed, why));
    }
    return list;
}
