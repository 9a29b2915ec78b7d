/* migrate.c: brings the schema forward: each migration once, in order, in one transaction with its record.
 *
 * Two nodes that start at once take turns: every step takes a database-wide lock first and looks again. What was
 * applied is never touched: a migration whose text has changed since is refused, as is a schema newer than we are. */
#include "db/db_internal.h"
#include "db_sql.h"

#include <openssl/sha.h>

struct migrating {
    struct work w;
    const struct db_migration *list;
    size_t n;
    char *why;
    size_t cap;
};

static int refuse(struct migrating *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int refuse(struct migrating *m, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(m->why, m->cap, fmt, ap);
    va_end(ap);
    return -1;
}

static int script(struct migrating *m, const char *name, const char *sql) {
    char reason[600] = "";
    if (m->w.db->pool->engine->script(&m->w, sql, reason, sizeof reason) == 0)
        return 0;
    return refuse(m, "migration %s: %s; the statement begins: %.120s", name, reason, sql);
}

static struct str checksum(struct arena *a, struct str sql) {
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)(sql.p ? sql.p : ""), sql.n, hash);
    return hex_encode(a, hash, sizeof hash);
}

/* Opens the transaction of one step: alone in the whole database, with the table of records there. */
static int step_begin(struct migrating *m) {
    struct work *w = &m->w;
    enum db_engine engine = w->db->pool->engine->kind;
    if (db_begin(w) < 0)
        return refuse(m, "the database is busy or cannot be written");
    if (engine == DB_POSTGRESQL && script(m, "record", "SET LOCAL statement_timeout = 0") < 0)
        return -1;
    if (w->db->pool->engine->try_lock(w, "schema_migration", true) < 0)
        return refuse(m, "the lock of the schema cannot be taken");
    struct str table = migration_translate(w->arena, engine,
                                           S("CREATE TABLE IF NOT EXISTS schema_migration (\n"
                                             "    number     BIGINT PRIMARY KEY,\n"
                                             "    name       TEXT NOT NULL,\n"
                                             "    checksum   TEXT NOT NULL, -- SHA-256 of the text, hex\n"
                                             "    applied_at BIGINT NOT NULL\n"
                                             ") STRICT"));
    return script(m, "record", table.p);
}

static const struct db_migration *known(const struct migrating *m, int64_t number) {
    for (size_t i = 0; i < m->n; i++)
        if (m->list[i].number == number)
            return &m->list[i];
    return NULL;
}

/* Compares what was applied with what we have. The highest applied number, or -1. */
static int64_t applied_check(struct migrating *m) {
    struct db_rows r;
    if (db_query(&m->w, &sql_db_migration_list, &r) < 0)
        return refuse(m, "the table schema_migration cannot be read");
    int64_t highest = 0;
    size_t ours = 0;
    for (size_t i = 0; i < r.n; i++) {
        highest = db_i(&r, i, 0);
        const struct db_migration *x = known(m, highest);
        if (!x)
            return refuse(m, "migration %lld (%.*s) was applied by a newer version of this program", (long long)highest,
                          STR_ARG(db_s(&r, i, 1)));
        if (!str_eq(checksum(m->w.arena, x->sql), db_s(&r, i, 2)))
            return refuse(
                m, "migration %lld (%s) was changed after it had been applied; restore its text and add a new one",
                (long long)highest, x->name);
    }
    for (size_t i = 0; i < m->n; i++)
        ours += m->list[i].number <= highest;
    if (ours != r.n)
        return refuse(m, "a migration was added below number %lld, which is applied already; give it a higher number",
                      (long long)highest);
    return highest;
}

static int migration_apply(struct migrating *m, const struct db_migration *x) {
    struct work *w = &m->w;
    struct str text = x->sql, statement;
    while (migration_next(w->arena, w->db->pool->engine->kind, &text, &statement) > 0)
        if (script(m, x->name, statement.p) < 0)
            return -1;
    if (db_exec(w, &sql_db_migration_insert, DB_INT(x->number), DB_TEXTZ(x->name), DB_TEXT(checksum(w->arena, x->sql)),
                DB_INT(w->now)) < 0)
        return refuse(m, "migration %s: its record cannot be written", x->name);
    return 0;
}

/* Applies the next missing migration: 1, or 0 when there is none. */
static int step(struct migrating *m) {
    if (step_begin(m) < 0)
        return -1;
    int64_t highest = applied_check(m);
    if (highest < 0)
        return -1;
    const struct db_migration *next = NULL;
    for (size_t i = 0; i < m->n && !next; i++)
        if (m->list[i].number > highest)
            next = &m->list[i];
    if (next && migration_apply(m, next) < 0)
        return -1;
    if (db_commit(&m->w) < 0)
        return refuse(m, "migration %s: the commit failed: %s", next ? next->name : "record", error_text(&m->w.error));
    if (next)
        log_line(LOG_INFO, "migrated", "number=%d name=%s", next->number, next->name);
    return next ? 1 : 0;
}

int db_migrate(struct db_pool *p, const struct db_migration *list, size_t n, int64_t now, char *why, size_t cap) {
    struct migrating m = {.w = {.now = now}, .list = list, .n = n, .why = why, .cap = cap};
    for (size_t i = 0; i < n; i++)
        if (list[i].number <= (i ? list[i - 1].number : 0))
            return refuse(&m, "migration %s: numbers must grow", list[i].name);
    m.w.arena = arena_new(LIMIT_ARENA_BYTES);
    int r = db_attach(&m.w, p) < 0 ? refuse(&m, "no connection to the database") : 1;
    while (r > 0)
        r = step(&m);
    while (db_in_transaction(&m.w))
        db_rollback(&m.w);
    db_detach(&m.w);
    arena_free(m.w.arena);
    return r;
}
