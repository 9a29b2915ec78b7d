/* session.c: who is it: a browser's cookie or a program's bearer token, stored hashed. */
#include "auth/auth_internal.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

struct str token_digest(struct arena *a, struct str token) {
    unsigned char md[32];
    unsigned n = 0;
    EVP_Digest(token.p ? token.p : "", token.n, md, &n, EVP_sha256(), NULL);
    return hex_encode(a, md, 32);
}

struct str session_cookie(struct work *w, struct str token, bool end) {
    bool secure = strncmp(w->config->base_url, "https:", 6) == 0;
    return str_printf(w->arena, "sid=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s", STR_ARG(token),
                      secure ? "; Secure" : "", end ? "; Max-Age=0" : "");
}

int session_begin(struct work *w, const struct person *p, struct str agent, struct str *ret_cookie) {
    struct str token = random_token(w->arena, 32);
    if (db_exec(w, &sql_session_insert, DB_TEXT(token_digest(w->arena, token)), DB_INT(p->id), DB_NULL,
                DB_TEXT(random_token(w->arena, 24)), DB_BOOL(p->totp_secret.n > 0), DB_TEXTZ(w->actor.address),
                DB_TEXT(utf8_valid(agent) ? utf8_head(agent, 200) : STR_NONE), DB_INT(w->now)) < 0)
        return -1;
    *ret_cookie = session_cookie(w, token, false);
    return 0;
}

static int touch(struct work *w, int64_t id) {
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_session_touch, DB_INT(id), DB_INT(w->now)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* A password past its 90 days must be changed as a first one. Demonstration accounts never. */
static bool password_old(const struct work *w, const struct db_rows *r) {
    return !db_i(r, 0, 14) && w->now - db_i(r, 0, 13) > PASSWORD_DAYS * 86400000LL;
}

static int read_cookie(struct http_request *in, struct str token, struct session **ret) {
    struct work *w = in->w;
    struct db_rows r;
    int n = db_one(w, &sql_session_by_token, &r, DB_TEXT(token_digest(w->arena, token)));
    if (n <= 0)
        return n;
    int64_t idle = w->config->session_idle_minutes * 60000LL;
    if (db_i(&r, 0, 8) || db_i(&r, 0, 12) || w->now - db_i(&r, 0, 7) > idle || w->now - db_i(&r, 0, 6) > SESSION_MAX_MS)
        return 0;
    if (!in->automatic && w->now - db_i(&r, 0, 7) > 60000 && touch(w, db_i(&r, 0, 0)) < 0)
        return -1;
    struct session *s = arena_one(w->arena, struct session);
    *s = (struct session){.id = db_i(&r, 0, 0),
                          .person_id = db_i(&r, 0, 1),
                          .post_id = db_i(&r, 0, 2),
                          .csrf = db_s(&r, 0, 3),
                          .login = db_s(&r, 0, 9),
                          .name = db_s(&r, 0, 10),
                          .must_change = db_i(&r, 0, 11) || password_old(w, &r),
                          .second_factor_due = db_i(&r, 0, 5) || (w->config->totp_required && !db_i(&r, 0, 4))};
    w->actor.person_id = s->person_id;
    w->actor.person_name = s->name;
    w->actor.second_factor = db_i(&r, 0, 4);
    in->csrf = s->csrf;
    *ret = s;
    return 1;
}

static int read_bearer(struct http_request *in, struct str token) {
    struct work *w = in->w;
    struct db_rows r;
    int n = db_one(w, &sql_token_by_hash, &r, DB_TEXT(token_digest(w->arena, token)));
    if (n < 0)
        return -1;
    if (n == 0 || db_i(&r, 0, 5))
        return fail(w, ERR_SIGN_IN, "令牌无效或已吊销");
    if (db_i(&r, 0, 4) <= w->now)
        return fail(w, ERR_SIGN_IN, "令牌已过期，请向系统管理员申请新的令牌");
    w->actor.token_id = db_i(&r, 0, 0);
    w->actor.unit_id = db_i(&r, 0, 2);
    w->actor.person_name = db_s(&r, 0, 1);
    actor_grant_scopes(&w->actor, db_s(&r, 0, 3));
    return 1;
}

int auth_session_read(struct http_request *in, struct session **ret) {
    struct str authorization = http_header(in, "Authorization"), sid = http_cookie(in, "sid");
    *ret = NULL;
    if (str_starts(authorization, S("Bearer ")))
        return read_bearer(in, str_trim(str_sub(authorization, 7, authorization.n)));
    return sid.n ? read_cookie(in, sid, ret) : 0;
}

bool auth_csrf_ok(const struct http_request *in, struct str sent) {
    return in->csrf.n && sent.n == in->csrf.n && CRYPTO_memcmp(sent.p, in->csrf.p, sent.n) == 0;
}

int auth_session_set_post(struct work *w, int64_t session_id, int64_t post_id) {
    return db_exec(w, &sql_session_set_post, DB_INT(session_id), DB_INT(post_id)) < 0 ? -1 : 0;
}

int auth_sweep(struct work *w) {
    return db_exec(w, &sql_session_sweep, DB_INT(w->now - 180LL * 86400000)) < 0 ||
                   db_exec(w, &sql_replay_sweep, DB_INT(w->now - 86400000)) < 0
               ? -1
               : 0;
}

/* ── guessing: a small token bucket per address, in memory ── */

#define SLOTS 1024
#define BURST 20
#define REFILL_MS 6000 /* one more try every six seconds */

bool sign_in_allowed(const char *address, int64_t now_ms) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        uint64_t who;
        int64_t since, used;
    } slots[SLOTS];
    uint64_t who = str_hash(str_z(address)) | 1;
    pthread_mutex_lock(&lock);
    size_t k = who % SLOTS;
    if (slots[k].who != who) {
        slots[k].who = who;
        slots[k].since = now_ms;
        slots[k].used = 0;
    }
    int64_t back = (now_ms - slots[k].since) / REFILL_MS;
    if (back > 0) {
        slots[k].used = slots[k].used > back ? slots[k].used - back : 0;
        slots[k].since += back * REFILL_MS;
    }
    bool good = slots[k].used < BURST;
    slots[k].used += good;
    pthread_mutex_unlock(&lock);
    return good;
}

