/* test_ledger.c: the log over both databases: sequencing, tampering, sudden death. */
#include "unit_db.h"
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* ── over a database ── */

static enum db_engine engine;
static struct unit_db db;

static int setup(void **state) {
    (void)state;
    ledger_forget();
    unit_db_place(&db, engine);
    unit_db_open(&db, 4);
    unit_db_migrate(&db);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unit_db_remove(&db);
    return 0;
}

static void tamper(const char *sql) {
    unit_db_tamper(&db, sql);
}

static int append(struct work *w, int i, enum event_visibility v) {
    json_t *p = json_pack("{s:i, s:s}", "number", i, "title", "如皋市公告"),
           *secret = json_pack("{s:s}", "remark", "内部意见");
    struct event e = {.room = "disclosure",
                      .verb = "published",
                      .subject_kind = "disclosure",
                      .subject_id = i,
                      .unit_id = 5,
                      .visibility = v,
                      .payload = p,
                      .secret = v == EVENT_PUBLIC ? secret : NULL};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    json_decref(secret);
    return rc;
}

static void act_as(struct work *w) {
    w->actor.person_id = 3;
    w->actor.post_id = 4;
    w->actor.unit_id = 5;
    w->actor.person_name = S("长江镇信息员");
    w->actor.post_name = S("信息员");
    w->actor.unit_name = S("长江镇");
    snprintf(w->actor.address, sizeof w->actor.address, "192.0.2.1");
}

static void append_committed(struct work *w, int from, int n) {
    for (int i = from; i < from + n; i++) {
        assert_int_equal(db_begin(w), 0);
        assert_int_equal(append(w, i, i % 3 == 0 ? EVENT_PUBLIC : i % 3 == 1 ? EVENT_INTERNAL : EVENT_RESTRICTED), 0);
        assert_int_equal(db_commit(w), 0);
    }
}

static int sequence_all(struct work *w) {
    int n, total = 0;
    while ((n = ledger_sequence_once(w)) > 0)
        total += n;
    assert_int_equal(n, 0);
    return total;
}

static int verify(struct work *w, int64_t *ret_size) {
    struct ledger_report r;
    int rc = ledger_verify(w, NULL, 0, NULL, &r);
    if (ret_size)
        *ret_size = r.entries;
    ledger_report_free(&r);
    return rc;
}

static void events_get_contiguous_numbers(void **state) {
    struct work w;
    struct ledger_head head;
    int64_t size = 0;
    (void)state;
    unit_work_open(&w, &db);
    act_as(&w);
    assert_int_equal(verify(&w, &size), 0);
    assert_int_equal(size, 0);
    append_committed(&w, 0, 7);
    assert_true(w.public_event);
    assert_int_equal(sequence_all(&w), 7);
    append_committed(&w, 7, 5);
    assert_int_equal(sequence_all(&w), 5);
    assert_int_equal(verify(&w, &size), 0);
    assert_int_equal(size, 12);
    assert_int_equal(ledger_head(&w, &head), 0);
    assert_int_equal(head.size, 12);
    assert_int_equal(head.public_size, 4);
    assert_int_equal(ledger_generation(), 4);
    unit_work_close(&w);
}

static void an_event_tells_who_did_what(void **state) {
    struct work w;
    (void)state;
    unit_work_open(&w, &db);
    act_as(&w);
    append_committed(&w, 0, 2);
    json_t *list = event_list(&w, "disclosure", 0, true), *o = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 1);
    assert_null(json_object_get(o, "seq"));
    assert_string_equal(json_string_value(json_object_get(o, "person")), "长江镇信息员");
    assert_string_equal(json_string_value(json_object_get(o, "unit")), "长江镇");
    assert_string_equal(json_string_value(json_object_get(o, "verb_name")), "发布");
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "public"), "title")), "如皋市公告");
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "secret"), "remark")), "内部意见");
    json_decref(list);
    sequence_all(&w);
    list = event_list(&w, "disclosure", 0, false);
    o = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(o, "seq")), 0);
    assert_null(json_object_get(o, "secret"));
    assert_null(json_object_get(o, "address"));
    json_decref(list);
    list = event_list(&w, "disclosure", 1, false); /* internal: nothing of it without the right */
    assert_null(json_object_get(json_array_get(list, 0), "public"));
    json_decref(list);
    list = event_recent(&w, 5, INT64_MAX, 1);
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "subject_id")), 1);
    json_decref(list);
    list = event_recent(&w, 6, INT64_MAX, 10);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    unit_work_close(&w);
}

