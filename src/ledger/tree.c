/* tree.c: the tree of a log of a given size, read by tiles of 256 hashes: level 0 are the leaf hashes of the entries,
 * level n the roots of full subtrees of 256^n leaves (table ledger_node). A proof reads one tile a level, not the
 * log: three at a million entries. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#define TILES_KEPT 24 /* two paths of a log of 2^64 entries */

struct tile {
    unsigned level, n;
    uint64_t index;
    struct hash *h;
};
struct tree {
    struct work *w;
    uint64_t size;
    struct tile tiles[TILES_KEPT];
    unsigned n;
};

struct tree *tree_open(struct work *w, int64_t size) {
    struct tree *t = arena_one(w->arena, struct tree);
    *t = (struct tree){.w = w, .size = (uint64_t)size};
    return t;
}

static int unreadable(struct tree *t) {
    return t->w->error.code ? -1
                            : fail(t->w, ERR_INTERNAL, "存证账本的散列缺失或不可读，请运行 mingtang ledger verify");
}

static int tile_read(struct tree *t, struct tile *ret) {
    struct db_rows r;
    uint64_t width = t->size >> (TILE_HEIGHT * ret->level), from = ret->index * TILE_WIDTH;
    ret->n = width <= from ? 0 : width - from < TILE_WIDTH ? (unsigned)(width - from) : TILE_WIDTH;
    int rc = ret->level == 0
                 ? db_query(t->w, &sql_ledger_leaf_range, &r, DB_INT(from), DB_INT(from + ret->n))
                 : db_query(t->w, &sql_ledger_node_range, &r, DB_INT(ret->level), DB_INT(from), DB_INT(from + ret->n));
    if (rc < 0 || r.n != ret->n)
        return unreadable(t);
    ret->h = arena_many(t->w->arena, struct hash, ret->n ? ret->n : 1);
    for (unsigned i = 0; i < ret->n; i++)
        if (hash_parse(db_s(&r, i, 0), &ret->h[i]) < 0)
            return unreadable(t);
    return 0;
}

int tree_tile(struct tree *t, unsigned level, uint64_t index, const struct hash **ret, unsigned *ret_n) {
    for (unsigned i = 0; i < t->n; i++)
        if (t->tiles[i].level == level && t->tiles[i].index == index) {
            *ret = t->tiles[i].h;
            *ret_n = t->tiles[i].n;
            return 0;
        }
    struct tile one = {.level = level, .index = index};
    if (tile_read(t, &one) < 0)
        return -1;
    if (t->n == TILES_KEPT) { /* the oldest goes: paths come one after the other */
        t->n--;
        memmove(t->tiles, t->tiles + 1, t->n * sizeof one);
    }
    t->tiles[t->n++] = one;
    *ret = one.h;
    *ret_n = one.n;
    return 0;
}

/* Root of the full subtree of 2^height leaves at position. */
static int subtree(struct tree *t, unsigned height, uint64_t position, struct hash *ret) {
    unsigned level = height / TILE_HEIGHT, rest = height % TILE_HEIGHT, n;
    uint64_t first = position << rest;
    const struct hash *tile;
    struct hash work[TILE_WIDTH / 2];
    if (tree_tile(t, level, first / TILE_WIDTH, &tile, &n) < 0)
        return -1;
    unsigned at = (unsigned)(first % TILE_WIDTH), width = 1u << rest;
    if (at + width > n)
        return unreadable(t);
    if (width == 1) {
        *ret = tile[at];
        return 0;
    }
    for (unsigned i = 0; i < width / 2; i++)
        hash_node(&work[i], &tile[at + 2 * i], &tile[at + 2 * i + 1]);
    for (unsigned k = width / 4; k; k /= 2)
        for (unsigned i = 0; i < k; i++)
            hash_node(&work[i], &work[2 * i], &work[2 * i + 1]);
    *ret = work[0];
    return 0;
}

static uint64_t largest_power_below(uint64_t n) {
    return 1ULL << (63 - __builtin_clzll(n - 1));
}

/* MTH(D[lo:hi]); lo is a multiple of the largest power of two below hi - lo. */
static int range_hash(struct tree *t, uint64_t lo, uint64_t hi, struct hash *ret) {
    uint64_t n = hi - lo;
    if ((n & (n - 1)) == 0) {
        unsigned height = (unsigned)__builtin_ctzll(n);
        return subtree(t, height, lo >> height, ret);
    }
    struct hash left, right;
    uint64_t k = largest_power_below(n);
    if (range_hash(t, lo, lo + k, &left) < 0 || range_hash(t, lo + k, hi, &right) < 0)
        return -1;
    hash_node(ret, &left, &right);
    return 0;
}

