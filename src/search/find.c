/* find.c: one question to the index: the MATCH expression, exact counts to a thousand, newest first or by relevance.
 *
 * Relevance is bounded work: the newest thousand hits, which are counted anyway, and
 * the newest hits in titles are weighed, so a word that stands in
 * every document costs no more than one in a few thousand. The list says so when it was cut. */
#include "search/search_internal.h"
#include "view/view.h"

#include <math.h>

#define TITLES 500
#define ENOUGH 10  /* fewer hits than this: words are taken apart */
#define WEIGHT 0.4 /* points of one step of search_doc.weight */

/* ── the expression ── */

static int take_number(void *ctx, const struct number *n) {
    *(struct number *)ctx = *n;
    return 1;
}

/* Is the text a 文号 and nothing else? */
static bool whole_number(struct str text, struct number *ret) {
    return numbers_each(text, ret, take_number) && ret->from_start && ret->sign_n > 0 &&
           (ret->rest.n == 0 || str_is(ret->rest, "号"));
}

static void add_quoted(struct expression *e, const char *token, double idf) {
    buf_printf(&e->text, "\"\xEE\x80\x80%s\"", token);
    e->idf[e->phrases++] = idf;
}

/* A phrase; a 文号 by its token: the document that bears it before those that name it. */
static void add_phrase(struct expression *e, struct str text, double idf) {
    struct number n;
    char own[40], named[40];
    if (whole_number(text, &n)) {
        number_token(&n, 'o', n.sign_n, own);
        number_token(&n, 'n', n.sign_n, named);
        buf_addz(&e->text, "(");
        add_quoted(e, own, 4 * idf);
        buf_addz(&e->text, " OR ");
        add_quoted(e, named, idf);
        buf_addz(&e->text, ")");
        return;
    }
    match_phrase(&e->text, text);
    e->idf[e->phrases++] = idf;
}

static void add_term(struct expression *e, const struct term *t, double idf) {
    buf_addz(&e->text, t->variant_count ? "(" : "");
    add_phrase(e, t->text, idf);
    for (size_t i = 0; i < t->variant_count; i++) {
        buf_addz(&e->text, " OR ");
        add_phrase(e, t->variants[i], idf);
    }
    buf_addz(&e->text, t->variant_count ? ")" : "");
}

