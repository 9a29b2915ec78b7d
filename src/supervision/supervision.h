/* supervision.h: the live supervision of what is owed (在线监督): rules as data, alerts, escalation, tickets, figures.
 * Reads duties, applications, publications and catalogues through the views of migration 0015 and events through the
 * ledger; no other room knows that it exists. Decisions stay with people: an alert says what the records say. */
#ifndef MINGTANG_SUPERVISION_H
#define MINGTANG_SUPERVISION_H
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include "job/job.h"
#include <jansson.h>

enum alert_level { LEVEL_NONE, LEVEL_YELLOW, LEVEL_ORANGE, LEVEL_RED }; /* 正常 临近 紧急 逾期(违反) */
const char *alert_level_code(int level);                                /* "green", "yellow", "orange", "red" */
const char *alert_level_name(int level);                                /* 正常, 临近, 紧急, 逾期 */

/* ── checks (检查项): a table that rooms add rows to ── */

/* One stretch of a subject's course: this level in [from, until); INT64_MAX: no end in sight. ms UTC. */
struct span {
    int64_t from, until;
    int level; /* LEVEL_YELLOW … LEVEL_RED; what no span covers is LEVEL_NONE */
};
#define COURSE_SPANS 32
/* What the records say of one subject under one rule, from its beginning to the end in sight. The same answer serves
 * the alert of now (the span that holds now), the time wheel (the next border), the dry run on history (all spans) and
 * the recomputation. It must follow from records and parameters alone: never from w->now, except that what is not yet
 * recorded has not happened. */
struct course {
    int64_t unit_id, field_id, item_id; /* whom and what it concerns; field and item 0 when none */
    struct str kind;                    /* kind of publication, unit or column, for the scope; "" none */
    int holder;                         /* permission of the posts of the unit that must act */
    int64_t due_at;                     /* what it runs against; 0: it is wrong as it is */
    struct str title, note, address;    /* what (no personal data), why in words, "/desk/…" to look */
    struct span spans[COURSE_SPANS];    /* in order of time, not overlapping */
    size_t n;
};
void course_span(struct course *c, int level, int64_t from, int64_t until); /* nothing when from >= until */

struct rule; /* one version of a rule in force, read-only */
int64_t rule_int(const struct rule *r, const char *parameter);
struct str rule_text(const struct rule *r, const char *parameter);

enum parameter_type {
    PARAMETER_INT = 1,
    PARAMETER_TEXT,
    PARAMETER_DAYS /* "5" or "5个工作日" as a working-day count */
};
struct check_parameter {
    const char *name, *label; /* Chinese label with its unit: "黄色预警提前（工作日）" */
    enum parameter_type type;
    int64_t min, max;     /* of a number; characters of a text */
    const char *fallback; /* the default, as text */
};
/* An event after which a subject's course may be another. verb NULL: every verb of the room. of: the subjects an event
 * concerns, when its own subject is of another kind than the check's; NULL: the event's subject itself. Fills at most
 * cap ids after `after`, ascending; the number, or -1. */
struct check_event {
    const char *room, *verb, *subject_kind;
    int (*of)(struct work *w, int64_t event_subject, int64_t after, int64_t *ids, size_t cap);
};
struct check {
    const char *code, *label, *about; /* "duty_due", Chinese name, Chinese sentence of what it finds */
    const char *subject; /* kind of its subjects: "duty", "disclosure", "item", "request", "unit", "site" */
    const char *group;   /* "duty", "catalogue", "disclosure", "request", "site": for the list of checks */
    const struct check_parameter *parameters; /* ends with {NULL} */
    const struct check_event *events;         /* ends with {NULL} */
    /* 1 filled, 0 there is no such subject or it is not concerned, -1 error. */
    int (*course)(struct work *w, const struct rule *r, int64_t subject, struct course *ret);
    /* All subjects the check may concern, by id above `after`, ascending: for switching on, dry run and recomputation.
     * The number filled (fewer than cap: the last ones), or -1. */
    int (*subjects)(struct work *w, int64_t after, int64_t *ids, size_t cap);
};
/* At start, once per table: which checks there are. Tables live as long as the process. */
void check_register(const struct check *checks, size_t n);
void supervision_checks(void); /* registers the checks of the rooms below */
const struct check *check_find(struct str code);
const struct check *check_at(size_t i); /* NULL past the last */

