/* pass.c: one pass of the sequencer: committed events get their numbers and extend the tree.
 *
 * All of a pass is one transaction: entries, new frontier and root, emptied queue. A crash leaves either all of it
 * or nothing, so there can be no gap, no double and no lost event. Only events that are visible as committed are
 * in the queue; one that commits later with a smaller id simply gets a later number, and is deleted from the queue
 * by its own id only. A publication is numbered inside its own transaction (ledger_before_commit), so that whoever
 * waits for it waits for one sync and not for two; everything else comes in batches. The database-wide lock lets one
 * node at a time do this; should it ever fail, the update of the state is conditional on the size read. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

struct pass {
    struct work *w;
    struct merkle_range range;
    int64_t public_size, at;
    struct db_value *entries, *ids, *nodes;
    size_t node_count;
    struct buf leaf;
};

/* One level-1 node in 256 entries; higher ones are fewer by the same factor. */
#define NODES_MOST (LEDGER_BATCH / TILE_WIDTH + 1 + 8)

static int state_read(struct pass *p) {
    struct db_rows r;
    struct hash root, kept;
    if (db_one(p->w, &sql_ledger_state_read, &r) != 1)
        return -1;
    if (merkle_parse(db_s(&r, 0, 2), (uint64_t)db_i(&r, 0, 0), &p->range) < 0 || hash_parse(db_s(&r, 0, 3), &kept) < 0)
        return fail(p->w, ERR_INTERNAL, "存证账本的状态与其大小不符，已停止登记，请运行 mingtang ledger verify");
    merkle_root(&p->range, &root);
    if (!hash_eq(&root, &kept))
        return fail(p->w, ERR_INTERNAL, "存证账本的根与其状态不符，已停止登记，请运行 mingtang ledger verify");
    p->public_size = db_i(&r, 0, 1);
    return 0;
}

/* Instants of entries never go backwards, whatever the system's clock does. */
static int entry_instant(struct pass *p) {
    struct db_rows r;
    int n = db_one(p->w, &sql_ledger_entry_last, &r);
    if (n < 0)
        return -1;
    p->at = n && db_i(&r, 0, 1) > p->w->now ? db_i(&r, 0, 1) : p->w->now;
    return 0;
}

static void node_add(void *ctx, unsigned level, uint64_t position, const struct hash *h) {
    struct pass *p = ctx;
    char hex[2 * HASH_BYTES + 1];
    struct db_value *v = p->nodes + 3 * p->node_count++;
    hash_hex(hex, h);
    v[0] = DB_INT(level);
    v[1] = DB_INT(position);
    v[2] = DB_TEXT(str_dup(p->w->arena, str_z(hex)));
}

static int entry_add(struct pass *p, const struct event_row *e, size_t i) {
    struct hash leaf;
    char hex[2 * HASH_BYTES + 1];
    if (e->at > p->at)
        p->at = e->at;
    buf_clear(&p->leaf);
    leaf_add(&p->leaf, e, LEAF_FORMAT, p->at);
    if (p->leaf.failed || p->leaf.n > LEAF_BYTES)
        return fail(p->w, ERR_INTERNAL, "第 %lld 号记录的内容无法登记", (long long)e->id);
    hash_leaf(&leaf, buf_str(&p->leaf));
    hash_hex(hex, &leaf);
    struct db_value *v = p->entries + 5 * i;
    v[0] = DB_INT(p->range.size);
    v[1] = DB_INT(e->id);
    v[2] = DB_TEXT(str_dup(p->w->arena, str_z(hex)));
    v[3] = DB_INT(p->at);
    v[4] = DB_INT(LEAF_FORMAT);
    p->ids[i] = DB_INT(e->id);
    merkle_append_telling(&p->range, &leaf, node_add, p);
    p->public_size += e->visibility == EVENT_PUBLIC;
    return 0;
}

