/* verify.c: the whole log recomputed from the tables and held against everything that was signed: every leaf, every
 * commitment, the tree and its kept nodes, the state, each checkpoint and its signatures, the tile files.
 *
 * Two trees are kept once they part: one of the stored leaf hashes, one of the leaves computed anew. What a checkpoint
 * signed decides which of them was tampered with. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"
#include "ledger/verify_internal.h"

#include <stdarg.h>

#define PROGRESS_EVERY 10000

void ledger_finding(struct work *w, struct ledger_report *r, const char *kind, int64_t id, int64_t seq, const char *fmt,
                    ...) {
    struct ledger_checkpoint c;
    struct error before = w->error;
    va_list ap;
    if (json_array_size(r->findings) >= LEDGER_FINDINGS) {
        r->more = true;
        return;
    }
    char *text = NULL;
    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    va_end(ap);
    json_t *o = json_pack("{s:s, s:I, s:s}", "kind", kind, "id", (json_int_t)id, "text", text);
    free(text);
    if (seq >= 0) {
        json_object_set_new(o, "seq", json_integer(seq));
        if (ledger_checkpoint_covering(w, seq, &c) == 1)
            json_object_set_new(
                o, "since",
                json_pack("{s:I, s:s}", "size", (json_int_t)c.size, "at", instant_rfc3339(w->arena, c.at).p));
    }
    w->error = before;
    json_array_append_new(r->findings, o);
}

#define FOUND(kind, id, seq, ...) ledger_finding(v->w, v->report, (kind), (id), (seq), __VA_ARGS__)

/* ── one entry ── */

static void check_secret(struct verify *v, const struct event_row *e, int64_t seq, const struct db_rows *r) {
    char computed[2 * HASH_BYTES + 1];
    if (db_null(r, 0, 23)) {
        if (!db_i(r, 0, 25))
            FOUND("secret", e->id, seq, "记录 %lld 的受保护内容缺失，且没有删除记录", (long long)e->id);
        v->report->erased++;
        return;
    }
    if (commitment_of(e, db_s(r, 0, 23), db_s(r, 0, 24), computed) < 0 || !str_is(e->commitment, computed))
        FOUND("secret", e->id, seq, "记录 %lld 的受保护内容、办理人或时间与承诺值不符", (long long)e->id);
}

static void node_seen(void *ctx, unsigned level, uint64_t position, const struct hash *h) {
    struct verify *v = ctx;
    struct db_rows r;
    char hex[2 * HASH_BYTES + 1];
    hash_hex(hex, h);
    v->nodes++;
    if (db_query(v->w, &sql_ledger_node_range, &r, DB_INT(level), DB_INT(position), DB_INT(position + 1)) < 0 ||
        r.n != 1 || !str_is(db_s(&r, 0, 0), hex))
        FOUND("node", (int64_t)position, (int64_t)(position << (TILE_HEIGHT * level)),
              "账本树第 %u 层第 %llu 个散列与重算结果不符", level, (unsigned long long)position);
}

/* Both trees grow; while they agree only one is computed. */
static void grow(struct verify *v, const struct hash *stored, const struct hash *computed) {
    if (!v->parted && !hash_eq(stored, computed)) {
        v->parted = true;
        v->computed = v->stored;
    }
    merkle_append_telling(&v->stored, stored, node_seen, v);
    if (v->parted)
        merkle_append(&v->computed, computed);
}

static void check_leaf(struct verify *v, const struct event_row *e, int64_t seq, const struct db_rows *r) {
    struct hash computed, stored;
    buf_clear(&v->leaf);
    leaf_add(&v->leaf, e, db_i(r, 0, 22), db_i(r, 0, 21));
    bool broken = v->leaf.failed;
    v->leaf.failed = false;
    hash_leaf(&computed, buf_str(&v->leaf));
    if (hash_parse(db_s(r, 0, 20), &stored) < 0) {
        FOUND("entry", e->id, seq, "账本第 %lld 号的叶子散列不可读", (long long)seq);
        stored = computed;
    } else if (broken || !hash_eq(&computed, &stored)) {
        FOUND("event", e->id, seq, "账本第 %lld 号：记录 %lld 的内容或登记时间与叶子散列不符", (long long)seq,
              (long long)e->id);
    }
    grow(v, &stored, &computed);
}

/* ── checkpoints as the tree reaches their sizes ── */

