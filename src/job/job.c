/* job.c: the queue's verbs: adding, leasing, running one, settling it; recurring kinds. The thread is runner.c. */
#include "job/job_internal.h"
#include "job_sql.h"

#define LEASE_MS (5 * 60 * 1000LL) /* renewed each minute by the runner; a dead node's jobs wait this long */
#define RETRY_MS (30 * 1000LL)     /* the first pause; four times longer each time */
#define RETRY_MOST_MS (6 * 3600 * 1000LL)
#define KEEP_DONE_MS (7 * 24 * 3600 * 1000LL)
#define PASS_JOBS 1000 /* of one pass; the rest comes in the next */
#define SWEEP "job_sweep"

/* ── adding ────────────────────────────────────────────────────────────── */
static void kick(void *nothing) {
    (void)nothing;
    job_kick();
}

int job_add(struct work *w, const char *kind, json_t *args, int64_t run_at, struct str unique_key) {
    char *text = args ? json_dumps(args, JSON_COMPACT) : NULL;
    if (args && !text)
        return fail(w, ERR_INTERNAL, "%s", "");
    int r = db_exec(w, &sql_job_insert, DB_TEXTZ(kind), DB_TEXTZ(text ? text : "{}"), DB_TEXT(unique_key),
                    DB_INT(run_at ? run_at : w->now), DB_INT(w->now));
    free(text);
    if (r < 0)
        return -1;
    db_on_commit(w, kick, NULL);
    return 0;
}

json_t *job_list(struct work *w, int limit) {
    struct db_rows r;
    return db_query(w, &sql_job_list, &r, DB_INT(limit)) < 0 ? NULL : db_json(&r);
}

int job_again(struct work *w, int64_t id) {
    int n = db_exec(w, &sql_job_again, DB_INT(id), DB_INT(w->now));
    if (n == 0)
        return fail(w, ERR_NOT_FOUND, "没有找到这个失败的任务");
    if (n > 0)
        db_on_commit(w, kick, NULL);
    return n < 0 ? -1 : 0;
}

/* ── works of our own ──────────────────────────────────────────────────── */
int job_work_open(struct work *w, const struct job_context *x) {
    *w = (struct work){.now = x->now ? x->now : clock_now(&x->config->clock), .config = x->config};
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    w->actor.person_name = S("系统");
    w->actor.all_units = true;
    if (db_attach(w, x->pool) == 0)
        return 0;
    arena_free(w->arena);
    return -1;
}

void job_work_close(struct work *w) {
    db_detach(w);
    arena_free(w->arena);
}

void job_context_make(struct job_context *ret, struct db_pool *pool, const struct app_config *c,
                      const struct job_kind *kinds, size_t n, enum job_lane lane) {
    *ret = (struct job_context){.pool = pool, .config = c, .kinds = kinds, .n = n, .lane = lane, .slow = ","};
    for (size_t i = 0, at = 1; i < n && at < sizeof ret->slow; i++)
        if (kinds[i].slow)
            at += (size_t)snprintf(ret->slow + at, sizeof ret->slow - at, "%s,", kinds[i].name);
}

/* ── one job ───────────────────────────────────────────────────────────── */
struct lease {
    int64_t id, tries;
    char kind[64];
    json_t *args;
};

/* 1 and *ret (args: a new reference), 0 when nothing is due, -1. */
static int lease_take(const struct job_context *x, struct lease *ret) {
    struct work w;
    if (job_work_open(&w, x) < 0)
        return -1;
    struct db_rows r;
    int found = db_begin(&w);
    if (found == 0)
        found =
            db_one(&w, &sql_job_lease, &r, DB_INT(w.now), DB_INT(w.now + LEASE_MS), DB_INT(x->lane), DB_TEXTZ(x->slow));
    if (found >= 0 && db_commit(&w) < 0)
        found = -1;
    if (found > 0) {
        *ret = (struct lease){.id = db_i(&r, 0, 0), .tries = db_i(&r, 0, 3)};
        snprintf(ret->kind, sizeof ret->kind, "%.*s", STR_ARG(db_s(&r, 0, 1)));
        struct str text = db_s(&r, 0, 2);
        ret->args = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
    }
    while (db_in_transaction(&w))
        db_rollback(&w);
    job_work_close(&w);
    return found;
}

