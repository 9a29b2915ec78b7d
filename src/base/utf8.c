/* utf8.c: UTF-8, strict: no surrogates, no overlong forms, no NUL. */
#include "base/base.h"

int32_t utf8_next(struct str *s) {
    if (s->n == 0)
        return -1;
    const unsigned char *p = (const unsigned char *)s->p;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (len == 0 || len > s->n)
        return -1;
    int32_t cp = len == 1 ? p[0] : p[0] & (0x7F >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return -1;
        cp = cp << 6 | (p[i] & 0x3F);
    }
    if ((len == 3 && (cp < 0x800 || (cp >= 0xD800 && cp <= 0xDFFF))) || (len == 4 && (cp < 0x10000 || cp > 0x10FFFF)))
        return -1;
    s->p += len;
    s->n -= len;
    return cp;
}

bool utf8_valid(struct str s) {
    while (s.n)
        if (utf8_next(&s) <= 0)
            return false;
    return true;
}

size_t utf8_length(struct str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

size_t utf8_put(char out[4], uint32_t cp) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

struct str utf8_head(struct str s, size_t chars) {
    struct str t = s;
    while (chars-- && t.n)
        if (utf8_next(&t) < 0)
            break;
    return (struct str){s.p, s.n - t.n};
}

struct str utf8_halfwidth(struct arena *a, struct str s) {
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    while (s.n) {
        struct str before = s;
        int32_t cp = utf8_next(&s);
        if (cp < 0) { /* not UTF-8: as it is, byte by byte */
            out[n++] = *before.p;
            s = str_sub(before, 1, before.n - 1);
            continue;
        }
        if (cp >= 0xFF01 && cp <= 0xFF5E)
            cp -= 0xFEE0;
        else if (cp == 0x3000)
            cp = ' ';
        n += utf8_put(out + n, (uint32_t)cp);
    }
    return (struct str){out, n};
}
