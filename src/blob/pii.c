/* pii.c: personal data in texts that are to be published: 身份证号, 手机号, 银行卡号, 固定电话 (rules.md §11.3).
 *
 * People write numbers with blanks, hyphens and full-width digits, so the text is cut into runs: groups of digits
 * with single separators between them. A number is a chain of whole groups, never a part of a group; that keeps
 * document numbers, amounts and credit codes out. The strictest pattern is tried first; what it takes is gone. */
#include "blob/blob_internal.h"

#define GROUPS 40     /* in one run; longer runs are looked at piece by piece */
#define RUN_DIGITS 64 /* digits of one group that are kept: more is no number of ours */
#define FINDINGS 200  /* in one text */
#define EXACT_FINDINGS LIMIT_REDACTIONS
#define CONTEXT_CHARS 24 /* before a short card number: 卡号, 账户 … */

/* ── the numbers themselves ── */

static bool all_digits(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static int digits_at(struct str s, size_t from, size_t n) {
    int v = 0;
    for (size_t i = from; i < from + n; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

bool pii_id_card(struct str s) {
    static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (s.n != 18 || !all_digits(str_sub(s, 0, 17)) || s.p[0] == '0')
        return false;
    int year = digits_at(s, 6, 4), province = digits_at(s, 0, 2);
    if (year < 1900 || year > 2099 || province < 11 ||
        (province > 71 && province != 81 && province != 82 && province != 83) ||
        day_from(year, digits_at(s, 10, 2), digits_at(s, 12, 2)) == DAY_NONE)
        return false;
    int sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += weight[i] * (s.p[i] - '0');
    char last = s.p[17] == 'x' ? 'X' : s.p[17];
    return last == "10X98765432"[sum % 11];
}

bool pii_luhn(struct str digits) {
    int sum = 0;
    if (!all_digits(digits))
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        int d = digits.p[digits.n - 1 - i] - '0';
        if (i & 1)
            d = d > 4 ? 2 * d - 9 : 2 * d;
        sum += d;
    }
    return sum % 10 == 0;
}

bool pii_credit_code(struct str s) {
    static const char set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weight[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    if (s.n != 18)
        return false;
    for (size_t i = 0; i < 17; i++) {
        const char *at = s.p[i] ? strchr(set, s.p[i]) : NULL;
        if (!at)
            return false;
        sum += (int)(at - set) * weight[i];
    }
    return s.p[17] == set[(31 - sum % 31) % 31];
}

static bool is_mobile(struct str s) {
    return s.n == 11 && s.p[0] == '1' && s.p[1] >= '3' && s.p[1] <= '9';
}

/* 010, 02x: three digits of area code; the others four. Numbers of seven or eight digits that start with 2 … 8. */
static bool is_landline(struct str s) {
    if (s.n < 10 || s.n > 12 || s.p[0] != '0' || s.p[1] == '0')
        return false;
    size_t area = s.p[1] == '1' || s.p[1] == '2' ? 3 : 4;
    size_t rest = s.n - area;
    return (s.p[1] != '1' || s.p[2] == '0') && (rest == 7 || rest == 8) && s.p[area] >= '2' && s.p[area] <= '8';
}

/* 3, 4, 5, 6 are the banks' own leading digits, 9 some older domestic cards; document numbers start with a year. */
static bool is_card(struct str s) {
    if (s.n < 12 || s.n > 19 || !pii_luhn(s) || pii_id_card(s) || pii_credit_code(s))
        return false;
    char a = s.p[0], b = s.p[1];
    return a == '4' || a == '5' || a == '6' || (a == '3' && b >= '4' && b <= '7') ||
           (a == '9' && (b == '0' || b == '4' || b == '5'));
}

/* ── runs ── */

struct group {
    char d[RUN_DIGITS]; /* half-width digits; a final X of an id card */
    size_t n;
    size_t from, to; /* byte offsets in the text */
    bool joined;     /* a letter, or a decimal point with digits, touches it: part of a code or an amount */
    bool used;
};
struct run {
    struct group g[GROUPS];
    size_t n;
};
struct scan {
    struct arena *a;
    struct str text;
    const char *where, *page_word, *line_word;
    json_t *found;
    size_t counted; /* bytes up to which lines and pages were counted */
    int64_t line, page;
    bool paged;
    bool exact; /* findings hold the number as it is written, and the page */
};

/* ASCII of a full-width character, else the character. */
static int32_t half(int32_t c) {
    return c >= 0xff01 && c <= 0xff5e ? c - 0xfee0 : c;
}

static bool is_digit(int32_t c) {
    c = half(c);
    return c >= '0' && c <= '9';
}

static bool is_letter(int32_t c) {
    c = half(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_separator(int32_t c) {
    return c == ' ' || c == '-' || c == 0xa0 || c == 0x3000 || c == 0xff0d || (c >= 0x2002 && c <= 0x200d) ||
           (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

static int32_t peek(struct str text, size_t at) {
    struct str s = str_sub(text, at, text.n - at);
    return s.n ? utf8_next(&s) : -1;
}

static int32_t before(struct str text, size_t at) {
    size_t i = at;
    while (i > 0 && at - i < 4) {
        i--;
        if (((unsigned char)text.p[i] & 0xc0) != 0x80)
            return peek(str_sub(text, 0, at), i);
    }
    return -1;
}

/* ".5" after or "5." before makes it a decimal. */
static bool decimal(struct str text, size_t at, int32_t c, bool after) {
    return c == '.' && is_digit(after ? peek(text, at + 1) : before(text, at - 1));
}

static bool joined(struct str text, size_t from, size_t to) {
    int32_t p = before(text, from), q = peek(text, to);
    return is_letter(p) || is_letter(q) || p == '_' || q == '_' || decimal(text, from, p, false) ||
           decimal(text, to, q, true);
}

/* Reads one group at *at (a digit); advances. */
static void group_read(struct str text, size_t *at, struct group *g) {
    struct str rest = str_sub(text, *at, text.n - *at);
    *g = (struct group){.from = *at};
    while (rest.n && is_digit(peek(rest, 0))) {
        int32_t c = half(utf8_next(&rest));
        if (g->n < RUN_DIGITS)
            g->d[g->n++] = (char)c;
    }
    int32_t c = rest.n ? half(peek(rest, 0)) : -1;
    if (c == 'X' || c == 'x') {
        struct str after = rest;
        utf8_next(&after);
        int32_t next = after.n ? peek(after, 0) : -1;
        if (!is_digit(next) && !is_letter(next) && g->n < RUN_DIGITS) {
            g->d[g->n++] = 'X';
            rest = after;
        }
    }
    g->to = (size_t)(rest.p - text.p);
    if (!rest.n)
        g->to = text.n;
    g->joined = joined(text, g->from, g->to);
    *at = g->to;
}

/* Reads the run that starts at *at (a digit); a separator joins two groups when a digit (or a final X) follows it. */
static void run_read(struct str text, size_t *at, struct run *r) {
    r->n = 0;
    for (;;) {
        group_read(text, at, &r->g[r->n++]);
        struct str rest = str_sub(text, *at, text.n - *at);
        if (r->n == GROUPS || !rest.n || !is_separator(utf8_next(&rest)) || !rest.n)
            return;
        int32_t c = half(peek(rest, 0));
        if (c == 'X' || c == 'x') { /* 32068219900101123-X */
            struct group *g = &r->g[r->n - 1];
            struct str after = rest;
            utf8_next(&after);
            int32_t next = after.n ? peek(after, 0) : -1;
            if (!is_digit(next) && !is_letter(next) && g->n < RUN_DIGITS) {
                g->d[g->n++] = 'X';
                g->to = text.n - after.n;
                g->joined = joined(text, g->from, g->to);
                *at = g->to;
            }
            return;
        }
        if (!is_digit(c))
            return;
        *at = text.n - rest.n;
    }
}

/* ── findings ── */

static struct str masked(struct arena *a, struct str s, size_t head, size_t tail) {
    char *p = str_dupz(a, s);
    for (size_t i = head; i + tail < s.n; i++)
        p[i] = '*';
    return (struct str){p, s.n};
}

static void count_to(struct scan *s, size_t at) {
    for (; s->counted < at; s->counted++) {
        char c = s->text.p[s->counted];
        if (c == '\f') {
            s->page++;
            s->line = 1;
        } else if (c == '\n') {
            s->line++;
        }
    }
}

static struct str where_of(struct scan *s, size_t at) {
    count_to(s, at);
    if (s->paged && strcmp(s->page_word, "页") == 0)
        return str_printf(s->a, "%s第%lld页", s->where, (long long)s->page);
    if (s->paged)
        return str_printf(s->a, "%s第%lld%s第%lld%s", s->where, (long long)s->page, s->page_word, (long long)s->line,
                          s->line_word);
    return str_printf(s->a, "%s第%lld%s", s->where, (long long)s->line, s->line_word);
}

static bool same(const json_t *o, const char *key, struct str text) {
    return str_eq(text, str_z(json_string_value(json_object_get(o, key))));
}

/* In exact findings two numbers that look alike when masked are two. */
static bool known(const struct scan *s, const char *kind, struct str hidden, struct str where, struct str phrase) {
    size_t i;
    json_t *o;
    json_array_foreach(s->found, i, o) if (same(o, "kind", str_z(kind)) && same(o, "masked", hidden) &&
                                           same(o, "where", where) &&
                                           (!s->exact || same(o, "phrase", phrase))) return true;
    return false;
}

static void report(struct scan *s, const char *kind, const char *label, struct str hidden, size_t from, size_t to,
                   bool weak) {
    struct str where = where_of(s, from), phrase = str_sub(s->text, from, to - from);
    if (json_array_size(s->found) >= (s->exact ? EXACT_FINDINGS : FINDINGS) || known(s, kind, hidden, where, phrase))
        return;
    json_t *o = json_pack("{s:s, s:s, s:s%, s:s%}", "kind", kind, "label", label, "masked", hidden.p, hidden.n, "where",
                          where.p, where.n);
    if (weak)
        json_object_set_new(o, "weak", json_true());
    if (s->exact) {
        json_object_set_new(o, "phrase", json_stringn(phrase.p, phrase.n));
        json_object_set_new(o, "page", json_integer(s->page));
    }
    json_array_append_new(s->found, o);
}

/* ── patterns over chains of groups ── */

/* Groups i … j as one number in out; false when one is used already or it grows past cap. */
static bool chain(const struct run *r, size_t i, size_t j, char *out, size_t cap, struct str *ret) {
    size_t n = 0;
    for (size_t k = i; k <= j; k++) {
        if (r->g[k].used || n + r->g[k].n > cap)
            return false;
        memcpy(out + n, r->g[k].d, r->g[k].n);
        n += r->g[k].n;
    }
    *ret = (struct str){out, n};
    return true;
}

static void use(struct run *r, size_t i, size_t j) {
    for (size_t k = i; k <= j; k++)
        r->g[k].used = true;
}

/* True when the sizes of groups i … j are written as people write that number. */
typedef bool shape_fn(const struct run *r, size_t i, size_t j);
typedef bool number_fn(struct str s);

static bool shape_any(const struct run *r, size_t i, size_t j) {
    (void)r;
    (void)i;
    (void)j;
    return true;
}

/* 138 1234 5678, or one piece. */
static bool shape_mobile(const struct run *r, size_t i, size_t j) {
    return i == j || (j == i + 2 && r->g[i].n == 3 && r->g[i + 1].n == 4) ||
           (j == i + 1 && (r->g[i].n == 3 || r->g[i].n == 7)) || (j == i + 2 && r->g[i].n == 3 && r->g[i + 1].n == 3);
}

/* Fours (the last may be shorter), or 6 and the rest, or one piece. */
static bool shape_card(const struct run *r, size_t i, size_t j) {
    if (i == j || (j == i + 1 && r->g[i].n == 6))
        return true;
    for (size_t k = i; k < j; k++)
        if (r->g[k].n != 4)
            return false;
    return j - i >= 2 && r->g[j].n <= 4;
}

/* 0513-87654321, (0513)8765 4321 */
static bool shape_landline(const struct run *r, size_t i, size_t j) {
    return i == j || ((r->g[i].n == 3 || r->g[i].n == 4) && j - i <= 2);
}

static bool touched(const struct run *r, size_t i, size_t j) {
    return r->g[i].joined || r->g[j].joined;
}

/* A card number too short to be sure of needs a word beside it. */
static bool card_in_context(const struct scan *s, size_t at) {
    static const char *const words[] = {"卡", "账", "帐", "银行", "存折"};
    struct str near = str_sub(s->text, at > 3 * CONTEXT_CHARS ? at - 3 * CONTEXT_CHARS : 0,
                              at > 3 * CONTEXT_CHARS ? 3 * CONTEXT_CHARS : at);
    for (size_t i = 0; i < countof(words); i++)
        if (str_find(near, str_z(words[i])) >= 0)
            return true;
    return false;
}

struct pattern {
    const char *kind, *label;
    number_fn *number;
    shape_fn *shape;
    size_t longest, head, tail; /* digits; kept at both ends */
    bool weak;
};
static const struct pattern patterns[] = {
    {"id_card", "身份证号", pii_id_card, shape_any, 18, 6, 4, false},
    {"bank_card", "银行卡号", is_card, shape_card, 19, 0, 4, false},
    {"mobile", "手机号", is_mobile, shape_mobile, 11, 3, 4, false},
    {"telephone", "固定电话", is_landline, shape_landline, 12, 0, 4, true},
};

static bool try_chain(struct scan *s, struct run *r, const struct pattern *p, size_t i, size_t j) {
    char digits[RUN_DIGITS];
    struct str n;
    if (!chain(r, i, j, digits, p->longest, &n) || !p->shape(r, i, j) || !p->number(n))
        return false;
    if (p->number == is_card && n.n < 16 && !card_in_context(s, r->g[i].from))
        return false;
    size_t head = p->number == is_landline ? n.n - 4 : p->head, tail = p->number == is_landline ? 0 : p->tail;
    report(s, p->kind, p->label, masked(s->a, n, head, tail), r->g[i].from, r->g[j].to, p->weak);
    use(r, i, j);
    return true;
}

/* +86 13812345678 written together: the country code is no part of the number. */
static void strip_country(struct run *r) {
    for (size_t i = 0; i < r->n; i++) {
        struct group *g = &r->g[i];
        size_t skip = g->n == 13 && memcmp(g->d, "86", 2) == 0 ? 2 : g->n == 15 && memcmp(g->d, "0086", 4) == 0 ? 4 : 0;
        if (skip && is_mobile((struct str){g->d + skip, 11})) {
            memmove(g->d, g->d + skip, 11);
            g->n = 11;
        }
    }
}

static void scan_run(struct scan *s, struct run *r) {
    strip_country(r);
    for (size_t k = 0; k < countof(patterns); k++)
        for (size_t i = 0; i < r->n; i++) {
            size_t digits = 0;
            for (size_t j = i; j < r->n && (digits += r->g[j].n) <= patterns[k].longest; j++)
                if (!touched(r, i, j) && try_chain(s, r, &patterns[k], i, j))
                    break;
        }
}

static json_t *scan_text(struct scan *s) {
    struct str text = s->text;
    struct run *r = arena_one(s->a, struct run);
    s->found = json_array();
    s->line = s->page = 1;
    s->paged = text.n && memchr(text.p, '\f', text.n);
    for (size_t at = 0; at < text.n;) {
        struct str rest = str_sub(text, at, text.n - at);
        int32_t c = utf8_next(&rest);
        if (c < 0) {
            at++; /* not text; look on */
        } else if (is_digit(c)) {
            run_read(text, &at, r);
            scan_run(s, r);
        } else {
            at = text.n - rest.n;
        }
    }
    return s->found;
}

json_t *pii_scan_lines(struct arena *a, struct str text, const char *where, const char *page_word,
                       const char *line_word) {
    struct scan s = {.a = a, .text = text, .where = where, .page_word = page_word, .line_word = line_word};
    return scan_text(&s);
}

json_t *pii_scan_exact(struct arena *a, struct str text) {
    struct scan s = {.a = a, .text = text, .where = "", .page_word = "页", .line_word = "行", .exact = true};
    return scan_text(&s);
}

json_t *pii_scan(struct arena *a, struct str text, const char *where) {
    return pii_scan_lines(a, text, where, "页", "段");
}

struct str pii_masked(struct arena *a, struct str text) {
    json_t *found = pii_scan_exact(a, text), *one;
    size_t i;
    json_array_foreach(found, i, one) text =
        str_replace(a, text, str_z(json_string_value(json_object_get(one, "phrase"))), S("******"));
    json_decref(found);
    return text;
}
