/* request_flow.c: the life of an application as a table (rules.md §1.5, 条例第二十九至四十五条):
 *
 *   submitted → registered → working ⇄ {clarifying, consulting, reasons, fee} → drafting → legal → secrecy → signing
 *             → replied → delivered → archived;   side exits: split, closed (逾期不补正, 逾期不缴费, 撤回)
 *
 * Verbs that the applicant takes (补正, 说明理由, 缴费凭证, 撤回, 领取, 评价 …) are FLOW_SYSTEM rows without a
 * permission: no person or token may post them; they are reached by number and query code alone (request_access.c). */
#include "request/request_internal.h"

static const struct flow_state states[] = {
    {"submitted", "待确认", "yellow"},  {"registered", "已登记", "blue"},     {"working", "办理中", "blue"},
    {"clarifying", "待补正", "yellow"}, {"consulting", "征求意见", "yellow"}, {"reasons", "待说明理由", "yellow"},
    {"fee", "待缴费", "yellow"},        {"drafting", "拟答复", "blue"},       {"legal", "合法性审核", "blue"},
    {"secrecy", "保密审查", "blue"},    {"signing", "待签发", "blue"},        {"replied", "已答复，待送达", "green"},
    {"delivered", "已送达", "green"},   {"archived", "已归档", "grey"},       {"closed", "已终止", "grey"},
    {"split", "已拆分", "grey"},
};

/* ── guards ── */

int guard_own(struct work *w, void *subject) {
    (void)subject;
    return w->actor.person_id ? 0 : fail(w, ERR_FORBIDDEN, "审核、签发须由在岗人员办理，业务系统令牌不能代替");
}

/* Asked once, within seven working days of receipt (第三十条). */
int guard_clarify(struct work *w, void *subject) {
    struct subject *s = subject;
    int n = ask_count(w, s->c.id, "clarify");
    const struct foi_rule *rule = foi_rule(RULE_CLARIFY_NOTICE);
    if (n < 0)
        return -1;
    if (n > 0)
        return fail(w, ERR_WRONG_STATE, "补正只能告知一次，此件已经告知过（条例第三十条）");
    if (s->c.received_day == DAY_NONE)
        return fail(w, ERR_WRONG_STATE, "请先确认收到申请之日");
    day_t last = calendar_add_working(s->c.received_day, rule->limit.n);
    if (work_today(w) > last)
        return fail(w, ERR_WRONG_STATE, "补正告知须在收到申请之日起%d个工作日内作出，期限为%.*s（条例第三十条）",
                    rule->limit.n, STR_ARG(day_chinese(w->arena, last)));
    return 0;
}

/* Once, and told before the original limit has passed (第三十三条). */
int guard_extend(struct work *w, void *subject) {
    struct subject *s = subject;
    if (s->c.extended)
        return fail(w, ERR_WRONG_STATE, "延期只能一次，此件已经延期（条例第三十三条）");
    if (!s->c.due_at)
        return fail(w, ERR_WRONG_STATE, "请先确认收到申请之日");
    if (w->now > s->c.due_at)
        return fail(w, ERR_WRONG_STATE, "答复期限已过，不能再延期；延期须在原期限内告知申请人（条例第三十三条）");
    return 0;
}

int guard_reasons(struct work *w, void *subject) {
    struct subject *s = subject;
    int n = ask_count(w, s->c.id, "reasons");
    return n == 0 ? 0 : n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "此件已经要求申请人说明过理由");
}

static bool limit_passed(struct work *w, const struct subject *s) {
    return s->c.due_at && w->now > s->c.due_at;
}

/* 第三十五条: reasons were given and not refused, and the limit still runs: what is late is not mended by a delay.
 */
