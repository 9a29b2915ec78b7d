/* transaction.c: nesting, the event rule, hooks after commit; the same on both engines. */
#include "db/db_internal.h"

static const struct db_engine_table *engine_of(struct work *w) {
    return w->db->pool->engine;
}

bool db_in_transaction(const struct work *w) {
    return w->db && w->db->depth > 0;
}

int db_begin_at(struct work *w, const char *file, int line) {
    struct db *d = w->db;
    if (!d)
        return db_failed(w, ERR_INTERNAL, "begin", "the work has no connection");
    if (d->depth == DB_DEPTH_MAX)
        return db_failed(w, ERR_INTERNAL, "begin", "transactions are nested too deeply");
    if (d->depth == 0 && d->each)
        return db_failed(w, ERR_INTERNAL, "begin", "a transaction cannot begin inside a reading loop");
    if (d->depth > 0 && d->level[d->depth - 1].failed)
        return db_failed(w, ERR_INTERNAL, "begin", "an earlier statement of this transaction failed");
    if (d->depth == 0)
        db_read_end(w);
    int r = d->depth == 0 ? engine_of(w)->begin(w) : engine_of(w)->savepoint(w, d->depth);
    if (r < 0)
        return -1;
    if (d->depth == 0) {
        w->events = 0;
        w->numbered = 0;
        d->changed = NULL;
        d->hook_count = 0;
    }
    d->level[d->depth++] = (struct db_level){.file = file,
                                             .line = line,
                                             .events = w->events,
                                             .public_event = w->public_event,
                                             .changed = d->changed,
                                             .hooks = d->hook_count};
    return 0;
}

/* Architecture, ground rule 5: who changes rows says so in an event. */
static bool event_is_missing(struct work *w) {
#ifdef MINGTANG_CHECKS
    const struct db *d = w->db;
    if (d->changed && w->events == 0) {
        log_line(LOG_ERROR, "transaction_without_event", "began=%s:%d statement=%s", d->level[0].file, d->level[0].line,
                 d->changed);
        return true;
    }
#endif
    (void)w;
    return false;
}

static void level_undone(struct work *w) {
    struct db *d = w->db;
    const struct db_level *l = &d->level[--d->depth];
    w->events = l->events;
    w->public_event = l->public_event;
    d->changed = l->changed;
    d->hook_count = l->hooks;
}

static int commit_refused(struct work *w, const char *reason) {
    int r = db_failed(w, ERR_INTERNAL, "commit", reason);
    db_rollback(w);
    return r;
}

/* What the hook could not do costs the transaction nothing, unless the engine lost all of it (a full disk). */
static int before_commit(struct work *w) {
    struct error before = w->error;
    w->db->pool->before_commit(w);
    if (w->db->level[0].failed) {
        db_rollback(w);
        return w->error.code ? -1 : db_failed(w, ERR_INTERNAL, "commit", "lost before the commit");
    }
    w->error = before;
    return 0;
}

static int commit_outermost(struct work *w) {
    struct db *d = w->db;
    if (event_is_missing(w))
        return commit_refused(w, "rows changed without an event");
    if (w->public_event && d->pool->before_commit && before_commit(w) < 0)
        return -1;
    if (engine_of(w)->commit(w) < 0) {
        level_undone(w);
        return -1;
    }
    d->depth = 0;
    /* A hook may be registered by work done in a hook's thread later, never here: the list is ours alone. */
    for (size_t i = 0; i < d->hook_count; i++)
        d->hooks[i].fn(d->hooks[i].arg);
    d->hook_count = 0;
    return 0;
}

int db_commit(struct work *w) {
    struct db *d = w->db;
    if (!d || d->depth == 0)
        return db_failed(w, ERR_INTERNAL, "commit", "no transaction is open");
    if (d->level[d->depth - 1].failed)
        return commit_refused(w, "a statement of this transaction failed");
    if (d->each && d->depth <= d->each_depth)
        return commit_refused(w, "a reading loop began in this transaction");
    if (d->depth == 1)
        return commit_outermost(w);
    if (engine_of(w)->release(w, d->depth - 1) < 0) {
        db_rollback(w);
        return -1;
    }
    d->depth--;
    return 0;
}

void db_rollback(struct work *w) {
    struct db *d = w->db;
    if (!d || d->depth == 0)
        return;
    if (d->depth == 1)
        engine_of(w)->rollback(w);
    else
        engine_of(w)->rollback_to(w, d->depth - 1);
    level_undone(w);
}

void db_before_commit(struct db_pool *p, void (*fn)(struct work *)) {
    p->before_commit = fn;
}

void db_on_commit(struct work *w, void (*fn)(void *), void *arg) {
    struct db *d = w->db;
    if (d->hook_count == d->hook_cap) {
        d->hook_cap = d->hook_cap ? d->hook_cap * 2 : 8;
        d->hooks = realloc(d->hooks, d->hook_cap * sizeof *d->hooks);
        if (!d->hooks)
            abort();
    }
    d->hooks[d->hook_count++] = (struct db_hook){fn, arg};
}
