/* catalogue_init.c: what a new installation holds: the 26 fields of annex 2 and the rows of data/catalogue, as one
 * catalogue of the city (rows ticked 县级) and one of each town (rows ticked 乡级). Repeatable: what is there stays. */
#include "catalogue/table_internal.h"

#define SHIPPED_MAX 2000

struct shipped {
    int64_t field_id;
    int group, number; /* the last two parts of the code, the same in every catalogue */
    bool recalled;
    struct item_columns columns;
    struct limit_stored limit;
};
struct shipped_list {
    struct work *w;
    struct shipped *v;
    size_t n;
    int64_t field_id;
    struct str provenance;
    int group, number;
};

/* ── fields ── */

static int load_departments(struct work *w, int64_t field_id, const json_t *departments) {
    const json_t *d;
    size_t i;
    json_array_foreach(departments, i, d) {
        struct unit u;
        struct str name = str_z(json_string_value(json_object_get(d, "name")));
        int n = unit_by_name(w, name, &u);
        if (n <= 0)
            return n < 0 ? -1 : fail(w, ERR_INTERNAL, "data/fields.json：没有单位 %.*s", STR_ARG(name));
        if (db_exec(w, &sql_field_unit_insert, DB_INT(field_id), DB_INT(u.id),
                    DB_BOOL(json_is_true(json_object_get(d, "lead"))), DB_INT(i)) < 0)
            return -1;
    }
    return 0;
}

static int load_fields(struct work *w, const json_t *fields) {
    const json_t *f;
    size_t i;
    json_array_foreach(fields, i, f) {
        int64_t id = json_integer_value(json_object_get(f, "number"));
        const char *name = json_string_value(json_object_get(f, "name"));
        if (id < 1 || id > 99 || !name)
            return fail(w, ERR_INTERNAL, "data/fields.json：第 %zu 个领域不完整", i + 1);
        if (db_exec(w, &sql_field_insert, DB_INT(id), DB_TEXT(str_printf(w->arena, "%02d", (int)id)), DB_TEXTZ(name),
                    DB_BOOL(json_is_true(json_object_get(f, "compiled_here")))) < 0)
            return -1;
        if (load_departments(w, id, json_object_get(f, "departments")) < 0)
            return -1;
    }
    return 0;
}

/* ── rows ── */

/* provenance.tsv: NN <tab> 序号 <tab> 一级 <tab> 二级 <tab> seen|recalled */
static bool recalled(const struct shipped_list *l, int64_t serial) {
    struct str key = str_printf(l->w->arena, "\n%02d\t%d\t", (int)l->field_id, (int)serial);
    ptrdiff_t at = str_find(l->provenance, key);
    struct str line = at < 0 ? STR_NONE : str_sub(l->provenance, (size_t)at + key.n, l->provenance.n), rest;
    str_cut(line, '\n', &line, &rest);
    return str_ends(str_trim(line), S("recalled"));
}

static int shipped_row(void *ctx, const struct table_row *r) {
    struct shipped_list *l = ctx;
    const struct shipped *before = l->n ? &l->v[l->n - 1] : NULL;
    if (l->n == SHIPPED_MAX)
        return fail(l->w, ERR_INTERNAL, "data/catalogue 超过 %d 行", SHIPPED_MAX);
    bool same_field = before && before->field_id == l->field_id;
    if (!same_field)
        l->group = 0;
    if (!same_field || !str_eq(before->columns.level1, r->columns.level1)) {
        l->group++;
        l->number = 0;
    }
    struct shipped *s = &l->v[l->n++];
    *s = (struct shipped){.field_id = l->field_id, .group = l->group, .number = ++l->number};
    s->columns = columns_dup(l->w->arena, &r->columns);
    s->recalled = recalled(l, s->columns.serial);
    return limit_store(l->w, s->columns.limit_text, &s->limit);
}

static int shipped_problem(void *ctx, const struct table_problem *p) {
    struct shipped_list *l = ctx;
    return fail(l->w, ERR_INTERNAL, "data/catalogue 领域 %d 第 %lld 行 %s：%.*s", (int)l->field_id, (long long)p->row,
                p->column, STR_ARG(p->text));
}

