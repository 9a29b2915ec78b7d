/* alert_pages.c: one alert: what, why, since when, until when, who answers, what can be done now; its steps; its replay
 * and its place on the desk's home. */
#include "supervision/alert_internal.h"

#include "duty/duty.h"
#include "supervision/ticket_internal.h"

/* ── words ── */

static const struct {
    const char *member, *code, *word;
} words[] = {
    {"state", "open", "待处理"},         {"state", "answered", "已答复，待认定"},
    {"state", "closed", "已解除"},       {"answer", "mended", "已整改"},
    {"answer", "false", "不属实"},       {"answer", "waive", "申请免除"},
    {"outcome", "mended", "已整改"},     {"outcome", "late", "逾期后解除"},
    {"outcome", "lapsed", "期限前解除"}, {"outcome", "false", "认定不属实"},
    {"outcome", "waived", "已免除"},     {"outcome", "rule_ended", "规则停用"},
    {"outcome", "refused", "不予认可"},  {"level", "green", "正常"},
    {"level", "yellow", "临近"},         {"level", "orange", "紧急"},
    {"level", "red", "逾期（违反）"},    {"result", "passed", "通过"},
};

const char *supervision_word(const char *member, struct str code) {
    const struct flow_state *s;
    for (size_t i = 0; i < countof(words); i++)
        if (strcmp(words[i].member, member) == 0 && str_is(code, words[i].code))
            return words[i].word;
    if (strcmp(member, "from") != 0 && strcmp(member, "to") != 0)
        return "";
    char state[24];
    snprintf(state, sizeof state, "%.*s", STR_ARG(code));
    s = flow_state(&ticket_flow, state);
    s = s ? s : flow_state(&alert_flow, state);
    return s ? s->name : "";
}

const char *alert_state_name(struct str state) {
    return supervision_word("state", state);
}

const char *alert_answer_name(struct str answer) {
    return supervision_word("answer", answer);
}

const char *alert_outcome_name(struct str outcome) {
    return supervision_word("outcome", outcome);
}

void event_words(json_t *e) {
    static const char *const members[][2] = {
        {"to", "to_name"}, {"answer", "answer_name"}, {"outcome", "outcome_name"}, {"level", "level_name"}};
    static const char *const texts[] = {"reason", "text"};
    const json_t *p = json_object_get(e, "secret");
    const char *verb = json_string_value(json_object_get(e, "verb"));
    for (size_t i = 0; i < countof(members); i++)
        json_object_set_new(
            e, members[i][1],
            json_string(supervision_word(members[i][0], str_z(json_string_value(json_object_get(p, members[i][0]))))));
    if (verb && strcmp(verb, "raised") != 0 && strcmp(verb, "level") != 0) /* said with every event of an alert */
        json_object_set_new(e, "level_name", json_string(""));
    json_object_set_new(e, "words", json_string(""));
    for (size_t i = 0; i < countof(texts); i++)
        if (json_object_get(p, texts[i]))
            json_object_set(e, "words", json_object_get(p, texts[i]));
}

/* ── one alert ── */

static void read_names(const struct db_rows *r, struct alert_full *f) {
    f->answer_ground = db_s(r, 0, 25);
    f->answered_at = db_i(r, 0, 26);
    f->decided_at = db_i(r, 0, 27);
    f->decision = db_s(r, 0, 28);
    f->unit_code = db_s(r, 0, 29);
    f->unit_name = db_s(r, 0, 30);
    f->unit_short = db_s(r, 0, 31).n ? db_s(r, 0, 31) : f->unit_name;
    f->field_code = db_s(r, 0, 32);
    f->field_name = db_s(r, 0, 33);
    f->item_code = db_s(r, 0, 34);
    f->post_name = db_s(r, 0, 35);
    f->rule_name = db_s(r, 0, 36);
    f->version = db_i(r, 0, 37);
    f->rule_ground = db_s(r, 0, 38);
    f->rule_status = db_s(r, 0, 39);
    f->rule_code = db_s(r, 0, 40);
}

int alert_full_get(struct work *w, int64_t id, struct alert_full *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_alert_full, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条预警");
    alert_from_row(&r, 0, &ret->a);
    read_names(&r, ret);
    return 0;
}

