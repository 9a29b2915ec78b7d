/* portal_units.c: public pages of the units that owe: all of them, and one with its publications, items and figures. */
#include "portal/portal_internal.h"

int portal_units(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    int rc = put_renewal(in->w, model, &(struct disclosure_filter){0}, NULL);
    return portal_page(out, "portal/units", model, rc < 0 ? rc : model_put(model, "groups", unit_groups(in->w, true)));
}

static json_t *unit_json(const struct unit *u) {
    json_t *o = json_object();
    json_set_str(o, "code", u->code);
    json_set_str(o, "name", u->name);
    json_set_str(o, "short_name", u->short_name.n ? u->short_name : u->name);
    json_set_str(o, "kind", u->kind);
    json_set_bool(o, "demonstration", u->demonstration);
    json_object_set_new(o, "kind_name", json_string(portal_unit_kind_name(u->kind)));
    json_t *details = json_loadb(u->details.p ? u->details.p : "", u->details.n, 0, NULL); /* NULL: not filled in yet */
    if (details)
        json_object_set_new(o, "details", details);
    return o;
}

/* Items the unit answers for, under their field. */
static int put_items(struct work *w, json_t *model, int64_t unit_id) {
    json_t *items = items_of_unit(w, unit_id);
    if (!items)
        return -1;
    json_object_set_new(model, "item_count", json_integer((json_int_t)json_array_size(items)));
    json_object_set_new(model, "item_groups", rows_grouped(items, "field_name"));
    json_decref(items);
    return 0;
}

/* The catalogues the unit itself compiled or adopted. */
static int put_catalogues(struct work *w, json_t *model, struct str code) {
    json_t *all = catalogues_list(w, NULL), *own = json_array(), *c;
    size_t i;
    json_array_foreach(all, i, c) {
        const char *unit = json_string_value(json_object_get(c, "unit_code"));
        if (unit && str_is(code, unit))
            json_array_append(own, c);
    }
    json_object_set_new(model, "has_catalogues", json_boolean(json_array_size(own) > 0));
    json_object_set_new(model, "catalogues", own);
    json_decref(all);
    return all ? 0 : -1;
}

int portal_unit(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct unit u;
    int n = unit_by_code(w, http_path_part(in, "code"), &u);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个单位，请从公开单位进入");
    struct disclosure_filter latest = {.unit_id = u.id, .page_size = 10};
    json_t *model = json_object();
    json_object_set_new(model, "unit", unit_json(&u));
    int rc = put_entries(w, model, &latest, NULL);
    const struct search_input same = {
        .unit = u.code, .kind = S("document"), .from = DAY_NONE, .to = DAY_NONE, .all = true};
    if (rc == 0)
        rc = put_renewal(w, model, &latest, &same);
    json_t *profile = NULL;
    if (rc == 0 && (rc = disclosure_profile(w, u.id, &profile)) > 0)
        rc = json_object_set_new(model, "profile", profile);
    if (rc == 0)
        rc = put_items(w, model, u.id);
    if (rc == 0)
        rc = put_catalogues(w, model, u.code);
    if (rc == 0)
        rc = model_put(model, "totals", duty_totals(w, u.id, 0));
    return portal_page(out, "portal/unit", model, rc);
}
