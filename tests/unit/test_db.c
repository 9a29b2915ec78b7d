/* test_db.c: every promise of db.h, on SQLite and (when MINGTANG_TEST_PG is set) on PostgreSQL. */
#include "unit_db.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define STATEMENT(id, text, why, w) static const struct db_statement id = {#id, "test", text, why, w, UINT32_MAX, 0}
STATEMENT(note_add, "INSERT INTO note (name, body, flag, n) VALUES ($1, $2, $3, $4) RETURNING id", NULL, true);
STATEMENT(note_quiet, "INSERT INTO note (name, body, flag, n) VALUES ($1, '', FALSE, $2)", "a test", true);
STATEMENT(note_bytes, "INSERT INTO note (name, body, flag, bytes) VALUES ($1, NULL, TRUE, $2)", "a test", true);
STATEMENT(note_flip, "UPDATE note SET flag = $2, n = $3 WHERE name = $1", "a test", true);
STATEMENT(note_by_name, "SELECT id, name, body, flag, n, bytes FROM note WHERE name = $1", NULL, false);
STATEMENT(note_lock, "SELECT id, n FROM note WHERE name = $1", NULL, false);
STATEMENT(note_count, "SELECT count(*) AS total FROM note", NULL, false);
STATEMENT(note_sum, "SELECT sum(n) AS total, count(*) AS rows, max(name) AS last FROM note WHERE flag = $1", NULL,
          false);
STATEMENT(note_all, "SELECT id, name, n FROM note ORDER BY n, id", NULL, false);
STATEMENT(note_order, "SELECT $2 || CAST($1 AS TEXT) || $2 AS both", NULL, false);
STATEMENT(note_broken, "SELECT nothing FROM nowhere", NULL, false);
STATEMENT(backend_pid, "SELECT pg_backend_pid() AS pid", NULL, false);
STATEMENT(backend_end, "SELECT pg_terminate_backend(CAST($1 AS INTEGER)) AS ended", NULL, false);

static const struct db_migration schema[] = {
    {1,
     "notes",
     {"-- 便笺；第一张表;\n"
      "\n"
      "CREATE TABLE note (\n"
      "    id    IDENTITY,\n"
      "    name  KEYTEXT NOT NULL UNIQUE, -- 名称；BOOLEAN;\n"
      "    body  TEXT DEFAULT 'a;BIGINT''b',   -- 正文\n"
      "    flag  BOOLEAN NOT NULL,\n"
      "    n     BIGINT,\n"
      "    bytes BYTES\n"
      ") STRICT; -- 表完\n"
      "CREATE INDEX note_n ON note (n);\n"
      "-- only: sqlite\n"
      "CREATE TRIGGER note_keep BEFORE DELETE ON note BEGIN SELECT RAISE(ABORT, 'kept');\nSELECT 1;\nEND;\n"
      "-- end\n"
      "-- only: postgresql\n"
      "CREATE FUNCTION note_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\nRAISE EXCEPTION 'kept';\nEND $$;\n"
      "-- end\n"
      "-- only: postgresql\n"
      "CREATE TRIGGER note_keep BEFORE DELETE ON note FOR EACH ROW EXECUTE FUNCTION note_keep();\n"
      "-- end\n",
      0}},
    {2, "more", {"ALTER TABLE note ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE;\n", 0}},
};
static struct db_migration migrations[countof(schema)];
static struct unit_db unit;

static void migrations_fill(void) {
    for (size_t i = 0; i < countof(schema); i++) {
        migrations[i] = schema[i];
        migrations[i].sql = str_z(schema[i].sql.p);
    }
}

static void migrate(struct unit_db *u) {
    char why[900] = "";
    migrations_fill();
    if (db_migrate(u->pool, migrations, countof(migrations), 1, why, sizeof why) < 0)
        unit_fail("%s\n", why);
}

static int fresh(enum db_engine engine) {
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 12);
    migrate(&unit);
    return 0;
}

static int fresh_sqlite(void **state) {
    (void)state;
    return fresh(DB_SQLITE);
}

static int fresh_postgresql(void **state) {
    (void)state;
    return fresh(DB_POSTGRESQL);
}

