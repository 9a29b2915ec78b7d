/* duty_period.c: duties that recur (每月、每季度、每年3月31日前): one per owner and period, made as the period begins;
 * and the job that makes them and voids what an ended item still owed. */
#include "duty/duty_internal.h"

#define PERIODS_BACK 36 /* periods made up for at once, when an item was entered late or the job stood still */
#define VERSIONS_A_PAGE 200
#define MADE_A_PASS 5000 /* duties of one run of the job; the next run goes on */

struct period {
    day_t first, last; /* fixed date: both the day itself */
    struct str key, subject;
};

/* ── the calendar of periods ── */

static day_t month_end(int y, int m) {
    return m == 12 ? day_from(y, 12, 31) : day_from(y, m + 1, 1) - 1;
}

static struct period months(struct arena *a, int y, int first, int n, const char *key, const char *subject, int k) {
    return (struct period){day_from(y, first, 1), month_end(y, first + n - 1), str_printf(a, key, y, k),
                           str_printf(a, subject, y, k)};
}

/* ISO 8601 week: the one with its Thursday belongs to that year. */
static struct period week(struct arena *a, day_t d) {
    int y, m, md;
    day_t monday = d - (day_weekday(d) - 1);
    day_split(monday + 3, &y, &m, &md);
    int no = (monday + 3 - day_from(y, 1, 1)) / 7 + 1;
    return (struct period){monday, monday + 6, str_printf(a, "%dW%02d", y, no), str_printf(a, "%d年第%d周", y, no)};
}

/* The period of the rule that contains the day. */
static struct period period_at(struct arena *a, enum limit_period kind, day_t d) {
    int y, m, md;
    day_split(d, &y, &m, &md);
    switch (kind) {
    case PERIOD_DAY:
        return (struct period){d, d, day_str(a, d), day_chinese(a, d)};
    case PERIOD_WEEK:
        return week(a, d);
    case PERIOD_MONTH:
        return months(a, y, m, 1, "%d-%02d", "%d年%d月", m);
    case PERIOD_QUARTER:
        return months(a, y, (m - 1) / 3 * 3 + 1, 3, "%dQ%d", "%d年第%d季度", (m - 1) / 3 + 1);
    case PERIOD_HALF:
        return (struct period){day_from(y, m < 7 ? 1 : 7, 1), month_end(y, m < 7 ? 6 : 12),
                               str_printf(a, "%dH%d", y, m < 7 ? 1 : 2),
                               str_printf(a, "%d年%s半年", y, m < 7 ? "上" : "下")};
    default:
        return (struct period){day_from(y, 1, 1), day_from(y, 12, 31), str_printf(a, "%d", y),
                               str_printf(a, "%d年度", y)};
    }
}

/* The k-th run of n working days since the version came into force; `first` is the day not counted. The key does not
 * hold the end, which moves when a year's holidays are announced. */
static struct period workdays_run(struct arena *a, day_t from, int n, int k) {
    day_t last = calendar_add_working(from, n * k);
    return (struct period){calendar_add_working(from, n * (k - 1)), last,
                           str_printf(a, "%.*s#%d", STR_ARG(day_str(a, from)), k),
                           str_printf(a, "截至%.*s", STR_ARG(day_chinese(a, last)))};
}

static struct period fixed_date(struct arena *a, const struct limit_rule *r, int year) {
    day_t d = day_from(year, r->month, r->day);
    if (d == DAY_NONE)
        d = month_end(year, r->month); /* 02-29 */
    return (struct period){d, d, str_printf(a, "%d", year), str_printf(a, "%d年度", year)};
}

/* ── making ── */

struct making {
    struct work *w;
    const struct item *item;
    const struct limit_rule *rule;
    int rule_no;
    json_t *owners, *made; /* made: [{unit, due, period_key}] for the event */
    const struct db_rows *have;
    bool look_only, missing;
    int64_t count;
};

static bool made_before(const struct making *m, int64_t unit_id, struct str key) {
    for (size_t i = 0; i < m->have->n; i++)
        if (db_i(m->have, i, 0) == unit_id && db_i(m->have, i, 1) == m->rule_no && str_eq(db_s(m->have, i, 2), key))
            return true;
    return false;
}

