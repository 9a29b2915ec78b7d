/* postgresql_rows.c: PostgreSQL's answers as cells, in the same types SQLite gives. */
#include "db/postgresql_internal.h"

/* From pg_type.dat; fixed for ever. */
enum pg_type {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_NUMERIC = 1700
};

bool pg_type_known(Oid type) {
    switch (type) {
    case PG_BOOL:
    case PG_BYTEA:
    case PG_NAME:
    case PG_INT8:
    case PG_INT2:
    case PG_INT4:
    case PG_TEXT:
    case PG_OID:
    case PG_BPCHAR:
    case PG_VARCHAR:
    case PG_NUMERIC:
        return true;
    default:
        return false;
    }
}

static int hex_digit(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* "\x0aff" to bytes, in the arena. */
static struct str bytes_read(struct arena *a, struct str text) {
    size_t n = text.n >= 2 ? (text.n - 2) / 2 : 0;
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(hex_digit(text.p[2 + 2 * i]) << 4 | hex_digit(text.p[3 + 2 * i]));
    return (struct str){p, n};
}

static struct db_cell cell_read(struct work *w, PGresult *r, int row, int column) {
    struct db_cell c = {0};
    if (PQgetisnull(r, row, column))
        return c;
    c.type = DB_TYPE_TEXT;
    c.s = (struct str){PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)};
    switch (PQftype(r, column)) {
    case PG_BOOL:
        c = (struct db_cell){.type = DB_TYPE_INT, .i = c.s.p[0] == 't'};
        break;
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
    case PG_NUMERIC: /* sum() of integers; a fraction stays text */
        if (str_int(c.s, &c.i) == 0) {
            c.type = DB_TYPE_INT;
            c.s = STR_NONE;
        }
        break;
    case PG_BYTEA:
        c.type = DB_TYPE_BYTES;
        c.s = bytes_read(w->arena, c.s);
        break;
    default:
        break;
    }
    return c;
}

static const char *column_name(void *r, int column) {
    return PQfname(r, column);
}

const char *const *pg_names(struct work *w, const struct db_statement *st, PGresult *r) {
    return db_names_of(w, st, (size_t)PQnfields(r), column_name, r);
}

int pg_rows(struct work *w, const struct db_call *call, PGresult *r, struct db_rows *ret) {
    size_t columns = (size_t)PQnfields(r), rows = (size_t)PQntuples(r);
    if (call->mode != RUN_ALL && rows > 1)
        rows = 1;
    struct db_cell *cells = arena_many(w->arena, struct db_cell, rows * columns + 1);
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < columns; k++) {
            struct db_cell c = cell_read(w, r, (int)i, (int)k);
            if (c.type == DB_TYPE_TEXT)
                c.s = str_dup(w->arena, c.s);
            cells[i * columns + k] = c;
        }
        if (arena_over(w->arena))
            return db_failed(w, ERR_TOO_LARGE, call->st->name, "the result is larger than one request may hold");
    }
    *ret = (struct db_rows){rows, columns, pg_names(w, call->st, r), cells};
    return (int)rows;
}

void pg_row_view(struct work *w, PGresult *r, int row, struct db_cell *cells) {
    for (int k = 0; k < PQnfields(r); k++)
        cells[k] = cell_read(w, r, row, k);
}
