/* test_proof.c: proofs against a plain recursion, signed notes, and a log that someone tampers with: kept nodes,
 * checkpoints, cosignatures, tile files; removed, exchanged and rewritten entries. */
#include "unit_db.h"
#include "ledger/ledger_internal.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

static enum db_engine engine;
static struct unit_db db;
static struct app_config config;
static char folder[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 3);
    unit_db_migrate(&db);
    snprintf(folder, sizeof folder, "/tmp/mingtang-proof-XXXXXX");
    assert_non_null(mkdtemp(folder));
    config = (struct app_config){.data_dir = folder, .base_url = "https://rugao.example"};
    ledger_forget();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unit_db_remove(&db);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    ledger_forget();
    return 0;
}

static void open_work(struct work *w) {
    unit_work_open(w, &db);
    w->config = &config;
    w->actor.person_name = S("系统");
}

static void tamper(const char *sql) {
    unit_db_tamper(&db, sql);
}

static void append(struct work *w, int from, int n) {
    assert_int_equal(db_begin(w), 0);
    for (int i = from; i < from + n; i++) {
        json_t *p = json_pack("{s:i, s:s, s:s}", "version", i, "public_id", "Ab12", "title", "关于张三的公告");
        struct event e = {.room = "disclosure",
                          .verb = "published",
                          .subject_kind = "disclosure",
                          .subject_id = i,
                          .visibility = i % 2 ? EVENT_PUBLIC : EVENT_RESTRICTED,
                          .payload = p};
        assert_int_equal(event_append(w, &e, NULL), 0);
        json_decref(p);
    }
    assert_int_equal(db_commit(w), 0);
    while (ledger_sequence_once(w) > 0)
        ;
    assert_int_equal(w->error.code, 0);
}

static int verify(struct work *w, const struct str *against, size_t n) {
    struct ledger_report r;
    error_clear(w);
    int rc = ledger_verify(w, against, n, NULL, &r);
    assert_int_equal(rc == 0, json_array_size(r.findings) == 0);
    ledger_report_free(&r);
    return rc;
}

/* ── the tree ── */

static struct hash leaves[600];

static void mth(size_t lo, size_t hi, struct hash *ret) {
    struct hash l, r;
    if (hi - lo == 1) {
        *ret = leaves[lo];
        return;
    }
    size_t k = 1;
    while (2 * k < hi - lo)
        k *= 2;
    mth(lo, lo + k, &l);
    mth(lo + k, hi, &r);
    hash_node(ret, &l, &r);
}

static void leaves_read(struct work *w, size_t n) {
    struct str leaf;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ledger_leaf(w, (int64_t)i, &leaf), 0);
        hash_leaf(&leaves[i], leaf);
    }
}

/* RFC 9162 §2.1.3.2 */
static bool inclusion_holds(uint64_t fn, uint64_t size, const struct hash *p, unsigned n, const struct hash *root) {
    uint64_t sn = size - 1;
    struct hash r = leaves[fn];
    for (unsigned i = 0; i < n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            hash_node(&r, &p[i], &r);
            while (!(fn & 1) && fn)
                fn >>= 1, sn >>= 1;
        } else {
            hash_node(&r, &r, &p[i]);
        }
        fn >>= 1, sn >>= 1;
    }
    return sn == 0 && hash_eq(&r, root);
}

/* RFC 9162 §2.1.4.2 */
static bool consistency_holds(uint64_t m, uint64_t size, const struct hash *p, unsigned n, const struct hash *first,
                              const struct hash *second) {
    if (m == size)
        return n == 0 && hash_eq(first, second);
    unsigned at = 0;
    uint64_t fn = m - 1, sn = size - 1;
    struct hash fr = *first, sr = *first;
    while (fn & 1)
        fn >>= 1, sn >>= 1;
    if (fn) {
        if (n == 0)
            return false;
        fr = sr = p[at++];
    }
    for (; at < n; at++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            hash_node(&fr, &p[at], &fr);
            hash_node(&sr, &p[at], &sr);
            while (!(fn & 1) && fn)
                fn >>= 1, sn >>= 1;
        } else {
            hash_node(&sr, &sr, &p[at]);
        }
        fn >>= 1, sn >>= 1;
    }
    return sn == 0 && hash_eq(&fr, first) && hash_eq(&sr, second);
}

