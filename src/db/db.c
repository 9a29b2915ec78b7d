/* db.c: the engine-neutral front: opening, attaching, running statements. */
#include "db/db_internal.h"

#include <stdatomic.h>
#include <time.h>

static const struct db_engine_table *engine_of(struct work *w) {
    return w->db->pool->engine;
}

/* ── pool ──────────────────────────────────────────────────────────────── */
struct db_pool *db_pool_open(const char *address, int connections, char *why, size_t cap) {
    struct str a = str_z(address);
    const struct db_engine_table *engine = NULL;
    if (str_starts(a, S("sqlite:"))) {
        engine = &sqlite_engine;
        address += strlen("sqlite:");
    } else if (str_starts(a, S("postgresql://")) || str_starts(a, S("postgres://"))) {
        engine = &postgresql_engine;
    } else {
        snprintf(why, cap, "the database address must begin with sqlite: or postgresql://");
        return NULL;
    }
    struct db_pool *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->engine = engine;
    p->names = calloc(db_statement_count + 1, sizeof *p->names);
    if (!p->names)
        abort();
    if (engine->open(p, address, connections < 1 ? 1 : connections, why, cap) < 0) {
        free(p->names);
        free(p);
        return NULL;
    }
    return p;
}

void db_pool_close(struct db_pool *p) {
    if (!p)
        return;
    p->engine->close(p);
    for (unsigned i = 0; i < db_statement_count; i++)
        free(atomic_load(&p->names[i]));
    free(p->names);
    free(p);
}

enum db_engine db_pool_engine(const struct db_pool *p) {
    return p->engine->kind;
}

struct db_pool *db_pool_of(const struct work *w) {
    return w->db ? w->db->pool : NULL;
}

void db_pool_stats(struct db_pool *p, struct db_stats *ret) {
    p->engine->stats(p, ret);
}

/* ── attaching ─────────────────────────────────────────────────────────── */
int db_attach(struct work *w, struct db_pool *p) {
    if (w->db)
        return db_failed(w, ERR_INTERNAL, "attach", "the work has a connection already");
    struct db *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->pool = p;
    w->db = d;
    if (p->engine->attach(w) < 0) {
        w->db = NULL;
        free(d);
        return -1;
    }
    return 0;
}

void db_detach(struct work *w) {
    struct db *d = w->db;
    if (!d)
        return;
    while (d->depth > 0) {
        const struct db_level *l = &d->level[d->depth - 1];
        log_line(LOG_ERROR, "transaction_left_open", "began=%s:%d", l->file, l->line);
        db_rollback(w);
    }
    db_read_end(w);
    d->pool->engine->detach(w);
    w->db = NULL;
    free(d->hooks);
    free(d);
}

int db_read_begin(struct work *w) {
    struct db *d = w->db;
    if (d->reading || d->depth > 0)
        return 0;
    if (engine_of(w)->read_begin(w) < 0)
        return -1;
    d->reading = true;
    return 0;
}

void db_read_end(struct work *w) {
    if (!w->db || !w->db->reading)
        return;
    engine_of(w)->read_end(w);
    w->db->reading = false;
}

/* ── statements ────────────────────────────────────────────────────────── */
static int call_allowed(struct work *w, const struct db_call *c, size_t rows) {
    struct db *d = w->db;
    if (!d)
        return db_failed(w, ERR_INTERNAL, c->st->name, "the work has no connection");
    if (c->st->writes && d->depth == 0)
        return db_failed(w, ERR_INTERNAL, c->st->name, "a write outside a transaction");
    if (d->depth > 0 && d->level[d->depth - 1].failed)
        return db_failed(w, ERR_INTERNAL, c->st->name, "an earlier statement of this transaction failed");
    if (c->n > DB_ARGS_MAX)
        return db_failed(w, ERR_INTERNAL, c->st->name, "too many arguments");
    for (size_t i = 0; c->st->writes && i < c->n * rows; i++)
        if (c->args[i].type == DB_TYPE_TEXT && !utf8_valid(c->args[i].s))
            return fail(w, ERR_INVALID, "内容中含有不能保存的字符，请检查后重新填写");
    return 0;
}

/* Keeps the books of the transaction after a statement. */
static void call_ended(struct work *w, const struct db_statement *st, bool ok, int64_t changed) {
    struct db *d = w->db;
    if (!ok && d->depth > 0)
        d->level[d->depth - 1].failed = true;
    if (ok && changed > 0 && st->writes && !st->quiet && !d->changed)
        d->changed = st->name;
}

static int call_run(struct work *w, const struct db_call *c, struct db_rows *ret) {
    if (call_allowed(w, c, 1) < 0)
        return -1;
    struct db_rows rows = {0};
    int64_t changed = 0;
    int n = engine_of(w)->run(w, c, &rows, &changed);
    call_ended(w, c->st, n >= 0, changed);
    if (n >= 0 && ret)
        *ret = rows;
    return n;
}

int db_query_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args,
               size_t n) {
    return call_run(w, &(struct db_call){st, args, n, RUN_ALL}, ret) < 0 ? -1 : 0;
}

static int one_row(struct work *w, const struct db_call *c, struct db_rows *ret) {
    struct db_rows rows = {0};
    int found = call_run(w, c, &rows);
    if (found > 0 && ret)
        *ret = rows;
    return found > 0 ? 1 : found;
}

int db_one_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args,
             size_t n) {
    return one_row(w, &(struct db_call){st, args, n, RUN_ONE}, ret);
}

