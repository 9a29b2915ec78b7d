/* postgresql.c: the PostgreSQL engine: pool, transactions, statements. Rows are read in postgresql_rows.c.
 *
 * A connection is lent to one work at a time. Statements are prepared on first use, named by their number.
 * Values travel as text, bytes as binary. A broken connection is replaced: silently while no transaction is open. */
#include "db/postgresql_internal.h"

#include <pthread.h>

#define STRINGIFY(x) #x
#define NUMBER(x) STRINGIFY(x)
#define PIPELINE_ROWS 256 /* answers of so many fit the socket's buffer: neither side waits for the other */
#define EACH_ROWS 100     /* rows fetched at a time by db_each() */

struct pg_connection {
    PGconn *pg;                 /* NULL: not open */
    bool *prepared;             /* by statement number; the second half: FOR UPDATE variants */
    struct pg_connection *next; /* free ones */
};
struct pg_pool {
    char *address;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    struct pg_connection *all, *free;
    int size;
    struct pg_listener *listeners;
    uint64_t transactions;
};

/* ── connections ───────────────────────────────────────────────────────── */
PGconn *pg_connect(const char *address, char *why, size_t cap) {
    const char *keys[] = {"connect_timeout", "fallback_application_name", "client_encoding", "dbname", NULL};
    const char *values[] = {"5", "mingtang", "UTF8", address, NULL};
    PGconn *pg = PQconnectdbParams(keys, values, 1);
    if (PQstatus(pg) == CONNECTION_OK) {
        PGresult *r = PQexec(pg, "SET client_min_messages = warning; SET statement_timeout = " NUMBER(DB_STATEMENT_MS));
        bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
        PQclear(r);
        if (ok)
            return pg;
    }
    snprintf(why, cap, "%s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

static void connection_drop(struct pg_connection *c) {
    if (c->pg)
        PQfinish(c->pg);
    c->pg = NULL;
    memset(c->prepared, 0, 2 * (db_statement_count + 1) * sizeof *c->prepared);
}

static int connection_ready(struct pg_pool *s, struct pg_connection *c, char *why, size_t cap) {
    if (c->pg && PQstatus(c->pg) != CONNECTION_OK)
        connection_drop(c);
    if (!c->pg)
        c->pg = pg_connect(s->address, why, cap);
    return c->pg ? 0 : -1;
}

static int pg_open(struct db_pool *p, const char *address, int connections, char *why, size_t cap) {
    struct pg_pool *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    p->pg = s;
    s->address = strdup(address);
    s->size = connections;
    s->all = calloc((size_t)connections, sizeof *s->all);
    if (!s->address || !s->all)
        abort();
    pthread_mutex_init(&s->mutex, NULL);
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_init(&s->freed, &a);
    pthread_condattr_destroy(&a);
    for (int i = connections - 1; i >= 0; i--) {
        s->all[i].prepared = calloc(2 * (db_statement_count + 1), sizeof(bool));
        if (!s->all[i].prepared)
            abort();
        s->all[i].next = s->free;
        s->free = &s->all[i];
    }
    if (connection_ready(s, s->free, why, cap) == 0)
        return 0;
    postgresql_engine.close(p);
    p->pg = NULL;
    return -1;
}

static void pg_close(struct db_pool *p) {
    struct pg_pool *s = p->pg;
    while (s->listeners) {
        struct pg_listener *l = s->listeners;
        s->listeners = pg_listener_rest(l);
        pg_listener_stop(l);
    }
    for (int i = 0; i < s->size; i++) {
        if (s->all[i].pg)
            PQfinish(s->all[i].pg);
        free(s->all[i].prepared);
    }
    pthread_mutex_destroy(&s->mutex);
    pthread_cond_destroy(&s->freed);
    free(s->all);
    free(s->address);
    free(s);
}

static void connection_give(struct pg_pool *s, struct pg_connection *c) {
    pthread_mutex_lock(&s->mutex);
    c->next = s->free;
    s->free = c;
    pthread_cond_signal(&s->freed);
    pthread_mutex_unlock(&s->mutex);
}

static int pg_attach(struct work *w) {
    struct pg_pool *s = w->db->pool->pg;
    struct timespec until;
    db_deadline(&until, DB_ATTACH_WAIT_MS);
    int r = 0;
    pthread_mutex_lock(&s->mutex);
    while (!s->free && r == 0)
        r = pthread_cond_timedwait(&s->freed, &s->mutex, &until);
    struct pg_connection *c = s->free;
    if (c)
        s->free = c->next;
    pthread_mutex_unlock(&s->mutex);
    if (!c)
        return db_failed(w, ERR_BUSY, "attach", "all connections are in use");
    char why[400];
    if (connection_ready(s, c, why, sizeof why) < 0) {
        connection_give(s, c);
        return db_failed(w, ERR_BUSY, "attach", why);
    }
    w->db->pg = c;
    return 0;
}

static void pg_detach(struct work *w) {
    struct pg_connection *c = w->db->pg;
    if (c->pg && (PQstatus(c->pg) != CONNECTION_OK || PQtransactionStatus(c->pg) != PQTRANS_IDLE))
        connection_drop(c);
    connection_give(w->db->pool->pg, c);
}

/* ── errors ────────────────────────────────────────────────────────────── */
static enum error_code state_code(const char *state) {
    static const struct {
        const char *state; /* SQLSTATE or its class */
        enum error_code code;
    } known[] = {
        {"23505", ERR_DUPLICATE},                   /* unique violation */
        {"40001", ERR_CONFLICT},                    /* serialisation failure */
        {"40P01", ERR_CONFLICT},                    /* deadlock */
        {"53100", ERR_DISK_FULL}, {"53", ERR_BUSY}, /* out of connections or memory */
        {"55P03", ERR_BUSY},                        /* lock timeout */
        {"57", ERR_BUSY},                           /* cancelled, shutting down */
        {"08P01", ERR_INTERNAL},                    /* our own arguments were wrong */
        {"08", ERR_BUSY},                           /* connection lost */
        {"25006", ERR_BUSY},                        /* a standby: the address will move */
        {"22021", ERR_INVALID},                     /* not UTF-8 */
    };
    for (size_t i = 0; i < countof(known); i++)
        if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
            return known[i].code;
    return ERR_INTERNAL;
}

/* Clears r. */
static int result_failed(struct work *w, const char *statement, PGresult *r) {
    struct pg_connection *c = w->db->pg;
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    enum error_code code = state ? state_code(state) : ERR_INTERNAL;
    /* The primary message alone: the detail may quote the row. */
    const char *reason = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!reason)
        reason = PQerrorMessage(c->pg);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        code = ERR_BUSY;
        db_spoil(w);
    }
    db_failed(w, code, statement, reason);
    PQclear(r);
    return -1;
}

