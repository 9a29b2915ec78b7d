/* import_xlsx.c: rows of every visible sheet of an XLSX workbook, streamed. Each sheet is read twice: first for its
 * merged cells, which stand at its end, then for its rows; so memory holds the shared strings and one row. */
#include "catalogue/xlsx_internal.h"

#include <math.h>

struct merge {
    int64_t top, bottom;
    size_t column;
};
struct active {
    int64_t bottom; /* 0: none */
    struct buf value;
};
struct sheet_walk {
    struct xlsx *x;
    const struct table_sink *sink;
    struct arena *scratch; /* attribute texts of one row */
    struct merge *merges;
    size_t merge_count, merge_cap, merge_next;
    struct active active[TABLE_COLUMNS];
    bool merged[TABLE_COLUMNS];
    struct row_buffer row;
    int64_t number, rows;
    /* the cell being read */
    size_t column;
    char kind; /* s shared, i inline, t text, b boolean, e error, n number */
    bool date, formula, in_value, in_text, in_phonetic;
    struct buf text;
    bool row_formula, row_error;
};

/* "AB12" → column 27 and row 12. */
static bool cell_name(struct str s, size_t *ret_column, int64_t *ret_row) {
    size_t i = 0, column = 0;
    for (; i < s.n && i < 3 && s.p[i] >= 'A' && s.p[i] <= 'Z'; i++)
        column = column * 26 + (size_t)(s.p[i] - 'A' + 1);
    if (!i || str_int(str_sub(s, i, s.n), ret_row) < 0 || *ret_row < 1)
        return false;
    *ret_column = column - 1;
    return true;
}

/* ── merged cells ── */

static int merge_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct sheet_walk *s = ctx;
    struct str from, to;
    struct merge m;
    size_t right;
    if (type != XML_READER_TYPE_ELEMENT || strcmp(name, "mergeCell") != 0)
        return 0;
    struct str ref = xml_attribute(s->scratch, r, "ref");
    if (!str_cut(ref, ':', &from, &to) || !cell_name(from, &m.column, &m.top) || !cell_name(to, &right, &m.bottom))
        return 0;
    if (m.bottom <= m.top || m.column >= TABLE_COLUMNS || s->merge_count == XLSX_MERGES)
        return 0;
    if (s->merge_count == s->merge_cap) {
        s->merge_cap = s->merge_cap ? s->merge_cap * 2 : 256;
        s->merges = realloc(s->merges, s->merge_cap * sizeof *s->merges);
        if (!s->merges)
            abort();
    }
    s->merges[s->merge_count++] = m;
    return 0;
}

static int by_top(const void *x, const void *y) {
    const struct merge *a = x, *b = y;
    return a->top < b->top ? -1 : a->top > b->top;
}

/* Begins the merges whose top is this row, then fills what merges from above cover. */
static void apply_merges(struct sheet_walk *s) {
    memset(s->merged, 0, sizeof s->merged);
    for (size_t c = 0; c < TABLE_COLUMNS; c++) {
        struct active *a = &s->active[c];
        if (!a->bottom || s->number > a->bottom) {
            a->bottom = 0;
            continue;
        }
        if (c < s->row.columns && s->row.has[c] && s->row.length[c])
            continue; /* something stands there all the same */
        row_set(&s->row, c, a->value.p ? a->value.p : "", a->value.n);
        s->merged[c] = true;
    }
    while (s->merge_next < s->merge_count && s->merges[s->merge_next].top < s->number)
        s->merge_next++;
    const struct str *views = row_views(&s->row);
    for (; s->merge_next < s->merge_count && s->merges[s->merge_next].top == s->number; s->merge_next++) {
        const struct merge *m = &s->merges[s->merge_next];
        struct active *a = &s->active[m->column];
        a->bottom = m->bottom;
        buf_clear(&a->value);
        if (m->column < s->row.columns)
            buf_add(&a->value, views[m->column]);
    }
}

/* ── cells ── */

