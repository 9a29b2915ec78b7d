/* http.h: server, request, response, route table, declared fields, page cache.
 * Knows no accounts, templates or domains: those are handed in as hooks (app/). */
#ifndef MINGTANG_HTTP_H
#define MINGTANG_HTTP_H

#include "base/base.h"
#include "db/db.h"
#include <jansson.h>

enum http_method { HTTP_GET = 1, HTTP_POST, HTTP_PUT, HTTP_DELETE };
enum http_cache {
    NO_CACHE = 1,  /* Cache-Control: no-store */
    CACHE_PUBLIC,  /* rendered once per generation and variant; same for everyone; never uses the session */
    CACHE_FOREVER, /* content-addressed: immutable */
};
enum http_flags {
    ROUTE_PLAIN = 0,
    ROUTE_HTML_ONLY = 1 << 0, /* no /api/v1 twin (forms, print views) */
    ROUTE_API_ONLY = 1 << 1,
    ROUTE_UPLOAD = 1 << 2,     /* multipart/form-data with files is allowed */
    ROUTE_OWN_TX = 1 << 3,     /* the handler opens its own transactions (slow work before or after) */
    ROUTE_NO_CSRF = 1 << 4,    /* only for sign-in forms, which carry their own token */
    ROUTE_AS_OF = 1 << 5,      /* ?as_of= moves w->now and w->as_of to a past instant; such an answer is never kept */
    ROUTE_ANY_ORIGIN = 1 << 6, /* scripts of other sites may read it: public data, no cookies */
};

struct http_request;
struct http_response;
/* Returns 0 when out is filled (any status), -1 when w->error says why not: the edge then makes the error page
 * or problem document. GET routes run in a read snapshot, others in one transaction that is committed when
 * the handler returned 0 and status < 400, else rolled back, unless ROUTE_OWN_TX. */
typedef int http_handler(struct http_request *in, struct http_response *out);

struct field_table;
struct route {
    enum http_method method;
    const char *path; /* "/desk/disclosures/{id}/submit"; {x} is one segment, a last {*x} all that are left */
    http_handler *handler;
    int permission; /* enum permission; never 0 */
    enum http_cache cache;
    const struct field_table *fields; /* query of a GET, body of the rest; NULL: none are read */
    unsigned flags;
    const char *summary; /* Chinese, for the API description and the manual */
};

