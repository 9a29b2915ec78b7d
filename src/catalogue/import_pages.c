/* import_pages.c: a table uploaded, its dry run, and what happens next. */
#include "catalogue/pages_internal.h"

struct upload_input {
    struct file_list file;
};
static const struct field upload_fields[] = {
    FIELD(FIELD_FILES, upload_input, file, "目录表格", FIELD_REQUIRED, 0, 1, NULL, "Excel（.xlsx）或 CSV")};
const struct field_table upload_table = {upload_fields, countof(upload_fields), sizeof(struct upload_input)};

static int form_model(struct work *w, json_t *model, const struct catalogue *c) {
    int rc = model_part(model, "catalogue", catalogue_json(w, c));
    return rc == 0 ? model_part(model, "imports", import_list(w, c->id)) : rc;
}

int import_form(struct http_request *in, struct http_response *out) {
    struct catalogue c;
    if (catalogue_of_path(in, &c) < 0 || org_may(in->w, PERM_CATALOGUE_IMPORT, c.unit_id) < 0)
        return -1;
    json_t *model = json_object();
    return page_end(out, "catalogue/import", model, form_model(in->w, model, &c));
}

static int read_upload(struct http_request *in, const struct catalogue *c, int64_t *ret_id) {
    struct upload_input x;
    json_t *report;
    if (fields_read(in, &upload_table, &x) < 0)
        return -1;
    struct import_options o = {
        .catalogue_id = c->id, .path = x.file.v[0].path, .file_name = x.file.v[0].name, .effective = work_today(in->w)};
    if (catalogue_import(in->w, &o, &report) < 0)
        return -1;
    *ret_id = json_integer_value(json_object_get(report, "import_id"));
    json_decref(report);
    return 0;
}

int import_upload(struct http_request *in, struct http_response *out) {
    struct catalogue c;
    int64_t id;
    if (catalogue_of_path(in, &c) < 0 || org_may(in->w, PERM_CATALOGUE_IMPORT, c.unit_id) < 0)
        return -1;
    if (read_upload(in, &c, &id) == 0)
        return view_redirect(in, out, "/desk/imports/%lld", (long long)id);
    if (!in->w->error.field_count)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = json_object();
    if (form_model(in->w, model, &c) < 0)
        return page_end(out, "", model, -1);
    in->w->error = kept;
    return view_form_again(in, out, "catalogue/import", &upload_table, model);
}

/* ── the dry run ── */

struct apply_input {
    struct str ground;
    day_t effective;
    bool ended;
};
static const struct field apply_fields[] = {
    FIELD(FIELD_TEXT, apply_input, ground, "调整依据", FIELD_REQUIRED, 0, 1000, NULL, "法律法规、上级规定或者职能变化"),
    FIELD(FIELD_DAY, apply_input, effective, "生效日期", FIELD_REQUIRED, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, apply_input, ended, "表中没有的事项停止执行", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
const struct field_table apply_table = {apply_fields, countof(apply_fields), sizeof(struct apply_input)};

static json_t *import_in_scope(struct http_request *in, int64_t *ret_id) {
    if (http_path_int(in, "id", ret_id) < 0)
        return NULL;
    json_t *o = import_json(in->w, *ret_id);
    if (o && org_may(in->w, PERM_CATALOGUE_IMPORT,
                     json_integer_value(json_object_get(json_object_get(o, "catalogue"), "unit_id"))) == 0)
        return o;
    json_decref(o);
    return NULL;
}

int import_page(struct http_request *in, struct http_response *out) {
    int64_t id;
    json_t *model = json_object(), *day = json_object();
    json_set_day(in->w->arena, day, "value", work_today(in->w) + 1);
    json_object_set_new(model, "form", json_pack("{s:o}", "effective", day));
    return page_end(out, "catalogue/import_report", model, model_part(model, "import", import_in_scope(in, &id)));
}

int import_apply_post(struct http_request *in, struct http_response *out) {
    struct apply_input x;
    int64_t id, proposal;
    json_t *import = import_in_scope(in, &id);
    if (!import)
        return -1;
    if (fields_read(in, &apply_table, &x) == 0 &&
        import_apply(in->w, id, x.ground, x.effective, x.ended, &proposal) == 0) {
        json_decref(import);
        return view_redirect(in, out, "/desk/proposals/%lld", (long long)proposal);
    }
    if (!in->w->error.field_count) {
        json_decref(import);
        return -1;
    }
    json_t *model = json_object();
    json_object_set_new(model, "import", import);
    return view_form_again(in, out, "catalogue/import_report", &apply_table, model);
}
