/* route.c: the route tables, compiled at start into one list sorted by their first literal part. */
#include "http/http_internal.h"

#define MAX_PARTS 12
struct compiled {
    const struct route *route;
    struct str parts[MAX_PARTS];
    bool variable[MAX_PARTS];
    bool tail; /* the last part is {*rest}: it takes what is left of the path, one part or more */
    size_t n, literals;
};
struct router {
    struct compiled *rows;
    const struct route **all;
    size_t n;
};

static size_t split(struct str path, struct str parts[MAX_PARTS]) {
    size_t n = 0;
    struct str rest = str_sub(path, 1, path.n);
    while (rest.n && n < MAX_PARTS) {
        struct str head, tail;
        if (!str_cut(rest, '/', &head, &tail)) {
            parts[n++] = rest;
            return n;
        }
        parts[n++] = head;
        rest = tail;
        if (tail.n == 0 && n < MAX_PARTS) /* "/a/" has an empty last part, which matches nothing */
            parts[n++] = tail;
    }
    return rest.n ? MAX_PARTS + 1 : n;
}

static int compile(struct compiled *c, const struct route *r, char *why, size_t cap) {
    c->route = r;
    c->n = split(str_z(r->path), c->parts);
    if (r->path[0] != '/' || c->n > MAX_PARTS || !r->handler || r->permission == 0 || r->cache == 0 || !r->summary ||
        (r->cache == CACHE_PUBLIC && r->method != HTTP_GET)) {
        snprintf(why, cap, "bad route row: %s", r->path);
        return -1;
    }
    for (size_t i = 0; i < c->n; i++) {
        c->variable[i] = c->parts[i].n > 2 && c->parts[i].p[0] == '{';
        if (c->variable[i])
            c->parts[i] = str_sub(c->parts[i], 1, c->parts[i].n - 2);
        c->tail = c->variable[i] && c->parts[i].p[0] == '*';
        if (c->tail)
            c->parts[i] = str_sub(c->parts[i], 1, c->parts[i].n);
        c->literals += !c->variable[i];
    }
    return 0;
}

/* More literal parts first, so that /disclosures/new wins over /disclosures/{id}. */
static int by_literals(const void *a, const void *b) {
    const struct compiled *x = a, *y = b;
    return (x->literals < y->literals) - (x->literals > y->literals);
}

struct router *router_new(const struct route *const *tables, const size_t *counts, size_t n, char *why, size_t cap) {
    size_t total = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    struct router *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->rows = calloc(total + 1, sizeof *r->rows);
    r->all = calloc(total + 1, sizeof *r->all);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < counts[i]; j++) {
            if (compile(&r->rows[k], &tables[i][j], why, cap) < 0) {
                router_free(r);
                return NULL;
            }
            r->all[k++] = &tables[i][j];
        }
    r->n = k;
    qsort(r->rows, k, sizeof *r->rows, by_literals);
    return r;
}

void router_free(struct router *r) {
    if (!r)
        return;
    free(r->rows);
    free(r->all);
    free(r);
}

static bool matches(const struct compiled *c, const struct str *parts, size_t n) {
    if (c->tail ? n < c->n : c->n != n)
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (c->variable[i] ? parts[i].n == 0 : !str_eq(c->parts[i], parts[i]))
            return false;
    return true;
}

static const char *const method_names[] = {"", "GET", "POST", "PUT", "DELETE"};

const struct route *router_find(const struct router *r, enum http_method m, struct str path, bool api, struct arena *a,
                                struct params *ret_parts, const char **ret_allow) {
    struct str parts[MAX_PARTS];
    size_t n = split(path, parts);
    const char *allow = NULL;
    const struct route *rest = NULL; /* a row of nothing but {*rest}: what no other row knows, by any method */
    for (size_t k = 0; k < r->n && n <= MAX_PARTS; k++) {
        const struct compiled *c = &r->rows[k];
        if (c->tail && c->literals == 0) {
            rest = c->route->method == m && !api ? c->route : rest;
            continue;
        }
        unsigned not_here = api ? ROUTE_HTML_ONLY : ROUTE_API_ONLY;
        if ((c->route->flags & not_here) || !matches(c, parts, n))
            continue;
        if (c->route->method != m) {
            const char *name = method_names[c->route->method];
            allow = allow ? str_printf(a, "%s, %s", allow, name).p : name;
            continue;
        }
        for (size_t i = 0; i < c->n; i++)
            if (c->variable[i])
                params_add(a, ret_parts, c->parts[i],
                           c->tail && i == c->n - 1 ? str_sub(path, (size_t)(parts[i].p - path.p), path.n) : parts[i]);
        return c->route;
    }
    *ret_allow = allow;
    return allow ? NULL : rest;
}

size_t router_all(const struct router *r, const struct route *const **ret) {
    *ret = r->all;
    return r->n;
}
