/* request.c: the case's row, read and shown to staff; its events, letters and notices. */
#include "request/request_internal.h"

static day_t day_at(const struct db_rows *r, size_t row, size_t column) {
    day_t d;
    return !db_null(r, row, column) && day_parse(db_s(r, row, column), &d) == 0 ? d : DAY_NONE;
}

static void read_head(struct request *c, const struct db_rows *r, size_t i) {
    *c = (struct request){.id = db_i(r, i, 0),
                          .number = db_s(r, i, 1),
                          .code_key = db_s(r, i, 2),
                          .matter = db_s(r, i, 3),
                          .parent_id = db_i(r, i, 4),
                          .unit_id = db_i(r, i, 5),
                          .state = db_s(r, i, 6),
                          .channel = db_s(r, i, 7),
                          .applicant = db_s(r, i, 8),
                          .person = db_s(r, i, 9),
                          .masked = db_s(r, i, 10),
                          .person_key = db_s(r, i, 11),
                          .name_key = db_s(r, i, 12),
                          .subject = db_s(r, i, 13),
                          .info_number = db_s(r, i, 14),
                          .description = db_s(r, i, 15),
                          .fingerprint = db_s(r, i, 16),
                          .carrier = db_s(r, i, 17),
                          .delivery = db_s(r, i, 18),
                          .other_way = db_i(r, i, 19) != 0,
                          .help = db_s(r, i, 20),
                          .submitted_at = db_i(r, i, 21),
                          .received_day = day_at(r, i, 22)};
}

static void read_course(struct request *c, const struct db_rows *r, size_t i) {
    c->officer_id = db_i(r, i, 23);
    c->officer_post = db_i(r, i, 24);
    c->due_at = db_i(r, i, 25);
    c->suspended = db_i(r, i, 26) != 0;
    c->provisional = db_i(r, i, 27) != 0;
    c->certificate = db_s(r, i, 28);
    c->calendar_version = db_i(r, i, 29);
    c->next_at = db_i(r, i, 30);
    c->warned = db_s(r, i, 31);
    c->outcome = db_s(r, i, 32);
    c->reply = db_s(r, i, 33);
    c->letter_id = db_i(r, i, 34);
    c->replied_at = db_i(r, i, 35);
    c->delivered_at = db_i(r, i, 36);
    c->closed_day = day_at(r, i, 37);
    c->archived_at = db_i(r, i, 38);
    c->late = db_i(r, i, 39) != 0;
    c->days_used = db_i(r, i, 40);
    c->extended = db_i(r, i, 41) != 0;
    c->rating = db_i(r, i, 42);
    c->rating_text = db_s(r, i, 43);
    c->erased_at = db_i(r, i, 44);
    c->demo = db_i(r, i, 45) != 0;
    c->revision = db_i(r, i, 46);
    c->created_at = db_i(r, i, 47);
    c->unit_name = db_s(r, i, 48);
    c->unit_code = db_s(r, i, 49);
    c->unit_short = db_s(r, i, 50);
    c->officer = db_s(r, i, 51);
}

static int read_rows(struct work *w, struct str ids, bool whole, struct db_rows *r) {
    bool sqlite = db_pool_engine(db_pool_of(w)) == DB_SQLITE;
    return db_query(w, sqlite ? &sql_request_rows : &sql_request_rows_postgresql, r, DB_TEXT(ids), DB_BOOL(whole));
}

const int64_t *request_ids(struct work *w, const struct db_rows *r) {
    int64_t *ids = arena_many(w->arena, int64_t, r->n + 1);
    for (size_t i = 0; i < r->n; i++)
        ids[i] = db_i(r, i, 0);
    return ids;
}

static void read_row(struct request *c, const struct db_rows *r, size_t i) {
    read_head(c, r, i);
    read_course(c, r, i);
}

int request_rows(struct work *w, const int64_t *ids, size_t n, struct request **ret) {
    struct db_rows r;
    struct buf b;
    buf_init(&b, 32 * (n + 1));
    buf_addz(&b, "[");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", (long long)ids[i]);
    buf_addz(&b, "]");
    int rc = read_rows(w, buf_str(&b), false, &r);
    buf_release(&b);
    if (rc < 0)
        return -1;
    *ret = arena_many(w->arena, struct request, r.n ? r.n : 1);
    for (size_t i = 0; i < r.n; i++)
        read_row(&(*ret)[i], &r, i);
    return (int)r.n;
}

