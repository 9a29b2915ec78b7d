/* auth_pages.c: signing in and out, one's own account, and the room's route table. */
#include "auth/auth_internal.h"

/* ── sign in ── */

struct sign_in_input {
    struct str login, password, next;
};
static const struct field sign_in_fields[] = {
    FIELD(FIELD_STR, sign_in_input, login, "登录名", FIELD_REQUIRED, 0, 40, NULL, NULL),
    FIELD(FIELD_STR, sign_in_input, password, "口令", FIELD_REQUIRED, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, sign_in_input, next, "返回地址", FIELD_OPTIONAL, 0, 2000, NULL, NULL),
};
FIELD_TABLE(sign_in, sign_in_input);
struct next_input {
    struct str next;
};
static const struct field next_fields[] = {
    FIELD(FIELD_STR, next_input, next, "返回地址", FIELD_OPTIONAL, 0, 2000, NULL, NULL)};
FIELD_TABLE(next, next_input);

/* Only addresses of this site. */
static struct str safe_next(struct str s) {
    bool good = s.n && s.p[0] == '/' && !(s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\'));
    return good && str_find(s, S("\\")) < 0 ? s : S("/desk");
}

static int sign_in_page(struct http_request *in, struct http_response *out) {
    struct next_input x;
    if (fields_read(in, &next, &x) < 0)
        return -1;
    json_t *model = json_object();
    json_set_str(model, "next", safe_next(x.next));
    return view_page(out, "auth/sign_in", model);
}

static int sign_in_refused(struct http_request *in, struct http_response *out, struct str to, const char *message) {
    if (message)
        fail_field(in->w, "password", "wrong", "%s", message);
    json_t *model = json_object();
    json_set_str(model, "next", safe_next(to));
    json_t *form = fields_form(in, &sign_in);
    json_object_set_new(json_object_get(form, "password"), "value", json_string(""));
    json_object_set_new(model, "form", form);
    return view_form_again(in, out, "auth/sign_in", &sign_in, model);
}

/* Counts a wrong password; the fifth locks the account for thirty minutes. */
static int count_failure(struct work *w, const struct person *p) {
    int64_t n = p->failures + 1;
    bool lock = n >= LOCK_AFTER;
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_person_set_failures, DB_INT(p->id), DB_INT(lock ? 0 : n), DB_INT(lock ? w->now + LOCK_MS : 0)) <
            0 ||
        (lock && person_event(w, p->id, "locked", NULL) < 0)) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int begin_session(struct http_request *in, const struct person *p, struct str *ret_cookie) {
    struct work *w = in->w;
    if (db_begin(w) < 0)
        return -1;
    w->actor.person_id = p->id;
    w->actor.person_name = p->name;
    if (db_exec(w, &sql_person_set_failures, DB_INT(p->id), DB_INT(0), DB_INT(0)) < 0 ||
        session_begin(w, p, http_header(in, "User-Agent"), ret_cookie) < 0 ||
        person_event(w, p->id, "signed_in", NULL) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int sign_in_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct sign_in_input x;
    struct person p = {0};
    struct str cookie;
    if (fields_read(in, &sign_in, &x) < 0)
        return sign_in_refused(in, out, x.next, NULL);
    if (!sign_in_allowed(w->actor.address, w->now))
        return fail(w, ERR_TOO_MANY, "从您的地址登录过于频繁，请稍后再试");
    int n = person_by_login(w, x.login, &p);
    if (n < 0)
        return -1;
    if (n && p.locked_until > w->now)
        return sign_in_refused(in, out, x.next, "连续输错口令，账号已锁定30分钟；如非本人操作，请联系系统管理员");
    bool good = password_verify(x.password, n ? p.password_hash : STR_NONE);
    if (!good || p.disabled) {
        if (n && !p.disabled && count_failure(w, &p) < 0)
            return -1;
        return sign_in_refused(in, out, x.next, "登录名或口令不正确");
    }
    if (begin_session(in, &p, &cookie) < 0)
        return -1;
    http_set_cookie(out, cookie);
    struct str to = safe_next(x.next);
    if (p.totp_secret.n)
        return view_redirect(in, out, "/sign-in/factor");
    if (p.must_change)
        return view_redirect(in, out, "/desk/account");
    return view_redirect(in, out, "%.*s", STR_ARG(to));
}

static int sign_out(struct http_request *in, struct http_response *out) {
    const struct session *s = in->session;
    if (s && (db_exec(in->w, &sql_session_end, DB_INT(s->id), DB_INT(in->w->now)) < 0 ||
              person_event(in->w, s->person_id, "signed_out", NULL) < 0))
        return -1;
    http_set_cookie(out, session_cookie(in->w, S("x"), true));
    return view_redirect(in, out, "/");
}

/* ── second factor ── */

struct code_input {
    struct str code;
};
static const struct field code_fields[] = {
    FIELD(FIELD_STR, code_input, code, "动态口令", FIELD_REQUIRED, 6, 6, NULL, "认证器上显示的6位数字")};
FIELD_TABLE(code, code_input);

static int factor_page(struct http_request *in, struct http_response *out) {
    (void)in;
    return view_page(out, "auth/factor", NULL);
}

static int factor_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    const struct session *s = in->session;
    struct code_input x;
    struct person p;
    struct str secret;
    if (fields_read(in, &code, &x) < 0)
        return view_form_again(in, out, "auth/factor", &code, NULL);
    if (!s || person_by_id(w, s->person_id, &p) != 1 || !p.totp_secret.n)
        return fail(w, ERR_WRONG_STATE, "此账号没有启用动态口令");
    if (!sign_in_allowed(w->actor.address, w->now))
        return fail(w, ERR_TOO_MANY, "尝试过于频繁，请稍后再试");
    if (totp_open(w, p.totp_secret, &secret) < 0)
        return -1;
    int64_t step = totp_accept(secret, x.code, w->now, p.totp_last);
    if (!step) {
        fail_field(w, "code", "wrong", "动态口令不正确或已用过，请等下一个");
        return view_form_again(in, out, "auth/factor", &code, NULL);
    }
    if (db_exec(w, &sql_person_set_totp_last, DB_INT(p.id), DB_INT(step)) != 1 ||
        db_exec(w, &sql_session_set_factor, DB_INT(s->id)) < 0 ||
        person_event(w, p.id, "second_factor_given", NULL) < 0)
        return w->error.code ? -1 : fail(w, ERR_CONFLICT, "动态口令已用过，请等下一个");
    return view_redirect(in, out, "/desk");
}

