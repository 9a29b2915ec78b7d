/* reply.c: what goes out: pages, JSON, files, redirects, problems; the same security headers on all of it. */
#include "http/http_internal.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void reply_headers(const struct http_server *s, struct MHD_Response *r) {
    static const char *const fixed[][2] = {
        {"Content-Security-Policy",
         "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
         "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    for (size_t i = 0; i < countof(fixed); i++)
        MHD_add_response_header(r, fixed[i][0], fixed[i][1]);
    if (strncmp(s->config->base_url, "https:", 6) == 0)
        MHD_add_response_header(r, "Strict-Transport-Security", "max-age=31536000");
}

bool accepts(struct MHD_Connection *c, const char *coding) {
    const char *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept-Encoding");
    struct str all = str_z(header), name = str_z(coding);
    while (all.n) {
        struct str one = all, rest = STR_NONE, head, q = STR_NONE;
        str_cut(all, ',', &one, &rest);
        all = rest;
        head = one;
        str_cut(one, ';', &head, &q);
        if (str_eq(str_trim(head), name))
            return str_find(q, S("q=0")) < 0 || str_find(q, S("q=0.")) >= 0;
    }
    return false;
}

bool etag_matches(struct str header, const char *etag) {
    if (str_is(str_trim(header), "*"))
        return true;
    while (header.n) {
        struct str one = header, rest = STR_NONE;
        str_cut(header, ',', &one, &rest);
        header = rest;
        one = str_trim(one);
        if (str_starts(one, S("W/")))
            one = str_sub(one, 2, one.n);
        if (str_is(one, etag))
            return true;
    }
    return false;
}

/* A response of bytes in the exchange's arena: it lives until NOTIFY_COMPLETED, as the response does. */
static void bytes_response(struct exchange *x, int status, const char *type, struct str bytes) {
    x->response =
        MHD_create_response_from_buffer(bytes.n, (void *)(uintptr_t)(bytes.p ? bytes.p : ""), MHD_RESPMEM_PERSISTENT);
    x->status = status;
    x->answer_bytes = bytes.n;
    reply_headers(x->server, x->response);
    MHD_add_response_header(x->response, "Content-Type", type);
}

static void cache_header(struct exchange *x) {
    enum http_cache class = x->route && x->status == 200 ? x->route->cache : NO_CACHE;
    MHD_add_response_header(x->response, "Cache-Control",
                            class == CACHE_FOREVER  ? "public, max-age=31536000, immutable"
                            : class == CACHE_PUBLIC ? "no-cache"
                                                    : "no-store");
    if (x->route && (x->route->flags & ROUTE_ANY_ORIGIN))
        MHD_add_response_header(x->response, "Access-Control-Allow-Origin", "*");
}

static bool html_compressible(const struct exchange *x) {
    /* Never where a person's token is in the page: compression would let it be guessed (BREACH). */
    return x->route && x->route->cache == CACHE_PUBLIC && accepts(x->mhd, "gzip");
}

static void html_reply(struct exchange *x, int status, struct str html) {
    bool keep = x->cache_key[0] && status == 200 && !x->out.no_cache && x->server->config->cache;
    if (keep)
        cache_keep(x, html);
    struct str bytes = html;
    bool packed = html.n > 1024 && html_compressible(x);
    if (packed)
        bytes = gzip_bytes(x->arena, html, 1);
    bytes_response(x, status, "text/html; charset=utf-8", bytes.p ? bytes : html);
    if (packed && bytes.p)
        MHD_add_response_header(x->response, "Content-Encoding", "gzip");
    MHD_add_response_header(x->response, "Vary", "Accept-Encoding, Cookie");
    cache_header(x);
}

static void json_reply(struct exchange *x, int status, const json_t *model, const char *type) {
    char *text = json_dumps(model, JSON_INDENT(1));
    struct str s = str_dup(x->arena, str_z(text));
    free(text);
    bytes_response(x, status, type, s);
    cache_header(x);
}

/* RFC 5987: the name in UTF-8, and an ASCII stand-in. */
static void download_header(struct exchange *x, struct str name) {
    static const char digits[] = "0123456789ABCDEF";
    struct buf b;
    buf_init(&b, 2048);
    buf_addz(&b, "attachment; filename=\"download\"; filename*=UTF-8''");
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.", c)) {
            buf_addc(&b, (char)c);
        } else {
            buf_addc(&b, '%');
            buf_addc(&b, digits[c >> 4]);
            buf_addc(&b, digits[c & 15]);
        }
    }
    if (!b.failed)
        MHD_add_response_header(x->response, "Content-Disposition", b.p);
    buf_release(&b);
}

static void file_reply(struct exchange *x) {
    struct stat st;
    int fd = open(x->out.file, O_RDONLY | O_CLOEXEC);
    if (x->out.file_once)
        unlink(x->out.file);
    if (fd < 0 || fstat(fd, &st) < 0) {
        if (fd >= 0)
            close(fd);
        log_line(LOG_ERROR, "file_missing", "id=%.*s", STR_ARG(x->in.id));
        fail(&x->work, ERR_NOT_FOUND, "文件暂时无法读取，已记录");
        reply_error(x);
        return;
    }
    x->response = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
    x->status = x->out.status ? x->out.status : 200;
    x->answer_bytes = (size_t)st.st_size;
    reply_headers(x->server, x->response);
    MHD_add_response_header(x->response, "Content-Type", x->out.type ? x->out.type : "application/octet-stream");
    cache_header(x);
    if (x->out.download_name.n)
        download_header(x, x->out.download_name);
}