int request_get(struct work *w, int64_t id, struct request *ret) {
    struct db_rows r;
    if (read_rows(w, str_printf(w->arena, "[%lld]", (long long)id), true, &r) < 0)
        return -1;
    if (!r.n)
        return fail(w, ERR_NOT_FOUND, "没有这件申请");
    read_row(ret, &r, 0);
    return 0;
}

int request_by_number(struct work *w, struct str number, struct request *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_request_id_by_number, &r, DB_TEXT(number));
    return n <= 0 ? n : request_get(w, db_i(&r, 0, 0), ret) < 0 ? -1 : 1;
}

/* ── words ── */

static const struct {
    const char *member, *code, *name;
} more_words[] = {
    {"answer", "agree", "同意公开"},
    {"answer", "refuse", "不同意公开"},
    {"answer", "given", "已提交"},
    {"answer", "accepted", "理由合理"},
    {"answer", "refused", "理由不合理"},
    {"answer", "paid", "已缴费"},
    {"answer", "silent", "逾期未提出意见"},
    {"answer", "unexplained", "逾期未说明理由"},
    {"basis", "piece", "按件"},
    {"basis", "page", "按量"},
    {"warned", "yellow", "临近期限"},
    {"warned", "orange", "期限紧急"},
    {"warned", "red", "已逾期"},
    {"origin", "several", "多人申请相同信息"},
    {"origin", "applicant", "申请人建议主动公开"},
};

const char *request_word(const char *member, struct str code) {
    static const struct {
        const char *member;
        const struct field_option *options;
    } sets[] = {
        {"channel", channel_options},      {"applicant", applicant_options}, {"delivery", delivery_options},
        {"way", delivery_options},         {"carrier", carrier_options},     {"remedy", remedy_kind_options},
        {"result", remedy_result_options}, {"ask", ask_kind_options},        {"matter", matter_options},
        {"id_type", id_type_options},
    };
    for (size_t i = 0; i < countof(sets); i++)
        if (strcmp(member, sets[i].member) == 0)
            return field_option_label(sets[i].options, code);
    for (size_t i = 0; i < countof(more_words); i++)
        if (strcmp(member, more_words[i].member) == 0 && str_is(code, more_words[i].code))
            return more_words[i].name;
    if (strcmp(member, "outcome") == 0) {
        const struct request_outcome *o = request_outcome(code);
        return o ? o->name : "";
    }
    if ((strcmp(member, "from") == 0 || strcmp(member, "to") == 0) && code.n && code.n < 30) {
        char z[32];
        memcpy(z, code.p, code.n);
        z[code.n] = 0;
        const struct flow_state *s = flow_state(&request_flow, z);
        return s ? s->name : "";
    }
    return "";
}

static void put_word(json_t *o, const char *key, const char *member, struct str code) {
    json_object_set_new(o, key, json_string(request_word(member, code)));
}

