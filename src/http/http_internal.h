/* http_internal.h: what the files of the server share: one exchange (a request and its answer), the server, its parts.
 */
#ifndef MINGTANG_HTTP_INTERNAL_H
#define MINGTANG_HTTP_INTERNAL_H
#include "http/http.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct param {
    struct str name, value;
};
struct params {
    struct param *v;
    size_t n, cap;
};
struct connection; /* reaper.c */

enum phase { PHASE_NEW, PHASE_STARTED, PHASE_CHECKING, PHASE_CHECKED, PHASE_BODY, PHASE_RUNNING, PHASE_READY };

/* One request and its answer. Lives from the request line to NOTIFY_COMPLETED. */
struct exchange {
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct connection *connection;
    enum phase phase;
    struct arena *arena;
    struct work work;
    struct http_request in;
    struct http_response out;
    char *raw_target; /* as sent */
    struct str raw_query;
    enum http_method method;
    bool head, close_after;
    unsigned swallowed; /* chunks dropped after the body was refused */
    const struct route *route;
    struct params query, parts, body; /* of the address, path parts, form */
    struct str form_text;             /* urlencoded or JSON body */
    json_t *json;                     /* a JSON body */
    json_t *form_json;                /* values of FIELD_JSON fields of a form */
    struct body *reader;              /* body.c */
    struct http_file *files;
    struct str *file_fields;
    size_t file_count;
    int status; /* of the answer */
    size_t answer_bytes;
    struct MHD_Response *response;
    char cache_key[512];
    uint64_t generation;
    uint64_t started_ns;
    struct stream *stream; /* stream.c; NULL: an ordinary answer */
    struct exchange *next; /* in the workers' queue */
    void (*task)(struct exchange *);
};

struct http_server {
    const struct app_config *config;
    struct db_pool *pool;
    const struct http_hooks *hooks;
    struct router *router;
    struct MHD_Daemon *daemons[64];
    int daemon_count, port;
    atomic_bool stopping;
    atomic_ulong requests, hits, renders, refused, in_flight;
    struct workers *workers;
    struct reaper *reaper;
    struct streams *streams;
    struct cache *cache;
    struct access_log *log;
};

/* guard.c: framing and characters, on headers alone. NULL when good, else what is wrong (English, for the log). */
struct guard_input {
    const char *method, *target, *version;
    size_t content_lengths, transfer_encodings, hosts;
    struct str content_length, transfer_encoding;
    bool bad_header;
};
const char *guard_check(const struct guard_input *g);
void guard_header(struct guard_input *g, struct str name, struct str value);

/* route.c */
struct router *router_new(const struct route *const *tables, const size_t *counts, size_t n, char *why, size_t cap);
void router_free(struct router *r);
/* The row for method and path; parts filled. NULL: *ret_other says whether another method has it, with "GET, POST". */
const struct route *router_find(const struct router *r, enum http_method m, struct str path, bool api, struct arena *a,
                                struct params *ret_parts, const char **ret_allow);
size_t router_all(const struct router *r, const struct route *const **ret);

/* body.c, multipart.c */
void params_add(struct arena *a, struct params *p, struct str name, struct str value);
struct str params_get(const struct params *p, const char *name);
/* Percent-decodes; plus also turns "+" into a blank. -1: bad escape, NUL or not UTF-8. */
int percent_decode(struct arena *a, struct str s, bool plus, struct str *ret);
int urlencoded_parse(struct work *w, struct str s, struct params *ret);
int body_begin(struct exchange *x, struct str type, int64_t limit);
int body_feed(struct exchange *x, const char *data, size_t n);
int body_end(struct exchange *x);
void body_release(struct exchange *x);
struct multipart;
struct multipart *multipart_new(struct exchange *x, struct str boundary);
int multipart_feed(struct multipart *m, const char *data, size_t n);
int multipart_end(struct multipart *m);
void multipart_free(struct multipart *m);

/* run.c: on a worker. */
void exchange_check(struct exchange *x);
void exchange_run(struct exchange *x);
void exchange_free(struct exchange *x);

/* reply.c */
void reply_from_output(struct exchange *x);                 /* x->out → x->response */
void reply_error(struct exchange *x);                       /* x->work.error → x->response */
void reply_plain(struct exchange *x, enum error_code code); /* on the HTTP thread: a minimal page, nothing rendered */
void reply_headers(const struct http_server *s, struct MHD_Response *r);
bool accepts(struct MHD_Connection *c, const char *coding);
bool etag_matches(struct str header, const char *etag);

/* cache.c */
struct cache *cache_new(void);
void cache_free(struct cache *c);
bool cache_serve(struct exchange *x); /* queues a kept page; false when there is none */
void cache_keep(struct exchange *x, struct str html);
int64_t cache_bytes(struct cache *c);
struct str gzip_bytes(struct arena *a, struct str s, int level);
struct str brotli_bytes(struct arena *a, struct str s, int quality);

/* assets.c */
bool assets_serve(struct exchange *x); /* /static/…; false: not one */
void assets_init(const struct app_config *c);

/* stream.c */
struct streams *streams_new(void);
void streams_end(struct streams *all);  /* each ends as soon as its client took what it was sent, or within a second */
void streams_free(struct streams *all); /* after the daemons */
int stream_open(struct exchange *x);    /* x->out.stream → x->response; -1: too many are open */
void stream_close(struct exchange *x);  /* at the end of the exchange */

/* workers.c, reaper.c, access.c */
struct workers *workers_new(int threads);
bool workers_submit(struct workers *w, struct exchange *x); /* false: the queue is full */
void workers_free(struct workers *w);                       /* finishes the queue */
struct reaper *reaper_new(struct http_server *s);
void reaper_free(struct reaper *r);
void reaper_notify(void *cls, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code);
void reaper_phase(struct connection *c, enum phase p);
void reaper_bytes(struct connection *c, size_t n);
void http_limits_for_tests(int header_ms, int idle_ms, int body_grace_ms);
struct access_log *access_new(void);
void access_write(struct exchange *x);
void access_flush(struct access_log *l);
void access_free(struct access_log *l);
#endif
