/* request_stretch.c: the reply limit as it stood at every instant of a case, from its marks: for those who look at a
 * case's whole course afterwards. Marks are never taken back, so the course of what is past stays what it was. */
#include "request/request_internal.h"

#define MARKS_MAX 200

struct marks {
    struct clock_mark list[MARKS_MAX]; /* in order of days, as clock_read() wants them */
    int64_t at[MARKS_MAX];             /* when each was made */
    size_t n;
};

static day_t day_cell(const struct db_rows *r, size_t row, size_t column) {
    day_t d;
    return !db_null(r, row, column) && day_parse(db_s(r, row, column), &d) == 0 ? d : DAY_NONE;
}

static int marks_load(struct work *w, int64_t id, struct marks *m) {
    struct db_rows r;
    if (db_query(w, &sql_request_marks_made, &r, DB_INT(id)) < 0)
        return -1;
    if (r.n > MARKS_MAX)
        return fail(w, ERR_TOO_LARGE, "此件的计时记录过多");
    for (size_t i = 0; i < r.n; i++) {
        m->list[i] = (struct clock_mark){.kind = (enum clock_mark_kind)db_i(&r, i, 0),
                                         .day = day_cell(&r, i, 1),
                                         .until = day_cell(&r, i, 2),
                                         .n = (int)db_i(&r, i, 3),
                                         .ref = db_i(&r, i, 4),
                                         .rule = str_dupz(w->arena, db_s(&r, i, 5))};
        m->at[i] = db_i(&r, i, 6);
    }
    m->n = r.n;
    return 0;
}

/* The marks made by an instant; those of one instant belong together. */
static size_t made_by(struct work *w, const struct marks *m, int64_t at, struct clock_mark **ret) {
    size_t n = 0;
    *ret = arena_many(w->arena, struct clock_mark, m->n);
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i] <= at)
            (*ret)[n++] = m->list[i];
    return n;
}

static int64_t next_made(const struct marks *m, int64_t after) {
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i] > after && m->at[i] < next)
            next = m->at[i];
    return next;
}

/* The day on which a clock that stands goes on by itself: DAY_NONE when only an answer lets it. */
static int goes_on(struct work *w, const struct clock_mark *list, size_t n, struct limit l, day_t from, day_t *ret) {
    struct clock_reading x;
    *ret = DAY_NONE;
    for (size_t i = 0; i < n; i++) {
        day_t until = list[i].until;
        if (list[i].kind != CLOCK_SUSPEND || until == DAY_NONE || until < from || (*ret != DAY_NONE && until >= *ret))
            continue;
        if (clock_read(w, list, n, l, "", until + 1, &x, NULL) < 0)
            return -1;
        if (!x.suspended)
            *ret = until + 1;
    }
    return 0;
}

static int one(struct work *w, const struct marks *m, struct limit l, int64_t at, struct request_stretch *list,
               size_t cap, size_t *n) {
    struct clock_mark *made;
    struct clock_reading x;
    size_t count = made_by(w, m, at, &made);
    int64_t until = next_made(m, at);
    day_t on = DAY_NONE;
    if (clock_read(w, made, count, l, "", day_of(at), &x, NULL) < 0 ||
        (x.suspended && goes_on(w, made, count, l, day_of(at), &on) < 0))
        return -1;
    if (*n + 2 > cap)
        return fail(w, ERR_TOO_LARGE, "此件的计时记录过多");
    if (x.suspended) {
        int64_t stands = on == DAY_NONE || day_start(on) > until ? until : day_start(on);
        list[(*n)++] = (struct request_stretch){at, stands, x.due_at, true};
        at = stands;
    }
    if (at < until)
        list[(*n)++] = (struct request_stretch){at, until, x.due_at, false};
    return 0;
}

int request_stretches(struct work *w, int64_t id, struct request_stretch *list, size_t cap) {
    struct db_rows r;
    struct marks m = {0};
    size_t n = 0;
    int found = db_one(w, &sql_request_matter_of, &r, DB_INT(id));
    if (found <= 0 || marks_load(w, id, &m) < 0)
        return found;
    struct limit l = foi_rule(str_is(db_s(&r, 0, 0), "correction") ? RULE_CORRECTION : RULE_REPLY)->limit;
    for (int64_t at = next_made(&m, INT64_MIN); at != INT64_MAX; at = next_made(&m, at))
        if (one(w, &m, l, at, list, cap, &n) < 0)
            return -1;
    return (int)n;
}
