/* body.c: request bodies: forms and JSON into a capped buffer, multipart to its own parser. */
#include "http/http_internal.h"

struct body {
    struct buf buf;
    struct multipart *multipart;
    int64_t limit, seen;
    bool json;
};

void params_add(struct arena *a, struct params *p, struct str name, struct str value) {
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 8;
        struct param *more = arena_many(a, struct param, cap);
        if (p->n)
            memcpy(more, p->v, p->n * sizeof *more);
        p->v = more;
        p->cap = cap;
    }
    p->v[p->n++] = (struct param){name, value};
}

struct str params_get(const struct params *p, const char *name) {
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, name))
            return p->v[i].value;
    return STR_NONE;
}

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

int percent_decode(struct arena *a, struct str s, bool plus, struct str *ret) {
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (i + 2 >= s.n || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
                return -1;
            c = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[n++] = c;
    }
    *ret = (struct str){out, n};
    return utf8_valid(*ret) ? 0 : -1;
}

int urlencoded_parse(struct work *w, struct str s, struct params *ret) {
    while (s.n) {
        struct str pair = s, rest = STR_NONE, name, value = STR_NONE;
        if (str_cut(s, '&', &pair, &rest) && rest.n == 0)
            rest = STR_NONE;
        s = rest;
        if (pair.n == 0)
            continue;
        if (ret->n >= LIMIT_FIELDS)
            return fail(w, ERR_TOO_LARGE, "表单的项目过多");
        struct str raw_name = pair;
        str_cut(pair, '=', &raw_name, &value);
        if (percent_decode(w->arena, raw_name, true, &name) < 0 || percent_decode(w->arena, value, true, &value) < 0)
            return fail(w, ERR_BAD_REQUEST, "提交的内容不是有效的 UTF-8 文字");
        params_add(w->arena, ret, name, value);
    }
    return 0;
}

struct str http_param(struct work *w, struct str address, const char *name) {
    struct params p = {0};
    struct str path, query;
    if (!str_cut(address, '?', &path, &query) || urlencoded_parse(w, query, &p) < 0) {
        error_clear(w);
        return STR_NONE;
    }
    return str_dup(w->arena, params_get(&p, name));
}

static struct str media_type(struct str type) {
    struct str head = type, tail;
    str_cut(type, ';', &head, &tail);
    return str_trim(head);
}

static struct str boundary_of(struct arena *a, struct str type) {
    ptrdiff_t at = str_find(type, S("boundary="));
    if (at < 0)
        return STR_NONE;
    struct str b = str_sub(type, (size_t)at + 9, type.n), tail;
    if (b.n && b.p[0] == '"') {
        b = str_sub(b, 1, b.n);
        if (!str_cut(b, '"', &b, &tail))
            return STR_NONE;
    } else {
        str_cut(b, ';', &b, &tail);
    }
    b = str_trim(b);
    return b.n >= 1 && b.n <= 70 ? str_dup(a, b) : STR_NONE;
}

/* Chooses the reader by media type and row; refuses here what must not be read. */
int body_begin(struct exchange *x, struct str type, int64_t limit) {
    struct work *w = &x->work;
    struct body *b = arena_one(x->arena, struct body);
    struct str media = media_type(type);
    b->limit = limit;
    buf_init(&b->buf, (size_t)(limit < LIMIT_FORM_BYTES ? limit : LIMIT_FORM_BYTES) + 1);
    x->reader = b;
    if (media.n == 0 || str_is(media, "application/x-www-form-urlencoded"))
        return 0;
    if (str_is(media, "application/json")) {
        b->json = true;
        return 0;
    }
    if (str_is(media, "multipart/form-data")) {
        struct str boundary = boundary_of(x->arena, type);
        if (boundary.n == 0)
            return fail(w, ERR_BAD_REQUEST, "multipart 请求缺少 boundary");
        b->multipart = multipart_new(x, boundary);
        return 0;
    }
    return fail(w, ERR_MEDIA_TYPE, "请使用表单或 JSON 提交");
}

int body_feed(struct exchange *x, const char *data, size_t n) {
    struct body *b = x->reader;
    b->seen += (int64_t)n;
    if (x->work.error.code)
        return -1;
    if (b->seen > b->limit)
        return fail(&x->work, ERR_TOO_LARGE, "提交的内容超过 %lld MB 的限制", (long long)(b->limit >> 20));
    if (b->multipart)
        return multipart_feed(b->multipart, data, n);
    buf_add(&b->buf, (struct str){data, n});
    return b->buf.failed ? fail(&x->work, ERR_TOO_LARGE, "提交的内容超过允许的大小") : 0;
}

static int json_too_deep(struct str s) {
    int depth = 0;
    bool text = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == '{' || c == '[') && ++depth > LIMIT_JSON_DEPTH)
            return 1;
        else if (!text && (c == '}' || c == ']'))
            depth--;
    }
    return 0;
}

int body_end(struct exchange *x) {
    struct body *b = x->reader;
    struct work *w = &x->work;
    if (!b || w->error.code)
        return w->error.code ? -1 : 0;
    if (b->multipart)
        return multipart_end(b->multipart);
    x->form_text = str_dup(x->arena, buf_str(&b->buf));
    if (!b->json)
        return urlencoded_parse(w, x->form_text, &x->body);
    json_error_t e;
    if (!utf8_valid(x->form_text) || json_too_deep(x->form_text))
        return fail(w, ERR_BAD_REQUEST, "JSON 不是有效的 UTF-8，或嵌套过深");
    x->json = json_loadb(x->form_text.p ? x->form_text.p : "", x->form_text.n, JSON_REJECT_DUPLICATES, &e);
    if (!json_is_object(x->json))
        return fail(w, ERR_BAD_REQUEST, "请求体须是一个 JSON 对象（第 %d 行）", x->json ? 1 : e.line);
    return 0;
}

void body_release(struct exchange *x) {
    if (!x->reader)
        return;
    buf_release(&x->reader->buf);
    multipart_free(x->reader->multipart);
    x->reader = NULL;
}
