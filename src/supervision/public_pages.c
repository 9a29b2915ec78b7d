/* public_pages.c: what everyone sees of supervision (监督评议): how much was published in time, by unit and field, and
 * what is missing, in words that are public anyway: those of the catalogue. */
#include "supervision/supervision_internal.h"

#include "duty/duty.h"

#define PAGE 50
#define BASIS_CHARS 60 /* the whole of it is on the item's page */
#define YEARS_SHOWN 3

/* ── input ── */

struct public_input {
    struct str unit, field, year, after;
};
static const struct field public_table_fields[] = {
    FIELD(FIELD_STR, public_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, public_input, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10"),
    FIELD(FIELD_STR, public_input, year, "年度", FIELD_OPTIONAL, 0, 4, NULL, "应公开日期所在年度；不填是全部"),
    FIELD(FIELD_STR, public_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
FIELD_TABLE(public_table, public_input);

struct public_asked {
    int64_t unit_id, field_id, year; /* -1, -1, 0: all */
    struct str unit_name, field_name;
    struct public_input in;
};

static int field_named(struct work *w, int64_t id, struct str *ret) {
    struct db_rows r;
    if (db_query(w, &sql_figure_fields, &r) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (db_i(&r, i, 0) == id) {
            *ret = db_s(&r, i, 2);
            return 0;
        }
    return fail(w, ERR_NOT_FOUND, "没有这个领域，请从试点领域进入");
}

static int public_asked_of(struct http_request *in, struct public_asked *k) {
    struct work *w = in->w;
    struct unit unit;
    *k = (struct public_asked){.unit_id = -1, .field_id = -1};
    if (fields_read(in, &public_table, &k->in) < 0)
        return -1;
    if (k->in.unit.n) {
        int n = unit_by_code(w, k->in.unit, &unit);
        if (n <= 0)
            return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个单位，请从公开单位进入");
        k->unit_id = unit.id;
        k->unit_name = unit.short_name.n ? unit.short_name : unit.name;
    }
    if (k->in.field.n && str_int(k->in.field, &k->field_id) < 0)
        return fail(w, ERR_NOT_FOUND, "没有这个领域，请从试点领域进入");
    if (k->in.field.n && field_named(w, k->field_id, &k->field_name) < 0)
        return -1;
    if (k->in.year.n && (str_int(k->in.year, &k->year) < 0 || k->year < 2008 || k->year > 2100))
        return fail_field(w, "year", "range", "请填写四位数的年度，如 2026");
    return 0;
}

/* ── figures, now or then ── */

static int then_of(struct work *w, enum figure_by by, int64_t year, struct figures *f) {
    struct db_rows r;
    struct str from = S("0000-00-00"), to = S("9999-99-99");
    if (year) {
        from = str_printf(w->arena, "%04lld-01-01", (long long)year);
        to = str_printf(w->arena, "%04lld-12-31", (long long)year);
    }
    if (db_query(w, &sql_figure_then, &r, DB_INT(by == FIGURE_BY_UNIT ? 0 : 1), DB_INT(w->as_of), DB_TEXT(from),
                 DB_TEXT(to)) < 0)
        return -1;
    *f = (struct figures){.least = figure_least(w), .rows = arena_many(w->arena, struct figure_row, r.n + 1)};
    static const enum measure read[] = {M_OWED, M_MET, M_LATE, M_OVERDUE};
    for (size_t i = 0; i < r.n; i++) {
        struct figure_row *row = &f->rows[f->count++];
        row->key = db_i(&r, i, 0);
        for (size_t m = 0; m < countof(read); m++) {
            row->n[read[m]] = db_i(&r, i, m + 1);
            f->all.n[read[m]] += db_i(&r, i, m + 1);
        }
    }
    return 0;
}

static int by_of(struct work *w, enum figure_by by, int64_t year, struct figures *f) {
    struct figure_query q = {
        by, year ? year * 100 + 1 : 0, year ? year * 100 + 12 : 999999, -1, -1, -1, -1, S("%"), STR_NONE};
    return w->as_of ? then_of(w, by, year, f) : figures_of(w, &q, f);
}

static const struct figure_row *row_with(const struct figures *f, int64_t key) {
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].key == key)
            return &f->rows[i];
    return NULL;
}

bool figure_caught_up(struct work *w) {
    struct db_rows r;
    struct ledger_head head;
    return ledger_head(w, &head) == 0 && db_one(w, &sql_figure_caught_up, &r) == 1 && !db_null(&r, 0, 0) &&
           db_i(&r, 0, 0) >= head.size - 1 && db_i(&r, 0, 1) == 1;
}

/* ── the model ── */

static struct str missing_address(struct work *w, const struct public_asked *k, const char *name, struct str code) {
    struct str a =
        name ? str_printf(w->arena, "/supervision/missing?%s=%.*s", name, STR_ARG(code)) : S("/supervision/missing");
    return k->year ? str_printf(w->arena, "%.*s%cyear=%lld", STR_ARG(a), name ? '&' : '?', (long long)k->year) : a;
}

static void put_numbers(struct work *w, json_t *o, const struct figures *f, const struct figure_row *r,
                        struct str address) {
    int64_t due = figure_due(r);
    json_set_int(o, "required", r->n[M_OWED]);
    json_set_int(o, "due", due);
    json_set_int(o, "on_time", r->n[M_MET]);
    json_set_int(o, "late", r->n[M_LATE]);
    json_set_int(o, "overdue", r->n[M_OVERDUE]);
    json_set_str(o, "rate", figure_rate(w->arena, r->n[M_MET], due));
    json_set_bool(o, "few", due > 0 && due < f->least);
    json_set_str(o, "missing_href", r->n[M_OVERDUE] ? address : STR_NONE);
}

struct kind_group {
    const char *kind, *name;
};
static const struct kind_group groups[] = {
    {"city", "市政府"},       {"office", "市政府办公室"}, {"department", "市级部门"},
    {"town", "镇、区、街道"}, {"village", "村（社区）"},  {"enterprise", "公共企事业单位"},
};

static json_t *unit_rows(struct work *w, const struct public_asked *k, const struct figures *f,
                         const struct db_rows *units, const char *kind) {
    json_t *list = json_array();
    for (size_t i = 0; i < units->n; i++) {
        const struct figure_row *r = row_with(f, db_i(units, i, 0));
        if (!str_is(db_s(units, i, 3), kind) || !r || r->n[M_OWED] == 0)
            continue;
        json_t *o = json_object();
        json_set_str(o, "code", db_s(units, i, 1));
        json_set_str(o, "name", db_s(units, i, 2));
        put_numbers(w, o, f, r, missing_address(w, k, "unit", db_s(units, i, 1)));
        json_array_append_new(list, o);
    }
    return list;
}

static int put_units(struct work *w, json_t *model, const struct public_asked *k, struct figures *f) {
    struct db_rows units;
    json_t *list = json_array();
    json_object_set_new(model, "groups", list);
    if (by_of(w, FIGURE_BY_UNIT, k->year, f) < 0 || db_query(w, &sql_figure_units, &units, DB_TEXT(S("%"))) < 0)
        return -1;
    for (size_t g = 0; g < countof(groups); g++) {
        json_t *rows = unit_rows(w, k, f, &units, groups[g].kind);
        if (json_array_size(rows) == 0) {
            json_decref(rows);
            continue;
        }
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "code", groups[g].kind, "name", groups[g].name, "units", rows));
    }
    return 0;
}

