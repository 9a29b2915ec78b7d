/* wiring.c: how the rooms meet: routes, hooks of the server, recurring jobs, page globals, migrations. */
#include "app/app.h"

/* ── jobs ── */

static int job_sweep(struct work *w, json_t *args) {
    (void)args;
    if (db_begin(w) < 0)
        return -1;
    if (auth_sweep(w) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int job_ocr(struct work *w, json_t *args) {
    int64_t id = json_integer_value(json_object_get(args, "blob"));
    int n = blob_recognise(w, id);
    return n <= 0 ? n : disclosure_text_read(w, id);
}

const struct job_kind app_jobs[] = {
    {"ocr", "识别图片和扫描件的文字", job_ocr, 2, 0, true},
    {"rule_try", "试运行监督规则", rule_try, 4, 0, true},
    {"site_look", "自查门户页面和网站能否打开", supervision_site_look, 2, 0, true},
    {"site_walk", "自查公开内容的链接和附件", supervision_site_walk, 2, 0, true},
    {"site_tick", "网站自查", supervision_site_tick, 3, 60, false},
    {"supervision_enrol", "启用监督规则后逐项检查", supervision_enrol, 8, 0, true},
    {"withdrawal_probe", "核查撤回是否处处生效", disclosure_probe, 5, 0, false},
    {"witness", "请见证方联署账本检查点", ledger_ask_witnesses, 1, 10, false},
    {"message", "发送邮件和短信", notify_send, 8, 0, false},
    {"sealed_sweep", "清理没有使用的加密文件", sealed_sweep, 3, 3600, false},
    {"tell_subscribers", "把新信息发给订阅者", portal_tell_subscribers, 1, 15, false},
    {"publish_due", "到时发布与到期失效", disclosure_publish_due, 3, 15, false},
    {"request_tick", "依申请公开的期限和提醒", request_tick, 3, 60, false},
    {"duty_tick", "产生周期性应公开任务", duty_tick, 3, 600, false},
    {"statistics_fill", "生成监督统计", statistics_fill, 3, 60, false},
    {"catalogue_apply_due", "目录调整到期生效", catalogue_apply_due, 3, 300, false},
    {"post_times", "计算各岗位办理用时", board_post_times, 3, 300, false},
    {"auth_sweep", "清理过期会话", job_sweep, 3, 3600, false},
};
const size_t app_job_count = countof(app_jobs);

/* ── routes ── */

static struct http_server *described; /* set once before the first request */

static int openapi_page(struct http_request *in, struct http_response *out) {
    (void)in;
    out->model = http_openapi(described, permission_code);
    return out->model ? 0 : -1;
}

static const struct route own_routes[] = {
    {HTTP_GET, "/openapi.json", openapi_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_API_ONLY, "接口说明（OpenAPI 3.1）"},
};

void app_describe(struct http_server *s) {
    described = s;
}

static const struct route *const *route_tables(size_t *n) {
    static const struct route *tables[32];
    size_t k = 0;
    tables[k++] = portal_routes;
    tables[k++] = disclosure_routes;
    tables[k++] = proof_routes;
    tables[k++] = replay_routes;
    tables[k++] = report_routes;
    tables[k++] = statistics_routes;
    tables[k++] = supervision_public_routes;
    tables[k++] = request_routes;
    tables[k++] = request_desk_routes;
    tables[k++] = board_routes;
    tables[k++] = rule_routes;
    tables[k++] = duty_routes;
    tables[k++] = catalogue_routes;
    tables[k++] = calendar_routes;
    tables[k++] = org_routes;
    tables[k++] = letter_routes;
    tables[k++] = alert_routes;
    tables[k++] = ticket_routes;
    tables[k++] = auth_routes;
    tables[k++] = search_routes;
    tables[k++] = site_check_routes;
    tables[k++] = desk_routes;
    tables[k++] = own_routes;
    *n = k;
    return tables;
}

int app_routes(const struct route *const **ret_tables, const size_t **ret_counts, size_t *ret_n) {
    static size_t counts[32];
    size_t k = 0;
    counts[k++] = portal_route_count;
    counts[k++] = disclosure_route_count;
    counts[k++] = proof_route_count;
    counts[k++] = replay_route_count;
    counts[k++] = report_route_count;
    counts[k++] = statistics_route_count;
    counts[k++] = supervision_public_route_count;
    counts[k++] = request_route_count;
    counts[k++] = request_desk_route_count;
    counts[k++] = board_route_count;
    counts[k++] = rule_route_count;
    counts[k++] = duty_route_count;
    counts[k++] = catalogue_route_count;
    counts[k++] = calendar_route_count;
    counts[k++] = org_route_count;
    counts[k++] = letter_route_count;
    counts[k++] = alert_route_count;
    counts[k++] = ticket_route_count;
    counts[k++] = auth_route_count;
    counts[k++] = search_route_count;
    counts[k++] = site_check_route_count;
    counts[k++] = desk_route_count;
    counts[k++] = countof(own_routes);
    *ret_tables = route_tables(ret_n);
    *ret_counts = counts;
    return 0;
}

/* ── page globals: what every template may use ── */

static json_t *site_json(const struct app_config *c) {
    const char *domain = strstr(c->base_url, "://");
    return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "theme", c->theme, "undertaker",
                     c->site_undertaker, "ipv6", c->site_ipv6, "domain", domain ? domain + 3 : c->base_url, "name",
                     c->site_name, "code", c->site_code, "icp", c->site_icp, "police", c->site_police, "host_unit",
                     c->site_host_unit, "contact", c->site_contact, "base_url", c->base_url);
}

/* {{assets.app_css}} … from every bundle file. */
static json_t *assets_json(const struct app_config *c, struct arena *a) {
    static const char *const names[] = {"app.css",   "app.js",     "desk.css", "desk.js",
                                        "editor.js", "editor.css", "verify.js"};
    json_t *o = json_object();
    for (size_t i = 0; i < countof(names); i++) {
        const char *url = asset_url(c, a, names[i]);
        struct str key = str_replace(a, str_z(names[i]), S("."), S("_"));
        if (url)
            json_object_set_new(o, key.p, json_string(url));
    }
    return o;
}

/* {{#me.can.disclosure_edit}} */
static json_t *can_json(const struct actor *actor, struct arena *a) {
    json_t *o = json_object();
    for (int p = PERM_SIGNED_IN; p < PERM__MAX; p++)
        if (actor_may(actor, p))
            json_object_set_new(o, str_replace(a, str_z(permission_code(p)), S("."), S("_")).p, json_true());
    return o;
}

static json_t *me_json(struct work *w) {
    json_t *o = json_object();
    json_set_str(o, "name", w->actor.person_name);
    json_set_str(o, "post", w->actor.post_name);
    json_set_str(o, "unit", w->actor.unit_name);
    json_set_int(o, "unit_id", w->actor.unit_id);
    json_object_set_new(o, "can", can_json(&w->actor, w->arena));
    json_t *posts = org_posts_of(w, w->actor.person_id), *p;
    size_t i;
    json_array_foreach(posts, i, p) if (json_integer_value(json_object_get(p, "id")) == w->actor.post_id)
        json_object_set_new(p, "current", json_true());
    json_object_set_new(o, "several", json_boolean(json_array_size(posts) > 1));
    json_object_set_new(o, "posts", posts ? posts : json_array());
    return o;
}

/* {{notices}}: unread ones, for the top bar; absent when there are none. */
static void put_notices(struct work *w, json_t *g) {
    int n = notice_unread(w);
    if (n > 0)
        json_object_set_new(g, "notices",
                            n < NOTICE_UNREAD_CAP ? json_sprintf("%d", n) : json_sprintf("%d+", NOTICE_UNREAD_CAP - 1));
}

/* {{#as_of}}: the page shows a past instant; {{as_of_form}}: it could. */
static void put_as_of(struct http_request *in, json_t *g) {
    struct work *w = in->w;
    static const char *const kept[] = {"q", "field", "unit", "five", "year"};
    if (!in->route || !(in->route->flags & ROUTE_AS_OF))
        return;
    json_t *form = json_object(), *hidden = json_array();
    for (size_t i = 0; i < countof(kept); i++) {
        struct str v = http_query(in, kept[i]);
        if (v.n)
            json_array_append_new(hidden, json_pack("{s:s, s:s%}", "name", kept[i], "value", v.p, v.n));
    }
    json_set_str(form, "max", str_sub(instant_rfc3339(w->arena, clock_now(&w->config->clock)), 0, 16));
    json_object_set_new(form, "hidden", hidden);
    json_object_set_new(g, "as_of_form", form);
    if (!w->as_of)
        return;
    json_t *o = json_object();
    json_set_str(o, "text", instant_text(w->arena, w->as_of));
    json_set_str(o, "value", str_sub(instant_rfc3339(w->arena, w->as_of), 0, 19));
    json_set_str(o, "now", http_with_query(in, "as_of", STR_NONE));
    json_object_set_new(g, "as_of", o);
}

static json_t *globals_json(struct http_request *in) {
    struct work *w = in->w;
    json_t *g = json_object();
    json_object_set_new(g, "site", site_json(w->config));
    json_object_set_new(g, "assets", assets_json(w->config, w->arena));
    json_set_str(g, "path", in->path);
    json_set_day(w->arena, g, "today", work_today(w));
    json_set_str(g, "today_text", day_chinese(w->arena, work_today(w)));
    json_set_bool(g, "elder", in->variant == 1);
    json_set_str(g, "request_id", in->id);
    json_set_str(g, "csrf", in->csrf);
    json_set_str(g, "once", random_token(w->arena, 12));
    json_object_set_new(g, "portal_nav", portal_nav(in->path));
    put_as_of(in, g);
    /* Public pages are the same for everyone and are kept: nothing of a person may enter them. */
    if (in->session && !(in->route && in->route->cache == CACHE_PUBLIC)) {
        json_object_set_new(g, "me", me_json(w));
        json_object_set_new(g, "nav", desk_nav(w, in->path));
        json_t *tabs = desk_tabs(w, in->path);
        if (tabs)
            json_object_set_new(g, "desk_tabs", json_pack("{s:o}", "list", tabs));
        put_notices(w, g);
    }
    return g;
}

static int render(struct http_request *in, struct http_response *out, struct str *ret_html) {
    struct buf b;
    buf_init(&b, 16 * 1024 * 1024);
    json_t *globals = globals_json(in);
    int rc = view_render(out->template, globals, out->model, &b);
    json_decref(globals);
    if (rc == 0)
        *ret_html = in->w->as_of ? portal_links_as_of(in->w, buf_str(&b)) : str_dup(in->w->arena, buf_str(&b));
    if (rc == 0 && in->route && in->route->permission == PERM_PUBLIC)
        *ret_html = portal_links_outside(in->w, *ret_html);
    buf_release(&b);
    return rc;
}

/* ── hooks of the server ── */

static int authenticate(struct http_request *in) {
    struct session *s = NULL;
    int n = auth_session_read(in, &s);
    if (n <= 0)
        return n;
    in->session = s;
    if (s && (s->must_change || s->second_factor_due)) {
        bool own = str_starts(in->path, S("/desk/account")) ||
                   str_starts(in->path, S("/sign-")); /* no rights but over one's own account */
        return own ? 0
                   : fail(in->w, ERR_FORBIDDEN,
                          s->must_change ? "请先到“我的账号”修改口令，再办理其他事项"
                                         : "请先输入动态口令，再办理其他事项");
    }
    return org_actor_fill(in->w, s ? s->post_id : 0);
}

/* The cache generation: the ledger's public size, and the day: clocks and overdue marks turn at midnight. */
static struct clock generation_clock;
static uint64_t generation(void) {
    return ledger_generation() * 100000 + (uint64_t)day_of(clock_now(&generation_clock));
}

const struct http_hooks app_hooks = {
    .authenticate = authenticate,
    .permitted = actor_may,
    .csrf_ok = auth_csrf_ok,
    .render = render,
    .generation = generation,
    .settled = ledger_settled,
    .replay_find = auth_replay_find,
    .replay_keep = auth_replay_keep,
};

/* ── start-up ── */

static const struct replay_source replayed[] = {
    {"request", "公开申请", "/desk/requests", PERM_REQUEST_READ, request_replay, request_replay_clock, request_word},
    {"ticket", "督办单", "/desk/tickets", PERM_ALERT_READ, ticket_replay, ticket_replay_clock, supervision_word},
    {"alert", "预警", "/desk/alerts", PERM_ALERT_READ, alert_replay, alert_replay_clock, supervision_word},
};
static struct search_source sources[2]; /* of the rooms whose records can be found */

void app_modules(void) {
    catalogue_on_in_force(duty_on_item_in_force);
    supervision_checks();
    supervision_columns_from(portal_columns);
    replay_register(replayed, countof(replayed));
    sources[0] = disclosure_search_source;
    sources[1] = item_search_source;
    search_register(sources, countof(sources), portal_names);
}

/* Data that is read once at start, from rules_dir when the operator has put its own there. */
static const struct {
    const char *name;
    int (*load)(struct str json);
} defaults[] = {
    {"data/limits.json", limit_defaults_load},
    {"data/foi.json", request_rules_load},
    {"data/watchlist.json", watchlist_load},
    {"data/supervision.json", rule_limits_load},
};

int app_load_defaults(const struct app_config *c) {
    struct arena *a = arena_new(1 << 20);
    int rc = 0;
    generation_clock = c->clock;
    for (size_t i = 0; i < countof(defaults); i++) {
        const struct asset *file = asset_find(c, a, defaults[i].name);
        if (file && defaults[i].load(file->bytes) == 0)
            continue;
        fprintf(stderr, "%s: missing or not readable\n", defaults[i].name);
        rc = -1;
    }
    arena_free(a);
    return rc;
}

json_t *app_data(struct work *w, const char *name) {
    json_error_t why;
    const struct asset *a = asset_find(w->config, w->arena, name);
    json_t *o = a ? json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, &why) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "%s：%s", name, a ? why.text : "缺失");
    return o;
}

/* sql/migrations/NNNN_name.sql, in order of their numbers. */
int app_migrate(struct db_pool *pool, int64_t now) {
    struct db_migration list[512];
    size_t n = 0;
    for (size_t i = 0; i < app_asset_count; i++) {
        struct str name = str_z(app_assets[i].name);
        int64_t number;
        if (!str_starts(name, S("sql/migrations/")) || !str_ends(name, S(".sql")))
            continue;
        struct str file = str_sub(name, 15, name.n - 15);
        if (str_int(str_sub(file, 0, 4), &number) < 0 || n == countof(list)) {
            fprintf(stderr, "%s: must begin with four digits\n", app_assets[i].name);
            return -1;
        }
        list[n++] = (struct db_migration){(int)number, app_assets[i].name + 15, app_assets[i].bytes};
    }
    char why[512] = "";
    if (db_migrate(pool, list, n, now, why, sizeof why) < 0) {
        fprintf(stderr, "migrate: %s\n", why);
        return -1;
    }
    return 0;
}
