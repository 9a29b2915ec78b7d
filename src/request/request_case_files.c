/* request_case_files.c: files of a case: what came with it, originals, what is handed out, opinions, proofs. All are
 * sealed; looking at an identity document is on record. What is handed out is fixed from the submission for review on.
 */
#include "request/request_internal.h"

#include "request/request_desk.h"

#define FILES_MAX 100

static const struct field_option role_options[] = {{"source", "原件（待审查、待遮盖）"},
                                                   {"released", "提供给申请人的信息"},
                                                   {"opinion", "第三方或者其他机关的意见"},
                                                   {"proof", "送达、缴费等凭证"},
                                                   {NULL, NULL}};

static const char *use_name(struct str role) {
    static const char *const more[][2] = {{"identity", "身份证明"}, {"material", "申请材料"}};
    for (size_t i = 0; i < countof(more); i++)
        if (str_is(role, more[i][0]))
            return more[i][1];
    return field_option_label(role_options, role);
}

/* Proofs may come after the reply; everything else is fixed while it is reviewed, and after. */
int request_files_open(struct work *w, const struct request *c, struct str role) {
    static const char *const open_states[] = {"registered", "working", "clarifying", "consulting",
                                              "reasons",    "fee",     "drafting"};
    static const char *const proof_states[] = {"replied", "delivered", "closed"};
    for (size_t i = 0; i < countof(open_states); i++)
        if (str_is(c->state, open_states[i]))
            return 0;
    for (size_t i = 0; i < countof(proof_states) && str_is(role, "proof"); i++)
        if (str_is(c->state, proof_states[i]))
            return 0;
    return fail(w, ERR_WRONG_STATE, "此件现在不能增减文件：审核中的答复须先退回修改，签发以后只能补充凭证");
}

static json_t *file_json(struct work *w, const struct request *c, const struct db_rows *r, size_t i) {
    struct sealed_file f;
    struct str role = db_s(r, i, 2);
    bool by_applicant = db_i(r, i, 4) != 0, gone = sealed_get(w, db_i(r, i, 3), &f) < 0;
    json_t *o = json_object();
    error_clear(w);
    json_set_int(o, "file", db_i(r, i, 0));
    json_set_str(o, "role", role);
    json_object_set_new(o, "role_name", json_string(use_name(role)));
    json_set_bool(o, "by_applicant", by_applicant);
    json_set_bool(o, "gone", gone);
    json_set_int(o, "ask_id", db_i(r, i, 1));
    json_set_instant(w->arena, o, "added", db_i(r, i, 5));
    json_set_bool(o, "personal", str_is(role, "identity"));
    bool open = !str_is(role, "identity") || org_may_quiet(w, PERM_REQUEST_PERSONAL, c->unit_id);
    json_set_bool(o, "readable", !gone && open);
    bool works = !by_applicant && org_may_quiet(w, PERM_REQUEST_WORK, c->unit_id);
    json_set_bool(o, "removable", works && request_files_open(w, c, role) == 0);
    error_clear(w);
    json_set_bool(o, "redactable",
                  works && !gone && str_is(role, "source") &&
                      (str_is(f.extension, "pdf") || str_is(f.extension, "png") || str_is(f.extension, "jpg")));
    if (gone)
        return o;
    /* the name a citizen gave to a picture of an identity card is often a name of a person */
    json_set_str(o, "file_name",
                 str_is(role, "identity") ? str_printf(w->arena, "身份证明.%.*s", STR_ARG(f.extension)) : f.name);
    json_set_int(o, "size", f.size);
    json_set_str(o, "size_text",
                 f.size < 1024 * 1024 ? str_printf(w->arena, "%lld KB", (long long)(f.size + 1023) / 1024)
                                      : str_printf(w->arena, "%.1f MB", (double)f.size / 1048576));
    return o;
}

json_t *request_files_json(struct work *w, const struct request *c) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_request_files, &r, DB_INT(c->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++)
        json_array_append_new(list, file_json(w, c, &r, i));
    return list;
}

int request_file_get(struct work *w, const struct request *c, int64_t id, struct request_file *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_request_file_get, &r, DB_INT(c->id), DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "此件没有这个文件");
    *ret = (struct request_file){db_i(&r, 0, 0), db_i(&r, 0, 3), db_s(&r, 0, 2), db_i(&r, 0, 4) != 0};
    return 0;
}