/* ── replays ── */

static struct str replay_owner(const struct http_request *in) {
    const struct session *s = in->session;
    return s ? str_printf(in->w->arena, "s%lld", (long long)s->id)
             : str_printf(in->w->arena, "t%lld", (long long)in->w->actor.token_id);
}

/* The path is enough of the request to tell a key used for something else. */
static struct str replay_hash(const struct http_request *in) {
    return token_digest(in->w->arena, str_printf(in->w->arena, "%d %.*s", in->method, STR_ARG(in->path)));
}

int auth_replay_find(struct http_request *in, struct str key, int *ret_status, struct str *ret_location,
                     struct str *ret_body) {
    struct db_rows r;
    if (!in->session && !in->w->actor.token_id)
        return 0;
    int n = db_one(in->w, &sql_replay_get, &r, DB_TEXT(replay_owner(in)), DB_TEXT(key));
    if (n <= 0)
        return n;
    if (!str_eq(db_s(&r, 0, 0), replay_hash(in)))
        return fail(in->w, ERR_DUPLICATE, "同一个重复提交标记用在了不同的请求上");
    *ret_status = (int)db_i(&r, 0, 1);
    *ret_location = db_s(&r, 0, 2);
    *ret_body = db_s(&r, 0, 3);
    return 1;
}

int auth_replay_keep(struct http_request *in, struct str key, int status, struct str location, struct str body) {
    if (!in->session && !in->w->actor.token_id)
        return 0;
    return db_exec(in->w, &sql_replay_insert, DB_TEXT(replay_owner(in)), DB_TEXT(key), DB_TEXT(replay_hash(in)),
                   DB_INT(status), DB_TEXT(location), DB_TEXT(body), DB_INT(in->w->now)) < 0
               ? -1
               : 0;
}
