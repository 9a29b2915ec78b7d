/* check_duty.c: obligations to publish (应公开任务) and their days: due, met late, a period skipped, decisions of
 * enforcement. */
#include "blob/blob.h"
#include "supervision/supervision_internal.h"

/* ── a duty and what became of it ── */

#define KEPT 16 /* times it was met and owed again; older ones are left out */
struct duty_past {
    int64_t unit_id, field_id, item_id, rule_no, trigger_at, due_at, met_at, fact_id, created_at;
    struct str source, period_key, state, subject, level1, level2, limit_text;
    struct stretches kept; /* when nothing was owed: met, waived, void; the until INT64_MAX: still */
    bool met[KEPT + 1];    /* the stretch began with a publication */
};

static void kept_begins(struct duty_past *d, int64_t at, bool met) {
    if (d->kept.n && d->kept.v[d->kept.n - 1].until == INT64_MAX)
        return;
    if (d->kept.n == KEPT) {
        memmove(d->kept.v, d->kept.v + 1, (KEPT - 1) * sizeof *d->kept.v);
        memmove(d->met, d->met + 1, (KEPT - 1) * sizeof *d->met);
        d->kept.n--;
    }
    d->met[d->kept.n] = met;
    d->kept.v[d->kept.n++] = (struct stretch){at, INT64_MAX};
}

static void kept_ends(struct duty_past *d, int64_t at) {
    if (d->kept.n && d->kept.v[d->kept.n - 1].until == INT64_MAX)
        d->kept.v[d->kept.n - 1].until = at;
}

/* The row says how it stands now, the events how it came to that. */
static int past_read(struct work *w, int64_t id, struct duty_past *d) {
    struct db_rows r;
    if (db_query(w, &sql_check_duty_events, &r, DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        struct str verb = db_s(&r, i, 0);
        if (str_is(verb, "reopened"))
            kept_ends(d, db_i(&r, i, 1));
        else
            kept_begins(d, db_i(&r, i, 1), str_starts(verb, S("met")));
    }
    bool still = d->kept.n && d->kept.v[d->kept.n - 1].until == INT64_MAX;
    if (str_is(d->state, "open")) {
        if (still)
            d->kept.n--;
        return 1;
    }
    if (!still && str_starts(d->state, S("met")))
        kept_begins(d, d->met_at, true);
    return d->kept.n && d->kept.v[d->kept.n - 1].until == INT64_MAX; /* ended, and nobody knows when: not concerned */
}

/* 1, 0 none, -1. */
static int duty_read(struct work *w, int64_t id, struct duty_past *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_check_duty_row, &r, DB_INT(id));
    if (n <= 0)
        return n;
    *ret = (struct duty_past){.unit_id = db_i(&r, 0, 1),
                              .field_id = db_i(&r, 0, 2),
                              .item_id = db_i(&r, 0, 3),
                              .source = db_s(&r, 0, 4),
                              .period_key = db_s(&r, 0, 5),
                              .rule_no = db_i(&r, 0, 6),
                              .trigger_at = db_i(&r, 0, 7),
                              .due_at = db_i(&r, 0, 8),
                              .state = db_s(&r, 0, 9),
                              .met_at = db_i(&r, 0, 10),
                              .fact_id = db_i(&r, 0, 11),
                              .subject = db_s(&r, 0, 12),
                              .created_at = db_i(&r, 0, 13),
                              .level1 = db_s(&r, 0, 14),
                              .level2 = db_s(&r, 0, 15),
                              .limit_text = db_s(&r, 0, 16)};
    return past_read(w, id, ret);
}

static void duty_course(struct work *w, int64_t id, const struct duty_past *d, int64_t due_at, struct course *ret) {
    *ret = (struct course){.unit_id = d->unit_id,
                           .field_id = d->field_id,
                           .item_id = d->item_id,
                           .holder = PERM_DISCLOSURE_EDIT,
                           .due_at = due_at,
                           .address = str_printf(w->arena, "/desk/duties/%lld", (long long)id)};
    struct str about = pii_masked(w->arena, d->subject);
    ret->title = about.n ? str_printf(w->arena, "%.*s（%.*s）", STR_ARG(d->level2), STR_ARG(about)) : d->level2;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Yellow, orange and red borders, without what was kept between; nothing before the duty was on record. */
static void owed(struct course *c, const struct duty_past *d, int64_t yellow, int64_t orange, int64_t red) {
    int64_t at[] = {yellow < orange ? yellow : orange, orange, red, INT64_MAX};
    int64_t from = d->created_at;
    for (size_t i = 0; i <= d->kept.n; i++) {
        const struct stretch *s = i < d->kept.n ? &d->kept.v[i] : NULL;
        for (int k = 0; k < 3; k++) {
            int64_t until = s && s->from < at[k + 1] ? s->from : at[k + 1];
            course_span(c, LEVEL_YELLOW + k, most(from, at[k]), until);
        }
        from = s ? most(from, s->until) : from;
    }
}

/* ── due ── */

static const struct check_parameter due_parameters[] = {
    {"yellow_days", "黄色预警提前（工作日）", PARAMETER_INT, 0, 60, "5"},
    {"orange_days", "橙色预警提前（工作日）", PARAMETER_INT, 0, 60, "2"},
    NO_MORE_PARAMETERS,
};

static int open_of_item(struct work *w, int64_t item, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_duties_open_of_item, DB_INT(item), after, ids, cap);
}

