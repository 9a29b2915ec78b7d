/* report_pages.c: the room's route table; the list of a year's reports, one report, editing, steps, files. */
#include "report/report_internal.h"

/* ── the list ── */

struct reports_input {
    int64_t year;
};
static const struct field reports_fields[] = {
    FIELD(FIELD_INT, reports_input, year, "年度", FIELD_OPTIONAL, 2008, 2100, NULL, NULL),
};
const struct field_table reports_table = {reports_fields, countof(reports_fields), sizeof(struct reports_input)};

static int this_year(struct work *w) {
    int year;
    day_split(work_today(w), &year, &(int){0}, &(int){0});
    return year;
}

static json_t *years_json(struct work *w, int chosen) {
    json_t *list = json_array();
    int last = this_year(w);
    for (int y = last; y > last - 8; y--) {
        json_t *o = json_object();
        json_set_int(o, "year", y);
        json_set_bool(o, "selected", y == chosen);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *list_row(struct work *w, const struct db_rows *units, size_t i, const struct db_rows *saved, int year) {
    bool city = str_is(db_s(units, i, 4), "city");
    json_t *o = json_object();
    int64_t published = 0;
    struct str state = S("none");
    for (size_t k = 0; k < saved->n; k++)
        if (db_i(saved, k, 0) == db_i(units, i, 0)) {
            state = db_s(saved, k, 1);
            published = str_is(db_s(saved, k, 8), "withdrawn") ? 0 : db_i(saved, k, 6);
            if (published)
                json_set_str(o, "public_href", str_printf(w->arena, "/disclosures/%.*s", STR_ARG(db_s(saved, k, 7))));
        }
    const struct flow_state *s = flow_state(&report_flow, state.p);
    int64_t due = day_end(report_deadline(city, year));
    json_set_str(o, "unit_code", db_s(units, i, 1));
    json_set_str(o, "unit_name",
                 city ? str_printf(w->arena, "全市合计（%.*s）", STR_ARG(db_s(units, i, 2))) : db_s(units, i, 2));
    json_set_bool(o, "city", city);
    json_set_str(o, "state", published ? S("published") : state);
    json_set_str(o, "state_name", str_z(published ? "已公布" : s ? s->name : "未编制"));
    json_set_str(o, "tone", str_z(published ? "green" : s ? s->tone : "grey"));
    json_set_str(o, "href", str_printf(w->arena, "/desk/reports/%d/%.*s", year, STR_ARG(db_s(units, i, 1))));
    json_object_set_new(o, "clock",
                        duty_clock(w, due, published,
                                   !published         ? "open"
                                   : published <= due ? "met"
                                                      : "met_late"));
    return o;
}

int reports_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct reports_input x;
    struct db_rows units, saved;
    if (fields_read(in, &reports_table, &x) < 0)
        return -1;
    int year = x.year ? (int)x.year : this_year(w) - 1;
    if (report_units(w, &units) < 0 || db_query(w, &sql_report_of_year, &saved, DB_INT(year)) < 0)
        return -1;
    json_t *model = json_object(), *rows = json_array();
    int published = 0;
    for (size_t i = 0; i < units.n; i++) {
        if (!org_may_quiet(w, PERM_REQUEST_READ, db_i(&units, i, 0)))
            continue;
        json_t *o = list_row(w, &units, i, &saved, year);
        published += strcmp(json_string_value(json_object_get(o, "state")), "published") == 0;
        json_array_append_new(rows, o);
    }
    json_set_int(model, "year", year);
    json_set_int(model, "next_year", year + 1);
    json_set_int(model, "count", (int64_t)json_array_size(rows));
    json_set_int(model, "published", published);
    json_object_set_new(model, "years", years_json(w, year));
    json_object_set_new(model, "reports", rows);
    return view_page(out, "report/list", model);
}

/* ── one report ── */

static int report_of_path(struct http_request *in, struct report *rp) {
    int64_t year;
    if (http_path_int(in, "year", &year) < 0)
        return -1;
    return report_load(in->w, http_path_part(in, "unit"), year > 9999 ? 9999 : (int)year, rp);
}

static int report_model(struct work *w, struct report *rp, json_t **ret) {
    struct str made, body;
    if (report_html(w, rp, true, &made) < 0 || html_sanitise(w, made, &body) < 0)
        return -1;
    json_t *o = report_json(w, rp), *course = rp->id ? event_list(w, "report", rp->id, true) : json_array();
    if (!course) {
        json_decref(o);
        return -1;
    }
    bool may = org_may_quiet(w, PERM_REPORT_EDIT, rp->unit.id);
    *ret = json_object();
    json_set_str(o, "body_sanitised_html", body);
    json_set_bool(o, "editable", may && str_is(rp->state, "draft"));
    json_object_set_new(*ret, "report", o);
    json_object_set_new(*ret, "actions", flow_actions(w, &report_flow, rp->state.p, rp));
    json_object_set_new(*ret, "course", course);
    error_clear(w); /* guards say why not by failing */
    return 0;
}

int report_page(struct http_request *in, struct http_response *out) {
    struct report rp;
    json_t *model;
    if (report_of_path(in, &rp) < 0 || report_model(in->w, &rp, &model) < 0)
        return -1;
    return view_page(out, "report/page", model);
}

/* ── editing ── */

#define CELL(name, i, label)                                                                                           \
    { name, FIELD_STR, label, FIELD_OPTIONAL, 0, 20, NULL, NULL, offsetof(struct report_input, cell[i]) }
static const struct field report_fields[] = {
    FIELD(FIELD_TEXT, report_input, overview, "一、总体情况", FIELD_OPTIONAL, 0, 20000, NULL, NULL),
    FIELD(FIELD_TEXT, report_input, problems, "五、存在的主要问题及改进情况", FIELD_OPTIONAL, 0, 20000, NULL, NULL),
    FIELD(FIELD_TEXT, report_input, other, "六、其他需要报告的事项", FIELD_OPTIONAL, 0, 20000, NULL, NULL),
    FIELD(FIELD_INT, report_input, revision, "修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_BOOL, report_input, autosave, "自动保存", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    CELL("rule_made", RULE_MADE, "规章：本年制发件数"),
    CELL("rule_repealed", RULE_REPEALED, "规章：本年废止件数"),
    CELL("rule_force", RULE_FORCE, "规章：现行有效件数"),
    CELL("norm_made", NORM_MADE, "行政规范性文件：本年制发件数"),
    CELL("norm_repealed", NORM_REPEALED, "行政规范性文件：本年废止件数"),
    CELL("norm_force", NORM_FORCE, "行政规范性文件：现行有效件数"),
    CELL("licences", LICENCES, "行政许可：本年处理决定数量"),
    CELL("penalties", PENALTIES, "行政处罚：本年处理决定数量"),
    CELL("compulsion", COMPULSION, "行政强制：本年处理决定数量"),
    CELL("charges", CHARGES, "行政事业性收费：本年收费金额（万元）"),
};
const struct field_table report_table = {report_fields, countof(report_fields), sizeof(struct report_input)};

static void set_value(json_t *form, const char *name, struct str value) {
    json_t *o = json_object();
    json_set_str(o, "value", value);
    json_object_set_new(form, name, o);
}

static json_t *form_of(struct work *w, const struct report *rp) {
    json_t *form = json_object();
    for (int i = 0; i < SECTIONS; i++)
        set_value(form, section_codes[i], rp->text[i]);
    for (int i = 0; i < CELLS2; i++)
        set_value(form, cell2_forms[i].name,
                  i == CHARGES ? charges_text(w->arena, rp->f.two[i])
                               : str_printf(w->arena, "%lld", (long long)rp->f.two[i]));
    set_value(form, "revision", str_printf(w->arena, "%lld", (long long)rp->revision));
    return form;
}

/* Said even when none: an outer one must not show through. */
static void put_error(json_t *o) {
    if (!json_object_get(o, "error"))
        json_set_str(o, "error", STR_NONE);
}

/* The form's parts as lists, so that the template says each control once. */
static void put_controls(struct work *w, json_t *model, const struct report *rp) {
    json_t *form = json_object_get(model, "form"), *cells = json_array(), *texts = json_array();
    for (int i = 0; i < CELLS2; i++) {
        json_t *o = json_copy(json_object_get(form, cell2_forms[i].name));
        json_set_str(o, "name", str_z(cell2_forms[i].name));
        json_set_str(o, "label", str_z(cell2_forms[i].label));
        json_set_str(o, "hint", STR_NONE);
        put_error(o);
        int64_t known = i == NORM_MADE       ? rp->now.known.policy_made
                        : i == NORM_REPEALED ? rp->now.known.policy_repealed
                        : i == NORM_FORCE    ? rp->now.known.policy_force
                                             : -1;
        if (known >= 0)
            json_set_str(o, "hint", str_printf(w->arena, "本系统登记的政策文件：%lld件", (long long)known));
        json_array_append_new(cells, o);
    }
    for (int i = 0; i < SECTIONS; i++) {
        json_t *o = json_copy(json_object_get(form, section_codes[i]));
        json_set_str(o, "name", str_z(section_codes[i]));
        json_set_str(o, "label", str_z(section_names[i == SECTION_OVERVIEW ? 0 : 3 + i]));
        json_set_str(o, "drafted", rp->drafted[i]);
        put_error(o);
        json_set_int(o, "rows", i == SECTION_OTHER ? 6 : 14);
        json_array_append_new(texts, o);
    }
    json_object_set_new(model, "cells", cells);
    json_object_set_new(model, "texts", texts);
}

static json_t *edit_model(struct work *w, const struct report *rp, json_t *form) {
    json_t *model = json_object();
    json_object_set_new(model, "report", report_json(w, rp));
    json_object_set_new(model, "form", form);
    put_controls(w, model, rp);
    return model;
}

int report_edit(struct http_request *in, struct http_response *out) {
    struct report rp;
    if (report_of_path(in, &rp) < 0 || org_may(in->w, PERM_REPORT_EDIT, rp.unit.id) < 0)
        return -1;
    if (!str_is(rp.state, "draft"))
        return fail(in->w, ERR_WRONG_STATE, "报告已经定稿，退回修改后才能编辑");
    return view_page(out, "report/edit", edit_model(in->w, &rp, form_of(in->w, &rp)));
}

int report_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct report_input x;
    struct report rp;
    int64_t revision = 0;
    if (report_of_path(in, &rp) < 0)
        return -1;
    if (fields_read(in, &report_table, &x) < 0 || report_save(w, &rp, &x, &revision) < 0) {
        enum error_code code = w->error.code;
        if (in->api || (code != ERR_INVALID && code != ERR_CONFLICT))
            return -1;
        json_t *model = edit_model(w, &rp, fields_form(in, &report_table));
        if (code == ERR_CONFLICT) { /* what was typed stays; what the other person saved stands beside it */
            json_t *theirs = form_of(w, &rp);
            json_set_str(json_object_get(json_object_get(model, "form"), "revision"), "value",
                         str_printf(w->arena, "%lld", (long long)rp.revision));
            json_object_set_new(model, "theirs", theirs);
        }
        return view_form_again(in, out, "report/edit", &report_table, model);
    }
    if (in->api) {
        json_set_int(out->model = json_object(), "revision", revision);
        return 0;
    }
    return view_redirect(in, out, "/desk/reports/%d/%.*s", rp.year, STR_ARG(rp.unit.code));
}

/* ── steps and files ── */

struct step_input {
    int64_t revision;
};
static const struct field step_fields[] = {
    FIELD(FIELD_INT, step_input, revision, "修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
};
const struct field_table report_step_table = {step_fields, countof(step_fields), sizeof(struct step_input)};

int report_step_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct step_input x;
    struct report rp;
    json_t *model;
    struct str verb = http_path_part(in, "verb");
    if (report_of_path(in, &rp) < 0 || fields_read(in, &report_step_table, &x) < 0)
        return -1;
    if (x.revision && x.revision != rp.revision)
        return fail(w, ERR_CONFLICT, "%s", "");
    if (report_step(w, &rp, str_dupz(w->arena, verb)) < 0) {
        if (in->api || w->error.code != ERR_WRONG_STATE)
            return -1;
        struct error why = w->error;
        if (report_model(w, &rp, &model) < 0)
            return -1;
        w->error = why;
        return view_form_again(in, out, "report/page", &report_step_table, model);
    }
    if (str_is(verb, "publish"))
        return view_redirect(in, out, "/desk/disclosures/%lld", (long long)rp.disclosure_id);
    return view_redirect(in, out, "/desk/reports/%d/%.*s", rp.year, STR_ARG(rp.unit.code));
}

struct download_input {
    struct str form;
};
static const struct field_option form_options[] = {{"html", "网页"}, {"docx", "Word"}, {"pdf", "PDF"}, {NULL, NULL}};
static const struct field download_fields[] = {
    FIELD(FIELD_ENUM, download_input, form, "格式", FIELD_REQUIRED, 0, 0, form_options, NULL),
};
const struct field_table report_file_table = {download_fields, countof(download_fields), sizeof(struct download_input)};

int report_download(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct download_input x;
    struct report rp;
    if (fields_read(in, &report_file_table, &x) < 0 || report_of_path(in, &rp) < 0 ||
        report_file(w, &rp, x.form.p, &out->body) < 0)
        return -1;
    out->type = str_is(x.form, "pdf")    ? "application/pdf"
                : str_is(x.form, "docx") ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                                         : "text/html; charset=utf-8";
    out->download_name = str_printf(w->arena, "%.*s%s.%.*s", STR_ARG(report_title(w, &rp)),
                                    str_is(rp.state, "finished") ? "" : "（未定稿）", STR_ARG(x.form));
    return 0;
}

const struct route report_routes[] = {
    /* method path handler permission cache fields flags summary */
    {HTTP_GET, "/desk/reports", reports_page, PERM_REQUEST_READ, NO_CACHE, &reports_table, ROUTE_PLAIN, "年度报告"},
    {HTTP_GET, "/desk/reports/{year}/{unit}", report_page, PERM_REQUEST_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "一份年度报告；单位代码 all 是全市合计"},
    {HTTP_GET, "/desk/reports/{year}/{unit}/edit", report_edit, PERM_REPORT_EDIT, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "编辑年度报告"},
    {HTTP_POST, "/desk/reports/{year}/{unit}", report_post, PERM_REPORT_EDIT, NO_CACHE, &report_table, ROUTE_PLAIN,
     "保存年度报告"},
    {HTTP_POST, "/desk/reports/{year}/{unit}/steps/{verb}", report_step_post, PERM_REPORT_EDIT, NO_CACHE,
     &report_step_table, ROUTE_PLAIN, "年度报告：定稿（finish）、退回修改（reopen）、生成公开稿件（publish）"},
    {HTTP_GET, "/desk/reports/{year}/{unit}/file", report_download, PERM_REQUEST_READ, NO_CACHE, &report_file_table,
     ROUTE_PLAIN, "下载年度报告：网页、Word、PDF"},
    {HTTP_GET, "/desk/requests/statistics", statistics_page, PERM_REQUEST_READ, NO_CACHE, &statistics_table,
     ROUTE_PLAIN, "依申请公开统计"},
    {HTTP_GET, "/desk/requests/remedies", remedies_page, PERM_REQUEST_READ, NO_CACHE, &remedies_table, ROUTE_PLAIN,
     "行政复议、行政诉讼：年报表四和统计数字对应的案件"},
    {HTTP_GET, "/desk/requests/statistics/export", statistics_export, PERM_REQUEST_READ, NO_CACHE, &statistics_table,
     ROUTE_PLAIN, "依申请公开统计：导出 XLSX"},
};
const size_t report_route_count = countof(report_routes);
