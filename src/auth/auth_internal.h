/* auth_internal.h: shared by the files of this room. */
#ifndef MINGTANG_AUTH_INTERNAL_H
#define MINGTANG_AUTH_INTERNAL_H
#include "auth/auth.h"
#include "auth_sql.h"
#include "ledger/ledger.h"
#include "view/view.h"

/* GB/T 22239-2019 8.1.4.1 (rules.md §11.1 [M], editable here in one place). */
#define LOCK_AFTER 5
#define LOCK_MS (30 * 60000LL)
#define PASSWORD_DAYS 90
#define PASSWORD_PAST 5
#define SESSION_MAX_MS (12 * 3600000LL)

struct person {
    int64_t id, password_at, totp_last, failures, locked_until;
    struct str login, name, password_hash, totp_secret, password_past;
    bool must_change, disabled, demo;
};
int person_by_login(struct work *w, struct str login, struct person *ret); /* 1, 0, -1 */
int person_by_id(struct work *w, int64_t id, struct person *ret);
int person_event(struct work *w, int64_t person_id, const char *verb, json_t *payload); /* takes payload */

/* totp.c */
struct str totp_new_secret(struct arena *a); /* 20 random bytes */
struct str totp_base32(struct arena *a, struct str secret);
uint32_t totp_code(struct str secret, int64_t step); /* RFC 6238, SHA-1, 6 digits */
int64_t totp_accept(struct str secret, struct str code, int64_t now_ms, int64_t last_step); /* the step, 0: wrong */
struct str totp_seal(struct work *w, struct str secret);                                    /* AES-256-GCM, base64url */
int totp_open(struct work *w, struct str sealed, struct str *ret);
struct str totp_svg(struct work *w, struct str login, struct str secret); /* QR code of the otpauth address */

struct str token_digest(struct arena *a, struct str token); /* SHA-256, hex */
int session_begin(struct work *w, const struct person *p, struct str agent, struct str *ret_cookie);
struct str session_cookie(struct work *w, struct str token, bool end);
bool sign_in_allowed(const char *address, int64_t now_ms); /* token bucket per address */

int account_pages_list(struct http_request *in, struct http_response *out);
int account_pages_create(struct http_request *in, struct http_response *out);
int account_pages_disable(struct http_request *in, struct http_response *out);
int account_pages_reset(struct http_request *in, struct http_response *out);
int token_pages_list(struct http_request *in, struct http_response *out);
int token_pages_create(struct http_request *in, struct http_response *out);
int token_pages_revoke(struct http_request *in, struct http_response *out);
extern const struct field_table account_new_table, token_new_table, disable_table;
#endif