static int gone(void **state) {
    (void)state;
    unit_db_remove(&unit);
    return 0;
}

static int64_t count_notes(struct work *w) {
    struct db_rows r;
    assert_int_equal(db_one(w, &note_count, &r), 1);
    return db_i(&r, 0, 0);
}

static int add(struct work *w, const char *name) {
    return db_exec(w, &note_quiet, DB_TEXTZ(name), DB_INT(1));
}

/* ── statements ────────────────────────────────────────────────────────── */
static void values_come_back_as_they_were_written(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    w.events = 1;
    struct str view = {"如皋市城北街道X", strlen("如皋市城北街道")}; /* not NUL-terminated at its end */
    assert_int_equal(db_one(&w, &note_add, &r, DB_TEXTZ("甲"), DB_TEXT(view), DB_BOOL(true), DB_INT(INT64_MAX)), 1);
    assert_true(db_i(&r, 0, 0) > 0);
    w.events = 1;
    assert_int_equal(db_one(&w, &note_add, &r, DB_TEXTZ("乙"), DB_NULL, DB_BOOL(false), DB_INT(INT64_MIN)), 1);
    w.events = 1;
    assert_int_equal(db_one(&w, &note_add, &r, DB_TEXTZ("丙"), DB_TEXT(STR_NONE), DB_BOOL(true), DB_NULL), 1);
    assert_int_equal(db_exec(&w, &note_bytes, DB_TEXTZ("丁"), DB_BYTES(((struct str){"\0\1\xff\n", 4}))), 1);
    w.events = 1;
    assert_int_equal(db_commit(&w), 0);

    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("甲")), 1);
    assert_true(str_is(db_s(&r, 0, 2), "如皋市城北街道"));
    assert_int_equal(db_i(&r, 0, 3), 1);
    assert_true(db_i(&r, 0, 4) == INT64_MAX);
    assert_true(db_null(&r, 0, 5));
    assert_string_equal(r.names[2], "body");
    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("乙")), 1);
    assert_true(db_null(&r, 0, 2));
    assert_int_equal(db_i(&r, 0, 3), 0);
    assert_true(db_i(&r, 0, 4) == INT64_MIN);
    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("丙")), 1);
    assert_false(db_null(&r, 0, 2));
    assert_int_equal(db_s(&r, 0, 2).n, 0);
    assert_true(db_null(&r, 0, 4));
    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("丁")), 1);
    assert_int_equal(db_s(&r, 0, 5).n, 4);
    assert_memory_equal(db_s(&r, 0, 5).p, "\0\1\xff\n", 4);
    json_t *j = db_json_row(&r, 0);
    assert_string_equal(json_string_value(json_object_get(j, "bytes")), "0001ff0a");
    assert_true(json_is_null(json_object_get(j, "body")));
    json_decref(j);
    unit_work_close(&w);
}

static void nothing_found_is_no_error(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("没有")), 0);
    assert_int_equal(w.error.code, ERR_NONE);
    assert_int_equal(db_query(&w, &note_all, &r), 0);
    assert_int_equal(r.n, 0);
    json_t *j = db_json(&r);
    assert_int_equal(json_array_size(j), 0);
    json_decref(j);
    unit_work_close(&w);
}

static void sums_are_integers_on_both_engines(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    for (int i = 1; i <= 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%02d", i);
        assert_int_equal(db_exec(&w, &note_quiet, DB_TEXTZ(name), DB_INT(i)), 1);
    }
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(db_one(&w, &note_sum, &r, DB_BOOL(false)), 1);
    assert_int_equal(r.cells[0].type, DB_TYPE_INT);
    assert_int_equal(db_i(&r, 0, 0), 55);
    assert_int_equal(db_i(&r, 0, 1), 10);
    assert_true(str_is(db_s(&r, 0, 2), "n10"));
    assert_int_equal(db_one(&w, &note_sum, &r, DB_BOOL(true)), 1);
    assert_true(db_null(&r, 0, 0));
    assert_int_equal(db_one(&w, &note_order, &r, DB_TEXTZ("b"), DB_TEXTZ("a")), 1);
    assert_true(str_is(db_s(&r, 0, 0), "aba"));
    unit_work_close(&w);
}

