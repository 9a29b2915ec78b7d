/* ladder.c: who is told what and when (升级提醒): the post concerned, its superior, the city office; one notice per
 * step, gathered into digests so that nobody is flooded. */
#include "supervision/supervision_internal.h"

#define DIGEST_MS (30LL * 60 * 1000)   /* one audience hears at most one notice in this time */
#define MORNING_MS (510LL * 60 * 1000) /* 8:30: steps of later days, and what can wait */

/* ── who holds it ── */

int ladder_holder(struct work *w, int64_t unit_id, int permission, int64_t *ret_post) {
    struct db_rows r;
    *ret_post = 0;
    int n = db_one(w, &sql_holder_post, &r, DB_INT(unit_id), DB_INT(roles_granting(permission)),
                   DB_TEXT(day_str(w->arena, work_today(w))));
    if (n == 1)
        *ret_post = db_i(&r, 0, 0);
    return n < 0 ? -1 : 0;
}

/* A post without a holder is passed over: its superior hears, and without one the city office. */
static int audience_there(struct work *w, const struct course *c, enum audience *to, int *ret_permission) {
    int64_t post;
    if (*to == TO_HOLDER) {
        if (ladder_holder(w, c->unit_id, c->holder, &post) < 0)
            return -1;
        if (!post)
            *to = TO_SUPERIOR;
    }
    if (*to == TO_SUPERIOR) {
        if (ladder_holder(w, c->unit_id, PERM_ALERT_SUPERIOR, &post) < 0)
            return -1;
        if (!post)
            *to = TO_OFFICE;
    }
    *ret_permission = *to == TO_HOLDER ? c->holder : *to == TO_SUPERIOR ? PERM_ALERT_SUPERIOR : PERM_ALERT_DECIDE;
    return 0;
}

/* ── when ── */

static int64_t morning_after(int64_t at) {
    day_t d = day_of(at);
    if (at > day_start(d) + MORNING_MS || !calendar_workday(d))
        d = calendar_add_working(d, 1);
    return day_start(d) + MORNING_MS;
}

/* When the alert first had this level within the stretch; 0: not yet. */
static int64_t reached(const struct course *c, const struct occurrence *o, int level, int64_t now) {
    for (size_t i = 0; i < c->n; i++)
        if (c->spans[i].from >= o->from && c->spans[i].from < o->until && c->spans[i].level >= level)
            return c->spans[i].from <= now ? c->spans[i].from : 0;
    return 0;
}

/* Yellow waits for the morning of a working day, the rest for the end of the quiet hours; and each audience is told at
 * most once in a while. */
static int send_time(struct work *w, int level, enum audience to, int64_t unit, const char *permission, int64_t *ret) {
    struct db_rows r;
    int64_t quiet = notify_quiet_until(w->config, w->now);
    int64_t at = level == LEVEL_YELLOW ? morning_after(w->now) : quiet ? quiet : w->now;
    int n = db_one(w, &sql_alert_told_last, &r, DB_INT(to), DB_INT(unit), DB_TEXTZ(permission));
    if (n == 1 && db_i(&r, 0, 0) + DIGEST_MS > at)
        at = db_i(&r, 0, 0) + DIGEST_MS;
    *ret = at;
    return n < 0 ? -1 : 0;
}

static int queue(struct work *w, const struct course *c, const struct alert *a, int step, enum audience to) {
    int permission;
    int64_t at;
    if (audience_there(w, c, &to, &permission) < 0)
        return -1;
    int64_t unit = to == TO_OFFICE ? 0 : c->unit_id;
    if (send_time(w, a->level, to, unit, permission_code(permission), &at) < 0)
        return -1;
    return db_exec(w, &sql_alert_notice_insert, DB_INT(a->id), DB_INT(step), DB_INT(to), DB_INT(unit),
                   DB_TEXTZ(permission_code(permission)), DB_INT(a->level), DB_INT(at)) < 0
               ? -1
               : 0;
}

/* ── climbing ── */

int64_t ladder_step_due(const struct course *c, const struct occurrence *o, const struct ladder_step *s, int64_t now) {
    int64_t since = reached(c, o, s->level, now);
    if (!since)
        return 0; /* not in sight: the border of the course wakes it */
    return s->after ? day_start(calendar_add_working(day_of(since), s->after)) + MORNING_MS : since;
}

