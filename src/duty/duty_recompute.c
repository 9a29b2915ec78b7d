/* duty_recompute.c: what duties say of themselves against what follows from their records: the due day from trigger,
 * limit and calendar; the state from the instant they were met. Only reads. */
#include "duty/duty_internal.h"

#define PAGE 500

struct check {
    struct work *w;
    json_t *differences;
    size_t max;
    const struct db_rows *r;
    size_t i;
};

static void differ(struct check *x, const char *what, struct str kept, struct str truth) {
    if (json_array_size(x->differences) >= x->max)
        return;
    json_t *o = json_object();
    json_set_str(o, "what", str_z(what));
    json_set_str(o, "rule", S(""));
    json_set_int(o, "subject", db_i(x->r, x->i, 0));
    json_set_str(o, "kept", kept);
    json_set_str(o, "truth", truth);
    json_array_append_new(x->differences, o);
}

static struct str day_words(struct work *w, int64_t at) {
    return at ? day_str(w->arena, day_of(at)) : S("—");
}

/* Where the clock starts by the record behind it; 0: the certificate alone says (periods). */
static int64_t trigger_of(struct check *x) {
    struct str source = db_s(x->r, x->i, 1), day = str_is(source, "fact")       ? db_s(x->r, x->i, 9)
                                                   : str_is(source, "in_force") ? db_s(x->r, x->i, 10)
                                                                                : S("");
    day_t d;
    return day.n && day_parse(day, &d) == 0 ? day_start(d) : 0;
}

/* Counted under the calendar of now it must come out the same; under an older one, which an open duty has as long as
 * its day is the same in both, a closed duty for ever, by the days that its certificate lists. */
static void due_check(struct check *x) {
    struct work *w = x->w;
    struct str text = db_s(x->r, x->i, 8);
    json_t *certificate = json_loadb(text.p, text.n, 0, NULL);
    int64_t trigger = db_i(x->r, x->i, 3), due = db_i(x->r, x->i, 4), truth = due, by_record = trigger_of(x);
    bool open = str_is(db_s(x->r, x->i, 6), "open");
    struct limit l;
    day_t listed;
    if (by_record && by_record != trigger)
        differ(x, "duty_trigger", day_words(w, trigger), day_words(w, by_record));
    if (duty_certificate_limit(certificate, &l)) {
        if (open || json_integer_value(json_object_get(certificate, "calendar_version")) == calendar_version())
            truth = limit_due(duty_run_trigger(db_s(x->r, x->i, 2), l, trigger), l, "", NULL);
        else if (day_parse(str_z(json_string_value(json_object_get(certificate, "due"))), &listed) == 0)
            truth = day_start(listed + 1) - 1;
    }
    if (truth != due)
        differ(x, "duty_due", day_words(w, due), day_words(w, truth));
    if (!str_eq(db_s(x->r, x->i, 5), day_words(w, due)) || due != day_start(day_of(due) + 1) - 1)
        differ(x, "duty_due_day", db_s(x->r, x->i, 5), day_words(w, due));
    json_decref(certificate);
}

static void state_check(struct check *x) {
    struct str state = db_s(x->r, x->i, 6);
    int64_t due = db_i(x->r, x->i, 4), met = db_i(x->r, x->i, 7);
    bool published = db_i(x->r, x->i, 11) != 0, is_met = str_is(state, "met") || str_is(state, "met_late");
    const char *truth = met ? met > due ? "met_late" : "met" : NULL;
    if (is_met ? !truth || !str_is(state, truth) || !published : met || published)
        differ(x, "duty_state", state, truth ? str_z(truth) : S("open"));
    if (str_is(state, "waived") && !duty_waive_ground(db_s(x->r, x->i, 12)))
        differ(x, "duty_waived", db_s(x->r, x->i, 12), S("—"));
}

/* The number of duties looked at, or -1. */
static int page(struct work *w, int64_t *after, json_t *differences, size_t max) {
    struct db_rows r;
    struct check x = {.w = w, .differences = differences, .max = max, .r = &r};
    if (db_query(w, &sql_duty_recompute_page, &r, DB_INT(*after), DB_INT(PAGE)) < 0)
        return -1;
    for (x.i = 0; x.i < r.n; x.i++) {
        due_check(&x);
        state_check(&x);
    }
    if (r.n)
        *after = db_i(&r, r.n - 1, 0);
    return (int)r.n;
}

int duty_recompute(struct work *w, void (*progress)(int64_t done, int64_t total), json_t *differences, size_t max) {
    struct db_rows total;
    int64_t after = 0, done = 0;
    if (calendar_refresh(w) < 0 || db_one(w, &sql_duty_recompute_total, &total) < 0)
        return -1;
    for (int n = PAGE; n == PAGE;) {
        struct arena *whole = w->arena;
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        n = page(w, &after, differences, max);
        arena_free(w->arena);
        w->arena = whole;
        if (n < 0)
            return -1;
        done += n;
        if (progress)
            progress(done, db_i(&total, 0, 0) > done ? db_i(&total, 0, 0) : done);
    }
    return 0;
}