static void the_same_name_twice_is_a_duplicate(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), -1);
    assert_int_equal(w.error.code, ERR_DUPLICATE);
    db_rollback(&w);
    error_clear(&w);
    assert_int_equal(add(&w, "二"), 1);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(count_notes(&w), 2);
    unit_work_close(&w);
}

static void a_failed_statement_spoils_its_transaction(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_query(&w, &note_broken, &r), -1);
    assert_int_equal(w.error.code, ERR_INTERNAL);
    assert_null(strstr(error_text(&w.error), "nowhere"));
    error_clear(&w);
    assert_int_equal(add(&w, "二"), -1);
    assert_int_equal(db_commit(&w), -1);
    assert_false(db_in_transaction(&w));
    error_clear(&w);
    assert_int_equal(count_notes(&w), 0);
    unit_work_close(&w);
}

static void writing_outside_a_transaction_is_refused(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(add(&w, "一"), -1);
    error_clear(&w);
    assert_int_equal(count_notes(&w), 0);
    unit_work_close(&w);
}

static void text_that_is_not_utf8_is_refused(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_exec(&w, &note_quiet, DB_TEXT(S("\xff\xfe")), DB_INT(1)), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    error_clear(&w);
    assert_int_equal(db_exec(&w, &note_quiet, DB_TEXT(S("a\0b")), DB_INT(1)), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    db_rollback(&w);
    unit_work_close(&w);
}

static void the_wrong_number_of_arguments_is_refused(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_one(&w, &note_by_name, &r), -1);
    error_clear(&w);
    assert_int_equal(db_one(&w, &note_by_name, &r, DB_TEXTZ("a"), DB_TEXTZ("b")), -1);
    unit_work_close(&w);
}

static void many_rows_are_written_in_one_call(void **state) {
    (void)state;
    enum { ROWS = 1000 };
    struct work w;
    unit_work_open(&w, &unit);
    struct db_value *v = arena_many(w.arena, struct db_value, ROWS * 2);
    for (int i = 0; i < ROWS; i++) {
        v[2 * i] = DB_TEXT(str_printf(w.arena, "第%d条", i));
        v[2 * i + 1] = DB_INT(i);
    }
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_exec_many(&w, &note_quiet, v, 2, ROWS), ROWS);
    assert_int_equal(db_exec_many(&w, &note_quiet, v, 2, 0), 0);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_exec_many(&w, &note_quiet, v + 2 * (ROWS - 1), 2, 1), -1);
    assert_int_equal(w.error.code, ERR_DUPLICATE);
    db_rollback(&w);
    error_clear(&w);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(count_notes(&w), ROWS);
    unit_work_close(&w);
}

struct each {
    struct work *w;
    int64_t rows, sum;
    int64_t stop_at;
};

static int each_row(void *ctx, const struct db_rows *one) {
    struct each *e = ctx;
    struct db_rows r;
    e->rows++;
    e->sum += db_i(one, 0, 2);
    if (e->rows == 3) { /* the same statement and others, inside the loop */
        assert_int_equal(db_query(e->w, &note_all, &r), 0);
        assert_int_equal(r.n, 500);
        assert_int_equal(db_begin(e->w), db_in_transaction(e->w) ? 0 : -1);
        if (db_in_transaction(e->w))
            db_rollback(e->w);
        error_clear(e->w);
    }
    return e->rows == e->stop_at ? 7 : 0;
}

static void a_long_result_is_read_row_by_row(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    for (int i = 0; i < 500; i++)
        assert_int_equal(db_exec(&w, &note_quiet, DB_TEXT(str_printf(w.arena, "%d", i)), DB_INT(i)), 1);
    assert_int_equal(db_commit(&w), 0);
    struct each e = {.w = &w};
    assert_int_equal(db_each(&w, &note_all, NULL, 0, each_row, &e), 0);
    assert_int_equal(e.rows, 500);
    assert_int_equal(e.sum, 499 * 500 / 2);
    e = (struct each){.w = &w, .stop_at = 120};
    assert_int_equal(db_each(&w, &note_all, NULL, 0, each_row, &e), 7);
    assert_int_equal(e.rows, 120);
    assert_int_equal(count_notes(&w), 500);
    unit_work_close(&w);
}