/* ── one's own account ── */

static int account_page_model(struct http_request *in, json_t **ret) {
    struct work *w = in->w;
    const struct session *s = in->session;
    struct person p;
    struct db_rows r;
    if (!s || person_by_id(w, s->person_id, &p) != 1)
        return w->error.code ? -1 : fail(w, ERR_SIGN_IN, "%s", "");
    if (db_query(w, &sql_session_list, &r, DB_INT(p.id), DB_INT(w->now - w->config->session_idle_minutes * 60000LL)) <
        0)
        return -1;
    json_t *model = json_object(), *sessions = db_json(&r), *o;
    size_t i;
    json_array_foreach(sessions, i, o) {
        json_set_instant(w->arena, o, "seen", db_i(&r, i, 4));
        json_object_set_new(o, "current", json_boolean(db_i(&r, i, 0) == s->id));
    }
    json_object_set_new(model, "sessions", sessions);
    json_set_str(model, "login", p.login);
    json_set_bool(model, "second_factor", p.totp_secret.n > 0);
    json_set_bool(model, "must_change", s->must_change);
    json_set_bool(model, "demo", p.demo);
    *ret = model;
    return 0;
}

static int account_page(struct http_request *in, struct http_response *out) {
    json_t *model;
    return account_page_model(in, &model) < 0 ? -1 : view_page(out, "auth/account", model);
}

struct password_input {
    struct str old_password, password, again;
};
static const struct field password_fields[] = {
    FIELD(FIELD_STR, password_input, old_password, "现在的口令", FIELD_REQUIRED, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, password_input, password, "新口令", FIELD_REQUIRED, 0, 200, NULL,
          "至少10个字符，含大写、小写、数字、符号中的三类"),
    FIELD(FIELD_STR, password_input, again, "再输一次新口令", FIELD_REQUIRED, 0, 200, NULL, NULL),
};
FIELD_TABLE(password, password_input);