json_t *request_json(struct work *w, const struct request *c) {
    const struct flow_state *s = flow_state(&request_flow, str_dupz(w->arena, c->state));
    json_t *o = json_object();
    json_set_int(o, "id", c->id);
    json_set_str(o, "number", c->number);
    json_set_str(o, "matter", c->matter);
    put_word(o, "matter_name", "matter", c->matter);
    json_set_str(o, "state", c->state);
    json_object_set_new(o, "state_name", json_string(s ? s->name : ""));
    json_object_set_new(o, "tone", json_string(s ? s->tone : "grey"));
    json_set_str(o, "subject", c->subject);
    json_set_str(o, "title",
                 c->subject.n       ? c->subject
                 : c->info_number.n ? c->info_number
                                    : utf8_head(c->description, 40));
    json_set_str(o, "info_number", c->info_number);
    json_set_str(o, "description", c->description);
    json_set_str(o, "masked", c->masked);
    json_set_str(o, "applicant", c->applicant);
    put_word(o, "applicant_name", "applicant", c->applicant);
    json_set_str(o, "channel", c->channel);
    put_word(o, "channel_name", "channel", c->channel);
    put_word(o, "carrier_name", "carrier", c->carrier);
    json_set_str(o, "delivery", c->delivery);
    put_word(o, "delivery_name", "delivery", c->delivery);
    json_set_bool(o, "other_way", c->other_way);
    json_set_str(o, "help", c->help);
    json_object_set_new(
        o, "unit",
        json_pack("{s:s, s:s, s:I}", "name", c->unit_name.p, "code", c->unit_code.p, "id", (json_int_t)c->unit_id));
    json_set_str(o, "unit_short", c->unit_short);
    json_set_instant(w->arena, o, "submitted", c->submitted_at);
    json_set_day(w->arena, o, "received", c->received_day);
    json_set_bool(o, "open", c->closed_day == DAY_NONE);
    json_object_set_new(o, "clock", request_clock(w, c));
    json_set_bool(o, "suspended", c->suspended);
    json_set_bool(o, "provisional", c->provisional);
    json_set_bool(o, "extended", c->extended);
    json_set_str(o, "outcome", c->outcome);
    put_word(o, "outcome_name", "outcome", c->outcome);
    json_set_day(w->arena, o, "closed", c->closed_day);
    if (c->replied_at)
        json_set_instant(w->arena, o, "replied", c->replied_at);
    if (c->delivered_at)
        json_set_instant(w->arena, o, "delivered", c->delivered_at);
    json_set_bool(o, "late", c->late);
    json_set_int(o, "days_used", c->days_used);
    json_set_int(o, "rating", c->rating);
    json_set_bool(o, "demo", c->demo);
    json_set_bool(o, "erased", c->erased_at != 0);
    json_set_int(o, "revision", c->revision);
    if (c->officer.n)
        json_set_str(o, "officer", c->officer);
    return o;
}

/* ── events ── */

int request_event(struct work *w, const struct request *c, const char *verb, json_t *payload, json_t *secret) {
    struct event e = {.room = "request",
                      .verb = verb,
                      .subject_kind = "request",
                      .subject_id = c->id,
                      .unit_id = c->unit_id,
                      .visibility = EVENT_RESTRICTED,
                      .payload = payload,
                      .secret = secret};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    json_decref(secret);
    return rc;
}

int request_record(struct work *w, struct subject *s, const char *verb, const char *to, json_t *payload) {
    json_t *p = payload ? payload : json_object();
    json_object_set_new(p, "from", json_string(s->from));
    json_object_set_new(p, "to", json_string(to ? to : s->from));
    if (s->x && s->x->reason.n)
        json_set_str(p, "reason", s->x->reason);
    return request_event(w, &s->c, verb, p, NULL);
}

int request_move(struct work *w, struct subject *s, const char *to) {
    if (db_exec(w, &sql_request_set_state, DB_INT(s->c.id), DB_TEXTZ(to)) < 0)
        return -1;
    s->c.state = str_z(to);
    return 0;
}

int request_close(struct work *w, struct subject *s, struct str outcome, day_t day, const char *to) {
    if (db_exec(w, &sql_request_set_closed, DB_INT(s->c.id), DB_TEXT(outcome), DB_TEXT(day_str(w->arena, day)),
                DB_BOOL(false)) < 0)
        return -1;
    s->c.outcome = outcome;
    s->c.closed_day = day;
    return request_move(w, s, to);
}

/* ── letters ── */

static void put_person(struct work *w, const struct request *c, json_t *facts) {
    json_t *p = request_person(w, c), *a = json_object();
    bool person = str_is(c->applicant, "person");
    json_object_set(a, "name", json_object_get(p, "name"));
    json_object_set(a, "address", json_object_get(p, "address"));
    json_object_set_new(a, "is_person", json_boolean(person));
    json_object_set_new(facts, "applicant", a);
    json_decref(p);
}