/* ── transactions ──────────────────────────────────────────────────────── */
static void an_inner_rollback_keeps_the_outer_work(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "外"), 1);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "内"), 1);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "最内"), 1);
    assert_int_equal(db_commit(&w), 0);
    db_rollback(&w);
    assert_true(db_in_transaction(&w));
    assert_int_equal(count_notes(&w), 1);
    assert_int_equal(db_commit(&w), 0);
    assert_false(db_in_transaction(&w));
    assert_int_equal(count_notes(&w), 1);
    unit_work_close(&w);
}

static void a_transaction_left_open_is_undone(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_begin(&w), 0);
    unit_work_close(&w);
    unit_work_open(&w, &unit);
    assert_int_equal(count_notes(&w), 0);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_commit(&w), 0);
    unit_work_close(&w);
}

static void changing_rows_without_an_event_fails_at_commit(void **state) {
    (void)state;
#ifdef MINGTANG_CHECKS
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_one(&w, &note_add, &r, DB_TEXTZ("一"), DB_NULL, DB_BOOL(false), DB_NULL), 1);
    assert_int_equal(db_commit(&w), -1);
    assert_int_equal(w.error.code, ERR_INTERNAL);
    assert_false(db_in_transaction(&w));
    error_clear(&w);
    assert_int_equal(count_notes(&w), 0);

    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_one(&w, &note_add, &r, DB_TEXTZ("一"), DB_NULL, DB_BOOL(false), DB_NULL), 1);
    w.events++;
    db_rollback(&w); /* takes the change and its event along */
    assert_int_equal(w.events, 0);
    assert_int_equal(add(&w, "安静"), 1);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(count_notes(&w), 1);
    unit_work_close(&w);
#endif
}

static void bump(void *arg) {
    ++*(int *)arg;
}

static void hooks_run_once_after_the_outermost_commit(void **state) {
    (void)state;
    int kept = 0, lost = 0;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_begin(&w), 0);
    db_on_commit(&w, bump, &kept);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(kept, 0);
    assert_int_equal(db_begin(&w), 0);
    db_on_commit(&w, bump, &lost);
    db_rollback(&w);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(kept, 1);
    assert_int_equal(db_begin(&w), 0);
    db_on_commit(&w, bump, &lost);
    db_rollback(&w);
    assert_int_equal(kept, 1);
    assert_int_equal(lost, 0);
    unit_work_close(&w);
}

static void a_snapshot_does_not_move_and_a_commit_is_seen_at_once(void **state) {
    (void)state;
    struct work reader, writer;
    unit_work_open(&reader, &unit);
    unit_work_open(&writer, &unit);
    assert_int_equal(db_read_begin(&reader), 0);
    assert_int_equal(count_notes(&reader), 0);
    assert_int_equal(db_begin(&writer), 0);
    assert_int_equal(add(&writer, "一"), 1);
    assert_int_equal(count_notes(&writer), 1);
    assert_int_equal(count_notes(&reader), 0);
    assert_int_equal(db_commit(&writer), 0);
    assert_int_equal(count_notes(&reader), 0);
    db_read_end(&reader);
    assert_int_equal(count_notes(&reader), 1);
    assert_int_equal(db_read_begin(&reader), 0);
    assert_int_equal(db_begin(&reader), 0); /* ends the snapshot */
    assert_int_equal(add(&reader, "二"), 1);
    assert_int_equal(count_notes(&reader), 2);
    assert_int_equal(db_commit(&reader), 0);
    assert_int_equal(count_notes(&writer), 2);
    unit_work_close(&reader);
    unit_work_close(&writer);
}

