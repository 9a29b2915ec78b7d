/* mean.c: "did you mean": a name or a piece of a title that differs from the query in one character, best one whose
 * pinyin begins alike (most slips are homophones). Candidates come from the names and from titles that share a pair. */
#include "search/search_internal.h"

#define CHARS_MOST 30
#define TITLES 200

struct typed {
    uint32_t c[CHARS_MOST];
    size_t n;
};

static void decode(struct str s, struct typed *t) {
    int32_t c;
    t->n = 0;
    while (t->n < CHARS_MOST && (c = utf8_next(&s)) >= 0)
        if (fold_class(fold_char((uint32_t)c)) == CHAR_HAN || fold_class(fold_char((uint32_t)c)) == CHAR_LETTER ||
            fold_class(fold_char((uint32_t)c)) == CHAR_DIGIT)
            t->c[t->n++] = fold_char((uint32_t)c);
}

/* How near a window of the same length is: 0 too far or the same; 2 one character with the same initial; 1 one. */
static int nearness(const struct typed *t, const uint32_t *window) {
    int wrong = 0, alike = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->c[i] != window[i]) {
            wrong++;
            alike += (fold_initials(t->c[i]) & fold_initials(window[i])) != 0;
        }
    int most = t->n >= 5 ? 2 : 1;
    return wrong == 0 || wrong > most ? 0 : 2 * (most - wrong) + (alike == wrong ? 2 : 1);
}

/* Slides over a text; keeps the nearest window. */
static int nearest(struct arena *a, const struct typed *t, struct str text, int best, struct str *ret) {
    uint32_t window[CHARS_MOST];
    size_t n = 0;
    int32_t c;
    while ((c = utf8_next(&text)) >= 0) {
        if (n == t->n)
            memmove(window, window + 1, --n * sizeof *window);
        window[n++] = fold_char((uint32_t)c);
        int near = n == t->n ? nearness(t, window) : 0;
        if (near <= best)
            continue;
        char out[CHARS_MOST * 4];
        size_t bytes = 0;
        for (size_t i = 0; i < n; i++)
            bytes += utf8_put(out + bytes, window[i]);
        best = near;
        *ret = str_dup(a, (struct str){out, bytes});
    }
    return best;
}

/* Titles with any pair of the query. */
static int in_titles(struct work *w, struct store *s, const struct typed *t, int best, struct str *ret) {
    struct buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i + 1 < t->n; i++) {
        char pair[8];
        size_t n = utf8_put(pair, t->c[i]);
        n += utf8_put(pair + n, t->c[i + 1]);
        if (fold_class(t->c[i]) == CHAR_HAN && fold_class(t->c[i + 1]) == CHAR_HAN)
            buf_printf(&b, "%s\"%.*s\"", b.n ? " OR " : "", (int)n, pair);
    }
    sqlite3_stmt *st = b.n ? store_prepare(s, "SELECT d.title FROM (SELECT rowid FROM ft_title WHERE ft_title MATCH ?1 "
                                              "ORDER BY rowid DESC LIMIT ?2) f"
                                              " JOIN doc d ON d.rowid = f.rowid")
                           : NULL;
    if (st) {
        sqlite3_bind_text64(st, 1, b.p, b.n, SQLITE_STATIC, SQLITE_UTF8);
        sqlite3_bind_int64(st, 2, TITLES);
    }
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        struct str title = {(const char *)sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0)};
        best = nearest(w->arena, t, title, best, ret);
    }
    sqlite3_finalize(st);
    buf_release(&b);
    return best;
}

struct str mean_suggest(struct work *w, struct store *s, struct str q) {
    struct typed t;
    struct str found = STR_NONE;
    int best = 0;
    decode(q, &t);
    if (t.n < 3 || t.n == CHARS_MOST)
        return STR_NONE;
    const struct names *n = names_hold();
    for (size_t i = 0; i < n->n; i++)
        best = nearest(w->arena, &t, str_z(n->v[i].name), best, &found);
    names_let(n);
    in_titles(w, s, &t, best, &found);
    return found;
}
