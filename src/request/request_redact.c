/* request_redact.c: the part of a document that may be handed out (条例第三十七条 区分处理): phrases and areas of an
 * original are covered; the result is a new sealed file of the case. The original is in clear on the disk only while
 * the helper reads it, for nobody else to read. */
#include "request/request_internal.h"

#include "request/request_desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define REDACTIONS_MAX 200
#define PREVIEW_WIDTH 1000

/* ── the original in clear, for the length of one call ── */

struct clear {
    char path[600];
    struct sealed_file file;
};

static int clear_open(struct work *w, int64_t file_id, struct clear *ret) {
    struct str bytes;
    if (sealed_read(w, file_id, &ret->file, &bytes) < 0)
        return -1;
    snprintf(ret->path, sizeof ret->path, "%s/tmp/redact-XXXXXX", w->config->data_dir);
    int fd = mkstemp(ret->path); /* 0600 */
    if (fd < 0)
        return fail(w, ERR_INTERNAL, "没有地方存放处理中的文件");
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    if (done == bytes.n)
        return 0;
    unlink(ret->path);
    return fail(w, ERR_INTERNAL, "没有地方存放处理中的文件");
}

static void clear_close(const struct clear *x) {
    unlink(x->path);
}

/* The original named, which is one of the case's. */
static int source_of(struct work *w, const struct request *c, int64_t file, struct request_file *ret) {
    if (request_file_get(w, c, file, ret) < 0)
        return -1;
    return str_is(ret->role, "source") || str_is(ret->role, "opinion")
               ? 0
               : fail_field(w, "file", "range", "请选择作为原件上传的文件");
}

/* ── the page ── */

struct redact_page_input {
    int64_t file, page;
};
static const struct field redact_page_fields[] = {
    FIELD(FIELD_INT, redact_page_input, file, "原件", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, redact_page_input, page, "第几页", FIELD_OPTIONAL, 0, 10000, NULL, NULL),
};
const struct field_table redact_page_table = {redact_page_fields, countof(redact_page_fields),
                                              sizeof(struct redact_page_input)};

static json_t *sources_json(struct work *w, const struct request *c, int64_t chosen) {
    json_t *all = request_files_json(w, c), *list = json_array(), *f;
    size_t i;
    json_array_foreach(all, i, f) {
        if (!json_is_true(json_object_get(f, "redactable")))
            continue;
        json_set_bool(f, "selected", json_integer_value(json_object_get(f, "file")) == chosen);
        json_array_append(list, f);
    }
    json_decref(all);
    return list;
}

/* What looks like personal data in the text, and whether there is a page after this one. */
static void look_into(struct work *w, int64_t file_id, int64_t page, json_t *model) {
    struct clear x;
    struct str png;
    if (clear_open(w, file_id, &x) == 0) {
        json_t *found = redact_suggest(w, x.path);
        error_clear(w);
        json_set_bool(model, "has_next", pdf_page_png(w, x.path, (int)page + 1, 100, &png) == 0);
        clear_close(&x);
        json_set_bool(model, "has_suggestions", json_array_size(found) > 0);
        json_object_set_new(model, "suggestions", found ? found : json_array());
    }
    error_clear(w);
}

static json_t *redact_model(struct work *w, const struct request *c, int64_t file, int64_t page) {
    struct request_file f;
    json_t *model = json_object(), *sources = sources_json(w, c, file);
    if (!file && json_array_size(sources) == 1) {
        file = json_integer_value(json_object_get(json_array_get(sources, 0), "file"));
        json_object_set_new(json_array_get(sources, 0), "selected", json_true());
    }
    json_object_set_new(model, "request", request_json(w, c));
    json_set_bool(model, "has_sources", json_array_size(sources) > 0);
    json_object_set_new(model, "sources", sources);
    if (!file || source_of(w, c, file, &f) < 0) {
        error_clear(w);
        return model;
    }
    page = page < 1 ? 1 : page;
    json_set_int(model, "file", file);
    json_set_int(model, "page", page);
    if (page > 1)
        json_set_int(model, "page_before", page - 1);
    look_into(w, f.file_id, page, model);
    if (json_is_true(json_object_get(model, "has_next")))
        json_set_int(model, "page_after", page + 1);
    return model;
}