static int change_password(struct work *w, const struct session *s, const struct password_input *x) {
    struct person p;
    if (!s || person_by_id(w, s->person_id, &p) != 1)
        return fail(w, ERR_SIGN_IN, "%s", "");
    if (p.demo)
        return fail_field(w, "password", "demo", "演示账号的口令不能修改");
    if (!password_verify(x->old_password, p.password_hash))
        return fail_field(w, "old_password", "wrong", "现在的口令不正确");
    if (!str_eq(x->password, x->again))
        return fail_field(w, "again", "mismatch", "两次输入的新口令不一致");
    if (account_set_password(w, p.id, x->password, false) < 0)
        return -1;
    return db_exec(w, &sql_session_end_person, DB_INT(p.id), DB_INT(w->now), DB_INT(s->id)) < 0 ? -1 : 0;
}

static int password_post(struct http_request *in, struct http_response *out) {
    struct password_input x;
    if (fields_read(in, &password, &x) == 0 && change_password(in->w, in->session, &x) == 0)
        return view_redirect(in, out, "/desk/account");
    if (in->w->error.code != ERR_INVALID)
        return -1;
    struct error kept = in->w->error;
    json_t *model, *form;
    error_clear(in->w);
    if (account_page_model(in, &model) < 0)
        return -1;
    in->w->error = kept;
    form = fields_form(in, &password);
    for (size_t i = 0; i < password.n; i++)
        json_object_set_new(json_object_get(form, password.fields[i].name), "value", json_string(""));
    json_object_set_new(model, "form", form);
    return view_form_again(in, out, "auth/account", &password, model);
}

/* ── enrolment of a second factor: the secret travels sealed in the form until its first code proves it ── */

static int enrol_page(struct http_request *in, struct http_response *out) {
    struct str secret = totp_new_secret(in->w->arena);
    json_t *model = json_object();
    json_set_str(model, "sealed", totp_seal(in->w, secret));
    json_set_str(model, "secret", totp_base32(in->w->arena, secret));
    return view_page(out, "auth/enrol", model);
}

struct enrol_input {
    struct str sealed, code;
};
static const struct field enrol_fields[] = {
    FIELD(FIELD_STR, enrol_input, sealed, "密钥", FIELD_REQUIRED, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, enrol_input, code, "动态口令", FIELD_REQUIRED, 6, 6, NULL, "认证器上显示的6位数字"),
};
FIELD_TABLE(enrol, enrol_input);

static int enrol_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    const struct session *s = in->session;
    struct enrol_input x;
    struct str secret;
    int rc = fields_read(in, &enrol, &x);
    if (rc == 0 && (totp_open(w, x.sealed, &secret) < 0 || !s))
        return w->error.code ? -1 : fail(w, ERR_SIGN_IN, "%s", "");
    if (rc == 0 && !totp_accept(secret, x.code, w->now, 0))
        rc = fail_field(w, "code", "wrong", "动态口令不正确，请核对认证器的时间");
    if (rc < 0) {
        json_t *model = json_object();
        json_set_str(model, "sealed", x.sealed);
        return view_form_again(in, out, "auth/enrol", &enrol, model);
    }
    if (db_exec(w, &sql_person_set_totp, DB_INT(s->person_id), DB_TEXT(x.sealed)) < 0 ||
        db_exec(w, &sql_session_set_factor, DB_INT(s->id)) < 0 ||
        person_event(w, s->person_id, "second_factor_on", NULL) < 0)
        return -1;
    return view_redirect(in, out, "/desk/account");
}

struct qr_input {
    struct str sealed;
};
static const struct field qr_fields[] = {
    FIELD(FIELD_STR, qr_input, sealed, "密钥", FIELD_REQUIRED, 0, 200, NULL, NULL)};
FIELD_TABLE(qr, qr_input);

static int enrol_qr(struct http_request *in, struct http_response *out) {
    const struct session *s = in->session;
    struct qr_input x;
    struct str secret;
    if (fields_read(in, &qr, &x) < 0 || totp_open(in->w, x.sealed, &secret) < 0)
        return -1;
    out->type = "image/svg+xml";
    out->body = totp_svg(in->w, s ? s->login : STR_NONE, secret);
    return out->body.p ? 0 : fail(in->w, ERR_INTERNAL, "二维码没有生成");
}

