/* export_internal.h: the rows of one table on their way into a file. */
#ifndef MINGTANG_EXPORT_INTERNAL_H
#define MINGTANG_EXPORT_INTERNAL_H

#include "catalogue/catalogue_internal.h"

#define EXPORT_COLUMNS 16

struct export_table {
    struct catalogue catalogue;
    struct field_names *fields;
    const struct item_row *rows;
    size_t n;
    struct str title;
};
extern const char *const export_heading[EXPORT_COLUMNS][2]; /* upper and lower row; lower NULL: one cell over both */
void export_cells(struct arena *a, const struct export_table *t, size_t i, struct str ret[EXPORT_COLUMNS]);
int export_xlsx(struct work *w, const struct export_table *t, const char *path);
#endif
