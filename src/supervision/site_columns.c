/* site_columns.c: the home page and the portal's columns as subjects of checks: what they hold, when they were renewed.
 *
 * The portal lies above; its list is handed in by the wiring. A column that holds a search of its own is kept by name
 * alone: when such a one was renewed is not known here. */
#include "http/http.h"
#include "supervision/supervision_internal.h"

static json_t *(*list_of)(struct work *w);

void supervision_columns_from(json_t *(*columns)(struct work *w)) {
    list_of = columns;
}

static void read_row(const struct db_rows *r, size_t i, struct site_column *c) {
    *c = (struct site_column){.id = db_i(r, i, 0),
                              .code = db_s(r, i, 1),
                              .name = db_s(r, i, 2),
                              .kind = db_s(r, i, 3),
                              .holds = db_s(r, i, 4),
                              .what = db_s(r, i, 5),
                              .since = db_i(r, i, 6),
                              .gone_at = db_i(r, i, 7)};
}

int site_column_get(struct work *w, int64_t id, struct site_column *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_site_column_get, &r, DB_INT(id));
    if (n == 1)
        read_row(&r, 0, ret);
    return n;
}

size_t site_columns(struct work *w, struct site_column **ret) {
    struct db_rows r;
    if (db_query(w, &sql_site_columns, &r) < 0)
        return 0;
    *ret = arena_many(w->arena, struct site_column, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        read_row(&r, i, &(*ret)[i]);
    return r.n;
}

int site_home(struct work *w, int64_t *ret_id, int64_t *ret_since) {
    struct db_rows r;
    int n = db_one(w, &sql_site_home, &r);
    if (n == 1) {
        *ret_id = db_i(&r, 0, 0);
        *ret_since = db_i(&r, 0, 1);
    }
    return n;
}

int site_office(struct work *w, int64_t *ret_unit) {
    struct db_rows r;
    int n = db_one(w, &sql_site_office, &r);
    *ret_unit = n == 1 ? db_i(&r, 0, 0) : 0;
    return n < 0 ? -1 : 0;
}

/* ── when a column was renewed ── */

static int instant(struct work *w, const struct db_statement *st, const struct site_column *c, int64_t a, int64_t b,
                   int64_t *ret) {
    struct db_rows r;
    int n = str_is(c->holds, "all") ? db_one(w, st, &r, DB_INT(a), DB_INT(b))
                                    : db_one(w, st, &r, DB_INT(a), DB_INT(b), DB_TEXT(c->what));
    *ret = n == 1 && !db_null(&r, 0, 0) ? db_i(&r, 0, 0) : 0;
    return n < 0 ? -1 : 0;
}

int site_newest(struct work *w, const struct site_column *c, int64_t from, int64_t until, int64_t *ret) {
    *ret = 0;
    return str_is(c->holds, "all")         ? instant(w, &sql_site_newest, c, from, until, ret)
           : str_is(c->holds, "class")     ? instant(w, &sql_site_newest_class, c, from, until, ret)
           : str_is(c->holds, "catalogue") ? instant(w, &sql_site_newest_catalogue, c, from, until, ret)
                                           : 0;
}

int site_next(struct work *w, const struct site_column *c, int64_t after, int64_t *ret) {
    *ret = 0;
    return str_is(c->holds, "all")         ? instant(w, &sql_site_next, c, after, INT64_MAX, ret)
           : str_is(c->holds, "class")     ? instant(w, &sql_site_next_class, c, after, INT64_MAX, ret)
           : str_is(c->holds, "catalogue") ? instant(w, &sql_site_next_catalogue, c, after, INT64_MAX, ret)
                                           : 0;
}

int site_holds_now(struct work *w, const struct site_column *c, int64_t *ret) {
    struct db_rows r;
    if (str_is(c->holds, "catalogue"))
        return site_next(w, c, 0, ret);
    int n = db_one(w, &sql_site_class_public, &r, DB_TEXT(c->what));
    *ret = n == 1;
    return n < 0 ? -1 : 0;
}

/* ── the list ── */

json_t *site_column_list(struct work *w) {
    return list_of ? list_of(w) : json_object();
}

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

/* data/site-check.json: {columns: {codes: {…}, types: {…}}}: the kind by the column's code, else by its type. */
static struct str kind_of(const json_t *rules, const json_t *column) {
    struct str k = text(json_object_get(rules, "codes"), json_string_value(json_object_get(column, "code")));
    const char *type = json_string_value(json_object_get(column, "type"));
    if (!k.n && type)
        k = text(json_object_get(rules, "types"), type);
    return k.n ? k : S("other");
}

/* What the column gathers: one class or one kind of catalogue, or a search that is not looked into. */
static void holds_of(const json_t *filter, struct site_column *c) {
    const char *name;
    json_t *v;
    c->holds = S("search");
    json_object_foreach((json_t *)(uintptr_t)filter, name, v) {
        struct str value = str_z(json_string_value(v));
        if (!value.n || (strcmp(name, "kind") == 0 && str_is(value, "document")))
            continue;
        bool known = !c->what.n && (strcmp(name, "class") == 0 || strcmp(name, "catalogue") == 0);
        c->holds = !known ? S("search") : strcmp(name, "class") == 0 ? S("class") : S("catalogue");
        c->what = value;
        if (!known)
            break;
    }
    if (str_is(c->holds, "search"))
        c->what = STR_NONE;
}

static int changed(struct work *w, int64_t id) {
    return event_append(w,
                        &(struct event){.room = "supervision",
                                        .verb = "site_changed",
                                        .subject_kind = "site",
                                        .subject_id = id,
                                        .visibility = EVENT_INTERNAL},
                        NULL);
}

static int keep(struct work *w, const struct site_column *c) {
    struct db_rows r;
    int n = db_one(w, &sql_site_column_save, &r, DB_TEXT(c->code), DB_TEXT(c->name), DB_TEXT(c->kind),
                   DB_TEXT(c->holds), DB_TEXT(c->what), DB_INT(c->since));
    return n <= 0 ? n : changed(w, db_i(&r, 0, 0));
}

static int let_go(struct work *w, const json_t *list) {
    struct site_column *had = NULL;
    size_t n = site_columns(w, &had), k;
    for (size_t i = 0; i < n; i++) {
        bool there = str_is(had[i].kind, "home");
        json_t *o;
        json_array_foreach((json_t *)(uintptr_t)list, k, o) there |= str_eq(text(o, "code"), had[i].code);
        if (!there &&
            (db_exec(w, &sql_site_column_gone, DB_INT(had[i].id), DB_INT(w->now)) < 0 || changed(w, had[i].id) < 0))
            return -1;
    }
    return w->error.code ? -1 : 0;
}

/* What is there when the portal is first looked at is as old as its first publication. */
static int since(struct work *w, int64_t *ret) {
    int64_t id, first = 0;
    struct site_column all = {.holds = S("all")};
    int n = site_home(w, &id, &first);
    *ret = w->now;
    if (n != 0)
        return n < 0 ? -1 : 0;
    if (site_next(w, &all, 0, &first) < 0)
        return -1;
    if (first && first < w->now)
        *ret = first;
    return 0;
}

int supervision_site_columns(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/site-check.json");
    json_t *rules = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL, *all = site_column_list(w), *o;
    const json_t *kinds = json_object_get(rules, "columns"), *list = json_object_get(all, "columns");
    struct site_column c = {.code = S("/"), .name = S("首页"), .kind = S("home"), .holds = S("all")};
    size_t i;
    int rc = !rules ? fail(w, ERR_INTERNAL, "data/site-check.json 无法读取") : all ? 0 : -1;
    if (rc == 0)
        rc = since(w, &c.since) < 0 ? -1 : keep(w, &c);
    json_array_foreach((json_t *)(uintptr_t)list, i, o) {
        struct site_column one = {
            .code = text(o, "code"), .name = text(o, "name"), .kind = kind_of(kinds, o), .since = c.since};
        holds_of(json_object_get(o, "filter"), &one);
        if (rc == 0)
            rc = keep(w, &one);
    }
    if (rc == 0)
        rc = let_go(w, list);
    json_decref(rules);
    json_decref(all);
    return rc;
}
