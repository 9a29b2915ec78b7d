/* portal_catalogue.c: public pages of what is owed: fields, catalogues as the national table, items. */
#include "portal/portal_internal.h"

enum { OWED_SHOWN = 12 }; /* of an item owed by every town; the rest is counted */

/* ── fields ── */

int portal_fields(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    int rc = put_renewal(in->w, model, &(struct disclosure_filter){0}, NULL);
    return portal_page(out, "portal/fields", model,
                       rc < 0 ? rc : model_put(model, "fields", fields_with_counts(in->w)));
}

/* The field of this code; -1 with ERR_NOT_FOUND. New reference. */
static int find_field(struct work *w, struct str code, json_t **ret) {
    json_t *fields = field_list(w), *f;
    size_t i;
    if (!fields)
        return -1;
    json_array_foreach(fields, i, f) {
        if (!str_is(code, json_string_value(json_object_get(f, "code"))))
            continue;
        *ret = json_incref(f);
        json_decref(fields);
        return 0;
    }
    json_decref(fields);
    return fail(w, ERR_NOT_FOUND, "没有编号为“%.*s”的领域，领域编号从01到26", STR_ARG(code));
}

/* The city's standard catalogue: the one that lists all fields. New reference in *ret, or NULL when there is none yet.
 */
static int city_standard(struct work *w, json_t **ret) {
    json_t *all = catalogues_list(w, "standard"), *c;
    size_t i;
    if (!all)
        return -1;
    *ret = NULL;
    json_array_foreach(all, i, c) {
        const char *level = json_string_value(json_object_get(c, "level"));
        if (!*ret && level && strcmp(level, "city") == 0)
            *ret = json_incref(c);
    }
    json_decref(all);
    return 0;
}

/* model.groups (items under their 一级事项) and item_count from the city's standard catalogue. */
static int put_field_items(struct work *w, json_t *model, int64_t field_id) {
    json_t *catalogue = NULL;
    if (city_standard(w, &catalogue) < 0)
        return -1;
    if (!catalogue)
        return json_object_set_new(model, "item_count", json_integer(0));
    json_t *table = catalogue_table(w, json_integer_value(json_object_get(catalogue, "id")), field_id);
    json_object_set_new(model, "catalogue", catalogue);
    if (!table)
        return -1;
    json_t *rows = json_object_get(json_array_get(json_object_get(table, "tables"), 0), "rows");
    json_object_set_new(model, "groups", rows_grouped(rows, "level1"));
    json_object_set_new(model, "item_count", json_integer((json_int_t)json_array_size(rows)));
    json_decref(table);
    return 0;
}

/* The last years in which something of the field was published, for downloading them whole. */
static int put_years(struct work *w, json_t *model, struct str code) {
    int year, month, day;
    json_t *list = json_array();
    day_split(work_today(w), &year, &month, &day);
    for (int y = year; y > year - 5 && !w->as_of; y--) {
        struct search_input x = {
            .field = code, .kind = S("document"), .all = true, .from = day_from(y, 1, 1), .to = day_from(y, 12, 31)};
        json_t *found = portal_newest(w, &x, 1, 1, false);
        if (!found) {
            error_clear(w); /* the index is being built: the page does not wait for it */
            break;
        }
        if (json_integer_value(json_object_get(found, "count")))
            json_array_append_new(list, json_pack("{s:i, s:O}", "year", y, "count", json_object_get(found, "count")));
        json_decref(found);
    }
    json_set_bool(model, "has_years", json_array_size(list) > 0);
    return json_object_set_new(model, "years", list);
}

int portal_field(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    json_t *field = NULL, *model;
    if (find_field(w, http_path_part(in, "code"), &field) < 0)
        return -1;
    int64_t id = json_integer_value(json_object_get(field, "id"));
    struct disclosure_filter latest = {.field_id = id, .page_size = 8};
    model = json_object();
    json_object_set_new(model, "field", field);
    int rc = put_field_items(w, model, id);
    if (rc == 0)
        rc = put_entries(w, model, &latest, NULL);
    const struct search_input same = {
        .field = http_path_part(in, "code"), .kind = S("document"), .from = DAY_NONE, .to = DAY_NONE, .all = true};
    if (rc == 0)
        rc = put_renewal(w, model, &latest, &same);
    if (rc == 0)
        rc = model_put(model, "totals", duty_totals(w, 0, id));
    if (rc == 0)
        rc = put_years(w, model, http_path_part(in, "code"));
    out->no_cache = !search_caught_up(1000);
    return portal_page(out, "portal/field", model, rc);
}

