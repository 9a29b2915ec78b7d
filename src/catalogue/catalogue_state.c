/* catalogue_state.c: a catalogue with the newest version of each item, found by id, code or name: what imports and
 * proposals are held against. */
#include "catalogue/catalogue_internal.h"

struct entry {
    struct entry *next_name, *next_code;
    const struct item_row *row;
};
struct catalogue_state {
    size_t n, buckets;
    struct item_row *rows; /* in the order of the catalogue */
    struct entry *entries;
    struct entry **by_name, **by_code;
    size_t *by_id; /* indexes of rows, sorted by item id */
};

static uint64_t name_hash(int64_t field_id, struct str level1, struct str level2) {
    return str_hash(level1) * 31 + str_hash(level2) * 7 + (uint64_t)field_id;
}

static struct catalogue_state *make(struct work *w, const struct db_rows *r) {
    struct catalogue_state *s = arena_one(w->arena, struct catalogue_state);
    s->n = r->n;
    s->buckets = r->n * 2 + 1;
    s->rows = arena_many(w->arena, struct item_row, r->n + 1);
    s->entries = arena_many(w->arena, struct entry, r->n + 1);
    s->by_name = arena_many(w->arena, struct entry *, s->buckets);
    s->by_code = arena_many(w->arena, struct entry *, s->buckets);
    s->by_id = arena_many(w->arena, size_t, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        item_row_read(r, i, &s->rows[i]);
        const struct item *it = &s->rows[i].item;
        struct entry *e = &s->entries[i],
                     **name = &s->by_name[name_hash(it->field_id, it->level1, it->level2) % s->buckets];
        struct entry **code = &s->by_code[str_hash(it->code) % s->buckets];
        *e = (struct entry){*name, *code, &s->rows[i]};
        *name = e;
        *code = e;
        s->by_id[i] = i;
    }
    return s;
}

static int by_item_id(const void *x, const void *y, void *rows) {
    const struct item_row *r = rows;
    int64_t a = r[*(const size_t *)x].item.id, b = r[*(const size_t *)y].item.id;
    return a < b ? -1 : a > b;
}

int catalogue_state_open(struct work *w, const struct catalogue *c, struct catalogue_state **ret) {
    struct db_rows r;
    if (db_query(w, &sql_item_versions_newest, &r, DB_INT(c->id)) < 0)
        return -1;
    *ret = make(w, &r);
    qsort_r((*ret)->by_id, r.n, sizeof *(*ret)->by_id, by_item_id, (*ret)->rows);
    return 0;
}

const struct item_row *state_by_id(const struct catalogue_state *s, int64_t item_id) {
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->rows[s->by_id[mid]].item.id < item_id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->n && s->rows[s->by_id[low]].item.id == item_id ? &s->rows[s->by_id[low]] : NULL;
}

/* An item in force goes before one that has ended under the same name. */
const struct item_row *state_by_name(const struct catalogue_state *s, int64_t field_id, struct str level1,
                                     struct str level2) {
    const struct item_row *ended = NULL;
    for (const struct entry *e = s->by_name[name_hash(field_id, level1, level2) % s->buckets]; e; e = e->next_name) {
        const struct item *i = &e->row->item;
        if (i->field_id != field_id || !str_eq(i->level1, level1) || !str_eq(i->level2, level2))
            continue;
        if (i->valid_to == DAY_NONE)
            return e->row;
        ended = e->row;
    }
    return ended;
}

const struct item_row *state_by_code(const struct catalogue_state *s, struct str code) {
    for (const struct entry *e = s->by_code[str_hash(code) % s->buckets]; e; e = e->next_code)
        if (str_eq(e->row->item.code, code))
            return e->row;
    return NULL;
}

size_t state_rows(const struct catalogue_state *s, const struct item_row **ret) {
    *ret = s->rows;
    return s->n;
}
