/* check_duty.c: obligations to publish and their days. */
#include "supervision/supervision_internal.h"

#define ORANGE "orange_days"
#define YELLOW "yellow_days"

static const struct check_parameter due_parameters[] = {
    {YELLOW, "黄色预警提前（工作日）", PARAMETER_INT, 1, 60, "5"},
    {ORANGE, "橙色预警提前（工作日）", PARAMETER_INT, 0, 60, "2"},
    {NULL, NULL, 0, 0, 0, NULL},
};
static const struct check_event duty_events[] = {
    {"duty", NULL, "duty", NULL},
    {NULL, NULL, NULL, NULL},
};

/* The first instant of the day on which no more than n working days are left. */
static int64_t warn_from(int64_t due_at, int n) {
    day_t due = day_of(due_at), d = due;
    while (calendar_working_between(d - 1, due) <= n)
        d--;
    return day_start(d);
}

static int due_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct db_rows d;
    int n = db_one(w, &sql_supervised_duty, &d, DB_INT(subject));
    if (n <= 0)
        return n;
    *ret = (struct course){.unit_id = db_i(&d, 0, 0),
                           .field_id = db_i(&d, 0, 1),
                           .item_id = db_i(&d, 0, 2),
                           .holder = PERM_DISCLOSURE_EDIT,
                           .due_at = db_i(&d, 0, 4),
                           .address = str_printf(w->arena, "/desk/duties/%lld", (long long)subject)};
    struct str state = db_s(&d, 0, 5), about = db_s(&d, 0, 7);
    ret->title =
        about.n ? str_printf(w->arena, "%.*s（%.*s）", STR_ARG(db_s(&d, 0, 8)), STR_ARG(about)) : db_s(&d, 0, 8);
    if (str_is(state, "waived") || str_is(state, "void"))
        return 1;
    int64_t made = db_i(&d, 0, 9), late = ret->due_at + 1, end = str_is(state, "open") ? INT64_MAX : db_i(&d, 0, 6);
    int64_t yellow = warn_from(ret->due_at, (int)rule_int(r, YELLOW)),
            orange = warn_from(ret->due_at, (int)rule_int(r, ORANGE));
    int64_t at[] = {yellow > made ? yellow : made, orange > made ? orange : made, late > made ? late : made, INT64_MAX};
    for (int i = 0; i < 3; i++)
        course_span(ret, LEVEL_YELLOW + i, at[i], at[i + 1] < end ? at[i + 1] : end);
    return 1;
}

static int duty_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_supervised_duties, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

const struct check duty_checks[] = {
    {"duty_due", "应公开任务临期和逾期", "应公开的事项临近期限、即将到期或者已经逾期仍未公开", "duty", "duty",
     due_parameters, duty_events, due_course, duty_subjects},
};
const size_t duty_check_count = countof(duty_checks);
