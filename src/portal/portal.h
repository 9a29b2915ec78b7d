/* portal.h: public pages that gather from several domains: home, fields, catalogues, items, units, columns, search.
 * Its one table holds citizens' subscriptions; for the rest it reads other rooms' verbs. Pages are the same for
 * everyone. */
#ifndef MINGTANG_PORTAL_H
#define MINGTANG_PORTAL_H
#include "http/http.h"
#include "search/search.h"
#include <jansson.h>

/* Main navigation of the public site: [{label, href, active}]; only what exists. New reference. */
json_t *portal_nav(struct str path);
/* A page of a past instant (w->as_of): its links to pages that can show the past lead there too. The arena's. */
struct str portal_links_as_of(struct work *w, struct str html);
/* data/columns.json with the columns the office edited in their places: {columns, legal}. NULL after w->error. New
 * reference. */
json_t *portal_columns(struct work *w);
/* Names of units, fields and 五公开 classes, for suggestions and understood queries (search_register). */
int portal_names(struct work *w, search_name_add *add, void *ctx);
/* Links of finished public HTML to sites outside gov.cn lead to /leave. The arena's. */
struct str portal_links_outside(struct work *w, struct str html);
/* The recurring job: each confirmed subscription that is due is told of what was published since. */
int portal_tell_subscribers(struct work *w, json_t *args);
extern const struct route portal_routes[];
extern const size_t portal_route_count;
#endif
