/* test_job.c: the queue on both engines, with time injected. */
#include "unit_db.h"

#include "job/job.h"
#include <pthread.h>
#include <stdatomic.h>

#define NOON 1790000000000LL
#define MINUTE 60000LL

static struct unit_db unit;
static struct app_config config;
static _Atomic int runs, failures_left;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char last_args[200];

static int job_count(struct work *w, json_t *args) {
    (void)w;
    pthread_mutex_lock(&mutex);
    snprintf(last_args, sizeof last_args, "%s", json_string_value(json_object_get(args, "题")) ?: "");
    runs++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return 0;
}

static int job_fails(struct work *w, json_t *args) {
    (void)args;
    runs++;
    if (failures_left > 0) {
        failures_left--;
        return fail(w, ERR_INVALID, "短信网关没有回应");
    }
    return 0;
}

static int job_leaves_open(struct work *w, json_t *args) {
    (void)args;
    runs++;
    return db_begin(w);
}

/* Ends only after "count" has run: it would never end if the other waited for it. */
static int job_waits_for_the_other(struct work *w, json_t *args) {
    struct timespec until;
    (void)w;
    (void)args;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    int r = 0;
    pthread_mutex_lock(&mutex);
    while (runs == 0 && r == 0)
        r = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    return r == 0 ? 0 : fail(w, ERR_BUSY, "the other did not run");
}

static const struct job_kind kinds[] = {
    {"count", "计数", job_count, 3, 0, false},
    {"fails", "失败", job_fails, 3, 0, false},
    {"open", "不收尾", job_leaves_open, 1, 0, false},
    {"slow", "几分钟", job_waits_for_the_other, 1, 0, true},
};
static const struct job_kind recurring[] = {
    {"count", "计数", job_count, 3, 600, false},
};

static int fresh(enum db_engine engine) {
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 12);
    unit_db_migrate(&unit);
    config = (struct app_config){.clock = {NOON}};
    runs = failures_left = 0;
    return 0;
}

static int fresh_sqlite(void **state) {
    (void)state;
    return fresh(DB_SQLITE);
}

static int fresh_postgresql(void **state) {
    (void)state;
    return fresh(DB_POSTGRESQL);
}

static int gone(void **state) {
    (void)state;
    unit_db_remove(&unit);
    return 0;
}

static void add(const char *kind, const char *text, int64_t run_at, const char *key) {
    struct work w;
    unit_work_open(&w, &unit);
    w.now = config.clock.fixed_ms;
    assert_int_equal(db_begin(&w), 0);
    json_t *args = text ? json_pack("{s:s}", "题", text) : NULL;
    assert_int_equal(job_add(&w, kind, args, run_at, str_z(key)), 0);
    json_decref(args);
    assert_int_equal(db_commit(&w), 0);
    unit_work_close(&w);
}

/* One pass at an instant. */
static int run_at(int64_t now, const struct job_kind *k, size_t n) {
    struct work w;
    unit_work_open(&w, &unit);
    w.now = now;
    w.config = &config;
    int r = job_run_due(&w, k, n);
    unit_work_close(&w);
    return r;
}

/* "state:tries:error" of the newest job of a kind. */
static const char *state_of(const char *kind) {
    static char out[300];
    struct work w;
    unit_work_open(&w, &unit);
    json_t *all = job_list(&w, 100), *j;
    size_t i;
    out[0] = 0;
    json_array_foreach(all, i, j) if (!out[0] && strcmp(json_string_value(json_object_get(j, "kind")), kind) == 0)
        snprintf(out, sizeof out, "%s:%d:%s", json_string_value(json_object_get(j, "state")),
                 (int)json_integer_value(json_object_get(j, "tries")), json_string_value(json_object_get(j, "error")));
    json_decref(all);
    unit_work_close(&w);
    return out;
}

static void a_job_runs_once_with_its_arguments(void **state) {
    (void)state;
    add("count", "如皋", 0, "");
    assert_string_equal(state_of("count"), "waiting:0:");
    assert_true(run_at(NOON, kinds, countof(kinds)) >= 1);
    assert_int_equal(runs, 1);
    assert_string_equal(last_args, "如皋");
    assert_string_equal(state_of("count"), "done:1:");
    run_at(NOON + MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 1);
}

