/* follow.c: this node's thread: events of the ledger and moments of the wheel, each worked on once.
 *
 * A pass first looks whether there is anything to do, without a transaction. Then one batch: the place in the log, the
 * wheel and what came of them are one commit, under a database-wide lock, so that a node that dies or two nodes side by
 * side neither lose nor repeat a step. A subject that fails is tried again by itself and put off, the others go on. */
#include "http/http.h"
#include "supervision/supervision_internal.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define BATCH 100
#define LOOK_MS 200
#define BREATH_MS 20 /* between two batches: whoever else wants to write, also another process, gets its turn */
#define RETRY_LATER_MS (10LL * 60 * 1000)
#define SUBJECTS_PAGE 500
#define ENROL_PAGE 50 /* what is done in one transaction: who waits to write waits for so much */

static struct {
    struct db_pool *pool;
    const struct app_config *config;
    pthread_t thread;
    atomic_bool stop;
    bool running;
} node;

/* ── rules that are on ── */

int rules_on(struct work *w, struct rule_set *ret) {
    struct db_rows r;
    *ret = (struct rule_set){0};
    if (db_query(w, &sql_rules_on, &r) < 0)
        return -1;
    ret->v = arena_many(w->arena, struct rule, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        int n = rule_get(w, db_i(&r, i, 0), 0, &ret->v[ret->n]);
        if (n < 0)
            return rules_release(ret), -1;
        ret->n += n == 1;
    }
    return 0;
}

void rules_release(struct rule_set *s) {
    for (size_t i = 0; i < s->n; i++)
        rule_release(&s->v[i]);
    s->n = 0;
}

static const struct rule *rule_of(const struct rule_set *s, int64_t id) {
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].id == id)
            return &s->v[i];
    return NULL;
}

/* ── a batch ── */

struct batch {
    struct rule_set rules;
    bool careful; /* each subject in a level of its own: one of them failed before */
};

static int put_off(struct work *w, int64_t rule, int64_t subject) {
    char quoted[300];
    log_line(LOG_ERROR, "supervision_subject", "rule=%lld subject=%lld reason=%s", (long long)rule, (long long)subject,
             log_quote(quoted, sizeof quoted, str_z(error_text(&w->error))));
    error_clear(w);
    return db_exec(w, &sql_watch_save, DB_INT(rule), DB_INT(subject), DB_INT(w->now + RETRY_LATER_MS)) < 0 ? -1 : 0;
}

/* A batch may lead to thousands of subjects, some with large texts: the memory of one at a time. */
static int evaluate_alone(struct work *w, const struct rule *r, int64_t subject) {
    struct arena *whole = w->arena;
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    int rc = evaluate(w, r, subject);
    arena_free(w->arena);
    w->arena = whole;
    return rc;
}

static int work_on(struct work *w, const struct batch *b, const struct rule *r, int64_t subject) {
    if (!b->careful)
        return evaluate_alone(w, r, subject);
    if (db_begin(w) < 0)
        return -1;
    if (evaluate_alone(w, r, subject) < 0) {
        db_rollback(w);
        return put_off(w, r->id, subject);
    }
    return db_commit(w);
}

static bool concerns(const struct check_event *e, struct str room, struct str verb, struct str kind) {
    return str_is(room, e->room) && (!e->verb || str_is(verb, e->verb)) &&
           (!e->subject_kind || str_is(kind, e->subject_kind));
}

static int work_on_subjects(struct work *w, const struct batch *b, const struct rule *r, const struct check_event *e,
                            int64_t event_subject) {
    int64_t ids[SUBJECTS_PAGE], after = 0;
    if (!e->of)
        return work_on(w, b, r, event_subject);
    for (int n = SUBJECTS_PAGE; n == SUBJECTS_PAGE;) {
        if ((n = e->of(w, event_subject, after, ids, SUBJECTS_PAGE)) < 0)
            return -1;
        for (int i = 0; i < n; i++)
            if (work_on(w, b, r, ids[i]) < 0)
                return -1;
        after = n > 0 ? ids[n - 1] : after;
    }
    return 0;
}

/* Row i says the same of the same subject as a later one: once is enough. */
static bool said_again(const struct db_rows *r, size_t i) {
    for (size_t k = i + 1; k < r->n; k++)
        if (db_i(r, k, 4) == db_i(r, i, 4) && str_eq(db_s(r, k, 3), db_s(r, i, 3)) &&
            str_eq(db_s(r, k, 2), db_s(r, i, 2)) && str_eq(db_s(r, k, 1), db_s(r, i, 1)))
            return true;
    return false;
}

