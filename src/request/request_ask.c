/* request_ask.c: what is asked of the applicant (补正, 说明理由, 缴费) and of others (第三方, 其他机关), and what comes
 * back.
 *
 * A supplement and a payment begin the reply limit anew; until then it stands still, so that nobody is warned of a
 * limit that no longer runs. Time for the opinions of others is left out, at most their fifteen working days
 * (第三十三条第三款); a third party's silence is no consent (第三十二条), another organ's is (第三十四条). */
#include "request/request_internal.h"

static struct str closed_text(struct work *w, struct str plain) {
    return plain.n ? seal(w, "request ask", plain) : STR_NONE;
}

static struct str open_text(struct work *w, struct str sealed) {
    struct str plain = STR_NONE;
    return sealed.n && seal_open(w, "request ask", sealed, &plain) == 0 ? plain : STR_NONE;
}

static day_t day_cell(const struct db_rows *r, size_t row, size_t column) {
    day_t d;
    return !db_null(r, row, column) && day_parse(db_s(r, row, column), &d) == 0 ? d : DAY_NONE;
}

static void read_ask(struct work *w, const struct db_rows *r, size_t i, struct ask *ret) {
    *ret = (struct ask){.id = db_i(r, i, 0),
                        .request_id = db_i(r, i, 1),
                        .kind = db_s(r, i, 2),
                        .party = open_text(w, db_s(r, i, 3)),
                        .content = open_text(w, db_s(r, i, 4)),
                        .sent_day = day_cell(r, i, 5),
                        .got_day = day_cell(r, i, 6),
                        .due_at = db_i(r, i, 7),
                        .state = db_s(r, i, 8),
                        .answer = db_s(r, i, 9),
                        .answer_text = open_text(w, db_s(r, i, 10)),
                        .answered_day = day_cell(r, i, 11),
                        .fee_fen = db_i(r, i, 12),
                        .fee_basis = db_s(r, i, 13),
                        .fee_count = db_i(r, i, 14),
                        .disputed = open_text(w, db_s(r, i, 15)),
                        .letter_id = db_i(r, i, 16)};
}