static void a_locked_row_can_be_read_and_changed(void **state) {
    (void)state;
    struct work w;
    struct db_rows r;
    unit_work_open(&w, &unit);
    assert_int_equal(db_lock(&w, &note_lock, &r, DB_TEXTZ("一")), -1);
    error_clear(&w);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_lock(&w, &note_lock, &r, DB_TEXTZ("一")), 1);
    assert_int_equal(db_lock(&w, &note_lock, &r, DB_TEXTZ("二")), 0);
    assert_int_equal(db_exec(&w, &note_flip, DB_TEXTZ("一"), DB_BOOL(true), DB_INT(db_i(&r, 0, 0))), 1);
    assert_int_equal(db_exec(&w, &note_flip, DB_TEXTZ("二"), DB_BOOL(true), DB_INT(1)), 0);
    assert_int_equal(db_try_lock(&w, "sequencer"), 1);
    assert_int_equal(db_notify(&w, "unit", S("payload")), 0);
    assert_int_equal(db_commit(&w), 0);
    unit_work_close(&w);
}

/* ── many at once ──────────────────────────────────────────────────────── */
enum { THREADS = 8, EACH = 150 };
struct crowd {
    int number;
    int committed, full;
    bool rolls_back;
};

static void *crowd_run(void *arg) {
    struct crowd *c = arg;
    for (int i = 0; i < EACH; i++) {
        struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1};
        if (db_attach(&w, unit.pool) < 0)
            abort();
        char a[32], b[32];
        snprintf(a, sizeof a, "%d-%d-a", c->number, i);
        snprintf(b, sizeof b, "%d-%d-b", c->number, i);
        bool kept = false, odd = c->rolls_back && i % 2;
        if (db_begin(&w) == 0 && add(&w, a) == 1 && add(&w, b) == 1 && !odd)
            kept = db_commit(&w) == 0;
        if (db_in_transaction(&w))
            db_rollback(&w);
        c->committed += kept;
        c->full += w.error.code == ERR_DISK_FULL;
        error_clear(&w);
        struct db_rows r; /* a commit is seen as soon as it returned */
        if (db_one(&w, &note_by_name, &r, DB_TEXTZ(b)) != (kept ? 1 : 0))
            abort();
        db_detach(&w);
        arena_free(w.arena);
    }
    return NULL;
}

