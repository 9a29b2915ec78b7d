/* import_plan.c: the rows of a file held against the catalogue: added, changed, unchanged, missing, and every row that
 * cannot be taken, by row and column. A row's memory is given back after it; lists are cut, counts are not. */
#include "catalogue/import_plan.h"

struct seen {
    uint64_t hash; /* 0: free */
    int64_t row;
};
struct seen_set {
    struct seen *v;
    size_t n, cap; /* cap a power of two */
};
struct import_plan {
    struct work *w;
    struct arena *arena; /* of the whole import */
    const struct catalogue *c;
    struct catalogue_state *state;
    struct field_names *fields;
    struct owner_names *owners;
    bool *matched; /* per row of state */
    struct seen_set rows, others, limits_bad, limits_good;
    json_t *changes, *shown, *problems, *notes;
    size_t added, changed, unchanged, skipped, errors, remarks, note_count, bytes, read;
    bool cut; /* more than a proposal can hold */
};

/* ── a set of hashes; 64 bits of SipHash-like spread are enough to tell 200,000 names apart ── */

static int64_t *seen_at(struct seen_set *s, uint64_t hash, bool *ret_new) {
    hash = hash ? hash : 1;
    if ((s->n + 1) * 2 > s->cap) {
        struct seen_set wider = {calloc(s->cap ? s->cap * 2 : 1024, sizeof(struct seen)), 0,
                                 s->cap ? s->cap * 2 : 1024};
        bool ignored;
        if (!wider.v)
            abort();
        for (size_t i = 0; i < s->cap; i++)
            if (s->v[i].hash)
                *seen_at(&wider, s->v[i].hash, &ignored) = s->v[i].row;
        free(s->v);
        *s = wider;
    }
    size_t i = hash & (s->cap - 1);
    while (s->v[i].hash && s->v[i].hash != hash)
        i = (i + 1) & (s->cap - 1);
    *ret_new = !s->v[i].hash;
    s->n += *ret_new;
    s->v[i].hash = hash;
    return &s->v[i].row;
}

static bool seen_has(const struct seen_set *s, uint64_t hash) {
    hash = hash ? hash : 1;
    for (size_t i = hash & (s->cap - 1); s->cap && s->v[i].hash; i = (i + 1) & (s->cap - 1))
        if (s->v[i].hash == hash)
            return true;
    return false;
}

static uint64_t name_key(int64_t field_id, struct str level1, struct str level2) {
    uint64_t h = str_hash(level1) * 0x9E3779B97F4A7C15u;
    return (h ^ str_hash(level2)) * 0xBF58476D1CE4E5B9u + (uint64_t)field_id;
}

/* ── problems and notes ── */

static int add_problem(void *ctx, const struct table_problem *t) {
    struct import_plan *p = ctx;
    size_t *count = t->fatal ? &p->errors : &p->remarks;
    ++*count;
    if (json_array_size(p->problems) >= PROBLEMS_SHOWN)
        return 0;
    json_t *o = json_object();
    json_set_int(o, "row", t->row);
    json_set_str(o, "column", str_z(t->column));
    json_set_str(o, "text", t->text);
    json_set_bool(o, "fatal", t->fatal);
    json_array_append_new(p->problems, o);
    return 0;
}

static int say(struct import_plan *p, int64_t row, const char *column, bool fatal, struct str text) {
    return add_problem(p, &(struct table_problem){row, column, text, fatal});
}

static int add_note(void *ctx, struct str sheet, int64_t row, struct str text) {
    struct import_plan *p = ctx;
    p->note_count++;
    if (json_array_size(p->notes) >= NOTES_SHOWN)
        return 0;
    json_t *o = json_object();
    json_set_str(o, "sheet", sheet);
    json_set_int(o, "row", row);
    json_set_str(o, "text", utf8_head(text, 100));
    json_array_append_new(p->notes, o);
    return 0;
}

/* ── one row ── */

/* Ticks left out: the file has no such columns, or this row has none of them. */
static void default_ticks(struct import_plan *p, const struct table_row *r, struct item_columns *c) {
    bool city = str_is(p->c->level, "city"), town = str_is(p->c->level, "town");
    if (!c->audience_all && !c->audience_group.n) {
        c->audience_all = true;
        if (r->has[COL_ALL] || r->has[COL_GROUP] || r->has[COL_AUDIENCE])
            say(p, r->row, "公开对象", false, S("没有勾选，按“全社会”读取"));
    }
    if (!c->mode_active && !c->mode_request) {
        c->mode_active = true;
        if (r->has[COL_ACTIVE] || r->has[COL_REQUEST] || r->has[COL_MODE])
            say(p, r->row, "公开方式", false, S("没有勾选，按“主动”读取"));
    }
    if (!c->level_city && !c->level_town) {
        c->level_city = city;
        c->level_town = town;
        if (r->has[COL_CITY] || r->has[COL_TOWN] || r->has[COL_LEVEL])
            say(p, r->row, "公开层级", false,
                city   ? S("没有勾选，按“县级”读取")
                : town ? S("没有勾选，按“乡级”读取")
                       : S("没有勾选"));
    }
}

