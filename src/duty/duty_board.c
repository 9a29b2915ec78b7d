/* duty_board.c: units × fields: how many are required, published, on time (全市看板). Every cell opens its duties. */
#include "duty/duty_internal.h"

struct cell {
    int64_t required, met, late, overdue;
};
#define BOARD_FIELDS 27 /* 1 … 26, and 0: items without a field */
struct line {
    int64_t unit_id;
    struct str code, name;
    struct cell cells[BOARD_FIELDS], total;
};
struct board {
    struct line *lines;
    size_t n;
    struct cell columns[BOARD_FIELDS], total;
};

static struct line *line_of(struct board *b, int64_t unit_id) {
    for (size_t i = 0; i < b->n; i++)
        if (b->lines[i].unit_id == unit_id)
            return &b->lines[i];
    return NULL;
}

static void add(struct cell *c, const struct cell *x) {
    c->required += x->required;
    c->met += x->met;
    c->late += x->late;
    c->overdue += x->overdue;
}

static void put(struct board *b, int64_t unit_id, int64_t field_id, struct cell x) {
    struct line *l = line_of(b, unit_id);
    if (!l || field_id < 0 || field_id >= BOARD_FIELDS)
        return;
    add(&l->cells[field_id], &x);
    add(&l->total, &x);
    add(&b->columns[field_id], &x);
    add(&b->total, &x);
}

static int read_board(struct work *w, struct board *b) {
    struct db_rows units, counts, late;
    if (db_query(w, &sql_duty_board_units, &units) < 0 || db_query(w, &sql_duty_count_all, &counts) < 0 ||
        db_query(w, &sql_duty_overdue_cells, &late, DB_INT(w->now)) < 0)
        return -1;
    b->lines = arena_many(w->arena, struct line, units.n + 1);
    b->n = units.n;
    for (size_t i = 0; i < units.n; i++) {
        b->lines[i].unit_id = db_i(&units, i, 0);
        b->lines[i].code = db_s(&units, i, 1);
        b->lines[i].name = db_s(&units, i, 2);
    }
    for (size_t i = 0; i < counts.n; i++)
        put(b, db_i(&counts, i, 0), db_i(&counts, i, 1),
            (struct cell){db_i(&counts, i, 2), db_i(&counts, i, 3), db_i(&counts, i, 4), 0});
    for (size_t i = 0; i < late.n; i++)
        put(b, db_i(&late, i, 0), db_i(&late, i, 1), (struct cell){.overdue = db_i(&late, i, 2)});
    return 0;
}

/* Shades by the share on time of what has come due: 优秀, 良好, 合格, 不合格 (rules.md §12); grey: nothing due yet. */
static const char *tone_of(const struct cell *c) {
    int64_t decided = c->met + c->late + c->overdue;
    if (decided == 0)
        return "grey";
    int64_t percent = c->met * 100 / decided;
    return percent >= 90 ? "green" : percent >= 80 ? "yellow" : percent >= 60 ? "orange" : "red";
}

static json_t *cell_json(struct work *w, const struct cell *c, struct str unit, int64_t field) {
    json_t *o = json_object();
    int64_t decided = c->met + c->late + c->overdue;
    json_set_int(o, "required", c->required);
    json_set_int(o, "done", c->met + c->late);
    json_set_int(o, "on_time", c->met);
    json_set_int(o, "overdue", c->overdue);
    json_set_bool(o, "any", c->required > 0);
    json_set_str(o, "tone", str_z(tone_of(c)));
    json_set_str(o, "rate", decided ? str_printf(w->arena, "%lld%%", (long long)(c->met * 100 / decided)) : S("—"));
    struct str field_part = field >= 1 ? str_printf(w->arena, "&field=%02lld", (long long)field) : S("");
    struct str unit_part = unit.n ? str_printf(w->arena, "&unit=%.*s", STR_ARG(unit)) : S("");
    json_set_str(o, "href",
                 str_printf(w->arena, "/desk/duties?state=%s%.*s%.*s", c->overdue ? "overdue" : "all",
                            STR_ARG(unit_part), STR_ARG(field_part)));
    return o;
}

static json_t *line_json(struct work *w, const struct line *l, const json_t *fields) {
    json_t *o = json_object(), *cells = json_array();
    const json_t *f;
    size_t i;
    json_set_str(o, "code", l->code);
    json_set_str(o, "name", l->name);
    json_array_foreach(fields, i, f) {
        int64_t id = json_integer_value(json_object_get(f, "id"));
        if (id >= 0 && id < BOARD_FIELDS)
            json_array_append_new(cells, cell_json(w, &l->cells[id], l->code, id));
    }
    json_object_set_new(o, "cells", cells);
    json_object_set_new(o, "total", cell_json(w, &l->total, l->code, 0));
    return o;
}

static json_t *columns_json(struct work *w, const struct board *b, const json_t *fields) {
    json_t *list = json_array();
    const json_t *f;
    size_t i;
    json_array_foreach(fields, i, f) {
        int64_t id = json_integer_value(json_object_get(f, "id"));
        if (id < 0 || id >= BOARD_FIELDS)
            continue;
        json_t *o = cell_json(w, &b->columns[id], S(""), id);
        json_object_set(o, "code", json_object_get(f, "code"));
        json_object_set(o, "name", json_object_get(f, "name"));
        json_array_append_new(list, o);
    }
    return list;
}

int board_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct board *b = arena_one(w->arena, struct board);
    json_t *fields = field_list(w), *totals = duty_totals(w, 0, 0);
    if (!fields || !totals || read_board(w, b) < 0) {
        json_decref(fields);
        json_decref(totals);
        return -1;
    }
    json_t *model = json_object(), *lines = json_array();
    for (size_t i = 0; i < b->n; i++)
        if (b->lines[i].total.required > 0 || b->lines[i].total.overdue > 0)
            json_array_append_new(lines, line_json(w, &b->lines[i], fields));
    json_object_set_new(model, "units", lines);
    json_object_set_new(model, "fields", columns_json(w, b, fields));
    json_object_set_new(model, "total", cell_json(w, &b->total, S(""), 0));
    json_object_set_new(model, "totals", totals);
    json_decref(fields);
    return view_page(out, "duty/board", model);
}
