/* sqlite_writer.c: the writer's turn and group commit.
 *
 * One connection writes. A transaction takes the turn (first come, first served), works inside a savepoint of the
 * open batch, and at its end either hands the turn to the next in the queue and waits, or commits the batch for
 * everyone who waits: one fsync for all. Rolling back undoes the savepoint alone. Whoever holds the turn always
 * ends by handing over or committing, so nobody who waits for a batch is forgotten.
 * A COMMIT that fails (disk full) fails every member. Readers see a batch when its members are woken, not before. */
#include "db/db_internal.h"

#include <pthread.h>
#include <sqlite3.h>

#define BATCH_MEMBERS 64              /* transactions in one COMMIT */
#define BATCH_NS (5 * 1000 * 1000ULL) /* a batch this old is committed by the next to finish */

/* Lives on the stack of the thread that waits. */
struct waiter {
    struct waiter *next;
    pthread_cond_t wake;
    bool done;
    enum error_code result;
};
struct waiters {
    struct waiter *first, **last;
};
struct sqlite_writer {
    struct sqlite_connection *c;
    pthread_mutex_t mutex;  /* all below; not held while SQL runs */
    bool taken;             /* someone has the turn */
    struct waiters queue;   /* for the turn */
    struct waiters members; /* finished, waiting for the COMMIT */
    unsigned member_count;
    bool open; /* the batch's BEGIN was done; the holder's to read and write */
    uint64_t opened_ns;
    uint64_t transactions, commits;
};

static void waiters_clear(struct waiters *l) {
    l->first = NULL;
    l->last = &l->first;
}

static void waiters_add(struct waiters *l, struct waiter *x) {
    *l->last = x;
    l->last = &x->next;
}

static void waiters_remove(struct waiters *l, const struct waiter *x) {
    struct waiter **at = &l->first;
    while (*at && *at != x)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = x->next;
    if (!x->next)
        l->last = at;
}

static void waiter_init(struct waiter *x) {
    *x = (struct waiter){0};
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(&x->wake, &a);
    pthread_condattr_destroy(&a);
}

struct sqlite_writer *sqlite_writer_new(struct sqlite_connection *c) {
    struct sqlite_writer *x = calloc(1, sizeof *x);
    if (!x)
        abort();
    x->c = c;
    pthread_mutex_init(&x->mutex, NULL);
    waiters_clear(&x->queue);
    waiters_clear(&x->members);
    return x;
}

void sqlite_writer_free(struct sqlite_writer *x) {
    pthread_mutex_destroy(&x->mutex);
    free(x);
}

/* ── the turn ──────────────────────────────────────────────────────────── */
/* 0, or -1 after DB_TURN_WAIT_MS. */
static int turn_take(struct sqlite_writer *x) {
    int r = 0;
    pthread_mutex_lock(&x->mutex);
    if (!x->taken) {
        x->taken = true;
    } else {
        struct waiter me;
        waiter_init(&me);
        struct timespec until;
        db_deadline(&until, DB_TURN_WAIT_MS);
        waiters_add(&x->queue, &me);
        while (!me.done && r == 0)
            r = pthread_cond_timedwait(&me.wake, &x->mutex, &until);
        if (!me.done)
            waiters_remove(&x->queue, &me);
        r = me.done ? 0 : -1;
        pthread_cond_destroy(&me.wake);
    }
    pthread_mutex_unlock(&x->mutex);
    return r;
}

/* With the mutex held. */
static void turn_pass(struct sqlite_writer *x) {
    struct waiter *next = x->queue.first;
    x->taken = next != NULL;
    if (!next)
        return;
    waiters_remove(&x->queue, next);
    next->done = true;
    pthread_cond_signal(&next->wake);
}

/* ── the batch ─────────────────────────────────────────────────────────── */
/* With the mutex held: tells every member how it ended. */
static void members_settle(struct sqlite_writer *x, enum error_code result) {
    if (result == ERR_NONE) {
        x->commits++;
        x->transactions += x->member_count;
    }
    for (struct waiter *m = x->members.first, *next; m; m = next) {
        next = m->next; /* m may vanish as soon as it is woken and the mutex free; it is not free yet */
        m->result = result;
        m->done = true;
        pthread_cond_signal(&m->wake);
    }
    waiters_clear(&x->members);
    x->member_count = 0;
    x->open = false;
}

