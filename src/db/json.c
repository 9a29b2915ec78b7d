/* json.c: reading a result: cells by row and column, rows as JSON. */
#include "db/db_internal.h"

static const struct db_cell *cell(const struct db_rows *r, size_t row, size_t column) {
    if (row >= r->n || column >= r->columns) {
        log_line(LOG_ERROR, "cell_outside_result", "row=%zu column=%zu rows=%zu columns=%zu", row, column, r->n,
                 r->columns);
        abort(); /* our bug: the statement does not select that column */
    }
    return &r->cells[row * r->columns + column];
}

int64_t db_i(const struct db_rows *r, size_t row, size_t column) {
    const struct db_cell *c = cell(r, row, column);
    return c->type == DB_TYPE_INT ? c->i : 0;
}

struct str db_s(const struct db_rows *r, size_t row, size_t column) {
    const struct db_cell *c = cell(r, row, column);
    return c->type == DB_TYPE_TEXT || c->type == DB_TYPE_BYTES ? c->s : STR_NONE;
}

bool db_null(const struct db_rows *r, size_t row, size_t column) {
    return cell(r, row, column)->type == DB_TYPE_NULL;
}

static json_t *bytes_json(struct str s) {
    static const char digits[] = "0123456789abcdef";
    char *hex = malloc(s.n * 2 + 1);
    if (!hex)
        abort();
    for (size_t i = 0; i < s.n; i++) {
        hex[2 * i] = digits[(unsigned char)s.p[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)s.p[i] & 15];
    }
    json_t *j = json_stringn(hex, s.n * 2);
    free(hex);
    return j;
}

static json_t *cell_json(const struct db_cell *c) {
    json_t *j = NULL;
    switch (c->type) {
    case DB_TYPE_INT:
    case DB_TYPE_BOOL:
        j = json_integer((json_int_t)c->i);
        break;
    case DB_TYPE_TEXT:
        j = json_stringn(c->s.p ? c->s.p : "", c->s.n);
        break;
    case DB_TYPE_BYTES:
        j = bytes_json(c->s);
        break;
    case DB_TYPE_NULL:
        break;
    }
    return j ? j : json_null();
}

json_t *db_json_row(const struct db_rows *r, size_t row) {
    json_t *o = json_object();
    for (size_t i = 0; i < r->columns; i++)
        json_object_set_new(o, r->names[i], cell_json(cell(r, row, i)));
    return o;
}

json_t *db_json(const struct db_rows *r) {
    json_t *a = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(a, db_json_row(r, i));
    return a;
}