static int end_session(struct http_request *in, struct http_response *out) {
    const struct session *s = in->session;
    struct db_rows r;
    int64_t id;
    bool mine = false;
    if (http_path_int(in, "id", &id) < 0 || !s ||
        db_query(in->w, &sql_session_list, &r, DB_INT(s->person_id), DB_INT(0)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        mine |= db_i(&r, i, 0) == id;
    if (!mine)
        return fail(in->w, ERR_NOT_FOUND, "没有这个登录");
    if (db_exec(in->w, &sql_session_end, DB_INT(id), DB_INT(in->w->now)) < 0 ||
        person_event(in->w, s->person_id, "session_ended", NULL) < 0)
        return -1;
    return view_redirect(in, out, "/desk/account");
}

const struct route auth_routes[] = {
    {HTTP_GET, "/sign-in", sign_in_page, PERM_PUBLIC, NO_CACHE, &next, ROUTE_HTML_ONLY, "登录"},
    {HTTP_POST, "/sign-in", sign_in_post, PERM_PUBLIC, NO_CACHE, &sign_in,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX | ROUTE_NO_CSRF, "登录"},
    {HTTP_GET, "/sign-in/factor", factor_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_HTML_ONLY, "输入动态口令"},
    {HTTP_POST, "/sign-in/factor", factor_post, PERM_SIGNED_IN, NO_CACHE, &code, ROUTE_HTML_ONLY, "输入动态口令"},
    {HTTP_POST, "/sign-out", sign_out, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY, "退出登录"},
    {HTTP_GET, "/desk/account", account_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_HTML_ONLY, "我的账号"},
    {HTTP_POST, "/desk/account/password", password_post, PERM_SIGNED_IN, NO_CACHE, &password, ROUTE_HTML_ONLY,
     "修改口令"},
    {HTTP_GET, "/desk/account/factor", enrol_page, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_HTML_ONLY, "启用动态口令"},
    {HTTP_POST, "/desk/account/factor", enrol_post, PERM_SIGNED_IN, NO_CACHE, &enrol, ROUTE_HTML_ONLY, "启用动态口令"},
    {HTTP_GET, "/desk/account/factor/qr", enrol_qr, PERM_SIGNED_IN, NO_CACHE, &qr, ROUTE_HTML_ONLY, "动态口令二维码"},
    {HTTP_POST, "/desk/account/sessions/{id}/end", end_session, PERM_SIGNED_IN, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "结束一个登录"},
    {HTTP_GET, "/desk/accounts", account_pages_list, PERM_ACCOUNT_ADMIN, NO_CACHE, NULL, ROUTE_PLAIN, "账号列表"},
    {HTTP_POST, "/desk/accounts", account_pages_create, PERM_ACCOUNT_ADMIN, NO_CACHE, &account_new_table, ROUTE_PLAIN,
     "新建账号"},
    {HTTP_POST, "/desk/accounts/{id}/disable", account_pages_disable, PERM_ACCOUNT_ADMIN, NO_CACHE, &disable_table,
     ROUTE_PLAIN, "停用或启用账号"},
    {HTTP_POST, "/desk/accounts/{id}/reset", account_pages_reset, PERM_ACCOUNT_ADMIN, NO_CACHE, NULL, ROUTE_PLAIN,
     "重置口令"},
    {HTTP_GET, "/desk/tokens", token_pages_list, PERM_TOKEN_ADMIN, NO_CACHE, NULL, ROUTE_PLAIN, "业务系统令牌"},
    {HTTP_POST, "/desk/tokens", token_pages_create, PERM_TOKEN_ADMIN, NO_CACHE, &token_new_table, ROUTE_PLAIN,
     "新建令牌"},
    {HTTP_POST, "/desk/tokens/{id}/revoke", token_pages_revoke, PERM_TOKEN_ADMIN, NO_CACHE, NULL, ROUTE_PLAIN,
     "吊销令牌"},
};
const size_t auth_route_count = countof(auth_routes);
