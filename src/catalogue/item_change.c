/* item_change.c: the one way items come into force, change and end: whole sets, in few statements.
 *
 * A version is written once and never changed; only its last day is set when the next one takes its place, so that on
 * every day exactly one version is in force. A version replaced on the day it began has an empty span. */
#include "catalogue/catalogue_internal.h"

#define BATCH 200
#define HOOKS 4

static struct { item_in_force_hook *fn; } hooks[HOOKS];
static size_t hook_count;

void catalogue_on_in_force(item_in_force_hook *fn) {
    for (size_t i = 0; i < hook_count; i++)
        if (hooks[i].fn == fn)
            return;
    if (hook_count == HOOKS)
        abort(); /* our bug: too many rooms */
    hooks[hook_count++].fn = fn;
}

/* ── batches ── */

struct batch {
    struct work *w;
    const struct db_statement *statement;
    size_t width, rows;
    struct db_value *args;
};

static struct batch batch_new(struct work *w, const struct db_statement *st, size_t width) {
    return (struct batch){w, st, width, 0, arena_many(w->arena, struct db_value, width * BATCH)};
}

static int batch_flush(struct batch *b) {
    int n = b->rows ? db_exec_many(b->w, b->statement, b->args, b->width, b->rows) : 0;
    b->rows = 0;
    return n < 0 ? -1 : 0;
}

static int batch_add(struct batch *b, const struct db_value *row) {
    memcpy(b->args + b->rows * b->width, row, b->width * sizeof *row);
    return ++b->rows == BATCH ? batch_flush(b) : 0;
}

/* ── steps ── */

static int insert_items(struct work *w, struct change_set *s) {
    struct batch b = batch_new(w, &sql_item_insert, 5);
    for (size_t i = 0; i < s->n; i++) {
        const struct item_change *c = &s->v[i];
        const struct db_value row[] = {DB_INT(s->catalogue->id), DB_ID(c->field_id), DB_TEXT(c->code),
                                       DB_ID(c->source_item_id), DB_INT(w->now)};
        if (c->op == CHANGE_ADD && batch_add(&b, row) < 0)
            return -1;
    }
    return batch_flush(&b);
}

static int find_added(struct work *w, struct change_set *s) {
    struct db_rows r;
    bool any = false;
    for (size_t i = 0; i < s->n && !any; i++)
        any = s->v[i].op == CHANGE_ADD;
    if (!any)
        return 0;
    if (db_query(w, &sql_item_codes, &r, DB_INT(s->catalogue->id)) < 0)
        return -1;
    for (size_t i = 0; i < s->n; i++) {
        struct item_change *c = &s->v[i];
        size_t low = 0, high = r.n;
        while (c->op == CHANGE_ADD && low < high) {
            size_t mid = (low + high) / 2;
            int order = str_cmp(db_s(&r, mid, 1), c->code);
            if (order == 0)
                c->item_id = db_i(&r, mid, 0);
            low = order < 0 ? mid + 1 : low;
            high = order < 0 ? high : order == 0 ? low : mid;
        }
        if (!c->item_id)
            return fail(w, ERR_INTERNAL, "事项 %.*s 没有写入", STR_ARG(c->code));
    }
    return 0;
}

/* version_id and version of each change's item become those of its newest version; 0 when it has none. */
static int find_newest(struct work *w, struct change_set *s) {
    struct db_rows r;
    if (db_query(w, &sql_item_newest_versions, &r, DB_INT(s->catalogue->id)) < 0)
        return -1;
    for (size_t i = 0; i < s->n; i++) {
        struct item_change *c = &s->v[i];
        size_t low = 0, high = r.n;
        c->version_id = c->version = 0;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (db_i(&r, mid, 0) < c->item_id)
                low = mid + 1;
            else
                high = mid;
        }
        if (low < r.n && db_i(&r, low, 0) == c->item_id) {
            c->version_id = db_i(&r, low, 1);
            c->version = db_i(&r, low, 2);
        }
    }
    return 0;
}