static int put_fields(struct work *w, json_t *model, const struct public_asked *k) {
    struct figures f;
    struct db_rows fields;
    json_t *list = json_array();
    json_object_set_new(model, "fields", list);
    if (by_of(w, FIGURE_BY_FIELD, k->year, &f) < 0 || db_query(w, &sql_figure_fields, &fields) < 0)
        return -1;
    for (size_t i = 0; i < fields.n; i++) {
        static const struct figure_row none;
        const struct figure_row *r = row_with(&f, db_i(&fields, i, 0));
        json_t *o = json_object();
        json_set_str(o, "code", db_s(&fields, i, 1));
        json_set_str(o, "name", db_s(&fields, i, 2));
        put_numbers(w, o, &f, r ? r : &none, missing_address(w, k, "field", db_s(&fields, i, 1)));
        json_array_append_new(list, o);
    }
    return 0;
}

static void put_years(struct work *w, json_t *model, int64_t chosen) {
    json_t *list = json_array();
    int this_year;
    day_split(work_today(w), &this_year, &(int){0}, &(int){0});
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:b}", "name", "全部", "href", "/supervision", "active", !chosen));
    for (int y = this_year; y > this_year - YEARS_SHOWN; y--) {
        json_t *o = json_object();
        json_set_str(o, "name", str_printf(w->arena, "%d年", y));
        json_set_str(o, "href", str_printf(w->arena, "/supervision?year=%d", y));
        json_set_bool(o, "active", chosen == y);
        json_array_append_new(list, o);
    }
    json_object_set_new(model, "years", list);
    if (chosen)
        json_set_int(model, "year", chosen);
}