/* Runs without the mutex; the turn is still ours. */
static enum error_code batch_commit(struct sqlite_writer *x) {
    int rc = sqlite_control(x->c, SQLITE_DO_COMMIT);
    if (rc == SQLITE_OK)
        return ERR_NONE;
    enum error_code code = sqlite_error_code(rc);
    char quoted[300];
    log_line(LOG_ERROR, "commit_failed", "reason=%s", log_quote(quoted, sizeof quoted, str_z(sqlite_reason(x->c))));
    if (sqlite_in_transaction(x->c))
        sqlite_control(x->c, SQLITE_DO_ROLLBACK);
    return code;
}

static bool batch_may_wait(const struct sqlite_writer *x) {
    return x->queue.first && x->member_count < BATCH_MEMBERS && clock_mono_ns() - x->opened_ns < BATCH_NS;
}

/* The holder's savepoint is gone, kept (me) or undone (NULL). Hands over or commits, and waits for the result. */
static enum error_code turn_end(struct sqlite_writer *x, struct waiter *me) {
    pthread_mutex_lock(&x->mutex);
    if (me) {
        waiters_add(&x->members, me);
        x->member_count++;
    }
    if (!sqlite_in_transaction(x->c)) {
        members_settle(x, ERR_DISK_FULL); /* SQLite undid the whole batch by itself: it does so when it cannot write */
    } else if (x->member_count == 0) {
        sqlite_control(x->c, SQLITE_DO_ROLLBACK);
        x->open = false;
    } else if (!batch_may_wait(x)) {
        pthread_mutex_unlock(&x->mutex);
        enum error_code result = batch_commit(x);
        pthread_mutex_lock(&x->mutex);
        members_settle(x, result);
    }
    turn_pass(x);
    while (me && !me->done)
        pthread_cond_wait(&me->wake, &x->mutex);
    enum error_code result = me ? me->result : ERR_NONE;
    pthread_mutex_unlock(&x->mutex);
    return result;
}

/* ── transactions ──────────────────────────────────────────────────────── */
int sqlite_writer_begin(struct work *w, struct sqlite_writer *x) {
    if (turn_take(x) < 0)
        return db_failed(w, ERR_BUSY, "begin", "waited too long for the writer's turn");
    int rc = SQLITE_OK;
    if (!x->open) {
        rc = sqlite_control(x->c, SQLITE_DO_BEGIN_IMMEDIATE);
        x->open = rc == SQLITE_OK;
        x->opened_ns = clock_mono_ns();
    }
    if (rc == SQLITE_OK)
        rc = sqlite_control(x->c, SQLITE_DO_MEMBER);
    if (rc == SQLITE_OK) {
        w->db->on_writer = true;
        return 0;
    }
    int r = db_failed(w, sqlite_error_code(rc), "begin", sqlite_reason(x->c));
    turn_end(x, NULL);
    return r;
}

int sqlite_writer_commit(struct work *w, struct sqlite_writer *x) {
    int rc = sqlite_control(x->c, SQLITE_DO_MEMBER_RELEASE);
    if (rc != SQLITE_OK) {
        int r = db_failed(w, sqlite_error_code(rc), "commit", sqlite_reason(x->c));
        sqlite_writer_rollback(w, x);
        return r;
    }
    struct waiter me;
    waiter_init(&me);
    w->db->on_writer = false;
    enum error_code result = turn_end(x, &me);
    pthread_cond_destroy(&me.wake);
    return result == ERR_NONE ? 0 : fail(w, result, "%s", "");
}

void sqlite_writer_rollback(struct work *w, struct sqlite_writer *x) {
    if (sqlite_in_transaction(x->c) && sqlite_control(x->c, SQLITE_DO_MEMBER_ROLLBACK) == SQLITE_OK)
        sqlite_control(x->c, SQLITE_DO_MEMBER_RELEASE);
    w->db->on_writer = false;
    turn_end(x, NULL);
}

void sqlite_writer_stats(struct sqlite_writer *x, struct db_stats *ret) {
    pthread_mutex_lock(&x->mutex);
    ret->transactions = x->transactions;
    ret->commits = x->commits;
    pthread_mutex_unlock(&x->mutex);
}
