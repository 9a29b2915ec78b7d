/* run.c: an exchange on a worker: who is it and may they (before any body byte), then the handler in its transaction.
 */
#include "http/http_internal.h"
#include <unistd.h>

/* ── before the body ── */

static int refuse_sign_in(struct exchange *x) {
    bool signed_in = x->work.actor.person_id || x->work.actor.token_id;
    return signed_in ? fail(&x->work, ERR_FORBIDDEN, "%s", "") : fail(&x->work, ERR_SIGN_IN, "%s", "");
}

static int check(struct exchange *x) {
    const struct http_hooks *h = x->server->hooks;
    if (x->route->cache != CACHE_PUBLIC && h->authenticate && h->authenticate(&x->in) < 0)
        return -1;
    return h->permitted(&x->work.actor, x->route->permission) ? 0 : refuse_sign_in(x);
}

static int attach(struct exchange *x) {
    return x->server->pool && !x->work.db ? db_attach(&x->work, x->server->pool) : 0;
}

static void detach(struct exchange *x) {
    if (x->work.db)
        db_detach(&x->work);
}

void exchange_check(struct exchange *x) {
    if (attach(x) < 0 || check(x) < 0)
        reply_error(x);
    detach(x);
    x->phase = PHASE_CHECKED;
    MHD_resume_connection(x->mhd);
}

/* ── forged requests ── */

static bool same_origin(struct exchange *x) {
    struct str site = http_header(&x->in, "Sec-Fetch-Site"), origin = http_header(&x->in, "Origin"),
               host = http_header(&x->in, "Host");
    if (site.n)
        return str_is(site, "same-origin") || str_is(site, "none");
    if (!origin.n || str_is(origin, "null"))
        return !origin.n;
    ptrdiff_t at = str_find(origin, S("://"));
    return at >= 0 && str_eq(str_sub(origin, (size_t)at + 3, origin.n), host);
}

static int check_forgery(struct exchange *x) {
    struct str sent = http_header(&x->in, "X-CSRF-Token");
    if (x->method == HTTP_GET || x->work.actor.token_id)
        return 0;
    if (!same_origin(x))
        return fail(&x->work, ERR_CSRF, "请求来自其他网站，没有办理");
    if (x->route->flags & ROUTE_NO_CSRF)
        return 0;
    if (!sent.n)
        sent = x->json ? str_z(json_string_value(json_object_get(x->json, "_csrf"))) : params_get(&x->body, "_csrf");
    return x->server->hooks->csrf_ok(&x->in, sent) ? 0 : fail(&x->work, ERR_CSRF, "%s", "");
}

/* ── replays: the same form or Idempotency-Key twice is answered once ── */

static struct str replay_key(struct exchange *x) {
    struct str key = http_header(&x->in, "Idempotency-Key");
    if (!key.n)
        key = params_get(&x->body, "_once");
    if (!key.n && x->json)
        key = str_z(json_string_value(json_object_get(x->json, "_once")));
    return key.n <= 100 ? key : STR_NONE;
}

/* 1: answered from the record. */
static int replay_answer(struct exchange *x, struct str key) {
    struct str location, body;
    int status,
        n = x->server->hooks->replay_find ? x->server->hooks->replay_find(&x->in, key, &status, &location, &body) : 0;
    if (n <= 0)
        return n;
    x->out.status = status;
    if (location.n)
        x->out.location = str_dupz(x->arena, location);
    x->out.model = body.n ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    return 1;
}

static int replay_keep(struct exchange *x, struct str key) {
    if (!x->server->hooks->replay_keep || !(x->out.location || x->in.api))
        return 0;
    char *text = x->in.api && x->out.model ? json_dumps(x->out.model, JSON_COMPACT) : NULL;
    int status = x->out.status ? x->out.status : 200;
    int rc = x->server->hooks->replay_keep(&x->in, key, status, str_z(x->out.location),
                                           text ? str_dup(x->arena, str_z(text)) : STR_NONE);
    free(text);
    return rc;
}

/* ── the handler ── */

