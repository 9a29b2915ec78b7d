/* ledger_pages.c: the room's route table and the log itself: checkpoint, tiles, keys, proofs, one entry. */
#include "proof/proof_internal.h"

/* ── tiles: /ledger/tile/<level>/<number>[.p/<width>] ── */

struct tile_name {
    int level; /* -1: entries */
    int64_t index;
    unsigned width;
};

static int digits(struct str s, size_t most, int64_t *ret) {
    if (s.n == 0 || s.n > most || (s.n > 1 && most != 3 && s.p[0] == '0'))
        return -1;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
    return str_int(s, ret);
}

/* x001/x234/067: three digits each, all but the last begin with x, no needless x000 in front. */
static int number_read(struct str s, int64_t *ret) {
    struct str part;
    int64_t n = 0, one;
    bool first = true;
    while (str_cut(s, '/', &part, &s)) {
        if (part.n != 4 || part.p[0] != 'x' || digits(str_sub(part, 1, 3), 3, &one) < 0 || n > 1000000000000LL ||
            (first && one == 0))
            return -1;
        n = n * 1000 + one;
        first = false;
    }
    if (s.n != 3 || digits(s, 3, &one) < 0)
        return -1;
    *ret = n * 1000 + one;
    return 0;
}

static int name_read(struct str s, struct tile_name *ret) {
    struct str level, number, width;
    int64_t n = 256, l;
    ptrdiff_t p = str_find(s, S(".p/"));
    if (p >= 0) {
        width = str_sub(s, (size_t)p + 3, s.n);
        s = str_sub(s, 0, (size_t)p);
        if (digits(width, 4, &n) < 0 || n < 1 || n > 255)
            return -1;
    }
    if (!str_cut(s, '/', &level, &number))
        return -1;
    if (str_is(level, "entries"))
        l = -1;
    else if (digits(level, 2, &l) < 0 || l > 63)
        return -1;
    ret->level = (int)l;
    ret->width = (unsigned)n;
    return number_read(number, &ret->index);
}

static int tile(struct http_request *in, struct http_response *out) {
    struct tile_name t;
    if (name_read(http_path_part(in, "rest"), &t) < 0)
        return fail(in->w, ERR_NOT_FOUND, "账本块的地址应为 /ledger/tile/层/编号，见 C2SP tlog-tiles");
    int n = t.width == 256 ? ledger_tile_file(in->w, t.level, t.index, &out->file) : 0;
    if (n == 1)
        return 0;
    out->file = NULL;
    return n < 0 ? -1 : ledger_tile(in->w, t.level, t.index, t.width, &out->body);
}

/* ── checkpoints and keys ── */

static int no_checkpoint(struct work *w) {
    return w->error.code ? -1 : fail(w, ERR_NOT_FOUND, "账本还没有签发这个检查点");
}

static int text(struct http_response *out, struct str s) {
    out->body = s;
    out->type = "text/plain; charset=utf-8";
    return 0;
}

static int checkpoint(struct http_request *in, struct http_response *out) {
    struct ledger_checkpoint c;
    if (ledger_checkpoint_latest(in->w, &c) != 1)
        return no_checkpoint(in->w);
    return text(out, ledger_checkpoint_note(in->w, &c));
}

static int checkpoint_at(struct http_request *in, struct http_response *out) {
    struct ledger_checkpoint c;
    int64_t size;
    if (http_path_int(in, "size", &size) < 0)
        return -1;
    if (ledger_checkpoint_at(in->w, size, &c) != 1)
        return no_checkpoint(in->w);
    return text(out, ledger_checkpoint_note(in->w, &c));
}

/* One vkey a line; the active ones first, as ledger_keys() gives them. */
static int key(struct http_request *in, struct http_response *out) {
    json_t *keys = ledger_keys(in->w), *k;
    struct str s = S("");
    size_t i;
    if (!keys)
        return -1;
    json_array_foreach(keys, i, k) s =
        str_printf(in->w->arena, "%.*s%s\n", STR_ARG(s), json_string_value(json_object_get(k, "vkey")));
    json_decref(keys);
    return text(out, s);
}

