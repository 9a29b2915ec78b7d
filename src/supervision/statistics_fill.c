/* statistics_fill.c: counting what was there before the figures were kept, in batches; and the figures against a count
 * of the records. */
#include "supervision/supervision_internal.h"

#define BATCH 50      /* others wait to write meanwhile */
#define FILL_MS 20000 /* one run of the job: then others have their turn, and the rest follows */

static const struct {
    const char *kind, *place;
    const struct db_statement *after;
} kinds[] = {
    {"duty", "statistics_duty", &sql_figure_after_duty},
    {"disclosure", "statistics_disclosure", &sql_figure_after_disclosure},
    {"request", "statistics_request", &sql_figure_after_request},
    {"alert", "statistics_alert", &sql_figure_after_alert},
    {"item", "statistics_item", &sql_figure_after_item},
};
#define FILLED "statistics_filled"

static int64_t place_of(const struct db_rows *r, const char *name) {
    for (size_t i = 0; i < r->n; i++)
        if (str_is(db_s(r, i, 0), name))
            return db_i(r, i, 1);
    return 0;
}

static int put(struct work *w, const char *name, int64_t value) {
    return db_exec(w, &sql_figure_place_put, DB_TEXTZ(name), DB_INT(value)) < 0 ? -1 : 0;
}

int figure_fill_again(struct work *w) {
    for (size_t i = 0; i < countof(kinds); i++)
        if (put(w, kinds[i].place, 0) < 0)
            return -1;
    return put(w, FILLED, 0);
}

int figure_progress(struct work *w, int64_t *ret_done, int64_t *ret_total) {
    struct db_rows places, last;
    *ret_done = *ret_total = 0;
    if (db_query(w, &sql_figure_places, &places) < 0)
        return -1;
    if (place_of(&places, FILLED))
        return 0;
    if (db_one(w, &sql_figure_last, &last) <= 0)
        return -1;
    for (size_t i = 0; i < countof(kinds); i++) {
        *ret_done += place_of(&places, kinds[i].place);
        *ret_total += db_i(&last, 0, i);
    }
    return *ret_total > 0;
}

/* One batch of the first kind that is not at its end, with its place. 1 more may be left, 0 all is counted, -1. */
static int batch(struct work *w) {
    struct db_rows places, ids;
    if (db_query(w, &sql_figure_places, &places) < 0)
        return -1;
    if (place_of(&places, FILLED))
        return 0;
    for (size_t i = 0; i < countof(kinds); i++) {
        if (db_query(w, kinds[i].after, &ids, DB_INT(place_of(&places, kinds[i].place)), DB_INT(BATCH)) < 0)
            return -1;
        for (size_t k = 0; k < ids.n; k++)
            if (statistics_touch(w, kinds[i].kind, db_i(&ids, k, 0)) < 0)
                return -1;
        if (ids.n)
            return put(w, kinds[i].place, db_i(&ids, ids.n - 1, 0)) < 0 ? -1 : 1;
    }
    return put(w, FILLED, 1) < 0 ? -1 : 1;
}

static int go_on(struct work *w) {
    if (db_begin(w) < 0)
        return -1;
    if (job_add(w, "statistics_fill", NULL, 0, S("more")) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* Each batch has its own memory and transaction; events followed meanwhile do no harm. */
int statistics_fill(struct work *w, json_t *args) {
    (void)args;
    uint64_t until = clock_mono_ns() + (uint64_t)FILL_MS * 1000000;
    struct arena *own = w->arena;
    int rc = 1;
    while (rc == 1 && clock_mono_ns() < until) {
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        if (db_begin(w) < 0)
            rc = -1;
        else if ((rc = db_try_lock(w, "supervision")) == 1 && (rc = batch(w)) >= 0)
            rc = db_commit(w) < 0 ? -1 : rc;
        else
            db_rollback(w);
        arena_free(w->arena);
        w->arena = own;
    }
    return rc < 0 || (rc == 1 && go_on(w) < 0) ? -1 : 0;
}

/* ── against the records ── */

/* Every subject of a kind: fn gives 1 to stop with 1. */
static int each_subject(struct work *w, size_t i, int (*fn)(struct work *, const char *, int64_t)) {
    int64_t after = 0;
    struct db_rows ids;
    do {
        if (db_query(w, kinds[i].after, &ids, DB_INT(after), DB_INT(BATCH)) < 0)
            return -1;
        for (size_t k = 0; k < ids.n; k++) {
            int rc = fn(w, kinds[i].kind, db_i(&ids, k, 0));
            if (rc)
                return rc;
        }
        after = ids.n ? db_i(&ids, ids.n - 1, 0) : after;
    } while (ids.n == BATCH);
    return 0;
}

int statistics_filled(struct work *w) {
    struct db_rows places;
    return db_query(w, &sql_figure_places, &places) < 0 ? -1 : place_of(&places, FILLED) != 0;
}

/* Figures still being counted, or behind the ledger, are not wrong: there is nothing to hold against them yet. */
static int settled(struct work *w) {
    struct db_rows r;
    struct ledger_head head;
    if (ledger_head(w, &head) < 0 || db_one(w, &sql_figure_caught_up, &r) < 0)
        return -1;
    return db_i(&r, 0, 1) == 1 && (db_null(&r, 0, 0) || db_i(&r, 0, 0) >= head.size - 1);
}

int statistics_recount_check(struct work *w) {
    struct db_rows cells, open;
    int ready = settled(w);
    if (ready <= 0)
        return ready;
    for (size_t i = 0; i < countof(kinds); i++) {
        int rc = each_subject(w, i, figure_differs);
        if (rc)
            return rc;
    }
    if (db_query(w, &sql_figure_wrong, &cells) < 0 || db_query(w, &sql_figure_open_wrong, &open) < 0)
        return -1;
    return cells.n || open.n;
}

int statistics_recount(struct work *w) {
    for (size_t i = 0; i < countof(kinds); i++)
        if (each_subject(w, i, statistics_touch) < 0)
            return -1;
    return db_exec(w, &sql_figure_clear) < 0 || db_exec(w, &sql_figure_open_clear) < 0 ||
                   db_exec(w, &sql_figure_rebuild) < 0 || db_exec(w, &sql_figure_open_rebuild) < 0 ||
                   put(w, FILLED, 1) < 0
               ? -1
               : 0;
}
