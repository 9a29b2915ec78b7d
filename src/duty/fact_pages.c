/* fact_pages.c: facts (信息形成): recorded by people on a form and by business systems at the same address of the API.
 */
#include "duty/duty_internal.h"

#include "auth/auth.h"

struct facts_input {
    struct str after;
    int64_t page_size;
};
static const struct field facts_fields[] = {
    FIELD(FIELD_STR, facts_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, facts_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table facts_table = {facts_fields, countof(facts_fields), sizeof(struct facts_input)};

static json_t *fact_row(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    static const char *const columns[] = {NULL, "kind", "subject", "number", "day", "source_ref"};
    json_set_int(o, "id", db_i(r, i, 0));
    for (size_t k = 1; k < countof(columns); k++)
        json_set_str(o, columns[k], db_s(r, i, k));
    json_set_str(o, "kind_name", str_z(fact_kind_name(db_s(r, i, 1))));
    json_set_instant(w->arena, o, "recorded", db_i(r, i, 6));
    json_set_str(o, "unit_name", db_s(r, i, 7));
    json_set_str(o, "unit_code", db_s(r, i, 8));
    json_set_str(o, "item_code", db_s(r, i, 9));
    json_set_str(o, "level2", db_s(r, i, 10));
    if (db_i(r, i, 11)) {
        json_set_int(o, "duty_id", db_i(r, i, 11));
        json_object_set_new(o, "clock", duty_clock(w, db_i(r, i, 12), db_i(r, i, 13), db_s(r, i, 14).p));
    }
    return o;
}

int facts_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct facts_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &facts_table, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    int64_t size = x.page_size ? x.page_size : 50;
    if (db_query(w, &sql_fact_list, &r, DB_INT(id), DB_TEXT(org_path(w)), DB_INT(size + 1)) < 0)
        return -1;
    bool more = r.n > (size_t)size;
    size_t n = more ? (size_t)size : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, fact_row(w, &r, i));
    json_object_set_new(model, "facts", rows);
    view_pager(in, model, more ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, size);
    return view_page(out, "duty/facts", model);
}

/* ── the form ── */

