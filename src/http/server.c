/* server.c: one epoll daemon per core on its own SO_REUSEPORT socket. These threads answer cached pages and static
 * files; everything that may block is suspended, handed to a worker, and resumed with its answer.
 *
 * An exchange: NEW → STARTED → RUNNING on a worker → READY; with a body NEW → CHECKING on a worker → BODY → RUNNING →
 * READY. */
#include "http/http_internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

/* ── the beginning of an exchange ── */

static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd) {
    struct http_server *s = cls;
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    struct exchange *x = arena_one(a, struct exchange);
    x->server = s;
    x->mhd = mhd;
    x->arena = a;
    x->raw_target = str_dupz(a, str_z(target));
    x->started_ns = clock_mono_ns();
    x->in.id = random_token(a, 9);
    x->in.w = &x->work;
    x->in.internal = x;
    x->work.arena = a;
    x->work.config = s->config;
    x->work.now = clock_now(&s->config->clock);
    atomic_fetch_add(&s->in_flight, 1);
    return x;
}

static size_t keep_as_sent(void *cls, struct MHD_Connection *c, char *s) {
    (void)cls;
    (void)c;
    return strlen(s); /* we decode ourselves, once */
}

static enum MHD_Result each_header(void *cls, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    guard_header(cls, str_z(key), str_z(value));
    return MHD_YES;
}

static void client_address(struct exchange *x) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char *out = x->work.actor.address;
    if (info && info->client_addr)
        getnameinfo(info->client_addr,
                    info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
                    out, sizeof x->work.actor.address, NULL, 0, NI_NUMERICHOST);
    struct str forwarded = x->server->config->trusted_proxy ? http_header(&x->in, "X-Forwarded-For") : STR_NONE, head,
               tail;
    while (str_cut(forwarded, ',', &head, &tail))
        forwarded = tail;
    forwarded = str_trim(forwarded);
    struct in6_addr any;
    char text[46];
    snprintf(text, sizeof text, "%.*s", STR_ARG(forwarded));
    if (forwarded.n && (inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1))
        memcpy(out, text, sizeof text);
}

static enum http_method method_of(const char *m, bool *head) {
    *head = strcmp(m, "HEAD") == 0;
    return *head || strcmp(m, "GET") == 0 ? HTTP_GET
           : strcmp(m, "POST") == 0       ? HTTP_POST
           : strcmp(m, "PUT") == 0        ? HTTP_PUT
           : strcmp(m, "DELETE") == 0     ? HTTP_DELETE
                                          : 0;
}

/* Path and query out of the raw target. 0 or -1: not decodable. */
static int parse_target(struct exchange *x) {
    struct str target = str_z(x->raw_target), path = target, query = STR_NONE;
    if (str_cut(target, '?', &path, &query))
        x->raw_query = query;
    if (percent_decode(x->arena, path, false, &x->in.path) < 0 || urlencoded_parse(&x->work, query, &x->query) < 0)
        return -1;
    if (str_find(x->in.path, S("/../")) >= 0 || str_find(x->in.path, S("//")) >= 0)
        return -1;
    if (str_starts(x->in.path, S("/api/v1/"))) {
        x->in.api = true;
        x->in.path = str_sub(x->in.path, 7, x->in.path.n);
    }
    return 0;
}

static enum MHD_Result queue_now(struct exchange *x) {
    if (x->close_after || atomic_load(&x->server->stopping))
        MHD_add_response_header(x->response, "Connection", "close");
    return MHD_queue_response(x->mhd, (unsigned)x->status, x->response);
}

static enum MHD_Result refuse(struct exchange *x, enum error_code code) {
    atomic_fetch_add(&x->server->refused, 1);
    x->close_after = true;
    reply_plain(x, code);
    return queue_now(x);
}

static enum MHD_Result hand_over(struct exchange *x, enum phase phase, void (*task)(struct exchange *)) {
    x->phase = phase;
    x->task = task;
    reaper_phase(x->connection, phase);
    MHD_suspend_connection(x->mhd);
    if (workers_submit(x->server->workers, x))
        return MHD_YES;
    atomic_fetch_add(&x->server->refused, 1);
    reply_plain(x, ERR_BUSY);
    MHD_add_response_header(x->response, "Retry-After", "2");
    x->phase = PHASE_READY;
    MHD_resume_connection(x->mhd);
    return MHD_YES;
}

/* The key of a page: variant, path, query; only of pages that are the same for everyone. */
static void cache_key(struct exchange *x) {
    if (!x->server->config->cache || x->in.api || !x->route || x->route->cache != CACHE_PUBLIC)
        return;
    int n = snprintf(x->cache_key, sizeof x->cache_key, "%d%s", x->in.variant, x->raw_target);
    if (n < 0 || (size_t)n >= sizeof x->cache_key)
        x->cache_key[0] = 0;
    x->generation = x->server->hooks->generation ? x->server->hooks->generation() : 0;
}

