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
/* Level, times, state, outcome, words and unit as in a; counts; event, unless verb is NULL: the caller writes its
 * own. */
int alert_save(struct work *w, const struct alert *before, const struct alert *a, const char *verb);
int alert_event(struct work *w, const struct alert *a, const char *verb, json_t *payload); /* takes the payload */

/* ── the ladder (ladder.c) ── */
int ladder_holder(struct work *w, int64_t unit_id, int permission, int64_t *ret_post); /* 0: nobody holds one */
/* Takes the steps that are due; *next moves to the next one when that is earlier. */
int ladder_climb(struct work *w, const struct rule *r, const struct course *c, const struct occurrence *o,
                 struct alert *a, int64_t *next);
/* How many steps are due by now, `step` of them taken; *next as above. Takes none. */
int ladder_stand(const struct rule *r, const struct course *c, const struct occurrence *o, int step, int64_t now,
                 int64_t *next);
/* When a step is due, as far as `now` knows; 0: its level is not reached yet. */
int64_t ladder_step_due(const struct course *c, const struct occurrence *o, const struct ladder_step *s, int64_t now);
int ladder_flush(struct work *w); /* tells what is due: 1 something, 0, -1 */

/* ── following (follow.c) ── */
struct rule_set {
    struct rule *v;
    size_t n;
};
int rules_on(struct work *w, struct rule_set *ret); /* released by rules_release() */
void rules_release(struct rule_set *s);

/* ── switched off (rule_shipped.c) ── */
int rule_touched(struct work *w, int64_t rule, int64_t after, int64_t *ids, size_t cap);
int rule_let_go(struct work *w, int64_t rule, int64_t subject);

/* ── checks of duty, catalogue and disclosure (check_duty.c … check_content.c; what they share: check_kit.c) ── */
extern const struct check duty_checks[], catalogue_checks[], disclosure_checks[], document_checks[], content_checks[];
extern const size_t duty_check_count, catalogue_check_count, disclosure_check_count, document_check_count,
    content_check_count;

#define NO_MORE_PARAMETERS                                                                                             \
    { NULL, NULL, PARAMETER_INT, 0, 0, NULL }
#define NO_MORE_EVENTS                                                                                                 \
    { NULL, NULL, NULL, NULL }

/* Subject "item_owner": an item and a unit that owes it, as one number. */
#define OWNER_UNITS 1048576
#define OWNER_ID(item_id, unit_id) ((item_id)*OWNER_UNITS + (unit_id))

/* A keyed page of ids: a statement with (after, cap), or with (something, after, cap). The number, or -1. */
int check_ids(struct work *w, const struct db_statement *st, int64_t after, int64_t *ids, size_t cap);
int check_ids_of(struct work *w, const struct db_statement *st, struct db_value of, int64_t after, int64_t *ids,
                 size_t cap);
/* The first day on which no more than n working days are left until the end of `due`. */
day_t check_warn_day(day_t due, int n);
/* Yellow from so many working days before the end of the day `due` (0: none), red after it: within [from, until). */
void check_clock(struct course *c, day_t due, int yellow_days, int64_t from, int64_t until);
/* Is one of the words (split by commas, 、 or blanks) in the text? */
bool check_word_in(struct str words, struct str text);

/* Stretches of time, in order; an until of 0 in the records is INT64_MAX here. */
struct stretch {
    int64_t from, until;
};
#define STRETCHES 60
struct stretches {
    struct stretch v[STRETCHES];
    size_t n;
};
int check_stretches(struct work *w, const struct db_statement *st, int64_t of, struct stretches *ret);
/* `level` wherever none of the stretches covers [from, until). */
void check_uncovered(struct course *c, int level, int64_t from, int64_t until, const struct stretches *covered);

