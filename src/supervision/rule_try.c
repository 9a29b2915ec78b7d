/* rule_try.c: the dry run (试运行): what one version of a rule would have raised in a stretch of recorded history.
 *
 * A job walks the check's subjects in batches, asks the check for each one's course under that version, and counts the
 * stretches (occurrences) that begin within the days asked for: how high they rose, whether records say they were real,
 * and whom the ladder would have told in which week. What a check answers follows from records alone, so the past can
 * be asked as the present is.
 *
 * The tally is one JSON object, kept in rule_run every two seconds together with the last subject looked at: a job that
 * died goes on from there. The instant it counts as now is that of the request, whenever the job gets to it.
 *
 *   after, raised, standing (would be open at once), standing_red
 *   levels {yellow, orange, red}       highest level within the days
 *   verdicts {confirmed, red, lapsed, false, waived, pending}
 *   units {id: {raised, red, confirmed, false}}
 *   posts {"id" or "0" (the city office): {week (its Monday): notices}}
 *   examples [{unit, title, address, began, ended, level, verdict}] */
#include "job/job.h"
#include "supervision/rule_internal.h"

#define BATCH 200
#define KEEP_NS 2000000000ULL
#define EXAMPLES 50
#define TRIES 3

/* ── asking for one ── */

static int window_check(struct work *w, day_t from, day_t to) {
    if (from == DAY_NONE)
        fail_field(w, "from", "required", "请填写开始日期");
    if (to == DAY_NONE)
        fail_field(w, "to", "required", "请填写结束日期");
    if (w->error.code)
        return -1;
    if (to > work_today(w))
        return fail_field(w, "to", "range", "结束日期不能晚于今天：试运行只用已有的记录");
    if (from > to)
        return fail_field(w, "from", "range", "开始日期不能晚于结束日期");
    if (to - from >= rule_limits.most_days)
        return fail_field(w, "from", "range", "一次最多试运行 %lld 天", (long long)rule_limits.most_days);
    return 0;
}

static int may_try(struct work *w, const struct rule_row *r) {
    struct db_rows busy;
    if (!r->check)
        return fail(w, ERR_WRONG_STATE, "这条规则使用的检查项已经不在系统中");
    if (str_is(r->state, "ended"))
        return fail(w, ERR_WRONG_STATE, "规则已经废止，不能再试运行");
    int n = db_one(w, &sql_rulebook_run_busy, &busy, DB_INT(r->id));
    return n <= 0 ? n : fail(w, ERR_DUPLICATE, "这条规则正在试运行，请等它结束");
}

int rule_try_start(struct work *w, int64_t rule, int64_t version, day_t from, day_t to, int64_t *ret_run) {
    struct rule_row r;
    struct db_rows row;
    if (rule_may(w, PERM_RULE_EDIT) < 0 || db_lock(w, &sql_rulebook_lock, &row, DB_INT(rule)) < 0)
        return -1;
    int n = rule_row_get(w, rule, version, &r);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条监督规则或者这个版本");
    if (may_try(w, &r) < 0 || window_check(w, from, to) < 0 ||
        db_one(w, &sql_rulebook_run_insert, &row, DB_INT(r.version_id), DB_TEXT(day_str(w->arena, from)),
               DB_TEXT(day_str(w->arena, to)), DB_TEXT(r.digest), DB_ID(w->actor.person_id), DB_INT(w->now)) != 1)
        return -1;
    *ret_run = db_i(&row, 0, 0);
    json_t *args = json_object(), *more = json_object();
    json_set_int(args, "run", *ret_run);
    json_set_int(more, "run", *ret_run);
    json_set_day(w->arena, more, "from", from);
    json_set_day(w->arena, more, "to", to);
    int rc = job_add(w, "rule_try", args, 0, str_printf(w->arena, "%lld", (long long)*ret_run));
    json_decref(args);
    if (rc < 0) {
        json_decref(more);
        return -1;
    }
    return rule_event(w, &r, "rule_tried", STR_NONE, more);
}

/* ── reading one ── */

int rule_run_get(struct work *w, int64_t id, struct rule_run *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_rulebook_run_get, &r, DB_INT(id));
    if (n <= 0)
        return n;
    *ret = (struct rule_run){.id = db_i(&r, 0, 0),
                             .rule_id = db_i(&r, 0, 1),
                             .version_id = db_i(&r, 0, 2),
                             .version = db_i(&r, 0, 3),
                             .done = db_i(&r, 0, 4),
                             .total = db_i(&r, 0, 5),
                             .raised = db_i(&r, 0, 6),
                             .made_by = db_i(&r, 0, 7),
                             .created_at = db_i(&r, 0, 8),
                             .ended_at = db_i(&r, 0, 9),
                             .state = db_s(&r, 0, 10),
                             .from = db_s(&r, 0, 11),
                             .to = db_s(&r, 0, 12),
                             .digest = db_s(&r, 0, 13),
                             .made_by_name = db_s(&r, 0, 14),
                             .result = rule_json_of(db_s(&r, 0, 15))};
    return 1;
}