static void a_later_job_waits_for_its_instant(void **state) {
    (void)state;
    add("count", NULL, NOON + MINUTE, "");
    run_at(NOON + MINUTE - 1, kinds, countof(kinds));
    assert_int_equal(runs, 0);
    run_at(NOON + MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 1);
}

static void jobs_of_one_key_are_queued_once(void **state) {
    (void)state;
    add("count", "一", NOON + 5 * MINUTE, "unit-1");
    add("count", "二", NOON + MINUTE, "unit-1");
    add("count", "三", NOON + 9 * MINUTE, "unit-1");
    add("count", "四", NOON + 5 * MINUTE, "unit-2");
    run_at(NOON + MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 1); /* moved forward, the first arguments kept */
    assert_string_equal(last_args, "一");
    run_at(NOON + 10 * MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 2);
    add("count", "五", 0, "unit-1");
    run_at(NOON + 10 * MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 3);
}

static void a_failing_job_is_tried_again_after_growing_pauses(void **state) {
    (void)state;
    failures_left = 2;
    add("fails", NULL, 0, "");
    run_at(NOON, kinds, countof(kinds));
    assert_string_equal(state_of("fails"), "waiting:1:短信网关没有回应");
    run_at(NOON + 29999, kinds, countof(kinds));
    assert_int_equal(runs, 1);
    run_at(NOON + 30000, kinds, countof(kinds));
    assert_int_equal(runs, 2);
    run_at(NOON + 30000 + 119999, kinds, countof(kinds));
    assert_int_equal(runs, 2);
    run_at(NOON + 30000 + 120000, kinds, countof(kinds));
    assert_int_equal(runs, 3);
    assert_string_equal(state_of("fails"), "done:3:");
}

static void after_its_tries_a_job_stays_failed_until_someone_acts(void **state) {
    (void)state;
    failures_left = 3;
    add("fails", NULL, 0, "");
    for (int day = 0; day < 5; day++)
        run_at(NOON + day * 24 * 60 * MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 3);
    assert_string_equal(state_of("fails"), "failed:3:短信网关没有回应");
    struct work w;
    unit_work_open(&w, &unit);
    json_t *all = job_list(&w, 10);
    int64_t id = json_integer_value(json_object_get(json_array_get(all, 0), "id"));
    json_decref(all);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(job_again(&w, id), 0);
    assert_int_equal(job_again(&w, id), -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
    assert_int_equal(db_commit(&w), 0);
    unit_work_close(&w);
    run_at(NOON + 6 * 24 * 60 * MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 4);
}

static void a_retry_gives_way_to_a_newer_job_of_its_key(void **state) {
    (void)state;
    failures_left = 1;
    add("fails", NULL, 0, "k");
    run_at(NOON, kinds, countof(kinds));
    assert_string_equal(state_of("fails"), "waiting:1:短信网关没有回应");
    add("fails", NULL, 0, "k"); /* moves the waiting one forward */
    run_at(NOON, kinds, countof(kinds));
    assert_int_equal(runs, 2);
    assert_string_equal(state_of("fails"), "done:2:");
}

static void an_unknown_kind_or_an_open_transaction_is_a_failure(void **state) {
    (void)state;
    add("nothing", NULL, 0, "");
    add("open", NULL, 0, "");
    run_at(NOON, kinds, countof(kinds));
    assert_non_null(strstr(state_of("nothing"), "failed:1:未知的任务类型"));
    assert_string_equal(state_of("open"), "failed:1:任务没有结束自己的事务");
}

static void a_recurring_kind_runs_each_period_and_does_not_pile_up(void **state) {
    (void)state;
    run_at(NOON, recurring, 1);
    assert_int_equal(runs, 1);
    run_at(NOON + 10 * MINUTE - 1, recurring, 1);
    assert_int_equal(runs, 1);
    run_at(NOON + 10 * MINUTE, recurring, 1);
    assert_int_equal(runs, 2);
    run_at(NOON + 500 * MINUTE, recurring, 1); /* after a long stop: once */
    assert_int_equal(runs, 3);
}

static void an_undone_transaction_queues_nothing(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(job_add(&w, "count", NULL, 0, STR_NONE), 0);
    db_rollback(&w);
    unit_work_close(&w);
    run_at(NOON, kinds, countof(kinds));
    assert_int_equal(runs, 0);
}

/* A job taken by a node that died is taken again when the lease has run out. */
static void the_job_of_a_dead_node_is_taken_over(void **state) {
    (void)state;
    static const struct db_statement die = {
        "die", "test", "UPDATE job SET state = 'running', tries = 1, lease_until = $1", "a test", true, UINT32_MAX, 0};
    struct work w;
    add("count", NULL, 0, "");
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_exec(&w, &die, DB_INT(NOON + 5 * MINUTE)), 1);
    assert_int_equal(db_commit(&w), 0);
    unit_work_close(&w);
    run_at(NOON + 5 * MINUTE, kinds, countof(kinds));
    assert_int_equal(runs, 0);
    run_at(NOON + 5 * MINUTE + 1, kinds, countof(kinds));
    assert_int_equal(runs, 1);
    assert_string_equal(state_of("count"), "done:2:");
}

