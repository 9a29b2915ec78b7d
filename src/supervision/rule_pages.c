/* rule_pages.c: the pages of rule management: list, catalogue of checks, one rule, two versions side by side, a dry
 * run, steps; the route table. */
#include "supervision/rule_internal.h"

#define PAGE 50

/* ── the list ── */

struct list_input {
    struct str state, after;
};
static const struct field_option state_options[] = {
    {"draft", "草案"}, {"on", "已启用"}, {"off", "已停用"}, {"ended", "已废止"}, {NULL, NULL}};
static const struct field list_fields[] = {
    FIELD(FIELD_ENUM, list_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
static const struct field_table list_table = {list_fields, countof(list_fields), sizeof(struct list_input)};

static void put_state(json_t *o, struct str state) {
    const struct flow_state *s = flow_state(&rule_flow, state.p);
    json_set_str(o, "state", state);
    json_set_str(o, "state_name", str_z(s ? s->name : ""));
    json_set_str(o, "tone", str_z(s ? s->tone : "grey"));
}

/* How often its alerts were right: of those that came to an end, without those that a person waived or the rule's own
 * end closed. Numbers beside the rate: few cases say little. */
static int put_precision(struct work *w, json_t *o, int64_t rule) {
    struct db_rows r;
    int64_t judged = 0, wrong = 0;
    if (db_query(w, &sql_rulebook_outcomes, &r, DB_INT(rule)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        struct str outcome = db_s(&r, i, 0);
        if (str_is(outcome, "waived") || str_is(outcome, "rule_ended"))
            continue;
        judged += db_i(&r, i, 1);
        wrong += str_is(outcome, "false") ? db_i(&r, i, 1) : 0;
    }
    json_set_int(o, "judged", judged);
    json_set_int(o, "wrong", wrong);
    if (judged)
        json_set_str(o, "precision", str_printf(w->arena, "%.1f%%", 100.0 * (double)(judged - wrong) / (double)judged));
    else
        json_set_str(o, "precision", STR_NONE);
    return 0;
}

static void put_open(struct work *w, json_t *o, int64_t n) {
    json_set_str(o, "open", n > 10000 ? S("10000+") : str_printf(w->arena, "%lld", (long long)n));
}

static json_t *list_row(struct work *w, const struct db_rows *r, size_t i) {
    const struct check *c = check_find(db_s(r, i, 2));
    json_t *o = json_object(), *scope = rule_json_of(db_s(r, i, 8));
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "code", db_s(r, i, 1));
    json_set_str(o, "check", db_s(r, i, 2));
    json_set_str(o, "check_name", c ? str_z(c->label) : S("检查项已不在系统中"));
    put_state(o, db_s(r, i, 3));
    json_set_int(o, "on_version", db_i(r, i, 4));
    json_set_bool(o, "asked", db_i(r, i, 5) != 0);
    json_set_int(o, "version", db_i(r, i, 6));
    json_set_bool(o, "newer", str_is(db_s(r, i, 3), "on") && db_i(r, i, 4) != db_i(r, i, 6));
    json_set_str(o, "name", db_s(r, i, 7));
    json_set_str(o, "scope_words", rule_scope_words(w, scope));
    put_open(w, o, db_i(r, i, 9));
    json_decref(scope);
    if (!db_null(r, i, 10)) {
        json_t *run = json_object();
        json_set_int(run, "id", db_i(r, i, 10));
        json_set_str(run, "state", db_s(r, i, 11));
        json_set_str(run, "state_name", str_z(rule_run_state(db_s(r, i, 11))));
        json_set_bool(run, "finished", str_is(db_s(r, i, 11), "done"));
        json_set_int(run, "raised", db_i(r, i, 12));
        json_set_str(run, "day", str_sub(instant_text(w->arena, db_i(r, i, 13)), 0, 10));
        json_object_set_new(o, "run", run);
    } else {
        json_object_set_new(o, "run", json_false());
    }
    return o;
}

static json_t *states_json(struct str chosen) {
    json_t *list = json_array();
    for (const struct field_option *s = state_options; s->value; s++) {
        json_t *o = json_pack("{s:s, s:s}", "value", s->value, "label", s->label);
        json_set_bool(o, "selected", str_is(chosen, s->value));
        json_array_append_new(list, o);
    }
    return list;
}

static int list_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct list_input x;
    struct db_rows r;
    int64_t key, id;
    if (rule_may(w, PERM_RULE_READ) < 0 || fields_read(in, &list_table, &x) < 0 ||
        view_cursor_read(w, x.after, &key, &id) < 0 ||
        db_query(w, &sql_rulebook_list, &r, DB_TEXT(x.state), DB_INT(x.after.n ? id : 0), DB_INT(PAGE + 1)) < 0)
        return -1;
    json_t *model = json_object(), *rows = json_array();
    size_t n = r.n > PAGE ? PAGE : r.n;
    json_object_set_new(model, "rules", rows);
    for (size_t i = 0; i < n; i++) {
        json_t *o = list_row(w, &r, i);
        json_array_append_new(rows, o);
        if (put_precision(w, o, db_i(&r, i, 0)) < 0) {
            json_decref(model);
            return -1;
        }
    }
    json_object_set_new(model, "states", states_json(x.state));
    json_set_bool(model, "may_edit", actor_may(&w->actor, PERM_RULE_EDIT));
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, PAGE);
    return view_page(out, "supervision/rules", model);
}