static void proofs_hold_at_every_size(void **state) {
    static const int64_t sizes[] = {1, 2, 3, 7, 8, 100, 255, 256, 257, 511, 512, 513, 600};
    struct work w;
    struct hash p[PROOF_HASHES], root, old;
    unsigned n;
    (void)state;
    open_work(&w);
    append(&w, 0, 600);
    leaves_read(&w, 600);
    for (size_t k = 0; k < countof(sizes); k++) {
        struct tree *t = tree_open(&w, sizes[k]);
        mth(0, (size_t)sizes[k], &root);
        struct hash own;
        assert_int_equal(tree_root(t, &own), 0);
        assert_true(hash_eq(&own, &root));
        for (int64_t i = 0; i < sizes[k]; i += i < 3 || i > sizes[k] - 4 ? 1 : 37) {
            assert_int_equal(tree_inclusion(t, (uint64_t)i, p, &n), 0);
            assert_true(inclusion_holds((uint64_t)i, (uint64_t)sizes[k], p, n, &root));
        }
        for (size_t j = 0; j <= k; j++) {
            mth(0, (size_t)sizes[j], &old);
            assert_int_equal(tree_consistency(t, (uint64_t)sizes[j], p, &n), 0);
            assert_true(consistency_holds((uint64_t)sizes[j], (uint64_t)sizes[k], p, n, &old, &root));
        }
        assert_int_equal(tree_inclusion(t, (uint64_t)sizes[k], p, &n), -1);
        assert_int_equal(tree_consistency(t, (uint64_t)sizes[k] + 1, p, &n), -1);
        error_clear(&w);
    }
    unit_work_close(&w);
}

static void nodes_of_an_older_log_are_made(void **state) {
    struct work w;
    (void)state;
    open_work(&w);
    append(&w, 0, 520);
    tamper("DELETE FROM ledger_node");
    assert_int_equal(verify(&w, NULL, 0), -1);
    error_clear(&w);
    assert_int_equal(ledger_open(&w), 0);
    while (ledger_sequence_once(&w) > 0)
        ;
    assert_int_equal(verify(&w, NULL, 0), 0);
    unit_work_close(&w);
}

/* ── notes ── */

static void notes_are_signed_and_checked(void **state) {
    static const enum note_type types[] = {NOTE_ED25519, NOTE_COSIGNATURE, NOTE_SM2};
    struct arena *a = arena_new(1 << 20);
    struct hash root = {{1, 2, 3}};
    struct checkpoint_head head;
    (void)state;
    for (size_t i = 0; i < countof(types); i++) {
        struct note_key k, other, public;
        struct str text = checkpoint_text(a, S("rugao.example/ledger"), 42, &root), line;
        int64_t at = 0;
        const char *kind = types[i] == NOTE_SM2 ? "SM2" : "ED25519";
        assert_int_equal(note_key_from(&k, types[i], "rugao.example/ledger", EVP_PKEY_Q_keygen(NULL, NULL, kind)), 0);
        assert_int_equal(note_key_from(&other, types[i], "rugao.example/ledger", EVP_PKEY_Q_keygen(NULL, NULL, kind)),
                         0);
        assert_int_equal(note_key_parse(note_vkey(a, &k), &public), 0);
        struct str theirs = note_sign(a, &other, text, 5), ours = note_sign(a, &k, text, 1763889600);
        struct str note = str_printf(a, "%.*s\n%.*s%.*s", STR_ARG(text), STR_ARG(theirs), STR_ARG(ours));
        assert_int_equal(note_verify(a, note, &public, &line, &at), 1);
        assert_int_equal(at, types[i] == NOTE_COSIGNATURE ? 1763889600 : 0);
        assert_true(str_eq(note_text(note), text));
        for (size_t b = 0; b < note.n; b++) { /* no byte of the text or of this key's line may differ */
            char *copy = str_dupz(a, note);
            copy[b] = (char)(copy[b] ^ 1);
            int got = note_verify(a, (struct str){copy, note.n}, &public, NULL, NULL);
            bool of_other = b > text.n && (const char *)note.p + b < line.p;
            if (!of_other && got == 1)
                unit_fail("type %d: byte %zu does not matter\n", (int)types[i], b);
        }
        assert_int_equal(checkpoint_parse(a, note, &head), 0);
        assert_int_equal(head.size, 42);
        note_key_free(&k), note_key_free(&other), note_key_free(&public);
    }
    assert_int_equal(checkpoint_parse(a, S("a b\n1\nAAAA\n\n"), &head), -1);
    assert_int_equal(
        checkpoint_parse(a, S("rugao.example\n01\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"), &head), -1);
    struct note_key none;
    assert_int_equal(note_key_parse(S("x+00000000+AQ=="), &none), -1);
    arena_free(a);
}

