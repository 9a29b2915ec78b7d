/* alert_list.c: the list of alerts: the highest level first, inside it the latest; filters in the address; what is
 * filtered as a workbook. */
#include "supervision/alert_internal.h"

#include "catalogue/catalogue.h"
#include "duty/duty.h"

static const struct field_option state_options[] = {{"current", "未解除"}, {"open", "待处理"}, {"answered", "待认定"},
                                                    {"closed", "已解除"},  {"all", "全部"},    {NULL, NULL}};
static const struct field_option level_options[] = {
    {"red", "逾期（违反）"}, {"orange", "紧急"}, {"yellow", "临近"}, {NULL, NULL}};
struct list_input {
    struct str state, level, unit, field, after;
    int64_t rule, page_size;
    day_t from, to;
};
static const struct field alert_list_fields[] = {
    FIELD(FIELD_ENUM, list_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_ENUM, list_input, level, "级别", FIELD_OPTIONAL, 0, 0, level_options, NULL),
    FIELD(FIELD_STR, list_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, list_input, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10"),
    FIELD(FIELD_INT, list_input, rule, "规则", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_DAY, list_input, from, "发生日期起", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, to, "发生日期止", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table alert_list_table = {alert_list_fields, countof(alert_list_fields), sizeof(struct list_input)};

/* ── scope ── */

int supervision_scope(struct work *w, struct str code, struct str *ret_path, int64_t *ret_unit) {
    struct unit u;
    struct actor before = w->actor;
    *ret_path = org_path(w);
    *ret_unit = 0;
    if (!code.n)
        return 0;
    int n = unit_by_code(w, code, &u);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "unit", "unknown", "没有这个单位");
    if (org_may(w, PERM_ALERT_READ, u.id) < 0)
        return -1;
    w->actor.all_units = false; /* the path of that unit */
    w->actor.unit_id = u.id;
    *ret_path = org_path(w);
    w->actor = before;
    *ret_unit = u.id;
    return 0;
}

void supervision_units(struct work *w, json_t *model, int64_t chosen) {
    json_t *all = w->actor.all_units ? unit_list(w, NULL) : NULL, *list = json_array(), *u;
    size_t i;
    json_array_foreach(all, i, u) {
        json_t *o = json_object();
        json_object_set(o, "code", json_object_get(u, "code"));
        json_object_set(o, "short_name", json_object_get(u, "short_name"));
        json_set_bool(o, "selected", json_integer_value(json_object_get(u, "id")) == chosen);
        json_array_append_new(list, o);
    }
    json_decref(all);
    json_set_bool(model, "has_units", json_array_size(list) > 0);
    json_object_set_new(model, "units", list);
}

/* ── finding ── */

#define LEVEL_SHIFT 45 /* of the cursor's key: level above, beginning below */

struct wanted {
    struct str path;
    int64_t unit_id, field_id, rule_id, from, to, size;
    int level_first, level_last, cursor_level;
    int64_t cursor_at, cursor_id;
    const char *states[4];
    size_t n_states;
    bool all_units;
};

static void states_of(struct str state, struct wanted *q) {
    static const char *const all[] = {"open", "answered", "closed"};
    bool current = !state.n || str_is(state, "current");
    for (size_t i = 0; i < countof(all); i++)
        if (str_is(state, all[i]) || str_is(state, "all") || (current && i < 2))
            q->states[q->n_states++] = all[i];
}

static int want(struct work *w, const struct list_input *x, struct wanted *q) {
    int64_t key;
    *q = (struct wanted){.size = x->page_size ? x->page_size : 50,
                         .rule_id = x->rule,
                         .from = x->from == DAY_NONE ? 0 : day_start(x->from),
                         .to = x->to == DAY_NONE ? INT64_MAX - 1 : day_end(x->to),
                         .level_first = LEVEL_RED,
                         .level_last = LEVEL_YELLOW,
                         .all_units = w->actor.all_units && !x->unit.n};
    if (x->field.n && (str_int(x->field, &q->field_id) < 0 || q->field_id < 1 || q->field_id > 26))
        return fail_field(w, "field", "unknown", "没有这个领域");
    if (x->from != DAY_NONE && x->to != DAY_NONE && x->from > x->to)
        return fail_field(w, "to", "range", "截止日期不能早于起始日期");
    for (int l = LEVEL_YELLOW; l <= LEVEL_RED; l++)
        if (str_is(x->level, alert_level_code(l)))
            q->level_first = q->level_last = l;
    states_of(x->state, q);
    if (supervision_scope(w, x->unit, &q->path, &q->unit_id) < 0 ||
        view_cursor_read(w, x->after, &key, &q->cursor_id) < 0)
        return -1;
    q->cursor_level = x->after.n ? (int)(key >> LEVEL_SHIFT) : 0;
    q->cursor_at = key & ((1LL << LEVEL_SHIFT) - 1);
    if (x->after.n && (key < 0 || q->cursor_level < q->level_last || q->cursor_level > q->level_first))
        return fail(w, ERR_BAD_REQUEST, "续页标记不正确，请从第一页重新打开");
    return 0;
}

static int one_list(struct work *w, const struct wanted *q, const char *state, int level, struct db_rows *r) {
    bool here = q->cursor_level == level;
    int64_t at = q->to + 1, id = 0;
    if (here && q->cursor_at < at) {
        at = q->cursor_at;
        id = q->cursor_id;
    }
    struct db_value v[] = {DB_TEXTZ(state),    DB_INT(level),       DB_INT(at),
                           DB_INT(id),         DB_INT(q->from),     DB_INT(q->field_id),
                           DB_INT(q->rule_id), DB_INT(q->size + 1), DB_TEXT(q->path)};
    return q->all_units ? db_query_n(w, &sql_alert_list, r, v, countof(v) - 1)
                        : db_query_n(w, &sql_alert_list_path, r, v, countof(v));
}

static int later_first(const void *a, const void *b) {
    const struct alert_found *x = a, *y = b;
    int64_t p = db_i(x->r, x->i, 2), q = db_i(y->r, y->i, 2);
    if (p != q)
        return p < q ? 1 : -1;
    p = db_i(x->r, x->i, 0);
    q = db_i(y->r, y->i, 0);
    return p < q ? 1 : -1;
}

/* Level by level; inside one the lists of the states, each from its index, are laid together. */
static int find(struct work *w, const struct wanted *q, struct alert_found **ret) {
    size_t n = 0;
    struct alert_found *all = arena_many(w->arena, struct alert_found, (size_t)(q->size + 1) * (q->n_states + 1));
    for (int l = q->cursor_level ? q->cursor_level : q->level_first; l >= q->level_last && n <= (size_t)q->size; l--) {
        size_t first = n, cap = (size_t)q->size + 1 - n;
        struct alert_found *level = arena_many(w->arena, struct alert_found, (size_t)(q->size + 1) * q->n_states + 1);
        size_t k = 0;
        for (size_t s = 0; s < q->n_states; s++) {
            struct db_rows *r = arena_one(w->arena, struct db_rows);
            if (one_list(w, q, q->states[s], l, r) < 0)
                return -1;
            for (size_t i = 0; i < r->n; i++)
                level[k++] = (struct alert_found){r, i};
        }
        qsort(level, k, sizeof *level, later_first);
        for (size_t i = 0; i < k && i < cap; i++)
            all[first + i] = level[i];
        n += k < cap ? k : cap;
    }
    *ret = all;
    return (int)n;
}

int alerts_listed(struct http_request *in, int64_t most, struct alert_found **ret) {
    struct list_input x;
    struct wanted q;
    if (fields_read(in, &alert_list_table, &x) < 0)
        return -1;
    x.after = STR_NONE;
    x.page_size = most;
    return want(in->w, &x, &q) < 0 ? -1 : find(in->w, &q, ret);
}

/* ── the page ── */

static json_t *row_json(struct work *w, const struct alert_found *f) {
    const struct db_rows *r = f->r;
    size_t i = f->i;
    json_t *o = json_object();
    struct str state = db_s(r, i, 3);
    bool closed = str_is(state, "closed");
    int level = (int)db_i(r, i, 1);
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "level", str_z(alert_level_code(level)));
    json_set_str(o, "level_name", str_z(alert_level_name(level)));
    json_set_str(o, "tone", closed ? S("grey") : str_z(alert_level_code(level)));
    json_set_str(o, "state", state);
    json_set_str(o, "state_name", str_z(closed ? alert_outcome_name(db_s(r, i, 4)) : alert_state_name(state)));
    json_set_str(o, "outcome", db_s(r, i, 4));
    json_set_bool(o, "closed", closed);
    json_set_bool(o, "answered", str_is(state, "answered"));
    json_set_str(o, "answer_name", str_z(alert_answer_name(db_s(r, i, 5))));
    json_set_str(o, "title", db_s(r, i, 6));
    json_set_str(o, "note", db_s(r, i, 7));
    json_set_instant(w->arena, o, "began", db_i(r, i, 2));
    json_set_instant(w->arena, o, "raised", db_i(r, i, 9));
    if (closed)
        json_set_instant(w->arena, o, "closed_at", db_i(r, i, 10));
    if (!closed)
        json_object_set_new(o, "clock", duty_clock(w, db_i(r, i, 8), 0, "open"));
    json_set_str(o, "unit_code", db_s(r, i, 13));
    json_set_str(o, "unit_name", db_s(r, i, 15).n ? db_s(r, i, 15) : db_s(r, i, 14));
    json_set_str(o, "field_name", db_s(r, i, 16));
    json_set_str(o, "rule_name", db_s(r, i, 17));
    json_set_int(o, "rule_version", db_i(r, i, 18));
    return o;
}

static json_t *choices(const struct field_option *o, struct str chosen) {
    json_t *list = json_array();
    for (; o->value; o++) {
        json_t *one = json_pack("{s:s, s:s}", "value", o->value, "label", o->label);
        json_set_bool(one, "selected", str_is(chosen, o->value));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *fields_json(struct work *w, int64_t chosen) {
    json_t *all = field_list(w), *list = json_array(), *f;
    size_t i;
    json_array_foreach(all, i, f) {
        json_t *o = json_object();
        int64_t id = 0;
        json_object_set(o, "code", json_object_get(f, "code"));
        json_object_set(o, "name", json_object_get(f, "name"));
        json_set_bool(o, "selected",
                      str_int(str_z(json_string_value(json_object_get(f, "code"))), &id) == 0 && id == chosen);
        json_array_append_new(list, o);
    }
    json_decref(all);
    return list;
}

static json_t *rules_json(struct work *w, int64_t chosen) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_alert_rules, &r) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "name", db_s(&r, i, 1));
        json_set_bool(o, "selected", db_i(&r, i, 0) == chosen);
        json_array_append_new(list, o);
    }
    return list;
}

