/* supervision_internal.h: what the files of this room share. */
#ifndef MINGTANG_SUPERVISION_INTERNAL_H
#define MINGTANG_SUPERVISION_INTERNAL_H

#include "auth/auth.h"
#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "notify/notify.h"
#include "org/org.h"
#include "supervision/supervision.h"
#include "supervision_sql.h"
#include "view/view.h"

/* ── rules (rule.c) ── */
#define LADDER_STEPS 8
enum audience { TO_HOLDER = 1, TO_SUPERIOR, TO_OFFICE }; /* 岗位本人, 单位负责人, 市政府办公室监督岗 */
struct ladder_step {
    int level; /* taken when the alert has had this level … */
    int after; /* … for so many working days (0: at once) */
    enum audience to;
    bool ticket; /* a ticket (督办单) is drawn up besides */
};
/* Unit ids, unit kinds, field ids, item ids, kinds of publication: empty lists mean all. */
struct scope {
    int64_t *units, *except, *fields, *items;
    size_t n_units, n_except, n_fields, n_items;
    struct str *unit_kinds, *kinds;
    size_t n_unit_kinds, n_kinds;
};
struct rule {
    int64_t id, version_id, version;
    struct str code, name, ground, state; /* state: draft, on, off, ended */
    const struct check *check;
    json_t *parameters; /* owned: rule_release() */
    struct scope scope;
    struct ladder_step ladder[LADDER_STEPS];
    size_t steps;
    int64_t weight;  /* in appraisal, hundredths */
    int64_t on_from; /* ms UTC: the effective day or the moment it was switched on, whichever is later: breaches that
                        ended before are not raised */
};
/* The rule as switched on (version 0) or one version of it. Views in the arena. 1, 0, -1. */
int rule_get(struct work *w, int64_t id, int64_t version, struct rule *ret);
void rule_release(struct rule *r);
bool rule_covers(struct work *w, const struct rule *r,
                 const struct course *c); /* its scope, the unit's kind and tree */
/* Reads parameters, scope and ladder of a form or of data/rules.json, saying at the field what is wrong. 0 or -1. */
int rule_parameters_check(struct work *w, const struct check *c, const json_t *parameters);
int rule_scope_read(struct work *w, const json_t *scope, struct scope *ret);
int rule_ladder_read(struct work *w, const json_t *ladder, struct rule *ret);

/* ── evaluation (engine.c) ── */
/* Course of one subject under one rule, alert, ladder and the next moment brought up to w->now. In a transaction. 0,
 * -1.
 */
int evaluate(struct work *w, const struct rule *r, int64_t subject);
/* Level at an instant, and the next border after it (INT64_MAX none). */
int course_level(const struct course *c, int64_t at, int64_t *ret_next);
/* Stretches without a gap at some level: [from, until) of the i-th, and its highest level. false past the last. */
struct occurrence {
    int64_t from, until, red_from; /* red_from: 0 when it never turned red */
    int peak;
};
bool course_occurrence(const struct course *c, size_t i, struct occurrence *ret);

/* ── alerts (alert.c) ── */
struct alert {
    int64_t id, rule_id, version_id, subject_id, unit_id, field_id, item_id, post_id;
    struct str check_code, subject_kind, state, outcome, title, note, address; /* state: open, answered, closed */
    struct str answer;
    int level, peak, step;
    int64_t began_at, level_at, red_at, due_at, raised_at, closed_at;
};
int alert_get(struct work *w, int64_t id, struct alert *ret);              /* 1, 0, -1 */
void alert_from_row(const struct db_rows *r, size_t i, struct alert *ret); /* columns of sql alert_get */
int alert_insert(struct work *w, struct alert *a);                         /* new: id, event "raised", counts */
/* Level, times, state, outcome, words, step and unit as in a; event unless verb is NULL; counts. */
int alert_save(struct work *w, const struct alert *before, const struct alert *a, const char *verb);
int alert_event(struct work *w, const struct alert *a, const char *verb, json_t *payload); /* takes the payload */
/* Whatever is counted of alerts (board, statistics): before NULL when it is new. */
int alert_changed(struct work *w, const struct alert *before, const struct alert *after);

/* ── the ladder (ladder.c) ── */
int ladder_holder(struct work *w, int64_t unit_id, int permission, int64_t *ret_post); /* 0: nobody holds one */
/* Takes the steps that are due; *next moves to the next one when that is earlier. */
int ladder_climb(struct work *w, const struct rule *r, const struct course *c, const struct occurrence *o,
                 struct alert *a, int64_t *next);
