/* duty_pages.c: the room's route table; the list of duties, one duty with its certificate, waiving. */
#include "duty/duty_internal.h"

#include "auth/auth.h"

/* ── the list ── */

struct list_input {
    struct str state, source, unit, field, after;
    day_t from, to;
    int64_t page_size;
};
static const struct field duties_fields[] = {
    FIELD(FIELD_ENUM, list_input, state, "状态", FIELD_OPTIONAL, 0, 0, duty_state_options, NULL),
    FIELD(FIELD_ENUM, list_input, source, "来源", FIELD_OPTIONAL, 0, 0, duty_source_options, NULL),
    FIELD(FIELD_STR, list_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, list_input, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10"),
    FIELD(FIELD_DAY, list_input, from, "到期日起", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, to, "到期日止", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
FIELD_TABLE(duties, list_input);

struct list_query {
    int64_t unit_id, field_id, key, id, size, from, to; /* due_at in [from, to) */
    struct str unit_name;
};

static int list_query(struct work *w, const struct list_input *x, struct list_query *q) {
    struct unit unit;
    *q = (struct list_query){.size = x->page_size ? x->page_size : 50,
                             .from = x->from == DAY_NONE ? 0 : day_start(x->from),
                             .to = x->to == DAY_NONE ? INT64_MAX : day_end(x->to) + 1};
    if (q->from >= q->to)
        return fail_field(w, "to", "range", "到期日的截止不能早于起始");
    if (x->field.n && (str_int(x->field, &q->field_id) < 0 || q->field_id < 1 || q->field_id > 26))
        return fail_field(w, "field", "unknown", "没有这个领域");
    if (x->unit.n) {
        int n = unit_by_code(w, x->unit, &unit);
        if (n <= 0)
            return n < 0 ? -1 : fail_field(w, "unit", "unknown", "没有这个单位");
        q->unit_id = unit.id;
        q->unit_name = unit.short_name.n ? unit.short_name : unit.name;
    }
    return x->after.n ? view_cursor_read(w, x->after, &q->key, &q->id) : 0; /* most urgent first: ascending, from 0 */
}

static int list_rows(struct work *w, const struct list_input *x, const struct list_query *q, struct db_rows *r) {
    struct str path = org_path(w);
    bool overdue = str_is(x->state, "overdue"), soon = str_is(x->state, "soon");
    if (!x->state.n || str_is(x->state, "open") || overdue || soon) {
        int64_t from = soon ? w->now : 0;
        int64_t to = overdue ? w->now : soon ? day_end(calendar_add_working(work_today(w), 5)) + 1 : INT64_MAX;
        from = q->from > from ? q->from : from;
        to = q->to < to ? q->to : to;
        return db_query(w, &sql_duty_list_open, r, DB_INT(q->key), DB_INT(q->id), DB_INT(from), DB_INT(to),
                        DB_TEXT(path), DB_ID(q->unit_id), DB_ID(q->field_id), DB_OPT(x->source), DB_INT(q->size + 1));
    }
    struct str state = str_is(x->state, "all") ? S("") : x->state;
    return db_query(w, &sql_duty_list_any, r, DB_INT(q->key), DB_INT(q->id), DB_OPT(state), DB_TEXT(path),
                    DB_ID(q->unit_id), DB_ID(q->field_id), DB_OPT(x->source), DB_INT(q->size + 1), DB_INT(q->from),
                    DB_INT(q->to));
}

static json_t *row_json(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    struct str state = db_s(r, i, 1), subject = db_s(r, i, 3), level2 = db_s(r, i, 12);
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "state", state);
    json_set_str(o, "state_name", str_z(duty_state_name(state)));
    json_set_str(o, "source", db_s(r, i, 2));
    json_set_str(o, "source_name", str_z(duty_source_name(db_s(r, i, 2))));
    json_set_str(o, "subject", subject);
    json_set_str(o, "title",
                 subject.n ? str_printf(w->arena, "%.*s：%.*s", STR_ARG(level2), STR_ARG(subject)) : level2);
    json_set_str(o, "unit_code", db_s(r, i, 8));
    json_set_str(o, "unit_name", db_s(r, i, 9));
    json_set_str(o, "item_code", db_s(r, i, 10));
    json_set_str(o, "level1", db_s(r, i, 11));
    json_set_str(o, "level2", level2);
    struct str basis = utf8_head(db_s(r, i, 13), 40);
    json_set_str(o, "basis", basis.n < db_s(r, i, 13).n ? str_printf(w->arena, "%.*s…", STR_ARG(basis)) : basis);
    json_set_str(o, "limit_text", db_s(r, i, 14));
    json_set_day(w->arena, o, "due", day_of(db_i(r, i, 5)));
    json_set_bool(o, "is_open", str_is(state, "open"));
    json_object_set_new(o, "clock", duty_clock(w, db_i(r, i, 5), db_i(r, i, 6), state.p));
    return o;
}

static json_t *options_json(const struct field_option *o, struct str selected) {
    json_t *list = json_array();
    for (; o->value; o++) {
        json_t *j = json_object();
        json_set_str(j, "value", str_z(o->value));
        json_set_str(j, "label", str_z(o->label));
        json_set_bool(j, "selected", str_is(selected, o->value));
        json_array_append_new(list, j);
    }
    return list;
}

/* Choices of fields: only code and name, with the chosen one marked. */
static json_t *fields_json(struct work *w, struct str selected) {
    json_t *all = field_list(w), *list = json_array(), *f;
    size_t i;
    json_array_foreach(all, i, f) {
        json_t *o = json_object();
        json_object_set(o, "code", json_object_get(f, "code"));
        json_object_set(o, "name", json_object_get(f, "name"));
        json_set_bool(o, "selected", str_is(selected, json_string_value(json_object_get(f, "code"))));
        json_array_append_new(list, o);
    }
    json_decref(all);
    return list;
}

static int desk_duties(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct list_input x;
    struct list_query q;
    struct db_rows r;
    if (fields_read(in, &duties, &x) < 0 || list_query(w, &x, &q) < 0 || list_rows(w, &x, &q, &r) < 0)
        return -1;
    bool more = r.n > (size_t)q.size;
    size_t n = more ? (size_t)q.size : r.n;
    json_t *model = json_object(), *rows = json_array(), *filter = json_object();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, row_json(w, &r, i));
    json_set_str(filter, "unit", x.unit);
    json_set_str(filter, "unit_name", q.unit_name);
    json_set_day(w->arena, filter, "from", x.from);
    json_set_day(w->arena, filter, "to", x.to);
    json_set_bool(filter, "any",
                  x.state.n || x.source.n || x.unit.n || x.field.n || x.from != DAY_NONE || x.to != DAY_NONE);
    json_object_set_new(model, "duties", rows);
    json_object_set_new(model, "filter", filter);
    json_object_set_new(model, "states", options_json(duty_state_options, x.state.n ? x.state : S("open")));
    json_object_set_new(model, "sources", options_json(duty_source_options, x.source));
    json_object_set_new(model, "fields", fields_json(w, x.field));
    view_pager(in, model, more ? view_cursor(w->arena, db_i(&r, n - 1, 5), db_i(&r, n - 1, 0)) : STR_NONE, q.size);
    return view_page(out, "duty/list", model);
}

/* ── one duty ── */

static int duty_of_path(struct http_request *in, struct duty *d) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || duty_get(in->w, id, d) < 0)
        return -1;
    return org_may(in->w, PERM_DUTY_READ, d->unit_id);
}

