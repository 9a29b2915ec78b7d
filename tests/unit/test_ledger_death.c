/* test_ledger_death.c: a process dies at every single step of appending and sequencing, one step further each time.
 * The calls below stand before the C library's for everything that is linked here, SQLite and libpq included: once the
 * child has armed them they are counted, and the n-th one ends the process (SIGKILL), before it, or in the middle of
 * what it writes. n = 1, 2, … until the child comes to its end. Every time: no gap, no double, no event lost. */
#include "unit_db.h"
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ── the calls ── */

static bool armed, half; /* half: only what writes is counted, and the last is written to its middle */
static int calls, last_call;

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
}

static bool dies(void) {
    return armed && ++calls == last_call;
}

static void step(void) {
    if (!half && dies())
        die();
}

static size_t writable(bool dying, size_t n) {
    if (dying && !half)
        die();
    return dying ? n / 2 : n;
}

ssize_t write(int fd, const void *p, size_t n) {
    bool dying = dies();
    ssize_t r = syscall(SYS_write, fd, p, writable(dying, n));
    if (dying)
        die();
    return r;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at) {
    bool dying = dies();
    ssize_t r = syscall(SYS_pwrite64, fd, p, writable(dying, n), at);
    if (dying)
        die();
    return r;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at) {
    return pwrite64(fd, p, n, at);
}

ssize_t send(int fd, const void *p, size_t n, int flags) {
    bool dying = dies();
    ssize_t r = syscall(SYS_sendto, fd, p, writable(dying, n), flags, NULL, 0);
    if (dying)
        die();
    return r;
}

#define DYING(name, params, ...)                                                                                       \
    int name params {                                                                                                  \
        step();                                                                                                        \
        return (int)syscall(__VA_ARGS__);                                                                              \
    }
DYING(fsync, (int fd), SYS_fsync, fd)
DYING(fdatasync, (int fd), SYS_fdatasync, fd)
DYING(ftruncate, (int fd, off_t n), SYS_ftruncate, fd, n)
DYING(ftruncate64, (int fd, off_t n), SYS_ftruncate, fd, n)
DYING(unlink, (const char *path), SYS_unlink, path)
DYING(rename, (const char *from, const char *to), SYS_rename, from, to)

/* SQLite takes a lock to write: the steps between its writes into shared memory. */
int fcntl64(int fd, int command, ...) {
    va_list args;
    va_start(args, command);
    void *arg = va_arg(args, void *);
    va_end(args);
    if (command == F_SETLK && ((struct flock *)arg)->l_type == F_WRLCK)
        step();
    return (int)syscall(SYS_fcntl, fd, command, arg);
}

/* ── the child ── */

#define EVENTS 5   /* of one child */
#define BEFORE 252 /* in the log: the child's fourth completes a node of 256 */

static enum db_engine engine;
static struct unit_db db;
static struct app_config config;
static char folder[64];

