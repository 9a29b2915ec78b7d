/* tokens.c: the FTS5 tokenizer "han" and the ranking function.
 *
 * A run of Han characters gives overlapping pairs, one token per character, and the last character by itself: so a
 * phrase of pairs is an exact search for a substring, however short. Blanks inside a run are passed over (lines of a
 * PDF break anywhere). Letters and digits are whole tokens: 147 does not find 1147. Positions are counted in tokens, so
 * brackets and punctuation between them do not matter: 〔2020〕147号 and [2020]147号 are alike. */
#include "search/search_internal.h"
#include <math.h>

#define WORD_BYTES 64 /* a longer word is cut: it is found by its head */

/* ── text to tokens ── */

struct scan {
    const char *text;
    size_t n, at;
    void *ctx;
    token_fn *fn;
    char han[8]; /* the last Han character of the run */
    int han_n, han_start, han_end, run;
    char word[WORD_BYTES];
    int word_n, word_start, word_end;
    enum char_class word_class; /* CHAR_BREAK: no word is open */
};

static int word_flush(struct scan *s) {
    if (s->word_class == CHAR_BREAK)
        return 0;
    s->word_class = CHAR_BREAK;
    return s->fn(s->ctx, s->word, s->word_n, s->word_start, s->word_end);
}

static int run_flush(struct scan *s, bool open_end) {
    int run = s->run;
    s->run = 0;
    if (run == 0 || (open_end && run > 1))
        return 0;
    return s->fn(s->ctx, s->han, s->han_n, s->han_start, s->han_end);
}

static int add_han(struct scan *s, uint32_t c, int start, int end) {
    char pair[16];
    int rc = 0;
    if (s->run > 0) {
        memcpy(pair, s->han, (size_t)s->han_n);
        int n = s->han_n + (int)utf8_put(pair + s->han_n, c);
        rc = s->fn(s->ctx, pair, n, s->han_start, end);
    }
    s->run++;
    s->han_n = (int)utf8_put(s->han, c);
    s->han_start = start;
    s->han_end = end;
    return rc;
}

static int add_word(struct scan *s, enum char_class k, uint32_t c, int start, int end) {
    int rc = 0;
    bool goes_on = s->word_class == k || (s->word_class == CHAR_MARK && (k == CHAR_LETTER || k == CHAR_DIGIT));
    if (!goes_on || k == CHAR_MARK) {
        rc = word_flush(s);
        s->word_class = k;
        s->word_n = 0;
        s->word_start = start;
        if (k == CHAR_MARK)
            c = '~';
    }
    if (s->word_n + 4 <= WORD_BYTES)
        s->word_n += (int)utf8_put(s->word + s->word_n, c);
    s->word_end = end;
    return rc;
}

/* Decodes one character leniently: a bad byte is a break. */
static uint32_t next_char(struct scan *s) {
    struct str rest = {s->text + s->at, s->n - s->at};
    int32_t c = utf8_next(&rest);
    s->at = c < 0 ? s->at + 1 : (size_t)(rest.p - s->text);
    return c < 0 ? 0xFFFD : (uint32_t)c;
}

int tokens_each(const char *text, size_t n, bool query, void *ctx, token_fn *fn) {
    struct scan s = {.text = text, .n = n, .ctx = ctx, .fn = fn};
    int rc = 0;
    while (rc == 0 && s.at < n) {
        int start = (int)s.at;
        uint32_t c = fold_char(next_char(&s));
        int end = (int)s.at;
        enum char_class k = fold_class(c);
        if (k != CHAR_HAN && k != CHAR_BLANK)
            rc = run_flush(&s, false);
        if (rc == 0 && (k == CHAR_HAN || k == CHAR_BLANK || k == CHAR_BREAK))
            rc = word_flush(&s);
        if (rc)
            break;
        if (k == CHAR_HAN)
            rc = add_han(&s, c, start, end);
        else if (k == CHAR_LETTER || k == CHAR_DIGIT || k == CHAR_MARK)
            rc = add_word(&s, k, c, start, end);
    }
    if (rc == 0)
        rc = word_flush(&s);
    return rc ? rc : run_flush(&s, query);
}

