/* desk_pages.c: my work (grouped 逾期 / 今天 / 本周 / 以后), and the auditor's course of everything. */
#include "auth/auth.h"
#include "desk/desk.h"
#include "desk/desk_internal.h"
#include "desk_sql.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "request/request.h"
#include "supervision/supervision.h"
#include "view/view.h"

/* ── my work ── */

enum group { LATE, TODAY, WEEK, LATER, GROUPS };
static const char *const group_names[GROUPS] = {"逾期", "今天", "本周", "以后"};

static enum group group_of(struct work *w, int64_t due_at) {
    if (due_at == 0)
        return LATER;
    day_t today = work_today(w), due = day_of(due_at);
    if (due_at < w->now)
        return LATE;
    if (due == today)
        return TODAY;
    return due <= today + (7 - day_weekday(today)) ? WEEK : LATER;
}

static void put(json_t *groups, enum group g, json_t *row) {
    json_array_append_new(json_object_get(json_array_get(groups, g), "rows"), row);
}

/* A duty that is owed: the one action is to draft. */
static json_t *duty_row(json_t *duty) {
    json_t *o = json_object();
    json_object_set(o, "clock", json_object_get(duty, "clock"));
    json_object_set(o, "title", json_object_get(duty, "title"));
    json_object_set(o, "note", json_object_get(duty, "note"));
    json_object_set_new(o, "href",
                        json_sprintf("/desk/duties/%lld", (long long)json_integer_value(json_object_get(duty, "id"))));
    json_object_set_new(
        o, "action_href",
        json_sprintf("/desk/disclosures/new?duty=%lld", (long long)json_integer_value(json_object_get(duty, "id"))));
    json_object_set_new(o, "action", json_string("拟稿"));
    return o;
}

static json_t *matter_row(const json_t *m) {
    static const char *const verbs[][2] = {
        {"draft", "修改并提交"},   {"review1", "初审"},   {"review2", "复审"},      {"review3", "终审"},
        {"secrecy", "保密审查"},   {"signing", "签发"},   {"proofreading", "校对"}, {"ready", "发布"},
        {"scheduled", "查看定时"}, {"published", "查看"},
    };
    const char *state = json_string_value(json_object_get(m, "state"));
    json_t *o = json_object();
    long long id = (long long)json_integer_value(json_object_get(m, "id"));
    if (json_object_get(m, "clock"))
        json_object_set(o, "clock", json_object_get(m, "clock"));
    json_object_set(o, "title", json_object_get(m, "title"));
    json_object_set_new(o, "note",
                        json_sprintf("%s · 待%s", json_string_value(json_object_get(m, "unit_name")),
                                     json_string_value(json_object_get(m, "state_name"))));
    json_object_set_new(o, "href", json_sprintf("/desk/disclosures/%lld", id));
    json_object_set_new(o, "action_href",
                        json_sprintf("/desk/disclosures/%lld%s", id, strcmp(state, "draft") == 0 ? "/edit" : ""));
    for (size_t i = 0; i < countof(verbs); i++)
        if (strcmp(state, verbs[i][0]) == 0)
            json_object_set_new(o, "action", json_string(verbs[i][1]));
    return o;
}

static int add_matters(struct work *w, json_t *groups, int *count) {
    json_t *waiting = disclosure_waiting(w), *m;
    size_t i;
    if (!waiting)
        return -1;
    json_array_foreach(waiting, i, m) {
        const char *state = json_string_value(json_object_get(m, "state"));
        if (strcmp(state, "scheduled") == 0 || strcmp(state, "published") == 0)
            continue;
        put(groups, group_of(w, json_integer_value(json_object_get(m, "due_at"))), matter_row(m));
        ++*count;
    }
    json_decref(waiting);
    return 0;
}

static int add_duties(struct work *w, json_t *groups, int *count) {
    json_t *open = actor_may(&w->actor, PERM_DISCLOSURE_EDIT) ? duty_open_of_actor(w, 40) : json_array(), *d;
    size_t i;
    if (!open)
        return -1;
    json_array_foreach(open, i, d) {
        put(groups, group_of(w, json_integer_value(json_object_get(d, "due_at"))), duty_row(d));
        ++*count;
    }
    json_decref(open);
    return 0;
}

