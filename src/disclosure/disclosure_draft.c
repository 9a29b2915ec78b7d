/* disclosure_draft.c: the workbench's writing pages: new, edit, save, attachments, opening a Word document. */
#include "disclosure/disclosure_internal.h"

#define ELEMENT(name, e, label)                                                                                        \
    { name, FIELD_STR, label, FIELD_OPTIONAL, 0, 1000, NULL, NULL, offsetof(struct disclosure_input, el[e]) }
static const struct field input_fields[] = {
    FIELD(FIELD_STR, disclosure_input, title, "标题", FIELD_REQUIRED, 0, LIMIT_TITLE_CHARS, NULL, NULL),
    FIELD(FIELD_STR, disclosure_input, number, "文号", FIELD_OPTIONAL, 0, 60, NULL,
          "如：皋政办发〔2020〕147号；没有文号可不填"),
    FIELD(FIELD_HTML, disclosure_input, body, "正文", FIELD_OPTIONAL, 0, 6 * 1024 * 1024, NULL, NULL),
    FIELD(FIELD_TEXT, disclosure_input, summary, "内容概述", FIELD_OPTIONAL, 0, 200, NULL, "不超过200字"),
    FIELD(FIELD_STR, disclosure_input, keywords, "主题词", FIELD_OPTIONAL, 0, 100, NULL, "用空格分开"),
    FIELD(FIELD_ENUM, disclosure_input, attribute, "公开属性", FIELD_OPTIONAL, 0, 0, attribute_options,
          "由拟稿人在源头认定"),
    FIELD(FIELD_ENUM, disclosure_input, ground, "不主动公开的依据", FIELD_OPTIONAL, 0, 0, ground_options, NULL),
    FIELD(FIELD_TEXT, disclosure_input, ground_note, "不主动公开的理由", FIELD_OPTIONAL, 0, 500, NULL, NULL),
    FIELD(FIELD_ENUM, disclosure_input, genre, "体裁", FIELD_OPTIONAL, 0, 0, genre_options, NULL),
    FIELD(FIELD_ENUM, disclosure_input, theme, "主题分类", FIELD_OPTIONAL, 0, 0, theme_options, NULL),
    FIELD(FIELD_ENUM, disclosure_input, validity, "有效性", FIELD_OPTIONAL, 0, 0, validity_options, NULL),
    FIELD(FIELD_ENUM, disclosure_input, five, "五公开类别", FIELD_OPTIONAL, 0, 0, five_options, NULL),
    FIELD(FIELD_DAY, disclosure_input, formed, "生成日期", FIELD_OPTIONAL, 0, 0, NULL, "公文的签发日期或信息形成之日"),
    FIELD(FIELD_DAY, disclosure_input, effective, "实施日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, disclosure_input, expires, "失效日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, disclosure_input, item_id, "目录事项", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, disclosure_input, duty_id, "应公开任务", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_STR, disclosure_input, source, "信息来源", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, disclosure_input, revision, "稿件修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, disclosure_input, unit_id, "单位", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_BOOL, disclosure_input, autosave, "自动保存", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_ENUM, disclosure_input, kind, "种类", FIELD_OPTIONAL, 0, 0, kind_options, "新建时确定，以后不变"),
    ELEMENT("el_interprets", ELEMENT_INTERPRETS, "解读的文件"),
    ELEMENT("el_opinions_until", ELEMENT_OPINIONS_UNTIL, "征求意见截止日"),
    ELEMENT("el_opinions_to", ELEMENT_OPINIONS_TO, "意见提交方式"),
    ELEMENT("el_year", ELEMENT_YEAR, "年度"),
    ELEMENT("el_address", ELEMENT_ADDRESS, "办公地址"),
    ELEMENT("el_hours", ELEMENT_HOURS, "办公时间"),
    ELEMENT("el_telephone", ELEMENT_TELEPHONE, "联系电话"),
    ELEMENT("el_head", ELEMENT_HEAD, "负责人姓名"),
    ELEMENT("el_short_reason", ELEMENT_SHORT_REASON, "缩短征求意见期限的理由"),
    ELEMENT("el_opinions_result", ELEMENT_OPINIONS_RESULT, "意见采纳情况"),
    ELEMENT("el_code", ELEMENT_CODE, "代码"),
    ELEMENT("el_search", ELEMENT_SEARCH, "收录的信息"),
    ELEMENT("el_link", ELEMENT_LINK, "链接地址"),
    ELEMENT("el_order", ELEMENT_ORDER, "排列次序"),
};
const struct field_table input_table = {input_fields, countof(input_fields), sizeof(struct disclosure_input)};

struct new_input {
    int64_t duty, item;
    struct str kind;
};
static const struct field new_fields[] = {
    FIELD(FIELD_INT, new_input, duty, "应公开任务", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, new_input, item, "目录事项", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_ENUM, new_input, kind, "种类", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
};
const struct field_table new_table = {new_fields, countof(new_fields), sizeof(struct new_input)};

struct attach_input {
    struct file_list files;
};
static const struct field attach_fields[] = {
    FIELD(FIELD_FILES, attach_input, files, "附件", FIELD_REQUIRED, 0, LIMIT_UPLOAD_BYTES, NULL,
          "PDF、Word、Excel、图片等，单个不超过100 MB"),
};
const struct field_table attach_table = {attach_fields, countof(attach_fields), sizeof(struct attach_input)};
const struct field_table docx_table = {attach_fields, countof(attach_fields), sizeof(struct attach_input)};

/* Choices, the unit's items, and what a form shows of the item and the duty it is written for. */
static int form_parts(struct work *w, json_t *model, int64_t unit_id, int64_t item_id, int64_t duty_id) {
    static const struct {
        const char *name;
        const struct field_option *options;
    } sets[] = {
        {"attributes", attribute_options}, {"grounds", ground_options},      {"genres", genre_options},
        {"themes", theme_options},         {"validities", validity_options}, {"fives", five_options},
    };
    for (size_t i = 0; i < countof(sets); i++) {
        json_t *list = json_array();
        for (const struct field_option *o = sets[i].options; o->value; o++)
            json_array_append_new(list, json_pack("{s:s, s:s}", "value", o->value, "label", o->label));
        json_object_set_new(model, sets[i].name, list);
    }
    struct item item;
    struct duty duty;
    if (item_id && item_in_force(w, item_id, work_today(w), &item) == 1)
        json_object_set_new(model, "item", item_json(w, &item));
    if (duty_id && duty_get(w, duty_id, &duty) == 0 && duty.unit_id == unit_id) {
        json_object_set_new(model, "duty", duty_json(w, &duty, false));
        json_object_set_new(model, "clock", duty_clock(w, duty.due_at, duty.met_at, duty.state.p));
    }
    json_t *items = items_of_unit(w, unit_id), *o;
    size_t i;
    json_array_foreach(items, i, o) if (json_integer_value(json_object_get(o, "id")) == item_id)
        json_object_set_new(o, "selected", json_true());
    json_object_set_new(model, "items", items ? items : json_array());
    return w->error.code ? -1 : 0;
}

/* form.<field>.value as a page shows them, from a saved version. */
static void set_value(json_t *form, const char *name, struct str value) {
    json_t *o = json_object();
    json_set_str(o, "value", value);
    json_object_set_new(form, name, o);
}

static json_t *version_form(struct work *w, const struct disclosure *d, const struct version *v) {
    json_t *f = json_object();
    const struct {
        const char *name;
        struct str value;
    } parts[] = {
        {"title", v->title},       {"number", v->number},
        {"body", v->body},         {"summary", v->summary},
        {"genre", v->genre},       {"theme", v->theme},
        {"source", v->source},     {"attribute", v->attribute},
        {"ground", v->ground},     {"ground_note", v->ground_note},
        {"formed", v->formed},     {"effective", v->effective},
        {"expires", v->expires},   {"validity", v->validity},
        {"keywords", v->keywords}, {"five", d->five},
    };
    for (size_t i = 0; i < countof(parts); i++)
        set_value(f, parts[i].name, parts[i].value);
    set_value(f, "item_id", str_printf(w->arena, "%lld", (long long)d->item_id));
    set_value(f, "duty_id", str_printf(w->arena, "%lld", (long long)d->duty_id));
    set_value(f, "revision", str_printf(w->arena, "%lld", (long long)d->revision));
    elements_to_form(w, f, v->elements);
    return f;
}

/* The kind with its own fields, and the kinds a new one may be of. */
static void put_kind(struct work *w, json_t *model, struct str code) {
    const struct kind *k = kind_of(code);
    json_t *kinds = json_array();
    json_object_set_new(model, "kind",
                        json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}", "code", k->code, "name", k->name, "about", k->about,
                                  "needs_item", k->needs_item, "part", (k->flags & KIND_PART) != 0, "text",
                                  !(k->flags & KIND_NO_TEXT)));
    json_t *own = elements_form(w, k, json_object_get(model, "form"));
    json_object_set_new(model, "has_kind_fields", json_boolean(json_array_size(own) > 0));
    json_object_set_new(model, "kind_fields", own);
    for (const struct field_option *o = kind_options; o->value; o++)
        if (!str_is(code, o->value) && (kind_of(str_z(o->value))->flags & KIND_PART) == (k->flags & KIND_PART))
            json_array_append_new(kinds, json_pack("{s:s, s:s}", "code", o->value, "name", o->label));
    json_object_set_new(model, "kinds", kinds);
}

