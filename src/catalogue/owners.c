/* owners.c: a cell of 公开主体 as units. */
#include "catalogue/catalogue_internal.h"

#define BUCKETS 512
#define NAMES_MAX 5000 /* distinct names in one file; the city has some fifty units */

struct known {
    struct known *next;
    struct str name;
    int64_t unit_id; /* 0: no such unit */
};
struct owner_names {
    struct work *w;
    struct arena *arena; /* of the whole work: rows of an import have arenas of their own */
    size_t n;
    struct known *bucket[BUCKETS];
};

struct owner_names *owner_names_new(struct work *w) {
    struct owner_names *n = arena_one(w->arena, struct owner_names);
    n->w = w;
    n->arena = w->arena;
    return n;
}

static int look_up(struct owner_names *n, struct str name, int64_t *ret) {
    struct known **b = &n->bucket[str_hash(name) % BUCKETS];
    for (struct known *k = *b; k; k = k->next)
        if (str_eq(k->name, name)) {
            *ret = k->unit_id;
            return 0;
        }
    struct unit u;
    if (n->n == NAMES_MAX) {
        *ret = 0; /* a file full of nonsense: no more questions to the database */
        return 0;
    }
    int found = unit_by_name(n->w, name, &u);
    if (found < 0)
        return -1;
    struct known *k = arena_one(n->arena, struct known);
    *k = (struct known){*b, str_dup(n->arena, name), found ? u.id : 0};
    *b = k;
    n->n++;
    *ret = k->unit_id;
    return 0;
}

/* Words that mean "each town its own". */
bool owner_is_town(struct str name) {
    static const char *const words[] = {
        "镇政府",
        "乡镇政府",
        "镇人民政府",
        "乡镇人民政府",
        "乡（镇）人民政府",
        "乡(镇)人民政府",
        "街道办事处",
        "镇（区、街道）",
        "各镇（区、街道）",
        "镇(区、街道)",
        "各镇(区、街道)",
        "镇（街道）",
        "镇(街道)",
        "乡镇（街道）",
        "各镇",
        "乡镇",
        "镇",
        "各镇政府",
        "各乡镇人民政府",
        "镇街",
        "乡镇（街道）人民政府（办事处）",
        "镇人民政府（街道办事处）",
    };
    for (size_t i = 0; i < countof(words); i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

static bool separates(int32_t c) {
    return c == 0x3001 || c == 0xFF0C || c == ',' || c == 0xFF1B || c == ';' || c == '\n' || c == '/' || c == ' ' ||
           c == 0x3000 || c == '\t';
}

/* 市发改委（牵头） is 市发改委. */
static struct str plain_name(struct str s) {
    static const struct str marks[] = {{"（牵头）", 12}, {"(牵头)", 8}, {"等", 3}, {"。", 3}};
    s = str_trim(s);
    for (size_t i = 0; i < countof(marks); i++)
        if (str_ends(s, marks[i]) && s.n > marks[i].n)
            s = str_trim(str_sub(s, 0, s.n - marks[i].n));
    return s;
}

struct names {
    struct str v[64];
    size_t n;
    bool too_many;
};

static void name_add(struct names *ret, const char *start, const char *end) {
    struct str s = plain_name((struct str){start, (size_t)(end - start)});
    if (s.n && ret->n < countof(ret->v))
        ret->v[ret->n++] = s;
    else if (s.n)
        ret->too_many = true;
}

/* Separators inside brackets belong to a name: 镇（区、街道）. */
static void split(struct str text, struct names *ret) {
    struct str rest = text;
    const char *start = rest.p;
    int depth = 0;
    *ret = (struct names){0};
    while (rest.n) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        if (c < 0)
            break;
        depth += (c == '(' || c == 0xFF08) - (c == ')' || c == 0xFF09);
        depth = depth < 0 ? 0 : depth;
        if (depth == 0 && separates(c)) {
            name_add(ret, start, at);
            start = rest.p;
        }
    }
    if (text.n)
        name_add(ret, start, text.p + text.n);
}

static void owner_add(struct owners *o, int64_t unit_id) {
    for (size_t i = 0; i < o->n; i++)
        if (o->unit[i] == unit_id)
            return;
    if (o->n < countof(o->unit))
        o->unit[o->n++] = unit_id;
    else
        o->too_many = true;
}

int owners_resolve(struct work *w, struct owner_names *known, const struct catalogue *c, struct str text,
                   struct owners *ret) {
    struct names names;
    bool city = str_is(c->level, "city");
    (void)w;
    split(text, &names);
    *ret = (struct owners){.too_many = names.too_many};
    for (size_t i = 0; i < names.n && !city; i++)
        if (owner_is_town(names.v[i])) {
            owner_add(ret, c->unit_id);
            return 0; /* the departments named beside it owe the city's item, not the town's */
        }
    for (size_t i = 0; i < names.n; i++) {
        int64_t id = 0;
        if (owner_is_town(names.v[i]))
            continue;
        if (look_up(known, names.v[i], &id) < 0)
            return -1;
        if (id)
            owner_add(ret, id);
        else if (!ret->unknown.n)
            ret->unknown = names.v[i];
    }
    return 0;
}