static int crowd(bool rolls_back, int *ret_full) {
    pthread_t t[THREADS];
    struct crowd c[THREADS];
    int committed = 0;
    for (int i = 0; i < THREADS; i++) {
        c[i] = (struct crowd){.number = i, .rolls_back = rolls_back};
        assert_int_equal(pthread_create(&t[i], NULL, crowd_run, &c[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(t[i], NULL);
        committed += c[i].committed;
        if (ret_full)
            *ret_full += c[i].full;
    }
    return committed;
}

static void many_writers_share_commits(void **state) {
    (void)state;
    struct db_stats before, after;
    db_pool_stats(unit.pool, &before);
    assert_int_equal(crowd(false, NULL), THREADS * EACH);
    db_pool_stats(unit.pool, &after);
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(count_notes(&w), THREADS * EACH * 2);
    unit_work_close(&w);
    assert_int_equal(after.transactions - before.transactions, THREADS * EACH);
    if (unit.engine == DB_SQLITE)
        assert_true(after.commits - before.commits < THREADS * EACH);
    print_message("    %d transactions in %d commits\n", THREADS * EACH, (int)(after.commits - before.commits));
}

static void a_rollback_in_a_batch_undoes_only_itself(void **state) {
    (void)state;
    int committed = crowd(true, NULL);
    assert_int_equal(committed, THREADS * EACH / 2);
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(count_notes(&w), committed * 2);
    unit_work_close(&w);
}

/* ── migrations ────────────────────────────────────────────────────────── */
static void a_second_migration_run_changes_nothing(void **state) {
    (void)state;
    migrate(&unit);
    migrate(&unit);
}

static void a_changed_migration_is_refused(void **state) {
    (void)state;
    char why[900] = "";
    migrations_fill();
    migrations[1].sql = S("ALTER TABLE note ADD COLUMN later BIGINT;\n");
    assert_int_equal(db_migrate(unit.pool, migrations, 2, 1, why, sizeof why), -1);
    assert_non_null(strstr(why, "changed after it had been applied"));
    migrations_fill();
    assert_int_equal(db_migrate(unit.pool, migrations, 1, 1, why, sizeof why), -1);
    assert_non_null(strstr(why, "newer version"));
}

static void a_failing_migration_leaves_nothing_behind(void **state) {
    (void)state;
    char why[900] = "";
    migrations_fill();
    struct db_migration list[] = {
        migrations[0],
        migrations[1],
        {3, "third", S("CREATE TABLE third (id IDENTITY) STRICT;\nCREATE TABEL fourth (id IDENTITY);\n")}};
    assert_int_equal(db_migrate(unit.pool, list, 3, 1, why, sizeof why), -1);
    assert_non_null(strstr(why, "third"));
    list[2].sql = S("CREATE TABLE third (id IDENTITY) STRICT;\n");
    assert_int_equal(db_migrate(unit.pool, list, 3, 1, why, sizeof why), 0);
}

static void *migrate_beside(void *arg) {
    struct unit_db *u = arg;
    char why[900] = "";
    struct db_pool *p = db_pool_open(u->address, 2, why, sizeof why);
    bool ok = p && db_migrate(p, migrations, countof(migrations), 1, why, sizeof why) == 0;
    if (!ok)
        fprintf(stderr, "%s\n", why);
    db_pool_close(p);
    return ok ? arg : NULL;
}

static void two_nodes_may_migrate_at_once(void **state) {
    (void)state;
    struct unit_db u;
    unit_db_place(&u, unit.engine);
    migrations_fill();
    pthread_t t[4];
    for (size_t i = 0; i < countof(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, migrate_beside, &u), 0);
    for (size_t i = 0; i < countof(t); i++) {
        void *r;
        pthread_join(t[i], &r);
        assert_non_null(r);
    }
    unit_db_remove(&u);
}

static void booleans_are_only_true_or_false(void **state) {
    (void)state;
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "一"), 1);
    assert_int_equal(db_exec(&w, &note_flip, DB_TEXTZ("一"), DB_INT(7), DB_INT(1)), -1);
    db_rollback(&w);
    unit_work_close(&w);
}

static void every_migration_applies_and_every_statement_prepares(void **state) {
    (void)state;
    struct unit_db u;
    unit_db_place(&u, unit.engine);
    unit_db_open(&u, 2);
    unit_db_migrate(&u);
    char why[8000] = "";
    if (db_prepare_all(u.pool, why, sizeof why) != 0)
        unit_fail("%s\n", why);
    unit_db_remove(&u);
}

/* ── accidents ─────────────────────────────────────────────────────────── */
/* The program started again with --pairs: writes pairs until it is killed, telling each commit by a byte. */
static int pairs_run(const char *address) {
    char why[400] = "";
    struct unit_db u = {.pool = db_pool_open(address, 2, why, sizeof why)};
    for (int i = 0; u.pool && i < 1000000; i++) {
        struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1};
        if (db_attach(&w, u.pool) < 0 || db_begin(&w) < 0)
            return 1;
        if (add(&w, str_printf(w.arena, "k%d-a", i).p) < 0 || add(&w, str_printf(w.arena, "k%d-b", i).p) < 0)
            return 1;
        if (db_commit(&w) < 0 || write(1, "+", 1) != 1)
            return 1;
        db_detach(&w);
        arena_free(w.arena);
    }
    return 1;
}

static void a_killed_writer_leaves_all_or_nothing(void **state) {
    (void)state;
    int64_t before = 0;
    for (int round = 0; round < 3; round++) {
        int pipe_fds[2];
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t child = fork();
        if (child == 0) {
            dup2(pipe_fds[1], 1);
            execl("/proc/self/exe", "test_db", "--pairs", unit.address, (char *)NULL);
            _exit(127);
        }
        close(pipe_fds[1]);
        char c;
        int64_t told = 0;
        while (told < 20 + round * 7 && read(pipe_fds[0], &c, 1) == 1)
            told++;
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(pipe_fds[0], &c, 1) == 1)
            told++;
        close(pipe_fds[0]);
        struct work w;
        unit_work_open(&w, &unit);
        /* PostgreSQL notices the lost client by itself; its open transaction is not visible anyway. */
        int64_t n = count_notes(&w);
        assert_int_equal(n % 2, 0);
        assert_true(n - before >= told * 2);
        assert_int_equal(db_begin(&w), 0);
        static const struct db_statement rename = {
            "rename",   "test", "UPDATE note SET name = 'round' || CAST($1 AS TEXT) || name", "a test", true,
            UINT32_MAX, 0};
        assert_int_equal(db_exec(&w, &rename, DB_TEXT(str_printf(w.arena, "%d", round))), n);
        assert_int_equal(db_commit(&w), 0);
        before = n;
        unit_work_close(&w);
    }
}

