/* check_site.c: home page and columns: renewed in time, not empty, reachable (国办秘函〔2019〕19号, rules.md §5.4).
 *
 * A column's course is walked from one publication to the last one that keeps it fresh: as many steps as limits have
 * passed, not as many as there are publications. */
#include "supervision/supervision_internal.h"

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

void course_room(struct course *c) {
    enum { ROOM = 6 };
    if (c->n + ROOM <= COURSE_SPANS)
        return;
    size_t drop = c->n + ROOM - COURSE_SPANS;
    memmove(c->spans, c->spans + drop, (c->n - drop) * sizeof c->spans[0]);
    c->n -= drop;
}

/* ── when it counts as not updated ── */

static const struct check_parameter home_parameters[] = {
    {"days", "首页多少天没有更新算不更新（自然日）", PARAMETER_INT, 1, 366, "14"},
    {"yellow_days", "黄色预警提前（自然日）", PARAMETER_INT, 1, 60, "5"},
    {"orange_days", "橙色预警提前（自然日）", PARAMETER_INT, 0, 60, "2"},
    {NULL, NULL, 0, 0, 0, NULL},
};
static const struct check_parameter stale_parameters[] = {
    {"news_days", "动态要闻类：多少天没有更新（自然日）", PARAMETER_INT, 1, 366, "14"},
    {"notice_months", "通知公告、政策文件类：多少个月没有更新", PARAMETER_INT, 1, 60, "6"},
    {"reading_months", "政策解读类：多少个月没有更新", PARAMETER_INT, 1, 60, "6"},
    {"other_months", "其他栏目：多少个月没有更新（0：不要求）", PARAMETER_INT, 0, 60, "0"},
    {"yellow_days", "黄色预警提前（自然日）", PARAMETER_INT, 1, 60, "7"},
    {"orange_days", "橙色预警提前（自然日）", PARAMETER_INT, 0, 60, "3"},
    {NULL, NULL, 0, 0, 0, NULL},
};

int64_t site_stale_from(const struct rule *r, struct str kind, int64_t renewed) {
    bool home = str_is(kind, "home"), news = str_is(kind, "news");
    if (home || news)
        return day_start(day_of(renewed) + (day_t)rule_int(r, home ? "days" : "news_days") + 1);
    int64_t months = rule_int(r, str_is(kind, "notice")    ? "notice_months"
                                 : str_is(kind, "reading") ? "reading_months"
                                                           : "other_months");
    return months ? day_start(calendar_add_months(day_of(renewed), (int)months, false) + 1) : INT64_MAX;
}

static void head(struct work *w, const struct site_column *c, struct course *ret) {
    *ret = (struct course){.holder = PERM_PORTAL_EDIT, .kind = c->kind, .address = S("/desk/portal")};
    (void)w;
}

/* The publication from which the course begins: the last before the rule's own beginning, else the first. */
static int begin(struct work *w, const struct site_column *c, const struct rule *r, int64_t *ret) {
    *ret = 0;
    if (r->on_from && site_newest(w, c, 0, r->on_from, ret) < 0)
        return -1;
    if (!*ret && site_next(w, c, 0, ret) < 0)
        return -1;
    if (!*ret)
        *ret = c->since;
    return 0;
}

static void add(struct course *c, int level, int64_t from, int64_t until, int64_t since) {
    course_room(c);
    course_span(c, level, from > since ? from : since, until);
}

/* last: the newest publication, or when the column began. */
static int stale_spans(struct work *w, const struct site_column *c, const struct rule *r, struct course *ret,
                       int64_t *last) {
    enum { MOST = 20000 }; /* limits that passed: centuries */
    int64_t next = 0;
    for (int i = 0; i < MOST; i++) {
        int64_t stale = site_stale_from(r, c->kind, *last), yellow = stale - rule_int(r, "yellow_days") * DAY_MS,
                orange = stale - rule_int(r, "orange_days") * DAY_MS;
        if (stale == INT64_MAX)
            return site_newest(w, c, *last, INT64_MAX, &next) < 0 ? -1 : 0;
        yellow = sooner(yellow, orange);
        if (site_newest(w, c, *last, yellow > *last ? yellow : *last + 1, &next) < 0 ||
            (!next && site_next(w, c, *last, &next) < 0))
            return -1;
        int64_t end = next ? next : INT64_MAX;
        add(ret, LEVEL_YELLOW, yellow > *last ? yellow : *last, sooner(orange, end), c->since);
        add(ret, LEVEL_ORANGE, orange > *last ? orange : *last, sooner(stale, end), c->since);
        add(ret, LEVEL_RED, stale, end, c->since);
        if (!next)
            return 0;
        *last = next;
    }
    return fail(w, ERR_TOO_LARGE, "栏目的更新记录过多");
}

