/* reaper.c: whole deadlines per phase (http.md's second weakness): libmicrohttpd's timeout measures inactivity only, so
 * a client that sends a byte a second would stay for ever. shutdown() is called under the lock that the closing
 * callback also takes, so a descriptor cannot have been given to another connection. */
#include "http/http_internal.h"
#include <sys/socket.h>

static int header_ms = LIMIT_HEADER_SECONDS * 1000, idle_ms = LIMIT_IDLE_SECONDS * 1000, body_grace_ms = 10000;

void http_limits_for_tests(int header, int idle, int grace) {
    header_ms = header;
    idle_ms = idle;
    body_grace_ms = grace;
}

enum stage { STAGE_FIRST, STAGE_IDLE, STAGE_BODY, STAGE_WORK };
struct connection {
    struct connection *next, *previous;
    struct reaper *reaper;
    int fd;
    enum stage stage;
    uint64_t since_ns, bytes;
};
struct reaper {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct connection *first;
    struct http_server *server;
    bool stopping;
    pthread_t thread;
};

static bool overdue(const struct connection *c, uint64_t now) {
    int64_t ms = (int64_t)((now - c->since_ns) / 1000000);
    if (c->stage == STAGE_FIRST)
        return ms > header_ms;
    if (c->stage == STAGE_IDLE)
        return ms > idle_ms;
    return c->stage == STAGE_BODY && ms > body_grace_ms &&
           (int64_t)c->bytes * 1000 < (ms - body_grace_ms) * LIMIT_BODY_RATE;
}

static void *reap(void *arg) {
    struct reaper *r = arg;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        long step_ms = header_ms < 2000 ? 50 : 500;
        until.tv_nsec += step_ms * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&r->wake, &r->lock, &until);
        uint64_t now = clock_mono_ns();
        for (struct connection *c = r->first; c; c = c->next)
            if (overdue(c, now))
                shutdown(c->fd, SHUT_RDWR);
        access_flush(r->server->log);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

struct reaper *reaper_new(struct http_server *s) {
    struct reaper *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->server = s;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    if (pthread_create(&r->thread, NULL, reap, r) != 0) {
        free(r);
        return NULL;
    }
    return r;
}

void reaper_free(struct reaper *r) {
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->wake);
    free(r);
}

void reaper_notify(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code) {
    struct reaper *r = cls;
    struct connection *c = *context;
    pthread_mutex_lock(&r->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
        c = calloc(1, sizeof *c);
        if (c) {
            *c = (struct connection){
                .next = r->first, .reaper = r, .fd = info ? info->connect_fd : -1, .since_ns = clock_mono_ns()};
            if (r->first)
                r->first->previous = c;
            r->first = c;
        }
        *context = c;
    } else if (c) {
        if (c->previous)
            c->previous->next = c->next;
        else
            r->first = c->next;
        if (c->next)
            c->next->previous = c->previous;
        free(c);
        *context = NULL;
    }
    pthread_mutex_unlock(&r->lock);
}

/* Only the connection's own thread moves its stage; the reaper reads it under the lock. */
void reaper_phase(struct connection *c, enum phase p) {
    if (!c)
        return;
    pthread_mutex_lock(&c->reaper->lock);
    c->stage = p == PHASE_BODY ? STAGE_BODY : p == PHASE_NEW ? STAGE_IDLE : STAGE_WORK;
    c->since_ns = clock_mono_ns();
    c->bytes = 0;
    pthread_mutex_unlock(&c->reaper->lock);
}

void reaper_bytes(struct connection *c, size_t n) {
    if (!c)
        return;
    pthread_mutex_lock(&c->reaper->lock);
    c->bytes += n;
    pthread_mutex_unlock(&c->reaper->lock);
}
