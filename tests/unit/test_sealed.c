/* test_sealed.c: files that are personal data, on both engines. */
#include "unit_db.h"
#include "blob/blob_internal.h"
#include "blob_sql.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DAY_MS (86400LL * 1000)

static enum db_engine engine;
static struct unit_db db;
static struct work w;
static struct app_config config;
static char dir[64];

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 3);
    unit_db_migrate(&db);
    unit_work_open(&w, &db);
    snprintf(dir, sizeof dir, "/tmp/mingtang-sealed-XXXXXX");
    assert_non_null(mkdtemp(dir));
    config = (struct app_config){.data_dir = dir, .secret = "0123456789abcdef0123456789abcde"};
    w.config = &config;
    w.now = clock_now(&config.clock);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unit_work_close(&w);
    unit_db_remove(&db);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static struct http_file file(const char *name, struct str bytes) {
    const char *path = str_printf(w.arena, "%s/upload", dir).p;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
    return (struct http_file){.name = str_z(name), .path = path, .size = (int64_t)bytes.n};
}

/* A PNG of one pixel, with as many bytes behind it as asked: what a scanner's picture is to libmagic. */
static struct str png(size_t more) {
    static const unsigned char head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                         13,   'I', 'H', 'D', 'R',  0,    0,    0,    1,    0,    0,
                                         0,    1,   8,   6,   0,    0,    0,    0x1f, 0x15, 0xc4, 0x89};
    char *p = arena_alloc(w.arena, sizeof head + more);
    memcpy(p, head, sizeof head);
    memset(p + sizeof head, '3', more);
    return (struct str){p, sizeof head + more};
}

static struct sealed_file taken(const char *name, struct str bytes) {
    struct sealed_file s;
    struct http_file f = file(name, bytes);
    if (sealed_take(&w, &f, "identity", 0, &s) < 0)
        unit_fail("%s\n", w.error.field_count ? w.error.fields[0].message : w.error.text);
    return s;
}

static const char *path_of(int64_t id) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &sql_sealed_file_get, &r, DB_INT(id)), 1);
    return sealed_path(w.arena, &config, db_s(&r, 0, 1));
}

static struct str on_disk(const char *path) {
    char *p = arena_alloc(w.arena, 1 << 20);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (struct str){p, n};
}

static void bend(const char *path, long at) {
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, at, SEEK_SET);
    int c = fgetc(f);
    fseek(f, at, SEEK_SET);
    fputc(c ^ 1, f);
    fclose(f);
}

