/* portal_package.c: one publication to keep: as a ZIP with its text, attachments, receipt and how to check it; as PDF
 * and as a Word document. */
#include "portal/portal_internal.h"

#include "blob/blob.h"
#include "paper/paper.h"
#include "proof/proof.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PACKAGE_BYTES (1024LL * 1024 * 1024)

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static bool add_head(struct archive *z, const char *name, int64_t size, int64_t at) {
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname_utf8(e, name);
    archive_entry_set_size(e, size);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_mtime(e, (time_t)(at / 1000), 0);
    int rc = archive_write_header(z, e);
    archive_entry_free(e);
    return rc == ARCHIVE_OK;
}

static bool add_bytes(struct archive *z, const char *name, struct str bytes, int64_t at) {
    return add_head(z, name, (int64_t)bytes.n, at) && archive_write_data(z, bytes.p, bytes.n) == (la_ssize_t)bytes.n;
}

static bool add_file(struct archive *z, const char *name, const char *path, int64_t size, int64_t at) {
    char chunk[65536];
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && add_head(z, name, size, at);
    while (ok && (n = read(fd, chunk, sizeof chunk)) > 0)
        ok = archive_write_data(z, chunk, (size_t)n) == n;
    if (fd >= 0)
        close(fd);
    return ok && n == 0;
}

static void add_row(struct work *w, struct buf *b, const char *label, struct str value) {
    if (value.n)
        buf_printf(b, "<tr><th scope=\"row\">%s</th><td>%.*s</td></tr>\n", label,
                   STR_ARG(html_escape(w->arena, value)));
}

/* A page that stands by itself: no style, no script, opens anywhere. */
static struct str page(struct work *w, const json_t *d) {
    struct buf b;
    struct str title = html_escape(w->arena, text(d, "title"));
    buf_init(&b, 16u * 1024 * 1024);
    buf_printf(
        &b,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>%.*s</title></head>\n<body>\n",
        STR_ARG(title));
    if (json_is_true(json_object_get(d, "demo")))
        buf_addz(&b, "<p>演示数据：为演示系统功能而编写，不是真实信息。</p>\n");
    buf_printf(&b, "<h1>%.*s</h1>\n<table>\n", STR_ARG(title));
    static const struct {
        const char *key, *label;
    } rows[] = {{"index_number", "索引号"},
                {"number", "文号"},
                {"formed", "生成日期"},
                {"published_text", "发布时间"},
                {"validity_name", "有效性"},
                {"genre", "体裁"},
                {"theme", "主题分类"},
                {"keywords", "主题词"},
                {"source", "信息来源"},
                {"summary", "内容概述"},
                {"sha256", "内容摘要（SHA-256）"}};
    add_row(w, &b, "发布机构", text(json_object_get(d, "unit"), "name"));
    for (size_t i = 0; i < countof(rows); i++)
        add_row(w, &b, rows[i].label, text(d, rows[i].key));
    buf_printf(&b, "</table>\n%.*s\n</body>\n</html>\n", STR_ARG(text(d, "body")));
    struct str ret = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

static struct str how_to_check(struct work *w, struct str public_id, int64_t edition) {
    return str_printf(
        w->arena,
        "这是从%s下载的一条公开信息。\r\n\r\n正文.html 是内容，附件在“附件”文件夹里。\r\n"
        "公开凭证.json 证明这些内容在凭证所写的时间已经公开，此后没有被改动。\r\n核对：%s/verify/%.*s/%lld\r\n",
        w->config->site_name, w->config->base_url, STR_ARG(public_id), (long long)edition);
}

/* One publication below a folder ("" none, else it ends in a slash). */
static bool add_one(struct work *w, struct archive *z, const char *folder, const json_t *d, json_t *receipt) {
    const json_t *files = json_object_get(d, "attachments");
    char *proof = json_dumps(receipt, JSON_INDENT(1));
    struct str how = how_to_check(w, text(d, "public_id"), json_integer_value(json_object_get(d, "edition")));
    bool ok = add_bytes(z, str_printf(w->arena, "%s正文.html", folder).p, page(w, d), w->now) &&
              add_bytes(z, str_printf(w->arena, "%s公开凭证.json", folder).p, str_z(proof), w->now) &&
              add_bytes(z, str_printf(w->arena, "%s说明.txt", folder).p, how, w->now);
    free(proof);
    for (size_t i = 0; ok && i < json_array_size(files); i++) {
        const json_t *f = json_array_get(files, i);
        struct str name = str_printf(w->arena, "%s附件/%02zu-%.*s", folder, i + 1, STR_ARG(text(f, "name")));
        ok = add_file(z, name.p, blob_path(w->arena, w->config, text(f, "sha256").p),
                      json_integer_value(json_object_get(f, "size")), w->now);
    }
    return ok;
}

static int64_t size_of(const json_t *d) {
    const json_t *files = json_object_get(d, "attachments");
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(files); i++)
        sum += json_integer_value(json_object_get(json_array_get(files, i), "size"));
    return sum;
}

