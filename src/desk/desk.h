/* desk.h: the staff home: what waits for me, my unit's duties, what happened lately. Reads other rooms' verbs only. */
#ifndef MINGTANG_DESK_H
#define MINGTANG_DESK_H
#include "http/http.h"
/* Left navigation for the actor: [{label, href, count, active}], at most seven entries. New reference. */
json_t *desk_nav(struct work *w, struct str path);
/* Tabs of the pages that belong together with this one: [{href, label, active}]; NULL when there are none. New
 * reference.
 */
json_t *desk_tabs(struct work *w, struct str path);
extern const struct route desk_routes[];
extern const size_t desk_route_count;
#endif
