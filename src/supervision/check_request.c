/* check_request.c: applications for information: confirmation, 补正, reply, proposals (条例第三十至四十四条).
 *
 * The reply limit is read as it stood at every instant (request_stretches), so that an extension or a suspension does
 * not unmake a warning that was right when it was given. While the clock stands still nothing is near. */
#include "request/request.h"
#include "supervision/supervision_internal.h"

#define KEPT "kept_days" /* what was late stays to be answered for so long */

static const struct check_event request_events[] = {
    {"request", NULL, "request", NULL},
    {NULL, NULL, NULL, NULL},
};

struct asked {
    int64_t submitted_at, replied_at, closed_at, created_at; /* closed_at: ended without a reply; 0 */
    struct str number, state;
    day_t received_day;
    bool late;
};

/* When a case ended without a reply, by its event; the day's beginning for what was brought in without one. */
static int closed_at(struct work *w, int64_t id, struct str day, int64_t *ret) {
    struct db_rows r;
    day_t d;
    if (db_one(w, &sql_supervised_request_ended, &r, DB_INT(id)) < 0)
        return -1;
    *ret = r.n && !db_null(&r, 0, 0) ? db_i(&r, 0, 0) : day_parse(day, &d) == 0 ? day_start(d) : 0;
    return 0;
}

/* The case, and the head of its course. 1, 0, -1. */
static int read_case(struct work *w, int64_t id, struct asked *a, struct course *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_supervised_request, &r, DB_INT(id));
    if (n <= 0)
        return n;
    *a = (struct asked){.number = db_s(&r, 0, 0),
                        .state = db_s(&r, 0, 2),
                        .submitted_at = db_i(&r, 0, 3),
                        .replied_at = db_i(&r, 0, 5),
                        .created_at = db_i(&r, 0, 8),
                        .late = db_i(&r, 0, 7) != 0};
    if (db_null(&r, 0, 4) || day_parse(db_s(&r, 0, 4), &a->received_day) < 0)
        a->received_day = DAY_NONE;
    if (!a->replied_at && !db_null(&r, 0, 6) && closed_at(w, id, db_s(&r, 0, 6), &a->closed_at) < 0)
        return -1;
    *ret = (struct course){.unit_id = db_i(&r, 0, 1),
                           .holder = PERM_REQUEST_WORK,
                           .address = str_printf(w->arena, "/desk/requests/%lld", (long long)id)};
    return 1;
}

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t end_of(const struct asked *a) {
    return a->replied_at ? a->replied_at : a->closed_at ? a->closed_at : INT64_MAX;
}

/* First instant of the days on which no more than so many working days are left. */
static int64_t left_from(int64_t due_at, int64_t days) {
    day_t due = day_of(due_at), d = due;
    while (calendar_working_between(d - 1, due) <= days)
        d--;
    return day_start(d);
}

/* The part of [from, until) that lies in a stretch. */
static void within(struct course *c, int level, int64_t from, int64_t until, int64_t lo, int64_t hi) {
    course_span(c, level, from > lo ? from : lo, sooner(until, hi));
}

/* Near, urgent, late, in [lo, hi). */
static void near(struct course *c, const struct rule *r, int64_t due_at, int64_t lo, int64_t hi) {
    int64_t yellow = left_from(due_at, rule_int(r, "yellow_days")),
            orange = left_from(due_at, rule_int(r, "orange_days"));
    if (orange < yellow)
        yellow = orange;
    within(c, LEVEL_YELLOW, yellow, orange, lo, hi);
    within(c, LEVEL_ORANGE, orange, due_at + 1, lo, hi);
    within(c, LEVEL_RED, due_at + 1, INT64_MAX, lo, hi);
}

/* ── reply ── */