/* ── proofs, for programs ── */

struct consistency_input {
    int64_t from, to;
};
static const struct field consistency_table_fields[] = {
    FIELD(FIELD_INT, consistency_input, from, "较早的大小", FIELD_REQUIRED, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, consistency_input, to, "较晚的大小", FIELD_REQUIRED, 1, INT64_MAX, NULL, NULL),
};
FIELD_TABLE(consistency_table, consistency_input);

/* Only between heads that were signed: nothing else means anything to an outsider. */
static int signed_size(struct work *w, int64_t size) {
    struct ledger_checkpoint c;
    int n = ledger_checkpoint_latest(w, &c);
    if (n < 0)
        return -1;
    return n == 1 && size <= c.size ? 0 : fail(w, ERR_NOT_FOUND, "账本还没有签发到 %lld 号", (long long)size);
}

static int consistency(struct http_request *in, struct http_response *out) {
    struct consistency_input x;
    if (fields_read(in, &consistency_table, &x) < 0 || signed_size(in->w, x.to) < 0)
        return -1;
    out->model = ledger_consistency(in->w, x.from, x.to);
    return out->model ? 0 : -1;
}

struct inclusion_input {
    int64_t seq, size;
};
static const struct field inclusion_table_fields[] = {
    FIELD(FIELD_INT, inclusion_input, seq, "编号", FIELD_REQUIRED, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, inclusion_input, size, "账本大小", FIELD_REQUIRED, 1, INT64_MAX, NULL, NULL),
};
FIELD_TABLE(inclusion_table, inclusion_input);

static int inclusion(struct http_request *in, struct http_response *out) {
    struct inclusion_input x;
    if (fields_read(in, &inclusion_table, &x) < 0 || signed_size(in->w, x.size) < 0)
        return -1;
    out->model = ledger_inclusion(in->w, x.seq, x.size);
    return out->model ? 0 : -1;
}

/* ── pages ── */

static json_t *leaf_rows(json_t *leaf) {
    static const struct {
        const char *key, *label;
    } words[] = {{"at", "发生时间"}, {"logged", "登记时间"}, {"room", "类别"},
                 {"verb", "事情"},   {"id", "内部编号"},     {"commitment", "承诺值"}};
    json_t *rows = json_array();
    for (size_t i = 0; i < countof(words); i++) {
        json_t *v = json_object_get(leaf, words[i].key);
        if (json_is_string(v))
            json_array_append_new(rows, json_pack("{s:s, s:O}", "label", words[i].label, "value", v));
        else if (v)
            json_array_append_new(rows, json_pack("{s:s, s:o}", "label", words[i].label, "value",
                                                  json_sprintf("%lld", (long long)json_integer_value(v))));
    }
    return rows;
}

static int entry_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct ledger_checkpoint c;
    struct str leaf;
    int64_t seq;
    struct str text = http_path_part(in, "seq"); /* counted from 0 */
    int n = ledger_checkpoint_latest(w, &c);
    if (n < 0)
        return -1;
    if (n == 0 || digits(text, 15, &seq) < 0 || seq >= c.size)
        return fail(w, ERR_NOT_FOUND, "账本中没有第 %.*s 号", STR_ARG(text));
    json_t *proof = ledger_inclusion(w, seq, c.size);
    if (!proof || ledger_leaf(w, seq, &leaf) < 0) {
        json_decref(proof);
        return -1;
    }
    json_t *o = json_loadb(leaf.p, leaf.n, 0, NULL);
    const char *room = json_string_value(json_object_get(o, "room")),
               *verb = json_string_value(json_object_get(o, "verb"));
    json_t *model =
        json_pack("{s:I, s:s%, s:o, s:s%, s:o, s:b}", "seq", (json_int_t)seq, "leaf", leaf.p, leaf.n, "proof", proof,
                  "checkpoint", c.note.p, c.note.n, "rows", leaf_rows(o), "public", room != NULL);
    if (room)
        json_object_set_new(model, "verb_name", json_string(event_verb_name(room, verb)));
    json_t *id = json_object_get(json_object_get(o, "payload"), "public_id");
    if (id && room && strcmp(room, "disclosure") == 0)
        json_object_set(model, "public_id", id);
    if (seq > 0)
        json_object_set_new(model, "before", json_integer(seq - 1));
    if (seq + 1 < c.size)
        json_object_set_new(model, "after", json_integer(seq + 1));
    json_object_set_new(model, "has_before", json_boolean(seq > 0));
    json_decref(o);
    return view_page(out, "proof/entry", model);
}