static int pass_write(struct pass *p, size_t n, int64_t size_before) {
    struct work *w = p->w;
    char frontier[MERKLE_TEXT_BYTES], root[2 * HASH_BYTES + 1];
    struct hash h;
    merkle_text(&p->range, frontier);
    merkle_root(&p->range, &h);
    hash_hex(root, &h);
    if (db_exec_many(w, &sql_ledger_entry_insert, p->entries, 5, n) < 0 ||
        (p->node_count && db_exec_many(w, &sql_ledger_node_insert, p->nodes, 3, p->node_count) < 0))
        return -1;
    int deleted = db_exec_many(w, &sql_ledger_pending_delete, p->ids, 1, n);
    if (deleted < 0)
        return -1;
    int updated = db_exec(w, &sql_ledger_state_update, DB_INT(p->range.size), DB_INT(p->public_size),
                          DB_TEXTZ(frontier), DB_TEXTZ(root), DB_INT(size_before));
    if (updated < 0)
        return -1;
    if ((size_t)deleted != n || updated != 1)
        return fail(w, ERR_CONFLICT, "另一节点正在登记");
    if (checkpoint_sign(w, (int64_t)p->range.size, &h, p->at) < 0)
        return -1;
    return db_notify(w, LEDGER_CHANNEL, str_printf(w->arena, "%lld", (long long)p->public_size));
}

/* Inside the transaction and under the lock. */
static int pass_run(struct work *w, int64_t *ret_public_size) {
    struct db_rows r;
    struct pass p = {.w = w};
    if (state_read(&p) < 0 || db_query(w, &sql_ledger_pending_batch, &r, DB_INT(LEDGER_BATCH)) < 0)
        return -1;
    *ret_public_size = p.public_size;
    if (r.n == 0)
        return 0;
    if (entry_instant(&p) < 0)
        return -1;
    int64_t before = (int64_t)p.range.size;
    p.entries = arena_many(w->arena, struct db_value, 5 * r.n);
    p.nodes = arena_many(w->arena, struct db_value, 3 * NODES_MOST);
    p.ids = arena_many(w->arena, struct db_value, r.n);
    buf_init(&p.leaf, 2 * LEDGER_PAYLOAD_BYTES);
    int rc = 0;
    for (size_t i = 0; i < r.n && rc == 0; i++) {
        struct event_row e;
        event_row_read(&e, &r, i);
        rc = entry_add(&p, &e, i);
    }
    buf_release(&p.leaf);
    if (rc < 0 || pass_write(&p, r.n, before) < 0)
        return -1;
    *ret_public_size = p.public_size;
    return (int)r.n;
}

int ledger_pass(struct work *w, int64_t *ret_public_size) {
    if (db_begin(w) < 0)
        return PASS_FAILED;
    int got = db_try_lock(w, LEDGER_LOCK);
    int n = got == 1 ? pass_run(w, ret_public_size) : got == 0 ? PASS_BUSY : PASS_FAILED;
    if (n <= 0)
        db_rollback(w);
    else if (db_commit(w) < 0)
        n = PASS_FAILED;
    return n;
}

void ledger_before_commit(struct work *w) {
    int64_t public_size;
    int n = ledger_pass(w, &public_size);
    if (n > 0 && n < LEDGER_BATCH) /* a full batch: more may wait */
        w->numbered = public_size;
    if (n == PASS_FAILED)
        log_line(LOG_WARN, "sequenced_later", "reason=%s", error_name(w->error.code));
}

int ledger_sequence_once(struct work *w) {
    int64_t public_size = 0;
    int n = ledger_pass(w, &public_size);
    if (n >= 0)
        ledger_set_generation(public_size);
    return n == PASS_BUSY ? 0 : n;
}

int ledger_head(struct work *w, struct ledger_head *ret) {
    struct db_rows r;
    struct hash root;
    if (db_one(w, &sql_ledger_state_read, &r) != 1 || hash_parse(db_s(&r, 0, 3), &root) < 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "存证账本的状态不可读");
    ret->size = db_i(&r, 0, 0);
    ret->public_size = db_i(&r, 0, 1);
    memcpy(ret->root, root.b, HASH_BYTES);
    return 0;
}
