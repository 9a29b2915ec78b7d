/* request_clock.c: the case's clock: from marks to the due day with its certificate, and what to look at next.
 *
 * The reply limit starts the day after receipt, begins anew after a supplement or a payment, stands still while others
 * are asked, grows by an extension (条例第三十至三十五条; the counting itself is calendar's clock_read). Every change
 * of marks is followed by request_retime(). A due day that has been announced moves for no other reason but
 * request_redate(), which puts the difference on record and tells those concerned. */
#include "request/request_internal.h"

#define MARKS_MAX 200

int request_mark(struct work *w, const struct request *c, int kind, day_t day, day_t until, int n, int64_t ref,
                 const char *rule) {
    return db_exec(w, &sql_request_mark_insert, DB_INT(c->id), DB_INT(kind), DB_TEXT(day_str(w->arena, day)),
                   DB_OPT(day_str(w->arena, until)), DB_INT(n), DB_INT(ref), DB_TEXTZ(rule), DB_INT(w->now)) < 0
               ? -1
               : 0;
}

static day_t day_cell(const struct db_rows *r, size_t row, size_t column) {
    day_t d;
    return !db_null(r, row, column) && day_parse(db_s(r, row, column), &d) == 0 ? d : DAY_NONE;
}

/* Number of marks made up to an instant (0: all), or -1. */
static int marks_read(struct work *w, int64_t request_id, int64_t until, struct clock_mark **ret) {
    struct db_rows r;
    int rc = until ? db_query(w, &sql_request_marks_until, &r, DB_INT(request_id), DB_INT(until))
                   : db_query(w, &sql_request_marks, &r, DB_INT(request_id));
    if (rc < 0)
        return -1;
    if (r.n > MARKS_MAX)
        return fail(w, ERR_TOO_LARGE, "此件的计时记录过多");
    *ret = arena_many(w->arena, struct clock_mark, r.n ? r.n : 1);
    for (size_t i = 0; i < r.n; i++)
        (*ret)[i] = (struct clock_mark){.kind = (enum clock_mark_kind)db_i(&r, i, 0),
                                        .day = day_cell(&r, i, 1),
                                        .until = day_cell(&r, i, 2),
                                        .n = (int)db_i(&r, i, 3),
                                        .ref = db_i(&r, i, 4),
                                        .rule = str_dupz(w->arena, db_s(&r, i, 5))};
    return (int)r.n;
}

static const struct foi_rule *reply_rule(const struct request *c) {
    return foi_rule(str_is(c->matter, "correction") ? RULE_CORRECTION : RULE_REPLY);
}

static void sooner(int64_t *at, int64_t candidate, int64_t now) {
    if (candidate > now && (*at == 0 || candidate < *at))
        *at = candidate;
}

/* First instant of the days on which so many working days are left: a Friday, when the others lie after the weekend. */
static int64_t left_from(int64_t due_at, int days) {
    day_t d = day_of(due_at);
    for (int left = 0; left < days;)
        left += calendar_workday(d--);
    while (!calendar_workday(d))
        d--;
    return day_start(d);
}

/* When something of this case turns: a warning step, a limit of others, tomorrow while the clock stands still. */
static int next_look(struct work *w, const struct request *c, int64_t *ret) {
    struct db_rows r;
    *ret = 0;
    if (c->closed_day != DAY_NONE)
        return 0;
    if (db_one(w, &sql_request_ask_next, &r, DB_INT(c->id)) < 0)
        return -1;
    if (db_i(&r, 0, 0))
        sooner(ret, db_i(&r, 0, 0) + 1, w->now);
    if (c->received_day == DAY_NONE) {
        day_t confirm = calendar_add_working(day_of(c->submitted_at), foi_rule(RULE_CONFIRM)->limit.n);
        sooner(ret, day_end(confirm) + 1, w->now);
    }
    if (c->due_at) {
        sooner(ret, left_from(c->due_at, foi_numbers()->yellow), w->now);
        sooner(ret, left_from(c->due_at, foi_numbers()->orange), w->now);
        sooner(ret, c->due_at + 1, w->now);
    }
    if (c->suspended)
        sooner(ret, day_start(work_today(w) + 1), w->now);
    return 0;
}