static bool of_this_level(const struct import_plan *p, const struct item_columns *c) {
    return str_is(p->c->level, "city") ? c->level_city : str_is(p->c->level, "town") ? c->level_town : true;
}

/* Field errors of columns_check as problems of the row. */
static bool check_columns(struct import_plan *p, const struct table_row *r, const struct item_columns *c) {
    struct work *w = p->w;
    bool good = columns_check(w, c) == 0;
    for (size_t i = 0; i < w->error.field_count; i++) {
        const char *label = "";
        for (size_t k = 0; k < item_column_count; k++)
            if (strcmp(item_column[k].name, w->error.fields[i].field) == 0)
                label = item_column[k].label;
        say(p, r->row, label, true, str_z(w->error.fields[i].message));
    }
    error_clear(w);
    return good;
}

static int check_owners(struct import_plan *p, const struct table_row *r, struct item_columns *c, bool *ret_good) {
    struct owners o;
    if (owners_resolve(p->w, p->owners, p->c, c->owners_text, &o) < 0)
        return -1;
    *ret_good = false;
    if (o.unknown.n)
        return say(
            p, r->row, "公开主体", true,
            str_printf(p->w->arena, "没有“%.*s”这个单位，请写单位全称或规范简称", STR_ARG(utf8_head(o.unknown, 40))));
    if (o.too_many)
        return say(p, r->row, "公开主体", true, S("公开主体过多，请分为几个事项"));
    if (o.n == 0)
        return say(p, r->row, "公开主体", true, S("没有本目录的责任单位"));
    *ret_good = true;
    if (str_is(p->c->level, "town") && o.n == 1 && o.unit[0] == p->c->unit_id)
        c->owners_text = p->c->unit_name; /* 镇政府 is this town */
    return 0;
}

static bool limit_understood(struct import_plan *p, struct str text) {
    struct limit_rule rules[8];
    bool is_new, good;
    uint64_t hash = str_hash(text);
    if (seen_has(&p->limits_good, hash) || seen_has(&p->limits_bad, hash))
        return seen_has(&p->limits_good, hash);
    int n = limit_parse(p->w->arena, text, rules, (int)countof(rules));
    good = n > 0;
    for (int i = 0; i < n; i++)
        good &= rules[i].kind != LIMIT_MANUAL;
    *seen_at(good ? &p->limits_good : &p->limits_bad, hash, &is_new) = 1;
    return good;
}

static const struct item_row *find(struct import_plan *p, const struct table_row *r, const struct item_columns *c) {
    const struct item_row *row = r->code.n ? state_by_code(p->state, r->code) : NULL;
    return row ? row : state_by_name(p->state, r->field_id, c->level1, c->level2);
}

static void show_change(struct import_plan *p, const struct table_row *r, const char *op, const struct item_columns *c,
                        json_t *labels) {
    if (json_array_size(p->shown) >= CHANGES_SHOWN) {
        json_decref(labels);
        return;
    }
    json_t *o = json_object();
    json_set_int(o, "row", r->row);
    json_set_str(o, "op", str_z(op));
    json_set_str(o, "op_name", strcmp(op, "add") == 0 ? S("新增") : S("修改"));
    json_set_str(o, "field", field_name_of(p->fields, r->field_id));
    json_set_str(o, "level1", c->level1);
    json_set_str(o, "level2", c->level2);
    json_object_set_new(o, "columns", labels);
    json_array_append_new(p->shown, o);
}

static size_t text_bytes(const struct item_columns *c) {
    size_t n = 200;
    for (size_t i = 0; i < item_column_count; i++)
        n += item_column[i].kind == COLUMN_TEXT ? column_text(c, &item_column[i]).n : 0;
    return n;
}