/* Marks the chosen option in each list of the model by the form's values. */
static void mark_selected(json_t *model) {
    static const char *const pairs[][2] = {{"attributes", "attribute"}, {"grounds", "ground"},      {"genres", "genre"},
                                           {"themes", "theme"},         {"validities", "validity"}, {"fives", "five"}};
    json_t *form = json_object_get(model, "form"), *o;
    size_t i;
    for (size_t k = 0; k < countof(pairs); k++) {
        const char *value = json_string_value(json_object_get(json_object_get(form, pairs[k][1]), "value"));
        json_array_foreach(json_object_get(model, pairs[k][0]), i, o) {
            if (value && strcmp(value, json_string_value(json_object_get(o, "value"))) == 0)
                json_object_set_new(o, "selected", json_true());
        }
    }
}

int desk_new(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct new_input x;
    struct duty duty = {0};
    if (fields_read(in, &new_table, &x) < 0)
        return -1;
    int64_t unit_id = w->actor.unit_id;
    if (x.duty) {
        if (duty_get(w, x.duty, &duty) < 0 || org_may(w, PERM_DISCLOSURE_EDIT, duty.unit_id) < 0)
            return -1;
        unit_id = duty.unit_id;
        x.item = duty.item_id;
    }
    if (!unit_id)
        return fail(w, ERR_FORBIDDEN, "请先选择一个岗位");
    json_t *model = json_object(), *form = json_object();
    set_value(form, "item_id", str_printf(w->arena, "%lld", (long long)x.item));
    set_value(form, "duty_id", str_printf(w->arena, "%lld", (long long)x.duty));
    set_value(form, "attribute", S("active"));
    set_value(form, "validity", S("valid"));
    day_t formed = x.duty ? day_of(duty.trigger_at) : work_today(w); /* a period's end may lie ahead */
    set_value(form, "formed", day_str(w->arena, formed > work_today(w) ? work_today(w) : formed));
    set_value(form, "source", w->actor.unit_name);
    json_object_set_new(model, "form", form);
    json_set_int(model, "unit_id", unit_id);
    json_set_bool(model, "is_new", true);
    if (form_parts(w, model, unit_id, x.item, x.duty) < 0) {
        json_decref(model);
        return -1;
    }
    mark_selected(model);
    put_kind(w, model, x.kind);
    return view_page(out, "disclosure/edit", model);
}

