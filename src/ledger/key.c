/* key.c: this node's signing keys: a PEM file readable by the service alone, known to the log by an event, and the
 * checkpoints signed with it.
 *
 * The first node makes the key and registers it; the others find the same file in the shared data folder, or are given
 * a copy. A node whose key is not the registered one goes on numbering events and leaves the signing to the others. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ED25519, SM2, ALGORITHMS };
static const char *const algorithm_names[ALGORITHMS] = {"ed25519", "sm2"};

static struct {
    pthread_mutex_t mutex;
    struct note_key keys[ALGORITHMS], before[ALGORITHMS]; /* before: the one just replaced, or none */
    struct str vkeys[ALGORITHMS];                         /* owned; of keys */
    bool told;                                            /* that there is no fitting key */
} signer = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ── files ── */

static const char *key_path(struct arena *a, const struct app_config *c, int algorithm) {
    if (algorithm == SM2)
        return c->ledger_sm2_key_file && *c->ledger_sm2_key_file ? c->ledger_sm2_key_file : NULL;
    if (c->ledger_key_file && *c->ledger_key_file)
        return c->ledger_key_file;
    return str_printf(a, "%s/ledger-key.pem", c->data_dir).p;
}

static int file_failed(struct work *w, const char *path) {
    return fail(w, ERR_INTERNAL, "账本签名密钥文件 %s 无法读写：%s", path, strerror(errno));
}

/* 0 and NULL when there is no such file. */
static int key_read(struct work *w, const char *path, EVP_PKEY **ret) {
    struct stat st;
    *ret = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : file_failed(w, path);
    if (fstat(fd, &st) < 0 || (st.st_mode & 077)) {
        close(fd);
        return fail(w, ERR_INTERNAL, "账本签名密钥文件 %s 只应由本服务读取，请先执行 chmod 600", path);
    }
    FILE *f = fdopen(fd, "r");
    *ret = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    if (f)
        fclose(f);
    return *ret ? 0 : fail(w, ERR_INTERNAL, "账本签名密钥文件 %s 不是 PEM 私钥", path);
}

static int key_write(struct work *w, const char *path, EVP_PKEY *key) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f) {
        if (fd >= 0)
            close(fd);
        return file_failed(w, path);
    }
    bool good = PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1 && fflush(f) == 0 && fsync(fd) == 0;
    good = fclose(f) == 0 && good;
    if (!good)
        unlink(path);
    return good ? 0 : file_failed(w, path);
}

/* ── the log's name ── */

/* The address of the log without its scheme; what is once in a checkpoint stays for good. */
static struct str origin_of(struct work *w) {
    const char *host = strstr(w->config->base_url, "://");
    if (w->config->ledger_origin && *w->config->ledger_origin)
        return str_z(w->config->ledger_origin);
    return str_printf(w->arena, "%s/ledger", host ? host + 3 : w->config->base_url);
}

/* ── registration ── */

