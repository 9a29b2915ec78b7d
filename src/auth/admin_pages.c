/* admin_pages.c: the administrators' pages: accounts, and tokens of business systems. */
#include "auth/auth_internal.h"

struct account_new_input {
    struct str login, name;
};
static const struct field account_new_fields[] = {
    FIELD(FIELD_STR, account_new_input, login, "登录名", FIELD_REQUIRED, 3, 40, NULL, "小写字母、数字、短横线"),
    FIELD(FIELD_STR, account_new_input, name, "账号名称", FIELD_REQUIRED, 2, 40, NULL, "按岗位命名，如：长江镇信息员"),
};
const struct field_table account_new_table = {account_new_fields, countof(account_new_fields),
                                              sizeof(struct account_new_input)};
struct disable_input {
    bool disabled;
};
static const struct field disable_fields[] = {
    FIELD(FIELD_BOOL, disable_input, disabled, "停用", FIELD_OPTIONAL, 0, 0, NULL, NULL)};
const struct field_table disable_table = {disable_fields, countof(disable_fields), sizeof(struct disable_input)};
struct token_new_input {
    struct str name, unit;
    int64_t days;
};
static const struct field token_new_fields[] = {
    FIELD(FIELD_STR, token_new_input, name, "业务系统名称", FIELD_REQUIRED, 2, 60, NULL, NULL),
    FIELD(FIELD_STR, token_new_input, unit, "所属单位代码", FIELD_REQUIRED, 1, 40, NULL, "如 changjiang"),
    FIELD(FIELD_INT, token_new_input, days, "有效天数", FIELD_REQUIRED, 1, 730, NULL, "最长两年"),
};
const struct field_table token_new_table = {token_new_fields, countof(token_new_fields),
                                            sizeof(struct token_new_input)};

static struct str one_time_password(struct arena *a) {
    return str_printf(a, "Mt-%.*s9", STR_ARG(random_token(a, 12)));
}

static json_t *accounts_model(struct work *w) {
    json_t *list = account_list(w), *o;
    size_t i;
    json_array_foreach(list, i, o)
        json_object_set_new(o, "locked", json_boolean(json_integer_value(json_object_get(o, "locked_until")) > w->now));
    json_t *model = json_object();
    json_object_set_new(model, "accounts", list ? list : json_array());
    return model;
}

int account_pages_list(struct http_request *in, struct http_response *out) {
    json_t *model = accounts_model(in->w);
    if (in->w->error.code) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "auth/accounts", model);
}

/* The one-time password is shown on this answer and nowhere else. */
static int shown_once(struct http_request *in, struct http_response *out, struct str name, struct str password) {
    json_t *model = accounts_model(in->w);
    json_set_str(model, "made_name", name);
    json_set_str(model, "made_password", password);
    return view_page(out, "auth/accounts", model);
}

int account_pages_create(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct account_new_input x;
    int64_t id;
    int rc = fields_read(in, &account_new_table, &x);
    struct str password = one_time_password(w->arena);
    struct account_new a = {.login = x.login, .name = x.name, .must_change = true};
    if (rc == 0)
        rc = password_hash(w, password, &a.password_hash) < 0 || account_create(w, &a, &id) < 0 ? -1 : 0;
    if (rc == 0)
        return shown_once(in, out, x.login, password);
    if (in->api || w->error.code != ERR_INVALID)
        return -1;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = accounts_model(w);
    w->error = kept;
    return view_form_again(in, out, "auth/accounts", &account_new_table, model);
}

int account_pages_disable(struct http_request *in, struct http_response *out) {
    struct disable_input x;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || fields_read(in, &disable_table, &x) < 0 ||
        account_set_disabled(in->w, id, x.disabled) < 0)
        return -1;
    return view_redirect(in, out, "/desk/accounts");
}