static int supervision_public(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct public_asked k;
    struct figures f;
    if (public_asked_of(in, &k) < 0)
        return -1;
    json_t *model = json_object(), *all = json_object();
    json_object_set_new(model, "all", all);
    if (put_units(w, model, &k, &f) < 0 || put_fields(w, model, &k) < 0) {
        json_decref(model);
        return -1;
    }
    put_numbers(w, all, &f, &f.all, missing_address(w, &k, NULL, STR_NONE));
    put_years(w, model, k.year);
    json_set_int(model, "few_below", f.least);
    out->no_cache = !w->as_of && !figure_caught_up(w);
    return view_page(out, "supervision/public", model);
}

/* ── what is missing ── */

static json_t *missing_json(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    bool fact = str_is(db_s(r, i, 2), "fact"); /* what a fact is called may not be public yet */
    json_set_str(o, "item_code", db_s(r, i, 5));
    json_set_str(o, "item", db_s(r, i, 4));
    json_set_str(o, "subject", fact ? STR_NONE : db_s(r, i, 3));
    json_set_bool(o, "one_matter", fact);
    struct str basis = utf8_head(db_s(r, i, 6), BASIS_CHARS);
    json_set_str(o, "basis", basis.n < db_s(r, i, 6).n ? str_printf(w->arena, "%.*s…", STR_ARG(basis)) : basis);
    json_set_str(o, "unit_code", db_s(r, i, 7));
    json_set_str(o, "unit_name", db_s(r, i, 8));
    json_set_str(o, "field_code", db_s(r, i, 9));
    json_set_str(o, "field_name", db_s(r, i, 10));
    json_set_day(w->arena, o, "due", day_of(db_i(r, i, 1)));
    json_object_set_new(o, "clock", duty_clock(w, db_i(r, i, 1), 0, "open"));
    return o;
}

static int missing_rows(struct work *w, const struct public_asked *k, struct db_rows *r) {
    int64_t key = 0, id = 0;
    struct str from = S("0000-00-00"), to = S("9999-99-99");
    if (k->year) {
        from = str_printf(w->arena, "%04lld-01-01", (long long)k->year);
        to = str_printf(w->arena, "%04lld-12-31", (long long)k->year);
    }
    if (k->in.after.n && view_cursor_read(w, k->in.after, &key, &id) < 0)
        return -1;
    return db_query(w, w->as_of ? &sql_figure_missing_then : &sql_figure_missing, r, DB_INT(w->now), DB_TEXT(from),
                    DB_TEXT(to), DB_INT(k->unit_id), DB_INT(k->field_id), DB_INT(key), DB_INT(id), DB_INT(PAGE + 1));
}

static int supervision_missing(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct public_asked k;
    struct db_rows r;
    if (public_asked_of(in, &k) < 0 || missing_rows(w, &k, &r) < 0)
        return -1;
    size_t n = r.n > PAGE ? PAGE : r.n;
    json_t *model = json_object(), *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, missing_json(w, &r, i));
    json_object_set_new(model, "missing", list);
    json_set_bool(model, "any", n > 0);
    json_set_str(model, "unit", k.in.unit);
    json_set_str(model, "unit_name", k.unit_name);
    json_set_str(model, "field_name", k.field_name);
    if (k.year)
        json_set_int(model, "year", k.year);
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, db_i(&r, n - 1, 1), db_i(&r, n - 1, 0)) : STR_NONE, PAGE);
    return view_page(out, "supervision/missing", model);
}

const struct route supervision_public_routes[] = {
    {HTTP_GET, "/supervision", supervision_public, PERM_PUBLIC, CACHE_PUBLIC, &public_table, ROUTE_AS_OF,
     "监督评议：各单位、各领域按期公开情况"},
    {HTTP_GET, "/supervision/missing", supervision_missing, PERM_PUBLIC, CACHE_PUBLIC, &public_table, ROUTE_AS_OF,
     "逾期未公开的事项"},
    {HTTP_GET, "/five-alls", five_alls_page, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_PLAIN, "五全：五项比率和缺项"},
    {HTTP_GET, "/five-alls/{part}", five_alls_missing, PERM_PUBLIC, CACHE_PUBLIC, &five_alls_table, ROUTE_PLAIN,
     "五全中一项的缺项清单：powers、services、elements"},
};
const size_t supervision_public_route_count = countof(supervision_public_routes);
