/* xlsx_parts.c: what a sheet refers to: the workbook's list of sheets, shared strings, and which styles show dates. */
#include "catalogue/xlsx_internal.h"

/* ── workbook and its relations ── */

static int workbook_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct xlsx *x = ctx;
    if (type != XML_READER_TYPE_ELEMENT)
        return 0;
    if (strcmp(name, "workbookPr") == 0) {
        struct str v = xml_attribute(x->arena, r, "date1904");
        x->date1904 = str_is(v, "1") || str_is(v, "true");
    }
    if (strcmp(name, "sheet") == 0 && x->sheet_count < XLSX_SHEETS) {
        struct xlsx_sheet *s = &x->sheets[x->sheet_count++];
        struct str state = xml_attribute(x->arena, r, "state");
        s->name = xml_attribute(x->arena, r, "name");
        s->id = xml_attribute(x->arena, r, "id");
        s->hidden = state.n && !str_is(state, "visible");
    }
    return 0;
}

/* Targets are relative to xl/, or absolute in the zip. */
static struct str target_path(struct arena *a, struct str target) {
    if (str_starts(target, S("/")))
        return str_sub(target, 1, target.n);
    return str_printf(a, "xl/%.*s", STR_ARG(target));
}

static int relation_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct xlsx *x = ctx;
    if (type != XML_READER_TYPE_ELEMENT || strcmp(name, "Relationship") != 0)
        return 0;
    struct str id = xml_attribute(x->arena, r, "Id"), kind = xml_attribute(x->arena, r, "Type");
    struct str path = target_path(x->arena, xml_attribute(x->arena, r, "Target"));
    if (str_ends(kind, S("/sharedStrings")))
        x->strings_part = path;
    if (str_ends(kind, S("/styles")))
        x->styles_part = path;
    for (size_t i = 0; i < x->sheet_count; i++)
        if (str_eq(x->sheets[i].id, id) && str_ends(kind, S("/worksheet")))
            x->sheets[i].part = path;
    return 0;
}

/* ── shared strings ── */

struct string_walk {
    struct xlsx *x;
    struct buf text;
    bool in_text, in_phonetic;
};

static void string_add(struct xlsx *x, struct str s) {
    if (x->string_count == x->string_cap) {
        size_t cap = x->string_cap ? x->string_cap * 2 : 1024;
        struct str *wider = realloc(x->strings, cap * sizeof *wider);
        if (!wider)
            abort();
        x->strings = wider;
        x->string_cap = cap;
    }
    x->strings[x->string_count++] = str_dup(x->arena, s);
}

static int string_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct string_walk *s = ctx;
    bool start = type == XML_READER_TYPE_ELEMENT, end = type == XML_READER_TYPE_END_ELEMENT;
    bool empty = start && xmlTextReaderIsEmptyElement(r) == 1;
    if (strcmp(name, "si") == 0) {
        if (start)
            buf_clear(&s->text);
        if (end || empty)
            string_add(s->x, buf_str(&s->text));
    } else if (strcmp(name, "t") == 0) {
        s->in_text = start && !empty;
    } else if (strcmp(name, "rPh") == 0) {
        s->in_phonetic = start && !empty; /* how it is read aloud: no part of the text */
    } else if (s->in_text && !s->in_phonetic &&
               (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
                type == XML_READER_TYPE_WHITESPACE)) {
        buf_addz(&s->text, (const char *)xmlTextReaderConstValue(r));
    }
    if (s->text.failed)
        return table_fail(s->x->w, "表格中有一个单元格内容过长（第 %zu 个文本）", s->x->string_count + 1);
    if (arena_used(s->x->arena) > XLSX_STRING_BYTES)
        return table_fail(s->x->w, "表格内容过大，请按领域分开导入");
    return 0;
}

static int read_strings(struct xlsx *x) {
    struct string_walk s = {.x = x};
    if (!x->strings_part.n)
        return 0;
    buf_init(&s.text, TABLE_CELL_BYTES);
    int rc = xlsx_part(x, x->strings_part, true, true, string_node, &s);
    buf_release(&s.text);
    return rc;
}

/* ── styles ── */

struct style_walk {
    struct xlsx *x;
    bool in_xfs;
    int64_t date_format[500]; /* custom formats that show dates */
    size_t dates;
};

/* A date's format has years or days outside quotes and [colours]: yyyy"年"m"月"d"日". */
static bool shows_date(struct str code) {
    bool quoted = false, bracket = false;
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == ']'))
            bracket = c == '[';
        else if (!quoted && !bracket && (c == 'y' || c == 'Y' || c == 'd' || c == 'D'))
            return !str_starts(code, S("General"));
    }
    return false;
}

static bool is_date_format(const struct style_walk *s, int64_t id) {
    bool built_in = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    for (size_t i = 0; i < s->dates && !built_in; i++)
        built_in = s->date_format[i] == id;
    return built_in;
}

static int style_node(xmlTextReader *r, int type, const char *name, void *ctx) {
    struct style_walk *s = ctx;
    struct xlsx *x = s->x;
    int64_t id = 0;
    if (strcmp(name, "cellXfs") == 0)
        s->in_xfs = type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(r) != 1;
    if (type != XML_READER_TYPE_ELEMENT)
        return 0;
    if (strcmp(name, "numFmt") == 0 && s->dates < countof(s->date_format) &&
        shows_date(xml_attribute(x->arena, r, "formatCode")) &&
        str_int(xml_attribute(x->arena, r, "numFmtId"), &id) == 0)
        s->date_format[s->dates++] = id;
    if (s->in_xfs && strcmp(name, "xf") == 0 && x->style_count < XLSX_STYLES) {
        if (str_int(xml_attribute(x->arena, r, "numFmtId"), &id) < 0)
            id = 0;
        x->date_style[x->style_count++] = is_date_format(s, id);
    }
    return 0;
}

int xlsx_open(struct xlsx *x) {
    struct style_walk s = {.x = x};
    if (xlsx_check(x) < 0 || xlsx_part(x, S("xl/workbook.xml"), false, true, workbook_node, x) < 0 ||
        xlsx_part(x, S("xl/_rels/workbook.xml.rels"), false, true, relation_node, x) < 0 || read_strings(x) < 0)
        return -1;
    x->date_style = calloc(XLSX_STYLES, sizeof *x->date_style);
    if (!x->date_style)
        abort();
    return x->styles_part.n ? xlsx_part(x, x->styles_part, true, true, style_node, &s) : 0;
}
