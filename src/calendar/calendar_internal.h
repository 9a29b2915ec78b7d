/* calendar_internal.h: the snapshot that lookups read, and a year file as understood. */
#ifndef MINGTANG_CALENDAR_INTERNAL_H
#define MINGTANG_CALENDAR_INTERNAL_H

#include "calendar/calendar.h"

#define CALENDAR_YEAR_MIN 2000
#define CALENDAR_YEAR_MAX 2100
#define CALENDAR_DAYS_MAX 120           /* off and make-up days of one year */
#define CALENDAR_FILE_BYTES (64 * 1024) /* a year file is 2 KB */

/* A day that differs from Monday–Friday. */
struct special_day {
    day_t day;
    bool working; /* 调休上班 */
    const char *reason;
};
struct special_year {
    int year;
    int64_t version;
    const char *notice; /* "" : provisional, computed without a notice */
    const char *status, *source;
    int64_t imported_at;
};
struct annual_day {
    int month, day;
    const char *reason;
};
/* Immutable once built; threads read it without a lock. Old ones are kept for the life of the process: an import
 * happens once a year and a snapshot is some 20 KB, so readers never have to say that they are done. */
struct calendar {
    int version;
    size_t year_count, day_count, annual_count;
    const struct special_year *years; /* by year; year 0 (annual rule) left out */
    const struct special_day *days;   /* by day */
    const struct annual_day *annual;
    const char *annual_notice;
    struct arena *arena;
    struct calendar *older;
};
/* All that is said of one day. */
struct day_look {
    bool working, provisional;
    const char *reason, *notice;
};
const struct calendar *calendar_now(void);
struct day_look calendar_look(const struct calendar *c, day_t d);
const struct special_year *calendar_year_of(const struct calendar *c, int year); /* NULL: unknown year */
day_t working_after(const struct calendar *c, day_t d0, int n);                  /* n may be negative: before d0 */
day_t roll_forward(const struct calendar *c, day_t d);
day_t months_after(day_t d0, int n);
/* Parts of a certificate (calendar_due.c). New references. */
json_t *certificate_new(const struct calendar *c, int64_t trigger, struct limit l, const char *rule, int64_t due);
json_t *certificate_day(day_t d, const struct day_look *look, bool counted, int n); /* n: only of counted days */
void certificate_instant(json_t *o, const char *key, int64_t ms);
const char *limit_unit_text(enum limit_unit unit); /* "个工作日" "日" "小时" "个月" */
/* Reads the tables as this transaction sees them. NULL after w->error. */
struct calendar *calendar_build(struct work *w);
void calendar_install(void *calendar); /* db_on_commit's signature */

/* A year file, checked. Days lie in the work's arena. */
struct year_file {
    int year; /* 0: the annual rule */
    struct str notice, status;
    bool provisional;
    size_t n;
    struct {
        struct str day; /* "YYYY-MM-DD", or "--MM-DD" for the annual rule */
        day_t d;
        bool working;
        struct str reason;
    } days[CALENDAR_DAYS_MAX];
};
/* fields of w->error on failure: "year_file". With provisional, notice and make-up days may be missing. */
int year_file_read(struct work *w, const json_t *j, bool provisional, struct year_file *ret);
int year_file_working_days(const struct year_file *f);
/* What an import would change: {"year","notice","working_days","before","changes":[{day,weekday,now,then}],"same"}. New
 * reference. */
json_t *year_file_report(struct work *w, const struct year_file *f);
json_t *calendar_year_json(struct work *w, int year, bool with_days); /* new reference */
#endif
