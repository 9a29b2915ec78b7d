/* verify.c: the store against its table, both ways: each attachment's bytes by SHA-256 and SM3, and no file without a
 * row. */
#include "blob/blob_internal.h"
#include "blob_sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)

struct check {
    struct work *w;
    struct ledger_report *report;
    char *buffer;
};

static bool digest_is(struct arena *a, EVP_MD_CTX *m, struct str hex) {
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return EVP_DigestFinal_ex(m, md, &n) == 1 && str_eq(hex_encode(a, md, n), hex);
}

/* NULL, or what is wrong with the file. */
static const char *file_wrong(struct check *c, const char *path, struct str sha256, struct str sm3) {
    EVP_MD_CTX *a = EVP_MD_CTX_new(), *b = EVP_MD_CTX_new();
    const char *wrong = NULL;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        wrong = errno == ENOENT ? "文件不存在" : strerror(errno);
    else if (!a || !b || EVP_DigestInit_ex(a, EVP_sha256(), NULL) != 1 || EVP_DigestInit_ex(b, EVP_sm3(), NULL) != 1)
        wrong = "无法计算摘要";
    while (!wrong && (n = read(fd, c->buffer, READ_BYTES)) > 0) {
        EVP_DigestUpdate(a, c->buffer, (size_t)n);
        EVP_DigestUpdate(b, c->buffer, (size_t)n);
    }
    if (!wrong && n < 0)
        wrong = strerror(errno);
    if (!wrong && !digest_is(c->w->arena, a, sha256))
        wrong = "内容与 SHA-256 摘要不符";
    else if (!wrong && !digest_is(c->w->arena, b, sm3))
        wrong = "内容与 SM3 摘要不符";
    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(a);
    EVP_MD_CTX_free(b);
    return wrong;
}

static int check_row(void *ctx, const struct db_rows *r) {
    struct check *c = ctx;
    struct arena *kept = c->w->arena;
    int64_t id = db_i(r, 0, 0), seq = db_null(r, 0, 3) ? -1 : db_i(r, 0, 3);
    struct str sha256 = str_dup(kept, db_s(r, 0, 1));
    const char *wrong =
        sha256.n == 64 ? file_wrong(c, blob_path(kept, c->w->config, sha256.p), sha256, db_s(r, 0, 2)) : "摘要不可读";
    if (wrong)
        ledger_finding(c->w, c->report, "attachment", id, seq, "附件 %lld（%.16s…）：%s", (long long)id, sha256.p,
                       wrong);
    return 0;
}

static void stray(struct check *c, const char *path, const char *name) {
    struct db_rows r;
    struct stat st;
    if (name[0] == '.') { /* an upload under way; an old one was left by a crash */
        if (stat(path, &st) == 0 && (int64_t)st.st_mtime < c->w->now / 1000 - 86400)
            ledger_finding(c->w, c->report, "attachment", 0, -1, "存储中有中断的上传残留 %s，可以删除", name);
        return;
    }
    if (db_one(c->w, &sql_blob_by_sha256, &r, DB_TEXTZ(name)) == 0)
        ledger_finding(c->w, c->report, "attachment", 0, -1, "存储中的文件 %.16s… 在数据库中没有登记", name);
}

static int walk(struct check *c, const char *path, int depth) {
    DIR *d = opendir(path);
    struct dirent *e;
    if (!d)
        return errno == ENOENT ? 0 : fail(c->w, ERR_INTERNAL, "%s：%s", path, strerror(errno));
    while ((e = readdir(d))) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        const char *inner = str_printf(c->w->arena, "%s/%s", path, e->d_name).p;
        if (lstat(inner, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < 2) {
            if (walk(c, inner, depth + 1) < 0) {
                closedir(d);
                return -1;
            }
        } else {
            stray(c, inner, e->d_name);
        }
    }
    closedir(d);
    return 0;
}

int blob_verify(struct work *w, struct ledger_report *report) {
    struct check c = {.w = w, .report = report, .buffer = malloc(READ_BYTES)};
    if (!c.buffer)
        return fail(w, ERR_INTERNAL, "内存不足");
    int rc = db_each(w, &sql_blob_all, NULL, 0, check_row, &c);
    if (rc == 0)
        rc = walk(&c, str_printf(w->arena, "%s/blobs", w->config->data_dir).p, 0);
    free(c.buffer);
    return rc;
}