int guard_delay(struct work *w, void *subject) {
    struct subject *s = subject;
    struct ask a;
    int n = ask_last(w, s->c.id, "reasons", &a);
    if (n < 0)
        return -1;
    if (n == 0 || !str_is(a.state, "answered") || str_is(a.answer, "refused"))
        return fail(w, ERR_WRONG_STATE, "合理延迟须先要求申请人说明理由，且理由合理（条例第三十五条）");
    return limit_passed(w, s) ? fail(w, ERR_WRONG_STATE, "答复期限已过，不能再确定延迟答复的期限") : 0;
}

/* A payment begins the limit anew: the notice has to go out while it runs. Corrections cost nothing. */
int guard_fee(struct work *w, void *subject) {
    struct subject *s = subject;
    if (!str_is(s->c.matter, "access"))
        return fail(w, ERR_WRONG_STATE, "申请更正不收取信息处理费（条例第四十二条只适用于提供政府信息）");
    return limit_passed(w, s)
               ? fail(w, ERR_WRONG_STATE, "答复期限已过，不能再收费；收费通知须在处理期限内发出（国办函〔2020〕109号）")
               : 0;
}

/* Reviewers of a reply are neither the one who works the case nor anyone who wrote at it. */
int guard_reviewer(struct work *w, void *subject) {
    struct subject *s = subject;
    struct db_rows r;
    if (guard_own(w, subject) < 0 ||
        db_one(w, &sql_request_drafted_by, &r, DB_INT(s->c.id), DB_INT(w->actor.person_id)) < 0)
        return -1;
    return s->c.officer_id == w->actor.person_id || db_i(&r, 0, 0)
               ? fail(w, ERR_FORBIDDEN, "承办人和拟写人不能审核自己的答复")
               : 0;
}