/* What is open under the same filters but state and level: one figure a level, and what waits for a decision. Each
 * leads to its list. */
static int put_counts(struct http_request *in, const struct wanted *q, json_t *model) {
    struct work *w = in->w;
    struct db_rows r;
    int64_t by_level[LEVEL_RED + 1] = {0}, answered = 0, all = 0;
    struct db_value v[] = {DB_TEXT(q->path), DB_INT(q->from), DB_INT(q->to), DB_INT(q->field_id), DB_INT(q->rule_id)};
    int rc = q->field_id || q->rule_id ? db_query_n(w, &sql_alert_counts_of, &r, v, 5)
                                       : db_query_n(w, &sql_alert_counts, &r, v, 3);
    if (rc < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        int64_t level = db_i(&r, i, 1), n = db_i(&r, i, 2);
        if (level >= LEVEL_YELLOW && level <= LEVEL_RED)
            by_level[level] += n;
        all += n;
        answered += str_is(db_s(&r, i, 0), "answered") ? n : 0;
    }
    json_t *list = json_array();
    for (int l = LEVEL_RED; l >= LEVEL_YELLOW; l--) {
        json_t *o = json_object();
        json_set_str(o, "code", str_z(alert_level_code(l)));
        json_set_str(o, "label", str_z(alert_level_name(l)));
        json_set_int(o, "count", by_level[l]);
        json_array_append_new(list, o);
    }
    json_object_set_new(model, "levels_count", list);
    json_set_int(model, "answered_count", answered);
    json_set_int(model, "open_count", all);
    return 0;
}

