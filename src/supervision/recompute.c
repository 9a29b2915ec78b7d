/* recompute.c: alerts and the wheel against a computation from nothing (mingtang doctor --recompute).
 *
 * For each rule that is on and each subject: the course is read anew, and what is kept must follow from it: an alert
 * for each stretch since the rule applies, with its level of now, the ladder's steps, and the next moment on the wheel.
 * Only reads. A server may be at work meanwhile: what differs is looked at once more after a while, and counts when it
 * still differs. */
#include "duty/duty.h"
#include "supervision/supervision_internal.h"
#include <time.h>

#define PAGE 500
#define KEPT_MAX 200
#define DIFFERENCES_MAX 200
#define LOOK_AGAIN_MS 1000

struct recompute {
    struct work *w;
    struct rule_set rules;
    void (*progress)(int64_t done, int64_t total);
    json_t *differences;
    int64_t now, done, total;
    struct {
        const struct rule *rule;
        int64_t subject;
    } again[DIFFERENCES_MAX];
    size_t n_again;
    bool last; /* looked at for the second time: what differs is told */
};

/* One subject under one rule. */
struct held {
    const struct rule *rule;
    int64_t subject, next;
    struct course course;
    struct alert kept[KEPT_MAX];
    bool met[KEPT_MAX];
    size_t n;
    bool differs;
};

static struct str instant(struct work *w, int64_t at) {
    return at == INT64_MAX || at == 0 ? S("—") : instant_rfc3339(w->arena, at);
}

static void differ_at(struct recompute *x, const struct rule *rule, int64_t subject, const char *what, struct str kept,
                      struct str truth) {
    if (!x->last || json_array_size(x->differences) >= DIFFERENCES_MAX)
        return;
    json_t *o = json_object();
    json_set_str(o, "what", str_z(what));
    json_set_str(o, "rule", rule ? rule->code : S(""));
    json_set_int(o, "subject", subject);
    json_set_str(o, "kept", kept);
    json_set_str(o, "truth", truth);
    json_array_append_new(x->differences, o);
}

static void differ(struct recompute *x, struct held *h, const char *what, struct str kept, struct str truth) {
    h->differs = true;
    differ_at(x, h->rule, h->subject, what, kept, truth);
}

/* ── one stretch ── */

static bool is_open(const struct alert *a) {
    return !str_is(a->state, "closed");
}

static bool decided_by_person(const struct alert *a) {
    return str_is(a->outcome, "false") || str_is(a->outcome, "waived");
}

/* Its alert: an open one that began within it; else the one that began with it; else, when the course has moved since,
 * one that reaches into it. */
static struct alert *alert_of(struct held *h, const struct occurrence *o) {
    for (int pass = 0; pass < 4; pass++)
        for (size_t i = 0; i < h->n; i++) {
            struct alert *a = &h->kept[i];
            bool its = pass == 0   ? is_open(a) && a->began_at >= o->from
                       : pass == 1 ? a->began_at == o->from
                       : pass == 2 ? is_open(a)
                                   : a->closed_at > o->from || (decided_by_person(a) && a->closed_at == o->from);
            if (its && !h->met[i] && a->began_at < o->until) {
                h->met[i] = true;
                return a;
            }
        }
    return NULL;
}

static void lasting(struct recompute *x, struct held *h, const struct occurrence *o, const struct alert *a) {
    struct work *w = x->w;
    int64_t border;
    int level = course_level(&h->course, x->now, &border);
    if (!a) {
        differ(x, h, "alert_missing", S("—"),
               str_printf(w->arena, "%s，自 %.*s", alert_level_name(level), STR_ARG(instant(w, o->from))));
        return;
    }
    if (!is_open(a)) {
        if (!decided_by_person(a))
            differ(x, h, "alert_closed", instant(w, a->closed_at), S("未结束"));
        return;
    }
    if (a->level != level)
        differ(x, h, "alert_level", str_z(alert_level_name(a->level)), str_z(alert_level_name(level)));
    int64_t red = o->red_from && o->red_from <= x->now ? o->red_from : 0;
    if (a->red_at != red)
        differ(x, h, "alert_red_at", instant(w, a->red_at), instant(w, red));
    if (a->due_at != h->course.due_at)
        differ(x, h, "alert_due_at", instant(w, a->due_at), instant(w, h->course.due_at));
    int step = ladder_stand(h->rule, &h->course, o, a->step, x->now, &h->next);
    if (step != a->step)
        differ(x, h, "ladder_step", str_printf(w->arena, "%d", a->step), str_printf(w->arena, "%d", step));
}

