/* proposal_apply.c: an approved proposal takes force: all of it or nothing; and the job that does so on its day. */
#include "catalogue/catalogue_internal.h"

struct applying {
    struct work *w;
    struct proposal *p;
    struct catalogue_state *state;
    struct owner_names *names;
    struct code_book *codes;
    json_t *changes;
    struct change_set set;
};

/* A rule a person settled stays while the words of the cell stay. */
static int limit_of(struct applying *x, const json_t *change, const struct item_row *row, struct item_change *c) {
    const json_t *given = json_object_get(change, "limit_rules");
    if (given) {
        char *text = json_dumps(given, JSON_COMPACT);
        if (!text)
            return fail(x->w, ERR_INTERNAL, "时限规则无法保存");
        c->limit = (struct limit_stored){str_dup(x->w->arena, str_z(text)), true};
        free(text);
        return 0;
    }
    if (row && str_eq(row->item.limit_text, c->after.limit_text)) {
        c->limit = (struct limit_stored){row->rules_text, row->settled};
        return 0;
    }
    return limit_store(x->w, c->after.limit_text, &c->limit);
}

static int owners_of(struct applying *x, struct item_change *c) {
    struct owners o;
    if (owners_resolve(x->w, x->names, &x->p->catalogue, c->after.owners_text, &o) < 0)
        return -1;
    if (o.n == 0 || o.unknown.n)
        return fail(x->w, ERR_CONFLICT, "公开主体“%.*s”没有对应单位，不能生效", STR_ARG(c->after.owners_text));
    int64_t *list = arena_many(x->w->arena, int64_t, o.n);
    memcpy(list, o.unit, o.n * sizeof *list);
    c->owners = list;
    c->owner_count = o.n;
    return 0;
}

/* What the file or form brought beside the columns; a row a person has looked at is no longer 待核对. */
static struct str extra_of(struct work *w, const json_t *change) {
    const json_t *extra = json_object_get(change, "extra");
    char *text = extra ? json_dumps(extra, JSON_COMPACT) : NULL;
    struct str s = text ? str_dup(w->arena, str_z(text)) : S("{}");
    free(text);
    return s;
}

static int one_change(struct applying *x, const json_t *change, struct item_change *c) {
    const struct item_row *row = state_by_id(x->state, json_integer_value(json_object_get(change, "item_id")));
    struct str conflict = change_conflict(x->w, x->state, change);
    *c = (struct item_change){.op = change_op(change), .extra = extra_of(x->w, change)};
    columns_from_json(json_object_get(change, "after"), &c->after);
    if (conflict.n)
        return fail(x->w, ERR_CONFLICT, "“%.*s”：%.*s",
                    STR_ARG(row && c->op == CHANGE_END ? row->item.level2 : c->after.level2), STR_ARG(conflict));
    c->field_id = row ? row->item.field_id : json_integer_value(json_object_get(change, "field_id"));
    if (row) {
        c->item_id = row->item.id;
        c->code = row->item.code;
        c->base_version_id = row->item.version_id;
    }
    if (c->op == CHANGE_END) {
        c->after = item_row_columns(row);
        return 0;
    }
    if (c->op == CHANGE_ADD) {
        c->source_item_id = json_integer_value(json_object_get(change, "source_item_id"));
        c->code = code_book_next(x->codes, c->field_id, c->after.level1);
    }
    if (row)
        c->after.serial = row->serial;
    else if (!c->after.serial)
        c->after.serial = code_book_serial(x->codes, c->field_id);
    if (columns_check(x->w, &c->after) < 0)
        return -1;
    return limit_of(x, change, c->op == CHANGE_ADD ? NULL : row, c) < 0 ? -1 : owners_of(x, c);
}

/* ── what the public is told ── */

/* [{column, label, before, after}] */
static json_t *columns_changed(const json_t *change, const struct item_change *c) {
    struct item_columns before;
    columns_from_json(json_object_get(change, "before"), &before);
    return columns_diff(NULL, &before, &c->after);
}

static int item_event(struct applying *x, const json_t *change, const struct item_change *c) {
    static const char *const verbs[] = {"", "item_added", "item_changed", "item_ended"};
    json_t *o = json_object();
    json_set_str(o, "code", c->code);
    json_set_str(o, "level1", c->after.level1);
    json_set_str(o, "level2", c->after.level2);
    json_set_int(o, "version", c->op == CHANGE_END ? c->version : c->version);
    json_set_day(x->w->arena, o, "effective", x->set.effective);
    json_set_str(o, "ground", x->p->ground);
    if (c->op == CHANGE_EDIT)
        json_object_set_new(o, "changes", columns_changed(change, c));
    struct event e = {.room = "catalogue",
                      .verb = verbs[c->op],
                      .subject_kind = "item",
                      .subject_id = c->item_id,
                      .unit_id = x->p->catalogue.unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = o};
    int rc = event_append(x->w, &e, NULL);
    json_decref(o);
    return rc;
}

