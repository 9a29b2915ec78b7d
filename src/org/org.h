/* org.h: units (单位), posts (岗位), appointments: who belongs where, and what that lets them do.
 * The one function of data scope is org_may(). */
#ifndef MINGTANG_ORG_H
#define MINGTANG_ORG_H
#include "auth/auth.h"
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

/* unit.kind: city (市政府), office (市政府办公室), department (部门), town (镇、区、街道), village (村居), enterprise,
 * assessor */
struct unit {
    int64_t id, parent_id;
    struct str code;             /* stable, in addresses: "changjiang", "fgw" */
    struct str name, short_name; /* 如皋市发展和改革委员会 / 市发改委 */
    struct str kind;
    struct str org_code; /* 机构代码, 9 characters, for 索引号 */
    bool demonstration;  /* 示范区 of annex 2 note 2 */
    struct str details;  /* JSON text: functions, address, hours, telephone: what the unit itself filled in */
};
int unit_get(struct work *w, int64_t id, struct unit *ret);
int unit_by_code(struct work *w, struct str code, struct unit *ret); /* 1, 0, -1 */
/* By full name, short name or any former name or alias ("市发改委", "市住建局"); 0 when none. */
int unit_by_name(struct work *w, struct str name, struct unit *ret);
json_t *unit_list(struct work *w, const char *kind); /* all in force; NULL: every kind. New reference */
json_t *unit_names(struct work *w); /* {"id": "every name and alias"} of those in force. New reference */
int unit_save(struct work *w, struct unit *u, json_t *details); /* insert (id 0) or update; event */

/* Fills names and rights of w->actor for the post (0: the person's first). Called by the authenticate hook. */
int org_actor_fill(struct work *w, int64_t post_id);
json_t *org_posts_of(struct work *w, int64_t person_id); /* [{id,name,unit,roles}] */
int post_create(struct work *w, int64_t unit_id, struct str name, int64_t roles, bool all_units, int64_t *ret_id);
int appointment_create(struct work *w, int64_t person_id, int64_t post_id, day_t from, day_t to);
int appointment_end(struct work *w, int64_t id, day_t to);

/* Data scope, for reads and writes alike: may the actor use `permission` on a matter of unit_id? True when the
 * right is held and the unit is the actor's own or below it, or the post covers all units. -1 fills ERR_FORBIDDEN. */
int org_may(struct work *w, int permission, int64_t unit_id);
/* The same scope as a LIKE pattern over unit.path for lists: "/1/5/%", "%" with all_units, "" (nothing) without a unit.
 */
struct str org_path(struct work *w);
bool org_may_quiet(struct work *w, int permission, int64_t unit_id);

extern const struct route org_routes[]; /* public unit pages; staff: units, posts, appointments */
extern const size_t org_route_count;
int org_load_accounts(struct work *w,
                      json_t *accounts); /* data/accounts-demo.json: one password hashed once, posts, appointments */
/* A new installation: three administrators with one-time passwords, appended to `made`; nothing when there are
 * accounts. */
int org_admin_bootstrap(struct work *w, json_t *made);
int org_load(struct work *w, json_t *units); /* data/units.json at init: idempotent */
#endif
