/* follow.c: this node's thread that follows the ledger and keeps the index; the readers of the current file.
 *
 * It looks at the ledger's generation (a number in memory) every few milliseconds and reads events only when that
 * moved. What an event means is asked of its source: the document as public now, or nothing. So an event seen twice or
 * late does no harm, and a crash costs nothing: the place in the log is kept in the same transaction as the documents.
 * A rebuild writes a second file and swaps it in by rename; readers of the old file finish and reopen. A second process
 * on the same data_dir takes the next free file. */
#include "search/search_internal.h"
#include "ledger/ledger.h"
#include "search_sql.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 20
#define SCHEMA 4 /* raised when the file's form, the tokenizer or the facets change: the index is built anew */
#define BATCH 200

static struct {
    const struct search_source *sources;
    size_t n;
    search_names_fn *names;
} registered;

static struct {
    struct db_pool *pool;
    const struct app_config *config;
    char path[4096];
    int lock; /* of the file's lock file */
    pthread_t thread;
    bool running;
    _Atomic bool stop, ready;
    _Atomic uint64_t followed; /* generation that can be found */
    pthread_mutex_t mutex;     /* of free and epoch */
    struct store *free;
    unsigned epoch;
    bool broken;   /* the file was found damaged */
    int64_t asked; /* ms: the rebuild that was asked for and done */
} node = {.mutex = PTHREAD_MUTEX_INITIALIZER, .lock = -1};

void search_register(const struct search_source *sources, size_t n, search_names_fn *names) {
    registered.sources = sources;
    registered.n = n;
    registered.names = names;
}

void search_doc_facet(struct search_doc *d, const char *facet, struct str value) {
    if (value.n && d->facet_count < SEARCH_FACETS_MOST)
        d->facets[d->facet_count++] = (struct search_facet){facet, value};
}

static const char *index_dir(const struct app_config *c) {
    return c->search_dir && *c->search_dir ? c->search_dir : c->data_dir;
}

/* ── readers ── */

struct store *reader_take(void) {
    if (!atomic_load(&node.ready))
        return NULL;
    pthread_mutex_lock(&node.mutex);
    struct store *s = node.free;
    unsigned epoch = node.epoch;
    if (s)
        node.free = s->next;
    pthread_mutex_unlock(&node.mutex);
    if (s)
        return s;
    s = malloc(sizeof *s);
    if (!s || store_open(s, node.path, false) != SQLITE_OK) {
        free(s);
        return NULL;
    }
    s->epoch = epoch;
    return s;
}

void reader_use(const char *path) {
    snprintf(node.path, sizeof node.path, "%s", path);
    atomic_store(&node.ready, true);
}

static void reader_free(struct store *s) {
    store_close(s);
    free(s);
}

void reader_give(struct store *s) {
    pthread_mutex_lock(&node.mutex);
    bool current = s->epoch == node.epoch;
    if (current) {
        s->next = node.free;
        node.free = s;
    }
    pthread_mutex_unlock(&node.mutex);
    if (!current)
        reader_free(s);
}

/* Readers open the file anew from now on. */
static void readers_renew(void) {
    pthread_mutex_lock(&node.mutex);
    struct store *s = node.free;
    node.free = NULL;
    node.epoch++;
    pthread_mutex_unlock(&node.mutex);
    while (s) {
        struct store *next = s->next;
        reader_free(s);
        s = next;
    }
}

/* ── documents in and out ── */

