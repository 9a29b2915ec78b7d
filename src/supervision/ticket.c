/* ticket.c: a ticket's row, its number and limits, whom it is told to, its replay, and how one is drawn up. */
#include "supervision/ticket_internal.h"

#include "duty/duty.h"

#define TITLE_CHARS 100
#define DEMAND_CHARS 2000

struct ticket ticket_of(const struct db_rows *r, size_t i) {
    return (struct ticket){.id = db_i(r, i, 0),
                           .number = db_s(r, i, 1),
                           .unit_id = db_i(r, i, 2),
                           .office_id = db_i(r, i, 3),
                           .state = db_s(r, i, 4),
                           .title = db_s(r, i, 5),
                           .demand = db_s(r, i, 6),
                           .sent_at = db_i(r, i, 7),
                           .ack_due_at = db_i(r, i, 8),
                           .ack_certificate = db_s(r, i, 9),
                           .acknowledged_at = db_i(r, i, 10),
                           .round = db_i(r, i, 11),
                           .due_at = db_i(r, i, 12),
                           .reported_at = db_i(r, i, 13),
                           .explanation = db_s(r, i, 14),
                           .explained_at = db_i(r, i, 15),
                           .closed_at = db_i(r, i, 16),
                           .reason = db_s(r, i, 17),
                           .letter_id = db_i(r, i, 18),
                           .made_by = db_i(r, i, 19),
                           .revision = db_i(r, i, 20),
                           .unit_code = db_s(r, i, 21),
                           .unit_name = db_s(r, i, 22),
                           .unit_short = db_s(r, i, 23).n ? db_s(r, i, 23) : db_s(r, i, 22),
                           .office_name = db_s(r, i, 24)};
}

int ticket_get(struct work *w, int64_t id, struct ticket *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_ticket_get, &r, DB_INT(id));
    if (n == 1)
        *ret = ticket_of(&r, 0);
    return n < 0 ? -1 : n ? 0 : fail(w, ERR_NOT_FOUND, "没有这张督办单");
}

int ticket_event(struct work *w, const struct ticket *t, const char *verb, json_t *payload) {
    json_set_str(payload, "number", t->number);
    struct event e = {.room = "supervision",
                      .verb = verb,
                      .subject_kind = "ticket",
                      .subject_id = t->id,
                      .unit_id = t->unit_id,
                      .visibility = EVENT_RESTRICTED,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}

/* To the posts of the unit that answer, or to those of the office that check. */
int ticket_tell(struct work *w, const struct ticket *t, bool to_office, const char *tone, const char *what) {
    struct notice n = {.unit_id = to_office ? t->office_id : t->unit_id,
                       .permission = to_office ? PERM_TICKET_ISSUE : PERM_ALERT_ANSWER,
                       .office = to_office,
                       .tone = tone,
                       .title = str_printf(w->arena, "%s：%.*s", what, STR_ARG(t->number)),
                       .text = str_printf(w->arena, "%.*s（%.*s）", STR_ARG(t->title), STR_ARG(t->unit_name)),
                       .address = str_printf(w->arena, "/desk/tickets/%lld", (long long)t->id)};
    return notice_add(w, &n) < 0 ? -1 : 0;
}

/* ── limits: data/supervision.json ── */

static int limit_read(struct work *w, const json_t *o, struct limit *ret, struct str *ret_rule) {
    const char *unit = json_string_value(json_object_get(o, "unit")),
               *rule = json_string_value(json_object_get(o, "rule")),
               *source = json_string_value(json_object_get(o, "source"));
    json_int_t n = json_integer_value(json_object_get(o, "n"));
    if (!unit || !rule || !source || n < 1 || n > 365 || (strcmp(unit, "WD") != 0 && strcmp(unit, "CD") != 0))
        return fail(w, ERR_INTERNAL, "data/supervision.json：督办单的期限不正确");
    *ret = (struct limit){(int)n, strcmp(unit, "WD") == 0 ? LIMIT_WORKING_DAYS : LIMIT_DAYS};
    *ret_rule =
        str_printf(w->arena, "%s：%d个%s（%s）", rule, (int)n, strcmp(unit, "WD") == 0 ? "工作日" : "自然日", source);
    return 0;
}

int ticket_due(struct work *w, const char *which, int64_t from, int64_t *ret_due, struct str *ret_certificate) {
    const struct asset *a = asset_find(w->config, w->arena, "data/supervision.json");
    json_t *file = a ? json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, NULL) : NULL, *certificate = NULL;
    struct limit limit;
    struct str rule;
    int rc = limit_read(w, json_object_get(json_object_get(file, "ticket"), which), &limit, &rule);
    json_decref(file);
    if (rc < 0)
        return -1;
    *ret_due = limit_due(from, limit, rule.p, &certificate);
    *ret_certificate = json_canonical(w->arena, certificate);
    json_decref(certificate);
    return 0;
}

