/* request_after.c: what follows an answer: reconsideration and litigation, rating, the same asked by others, and
 * proposals to make information public (条例第四十四条). */
#include "request/request_internal.h"
#include "disclosure/disclosure.h"

/* ── remedies ── */

int act_remedy(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct db_rows r;
    if (!field_option_label(remedy_kind_options, x->kind)[0])
        fail_field(w, "kind", "required", "请选择行政复议或者行政诉讼");
    if (!x->organ.n)
        fail_field(w, "organ", "required", "请填写复议机关或者法院");
    if (x->day == DAY_NONE || x->day > work_today(w))
        fail_field(w, "day", "range", "请填写受理日期，不能晚于今天");
    if (x->day != DAY_NONE && s->c.received_day != DAY_NONE && x->day < s->c.received_day)
        fail_field(w, "day", "range", "受理日期不能早于收到申请之日");
    if (w->error.code)
        return -1;
    if (db_one(w, &sql_request_remedy_insert, &r, DB_INT(s->c.id), DB_INT(s->c.unit_id), DB_TEXT(x->kind),
               DB_TEXT(x->organ), DB_TEXT(x->number), DB_TEXT(day_str(w->arena, x->day)), DB_TEXT(x->text)) != 1)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "kind", x->kind);
    json_set_int(p, "remedy", db_i(&r, 0, 0));
    return request_record(w, s, "remedy_filed", s->from, p);
}

int act_remedy_result(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    if (!field_option_label(remedy_result_options, x->result)[0])
        fail_field(w, "result", "required", "请选择结果");
    if (!str_is(x->result, "pending") && (x->day == DAY_NONE || x->day > work_today(w)))
        fail_field(w, "day", "range", "请填写审结日期，不能晚于今天");
    if (w->error.code)
        return -1;
    int n = db_exec(w, &sql_request_remedy_result, DB_INT(s->c.id), DB_INT(x->remedy_id), DB_TEXT(x->result),
                    DB_OPT(str_is(x->result, "pending") ? STR_NONE : day_str(w->arena, x->day)), DB_TEXT(x->text));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这件复议或者诉讼");
    json_t *p = json_object();
    json_set_int(p, "remedy", x->remedy_id);
    json_set_str(p, "result", x->result);
    return request_record(w, s, "remedy_result", s->from, p);
}

json_t *remedies_json(struct work *w, int64_t request_id) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_request_remedies, &r, DB_INT(request_id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = db_json_row(&r, i);
        json_object_set_new(o, "kind_name", json_string(request_word("remedy", db_s(&r, i, 1))));
        json_object_set_new(o, "result_name", json_string(request_word("result", db_s(&r, i, 5))));
        json_set_bool(o, "pending", str_is(db_s(&r, i, 5), "pending"));
        json_array_append_new(list, o);
    }
    return list;
}

/* ── rating ── */

int act_rate(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    if (x->n < 1 || x->n > 5)
        return fail_field(w, "n", "range", "请选择评价");
    if (s->c.rating)
        return fail(w, ERR_WRONG_STATE, "此件已经评价过");
    if (db_exec(w, &sql_request_set_rating, DB_INT(s->c.id), DB_INT(x->n), DB_TEXT(x->text)) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "rating", x->n);
    if (request_record(w, s, "rated", s->from, p) < 0)
        return -1;
    if (x->n > 2)
        return 0;
    return request_notice(w, &s->c, PERM_REQUEST_APPROVE, false, "orange", S("申请人对办理不满意，请核实"),
                          str_printf(w->arena, "request rated %lld", (long long)s->c.id));
}

/* ── proposals ── */

static int propose(struct work *w, const struct request *c, struct str origin, struct str note) {
    struct str what = c->subject.n ? c->subject : c->info_number;
    int n = db_exec(w, &sql_request_proposal_insert, DB_INT(c->unit_id), DB_TEXT(c->fingerprint), DB_TEXT(what),
                    DB_TEXT(origin), DB_INT(c->id), DB_TEXT(note), DB_INT(w->now));
    if (n <= 0)
        return n;
    json_t *p = json_object();
    json_set_str(p, "origin", origin);
    if (request_event(w, c, "publication_proposed", p, NULL) < 0)
        return -1;
    return request_notice(
        w, c, PERM_REQUEST_WORK, false, "blue", S("建议将信息纳入主动公开，请研究"),
        str_printf(w->arena, "request proposal %lld %.*s", (long long)c->unit_id, STR_ARG(c->fingerprint)));
}

int act_suggest(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    if (!s->c.fingerprint.n)
        return fail(w, ERR_WRONG_STATE, "此件所需信息没有名称或文号，不能建议主动公开");
    return propose(w, &s->c, S("applicant"), x->text);
}

