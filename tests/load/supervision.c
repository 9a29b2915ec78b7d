/* supervision.c: the live supervision measured on generated duties and events: ./dev bench supervision.
 *
 *   supervision DATABASE DIR DUTIES EVENTS
 * DATABASE and DIR are of a demonstration installation. Open duties with days from a month ago to a year ahead and
 * events of theirs are added; then switching the rule duty-due on over all of them, a tick with nothing due, the time
 * from a committed event and from a moment to the alert, and the recomputation. A plain SELECT of one row by its id is
 * measured in the same run. */
#include "app/app.h"
#include "duty_sql.h"
#include "duty/duty_internal.h"
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAY_MS 86400000LL
enum { BATCH = 500, TICKS = 2000, LATENCIES = 200 };
#define LOAD(id, text, w) static const struct db_statement id = {#id, "load", text, "a fixture", w, UINT32_MAX, 0}
LOAD(others_off, "UPDATE rule SET state = 'off' WHERE code <> 'duty-due'", true);
LOAD(others_watch, "DELETE FROM watch WHERE rule_id IN (SELECT id FROM rule WHERE state = 'off')", true);
LOAD(rule_id, "SELECT id FROM rule WHERE code = 'duty-due'", false);
LOAD(models, "SELECT unit_id, item_id, item_version_id, field_id FROM duty ORDER BY id LIMIT 2000", false);
LOAD(
    sums,
    "SELECT (SELECT COUNT(*) FROM duty WHERE state = 'open'), (SELECT COUNT(*) FROM event), (SELECT MAX(id) FROM duty)",
    false);
LOAD(overdue,
     "SELECT d.id FROM duty d JOIN alert a ON a.subject_kind = 'duty' AND a.subject_id = d.id AND a.state = 'open' "
     "WHERE d.state = 'open' ORDER BY d.id LIMIT $1",
     false);
LOAD(green, "SELECT id FROM duty WHERE state = 'open' AND due_at > $1 ORDER BY id LIMIT $2", false);
LOAD(alert_state, "SELECT state, raised_at FROM alert WHERE subject_id = $1 ORDER BY id DESC LIMIT 1", false);
LOAD(key, "SELECT unit_id, state, due_at FROM duty WHERE id = $1", false);
LOAD(place, "UPDATE supervision_state SET value = $1 WHERE name = 'seq'", true);
LOAD(moment, "UPDATE watch SET next_at = $2 WHERE subject_id = $1", true);
LOAD(moment_left, "SELECT 1 AS there FROM watch WHERE subject_id = $1 AND next_at <= $2", false);

static struct work *w;
static int64_t rule;

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, error_text(&w->error));
    exit(1);
}
#define must(e) ((e) < 0 ? die(#e) : (void)0)

static void renew(void) {
    arena_free(w->arena);
    w->arena = arena_new(1024u * 1024 * 1024);
    w->now = clock_now(&w->config->clock);
}

static double seconds(uint64_t since) {
    return (double)(clock_mono_ns() - since) / 1e9;
}

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void told(const char *what, double *ms, size_t n, double plain) {
    qsort(ms, n, sizeof *ms, by_double);
    printf("%-44s p50 %9.3f  p99 %9.3f ms", what, ms[n / 2], ms[n * 99 / 100]);
    if (plain > 0)
        printf("  %7.1f x plain", ms[n / 2] / plain);
    printf("  (%zu times)\n", n);
    fflush(stdout);
}

/* ── duties and events ── */

