/* check_unit.c: what each organ owes by itself: annual report, guide, profile (条例第十二、二十、四十九、五十条).
 *
 * Counted from the day the portal was first looked at: what was published before, elsewhere, is not known here. */
#include "supervision/supervision_internal.h"

struct organ {
    struct str name, kind;
    int64_t from, until; /* it owes from then on; until it ended */
};

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* 1, 0 no organ that owes anything, -1. */
static int organ_read(struct work *w, int64_t id, struct organ *ret, struct course *c) {
    struct db_rows r;
    int64_t home, since;
    day_t d;
    int n = db_one(w, &sql_supervised_unit, &r, DB_INT(id));
    if (n <= 0)
        return n;
    *ret = (struct organ){.name = db_s(&r, 0, 0), .kind = db_s(&r, 0, 1), .until = INT64_MAX};
    if (!str_is(ret->kind, "city") && !str_is(ret->kind, "office") && !str_is(ret->kind, "department") &&
        !str_is(ret->kind, "town"))
        return 0;
    if ((n = site_home(w, &home, &since)) <= 0)
        return n;
    ret->from = day_parse(db_s(&r, 0, 2), &d) == 0 && day_start(d) > since ? day_start(d) : since;
    if (!db_null(&r, 0, 3) && day_parse(db_s(&r, 0, 3), &d) == 0)
        ret->until = day_start(d + 1);
    *c = (struct course){.unit_id = id, .kind = ret->kind, .holder = PERM_DISCLOSURE_EDIT};
    return 1;
}

static void near(struct course *c, int level, int64_t from, int64_t until) {
    course_room(c);
    course_span(c, level, from, until);
}

/* ── guide and profile ── */

static const struct check_parameter missing_parameters[] = {
    {"days", "单位设立后应当公布的期限（自然日）", PARAMETER_INT, 0, 366, "30"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static void gap(struct course *c, const struct rule *r, int64_t from, int64_t until) {
    if (from >= until)
        return;
    int64_t red = from + rule_int(r, "days") * DAY_MS;
    near(c, LEVEL_YELLOW, from, sooner(red, until));
    near(c, LEVEL_RED, red, until);
}

static int missing(struct work *w, const struct rule *r, int64_t unit, const char *kind, const char *name,
                   struct course *ret) {
    struct organ o;
    struct db_rows p;
    int n = organ_read(w, unit, &o, ret);
    if (n <= 0)
        return n;
    if (db_query(w, &sql_site_unit_kind, &p, DB_INT(unit), DB_TEXTZ(kind)) < 0)
        return -1;
    int64_t at = o.from;
    for (size_t i = 0; i < p.n && at < o.until; i++) {
        int64_t from = db_i(&p, i, 0), until = db_i(&p, i, 1) ? db_i(&p, i, 1) : INT64_MAX;
        gap(ret, r, at, sooner(from, o.until));
        at = until > at ? until : at;
    }
    gap(ret, r, at, o.until);
    ret->title = str_printf(w->arena, "%.*s的%s", STR_ARG(o.name), name);
    ret->note = str_printf(w->arena, "本单位没有公开的%s", name);
    ret->address = S("/desk/disclosures");
    return 1;
}

static int guide_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    return missing(w, r, subject, "guide", "政府信息公开指南", ret);
}

static int profile_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    return missing(w, r, subject, "profile", "机构概况", ret);
}

/* ── annual reports ── */

static const struct check_parameter report_parameters[] = {
    {"unit_day", "部门、镇街公布上一年度年报的截止日（月-日）", PARAMETER_TEXT, 5, 5, "01-31"},
    {"city_day", "市政府公布上一年度年报的截止日（月-日）", PARAMETER_TEXT, 5, 5, "03-31"},
    {"yellow_days", "黄色预警提前（自然日）", PARAMETER_INT, 1, 60, "15"},
    {"orange_days", "橙色预警提前（自然日）", PARAMETER_INT, 0, 60, "5"},
    {NULL, NULL, 0, 0, 0, NULL},
};
#define REPORT_YEARS 8 /* in sight */

static day_t deadline(const struct rule *r, struct str kind, int year) {
    struct str md = rule_text(r, str_is(kind, "city") ? "city_day" : "unit_day");
    int64_t m = 0, d = 0;
    day_t day;
    if (md.n != 5 || str_int(str_sub(md, 0, 2), &m) < 0 || str_int(str_sub(md, 3, 2), &d) < 0 || m < 1 || m > 12 ||
        d < 1 || d > 31)
        m = 1, d = 31;
    day = day_from(year + 1, (int)m, (int)d);
    return day != DAY_NONE ? day : day_from(year + 1, (int)m, 28);
}

static int year_of(struct str elements) {
    json_t *o = elements.n ? json_loadb(elements.p, elements.n, 0, NULL) : NULL;
    int64_t year = 0;
    if (str_int(str_z(json_string_value(json_object_get(o, "year"))), &year) < 0)
        year = 0;
    json_decref(o);
    return (int)year;
}

