/* find.c: one question to the index: the MATCH expression, exact counts to a thousand, newest first or by relevance.
 *
 * Relevance is bounded work: the newest RANKED hits and the newest hits in titles are weighed, so a word that stands in
 * every document costs no more than one in a few thousand. The list says so when it was cut. */
#include "search/search_internal.h"
#include "view/view.h"

#include <math.h>

#define RANKED 3000
#define TITLES 500
#define SAMPLE 200
#define WEIGHT 0.4 /* points of one step of search_doc.weight */

/* ── the expression ── */

struct expression {
    struct buf text;
    double idf[SEARCH_FILTERS_MOST + TERMS_MOST * (VARIANTS_MOST + 1)];
    size_t phrases;
    bool nothing; /* a filter whose value no document has */
};

static void add_term(struct expression *e, const struct term *t, double idf) {
    buf_addz(&e->text, t->variant_count ? "(" : "");
    match_phrase(&e->text, t->text);
    e->idf[e->phrases++] = idf;
    for (size_t i = 0; i < t->variant_count; i++) {
        buf_addz(&e->text, " OR ");
        match_phrase(&e->text, t->variants[i]);
        e->idf[e->phrases++] = idf;
    }
    buf_addz(&e->text, t->variant_count ? ")" : "");
}

static void add_filter(struct store *s, struct expression *e, const char *facet, struct str value) {
    int64_t id = store_term(s, facet, value, false);
    if (id == 0 || e->phrases >= SEARCH_FILTERS_MOST) {
        e->nothing = true;
        return;
    }
    buf_printf(&e->text, "%s\"\xEE\x80\x80%lld\"", e->text.n ? " AND " : "", (long long)id);
    e->idf[e->phrases++] = 0;
}

/* Filters first, then terms joined by `join`; what has ended is left out unless it is asked for. */
static void expression_make(struct store *s, const struct search_query *x, const struct parsed *p, const double *idf,
                            const char *join, struct expression *e) {
    memset(e, 0, sizeof *e);
    buf_init(&e->text, 64 * 1024);
    for (size_t i = 0; i < x->filter_count; i++)
        add_filter(s, e, x->filters[i].facet, x->filters[i].value);
    for (size_t i = 0; i < p->understood_count; i++)
        if (p->understood[i].facet)
            add_filter(s, e, p->understood[i].facet, p->understood[i].value);
    for (size_t i = 0; i < p->term_count; i++) {
        buf_addz(&e->text, i == 0 ? (e->text.n ? " AND (" : "(") : join);
        add_term(e, &p->terms[i], idf ? idf[i] : 1.0);
    }
    buf_addz(&e->text, p->term_count ? ")" : "");
    if (!x->ended && e->text.n) {
        struct str all = buf_str(&e->text);
        struct buf b;
        buf_init(&b, 64 * 1024);
        buf_printf(&b, "(%.*s) NOT \"\xEE\x80\x80x\"", STR_ARG(all));
        buf_release(&e->text);
        e->text = b;
    }
}

/* ── rows ── */

struct hit {
    int64_t row;
    double score;
};
struct asked {
    struct work *w;
    struct store *s;
    const struct search_query *x;
    struct parsed p;
    struct expression e;
    int64_t low, high; /* rowids of the span of days */
    struct hit *hits;
    size_t n, most;
    bool bounded;
};

/* Rows below and above the days asked for. */
static void set_span(struct asked *q) {
    day_t from = q->x->from, to = q->x->to;
    q->low = 0;
    q->high = INT64_MAX;
    for (size_t i = 0; i < q->p.understood_count; i++)
        if (!q->p.understood[i].facet) {
            from = q->p.understood[i].from;
            to = q->p.understood[i].to;
        }
    if (from != DAY_NONE)
        q->low = day_start(from) / 60000 * 256;
    if (to != DAY_NONE)
        q->high = (day_end(to) / 60000 + 1) * 256 - 1;
}

