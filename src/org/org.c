/* org.c: units and their names; who may act on whose matters. */
#include "org/org_internal.h"

int org_event(struct work *w, const char *kind, int64_t id, int64_t unit_id, const char *verb, enum event_visibility v,
              json_t *payload) {
    struct event e = {.room = "org",
                      .verb = verb,
                      .subject_kind = kind,
                      .subject_id = id,
                      .unit_id = unit_id,
                      .visibility = v,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}

/* ── units ── */

static int unit_row(int n, const struct db_rows *r, struct unit *ret) {
    if (n == 1)
        *ret = (struct unit){
            .id = db_i(r, 0, 0),
            .parent_id = db_i(r, 0, 1),
            .code = db_s(r, 0, 2),
            .name = db_s(r, 0, 3),
            .short_name = db_s(r, 0, 4),
            .kind = db_s(r, 0, 5),
            .org_code = db_s(r, 0, 6),
            .demonstration = db_i(r, 0, 7),
            .details = db_s(r, 0, 9),
        };
    return n;
}

int unit_get(struct work *w, int64_t id, struct unit *ret) {
    struct db_rows r;
    int n = unit_row(db_one(w, &sql_unit_by_id, &r, DB_INT(id)), &r, ret);
    if (n < 0)
        return -1;
    return n ? 0 : fail(w, ERR_NOT_FOUND, "没有这个单位");
}

int unit_by_code(struct work *w, struct str code, struct unit *ret) {
    struct db_rows r;
    return unit_row(db_one(w, &sql_unit_by_code, &r, DB_TEXT(code)), &r, ret);
}

int unit_by_name(struct work *w, struct str name, struct unit *ret) {
    struct db_rows r;
    return unit_row(db_one(w, &sql_unit_by_name, &r, DB_TEXT(str_trim(name))), &r, ret);
}

json_t *unit_names(struct work *w) {
    struct db_rows r;
    json_t *o = json_object();
    if (db_query(w, &sql_unit_names_all, &r) < 0)
        return o;
    for (size_t i = 0; i < r.n; i++) {
        const char *id = str_printf(w->arena, "%lld", (long long)db_i(&r, i, 0)).p;
        const char *known = json_string_value(json_object_get(o, id));
        json_set_str(o, id,
                     str_printf(w->arena, "%s%s%.*s", known ? known : "", known ? " " : "", STR_ARG(db_s(&r, i, 1))));
    }
    return o;
}

json_t *unit_list(struct work *w, const char *kind) {
    struct db_rows r;
    return db_query(w, &sql_unit_list, &r, DB_TEXTZ(kind)) < 0 ? NULL : db_json(&r);
}

/* ── data scope: the one function ── */

static int in_scope(struct work *w, int64_t unit_id) {
    struct db_rows mine, other;
    if (w->actor.all_units || (unit_id && unit_id == w->actor.unit_id))
        return 1;
    if (!unit_id || !w->actor.unit_id)
        return 0;
    int a = db_one(w, &sql_unit_path, &mine, DB_INT(w->actor.unit_id)),
        b = a > 0 ? db_one(w, &sql_unit_path, &other, DB_INT(unit_id)) : a;
    if (a < 0 || b < 0)
        return -1;
    return a && b && str_starts(db_s(&other, 0, 0), db_s(&mine, 0, 0));
}

int org_may(struct work *w, int permission, int64_t unit_id) {
    if (!actor_may(&w->actor, permission))
        return w->actor.person_id || w->actor.token_id
                   ? fail(w, ERR_FORBIDDEN, "您的岗位没有“%s”的权限", permission_name(permission))
                   : fail(w, ERR_SIGN_IN, "%s", "");
    int n = in_scope(w, unit_id);
    if (n < 0)
        return -1;
    return n ? 0 : fail(w, ERR_FORBIDDEN, "此事项属于其他单位，您的岗位不能查看或办理");
}

bool org_may_quiet(struct work *w, int permission, int64_t unit_id) {
    if (!actor_may(&w->actor, permission))
        return false;
    struct error kept = w->error;
    bool good = in_scope(w, unit_id) > 0;
    w->error = kept;
    return good;
}

struct str org_path(struct work *w) {
    struct db_rows r;
    if (w->actor.all_units)
        return S("%");
    if (!w->actor.unit_id || db_one(w, &sql_unit_path, &r, DB_INT(w->actor.unit_id)) <= 0)
        return S("");
    return str_printf(w->arena, "%.*s%%", STR_ARG(db_s(&r, 0, 0)));
}

/* ── the actor ── */

int org_actor_fill(struct work *w, int64_t post_id) {
    struct db_rows r;
    struct unit unit;
    if (w->actor.token_id) {
        if (unit_get(w, w->actor.unit_id, &unit) < 0)
            return -1;
        w->actor.unit_name = unit.name;
        w->actor.unit_code = unit.code;
        w->actor.post_name = w->actor.person_name;
        return 0;
    }
    struct str today = day_str(w->arena, work_today(w));
    int n = db_one(w, &sql_post_of_person, &r, DB_INT(w->actor.person_id), DB_INT(post_id), DB_TEXT(today));
    if (n == 0 && post_id)
        n = db_one(w, &sql_post_of_person, &r, DB_INT(w->actor.person_id), DB_INT(0), DB_TEXT(today));
    if (n <= 0)
        return n;
    w->actor.post_id = db_i(&r, 0, 0);
    w->actor.post_name = db_s(&r, 0, 1);
    w->actor.all_units = db_i(&r, 0, 3);
    w->actor.unit_id = db_i(&r, 0, 4);
    w->actor.unit_name = db_s(&r, 0, 5);
    w->actor.unit_code = db_s(&r, 0, 6);
    actor_grant_roles(&w->actor, db_i(&r, 0, 2));
    return 0;
}

json_t *org_posts_of(struct work *w, int64_t person_id) {
    struct db_rows r;
    return db_query(w, &sql_posts_of_person, &r, DB_INT(person_id), DB_TEXT(day_str(w->arena, work_today(w)))) < 0
               ? NULL
               : db_json(&r);
}

/* ── posts and appointments ── */

int post_create(struct work *w, int64_t unit_id, struct str name, int64_t roles, bool all_units, int64_t *ret) {
    struct db_rows r;
    if (!roles)
        return fail_field(w, "roles", "required", "请至少选择一项职责");
    /* 三权分立: one post holds one administrator's role and nothing else. */
    int64_t admin = roles & (ROLE_SYSTEM | ROLE_SECURITY | ROLE_AUDIT);
    if (admin && (roles != admin || (admin & (admin - 1))))
        return fail_field(w, "roles", "conflict", "系统、安全、审计管理员三项职责互斥，也不能与其他职责兼任");
    if (db_one(w, &sql_post_insert, &r, DB_INT(unit_id), DB_TEXT(name), DB_INT(roles), DB_BOOL(all_units)) < 0)
        return -1;
    *ret = db_i(&r, 0, 0);
    return org_event(
        w, "post", *ret, unit_id, "post_created", EVENT_INTERNAL,
        json_pack("{s:s%, s:I, s:b}", "name", name.p, name.n, "roles", (json_int_t)roles, "all_units", (int)all_units));
}

int appointment_create(struct work *w, int64_t person_id, int64_t post_id, day_t from, day_t to) {
    if (to != DAY_NONE && to < from)
        return fail_field(w, "to", "order", "结束日期不能早于开始日期");
    if (person_id == w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "不能给自己授予岗位");
    if (db_exec(w, &sql_appointment_insert, DB_INT(person_id), DB_INT(post_id), DB_TEXT(day_str(w->arena, from)),
                DB_OPT(day_str(w->arena, to))) < 0)
        return -1;
    return org_event(w, "post", post_id, 0, "appointed", EVENT_INTERNAL,
                     json_pack("{s:I, s:s}", "person_id", (json_int_t)person_id, "from", day_str(w->arena, from).p));
}

int appointment_end(struct work *w, int64_t id, day_t to) {
    struct db_rows r;
    int n = db_one(w, &sql_appointment_get, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这项任职");
    if (db_exec(w, &sql_appointment_end, DB_INT(id), DB_TEXT(day_str(w->arena, to))) < 0)
        return -1;
    return org_event(w, "post", db_i(&r, 0, 2), db_i(&r, 0, 3), "appointment_ended", EVENT_INTERNAL,
                     json_pack("{s:I, s:s}", "person_id", (json_int_t)db_i(&r, 0, 1), "to", day_str(w->arena, to).p));
}
