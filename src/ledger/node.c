/* node.c: this node's sequencer thread: kicked after commits, told by other nodes, and polling besides.
 *
 * Waiting is by tickets, not by event ids: ids are given before the commit, so a smaller one may become visible
 * later. ledger_settled() takes a ticket; the thread notes the last ticket before it starts to look, and settles it
 * once a look that began after it found nothing left. Every event committed before the ticket was then seen.
 * The thread keeps one connection for itself: requests that wait for it may hold all the others. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#include <pthread.h>
#include <stdatomic.h>

#define POLL_MS 1000 /* a command-line tool writing to the same file is seen this soon */
#define BUSY_MS 5    /* another node is sequencing: look again */
#define RETRY_MS 500 /* after an error */
#define SETTLE_MS 2000

static struct {
    pthread_mutex_t mutex; /* of all below but generation */
    pthread_cond_t wake, settled;
    pthread_t thread;
    struct db_pool *pool;
    const struct app_config *config;
    bool ready, running, stopping, kicked;
    uint64_t wanted, done; /* tickets */
    _Atomic uint64_t generation;
} node = {.mutex = PTHREAD_MUTEX_INITIALIZER};

uint64_t ledger_generation(void) {
    return atomic_load_explicit(&node.generation, memory_order_acquire);
}

/* Never back: two threads may read the state in one order and tell of it in the other, and a page kept under an older
 * generation would be shown again. */
void ledger_set_generation(int64_t public_size) {
    uint64_t known = atomic_load_explicit(&node.generation, memory_order_acquire), now = (uint64_t)public_size;
    while (known < now && !atomic_compare_exchange_weak_explicit(&node.generation, &known, now, memory_order_acq_rel,
                                                                 memory_order_acquire))
        ;
}

void ledger_generation_reset(void) {
    atomic_store_explicit(&node.generation, 0, memory_order_release);
}

void ledger_kick(void *unused) {
    (void)unused;
    pthread_mutex_lock(&node.mutex);
    node.kicked = true;
    if (node.running)
        pthread_cond_signal(&node.wake);
    pthread_mutex_unlock(&node.mutex);
}

/* What numbered itself leaves the thread asleep: awake, it would only take the processor and the database's locks from
 * the answer that is about to be given. */
void ledger_committed(void *work) {
    const struct work *w = work;
    if (w->numbered)
        ledger_set_generation(w->numbered);
    else
        ledger_kick(NULL);
}

static void on_notice(void *ctx, struct str payload) {
    (void)payload;
    ledger_kick(ctx);
}

static struct timespec after_ms(int ms) {
    uint64_t t = clock_mono_ns() + (uint64_t)ms * 1000000;
    return (struct timespec){(time_t)(t / 1000000000), (long)(t % 1000000000)};
}

/* What one round left: nothing waiting, the lock held elsewhere, or an error. */
enum round_result { ROUND_CLEAR, ROUND_BUSY, ROUND_FAILED };

static enum round_result round_run(struct work *w) {
    struct db_rows r;
    if (db_one(w, &sql_ledger_poll, &r) != 1)
        return ROUND_FAILED;
    int64_t public_size = db_i(&r, 0, 1);
    ledger_set_generation(public_size);
    int n = db_null(&r, 0, 2) ? 0 : LEDGER_BATCH;
    /* Full batches mean that more may wait; a busy lock may hide events committed meanwhile. */
    while (n == LEDGER_BATCH)
        n = ledger_pass(w, &public_size);
    if (n == PASS_FAILED)
        return ROUND_FAILED;
    if (n == PASS_BUSY)
        return ROUND_BUSY;
    ledger_set_generation(public_size);
    return ROUND_CLEAR;
}

/* One round in memory of its own; says an error once, not every second. */
static enum round_result round_guarded(struct work *w, enum round_result before) {
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    w->now = clock_now(&node.config->clock);
    error_clear(w);
    enum round_result r = ROUND_FAILED;
    if (w->db || db_attach(w, node.pool) == 0)
        r = round_run(w);
    if (r == ROUND_FAILED) {
        char quoted[500];
        if (before != ROUND_FAILED)
            log_line(LOG_ERROR, "sequencer_failed", "reason=%s",
                     log_quote(quoted, sizeof quoted, str_z(error_text(&w->error))));
        if (w->db)
            db_detach(w);
        w->db = NULL;
    } else if (before == ROUND_FAILED) {
        log_line(LOG_INFO, "sequencer_resumed", "generation=%llu", (unsigned long long)ledger_generation());
    }
    arena_free(w->arena);
    w->arena = NULL;
    return r;
}