/* ── leaves ── */

static void free_text_stays_out_of_leaves(void **state) {
    struct work w;
    struct str leaf, salt, text;
    (void)state;
    open_work(&w);
    append(&w, 0, 2);
    assert_int_equal(ledger_leaf(&w, 1, &leaf), 0);
    assert_true(str_find(leaf, S("张三")) < 0 && str_find(leaf, S("title")) < 0);
    assert_true(str_find(leaf, S("\"public_id\":\"Ab12\"")) > 0);
    assert_int_equal(ledger_leaf(&w, 0, &leaf), 0);
    assert_true(str_find(leaf, S("payload")) < 0 && str_find(leaf, S("room")) < 0 && str_find(leaf, S("subject")) < 0);
    json_t *list = event_list(&w, "disclosure", 1, false); /* people read it whole */
    assert_string_equal(json_string_value(json_object_get(json_object_get(json_array_get(list, 0), "public"), "title")),
                        "关于张三的公告");
    json_decref(list);
    assert_int_equal(ledger_protected(&w, 2, &salt, &text), 1);
    assert_true(str_find(text, S("张三")) > 0);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(event_erase(&w, 2, S("当事人申请，依个人信息保护法删除")), 0);
    assert_int_equal(event_erase(&w, 2, S("再次")), -1);
    db_rollback(&w);
    error_clear(&w);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(event_erase(&w, 2, S("当事人申请，依个人信息保护法删除")), 0);
    assert_int_equal(db_commit(&w), 0);
    while (ledger_sequence_once(&w) > 0)
        ;
    assert_int_equal(ledger_protected(&w, 2, &salt, &text), 0);
    list = event_list(&w, "disclosure", 1, true);
    char *all = json_dumps(list, 0);
    assert_null(strstr(all, "张三"));
    free(all);
    json_decref(list);
    assert_int_equal(verify(&w, NULL, 0), 0);
    unit_work_close(&w);
}

/* ── tampering ── */

static bool with_sm2;

