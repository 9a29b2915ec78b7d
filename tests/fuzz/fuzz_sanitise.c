/* fuzz_sanitise.c: any bytes as HTML. What comes out must be clean, UTF-8, well-formed, and stay when cleaned again. */
#include "view/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what, struct str html) {
    if (good)
        return;
    fprintf(stderr, "%s: %.*s\n", what, STR_ARG(html));
    abort();
}

/* Every tag printed is known by name and closed in order; attributes are the few we print. */
static void check_form(struct str html) {
    static const char *const tags[] = {"p",   "h1",      "h2",    "h3",    "h4",         "h5",     "h6",        "ul",
                                       "ol",  "li",      "table", "thead", "tbody",      "tfoot",  "tr",        "th",
                                       "td",  "caption", "a",     "img",   "strong",     "em",     "u",         "s",
                                       "sub", "sup",     "br",    "hr",    "blockquote", "figure", "figcaption"};
    struct str stack[300];
    size_t depth = 0;
    for (size_t i = 0; i < html.n; i++) {
        must(html.p[i] != '>' && html.p[i] != '"' && html.p[i] != '\'', "unescaped", str_sub(html, i, 40));
        if (html.p[i] != '<')
            continue;
        const char *end = memchr(html.p + i, '>', html.n - i);
        must(end != NULL, "open tag", html);
        struct str tag = {html.p + i + 1, (size_t)(end - html.p) - i - 1}, name = tag, rest = STR_NONE;
        i = (size_t)(end - html.p);
        if (tag.n && tag.p[0] == '/') {
            must(depth && str_eq(stack[depth - 1], str_sub(tag, 1, tag.n)), "not closed in order", html);
            depth--;
            continue;
        }
        str_cut(tag, ' ', &name, &rest);
        bool known = false;
        for (size_t k = 0; k < countof(tags) && !known; k++)
            known = str_is(name, tags[k]);
        must(known && (rest.n == 0 || rest.p[rest.n - 1] == '"'), "strange tag", tag);
        if (str_is(name, "a"))
            must(strncmp(tag.p, "a href=\"", 8) == 0 && strncasecmp(tag.p + 8, "javascript:", 11) != 0 &&
                     strncasecmp(tag.p + 8, "data:", 5) != 0,
                 "link", tag);
        if (!str_is(name, "br") && !str_is(name, "hr") && !str_is(name, "img")) {
            must(depth < countof(stack), "deep", html);
            stack[depth++] = name;
        }
    }
    must(depth == 0, "left open", html);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct str once, twice;
    if (html_sanitise(&w, (struct str){(const char *)data, size}, &once) == 0) {
        must(utf8_valid(once), "not UTF-8", once);
        check_form(once);
        must(html_sanitise(&w, once, &twice) == 0, "refused the second time", once);
        if (!str_eq(once, twice))
            fprintf(stderr, "once:  %.*s\ntwice: %.*s\n", STR_ARG(once), STR_ARG(twice));
        must(str_eq(once, twice), "not the same twice", once);
        must(utf8_valid(html_text(w.arena, once)), "text not UTF-8", once);
    }
    arena_free(w.arena);
    return 0;
}