static int64_t retry_pause(int64_t tries) {
    int64_t ms = RETRY_MS;
    for (int64_t i = 1; i < tries && ms < RETRY_MOST_MS; i++)
        ms *= 4;
    return ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS;
}

static int settle(struct work *w, const struct lease *l, const struct job_kind *k, const char *reason) {
    if (!reason)
        return db_exec(w, &sql_job_done, DB_INT(l->id), DB_INT(l->tries), DB_INT(w->now));
    if (k && l->tries < k->tries) {
        int n = db_exec(w, &sql_job_retry, DB_INT(l->id), DB_INT(l->tries), DB_INT(w->now + retry_pause(l->tries)),
                        DB_TEXTZ(reason));
        if (n != 0)
            return n;
        /* A newer one with the same key waits already and does the work. */
        return db_exec(w, &sql_job_end, DB_INT(l->id), DB_INT(l->tries), DB_TEXTZ("done"), DB_INT(w->now),
                       DB_TEXTZ(reason));
    }
    return db_exec(w, &sql_job_end, DB_INT(l->id), DB_INT(l->tries), DB_TEXTZ("failed"), DB_INT(w->now),
                   DB_TEXTZ(reason));
}

static int lease_settle(const struct job_context *x, const struct lease *l, const struct job_kind *k,
                        const char *reason) {
    struct work w;
    if (job_work_open(&w, x) < 0)
        return -1;
    int r = db_begin(&w);
    if (r == 0 && (r = settle(&w, l, k, reason)) >= 0)
        r = db_commit(&w);
    job_work_close(&w);
    return r < 0 ? -1 : 0;
}

/* Runs the kind's function in a work of its own. False: why says what went wrong. */
static bool lease_run(const struct job_context *x, const struct lease *l, const struct job_kind *k, char *why,
                      size_t cap) {
    struct work w;
    if (job_work_open(&w, x) < 0) {
        snprintf(why, cap, "没有可用的数据库连接");
        return false;
    }
    int r = k->fn(&w, l->args);
    if (r < 0)
        snprintf(why, cap, "%s", error_text(&w.error));
    else if (db_in_transaction(&w))
        snprintf(why, cap, "任务没有结束自己的事务");
    bool ok = r >= 0 && !db_in_transaction(&w);
    job_work_close(&w);
    return ok;
}

static int sweep_run(struct work *w, json_t *args) {
    (void)args;
    if (db_begin(w) < 0 || db_exec(w, &sql_job_sweep, DB_INT(w->now - KEEP_DONE_MS)) < 0)
        return -1;
    return db_commit(w);
}

static const struct job_kind sweep_kind = {SWEEP, "清理已完成的任务", sweep_run, 3, 3600, false};

static const struct job_kind *kind_find(const struct job_context *x, const char *name) {
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->kinds[i].name, name) == 0)
            return &x->kinds[i];
    return strcmp(name, SWEEP) == 0 ? &sweep_kind : NULL;
}

static int run_one(const struct job_context *x, const struct lease *l) {
    const struct job_kind *k = kind_find(x, l->kind);
    char why[500] = "";
    bool ok = false;
    if (!k)
        snprintf(why, sizeof why, "未知的任务类型：%s", l->kind);
    else if (l->tries > k->tries)
        snprintf(why, sizeof why, "任务多次中断，没有完成");
    else
        ok = lease_run(x, l, k, why, sizeof why);
    if (!ok) {
        char quoted[600];
        log_line(LOG_WARN, "job_failed", "kind=%s id=%lld try=%lld reason=%s", l->kind, (long long)l->id,
                 (long long)l->tries, log_quote(quoted, sizeof quoted, str_z(why)));
    }
    return lease_settle(x, l, k, ok ? NULL : why);
}

/* ── recurring kinds ───────────────────────────────────────────────────── */
static int64_t next_of(const struct db_rows *r, const char *kind) {
    for (size_t i = 0; i < r->n; i++)
        if (str_is(db_s(r, i, 0), kind))
            return db_i(r, i, 1);
    return 0; /* never ran: at once */
}