/* A signed log of 600 entries in three checkpoints, a cosignature and some tile files. */
static void signed_log(struct work *w) {
    struct ledger_checkpoint c;
    struct note_key k;
    const char *path;
    setup(NULL);
    open_work(w);
    if (with_sm2)
        config.ledger_sm2_key_file = str_printf(w->arena, "%s/sm2.pem", folder).p;
    assert_int_equal(ledger_open(w), 0);
    append(w, 0, with_sm2 ? 98 : 99); /* with the keys' own events: 100 */
    append(w, 100, 200);
    append(w, 300, 300);
    assert_int_equal(ledger_checkpoint_latest(w, &c), 1);
    assert_int_equal(c.size, 600);
    assert_int_equal(note_key_from(&k, NOTE_COSIGNATURE, "witness.example", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")),
                     0);
    struct str line = note_sign(w->arena, &k, note_text(c.note), 1790000000);
    tamper(str_printf(w->arena,
                      "INSERT INTO ledger_cosignature (size, witness, vkey, at, line) VALUES (600, 'witness.example', "
                      "'%.*s', 1790000000000, '%.*s')",
                      STR_ARG(note_vkey(w->arena, &k)), (int)line.n - 1, line.p)
               .p);
    note_key_free(&k);
    for (int level = -1; level < 1; level++)
        assert_int_equal(ledger_tile_file(w, level, 1, &path), 1);
    assert_int_equal(verify(w, NULL, 0), 0);
}

static const char *const changes[] = {
    "UPDATE ledger_node SET hash = 'zz' || substr(hash, 3) WHERE position = 1",
    "DELETE FROM ledger_node WHERE position = 0",
    "INSERT INTO ledger_node (level, position, hash) VALUES (2, 9, 'x')",
    "UPDATE ledger_checkpoint SET root = 'zz' || substr(root, 3) WHERE size = 300",
    "UPDATE ledger_checkpoint SET note = replace(note, '300', '299') WHERE size = 300",
    "UPDATE ledger_checkpoint SET note = substr(note, 1, length(note) - 10) || 'AAAAAAAA=' WHERE size = 300",
    "UPDATE ledger_cosignature SET line = substr(line, 1, length(line) - 10) || 'AAAAAAAAAA'",
    "UPDATE ledger_key SET vkey = 'x'",
    "UPDATE event_secret SET payload = '{}' WHERE event_id = 150",
    "UPDATE event SET payload = '{\"public_id\":\"Zz99\",\"version\":201}' WHERE id = 202",
    /* exchanged places, with their hashes */
    "UPDATE ledger_entry SET event_id = CASE seq WHEN 40 THEN -42 ELSE -41 END WHERE seq IN (40, 41)",
    /* the last one gone, and the state made to fit */
    "DELETE FROM ledger_entry WHERE seq = 599",
};

static void every_change_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < countof(changes); i++) {
        struct work w;
        signed_log(&w);
        tamper(changes[i]);
        if (verify(&w, NULL, 0) == 0)
            unit_fail("not noticed: %s\n", changes[i]);
        unit_work_close(&w);
        teardown(NULL);
    }
}

/* ── every byte of every table ── */

static const struct {
    const char *table, *key; /* key: what its rows are told apart by */
} tables[] = {
    {"event", "id"},         {"event_secret", "event_id"},  {"ledger_entry", "seq"},        {"ledger_state", "id"},
    {"ledger_node", "hash"}, {"ledger_checkpoint", "size"}, {"ledger_cosignature", "line"}, {"ledger_key", "vkey"},
};

/* Numbers that stand for themselves: what they name is found by the row's other columns. */
static bool says_nothing(const char *table, struct str column) {
    return (strcmp(table, "ledger_key") == 0 || strcmp(table, "ledger_state") == 0) && str_is(column, "id");
}

