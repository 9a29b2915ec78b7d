/* clock.c: instants and days. Civil arithmetic of our own: Asia/Shanghai has been UTC+8 without summer time since 1992.
 */
#define MINGTANG_ALLOW_TIME /* the one place that reads the system's clock */
#include "base/base.h"

#define DAY_MS 86400000LL
#define ZONE_MS (8 * 3600000LL)

int64_t clock_now(const struct clock *c) {
    struct timespec t;
    if (c && c->fixed_ms)
        return c->fixed_ms;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t clock_mono_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

day_t day_of(int64_t ms) {
    int64_t local = ms + ZONE_MS;
    return (day_t)(local >= 0 ? local / DAY_MS : -((-local + DAY_MS - 1) / DAY_MS));
}

int64_t day_start(day_t d) {
    return d * DAY_MS - ZONE_MS;
}

int64_t day_end(day_t d) {
    return day_start(d) + DAY_MS - 1;
}

/* Days from civil and back: eras of 400 years, years beginning in March. */
static int64_t days_from_civil(int64_t y, int m, int d) {
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void day_split(day_t day, int *year, int *month, int *mday) {
    int64_t z = (int64_t)day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *mday = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

day_t day_from(int year, int month, int day) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (month == 2 && leap))
        return DAY_NONE;
    return (day_t)days_from_civil(year, month, day);
}

int day_parse(struct str s, day_t *ret) {
    int64_t y, m, d;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || s.p[0] == '-' || s.p[5] == '-' || s.p[8] == '-' ||
        str_int(str_sub(s, 0, 4), &y) < 0 || str_int(str_sub(s, 5, 2), &m) < 0 || str_int(str_sub(s, 8, 2), &d) < 0)
        return -1;
    day_t day = day_from((int)y, (int)m, (int)d);
    if (day == DAY_NONE)
        return -1;
    *ret = day;
    return 0;
}

char *day_text(char out[11], day_t day) {
    int y, m, d;
    day_split(day, &y, &m, &d);
    char text[48];
    snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
    memcpy(out, text, 10);
    out[10] = 0;
    return out;
}

int day_weekday(day_t d) {
    int64_t k = ((int64_t)d + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(k < 0 ? k + 7 : k) + 1;
}

struct str day_str(struct arena *a, day_t d) {
    if (d == DAY_NONE)
        return S("");
    char *p = arena_alloc(a, 11);
    return str_z(day_text(p, d));
}

struct str day_chinese(struct arena *a, day_t day) {
    int y, m, d;
    if (day == DAY_NONE)
        return S("");
    day_split(day, &y, &m, &d);
    return str_printf(a, "%d年%d月%d日", y, m, d);
}

static void split_time(int64_t ms, day_t *day, int *h, int *m, int *s) {
    *day = day_of(ms);
    int64_t rest = (ms - day_start(*day)) / 1000;
    *h = (int)(rest / 3600);
    *m = (int)(rest / 60 % 60);
    *s = (int)(rest % 60);
}

struct str instant_text(struct arena *a, int64_t ms) {
    char text[11];
    day_t day;
    int h, m, s;
    if (ms == 0)
        return S("");
    split_time(ms, &day, &h, &m, &s);
    return str_printf(a, "%s %02d:%02d", day_text(text, day), h, m);
}

struct str instant_rfc3339(struct arena *a, int64_t ms) {
    char text[11];
    day_t day;
    int h, m, s;
    split_time(ms, &day, &h, &m, &s);
    return str_printf(a, "%sT%02d:%02d:%02d+08:00", day_text(text, day), h, m, s);
}
