/* disclosure_find.c: what search is told of a publication: its text and attachments as public now, and the facets by
 * which results can be narrowed; and, for lists of a past instant, the same facets of what was public then. */
#include "disclosure/disclosure_internal.h"

/* Groups of file types as people name them. */
static const char *type_group(struct str extension) {
    static const char *const groups[][2] = {{"pdf", "pdf"},     {"ofd", "pdf"},   {"doc", "word"},  {"docx", "word"},
                                            {"wps", "word"},    {"odt", "word"},  {"xls", "excel"}, {"xlsx", "excel"},
                                            {"et", "excel"},    {"csv", "excel"}, {"ods", "excel"}, {"ppt", "slides"},
                                            {"pptx", "slides"}, {"jpg", "image"}, {"png", "image"}, {"gif", "image"},
                                            {"webp", "image"},  {"mp4", "video"}, {"mp3", "audio"}};
    for (size_t i = 0; i < countof(groups); i++)
        if (str_is(extension, groups[i][0]))
            return groups[i][1];
    return "other";
}

/* The years it is of: when formed and published, and those its title names (2020年度决算 of 2021). */
static void add_years(struct work *w, struct search_doc *doc, const struct disclosure *d, const struct version *v) {
    struct str years[8], title = v->title;
    size_t n = 0;
    years[n++] = str_sub(day_str(w->arena, day_of(d->published_at)), 0, 4);
    if (v->formed.n >= 4)
        years[n++] = str_sub(v->formed, 0, 4);
    for (ptrdiff_t at; n < countof(years) && (at = str_find(title, S("年"))) >= 0;
         title = str_sub(title, (size_t)at + 3, title.n)) {
        int64_t year;
        struct str digits = at >= 4 ? str_sub(title, (size_t)at - 4, 4) : STR_NONE;
        if (digits.n == 4 && str_int(digits, &year) == 0 && year >= 1949 && year <= 2100)
            years[n++] = digits;
    }
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= str_eq(years[i], years[k]);
        if (!again)
            search_doc_facet(doc, "year", years[i]);
    }
}

