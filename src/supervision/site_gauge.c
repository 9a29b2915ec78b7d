/* site_gauge.c: the indicators of 国办秘函〔2019〕19号 as gauges: the value now, the limit, what is left of it, what to
 * do and the records behind. data/site-check.json says which there are; limits of days and months are those of the
 * rules that are on, so that gauge and alert agree. */
#include "http/http.h"
#include "supervision/supervision_internal.h"

#define RECORDS_MOST 12

enum gauge_state { GAUGE_NONE, GAUGE_OK, GAUGE_NEAR, GAUGE_OVER };
struct gauge {
    enum gauge_state state;
    struct str value, limit, left; /* words */
    json_t *records;               /* [{title, note, href}] */
    int64_t n;
    struct str reason; /* GAUGE_NONE: why */
};
struct gauging {
    struct rule home, stale; /* as switched on, else with the defaults */
    struct site_column *columns;
    size_t n;
    json_t *shown; /* the portal's own list, for the types */
};

/* The rule that is on for this check; else its defaults. */
static int rule_of(struct work *w, const char *check, struct rule *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_site_rule_on, &r, DB_TEXTZ(check));
    if (n == 1)
        n = rule_get(w, db_i(&r, 0, 0), 0, ret);
    if (n == 0)
        *ret = (struct rule){.check = check_find(str_z(check))};
    return n < 0 ? -1 : 0;
}

static void record(struct gauge *g, struct str title, struct str note, struct str href) {
    g->n++;
    if (json_array_size(g->records) >= RECORDS_MOST)
        return;
    json_t *o = json_object();
    json_set_str(o, "title", title);
    json_set_str(o, "note", note);
    json_set_str(o, "href", href);
    json_array_append_new(g->records, o);
}

static struct str number(struct work *w, int64_t n, const char *unit) {
    return str_printf(w->arena, "%lld%s", (long long)n, unit);
}

/* ── how long ago the home page was renewed ── */

static int gauge_home(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    int64_t last = 0, limit = rule_int(&x->home, "days");
    (void)o;
    for (size_t i = 0; i < x->n; i++)
        if (str_is(x->columns[i].kind, "home") && site_newest(w, &x->columns[i], 0, w->now + 1, &last) < 0)
            return -1;
    g->limit = number(w, limit, "天");
    if (!last) {
        g->reason = S("还没有发布过信息");
        return 0;
    }
    int64_t gone = work_today(w) - day_of(last), left = limit - gone;
    g->value = gone ? str_printf(w->arena, "%lld天没有更新", (long long)gone) : S("今天有更新");
    g->left = left >= 0 ? number(w, left, "天") : str_printf(w->arena, "已超过%lld天", (long long)-left);
    g->state = left < 0 ? GAUGE_OVER : left <= rule_int(&x->home, "yellow_days") ? GAUGE_NEAR : GAUGE_OK;
    record(g, S("最近一次更新"), day_chinese(w->arena, day_of(last)), S("/disclosures"));
    return 0;
}

/* ── columns that are stale: how many, and when there will be too many ── */

static struct str column_href(struct work *w, const struct site_column *c) {
    return str_printf(w->arena, "/columns/%.*s", STR_ARG(c->code));
}

static int instants_order(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* When nothing more is published: the day on which the limit is reached. */
static void left_of(struct work *w, int64_t *stale, size_t n, int64_t limit, struct gauge *g) {
    qsort(stale, n, sizeof *stale, instants_order);
    if ((int64_t)n < limit) {
        g->left = str_printf(w->arena, "这类栏目共%zu个，达不到", n);
        return;
    }
    int64_t at = stale[limit - 1], days = day_of(at) - work_today(w);
    g->left = at <= w->now ? S("已达到") : str_printf(w->arena, "%lld天（都不更新时）", (long long)days);
    if (g->state != GAUGE_OVER && days <= 14)
        g->state = GAUGE_NEAR;
}

static int stale_of(struct work *w, struct gauging *x, const char *const *kinds, const json_t *o, struct gauge *g) {
    int64_t *stale = arena_many(w->arena, int64_t, x->n + 1), limit = json_integer_value(json_object_get(o, "limit"));
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        const struct site_column *c = &x->columns[i];
        int64_t last;
        bool one = false;
        for (size_t k = 0; kinds[k]; k++)
            one |= str_is(c->kind, kinds[k]);
        if (!one || str_is(c->holds, "search"))
            continue;
        if (site_newest(w, c, 0, w->now + 1, &last) < 0)
            return -1;
        int64_t from = site_stale_from(&x->stale, c->kind, last ? last : c->since);
        if (from == INT64_MAX)
            continue;
        stale[n++] = from;
        if (from <= w->now)
            record(g, c->name,
                   last ? str_printf(w->arena, "最近一次更新%.*s", STR_ARG(day_chinese(w->arena, day_of(last))))
                        : S("还没有内容"),
                   column_href(w, c));
    }
    if (n == 0) {
        g->reason = S("门户没有这类栏目");
        return 0;
    }
    g->value = str_printf(w->arena, "%lld个未更新", (long long)g->n);
    g->limit = number(w, limit, "个");
    g->state = g->n >= limit ? GAUGE_OVER : g->n > 0 ? GAUGE_NEAR : GAUGE_OK;
    left_of(w, stale, n, limit, g);
    return 0;
}