/* Level from `lo` on until this year's report is public, and again when it was withdrawn. */
static int64_t owed(const struct rule *r, struct course *c, const struct db_rows *p, const struct organ *o, int year,
                    int64_t lo) {
    int64_t red = day_start(deadline(r, o->kind, year) + 1), orange = red - (rule_int(r, "orange_days") + 1) * DAY_MS,
            yellow = red - (rule_int(r, "yellow_days") + 1) * DAY_MS, at = lo;
    for (size_t i = 0; i <= p->n && at < o->until; i++) {
        if (i < p->n && year_of(db_s(p, i, 2)) != year)
            continue;
        int64_t end = i < p->n ? sooner(db_i(p, i, 0), o->until) : o->until;
        near(c, LEVEL_YELLOW, yellow > at ? yellow : at, sooner(orange, end));
        near(c, LEVEL_ORANGE, orange > at ? orange : at, sooner(red, end));
        near(c, LEVEL_RED, red > at ? red : at, end);
        int64_t until = i == p->n ? INT64_MAX : db_i(p, i, 1) ? db_i(p, i, 1) : INT64_MAX;
        if (i < p->n && until == INT64_MAX)
            return end > lo ? end : lo;
        at = until > at ? until : at;
    }
    return at;
}

/* One that is not public: its year, in words. */
static void report_words(struct work *w, const struct rule *r, const struct organ *o, int year, struct course *ret) {
    ret->due_at = day_end(deadline(r, o->kind, year));
    ret->title = str_printf(w->arena, "%.*s%d年政府信息公开工作年度报告", STR_ARG(o->name), year);
    ret->note = str_printf(w->arena, "应当在%.*s以前公布（条例第四十九、五十条）",
                           STR_ARG(day_chinese(w->arena, day_of(ret->due_at))));
    ret->address = str_printf(w->arena, "/desk/reports");
}

static bool is_public(const struct db_rows *p, int year) {
    for (size_t i = 0; i < p->n; i++)
        if (year_of(db_s(p, i, 2)) == year && !db_i(p, i, 1))
            return true;
    return false;
}

static int report_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct organ o;
    struct db_rows p;
    int n = organ_read(w, subject, &o, ret), year, month, day;
    if (n <= 0)
        return n;
    if (db_query(w, &sql_site_unit_kind, &p, DB_INT(subject), DB_TEXTZ("report")) < 0)
        return -1;
    day_split(day_of(o.from), &year, &month, &day);
    int first = day_start(deadline(r, o.kind, year - 1) + 1) > o.from ? year - 1 : year; /* its day is still to come */
    int64_t lo = o.from;
    ret->holder = PERM_REPORT_EDIT;
    for (int y = first; y < first + REPORT_YEARS + (int)p.n && lo < o.until; y++) {
        if (!ret->title.n && !is_public(&p, y))
            report_words(w, r, &o, y, ret);
        lo = owed(r, ret, &p, &o, y, lo);
    }
    if (!ret->title.n)
        report_words(w, r, &o, first, ret);
    return 1;
}

/* ── the table ── */

static int of_disclosure(struct work *w, int64_t disclosure, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    int n = cap ? db_one(w, &sql_site_unit_of, &r, DB_INT(disclosure), DB_INT(after)) : 0;
    if (n == 1)
        ids[0] = db_i(&r, 0, 0);
    return n;
}

static int all_organs(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_supervised_units, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

/* The portal was looked at for the first time: now all organs owe. */
static int of_site(struct work *w, int64_t site, int64_t after, int64_t *ids, size_t cap) {
    int64_t home, since;
    int n = site_home(w, &home, &since);
    return n == 1 && home == site ? all_organs(w, after, ids, cap) : n < 0 ? -1 : 0;
}

static const struct check_event unit_events[] = {
    {"disclosure", "published", "disclosure", of_disclosure},
    {"disclosure", "entered", "disclosure", of_disclosure},
    {"disclosure", "withdrawn", "disclosure", of_disclosure},
    {"org", "unit_added", "unit", NULL},
    {"org", "unit_changed", "unit", NULL},
    {"supervision", "site_changed", "site", of_site},
    {NULL, NULL, NULL, NULL},
};

const struct check unit_checks[] = {
    {"report_late", "年度报告没有按时公布",
     "部门、镇街每年1月31日前、市政府每年3月31日前没有公布上一年度政府信息公开工作年度报告", "unit", "site",
     report_parameters, unit_events, report_course, all_organs},
    {"guide_missing", "没有公开指南", "单位没有公布政府信息公开指南", "unit", "site", missing_parameters, unit_events,
     guide_course, all_organs},
    {"profile_missing", "没有机构概况", "单位没有公布机关职能、办公地址、办公时间、联系方式和负责人", "unit", "site",
     missing_parameters, unit_events, profile_course, all_organs},
};
const size_t unit_check_count = countof(unit_checks);
