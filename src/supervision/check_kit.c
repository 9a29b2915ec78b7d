/* check_kit.c: what the checks of duty, catalogue and disclosure share: pages of ids, days, stretches of time, a
 * publication with its public versions. */
#include "blob/blob.h"
#include "supervision/supervision_internal.h"

/* ── pages of ids ── */

static int ids_filled(const struct db_rows *r, int64_t *ids) {
    for (size_t i = 0; i < r->n; i++)
        ids[i] = db_i(r, i, 0);
    return (int)r->n;
}

int check_ids(struct work *w, const struct db_statement *st, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    return db_query(w, st, &r, DB_INT(after), DB_INT(cap)) < 0 ? -1 : ids_filled(&r, ids);
}

int check_ids_of(struct work *w, const struct db_statement *st, struct db_value of, int64_t after, int64_t *ids,
                 size_t cap) {
    struct db_rows r;
    return db_query(w, st, &r, of, DB_INT(after), DB_INT(cap)) < 0 ? -1 : ids_filled(&r, ids);
}

/* ── days and levels ── */

day_t check_warn_day(day_t due, int n) {
    day_t d = due;
    for (int left = calendar_workday(d); left <= n; left += calendar_workday(d))
        d--;
    return d;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

void check_clock(struct course *c, day_t due, int yellow_days, int64_t from, int64_t until) {
    int64_t red = day_start(due + 1);
    if (yellow_days > 0)
        course_span(c, LEVEL_YELLOW, most(from, day_start(check_warn_day(due, yellow_days))), least(red, until));
    course_span(c, LEVEL_RED, most(from, red), until);
}

/* ── words ── */

static bool word_ends(int32_t c) {
    return c == ',' || c == 0xFF0C || c == 0x3001 || c == ' ' || c == 0x3000;
}

bool check_word_in(struct str words, struct str text) {
    struct str rest = words;
    size_t start = 0;
    for (;;) {
        size_t at = words.n - rest.n;
        int32_t c = rest.n ? utf8_next(&rest) : -1;
        if (c >= 0 && !word_ends(c))
            continue;
        struct str word = str_trim(str_sub(words, start, at - start));
        if (word.n && str_find(text, word) >= 0)
            return true;
        if (c < 0)
            return false;
        start = words.n - rest.n;
    }
}

/* ── stretches ── */

int check_stretches(struct work *w, const struct db_statement *st, int64_t of, struct stretches *ret) {
    struct db_rows r;
    if (db_query(w, st, &r, DB_INT(of)) < 0)
        return -1;
    for (ret->n = 0; ret->n < r.n && ret->n < STRETCHES; ret->n++)
        ret->v[ret->n] = (struct stretch){db_i(&r, ret->n, 0), db_i(&r, ret->n, 1) ? db_i(&r, ret->n, 1) : INT64_MAX};
    return 0;
}

void check_uncovered(struct course *c, int level, int64_t from, int64_t until, const struct stretches *covered) {
    for (size_t i = 0; i < covered->n && from < until; i++) {
        const struct stretch *s = &covered->v[i];
        course_span(c, level, from, least(s->from, until));
        from = most(from, s->until);
    }
    course_span(c, level, from, until);
}

/* ── a publication ── */

static day_t day_cell(const struct db_rows *r, size_t i, size_t column) {
    day_t d;
    return day_parse(db_s(r, i, column), &d) == 0 ? d : DAY_NONE;
}

static void edition_read(const struct db_rows *r, size_t i, struct edition *e) {
    *e = (struct edition){.id = db_i(r, i, 0),
                          .title = db_s(r, i, 1),
                          .attribute = db_s(r, i, 2),
                          .validity = db_s(r, i, 3),
                          .formed = day_cell(r, i, 4),
                          .effective = day_cell(r, i, 5),
                          .expires = day_cell(r, i, 6),
                          .elements = db_s(r, i, 7),
                          .from = db_i(r, i, 8),
                          .until = db_i(r, i, 9) ? db_i(r, i, 9) : INT64_MAX,
                          .made_by = db_i(r, i, 10),
                          .concealed_at = db_i(r, i, 11),
                          .entered = db_i(r, i, 12) != 0,
                          .expired_at = db_i(r, i, 13)};
}

int publication_read(struct work *w, int64_t id, struct publication *ret) {
    struct db_rows d, v;
    int n = db_one(w, &sql_check_publication, &d, DB_INT(id));
    if (n <= 0 || db_i(&d, 0, 7) == 0)
        return n < 0 ? -1 : 0;
    if (db_query(w, &sql_check_editions, &v, DB_INT(id)) < 0)
        return -1;
    *ret = (struct publication){.id = id,
                                .unit_id = db_i(&d, 0, 0),
                                .item_id = db_i(&d, 0, 1),
                                .field_id = db_i(&d, 0, 2),
                                .state = db_s(&d, 0, 3),
                                .kind = db_s(&d, 0, 4),
                                .title = db_s(&d, 0, 5),
                                .published_at = db_i(&d, 0, 7),
                                .drafter_id = db_i(&d, 0, 9),
                                .about_id = db_i(&d, 0, 10),
                                .public_id = db_s(&d, 0, 11)};
    for (; ret->n < v.n && ret->n < EDITIONS; ret->n++)
        edition_read(&v, ret->n, &ret->v[ret->n]);
    ret->whole = ret->n > 0 && ret->v[0].from <= ret->published_at;
    return ret->n > 0;
}

void publication_course(struct work *w, const struct publication *p, int holder, struct course *ret) {
    *ret = (struct course){.unit_id = p->unit_id,
                           .field_id = p->field_id,
                           .item_id = p->item_id,
                           .kind = p->kind,
                           .holder = holder,
                           .title = pii_masked(w->arena, p->title),
                           .address = str_printf(w->arena, "/desk/disclosures/%lld", (long long)p->id)};
}

struct str edition_element(struct work *w, const struct edition *e, const char *name) {
    json_t *o = e->elements.n ? json_loadb(e->elements.p, e->elements.n, 0, NULL) : NULL;
    struct str value = str_dup(w->arena, str_z(json_string_value(json_object_get(o, name))));
    json_decref(o);
    return value;
}

int publication_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_publications, after, ids, cap);
}