/* A serial day of 1900 (with its false 29 February) or 1904, with the time when there is one. */
static struct str date_text(struct sheet_walk *s, struct str number) {
    char *end, copy[64];
    snprintf(copy, sizeof copy, "%.*s", STR_ARG(number));
    double v = strtod(copy, &end);
    if (end == copy || *end || !isfinite(v) || v < 1 || v > 2958465)
        return number;
    int minutes = (int)((v - floor(v)) * 1440 + 0.5);
    day_t base = s->x->date1904 ? day_from(1904, 1, 1) : v < 60 ? day_from(1899, 12, 31) : day_from(1899, 12, 30);
    struct str day = day_str(s->scratch, base + (day_t)floor(v));
    return minutes > 0 && minutes < 1440
               ? str_printf(s->scratch, "%.*s %02d:%02d", STR_ARG(day), minutes / 60, minutes % 60)
               : day;
}

/* Excel writes line ends and the like of older files as _x000D_. */
static struct str unescaped(struct arena *a, struct str s) {
    if (str_find(s, S("_x000")) < 0)
        return s;
    s = str_replace(a, s, S("_x000D_"), S(""));
    s = str_replace(a, s, S("_x000A_"), S("\n"));
    return str_replace(a, s, S("_x0009_"), S(" "));
}

static struct str cell_text(struct sheet_walk *s) {
    struct str raw = buf_str(&s->text);
    int64_t index;
    if (s->kind == 's')
        return str_int(str_trim(raw), &index) == 0 && index >= 0 && (size_t)index < s->x->string_count
                   ? s->x->strings[index]
                   : STR_NONE;
    if (s->kind == 'b')
        return str_is(raw, "1") ? S("1") : S("");
    if (s->kind == 'e')
        return STR_NONE;
    return s->kind == 'n' && s->date ? date_text(s, str_trim(raw)) : raw;
}

static void cell_begin(struct sheet_walk *s, xmlTextReader *r) {
    int64_t row, style;
    size_t column;
    struct str kind = xml_attribute(s->scratch, r, "t");
    if (cell_name(xml_attribute(s->scratch, r, "r"), &column, &row))
        s->column = column;
    s->kind = str_is(kind, "s")                          ? 's'
              : str_is(kind, "inlineStr")                ? 'i'
              : str_is(kind, "str") || str_is(kind, "d") ? 't'
              : str_is(kind, "b")                        ? 'b'
              : str_is(kind, "e")                        ? 'e'
                                                         : 'n';
    s->date = str_int(xml_attribute(s->scratch, r, "s"), &style) == 0 && style >= 0 &&
              (size_t)style < s->x->style_count && s->x->date_style[style];
    s->formula = s->in_value = s->in_text = s->in_phonetic = false;
    buf_clear(&s->text);
}

static void cell_end(struct sheet_walk *s) {
    struct str text = unescaped(s->scratch, cell_text(s));
    s->row_error |= s->kind == 'e';
    s->row_formula |= s->formula;
    if (text.n)
        row_set(&s->row, s->column, text.p, text.n);
    s->column++;
}

static int row_begin(struct sheet_walk *s, xmlTextReader *r) {
    int64_t number;
    arena_free(s->scratch);
    s->scratch = arena_new(4 * 1024 * 1024);
    bool given = str_int(xml_attribute(s->scratch, r, "r"), &number) == 0;
    s->number = given && number > s->number && number <= 1048576 ? number : s->number + 1;
    s->column = 0;
    s->row_formula = s->row_error = false;
    row_clear(&s->row);
    return 0;
}

