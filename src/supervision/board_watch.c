/* board_watch.c: the live board's stream: this node's thread notices that what the board shows has changed.
 *
 * Only while someone watches: it looks at the log's size (whatever changes a figure writes an event) and at the day,
 * and only when one of them moved makes the figures anew, once for all who watch. Their digest is the version: the
 * stream tells it, a page that shows another one fetches itself. So nothing depends on this node having made the
 * change, and a client that comes back after a restart or to another node is told nothing new when there is nothing
 * new. */
#include "supervision/supervision_internal.h"

#include "http/http.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define LOOK_MS 200
#define RETRY_MS 2000

static struct {
    struct db_pool *pool;
    const struct app_config *config;
    pthread_t thread;
    atomic_bool stop;
    bool running;
    _Atomic int64_t version; /* 0: not known */
    int64_t log_size;        /* of the log when it was made */
    day_t day;
} node;

static int64_t next_message(int64_t seen, struct buf *out) {
    int64_t version = atomic_load(&node.version);
    if (!version || version == seen)
        return seen;
    buf_printf(out, "event: board\ndata: {\"version\":\"%lld\"}\n",
               (long long)version); /* a number of 63 bits as text */
    return version;
}

const struct http_stream board_stream = {next_message};

static int make_version(struct work *w) {
    json_t *figures = board_figures(w, false);
    if (!figures)
        return -1;
    int64_t before = atomic_exchange(&node.version, board_version(figures));
    json_decref(figures);
    if (before != atomic_load(&node.version))
        http_stream_news(&board_stream);
    return 0;
}

/* One look. -1: the database could not be asked. */
static int look(struct work *w) {
    struct ledger_head head;
    if (db_attach(w, node.pool) < 0)
        return -1;
    int rc = ledger_head(w, &head);
    if (rc == 0 && (head.size != node.log_size || work_today(w) != node.day || !atomic_load(&node.version))) {
        rc = db_read_begin(w) < 0 ? -1 : make_version(w);
        if (rc == 0) {
            node.log_size = head.size;
            node.day = work_today(w);
        }
    }
    db_detach(w);
    return rc;
}

static void *watch(void *nothing) {
    bool well = true;
    while (!atomic_load(&node.stop)) {
        long pause = LOOK_MS;
        if (http_stream_readers(&board_stream) > 0) {
            struct work w = {.config = node.config, .arena = arena_new(LIMIT_ARENA_BYTES)};
            w.now = clock_now(&node.config->clock);
            int rc = look(&w);
            if (rc < 0 && well)
                log_line(LOG_ERROR, "board", "reason=%s", error_name(w.error.code));
            well = rc == 0;
            pause = well ? LOOK_MS : RETRY_MS;
            arena_free(w.arena);
        } else {
            atomic_store(&node.version, 0); /* who comes next is told what is then */
        }
        nanosleep(&(struct timespec){pause / 1000, pause % 1000 * 1000000L}, NULL);
    }
    return nothing;
}

int board_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap) {
    node.pool = pool;
    node.config = c;
    atomic_store(&node.stop, false);
    if (pthread_create(&node.thread, NULL, watch, NULL) != 0) {
        snprintf(why, cap, "the board's thread cannot be started");
        return -1;
    }
    node.running = true;
    return 0;
}

void board_stop(void) {
    if (!node.running)
        return;
    atomic_store(&node.stop, true);
    pthread_join(node.thread, NULL);
    node.running = false;
}