#define STALE(name, ...)                                                                                               \
    static int name(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {                             \
        static const char *const kinds[] = {__VA_ARGS__, NULL};                                                        \
        return stale_of(w, x, kinds, o, g);                                                                            \
    }
STALE(gauge_soon, "news", "notice")
STALE(gauge_any, "news", "notice", "reading", "other")
STALE(gauge_news, "news")
STALE(gauge_notice, "notice")
STALE(gauge_reading, "reading")

/* ── counts against a limit ── */

static void counted(struct work *w, const json_t *o, const char *unit, struct gauge *g) {
    int64_t limit = json_integer_value(json_object_get(o, "limit"));
    g->value = number(w, g->n, unit);
    g->limit = number(w, limit, unit);
    g->left = g->n < limit ? str_printf(w->arena, "还差%lld%s", (long long)(limit - g->n), unit) : S("已达到");
    g->state = g->n >= limit ? GAUGE_OVER : g->n > 0 ? GAUGE_NEAR : GAUGE_OK;
    if (limit == 1) /* a deduction for each: no limit is neared */
        g->left = g->limit = STR_NONE;
}

static int gauge_empty(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    for (size_t i = 0; i < x->n; i++) {
        int64_t held = 0;
        const struct site_column *c = &x->columns[i];
        if (str_is(c->kind, "home") || str_is(c->holds, "search"))
            continue;
        if (site_holds_now(w, c, &held) < 0)
            return -1;
        if (!held)
            record(g, c->name, S("没有内容"), column_href(w, c));
    }
    counted(w, o, "个", g);
    return 0;
}

static int gauge_sections(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    const json_t *types = json_object_get(o, "types"), *list = json_object_get(x->shown, "columns");
    json_t *type, *c;
    size_t i, k;
    json_array_foreach((json_t *)(uintptr_t)types, i, type) {
        bool there = false;
        json_array_foreach((json_t *)(uintptr_t)list, k, c) there |= json_equal(json_object_get(c, "type"), type);
        if (!there)
            record(g, str_z(json_string_value(type)), S("没有这一类的栏目"), S("/desk/portal"));
    }
    counted(w, o, "类", g);
    return 0;
}

static int gauge_profiles(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    struct db_rows r;
    (void)x;
    if (db_query(w, &sql_site_without_profile, &r) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        record(g, db_s(&r, i, 1), S("没有公布机构概况"), str_printf(w->arena, "/units/%.*s", STR_ARG(db_s(&r, i, 0))));
    counted(w, o, "个单位", g);
    return 0;
}

static int found_of(struct work *w, const char *kind, const char *other, const json_t *o, struct gauge *g) {
    struct db_rows r;
    int64_t walked, after;
    if (site_state_get(w, "looked", &walked) < 0 || site_state_get(w, "after", &after) < 0 ||
        db_one(w, &sql_site_found_count, &r, DB_TEXTZ(kind), DB_TEXTZ(other)) != 1)
        return -1;
    g->n = db_i(&r, 0, 0);
    counted(w, o, "处", g);
    if (!walked && !g->n) {
        g->state = GAUGE_NONE;
        g->reason = S("网站启动后开始自查，还没有结果");
    }
    return 0;
}

#define FOUND(name, kind, other)                                                                                       \
    static int name(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {                             \
        (void)x;                                                                                                       \
        return found_of(w, kind, other, o, g);                                                                         \
    }
FOUND(gauge_links, "link", "attachment")
FOUND(gauge_outside, "outside", "outside")
FOUND(gauge_tags, "meta", "meta")
FOUND(gauge_footer, "footer", "footer")

/* ── reachable, IPv6 ── */

static int gauge_reach(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    int64_t tries, slow, limit = json_integer_value(json_object_get(o, "limit"));
    (void)x;
    if (site_slow_share(w, work_today(w) + 1, &tries, &slow) < 0)
        return -1;
    if (!tries) {
        g->reason = S("还没有监测：公开地址只在本机可达，或者刚刚启动");
        return 0;
    }
    int64_t share = slow * 1000 / tries;
    g->value = str_printf(w->arena, "%lld.%lld%%（%lld次中%lld次）", (long long)share / 10, (long long)share % 10,
                          (long long)tries, (long long)slow);
    g->limit = str_printf(w->arena, "%lld%%", (long long)limit / 10);
    g->left = share >= limit ? S("已达到") : str_printf(w->arena, "近七天，%lld%%以下", (long long)limit / 10);
    g->state = share >= limit ? GAUGE_OVER : share * 2 >= limit ? GAUGE_NEAR : GAUGE_OK;
    return 0;
}

static int gauge_ipv6(struct work *w, struct gauging *x, const json_t *o, struct gauge *g) {
    (void)x;
    (void)o;
    g->value = w->config->site_ipv6 ? S("已写明支持") : S("没有写明支持");
    g->limit = S("支持");
    g->state = w->config->site_ipv6 ? GAUGE_OK : GAUGE_OVER;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(struct work *w, struct gauging *x, const json_t *o, struct gauge *g);
} gauges[] = {
    {"home", gauge_home},
    {"columns_soon", gauge_soon},
    {"columns_any", gauge_any},
    {"columns_empty", gauge_empty},
    {"stale_news", gauge_news},
    {"stale_notice", gauge_notice},
    {"stale_reading", gauge_reading},
    {"sections", gauge_sections},
    {"profiles", gauge_profiles},
    {"links", gauge_links},
    {"outside", gauge_outside},
    {"tags", gauge_tags},
    {"footer", gauge_footer},
    {"reach", gauge_reach},
    {"ipv6", gauge_ipv6},
};

/* ── one indicator ── */

static const char *status_name(const char *code) {
    return !code || *code == 'C' ? "" : *code == 'M' ? "待核" : *code == 'U' ? "分值不确定" : "本系统默认";
}

static void put(json_t *row, const struct gauge *g, bool veto) {
    static const char *const names[][2] = {
        {"尚未接入", "尚未接入"}, {"未触及", "没有问题"}, {"接近", "需要注意"}, {"已触及否决", "要扣分"}};
    static const char *const tones[] = {"grey", "green", "yellow", "red"};
    bool person = json_is_true(json_object_get(row, "by_person"));
    json_object_set_new(row, "state_name", json_string(person ? "由人认定" : names[g->state][veto ? 0 : 1]));
    json_object_set_new(row, "tone", json_string(tones[g->state]));
    json_set_bool(row, "connected", g->state != GAUGE_NONE);
    json_set_bool(row, "act", g->state == GAUGE_NEAR || g->state == GAUGE_OVER);
    json_set_str(row, "value", g->value);
    json_set_str(row, "limit_text", g->limit);
    json_set_str(row, "left", g->left);
    if (g->reason.n)
        json_set_str(row, "reason", g->reason);
    json_object_set(row, "records", g->records);
    json_set_bool(row, "has_records", json_array_size(g->records) > 0);
    json_set_int(row, "count", g->n);
    json_set_int(row, "more", g->n > RECORDS_MOST ? g->n - RECORDS_MOST : 0);
}

static json_t *row_of(struct work *w, struct gauging *x, const json_t *o, bool veto) {
    const char *name = json_string_value(json_object_get(o, "gauge"));
    struct gauge g = {.records = json_array()};
    json_t *row = json_object();
    static const char *const kept[] = {"code", "group", "name",   "text",     "status",
                                       "todo", "href",  "reason", "by_person"};
    for (size_t i = 0; i < countof(kept); i++)
        if (json_object_get(o, kept[i]))
            json_object_set(row, kept[i], json_object_get(o, kept[i]));
    json_object_set_new(row, "status_name", json_string(status_name(json_string_value(json_object_get(o, "status")))));
    int rc = 0;
    for (size_t i = 0; name && i < countof(gauges); i++)
        if (strcmp(gauges[i].name, name) == 0)
            rc = gauges[i].read(w, x, o, &g);
    put(row, &g, veto);
    json_decref(g.records);
    if (rc == 0)
        return row;
    json_decref(row);
    return NULL;
}

static json_t *rows_of(struct work *w, struct gauging *x, const json_t *list, bool veto, int64_t *ret_over) {
    json_t *rows = json_array(), *o;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)list, i, o) {
        json_t *row = row_of(w, x, o, veto);
        if (!row) {
            json_decref(rows);
            return NULL;
        }
        *ret_over += strcmp(json_string_value(json_object_get(row, "tone")), "red") == 0;
        json_array_append_new(rows, row);
    }
    return rows;
}

int site_gauges(struct work *w, json_t *model) {
    struct gauging x = {0};
    json_t *all = site_indicators(w);
    int64_t vetoes = 0, deductions = 0;
    int rc = all && rule_of(w, "home_stale", &x.home) == 0 && rule_of(w, "column_stale", &x.stale) == 0 &&
                     (x.shown = site_column_list(w))
                 ? 0
                 : -1;
    x.n = rc == 0 ? site_columns(w, &x.columns) : 0;
    json_t *veto = rc == 0 ? rows_of(w, &x, json_object_get(all, "veto"), true, &vetoes) : NULL,
           *deduct = veto ? rows_of(w, &x, json_object_get(all, "deduct"), false, &deductions) : NULL;
    if (veto)
        json_object_set_new(model, "veto", veto);
    if (deduct)
        json_object_set_new(model, "deduct", deduct);
    json_object_set(model, "source", json_object_get(all, "source"));
    json_set_int(model, "veto_count", vetoes);
    json_set_int(model, "deduct_count", deductions);
    rule_release(&x.home);
    rule_release(&x.stale);
    json_decref(x.shown);
    json_decref(all);
    return deduct ? 0 : -1;
}
