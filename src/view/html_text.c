/* html_text.c: HTML as plain text, and text as HTML. */
#include "view/sanitise_internal.h"

/* NULL: the character stays as it is; "" leaves it out. -1 is no UTF-8: gumbo makes such from references like &#xD800;
 */
static const char *replacement(int32_t c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case 0xFEFF: /* a byte order mark has lost its way */
        return "";
    default:
        return c < 0 || c == 0x7F || (c < 0x20 && c != '\n' && c != '\t') ? "" : NULL;
    }
}

void html_put_escaped(struct buf *out, struct str s) {
    struct str same = {s.p, 0};
    while (s.n) {
        struct str before = s;
        int32_t c = utf8_next(&s);
        const char *other = replacement(c);
        if (c < 0)
            s = str_sub(before, 1, before.n);
        if (!other) {
            same.n += before.n - s.n;
            continue;
        }
        buf_add(out, same);
        buf_addz(out, other);
        same = (struct str){s.p, 0};
    }
    buf_add(out, same);
}

struct str html_escape(struct arena *a, struct str s) {
    struct buf out;
    buf_init(&out, s.n * 6 + 1);
    html_put_escaped(&out, s);
    struct str r = str_dup(a, buf_str(&out));
    buf_release(&out);
    return r;
}

/* ── plain text of clean HTML ── */

static bool ends_line(struct str tag) {
    static const char *const enders[] = {"/p",  "/h1", "/h2",         "/h3",      "/h4",    "/h5", "/h6",
                                         "/li", "/tr", "/blockquote", "/caption", "/table", "br",  "hr"};
    for (size_t i = 0; i < countof(enders); i++) {
        size_t n = strlen(enders[i]);
        if (tag.n >= n && memcmp(tag.p, enders[i], n) == 0 && (tag.n == n || tag.p[n] == ' ' || tag.p[n] == '/'))
            return true;
    }
    return false;
}

struct str html_text(struct arena *a, struct str html) {
    static const char *const entities[][2] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
    char *out = arena_alloc(a, html.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < html.n;) {
        if (html.p[i] == '<') {
            const char *end = memchr(html.p + i, '>', html.n - i);
            if (!end)
                break;
            struct str tag = {html.p + i + 1, (size_t)(end - html.p) - i - 1};
            if (str_is(tag, "/td") || str_is(tag, "/th"))
                out[n++] = '\t';
            else if (ends_line(tag) && n && out[n - 1] != '\n')
                out[n++] = '\n';
            i = (size_t)(end - html.p) + 1;
            continue;
        }
        size_t skip = 0;
        for (size_t k = 0; k < countof(entities) && html.p[i] == '&' && !skip; k++)
            if (str_starts(str_sub(html, i, 6), str_z(entities[k][0]))) {
                out[n++] = entities[k][1][0];
                skip = strlen(entities[k][0]);
            }
        if (!skip) {
            out[n++] = html.p[i];
            skip = 1;
        }
        i += skip;
    }
    return str_trim((struct str){out, n});
}