static int ask_text(struct work *w, struct db_rows *r, const char *fmt, ...) {
    char sql[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    struct db_statement st = {"test_ask", "test", str_dupz(w->arena, str_z(sql)), "a test", false, UINT32_MAX, 0};
    struct db_statement *kept = arena_one(w->arena, struct db_statement);
    memcpy(kept, &st, sizeof st);
    return db_query(w, kept, r);
}

/* One change, verified, undone. */
static void changed_once(struct work *w, const char *table, const char *set, const char *where) {
    struct str sql = str_printf(w->arena, "UPDATE %s SET %s WHERE %s", table, set, where);
    tamper(sql.p);
    if (verify(w, NULL, 0) == 0)
        unit_fail("not noticed: %s\n", sql.p);
    tamper(str_printf(w->arena, "DELETE FROM %s", table).p);
    tamper(str_printf(w->arena, "INSERT INTO %s SELECT * FROM kept_%s", table, table).p);
}

/* A number, or a text at its ends and at seven places between. */
static void change_column(struct work *w, const char *table, const char *c, bool text, const char *where) {
    struct db_rows r;
    if (!text) {
        changed_once(w, table, str_printf(w->arena, "%s = COALESCE(%s, 0) + 1000003", c, c).p, where);
        return;
    }
    assert_int_equal(ask_text(w, &r, "SELECT length(%s) FROM %s WHERE %s", c, table, where), 0);
    int64_t n = db_i(&r, 0, 0), pace = n > 8 ? n / 8 : 1;
    if (n == 0)
        changed_once(w, table, str_printf(w->arena, "%s = 'x'", c).p, where);
    for (int64_t at = 1; at <= n; at = at < n && at + pace > n ? n : at + pace)
        changed_once(
            w, table,
            str_printf(w->arena,
                       "%s = substr(%s, 1, %lld) || CASE substr(%s, %lld, 1) WHEN 'e' THEN 'f' ELSE 'e' END || "
                       "substr(%s, %lld)",
                       c, c, (long long)at - 1, c, (long long)at, c, (long long)at + 1)
                .p,
            where);
}

static void change_table(struct work *w, const char *table, const char *key) {
    struct db_rows columns, rows, one;
    tamper(str_printf(w->arena, "CREATE TABLE kept_%s AS SELECT * FROM %s", table, table).p);
    assert_int_equal(ask_text(w, &columns,
                              engine == DB_SQLITE
                                  ? "SELECT name, lower(type) FROM pragma_table_info('%s')"
                                  : "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema "
                                    "= current_schema() AND table_name = '%s'",
                              table),
                     0);
    assert_true(columns.n > 1);
    assert_int_equal(ask_text(w, &rows, "SELECT count(*) FROM %s", table), 0);
    int64_t n = db_i(&rows, 0, 0), middle = n / 3;
    assert_true(n > 0);
    for (int64_t at = 0; at < n; at = at < middle ? middle : at < n - 1 ? n - 1 : n) {
        assert_int_equal(ask_text(w, &one, "SELECT CAST(%s AS TEXT) FROM %s ORDER BY %s LIMIT 1 OFFSET %lld", key,
                                  table, key, (long long)at),
                         0);
        const char *where = str_printf(w->arena, "CAST(%s AS TEXT) = '%.*s'", key, STR_ARG(db_s(&one, 0, 0))).p;
        for (size_t c = 0; c < columns.n; c++)
            if (!says_nothing(table, db_s(&columns, c, 0)))
                change_column(w, table, str_dupz(w->arena, db_s(&columns, c, 0)), str_is(db_s(&columns, c, 1), "text"),
                              where);
    }
    error_clear(w);
    assert_int_equal(verify(w, NULL, 0), 0);
}

/* A log with both kinds of keys, a rotation and a witness; then every column of every table, in rows at the beginning,
 * inside and at the end. New columns are found by themselves. */
static void every_byte_of_every_table_is_bound(void **state) {
    struct work w;
    (void)state;
    with_sm2 = true;
    signed_log(&w);
    with_sm2 = false;
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(ledger_rotate(&w, "ed25519"), 0);
    assert_int_equal(db_commit(&w), 0);
    append(&w, 700, 2);
    assert_int_equal(verify(&w, NULL, 0), 0);
    for (size_t i = 0; i < countof(tables); i++) {
        unit_work_close(&w);
        open_work(&w);
        change_table(&w, tables[i].table, tables[i].key);
    }
    unit_work_close(&w);
    teardown(NULL);
}

/* Several witnesses on more heads than one batch of the verification holds: the last of each is looked at too. */
static void every_cosignature_is_checked(void **state) {
    struct work w;
    struct note_key k[3];
    struct db_rows r;
    (void)state;
    open_work(&w);
    assert_int_equal(ledger_open(&w), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"a.example", "b.example", "c.example"};
        assert_int_equal(note_key_from(&k[i], NOTE_COSIGNATURE, names[i], EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")), 0);
    }
    for (int i = 0; i < 168; i++)
        append(&w, i, 1);
    assert_int_equal(ask_text(&w, &r, "SELECT size, note FROM ledger_checkpoint ORDER BY size"), 0);
    struct str all = S("INSERT INTO ledger_cosignature (size, witness, vkey, at, line) VALUES ");
    for (size_t i = 0; i < r.n * 3; i++) {
        struct note_key *one = &k[i % 3];
        struct str line = note_sign(w.arena, one, note_text(db_s(&r, i / 3, 1)), 1790000000);
        all = str_printf(w.arena, "%.*s%s(%lld, '%s', '%.*s', 1790000000000, '%.*s')", STR_ARG(all), i ? ", " : "",
                         (long long)db_i(&r, i / 3, 0), one->name, STR_ARG(note_vkey(w.arena, one)), (int)line.n - 1,
                         line.p);
    }
    tamper(all.p);
    assert_true(r.n * 3 > 501);
    assert_int_equal(verify(&w, NULL, 0), 0);
    /* the 501st: a batch of 500 ends between it and the two before it */
    tamper(str_printf(w.arena,
                      "UPDATE ledger_cosignature SET at = at + 1000 WHERE witness = 'c.example' AND size = %lld",
                      (long long)db_i(&r, 166, 0))
               .p);
    assert_int_equal(verify(&w, NULL, 0), -1);
    for (int i = 0; i < 3; i++)
        note_key_free(&k[i]);
    unit_work_close(&w);
}

static void flip(const char *path, off_t at) {
    unsigned char c;
    chmod(path, 0600);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &c, 1, at) == 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void tile_files_are_checked_byte_by_byte(void **state) {
    struct work w;
    const char *path;
    struct stat st;
    (void)state;
    signed_log(&w);
    for (int level = -1; level < 1; level++) {
        assert_int_equal(ledger_tile_file(&w, level, 1, &path), 1);
        assert_int_equal(stat(path, &st), 0);
        for (off_t at = 0; at < st.st_size; at += st.st_size / 7) {
            flip(path, at);
            assert_int_equal(verify(&w, NULL, 0), -1);
            assert_non_null(strstr(w.error.text, "账本块"));
            flip(path, at);
        }
        assert_int_equal(truncate(path, st.st_size - 1), 0);
        assert_int_equal(verify(&w, NULL, 0), -1);
        unlink(path);
    }
    assert_int_equal(verify(&w, NULL, 0), 0);                /* made again when asked for */
    assert_int_equal(ledger_tile_file(&w, 0, 2, &path), -1); /* not full yet */
    error_clear(&w);
    int fd = open(str_printf(w.arena, "%s/ledger/tile/0/777", folder).p, O_WRONLY | O_CREAT, 0600);
    close(fd);
    assert_int_equal(verify(&w, NULL, 0), -1);
    unit_work_close(&w);
    teardown(NULL);
}

/* The operator itself, with the key: the whole log made anew over changed or missing events. */
static void remade_log(struct work *w, const char *change) {
    tamper(change);
    tamper("DELETE FROM ledger_cosignature");
    tamper("DELETE FROM ledger_checkpoint");
    tamper("DELETE FROM ledger_entry");
    tamper("DELETE FROM ledger_node");
    tamper("UPDATE ledger_state SET size = 0, public_size = 0, frontier = '', root = "
           "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'");
    tamper("INSERT INTO event_pending (event_id) SELECT id FROM event");
    nftw(str_printf(w->arena, "%s/ledger", folder).p, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    while (ledger_sequence_once(w) > 0)
        ;
}

static void an_earlier_checkpoint_catches_a_rewritten_history(void **state) {
    static const char *const rewrites[] = {
        "UPDATE event SET payload = '{\"public_id\":\"Zz99\",\"version\":201}' WHERE id = 202",
        "UPDATE event SET id = CASE id WHEN 300 THEN 10000 ELSE 300 END WHERE id = 300",
        "DELETE FROM event WHERE id = 600",
    };
    (void)state;
    for (size_t i = 0; i < countof(rewrites); i++) {
        struct work w;
        struct ledger_checkpoint c;
        signed_log(&w);
        struct str kept[2];
        assert_int_equal(ledger_checkpoint_at(&w, 300, &c), 1);
        kept[0] = str_dup(w.arena, c.note);
        assert_int_equal(ledger_checkpoint_at(&w, 600, &c), 1);
        kept[1] = str_dup(w.arena, c.note);
        assert_int_equal(verify(&w, kept, 2), 0);
        remade_log(&w, rewrites[i]);
        if (verify(&w, kept, 2) == 0)
            unit_fail("not noticed: %s\n", rewrites[i]);
        unit_work_close(&w);
        teardown(NULL);
    }
}

static void a_report_says_since_when(void **state) {
    struct work w;
    struct ledger_report r;
    (void)state;
    signed_log(&w);
    tamper("UPDATE event SET payload = '{\"public_id\":\"Zz99\",\"version\":201}' WHERE id = 202");
    tamper("UPDATE event_secret SET payload = '{}' WHERE event_id = 400");
    assert_int_equal(ledger_verify(&w, NULL, 0, NULL, &r), -1);
    assert_int_equal(json_array_size(r.findings), 3); /* leaf and commitment of one, commitment of the other */
    json_t *one = json_array_get(r.findings, 0), *two = json_array_get(r.findings, 2);
    assert_int_equal(json_integer_value(json_object_get(one, "id")), 202);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "since"), "size")), 300);
    assert_int_equal(json_integer_value(json_object_get(two, "id")), 400);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(two, "since"), "size")), 600);
    ledger_report_free(&r);
    unit_work_close(&w);
    teardown(NULL);
}

