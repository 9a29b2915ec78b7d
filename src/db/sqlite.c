/* sqlite.c: the SQLite engine: connections, statements, rows. Writing is in sqlite_writer.c.
 *
 * Readers are opened on demand and kept; each keeps its prepared statements by number. The one writer connection
 * is lent in turns. Connections are not shared between threads at the same time, so SQLite's own mutexes are off. */
#include "db/db_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

#define READERS_MAX 256 /* more works than that at once is a leak of ours */
#define BUSY_MS 10000   /* another process (a command) may hold the write lock */

struct sqlite_connection {
    sqlite3 *db;
    sqlite3_stmt **kept; /* by statement number */
    bool *in_use;        /* inside db_each(): a second run needs its own */
    sqlite3_stmt *control[SQLITE_DO__MAX];
    struct db_cell *cells; /* scratch for one result */
    size_t cap;
    struct sqlite_connection *next; /* free readers */
};
struct sqlite_pool {
    char *path;
    pthread_mutex_t mutex;
    struct sqlite_connection *free;
    unsigned readers;
    struct sqlite_connection *writer_connection;
    struct sqlite_writer *writer;
};

static struct sqlite_connection *connection_of(struct work *w) {
    return w->db->on_writer ? w->db->pool->sqlite->writer_connection : w->db->reader;
}

/* ── errors ────────────────────────────────────────────────────────────── */
enum error_code sqlite_error_code(int rc) {
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_DUPLICATE;
    case SQLITE_IOERR_WRITE: /* a quota or a file size limit; SQLite has lost errno by now */
    case SQLITE_IOERR_SHMSIZE:
        return ERR_DISK_FULL;
    default:
        break;
    }
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    default:
        return ERR_INTERNAL;
    }
}

const char *sqlite_reason(struct sqlite_connection *c) {
    return sqlite3_errmsg(c->db);
}

bool sqlite_in_transaction(const struct sqlite_connection *c) {
    return !sqlite3_get_autocommit(c->db);
}

static int statement_failed(struct work *w, struct sqlite_connection *c, const struct db_statement *st, int rc) {
    if (w->db->on_writer && !sqlite_in_transaction(c))
        db_spoil(w); /* SQLite undid the whole batch (disk full): nothing may run outside it */
    return db_failed(w, sqlite_error_code(rc), st->name, sqlite3_errmsg(c->db));
}

/* ── connections ───────────────────────────────────────────────────────── */
static void connection_close(struct sqlite_connection *c) {
    for (unsigned i = 0; i < db_statement_count; i++)
        sqlite3_finalize(c->kept[i]);
    for (size_t i = 0; i < SQLITE_DO__MAX; i++)
        sqlite3_finalize(c->control[i]);
    sqlite3_close_v2(c->db);
    free(c->kept);
    free(c->in_use);
    free(c->cells);
    free(c);
}

/* Changing a new file to WAL needs it alone, and the busy timeout does not count then: try again for as long. */
static int journal_setup(struct sqlite_connection *c) {
    int rc = SQLITE_BUSY;
    for (int i = 0; (rc & 0xff) == SQLITE_BUSY && i < BUSY_MS / 10; i++) {
        if (i)
            sqlite3_sleep(10);
        rc = sqlite3_exec(c->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    }
    return rc;
}

static int connection_setup(struct sqlite_connection *c, bool writer) {
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BUSY_MS);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "x" is a name, never a string */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int rc = journal_setup(c);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db,
                          "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                          "PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=67108864;",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db, writer ? "PRAGMA cache_size=-32768" : "PRAGMA query_only=ON; PRAGMA cache_size=-8192",
                          NULL, NULL, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return rc;
}

static struct sqlite_connection *connection_open(const char *path, bool writer, char *why, size_t cap) {
    struct sqlite_connection *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->kept = calloc(db_statement_count + 1, sizeof *c->kept);
    c->in_use = calloc(db_statement_count + 1, sizeof *c->in_use);
    if (!c->kept || !c->in_use)
        abort();
    int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = connection_setup(c, writer);
    if (rc == SQLITE_OK)
        return c;
    snprintf(why, cap, "%s: %s", path, sqlite3_errmsg(c->db));
    connection_close(c);
    return NULL;
}

