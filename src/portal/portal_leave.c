/* portal_leave.c: links that leave for sites outside gov.cn are led to a page that asks first (rules.md §5.1 外链). */
#include "portal/portal_internal.h"

/* The host of an http or https address; empty when it is none. */
static struct str host_of(struct str url) {
    struct str rest = str_starts(url, S("https://"))  ? str_sub(url, 8, url.n)
                      : str_starts(url, S("http://")) ? str_sub(url, 7, url.n)
                                                      : STR_NONE;
    size_t n = 0;
    while (n < rest.n && !strchr("/?#\"'<> \\", rest.p[n]))
        n++;
    return str_sub(rest, 0, n);
}

/* Without user and port, as a browser would see it. */
static struct str host_name(struct str host) {
    for (size_t i = host.n; i-- > 0;)
        if (host.p[i] == '@')
            return host_name(str_sub(host, i + 1, host.n));
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] == ':')
            return str_sub(host, 0, i);
    return host;
}

static bool stays(struct work *w, struct str host) {
    struct str own = host_of(str_z(w->config->base_url)), name = host_name(host);
    return str_eq(host, own) || str_is(name, "gov.cn") || str_ends(name, S(".gov.cn"));
}

/* An attribute's text: the entities that our own escaping writes. */
static struct str unescape(struct arena *a, struct str s) {
    s = str_replace(a, s, S("&quot;"), S("\""));
    s = str_replace(a, s, S("&#39;"), S("'"));
    return str_replace(a, s, S("&amp;"), S("&"));
}

struct str portal_links_outside(struct work *w, struct str html) {
    struct str mark = S("<a href=\"http"), rest = html;
    struct buf b;
    if (str_find(html, mark) < 0)
        return html;
    buf_init(&b, html.n * 4 + 1024);
    for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0;) {
        struct str tail = str_sub(rest, (size_t)at + 9, rest.n), url, after;
        if (!str_cut(tail, '"', &url, &after))
            break;
        struct str plain = unescape(w->arena, url), host = host_of(plain);
        buf_add(&b, str_sub(rest, 0, (size_t)at + 9));
        if (host.n && !stays(w, host))
            buf_printf(&b, "/leave?to=%.*s", STR_ARG(str_percent(w->arena, plain)));
        else
            buf_add(&b, url);
        rest = str_sub(tail, url.n, tail.n);
    }
    buf_add(&b, rest);
    struct str ret = b.failed ? html : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

struct leave_input {
    struct str to;
};
static const struct field leave_fields[] = {
    FIELD(FIELD_STR, leave_input, to, "网址", FIELD_REQUIRED, 0, 2000, NULL, "http 或 https 网址"),
};
const struct field_table portal_leave_table = {leave_fields, countof(leave_fields), sizeof(struct leave_input)};

int portal_leave(struct http_request *in, struct http_response *out) {
    struct leave_input x;
    if (fields_read(in, &portal_leave_table, &x) < 0)
        return -1;
    struct str host = host_of(x.to);
    if (!host.n || host_name(host).n == 0)
        return fail_field(in->w, "to", "format", "这不是可以访问的网址，只能是 http 或 https 网址");
    json_t *model = json_object();
    json_set_str(model, "to", x.to);
    json_set_str(model, "host", host_name(host));
    return view_page(out, "portal/leave", model);
}