typedef bool fill_fn(struct work *w, struct archive *z, void *ctx);

/* Writes the file, or none: removed again when something failed. */
static int write_package(struct work *w, const char *path, fill_fn *fill, void *ctx) {
    struct archive *z = archive_write_new();
    bool ok = archive_write_set_format_zip(z) == ARCHIVE_OK &&
              archive_write_set_options(z, "zip:hdrcharset=UTF-8") == ARCHIVE_OK &&
              archive_write_open_filename(z, path) == ARCHIVE_OK && fill(w, z, ctx);
    bool full = archive_errno(z) == ENOSPC;
    ok = archive_write_close(z) == ARCHIVE_OK && ok;
    archive_write_free(z);
    if (ok)
        return 0;
    unlink(path);
    if (w->error.code)
        return -1;
    return full ? fail(w, ERR_DISK_FULL, "服务器磁盘已满，请稍后再下载")
                : fail(w, ERR_INTERNAL, "打包失败，请稍后再试");
}

static void send_package(struct work *w, struct http_response *out, struct str path, struct str name) {
    out->file = path.p;
    out->file_once = true;
    out->type = "application/zip";
    out->download_name = str_printf(w->arena, "%.*s.zip", STR_ARG(blob_clean_name(w->arena, utf8_head(name, 60))));
}

static struct str new_path(struct work *w) {
    return str_printf(w->arena, "%s/tmp/%s.zip", w->config->data_dir, random_token(w->arena, 12).p);
}

struct single {
    const json_t *d;
    json_t *receipt;
};
static bool fill_single(struct work *w, struct archive *z, void *ctx) {
    const struct single *x = ctx;
    return add_one(w, z, "", x->d, x->receipt);
}

int portal_package(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct str public_id = http_path_part(in, "public_id");
    json_t *d = disclosure_public(w, public_id);
    if (!d || w->error.code) { /* withdrawn: the tombstone stands at the page itself */
        json_decref(d);
        return -1;
    }
    json_t *receipt = size_of(d) > PACKAGE_BYTES
                          ? (fail(w, ERR_TOO_LARGE, "附件合计超过 1 GB，请逐个下载"), NULL)
                          : proof_receipt(w, public_id, json_integer_value(json_object_get(d, "edition")));
    struct single x = {d, receipt};
    struct str path = new_path(w);
    int rc = receipt ? write_package(w, path.p, fill_single, &x) : -1;
    if (rc == 0)
        send_package(w, out, path, text(d, "title"));
    json_decref(receipt);
    json_decref(d);
    return rc;
}

/* ── a field's whole year: a table of contents and a folder for each publication ── */

struct year {
    json_t *hits;
    int64_t bytes;
};

/* Each in memory of its own: a year may hold a thousand. */
static bool add_hit(struct work *w, struct archive *z, struct year *y, size_t i) {
    struct arena *before = w->arena, *own = arena_new(LIMIT_ARENA_BYTES);
    struct str id = str_dup(before, text(json_array_get(y->hits, i), "public_id"));
    w->arena = own;
    json_t *d = disclosure_public(w, id);
    bool gone = w->error.code == ERR_GONE || w->error.code == ERR_NOT_FOUND; /* withdrawn meanwhile: left out */
    if (gone)
        error_clear(w);
    json_t *receipt = d && !gone ? proof_receipt(w, id, json_integer_value(json_object_get(d, "edition"))) : NULL;
    y->bytes += d ? size_of(d) : 0;
    if (y->bytes > PACKAGE_BYTES)
        fail(w, ERR_TOO_LARGE, "这一年的附件合计超过 1 GB，请在检索结果里逐条下载");
    struct str folder =
        receipt ? str_printf(own, "%03zu-%.*s/", i + 1, STR_ARG(blob_clean_name(own, utf8_head(text(d, "title"), 40))))
                : STR_NONE;
    bool ok = gone || (receipt && !w->error.code && add_one(w, z, folder.p, d, receipt));
    json_decref(receipt);
    json_decref(d);
    w->arena = before;
    arena_free(own);
    return ok;
}