static void *pass_beside(void *arg) {
    (void)arg;
    for (int i = 0; i < 20; i++)
        run_at(NOON, kinds, countof(kinds));
    return NULL;
}

static void several_nodes_run_each_job_once(void **state) {
    (void)state;
    enum { JOBS = 60 };
    for (int i = 0; i < JOBS; i++)
        add("count", NULL, 0, "");
    pthread_t t[4];
    for (size_t i = 0; i < countof(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, pass_beside, NULL), 0);
    for (size_t i = 0; i < countof(t); i++)
        pthread_join(t[i], NULL);
    run_at(NOON, kinds, countof(kinds));
    assert_int_equal(runs, JOBS);
}

static void the_runner_is_woken_by_a_commit_and_stops_cleanly(void **state) {
    (void)state;
    config.clock.fixed_ms = NOON;
    assert_int_equal(job_start(unit.pool, &config, kinds, countof(kinds)), 0);
    add("count", "醒来", 0, "");
    pthread_mutex_lock(&mutex);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    int r = 0;
    while (runs == 0 && r == 0)
        r = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    job_stop();
    job_stop();
    assert_int_equal(runs, 1);
    assert_string_equal(state_of("count"), "done:1:");
}

static void a_slow_job_keeps_no_other_waiting(void **state) {
    (void)state;
    config.clock.fixed_ms = NOON;
    add("slow", "先来", 0, "");
    assert_int_equal(job_start(unit.pool, &config, kinds, countof(kinds)), 0);
    struct timespec nap = {0, 300000000};
    nanosleep(&nap, NULL);
    add("count", "后到", 0, "");
    nap.tv_nsec = 50000000;
    for (int i = 0; i < 200 && strncmp(state_of("slow"), "done", 4) != 0 && strncmp(state_of("slow"), "failed", 6) != 0;
         i++)
        nanosleep(&nap, NULL);
    job_stop();
    assert_string_equal(state_of("slow"), "done:1:");
    assert_string_equal(state_of("count"), "done:1:");
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, setup, gone)
static int run_on(const char *name, int (*setup)(void **)) {
    const struct CMUnitTest tests[] = {
        BOTH(a_job_runs_once_with_its_arguments),
        BOTH(a_later_job_waits_for_its_instant),
        BOTH(jobs_of_one_key_are_queued_once),
        BOTH(a_failing_job_is_tried_again_after_growing_pauses),
        BOTH(after_its_tries_a_job_stays_failed_until_someone_acts),
        BOTH(a_retry_gives_way_to_a_newer_job_of_its_key),
        BOTH(an_unknown_kind_or_an_open_transaction_is_a_failure),
        BOTH(a_recurring_kind_runs_each_period_and_does_not_pile_up),
        BOTH(an_undone_transaction_queues_nothing),
        BOTH(the_job_of_a_dead_node_is_taken_over),
        BOTH(several_nodes_run_each_job_once),
        BOTH(the_runner_is_woken_by_a_commit_and_stops_cleanly),
        BOTH(a_slow_job_keeps_no_other_waiting),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR);
    int failed = run_on("SQLite", fresh_sqlite);
    if (getenv("MINGTANG_TEST_PG"))
        failed += run_on("PostgreSQL", fresh_postgresql);
    return failed;
}
