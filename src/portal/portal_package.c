/* portal_package.c: one publication as a ZIP to keep: the text, its attachments, the receipt, and how to check it. */
#include "portal/portal_internal.h"

#include "blob/blob.h"
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

static bool add_all(struct work *w, struct archive *z, const json_t *d, struct str public_id, json_t *receipt) {
    const json_t *files = json_object_get(d, "attachments");
    char *proof = json_dumps(receipt, JSON_INDENT(1));
    bool ok =
        add_bytes(z, "正文.html", page(w, d), w->now) && add_bytes(z, "公开凭证.json", str_z(proof), w->now) &&
        add_bytes(z, "说明.txt", how_to_check(w, public_id, json_integer_value(json_object_get(d, "edition"))), w->now);
    free(proof);
    for (size_t i = 0; ok && i < json_array_size(files); i++) {
        const json_t *f = json_array_get(files, i);
        struct str name = str_printf(w->arena, "附件/%02zu-%.*s", i + 1, STR_ARG(text(f, "name")));
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

static int write_package(struct work *w, const char *path, const json_t *d, struct str public_id, json_t *receipt) {
    struct archive *z = archive_write_new();
    bool ok = archive_write_set_format_zip(z) == ARCHIVE_OK &&
              archive_write_set_options(z, "zip:hdrcharset=UTF-8") == ARCHIVE_OK &&
              archive_write_open_filename(z, path) == ARCHIVE_OK && add_all(w, z, d, public_id, receipt);
    bool full = archive_errno(z) == ENOSPC;
    ok = archive_write_close(z) == ARCHIVE_OK && ok;
    archive_write_free(z);
    if (ok)
        return 0;
    unlink(path);
    return full ? fail(w, ERR_DISK_FULL, "服务器磁盘已满，请稍后再下载")
                : fail(w, ERR_INTERNAL, "打包失败，请稍后再试");
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
    struct str path = str_printf(w->arena, "%s/tmp/%s.zip", w->config->data_dir, random_token(w->arena, 12).p);
    int rc = receipt ? write_package(w, path.p, d, public_id, receipt) : -1;
    if (rc == 0) {
        out->file = path.p;
        out->file_once = true;
        out->type = "application/zip";
        out->download_name =
            str_printf(w->arena, "%.*s.zip", STR_ARG(blob_clean_name(w->arena, utf8_head(text(d, "title"), 60))));
    }
    json_decref(receipt);
    json_decref(d);
    return rc;
}
