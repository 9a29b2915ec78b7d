/* calendar.c: the calendar in memory and counting in it (民法典201–203条).
 * Tables → immutable snapshot, swapped atomically; every function here reads one snapshot from beginning to end. */
#include "calendar/calendar_internal.h"
#include "calendar_sql.h"

#include <pthread.h>
#include <stdatomic.h>

/* Before the first load: weekends only, every year provisional. */
static const struct calendar nothing_loaded = {.annual_notice = ""};
static _Atomic(const struct calendar *) current = &nothing_loaded;
static pthread_mutex_t kept_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct calendar *kept; /* every snapshot ever built */

const struct calendar *calendar_now(void) {
    return atomic_load_explicit(&current, memory_order_acquire);
}

void calendar_install(void *calendar) {
    const struct calendar *c = calendar;
    if (c->version >= calendar_now()->version)
        atomic_store_explicit(&current, c, memory_order_release);
}

/* ── building ── */

static const char *keep_text(struct arena *a, struct str s) {
    return str_dupz(a, s);
}

static void read_years(struct calendar *c, const struct db_rows *r) {
    struct special_year *years = arena_many(c->arena, struct special_year, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        if (db_i(r, i, 0) == 0) {
            c->annual_notice = keep_text(c->arena, db_s(r, i, 2));
            continue;
        }
        years[c->year_count++] = (struct special_year){
            .year = (int)db_i(r, i, 0),
            .version = db_i(r, i, 1),
            .notice = keep_text(c->arena, db_s(r, i, 2)),
            .status = keep_text(c->arena, db_s(r, i, 3)),
            .source = keep_text(c->arena, db_s(r, i, 4)),
            .imported_at = db_i(r, i, 5),
        };
    }
    c->years = years;
}

static int64_t annual_version(const struct db_rows *years) {
    return years->n && db_i(years, 0, 0) == 0 ? db_i(years, 0, 1) : 0;
}

static void read_days(struct calendar *c, const struct db_rows *r, int64_t annual) {
    struct special_day *days = arena_many(c->arena, struct special_day, r->n + 1);
    struct annual_day *yearly = arena_many(c->arena, struct annual_day, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        struct str text = db_s(r, i, 0);
        int64_t version = db_i(r, i, 1), m, d;
        day_t day;
        int y, mm, dd;
        if (str_starts(text, S("--")) && text.n == 7) {
            if (version == annual && str_int(str_sub(text, 2, 2), &m) == 0 && str_int(str_sub(text, 5, 2), &d) == 0)
                yearly[c->annual_count++] = (struct annual_day){(int)m, (int)d, keep_text(c->arena, db_s(r, i, 3))};
            continue;
        }
        if (day_parse(text, &day) < 0)
            continue;
        day_split(day, &y, &mm, &dd);
        const struct special_year *year = calendar_year_of(c, y);
        if (year && year->version == version)
            days[c->day_count++] = (struct special_day){day, db_i(r, i, 2) != 0, keep_text(c->arena, db_s(r, i, 3))};
    }
    c->days = days;
    c->annual = yearly;
}

struct calendar *calendar_build(struct work *w) {
    struct db_rows version, years, days;
    if (db_one(w, &sql_calendar_version_last, &version) < 0 || db_query(w, &sql_calendar_years_in_force, &years) < 0 ||
        db_query(w, &sql_calendar_days_all, &days) < 0)
        return NULL;
    struct arena *a = arena_new(4 << 20);
    struct calendar *c = arena_one(a, struct calendar);
    *c = (struct calendar){.arena = a, .version = (int)db_i(&version, 0, 0), .annual_notice = ""};
    read_years(c, &years);
    read_days(c, &days, annual_version(&years));
    pthread_mutex_lock(&kept_mutex);
    c->older = kept;
    kept = c;
    pthread_mutex_unlock(&kept_mutex);
    return c;
}

int calendar_load(struct work *w) {
    struct calendar *c = calendar_build(w);
    if (!c)
        return -1;
    atomic_store_explicit(&current, c, memory_order_release);
    return 0;
}

