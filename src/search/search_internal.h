/* search_internal.h: what the files of this room share. */
#ifndef MINGTANG_SEARCH_INTERNAL_H
#define MINGTANG_SEARCH_INTERNAL_H
#include "search/search.h"
#include <sqlite3.h>

/* ── characters (fold.c) ── */
enum char_class { CHAR_BREAK, CHAR_BLANK, CHAR_HAN, CHAR_LETTER, CHAR_DIGIT, CHAR_MARK };
void fold_load(struct str traditional, struct str pinyin); /* once, before threads */
uint32_t fold_char(uint32_t cp);                           /* width, case, traditional → simplified */
enum char_class fold_class(uint32_t folded);
uint32_t fold_initials(uint32_t han);                /* bit i: a reading begins with 'a' + i */
#define MARK_CHAR 0xE000                             /* begins a filter's token; taken out of texts */
struct str fold_text(struct arena *a, struct str s); /* every character folded, marks taken out */

/* ── tokens (tokens.c) ── */
/* Return non-zero to stop. start, end: bytes of the text it stands for. */
typedef int token_fn(void *ctx, const char *token, int n, int start, int end);
/* query: the last run gives no final single character, unless it is one. */
int tokens_each(const char *text, size_t n, bool query, void *ctx, token_fn *fn);
int tokens_register(sqlite3 *db); /* the tokenizer "han" and the function han_rank. SQLite code */

/* ── 文号 (numbers.c) ── */
enum { NUMBER_SIGN = 4 };
struct number {
    char year[12], serial[12];
    uint32_t sign[NUMBER_SIGN]; /* the last characters of the issuer's sign (机关代字) */
    int sign_n;
    bool from_start; /* the sign is all that stands before it */
    struct str rest; /* the text after the serial */
};
typedef int number_fn(void *ctx, const struct number *n); /* non-zero stops */
int numbers_each(struct str text, void *ctx, number_fn *fn);
/* own: 'o' the document's own, 'n' one it names; by the last sign_n characters of the sign. */
void number_token(const struct number *n, char own, int sign_n, char out[40]);

/* ── the file (store.c) ── */
enum { ROW_SLOTS = 16 }; /* rowids of one minute */
struct store {
    sqlite3 *db;
    sqlite3_stmt *kept[24]; /* by enum store_sql */
    struct store *next;
    unsigned epoch;
    bool corrupt; /* the file is damaged: it must be built anew */
};
int store_open(struct store *s, const char *path, bool writer); /* SQLite code; the schema when it is a writer */
void store_close(struct store *s);
bool store_exec(struct store *s, const char *sql);
bool store_bulk(struct store *s, bool on);             /* begins and ends the making of a whole index */
int64_t store_state(struct store *s, const char *key); /* 0 when absent */
bool store_state_set(struct store *s, const char *key, int64_t value);
bool store_put(struct store *s, const char *kind, int64_t subject, const struct search_doc *d); /* insert or replace */
bool store_remove(struct store *s, const char *kind, int64_t subject);
int64_t store_term(struct store *s, const char *facet, struct str value, bool make); /* 0: not there */
sqlite3_stmt *store_prepare(struct store *s, const char *sql); /* NULL after logging; finalize it */

/* ── readers of the current file (follow.c) ── */
struct store *reader_take(void);   /* NULL: there is no index yet */
void reader_use(const char *path); /* an index that no thread follows: for measuring */
void reader_give(struct store *s);

/* ── names (names.c): an immutable snapshot ── */
struct name {
    char *facet, *value, *name, *aliases, *address;
    bool understood;
};
struct names {
    struct name *v;
    size_t n, cap;
    int holders;
};
int names_load(struct work *w, search_names_fn *fn); /* replaces the snapshot */
const struct names *names_hold(void);                /* never NULL; names_let when done */
void names_let(const struct names *n);
void names_drop(void);
/* Does the name hold the typed text, as characters or as pinyin initials? 0 no; more is better. */
int name_matches(const struct name *n, struct str folded);

/* ── queries (parse.c) ── */
enum { TERMS_MOST = 12, VARIANTS_MOST = 6 };
struct term {
    struct str text; /* folded */
    struct str variants[VARIANTS_MOST];
    size_t variant_count; /* synonyms beside the text itself */
};
struct understood {
    const char *facet; /* NULL: a span of days */
    struct str value, label, text;
    day_t from, to;
};
struct parsed {
    struct term terms[TERMS_MOST];
    size_t term_count;
    struct understood understood[6];
    size_t understood_count;
    struct str rest; /* q without what was understood */
};
void parse_query(struct work *w, const struct search_query *x, bool understand, struct parsed *ret);
void parse_sentence(struct work *w, struct str q, struct parsed *ret); /* words between what carries no meaning */
void parse_understand(struct work *w, struct parsed *p, struct str *words, size_t *n);
/* "…" with quotes doubled, and * where the last token is open. */
void match_phrase(struct buf *b, struct str text);

/* ── one question (find.c), and what is told of it (hits.c) ── */
struct expression {
    struct buf text;
    double idf[SEARCH_FILTERS_MOST + 2 * TERMS_MOST * (VARIANTS_MOST + 1)];
    size_t phrases;
    bool nothing; /* a filter whose value no document has */
};
struct hit {
    int64_t row;
    double score;
};
enum { MISSES_MOST = 6 };
struct miss {
    struct str text;
    int64_t low, high;
};
struct asked {
    struct work *w;
    struct store *s;
    const struct search_query *x;
    struct parsed p;
    struct expression e;
    int64_t low, high;                    /* rowids of the span of days */
    int64_t rows[SEARCH_COUNT_MOST + 1];  /* the newest that fit: counts, facets and lists by time come from them */
    double scores[SEARCH_COUNT_MOST + 1]; /* of each, when relevance is asked for */
    size_t row_n;
    struct hit *hits;
    size_t n, most;
    struct miss missed[MISSES_MOST]; /* expressions of this question that nothing fits: no reading walks twice */
    size_t missed_n;
    bool bounded, loose; /* more were found than were weighed; any of the terms is enough */
};
json_t *asked_facets(struct asked *q); /* {facet: [{value, name, count}]} of the newest rows */
json_t *asked_hits(struct asked *q, size_t from, size_t size);

/* ── synonyms (synonym.c) ── */
int synonyms_refresh(struct work *w); /* the snapshot from the database */
void synonyms_expand(struct arena *a, struct term *t);
void synonyms_drop(void);

/* ── marking up (snippet.c) ── */
struct str snippet_mark(struct arena *a, struct str text, const struct parsed *p); /* whole text, escaped, <mark> */
/* A window of `chars` characters around the first place where a term stands; "" when none does. ret_at: its offset. */
struct str snippet_cut(struct arena *a, struct str text, const struct parsed *p, size_t chars, size_t *ret_at);

/* ── near misses (mean.c) ── */
struct str mean_suggest(struct work *w, struct store *s, struct str q); /* "" nothing better is known */
#endif
