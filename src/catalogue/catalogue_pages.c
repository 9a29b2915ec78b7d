/* catalogue_pages.c: the room's route table; the list of catalogues, one as a table, export. */
#include "catalogue/pages_internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT_BYTES (32 * 1024 * 1024)

int model_part(json_t *model, const char *key, json_t *value) {
    return value ? json_object_set_new(model, key, value) : -1;
}

int page_end(struct http_response *out, const char *template, json_t *model, int rc) {
    if (rc == 0)
        return view_page(out, template, model);
    json_decref(model);
    return -1;
}

int catalogue_of_path(struct http_request *in, struct catalogue *ret) {
    int64_t id;
    return http_path_int(in, "id", &id) < 0 ? -1 : catalogue_get(in->w, id, ret);
}

json_t *field_options(struct work *w, int64_t selected) {
    struct db_rows r;
    if (db_query(w, &sql_field_all, &r) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        json_set_int(o, "value", db_i(&r, i, 0));
        json_set_str(o, "code", db_s(&r, i, 1));
        json_set_str(o, "label", db_s(&r, i, 2));
        json_set_bool(o, "selected", db_i(&r, i, 0) == selected);
        json_array_append_new(list, o);
    }
    return list;
}

/* ── the list, and a new supplementary or village catalogue ── */

struct new_input {
    struct str kind, unit;
};
static const struct field_option kind_options[] = {
    {"supplementary", "主动公开补充目录"}, {"village", "面向村（居）目录"}, {NULL, NULL}};
static const struct field new_fields[] = {
    FIELD(FIELD_ENUM, new_input, kind, "目录种类", FIELD_REQUIRED, 0, 0, kind_options, NULL),
    FIELD(FIELD_STR, new_input, unit, "编制单位", FIELD_REQUIRED, 0, 60, NULL, "单位全称或规范简称"),
};
FIELD_TABLE(new, new_input);

static int list_model(struct work *w, json_t *model) {
    json_object_set_new(model, "may_approve", json_boolean(actor_may(&w->actor, PERM_CATALOGUE_APPROVE)));
    return model_part(model, "catalogues", catalogues_list(w, NULL));
}

static int list_page(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    return page_end(out, "catalogue/list", model, list_model(in->w, model));
}

