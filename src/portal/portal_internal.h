/* portal_internal.h: what the files of the portal share. */
#ifndef MINGTANG_PORTAL_INTERNAL_H
#define MINGTANG_PORTAL_INTERNAL_H
#include "auth/auth.h"
#include "catalogue/catalogue.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "org/org.h"
#include "portal/portal.h"
#include "view/view.h"

/* 五公开: the five stages of a decision's life that are made public. */
struct five_class {
    const char *code, *name, *about;
};
extern const struct five_class portal_five[];
extern const size_t portal_five_count;
json_t *
five_list(struct str code); /* [{code, name, about, href, active}]; active: the one of this code. New reference */

/* The three catalogues (三张目录). */
struct portal_catalogue_kind {
    const char *kind, *name, *about;
};
extern const struct portal_catalogue_kind portal_catalogue_kinds[];
extern const size_t portal_catalogue_kind_count;
const char *portal_unit_kind_name(struct str kind);

/* Sets a part of a model; a NULL value (the verb failed, w->error says why) gives -1. Takes the reference. */
int model_put(json_t *model, const char *key, json_t *value);
/* Ends a handler: the page, or -1 with the model freed when rc is -1. */
int portal_page(struct http_response *out, const char *template, json_t *model, int rc);
/* model.entries and has_entries: the latest publications by the filter. */
int put_entries(struct work *w, json_t *model, const struct disclosure_filter *f, struct str *ret_after);
struct search_input;
/* model.renewed: the day of the newest publication by the filter; feed and subscribe: the same as a search. x NULL: a
 * page over several columns, which has no feed of its own. */
int put_renewal(struct work *w, json_t *model, const struct disclosure_filter *f, const struct search_input *x);

/* Parts of pages (portal.c). New references; NULL after an error. */
json_t *fields_with_counts(struct work *w);            /* field_list with fresh (new in 30 days) and totals */
json_t *unit_groups(struct work *w, bool with_totals); /* [{name, anchor, units}] by kind, in official order */
json_t *catalogue_groups(struct work *w);              /* [{kind, name, about, any, catalogues}], the three kinds */
json_t *rows_grouped(json_t *rows, const char *key); /* neighbours alike in key: [{name, count, items}]; borrows rows */

int portal_fields(struct http_request *in, struct http_response *out);
int portal_field(struct http_request *in, struct http_response *out);
int portal_catalogues(struct http_request *in, struct http_response *out);
int portal_catalogue(struct http_request *in, struct http_response *out);
int portal_item(struct http_request *in, struct http_response *out);
int portal_units(struct http_request *in, struct http_response *out);
int portal_unit(struct http_request *in, struct http_response *out);
int portal_document(struct http_request *in, struct http_response *out);
int portal_field_year(struct http_request *in, struct http_response *out);
struct str portal_csv(struct work *w, json_t *hits); /* a table of search results; the arena's */
int portal_package(struct http_request *in, struct http_response *out);
int portal_leave(struct http_request *in, struct http_response *out);
int portal_info(struct http_request *in, struct http_response *out);
int portal_column(struct http_request *in, struct http_response *out);
int portal_legal(struct http_request *in, struct http_response *out);
int portal_calendar(struct http_request *in, struct http_response *out);
int portal_sitemap_xml(struct http_request *in, struct http_response *out);
int portal_sitemap_part(struct http_request *in, struct http_response *out);
int portal_search(struct http_request *in, struct http_response *out);
int portal_suggest(struct http_request *in, struct http_response *out);
int portal_search_atom(struct http_request *in, struct http_response *out);
int portal_search_export(struct http_request *in, struct http_response *out);
extern const struct field_table portal_leave_table, portal_catalogue_table, portal_item_table, portal_column_table,
    portal_search_table, portal_suggest_table, portal_export_table, portal_subscribe_table;
int portal_subscribe_form(struct http_request *in, struct http_response *out);
int portal_subscribe(struct http_request *in, struct http_response *out);
int portal_subscription(struct http_request *in, struct http_response *out);
int portal_subscription_confirm(struct http_request *in, struct http_response *out);
int portal_subscription_end(struct http_request *in, struct http_response *out);

/* ── one search as an address says it (portal_search.c) ── */
struct search_input {
    struct str q, sort, unit, field, item, catalogue, five, genre, theme, year, validity, type, kind, class, legal;
    day_t from, to;
    bool all, literal; /* also what is no longer in force; nothing of q is understood */
    int64_t page;
    struct str format;       /* exports only */
    struct str email, often; /* subscriptions only */
};
extern const struct field_option portal_often[];         /* how often a subscription is told */
json_t *search_input_json(const struct search_input *x); /* what is asked, all members texts. New reference */
void search_input_from(struct arena *a, const json_t *o, struct search_input *ret);
void search_input_of(struct work *w, struct str address, struct search_input *ret); /* "/search?q=…&unit=…" */
/* The newest that a search finds, as a list shows them. NULL after an error. New reference. */
json_t *portal_newest(struct work *w, const struct search_input *x, int64_t page, int64_t size, bool facets);

/* The same at the past instant w->as_of, several questions in one walk; what a past page does not offer (facets,
 * related documents) is not there. found: new reference. -1: none. */
struct then_question {
    const struct search_input *x;
    int64_t page, size;
    json_t *found;
    struct search_query ask; /* of portal_then */
    json_t *hits;
    int64_t count;
};
int portal_then(struct work *w, struct then_question *list, size_t n);

/* ── parts that the office edits (portal_parts.c). draft: an unpublished one shown in its place, NULL none; borrowed ──
 */
json_t *portal_parts(struct work *w, const char *kind, const json_t *draft); /* NULL after an error. New reference */
int put_home_parts(struct work *w, json_t *model, const json_t *draft);
json_t *portal_columns_of(struct work *w, const json_t *draft); /* shipped and edited ones. NULL; new reference */
int portal_home_page(struct http_request *in, struct http_response *out, const json_t *draft);
int portal_column_page(struct http_request *in, struct http_response *out, struct str code, const json_t *draft);
int portal_topics(struct http_request *in, struct http_response *out);
int portal_topic(struct http_request *in, struct http_response *out);
int portal_desk(struct http_request *in, struct http_response *out);
int portal_preview(struct http_request *in, struct http_response *out);
void search_query_of(const struct search_input *x, struct search_query *ret);
/* The address of a search with one value set anew ("" takes it off); page 1. name NULL: as it is. */
struct str search_address(struct arena *a, const struct search_input *x, const char *path, const char *name,
                          struct str value);
struct str search_title(struct work *w, const struct search_input *x); /* "低保 · 市民政局" */
#endif