static void compare_root(struct verify *v, int64_t size, const struct hash *signed_root, const char *whose) {
    struct hash stored, computed;
    merkle_root(&v->stored, &stored);
    merkle_root(v->parted ? &v->computed : &v->stored, &computed);
    if (hash_eq(&stored, signed_root)) {
        v->last_good = size;
        return;
    }
    if (v->rewritten++)
        return; /* said once: every later head differs as well */
    if (hash_eq(&computed, signed_root))
        FOUND("entry", size, -1, "%s（%lld 号）与内容一致而与叶子散列表不符：第 %lld 号之后有叶子散列被改动", whose,
              (long long)size, (long long)v->last_good);
    else
        FOUND("checkpoint", size, -1,
              "%s（%lld 号）的根与现有条目不符：第 %lld 号之后、第 %lld 号之前的条目被改写、调换或删除", whose,
              (long long)size, (long long)v->last_good, (long long)size);
}

static void check_checkpoint(struct verify *v, const struct db_rows *r, size_t i) {
    struct checkpoint_head head;
    struct hash root;
    int64_t size = db_i(r, i, 0);
    struct str note = db_s(r, i, 3);
    v->report->checkpoints++;
    if (hash_parse(db_s(r, i, 2), &root) < 0 || checkpoint_parse(v->w->arena, note, &head) < 0 || head.size != size ||
        !hash_eq(&head.root, &root) || !str_eq(head.origin, v->origin)) {
        FOUND("checkpoint", size, -1, "检查点（%lld 号）的文本与所记的大小或根不符", (long long)size);
        return;
    }
    if (!verify_signed(v, note, true))
        FOUND("checkpoint", size, -1, "检查点（%lld 号）的签名不成立", (long long)size);
    if (db_i(r, i, 1) != v->at)
        FOUND("checkpoint", size, -1, "检查点（%lld 号）所记的签发时间与它收录的末号的登记时间不符", (long long)size);
    compare_root(v, size, &root, "检查点");
}

/* Checkpoints kept elsewhere: their signatures too are of keys this log knows. */
static void check_against(struct verify *v) {
    for (size_t i = 0; i < v->against_count; i++) {
        struct checkpoint_head head;
        if (v->against_done[i] || checkpoint_parse(v->w->arena, v->against[i], &head) < 0 ||
            head.size != (int64_t)v->stored.size)
            continue;
        v->against_done[i] = true;
        if (!verify_signed(v, v->against[i], false))
            FOUND("checkpoint", head.size, -1, "所给检查点（%lld 号）不是本账本签发的", (long long)head.size);
        compare_root(v, head.size, &head.root, "另行保存的检查点");
    }
}

static int next_checkpoints(struct verify *v) {
    v->checkpoint = 0;
    return db_query(v->w, &sql_ledger_checkpoint_batch, &v->checkpoints, DB_INT(v->checkpoint_size));
}

static int reach_checkpoints(struct verify *v) {
    check_against(v);
    while (v->checkpoint < v->checkpoints.n && db_i(&v->checkpoints, v->checkpoint, 0) <= (int64_t)v->stored.size) {
        size_t i = v->checkpoint++;
        v->checkpoint_size = db_i(&v->checkpoints, i, 0);
        if (v->checkpoint_size == (int64_t)v->stored.size)
            check_checkpoint(v, &v->checkpoints, i);
        else
            FOUND("checkpoint", v->checkpoint_size, -1, "检查点（%lld 号）处的条目缺失", (long long)v->checkpoint_size);
        if (v->checkpoint == v->checkpoints.n && next_checkpoints(v) < 0)
            return -1;
    }
    return 0;
}

static int check_row(void *ctx, const struct db_rows *r) {
    struct verify *v = ctx;
    struct event_row e;
    int64_t seq = db_i(r, 0, 18), event_id = db_i(r, 0, 19), at = db_i(r, 0, 21);
    event_row_read(&e, r, 0);
    if (seq != (int64_t)v->stored.size) {
        FOUND("entry", seq, -1, "账本编号不连续：应为 %lld，实为 %lld", (long long)v->stored.size, (long long)seq);
        return 1; /* nothing after a hole can be placed */
    }
    if (e.id != event_id)
        FOUND("event", event_id, seq, "账本第 %lld 号所指的记录 %lld 不存在", (long long)seq, (long long)event_id);
    else if (e.visibility < EVENT_PUBLIC || e.visibility > EVENT_RESTRICTED)
        FOUND("event", event_id, seq, "记录 %lld 的公开属性不合法", (long long)event_id);
    if (at < v->at || at < e.at)
        FOUND("entry", event_id, seq, "账本第 %lld 号的登记时间早于前一号或早于记录时间", (long long)seq);
    check_leaf(v, &e, seq, r);
    check_secret(v, &e, seq, r);
    v->at = at;
    v->report->entries++;
    v->report->public_entries += e.visibility == EVENT_PUBLIC;
    if (v->progress && v->stored.size % PROGRESS_EVERY == 0)
        v->progress((int64_t)v->stored.size, v->head.size);
    return reach_checkpoints(v);
}

/* ── the rest ── */

