/* merkle.c: the tree of RFC 6962 as pure functions: leaf and node hashes, appending, the root. */
#include "ledger/ledger_internal.h"

#include <openssl/sha.h>

void hash_bytes(struct hash *ret, const void *p, size_t n) {
    SHA256(p, n, ret->b);
}

void hash_leaf(struct hash *ret, struct str content) {
    unsigned char small[1024], *p = content.n < sizeof small ? small : malloc(content.n + 1);
    if (!p)
        abort();
    p[0] = 0;
    if (content.n)
        memcpy(p + 1, content.p, content.n);
    SHA256(p, content.n + 1, ret->b);
    if (p != small)
        free(p);
}

void hash_node(struct hash *ret, const struct hash *left, const struct hash *right) {
    unsigned char p[1 + 2 * HASH_BYTES];
    p[0] = 1;
    memcpy(p + 1, left->b, HASH_BYTES);
    memcpy(p + 1 + HASH_BYTES, right->b, HASH_BYTES);
    SHA256(p, sizeof p, ret->b);
}

bool hash_eq(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

/* Like adding one to a binary number: equal subtrees at the end join while the bit is set. */
void merkle_append_telling(struct merkle_range *r, const struct hash *leaf, merkle_node_fn *node, void *ctx) {
    struct hash h = *leaf;
    unsigned height = 0;
    for (uint64_t size = r->size; size & 1; size >>= 1) {
        hash_node(&h, &r->h[--r->n], &h);
        if (++height % TILE_HEIGHT == 0 && node)
            node(ctx, height / TILE_HEIGHT, ((r->size + 1) >> height) - 1, &h);
    }
    r->h[r->n++] = h;
    r->size++;
}

void merkle_append(struct merkle_range *r, const struct hash *leaf) {
    merkle_append_telling(r, leaf, NULL, NULL);
}

void merkle_root(const struct merkle_range *r, struct hash *ret) {
    if (r->n == 0) {
        hash_bytes(ret, "", 0);
        return;
    }
    struct hash h = r->h[r->n - 1];
    for (unsigned i = r->n - 1; i > 0; i--)
        hash_node(&h, &r->h[i - 1], &h);
    *ret = h;
}

void hash_hex(char out[2 * HASH_BYTES + 1], const struct hash *h) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < HASH_BYTES; i++) {
        out[2 * i] = hex[h->b[i] >> 4];
        out[2 * i + 1] = hex[h->b[i] & 15];
    }
    out[2 * HASH_BYTES] = 0;
}

static int nibble(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hash_parse(struct str hex, struct hash *ret) {
    struct hash h;
    if (hex.n != 2 * HASH_BYTES)
        return -1;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        int high = nibble(hex.p[2 * i]), low = nibble(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        h.b[i] = (unsigned char)(high << 4 | low);
    }
    *ret = h;
    return 0;
}

void merkle_text(const struct merkle_range *r, char out[MERKLE_TEXT_BYTES]) {
    char *p = out;
    for (unsigned i = 0; i < r->n; i++) {
        if (i)
            *p++ = ' ';
        hash_hex(p, &r->h[i]);
        p += 2 * HASH_BYTES;
    }
    *p = 0;
}

int merkle_parse(struct str text, uint64_t size, struct merkle_range *ret) {
    struct merkle_range r = {.size = size};
    struct str head;
    if (size > INT64_MAX)
        return -1;
    while (text.n) {
        if (!str_cut(text, ' ', &head, &text)) {
            head = text;
            text = STR_NONE;
        }
        if (r.n == countof(r.h) || hash_parse(head, &r.h[r.n]) < 0)
            return -1;
        r.n++;
    }
    if (r.n != (unsigned)__builtin_popcountll(size))
        return -1;
    *ret = r;
    return 0;
}
