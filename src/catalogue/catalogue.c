/* catalogue.c: catalogues and fields as they are read: one, all, and the standard table of a day. */
#include "catalogue/catalogue_internal.h"

const char *catalogue_kind_name(struct str kind) {
    return str_is(kind, "standard")        ? "标准目录"
           : str_is(kind, "supplementary") ? "主动公开补充目录"
           : str_is(kind, "village")       ? "面向村（居）目录"
                                           : "";
}

const char *catalogue_level_name(struct str level) {
    return str_is(level, "city")      ? "市级"
           : str_is(level, "town")    ? "镇级"
           : str_is(level, "village") ? "村（居）级"
                                      : "";
}

static struct catalogue row_catalogue(const struct db_rows *r, size_t i) {
    return (struct catalogue){
        .id = db_i(r, i, 0),
        .code = db_s(r, i, 1),
        .kind = db_s(r, i, 2),
        .level = db_s(r, i, 3),
        .unit_id = db_i(r, i, 4),
        .name = db_s(r, i, 5),
        .compiled = db_s(r, i, 6),
        .adopted_from = db_i(r, i, 7),
        .unit_code = db_s(r, i, 8),
        .unit_name = db_s(r, i, 9),
    };
}

int catalogue_get(struct work *w, int64_t id, struct catalogue *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_catalogue_by_id, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这张目录");
    *ret = row_catalogue(&r, 0);
    return 0;
}

int catalogue_id_by_code(struct work *w, struct str code, int64_t *ret_id) {
    struct db_rows r;
    int n = db_one(w, &sql_catalogue_by_code, &r, DB_TEXT(code));
    if (n == 1)
        *ret_id = db_i(&r, 0, 0);
    return n;
}

static json_t *catalogue_plain_json(const struct catalogue *c) {
    json_t *o = json_object();
    bool here = str_is(c->compiled, "here");
    json_set_int(o, "id", c->id);
    json_set_str(o, "code", c->code);
    json_set_str(o, "kind", c->kind);
    json_set_str(o, "kind_name", str_z(catalogue_kind_name(c->kind)));
    json_set_str(o, "level", c->level);
    json_set_str(o, "level_name", str_z(catalogue_level_name(c->level)));
    json_set_int(o, "unit_id", c->unit_id);
    json_set_str(o, "unit_code", c->unit_code);
    json_set_str(o, "unit_name", c->unit_name);
    json_set_str(o, "name", c->name);
    json_set_str(o, "compiled", c->compiled);
    json_set_str(o, "compiled_name", here ? S("自行编制") : S("承接"));
    return o;
}

json_t *catalogue_json(struct work *w, const struct catalogue *c) {
    json_t *o = catalogue_plain_json(c);
    struct catalogue from;
    if (c->adopted_from) {
        if (catalogue_get(w, c->adopted_from, &from) < 0) {
            json_decref(o);
            return NULL;
        }
        json_set_str(o, "adopted_from_code", from.code);
        json_set_str(o, "adopted_from_name", from.name);
        json_object_set_new(o, "compiled_name", json_sprintf("承接%.*s目录", STR_ARG(from.unit_name)));
    }
    return o;
}

static struct str unit_of(const struct db_rows *r, int64_t catalogue_id) {
    for (size_t i = 0; i < r->n; i++)
        if (db_i(r, i, 0) == catalogue_id)
            return db_s(r, i, 9);
    return STR_NONE;
}

json_t *catalogues_list(struct work *w, const char *kind) {
    struct db_rows r;
    if (db_query(w, &sql_catalogue_all, &r, DB_TEXT(day_str(w->arena, work_today(w))), DB_OPT(str_z(kind))) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        struct catalogue c = row_catalogue(&r, i);
        json_t *o = catalogue_plain_json(&c);
        struct str from = c.adopted_from ? unit_of(&r, c.adopted_from) : STR_NONE;
        if (from.n)
            json_object_set_new(o, "compiled_name", json_sprintf("承接%.*s目录", STR_ARG(from)));
        json_set_int(o, "items", db_i(&r, i, 10));
        json_array_append_new(list, o);
    }
    return list;
}

/* ── the standard table ── */

static json_t *table_row(const struct item_row *row) {
    struct item_columns c = item_row_columns(row);
    json_t *o = columns_json(&c);
    json_set_int(o, "item_id", row->item.id);
    json_set_str(o, "code", row->item.code);
    json_set_bool(o, "limit_settled", row->settled);
    return o;
}

static json_t *table_field(const struct field_names *f, int64_t id) {
    json_t *o = json_object();
    if (!id) {
        json_decref(o);
        return json_null();
    }
    json_set_int(o, "id", id);
    json_object_set_new(o, "code", json_sprintf("%02d", (int)id));
    json_set_str(o, "name", field_name_of(f, id));
    return o;
}

/* rowspan on the first row of each run of the same 一级事项. */
static void set_rowspans(json_t *rows) {
    json_t *row, *first = NULL;
    json_int_t run = 0;
    size_t i;
    json_array_foreach(rows, i, row) {
        if (!first || strcmp(json_string_value(json_object_get(first, "level1")),
                             json_string_value(json_object_get(row, "level1"))) != 0) {
            first = row;
            run = 0;
        }
        json_object_set_new(first, "rowspan", json_integer(++run));
    }
}

json_t *catalogue_table(struct work *w, int64_t catalogue_id, int64_t field_id) {
    struct db_rows r;
    struct field_names *names;
    if (field_names_open(w, &names) < 0 || db_query(w, &sql_item_versions_on, &r, DB_INT(catalogue_id),
                                                    DB_TEXT(day_str(w->arena, work_today(w))), DB_ID(field_id)) < 0)
        return NULL;
    json_t *o = json_object(), *tables = json_array(), *rows = NULL;
    int64_t field = -1;
    for (size_t i = 0; i < r.n; i++) {
        struct item_row row;
        item_row_read(&r, i, &row);
        if (row.item.field_id != field) {
            json_t *table = json_object();
            field = row.item.field_id;
            rows = json_array();
            json_object_set_new(table, "field", table_field(names, field));
            json_object_set_new(table, "rows", rows);
            json_array_append_new(tables, table);
        }
        json_array_append_new(rows, table_row(&row));
    }
    for (size_t i = 0; i < json_array_size(tables); i++)
        set_rowspans(json_object_get(json_array_get(tables, i), "rows"));
    json_set_int(o, "row_count", (int64_t)r.n);
    json_object_set_new(o, "tables", tables);
    return o;
}
