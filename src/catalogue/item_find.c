/* item_find.c: what search is told of a catalogue item: what must be published, on what ground, by whom. */
#include "catalogue/catalogue_internal.h"

static int load(struct work *w, int64_t id, struct search_doc *doc) {
    struct item i;
    struct unit u;
    int n = item_in_force(w, id, work_today(w), &i);
    if (n <= 0)
        return n;
    if (unit_get(w, i.catalogue_unit_id, &u) < 0)
        return -1;
    json_t *shown = json_object();
    json_set_str(shown, "unit_name", u.short_name.n ? u.short_name : u.name);
    json_set_str(shown, "unit_code", u.code);
    json_set_str(shown, "code", i.code);
    json_set_str(shown, "limit_text", i.limit_text);
    json_set_bool(shown, "item", true);
    *doc = (struct search_doc){
        .address = str_printf(w->arena, "/items/%.*s", STR_ARG(i.code)),
        .title = i.level2.n ? str_printf(w->arena, "%.*s / %.*s", STR_ARG(i.level1), STR_ARG(i.level2)) : i.level1,
        .body = str_printf(w->arena, "%.*s\n\n公开依据：%.*s\n\n公开时限：%.*s\n\n公开主体：%.*s", STR_ARG(i.elements),
                           STR_ARG(i.basis), STR_ARG(i.limit_text), STR_ARG(i.owners_text)),
        .published_at = day_start(i.valid_from),
        .weight = str_is(i.level, "city") ? 2 : 0,
        .shown = shown,
    };
    search_doc_facet(doc, "kind", S("item"));
    search_doc_facet(doc, "unit", u.code);
    if (i.field_id)
        search_doc_facet(doc, "field", str_printf(w->arena, "%02lld", (long long)i.field_id));
    return 1;
}

static int list(struct work *w, int64_t after_key, int64_t after_id, int64_t *keys, int64_t *ids, int n) {
    struct db_rows r;
    (void)after_key;
    if (db_query(w, &sql_item_search_list, &r, DB_INT(after_id), DB_TEXT(day_str(w->arena, work_today(w))), DB_INT(n)) <
        0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        keys[i] = 1;
        ids[i] = db_i(&r, i, 0);
    }
    return (int)r.n;
}

const struct search_source item_search_source = {"item", load, list, "catalogue"};
