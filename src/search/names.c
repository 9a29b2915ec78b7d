/* names.c: names of facets' values (units, fields): one immutable snapshot for all threads, and how typed text meets
 * them: as characters, or as the first letters of their pinyin (zfbz → 住房保障). */
#include "search/search_internal.h"

#include <pthread.h>
#include <stdlib.h>

static struct {
    pthread_mutex_t mutex;
    struct names *now;
} held = {.mutex = PTHREAD_MUTEX_INITIALIZER};
static const struct names nothing;

static void names_free(struct names *n) {
    for (size_t i = 0; i < n->n; i++) {
        free(n->v[i].facet); /* one allocation holds all texts of a name */
    }
    free(n->v);
    free(n);
}

static char *put(char **at, struct str s) {
    char *p = *at;
    memcpy(p, s.p ? s.p : "", s.n);
    p[s.n] = 0;
    *at += s.n + 1;
    return p;
}

static void add(void *ctx, const struct search_name *x) {
    struct names *n = ctx;
    if (n->n == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 128;
        struct name *more = realloc(n->v, cap * sizeof *more);
        if (!more)
            return;
        n->v = more;
        n->cap = cap;
    }
    struct str facet = str_z(x->facet);
    char *at = malloc(facet.n + x->value.n + x->name.n + x->aliases.n + x->address.n + 5);
    if (!at)
        return;
    struct name *one = &n->v[n->n++];
    one->facet = put(&at, facet);
    one->value = put(&at, x->value);
    one->name = put(&at, x->name);
    one->aliases = put(&at, x->aliases);
    one->address = put(&at, x->address);
    one->understood = x->understood;
}

static void replace(struct names *fresh) {
    pthread_mutex_lock(&held.mutex);
    struct names *old = held.now;
    held.now = fresh;
    bool last = old && --old->holders == 0;
    pthread_mutex_unlock(&held.mutex);
    if (last)
        names_free(old);
}

int names_load(struct work *w, search_names_fn *fn) {
    struct names *n = calloc(1, sizeof *n);
    if (!n)
        return -1;
    n->holders = 1; /* this room */
    if (fn(w, add, n) < 0) {
        names_free(n);
        return -1;
    }
    replace(n);
    return 0;
}

void names_drop(void) {
    replace(NULL);
}

const struct names *names_hold(void) {
    pthread_mutex_lock(&held.mutex);
    struct names *n = held.now;
    if (n)
        n->holders++;
    pthread_mutex_unlock(&held.mutex);
    return n ? n : &nothing;
}

void names_let(const struct names *n) {
    struct names *own = NULL;
    if (n == &nothing)
        return;
    pthread_mutex_lock(&held.mutex);
    /* A snapshot is constant to all but this file. */
    memcpy(&own, &n, sizeof own);
    bool last = --own->holders == 0;
    pthread_mutex_unlock(&held.mutex);
    if (last)
        names_free(own);
}

/* Where the initials stand in the name: 2 at its head, 1 later, 0 nowhere. */
static int initials_match(struct str name, struct str letters) {
    for (int place = 0; name.n; place++) {
        struct str at = name;
        size_t i = 0;
        while (i < letters.n) {
            int32_t c = utf8_next(&at);
            if (c < 0 || !(fold_initials(fold_char((uint32_t)c)) & (1u << (letters.p[i] - 'a'))))
                break;
            i++;
        }
        if (i == letters.n)
            return place == 0 ? 2 : 1;
        utf8_next(&name);
    }
    return 0;
}

static bool all_letters(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 'a' || s.p[i] > 'z')
            return false;
    return s.n > 0;
}

int name_matches(const struct name *n, struct str folded) {
    struct str name = str_z(n->name);
    if (folded.n == 0)
        return 0;
    if (str_eq(name, folded))
        return 6;
    if (str_starts(name, folded))
        return 5;
    ptrdiff_t at = str_find(name, folded);
    if (at >= 0)
        return 4;
    bool letters = folded.n >= 2 && all_letters(folded);
    int best = letters ? initials_match(name, folded) : 0;
    struct str rest = str_z(n->aliases), one;
    while (rest.n) {
        if (!str_cut(rest, ' ', &one, &rest)) {
            one = rest;
            rest = STR_NONE;
        }
        if (str_starts(one, folded))
            return 3;
        if (letters && best == 0 && initials_match(one, folded) == 2)
            best = 1;
    }
    return best;
}

struct str search_name_of(struct work *w, const char *facet, struct str value) {
    const struct names *n = names_hold();
    struct str found = STR_NONE;
    for (size_t i = 0; i < n->n && !found.n; i++)
        if (strcmp(n->v[i].facet, facet) == 0 && str_is(value, n->v[i].value))
            found = str_dup(w->arena, str_z(n->v[i].name));
    names_let(n);
    return found;
}
