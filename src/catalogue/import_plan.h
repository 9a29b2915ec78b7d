/* import_plan.h: what a file would change in a catalogue, gathered row by row in bounded memory. */
#ifndef MINGTANG_IMPORT_PLAN_H
#define MINGTANG_IMPORT_PLAN_H

#include "catalogue/table_internal.h"

#define PLAN_BYTES (12 * 1024 * 1024) /* texts of what would change; more cannot be one proposal */
#define PROBLEMS_SHOWN 500
#define CHANGES_SHOWN 300
#define NOTES_SHOWN 50

struct import_plan;
struct import_plan *plan_new(struct work *w, const struct catalogue *c); /* NULL after w->error */
int plan_read(struct import_plan *p, const char *path, struct str file_name);
json_t *plan_report(struct import_plan *p, struct str file_name); /* new references */
json_t *plan_json(struct import_plan *p);
void plan_free(struct import_plan *p);
#endif
