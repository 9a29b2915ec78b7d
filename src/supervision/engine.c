/* engine.c: one subject under one rule, brought up to now: course → alerts → ladder → the next moment.
 *
 * Idempotent: evaluating again changes nothing. A course may have changed under an alert (a new calendar, a correction,
 * an edited rule): the alert follows the first stretch that it reaches into (fits). What a person decided stands until
 * that stretch ends. */
#include "supervision/supervision_internal.h"

#define KEPT_MAX 50 /* newest alerts of a rule and subject that are looked at */

struct run {
    const struct rule *rule;
    int64_t subject;
    struct course course;
    struct alert kept[KEPT_MAX]; /* newest beginning first */
    size_t n;
    bool met[KEPT_MAX]; /* matched to a stretch */
    int64_t next;       /* when to look again */
};

static bool decided_by_person(const struct alert *a) {
    return str_is(a->outcome, "false") || str_is(a->outcome, "waived");
}

static bool is_open(const struct alert *a) {
    return !str_is(a->state, "closed");
}

/* How well an alert fits a stretch; 0: not at all. An open one that began within it goes on, whatever else began with
 * it; one closed by itself that reaches into it is it too: the course has moved since. */
static int fits(const struct alert *a, const struct occurrence *o) {
    if (a->began_at >= o->until)
        return 0;
    if (is_open(a))
        return a->began_at >= o->from ? 4 : 2;
    if (a->began_at == o->from)
        return 3;
    return a->closed_at > o->from || (decided_by_person(a) && a->closed_at == o->from);
}

static struct alert *alert_of(struct run *x, const struct occurrence *o, size_t *ret_i) {
    int best = 0;
    for (size_t i = 0; i < x->n; i++) {
        int fit = x->met[i] ? 0 : fits(&x->kept[i], o);
        if (fit > best) {
            best = fit;
            *ret_i = i;
        }
    }
    return best ? &x->kept[*ret_i] : NULL;
}

static const char *outcome_of(const struct alert *a, int64_t red_from) {
    if (str_is(a->answer, "mended"))
        return "mended";
    return red_from ? "late" : "lapsed";
}

static void describe(const struct run *x, struct alert *a) {
    const struct course *c = &x->course;
    a->unit_id = c->unit_id;
    a->field_id = c->field_id;
    a->due_at = c->due_at;
    if (c->title.n)
        a->title = c->title;
    a->note = c->note;
}

/* Level at the instant within the stretch, and since when. */
static void level_at(const struct course *c, int64_t at, struct alert *a) {
    for (size_t i = 0; i < c->n; i++)
        if (c->spans[i].from <= at && at < c->spans[i].until) {
            a->level = c->spans[i].level;
            a->level_at = c->spans[i].from;
        }
}

static int raise_alert(struct work *w, struct run *x, const struct occurrence *o, struct alert *ret) {
    const struct rule *r = x->rule;
    const struct course *c = &x->course;
    bool over = o->until <= w->now;
    struct alert a = {.rule_id = r->id,
                      .version_id = r->version_id,
                      .check_code = str_z(r->check->code),
                      .subject_kind = str_z(r->check->subject),
                      .subject_id = x->subject,
                      .item_id = c->item_id,
                      .began_at = o->from,
                      .raised_at = w->now,
                      .address = c->address,
                      .state = over ? S("closed") : S("open"),
                      .closed_at = over ? o->until : 0};
    describe(x, &a);
    level_at(c, over ? o->until - 1 : w->now, &a);
    a.peak = over ? o->peak : a.level;
    a.red_at = o->red_from && o->red_from <= w->now ? o->red_from : 0;
    if (a.red_at)
        a.peak = LEVEL_RED;
    a.outcome = over ? str_z(outcome_of(&a, a.red_at)) : S("");
    if (ladder_holder(w, c->unit_id, c->holder, &a.post_id) < 0 || alert_insert(w, &a) < 0)
        return -1;
    *ret = a;
    return 0;
}

static int close_alert(struct work *w, struct alert *a, int64_t at, const char *outcome) {
    struct alert before = *a;
    a->state = S("closed");
    a->closed_at = at;
    a->outcome = str_z(outcome);
    return alert_save(w, &before, a, "cleared");
}

