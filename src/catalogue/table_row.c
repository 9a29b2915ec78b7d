/* table_row.c: rows of the standard table out of a file's cells: finds the heading on each sheet, carries down merged
 * cells, 同上 and the field, reads ticks and boxes, and says of each row what could not be read. */
#include "catalogue/table_internal.h"

#define HEADING_WITHIN 60 /* rows from the top of a sheet */

enum reader_state { SEEKING = 1, MAYBE_TWO, READING };

struct kept_row {
    struct row_buffer cells;
    bool merged[TABLE_COLUMNS];
    int64_t row;
    bool any;
};
struct table_reader {
    struct work *w;
    struct arena *map_arena; /* headings of the sheet being read */
    const struct field_names *fields;
    struct table_reader_hooks hooks;
    enum reader_state state;
    struct table_map map;
    struct kept_row last; /* while seeking: the row above */
    struct str sheet;
    char sheet_name[200];
    int64_t rows_of_sheet, field_id;
    size_t headings;
    struct buf before[COL__N]; /* the values of the row above, for blanks and 同上 */
    bool told_boxes;
};

struct table_reader *table_reader_new(struct work *w, const struct field_names *fields,
                                      struct table_reader_hooks hooks) {
    struct table_reader *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->w = w;
    r->fields = fields;
    r->hooks = hooks;
    r->state = SEEKING;
    r->map_arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < COL__N; i++)
        buf_init(&r->before[i], TABLE_CELL_BYTES * 2);
    return r;
}

void table_reader_free(struct table_reader *r) {
    if (!r)
        return;
    for (size_t i = 0; i < COL__N; i++)
        buf_release(&r->before[i]);
    row_free(&r->last.cells);
    arena_free(r->map_arena);
    free(r);
}

static int note(struct table_reader *r, int64_t row, struct str text) {
    return r->hooks.note && text.n ? r->hooks.note(r->hooks.ctx, r->sheet, row, text) : 0;
}

static int problem(struct table_reader *r, int64_t row, const char *column, bool fatal, struct str text) {
    struct table_problem p = {row, column, text, fatal};
    return r->hooks.problem ? r->hooks.problem(r->hooks.ctx, &p) : 0;
}

/* ── cells ── */

/* Control characters have no place in a table, and none in XML either. */
static struct str printable(struct arena *a, struct str s) {
    size_t n = 0, bad = 0;
    for (size_t i = 0; i < s.n; i++)
        bad += (unsigned char)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\r' && s.p[i] != '\t';
    if (!bad)
        return s;
    char *out = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x20 || s.p[i] == '\n' || s.p[i] == '\t')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