/* ── the catalogue of checks ── */

static const struct field_option groups[] = {{"duty", "应公开任务"},
                                             {"catalogue", "三张目录"},
                                             {"disclosure", "公开信息"},
                                             {"request", "依申请公开"},
                                             {"site", "网站和栏目"},
                                             {"", "其他"},
                                             {NULL, NULL}};

static json_t *check_json(struct work *w, const struct check *c) {
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s}", "code", c->code, "label", c->label, "about", c->about, "subject", c->subject);
    json_t *list = json_array();
    for (const struct check_parameter *p = c->parameters; p && p->name; p++) {
        json_t *q = json_pack("{s:s, s:s, s:s}", "name", p->name, "label", p->label, "fallback", p->fallback);
        json_set_int(q, "min", p->min);
        json_set_int(q, "max", p->max);
        json_array_append_new(list, q);
    }
    (void)w;
    json_object_set_new(o, "parameters", list);
    return o;
}

static int checks_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    if (rule_may(w, PERM_RULE_READ) < 0)
        return -1;
    json_t *model = json_object(), *list = json_array();
    for (const struct field_option *g = groups; g->value; g++) {
        json_t *o = json_object(), *checks = json_array();
        const struct check *c;
        for (size_t i = 0; (c = check_at(i)); i++) {
            bool named = *field_option_label(groups, str_z(c->group));
            if (named ? strcmp(c->group, g->value) == 0 : !*g->value)
                json_array_append_new(checks, check_json(w, c));
        }
        json_set_str(o, "label", str_z(g->label));
        json_object_set(o, "checks", checks);
        if (json_array_size(checks))
            json_array_append(list, o);
        json_decref(checks);
        json_decref(o);
    }
    json_object_set_new(model, "groups", list);
    json_set_bool(model, "may_edit", actor_may(&w->actor, PERM_RULE_EDIT));
    return view_page(out, "supervision/rule_checks", model);
}

/* ── one rule ── */

static int row_of_path(struct http_request *in, int64_t version, struct rule_row *ret) {
    int64_t id;
    if (rule_may(in->w, PERM_RULE_READ) < 0 || http_path_int(in, "id", &id) < 0)
        return -1;
    int n = rule_row_get(in->w, id, version, ret);
    return n == 1 ? 0 : n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这条监督规则或者这个版本");
}