static void redirect_reply(struct exchange *x) {
    bytes_response(x, x->out.status == 301 ? 301 : 303, "text/plain; charset=utf-8", STR_NONE);
    MHD_add_response_header(x->response, "Location", x->out.location);
    cache_header(x);
}

static void page_reply(struct exchange *x) {
    struct str html;
    if (!x->out.template || x->server->hooks->render(&x->in, &x->out, &html) < 0) {
        error_clear(&x->work);
        fail(&x->work, ERR_INTERNAL, "页面没有生成，已记录");
        reply_plain(x, ERR_INTERNAL);
        return;
    }
    atomic_fetch_add(&x->server->renders, 1);
    html_reply(x, x->out.status ? x->out.status : 200, html);
}

static void stream_reply(struct exchange *x) {
    if (stream_open(x) < 0) {
        fail(&x->work, ERR_BUSY, "同时打开的实时连接过多，请稍后再试");
        reply_error(x);
        MHD_add_response_header(x->response, "Retry-After", "30");
        return;
    }
    x->status = 200;
    reply_headers(x->server, x->response);
    MHD_add_response_header(x->response, "Content-Type", "text/event-stream; charset=utf-8");
    MHD_add_response_header(x->response, "X-Accel-Buffering", "no"); /* a proxy passes each message on at once */
    cache_header(x);
}

void reply_from_output(struct exchange *x) {
    struct http_response *out = &x->out;
    if (out->stream)
        stream_reply(x);
    else if (out->file)
        file_reply(x);
    else if (out->body.p) {
        bytes_response(x, out->status ? out->status : 200, out->type ? out->type : "application/octet-stream",
                       out->body);
        cache_header(x);
        if (out->download_name.n)
            download_header(x, out->download_name);
    } else if (x->in.api) {
        json_t *empty = out->model ? json_incref(out->model) : json_object();
        json_reply(x, out->status ? out->status : 200, empty, "application/json; charset=utf-8");
        json_decref(empty);
        if (out->location)
            MHD_add_response_header(x->response, "Location", out->location);
    } else if (out->location)
        redirect_reply(x);
    else
        page_reply(x);
    for (size_t i = 0; i < countof(out->set_cookie) && x->response; i++)
        if (out->set_cookie[i].n)
            MHD_add_response_header(x->response, "Set-Cookie", str_dupz(x->arena, out->set_cookie[i]));
}

/* ── errors ── */

static json_t *problem(const struct exchange *x) {
    const struct error *e = &x->work.error;
    json_t *o = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s%}", "type", "about:blank", "title", error_text(e), "status",
                          error_status(e->code), "code", error_name(e->code), "detail", error_text(e), "request_id",
                          x->in.id.p, x->in.id.n);
    json_t *list = json_array();
    for (size_t i = 0; i < e->field_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", e->fields[i].field, "code", e->fields[i].code,
                                              "message", e->fields[i].message));
    json_object_set_new(o, "errors", list);
    return o;
}

/* What was typed into a refused form, so that nothing is lost; never passwords or our own fields. */
static json_t *kept_fields(const struct exchange *x) {
    json_t *list = json_array();
    const struct field_table *t = x->route ? x->route->fields : NULL;
    for (size_t i = 0; t && i < t->n; i++) {
        struct str v = params_get(&x->body, t->fields[i].name);
        if (v.n && !strstr(t->fields[i].name, "password") && t->fields[i].type != FIELD_FILES)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s%}", "name", t->fields[i].name, "label",
                                                  t->fields[i].label, "value", v.p, v.n));
    }
    return list;
}

void reply_error(struct exchange *x) {
    struct error *e = &x->work.error;
    if (e->code == ERR_NONE)
        e->code = ERR_INTERNAL;
    int status = error_status(e->code);
    if (x->in.api) {
        json_t *o = problem(x);
        json_reply(x, status, o, "application/problem+json; charset=utf-8");
        json_decref(o);
        return;
    }
    if (e->code == ERR_SIGN_IN && x->method == HTTP_GET) {
        struct str next =
            str_replace(x->arena, str_replace(x->arena, str_z(x->raw_target), S("%"), S("%25")), S("&"), S("%26"));
        x->out.location =
            str_printf(x->arena, "/sign-in?next=%.*s", STR_ARG(str_replace(x->arena, next, S("?"), S("%3F")))).p;
        redirect_reply(x);
        return;
    }
    json_decref(x->out.model);
    x->out.model = problem(x);
    json_object_set_new(x->out.model, "text", json_string(error_text(e)));
    json_object_set_new(x->out.model, "kept", kept_fields(x));
    json_object_set_new(x->out.model, str_printf(x->arena, "is_%s", error_name(e->code)).p, json_true());
    x->out.template = "error";
    x->out.status = status;
    x->out.no_cache = true;
    page_reply(x);
}

void reply_plain(struct exchange *x, enum error_code code) {
    struct error e = {.code = code};
    struct str html =
        str_printf(x->arena,
                   "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta "
                   "charset=\"utf-8\"><title>%s</title></head><body><h1>%s</h1><p>请求编号：%.*s</p></body></html>",
                   error_text(&e), error_text(&e), STR_ARG(x->in.id));
    bytes_response(x, error_status(code), "text/html; charset=utf-8", html);
    MHD_add_response_header(x->response, "Cache-Control", "no-store");
}