int rule_run_valid(struct work *w, const struct rule_row *r, struct rule_run *ret) {
    struct db_rows row;
    int n = db_one(w, &sql_rulebook_run_valid, &row, DB_INT(r->id), DB_TEXT(r->digest),
                   DB_INT(w->now - rule_limits.tried_days * 24 * 3600 * 1000));
    return n <= 0 ? n : rule_run_get(w, db_i(&row, 0, 0), ret);
}

static int64_t int_of(const json_t *o, const char *key) {
    return json_integer_value(json_object_get(o, key));
}

static day_t monday_of(day_t d) {
    return d - (day_weekday(d) - 1);
}

void rule_run_load(struct work *w, const struct rule_run *run, struct rule_load *ret) {
    const char *post, *week;
    json_t *weeks, *n;
    day_t from, to;
    *ret = (struct rule_load){.raised = int_of(run->result, "raised"), .standing = int_of(run->result, "standing")};
    json_object_foreach(json_object_get(run->result, "posts"), post, weeks) {
        ret->posts++;
        json_object_foreach(weeks, week, n) {
            ret->notices += json_integer_value(n);
            if (json_integer_value(n) <= ret->busiest)
                continue;
            ret->busiest = json_integer_value(n);
            ret->busiest_post = str_dup(w->arena, str_z(post));
            ret->busiest_week = str_dup(w->arena, str_z(week));
        }
    }
    if (day_parse(run->from, &from) == 0 && day_parse(run->to, &to) == 0)
        ret->weeks = (monday_of(to) - monday_of(from)) / 7 + 1;
}

struct str rule_large(struct work *w, const struct rule_load *l) {
    int64_t alerts = l->raised > l->standing ? l->raised : l->standing;
    if (alerts >= rule_limits.alerts)
        return str_printf(w->arena, "将产生 %lld 条预警，达到 %lld 条", (long long)alerts,
                          (long long)rule_limits.alerts);
    if (l->busiest > rule_limits.per_post_week)
        return str_printf(w->arena, "最忙的岗位一周将收到 %lld 条提醒，超过 %lld 条", (long long)l->busiest,
                          (long long)rule_limits.per_post_week);
    return STR_NONE;
}

/* ── counting ── */

struct trial {
    struct rule_run run;
    struct rule rule;
    int64_t start, end; /* occurrences that begin in [start, end) are counted; the end is never after the request */
    int64_t now;        /* of the request */
    json_t *holders;    /* "unit/permission" → post; remembered for the job's length */
};

static void bump(json_t *o, const char *key, int64_t n) {
    json_set_int(o, key, int_of(o, key) + n);
}

static json_t *part(json_t *o, const char *key) {
    json_t *p = json_object_get(o, key);
    if (!p)
        json_object_set_new(o, key, p = json_object());
    return p;
}

static int holder_of(struct work *w, struct trial *t, int64_t unit, int permission, int64_t *ret) {
    char key[48];
    snprintf(key, sizeof key, "%lld/%d", (long long)unit, permission);
    const json_t *known = json_object_get(t->holders, key);
    if (known) {
        *ret = json_integer_value(known);
        return 0;
    }
    if (ladder_holder(w, unit, permission, ret) < 0)
        return -1;
    json_set_int(t->holders, key, *ret);
    return 0;
}

/* The post that hears, as the ladder does it: without a holder the superior, without one the city office (0). */
static int hears(struct work *w, struct trial *t, const struct course *c, enum audience to, int64_t *ret) {
    *ret = 0;
    if (to == TO_HOLDER && c->holder && holder_of(w, t, c->unit_id, c->holder, ret) < 0)
        return -1;
    if (to != TO_OFFICE && !*ret)
        return holder_of(w, t, c->unit_id, PERM_ALERT_SUPERIOR, ret);
    return 0;
}

