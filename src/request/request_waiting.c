/* request_waiting.c: what waits for whom: the states that each permission acts on, for the desk's home and its counts.
 */
#include "request/request_internal.h"

static const struct {
    const char *state;
    int permission;
    const char *action;
} waits[] = {
    {"submitted", PERM_REQUEST_WORK, "确认收到"}, {"registered", PERM_REQUEST_WORK, "承办"},
    {"working", PERM_REQUEST_WORK, "办理"},       {"drafting", PERM_REQUEST_WORK, "拟写答复"},
    {"legal", PERM_REQUEST_LEGAL, "合法性审核"},  {"secrecy", PERM_REVIEW_SECRECY, "保密审查"},
    {"signing", PERM_REQUEST_SIGN, "签发"},       {"replied", PERM_REQUEST_WORK, "送达"},
};

static json_t *row(struct work *w, const struct request *c, const char *action) {
    const struct flow_state *s = flow_state(&request_flow, str_dupz(w->arena, c->state));
    json_t *o = json_object(), *clock = request_clock(w, c);
    struct str title = c->subject.n ? c->subject : c->info_number.n ? c->info_number : utf8_head(c->description, 40);
    json_set_int(o, "id", c->id);
    json_set_str(o, "number", c->number);
    json_set_str(o, "title", title);
    json_set_str(o, "note",
                 str_printf(w->arena, "依申请公开 %.*s · %.*s · %s", STR_ARG(c->number), STR_ARG(c->unit_short),
                            s ? s->name : ""));
    json_set_int(o, "due_at", c->due_at);
    if (json_is_null(clock))
        json_decref(clock);
    else
        json_object_set_new(o, "clock", clock);
    json_object_set_new(o, "href", json_sprintf("/desk/requests/%lld", (long long)c->id));
    json_object_set_new(o, "action_href", json_sprintf("/desk/requests/%lld", (long long)c->id));
    json_object_set_new(o, "action", json_string(action));
    return o;
}

json_t *request_waiting(struct work *w, int64_t limit) {
    json_t *list = json_array();
    int64_t unit = w->actor.all_units ? 0 : w->actor.unit_id;
    if (!w->actor.all_units && !unit)
        return list;
    for (size_t i = 0; i < countof(waits); i++) {
        struct db_rows r;
        bool done = strcmp(waits[i].state, "replied") == 0;
        if (!actor_may(&w->actor, waits[i].permission))
            continue;
        int rc =
            done ? db_query(w, &sql_request_waiting_delivery, &r, DB_TEXTZ(waits[i].state), DB_INT(unit), DB_INT(limit))
                 : db_query(w, &sql_request_waiting_states, &r, DB_TEXTZ(waits[i].state), DB_INT(unit), DB_INT(limit));
        struct request *c;
        int n = rc < 0 ? -1 : request_rows(w, &r, 0, r.n, &c);
        for (int k = 0; k < n; k++)
            json_array_append_new(list, row(w, &c[k], waits[i].action));
        rc = n < 0 ? -1 : 0;
        if (rc < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