static bool result_ok(const PGresult *r) {
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* A command without parameters. */
static int command(struct work *w, const char *sql) {
    PGresult *r = PQexec(w->db->pg->pg, sql);
    if (!result_ok(r))
        return result_failed(w, sql, r);
    PQclear(r);
    return 0;
}

/* A connection found broken before anything depends on it is replaced once. */
static bool connection_replaced(struct work *w) {
    struct pg_connection *c = w->db->pg;
    if (PQstatus(c->pg) == CONNECTION_OK || w->db->depth > 0 || w->db->reading)
        return false;
    char why[400];
    PGconn *fresh = pg_connect(w->db->pool->pg->address, why, sizeof why);
    if (!fresh)
        return false;
    connection_drop(c);
    c->pg = fresh;
    return true;
}

static int first_command(struct work *w, const char *sql) {
    PGresult *r = PQexec(w->db->pg->pg, sql);
    if (!result_ok(r) && connection_replaced(w)) {
        PQclear(r);
        r = PQexec(w->db->pg->pg, sql);
    }
    if (!result_ok(r))
        return result_failed(w, sql, r);
    PQclear(r);
    return 0;
}

/* ── transactions ──────────────────────────────────────────────────────── */
static int pg_read_begin(struct work *w) {
    return first_command(w, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

static void pg_end_quietly(struct work *w, const char *sql) {
    PQclear(PQexec(w->db->pg->pg, sql)); /* a failure shows in the connection's state, seen at detach */
}

static void pg_read_end(struct work *w) {
    pg_end_quietly(w, "COMMIT");
}

static int pg_begin(struct work *w) {
    return first_command(w, "BEGIN ISOLATION LEVEL READ COMMITTED");
}

static int pg_commit(struct work *w) {
    struct pg_pool *s = w->db->pool->pg;
    PGresult *r = PQexec(w->db->pg->pg, "COMMIT");
    if (!result_ok(r))
        return result_failed(w, "commit", r);
    bool kept = strcmp(PQcmdStatus(r), "COMMIT") == 0; /* an aborted transaction answers ROLLBACK, politely */
    PQclear(r);
    if (!kept)
        return db_failed(w, ERR_INTERNAL, "commit", "the transaction had failed and was rolled back");
    pthread_mutex_lock(&s->mutex);
    s->transactions++;
    pthread_mutex_unlock(&s->mutex);
    return 0;
}

static void pg_rollback(struct work *w) {
    pg_end_quietly(w, "ROLLBACK");
}

static int pg_savepoint(struct work *w, int depth) {
    char sql[64];
    snprintf(sql, sizeof sql, "SAVEPOINT level%d", depth);
    return command(w, sql);
}

static int pg_release(struct work *w, int depth) {
    char sql[64];
    snprintf(sql, sizeof sql, "RELEASE level%d", depth);
    return command(w, sql);
}

static void pg_rollback_to(struct work *w, int depth) {
    char sql[96];
    snprintf(sql, sizeof sql, "ROLLBACK TO level%d; RELEASE level%d", depth, depth);
    pg_end_quietly(w, sql);
}

/* ── statements ────────────────────────────────────────────────────────── */
struct arguments {
    const char *values[DB_ARGS_MAX];
    int lengths[DB_ARGS_MAX], formats[DB_ARGS_MAX];
    char numbers[DB_ARGS_MAX][24];
};

static void arguments_fill(struct work *w, struct arguments *a, const struct db_value *args, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct db_value *v = &args[i];
        a->values[i] = NULL;
        a->lengths[i] = (int)v->s.n;
        a->formats[i] = v->type == DB_TYPE_BYTES;
        if (v->type == DB_TYPE_INT)
            snprintf(a->numbers[i], sizeof a->numbers[i], "%lld", (long long)v->i);
        if (v->type == DB_TYPE_INT)
            a->values[i] = a->numbers[i];
        else if (v->type == DB_TYPE_BOOL)
            a->values[i] = v->i ? "t" : "f";
        else if (v->type == DB_TYPE_TEXT) /* a view need not end with NUL */
            a->values[i] = str_dupz(w->arena, v->s);
        else if (v->type == DB_TYPE_BYTES)
            a->values[i] = v->s.p ? v->s.p : "";
    }
}

static const char *statement_sql(struct work *w, const struct db_call *call) {
    if (call->mode != RUN_LOCK)
        return call->st->sql;
    return str_printf(w->arena, "%s\nFOR UPDATE", call->st->sql).p;
}

static const char *statement_name(char out[24], const struct db_call *call) {
    snprintf(out, 24, "%c%u", call->mode == RUN_LOCK ? 'l' : 's', call->st->number);
    return out;
}

/* 0 when the statement is prepared on this connection; unnamed ones are left alone. */
static int statement_prepare(struct work *w, const struct db_call *call) {
    struct pg_connection *c = w->db->pg;
    if (call->st->number >= db_statement_count)
        return 0;
    size_t slot = call->st->number + (call->mode == RUN_LOCK ? db_statement_count : 0);
    if (c->prepared[slot])
        return 0;
    char name[24];
    const char *sql = statement_sql(w, call);
    PGresult *r = PQprepare(c->pg, statement_name(name, call), sql, 0, NULL);
    if (!result_ok(r) && connection_replaced(w)) {
        PQclear(r);
        r = PQprepare(c->pg, name, sql, 0, NULL);
    }
    if (!result_ok(r))
        return result_failed(w, call->st->name, r);
    PQclear(r);
    c->prepared[slot] = true;
    return 0;
}

static PGresult *statement_send(struct work *w, const struct db_call *call, const struct arguments *a) {
    PGconn *pg = w->db->pg->pg;
    char name[24];
    if (call->st->number >= db_statement_count)
        return PQexecParams(pg, statement_sql(w, call), (int)call->n, NULL, a->values, a->lengths, a->formats, 0);
    return PQexecPrepared(pg, statement_name(name, call), (int)call->n, a->values, a->lengths, a->formats, 0);
}

static int pg_run(struct work *w, const struct db_call *call, struct db_rows *ret, int64_t *ret_changed) {
    struct arguments a;
    arguments_fill(w, &a, call->args, call->n);
    if (statement_prepare(w, call) < 0)
        return -1;
    PGresult *r = statement_send(w, call, &a);
    if (!result_ok(r) && connection_replaced(w)) {
        PQclear(r);
        if (statement_prepare(w, call) < 0)
            return -1;
        r = statement_send(w, call, &a);
    }
    if (!result_ok(r))
        return result_failed(w, call->st->name, r);
    if (call->st->writes)
        (void)str_int(str_z(PQcmdTuples(r)), ret_changed);
    int n = call->mode == RUN_COUNT ? (int)*ret_changed : pg_rows(w, call, r, ret);
    PQclear(r);
    return n;
}

/* Reads the answers of one pipeline. Rows changed, or -1. */
static int pipeline_answers(struct work *w, const struct db_call *call, size_t sent) {
    PGconn *pg = w->db->pg->pg;
    int64_t changed = 0;
    PGresult *bad = NULL;
    for (size_t i = 0; i < sent; i++) {
        PGresult *r;
        while ((r = PQgetResult(pg)) != NULL) {
            int64_t n = 0;
            if (result_ok(r))
                (void)str_int(str_z(PQcmdTuples(r)), &n);
            changed += n;
            if (!result_ok(r) && !bad)
                bad = r; /* what follows is only "aborted" */
            else
                PQclear(r);
        }
    }
    PQclear(PQgetResult(pg)); /* the synchronisation point */
    if (bad)
        return result_failed(w, call->st->name, bad);
    return (int)changed;
}

static int pipeline_send(struct work *w, const struct db_call *call, const struct db_value *args, size_t rows) {
    PGconn *pg = w->db->pg->pg;
    char name[24];
    statement_name(name, call);
    struct arguments a;
    size_t sent = 0;
    bool ok = true;
    for (; ok && sent < rows; sent += ok) {
        arguments_fill(w, &a, args + sent * call->n, call->n);
        if (call->st->number >= db_statement_count)
            ok = PQsendQueryParams(pg, call->st->sql, (int)call->n, NULL, a.values, a.lengths, a.formats, 0);
        else
            ok = PQsendQueryPrepared(pg, name, (int)call->n, a.values, a.lengths, a.formats, 0);
    }
    if (!ok || !PQpipelineSync(pg))
        return result_failed(w, call->st->name, NULL);
    return pipeline_answers(w, call, sent);
}

static int pg_run_many(struct work *w, const struct db_call *call, size_t rows) {
    PGconn *pg = w->db->pg->pg;
    if (statement_prepare(w, call) < 0)
        return -1;
    if (!PQenterPipelineMode(pg))
        return result_failed(w, call->st->name, NULL);
    int changed = 0, r = 0;
    for (size_t done = 0; r >= 0 && done < rows; done += PIPELINE_ROWS) {
        size_t some = rows - done < PIPELINE_ROWS ? rows - done : PIPELINE_ROWS;
        r = pipeline_send(w, call, call->args + done * call->n, some);
        changed += r;
    }
    if (!PQexitPipelineMode(pg) && r >= 0)
        return result_failed(w, call->st->name, NULL);
    return r < 0 ? -1 : changed;
}

static int each_fetch(struct work *w, const struct db_call *call, const char *fetch,
                      int (*fn)(void *, const struct db_rows *), void *ctx) {
    int r = 0, n = 1;
    struct db_cell *cells = NULL;
    while (r == 0 && n > 0) {
        PGresult *some = PQexec(w->db->pg->pg, fetch);
        if (!result_ok(some))
            return result_failed(w, call->st->name, some);
        n = PQntuples(some);
        size_t columns = (size_t)PQnfields(some);
        if (!cells)
            cells = arena_many(w->arena, struct db_cell, columns + 1);
        struct db_rows one = {1, columns, pg_names(w, call->st, some), cells};
        for (int i = 0; r == 0 && i < n; i++) {
            pg_row_view(w, some, i, cells);
            r = fn(ctx, &one);
        }
        PQclear(some);
    }
    return r;
}

/* A cursor, so that fn can use the connection meanwhile; db_each() has opened a transaction or a snapshot. */
static int pg_each(struct work *w, const struct db_call *call, int (*fn)(void *, const struct db_rows *), void *ctx) {
    struct arguments a;
    arguments_fill(w, &a, call->args, call->n);
    struct str sql = str_printf(w->arena, "DECLARE each%u NO SCROLL CURSOR FOR %s", w->db->each, call->st->sql);
    PGresult *r = PQexecParams(w->db->pg->pg, sql.p, (int)call->n, NULL, a.values, a.lengths, a.formats, 0);
    if (!result_ok(r)) {
        result_failed(w, call->st->name, r);
        if (w->db->depth > 0)
            w->db->level[w->db->depth - 1].failed = true;
        return -1;
    }
    PQclear(r);
    char fetch[64], end[64];
    snprintf(fetch, sizeof fetch, "FETCH %d FROM each%u", EACH_ROWS, w->db->each);
    snprintf(end, sizeof end, "CLOSE each%u", w->db->each);
    int result = each_fetch(w, call, fetch, fn, ctx);
    if (PQtransactionStatus(w->db->pg->pg) == PQTRANS_INTRANS)
        pg_end_quietly(w, end);
    return result;
}

static int pg_script(struct work *w, const char *sql, char *why, size_t cap) {
    PGresult *r = PQexec(w->db->pg->pg, sql);
    bool ok = result_ok(r);
    if (!ok)
        snprintf(why, cap, "%s", PQresultErrorMessage(r));
    PQclear(r);
    return ok ? 0 : -1;
}

/* What db_lock() will run is checked too; such statements are named …_lock. */
static PGresult *check_prepare(struct work *w, const struct db_statement *st) {
    PGconn *pg = w->db->pg->pg;
    struct db_call call = {.st = st, .mode = RUN_LOCK};
    if (str_ends(str_z(st->name), S("_lock"))) {
        PGresult *r = PQprepare(pg, "", statement_sql(w, &call), 0, NULL);
        if (!result_ok(r))
            return r;
        PQclear(r);
    }
    return PQprepare(pg, "", st->sql, 0, NULL);
}

static int pg_check(struct work *w, const struct db_statement *st, char *why, size_t cap) {
    PGresult *r = check_prepare(w, st);
    if (result_ok(r)) {
        PQclear(r);
        r = PQdescribePrepared(w->db->pg->pg, "");
    }
    bool ok = result_ok(r);
    if (!ok)
        snprintf(why, cap, "%s", PQresultErrorMessage(r));
    for (int i = 0; ok && i < PQnfields(r); i++) {
        ok = pg_type_known(PQftype(r, i));
        if (!ok)
            snprintf(why, cap, "column %s has type %u, which differs between the engines: CAST it", PQfname(r, i),
                     PQftype(r, i));
    }
    PQclear(r);
    return ok ? 0 : -1;
}

/* ── between nodes ─────────────────────────────────────────────────────── */
static int pg_notify(struct work *w, const char *channel, struct str payload) {
    static const struct db_statement notify = {"db_notify", "db", "SELECT CAST(pg_notify($1, $2) AS TEXT)", NULL, false,
                                               DB_UNNAMED,  0};
    struct db_rows rows;
    int64_t changed = 0;
    const struct db_value args[] = {DB_TEXTZ(channel), DB_TEXT(payload)};
    return pg_run(w, &(struct db_call){&notify, args, 2, RUN_ONE}, &rows, &changed) < 0 ? -1 : 0;
}

static int pg_listen(struct db_pool *p, const char *channel, void (*fn)(void *, struct str), void *ctx) {
    struct pg_listener *l = pg_listener_start(p->pg->address, channel, fn, ctx);
    if (!l)
        return -1;
    pthread_mutex_lock(&p->pg->mutex);
    p->pg->listeners = pg_listener_link(l, p->pg->listeners);
    pthread_mutex_unlock(&p->pg->mutex);
    return 0;
}

static int pg_try_lock(struct work *w, const char *name, bool wait) {
    static const struct db_statement attempt = {
        "db_try_lock", "db", "SELECT pg_try_advisory_xact_lock(CAST($1 AS BIGINT))", NULL, false, DB_UNNAMED, 0};
    static const struct db_statement block = {
        "db_lock_wait",
        "db",
        "SELECT CAST(1 AS BIGINT) FROM (SELECT pg_advisory_xact_lock(CAST($1 AS BIGINT))) AS l",
        NULL,
        false,
        DB_UNNAMED,
        0};
    struct db_rows rows;
    int64_t changed = 0;
    const struct db_value key = DB_INT(str_hash(str_z(name)));
    if (pg_run(w, &(struct db_call){wait ? &block : &attempt, &key, 1, RUN_ONE}, &rows, &changed) < 0)
        return -1;
    return db_i(&rows, 0, 0) ? 1 : 0;
}

static void pg_stats(struct db_pool *p, struct db_stats *ret) {
    struct pg_pool *s = p->pg;
    pthread_mutex_lock(&s->mutex);
    ret->transactions = ret->commits = s->transactions;
    ret->connections = 0;
    for (int i = 0; i < s->size; i++)
        ret->connections += s->all[i].pg != NULL;
    pthread_mutex_unlock(&s->mutex);
}

const struct db_engine_table postgresql_engine = {
    .kind = DB_POSTGRESQL,
    .open = pg_open,
    .close = pg_close,
    .attach = pg_attach,
    .detach = pg_detach,
    .read_begin = pg_read_begin,
    .read_end = pg_read_end,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .savepoint = pg_savepoint,
    .release = pg_release,
    .rollback_to = pg_rollback_to,
    .run = pg_run,
    .run_many = pg_run_many,
    .each = pg_each,
    .script = pg_script,
    .check = pg_check,
    .notify = pg_notify,
    .listen = pg_listen,
    .try_lock = pg_try_lock,
    .stats = pg_stats,
};