/* Signed only after the legal and the secrecy review of this very letter. */
int guard_reply(struct work *w, void *subject) {
    struct subject *s = subject;
    struct db_rows r;
    bool legal = false, secrecy = false;
    if (guard_own(w, subject) < 0)
        return -1;
    if (db_query(w, &sql_request_review_passed, &r, DB_INT(s->c.id), DB_INT(s->c.letter_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        legal |= str_is(db_s(&r, i, 0), "legal");
        secrecy |= str_is(db_s(&r, i, 0), "secrecy") && db_i(&r, i, 1) != s->c.officer_id;
    }
    if (!legal || !secrecy)
        return fail(w, ERR_WRONG_STATE, "答复书还没有经过%s，不能签发", legal ? "保密审查" : "合法性审核");
    return 0;
}

/* A limit given to others has to be over before silence counts. */
int guard_lapsed(struct work *w, void *subject) {
    struct subject *s = subject;
    struct ask a;
    const char *kind = str_is(s->c.state, "clarifying") ? "clarify" : str_is(s->c.state, "reasons") ? "reasons" : "fee";
    int n = ask_open(w, s->c.id, kind, &a);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有等待申请人办理的事项");
    if (!a.due_at || w->now <= a.due_at)
        return fail(w, ERR_WRONG_STATE, "申请人的期限到%.*s为止，届满以前须等待",
                    STR_ARG(a.due_at ? day_chinese(w->arena, day_of(a.due_at)) : S("送达后起算")));
    return 0;
}

/* ── steps without a file of their own ── */

/* 第三十一条: both sides have confirmed; the limit runs from the next day. */
int act_confirm(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    const struct foi_channel *ch = foi_channel(s->c.channel);
    day_t day = x->day == DAY_NONE ? work_today(w) : x->day;
    if (day > work_today(w))
        return fail_field(w, "day", "range", "收到申请之日不能晚于今天");
    if (day < day_of(s->c.submitted_at))
        return fail_field(w, "day", "range", "收到申请之日不能早于提交之日");
    struct str rule = str_printf(w->arena, "确认收到申请：%s，%s（条例%s）", ch->name, ch->rule, ch->article);
    s->c.received_day = day;
    if (db_exec(w, &sql_request_set_received, DB_INT(s->c.id), DB_TEXT(day_str(w->arena, day))) < 0 ||
        request_mark(w, &s->c, CLOCK_START, day, DAY_NONE, 0, 0, rule.p) < 0 || request_retime(w, &s->c) < 0 ||
        request_move(w, s, "registered") < 0)
        return -1;
    json_t *p = json_object();
    json_set_day(w->arena, p, "received", day);
    json_set_day(w->arena, p, "due", day_of(s->c.due_at));
    int64_t letter;
    if (request_letter(w, s, "confirmed", json_object(), &letter) < 0) {
        json_decref(p);
        return -1;
    }
    return request_record(w, s, "confirmed", "registered", p) < 0 || request_look_for_same(w, &s->c) < 0
               ? -1
               : request_tell(w, &s->c, "request_confirmed");
}

/* Distribution and transfer between units of the city; the clock runs on. */
int act_assign(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct unit u;
    if (!x->unit_id || unit_get(w, x->unit_id, &u) < 0) {
        error_clear(w);
        return fail_field(w, "unit_id", "required", "请选择承办单位");
    }
    if (u.id == s->c.unit_id)
        return fail_field(w, "unit_id", "same", "此件已经在%.*s", STR_ARG(u.short_name));
    if (str_is(u.kind, "village") || str_is(u.kind, "assessor") || str_is(u.kind, "enterprise"))
        return fail_field(w, "unit_id", "range", "%.*s不承办政府信息公开申请", STR_ARG(u.name));
    if (db_exec(w, &sql_request_set_unit, DB_INT(s->c.id), DB_INT(u.id)) < 0 ||
        (s->c.received_day != DAY_NONE && request_move(w, s, "registered") < 0))
        return -1;
    json_t *p = json_object();
    json_set_str(p, "unit_before", s->c.unit_name);
    json_set_str(p, "unit", u.name);
    if (request_record(w, s, "assigned", s->c.state.p, p) < 0)
        return -1;
    s->c.unit_id = u.id;
    return request_notice(w, &s->c, PERM_REQUEST_WORK, false, "blue", S("分办的公开申请，请承办"),
                          str_printf(w->arena, "request assigned %lld %lld", (long long)s->c.id, (long long)w->now));
}

int act_take(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (db_exec(w, &sql_request_set_officer, DB_INT(s->c.id), DB_ID(w->actor.person_id), DB_ID(w->actor.post_id)) < 0 ||
        request_move(w, s, "working") < 0)
        return -1;
    return request_record(w, s, "taken", "working", NULL);
}

/* 第三十三条: agreed to by the head of the FOI body, told to the applicant before the limit. */
int act_extend(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    const struct foi_rule *rule = foi_rule(RULE_EXTEND);
    int64_t letter;
    if (x->n < 1 || x->n > rule->limit.n)
        return fail_field(w, "n", "range", "延长的期限为 1 至 %d 个工作日（条例第三十三条）", rule->limit.n);
    struct str words =
        str_printf(w->arena, "延期%lld个工作日，经信息公开工作机构负责人同意（条例第三十三条）", (long long)x->n);
    s->c.extended = true;
    if (request_mark(w, &s->c, CLOCK_EXTEND, work_today(w), DAY_NONE, (int)x->n, 0, words.p) < 0 ||
        request_retime(w, &s->c) < 0)
        return -1;
    struct str due = request_clock_words(w, s->c.due_at);
    json_t *facts = json_pack("{s:{s:I, s:s%, s:s%}}", "extension", "days", (json_int_t)x->n, "reason", x->reason.p,
                              x->reason.n, "due_text", due.p, due.n);
    if (request_letter(w, s, "extend", facts, &letter) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "days", x->n);
    json_set_day(w->arena, p, "due", day_of(s->c.due_at));
    return request_record(w, s, "extended", s->from, p) < 0 ? -1 : request_tell(w, &s->c, "request_extended");
}

/* The officer asks the head; nothing of the clock changes. */
int act_ask_extension(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    json_t *p = json_object();
    json_set_int(p, "days", x->n);
    if (request_record(w, s, "extension_asked", s->from, p) < 0)
        return -1;
    return request_notice(w, &s->c, PERM_REQUEST_APPROVE, false, "yellow", S("申请延期答复，请审批"),
                          str_printf(w->arena, "request extension %lld %lld", (long long)s->c.id, (long long)w->now));
}

int act_withdraw(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (request_close(w, s, S("R17"), work_today(w), "closed") < 0 ||
        request_record(w, s, "withdrawn", "closed", NULL) < 0)
        return -1;
    if (request_notice(w, &s->c, PERM_REQUEST_WORK, false, "grey", S("申请人撤回了申请"),
                       str_printf(w->arena, "request withdrawn %lld", (long long)s->c.id)) < 0)
        return -1;
    return request_tell(w, &s->c, "request_closed");
}

int act_archive(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (db_exec(w, &sql_request_set_archived, DB_INT(s->c.id), DB_INT(w->now)) < 0 ||
        request_move(w, s, "archived") < 0)
        return -1;
    return request_record(w, s, "archived", "archived", NULL);
}

/* ── the table ── */

#define EXTENSION_ROWS(state)                                                                                          \
    {state, "extend", state, PERM_REQUEST_APPROVE, guard_extend, act_extend, "同意延期答复", FLOW_REASON}, {           \
        state, "ask_extension", state, PERM_REQUEST_WORK, guard_extend, act_ask_extension, "申请延期", FLOW_REASON     \
    }
#define WITHDRAW_ROWS(state)                                                                                           \
    {state, "withdraw", "closed", PERM_REQUEST_WORK, NULL, act_withdraw, "登记申请人撤回", FLOW_REASON | FLOW_DANGER}, \
    {                                                                                                                  \
        state, "withdraw_own", "closed", PERM_PUBLIC, NULL, act_withdraw, "撤回申请", FLOW_SYSTEM                      \
    }
#define REVIEW_ROWS(state, permission, label, next)                                                                    \
    {state, "pass", next, permission, guard_reviewer, act_pass, label, FLOW_MAIN}, {                                   \
        state, "return", "drafting", permission, guard_own, act_return, "退回修改", FLOW_REASON                        \
    }
#define REMEDY_ROWS(state)                                                                                             \
    {state, "remedy", state, PERM_REQUEST_WORK, NULL, act_remedy, "登记复议、诉讼", FLOW_PLAIN},                       \
        {state, "remedy_result", state, PERM_REQUEST_WORK, NULL, act_remedy_result, "登记复议、诉讼结果", FLOW_PLAIN}, \
        {state, "rate", state, PERM_PUBLIC, NULL, act_rate, "评价", FLOW_SYSTEM}, {                                    \
        state, "suggest", state, PERM_PUBLIC, NULL, act_suggest, "建议主动公开", FLOW_SYSTEM                           \
    }

static const struct flow_row rows[] = {
    {"submitted", "confirm", "registered", PERM_REQUEST_WORK, NULL, act_confirm, "确认收到申请", FLOW_MAIN},
    {"submitted", "assign", "submitted", PERM_REQUEST_DESK, NULL, act_assign, "分办", FLOW_PLAIN},
    WITHDRAW_ROWS("submitted"),
    {"registered", "take", "working", PERM_REQUEST_WORK, NULL, act_take, "承办", FLOW_MAIN},
    {"registered", "assign", "registered", PERM_REQUEST_DESK, NULL, act_assign, "分办", FLOW_PLAIN},
    {"registered", "split", "split", PERM_REQUEST_DESK, NULL, act_split, "拆分", FLOW_PLAIN},
    EXTENSION_ROWS("registered"),
    WITHDRAW_ROWS("registered"),
    {"working", "draft", "drafting", PERM_REQUEST_WORK, NULL, act_draft, "拟写答复", FLOW_MAIN},
    {"working", "clarify", "clarifying", PERM_REQUEST_WORK, guard_clarify, act_clarify, "告知补正", FLOW_PLAIN},
    {"working", "consult", "consulting", PERM_REQUEST_WORK, NULL, act_consult, "征求意见", FLOW_PLAIN},
    {"working", "ask_reasons", "reasons", PERM_REQUEST_WORK, guard_reasons, act_reasons, "要求说明理由", FLOW_PLAIN},
    {"working", "charge", "fee", PERM_REQUEST_WORK, guard_fee, act_fee, "通知收费", FLOW_PLAIN},
    {"working", "answer", NULL, PERM_REQUEST_WORK, NULL, act_answer, "补记逾期后收到的意见", FLOW_PLAIN},
    {"working", "delay", "working", PERM_REQUEST_APPROVE, guard_delay, act_delay, "确定合理延迟期限", FLOW_REASON},
    {"working", "assign", "registered", PERM_REQUEST_DESK, NULL, act_assign, "转办", FLOW_PLAIN},
    {"working", "split", "split", PERM_REQUEST_DESK, NULL, act_split, "拆分", FLOW_PLAIN},
    EXTENSION_ROWS("working"),
    WITHDRAW_ROWS("working"),
    {"clarifying", "got", "clarifying", PERM_REQUEST_WORK, NULL, act_got, "登记送达日期", FLOW_PLAIN},
    {"clarifying", "supplement", "working", PERM_REQUEST_WORK, NULL, act_supplement, "登记补正材料", FLOW_MAIN},
    {"clarifying", "supplement_own", "working", PERM_PUBLIC, NULL, act_supplement, "提交补正", FLOW_SYSTEM},
    {"clarifying", "lapse", "closed", PERM_REQUEST_WORK, guard_lapsed, act_lapse_supplement, "逾期不补正，不再处理",
     FLOW_DANGER},
    WITHDRAW_ROWS("clarifying"),
    {"consulting", "consult", "consulting", PERM_REQUEST_WORK, NULL, act_consult, "再征求一方意见", FLOW_PLAIN},
    {"consulting", "got", "consulting", PERM_REQUEST_WORK, NULL, act_got, "登记送达日期", FLOW_PLAIN},
    {"consulting", "answer", NULL, PERM_REQUEST_WORK, NULL, act_answer, "登记意见", FLOW_MAIN},
    {"consulting", "consult_lapse", NULL, PERM_REQUEST_WORK, NULL, act_lapse_consult, "逾期未提出意见", FLOW_SYSTEM},
    EXTENSION_ROWS("consulting"),
    WITHDRAW_ROWS("consulting"),
    {"reasons", "got", "reasons", PERM_REQUEST_WORK, NULL, act_got, "登记送达日期", FLOW_PLAIN},
    {"reasons", "reasons_given", "working", PERM_REQUEST_WORK, NULL, act_reasons_given, "登记申请人说明的理由",
     FLOW_MAIN},
    {"reasons", "lapse", "working", PERM_REQUEST_WORK, guard_lapsed, act_lapse_reasons, "逾期未说明理由，继续办理",
     FLOW_PLAIN},
    {"reasons", "reasons_own", "working", PERM_PUBLIC, NULL, act_reasons_given, "说明理由", FLOW_SYSTEM},
    EXTENSION_ROWS("reasons"),
    WITHDRAW_ROWS("reasons"),
    {"fee", "got", "fee", PERM_REQUEST_WORK, NULL, act_got, "登记送达日期", FLOW_PLAIN},
    {"fee", "paid", "working", PERM_REQUEST_WORK, NULL, act_paid, "登记缴费", FLOW_MAIN},
    {"fee", "dispute_own", "fee", PERM_PUBLIC, NULL, act_dispute, "对收费有异议", FLOW_SYSTEM},
    {"fee", "lapse", "closed", PERM_REQUEST_WORK, guard_lapsed, act_lapse_fee, "逾期不缴费，不再处理", FLOW_DANGER},
    WITHDRAW_ROWS("fee"),
    {"drafting", "draft", "drafting", PERM_REQUEST_WORK, NULL, act_draft, "保存答复", FLOW_PLAIN},
    {"drafting", "answer", NULL, PERM_REQUEST_WORK, NULL, act_answer, "补记逾期后收到的意见", FLOW_PLAIN},
    {"drafting", "submit", "legal", PERM_REQUEST_WORK, NULL, act_submit, "提交审核", FLOW_MAIN},
    {"drafting", "clarify", "clarifying", PERM_REQUEST_WORK, guard_clarify, act_clarify, "告知补正", FLOW_PLAIN},
    {"drafting", "consult", "consulting", PERM_REQUEST_WORK, NULL, act_consult, "征求意见", FLOW_PLAIN},
    EXTENSION_ROWS("drafting"),
    WITHDRAW_ROWS("drafting"),
    REVIEW_ROWS("legal", PERM_REQUEST_LEGAL, "通过合法性审核", "secrecy"),
    EXTENSION_ROWS("legal"),
    WITHDRAW_ROWS("legal"),
    REVIEW_ROWS("secrecy", PERM_REVIEW_SECRECY, "通过保密审查", "signing"),
    EXTENSION_ROWS("secrecy"),
    WITHDRAW_ROWS("secrecy"),
    {"signing", "sign", "replied", PERM_REQUEST_SIGN, guard_reply, act_sign, "签发答复", FLOW_MAIN},
    {"signing", "return", "drafting", PERM_REQUEST_SIGN, guard_own, act_return, "退回修改", FLOW_REASON},
    EXTENSION_ROWS("signing"),
    WITHDRAW_ROWS("signing"),
    {"replied", "deliver", "delivered", PERM_REQUEST_WORK, NULL, act_deliver, "登记送达", FLOW_MAIN},
    {"replied", "fetch_own", "delivered", PERM_PUBLIC, NULL, act_fetch, "领取答复", FLOW_SYSTEM},
    REMEDY_ROWS("replied"),
    {"delivered", "archive", "archived", PERM_REQUEST_WORK, NULL, act_archive, "归档", FLOW_MAIN},
    REMEDY_ROWS("delivered"),
    REMEDY_ROWS("archived"),
    {"closed", "archive", "archived", PERM_REQUEST_WORK, NULL, act_archive, "归档", FLOW_MAIN},
    REMEDY_ROWS("closed"),
};

static int scope(struct work *w, void *subject, int permission) {
    struct subject *s = subject;
    if (permission == PERM_PUBLIC)
        return 0;
    return org_may(w, permission, s->c.unit_id);
}

const struct flow request_flow = {"request", states, countof(states), rows, countof(rows), scope, actor_may};

/* ── one step ── */

int subject_load(struct work *w, int64_t id, struct subject *ret) {
    struct db_rows lock;
    if (db_in_transaction(w) && db_lock(w, &sql_request_lock, &lock, DB_INT(id)) < 0)
        return -1;
    if (request_get(w, id, &ret->c) < 0)
        return -1;
    ret->from = str_dupz(w->arena, ret->c.state);
    return 0;
}

int request_step(struct work *w, int64_t id, const char *verb, const struct request_step *x) {
    struct subject s = {.x = x};
    bool staff = w->actor.person_id || w->actor.token_id;
    if (subject_load(w, id, &s) < 0)
        return -1;
    if (staff && org_may(w, PERM_REQUEST_READ, s.c.unit_id) < 0)
        return -1;
    if (x->revision && x->revision != s.c.revision)
        return fail(w, ERR_CONFLICT, "此件的状态刚刚变化，请查看最新情况后再办理");
    if (request_up_to_date(w, &s.c) < 0)
        return -1;
    const struct flow_row *row = flow_find(&request_flow, s.from, verb);
    if (row && staff && (row->flags & FLOW_SYSTEM))
        return fail(w, ERR_FORBIDDEN, "这一步由申请人或系统办理");
    if (row && (row->flags & FLOW_REASON) && str_trim(x->reason).n == 0)
        return org_may(w, row->permission, s.c.unit_id) < 0 ? -1 : fail_field(w, "reason", "required", "请写明理由");
    return flow_step(w, &request_flow, s.from, verb, &s, x);
}
