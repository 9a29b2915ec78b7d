/* store.c: attachments by content: data_dir/blobs/ab/cd/<sha256>, written once, never overwritten.
 *
 * The file is complete and on disk before its row exists; a crash between leaves a file without a row, never a row
 * without its file. The slow part (copying, reading text) runs outside the transaction. */
#include "blob/blob_internal.h"
#include "blob_sql.h"
#include "job/job.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES (256 * 1024)

const char *blob_path(struct arena *a, const struct app_config *c, const char *sha256) {
    return str_printf(a, "%s/blobs/%.2s/%.2s/%s", c->data_dir, sha256, sha256 + 2, sha256).p;
}

/* ── hashing while copying ── */

struct digests {
    EVP_MD_CTX *sha256, *sm3;
};

static int digests_init(struct digests *d) {
    *d = (struct digests){EVP_MD_CTX_new(), EVP_MD_CTX_new()};
    return d->sha256 && d->sm3 && EVP_DigestInit_ex(d->sha256, EVP_sha256(), NULL) == 1 &&
                   EVP_DigestInit_ex(d->sm3, EVP_sm3(), NULL) == 1
               ? 0
               : -1;
}

static void digest_hex(struct arena *a, EVP_MD_CTX *m, char ret[65]) {
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_DigestFinal_ex(m, md, &n);
    memcpy(ret, str_dupz(a, hex_encode(a, md, n)), 65);
}

static int write_all(int fd, const char *p, size_t n) {
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static int storage_failed(struct work *w, const char *what) {
    int e = errno;
    log_line(LOG_ERROR, "blob_store", "step=%s errno=%d", what, e);
    return fail(w, e == ENOSPC || e == EDQUOT ? ERR_DISK_FULL : ERR_INTERNAL, "%s",
                e == ENOSPC || e == EDQUOT ? "存储空间不足，附件没有保存，请联系系统管理员"
                                           : "附件没有保存，请稍后再试或联系系统管理员");
}

static int copy_hashing(struct work *w, int in, int out, struct blob *b) {
    struct digests d = {0};
    char *p = malloc(COPY_BYTES);
    int rc = p && digests_init(&d) == 0 ? 0 : fail(w, ERR_INTERNAL, "无法计算附件的摘要");
    ssize_t n = 0;
    b->size = 0;
    while (rc == 0 && (n = read(in, p, COPY_BYTES)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || write_all(out, p, (size_t)n) < 0)
            rc = storage_failed(w, "copy");
        else if (EVP_DigestUpdate(d.sha256, p, (size_t)n) != 1 || EVP_DigestUpdate(d.sm3, p, (size_t)n) != 1)
            rc = fail(w, ERR_INTERNAL, "无法计算附件的摘要");
        b->size += n > 0 ? n : 0;
    }
    if (rc == 0) {
        digest_hex(w->arena, d.sha256, b->sha256);
        digest_hex(w->arena, d.sm3, b->sm3);
    }
    EVP_MD_CTX_free(d.sha256);
    EVP_MD_CTX_free(d.sm3);
    free(p);
    return rc;
}

/* ── placing ── */

static int make_folder(const char *path) {
    return mkdir(path, 0750) == 0 || errno == EEXIST ? 0 : -1;
}

static int sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return r;
}

static int make_folders(struct arena *a, const struct app_config *c, const char *sha256) {
    const char *top = str_printf(a, "%s/blobs", c->data_dir).p, *one = str_printf(a, "%s/%.2s", top, sha256).p,
               *two = str_printf(a, "%s/%.2s", one, sha256 + 2).p;
    if (make_folder(top) < 0 || make_folder(one) < 0 || make_folder(two) < 0)
        return -1;
    return sync_folder(top) < 0 || sync_folder(one) < 0 ? -1 : 0;
}

/* link() never overwrites: two uploads of the same content may race, the first one stays. */
static int place(struct work *w, const struct app_config *c, const char *temporary, const struct blob *b) {
    const char *path = blob_path(w->arena, c, b->sha256);
    struct stat st;
    if (make_folders(w->arena, c, b->sha256) < 0)
        return storage_failed(w, "folder");
    if (link(temporary, path) == 0)
        return sync_folder(str_printf(w->arena, "%s/blobs/%.2s/%.2s", c->data_dir, b->sha256, b->sha256 + 2).p) < 0
                   ? storage_failed(w, "sync")
                   : 0;
    if (errno != EEXIST || stat(path, &st) < 0)
        return storage_failed(w, "link");
    if (st.st_size == b->size)
        return 0;
    log_line(LOG_ERROR, "blob_store", "sha256=%s reason=\"the stored file has another size\"", b->sha256);
    return fail(w, ERR_INTERNAL, "存储中同名文件已损坏，请联系系统管理员运行 mingtang doctor");
}

