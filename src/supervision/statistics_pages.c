/* statistics_pages.c: the statistics of supervision for heads and the office. Every figure opens the records it counts;
 * a rate stands beside its cases and its interval; a few cases are not ranked. */
#include "supervision/supervision_internal.h"

struct statistics_input {
    struct str period, from, to, by, unit, kind, field, catalogue, post;
};
static const struct field_option period_options[] = {{"month", "本月"}, {"quarter", "本季度"},    {"year", "本年"},
                                                     {"last", "上年"},  {"span", "自选起止月份"}, {NULL, NULL}};
static const struct field_option by_options[] = {{"unit", "单位"},      {"post", "岗位"},  {"field", "领域"},
                                                 {"catalogue", "目录"}, {"month", "月份"}, {NULL, NULL}};
static const struct field_option kind_options[] = {{"city", "市政府"},         {"office", "市政府办公室"},
                                                   {"department", "市级部门"}, {"town", "镇、区、街道"},
                                                   {"village", "村（社区）"},  {NULL, NULL}};
static const struct field_option catalogue_options[] = {
    {"1", "标准目录"}, {"2", "补充目录"}, {"3", "村级目录"}, {"0", "不属于目录事项"}, {NULL, NULL}};
#define COMMON_FIELDS(strct)                                                                                           \
    FIELD(FIELD_ENUM, strct, period, "期间", FIELD_OPTIONAL, 0, 0, period_options, NULL),                              \
        FIELD(FIELD_STR, strct, from, "起始月份", FIELD_OPTIONAL, 0, 7, NULL, "如 2026-01"),                           \
        FIELD(FIELD_STR, strct, to, "截止月份", FIELD_OPTIONAL, 0, 7, NULL, "如 2026-12"),                             \
        FIELD(FIELD_ENUM, strct, by, "分行", FIELD_OPTIONAL, 0, 0, by_options, NULL),                                  \
        FIELD(FIELD_STR, strct, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),                                \
        FIELD(FIELD_ENUM, strct, kind, "单位类别", FIELD_OPTIONAL, 0, 0, kind_options, NULL),                          \
        FIELD(FIELD_STR, strct, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10；0：不属于试点领域"),      \
        FIELD(FIELD_ENUM, strct, catalogue, "目录", FIELD_OPTIONAL, 0, 0, catalogue_options, NULL),                    \
        FIELD(FIELD_STR, strct, post, "岗位", FIELD_OPTIONAL, 0, 18, NULL, "岗位编号；0：未落实到岗")
static const struct field statistics_fields[] = {COMMON_FIELDS(statistics_input)};
FIELD_TABLE(statistics, statistics_input);

/* What is asked for, read and checked. */
struct asked {
    struct figure_query q;
    struct str period, unit, unit_name, kind, field, catalogue, post;
};

/* ── the period ── */

static int month_read(struct work *w, struct str s, const char *field, int64_t *ret) {
    day_t d;
    if (s.n != 7 || day_parse(str_printf(w->arena, "%.*s-01", STR_ARG(s)), &d) < 0)
        return fail_field(w, field, "month", "请按“2026-01”的样子填写年份和月份");
    *ret = figure_month(d);
    return 0;
}

static struct str month_text(struct arena *a, int64_t m) {
    return str_printf(a, "%04lld-%02lld", (long long)(m / 100), (long long)(m % 100));
}

static int period_of(struct work *w, const struct statistics_input *x, struct asked *k) {
    int year, month;
    day_split(work_today(w), &year, &month, &(int){0});
    int64_t y = year, m = month;
    k->period = x->period.n ? x->period : x->from.n || x->to.n ? S("span") : S("year");
    k->q.from = y * 100 + 1;
    k->q.to = y * 100 + 12;
    if (str_is(k->period, "month"))
        k->q.from = k->q.to = y * 100 + m;
    else if (str_is(k->period, "quarter")) {
        k->q.from = y * 100 + (m - 1) / 3 * 3 + 1;
        k->q.to = k->q.from + 2;
    } else if (str_is(k->period, "last")) {
        k->q.from -= 100;
        k->q.to -= 100;
    } else if (str_is(k->period, "span")) {
        if ((x->from.n && month_read(w, x->from, "from", &k->q.from) < 0) ||
            (x->to.n && month_read(w, x->to, "to", &k->q.to) < 0))
            return -1;
        if (!x->to.n && k->q.to < k->q.from)
            k->q.to = k->q.from;
    }
    return k->q.from <= k->q.to ? 0 : fail_field(w, "to", "range", "截止月份早于起始月份，请核对");
}

/* ── whom and what ── */

static int unit_asked(struct work *w, struct str code, struct asked *k) {
    struct unit unit;
    k->q.unit_id = -1;
    if (!code.n)
        return 0;
    int n = unit_by_code(w, code, &unit);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "unit", "unknown", "没有这个单位");
    k->q.unit_id = unit.id;
    k->unit_name = unit.short_name.n ? unit.short_name : unit.name;
    return org_may(w, PERM_STATISTICS_READ, unit.id);
}