/* Applications: what this post may do next on each. */
static int add_requests(struct work *w, json_t *groups, int *count) {
    json_t *waiting = request_waiting(w, 40), *r;
    size_t i;
    if (!waiting)
        return -1;
    json_array_foreach(waiting, i, r) {
        put(groups, group_of(w, json_integer_value(json_object_get(r, "due_at"))), json_incref(r));
        ++*count;
    }
    json_decref(waiting);
    return 0;
}

/* Tickets and alerts: to acknowledge, to mend, to answer, to decide. */
static int add_supervision(struct work *w, json_t *groups, int *count) {
    json_t *waiting = supervision_waiting(w, 40), *r;
    size_t i;
    if (!waiting)
        return -1;
    json_array_foreach(waiting, i, r) {
        put(groups, group_of(w, json_integer_value(json_object_get(r, "due_at"))), json_incref(r));
        ++*count;
    }
    json_decref(waiting);
    return 0;
}

/* Inside a group by due instant; what has none comes last. */
static int64_t row_due(const json_t *row) {
    json_t *clock = json_object_get(row, "clock");
    day_t d;
    struct str due = str_z(json_string_value(json_object_get(clock, "due")));
    return due.n && day_parse(due, &d) == 0 ? d : INT32_MAX;
}

static void sort_rows(json_t *rows) {
    for (size_t i = 1; i < json_array_size(rows); i++) {
        json_t *row = json_incref(json_array_get(rows, i));
        size_t k = i;
        while (k > 0 && row_due(json_array_get(rows, k - 1)) > row_due(row))
            k--;
        json_array_remove(rows, i);
        json_array_insert_new(rows, k, row);
    }
}

static json_t *groups_new(void) {
    static const char *const tones[GROUPS] = {"red", "orange", "yellow", "grey"};
    json_t *groups = json_array();
    for (int g = 0; g < GROUPS; g++)
        json_array_append_new(groups, json_pack("{s:s, s:s, s:[]}", "name", group_names[g], "tone", tones[g], "rows"));
    return groups;
}

static int desk_home(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    int count = 0;
    json_t *groups = groups_new(), *g;
    size_t i;
    if (add_matters(w, groups, &count) < 0 || add_duties(w, groups, &count) < 0 ||
        add_requests(w, groups, &count) < 0 || add_supervision(w, groups, &count) < 0) {
        json_decref(groups);
        return -1;
    }
    json_array_foreach(groups, i, g) {
        sort_rows(json_object_get(g, "rows"));
        size_t n = json_array_size(json_object_get(g, "rows"));
        json_object_set_new(g, "count", json_integer((json_int_t)n));
        json_object_set_new(g, "any", json_boolean(n > 0));
    }
    json_t *model = json_object();
    json_object_set_new(model, "groups", groups);
    json_set_int(model, "count", count);
    json_t *totals = duty_totals(w, w->actor.all_units ? 0 : w->actor.unit_id, 0);
    if (totals)
        json_object_set_new(model, "totals", totals);
    json_t *recent = event_recent(w, w->actor.all_units ? 0 : w->actor.unit_id, INT64_MAX, 12);
    json_object_set_new(model, "recent", recent ? recent : json_array());
    return view_page(out, "desk/home", model);
}

/* ── the auditor's list: every event leads to the whole course of its matter ── */