/* A new calendar moves the days on which warnings begin: every subject of every rule is looked at again, by jobs. */
static int enrol_all(struct work *w, const struct rule_set *s) {
    for (size_t i = 0; i < s->n; i++) {
        json_t *args = json_object();
        json_set_int(args, "rule", s->v[i].id);
        int rc = job_add(w, "supervision_enrol", args, 0, str_printf(w->arena, "%lld", (long long)s->v[i].id));
        json_decref(args);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int follow_event(struct work *w, struct batch *b, const struct db_rows *r, size_t i) {
    if (str_is(db_s(r, i, 1), "calendar") && str_is(db_s(r, i, 2), "imported") && enrol_all(w, &b->rules) < 0)
        return -1;
    for (size_t k = 0; k < b->rules.n; k++) {
        const struct rule *rule = &b->rules.v[k];
        for (const struct check_event *e = rule->check->events; e && e->room; e++)
            if (concerns(e, db_s(r, i, 1), db_s(r, i, 2), db_s(r, i, 3)) &&
                work_on_subjects(w, b, rule, e, db_i(r, i, 4)) < 0)
                return -1;
    }
    return statistics_touch(w, str_dupz(w->arena, db_s(r, i, 3)), db_i(r, i, 4));
}

/* In a level of its own: an event that cannot be followed holds up none of those behind it (doctor --recompute finds
 * what it would have changed). */
static int follow_carefully(struct work *w, struct batch *b, const struct db_rows *r, size_t i) {
    char quoted[300];
    if (db_begin(w) < 0)
        return -1;
    if (follow_event(w, b, r, i) == 0)
        return db_commit(w);
    db_rollback(w);
    log_line(LOG_ERROR, "supervision_event", "seq=%lld reason=%s", (long long)db_i(r, i, 0),
             log_quote(quoted, sizeof quoted, str_z(error_text(&w->error))));
    error_clear(w);
    return 0;
}

static int state_get(struct work *w, const char *name, int64_t *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_supervision_state_get, &r, DB_TEXTZ(name));
    if (n == 1)
        *ret = db_i(&r, 0, 0);
    return n;
}

static int state_set(struct work *w, const char *name, int64_t value) {
    return db_exec(w, &sql_supervision_state_set, DB_TEXTZ(name), DB_INT(value)) < 0 ? -1 : 0;
}

static int follow_events(struct work *w, struct batch *b) {
    struct ledger_head head;
    struct db_rows r;
    int64_t at = -1;
    if (ledger_head(w, &head) < 0)
        return -1;
    int n = state_get(w, "seq", &at);
    if (n <= 0) /* the first time: what was before is looked at when the rules are switched on */
        return n < 0 ? -1 : state_set(w, "seq", head.size - 1);
    if (at >= head.size - 1)
        return 0;
    if (db_query(w, &sql_supervision_events, &r, DB_INT(at), DB_INT(head.size), DB_INT(BATCH)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (!said_again(&r, i) && (b->careful ? follow_carefully : follow_event)(w, b, &r, i) < 0)
            return -1;
    int64_t reached = r.n == BATCH ? db_i(&r, r.n - 1, 0) : head.size - 1;
    return state_set(w, "seq", reached) < 0 ? -1 : 1;
}

static int follow_moments(struct work *w, struct batch *b) {
    struct db_rows r;
    if (db_query(w, &sql_watch_due, &r, DB_INT(w->now), DB_INT(BATCH)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        const struct rule *rule = rule_of(&b->rules, db_i(&r, i, 0));
        int rc = rule ? work_on(w, b, rule, db_i(&r, i, 1))
                      : db_exec(w, &sql_watch_delete, DB_INT(db_i(&r, i, 0)), DB_INT(db_i(&r, i, 1)));
        if (rc < 0)
            return -1;
    }
    return r.n > 0;
}

/* The clock never goes back: what was told as late stays late. */
static int clock_forward(struct work *w) {
    int64_t latest = 0;
    if (state_get(w, "clock", &latest) < 0)
        return -1;
    if (latest > w->now)
        w->now = latest;
    else
        return state_set(w, "clock", w->now);
    return 0;
}

static int batch_run(struct work *w, bool careful) {
    struct batch b = {.careful = careful};
    int done = 0, n;
    if (calendar_refresh(w) < 0 || clock_forward(w) < 0 || rules_on(w, &b.rules) < 0)
        return -1;
    if ((n = follow_events(w, &b)) >= 0) {
        done |= n;
        if ((n = follow_moments(w, &b)) >= 0) {
            done |= n;
            n = ladder_flush(w);
            done |= n > 0;
        }
    }
    rules_release(&b.rules);
    return n < 0 ? -1 : done;
}

/* 1 there is work, 0, -1. */
static int anything(struct work *w) {
    struct db_rows r;
    int n = db_one(w, &sql_supervision_look, &r, DB_INT(w->now));
    return n < 0 ? -1 : n == 1 && db_i(&r, 0, 0) > 0;
}

static int pass_locked(struct work *w, bool careful) {
    if (db_begin(w) < 0)
        return -1;
    int got = db_try_lock(w, "supervision"), n = got == 1 ? batch_run(w, careful) : got;
    if (n < 0 || got != 1) {
        db_rollback(w);
        return n < 0 ? -1 : 0;
    }
    return db_commit(w) < 0 ? -1 : n;
}

int supervision_pass(struct work *w) {
    int n = anything(w);
    int64_t now = w->now;
    if (n <= 0)
        return n;
    if ((n = pass_locked(w, false)) < 0) {
        error_clear(w);
        w->now = now;
        n = pass_locked(w, true);
    }
    w->now = now;
    return n;
}

/* ── a rule's subjects after switching it ── */

struct enrolment {
    const struct rule *rule;
    int64_t after;
    bool on;
};

/* One page: 1 more may follow, 0 the last, -1. */
static int enrol_page(struct work *w, struct enrolment *x) {
    int64_t ids[ENROL_PAGE];
    struct batch b = {.careful = true};
    int n = x->on ? x->rule->check->subjects(w, x->after, ids, ENROL_PAGE)
                  : rule_touched(w, x->rule->id, x->after, ids, ENROL_PAGE);
    for (int i = 0; i < n; i++)
        if ((x->on ? work_on(w, &b, x->rule, ids[i]) : rule_let_go(w, x->rule->id, ids[i])) < 0)
            return -1;
    if (n > 0)
        x->after = ids[n - 1];
    return n < 0 ? -1 : n == ENROL_PAGE;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* In a transaction of its own under the lock; waits while the thread of some node has it. */
static int enrol_locked(struct work *w, struct enrolment *x) {
    for (int tries = 0; tries < 600; tries++) {
        if (db_begin(w) < 0)
            return -1;
        int got = db_try_lock(w, "supervision");
        int n = got == 1 ? clock_forward(w) < 0 ? -1 : enrol_page(w, x) : got;
        if (n < 0 || got != 1)
            db_rollback(w);
        else if (db_commit(w) < 0)
            n = -1;
        if (n < 0 || got == 1)
            return n;
        pause_ms(50);
    }
    return fail(w, ERR_BUSY, "监督正忙，请稍后再试");
}

static int enrol(struct work *w, int64_t id, long breath_ms) {
    struct rule r;
    int64_t now = w->now;
    int n = calendar_refresh(w) < 0 ? -1 : rule_get(w, id, 0, &r);
    if (n <= 0)
        return n;
    struct enrolment x = {.rule = &r, .on = str_is(r.state, "on")};
    struct arena *whole = w->arena; /* a page's memory goes with the page */
    do {
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        n = enrol_locked(w, &x);
        arena_free(w->arena);
        w->arena = whole;
        w->now = now;
        if (n == 1 && breath_ms)
            pause_ms(breath_ms);
    } while (n == 1);
    rule_release(&r);
    return n;
}

int supervision_enrol(struct work *w, json_t *args) {
    return enrol(w, json_integer_value(json_object_get(args, "rule")), BREATH_MS);
}

int supervision_catch_up(struct work *w) {
    struct db_rows r;
    json_t *nothing = json_object();
    int rc = db_query(w, &sql_rules_on, &r), n = rc == 0 ? supervision_pass(w) : -1;
    for (size_t i = 0; n >= 0 && i < r.n; i++)
        n = enrol(w, db_i(&r, i, 0), 0);
    if (n >= 0)
        n = statistics_fill(w, nothing);
    json_decref(nothing);
    return n < 0 ? -1 : 0;
}

/* ── the thread ── */

static void *follow(void *nothing) {
    struct work w = {.config = node.config};
    bool well = true;
    while (!atomic_load(&node.stop)) {
        w.arena = arena_new(LIMIT_ARENA_BYTES);
        w.now = clock_now(&node.config->clock);
        w.actor = (struct actor){.all_units = true};
        w.actor.person_name = S("系统");
        error_clear(&w);
        int n = w.db || db_attach(&w, node.pool) == 0 ? supervision_pass(&w) : -1;
        if (n < 0 && well)
            log_line(LOG_ERROR, "supervision", "reason=\"%s\"", error_text(&w.error));
        well = n >= 0;
        if (!well && w.db) {
            db_detach(&w);
            w.db = NULL;
        }
        arena_free(w.arena);
        pause_ms(n > 0 ? BREATH_MS : well ? LOOK_MS : 1000);
    }
    if (w.db)
        db_detach(&w);
    return nothing;
}

int supervision_start(struct db_pool *pool, const struct app_config *c, char *why, size_t cap) {
    node.pool = pool;
    node.config = c;
    atomic_store(&node.stop, false);
    if (pthread_create(&node.thread, NULL, follow, NULL) != 0) {
        snprintf(why, cap, "the thread cannot be started");
        return -1;
    }
    node.running = true;
    return 0;
}

void supervision_stop(void) {
    if (!node.running)
        return;
    atomic_store(&node.stop, true);
    pthread_join(node.thread, NULL);
    node.running = false;
}
