/* hits.c: what is told of the rows that were found: counts by facet, and the hits of one page with their snippets. */
#include "search/search_internal.h"
#include "view/view.h"

/* ── counts ── */

struct tally {
    uint32_t id, n;
};

static int by_count(const void *a, const void *b) {
    uint32_t x = ((const struct tally *)a)->n, y = ((const struct tally *)b)->n;
    return (x < y) - (x > y);
}

static json_t *facets_json(struct asked *q, struct tally *t, size_t n) {
    json_t *o = json_object();
    sqlite3_stmt *st = store_prepare(q->s, "SELECT facet, value FROM term WHERE id = ?1");
    qsort(t, n, sizeof *t, by_count);
    for (size_t i = 0; st && i < n; i++) {
        sqlite3_bind_int64(st, 1, t[i].id);
        if (sqlite3_step(st) == SQLITE_ROW) {
            const char *facet = (const char *)sqlite3_column_text(st, 0),
                       *value = (const char *)sqlite3_column_text(st, 1);
            json_t *list = json_object_get(o, facet);
            if (!list) {
                list = json_array();
                json_object_set_new(o, facet, list);
            }
            struct str name = search_name_of(q->w, facet, str_z(value));
            if (json_array_size(list) < 40)
                json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "value", value, "name",
                                                      name.n ? name.p : value, "count", (int)t[i].n));
        }
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    return o;
}

static void tally_add(struct tally *t, size_t *n, size_t most, uint32_t id) {
    for (size_t i = 0; i < *n; i++)
        if (t[i].id == id) {
            t[i].n++;
            return;
        }
    if (*n < most)
        t[(*n)++] = (struct tally){id, 1};
}

json_t *asked_facets(struct asked *q) {
    enum { TALLIES = 1024 };
    struct tally *t = arena_many(q->w->arena, struct tally, TALLIES);
    size_t n = 0;
    sqlite3_stmt *st = store_prepare(q->s, "SELECT facets FROM mark WHERE rowid = ?1");
    for (size_t i = 0; st && i < q->row_n && i < SEARCH_COUNT_MOST; i++) {
        sqlite3_bind_int64(st, 1, q->rows[i]);
        const unsigned char *p = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_blob(st, 0) : NULL;
        int bytes = p ? sqlite3_column_bytes(st, 0) : 0;
        for (int k = 0; k + 4 <= bytes; k += 4) {
            uint32_t id;
            memcpy(&id, p + k, sizeof id);
            tally_add(t, &n, TALLIES, id);
        }
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    return facets_json(q, t, n);
}

/* ── hits ── */

static struct str column(sqlite3_stmt *st, int i) {
    const char *p = (const char *)sqlite3_column_text(st, i);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(st, i)} : STR_NONE;
}

static int page_of(struct str text, size_t at) {
    int page = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        page += text.p[i] == '\f';
    return page;
}

/* Attachments in which a term stands: with the page, where pages are told apart. */
static json_t *files_json(struct asked *q, int64_t row, struct str files) {
    json_t *list = json_array();
    sqlite3_stmt *st =
        store_prepare(q->s, "SELECT position, name, extension, pages, start, length FROM file WHERE doc = ?1"
                            " ORDER BY position");
    if (st)
        sqlite3_bind_int64(st, 1, row);
    while (st && sqlite3_step(st) == SQLITE_ROW && json_array_size(list) < 3) {
        size_t at = 0;
        struct str text = str_sub(files, (size_t)sqlite3_column_int64(st, 4), (size_t)sqlite3_column_int64(st, 5));
        struct str html = snippet_cut(q->w->arena, text, &q->p, 80, &at);
        if (!html.n)
            continue;
        json_t *o = json_object();
        json_set_int(o, "position", sqlite3_column_int64(st, 0));
        json_set_str(o, "name", column(st, 1));
        json_set_str(o, "snippet_html", html);
        if (sqlite3_column_int64(st, 3) > 1 && str_find(text, S("\f")) >= 0)
            json_set_int(o, "at_page", page_of(text, at));
        json_set_bool(o, "sheet", strstr("xlsx xls et ods", (const char *)sqlite3_column_text(st, 2)) != NULL);
        json_array_append_new(list, o);
    }
    sqlite3_finalize(st);
    return list;
}