static json_t *alert_json(struct work *w, const struct alert_full *f) {
    const struct alert *a = &f->a;
    const struct check *check = check_find(a->check_code);
    bool closed = str_is(a->state, "closed");
    json_t *o = json_object();
    json_set_int(o, "id", a->id);
    json_set_str(o, "title", a->title);
    json_set_str(o, "note", a->note);
    json_set_str(o, "address", a->address);
    json_set_str(o, "level", str_z(alert_level_code(a->level)));
    json_set_str(o, "level_name", str_z(alert_level_name(a->level)));
    json_set_str(o, "peak_name", str_z(alert_level_name(a->peak)));
    json_set_str(o, "tone", closed ? S("grey") : str_z(alert_level_code(a->level)));
    json_set_str(o, "state", a->state);
    json_set_str(o, "state_name", str_z(alert_state_name(a->state)));
    json_set_bool(o, "closed", closed);
    json_set_str(o, "outcome_name", str_z(alert_outcome_name(a->outcome)));
    json_set_str(o, "check_label", str_z(check ? check->label : ""));
    json_set_str(o, "check_about", str_z(check ? check->about : ""));
    json_set_instant(w->arena, o, "began", a->began_at);
    json_set_instant(w->arena, o, "raised", a->raised_at);
    json_set_bool(o, "noticed_later", a->raised_at - a->began_at > 60000);
    if (a->red_at)
        json_set_instant(w->arena, o, "red", a->red_at);
    if (closed)
        json_set_instant(w->arena, o, "closed_at", a->closed_at);
    json_object_set_new(o, "clock", closed ? json_null() : duty_clock(w, a->due_at, 0, "open"));
    json_set_str(o, "due_text", a->due_at ? day_chinese(w->arena, day_of(a->due_at)) : STR_NONE);
    json_set_int(o, "seen", alert_seen(f));
    return o;
}

static void put_around(struct work *w, const struct alert_full *f, json_t *o) {
    json_t *rule = json_object(), *unit = json_object();
    json_set_int(rule, "id", f->a.rule_id);
    json_set_str(rule, "name", f->rule_name);
    json_set_int(rule, "version", f->version);
    json_set_str(rule, "ground", f->rule_ground);
    json_set_str(rule, "status", f->rule_status);
    json_set_bool(rule, "unsure", str_is(f->rule_status, "M") || str_is(f->rule_status, "U"));
    json_set_bool(rule, "readable", actor_may(&w->actor, PERM_RULE_READ));
    json_object_set_new(o, "rule", rule);
    json_set_str(unit, "code", f->unit_code);
    json_set_str(unit, "name", f->unit_name);
    json_object_set_new(o, "unit", unit);
    json_set_str(o, "field_code", f->field_code);
    json_set_str(o, "field_name", f->field_name);
    json_set_str(o, "item_code", f->item_code);
    json_set_str(o, "post_name", f->post_name);
    json_set_str(o, "answer_name", str_z(alert_answer_name(f->a.answer)));
    json_set_str(o, "answer_ground", f->answer_ground);
    json_set_str(o, "decision", f->decision);
    if (f->answered_at)
        json_set_instant(w->arena, o, "answered", f->answered_at);
    if (f->decided_at)
        json_set_instant(w->arena, o, "decided", f->decided_at);
    /* a refusal leaves it open */
    json_set_bool(o, "refused", f->decided_at && str_is(f->a.state, "open"));
}

/* Whole courses that the replay can show, of the kinds that checks look at. */
static void put_replay(struct work *w, const struct alert *a, json_t *o) {
    static const char *const kinds[] = {"duty", "disclosure", "item", "request", "ticket", "catalogue", "unit"};
    for (size_t i = 0; i < countof(kinds); i++)
        if (str_is(a->subject_kind, kinds[i]))
            json_set_str(o, "replay", str_printf(w->arena, "/desk/replay/%s/%lld", kinds[i], (long long)a->subject_id));
}

static int put_ticket(struct work *w, const struct alert *a, json_t *model) {
    int64_t id;
    struct str number;
    bool live = false;
    int n = ticket_of_alert(w, a->id, &id, &number, &live);
    if (n < 0)
        return -1;
    if (n) {
        json_t *o = json_object();
        json_set_int(o, "id", id);
        json_set_str(o, "number", number);
        json_set_bool(o, "cancelled", !live);
        json_object_set_new(model, "ticket", o);
    }
    bool may = !live && !str_is(a->state, "closed") && !str_is(a->subject_kind, "ticket") && w->actor.person_id &&
               org_may_quiet(w, PERM_TICKET_ISSUE, a->unit_id);
    json_set_bool(model, "may_issue", may);
    return 0;
}