static json_t *duty_model(struct work *w, const struct duty *d) {
    json_t *o = duty_json(w, d, true);
    json_t *course = o ? event_list(w, "duty", d->id, true) : NULL;
    if (!course) {
        json_decref(o);
        return NULL;
    }
    json_t *model = json_object();
    bool open = str_is(d->state, "open");
    json_set_bool(model, "can_waive", open && org_may_quiet(w, PERM_DUTY_WAIVE, d->unit_id));
    json_set_bool(model, "can_draft", open && org_may_quiet(w, PERM_DISCLOSURE_EDIT, d->unit_id));
    json_object_set_new(model, "duty", o);
    json_object_set_new(model, "course", course);
    json_object_set_new(model, "grounds", options_json(duty_ground_options, S("")));
    return model;
}

static int desk_duty(struct http_request *in, struct http_response *out) {
    struct duty d;
    if (duty_of_path(in, &d) < 0)
        return -1;
    json_t *model = duty_model(in->w, &d);
    return model ? view_page(out, "duty/page", model) : -1;
}

static int desk_certificate(struct http_request *in, struct http_response *out) {
    struct duty d;
    if (duty_of_path(in, &d) < 0)
        return -1;
    json_t *o = duty_json(in->w, &d, true);
    if (!o)
        return -1;
    json_t *model = json_object();
    json_object_set_new(model, "duty", o);
    return view_page(out, "duty/certificate", model);
}

