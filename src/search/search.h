/* search.h: full-text search in Chinese: each node's own projection of public events into SQLite FTS5.
 *
 * The room knows documents, facets and names, nothing of what they stand for: rooms above hand in sources. The index is
 * a file of this node (data_dir/search.db), can be dropped at any time and is rebuilt from the database; it holds
 * public text only. What is withdrawn leaves it with the event of the withdrawal. */
#ifndef MINGTANG_SEARCH_H
#define MINGTANG_SEARCH_H
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

/* ── what is found: handed in by the rooms above ── */
enum { SEARCH_FACETS_MOST = 24, SEARCH_FILES_MOST = 64 };
struct search_facet {
    const char *facet; /* "unit", "field", "item", "five", "genre", "year", "validity", "type", "kind", … */
    struct str value;  /* a short code */
};
struct search_file { /* an attachment's text; page breaks are form feeds */
    int64_t position, pages;
    struct str name, extension, text;
};
struct search_doc {
    struct str address; /* path on the portal; unique */
    struct str title, number, summary, body, keywords;
    int64_t published_at; /* ms UTC: newest first goes by it */
    struct str about;     /* address of the document this one interprets; "" none */
    bool ended;           /* no longer in force: found only when asked for */
    int weight;           /* 0 ordinary … 10: at equal match, more important things first */
    json_t *shown;        /* owned: what result lists show besides (unit_name, five_name, demo …) */
    struct search_facet facets[SEARCH_FACETS_MOST];
    size_t facet_count;
    struct search_file files[SEARCH_FILES_MOST];
    size_t file_count;
};
void search_doc_facet(struct search_doc *d, const char *facet, struct str value); /* an empty value is left out */

struct search_source {
    const char *kind; /* subject_kind of its public events */
    /* The document as public now: 1; 0 not public (leaves the index); -1. */
    int (*load)(struct work *w, int64_t id, struct search_doc *ret);
    /* The next ids (at most n) of what is public, in order of publication; (0, 0) to begin. Count or -1. */
    int (*list)(struct work *w, int64_t after_key, int64_t after_id, int64_t *keys, int64_t *ids, int n);
    const char *room; /* not NULL: any public event of this room looks through all of them again (small sets) */
};
/* A name of a facet's value: units, fields. For suggestions, by pinyin initials too, and for understood queries. */
struct search_name {
    const char *facet;
    struct str value, name, aliases; /* aliases: blank-separated */
    struct str address;              /* its own page; "" none */
    bool understood;                 /* a word of a query that equals it becomes a filter */
};
typedef void search_name_add(void *ctx, const struct search_name *n);
typedef int search_names_fn(struct work *w, search_name_add *add, void *ctx);
/* Before search_start: sources and names. Kept by reference. */
void search_register(const struct search_source *sources, size_t n, search_names_fn *names);

/* ── the node's index ── */
int search_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap); /* begins to follow */
void search_stop(void);
/* Everything public up to this node's generation can be found. Waits up to ms. Pages made before must not be kept. */
bool search_caught_up(int ms);
/* Builds the index anew beside the old one and swaps; w detached from no transaction. Progress to stderr when verbose.
 * For the command; the server does the same by itself when the command asks it to. */
int search_rebuild(struct db_pool *pool, const struct app_config *c, bool verbose);
int search_ask_rebuild(const struct app_config *c); /* 1: a running server was asked and is done; 0: none runs; -1 */

/* ── asking ── */
enum search_sort { SEARCH_RELEVANCE, SEARCH_NEWEST };
enum {
    SEARCH_FILTERS_MOST = 16,
    SEARCH_PAGE = 20,
    SEARCH_PAGES_MOST = 50,
    SEARCH_COUNT_MOST = 1000,
    SEARCH_CHARS_MOST = 100
};
struct search_query {
    struct str q;
    struct search_facet filters[SEARCH_FILTERS_MOST];
    size_t filter_count;
    day_t from, to; /* of publication, Shanghai; DAY_NONE: open */
    enum search_sort sort;
    bool ended;   /* with what is no longer in force */
    bool literal; /* nothing of q is understood as a filter */
    int64_t page; /* from 1; past SEARCH_PAGES_MOST there is nothing */
    int64_t size; /* 0: SEARCH_PAGE */
    bool facets;  /* count facets */
    bool plain;   /* no snippets, no related documents: lists and exports */
    bool related; /* related documents in a plain list too */
};
void search_filter(struct search_query *x, const char *facet, struct str value); /* an empty value is left out */
/* {hits: [{address, title, title_html, number, day, published, published_ms, snippet_html, files: [{name, position,
 * at_page, snippet_html}], related: [{address, title, relation}], …shown}], count, more (count is "more than"), bounded
 * (only the newest are ranked), pages, page, understood: [{facet, value, label, text}], rest (q without them), how ("",
 * "near", "literal", "words", "some"), did_you_mean, facets: {facet: [{value, name, count}]}, facet_limit}. HTML
 * members are escaped, with <mark>. NULL: ERR_BUSY while the index is being built. New reference. */
json_t *search_find(struct work *w, const struct search_query *x);
/* While typing: [{kind, label, note, href}], best first, at most n. New reference. */
json_t *search_suggest(struct work *w, struct str q, size_t n);
struct str search_name_of(struct work *w, const char *facet, struct str value); /* "" unknown */
/* 1 when the index holds this address, 0, -1. For the prober. */
int search_holds(struct work *w, struct str address);

/* ── synonyms (同义词): edited by the office, in the main database ── */
extern const struct route search_routes[]; /* the workbench's page */
extern const size_t search_route_count;
int search_synonyms_load(struct work *w, json_t *defaults); /* at init: nothing when there are some */
#endif
