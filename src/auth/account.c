/* account.c: accounts: made, found, disabled, given passwords. */
#include "auth/auth_internal.h"

static int person_row(int n, const struct db_rows *r, struct person *ret) {
    if (n == 1)
        *ret = (struct person){
            .id = db_i(r, 0, 0),
            .login = db_s(r, 0, 1),
            .name = db_s(r, 0, 2),
            .password_hash = db_s(r, 0, 3),
            .password_at = db_i(r, 0, 4),
            .must_change = db_i(r, 0, 5),
            .totp_secret = db_s(r, 0, 6),
            .totp_last = db_i(r, 0, 7),
            .failures = db_i(r, 0, 8),
            .locked_until = db_i(r, 0, 9),
            .disabled = db_i(r, 0, 10),
            .demo = db_i(r, 0, 11),
            .password_past = db_s(r, 0, 12),
        };
    return n;
}

int person_by_login(struct work *w, struct str login, struct person *ret) {
    struct db_rows r;
    return person_row(db_one(w, &sql_person_by_login, &r, DB_TEXT(login)), &r, ret);
}

int person_by_id(struct work *w, int64_t id, struct person *ret) {
    struct db_rows r;
    return person_row(db_one(w, &sql_person_by_id, &r, DB_INT(id)), &r, ret);
}

int person_event(struct work *w, int64_t person_id, const char *verb, json_t *payload) {
    struct event e = {.room = "auth",
                      .verb = verb,
                      .subject_kind = "person",
                      .subject_id = person_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}

static bool good_login(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-' || s.p[i] == '.'))
            return false;
    return s.n >= 3 && s.n <= 40;
}

int account_create(struct work *w, const struct account_new *a, int64_t *ret) {
    struct db_rows r;
    if (!good_login(a->login))
        return fail_field(w, "login", "format", "登录名用3到40个小写字母、数字、短横线或点");
    int known = db_one(w, &sql_person_by_login, &r, DB_TEXT(a->login));
    if (known)
        return known < 0 ? -1 : fail_field(w, "login", "duplicate", "已有这个登录名");
    if (db_one(w, &sql_person_insert, &r, DB_TEXT(a->login), DB_TEXT(a->name), DB_TEXT(a->password_hash),
               DB_INT(w->now), DB_BOOL(a->must_change && !a->demo), DB_BOOL(a->demo)) < 0)
        return -1;
    *ret = db_i(&r, 0, 0);
    return person_event(w, *ret, "account_created",
                        json_pack("{s:s%, s:s%}", "login", a->login.p, a->login.n, "name", a->name.p, a->name.n));
}

int account_find(struct work *w, struct str login, int64_t *ret) {
    struct person p;
    int n = person_by_login(w, login, &p);
    if (n == 1)
        *ret = p.id;
    return n;
}

int account_set_disabled(struct work *w, int64_t id, bool disabled) {
    if (id == w->actor.person_id)
        return fail(w, ERR_INVALID, "不能停用自己的账号");
    int n = db_exec(w, &sql_person_set_disabled, DB_INT(id), DB_BOOL(disabled));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个账号");
    if (disabled && db_exec(w, &sql_session_end_person, DB_INT(id), DB_INT(w->now), DB_INT(0)) < 0)
        return -1;
    return person_event(w, id, disabled ? "account_disabled" : "account_enabled", NULL);
}

int account_unlock(struct work *w, int64_t id) {
    if (db_exec(w, &sql_person_set_failures, DB_INT(id), DB_INT(0), DB_INT(0)) < 0)
        return -1;
    return person_event(w, id, "account_unlocked", NULL);
}

/* The last five stay unusable. */
static int past_passwords(struct work *w, const struct person *p, struct str password, struct str *ret) {
    struct str past = str_printf(w->arena, "%.*s\n%.*s", STR_ARG(p->password_hash), STR_ARG(p->password_past)), kept;
    struct buf b;
    int n = 0;
    buf_init(&b, 4096);
    while (past.n && n < PASSWORD_PAST) {
        struct str one = past, rest = STR_NONE;
        str_cut(past, '\n', &one, &rest);
        past = rest;
        if (!one.n)
            continue;
        if (password_verify(password, one)) {
            buf_release(&b);
            return fail_field(w, "password", "reused", "不能使用最近%d次用过的口令", PASSWORD_PAST);
        }
        buf_add(&b, one);
        buf_addc(&b, '\n');
        n++;
    }
    kept = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    *ret = kept;
    return 0;
}

int account_set_password(struct work *w, int64_t id, struct str password, bool must_change) {
    struct person p;
    struct str hash, past;
    int n = person_by_id(w, id, &p);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个账号");
    if (password_check_rules(w, "password", password, p.login) < 0 || past_passwords(w, &p, password, &past) < 0 ||
        password_hash(w, password, &hash) < 0 ||
        db_exec(w, &sql_person_set_password, DB_INT(id), DB_TEXT(hash), DB_INT(w->now), DB_BOOL(must_change),
                DB_TEXT(past)) < 0)
        return -1;
    return person_event(w, id, "password_changed", NULL);
}

json_t *account_list(struct work *w) {
    struct db_rows r;
    return db_query(w, &sql_person_list, &r, DB_INT(0), DB_INT(2000)) < 0 ? NULL : db_json(&r);
}
