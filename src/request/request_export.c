/* request_export.c: the list as a workbook, as filtered: one row a case, the applicant masked, nothing else of a
 * person. Every cell is written as a text: nothing becomes a formula. */
#include "request/request_internal.h"

#include "request/request_desk.h"

#include <unistd.h>
#include <xlsxwriter.h>

#define ROWS_MAX 5000
#define AT_ONCE 500

enum column {
    NUMBER,
    TITLE,
    MASKED,
    APPLICANT,
    CHANNEL,
    UNIT,
    RECEIVED,
    DUE,
    STATE,
    OUTCOME,
    ARTICLE,
    CLOSED,
    USED,
    LATE,
    EXTENDED,
    COLUMNS
};
static const struct {
    const char *name;
    double width;
} columns[COLUMNS] = {{"申请编号", 14}, {"所需信息", 40}, {"申请人", 12},         {"申请人类别", 12}, {"提交渠道", 12},
                      {"承办单位", 20}, {"收到日期", 12}, {"答复期限", 12},       {"状态", 14},       {"处理结果", 24},
                      {"依据", 20},     {"答复日期", 12}, {"用时（工作日）", 14}, {"是否逾期", 10},   {"是否延期", 10}};

static void cells(struct work *w, const struct request *c, struct str ret[COLUMNS]) {
    const struct request_outcome *o = request_outcome(c->outcome);
    const struct flow_state *s = flow_state(&request_flow, str_dupz(w->arena, c->state));
    bool closed = c->closed_day != DAY_NONE;
    ret[NUMBER] = c->number;
    /* what was typed as the name of the information may hold anything */
    ret[TITLE] = pii_masked(w->arena, c->subject.n ? c->subject : c->info_number);
    ret[MASKED] = c->masked;
    ret[APPLICANT] = str_z(request_word("applicant", c->applicant));
    ret[CHANNEL] = str_z(request_word("channel", c->channel));
    ret[UNIT] = c->unit_short;
    ret[RECEIVED] = c->received_day == DAY_NONE ? STR_NONE : day_str(w->arena, c->received_day);
    ret[DUE] = c->due_at ? day_str(w->arena, day_of(c->due_at)) : STR_NONE;
    ret[STATE] = str_z(s ? s->name : "");
    ret[OUTCOME] = closed && o ? str_z(o->name) : STR_NONE;
    ret[ARTICLE] = closed && o ? str_z(o->article) : STR_NONE;
    ret[CLOSED] = closed ? day_str(w->arena, c->closed_day) : STR_NONE;
    ret[USED] = str_printf(w->arena, "%lld", (long long)c->days_used);
    ret[LATE] = c->late || (!closed && c->due_at && w->now > c->due_at) ? S("是") : STR_NONE;
    ret[EXTENDED] = c->extended ? S("是") : STR_NONE;
}

static int write_row(struct work *w, lxw_worksheet *sheet, size_t row, const struct str *v, lxw_format *f) {
    for (size_t i = 0; i < COLUMNS; i++)
        if (v[i].n &&
            worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)i, str_dupz(w->arena, v[i]), f) != LXW_NO_ERROR)
            return -1;
    return 0;
}

static int fill(struct work *w, lxw_workbook *book, const struct db_rows *r) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, "依申请公开");
    lxw_format *head = workbook_add_format(book), *text = workbook_add_format(book);
    struct str v[COLUMNS];
    struct request *c;
    format_set_bold(head);
    format_set_text_wrap(text);
    format_set_align(text, LXW_ALIGN_VERTICAL_TOP);
    worksheet_freeze_panes(sheet, 1, 1);
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    for (size_t i = 0; i < COLUMNS; i++) {
        worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL);
        v[i] = str_z(columns[i].name);
    }
    if (write_row(w, sheet, 0, v, head) < 0)
        return -1;
    const int64_t *ids = request_ids(w, r);
    for (size_t i = 0; i < r->n; i += AT_ONCE) {
        int n = request_rows(w, ids + i, r->n - i < AT_ONCE ? r->n - i : AT_ONCE, &c);
        for (int k = 0; k < n; k++) {
            memset(v, 0, sizeof v);
            cells(w, &c[k], v);
            if (write_row(w, sheet, i + (size_t)k + 1, v, text) < 0)
                return -1;
        }
        if (n < 0)
            return -1;
    }
    return 0;
}

int desk_requests_xlsx(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct db_rows r;
    if (requests_listed(in, ROWS_MAX, &r) < 0)
        return -1;
    if (r.n > ROWS_MAX)
        return fail(w, ERR_TOO_LARGE, "超过 %d 件，请加上日期、单位等条件再导出", ROWS_MAX);
    char path[600];
    snprintf(path, sizeof path, "%s/tmp/requests-XXXXXX", w->config->data_dir);
    int fd = mkstemp(path);
    if (fd < 0)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    close(fd);
    lxw_workbook *book = workbook_new(path);
    int rc = book ? fill(w, book, &r) : -1;
    if ((book && workbook_close(book) != LXW_NO_ERROR) || rc < 0) {
        unlink(path);
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    }
    out->file = str_dupz(w->arena, str_z(path));
    out->file_once = true;
    out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    out->download_name = str_printf(w->arena, "依申请公开 %.*s.xlsx", STR_ARG(day_str(w->arena, work_today(w))));
    return 0;
}