static const struct check_event duty_events[] = {
    {"duty", NULL, "duty", NULL},
    {"duty", "created", "item", open_of_item},
    NO_MORE_EVENTS,
};

static int duty_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_duties, after, ids, cap);
}

static int due_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct duty_past *d = arena_one(w->arena, struct duty_past);
    int n = duty_read(w, subject, d);
    if (n <= 0)
        return n;
    day_t due = day_of(d->due_at);
    duty_course(w, subject, d, d->due_at, ret);
    ret->note = str_printf(w->arena, "应于%.*s前公开。目录写明的公开时限：%.*s", STR_ARG(day_chinese(w->arena, due)),
                           STR_ARG(d->limit_text));
    owed(ret, d, day_start(check_warn_day(due, (int)rule_int(r, "yellow_days"))),
         day_start(check_warn_day(due, (int)rule_int(r, "orange_days"))), d->due_at + 1);
    return 1;
}

/* ── met, but late ── */

static const struct check_parameter late_parameters[] = {
    {"least", "逾期至少（工作日）", PARAMETER_INT, 0, 250, "1"},
    {"days", "提示保留（工作日），供说明原因", PARAMETER_INT, 1, 250, "5"},
    NO_MORE_PARAMETERS,
};
static const struct check_event own_events[] = {
    {"duty", NULL, "duty", NULL},
    NO_MORE_EVENTS,
};

/* Orange from the late publication on, for as long as it should be explained. */
static int late_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct duty_past *d = arena_one(w->arena, struct duty_past);
    int n = duty_read(w, subject, d), late = 0;
    if (n <= 0)
        return n;
    duty_course(w, subject, d, d->due_at, ret);
    for (size_t i = 0; i < d->kept.n; i++) {
        const struct stretch *s = &d->kept.v[i];
        day_t on = day_of(s->from);
        int by = calendar_working_between(day_of(d->due_at), on);
        if (!d->met[i] || s->from <= d->due_at || by < rule_int(r, "least"))
            continue;
        int64_t until = day_start(calendar_add_working(on, (int)rule_int(r, "days")) + 1);
        course_span(ret, LEVEL_ORANGE, s->from, until < s->until ? until : s->until);
        late = by;
    }
    ret->note = str_printf(w->arena, "应于%.*s前公开，实际逾期%d个工作日。请说明原因",
                           STR_ARG(day_chinese(w->arena, day_of(d->due_at))), late);
    return 1;
}

static int late_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_duties_met_late, after, ids, cap);
}

/* ── a period skipped ── */

static const struct check_parameter no_parameters[] = {NO_MORE_PARAMETERS};

static int kin_of(struct work *w, int64_t duty, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_duty_kin, DB_INT(duty), after, ids, cap);
}

static const struct check_event period_events[] = {
    {"duty", NULL, "duty", kin_of},
    {"duty", "created", "item", open_of_item},
    NO_MORE_EVENTS,
};

/* Red from the moment the next period's clock starts while this one's information is still missing. */
static int period_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct duty_past *d = arena_one(w->arena, struct duty_past);
    struct db_rows next;
    (void)r;
    int n = duty_read(w, subject, d);
    if (n <= 0 || d->period_key.n == 0)
        return n < 0 ? -1 : 0;
    duty_course(w, subject, d, d->due_at, ret);
    ret->note = str_printf(w->arena, "“%.*s”的信息至下一期开始计算期限时仍未公开", STR_ARG(d->subject));
    n = db_one(w, &sql_check_duty_next_period, &next, DB_INT(d->unit_id), DB_INT(d->item_id), DB_INT(d->rule_no),
               DB_INT(d->trigger_at));
    if (n <= 0)
        return n < 0 ? -1 : 1;
    int64_t red = most(db_i(&next, 0, 0), d->due_at + 1);
    owed(ret, d, red, red, red);
    return 1;
}

