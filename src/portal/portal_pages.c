/* portal_pages.c: the route table; home, the five columns, elder mode, site map. */
#include "portal/portal_internal.h"

/* ── home ── */

static json_t *kinds_json(void) {
    json_t *list = json_array();
    for (size_t i = 0; i < portal_catalogue_kind_count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "kind", portal_catalogue_kinds[i].kind, "name",
                                        portal_catalogue_kinds[i].name, "about", portal_catalogue_kinds[i].about));
    return list;
}

int portal_home_page(struct http_request *in, struct http_response *out, const json_t *draft) {
    struct work *w = in->w;
    struct disclosure_filter latest = {.page_size = 10};
    json_t *model = json_object();
    json_object_set_new(model, "catalogue_kinds", kinds_json());
    json_object_set_new(model, "five", five_list(STR_NONE));
    int rc = put_entries(w, model, &latest, NULL);
    if (rc == 0)
        rc = model_put(model, "totals", duty_totals(w, 0, 0));
    if (rc == 0)
        rc = model_put(model, "fields", fields_with_counts(w));
    if (rc == 0)
        rc = model_put(model, "unit_groups", unit_groups(w, false));
    if (rc == 0)
        rc = put_home_parts(w, model, draft);
    out->no_cache = !search_caught_up(1000);
    return portal_page(out, "portal/home", model, rc);
}

static int portal_home(struct http_request *in, struct http_response *out) {
    return portal_home_page(in, out, NULL);
}

/* ── five columns ── */

