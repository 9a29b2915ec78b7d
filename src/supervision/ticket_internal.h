/* ticket_internal.h: tickets (督办单): what an office asks of a unit after alerts, with clocks of their own. */
#ifndef MINGTANG_TICKET_INTERNAL_H
#define MINGTANG_TICKET_INTERNAL_H

#include "flow/flow.h"
#include "supervision/supervision_internal.h"

struct ticket {
    int64_t id, unit_id, office_id, sent_at, ack_due_at, acknowledged_at, round, due_at, reported_at, explained_at,
        closed_at, letter_id, made_by, revision;
    struct str number, state, title, demand, ack_certificate, explanation, reason, unit_code, unit_name, unit_short,
        office_name;
};
struct ticket ticket_of(const struct db_rows *r, size_t i);         /* of the columns of ticket_get and the lists */
int ticket_get(struct work *w, int64_t id, struct ticket *ret);     /* ERR_NOT_FOUND */
json_t *ticket_json(struct work *w, const struct ticket *t);        /* new reference */
json_t *ticket_clock(struct work *w, const struct ticket *t);       /* what runs now: duty_clock's words */
json_t *ticket_rounds_json(struct work *w, const struct ticket *t); /* oldest first, with certificates */
json_t *ticket_alerts_json(struct work *w, int64_t id);
int ticket_event(struct work *w, const struct ticket *t, const char *verb, json_t *payload); /* takes the payload */
int ticket_tell(struct work *w, const struct ticket *t, bool to_office, const char *tone, const char *what);
/* A limit of data/supervision.json counted from an instant. -1: the file is not readable. */
int ticket_due(struct work *w, const char *which, int64_t from, int64_t *ret_due, struct str *ret_certificate);

/* ── making one ── */
#define TICKET_ALERTS 50
struct ticket_new {
    const int64_t *alerts;
    size_t n;
    struct str title, demand; /* "": from the alerts, and the usual words */
};
/* From alerts of one unit that are open and in no other ticket. Rights are the caller's to check (ticket_make). */
int ticket_create(struct work *w, const struct ticket_new *x, int64_t office_id, int64_t *ret_id);
int ticket_make(struct work *w, const struct ticket_new *x, int64_t *ret_id); /* by a person: PERM_TICKET_ISSUE */
int ticket_of_alert(struct work *w, int64_t alert_id, int64_t *ret_id, struct str *ret_number,
                    bool *ret_live); /* 1, 0, -1 */

/* ── steps (ticket_flow.c) ── */
struct ticket_step {
    struct str text; /* explanation, report, opinion, reason: by the verb */
    int64_t revision;
};
extern const struct flow ticket_flow;
int ticket_step(struct work *w, int64_t id, const char *verb, const struct ticket_step *x);
json_t *ticket_actions(struct work *w, const struct ticket *t); /* flow_actions and what each form asks */

http_handler ticket_list_page, ticket_page, ticket_new_page, ticket_post, ticket_step_post, ticket_letter_file;
extern const struct field_table ticket_list_table, ticket_new_table, ticket_table, ticket_step_table,
    ticket_letter_table;
#endif