static int number_asked(struct work *w, struct str s, const char *field, int64_t most, const char *what, int64_t *ret) {
    *ret = -1;
    if (s.n && (str_int(s, ret) < 0 || *ret < 0 || *ret > most))
        return fail_field(w, field, "unknown", "%s", what);
    return 0;
}

static int asked_of(struct work *w, const struct statistics_input *x, struct asked *k) {
    *k =
        (struct asked){.unit = x->unit, .kind = x->kind, .field = x->field, .catalogue = x->catalogue, .post = x->post};
    for (int by = 0; by < FIGURE_BYS; by++)
        if (str_is(x->by, figure_by_codes[by]))
            k->q.by = (enum figure_by)by;
    k->q.path = org_path(w);
    k->q.unit_kind = x->kind;
    return period_of(w, x, k) < 0 || unit_asked(w, x->unit, k) < 0 ||
                   number_asked(w, x->field, "field", 26, "没有这个领域", &k->q.field_id) < 0 ||
                   number_asked(w, x->catalogue, "catalogue", 3, "没有这种目录", &k->q.catalogue) < 0 ||
                   number_asked(w, x->post, "post", INT64_MAX, "没有这个岗位", &k->q.post_id) < 0
               ? -1
               : 0;
}

/* ── addresses ── */

static struct str add(struct work *w, struct str a, const char *name, struct str value) {
    return value.n ? str_printf(w->arena, "%.*s&%s=%.*s", STR_ARG(a), name, STR_ARG(str_percent(w->arena, value))) : a;
}

/* The same question on another page, for one row (NULL: all of them). */
static struct str address(struct work *w, const struct asked *k, const char *path, const struct figure_row *row) {
    struct str a, from = month_text(w->arena, k->q.from), to = month_text(w->arena, k->q.to);
    if (row && k->q.by == FIGURE_BY_MONTH)
        from = to = row->code;
    enum figure_by by = k->q.by;
    a = str_printf(w->arena, "%s?period=span&from=%.*s&to=%.*s", path, STR_ARG(from), STR_ARG(to));
    a = add(w, a, "kind", k->kind);
    a = add(w, a, "unit", row && by == FIGURE_BY_UNIT ? row->code : k->unit);
    a = add(w, a, "field", row && by == FIGURE_BY_FIELD ? str_printf(w->arena, "%lld", (long long)row->key) : k->field);
    a = add(w, a, "catalogue", row && by == FIGURE_BY_CATALOGUE ? row->code : k->catalogue);
    return add(w, a, "post", row && by == FIGURE_BY_POST ? row->code : k->post);
}

static void put(struct work *w, json_t *o, const struct asked *k, const struct figure_row *row, bool whole,
                enum measure m) {
    json_t *j = json_object();
    json_set_int(j, "n", row->n[m]);
    if (row->n[m] > 0)
        json_set_str(j, "href",
                     str_printf(w->arena, "%.*s&measure=%s",
                                STR_ARG(address(w, k, "/desk/statistics/supervision/records", whole ? NULL : row)),
                                figure_measures[m].code));
    json_object_set_new(o, figure_measures[m].code, j);
}

/* ── the model ── */

