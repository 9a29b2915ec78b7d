/* limit_pages.c: time limits the parser did not understand: the list, and the form that proposes the rule. */
#include "catalogue/pages_internal.h"

struct limits_input {
    struct str after;
};
static const struct field limits_fields[] = {
    FIELD(FIELD_STR, limits_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL)};
const struct field_table limits_table = {limits_fields, countof(limits_fields), sizeof(struct limits_input)};

int limits_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct limits_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &limits_table, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    if (db_query(w, &sql_items_unsettled, &r, DB_TEXT(day_str(w->arena, work_today(w))), DB_TEXT(org_path(w)),
                 DB_INT(x.after.n ? id : 0)) < 0)
        return -1;
    json_t *model = json_object(), *all = db_json(&r);
    bool more = r.n > 50;
    if (more)
        json_array_remove(all, 50);
    json_object_set_new(model, "items", all);
    view_pager(in, model, more ? view_cursor(w->arena, 0, db_i(&r, 49, 0)) : STR_NONE, 50);
    return view_page(out, "catalogue/limits", model);
}

struct settle_input {
    struct str kind, trigger, unit, period, ground;
    int64_t n, month, day;
    day_t effective;
};
static const struct field_option kind_options[] = {
    {"event", "某一事由发生后若干日内"},
    {"periodic", "定期（每月、每季度等）"},
    {"fixed_date", "每年某月某日前"},
    {"before", "活动开始前若干日"},
    {"display", "公示不少于若干日"},
    {"continuous", "长期公开，变更后若干日内更新"},
    {NULL, NULL},
};
static const struct field_option trigger_options[] = {
    {"formed", "信息形成或者变更"}, {"decided", "作出决定"},     {"approved", "批准、批复"},
    {"received", "收到"},           {"ended", "活动、程序结束"}, {NULL, NULL},
};
static const struct field_option unit_options[] = {
    {"working_days", "个工作日"}, {"days", "日"}, {"hours", "小时"}, {"months", "个月"}, {NULL, NULL}};
static const struct field_option period_options[] = {{"week", "每周"},   {"month", "每月"}, {"quarter", "每季度"},
                                                     {"half", "每半年"}, {"year", "每年"},  {NULL, NULL}};
static const struct field settle_fields[] = {
    FIELD(FIELD_ENUM, settle_input, kind, "时限种类", FIELD_REQUIRED, 0, 0, kind_options, NULL),
    FIELD(FIELD_ENUM, settle_input, trigger, "起算事由", FIELD_OPTIONAL, 0, 0, trigger_options, "“某一事由发生后”要选"),
    FIELD(FIELD_INT, settle_input, n, "数目", FIELD_OPTIONAL, 0, 3650, NULL, "定期公开的，填期满后的天数"),
    FIELD(FIELD_ENUM, settle_input, unit, "单位", FIELD_OPTIONAL, 0, 0, unit_options, NULL),
    FIELD(FIELD_ENUM, settle_input, period, "周期", FIELD_OPTIONAL, 0, 0, period_options, "定期公开的要选"),
    FIELD(FIELD_INT, settle_input, month, "月", FIELD_OPTIONAL, 0, 12, NULL, NULL),
    FIELD(FIELD_INT, settle_input, day, "日", FIELD_OPTIONAL, 0, 31, NULL, NULL),
    FIELD(FIELD_TEXT, settle_input, ground, "依据", FIELD_REQUIRED, 0, 1000, NULL, "为什么这样确定"),
    FIELD(FIELD_DAY, settle_input, effective, "生效日期", FIELD_REQUIRED, 0, 0, NULL, NULL),
};
const struct field_table settle_table = {settle_fields, countof(settle_fields), sizeof(struct settle_input)};

static int index_of(const struct field_option *options, struct str value) {
    for (int i = 0; options[i].value; i++)
        if (str_is(value, options[i].value))
            return i;
    return -1;
}