static sqlite3_stmt *ask(struct asked *q, const char *sql, int64_t limit) {
    sqlite3_stmt *st = store_prepare(q->s, sql);
    if (!st)
        return NULL;
    sqlite3_bind_text64(st, 1, q->e.text.p ? q->e.text.p : "", q->e.text.n, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(st, 2, q->low);
    sqlite3_bind_int64(st, 3, q->high);
    sqlite3_bind_int64(st, 4, limit);
    return st;
}

static const char no_terms_sql[] =
    "SELECT rowid FROM mark WHERE ?1 = '' AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4";
static const char newest_sql[] =
    "SELECT rowid FROM ft WHERE ft MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4";

static void add_hit(struct asked *q, int64_t row, double score) {
    if (q->n < q->most)
        q->hits[q->n++] = (struct hit){row, score};
}

static void newest(struct asked *q, int64_t limit) {
    sqlite3_stmt *st = q->e.nothing ? NULL : ask(q, q->e.text.n ? newest_sql : no_terms_sql, limit);
    while (st && sqlite3_step(st) == SQLITE_ROW)
        add_hit(q, sqlite3_column_int64(st, 0), 0);
    sqlite3_finalize(st);
}

/* How rare a term is, from how far back its newest SAMPLE documents reach. */
static double rarity(struct asked *q, const struct term *t, int64_t newest_row, double documents) {
    struct expression e = {0};
    int64_t n = 0, last = newest_row;
    buf_init(&e.text, 64 * 1024);
    add_term(&e, t, 1);
    sqlite3_stmt *st = store_prepare(q->s, "SELECT rowid FROM ft WHERE ft MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    if (st) {
        sqlite3_bind_text64(st, 1, e.text.p, e.text.n, SQLITE_STATIC, SQLITE_UTF8);
        sqlite3_bind_int64(st, 2, SAMPLE);
        for (; sqlite3_step(st) == SQLITE_ROW; n++)
            last = sqlite3_column_int64(st, 0);
        sqlite3_finalize(st);
    }
    buf_release(&e.text);
    double df = (double)n;
    if (n == SAMPLE) {
        int64_t oldest = 0;
        sqlite3_stmt *o = store_prepare(q->s, "SELECT min(rowid) FROM mark");
        if (o && sqlite3_step(o) == SQLITE_ROW)
            oldest = sqlite3_column_int64(o, 0);
        sqlite3_finalize(o);
        double span = (double)(newest_row - last + 1), whole = (double)(newest_row - oldest + 1);
        df = span < whole ? df * whole / span : documents;
    }
    double idf = log((documents - df + 0.5) / (df + 0.5));
    return idf > 0.05 ? idf : 0.05;
}

static void rarities(struct asked *q, double *idf) {
    int64_t last = 0;
    double documents = 1;
    for (size_t i = 0; i < q->p.term_count; i++)
        idf[i] = 1;
    if (q->p.term_count < 2)
        return;
    sqlite3_stmt *st = store_prepare(q->s, "SELECT max(rowid) FROM mark");
    if (st && sqlite3_step(st) == SQLITE_ROW)
        last = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    documents = (double)store_state(q->s, "documents");
    for (size_t i = 0; i < q->p.term_count; i++)
        idf[i] = rarity(q, &q->p.terms[i], last, documents > 1 ? documents : 1000);
}

/* A statement that hands each phrase's rarity to han_rank. */
static struct str rank_sql(struct asked *q) {
    struct buf b;
    buf_init(&b, 16 * 1024);
    buf_addz(&b, "SELECT f.rowid, m.weight, f.score FROM (SELECT rowid, han_rank(ft");
    for (size_t i = 0; i < q->e.phrases; i++)
        buf_printf(&b, ", %.3f", q->e.idf[i]);
    buf_addz(&b, ") AS score FROM ft WHERE ft MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4) f"
                 " JOIN mark m ON m.rowid = f.rowid");
    struct str sql = str_dup(q->w->arena, buf_str(&b));
    buf_release(&b);
    return sql;
}

/* Months since publication take a little away: half a point in five years. */
static double age_cost(const struct work *w, int64_t row) {
    double days = (double)(w->now / 60000 - row / 256) / 1440.0;
    return days > 0 ? 0.5 * days / (days + 1800.0) : 0;
}

static int by_row(const void *a, const void *b) {
    int64_t x = ((const struct hit *)a)->row, y = ((const struct hit *)b)->row;
    return (x < y) - (x > y);
}

static int by_score(const void *a, const void *b) {
    double x = ((const struct hit *)a)->score, y = ((const struct hit *)b)->score;
    return x != y ? (x < y) - (x > y) : by_row(a, b);
}

/* Adds what the title says: a bonus for those already there, the others as new hits. */
static void titles(struct asked *q) {
    static const char sql[] =
        "SELECT f.rowid, m.weight, f.cover FROM (SELECT rowid, han_cover(ft_title, ?5) AS cover FROM ft_title"
        " WHERE ft_title MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4) f"
        " JOIN mark m ON m.rowid = f.rowid";
    double tokens = 0;
    size_t known = q->n;
    for (size_t i = 0; i < q->p.term_count; i++)
        tokens += (double)utf8_length(q->p.terms[i].text);
    sqlite3_stmt *st = ask(q, sql, TITLES);
    if (!st)
        return;
    sqlite3_bind_double(st, 5, tokens);
    qsort(q->hits, known, sizeof *q->hits, by_row);
    while (sqlite3_step(st) == SQLITE_ROW) {
        struct hit key = {sqlite3_column_int64(st, 0), 0}, *h = bsearch(&key, q->hits, known, sizeof key, by_row);
        double bonus = 3.0 + 4.0 * sqlite3_column_double(st, 2);
        if (h)
            h->score += bonus;
        else
            add_hit(q, key.row, 2.0 + bonus + WEIGHT * sqlite3_column_double(st, 1) - age_cost(q->w, key.row));
    }
    sqlite3_finalize(st);
}

static void ranked(struct asked *q) {
    sqlite3_stmt *st = q->e.nothing ? NULL : ask(q, rank_sql(q).p, RANKED);
    while (st && sqlite3_step(st) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(st, 0);
        add_hit(q, row, sqlite3_column_double(st, 2) + WEIGHT * sqlite3_column_double(st, 1) - age_cost(q->w, row));
    }
    sqlite3_finalize(st);
    q->bounded = q->n == RANKED;
    if (!q->e.nothing)
        titles(q);
    qsort(q->hits, q->n, sizeof *q->hits, by_score);
}

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

/* Exact to SEARCH_COUNT_MOST; facets over the same newest hits. */
static int64_t count(struct asked *q, json_t *model) {
    static const char all[] = "SELECT m.facets FROM (SELECT rowid FROM mark WHERE ?1 = '' AND rowid BETWEEN ?2 AND ?3"
                              " ORDER BY rowid DESC LIMIT ?4) f JOIN mark m ON m.rowid = f.rowid";
    static const char some[] =
        "SELECT m.facets FROM (SELECT rowid FROM ft WHERE ft MATCH ?1 AND rowid BETWEEN ?2 AND ?3"
        " ORDER BY rowid DESC LIMIT ?4) f JOIN mark m ON m.rowid = f.rowid";
    enum { TALLIES = 1024 };
    struct tally *t = arena_many(q->w->arena, struct tally, TALLIES);
    size_t n = 0;
    int64_t found = 0;
    const char *sql = q->x->facets ? (q->e.text.n ? some : all) : (q->e.text.n ? newest_sql : no_terms_sql);
    sqlite3_stmt *st = q->e.nothing ? NULL : ask(q, sql, SEARCH_COUNT_MOST + 1);
    for (; st && sqlite3_step(st) == SQLITE_ROW; found++) {
        if (!q->x->facets || found == SEARCH_COUNT_MOST)
            continue;
        const unsigned char *p = sqlite3_column_blob(st, 0);
        int bytes = sqlite3_column_bytes(st, 0);
        for (int i = 0; i + 4 <= bytes; i += 4) {
            uint32_t id;
            memcpy(&id, p + i, sizeof id);
            tally_add(t, &n, TALLIES, id);
        }
    }
    sqlite3_finalize(st);
    if (q->x->facets)
        json_object_set_new(model, "facets", facets_json(q, t, n));
    return found;
}

/* ── results ── */

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
        json_t *o = json_pack("{s:s}", "relation", relation);
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
    json_set_day(a, o, "day", day_of(sqlite3_column_int64(st, 1)));
    if (q->x->plain) {
        json_set_str(o, "summary", column(st, 4));
        return o;
    }
    size_t at;
    json_set_str(o, "title_html", snippet_mark(a, str_dup(a, column(st, 2)), &q->p));
    struct str snippet = snippet_cut(a, body, &q->p, 110, &at);
    if (!snippet.n)
        snippet = snippet_mark(a, utf8_head(column(st, 4).n ? str_dup(a, column(st, 4)) : body, 110), &q->p);
    json_set_str(o, "snippet_html", snippet);
    struct str files = column(st, 6);
    if (files.n && q->p.term_count)
        json_object_set_new(o, "files", files_json(q, row, str_dup(a, files)));
    json_t *related = related_json(q, str_dup(a, column(st, 0)), str_dup(a, column(st, 8)));
    json_object_set_new(o, "has_related", json_boolean(json_array_size(related) > 0));
    json_object_set_new(o, "related", related);
    return o;
}