/* ── drawing one up ── */

struct concerned {
    int64_t id;
    struct str title;
};

int ticket_of_alert(struct work *w, int64_t alert_id, int64_t *ret_id, struct str *ret_number, bool *ret_live) {
    struct db_rows r;
    int n = db_one(w, &sql_ticket_of_alert, &r, DB_INT(alert_id));
    if (n == 1) {
        *ret_id = db_i(&r, 0, 0);
        *ret_number = db_s(&r, 0, 1);
        *ret_live = db_i(&r, 0, 3) != 0;
    }
    return n;
}

/* Open, of one unit, in no other ticket that is not cancelled. */
static int alerts_check(struct work *w, const struct ticket_new *x, int64_t *ret_unit, struct str *ret_title) {
    int64_t other;
    struct str number;
    bool live;
    *ret_unit = 0;
    if (x->n == 0)
        return fail_field(w, "alert", "required", "请选择要督办的预警");
    if (x->n > TICKET_ALERTS)
        return fail_field(w, "alert", "too_long", "一张督办单最多 %d 条预警", TICKET_ALERTS);
    for (size_t i = 0; i < x->n; i++) {
        struct alert a;
        struct db_rows lock;
        if (db_lock(w, &sql_alert_lock, &lock, DB_INT(x->alerts[i])) < 0)
            return -1;
        int n = alert_get(w, x->alerts[i], &a);
        if (n <= 0)
            return n < 0 ? -1 : fail_field(w, "alert", "unknown", "没有这条预警");
        if (str_is(a.state, "closed"))
            return fail_field(w, "alert", "range", "“%.*s”已经解除，不需要督办", STR_ARG(a.title));
        if (*ret_unit && *ret_unit != a.unit_id)
            return fail_field(w, "alert", "range", "一张督办单只能发给一个单位，请按单位分别督办");
        n = ticket_of_alert(w, a.id, &other, &number, &live);
        if (n < 0)
            return -1;
        if (n && live)
            return fail_field(w, "alert", "range", "“%.*s”已在%.*s中督办", STR_ARG(a.title), STR_ARG(number));
        if (i == 0)
            *ret_title = a.title;
        *ret_unit = a.unit_id;
    }
    return 0;
}

static int words_check(struct work *w, const struct ticket_new *x, struct str first, struct ticket *t) {
    t->title = str_trim(x->title);
    t->demand = str_trim(x->demand);
    if (utf8_length(t->title) > TITLE_CHARS)
        return fail_field(w, "title", "too_long", "督办事项最多 %d 个字", TITLE_CHARS);
    if (utf8_length(t->demand) > DEMAND_CHARS)
        return fail_field(w, "demand", "too_long", "督办要求最多 %d 个字", DEMAND_CHARS);
    if (!t->title.n)
        t->title = utf8_head(
            x->n == 1 ? first : str_printf(w->arena, "%.*s等%zu项", STR_ARG(utf8_head(first, TITLE_CHARS - 8)), x->n),
            TITLE_CHARS);
    if (!t->demand.n)
        t->demand = S("请核查上述事项，按期整改，并报告整改情况。");
    return 0;
}

static int number_next(struct work *w, int *ret_year, int64_t *ret_serial, struct str *ret) {
    struct db_rows r;
    int month, mday;
    day_split(work_today(w), ret_year, &month, &mday);
    if (db_one(w, &sql_ticket_serial_next, &r, DB_INT(*ret_year)) != 1)
        return -1;
    *ret_serial = db_i(&r, 0, 0);
    *ret = str_printf(w->arena, "督办〔%d〕%lld号", *ret_year, (long long)*ret_serial);
    return 0;
}