static void over(struct recompute *x, struct held *h, const struct occurrence *o, const struct alert *a) {
    struct work *w = x->w;
    if (!a) {
        if (o->until > h->rule->on_from)
            differ(x, h, "alert_missing", S("—"),
                   str_printf(w->arena, "%.*s 至 %.*s", STR_ARG(instant(w, o->from)), STR_ARG(instant(w, o->until))));
        return;
    }
    if (is_open(a))
        differ(x, h, "alert_open", S("未结束"), instant(w, o->until));
    else if (a->began_at == o->from && a->closed_at != o->until && !decided_by_person(a))
        differ(x, h, "alert_closed_at", instant(w, a->closed_at), instant(w, o->until));
}

/* ── one subject ── */

static int kept_read(struct work *w, struct held *h, int64_t *ret_watch) {
    struct db_rows r;
    if (db_query(w, &sql_alert_of_subject, &r, DB_INT(h->rule->id), DB_INT(h->subject), DB_INT(KEPT_MAX)) < 0)
        return -1;
    for (h->n = 0; h->n < r.n; h->n++)
        alert_from_row(&r, h->n, &h->kept[h->n]);
    int n = db_one(w, &sql_watch_get, &r, DB_INT(h->rule->id), DB_INT(h->subject));
    *ret_watch = n == 1 ? db_i(&r, 0, 0) : INT64_MAX;
    return n < 0 ? -1 : 0;
}

static int subject_compare(struct recompute *x, const struct rule *r, int64_t subject) {
    struct work *w = x->w;
    struct held *h = arena_one(w->arena, struct held);
    struct occurrence o;
    int64_t watch;
    h->rule = r;
    h->subject = subject;
    int n = r->check->course(w, r, subject, &h->course);
    if (n < 0 || kept_read(w, h, &watch) < 0)
        return -1;
    if (n == 0 || !rule_covers(w, r, &h->course))
        h->course.n = 0;
    course_level(&h->course, x->now, &h->next);
    for (size_t i = 0; course_occurrence(&h->course, i, &o) && o.from <= x->now; i++) {
        const struct alert *a = alert_of(h, &o);
        if (o.until <= x->now)
            over(x, h, &o, a);
        else
            lasting(x, h, &o, a);
    }
    for (size_t i = 0; i < h->n; i++)
        if (!h->met[i] && is_open(&h->kept[i]))
            differ(x, h, "alert_spare", instant(w, h->kept[i].began_at), S("—"));
    if (watch != h->next)
        differ(x, h, "watch", instant(w, watch), instant(w, h->next));
    if (h->differs && !x->last && x->n_again < DIFFERENCES_MAX) {
        x->again[x->n_again].rule = r;
        x->again[x->n_again++].subject = subject;
    }
    return 0;
}

/* ── all of them ── */

/* The clock of supervision: it may have gone on while we read. */
static int now_read(struct recompute *x) {
    struct db_rows r;
    int n = db_one(x->w, &sql_supervision_state_get, &r, DB_TEXTZ("clock"));
    int64_t latest = n == 1 ? db_i(&r, 0, 0) : 0;
    x->now = latest > x->w->now ? latest : x->w->now;
    return n < 0 ? -1 : 0;
}

/* A page of ids from one snapshot, with memory of its own. The number of ids, or -1. */
static int page(struct recompute *x, const struct rule *r, int64_t *after, bool touched) {
    struct work *w = x->w;
    struct arena *whole = w->arena;
    int64_t ids[PAGE], one;
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    int n = db_read_begin(w) < 0 || now_read(x) < 0 ? -1
            : touched                               ? rule_touched(w, r->id, *after, ids, PAGE)
                                                    : r->check->subjects(w, *after, ids, PAGE);
    int rc = n;
    for (int i = 0; rc >= 0 && i < n; i++) {
        /* of what was touched only subjects that the check does not name any more: the others had their turn */
        int known = touched ? r->check->subjects(w, ids[i] - 1, &one, 1) : 0;
        if (known < 0 || (!(known == 1 && one == ids[i]) && subject_compare(x, r, ids[i]) < 0))
            rc = -1;
    }
    db_read_end(w);
    arena_free(w->arena);
    w->arena = whole;
    if (n > 0)
        *after = ids[n - 1];
    return rc;
}

static int rule_compare(struct recompute *x, const struct rule *r) {
    for (int touched = 0; touched < 2; touched++) {
        int64_t after = 0;
        for (int n = PAGE; n == PAGE;) {
            if ((n = page(x, r, &after, touched)) < 0)
                return -1;
            x->done += touched ? 0 : n;
            if (x->progress && !touched)
                x->progress(x->done, x->total > x->done ? x->total : x->done);
        }
    }
    return 0;
}

