/* site_look.c: a look at the portal's own pages: mandatory tags (rules.md §5.2), the elements of the foot (§5.1), and
 * whether the public address opens within 15 seconds. Every half hour: more than twenty times a day. */
#include "http/http.h"
#include "net/net.h"
#include "supervision/supervision_internal.h"

#define EVERY_MS (30LL * 60 * 1000)
#define COLUMNS_MS (10LL * 60 * 1000)
#define SLOW_MS 15000

static const struct {
    const char *name;
    int layer;
} tags[] = {
    {"SiteName", TAGS_SITE},         {"SiteDomain", TAGS_SITE},          {"SiteIDCode", TAGS_SITE},
    {"ColumnName", TAGS_COLUMN},     {"ColumnDescription", TAGS_COLUMN}, {"ColumnKeywords", TAGS_COLUMN},
    {"ColumnType", TAGS_COLUMN},     {"ArticleTitle", TAGS_CONTENT},     {"PubDate", TAGS_CONTENT},
    {"ContentSource", TAGS_CONTENT},
};

struct str site_tags(struct work *w, struct str html, int layers) {
    struct str missing = STR_NONE;
    for (size_t i = 0; i < countof(tags); i++) {
        struct str mark = str_printf(w->arena, "<meta name=\"%s\" content=\"", tags[i].name), value, rest;
        ptrdiff_t at = str_find(html, mark);
        if (!(tags[i].layer & layers) ||
            (at >= 0 && str_cut(str_sub(html, (size_t)at + mark.n, html.n), '"', &value, &rest) && str_trim(value).n))
            continue;
        missing = str_printf(w->arena, "%.*s%s%s", STR_ARG(missing), missing.n ? "、" : "", tags[i].name);
    }
    return missing;
}

/* Of data/site-check.json: {footer: [{name, any: [marks]}]}: those of which the foot shows no mark. */
struct str site_footer(struct work *w, struct str html, const json_t *elements) {
    struct str missing = STR_NONE;
    ptrdiff_t from = str_find(html, S("<footer"));
    struct str foot = from < 0 ? STR_NONE : str_sub(html, (size_t)from, html.n);
    ptrdiff_t to = str_find(foot, S("</footer>"));
    foot = to < 0 ? foot : str_sub(foot, 0, (size_t)to);
    size_t i, k;
    json_t *e, *mark;
    json_array_foreach((json_t *)(uintptr_t)elements, i, e) {
        bool there = false;
        json_array_foreach(json_object_get(e, "any"), k, mark) there |=
            str_find(foot, str_z(json_string_value(mark))) >= 0;
        if (!there)
            missing = str_printf(w->arena, "%.*s%s%s", STR_ARG(missing), missing.n ? "、" : "",
                                 json_string_value(json_object_get(e, "name")));
    }
    return missing;
}

json_t *site_indicators(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/site-check.json");
    json_t *o = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "data/site-check.json 无法读取");
    return o;
}

/* ── pages ── */

struct looking {
    struct finding found[3];
    size_t n;
};

static void found(struct looking *l, int64_t office, struct str page, struct str title, const char *kind,
                  struct str status, struct str detail) {
    l->found[l->n++] = (struct finding){.unit_id = office,
                                        .kind = str_z(kind),
                                        .page = page,
                                        .title = title,
                                        .address = page,
                                        .status = status,
                                        .detail = detail};
}

