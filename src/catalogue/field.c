/* field.c: the 26 pilot fields (领域): the list with its departments, and names as tables write them. */
#include "catalogue/catalogue_internal.h"

json_t *field_asset(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/fields.json");
    json_t *o = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "data/fields.json 无法读取");
    return o;
}

static json_t *department(const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    json_set_int(o, "id", db_i(r, i, 1));
    json_set_str(o, "code", db_s(r, i, 2));
    json_set_str(o, "name", db_s(r, i, 3));
    json_set_str(o, "short_name", db_s(r, i, 4));
    json_set_bool(o, "lead", db_i(r, i, 5) != 0);
    return o;
}

/* departments, and departments_text: 市发改委（牵头）、市水务局 */
static void set_departments(struct work *w, json_t *field, const struct db_rows *units, int64_t field_id) {
    json_t *list = json_array();
    struct str text = STR_NONE;
    size_t n = 0;
    for (size_t i = 0; i < units->n; i++)
        n += db_i(units, i, 0) == field_id;
    for (size_t i = 0; i < units->n; i++) {
        if (db_i(units, i, 0) != field_id)
            continue;
        struct str name = db_s(units, i, 4);
        bool lead = n > 1 && db_i(units, i, 5);
        text = str_printf(w->arena, "%.*s%s%.*s%s", STR_ARG(text), text.n ? "、" : "", STR_ARG(name),
                          lead ? "（牵头）" : "");
        json_array_append_new(list, department(units, i));
    }
    json_object_set_new(field, "departments", list);
    json_set_str(field, "departments_text", text);
}

json_t *field_list(struct work *w) {
    struct db_rows r, units;
    if (db_query(w, &sql_field_all, &r) < 0 || db_query(w, &sql_field_units, &units) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "code", db_s(&r, i, 1));
        json_set_str(o, "name", db_s(&r, i, 2));
        json_set_bool(o, "compiled_here", db_i(&r, i, 3) != 0);
        set_departments(w, o, &units, db_i(&r, i, 0));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *field_aliases(struct work *w) {
    json_t *all = field_asset(w), *o = json_object(), *f, *alias;
    size_t i, k;
    json_array_foreach(json_object_get(all, "fields"), i, f) {
        struct str text = STR_NONE;
        json_array_foreach(json_object_get(f, "aliases"), k, alias) text =
            str_printf(w->arena, "%.*s%s%s", STR_ARG(text), k ? " " : "", json_string_value(alias));
        const char *code =
            str_printf(w->arena, "%02lld", (long long)json_integer_value(json_object_get(f, "number"))).p;
        json_set_str(o, code, text);
    }
    json_decref(all);
    return o;
}

/* ── names ── */

struct field_name {
    struct str name;
    int64_t id;
    bool main;
};
struct field_names {
    size_t n, cap;
    struct field_name *v;
};

static void name_add(struct field_names *f, struct str name, int64_t id, bool main) {
    if (f->n < f->cap && name.n)
        f->v[f->n++] = (struct field_name){name, id, main};
}

int field_names_open(struct work *w, struct field_names **ret) {
    struct db_rows r;
    json_t *asset = field_asset(w), *field, *alias;
    size_t i, k;
    if (!asset || db_query(w, &sql_field_all, &r) < 0) {
        json_decref(asset);
        return -1;
    }
    struct field_names *f = arena_one(w->arena, struct field_names);
    f->cap = 200;
    f->v = arena_many(w->arena, struct field_name, f->cap);
    for (i = 0; i < r.n; i++)
        name_add(f, db_s(&r, i, 2), db_i(&r, i, 0), true);
    json_array_foreach(json_object_get(asset, "fields"), i, field)
        json_array_foreach(json_object_get(field, "aliases"), k, alias)
            name_add(f, str_dup(w->arena, str_z(json_string_value(alias))),
                     json_integer_value(json_object_get(field, "number")), false);
    json_decref(asset);
    *ret = f;
    return 0;
}

/* "01 重大建设项目", "（一）社会救助领域": number, punctuation and 领域 around the name do not count. */
static struct str bare(struct str s) {
    for (;;) {
        struct str rest = str_trim(s);
        s = rest;
        int32_t c = utf8_next(&rest);
        bool skip = (c >= '0' && c <= '9') || c == '.' || c == '*' || c == '-' || c == '_' || c == '(' || c == ')' ||
                    c == 0x3001 || c == 0xFF0E || c == 0xFF08 || c == 0xFF09;
        if (!skip)
            break;
        s = rest;
    }
    if (str_ends(s, S("领域")))
        s = str_trim(str_sub(s, 0, s.n - strlen("领域")));
    return s;
}

int64_t field_by_name(const struct field_names *f, struct str name) {
    struct str s = bare(name);
    for (size_t i = 0; f && i < f->n; i++)
        if (str_eq(f->v[i].name, s) || str_eq(f->v[i].name, str_trim(name)))
            return f->v[i].id;
    return 0;
}

/* Two characters (救灾, 扶贫, 教育) occur in too many titles: they must stand before 领域. */
static bool named_in(struct str text, struct str name) {
    ptrdiff_t at = str_find(text, name);
    if (at < 0 || name.n > strlen("救灾"))
        return at >= 0;
    return str_starts(str_sub(text, (size_t)at + name.n, text.n), S("领域"));
}

/* The longest name counts: 国有土地上房屋征收 is not 征地补偿, whatever else the title says. */
int64_t field_in_text(const struct field_names *f, struct str text) {
    int64_t id = field_by_name(f, text);
    size_t longest = 0;
    if (id)
        return id;
    for (size_t i = 0; f && i < f->n; i++)
        if (f->v[i].name.n > longest && named_in(text, f->v[i].name)) {
            longest = f->v[i].name.n;
            id = f->v[i].id;
        }
    return id;
}

struct str field_name_of(const struct field_names *f, int64_t id) {
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].id == id && f->v[i].main)
            return f->v[i].name;
    return STR_NONE;
}
