/* postgresql_internal.h: between the three files of the PostgreSQL engine. */
#ifndef MINGTANG_POSTGRESQL_INTERNAL_H
#define MINGTANG_POSTGRESQL_INTERNAL_H

#include "db/db_internal.h"
#include <libpq-fe.h>

/* postgresql.c. NULL and the reason in why (never the password). */
PGconn *pg_connect(const char *address, char *why, size_t cap);

/* postgresql_rows.c */
bool pg_type_known(Oid type); /* arrives the same as from SQLite */
/* Copies what call->mode wants to the arena. Rows kept, or -1. */
int pg_rows(struct work *w, const struct db_call *call, PGresult *r, struct db_rows *ret);
/* One row as views into r. */
void pg_row_view(struct work *w, PGresult *r, int row, struct db_cell *cells);
const char *const *pg_names(struct work *w, const struct db_statement *st, PGresult *r);

/* postgresql_listen.c: one thread and connection per channel. After a lost connection fn is called with an empty
 * payload: something may have been missed. */
struct pg_listener;
struct pg_listener *pg_listener_start(const char *address, const char *channel, void (*fn)(void *, struct str),
                                      void *ctx);
void pg_listener_stop(struct pg_listener *l);
struct pg_listener *pg_listener_link(struct pg_listener *l, struct pg_listener *rest);
struct pg_listener *pg_listener_rest(struct pg_listener *l);

#endif
