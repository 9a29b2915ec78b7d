/* disclosure_desk.c: the workbench's pages of one matter and of the list: what it is, where it stands, what can be
 * done. */
#include "disclosure/disclosure_internal.h"

struct work_list_input {
    struct str state, after;
    int64_t page_size;
};
static const struct field_option state_options[] = {
    {"draft", "拟稿"},
    {"review1", "初审"},
    {"review2", "复审"},
    {"review3", "终审"},
    {"secrecy", "保密审查"},
    {"signing", "签发"},
    {"proofreading", "校对"},
    {"ready", "待发布"},
    {"scheduled", "定时发布"},
    {"published", "已发布"},
    {"filed", "不主动公开，已备案"},
    {"expired", "已失效"},
    {"withdrawn", "已撤回"},
    {"archived", "已归档"},
    {NULL, NULL},
};
static const struct field work_list_fields[] = {
    FIELD(FIELD_ENUM, work_list_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_STR, work_list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, work_list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table list_table = {work_list_fields, countof(work_list_fields), sizeof(struct work_list_input)};

static json_t *options_json(const struct field_option *o, struct str chosen) {
    json_t *list = json_array();
    for (; o->value; o++) {
        json_t *one = json_pack("{s:s, s:s}", "value", o->value, "label", o->label);
        if (str_is(chosen, o->value))
            json_object_set_new(one, "selected", json_true());
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *list_row(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = db_json_row(r, i);
    const struct flow_state *s = flow_state(&disclosure_flow, db_s(r, i, 3).p);
    json_object_set_new(o, "state_name", json_string(s ? s->name : ""));
    json_object_set_new(o, "tone", json_string(s ? s->tone : "grey"));
    json_set_instant(w->arena, o, "published", db_i(r, i, 6));
    json_set_day(w->arena, o, "created_day", day_of(db_i(r, i, 5)));
    if (db_i(r, i, 10))
        json_object_set_new(o, "clock", duty_clock(w, db_i(r, i, 10), db_i(r, i, 11), db_s(r, i, 12).p));
    return o;
}

int desk_list(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct work_list_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &list_table, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    int64_t size = x.page_size ? x.page_size : 50;
    if (db_query(w, &sql_disclosure_work_list, &r, DB_TEXT(org_path(w)), DB_TEXT(x.state), DB_INT(id),
                 DB_INT(size + 1)) < 0)
        return -1;
    bool more = r.n > (size_t)size;
    size_t n = more ? (size_t)size : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, list_row(w, &r, i));
    json_object_set_new(model, "disclosures", rows);
    json_object_set_new(model, "states", options_json(state_options, x.state));
    view_pager(in, model, more ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, size);
    return view_page(out, "disclosure/desk_list", model);
}

/* ── one matter ── */

static json_t *reviews_json(struct work *w, int64_t id) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_review_list, &r, DB_INT(id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = db_json_row(&r, i);
        const struct flow_state *s = flow_state(&disclosure_flow, db_s(&r, i, 0).p);
        json_object_set_new(o, "step_name", json_string(s ? s->name : ""));
        json_object_set_new(o, "passed", json_boolean(str_is(db_s(&r, i, 1), "passed")));
        json_set_instant(w->arena, o, "when", db_i(&r, i, 5));
        for (const struct field_option *c = conclusion_options; c->value; c++)
            if (str_is(db_s(&r, i, 2), c->value))
                json_object_set_new(o, "conclusion_name", json_string(c->label));
        json_object_del(o, "person_id");
        json_array_append_new(list, o);
    }
    return list;
}

/* What changed since this step was last taken, or since the public version: by text. */
static json_t *changes_json(struct work *w, const struct disclosure *d, const struct version *v) {
    struct db_rows r;
    struct version before;
    int n = db_one(w, &sql_review_last_version_of, &r, DB_INT(d->id), DB_INT(v->id), DB_TEXT(d->state));
    int64_t id = n == 1 ? db_i(&r, 0, 0) : d->public_version_id != v->id ? d->public_version_id : 0;
    if (id == 0 || version_get(w, id, &before) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "since_version", before.number_of_version);
    json_object_set_new(o, "since_public", json_boolean(id == d->public_version_id));
    json_object_set_new(o, "title", text_diff(w->arena, before.title, v->title));
    json_object_set_new(o, "body", text_diff(w->arena, before.body_text, v->body_text));
    json_set_bool(o, "same_title", str_eq(before.title, v->title));
    json_set_bool(o, "same_body", str_eq(before.body_text, v->body_text));
    return o;
}

/* What the public page or history will say; the form tells whoever writes it. */
static bool reason_is_public(const char *verb) {
    static const char *const verbs[] = {"withdraw", "conceal", "correct", "expire"};
    for (size_t i = 0; i < countof(verbs); i++)
        if (strcmp(verb, verbs[i]) == 0)
            return true;
    return false;
}

/* Buttons with what each needs: a reason, a conclusion, a time. */
static json_t *actions_json(struct work *w, const struct disclosure *d) {
    json_t *all = disclosure_actions(w, d->id), *kept = json_array(), *a;
    size_t i;
    if (!all)
        return kept;
    json_array_foreach(all, i, a) {
        const char *verb = json_string_value(json_object_get(a, "verb"));
        if (strcmp(verb, "withdraw") == 0 && !d->public_version_id)
            continue;
        if (strcmp(verb, "conceal") == 0 && !json_is_true(json_object_get(a, "allowed")))
            continue; /* rare: said only where there is something to conceal */
        json_object_set_new(a, "public_reason", json_boolean(reason_is_public(verb)));
        json_object_set_new(a, "removal", json_boolean(strcmp(verb, "withdraw") == 0));
        json_object_set_new(a, "conclusion", json_boolean(str_is(d->state, "secrecy") && strcmp(verb, "pass") == 0));
        json_object_set_new(a, "time", json_boolean(strcmp(verb, "schedule") == 0));
        json_object_set_new(a, "warnings", json_boolean(strcmp(verb, "submit") == 0));
        json_array_append(kept, a);
    }
    json_decref(all);
    return kept;
}

static void add_duty(struct work *w, json_t *o, const struct disclosure *d) {
    struct duty duty;
    if (d->duty_id && duty_get(w, d->duty_id, &duty) == 0) {
        json_object_set_new(o, "duty", duty_json(w, &duty, false));
        json_object_set_new(o, "clock", duty_clock(w, duty.due_at, duty.met_at, duty.state.p));
    }
}

/* An annual report leads to the figures and cases it was made of (/desk/reports). */
static void add_report(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    struct str year = element_value(w->arena, v->elements, ELEMENT_YEAR);
    if (str_is(d->kind, "report") && year.n)
        json_set_str(o, "report_href",
                     str_printf(w->arena, "/desk/reports/%.*s/%.*s", STR_ARG(year), STR_ARG(d->unit_code)));
}

static json_t *matter_json(struct work *w, const struct disclosure *d, const struct version *v) {
    const struct flow_state *s = flow_state(&disclosure_flow, str_dupz(w->arena, d->state));
    struct item item;
    json_t *o = version_json(v);
    json_set_int(o, "id", d->id);
    json_set_str(o, "public_id", d->public_id);
    json_set_str(o, "index_number", d->index_number);
    json_set_str(o, "state", d->state);
    json_object_set_new(o, "state_name", json_string(s ? s->name : ""));
    json_object_set_new(o, "tone", json_string(s ? s->tone : "grey"));
    json_set_int(o, "revision", d->revision);
    json_object_set_new(
        o, "unit",
        json_pack("{s:s%, s:s%}", "name", d->unit_name.p, d->unit_name.n, "code", d->unit_code.p, d->unit_code.n));
    json_set_str(o, "five", d->five);
    json_object_set_new(o, "five_name", json_string(five_name(d->five)));
    json_set_int(o, "item_id", d->item_id);
    json_set_int(o, "duty_id", d->duty_id);
    json_set_bool(o, "is_public", d->public_version_id != 0);
    json_set_bool(o, "demo", d->demo);
    json_set_bool(o, "part", kind_of(d->kind)->flags & KIND_PART);
    json_object_set_new(o, "kind_name", json_string(disclosure_kind_name(d->kind)));
    json_object_set_new(o, "elements", elements_json(w, kind_of(d->kind), v->elements));
    json_set_str(o, "interprets", element_value(w->arena, v->elements, ELEMENT_INTERPRETS));
    json_set_bool(o, "editable", str_is(d->state, "draft") && org_may_quiet(w, PERM_DISCLOSURE_EDIT, d->unit_id));
    json_set_instant(w->arena, o, "publish_at", d->publish_at);
    json_set_instant(w->arena, o, "published", d->published_at);
    if (d->withdrawn_at) {
        json_set_instant(w->arena, o, "withdrawn", d->withdrawn_at);
        json_set_str(o, "withdraw_reason", d->withdraw_reason);
    }
    if (d->item_id && item_in_force(w, d->item_id, work_today(w), &item) == 1)
        json_object_set_new(o, "item", item_json(w, &item));
    add_duty(w, o, d);
    add_report(w, o, d, v);
    json_object_set_new(o, "attachments", attachments_json(w, d, v->id, true));
    return o;
}

static int matter_load(struct http_request *in, struct disclosure *d, struct version *v) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || disclosure_get(in->w, id, d) < 0 ||
        org_may(in->w, PERM_DISCLOSURE_READ, d->unit_id) < 0)
        return -1;
    return version_get(in->w, d->draft_version_id, v);
}

