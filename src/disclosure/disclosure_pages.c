/* disclosure_pages.c: the room's route table and its public pages. */
#include "disclosure/disclosure_internal.h"

struct list_input {
    struct str unit, five, field, after;
    int64_t page_size;
};
static const struct field list_fields[] = {
    FIELD(FIELD_STR, list_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_ENUM, list_input, five, "五公开", FIELD_OPTIONAL, 0, 0, five_options, NULL),
    FIELD(FIELD_STR, list_input, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10"),
    FIELD(FIELD_STR, list_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, list_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
FIELD_TABLE(list, list_input);

/* When the list was last renewed, and the same list as a feed. */
static int put_renewal(struct work *w, json_t *model, const struct list_input *x, struct disclosure_filter f) {
    struct str after, query = S("all=1&kind=document");
    f.after = STR_NONE;
    f.page_size = 1;
    json_t *one = disclosure_latest(w, &f, &after);
    if (!one)
        return -1;
    json_object_set(model, "renewed", json_object_get(json_array_get(one, 0), "day"));
    json_decref(one);
    const struct {
        const char *name;
        struct str value;
    } narrowed[] = {{"unit", x->unit}, {"five", x->five}, {"field", x->field}};
    for (size_t i = 0; i < countof(narrowed); i++)
        if (narrowed[i].value.n)
            query = str_printf(w->arena, "%.*s&%s=%.*s", STR_ARG(query), narrowed[i].name,
                               STR_ARG(str_percent(w->arena, narrowed[i].value)));
    json_set_str(model, "feed", str_printf(w->arena, "/search.atom?%.*s", STR_ARG(query)));
    json_set_str(model, "subscribe", str_printf(w->arena, "/subscribe?%.*s", STR_ARG(query)));
    return 0;
}

static int public_list(struct http_request *in, struct http_response *out) {
    struct list_input x;
    struct disclosure_filter f = {0};
    struct unit unit;
    if (fields_read(in, &list, &x) < 0)
        return -1;
    if (x.unit.n) {
        int n = unit_by_code(in->w, x.unit, &unit);
        if (n <= 0)
            return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这个单位");
        f.unit_id = unit.id;
    }
    if (x.field.n && (str_int(x.field, &f.field_id) < 0 || f.field_id < 1 || f.field_id > 26))
        return fail(in->w, ERR_NOT_FOUND, "没有这个领域");
    f.five = x.five;
    f.after = x.after;
    f.page_size = x.page_size ? x.page_size : 20;
    struct str after;
    json_t *rows = disclosure_latest(in->w, &f, &after);
    if (!rows)
        return -1;
    json_t *model = json_object();
    json_object_set_new(model, "disclosures", rows);
    view_pager(in, model, after, f.page_size);
    if (put_renewal(in->w, model, &x, f) < 0) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "disclosure/public_list", model);
}

/* The page of a publication, or its tombstone with status 410. */
static int public_model(struct http_request *in, struct http_response *out, const char *template) {
    json_t *o = disclosure_public(in->w, http_path_part(in, "id"));
    json_t *model = json_object();
    if (o && in->w->error.code == ERR_GONE) {
        error_clear(in->w);
        out->status = 410;
        json_object_set_new(model, "tombstone", o);
        return view_page(out, "disclosure/tombstone", model);
    }
    if (!o) {
        json_decref(model);
        return -1;
    }
    struct disclosure_filter f = {.page_size = 5};
    struct unit unit;
    const char *code = json_string_value(json_object_get(json_object_get(o, "unit"), "code"));
    if (unit_by_code(in->w, str_z(code), &unit) == 1)
        f.unit_id = unit.id;
    json_t *related = disclosure_latest(in->w, &f, NULL);
    json_object_set_new(model, "disclosure", o);
    json_object_set_new(model, "related", related ? related : json_array());
    return view_page(out, template, model);
}

static int public_page(struct http_request *in, struct http_response *out) {
    return public_model(in, out, "disclosure/public_page");
}
static int public_print(struct http_request *in, struct http_response *out) {
    return public_model(in, out, "disclosure/public_print");
}

/* An attachment of what is public, now or at the instant asked for; after withdrawal its address answers with the
 * tombstone. */
static int public_attachment(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct db_rows r;
    struct disclosure d;
    int64_t position, version_id;
    int n = disclosure_by_public_id(w, http_path_part(in, "id"), &d);
    if (n < 0 || http_path_int(in, "position", &position) < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_NOT_FOUND, "没有这个附件");
    n = public_version_now(w, &d, &version_id);
    if (n == 0 && w->error.code == ERR_GONE) {
        error_clear(w);
        return public_model(in, out, "disclosure/public_page");
    }
    if (n <= 0)
        return -1;
    n = db_one(w, &sql_disclosure_attachment_one, &r, DB_INT(version_id), DB_INT(position));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个附件");
    out->file = blob_path(w->arena, w->config, db_s(&r, 0, 1).p);
    out->type = str_dupz(w->arena, db_s(&r, 0, 3));
    out->download_name = db_s(&r, 0, 0);
    return 0;
}

const struct route disclosure_routes[] = {
    /* method path                                handler        permission        cache         fields flags summary */
    {HTTP_GET, "/disclosures", public_list, PERM_PUBLIC, CACHE_PUBLIC, &list, ROUTE_AS_OF, "最新公开信息"},
    {HTTP_GET, "/disclosures/{id}", public_page, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_AS_OF, "一条公开信息"},
    {HTTP_GET, "/disclosures/{id}/history", public_history, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_PLAIN,
     "一条公开信息的全部版本和变更"},
    {HTTP_GET, "/disclosures/{id}/print", public_print, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_HTML_ONLY | ROUTE_AS_OF,
     "公开信息打印稿"},
    {HTTP_GET, "/attachments/{id}/{position}", public_attachment, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_AS_OF,
     "公开信息附件"},
    {HTTP_GET, "/desk/disclosures", desk_list, PERM_DISCLOSURE_READ, NO_CACHE, &list_table, ROUTE_PLAIN,
     "公开信息办理列表"},
    {HTTP_GET, "/desk/disclosures/new", desk_new, PERM_DISCLOSURE_EDIT, NO_CACHE, &new_table, ROUTE_HTML_ONLY, "拟稿"},
    {HTTP_POST, "/desk/disclosures", desk_create, PERM_DISCLOSURE_EDIT, NO_CACHE, &input_table, ROUTE_PLAIN,
     "新建公开信息"},
    {HTTP_GET, "/desk/disclosures/{id}", desk_page, PERM_DISCLOSURE_READ, NO_CACHE, NULL, ROUTE_OWN_TX,
     "公开信息办理情况"},
    {HTTP_GET, "/desk/disclosures/{id}/edit", desk_edit, PERM_DISCLOSURE_EDIT, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "修改稿件"},
    {HTTP_POST, "/desk/disclosures/{id}", desk_save, PERM_DISCLOSURE_EDIT, NO_CACHE, &input_table, ROUTE_PLAIN,
     "保存稿件"},
    {HTTP_POST, "/desk/disclosures/{id}/steps/{verb}", desk_step, PERM_DISCLOSURE_READ, NO_CACHE, &step_table,
     ROUTE_PLAIN, "办理一步"},
    {HTTP_POST, "/desk/disclosures/{id}/attachments", desk_attach, PERM_DISCLOSURE_EDIT, NO_CACHE, &attach_table,
     ROUTE_UPLOAD | ROUTE_OWN_TX, "上传附件"},
    {HTTP_POST, "/desk/disclosures/{id}/attachments/{position}/remove", desk_detach, PERM_DISCLOSURE_EDIT, NO_CACHE,
     NULL, ROUTE_PLAIN, "移除附件"},
    {HTTP_GET, "/desk/disclosures/{id}/attachments/{version}/{position}", desk_attachment, PERM_DISCLOSURE_READ,
     NO_CACHE, NULL, ROUTE_PLAIN, "查看附件"},
    {HTTP_GET, "/{*path}", moved_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY, "转到信息现在的地址"},
    {HTTP_POST, "/desk/docx", desk_docx, PERM_DISCLOSURE_EDIT, NO_CACHE, &docx_table, ROUTE_UPLOAD | ROUTE_OWN_TX,
     "把 Word 文档转为正文"},
};
const size_t disclosure_route_count = countof(disclosure_routes);