static int ledger_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct ledger_checkpoint c;
    json_t *model = json_object(), *keys = ledger_keys(w), *recent = ledger_checkpoints(w, INT64_MAX, 20),
           *witnesses = ledger_witnesses(w), *one;
    size_t i;
    if (!witnesses) { /* a list that cannot be read is the operator's matter, not the reader's */
        error_clear(w);
        witnesses = json_array();
    }
    json_array_foreach(witnesses, i, one) json_object_del(one, "address");
    int n = ledger_checkpoint_latest(w, &c);
    if (n < 0 || !keys || !recent) {
        json_decref(keys), json_decref(recent), json_decref(witnesses), json_decref(model);
        return -1;
    }
    if (n == 1) {
        json_set_int(model, "size", c.size);
        json_set_str(model, "root", c.root);
        json_set_instant(w->arena, model, "signed", c.at);
        json_set_str(model, "note", ledger_checkpoint_note(w, &c));
    }
    json_object_set_new(model, "has_witnesses", json_boolean(json_array_size(witnesses) > 0));
    json_object_set_new(model, "keys", keys);
    json_object_set_new(model, "checkpoints", recent);
    json_object_set_new(model, "witnesses", witnesses);
    return view_page(out, "proof/ledger", model);
}

const struct route proof_routes[] = {
    /* method path             handler      permission   cache    fields  flags  summary */
    {HTTP_GET, "/ledger", ledger_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_PLAIN, "存证账本"},
    {HTTP_GET, "/ledger/checkpoint", checkpoint, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY | ROUTE_ANY_ORIGIN,
     "最新检查点（C2SP tlog-checkpoint）"},
    {HTTP_GET, "/ledger/checkpoint/{size}", checkpoint_at, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_ANY_ORIGIN, "某一大小的检查点"},
    {HTTP_GET, "/ledger/key", key, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY | ROUTE_ANY_ORIGIN, "账本的公钥"},
    {HTTP_GET, "/ledger/tile/{*rest}", tile, PERM_PUBLIC, CACHE_FOREVER, NULL, ROUTE_HTML_ONLY | ROUTE_ANY_ORIGIN,
     "账本的散列块和条目块（C2SP tlog-tiles）"},
    {HTTP_GET, "/ledger/consistency", consistency, PERM_PUBLIC, NO_CACHE, &consistency_table,
     ROUTE_API_ONLY | ROUTE_ANY_ORIGIN, "两个检查点之间的一致性证明"},
    {HTTP_GET, "/ledger/inclusion", inclusion, PERM_PUBLIC, NO_CACHE, &inclusion_table,
     ROUTE_API_ONLY | ROUTE_ANY_ORIGIN, "一个条目的收录证明"},
    {HTTP_GET, "/ledger/entries/{seq}", entry_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_PLAIN, "账本的一个条目"},
    {HTTP_GET, "/verify", verify_start, PERM_PUBLIC, CACHE_PUBLIC, &verify_start_table, ROUTE_PLAIN, "核对公开凭证"},
    {HTTP_GET, "/verify/{id}/{edition}", verify_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_PLAIN, "一版公开信息的凭证"},
    {HTTP_GET, "/verify/{id}/{edition}/file", verify_file, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_ANY_ORIGIN, "下载公开凭证"},
    {HTTP_GET, "/verify/{id}/{edition}/qr.svg", verify_qr, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "凭证核对网址的二维码"},
};
const size_t proof_route_count = countof(proof_routes);