static const struct check_parameter reply_parameters[] = {
    {"yellow_days", "黄色预警提前（工作日）", PARAMETER_INT, 1, 20, "5"},
    {"orange_days", "橙色预警提前（工作日）", PARAMETER_INT, 0, 20, "2"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static int reply_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct asked a;
    struct request_stretch *list = arena_many(w->arena, struct request_stretch, REQUEST_STRETCHES);
    int found = read_case(w, subject, &a, ret);
    if (found <= 0 || a.received_day == DAY_NONE)
        return found < 0 ? -1 : 0;
    int n = request_stretches(w, subject, list, REQUEST_STRETCHES);
    if (n <= 0)
        return n;
    int64_t end = end_of(&a);
    for (int i = 0; i < n; i++)
        if (!list[i].stands)
            near(ret, r, list[i].due_at, list[i].from > a.created_at ? list[i].from : a.created_at,
                 sooner(list[i].until, end));
    ret->due_at = list[n - 1].due_at;
    ret->title = str_printf(w->arena, "依申请公开 %.*s 的答复", STR_ARG(a.number));
    if (list[n - 1].stands && end == INT64_MAX)
        ret->note = S("正在征求意见或者等待申请人，暂停计时");
    return 1;
}

/* Replied after the limit: a fact that no reply mends; it stays to be answered for a while. */
static const struct check_parameter kept_parameters[] = {
    {KEPT, "保持提示（自然日）", PARAMETER_INT, 1, 366, "30"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static void kept(struct course *c, const struct rule *r, int64_t from) {
    course_span(c, LEVEL_RED, from, day_start(day_of(from) + (day_t)rule_int(r, KEPT) + 1));
}

static int late_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct asked a;
    struct request_stretch *list = arena_many(w->arena, struct request_stretch, REQUEST_STRETCHES);
    int found = read_case(w, subject, &a, ret);
    if (found <= 0 || !a.replied_at || !a.late)
        return found < 0 ? -1 : 0;
    int n = request_stretches(w, subject, list, REQUEST_STRETCHES);
    if (n < 0)
        return -1;
    for (int i = 0; i < n && list[i].from <= a.replied_at; i++)
        ret->due_at = list[i].due_at;
    ret->title = str_printf(w->arena, "依申请公开 %.*s 逾期答复", STR_ARG(a.number));
    ret->note = ret->due_at ? str_printf(w->arena, "应当在%.*s以前答复，%.*s答复",
                                         STR_ARG(day_chinese(w->arena, day_of(ret->due_at))),
                                         STR_ARG(day_chinese(w->arena, day_of(a.replied_at))))
                            : STR_NONE;
    kept(ret, r, a.replied_at);
    return 1;
}

/* ── confirmation ── */

static const struct check_parameter confirm_parameters[] = {
    {"days", "提交后应当确认的期限（工作日）", PARAMETER_INT, 1, 10, "1"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static int confirm_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct asked a;
    struct db_rows e;
    int found = read_case(w, subject, &a, ret);
    if (found <= 0)
        return found;
    day_t last = calendar_add_working(day_of(a.submitted_at), (int)rule_int(r, "days"));
    int64_t end = end_of(&a);
    if (a.received_day != DAY_NONE) { /* confirmed then; taken in confirmed: at once */
        if (db_one(w, &sql_supervised_request_confirmed, &e, DB_INT(subject)) < 0)
            return -1;
        end = sooner(end, e.n && !db_null(&e, 0, 0) ? db_i(&e, 0, 0) : a.created_at);
    }
    ret->due_at = day_end(last);
    ret->title = str_printf(w->arena, "依申请公开 %.*s 的确认", STR_ARG(a.number));
    ret->note = S("提交后没有按时与申请人确认收到（条例第三十一条）");
    course_span(ret, LEVEL_RED, day_end(last) + 1 > a.created_at ? day_end(last) + 1 : a.created_at, end);
    return 1;
}

/* ── 补正 told too late ── */

static const struct check_parameter clarify_parameters[] = {
    {"days", "收到申请后告知补正的期限（工作日）", PARAMETER_INT, 1, 30, "7"},
    {KEPT, "保持提示（自然日）", PARAMETER_INT, 1, 366, "30"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static int clarify_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct asked a;
    struct db_rows q;
    day_t sent;
    int found = read_case(w, subject, &a, ret);
    if (found <= 0 || a.received_day == DAY_NONE)
        return found < 0 ? -1 : 0;
    if ((found = db_one(w, &sql_supervised_request_clarify, &q, DB_INT(subject))) <= 0)
        return found;
    if (day_parse(db_s(&q, 0, 0), &sent) < 0)
        return 0;
    day_t last = calendar_add_working(a.received_day, (int)rule_int(r, "days"));
    if (sent <= last)
        return 0;
    ret->due_at = day_end(last);
    ret->title = str_printf(w->arena, "依申请公开 %.*s 告知补正超过期限", STR_ARG(a.number));
    ret->note = str_printf(w->arena, "应当在%.*s以前一次性告知补正，%.*s才告知（条例第三十条）",
                           STR_ARG(day_chinese(w->arena, last)), STR_ARG(day_chinese(w->arena, sent)));
    kept(ret, r, db_null(&q, 0, 1) ? day_start(sent) : db_i(&q, 0, 1));
    return 1;
}

/* ── information that several asked for (第四十四条) ── */

static const struct check_parameter publish_parameters[] = {
    {"days", "研究是否纳入主动公开的期限（工作日）", PARAMETER_INT, 1, 60, "10"},
    {"yellow_days", "黄色预警提前（工作日）", PARAMETER_INT, 1, 20, "5"},
    {"orange_days", "橙色预警提前（工作日）", PARAMETER_INT, 0, 20, "2"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static int publish_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct asked a;
    struct db_rows p;
    int found = read_case(w, subject, &a, ret);
    if (found <= 0)
        return found;
    if ((found = db_one(w, &sql_supervised_proposal, &p, DB_INT(subject))) <= 0)
        return found;
    int64_t made = db_i(&p, 0, 1), decided = db_i(&p, 0, 2), publish_by = db_i(&p, 0, 3), published = db_i(&p, 0, 4);
    int64_t decide_by = day_end(calendar_add_working(day_of(made), (int)rule_int(r, "days")));
    ret->address = S("/desk/requests/proposals");
    ret->title = str_printf(w->arena, "依申请公开 %.*s 的信息是否纳入主动公开", STR_ARG(a.number));
    near(ret, r, decide_by, made, decided ? decided : INT64_MAX);
    ret->due_at = decide_by;
    ret->note = S("建议纳入主动公开，尚未研究答复（条例第四十四条）");
    if (str_is(db_s(&p, 0, 0), "adopted") && publish_by) {
        near(ret, r, publish_by, decided, published ? published : INT64_MAX);
        ret->due_at = publish_by;
        ret->note = S("已经决定纳入主动公开，尚未公开");
    }
    return 1;
}

/* A publication may be what a proposal became. */
static int of_disclosure(struct work *w, int64_t disclosure, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_supervised_proposal_of, &r, DB_INT(disclosure), DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

static const struct check_event publish_events[] = {
    {"request", NULL, "request", NULL},
    {"disclosure", "published", "disclosure", of_disclosure},
    {NULL, NULL, NULL, NULL},
};

/* ── the table ── */

static int ids_of(struct work *w, const struct db_statement *st, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, st, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

static int all_requests(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return ids_of(w, &sql_supervised_requests, after, ids, cap);
}

static int with_proposal(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return ids_of(w, &sql_supervised_proposals, after, ids, cap);
}

const struct check request_checks[] = {
    {"request_reply", "依申请公开答复临期和逾期",
     "公开申请临近答复期限、即将到期或者已经逾期仍未答复；暂停计时期间不预警", "request", "request", reply_parameters,
     request_events, reply_course, all_requests},
    {"request_confirm", "公开申请没有按时确认", "收到公开申请后没有在规定期限内与申请人确认", "request", "request",
     confirm_parameters, request_events, confirm_course, all_requests},
    {"request_clarify", "告知补正超过期限", "收到申请之日起超过规定期限才告知申请人补正", "request", "request",
     clarify_parameters, request_events, clarify_course, all_requests},
    {"request_met_late", "依申请公开逾期答复", "公开申请在期限届满后才答复", "request", "request", kept_parameters,
     request_events, late_course, all_requests},
    {"request_publish", "多人申请的信息没有研究主动公开",
     "多个申请人申请相同信息，或者申请人建议主动公开，逾期没有研究；决定主动公开后逾期没有公开", "request", "request",
     publish_parameters, publish_events, publish_course, with_proposal},
};
const size_t request_check_count = countof(request_checks);