static int add_files(struct work *w, struct search_doc *doc, int64_t version_id) {
    struct db_rows r;
    const char *seen[SEARCH_FILES_MOST];
    size_t n = 0;
    if (db_query(w, &sql_disclosure_search_files, &r, DB_INT(version_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n && doc->file_count < SEARCH_FILES_MOST; i++) {
        const char *group = type_group(db_s(&r, i, 2));
        bool again = false;
        doc->files[doc->file_count++] =
            (struct search_file){db_i(&r, i, 0), db_i(&r, i, 3), db_s(&r, i, 1), db_s(&r, i, 2),
                                 str_printf(w->arena, "%.*s\n%.*s", STR_ARG(db_s(&r, i, 1)), STR_ARG(db_s(&r, i, 4)))};
        for (size_t k = 0; k < n; k++)
            again |= strcmp(seen[k], group) == 0;
        if (!again) {
            seen[n++] = group;
            search_doc_facet(doc, "type", str_z(group));
        }
    }
    return 0;
}

/* What bears a 文号 is a document of policy, a plan too. */
struct str class_of(const struct disclosure *d, const struct version *v) {
    if (d->kind.n && !str_is(d->kind, "plan"))
        return d->kind;
    return v->number.n || str_is(d->kind, "plan") ? S("policy") : S("information");
}

static json_t *shown_json(struct work *w, const struct disclosure *d, const struct version *v, struct str unit) {
    json_t *o = json_object();
    json_set_str(o, "public_id", d->public_id);
    json_set_str(o, "index_number", d->index_number);
    json_set_str(o, "unit_name", unit);
    json_set_str(o, "unit_code", d->unit_code);
    json_object_set_new(o, "five_name", json_string(five_name(d->five)));
    json_set_str(o, "genre", v->genre);
    json_set_str(o, "formed", v->formed);
    json_object_set_new(o, "validity_name", json_string(validity_name(v->validity)));
    json_object_set_new(o, "ended", json_boolean(str_is(v->validity, "expired") || str_is(v->validity, "repealed")));
    json_set_bool(o, "demo", d->demo);
    json_set_str(o, "opinions_until", element_value(w->arena, v->elements, ELEMENT_OPINIONS_UNTIL));
    json_set_bool(o, "document", true);
    return o;
}

/* Codes of what it belongs to. */
struct belongs {
    struct str field, item, catalogue;
};

static void add_facets(struct work *w, struct search_doc *doc, const struct disclosure *d, const struct version *v,
                       const struct belongs *b) {
    search_doc_facet(doc, "kind", S("document"));
    search_doc_facet(doc, "unit", d->unit_code);
    search_doc_facet(doc, "field", b->field);
    search_doc_facet(doc, "item", b->item);
    search_doc_facet(doc, "catalogue", b->catalogue);
    search_doc_facet(doc, "five", d->five);
    search_doc_facet(doc, "genre", v->genre);
    search_doc_facet(doc, "theme", v->theme);
    search_doc_facet(doc, "validity", v->validity);
    search_doc_facet(doc, "class", class_of(d, v));
    add_legal(w, doc, d->unit_kind, b->field, class_of(d, v));
    add_years(w, doc, d, v);
}

static int load(struct work *w, int64_t id, struct search_doc *doc) {
    struct disclosure d;
    struct version v;
    struct db_rows r;
    if (disclosure_get(w, id, &d) < 0) {
        bool gone = w->error.code == ERR_NOT_FOUND;
        error_clear(w);
        return gone ? 0 : -1;
    }
    bool topic = str_is(d.kind, "topic");
    if (!d.public_version_id ||
        ((kind_of(d.kind)->flags & KIND_PART) && !topic)) /* of the portal's parts only topics are found */
        return 0;
    if (db_one(w, &sql_disclosure_search_row, &r, DB_INT(id)) != 1 || version_get(w, d.public_version_id, &v) < 0)
        return -1;
    if (d.expired_at)
        v.validity = S("expired");
    *doc = (struct search_doc){
        .address = str_printf(w->arena, "/disclosures/%.*s", STR_ARG(d.public_id)),
        .title = v.title,
        .number = v.number,
        .summary = v.summary,
        .body = v.body_text,
        .keywords = v.keywords,
        .published_at = d.published_at,
        .ended = str_is(v.validity, "expired") || str_is(v.validity, "repealed"),
        .weight = topic        ? 2
                  : v.number.n ? 8
                               : 6, /* what was published before what is owed; topics only gather it */
        .about = db_s(&r, 0, 3).n ? str_printf(w->arena, "/disclosures/%.*s", STR_ARG(db_s(&r, 0, 3))) : STR_NONE,
        .shown = shown_json(w, &d, &v, db_s(&r, 0, 0)),
    };
    add_facets(w, doc, &d, &v, &(struct belongs){db_s(&r, 0, 1), db_s(&r, 0, 2), db_s(&r, 0, 4)});
    return add_files(w, doc, v.id) < 0 ? -1 : 1;
}

static int list(struct work *w, int64_t after_key, int64_t after_id, int64_t *keys, int64_t *ids, int n) {
    struct db_rows r;
    if (db_query(w, &sql_disclosure_search_list, &r, DB_INT(after_key), DB_INT(after_id), DB_INT(n)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        keys[i] = db_i(&r, i, 0);
        ids[i] = db_i(&r, i, 1);
    }
    return (int)r.n;
}

/* ── the same of a past instant, from the database ── */

struct then {
    struct work *w;
    int (*fn)(void *ctx, const struct search_doc *doc);
    void *ctx;
};

static int doc_then(void *ctx, const struct db_rows *r) {
    struct then *t = ctx;
    struct work *w = t->w;
    const struct disclosure d = {.public_id = db_s(r, 0, 0),
                                 .published_at = db_i(r, 0, 3),
                                 .five = db_s(r, 0, 4),
                                 .kind = db_s(r, 0, 5),
                                 .index_number = db_s(r, 0, 12),
                                 .demo = db_i(r, 0, 13) != 0,
                                 .unit_code = db_s(r, 0, 14),
                                 .unit_kind = db_s(r, 0, 16)};
    bool expired = db_i(r, 0, 11) && db_i(r, 0, 11) <= w->as_of;
    const struct version v = {.title = db_s(r, 0, 1),
                              .number = db_s(r, 0, 2),
                              .genre = db_s(r, 0, 6),
                              .theme = db_s(r, 0, 7),
                              .validity = expired ? S("expired") : db_s(r, 0, 8),
                              .formed = db_s(r, 0, 9),
                              .elements = db_s(r, 0, 10)};
    struct search_doc doc = {.address = str_printf(w->arena, "/disclosures/%.*s", STR_ARG(d.public_id)),
                             .title = v.title,
                             .number = v.number,
                             .published_at = d.published_at,
                             .ended = str_is(v.validity, "expired") || str_is(v.validity, "repealed"),
                             .shown = shown_json(w, &d, &v, db_s(r, 0, 15))};
    add_facets(w, &doc, &d, &v, &(struct belongs){db_s(r, 0, 17), db_s(r, 0, 18), db_s(r, 0, 19)});
    int rc = t->fn(t->ctx, &doc);
    json_decref(doc.shown);
    return rc;
}

int disclosure_each_then(struct work *w, struct str kind, int64_t most,
                         int (*fn)(void *ctx, const struct search_doc *doc), void *ctx) {
    struct then t = {w, fn, ctx};
    struct db_value args[] = {DB_INT(w->as_of), DB_TEXT(kind), DB_INT(most)};
    return db_each(w, &sql_disclosure_each_then, args, countof(args), doc_then, &t);
}

/* ── for the site map ── */

int disclosure_public_range(struct work *w, int64_t after, int64_t last,
                            int (*fn)(void *ctx, const struct db_rows *one), void *ctx) {
    struct db_value args[] = {DB_INT(after), DB_INT(last)};
    return db_each(w, &sql_disclosure_public_range, args, countof(args), fn, ctx);
}

int disclosure_public_after(struct work *w, int64_t after, int64_t *ret_id) {
    struct db_rows r;
    int n = db_one(w, &sql_disclosure_public_after, &r, DB_INT(after));
    if (n == 1)
        *ret_id = db_i(&r, 0, 0);
    return n;
}

int disclosure_text_read(struct work *w, int64_t blob_id) {
    struct db_rows r;
    struct disclosure d;
    if (db_begin(w) < 0)
        return -1;
    int rc = db_query(w, &sql_disclosure_public_with_blob, &r, DB_INT(blob_id));
    for (size_t i = 0; rc == 0 && i < r.n; i++) {
        rc = disclosure_get(w, db_i(&r, i, 0), &d);
        if (rc == 0)
            rc = disclosure_event(w, &d, "text_read", EVENT_PUBLIC,
                                  json_pack("{s:s%}", "public_id", d.public_id.p, d.public_id.n), NULL);
    }
    if (rc == 0)
        return db_commit(w);
    db_rollback(w);
    return -1;
}

const struct search_source disclosure_search_source = {"disclosure", load, list, NULL};
