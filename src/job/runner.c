/* runner.c: the node's two threads: one runs jobs, one keeps the lease of the job that runs. */
#include "job/job_internal.h"

#include <pthread.h>

#define LOOK_MS 5000   /* other nodes and processes add jobs without telling us */
#define RENEW_MS 60000 /* a fifth of the lease */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct job_context x;
    bool started, stop, kicked;
    int64_t id, tries; /* the running job; 0 none */
    pthread_t runner, keeper;
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

static void wait_kick(int64_t ms) {
    struct timespec until;
    deadline(&until, ms);
    int r = 0;
    pthread_mutex_lock(&node.mutex);
    while (!node.stop && !node.kicked && r == 0)
        r = pthread_cond_clockwait(&node.changed, &node.mutex, CLOCK_MONOTONIC, &until);
    node.kicked = false;
    pthread_mutex_unlock(&node.mutex);
}

static void *runner_run(void *nothing) {
    while (going()) {
        int64_t next = INT64_MAX, ms = LOOK_MS;
        if (job_pass(&node.x, going, &next) >= 0 && next != INT64_MAX) {
            int64_t in = next - clock_now(&node.x.config->clock);
            if (in < ms)
                ms = in < 20 ? 20 : in; /* due, but kept back by another with its key: not a busy loop */
        }
        wait_kick(ms);
    }
    return nothing;
}

static void *keeper_run(void *nothing) {
    struct timespec until;
    pthread_mutex_lock(&node.mutex);
    while (!node.stop) {
        deadline(&until, RENEW_MS);
        int r = 0;
        while (!node.stop && r == 0)
            r = pthread_cond_clockwait(&node.changed, &node.mutex, CLOCK_MONOTONIC, &until);
        int64_t id = node.id, tries = node.tries;
        if (node.stop || id == 0)
            continue;
        pthread_mutex_unlock(&node.mutex);
        job_renew(&node.x, id, tries); /* failing is logged there; the next minute tries again */
        pthread_mutex_lock(&node.mutex);
    }
    pthread_mutex_unlock(&node.mutex);
    return nothing;
}

void job_running(int64_t id, int64_t tries) {
    pthread_mutex_lock(&node.mutex);
    node.id = id;
    node.tries = tries;
    pthread_mutex_unlock(&node.mutex);
}

int job_start(struct db_pool *pool, const struct app_config *c, const struct job_kind *kinds, size_t n) {
    node.x = (struct job_context){.pool = pool, .config = c, .kinds = kinds, .n = n};
    node.stop = false;
    node.kicked = true;
    if (pthread_create(&node.runner, NULL, runner_run, NULL) != 0)
        return -1;
    if (pthread_create(&node.keeper, NULL, keeper_run, NULL) != 0) {
        node.started = false;
        pthread_mutex_lock(&node.mutex);
        node.stop = true;
        pthread_cond_broadcast(&node.changed);
        pthread_mutex_unlock(&node.mutex);
        pthread_join(node.runner, NULL);
        return -1;
    }
    node.started = true;
    return 0;
}

void job_stop(void) {
    if (!node.started)
        return;
    pthread_mutex_lock(&node.mutex);
    node.stop = true;
    pthread_cond_broadcast(&node.changed);
    pthread_mutex_unlock(&node.mutex);
    pthread_join(node.runner, NULL);
    pthread_join(node.keeper, NULL);
    node.started = false;
}

void job_kick(void) {
    pthread_mutex_lock(&node.mutex);
    node.kicked = true;
    pthread_cond_broadcast(&node.changed);
    pthread_mutex_unlock(&node.mutex);
}