/* data/watchlist.json: wording to watch for. Once at start, before threads; without it the embedded one is used. 0; -1:
 * not readable, nothing changed. */
int watchlist_load(struct str json);

/* ── running ── */
int supervision_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap); /* this node's thread */
void supervision_stop(void);
/* One pass, as the thread does it, for commands and tests: events followed and moments come. 1 something was done, 0
 * nothing, -1. Outside a transaction. */
int supervision_pass(struct work *w);
/* data/rules.json: rules that are not there yet; in a transaction. later: their subjects are looked at by jobs, else by
 * supervision_catch_up(). */
int supervision_init(struct work *w, json_t *rules, bool later);
/* A new installation: the subjects of every rule that is on, and the figures, at once. Outside a transaction. */
int supervision_catch_up(struct work *w);
int supervision_enrol(struct work *w, json_t *args); /* job: a rule's subjects after switching it on or off */
int board_post_times(struct work *w, json_t *args);  /* job: how long matters wait for posts, by month */
int supervision_settled(struct work *w);             /* 1: every event and moment was followed; 0: some wait; -1 */
/* Alerts, watches and counts against a computation from nothing. differences: [{what, rule, subject, kept, truth}], at
 * most 200. 0 agree, 1 differ, -1. Progress may be NULL. */
int supervision_recompute(struct work *w, void (*progress)(int64_t done, int64_t total), json_t **ret_differences);

/* ── the live board ── */
int board_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap); /* this node's thread */
void board_stop(void);
extern const struct route board_routes[];
extern const size_t board_route_count;
/* ── rule management (rule_pages.c) ── */
extern const struct route rule_routes[];
extern const size_t rule_route_count;
int rule_try(struct work *w, json_t *args); /* job: one dry run; goes on where it was kept */
int rule_limits_load(struct str json);      /* data/supervision.json, once at start. -1: not readable */
/* ── the site as it is found (网站自查) ── */
/* The portal's columns, {columns: [{code, name, type, filter}]}: handed in by the wiring, since the portal lies above.
 */
void supervision_columns_from(json_t *(*columns)(struct work *w));
int supervision_site_columns(struct work *w);            /* reads them anew, at start; in a transaction */
int supervision_site_tick(struct work *w, json_t *args); /* job: columns anew, sets off the two below */
int supervision_site_look(struct work *w, json_t *args); /* job: own pages, and whether the public address opens */
int supervision_site_walk(struct work *w, json_t *args); /* job: links and attachments of some publications */
extern const struct route site_check_routes[];
extern const size_t site_check_route_count;
/* ── figures (监督统计) ── */
/* What one subject counts for, brought up to its records: to be called for the subject of every event followed, in its
 * transaction. Kinds: "duty", "disclosure", "request", "alert", "item", "calendar"; others do nothing. Seen twice it
 * comes out the same. 0 or -1. */
int statistics_touch(struct work *w, const char *subject_kind, int64_t subject_id);
/* Recurring job: counts what was there before, in batches, from where it stopped; nothing once that is done. Outside a
 * transaction. */
int statistics_fill(struct work *w, json_t *args);
/* The maintained figures against a count of the records: 0 agree (or are still being counted), 1 differ, -1.
 * statistics_recount() builds them anew, inside a transaction. */
int statistics_recount_check(struct work *w);
int statistics_filled(struct work *w); /* 1: what was there before is counted; 0: not yet; -1 */
int statistics_recount(struct work *w);
extern const struct route statistics_routes[], supervision_public_routes[];
extern const size_t statistics_route_count, supervision_public_route_count;
/* ── alerts and tickets as people meet them ── */
extern const struct route alert_routes[], ticket_routes[];
extern const size_t alert_route_count, ticket_route_count;
/* For the desk's home: what waits for the actor: tickets to acknowledge, to mend, to check; alerts to answer (those
 * that are no duty and no application: these have lists of their own) and to decide. [{title, note, due_at, clock,
 * href, action_href, action}]. New reference, NULL on error. */
json_t *supervision_waiting(struct work *w, int64_t limit);
/* For the replay (replay_source). */
json_t *ticket_replay(struct work *w, int64_t id), *ticket_replay_clock(struct work *w, int64_t id, int64_t at);
json_t *alert_replay(struct work *w, int64_t id), *alert_replay_clock(struct work *w, int64_t id, int64_t at);
const char *supervision_word(const char *member, struct str code); /* words of codes in the room's events */
#endif