static int put_one(struct work *w, struct store *s, const struct search_source *src, int64_t id) {
    struct search_doc *d = calloc(1, sizeof *d);
    int n = d ? src->load(w, id, d) : -1;
    bool ok = n > 0 ? store_put(s, src->kind, id, d) : n == 0 ? store_remove(s, src->kind, id) : false;
    if (d)
        json_decref(d->shown);
    free(d);
    return ok ? 0 : -1;
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct ids {
    int64_t *v;
    size_t n;
};

/* A batch in one transaction of the file; those of `skip` were put already. */
static int put_batch(struct work *w, struct store *s, const struct search_source *src, const int64_t *ids, size_t n,
                     const struct ids *skip) {
    if (!store_exec(s, "BEGIN"))
        return -1;
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        if (!skip || !skip->n || !bsearch(&ids[i], skip->v, skip->n, sizeof *ids, by_number))
            rc = put_one(w, s, src, ids[i]);
    return store_exec(s, rc == 0 ? "COMMIT" : "ROLLBACK") ? rc : -1;
}

/* All documents of a source in order of publication, in batches with memory of their own. */
static int put_all(struct work *w, struct store *s, const struct search_source *src, const struct ids *skip,
                   bool verbose) {
    int64_t keys[BATCH], ids[BATCH], key = 0, id = 0;
    long total = 0;
    int n = BATCH;
    while (n == BATCH) {
        struct arena *whole = w->arena;
        w->arena = arena_new(512u * 1024 * 1024);
        bool ok = db_read_begin(w) == 0 && (n = src->list(w, key, id, keys, ids, BATCH)) >= 0 &&
                  put_batch(w, s, src, ids, (size_t)n, skip) == 0;
        db_read_end(w);
        arena_free(w->arena);
        w->arena = whole;
        if (!ok || atomic_load(&node.stop))
            return -1;
        total += n;
        if (verbose)
            fprintf(stderr, "\r%s: %ld", src->kind, total);
        if (n > 0) {
            key = keys[n - 1];
            id = ids[n - 1];
        }
    }
    if (verbose)
        fputc('\n', stderr);
    return 0;
}

/* A small source looked through whole: what is gone leaves, what is new comes. */
static int put_small_again(struct work *w, struct store *s, const struct search_source *src) {
    sqlite3_stmt *st = store_prepare(s, "SELECT subject FROM doc WHERE kind = ?1 ORDER BY subject LIMIT 100000");
    struct ids old = {arena_many(w->arena, int64_t, 100000), 0};
    if (!st)
        return -1;
    sqlite3_bind_text(st, 1, src->kind, -1, SQLITE_STATIC);
    while (sqlite3_step(st) == SQLITE_ROW)
        old.v[old.n++] = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    if (db_read_begin(w) < 0)
        return -1;
    int rc = 0;
    for (size_t i = 0; i < old.n && rc == 0; i += BATCH)
        rc = put_batch(w, s, src, old.v + i, old.n - i < BATCH ? old.n - i : BATCH, NULL);
    db_read_end(w);
    return rc == 0 ? put_all(w, s, src, &old, false) : -1;
}

/* ── following ── */

static int64_t log_identity(struct work *w) {
    struct db_rows r;
    return db_one(w, &sql_search_log_identity, &r) == 1 ? (int64_t)(str_hash(db_s(&r, 0, 0)) >> 1) | 1 : 0;
}

static const struct search_source *source_of(struct str kind) {
    for (size_t i = 0; i < registered.n; i++)
        if (str_is(kind, registered.sources[i].kind))
            return &registered.sources[i];
    return NULL;
}

/* What a batch of events asks for besides their own documents. */
struct wanted {
    bool small[16], names, synonyms;
};

static int apply_event(struct work *w, struct store *s, const struct db_rows *r, size_t i, struct wanted *x) {
    struct str room = db_s(r, i, 1);
    const struct search_source *src = source_of(db_s(r, i, 2));
    x->names |= str_is(room, "org") || str_is(room, "catalogue");
    x->synonyms |= str_is(room, "search");
    for (size_t k = 0; k < registered.n && k < countof(x->small); k++)
        if (registered.sources[k].room && str_is(room, registered.sources[k].room))
            x->small[k] = true;
    return src && !src->room ? put_one(w, s, src, db_i(r, i, 3)) : 0;
}

/* Events after `from` and below `size`, one batch; the place reached, or -1. */
static int64_t apply_batch(struct work *w, struct store *s, int64_t from, int64_t size, struct wanted *x) {
    struct db_rows r;
    if (db_query(w, &sql_search_events, &r, DB_INT(from), DB_INT(size)) < 0 || !store_exec(s, "BEGIN"))
        return -1;
    int rc = 0;
    for (size_t i = 0; i < r.n && rc == 0; i++)
        rc = apply_event(w, s, &r, i, x);
    int64_t reached = r.n == 500 ? db_i(&r, r.n - 1, 0) : size - 1;
    if (rc < 0 || !store_state_set(s, "seq", reached) || !store_exec(s, "COMMIT")) {
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    return reached;
}

static int follow_once(struct work *w, struct store *s) {
    struct ledger_head head;
    struct wanted x = {0};
    int64_t at = store_state(s, "seq");
    uint64_t generation = ledger_generation();
    if (db_read_begin(w) < 0 || ledger_head(w, &head) < 0)
        return -1;
    while (at < head.size - 1)
        if ((at = apply_batch(w, s, at, head.size, &x)) < 0)
            return -1;
    db_read_end(w);
    for (size_t i = 0; i < registered.n && i < countof(x.small); i++)
        if (x.small[i] && put_small_again(w, s, &registered.sources[i]) < 0)
            return -1;
    if (x.names && registered.names && names_load(w, registered.names) < 0)
        return -1;
    if (x.synonyms && synonyms_refresh(w) < 0)
        return -1;
    atomic_store(&node.followed, generation);
    return 0;
}

/* ── building anew ── */

static int build_into(struct work *w, struct store *s, bool verbose) {
    struct ledger_head head;
    if (ledger_head(w, &head) < 0 || !store_bulk(s, true))
        return -1;
    for (size_t i = 0; i < registered.n; i++)
        if (put_all(w, s, &registered.sources[i], NULL, verbose) < 0)
            return -1;
    bool ok = store_bulk(s, false) && store_state_set(s, "schema", SCHEMA) &&
              store_state_set(s, "identity", log_identity(w)) && store_state_set(s, "seq", head.size - 1) &&
              store_state_set(s, "built", clock_now(&(struct clock){0})) &&
              store_exec(s, "PRAGMA wal_checkpoint(TRUNCATE)");
    return ok ? 0 : -1;
}

static void unlink_index(const char *path) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[4200];
    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* A whole new file in place of the old one. Readers of the old file keep it open until they are done. */
static int build_and_swap(struct work *w, const char *path, bool verbose) {
    char fresh[4200], old[4200];
    struct store s;
    snprintf(fresh, sizeof fresh, "%s.new", path);
    unlink_index(fresh);
    if (store_open(&s, fresh, true) != SQLITE_OK)
        return fail(w, ERR_INTERNAL, "检索索引文件不能写入");
    int rc = build_into(w, &s, verbose);
    if (rc == 0) /* one file without a companion can be renamed whole */
        rc = store_exec(&s, "PRAGMA journal_mode=DELETE") ? 0 : -1;
    store_close(&s);
    if (rc < 0)
        return -1;
    for (int i = 1; i < 3; i++) {
        snprintf(old, sizeof old, "%s%s", path, i == 1 ? "-wal" : "-shm");
        unlink(old);
    }
    return rename(fresh, path) == 0 ? 0 : -1;
}

/* Is the file the index of this database, in this form? */
static bool usable(struct work *w, struct store *s) {
    struct ledger_head head;
    return store_state(s, "schema") == SCHEMA && store_state(s, "identity") == log_identity(w) &&
           ledger_head(w, &head) == 0 && store_state(s, "seq") < head.size;
}

static int64_t asked_at(const struct app_config *c) {
    char name[4200];
    struct stat st;
    snprintf(name, sizeof name, "%s/search.rebuild", index_dir(c));
    return stat(name, &st) == 0 ? st.st_mtim.tv_sec * 1000LL + st.st_mtim.tv_nsec / 1000000 : 0;
}

/* Opens the current file, building it when it is not there or asked for. Own memory. */
static int open_current(struct work *w, struct store *s) {
    int64_t asked = asked_at(w->config);
    bool again = asked > node.asked || node.broken;
    if (!again && store_open(s, node.path, true) == SQLITE_OK) {
        if (usable(w, s))
            return 0;
        store_close(s);
    }
    if (s->db)
        store_close(s);
    if (build_and_swap(w, node.path, false) < 0)
        return -1;
    node.asked = asked;
    node.broken = false;
    readers_renew();
    return store_open(s, node.path, true) == SQLITE_OK ? 0 : -1;
}

static int first_names(struct work *w) {
    return (registered.names && names_load(w, registered.names) < 0) || synonyms_refresh(w) < 0 ? -1 : 0;
}

static void pause_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* One look: opens what is not open, follows what moved. false: it failed; the next look tries again. */
static bool look(struct work *w, struct store *s) {
    bool fresh = !s->db;
    if (!w->db && db_attach(w, node.pool) < 0)
        return false;
    if (s->db && asked_at(w->config) > node.asked) {
        store_close(s); /* readers go on with the old file meanwhile */
        fresh = true;
    }
    if (fresh && (open_current(w, s) < 0 || first_names(w) < 0))
        return false;
    if (follow_once(w, s) < 0)
        return false;
    atomic_store(&node.ready, true);
    return true;
}

static void *follow(void *nothing) {
    struct work w = {.config = node.config};
    struct store s = {0};
    bool well = true, first = true;
    unsigned round = 0;
    while (!atomic_load(&node.stop)) {
        bool moved = ledger_generation() != atomic_load(&node.followed);
        if (first || !well || moved || ++round % 50 == 0) { /* each second too: another process may have asked */
            w.arena = arena_new(512u * 1024 * 1024);
            w.now = clock_now(&node.config->clock);
            w.actor.all_units = true;
            error_clear(&w);
            bool now = look(&w, &s);
            if (!now && well)
                log_line(LOG_ERROR, "search_follow", "reason=\"%s\"", error_text(&w.error));
            first = first && !now;
            well = now;
            if (s.corrupt) { /* nothing is lost: it is built anew from the database */
                node.broken = true;
                store_close(&s);
                s.corrupt = false;
            }
            if (w.db) /* no snapshot is kept between looks */
                db_detach(&w);
            w.db = NULL;
            arena_free(w.arena);
        }
        pause_ms(well ? LOOK_MS : 500);
    }
    store_close(&s);
    return nothing;
}

bool search_caught_up(int ms) {
    uint64_t want = ledger_generation();
    for (int waited = 0;; waited += 2) {
        if (atomic_load(&node.ready) && atomic_load(&node.followed) >= want)
            return true;
        if (waited >= ms || !node.running)
            return false;
        pause_ms(2);
    }
}

/* ── start and stop ── */

/* The first index file of data_dir that no other process holds. */
static int take_file(const struct app_config *c) {
    char lock[4200];
    for (int i = 1; i < 10; i++) {
        char number[8] = "";
        if (i > 1)
            snprintf(number, sizeof number, "-%d", i);
        snprintf(node.path, sizeof node.path, "%s/search%s.db", index_dir(c), number);
        snprintf(lock, sizeof lock, "%s.lock", node.path);
        int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            node.lock = fd;
            return 0;
        }
        if (fd >= 0)
            close(fd);
    }
    return -1;
}

static void fold_ready(const struct app_config *c) {
    static bool done;
    struct arena *a = arena_new(1 << 20);
    const struct asset *t = asset_find(c, a, "data/search/traditional.txt"),
                       *p = asset_find(c, a, "data/search/pinyin.txt");
    if (!done && t && p)
        fold_load(t->bytes, p->bytes);
    done = true;
    arena_free(a);
}

int search_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap) {
    fold_ready(c);
    node.pool = pool;
    node.config = c;
    node.asked = asked_at(c);
    atomic_store(&node.stop, false);
    atomic_store(&node.ready, false);
    atomic_store(&node.followed, 0);
    if (take_file(c) < 0) {
        snprintf(why, cap, "%s: no free index file", index_dir(c));
        return -1;
    }
    if (pthread_create(&node.thread, NULL, follow, NULL) != 0) {
        snprintf(why, cap, "the search thread cannot be started");
        close(node.lock);
        return -1;
    }
    node.running = true;
    search_caught_up(500); /* a small index is there before the first request; a large one is built meanwhile */
    return 0;
}

