/* auth.h: accounts, passwords, sessions, second factor, tokens for programs, permissions by role.
 * Does not know units or domains; which posts a person holds is org's. Numbers: rules.md §11.1 (等保三级). */
#ifndef MINGTANG_AUTH_H
#define MINGTANG_AUTH_H
#include "auth/permissions.h"
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

const char *permission_code(int permission);
const char *permission_name(int permission);            /* Chinese */
bool actor_may(const struct actor *a, int permission);  /* PERM_PUBLIC always, PERM_SIGNED_IN when a person or token */
void actor_grant_roles(struct actor *a, int64_t roles); /* adds the permissions of these role bits */
int64_t roles_granting(int permission);                 /* bits of the roles that have it */
int permission_by_code(struct str code);                /* PERM_NONE when unknown */
const char *role_name(int64_t bit);
json_t *role_list(int64_t roles); /* [{"code","name"}] */

/* Passwords: argon2id; ≥ 10 characters with three classes, not among the last 5, 90 days, first sign-in changes it. */
int password_hash(struct work *w, struct str password, struct str *ret);
bool password_verify(struct str password, struct str hash);
int password_check_rules(struct work *w, const char *field, struct str password, struct str login);

struct account_new {
    struct str login, name; /* name: the post it is for (长江镇信息员); people are never invented */
    struct str password_hash;
    bool must_change; /* at first sign-in */
    bool demo;        /* demonstration account: shown as such, never must_change */
};
int account_create(struct work *w, const struct account_new *a, int64_t *ret_person_id);
int account_set_disabled(struct work *w, int64_t person_id, bool disabled);
int account_set_password(struct work *w, int64_t person_id, struct str password, bool must_change);
int account_unlock(struct work *w, int64_t person_id);
json_t *account_list(struct work *w);  /* for the administrators. New reference */
int64_t role_by_code(struct str code); /* bit, 0 unknown */
void actor_grant_scopes(struct actor *a,
                        struct str scopes); /* a token's permission codes, no more than ROLE_PROGRAM has */
int account_find(struct work *w, struct str login, int64_t *ret_person_id); /* 1, 0 or -1 */

/* Sessions: a random cookie "sid" (HttpOnly, SameSite=Lax, Secure when base_url is https), stored hashed. */
struct session {
    int64_t id, person_id, post_id; /* post_id: the one acted in, 0 not yet chosen */
    struct str csrf;
    struct str login, name;
    bool must_change, second_factor_due;
};
/* The http hook's part: cookie or "Authorization: Bearer". 1 signed in (ret filled), 0 not, -1 error. Fills
 * w->actor.person_id or token_id; rights are added by org_actor_fill(). */
int auth_session_read(struct http_request *in, struct session **ret);
bool auth_csrf_ok(const struct http_request *in, struct str sent);
int auth_session_set_post(struct work *w, int64_t session_id, int64_t post_id);
int auth_replay_find(struct http_request *in, struct str key, int *ret_status, struct str *ret_location,
                     struct str *ret_body);
int auth_replay_keep(struct http_request *in, struct str key, int status, struct str location, struct str body);
int auth_sweep(struct work *w); /* expired sessions, replays, failures: a job */

/* Tokens for programs: hashed, bound to a unit and scopes (permission codes), expiring, revocable. */
struct token_new {
    struct str name;
    int64_t unit_id;
    struct str scopes; /* space-separated permission codes */
    int64_t expires_at;
};
int token_create(struct work *w, const struct token_new *t, struct str *ret_secret,
                 int64_t *ret_id); /* secret shown once */
int token_revoke(struct work *w, int64_t id);

extern const struct route auth_routes[]; /* sign in, sign out, password, second factor, tokens, accounts */
extern const size_t auth_route_count;
#endif