static int insert_catalogue(struct work *w, const struct new_input *x, const struct unit *u, int64_t *ret_id) {
    struct db_rows r;
    bool village = str_is(x->kind, "village"), town = str_is(u->kind, "town");
    struct str code = str_printf(w->arena, "%.*s-%.*s", STR_ARG(u->code), STR_ARG(x->kind));
    struct str name = str_printf(w->arena, "%.*s%s", STR_ARG(str_is(u->kind, "city") ? S("如皋市") : u->short_name),
                                 village ? "面向村（居）政务公开事项目录" : "政府信息主动公开补充目录");
    const char *level = village ? "village" : town ? "town" : "city";
    if (catalogue_id_by_code(w, code, ret_id) == 1)
        return fail_field(w, "unit", "duplicate", "这个单位已经有这种目录");
    if (db_one(w, &sql_catalogue_insert, &r, DB_TEXT(code), DB_TEXT(x->kind), DB_TEXTZ(level), DB_INT(u->id),
               DB_TEXT(name), DB_TEXTZ("here"), DB_NULL, DB_INT(village ? 2000 + u->id : 1000 + u->id),
               DB_INT(w->now)) < 0)
        return -1;
    *ret_id = db_i(&r, 0, 0);
    json_t *p = json_object();
    json_set_str(p, "code", code);
    json_set_str(p, "name", name);
    struct event e = {.room = "catalogue",
                      .verb = "made",
                      .subject_kind = "catalogue",
                      .subject_id = *ret_id,
                      .unit_id = u->id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static int make_catalogue(struct work *w, const struct new_input *x, int64_t *ret_id) {
    struct unit u;
    int n = unit_by_name(w, x->unit, &u);
    if (n <= 0)
        return n < 0 ? -1 : fail_field(w, "unit", "unknown", "没有“%.*s”这个单位", STR_ARG(x->unit));
    return org_may(w, PERM_CATALOGUE_APPROVE, u.id) < 0 ? -1 : insert_catalogue(w, x, &u, ret_id);
}

static int list_post(struct http_request *in, struct http_response *out) {
    struct new_input x;
    int64_t id;
    if (fields_read(in, &new, &x) == 0 && make_catalogue(in->w, &x, &id) == 0)
        return view_redirect(in, out, "/desk/catalogues/%lld", (long long)id);
    if (!in->w->error.field_count)
        return -1;
    json_t *model = json_object();
    return list_model(in->w, model) < 0 ? page_end(out, "", model, -1)
                                        : view_form_again(in, out, "catalogue/list", &new, model);
}

/* ── one catalogue ── */

struct show_input {
    int64_t field;
};
static const struct field show_fields[] = {
    FIELD(FIELD_INT, show_input, field, "领域", FIELD_OPTIONAL, 0, 99, NULL, "领域编号")};
FIELD_TABLE(show, show_input);

static int show_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct show_input x;
    struct catalogue c;
    if (fields_read(in, &show, &x) < 0 || catalogue_of_path(in, &c) < 0)
        return -1;
    json_t *model = json_object();
    int rc = model_part(model, "catalogue", catalogue_json(w, &c));
    if (rc == 0)
        rc = model_part(model, "table", catalogue_table(w, c.id, x.field));
    if (rc == 0)
        rc = model_part(model, "fields", field_options(w, x.field));
    if (rc == 0)
        rc = model_part(model, "course", event_list(w, "catalogue", c.id, false));
    json_set_bool(model, "may_import", org_may_quiet(w, PERM_CATALOGUE_IMPORT, c.unit_id));
    json_set_bool(model, "may_propose", actor_may(&w->actor, PERM_CATALOGUE_PROPOSE));
    if (x.field)
        json_set_int(model, "field", x.field);
    return page_end(out, "catalogue/show", model, rc);
}

/* ── export ── */

struct export_input {
    struct str format;
    int64_t field;
};
static const struct field_option format_options[] = {{"xlsx", "Excel 表格"}, {"csv", "CSV"}, {NULL, NULL}};
static const struct field export_fields[] = {
    FIELD(FIELD_ENUM, export_input, format, "格式", FIELD_OPTIONAL, 0, 0, format_options, NULL),
    FIELD(FIELD_INT, export_input, field, "领域", FIELD_OPTIONAL, 0, 99, NULL, "领域编号"),
};
FIELD_TABLE(export, export_input);

static int read_whole(struct work *w, const char *path, struct str *ret) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > EXPORT_BYTES) {
        if (fd >= 0)
            close(fd);
        return fail(w, ERR_INTERNAL, "导出文件无法读取");
    }
    char *p = arena_alloc(w->arena, (size_t)st.st_size + 1);
    ssize_t n = read(fd, p, (size_t)st.st_size);
    close(fd);
    *ret = (struct str){p, (size_t)st.st_size};
    return n == st.st_size ? 0 : fail(w, ERR_INTERNAL, "导出文件无法读取");
}

static int send_export(struct http_request *in, struct http_response *out, const struct catalogue *c,
                       const struct export_input *x) {
    struct work *w = in->w;
    const char *path, *format = str_is(x->format, "csv") ? "csv" : "xlsx";
    if (catalogue_export(w, c->id, x->field, format, &path) < 0)
        return -1;
    int rc = read_whole(w, path, &out->body);
    unlink(path);
    out->type = strcmp(format, "csv") == 0 ? "text/csv; charset=utf-8"
                                           : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    out->download_name = str_printf(w->arena, "%.*s%s%.*s.%s", STR_ARG(c->name), x->field ? "-" : "", x->field ? 2 : 0,
                                    x->field ? str_printf(w->arena, "%02d", (int)x->field).p : "", format);
    return rc;
}

static int desk_export(struct http_request *in, struct http_response *out) {
    struct export_input x;
    struct catalogue c;
    return fields_read(in, &export, &x) < 0 || catalogue_of_path(in, &c) < 0 ? -1 : send_export(in, out, &c, &x);
}

static int public_export(struct http_request *in, struct http_response *out) {
    struct export_input x;
    struct catalogue c;
    int64_t id;
    if (fields_read(in, &export, &x) < 0)
        return -1;
    int n = catalogue_id_by_code(in->w, http_path_part(in, "code"), &id);
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这张目录");
    return catalogue_get(in->w, id, &c) < 0 ? -1 : send_export(in, out, &c, &x);
}