static void library_setup(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its counter makes threads wait for each other */
}

/* The file holds personal data: it is made for its owner alone. */
static int file_make(const char *path, char *why, size_t cap) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int saved = errno;
        char text[128];
        snprintf(why, cap, "%s: %s", path, strerror_r(saved, text, sizeof text));
        return -1;
    }
    close(fd);
    return 0;
}

static int sqlite_open(struct db_pool *p, const char *path, int connections, char *why, size_t cap) {
    (void)connections; /* readers are bounded by the works there are */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_setup);
    if (!*path || *path == ':' || str_starts(str_z(path), S("file:"))) {
        snprintf(why, cap, "sqlite: must be followed by the path of a file");
        return -1;
    }
    if (file_make(path, why, cap) < 0)
        return -1;
    struct sqlite_connection *c = connection_open(path, true, why, cap);
    if (!c)
        return -1;
    struct sqlite_pool *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->path = strdup(path);
    pthread_mutex_init(&s->mutex, NULL);
    s->writer_connection = c;
    s->writer = sqlite_writer_new(c);
    p->sqlite = s;
    return 0;
}

static void sqlite_close(struct db_pool *p) {
    struct sqlite_pool *s = p->sqlite;
    while (s->free) {
        struct sqlite_connection *c = s->free;
        s->free = c->next;
        connection_close(c);
    }
    sqlite_writer_free(s->writer);
    sqlite3_exec(s->writer_connection->db, "PRAGMA optimize", NULL, NULL, NULL);
    connection_close(s->writer_connection);
    pthread_mutex_destroy(&s->mutex);
    free(s->path);
    free(s);
}

static int sqlite_attach(struct work *w) {
    struct sqlite_pool *s = w->db->pool->sqlite;
    pthread_mutex_lock(&s->mutex);
    struct sqlite_connection *c = s->free;
    bool room = s->readers < READERS_MAX;
    if (c)
        s->free = c->next;
    else if (room)
        s->readers++;
    pthread_mutex_unlock(&s->mutex);
    if (!c && !room)
        return db_failed(w, ERR_BUSY, "attach", "all reader connections are in use");
    char why[400];
    if (!c && !(c = connection_open(s->path, false, why, sizeof why))) {
        pthread_mutex_lock(&s->mutex);
        s->readers--;
        pthread_mutex_unlock(&s->mutex);
        return db_failed(w, ERR_BUSY, "attach", why);
    }
    w->db->reader = c;
    return 0;
}

static void sqlite_detach(struct work *w) {
    struct sqlite_pool *s = w->db->pool->sqlite;
    pthread_mutex_lock(&s->mutex);
    w->db->reader->next = s->free;
    s->free = w->db->reader;
    pthread_mutex_unlock(&s->mutex);
}