static json_t *attachments_model(struct work *w, const struct disclosure *d, const struct version *v) {
    json_t *model = json_object();
    json_object_set_new(model, "attachments", attachments_json(w, d, v->id, true));
    json_object_set_new(model, "disclosure",
                        json_pack("{s:I, s:I, s:s%}", "id", (json_int_t)d->id, "revision", (json_int_t)d->revision,
                                  "title", d->title.p, d->title.n));
    return model;
}

static int again(struct http_request *in, struct http_response *out, int64_t id, int64_t unit_id, int64_t item_id,
                 int64_t duty_id) {
    struct work *w = in->w;
    struct error kept = w->error;
    struct disclosure d = {0};
    struct version v;
    error_clear(w);
    json_t *model;
    if (id && disclosure_get(w, id, &d) == 0 && version_get(w, d.draft_version_id, &v) == 0) {
        model = attachments_model(w, &d, &v);
        /* The other's text beside one's own; the next save starts from the newest revision on purpose. */
        if (kept.code == ERR_CONFLICT) {
            json_object_set_new(
                model, "theirs",
                json_pack("{s:s%, s:s%}", "title", v.title.p, v.title.n, "text", v.body_text.p, v.body_text.n));
            json_set_int(model, "newest_revision", d.revision);
        }
    } else {
        model = json_object();
        json_set_bool(model, "is_new", true);
    }
    json_set_int(model, "unit_id", unit_id);
    form_parts(w, model, unit_id, item_id, duty_id);
    w->error = kept;
    json_t *form = fields_form(in, &input_table);
    json_object_set_new(model, "form", form);
    mark_selected(model);
    put_kind(w, model, id ? d.kind : str_z(json_string_value(json_object_get(json_object_get(form, "kind"), "value"))));
    return view_form_again(in, out, "disclosure/edit", &input_table, model);
}