struct fact_form_input {
    struct str unit, item;
};
static const struct field fact_form_fields[] = {
    FIELD(FIELD_STR, fact_form_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码；不填为本单位"),
    FIELD(FIELD_STR, fact_form_input, item, "目录事项", FIELD_OPTIONAL, 0, 60, NULL, "事项代码"),
};
const struct field_table fact_form_table = {fact_form_fields, countof(fact_form_fields),
                                            sizeof(struct fact_form_input)};

struct fact_input {
    struct str item, unit, kind, subject, number, source_ref;
    day_t day;
};
static const struct field fact_fields[] = {
    FIELD(FIELD_STR, fact_input, item, "目录事项", FIELD_REQUIRED, 0, 60, NULL, "事项代码，如 320682-01-02-003"),
    FIELD(FIELD_STR, fact_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码；不填为本单位"),
    FIELD(FIELD_ENUM, fact_input, kind, "发生了什么", FIELD_REQUIRED, 0, 0, fact_kind_options, NULL),
    FIELD(FIELD_DAY, fact_input, day, "发生日期", FIELD_REQUIRED, 0, 0, NULL,
          "签发、决定、批复等文件上的日期，不是录入日期"),
    FIELD(FIELD_STR, fact_input, subject, "信息名称", FIELD_REQUIRED, 0, LIMIT_TITLE_CHARS, NULL,
          "公开以前只有本单位和监督部门能看到"),
    FIELD(FIELD_STR, fact_input, number, "文号", FIELD_OPTIONAL, 0, 60, NULL, NULL),
    FIELD(FIELD_STR, fact_input, source_ref, "业务系统编号", FIELD_OPTIONAL, 0, 100, NULL,
          "业务系统推送时必填，重复推送只登记一次"),
};
const struct field_table fact_table = {fact_fields, countof(fact_fields), sizeof(struct fact_input)};

/* The acting unit, or the one asked for; whether it may is decided by fact_record(). */
static int unit_asked(struct work *w, struct str code, struct unit *ret) {
    if (!code.n)
        return w->actor.unit_id ? unit_get(w, w->actor.unit_id, ret) : fail_field(w, "unit", "required", "请写明单位");
    int n = unit_by_code(w, code, ret);
    return n == 0 ? fail_field(w, "unit", "unknown", "没有这个单位") : n < 0 ? -1 : 0;
}

static json_t *form_model(struct work *w, struct str unit_code, struct str chosen, struct str kind) {
    struct unit unit;
    json_t *o;
    size_t i;
    if (unit_asked(w, unit_code, &unit) < 0)
        return NULL;
    json_t *model = json_object(), *items = items_of_unit(w, unit.id), *kinds = json_array();
    json_array_foreach(items, i, o) {
        const char *code = json_string_value(json_object_get(o, "code"));
        json_set_bool(o, "selected", code && str_is(chosen, code));
    }
    for (const struct field_option *k = fact_kind_options; k->value; k++) {
        o = json_object();
        json_set_str(o, "value", str_z(k->value));
        json_set_str(o, "label", str_z(k->label));
        json_set_bool(o, "selected", kind.n ? str_is(kind, k->value) : k == fact_kind_options);
        json_array_append_new(kinds, o);
    }
    json_object_set_new(model, "items", items ? items : json_array());
    json_object_set_new(model, "kinds", kinds);
    json_set_str(model, "unit", unit.code);
    json_set_str(model, "unit_name", unit.name);
    return model;
}

int fact_form(struct http_request *in, struct http_response *out) {
    struct fact_form_input x;
    if (fields_read(in, &fact_form_table, &x) < 0)
        return -1;
    json_t *model = form_model(in->w, x.unit, x.item, S(""));
    return model ? view_page(out, "duty/fact_form", model) : -1;
}

static int record(struct work *w, const struct fact_input *x, int64_t *ret_id) {
    struct unit unit;
    struct item item;
    if (unit_asked(w, x->unit, &unit) < 0)
        return -1;
    if (w->actor.token_id && !x->source_ref.n)
        return fail_field(w, "source_ref", "required", "业务系统推送要写明编号");
    int n = item_by_code(w, x->item, &item);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "item", "unknown", "没有这个目录事项");
    struct fact_new f = {.item_id = item.id,
                         .unit_id = unit.id,
                         .kind = x->kind,
                         .subject = x->subject,
                         .source_ref = x->source_ref,
                         .day = x->day,
                         .number = x->number};
    return fact_record(w, &f, ret_id);
}

/* What the program gets: the fact and what is now owed. */
static json_t *recorded_json(struct work *w, int64_t fact_id) {
    struct db_rows r;
    if (db_query(w, &sql_duty_all_of_fact, &r, DB_INT(fact_id)) < 0)
        return NULL;
    json_t *o = json_object(), *duties = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *d = json_object();
        json_set_int(d, "id", db_i(&r, i, 0));
        json_set_str(d, "due", db_s(&r, i, 2));
        json_set_str(d, "state", db_s(&r, i, 3));
        json_array_append_new(duties, d);
    }
    json_set_int(o, "fact_id", fact_id);
    json_object_set_new(o, "duties", duties);
    return o;
}

static int form_again(struct http_request *in, struct http_response *out, const struct fact_input *x) {
    struct work *w = in->w;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = form_model(w, x->unit, x->item, x->kind);
    w->error = kept;
    return model ? view_form_again(in, out, "duty/fact_form", &fact_table, model) : -1;
}

int fact_create(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct fact_input x = {.day = DAY_NONE};
    int64_t fact_id, duty_id = 0;
    if (fields_read(in, &fact_table, &x) < 0 || record(w, &x, &fact_id) < 0)
        return in->api || (w->error.code != ERR_INVALID && w->error.code != ERR_CONFLICT) ? -1
                                                                                          : form_again(in, out, &x);
    if (duty_of_fact(w, fact_id, &duty_id) < 0)
        return -1;
    int rc = duty_id ? view_redirect(in, out, "/desk/duties/%lld", (long long)duty_id)
                     : view_redirect(in, out, "/desk/facts");
    if (rc == 0 && in->api) {
        json_t *model = recorded_json(w, fact_id);
        if (!model)
            return -1;
        json_decref(out->model);
        out->model = model;
    }
    return rc;
}