static int total_count(struct recompute *x) {
    int64_t ids[PAGE];
    for (size_t i = 0; i < x->rules.n; i++) {
        struct arena *whole = x->w->arena;
        int64_t after = 0;
        for (int n = PAGE; n == PAGE;) {
            x->w->arena = arena_new(LIMIT_ARENA_BYTES);
            n = x->rules.v[i].check->subjects(x->w, after, ids, PAGE);
            arena_free(x->w->arena);
            x->w->arena = whole;
            if (n < 0)
                return -1;
            x->total += n;
            after = n > 0 ? ids[n - 1] : after;
        }
    }
    return 0;
}

static int look_again(struct recompute *x) {
    x->last = true;
    if (x->n_again)
        nanosleep(&(struct timespec){LOOK_AGAIN_MS / 1000, LOOK_AGAIN_MS % 1000 * 1000000L}, NULL);
    int rc = db_read_begin(x->w) < 0 || now_read(x) < 0 ? -1 : 0;
    for (size_t i = 0; rc == 0 && i < x->n_again; i++)
        rc = subject_compare(x, x->again[i].rule, x->again[i].subject);
    db_read_end(x->w);
    return rc;
}

/* Rules that are not on hold nothing open and wait for nothing. */
static int rules_off(struct recompute *x) {
    struct db_rows r;
    if (db_query(x->w, &sql_rule_off_touched, &r, DB_INT(DIFFERENCES_MAX)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        struct rule off = {.code = db_s(&r, i, 0)};
        differ_at(x, &off, db_i(&r, i, 1), db_i(&r, i, 2) ? "rule_off_alert" : "rule_off_watch", S("未结束"), S("—"));
    }
    return 0;
}

/* A duty is met by a publication that stands on record, at its very instant. */
static int duties_met(struct recompute *x) {
    int64_t after = 0;
    for (size_t n = PAGE; n == PAGE && json_array_size(x->differences) < DIFFERENCES_MAX;) {
        struct db_rows r;
        if (db_query(x->w, &sql_duty_met_wrong, &r, DB_INT(after), DB_INT(PAGE)) < 0)
            return -1;
        for (size_t i = 0; i < r.n; i++) {
            differ_at(x, NULL, db_i(&r, i, 0), "duty_met", instant(x->w, db_i(&r, i, 1)), S("没有相应的公开记录"));
        }
        n = r.n;
        after = n ? db_i(&r, n - 1, 0) : after;
    }
    return 0;
}

static int counts(struct recompute *x) {
    static const struct {
        const char *name;
        int (*check)(struct work *w);
    } all[] = {{"board_counts", board_recount_check}, {"statistics", statistics_recount_check}};
    int filled = statistics_filled(x->w);
    if (filled < 0)
        return -1;
    for (size_t i = 0; i < countof(all) - !filled; i++) {
        int n = all[i].check(x->w);
        if (n < 0)
            return -1;
        if (n)
            differ_at(x, NULL, 0, all[i].name, S("与逐条计数不同"), S("—"));
    }
    return 0;
}

int supervision_settled(struct work *w) {
    struct db_rows r;
    int n = db_one(w, &sql_supervision_look, &r, DB_INT(w->now));
    if (n < 0 || (n == 1 && db_i(&r, 0, 0)))
        return n < 0 ? -1 : 0;
    n = db_one(w, &sql_supervision_enrolling, &r);
    return n < 0 ? -1 : n == 0;
}

int supervision_recompute(struct work *w, void (*progress)(int64_t done, int64_t total), json_t **ret_differences) {
    struct recompute *x = arena_one(w->arena, struct recompute);
    *x = (struct recompute){.w = w, .progress = progress, .differences = json_array()};
    int rc = calendar_refresh(w) < 0 || rules_on(w, &x->rules) < 0 || total_count(x) < 0 ? -1 : 0;
    for (size_t i = 0; rc == 0 && i < x->rules.n; i++)
        rc = rule_compare(x, &x->rules.v[i]);
    if (rc == 0)
        rc = look_again(x) < 0 || rules_off(x) < 0 || duties_met(x) < 0 || counts(x) < 0
                 ? -1
                 : json_array_size(x->differences) > 0;
    rules_release(&x->rules);
    if (rc < 0)
        json_decref(x->differences);
    else
        *ret_differences = x->differences;
    return rc;
}
