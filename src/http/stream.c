/* stream.c: answers that stay open: server-sent events (out->stream).
 *
 * No thread is held by an open stream. Its connection is suspended until there is news, a comment is due that keeps the
 * line open, or it must end; then it is resumed, and libmicrohttpd asks reader() for bytes, on its own thread, as fast
 * as the client takes them: a slow client gets the newest state when it is ready for it, nothing is queued up for it,
 * and nobody waits for it. One thread of this file looks after all streams: who has gone, whose heartbeat is due, whose
 * session must be looked at again (that is handed to a worker: it asks the database).
 *
 * A suspended connection is not touched by libmicrohttpd, so its exchange lives at least until it is resumed; whoever
 * resumes holds the lock, and a connection whose session is being looked at (checking) is left alone until that is
 * done. */
#include "http/http_internal.h"
#include <poll.h>
#include <sys/socket.h>

#define TICK_MS 250
#define MESSAGE_BYTES (64 * 1024)

static int heartbeat_ms = 15000, check_ms = 5000;

struct stream {
    struct stream *next, *previous;
    struct exchange *x;
    const struct http_stream *source;
    int fd;
    int64_t who;     /* whose it is, for the cap: person, or minus the token */
    int64_t seen;    /* id of the last message given out */
    struct buf text; /* bytes not yet taken, from `taken` on */
    size_t taken;
    uint64_t spoke_ns, checked_ns;
    bool suspended, beat, checking;
    bool over; /* ends when the text is taken */
    bool gone; /* the client left: ends at once */
};
struct streams {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct stream *first;
    size_t count;
    bool ending, stopping;
    uint64_t ending_ns;
    pthread_t thread;
};

/* One server a process: streams of a source are woken from rooms that know no server. */
static _Atomic(struct streams *) serving;

static uint64_t ms_since(uint64_t ns, uint64_t now) {
    return (now - ns) / 1000000;
}

/* ── on the HTTP thread ── */

static void resume(struct stream *s) {
    if (s->suspended && !s->checking) {
        s->suspended = false;
        MHD_resume_connection(s->x->mhd);
    }
}

/* The next message, or the heartbeat; false: there is nothing to say. */
static bool compose(struct stream *s) {
    struct buf message;
    bool any = false;
    s->taken = 0;
    buf_clear(&s->text);
    buf_init(&message, MESSAGE_BYTES);
    int64_t id = s->source->next(s->seen, &message);
    if (id != s->seen && !message.failed && message.n) {
        buf_printf(&s->text, "id: %lld\n%.*s\n", (long long)id, (int)message.n, message.p);
        any = true;
    } else if (s->beat) {
        /* A comment for proxies, and an event that a page can hear: a line that died silently is noticed by its
         * absence. */
        buf_printf(&s->text, ":\nevent: beat\ndata: %lld\n\n", (long long)clock_now(&s->x->work.config->clock));
        any = true;
    }
    s->seen = id;
    s->beat = false;
    buf_release(&message);
    return any && !s->text.failed;
}

static ssize_t reader(void *cls, uint64_t position, char *out, size_t room) {
    struct exchange *x = cls;
    struct stream *s = x->stream;
    struct streams *all = x->server->streams;
    ssize_t rc = 0;
    (void)position;
    pthread_mutex_lock(&all->lock);
    if (s->gone) {
        rc = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (s->taken < s->text.n || (!s->over && compose(s))) {
        size_t n = s->text.n - s->taken < room ? s->text.n - s->taken : room;
        memcpy(out, s->text.p + s->taken, n);
        s->taken += n;
        s->spoke_ns = clock_mono_ns();
        x->answer_bytes += n;
        rc = (ssize_t)n;
    } else if (s->over) {
        rc = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        s->suspended = true;
        MHD_suspend_connection(x->mhd);
    }
    pthread_mutex_unlock(&all->lock);
    return rc;
}

void stream_close(struct exchange *x) {
    struct stream *s = x->stream;
    struct streams *all = x->server->streams;
    if (!s)
        return;
    pthread_mutex_lock(&all->lock);
    if (s->previous)
        s->previous->next = s->next;
    else
        all->first = s->next;
    if (s->next)
        s->next->previous = s->previous;
    all->count--;
    pthread_mutex_unlock(&all->lock);
    buf_release(&s->text);
    free(s);
    x->stream = NULL;
}

/* ── on a worker ── */

static int64_t whose(const struct actor *a) {
    return a->token_id ? -a->token_id : a->person_id ? a->person_id : (int64_t)(str_hash(str_z(a->address)) >> 1);
}

/* Takes a place among the open ones. 0, or -1: there are too many. */
static int enter(struct streams *all, struct stream *s) {
    size_t same = 0;
    pthread_mutex_lock(&all->lock);
    for (struct stream *o = all->first; o; o = o->next)
        same += o->who == s->who && !o->gone && !o->over;
    bool room = !all->ending && all->count < LIMIT_STREAMS && same < LIMIT_STREAMS_EACH;
    if (room) {
        s->next = all->first;
        if (all->first)
            all->first->previous = s;
        all->first = s;
        all->count++;
    }
    pthread_mutex_unlock(&all->lock);
    return room ? 0 : -1;
}

int stream_open(struct exchange *x) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return -1;
    *s = (struct stream){.x = x, .source = x->out.stream, .fd = info ? info->connect_fd : -1, .seen = -1};
    s->who = whose(&x->work.actor);
    s->spoke_ns = s->checked_ns = clock_mono_ns();
    str_int(str_trim(http_header(&x->in, "Last-Event-ID")), &s->seen);
    buf_init(&s->text, MESSAGE_BYTES + 1024);
    buf_addz(&s->text, "retry: 3000\n\n"); /* at once: the client sees that it is open */
    if (enter(x->server->streams, s) < 0) {
        buf_release(&s->text);
        free(s);
        return -1;
    }
    x->stream = s;
    x->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, reader, x, NULL);
    return 0;
}