static void a_full_disk_loses_nothing_that_was_told(void **state) {
    (void)state;
    if (unit.engine != DB_SQLITE)
        return; /* the server's disk is not ours to fill */
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 400 * 1024;
    setrlimit(RLIMIT_FSIZE, &small);
    struct work w;
    unit_work_open(&w, &unit);
    char body[20000];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = 0;
    int committed = 0;
    enum error_code seen = ERR_NONE;
    for (int i = 0; i < 100 && seen == ERR_NONE; i++) {
        body[0] = (char)('A' + i % 26);
        body[1] = (char)('A' + i / 26);
        if (db_begin(&w) == 0 && add(&w, body) == 1 && db_commit(&w) == 0)
            committed++;
        else
            seen = w.error.code;
        while (db_in_transaction(&w))
            db_rollback(&w);
    }
    error_clear(&w);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(seen, ERR_DISK_FULL);
    assert_true(committed > 0);
    assert_int_equal(count_notes(&w), committed);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(add(&w, "之后"), 1);
    assert_int_equal(db_commit(&w), 0);
    assert_int_equal(count_notes(&w), committed + 1);
    unit_work_close(&w);
}

static void a_full_disk_fails_every_member_of_the_batch(void **state) {
    (void)state;
    if (unit.engine != DB_SQLITE)
        return;
    struct rlimit old, small;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 200 * 1024;
    setrlimit(RLIMIT_FSIZE, &small);
    int full = 0, committed = crowd(false, &full);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_true(full > 0);
    assert_int_equal(committed + full, THREADS * EACH);
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(count_notes(&w), committed * 2);
    unit_work_close(&w);
}

static void a_lost_connection_is_replaced(void **state) {
    (void)state;
    if (unit.engine != DB_POSTGRESQL)
        return;
    struct work a, b;
    struct db_rows r;
    unit_work_open(&a, &unit);
    unit_work_open(&b, &unit);
    assert_int_equal(db_one(&a, &backend_pid, &r), 1);
    int64_t pid = db_i(&r, 0, 0);
    assert_int_equal(db_one(&b, &backend_end, &r, DB_INT(pid)), 1);
    assert_int_equal(count_notes(&a), 0); /* outside a transaction: silently again */
    assert_int_equal(db_begin(&a), 0);
    assert_int_equal(add(&a, "一"), 1);
    assert_int_equal(db_one(&a, &backend_pid, &r), 1);
    assert_int_equal(db_one(&b, &backend_end, &r, DB_INT(db_i(&r, 0, 0))), 1);
    assert_int_equal(add(&a, "二"), -1); /* inside one: it is lost as a whole */
    assert_int_equal(a.error.code, ERR_BUSY);
    error_clear(&a);
    assert_int_equal(db_commit(&a), -1);
    error_clear(&a);
    assert_int_equal(count_notes(&a), 0);
    unit_work_close(&a);
    unit_work_close(&b);
}

struct heard {
    pthread_mutex_t m;
    pthread_cond_t c;
    char text[64];
};

static void hear(void *ctx, struct str payload) {
    struct heard *h = ctx;
    pthread_mutex_lock(&h->m);
    snprintf(h->text, sizeof h->text, "%.*s", STR_ARG(payload));
    pthread_cond_signal(&h->c);
    pthread_mutex_unlock(&h->m);
}

