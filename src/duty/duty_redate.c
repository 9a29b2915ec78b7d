/* duty_redate.c: open duties counted with an older calendar get the day that the present one gives, never silently: a
 * new certificate and an event with the difference.
 *
 * Reads first, a page at a time; only a page with a change takes the writer. A duty whose day stays keeps its
 * certificate, which names its calendar. Looked for after each import and once a day, because a node that has not seen
 * the import yet may still write with the old calendar. Fixed dates move with no calendar. */
#include "duty/duty_internal.h"

#include <stdatomic.h>

#define REDATE_PAGE 200

struct redating {
    struct duty_row row;
    struct duty_new now;
    json_t *difference; /* NULL: the day stays */
    int64_t due_before;
};

bool duty_certificate_limit(const json_t *certificate, struct limit *ret) {
    static const char *const codes[] = {[LIMIT_WORKING_DAYS] = "WD", [LIMIT_DAYS] = "CD", [LIMIT_MONTHS] = "M"};
    const json_t *l = json_object_get(certificate, "limit");
    struct str unit = str_z(json_string_value(json_object_get(l, "unit")));
    *ret = (struct limit){.n = (int)json_integer_value(json_object_get(l, "n"))};
    for (size_t i = 0; i < countof(codes); i++)
        if (codes[i] && str_is(unit, codes[i]))
            ret->unit = (enum limit_unit)i;
    return ret->unit != 0;
}

/* "2026-11-02#3": the third run from that day. */
static bool run_of(struct str period_key, day_t *day, int *k) {
    struct str from, no;
    int64_t n;
    if (!str_cut(period_key, '#', &from, &no) || day_parse(from, day) < 0 || str_int(no, &n) < 0 || n < 1 || n > 10000)
        return false;
    *k = (int)n;
    return true;
}

int64_t duty_run_trigger(struct str period_key, struct limit l, int64_t trigger) {
    day_t day;
    int k;
    return run_of(period_key, &day, &k) ? day_start(calendar_add_working(day, l.n * (k - 1))) : trigger;
}

static void run_moved(struct work *w, struct redating *x, struct limit l) {
    day_t day;
    int k;
    if (!run_of(x->row.period_key, &day, &k))
        return;
    x->now.trigger_at = duty_run_trigger(x->row.period_key, l, x->now.trigger_at);
    x->now.subject =
        str_printf(w->arena, "截至%.*s", STR_ARG(day_chinese(w->arena, calendar_add_working(day, l.n * k))));
}

static int look_again(struct work *w, int64_t id, struct redating *x) {
    struct limit l;
    if (duty_row_get(w, id, &x->row) < 0)
        return -1;
    const struct duty *d = &x->row.d;
    json_t *before = json_loadb(d->certificate.p, d->certificate.n, 0, NULL);
    x->due_before = d->due_at;
    x->now = (struct duty_new){.trigger_at = d->trigger_at, .subject = d->subject};
    if (duty_certificate_limit(before, &l)) {
        run_moved(w, x, l);
        duty_count_down(w, &x->now, x->now.trigger_at, l, str_z(json_string_value(json_object_get(before, "rule"))));
        if (x->now.due_at != d->due_at) {
            json_t *after = json_loadb(x->now.certificate.p, x->now.certificate.n, 0, NULL);
            x->difference = clock_difference(before, after);
            json_decref(after);
        }
    }
    json_decref(before);
    return 0;
}

/* Inside a transaction. Nothing when someone was quicker. */
static int redate(struct work *w, struct redating *x) {
    struct str due_day = day_str(w->arena, day_of(x->now.due_at));
    int n = db_exec(w, &sql_duty_set_due, DB_INT(x->row.d.id), DB_INT(x->due_before), DB_INT(x->now.trigger_at),
                    DB_INT(x->now.due_at), DB_TEXT(due_day), DB_TEXT(x->now.subject), DB_TEXT(x->now.certificate));
    if (n <= 0)
        return n;
    if (duty_due_change(w, x->row.d.unit_id, x->row.field_id, x->row.due_day, -1) < 0 ||
        duty_due_change(w, x->row.d.unit_id, x->row.field_id, due_day, 1) < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "due_before", x->row.due_day);
    json_set_int(p, "calendar_version", calendar_version());
    json_set_str(
        p, "reason",
        str_printf(w->arena, "工作日安排有更新：%s", json_string_value(json_object_get(x->difference, "text"))));
    json_object_set(p, "changes", json_object_get(x->difference, "days"));
    x->row.due_day = due_day;
    return duty_event(w, &x->row, "redated", p, NULL);
}

static int redate_all(struct work *w, struct redating *x, size_t n) {
    if (db_begin(w) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (x[i].difference && redate(w, &x[i]) < 0) {
            db_rollback(w);
            return -1;
        }
    return db_commit(w);
}

/* *after: in, the last duty looked at; out, the same for the next page, 0 when there is none. */
static int redate_page(struct work *w, struct str version_words, int64_t *after) {
    struct db_rows r;
    if (db_query(w, &sql_duty_open_with_other_calendar, &r, DB_INT(*after), DB_TEXT(version_words),
                 DB_INT(REDATE_PAGE)) < 0)
        return -1;
    struct redating *x = arena_many(w->arena, struct redating, r.n + 1);
    int rc = 0;
    bool any = false;
    for (size_t i = 0; rc == 0 && i < r.n; i++) {
        rc = look_again(w, db_i(&r, i, 0), &x[i]);
        any |= x[i].difference != NULL;
    }
    if (rc == 0 && any)
        rc = redate_all(w, x, r.n);
    for (size_t i = 0; i < r.n; i++)
        json_decref(x[i].difference);
    *after = r.n == REDATE_PAGE ? db_i(&r, r.n - 1, 0) : 0;
    return rc;
}

int duty_redate(struct work *w) {
    static _Atomic int64_t looked; /* calendar version and day of the last whole pass of this process */
    int64_t key = ((int64_t)calendar_version() << 32) | (uint32_t)work_today(w), after = 0;
    int rc = 0;
    if (atomic_load(&looked) == key)
        return 0;
    struct str version_words = str_printf(w->arena, "%%\"calendar_version\":%d,%%", calendar_version());
    do { /* memory of a page at a time */
        struct arena *whole = w->arena;
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        rc = redate_page(w, version_words, &after);
        arena_free(w->arena);
        w->arena = whole;
    } while (rc == 0 && after);
    if (rc == 0)
        atomic_store(&looked, key);
    return rc;
}
