/* runner.c: the node's threads: one runs jobs, one those that take minutes, one keeps the leases of what runs. */
#include "job/job_internal.h"

#include <pthread.h>

#define LOOK_MS 5000   /* other nodes and processes add jobs without telling us */
#define RENEW_MS 60000 /* a fifth of the lease */

enum { LANES = 2 };
struct lane {
    struct job_context x;
    bool kicked;
    int64_t id, tries; /* the running job; 0 none */
    pthread_t thread;
};
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct lane lanes[LANES];
    bool started, stop;
    pthread_t keeper;
} node = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool going(void) {
    pthread_mutex_lock(&node.mutex);
    bool r = !node.stop;
    pthread_mutex_unlock(&node.mutex);
    return r;
}

static void deadline(struct timespec *ret, int64_t ms) {
    clock_gettime(CLOCK_MONOTONIC, ret);
    int64_t ns = ret->tv_nsec + ms % 1000 * 1000000;
    ret->tv_sec += ms / 1000 + ns / 1000000000;
    ret->tv_nsec = ns % 1000000000;
}

static void wait_kick(struct lane *l, int64_t ms) {
    struct timespec until;
    deadline(&until, ms);
    int r = 0;
    pthread_mutex_lock(&node.mutex);
    while (!node.stop && !l->kicked && r == 0)
        r = pthread_cond_clockwait(&node.changed, &node.mutex, CLOCK_MONOTONIC, &until);
    l->kicked = false;
    pthread_mutex_unlock(&node.mutex);
}

static void *runner_run(void *lane) {
    struct lane *l = lane;
    while (going()) {
        int64_t next = INT64_MAX, ms = LOOK_MS;
        if (job_pass(&l->x, going, &next) >= 0 && next != INT64_MAX) {
            int64_t in = next - clock_now(&l->x.config->clock);
            if (in < ms)
                ms = in < 20 ? 20 : in; /* due, but kept back by another with its key: not a busy loop */
        }
        wait_kick(l, ms);
    }
    return lane;
}

static void *keeper_run(void *nothing) {
    struct timespec until;
    pthread_mutex_lock(&node.mutex);
    while (!node.stop) {
        deadline(&until, RENEW_MS);
        int r = 0;
        while (!node.stop && r == 0)
            r = pthread_cond_clockwait(&node.changed, &node.mutex, CLOCK_MONOTONIC, &until);
        for (int i = 0; i < LANES && !node.stop; i++) {
            int64_t id = node.lanes[i].id, tries = node.lanes[i].tries;
            if (id == 0)
                continue;
            pthread_mutex_unlock(&node.mutex);
            job_renew(&node.lanes[i].x, id, tries); /* failing is logged there; the next minute tries again */
            pthread_mutex_lock(&node.mutex);
        }
    }
    pthread_mutex_unlock(&node.mutex);
    return nothing;
}

void job_running(enum job_lane lane, int64_t id, int64_t tries) {
    struct lane *l = &node.lanes[lane == LANE_SLOW];
    pthread_mutex_lock(&node.mutex);
    l->id = id;
    l->tries = tries;
    pthread_mutex_unlock(&node.mutex);
}

static void stop_threads(int lanes, bool keeper) {
    pthread_mutex_lock(&node.mutex);
    node.stop = true;
    pthread_cond_broadcast(&node.changed);
    pthread_mutex_unlock(&node.mutex);
    for (int i = 0; i < lanes; i++)
        pthread_join(node.lanes[i].thread, NULL);
    if (keeper)
        pthread_join(node.keeper, NULL);
    node.started = false;
}

int job_start(struct db_pool *pool, const struct app_config *c, const struct job_kind *kinds, size_t n) {
    node.stop = false;
    for (int i = 0; i < LANES; i++) {
        struct lane *l = &node.lanes[i];
        *l = (struct lane){.kicked = true};
        job_context_make(&l->x, pool, c, kinds, n, i == 0 ? LANE_QUICK : LANE_SLOW);
        if (pthread_create(&l->thread, NULL, runner_run, l) != 0) {
            stop_threads(i, false);
            return -1;
        }
    }
    if (pthread_create(&node.keeper, NULL, keeper_run, NULL) != 0) {
        stop_threads(LANES, false);
        return -1;
    }
    node.started = true;
    return 0;
}

void job_stop(void) {
    if (node.started)
        stop_threads(LANES, true);
}

void job_kick(void) {
    pthread_mutex_lock(&node.mutex);
    for (int i = 0; i < LANES; i++)
        node.lanes[i].kicked = true;
    pthread_cond_broadcast(&node.changed);
    pthread_mutex_unlock(&node.mutex);
}