static json_t *hits_json(struct asked *q, size_t from, size_t size) {
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

static json_t *understood_json(const struct parsed *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->understood_count; i++) {
        const struct understood *u = &p->understood[i];
        char from[11], to[11];
        json_t *o = json_object();
        json_set_str(o, "label", u->label);
        json_set_str(o, "text", u->text);
        json_object_set_new(o, "facet", json_string(u->facet ? u->facet : "days"));
        json_set_str(o, "value", u->value);
        if (!u->facet) {
            json_object_set_new(o, "from", json_string(day_text(from, u->from)));
            json_object_set_new(o, "to", json_string(day_text(to, u->to)));
        }
        json_array_append_new(list, o);
    }
    return list;
}

/* Tries one reading of the question; true when it found something. The expression is ready either way. */
static bool attempt(struct asked *q, const char *join) {
    double idf[TERMS_MOST];
    rarities(q, idf);
    buf_release(&q->e.text);
    expression_make(q->s, q->x, &q->p, idf, join, &q->e);
    set_span(q);
    q->n = 0;
    newest(q, 1);
    bool any = q->n > 0;
    q->n = 0;
    return any;
}

/* Pairs of neighbouring Han characters and whole words of letters and digits, any of them: what is left when nothing
 * holds all. */
static void loosen(struct asked *q) {
    struct parsed *p = &q->p;
    struct str words[TERMS_MOST];
    size_t n = p->term_count, k = 0;
    for (size_t i = 0; i < n; i++)
        words[i] = p->terms[i].text;
    for (size_t i = 0; i < n; i++) {
        struct str rest = words[i];
        while (rest.n && k < TERMS_MOST) {
            struct str head = utf8_head(rest, 2), one = utf8_head(rest, 1), tail = rest;
            bool han = (unsigned char)one.p[0] >= 0xE3;
            while (!han && tail.n && (unsigned char)tail.p[0] < 0x80)
                tail = str_sub(tail, 1, tail.n);
            if (!han)
                head = str_sub(rest, 0, tail.n < rest.n ? rest.n - tail.n : one.n);
            if (head.n > one.n || (i == 0 && rest.n == words[i].n))
                p->terms[k++] = (struct term){.text = head};
            rest = str_sub(rest, head.n, rest.n);
        }
    }
    p->term_count = k;
}

