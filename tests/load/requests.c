/* requests.c: the workbench's lists, counts and figures of applications, measured on generated cases: ./dev bench requests.
 *
 *   requests DATABASE DIR [CALLS]
 * DATABASE and DIR are of an installation filled by `mingtang seed --requests`. Every statement is called CALLS times with
 * varying parameters; beside it a plain SELECT of one row by its id, in the same run and interleaved with the others. */
#include "app/app.h"
#include "report/report_internal.h"
#include "request/request_desk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 51, CALLS = 300, CALLS_MAX = 2000 };

static uint64_t seed = 20261128;
static uint32_t dice(uint32_t n) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)((seed >> 33) % n);
}

static void die(struct work *w, const char *what) {
    fprintf(stderr, "%s: %s\n", what, error_text(&w->error));
    exit(1);
}

static void renew(struct work *w) {
    arena_free(w->arena);
    w->arena = arena_new(256u * 1024 * 1024);
    error_clear(w);
}

/* ── what the parameters vary over ── */

static struct {
    int64_t *units, *open; /* units: the busiest first; open: ids of open cases */
    size_t unit_count, open_count;
    int64_t ids, busiest;
    int year;
} sample;

static const struct db_statement units_st = {
    "load_units", "load", "SELECT unit_id, COUNT(*) FROM request GROUP BY unit_id ORDER BY 2 DESC", NULL, false, UINT32_MAX, 0};
static const struct db_statement open_st = {
    "load_open", "load", "SELECT id FROM request WHERE closed_day IS NULL ORDER BY id LIMIT 10000", NULL, false, UINT32_MAX, 0};
static const struct db_statement sums_st = {
    "load_sums", "load",
    "SELECT (SELECT COUNT(*) FROM request), (SELECT MAX(id) FROM request), (SELECT COUNT(*) FROM event WHERE subject_kind = "
    "'request'), (SELECT COUNT(*) FROM request WHERE closed_day IS NULL)",
    NULL, false, UINT32_MAX, 0};
static const struct db_statement analyze_st = {"load_analyze", "load", "ANALYZE", "statistics", true, UINT32_MAX, 0};
static const struct db_statement key_st = {"load_key", "load", "SELECT number, state, due_at FROM request WHERE id = $1", NULL, false,
                                           UINT32_MAX, 0};

static int64_t *column(const struct db_rows *r, size_t *n) {
    int64_t *list = calloc(r->n + 1, sizeof *list);
    for (size_t i = 0; list && i < r->n; i++)
        list[i] = db_i(r, i, 0);
    *n = r->n;
    return list;
}

static void sample_read(struct work *w) {
    struct db_rows r;
    int month, day;
    if (db_begin(w) < 0 || db_exec(w, &analyze_st) < 0 || db_commit(w) < 0)
        die(w, "analyze");
    if (db_query(w, &units_st, &r) < 0 || !r.n)
        die(w, "no cases: run mingtang seed --requests first");
    sample.units = column(&r, &sample.unit_count);
    sample.busiest = db_i(&r, 0, 1);
    if (db_query(w, &open_st, &r) < 0 || !r.n)
        die(w, "no open cases");
    sample.open = column(&r, &sample.open_count);
    if (db_one(w, &sums_st, &r) != 1)
        die(w, "sums");
    sample.ids = db_i(&r, 0, 1);
    day_split(work_today(w), &sample.year, &month, &day);
    printf("%lld cases (%lld open) of %zu organs, the busiest has %lld; %lld events of cases\n", (long long)db_i(&r, 0, 0),
           (long long)db_i(&r, 0, 3), sample.unit_count, (long long)sample.busiest, (long long)db_i(&r, 0, 2));
}

static int64_t any_unit(void) { /* as cases fall on them: the busy ones are asked for more often */
    double u = (double)dice(1000000) / 1e6;
    return sample.units[(size_t)(u * u * (double)sample.unit_count)];
}
static int64_t any_id(void) {
    return 1 + (int64_t)((uint64_t)dice(1u << 30) * (uint64_t)sample.ids >> 30);
}
static int any_year(void) {
    return sample.year - (int)dice(5);
}

/* ── what is called ── */

static void list_of(struct work *w, int64_t unit, const struct request_wanted *asked) {
    struct request_wanted x = *asked;
    struct request *rows;
    size_t n;
    x.unit_id = unit;
    x.size = PAGE - 1;
    if (request_list(w, &x, &rows, &n) < 0)
        die(w, "list");
}

static void plain_key(struct work *w) {
    struct db_rows r;
    if (db_one(w, &key_st, &r, DB_INT(any_id())) < 0)
        die(w, "key");
}
