/* paper_blocks.h: sanitised HTML as a list of blocks, the common ground of PDF and Word documents. */
#ifndef MINGTANG_PAPER_BLOCKS_H
#define MINGTANG_PAPER_BLOCKS_H
#include "paper/paper.h"

enum run_mark {
    RUN_BOLD = 1,
    RUN_ITALIC = 2,
    RUN_UNDERLINE = 4,
    RUN_STRIKE = 8,
    RUN_SUB = 16,
    RUN_SUP = 32,
    RUN_BREAK = 64
};
struct run {
    struct str text;
    unsigned marks;
};
struct runs {
    struct run *v;
    size_t n, cap;
};
struct table_cell {
    struct runs runs;
    int columns, rows; /* how many it spans; 0 columns: covered by another */
    bool head, below;  /* below: covered by the one above it */
};
struct block_table {
    struct table_cell *cells; /* rows × columns */
    size_t rows, columns;
};
enum block_kind { BLOCK_HEADING, BLOCK_TEXT, BLOCK_ITEM, BLOCK_QUOTE, BLOCK_TABLE, BLOCK_RULE };
struct block {
    enum block_kind kind;
    int level;  /* of a heading 1…6, of an item's nesting from 1 */
    int number; /* of an item in an ordered list; 0 a bullet */
    bool center, right;
    struct runs runs;
    struct block_table table;
};
struct blocks {
    struct block *v;
    size_t n, cap;
};
enum { BLOCK_COLUMNS_MOST = 40, BLOCK_ROWS_MOST = 2000 };
void blocks_of(struct arena *a, struct str html, struct blocks *ret); /* all in the arena; views of nothing else */
struct str runs_text(struct arena *a, const struct runs *r);          /* a break is a line feed */
#endif
