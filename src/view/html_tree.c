/* html_tree.c: gumbo under control: bounded memory, bounded time, no recursion.
 *
 * Gumbo frees its tree by recursion and looks for open elements by walking all of them, so that hostile nesting costs
 * the stack or quadratic time. Here its allocator is an arena that is thrown away whole, and the same allocator, which
 * every tag has to pass, leaves the parser with longjmp when a budget is spent. Gumbo keeps no state outside what it
 * allocates. */
#include "view/sanitise_internal.h"
#include <setjmp.h>

#define MAX_OPEN 1000                  /* elements open at once, by the cheap look before parsing */
#define MAX_TREE_BYTES (192u << 20)    /* 5 MB of Word's HTML take about 60 MB */
#define MAX_CPU_NS (2 * 1000000000ull) /* of this thread; honest 8 MB take a fifth of it */
#define CALLS_BETWEEN_LOOKS 256        /* allocations between two looks at the clock */

struct parsing {
    struct arena *a;
    jmp_buf spent;
    uint64_t deadline;
    unsigned calls;
};

static uint64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *take(void *ctx, size_t n) {
    struct parsing *p = ctx;
    bool look = ++p->calls % CALLS_BETWEEN_LOOKS == 0;
    if (n > MAX_TREE_BYTES || arena_used(p->a) + n > MAX_TREE_BYTES || (look && cpu_ns() > p->deadline))
        longjmp(p->spent, 1);
    return arena_alloc(p->a, n);
}

static void give_back(void *ctx, void *p) {
    (void)ctx;
    (void)p;
}

/* Elements that never stay open, or that the next of their kind closes. */
static bool closes_itself(struct str name) {
    static const char *const names[] = {"area", "base", "br",   "col",    "dd", "dt",    "embed", "hr", "img", "input",
                                        "li",   "link", "meta", "option", "p",  "param", "td",    "th", "tr",  "wbr"};
    for (size_t i = 0; i < countof(names); i++)
        if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
            return true;
    return false;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A cheap look that spares the parser plain nesting; what it misses, the budget catches. */
static bool plainly_too_deep(struct str html) {
    size_t open = 0;
    for (size_t i = 0; i + 1 < html.n; i++) {
        if (html.p[i] != '<')
            continue;
        if (html.p[i + 1] == '/') {
            open -= open > 0;
            continue;
        }
        size_t end = i + 1;
        while (end < html.n && (is_letter(html.p[end]) || (end > i + 1 && html.p[end] >= '0' && html.p[end] <= '9')))
            end++;
        if (end > i + 1 && !closes_itself((struct str){html.p + i + 1, end - i - 1}) && ++open > MAX_OPEN)
            return true;
    }
    return false;
}

static const GumboNode *find_body(const GumboNode *root) {
    const GumboVector *children = &root->v.element.children;
    for (unsigned i = 0; i < children->length; i++) {
        const GumboNode *c = children->data[i];
        if (c->type == GUMBO_NODE_ELEMENT && c->v.element.tag == GUMBO_TAG_BODY)
            return c;
    }
    return NULL;
}

/* A copy without control characters, which no one typed. The document type switches off quirks, where a table would
 * stay inside the paragraph before it. */
static struct str prepared(struct arena *a, struct str html) {
    const struct str type = S("<!DOCTYPE html>");
    char *p = arena_alloc(a, type.n + html.n + 1);
    size_t n = type.n;
    memcpy(p, type.p, type.n);
    for (size_t i = 0; i < html.n; i++) {
        unsigned char c = (unsigned char)html.p[i];
        if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r')
            p[n++] = html.p[i];
    }
    return (struct str){p, n};
}

/* Apart, so that nothing live here crosses the jump. */
static const GumboOutput *parse(struct parsing *p, struct str html) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = take;
    options.deallocator = give_back;
    options.userdata = p;
    options.max_errors = 0;
    if (setjmp(p->spent))
        return NULL;
    return gumbo_parse_with_options(&options, html.p, html.n);
}

int html_tree_parse(struct html_tree *t, struct str html) {
    *t = (struct html_tree){0};
    if (html.n > MAX_TREE_BYTES / 4 || plainly_too_deep(html))
        return -1;
    t->a = arena_new(MAX_TREE_BYTES);
    struct parsing p = {.a = t->a, .deadline = cpu_ns() + MAX_CPU_NS};
    const GumboOutput *out = parse(&p, prepared(t->a, html));
    if (!out)
        return -1;
    t->body = find_body(out->root);
    return 0;
}

void html_tree_free(struct html_tree *t) {
    arena_free(t->a);
    *t = (struct html_tree){0};
}
