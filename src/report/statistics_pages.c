/* statistics_pages.c: statistics of applications for heads and the office: every number leads to its cases; a rate
 * stands beside the numbers it is made of, and nobody is ranked by it. */
#include "report/report_internal.h"

struct statistics_input {
    struct str unit;
    int64_t year;
    day_t from, to;
};
static const struct field statistics_fields[] = {
    FIELD(FIELD_STR, statistics_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_INT, statistics_input, year, "年度", FIELD_OPTIONAL, 2008, 2100, NULL, "收到申请的年度"),
    FIELD(FIELD_DAY, statistics_input, from, "收到日期起", FIELD_OPTIONAL, 0, 0, NULL, "不填：年度第一天"),
    FIELD(FIELD_DAY, statistics_input, to, "收到日期止", FIELD_OPTIONAL, 0, 0, NULL, "不填：年度最后一天"),
};
const struct field_table statistics_table = {statistics_fields, countof(statistics_fields),
                                             sizeof(struct statistics_input)};

static int this_year(struct work *w) {
    int year;
    day_split(work_today(w), &year, &(int){0}, &(int){0});
    return year;
}

/* A span of days: what is given, the rest from the year, the year from today. */
static int span_of(struct work *w, int64_t year, day_t *from, day_t *to) {
    int y = year ? (int)year : this_year(w);
    if (*from == DAY_NONE)
        *from = !year && *to != DAY_NONE ? day_from(2008, 1, 1) : day_from(y, 1, 1);
    if (*to == DAY_NONE)
        *to = !year && *from > day_from(y, 12, 31) ? *from : day_from(y, 12, 31);
    return *from <= *to ? 0 : fail_field(w, "to", "range", "截止日期早于起始日期，请核对");
}

static int unit_in_scope(struct work *w, struct str code, struct unit *ret) {
    int n = unit_by_code(w, code, ret);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "unit", "unknown", "没有这个单位");
    return org_may(w, PERM_REQUEST_READ, ret->id);
}

static int count(struct http_request *in, struct statistics_input *x, struct statistics *s) {
    struct unit unit;
    if (fields_read(in, &statistics_table, x) < 0 || span_of(in->w, x->year, &x->from, &x->to) < 0 ||
        (x->unit.n && unit_in_scope(in->w, x->unit, &unit) < 0))
        return -1;
    return statistics_count(in->w, x->unit, x->from, x->to, s);
}

/* ── the view model ── */

static void put_number(struct work *w, json_t *o, const char *key, int64_t n, struct str href) {
    json_t *j = json_object();
    (void)w;
    json_set_int(j, "n", n);
    json_set_str(j, "href", href);
    json_object_set_new(o, key, j);
}

static json_t *tally_json(struct work *w, const struct statistics *s, enum dimension d, struct str key,
                          const struct tally *t) {
    json_t *o = json_object();
    put_number(w, o, "received", t->received, statistics_address(w, s, d, key, ""));
    put_number(w, o, "late", t->late, statistics_address(w, s, d, key, "late=1"));
    put_number(w, o, "overdue", t->overdue, statistics_address(w, s, d, key, "overdue=1"));
    put_number(w, o, "extended", t->extended, statistics_address(w, s, d, key, "extended=1"));
    json_set_int(o, "closed", t->closed);
    json_set_int(o, "on_time", t->closed - t->late);
    json_set_int(o, "due", t->closed + t->overdue);
    json_set_str(o, "rate", tally_rate(w->arena, t));
    json_set_str(o, "days", tally_days(w->arena, t));
    return o;
}

static json_t *dimension_json(struct work *w, const struct statistics *s, enum dimension d) {
    json_t *rows = json_array(), *o = json_object();
    for (size_t i = 0; i < s->count[d]; i++) {
        const struct tally_row *row = &s->rows[d][i];
        json_t *j = tally_json(w, s, d, row->key, &row->t);
        json_set_str(j, "key", row->key);
        json_set_str(j, "name", row->name);
        json_array_append_new(rows, j);
    }
    json_set_str(o, "code", str_z(dimension_codes[d]));
    json_set_str(o, "name", str_z(dimension_names[d]));
    json_set_bool(o, "any", s->count[d] > 0);
    json_object_set_new(o, "rows", rows);
    return o;
}

static json_t *remedies_json(struct work *w, const struct statistics *s) {
    json_t *list = json_array();
    for (int k = 0; k < REMEDIES; k++) {
        json_t *cells = json_array();
        for (int c = 0; c < RESULTS; c++) {
            struct str href = str_printf(w->arena, "/desk/requests/remedies?kind=%s&from=%.*s&to=%.*s", remedy_codes[k],
                                         STR_ARG(day_str(w->arena, s->from)), STR_ARG(day_str(w->arena, s->to)));
            if (s->unit_code.n)
                href = str_printf(w->arena, "%.*s&unit=%.*s", STR_ARG(href), STR_ARG(s->unit_code));
            if (c != RESULT_TOTAL)
                href = str_printf(w->arena, "%.*s&result=%s", STR_ARG(href), result_codes[c]);
            json_t *j = json_object();
            json_set_int(j, "n", s->remedies[k][c]);
            json_set_str(j, "href", href);
            json_array_append_new(cells, j);
        }
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", remedy_names[k], "cells", cells));
    }
    return list;
}

