/* alert_internal.h: alerts as people meet them: lists, one alert's page, what the unit says and what is decided. */
#ifndef MINGTANG_ALERT_INTERNAL_H
#define MINGTANG_ALERT_INTERNAL_H

#include "flow/flow.h"
#include "supervision/supervision_internal.h"

/* An alert with what people said of it and the names around it. */
struct alert_full {
    struct alert a;
    struct str answer_ground, decision, unit_code, unit_name, unit_short, field_code, field_name, item_code, post_name,
        rule_name, rule_ground, rule_status, rule_code;
    int64_t answered_at, decided_at, version;
};
int alert_full_get(struct work *w, int64_t id, struct alert_full *ret); /* ERR_NOT_FOUND */
const char *alert_state_name(struct str state);
const char *alert_answer_name(struct str answer);
const char *alert_outcome_name(struct str outcome);
/* What an event says in words: to_name, answer_name, outcome_name, level_name, put beside verb_name. */
void event_words(json_t *event);

/* ── answers and decisions (alert_answer.c) ── */
struct alert_step {
    struct str reason, ground; /* ground: of a waived duty, as its own room knows it */
    int64_t seen;              /* when it was last answered or decided, as the form knew it; -1: not said */
};
extern const struct flow alert_flow;
int alert_step(struct work *w, int64_t id, const char *verb, const struct alert_step *x);
json_t *alert_actions(struct work *w, const struct alert_full *f);
int64_t alert_seen(const struct alert_full *f);

/* ── lists (alert_list.c) ── */
/* The actor's units, or one of them by its code, as a LIKE pattern over unit.path; ret_unit 0: all. -1: ERR_NOT_FOUND,
 * ERR_FORBIDDEN. */
int supervision_scope(struct work *w, struct str unit_code, struct str *ret_path, int64_t *ret_unit);
void supervision_units(struct work *w, json_t *model, int64_t chosen); /* has_units, units: for a filter */
struct alert_found {
    struct db_rows *r;
    size_t i; /* row: columns of alert_list */
};
/* What the filters of the request ask for, at most `most` and one more. How many, or -1. */
int alerts_listed(struct http_request *in, int64_t most, struct alert_found **ret);

int alert_waiting(struct work *w, json_t *list, int64_t limit);
int ticket_waiting(struct work *w, json_t *list, int64_t limit);

http_handler alert_list_page, alerts_xlsx, alert_page, alert_step_post;
extern const struct field_table alert_list_table, alert_step_table;
#endif