/* Has one of the earlier cases been refused? Then it is not plainly releasable. */
static int refused_before(struct work *w, const struct request *c) {
    struct db_rows r;
    if (db_query(w, &sql_request_same_list, &r, DB_TEXT(c->fingerprint), DB_INT(0)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        const struct request_outcome *o = request_outcome(db_s(&r, i, 2));
        if (o && o->refusal)
            return 1;
    }
    return 0;
}

int request_look_for_same(struct work *w, const struct request *c) {
    const struct foi_numbers *n = foi_numbers();
    struct db_rows r;
    day_t since = calendar_add_months(work_today(w), -n->same_months, false);
    if (!c->fingerprint.n || !str_is(c->matter, "access"))
        return 0;
    if (db_one(w, &sql_request_same_applicants, &r, DB_TEXT(c->fingerprint), DB_INT(c->unit_id),
               DB_TEXT(day_str(w->arena, since))) < 0)
        return -1;
    if (db_i(&r, 0, 0) < n->same_applicants)
        return 0;
    int refused = refused_before(w, c);
    if (refused != 0)
        return refused < 0 ? -1 : 0;
    int known = db_one(w, &sql_request_proposal_known, &r, DB_INT(c->unit_id), DB_TEXT(c->fingerprint),
                       DB_INT(day_start(since)));
    if (known != 0)
        return known < 0 ? -1 : 0;
    return propose(w, c, S("several"),
                   str_printf(w->arena, "%d个月内有%d名以上申请人申请相同信息（条例第四十四条）", n->same_months,
                              n->same_applicants));
}

json_t *request_same(struct work *w, const struct request *c) {
    struct db_rows r;
    json_t *list = json_array();
    const struct request_outcome *own = request_outcome(c->outcome);
    if (!c->fingerprint.n || db_query(w, &sql_request_same_list, &r, DB_TEXT(c->fingerprint), DB_INT(c->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        const struct request_outcome *o = request_outcome(db_s(&r, i, 2));
        json_t *row = db_json_row(&r, i);
        json_object_set_new(row, "outcome_name", json_string(o ? o->name : "办理中"));
        json_set_bool(row, "conflicts", o && own && (o->releasable != own->releasable || o->refusal != own->refusal));
        json_array_append_new(list, row);
    }
    return list;
}

/* ── deciding on a proposal ── */

struct proposal_input {
    struct str note, decision;
    int64_t after;
};
static const struct field_option decision_options[] = {{"adopt", "纳入主动公开"}, {"decline", "不纳入"}, {NULL, NULL}};
static const struct field proposal_fields[] = {
    FIELD(FIELD_ENUM, proposal_input, decision, "处理意见", FIELD_REQUIRED, 0, 0, decision_options, NULL),
    FIELD(FIELD_TEXT, proposal_input, note, "理由", FIELD_OPTIONAL, 0, 500, NULL, "不纳入的须写明理由"),
};
const struct field_table proposal_table = {proposal_fields, countof(proposal_fields), sizeof(struct proposal_input)};

int desk_proposals(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct db_rows r;
    int64_t key, id;
    if (view_cursor_read(w, http_query(in, "after"), &key, &id) < 0 ||
        db_query(w, &sql_request_proposals, &r, DB_TEXT(org_path(w)), DB_INT(id), DB_INT(51)) < 0)
        return -1;
    size_t n = r.n > 50 ? 50 : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = db_json_row(&r, i);
        json_object_set_new(o, "origin_name", json_string(request_word("origin", db_s(&r, i, 2))));
        json_set_bool(o, "is_open", str_is(db_s(&r, i, 3), "open"));
        json_set_bool(o, "adopted", str_is(db_s(&r, i, 3), "adopted"));
        json_set_instant(w->arena, o, "created", db_i(&r, i, 7));
        json_set_bool(o, "may_decide", org_may_quiet(w, PERM_REQUEST_WORK, db_i(&r, i, 11)));
        if (db_i(&r, i, 5))
            json_object_set_new(o, "clock", duty_clock(w, db_i(&r, i, 5), 0, "open"));
        json_array_append_new(rows, o);
    }
    json_object_set_new(model, "proposals", rows);
    view_pager(in, model, r.n > n ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, 50);
    return view_page(out, "request/proposals", model);
}

/* Adopted: a draft of public information, to be published within the limit. */
static int adopt(struct work *w, const struct db_rows *p, int64_t *ret_disclosure, int64_t *ret_due) {
    struct disclosure_input x = {.title = db_s(p, 0, 2),
                                 .attribute = S("active"),
                                 .formed = DAY_NONE,
                                 .effective = DAY_NONE,
                                 .expires = DAY_NONE,
                                 .validity = S("valid"),
                                 .source = S("由依申请公开转为主动公开"),
                                 .unit_id = db_i(p, 0, 1)};
    *ret_due = day_end(calendar_add_working(work_today(w), foi_rule(RULE_PUBLISH)->limit.n));
    return disclosure_create(w, db_i(p, 0, 1), &x, ret_disclosure);
}

int desk_proposal_step(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct proposal_input x;
    struct request c;
    struct db_rows p;
    int64_t id, disclosure = 0, due = 0;
    if (http_path_int(in, "id", &id) < 0 || fields_read(in, &proposal_table, &x) < 0)
        return -1;
    int n = db_one(w, &sql_request_proposal_get, &p, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条建议");
    if (org_may(w, PERM_REQUEST_WORK, db_i(&p, 0, 1)) < 0 || request_get(w, db_i(&p, 0, 4), &c) < 0)
        return -1;
    bool yes = str_is(x.decision, "adopt");
    if (!yes && !x.note.n)
        return fail_field(w, "note", "required", "不纳入主动公开的，请写明理由");
    if (yes && adopt(w, &p, &disclosure, &due) < 0)
        return -1;
    n = db_exec(w, &sql_request_proposal_set, DB_INT(id), DB_TEXTZ(yes ? "adopted" : "declined"), DB_TEXT(x.note),
                DB_INT(due), DB_ID(disclosure), DB_INT(w->now));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "这条建议已经处理过");
    json_t *e = json_object();
    json_set_int(e, "proposal", id);
    json_set_int(e, "disclosure_id", disclosure);
    json_set_str(e, "reason", x.note);
    if (request_event(w, &c, yes ? "publication_adopted" : "publication_declined", e, NULL) < 0)
        return -1;
    return yes ? view_redirect(in, out, "/desk/disclosures/%lld/edit", (long long)disclosure)
               : view_redirect(in, out, "/desk/requests/proposals");
}
