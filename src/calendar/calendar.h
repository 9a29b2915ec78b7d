/* calendar.h: working days and statutory time limits (rules.md §0), with a certificate of every day counted.
 * Days are Asia/Shanghai. Calendars are data (the JSON files of data/calendar → table calendar_day), importable; a year
 * without a holiday notice is provisional: weekends plus the fixed festival days. */
#ifndef MINGTANG_CALENDAR_H
#define MINGTANG_CALENDAR_H
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

int calendar_load(struct work *w); /* (re)reads the tables into memory; at start and after import */
/* Loads again when another node has imported: one cheap statement; for recurring jobs. */
int calendar_refresh(struct work *w);
int calendar_init_data(struct work *w); /* the files of data/calendar; idempotent; inside a transaction */
/* A year file: {"year","notice","status","off":[{"reason","from","to"}],"makeup":["YYYY-MM-DD"]}. Inside a transaction;
 * the new calendar is in force for readers after the commit. Bad files: field "year_file". */
int calendar_import(struct work *w, json_t *year_file, const char *source, int64_t *ret_version); /* event; versioned */
int calendar_version(void);
bool calendar_workday(day_t d);
bool calendar_provisional(day_t d);   /* its year has no notice */
const char *calendar_reason(day_t d); /* "周六" "国庆节" "调休上班" "工作日" */
const char *calendar_notice(day_t d); /* document that says so, "" when none */
/* 民法典201, 203: day 0 is the trigger day and not counted. */
day_t calendar_add_working(day_t d0, int n); /* the n-th working day after d0; n 0 gives d0 */
day_t calendar_add_days(day_t d0, int n,
                        bool roll); /* natural days; roll: a last day on a rest day moves to the next working day */
day_t calendar_add_months(day_t d0, int n, bool roll); /* 民法典202: no such day → the month's last */
int calendar_working_between(day_t a, day_t b);        /* working days in (a, b]; negative when b < a */
int calendar_working_days_of_year(int year);

enum limit_unit { LIMIT_WORKING_DAYS = 1, LIMIT_DAYS, LIMIT_HOURS, LIMIT_MONTHS };
struct limit {
    int n;
    enum limit_unit unit;
};
/* Due instant (ms UTC): 24:00 − 1 ms of the last day (民法典203), or exact for hours (201条2款). certificate (new
 * reference, may be NULL): {"rule","trigger","limit":{n,unit},"start","due","calendar_version","provisional",
 * "days":[{"day","counted","n","reason","notice"}…],"text"}. */
int64_t limit_due(int64_t trigger, struct limit l, const char *rule, json_t **ret_certificate);

extern const struct route calendar_routes[]; /* GET /calendar/{year}; staff: /desk/calendar */
extern const size_t calendar_route_count;
#endif