static json_t *versions_json(struct work *w, const struct rule_row *r) {
    struct db_rows v;
    if (db_query(w, &sql_rulebook_versions, &v, DB_INT(r->id)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < v.n; i++) {
        json_t *o = json_object();
        int64_t n = db_i(&v, i, 0);
        json_set_int(o, "version", n);
        json_set_str(o, "name", db_s(&v, i, 1));
        json_set_instant(w->arena, o, "created", db_i(&v, i, 2));
        json_set_str(o, "made_by", db_s(&v, i, 3).n ? db_s(&v, i, 3) : S("随系统提供"));
        json_set_bool(o, "current", n == r->on_version && str_is(r->state, "on"));
        json_set_bool(o, "was_on", db_i(&v, i, 4) != 0 && !(n == r->on_version && str_is(r->state, "on")));
        json_set_int(o, "before", n > 1 ? n - 1 : 0);
        json_set_bool(o, "second", i == 1);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *runs_json(struct work *w, const struct rule_row *r) {
    struct db_rows v;
    if (db_query(w, &sql_rulebook_runs, &v, DB_INT(r->id)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < v.n; i++) {
        json_t *o = json_object();
        struct str state = db_s(&v, i, 2);
        bool done = str_is(state, "done"), same = str_eq(db_s(&v, i, 8), r->digest);
        bool fresh = db_i(&v, i, 7) >= w->now - rule_limits.tried_days * 24 * 3600 * 1000;
        json_set_int(o, "id", db_i(&v, i, 0));
        json_set_int(o, "version", db_i(&v, i, 1));
        json_set_str(o, "state", state);
        json_set_str(o, "state_name", str_z(rule_run_state(state)));
        json_set_bool(o, "finished", done);
        json_set_str(o, "from", db_s(&v, i, 3));
        json_set_str(o, "to", db_s(&v, i, 4));
        json_set_int(o, "raised", db_i(&v, i, 5));
        json_set_instant(w->arena, o, "created", db_i(&v, i, 6));
        json_set_str(o, "made_by", db_s(&v, i, 9));
        json_set_bool(o, "valid", done && same && fresh);
        json_set_str(o, "why", !done ? STR_NONE : !same ? S("内容已修改") : !fresh ? S("已过有效期") : STR_NONE);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *rule_json(struct work *w, const struct rule_row *r) {
    json_t *o = json_object();
    json_set_int(o, "id", r->id);
    json_set_str(o, "code", r->code);
    json_set_str(o, "name", r->name);
    json_set_str(o, "check", r->check_code);
    json_set_str(o, "check_name", r->check ? str_z(r->check->label) : S("检查项已不在系统中"));
    json_set_str(o, "check_about", r->check ? str_z(r->check->about) : STR_NONE);
    put_state(o, r->state);
    json_set_int(o, "version", r->version);
    json_set_int(o, "on_version", r->on_version);
    json_set_bool(o, "newer", str_is(r->state, "on") && r->on_version != r->version);
    json_set_bool(o, "shipped", r->shipped);
    json_set_bool(o, "uncertain", str_is(r->status, "M") || str_is(r->status, "U"));
    json_set_bool(o, "editable", r->check && !str_is(r->state, "ended") && actor_may(&w->actor, PERM_RULE_EDIT));
    json_set_str(o, "asked_by", r->asked_by && r->asked_version_id == r->version_id ? r->asked_by_name : STR_NONE);
    json_object_set_new(o, "newest", rule_version_json(w, r));
    return o;
}

static int set_part(json_t *model, const char *key, json_t *part) {
    if (part)
        json_object_set_new(model, key, part);
    return part ? 0 : -1;
}

/* The whole page; on failure *ret is untouched. */
static int rule_model(struct work *w, const struct rule_row *r, json_t **ret) {
    json_t *m = json_object(), *o = rule_json(w, r);
    struct db_rows open;
    json_object_set_new(m, "rule", o);
    if (put_precision(w, o, r->id) < 0 || db_one(w, &sql_rulebook_open, &open, DB_INT(r->id)) < 0 ||
        set_part(m, "versions", versions_json(w, r)) < 0 || set_part(m, "runs", runs_json(w, r)) < 0 ||
        set_part(m, "course", event_list(w, "rule", r->id, true)) < 0) {
        json_decref(m);
        return -1;
    }
    put_open(w, o, db_i(&open, 0, 0));
    json_object_set_new(m, "actions", rule_actions(w, r));
    error_clear(w); /* guards say why not by failing */
    json_t *t = json_object();
    json_set_day(w->arena, t, "from", work_today(w) - 89);
    json_set_day(w->arena, t, "to", work_today(w));
    json_object_set_new(m, "try", t);
    json_set_int(m, "tried_days", rule_limits.tried_days);
    *ret = m;
    return 0;
}

static int rule_page(struct http_request *in, struct http_response *out) {
    struct rule_row r;
    json_t *model;
    if (row_of_path(in, 0, &r) < 0 || rule_model(in->w, &r, &model) < 0)
        return -1;
    return view_page(out, "supervision/rule", model);
}

/* ── two versions side by side ── */

struct compare_input {
    int64_t from, to;
};
static const struct field compare_fields[] = {
    FIELD(FIELD_INT, compare_input, from, "旧版本", FIELD_REQUIRED, 1, 1000000, NULL, "版本号"),
    FIELD(FIELD_INT, compare_input, to, "新版本", FIELD_REQUIRED, 1, 1000000, NULL, "版本号"),
};
static const struct field_table compare_table = {compare_fields, countof(compare_fields), sizeof(struct compare_input)};

/* Only what stays or goes on the left, what stays or comes on the right. */
static json_t *side(const json_t *diff, const char *without) {
    json_t *list = json_array(), *d;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)diff, i, d) {
        const char *op = json_string_value(json_object_get(d, "op"));
        if (strcmp(op, without) != 0)
            json_array_append(list, d);
    }
    return list;
}

static json_t *compare_json(struct work *w, const struct rule_row *a, const struct rule_row *b) {
    json_t *old = rule_parts(w, a), *new = rule_parts(w, b), *list = json_array(), *p;
    size_t i;
    json_array_foreach(old, i, p) {
        struct str x = str_z(json_string_value(json_object_get(p, "value"))),
                   y = str_z(json_string_value(json_object_get(json_array_get(new, i), "value")));
        json_t *o = json_object();
        json_set_str(o, "label", str_z(json_string_value(json_object_get(p, "label"))));
        json_set_str(o, "before", x);
        json_set_str(o, "after", y);
        json_set_bool(o, "changed", !str_eq(x, y));
        if (!str_eq(x, y)) {
            json_t *diff = text_diff(w->arena, x, y);
            json_object_set_new(o, "left", side(diff, "ins"));
            json_object_set_new(o, "right", side(diff, "del"));
            json_decref(diff);
        }
        json_array_append_new(list, o);
    }
    json_decref(old);
    json_decref(new);
    return list;
}

static int compare_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct compare_input x;
    struct rule_row a, b;
    if (fields_read(in, &compare_table, &x) < 0 || row_of_path(in, x.from, &a) < 0 || row_of_path(in, x.to, &b) < 0)
        return -1;
    json_t *m = json_object(), *rows = compare_json(w, &a, &b), *p;
    size_t i, changed = 0;
    json_array_foreach(rows, i, p) changed += json_is_true(json_object_get(p, "changed"));
    json_object_set_new(m, "rule", rule_json(w, &b));
    json_object_set_new(m, "rows", rows);
    json_set_int(m, "changed", (int64_t)changed);
    json_object_set_new(m, "from", rule_version_json(w, &a));
    json_object_set_new(m, "to", rule_version_json(w, &b));
    return view_page(out, "supervision/rule_compare", m);
}

/* ── dry runs ── */

struct try_input {
    int64_t version;
    day_t from, to;
};
static const struct field try_fields[] = {
    FIELD(FIELD_INT, try_input, version, "版本", FIELD_OPTIONAL, 0, 1000000, NULL, "不填：最新版本"),
    FIELD(FIELD_DAY, try_input, from, "开始日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, try_input, to, "结束日期", FIELD_OPTIONAL, 0, 0, NULL, "含当日，不晚于今天"),
};
static const struct field_table try_table = {try_fields, countof(try_fields), sizeof(struct try_input)};

/* The rule's page again with what was refused. */
static int rule_again(struct http_request *in, struct http_response *out, const struct field_table *t, bool expected) {
    struct work *w = in->w;
    struct rule_row r;
    json_t *model;
    if (in->api || !expected)
        return -1;
    struct error why = w->error;
    json_t *form = fields_form(in, t);
    error_clear(w);
    if (row_of_path(in, 0, &r) < 0 || rule_model(w, &r, &model) < 0) {
        json_decref(form);
        return -1;
    }
    json_object_set_new(model, "form", form);
    json_t *try = json_object_get(model, "try");
    static const char *const days[] = {"from", "to"};
    for (size_t i = 0; i < countof(days); i++) {
        const json_t *typed = json_object_get(json_object_get(form, days[i]), "value");
        if (json_string_length(typed))
            json_object_set(try, days[i], (json_t *)(uintptr_t)typed);
    }
    w->error = why;
    return view_form_again(in, out, "supervision/rule", t, model);
}

static int try_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct try_input x;
    int64_t id, run = 0;
    if (rule_may(w, PERM_RULE_EDIT) < 0 || http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &try_table, &x) < 0 || rule_try_start(w, id, x.version, x.from, x.to, &run) < 0)
        return rule_again(in, out, &try_table,
                          w->error.code == ERR_INVALID || w->error.code == ERR_DUPLICATE ||
                              w->error.code == ERR_WRONG_STATE);
    if (in->api) {
        out->status = 201;
        out->location =
            str_dupz(w->arena, str_printf(w->arena, "/desk/rules/%lld/runs/%lld", (long long)id, (long long)run));
        json_set_int(out->model = json_object(), "run", run);
        return 0;
    }
    return view_redirect(in, out, "/desk/rules/%lld/runs/%lld", (long long)id, (long long)run);
}

static int run_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct rule_row r;
    struct rule_run run;
    int64_t id;
    if (row_of_path(in, 0, &r) < 0 || http_path_int(in, "run", &id) < 0)
        return -1;
    int n = rule_run_get(w, id, &run);
    if (n < 0)
        return -1;
    bool own = n == 1 && run.rule_id == r.id;
    json_t *o = own ? rule_run_json(w, &run) : NULL;
    if (n == 1)
        json_decref(run.result);
    if (!own)
        return fail(w, ERR_NOT_FOUND, "没有这次试运行");
    if (!o)
        return -1;
    json_t *m = json_object();
    json_set_bool(o, "same", str_eq(run.digest, r.digest));
    json_object_set_new(m, "run", o);
    json_object_set_new(m, "rule", rule_json(w, &r));
    json_set_int(m, "tried_days", rule_limits.tried_days);
    return view_page(out, "supervision/rule_run", m);
}

/* ── steps ── */

struct verb_input {
    struct str reason;
    int64_t version;
};
static const struct field verb_fields[] = {
    FIELD(FIELD_TEXT, verb_input, reason, "理由", FIELD_OPTIONAL, 0, 500, NULL, "每一步都要写明"),
    FIELD(FIELD_INT, verb_input, version, "版本", FIELD_OPTIONAL, 0, 1000000, NULL, "看到的最新版本号"),
};
static const struct field_table verb_table = {verb_fields, countof(verb_fields), sizeof(struct verb_input)};

static int step_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct verb_input x;
    int64_t id;
    const char *verb = str_dupz(w->arena, http_path_part(in, "verb"));
    if (rule_may(w, PERM_RULE_READ) < 0 || http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &verb_table, &x) < 0 ||
        rule_step(w, id, verb, &(struct rule_step_input){x.reason, x.version}) < 0)
        return rule_again(in, out, &verb_table,
                          w->error.code == ERR_INVALID || w->error.code == ERR_WRONG_STATE ||
                              w->error.code == ERR_CONFLICT);
    return view_redirect(in, out, "/desk/rules/%lld", (long long)id);
}

