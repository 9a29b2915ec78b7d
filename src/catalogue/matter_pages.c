/* matter_pages.c: the lists of powers and public services, what they miss in the catalogue, import and links. */
#include "catalogue/matter_internal.h"
#include "catalogue/pages_internal.h"

#define PAGE 100

struct matters_input {
    struct str kind, after;
    bool unmapped;
};
static const struct field_option kind_options[] = {{"power", "权责清单"}, {"service", "公共服务事项"}, {NULL, NULL}};
static const struct field matters_fields[] = {
    FIELD(FIELD_ENUM, matters_input, kind, "清单", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
    FIELD(FIELD_BOOL, matters_input, unmapped, "只看未对应目录的", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, matters_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
const struct field_table matters_table = {matters_fields, countof(matters_fields), sizeof(struct matters_input)};

static void add_links(json_t *rows, const struct db_rows *links) {
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *list = json_array();
        for (size_t k = 0; k < links->n; k++) {
            if (db_i(links, k, 0) != json_integer_value(json_object_get(row, "id")))
                continue;
            json_t *o = json_object();
            json_set_int(o, "id", db_i(links, k, 1));
            json_set_str(o, "code", db_s(links, k, 2));
            json_set_str(o, "level2", db_s(links, k, 3));
            json_array_append_new(list, o);
        }
        json_set_bool(row, "open",
                      json_array_size(list) == 0 && !*json_string_value(json_object_get(row, "exemption")));
        json_object_set_new(row, "linked", list);
    }
}

static int fill(struct http_request *in, json_t *model, const struct matters_input *x, int64_t after) {
    struct work *w = in->w;
    struct db_rows r, links, counts;
    struct str kind = str_is(x->kind, "service") ? S("service") : S("power"), path = org_path(w);
    if (db_query(w, &sql_matter_list, &r, DB_TEXT(kind), DB_TEXT(path), DB_BOOL(x->unmapped), DB_INT(after)) < 0 ||
        db_query(w, &sql_matter_items, &links, DB_TEXT(kind), DB_TEXT(path), DB_INT(after)) < 0 ||
        db_one(w, &sql_matter_counts, &counts, DB_TEXT(kind), DB_TEXT(path)) < 0)
        return -1;
    json_t *rows = db_json(&r), *total = db_json_row(&counts, 0);
    bool more = r.n > PAGE;
    if (more)
        json_array_remove(rows, PAGE);
    add_links(rows, &links);
    json_set_int(total, "open", db_i(&counts, 0, 0) - db_i(&counts, 0, 1) - db_i(&counts, 0, 2));
    json_object_set_new(model, "matters", rows);
    json_object_set_new(model, "counts", total);
    json_set_str(model, "kind", kind);
    json_set_bool(model, "is_service", str_is(kind, "service"));
    json_set_bool(model, "unmapped", x->unmapped);
    json_set_bool(model, "may_import", actor_may(&w->actor, PERM_CATALOGUE_IMPORT));
    json_set_bool(model, "may_link", actor_may(&w->actor, PERM_CATALOGUE_PROPOSE));
    view_pager(in, model, more ? view_cursor(w->arena, 0, db_i(&r, PAGE - 1, 0)) : STR_NONE, PAGE);
    return 0;
}

int matters_page(struct http_request *in, struct http_response *out) {
    struct matters_input x;
    int64_t key, id = 0;
    if (fields_read(in, &matters_table, &x) < 0 || view_cursor_read(in->w, x.after, &key, &id) < 0)
        return -1;
    json_t *model = json_object();
    return page_end(out, "catalogue/matters", model, fill(in, model, &x, x.after.n ? id : 0));
}

struct matters_import_input {
    struct str kind;
    struct file_list file;
};
static const struct field matters_import_fields[] = {
    FIELD(FIELD_ENUM, matters_import_input, kind, "清单", FIELD_REQUIRED, 0, 0, kind_options, NULL),
    FIELD(FIELD_FILES, matters_import_input, file, "清单表格", FIELD_REQUIRED, 0, 1, NULL, "Excel（.xlsx）或 CSV"),
};
const struct field_table matters_import_table = {matters_import_fields, countof(matters_import_fields),
                                                 sizeof(struct matters_import_input)};

static int again(struct http_request *in, struct http_response *out, struct str kind, const struct field_table *t,
                 json_t *report) {
    struct error kept = in->w->error;
    struct matters_input x = {.kind = kind};
    json_t *model = json_object();
    error_clear(in->w);
    if (report)
        json_object_set_new(model, "report", report);
    if (fill(in, model, &x, 0) < 0)
        return page_end(out, "", model, -1);
    in->w->error = kept;
    return view_form_again(in, out, "catalogue/matters", t, model);
}

int matters_import(struct http_request *in, struct http_response *out) {
    struct matters_import_input x = {0};
    json_t *report = NULL;
    int rc = fields_read(in, &matters_import_table, &x);
    if (rc == 0)
        rc = matters_read(in->w, str_dupz(in->w->arena, x.kind), x.file.v[0].path, x.file.v[0].name, &report);
    if (rc == 0 && json_integer_value(json_object_get(report, "errors")) > 0)
        rc = fail_field(in->w, "file", "rows", "有 %lld 行读不懂，没有导入，请改好后重新导入",
                        (long long)json_integer_value(json_object_get(report, "errors")));
    if (rc == 0) {
        json_decref(report);
        return view_redirect(in, out, "/desk/matters?kind=%.*s", STR_ARG(x.kind));
    }
    if (!in->w->error.field_count) {
        json_decref(report);
        return -1;
    }
    return again(in, out, x.kind, &matters_import_table, report);
}

struct link_input {
    struct str item_code, exemption, kind;
};
static const struct field link_fields[] = {
    FIELD(FIELD_STR, link_input, item_code, "目录事项编码", FIELD_OPTIONAL, 0, 60, NULL, NULL),
    FIELD(FIELD_STR, link_input, exemption, "不对应目录事项的依据", FIELD_OPTIONAL, 0, 300, NULL,
          "法律、行政法规的规定"),
    FIELD(FIELD_ENUM, link_input, kind, "清单", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
};
const struct field_table matter_link_table = {link_fields, countof(link_fields), sizeof(struct link_input)};

int matter_link(struct http_request *in, struct http_response *out) {
    struct link_input x = {0};
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &matter_link_table, &x) == 0 && matter_link_to(in->w, id, x.item_code, x.exemption) == 0)
        return view_redirect(in, out, "/desk/matters?kind=%.*s",
                             STR_ARG(str_is(x.kind, "service") ? S("service") : S("power")));
    return in->w->error.field_count ? again(in, out, x.kind, &matter_link_table, NULL) : -1;
}
