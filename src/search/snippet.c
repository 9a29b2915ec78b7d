/* snippet.c: where the terms stand in a text: marked titles, and windows cut around the first place. */
#include "search/search_internal.h"

#include "view/view.h"

#define PLACES_MOST 400
#define WORD_BYTES_SHOWN 68
#define LOOK_BYTES (512u * 1024) /* of one text, when the quick look finds nothing */

struct place {
    size_t from, to;
};

/* ── tokens of a phrase, and where they stand one after the other ── */

struct phrase {
    char token[128][WORD_BYTES_SHOWN];
    int n;
    bool open; /* the last token is a prefix */
};

static int take_token(void *ctx, const char *token, int n, int start, int end) {
    struct phrase *p = ctx;
    (void)start;
    (void)end;
    if (p->n == (int)countof(p->token) || n >= WORD_BYTES_SHOWN)
        return 1;
    memcpy(p->token[p->n], token, (size_t)n);
    p->token[p->n++][n] = 0;
    return 0;
}

struct finder {
    const struct phrase *p;
    size_t starts[128], ends[128]; /* of the last tokens, a ring by position */
    char last[128][WORD_BYTES_SHOWN];
    int seen;
    struct place *places;
    size_t n, most;
};

static bool token_is(const struct phrase *p, int i, const char *token) {
    return i == p->n - 1 && p->open ? strncmp(token, p->token[i], strlen(p->token[i])) == 0
                                    : strcmp(token, p->token[i]) == 0;
}

static int look_token(void *ctx, const char *token, int n, int start, int end) {
    struct finder *f = ctx;
    int at = f->seen++ % 128, m = f->p->n;
    if (n >= WORD_BYTES_SHOWN)
        n = WORD_BYTES_SHOWN - 1;
    memcpy(f->last[at], token, (size_t)n);
    f->last[at][n] = 0;
    f->starts[at] = (size_t)start;
    f->ends[at] = (size_t)end;
    if (f->seen < m)
        return 0;
    for (int i = 0; i < m; i++)
        if (!token_is(f->p, i, f->last[(f->seen - m + i) % 128]))
            return 0;
    size_t from = f->starts[(f->seen - m) % 128], to = f->ends[at];
    if (f->p->open && m == 1 && (unsigned char)token[0] >= 0x80) /* one character: not the pair's second */
        to = from + 3 <= to ? from + 3 : to;
    f->places[f->n++] = (struct place){from, to};
    return f->n == f->most;
}

static size_t find_phrase(struct str text, struct str term, struct place *places, size_t most) {
    static const struct phrase none;
    struct phrase p = none;
    struct buf b;
    buf_init(&b, 4096);
    match_phrase(&b, term);
    p.open = b.n && b.p[b.n - 1] == '*';
    buf_release(&b);
    tokens_each(term.p, term.n, true, &p, take_token);
    if (p.n == 0 || most == 0)
        return 0;
    struct finder *f = calloc(1, sizeof *f);
    if (!f)
        return 0;
    f->p = &p;
    f->places = places;
    f->most = most;
    tokens_each(text.p, text.n, false, f, look_token);
    size_t n = f->n;
    free(f);
    return n;
}

static int by_place(const void *a, const void *b) {
    size_t x = ((const struct place *)a)->from, y = ((const struct place *)b)->from;
    return (x > y) - (x < y);
}

static size_t find_all(struct str text, const struct parsed *p, struct place *places, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < p->term_count; i++) {
        n += find_phrase(text, p->terms[i].text, places + n, most - n);
        for (size_t k = 0; k < p->terms[i].variant_count; k++)
            n += find_phrase(text, p->terms[i].variants[k], places + n, most - n);
    }
    qsort(places, n, sizeof *places, by_place);
    return n;
}

/* ── output ── */

static void add_escaped(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            buf_addz(b, "&amp;");
        else if (c == '<')
            buf_addz(b, "&lt;");
        else if (c == '>')
            buf_addz(b, "&gt;");
        else if (c == '"')
            buf_addz(b, "&quot;");
        else
            buf_addc(b, (unsigned char)c < ' ' ? ' ' : c);
    }
}

struct str snippet_mark(struct arena *a, struct str text, const struct parsed *p) {
    struct place *places = arena_many(a, struct place, PLACES_MOST);
    size_t n = find_all(text, p, places, PLACES_MOST), done = 0;
    struct buf b;
    buf_init(&b, 1024u * 1024);
    for (size_t i = 0; i < n; i++) {
        if (places[i].to <= done)
            continue;
        size_t from = places[i].from > done ? places[i].from : done;
        while (i + 1 < n && places[i + 1].from <= places[i].to) { /* neighbours are one mark */
            if (places[i + 1].to < places[i].to)
                places[i + 1].to = places[i].to;
            i++;
        }
        add_escaped(&b, str_sub(text, done, from - done));
        buf_addz(&b, "<mark>");
        add_escaped(&b, str_sub(text, from, places[i].to - from));
        buf_addz(&b, "</mark>");
        done = places[i].to;
    }
    add_escaped(&b, str_sub(text, done, text.n));
    struct str ret = str_dup(a, buf_str(&b));
    buf_release(&b);
    return ret;
}

/* The first place as it is written, else by tokens. */
static bool first_place(struct str text, const struct parsed *p, size_t *ret) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < p->term_count; i++) {
        ptrdiff_t at = str_find(text, p->terms[i].text);
        if (at >= 0 && (size_t)at < best)
            best = (size_t)at;
        for (size_t k = 0; k < p->terms[i].variant_count; k++)
            if ((at = str_find(text, p->terms[i].variants[k])) >= 0 && (size_t)at < best)
                best = (size_t)at;
    }
    struct str head = str_sub(text, 0, LOOK_BYTES);
    struct place one;
    for (size_t i = 0; i < p->term_count && best == SIZE_MAX; i++)
        if (find_phrase(head, p->terms[i].text, &one, 1))
            best = one.from;
    *ret = best;
    return best != SIZE_MAX;
}

static bool boundary(struct str s, size_t at) {
    return at >= s.n || ((unsigned char)s.p[at] & 0xC0) != 0x80;
}

struct str snippet_cut(struct arena *a, struct str text, const struct parsed *p, size_t chars, size_t *ret_at) {
    size_t at;
    if (!first_place(text, p, &at))
        return STR_NONE;
    size_t before = at > chars ? at - chars : 0; /* about a third of the window, three bytes a character */
    while (!boundary(text, before))
        before++;
    struct str window = utf8_head(str_sub(text, before, text.n), chars);
    struct str marked = snippet_mark(a, window, p);
    *ret_at = at;
    return str_printf(a, "%s%.*s%s", before ? "…" : "", STR_ARG(marked), before + window.n < text.n ? "…" : "");
}