static int keep(struct work *w, struct str page, const struct looking *l) {
    struct look seen = {.n = 0};
    if (db_begin(w) < 0)
        return -1;
    for (size_t i = 0; i < l->n; i++)
        if (finding_failed(w, &l->found[i], &seen) < 0) {
            db_rollback(w);
            return -1;
        }
    if (finding_settle(w, 0, page, &seen) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* key: under which it is kept, when the page is but an example. 1, 0 the site does not answer, -1. */
static int look_at(struct work *w, int64_t office, struct str path, struct str key, struct str title, int layers,
                   const json_t *footer) {
    struct looking l = {.n = 0};
    int status;
    struct str html = site_page(w, path, &status);
    if (!status || status == 429)
        return 0;
    if (!html.n) {
        found(&l, office, key, title, "link", str_printf(w->arena, "%d", status),
              str_printf(w->arena, "页面打不开，应答 %d", status));
    } else {
        struct str missing = site_tags(w, html, layers), foot = footer ? site_footer(w, html, footer) : STR_NONE;
        if (missing.n)
            found(&l, office, key, title, "meta", S("missing"),
                  str_printf(w->arena, "缺少标签 %.*s", STR_ARG(missing)));
        if (foot.n)
            found(&l, office, key, title, "footer", S("missing"), str_printf(w->arena, "缺少%.*s", STR_ARG(foot)));
    }
    return keep(w, key, &l) < 0 ? -1 : 1;
}

static int look_at_pages(struct work *w, const json_t *indicators) {
    struct site_column *list = NULL;
    struct db_rows r;
    int64_t office;
    size_t n = site_columns(w, &list);
    if (site_office(w, &office) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        bool home = str_is(list[i].kind, "home");
        struct str path =
            home ? S("/") : str_printf(w->arena, "/columns/%.*s", STR_ARG(str_percent(w->arena, list[i].code)));
        int rc = look_at(w, office, path, path, list[i].name, TAGS_COLUMN | (home ? TAGS_SITE : 0),
                         home ? json_object_get(indicators, "footer") : NULL);
        if (rc <= 0)
            return rc;
    }
    int newest = db_one(w, &sql_site_newest_page, &r);
    if (newest <= 0)
        return newest;
    struct str path = str_printf(w->arena, "/disclosures/%.*s", STR_ARG(db_s(&r, 0, 0)));
    return look_at(w, office, path, S("/disclosures/*"), S("内容页"), TAGS_COLUMN, NULL);
}

/* ── the public address ── */

/* One that only this machine reaches says nothing of the public, unless it is where the site is asked. */
static bool measurable(struct work *w) {
    static const char *const loop[] = {"://127.", "://localhost", "://[::1]"};
    struct str base = str_z(w->config->base_url);
    if (!base.n || str_find(str_z(w->config->probe_addresses), base) >= 0)
        return base.n > 0;
    for (size_t i = 0; i < countof(loop); i++)
        if (str_find(base, str_z(loop[i])) >= 0)
            return false;
    return true;
}

static int reach(struct work *w) {
    struct net_answer got;
    struct db_rows r;
    int64_t home, since;
    if (!measurable(w))
        return 0;
    struct net_request q = {
        .url = str_printf(w->arena, "%s/", w->config->base_url).p, .timeout_ms = SLOW_MS, .max = 16u * 1024 * 1024};
    bool slow = net_ask(w, &q, &got) < 0 || got.status >= 500;
    error_clear(w);
    if (site_home(w, &home, &since) <= 0 || db_begin(w) < 0)
        return w->error.code ? -1 : 0;
    int n = db_one(w, &sql_site_day_add, &r, DB_TEXT(day_str(w->arena, work_today(w))), DB_INT(slow));
    bool first = n == 1 && db_i(&r, 0, 0) == 1;
    if (n == 1 && (slow || first) && /* once a day, and for each time that failed */
        event_append(w,
                     &(struct event){.room = "supervision",
                                     .verb = slow ? "site_slow" : "site_changed",
                                     .subject_kind = "site",
                                     .subject_id = home,
                                     .visibility = EVENT_INTERNAL},
                     NULL) < 0)
        n = -1;
    if (n != 1) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

int supervision_site_look(struct work *w, json_t *args) {
    (void)args;
    if (!site_own(w).n)
        return 0;
    json_t *indicators = site_indicators(w);
    int rc = indicators && reach(w) == 0 && look_at_pages(w, indicators) >= 0 ? 0 : -1;
    json_decref(indicators);
    return rc;
}

/* ── the recurring job: what is slow goes to the thread for such ── */

static int due(struct work *w, const char *name, int64_t every, bool *ret) {
    int64_t last;
    if (site_state_get(w, name, &last) < 0)
        return -1;
    *ret = last == 0 || w->now - last >= every || last > w->now;
    return *ret ? site_state_set(w, name, w->now) : 0;
}

static int tick(struct work *w) {
    bool columns, look;
    if (due(w, "columns", COLUMNS_MS, &columns) < 0 || (columns && supervision_site_columns(w) < 0) || !site_own(w).n)
        return w->error.code ? -1 : 0;
    if (due(w, "looked", EVERY_MS, &look) < 0 || (look && job_add(w, "site_look", NULL, 0, S("look")) < 0))
        return -1;
    return job_add(w, "site_walk", NULL, 0, S("walk"));
}

int supervision_site_tick(struct work *w, json_t *args) {
    (void)args;
    if (db_begin(w) < 0)
        return -1;
    if (tick(w) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}