static void a_rolled_back_change_leaves_no_event(void **state) {
    struct work w;
    (void)state;
    unit_work_open(&w, &db);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(append(&w, 1, EVENT_PUBLIC), 0);
    db_rollback(&w);
    assert_int_equal(w.events, 0);
    assert_int_equal(sequence_all(&w), 0);
    unit_work_close(&w);
}

/* Each change to a table, and a way back. */
static const struct {
    const char *change, *back;
} changes[] = {
    {"UPDATE event SET at = at + 1 WHERE id = 2", "UPDATE event SET at = at - 1 WHERE id = 2"},
    {"UPDATE event SET person_id = 9 WHERE id = 1", "UPDATE event SET person_id = 3 WHERE id = 1"},
    {"UPDATE event SET person_name = 'x' WHERE id = 1", "UPDATE event SET person_name = '长江镇信息员' WHERE id = 1"},
    {"UPDATE event SET post_id = NULL WHERE id = 1", "UPDATE event SET post_id = 4 WHERE id = 1"},
    {"UPDATE event SET post_name = 'x' WHERE id = 1", "UPDATE event SET post_name = '信息员' WHERE id = 1"},
    {"UPDATE event SET token_id = 1 WHERE id = 1", "UPDATE event SET token_id = NULL WHERE id = 1"},
    {"UPDATE event SET actor_unit_id = 1 WHERE id = 1", "UPDATE event SET actor_unit_id = 5 WHERE id = 1"},
    {"UPDATE event SET actor_unit_name = 'x' WHERE id = 1", "UPDATE event SET actor_unit_name = '长江镇' WHERE id = 1"},
    {"UPDATE event SET unit_id = 1 WHERE id = 2", "UPDATE event SET unit_id = 5 WHERE id = 2"},
    {"UPDATE event SET room = 'x' WHERE id = 2", "UPDATE event SET room = 'disclosure' WHERE id = 2"},
    {"UPDATE event SET verb = 'x' WHERE id = 2", "UPDATE event SET verb = 'published' WHERE id = 2"},
    {"UPDATE event SET subject_kind = 'x' WHERE id = 2", "UPDATE event SET subject_kind = 'disclosure' WHERE id = 2"},
    {"UPDATE event SET subject_id = 77 WHERE id = 2", "UPDATE event SET subject_id = 1 WHERE id = 2"},
    {"UPDATE event SET dossier_id = 1 WHERE id = 2", "UPDATE event SET dossier_id = NULL WHERE id = 2"},
    {"UPDATE event SET visibility = 3 WHERE id = 2", "UPDATE event SET visibility = 2 WHERE id = 2"},
    {"UPDATE event SET payload = '{\"title\":\"x\"}' WHERE id = 2", "UPDATE event SET payload = '' WHERE id = 2"},
    {"UPDATE event SET commitment = '' WHERE id = 2", NULL},
    {"UPDATE event_secret SET payload = '{}' WHERE event_id = 2", NULL},
    {"UPDATE event_secret SET salt = 'zz' WHERE event_id = 2", NULL},
    {"DELETE FROM event_secret WHERE event_id = 3", NULL},
    {"DELETE FROM event WHERE id = 12", NULL},
    {"UPDATE ledger_entry SET seq = 99 WHERE seq = 11", "UPDATE ledger_entry SET seq = 11 WHERE seq = 99"},
    {"UPDATE ledger_entry SET event_id = 99 WHERE seq = 11", "UPDATE ledger_entry SET event_id = 12 WHERE seq = 11"},
    {"UPDATE ledger_entry SET leaf_hash = '00' WHERE seq = 3", NULL},
    {"UPDATE ledger_entry SET at = at - 1 WHERE seq = 5", "UPDATE ledger_entry SET at = at + 1 WHERE seq = 5"},
    {"UPDATE ledger_entry SET at = at + 1 WHERE seq = 5", "UPDATE ledger_entry SET at = at - 1 WHERE seq = 5"},
    {"DELETE FROM ledger_entry WHERE seq = 11", NULL},
    {"UPDATE ledger_state SET size = 11", "UPDATE ledger_state SET size = 12"},
    {"UPDATE ledger_state SET public_size = 5", "UPDATE ledger_state SET public_size = 4"},
    {"UPDATE ledger_state SET frontier = ''", NULL},
    {"UPDATE ledger_state SET root = '00'", NULL},
    {"DELETE FROM ledger_state", NULL},
    {"INSERT INTO event_pending (event_id) VALUES (4)", "DELETE FROM event_pending"},
};