static void put_unit(struct work *w, const struct request *c, json_t *facts) {
    struct unit u;
    json_t *o = json_object();
    json_set_str(o, "name", c->unit_name);
    json_set_str(o, "short_name", c->unit_short);
    if (unit_get(w, c->unit_id, &u) == 0) {
        json_t *d = json_loadb(u.details.p, u.details.n, 0, NULL);
        json_object_set(o, "address", json_object_get(d, "address"));
        json_object_set(o, "telephone", json_object_get(d, "telephone"));
        json_decref(d);
    }
    json_object_set_new(facts, "unit", o);
}

/* 申请内容 as letters quote it: name, 文号 and features, whichever were given; a long description by its beginning. */
static struct str wanted(struct work *w, const struct request *c) {
    enum { MOST = 800 };
    bool cut = utf8_length(c->description) > MOST;
    struct str d = str_trim(utf8_head(c->description, MOST)), s = c->subject;
    if (c->info_number.n)
        s = s.n ? str_printf(w->arena, "%.*s（%.*s）", STR_ARG(s), STR_ARG(c->info_number)) : c->info_number;
    return str_printf(w->arena, "%.*s%s%.*s%s", STR_ARG(s), s.n && d.n ? "；" : "", STR_ARG(d), cut ? "……" : "");
}

json_t *request_facts(struct work *w, const struct request *c) {
    json_t *f = json_object();
    put_unit(w, c, f);
    put_person(w, c, f);
    json_set_str(f, "number", c->number);
    json_set_str(f, "subject", c->subject.n ? c->subject : c->info_number.n ? c->info_number : c->description);
    json_set_str(f, "description", wanted(w, c));
    json_set_str(f, "received_text", c->received_day == DAY_NONE ? STR_NONE : day_chinese(w->arena, c->received_day));
    put_word(f, "channel_name", "channel", c->channel);
    json_set_str(f, "due_text", c->due_at ? day_chinese(w->arena, day_of(c->due_at)) : STR_NONE);
    json_set_str(f, "today_text", day_chinese(w->arena, work_today(w)));
    return f;
}

/* Members of `more` replace the case's own; the reference is taken. */
int request_letter(struct work *w, struct subject *s, const char *template, json_t *more, int64_t *ret_id) {
    json_t *facts = request_facts(w, &s->c);
    json_object_update(facts, more);
    struct letter_new n = {.unit_id = s->c.unit_id,
                           .template = template,
                           .subject_kind = "request",
                           .subject_id = s->c.id,
                           .facts = facts};
    int rc = letter_draft(w, &n, ret_id) < 0 || letter_issue(w, *ret_id, work_today(w)) < 0 ? -1 : 0;
    json_decref(facts);
    json_decref(more);
    return rc;
}

/* ── telling ── */

int request_tell(struct work *w, const struct request *c, const char *message) {
    return request_tell_due(w, c, message, c->due_at);
}

int request_tell_due(struct work *w, const struct request *c, const char *message, int64_t due_at) {
    json_t *p = request_person(w, c), *v = json_object();
    struct notify_to to = {.mail = str_dup(w->arena, str_z(json_string_value(json_object_get(p, "mail")))),
                           .mobile = str_dup(w->arena, str_z(json_string_value(json_object_get(p, "mobile"))))};
    json_set_str(v, "number", c->number);
    json_set_str(v, "unit", c->unit_short);
    json_set_str(v, "due", due_at ? day_chinese(w->arena, day_of(due_at)) : STR_NONE);
    json_set_str(v, "address", str_printf(w->arena, "/requests/track?number=%.*s", STR_ARG(c->number)));
    int rc = notify_tell(w, &to, message, v) < 0 ? -1 : 0;
    json_decref(p);
    json_decref(v);
    return rc;
}

int request_notice(struct work *w, const struct request *c, int permission, bool office, const char *tone,
                   struct str title, struct str once) {
    struct notice n = {.unit_id = c->unit_id,
                       .permission = permission,
                       .office = office,
                       .tone = tone,
                       .title = title,
                       .text = str_printf(w->arena, "申请 %.*s", STR_ARG(c->number)),
                       .address = str_printf(w->arena, "/desk/requests/%lld", (long long)c->id),
                       .once = once};
    return notice_add(w, &n) < 0 ? -1 : 0;
}
