/* requests.c: the workbench's lists, counts and figures of applications, measured on generated cases: ./dev bench
 * requests.
 *
 *   requests DATABASE DIR [CALLS]
 * DATABASE and DIR are of an installation filled by `mingtang seed --requests`. Every statement is called CALLS times
 * with varying parameters; beside it a plain SELECT of one row by its id, in the same run and interleaved with the
 * others. */
#include "app/app.h"
#include "report/report_internal.h"
#include "request/request_desk.h"
#include "report_sql.h"

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
    "load_units", "load", "SELECT unit_id, COUNT(*) FROM request GROUP BY unit_id ORDER BY 2 DESC", NULL, false,
    UINT32_MAX,   0};
static const struct db_statement open_st = {
    "load_open", "load", "SELECT id FROM request WHERE closed_day IS NULL ORDER BY id LIMIT 10000", NULL, false,
    UINT32_MAX,  0};
static const struct db_statement sums_st = {"load_sums",
                                            "load",
                                            "SELECT (SELECT COUNT(*) FROM request), (SELECT MAX(id) FROM request), "
                                            "(SELECT COUNT(*) FROM event WHERE subject_kind = "
                                            "'request'), (SELECT COUNT(*) FROM request WHERE closed_day IS NULL)",
                                            NULL,
                                            false,
                                            UINT32_MAX,
                                            0};
static const struct db_statement key_st = {
    "load_key", "load", "SELECT number, state, due_at FROM request WHERE id = $1", NULL, false, UINT32_MAX, 0};

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
    printf("%lld cases (%lld open) of %zu organs, the busiest has %lld; %lld events of cases\n",
           (long long)db_i(&r, 0, 0), (long long)db_i(&r, 0, 3), sample.unit_count, (long long)sample.busiest,
           (long long)db_i(&r, 0, 2));
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

static void plain_key(struct work *w) {
    struct db_rows r;
    if (db_one(w, &key_st, &r, DB_INT(any_id())) < 0)
        die(w, "key");
}

static void find(struct work *w, int64_t unit, struct request_wanted x, bool deep) {
    struct db_rows ids;
    struct request *rows;
    enum request_order order;
    x.unit_id = unit;
    x.size = PAGE - 1;
    x.key = x.id = INT64_MAX;
    if (deep)
        x.id = any_id();
    if (request_find(w, &x, &ids, &order) < 0 ||
        request_rows(w, request_ids(w, &ids), ids.n < PAGE ? ids.n : PAGE - 1, &rows) < 0)
        die(w, "list");
}

static void list_open_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){0}, false);
}
static void list_open_city(struct work *w) {
    find(w, 0, (struct request_wanted){0}, false);
}
static struct str any_state(void) {
    static const char *const states[] = {"submitted", "registered", "working",   "consulting", "drafting",
                                         "signing",   "replied",    "delivered", "archived",   "split"};
    return str_z(states[dice(countof(states))]);
}
static void list_state_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.state = any_state()}, false);
}
static void list_state_city(struct work *w) {
    find(w, 0, (struct request_wanted){.state = any_state()}, false);
}
static void list_all_unit_deep(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.all = true}, true);
}
static void list_all_city_deep(struct work *w) {
    find(w, 0, (struct request_wanted){.all = true}, true);
}

