/* unit_db.h: a throw-away database for a unit test: a temporary SQLite file, or a schema of its own in the
 * PostgreSQL that MINGTANG_TEST_PG names. The real migrations come from the embedded assets. */
#ifndef UNIT_DB_H
#define UNIT_DB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/db.h"
#include "http/http.h"

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#undef fail /* cmocka's macro; ours is base/errors.h */
#define unit_fail(...)                                                                                                 \
    do {                                                                                                               \
        print_error(__VA_ARGS__);                                                                                      \
        _fail(__FILE__, __LINE__);                                                                                     \
    } while (0)

struct unit_db {
    enum db_engine engine;
    char dir[64];    /* SQLite: removed at the end */
    char schema[64]; /* PostgreSQL: dropped at the end */
    char address[512];
    struct db_pool *pool;
};

static inline void unit_pg_command(const char *fmt, const char *schema) {
    char sql[200];
    snprintf(sql, sizeof sql, fmt, schema);
    PGconn *pg = PQconnectdb(getenv("MINGTANG_TEST_PG"));
    PQclear(PQexec(pg, "SET client_min_messages = warning"));
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        unit_fail("%s: %s\n", sql, PQerrorMessage(pg));
    PQclear(r);
    PQfinish(pg);
}

/* An empty place for a database; nothing is opened. */
static inline void unit_db_place(struct unit_db *u, enum db_engine engine) {
    static int count;
    *u = (struct unit_db){.engine = engine};
    if (engine == DB_SQLITE) {
        snprintf(u->dir, sizeof u->dir, "/tmp/mingtang-unit-XXXXXX");
        assert_non_null(mkdtemp(u->dir));
        snprintf(u->address, sizeof u->address, "sqlite:%s/test.db", u->dir);
        return;
    }
    const char *base = getenv("MINGTANG_TEST_PG");
    snprintf(u->schema, sizeof u->schema, "unit_%d_%d", (int)getpid(), count++);
    unit_pg_command("CREATE SCHEMA %s", u->schema);
    snprintf(u->address, sizeof u->address, "%s%coptions=-csearch_path%%3D%s", base, strchr(base, '?') ? '&' : '?',
             u->schema);
}

static inline void unit_db_remove(struct unit_db *u) {
    static const char *const files[] = {"test.db", "test.db-wal", "test.db-shm"};
    if (u->pool)
        db_pool_close(u->pool);
    u->pool = NULL;
    if (u->engine == DB_POSTGRESQL) {
        unit_pg_command("DROP SCHEMA %s CASCADE", u->schema);
        return;
    }
    for (size_t i = 0; i < countof(files); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", u->dir, files[i]);
        unlink(path);
    }
    rmdir(u->dir);
}

static inline void unit_db_open(struct unit_db *u, int connections) {
    char why[500] = "";
    u->pool = db_pool_open(u->address, connections, why, sizeof why);
    if (!u->pool)
        unit_fail("%s\n", why);
}

/* Every migration of sql/migrations, in order. */
static inline void unit_db_migrate(struct unit_db *u) {
    static struct db_migration list[200];
    size_t n = 0;
    for (size_t i = 0; i < app_asset_count && n < countof(list); i++) {
        struct str name = str_z(app_assets[i].name);
        if (!str_starts(name, S("sql/migrations/")) || !str_ends(name, S(".sql")))
            continue;
        list[n++] = (struct db_migration){(int)strtol(name.p + strlen("sql/migrations/"), NULL, 10), app_assets[i].name,
                                          app_assets[i].bytes};
    }
    assert_true(n > 0);
    char why[900] = "";
    if (db_migrate(u->pool, list, n, 1790000000000, why, sizeof why) < 0)
        unit_fail("%s\n", why);
}

static inline void unit_work_open(struct work *w, struct unit_db *u) {
    *w = (struct work){.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1790000000000};
    assert_int_equal(db_attach(w, u->pool), 0);
}

static inline void unit_work_close(struct work *w) {
    db_detach(w);
    arena_free(w->arena);
}

/* Past our own code, as someone with the database's password would: triggers and keys do not hold. */
static inline void unit_db_tamper(struct unit_db *u, const char *sql) {
    if (u->engine == DB_POSTGRESQL) {
        PGconn *pg = PQconnectdb(u->address);
        PQclear(PQexec(pg, "SET session_replication_role = replica"));
        PGresult *r = PQexec(pg, sql);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            unit_fail("%s: %s\n", sql, PQerrorMessage(pg));
        PQclear(r);
        PQfinish(pg);
        return;
    }
    sqlite3 *s;
    char *why = NULL;
    assert_int_equal(sqlite3_open(u->address + strlen("sqlite:"), &s), SQLITE_OK);
    sqlite3_busy_timeout(s, 5000);
    sqlite3_exec(s,
                 "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS event_no_update; DROP TRIGGER IF EXISTS "
                 "event_no_delete; DROP TRIGGER IF EXISTS ledger_checkpoint_no_update; DROP TRIGGER IF EXISTS "
                 "ledger_checkpoint_no_delete",
                 NULL, NULL, NULL);
    if (sqlite3_exec(s, sql, NULL, NULL, &why) != SQLITE_OK)
        unit_fail("%s: %s\n", sql, why);
    sqlite3_close(s);
}
#endif