/* ── catalogues ── */

int portal_catalogues(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    return portal_page(out, "portal/catalogues", model, model_put(model, "groups", catalogue_groups(in->w)));
}

struct catalogue_input {
    struct str field;
};
static const struct field catalogue_fields[] = {
    FIELD(FIELD_STR, catalogue_input, field, "领域", FIELD_OPTIONAL, 0, 2, NULL, "领域编号，如 10"),
};
const struct field_table portal_catalogue_table = {catalogue_fields, countof(catalogue_fields),
                                                   sizeof(struct catalogue_input)};

/* model.fields for the filter, the chosen one marked; model.field is it. */
static int put_field_filter(struct work *w, json_t *model, struct str chosen, int64_t *ret_field_id) {
    json_t *fields = field_list(w), *f;
    size_t i;
    if (!fields)
        return -1;
    json_array_foreach(fields, i, f) {
        bool this = chosen.n && str_is(chosen, json_string_value(json_object_get(f, "code")));
        json_object_set_new(f, "selected", json_boolean(this));
        if (this) {
            json_object_set(model, "field", f);
            *ret_field_id = json_integer_value(json_object_get(f, "id"));
        }
    }
    json_object_set_new(model, "fields", fields);
    if (chosen.n && !json_object_get(model, "field"))
        return fail(w, ERR_NOT_FOUND, "没有编号为“%.*s”的领域", STR_ARG(chosen));
    return 0;
}

int portal_catalogue(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct catalogue_input x;
    struct catalogue c;
    int64_t id, field_id = 0;
    struct str code = http_path_part(in, "code");
    if (fields_read(in, &portal_catalogue_table, &x) < 0)
        return -1;
    int n = catalogue_id_by_code(w, code, &id);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这张目录，请从公开目录进入");
    if (catalogue_get(w, id, &c) < 0)
        return -1;
    json_t *model = json_object(), *table = NULL;
    int rc = model_put(model, "catalogue", catalogue_json(w, &c));
    if (rc == 0)
        rc = put_field_filter(w, model, x.field, &field_id);
    if (rc == 0 && !(table = catalogue_table(w, id, field_id)))
        rc = -1;
    if (rc == 0)
        rc = json_object_update(model, table);
    json_decref(table);
    return portal_page(out, "portal/catalogue", model, rc);
}

/* ── items ── */

struct item_input {
    struct str after;
};
static const struct field item_fields[] = {
    FIELD(FIELD_STR, item_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
const struct field_table portal_item_table = {item_fields, countof(item_fields), sizeof(struct item_input)};

/* The most urgent ones owed; the rest as a number. */
static int put_owed(struct work *w, json_t *model, int64_t item_id) {
    json_t *owed = duty_owed_by_item(w, item_id, 0);
    if (!owed)
        return -1;
    size_t n = json_array_size(owed);
    if (n > OWED_SHOWN)
        json_object_set_new(model, "owed_more", json_integer((json_int_t)(n - OWED_SHOWN)));
    while (json_array_size(owed) > OWED_SHOWN)
        json_array_remove(owed, json_array_size(owed) - 1);
    return json_object_set_new(model, "owed", owed);
}

int portal_item(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct item_input x;
    struct item item;
    struct str after;
    if (fields_read(in, &portal_item_table, &x) < 0)
        return -1;
    int n = item_by_code(w, http_path_part(in, "code"), &item);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个目录事项，请从试点领域或公开目录进入");
    struct disclosure_filter f = {.item_id = item.id, .after = x.after, .page_size = 20};
    json_t *model = json_object();
    int rc = model_put(model, "item", item_json(w, &item));
    if (rc == 0)
        rc = put_entries(w, model, &f, &after);
    if (rc == 0)
        rc = put_owed(w, model, item.id);
    if (rc == 0)
        rc = model_put(model, "versions", item_versions(w, item.id));
    if (rc == 0)
        view_pager(in, model, after, f.page_size);
    return portal_page(out, "portal/item", model, rc);
}