static int insert(struct work *w, struct ticket *t, const struct ticket_new *x) {
    struct db_rows r;
    struct str certificate;
    int64_t serial;
    int year;
    if (ticket_due(w, "acknowledge", w->now, &t->ack_due_at, &t->ack_certificate) < 0 ||
        ticket_due(w, "mend", w->now, &t->due_at, &certificate) < 0 || number_next(w, &year, &serial, &t->number) < 0 ||
        db_one(w, &sql_ticket_insert, &r, DB_TEXT(t->number), DB_INT(year), DB_INT(serial), DB_INT(t->unit_id),
               DB_INT(t->office_id), DB_TEXT(t->title), DB_TEXT(t->demand), DB_INT(w->now), DB_INT(t->ack_due_at),
               DB_TEXT(t->ack_certificate), DB_INT(t->due_at), DB_ID(w->actor.person_id)) != 1)
        return -1;
    t->id = db_i(&r, 0, 0);
    if (db_exec(w, &sql_ticket_round_insert, DB_INT(t->id), DB_INT(1), DB_INT(w->now), DB_INT(t->due_at),
                DB_TEXT(certificate)) < 0)
        return -1;
    for (size_t i = 0; i < x->n; i++)
        if (db_exec(w, &sql_ticket_alert_insert, DB_INT(t->id), DB_INT(x->alerts[i])) < 0)
            return -1;
    return 0;
}

/* To those who answer, and to the head of the unit. */
static int tell_sent(struct work *w, const struct ticket *t) {
    struct notice head = {.unit_id = t->unit_id,
                          .permission = PERM_ALERT_SUPERIOR,
                          .tone = "red",
                          .title = str_printf(w->arena, "本单位收到督办单：%.*s", STR_ARG(t->number)),
                          .text = t->title,
                          .address = str_printf(w->arena, "/desk/tickets/%lld", (long long)t->id)};
    return ticket_tell(w, t, false, "red", "收到督办单，请签收") < 0 || notice_add(w, &head) < 0 ? -1 : 0;
}

int ticket_create(struct work *w, const struct ticket_new *x, int64_t office_id, int64_t *ret_id) {
    struct ticket t = {.office_id = office_id};
    struct str first = STR_NONE;
    struct unit u;
    if (alerts_check(w, x, &t.unit_id, &first) < 0 || words_check(w, x, first, &t) < 0 ||
        unit_get(w, t.unit_id, &u) < 0 || insert(w, &t, x) < 0)
        return -1;
    t.unit_name = u.name;
    json_t *alerts = json_array(), *p = json_object();
    for (size_t i = 0; i < x->n; i++)
        json_array_append_new(alerts, json_integer(x->alerts[i]));
    json_set_str(p, "title", t.title);
    json_set_str(p, "to", S("sent"));
    json_set_day(w->arena, p, "due", day_of(t.due_at));
    json_object_set_new(p, "alerts", alerts);
    if (ticket_event(w, &t, "ticket_sent", p) < 0 || tell_sent(w, &t) < 0)
        return -1;
    *ret_id = t.id;
    return 0;
}

int ticket_make(struct work *w, const struct ticket_new *x, int64_t *ret_id) {
    if (!actor_may(&w->actor, PERM_TICKET_ISSUE) || !w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "督办单须由监督岗位的在岗人员发出");
    for (size_t i = 0; i < x->n && i < TICKET_ALERTS; i++) {
        struct alert a;
        int n = alert_get(w, x->alerts[i], &a);
        if (n < 0 || (n && org_may(w, PERM_TICKET_ISSUE, a.unit_id) < 0))
            return -1;
    }
    return ticket_create(w, x, w->actor.unit_id, ret_id);
}

/* By the system, whoever's step it was that led here. */
static int draw_up(struct work *w, const struct alert *a, int64_t *ret_id) {
    struct actor before = w->actor;
    json_t *offices = unit_list(w, "office");
    int64_t office = json_integer_value(json_object_get(json_array_get(offices, 0), "id"));
    struct ticket_new x = {.alerts = &a->id, .n = 1};
    json_decref(offices);
    w->actor = (struct actor){0};
    int rc = ticket_create(w, &x, office ? office : a->unit_id, ret_id);
    w->actor = before;
    return rc;
}