static void aged(const char *path, int64_t ms) {
    struct timespec t[2] = {{.tv_sec = (w.now - ms) / 1000}, {.tv_sec = (w.now - ms) / 1000}};
    assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static bool there(const char *path) {
    return access(path, F_OK) == 0;
}

/* What sealed_verify says, one finding a line. */
static const char *findings(void) {
    struct ledger_report r = {.findings = json_array()};
    struct str all = S("");
    json_t *o;
    size_t i;
    assert_int_equal(sealed_verify(&w, &r), 0);
    json_array_foreach(r.findings, i, o) {
        assert_string_equal(json_string_value(json_object_get(o, "kind")), "sealed_file");
        all = str_printf(w.arena, "%.*s%s\n", STR_ARG(all), json_string_value(json_object_get(o, "text")));
    }
    json_decref(r.findings);
    return all.p;
}

static int refused(const char *name, struct str bytes, int64_t max, const char *code) {
    struct sealed_file s = {.id = 77};
    struct http_file f = file(name, bytes);
    error_clear(&w);
    assert_int_equal(sealed_take(&w, &f, "identity", max, &s), -1);
    assert_int_equal(s.id, 77);
    assert_int_equal(w.error.code, ERR_INVALID);
    assert_string_equal(w.error.fields[0].field, "identity");
    assert_string_equal(w.error.fields[0].code, code);
    error_clear(&w);
    return 0;
}

static int change(int (*fn)(struct work *, int64_t), int64_t id, bool commit) {
    error_clear(&w);
    assert_int_equal(db_begin(&w), 0);
    int rc = fn(&w, id);
    if (rc < 0 || !commit)
        db_rollback(&w);
    else
        assert_int_equal(db_commit(&w), 0);
    return rc;
}

static void what_is_kept_reads_back_and_is_not_readable_on_disk_or_in_the_table(void **state) {
    struct str bytes = png(70000), back, raw;
    struct sealed_file s = taken("张三身份证.PNG", bytes), got;
    struct db_rows r;
    (void)state;
    assert_int_equal(s.size, (int64_t)bytes.n);
    assert_true(str_is(s.type, "image/png"));
    assert_int_equal(sealed_read(&w, s.id, &got, &back), 0);
    assert_true(str_eq(back, bytes));
    assert_true(str_is(got.name, "张三身份证.PNG"));
    assert_true(str_is(got.type, "image/png"));
    assert_true(str_is(got.extension, "png"));
    raw = on_disk(path_of(s.id));
    assert_int_equal(str_find(raw, S("PNG")), -1);
    assert_int_equal(str_find(raw, S("33333333")), -1);
    assert_int_equal(db_one(&w, &sql_sealed_file_get, &r, DB_INT(s.id)), 1);
    assert_int_equal(str_find(db_s(&r, 0, 2), S("张三")), -1);
    struct stat st;
    assert_int_equal(stat(path_of(s.id), &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    assert_string_equal(findings(), "");
    /* The same bytes again are another file, and look different. */
    struct sealed_file again = taken("张三身份证.PNG", bytes);
    assert_false(str_eq(raw, on_disk(path_of(again.id))));
}

static void the_other_cipher_reads_too(void **state) {
    struct str back;
    struct sealed_file got, a = taken("a.png", png(10));
    (void)state;
    config.seal_cipher = "sm4-hmac-sm3";
    struct sealed_file b = taken("b.png", png(20));
    assert_int_equal(sealed_read(&w, a.id, &got, &back), 0);
    config.seal_cipher = "aes-256-gcm";
    assert_int_equal(sealed_read(&w, b.id, &got, &back), 0);
    assert_true(str_eq(back, png(20)));
}

static void what_blob_take_refuses_is_refused(void **state) {
    (void)state;
    refused("空.png", S(""), 0, "empty");
    refused("a.exe", S("MZ\x90\0\3\0\0\0"), 0, "type");
    refused("a.pdf", png(10), 0, "name");
    refused("a.html", S("<!DOCTYPE html><html><script>alert(1)</script></html>"), 0, "type");
    refused("大.png", png(1024 * 1024), 1024 * 1024, "too_large");
    refused("大.png", png(LIMIT_SEALED_BYTES), 0, "too_large");
    refused("大.png", png(LIMIT_SEALED_BYTES), LIMIT_SEALED_BYTES * 10, "too_large");
    assert_false(there(str_printf(w.arena, "%s/sealed", dir).p));
    taken("恰好.png", png(1024 * 1024 - 33));
}

static void a_document_of_the_program_is_kept_alike(void **state) {
    struct sealed_file s, got;
    struct str back;
    (void)state;
    assert_int_equal(sealed_put(&w, S("告知书.pdf"), S("application/pdf"), S("%PDF-1.7 …"), &s), 0);
    assert_true(str_is(s.extension, "pdf"));
    assert_int_equal(sealed_read(&w, s.id, &got, &back), 0);
    assert_true(str_is(back, "%PDF-1.7 …"));
    assert_true(str_is(got.name, "告知书.pdf"));
    assert_int_equal(sealed_put(&w, S("x"), S("application/pdf"), S(""), &s), -1);
}

static void an_altered_missing_or_exchanged_file_is_not_read_and_is_named(void **state) {
    struct sealed_file a = taken("a.png", png(100)), b = taken("b.png", png(100)), c = taken("c.png", png(100)), got;
    struct str back = S("untouched");
    (void)state;
    bend(path_of(a.id), 60);
    assert_int_equal(sealed_read(&w, a.id, &got, &back), -1);
    assert_int_equal(w.error.code, ERR_INTERNAL);
    assert_true(str_is(back, "untouched"));
    const char *said = findings();
    assert_non_null(strstr(said, str_printf(w.arena, "加密文件 %lld（", (long long)a.id).p));
    assert_non_null(strstr(said, "内容与 SHA-256 摘要不符"));
    assert_null(strchr(strchr(said, '\n') + 1, '\n'));
    bend(path_of(a.id), 60);
    error_clear(&w);
    assert_int_equal(sealed_read(&w, a.id, &got, &back), 0);
    /* b's bytes in c's place: another key. */
    back = on_disk(path_of(b.id));
    FILE *f = fopen(path_of(c.id), "wb");
    assert_non_null(f);
    fwrite(back.p, 1, back.n, f);
    fclose(f);
    assert_int_equal(sealed_read(&w, c.id, &got, &back), -1);
    error_clear(&w);
    unlink(path_of(c.id));
    assert_int_equal(sealed_read(&w, c.id, &got, &back), -1);
    assert_non_null(strstr(w.error.text, "存储中没有它"));
    assert_non_null(strstr(findings(), "文件不存在"));
}

static void without_the_key_nothing_is_read(void **state) {
    struct app_config other = config;
    struct sealed_file s = taken("a.png", png(100)), got;
    struct str back;
    (void)state;
    other.secret[0] ^= 1;
    w.config = &other;
    assert_int_equal(sealed_read(&w, s.id, &got, &back), -1);
    assert_non_null(strstr(w.error.text, "密钥"));
    w.config = &config;
}

static void a_file_belongs_to_one_matter(void **state) {
    struct sealed_file s = taken("a.png", png(100));
    (void)state;
    assert_int_equal(change(sealed_claim, s.id, true), 0);
    assert_int_equal(change(sealed_claim, s.id, true), -1);
    assert_int_equal(w.error.code, ERR_CONFLICT);
    assert_int_equal(change(sealed_claim, s.id + 1, true), -1);
}

static void erasing_takes_file_and_name_and_leaves_the_row(void **state) {
    struct sealed_file s = taken("张三.png", png(100)), got;
    struct db_rows r;
    struct str back;
    const char *path = path_of(s.id);
    (void)state;
    assert_int_equal(change(sealed_claim, s.id, true), 0);
    assert_int_equal(change(sealed_erase, s.id, false), 0);
    assert_true(there(path)); /* rolled back */
    assert_int_equal(sealed_read(&w, s.id, &got, &back), 0);
    assert_int_equal(change(sealed_erase, s.id, true), 0);
    assert_false(there(path));
    assert_int_equal(sealed_read(&w, s.id, &got, &back), -1);
    assert_int_equal(w.error.code, ERR_GONE);
    assert_int_equal(db_one(&w, &sql_sealed_file_get, &r, DB_INT(s.id)), 1);
    assert_int_equal(db_s(&r, 0, 2).n, 0);
    assert_int_equal(db_i(&r, 0, 7), w.now);
    json_t *events = event_list(&w, "sealed_file", s.id, true);
    assert_int_equal(json_array_size(events), 1);
    json_decref(events);
    assert_int_equal(change(sealed_erase, s.id, true), 0); /* again: nothing */
    assert_int_equal(change(sealed_erase, s.id + 1, true), -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
    assert_int_equal(change(sealed_claim, s.id, true), -1);
    error_clear(&w);
    assert_string_equal(findings(), "");
}

static void the_sweep_takes_what_belongs_to_nothing_a_day_later(void **state) {
    struct sealed_file used = taken("a.png", png(1)), loose = taken("b.png", png(2)), gone = taken("c.png", png(3));
    const char *a = path_of(used.id), *b = path_of(loose.id), *c = path_of(gone.id),
               *folder = str_printf(w.arena, "%s/sealed/ab", dir).p;
    int64_t start = w.now;
    (void)state;
    assert_int_equal(change(sealed_claim, used.id, true), 0);
    /* As after a crash: erased, but the file still there; a file without a row; a half-written one; a foreign one. */
    struct str kept = on_disk(c);
    assert_int_equal(change(sealed_erase, gone.id, true), 0);
    mkdir(folder, 0700);
    const char *strays[] = {c, str_printf(w.arena, "%s/abababababababababababababababab", folder).p,
                            str_printf(w.arena, "%s/.abababababababababababababababac", folder).p,
                            str_printf(w.arena, "%s/x", folder).p};
    for (size_t i = 0; i < countof(strays); i++) {
        FILE *f = fopen(strays[i], "wb");
        assert_non_null(f);
        fwrite(kept.p, 1, kept.n, f);
        fclose(f);
    }
    w.now = start + DAY_MS; /* exactly a day: not yet */
    for (size_t i = 0; i < countof(strays); i++)
        aged(strays[i], DAY_MS - 1000);
    assert_int_equal(sealed_sweep(&w, NULL), 0);
    assert_true(there(b));
    for (size_t i = 0; i < countof(strays); i++)
        assert_true(there(strays[i]));
    assert_string_equal(findings(), "");
    w.now = start + DAY_MS + 1;
    for (size_t i = 0; i < countof(strays); i++)
        aged(strays[i], DAY_MS + 1000);
    assert_non_null(strstr(findings(), "没有登记或应已销毁"));
    assert_int_equal(sealed_sweep(&w, NULL), 0);
    assert_true(there(a));
    assert_false(there(b));
    for (size_t i = 0; i < countof(strays); i++)
        assert_false(there(strays[i]));
    assert_int_equal(change(sealed_claim, loose.id, true), -1);
    error_clear(&w);
    assert_string_equal(findings(), "");
}

static int run_all(enum db_engine e) {
    engine = e;
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_is_kept_reads_back_and_is_not_readable_on_disk_or_in_the_table),
        T(the_other_cipher_reads_too),
        T(what_blob_take_refuses_is_refused),
        T(a_document_of_the_program_is_kept_alike),
        T(an_altered_missing_or_exchanged_file_is_not_read_and_is_named),
        T(without_the_key_nothing_is_read),
        T(a_file_belongs_to_one_matter),
        T(erasing_takes_file_and_name_and_leaves_the_row),
        T(the_sweep_takes_what_belongs_to_nothing_a_day_later),
    };
    return cmocka_run_group_tests_name(e == DB_SQLITE ? "sealed (SQLite)" : "sealed (PostgreSQL)", tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR + 1);
    int rc = run_all(DB_SQLITE);
    if (getenv("MINGTANG_TEST_PG"))
        rc += run_all(DB_POSTGRESQL);
    return rc;
}