struct after_input {
    struct str after;
};
static const struct field after_table_fields[] = {
    FIELD(FIELD_STR, after_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
FIELD_TABLE(after_table, after_input);

static int five_page(struct http_request *in, struct http_response *out) {
    struct after_input x;
    struct str code = http_path_part(in, "class"), after;
    const struct five_class *class = NULL;
    if (fields_read(in, &after_table, &x) < 0)
        return -1;
    for (size_t i = 0; i < portal_five_count; i++)
        if (str_is(code, portal_five[i].code))
            class = &portal_five[i];
    if (!class)
        return fail(in->w, ERR_NOT_FOUND, "五公开分为决策、执行、管理、服务、结果五类，没有这一类");
    struct disclosure_filter f = {.five = code, .after = x.after, .page_size = 20};
    json_t *model = json_object();
    json_object_set_new(model, "class",
                        json_pack("{s:s, s:s, s:s}", "code", class->code, "name", class->name, "about", class->about));
    json_object_set_new(model, "classes", five_list(code));
    int rc = put_entries(in->w, model, &f, &after);
    if (rc == 0)
        view_pager(in, model, after, f.page_size);
    const struct search_input same = {
        .five = code, .kind = S("document"), .from = DAY_NONE, .to = DAY_NONE, .all = true};
    if (rc == 0)
        rc = put_renewal(in->w, model, &f, &same);
    return portal_page(out, "portal/five", model, rc);
}

/* ── elder mode: a cookie of this browser, no account ── */

struct elder_input {
    bool on;
    struct str back;
};
static const struct field elder_table_fields[] = {
    FIELD(FIELD_BOOL, elder_input, on, "开启长者模式", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, elder_input, back, "回到的页面", FIELD_OPTIONAL, 0, 1000, NULL, "本站的路径"),
};
FIELD_TABLE(elder_table, elder_input);

/* Only a path of this site; anything a browser could read as another host goes home. */
static struct str safe_path(struct str back) {
    bool other = back.n < 1 || back.p[0] != '/' || (back.n > 1 && (back.p[1] == '/' || back.p[1] == '\\'));
    for (size_t i = 0; i < back.n && !other; i++)
        other = (unsigned char)back.p[i] <= ' ' || back.p[i] == '\\' || (unsigned char)back.p[i] >= 0x7F;
    return other ? S("/") : back;
}

static int portal_elder(struct http_request *in, struct http_response *out) {
    struct elder_input x;
    if (fields_read(in, &elder_table, &x) < 0)
        return -1;
    http_set_cookie(out, x.on ? S("elder=1; Path=/; Max-Age=31536000; SameSite=Lax")
                              : S("elder=; Path=/; Max-Age=0; SameSite=Lax"));
    struct str back = safe_path(x.back);
    return view_redirect(in, out, "%.*s", STR_ARG(back));
}

/* ── site map, robots ── */

static int portal_sitemap(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    json_t *model = json_object();
    json_object_set_new(model, "five", five_list(STR_NONE));
    int rc = model_put(model, "fields", field_list(w));
    if (rc == 0)
        rc = model_put(model, "unit_groups", unit_groups(w, false));
    if (rc == 0)
        rc = model_put(model, "catalogue_groups", catalogue_groups(w));
    json_t *columns = rc == 0 ? portal_columns(w) : NULL;
    if (rc == 0)
        rc = columns ? json_object_set(model, "columns", json_object_get(columns, "columns")) : -1;
    if (rc == 0)
        rc = model_put(model, "topics", portal_parts(w, "topic", NULL));
    if (rc == 0)
        rc = model_put(model, "links", portal_parts(w, "link", NULL));
    json_decref(columns);
    return portal_page(out, "portal/sitemap", model, rc);
}

static int portal_robots(struct http_request *in, struct http_response *out) {
    out->body = str_printf(in->w->arena,
                           "User-agent: *\nDisallow: /desk\nDisallow: /api/\nDisallow: /search\nDisallow: /elder\n"
                           "Sitemap: %s/sitemap.xml\n",
                           in->w->config->base_url);
    out->type = "text/plain; charset=utf-8";
    return 0;
}

const struct route portal_routes[] = {
    /* method path           handler            permission   cache         fields                   flags summary */
    {HTTP_GET, "/", portal_home, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "首页"},
    {HTTP_GET, "/fields", portal_fields, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "26个试点领域"},
    {HTTP_GET, "/fields/{code}", portal_field, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "一个领域的公开事项"},
    {HTTP_GET, "/catalogues", portal_catalogues, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "三张公开目录"},
    {HTTP_GET, "/catalogues/{code}", portal_catalogue, PERM_PUBLIC, CACHE_PUBLIC, &portal_catalogue_table, ROUTE_AS_OF,
     "一张目录"},
    {HTTP_GET, "/items/{code}", portal_item, PERM_PUBLIC, CACHE_PUBLIC, &portal_item_table, ROUTE_AS_OF,
     "一个目录事项"},
    {HTTP_GET, "/units", portal_units, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "公开单位"},
    {HTTP_GET, "/units/{code}", portal_unit, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "一个公开单位"},
    {HTTP_GET, "/five/{class}", five_page, PERM_PUBLIC, CACHE_PUBLIC, &after_table, ROUTE_AS_OF, "五公开栏目"},
    {HTTP_GET, "/disclosures/{public_id}/document.pdf", portal_document, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_AS_OF, "一条公开信息的 PDF"},
    {HTTP_GET, "/disclosures/{public_id}/document.docx", portal_document, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_AS_OF, "一条公开信息的 Word 文档"},
    {HTTP_GET, "/disclosures/{public_id}/package.zip", portal_package, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_AS_OF, "一条公开信息及附件、凭证的压缩包"},
    {HTTP_GET, "/fields/{code}/years/{year}/package.zip", portal_field_year, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY, "一个领域一年公开的全部信息的压缩包"},
    {HTTP_GET, "/leave", portal_leave, PERM_PUBLIC, NO_CACHE, &portal_leave_table, ROUTE_HTML_ONLY, "离开本站前的提示"},
    {HTTP_GET, "/info", portal_info, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "政府信息公开专栏"},
    {HTTP_GET, "/columns/{code}", portal_column, PERM_PUBLIC, CACHE_PUBLIC, &portal_column_table, ROUTE_AS_OF,
     "一个栏目"},
    {HTTP_GET, "/topics", portal_topics, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "专题"},
    {HTTP_GET, "/topics/{code}", portal_topic, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "一个专题"},
    {HTTP_GET, "/desk/portal", portal_desk, PERM_PORTAL_EDIT, NO_CACHE, NULL, ROUTE_PLAIN, "门户的栏目、专题和首页"},
    {HTTP_GET, "/desk/portal/{id}/preview", portal_preview, PERM_DISCLOSURE_READ, NO_CACHE, &portal_column_table,
     ROUTE_HTML_ONLY, "在门户上预览一件未发布的栏目、专题、板块、链接或横幅"},
    {HTTP_GET, "/info/legal/{code}", portal_legal, PERM_PUBLIC, CACHE_PUBLIC, &portal_column_table, ROUTE_AS_OF,
     "一项法定主动公开内容"},
    {HTTP_GET, "/columns/{code}/calendar.ics", portal_calendar, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY,
     "栏目的日历（iCalendar）"},
    {HTTP_GET, "/sitemap.xml", portal_sitemap_xml, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY, "网站地图（XML）"},
    {HTTP_GET, "/sitemaps/{part}", portal_sitemap_part, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY,
     "网站地图的一部分（XML）"},
    {HTTP_GET, "/search", portal_search, PERM_PUBLIC, CACHE_PUBLIC, &portal_search_table, ROUTE_AS_OF, "全文检索"},
    {HTTP_GET, "/search/suggest", portal_suggest, PERM_PUBLIC, CACHE_PUBLIC, &portal_suggest_table, ROUTE_PLAIN,
     "输入时的检索提示"},
    {HTTP_GET, "/subscribe", portal_subscribe_form, PERM_PUBLIC, NO_CACHE, &portal_search_table, ROUTE_HTML_ONLY,
     "用邮件订阅一次检索"},
    {HTTP_POST, "/subscribe", portal_subscribe, PERM_PUBLIC, NO_CACHE, &portal_subscribe_table, ROUTE_NO_CSRF,
     "申请用邮件订阅一次检索"},
    {HTTP_GET, "/subscriptions/{code}", portal_subscription, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "一个邮件订阅"},
    {HTTP_POST, "/subscriptions/{code}/confirm", portal_subscription_confirm, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_NO_CSRF, "确认邮件订阅"},
    {HTTP_POST, "/subscriptions/{code}/end", portal_subscription_end, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_NO_CSRF,
     "退订"},
    {HTTP_GET, "/search.atom", portal_search_atom, PERM_PUBLIC, CACHE_PUBLIC, &portal_search_table, ROUTE_HTML_ONLY,
     "订阅一次检索（Atom）"},
    {HTTP_GET, "/search/export", portal_search_export, PERM_PUBLIC, CACHE_PUBLIC, &portal_export_table, ROUTE_HTML_ONLY,
     "导出检索结果"},
    {HTTP_GET, "/elder", portal_elder, PERM_PUBLIC, NO_CACHE, &elder_table, ROUTE_HTML_ONLY, "开关长者模式"},
    {HTTP_GET, "/sitemap", portal_sitemap, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY, "网站地图"},
    {HTTP_GET, "/robots.txt", portal_robots, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY, "搜索引擎规则"},
};
const size_t portal_route_count = countof(portal_routes);