struct waive_input {
    struct str ground, reason;
};
static const struct field waive_fields[] = {
    FIELD(FIELD_ENUM, waive_input, ground, "依据", FIELD_REQUIRED, 0, 0, duty_ground_options, "依法不予公开的情形"),
    FIELD(FIELD_TEXT, waive_input, reason, "理由", FIELD_REQUIRED, 4, 1000, NULL, "写明为什么不需要公开"),
};
FIELD_TABLE(waive, waive_input);

static int desk_waive(struct http_request *in, struct http_response *out) {
    struct waive_input x;
    struct duty d;
    if (duty_of_path(in, &d) < 0)
        return -1;
    if (fields_read(in, &waive, &x) < 0 || duty_waive(in->w, d.id, x.ground, x.reason) < 0) {
        if (in->api || in->w->error.code != ERR_INVALID)
            return -1;
        json_t *model = duty_model(in->w, &d);
        return model ? view_form_again(in, out, "duty/page", &waive, model) : -1;
    }
    return view_redirect(in, out, "/desk/duties/%lld", (long long)d.id);
}

const struct route duty_routes[] = {
    {HTTP_GET, "/desk/duties", desk_duties, PERM_DUTY_READ, NO_CACHE, &duties, ROUTE_PLAIN, "应公开任务"},
    {HTTP_GET, "/desk/duties/{id}", desk_duty, PERM_DUTY_READ, NO_CACHE, NULL, ROUTE_PLAIN, "一项应公开任务"},
    {HTTP_GET, "/desk/duties/{id}/certificate", desk_certificate, PERM_DUTY_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "时限计算书"},
    {HTTP_POST, "/desk/duties/{id}/waive", desk_waive, PERM_DUTY_WAIVE, NO_CACHE, &waive, ROUTE_PLAIN,
     "免除应公开任务"},
    {HTTP_GET, "/desk/facts", facts_page, PERM_DUTY_READ, NO_CACHE, &facts_table, ROUTE_PLAIN, "已登记的信息形成"},
    {HTTP_GET, "/desk/facts/new", fact_form, PERM_FACT_RECORD, NO_CACHE, &fact_form_table, ROUTE_HTML_ONLY,
     "登记信息形成"},
    {HTTP_POST, "/desk/facts", fact_create, PERM_FACT_RECORD, NO_CACHE, &fact_table, ROUTE_PLAIN, "登记信息形成"},
    {HTTP_GET, "/desk/board", board_page, PERM_BOARD_READ, NO_CACHE, NULL, ROUTE_PLAIN, "全市看板"},
};
const size_t duty_route_count = countof(duty_routes);