int desk_redact_page(struct http_request *in, struct http_response *out) {
    struct redact_page_input x;
    struct request c;
    if (fields_read(in, &redact_page_table, &x) < 0 || request_of_path(in, PERM_REQUEST_WORK, &c) < 0)
        return -1;
    return view_page(out, "request/desk_redact", redact_model(in->w, &c, x.file, x.page));
}

int desk_redact_image(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    struct request_file f;
    struct clear x;
    int64_t file, page;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0 || http_path_int(in, "file", &file) < 0 ||
        http_path_int(in, "page", &page) < 0 || source_of(w, &c, file, &f) < 0 || clear_open(w, f.file_id, &x) < 0)
        return -1;
    int rc = pdf_page_png(w, x.path, (int)page, PREVIEW_WIDTH, &out->body);
    clear_close(&x);
    out->type = "image/png";
    return rc;
}

/* ── covering ── */

struct redact_input {
    int64_t file, page;
    struct str phrases, areas;
    struct str_list picks;
};
static const struct field redact_fields[] = {
    FIELD(FIELD_INT, redact_input, file, "原件", FIELD_REQUIRED, 1, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, redact_input, page, "第几页", FIELD_OPTIONAL, 0, 10000, NULL, NULL),
    FIELD(FIELD_TEXT, redact_input, phrases, "要遮盖的词句", FIELD_OPTIONAL, 0, 10000, NULL,
          "一行一个，全文各处都遮盖"),
    FIELD(FIELD_TEXT, redact_input, areas, "要遮盖的区域", FIELD_OPTIONAL, 0, 10000, NULL,
          "一行一个：页码 左 上 宽 高，以页面的千分之几计"),
    FIELD(FIELD_LIST, redact_input, picks, "发现的个人信息", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
const struct field_table redact_table = {redact_fields, countof(redact_fields), sizeof(struct redact_input)};

struct covers {
    struct redaction list[REDACTIONS_MAX];
    size_t n;
};

static int add_cover(struct work *w, struct covers *k, struct redaction r, const char *field) {
    if (k->n == REDACTIONS_MAX)
        return fail_field(w, field, "too_many", "一次最多遮盖 %d 处", REDACTIONS_MAX);
    k->list[k->n++] = r;
    return 0;
}

/* "2 100 200 300 40": page, left, top, width, height. */
static int read_area(struct work *w, struct str line, struct redaction *ret) {
    int64_t v[5];
    struct str rest =
        str_replace(w->arena, str_replace(w->arena, utf8_halfwidth(w->arena, line), S(","), S(" ")), S("，"), S(" "));
    for (size_t i = 0; i < countof(v); i++) {
        struct str one = rest = str_trim(rest), tail = STR_NONE;
        if (i + 1 < countof(v) && !str_cut(rest, ' ', &one, &tail))
            return -1;
        rest = tail;
        if (str_int(str_trim(one), &v[i]) < 0 || v[i] < 0 || v[i] > 10000)
            return -1;
    }
    *ret = (struct redaction){.page = (int)v[0], .x = (int)v[1], .y = (int)v[2], .w = (int)v[3], .h = (int)v[4]};
    bool inside = v[0] >= 1 && v[3] >= 1 && v[4] >= 1 && v[1] + v[3] <= 1000 && v[2] + v[4] <= 1000;
    return inside ? 0 : -1;
}

static int read_covers(struct work *w, const struct redact_input *x, struct covers *k) {
    struct str rest = x->phrases, line;
    for (size_t i = 0; i < x->picks.n; i++)
        if (add_cover(w, k, (struct redaction){.phrase = x->picks.v[i]}, "picks") < 0)
            return -1;
    while (rest.n) {
        struct str tail = STR_NONE;
        line = rest;
        str_cut(rest, '\n', &line, &tail);
        rest = tail;
        line = str_trim(line);
        if (line.n && add_cover(w, k, (struct redaction){.phrase = line}, "phrases") < 0)
            return -1;
    }
    for (rest = x->areas; rest.n;) {
        struct str tail = STR_NONE;
        struct redaction r;
        line = rest;
        str_cut(rest, '\n', &line, &tail);
        rest = tail;
        line = str_trim(line);
        if (line.n && read_area(w, line, &r) < 0)
            return fail_field(w, "areas", "format",
                              "“%.*s”不是页面内的区域：请写页码、左、上、宽、高五个数，如 1 100 200 300 40",
                              STR_ARG(utf8_head(line, 40)));
        if (line.n && add_cover(w, k, r, "areas") < 0)
            return -1;
    }
    return k->n ? 0 : fail_field(w, "phrases", "required", "请写出要遮盖的词句，或者指出要遮盖的区域");
}

static int missing(const json_t *report) {
    json_t *o;
    size_t i;
    int n = 0;
    json_array_foreach((json_t *)(uintptr_t)report, i, o) {
        bool none = json_integer_value(json_object_get(o, "count")) == 0;
        json_set_bool(o, "nowhere", none);
        json_set_bool(o, "has_whole_pages", json_array_size(json_object_get(o, "whole_pages")) > 0);
        json_set_bool(o, "some_unread", json_array_size(json_object_get(o, "unread")) > 0);
        n += none;
    }
    return n;
}

static int keep(struct work *w, const struct request *c, const struct request_file *f, const struct clear *x,
                struct str pdf, const struct covers *k, int not_found) {
    struct sealed_file made;
    struct str name = x->file.name, stem, ext;
    ptrdiff_t dot = -1;
    for (size_t i = 0; i < name.n; i++)
        dot = name.p[i] == '.' ? (ptrdiff_t)i : dot;
    stem = dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
    ext = str_printf(w->arena, "%.*s（遮盖后）.pdf", STR_ARG(stem));
    if (db_begin(w) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "source", f->id);
    json_set_int(p, "covers", (int64_t)k->n);
    json_set_int(p, "not_found", not_found);
    struct subject now = {0};
    if (subject_load(w, c->id, &now) < 0 || request_files_open(w, &now.c, S("released")) < 0 ||
        sealed_put(w, ext, S("application/pdf"), pdf, &made) < 0) {
        json_decref(p);
        db_rollback(w);
        return -1;
    }
    if (request_file_add(w, c, S("released"), 0, made.id, "redacted", p) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int cover(struct http_request *in, const struct request *c, struct redact_input *x, json_t **ret_report) {
    struct work *w = in->w;
    struct covers *k = arena_one(w->arena, struct covers);
    struct request_file f;
    struct clear source;
    struct str pdf;
    *ret_report = NULL;
    if (fields_read(in, &redact_table, x) < 0 || source_of(w, c, x->file, &f) < 0 ||
        request_files_open(w, c, S("released")) < 0 || read_covers(w, x, k) < 0 ||
        clear_open(w, f.file_id, &source) < 0)
        return -1;
    int rc = redact_pdf(w, source.path, k->list, k->n, &pdf, ret_report);
    clear_close(&source);
    return rc < 0 ? -1 : keep(w, c, &f, &source, pdf, k, missing(*ret_report));
}

int desk_redact(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct redact_input x = {0};
    struct request c;
    json_t *report;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0)
        return -1;
    if (cover(in, &c, &x, &report) == 0) {
        json_t *model = redact_model(w, &c, x.file, x.page);
        json_set_bool(model, "has_report", json_array_size(report) > 0);
        json_object_set_new(model, "report", report);
        json_set_bool(model, "done", true);
        return view_page(out, "request/desk_redact", model);
    }
    json_decref(report);
    if (in->api || w->error.code != ERR_INVALID)
        return -1;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = redact_model(w, &c, x.file, x.page);
    w->error = kept;
    return view_form_again(in, out, "request/desk_redact", &redact_table, model);
}