static json_t *grounds_json(struct str chosen) {
    json_t *list = json_array();
    for (const struct field_option *o = duty_ground_options; o->value; o++) {
        json_t *one = json_pack("{s:s, s:s}", "value", o->value, "label", o->label);
        json_set_bool(one, "selected", str_is(chosen, o->value));
        json_array_append_new(list, one);
    }
    return list;
}

static int alert_model(struct work *w, const struct alert_full *f, json_t **ret) {
    json_t *course = event_list(w, "alert", f->a.id, true), *model = json_object(), *o = alert_json(w, f), *e;
    size_t i;
    json_object_set_new(model, "alert", o);
    put_around(w, f, o);
    put_replay(w, &f->a, o);
    if (!course || put_ticket(w, &f->a, model) < 0) {
        json_decref(course);
        json_decref(model);
        return -1;
    }
    json_array_foreach(course, i, e) event_words(e);
    json_object_set_new(model, "course", course);
    json_object_set_new(model, "actions", alert_actions(w, f));
    *ret = model;
    return 0;
}

static int alert_of_path(struct http_request *in, struct alert_full *ret) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || alert_full_get(in->w, id, ret) < 0)
        return -1;
    return org_may(in->w, PERM_ALERT_READ, ret->a.unit_id);
}

int alert_page(struct http_request *in, struct http_response *out) {
    struct alert_full f;
    json_t *model;
    if (alert_of_path(in, &f) < 0 || alert_model(in->w, &f, &model) < 0)
        return -1;
    json_object_set_new(model, "grounds", grounds_json(STR_NONE));
    return view_page(out, "supervision/alert", model);
}

/* ── steps ── */

struct step_input {
    struct str reason, ground, seen;
};
static const struct field alert_step_fields[] = {
    FIELD(FIELD_TEXT, step_input, reason, "理由", FIELD_OPTIONAL, 0, 2000, NULL, NULL),
    FIELD(FIELD_STR, step_input, ground, "依据", FIELD_OPTIONAL, 0, 20, NULL, "依法不予公开的情形"),
    FIELD(FIELD_STR, step_input, seen, "所见的答复", FIELD_OPTIONAL, 0, 20, NULL, NULL),
};
const struct field_table alert_step_table = {alert_step_fields, countof(alert_step_fields), sizeof(struct step_input)};

static int step_refused(struct http_request *in, struct http_response *out, const char *verb) {
    struct work *w = in->w;
    struct alert_full f;
    json_t *model, *a;
    size_t i;
    enum error_code code = w->error.code;
    if (in->api || (code != ERR_INVALID && code != ERR_WRONG_STATE && code != ERR_CONFLICT))
        return -1;
    struct error why = w->error;
    error_clear(w);
    if (alert_of_path(in, &f) < 0 || alert_model(w, &f, &model) < 0)
        return -1;
    w->error = why;
    json_t *form = fields_form(in, &alert_step_table);
    json_array_foreach(json_object_get(model, "actions"), i, a) {
        if (strcmp(json_string_value(json_object_get(a, "verb")), verb) != 0)
            continue;
        json_object_set(a, "typed", json_object_get(form, "reason"));
        json_object_set(a, "ground_error", json_object_get(json_object_get(form, "ground"), "error"));
        json_set_bool(a, "unfolded", true);
    }
    struct str ground = str_z(json_string_value(json_object_get(json_object_get(form, "ground"), "value")));
    json_object_set_new(model, "grounds", grounds_json(ground));
    json_decref(form);
    return view_form_again(in, out, "supervision/alert", &alert_step_table, model);
}

int alert_step_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct step_input x;
    struct alert_step s = {.seen = -1};
    int64_t id;
    const char *verb = str_dupz(w->arena, http_path_part(in, "verb"));
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    int rc = fields_read(in, &alert_step_table, &x);
    if (rc == 0) {
        s.reason = x.reason;
        s.ground = x.ground;
        if (x.seen.n && str_int(x.seen, &s.seen) < 0)
            return fail(w, ERR_BAD_REQUEST, "%s", "");
        rc = alert_step(w, id, verb, &s);
    }
    return rc < 0 ? step_refused(in, out, verb) : view_redirect(in, out, "/desk/alerts/%lld", (long long)id);
}

