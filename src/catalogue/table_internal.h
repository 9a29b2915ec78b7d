/* table_internal.h: tables in files: rows of text cells out of XLSX and CSV, and rows of the standard table out of
 * those. Rows are streamed: memory does not grow with their number. */
#ifndef MINGTANG_TABLE_INTERNAL_H
#define MINGTANG_TABLE_INTERNAL_H

#include "catalogue/catalogue_internal.h"

#define TABLE_COLUMNS 200             /* cells beyond this column are not read */
#define TABLE_CELL_BYTES (256 * 1024) /* Excel's own limit is 32,767 characters */

/* One row as the file has it. Views are valid during the call only. */
struct table_cells {
    int64_t row; /* 1-based, as the spreadsheet program numbers it */
    size_t n;
    const struct str *v; /* trimmed of nothing; "" where there is no cell */
    const bool
        *merged; /* XLSX: the cell is covered by a vertical merge from above (its value filled in); may be NULL */
};
struct table_sink {
    void *ctx;
    int (*sheet)(void *ctx, struct str name);                /* before the rows of a sheet; CSV: "" */
    int (*row)(void *ctx, const struct table_cells *cells);  /* blank rows may be left out */
    int (*remark)(void *ctx, int64_t row, const char *text); /* something to tell the reader; text is static */
};
/* Both: 0, -1 with w->error at field "file" (one clear sentence), or what the sink returned when not 0. */
int xlsx_read(struct work *w, const char *path, const struct table_sink *sink);
int csv_read(struct work *w, const char *path, const struct table_sink *sink);
int csv_read_text(struct work *w, struct str utf8, const struct table_sink *sink);
/* By content, then by name: a zip is XLSX; anything that is text is CSV. */
int table_read(struct work *w, const char *path, struct str file_name, const struct table_sink *sink);
int table_fail(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3); /* at field "file" */

/* A row that grows: cells by column, bytes in one buffer. Used by both readers. */
struct row_buffer {
    char *bytes;
    size_t n, cap;
    size_t start[TABLE_COLUMNS + 1], length[TABLE_COLUMNS];
    bool has[TABLE_COLUMNS];
    size_t columns;
    struct str views[TABLE_COLUMNS];
    bool overflow; /* a cell was longer than TABLE_CELL_BYTES */
};
void row_clear(struct row_buffer *r);
void row_set(struct row_buffer *r, size_t column, const char *p, size_t n);
const struct str *row_views(struct row_buffer *r);
void row_free(struct row_buffer *r);

/* ── table_map.c: which column is which ── */
enum table_column {
    COL_NONE = 0,
    COL_SERIAL,
    COL_FIELD,
    COL_CODE,
    COL_LEVEL1,
    COL_LEVEL2,
    COL_ELEMENTS,
    COL_BASIS,
    COL_LIMIT,
    COL_OWNERS,
    COL_CHANNELS,
    COL_ALL,
    COL_GROUP,
    COL_ACTIVE,
    COL_REQUEST,
    COL_CITY,
    COL_TOWN,
    COL_AUDIENCE,
    COL_MODE,
    COL_LEVEL, /* one column for what the standard table has in two */
    COL_EXTRA, /* known to be none of ours: kept by its heading */
    COL__N
};
struct table_map {
    uint8_t of[TABLE_COLUMNS]; /* enum table_column per file column */
    struct str heading[TABLE_COLUMNS];
    size_t n; /* columns of the heading */
    bool found[COL__N];
};
enum table_column heading_column(struct str heading); /* COL_NONE: unknown words */
/* Is this row, alone or with the one above it (may be NULL), a heading? Fills map (texts in a). */
bool table_heading(struct arena *a, const struct table_cells *above, const struct table_cells *row,
                   struct table_map *map);
const char *
table_missing(const struct table_map *m); /* the first indispensable column that is absent, Chinese; NULL: complete */
bool cell_ticked(struct str cell);        /* √ ✓ ✔ ☑ ■ 是 1 … */
struct str cell_channels(struct arena *a,
                         struct str cell); /* only the boxes that are filled; as it is when there are none */

/* ── table_row.c: a row of the standard table ── */
struct table_row {
    int64_t row;
    int64_t field_id;
    struct str code;
    struct item_columns columns; /* serial 0: none given */
    struct str extra;            /* JSON text */
    bool has[COL__N];            /* the file has such a column */
};
struct table_problem {
    int64_t row;
    const char *column; /* Chinese label, "" the whole row */
    struct str text;
    bool fatal; /* the row is not taken */
};
struct table_reader; /* turns cells into rows of the standard table */
struct table_reader_hooks {
    void *ctx;
    int (*row)(void *ctx, const struct table_row *r); /* views valid during the call */
    int (*problem)(void *ctx, const struct table_problem *p);
    int (*note)(void *ctx, struct str sheet, int64_t row,
                struct str text); /* title rows, footers, sheets passed over */
};
struct table_reader *table_reader_new(struct work *w, const struct field_names *fields,
                                      struct table_reader_hooks hooks);
struct table_sink table_reader_sink(struct table_reader *r);
int table_reader_end(struct table_reader *r); /* after the last row: -1 at "file" when no heading was found */
void table_reader_free(struct table_reader *r);
#endif