static int store(struct work *w, struct request *c, const struct clock_reading *x, json_t *certificate,
                 const struct db_statement *st) {
    char *text = certificate ? json_dumps(certificate, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    c->due_at = x->due_at;
    c->suspended = x->suspended;
    c->provisional = x->provisional;
    c->days_used = x->used;
    c->calendar_version = calendar_version();
    c->certificate = text ? str_dup(w->arena, str_z(text)) : STR_NONE;
    free(text);
    if (next_look(w, c, &c->next_at) < 0)
        return -1;
    return db_exec(w, st, DB_INT(c->id), DB_INT(c->due_at), DB_BOOL(c->suspended), DB_BOOL(c->provisional),
                   DB_TEXT(c->certificate), DB_INT(c->calendar_version), DB_INT(c->next_at), DB_BOOL(c->extended),
                   DB_INT(c->days_used)) < 0
               ? -1
               : 0;
}

static int reading_on(struct work *w, const struct request *c, int64_t until, day_t today, struct clock_reading *ret,
                      json_t **ret_certificate) {
    struct clock_mark *marks = NULL;
    const struct foi_rule *rule = reply_rule(c);
    int n = marks_read(w, c->id, until, &marks);
    *ret = (struct clock_reading){0};
    *ret_certificate = NULL;
    if (n <= 0)
        return n;
    struct str words = str_printf(w->arena, "%s%s", rule->source, rule->article);
    return clock_read(w, marks, (size_t)n, rule->limit, words.p, today, ret, ret_certificate);
}

static int reading(struct work *w, const struct request *c, struct clock_reading *ret, json_t **ret_certificate) {
    return reading_on(w, c, 0, work_today(w), ret, ret_certificate);
}

static int retime(struct work *w, struct request *c, const struct db_statement *st) {
    struct clock_reading x;
    json_t *certificate;
    if (reading(w, c, &x, &certificate) < 0)
        return -1;
    int rc = store(w, c, &x, certificate, st);
    json_decref(certificate);
    return rc;
}

int request_retime(struct work *w, struct request *c) {
    return retime(w, c, &sql_request_set_clock);
}

int request_look_again(struct work *w, struct request *c) {
    return retime(w, c, &sql_request_set_clock_again);
}

/* Why the clock stands still. */
static const char *stands_for(const struct request *c) {
    return str_is(c->state, "clarifying") ? "等待补正" : str_is(c->state, "fee") ? "等待缴费" : "征求意见中";
}

/* Colour, word and sentence of what is left (ux.md rule 3): the steps of data/foi.json. */
static void words(struct work *w, const struct request *c, const char **tone, const char **word, struct str *text) {
    int left = calendar_working_between(work_today(w), day_of(c->due_at));
    const struct foi_numbers *n = foi_numbers();
    if (c->closed_day != DAY_NONE) {
        *tone = c->late ? "grey" : "green";
        *word = "已办";
        *text = c->late ? S("已办，逾期") : S("已办，按期");
    } else if (w->now > c->due_at) {
        *tone = "red";
        *word = "逾期";
        *text = left < 0 ? str_printf(w->arena, "逾期%d个工作日", -left) : S("已逾期");
    } else {
        struct str rest = left == 0 ? S("今天到期") : str_printf(w->arena, "还剩%d个工作日", left);
        *tone = left <= n->orange ? "orange" : left <= n->yellow ? "yellow" : "green";
        *word = left <= n->orange ? "紧急" : left <= n->yellow ? "临近" : "按期";
        *text = str_is(c->state, "clarifying") ? S("等待补正，收到后重新计算")
                : str_is(c->state, "fee")      ? S("等待缴费，缴费后重新计算")
                : c->suspended ? str_printf(w->arena, "%s，暂停计时；恢复后%.*s", stands_for(c), STR_ARG(rest))
                               : str_printf(w->arena, "%s，%.*s", *word, STR_ARG(rest));
    }
}

json_t *request_clock(struct work *w, const struct request *c) {
    const char *tone, *word;
    struct str text;
    if (!c->due_at)
        return json_null();
    words(w, c, &tone, &word, &text);
    json_t *o = json_object();
    json_set_day(w->arena, o, "due", day_of(c->due_at));
    json_set_str(o, "due_text", day_chinese(w->arena, day_of(c->due_at)));
    json_set_int(o, "left_days", calendar_working_between(work_today(w), day_of(c->due_at)));
    json_object_set_new(o, "tone", json_string(tone));
    json_object_set_new(o, "word", json_string(word));
    json_set_str(o, "text", text);
    return o;
}

/* The applicant, the officers and the office learn the new day; the difference is on record. */
static int redated(struct work *w, struct request *c, int64_t before, json_t *difference) {
    json_t *p = json_object();
    json_set_str(p, "due_before", day_str(w->arena, day_of(before)));
    json_set_str(p, "due", day_str(w->arena, day_of(c->due_at)));
    json_object_set(p, "difference", difference);
    struct str title =
        str_printf(w->arena, "工作日历调整：答复期限由%.*s改为%.*s", STR_ARG(day_chinese(w->arena, day_of(before))),
                   STR_ARG(day_chinese(w->arena, day_of(c->due_at))));
    if (request_event(w, c, "redated", p, NULL) < 0 ||
        request_notice(
            w, c, PERM_REQUEST_WORK, false, "yellow", title,
            str_printf(w->arena, "request redated %lld %lld", (long long)c->id, (long long)c->calendar_version)) < 0)
        return -1;
    return before != c->due_at ? request_tell(w, c, "request_redated") : 0;
}

/* The day that the certificate in force speaks of. While the clock stands, each day moves the projected end by itself:
 * what a new calendar changes shows only when both are read on the same day. */
static day_t certificate_day(struct work *w, const struct request *c) {
    day_t day = c->suspended && c->next_at ? day_of(c->next_at - 1) : work_today(w);
    return day < work_today(w) ? day : work_today(w);
}

int request_redate(struct work *w, struct request *c) {
    struct clock_reading x;
    int64_t before = c->due_at;
    json_t *was = json_loadb(c->certificate.p, c->certificate.n, 0, NULL), *now = NULL, *difference = NULL;
    int rc = reading_on(w, c, 0, certificate_day(w, c), &x, &now);
    if (rc == 0 && now && was)
        difference = clock_difference(was, now);
    if (rc == 0 && difference) {
        rc = request_retime(w, c) < 0 ? -1 : redated(w, c, before, difference);
    } else if (rc == 0 && c->suspended) {
        rc = request_look_again(w, c);
    } else if (rc == 0) {
        c->calendar_version = calendar_version();
        rc = db_exec(w, &sql_request_set_looked, DB_INT(c->id), DB_INT(c->next_at), DB_INT(c->calendar_version)) < 0
                 ? -1
                 : 0;
    }
    json_decref(was);
    json_decref(now);
    json_decref(difference);
    return rc;
}

int request_up_to_date(struct work *w, struct request *c) {
    if (c->closed_day != DAY_NONE || !c->due_at || c->calendar_version == calendar_version())
        return 0;
    return request_redate(w, c);
}

struct str request_clock_words(struct work *w, int64_t due_at) {
    return due_at ? day_chinese(w->arena, day_of(due_at)) : STR_NONE;
}

/* Marks are never taken back: those made by an instant are the clock of that instant. */
json_t *request_replay_clock(struct work *w, int64_t id, int64_t at) {
    struct request c;
    struct clock_reading x;
    json_t *certificate;
    int64_t now = w->now;
    if (request_get(w, id, &c) < 0 || reading_on(w, &c, at, day_of(at), &x, &certificate) < 0)
        return NULL;
    json_decref(certificate);
    c.due_at = x.due_at;
    c.suspended = x.suspended;
    if (c.closed_day != DAY_NONE && (c.replied_at ? c.replied_at > at : c.closed_day > day_of(at)))
        c.closed_day = DAY_NONE;
    w->now = at;
    json_t *clock = request_clock(w, &c);
    w->now = now;
    if (!json_is_null(clock))
        return clock;
    json_decref(clock);
    return NULL;
}