int desk_create(struct http_request *in, struct http_response *out) {
    struct disclosure_input x = {0};
    int64_t id, unit_id = in->w->actor.unit_id;
    int rc = fields_read(in, &input_table, &x);
    if (x.unit_id)
        unit_id = x.unit_id;
    if (rc == 0)
        rc = disclosure_create(in->w, unit_id, &x, &id);
    if (rc < 0)
        return in->api || (in->w->error.code != ERR_INVALID && in->w->error.code != ERR_TOO_LARGE)
                   ? -1
                   : again(in, out, 0, unit_id, x.item_id, x.duty_id);
    if (in->api) {
        out->status = 201;
        out->location = str_printf(in->w->arena, "/api/v1/desk/disclosures/%lld", (long long)id).p;
        return view_page(out, NULL, json_pack("{s:I, s:i}", "id", (json_int_t)id, "revision", 1));
    }
    return view_redirect(in, out, "/desk/disclosures/%lld/edit", (long long)id);
}

int desk_edit(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct disclosure d;
    struct version v;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || disclosure_get(w, id, &d) < 0 ||
        org_may(w, PERM_DISCLOSURE_EDIT, d.unit_id) < 0 || version_get(w, d.draft_version_id, &v) < 0)
        return -1;
    if (!str_is(d.state, "draft"))
        return view_redirect(in, out, "/desk/disclosures/%lld", (long long)id);
    json_t *model = attachments_model(w, &d, &v);
    json_object_set_new(model, "form", version_form(w, &d, &v));
    json_set_int(model, "unit_id", d.unit_id);
    if (form_parts(w, model, d.unit_id, d.item_id, d.duty_id) < 0) {
        json_decref(model);
        return -1;
    }
    mark_selected(model);
    put_kind(w, model, d.kind);
    json_t *warnings = check_warnings(w, &d, &v);
    json_object_set_new(model, "warnings", warnings ? warnings : json_array());
    return view_page(out, "disclosure/edit", model);
}

int desk_save(struct http_request *in, struct http_response *out) {
    struct disclosure_input x = {0};
    struct disclosure d;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || disclosure_get(in->w, id, &d) < 0 ||
        org_may(in->w, PERM_DISCLOSURE_EDIT, d.unit_id) < 0)
        return -1;
    int rc = fields_read(in, &input_table, &x);
    if (rc == 0)
        rc = disclosure_save(in->w, id, &x);
    if (rc < 0) {
        enum error_code c = in->w->error.code;
        bool typed = c == ERR_INVALID || c == ERR_CONFLICT || c == ERR_TOO_LARGE || c == ERR_WRONG_STATE;
        return in->api || !typed ? -1 : again(in, out, id, d.unit_id, x.item_id, x.duty_id);
    }
    if (in->api)
        return view_page(out, NULL,
                         json_pack("{s:I, s:I, s:s}", "id", (json_int_t)id, "revision", (json_int_t)(x.revision + 1),
                                   "saved_at", instant_rfc3339(in->w->arena, in->w->now).p));
    return view_redirect(in, out, "/desk/disclosures/%lld", (long long)id);
}