static void put_rates(struct work *w, json_t *o, const struct figures *f, const struct figure_row *row) {
    struct arena *a = w->arena;
    const int64_t *n = row->n;
    int64_t due = figure_due(row), answered = n[M_REPLIED] + n[M_REPLIED_LATE] + n[M_REQUEST_OVERDUE];
    json_set_int(o, "due", due);
    json_set_str(o, "rate", figure_rate(a, n[M_MET], due));
    json_set_str(o, "interval", figure_span(a, row));
    json_object_set_new(o, "low", json_real(row->low));
    json_object_set_new(o, "high", json_real(row->high));
    json_set_bool(o, "few", f->ranking && row != &f->all && !row->ranked && !row->nobody && due > 0);
    if (row->rank)
        json_set_int(o, "rank", row->rank);
    json_set_str(o, "rank_text", row->rank ? str_printf(a, "%lld", (long long)row->rank) : S("—"));
    json_set_int(o, "late_days", n[M_LATE_DAYS]);
    json_set_str(o, "late_average", figure_days(a, row));
    json_set_int(o, "request_due", answered);
    json_set_str(o, "request_rate", figure_rate(a, n[M_REPLIED], answered));
    json_set_int(o, "alerts", n[M_YELLOW] + n[M_ORANGE] + n[M_RED]);
    json_set_int(o, "judged", n[M_CONFIRMED] + n[M_FALSE]);
    json_set_str(o, "precision", figure_rate(a, n[M_CONFIRMED], n[M_CONFIRMED] + n[M_FALSE]));
}

static json_t *row_json(struct work *w, const struct asked *k, const struct figures *f, const struct figure_row *row,
                        bool whole) {
    json_t *o = json_object();
    json_set_str(o, "code", whole ? STR_NONE : row->code);
    json_set_str(o, "name", row->name);
    json_set_str(o, "note", row->note);
    for (int m = 0; m < MEASURES; m++)
        if (m != M_LATE_DAYS)
            put(w, o, k, row, whole, (enum measure)m);
    put_rates(w, o, f, row);
    return o;
}

static json_t *options_json(const struct field_option *o, struct str selected) {
    json_t *list = json_array();
    for (; o->value; o++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", o->value, "label", o->label, "selected",
                                              str_is(selected, o->value)));
    return list;
}

/* Choices from the database, only what the reader may see: units, fields. */
static json_t *choices(struct work *w, const struct db_statement *st, bool scoped, bool by_code, struct str selected) {
    struct db_rows r = {0};
    json_t *list = json_array();
    int rc = scoped ? db_query(w, st, &r, DB_TEXT(org_path(w))) : db_query(w, st, &r);
    for (size_t i = 0; rc == 0 && i < r.n; i++) {
        struct str value = by_code ? db_s(&r, i, 1) : str_printf(w->arena, "%lld", (long long)db_i(&r, i, 0));
        json_t *o = json_object();
        json_set_str(o, "value", value);
        json_set_str(o, "label", db_s(&r, i, 2));
        json_set_bool(o, "selected", str_eq(value, selected));
        json_array_append_new(list, o);
    }
    return list;
}

static struct str period_words(struct work *w, const struct asked *k) {
    struct str from = month_text(w->arena, k->q.from), to = month_text(w->arena, k->q.to);
    return str_eq(from, to) ? from : str_printf(w->arena, "%.*s 至 %.*s", STR_ARG(from), STR_ARG(to));
}

static json_t *filter_json(struct work *w, const struct asked *k) {
    json_t *o = json_object();
    json_set_str(o, "from", month_text(w->arena, k->q.from));
    json_set_str(o, "to", month_text(w->arena, k->q.to));
    json_set_str(o, "period", k->period);
    json_set_str(o, "period_text", period_words(w, k));
    json_set_str(o, "unit", k->unit);
    json_set_str(o, "unit_name", k->unit_name);
    json_set_str(o, "post", k->post);
    json_set_str(o, "by", str_z(figure_by_codes[k->q.by]));
    json_set_str(o, "by_name", str_z(figure_by_names[k->q.by]));
    return o;
}

static int put_progress(struct work *w, json_t *model) {
    int64_t done, total;
    int n = figure_progress(w, &done, &total);
    if (n == 1)
        json_object_set_new(model, "filling",
                            json_pack("{s:I, s:I, s:I}", "done", (json_int_t)done, "total", (json_int_t)total,
                                      "percent", (json_int_t)(done >= total ? 99 : done * 100 / total)));
    return n < 0 ? -1 : 0;
}