/* Is who opened it still signed in, and may they still? Says so to the client before it ends. */
static void check_again(struct exchange *x) {
    struct streams *all = x->server->streams;
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    struct work w = {.arena = a, .config = x->work.config, .now = clock_now(&x->work.config->clock)};
    struct http_request in = x->in;
    const struct http_hooks *h = x->server->hooks;
    bool known = true;
    in.w = &w;
    in.session = NULL;
    in.automatic = true;
    memcpy(w.actor.address, x->work.actor.address, sizeof w.actor.address);
    if (x->server->pool && db_attach(&w, x->server->pool) < 0) {
        arena_free(a);
    } else { /* a database that cannot be asked ends nothing: it is asked again soon */
        known = (!h->authenticate || h->authenticate(&in) == 0) && h->permitted(&w.actor, x->route->permission);
        known |= w.error.code == ERR_BUSY || w.error.code == ERR_INTERNAL;
        if (w.db)
            db_detach(&w);
        arena_free(a);
    }
    pthread_mutex_lock(&all->lock);
    struct stream *s = x->stream;
    s->checking = false;
    s->checked_ns = clock_mono_ns();
    if (!known && !s->over) {
        s->taken = 0;
        buf_clear(&s->text);
        buf_addz(&s->text, "event: end\ndata: signed-out\n\n");
        s->over = true;
    }
    resume(s); /* there may have been news meanwhile */
    pthread_mutex_unlock(&all->lock);
}

/* ── the thread that looks after them ── */

static void find_gone(struct streams *all) {
    for (struct stream *s = all->first; s; s = s->next) {
        struct pollfd p = {.fd = s->fd, .events = POLLRDHUP};
        if (!s->gone && s->suspended && s->fd >= 0 && poll(&p, 1, 0) > 0 &&
            (p.revents & (POLLRDHUP | POLLERR | POLLHUP)))
            s->gone = true;
    }
}

static void look_after(struct streams *all, struct stream *s, uint64_t now) {
    if (all->ending) {
        s->over = true;
        if (ms_since(all->ending_ns, now) > 1000 && !s->gone) { /* does not take what it was sent */
            s->gone = true;
            shutdown(s->fd, SHUT_RDWR);
        }
    }
    s->beat |= ms_since(s->spoke_ns, now) >= (uint64_t)heartbeat_ms;
    if (s->gone || s->over || s->beat) {
        resume(s);
    } else if (s->suspended && !s->checking && ms_since(s->checked_ns, now) >= (uint64_t)check_ms) {
        s->checking = true;
        s->x->task = check_again;
        if (!workers_submit(s->x->server->workers, s->x)) { /* busy: the next time */
            s->checking = false;
            s->checked_ns = now;
        }
    }
}

static void *watch(void *arg) {
    struct streams *all = arg;
    pthread_mutex_lock(&all->lock);
    while (!all->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&all->wake, &all->lock, &until);
        find_gone(all);
        uint64_t now = clock_mono_ns();
        for (struct stream *s = all->first; s; s = s->next)
            look_after(all, s, now);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* ── for rooms ── */

void http_stream_news(const struct http_stream *source) {
    struct streams *all = atomic_load(&serving);
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    for (struct stream *s = all->first; s; s = s->next)
        if (s->source == source)
            resume(s);
    pthread_mutex_unlock(&all->lock);
}

size_t http_stream_readers(const struct http_stream *source) {
    struct streams *all = atomic_load(&serving);
    size_t n = 0;
    if (!all)
        return 0;
    pthread_mutex_lock(&all->lock);
    for (struct stream *s = all->first; s; s = s->next)
        n += s->source == source;
    pthread_mutex_unlock(&all->lock);
    return n;
}

/* ── start and stop ── */

struct streams *streams_new(void) {
    struct streams *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wake, NULL);
    if (pthread_create(&all->thread, NULL, watch, all) != 0) {
        free(all);
        return NULL;
    }
    atomic_store(&serving, all);
    return all;
}

void streams_end(struct streams *all) {
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    all->ending_ns = clock_mono_ns();
    pthread_cond_signal(&all->wake);
    pthread_mutex_unlock(&all->lock);
}

void streams_free(struct streams *all) {
    if (!all)
        return;
    struct streams *mine = all;
    atomic_compare_exchange_strong(&serving, &mine, NULL);
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_signal(&all->wake);
    pthread_mutex_unlock(&all->lock);
    pthread_join(all->thread, NULL);
    pthread_mutex_destroy(&all->lock);
    pthread_cond_destroy(&all->wake);
    free(all);
}