/* ── FTS5 ── */

struct fts_call {
    void *ctx;
    int (*fn)(void *, int, const char *, int, int, int);
};

static int give_token(void *ctx, const char *token, int n, int start, int end) {
    struct fts_call *call = ctx;
    return call->fn(call->ctx, 0, token, n, start, end);
}

static int fts_create(void *p, const char **args, int n, Fts5Tokenizer **ret) {
    static int nothing; /* the tokenizer has no state of its own */
    (void)p;
    (void)args;
    (void)n;
    *ret = (Fts5Tokenizer *)(void *)&nothing;
    return SQLITE_OK;
}

static void fts_delete(Fts5Tokenizer *t) {
    (void)t;
}

static int fts_tokenize(Fts5Tokenizer *t, void *ctx, int flags, const char *text, int n,
                        int (*fn)(void *, int, const char *, int, int, int)) {
    struct fts_call call = {ctx, fn};
    (void)t;
    return n > 0 ? tokens_each(text, (size_t)n, (flags & FTS5_TOKENIZE_QUERY) != 0, &call, give_token) : SQLITE_OK;
}

/* How often a phrase stands in a row, by column weight, at most 40 places. */
static double phrase_weight(const Fts5ExtensionApi *api, Fts5Context *x, int phrase, const double *weights, int n) {
    Fts5PhraseIter it;
    int column, offset, seen = 0;
    double sum = 0;
    if (api->xPhraseFirst(x, phrase, &it, &column, &offset) != SQLITE_OK)
        return 0;
    for (; column >= 0 && seen < 40; api->xPhraseNext(x, &it, &column, &offset), seen++)
        sum += column < n ? weights[column] : 0;
    return sum;
}

/* han_rank(table, idf of each phrase…): BM25 with the inverse frequencies handed in (bm25() would walk every document
 * to learn them). Columns: title, number, body, files, meta. */
static void han_rank(const Fts5ExtensionApi *api, Fts5Context *x, sqlite3_context *out, int n, sqlite3_value **args) {
    static const double weights[] = {6.0, 8.0, 1.0, 0.5, 1.0};
    sqlite3_int64 rows = 1, all = 1;
    int size = 0, phrases = api->xPhraseCount(x);
    double score = 0;
    api->xRowCount(x, &rows);
    api->xColumnTotalSize(x, 2, &all);
    api->xColumnSize(x, 2, &size);
    double average = rows > 0 ? (double)all / (double)rows + 20 : 20, length = (double)size + 20;
    for (int i = 0; i < phrases && i < n; i++) {
        double idf = sqlite3_value_double(args[i]), tf = 0;
        if (idf <= 0)
            continue;
        tf = phrase_weight(api, x, i, weights, 5);
        score += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average));
    }
    sqlite3_result_double(out, score);
}

/* han_cover(table, tokens): which part of a title the query makes up, 0…1. */
static void han_cover(const Fts5ExtensionApi *api, Fts5Context *x, sqlite3_context *out, int n, sqlite3_value **args) {
    int size = 0;
    api->xColumnSize(x, 0, &size);
    double part = n > 0 && size > 0 ? sqlite3_value_double(args[0]) / (double)size : 0;
    sqlite3_result_double(out, part > 1 ? 1 : part);
}

static fts5_api *api_of(sqlite3 *db) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &st, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(st);
    }
    sqlite3_finalize(st);
    return api;
}

int tokens_register(sqlite3 *db) {
    static fts5_tokenizer tokenizer = {fts_create, fts_delete, fts_tokenize};
    fts5_api *api = api_of(db);
    if (!api)
        return SQLITE_ERROR;
    int rc = api->xCreateTokenizer(api, "han", NULL, &tokenizer, NULL);
    if (rc == SQLITE_OK)
        rc = api->xCreateFunction(api, "han_rank", NULL, han_rank, NULL);
    return rc == SQLITE_OK ? api->xCreateFunction(api, "han_cover", NULL, han_cover, NULL) : rc;
}