/* ── declared fields: input reaches a handler only through these ───────── */
enum field_type {
    FIELD_STR = 1, /* struct str: one line, trimmed, control characters refused; max characters */
    FIELD_TEXT,    /* struct str: many lines, CRLF folded to LF */
    FIELD_HTML,    /* struct str: raw HTML, max bytes; the domain sanitises */
    FIELD_INT,     /* int64_t in min…max */
    FIELD_BOOL,    /* bool: "1", "on", "true" */
    FIELD_DAY,     /* day_t; DAY_NONE when empty */
    FIELD_INSTANT, /* int64_t ms: "YYYY-MM-DDTHH:MM" Shanghai or RFC 3339; 0 when empty */
    FIELD_ENUM,    /* struct str: one of options */
    FIELD_LIST,    /* struct str_list: repeated values */
    FIELD_FILES,   /* struct file_list */
    FIELD_JSON,    /* json_t *: an object or array (a JSON text in a form); borrowed */
};
enum field_flags { FIELD_OPTIONAL = 0, FIELD_REQUIRED = 1 };
struct field_option {
    const char *value, *label;
};
const char *field_option_label(const struct field_option *options, struct str value); /* "" when unknown */
struct field {
    const char *name;
    enum field_type type;
    const char *label; /* Chinese, in messages and forms */
    unsigned flags;
    int64_t min, max;                   /* characters, bytes or number by type; max 0: the type's default */
    const struct field_option *options; /* FIELD_ENUM; ends with {NULL} */
    const char *hint;                   /* Chinese help under the field; may be NULL */
    size_t offset;                      /* where in the input struct */
};
struct field_table {
    const struct field *fields;
    size_t n, size; /* size of the input struct */
};
#define FIELD(kind, strct, member, label, flags, min, max, options, hint)                                              \
    { #member, kind, label, flags, min, max, options, hint, offsetof(struct strct, member) }
#define FIELD_TABLE(name, strct)                                                                                       \
    static const struct field_table name = {name##_fields, countof(name##_fields), sizeof(struct strct)}
struct str_list {
    const struct str *v;
    size_t n;
};
struct http_file {
    struct str name;  /* as sent, cleaned of path and control characters */
    struct str type;  /* as claimed; never trusted */
    const char *path; /* temporary file in data_dir/tmp, removed after the request unless moved */
    int64_t size;
};
struct file_list {
    const struct http_file *v;
    size_t n;
};

struct http_request {
    struct work *w;
    enum http_method method;
    bool api;        /* came by /api/v1 */
    struct str path; /* decoded, without /api/v1 */
    const struct route *route;
    struct str id;   /* an id of this request, in log and error page */
    struct str csrf; /* this session's token, for forms; "" when there is no session */
    int variant;     /* display variant: 1 elder mode (cookie "elder=1") */
    void *session;   /* the authenticator's, NULL when signed out */
    bool automatic;  /* asked by a page or stream by itself: no sign of a person at the screen */
    void *internal;  /* the server's */
};
/* Values for path parts, raw query, headers and cookies. Empty view when absent. */
struct str http_path_part(const struct http_request *in, const char *name);
/* An instant as forms send it, "2026-11-20T10:00" Shanghai or RFC 3339. 0, or -1. */
int http_instant(struct str s, int64_t *ret);
int http_path_int(const struct http_request *in, const char *name, int64_t *ret); /* -1: ERR_NOT_FOUND set */
struct str http_query(const struct http_request *in, const char *name);
/* One parameter, decoded, of an address or query kept as text; empty when it is not there or not well-formed. */
struct str http_param(struct work *w, struct str address, const char *name);
struct str http_header(const struct http_request *in, const char *name);
struct str http_cookie(const struct http_request *in, const char *name);
/* This address with one query parameter set anew, the others as they were: "/desk/duties?state=open&after=…". */
struct str http_with_query(const struct http_request *in, const char *name, struct str value);
/* Reads and checks all declared fields into *input (zeroed first). 0, or -1 with w->error listing every bad field.
 * Form and JSON bodies alike. Unknown fields in JSON are refused, in forms ignored (except "_"-prefixed, used by us).
 */
int fields_read(struct http_request *in, const struct field_table *t, void *input);
/* The values as typed (also when refused) with their errors, for showing the form again:
 * {"title": {"value": "…", "error": "…"}, …} plus "errors": [{"field","label","message"}]. New reference. */
json_t *fields_form(struct http_request *in, const struct field_table *t);

/* An answer that stays open as server-sent events: live as long as the process. next() writes the newest message for a
 * reader who has seen `seen` (-1: nothing): its fields ("event: board\ndata: …\n"), without id and empty line; returns
 * the message's id (not negative), or `seen` when there is no other. Asked on a server thread whenever the reader has
 * taken what came before: quick, no database, and never http_stream_…() from inside. Who comes back with Last-Event-ID
 * has seen that one. */
struct http_stream {
    int64_t (*next)(int64_t seen, struct buf *out);
};
void http_stream_news(const struct http_stream *s);      /* on any thread: its readers are asked again */
size_t http_stream_readers(const struct http_stream *s); /* open now on this node */

struct http_response {
    int status;           /* 200 unless set */
    json_t *model;        /* view model; the response takes the reference */
    const char *template; /* "portal/home": HTML; the API sends model itself */
    const char *location; /* redirect (303, or 301 when status says so) for pages; the API sends model with 200/201 and
                             Location */
    const struct http_stream *stream; /* instead of all below: stays open; 503 with Retry-After when too many are */
    struct str body;                  /* instead of a model: bytes in the work's arena */
    const char *type;                 /* of body; NULL: application/octet-stream */
    const char *file;                 /* instead: a file on disk, sent with sendfile */
    bool file_once;                   /* the file is removed as soon as it is open */
    struct str download_name;         /* Content-Disposition: attachment; UTF-8 */
    struct str set_cookie[3];         /* whole Set-Cookie values */
    bool no_cache;                    /* a CACHE_PUBLIC page that must not be kept this time (errors) */
};
void http_set_cookie(struct http_response *out, struct str value);

/* ── the server ────────────────────────────────────────────────────────── */
struct http_hooks {
    /* Fills w->actor and in->session/in->csrf from cookie or bearer token; an unknown one is simply signed out.
     * Returns 0, or -1 (answered as that error). */
    int (*authenticate)(struct http_request *in);
    bool (*permitted)(const struct actor *a, int permission);
    bool (*csrf_ok)(const struct http_request *in, struct str sent); /* the form's _csrf or X-CSRF-Token */
    /* HTML for a filled response (or error, when out->template is "error"); bytes in the work's arena. */
    int (*render)(struct http_request *in, struct http_response *out, struct str *ret_html);
    uint64_t (*generation)(void);   /* cache generation: moves when anything public may have changed */
    int (*settled)(struct work *w); /* after a commit with w->public_event: wait until it is sequenced */
    /* Replays: key of Idempotency-Key or the form's _once. find: 1 and the kept answer, 0 new, -1 error (conflict). */
    int (*replay_find)(struct http_request *in, struct str key, int *ret_status, struct str *ret_location,
                       struct str *ret_body);
    int (*replay_keep)(struct http_request *in, struct str key, int status, struct str location, struct str body);
};
struct http_server;
struct http_server *http_start(const struct app_config *config, struct db_pool *pool, const struct route *const *tables,
                               const size_t *counts, size_t n_tables, const struct http_hooks *hooks, char *why,
                               size_t cap);
int http_port(const struct http_server *s); /* the bound port, when listen asked for 0 */
void http_stop(struct http_server *s);      /* graceful: finishes what was accepted, at most 20 s */
json_t *http_openapi(const struct http_server *s,
                     const char *(*permission_name)(int)); /* OpenAPI 3.1 from the tables. New reference */
struct http_stats {
    uint64_t requests, cache_hits, renders, refused, in_flight;
    int64_t cache_bytes;
};
void http_stats(const struct http_server *s, struct http_stats *ret);
/* Static assets embedded in the binary or read from config->assets_dir: served under /static/ with a content hash. */
struct asset {
    const char *name; /* "templates/portal/home.mustache", "web/app.css", "data/fields.json" */
    struct str bytes;
    const char *hash; /* 16 hex digits of SHA-256 */
};
extern const struct asset app_assets[]; /* generated, sorted by name */
extern const size_t app_asset_count;
/* NULL when absent. With assets_dir set, read fresh from disk (bytes live in a). */
const struct asset *asset_find(const struct app_config *c, struct arena *a, const char *name);
const char *asset_url(const struct app_config *c, struct arena *a,
                      const char *name); /* "/static/app.<hash>.css" for "app.css" */

#endif