static void keep_change(struct import_plan *p, const struct table_row *r, const struct item_columns *c,
                        const struct item_row *row) {
    p->bytes += text_bytes(c) * (row ? 2 : 1);
    if (p->cut || p->bytes > PLAN_BYTES || json_array_size(p->changes) >= PROPOSAL_CHANGES) {
        p->cut = true;
        return;
    }
    json_t *o = json_object();
    json_set_str(o, "op", row ? S("change") : S("add"));
    if (row)
        json_set_int(o, "item_id", row->item.id);
    json_set_int(o, "field_id", r->field_id);
    json_object_set_new(o, "after", columns_json(c));
    json_t *extra = r->extra.n ? json_loadb(r->extra.p, r->extra.n, 0, NULL) : NULL;
    if (extra)
        json_object_set_new(o, "extra", extra);
    json_array_append_new(p->changes, o);
}

static void compare(struct import_plan *p, const struct table_row *r, struct item_columns *c) {
    const struct item_row *row = find(p, r, c), *first;
    json_t *diff, *d, *labels = json_array();
    size_t i;
    if (!row) {
        p->added++;
        show_change(p, r, "add", c, labels);
        keep_change(p, r, c, NULL);
        return;
    }
    state_rows(p->state, &first);
    p->matched[row - first] = true;
    struct item_columns now = item_row_columns(row);
    c->serial = now.serial;
    bool revived = row->item.valid_to != DAY_NONE;
    diff = columns_diff(NULL, &now, c);
    json_array_foreach(diff, i, d) json_array_append(labels, json_object_get(d, "label"));
    if (revived)
        json_array_append_new(labels, json_string("恢复执行"));
    json_decref(diff);
    if (json_array_size(labels) == 0) {
        p->unchanged++;
        json_decref(labels);
        return;
    }
    p->changed++;
    show_change(p, r, "change", c, labels);
    keep_change(p, r, c, row);
}

static int take(struct import_plan *p, const struct table_row *r) {
    struct item_columns c = r->columns;
    bool is_new, owners_good = false, good;
    p->read++;
    default_ticks(p, r, &c);
    if (!of_this_level(p, &c)) {
        p->skipped++;
        return 0;
    }
    if (!r->field_id && str_is(p->c->kind, "standard"))
        return say(p, r->row, "领域", true, S("看不出属于哪个领域：请加“领域”一列，或者在工作表名称、标题行写明领域"));
    good = check_columns(p, r, &c);
    if (c.owners_text.n && check_owners(p, r, &c, &owners_good) < 0)
        return -1;
    if (!good || !owners_good)
        return 0;
    int64_t *row = seen_at(&p->rows, name_key(r->field_id, c.level1, c.level2), &is_new);
    if (!is_new)
        return say(p, r->row, "二级事项", true, str_printf(p->w->arena, "与第 %lld 行的事项重复", (long long)*row));
    *row = r->row;
    if (!limit_understood(p, c.limit_text))
        say(p, r->row, "公开时限", false,
            str_printf(p->w->arena, "“%.*s”需人工确定时限规则", STR_ARG(utf8_head(c.limit_text, 60))));
    if (seen_has(&p->others, name_key(0, c.level1, c.level2)))
        say(p, r->row, "二级事项", false, S("本单位的另一张目录已有同名事项，请核对是否重复"));
    compare(p, r, &c);
    return 0;
}

/* The row's own arena stands in for the work's, so that 200,000 rows need the memory of one. */
static int on_row(void *ctx, const struct table_row *r) {
    struct import_plan *p = ctx;
    struct arena *saved = p->w->arena;
    p->w->arena = arena_new(16 * 1024 * 1024);
    int rc = take(p, r);
    bool failed = rc < 0;
    struct error error = p->w->error;
    if (failed && error.field_count == 0)
        error_clear(p->w);
    arena_free(p->w->arena);
    p->w->arena = saved;
    return failed ? fail(p->w, error.code ? error.code : ERR_INTERNAL, "%s", error.text) : 0;
}

/* ── the whole file ── */