static bool fill_year(struct work *w, struct archive *z, void *ctx) {
    struct year *y = ctx;
    bool ok = add_bytes(z, "目录.csv", portal_csv(w, y->hits), w->now);
    for (size_t i = 0; ok && i < json_array_size(y->hits); i++)
        ok = add_hit(w, z, y, i);
    return ok;
}

int portal_field_year(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct str code = http_path_part(in, "code"), name = search_name_of(w, "field", code);
    int64_t year;
    if (!name.n || http_path_int(in, "year", &year) < 0 || year < 1949 || year > 2100)
        return fail(w, ERR_NOT_FOUND, "没有这个领域或年份");
    struct search_input x = {.field = code,
                             .kind = S("document"),
                             .all = true,
                             .from = day_from((int)year, 1, 1),
                             .to = day_from((int)year, 12, 31)};
    if (!search_caught_up(5000))
        return fail(w, ERR_BUSY, "检索索引正在建立，请稍后再试");
    json_t *found = portal_newest(w, &x, 1, SEARCH_COUNT_MOST, false);
    struct year y = {.hits = json_object_get(found, "hits")};
    struct str path = new_path(w);
    int rc = !found                         ? -1
             : json_array_size(y.hits) == 0 ? fail(w, ERR_NOT_FOUND, "这个领域在 %lld 年没有公开信息", (long long)year)
             : json_is_true(json_object_get(found, "more"))
                 ? fail(w, ERR_TOO_LARGE, "这一年超过 1,000 条，请在检索结果里分单位下载")
                 : write_package(w, path.p, fill_year, &y);
    if (rc == 0)
        send_package(w, out, path, str_printf(w->arena, "%.*s %lld年", STR_ARG(name), (long long)year));
    json_decref(found);
    return rc;
}

/* ── PDF and Word ── */

static void document_of(struct work *w, const json_t *d, struct paper_document *ret) {
    static const struct {
        const char *key, *label;
    } rows[] = {{"number", "文号"},          {"index_number", "索引号"},
                {"formed", "生成日期"},      {"published_text", "发布时间"},
                {"validity_name", "有效性"}, {"sha256", "内容摘要（SHA-256）"}};
    const json_t *files = json_object_get(d, "attachments");
    struct paper_fact *facts = arena_many(w->arena, struct paper_fact, countof(rows) + 1);
    struct str *notes = arena_many(w->arena, struct str, json_array_size(files) + 2);
    *ret = (struct paper_document){.title = text(d, "title"),
                                   .number = text(d, "number"),
                                   .html = text(d, "body"),
                                   .facts = facts,
                                   .notes = notes};
    facts[ret->fact_count++] = (struct paper_fact){S("发布机构"), text(json_object_get(d, "unit"), "name")};
    for (size_t i = 0; i < countof(rows); i++)
        facts[ret->fact_count++] = (struct paper_fact){str_z(rows[i].label), text(d, rows[i].key)};
    if (json_is_true(json_object_get(d, "demo")))
        notes[ret->note_count++] = S("演示数据：为演示系统功能而编写，不是真实信息。");
    for (size_t i = 0; i < json_array_size(files); i++)
        notes[ret->note_count++] =
            str_printf(w->arena, "附件 %zu：%.*s", i + 1, STR_ARG(text(json_array_get(files, i), "name")));
    ret->check = str_printf(w->arena, "%s/verify/%.*s/%lld", w->config->base_url, STR_ARG(text(d, "public_id")),
                            (long long)json_integer_value(json_object_get(d, "edition")));
    ret->footer = str_z(w->config->site_name);
}

int portal_document(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    bool pdf = str_ends(in->path, S(".pdf"));
    json_t *d = disclosure_public(w, http_path_part(in, "public_id"));
    struct paper_document x;
    if (!d || w->error.code) { /* withdrawn: the tombstone stands at the page itself */
        json_decref(d);
        return -1;
    }
    document_of(w, d, &x);
    int rc = pdf ? paper_pdf(w, &x, &out->body) : paper_docx(w, &x, &out->body);
    out->type = pdf ? "application/pdf" : "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    out->download_name = str_printf(w->arena, "%.*s.%s", STR_ARG(blob_clean_name(w->arena, utf8_head(x.title, 60))),
                                    pdf ? "pdf" : "docx");
    json_decref(d);
    return rc;
}
