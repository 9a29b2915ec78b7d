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

struct waiting {
    int64_t id, due_at;
    const char *action;
};

static int by_due(const void *a, const void *b) { /* what has no limit comes last */
    const struct waiting *x = a, *y = b;
    uint64_t p = x->due_at ? (uint64_t)x->due_at : UINT64_MAX, q = y->due_at ? (uint64_t)y->due_at : UINT64_MAX;
    return p != q ? (p > q) - (p < q) : (x->id > y->id) - (x->id < y->id);
}

/* Of every state that the actor acts on. How many, or -1. */
static int gather(struct work *w, int64_t unit, int64_t limit, struct waiting *all) {
    int n = 0;
    for (size_t i = 0; i < countof(waits); i++) {
        struct db_rows r;
        bool done = strcmp(waits[i].state, "replied") == 0;
        if (!actor_may(&w->actor, waits[i].permission))
            continue;
        struct db_value state = DB_TEXTZ(waits[i].state), most = DB_INT(limit);
        int rc = !done  ? db_query(w, &sql_request_waiting_states, &r, state, DB_INT(unit), most)
                 : unit ? db_query(w, &sql_request_waiting_delivery_unit, &r, state, most, DB_INT(unit))
                        : db_query(w, &sql_request_waiting_delivery, &r, state, most);
        if (rc < 0)
            return -1;
        for (size_t k = 0; k < r.n; k++)
            all[n++] = (struct waiting){db_i(&r, k, 0), db_i(&r, k, 1), waits[i].action};
    }
    return n;
}

json_t *request_waiting(struct work *w, int64_t limit) {
    int64_t unit = w->actor.all_units ? 0 : w->actor.unit_id;
    struct waiting *all = arena_many(w->arena, struct waiting, (size_t)limit * countof(waits) + 1);
    struct request *c;
    if (!w->actor.all_units && !unit)
        return json_array();
    int n = gather(w, unit, limit, all);
    if (n < 0)
        return NULL;
    qsort(all, (size_t)n, sizeof *all, by_due);
    if (n > limit)
        n = (int)limit;
    int64_t *ids = arena_many(w->arena, int64_t, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        ids[i] = all[i].id;
    if (request_rows(w, ids, (size_t)n, &c) != n)
        return NULL;
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, row(w, &c[i], all[i].action));
    return list;
}