/* The other filters, for the links of the figures: "&unit=changjiang&field=10". */
static struct str kept_filters(struct work *w, const struct list_input *x) {
    struct str s = S("");
    if (x->unit.n)
        s = str_printf(w->arena, "%.*s&unit=%.*s", STR_ARG(s), STR_ARG(str_percent(w->arena, x->unit)));
    if (x->field.n)
        s = str_printf(w->arena, "%.*s&field=%.*s", STR_ARG(s), STR_ARG(str_percent(w->arena, x->field)));
    if (x->rule)
        s = str_printf(w->arena, "%.*s&rule=%lld", STR_ARG(s), (long long)x->rule);
    if (x->from != DAY_NONE)
        s = str_printf(w->arena, "%.*s&from=%.*s", STR_ARG(s), STR_ARG(day_str(w->arena, x->from)));
    if (x->to != DAY_NONE)
        s = str_printf(w->arena, "%.*s&to=%.*s", STR_ARG(s), STR_ARG(day_str(w->arena, x->to)));
    return s;
}

static void put_filters(struct http_request *in, const struct list_input *x, const struct wanted *q, json_t *model) {
    struct work *w = in->w;
    json_t *typed = json_object();
    json_set_day(w->arena, typed, "from", x->from);
    json_set_day(w->arena, typed, "to", x->to);
    json_object_set_new(model, "typed", typed);
    json_object_set_new(model, "states", choices(state_options, x->state.n ? x->state : S("current")));
    json_object_set_new(model, "levels", choices(level_options, x->level));
    json_object_set_new(model, "fields", fields_json(w, q->field_id));
    json_object_set_new(model, "rules", rules_json(w, q->rule_id));
    supervision_units(w, model, q->unit_id);
    bool more = x->field.n || x->rule || x->from != DAY_NONE || x->to != DAY_NONE;
    json_set_bool(model, "more_filters", more);
    json_set_bool(model, "filtered", more || x->state.n || x->level.n || x->unit.n);
    json_set_str(model, "kept", kept_filters(w, x));
    json_set_bool(model, "may_issue", actor_may(&w->actor, PERM_TICKET_ISSUE));
    json_set_str(
        model, "table",
        str_replace(w->arena, http_with_query(in, "after", STR_NONE), S("/desk/alerts"), S("/desk/alerts.xlsx")));
}

int alert_list_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct list_input x;
    struct wanted q;
    struct alert_found *found = NULL;
    if (fields_read(in, &alert_list_table, &x) < 0 || want(w, &x, &q) < 0)
        return -1;
    int n = find(w, &q, &found);
    if (n < 0)
        return -1;
    bool more = n > q.size;
    n = more ? (int)q.size : n;
    json_t *model = json_object(), *rows = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(rows, row_json(w, &found[i]));
    json_object_set_new(model, "alerts", rows);
    if (put_counts(in, &q, model) < 0) {
        json_decref(model);
        return -1;
    }
    put_filters(in, &x, &q, model);
    struct str next = STR_NONE;
    if (more) {
        const struct alert_found *last = &found[n - 1];
        next = view_cursor(w->arena, db_i(last->r, last->i, 1) << LEVEL_SHIFT | db_i(last->r, last->i, 2),
                           db_i(last->r, last->i, 0));
    }
    view_pager(in, model, next, q.size);
    return view_page(out, "supervision/alerts", model);
}
