/* public_log.c: the log as outsiders read it: checkpoints, tiles, entries, proofs. Full tiles never change; they are
 * written to data_dir/ledger/tile on first request and served as files from then on. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ── checkpoints ── */

static void checkpoint_read(struct ledger_checkpoint *ret, const struct db_rows *r) {
    *ret = (struct ledger_checkpoint){db_i(r, 0, 0), db_i(r, 0, 1), db_s(r, 0, 2), db_s(r, 0, 3)};
}

static int checkpoint_one(struct work *w, const struct db_statement *st, int64_t size, struct ledger_checkpoint *ret) {
    struct db_rows r;
    int n = db_one_n(w, st, &r, (const struct db_value[]){DB_INT(size)}, size < 0 ? 0 : 1);
    if (n == 1)
        checkpoint_read(ret, &r);
    return n;
}

int ledger_checkpoint_latest(struct work *w, struct ledger_checkpoint *ret) {
    return checkpoint_one(w, &sql_ledger_checkpoint_latest, -1, ret);
}

int ledger_checkpoint_at(struct work *w, int64_t size, struct ledger_checkpoint *ret) {
    return checkpoint_one(w, &sql_ledger_checkpoint_at, size, ret);
}

int ledger_checkpoint_covering(struct work *w, int64_t seq, struct ledger_checkpoint *ret) {
    return checkpoint_one(w, &sql_ledger_checkpoint_covering, seq, ret);
}

int ledger_checkpoint_for(struct work *w, int64_t event_id, struct ledger_checkpoint *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_ledger_entry_of_event, &r, DB_INT(event_id));
    if (n <= 0)
        return n;
    int64_t seq = db_i(&r, 0, 0);
    n = checkpoint_one(w, &sql_ledger_checkpoint_cosigned, -1, ret);
    if (n < 0 || (n == 1 && ret->size > seq))
        return n;
    n = ledger_checkpoint_latest(w, ret);
    return n == 1 ? ret->size > seq : n;
}

struct str ledger_checkpoint_note(struct work *w, const struct ledger_checkpoint *c) {
    struct db_rows r;
    struct str note = c->note;
    if (db_query(w, &sql_ledger_cosignatures_of, &r, DB_INT(c->size)) < 0)
        return note;
    for (size_t i = 0; i < r.n; i++)
        note = str_printf(w->arena, "%.*s%.*s\n", STR_ARG(note), STR_ARG(db_s(&r, i, 4)));
    return note;
}

static json_t *checkpoint_json(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_pack("{s:I, s:s}", "size", (json_int_t)db_i(r, i, 0), "root", db_s(r, i, 2).p);
    struct db_rows c;
    json_t *witnesses = json_array();
    json_object_set_new(o, "at", json_string(instant_rfc3339(w->arena, db_i(r, i, 1)).p));
    json_object_set_new(o, "at_text", json_string(instant_text(w->arena, db_i(r, i, 1)).p));
    if (db_query(w, &sql_ledger_cosignatures_of, &c, DB_INT(db_i(r, i, 0))) == 0)
        for (size_t k = 0; k < c.n; k++)
            json_array_append_new(witnesses, json_pack("{s:s, s:s, s:s}", "witness", db_s(&c, k, 1).p, "at",
                                                       instant_rfc3339(w->arena, db_i(&c, k, 3)).p, "at_text",
                                                       instant_text(w->arena, db_i(&c, k, 3)).p));
    json_object_set_new(o, "cosignatures", witnesses);
    return o;
}

json_t *ledger_checkpoints(struct work *w, int64_t below, int limit) {
    struct db_rows r;
    if (db_query(w, &sql_ledger_checkpoint_before, &r, DB_INT(below), DB_INT(limit)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++)
        json_array_append_new(list, checkpoint_json(w, &r, i));
    return list;
}

json_t *ledger_keys(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_ledger_key_list, &r) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:s, s:b}", "origin", db_s(&r, i, 1).p, "algorithm",
                              db_s(&r, i, 2).p, "vkey", db_s(&r, i, 3).p, "from_size", (json_int_t)db_i(&r, i, 4),
                              "since", instant_text(w->arena, db_i(&r, i, 5)).p, "active", db_i(&r, i, 6) == 0);
        json_object_set_new(o, "ed25519", json_boolean(str_is(db_s(&r, i, 2), "ed25519")));
        if (db_i(&r, i, 6))
            json_object_set_new(o, "retired", json_string(instant_text(w->arena, db_i(&r, i, 6)).p));
        json_array_append_new(list, o);
    }
    return list;
}

