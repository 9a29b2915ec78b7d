/* request_list.c: the workbench's list of cases: what is open, the most urgent first; the cases behind any figure; one
 * applicant's; as a page, as JSON, as a table to take away. */
#include "request/request_internal.h"

#include "request/request_desk.h"

static const struct field_option state_options[] = {
    {"submitted", "待确认"},
    {"registered", "已登记"},
    {"working", "办理中"},
    {"clarifying", "待补正"},
    {"consulting", "征求意见"},
    {"reasons", "待说明理由"},
    {"fee", "待缴费"},
    {"drafting", "拟答复"},
    {"legal", "合法性审核"},
    {"secrecy", "保密审查"},
    {"signing", "待签发"},
    {"replied", "已答复，待送达"},
    {"delivered", "已送达"},
    {"archived", "已归档"},
    {"closed", "已终止"},
    {"split", "已拆分"},
    {"all", "全部"},
    {NULL, NULL},
};
static const struct field_option remedy_options[] = {
    {"reconsideration", "行政复议"}, {"suit", "未经复议直接起诉"}, {"suit_after", "复议后起诉"}, {NULL, NULL}};
static const struct field_option column_options[] = {
    {"total", "总计"},           {"person", "自然人"},      {"company", "商业企业"}, {"research", "科研机构"},
    {"welfare", "社会公益组织"}, {"legal", "法律服务机构"}, {"other", "其他"},       {NULL, NULL}};
