/* job.h: a queue in the database: leased rows, retries, schedules; per node one runner thread, and one for slow kinds.
 */
#ifndef MINGTANG_JOB_H
#define MINGTANG_JOB_H
#include "base/base.h"
#include "db/db.h"
#include <jansson.h>

/* A job's function runs in its own work (actor: the system, every unit) with its own transaction handling. 0 done; -1
 * retried with growing pauses (w->error kept as the reason), at most `tries` times, then left as failed for a person to
 * see. */
typedef int job_fn(struct work *w, json_t *args);
struct job_kind {
    const char *name, *label;
    job_fn *fn;
    int tries;
    int every_seconds; /* > 0: also runs by itself this often (one node at a time) */
    bool slow;         /* minutes: runs beside the others, in a thread for such kinds; never a recurring one */
};
/* Queues inside the open transaction. run_at in ms UTC (0: now). A non-empty unique key keeps one waiting job of that
 * kind and key. */
int job_add(struct work *w, const char *kind, json_t *args, int64_t run_at,
            struct str unique_key); /* args borrowed, may be NULL */
int job_start(struct db_pool *pool, const struct app_config *c, const struct job_kind *kinds, size_t n);
void job_stop(void); /* finishes the running job */
void job_kick(void); /* look now */
int job_run_due(struct work *w, const struct job_kind *kinds,
                size_t n);                   /* one pass, for tests and commands: jobs run */
json_t *job_list(struct work *w, int limit); /* failed ones first. New reference, NULL on error */
int job_again(struct work *w, int64_t id);   /* a failed job gets its tries anew; inside the open transaction */
#endif
