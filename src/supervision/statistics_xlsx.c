/* statistics_xlsx.c: the statistics of supervision as a workbook: duties, acts and applications, alerts, and how the
 * figures are made. */
#include "supervision/supervision_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define XLSX_BYTES (16 * 1024 * 1024)

struct sheet {
    struct work *w;
    lxw_worksheet *at;
    lxw_format *bold;
};

static void text(const struct sheet *s, size_t row, size_t column, struct str t, lxw_format *f) {
    worksheet_write_string(s->at, (lxw_row_t)row, (lxw_col_t)column, str_dupz(s->w->arena, t), f);
}

static void number(const struct sheet *s, size_t row, size_t column, double n) {
    worksheet_write_number(s->at, (lxw_row_t)row, (lxw_col_t)column, n, NULL);
}

static const int duty_columns[] = {M_OWED,      M_MET,       M_LATE,    M_LATE_5, M_LATE_20,
                                   M_LATE_MORE, M_LATE_DAYS, M_OVERDUE, M_WAIVED};
static const int act_columns[] = {M_PUBLISHED,    M_CORRECTED,       M_WITHDRAWN,   M_REQUESTS, M_REPLIED,
                                  M_REPLIED_LATE, M_REQUEST_OVERDUE, M_CORRECTIONS, M_REMEDIES};
static const int alert_columns[] = {M_YELLOW, M_ORANGE, M_RED, M_ALERT_OPEN, M_CONFIRMED, M_FALSE, M_ALERT_WAIVED};

static void heads(const struct sheet *s, const struct figure_query *q, const int *columns, size_t n) {
    text(s, 0, 0, str_z(figure_by_names[q->by]), s->bold);
    for (size_t i = 0; i < n; i++)
        text(s, 0, i + 1, str_z(figure_measures[columns[i]].name), s->bold);
    worksheet_set_column(s->at, 0, 0, 30, NULL);
    worksheet_set_column(s->at, 1, 16, 14, NULL);
    worksheet_freeze_panes(s->at, 1, 1);
}

static void counts(const struct sheet *s, size_t row, const struct figure_row *r, const int *columns, size_t n) {
    text(s, row, 0, r->note.n ? str_printf(s->w->arena, "%.*s（%.*s）", STR_ARG(r->name), STR_ARG(r->note)) : r->name,
         NULL);
    for (size_t i = 0; i < n; i++)
        number(s, row, i + 1, (double)r->n[columns[i]]);
}

static const struct figure_row *row_at(const struct figures *f, size_t i) {
    return i < f->count ? &f->rows[i] : &f->all;
}

static void duties(const struct sheet *s, const struct figures *f, const struct figure_query *q) {
    static const char *const more[] = {"到期任务", "按期率（%）", "95%区间下限（%）", "95%区间上限（%）", "名次"};
    size_t n = countof(duty_columns);
    heads(s, q, duty_columns, n);
    for (size_t i = 0; i < countof(more); i++)
        text(s, 0, n + 1 + i, str_z(more[i]), s->bold);
    for (size_t i = 0; i <= f->count; i++) {
        const struct figure_row *r = row_at(f, i);
        int64_t due = figure_due(r);
        counts(s, i + 1, r, duty_columns, n);
        number(s, i + 1, n + 1, (double)due);
        if (due > 0) {
            number(s, i + 1, n + 2, 100.0 * (double)r->n[M_MET] / (double)due);
            number(s, i + 1, n + 3, 100.0 * r->low);
            number(s, i + 1, n + 4, 100.0 * r->high);
        }
        if (r->rank)
            number(s, i + 1, n + 5, (double)r->rank);
        else if (i < f->count && f->ranking)
            text(s, i + 1, n + 5, due == 0 || r->nobody ? S("—") : S("件数少，不排名"), NULL);
    }
}

static void plain(const struct sheet *s, const struct figures *f, const struct figure_query *q, const int *columns,
                  size_t n) {
    heads(s, q, columns, n);
    for (size_t i = 0; i <= f->count; i++)
        counts(s, i + 1, row_at(f, i), columns, n);
}

static void notes(const struct sheet *s, const struct figures *f, struct str period, struct str unit) {
    struct arena *a = s->w->arena;
    struct str lines[] = {
        str_printf(a, "期间：%.*s；范围：%s；生成时间：%.*s", STR_ARG(period),
                   unit.n ? str_dupz(a, unit) : "本人可以查看的全部单位", STR_ARG(instant_text(a, s->w->now))),
        S("公开任务按应公开日期所在月份统计，申请按收到月份，发布、更正、撤回按发生月份，预警按开始月份。"),
        S("按期率 = 按期公开 ÷（按期公开 + 逾期公开 + 逾期未公开）。免除的任务不计入。"),
        S("区间是 Wilson 95% 置信区间：件数越少，区间越宽。"),
        str_printf(a, "名次按区间下限从高到低；下限相同的并列；到期任务少于 %d 项的不排名。", f->least),
        S("预警准确率 = 属实 ÷（属实 + 误报）。按时处理、没有到期的提醒既不算属实，也不算误报。"),
    };
    worksheet_set_column(s->at, 0, 0, 110, NULL);
    for (size_t i = 0; i < countof(lines); i++)
        text(s, i, 0, lines[i], NULL);
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

int figures_xlsx(struct work *w, const struct figures *f, const struct figure_query *q, struct str period,
                 struct str unit, struct str *ret) {
    struct str dir = str_printf(w->arena, "%s/tmp", w->config->data_dir);
    if (mkdir(dir.p, 0700) < 0 && errno != EEXIST)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    struct str path =
        str_printf(w->arena, "%.*s/supervision-%.*s.xlsx", STR_ARG(dir), STR_ARG(random_token(w->arena, 12)));
    lxw_workbook *book = workbook_new(path.p);
    if (!book)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    struct sheet s = {.w = w, .bold = workbook_add_format(book)};
    format_set_bold(s.bold);
    format_set_text_wrap(s.bold);
    s.at = workbook_add_worksheet(book, "公开任务");
    duties(&s, f, q);
    s.at = workbook_add_worksheet(book, "发布和申请");
    plain(&s, f, q, act_columns, countof(act_columns));
    s.at = workbook_add_worksheet(book, "预警");
    plain(&s, f, q, alert_columns, countof(alert_columns));
    s.at = workbook_add_worksheet(book, "说明");
    notes(&s, f, period, unit);
    int rc =
        workbook_close(book) == LXW_NO_ERROR ? read_whole(w, path.p, ret) : fail(w, ERR_INTERNAL, "导出文件无法写入");
    unlink(path.p);
    return rc;
}
