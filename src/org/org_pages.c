/* org_pages.c: the workbench's pages of units, posts and appointments. */
#include "org/org_internal.h"

static int units_page(struct http_request *in, struct http_response *out) {
    json_t *units = unit_list(in->w, NULL);
    return units ? view_page(out, "org/units", json_pack("{s:o}", "units", units)) : -1;
}

/* ── one unit ── */

static const char *const detail_keys[][2] = {{"functions", "机构职能"},
                                             {"address", "办公地址"},
                                             {"hours", "办公时间"},
                                             {"telephone", "联系电话"},
                                             {"head", "负责人职务"}};

static json_t *unit_model(struct work *w, int64_t id) {
    struct unit u;
    struct db_rows posts, held;
    if (unit_get(w, id, &u) < 0 || db_query(w, &sql_posts_of_unit, &posts, DB_INT(id)) < 0 ||
        db_query(w, &sql_appointments_of_unit, &held, DB_INT(id)) < 0)
        return NULL;
    json_t *model = json_object(), *unit = json_object(), *list = db_json(&posts), *p,
           *details = json_loadb(u.details.p, u.details.n, 0, NULL), *rows = json_array();
    size_t i;
    json_set_int(unit, "id", u.id);
    json_set_str(unit, "code", u.code);
    json_set_str(unit, "name", u.name);
    json_set_str(unit, "short_name", u.short_name);
    json_set_bool(unit, "demonstration", u.demonstration);
    json_set_str(unit, "org_code", u.org_code);
    for (size_t k = 0; k < countof(detail_keys); k++) {
        const char *v = json_string_value(json_object_get(details, detail_keys[k][0]));
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "key", detail_keys[k][0], "label", detail_keys[k][1],
                                              "value", v ? v : ""));
    }
    json_decref(details);
    json_array_foreach(list, i, p) json_object_set_new(p, "role_names", role_list(db_i(&posts, i, 2)));
    json_object_set_new(model, "unit", unit);
    json_object_set_new(model, "details", rows);
    json_object_set_new(model, "posts", list);
    json_object_set_new(model, "appointments", db_json(&held));
    json_object_set_new(model, "roles", role_list(INT64_MAX));
    return model;
}

static int unit_page(struct http_request *in, struct http_response *out) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    json_t *model = unit_model(in->w, id);
    return model ? view_page(out, "org/unit", model) : -1;
}

static int unit_again(struct http_request *in, struct http_response *out, int64_t id, const struct field_table *t) {
    if (in->api || in->w->error.code != ERR_INVALID)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = unit_model(in->w, id);
    in->w->error = kept;
    return view_form_again(in, out, "org/unit", t, model);
}

struct details_input {
    struct str functions, address, hours, telephone, head;
};
static const struct field details_fields[] = {
    FIELD(FIELD_TEXT, details_input, functions, "机构职能", FIELD_OPTIONAL, 0, 4000, NULL, NULL),
    FIELD(FIELD_STR, details_input, address, "办公地址", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, details_input, hours, "办公时间", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, details_input, telephone, "联系电话", FIELD_OPTIONAL, 0, 60, NULL, "单位对外公布的办公电话"),
    FIELD(FIELD_STR, details_input, head, "负责人职务", FIELD_OPTIONAL, 0, 60, NULL, NULL),
};
FIELD_TABLE(details, details_input);

int unit_save(struct work *w, struct unit *u, json_t *what) {
    char *dumped = json_dumps(what, JSON_COMPACT | JSON_SORT_KEYS);
    struct str packed = str_dup(w->arena, str_z(dumped));
    free(dumped);
    if (db_exec(w, &sql_unit_update, DB_INT(u->id), DB_TEXT(u->name), DB_TEXT(u->short_name), DB_TEXT(packed)) < 0)
        return -1;
    json_t *payload =
        json_pack("{s:s%, s:s%, s:O}", "code", u->code.p, u->code.n, "name", u->name.p, u->name.n, "details", what);
    return org_event(w, "unit", u->id, u->id, "unit_changed", EVENT_PUBLIC, payload);
}

static int details_post(struct http_request *in, struct http_response *out) {
    struct details_input x;
    struct unit u;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || unit_get(in->w, id, &u) < 0)
        return -1;
    if (fields_read(in, &details, &x) < 0)
        return unit_again(in, out, id, &details);
    json_t *o = json_object();
    const struct str values[] = {x.functions, x.address, x.hours, x.telephone, x.head};
    for (size_t k = 0; k < countof(detail_keys); k++)
        if (values[k].n)
            json_set_str(o, detail_keys[k][0], values[k]);
    int rc = unit_save(in->w, &u, o);
    json_decref(o);
    return rc < 0 ? -1 : view_redirect(in, out, "/desk/units/%lld", (long long)id);
}

/* ── posts and appointments: the security administrator's ── */