static void fresh_log(struct work *w) {
    setup(NULL);
    unit_work_open(w, &db);
    act_as(w);
    append_committed(w, 0, 12);
    sequence_all(w);
}

/* What can be undone shares one database; the rest gets its own. */
static void verify_names_every_changed_column(void **state) {
    struct work w;
    (void)state;
    fresh_log(&w);
    for (size_t i = 0; i < countof(changes); i++) {
        error_clear(&w);
        if (verify(&w, NULL) < 0)
            unit_fail("before %s: %s\n", changes[i].change, error_text(&w.error));
        tamper(changes[i].change);
        if (verify(&w, NULL) == 0)
            unit_fail("not noticed: %s\n", changes[i].change);
        assert_true(w.error.text[0] != 0);
        if (changes[i].back) {
            tamper(changes[i].back);
            continue;
        }
        unit_work_close(&w);
        teardown(NULL);
        fresh_log(&w);
    }
    unit_work_close(&w);
    teardown(NULL);
}

static void the_append_only_table_refuses_changes(void **state) {
    struct work w;
    static const struct db_statement change = {"test_change", "test", "UPDATE event SET verb = 'x'", "a test", true,
                                               UINT32_MAX,    0};
    (void)state;
    unit_work_open(&w, &db);
    append_committed(&w, 0, 1);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(db_exec(&w, &change), -1);
    db_rollback(&w);
    unit_work_close(&w);
}

static void an_erased_secret_keeps_the_log_valid(void **state) {
    struct work w;
    (void)state;
    unit_work_open(&w, &db);
    act_as(&w);
    append_committed(&w, 0, 4);
    sequence_all(&w);
    tamper("DELETE FROM event_secret WHERE event_id = 2");
    assert_int_equal(verify(&w, NULL), -1);
    error_clear(&w);
    struct event e = {
        .room = "ledger", .verb = "erased", .subject_kind = "event", .subject_id = 2, .visibility = EVENT_INTERNAL};
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(event_append(&w, &e, NULL), 0);
    assert_int_equal(db_commit(&w), 0);
    sequence_all(&w);
    assert_int_equal(verify(&w, NULL), 0);
    unit_work_close(&w);
}

/* ── many at once ── */

#define WRITERS 4
#define EACH 60

static void *writer(void *arg) {
    struct work w;
    unit_work_open(&w, &db);
    act_as(&w);
    append_committed(&w, (int)(intptr_t)arg * EACH, EACH);
    unit_work_close(&w);
    return NULL;
}

static _Atomic bool writing;
static void *passes(void *arg) {
    struct work w;
    (void)arg;
    unit_work_open(&w, &db);
    bool last;
    do {
        last = !writing;
        int n;
        while ((n = ledger_sequence_once(&w)) > 0)
            ;
        if (n < 0)
            error_clear(&w); /* lost the race for the state: the other one did it */
    } while (!last);
    unit_work_close(&w);
    return NULL;
}

static void two_sequencers_give_each_event_one_number(void **state) {
    pthread_t writers[WRITERS], sequencers[2];
    struct work w;
    int64_t size = 0;
    (void)state;
    db_pool_close(db.pool);
    unit_db_open(&db, WRITERS + 3);
    writing = true;
    for (intptr_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, writer, (void *)i), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&sequencers[i], NULL, passes, NULL), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    writing = false;
    for (int i = 0; i < 2; i++)
        pthread_join(sequencers[i], NULL);
    unit_work_open(&w, &db);
    sequence_all(&w);
    if (verify(&w, &size) < 0)
        unit_fail("%s\n", error_text(&w.error));
    assert_int_equal(size, WRITERS * EACH);
    unit_work_close(&w);
}