static json_t *model_of(struct work *w, const struct asked *k, const struct figures *f) {
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(rows, row_json(w, k, f, &f->rows[i], false));
    json_object_set_new(model, "filter", filter_json(w, k));
    json_object_set_new(model, "all", row_json(w, k, f, &f->all, true));
    json_object_set_new(model, "rows", rows);
    json_set_bool(model, "any", f->count > 0);
    json_set_bool(model, "ranking", f->ranking);
    json_set_int(model, "rank_least", f->least);
    json_object_set_new(model, "periods", options_json(period_options, k->period));
    json_object_set_new(model, "bys", options_json(by_options, str_z(figure_by_codes[k->q.by])));
    json_object_set_new(model, "kinds", options_json(kind_options, k->kind));
    json_object_set_new(model, "catalogues", options_json(catalogue_options, k->catalogue));
    json_object_set_new(model, "units", choices(w, &sql_figure_units, true, true, k->unit));
    json_object_set_new(model, "fields", choices(w, &sql_figure_fields, false, false, k->field));
    json_object_set_new(model, "posts", choices(w, &sql_figure_posts, true, false, k->post));
    json_set_str(model, "export_href",
                 str_printf(w->arena, "%.*s&by=%s", STR_ARG(address(w, k, "/desk/statistics/supervision/export", NULL)),
                            figure_by_codes[k->q.by]));
    return model;
}

static int read_asked(struct http_request *in, struct asked *k, struct figures *f) {
    struct statistics_input x;
    return fields_read(in, &statistics, &x) < 0 || asked_of(in->w, &x, k) < 0 || figures_of(in->w, &k->q, f) < 0 ? -1
                                                                                                                 : 0;
}

static int supervision_statistics(struct http_request *in, struct http_response *out) {
    struct asked k;
    struct figures f;
    if (read_asked(in, &k, &f) < 0)
        return -1;
    json_t *model = model_of(in->w, &k, &f);
    if (put_progress(in->w, model) < 0) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "supervision/statistics", model);
}

static int supervision_export(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct asked k;
    struct figures f;
    if (read_asked(in, &k, &f) < 0 || figures_xlsx(w, &f, &k.q, period_words(w, &k), k.unit_name, &out->body) < 0)
        return -1;
    out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    out->download_name = str_printf(w->arena, "监督统计%s%.*s-按%s %.*s.xlsx", k.unit_name.n ? "-" : "",
                                    STR_ARG(k.unit_name), figure_by_names[k.q.by], STR_ARG(period_words(w, &k)));
    return 0;
}

/* ── the records behind a figure ── */