struct list_input {
    struct str state, unit, channel, applicant, matter, outcome, remedy, cell, column, q, after;
    int64_t officer_post, year, page_size;
    day_t from, to, closed_from, closed_to;
    bool late, extended, overdue;
};
static const struct field work_list_fields[] = {
    FIELD(FIELD_ENUM, list_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_STR, list_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_ENUM, list_input, channel, "渠道", FIELD_OPTIONAL, 0, 0, channel_options, NULL),
    FIELD(FIELD_ENUM, list_input, applicant, "申请人类别", FIELD_OPTIONAL, 0, 0, applicant_options, NULL),
    FIELD(FIELD_ENUM, list_input, matter, "申请事项", FIELD_OPTIONAL, 0, 0, matter_options, NULL),
    FIELD(FIELD_STR, list_input, outcome, "处理结果", FIELD_OPTIONAL, 0, 10, NULL, "如 R02"),
    FIELD(FIELD_ENUM, list_input, remedy, "复议诉讼", FIELD_OPTIONAL, 0, 0, remedy_options, NULL),
    FIELD(FIELD_INT, list_input, officer_post, "承办岗位", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_BOOL, list_input, late, "逾期答复", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, list_input, overdue, "逾期未办", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, list_input, extended, "延期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, from, "收到日期起", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, to, "收到日期止", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, closed_from, "办结日期起", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, list_input, closed_to, "办结日期止", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, list_input, year, "年报年度", FIELD_OPTIONAL, 2008, 2100, NULL, NULL),
    FIELD(FIELD_STR, list_input, cell, "年报单元格", FIELD_OPTIONAL, 0, 12, NULL, "如 r3.3.4"),
    FIELD(FIELD_ENUM, list_input, column, "年报列", FIELD_OPTIONAL, 0, 0, column_options, NULL),
    FIELD(FIELD_STR, list_input, q, "查找", FIELD_OPTIONAL, 0, 100, NULL,
          "申请编号、信息名称，或者申请人姓名、证件号码（须完整）"),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table work_list_table = {work_list_fields, countof(work_list_fields), sizeof(struct list_input)};

/* The unit asked for; a post of one unit sees its own unless it names one below. */
static int unit_of(struct work *w, const struct list_input *x, int64_t *ret) {
    struct unit u;
    *ret = w->actor.all_units ? 0 : w->actor.unit_id;
    if (!x->unit.n)
        return 0;
    int n = unit_by_code(w, x->unit, &u);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个单位");
    *ret = u.id;
    return org_may(w, PERM_REQUEST_READ, u.id);
}

/* One outcome, or none, is one of four like any other. */
static void outcomes_fill(struct request_wanted *q, size_t n) {
    for (; n && n < countof(q->outcomes); n++)
        q->outcomes[n] = q->outcomes[0];
}

static int outcomes_of_row(struct work *w, struct str row, struct request_wanted *q) {
    const struct request_outcome *all;
    size_t n = request_outcomes(&all), found = 0;
    for (size_t i = 0; i < n; i++)
        if (str_is(row, all[i].row)) {
            if (found == countof(q->outcomes))
                return fail(w, ERR_INTERNAL, "年报这一行的处理结果超过%zu种", found);
            q->outcomes[found++] = str_z(all[i].code);
        }
    outcomes_fill(q, found);
    return 0;
}

/* A cell of the annual table as conditions on days and outcome (rules.md §2.4). */
static int cell_of(struct work *w, const struct list_input *x, struct request_wanted *q) {
    struct str first = str_printf(w->arena, "%lld-01-01", (long long)x->year),
               last = str_printf(w->arena, "%lld-12-31", (long long)x->year),
               before = str_printf(w->arena, "%lld-12-31", (long long)x->year - 1);
    q->matter = S("access"); /* the table is of applications to disclose */
    if (x->column.n && !str_is(x->column, "total"))
        q->applicant = x->column;
    if (str_is(x->cell, "r1")) {
        q->from = first;
        q->to = last;
    } else if (str_is(x->cell, "r2")) {
        q->to = q->open_after = before;
    } else if (str_is(x->cell, "r4")) {
        q->to = q->open_after = last;
    } else {
        q->closed_from = first;
        q->closed_to = last;
        q->from = S("0001-01-01"); /* what ended before its receipt was confirmed is in no row */
        if (!str_is(x->cell, "r3.7") && outcomes_of_row(w, x->cell, q) < 0)
            return -1;
        if (!q->outcomes[0].n && !str_is(x->cell, "r3.7"))
            return fail_field(w, "cell", "unknown", "年报没有这一行");
    }
    return 0;
}

static int want(struct work *w, const struct list_input *x, struct request_wanted *q) {
    *q = (struct request_wanted){.size = x->page_size ? x->page_size : 50,
                                 .state = str_is(x->state, "all") ? STR_NONE : x->state,
                                 .all = x->state.n > 0,
                                 .channel = x->channel,
                                 .applicant = x->applicant,
                                 .matter = x->matter,
                                 .remedy = x->remedy,
                                 .text = x->q,
                                 .officer_post = x->officer_post,
                                 .late = x->late,
                                 .extended = x->extended};
    if (unit_of(w, x, &q->unit_id) < 0 || view_cursor_read(w, x->after, &q->key, &q->id) < 0)
        return -1;
    q->from = day_str(w->arena, x->from);
    q->to = day_str(w->arena, x->to);
    q->closed_from = day_str(w->arena, x->closed_from);
    q->closed_to = day_str(w->arena, x->closed_to);
    q->outcomes[0] = x->outcome;
    outcomes_fill(q, x->outcome.n ? 1 : 0);
    if (x->overdue)
        q->overdue_at = w->now;
    if (x->year && x->cell.n && cell_of(w, x, q) < 0)
        return -1;
    if (q->outcomes[0].n && !q->closed_from.n)
        q->closed_from = S("0001-01-01"); /* what is only drafted is no outcome yet */
    return 0;
}

/* ── the page ── */

static json_t *choices(const struct field_option *o, struct str chosen) {
    json_t *list = json_array();
    for (; o->value; o++) {
        json_t *one = json_pack("{s:s, s:s}", "value", o->value, "label", o->label);
        if (str_is(chosen, o->value))
            json_object_set_new(one, "selected", json_true());
        json_array_append_new(list, one);
    }
    return list;
}

/* Counts of what is open, each a link to its list. */
static json_t *counts(struct work *w, int64_t unit_id) {
    struct db_rows r;
    json_t *list = json_array();
    int rc = unit_id ? db_query(w, &sql_request_count_open, &r, DB_INT(unit_id))
                     : db_query(w, &sql_request_count_open_all, &r);
    if (rc < 0)
        return list;
    for (const struct field_option *o = state_options; o->value; o++)
        for (size_t i = 0; i < r.n; i++)
            if (str_is(db_s(&r, i, 0), o->value))
                json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "state", o->value, "label", o->label, "count",
                                                      (json_int_t)db_i(&r, i, 1)));
    return list;
}