/* ── replay ── */

json_t *alert_replay(struct work *w, int64_t id) {
    struct alert_full f;
    if (alert_full_get(w, id, &f) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "id", f.a.id);
    json_set_int(o, "unit_id", f.a.unit_id);
    json_set_str(o, "unit_name", f.unit_name);
    json_set_str(o, "title", str_printf(w->arena, "预警：%.*s", STR_ARG(f.a.title)));
    return o;
}

json_t *alert_replay_clock(struct work *w, int64_t id, int64_t at) {
    struct alert_full f;
    int64_t now = w->now;
    if (alert_full_get(w, id, &f) < 0 || (f.a.closed_at && f.a.closed_at <= at))
        return NULL;
    w->now = at;
    json_t *clock = duty_clock(w, f.a.due_at, 0, "open");
    w->now = now;
    return clock;
}

/* ── the desk's home ── */

static json_t *waiting_row(struct work *w, const struct db_rows *r, size_t i, bool decide) {
    struct str unit = db_s(r, i, 6).n ? db_s(r, i, 6) : db_s(r, i, 5);
    json_t *o = json_object(), *clock = duty_clock(w, db_i(r, i, 3), 0, "open");
    json_set_str(o, "title", db_s(r, i, 1));
    json_set_str(
        o, "note",
        decide ? str_printf(w->arena, "预警 · %.*s · 单位答复：%s", STR_ARG(unit), alert_answer_name(db_s(r, i, 4)))
               : str_printf(w->arena, "预警 · %.*s · %.*s", STR_ARG(unit), STR_ARG(db_s(r, i, 7))));
    json_set_int(o, "due_at", db_i(r, i, 3));
    if (json_is_null(clock))
        json_decref(clock);
    else
        json_object_set_new(o, "clock", clock);
    json_object_set_new(o, "href", json_sprintf("/desk/alerts/%lld", (long long)db_i(r, i, 0)));
    json_object_set_new(o, "action_href", json_sprintf("/desk/alerts/%lld", (long long)db_i(r, i, 0)));
    json_object_set_new(o, "action", json_string(decide ? "认定" : "整改或答复"));
    return o;
}

int alert_waiting(struct work *w, json_t *list, int64_t limit) {
    struct db_rows r;
    struct str path = org_path(w);
    const struct {
        int permission;
        const char *state;
        int level;
        bool decide;
    } who[] = {{PERM_ALERT_DECIDE, "answered", LEVEL_YELLOW, true}, {PERM_ALERT_ANSWER, "open", LEVEL_ORANGE, false}};
    for (size_t k = 0; k < countof(who); k++) {
        if (!actor_may(&w->actor, who[k].permission))
            continue;
        if (db_query(w, &sql_alert_waiting, &r, DB_TEXT(path), DB_TEXTZ(who[k].state), DB_INT(who[k].level),
                     DB_BOOL(!who[k].decide), DB_INT(limit)) < 0)
            return -1;
        for (size_t i = 0; i < r.n; i++)
            json_array_append_new(list, waiting_row(w, &r, i, who[k].decide));
    }
    return 0;
}

json_t *supervision_waiting(struct work *w, int64_t limit) {
    json_t *list = json_array();
    if (ticket_waiting(w, list, limit) == 0 && alert_waiting(w, list, limit) == 0)
        return list;
    json_decref(list);
    return NULL;
}

const struct route alert_routes[] = {
    {HTTP_GET, "/desk/alerts", alert_list_page, PERM_ALERT_READ, NO_CACHE, &alert_list_table, ROUTE_PLAIN, "预警"},
    {HTTP_GET, "/desk/alerts.xlsx", alerts_xlsx, PERM_ALERT_READ, NO_CACHE, &alert_list_table, ROUTE_PLAIN,
     "预警清单（Excel）"},
    {HTTP_GET, "/desk/alerts/{id}", alert_page, PERM_ALERT_READ, NO_CACHE, NULL, ROUTE_PLAIN, "一条预警"},
    {HTTP_POST, "/desk/alerts/{id}/steps/{verb}", alert_step_post, PERM_ALERT_READ, NO_CACHE, &alert_step_table,
     ROUTE_PLAIN, "答复、认定预警"},
};
const size_t alert_route_count = countof(alert_routes);