static int schedule_claim(struct work *w, const struct job_kind *k) {
    if (db_begin(w) < 0)
        return -1;
    int won = db_exec(w, &sql_job_schedule_insert, DB_TEXTZ(k->name), DB_INT(w->now));
    if (won >= 0)
        won = db_exec(w, &sql_job_schedule_claim, DB_TEXTZ(k->name), DB_INT(w->now),
                      DB_INT(w->now + k->every_seconds * 1000LL));
    if (won > 0 && job_add(w, k->name, NULL, w->now, S("schedule")) < 0)
        won = -1;
    if (won < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* Queues what is due; *ret_next is the earliest instant something recurring is due after that. */
static int schedule_due(struct work *w, const struct job_context *x, int64_t *ret_next) {
    struct db_rows r;
    if (db_query(w, &sql_job_schedule_list, &r) < 0)
        return -1;
    for (size_t i = 0; i <= x->n; i++) {
        const struct job_kind *k = i < x->n ? &x->kinds[i] : &sweep_kind;
        if (k->every_seconds <= 0)
            continue;
        int64_t next = next_of(&r, k->name);
        if (next <= w->now) {
            if (schedule_claim(w, k) < 0)
                return -1;
            next = w->now + k->every_seconds * 1000LL;
        }
        if (next < *ret_next)
            *ret_next = next;
    }
    return 0;
}

/* ── a pass ────────────────────────────────────────────────────────────── */
static int look(const struct job_context *x, int64_t *ret_now, int64_t *ret_next) {
    struct work w;
    if (job_work_open(&w, x) < 0)
        return -1;
    int64_t next = INT64_MAX;
    struct db_rows row;
    int r = x->lane == LANE_SLOW ? 0 : schedule_due(&w, x, &next);
    if (r == 0 && (r = db_one(&w, &sql_job_next_waiting, &row, DB_INT(x->lane), DB_TEXTZ(x->slow))) > 0 &&
        db_i(&row, 0, 0) < next)
        next = db_i(&row, 0, 0);
    if (r >= 0 && (r = db_one(&w, &sql_job_next_lost, &row, DB_INT(x->lane), DB_TEXTZ(x->slow))) > 0 &&
        db_i(&row, 0, 0) < next)
        next = db_i(&row, 0, 0) + 1;
    *ret_now = w.now;
    *ret_next = next;
    job_work_close(&w);
    return r < 0 ? -1 : 0;
}

int job_pass(struct job_context *x, bool (*go_on)(void), int64_t *ret_next) {
    int64_t now, next;
    if (look(x, &now, &next) < 0)
        return -1;
    int run = 0;
    while (next <= now && run < PASS_JOBS && (!go_on || go_on())) {
        struct lease l;
        int found = lease_take(x, &l);
        if (found < 0)
            return -1;
        if (found == 0)
            break;
        job_running(x->lane, l.id, l.tries);
        int r = run_one(x, &l);
        job_running(x->lane, 0, 0);
        json_decref(l.args);
        if (r < 0)
            return -1;
        run++;
    }
    if (run > 0 && look(x, &now, &next) < 0)
        return -1;
    *ret_next = next;
    return run;
}

int job_renew(const struct job_context *x, int64_t id, int64_t tries) {
    struct work w;
    if (job_work_open(&w, x) < 0)
        return -1;
    int r = db_begin(&w);
    if (r == 0)
        r = db_exec(&w, &sql_job_renew, DB_INT(id), DB_INT(tries), DB_INT(w.now + LEASE_MS));
    if (r >= 0)
        r = db_commit(&w);
    job_work_close(&w);
    return r;
}

int job_run_due(struct work *w, const struct job_kind *kinds, size_t n) {
    if (db_in_transaction(w) || !w->db)
        return fail(w, ERR_INTERNAL, "%s", "");
    struct job_context x;
    job_context_make(&x, db_pool_of(w), w->config, kinds, n, LANE_ALL);
    x.now = w->now;
    int64_t next;
    int run = job_pass(&x, NULL, &next);
    return run < 0 ? fail(w, ERR_INTERNAL, "%s", "") : run;
}