static int count_notices(struct work *w, struct trial *t, const struct course *c, const struct occurrence *o) {
    char key[24], week[11];
    int64_t end = o->until < t->end ? o->until : t->end, post;
    for (size_t i = 0; i < t->rule.steps; i++) {
        int64_t at = ladder_step_due(c, o, &t->rule.ladder[i], end - 1);
        if (!at || at >= end)
            return 0;
        if (hears(w, t, c, t->rule.ladder[i].to, &post) < 0)
            return -1;
        snprintf(key, sizeof key, "%lld", (long long)post);
        bump(part(part(t->run.result, "posts"), key), day_text(week, monday_of(day_of(at))), 1);
    }
    return 0;
}

/* The highest level the stretch had before the end of the days. */
static int peak_of(const struct course *c, const struct occurrence *o, int64_t end) {
    int peak = LEVEL_NONE;
    for (size_t i = 0; i < c->n; i++)
        if (c->spans[i].from >= o->from && c->spans[i].from < o->until && c->spans[i].from < end &&
            c->spans[i].level > peak)
            peak = c->spans[i].level;
    return peak;
}

/* What records say of the stretch: first what people decided on an alert of this check, then the course itself. */
static const char *verdict_of(const struct trial *t, const struct db_rows *alerts, int64_t subject,
                              const struct occurrence *o) {
    for (size_t i = 0; i < alerts->n; i++) {
        int64_t closed = db_i(alerts, i, 2);
        struct str outcome = db_s(alerts, i, 3);
        if (db_i(alerts, i, 0) != subject || db_i(alerts, i, 1) >= o->until || (closed && closed < o->from))
            continue;
        if (str_is(outcome, "false") || str_is(outcome, "waived"))
            return str_is(outcome, "false") ? "false" : "waived";
        if (str_is(outcome, "mended") || str_is(outcome, "late"))
            return "confirmed";
    }
    bool red = o->red_from && o->red_from <= t->now;
    if (o->until <= t->now)
        return red ? "confirmed" : "lapsed";
    return red ? "red" : "pending";
}

static void add_example(struct work *w, struct trial *t, const struct course *c, const struct occurrence *o, int peak,
                        const char *verdict) {
    json_t *list = json_object_get(t->run.result, "examples");
    if (!list)
        json_object_set_new(t->run.result, "examples", list = json_array());
    if (json_array_size(list) >= EXAMPLES)
        return;
    json_t *e = json_object();
    json_set_int(e, "unit", c->unit_id);
    json_set_str(e, "title", utf8_head(c->title, 200));
    json_set_str(e, "address", c->address);
    json_set_instant(w->arena, e, "began", o->from);
    if (o->until <= t->now)
        json_set_instant(w->arena, e, "ended", o->until);
    json_set_str(e, "level", str_z(alert_level_code(peak)));
    json_set_str(e, "verdict", str_z(verdict));
    json_array_append_new(list, e);
}

static int count_one(struct work *w, struct trial *t, const struct course *c, const struct occurrence *o,
                     const char *verdict) {
    char unit[24];
    json_t *x = t->run.result;
    int peak = peak_of(c, o, t->end);
    snprintf(unit, sizeof unit, "%lld", (long long)c->unit_id);
    json_t *u = part(part(x, "units"), unit);
    bump(x, "raised", 1);
    bump(part(x, "levels"), alert_level_code(peak), 1);
    bump(part(x, "verdicts"), verdict, 1);
    bump(u, "raised", 1);
    if (peak == LEVEL_RED)
        bump(u, "red", 1);
    if (strcmp(verdict, "confirmed") == 0 || strcmp(verdict, "red") == 0)
        bump(u, "confirmed", 1);
    if (strcmp(verdict, "false") == 0)
        bump(u, "false", 1);
    add_example(w, t, c, o, peak, verdict);
    return count_notices(w, t, c, o);
}

static int try_subject(struct work *w, struct trial *t, const struct db_rows *alerts, int64_t subject) {
    struct course c = {0};
    struct occurrence o;
    int n = t->rule.check->course(w, &t->rule, subject, &c);
    if (n <= 0 || !rule_covers(w, &t->rule, &c))
        return n < 0 || w->error.code ? -1 : 0;
    for (size_t i = 0; course_occurrence(&c, i, &o); i++) {
        if (o.from <= t->now && t->now < o.until) {
            bump(t->run.result, "standing", 1);
            if (o.red_from && o.red_from <= t->now)
                bump(t->run.result, "standing_red", 1);
        }
        if (o.from >= t->start && o.from < t->end && count_one(w, t, &c, &o, verdict_of(t, alerts, subject, &o)) < 0)
            return -1;
    }
    return 0;
}

/* ── the job ── */