static int append(struct work *w, int i, enum event_visibility v) {
    json_t *p = json_pack("{s:i}", "version", i);
    struct event e = {.room = "disclosure",
                      .verb = "created",
                      .subject_kind = "disclosure",
                      .subject_id = i,
                      .visibility = v,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static struct work work_here(void) {
    return (struct work){.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1790000000000, .config = &config};
}

/* Says on the pipe, uncounted, which events were committed. The public ones (0 and 3) are numbered and signed in their
 * own transaction, as a publication is; the others by a pass. At the end SQLite moves its journal into the file. */
static void child_run(int fd) {
    char why[400];
    struct work w = work_here();
    armed = true;
    db.pool = db_pool_open(db.address, 2, why, sizeof why);
    if (!db.pool || db_attach(&w, db.pool) < 0 || ledger_open(&w) < 0)
        _exit(3);
    for (int i = 0; i < EVENTS; i++) {
        if (db_begin(&w) < 0 || append(&w, i, i % 3 ? EVENT_INTERNAL : EVENT_PUBLIC) < 0 || db_commit(&w) < 0 ||
            syscall(SYS_write, fd, &i, sizeof i) != sizeof i)
            _exit(4);
        if (i % 3 == 2 && ledger_sequence_once(&w) < 0)
            _exit(5);
    }
    db_detach(&w);
    db_pool_close(db.pool);
    _exit(0);
}

/* True: it came to its end. said: how many events were committed. */
static bool child_died_at(int n, int *ret_said) {
    int fds[2], i, status;
    assert_int_equal(pipe(fds), 0);
    last_call = n;
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        child_run(fds[1]);
    }
    close(fds[1]);
    *ret_said = 0;
    while (read(fds[0], &i, sizeof i) == sizeof i)
        *ret_said = i + 1;
    close(fds[0]);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        unit_fail("call %d: the child gave up with %d\n", n, WEXITSTATUS(status));
    return WIFEXITED(status);
}

/* ── what is left ── */

/* A killed client's session may hold the lock for a moment longer: until nothing waits. */
static void drain(struct work *w) {
    struct db_rows r;
    for (int i = 0; i < 1000; i++) {
        while (ledger_sequence_once(w) > 0)
            ;
        assert_int_equal(db_one(w, &sql_ledger_poll, &r), 1);
        if (db_null(&r, 0, 2))
            return;
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
    unit_fail("events wait for ever\n");
}

/* Said events are there, each once, in their order, after each other; of what was not said at most the next one. */
static int events_counted(struct work *w, int n, int64_t first) {
    int found = 0;
    for (int i = 0; i < EVENTS; i++) {
        json_t *list = event_list(w, "disclosure", i, false), *seq = json_object_get(json_array_get(list, 0), "seq");
        if (json_array_size(list) > 1 || (json_array_size(list) == 1 && json_integer_value(seq) != first + i))
            unit_fail("call %d: event %d stands %zu times, at %lld\n", n, i, json_array_size(list),
                      (long long)json_integer_value(seq));
        if (json_array_size(list) == 1 && i != found)
            unit_fail("call %d: event %d is there and %d is not\n", n, i, found);
        found += json_array_size(list) == 1;
        json_decref(list);
    }
    return found;
}

static void nothing_is_lost(int n, int said, int64_t first) {
    struct work w = work_here();
    struct ledger_report r;
    struct ledger_checkpoint c;
    struct ledger_head head;
    unit_db_open(&db, 2);
    assert_int_equal(db_attach(&w, db.pool), 0);
    ledger_forget();
    if (ledger_open(&w) < 0)
        unit_fail("call %d: %s\n", n, error_text(&w.error));
    drain(&w);
    if (ledger_verify(&w, NULL, 0, NULL, &r) < 0)
        unit_fail("call %d: %s\n", n, error_text(&w.error));
    int found = events_counted(&w, n, first);
    if (found < said || found > said + 1 || r.entries != first + found)
        unit_fail("call %d: %d events of %d said, %lld entries\n", n, found, said, (long long)r.entries);
    ledger_report_free(&r);
    assert_int_equal(ledger_head(&w, &head), 0);
    assert_int_equal(ledger_checkpoint_latest(&w, &c), 1);
    assert_int_equal(c.size, head.size); /* all of it is signed */
    db_detach(&w);
    arena_free(w.arena);
    db_pool_close(db.pool);
    db.pool = NULL;
}

/* ── a log that each child finds the same: SQLite's file is kept, PostgreSQL's tables are ── */

static const char *const tables[] = {"event",       "event_secret", "event_pending",     "ledger_entry",
                                     "ledger_node", "ledger_state", "ledger_checkpoint", "ledger_key"};

static void for_each_table(const char *format) {
    char sql[4000];
    size_t n = (size_t)snprintf(sql, sizeof sql, "BEGIN;");
    for (size_t i = 0; i < countof(tables); i++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, format, tables[i]);
    snprintf(sql + n, sizeof sql - n, "COMMIT");
    unit_db_tamper(&db, sql);
}

static void file_copy(const char *from, const char *to) {
    static char bytes[64 << 20];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = read(in, bytes, sizeof bytes);
    assert_true(n > 0 && n < (ssize_t)sizeof bytes && write(out, bytes, (size_t)n) == n);
    close(in);
    close(out);
}

static void log_keep(void) {
    char kept[128];
    snprintf(kept, sizeof kept, "%s/kept", folder);
    if (engine == DB_SQLITE)
        file_copy(db.address + strlen("sqlite:"), kept);
    else
        for_each_table("CREATE TABLE kept_%1$s AS SELECT * FROM %1$s;");
}

static void log_restore(void) {
    char kept[128];
    snprintf(kept, sizeof kept, "%s/kept", folder);
    if (engine == DB_SQLITE)
        file_copy(kept, db.address + strlen("sqlite:"));
    else
        for_each_table("DELETE FROM %1$s; INSERT INTO %1$s SELECT * FROM kept_%1$s;");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void folder_make(void) {
    snprintf(folder, sizeof folder, "/tmp/mingtang-death-XXXXXX");
    assert_non_null(mkdtemp(folder));
    config = (struct app_config){.data_dir = folder, .base_url = "https://rugao.example"};
}

static void folder_remove(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 2);
    unit_db_migrate(&db);
    folder_make();
    ledger_forget();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unit_db_remove(&db);
    folder_remove();
    ledger_forget();
    return 0;
}

/* Numbered and signed: BEFORE entries with the event of the key. */
static void log_begin(void) {
    struct work w = work_here();
    assert_int_equal(db_attach(&w, db.pool), 0);
    assert_int_equal(ledger_open(&w), 0);
    assert_int_equal(db_begin(&w), 0);
    for (int i = 1; i < BEFORE; i++)
        assert_int_equal(append(&w, 1000 + i, EVENT_INTERNAL), 0);
    assert_int_equal(db_commit(&w), 0);
    drain(&w);
    db_detach(&w);
    arena_free(w.arena);
    db_pool_close(db.pool);
    db.pool = NULL;
}

/* Every n until the child ends; how many there were. */
static int every_call(bool in_the_middle, void (*restore)(void), int64_t first) {
    int n = 1, said;
    bool ended;
    half = in_the_middle;
    do {
        restore();
        ledger_forget();
        ended = child_died_at(n++, &said);
        if (ended)
            assert_int_equal(said, EVENTS);
        nothing_is_lost(n - 1, said, first);
    } while (!ended);
    return n - 2;
}

static void at_every_step_of_sequencing(void **state) {
    (void)state;
    log_begin();
    log_keep();
    int whole = every_call(false, log_restore, BEFORE), torn = every_call(true, log_restore, BEFORE);
    print_message("died before each of %d calls and in the middle of each of %d\n", whole, torn);
    assert_true(whole >= (engine == DB_SQLITE ? 60 : 20)); /* the calls were seen */
}

/* A log that has nothing yet, not even its key. */
static void log_empty(void) {
    char key[128];
    snprintf(key, sizeof key, "%s/ledger-key.pem", folder);
    unlink(key);
    log_restore();
}

static void at_every_step_of_the_first_start(void **state) {
    (void)state;
    db_pool_close(db.pool);
    db.pool = NULL;
    log_keep();
    print_message("died before each of %d calls\n", every_call(false, log_empty, 1));
}

static int run(const char *name) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(at_every_step_of_sequencing, setup, teardown),
        cmocka_unit_test_setup_teardown(at_every_step_of_the_first_start, setup, teardown),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_WARN);
    engine = DB_SQLITE;
    int failed = run("sudden death on SQLite");
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        failed += run("sudden death on PostgreSQL");
    }
    return failed;
}