int ask_get(struct work *w, int64_t request_id, int64_t id, struct ask *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_request_ask_get, &r, DB_INT(id), DB_INT(request_id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这一次告知或征求意见");
    read_ask(w, &r, 0, ret);
    return 0;
}

int ask_open(struct work *w, int64_t request_id, const char *kind, struct ask *ret) {
    struct db_rows r;
    if (db_query(w, &sql_request_ask_list, &r, DB_INT(request_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (str_is(db_s(&r, i, 2), kind) && str_is(db_s(&r, i, 8), "open")) {
            read_ask(w, &r, i, ret);
            return 1;
        }
    return 0;
}

int ask_last(struct work *w, int64_t request_id, const char *kind, struct ask *ret) {
    struct db_rows r;
    int n = 0;
    if (db_query(w, &sql_request_ask_line, &r, DB_INT(request_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (str_is(db_s(&r, i, 2), kind)) {
            read_ask(w, &r, i, ret);
            n = 1;
        }
    return n;
}

int ask_count(struct work *w, int64_t request_id, const char *kind) {
    struct db_rows r;
    int n = 0;
    if (db_query(w, &sql_request_ask_line, &r, DB_INT(request_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        n += str_is(db_s(&r, i, 2), kind);
    return n;
}

static json_t *ask_json(struct work *w, const struct ask *a, bool for_applicant) {
    json_t *o = json_object();
    bool own = !str_is(a->kind, "third") && !str_is(a->kind, "organ");
    json_set_int(o, "id", a->id);
    json_set_str(o, "kind", a->kind);
    json_object_set_new(o, "kind_name", json_string(request_word("ask", a->kind)));
    json_set_str(o, "state", a->state);
    json_set_bool(o, "is_open", str_is(a->state, "open"));
    json_set_bool(o, "waits_receipt", str_is(a->state, "open") && a->got_day == DAY_NONE);
    json_set_day(w->arena, o, "sent", a->sent_day);
    json_set_day(w->arena, o, "got", a->got_day);
    json_set_day(w->arena, o, "answered", a->answered_day);
    if (a->due_at)
        json_set_str(o, "due_text", day_chinese(w->arena, day_of(a->due_at)));
    json_set_bool(o, "passed", a->due_at && w->now > a->due_at);
    if (a->fee_fen) {
        json_set_str(o, "fee_yuan",
                     str_printf(w->arena, "%lld.%02lld", (long long)a->fee_fen / 100, (long long)a->fee_fen % 100));
        json_object_set_new(o, "basis_name", json_string(request_word("basis", a->fee_basis)));
        json_set_int(o, "fee_count", a->fee_count);
    }
    if (!for_applicant || own) { /* what others said is not the applicant's to read */
        json_set_str(o, "answer", a->answer);
        json_object_set_new(o, "answer_name", json_string(request_word("answer", a->answer)));
        json_set_str(o, "content", a->content);
        json_set_str(o, "answer_text", a->answer_text);
        json_set_str(o, "disputed", a->disputed);
        if (a->letter_id)
            json_set_int(o, "letter_id", a->letter_id);
    }
    if (!for_applicant)
        json_set_str(o, "party", a->party);
    return o;
}

json_t *asks_json(struct work *w, int64_t request_id, bool for_applicant) {
    struct db_rows r;
    struct ask a;
    json_t *list = json_array();
    if (db_query(w, &sql_request_ask_list, &r, DB_INT(request_id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        read_ask(w, &r, i, &a);
        json_array_append_new(list, ask_json(w, &a, for_applicant));
    }
    return list;
}

/* ── asking ── */

struct asking {
    const char *kind, *template, *to, *verb, *message, *rule; /* rule: of the clock's mark, NULL none */
    int days;                                                 /* the other side's limit in working days */
    int64_t fee_fen;
};

/* The applicant reads it at once where there is an electronic way to tell; paper is received when it is registered. */
static bool reached_at_once(struct work *w, const struct request *c) {
    json_t *p = request_person(w, c);
    const char *mobile = json_string_value(json_object_get(p, "mobile"));
    bool at_once = json_object_get(p, "mail") || (mobile && notify_mobile_ok(str_z(mobile)));
    json_decref(p);
    return at_once;
}

static int64_t limit_from(day_t day, int days) {
    return day == DAY_NONE ? 0 : day_end(calendar_add_working(day, days));
}

static int ask(struct work *w, struct subject *s, const struct asking *q, day_t got, json_t *facts) {
    const struct request_step *x = s->x;
    struct db_rows r;
    int64_t letter, due = limit_from(got, q->days);
    struct str party = x->party.n ? str_printf(w->arena, "%.*s%s%.*s", STR_ARG(x->party), x->contact.n ? "，" : "",
                                               STR_ARG(x->contact))
                                  : STR_NONE;
    if (request_letter(w, s, q->template, facts, &letter) < 0)
        return -1;
    if (db_one(w, &sql_request_ask_insert, &r, DB_INT(s->c.id), DB_TEXTZ(q->kind), DB_TEXT(closed_text(w, party)),
               DB_TEXT(closed_text(w, x->text)), DB_TEXT(day_str(w->arena, work_today(w))),
               DB_OPT(day_str(w->arena, got)), DB_INT(due), DB_INT(q->fee_fen), DB_TEXT(x->basis), DB_INT(x->n)) != 1)
        return -1;
    int64_t id = db_i(&r, 0, 0);
    bool others = str_is(str_z(q->kind), "third") || str_is(str_z(q->kind), "organ");
    if (db_exec(w, &sql_request_ask_letter, DB_INT(id), DB_INT(letter)) < 0 ||
        (q->rule && request_mark(w, &s->c, CLOCK_SUSPEND, work_today(w),
                                 others && got != DAY_NONE ? day_of(due) : DAY_NONE, 0, id, q->rule) < 0) ||
        request_move(w, s, q->to) < 0 || request_retime(w, &s->c) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "ask", id);
    json_object_set_new(p, "kind", json_string(q->kind));
    if (request_record(w, s, q->verb, q->to, p) < 0)
        return -1;
    return q->message ? request_tell_due(w, &s->c, q->message, due) : 0;
}

static struct str days_text(struct work *w, day_t got, int days) {
    return got == DAY_NONE ? str_printf(w->arena, "收到本通知之日起%d个工作日届满", days)
                           : day_chinese(w->arena, calendar_add_working(got, days));
}

int act_clarify(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    int days = x->n ? (int)x->n : foi_rule(RULE_SUPPLEMENT)->limit.n;
    if (!x->text.n)
        return fail_field(w, "text", "required", "请一次写明需要补正的全部事项");
    if (days < 3 || days > 60)
        return fail_field(w, "n", "range", "补正期限应当合理：3 至 60 个工作日");
    day_t got = reached_at_once(w, &s->c) ? work_today(w) : DAY_NONE;
    struct str until = days_text(w, got, days);
    json_t *facts = json_pack("{s:{s:s%, s:s%, s:i}}", "supplement", "items", x->text.p, x->text.n, "until_text",
                              until.p, until.n, "limit_days", days);
    struct asking q = {.kind = "clarify",
                       .template = "clarify",
                       .to = "clarifying",
                       .verb = "clarify_asked",
                       .message = "request_clarify",
                       .rule = "告知补正，等待申请人补正（条例第三十条）",
                       .days = days};
    return ask(w, s, &q, got, facts);
}

int act_consult(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    bool third = str_is(x->kind, "third");
    int days = foi_rule(third ? RULE_THIRD : RULE_ORGAN)->limit.n;
    if (!third && !str_is(x->kind, "organ"))
        fail_field(w, "kind", "required", "请选择征求第三方意见，还是征求其他机关意见");
    if (!x->party.n)
        fail_field(w, "party", "required", "请填写征求谁的意见");
    if (!x->text.n)
        fail_field(w, "text", "required", "请写明征求意见的内容");
    if (x->day != DAY_NONE && x->day != work_today(w))
        fail_field(w, "day", "range", "征求意见书今天发出：今天收到的填今天，以后收到的，收到后再登记");
    if (w->error.code)
        return -1;
    struct str until = days_text(w, x->day, days);
    json_t *facts = json_pack("{s:{s:s%, s:s%, s:i, s:s%}}", "consult", "party_name", x->party.p, x->party.n,
                              "question", x->text.p, x->text.n, "days", days, "until_text", until.p, until.n);
    struct asking q = {.kind = third ? "third" : "organ",
                       .template = third ? "consult_third" : "consult_organ",
                       .to = "consulting",
                       .verb = "consulted",
                       .message = "request_consulting",
                       .rule = third ? "征求第三方意见期间，不计入（条例第三十三条第三款）"
                                     : "征求其他机关意见期间，不计入（条例第三十三条第三款）",
                       .days = days};
    return ask(w, s, &q, x->day, facts);
}

int act_reasons(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    int days = x->n ? (int)x->n : foi_rule(RULE_REASONS)->limit.n;
    if (!x->text.n)
        return fail_field(w, "text", "required", "请写明申请的数量、频次，以及要求说明的事项");
    if (days < 3 || days > 60)
        return fail_field(w, "n", "range", "说明理由的期限应当合理：3 至 60 个工作日");
    day_t got = reached_at_once(w, &s->c) ? work_today(w) : DAY_NONE;
    struct str until = days_text(w, got, days);
    json_t *facts =
        json_pack("{s:s%, s:{s:s%}}", "reason", x->text.p, x->text.n, "supplement", "until_text", until.p, until.n);
    struct asking q = {.kind = "reasons",
                       .template = "reasons",
                       .to = "reasons",
                       .verb = "reasons_asked",
                       .message = "request_clarify",
                       .days = days};
    return ask(w, s, &q, got, facts);
}

/* 按件 or 按量, never both for one application (国办函〔2020〕109号). */
static int fee_amount(struct work *w, const struct request *c, const struct request_step *x, int64_t *ret) {
    struct db_rows r;
    int year, month, mday;
    if (str_is(x->basis, "page")) {
        if (x->n < 1 || x->n > 1000000)
            return fail_field(w, "n", "range", "请填写页数");
        *ret = request_fee_pages(x->n);
        return *ret ? 0 : fail_field(w, "n", "free", "30 页以内不收费");
    }
    if (!str_is(x->basis, "piece"))
        return fail_field(w, "basis", "required", "请选择按件还是按量计收");
    day_split(c->received_day, &year, &month, &mday);
    struct str from = day_str(w->arena, day_from(year, month, 1));
    if (db_one(w, &sql_request_pieces_of_month, &r, DB_TEXT(c->person_key), DB_TEXT(from),
               DB_TEXT(str_printf(w->arena, "%04d-%02d-31", year, month)), DB_INT(c->id)) < 0)
        return -1;
    *ret = request_fee_pieces(db_i(&r, 0, 0), 1);
    return *ret ? 0
                : fail_field(w, "basis", "free", "本件是该申请人当月第 %lld 件，每月 %d 件以内不收费",
                             (long long)db_i(&r, 0, 0) + 1, foi_numbers()->many_pieces);
}

int act_fee(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    int days = foi_rule(RULE_FEE)->limit.n, n = ask_count(w, s->c.id, "fee");
    int64_t fen;
    if (n != 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "此件已经通知过收费；每件只能按一种标准收取一次");
    if (!x->text.n)
        return fail_field(w, "text", "required", "请写明缴纳方式");
    if (fee_amount(w, &s->c, x, &fen) < 0)
        return -1;
    day_t got = reached_at_once(w, &s->c) ? work_today(w) : DAY_NONE;
    struct str until = days_text(w, got, days),
               yuan = str_printf(w->arena, "%lld.%02lld", (long long)fen / 100, (long long)fen % 100),
               basis = str_is(x->basis, "page") ? str_printf(w->arena, "按量计收，共%lld页", (long long)x->n)
                                                : S("按件计收，同一申请人一个自然月内累计");
    json_t *facts = json_pack("{s:{s:s%, s:s%, s:s%, s:s%}}", "fee", "amount_yuan", yuan.p, yuan.n, "basis_text",
                              basis.p, basis.n, "until_text", until.p, until.n, "method", x->text.p, x->text.n);
    struct asking q = {.kind = "fee",
                       .template = "fee",
                       .to = "fee",
                       .verb = "fee_asked",
                       .message = "request_fee",
                       .rule = "已发收费通知，等待缴费（国办函〔2020〕109号）",
                       .days = days,
                       .fee_fen = fen};
    return ask(w, s, &q, got, facts);
}

/* ── what comes back ── */

/* What the notice says: the applicant's limit may have been set by hand, that of others and of the fee is the law's. */
static int days_of(const struct ask *a) {
    bool reasons = str_is(a->kind, "reasons");
    if (str_is(a->kind, "third") || str_is(a->kind, "organ"))
        return foi_rule(str_is(a->kind, "third") ? RULE_THIRD : RULE_ORGAN)->limit.n;
    if (str_is(a->kind, "fee"))
        return foi_rule(RULE_FEE)->limit.n;
    return a->fee_count ? (int)a->fee_count : foi_rule(reasons ? RULE_REASONS : RULE_SUPPLEMENT)->limit.n;
}

static int day_of_step(struct work *w, const struct request_step *x, day_t earliest, day_t *ret) {
    *ret = x->day == DAY_NONE ? work_today(w) : x->day;
    if (*ret > work_today(w))
        return fail_field(w, "day", "range", "日期不能晚于今天");
    if (earliest != DAY_NONE && *ret < earliest)
        return fail_field(w, "day", "range", "日期不能早于%.*s", STR_ARG(day_chinese(w->arena, earliest)));
    return 0;
}

/* The one named; without a name the first that still waits, of these kinds. */
static int ask_named(struct work *w, struct subject *s, const char *const *kinds, size_t n, struct ask *ret) {
    if (s->x->ask_id)
        return ask_get(w, s->c.id, s->x->ask_id, ret);
    for (size_t i = 0; i < n; i++) {
        int found = ask_open(w, s->c.id, kinds[i], ret);
        if (found != 0)
            return found < 0 ? -1 : 0;
    }
    return fail_field(w, "ask_id", "required", "请选择是哪一次告知或者征求意见");
}

/* What the letters of an end without a reply say of the limit that has passed. */
static int passed_letter(struct work *w, struct subject *s, const struct ask *a, const char *template) {
    int64_t letter;
    struct str until = day_chinese(w->arena, day_of(a->due_at)),
               yuan = str_printf(w->arena, "%lld.%02lld", (long long)a->fee_fen / 100, (long long)a->fee_fen % 100);
    json_t *facts = json_pack("{s:{s:s%}, s:{s:s%, s:s%}}", "supplement", "until_text", until.p, until.n, "fee",
                              "until_text", until.p, until.n, "amount_yuan", yuan.p, yuan.n);
    return request_letter(w, s, template, facts, &letter);
}

/* The other side has received the letter: its limit runs, and the latest end of the suspension is known. */
int act_got(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    static const char *const kinds[] = {"clarify", "reasons", "fee", "third", "organ"};
    struct ask a;
    day_t day;
    if (ask_named(w, s, kinds, countof(kinds), &a) < 0 || day_of_step(w, x, a.sent_day, &day) < 0)
        return -1;
    if (!str_is(a.state, "open"))
        return fail(w, ERR_WRONG_STATE, "这一次征求或告知已经结束");
    int64_t due = limit_from(day, days_of(&a));
    bool others = str_is(a.kind, "third") || str_is(a.kind, "organ");
    if (db_exec(w, &sql_request_ask_got, DB_INT(a.id), DB_TEXT(day_str(w->arena, day)), DB_INT(due)) < 0 ||
        (others && db_exec(w, &sql_request_mark_until, DB_INT(s->c.id), DB_INT(a.id),
                           DB_TEXT(day_str(w->arena, day_of(due))), DB_INT(CLOCK_SUSPEND)) < 0) ||
        request_retime(w, &s->c) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "ask", a.id);
    json_set_day(w->arena, p, "day", day);
    return request_record(w, s, "received_by_other", s->from, p);
}

static int done(struct work *w, const struct ask *a, const char *state, struct str answer, struct str text, day_t day) {
    return db_exec(w, &sql_request_ask_done, DB_INT(a->id), DB_TEXTZ(state), DB_TEXT(answer),
                   DB_TEXT(closed_text(w, text)), DB_OPT(day_str(w->arena, day))) < 0
               ? -1
               : 0;
}

static int record_answer(struct work *w, struct subject *s, const char *verb, const struct ask *a, struct str answer,
                         const char *to) {
    json_t *p = json_object();
    json_set_int(p, "ask", a->id);
    json_set_str(p, "kind", a->kind);
    json_set_str(p, "answer", answer);
    return request_record(w, s, verb, to, p);
}

/* Back to work when nobody else's opinion is waited for. */
static int back_to_work(struct work *w, struct subject *s) {
    struct ask other;
    int n = ask_open(w, s->c.id, "third", &other);
    if (n == 0)
        n = ask_open(w, s->c.id, "organ", &other);
    if (n != 0)
        return n < 0 ? -1 : 0;
    return str_is(s->c.state, "consulting") ? request_move(w, s, "working") : 0;
}

int act_answer(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    static const char *const kinds[] = {"third", "organ"};
    struct ask a;
    day_t day;
    if (ask_named(w, s, kinds, countof(kinds), &a) < 0)
        return -1;
    if (!str_is(a.kind, "third") && !str_is(a.kind, "organ"))
        return fail_field(w, "ask_id", "range", "这不是征求意见");
    if (str_is(a.state, "answered"))
        return fail(w, ERR_WRONG_STATE, "这一方的意见已经登记");
    if (!str_is(x->answer, "agree") && !str_is(x->answer, "refuse"))
        fail_field(w, "answer", "required", "请选择对方是否同意公开");
    if (str_is(x->answer, "refuse") && !x->text.n)
        fail_field(w, "text", "required", "请写明对方不同意公开的理由");
    if (day_of_step(w, x, a.sent_day, &day) < 0 || w->error.code)
        return -1;
    /* An opinion that came in time ends the suspension on its day, even when it is typed in after the limit. */
    bool late = a.due_at && day > day_of(a.due_at);
    if (done(w, &a, "answered", x->answer, x->text, day) < 0 ||
        (!late && request_mark(w, &s->c, CLOCK_RESUME, day, DAY_NONE, 0, a.id, "收到意见，恢复计时") < 0) ||
        back_to_work(w, s) < 0 || request_retime(w, &s->c) < 0)
        return -1;
    return record_answer(w, s, late ? "answered_late" : "answered", &a, x->answer, s->c.state.p);
}

/* By the clock: fifteen working days have passed. */
int act_lapse_consult(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct ask a;
    if (ask_get(w, s->c.id, x->ask_id, &a) < 0)
        return -1;
    if (!str_is(a.state, "open") || !a.due_at || w->now <= a.due_at)
        return fail(w, ERR_WRONG_STATE, "征求意见的期限未满");
    struct str answer = str_is(a.kind, "organ") ? S("agree") : S("silent");
    if (done(w, &a, "lapsed", answer, STR_NONE, DAY_NONE) < 0 || back_to_work(w, s) < 0 || request_retime(w, &s->c) < 0)
        return -1;
    struct str title = str_is(a.kind, "organ") ? S("其他机关逾期未提出意见，视为同意公开（条例第三十四条），请继续办理")
                                               : S("第三方逾期未提出意见，由本机关依法决定是否公开（条例第三十二条）");
    return record_answer(w, s, "consult_lapsed", &a, answer, s->c.state.p) < 0
               ? -1
               : request_notice(w, &s->c, PERM_REQUEST_WORK, false, "yellow", title,
                                str_printf(w->arena, "request lapse %lld", (long long)a.id));
}

/* The limit begins anew with the day the supplement came (第三十条). */
int act_supplement(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct ask a;
    day_t day;
    int n = ask_open(w, s->c.id, "clarify", &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有等待补正的事项");
    if (!x->text.n)
        return fail_field(w, "text", "required", "请写明补正的内容");
    if (day_of_step(w, x, a.sent_day, &day) < 0)
        return -1;
    if (!w->actor.person_id)
        day = work_today(w);
    struct str text = str_printf(w->arena, "%.*s%s补正（%.*s）：%.*s", STR_ARG(s->c.description),
                                 s->c.description.n ? "\n" : "", STR_ARG(day_chinese(w->arena, day)), STR_ARG(x->text));
    struct str key = s->c.fingerprint.n ? s->c.fingerprint : fingerprint(w, STR_NONE, STR_NONE, x->text);
    if (done(w, &a, "answered", S("given"), x->text, day) < 0 ||
        db_exec(w, &sql_request_set_description, DB_INT(s->c.id), DB_TEXT(s->c.subject), DB_TEXT(s->c.info_number),
                DB_TEXT(text), DB_TEXT(key)) < 0 ||
        request_mark(w, &s->c, CLOCK_RESTART, day, DAY_NONE, 0, a.id,
                     "收到补正申请，答复期限重新计算（条例第三十条）") < 0)
        return -1;
    s->c.extended = false;
    if (request_retime(w, &s->c) < 0 || request_move(w, s, "working") < 0 ||
        record_answer(w, s, "supplemented", &a, S("given"), "working") < 0)
        return -1;
    if (request_notice(w, &s->c, PERM_REQUEST_WORK, false, "blue", S("收到补正材料，答复期限重新计算"),
                       str_printf(w->arena, "request supplement %lld", (long long)a.id)) < 0)
        return -1;
    return request_tell(w, &s->c, "request_supplemented");
}

/* The applicant let the limit pass: nothing more is done (年报 六). */
static int abandon(struct work *w, struct subject *s, const char *kind, const char *outcome) {
    struct ask a;
    if (ask_open(w, s->c.id, kind, &a) != 1 || done(w, &a, "lapsed", STR_NONE, STR_NONE, DAY_NONE) < 0 ||
        passed_letter(w, s, &a, outcome) < 0 || request_close(w, s, str_z(outcome), work_today(w), "closed") < 0 ||
        record_answer(w, s, "abandoned", &a, STR_NONE, "closed") < 0)
        return -1;
    return request_tell(w, &s->c, "request_closed");
}

int act_lapse_supplement(struct work *w, void *subject, const void *input) {
    (void)input;
    return abandon(w, subject, "clarify", "R15");
}

/* Staff say at once whether the reasons hold; the applicant only gives them. */
int act_reasons_given(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct ask a;
    day_t day;
    int n = ask_open(w, s->c.id, "reasons", &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有等待说明理由的事项");
    struct str answer = w->actor.person_id ? x->answer : S("given");
    if (!str_is(answer, "given") && !str_is(answer, "accepted") && !str_is(answer, "refused"))
        fail_field(w, "answer", "required", "请选择理由是否合理");
    if (!x->text.n)
        fail_field(w, "text", "required", "请写明理由");
    if (w->error.code || day_of_step(w, x, a.sent_day, &day) < 0)
        return -1;
    if (done(w, &a, "answered", answer, x->text, day) < 0 || request_move(w, s, "working") < 0 ||
        request_retime(w, &s->c) < 0 || record_answer(w, s, "reasons_given", &a, answer, "working") < 0)
        return -1;
    return request_notice(w, &s->c, PERM_REQUEST_WORK, false, "blue", S("申请人已说明理由"),
                          str_printf(w->arena, "request reasons %lld", (long long)a.id));
}

/* No reasons in time: the work goes on, and the demand counts as made (第三十五条). */
int act_lapse_reasons(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    struct ask a;
    (void)input;
    if (ask_open(w, s->c.id, "reasons", &a) != 1 || done(w, &a, "lapsed", S("unexplained"), STR_NONE, DAY_NONE) < 0 ||
        request_move(w, s, "working") < 0 || request_retime(w, &s->c) < 0)
        return -1;
    return record_answer(w, s, "reasons_lapsed", &a, S("unexplained"), "working");
}

/* 第三十五条: the reasons hold but the limit cannot be kept: a reasonable later day, told to the applicant. */
int act_delay(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    int64_t letter;
    if (x->n < 1 || x->n > 250)
        return fail_field(w, "n", "range", "延迟的期限为 1 至 250 个工作日");
    if (request_mark(w, &s->c, CLOCK_EXTEND, work_today(w), DAY_NONE, (int)x->n, 0,
                     "申请数量、频次明显超过合理范围，确定延迟答复的合理期限（条例第三十五条）") < 0 ||
        request_retime(w, &s->c) < 0)
        return -1;
    struct str due = request_clock_words(w, s->c.due_at);
    json_t *facts = json_pack("{s:{s:I, s:s%, s:s%}}", "extension", "days", (json_int_t)x->n, "reason", x->reason.p,
                              x->reason.n, "due_text", due.p, due.n);
    json_t *p = json_object();
    json_set_int(p, "days", x->n);
    json_set_day(w->arena, p, "due", day_of(s->c.due_at));
    if (request_letter(w, s, "delay", facts, &letter) < 0) {
        json_decref(p);
        return -1;
    }
    return request_record(w, s, "delayed", s->from, p) < 0 ? -1 : request_tell(w, &s->c, "request_extended");
}

/* The limit begins anew the day after payment (国办函〔2020〕109号, [M]). */
int act_paid(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct ask a;
    day_t day;
    int n = ask_open(w, s->c.id, "fee", &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有待缴的费用");
    if (day_of_step(w, x, a.sent_day, &day) < 0)
        return -1;
    s->c.extended = false;
    if (done(w, &a, "answered", S("paid"), x->text, day) < 0 ||
        request_mark(w, &s->c, CLOCK_RESTART, day, DAY_NONE, 0, a.id,
                     "完成缴费，处理期限自次日起重新计算（国办函〔2020〕109号）") < 0 ||
        request_retime(w, &s->c) < 0 || request_move(w, s, "working") < 0)
        return -1;
    return record_answer(w, s, "paid", &a, S("paid"), "working");
}

int act_lapse_fee(struct work *w, void *subject, const void *input) {
    (void)input;
    return abandon(w, subject, "fee", "R16");
}

int act_dispute(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct ask a;
    int n = ask_open(w, s->c.id, "fee", &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有待缴的费用");
    if (!x->text.n)
        return fail_field(w, "text", "required", "请写明异议");
    if (db_exec(w, &sql_request_ask_dispute, DB_INT(a.id), DB_TEXT(closed_text(w, x->text))) < 0 ||
        record_answer(w, s, "fee_disputed", &a, STR_NONE, s->from) < 0)
        return -1;
    return request_notice(w, &s->c, PERM_REQUEST_WORK, false, "orange", S("申请人对收费有异议，请核对"),
                          str_printf(w->arena, "request dispute %lld", (long long)a.id));
}
