/* verify.c: the whole log recomputed from the tables: every leaf, every commitment, the tree, the counts. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#define PROGRESS_EVERY 10000

struct verify {
    struct work *w;
    struct merkle_range range;
    struct ledger_head head;
    struct buf leaf;
    int64_t public_size, at, erased;
    void (*progress)(int64_t done, int64_t total);
};

static int differs(struct verify *v, int64_t seq, int64_t event_id, const char *what) {
    return fail(v->w, ERR_CONFLICT, "账本第 %lld 号（记录 %lld）：%s", (long long)seq, (long long)event_id, what);
}

/* The part of an event that the leaf only commits to. */
static int check_secret(struct verify *v, const struct event_row *e, int64_t seq, const struct db_rows *r) {
    char computed[2 * HASH_BYTES + 1];
    if (db_null(r, 0, 22)) {
        if (!db_i(r, 0, 24))
            return differs(v, seq, e->id, "受保护内容缺失，且没有删除记录");
        v->erased++;
        return 0;
    }
    if (commitment_of(e, db_s(r, 0, 22), db_s(r, 0, 23), computed) < 0 || !str_is(e->commitment, computed))
        return differs(v, seq, e->id, "受保护内容、办理人或时间与承诺值不符");
    return 0;
}

static int check_leaf(struct verify *v, const struct event_row *e, int64_t seq, struct str kept) {
    struct hash computed, stored;
    buf_clear(&v->leaf);
    leaf_add(&v->leaf, e);
    if (v->leaf.failed) {
        v->leaf.failed = false;
        return differs(v, seq, e->id, "记录内容不是规范文本");
    }
    hash_leaf(&computed, buf_str(&v->leaf));
    if (hash_parse(kept, &stored) < 0 || !hash_eq(&computed, &stored))
        return differs(v, seq, e->id, "记录内容与叶子散列不符");
    merkle_append(&v->range, &computed);
    return 0;
}

static int check_row(void *ctx, const struct db_rows *r) {
    struct verify *v = ctx;
    struct event_row e;
    int64_t seq = db_i(r, 0, 18), event_id = db_i(r, 0, 19), at = db_i(r, 0, 21);
    event_row_read(&e, r, 0);
    if (seq != (int64_t)v->range.size)
        return fail(v->w, ERR_CONFLICT, "账本编号不连续：应为 %lld，实为 %lld", (long long)v->range.size,
                    (long long)seq);
    if (e.id != event_id)
        return differs(v, seq, event_id, "所指记录不存在");
    if (e.visibility < EVENT_PUBLIC || e.visibility > EVENT_RESTRICTED)
        return differs(v, seq, event_id, "公开属性不合法");
    if (at < v->at || at < e.at)
        return differs(v, seq, event_id, "登记时间早于前一号或早于记录时间");
    if (check_leaf(v, &e, seq, db_s(r, 0, 20)) < 0 || check_secret(v, &e, seq, r) < 0)
        return -1;
    v->at = at;
    v->public_size += e.visibility == EVENT_PUBLIC;
    if (v->progress && v->range.size % PROGRESS_EVERY == 0)
        v->progress((int64_t)v->range.size, v->head.size);
    return 0;
}

/* The state row against what was recomputed. */
static int check_state(struct verify *v) {
    struct db_rows r;
    struct hash root;
    char frontier[MERKLE_TEXT_BYTES], text[2 * HASH_BYTES + 1];
    if (db_one(v->w, &sql_ledger_state_read, &r) != 1)
        return v->w->error.code ? -1 : fail(v->w, ERR_CONFLICT, "账本状态缺失");
    if (db_i(&r, 0, 0) != (int64_t)v->range.size)
        return fail(v->w, ERR_CONFLICT, "账本状态记 %lld 号，实有 %lld 号", (long long)db_i(&r, 0, 0),
                    (long long)v->range.size);
    if (db_i(&r, 0, 1) != v->public_size)
        return fail(v->w, ERR_CONFLICT, "账本状态记公开 %lld 号，实有 %lld 号", (long long)db_i(&r, 0, 1),
                    (long long)v->public_size);
    merkle_text(&v->range, frontier);
    if (!str_is(db_s(&r, 0, 2), frontier))
        return fail(v->w, ERR_CONFLICT, "账本状态的前沿散列与重算结果不符");
    merkle_root(&v->range, &root);
    hash_hex(text, &root);
    if (!str_is(db_s(&r, 0, 3), text))
        return fail(v->w, ERR_CONFLICT, "账本状态的根与重算结果不符");
    return 0;
}

/* Every event is either numbered or waiting. */
static int check_events(struct verify *v) {
    struct db_rows r;
    int n = db_one(v->w, &sql_ledger_unlogged, &r);
    if (n)
        return n < 0 ? -1 : fail(v->w, ERR_CONFLICT, "记录 %lld 既未登记也不在待登记之列", (long long)db_i(&r, 0, 0));
    n = db_one(v->w, &sql_ledger_waiting_twice, &r);
    if (n)
        return n < 0 ? -1 : fail(v->w, ERR_CONFLICT, "记录 %lld 已经登记，却仍在待登记之列", (long long)db_i(&r, 0, 0));
    return 0;
}

static int verify_in_snapshot(struct verify *v) {
    struct work *w = v->w;
    if (ledger_head(w, &v->head) < 0 || db_each(w, &sql_ledger_verify_rows, NULL, 0, check_row, v) != 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "账本不可读");
    if (check_state(v) < 0 || check_events(v) < 0)
        return -1;
    if (v->progress)
        v->progress((int64_t)v->range.size, v->head.size);
    return 0;
}

int ledger_verify(struct work *w, void (*progress)(int64_t done, int64_t total), int64_t *ret_size) {
    struct verify v = {.w = w, .progress = progress};
    bool own = !db_in_transaction(w);
    if (own && db_read_begin(w) < 0)
        return -1;
    buf_init(&v.leaf, 2 * LEDGER_PAYLOAD_BYTES);
    int rc = verify_in_snapshot(&v);
    buf_release(&v.leaf);
    if (own)
        db_read_end(w);
    if (rc == 0 && ret_size)
        *ret_size = (int64_t)v.range.size;
    return rc;
}
