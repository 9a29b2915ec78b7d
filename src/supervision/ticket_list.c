/* ticket_list.c: the list of tickets: what runs, the most urgent first, or one state's; and what waits for whom. */
#include "supervision/alert_internal.h"
#include "supervision/ticket_internal.h"

static const struct field_option state_options[] = {
    {"current", "办理中"}, {"sent", "待签收"},  {"acknowledged", "整改中"}, {"explained", "已说明情况"},
    {"mended", "待核验"},  {"overdue", "逾期"}, {"closed", "已办结"},       {"cancelled", "已撤销"},
    {"all", "全部"},       {NULL, NULL},
};
struct list_input {
    struct str state, unit, after;
    int64_t page_size;
};
static const struct field ticket_list_fields[] = {
    FIELD(FIELD_ENUM, list_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_STR, list_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table ticket_list_table = {ticket_list_fields, countof(ticket_list_fields),
                                              sizeof(struct list_input)};

static bool runs(struct str state) {
    static const char *const words[] = {"", "current", "overdue", "sent", "acknowledged", "explained", "mended"};
    for (size_t i = 0; i < countof(words); i++)
        if (str_is(state, words[i]))
            return true;
    return false;
}

static int find(struct work *w, const struct list_input *x, struct str path, int64_t size, struct db_rows *r) {
    int64_t key, id;
    bool overdue = str_is(x->state, "overdue");
    struct str state = overdue || str_is(x->state, "current") || str_is(x->state, "all") ? STR_NONE : x->state;
    if (view_cursor_read(w, x->after, &key, &id) < 0)
        return -1;
    if (!runs(x->state))
        return db_query(w, &sql_ticket_list_any, r, DB_INT(id), DB_TEXT(path), DB_TEXT(state), DB_INT(size + 1));
    if (!x->after.n)
        key = id = 0;
    return db_query(w, &sql_ticket_list_open, r, DB_INT(key), DB_INT(id), DB_TEXT(path), DB_TEXT(state),
                    DB_INT(overdue ? w->now : 0), DB_INT(size + 1));
}

static json_t *choices(struct str chosen) {
    json_t *list = json_array();
    for (const struct field_option *o = state_options; o->value; o++) {
        json_t *one = json_pack("{s:s, s:s}", "value", o->value, "label", o->label);
        json_set_bool(one, "selected", str_is(chosen, o->value));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *counts(struct work *w, struct str path) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_ticket_counts, &r, DB_TEXT(path)) < 0)
        return list;
    for (const struct field_option *o = state_options; o->value; o++)
        for (size_t i = 0; i < r.n; i++)
            if (str_is(db_s(&r, i, 0), o->value))
                json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "state", o->value, "label", o->label, "count",
                                                      (json_int_t)db_i(&r, i, 1)));
    return list;
}

int ticket_list_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct list_input x;
    struct db_rows r;
    struct str path;
    int64_t unit;
    if (fields_read(in, &ticket_list_table, &x) < 0 || supervision_scope(w, x.unit, &path, &unit) < 0)
        return -1;
    int64_t size = x.page_size ? x.page_size : 50;
    if (find(w, &x, path, size, &r) < 0)
        return -1;
    bool more = r.n > (size_t)size;
    size_t n = more ? (size_t)size : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        struct ticket t = ticket_of(&r, i);
        json_array_append_new(rows, ticket_json(w, &t));
    }
    json_object_set_new(model, "tickets", rows);
    json_object_set_new(model, "counts", counts(w, path));
    json_object_set_new(model, "states", choices(x.state.n ? x.state : S("current")));
    json_set_bool(model, "filtered", x.state.n || x.unit.n);
    supervision_units(w, model, unit);
    struct ticket last = n ? ticket_of(&r, n - 1) : (struct ticket){0};
    view_pager(in, model, more ? view_cursor(w->arena, last.due_at, last.id) : STR_NONE, size);
    return view_page(out, "supervision/tickets", model);
}

/* ── what waits, for the desk's home ── */

static json_t *waiting_row(struct work *w, const struct ticket *t, const char *action) {
    const struct flow_state *s = flow_state(&ticket_flow, str_dupz(w->arena, t->state));
    json_t *o = json_object();
    json_set_str(o, "title", t->title);
    json_set_str(
        o, "note",
        str_printf(w->arena, "%.*s · %.*s · %s", STR_ARG(t->number), STR_ARG(t->unit_short), s ? s->name : ""));
    json_set_int(o, "due_at", str_is(t->state, "sent") ? t->ack_due_at : t->due_at);
    json_object_set_new(o, "clock", ticket_clock(w, t));
    json_object_set_new(o, "href", json_sprintf("/desk/tickets/%lld", (long long)t->id));
    json_object_set_new(o, "action_href", json_sprintf("/desk/tickets/%lld", (long long)t->id));
    json_object_set_new(o, "action", json_string(action));
    return o;
}

int ticket_waiting(struct work *w, json_t *list, int64_t limit) {
    bool answers = actor_may(&w->actor, PERM_ALERT_ANSWER), checks = actor_may(&w->actor, PERM_TICKET_ISSUE);
    struct db_rows r;
    struct str path = org_path(w);
    if (answers && db_query(w, &sql_ticket_waiting, &r, DB_TEXT(path), DB_TEXT(S("sent")), DB_TEXT(S("acknowledged")),
                            DB_TEXT(S("explained")), DB_INT(limit)) < 0)
        return -1;
    for (size_t i = 0; answers && i < r.n; i++) {
        struct ticket t = ticket_of(&r, i);
        json_array_append_new(list, waiting_row(w, &t, str_is(t.state, "sent") ? "签收" : "报告整改"));
    }
    if (checks && db_query(w, &sql_ticket_waiting, &r, DB_TEXT(path), DB_TEXT(S("mended")), DB_TEXT(S("mended")),
                           DB_TEXT(S("mended")), DB_INT(limit)) < 0)
        return -1;
    for (size_t i = 0; checks && i < r.n; i++) {
        struct ticket t = ticket_of(&r, i);
        json_array_append_new(list, waiting_row(w, &t, "核验"));
    }
    return 0;
}
