/* sealed_end.c: the end of sealed files: erasing one, sweeping what belongs to nothing, holding store and table against
 * each other. */
#include "blob/blob_internal.h"
#include "blob_sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_SECONDS 86400
#define READ_BYTES (64 * 1024)

/* ── erasing ── */

static void unlink_now(void *path) {
    if (unlink(path) < 0 && errno != ENOENT)
        log_line(LOG_ERROR, "sealed_erase", "step=unlink errno=%d", errno); /* the sweep tries again */
}

static int erased_event(struct work *w, int64_t id, struct str sha256) {
    json_t *p = json_pack("{s:s%}", "sha256", sha256.p, sha256.n);
    struct event e = {.room = "blob",
                      .verb = "erased",
                      .subject_kind = "sealed_file",
                      .subject_id = id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

int sealed_erase(struct work *w, int64_t id) {
    struct db_rows r;
    int n = db_one(w, &sql_sealed_file_get, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个文件");
    char *path = str_dupz(w->arena, str_z(sealed_path(w->arena, w->config, db_s(&r, 0, 1))));
    n = db_exec(w, &sql_sealed_file_erase, DB_INT(id), DB_INT(w->now));
    if (n <= 0)
        return n; /* erased before: nothing to do */
    if (erased_event(w, id, db_s(&r, 0, 6)) < 0)
        return -1;
    db_on_commit(w, unlink_now, path);
    return 0;
}

/* ── every file of the store ── */

struct walk {
    struct work *w;
    struct ledger_report *report; /* NULL: sweep */
    int rc;
};

/* A file without a living row: new ones may be about to get theirs. */
static void look_at(struct walk *k, const char *path, const char *name) {
    struct db_rows r;
    struct stat st;
    if (stat(path, &st) < 0 || (int64_t)st.st_mtime > k->w->now / 1000 - DAY_SECONDS)
        return;
    int n = sealed_name_ok(str_z(name)) ? db_one(k->w, &sql_sealed_file_alive, &r, DB_TEXTZ(name)) : 0;
    if (n < 0)
        k->rc = -1;
    if (n != 0)
        return;
    if (k->report)
        ledger_finding(k->w, k->report, "sealed_file", 0, -1,
                       "加密存储中的文件 %.16s… 没有登记或应已销毁，清理任务会删除它", name);
    else if (unlink(path) == 0)
        log_line(LOG_INFO, "sealed_sweep", "removed=%.16s", name);
}

static void walk_folder(struct walk *k, const char *path, int depth) {
    DIR *d = opendir(path);
    struct dirent *e;
    if (!d) {
        if (errno != ENOENT)
            k->rc = fail(k->w, ERR_INTERNAL, "%s：%s", path, strerror(errno));
        return;
    }
    while (k->rc == 0 && (e = readdir(d))) {
        struct arena *a = arena_new(64 * 1024);
        struct stat st;
        const char *inner = str_printf(a, "%s/%s", path, e->d_name).p;
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && lstat(inner, &st) == 0) {
            if (S_ISDIR(st.st_mode) && depth == 0)
                walk_folder(k, inner, 1);
            else if (S_ISREG(st.st_mode))
                look_at(k, inner, e->d_name);
        }
        arena_free(a);
    }
    closedir(d);
}

static int walk_store(struct work *w, struct ledger_report *report) {
    struct walk k = {w, report, 0};
    walk_folder(&k, str_printf(w->arena, "%s/sealed", w->config->data_dir).p, 0);
    return k.rc;
}

/* ── the sweep ── */

static int erase_loose(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_sealed_file_loose, &r, DB_INT(w->now - DAY_SECONDS * 1000LL), DB_INT(LIMIT_SEALED_SWEEP)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        int n = db_exec(w, &sql_sealed_file_erase_loose, DB_INT(db_i(&r, i, 0)), DB_INT(w->now));
        if (n < 0)
            return -1;
        if (n == 1)
            db_on_commit(w, unlink_now, str_dupz(w->arena, str_z(sealed_path(w->arena, w->config, db_s(&r, i, 1)))));
    }
    return 0;
}

int sealed_sweep(struct work *w, json_t *args) {
    (void)args;
    if (db_begin(w) < 0)
        return -1;
    if (erase_loose(w) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w) < 0 ? -1 : walk_store(w, NULL);
}

/* ── holding against the table ── */

static const char *file_wrong(struct arena *a, const char *path, struct str sha256) {
    unsigned char md[EVP_MAX_MD_SIZE], block[READ_BYTES];
    unsigned size = 0;
    ssize_t n = -1;
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *wrong = fd < 0 ? errno == ENOENT ? "文件不存在" : strerror(errno) : NULL;
    if (!wrong && (!m || EVP_DigestInit_ex(m, EVP_sha256(), NULL) != 1))
        wrong = "无法计算摘要";
    while (!wrong && (n = read(fd, block, sizeof block)) > 0)
        EVP_DigestUpdate(m, block, (size_t)n);
    if (!wrong && n < 0)
        wrong = strerror(errno);
    if (!wrong && (EVP_DigestFinal_ex(m, md, &size) != 1 || !str_eq(hex_encode(a, md, size), sha256)))
        wrong = "内容与 SHA-256 摘要不符";
    EVP_MD_CTX_free(m);
    if (fd >= 0)
        close(fd);
    return wrong;
}

static int check_row(void *ctx, const struct db_rows *r) {
    struct walk *k = ctx;
    struct arena *a = arena_new(64 * 1024);
    struct str file = db_s(r, 0, 1);
    const char *wrong =
        sealed_name_ok(file) ? file_wrong(a, sealed_path(a, k->w->config, file), db_s(r, 0, 2)) : "文件名不可读";
    if (wrong)
        ledger_finding(k->w, k->report, "sealed_file", db_i(r, 0, 0), -1, "加密文件 %lld（%.16s…）：%s",
                       (long long)db_i(r, 0, 0), file.p, wrong);
    arena_free(a);
    return 0;
}

int sealed_verify(struct work *w, struct ledger_report *report) {
    struct walk k = {w, report, 0};
    return db_each(w, &sql_sealed_file_living, NULL, 0, check_row, &k) < 0 ? -1 : walk_store(w, report);
}
