/* test_ledger.c: canonical JSON, the tree, and the log over both databases: sequencing, tampering, sudden death. */
#include "unit_db.h"
#include "ledger/ledger_internal.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* ── canonical JSON ── */

static void canonical_is(const char *in, const char *out) {
    struct arena *a = arena_new(1 << 20);
    json_error_t e;
    json_t *v = json_loads(in, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    if (!v)
        unit_fail("%s: %s\n", in, e.text);
    assert_string_equal(json_canonical(a, v).p, out);
    json_decref(v);
    arena_free(a);
}

static void members_are_sorted_by_utf16(void **state) {
    (void)state;
    canonical_is("{\"b\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"b\":1}");
    canonical_is("{\"标题\":\"公告\",\"A\":[true,false,null],\"文号\":\"皋政办发〔2020〕147号\"}",
                 "{\"A\":[true,false,null],\"文号\":\"皋政办发〔2020〕147号\",\"标题\":\"公告\"}");
    /* U+1F600 is D83D DE00 in UTF-16 and so comes before U+FB33, though after it in UTF-8 (RFC 8785, 3.2.3). */
    canonical_is("{\"\\u20ac\":\"Euro\",\"\\r\":\"CR\",\"\\ufb33\":\"Dalet\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Face\",\"\\u0080\":\"C\",\"\\u00f6\":\"o\"}",
                 "{\"\\r\":\"CR\",\"1\":\"One\",\"\xc2\x80\":\"C\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Face\",\"\xef\xac\xb3\":\"Dalet\"}");
    canonical_is("{\"ab\":1,\"a\":2,\"abc\":3}", "{\"a\":2,\"ab\":1,\"abc\":3}");
    canonical_is("{\"\\ud83d\\ude01\":1,\"\\ud83d\\ude00\":2}", "{\"😀\":2,\"😁\":1}");
}

static void strings_have_one_spelling(void **state) {
    (void)state;
    canonical_is("\"\\u20ac$\\u000f\\nA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    canonical_is("\"\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\"", "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"");
    canonical_is("[ 1 , [ ] , { } ]", "[1,[],{}]");
}

static void number_is(double d, const char *text) {
    char out[32];
    assert_true(canonical_double(out, d) > 0);
    assert_string_equal(out, text);
}

static double of_bits(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static void numbers_are_printed_as_browsers_do(void **state) {
    (void)state;
    /* RFC 8785, appendix B. */
    number_is(0, "0");
    number_is(-0.0, "0");
    number_is(5e-324, "5e-324");
    number_is(-5e-324, "-5e-324");
    number_is(1.7976931348623157e308, "1.7976931348623157e+308");
    number_is(9007199254740992, "9007199254740992");
    number_is(-9007199254740992, "-9007199254740992");
    number_is(295147905179352830000.0, "295147905179352830000");
    number_is(of_bits(0x44b52d02c7e14af5), "9.999999999999997e+22");
    number_is(of_bits(0x44b52d02c7e14af6), "1e+23");
    number_is(of_bits(0x44b52d02c7e14af7), "1.0000000000000001e+23");
    number_is(of_bits(0x444b1ae4d6e2ef4e), "999999999999999700000");
    number_is(of_bits(0x444b1ae4d6e2ef4f), "999999999999999900000");
    number_is(of_bits(0x444b1ae4d6e2ef50), "1e+21");
    number_is(of_bits(0x3eb0c6f7a0b5ed8c), "9.999999999999997e-7");
    number_is(of_bits(0x3eb0c6f7a0b5ed8d), "0.000001");
    number_is(of_bits(0x41b3de4355555553), "333333333.3333332");
    number_is(of_bits(0x41b3de4355555554), "333333333.33333325");
    number_is(of_bits(0x41b3de4355555555), "333333333.3333333");
    number_is(of_bits(0xbecbf647612f3696), "-0.0000033333333333333333");
    number_is(of_bits(0x43143ff3c1cb0959), "1424953923781206.2");
    number_is(ldexp(1, -44), "5.684341886080802e-14");
    number_is(4.50, "4.5");
    number_is(2e-3, "0.002");
    number_is(0.1 + 0.2, "0.30000000000000004");
}

static void what_has_no_canonical_form_is_refused(void **state) {
    struct arena *a = arena_new(1 << 20);
    char out[32];
    (void)state;
    assert_int_equal(canonical_double(out, NAN), -1);
    assert_int_equal(canonical_double(out, INFINITY), -1);
    json_t *v = json_integer(9007199254740993LL), *deep = json_array(), *top = deep;
    assert_null(json_canonical(a, v).p);
    json_decref(v);
    for (int i = 0; i < 100; i++) {
        json_t *inner = json_array();
        json_array_append_new(deep, inner);
        deep = inner;
    }
    assert_null(json_canonical(a, top).p);
    assert_null(json_canonical(a, NULL).p);
    json_decref(top);
    arena_free(a);
}

/* ── the tree: the eight leaves and roots that Certificate Transparency's own tests use ── */

static const char *const ct_leaves[8] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const ct_roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct str unhex(struct arena *a, const char *hex) {
    size_t n = strlen(hex) / 2;
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        p[i] = (char)strtol(two, NULL, 16);
    }
    return (struct str){p, n};
}

static void roots_are_those_of_rfc_6962(void **state) {
    struct arena *a = arena_new(1 << 20);
    struct merkle_range r = {0}, back;
    struct hash h;
    char hex[65], text[MERKLE_TEXT_BYTES];
    (void)state;
    for (int i = 0; i <= 8; i++) {
        merkle_root(&r, &h);
        hash_hex(hex, &h);
        assert_string_equal(hex, ct_roots[i]);
        merkle_text(&r, text);
        assert_int_equal(merkle_parse(str_z(text), r.size, &back), 0);
        assert_memory_equal(&back.h, &r.h, r.n * sizeof r.h[0]);
        assert_int_equal(merkle_parse(str_z(text), r.size + 1, &back), __builtin_popcountll(r.size + 1) == (int)r.n ? 0 : -1);
        if (i < 8) {
            hash_leaf(&h, unhex(a, ct_leaves[i]));
            merkle_append(&r, &h);
        }
    }
    assert_int_equal(merkle_parse(S("zz"), 1, &back), -1);
    assert_int_equal(hash_parse(S("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"), &h), -1);
    arena_free(a);
}

/* ── over a database ── */

static enum db_engine engine;
static struct unit_db db;

static int setup(void **state) {
    (void)state;
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

/* Past our own code, as someone with the database's password would. */
static void tamper(const char *sql) {
    if (engine == DB_POSTGRESQL) {
        PGconn *pg = PQconnectdb(db.address);
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
    assert_int_equal(sqlite3_open(db.address + strlen("sqlite:"), &s), SQLITE_OK);
    sqlite3_busy_timeout(s, 5000);
    sqlite3_exec(s, "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS event_no_update; DROP TRIGGER IF EXISTS event_no_delete", NULL, NULL, NULL);
    if (sqlite3_exec(s, sql, NULL, NULL, &why) != SQLITE_OK)
        unit_fail("%s: %s\n", sql, why);
    sqlite3_close(s);
}

static int append(struct work *w, int i, enum event_visibility v) {
    json_t *p = json_pack("{s:i, s:s}", "number", i, "title", "如皋市公告"), *secret = json_pack("{s:s}", "remark", "内部意见");
    struct event e = {.room = "disclosure", .verb = "published", .subject_kind = "disclosure", .subject_id = i, .unit_id = 5, .visibility = v,
                      .payload = p, .secret = v == EVENT_PUBLIC ? secret : NULL};
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

static void events_get_contiguous_numbers(void **state) {
    struct work w;
    struct ledger_head head;
    int64_t size = 0;
    (void)state;
    unit_work_open(&w, &db);
    act_as(&w);
    assert_int_equal(ledger_verify(&w, NULL, &size), 0);
    assert_int_equal(size, 0);
    append_committed(&w, 0, 7);
    assert_true(w.public_event);
    assert_int_equal(sequence_all(&w), 7);
    append_committed(&w, 7, 5);
    assert_int_equal(sequence_all(&w), 5);
    assert_int_equal(ledger_verify(&w, NULL, &size), 0);
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

static void a_public_leaf_names_nobody(void **state) {
    struct buf b;
    struct event_row e = {.id = 9, .at = 1790000000123, .person_id = 3, .unit_id = 5, .subject_id = 8, .visibility = EVENT_PUBLIC,
                          .person_name = S("长江镇信息员"), .post_name = S("信息员"), .actor_unit_name = S("长江镇"), .room = S("disclosure"),
                          .verb = S("published"), .subject_kind = S("disclosure"), .payload = S("{\"title\":\"公告\"}"), .commitment = S("ab")};
    (void)state;
    buf_init(&b, 4096);
    leaf_add(&b, &e);
    assert_string_equal(b.p, "{\"at\":\"2026-09-21T22:13:20+08:00\",\"commitment\":\"ab\",\"id\":9,\"payload\":{\"title\":\"公告\"},\"room\":\"disclosure\","
                             "\"subject\":{\"id\":8,\"kind\":\"disclosure\"},\"unit\":5,\"v\":1,\"verb\":\"published\"}");
    struct arena *a = arena_new(1 << 16);
    json_t *v = json_loads(b.p, 0, NULL);
    assert_string_equal(json_canonical(a, v).p, b.p); /* it is its own canonical form */
    json_decref(v);
    buf_clear(&b);
    e.visibility = EVENT_RESTRICTED;
    leaf_add(&b, &e);
    assert_string_equal(b.p, "{\"at\":\"2026-09-21T22:13:20+08:00\",\"commitment\":\"ab\",\"id\":9,\"v\":1}");
    buf_clear(&b);
    protected_add(&b, &e, S("{\"payload\":\"密\"}"));
    v = json_loads(b.p, 0, NULL);
    assert_non_null(v);
    assert_string_equal(json_canonical(a, v).p, b.p);
    json_decref(v);
    arena_free(a);
    buf_release(&b);
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
        if (ledger_verify(&w, NULL, NULL) < 0)
            unit_fail("before %s: %s\n", changes[i].change, error_text(&w.error));
        tamper(changes[i].change);
        if (ledger_verify(&w, NULL, NULL) == 0)
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
    static const struct db_statement change = {"test_change", "test", "UPDATE event SET verb = 'x'", "a test", true, UINT32_MAX};
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
    assert_int_equal(ledger_verify(&w, NULL, NULL), -1);
    error_clear(&w);
    struct event e = {.room = "ledger", .verb = "erased", .subject_kind = "event", .subject_id = 2, .visibility = EVENT_INTERNAL};
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(event_append(&w, &e, NULL), 0);
    assert_int_equal(db_commit(&w), 0);
    sequence_all(&w);
    assert_int_equal(ledger_verify(&w, NULL, NULL), 0);
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
    if (ledger_verify(&w, NULL, &size) < 0)
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
    assert_int_equal(ledger_verify(&w, NULL, NULL), 0);
    unit_work_close(&w);
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
        if (db_begin(&w) < 0 || append(&w, i, EVENT_PUBLIC) < 0 || db_commit(&w) < 0 || write(fd, &i, sizeof i) != sizeof i)
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
        sequence_all(&w);
        if (ledger_verify(&w, NULL, &size) < 0)
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
        cmocka_unit_test_setup_teardown(without_a_thread_the_caller_settles, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_sequencer_loses_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    const struct CMUnitTest pure[] = {
        cmocka_unit_test(members_are_sorted_by_utf16),
        cmocka_unit_test(strings_have_one_spelling),
        cmocka_unit_test(numbers_are_printed_as_browsers_do),
        cmocka_unit_test(what_has_no_canonical_form_is_refused),
        cmocka_unit_test(roots_are_those_of_rfc_6962),
        cmocka_unit_test(a_public_leaf_names_nobody),
    };
    log_set_level(LOG_WARN);
    int failed = cmocka_run_group_tests_name("ledger, pure", pure, NULL, NULL);
    engine = DB_SQLITE;
    failed += run("ledger on SQLite");
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        failed += run("ledger on PostgreSQL");
    }
    return failed;
}
