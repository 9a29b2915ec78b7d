/* item_code.c: codes of items: 320682-{field 2}-{一级 2}-{二级 3}; other catalogues than the city's standard one name
 * their unit. A code once given is never given again. */
#include "catalogue/catalogue_internal.h"

#define REGION "320682" /* 如皋市 */

struct level1_number {
    int64_t field_id;
    struct str level1;
    int number, last; /* the group's two digits, the last 二级 number given */
};
struct field_number {
    int last_group;
    int64_t last_serial;
};
struct code_book {
    struct arena *arena;
    struct str prefix;
    struct level1_number *groups;
    size_t n, cap;
    struct field_number fields[100];
};

struct str code_prefix(struct arena *a, const struct catalogue *c) {
    if (str_is(c->kind, "standard"))
        return str_is(c->level, "city") ? S(REGION) : str_printf(a, REGION "-%.*s", STR_ARG(c->unit_code));
    return str_printf(a, REGION "-%.*s-%s", STR_ARG(c->unit_code), str_is(c->kind, "village") ? "C" : "B");
}

static struct field_number *field_number(struct code_book *b, int64_t field_id) {
    return &b->fields[field_id > 0 && field_id < (int64_t)countof(b->fields) ? field_id : 0];
}

static struct level1_number *group_find(struct code_book *b, int64_t field_id, struct str level1) {
    for (size_t i = b->n; i > 0; i--)
        if (b->groups[i - 1].field_id == field_id && str_eq(b->groups[i - 1].level1, level1))
            return &b->groups[i - 1];
    return NULL;
}

static struct level1_number *group_add(struct code_book *b, int64_t field_id, struct str level1, int number) {
    if (b->n == b->cap) {
        struct level1_number *wider = arena_many(b->arena, struct level1_number, b->cap * 2);
        memcpy(wider, b->groups, b->n * sizeof *wider);
        b->groups = wider;
        b->cap *= 2;
    }
    struct field_number *f = field_number(b, field_id);
    f->last_group = number > f->last_group ? number : f->last_group;
    b->groups[b->n] = (struct level1_number){field_id, level1, number, 0};
    return &b->groups[b->n++];
}

/* "…-LL-SSS": the last two numbers of a code. */
static bool code_numbers(struct str code, int *ret_group, int *ret_item) {
    int64_t group, item;
    if (code.n < 7 || code.p[code.n - 4] != '-' || str_int(str_sub(code, code.n - 3, 3), &item) < 0)
        return false;
    struct str head = str_sub(code, 0, code.n - 4);
    ptrdiff_t at = (ptrdiff_t)head.n - 1;
    while (at >= 0 && head.p[at] != '-')
        at--;
    if (at < 0 || str_int(str_sub(head, (size_t)at + 1, head.n), &group) < 0)
        return false;
    *ret_group = (int)group;
    *ret_item = (int)item;
    return true;
}

static void note_code(struct code_book *b, int64_t field_id, struct str level1, struct str code, int64_t serial) {
    int group, item;
    struct field_number *f = field_number(b, field_id);
    f->last_serial = serial > f->last_serial ? serial : f->last_serial;
    if (!code_numbers(code, &group, &item))
        return;
    f->last_group = group > f->last_group ? group : f->last_group;
    struct level1_number *g = group_find(b, field_id, level1);
    if (!g)
        g = group_add(b, field_id, level1, group);
    if (g->number == group && item > g->last)
        g->last = item;
}

int code_book_open(struct work *w, const struct catalogue *c, struct code_book **ret) {
    struct db_rows r;
    if (db_query(w, &sql_item_level1_codes, &r, DB_INT(c->id)) < 0)
        return -1;
    struct code_book *b = arena_one(w->arena, struct code_book);
    b->arena = w->arena;
    b->prefix = code_prefix(w->arena, c);
    b->cap = 64;
    b->groups = arena_many(w->arena, struct level1_number, b->cap);
    for (size_t i = 0; i < r.n; i++)
        note_code(b, db_i(&r, i, 2), db_s(&r, i, 1), db_s(&r, i, 0), db_i(&r, i, 3));
    *ret = b;
    return 0;
}

struct str code_book_next(struct code_book *b, int64_t field_id, struct str level1) {
    struct level1_number *g = group_find(b, field_id, level1);
    if (!g || g->last == 999)
        g = group_add(b, field_id, level1, field_number(b, field_id)->last_group + 1);
    return str_printf(b->arena, "%.*s-%02d-%02d-%03d", STR_ARG(b->prefix), (int)field_id, g->number, ++g->last);
}

int64_t code_book_serial(struct code_book *b, int64_t field_id) {
    return ++field_number(b, field_id)->last_serial;
}
