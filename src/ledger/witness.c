/* witness.c: asking witnesses to cosign the newest checkpoint (C2SP tlog-witness). A witness is somebody else's program
 * that remembers the largest tree it has seen of us and signs only what is consistent with it: from then on the log
 * cannot show different people different histories. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"
#include "net/net.h"

#include <errno.h>
#include <stdio.h>

#define WITNESSES_MOST 16
#define LINE_BYTES 1024

struct witness {
    struct note_key key;
    struct str vkey, address;
};

/* "vkey address" a line, # for remarks. Number of witnesses, or -1 naming the line. */
static int witnesses_read(struct work *w, struct witness list[WITNESSES_MOST]) {
    const char *path = w->config->ledger_witnesses;
    char line[LINE_BYTES];
    int n = 0, at = 0;
    if (!path || !*path)
        return 0;
    FILE *f = fopen(path, "re");
    if (!f)
        return fail(w, ERR_INTERNAL, "见证方名单 %s 无法读取：%s", path, strerror(errno));
    while (fgets(line, sizeof line, f)) {
        struct str s = str_trim(str_z(line)), vkey, address;
        at++;
        if (s.n == 0 || s.p[0] == '#')
            continue;
        s = str_dup(w->arena, s);
        struct witness one = {0};
        if (n == WITNESSES_MOST || !str_cut(s, ' ', &vkey, &address) || !str_starts(str_trim(address), S("http")) ||
            note_key_parse(vkey, &one.key) < 0 || one.key.type != NOTE_COSIGNATURE) {
            note_key_free(&one.key);
            fclose(f);
            for (int i = 0; i < n; i++)
                note_key_free(&list[i].key);
            return fail(w, ERR_INTERNAL, "见证方名单 %s 第 %d 行应为“公钥 网址”，公钥须为联署类型（最多 %d 个）", path,
                        at, WITNESSES_MOST);
        }
        one.vkey = vkey;
        one.address = str_trim(address);
        list[n++] = one;
    }
    fclose(f);
    return n;
}

static int last_cosigned(struct work *w, const struct witness *x, int64_t *ret_size, int64_t *ret_at) {
    struct db_rows r;
    int n = db_one(w, &sql_ledger_cosignature_last, &r, DB_TEXTZ(x->key.name));
    *ret_size = n == 1 ? db_i(&r, 0, 0) : 0;
    *ret_at = n == 1 ? db_i(&r, 0, 1) : 0;
    return n < 0 ? -1 : 0;
}

static int request_body(struct work *w, const struct ledger_checkpoint *c, int64_t old, struct str *ret) {
    struct hash h[PROOF_HASHES];
    unsigned n;
    if (tree_consistency(tree_open(w, c->size), (uint64_t)old, h, &n) < 0)
        return -1;
    struct str s = str_printf(w->arena, "old %lld\n", (long long)old);
    for (unsigned i = 0; i < n; i++)
        s = str_printf(w->arena, "%.*s%.*s\n", STR_ARG(s), STR_ARG(base64_encode(w->arena, h[i].b, HASH_BYTES)));
    *ret = str_printf(w->arena, "%.*s\n%.*s", STR_ARG(s), STR_ARG(c->note));
    return 0;
}

static int ask(struct work *w, const struct witness *x, const struct ledger_checkpoint *c, int64_t old,
               struct net_answer *ret) {
    struct net_request q = {.type = "text/plain; charset=utf-8", .timeout_ms = 5000, .max = 16 * 1024};
    const char *end = str_ends(x->address, S("/")) ? "" : "/";
    q.url = str_printf(w->arena, "%.*s%sadd-checkpoint", STR_ARG(x->address), end).p;
    return request_body(w, c, old, &q.body) < 0 ? -1 : net_ask(w, &q, ret);
}

/* Only a line that verifies against the configured key is kept. */
static int keep(struct work *w, const struct witness *x, const struct ledger_checkpoint *c, struct str lines) {
    struct str line;
    int64_t at;
    struct str note = str_printf(w->arena, "%.*s%.*s", STR_ARG(c->note), STR_ARG(lines));
    if (note_verify(w->arena, note, &x->key, &line, &at) != 1)
        return fail(w, ERR_CONFLICT, "见证方 %s 的联署不成立", x->key.name);
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_ledger_cosignature_insert, DB_INT(c->size), DB_TEXTZ(x->key.name), DB_TEXT(x->vkey),
                DB_INT(at * 1000), DB_TEXT(line)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int cosign(struct work *w, const struct witness *x, const struct ledger_checkpoint *c) {
    struct net_answer a;
    int64_t old, at;
    if (last_cosigned(w, x, &old, &at) < 0)
        return -1;
    if (old == c->size)
        return 0;
    if (ask(w, x, c, old, &a) < 0)
        return -1;
    if (a.status == 409 && strncmp(a.type, "text/x.tlog.size", 16) == 0) { /* it remembers another size than we do */
        int64_t theirs;
        if (str_int(str_trim(a.body), &theirs) < 0 || theirs < 0 || theirs > c->size)
            return fail(w, ERR_CONFLICT, "见证方 %s 记得的账本（%.*s 号）比现有的大：账本可能被回退，请立即核查",
                        x->key.name, STR_ARG(utf8_head(str_trim(a.body), 20)));
        if (ask(w, x, c, theirs, &a) < 0)
            return -1;
    }
    if (a.status != 200)
        return fail(w, ERR_CONFLICT, "见证方 %s 没有联署，应答 %d%s", x->key.name, a.status,
                    a.status == 422   ? "：它认为账本与以前不一致，请立即核查"
                    : a.status == 404 ? "：它不认识本账本，请把账本名称和公钥告诉对方"
                    : a.status == 403 ? "：它不认识本账本的签名密钥"
                                      : "");
    return keep(w, x, c, a.body);
}

int ledger_ask_witnesses(struct work *w, json_t *args) {
    struct witness list[WITNESSES_MOST];
    struct ledger_checkpoint c;
    struct error first = {0};
    (void)args;
    int n = witnesses_read(w, list);
    if (n <= 0)
        return n;
    int known = ledger_checkpoint_latest(w, &c);
    for (int i = 0; i < n; i++) {
        if (known == 1 && cosign(w, &list[i], &c) < 0) { /* the others are asked all the same */
            log_line(LOG_WARN, "witness", "name=%s reason=%s", list[i].key.name, error_name(w->error.code));
            if (!first.code)
                first = w->error;
            error_clear(w);
        }
        note_key_free(&list[i].key);
    }
    w->error = first;
    return known < 0 || first.code ? -1 : 0;
}

json_t *ledger_witnesses(struct work *w) {
    struct witness list[WITNESSES_MOST];
    int n = witnesses_read(w, list);
    if (n < 0)
        return NULL;
    json_t *all = json_array();
    for (int i = 0; i < n; i++) {
        int64_t size, at;
        last_cosigned(w, &list[i], &size, &at);
        json_t *o = json_pack("{s:s, s:s%, s:s%}", "name", list[i].key.name, "vkey", list[i].vkey.p, list[i].vkey.n,
                              "address", list[i].address.p, list[i].address.n);
        if (size) {
            json_object_set_new(o, "size", json_integer(size));
            json_object_set_new(o, "at_text", json_string(instant_text(w->arena, at).p));
        }
        json_array_append_new(all, o);
        note_key_free(&list[i].key);
    }
    return all;
}