/* From the strictest reading to the loosest: understood words, literal words, the words of a sentence, any of them. */
static const char *settle(struct asked *q) {
    const struct search_query *x = q->x;
    parse_query(q->w, x, !x->literal, &q->p);
    bool found = attempt(q, " AND ");
    if (found && q->p.term_count)
        return "";
    if (!q->p.term_count) { /* only signs, or only what was understood */
        q->e.nothing |= x->q.n && !q->p.understood_count && !x->filter_count;
        return "";
    }
    bool filtered = q->p.understood_count > 0;
    if (filtered) {
        parse_query(q->w, x, false, &q->p);
        if (attempt(q, " AND "))
            return "";
    }
    if (!x->literal) {
        parse_sentence(q->w, x->q, &q->p);
        if (q->p.term_count && attempt(q, " AND "))
            return "words";
        loosen(q);
        if (q->p.term_count > 1 && attempt(q, " OR "))
            return "some";
    }
    /* Nothing: what was understood can be taken off one by one. */
    parse_query(q->w, x, !x->literal, &q->p);
    if (!x->literal && q->p.understood_count == 0) {
        parse_sentence(q->w, x->q, &q->p);
        if (q->p.understood_count == 0)
            parse_query(q->w, x, false, &q->p);
    }
    attempt(q, " AND ");
    return "";
}