static int stale_course_of(struct work *w, const struct site_column *c, const struct rule *r, struct course *ret) {
    int64_t last;
    if (site_office(w, &ret->unit_id) < 0 || begin(w, c, r, &last) < 0 || stale_spans(w, c, r, ret, &last) < 0)
        return -1;
    int64_t stale = site_stale_from(r, c->kind, last);
    ret->due_at = stale == INT64_MAX ? 0 : stale - 1;
    ret->title = str_is(c->kind, "home") ? S("网站首页更新") : str_printf(w->arena, "栏目“%.*s”更新", STR_ARG(c->name));
    ret->note = last > c->since || ret->n == 0
                    ? str_printf(w->arena, "最近一次更新是%.*s", STR_ARG(day_chinese(w->arena, day_of(last))))
                    : S("还没有发布过信息");
    return 1;
}

static int home_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct site_column c;
    int n = site_column_get(w, subject, &c);
    if (n <= 0 || !str_is(c.kind, "home"))
        return n < 0 ? -1 : 0;
    head(w, &c, ret);
    return stale_course_of(w, &c, r, ret);
}

/* A column that is gone from the portal ends its course there. */
static void until_gone(const struct site_column *c, struct course *ret) {
    size_t n = 0;
    for (size_t i = 0; c->gone_at && i < ret->n; i++)
        if (ret->spans[i].from < c->gone_at) {
            ret->spans[n] = ret->spans[i];
            ret->spans[n].until = sooner(ret->spans[n].until, c->gone_at);
            n++;
        }
    if (c->gone_at)
        ret->n = n;
}

static int stale_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct site_column c;
    int n = site_column_get(w, subject, &c);
    if (n <= 0 || str_is(c.kind, "home") || str_is(c.holds, "search"))
        return n < 0 ? -1 : 0;
    head(w, &c, ret);
    n = stale_course_of(w, &c, r, ret);
    until_gone(&c, ret);
    return n;
}

/* ── empty columns ── */