/* ── transactions ──────────────────────────────────────────────────────── */
int sqlite_control(struct sqlite_connection *c, enum sqlite_control what) {
    static const char *const sql[SQLITE_DO__MAX] = {
        [SQLITE_DO_BEGIN] = "BEGIN",
        [SQLITE_DO_BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
        [SQLITE_DO_COMMIT] = "COMMIT",
        [SQLITE_DO_ROLLBACK] = "ROLLBACK",
        [SQLITE_DO_MEMBER] = "SAVEPOINT member",
        [SQLITE_DO_MEMBER_RELEASE] = "RELEASE member",
        [SQLITE_DO_MEMBER_ROLLBACK] = "ROLLBACK TO member",
    };
    if (!c->control[what]) {
        int rc = sqlite3_prepare_v3(c->db, sql[what], -1, SQLITE_PREPARE_PERSISTENT, &c->control[what], NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    sqlite3_step(c->control[what]);
    return sqlite3_reset(c->control[what]);
}

static int control_or_fail(struct work *w, enum sqlite_control what, const char *name) {
    struct sqlite_connection *c = connection_of(w);
    int rc = sqlite_control(c, what);
    return rc == SQLITE_OK ? 0 : db_failed(w, sqlite_error_code(rc), name, sqlite3_errmsg(c->db));
}

static int sqlite_read_begin(struct work *w) {
    return control_or_fail(w, SQLITE_DO_BEGIN, "read_begin");
}

static void sqlite_read_end(struct work *w) {
    sqlite_control(w->db->reader, SQLITE_DO_ROLLBACK);
}

static int sqlite_begin(struct work *w) {
    return sqlite_writer_begin(w, w->db->pool->sqlite->writer);
}

static int sqlite_commit(struct work *w) {
    return sqlite_writer_commit(w, w->db->pool->sqlite->writer);
}

static void sqlite_rollback(struct work *w) {
    sqlite_writer_rollback(w, w->db->pool->sqlite->writer);
}

static int depth_exec(struct work *w, const char *verb, int depth) {
    struct sqlite_connection *c = connection_of(w);
    char sql[64];
    snprintf(sql, sizeof sql, "%s level%d", verb, depth);
    int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_failed(w, sqlite_error_code(rc), "savepoint", sqlite3_errmsg(c->db));
}

static int sqlite_savepoint(struct work *w, int depth) {
    return depth_exec(w, "SAVEPOINT", depth);
}

static int sqlite_release(struct work *w, int depth) {
    return depth_exec(w, "RELEASE", depth);
}

static void sqlite_rollback_to(struct work *w, int depth) {
    if (!sqlite_in_transaction(connection_of(w)))
        return; /* a full disk has already undone everything */
    if (depth_exec(w, "ROLLBACK TO", depth) == 0)
        depth_exec(w, "RELEASE", depth);
}

/* ── statements ────────────────────────────────────────────────────────── */
/* A statement ready to bind: kept by number, or made for this run when it is unnamed or already running. */
static sqlite3_stmt *statement_take(struct work *w, struct sqlite_connection *c, const struct db_statement *st) {
    bool keep = st->number < db_statement_count && !c->in_use[st->number];
    sqlite3_stmt *s = keep ? c->kept[st->number] : NULL;
    if (!s) {
        int rc = sqlite3_prepare_v3(c->db, st->sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &s, NULL);
        if (rc != SQLITE_OK) {
            statement_failed(w, c, st, rc);
            return NULL;
        }
    }
    if (keep) {
        c->kept[st->number] = s;
        c->in_use[st->number] = true;
    }
    return s;
}

static void statement_give(struct sqlite_connection *c, const struct db_statement *st, sqlite3_stmt *s) {
    if (st->number < db_statement_count && c->kept[st->number] == s) {
        sqlite3_reset(s);
        sqlite3_clear_bindings(s);
        c->in_use[st->number] = false;
    } else {
        sqlite3_finalize(s);
    }
}

static int bind_one(sqlite3_stmt *s, int index, const struct db_value *v) {
    const char *p = v->s.p ? v->s.p : "";
    switch (v->type) {
    case DB_TYPE_INT:
    case DB_TYPE_BOOL:
        return sqlite3_bind_int64(s, index, v->i);
    case DB_TYPE_TEXT:
        return sqlite3_bind_text64(s, index, p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
    case DB_TYPE_BYTES:
        return sqlite3_bind_blob64(s, index, p, v->s.n, SQLITE_STATIC);
    case DB_TYPE_NULL:
        break;
    }
    return sqlite3_bind_null(s, index);
}

/* $n are names to SQLite, numbered by first appearance: each is looked up by its digits. */
static int bind_all(struct work *w, struct sqlite_connection *c, const struct db_call *call,
                    const struct db_value *args, sqlite3_stmt *s) {
    size_t highest = 0;
    int count = sqlite3_bind_parameter_count(s);
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(s, i);
        size_t number = 0;
        for (const char *d = name ? name + 1 : ""; *d >= '0' && *d <= '9' && number < DB_ARGS_MAX; d++)
            number = number * 10 + (size_t)(*d - '0');
        if (number > highest)
            highest = number;
        if (number < 1 || number > call->n)
            return db_failed(w, ERR_INTERNAL, call->st->name, "fewer arguments than parameters");
        int rc = bind_one(s, i, &args[number - 1]);
        if (rc != SQLITE_OK)
            return statement_failed(w, c, call->st, rc);
    }
    if (highest != call->n)
        return db_failed(w, ERR_INTERNAL, call->st->name, "more arguments than parameters");
    return 0;
}

static struct db_cell cell_read(sqlite3_stmt *s, int column) {
    struct db_cell c = {0};
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        c.type = DB_TYPE_INT;
        c.i = sqlite3_column_int64(s, column);
        break;
    case SQLITE_TEXT:
    case SQLITE_FLOAT: /* no column of ours is one; shown as text rather than rounded */
        c.type = DB_TYPE_TEXT;
        c.s.p = (const char *)sqlite3_column_text(s, column);
        c.s.n = (size_t)sqlite3_column_bytes(s, column);
        break;
    case SQLITE_BLOB:
        c.type = DB_TYPE_BYTES;
        c.s.p = sqlite3_column_blob(s, column);
        c.s.n = (size_t)sqlite3_column_bytes(s, column);
        break;
    default:
        c.type = DB_TYPE_NULL;
    }
    return c;
}

static const char *column_name(void *s, int column) {
    return sqlite3_column_name(s, column);
}

static struct db_cell *scratch(struct sqlite_connection *c, size_t cells) {
    if (cells > c->cap) {
        c->cap = cells * 2;
        c->cells = realloc(c->cells, c->cap * sizeof *c->cells);
        if (!c->cells)
            abort();
    }
    return c->cells;
}

/* Steps to the end, keeping the wanted rows. Number of rows seen, or -1. */
static int rows_collect(struct work *w, struct sqlite_connection *c, const struct db_call *call, sqlite3_stmt *s,
                        struct db_rows *ret) {
    size_t columns = (size_t)sqlite3_column_count(s), kept = 0, most = call->mode == RUN_ALL ? SIZE_MAX : 1;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        if (call->mode == RUN_COUNT || kept == most)
            continue; /* a RETURNING must run to its end */
        struct db_cell *row = scratch(c, (kept + 1) * columns) + kept * columns;
        for (size_t i = 0; i < columns; i++) {
            row[i] = cell_read(s, (int)i);
            if (row[i].type == DB_TYPE_TEXT || row[i].type == DB_TYPE_BYTES)
                row[i].s = str_dup(w->arena, row[i].s);
        }
        kept++;
        if (kept == most && !call->st->writes) {
            rc = SQLITE_DONE;
            break;
        }
        if (arena_over(w->arena))
            return db_failed(w, ERR_TOO_LARGE, call->st->name, "the result is larger than one request may hold");
    }
    if (rc != SQLITE_DONE)
        return statement_failed(w, c, call->st, rc);
    ret->n = kept;
    ret->columns = columns;
    struct db_cell *cells = arena_many(w->arena, struct db_cell, kept * columns + 1);
    if (kept)
        memcpy(cells, c->cells, kept * columns * sizeof *cells);
    ret->cells = cells;
    if (call->mode != RUN_COUNT)
        ret->names = db_names_of(w, call->st, columns, column_name, s);
    return (int)kept;
}

static int sqlite_run(struct work *w, const struct db_call *call, struct db_rows *ret, int64_t *ret_changed) {
    struct sqlite_connection *c = connection_of(w);
    sqlite3_stmt *s = statement_take(w, c, call->st);
    if (!s)
        return -1;
    int n = bind_all(w, c, call, call->args, s);
    if (n == 0)
        n = rows_collect(w, c, call, s, ret);
    if (n >= 0 && call->st->writes)
        *ret_changed = sqlite3_changes64(c->db);
    statement_give(c, call->st, s);
    return n >= 0 && call->mode == RUN_COUNT ? (int)*ret_changed : n;
}

static int sqlite_run_many(struct work *w, const struct db_call *call, size_t rows) {
    struct sqlite_connection *c = connection_of(w);
    sqlite3_stmt *s = statement_take(w, c, call->st);
    if (!s)
        return -1;
    int64_t changed = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < rows; i++) {
        r = bind_all(w, c, call, call->args + i * call->n, s);
        int rc = SQLITE_ROW;
        while (r == 0 && rc == SQLITE_ROW)
            rc = sqlite3_step(s);
        if (r == 0 && rc != SQLITE_DONE)
            r = statement_failed(w, c, call->st, rc);
        if (r == 0)
            changed += sqlite3_changes64(c->db);
        sqlite3_reset(s);
    }
    statement_give(c, call->st, s);
    return r < 0 ? -1 : (int)changed;
}