static void add_related(json_t *list, sqlite3_stmt *st, struct str key, const char *relation) {
    if (!st || !key.n)
        return;
    sqlite3_bind_text64(st, 1, key.p, key.n, SQLITE_STATIC, SQLITE_UTF8);
    while (sqlite3_step(st) == SQLITE_ROW && json_array_size(list) < 5) {
        json_t *o = json_pack("{s:s, s:b}", "relation", relation, "interpretation", *relation == 'i');
        json_set_str(o, "address", column(st, 0));
        json_set_str(o, "title", column(st, 1));
        json_array_append_new(list, o);
    }
    sqlite3_reset(st);
}

/* A policy and its interpretations always appear together. */
static json_t *related_json(struct asked *q, struct str address, struct str about) {
    json_t *list = json_array();
    sqlite3_stmt *in = store_prepare(q->s,
                                     "SELECT address, title FROM doc WHERE about = ?1 AND about <> '' ORDER BY rowid"),
                 *of = store_prepare(q->s, "SELECT address, title FROM doc WHERE address = ?1");
    add_related(list, in, address, "interpretation");
    add_related(list, of, about, "policy");
    sqlite3_finalize(in);
    sqlite3_finalize(of);
    return list;
}

static void put_related(struct asked *q, json_t *o, sqlite3_stmt *st) {
    struct arena *a = q->w->arena;
    json_t *related = related_json(q, str_dup(a, column(st, 0)), str_dup(a, column(st, 8)));
    json_object_set_new(o, "has_related", json_boolean(json_array_size(related) > 0));
    json_object_set_new(o, "related", related);
}

static json_t *hit_json(struct asked *q, sqlite3_stmt *st, int64_t row) {
    struct arena *a = q->w->arena;
    struct str shown = column(st, 7), body = str_dup(a, column(st, 5));
    json_t *o = json_loadb(shown.p, shown.n, 0, NULL);
    if (!o)
        o = json_object();
    json_set_str(o, "address", column(st, 0));
    json_set_str(o, "title", column(st, 2));
    json_set_str(o, "number", column(st, 3));
    json_set_instant(a, o, "published", sqlite3_column_int64(st, 1));
    json_set_int(o, "published_ms", sqlite3_column_int64(st, 1));
    json_set_day(a, o, "day", day_of(sqlite3_column_int64(st, 1)));
    if (q->x->plain)
        json_set_str(o, "summary", column(st, 4));
    if (!q->x->plain || q->x->related)
        put_related(q, o, st);
    if (q->x->plain)
        return o;
    size_t at;
    json_set_str(o, "title_html", snippet_mark(a, str_dup(a, column(st, 2)), &q->p));
    struct str snippet = snippet_cut(a, body, &q->p, 110, &at);
    if (!snippet.n)
        snippet = snippet_mark(a, utf8_head(column(st, 4).n ? str_dup(a, column(st, 4)) : body, 110), &q->p);
    json_set_str(o, "snippet_html", snippet);
    struct str files = column(st, 6);
    if (files.n && q->p.term_count)
        json_object_set_new(o, "files", files_json(q, row, str_dup(a, files)));
    return o;
}

json_t *asked_hits(struct asked *q, size_t from, size_t size) {
    json_t *list = json_array();
    sqlite3_stmt *st = store_prepare(
        q->s,
        "SELECT address, published_at, title, number, summary, body, files, shown, about FROM doc WHERE rowid = ?1");
    for (size_t i = from; st && i < q->n && i < from + size; i++) {
        sqlite3_bind_int64(st, 1, q->hits[i].row);
        if (sqlite3_step(st) == SQLITE_ROW)
            json_array_append_new(list, hit_json(q, st, q->hits[i].row));
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    return list;
}