int desk_request_file(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    struct request_file f;
    struct sealed_file s;
    int64_t id;
    if (request_of_path(in, 0, &c) < 0 || http_path_int(in, "file", &id) < 0 || request_file_get(w, &c, id, &f) < 0)
        return -1;
    bool personal = str_is(f.role, "identity");
    if (personal && org_may(w, PERM_REQUEST_PERSONAL, c.unit_id) < 0)
        return -1;
    if (sealed_read(w, f.file_id, &s, &out->body) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "file", f.id);
    json_set_str(p, "role", f.role);
    if (request_put_on_record(w, &c, "file_read", p) < 0)
        return -1; /* nothing of a person is shown off the record */
    out->type = str_dupz(w->arena, s.type);
    out->download_name = s.name;
    return 0;
}

/* ── adding and removing ── */

struct upload_input {
    struct str role;
    int64_t ask_id;
    struct file_list files;
};
static const struct field upload_fields[] = {
    FIELD(FIELD_ENUM, upload_input, role, "文件用途", FIELD_REQUIRED, 0, 0, role_options, NULL),
    FIELD(FIELD_INT, upload_input, ask_id, "哪一次征求的意见", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_FILES, upload_input, files, "文件", FIELD_REQUIRED, 0, 10, NULL, NULL),
};
const struct field_table request_upload_table = {upload_fields, countof(upload_fields), sizeof(struct upload_input)};

int request_file_add(struct work *w, const struct request *c, struct str role, int64_t ask_id, int64_t file_id,
                     const char *verb, json_t *payload) {
    struct db_rows r;
    json_t *p = payload ? payload : json_object();
    if (sealed_claim(w, file_id) < 0 || db_one(w, &sql_request_file_insert, &r, DB_INT(c->id), DB_ID(ask_id),
                                               DB_TEXT(role), DB_INT(file_id), DB_BOOL(false), DB_INT(w->now)) != 1) {
        json_decref(p);
        return -1;
    }
    json_set_int(p, "file", db_i(&r, 0, 0));
    json_set_str(p, "role", role);
    return request_event(w, c, verb, p, NULL);
}

int request_attach(struct work *w, int64_t id, struct str role, struct str name, struct str type, struct str bytes) {
    struct subject s = {0};
    struct sealed_file f;
    return subject_load(w, id, &s) < 0 || org_may(w, PERM_REQUEST_WORK, s.c.unit_id) < 0 ||
                   request_files_open(w, &s.c, role) < 0 || sealed_put(w, name, type, bytes, &f) < 0
               ? -1
               : request_file_add(w, &s.c, role, 0, f.id, "file_added", NULL);
}

static int upload(struct http_request *in, const struct request *c) {
    struct work *w = in->w;
    struct upload_input x;
    struct db_rows r;
    struct ask a;
    if (fields_read(in, &request_upload_table, &x) < 0 || request_files_open(w, c, x.role) < 0 ||
        db_query(w, &sql_request_files, &r, DB_INT(c->id)) < 0)
        return -1;
    if (r.n + x.files.n > FILES_MAX)
        return fail_field(w, "files", "too_many", "一件申请最多 %d 个文件", FILES_MAX);
    if (x.ask_id && ask_get(w, c->id, x.ask_id, &a) < 0)
        return -1;
    for (size_t i = 0; i < x.files.n; i++) {
        struct sealed_file f;
        if (sealed_take(w, &x.files.v[i], "files", 0, &f) < 0 ||
            request_file_add(w, c, x.role, x.ask_id, f.id, "file_added", NULL) < 0)
            return -1;
    }
    return 0;
}

int desk_request_upload(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0)
        return -1;
    if (upload(in, &c) == 0) {
        if (in->api)
            return view_page(out, NULL, json_pack("{s:o}", "files", request_files_json(w, &c)));
        return view_redirect(in, out, "/desk/requests/%lld#files-title", (long long)c.id);
    }
    if (in->api || w->error.code != ERR_INVALID)
        return -1;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = request_page_model(w, &c);
    w->error = kept;
    return view_form_again(in, out, "request/desk_page", &request_upload_table, model);
}

int desk_request_file_remove(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    struct request_file f;
    struct db_rows users;
    int64_t id;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0 || http_path_int(in, "file", &id) < 0 ||
        request_file_get(w, &c, id, &f) < 0 || request_files_open(w, &c, f.role) < 0)
        return -1;
    if (f.by_applicant)
        return fail(w, ERR_FORBIDDEN, "申请人提交的材料不能移除");
    if (db_exec(w, &sql_request_file_remove, DB_INT(c.id), DB_INT(id)) < 0 ||
        db_one(w, &sql_request_file_users, &users, DB_INT(f.file_id)) < 0 ||
        (db_i(&users, 0, 0) == 0 && sealed_erase(w, f.file_id) < 0))
        return -1;
    json_t *p = json_object();
    json_set_int(p, "file", id);
    json_set_str(p, "role", f.role);
    if (request_event(w, &c, "file_removed", p, NULL) < 0)
        return -1;
    return view_redirect(in, out, "/desk/requests/%lld#files-title", (long long)c.id);
}