static int rule_of(struct work *w, const struct settle_input *x, struct str limit_text, struct limit_rule *ret) {
    static const enum limit_kind kinds[] = {LIMIT_EVENT,        LIMIT_PERIODIC,    LIMIT_FIXED_DATE,
                                            LIMIT_BEFORE_EVENT, LIMIT_MIN_DISPLAY, LIMIT_CONTINUOUS};
    static const enum limit_trigger triggers[] = {TRIGGER_FORMED, TRIGGER_DECIDED, TRIGGER_APPROVED, TRIGGER_RECEIVED,
                                                  TRIGGER_ENDED};
    static const enum limit_unit units[] = {LIMIT_WORKING_DAYS, LIMIT_DAYS, LIMIT_HOURS, LIMIT_MONTHS};
    static const enum limit_period periods[] = {PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_HALF, PERIOD_YEAR};
    int kind = index_of(kind_options, x->kind), trigger = index_of(trigger_options, x->trigger),
        unit = index_of(unit_options, x->unit), period = index_of(period_options, x->period);
    struct limit_rule r = {.kind = kinds[kind], .trigger = TRIGGER_FORMED, .text = limit_text, .status = "C"};
    struct limit amount = {(int)x->n, unit >= 0 ? units[unit] : LIMIT_WORKING_DAYS};
    if (r.kind != LIMIT_FIXED_DATE && x->n < 1)
        return fail_field(w, "n", "required", "请填写数目");
    if (r.kind == LIMIT_EVENT && trigger < 0)
        return fail_field(w, "trigger", "required", "请选择起算事由");
    if (r.kind == LIMIT_PERIODIC && period < 0)
        return fail_field(w, "period", "required", "请选择周期");
    if (r.kind == LIMIT_FIXED_DATE && day_from(2023, (int)x->month, (int)x->day) == DAY_NONE)
        return fail_field(w, "month", "range", "请填写每年的月和日");
    r.limit = amount;
    if (r.kind == LIMIT_EVENT)
        r.trigger = triggers[trigger];
    if (r.kind == LIMIT_PERIODIC) {
        r.trigger = TRIGGER_PERIOD_END;
        r.period = periods[period];
        r.due_offset = amount;
    }
    if (r.kind == LIMIT_FIXED_DATE) {
        r.trigger = TRIGGER_DATE;
        r.month = (int)x->month;
        r.day = (int)x->day;
    }
    if (r.kind == LIMIT_BEFORE_EVENT)
        r.trigger = TRIGGER_EVENT_START;
    *ret = r;
    return 0;
}

static int item_of_path(struct http_request *in, struct item_row *row, struct catalogue *c) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    int n = item_newest(in->w, id, row);
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这个事项");
    return catalogue_get(in->w, row->item.catalogue_id, c) < 0 ? -1 : may_propose(in->w, c, id);
}

static json_t *options_json(const struct field_option *options) {
    json_t *list = json_array();
    for (; options->value; options++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "value", options->value, "label", options->label));
    return list;
}

static int form_model(struct work *w, json_t *model, const struct item_row *row) {
    json_object_set_new(model, "kinds", options_json(kind_options));
    json_object_set_new(model, "triggers", options_json(trigger_options));
    json_object_set_new(model, "units", options_json(unit_options));
    json_object_set_new(model, "periods", options_json(period_options));
    return model_part(model, "item", item_json(w, &row->item));
}

int limit_form(struct http_request *in, struct http_response *out) {
    struct item_row row;
    struct catalogue c;
    if (item_of_path(in, &row, &c) < 0)
        return -1;
    json_t *model = json_object(), *day = json_object();
    json_set_day(in->w->arena, day, "value", work_today(in->w) + 1);
    json_object_set_new(model, "form", json_pack("{s:o}", "effective", day));
    return page_end(out, "catalogue/limit", model, form_model(in->w, model, &row));
}

static int settle(struct work *w, const struct item_row *row, const struct settle_input *x, int64_t *ret_id) {
    struct limit_rule rule;
    struct item_columns now = item_row_columns(row);
    if (rule_of(w, x, row->item.limit_text, &rule) < 0)
        return -1;
    json_t *changes = json_pack("[{s:s, s:I, s:o, s:[o]}]", "op", "change", "item_id", (json_int_t)row->item.id,
                                "after", columns_json(&now), "limit_rules", limit_rule_json(&rule));
    struct proposal_new p = {
        .catalogue_id = row->item.catalogue_id, .ground = x->ground, .effective = x->effective, .changes = changes};
    p.title = str_printf(w->arena, "确定“%.*s”的公开时限", STR_ARG(utf8_head(row->item.level2, 60)));
    int rc = proposal_create(w, &p, ret_id);
    json_decref(changes);
    return rc;
}

int limit_settle(struct http_request *in, struct http_response *out) {
    struct settle_input x;
    struct item_row row;
    struct catalogue c;
    int64_t id;
    if (item_of_path(in, &row, &c) < 0)
        return -1;
    if (fields_read(in, &settle_table, &x) == 0 && settle(in->w, &row, &x, &id) == 0)
        return view_redirect(in, out, "/desk/proposals/%lld", (long long)id);
    if (!in->w->error.field_count)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = json_object();
    if (form_model(in->w, model, &row) < 0)
        return page_end(out, "", model, -1);
    in->w->error = kept;
    return view_form_again(in, out, "catalogue/limit", &settle_table, model);
}