static const struct asset *catalogue_asset(struct work *w, const char *name) {
    return asset_find(w->config, w->arena, str_printf(w->arena, "data/catalogue/%s", name).p);
}

static int load_rows(struct work *w, const json_t *fields, struct shipped_list *l) {
    struct field_names *names;
    const struct asset *p = catalogue_asset(w, "provenance.tsv");
    const json_t *f;
    size_t i;
    if (field_names_open(w, &names) < 0)
        return -1;
    *l = (struct shipped_list){
        .w = w, .v = arena_many(w->arena, struct shipped, SHIPPED_MAX), .provenance = p ? p->bytes : STR_NONE};
    json_array_foreach(fields, i, f) {
        const char *file = json_string_value(json_object_get(f, "rows"));
        const struct asset *a = file ? catalogue_asset(w, file) : NULL;
        if (!a)
            return fail(w, ERR_INTERNAL, "data/catalogue 缺少第 %zu 个领域的表", i + 1);
        l->field_id = json_integer_value(json_object_get(f, "number"));
        struct table_reader *reader =
            table_reader_new(w, names, (struct table_reader_hooks){l, shipped_row, shipped_problem, NULL});
        struct table_sink sink = table_reader_sink(reader);
        int rc = csv_read_text(w, a->bytes, &sink);
        rc = rc == 0 ? table_reader_end(reader) : rc;
        table_reader_free(reader);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ── catalogues ── */

static int catalogue_make(struct work *w, const struct unit *u, const char *level, bool here, int64_t from,
                          int64_t sort_key, struct catalogue *ret) {
    struct db_rows r;
    bool city = strcmp(level, "city") == 0;
    struct str code = city ? S("city-standard") : str_printf(w->arena, "%.*s-standard", STR_ARG(u->code));
    struct str name = str_printf(w->arena, "%.*s政务公开事项标准目录",
                                 STR_ARG(city              ? S("如皋市")
                                         : u->short_name.n ? u->short_name
                                                           : u->name));
    if (db_one(w, &sql_catalogue_insert, &r, DB_TEXT(code), DB_TEXTZ("standard"), DB_TEXTZ(level), DB_INT(u->id),
               DB_TEXT(name), DB_TEXTZ(here ? "here" : "adopted"), DB_ID(from), DB_INT(sort_key), DB_INT(w->now)) < 0)
        return -1;
    return catalogue_get(w, db_i(&r, 0, 0), ret);
}

/* One row as a change of this catalogue. */
static int change_of(struct work *w, const struct catalogue *c, const struct shipped *s, struct owner_names *names,
                     struct item_change *ret) {
    bool city = str_is(c->level, "city");
    struct owners owners = {.n = 1, .unit = {c->unit_id}};
    *ret = (struct item_change){.op = CHANGE_ADD, .field_id = s->field_id, .after = s->columns, .limit = s->limit};
    if (!city)
        ret->after.owners_text = c->unit_name;
    if (city && owners_resolve(w, names, c, s->columns.owners_text, &owners) < 0)
        return -1;
    if (owners.n == 0 || owners.unknown.n)
        return fail(w, ERR_INTERNAL, "data/catalogue 领域 %d 序号 %d：公开主体“%.*s”没有对应单位", (int)s->field_id,
                    (int)s->columns.serial, STR_ARG(s->columns.owners_text));
    int64_t *list = arena_many(w->arena, int64_t, owners.n);
    memcpy(list, owners.unit, owners.n * sizeof *list);
    ret->owners = list;
    ret->owner_count = owners.n;
    ret->code = str_printf(w->arena, "%.*s-%02d-%02d-%03d", STR_ARG(code_prefix(w->arena, c)), (int)s->field_id,
                           s->group, s->number);
    ret->extra = s->recalled ? S("{\"provenance\":\"recalled\",\"status\":\"M\"}") : S("{\"provenance\":\"seen\"}");
    return 0;
}

static int in_force_event(struct work *w, const struct catalogue *c, size_t items, day_t effective) {
    json_t *p = json_object();
    json_set_str(p, "code", c->code);
    json_set_str(p, "name", c->name);
    json_set_int(p, "items", (int64_t)items);
    json_set_day(w->arena, p, "effective", effective);
    json_set_str(p, "compiled", c->compiled);
    struct event e = {.room = "catalogue",
                      .verb = "in_force",
                      .subject_kind = "catalogue",
                      .subject_id = c->id,
                      .unit_id = c->unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

/* source: the same rows of the catalogue this one is adopted from, item ids filled in; NULL: compiled here. */
static int fill(struct work *w, const struct catalogue *c, const struct shipped_list *l, day_t effective,
                const struct change_set *source, struct change_set *ret) {
    bool city = str_is(c->level, "city");
    struct owner_names *names = owner_names_new(w);
    struct change_set s = {.catalogue = c, .v = arena_many(w->arena, struct item_change, l->n), .effective = effective};
    for (size_t i = 0; i < l->n; i++) {
        if (!(city ? l->v[i].columns.level_city : l->v[i].columns.level_town))
            continue;
        if (change_of(w, c, &l->v[i], names, &s.v[s.n]) < 0)
            return -1;
        if (source)
            s.v[s.n].source_item_id = source->v[s.n].item_id;
        s.n++;
    }
    if (changes_write(w, &s) < 0 || in_force_event(w, c, s.n, effective) < 0)
        return -1;
    *ret = s;
    return 0;
}

static int make_city(struct work *w, const struct shipped_list *l, day_t effective) {
    struct change_set done;
    struct catalogue *c = arena_one(w->arena, struct catalogue);
    struct unit u;
    json_t *cities = unit_list(w, "city");
    int64_t id = json_integer_value(json_object_get(json_array_get(cities, 0), "id"));
    json_decref(cities);
    if (!id)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "没有市政府这一单位，请先载入单位");
    return unit_get(w, id, &u) < 0 || catalogue_make(w, &u, "city", true, 0, 1, c) < 0
               ? -1
               : fill(w, c, l, effective, NULL, &done);
}

static const struct unit *model_town(const struct unit *towns, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (towns[i].demonstration && str_find(towns[i].name, S("长江镇")) >= 0)
            return &towns[i];
    return NULL;
}

static int make_towns(struct work *w, const struct shipped_list *l, day_t effective, const struct unit *towns,
                      size_t n) {
    const struct unit *model = model_town(towns, n);
    struct change_set source, done;
    struct catalogue *from = arena_one(w->arena, struct catalogue);
    if (!model)
        return fail(w, ERR_INTERNAL, "单位中没有示范区长江镇，镇级目录无法承接");
    if (catalogue_make(w, model, "town", true, 0, 10 + (model - towns), from) < 0 ||
        fill(w, from, l, effective, NULL, &source) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        bool here = towns[i].demonstration;
        struct catalogue *c = arena_one(w->arena, struct catalogue);
        if (&towns[i] == model)
            continue;
        if (catalogue_make(w, &towns[i], "town", here, here ? 0 : from->id, 10 + (int64_t)i, c) < 0 ||
            fill(w, c, l, effective, here ? NULL : &source, &done) < 0)
            return -1;
    }
    return 0;
}

static int load_towns(struct work *w, const struct shipped_list *l, day_t effective) {
    json_t *list = unit_list(w, "town"), *o;
    size_t i, n = json_array_size(list);
    struct unit *towns = arena_many(w->arena, struct unit, n + 1);
    int rc = list ? 0 : -1;
    json_array_foreach(list, i, o) if (rc == 0) rc =
        unit_get(w, json_integer_value(json_object_get(o, "id")), &towns[i]);
    json_decref(list);
    return rc == 0 ? make_towns(w, l, effective, towns, n) : -1;
}

int catalogue_init_data(struct work *w, day_t effective) {
    struct shipped_list l;
    int64_t id;
    json_t *asset = field_asset(w);
    const json_t *fields = json_object_get(asset, "fields");
    int rc = asset && load_fields(w, fields) == 0 ? catalogue_id_by_code(w, S("city-standard"), &id) : -1;
    if (rc == 0 && load_rows(w, fields, &l) == 0)
        rc = make_city(w, &l, effective) < 0 ? -1 : load_towns(w, &l, effective);
    else if (rc == 0)
        rc = -1;
    json_decref(asset);
    return rc < 0 ? -1 : 0;
}
