/* db.h: one interface over SQLite and PostgreSQL: named statements, nested
 * transactions, migrations. Does not know what is stored.
 *
 * SQLite: readers from a pool, one writer connection. Writers take turns on it: a
 * transaction is a savepoint inside a shared outer transaction, and whoever finds
 * no one waiting (or the batch full) commits for all who have finished: group
 * commit, synchronous=FULL, and the code of a verb stays a straight line.
 * PostgreSQL: a pool; statements prepared once per connection. */
#ifndef MINGTANG_DB_H
#define MINGTANG_DB_H

#include "base/base.h"
#include <jansson.h>

/* A statement of a <room>.sql file; build/gen/<room>_sql.h declares one per name:
 *   extern const struct db_statement sql_<name>;
 * In the .sql file:  -- name: <name>      then comment lines, then ONE statement.
 * "-- only: sqlite|postgresql" below the name: where one engine needs another way; the room chooses by
 * db_pool_engine().
 * "-- quiet: <reason>" below the name exempts a write from "every change appends an event". */
struct db_statement {
    const char *name, *room, *sql;
    const char *quiet; /* the reason, or NULL */
    bool writes;       /* INSERT, UPDATE or DELETE */
    unsigned number;   /* 0 … db_statement_count-1 */
    int only; /* 0 both engines, else DB_ONLY_… ("-- only: postgresql" below the name): the other has its own */
};
enum { DB_ONLY_SQLITE = 1, DB_ONLY_POSTGRESQL };
extern const struct db_statement *const db_statements[]; /* generated; every statement of every room */
extern const unsigned db_statement_count;

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BYTES, DB_TYPE_BOOL };
struct db_value {
    enum db_type type;
    int64_t i;
    struct str s;
};
#define DB_INT(x) ((struct db_value){DB_TYPE_INT, (int64_t)(x), {0}})
#define DB_TEXT(x) ((struct db_value){DB_TYPE_TEXT, 0, (x)}) /* struct str; a view without pointer is '' */
#define DB_TEXTZ(x) ((struct db_value){DB_TYPE_TEXT, 0, str_z(x)})
#define DB_BYTES(x) ((struct db_value){DB_TYPE_BYTES, 0, (x)})
#define DB_BOOL(x) ((struct db_value){DB_TYPE_BOOL, (x) ? 1 : 0, {0}})
#define DB_NULL ((struct db_value){DB_TYPE_NULL, 0, {0}})
#define DB_ID(x) ((struct db_value){(x) ? DB_TYPE_INT : DB_TYPE_NULL, (int64_t)(x), {0}}) /* 0 is NULL */
#define DB_OPT(x) ((struct db_value){(x).n ? DB_TYPE_TEXT : DB_TYPE_NULL, 0, (x)})        /* "" is NULL */

/* A whole result, in the work's arena: lists are bounded by LIMIT and keyed paging. Texts are NUL-terminated. */
struct db_cell {
    enum db_type type; /* booleans of PostgreSQL arrive as DB_TYPE_INT 0/1, as from SQLite */
    int64_t i;
    struct str s;
};
struct db_rows {
    size_t n, columns;
    const char *const *names;
    const struct db_cell *cells;
};
int64_t db_i(const struct db_rows *r, size_t row, size_t column);    /* NULL gives 0 */
struct str db_s(const struct db_rows *r, size_t row, size_t column); /* NULL gives the empty view */
bool db_null(const struct db_rows *r, size_t row, size_t column);
json_t *db_json_row(const struct db_rows *r, size_t row); /* {column: value}; bytes as hex. New reference */
json_t *db_json(const struct db_rows *r);                 /* array of rows. New reference */

/* Runs a statement. db_query: 0 and all rows. db_one: 1 and one row in *ret, or 0 and nothing found (no error).
 * db_exec: rows changed. All: -1 with w->error filled (ERR_DUPLICATE on a unique key, ERR_CONFLICT on a
 * serialisation failure, ERR_DISK_FULL, ERR_INTERNAL otherwise; the SQL text goes to the log, never to people).
 * Outside a transaction each runs in its own read snapshot; writes outside db_begin() are refused. */