/* Copies the upload into the store; fills size and digests. */
static int store(struct work *w, const struct app_config *c, const char *from, struct blob *b) {
    int rc = -1, in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
    char *temporary = str_dupz(w->arena, str_printf(w->arena, "%s/blobs/.incoming-XXXXXX", c->data_dir));
    if (make_folder(c->data_dir) < 0 || make_folder(str_printf(w->arena, "%s/blobs", c->data_dir).p) < 0 || in < 0 ||
        (out = mkostemp(temporary, O_CLOEXEC)) < 0) {
        storage_failed(w, "open");
        goto out;
    }
    rc = copy_hashing(w, in, out, b);
    if (rc == 0 && (fchmod(out, 0440) < 0 || fsync(out) < 0))
        rc = storage_failed(w, "sync");
    if (rc == 0)
        rc = place(w, c, temporary, b);
    unlink(temporary);
out:
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

/* ── rows ── */

static void blob_read(struct arena *a, struct blob *ret, const struct db_rows *r) {
    ret->id = db_i(r, 0, 0);
    snprintf(ret->sha256, sizeof ret->sha256, "%.*s", STR_ARG(db_s(r, 0, 1)));
    snprintf(ret->sm3, sizeof ret->sm3, "%.*s", STR_ARG(db_s(r, 0, 2)));
    ret->size = db_i(r, 0, 3);
    ret->type = str_dup(a, db_s(r, 0, 4));
    ret->extension = str_dup(a, db_s(r, 0, 5));
    ret->pages = db_i(r, 0, 6);
    ret->scan = str_dup(a, db_s(r, 0, 7));
    ret->problem = str_dup(a, db_s(r, 0, 8));
}

int blob_get(struct work *w, int64_t id, struct blob *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_blob_by_id, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个附件");
    blob_read(w->arena, ret, &r);
    return 0;
}

struct str blob_text(struct work *w, int64_t id) {
    struct db_rows r;
    return db_one(w, &sql_blob_text_by_id, &r, DB_INT(id)) == 1 ? str_dup(w->arena, db_s(&r, 0, 0)) : S("");
}

static int stored_event(struct work *w, const struct blob *b) {
    json_t *p = json_pack("{s:s, s:s, s:I, s:s%}", "sha256", b->sha256, "sm3", b->sm3, "size", (json_int_t)b->size,
                          "type", b->type.p, b->type.n);
    struct event e = {.room = "blob",
                      .verb = "stored",
                      .subject_kind = "blob",
                      .subject_id = b->id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

/* In the transaction: the row, or the one that came meanwhile. */
static int insert(struct work *w, struct blob *b, struct str text) {
    struct db_rows r;
    int n = db_one(w, &sql_blob_insert, &r, DB_TEXTZ(b->sha256), DB_TEXTZ(b->sm3), DB_INT(b->size), DB_TEXT(b->type),
                   DB_TEXT(b->extension), DB_INT(b->pages), DB_TEXT(text), DB_TEXT(b->scan), DB_TEXT(b->problem),
                   DB_INT(w->now));
    if (n < 0)
        return -1;
    if (n == 1) {
        b->id = db_i(&r, 0, 0);
        return stored_event(w, b);
    }
    if (db_one(w, &sql_blob_by_sha256, &r, DB_TEXTZ(b->sha256)) != 1)
        return fail(w, ERR_CONFLICT, "附件正在由他人上传，请重试");
    blob_read(w->arena, b, &r);
    return 0;
}

static int insert_in_transaction(struct work *w, struct blob *b, struct str text) {
    if (db_begin(w) < 0)
        return -1;
    if (insert(w, b, text) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* ── taking in ── */

static int check_size(struct work *w, const struct app_config *c, const char *path, struct str name,
                      const char *field) {
    struct stat st;
    int64_t max = c->upload_max > 0 && c->upload_max < LIMIT_UPLOAD_BYTES ? c->upload_max : LIMIT_UPLOAD_BYTES;
    if (stat(path, &st) < 0)
        return storage_failed(w, "stat");
    if (st.st_size == 0)
        return fail_field(w, field, "empty", "“%.*s”是空文件，没有内容", STR_ARG(name));
    if (st.st_size > max)
        return fail_field(w, field, "too_large", "“%.*s”有 %lld MB，超过每个附件 %lld MB 的上限", STR_ARG(name),
                          (long long)(st.st_size / (1024 * 1024)), (long long)(max / (1024 * 1024)));
    return 0;
}

/* Reads the text in the helper and looks for personal data. */
static int examine(struct work *w, const char *path, const struct blob_kind *k, struct blob *b, struct str *ret_text) {
    struct extracted x = {.problem = S(""), .text = S("")};
    if (extract_run(w, path, k->code, BLOB_TEXT_BYTES, &x) < 0)
        return -1;
    bool sheets = k->reader == READ_XLSX || strcmp(k->code, "ods") == 0;
    json_t *found = sheets ? pii_scan_lines(w->arena, x.text, "", "张工作表", "行") : pii_scan(w->arena, x.text, "");
    b->scan = json_canonical(w->arena, found);
    json_decref(found);
    b->pages = x.pages;
    b->problem = x.problem;
    *ret_text = x.text;
    return 0;
}

/* How a file without text of its own is recognised; NULL: not at all. */
static const char *recogniser(const char *code, struct str text) {
    static const char *const pictures[] = {"jpg", "png", "bmp", "webp", "gif"};
    for (size_t i = 0; i < countof(pictures); i++)
        if (strcmp(code, pictures[i]) == 0)
            return "ocr-picture";
    for (size_t i = 0; i < text.n; i++)
        if (!strchr(" \n\t\f", text.p[i]))
            return NULL;
    return strcmp(code, "pdf") == 0 ? "ocr-scan" : NULL;
}

static int recognise_later(struct work *w, int64_t id) {
    json_t *args = json_pack("{s:I}", "blob", (json_int_t)id);
    int rc = db_begin(w);
    if (rc == 0)
        rc = job_add(w, "ocr", args, 0, str_printf(w->arena, "%lld", (long long)id)) < 0 ? (db_rollback(w), -1)
                                                                                         : db_commit(w);
    json_decref(args);
    return rc;
}

int blob_recognise(struct work *w, int64_t id) {
    struct blob b;
    struct extracted x;
    if (blob_get(w, id, &b) < 0)
        return -1;
    const char *how = recogniser(str_is(b.extension, "jpeg") ? "jpg" : b.extension.p, blob_text(w, id));
    if (!how || str_starts(b.problem, S("文件已")))
        return 0;
    if (extract_run(w, blob_path(w->arena, w->config, b.sha256), how, BLOB_TEXT_BYTES, &x) < 0)
        return -1;
    if (extract_stopped())
        return fail(w, ERR_BUSY, "程序停止，文字识别以后重做");
    bool some = str_trim(str_replace(w->arena, x.text, S("\f"), S(""))).n > 0;
    json_t *found = pii_scan(w->arena, x.text, "");
    struct str scan = json_canonical(w->arena, found);
    struct str problem = some && !x.problem.n ? S("文字由图片识别，可能有误，请对照原件")
                         : x.problem.n        ? x.problem
                                              : b.problem;
    json_decref(found);
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_blob_set_text, DB_INT(id), DB_TEXT(some ? x.text : S("")), DB_TEXT(scan),
                DB_INT(x.pages ? x.pages : b.pages), DB_TEXT(problem)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w) < 0 ? -1 : some;
}

int blob_take(struct work *w, const struct app_config *c, const struct http_file *f, const char *field,
              struct blob *ret) {
    struct db_rows r;
    struct blob b = {0};
    struct str text = S("");
    const struct blob_kind *k;
    struct str name = blob_clean_name(w->arena, f->name);
    if (db_in_transaction(w))
        return fail(w, ERR_INTERNAL, "附件须在事务之外接收");
    if (check_size(w, c, f->path, name, field) < 0 || blob_sniff(w, f->path, name, field, &k, &b.extension) < 0 ||
        store(w, c, f->path, &b) < 0)
        return -1;
    int n = db_one(w, &sql_blob_by_sha256, &r, DB_TEXTZ(b.sha256));
    if (n < 0)
        return -1;
    if (n == 1) {
        blob_read(w->arena, &b, &r);
        *ret = b;
        return 0;
    }
    b.type = str_z(k->type);
    if (examine(w, blob_path(w->arena, c, b.sha256), k, &b, &text) < 0 || insert_in_transaction(w, &b, text) < 0)
        return -1;
    *ret = b;
    return c->ocr && recogniser(k->code, text) ? recognise_later(w, b.id) : 0;
}