struct post_input {
    struct str name;
    struct str_list roles;
    bool all_units;
};
static const struct field post_fields[] = {
    FIELD(FIELD_STR, post_input, name, "岗位名称", FIELD_REQUIRED, 2, 40, NULL, NULL),
    FIELD(FIELD_LIST, post_input, roles, "职责", FIELD_REQUIRED, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, post_input, all_units, "范围为全市", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
FIELD_TABLE(post, post_input);

static int post_post(struct http_request *in, struct http_response *out) {
    struct post_input x;
    struct unit u;
    int64_t id, made, roles = 0;
    if (http_path_int(in, "id", &id) < 0 || unit_get(in->w, id, &u) < 0)
        return -1;
    int rc = fields_read(in, &post, &x);
    for (size_t i = 0; rc == 0 && i < x.roles.n; i++)
        roles |= role_by_code(x.roles.v[i]);
    if (rc < 0 || post_create(in->w, id, x.name, roles, x.all_units, &made) < 0)
        return unit_again(in, out, id, &post);
    return view_redirect(in, out, "/desk/units/%lld", (long long)id);
}

struct appoint_input {
    struct str login;
    int64_t post_id;
    day_t from, to;
};
static const struct field appoint_fields[] = {
    FIELD(FIELD_STR, appoint_input, login, "账号登录名", FIELD_REQUIRED, 3, 40, NULL, NULL),
    FIELD(FIELD_INT, appoint_input, post_id, "岗位", FIELD_REQUIRED, 1, INT64_MAX, NULL, NULL),
    FIELD(FIELD_DAY, appoint_input, from, "开始日期", FIELD_OPTIONAL, 0, 0, NULL, "不填为今天"),
    FIELD(FIELD_DAY, appoint_input, to, "结束日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
static const struct field_table appoint_table = {appoint_fields, countof(appoint_fields), sizeof(struct appoint_input)};

static int appoint(struct work *w, int64_t unit_id, const struct appoint_input *x) {
    struct db_rows posts;
    int64_t person;
    bool here = false;
    int n = account_find(w, x->login, &person);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "login", "unknown", "没有登录名为“%.*s”的账号", STR_ARG(x->login));
    if (db_query(w, &sql_posts_of_unit, &posts, DB_INT(unit_id)) < 0)
        return -1;
    for (size_t i = 0; i < posts.n; i++)
        here |= db_i(&posts, i, 0) == x->post_id;
    if (!here)
        return fail_field(w, "post_id", "unknown", "请选择本单位的岗位");
    return appointment_create(w, person, x->post_id, x->from == DAY_NONE ? work_today(w) : x->from, x->to);
}

static int appoint_post(struct http_request *in, struct http_response *out) {
    struct appoint_input x;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &appoint_table, &x) < 0 || appoint(in->w, id, &x) < 0)
        return unit_again(in, out, id, &appoint_table);
    return view_redirect(in, out, "/desk/units/%lld", (long long)id);
}

static int appointment_end_post(struct http_request *in, struct http_response *out) {
    int64_t id, unit;
    if (http_path_int(in, "id", &unit) < 0 || http_path_int(in, "appointment", &id) < 0 ||
        appointment_end(in->w, id, work_today(in->w) - 1) < 0)
        return -1;
    return view_redirect(in, out, "/desk/units/%lld", (long long)unit);
}

/* ── one's own posts ── */

struct switch_input {
    int64_t post_id;
};
static const struct field switch_post_fields[] = {
    FIELD(FIELD_INT, switch_input, post_id, "岗位", FIELD_REQUIRED, 1, INT64_MAX, NULL, NULL)};
FIELD_TABLE(switch_post, switch_input);

static int switch_post_post(struct http_request *in, struct http_response *out) {
    struct switch_input x;
    const struct session *s = in->session;
    if (fields_read(in, &switch_post, &x) < 0)
        return -1;
    json_t *posts = org_posts_of(in->w, in->w->actor.person_id), *p;
    size_t i;
    bool mine = false;
    json_array_foreach(posts, i, p) mine |= json_integer_value(json_object_get(p, "id")) == x.post_id;
    json_decref(posts);
    if (!mine || !s)
        return fail(in->w, ERR_FORBIDDEN, "您没有担任这个岗位");
    return auth_session_set_post(in->w, s->id, x.post_id) < 0 ? -1 : view_redirect(in, out, "/desk");
}

const struct route org_routes[] = {
    {HTTP_GET, "/desk/units", units_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_PLAIN, "单位"},
    {HTTP_GET, "/desk/units/{id}", unit_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_PLAIN, "单位、岗位和任职"},
    {HTTP_POST, "/desk/units/{id}", details_post, PERM_ORG_ADMIN, NO_CACHE, &details, ROUTE_PLAIN, "填写单位信息"},
    {HTTP_POST, "/desk/units/{id}/posts", post_post, PERM_RIGHTS_ADMIN, NO_CACHE, &post, ROUTE_PLAIN, "设置岗位"},
    {HTTP_POST, "/desk/units/{id}/appointments", appoint_post, PERM_RIGHTS_ADMIN, NO_CACHE, &appoint_table, ROUTE_PLAIN,
     "任职"},
    {HTTP_POST, "/desk/units/{id}/appointments/{appointment}/end", appointment_end_post, PERM_RIGHTS_ADMIN, NO_CACHE,
     NULL, ROUTE_PLAIN, "结束任职"},
    {HTTP_POST, "/desk/switch-post", switch_post_post, PERM_SIGNED_IN, NO_CACHE, &switch_post, ROUTE_HTML_ONLY,
     "切换岗位"},
};
const size_t org_route_count = countof(org_routes);
