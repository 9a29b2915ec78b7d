/* postgresql_listen.c: LISTEN on a connection and thread of its own, one per channel. */
#include "db/postgresql_internal.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RETRY_MS 1000 /* between attempts to connect again */

struct pg_listener {
    struct pg_listener *next;
    char *address, *channel;
    void (*fn)(void *, struct str);
    void *ctx;
    PGconn *pg;
    int stop_fd; /* readable when the thread shall end */
    pthread_t thread;
};

static PGconn *listen_connect(struct pg_listener *l, char *why, size_t cap) {
    PGconn *pg = pg_connect(l->address, why, cap);
    if (!pg)
        return NULL;
    char *name = PQescapeIdentifier(pg, l->channel, strlen(l->channel));
    char sql[200];
    snprintf(sql, sizeof sql, "LISTEN %s", name ? name : "mingtang");
    PQfreemem(name);
    PGresult *r = PQexec(pg, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    if (ok)
        return pg;
    snprintf(why, cap, "%s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

/* False when the thread shall end. */
static bool wait_for(const struct pg_listener *l, int socket, int ms) {
    struct pollfd p[2] = {{.fd = l->stop_fd, .events = POLLIN}, {.fd = socket, .events = POLLIN}};
    poll(p, 2, ms); /* a negative descriptor is ignored */
    return !(p[0].revents & POLLIN);
}

static void deliver(struct pg_listener *l) {
    PGnotify *n;
    while ((n = PQnotifies(l->pg)) != NULL) {
        l->fn(l->ctx, str_z(n->extra));
        PQfreemem(n);
    }
}

static void *listen_run(void *arg) {
    struct pg_listener *l = arg;
    bool told = false;
    while (wait_for(l, l->pg ? PQsocket(l->pg) : -1, l->pg ? -1 : RETRY_MS)) {
        char why[400], quoted[500];
        if (l->pg && PQconsumeInput(l->pg)) {
            deliver(l);
            continue;
        }
        if (l->pg)
            PQfinish(l->pg);
        l->pg = listen_connect(l, why, sizeof why);
        if (!l->pg && !told)
            log_line(LOG_WARN, "listen_lost", "channel=%s reason=%s", l->channel,
                     log_quote(quoted, sizeof quoted, str_z(why)));
        told = !l->pg;
        if (l->pg)
            l->fn(l->ctx, STR_NONE);
    }
    return NULL;
}

static void listener_free(struct pg_listener *l) {
    if (l->pg)
        PQfinish(l->pg);
    if (l->stop_fd >= 0)
        close(l->stop_fd);
    free(l->address);
    free(l->channel);
    free(l);
}

struct pg_listener *pg_listener_start(const char *address, const char *channel, void (*fn)(void *, struct str),
                                      void *ctx) {
    struct pg_listener *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    *l = (struct pg_listener){.address = strdup(address), .channel = strdup(channel), .fn = fn, .ctx = ctx};
    l->stop_fd = eventfd(0, EFD_CLOEXEC);
    char why[400];
    l->pg = listen_connect(l, why, sizeof why);
    if (l->pg && l->stop_fd >= 0 && pthread_create(&l->thread, NULL, listen_run, l) == 0)
        return l;
    char quoted[500];
    log_line(LOG_ERROR, "listen_failed", "channel=%s reason=%s", channel,
             log_quote(quoted, sizeof quoted, str_z(l->pg ? "" : why)));
    listener_free(l);
    return NULL;
}

void pg_listener_stop(struct pg_listener *l) {
    uint64_t one = 1;
    if (write(l->stop_fd, &one, sizeof one) != (ssize_t)sizeof one)
        abort();
    pthread_join(l->thread, NULL);
    listener_free(l);
}

struct pg_listener *pg_listener_link(struct pg_listener *l, struct pg_listener *rest) {
    l->next = rest;
    return l;
}

struct pg_listener *pg_listener_rest(struct pg_listener *l) {
    return l->next;
}