int ladder_stand(const struct rule *r, const struct course *c, const struct occurrence *o, int step, int64_t now,
                 int64_t *next) {
    for (; step < (int)r->steps; step++) {
        int64_t due = ladder_step_due(c, o, &r->ladder[step], now);
        if (due && due <= now)
            continue;
        if (due && due < *next)
            *next = due;
        break;
    }
    return step;
}

int ladder_climb(struct work *w, const struct rule *r, const struct course *c, const struct occurrence *o,
                 struct alert *a, int64_t *next) {
    int taken[TO_OFFICE + 1] = {0}, ticket = 0, k = a->step;
    for (; k < (int)r->steps; k++) {
        int64_t due = ladder_step_due(c, o, &r->ladder[k], w->now);
        if (!due || due > w->now) {
            if (due && due < *next)
                *next = due;
            break;
        }
        taken[r->ladder[k].to] = k + 1; /* several at once (the server was down): the last speaks for them */
        if (r->ladder[k].ticket)
            ticket = k + 1;
    }
    if (k == a->step)
        return 0;
    for (int to = TO_HOLDER; to <= TO_OFFICE; to++) {
        if (!taken[to])
            continue;
        if (queue(w, c, a, taken[to], (enum audience)to) < 0)
            return -1;
        if (to > TO_HOLDER) {
            json_t *p = json_object();
            json_set_int(p, "step", taken[to]);
            if (alert_event(w, a, "escalated", p) < 0)
                return -1;
        }
    }
    int64_t made;
    if (ticket && ticket_draw_up(w, a->id, &made) < 0)
        return -1;
    a->step = k;
    return db_exec(w, &sql_alert_step, DB_INT(a->id), DB_INT(k)) < 0 ? -1 : 0;
}

/* ── telling ── */

static const char *const level_words[] = {"", "临近期限", "即将到期", "已经逾期或不符合要求"};

static int tell(struct work *w, const struct db_rows *g, size_t i) {
    int64_t audience = db_i(g, i, 0), unit = db_i(g, i, 1), level = db_i(g, i, 3), n = db_i(g, i, 4),
            first = db_i(g, i, 5);
    struct alert a;
    struct str permission = db_s(g, i, 2);
    struct notice x = {.unit_id = unit,
                       .permission = permission_by_code(permission),
                       .office = audience == TO_OFFICE,
                       .tone = alert_level_code((int)level)};
    if (n == 1) {
        int got = alert_get(w, first, &a);
        if (got <= 0)
            return got;
        x.title = str_printf(w->arena, "%s：%.*s", alert_level_name((int)level), STR_ARG(a.title));
        x.text = a.note;
        x.address = str_printf(w->arena, "/desk/alerts/%lld", (long long)first);
    } else {
        x.title = str_printf(w->arena, "%lld 项%s，请处理", (long long)n, level_words[level]);
        x.text = S("打开清单逐项查看期限、依据和办理要求。");
        x.address = str_printf(w->arena, "/desk/alerts?state=open&level=%s", alert_level_code((int)level));
    }
    return notice_add(w, &x) < 0 ? -1 : 0;
}

int ladder_flush(struct work *w) {
    struct db_rows g;
    if (db_query(w, &sql_alert_notice_groups, &g, DB_INT(w->now)) < 0)
        return -1;
    for (size_t i = 0; i < g.n; i++) {
        if ((db_i(&g, i, 4) && tell(w, &g, i) < 0) ||
            db_exec(w, &sql_alert_notice_done, DB_INT(db_i(&g, i, 0)), DB_INT(db_i(&g, i, 1)), DB_TEXT(db_s(&g, i, 2)),
                    DB_INT(db_i(&g, i, 3))) < 0 ||
            db_exec(w, &sql_alert_told_save, DB_INT(db_i(&g, i, 0)), DB_INT(db_i(&g, i, 1)), DB_TEXT(db_s(&g, i, 2)),
                    DB_INT(w->now)) < 0)
            return -1;
    }
    return g.n > 0;
}