static void duties_make(int64_t n) {
    struct db_rows m;
    uint64_t t0 = clock_mono_ns();
    must(db_query(w, &models, &m));
    if (!m.n)
        die("no duties in the installation");
    for (int64_t from = 0; from < n; from += BATCH) {
        struct db_value v[BATCH * DUTY_INSERT_WIDTH];
        struct arena *whole = w->arena;
        w->arena = arena_new(64u * 1024 * 1024);
        int rows = (int)(n - from < BATCH ? n - from : BATCH);
        for (int i = 0; i < rows; i++) {
            int64_t k = from + i;
            size_t r = (size_t)(k * 7919 % (int64_t)m.n);
            day_t due = day_of(w->now) - 30 + (day_t)(k * 31 % 395);
            const struct db_value one[DUTY_INSERT_WIDTH] = {DB_INT(db_i(&m, r, 0)),
                                                            DB_INT(db_i(&m, r, 1)),
                                                            DB_INT(db_i(&m, r, 2)),
                                                            DB_ID(db_i(&m, r, 3)),
                                                            DB_TEXTZ("fixed_date"),
                                                            DB_NULL,
                                                            DB_TEXT(str_printf(w->arena, "load-%lld", (long long)k)),
                                                            DB_INT(0),
                                                            DB_TEXTZ("生成的任务"),
                                                            DB_INT(day_start(due - 60)),
                                                            DB_INT(day_start(due + 1) - 1),
                                                            DB_TEXT(day_str(w->arena, due)),
                                                            DB_TEXTZ("{}"),
                                                            DB_INT(w->now - 60 * DAY_MS)};
            memcpy(v + i * DUTY_INSERT_WIDTH, one, sizeof one);
        }
        must(db_begin(w));
        must(db_exec_many(w, &sql_duty_insert, v, DUTY_INSERT_WIDTH, (size_t)rows));
        must(event_append(w,
                          &(struct event){.room = "duty",
                                          .verb = "created",
                                          .subject_kind = "item",
                                          .subject_id = db_i(&m, 0, 1),
                                          .visibility = EVENT_INTERNAL},
                          NULL));
        must(db_commit(w));
        arena_free(w->arena);
        w->arena = whole;
    }
    must(db_begin(w));
    must(duty_recount(w));
    must(db_commit(w));
    printf("%lld duties made in %.1f s\n", (long long)n, seconds(t0));
}

static void events_make(int64_t n, int64_t duties) {
    uint64_t t0 = clock_mono_ns();
    for (int64_t k = 0; k < n;) {
        renew();
        must(db_begin(w));
        for (int i = 0; i < 1000 && k < n; i++, k++)
            must(event_append(w,
                              &(struct event){.room = "duty",
                                              .verb = "redated",
                                              .subject_kind = "duty",
                                              .subject_id = 1 + k % duties,
                                              .visibility = EVENT_INTERNAL},
                              NULL));
        must(db_commit(w));
        while (ledger_sequence_once(w) > 0)
            ;
    }
    printf("%lld events made in %.1f s\n", (long long)n, seconds(t0));
}

static void quiet(void) { /* what was written before the measurement is not followed: the rule is switched on anew */
    struct ledger_head head;
    must(supervision_pass(w));
    must(ledger_head(w, &head));
    must(db_begin(w));
    must(db_exec(w, &place, DB_INT(head.size - 1)));
    must(db_exec(w, &others_off));
    must(db_exec(w, &others_watch));
    must(db_commit(w));
}

static void settle(void) {
    for (int n = 1; n > 0;) {
        renew();
        while (ledger_sequence_once(w) > 0)
            ;
        must(n = supervision_pass(w));
    }
}

/* ── what is measured ── */

static double plain_key(int64_t ids) {
    static double ms[TICKS];
    struct db_rows r;
    for (int i = 0; i < TICKS; i++) {
        uint64_t t0 = clock_mono_ns();
        must(db_one(w, &key, &r, DB_INT(1 + i * 7919 % ids)));
        ms[i] = seconds(t0) * 1e3;
    }
    told("plain SELECT of one duty by id", ms, TICKS, 0);
    return ms[TICKS / 2];
}

static void ticks(double plain) {
    static double ms[TICKS];
    settle();
    for (int i = 0; i < TICKS; i++) {
        uint64_t t0 = clock_mono_ns();
        int n = supervision_pass(w);
        ms[i] = seconds(t0) * 1e3;
        if (n != 0)
            die("a tick had work");
    }
    told("a tick with nothing due", ms, TICKS, plain);
}

static bool closed(int64_t duty) {
    struct db_rows r;
    return db_one(w, &alert_state, &r, DB_INT(duty)) == 1 && str_is(db_s(&r, 0, 0), "closed");
}

static bool moment_done(int64_t duty) {
    struct db_rows r;
    return db_one(w, &moment_left, &r, DB_INT(duty), DB_INT(w->now)) == 0;
}