/* The due instant of a fixed date is that day, whatever day of the week: no roll (rules.md §2.4). */
static void fixed_due(struct work *w, struct duty_new *n, const struct period *p, struct str words) {
    json_t *c = json_object();
    n->trigger_at = day_start(p->last);
    n->due_at = day_end(p->last);
    json_set_str(c, "rule", words);
    json_set_str(c, "trigger", instant_rfc3339(w->arena, n->trigger_at));
    json_set_str(c, "start", instant_rfc3339(w->arena, n->trigger_at));
    json_set_str(c, "due", instant_rfc3339(w->arena, n->due_at));
    json_set_int(c, "calendar_version", calendar_version());
    json_set_bool(c, "provisional", false);
    json_object_set_new(c, "days", json_array());
    json_set_str(c, "text",
                 str_printf(w->arena, "规定日期为%.*s，不因休息日顺延", STR_ARG(day_chinese(w->arena, p->last))));
    char *text = json_dumps(c, JSON_COMPACT);
    n->certificate = str_dup(w->arena, str_z(text));
    free(text);
    json_decref(c);
}

static void count_period(struct making *m, struct duty_new *n, const struct period *p) {
    struct work *w = m->w;
    struct str words = limit_rule_text(w->arena, m->rule);
    if (m->rule->kind == LIMIT_FIXED_DATE)
        fixed_due(w, n, p, words);
    else if (m->rule->period == PERIOD_WORKDAYS)
        duty_count_down(w, n, day_start(p->first), m->rule->limit, words);
    else
        duty_count_down(w, n, day_start(p->last), m->rule->due_offset, words);
}

static int make_one(struct making *m, struct duty_new *n, const json_t *owner, const struct period *p) {
    struct work *w = m->w;
    struct db_value v[DUTY_INSERT_WIDTH];
    n->unit_id = json_integer_value(json_object_get(owner, "unit_id"));
    duty_insert_values(w, n, v);
    int rows = db_exec_n(w, &sql_duty_insert, v, DUTY_INSERT_WIDTH);
    if (rows <= 0)
        return rows; /* 0: another node was quicker */
    json_t *o = json_object();
    json_object_set(o, "unit", json_object_get(owner, "code"));
    json_set_day(w->arena, o, "due", day_of(n->due_at));
    json_set_str(o, "period_key", p->key);
    json_array_append_new(m->made, o);
    m->count++;
    return duty_count_change(w, n->unit_id, m->item->field_id, day_str(w->arena, day_of(n->due_at)), 1, 0, 0);
}

/* One period for every owner that does not have it yet. */
static int make_period(struct making *m, const struct period *p) {
    const json_t *owner;
    size_t i;
    struct duty_new n = {.item = m->item,
                         .source = m->rule->kind == LIMIT_FIXED_DATE ? "fixed_date" : "period",
                         .period_key = p->key,
                         .subject = p->subject,
                         .rule_no = m->rule_no};
    json_array_foreach(m->owners, i, owner) {
        if (made_before(m, json_integer_value(json_object_get(owner, "unit_id")), p->key))
            continue;
        m->missing = true;
        if (m->look_only)
            return 0;
        if (!n.due_at)
            count_period(m, &n, p);
        if (make_one(m, &n, owner, p) < 0)
            return -1;
    }
    return 0;
}

static int make_workdays_runs(struct making *m) {
    day_t today = work_today(m->w), from = m->item->valid_from;
    int rc = 0, n = m->rule->limit.n, k = calendar_working_between(from, today) / n + 1 - PERIODS_BACK;
    for (k = k < 1 ? 1 : k; rc == 0 && !(m->look_only && m->missing); k++) {
        struct period p = workdays_run(m->w->arena, from, n, k);
        if (k > 1 && p.first >= today)
            break;
        rc = make_period(m, &p);
    }
    return rc;
}

/* From the day the version came into force, but not further back than PERIODS_BACK periods, up to the one now running.
 */
static int make_rule_periods(struct making *m) {
    struct arena *a = m->w->arena;
    day_t today = work_today(m->w), from = m->item->valid_from;
    int rc = 0;
    if (m->rule->period == PERIOD_WORKDAYS)
        return make_workdays_runs(m);
    struct period p = period_at(a, m->rule->period, today);
    for (int back = 0; back < PERIODS_BACK && p.first > from; back++)
        p = period_at(a, m->rule->period, p.first - 1);
    for (; rc == 0 && p.first <= today && !(m->look_only && m->missing); p = period_at(a, m->rule->period, p.last + 1))
        rc = p.last >= from ? make_period(m, &p) : 0;
    return rc;
}

/* Each date since the version came into force, and the next one. */
static int make_fixed_dates(struct making *m) {
    int y, md, mm, rc = 0;
    day_t today = work_today(m->w);
    day_split(today, &y, &mm, &md);
    int first = y;
    day_split(m->item->valid_from, &first, &mm, &md);
    if (first < y - PERIODS_BACK)
        first = y - PERIODS_BACK;
    for (int year = first; rc == 0 && !(m->look_only && m->missing); year++) {
        struct period p = fixed_date(m->w->arena, m->rule, year);
        if (p.last < m->item->valid_from)
            continue;
        rc = make_period(m, &p);
        if (p.last >= today)
            break;
    }
    return rc;
}