const struct route catalogue_routes[] = {
    /* method path handler permission cache fields flags summary */
    {HTTP_GET, "/catalogues/{code}/export", public_export, PERM_PUBLIC, NO_CACHE, &export, ROUTE_HTML_ONLY,
     "下载一张目录"},
    {HTTP_GET, "/desk/catalogues", list_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_PLAIN, "三张目录"},
    {HTTP_POST, "/desk/catalogues", list_post, PERM_CATALOGUE_APPROVE, NO_CACHE, &new, ROUTE_PLAIN,
     "新建补充目录或村（居）目录"},
    {HTTP_GET, "/desk/catalogues/{id}", show_page, PERM_SIGNED_IN, NO_CACHE, &show, ROUTE_PLAIN, "一张目录"},
    {HTTP_GET, "/desk/catalogues/{id}/export", desk_export, PERM_SIGNED_IN, NO_CACHE, &export, ROUTE_HTML_ONLY,
     "导出一张目录"},
    {HTTP_GET, "/desk/catalogues/{id}/import", import_form, PERM_CATALOGUE_IMPORT, NO_CACHE, NULL, ROUTE_PLAIN,
     "导入表格"},
    {HTTP_POST, "/desk/catalogues/{id}/import", import_upload, PERM_CATALOGUE_IMPORT, NO_CACHE, &upload_table,
     ROUTE_UPLOAD | ROUTE_OWN_TX, "预检一个表格"},
    {HTTP_GET, "/desk/catalogues/{id}/propose", new_item_form, PERM_CATALOGUE_PROPOSE, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "新增事项的表单"},
    {HTTP_POST, "/desk/catalogues/{id}/propose", new_item_propose, PERM_CATALOGUE_PROPOSE, NO_CACHE, &propose_table,
     ROUTE_PLAIN, "提出新增事项"},
    {HTTP_GET, "/desk/imports/{id}", import_page, PERM_CATALOGUE_IMPORT, NO_CACHE, NULL, ROUTE_PLAIN, "预检结果"},
    {HTTP_POST, "/desk/imports/{id}/apply", import_apply_post, PERM_CATALOGUE_IMPORT, NO_CACHE, &apply_table,
     ROUTE_PLAIN, "把预检结果转为目录调整"},
    {HTTP_GET, "/desk/items/{id}", item_page, PERM_SIGNED_IN, NO_CACHE, &item_page_table, ROUTE_PLAIN,
     "一个事项的版本和经过"},
    {HTTP_GET, "/desk/items/{id}/propose", item_propose_form, PERM_CATALOGUE_PROPOSE, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "调整事项的表单"},
    {HTTP_POST, "/desk/items/{id}/propose", item_propose, PERM_CATALOGUE_PROPOSE, NO_CACHE, &propose_table, ROUTE_PLAIN,
     "提出调整事项"},
    {HTTP_GET, "/desk/proposals", proposals_page, PERM_SIGNED_IN, NO_CACHE, &proposals_table, ROUTE_PLAIN, "目录调整"},
    {HTTP_GET, "/desk/proposals/{id}", proposal_page, PERM_SIGNED_IN, NO_CACHE, &proposal_page_table, ROUTE_PLAIN,
     "一件目录调整"},
    {HTTP_POST, "/desk/proposals/{id}/{verb}", proposal_verb, PERM_SIGNED_IN, NO_CACHE, &verb_table, ROUTE_PLAIN,
     "办理一件目录调整"},
    {HTTP_GET, "/desk/limits", limits_page, PERM_CATALOGUE_PROPOSE, NO_CACHE, &limits_table, ROUTE_PLAIN,
     "需人工确定的时限"},
    {HTTP_GET, "/desk/limits/{id}", limit_form, PERM_CATALOGUE_PROPOSE, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "确定时限的表单"},
    {HTTP_POST, "/desk/limits/{id}", limit_settle, PERM_CATALOGUE_PROPOSE, NO_CACHE, &settle_table, ROUTE_PLAIN,
     "提出时限规则"},
    {HTTP_GET, "/desk/matters", matters_page, PERM_SIGNED_IN, NO_CACHE, &matters_table, ROUTE_PLAIN,
     "权责清单和公共服务事项"},
    {HTTP_POST, "/desk/matters/import", matters_import, PERM_CATALOGUE_IMPORT, NO_CACHE, &matters_import_table,
     ROUTE_UPLOAD | ROUTE_OWN_TX, "导入权责清单或公共服务事项清单"},
    {HTTP_POST, "/desk/matters/{id}/link", matter_link, PERM_CATALOGUE_PROPOSE, NO_CACHE, &matter_link_table,
     ROUTE_PLAIN, "对应目录事项，或者写明不对应的理由"},
};
const size_t catalogue_route_count = countof(catalogue_routes);