static int period_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_duties_of_periods, after, ids, cap);
}

/* ── decisions of enforcement: 双公示, 行政执法公示 ── */

#define PERMIT_WORDS "行政许可,行政处罚,许可决定,处罚决定,准予许可"
#define ENFORCEMENT_WORDS "行政强制,行政检查,行政征收,行政征用,行政执法,执法决定,强制决定,检查结果,抽查结果"

static const struct check_parameter permit_parameters[] = {
    {"days", "自作出决定之日起（工作日）", PARAMETER_INT, 1, 250, "7"},
    {"yellow_days", "黄色预警提前（工作日），0为不预警", PARAMETER_INT, 0, 60, "2"},
    {"words", "名称、文号或事项含有其中一词的决定（逗号分开）", PARAMETER_TEXT, 1, 300, PERMIT_WORDS},
    {"except", "含有其中一词的除外", PARAMETER_TEXT, 0, 300, ""},
    NO_MORE_PARAMETERS,
};
static const struct check_parameter enforcement_parameters[] = {
    {"days", "自作出决定之日起（工作日）", PARAMETER_INT, 1, 250, "20"},
    {"yellow_days", "黄色预警提前（工作日），0为不预警", PARAMETER_INT, 0, 60, "5"},
    {"words", "名称、文号或事项含有其中一词的决定（逗号分开）", PARAMETER_TEXT, 1, 300, ENFORCEMENT_WORDS},
    {"except", "含有其中一词的除外", PARAMETER_TEXT, 0, 300, PERMIT_WORDS},
    NO_MORE_PARAMETERS,
};

static bool named(const struct duty_past *d, const struct db_rows *fact, struct str words) {
    return check_word_in(words, db_s(fact, 0, 1)) || check_word_in(words, db_s(fact, 0, 2)) ||
           check_word_in(words, d->level1) || check_word_in(words, d->level2);
}

/* Only decisions that the duty's own day allows longer for: where that day is as early, it is watched already. */
static int decision_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct duty_past *d = arena_one(w->arena, struct duty_past);
    struct db_rows fact;
    day_t decided;
    int n = duty_read(w, subject, d);
    if (n <= 0 || !d->fact_id)
        return n < 0 ? -1 : 0;
    n = db_one(w, &sql_check_fact_of_duty, &fact, DB_INT(d->fact_id));
    if (n <= 0 || !str_is(db_s(&fact, 0, 0), "decided") || db_i(&fact, 0, 4) != subject ||
        day_parse(db_s(&fact, 0, 3), &decided) < 0)
        return n < 0 ? -1 : 0;
    if (!named(d, &fact, rule_text(r, "words")) || named(d, &fact, rule_text(r, "except")))
        return 0;
    int days = (int)rule_int(r, "days"), yellow = (int)rule_int(r, "yellow_days");
    day_t due = calendar_add_working(decided, days);
    int64_t red = day_start(due + 1), warn = yellow > 0 ? day_start(check_warn_day(due, yellow)) : red;
    duty_course(w, subject, d, day_end(due), ret);
    ret->note = str_printf(w->arena, "%.*s作出的决定，应在%d个工作日内（%.*s前）公开",
                           STR_ARG(day_chinese(w->arena, decided)), days, STR_ARG(day_chinese(w->arena, due)));
    if (d->due_at > day_end(due))
        owed(ret, d, warn, red, red);
    return 1;
}

static int fact_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_duties_of_facts, after, ids, cap);
}

const struct check duty_checks[] = {
    {"duty_due", "应公开任务临期和逾期", "应公开的事项临近期限、即将到期或者已经逾期仍未公开", "duty", "duty",
     due_parameters, duty_events, due_course, duty_subjects},
    {"duty_met_late", "逾期后才公开", "应公开的事项已经公开，但晚于期限，须说明原因", "duty", "duty", late_parameters,
     own_events, late_course, late_subjects},
    {"period_skipped", "定期公开漏期", "每月、每季度、每年定期公开的信息，到下一期开始计算期限时仍未公开", "duty",
     "duty", no_parameters, period_events, period_course, period_subjects},
    {"permit_penalty_late", "行政许可、行政处罚决定逾期未公开",
     "行政许可、行政处罚决定没有在作出之日起规定的工作日内公开", "duty", "duty", permit_parameters, duty_events,
     decision_course, fact_subjects},
    {"enforcement_late", "其他行政执法决定逾期未公开", "行政强制、行政检查等执法决定没有在作出之日起规定的工作日内公开",
     "duty", "duty", enforcement_parameters, duty_events, decision_course, fact_subjects},
};
const size_t duty_check_count = countof(duty_checks);