/* A past instant asked for: the whole work is put there. A day alone means its end. */
static int move_to_past(struct exchange *x) {
    struct str s = str_trim(http_query(&x->in, "as_of"));
    int64_t at;
    day_t d;
    if (s.n == 0)
        return 0;
    if (!(x->route->flags & ROUTE_AS_OF)) /* the present, taken for the past, would mislead */
        return x->route->cache == CACHE_PUBLIC
                   ? fail(&x->work, ERR_BAD_REQUEST,
                          "这里只有现在的内容，不能按过去的时点查看；请返回上一页，或从上方的栏目查看现在的内容")
                   : 0;
    if (day_parse(s, &d) == 0)
        at = day_start(d) > x->work.now || day_end(d) < x->work.now ? day_end(d) : x->work.now;
    else if (http_instant(s, &at) < 0)
        return fail(&x->work, ERR_BAD_REQUEST, "时点应写成 2026-11-20 或 2026-11-20T10:00");
    if (at > x->work.now)
        return fail(&x->work, ERR_BAD_REQUEST, "只能查看过去的时点，%.*s 还没有到", STR_ARG(s));
    x->work.as_of = x->work.now = at;
    x->out.no_cache = true;
    return 0;
}

static int run_read(struct exchange *x) {
    if (x->work.db && db_read_begin(&x->work) < 0)
        return -1;
    int rc = x->route->handler(&x->in, &x->out);
    if (x->work.db)
        db_read_end(&x->work);
    return rc;
}

/* Keyed writes keep their answer in the transaction of the change: all of it or nothing. */
static int run_write(struct exchange *x) {
    struct work *w = &x->work;
    struct str key = replay_key(x);
    if (!w->db)
        return x->route->handler(&x->in, &x->out);
    if (db_begin(w) < 0)
        return -1;
    int known = key.n ? replay_answer(x, key) : 0;
    int rc = known > 0 ? 0 : known < 0 ? -1 : x->route->handler(&x->in, &x->out);
    if (rc == 0 && known == 0 && key.n && x->out.status < 400)
        rc = replay_keep(x, key);
    if (rc < 0 || x->out.status >= 400 || known > 0) {
        db_rollback(w);
        return rc;
    }
    return db_commit(w);
}

/* A handler with transactions of its own: the answer is kept afterwards, in one more. */
static int run_own(struct exchange *x) {
    struct work *w = &x->work;
    struct str key = replay_key(x);
    int known = key.n && w->db && x->method != HTTP_GET ? replay_answer(x, key) : 0;
    if (known)
        return known < 0 ? -1 : 0;
    int rc = x->route->handler(&x->in, &x->out);
    if (rc < 0 || !key.n || !w->db || x->out.status >= 400 || x->method == HTTP_GET)
        return rc;
    if (db_begin(w) < 0)
        return -1;
    if (replay_keep(x, key) < 0) {
        db_rollback(w);
        return w->error.code == ERR_DUPLICATE ? (error_clear(w), 0) : -1;
    }
    return db_commit(w);
}

static int run(struct exchange *x) {
    if (x->method == HTTP_GET && (check(x) < 0 || move_to_past(x) < 0)) /* others were checked before their body */
        return -1;
    if (body_end(x) < 0 || check_forgery(x) < 0)
        return -1;
    int rc = x->route->flags & ROUTE_OWN_TX ? run_own(x) : x->method == HTTP_GET ? run_read(x) : run_write(x);
    if (rc == 0 && arena_over(x->arena))
        rc = fail(&x->work, ERR_TOO_LARGE, "内容过多，请缩小范围后再试");
    if (rc == 0 && x->work.public_event && x->server->hooks->settled)
        x->work.public_event =
            x->server->hooks->settled(&x->work) == 0; /* late: the change is kept, the page follows by itself */
    if (rc == 0)
        error_clear(&x->work);
    return rc;
}

void exchange_run(struct exchange *x) {
    if (x->work.error.code || (x->route && (attach(x) < 0 || run(x) < 0)) || !x->route) {
        if (x->server->pool && !x->work.db) {
            struct error kept = x->work.error;
            error_clear(&x->work);
            attach(x);
            x->work.error = kept;
        }
        if (!x->route && x->server->hooks->authenticate && x->work.db) {
            struct error kept = x->work.error;
            error_clear(&x->work);
            x->server->hooks->authenticate(&x->in);
            x->work.error = kept;
        }
        if (error_status(x->work.error.code) >= 500)
            log_line(LOG_ERROR, "request_failed", "id=%.*s code=%s", STR_ARG(x->in.id), error_name(x->work.error.code));
        reply_error(x);
    } else {
        reply_from_output(x);
    }
    detach(x);
    x->phase = PHASE_READY;
    MHD_resume_connection(x->mhd);
}

void exchange_free(struct exchange *x) {
    if (!x)
        return;
    body_release(x);
    json_decref(x->json);
    json_decref(x->form_json);
    json_decref(x->out.model);
    for (size_t i = 0; i < x->file_count; i++)
        unlink(x->files[i].path); /* gone already when the store took it */
    if (x->response)
        MHD_destroy_response(x->response);
    arena_free(x->arena);
}
