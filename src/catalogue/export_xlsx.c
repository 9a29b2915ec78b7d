/* export_xlsx.c: the national form (政务公开事项标准目录) as a workbook: title, heading of two rows, merged 领域 and
 * 一级事项, borders, wrapped text, ready to print on A3. Every cell is written as a text: nothing becomes a formula. */
#include "catalogue/export_internal.h"

#include <xlsxwriter.h>

#define FONT "宋体"
#define HEADING_ROW 1
#define FIRST_ROW 3

static const double widths[EXPORT_COLUMNS] = {5, 9, 10, 14, 34, 38, 18, 16, 24, 6, 10, 5, 6, 5, 5, 22};

struct formats {
    lxw_format *title, *heading, *text, *middle;
};

static lxw_format *bordered(lxw_workbook *book, bool bold, bool centred) {
    lxw_format *f = workbook_add_format(book);
    format_set_font_name(f, FONT);
    format_set_font_size(f, 10);
    format_set_text_wrap(f);
    format_set_border(f, LXW_BORDER_THIN);
    format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
    if (centred)
        format_set_align(f, LXW_ALIGN_CENTER);
    if (bold)
        format_set_bold(f);
    return f;
}

static struct formats make_formats(lxw_workbook *book) {
    struct formats f = {.heading = bordered(book, true, true),
                        .text = bordered(book, false, false),
                        .middle = bordered(book, false, true)};
    f.title = workbook_add_format(book);
    format_set_font_name(f.title, FONT);
    format_set_font_size(f.title, 18);
    format_set_bold(f.title);
    format_set_align(f.title, LXW_ALIGN_CENTER);
    format_set_align(f.title, LXW_ALIGN_VERTICAL_CENTER);
    return f;
}

/* One cell, or several as one. */
static int block(lxw_worksheet *sheet, size_t top, size_t left, size_t bottom, size_t right, const char *text,
                 lxw_format *f) {
    lxw_error e = top == bottom && left == right
                      ? worksheet_write_string(sheet, (lxw_row_t)top, (lxw_col_t)left, text, f)
                      : worksheet_merge_range(sheet, (lxw_row_t)top, (lxw_col_t)left, (lxw_row_t)bottom,
                                              (lxw_col_t)right, text, f);
    return e == LXW_NO_ERROR ? 0 : -1;
}

static int write_heading(lxw_worksheet *sheet, const struct formats *f) {
    int rc = 0;
    for (size_t c = 0; c < EXPORT_COLUMNS && rc == 0;) {
        const char *group = export_heading[c][0];
        size_t end = c;
        if (!export_heading[c][1]) {
            rc = block(sheet, HEADING_ROW, c, HEADING_ROW + 1, c, group, f->heading);
            c++;
            continue;
        }
        while (end + 1 < EXPORT_COLUMNS && strcmp(export_heading[end + 1][0], group) == 0)
            end++;
        rc = block(sheet, HEADING_ROW, c, HEADING_ROW, end, group, f->heading);
        for (; c <= end && rc == 0; c++)
            rc = block(sheet, HEADING_ROW + 1, c, HEADING_ROW + 1, c, export_heading[c][1], f->heading);
    }
    return rc;
}

/* How many rows from i on say the same in 领域 (and 一级事项). */
static size_t run(const struct export_table *t, size_t i, bool level1) {
    size_t n = 1;
    while (i + n < t->n && t->rows[i + n].item.field_id == t->rows[i].item.field_id &&
           (!level1 || str_eq(t->rows[i + n].item.level1, t->rows[i].item.level1)))
        n++;
    return n;
}

/* Lines a text takes in a column: a Chinese character is two letters wide. */
static size_t lines_of(struct str s, double width) {
    size_t lines = 1, used = 0, room = width > 4 ? (size_t)width - 1 : 3;
    for (int32_t c; (c = utf8_next(&s)) >= 0;) {
        size_t w = c < 0x80 ? 1 : 2;
        if (c == '\n' || used + w > room) {
            lines++;
            used = 0;
        }
        used += c == '\n' ? 0 : w;
    }
    return lines;
}

/* Heights are written out: not every program works them out for wrapped text. */
static void set_height(lxw_worksheet *sheet, size_t row, const struct str cells[EXPORT_COLUMNS]) {
    size_t most = 1;
    for (size_t c = 3; c < EXPORT_COLUMNS; c++) {
        size_t n = lines_of(cells[c], widths[c]);
        most = n > most ? n : most;
    }
    double height = 4 + 13.0 * (double)most;
    worksheet_set_row(sheet, (lxw_row_t)row, height > 409 ? 409 : height, NULL);
}

static int write_rows(struct work *w, lxw_worksheet *sheet, const struct export_table *t, const struct formats *f) {
    struct str cells[EXPORT_COLUMNS];
    size_t field_end = 0, level1_end = 0;
    for (size_t i = 0; i < t->n; i++) {
        size_t row = FIRST_ROW + i;
        export_cells(w->arena, t, i, cells);
        set_height(sheet, row, cells);
        for (size_t c = 0; c < EXPORT_COLUMNS; c++) {
            size_t bottom = row, *end = c == 1 ? &field_end : c == 2 ? &level1_end : NULL;
            if (end && i < *end)
                continue; /* covered by the merge above */
            if (end) {
                *end = i + run(t, i, c == 2);
                bottom = FIRST_ROW + *end - 1;
            }
            lxw_format *format = c == 4 || c == 5 || c == 8 ? f->text : f->middle;
            if (block(sheet, row, c, bottom, c, str_dupz(w->arena, cells[c]), format) < 0)
                return -1;
        }
    }
    return 0;
}

static void set_up_print(lxw_worksheet *sheet) {
    worksheet_set_landscape(sheet);
    worksheet_set_paper(sheet, 8); /* A3 */
    worksheet_set_margins(sheet, 0.4, 0.4, 0.5, 0.6);
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_repeat_rows(sheet, HEADING_ROW, HEADING_ROW + 1);
    worksheet_set_footer(sheet, "&C第 &P 页 共 &N 页");
    worksheet_freeze_panes(sheet, FIRST_ROW, 4);
}

static int fill(struct work *w, lxw_workbook *book, const struct export_table *t) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, "标准目录");
    struct formats f = make_formats(book);
    for (size_t c = 0; c < EXPORT_COLUMNS; c++)
        worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c, widths[c], NULL);
    worksheet_set_row(sheet, 0, 32, NULL);
    worksheet_set_row(sheet, HEADING_ROW + 1, 30, NULL);
    set_up_print(sheet);
    if (block(sheet, 0, 0, 0, EXPORT_COLUMNS - 1, str_dupz(w->arena, t->title), f.title) < 0 ||
        write_heading(sheet, &f) < 0)
        return -1;
    return write_rows(w, sheet, t, &f);
}

int export_xlsx(struct work *w, const struct export_table *t, const char *path) {
    lxw_workbook *book = workbook_new(path);
    if (!book)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    lxw_doc_properties properties = {.title = str_dupz(w->arena, t->title)};
    workbook_set_properties(book, &properties);
    int rc = fill(w, book, t);
    if (workbook_close(book) != LXW_NO_ERROR || rc < 0)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    return 0;
}