/* ── entries ── */

static void leaf_of_row(struct buf *out, const struct db_rows *r, size_t i) {
    struct event_row e;
    event_row_read(&e, r, i);
    leaf_add(out, &e, db_i(r, i, 20), db_i(r, i, 19));
}

int ledger_leaf(struct work *w, int64_t seq, struct str *ret) {
    struct db_rows r;
    struct buf b;
    int n = db_one(w, &sql_ledger_entry_rows, &r, DB_INT(seq), DB_INT(seq + 1));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "账本中没有第 %lld 号", (long long)seq);
    buf_init(&b, LEAF_BYTES + 1);
    leaf_of_row(&b, &r, 0);
    *ret = str_dup(w->arena, buf_str(&b));
    n = b.failed ? fail(w, ERR_INTERNAL, "第 %lld 号的内容不可读", (long long)seq) : 0;
    buf_release(&b);
    return n;
}

/* Big-endian uint16 length, then the leaf: C2SP entry bundle. */
static int bundle(struct work *w, int64_t from, int64_t to, struct str *ret) {
    struct db_rows r;
    struct buf all, leaf;
    if (db_query(w, &sql_ledger_entry_rows, &r, DB_INT(from), DB_INT(to)) < 0)
        return -1;
    buf_init(&all, (size_t)TILE_WIDTH * (LEAF_BYTES + 2) + 1);
    buf_init(&leaf, LEAF_BYTES + 1);
    for (size_t i = 0; i < r.n; i++) {
        buf_clear(&leaf);
        leaf_of_row(&leaf, &r, i);
        buf_addc(&all, (char)(leaf.n >> 8));
        buf_addc(&all, (char)(leaf.n & 255));
        buf_add(&all, buf_str(&leaf));
    }
    *ret = str_dup(w->arena, buf_str(&all));
    bool failed = all.failed || leaf.failed || (int64_t)r.n != to - from;
    buf_release(&all);
    buf_release(&leaf);
    return failed ? fail(w, ERR_INTERNAL, "账本条目缺失或不可读，请运行 mingtang ledger verify") : 0;
}

static int hash_tile(struct work *w, int level, int64_t index, unsigned width, int64_t size, struct str *ret) {
    const struct hash *h;
    unsigned n;
    if (tree_tile(tree_open(w, size), (unsigned)level, (uint64_t)index, &h, &n) < 0)
        return -1;
    *ret = (struct str){(const char *)h, (size_t)width * HASH_BYTES};
    return n < width ? fail(w, ERR_INTERNAL, "账本散列缺失，请运行 mingtang ledger verify") : 0;
}

/* Only what a signed checkpoint covers is shown: a witness must never see a tile without a head for it. */
int ledger_tile(struct work *w, int level, int64_t index, unsigned width, struct str *ret) {
    struct ledger_checkpoint c;
    int n = ledger_checkpoint_latest(w, &c), height = level < 0 ? 0 : level;
    if (n < 0)
        return -1;
    bool past = n == 0 || height > 7 || index < 0 || width < 1 || width > TILE_WIDTH ||
                index > INT64_MAX / TILE_WIDTH - 1 || index * TILE_WIDTH + width > c.size >> (TILE_HEIGHT * height);
    if (past)
        return fail(w, ERR_NOT_FOUND, "账本中还没有这一块");
    if (level < 0)
        return bundle(w, index * TILE_WIDTH, index * TILE_WIDTH + width, ret);
    return hash_tile(w, level, index, width, c.size, ret);
}

/* ── full tiles as files ── */

/* x001/x234/067 */
static struct str tile_number(struct arena *a, int64_t index) {
    struct str s = str_printf(a, "%03lld", (long long)(index % 1000));
    for (index /= 1000; index; index /= 1000)
        s = str_printf(a, "x%03lld/%.*s", (long long)(index % 1000), STR_ARG(s));
    return s;
}

