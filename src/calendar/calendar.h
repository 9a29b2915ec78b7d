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

/* The clock of a case: starts, stands, goes on, starts anew, is extended. */
enum clock_mark_kind { CLOCK_START = 1, CLOCK_RESTART, CLOCK_SUSPEND, CLOCK_RESUME, CLOCK_EXTEND };
struct clock_mark {
    enum clock_mark_kind kind;
    day_t day;   /* START/RESTART: trigger day, not counted. SUSPEND: day the letter went out, itself still counted (a
                    letter on the last day changes nothing). RESUME: day the answer came, itself not counted; counting
                    goes on with the next day. EXTEND: day of approval */
    day_t until; /* SUSPEND: latest day that is left out even without a RESUME (e.g. the 15th working day after the
                    other side received the letter), never before `day`; DAY_NONE: open-ended. A later RESUME is
                    allowed and changes nothing */
    int n;       /* EXTEND: working days added (natural days when the limit is in natural days) */
    int64_t ref; /* a RESUME ends the SUSPEND with the same ref; overlapping suspensions (several third parties) are a
                    union of days. A ref may be used again when its suspension is over */
    const char *rule; /* Chinese words for the certificate: what happened and the article, e.g.
                         "收到补正材料，答复期限重新计算（条例第三十条）"; of a SUSPEND: the reason of the days left
                         out, e.g. "征求意见期间，不计入（条例第三十三条第三款）", and what stands before 期间 or the
                         first punctuation names it in the sum */
};
struct clock_reading {
    int64_t due_at;    /* ms UTC, last ms on time; while suspended open-endedly: as if it resumed at the end of today;
                          while suspended with an `until`: as if it resumed then */
    int allowed, used; /* days: limit + extensions; counted since the last (re)start up to and including today (never
                          more than allowed) */
    bool suspended;    /* at the end of today: a letter is out, unanswered, its latest day not over, and it went out
                          before the last day */
    bool provisional;  /* a day of it lies in a year without a holiday notice */
};
/* marks in order of days (equal days: in array order), days in 2000–2100. Returns 0, or -1 (ERR_INVALID through fail(),
 * *ret and *ret_certificate untouched) when they make no sense: no START first or a second one, days not in order,
 * RESUME without SUSPEND, SUSPEND again with the ref of one that still runs, EXTEND < 1; and for limits in other units
 * than working or natural days. due = the first working day on which limit + extensions days have counted (rules.md
 * §1.5). A limit in natural days (LIMIT_DAYS) works the same with natural days, and a last day that is a rest day moves
 * to the next working day (民法典203) that is not left out. RESTART begins anew: days used, suspensions and extensions
 * made before it are void (our choice where the law is silent: the whole reply limit begins anew, so an extension is
 * decided anew too, with a new EXTEND); the answer to a void suspension may still come and changes nothing; a
 * suspension that should go on needs a new SUSPEND. Whether an extension or a suspension is lawful (in time, once, by
 * whom) is the caller's to decide. ret_certificate (new reference, may be NULL): the keys of limit_due()'s, "trigger"
 * and "start" being those of the last (re)start, and "marks":[{"day","kind","kind_name","text","until","n","void"}]
 * (kind: start, restart, suspend, resume, extend; until and n where there is one; void: made before a restart),
 * "allowed", "used", "suspended". A working day left out carries the suspension's rule as its reason, a rest day always
 * its own. */
int clock_read(struct work *w, const struct clock_mark *marks, size_t n, struct limit l, const char *rule, day_t today,
               struct clock_reading *ret, json_t **ret_certificate);
/* What changed between two certificates (of limit_due() or clock_read()), for telling people after a calendar change:
 * {"due_before","due_after" (YYYY-MM-DD),"days":[{"day","before","after"}] (days that count in one of them only:
 * "计入（工作日）", "不计入（春节）", "期限之外"),"text"}. New reference; NULL when the due day and the counted days
 * are the same. */
json_t *clock_difference(const json_t *before, const json_t *after);

extern const struct route calendar_routes[]; /* GET /calendar/{year}; staff: /desk/calendar */
extern const size_t calendar_route_count;
#endif