static const struct check_parameter empty_parameters[] = {
    {"days", "没有内容多少天后算空白栏目（自然日）", PARAMETER_INT, 0, 366, "14"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static void empty(struct course *c, const struct rule *r, int64_t from, int64_t until) {
    int64_t red = from + rule_int(r, "days") * DAY_MS;
    course_room(c);
    course_span(c, LEVEL_YELLOW, from, sooner(red, until));
    course_span(c, LEVEL_RED, red, until);
}

/* After what it held was withdrawn: oldest first. */
static int emptied(struct work *w, const struct site_column *c, const struct rule *r, struct course *ret) {
    struct db_rows g;
    if (!str_is(c->holds, "class"))
        return 0;
    if (db_query(w, &sql_site_emptied, &g, DB_TEXT(c->what)) < 0)
        return -1;
    for (size_t i = g.n; i-- > 0;) {
        int64_t until;
        if ((i + 1 < g.n && db_i(&g, i, 0) == db_i(&g, i + 1, 0)) || site_next(w, c, db_i(&g, i, 0), &until) < 0)
            continue;
        empty(ret, r, db_i(&g, i, 0), until ? until : INT64_MAX);
    }
    return w->error.code ? -1 : 0;
}

static int empty_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct site_column c;
    int64_t first;
    int n = site_column_get(w, subject, &c);
    if (n <= 0 || str_is(c.kind, "home") || str_is(c.holds, "search"))
        return n < 0 ? -1 : 0;
    head(w, &c, ret);
    if (site_office(w, &ret->unit_id) < 0 || site_next(w, &c, 0, &first) < 0)
        return -1;
    ret->title = str_printf(w->arena, "栏目“%.*s”没有内容", STR_ARG(c.name));
    ret->note = S("空白栏目：请发布内容，或者撤下栏目");
    empty(ret, r, c.since, first ? first : INT64_MAX);
    if (first && emptied(w, &c, r, ret) < 0)
        return -1;
    until_gone(&c, ret);
    return 1;
}

/* ── reachable ── */

static const struct check_parameter reach_parameters[] = {
    {"permille", "一周内没有按时打开的次数占比（千分比）", PARAMETER_INT, 1, 1000, "50"},
    {"yellow_permille", "黄色预警的占比（千分比）", PARAMETER_INT, 1, 1000, "25"},
    {"least", "一周内至少监测的次数", PARAMETER_INT, 1, 10000, "20"},
    {NULL, NULL, 0, 0, 0, NULL},
};
#define REACH_DAYS 7

int site_slow_share(struct work *w, day_t day, int64_t *ret_tries, int64_t *ret_slow) {
    struct db_rows r;
    if (db_one(w, &sql_site_days_sum, &r, DB_TEXT(day_str(w->arena, day - REACH_DAYS)),
               DB_TEXT(day_str(w->arena, day))) < 0)
        return -1;
    *ret_tries = db_i(&r, 0, 0);
    *ret_slow = db_i(&r, 0, 1);
    return 0;
}

/* What the week up to a measured day says is the level of the day after it: what is over does not change any more. */
static void reach_day(const struct rule *r, struct course *ret, day_t day, int64_t tries, int64_t slow) {
    int64_t share = tries >= rule_int(r, "least") && tries > 0 ? slow * 1000 / tries : 0;
    int level = share >= rule_int(r, "permille")          ? LEVEL_RED
                : share >= rule_int(r, "yellow_permille") ? LEVEL_YELLOW
                                                          : LEVEL_NONE;
    course_room(ret);
    if (level)
        course_span(ret, level, day_start(day + 1), day_start(day + 2));
}

static int reach_spans(struct work *w, const struct rule *r, struct course *ret) {
    struct db_rows days;
    if (db_query(w, &sql_site_days, &days) < 0)
        return -1;
    for (size_t i = days.n; i-- > 0;) { /* newest first in the rows */
        day_t day, d;
        int64_t tries = 0, slow = 0;
        if (day_parse(db_s(&days, i, 0), &day) < 0)
            return fail(w, ERR_INTERNAL, "site_day：日期无法读取");
        for (size_t k = i; k < days.n && day_parse(db_s(&days, k, 0), &d) == 0 && d > day - REACH_DAYS; k++) {
            tries += db_i(&days, k, 1);
            slow += db_i(&days, k, 2);
        }
        reach_day(r, ret, day, tries, slow);
    }
    return 0;
}

static int reach_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct site_column c;
    int n = site_column_get(w, subject, &c);
    if (n <= 0 || !str_is(c.kind, "home"))
        return n < 0 ? -1 : 0;
    head(w, &c, ret);
    if (site_office(w, &ret->unit_id) < 0 || reach_spans(w, r, ret) < 0)
        return -1;
    ret->holder = PERM_PORTAL_EDIT;
    ret->title = S("网站打不开的次数");
    ret->note = S("一周内每天间隔性访问，超过15秒打不开的次数占比（国办秘函〔2019〕19号）");
    return 1;
}

/* ── the table ── */

static int of_disclosure(struct work *w, int64_t disclosure, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_site_columns_of, &r, DB_INT(disclosure), DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

static const struct check_event column_events[] = {
    {"disclosure", "published", "disclosure", of_disclosure},
    {"disclosure", "entered", "disclosure", of_disclosure},
    {"disclosure", "withdrawn", "disclosure", of_disclosure},
    {"supervision", "site_changed", "site", NULL},
    {NULL, NULL, NULL, NULL},
};
static const struct check_event reach_events[] = {
    {"supervision", "site_slow", "site", NULL},
    {"supervision", "site_changed", "site", NULL},
    {NULL, NULL, NULL, NULL},
};

static int all_columns(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_site_column_ids, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

const struct check site_checks[] = {
    {"home_stale", "首页不更新", "网站首页超过规定天数没有发布信息", "site", "site", home_parameters, column_events,
     home_course, all_columns},
    {"column_stale", "栏目不更新", "应当更新的栏目超过规定期限没有发布信息；期限按栏目的种类", "site", "site",
     stale_parameters, column_events, stale_course, all_columns},
    {"column_empty", "空白栏目", "栏目里没有任何内容", "site", "site", empty_parameters, column_events, empty_course,
     all_columns},
    {"site_unreachable", "站点无法访问", "一周内间隔性访问，超过15秒打不开的次数占比达到规定比例", "site", "site",
     reach_parameters, reach_events, reach_course, all_columns},
};
const size_t site_check_count = countof(site_checks);
