/* alert_export.c: the list of alerts as a workbook, as filtered. Every cell is written as a text: nothing becomes a
 * formula. */
#include "supervision/alert_internal.h"

#include <unistd.h>
#include <xlsxwriter.h>

#define ROWS_MAX 5000

enum column {
    LEVEL,
    STATE,
    UNIT,
    FIELD_NAME,
    TITLE,
    NOTE,
    RULE,
    BEGAN,
    RAISED,
    DUE,
    CLOSED,
    ANSWER,
    GROUND,
    DECISION,
    COLUMNS
};
static const struct {
    const char *name;
    double width;
} columns[COLUMNS] = {{"级别", 8},      {"状态", 16},         {"单位", 20},     {"领域", 14},     {"事项", 44},
                      {"原因", 40},     {"规则（版本）", 26}, {"发生时间", 17}, {"发现时间", 17}, {"期限", 12},
                      {"解除时间", 17}, {"单位答复", 12},     {"答复理由", 40}, {"认定理由", 40}};

static void cells(struct work *w, const struct alert_found *f, struct str ret[COLUMNS]) {
    const struct db_rows *r = f->r;
    size_t i = f->i;
    struct str state = db_s(r, i, 3);
    bool closed = str_is(state, "closed");
    ret[LEVEL] = str_z(alert_level_name((int)db_i(r, i, 1)));
    ret[STATE] = str_z(closed ? alert_outcome_name(db_s(r, i, 4)) : alert_state_name(state));
    ret[UNIT] = db_s(r, i, 14);
    ret[FIELD_NAME] = db_s(r, i, 16);
    ret[TITLE] = db_s(r, i, 6);
    ret[NOTE] = db_s(r, i, 7);
    ret[RULE] = str_printf(w->arena, "%.*s（第%lld版）", STR_ARG(db_s(r, i, 17)), (long long)db_i(r, i, 18));
    ret[BEGAN] = instant_text(w->arena, db_i(r, i, 2));
    ret[RAISED] = instant_text(w->arena, db_i(r, i, 9));
    ret[DUE] = db_i(r, i, 8) ? day_str(w->arena, day_of(db_i(r, i, 8))) : STR_NONE;
    ret[CLOSED] = closed ? instant_text(w->arena, db_i(r, i, 10)) : STR_NONE;
    ret[ANSWER] = str_z(alert_answer_name(db_s(r, i, 5)));
    ret[GROUND] = db_s(r, i, 19);
    ret[DECISION] = db_s(r, i, 20);
}

static int write_row(struct work *w, lxw_worksheet *sheet, size_t row, const struct str *v, lxw_format *f) {
    for (size_t i = 0; i < COLUMNS; i++)
        if (v[i].n &&
            worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)i, str_dupz(w->arena, v[i]), f) != LXW_NO_ERROR)
            return -1;
    return 0;
}

static int fill(struct work *w, lxw_workbook *book, const struct alert_found *list, size_t n) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, "预警");
    lxw_format *head = workbook_add_format(book), *text = workbook_add_format(book);
    struct str v[COLUMNS];
    format_set_bold(head);
    format_set_text_wrap(text);
    format_set_align(text, LXW_ALIGN_VERTICAL_TOP);
    worksheet_freeze_panes(sheet, 1, 0);
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    for (size_t i = 0; i < COLUMNS; i++) {
        worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL);
        v[i] = str_z(columns[i].name);
    }
    if (write_row(w, sheet, 0, v, head) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        cells(w, &list[i], v);
        if (write_row(w, sheet, i + 1, v, text) < 0)
            return -1;
    }
    return 0;
}

int alerts_xlsx(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct alert_found *list = NULL;
    int n = alerts_listed(in, ROWS_MAX, &list);
    if (n < 0)
        return -1;
    if (n > ROWS_MAX)
        return fail(w, ERR_TOO_LARGE, "超过 %d 条，请加上单位、规则、日期等条件再导出", ROWS_MAX);
    char path[600];
    snprintf(path, sizeof path, "%s/tmp/alerts-XXXXXX", w->config->data_dir);
    int fd = mkstemp(path);
    if (fd < 0)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    close(fd);
    lxw_workbook *book = workbook_new(path);
    int rc = book ? fill(w, book, list, (size_t)n) : -1;
    if ((book && workbook_close(book) != LXW_NO_ERROR) || rc < 0) {
        unlink(path);
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    }
    out->file = str_dupz(w->arena, str_z(path));
    out->file_once = true;
    out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    out->download_name = str_printf(w->arena, "预警 %.*s.xlsx", STR_ARG(day_str(w->arena, work_today(w))));
    return 0;
}
