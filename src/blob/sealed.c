/* sealed.c: files that are personal data: encrypted before they reach the disk, at data_dir/sealed/ab/<random>.
 *
 * Each file has a key of its own (the purpose holds its random name), so that two files' bytes cannot be exchanged. The
 * file is complete and on disk before its row exists; erasing marks the row first and unlinks after the commit. A crash
 * between leaves a file without a living row, which the sweep removes, never a row without its file. */
#include "blob/blob_internal.h"
#include "blob_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *purpose_of(struct work *w, struct str file) {
    return str_printf(w->arena, "sealed file %.*s", STR_ARG(file)).p;
}

const char *sealed_path(struct arena *a, const struct app_config *c, struct str file) {
    return str_printf(a, "%s/sealed/%.2s/%.*s", c->data_dir, file.p, STR_ARG(file)).p;
}

bool sealed_name_ok(struct str file) {
    for (size_t i = 0; i < file.n; i++)
        if (!(file.p[i] >= '0' && file.p[i] <= '9') && !(file.p[i] >= 'a' && file.p[i] <= 'f'))
            return false;
    return file.n == 32;
}

static struct str sha256_hex(struct arena *a, const void *p, size_t n) {
    unsigned char md[SHA256_DIGEST_LENGTH];
    SHA256(p, n, md);
    return hex_encode(a, md, sizeof md);
}

static int storage_failed(struct work *w, const char *step) {
    int e = errno;
    bool full = e == ENOSPC || e == EDQUOT;
    log_line(LOG_ERROR, "sealed_store", "step=%s errno=%d", step, e);
    return fail(w, full ? ERR_DISK_FULL : ERR_INTERNAL, "%s",
                full ? "存储空间不足，文件没有保存，请联系系统管理员" : "文件没有保存，请稍后再试或联系系统管理员");
}

/* ── the file ── */