static void the_node_settles_what_was_committed(void **state) {
    struct app_config config = {0};
    struct work w;
    char why[400] = "";
    (void)state;
    assert_int_equal(ledger_start(db.pool, &config, why, sizeof why), 0);
    unit_work_open(&w, &db);
    act_as(&w);
    for (int i = 0; i < 30; i += 3) {
        append_committed(&w, i, 3);
        assert_int_equal(ledger_settled(&w), 0);
        assert_int_equal(ledger_generation(), i / 3 + 1);
        json_t *list = event_list(&w, "disclosure", i + 2, false);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "seq")), i + 2);
        json_decref(list);
    }
    append_committed(&w, 30, 3); /* committed, not waited for: the stop still numbers them */
    ledger_stop();
    assert_int_equal(sequence_all(&w), 0);
    assert_int_equal(verify(&w, NULL), 0);
    unit_work_close(&w);
}

/* A publication is numbered in its own transaction: known at once, without waking the thread; what else happens waits
 * for the thread as ever, also after a publication and after one that was given up. */
static void a_publication_settles_itself(void **state) {
    char folder[] = "/tmp/mingtang-own-XXXXXX", key[64], why[400] = "";
    struct work w;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(key, sizeof key, "%s/ledger-key.pem", folder);
    struct app_config config = {.data_dir = folder, .base_url = "https://rugao.example"};
    unit_work_open(&w, &db);
    w.config = &config;
    act_as(&w);
    assert_int_equal(ledger_open(&w), 0);
    assert_int_equal(ledger_start(db.pool, &config, why, sizeof why), 0);
    for (int64_t i = 0, known = (int64_t)ledger_generation(); i < 12; i += 3, known++) {
        append_committed(&w, (int)i, 1); /* public */
        assert_int_equal(w.numbered, known + 1);
        assert_int_equal(ledger_generation(), known + 1);
        assert_int_equal(ledger_settled(&w), 0);
        assert_int_equal(db_begin(&w), 0);
        assert_int_equal(append(&w, 1000, EVENT_PUBLIC), 0);
        db_rollback(&w);
        w.public_event = false;              /* as the next request has it */
        append_committed(&w, (int)i + 1, 2); /* not public */
        assert_int_equal(w.numbered, 0);
        assert_int_equal(ledger_settled(&w), 0);
        json_t *list = event_list(&w, "disclosure", i + 2, false);
        assert_true(json_is_integer(json_object_get(json_array_get(list, 0), "seq")));
        json_decref(list);
    }
    ledger_stop();
    assert_int_equal(sequence_all(&w), 0);
    assert_int_equal(verify(&w, NULL), 0);
    unit_work_close(&w);
    unlink(key);
    rmdir(folder);
    ledger_forget();
}

static void without_a_thread_the_caller_settles(void **state) {
    struct work w;
    (void)state;
    unit_work_open(&w, &db);
    append_committed(&w, 0, 3);
    assert_int_equal(ledger_settled(&w), 0);
    assert_int_equal(sequence_all(&w), 0);
    unit_work_close(&w);
}

/* ── sudden death ── */

/* The child appends and sequences until it is killed; it says on the pipe which events were committed. */
static void child_run(int fd, int from) {
    struct work w;
    char why[400];
    db.pool = db_pool_open(db.address, 2, why, sizeof why);
    if (!db.pool)
        _exit(3);
    w = (struct work){.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1790000000000};
    if (db_attach(&w, db.pool) < 0)
        _exit(4);
    for (int i = from;; i++) {
        if (db_begin(&w) < 0 || append(&w, i, EVENT_PUBLIC) < 0 || db_commit(&w) < 0 ||
            write(fd, &i, sizeof i) != sizeof i)
            _exit(5);
        if (i % 3 == 0 && ledger_sequence_once(&w) < 0)
            _exit(6);
    }
}

static int killed_once(unsigned *seed, int from) {
    int fds[2], last = from - 1, i;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        child_run(fds[1], from);
    }
    close(fds[1]);
    int after = 1 + rand_r(seed) % 30;
    for (int k = 0; k < after && read(fds[0], &i, sizeof i) == sizeof i; k++)
        last = i;
    struct timespec pause = {0, rand_r(seed) % 3000000};
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(fds[0], &i, sizeof i) == sizeof i)
        last = i;
    close(fds[0]);
    return last;
}