static int close_replaced(struct work *w, struct change_set *s) {
    struct batch b = batch_new(w, &sql_item_version_close, 2);
    struct str last = day_str(w->arena, s->effective - 1);
    for (size_t i = 0; i < s->n; i++) {
        const struct item_change *c = &s->v[i];
        const struct db_value row[] = {DB_INT(c->version_id), DB_TEXT(last)};
        if (c->op != CHANGE_ADD && batch_add(&b, row) < 0)
            return -1;
    }
    return batch_flush(&b);
}

static int insert_versions(struct work *w, struct change_set *s) {
    struct batch b = batch_new(w, &sql_item_version_insert, 22);
    struct str from = day_str(w->arena, s->effective);
    for (size_t i = 0; i < s->n; i++) {
        const struct item_change *c = &s->v[i];
        const struct item_columns *k = &c->after;
        const struct db_value row[] = {
            DB_INT(c->item_id),
            DB_INT(c->version + 1),
            DB_INT(k->serial),
            DB_TEXT(k->level1),
            DB_TEXT(k->level2),
            DB_TEXT(k->elements),
            DB_TEXT(k->basis),
            DB_TEXT(k->limit_text),
            DB_TEXT(c->limit.rules),
            DB_BOOL(c->limit.settled),
            DB_TEXT(k->owners_text),
            DB_TEXT(k->channels),
            DB_BOOL(k->audience_all),
            DB_TEXT(k->audience_group),
            DB_BOOL(k->mode_active),
            DB_BOOL(k->mode_request),
            DB_BOOL(k->level_city),
            DB_BOOL(k->level_town),
            DB_TEXT(c->extra.n ? c->extra : S("{}")),
            DB_TEXT(from),
            DB_ID(s->proposal_id),
            DB_INT(w->now),
        };
        _Static_assert(countof(row) == 22, "item_version_insert");
        if (c->op != CHANGE_END && batch_add(&b, row) < 0)
            return -1;
    }
    return batch_flush(&b);
}

static int insert_owners(struct work *w, struct change_set *s) {
    struct batch b = batch_new(w, &sql_item_owner_insert, 2);
    for (size_t i = 0; i < s->n; i++) {
        const struct item_change *c = &s->v[i];
        for (size_t k = 0; k < c->owner_count && c->op != CHANGE_END; k++) {
            const struct db_value row[] = {DB_INT(c->version_id), DB_INT(c->owners[k])};
            if (batch_add(&b, row) < 0)
                return -1;
        }
    }
    return batch_flush(&b);
}

static int call_hooks(struct work *w, const struct change_set *s) {
    for (size_t i = 0; i < s->n; i++) {
        const struct item_change *c = &s->v[i];
        const struct item_columns *k = &c->after;
        if (c->op == CHANGE_END)
            continue;
        struct item item = {
            .id = c->item_id,
            .version_id = c->version_id,
            .catalogue_id = s->catalogue->id,
            .field_id = c->field_id,
            .code = c->code,
            .version = (int)c->version,
            .kind = s->catalogue->kind,
            .level = s->catalogue->level,
            .catalogue_unit_id = s->catalogue->unit_id,
            .level1 = k->level1,
            .level2 = k->level2,
            .elements = k->elements,
            .basis = k->basis,
            .limit_text = k->limit_text,
            .owners_text = k->owners_text,
            .channels = k->channels,
            .audience_group = k->audience_group,
            .audience_all = k->audience_all,
            .mode_active = k->mode_active,
            .mode_request = k->mode_request,
            .level_city = k->level_city,
            .level_town = k->level_town,
            .rules = rules_interned(c->limit.rules),
            .valid_from = s->effective,
            .valid_to = DAY_NONE,
        };
        for (size_t h = 0; h < hook_count; h++)
            if (hooks[h].fn(w, &item) < 0)
                return -1;
    }
    return 0;
}

int changes_write(struct work *w, struct change_set *s) {
    if (insert_items(w, s) < 0 || find_added(w, s) < 0 || find_newest(w, s) < 0)
        return -1;
    if (close_replaced(w, s) < 0 || insert_versions(w, s) < 0 || find_newest(w, s) < 0)
        return -1;
    return insert_owners(w, s) < 0 ? -1 : call_hooks(w, s);
}