int tree_root(struct tree *t, struct hash *ret) {
    if (t->size)
        return range_hash(t, 0, t->size, ret);
    hash_bytes(ret, "", 0);
    return 0;
}

/* RFC 6962 §2.1.1 from the top down; the proof lists the lowest first. */
int tree_inclusion(struct tree *t, uint64_t seq, struct hash ret[PROOF_HASHES], unsigned *ret_n) {
    struct hash down[PROOF_HASHES];
    unsigned n = 0;
    uint64_t lo = 0, hi = t->size;
    if (seq >= t->size)
        return fail(t->w, ERR_NOT_FOUND, "账本中没有第 %llu 号", (unsigned long long)seq);
    while (hi - lo > 1) {
        uint64_t k = largest_power_below(hi - lo);
        bool left = seq < lo + k;
        if (left ? range_hash(t, lo + k, hi, &down[n]) < 0 : range_hash(t, lo, lo + k, &down[n]) < 0)
            return -1;
        n++;
        if (left)
            hi = lo + k;
        else
            lo += k;
    }
    for (unsigned i = 0; i < n; i++)
        ret[i] = down[n - 1 - i];
    *ret_n = n;
    return 0;
}

/* RFC 6962 §2.1.2: SUBPROOF(m, D[lo:hi], b). */
int tree_consistency(struct tree *t, uint64_t from, struct hash ret[PROOF_HASHES], unsigned *ret_n) {
    struct hash down[PROOF_HASHES];
    unsigned n = 0;
    uint64_t lo = 0, hi = t->size, m = from;
    bool whole = true; /* the old tree is still D[0:m] itself, which the verifier knows */
    if (from > t->size)
        return fail(t->w, ERR_NOT_FOUND, "账本只有 %llu 号", (unsigned long long)t->size);
    while (from && m != hi - lo) {
        uint64_t k = largest_power_below(hi - lo);
        bool left = m <= k;
        if (left ? range_hash(t, lo + k, hi, &down[n]) < 0 : range_hash(t, lo, lo + k, &down[n]) < 0)
            return -1;
        n++;
        if (left) {
            hi = lo + k;
        } else {
            lo += k;
            m -= k;
            whole = false;
        }
    }
    if (from && !whole) {
        if (range_hash(t, lo, hi, &down[n]) < 0)
            return -1;
        n++;
    }
    for (unsigned i = 0; i < n; i++)
        ret[i] = down[n - 1 - i];
    *ret_n = n;
    return 0;
}

/* ── nodes of a log that was begun without them ── */

struct mend {
    struct work *w;
    struct merkle_range range;
    bool failed;
};

static void mend_node(void *ctx, unsigned level, uint64_t position, const struct hash *h) {
    struct mend *m = ctx;
    char hex[2 * HASH_BYTES + 1];
    hash_hex(hex, h);
    m->failed |= db_exec(m->w, &sql_ledger_node_insert, DB_INT(level), DB_INT(position), DB_TEXTZ(hex)) < 0;
}

static int mend_leaf(void *ctx, const struct db_rows *one) {
    struct mend *m = ctx;
    struct hash leaf;
    if (hash_parse(db_s(one, 0, 0), &leaf) < 0)
        return -1;
    merkle_append_telling(&m->range, &leaf, mend_node, m);
    return m->failed ? -1 : 0;
}

static int mend_all(struct work *w, int64_t size) {
    struct mend m = {.w = w};
    struct db_value all[] = {DB_INT(0), DB_INT(size)};
    if (db_exec(w, &sql_ledger_node_clear) < 0 || db_each(w, &sql_ledger_leaf_range, all, 2, mend_leaf, &m) != 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "存证账本的叶子散列不可读");
    return 0;
}

int tree_mend(struct work *w) {
    struct ledger_head head;
    struct db_rows r;
    if (ledger_head(w, &head) < 0 || db_one(w, &sql_ledger_node_count, &r) != 1)
        return -1;
    if (db_i(&r, 0, 0) == head.size / TILE_WIDTH)
        return 0;
    if (db_begin(w) < 0)
        return -1;
    int got = db_try_lock(w, LEDGER_LOCK);
    if (got != 1 || ledger_head(w, &head) < 0 || mend_all(w, head.size) < 0) {
        db_rollback(w);
        return got == 0 ? 0 : -1; /* another node is at it */
    }
    return db_commit(w);
}