/* Of what matches in part only what matches well. */
static int64_t keep_best(struct asked *q) {
    size_t n = 0;
    while (n < q->n && n < 100 && q->hits[n].score > 0.45 * q->hits[0].score)
        n++;
    q->n = n;
    return (int64_t)n;
}

static void results(struct asked *q, bool some, json_t *model) {
    const struct search_query *x = q->x;
    size_t size = x->size > 0 ? (size_t)x->size : SEARCH_PAGE, page = x->page > 1 ? (size_t)x->page : 1;
    size_t from = (page - 1) * size;
    int64_t found = some ? 0 : count(q, model);
    bool by_relevance = some || (x->sort == SEARCH_RELEVANCE && q->p.term_count > 0);
    q->most = by_relevance ? RANKED + TITLES : page <= SEARCH_PAGES_MOST ? from + size : 1;
    q->hits = arena_many(q->w->arena, struct hit, q->most + 1);
    if (by_relevance)
        ranked(q);
    else if (page <= SEARCH_PAGES_MOST)
        newest(q, (int64_t)(from + size));
    if (some)
        found = keep_best(q);
    json_object_set_new(model, "hits", hits_json(q, from, size));
    json_set_int(model, "count", found > SEARCH_COUNT_MOST ? SEARCH_COUNT_MOST : found);
    json_set_bool(model, "more", found > SEARCH_COUNT_MOST);
    json_set_bool(model, "bounded", q->bounded && !some);
    int64_t reach = found > SEARCH_COUNT_MOST ? SEARCH_COUNT_MOST : found;
    json_set_int(model, "pages", (reach + (int64_t)size - 1) / (int64_t)size);
    json_set_int(model, "page", (int64_t)page);
}

json_t *search_find(struct work *w, const struct search_query *x) {
    struct asked q = {.w = w, .s = reader_take(), .x = x};
    struct hit one[2];
    if (!q.s) {
        fail(w, ERR_BUSY, "检索索引正在建立，请稍后再试");
        return NULL;
    }
    json_t *model = json_object();
    q.hits = one;
    q.most = 1;
    store_exec(q.s, "BEGIN");
    const char *how = settle(&q);
    results(&q, *how == 's', model);
    json_object_set_new(model, "how", json_string(how));
    json_object_set_new(model, "understood", understood_json(&q.p));
    json_set_str(model, "rest", q.p.rest);
    json_set_bool(model, "cut", q.p.cut);
    json_set_bool(model, "words", q.p.term_count > 0);
    bool none = json_integer_value(json_object_get(model, "count")) == 0 || *how == 's';
    if (none && x->q.n && !x->plain)
        json_set_str(model, "did_you_mean", mean_suggest(w, q.s, q.p.rest.n ? q.p.rest : x->q));
    store_exec(q.s, "COMMIT");
    buf_release(&q.e.text);
    reader_give(q.s);
    return model;
}

void search_filter(struct search_query *x, const char *facet, struct str value) {
    if (value.n && x->filter_count < SEARCH_FILTERS_MOST)
        x->filters[x->filter_count++] = (struct search_facet){facet, value};
}

int search_holds(struct work *w, struct str address) {
    struct store *s = reader_take();
    if (!s)
        return fail(w, ERR_BUSY, "检索索引正在建立，请稍后再试");
    sqlite3_stmt *st = store_prepare(s, "SELECT 1 FROM doc WHERE address = ?1");
    if (st)
        sqlite3_bind_text64(st, 1, address.p, address.n, SQLITE_STATIC, SQLITE_UTF8);
    int n = st && sqlite3_step(st) == SQLITE_ROW;
    sqlite3_finalize(st);
    reader_give(s);
    return n;
}
