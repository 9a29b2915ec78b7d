/* db_internal.h: what the files of this room share: a work's handle, the pool, the table of an engine. */
#ifndef MINGTANG_DB_INTERNAL_H
#define MINGTANG_DB_INTERNAL_H

#include "db/db.h"

#define DB_DEPTH_MAX 16        /* nested transactions: more is a loop of ours */
#define DB_ARGS_MAX 100        /* parameters of one statement */
#define DB_ATTACH_WAIT_MS 5000 /* for a free connection, then ERR_BUSY */
#define DB_TURN_WAIT_MS 10000  /* for the writer's turn, then ERR_BUSY */
#define DB_STATEMENT_MS 30000  /* one statement on PostgreSQL */
#define DB_UNNAMED UINT32_MAX  /* number of a statement that is not in db_statements: never kept prepared */

/* One open transaction level: what a rollback restores. */
struct db_level {
    const char *file;
    int line;
    unsigned events;
    bool public_event;
    const char *changed;
    size_t hooks;
    bool failed; /* a statement failed: this level can only be rolled back, on both engines */
};
struct db_hook {
    void (*fn)(void *);
    void *arg;
};
struct sqlite_connection;
struct sqlite_pool;
struct pg_connection;
struct pg_pool;

/* A work's handle (w->db). Used by one thread at a time. */
struct db {
    struct db_pool *pool;
    struct sqlite_connection *reader; /* SQLite */
    bool on_writer;                   /* SQLite: holds the writer's turn */
    struct pg_connection *pg;         /* PostgreSQL */
    bool reading;                     /* a read snapshot is open */
    unsigned each;                    /* db_each() loops running; they pin the transaction they began in */
    int each_depth;                   /* depth at which the innermost began */
    const char *changed;              /* the first statement that changed rows and is not quiet */
    int depth;
    struct db_level level[DB_DEPTH_MAX];
    struct db_hook *hooks; /* malloc'ed */
    size_t hook_count, hook_cap;
};

enum run_mode { RUN_ALL, RUN_ONE, RUN_LOCK, RUN_COUNT };
struct db_call {
    const struct db_statement *st;
    const struct db_value *args;
    size_t n;
    enum run_mode mode;
};
/* Every function takes the bound work; -1 means w->error is filled and the reason is logged. */
struct db_engine_table {
    enum db_engine kind;
    int (*open)(struct db_pool *p, const char *address, int connections, char *why, size_t cap);
    void (*close)(struct db_pool *p);
    int (*attach)(struct work *w);
    void (*detach)(struct work *w);
    int (*read_begin)(struct work *w);
    void (*read_end)(struct work *w);
    int (*begin)(struct work *w); /* the outermost */
    int (*commit)(struct work *w);
    void (*rollback)(struct work *w);
    int (*savepoint)(struct work *w, int depth); /* inner ones */
    int (*release)(struct work *w, int depth);
    void (*rollback_to)(struct work *w, int depth);
    /* Rows found (RUN_ALL, RUN_ONE, RUN_LOCK) or changed (RUN_COUNT); *ret_changed when the statement writes. */
    int (*run)(struct work *w, const struct db_call *call, struct db_rows *ret, int64_t *ret_changed);
    int (*run_many)(struct work *w, const struct db_call *call, size_t rows); /* call->n is the width */
    int (*each)(struct work *w, const struct db_call *call, int (*fn)(void *, const struct db_rows *), void *ctx);
    int (*script)(struct work *w, const char *sql, char *why, size_t cap); /* one DDL statement */
    int (*check)(struct work *w, const struct db_statement *st, char *why, size_t cap);
    int (*notify)(struct work *w, const char *channel, struct str payload);
    int (*listen)(struct db_pool *p, const char *channel, void (*fn)(void *, struct str), void *ctx);
    int (*try_lock)(struct work *w, const char *name, bool wait);
    void (*stats)(struct db_pool *p, struct db_stats *ret);
};
extern const struct db_engine_table sqlite_engine, postgresql_engine;

struct db_pool {
    const struct db_engine_table *engine;
    struct sqlite_pool *sqlite;
    struct pg_pool *pg;
    void (*before_commit)(struct work *); /* set before the first request; NULL: none */
    struct db_names *_Atomic *names;      /* column names by statement number, kept for the pool's life */
};
struct db_names {
    size_t n;
    const char *v[];
};

/* db.c */
/* Column names that outlive the statement: kept once per statement in the pool, else copied to the arena. */
const char *const *db_names_of(struct work *w, const struct db_statement *st, size_t n,
                               const char *(*name)(void *result, int column), void *result);
/* Logs why a statement failed (not for duplicates and conflicts, which callers expect) and fails. */
int db_failed(struct work *w, enum error_code code, const char *statement, const char *reason);
void db_spoil(struct work *w);                  /* the whole transaction is lost: every level can only roll back */
void db_deadline(struct timespec *ret, int ms); /* CLOCK_MONOTONIC */

/* sqlite.c, used by sqlite_writer.c */
enum sqlite_control {
    SQLITE_DO_BEGIN,
    SQLITE_DO_BEGIN_IMMEDIATE,
    SQLITE_DO_COMMIT,
    SQLITE_DO_ROLLBACK,
    SQLITE_DO_MEMBER,
    SQLITE_DO_MEMBER_RELEASE,
    SQLITE_DO_MEMBER_ROLLBACK,
    SQLITE_DO__MAX
};
int sqlite_control(struct sqlite_connection *c, enum sqlite_control what); /* SQLite's result code */
bool sqlite_in_transaction(const struct sqlite_connection *c);
enum error_code sqlite_error_code(int rc);
const char *sqlite_reason(struct sqlite_connection *c);

/* sqlite_writer.c */
struct sqlite_writer;
struct sqlite_writer *sqlite_writer_new(struct sqlite_connection *c);
void sqlite_writer_free(struct sqlite_writer *x);
int sqlite_writer_begin(struct work *w, struct sqlite_writer *x);
int sqlite_writer_commit(struct work *w, struct sqlite_writer *x);
void sqlite_writer_rollback(struct work *w, struct sqlite_writer *x);
void sqlite_writer_stats(struct sqlite_writer *x, struct db_stats *ret);

/* migrate_sql.c */
/* Cuts the next statement for this engine off *text, translated, in the arena. 1 and *ret, 0 at the end. */
int migration_next(struct arena *a, enum db_engine engine, struct str *text, struct str *ret);
struct str migration_translate(struct arena *a, enum db_engine engine, struct str statement);
#endif
