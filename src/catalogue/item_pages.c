/* item_pages.c: one item with its versions, differences and course; the forms that propose a change, an end or a new
 * item. */
#include "catalogue/pages_internal.h"

/* ── one item ── */

struct item_page_input {
    int64_t from, to;
};
static const struct field item_page_fields[] = {
    FIELD(FIELD_INT, item_page_input, from, "比较：旧版本", FIELD_OPTIONAL, 0, 100000, NULL, "版本号"),
    FIELD(FIELD_INT, item_page_input, to, "比较：新版本", FIELD_OPTIONAL, 0, 100000, NULL, "版本号"),
};
const struct field_table item_page_table = {item_page_fields, countof(item_page_fields),
                                            sizeof(struct item_page_input)};

static int64_t version_id_of(const json_t *versions, int64_t number) {
    const json_t *v;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)versions, i,
                       v) if (json_integer_value(json_object_get(v, "version")) ==
                              number) return json_integer_value(json_object_get(v, "version_id"));
    return 0;
}

/* Any two versions; without a choice the newest and the one before. */
static int set_diff(struct work *w, json_t *model, const json_t *versions, const struct item_page_input *x) {
    int64_t newest = json_integer_value(json_object_get(json_array_get(versions, 0), "version"));
    int64_t to = x->to ? x->to : newest, from = x->from ? x->from : to - 1;
    int64_t a = version_id_of(versions, from), b = version_id_of(versions, to);
    struct item_row before, after;
    if (!a || !b || a == b)
        return x->from || x->to ? fail(w, ERR_NOT_FOUND, "没有要比较的版本") : 0;
    if (item_row_get(w, a, &before) < 0 || item_row_get(w, b, &after) < 0)
        return -1;
    struct item_columns old = item_row_columns(&before), new = item_row_columns(&after);
    json_t *o = json_object();
    json_set_int(o, "from", from);
    json_set_int(o, "to", to);
    json_object_set_new(o, "columns", columns_diff(w->arena, &old, &new));
    return model_part(model, "compare", o);
}

static int item_of_path(struct http_request *in, struct item_row *ret) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    int n = item_newest(in->w, id, ret);
    return n == 1 ? 0 : n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这个事项");
}

int item_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct item_page_input x;
    struct item_row row;
    struct item now;
    if (fields_read(in, &item_page_table, &x) < 0 || item_of_path(in, &row) < 0)
        return -1;
    int n = item_in_force(w, row.item.id, work_today(w), &now);
    if (n < 0)
        return -1;
    json_t *model = json_object(), *versions = item_versions(w, row.item.id);
    int rc = model_part(model, "item", item_json(w, n == 1 ? &now : &row.item));
    if (rc == 0)
        rc = model_part(model, "versions", versions);
    if (rc == 0)
        rc = set_diff(w, model, versions, &x);
    if (rc == 0)
        rc = model_part(model, "course", event_list(w, "item", row.item.id, false));
    json_set_bool(model, "may_propose", actor_may(&w->actor, PERM_CATALOGUE_PROPOSE));
    return page_end(out, "catalogue/item", model, rc);
}

/* ── proposing ── */

