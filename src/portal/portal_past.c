/* portal_past.c: walking through the portal as it was: links inside a page of a past instant keep the instant, and what
 * a column then held comes from the database, because the index knows the present only. */
#include "portal/portal_internal.h"

#define PAGE_BYTES (16u * 1024 * 1024)

/* Pages that know only the present. */
static bool present_only(struct str path) {
    static const char *const heads[] = {"/static/",   "/elder", "/desk",     "/verify",     "/ledger",
                                        "/sitemap",   "//",     "/sign-in",  "/robots.txt", "/calendar/",
                                        "/subscribe", "/leave", "/five-alls"};
    for (size_t i = 0; i < countof(heads); i++)
        if (str_starts(path, str_z(heads[i])))
            return true;
    return str_find(path, S("as_of=")) >= 0 || str_find(path, S("/history")) >= 0 || str_find(path, S("/years/")) >= 0;
}

static void add_link(struct buf *out, struct str path, struct str instant) {
    ptrdiff_t mark = str_find(path, S("#"));
    struct str head = mark < 0 ? path : str_sub(path, 0, (size_t)mark);
    buf_add(out, head);
    if (!present_only(path))
        buf_printf(out, "%sas_of=%.*s", str_find(head, S("?")) < 0 ? "?" : "&amp;", STR_ARG(instant));
    if (mark >= 0)
        buf_add(out, str_sub(path, (size_t)mark, path.n));
}

/* Between the main navigation and the end of <main>: the banner above leads back to the present. */
struct str portal_links_as_of(struct work *w, struct str html) {
    struct str instant = str_replace(w->arena, str_sub(instant_rfc3339(w->arena, w->as_of), 0, 19), S(":"), S("%3A"));
    ptrdiff_t from = str_find(html, S("<nav class=\"site-nav\"")), to = str_find(html, S("</main>"));
    struct buf out;
    if (from < 0 || to < from)
        return str_dup(w->arena, html);
    buf_init(&out, PAGE_BYTES);
    buf_add(&out, str_sub(html, 0, (size_t)from));
    struct str rest = str_sub(html, (size_t)from, (size_t)(to - from));
    ptrdiff_t at;
    while ((at = str_find(rest, S("href=\"/"))) >= 0) {
        size_t begin = (size_t)at + 6;
        struct str tail = str_sub(rest, begin, rest.n);
        ptrdiff_t end = str_find(tail, S("\""));
        if (end < 0)
            break;
        buf_add(&out, str_sub(rest, 0, begin));
        add_link(&out, str_sub(tail, 0, (size_t)end), instant);
        rest = str_sub(tail, (size_t)end, tail.n);
    }
    buf_add(&out, rest);
    buf_add(&out, str_sub(html, (size_t)to, html.n));
    struct str ret = str_dup(w->arena, out.failed ? html : buf_str(&out));
    buf_release(&out);
    return ret;
}

/* ── what a question would have found then ── */

#define THEN_ROWS 50000 /* looked at, newest first: a past page must not cost more than a few tenths of a second */

struct then_walk {
    struct work *w;
    struct then_question *list;
    size_t n;
    int64_t seen;
};

static bool has_facet(const struct search_doc *doc, const struct search_facet *f) {
    for (size_t i = 0; i < doc->facet_count; i++)
        if (strcmp(doc->facets[i].facet, f->facet) == 0 && str_eq(doc->facets[i].value, f->value))
            return true;
    return false;
}

/* Words are looked for in titles and numbers, as they stand: that is what a past search promises too. */
static bool fits(const struct search_query *q, const struct search_doc *doc) {
    day_t day = day_of(doc->published_at);
    if ((doc->ended && !q->ended) || (q->from != DAY_NONE && day < q->from) || (q->to != DAY_NONE && day > q->to))
        return false;
    for (size_t i = 0; i < q->filter_count; i++)
        if (!has_facet(doc, &q->filters[i]))
            return false;
    return !q->q.n || str_find(doc->title, q->q) >= 0 || str_find(doc->number, q->q) >= 0;
}

static json_t *hit_then(struct work *w, const struct search_doc *doc) {
    json_t *o = json_deep_copy(doc->shown);
    json_set_str(o, "address", doc->address);
    json_set_str(o, "title", doc->title);
    json_set_str(o, "number", doc->number);
    json_set_day(w->arena, o, "day", day_of(doc->published_at));
    return o;
}

static int doc_asked(void *ctx, const struct search_doc *doc) {
    struct then_walk *t = ctx;
    t->seen++;
    for (size_t i = 0; i < t->n; i++) {
        struct then_question *q = &t->list[i];
        if (!fits(&q->ask, doc))
            continue;
        if (q->count >= (q->page - 1) * q->size && q->count < q->page * q->size)
            json_array_append_new(q->hits, hit_then(t->w, doc));
        q->count++;
    }
    return 0;
}

static json_t *found_then(const struct then_question *q, bool more) {
    int64_t pages = (q->count + q->size - 1) / q->size;
    return json_pack("{s:O, s:I, s:b, s:I, s:I}", "hits", q->hits, "count", (json_int_t)q->count, "more", more, "page",
                     (json_int_t)q->page, "pages", (json_int_t)(pages > SEARCH_PAGES_MOST ? SEARCH_PAGES_MOST : pages));
}

int portal_then(struct work *w, struct then_question *list, size_t n) {
    struct then_walk t = {w, list, n, 0};
    struct str kind = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        search_query_of(list[i].x, &list[i].ask);
        list[i].page = list[i].page < 1 ? 1 : list[i].page;
        list[i].hits = json_array();
    }
    /* One question about a kind of its own needs that kind's rows only; the other two classes are no kinds. */
    if (n == 1 && list->x->class.n && !str_is(list->x->class, "policy") && !str_is(list->x->class, "information"))
        kind = list->x->class;
    int rc = disclosure_each_then(w, kind, THEN_ROWS, doc_asked, &t);
    for (size_t i = 0; i < n; i++) {
        list[i].found = rc == 0 ? found_then(&list[i], t.seen == THEN_ROWS) : NULL;
        json_decref(list[i].hits);
    }
    return rc;
}