/* A publication (公开信息) and the newest EDITIONS of its public versions, in order. */
#define EDITIONS 24
struct edition {
    int64_t id, from, until, made_by, concealed_at, expired_at; /* until INT64_MAX: still public; expired_at 0: not */
    bool entered;                                               /* it was public before this system */
    struct str title, attribute, validity, elements;
    day_t formed, effective, expires; /* DAY_NONE when not given */
};
struct publication {
    int64_t id, unit_id, item_id, field_id, published_at, drafter_id, about_id;
    struct str kind, title, state, public_id;
    struct edition v[EDITIONS];
    size_t n;
    bool whole; /* no older public version was left out */
};
/* 1; 0: never public, or a part of the portal; -1. */
int publication_read(struct work *w, int64_t id, struct publication *ret);
/* Whom and what, with the title masked; no spans. */
void publication_course(struct work *w, const struct publication *p, int holder, struct course *ret);
/* A field of the kind's own ("opinions_until"), "" when it is not given. */
struct str edition_element(struct work *w, const struct edition *e, const char *name);
int publication_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap);
/* All of what is public: for a change that concerns no one in particular (a calendar). */
#define PUBLICATION_EVENTS                                                                                             \
    {"disclosure", "published", "disclosure", NULL}, {"disclosure", "corrected", "disclosure", NULL},                  \
        {"disclosure", "withdrawn", "disclosure", NULL}, {"disclosure", "entered", "disclosure", NULL}, {              \
        "disclosure", "expired", "disclosure", NULL                                                                    \
    }

/* ── words to watch for (watchlist.c) ── */
struct watch_word {
    struct str word, instead, why;
    int level;
    const struct str *unless; /* longer phrases in which it is right */
    size_t n_unless;
};
const struct watch_word *watchlist(size_t *ret_n); /* as loaded, else the one that ships */
bool watch_word_in(const struct watch_word *word, struct str text);
/* ── checks by room ── */
extern const struct check duty_checks[];
extern const size_t duty_check_count;

/* ── tickets (ticket.c, ticket_internal.h) ── */
/* For a rule's ladder: a ticket of this alert, by the system from the city office. Once per alert, also when that one
 * was cancelled; of a ticket's own alert the ticket itself. */
int ticket_draw_up(struct work *w, int64_t alert_id, int64_t *ret_id);
extern const struct check ticket_checks[];
extern const size_t ticket_check_count;

/* ── precision (alert_answer.c) ── */
/* How often a version of a rule (0: all of them, of the 5,000 newest subjects) was right: confirmed / (confirmed +
 * false alarms). Confirmed: the alert ended as mended or late, or a supervisor refused what the unit said against it.
 * False: a supervisor found that it was no breach. What is open without a decision, ended before it turned red
 * (lapsed), was waived or ended with the rule says nothing. */
struct precision {
    int64_t raised, confirmed, false_alarms, waived, open;
    int64_t hundredths; /* of a percent: 9250 is 92.5%; -1: nothing to go by yet */
};
int rule_precision(struct work *w, int64_t rule_id, int64_t version_id, struct precision *ret);
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
size_t site_columns(struct work *w, struct site_column **ret);      /* that are there, home first; 0 after an error */
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
int site_holds_now(struct work *w, const struct site_column *c, int64_t *ret); /* 1 something is public in it, 0 */
json_t *site_column_list(struct work *w);       /* as the portal has them. NULL after w->error. New reference */
int site_gauges(struct work *w, json_t *model); /* model.veto, model.deduct and their counts */
struct str site_own(struct work *w);            /* this site's own address; empty: no server runs here */
struct str site_page(struct work *w, struct str path, int *ret_status); /* status 0: it does not answer */
struct str site_unguarded(struct work *w, struct str html);             /* first link that leaves without asking */
enum { TAGS_SITE = 1, TAGS_COLUMN = 2, TAGS_CONTENT = 4 };
struct str site_tags(struct work *w, struct str html, int layers); /* names of the mandatory ones that are missing */
struct str site_footer(struct work *w, struct str html, const json_t *elements); /* names of those missing */
json_t *site_indicators(struct work *w); /* data/site-check.json. NULL after w->error. New reference */
int site_state_get(struct work *w, const char *name, int64_t *ret); /* 0 when never set */
int site_state_set(struct work *w, const char *name, int64_t value);
/* ── the live board (board.c, board_figures.c, board_watch.c) ── */
/* The maintained counts follow an alert's change: inside its transaction, next to its event. before NULL: it is new. */
int board_alert_changed(struct work *w, const struct alert *before, const struct alert *after);
/* Counts of alerts and times of posts against a count from their rows: 0 agree, 1 differ, -1. board_recount() rebuilds
 * them, inside a transaction. */
int board_recount_check(struct work *w);
int board_recount(struct work *w);
/* What the board shows, from counts alone; worst_first: units in that order, for a wall. New reference. */
json_t *board_figures(struct work *w, bool worst_first);
int64_t board_version(const json_t *figures); /* their digest, positive */
extern const struct http_stream board_stream;