/* clang-format off: it breaks the continuation lines */
#define DB_ARGS(...) ((const struct db_value[]){{DB_TYPE_NULL, 0, {0}}, ##__VA_ARGS__})
#define DB_COUNT(...)                                                                                                  \
    (sizeof((const struct db_value[]){{DB_TYPE_NULL, 0, {0}}, ##__VA_ARGS__}) / sizeof(struct db_value) - 1)
/* clang-format on */
#define db_query(w, st, ret, ...) db_query_n((w), (st), (ret), DB_ARGS(__VA_ARGS__) + 1, DB_COUNT(__VA_ARGS__))
#define db_one(w, st, ret, ...) db_one_n((w), (st), (ret), DB_ARGS(__VA_ARGS__) + 1, DB_COUNT(__VA_ARGS__))
#define db_exec(w, st, ...) db_exec_n((w), (st), DB_ARGS(__VA_ARGS__) + 1, DB_COUNT(__VA_ARGS__))
int db_query_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args,
               size_t n);
int db_one_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args, size_t n);
int db_exec_n(struct work *w, const struct db_statement *st, const struct db_value *args, size_t n);
/* Pipelined writes: the same statement for many argument rows; `width` values each. Returns rows changed or -1. */
int db_exec_many(struct work *w, const struct db_statement *st, const struct db_value *args, size_t width, size_t rows);
/* Row by row for exports and loaders; stops when fn returns non-zero and returns that. The row is valid only
 * during the call. fn may run statements and inner transactions of w, but not end the one the loop began in. */
int db_each(struct work *w, const struct db_statement *st, const struct db_value *args, size_t n,
            int (*fn)(void *ctx, const struct db_rows *one), void *ctx);
/* Locks the row named by a SELECT … statement until the end of the transaction: FOR UPDATE on
 * PostgreSQL, nothing on SQLite (one writer). 1 found, 0 not, -1 error. */
#define db_lock(w, st, ret, ...) db_lock_n((w), (st), (ret), DB_ARGS(__VA_ARGS__) + 1, DB_COUNT(__VA_ARGS__))
int db_lock_n(struct work *w, const struct db_statement *st, struct db_rows *ret, const struct db_value *args,
              size_t n);

/* Transactions nest: an inner one is a savepoint; they know where they began (named in the log when one is
 * left open). db_commit of the outermost fails in debug and test builds (ERR_INTERNAL, rolled back) when rows
 * changed by non-quiet statements and w->events is 0. */
#define db_begin(w) db_begin_at((w), __FILE__, __LINE__)
int db_begin_at(struct work *w, const char *file, int line);
int db_commit(struct work *w);
void db_rollback(struct work *w); /* the innermost; keeps w->error */
bool db_in_transaction(const struct work *w);
/* A failed statement spoils its level on both engines: only db_rollback() of that level leads on. */
/* Called once after the outermost commit succeeded, not after a rollback. fn must not use w. */
void db_on_commit(struct work *w, void (*fn)(void *), void *arg);

enum db_engine { DB_SQLITE, DB_POSTGRESQL };
struct db_pool;
/* Opens "sqlite:PATH" or a postgresql:// address. On failure NULL, reason (English, for the operator) in why. */
struct db_pool *db_pool_open(const char *address, int connections, char *why, size_t cap);
void db_pool_close(struct db_pool *p);
enum db_engine db_pool_engine(const struct db_pool *p);
struct db_pool *db_pool_of(const struct work *w); /* the pool w is attached to */
/* fn runs inside every outermost transaction of this pool in which a public event was appended, as its last part. It
 * does its work in an inner transaction; its errors are dropped, the change is committed all the same. */
void db_before_commit(struct db_pool *p, void (*fn)(struct work *));
/* Counters since the pool was opened. commits < transactions shows group commit at work (SQLite only; on
 * PostgreSQL both count alike). */
struct db_stats {
    uint64_t transactions; /* outermost ones that succeeded */
    uint64_t commits;      /* COMMITs that were synced */
    uint64_t connections;  /* open now */
};
void db_pool_stats(struct db_pool *p, struct db_stats *ret);
/* Binds a connection to w (a reader first; db_begin moves to the writer) until db_detach. 0 or -1 (ERR_BUSY). */
int db_attach(struct work *w, struct db_pool *p);
void db_detach(struct work *w); /* rolls back what is open, logging where it began */
/* One read transaction around all reads until db_read_end or db_begin: a consistent snapshot. */
int db_read_begin(struct work *w);
void db_read_end(struct work *w);

/* Migrations: sql/migrations/NNNN_name.sql, forward only, each in one transaction, checksum kept and
 * checked. Macros translated per engine: IDENTITY, BYTES, BIGINT, BOOLEAN, KEYTEXT, STRICT. A section between
 * "-- only: sqlite" / "-- only: postgresql" and "-- end" is for one engine. Statements end with ";" at line end
 * ("-- end" closes a section whose statements hold ";" inside, e.g. triggers: one statement per section). */
struct db_migration {
    int number;
    const char *name;
    struct str sql;
};
int db_migrate(struct db_pool *p, const struct db_migration *list, size_t n, int64_t now, char *why, size_t cap);
/* Prepares every statement on this engine; used by tests and `doctor`. Number of failures, names in why. */
int db_prepare_all(struct db_pool *p, char *why, size_t cap);
/* PostgreSQL LISTEN/NOTIFY between nodes; no-ops on SQLite. db_notify sends inside the transaction. */
int db_notify(struct work *w, const char *channel, struct str payload);
int db_listen(struct db_pool *p, const char *channel, void (*fn)(void *ctx, struct str payload), void *ctx);
/* A database-wide lock by name until commit: advisory lock on PostgreSQL, nothing on SQLite. 1 got it, 0 held by
 * another. */
int db_try_lock(struct work *w, const char *name);

#endif
