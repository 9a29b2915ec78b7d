/* ledger.c: how fast the log is, as ratios within one run: durable appends against raw synced batches, a proof and a
 * whole verification at that size, bytes an event. Usage: ledger DATABASE DIR EVENTS */
#include "app/app.h"
#include "ledger/ledger_internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 500

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(struct work *w, const char *what) {
    fprintf(stderr, "%s: %s\n", what, w ? error_text(&w->error) : "");
    exit(1);
}

/* Each batch in memory of its own, as each request is. */
static void renew(struct work *w) {
    arena_free(w->arena);
    w->arena = arena_new(256u * 1024 * 1024);
}

static double raw_sync(const char *dir, size_t bytes, int rounds) {
    char path[400], *p = calloc(1, bytes);
    snprintf(path, sizeof path, "%s/raw", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    double start = seconds(CLOCK_MONOTONIC);
    for (int i = 0; i < rounds; i++)
        if (!p || write(fd, p, bytes) != (ssize_t)bytes || fdatasync(fd) < 0)
            die(NULL, "raw");
    double each = (seconds(CLOCK_MONOTONIC) - start) / rounds;
    close(fd);
    unlink(path);
    free(p);
    return each;
}

static double sequencing; /* seconds of it, within all appends */

static void append_batch(struct work *w, int64_t from, int n) {
    renew(w);
    if (db_begin(w) < 0)
        die(w, "begin");
    struct event *list = arena_many(w->arena, struct event, (size_t)n);
    for (int i = 0; i < n; i++)
        list[i] = (struct event){
            .room = "disclosure",
            .verb = i % 4 ? "passed" : "published",
            .subject_kind = "load",
            .subject_id = from + i,
            .unit_id = 1,
            .visibility = i % 4 ? EVENT_RESTRICTED : EVENT_PUBLIC,
            .payload = json_pack("{s:s, s:I, s:s, s:s}", "public_id", "Ab12Cd34Ef56", "version", (json_int_t)(from + i),
                                 "title", "关于如皋市基层政务公开标准化规范化工作的公告", "sha256",
                                 "7ee5d3c5c423f10cc2002e7c85335c3101fca6dcd9aeafde89a2f04f09d83d63")};
    if (event_append_many(w, list, (size_t)n) < 0)
        die(w, "append");
    for (int i = 0; i < n; i++)
        json_decref(list[i].payload);
    double begin = seconds(CLOCK_MONOTONIC);
    int got;
    if (db_commit(w) < 0) /* numbers what is public, and all before it */
        die(w, "commit");
    while ((got = ledger_sequence_once(w)) > 0)
        ;
    if (got < 0)
        die(w, "sequence");
    sequencing += seconds(CLOCK_MONOTONIC) - begin;
}

static int64_t database_bytes(struct work *w, const char *address) {
    static const struct db_statement size = {
        "load_size", "load", "SELECT pg_database_size(current_database()) AS n", NULL, false, UINT32_MAX, 0};
    struct db_rows r;
    struct stat st;
    if (strncmp(address, "sqlite:", 7) == 0)
        return stat(address + 7, &st) == 0 ? st.st_size : 0;
    return db_one(w, &size, &r) == 1 ? db_i(&r, 0, 0) : 0;
}

static void appends(struct work *w, const struct app_config *c, int64_t events) {
    int64_t before = database_bytes(w, c->database);
    double sync = raw_sync(c->data_dir, BATCH * 1000, 40), start = seconds(CLOCK_MONOTONIC);
    for (int64_t i = 0; i < events; i += BATCH) {
        append_batch(w, i, BATCH);
        if (i % 100000 == 0 && i)
            fprintf(stderr, "%lld appended\n", (long long)i);
    }
    double took = seconds(CLOCK_MONOTONIC) - start, batch = took / ((double)events / BATCH);
    sync = (sync + raw_sync(c->data_dir, BATCH * 1000, 40)) / 2;
    printf("durable appends in batches of %d: %.0f events/s; one batch takes %.1f times a raw synced write of %d KB "
           "(%.1f ms)\n",
           BATCH, (double)events / took, batch / sync, BATCH, sync * 1000);
    printf("of that time, committing, numbering, hashing and signing: %.0f %%\n", 100 * sequencing / took);
    printf("size per event: %.0f bytes in the database\n",
           (double)(database_bytes(w, c->database) - before) / (double)events);
}

static void proofs(struct work *w) {
    struct ledger_head head;
    uint64_t seed = 42;
    int n = 2000;
    if (ledger_head(w, &head) < 0)
        die(w, "head");
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < n; i++) {
        renew(w);
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        json_t *p = ledger_inclusion(w, (int64_t)((seed >> 20) % (uint64_t)head.size), head.size);
        if (!p)
            die(w, "proof");
        json_decref(p);
    }
    printf("proof of one entry among %lld: %.2f ms of CPU\n", (long long)head.size,
           (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000 / n);
}

static void verification(struct work *w) {
    struct ledger_report r;
    renew(w);
    double start = seconds(CLOCK_MONOTONIC);
    if (ledger_verify(w, NULL, 0, NULL, &r) < 0)
        die(w, "verify");
    double took = seconds(CLOCK_MONOTONIC) - start;
    printf("verify of %lld events, %lld checkpoints: %.1f s (%.0f events/s)\n", (long long)r.entries,
           (long long)r.checkpoints, took, (double)r.entries / took);
    ledger_report_free(&r);
}

int main(int argc, char **argv) {
    struct app_config c;
    struct command_work cw;
    int64_t events;
    if (argc != 4 || str_int(str_z(argv[3]), &events) < 0)
        return 2;
    log_set_level(LOG_ERROR);
    setenv("MINGTANG_DATABASE", argv[1], 1);
    setenv("MINGTANG_DATA_DIR", argv[2], 1);
    setenv("MINGTANG_SECRET_FILE", str_printf(arena_new(4096), "%s/secret", argv[2]).p, 1);
    if (config_load(&c, NULL) < 0 || cmd_init(&c, 2, (char *[]){(char[]){"init"}, (char[]){"--demo"}}) != 0 ||
        command_open(&c, &cw) < 0)
        return 1;
    appends(&cw.w, &c, events);
    proofs(&cw.w);
    verification(&cw.w);
    command_close(&cw);
    return 0;
}
