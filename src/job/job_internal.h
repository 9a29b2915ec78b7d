/* job_internal.h: between the queue's verbs (job.c) and the node's threads (runner.c). */
#ifndef MINGTANG_JOB_INTERNAL_H
#define MINGTANG_JOB_INTERNAL_H

#include "job/job.h"

struct job_context {
    struct db_pool *pool;
    const struct app_config *config;
    const struct job_kind *kinds;
    size_t n;
    enum job_lane { LANE_ALL, LANE_QUICK, LANE_SLOW } lane;
    char slow[200]; /* names of the slow kinds: ",ocr," */
    int64_t now;    /* fixed instant of a pass; 0: the clock's, read anew for each step */
};
/* A work of our own: fresh arena, a connection, the system as actor. */
int job_work_open(struct work *w, const struct job_context *x);
void job_work_close(struct work *w);
/* Queues recurring jobs that are due and runs due jobs one after the other while go_on (NULL: always). Jobs run, or -1.
 * *ret_next: when the next one is due, INT64_MAX when none is known. */
int job_pass(struct job_context *x, bool (*go_on)(void), int64_t *ret_next);
int job_renew(const struct job_context *x, int64_t id, int64_t tries);
void job_running(enum job_lane lane, int64_t id, int64_t tries); /* runner.c: whose lease to keep; 0 none */
void job_context_make(struct job_context *ret, struct db_pool *pool, const struct app_config *c,
                      const struct job_kind *kinds, size_t n, enum job_lane lane);
#endif