int ladder_ticket(struct work *w, const struct alert *a); /* draws up a ticket, once per alert */
int ladder_flush(struct work *w);                         /* tells what is due: 1 something, 0, -1 */

/* ── following (follow.c) ── */
struct rule_set {
    struct rule *v;
    size_t n;
};
int rules_on(struct work *w, struct rule_set *ret); /* released by rules_release() */
void rules_release(struct rule_set *s);
/* What else follows an event (figures): in the follower's transaction; seen twice it comes out the same. */
int supervision_event(struct work *w, struct str subject_kind, int64_t subject_id);

/* ── switched off (rule_shipped.c) ── */
int rule_touched(struct work *w, int64_t rule, int64_t after, int64_t *ids, size_t cap);
int rule_let_go(struct work *w, int64_t rule, int64_t subject);

/* ── checks by room ── */
extern const struct check duty_checks[];
extern const size_t duty_check_count;

/* ── checks of applications (check_request.c) ── */
extern const struct check request_checks[];
extern const size_t request_check_count;

/* ── the site (check_site.c, check_unit.c, check_found.c; site_*.c) ── */
extern const struct check site_checks[], unit_checks[], found_checks[];
extern const size_t site_check_count, unit_check_count, found_check_count;
#define DAY_MS 86400000LL
/* A row of site_column: the home page (kind "home") or a column of the portal. */
struct site_column {
    int64_t id, since, gone_at;
    struct str code, name, kind, holds, what;
};
int site_column_get(struct work *w, int64_t id, struct site_column *ret); /* 1, 0, -1 */
size_t site_columns(struct work *w, struct site_column **ret); /* that are there, home first; 0 after an error */
/* Reads the portal's columns anew and keeps them as subjects. In a transaction. */
int site_columns_sync(struct work *w);
int site_home(struct work *w, int64_t *ret_id, int64_t *ret_since); /* 1, 0 not known yet, -1 */
int site_office(struct work *w, int64_t *ret_unit);                 /* whom the portal is; 0 none */
/* The newest publication of a column in (from, until); 0 none. The first one after an instant. 0, -1. */
int site_newest(struct work *w, const struct site_column *c, int64_t from, int64_t until, int64_t *ret);
int site_next(struct work *w, const struct site_column *c, int64_t after, int64_t *ret);
/* First instant at which a column of this kind, last renewed then, counts as not updated; INT64_MAX: never asked. */
int64_t site_stale_from(const struct rule *r, struct str kind, int64_t renewed);
/* Share of tries in the seven days before a day that were slow, in thousandths; tries 0: not measured. */
int site_slow_share(struct work *w, day_t day, int64_t *ret_tries, int64_t *ret_slow);
void course_room(struct course *c); /* the oldest spans give way when it is nearly full */

/* What was found wrong at an address. */
struct finding {
    int64_t id, disclosure_id, unit_id, failed_at, asked_at, tries, ended_at;
    struct str kind, page, title, address, status, detail;
};
int finding_get(struct work *w, int64_t id, struct finding *ret); /* 1, 0, -1 */
int finding_threshold(struct str kind);                           /* failed looks before it counts */
/* What one look at a page found: so that the rest of it is known to be mended. */
struct look {
    int64_t ids[200];
    size_t n;
};
int finding_failed(struct work *w, const struct finding *f, struct look *seen); /* again or first; in a transaction */
/* Open findings of the page that this look did not see are mended. In a transaction. */
int finding_settle(struct work *w, int64_t disclosure_id, struct str page, const struct look *seen);
struct str site_own(struct work *w); /* this site's own address; empty: no server runs here */
struct str site_page(struct work *w, struct str path, int *ret_status); /* status 0: it does not answer */
struct str site_unguarded(struct work *w, struct str html);             /* first link that leaves without asking */
enum { TAGS_SITE = 1, TAGS_COLUMN = 2, TAGS_CONTENT = 4 };
struct str site_tags(struct work *w, struct str html, int layers); /* names of the mandatory ones that are missing */
struct str site_footer(struct work *w, struct str html, const json_t *elements); /* names of those missing */
json_t *site_indicators(struct work *w); /* data/site-check.json. NULL after w->error. New reference */
int site_state_get(struct work *w, const char *name, int64_t *ret); /* 0 when never set */
int site_state_set(struct work *w, const char *name, int64_t value);
#endif
