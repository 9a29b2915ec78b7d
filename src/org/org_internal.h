/* org_internal.h: shared by the files of this room. */
#ifndef MINGTANG_ORG_INTERNAL_H
#define MINGTANG_ORG_INTERNAL_H
#include "ledger/ledger.h"
#include "org/org.h"
#include "org_sql.h"
#include "view/view.h"

int org_event(struct work *w, const char *kind, int64_t id, int64_t unit_id, const char *verb, enum event_visibility v,
              json_t *payload); /* takes payload */
#endif
