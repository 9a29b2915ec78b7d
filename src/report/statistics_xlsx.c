/* statistics_xlsx.c: the statistics as a workbook: one sheet for each way of counting, one for reconsiderations and
 * suits. */
#include "report/report_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define XLSX_BYTES (16 * 1024 * 1024)
static const char *const heads[] = {"收到（件）",     "办结（件）", "按期办结（件）", "逾期办结（件）",
                                    "逾期未办（件）", "按期率",     "延期（件）",     "平均用时（工作日）"};

static void write_text(lxw_worksheet *sheet, size_t row, size_t column, const char *text, lxw_format *f) {
    worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)column, text, f);
}

static void write_tally(struct work *w, lxw_worksheet *sheet, size_t row, const char *name, const struct tally *t) {
    const int64_t n[] = {t->received, t->closed, t->closed - t->late, t->late, t->overdue, -1, t->extended};
    write_text(sheet, row, 0, name, NULL);
    for (size_t i = 0; i < countof(n); i++)
        if (n[i] >= 0)
            worksheet_write_number(sheet, (lxw_row_t)row, (lxw_col_t)(i + 1), (double)n[i], NULL);
    write_text(sheet, row, 6, str_dupz(w->arena, tally_rate(w->arena, t)), NULL);
    write_text(sheet, row, 8, str_dupz(w->arena, tally_days(w->arena, t)), NULL);
}

static void write_dimension(struct work *w, lxw_workbook *book, const struct statistics *s, enum dimension d,
                            lxw_format *bold) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, dimension_names[d]);
    worksheet_set_column(sheet, 0, 0, 36, NULL);
    worksheet_set_column(sheet, 1, (lxw_col_t)countof(heads), 16, NULL);
    worksheet_freeze_panes(sheet, 1, 1);
    write_text(sheet, 0, 0, dimension_names[d], bold);
    for (size_t i = 0; i < countof(heads); i++)
        write_text(sheet, 0, i + 1, heads[i], bold);
    for (size_t i = 0; i < s->count[d]; i++)
        write_tally(w, sheet, i + 1, s->rows[d][i].name.p, &s->rows[d][i].t);
    if (d == BY_UNIT)
        write_tally(w, sheet, s->count[d] + 1, "合计", &s->all);
}

static void write_remedies(lxw_workbook *book, const struct statistics *s, lxw_format *bold) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, "复议诉讼");
    worksheet_set_column(sheet, 0, 0, 36, NULL);
    for (int c = 0; c < RESULTS; c++)
        write_text(sheet, 0, (size_t)c + 1, result_names[c], bold);
    for (int k = 0; k < REMEDIES; k++) {
        write_text(sheet, (size_t)k + 1, 0, remedy_names[k], NULL);
        for (int c = 0; c < RESULTS; c++)
            worksheet_write_number(sheet, (lxw_row_t)(k + 1), (lxw_col_t)(c + 1), (double)s->remedies[k][c], NULL);
    }
}

static int read_whole(struct work *w, const char *path, struct str *ret) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= XLSX_BYTES;
    if (ok) {
        char *p = arena_alloc(w->arena, (size_t)st.st_size);
        ok = read(fd, p, (size_t)st.st_size) == st.st_size;
        *ret = (struct str){p, (size_t)st.st_size};
    }
    if (fd >= 0)
        close(fd);
    return ok ? 0 : fail(w, ERR_INTERNAL, "导出文件无法读取");
}

int statistics_xlsx(struct work *w, const struct statistics *s, struct str *ret) {
    struct str dir = str_printf(w->arena, "%s/tmp", w->config->data_dir);
    if (mkdir(dir.p, 0700) < 0 && errno != EEXIST)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    struct str path =
        str_printf(w->arena, "%.*s/statistics-%.*s.xlsx", STR_ARG(dir), STR_ARG(random_token(w->arena, 12)));
    lxw_workbook *book = workbook_new(path.p);
    if (!book)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    lxw_format *bold = workbook_add_format(book);
    format_set_bold(bold);
    format_set_text_wrap(bold);
    for (int d = 0; d < DIMENSIONS; d++)
        write_dimension(w, book, s, (enum dimension)d, bold);
    write_remedies(book, s, bold);
    int rc =
        workbook_close(book) == LXW_NO_ERROR ? read_whole(w, path.p, ret) : fail(w, ERR_INTERNAL, "导出文件无法写入");
    unlink(path.p);
    return rc;
}