static void find_route(struct exchange *x) {
    const char *allow = NULL;
    x->route = router_find(x->server->router, x->method, x->in.path, x->in.api, x->arena, &x->parts, &allow);
    x->in.route = x->route;
    x->in.method = x->method;
    if (!x->route)
        fail(&x->work, allow ? ERR_METHOD : ERR_NOT_FOUND, allow ? "此地址只支持 %s" : "%s",
             allow ? allow : "没有这个地址，请核对，或从首页进入");
}

static int64_t body_limit(const struct exchange *x) {
    if (x->route->flags & ROUTE_UPLOAD)
        return x->server->config->upload_max * 4 + (1 << 20);
    return LIMIT_FORM_BYTES;
}

/* A request with a body: refuse what can be refused before a byte of it is read. */
static enum MHD_Result begin_body(struct exchange *x, const struct guard_input *g) {
    int64_t length = 0, limit = x->route ? body_limit(x) : 0;
    if (g->content_lengths)
        str_int(g->content_length, &length);
    if (!x->route) { /* nothing is read for an address that does not exist */
        x->close_after = g->transfer_encodings || length > 0;
        return hand_over(x, PHASE_RUNNING, exchange_run);
    }
    struct str type = http_header(&x->in, "Content-Type");
    if (length > limit)
        fail(&x->work, ERR_TOO_LARGE, "提交的内容超过 %lld MB 的限制", (long long)(limit >> 20));
    if (x->work.error.code || body_begin(x, type, limit) < 0) {
        x->close_after = true;
        return hand_over(x, PHASE_RUNNING, exchange_run);
    }
    return hand_over(x, PHASE_CHECKING, exchange_check);
}

static enum MHD_Result begin(struct exchange *x, const char *method, const char *version) {
    struct guard_input g = {.method = method, .target = x->raw_target, .version = version};
    const union MHD_ConnectionInfo *context = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    x->connection = context ? context->socket_context : NULL;
    reaper_phase(x->connection, PHASE_RUNNING);
    atomic_fetch_add(&x->server->requests, 1);
    MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, each_header, &g);
    const char *wrong = guard_check(&g);
    x->method = method_of(method, &x->head);
    if (wrong || !x->method || parse_target(x) < 0)
        return refuse(x, !wrong && !x->method ? ERR_METHOD : ERR_BAD_REQUEST);
    client_address(x);
    x->in.automatic = str_is(http_header(&x->in, "X-Automatic"), "1");
    x->in.variant = str_is(http_cookie(&x->in, "elder"), "1");
    if (x->method != HTTP_GET) {
        find_route(x);
        return begin_body(x, &g);
    }
    if ((g.content_lengths && !str_is(g.content_length, "0")) || g.transfer_encodings)
        return refuse(x, ERR_BAD_REQUEST);
    /* libmicrohttpd closes a connection whose answer is queued in its first call: answer in the next one. */
    x->phase = PHASE_STARTED;
    return MHD_YES;
}

/* A GET: from the binary, from the page cache, or by a worker. */
static enum MHD_Result answer_get(struct exchange *x) {
    if (assets_serve(x))
        return MHD_YES;
    find_route(x);
    cache_key(x);
    if (x->cache_key[0] && cache_serve(x))
        return MHD_YES;
    return hand_over(x, PHASE_RUNNING, exchange_run);
}

/* ── MHD's callbacks ── */

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context) {
    struct exchange *x = *context;
    (void)cls;
    (void)mhd;
    (void)url;
    switch (x->phase) {
    case PHASE_NEW:
        return begin(x, method, version);
    case PHASE_STARTED:
        return answer_get(x);
    case PHASE_CHECKED:
        if (x->response) {
            x->close_after = true;
            x->phase = PHASE_READY;
            return queue_now(x);
        }
        x->phase = PHASE_BODY;
        reaper_phase(x->connection, PHASE_BODY);
        return MHD_YES;
    case PHASE_BODY:
        if (*size) {
            reaper_bytes(x->connection, *size);
            body_feed(x, data, *size); /* an error is remembered, the rest is swallowed up to the limit */
            bool flood = x->work.error.code == ERR_TOO_LARGE && ++x->swallowed > 4096;
            *size = 0;
            return flood ? MHD_NO : MHD_YES;
        }
        return hand_over(x, PHASE_RUNNING, exchange_run);
    case PHASE_READY:
        return queue_now(x);
    default:
        return MHD_YES; /* suspended: MHD asks again after resume */
    }
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code) {
    struct exchange *x = *context;
    (void)mhd;
    (void)code;
    if (!x)
        return;
    struct http_server *s = cls;
    stream_close(x);
    access_write(x);
    reaper_phase(x->connection, PHASE_NEW);
    exchange_free(x);
    *context = NULL;
    atomic_fetch_sub(&s->in_flight, 1);
}