static void waive(int64_t duty) {
    must(db_begin(w));
    must(duty_waive(w, duty, S("ND6"), S("生成的任务，免除")));
    must(db_commit(w));
}

static void comes(int64_t duty) {
    must(db_begin(w));
    must(db_exec(w, &moment, DB_INT(duty), DB_INT(w->now)));
    must(db_commit(w));
}

/* The threads of a node at work, as in the server. */
static void latency(const char *what, const struct db_rows *ids, void (*act)(int64_t), bool (*seen)(int64_t)) {
    static double ms[LATENCIES];
    size_t n = 0;
    for (size_t i = 0; i < ids->n && n < LATENCIES; i++, n++) {
        struct arena *whole = w->arena;
        w->arena = arena_new(64u * 1024 * 1024);
        w->now = clock_now(&w->config->clock);
        act(db_i(ids, i, 0));
        uint64_t t0 = clock_mono_ns();
        while (!seen(db_i(ids, i, 0)) && seconds(t0) < 30)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        ms[n] = seconds(t0) * 1e3;
        arena_free(w->arena);
        w->arena = whole;
    }
    if (n)
        told(what, ms, n, 0);
}

static void latencies(struct command_work *cw) {
    struct db_rows red, far;
    char why[300];
    must(db_query(w, &overdue, &red, DB_INT(LATENCIES)));
    must(db_query(w, &green, &far, DB_INT(w->now + 100 * DAY_MS), DB_INT(LATENCIES)));
    if (ledger_start(cw->pool, w->config, why, sizeof why) < 0 ||
        supervision_start(cw->pool, w->config, why, sizeof why) < 0)
        die(why);
    latency("event committed to alert changed", &red, waive, closed);
    latency("moment come to subject looked at", &far, comes, moment_done);
    supervision_stop();
    ledger_stop();
}

static void progress(int64_t done, int64_t total) {
    if (done >= total || done % 50000 < 500)
        fprintf(stderr, "  %lld of %lld\n", (long long)done, (long long)total);
}

static void anew(int64_t n) {
    json_t *list = NULL;
    settle();
    uint64_t t0 = clock_mono_ns();
    int rc = supervision_recompute(w, progress, &list);
    double s = seconds(t0);
    must(rc);
    printf("recomputed in %.1f s, %.0f subjects/s: %s\n", s, (double)n / s, rc ? "DIFFERS" : "agrees, counts too");
    if (rc)
        json_dumpf(json_array_get(list, 0), stdout, 0);
    json_decref(list);
}

int main(int argc, char **argv) {
    struct app_config c;
    struct command_work cw;
    struct db_rows r;
    int64_t n, events;
    if (argc != 5 || str_int(str_z(argv[3]), &n) < 0 || str_int(str_z(argv[4]), &events) < 0)
        return 2;
    log_set_level(LOG_ERROR);
    setenv("MINGTANG_DATABASE", argv[1], 1);
    setenv("MINGTANG_DATA_DIR", argv[2], 1);
    setenv("MINGTANG_SECRET_FILE", str_printf(arena_new(4096), "%s/secret", argv[2]).p, 1);
    if (config_load(&c, NULL) < 0 || command_open(&c, &cw) < 0)
        return 1;
    w = &cw.w;
    must(db_one(w, &rule_id, &r));
    rule = db_i(&r, 0, 0);
    duties_make(n);
    events_make(events, n);
    quiet();
    must(db_one(w, &sums, &r));
    int64_t open = db_i(&r, 0, 0), ids = db_i(&r, 0, 2);
    printf("%lld open duties, %lld events\n", (long long)open, (long long)db_i(&r, 0, 1));
    json_t *args = json_pack("{s:I}", "rule", (json_int_t)rule);
    uint64_t t0 = clock_mono_ns();
    must(supervision_enrol(w, args));
    double s = seconds(t0);
    printf("rule switched on over %lld duties in %.1f s, %.0f/s\n", (long long)ids, s, (double)ids / s);
    json_decref(args);
    double plain = plain_key(ids);
    ticks(plain);
    latencies(&cw);
    anew(ids);
    command_close(&cw);
    return 0;
}