/* Who looked is for the replay; here it would bury what was done. Takes the reference. */
static json_t *without_reads(json_t *course) {
    for (size_t i = json_array_size(course); i-- > 0;)
        if (strcmp(json_string_value(json_object_get(json_array_get(course, i), "verb")), "read") == 0)
            json_array_remove(course, i);
    return course;
}

static json_t *matter_model(struct work *w, const struct disclosure *d, const struct version *v) {
    json_t *model = json_object();
    json_object_set_new(model, "disclosure", matter_json(w, d, v));
    json_object_set_new(model, "actions", actions_json(w, d));
    json_object_set_new(model, "conclusions", options_json(conclusion_options, STR_NONE));
    json_object_set_new(model, "removals", options_json(removal_options, STR_NONE));
    json_object_set_new(model, "reviews", reviews_json(w, d->id));
    json_t *warnings = check_warnings(w, d, v);
    json_object_set_new(model, "warnings", warnings ? warnings : json_array());
    json_object_set_new(model, "warning_count", json_integer((json_int_t)json_array_size(warnings)));
    json_t *changes = changes_json(w, d, v);
    if (changes)
        json_object_set_new(model, "changes", changes);
    json_t *course = event_list(w, "disclosure", d->id, true);
    json_object_set_new(model, "course", course ? without_reads(course) : json_array());
    return model;
}