static int keep(struct work *w, struct trial *t, const char *state, int64_t ended_at) {
    struct str result = json_canonical(w->arena, t->run.result);
    if (db_begin(w) < 0)
        return -1;
    int n = db_exec(w, &sql_rulebook_run_progress, DB_INT(t->run.id), DB_TEXTZ(state), DB_INT(t->run.done),
                    DB_INT(t->run.total), DB_INT(int_of(t->run.result, "raised")), DB_TEXT(result), DB_INT(ended_at));
    if (n < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* How many there are: ids only, so that a person can see how far it has come. */
static int count_subjects(struct work *w, struct trial *t) {
    int64_t ids[BATCH], after = 0;
    struct arena *kept = w->arena;
    int n;
    t->run.total = 0;
    do {
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        n = t->rule.check->subjects(w, after, ids, BATCH);
        arena_free(w->arena);
        w->arena = kept;
        if (n > 0) {
            after = ids[n - 1];
            t->run.total += n;
        }
    } while (n == BATCH);
    return n < 0 ? -1 : keep(w, t, "running", 0);
}

/* One batch in one snapshot. The number of subjects, or -1. */
static int try_batch(struct work *w, struct trial *t) {
    int64_t ids[BATCH];
    struct db_rows alerts;
    int n = t->rule.check->subjects(w, int_of(t->run.result, "after"), ids, BATCH);
    if (n <= 0)
        return n;
    if (db_query(w, &sql_rulebook_alerts, &alerts, DB_TEXTZ(t->rule.check->subject), DB_INT(ids[0]), DB_INT(ids[n - 1]),
                 DB_TEXTZ(t->rule.check->code)) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (try_subject(w, t, &alerts, ids[i]) < 0)
            return -1;
    json_set_int(t->run.result, "after", ids[n - 1]);
    t->run.done += n;
    if (t->run.done > t->run.total) /* some came since they were counted */
        t->run.total = t->run.done;
    return n;
}

static int walk(struct work *w, struct trial *t) {
    struct arena *kept = w->arena;
    uint64_t last = clock_mono_ns();
    int n;
    do {
        w->arena = arena_new(LIMIT_ARENA_BYTES); /* a million subjects must not gather in one memory */
        n = db_read_begin(w);
        if (n == 0) {
            n = try_batch(w, t);
            db_read_end(w);
        }
        if (n == BATCH && clock_mono_ns() - last > KEEP_NS) {
            if (keep(w, t, "running", 0) < 0)
                n = -1;
            last = clock_mono_ns();
        }
        arena_free(w->arena);
        w->arena = kept;
    } while (n == BATCH);
    return n < 0 ? -1 : keep(w, t, "done", clock_now(&w->config->clock));
}

/* Counted anew from where it was kept; given up after some times, so that a person sees it. */
static void failed(struct work *w, struct trial *t) {
    struct error why = w->error;
    struct rule_run as_kept;
    error_clear(w);
    while (db_in_transaction(w))
        db_rollback(w);
    if (rule_run_get(w, t->run.id, &as_kept) == 1) {
        struct trial again = {.run = as_kept};
        bump(again.run.result, "failures", 1);
        json_set_str(again.run.result, "error", str_z(error_text(&why)));
        bool last = int_of(again.run.result, "failures") >= TRIES;
        keep(w, &again, last ? "failed" : "running", last ? clock_now(&w->config->clock) : 0);
        json_decref(again.run.result);
    }
    w->error = why;
}

static int run_it(struct work *w, struct trial *t) {
    day_t from, to;
    int n = rule_get(w, t->run.rule_id, t->run.version, &t->rule);
    if (n <= 0 || day_parse(t->run.from, &from) < 0 || day_parse(t->run.to, &to) < 0)
        return n < 0 ? -1 : fail(w, ERR_INTERNAL, "试运行的规则已经无法读取");
    t->now = t->run.created_at;
    t->start = day_start(from);
    t->end = day_start(to + 1) < t->now + 1 ? day_start(to + 1) : t->now + 1;
    t->holders = json_object();
    int rc = t->run.total == 0 ? count_subjects(w, t) : 0;
    if (rc == 0)
        rc = walk(w, t);
    json_decref(t->holders);
    rule_release(&t->rule);
    return rc;
}

int rule_try(struct work *w, json_t *args) {
    struct trial t = {0};
    int n = rule_run_get(w, int_of(args, "run"), &t.run);
    if (n <= 0)
        return n; /* nothing left to do */
    int rc = 0;
    if (str_is(t.run.state, "waiting") || str_is(t.run.state, "running")) {
        rc = run_it(w, &t);
        if (rc < 0)
            failed(w, &t);
    }
    json_decref(t.run.result);
    return rc;
}
