/* str.c: views of bytes. */
#include "base/base.h"

struct str str_z(const char *z) {
    return z ? (struct str){z, strlen(z)} : STR_NONE;
}

bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *z) {
    return str_eq(a, str_z(z));
}

int str_cmp(struct str a, struct str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix) {
    return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.n >= suffix.n && str_eq((struct str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

ptrdiff_t str_find(struct str s, struct str needle) {
    if (needle.n == 0)
        return 0;
    const char *at = s.n >= needle.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? at - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t n) {
    if (from >= s.n)
        return (struct str){s.p ? s.p + s.n : NULL, 0};
    return (struct str){s.p + from, n < s.n - from ? n : s.n - from};
}

static size_t blank_at(const char *p, size_t n) {
    if (n && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == '\f' || *p == '\v'))
        return 1;
    if (n >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0) /* U+3000 */
        return 3;
    return n >= 2 && memcmp(p, "\xc2\xa0", 2) == 0 ? 2 : 0; /* U+00A0 */
}

struct str str_trim(struct str s) {
    size_t k;
    while (s.n && (k = blank_at(s.p, s.n))) {
        s.p += k;
        s.n -= k;
    }
    for (;;) {
        if (s.n && blank_at(s.p + s.n - 1, 1))
            s.n -= 1;
        else if (s.n >= 3 && blank_at(s.p + s.n - 3, 3) == 3)
            s.n -= 3;
        else if (s.n >= 2 && blank_at(s.p + s.n - 2, 2) == 2)
            s.n -= 2;
        else
            return s;
    }
}

bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_tail) {
    const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
    if (!at)
        return false;
    size_t k = (size_t)(at - s.p);
    *ret_head = (struct str){s.p, k};
    *ret_tail = (struct str){at + 1, s.n - k - 1};
    return true;
}

int str_int(struct str s, int64_t *ret) {
    bool minus = s.n && s.p[0] == '-';
    int64_t v = 0;
    size_t i = minus;
    if (i == s.n)
        return -1;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return -1;
    }
    if (!minus && __builtin_sub_overflow((int64_t)0, v, &v))
        return -1;
    *ret = v;
    return 0;
}

char *str_dupz(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

struct str str_dup(struct arena *a, struct str s) {
    return (struct str){str_dupz(a, s), s.n};
}

struct str str_printf(struct arena *a, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return STR_NONE;
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct str){p, (size_t)n};
}

struct str str_replace(struct arena *a, struct str s, struct str from, struct str to) {
    size_t count = 0;
    ptrdiff_t at;
    if (from.n == 0)
        return s;
    for (struct str t = s; (at = str_find(t, from)) >= 0; t = str_sub(t, (size_t)at + from.n, t.n))
        count++;
    if (count == 0)
        return s;
    char *p = arena_alloc(a, s.n - count * from.n + count * to.n + 1), *q = p;
    struct str t = s;
    while ((at = str_find(t, from)) >= 0) {
        memcpy(q, t.p, (size_t)at);
        q += at;
        if (to.n)
            memcpy(q, to.p, to.n);
        q += to.n;
        t = str_sub(t, (size_t)at + from.n, t.n);
    }
    if (t.n)
        memcpy(q, t.p, t.n);
    q += t.n;
    return (struct str){p, (size_t)(q - p)};
}

uint64_t str_hash(struct str s) { /* FNV-1a */
    uint64_t h = 14695981039346656037ULL;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211ULL;
    return h;
}

struct str str_percent(struct arena *a, struct str s) {
    static const char digits[] = "0123456789ABCDEF", plain[] = "-._~";
    char *out = arena_many(a, char, s.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool keep =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr(plain, c));
        if (keep) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[c >> 4];
        out[n++] = digits[c & 15];
    }
    out[n] = 0;
    return (struct str){out, n};
}