/* Line ends as \n, no blanks around lines, no empty lines. */
static struct str clean(struct arena *a, struct str s) {
    struct buf b;
    s = printable(a, s);
    struct str line = STR_NONE, rest = s;
    if (str_find(s, S("\n")) < 0 && str_find(s, S("\r")) < 0)
        return str_dup(a, str_trim(s));
    buf_init(&b, TABLE_CELL_BYTES * 2);
    for (bool more = true; more;) {
        more = str_cut(rest, '\n', &line, &rest);
        line = more ? line : rest;
        while (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        line = str_trim(line);
        if (line.n && b.n)
            buf_addc(&b, '\n');
        buf_add(&b, line);
    }
    struct str out = str_dup(a, buf_str(&b));
    buf_release(&b);
    return out;
}

static struct str one_line(struct arena *a, struct str s) {
    return str_replace(a, s, S("\n"), S(""));
}

/* '=1+2 is how our CSV keeps a formula a text. */
static struct str unquoted(struct str s) {
    return s.n > 1 && s.p[0] == '\'' && strchr("=+-@", s.p[1]) ? str_sub(s, 1, s.n) : s;
}

static bool same_as_above(struct str s) {
    static const char *const words[] = {"同上", "同前", "〃", "″", "\"", "同上。", "（同上）", "(同上)", "同 上"};
    for (size_t i = 0; i < countof(words); i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

/* √（项目单位） is 项目单位; a tick alone does not say who. */
static struct str group_text(struct arena *a, struct str cell) {
    struct str s = one_line(a, str_trim(cell));
    if (!s.n || str_is(s, "否") || str_is(s, "/") || str_is(s, "-") || str_is(s, "无") || str_is(s, "□"))
        return STR_NONE;
    if (cell_ticked(s)) {
        struct str rest = s;
        utf8_next(&rest);
        s = utf8_length(s) <= 1 || cell_ticked(rest) ? STR_NONE : str_trim(rest);
        if (!s.n)
            return S("特定群体");
    }
    bool wide = str_starts(s, S("（")) && str_ends(s, S("）")), plain = s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')';
    return str_trim(wide ? str_sub(s, 3, s.n - 6) : plain ? str_sub(s, 1, s.n - 2) : s);
}

/* ── a data row ── */

struct values {
    struct str v[COL__N];
    json_t *extra;
    size_t filled;   /* cells with something in them, not counting merges */
    struct str only; /* one of them */
};

static void gather(struct table_reader *r, struct arena *a, const struct table_cells *cells, struct values *ret) {
    *ret = (struct values){0};
    for (size_t i = 0; i < cells->n && i < TABLE_COLUMNS; i++) {
        struct str s = unquoted(clean(a, cells->v[i]));
        if (!s.n)
            continue;
        if (!cells->merged || !cells->merged[i]) {
            ret->filled++;
            ret->only = s;
        }
        enum table_column c = i < r->map.n ? r->map.of[i] : COL_NONE;
        if (c == COL_EXTRA && r->map.heading[i].n) {
            if (!ret->extra)
                ret->extra = json_object();
            json_object_set_new(ret->extra, r->map.heading[i].p, json_stringn(s.p, s.n));
        } else if (c != COL_NONE && !ret->v[c].n) {
            ret->v[c] = s;
        }
    }
}

static void carry_down(struct table_reader *r, struct arena *a, struct values *x) {
    static const uint8_t inherited[] = {COL_FIELD, COL_LEVEL1};
    for (size_t i = 0; i < countof(inherited); i++)
        if (!x->v[inherited[i]].n)
            x->v[inherited[i]] = str_dup(a, buf_str(&r->before[inherited[i]]));
    for (size_t c = COL_FIELD; c <= COL_TOWN; c++)
        if (same_as_above(x->v[c]))
            x->v[c] = str_dup(a, buf_str(&r->before[c]));
    for (size_t c = 1; c < COL__N; c++) {
        buf_clear(&r->before[c]);
        buf_add(&r->before[c], x->v[c]);
    }
}

static bool says(struct str cell, const char *word) {
    return str_find(cell, str_z(word)) >= 0;
}

/* 公开对象, 公开方式, 公开层级 in one column each: words, with or without boxes. */
static void combined(struct arena *a, const struct values *x, struct item_columns *c) {
    struct str audience = one_line(a, cell_channels(a, x->v[COL_AUDIENCE])), mode = cell_channels(a, x->v[COL_MODE]),
               level = cell_channels(a, x->v[COL_LEVEL]);
    if (audience.n) {
        c->audience_all |= says(audience, "社会") || says(audience, "公众");
        if (!c->audience_all && !c->audience_group.n)
            c->audience_group = group_text(a, audience);
    }
    c->mode_active |= says(mode, "主动");
    c->mode_request |= says(mode, "申请");
    c->level_city |= says(level, "县") || says(level, "市") || says(level, "区级");
    c->level_town |= says(level, "乡") || says(level, "镇") || says(level, "街道");
}

static void columns_of(struct arena *a, const struct values *x, struct item_columns *c) {
    *c = (struct item_columns){
        .level1 = one_line(a, x->v[COL_LEVEL1]),
        .level2 = one_line(a, x->v[COL_LEVEL2]),
        .elements = x->v[COL_ELEMENTS],
        .basis = x->v[COL_BASIS],
        .limit_text = one_line(a, x->v[COL_LIMIT]),
        .owners_text = str_replace(a, x->v[COL_OWNERS], S("\n"), S("、")),
        .channels = cell_channels(a, x->v[COL_CHANNELS]),
        .audience_group = group_text(a, x->v[COL_GROUP]),
        .audience_all = cell_ticked(x->v[COL_ALL]),
        .mode_active = cell_ticked(x->v[COL_ACTIVE]),
        .mode_request = cell_ticked(x->v[COL_REQUEST]),
        .level_city = cell_ticked(x->v[COL_CITY]),
        .level_town = cell_ticked(x->v[COL_TOWN]),
    };
    c->owners_text = str_replace(a, c->owners_text, S("、、"), S("、"));
    combined(a, x, c);
    if (!c->level2.n && !x->v[COL_LEVEL2].n)
        c->level2 = STR_NONE;
    struct str serial = x->v[COL_SERIAL];
    if (str_ends(serial, S(".0")))
        serial.n -= 2;
    if (str_int(serial, &c->serial) < 0 || c->serial < 0 || c->serial > 1000000)
        c->serial = 0;
}

static int give(struct table_reader *r, struct arena *a, int64_t number, struct values *x) {
    struct table_row out = {.row = number, .code = x->v[COL_CODE]};
    columns_of(a, x, &out.columns);
    memcpy(out.has, r->map.found, sizeof out.has);
    out.field_id = r->field_id;
    if (x->v[COL_FIELD].n) {
        out.field_id = field_by_name(r->fields, x->v[COL_FIELD]);
        if (!out.field_id)
            return problem(r, number, "领域", true,
                           str_printf(a, "没有“%.*s”这个领域，请写附件2中的领域名称", STR_ARG(x->v[COL_FIELD])));
    }
    if (!r->map.found[COL_LEVEL1] && !out.columns.level1.n)
        out.columns.level1 = out.columns.level2;
    if (x->extra) {
        char *text = json_dumps(x->extra, JSON_COMPACT | JSON_SORT_KEYS);
        out.extra = str_printf(a, "{\"columns\":%s}", text ? text : "{}");
        free(text);
    }
    return r->hooks.row(r->hooks.ctx, &out);
}

/* A line that is no row: a field's name over its rows, or a note below the table. */
static bool is_note(const struct values *x) {
    return x->filled <= 1 ||
           (!x->v[COL_LEVEL2].n && !x->v[COL_ELEMENTS].n && !x->v[COL_LIMIT].n && !x->v[COL_OWNERS].n);
}

static int data_row(struct table_reader *r, const struct table_cells *cells) {
    struct arena *a = arena_new(16 * 1024 * 1024);
    struct values x;
    int rc = 0;
    gather(r, a, cells, &x);
    if (x.filled && is_note(&x)) {
        int64_t field = utf8_length(x.only) <= 40 ? field_in_text(r->fields, x.only) : 0;
        if (field) {
            r->field_id = field;
            buf_clear(&r->before[COL_FIELD]);
        }
        rc = note(r, cells->row, x.only);
    } else if (x.filled) {
        carry_down(r, a, &x);
        rc = give(r, a, cells->row, &x);
    }
    json_decref(x.extra);
    arena_free(a);
    return rc;
}

/* ── headings ── */

static void keep(struct kept_row *k, const struct table_cells *cells) {
    row_clear(&k->cells);
    for (size_t i = 0; i < cells->n && i < TABLE_COLUMNS; i++) {
        row_set(&k->cells, i, cells->v[i].p, cells->v[i].n);
        k->merged[i] = cells->merged && cells->merged[i];
    }
    k->row = cells->row;
    k->any = true;
}

static struct table_cells kept_cells(struct kept_row *k) {
    return (struct table_cells){k->row, k->cells.columns, row_views(&k->cells), k->merged};
}

static int heading_found(struct table_reader *r, int64_t row, enum reader_state next) {
    const char *missing = next == READING ? table_missing(&r->map) : NULL;
    r->headings += r->state == SEEKING;
    r->state = next;
    return missing ? problem(r, row, missing, true, str_printf(r->w->arena, "表头中没有“%s”一列，请核对表头", missing))
                   : 0;
}

static struct str first_text(const struct table_cells *cells) {
    for (size_t i = 0; i < cells->n; i++)
        if (str_trim(cells->v[i]).n)
            return str_trim(cells->v[i]);
    return STR_NONE;
}

/* Before the heading: titles, of which one may name the field. */
static int seek(struct table_reader *r, const struct table_cells *cells) {
    struct table_cells above = kept_cells(&r->last);
    if (r->last.any && table_heading(r->map_arena, &above, cells, &r->map))
        return heading_found(r, cells->row, READING);
    if (table_heading(r->map_arena, NULL, cells, &r->map)) {
        keep(&r->last, cells);
        return heading_found(r, cells->row, MAYBE_TWO);
    }
    keep(&r->last, cells);
    struct str title = first_text(cells);
    int64_t field = field_in_text(r->fields, title);
    if (field)
        r->field_id = field;
    return note(r, cells->row, title);
}

/* A heading repeated on each printed page. */
static bool heading_again(struct table_reader *r, const struct table_cells *cells) {
    struct table_map m;
    if (heading_column(cells->n ? cells->v[0] : STR_NONE) == COL_NONE &&
        heading_column(cells->n > 1 ? cells->v[1] : STR_NONE) == COL_NONE)
        return false;
    if (!table_heading(r->map_arena, NULL, cells, &m))
        return false;
    r->map = m;
    keep(&r->last, cells);
    return true;
}

static int on_row(void *ctx, const struct table_cells *cells) {
    struct table_reader *r = ctx;
    struct table_map two;
    if (!first_text(cells).n)
        return 0;
    r->rows_of_sheet++;
    if (r->state == SEEKING)
        return r->rows_of_sheet > HEADING_WITHIN ? 0 : seek(r, cells);
    if (r->state == MAYBE_TWO) {
        struct table_cells above = kept_cells(&r->last);
        if (table_heading(r->map_arena, &above, cells, &two)) {
            r->map = two;
            return heading_found(r, cells->row, READING);
        }
        if (heading_found(r, above.row, READING) != 0)
            return -1;
    }
    if (heading_again(r, cells)) {
        r->state = MAYBE_TWO;
        return 0;
    }
    return table_missing(&r->map) ? 0 : data_row(r, cells);
}

static int on_sheet(void *ctx, struct str name) {
    struct table_reader *r = ctx;
    snprintf(r->sheet_name, sizeof r->sheet_name, "%.*s", STR_ARG(utf8_head(name, 60)));
    r->sheet = str_z(r->sheet_name);
    r->state = SEEKING;
    r->rows_of_sheet = 0;
    r->field_id = field_in_text(r->fields, r->sheet);
    r->last.any = false;
    for (size_t i = 0; i < COL__N; i++)
        buf_clear(&r->before[i]);
    return 0;
}

static int on_remark(void *ctx, int64_t row, const char *text) {
    return problem(ctx, row, "", false, str_z(text));
}

struct table_sink table_reader_sink(struct table_reader *r) {
    return (struct table_sink){r, on_sheet, on_row, on_remark};
}

int table_reader_end(struct table_reader *r) {
    if (!r->headings)
        return table_fail(r->w,
                          "没有找到目录表头：表头应有一级事项、二级事项、公开内容、公开依据、公开时限、公开主体等列");
    return 0;
}
