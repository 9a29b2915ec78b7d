/* verify_keys.c: the table of keys against the events that name them, the signature lines of checkpoints, and what
 * witnesses said. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"
#include "ledger/verify_internal.h"

#define FOUND(kind, id, seq, ...) ledger_finding(v->w, v->report, (kind), (id), (seq), __VA_ARGS__)

int verify_keys_load(struct verify *v) {
    struct db_rows r;
    if (db_query(v->w, &sql_ledger_key_list, &r) < 0)
        return -1;
    v->keys = arena_many(v->w->arena, struct note_key, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        v->origin = db_s(&r, i, 1);
        if (note_key_parse(db_s(&r, i, 3), &v->keys[v->key_count]) < 0)
            FOUND("key", db_i(&r, i, 0), -1, "第 %lld 个签名公钥的登记不可读", (long long)db_i(&r, i, 0));
        else
            v->key_count++;
    }
    return 0;
}

static size_t signature_lines(struct str note) {
    struct str lines = str_sub(note, note_text(note).n + 1, note.n), line;
    size_t n = 0;
    while (str_cut(lines, '\n', &line, &lines))
        n++;
    return n;
}

/* Ed25519 must be among them; a line that fails is never made good by another. */
bool verify_signed(struct verify *v, struct str note, bool own) {
    size_t good = 0;
    bool main_line = false;
    for (size_t i = 0; i < v->key_count; i++) {
        int n = note_verify(v->w->arena, note, &v->keys[i], NULL, NULL);
        if (n < 0)
            return false;
        good += n == 1;
        main_line = main_line || (n == 1 && v->keys[i].type == NOTE_ED25519);
    }
    return main_line && (!own || good == signature_lines(note));
}

/* ── the table of keys ── */

/* What the events say of one key. */
struct key_said {
    struct str vkey, previous;
    int64_t at, seq, size; /* -1: by the first builds, which did not say */
};

static int said_read(struct verify *v, struct key_said **ret, size_t *ret_n) {
    struct db_rows r;
    if (db_query(v->w, &sql_ledger_key_events, &r) < 0)
        return -1;
    *ret = arena_many(v->w->arena, struct key_said, r.n + 1);
    *ret_n = r.n;
    for (size_t i = 0; i < r.n; i++) {
        json_t *p = json_loadb(db_s(&r, i, 2).p, db_s(&r, i, 2).n, 0, NULL), *size = json_object_get(p, "size");
        (*ret)[i] = (struct key_said){
            .vkey = str_dup(v->w->arena, str_z(json_string_value(json_object_get(p, "key")))),
            .previous = str_dup(v->w->arena, str_z(json_string_value(json_object_get(p, "previous")))),
            .at = db_i(&r, i, 1),
            .seq = db_null(&r, i, 3) ? INT64_MAX : db_i(&r, i, 3),
            .size = size ? json_integer_value(size) : -1,
        };
        json_decref(p);
    }
    return 0;
}

/* The row of a key and the events that brought it and sent it off. */
static bool key_as_said(const struct db_rows *r, size_t i, const struct key_said *said, size_t n) {
    struct note_key k;
    struct str vkey = db_s(r, i, 3);
    int64_t retired = 0;
    const struct key_said *mine = NULL;
    for (size_t e = 0; e < n; e++) {
        if (str_eq(said[e].vkey, vkey))
            mine = &said[e];
        if (str_eq(said[e].previous, vkey))
            retired = said[e].at;
    }
    if (!mine || note_key_parse(vkey, &k) < 0)
        return false;
    bool named = str_is(db_s(r, i, 1), k.name) && str_is(db_s(r, i, 2), k.type == NOTE_SM2 ? "sm2" : "ed25519");
    int64_t from = db_i(r, i, 4);
    note_key_free(&k);
    return named && (mine->size < 0 ? from >= 0 && from <= mine->seq : from == mine->size) &&
           db_i(r, i, 5) == mine->at && db_i(r, i, 6) == retired;
}

void verify_keys(struct verify *v) {
    struct db_rows r;
    struct key_said *said;
    size_t n;
    if (db_query(v->w, &sql_ledger_key_list, &r) < 0 || said_read(v, &said, &n) < 0)
        return;
    for (size_t i = 0; i < r.n; i++)
        if (!key_as_said(&r, i, said, n))
            FOUND("key", db_i(&r, i, 0), -1, "第 %lld 个签名公钥的登记与账本中的记录不符", (long long)db_i(&r, i, 0));
    if (r.n < n)
        FOUND("key", 0, -1, "账本记录过 %zu 个签名公钥，现只登记 %zu 个", n, r.n);
}

/* ── witnesses ── */

static bool cosigned(struct verify *v, const struct db_rows *r, size_t i) {
    struct note_key k;
    struct str note = str_printf(v->w->arena, "%.*s%.*s\n", STR_ARG(db_s(r, i, 5)), STR_ARG(db_s(r, i, 4))), line;
    int64_t at = 0;
    if (!db_s(r, i, 5).n || note_key_parse(db_s(r, i, 2), &k) < 0)
        return false;
    bool good = note_verify(v->w->arena, note, &k, &line, &at) == 1 && str_eq(line, db_s(r, i, 4)) &&
                str_is(db_s(r, i, 1), k.name) && at * 1000 == db_i(r, i, 3);
    note_key_free(&k);
    return good;
}

void verify_cosignatures(struct verify *v) {
    struct db_rows r;
    int64_t size = -1;
    struct str witness = S("");
    while (db_query(v->w, &sql_ledger_cosignature_batch, &r, DB_INT(size), DB_TEXT(witness)) == 0 && r.n)
        for (size_t i = 0; i < r.n; i++) {
            size = db_i(&r, i, 0);
            witness = db_s(&r, i, 1);
            v->report->cosignatures++;
            if (!cosigned(v, &r, i))
                FOUND("cosignature", size, -1, "见证方 %.*s 对检查点（%lld 号）的联署不成立", STR_ARG(witness),
                      (long long)size);
        }
}