static json_t *units_json(struct work *w, struct str chosen) {
    struct db_rows r;
    json_t *list = json_array();
    for (size_t i = 0; report_units(w, &r) == 0 && i < r.n; i++) {
        if (!org_may_quiet(w, PERM_REQUEST_READ, db_i(&r, i, 0)))
            continue;
        json_t *o = json_object();
        json_set_str(o, "code", db_s(&r, i, 1));
        json_set_str(o, "name", db_s(&r, i, 2));
        json_set_bool(o, "selected", str_eq(chosen, db_s(&r, i, 1)));
        json_array_append_new(list, o);
    }
    return list;
}

int statistics_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct statistics_input x;
    struct statistics s;
    if (count(in, &x, &s) < 0)
        return -1;
    json_t *model = json_object(), *dimensions = json_array(), *filter = json_object();
    for (int d = 0; d < DIMENSIONS; d++)
        json_array_append_new(dimensions, dimension_json(w, &s, (enum dimension)d));
    json_set_day(w->arena, filter, "from", s.from);
    json_set_day(w->arena, filter, "to", s.to);
    json_set_str(filter, "unit", x.unit);
    json_set_str(filter, "unit_name", s.unit_name);
    json_object_set_new(model, "filter", filter);
    json_object_set_new(model, "all", tally_json(w, &s, DIMENSIONS, STR_NONE, &s.all));
    json_object_set_new(model, "dimensions", dimensions);
    json_object_set_new(model, "remedies", remedies_json(w, &s));
    json_object_set_new(model, "units", units_json(w, x.unit));
    json_set_str(model, "export_href",
                 str_printf(w->arena, "/desk/requests/statistics/export?from=%.*s&to=%.*s%s%.*s",
                            STR_ARG(day_str(w->arena, s.from)), STR_ARG(day_str(w->arena, s.to)),
                            x.unit.n ? "&unit=" : "", STR_ARG(x.unit)));
    return view_page(out, "report/statistics", model);
}

int statistics_export(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct statistics_input x;
    struct statistics s;
    if (count(in, &x, &s) < 0 || statistics_xlsx(w, &s, &out->body) < 0)
        return -1;
    out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    out->download_name =
        str_printf(w->arena, "依申请公开统计%s%.*s %.*s至%.*s.xlsx", s.unit_name.n ? "-" : "", STR_ARG(s.unit_name),
                   STR_ARG(day_str(w->arena, s.from)), STR_ARG(day_str(w->arena, s.to)));
    return 0;
}

/* ── reconsiderations and suits behind a number ── */

struct remedies_input {
    struct str unit, kind, result, after;
    int64_t year;
    day_t from, to;
};
static const struct field_option kind_options[] = {{"reconsideration", "行政复议"},
                                                   {"suit", "行政诉讼：未经复议直接起诉"},
                                                   {"suit_after", "行政诉讼：复议后起诉"},
                                                   {NULL, NULL}};
static const struct field_option result_options[] = {
    {"upheld", "结果维持"}, {"corrected", "结果纠正"}, {"other", "其他结果"}, {"pending", "尚未审结"}, {NULL, NULL}};
static const struct field remedies_fields[] = {
    FIELD(FIELD_STR, remedies_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_ENUM, remedies_input, kind, "种类", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
    FIELD(FIELD_ENUM, remedies_input, result, "结果", FIELD_OPTIONAL, 0, 0, result_options, NULL),
    FIELD(FIELD_INT, remedies_input, year, "年报年度", FIELD_OPTIONAL, 2008, 2100, NULL, "按年报表四的口径"),
    FIELD(FIELD_DAY, remedies_input, from, "提出日期起", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, remedies_input, to, "提出日期止", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, remedies_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
const struct field_table remedies_table = {remedies_fields, countof(remedies_fields), sizeof(struct remedies_input)};

#define PAGE 100
static json_t *remedy_row(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = db_json_row(r, i);
    json_set_str(o, "kind_name", str_z(field_option_label(kind_options, db_s(r, i, 1))));
    json_set_str(o, "result_name", str_z(field_option_label(result_options, db_s(r, i, 5))));
    json_set_str(o, "href", str_printf(w->arena, "/desk/requests/%lld", (long long)db_i(r, i, 7)));
    return o;
}

int remedies_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct remedies_input x;
    struct unit unit = {0};
    struct db_rows r;
    int64_t key = 0, id = 0;
    if (fields_read(in, &remedies_table, &x) < 0 || (x.unit.n && unit_in_scope(w, x.unit, &unit) < 0) ||
        (x.after.n && view_cursor_read(w, x.after, &key, &id) < 0))
        return -1;
    bool filed = !x.year; /* by the day filed; else by year, as table 四 counts */
    if (span_of(w, x.year, &x.from, &x.to) < 0 ||
        db_query(w, &sql_remedies_list, &r, DB_ID(unit.id), DB_TEXT(day_str(w->arena, x.from)),
                 DB_TEXT(day_str(w->arena, x.to)), DB_BOOL(filed), DB_TEXT(x.kind), DB_TEXT(x.result),
                 DB_TEXT(org_path(w)), DB_INT(id), DB_INT(PAGE + 1)) < 0)
        return -1;
    size_t n = r.n > PAGE ? PAGE : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, remedy_row(w, &r, i));
    json_object_set_new(model, "remedies", rows);
    json_set_str(model, "kind_name", str_z(field_option_label(kind_options, x.kind)));
    json_set_str(model, "result_name", str_z(field_option_label(result_options, x.result)));
    json_set_str(model, "unit_name", unit.short_name);
    json_set_int(model, "year", x.year);
    json_set_day(w->arena, model, "from", x.from);
    json_set_day(w->arena, model, "to", x.to);
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, PAGE);
    return view_page(out, "report/remedies", model);
}
