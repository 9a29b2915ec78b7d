/* matter_internal.h: powers and public services between their rules (matter.c) and their pages. */
#ifndef MINGTANG_MATTER_INTERNAL_H
#define MINGTANG_MATTER_INTERNAL_H

#include "auth/auth.h"
#include "catalogue/table_internal.h"

/* Outside a transaction. report: {rows, errors, problems}; with errors nothing was taken. */
int matters_read(struct work *w, const char *kind, const char *path, struct str file_name, json_t **ret_report);
/* One of the two: an item's code, or the ground on which it needs none. */
int matter_link_to(struct work *w, int64_t id, struct str item_code, struct str exemption);
#endif
