/* limit.c: a time limit's due instant and its certificate: every day counted, and why. */
#include "calendar/calendar_internal.h"

#define MAX_LISTED 800 /* days in one certificate: two years; longer limits list their ends only */

static const char *const unit_words[] = {"", "个工作日", "日", "小时", "个月"};

static void list_day(json_t *days, day_t d, bool counted, int n, const char *note) {
    char text[11];
    json_t *o = json_pack("{s:s, s:b, s:s}", "day", day_text(text, d), "counted", counted, "reason", note ? note : calendar_reason(d));
    if (counted)
        json_object_set_new(o, "n", json_integer(n));
    if (!calendar_workday(d) || day_weekday(d) > 5)
        json_object_set_new(o, "notice", json_string(calendar_notice(d)));
    json_array_append_new(days, o);
}

static day_t count_working(day_t start, int n, json_t *days) {
    day_t d = start;
    for (int k = 0; k < n;) {
        bool works = calendar_workday(++d);
        k += works;
        if (json_array_size(days) < MAX_LISTED)
            list_day(days, d, works, k, NULL);
    }
    return d;
}

/* Natural days all count; a last day on a rest day moves to the next working day (民法典第二百零三条). */
static day_t count_natural(day_t start, day_t last, json_t *days) {
    for (day_t d = start + 1; d <= last && json_array_size(days) < MAX_LISTED; d++)
        list_day(days, d, true, d - start, NULL);
    day_t end = last;
    while (!calendar_workday(end)) {
        end++;
        list_day(days, end, false, 0, calendar_workday(end) ? "期限末日为休息日，顺延至此" : NULL);
    }
    return end;
}

static bool any_provisional(day_t from, day_t to) {
    for (day_t d = from; d <= to; d++)
        if (calendar_provisional(d))
            return true;
    return false;
}

static day_t last_day(day_t start, struct limit l, json_t *days) {
    if (l.unit == LIMIT_WORKING_DAYS)
        return count_working(start, l.n, days);
    return count_natural(start, l.unit == LIMIT_MONTHS ? calendar_add_months(start, l.n, false) : start + l.n, days);
}

int64_t limit_due(int64_t trigger, struct limit l, const char *rule, json_t **ret_certificate) {
    char a[11], b[11];
    json_t *days = json_array();
    day_t start = day_of(trigger), end;
    int64_t due;
    if (l.unit == LIMIT_HOURS) { /* 民法典第二百零一条第二款: hours begin at once, holidays are not skipped */
        due = trigger + l.n * 3600000LL;
        end = day_of(due);
    } else {
        end = last_day(start, l, days);
        due = day_end(end);
    }
    if (ret_certificate) {
        json_t *o = json_pack("{s:s, s:I, s:s, s:s, s:{s:i, s:s}, s:i, s:b, s:O}", "rule", rule, "trigger_at", (json_int_t)trigger, "start",
                              day_text(a, start), "due", day_text(b, end), "limit", "n", l.n, "unit", unit_words[l.unit], "calendar_version",
                              calendar_version(), "provisional", any_provisional(start, end), "days", days);
        json_object_set_new(o, "text", json_sprintf(l.unit == LIMIT_HOURS ? "自触发时刻起%d%s" : "触发之日不计入，自次日起%d%s", l.n, unit_words[l.unit]));
        *ret_certificate = o;
    }
    json_decref(days);
    return due;
}
