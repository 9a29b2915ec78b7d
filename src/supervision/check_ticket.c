/* check_ticket.c: tickets and their days: not acknowledged in time, a round of mending not reported in time. */
#include "supervision/ticket_internal.h"

static const struct check_parameter overdue_parameters[] = {
    {"yellow_days", "整改期限黄色预警提前（工作日，0 为不提前）", PARAMETER_INT, 0, 30, "1"},
    {NULL, NULL, 0, 0, 0, NULL},
};
static const struct check_event ticket_events[] = {
    {"supervision", NULL, "ticket", NULL},
    {NULL, NULL, NULL, NULL},
};

/* No warning before: the day after the last. */
static int64_t warn_from(int64_t due_at, int days) {
    return days ? day_start(check_warn_day(day_of(due_at), days)) : due_at + 1;
}

/* What the stretches before have taken is not taken again. */
static void add(struct course *c, int level, int64_t from, int64_t until) {
    int64_t free_from = c->n ? c->spans[c->n - 1].until : 0;
    course_span(c, level, from > free_from ? from : free_from, until);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int overdue_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct db_rows rounds;
    struct ticket t;
    int n = ticket_get(w, subject, &t);
    if (n < 0 && w->error.code == ERR_NOT_FOUND) {
        error_clear(w);
        return 0;
    }
    if (n < 0 || db_query(w, &sql_ticket_rounds, &rounds, DB_INT(subject)) < 0)
        return -1;
    *ret = (struct course){.unit_id = t.unit_id,
                           .holder = PERM_ALERT_ANSWER,
                           .due_at = str_is(t.state, "sent") ? t.ack_due_at : t.due_at,
                           .title = str_printf(w->arena, "%.*s：%.*s", STR_ARG(t.number), STR_ARG(t.title)),
                           .note = str_printf(w->arena, "签收期限%.*s，整改期限%.*s",
                                              STR_ARG(day_chinese(w->arena, day_of(t.ack_due_at))),
                                              STR_ARG(day_chinese(w->arena, day_of(t.due_at)))),
                           .address = str_printf(w->arena, "/desk/tickets/%lld", (long long)subject)};
    int64_t over = t.closed_at ? t.closed_at : INT64_MAX, taken = t.acknowledged_at ? t.acknowledged_at : over;
    add(ret, LEVEL_RED, t.ack_due_at + 1, taken);
    for (size_t i = 0; i < rounds.n; i++) {
        int64_t from = db_i(&rounds, i, 1), due = db_i(&rounds, i, 2), reported = db_i(&rounds, i, 5),
                end = reported ? reported : over, yellow = warn_from(due, (int)rule_int(r, "yellow_days"));
        add(ret, LEVEL_YELLOW, yellow > from ? yellow : from, least(due + 1, end));
        add(ret, LEVEL_RED, due + 1, end);
    }
    return 1;
}

static int ticket_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_ticket_ids, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

const struct check ticket_checks[] = {
    {"ticket_overdue", "督办单逾期", "督办单没有按期签收，或者没有按期报告整改", "ticket", "ticket", overdue_parameters,
     ticket_events, overdue_course, ticket_subjects},
};
const size_t ticket_check_count = countof(ticket_checks);