/* Files are stored first (slow, outside a transaction), then named by the draft in one short transaction. */
int desk_attach(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct attach_input x;
    struct disclosure d;
    struct version v;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || disclosure_get(w, id, &d) < 0 ||
        org_may(w, PERM_DISCLOSURE_EDIT, d.unit_id) < 0 || fields_read(in, &attach_table, &x) < 0)
        return -1;
    struct blob *blobs = arena_many(w->arena, struct blob, x.files.n + 1);
    for (size_t i = 0; i < x.files.n; i++)
        if (blob_take(w, w->config, &x.files.v[i], "files", &blobs[i]) < 0)
            return -1;
    if (db_begin(w) < 0)
        return -1;
    for (size_t i = 0; i < x.files.n; i++)
        if (disclosure_attach(w, id, blobs[i].id, x.files.v[i].name) < 0) {
            db_rollback(w);
            return -1;
        }
    if (db_exec(w, &sql_disclosure_touch, DB_INT(id)) < 0) {
        db_rollback(w);
        return -1;
    }
    if (db_commit(w) < 0)
        return -1;
    if (!in->api)
        return view_redirect(in, out, "/desk/disclosures/%lld/edit", (long long)id);
    out->status = 201;
    return disclosure_get(w, id, &d) < 0 || version_get(w, d.draft_version_id, &v) < 0
               ? -1
               : view_page(out, NULL, attachments_model(w, &d, &v));
}

int desk_detach(struct http_request *in, struct http_response *out) {
    int64_t id, position;
    if (http_path_int(in, "id", &id) < 0 || http_path_int(in, "position", &position) < 0 ||
        disclosure_detach(in->w, id, position) < 0 || db_exec(in->w, &sql_disclosure_touch, DB_INT(id)) < 0)
        return -1;
    return view_redirect(in, out, "/desk/disclosures/%lld/edit", (long long)id);
}

int desk_attachment(struct http_request *in, struct http_response *out) {
    struct disclosure d;
    struct version v;
    struct db_rows r;
    int64_t id, version, position;
    if (http_path_int(in, "id", &id) < 0 || http_path_int(in, "version", &version) < 0 ||
        http_path_int(in, "position", &position) < 0 || disclosure_get(in->w, id, &d) < 0 ||
        org_may(in->w, PERM_DISCLOSURE_READ, d.unit_id) < 0 || version_get(in->w, version, &v) < 0)
        return -1;
    int n = v.disclosure_id == id ? db_one(in->w, &sql_disclosure_attachment_one, &r, DB_INT(version), DB_INT(position))
                                  : 0;
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这个附件");
    out->file = blob_path(in->w->arena, in->w->config, db_s(&r, 0, 1).p);
    out->type = str_dupz(in->w->arena, db_s(&r, 0, 3));
    out->download_name = db_s(&r, 0, 0);
    return 0;
}

/* A .docx becomes clean HTML for the editor; nothing is kept. */
int desk_docx(struct http_request *in, struct http_response *out) {
    struct attach_input x;
    struct str html, clean;
    if (fields_read(in, &docx_table, &x) < 0)
        return -1;
    if (x.files.n != 1)
        return fail_field(in->w, "files", "count", "请选择一个 Word 文档（.docx）");
    if (docx_to_html(in->w, x.files.v[0].path, &html) < 0 || html_sanitise(in->w, html, &clean) < 0)
        return -1;
    json_t *model = json_object();
    json_set_str(model, "html", clean);
    json_set_str(model, "name", x.files.v[0].name);
    return view_page(out, "disclosure/docx", model);
}
