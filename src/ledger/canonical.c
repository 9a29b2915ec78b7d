/* canonical.c: JSON in its one canonical form, RFC 8785 (JCS).
 *
 * Two programs that read the same value must hash the same bytes: members sorted by UTF-16 code units, the
 * shortest escapes, numbers as ECMAScript prints them. A value that another reader could see differently has no
 * canonical form here and is refused: NaN, infinities, integers beyond 2^53 (a browser would round them). */
#include "ledger/ledger_internal.h"

#include <math.h>

#define INTEGER_MAX 9007199254740992LL /* 2^53 */
#define CANONICAL_BYTES (64 * 1024 * 1024)

void canonical_string(struct buf *out, struct str s) {
    static const char hex[] = "0123456789abcdef", shorts[] = "btn?fr"; /* U+0008 … U+000D; 0x0b has no short form */
    if (!utf8_valid(s)) {
        out->failed = true;
        return;
    }
    buf_addc(out, '"');
    size_t done = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, str_sub(s, done, i - done));
        done = i + 1;
        buf_addc(out, '\\');
        if (c == '"' || c == '\\') {
            buf_addc(out, (char)c);
        } else if (c >= 8 && c <= 13 && c != 11) {
            buf_addc(out, shorts[c - 8]);
        } else {
            buf_addz(out, "u00");
            buf_addc(out, hex[c >> 4]);
            buf_addc(out, hex[c & 15]);
        }
    }
    buf_add(out, str_sub(s, done, s.n - done));
    buf_addc(out, '"');
}

/* Digits and decimal exponent of the shortest text that reads back as d (> 0): d = 0.DIGITS × 10^exponent.
 * Correct rounding to k digits may miss at powers of two, where the interval is lopsided: its neighbours are tried too.
 */
static int shortest(double d, char digits[20], int *ret_exponent) {
    for (int k = 1; k <= 17; k++) {
        char text[40], try[48];
        snprintf(text, sizeof text, "%.*e", k - 1, d);
        const char *e = strchr(text, 'e');
        int exponent = (int)strtol(e + 1, NULL, 10);
        unsigned long long m = 0;
        for (const char *p = text; p < e; p++)
            if (*p >= '0' && *p <= '9')
                m = m * 10 + (unsigned)(*p - '0');
        for (int delta = 0; delta < 3; delta++) {
            unsigned long long v = delta == 0 ? m : delta == 1 ? m + 1 : m - 1;
            snprintf(try, sizeof try, "%llue%d", v, exponent - (k - 1));
            if (strtod(try, NULL) != d)
                continue;
            int n = snprintf(digits, 20, "%llu", v);
            *ret_exponent = exponent - (k - 1) + n;
            while (n > 1 && digits[n - 1] == '0')
                digits[--n] = 0;
            return n;
        }
    }
    return -1; /* 17 digits always read back */
}

/* ECMAScript Number::toString, radix 10. k digits, value 0.DIGITS × 10^n. */
static int layout(char out[32], bool negative, const char *digits, int k, int n) {
    const char *sign = negative ? "-" : "";
    if (n >= k && n <= 21)
        return snprintf(out, 32, "%s%s%.*s", sign, digits, n - k, "000000000000000000000");
    if (n > 0 && n <= 21)
        return snprintf(out, 32, "%s%.*s.%s", sign, n, digits, digits + n);
    if (n > -6 && n <= 0)
        return snprintf(out, 32, "%s0.%.*s%s", sign, -n, "000000", digits);
    if (k == 1)
        return snprintf(out, 32, "%s%se%+d", sign, digits, n - 1);
    return snprintf(out, 32, "%s%c.%se%+d", sign, digits[0], digits + 1, n - 1);
}

int canonical_double(char out[32], double d) {
    char digits[20];
    int n = 0;
    if (!isfinite(d))
        return -1;
    if (d == 0)
        return snprintf(out, 32, "0");
    int k = shortest(fabs(d), digits, &n);
    return k < 0 ? -1 : layout(out, d < 0, digits, k, n);
}

/* Order of UTF-16 code units, which differs from that of UTF-8 bytes only above U+FFFF. */
static int utf16_compare(const void *x, const void *y) {
    struct str a = str_z(*(const char *const *)x), b = str_z(*(const char *const *)y);
    while (a.n && b.n) {
        int32_t p = utf8_next(&a), q = utf8_next(&b);
        if (p == q)
            continue;
        bool high_p = p > 0xffff, high_q = q > 0xffff;
        if (high_p == high_q)
            return p < q ? -1 : 1;
        int32_t unit_p = high_p ? 0xd800 : p, unit_q = high_q ? 0xd800 : q;
        return unit_p < unit_q ? -1 : 1;
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

static void add_value(struct buf *out, const json_t *v, int depth);

static void add_object(struct buf *out, const json_t *v, int depth) {
    size_t n = json_object_size(v), i = 0;
    const char **keys = calloc(n + 1, sizeof *keys);
    if (!keys)
        abort();
    void *o = (void *)(uintptr_t)v; /* Jansson's iterators want a writable object and do not write */
    for (void *it = json_object_iter(o); it && i < n; it = json_object_iter_next(o, it))
        keys[i++] = json_object_iter_key(it);
    qsort(keys, i, sizeof *keys, utf16_compare);
    buf_addc(out, '{');
    for (size_t k = 0; k < i; k++) {
        if (k)
            buf_addc(out, ',');
        canonical_string(out, str_z(keys[k]));
        buf_addc(out, ':');
        add_value(out, json_object_get(v, keys[k]), depth + 1);
    }
    buf_addc(out, '}');
    free(keys);
}

static void add_array(struct buf *out, const json_t *v, int depth) {
    buf_addc(out, '[');
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (i)
            buf_addc(out, ',');
        add_value(out, json_array_get(v, i), depth + 1);
    }
    buf_addc(out, ']');
}

static void add_number(struct buf *out, const json_t *v) {
    char text[32];
    if (json_is_integer(v)) {
        json_int_t i = json_integer_value(v);
        if (i > INTEGER_MAX || i < -INTEGER_MAX)
            out->failed = true;
        else
            buf_printf(out, "%lld", (long long)i);
    } else if (canonical_double(text, json_real_value(v)) < 0) {
        out->failed = true;
    } else {
        buf_addz(out, text);
    }
}

static void add_value(struct buf *out, const json_t *v, int depth) {
    if (!v || depth > CANONICAL_DEPTH) {
        out->failed = true;
        return;
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        add_object(out, v, depth);
        break;
    case JSON_ARRAY:
        add_array(out, v, depth);
        break;
    case JSON_STRING:
        canonical_string(out, (struct str){json_string_value(v), json_string_length(v)});
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        add_number(out, v);
        break;
    case JSON_TRUE:
        buf_addz(out, "true");
        break;
    case JSON_FALSE:
        buf_addz(out, "false");
        break;
    case JSON_NULL:
        buf_addz(out, "null");
        break;
    }
}

void canonical_add(struct buf *out, const json_t *v) {
    add_value(out, v, 0);
}

struct str json_canonical(struct arena *a, const json_t *v) {
    struct buf b;
    struct str ret = STR_NONE;
    buf_init(&b, CANONICAL_BYTES);
    canonical_add(&b, v);
    if (!b.failed)
        ret = str_dup(a, buf_str(&b));
    buf_release(&b);
    return ret;
}