static int folder_made(const char *path) {
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

static int folder_synced(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return rc;
}

static int bytes_written(int fd, const unsigned char *p, size_t n) {
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

static int file_write(struct work *w, struct str file, const unsigned char *p, size_t n) {
    const char *data = w->config->data_dir, *top = str_printf(w->arena, "%s/sealed", data).p,
               *folder = str_printf(w->arena, "%s/%.2s", top, file.p).p, *path = sealed_path(w->arena, w->config, file),
               *temporary = str_printf(w->arena, "%s/.%.*s", folder, STR_ARG(file)).p;
    if (folder_made(data) < 0 || folder_made(top) < 0 || folder_made(folder) < 0)
        return storage_failed(w, "folder");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return storage_failed(w, "open");
    int rc = bytes_written(fd, p, n) < 0 || fsync(fd) < 0 ? storage_failed(w, "write") : 0;
    close(fd);
    if (rc == 0 && (rename(temporary, path) < 0 || folder_synced(folder) < 0 || folder_synced(top) < 0))
        rc = storage_failed(w, "rename");
    if (rc < 0)
        unlink(temporary);
    return rc;
}

/* Into p, which has room for n bytes; how many came, -1 on error. */
static ssize_t read_all(int fd, unsigned char *p, size_t n) {
    size_t have = 0;
    while (have < n) {
        ssize_t k = read(fd, p + have, n - have);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        have += (size_t)k;
    }
    return (ssize_t)have;
}

/* malloc'ed, at most max bytes; NULL: errno says why (EFBIG: more). */
static unsigned char *file_bytes(const char *path, int64_t max, size_t *ret_n) {
    struct stat st;
    unsigned char *p = NULL;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && st.st_size > max)
        errno = EFBIG;
    else if ((p = malloc((size_t)st.st_size + 1)) != NULL)
        n = read_all(fd, p, (size_t)st.st_size);
    close(fd);
    if (n < 0) {
        free(p);
        return NULL;
    }
    *ret_n = (size_t)n;
    return p;
}

/* ── the row ── */

static int row_insert(struct work *w, struct str file, struct str sha256, struct sealed_file *s) {
    struct db_rows r;
    struct str name = seal(w, purpose_of(w, file), s->name);
    if (!name.n)
        return fail(w, ERR_INTERNAL, "文件没有加密，请稍后再试");
    if (db_begin(w) < 0)
        return -1;
    if (db_one(w, &sql_sealed_file_insert, &r, DB_TEXT(file), DB_TEXT(name), DB_TEXT(s->type), DB_TEXT(s->extension),
               DB_INT(s->size), DB_TEXT(sha256), DB_INT(w->now)) != 1) {
        db_rollback(w);
        return -1;
    }
    s->id = db_i(&r, 0, 0);
    return db_commit(w);
}

/* s: name, type and extension are set. */
static int keep(struct work *w, struct str bytes, struct sealed_file *s) {
    unsigned char random[16], *out = malloc(bytes.n + SEAL_OVERHEAD);
    size_t n = 0;
    random_bytes(random, sizeof random);
    struct str file = hex_encode(w->arena, random, sizeof random);
    int rc = out && seal_bytes(w, purpose_of(w, file), bytes, out, &n) == 0
                 ? file_write(w, file, out, n)
                 : fail(w, ERR_INTERNAL, "文件没有加密，请稍后再试");
    struct str sha256 = rc == 0 ? sha256_hex(w->arena, out, n) : STR_NONE;
    free(out);
    s->size = (int64_t)bytes.n;
    if (rc == 0 && (rc = row_insert(w, file, sha256, s)) < 0)
        unlink(sealed_path(w->arena, w->config, file));
    return rc;
}

/* ── taking in ── */

int sealed_take(struct work *w, const struct http_file *f, const char *field, int64_t max_bytes,
                struct sealed_file *ret) {
    const struct blob_kind *k;
    struct sealed_file s = {.name = blob_clean_name(w->arena, f->name)};
    int64_t max = max_bytes > 0 && max_bytes < LIMIT_SEALED_BYTES ? max_bytes : LIMIT_SEALED_BYTES;
    size_t n = 0;
    if (f->size == 0)
        return fail_field(w, field, "empty", "“%.*s”是空文件，没有内容", STR_ARG(s.name));
    if (f->size > max)
        return fail_field(w, field, "too_large", "“%.*s”超过 %lld MB 的上限", STR_ARG(s.name),
                          (long long)(max / (1024 * 1024)));
    if (blob_sniff(w, f->path, s.name, field, &k, &s.extension) < 0)
        return -1;
    s.type = str_z(k->type);
    unsigned char *p = file_bytes(f->path, max, &n);
    if (!p)
        return storage_failed(w, "read");
    int rc = keep(w, (struct str){(char *)p, n}, &s);
    OPENSSL_cleanse(p, n);
    free(p);
    if (rc == 0)
        *ret = s;
    return rc;
}

int sealed_put(struct work *w, struct str name, struct str type, struct str bytes, struct sealed_file *ret) {
    struct sealed_file s = {.name = blob_clean_name(w->arena, name), .type = type, .extension = S("bin")};
    if (!bytes.n || (int64_t)bytes.n > LIMIT_SEALED_BYTES)
        return fail(w, ERR_TOO_LARGE, "%s", bytes.n ? "生成的文件超过 20 MB" : "生成的文件没有内容");
    for (size_t i = 0; i < blob_kind_count; i++)
        if (str_is(type, blob_kinds[i].type)) {
            s.extension = str_z(blob_kinds[i].code);
            break;
        }
    if (keep(w, bytes, &s) < 0)
        return -1;
    *ret = s;
    return 0;
}

int sealed_claim(struct work *w, int64_t id) {
    int n = db_exec(w, &sql_sealed_file_claim, DB_INT(id));
    return n == 1 ? 0 : n < 0 ? -1 : fail(w, ERR_CONFLICT, "文件已经使用过或已过期，请重新上传");
}

/* ── reading ── */

static int row_get(struct work *w, int64_t id, struct db_rows *ret) {
    int found = db_one(w, &sql_sealed_file_get, ret, DB_INT(id));
    if (found <= 0)
        return found < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个文件");
    return db_i(ret, 0, 7) ? fail(w, ERR_GONE, "文件已按规定销毁") : 0;
}

static struct sealed_file file_of(struct work *w, const struct db_rows *r, struct str name) {
    return (struct sealed_file){.id = db_i(r, 0, 0),
                                .size = db_i(r, 0, 5),
                                .name = name,
                                .type = str_dup(w->arena, db_s(r, 0, 3)),
                                .extension = str_dup(w->arena, db_s(r, 0, 4))};
}

int sealed_get(struct work *w, int64_t id, struct sealed_file *ret) {
    struct db_rows r;
    struct str name;
    if (row_get(w, id, &r) < 0)
        return -1;
    if (seal_open(w, purpose_of(w, str_dup(w->arena, db_s(&r, 0, 1))), db_s(&r, 0, 2), &name) < 0)
        return fail(w, ERR_INTERNAL, "文件名无法读取：密钥不是写入时的那一个");
    *ret = file_of(w, &r, name);
    return 0;
}

int sealed_read(struct work *w, int64_t id, struct sealed_file *ret, struct str *ret_bytes) {
    struct db_rows r;
    struct str name, plain;
    if (row_get(w, id, &r) < 0)
        return -1;
    struct str file = str_dup(w->arena, db_s(&r, 0, 1));
    size_t n = 0;
    unsigned char *p = file_bytes(sealed_path(w->arena, w->config, file), LIMIT_SEALED_BYTES + SEAL_OVERHEAD, &n);
    bool there = p != NULL;
    bool good = there && seal_open(w, purpose_of(w, file), db_s(&r, 0, 2), &name) == 0 &&
                seal_bytes_open(w, purpose_of(w, file), (struct str){(char *)p, n}, &plain) == 0;
    free(p);
    if (!good) {
        log_line(LOG_ERROR, "sealed_read", "id=%lld reason=%s", (long long)id,
                 there ? "altered_or_other_key" : "missing");
        return fail(w, ERR_INTERNAL, "文件无法读取：%s，请联系系统管理员运行 mingtang doctor",
                    there ? "内容被改动，或密钥不是写入时的那一个" : "存储中没有它");
    }
    *ret = file_of(w, &r, name);
    *ret_bytes = plain;
    return 0;
}