static int sqlite_each(struct work *w, const struct db_call *call, int (*fn)(void *, const struct db_rows *),
                       void *ctx) {
    struct sqlite_connection *c = connection_of(w);
    sqlite3_stmt *s = statement_take(w, c, call->st);
    if (!s)
        return -1;
    int r = bind_all(w, c, call, call->args, s);
    size_t columns = (size_t)sqlite3_column_count(s);
    struct db_cell *cells = arena_many(w->arena, struct db_cell, columns + 1);
    struct db_rows one = {1, columns, NULL, cells};
    one.names = db_names_of(w, call->st, columns, column_name, s);
    while (r == 0) {
        int rc = sqlite3_step(s);
        if (rc == SQLITE_DONE)
            break;
        if (rc != SQLITE_ROW) {
            r = statement_failed(w, c, call->st, rc);
            break;
        }
        for (size_t i = 0; i < columns; i++)
            cells[i] = cell_read(s, (int)i);
        r = fn(ctx, &one);
    }
    statement_give(c, call->st, s);
    return r;
}

static int sqlite_script(struct work *w, const char *sql, char *why, size_t cap) {
    struct sqlite_connection *c = connection_of(w);
    if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    snprintf(why, cap, "%s", sqlite3_errmsg(c->db));
    return -1;
}