/* The state row against what was recomputed. */
static void check_state(struct verify *v) {
    struct db_rows r;
    struct hash root;
    char frontier[MERKLE_TEXT_BYTES], text[2 * HASH_BYTES + 1];
    if (db_one(v->w, &sql_ledger_state_read, &r) != 1) {
        FOUND("state", 0, -1, "账本状态缺失");
        return;
    }
    if (db_i(&r, 0, 0) != (int64_t)v->stored.size)
        FOUND("state", 0, -1, "账本状态记 %lld 号，实有 %lld 号", (long long)db_i(&r, 0, 0), (long long)v->stored.size);
    if (db_i(&r, 0, 1) != v->report->public_entries)
        FOUND("state", 0, -1, "账本状态记公开 %lld 号，实有 %lld 号", (long long)db_i(&r, 0, 1),
              (long long)v->report->public_entries);
    merkle_text(&v->stored, frontier);
    if (!str_is(db_s(&r, 0, 2), frontier))
        FOUND("state", 0, -1, "账本状态的前沿散列与重算结果不符");
    merkle_root(&v->stored, &root);
    hash_hex(text, &root);
    if (!str_is(db_s(&r, 0, 3), text))
        FOUND("state", 0, -1, "账本状态的根与重算结果不符");
}

/* Every event is either numbered or waiting; every node and checkpoint belongs to the log. */
static void check_events(struct verify *v) {
    struct db_rows r;
    if (db_one(v->w, &sql_ledger_unlogged, &r) == 1)
        FOUND("event", db_i(&r, 0, 0), -1, "记录 %lld 既未登记也不在待登记之列", (long long)db_i(&r, 0, 0));
    if (db_one(v->w, &sql_ledger_waiting_twice, &r) == 1)
        FOUND("event", db_i(&r, 0, 0), -1, "记录 %lld 已经登记，却仍在待登记之列", (long long)db_i(&r, 0, 0));
    if (db_one(v->w, &sql_ledger_node_total, &r) == 1 && db_i(&r, 0, 0) != v->nodes)
        FOUND("node", 0, -1, "账本树存有 %lld 个中间散列，应为 %lld 个", (long long)db_i(&r, 0, 0),
              (long long)v->nodes);
    for (; v->checkpoint < v->checkpoints.n; v->checkpoint++)
        FOUND("checkpoint", db_i(&v->checkpoints, v->checkpoint, 0), -1,
              "检查点（%lld 号）之前的条目已被删除，现只有 %lld 号", (long long)db_i(&v->checkpoints, v->checkpoint, 0),
              (long long)v->stored.size);
    for (size_t i = 0; i < v->against_count; i++)
        if (!v->against_done[i])
            FOUND("checkpoint", 0, -1,
                  "另行保存的第 %zu 个检查点超出现有账本（%lld 号）或不可读：条目被删除或另起了账本", i + 1,
                  (long long)v->stored.size);
}

static int verify_in_snapshot(struct verify *v) {
    struct work *w = v->w;
    if (ledger_head(w, &v->head) < 0) {
        error_clear(w);
        FOUND("state", 0, -1, "账本状态缺失或不可读");
    }
    if (verify_keys_load(v) < 0 || next_checkpoints(v) < 0 || reach_checkpoints(v) < 0)
        return -1;
    if (db_each(w, &sql_ledger_verify_rows, NULL, 0, check_row, v) < 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "账本不可读");
    check_state(v);
    check_events(v);
    verify_keys(v);
    verify_cosignatures(v);
    if (w->error.code)
        return -1;
    if (v->progress)
        v->progress((int64_t)v->stored.size, v->head.size);
    return 0;
}

void ledger_report_free(struct ledger_report *r) {
    json_decref(r->findings);
    r->findings = NULL;
}

int ledger_verify(struct work *w, const struct str *against, size_t against_count,
                  void (*progress)(int64_t done, int64_t total), struct ledger_report *ret) {
    struct verify v = {.w = w, .report = ret, .progress = progress, .against = against, .against_count = against_count};
    bool own = !db_in_transaction(w);
    *ret = (struct ledger_report){.findings = json_array()};
    v.against_done = arena_many(w->arena, bool, against_count + 1);
    if (own && db_read_begin(w) < 0)
        return -1;
    buf_init(&v.leaf, 2 * LEDGER_PAYLOAD_BYTES);
    int rc = verify_in_snapshot(&v);
    if (rc == 0)
        rc = verify_tiles(&v);
    buf_release(&v.leaf);
    for (size_t i = 0; i < v.key_count; i++)
        note_key_free(&v.keys[i]);
    if (own)
        db_read_end(w);
    json_t *first = json_array_get(ret->findings, 0);
    if (rc == 0 && first)
        rc = fail(w, ERR_CONFLICT, "%s", json_string_value(json_object_get(first, "text")));
    return rc;
}