/* The cases behind a cell of the annual table: rows of one outcome and of two, frequent and rare. */
static struct request_wanted cell(struct work *w) {
    static const char *const rows[][2] = {{"R01", "R02"},     {"R06", "R07"}, {"R03", "R03"},
                                          {"R04.1", "R04.1"}, {"R13", "R13"}, {"R17", "R18"}};
    const char *const *o = rows[dice(countof(rows))];
    int year = any_year();
    return (struct request_wanted){.closed_from = str_printf(w->arena, "%d-01-01", year),
                                   .closed_to = str_printf(w->arena, "%d-12-31", year),
                                   .matter = S("access"),
                                   .outcomes = {str_z(o[0]), str_z(o[1]), str_z(o[0]), str_z(o[0])}};
}
static void found_cell_unit(struct work *w) {
    find(w, any_unit(), cell(w), false);
}
static void found_cell_city(struct work *w) {
    find(w, 0, cell(w), false);
}
static struct request_wanted received(struct work *w) {
    static const char *const columns[] = {"", "person", "company", "research"};
    int year = any_year();
    return (struct request_wanted){.from = str_printf(w->arena, "%d-01-01", year),
                                   .to = str_printf(w->arena, "%d-12-31", year),
                                   .matter = S("access"),
                                   .applicant = str_z(columns[dice(countof(columns))])};
}
static void found_received_unit(struct work *w) {
    find(w, any_unit(), received(w), false);
}
static void found_received_city(struct work *w) {
    find(w, 0, received(w), false);
}
static struct request_wanted carried(struct work *w) { /* 结转下年度继续办理 */
    struct str last = str_printf(w->arena, "%d-12-31", any_year());
    return (struct request_wanted){.to = last, .open_after = last, .matter = S("access")};
}
static void found_carried_unit(struct work *w) {
    find(w, any_unit(), carried(w), false);
}
static void found_carried_city(struct work *w) {
    find(w, 0, carried(w), false);
}
static void found_late_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.late = true}, false);
}
static void found_late_year_city(struct work *w) {
    struct request_wanted x = received(w);
    x.late = true;
    find(w, 0, x, false);
}
static void found_channel_city(struct work *w) {
    static const char *const channels[] = {"internet", "in_person", "fax"};
    find(w, 0, (struct request_wanted){.channel = str_z(channels[dice(countof(channels))])}, false);
}
static void found_remedy_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.remedy = S("suit")}, false);
}
static void found_correction_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.matter = S("correction")}, false);
}
static void found_words_unit(struct work *w) {
    find(w, any_unit(), (struct request_wanted){.text = str_printf(w->arena, "（%u号地块）", dice(1000))}, false);
}
static void found_words_city(struct work *w) {
    find(w, 0, (struct request_wanted){.text = str_printf(w->arena, "（%u号地块）", dice(1000))}, false);
}
static void found_applicant(struct work *w) {
    struct str who = str_printf(w->arena, "P%u", dice(20)); /* those who ask again and again */
    find(w, 0, (struct request_wanted){.text = who}, false);
}

static void count_unit(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_request_count_open, &r, DB_INT(any_unit())) < 0)
        die(w, "count");
}
static void count_city(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_request_count_open_all, &r) < 0)
        die(w, "count");
}
static void waiting(struct work *w, bool all) {
    struct actor kept = w->actor;
    w->actor.all_units = all;
    w->actor.unit_id = any_unit();
    json_t *list = request_waiting(w, 40);
    w->actor = kept;
    if (!list)
        die(w, "waiting");
    json_decref(list);
}
static void waiting_unit(struct work *w) {
    waiting(w, false);
}
static void waiting_city(struct work *w) {
    waiting(w, true);
}
static void tick(struct work *w) { /* what request_tick() asks when nothing is due */
    struct db_rows r;
    if (db_query(w, &sql_request_older_calendar, &r, DB_INT(calendar_version()), DB_INT(500)) < 0 ||
        db_query(w, &sql_request_due_now, &r, DB_INT(w->now - 86400000LL), DB_INT(500)) < 0 ||
        db_query(w, &sql_request_to_erase, &r, DB_INT(w->now - 3650 * 86400000LL), DB_INT(500)) < 0)
        die(w, "tick");
}
static void case_page(struct work *w) {
    struct request c;
    if (request_get(w, dice(2) ? any_id() : sample.open[dice((uint32_t)sample.open_count)], &c) < 0)
        die(w, "case");
    json_decref(request_page_model(w, &c));
}
static void report_unit(struct work *w) {
    struct figures f;
    if (figures_count(w, any_unit(), any_year(), &f) < 0)
        die(w, "figures");
}
static void report_city(struct work *w) {
    struct figures f, sum = {0};
    int year = any_year();
    for (size_t i = 0; i < sample.unit_count; i++) {
        if (figures_count(w, sample.units[i], year, &f) < 0)
            die(w, "figures");
        figures_add(&sum, &f);
    }
}
static void statistics_unit(struct work *w) {
    struct db_rows r;
    int year = any_year();
    if (db_query(w, &sql_statistics_cases, &r, DB_INT(any_unit()), DB_TEXT(str_printf(w->arena, "%d-01-01", year)),
                 DB_TEXT(str_printf(w->arena, "%d-12-31", year)), DB_INT(w->now)) < 0)
        die(w, "statistics");
}

/* ── measuring ── */

