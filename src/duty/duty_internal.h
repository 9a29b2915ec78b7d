/* duty_internal.h: what the files of this room share. */
#ifndef MINGTANG_DUTY_INTERNAL_H
#define MINGTANG_DUTY_INTERNAL_H

#include "duty/duty.h"
#include "duty_sql.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "view/view.h"

#define DUTY_RULES_MAX 16 /* rules of one item; the longest shipped cell has two */

/* A duty with the words around it (sql duty_row). Views live in the work's arena. */
struct duty_row {
    struct duty d;
    int64_t field_id, rule_no, created_at;
    struct str period_key, due_day, waive_ground, unit_code, unit_name, item_code, level1, level2, elements, basis,
        limit_text, field_code, field_name, fact_subject, fact_number, fact_kind, fact_day, fact_source_ref;
};
int duty_row_get(struct work *w, int64_t id, struct duty_row *ret); /* -1 ERR_NOT_FOUND */

/* The rules of an item version. An item without any is owed within the cap of 条例第二十六条 (data/limits.json,
 * "manual"). */
struct duty_rules {
    struct limit_rule v[DUTY_RULES_MAX];
    int n;
};
int duty_rules_read(struct work *w, const json_t *rules, struct duty_rules *ret);
int duty_main_rule(const struct duty_rules *r);  /* the one of first publication; -1: none is due */
bool duty_rule_owes(const struct limit_rule *r); /* starts a clock when a fact happens */

/* A duty about to be written. */
struct duty_new {
    const struct item *item;
    int64_t unit_id, fact_id;
    const char *source;
    struct str period_key, subject;
    int rule_no;
    int64_t trigger_at, due_at;
    struct str certificate;
};
/* Counts down `l` from the trigger and fills trigger_at, due_at and certificate. */
void duty_count_down(struct work *w, struct duty_new *n, int64_t trigger, struct limit l, struct str rule);
#define DUTY_INSERT_WIDTH 14
void duty_insert_values(struct work *w, const struct duty_new *n, struct db_value v[DUTY_INSERT_WIDTH]);
/* Changes of the maintained counts by one duty due on the day; what is open follows: required - met - met_late. */
int duty_count_change(struct work *w, int64_t unit_id, int64_t field_id, struct str due_day, int required, int met,
                      int met_late);
int duty_due_change(struct work *w, int64_t unit_id, int64_t field_id, struct str due_day, int open);
/* Event about one duty. public: more for the payload, secret: protected part; both may be NULL and are taken. */
int duty_event(struct work *w, const struct duty_row *r, const char *verb, json_t *public, json_t *secret);
int duty_void(struct work *w, int64_t id, const char *reason);                  /* an open one, with event and counts */
int duty_make_periods(struct work *w, const struct item *i, int64_t *ret_made); /* inside a transaction */
/* The limit a certificate was counted with; false: it has none (a fixed date). */
bool duty_certificate_limit(const json_t *certificate, struct limit *ret);
/* A run of working days (每20个工作日) begins where the runs before it end, by the calendar of now; else the trigger.
 */
int64_t duty_run_trigger(struct str period_key, struct limit l, int64_t trigger);
bool duty_waive_ground(struct str ground); /* one of those a duty may be waived on */
int duty_redate(struct work *w);           /* job: open duties of an older calendar; at most once a day and calendar */
int duty_periods_missing(struct work *w, const struct item *i, bool *ret);
bool json_owner(const json_t *owners, int64_t unit_id);

/* Words. */
const char *duty_state_name(struct str code);
const char *duty_source_name(struct str code);
const char *duty_ground_name(struct str code);
const char *fact_kind_name(struct str code);
extern const struct field_option duty_state_options[], duty_source_options[], fact_kind_options[];

/* Pages besides duty_pages.c. */
int facts_page(struct http_request *in, struct http_response *out);
int fact_form(struct http_request *in, struct http_response *out);
int fact_create(struct http_request *in, struct http_response *out);
int board_page(struct http_request *in, struct http_response *out);
extern const struct field_table facts_table, fact_form_table, fact_table;
#endif