int db_exec_n(struct work *w, const struct db_statement *st, const struct db_value *args, size_t n) {
    return call_run(w, &(struct db_call){st, args, n, RUN_COUNT}, NULL);
}

int db_lock_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args,
              size_t n) {
    if (!db_in_transaction(w))
        return db_failed(w, ERR_INTERNAL, st->name, "a lock outside a transaction");
    return one_row(w, &(struct db_call){st, args, n, RUN_LOCK}, ret);
}

int db_exec_many(struct work *w, const struct db_statement *st, const struct db_value *args, size_t width,
                 size_t rows) {
    struct db_call c = {st, args, width, RUN_COUNT};
    if (call_allowed(w, &c, rows) < 0)
        return -1;
    if (rows == 0)
        return 0;
    int n = engine_of(w)->run_many(w, &c, rows);
    call_ended(w, st, n >= 0, n);
    return n;
}

int db_each(struct work *w, const struct db_statement *st, const struct db_value *args, size_t n,
            int (*fn)(void *ctx, const struct db_rows *one), void *ctx) {
    struct db_call c = {st, args, n, RUN_ALL};
    if (st->writes)
        return db_failed(w, ERR_INTERNAL, st->name, "db_each() is for reading");
    if (call_allowed(w, &c, 1) < 0)
        return -1;
    struct db *d = w->db;
    bool own = !d->reading && d->depth == 0;
    if (own && db_read_begin(w) < 0)
        return -1;
    int outer = d->each_depth;
    d->each++;
    d->each_depth = d->depth;
    int r = engine_of(w)->each(w, &c, fn, ctx);
    d->each--;
    d->each_depth = outer;
    if (own)
        db_read_end(w);
    return r;
}

int db_notify(struct work *w, const char *channel, struct str payload) {
    return engine_of(w)->notify(w, channel, payload);
}

int db_listen(struct db_pool *p, const char *channel, void (*fn)(void *ctx, struct str payload), void *ctx) {
    return p->engine->listen(p, channel, fn, ctx);
}

int db_try_lock(struct work *w, const char *name) {
    if (!db_in_transaction(w))
        return db_failed(w, ERR_INTERNAL, name, "a lock outside a transaction");
    return engine_of(w)->try_lock(w, name, false);
}

int db_prepare_all(struct db_pool *p, char *why, size_t cap) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct buf names;
    buf_init(&names, 64 * 1024);
    int failures = 0;
    if (db_attach(&w, p) < 0) {
        buf_addz(&names, error_text(&w.error));
        failures = 1;
    }
    for (unsigned i = 0; w.db && i < db_statement_count; i++) {
        char reason[400] = "";
        if (db_statements[i]->only &&
            db_statements[i]->only != (db_pool_engine(p) == DB_SQLITE ? DB_ONLY_SQLITE : DB_ONLY_POSTGRESQL))
            continue;
        if (p->engine->check(&w, db_statements[i], reason, sizeof reason) == 0)
            continue;
        buf_printf(&names, "%s: %s\n", db_statements[i]->name, reason);
        failures++;
    }
    db_detach(&w);
    snprintf(why, cap, "%s", names.p ? names.p : "");
    buf_release(&names);
    arena_free(w.arena);
    return failures;
}

/* ── for the engines ───────────────────────────────────────────────────── */
int db_failed(struct work *w, enum error_code code, const char *statement, const char *reason) {
    if (code != ERR_DUPLICATE && code != ERR_CONFLICT) {
        char quoted[600];
        log_line(code == ERR_INTERNAL || code == ERR_DISK_FULL ? LOG_ERROR : LOG_WARN, "db_failed",
                 "statement=%s reason=%s", statement, log_quote(quoted, sizeof quoted, str_z(reason)));
    }
    return fail(w, code, "%s", "");
}

void db_spoil(struct work *w) {
    for (int i = 0; i < w->db->depth; i++)
        w->db->level[i].failed = true;
}

static struct db_names *names_make(size_t n, const char *(*name)(void *, int), void *result) {
    size_t bytes = sizeof(struct db_names) + n * sizeof(char *);
    for (size_t i = 0; i < n; i++)
        bytes += strlen(name(result, (int)i)) + 1;
    struct db_names *x = malloc(bytes);
    if (!x)
        abort();
    x->n = n;
    char *p = (char *)&x->v[n];
    for (size_t i = 0; i < n; i++) {
        const char *z = name(result, (int)i);
        size_t len = strlen(z) + 1;
        memcpy(p, z, len);
        x->v[i] = p;
        p += len;
    }
    return x;
}

const char *const *db_names_of(struct work *w, const struct db_statement *st, size_t n,
                               const char *(*name)(void *result, int column), void *result) {
    struct db_pool *p = w->db->pool;
    if (st->number < db_statement_count) {
        struct db_names *kept = atomic_load_explicit(&p->names[st->number], memory_order_acquire);
        if (!kept) {
            struct db_names *mine = names_make(n, name, result);
            if (atomic_compare_exchange_strong(&p->names[st->number], &kept, mine))
                kept = mine;
            else
                free(mine);
        }
        if (kept->n == n)
            return kept->v;
    }
    const char **v = arena_many(w->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        v[i] = str_dupz(w->arena, str_z(name(result, (int)i)));
    return v;
}

void db_deadline(struct timespec *ret, int ms) {
    clock_gettime(CLOCK_MONOTONIC, ret);
    ret->tv_sec += ms / 1000;
    ret->tv_nsec += (long)(ms % 1000) * 1000000L;
    if (ret->tv_nsec >= 1000000000L) {
        ret->tv_sec++;
        ret->tv_nsec -= 1000000000L;
    }
}