/* ── start and stop ── */

/* SO_REUSEPORT would let a second server share the port unseen: ask for the port alone first. */
static int port_is_free(const struct addrinfo *at) {
    int one = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0
                 ? -1
                 : bind(fd, at->ai_addr, at->ai_addrlen);
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
    return rc;
}

static int bind_socket(const char *host, int port, bool first, char *why, size_t cap, int *ret_port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST}, *found;
    char service[12];
    int one = 1, fd = -1;
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        snprintf(why, cap, "listen: bad address %s", host);
        return -1;
    }
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || (first && port && port_is_free(found) < 0) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, 1024) < 0) {
        snprintf(why, cap, "listen %s:%d: %s", host, port, strerror(errno));
        freeaddrinfo(found);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    freeaddrinfo(found);
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    getsockname(fd, (struct sockaddr *)&at, &n);
    *ret_port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                               : ((struct sockaddr_in *)&at)->sin_port);
    return fd;
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd) {
    unsigned per_ip = s->config->trusted_proxy ? 0 : LIMIT_PER_IP;
    if (strncmp(s->config->listen, "127.", 4) == 0)
        per_ip = 0; /* on loopback everyone is one address: a proxy or a load test */
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
                            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_as_sent, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                            s, MHD_OPTION_NOTIFY_CONNECTION, reaper_notify, s->reaper, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)(LIMIT_IDLE_SECONDS + 30), MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)(LIMIT_CONNECTIONS / s->config->daemons), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                            per_ip, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(LIMIT_HEADER_BYTES + 4096),
                            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static int start_daemons(struct http_server *s, char *why, size_t cap) {
    char host[200];
    int64_t port = 0;
    const char *colon = strrchr(s->config->listen, ':');
    if (!colon || (size_t)(colon - s->config->listen) >= sizeof host || str_int(str_z(colon + 1), &port) < 0 ||
        port < 0 || port > 65535) {
        snprintf(why, cap, "listen must be ADDRESS:PORT, not '%s'", s->config->listen);
        return -1;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - s->config->listen), s->config->listen);
    s->port = (int)port;
    for (int i = 0; i < s->config->daemons && i < (int)countof(s->daemons); i++) {
        int fd = bind_socket(host, s->port, i == 0, why, cap, &s->port);
        if (fd < 0)
            return -1;
        s->daemons[i] = start_daemon(s, fd);
        if (!s->daemons[i]) {
            snprintf(why, cap, "HTTP daemon %d did not start", i);
            close(fd);
            return -1;
        }
        s->daemon_count = i + 1;
    }
    return 0;
}

struct http_server *http_start(const struct app_config *config, struct db_pool *pool, const struct route *const *tables,
                               const size_t *counts, size_t n_tables, const struct http_hooks *hooks, char *why,
                               size_t cap) {
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->config = config;
    s->pool = pool;
    s->hooks = hooks;
    assets_init(config);
    s->router = router_new(tables, counts, n_tables, why, cap);
    s->cache = cache_new();
    s->log = access_new();
    s->workers = workers_new(config->workers);
    s->reaper = reaper_new(s);
    s->streams = streams_new();
    if (!s->router || !s->cache || !s->log || !s->workers || !s->reaper || !s->streams ||
        start_daemons(s, why, cap) < 0) {
        http_stop(s);
        return NULL;
    }
    return s;
}

int http_port(const struct http_server *s) {
    return s->port;
}

void http_stop(struct http_server *s) {
    struct timespec pause = {0, 10000000};
    atomic_store(&s->stopping, true);
    for (int i = 0; i < s->daemon_count; i++) {
        MHD_socket fd = MHD_quiesce_daemon(s->daemons[i]);
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
    }
    streams_end(s->streams);
    for (int k = 0; k < 2000 && atomic_load(&s->in_flight); k++)
        nanosleep(&pause, NULL);
    for (int i = 0; i < s->daemon_count; i++)
        MHD_stop_daemon(s->daemons[i]);
    workers_free(s->workers);
    streams_free(s->streams);
    reaper_free(s->reaper);
    access_free(s->log);
    cache_free(s->cache);
    router_free(s->router);
    free(s);
}

void http_stats(const struct http_server *s, struct http_stats *ret) {
    *ret = (struct http_stats){atomic_load(&s->requests), atomic_load(&s->hits),      atomic_load(&s->renders),
                               atomic_load(&s->refused),  atomic_load(&s->in_flight), cache_bytes(s->cache)};
}