int calendar_refresh(struct work *w) {
    struct db_rows r;
    if (db_one(w, &sql_calendar_version_last, &r) < 0)
        return -1;
    return db_i(&r, 0, 0) == calendar_version() ? 0 : calendar_load(w);
}

int calendar_version(void) {
    return calendar_now()->version;
}

/* ── looking ── */

const struct special_year *calendar_year_of(const struct calendar *c, int year) {
    for (size_t i = 0; i < c->year_count; i++)
        if (c->years[i].year == year)
            return &c->years[i];
    return NULL;
}

static const struct special_day *special(const struct calendar *c, day_t d) {
    size_t low = 0, high = c->day_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->days[mid].day < d)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->day_count && c->days[low].day == d ? &c->days[low] : NULL;
}

struct day_look calendar_look(const struct calendar *c, day_t d) {
    static const char *const weekdays[] = {"工作日", "工作日", "工作日", "工作日", "工作日", "周六", "周日"};
    int y, m, mday, weekday = day_weekday(d);
    day_split(d, &y, &m, &mday);
    const struct special_year *year = calendar_year_of(c, y);
    const struct special_day *s = special(c, d);
    bool provisional = !year || !year->notice[0];
    if (s)
        return (struct day_look){s->working, provisional, s->reason, year ? year->notice : ""};
    for (size_t i = 0; provisional && i < c->annual_count; i++)
        if (c->annual[i].month == m && c->annual[i].day == mday)
            return (struct day_look){false, true, c->annual[i].reason, c->annual_notice};
    return (struct day_look){weekday < 6, provisional, weekdays[weekday - 1], ""};
}

bool calendar_workday(day_t d) {
    return calendar_look(calendar_now(), d).working;
}

bool calendar_provisional(day_t d) {
    return calendar_look(calendar_now(), d).provisional;
}

const char *calendar_reason(day_t d) {
    return calendar_look(calendar_now(), d).reason;
}

const char *calendar_notice(day_t d) {
    return calendar_look(calendar_now(), d).notice;
}

/* ── counting ── */

day_t working_after(const struct calendar *c, day_t d0, int n) {
    day_t d = d0;
    for (int left = n; left > 0;)
        left -= calendar_look(c, ++d).working;
    for (int left = -n; left > 0;)
        left -= calendar_look(c, --d).working;
    return d;
}

day_t roll_forward(const struct calendar *c, day_t d) {
    while (!calendar_look(c, d).working)
        d++;
    return d;
}

day_t months_after(day_t d0, int n) {
    int y, m, d;
    day_split(d0, &y, &m, &d);
    int64_t months = (int64_t)y * 12 + (m - 1) + n;
    day_t due = day_from((int)(months / 12), (int)(months % 12) + 1, d);
    for (int last = 30; due == DAY_NONE && last >= 28; last--) /* no such day: the month's last */
        due = day_from((int)(months / 12), (int)(months % 12) + 1, last);
    return due;
}

day_t calendar_add_working(day_t d0, int n) {
    return working_after(calendar_now(), d0, n);
}

day_t calendar_add_days(day_t d0, int n, bool roll) {
    return roll ? roll_forward(calendar_now(), d0 + n) : d0 + n;
}

day_t calendar_add_months(day_t d0, int n, bool roll) {
    day_t d = months_after(d0, n);
    return roll && d != DAY_NONE ? roll_forward(calendar_now(), d) : d;
}

int calendar_working_between(day_t a, day_t b) {
    const struct calendar *c = calendar_now();
    int n = 0;
    if (b < a)
        return -calendar_working_between(b, a);
    for (day_t d = a + 1; d <= b; d++)
        n += calendar_look(c, d).working;
    return n;
}

int calendar_working_days_of_year(int year) {
    day_t first = day_from(year, 1, 1), last = day_from(year, 12, 31);
    return first == DAY_NONE ? 0 : calendar_working_between(first - 1, last);
}