struct records_input {
    struct str period, from, to, by, unit, kind, field, catalogue, post, measure, after;
};
static const struct field records_fields[] = {
    COMMON_FIELDS(records_input),
    FIELD(FIELD_STR, records_input, measure, "指标", FIELD_REQUIRED, 0, 20, NULL, "如 owed、late、overdue"),
    FIELD(FIELD_STR, records_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
FIELD_TABLE(records, records_input);
#define PAGE 50

static const struct figure_kind {
    const char *kind, *name, *address, *more;
    int permission;
    const struct db_statement *records;
} figure_kinds[] = {
    {"duty", "公开任务", "/desk/duties/", "截止日期", PERM_DUTY_READ, &sql_figure_records_duty},
    {"disclosure", "公开信息", "/desk/disclosures/", "", PERM_DISCLOSURE_READ, &sql_figure_records_disclosure},
    {"request", "申请", "/desk/requests/", "收到日期", PERM_REQUEST_READ, &sql_figure_records_request},
    {"alert", "预警", "/desk/alerts/", "", PERM_ALERT_READ, &sql_figure_records_alert},
};

static const struct figure_kind *kind_of(enum measure m) {
    for (size_t i = 0; i < countof(figure_kinds); i++)
        if (strcmp(figure_kinds[i].kind, figure_measures[m].kind) == 0)
            return &figure_kinds[i];
    return &figure_kinds[0];
}

static int measure_of(struct work *w, struct str code, enum measure *ret) {
    for (int m = 0; m < MEASURES; m++)
        if (m != M_LATE_DAYS && str_is(code, figure_measures[m].code)) {
            *ret = (enum measure)m;
            return 0;
        }
    return fail_field(w, "measure", "unknown", "没有这个指标");
}

static json_t *record_json(struct work *w, const struct figure_kind *kind, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    struct str title = db_s(r, i, 6), more = db_s(r, i, 7);
    bool duty = kind == &figure_kinds[0];
    json_set_str(o, "kind", str_z(kind->kind));
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "title",
                 duty && more.n ? str_printf(w->arena, "%.*s：%.*s", STR_ARG(title), STR_ARG(more)) : title);
    json_set_str(o, "more", duty ? STR_NONE : more);
    json_set_str(o, "month", month_text(w->arena, db_i(r, i, 2)));
    json_set_str(o, "day", db_s(r, i, 8));
    json_set_str(o, "unit_code", db_s(r, i, 4));
    json_set_str(o, "unit_name", db_s(r, i, 5));
    if (db_i(r, i, 3))
        json_set_int(o, "late_days", db_i(r, i, 3));
    if (actor_may(&w->actor, kind->permission))
        json_set_str(o, "href", str_printf(w->arena, "%s%lld", kind->address, (long long)db_i(r, i, 0)));
    return o;
}

static int read_records(struct work *w, const struct figure_query *q, enum measure m, struct str after,
                        struct db_rows *r) {
    int64_t key = INT64_MAX, id = INT64_MAX, bit = MEASURE_BIT(m), now = 0;
    if (m == M_OVERDUE || m == M_REQUEST_OVERDUE) {
        bit = MEASURE_BIT(m == M_OVERDUE ? M_OPEN : M_REQUEST_OPEN);
        now = w->now;
    }
    if (after.n && view_cursor_read(w, after, &key, &id) < 0)
        return -1;
    return db_query(w, kind_of(m)->records, r, DB_INT(q->from), DB_INT(q->to), DB_TEXT(q->path), DB_INT(q->unit_id),
                    DB_INT(q->field_id), DB_INT(q->catalogue), DB_INT(q->post_id), DB_TEXT(q->unit_kind), DB_INT(bit),
                    DB_INT(now), DB_INT(key >> 32), DB_INT(id), DB_INT(key & INT32_MAX), DB_INT(PAGE + 1));
}

static int supervision_records(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct records_input x;
    struct asked k;
    struct db_rows r;
    enum measure m = 0;
    if (fields_read(in, &records, &x) < 0)
        return -1;
    struct statistics_input same = {x.period, x.from, x.to, x.by, x.unit, x.kind, x.field, x.catalogue, x.post};
    if (asked_of(w, &same, &k) < 0 || measure_of(w, x.measure, &m) < 0 || read_records(w, &k.q, m, x.after, &r) < 0)
        return -1;
    size_t n = r.n > PAGE ? PAGE : r.n;
    json_t *model = json_object(), *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, record_json(w, kind_of(m), &r, i));
    json_object_set_new(model, "records", list);
    json_object_set_new(model, "filter", filter_json(w, &k));
    json_set_str(model, "measure", str_z(figure_measures[m].code));
    json_set_str(model, "measure_name", str_z(figure_measures[m].name));
    json_set_str(model, "kind_name", str_z(kind_of(m)->name));
    json_set_str(model, "day_name", str_z(kind_of(m)->more));
    json_set_bool(model, "shows_days", kind_of(m) == &figure_kinds[0]);
    json_set_str(model, "back", address(w, &k, "/desk/statistics/supervision", NULL));
    struct str last =
        n ? view_cursor(w->arena, db_i(&r, n - 1, 2) << 32 | db_i(&r, n - 1, 1), db_i(&r, n - 1, 0)) : STR_NONE;
    view_pager(in, model, r.n > PAGE ? last : STR_NONE, PAGE);
    return view_page(out, "supervision/records", model);
}

const struct route statistics_routes[] = {
    {HTTP_GET, "/desk/statistics/supervision", supervision_statistics, PERM_STATISTICS_READ, NO_CACHE, &statistics,
     ROUTE_PLAIN, "监督统计：按单位、岗位、领域、目录或月份"},
    {HTTP_GET, "/desk/statistics/supervision/export", supervision_export, PERM_STATISTICS_READ, NO_CACHE, &statistics,
     ROUTE_PLAIN, "导出监督统计（XLSX）"},
    {HTTP_GET, "/desk/statistics/supervision/records", supervision_records, PERM_STATISTICS_READ, NO_CACHE, &records,
     ROUTE_PLAIN, "一个统计数字后面的记录"},
};
const size_t statistics_route_count = countof(statistics_routes);
