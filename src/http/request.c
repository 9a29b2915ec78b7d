/* request.c: what a handler may ask of its request beside the declared fields. */
#include "http/http_internal.h"

static struct exchange *exchange_of(const struct http_request *in) {
    return in->internal;
}

struct str http_path_part(const struct http_request *in, const char *name) {
    return params_get(&exchange_of(in)->parts, name);
}

int http_path_int(const struct http_request *in, const char *name, int64_t *ret) {
    int64_t v;
    if (str_int(http_path_part(in, name), &v) < 0 || v <= 0)
        return fail(in->w, ERR_NOT_FOUND, "没有这个地址，请核对");
    *ret = v;
    return 0;
}

struct str http_query(const struct http_request *in, const char *name) {
    return params_get(&exchange_of(in)->query, name);
}

struct str http_header(const struct http_request *in, const char *name) {
    return str_z(MHD_lookup_connection_value(exchange_of(in)->mhd, MHD_HEADER_KIND, name));
}

struct str http_cookie(const struct http_request *in, const char *name) {
    struct str all = http_header(in, "Cookie");
    while (all.n) {
        struct str pair = all, rest = STR_NONE, key, value;
        str_cut(all, ';', &pair, &rest);
        all = rest;
        if (str_cut(str_trim(pair), '=', &key, &value) && str_is(key, name))
            return value;
    }
    return STR_NONE;
}

static void put_encoded(struct buf *b, struct str s) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.~", c)) {
            buf_addc(b, (char)c);
        } else {
            buf_addc(b, '%');
            buf_addc(b, digits[c >> 4]);
            buf_addc(b, digits[c & 15]);
        }
    }
}

struct str http_with_query(const struct http_request *in, const char *name, struct str value) {
    const struct exchange *x = exchange_of(in);
    struct buf b;
    char sep = '?';
    buf_init(&b, 16 * 1024);
    buf_add(&b, in->path);
    for (size_t i = 0; i <= x->query.n; i++) {
        struct param p = i < x->query.n ? x->query.v[i] : (struct param){str_z(name), value};
        if (i < x->query.n && str_is(p.name, name))
            continue;
        buf_addc(&b, sep);
        put_encoded(&b, p.name);
        buf_addc(&b, '=');
        put_encoded(&b, p.value);
        sep = '&';
    }
    struct str s = str_dup(in->w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

void http_set_cookie(struct http_response *out, struct str value) {
    for (size_t i = 0; i < countof(out->set_cookie); i++)
        if (!out->set_cookie[i].n) {
            out->set_cookie[i] = value;
            return;
        }
    abort(); /* more cookies than any page of ours sets: a bug */
}
