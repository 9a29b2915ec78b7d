/* site_pages.c: the page 网站自查: gauges of the national indicators, and what the walk found, page by page. */
#include "supervision/supervision_internal.h"

#define PAGE 50

struct found_input {
    struct str after;
};
static const struct field found_fields[] = {
    FIELD(FIELD_STR, found_input, after, "翻页", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
FIELD_TABLE(found, found_input);

static const char *const kinds[][2] = {{"link", "链接打不开"},
                                       {"attachment", "附件打不开"},
                                       {"outside", "外链没有提示"},
                                       {"meta", "网页标签缺失"},
                                       {"footer", "底部要素缺失"}};

static json_t *found_json(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    const char *name = "";
    for (size_t k = 0; k < countof(kinds); k++)
        if (str_is(db_s(r, i, 1), kinds[k][0]))
            name = kinds[k][1];
    bool page = db_i(r, i, 2) != 0 || str_find(db_s(r, i, 3), S("*")) < 0;
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "kind", db_s(r, i, 1));
    json_object_set_new(o, "kind_name", json_string(name));
    json_set_str(o, "title", db_s(r, i, 4));
    if (page)
        json_set_str(o, "href", db_s(r, i, 3));
    json_set_str(o, "address", db_s(r, i, 5));
    json_set_bool(o, "other_address", !str_eq(db_s(r, i, 5), db_s(r, i, 3)));
    json_set_str(o, "detail", db_s(r, i, 6));
    json_set_instant(w->arena, o, "failed_at", db_i(r, i, 7));
    json_set_instant(w->arena, o, "asked_at", db_i(r, i, 8));
    json_set_str(o, "unit_name", db_s(r, i, 9));
    return o;
}

static int put_found(struct http_request *in, json_t *model, int64_t before) {
    struct work *w = in->w;
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_site_found, &r, DB_TEXT(org_path(w)), DB_INT(before), DB_INT(PAGE + 1)) < 0) {
        json_decref(list);
        return -1;
    }
    for (size_t i = 0; i < r.n && i < PAGE; i++)
        json_array_append_new(list, found_json(w, &r, i));
    json_object_set_new(model, "found", list);
    json_set_bool(model, "has_found", r.n > 0);
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, 0, db_i(&r, PAGE - 1, 0)) : STR_NONE, PAGE);
    return 0;
}

/* When it was last looked at, and how far the walk is. */
static int put_walk(struct work *w, json_t *model) {
    int64_t looked, walked, after;
    struct db_rows r;
    if (site_state_get(w, "looked", &looked) < 0 || site_state_get(w, "walked", &walked) < 0 ||
        site_state_get(w, "after", &after) < 0 || db_one(w, &sql_site_walk_left, &r, DB_INT(after)) != 1)
        return -1;
    if (looked)
        json_set_instant(w->arena, model, "looked_at", looked);
    if (walked)
        json_set_instant(w->arena, model, "walked_at", walked);
    json_set_bool(model, "walking", after > 0);
    json_set_bool(model, "rest_many", db_i(&r, 0, 0) > 1000);
    json_set_int(model, "rest", db_i(&r, 0, 0));
    json_set_bool(model, "outside_asked", w->config->site_check_outside);
    return 0;
}

static int site_check_page(struct http_request *in, struct http_response *out) {
    struct found_input x;
    int64_t key, id;
    if (fields_read(in, &found, &x) < 0 || view_cursor_read(in->w, x.after, &key, &id) < 0)
        return -1;
    json_t *model = json_object();
    if (site_gauges(in->w, model) < 0 || put_walk(in->w, model) < 0 || put_found(in, model, id) < 0) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "supervision/site_check", model);
}

const struct route site_check_routes[] = {
    {HTTP_GET, "/desk/site-check", site_check_page, PERM_BOARD_READ, NO_CACHE, &found, ROUTE_PLAIN, "网站自查"},
};
const size_t site_check_route_count = countof(site_check_routes);
