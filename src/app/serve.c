/* serve.c: one node: database, ledger sequencer, search index, jobs, HTTP; stops on SIGTERM or SIGINT without losing a
 * request. */
#include "app/app.h"
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

/* Where this node can ask itself. */
static const char *own_address(const struct app_config *c, int port, char *out, size_t cap) {
    const char *colon = strrchr(c->listen, ':');
    int n = colon ? (int)(colon - c->listen) : 0;
    bool any = n == 0 || strncmp(c->listen, "0.0.0.0", (size_t)n) == 0 || strncmp(c->listen, "[::]", (size_t)n) == 0;
    snprintf(out, cap, "http://%.*s:%d", any ? 9 : n, any ? "127.0.0.1" : c->listen, port);
    return out;
}

static int listen_and_wait(struct app_config *c, struct db_pool *pool, const sigset_t *set) {
    const struct route *const *tables;
    const size_t *counts;
    size_t n;
    char why[512] = "";
    int got = 0;
    app_routes(&tables, &counts, &n);
    struct http_server *server = http_start(c, pool, tables, counts, n, &app_hooks, why, sizeof why);
    if (!server) {
        fprintf(stderr, "http: %s\n", why);
        return 1;
    }
    app_describe(server);
    char own[320];
    if (!c->probe_addresses || !*c->probe_addresses)
        c->probe_addresses = own_address(c, http_port(server), own, sizeof own);
    if (job_start(pool, c, app_jobs, app_job_count) < 0) {
        http_stop(server);
        return 1;
    }
    printf("listening %d\n", http_port(server));
    fflush(stdout);
    log_line(LOG_INFO, "started", "port=%d", http_port(server));
    while (sigwait(set, &got) == EINTR)
        ;
    log_line(LOG_INFO, "stopping", "signal=%d", got);
    http_stop(server);
    blob_stop();
    job_stop();
    return 0;
}

int cmd_serve(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    char why[512] = "";
    sigset_t set;
    if (argc == 2 && strcmp(argv[1], "--dev") == 0)
        c->assets_dir = ".";
    else if (argc != 1)
        return 2;
    /* Two heaps are enough for a few workers; more only fragment (memory under load is measured by ./dev bench). */
    mallopt(M_ARENA_MAX, 4);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (command_open(c, &cw) < 0)
        return 1;
    view_init(c);
    if (command_transaction(&cw.w, app_supervision_rules, c) != 0) /* rules that came with a newer program */
        return 1;
    struct db_pool *pool = cw.pool;
    db_detach(&cw.w);
    arena_free(cw.w.arena);
    int rc = 1;
    if (ledger_start(pool, c, why, sizeof why) < 0) {
        fprintf(stderr, "ledger: %s\n", why);
    } else {
        if (search_start(pool, c, why, sizeof why) < 0)
            fprintf(stderr, "search: %s\n", why);
        else if (supervision_start(pool, c, why, sizeof why) < 0 || board_start(pool, c, why, sizeof why) < 0)
            fprintf(stderr, "supervision: %s\n", why);
        else
            rc = listen_and_wait(c, pool, &set);
        board_stop();
        supervision_stop();
        search_stop();
        ledger_stop();
    }
    db_pool_close(pool);
    return rc;
}