/* A killed client's session may hold the lock for a moment longer: until nothing waits. */
static void drain(struct work *w) {
    struct db_rows r;
    for (int i = 0; i < 1000; i++) {
        sequence_all(w);
        assert_int_equal(db_one(w, &sql_ledger_poll, &r), 1);
        if (db_null(&r, 0, 2))
            return;
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
    unit_fail("events wait for ever\n");
}

static void a_killed_sequencer_loses_nothing(void **state) {
    unsigned seed = (unsigned)getpid();
    int said = -1;
    (void)state;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 12; round++) {
        struct work w;
        int64_t size = 0;
        db_pool_close(db.pool); /* threads do not survive fork() */
        db.pool = NULL;
        int last = killed_once(&seed, said + 1);
        assert_true(last >= said);
        unit_db_open(&db, 2);
        unit_work_open(&w, &db);
        drain(&w);
        if (verify(&w, &size) < 0)
            unit_fail("seed %u: %s\n", seed, error_text(&w.error));
        assert_true(size >= last + 1); /* what was said to be committed is there */
        said = (int)size - 1;
        for (int i = 0; i <= said; i++) { /* and once */
            json_t *list = event_list(&w, "disclosure", i, false);
            assert_int_equal(json_array_size(list), 1);
            assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "seq")), i);
            json_decref(list);
        }
        unit_work_close(&w);
    }
}

/* ── two nodes ── */

/* The other node: says when it is ready, then how many ms the new generation took to arrive (-1: not in time). */
static void other_node(int in, int out) {
    struct app_config config = {0};
    char why[400], go;
    int ms = -1;
    db.pool = db_pool_open(db.address, 3, why, sizeof why);
    if (!db.pool || ledger_start(db.pool, &config, why, sizeof why) < 0 || write(out, &ms, sizeof ms) != sizeof ms ||
        read(in, &go, 1) != 1)
        _exit(3);
    uint64_t start = clock_mono_ns();
    while (ledger_generation() != 1 && clock_mono_ns() - start < 5000000000ULL)
        sched_yield();
    if (ledger_generation() == 1)
        ms = (int)((clock_mono_ns() - start) / 1000000);
    _exit(write(out, &ms, sizeof ms) == sizeof ms ? 0 : 4);
}

/* On PostgreSQL by notice, at once; on SQLite (a command-line tool beside the server) by polling. */
static void another_process_learns_of_the_new_generation(void **state) {
    int to[2], from[2], ms = 0;
    struct work w;
    (void)state;
    db_pool_close(db.pool); /* threads do not survive fork() */
    db.pool = NULL;
    assert_int_equal(pipe(to) | pipe(from), 0);
    pid_t pid = fork();
    if (pid == 0)
        other_node(to[0], from[1]);
    assert_int_equal(read(from[0], &ms, sizeof ms), sizeof ms);
    unit_db_open(&db, 2);
    unit_work_open(&w, &db);
    append_committed(&w, 0, 1);
    sequence_all(&w);
    assert_int_equal(write(to[1], "g", 1), 1);
    assert_int_equal(read(from[0], &ms, sizeof ms), sizeof ms);
    assert_true(ms >= 0 && ms < (engine == DB_POSTGRESQL ? 900 : 4000));
    waitpid(pid, NULL, 0);
    int fds[] = {to[0], to[1], from[0], from[1]};
    for (size_t i = 0; i < countof(fds); i++)
        close(fds[i]);
    unit_work_close(&w);
}

static int run(const char *name) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_get_contiguous_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(an_event_tells_who_did_what, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rolled_back_change_leaves_no_event, setup, teardown),
        cmocka_unit_test(verify_names_every_changed_column),
        cmocka_unit_test_setup_teardown(the_append_only_table_refuses_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erased_secret_keeps_the_log_valid, setup, teardown),
        cmocka_unit_test_setup_teardown(two_sequencers_give_each_event_one_number, setup, teardown),
        cmocka_unit_test_setup_teardown(the_node_settles_what_was_committed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_publication_settles_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_thread_the_caller_settles, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_sequencer_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(another_process_learns_of_the_new_generation, setup, teardown),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_WARN);
    engine = DB_SQLITE;
    int failed = run("ledger on SQLite");
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        failed += run("ledger on PostgreSQL");
    }
    return failed;
}