/* Also takes off a second factor that was lost: the person enrols anew. */
int account_pages_reset(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct person p;
    int64_t id;
    struct str password = one_time_password(w->arena);
    if (http_path_int(in, "id", &id) < 0 || person_by_id(w, id, &p) != 1)
        return w->error.code ? -1 : fail(w, ERR_NOT_FOUND, "没有这个账号");
    if (account_set_password(w, id, password, true) < 0 ||
        db_exec(w, &sql_person_set_totp, DB_INT(id), DB_TEXT(STR_NONE)) < 0 ||
        db_exec(w, &sql_session_end_person, DB_INT(id), DB_INT(w->now), DB_INT(0)) < 0)
        return -1;
    return shown_once(in, out, p.login, password);
}

/* ── tokens ── */

static const char program_scopes[] = "disclosure.read disclosure.edit duty.read fact.record";

int token_create(struct work *w, const struct token_new *t, struct str *ret_secret, int64_t *ret_id) {
    struct db_rows r;
    struct str secret = str_printf(w->arena, "mt_%.*s", STR_ARG(random_token(w->arena, 32)));
    if (db_one(w, &sql_token_insert, &r, DB_TEXT(t->name), DB_TEXT(token_digest(w->arena, secret)), DB_INT(t->unit_id),
               DB_TEXT(t->scopes), DB_INT(t->expires_at), DB_INT(w->now)) < 0)
        return -1;
    json_t *payload = json_pack("{s:s%, s:s%, s:I}", "name", t->name.p, t->name.n, "scopes", t->scopes.p, t->scopes.n,
                                "expires_at", (json_int_t)t->expires_at);
    struct event e = {.room = "auth",
                      .verb = "token_created",
                      .subject_kind = "token",
                      .subject_id = db_i(&r, 0, 0),
                      .unit_id = t->unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    *ret_id = db_i(&r, 0, 0);
    *ret_secret = secret;
    return rc;
}

int token_revoke(struct work *w, int64_t id) {
    int n = db_exec(w, &sql_token_revoke, DB_INT(id), DB_INT(w->now));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个令牌，或已吊销");
    struct event e = {.room = "auth",
                      .verb = "token_revoked",
                      .subject_kind = "token",
                      .subject_id = id,
                      .visibility = EVENT_INTERNAL};
    return event_append(w, &e, NULL);
}

static json_t *tokens_model(struct work *w) {
    struct db_rows r;
    json_t *model = json_object(), *list, *o;
    size_t i;
    if (db_query(w, &sql_token_list, &r) < 0)
        return model;
    list = db_json(&r);
    json_array_foreach(list, i, o) {
        json_object_set_new(o, "active", json_boolean(!db_i(&r, i, 5) && db_i(&r, i, 4) > w->now));
        json_set_instant(w->arena, o, "expires", db_i(&r, i, 4));
    }
    json_object_set_new(model, "tokens", list);
    return model;
}

int token_pages_list(struct http_request *in, struct http_response *out) {
    return view_page(out, "auth/tokens", tokens_model(in->w));
}

int token_pages_create(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct token_new_input x;
    struct db_rows r;
    struct str secret = STR_NONE;
    int64_t id = 0;
    int rc = fields_read(in, &token_new_table, &x);
    if (rc == 0) {
        int n = db_one(w, &sql_token_unit, &r, DB_TEXT(x.unit));
        rc = n < 0 ? -1 : n == 0 ? fail_field(w, "unit", "unknown", "没有代码为“%.*s”的单位", STR_ARG(x.unit)) : 0;
    }
    if (rc == 0) {
        struct token_new t = {x.name, db_i(&r, 0, 0), str_z(program_scopes), w->now + x.days * 86400000LL};
        rc = token_create(w, &t, &secret, &id);
    }
    if (rc < 0 && (in->api || w->error.code != ERR_INVALID))
        return -1;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = tokens_model(w);
    w->error = kept;
    if (rc < 0)
        return view_form_again(in, out, "auth/tokens", &token_new_table, model);
    json_set_str(model, "made_secret", secret);
    json_set_str(model, "made_name", x.name);
    json_set_int(model, "id", id);
    return view_page(out, "auth/tokens", model);
}

int token_pages_revoke(struct http_request *in, struct http_response *out) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || token_revoke(in->w, id) < 0)
        return -1;
    return view_redirect(in, out, "/desk/tokens");
}
