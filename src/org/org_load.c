/* org_load.c: units and accounts from data files, and the first administrators of a real installation. Repeatable. */
#include "org/org_internal.h"

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static int add_names(struct work *w, int64_t id, const json_t *o) {
    const json_t *alias;
    size_t i;
    if (db_exec(w, &sql_unit_name_insert, DB_TEXT(text(o, "name")), DB_INT(id)) < 0 ||
        db_exec(w, &sql_unit_name_insert, DB_TEXT(text(o, "short_name")), DB_INT(id)) < 0)
        return -1;
    json_array_foreach(json_object_get(o, "aliases"), i,
                       alias) if (db_exec(w, &sql_unit_name_insert, DB_TEXTZ(json_string_value(alias)), DB_INT(id)) <
                                  0) return -1;
    return 0;
}

/* The new unit's path is its parent's and its own id. */
static int add_unit(struct work *w, const json_t *o, int64_t sort_key) {
    struct db_rows r, parent;
    struct unit up = {0};
    struct str path = S("/");
    struct str parent_code = text(o, "parent");
    if (parent_code.n) {
        if (unit_by_code(w, parent_code, &up) <= 0 || db_one(w, &sql_unit_path, &parent, DB_INT(up.id)) <= 0)
            return w->error.code ? -1
                                 : fail(w, ERR_INTERNAL, "data/units.json：没有上级单位 %.*s", STR_ARG(parent_code));
        path = db_s(&parent, 0, 0);
    }
    struct str valid_from = text(o, "valid_from");
    if (db_one(w, &sql_unit_insert, &r, DB_ID(up.id), DB_TEXT(text(o, "code")), DB_TEXT(text(o, "name")),
               DB_TEXT(text(o, "short_name")), DB_TEXT(text(o, "kind")), DB_TEXT(text(o, "org_code")), DB_INT(sort_key),
               DB_BOOL(json_is_true(json_object_get(o, "demonstration"))), DB_TEXT(S("{}")),
               DB_TEXT(valid_from.n ? valid_from : S("2020-09-07"))) < 0)
        return -1;
    int64_t id = db_i(&r, 0, 0);
    if (db_exec(w, &sql_unit_set_path, DB_INT(id),
                DB_TEXT(str_printf(w->arena, "%.*s%lld/", STR_ARG(path), (long long)id))) < 0 ||
        add_names(w, id, o) < 0)
        return -1;
    return org_event(w, "unit", id, id, "unit_added", EVENT_PUBLIC,
                     json_pack("{s:s, s:s}", "code", text(o, "code").p, "name", text(o, "name").p));
}

int org_load(struct work *w, json_t *file) {
    json_t *o;
    size_t i;
    struct unit known;
    json_array_foreach(json_object_get(file, "units"), i, o) {
        int n = unit_by_code(w, text(o, "code"), &known);
        if (n < 0 || (n == 0 && add_unit(w, o, (int64_t)i + 1) < 0))
            return -1;
    }
    return 0;
}

/* ── accounts ── */

static int64_t roles_of(const json_t *list) {
    const json_t *r;
    size_t i;
    int64_t bits = 0;
    json_array_foreach(list, i, r) bits |= role_by_code(str_z(json_string_value(r)));
    return bits;
}

static int add_account(struct work *w, const json_t *o, struct str hash, bool demo) {
    struct unit unit;
    struct db_rows r;
    int64_t person, post;
    struct str login = text(o, "login"), name = text(o, "name");
    int known = account_find(w, login, &person);
    if (known)
        return known < 0 ? -1 : 0;
    if (unit_by_code(w, text(o, "unit"), &unit) <= 0)
        return w->error.code
                   ? -1
                   : fail(w, ERR_INTERNAL, "账号 %.*s：没有单位 %.*s", STR_ARG(login), STR_ARG(text(o, "unit")));
    struct account_new a = {.login = login, .name = name, .password_hash = hash, .must_change = !demo, .demo = demo};
    if (account_create(w, &a, &person) < 0)
        return -1;
    int n = db_one(w, &sql_post_by_name, &r, DB_INT(unit.id), DB_TEXT(name));
    if (n < 0)
        return -1;
    if (n == 1)
        post = db_i(&r, 0, 0);
    else if (post_create(w, unit.id, name, roles_of(json_object_get(o, "roles")),
                         json_is_true(json_object_get(o, "all_units")), &post) < 0)
        return -1;
    return appointment_create(w, person, post, work_today(w) - 400, DAY_NONE);
}

int org_load_accounts(struct work *w, json_t *file) {
    json_t *o;
    size_t i;
    struct str hash;
    if (password_hash(w, text(file, "password"), &hash) < 0)
        return -1;
    json_array_foreach(json_object_get(file, "accounts"), i, o) if (add_account(w, o, hash, true) < 0) return -1;
    return 0;
}

int org_admin_bootstrap(struct work *w, json_t *made) {
    static const char *const three[][3] = {{"system-admin", "系统管理员", "system"},
                                           {"security-admin", "安全管理员", "security"},
                                           {"audit-admin", "审计管理员", "audit"}};
    struct db_rows r;
    int any = db_one(w, &sql_org_person_any, &r);
    if (any)
        return any < 0 ? -1 : 0;
    for (size_t i = 0; i < countof(three); i++) {
        struct str hash, password = str_printf(w->arena, "Mt-%.*s9", STR_ARG(random_token(w->arena, 12)));
        json_t *o = json_pack("{s:s, s:s, s:s, s:[s], s:b}", "login", three[i][0], "name", three[i][1], "unit", "zfb",
                              "roles", three[i][2], "all_units", 1);
        int rc = password_hash(w, password, &hash) < 0 || add_account(w, o, hash, false) < 0 ? -1 : 0;
        json_object_set_new(o, "password", json_string(password.p));
        json_array_append_new(made, o);
        if (rc < 0)
            return -1;
    }
    return 0;
}
