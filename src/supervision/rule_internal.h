/* rule_internal.h: what the files of rule management share: making, trying, switching and showing rules. */
#ifndef MINGTANG_RULE_INTERNAL_H
#define MINGTANG_RULE_INTERNAL_H
#include "flow/flow.h"
#include "supervision/supervision_internal.h"

/* ── what is decided by numbers (data/supervision.json) ── */
struct rule_limits {
    int64_t alerts;        /* so many raised in a dry run, or standing now: a second person switches on */
    int64_t per_post_week; /* more notices than this for one post in one week: likewise */
    int64_t tried_days;    /* a dry run counts for so many days */
    int64_t most_days;     /* the longest stretch of history of one dry run */
};
extern struct rule_limits rule_limits; /* set once at start */

/* ── a rule with one of its versions (rule_edit.c) ── */
struct rule_row {
    int64_t id, version_id, version, newest; /* newest: number of the newest version */
    int64_t on_version_id, on_version;       /* switched on, or last on; 0 never */
    int64_t on_at, asked_by, asked_version_id, made_by, created_at, weight;
    bool shipped, frozen;
    struct str code, check_code, state, asked_by_name, made_by_name;
    struct str name, parameters, scope, ladder, ground, status, effective; /* JSON as kept */
    struct str digest;         /* of check, parameters, scope and ladder: what a dry run tried */
    const struct check *check; /* NULL: its room is not there */
};
/* version 0: the newest. 1, 0 (no such rule or version), -1. Views in the arena. */
int rule_row_get(struct work *w, int64_t id, int64_t version, struct rule_row *ret);
/* What a person says of a rule. Objects are borrowed. */
struct rule_draft {
    struct str name, ground, status; /* status: C, P, L (also M, U of shipped ones) */
    int64_t weight;                  /* hundredths */
    day_t effective;
    json_t *parameters, *scope, *ladder;
};
/* Rules concern every unit: only posts whose scope is every unit may look at or touch them. 0, or -1 ERR_FORBIDDEN. */
int rule_may(struct work *w, int permission);
/* A new draft. In a transaction; event rule_saved. Field errors say what is wrong. */
int rule_make(struct work *w, struct str check_code, const struct rule_draft *d, int64_t *ret_id);
/* A further version; base: the newest version its editor saw, another one is ERR_CONFLICT. What is switched on stays on
 * as it is; a request to switch on an older version falls away. */
int rule_save(struct work *w, int64_t id, int64_t base, const struct rule_draft *d, int64_t *ret_version);
int rule_event(struct work *w, const struct rule_row *r, const char *verb, struct str reason,
               json_t *more);          /* takes more, may be NULL */
json_t *rule_json_of(struct str text); /* of a kept text; an empty object when it is none. New reference */

/* ── scope (rule_scope.c) ── */
/* Contradictions and scopes that nothing can meet, told at the field. 0, -1. */
int rule_scope_check(struct work *w, const struct check *c, const json_t *scope);
struct str rule_scope_words(struct work *w, const json_t *scope); /* one sentence; "" on error */
/* The part of a scope in names: "units", "except", "unit_kinds", "fields", "items", "kinds"; "" when none. */
struct str rule_scope_part(struct work *w, const json_t *scope, const char *part);
int rule_units(struct work *w, struct db_rows *ret); /* id, code, short_name, kind, path; kept for one work's length */
extern const struct field_option rule_unit_kinds[], rule_kinds[];

/* ── dry run (rule_try.c) ── */
struct rule_run {
    int64_t id, rule_id, version_id, version, done, total, raised, made_by, created_at, ended_at;
    struct str state, from, to, digest, made_by_name;
    json_t *result; /* owned: json_decref. Tallies; see rule_try.c */
};
int rule_run_get(struct work *w, int64_t id, struct rule_run *ret); /* 1, 0, -1 */
/* Days are inclusive. In a transaction; event rule_tried; the job does the rest. */
int rule_try_start(struct work *w, int64_t rule, int64_t version, day_t from, day_t to, int64_t *ret_run);
/* The newest finished dry run of this digest that still counts. 1, 0, -1. */
int rule_run_valid(struct work *w, const struct rule_row *r, struct rule_run *ret);
struct rule_load {                     /* what a dry run says of the burden */
    int64_t raised, standing, busiest; /* busiest: notices of the busiest post in its busiest week */
    int64_t weeks, notices, posts;     /* posts that would have heard anything */
    struct str busiest_post, busiest_week;
};
void rule_run_load(struct work *w, const struct rule_run *run, struct rule_load *ret);
/* "" when one person may switch it on; else why a second one is needed, in words. */
struct str rule_large(struct work *w, const struct rule_load *l);

/* ── the flow (rule_flow.c) ── */
extern const struct flow rule_flow;
struct rule_step_input {
    struct str reason;
    int64_t version; /* the newest version the person saw; another one is ERR_CONFLICT */
};
int rule_step(struct work *w, int64_t id, const char *verb, const struct rule_step_input *x);
json_t *rule_actions(struct work *w,
                     const struct rule_row *r); /* buttons: flow_actions(), without what is no question now */

/* ── as shown (rule_view.c) ── */
json_t *rule_parts(struct work *w, const struct rule_row *r); /* [{label, value}]: all a version says, in words */
json_t *rule_version_json(struct work *w, const struct rule_row *r);
json_t *rule_run_json(struct work *w, const struct rule_run *run);
const char *rule_run_state(struct str code);
struct str rule_weight_text(struct arena *a, int64_t hundredths);
struct str rule_step_words(struct work *w, const json_t *step);
extern const struct field_option rule_statuses[], rule_levels[], rule_audiences[];

/* ── forms (rule_form.c) ── */
int rule_new_form(struct http_request *in, struct http_response *out);
int rule_new_post(struct http_request *in, struct http_response *out);
int rule_edit_form(struct http_request *in, struct http_response *out);
int rule_edit_post(struct http_request *in, struct http_response *out);
extern const struct field_table rule_new_table, rule_form_table;
#endif