static int row_end(struct sheet_walk *s) {
    struct work *w = s->x->w;
    int rc = 0;
    if (s->row.overflow)
        return table_fail(w, "第 %lld 行有一个单元格内容过长", (long long)s->number);
    if (s->row.columns && ++s->rows > LIMIT_IMPORT_ROWS)
        return table_fail(w, "表格超过 %d 行，请按领域分开导入", LIMIT_IMPORT_ROWS);
    bool own = s->row.columns > 0;
    apply_merges(s);
    if (s->row_formula && s->sink->remark)
        rc = s->sink->remark(s->sink->ctx, s->number, "本行有公式，按表中保存的计算结果读取");
    if (rc == 0 && s->row_error && s->sink->remark)
        rc = s->sink->remark(s->sink->ctx, s->number, "本行有出错的公式单元格（如 #REF!），按空白读取");
    struct table_cells cells = {s->number, s->row.columns, row_views(&s->row), s->merged};
    return rc == 0 && own ? s->sink->row(s->sink->ctx, &cells) : rc;
}

static int text_node(struct sheet_walk *s, xmlTextReader *r) {
    if ((!s->in_value && !s->in_text) || s->in_phonetic)
        return 0;
    buf_addz(&s->text, (const char *)xmlTextReaderConstValue(r));
    return s->text.failed ? table_fail(s->x->w, "第 %lld 行有一个单元格内容过长", (long long)s->number) : 0;
}

static int sheet_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct sheet_walk *s = ctx;
    bool start = type == XML_READER_TYPE_ELEMENT, end = type == XML_READER_TYPE_END_ELEMENT;
    bool empty = start && xmlTextReaderIsEmptyElement(r) == 1;
    if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
        type == XML_READER_TYPE_WHITESPACE)
        return text_node(s, r);
    if (!start && !end)
        return 0;
    if (strcmp(name, "row") == 0) {
        int rc = start ? row_begin(s, r) : 0;
        return rc == 0 && (end || empty) ? row_end(s) : rc;
    }
    if (strcmp(name, "c") == 0) {
        if (start)
            cell_begin(s, r);
        if (end || empty)
            cell_end(s);
    } else if (strcmp(name, "v") == 0) {
        s->in_value = start && !empty && s->kind != 'i';
    } else if (strcmp(name, "t") == 0) {
        s->in_text = start && !empty;
    } else if (strcmp(name, "rPh") == 0) {
        s->in_phonetic = start && !empty;
    } else if (strcmp(name, "f") == 0 && start) {
        s->formula = true;
    }
    return 0;
}

static int read_sheet(struct xlsx *x, const struct xlsx_sheet *sheet, const struct table_sink *sink) {
    struct sheet_walk *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->x = x;
    s->sink = sink;
    s->scratch = arena_new(16 * 1024 * 1024);
    buf_init(&s->text, TABLE_CELL_BYTES);
    for (size_t i = 0; i < TABLE_COLUMNS; i++)
        buf_init(&s->active[i].value, TABLE_CELL_BYTES);
    int rc = xlsx_part(x, sheet->part, false, false, merge_node, s);
    if (s->merge_count)
        qsort(s->merges, s->merge_count, sizeof *s->merges, by_top);
    if (rc == 0)
        rc = sink->sheet ? sink->sheet(sink->ctx, sheet->name) : 0;
    if (rc == 0)
        rc = xlsx_part(x, sheet->part, false, true, sheet_node, s);
    for (size_t i = 0; i < TABLE_COLUMNS; i++)
        buf_release(&s->active[i].value);
    buf_release(&s->text);
    row_free(&s->row);
    free(s->merges);
    arena_free(s->scratch);
    free(s);
    return rc;
}

int xlsx_read(struct work *w, const char *path, const struct table_sink *sink) {
    struct xlsx *x = calloc(1, sizeof *x);
    if (!x)
        abort();
    x->w = w;
    x->path = path;
    x->arena = arena_new(2 * XLSX_STRING_BYTES);
    int rc = xlsx_open(x);
    if (rc == 0 && x->sheet_count == 0)
        rc = table_fail(w, "工作簿中没有工作表");
    for (size_t i = 0; rc == 0 && i < x->sheet_count; i++)
        if (!x->sheets[i].hidden && x->sheets[i].part.n)
            rc = read_sheet(x, &x->sheets[i], sink);
    free(x->strings);
    free(x->date_style);
    arena_free(x->arena);
    free(x);
    return rc;
}