static int tell(struct applying *x) {
    size_t count[4] = {0};
    for (size_t i = 0; i < x->set.n; i++) {
        count[x->set.v[i].op]++;
        if (item_event(x, json_array_get(x->changes, i), &x->set.v[i]) < 0)
            return -1;
    }
    json_t *o =
        json_pack("{s:I, s:I, s:I, s:I}", "proposal", (json_int_t)x->p->id, "added", (json_int_t)count[CHANGE_ADD],
                  "changed", (json_int_t)count[CHANGE_EDIT], "ended", (json_int_t)count[CHANGE_END]);
    json_set_str(o, "catalogue", x->p->catalogue.code);
    json_set_str(o, "title", x->p->title);
    json_set_str(o, "ground", x->p->ground);
    json_set_day(x->w->arena, o, "effective", x->set.effective);
    struct event e = {.room = "catalogue",
                      .verb = "adjusted",
                      .subject_kind = "catalogue",
                      .subject_id = x->p->catalogue.id,
                      .unit_id = x->p->catalogue.unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = o};
    int rc = event_append(x->w, &e, NULL);
    json_decref(o);
    return rc;
}

static int set_in_force(struct applying *x) {
    struct proposal *p = x->p;
    int n = db_exec(x->w, &sql_proposal_set_state, DB_INT(p->id), DB_TEXTZ("in_force"), DB_ID(p->decided_by),
                    DB_INT(p->decided_at), DB_TEXTZ(""), DB_TEXT(day_str(x->w->arena, x->set.effective)),
                    DB_TEXTZ("approved"));
    if (n < 0)
        return -1;
    return n == 1 ? proposal_event(x->w, p, "in_force", STR_NONE)
                  : fail(x->w, ERR_WRONG_STATE, "这件目录调整不在已审定状态");
}

static int apply(struct applying *x) {
    size_t n = json_array_size(x->changes), i;
    const json_t *change;
    struct db_rows r;
    if (db_lock(x->w, &sql_catalogue_lock, &r, DB_INT(x->p->catalogue.id)) < 0 ||
        catalogue_state_open(x->w, &x->p->catalogue, &x->state) < 0 ||
        code_book_open(x->w, &x->p->catalogue, &x->codes) < 0)
        return -1;
    x->set = (struct change_set){.catalogue = &x->p->catalogue,
                                 .v = arena_many(x->w->arena, struct item_change, n + 1),
                                 .n = n,
                                 .proposal_id = x->p->id};
    x->set.effective = x->p->effective > work_today(x->w) ? x->p->effective : work_today(x->w);
    json_array_foreach(x->changes, i, change) if (one_change(x, change, &x->set.v[i]) < 0) return -1;
    return changes_write(x->w, &x->set) < 0 || tell(x) < 0 ? -1 : set_in_force(x);
}

int proposal_apply(struct work *w, struct proposal *p) {
    struct applying x = {.w = w, .p = p, .names = owner_names_new(w), .changes = proposal_changes(w, p)};
    int rc = x.changes ? apply(&x) : -1;
    json_decref(x.changes);
    return rc;
}

/* ── the job ── */

/* A proposal that no longer fits stays approved with the reason, for a person to see; the others go on. */
static int keep_reason(struct work *w, int64_t id, struct str known, const char *why) {
    error_clear(w); /* told here; the job itself has not failed */
    if (str_is(known, why))
        return 0;
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_proposal_set_reason, DB_INT(id), DB_TEXTZ(why)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int apply_in_own_arena(struct work *w, int64_t id) {
    struct proposal p = {0};
    if (db_begin(w) < 0)
        return -1;
    if (proposal_get(w, id, &p) == 0 && proposal_apply(w, &p) == 0)
        return db_commit(w);
    enum error_code code = w->error.code;
    char why[sizeof w->error.text];
    snprintf(why, sizeof why, "%s", w->error.field_count ? w->error.fields[0].message : error_text(&w->error));
    db_rollback(w);
    if (code != ERR_CONFLICT && code != ERR_INVALID)
        return -1;
    return keep_reason(w, id, p.reason, why);
}

/* Each in memory of its own: two hundred may fall due on one day. */
static int apply_one(struct work *w, int64_t id) {
    struct arena *saved = w->arena;
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    int rc = apply_in_own_arena(w, id);
    arena_free(w->arena);
    w->arena = saved;
    w->error.field_count = 0; /* their texts lay in that arena */
    return rc;
}

int catalogue_apply_due(struct work *w, json_t *args) {
    struct db_rows r;
    int rc = 0;
    (void)args;
    if (db_query(w, &sql_proposal_due, &r, DB_TEXT(day_str(w->arena, work_today(w)))) < 0)
        return -1;
    for (size_t i = 0; i < r.n && rc == 0; i++) {
        error_clear(w);
        rc = apply_one(w, db_i(&r, i, 0));
    }
    return rc;
}