const struct route rule_routes[] = {
    /* method path handler permission cache fields flags summary */
    {HTTP_GET, "/desk/rules", list_page, PERM_RULE_READ, NO_CACHE, &list_table, ROUTE_PLAIN, "监督规则"},
    {HTTP_GET, "/desk/rules/checks", checks_page, PERM_RULE_READ, NO_CACHE, NULL, ROUTE_PLAIN, "检查项目录"},
    {HTTP_GET, "/desk/rules/new", rule_new_form, PERM_RULE_EDIT, NO_CACHE, &rule_new_table, ROUTE_HTML_ONLY,
     "新建监督规则：表单"},
    {HTTP_POST, "/desk/rules", rule_new_post, PERM_RULE_EDIT, NO_CACHE, &rule_form_table, ROUTE_PLAIN,
     "新建监督规则；检查项的参数放在 parameters 里"},
    {HTTP_GET, "/desk/rules/{id}", rule_page, PERM_RULE_READ, NO_CACHE, NULL, ROUTE_PLAIN, "一条监督规则"},
    {HTTP_GET, "/desk/rules/{id}/edit", rule_edit_form, PERM_RULE_EDIT, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "修改监督规则：表单"},
    {HTTP_POST, "/desk/rules/{id}", rule_edit_post, PERM_RULE_EDIT, NO_CACHE, &rule_form_table, ROUTE_PLAIN,
     "把修改存为新版本；base 是打开时的最新版本号"},
    {HTTP_GET, "/desk/rules/{id}/compare", compare_page, PERM_RULE_READ, NO_CACHE, &compare_table, ROUTE_PLAIN,
     "对照两个版本"},
    {HTTP_POST, "/desk/rules/{id}/runs", try_post, PERM_RULE_EDIT, NO_CACHE, &try_table, ROUTE_PLAIN,
     "用已有的记录试运行一个版本"},
    {HTTP_GET, "/desk/rules/{id}/runs/{run}", run_page, PERM_RULE_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "一次试运行：进度和结果"},
    {HTTP_POST, "/desk/rules/{id}/steps/{verb}", step_post, PERM_RULE_READ, NO_CACHE, &verb_table, ROUTE_PLAIN,
     "监督规则：启用（on）、申请启用（ask）、同意（approve）、不同意（refuse）、停用（off）、废止（end）"},
};
const size_t rule_route_count = countof(rule_routes);