static int key_event(struct work *w, const char *verb, struct str vkey, struct str previous, int64_t size) {
    json_t *p = json_pack("{s:s%, s:I}", "key", vkey.p, vkey.n, "size", (json_int_t)size);
    if (previous.n)
        json_object_set_new(p, "previous", json_stringn(previous.p, previous.n));
    struct event e = {.room = "ledger",
                      .verb = verb,
                      .subject_kind = "ledger",
                      .subject_id = 1,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static int key_register(struct work *w, int algorithm, struct str origin, const struct note_key *k,
                        struct str previous) {
    struct ledger_head head;
    struct str vkey = note_vkey(w->arena, k);
    if (ledger_head(w, &head) < 0 ||
        (previous.n && db_exec(w, &sql_ledger_key_retire, DB_TEXTZ(algorithm_names[algorithm]), DB_INT(w->now)) < 0) ||
        db_exec(w, &sql_ledger_key_insert, DB_TEXT(origin), DB_TEXTZ(algorithm_names[algorithm]), DB_TEXT(vkey),
                DB_INT(head.size), DB_INT(w->now)) < 0)
        return -1;
    return key_event(w, previous.n ? "key_rotated" : "key_set", vkey, previous, head.size);
}

static EVP_PKEY *key_new(int algorithm) {
    return algorithm == SM2 ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static int note_key_named(struct work *w, int algorithm, struct str origin, EVP_PKEY *key, struct note_key *ret) {
    if (note_key_from(ret, algorithm == SM2 ? NOTE_SM2 : NOTE_ED25519, str_dupz(w->arena, origin), key) < 0)
        return fail(w, ERR_INTERNAL, "账本名称“%.*s”或签名密钥不可用（名称不得含空格和加号）", STR_ARG(origin));
    return 0;
}

/* Takes the key. */
static void signer_set(int algorithm, struct note_key *k, struct str vkey) {
    pthread_mutex_lock(&signer.mutex);
    note_key_free(&signer.before[algorithm]);
    signer.before[algorithm] = signer.keys[algorithm];
    free((char *)(uintptr_t)signer.vkeys[algorithm].p);
    signer.keys[algorithm] = *k;
    signer.vkeys[algorithm] = (struct str){strndup(vkey.p, vkey.n), vkey.n};
    signer.told = false;
    pthread_mutex_unlock(&signer.mutex);
}

void ledger_forget(void) {
    for (int i = 0; i < ALGORITHMS; i++) {
        struct note_key none = {0};
        signer_set(i, &none, S(""));
        signer_set(i, &none, S(""));
    }
    ledger_generation_reset();
}

/* Inside a transaction: reads or makes the key, registers it when the log knows none. */
static int key_open(struct work *w, int algorithm) {
    struct db_rows r;
    EVP_PKEY *key;
    struct note_key k;
    const char *path = key_path(w->arena, w->config, algorithm);
    if (!path)
        return 0;
    int known = db_one(w, &sql_ledger_key_active, &r, DB_TEXTZ(algorithm_names[algorithm]));
    if (known < 0 || key_read(w, path, &key) < 0)
        return -1;
    struct str origin = known ? db_s(&r, 0, 1) : origin_of(w);
    if (!key && known) {
        log_line(LOG_WARN, "ledger_key", "reason=\"no key file on this node: it numbers events, others sign\"");
        return 0;
    }
    if (!key && (!(key = key_new(algorithm)) || key_write(w, path, key) < 0)) {
        EVP_PKEY_free(key);
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "无法生成账本签名密钥");
    }
    if (note_key_named(w, algorithm, origin, key, &k) < 0)
        return -1;
    struct str vkey = note_vkey(w->arena, &k);
    if (known && !str_eq(vkey, db_s(&r, 0, 3))) {
        note_key_free(&k);
        return fail(w, ERR_CONFLICT,
                    "签名密钥文件 %s 与账本登记的密钥不符：请恢复原文件；确需更换时运行 mingtang ledger rotate", path);
    }
    if (!known && key_register(w, algorithm, origin, &k, S("")) < 0) {
        note_key_free(&k);
        return -1;
    }
    signer_set(algorithm, &k, vkey);
    return 0;
}

int ledger_open(struct work *w) {
    if (tree_mend(w) < 0 || db_begin(w) < 0)
        return -1;
    for (int i = 0; i < ALGORITHMS; i++)
        if (key_open(w, i) < 0) {
            db_rollback(w);
            return -1;
        }
    if (db_commit(w) < 0)
        return -1;
    db_before_commit(db_pool_of(w), ledger_before_commit);
    return 0;
}

/* The old file is kept beside the new one: signatures made with it must stay explainable. */
static int file_renew(struct work *w, const char *path, EVP_PKEY *fresh) {
    const char *next = str_printf(w->arena, "%s.next", path).p,
               *old = str_printf(w->arena, "%s.retired-%lld", path, (long long)(w->now / 1000)).p;
    unlink(next);
    if (key_write(w, next, fresh) < 0)
        return -1;
    if (link(path, old) < 0 || rename(next, path) < 0) {
        unlink(next);
        return file_failed(w, path);
    }
    return 0;
}

int ledger_rotate(struct work *w, const char *algorithm) {
    struct db_rows r;
    struct note_key k;
    int which = strcmp(algorithm, algorithm_names[SM2]) == 0 ? SM2 : ED25519;
    const char *path = key_path(w->arena, w->config, which);
    if (!path)
        return fail(w, ERR_WRONG_STATE, "没有配置这种签名密钥");
    int known = db_one(w, &sql_ledger_key_active, &r, DB_TEXTZ(algorithm_names[which]));
    if (known <= 0)
        return known < 0 ? -1 : fail(w, ERR_WRONG_STATE, "账本还没有登记这种签名密钥");
    EVP_PKEY *fresh = key_new(which);
    if (!fresh || note_key_named(w, which, db_s(&r, 0, 1), fresh, &k) < 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "无法生成账本签名密钥");
    /* The old key signs the checkpoint over the event that names the new one: the event first, with the old key in
     * place, then the file. */
    int rc = key_register(w, which, db_s(&r, 0, 1), &k, db_s(&r, 0, 3));
    if (rc == 0)
        rc = file_renew(w, path, k.key);
    note_key_free(&k);
    return rc;
}

/* ── checkpoints ── */

static bool add_line(struct work *w, const struct note_key *k, struct str text, struct str *lines) {
    struct str line = k->key ? note_sign(w->arena, k, text, 0) : S("");
    *lines = str_printf(w->arena, "%.*s%.*s", STR_ARG(*lines), STR_ARG(line));
    return line.n > 0;
}

/* handing_over: the first checkpoint after a rotation carries the old key's line too, so that whoever trusts the old
 * key can follow to the new one. "" when the main signature fails. */
static struct str sign_lines(struct work *w, struct str text, const bool fits[ALGORITHMS], bool handing_over) {
    struct str lines = S("");
    bool good = true;
    pthread_mutex_lock(&signer.mutex);
    for (int i = 0; i < ALGORITHMS; i++) {
        if (fits[i])
            good &= add_line(w, &signer.keys[i], text, &lines);
        if (fits[i] && handing_over)
            add_line(w, &signer.before[i], text, &lines);
    }
    pthread_mutex_unlock(&signer.mutex);
    return good ? lines : S("");
}

/* Is the key in memory the one the log knows (a row of ledger_keys_active)? After a rotation by another process the
 * file is read again. */
static bool signer_fits(struct work *w, int algorithm, const struct db_rows *known, size_t row) {
    EVP_PKEY *key;
    struct note_key k;
    pthread_mutex_lock(&signer.mutex);
    bool held = signer.keys[algorithm].key != NULL, same = str_eq(signer.vkeys[algorithm], db_s(known, row, 2));
    pthread_mutex_unlock(&signer.mutex);
    const char *path = key_path(w->arena, w->config, algorithm);
    if (same || !held || !path)
        return same;
    if (key_read(w, path, &key) < 0 || !key || note_key_named(w, algorithm, db_s(known, row, 1), key, &k) < 0) {
        error_clear(w);
        return false;
    }
    struct str vkey = note_vkey(w->arena, &k);
    same = str_eq(vkey, db_s(known, row, 2));
    if (same)
        signer_set(algorithm, &k, vkey);
    else
        note_key_free(&k);
    return same;
}

static void tell_once(const char *why) {
    pthread_mutex_lock(&signer.mutex);
    bool told = signer.told;
    signer.told = true;
    pthread_mutex_unlock(&signer.mutex);
    if (!told)
        log_line(LOG_WARN, "checkpoint_unsigned", "reason=\"%s\"", why);
}

/* The first checkpoint of a key: nothing has been signed since it came into use. */
static bool first_of_key(const struct db_rows *known, size_t row) {
    return db_i(known, row, 4) <= db_i(known, row, 3);
}

int checkpoint_sign(struct work *w, int64_t size, const struct hash *root, int64_t at) {
    struct db_rows r;
    char hex[2 * HASH_BYTES + 1];
    bool fits[ALGORITHMS] = {false}, handing_over = false;
    struct str origin = S("");
    pthread_mutex_lock(&signer.mutex);
    bool held = signer.keys[ED25519].key != NULL;
    pthread_mutex_unlock(&signer.mutex);
    if (!held)
        return 0;
    if (db_query(w, &sql_ledger_keys_active, &r) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        int algorithm = str_is(db_s(&r, i, 0), algorithm_names[SM2]) ? SM2 : ED25519;
        fits[algorithm] = signer_fits(w, algorithm, &r, i);
        handing_over = handing_over || (fits[algorithm] && first_of_key(&r, i));
        origin = db_s(&r, i, 1);
    }
    if (!fits[ED25519]) {
        tell_once("the key of this node is not the registered one");
        return 0;
    }
    struct str text = checkpoint_text(w->arena, origin, size, root), lines = sign_lines(w, text, fits, handing_over);
    if (!lines.n)
        return fail(w, ERR_INTERNAL, "账本检查点签名失败");
    hash_hex(hex, root);
    struct str note = str_printf(w->arena, "%.*s\n%.*s", STR_ARG(text), STR_ARG(lines));
    return db_exec(w, &sql_ledger_checkpoint_insert, DB_INT(size), DB_INT(at), DB_TEXTZ(hex), DB_TEXT(note)) < 0 ? -1
                                                                                                                 : 0;
}
