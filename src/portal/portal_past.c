/* portal_past.c: walking through the portal as it was: links inside a page of a past instant keep the instant. */
#include "portal/portal_internal.h"

#define PAGE_BYTES (16u * 1024 * 1024)

/* Pages that know only the present. */
static bool present_only(struct str path) {
    static const char *const heads[] = {"/static/", "/elder",   "/desk",       "/verify",    "/ledger",    "/sitemap",
                                        "//",       "/sign-in", "/robots.txt", "/calendar/", "/subscribe", "/leave"};
    for (size_t i = 0; i < countof(heads); i++)
        if (str_starts(path, str_z(heads[i])))
            return true;
    return str_find(path, S("as_of=")) >= 0 || str_find(path, S("/history")) >= 0 || str_find(path, S("/years/")) >= 0;
}

static void add_link(struct buf *out, struct str path, struct str instant) {
    ptrdiff_t mark = str_find(path, S("#"));
    struct str head = mark < 0 ? path : str_sub(path, 0, (size_t)mark);
    buf_add(out, head);
    if (!present_only(path))
        buf_printf(out, "%sas_of=%.*s", str_find(head, S("?")) < 0 ? "?" : "&amp;", STR_ARG(instant));
    if (mark >= 0)
        buf_add(out, str_sub(path, (size_t)mark, path.n));
}

/* Between the main navigation and the end of <main>: the banner above leads back to the present. */
struct str portal_links_as_of(struct work *w, struct str html) {
    struct str instant = str_replace(w->arena, str_sub(instant_rfc3339(w->arena, w->as_of), 0, 19), S(":"), S("%3A"));
    ptrdiff_t from = str_find(html, S("<nav class=\"site-nav\"")), to = str_find(html, S("</main>"));
    struct buf out;
    if (from < 0 || to < from)
        return str_dup(w->arena, html);
    buf_init(&out, PAGE_BYTES);
    buf_add(&out, str_sub(html, 0, (size_t)from));
    struct str rest = str_sub(html, (size_t)from, (size_t)(to - from));
    ptrdiff_t at;
    while ((at = str_find(rest, S("href=\"/"))) >= 0) {
        size_t begin = (size_t)at + 6;
        struct str tail = str_sub(rest, begin, rest.n);
        ptrdiff_t end = str_find(tail, S("\""));
        if (end < 0)
            break;
        buf_add(&out, str_sub(rest, 0, begin));
        add_link(&out, str_sub(tail, 0, (size_t)end), instant);
        rest = str_sub(tail, (size_t)end, tail.n);
    }
    buf_add(&out, rest);
    buf_add(&out, str_sub(html, (size_t)to, html.n));
    struct str ret = str_dup(w->arena, out.failed ? html : buf_str(&out));
    buf_release(&out);
    return ret;
}