struct propose_input {
    struct str level1, level2, elements, basis, limit_text, owners_text, channels, audience_group, ground;
    bool audience_all, mode_active, mode_request, level_city, level_town, end, submit;
    int64_t field_id, base_version_id;
    day_t effective;
};
static const struct field propose_fields[] = {
    FIELD(FIELD_INT, propose_input, field_id, "领域", FIELD_OPTIONAL, 0, 99, NULL, NULL),
    FIELD(FIELD_STR, propose_input, level1, "一级事项", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, propose_input, level2, "二级事项", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_TEXT, propose_input, elements, "公开内容（要素）", FIELD_OPTIONAL, 0, 4000, NULL,
          "要素之间用顿号或分号隔开"),
    FIELD(FIELD_TEXT, propose_input, basis, "公开依据", FIELD_OPTIONAL, 0, 4000, NULL,
          "法律、行政法规、规章或规范性文件的名称和文号"),
    FIELD(FIELD_STR, propose_input, limit_text, "公开时限", FIELD_OPTIONAL, 0, 500, NULL,
          "如：自信息形成或者变更之日起20个工作日内"),
    FIELD(FIELD_STR, propose_input, owners_text, "公开主体", FIELD_OPTIONAL, 0, 500, NULL,
          "单位全称或规范简称，用顿号隔开"),
    FIELD(FIELD_TEXT, propose_input, channels, "公开渠道和载体", FIELD_OPTIONAL, 0, 1000, NULL,
          "如：■政府网站 ■两微一端"),
    FIELD(FIELD_BOOL, propose_input, audience_all, "公开对象：全社会", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, propose_input, audience_group, "公开对象：特定群体", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, mode_active, "公开方式：主动", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, mode_request, "公开方式：依申请公开", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, level_city, "公开层级：县级", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, level_town, "公开层级：乡级", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_TEXT, propose_input, ground, "调整依据", FIELD_OPTIONAL, 0, 1000, NULL,
          "法律法规、上级规定或者职能变化"),
    FIELD(FIELD_DAY, propose_input, effective, "生效日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, end, "停止执行这个事项", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, propose_input, submit, "同时提交审定", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, propose_input, base_version_id, "所依据的版本", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
};
const struct field_table propose_table = {propose_fields, countof(propose_fields), sizeof(struct propose_input)};

static struct item_columns columns_of_input(const struct propose_input *x) {
    return (struct item_columns){
        .level1 = x->level1,
        .level2 = x->level2,
        .elements = x->elements,
        .basis = x->basis,
        .limit_text = x->limit_text,
        .owners_text = x->owners_text,
        .channels = x->channels,
        .audience_group = x->audience_group,
        .audience_all = x->audience_all,
        .mode_active = x->mode_active,
        .mode_request = x->mode_request,
        .level_city = x->level_city,
        .level_town = x->level_town,
    };
}

/* The form as it opens: the item as it is now. */
static json_t *form_of(struct work *w, const struct item_columns *c, int64_t base_version_id) {
    json_t *form = json_object();
    for (size_t i = 0; i < item_column_count; i++) {
        const struct column *k = &item_column[i];
        json_t *o = json_object();
        json_set_str(o, "value", k->kind == COLUMN_TEXT ? column_text(c, k) : column_tick(c, k) ? S("1") : S(""));
        json_object_set_new(form, k->name, o);
    }
    json_t *base = json_object(), *day = json_object();
    json_set_int(base, "value", base_version_id);
    json_set_day(w->arena, day, "value", work_today(w) + 1);
    json_object_set_new(form, "base_version_id", base);
    json_object_set_new(form, "effective", day);
    return form;
}

static int form_model(struct work *w, json_t *model, const struct catalogue *c, const struct item_row *row,
                      int64_t field_id) {
    int rc = model_part(model, "catalogue", catalogue_json(w, c));
    if (rc == 0 && row)
        rc = model_part(model, "item", item_json(w, &row->item));
    if (rc == 0)
        rc = model_part(model, "fields", field_options(w, field_id));
    json_set_bool(model, "is_new", !row);
    return rc;
}

int item_propose_form(struct http_request *in, struct http_response *out) {
    struct item_row row;
    struct catalogue c;
    if (item_of_path(in, &row) < 0 || catalogue_get(in->w, row.item.catalogue_id, &c) < 0 ||
        may_propose(in->w, &c, row.item.id) < 0)
        return -1;
    struct item_columns now = item_row_columns(&row);
    json_t *model = json_object();
    json_object_set_new(model, "form", form_of(in->w, &now, row.item.version_id));
    return page_end(out, "catalogue/propose", model, form_model(in->w, model, &c, &row, row.item.field_id));
}

int new_item_form(struct http_request *in, struct http_response *out) {
    struct catalogue c;
    if (catalogue_of_path(in, &c) < 0)
        return -1;
    struct item_columns blank = {.audience_all = true,
                                 .mode_active = true,
                                 .level_city = str_is(c.level, "city"),
                                 .level_town = str_is(c.level, "town")};
    json_t *model = json_object();
    json_object_set_new(model, "form", form_of(in->w, &blank, 0));
    return page_end(out, "catalogue/propose", model, form_model(in->w, model, &c, NULL, 0));
}

static int propose(struct work *w, const struct catalogue *c, const struct item_row *row, const struct propose_input *x,
                   int64_t *ret_id) {
    struct item_columns after = columns_of_input(x);
    if (row && x->base_version_id && x->base_version_id != row->item.version_id)
        return fail_field(w, "level2", "conflict", "您打开表单以后，这个事项已有第 %d 版，请核对后重新填写",
                          row->item.version);
    if (!row && !x->field_id && str_is(c->kind, "standard"))
        return fail_field(w, "field_id", "required", "请选择领域");
    json_t *changes = json_array(), *change = json_object();
    json_array_append_new(changes, change);
    json_set_str(change, "op", !row ? S("add") : x->end ? S("end") : S("change"));
    if (row)
        json_set_int(change, "item_id", row->item.id);
    else
        json_set_int(change, "field_id", x->field_id);
    if (!x->end)
        json_object_set_new(change, "after", columns_json(&after));
    struct str name = row ? row->item.level2 : x->level2;
    struct proposal_new p = {.catalogue_id = c->id, .ground = x->ground, .effective = x->effective, .changes = changes};
    p.title = str_printf(w->arena, "%s事项“%.*s”",
                         !row     ? "新增"
                         : x->end ? "停止执行"
                                  : "修改",
                         STR_ARG(utf8_head(name, 60)));
    int rc = proposal_create(w, &p, ret_id);
    json_decref(changes);
    return rc == 0 && x->submit ? proposal_step(w, *ret_id, "submit", STR_NONE) : rc;
}

static int propose_end(struct http_request *in, struct http_response *out, const struct catalogue *c,
                       const struct item_row *row, const struct propose_input *x, int rc) {
    int64_t id;
    if (rc == 0 && propose(in->w, c, row, x, &id) == 0)
        return view_redirect(in, out, "/desk/proposals/%lld", (long long)id);
    if (!in->w->error.field_count)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = json_object();
    if (form_model(in->w, model, c, row, x->field_id) < 0)
        return page_end(out, "", model, -1);
    in->w->error = kept;
    return view_form_again(in, out, "catalogue/propose", &propose_table, model);
}

int item_propose(struct http_request *in, struct http_response *out) {
    struct propose_input x;
    struct item_row row;
    struct catalogue c;
    if (item_of_path(in, &row) < 0 || catalogue_get(in->w, row.item.catalogue_id, &c) < 0 ||
        may_propose(in->w, &c, row.item.id) < 0)
        return -1;
    int rc = fields_read(in, &propose_table, &x);
    return propose_end(in, out, &c, &row, &x, rc);
}

int new_item_propose(struct http_request *in, struct http_response *out) {
    struct propose_input x;
    struct catalogue c;
    if (catalogue_of_path(in, &c) < 0)
        return -1;
    int rc = fields_read(in, &propose_table, &x);
    return propose_end(in, out, &c, NULL, &x, rc);
}