/* Longer words are rarer: what a walk through all documents would say more exactly and much later. */
static double rarity(const struct term *t) {
    size_t n = utf8_length(t->text);
    return 1.0 + 0.5 * (double)(n < 8 ? n : 8);
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
static void expression_make(struct store *s, const struct search_query *x, const struct parsed *p, const char *join,
                            struct expression *e) {
    memset(e, 0, sizeof *e);
    buf_init(&e->text, 64 * 1024);
    for (size_t i = 0; i < x->filter_count; i++)
        add_filter(s, e, x->filters[i].facet, x->filters[i].value);
    for (size_t i = 0; i < p->understood_count; i++)
        if (p->understood[i].facet)
            add_filter(s, e, p->understood[i].facet, p->understood[i].value);
    double sum = 0;
    for (size_t i = 0; i < p->term_count; i++)
        sum += rarity(&p->terms[i]);
    for (size_t i = 0; i < p->term_count; i++) {
        buf_addz(&e->text, i == 0 ? (e->text.n ? " AND (" : "(") : join);
        add_term(e, &p->terms[i], rarity(&p->terms[i]) * (double)p->term_count / sum);
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
        q->low = day_start(from) / 60000 * ROW_SLOTS;
    if (to != DAY_NONE)
        q->high = (day_end(to) / 60000 + 1) * ROW_SLOTS - 1;
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

/* Months since publication take a little away: half a point in five years. */
static double age_cost(const struct work *w, int64_t row) {
    int64_t minutes = w->now / 60000 - row / ROW_SLOTS;
    double days = (double)minutes / 1440.0;
    return days > 0 ? 0.5 * days / (days + 1800.0) : 0;
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

static bool by_relevance(const struct asked *q) {
    return (q->x->sort == SEARCH_RELEVANCE || q->loose) && q->p.term_count > 0;
}

/* The newest rows that fit, one more than are counted; with their scores when relevance is asked for. */
static void collect(struct asked *q) {
    bool scored = by_relevance(q);
    const char *sql = scored ? rank_sql(q).p : q->e.text.n ? newest_sql : no_terms_sql;
    sqlite3_stmt *st = q->e.nothing ? NULL : ask(q, sql, countof(q->rows));
    for (q->row_n = 0; st && q->row_n < countof(q->rows) && sqlite3_step(st) == SQLITE_ROW; q->row_n++) {
        int64_t row = sqlite3_column_int64(st, 0);
        q->rows[q->row_n] = row;
        if (scored)
            q->scores[q->row_n] =
                sqlite3_column_double(st, 2) + WEIGHT * sqlite3_column_double(st, 1) - age_cost(q->w, row);
    }
    sqlite3_finalize(st);
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
    size_t n = q->row_n < SEARCH_COUNT_MOST ? q->row_n : SEARCH_COUNT_MOST;
    for (size_t i = 0; i < n; i++)
        add_hit(q, q->rows[i], q->scores[i]);
    q->bounded = q->row_n > SEARCH_COUNT_MOST;
    titles(q);
    qsort(q->hits, q->n, sizeof *q->hits, by_score);
}

/* Readings often come to the same expression, and a long phrase that stands nowhere is the dearest of all. */
static bool known_miss(const struct asked *q) {
    for (size_t i = 0; i < q->missed_n; i++)
        if (q->missed[i].low == q->low && q->missed[i].high == q->high &&
            str_eq(q->missed[i].text, buf_str(&q->e.text)))
            return true;
    return false;
}

static void note_miss(struct asked *q) {
    if (q->missed_n < MISSES_MOST)
        q->missed[q->missed_n++] = (struct miss){str_dup(q->w->arena, buf_str(&q->e.text)), q->low, q->high};
}

/* Tries one reading of the question; true when it found something. The expression is ready either way. */
static bool attempt(struct asked *q, const char *join) {
    buf_release(&q->e.text);
    q->loose = strcmp(join, " OR ") == 0;
    expression_make(q->s, q->x, &q->p, join, &q->e);
    set_span(q);
    q->row_n = 0;
    if (known_miss(q))
        return false;
    collect(q);
    if (q->row_n == 0)
        note_miss(q);
    return q->row_n > 0;
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

/* Does any title hold it, or a word that means the same? Titles are the vocabulary that words are told apart by. */
static bool in_titles(struct asked *q, struct str text) {
    struct expression e = {0};
    struct term t = {.text = text};
    synonyms_expand(q->w->arena, &t);
    buf_init(&e.text, 64 * 1024);
    add_term(&e, &t, 1);
    sqlite3_stmt *st = store_prepare(q->s, "SELECT rowid FROM ft_title WHERE ft_title MATCH ?1 LIMIT 1");
    bool any = false;
    if (st) {
        sqlite3_bind_text64(st, 1, e.text.p, e.text.n, SQLITE_STATIC, SQLITE_UTF8);
        any = sqlite3_step(st) == SQLITE_ROW;
    }
    sqlite3_finalize(st);
    buf_release(&e.text);
    return any;
}

/* The longest head of two characters or more, but not the whole, that stands in a title; leaves two characters or none.
 */
static struct str title_word(struct asked *q, struct str text, bool whole) {
    size_t length = utf8_length(text);
    for (size_t n = whole ? length : length - 1; n >= 2; n--)
        if (length - n != 1 && in_titles(q, utf8_head(text, n)))
            return utf8_head(text, n);
    return STR_NONE;
}

/* Long words taken apart (财政决算 → 财政, 决算). false: none could be. */
static bool take_apart(struct asked *q) {
    struct parsed p = q->p;
    size_t k = 0;
    bool any = false;
    for (size_t i = 0; i < q->p.term_count && k < TERMS_MOST; i++) {
        struct str text = q->p.terms[i].text, first = STR_NONE;
        if (utf8_length(text) >= 4 && utf8_length(text) <= 16 && (unsigned char)text.p[0] >= 0xE3)
            first = title_word(q, text, false);
        if (!first.n) {
            p.terms[k++] = q->p.terms[i];
            continue;
        }
        for (struct str rest = text, word = first; word.n && k < TERMS_MOST; any = true) {
            p.terms[k] = (struct term){.text = word};
            synonyms_expand(q->w->arena, &p.terms[k++]);
            rest = str_sub(rest, word.n, rest.n);
            word = utf8_length(rest) >= 2 ? title_word(q, rest, true) : STR_NONE;
            if (!word.n && rest.n && k < TERMS_MOST)
                p.terms[k++] = (struct term){.text = rest};
        }
    }
    p.term_count = k;
    if (any)
        q->p = p;
    return any;
}

/* When few hold a long word as it is written, those that hold its parts are found too. */
static const char *widen(struct asked *q) {
    struct asked *before = arena_one(q->w->arena, struct asked);
    *before = *q;
    buf_init(&before->e.text, 64 * 1024);
    buf_add(&before->e.text, buf_str(&q->e.text));
    bool wider = take_apart(q) && attempt(q, " AND ") && q->row_n > before->row_n;
    if (!wider) {
        buf_release(&q->e.text);
        *q = *before;
    } else {
        buf_release(&before->e.text);
    }
    return wider ? "near" : "";
}

/* A question: the words of a sentence, then any pieces of them. NULL: nothing. */
static const char *settle_sentence(struct asked *q) {
    parse_sentence(q->w, q->x->q, &q->p);
    if (q->p.term_count && attempt(q, " AND "))
        return "words";
    if (q->p.term_count && take_apart(q) && attempt(q, " AND "))
        return "words";
    parse_sentence(q->w, q->x->q, &q->p);
    loosen(q);
    return q->p.term_count > 1 && attempt(q, " OR ") ? "some" : NULL;
}

/* From the strictest reading to the loosest: understood words, literal words, the words of a sentence, any of them. */
static const char *settle(struct asked *q) {
    const struct search_query *x = q->x;
    parse_query(q->w, x, !x->literal, &q->p);
    bool found = attempt(q, " AND ");
    if (!q->p.term_count) { /* only signs, or only what was understood */
        if (x->q.n && !q->p.understood_count && !x->filter_count)
            q->row_n = 0;
        return "";
    }
    const char *how = !x->literal && q->row_n < ENOUGH ? widen(q) : "";
    if (found || *how)
        return how;
    if (q->p.understood_count > 0) {
        parse_query(q->w, x, false, &q->p);
        if (attempt(q, " AND "))
            return "literal"; /* said on the page: the filters that were understood held nothing */
    }
    if (!x->literal && (how = settle_sentence(q)) != NULL)
        return how;
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
static size_t keep_best(struct asked *q) {
    size_t n = 0;
    while (n < q->n && n < 100 && q->hits[n].score > 0.45 * q->hits[0].score)
        n++;
    q->n = n;
    return n;
}

/* Rows of a page by time. */
static void newest(struct asked *q, size_t from, size_t size) {
    size_t end = q->row_n < SEARCH_COUNT_MOST ? q->row_n : SEARCH_COUNT_MOST;
    for (size_t i = from; i < end && i < from + size; i++)
        add_hit(q, q->rows[i], 0);
}

static void results(struct asked *q, bool some, json_t *model) {
    const struct search_query *x = q->x;
    size_t size = x->size > 0 ? (size_t)x->size : SEARCH_PAGE, page = x->page > 1 ? (size_t)x->page : 1;
    size_t from = page <= SEARCH_PAGES_MOST ? (page - 1) * size : SIZE_MAX / 2, found = q->row_n;
    bool relevant = by_relevance(q);
    q->most = relevant ? SEARCH_COUNT_MOST + TITLES : size;
    q->hits = arena_many(q->w->arena, struct hit, q->most);
    if (x->facets)
        json_object_set_new(model, "facets", some ? json_object() : asked_facets(q));
    if (relevant && q->row_n)
        ranked(q);
    else if (!relevant)
        newest(q, from, size);
    if (some)
        found = keep_best(q);
    json_object_set_new(model, "hits", asked_hits(q, relevant ? from : 0, size));
    bool more = found > SEARCH_COUNT_MOST;
    if (more)
        found = SEARCH_COUNT_MOST;
    json_set_int(model, "count", (int64_t)found);
    json_set_bool(model, "more", more);
    json_set_bool(model, "bounded", q->bounded && !some);
    json_set_int(model, "pages", (int64_t)((found + size - 1) / size));
    json_set_int(model, "page", (int64_t)page);
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

json_t *search_find(struct work *w, const struct search_query *x) {
    struct asked q = {.w = w, .s = reader_take(), .x = x};
    if (!q.s) {
        fail(w, ERR_BUSY, "检索索引正在建立，请稍后再试");
        return NULL;
    }
    json_t *model = json_object();
    store_exec(q.s, "BEGIN");
    const char *how = settle(&q);
    results(&q, *how == 's', model);
    json_object_set_new(model, "how", json_string(how));
    json_object_set_new(model, "understood", understood_json(&q.p));
    json_set_str(model, "rest", q.p.rest);
    json_set_bool(model, "cut", utf8_length(x->q) > SEARCH_CHARS_MOST); /* the head was used */
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