static const struct measured {
    const char *name;
    void (*call)(struct work *w);
    bool list;  /* must keep the aim of lists */
    int divide; /* called so many times less */
} all[] = {
    {"plain SELECT of one row by id", plain_key, false, 1},
    {"open cases of a unit", list_open_unit, true, 1},
    {"open cases of the city", list_open_city, true, 1},
    {"one state, a unit", list_state_unit, true, 1},
    {"one state, the city", list_state_city, true, 1},
    {"all cases of a unit, paged deep", list_all_unit_deep, true, 1},
    {"all cases of the city, paged deep", list_all_city_deep, true, 1},
    {"cell of the annual table, a unit", found_cell_unit, true, 1},
    {"cell of the annual table, the city", found_cell_city, true, 1},
    {"received in a year, a unit", found_received_unit, true, 1},
    {"received in a year, the city", found_received_city, true, 1},
    {"carried to the next year, a unit", found_carried_unit, true, 1},
    {"carried to the next year, the city", found_carried_city, true, 1},
    {"late replies, a unit", found_late_unit, true, 1},
    {"late replies of a year, the city", found_late_year_city, true, 1},
    {"by channel, the city", found_channel_city, true, 1},
    {"with a suit, a unit", found_remedy_unit, true, 1},
    {"corrections, a unit", found_correction_unit, true, 1},
    {"one applicant's cases", found_applicant, true, 1},
    {"words in the title, a unit", found_words_unit, false, 3},
    {"words in the title, the city", found_words_city, false, 30},
    {"what waits, a unit's post", waiting_unit, true, 1},
    {"what waits, the city's post", waiting_city, true, 1},
    {"counts by state, a unit", count_unit, false, 1},
    {"counts by state, the city", count_city, false, 1},
    {"tick with nothing due", tick, false, 1},
    {"a case's page, without HTML", case_page, false, 1},
    {"annual report of a unit", report_unit, false, 1},
    {"annual report of the city", report_city, false, 30},
    {"statistics of a unit and year", statistics_unit, false, 1},
};

static double own_cpu(void) { /* seconds; on SQLite all the work there is, whatever else the machine does */
    struct timespec x;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &x);
    return (double)x.tv_sec + (double)x.tv_nsec / 1e9;
}

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int print_one(const struct measured *m, double *t, double *cpu, int n, double plain) {
    qsort(t, (size_t)n, sizeof *t, by_double);
    qsort(cpu, (size_t)n, sizeof *cpu, by_double);
    double p99 = t[n * 99 / 100];
    printf("%-36s p50 %9.3f  p95 %9.3f  p99 %9.3f ms  %7.1f x plain  own CPU p99 %8.3f ms  (%d calls)%s\n", m->name,
           t[n / 2], t[n * 95 / 100], p99, t[n / 2] / plain, cpu[n * 99 / 100], n,
           m->list && p99 >= 50 ? "  ABOVE THE AIM" : "");
    fflush(stdout);
    return m->list && p99 >= 50;
}

int main(int argc, char **argv) {
    struct app_config c;
    struct command_work cw;
    static double t[countof(all)][CALLS_MAX], cpu[countof(all)][CALLS_MAX];
    int calls = argc > 3 ? (int)strtol(argv[3], NULL, 10) : CALLS, above = 0;
    if (argc < 3 || calls < 30 || calls > CALLS_MAX)
        return 2;
    log_set_level(LOG_ERROR);
    setenv("MINGTANG_DATABASE", argv[1], 1);
    setenv("MINGTANG_DATA_DIR", argv[2], 1);
    setenv("MINGTANG_SECRET_FILE", str_printf(arena_new(4096), "%s/secret", argv[2]).p, 1);
    if (config_load(&c, NULL) < 0 || command_open(&c, &cw) < 0)
        return 1;
    sample_read(&cw.w);
    for (int k = 0; k < calls; k++) /* interleaved: a busy moment of the machine falls on all alike */
        for (size_t i = 0; i < countof(all); i++)
            if (k % all[i].divide == 0) {
                renew(&cw.w);
                double c0 = own_cpu();
                uint64_t t0 = clock_mono_ns();
                all[i].call(&cw.w);
                t[i][k / all[i].divide] = (double)(clock_mono_ns() - t0) / 1e6;
                cpu[i][k / all[i].divide] = (own_cpu() - c0) * 1e3;
            }
    double plain = 0;
    for (size_t i = 0; i < countof(all); i++) {
        int n = (calls + all[i].divide - 1) / all[i].divide;
        if (i == 0) {
            qsort(t[0], (size_t)n, sizeof t[0][0], by_double);
            plain = t[0][n / 2];
        }
        above += print_one(&all[i], t[i], cpu[i], n, plain);
    }
    printf("lists above the aim of 50 ms at p99: %d\n", above);
    command_close(&cw);
    return 0;
}