/* Sleeps until kicked, stopped or due. Returns the ticket to settle. */
static uint64_t wait_for_work(enum round_result last, bool *ret_stop) {
    struct timespec until = after_ms(last == ROUND_BUSY ? BUSY_MS : last == ROUND_FAILED ? RETRY_MS : POLL_MS);
    int rc = 0;
    pthread_mutex_lock(&node.mutex);
    while (rc == 0 && !node.stopping && (!node.kicked || last != ROUND_CLEAR))
        rc = pthread_cond_timedwait(&node.wake, &node.mutex, &until);
    node.kicked = false;
    *ret_stop = node.stopping;
    uint64_t ticket = node.wanted;
    pthread_mutex_unlock(&node.mutex);
    return ticket;
}

static void settle(uint64_t ticket) {
    pthread_mutex_lock(&node.mutex);
    node.done = ticket;
    pthread_cond_broadcast(&node.settled);
    pthread_mutex_unlock(&node.mutex);
}

static void *sequencer(void *unused) {
    struct work w = {.config = node.config};
    enum round_result last = ROUND_CLEAR;
    bool stop = false;
    (void)unused;
    do {
        uint64_t ticket = wait_for_work(last, &stop);
        last = round_guarded(&w, last); /* once more after the stop: what was committed is numbered */
        if (last == ROUND_CLEAR)
            settle(ticket);
    } while (!stop);
    if (w.db) {
        w.arena = arena_new(LIMIT_ARENA_BYTES);
        db_detach(&w);
        arena_free(w.arena);
    }
    return NULL;
}

static void condition_init(pthread_cond_t *c) {
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(c, &a);
    pthread_condattr_destroy(&a);
}

/* Reads the generation before the first page is answered. */
static int first_round(char *why, size_t cap) {
    struct work w = {
        .arena = arena_new(LIMIT_ARENA_BYTES), .config = node.config, .now = clock_now(&node.config->clock)};
    int r = db_attach(&w, node.pool);
    if (r == 0 && round_run(&w) == ROUND_FAILED)
        r = -1;
    if (r < 0)
        snprintf(why, cap, "%s", error_text(&w.error));
    if (w.db)
        db_detach(&w);
    arena_free(w.arena);
    return r;
}

int ledger_start(struct db_pool *pool, const struct app_config *config, char *why, size_t cap) {
    if (!node.ready) {
        condition_init(&node.wake);
        condition_init(&node.settled);
        node.ready = true;
    }
    node.pool = pool;
    node.config = config;
    ledger_generation_reset();
    if (first_round(why, cap) < 0)
        return -1;
    node.stopping = false;
    node.running = true;
    if (pthread_create(&node.thread, NULL, sequencer, NULL) != 0) {
        node.running = false;
        snprintf(why, cap, "the sequencer's thread cannot be started");
        return -1;
    }
    if (db_listen(pool, LEDGER_CHANNEL, on_notice, NULL) < 0)
        log_line(LOG_WARN, "sequencer_listen", "reason=\"no notices from other nodes; polling\"");
    return 0;
}

void ledger_stop(void) {
    pthread_mutex_lock(&node.mutex);
    bool was = node.running;
    node.stopping = true;
    if (was)
        pthread_cond_signal(&node.wake);
    pthread_mutex_unlock(&node.mutex);
    if (!was)
        return;
    pthread_join(node.thread, NULL);
    pthread_mutex_lock(&node.mutex);
    node.running = false;
    pthread_cond_broadcast(&node.settled);
    pthread_mutex_unlock(&node.mutex);
}

/* Without a thread (commands, tests) the caller does the work itself. */
static int settle_here(struct work *w) {
    int n;
    do
        n = ledger_sequence_once(w);
    while (n == LEDGER_BATCH);
    return n < 0 ? -1 : 0;
}

/* A publication is numbered in its own transaction: then nothing waits, and the thread need not be asked. */
static bool settled_already(struct work *w) {
    struct db_rows r;
    if (w->numbered) /* the generation is known since the commit */
        return true;
    if (!w->db || db_one(w, &sql_ledger_poll, &r) != 1 || !db_null(&r, 0, 2)) {
        error_clear(w);
        return false;
    }
    ledger_set_generation(db_i(&r, 0, 1));
    return true;
}

int ledger_settled(struct work *w) {
    if (settled_already(w))
        return 0;
    struct timespec until = after_ms(SETTLE_MS);
    int rc = 0;
    pthread_mutex_lock(&node.mutex);
    if (!node.running) {
        pthread_mutex_unlock(&node.mutex);
        return settle_here(w);
    }
    uint64_t mine = ++node.wanted;
    node.kicked = true;
    pthread_cond_signal(&node.wake);
    while (node.done < mine && node.running && rc == 0)
        rc = pthread_cond_timedwait(&node.settled, &node.mutex, &until);
    bool settled = node.done >= mine;
    pthread_mutex_unlock(&node.mutex);
    return settled ? 0 : fail(w, ERR_BUSY, "已保存，登记稍慢，请稍后刷新查看");
}