static void put_filters(struct work *w, json_t *model, const struct list_input *x, const struct request_wanted *q) {
    const struct request_outcome *all;
    size_t n = request_outcomes(&all);
    json_t *outcomes = json_array(), *typed = json_object();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(outcomes, json_pack("{s:s, s:s, s:b}", "value", all[i].code, "label", all[i].name,
                                                  "selected", str_is(x->outcome, all[i].code)));
    json_set_str(typed, "q", x->q);
    json_set_day(w->arena, typed, "from", x->from);
    json_set_day(w->arena, typed, "to", x->to);
    json_object_set_new(model, "typed", typed);
    json_object_set_new(model, "states", choices(state_options, x->state));
    json_object_set_new(model, "channels", choices(channel_options, x->channel));
    json_object_set_new(model, "applicants", choices(applicant_options, x->applicant));
    json_object_set_new(model, "outcomes", outcomes);
    json_set_bool(model, "filtered", request_filtered(q) || x->q.n || x->state.n);
    json_set_bool(model, "late_only", x->late);
    json_set_bool(model, "overdue_only", x->overdue);
    json_set_bool(model, "extended_only", x->extended);
    if (x->cell.n)
        json_set_str(model, "cell",
                     str_printf(w->arena, "%lld年年度报告，表三 %.*s", (long long)x->year, STR_ARG(x->cell)));
    json_set_bool(model, "has_units", w->actor.all_units);
    if (w->actor.all_units)
        json_object_set_new(model, "units", request_units(w, q->unit_id));
}

int desk_requests(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct list_input x;
    struct request_wanted q;
    struct db_rows r;
    struct request *c;
    enum request_order order;
    if (fields_read(in, &work_list_table, &x) < 0 || want(w, &x, &q) < 0 || request_find(w, &q, &r, &order) < 0)
        return -1;
    int n = request_rows(w, request_ids(w, &r), r.n > (size_t)q.size ? (size_t)q.size : r.n, &c);
    if (n < 0)
        return -1;
    json_t *model = json_object(), *rows = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(rows, request_json(w, &c[i]));
    json_object_set_new(model, "requests", rows);
    json_object_set_new(model, "counts", counts(w, q.unit_id));
    put_filters(w, model, &x, &q);
    json_set_bool(model, "may_register",
                  org_may_quiet(w, PERM_REQUEST_DESK, w->actor.unit_id) ||
                      org_may_quiet(w, PERM_REQUEST_WORK, w->actor.unit_id));
    json_set_str(
        model, "table",
        str_replace(w->arena, http_with_query(in, "after", STR_NONE), S("/desk/requests"), S("/desk/requests.xlsx")));
    view_pager(in, model,
               n && r.n > (size_t)n ? view_cursor(w->arena, request_key(&c[n - 1], order), c[n - 1].id) : STR_NONE,
               q.size);
    return view_page(out, "request/desk_list", model);
}

int requests_listed(struct http_request *in, int64_t most, struct db_rows *ret) {
    struct list_input x;
    struct request_wanted q;
    enum request_order order;
    if (fields_read(in, &work_list_table, &x) < 0)
        return -1;
    x.page_size = most;
    x.after = STR_NONE;
    return want(in->w, &x, &q) < 0 ? -1 : request_find(in->w, &q, ret, &order);
}