static int make_all(struct making *m) {
    struct duty_rules *rules = arena_one(m->w->arena, struct duty_rules);
    struct db_rows *have = arena_one(m->w->arena, struct db_rows);
    if (duty_rules_read(m->w, m->item->rules, rules) < 0)
        return -1;
    bool recurs = false;
    for (int i = 0; i < rules->n; i++)
        recurs |= rules->v[i].kind == LIMIT_PERIODIC || rules->v[i].kind == LIMIT_FIXED_DATE;
    if (!recurs || !m->item->mode_active || m->item->valid_from > work_today(m->w))
        return 0;
    if (db_query(m->w, &sql_duty_period_keys, have, DB_INT(m->item->id)) < 0)
        return -1;
    m->have = have;
    for (int i = 0; i < rules->n; i++) {
        m->rule = &rules->v[i];
        m->rule_no = i;
        int rc = m->rule->kind == LIMIT_PERIODIC     ? make_rule_periods(m)
                 : m->rule->kind == LIMIT_FIXED_DATE ? make_fixed_dates(m)
                                                     : 0;
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int created_event(struct making *m) {
    json_t *p = json_object();
    json_set_str(p, "item", m->item->code);
    json_set_str(p, "source", S("period"));
    json_object_set(p, "duties", m->made);
    struct event e = {.room = "duty",
                      .verb = "created",
                      .subject_kind = "item",
                      .subject_id = m->item->id,
                      .unit_id = m->item->catalogue_unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(m->w, &e, NULL);
    json_decref(p);
    return rc;
}

int duty_make_periods(struct work *w, const struct item *i, int64_t *ret_made) {
    struct making m = {.w = w, .item = i, .owners = item_owners(w, i->version_id), .made = json_array()};
    int rc = !m.owners || make_all(&m) < 0 || (m.count > 0 && created_event(&m) < 0) ? -1 : 0;
    json_decref(m.owners);
    json_decref(m.made);
    if (rc == 0)
        *ret_made = m.count;
    return rc;
}

int duty_periods_missing(struct work *w, const struct item *i, bool *ret) {
    struct making m = {.w = w, .item = i, .owners = item_owners(w, i->version_id), .look_only = true};
    int rc = !m.owners || make_all(&m) < 0 ? -1 : 0;
    json_decref(m.owners);
    if (rc == 0)
        *ret = m.missing;
    return rc;
}

/* ── the job ── */

/* One version: reads first, so that a pass with nothing to do never takes the writer. */
static int tick_version(struct work *w, int64_t version_id, int64_t *made) {
    struct item item;
    bool missing = false;
    int64_t count = 0;
    if (item_version_get(w, version_id, &item) < 0 || duty_periods_missing(w, &item, &missing) < 0)
        return -1;
    if (!missing)
        return 0;
    if (db_begin(w) < 0)
        return -1;
    if (duty_make_periods(w, &item, &count) < 0) {
        db_rollback(w);
        return -1;
    }
    *made += count;
    return db_commit(w);
}

static int tick_periods(struct work *w) {
    struct db_rows r;
    int64_t after = 0, made = 0;
    do {
        if (db_query(w, &sql_duty_periodic_versions, &r, DB_INT(after), DB_TEXT(day_str(w->arena, work_today(w))),
                     DB_INT(VERSIONS_A_PAGE)) < 0)
            return -1;
        for (size_t i = 0; i < r.n && made < MADE_A_PASS; i++)
            if (tick_version(w, after = db_i(&r, i, 0), &made) < 0)
                return -1;
    } while (r.n == VERSIONS_A_PAGE && made < MADE_A_PASS);
    return 0;
}

/* What an item without a version in force still owed is void: said in an event, never dropped. */
static int tick_ended(struct work *w) {
    struct db_rows r;
    if (db_query(w, &sql_duty_open_of_ended_items, &r, DB_TEXT(day_str(w->arena, work_today(w))), DB_INT(500)) < 0)
        return -1;
    if (r.n == 0)
        return 0;
    if (db_begin(w) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (duty_void(w, db_i(&r, i, 0), "目录事项已终止") < 0) {
            db_rollback(w);
            return -1;
        }
    return db_commit(w);
}

int duty_tick(struct work *w, json_t *args) {
    (void)args;
    return calendar_refresh(w) < 0 || tick_periods(w) < 0 || tick_ended(w) < 0 || duty_redate(w) < 0 ? -1 : 0;
}
