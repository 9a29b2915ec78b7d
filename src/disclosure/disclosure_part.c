/* disclosure_part.c: parts of the portal (门户的栏目、专题、首页板块、链接、横幅) as the portal takes them. They are
 * matters like all that is public: reviewed, published, corrected, withdrawn and on record the same way. */
#include "disclosure/disclosure_internal.h"

#define ORDER_LAST 1000 /* those without an order come last */

static json_t *part_json(struct work *w, const struct disclosure *d, const struct version *v, bool desk) {
    static const struct {
        const char *name;
        enum element e;
    } own[] = {{"code", ELEMENT_CODE}, {"search", ELEMENT_SEARCH}, {"link", ELEMENT_LINK}};
    struct db_rows r;
    int64_t order = ORDER_LAST;
    int n = db_one(w, &sql_disclosure_part_images, &r, DB_INT(v->id));
    if (n < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "id", d->id);
    json_set_str(o, "public_id", d->public_id);
    json_set_str(o, "kind", d->kind);
    json_set_str(o, "title", v->title);
    json_set_str(o, "body_sanitised_html", v->body);
    json_set_bool(o, "has_body", str_trim(v->body_text).n > 0);
    json_set_str(o, "summary", v->summary);
    json_set_str(o, "keywords", v->keywords);
    json_set_bool(o, "demo", d->demo);
    for (size_t i = 0; i < countof(own); i++)
        json_set_str(o, own[i].name, element_value(w->arena, v->elements, own[i].e));
    str_int(element_value(w->arena, v->elements, ELEMENT_ORDER), &order);
    json_set_int(o, "order", order);
    if (n == 1) {
        json_set_str(o, "image_name", db_s(&r, 0, 1));
        json_set_str(
            o, "image",
            desk ? str_printf(w->arena, "/desk/disclosures/%lld/attachments/%lld/%lld", (long long)d->id,
                              (long long)v->id, (long long)db_i(&r, 0, 0))
                 : str_printf(w->arena, "/attachments/%.*s/%lld", STR_ARG(d->public_id), (long long)db_i(&r, 0, 0)));
    }
    return o;
}

/* Keeps the list in order; equal ones as they came. */
static void insert(json_t *list, json_t *o) {
    json_int_t order = json_integer_value(json_object_get(o, "order"));
    size_t i = json_array_size(list);
    while (i > 0 && json_integer_value(json_object_get(json_array_get(list, i - 1), "order")) > order)
        i--;
    json_array_insert_new(list, i, o);
}

json_t *disclosure_parts(struct work *w, const char *kind) {
    struct db_rows r;
    struct disclosure d;
    struct version v;
    json_t *list = json_array(), *o;
    if (db_query(w, &sql_disclosure_parts, &r, DB_TEXTZ(kind), DB_INT(w->now)) < 0)
        goto failed;
    for (size_t i = 0; i < r.n; i++) {
        if (disclosure_get(w, db_i(&r, i, 0), &d) < 0 || version_get(w, db_i(&r, i, 1), &v) < 0 ||
            !(o = part_json(w, &d, &v, false)))
            goto failed;
        insert(list, o);
    }
    return list;
failed:
    json_decref(list);
    return NULL;
}

json_t *disclosure_part_draft(struct work *w, int64_t id) {
    struct disclosure d;
    struct version v;
    if (disclosure_get(w, id, &d) < 0 || org_may(w, PERM_DISCLOSURE_READ, d.unit_id) < 0)
        return NULL;
    if (!(kind_of(d.kind)->flags & KIND_PART)) {
        fail(w, ERR_NOT_FOUND, "此件不是门户的栏目、专题、板块、链接或横幅");
        return NULL;
    }
    return version_get(w, d.draft_version_id ? d.draft_version_id : d.public_version_id, &v) < 0
               ? NULL
               : part_json(w, &d, &v, true);
}

json_t *disclosure_part_work_list(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_disclosure_part_work_list, &r, DB_INT(w->actor.unit_id)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        int64_t order = ORDER_LAST;
        str_int(element_value(w->arena, db_s(&r, i, 6), ELEMENT_ORDER), &order);
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "public_id", db_s(&r, i, 1));
        json_set_str(o, "kind", db_s(&r, i, 2));
        json_object_set_new(o, "kind_name", json_string(kind_of(db_s(&r, i, 2))->name));
        json_set_str(o, "title", db_s(&r, i, 3));
        const struct flow_state *s = flow_state(&disclosure_flow, db_s(&r, i, 4).p);
        json_object_set_new(o, "state_name", json_string(s ? s->name : ""));
        json_object_set_new(o, "tone", json_string(s ? s->tone : "grey"));
        json_set_bool(o, "is_public", db_i(&r, i, 5));
        json_set_str(o, "code", element_value(w->arena, db_s(&r, i, 6), ELEMENT_CODE));
        json_set_int(o, "order", order);
        json_set_bool(o, "ordered", order < ORDER_LAST);
        insert(list, o);
    }
    return list;
}

int part_code_free(struct work *w, const struct disclosure *d, struct str elements) {
    struct db_rows r;
    struct str code = element_value(w->arena, elements, ELEMENT_CODE);
    if (!code.n) /* codes hold no character that means something to LIKE */
        return 0;
    int n = db_one(w, &sql_disclosure_part_same_code, &r, DB_TEXT(d->kind), DB_INT(d->id),
                   DB_TEXT(str_printf(w->arena, "%%\"code\":\"%.*s\"%%", STR_ARG(code))));
    if (n < 0)
        return -1;
    return n == 0 ? 0
                  : fail_field(w, "el_code", "duplicate", "代码已经用于“%.*s”，请换一个，或者更正那一件",
                               STR_ARG(db_s(&r, 0, 0)));
}