struct audit_input {
    struct str kind, unit, post, after;
    int64_t page_size;
};
static const struct field_option kind_options[] = {
    {"disclosure", "公开信息"}, {"duty", "应公开任务"}, {"item", "目录事项"}, {"catalogue", "目录"},
    {"proposal", "目录调整"},   {"person", "账号"},     {"post", "岗位"},     {"unit", "单位"},
    {"fact", "信息形成"},       {"request", "申请"},    {NULL, NULL},
};
static const struct field audit_fields[] = {
    FIELD(FIELD_ENUM, audit_input, kind, "对象", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
    FIELD(FIELD_STR, audit_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, audit_input, post, "岗位", FIELD_OPTIONAL, 0, 60, NULL, "岗位名称，如 签发人"),
    FIELD(FIELD_STR, audit_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, audit_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
FIELD_TABLE(audit, audit_input);

static void add_link(json_t *o, struct str kind, int64_t id) {
    static const char *const places[][2] = {
        {"disclosure", "/desk/disclosures"}, {"duty", "/desk/duties"}, {"item", "/desk/items"},
        {"proposal", "/desk/proposals"},     {"unit", "/desk/units"},  {"request", "/desk/requests"},
    };
    for (size_t i = 0; i < countof(places); i++)
        if (str_is(kind, places[i][0]))
            json_object_set_new(o, "href", json_sprintf("%s/%lld", places[i][1], (long long)id));
    for (const struct field_option *k = kind_options; k->value; k++)
        if (str_is(kind, k->value))
            json_object_set_new(o, "kind_name", json_string(k->label));
    json_object_set_new(o, "replay_href", json_sprintf("/desk/replay/%.*s/%lld", STR_ARG(kind), (long long)id));
}

static void put_units(struct work *w, json_t *model, struct str chosen) {
    json_t *units = unit_list(w, NULL), *u;
    size_t i;
    json_array_foreach(units, i, u) json_object_set_new(
        u, "selected", json_boolean(str_eq(chosen, str_z(json_string_value(json_object_get(u, "code"))))));
    json_object_set_new(model, "units", units ? units : json_array());
}

static int desk_audit(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct audit_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &audit, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    int64_t size = x.page_size ? x.page_size : 50;
    struct unit unit = {0};
    if (x.unit.n) {
        int n = unit_by_code(w, x.unit, &unit);
        if (n <= 0)
            return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个单位");
    }
    if (db_query(w, &sql_desk_events_recent, &r, DB_INT(id), DB_TEXT(x.kind), DB_INT(size + 1), DB_ID(unit.id),
                 DB_TEXT(x.post)) < 0)
        return -1;
    bool more = r.n > (size_t)size;
    size_t n = more ? (size_t)size : r.n;
    json_t *model = json_object(), *rows = json_array(), *kinds = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = db_json_row(&r, i);
        json_set_instant(w->arena, o, "when", db_i(&r, i, 1));
        json_object_set_new(o, "verb_name", json_string(event_verb_name(db_s(&r, i, 5).p, db_s(&r, i, 6).p)));
        add_link(o, db_s(&r, i, 7), db_i(&r, i, 8));
        json_array_append_new(rows, o);
    }
    for (const struct field_option *k = kind_options; k->value; k++) {
        json_t *o = json_pack("{s:s, s:s}", "value", k->value, "label", k->label);
        json_object_set_new(o, "selected", json_boolean(str_is(x.kind, k->value)));
        json_array_append_new(kinds, o);
    }
    json_object_set_new(model, "events", rows);
    json_object_set_new(model, "kinds", kinds);
    put_units(w, model, x.unit);
    json_set_str(model, "post", x.post);
    view_pager(in, model, more ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, size);
    return view_page(out, "desk/audit", model);
}

const struct route desk_routes[] = {
    {HTTP_GET, "/desk", desk_home, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_PLAIN, "我的工作"},
    {HTTP_GET, "/desk/audit", desk_audit, PERM_AUDIT_READ, NO_CACHE, &audit, ROUTE_PLAIN, "办理全过程"},
    {HTTP_GET, "/desk/notices", desk_notices, PERM_SIGNED_IN, NO_CACHE, &notice_page, ROUTE_PLAIN, "站内通知"},
    {HTTP_POST, "/desk/notices/{id}/read", desk_notice_read, PERM_SIGNED_IN, NO_CACHE, &notice_open, ROUTE_PLAIN,
     "通知标为已读"},
    {HTTP_POST, "/desk/notices/read", desk_notices_read, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_PLAIN,
     "通知全部标为已读"},
};
const size_t desk_route_count = countof(desk_routes);