static void a_notice_reaches_other_nodes_after_the_commit(void **state) {
    (void)state;
    static struct heard h = {.m = PTHREAD_MUTEX_INITIALIZER, .c = PTHREAD_COND_INITIALIZER};
    char why[400];
    struct db_pool *other = db_pool_open(unit.address, 1, why, sizeof why);
    assert_non_null(other);
    assert_int_equal(db_listen(other, unit.schema[0] ? unit.schema : "none", hear, &h), 0);
    struct work w;
    unit_work_open(&w, &unit);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_notify(&w, unit.schema[0] ? unit.schema : "none", S("第42号")), 0);
    assert_int_equal(db_commit(&w), 0);
    if (unit.engine == DB_POSTGRESQL) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 10;
        pthread_mutex_lock(&h.m);
        int r = 0;
        while (!h.text[0] && r == 0)
            r = pthread_cond_timedwait(&h.c, &h.m, &until);
        pthread_mutex_unlock(&h.m);
        assert_string_equal(h.text, "第42号");
    }
    unit_work_close(&w);
    db_pool_close(other);
}

static void an_advisory_lock_is_held_by_one(void **state) {
    (void)state;
    if (unit.engine != DB_POSTGRESQL)
        return; /* on SQLite whoever writes is alone */
    struct work a, b;
    unit_work_open(&a, &unit);
    unit_work_open(&b, &unit);
    assert_int_equal(db_begin(&a), 0);
    assert_int_equal(db_begin(&b), 0);
    assert_int_equal(db_try_lock(&a, unit.schema), 1);
    assert_int_equal(db_try_lock(&b, unit.schema), 0);
    assert_int_equal(db_commit(&a), 0);
    assert_int_equal(db_try_lock(&b, unit.schema), 1);
    assert_int_equal(db_commit(&b), 0);
    unit_work_close(&a);
    unit_work_close(&b);
}

static void a_bad_address_is_explained(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:/nowhere/at/all.db", "postgresql://127.0.0.1:1/none"};
    for (size_t i = 0; i < countof(bad); i++) {
        char why[400] = "";
        assert_null(db_pool_open(bad[i], 1, why, sizeof why));
        assert_true(strlen(why) > 10);
    }
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, setup, gone)
static int run_on(const char *name, int (*setup)(void **)) {
    const struct CMUnitTest tests[] = {
        BOTH(values_come_back_as_they_were_written),
        BOTH(nothing_found_is_no_error),
        BOTH(sums_are_integers_on_both_engines),
        BOTH(the_same_name_twice_is_a_duplicate),
        BOTH(a_failed_statement_spoils_its_transaction),
        BOTH(writing_outside_a_transaction_is_refused),
        BOTH(text_that_is_not_utf8_is_refused),
        BOTH(the_wrong_number_of_arguments_is_refused),
        BOTH(many_rows_are_written_in_one_call),
        BOTH(a_long_result_is_read_row_by_row),
        BOTH(an_inner_rollback_keeps_the_outer_work),
        BOTH(a_transaction_left_open_is_undone),
        BOTH(changing_rows_without_an_event_fails_at_commit),
        BOTH(hooks_run_once_after_the_outermost_commit),
        BOTH(a_snapshot_does_not_move_and_a_commit_is_seen_at_once),
        BOTH(a_locked_row_can_be_read_and_changed),
        BOTH(many_writers_share_commits),
        BOTH(a_rollback_in_a_batch_undoes_only_itself),
        BOTH(a_second_migration_run_changes_nothing),
        BOTH(a_changed_migration_is_refused),
        BOTH(a_failing_migration_leaves_nothing_behind),
        BOTH(two_nodes_may_migrate_at_once),
        BOTH(booleans_are_only_true_or_false),
        BOTH(every_migration_applies_and_every_statement_prepares),
        BOTH(a_killed_writer_leaves_all_or_nothing),
        BOTH(a_full_disk_loses_nothing_that_was_told),
        BOTH(a_full_disk_fails_every_member_of_the_batch),
        BOTH(a_lost_connection_is_replaced),
        BOTH(a_notice_reaches_other_nodes_after_the_commit),
        BOTH(an_advisory_lock_is_held_by_one),
        BOTH(a_bad_address_is_explained),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--pairs") == 0)
        return pairs_run(argv[2]);
    log_set_level(LOG_ERROR);
    int failed = run_on("SQLite", fresh_sqlite);
    if (getenv("MINGTANG_TEST_PG"))
        failed += run_on("PostgreSQL", fresh_postgresql);
    return failed;
}
