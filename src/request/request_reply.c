/* request_reply.c: the decision: outcome, letter, legal and secrecy review, signature, delivery (条例第三十六至四十条).
 *
 * What a reply must say depends on its outcome; what is missing is refused before a letter is made. The letter is made
 * anew whenever the outcome is saved; its words may then be edited until it is submitted. Signing gives it its number.
 */
#include "request/request_internal.h"

static bool is(struct str outcome, const char *code) {
    return str_is(outcome, code);
}

static bool starts(struct str outcome, const char *code) {
    return str_starts(outcome, str_z(code));
}

static int released_files(struct work *w, int64_t id) {
    struct db_rows r;
    int n = 0;
    if (db_query(w, &sql_request_files, &r, DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        n += str_is(db_s(&r, i, 2), "released");
    return n;
}

/* Steps that must have come before some outcomes. */
static int check_before(struct work *w, const struct request *c, struct str outcome) {
    struct ask a = {0};
    if (is(outcome, "R09") && (ask_count(w, c->id, "clarify") == 0 || ask_open(w, c->id, "clarify", &a) == 1))
        fail_field(w, "outcome", "before", "补正后仍不明确的，须先告知补正并收到补正材料（条例第三十条）");
    if (is(outcome, "R13") && ask_last(w, c->id, "reasons", &a) == 0)
        fail_field(w, "outcome", "before", "大量反复申请不予处理的，须先要求申请人说明理由（条例第三十五条）");
    else if (is(outcome, "R13") && str_is(a.answer, "accepted"))
        fail_field(w, "outcome", "before",
                   "申请人说明的理由已经认定合理，不能以大量反复申请为由不予处理（条例第三十五条）");
    if (is(outcome, "R15") || is(outcome, "R16"))
        fail_field(w, "outcome", "range", "逾期不补正、不缴费的，在待补正、待缴费状态下终止办理");
    return w->error.code ? -1 : 0;
}

static int check_reply(struct work *w, const struct request *c, const struct request_step *x) {
    const struct request_outcome *o = request_outcome(x->outcome);
    bool correction = str_is(c->matter, "correction");
    if (!o || starts(x->outcome, "C") != correction)
        return fail_field(w, "outcome", "required", correction ? "请选择更正申请的处理结果" : "请选择处理结果");
    int files = released_files(w, c->id);
    if (files < 0 || check_before(w, c, x->outcome) < 0)
        return -1;
    bool reasons = o->refusal || is(x->outcome, "R05") || is(x->outcome, "R07") || is(x->outcome, "R08") ||
                   is(x->outcome, "R09") || starts(x->outcome, "R1") || is(x->outcome, "C1") || is(x->outcome, "C2");
    if (reasons && !x->reason.n)
        fail_field(w, "reason", "required", "这种结果的答复须说明理由（%s）", o->article);
    bool where = is(x->outcome, "R01") || is(x->outcome, "R05") || is(x->outcome, "R12") || is(x->outcome, "C1");
    if (where && !x->where.n)
        fail_field(w, "where", "required", "请写明获取或者办理的方式、途径（%s）", o->article);
    if (is(x->outcome, "R02") && !x->where.n && !files)
        fail_field(w, "where", "required", "请上传提供的信息，或者写明获取的方式、途径和时间（%s）", o->article);
    if (is(x->outcome, "R03") && !files)
        fail_field(w, "files", "required", "部分公开的，请先上传遮盖后的信息（%s）", o->article);
    if (is(x->outcome, "R06") && !x->search_record.n)
        fail_field(w, "search_record", "required", "信息不存在的，须留存检索记录：检索的范围、方式和结果");
    if (is(x->outcome, "C3") && !x->organ.n)
        fail_field(w, "organ", "required", "请写明转送的机关");
    return w->error.code ? -1 : 0;
}

/* Names of what is handed over with the letter. */
static json_t *released_names(struct work *w, int64_t id) {
    struct db_rows r;
    struct sealed_file f;
    json_t *list = json_array();
    if (db_query(w, &sql_request_files, &r, DB_INT(id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++)
        if (str_is(db_s(&r, i, 2), "released") && sealed_get(w, db_i(&r, i, 3), &f) == 0)
            json_array_append_new(list, json_stringn(f.name.p, f.name.n));
    return list;
}

static json_t *reply_json(const struct request_step *x) {
    json_t *o = json_object();
    json_set_str(o, "outcome", x->outcome);
    json_set_str(o, "reason", x->reason);
    json_set_str(o, "where", x->where);
    json_set_str(o, "search_record", x->search_record);
    json_set_str(o, "organ", x->organ);
    json_set_str(o, "contact", x->contact);
    return o;
}

const char *request_reply_template(struct work *w, struct str outcome) {
    return is(outcome, "C1")   ? "correct_yes"
           : is(outcome, "C2") ? "correct_no"
           : is(outcome, "C3") ? "correct_transfer"
                               : str_dupz(w->arena, outcome);
}

static json_t *reply_facts(struct work *w, const struct request *c, const struct request_step *x) {
    json_t *f = request_facts(w, c), *other = json_object(), *names = released_names(w, c->id);
    json_set_str(f, "reason", x->reason);
    json_set_str(f, "where", x->where.n ? x->where : json_array_size(names) ? S("见附件") : STR_NONE);
    json_set_str(f, "search_record", x->search_record);
    json_set_str(other, "name", x->organ);
    json_set_str(other, "contact", x->contact);
    json_object_set_new(f, "other_organ", other);
    json_object_set_new(f, "has_other_organ", json_boolean(x->organ.n > 0));
    json_object_set_new(f, "materials", names);
    json_object_set_new(f, "has_materials", json_boolean(json_array_size(names) > 0));
    return f;
}

int act_draft(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    int64_t letter;
    if (check_reply(w, &s->c, x) < 0)
        return -1;
    json_t *facts = reply_facts(w, &s->c, x), *o = reply_json(x);
    char *text = json_dumps(o, JSON_COMPACT);
    struct str sealed = seal(w, "request reply", str_z(text));
    struct letter_new n = {.unit_id = s->c.unit_id,
                           .template = request_reply_template(w, x->outcome),
                           .subject_kind = "request",
                           .subject_id = s->c.id,
                           .facts = facts};
    free(text);
    json_decref(o);
    int rc = s->c.letter_id ? letter_delete_draft(w, s->c.letter_id) : 0;
    rc = rc < 0 || w->error.code ? -1 : letter_draft(w, &n, &letter);
    json_decref(facts);
    if (rc < 0 ||
        db_exec(w, &sql_request_set_reply, DB_INT(s->c.id), DB_TEXT(x->outcome), DB_TEXT(sealed), DB_INT(letter)) < 0 ||
        request_move(w, s, "drafting") < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "outcome", x->outcome);
    json_set_int(p, "letter", letter);
    return request_event(w, &s->c, "drafted", p, NULL);
}

/* ── reviews ── */

static int record_review(struct work *w, struct subject *s, const char *outcome) {
    return db_exec(w, &sql_request_review_insert, DB_INT(s->c.id), DB_TEXTZ(s->from), DB_TEXTZ(outcome),
                   DB_TEXT(s->x->reason), DB_ID(s->c.letter_id), DB_INT(w->actor.person_id), DB_INT(w->actor.post_id),
                   DB_INT(w->now)) < 0
               ? -1
               : 0;
}

static int tell_next(struct work *w, const struct request *c, const char *state) {
    static const struct {
        const char *state;
        int permission;
        const char *title;
    } next[] = {{"legal", PERM_REQUEST_LEGAL, "答复待合法性审核"},
                {"secrecy", PERM_REVIEW_SECRECY, "答复待保密审查"},
                {"signing", PERM_REQUEST_SIGN, "答复待签发"},
                {"drafting", PERM_REQUEST_WORK, "答复被退回修改"}};
    for (size_t i = 0; i < countof(next); i++)
        if (strcmp(state, next[i].state) == 0)
            return request_notice(
                w, c, next[i].permission, false, "blue", str_z(next[i].title),
                str_printf(w->arena, "request %s %lld %lld", state, (long long)c->id, (long long)w->now));
    return 0;
}

/* The letter names what is handed over with it: files that came or went since must be in it. */
static int check_annexes(struct work *w, const struct request *c) {
    json_t *letter = letter_json(w, c->letter_id, true), *names = released_names(w, c->id);
    bool same = letter && json_equal(json_object_get(letter, "annexes"), names);
    json_decref(letter);
    json_decref(names);
    if (w->error.code)
        return -1;
    return same ? 0 : fail(w, ERR_WRONG_STATE, "提供给申请人的文件在拟写答复以后有增减，请重新保存答复，再提交审核");
}

int act_submit(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (!s->c.letter_id || !s->c.outcome.n)
        return fail(w, ERR_WRONG_STATE, "请先选择处理结果并拟写答复");
    if (check_annexes(w, &s->c) < 0)
        return -1;
    if (check_before(w, &s->c, s->c.outcome) < 0 || request_move(w, s, "legal") < 0 ||
        request_record(w, s, "reply_submitted", "legal", NULL) < 0)
        return -1;
    return tell_next(w, &s->c, "legal");
}

int act_pass(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    const char *to = strcmp(s->from, "legal") == 0 ? "secrecy" : "signing";
    if (record_review(w, s, "passed") < 0 || request_move(w, s, to) < 0 || request_record(w, s, "passed", to, NULL) < 0)
        return -1;
    return tell_next(w, &s->c, to);
}

int act_return(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (record_review(w, s, "returned") < 0 || request_move(w, s, "drafting") < 0 ||
        request_record(w, s, "returned", "drafting", NULL) < 0)
        return -1;
    return tell_next(w, &s->c, "drafting");
}

/* The information alone: in their own words applicants often say who they are. */
static struct str told_third(struct work *w, const struct request *c) {
    if (c->subject.n && c->info_number.n)
        return str_printf(w->arena, "%.*s（%.*s）", STR_ARG(c->subject), STR_ARG(c->info_number));
    return c->subject.n ? c->subject : c->info_number.n ? c->info_number : S("征求意见时所述的政府信息");
}

/* 第三十二条: what is disclosed for the public interest against a third party's will is told to it in writing. */
static int tell_third_parties(struct work *w, struct subject *s, const struct request_outcome *o) {
    json_t *asks = asks_json(w, s->c.id, false), *a;
    size_t i;
    int64_t letter;
    int rc = 0;
    json_array_foreach(asks, i, a) {
        const char *kind = json_string_value(json_object_get(a, "kind")),
                   *answer = json_string_value(json_object_get(a, "answer"));
        if (rc < 0 || !o->releasable || strcmp(kind, "third") != 0 || strcmp(answer, "refuse") != 0)
            continue;
        json_t *reply = json_object(), *facts = json_object(), *consult = json_object();
        struct str plain;
        if (seal_open(w, "request reply", s->c.reply, &plain) == 0) {
            json_decref(reply);
            reply = json_loadb(plain.p, plain.n, 0, NULL);
        }
        json_object_set(consult, "party_name", json_object_get(a, "party"));
        json_object_set_new(facts, "consult", consult);
        json_set_str(facts, "description", told_third(w, &s->c));
        const char *reason = json_string_value(json_object_get(reply, "reason"));
        json_object_set_new(facts, "reason",
                            json_string(reason && *reason ? reason : "不公开会对公共利益造成重大影响"));
        json_decref(reply);
        rc = request_letter(w, s, "third_told", facts, &letter);
    }
    json_decref(asks);
    return rc;
}

int act_sign(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_outcome *o = request_outcome(s->c.outcome);
    bool late = s->c.due_at && w->now > s->c.due_at;
    (void)input;
    if (!o)
        return fail(w, ERR_WRONG_STATE, "此件没有处理结果");
    if (record_review(w, s, "passed") < 0 || letter_issue(w, s->c.letter_id, work_today(w)) < 0 ||
        request_retime(w, &s->c) < 0)
        return -1;
    s->c.closed_day = work_today(w);
    s->c.late = late;
    s->c.replied_at = w->now;
    if (db_exec(w, &sql_request_set_replied, DB_INT(s->c.id), DB_INT(w->now), DB_BOOL(late), DB_INT(s->c.letter_id),
                DB_TEXT(day_str(w->arena, s->c.closed_day)), DB_BOOL(false)) < 0 ||
        request_move(w, s, "replied") < 0 || tell_third_parties(w, s, o) < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "outcome", s->c.outcome);
    json_set_int(p, "letter", s->c.letter_id);
    json_set_bool(p, "late", late);
    if (request_record(w, s, "replied", "replied", p) < 0 || request_look_for_same(w, &s->c) < 0 ||
        request_notice(w, &s->c, PERM_REQUEST_WORK, false, "green", S("答复已签发，请送达"),
                       str_printf(w->arena, "request signed %lld", (long long)s->c.id)) < 0)
        return -1;
    return request_tell(w, &s->c, "request_replied");
}

/* ── delivery ── */

static int deliver(struct work *w, struct subject *s, struct str way, day_t day, struct str proof) {
    struct str sealed = proof.n ? seal(w, "request delivery", proof) : STR_NONE;
    if (db_exec(w, &sql_request_delivery_insert, DB_INT(s->c.id), DB_TEXT(way), DB_TEXT(day_str(w->arena, day)),
                DB_TEXT(sealed), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_request_set_delivered, DB_INT(s->c.id), DB_INT(w->now)) < 0 ||
        request_move(w, s, "delivered") < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "way", way);
    json_set_day(w->arena, p, "day", day);
    return request_record(w, s, "delivered", "delivered", p);
}

int act_deliver(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    day_t day = x->day == DAY_NONE ? work_today(w) : x->day;
    int64_t letter;
    if (!field_option_label(delivery_options, x->way)[0])
        fail_field(w, "way", "required", "请选择送达方式");
    if (day > work_today(w) || day < day_of(s->c.replied_at))
        fail_field(w, "day", "range", "送达日期应在签发之日至今天之间");
    bool paper = str_is(x->way, "post") || str_is(x->way, "pick_up") || str_is(x->way, "fax");
    if (paper && !x->text.n)
        fail_field(w, "text", "required", "请写明送达凭证：邮件号码、签收人或者回执");
    if (w->error.code)
        return -1;
    if (paper && request_letter(w, s, "delivery", json_object(), &letter) < 0)
        return -1;
    return deliver(w, s, x->way, day, x->text) < 0 ? -1 : request_tell(w, &s->c, "request_delivered");
}

/* The applicant has fetched the reply on the portal. */
int act_fetch(struct work *w, void *subject, const void *input) {
    (void)input;
    return deliver(w, subject, S("download"), work_today(w), S("申请人凭查询码在网上领取"));
}