/* ── keys ── */

static void keys_rotate_and_others_are_refused(void **state) {
    struct work w;
    struct ledger_checkpoint c;
    struct note_key old, fresh;
    struct stat st;
    (void)state;
    open_work(&w);
    config.ledger_sm2_key_file = str_printf(w.arena, "%s/sm2.pem", folder).p;
    assert_int_equal(ledger_open(&w), 0);
    const char *path = str_printf(w.arena, "%s/ledger-key.pem", folder).p;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    append(&w, 0, 3);
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(ledger_rotate(&w, "ed25519"), 0);
    assert_int_equal(db_commit(&w), 0);
    append(&w, 10, 1);
    json_t *keys = ledger_keys(&w);
    assert_int_equal(json_array_size(keys), 3);
    struct str vkeys[3];
    for (size_t i = 0; i < 3; i++)
        vkeys[i] = str_z(json_string_value(json_object_get(json_array_get(keys, i), "vkey")));
    assert_true(json_is_false(json_object_get(json_array_get(keys, 2), "active")));
    assert_int_equal(note_key_parse(vkeys[0], &fresh) | note_key_parse(vkeys[2], &old), 0);
    assert_int_equal(ledger_checkpoint_covering(&w, 5, &c), 1);
    assert_int_equal(note_verify(w.arena, c.note, &fresh, NULL, NULL), 1); /* the first one after: both */
    assert_int_equal(note_verify(w.arena, c.note, &old, NULL, NULL), 1);
    append(&w, 11, 1);
    assert_int_equal(ledger_checkpoint_latest(&w, &c), 1);
    assert_int_equal(note_verify(w.arena, c.note, &fresh, NULL, NULL), 1);
    assert_int_equal(note_verify(w.arena, c.note, &old, NULL, NULL), 0);
    note_key_free(&old), note_key_free(&fresh), json_decref(keys);
    assert_int_equal(verify(&w, NULL, 0), 0);
    chmod(path, 0644); /* a key others can read is refused */
    ledger_forget();
    assert_int_equal(ledger_open(&w), -1);
    error_clear(&w);
    unlink(path); /* without one, events are numbered and nothing is signed */
    assert_int_equal(ledger_open(&w), 0);
    append(&w, 20, 2);
    int64_t before = c.size;
    assert_int_equal(ledger_checkpoint_latest(&w, &c), 1);
    assert_int_equal(c.size, before);
    config.data_dir = "/nonexistent";
    config.ledger_key_file = config.ledger_sm2_key_file; /* a key the log does not know */
    assert_int_equal(ledger_open(&w), -1);
    unit_work_close(&w);
}

static int run(const char *name) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(proofs_hold_at_every_size, setup, teardown),
        cmocka_unit_test_setup_teardown(nodes_of_an_older_log_are_made, setup, teardown),
        cmocka_unit_test(notes_are_signed_and_checked),
        cmocka_unit_test_setup_teardown(free_text_stays_out_of_leaves, setup, teardown),
        cmocka_unit_test(every_change_is_named),
        cmocka_unit_test(every_byte_of_every_table_is_bound),
        cmocka_unit_test_setup_teardown(every_cosignature_is_checked, setup, teardown),
        cmocka_unit_test(tile_files_are_checked_byte_by_byte),
        cmocka_unit_test(an_earlier_checkpoint_catches_a_rewritten_history),
        cmocka_unit_test(a_report_says_since_when),
        cmocka_unit_test_setup_teardown(keys_rotate_and_others_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR);
    engine = DB_SQLITE;
    int failed = run("proof on SQLite");
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        failed += run("proof on PostgreSQL");
    }
    return failed;
}