/* The open (or wrongly closed) alert of the stretch that lasts now. */
static int follow_alert(struct work *w, struct run *x, const struct occurrence *o, struct alert *a) {
    struct alert before = *a;
    if (!is_open(a)) { /* closed by itself, and the course says it lasts: a day was moved and moved back */
        a->state = S("open");
        a->outcome = S("");
        a->closed_at = 0;
    }
    describe(x, a);
    level_at(&x->course, w->now, a);
    if (a->level > a->peak)
        a->peak = a->level;
    a->red_at = o->red_from && o->red_from <= w->now ? o->red_from : 0;
    bool moved = a->level != before.level || !is_open(&before);
    if (!moved && a->due_at == before.due_at && str_eq(a->note, before.note) && str_eq(a->title, before.title) &&
        a->unit_id == before.unit_id && a->red_at == before.red_at && a->level_at == before.level_at)
        return 0;
    return alert_save(w, &before, a, moved ? "level" : "moved");
}

/* With its stretch; what it was last and at its highest may have come while nobody looked. */
static int end_alert(struct work *w, const struct run *x, const struct occurrence *o, struct alert *a) {
    struct alert before = *a;
    level_at(&x->course, o->until - 1, a);
    a->red_at = o->red_from;
    if (o->peak > a->peak)
        a->peak = o->peak;
    a->state = S("closed");
    a->closed_at = o->until;
    a->outcome = str_z(outcome_of(a, o->red_from));
    return alert_save(w, &before, a, "cleared");
}

static int settle(struct work *w, struct run *x, const struct occurrence *o, struct alert *a) {
    if (o->until <= w->now) {
        if (a) /* also what ended while the rule was off: it is on again, and the records say when */
            return is_open(a) || str_is(a->outcome, "rule_ended") ? end_alert(w, x, o, a) : 0;
        struct alert made;
        return o->until <= x->rule->on_from ? 0 : raise_alert(w, x, o, &made);
    }
    struct alert made;
    if (a && !is_open(a) && decided_by_person(a))
        return 0;
    if (a ? follow_alert(w, x, o, a) < 0 : raise_alert(w, x, o, &made) < 0)
        return -1;
    return ladder_climb(w, x->rule, &x->course, o, a ? a : &made, &x->next);
}

static int read_kept(struct work *w, struct run *x) {
    struct db_rows r;
    if (db_query(w, &sql_alert_of_subject, &r, DB_INT(x->rule->id), DB_INT(x->subject), DB_INT(KEPT_MAX)) < 0)
        return -1;
    for (x->n = 0; x->n < r.n; x->n++)
        alert_from_row(&r, x->n, &x->kept[x->n]);
    return 0;
}

static int watch_keep(struct work *w, const struct run *x) {
    if (x->next == INT64_MAX)
        return db_exec(w, &sql_watch_delete, DB_INT(x->rule->id), DB_INT(x->subject)) < 0 ? -1 : 0;
    return db_exec(w, &sql_watch_save, DB_INT(x->rule->id), DB_INT(x->subject), DB_INT(x->next)) < 0 ? -1 : 0;
}

int evaluate(struct work *w, const struct rule *r, int64_t subject) {
    struct run *x = arena_one(w->arena, struct run);
    struct occurrence o;
    *x = (struct run){.rule = r, .subject = subject};
    int n = r->check->course(w, r, subject, &x->course);
    if (n < 0 || read_kept(w, x) < 0)
        return -1;
    if (n == 0 || !rule_covers(w, r, &x->course))
        x->course.n = 0;
    course_level(&x->course, w->now, &x->next);
    for (size_t i = 0; course_occurrence(&x->course, i, &o) && o.from <= w->now; i++) {
        size_t k = 0;
        struct alert *a = alert_of(x, &o, &k);
        if (a)
            x->met[k] = true;
        if (settle(w, x, &o, a) < 0)
            return -1;
    }
    for (size_t i = 0; i < x->n; i++) /* the course knows nothing of it any more */
        if (!x->met[i] && is_open(&x->kept[i]) && close_alert(w, &x->kept[i], w->now, "lapsed") < 0)
            return -1;
    return watch_keep(w, x);
}