static int sqlite_check(struct work *w, const struct db_statement *st, char *why, size_t cap) {
    struct sqlite_connection *c = w->db->reader;
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v3(c->db, st->sql, -1, 0, &s, NULL) != SQLITE_OK) {
        snprintf(why, cap, "%s", sqlite3_errmsg(c->db));
        return -1;
    }
    bool agrees = (sqlite3_stmt_readonly(s) != 0) == !st->writes;
    if (!agrees)
        snprintf(why, cap, "must begin with INSERT, UPDATE or DELETE when it writes");
    sqlite3_finalize(s);
    return agrees ? 0 : -1;
}

/* ── between nodes: there is one ───────────────────────────────────────── */
static int sqlite_notify(struct work *w, const char *channel, struct str payload) {
    (void)w, (void)channel, (void)payload;
    return 0;
}

static int sqlite_listen(struct db_pool *p, const char *channel, void (*fn)(void *, struct str), void *ctx) {
    (void)p, (void)channel, (void)fn, (void)ctx;
    return 0;
}

static int sqlite_try_lock(struct work *w, const char *name, bool wait) {
    (void)w, (void)name, (void)wait; /* whoever writes is alone */
    return 1;
}

static void sqlite_stats(struct db_pool *p, struct db_stats *ret) {
    sqlite_writer_stats(p->sqlite->writer, ret);
    pthread_mutex_lock(&p->sqlite->mutex);
    ret->connections = p->sqlite->readers + 1;
    pthread_mutex_unlock(&p->sqlite->mutex);
}

const struct db_engine_table sqlite_engine = {
    .kind = DB_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .attach = sqlite_attach,
    .detach = sqlite_detach,
    .read_begin = sqlite_read_begin,
    .read_end = sqlite_read_end,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .release = sqlite_release,
    .rollback_to = sqlite_rollback_to,
    .run = sqlite_run,
    .run_many = sqlite_run_many,
    .each = sqlite_each,
    .script = sqlite_script,
    .check = sqlite_check,
    .notify = sqlite_notify,
    .listen = sqlite_listen,
    .try_lock = sqlite_try_lock,
    .stats = sqlite_stats,
};
