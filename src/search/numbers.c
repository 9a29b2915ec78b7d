/* numbers.c: 文号 in texts (皋政办发〔2020〕147号, any brackets or none) as single rare tokens: year, serial and the
 * last characters of the issuer's sign. A number's words stand in most documents; its token lets the index look at a
 * handful. */
#include "search/search_internal.h"

static bool bracket(uint32_t c) {
    return c == '[' || c == ']' || c == '(' || c == ')' || c == 0x3014 || c == 0x3015 || c == 0x3010 || c == 0x3011;
}

struct number_scan {
    struct number at;           /* what is known of the number under way; year "" none */
    uint32_t sign[NUMBER_SIGN]; /* the last Han characters or letters */
    int sign_n, run;            /* kept, and in the run */
    bool clean;                 /* nothing but the run since the text began */
    char digits[12];
    int n;         /* digits of the run that is open */
    bool followed; /* a bracket stood after the year */
};

static bool is_year(const struct number_scan *s) {
    return s->n == 4 && ((s->digits[0] == '1' && s->digits[1] == '9') || (s->digits[0] == '2' && s->digits[1] == '0'));
}

/* A run of digits has ended at c: a serial after a year, or a year after the issuer's sign. */
static int run_end(struct number_scan *s, uint32_t c, struct str rest, void *ctx, number_fn *fn) {
    int rc = 0;
    s->digits[s->n < 11 ? s->n : 11] = 0;
    if (s->at.year[0] && s->n <= 4 && s->followed) {
        memcpy(s->at.serial, s->digits, 5);
        s->at.rest = rest;
        rc = fn(ctx, &s->at);
        s->at.year[0] = 0;
    } else if (is_year(s) && s->run > 0) {
        memcpy(s->at.year, s->digits, 5);
        memcpy(s->at.sign, s->sign, sizeof s->sign);
        s->at.sign_n = s->sign_n;
        s->at.from_start = s->clean;
        s->followed = bracket(c);
    } else {
        s->at.year[0] = 0;
    }
    s->n = 0;
    return rc;
}

static void add_sign(struct number_scan *s, uint32_t c) {
    if (s->sign_n == NUMBER_SIGN)
        memmove(s->sign, s->sign + 1, --s->sign_n * sizeof *s->sign);
    s->sign[s->sign_n++] = c;
    s->run++;
}

/* One character that is no digit. */
static void other(struct number_scan *s, uint32_t c) {
    enum char_class k = fold_class(c);
    if (bracket(c)) {
        s->followed |= s->at.year[0] != 0;
        return; /* a bracket before the year belongs to the number */
    }
    if (c == 0x7B2C && s->at.year[0]) /* 第 */
        return;
    s->at.year[0] = 0;
    if (k == CHAR_HAN || k == CHAR_LETTER) {
        add_sign(s, c);
    } else {
        s->sign_n = s->run = 0;
        s->clean = false;
    }
}

int numbers_each(struct str text, void *ctx, number_fn *fn) {
    struct number_scan s = {.clean = true};
    int32_t raw;
    int rc = 0;
    while (rc == 0 && text.n) {
        struct str here = text;
        raw = utf8_next(&text);
        if (raw < 0)
            break;
        uint32_t c = fold_char((uint32_t)raw);
        if (fold_class(c) == CHAR_DIGIT) {
            if (s.n < 11)
                s.digits[s.n++] = (char)c;
            continue;
        }
        bool digits = s.n > 0;
        if (digits) {
            rc = run_end(&s, c, here, ctx, fn);
            if (!s.at.year[0])
                s.sign_n = s.run = 0, s.clean = false;
        }
        other(&s, c);
    }
    return rc == 0 && s.n ? run_end(&s, 0, STR_NONE, ctx, fn) : rc;
}

void number_token(const struct number *n, char own, int sign_n, char out[40]) {
    struct buf b;
    buf_init(&b, 64);
    for (int i = n->sign_n - sign_n; i < n->sign_n; i++) {
        char c[4];
        buf_add(&b, (struct str){c, utf8_put(c, n->sign[i])});
    }
    snprintf(out, 40, "%c%.4sx%.4sy%08x", own, n->year, n->serial, (unsigned)str_hash(buf_str(&b)));
    buf_release(&b);
}
