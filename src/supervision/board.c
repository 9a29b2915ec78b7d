/* board.c: the maintained counts of the live board (监督看板): alerts that are not closed, what was raised, turned red
 * and was closed on each day, and how long matters wait for posts. What an alert contributes follows from its row
 * alone, so a change is what it contributed before taken away and what it contributes now added, and a recount gives
 * the same. */
#include "supervision/supervision_internal.h"

/* ── alerts ── */

static int count_alert(struct work *w, const struct alert *a, int sign) {
    if (str_is(a->state, "closed"))
        return 0;
    return db_exec(w, &sql_alert_count_add, DB_INT(a->unit_id), DB_INT(a->field_id), DB_INT(a->rule_id),
                   DB_INT(a->level), DB_TEXT(a->state), DB_INT(sign)) < 0
               ? -1
               : 0;
}

static int day_add(struct work *w, const struct alert *a, int64_t at, int raised, int red, int closed) {
    return db_exec(w, &sql_alert_day_add, DB_INT(day_of(at)), DB_INT(a->unit_id), DB_INT(a->field_id), DB_INT(raised),
                   DB_INT(red), DB_INT(closed)) < 0
               ? -1
               : 0;
}

static int count_days(struct work *w, const struct alert *a, int sign) {
    return day_add(w, a, a->raised_at, sign, 0, 0) < 0 || (a->red_at && day_add(w, a, a->red_at, 0, sign, 0) < 0) ||
                   (str_is(a->state, "closed") && day_add(w, a, a->closed_at, 0, 0, sign) < 0)
               ? -1
               : 0;
}

static bool same_place(const struct alert *a, const struct alert *b) {
    return a->unit_id == b->unit_id && a->field_id == b->field_id;
}

int board_alert_changed(struct work *w, const struct alert *before, const struct alert *after) {
    bool counts = before && same_place(before, after) && before->rule_id == after->rule_id &&
                  before->level == after->level && str_eq(before->state, after->state);
    bool days = before && same_place(before, after) && before->raised_at == after->raised_at &&
                before->red_at == after->red_at && before->closed_at == after->closed_at &&
                str_is(before->state, "closed") == str_is(after->state, "closed");
    if (!counts && ((before && count_alert(w, before, -1) < 0) || count_alert(w, after, 1) < 0))
        return -1;
    return !days && ((before && count_days(w, before, -1) < 0) || count_days(w, after, 1) < 0) ? -1 : 0;
}

/* ── how long matters wait for posts ── */

static struct str month_of(struct work *w, day_t d) {
    return str_sub(day_str(w->arena, d), 0, 7);
}

/* The first day of a day's month, and of the month after. */
static void month_span(day_t d, day_t *ret_first, day_t *ret_after) {
    int y, m, md;
    day_split(d, &y, &m, &md);
    *ret_first = day_from(y, m, 1);
    *ret_after = m == 12 ? day_from(y + 1, 1, 1) : day_from(y, m + 1, 1);
}

static int times_of_month(struct work *w, day_t d) {
    day_t first, after;
    month_span(d, &first, &after);
    struct str month = month_of(w, d);
    return db_exec(w, &sql_post_time_clear, DB_TEXT(month)) < 0 ||
                   db_exec(w, &sql_post_time_rebuild, DB_TEXT(month), DB_INT(day_start(first)),
                           DB_INT(day_start(after))) < 0
               ? -1
               : 0;
}

/* A month's reviews are few and its figures are made whole each time: nothing is followed, nothing can be missed. The
 * month of yesterday too: its last reviews come after the last pass. */
int board_post_times(struct work *w, json_t *args) {
    day_t today = work_today(w), yesterday = today - 1;
    (void)args;
    if (db_begin(w) < 0)
        return -1;
    if (times_of_month(w, today) < 0 ||
        (!str_eq(month_of(w, today), month_of(w, yesterday)) && times_of_month(w, yesterday) < 0)) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* ── counts against their rows ── */

static bool rows_equal(const struct db_rows *a, const struct db_rows *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        for (size_t k = 0; k < a->columns; k++)
            same &= db_i(a, i, k) == db_i(b, i, k) && str_eq(db_s(a, i, k), db_s(b, i, k));
    return same;
}

int board_recount_check(struct work *w) {
    struct db_rows kept, truth, days, days_truth;
    if (db_query(w, &sql_alert_count_all, &kept) < 0 || db_query(w, &sql_alert_count_truth, &truth) < 0 ||
        db_query(w, &sql_alert_day_all, &days) < 0 || db_query(w, &sql_alert_day_truth, &days_truth) < 0)
        return -1;
    return rows_equal(&kept, &truth) && rows_equal(&days, &days_truth) ? 0 : 1;
}

int board_recount(struct work *w) {
    return db_exec(w, &sql_alert_count_clear) < 0 || db_exec(w, &sql_alert_count_rebuild) < 0 ||
                   db_exec(w, &sql_alert_day_clear) < 0 || db_exec(w, &sql_alert_day_rebuild) < 0 ||
                   times_of_month(w, work_today(w)) < 0
               ? -1
               : 0;
}