const char *ledger_tile_path(struct work *w, int level, int64_t index) {
    struct str kind = level < 0 ? S("entries") : str_printf(w->arena, "%d", level);
    return str_printf(w->arena, "%s/ledger/tile/%.*s/%.*s", w->config->data_dir, STR_ARG(kind),
                      STR_ARG(tile_number(w->arena, index)))
        .p;
}

static void make_parents(char *path, size_t from) {
    for (char *p = path + from; (p = strchr(p, '/')); p++) {
        *p = 0;
        mkdir(path, 0750);
        *p = '/';
    }
}

/* A complete file or none: written aside, synced, linked into place. A full disk is no error of the reader's. */
int ledger_tile_file(struct work *w, int level, int64_t index, const char **ret_path) {
    struct str bytes;
    struct stat st;
    const char *path = ledger_tile_path(w, level, index);
    *ret_path = path;
    if (stat(path, &st) == 0)
        return 1;
    if (ledger_tile(w, level, index, TILE_WIDTH, &bytes) < 0)
        return -1;
    char *aside = str_dupz(w->arena, str_printf(w->arena, "%s.%.*s", path, STR_ARG(random_token(w->arena, 9))));
    make_parents(aside, strlen(w->config->data_dir) + 1);
    int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440);
    bool good = fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    good = good && rename(aside, path) == 0;
    if (!good)
        unlink(aside);
    return good;
}

/* ── proofs ── */

static json_t *hashes_json(struct work *w, const struct hash *h, unsigned n) {
    json_t *list = json_array();
    for (unsigned i = 0; i < n; i++)
        json_array_append_new(list, json_string(base64_encode(w->arena, h[i].b, HASH_BYTES).p));
    return list;
}

json_t *ledger_inclusion(struct work *w, int64_t seq, int64_t size) {
    struct hash h[PROOF_HASHES];
    unsigned n;
    if (seq < 0 || tree_inclusion(tree_open(w, size), (uint64_t)seq, h, &n) < 0)
        return NULL;
    return json_pack("{s:I, s:I, s:o}", "seq", (json_int_t)seq, "size", (json_int_t)size, "hashes",
                     hashes_json(w, h, n));
}

json_t *ledger_consistency(struct work *w, int64_t from, int64_t to) {
    struct hash h[PROOF_HASHES];
    unsigned n;
    if (from < 0 || tree_consistency(tree_open(w, to), (uint64_t)from, h, &n) < 0)
        return NULL;
    return json_pack("{s:I, s:I, s:o}", "from", (json_int_t)from, "to", (json_int_t)to, "hashes", hashes_json(w, h, n));
}

json_t *ledger_proof_of(struct work *w, int64_t event_id, const struct ledger_checkpoint *c) {
    struct db_rows r;
    struct str leaf;
    int n = db_one(w, &sql_ledger_entry_of_event, &r, DB_INT(event_id));
    if (n < 0 || (n == 1 && ledger_leaf(w, db_i(&r, 0, 0), &leaf) < 0))
        return NULL;
    if (n == 0 || db_i(&r, 0, 0) >= c->size) {
        fail(w, ERR_NOT_FOUND, "这条记录刚刚产生，还没有写入账本，请几秒后再看");
        return NULL;
    }
    int64_t seq = db_i(&r, 0, 0);
    json_t *proof = ledger_inclusion(w, seq, c->size);
    return proof ? json_pack("{s:I, s:s%, s:o}", "seq", (json_int_t)seq, "leaf", leaf.p, leaf.n, "proof", proof) : NULL;
}

int ledger_protected(struct work *w, int64_t event_id, struct str *ret_salt, struct str *ret_text) {
    struct db_rows r, secret;
    struct event_row e;
    struct buf b;
    int n = db_one(w, &sql_ledger_event_row, &r, DB_INT(event_id));
    if (n == 1)
        n = db_one(w, &sql_ledger_secret_of, &secret, DB_INT(event_id));
    if (n != 1)
        return n;
    event_row_read(&e, &r, 0);
    buf_init(&b, 8 * LEDGER_PAYLOAD_BYTES);
    protected_add(&b, &e, db_s(&secret, 0, 1));
    *ret_salt = db_s(&secret, 0, 0);
    *ret_text = str_dup(w->arena, buf_str(&b));
    n = b.failed ? fail(w, ERR_INTERNAL, "记录 %lld 不可读", (long long)event_id) : 1;
    buf_release(&b);
    return n;
}