int desk_page(struct http_request *in, struct http_response *out) {
    struct disclosure d;
    struct version v;
    if (matter_load(in, &d, &v) < 0)
        return -1;
    disclosure_read_on_record(in->w, d.id);
    return view_page(out, "disclosure/desk_page", matter_model(in->w, &d, &v));
}

/* ── steps ── */

struct step_input {
    struct str reason, conclusion, removal;
    int64_t publish_at, revision;
    bool accept_warnings;
};
static const struct field step_fields[] = {
    FIELD(FIELD_TEXT, step_input, reason, "理由", FIELD_OPTIONAL, 0, 1000, NULL, NULL),
    FIELD(FIELD_ENUM, step_input, conclusion, "保密审查结论", FIELD_OPTIONAL, 0, 0, conclusion_options, NULL),
    FIELD(FIELD_ENUM, step_input, removal, "以前时点是否可查", FIELD_OPTIONAL, 0, 0, removal_options, NULL),
    FIELD(FIELD_INSTANT, step_input, publish_at, "发布时间", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, step_input, revision, "稿件修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_BOOL, step_input, accept_warnings, "已核对提示", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
const struct field_table step_table = {step_fields, countof(step_fields), sizeof(struct step_input)};

int desk_step(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct step_input x;
    struct disclosure d;
    struct version v;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    struct disclosure_step step = {0};
    int rc = fields_read(in, &step_table, &x);
    if (rc == 0) {
        step = (struct disclosure_step){x.reason, x.conclusion, x.removal, x.publish_at, x.accept_warnings, x.revision};
        rc = disclosure_step(w, id, str_dupz(w->arena, http_path_part(in, "verb")), &step);
    }
    if (rc == 0 && in->api && matter_load(in, &d, &v) == 0)
        return view_page(out, NULL, matter_model(w, &d, &v));
    if (rc == 0)
        return view_redirect(in, out, "/desk/disclosures/%lld", (long long)id);
    if (in->api || w->error.code != ERR_INVALID)
        return -1;
    /* The page again with what was typed; its own errors must not hide the step's. */
    struct error kept = w->error;
    error_clear(w);
    if (matter_load(in, &d, &v) < 0)
        return -1;
    json_t *model = matter_model(w, &d, &v);
    w->error = kept;
    return view_form_again(in, out, "disclosure/desk_page", &step_table, model);
}