/* ── figures (statistics.c, statistics_sum.c, statistics_pages.c, statistics_xlsx.c) ── */
/* What is counted. The order is that of the columns of `statistics` and of the bits of statistics_part.flags. */
enum measure {
    M_OWED,
    M_MET,
    M_LATE,
    M_LATE_5,
    M_LATE_20,
    M_LATE_MORE,
    M_OPEN,
    M_WAIVED,
    M_PUBLISHED,
    M_CORRECTED,
    M_WITHDRAWN,
    M_REQUESTS,
    M_REPLIED,
    M_REPLIED_LATE,
    M_REQUEST_OPEN,
    M_CORRECTIONS,
    M_REMEDIES,
    M_YELLOW,
    M_ORANGE,
    M_RED,
    M_ALERT_OPEN,
    M_CONFIRMED,
    M_FALSE,
    M_ALERT_WAIVED,
    FLAG_MEASURES,
    M_LATE_DAYS = FLAG_MEASURES, /* a sum of days, no flag */
    STORED_MEASURES,
    M_OVERDUE = STORED_MEASURES, /* from statistics_open and now */
    M_REQUEST_OVERDUE,
    MEASURES
};
#define MEASURE_BIT(m) ((int64_t)1 << (m))
/* One time a subject counts. */
struct figure_part {
    int64_t serial, month, unit_id, field_id, catalogue, post_id, flags, days, due_at;
};
enum { FIGURE_PARTS = 320 };
int64_t figure_month(day_t d); /* 202611 */
/* Parts of a subject by its records; kept: what is kept of it, whose post stands while nobody drafted. */
int figure_parts_of(struct work *w, const char *kind, int64_t id, const struct figure_part *kept, size_t n_kept,
                    bool look_for_holder, struct figure_part *ret);
bool figure_kind_known(const char *kind);
int figure_differs(struct work *w, const char *kind, int64_t id); /* records against what is kept: 1, 0, -1 */
int figure_fill_again(struct work *w);                            /* the job counts everything once more */
/* 1: what was there before is still being counted; 0: all is counted; -1. */
int figure_progress(struct work *w, int64_t *ret_done, int64_t *ret_total);

/* ── sums (statistics_sum.c) ── */
enum figure_by { FIGURE_BY_UNIT, FIGURE_BY_POST, FIGURE_BY_FIELD, FIGURE_BY_CATALOGUE, FIGURE_BY_MONTH, FIGURE_BYS };
extern const char *const figure_by_codes[FIGURE_BYS], *const figure_by_names[FIGURE_BYS];
extern const char *const figure_catalogue_names[4];
struct figure_query {
    enum figure_by by;
    int64_t from, to;                              /* months, 202601 */
    int64_t unit_id, field_id, catalogue, post_id; /* -1: every one */
    struct str path, unit_kind;                    /* a LIKE pattern over unit.path; "": every kind */
};
struct figure_row {
    int64_t key, order; /* order: the official one */
    struct str code, name, note;
    int64_t n[MEASURES];
    double low, high; /* interval of the rate on time */
    bool nobody;      /* no post, no field: nobody to be ranked */
    bool ranked;
    int64_t rank;
};
struct figures {
    struct figure_row *rows, all;
    size_t count;
    int least;    /* fewer cases: no rank */
    bool ranking; /* rows in order of their rank */
};
int figures_of(struct work *w, const struct figure_query *q, struct figures *f);
void figure_interval(int64_t good, int64_t n, double *ret_low, double *ret_high);
void figure_rank(struct figure_row *rows, size_t n, int64_t least); /* n[], nobody, order in; the rest out, sorted */
int64_t figure_due(const struct figure_row *r);                     /* duties that had to be done by now */
int figure_least(struct work *w);
struct str figure_rate(struct arena *a, int64_t good, int64_t of);   /* "93.5%", "—" */
struct str figure_span(struct arena *a, const struct figure_row *r); /* "80.1%～96.2%", "—" */
struct str figure_days(struct arena *a, const struct figure_row *r); /* working days late on average, "—" */
struct figure_measure {
    const char *code, *name, *kind; /* of its records: duty, disclosure, request, alert */
};
extern const struct figure_measure figure_measures[MEASURES];
int figures_xlsx(struct work *w, const struct figures *f, const struct figure_query *q, struct str period,
                 struct str unit, struct str *ret);

/* ── what the public sees (public_pages.c, five_alls.c) ── */
bool figure_caught_up(struct work *w); /* the figures know every event of the ledger: a page may be kept */
http_handler five_alls_page, five_alls_missing;
extern const struct field_table five_alls_table;
#endif