static int note_others(struct import_plan *p) {
    struct db_rows r;
    bool is_new;
    if (db_query(p->w, &sql_items_of_other_catalogues, &r, DB_INT(p->c->unit_id), DB_INT(p->c->id),
                 DB_TEXT(day_str(p->w->arena, work_today(p->w)))) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        seen_at(&p->others, name_key(0, db_s(&r, i, 0), db_s(&r, i, 1)), &is_new);
    return 0;
}

struct import_plan *plan_new(struct work *w, const struct catalogue *c) {
    struct import_plan *p = calloc(1, sizeof *p);
    const struct item_row *rows;
    if (!p)
        abort();
    p->w = w;
    p->arena = w->arena;
    p->c = c;
    p->changes = json_array();
    p->shown = json_array();
    p->problems = json_array();
    p->notes = json_array();
    p->owners = owner_names_new(w);
    if (catalogue_state_open(w, c, &p->state) < 0 || field_names_open(w, &p->fields) < 0 || note_others(p) < 0) {
        plan_free(p);
        return NULL;
    }
    p->matched = arena_many(w->arena, bool, state_rows(p->state, &rows) + 1);
    return p;
}

void plan_free(struct import_plan *p) {
    json_decref(p->changes);
    json_decref(p->shown);
    json_decref(p->problems);
    json_decref(p->notes);
    free(p->rows.v);
    free(p->others.v);
    free(p->limits_bad.v);
    free(p->limits_good.v);
    free(p);
}

int plan_read(struct import_plan *p, const char *path, struct str file_name) {
    struct table_reader *r =
        table_reader_new(p->w, p->fields, (struct table_reader_hooks){p, on_row, add_problem, add_note});
    struct table_sink sink = table_reader_sink(r);
    int rc = table_read(p->w, path, file_name, &sink);
    rc = rc == 0 ? table_reader_end(r) : rc;
    table_reader_free(r);
    if (rc == 0 && p->read == 0 && p->errors == 0)
        return table_fail(p->w, "表头下面没有事项，请检查是否选错了文件");
    return rc;
}

/* Items in force that the file does not have. Only of fields the file speaks of: a file of one field ends nothing else.
 */
static json_t *missing(struct import_plan *p) {
    const struct item_row *rows;
    size_t n = state_rows(p->state, &rows);
    bool spoken[100] = {false};
    json_t *list = json_array(), *change;
    size_t i;
    for (i = 0; i < n; i++)
        if (p->matched[i])
            spoken[rows[i].item.field_id % 100] = true;
    json_array_foreach(p->changes, i, change) spoken[json_integer_value(json_object_get(change, "field_id")) % 100] =
        true;
    for (i = 0; i < n; i++) {
        const struct item *it = &rows[i].item;
        if (p->matched[i] || it->valid_to != DAY_NONE || !spoken[it->field_id % 100])
            continue;
        json_t *o = json_object();
        json_set_int(o, "item_id", it->id);
        json_set_str(o, "code", it->code);
        json_set_str(o, "level1", it->level1);
        json_set_str(o, "level2", it->level2);
        json_array_append_new(list, o);
    }
    return list;
}

json_t *plan_json(struct import_plan *p) {
    json_t *o = json_object();
    json_object_set_new(o, "changes", p->cut ? json_array() : json_incref(p->changes));
    json_object_set_new(o, "ended", missing(p));
    return o;
}

static const char *why_not(const struct import_plan *p, size_t ended) {
    if (p->errors)
        return "有读不懂的行，请在表格中改好后重新导入：目录整张生效，不只取一部分";
    if (p->cut)
        return "变动太多，一件调整容纳不下，请按领域分开导入";
    return p->added + p->changed + ended ? "" : "表格与现行目录一致，没有变动";
}

json_t *plan_report(struct import_plan *p, struct str file_name) {
    json_t *o = json_object(), *ended = missing(p);
    size_t n = json_array_size(ended);
    const char *why = why_not(p, n);
    json_set_str(o, "file_name", file_name);
    json_set_int(o, "rows", (int64_t)p->read);
    json_set_int(o, "added", (int64_t)p->added);
    json_set_int(o, "changed", (int64_t)p->changed);
    json_set_int(o, "unchanged", (int64_t)p->unchanged);
    json_set_int(o, "ended", (int64_t)n);
    json_set_int(o, "skipped", (int64_t)p->skipped);
    json_set_int(o, "errors", (int64_t)p->errors);
    json_set_int(o, "remarks", (int64_t)p->remarks);
    while (json_array_size(ended) > CHANGES_SHOWN)
        json_array_remove(ended, json_array_size(ended) - 1);
    json_object_set_new(o, "ended_items", ended);
    json_object_set(o, "changes", p->shown);
    json_object_set(o, "problems", p->problems);
    json_object_set(o, "notes", p->notes);
    json_set_bool(o, "changes_cut", p->added + p->changed > CHANGES_SHOWN);
    json_set_bool(o, "problems_cut", p->errors + p->remarks > PROBLEMS_SHOWN);
    json_set_bool(o, "has_changes", p->added + p->changed > 0);
    json_set_bool(o, "has_problems", p->errors + p->remarks > 0);
    json_set_bool(o, "has_ended", n > 0);
    json_set_bool(o, "has_notes", p->note_count > 0);
    json_set_bool(o, "applicable", !why[0]);
    json_set_str(o, "why_not", str_z(why));
    return o;
}
