/* table.c: what the readers of tables share: a growing row, and the choice of reader by content. */
#include "catalogue/table_internal.h"

#include <fcntl.h>
#include <unistd.h>

int table_fail(struct work *w, const char *fmt, ...) {
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return fail_field(w, "file", "unreadable", "%s", text);
}

void row_clear(struct row_buffer *r) {
    r->n = r->columns = 0;
    r->overflow = false;
    memset(r->has, 0, sizeof r->has);
}

void row_set(struct row_buffer *r, size_t column, const char *p, size_t n) {
    if (column >= TABLE_COLUMNS)
        return;
    if (n > TABLE_CELL_BYTES) {
        r->overflow = true;
        n = 0;
    }
    if (r->n + n + 1 > r->cap) {
        size_t cap = (r->n + n + 1) * 2;
        char *wider = realloc(r->bytes, cap);
        if (!wider)
            abort();
        r->bytes = wider;
        r->cap = cap;
    }
    if (n)
        memcpy(r->bytes + r->n, p, n);
    r->start[column] = r->n;
    r->length[column] = n;
    r->has[column] = true;
    r->n += n;
    r->columns = column + 1 > r->columns ? column + 1 : r->columns;
}

const struct str *row_views(struct row_buffer *r) {
    for (size_t i = 0; i < r->columns; i++)
        r->views[i] = r->has[i] ? (struct str){r->bytes + r->start[i], r->length[i]} : STR_NONE;
    return r->views;
}

void row_free(struct row_buffer *r) {
    free(r->bytes);
    *r = (struct row_buffer){0};
}

int table_read(struct work *w, const char *path, struct str file_name, const struct table_sink *sink) {
    unsigned char head[8] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return table_fail(w, "文件无法打开，请重新选择");
    ssize_t n = read(fd, head, sizeof head);
    close(fd);
    if (n <= 0)
        return table_fail(w, "文件是空的，请选择填好的目录表格");
    if (n >= 4 && memcmp(head, "PK\x03\x04", 4) == 0)
        return xlsx_read(w, path, sink);
    if (n >= 8 && memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
        return table_fail(w, "这是旧版 Excel 文件（.xls）或加了密码的文件，请去掉密码并另存为 .xlsx 后再导入");
    if (n >= 4 && memcmp(head, "%PDF", 4) == 0)
        return table_fail(w, "这是 PDF 文件，请导入 Excel 表格（.xlsx）或 CSV 文件");
    if (str_ends(file_name, S(".xlsx")) || str_ends(file_name, S(".XLSX")))
        return table_fail(w, "文件名是 .xlsx，但内容不是 Excel 表格，可能已损坏，请重新另存后再导入");
    return csv_read(w, path, sink);
}
