/* random.c: random bytes from the kernel; hex, base64 and base64url. */
#include "base/base.h"
#include <errno.h>
#include <openssl/evp.h>
#include <sys/random.h>

void random_bytes(void *p, size_t n) {
    char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            fputs("level=error event=no_random_bytes\n", stderr);
            abort();
        }
        at += got;
        n -= (size_t)got;
    }
}

struct str hex_encode(struct arena *a, const void *p, size_t n) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = p;
    char *out = arena_alloc(a, n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    return (struct str){out, n * 2};
}

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str base64url_encode(struct arena *a, const void *p, size_t n) {
    const unsigned char *b = p;
    char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)b[i] << 16 | (i + 1 < n ? (uint32_t)b[i + 1] << 8 : 0) | (i + 2 < n ? b[i + 2] : 0u);
        size_t digits = n - i >= 3 ? 4 : n - i + 1;
        for (size_t d = 0; d < digits; d++)
            out[k++] = url_digits[v >> (18 - 6 * d) & 63];
    }
    return (struct str){out, k};
}

int base64url_decode(struct arena *a, struct str s, struct str *ret) {
    char *out = arena_alloc(a, s.n / 4 * 3 + 3);
    uint32_t v = 0;
    size_t bits = 0, k = 0;
    if (s.n % 4 == 1)
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(url_digits, s.p[i]) : NULL;
        if (!at)
            return -1;
        v = v << 6 | (uint32_t)(at - url_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[k++] = (char)(v >> bits & 255);
        }
    }
    if (v & ((1u << bits) - 1)) /* stray bits: not the canonical form */
        return -1;
    *ret = (struct str){out, k};
    return 0;
}

struct str random_token(struct arena *a, size_t bytes) {
    unsigned char *p = arena_alloc(a, bytes);
    random_bytes(p, bytes);
    return base64url_encode(a, p, bytes);
}

struct str base64_encode(struct arena *a, const void *p, size_t n) {
    unsigned char *out = arena_alloc(a, 4 * ((n + 2) / 3) + 1);
    int k = EVP_EncodeBlock(out, p, (int)n);
    return (struct str){(char *)out, (size_t)k};
}

/* One spelling only: what encodes to another text is refused. */
int base64_decode(struct arena *a, struct str s, struct str *ret) {
    unsigned char *out = arena_alloc(a, s.n + 4);
    size_t pad = 0;
    for (; pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '='; pad++)
        ;
    int n = s.n && s.n % 4 == 0 ? EVP_DecodeBlock(out, (const unsigned char *)s.p, (int)s.n) : -1;
    if (n < (int)pad)
        return -1;
    struct str bytes = {(char *)out, (size_t)n - pad};
    if (!str_eq(base64_encode(a, bytes.p, bytes.n), s))
        return -1;
    *ret = bytes;
    return 0;
}
