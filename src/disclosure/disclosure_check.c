/* disclosure_check.c: what must be there before a draft goes to review, and what a person must look at.
 * Errors stop; warnings (personal data, missing content elements, hidden text) must be accepted by name. */
#include "disclosure/disclosure_internal.h"
#include <stdio.h>

static int check_attribute(struct work *w, const struct version *v) {
    if (v->attribute.n == 0)
        return fail_field(w, "attribute", "required", "请认定公开属性：主动公开、依申请公开或不予公开");
    if (str_is(v->attribute, "active"))
        return 0;
    if (!ground_name(v->ground)[0])
        fail_field(w, "ground", "required", "依申请公开或不予公开的，须选择依据");
    if (v->ground_note.n == 0)
        fail_field(w, "ground_note", "required", "请写明不主动公开的理由");
    return w->error.code ? -1 : 0;
}

static int check_days(struct work *w, const struct version *v) {
    day_t formed, effective, expires;
    if (v->formed.n == 0 || day_parse(v->formed, &formed) < 0)
        return fail_field(w, "formed", "required", "请填写生成日期（公文的签发日期）");
    if (formed > work_today(w))
        fail_field(w, "formed", "future", "生成日期不能晚于今天");
    if (v->expires.n && v->effective.n && day_parse(v->expires, &expires) == 0 &&
        day_parse(v->effective, &effective) == 0 && expires < effective)
        fail_field(w, "expires", "order", "失效日期不能早于实施日期");
    return w->error.code ? -1 : 0;
}

/* 文号 as 机关代字〔年份〕序号号 (rules.md §7.1): six-cornered brackets, no padded serial. */
static int check_number(struct work *w, struct str number) {
    if (number.n == 0)
        return 0;
    ptrdiff_t open = str_find(number, S("〔")), close = str_find(number, S("〕"));
    bool good = open > 0 && close == open + 3 + 4 && str_ends(number, S("号"));
    int64_t year = 0, serial = 0;
    if (good) {
        struct str tail = str_sub(number, (size_t)close + 3, number.n - (size_t)close - 3 - 3);
        good = str_int(str_sub(number, (size_t)open + 3, 4), &year) == 0 && str_int(tail, &serial) == 0 && serial > 0 &&
               tail.p[0] != '0' && year >= 1949 && year <= 2100;
    }
    return good ? 0
                : fail_field(w, "number", "format", "文号应写成“机关代字〔年份〕序号号”，例如：皋政办发〔2020〕147号");
}

int check_required(struct work *w, const struct disclosure *d, const struct version *v) {
    struct db_rows files;
    if (db_query(w, &sql_disclosure_attachments, &files, DB_INT(v->id)) < 0)
        return -1;
    if (v->title.n == 0)
        fail_field(w, "title", "required", "标题不能为空");
    const struct kind *k = kind_of(d->kind);
    if (str_trim(v->body_text).n == 0 && files.n == 0 && !(k->flags & KIND_BODILESS))
        fail_field(w, "body", "required", "正文和附件至少要有一项");
    elements_required(w, k, v->elements);
    if ((k->flags & KIND_PART) && part_code_free(w, d, v->elements) < 0 && w->error.code != ERR_INVALID)
        return -1;
    if (d->item_id == 0 && k->needs_item)
        fail_field(w, "item_id", "required", "请选择所属目录事项");
    check_attribute(w, v);
    check_days(w, v);
    check_number(w, v->number);
    return w->error.code ? -1 : 0;
}

static void add_warning(json_t *list, const char *kind, struct str text, struct str where) {
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(kind));
    json_set_str(o, "text", text);
    json_set_str(o, "where", where);
    json_array_append_new(list, o);
}

static void warn_personal(struct work *w, json_t *list, json_t *found, struct str where) {
    size_t i;
    json_t *f;
    json_array_foreach(found, i, f) {
        const char *label = json_string_value(json_object_get(f, "label"));
        const char *masked = json_string_value(json_object_get(f, "masked"));
        const char *at = json_string_value(json_object_get(f, "where"));
        add_warning(list, "personal_data",
                    str_printf(w->arena, "疑似%s：%s", label ? label : "个人信息", masked ? masked : ""),
                    where.n ? str_printf(w->arena, "%.*s %s", STR_ARG(where), at ? at : "") : str_z(at));
    }
}

static bool element_there(struct str needle, const struct version *v, const struct db_rows *files) {
    bool there = str_find(v->title, needle) >= 0 || str_find(v->body_text, needle) >= 0;
    for (size_t k = 0; k < files->n && !there; k++)
        there = str_find(db_s(files, k, 0), needle) >= 0 || str_find(db_s(files, k, 1), needle) >= 0;
    return there;
}

int disclosure_elements_missing(struct work *w, int64_t item_id, day_t on, int64_t version_id, json_t **ret) {
    struct item item;
    struct version v;
    struct db_rows files;
    *ret = json_array();
    int n = item_in_force(w, item_id, on, &item);
    if (n <= 0)
        return n;
    if (version_get(w, version_id, &v) < 0 ||
        db_query(w, &sql_disclosure_attachment_texts, &files, DB_INT(version_id)) < 0)
        return -1;
    json_t *elements = item_elements(w->arena, item.elements), *e;
    size_t i;
    json_array_foreach(elements, i, e) if (!element_there(str_z(json_string_value(e)), &v, &files))
        json_array_append(*ret, e);
    json_decref(elements);
    return 0;
}

/* Elements of 公开内容（要素） that appear neither in the text nor in the attachments' names and texts. */
static int warn_elements(struct work *w, json_t *list, const struct disclosure *d, const struct version *v) {
    json_t *missing = NULL, *e;
    size_t i;
    if (d->item_id == 0)
        return 0;
    int rc = disclosure_elements_missing(w, d->item_id, work_today(w), v->id, &missing);
    json_array_foreach(missing, i, e) add_warning(
        list, "element_missing", str_printf(w->arena, "未见内容要素“%s”", json_string_value(e)), S("公开内容（要素）"));
    json_decref(missing);
    return rc;
}

static int warn_attachments(struct work *w, json_t *list, const struct version *v) {
    struct db_rows r;
    if (db_query(w, &sql_disclosure_attachments, &r, DB_INT(v->id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        struct str name = str_printf(w->arena, "附件“%.*s”", STR_ARG(db_s(&r, i, 1)));
        json_t *found = json_loadb(db_s(&r, i, 8).p, db_s(&r, i, 8).n, 0, NULL);
        warn_personal(w, list, found, name);
        json_decref(found);
        if (db_s(&r, i, 9).n)
            add_warning(list, "attachment_problem", db_s(&r, i, 9), name);
    }
    return 0;
}

json_t *check_warnings(struct work *w, const struct disclosure *d, const struct version *v) {
    json_t *list = json_array();
    json_t *in_title = pii_scan(w->arena, v->title, "标题"), *in_body = pii_scan(w->arena, v->body_text, "正文");
    warn_personal(w, list, in_title, STR_NONE);
    warn_personal(w, list, in_body, STR_NONE);
    json_decref(in_title);
    json_decref(in_body);
    static const char *const marks[] = {"绝密★", "机密★", "秘密★", "内部资料", "内部使用", "工作秘密"};
    for (size_t i = 0; i < countof(marks); i++)
        if (str_find(v->body_text, str_z(marks[i])) >= 0 || str_find(v->title, str_z(marks[i])) >= 0)
            add_warning(list, "secret_mark", str_printf(w->arena, "出现字样“%s”", marks[i]), S("保密"));
    if (warn_attachments(w, list, v) < 0 || warn_elements(w, list, d, v) < 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}