int ticket_draw_up(struct work *w, int64_t alert_id, int64_t *ret_id) {
    struct str number;
    struct alert a;
    bool live;
    int n = ticket_of_alert(w, alert_id, ret_id, &number, &live);
    if (n != 0)
        return n < 0 ? -1 : 0;
    n = alert_get(w, alert_id, &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条预警");
    if (str_is(a.subject_kind, "ticket")) { /* no ticket for a ticket */
        *ret_id = a.subject_id;
        return 0;
    }
    return draw_up(w, &a, ret_id);
}

/* ── as JSON ── */

json_t *ticket_clock(struct work *w, const struct ticket *t) {
    if (str_is(t->state, "cancelled"))
        return duty_clock(w, t->due_at, 0, "void");
    if (str_is(t->state, "sent"))
        return duty_clock(w, t->ack_due_at, 0, "open");
    return duty_clock(w, t->due_at, t->reported_at, t->reported_at ? "met" : "open");
}

json_t *ticket_json(struct work *w, const struct ticket *t) {
    const struct flow_state *s = flow_state(&ticket_flow, str_dupz(w->arena, t->state));
    json_t *o = json_object(), *unit = json_object();
    json_set_int(o, "id", t->id);
    json_set_str(o, "number", t->number);
    json_set_str(o, "title", t->title);
    json_set_str(o, "demand", t->demand);
    json_set_str(o, "state", t->state);
    json_set_str(o, "state_name", str_z(s ? s->name : ""));
    json_set_str(o, "tone", str_z(s ? s->tone : "grey"));
    json_set_str(unit, "code", t->unit_code);
    json_set_str(unit, "name", t->unit_name);
    json_set_str(unit, "short_name", t->unit_short);
    json_object_set_new(o, "unit", unit);
    json_set_int(o, "unit_id", t->unit_id);
    json_set_str(o, "office_name", t->office_name);
    json_set_instant(w->arena, o, "sent", t->sent_at);
    json_set_day(w->arena, o, "acknowledge_due", day_of(t->ack_due_at));
    json_set_day(w->arena, o, "due", day_of(t->due_at));
    if (t->acknowledged_at)
        json_set_instant(w->arena, o, "acknowledged", t->acknowledged_at);
    if (t->explained_at)
        json_set_instant(w->arena, o, "explained", t->explained_at);
    if (t->reported_at)
        json_set_instant(w->arena, o, "reported", t->reported_at);
    if (t->closed_at)
        json_set_instant(w->arena, o, "closed", t->closed_at);
    json_set_bool(o, "acknowledged_late", t->acknowledged_at > t->ack_due_at);
    json_set_str(o, "explanation", t->explanation);
    json_set_str(o, "reason", t->reason);
    json_set_int(o, "round", t->round);
    json_set_int(o, "revision", t->revision);
    json_set_bool(o, "by_rule", t->made_by == 0);
    json_set_bool(o, "is_open", t->closed_at == 0);
    if (t->letter_id)
        json_set_int(o, "letter_id", t->letter_id);
    json_object_set_new(o, "clock", ticket_clock(w, t));
    json_object_set_new(o, "clock_of", json_string(str_is(t->state, "sent") ? "签收" : "整改"));
    return o;
}

static void put_counted(struct work *w, json_t *o, struct str certificate, int64_t from, int64_t due) {
    json_t *c = json_loadb(certificate.p, certificate.n, 0, NULL);
    json_object_set_new(o, "certificate", c ? c : json_object());
    json_set_day(w->arena, o, "trigger", day_of(from));
    json_set_day(w->arena, o, "due", day_of(due));
}

json_t *ticket_rounds_json(struct work *w, const struct ticket *t) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_ticket_rounds, &r, DB_INT(t->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        bool dead = t->closed_at && !db_i(&r, i, 5);
        json_set_int(o, "round", db_i(&r, i, 0));
        json_set_bool(o, "first", db_i(&r, i, 0) == 1);
        put_counted(w, o, db_s(&r, i, 3), db_i(&r, i, 1), db_i(&r, i, 2));
        json_set_str(o, "report", db_s(&r, i, 4));
        json_object_set_new(o, "clock", duty_clock(w, db_i(&r, i, 2), db_i(&r, i, 5), dead ? "void" : "open"));
        if (db_i(&r, i, 5))
            json_set_instant(w->arena, o, "reported", db_i(&r, i, 5));
        json_set_bool(o, "passed", str_is(db_s(&r, i, 7), "passed"));
        json_set_bool(o, "returned", str_is(db_s(&r, i, 7), "returned"));
        json_set_str(o, "opinion", db_s(&r, i, 8));
        if (db_i(&r, i, 9))
            json_set_instant(w->arena, o, "checked", db_i(&r, i, 9));
        json_array_append_new(list, o);
    }
    return list;
}