void search_stop(void) {
    if (!node.running)
        return;
    atomic_store(&node.stop, true);
    pthread_join(node.thread, NULL);
    node.running = false;
    atomic_store(&node.ready, false);
    readers_renew();
    names_drop();
    synonyms_drop();
    close(node.lock);
    node.lock = -1;
}

int search_rebuild(struct db_pool *pool, const struct app_config *c, bool verbose) {
    struct work w = {.config = c, .arena = arena_new(512u * 1024 * 1024), .now = clock_now(&c->clock)};
    fold_ready(c);
    w.actor.all_units = true;
    atomic_store(&node.stop, false);
    int rc = take_file(c) < 0 || db_attach(&w, pool) < 0 ? -1 : build_and_swap(&w, node.path, verbose);
    if (rc < 0)
        fprintf(stderr, "search: %s\n", w.error.code ? error_text(&w.error) : "the index file is in use");
    if (w.db)
        db_detach(&w);
    arena_free(w.arena);
    if (node.lock >= 0)
        close(node.lock);
    node.lock = -1;
    return rc;
}

/* Is the first index file held by a server? */
static bool server_runs(const struct app_config *c) {
    char lock[4200];
    snprintf(lock, sizeof lock, "%s/search.db.lock", index_dir(c));
    int fd = open(lock, O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
    if (fd >= 0)
        close(fd);
    return held;
}

static int64_t built_at(const char *path) {
    struct store s;
    int64_t at = store_open(&s, path, false) == SQLITE_OK ? store_state(&s, "built") : 0;
    store_close(&s);
    return at;
}

int search_ask_rebuild(const struct app_config *c) {
    char name[4200], path[4200];
    if (!server_runs(c))
        return 0;
    snprintf(name, sizeof name, "%s/search.rebuild", index_dir(c));
    snprintf(path, sizeof path, "%s/search.db", index_dir(c));
    int64_t before = built_at(path);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    bool ok = futimens(fd, NULL) == 0;
    close(fd);
    while (ok && built_at(path) == before) {
        if (!server_runs(c))
            return -1;
        fputc('.', stderr);
        pause_ms(500);
    }
    fputc('\n', stderr);
    return ok ? 1 : -1;
}
