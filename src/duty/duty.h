/* duty.h: obligations and their clocks (应公开任务). A duty says who owes what by when on what ground; it is
 * met by a publication, on time or late, or waived with a ground. */
#ifndef MINGTANG_DUTY_H
#define MINGTANG_DUTY_H
#include "base/base.h"
#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

/* state: open, met, met_late, waived, void */
struct duty {
    int64_t id, unit_id, item_id, item_version_id, fact_id, disclosure_id;
    struct str state, source;   /* source: in_force, period, fact, fixed_date, continuous */
    struct str subject;         /* what: "2026年第三季度" or the fact's title; "" the item itself */
    int64_t trigger_at, due_at; /* ms UTC; due_at is the last millisecond on time */
    int64_t met_at;
    struct str certificate; /* JSON of calendar.h */
};
/* A formed/decided/changed fact (信息形成事实): from people or a business system. Makes one duty per matching rule of
 * the item version in force on that day and of the unit. kind: formed, decided, approved, received, ended, starting. */
struct fact_new {
    int64_t item_id, unit_id;
    struct str kind, subject, source_ref; /* source_ref: the business system's own number, unique per token */
    day_t day;
    struct str number; /* 文号, when it has one */
};
int fact_record(struct work *w, const struct fact_new *f, int64_t *ret_fact_id);
int duty_on_item_in_force(struct work *w, const struct item *i); /* catalogue's hook */
int duty_tick(struct work *w,
              json_t *args); /* job: periodic and fixed-date duties up to now; new days after a new calendar */
/* Publication of a disclosure meets: the named duty, else the oldest open one of its item, unit and (when given) fact.
 */
int duty_meet(struct work *w, int64_t duty_id, int64_t disclosure_id, int64_t at);
int duty_reopen(struct work *w, int64_t disclosure_id); /* withdrawn: what it met is owed again */
int duty_waive(struct work *w, int64_t duty_id, struct str ground, struct str reason);
extern const struct field_option duty_ground_options[]; /* grounds on which it may be waived */
int duty_get(struct work *w, int64_t id, struct duty *ret);
json_t *duty_json(struct work *w, const struct duty *d, bool with_certificate);
/* Colour, icon word and words of what is left at w->now: {"due","due_text","left_days","tone","word","text"} (ux.md
 * rule 3): 按期 >5 working days left, 临近 ≤5, 紧急 ≤2, 逾期, 已办. */
json_t *duty_clock(struct work *w, int64_t due_at, int64_t met_at, const char *state);
json_t *duty_owed_by_item(struct work *w, int64_t item_id, int64_t unit_id); /* open ones, public words only */
int duty_of_fact(struct work *w, int64_t fact_id, int64_t *ret_duty_id); /* the earliest due one it made; 0 when none */
/* Open duties in the actor's scope, most urgent first: [{id, title, note, due_at, clock}]: title is the item's 二级事项
 * and the subject, note the unit, item code and legal ground. New reference. */
json_t *duty_open_of_actor(struct work *w, int64_t limit);
/* Figures of a unit and/or field (0: all) from duty_count:
 * {"required","done","on_time","late","open","overdue","on_time_text"} (on_time_text "93.5%", "—" when nothing is
 * required yet). New reference. */
json_t *duty_totals(struct work *w, int64_t unit_id, int64_t field_id);
/* The maintained counts against a count of the duties: 0 agree, 1 differ, -1 error. duty_recount() rebuilds them,
 * inside a transaction. */
int duty_recount_check(struct work *w);
int duty_recount(struct work *w);
/* Due days and states against what they follow from. Adds [{what, rule: "", subject, kept, truth}] to the differences
 * while there are fewer than max. Progress may be NULL. 0 or -1. */
int duty_recompute(struct work *w, void (*progress)(int64_t done, int64_t total), json_t *differences, size_t max);
extern const struct route duty_routes[];
extern const size_t duty_route_count;
#endif
