/* request_actions.c: the steps of a case as forms: which fields each verb reads, with what is chosen from and what
 * stands in them; one table of fields for all verbs, one handler. */
#include "request/request_internal.h"

#include "request/request_desk.h"

static const struct field_option answer_options[] = {
    {"agree", "同意公开"}, {"refuse", "不同意公开"}, {"accepted", "理由合理"}, {"refused", "理由不合理"}, {NULL, NULL}};
static const struct field_option opinion_options[] = {{"agree", "同意公开"}, {"refuse", "不同意公开"}, {NULL, NULL}};
static const struct field_option reasons_options[] = {
    {"accepted", "理由合理"}, {"refused", "理由不合理"}, {NULL, NULL}};
static const struct field_option basis_options[] = {{"piece", "按件计收"}, {"page", "按量计收（按页）"}, {NULL, NULL}};
static const struct field_option party_options[] = {
    {"third", "第三方（条例第三十二条）"}, {"organ", "其他机关（条例第三十四条）"}, {NULL, NULL}};
static const struct field_option kind_options[] = {{"third", "征求第三方意见"},     {"organ", "征求其他机关意见"},
                                                   {"reconsideration", "行政复议"}, {"suit", "未经复议直接起诉"},
                                                   {"suit_after", "复议后起诉"},    {NULL, NULL}};
static const struct field request_step_fields[] = {
    FIELD(FIELD_TEXT, request_step, reason, "理由", FIELD_OPTIONAL, 0, 5000, NULL, NULL),
    FIELD(FIELD_TEXT, request_step, text, "内容", FIELD_OPTIONAL, 0, 10000, NULL, NULL),
    FIELD(FIELD_STR, request_step, party, "征求谁的意见", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, request_step, contact, "联系方式", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_ENUM, request_step, answer, "意见", FIELD_OPTIONAL, 0, 0, answer_options, NULL),
    FIELD(FIELD_STR, request_step, outcome, "处理结果", FIELD_OPTIONAL, 0, 10, NULL, "如 R02"),
    FIELD(FIELD_ENUM, request_step, basis, "计收标准", FIELD_OPTIONAL, 0, 0, basis_options, NULL),
    FIELD(FIELD_ENUM, request_step, way, "送达方式", FIELD_OPTIONAL, 0, 0, delivery_options, NULL),
    FIELD(FIELD_ENUM, request_step, kind, "种类", FIELD_OPTIONAL, 0, 0, kind_options, NULL),
    FIELD(FIELD_STR, request_step, organ, "机关", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, request_step, number, "案号", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_ENUM, request_step, result, "结果", FIELD_OPTIONAL, 0, 0, remedy_result_options, NULL),
    FIELD(FIELD_TEXT, request_step, search_record, "检索记录", FIELD_OPTIONAL, 0, 5000, NULL, NULL),
    FIELD(FIELD_TEXT, request_step, where, "获取方式、途径", FIELD_OPTIONAL, 0, 2000, NULL, NULL),
    FIELD(FIELD_DAY, request_step, day, "日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, request_step, n, "数量", FIELD_OPTIONAL, 0, 1000000, NULL, NULL),
    FIELD(FIELD_INT, request_step, unit_id, "承办单位", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, request_step, ask_id, "哪一次", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, request_step, remedy_id, "哪一件", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_INT, request_step, revision, "修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_TEXT, request_step, parts, "拆分后的各项信息", FIELD_OPTIONAL, 0, 12000, NULL, NULL),
};
const struct field_table request_step_table = {request_step_fields, countof(request_step_fields),
                                               sizeof(struct request_step)};

/* ── which fields a verb's form has ── */

enum control { LINE = 1, AREA, DAY, NUMBER, CHOICE };
enum source { GIVEN, UNITS, ASKS_UNRECEIVED, ASKS_OPEN, ASKS_LATE, OUTCOMES, REMEDIES };
enum preset { NOTHING, TODAY, DAYS_SUPPLEMENT, DAYS_EXTEND, DAYS_REASONS, OF_REPLY, OF_DELIVERY, OF_CASE };
static const struct form_field {
    const char *verb, *name, *label;
    enum control control;
    bool required;
    enum preset preset;
    enum source source;
    const struct field_option *options;
    const char *hint;
} form_fields[] = {
    {"confirm", "day", "收到申请之日", DAY, true, TODAY, GIVEN, NULL, "与申请人确认的日期，次日起计算答复期限"},
    {"assign", "unit_id", "承办单位", CHOICE, true, NOTHING, UNITS, NULL, "期限继续计算，不因转办重新开始"},
    {"assign", "reason", "说明", AREA, false, NOTHING, GIVEN, NULL, NULL},
    {"split", "parts", "拆分后的各项信息", AREA, true, OF_CASE, GIVEN, NULL,
     "一行一项，至少两项；各件沿用收到日期和期限"},
    {"clarify", "text", "需要补正的事项", AREA, true, NOTHING, GIVEN, NULL, "一次写明全部事项；只能告知一次"},
    {"clarify", "n", "补正期限（工作日）", NUMBER, true, DAYS_SUPPLEMENT, GIVEN, NULL, "3 至 60 个工作日"},
    {"consult", "kind", "征求对象", CHOICE, true, NOTHING, GIVEN, party_options, NULL},
    {"consult", "party", "名称或姓名", LINE, true, NOTHING, GIVEN, NULL, "加密保存"},
    {"consult", "contact", "联系方式", LINE, false, NOTHING, GIVEN, NULL, "加密保存"},
    {"consult", "text", "征求意见的内容", AREA, true, NOTHING, GIVEN, NULL, "不要写申请人的个人信息"},
    {"consult", "day", "对方收到日期", DAY, false, NOTHING, GIVEN, NULL,
     "尚未收到的不填，送达后再登记；15 个工作日自收到之日起算"},
    {"got", "ask_id", "哪一次", CHOICE, true, NOTHING, ASKS_UNRECEIVED, NULL, NULL},
    {"got", "day", "收到日期", DAY, true, TODAY, GIVEN, NULL, "依据回执、邮件签收记录"},
    {"answer", "ask_id", "谁的意见", CHOICE, true, NOTHING, ASKS_OPEN, NULL, NULL},
    {"answer", "answer", "意见", CHOICE, true, NOTHING, GIVEN, opinion_options, NULL},
    {"answer", "day", "收到意见日期", DAY, true, TODAY, GIVEN, NULL, NULL},
    {"answer", "text", "意见内容和理由", AREA, false, NOTHING, GIVEN, NULL, "不同意公开的须写明理由；加密保存"},
    {"ask_reasons", "text", "数量、频次和要求说明的事项", AREA, true, NOTHING, GIVEN, NULL, "条例第三十五条"},
    {"ask_reasons", "n", "说明期限（工作日）", NUMBER, true, DAYS_REASONS, GIVEN, NULL, NULL},
    {"reasons_given", "answer", "理由是否合理", CHOICE, true, NOTHING, GIVEN, reasons_options, NULL},
    {"reasons_given", "day", "收到日期", DAY, true, TODAY, GIVEN, NULL, NULL},
    {"reasons_given", "text", "申请人说明的理由", AREA, true, NOTHING, GIVEN, NULL, NULL},
    {"delay", "n", "延迟（工作日）", NUMBER, true, NOTHING, GIVEN, NULL, "1 至 250 个工作日"},
    {"delay", "reason", "不能按期答复的原因", AREA, true, NOTHING, GIVEN, NULL, "写入告知书"},
    {"charge", "basis", "计收标准", CHOICE, true, NOTHING, GIVEN, basis_options, "每件只能按一种标准收取"},
    {"charge", "n", "页数", NUMBER, false, NOTHING, GIVEN, NULL, "按量计收的填写；A4 及以下幅面单面为一页"},
    {"charge", "text", "缴纳方式", AREA, true, NOTHING, GIVEN, NULL, "收款单位、账户或者缴费码"},
    {"paid", "day", "缴费日期", DAY, true, TODAY, GIVEN, NULL, "次日起重新计算处理期限"},
    {"paid", "text", "凭证号", LINE, false, NOTHING, GIVEN, NULL, NULL},
    {"extend", "n", "延长（工作日）", NUMBER, true, DAYS_EXTEND, GIVEN, NULL, "最长 20 个工作日，只能一次"},
    {"extend", "reason", "不能按期答复的原因", AREA, true, NOTHING, GIVEN, NULL, "写入延期答复告知书"},
    {"ask_extension", "n", "拟延长（工作日）", NUMBER, true, DAYS_EXTEND, GIVEN, NULL, NULL},
    {"ask_extension", "reason", "不能按期答复的原因", AREA, true, NOTHING, GIVEN, NULL, NULL},
    {"supplement", "text", "补正的内容", AREA, true, NOTHING, GIVEN, NULL, "答复期限自收到补正之日起重新计算"},
    {"supplement", "day", "收到日期", DAY, true, TODAY, GIVEN, NULL, NULL},
    {"draft", "outcome", "处理结果", CHOICE, true, OF_REPLY, OUTCOMES, NULL,
     "保存后按结果生成答复书；重新保存会重新生成"},
    {"draft", "reason", "理由", AREA, false, OF_REPLY, GIVEN, NULL, "不予公开、部分公开、不予处理等须说明理由"},
    {"draft", "where", "获取方式、途径", AREA, false, OF_REPLY, GIVEN, NULL, "已主动公开的写明网址或者查阅地点"},
    {"draft", "search_record", "检索记录", AREA, false, OF_REPLY, GIVEN, NULL, "信息不存在的：检索的范围、方式和结果"},
    {"draft", "organ", "有关机关", LINE, false, OF_REPLY, GIVEN, NULL,
     "不属本机关负责的，写明负责机关；更正的，写明转送机关"},
    {"draft", "contact", "有关机关的联系方式", LINE, false, OF_REPLY, GIVEN, NULL, NULL},
    {"pass", "reason", "审核意见", AREA, false, NOTHING, GIVEN, NULL, NULL},
    {"return", "reason", "退回的理由", AREA, true, NOTHING, GIVEN, NULL, NULL},
    {"deliver", "way", "送达方式", CHOICE, true, OF_DELIVERY, GIVEN, delivery_options, NULL},
    {"deliver", "day", "送达日期", DAY, true, TODAY, GIVEN, NULL, NULL},
    {"deliver", "text", "送达凭证", LINE, false, NOTHING, GIVEN, NULL,
     "邮件号码、签收人或者回执；邮寄、领取、传真的必填"},
    {"remedy", "kind", "种类", CHOICE, true, NOTHING, GIVEN, remedy_kind_options, NULL},
    {"remedy", "organ", "复议机关或者法院", LINE, true, NOTHING, GIVEN, NULL, NULL},
    {"remedy", "number", "案号", LINE, false, NOTHING, GIVEN, NULL, NULL},
    {"remedy", "day", "受理日期", DAY, true, NOTHING, GIVEN, NULL, NULL},
    {"remedy", "text", "说明", AREA, false, NOTHING, GIVEN, NULL, NULL},
    {"remedy_result", "remedy_id", "哪一件", CHOICE, true, NOTHING, REMEDIES, NULL, NULL},
    {"remedy_result", "result", "结果", CHOICE, true, NOTHING, GIVEN, remedy_result_options, NULL},
    {"remedy_result", "day", "审结日期", DAY, false, NOTHING, GIVEN, NULL, NULL},
    {"remedy_result", "text", "说明", AREA, false, NOTHING, GIVEN, NULL, NULL},
    {"withdraw", "reason", "撤回的情况", AREA, true, NOTHING, GIVEN, NULL, "申请人何时以何种方式提出"},
};

static json_t *option(struct str value, struct str label) {
    json_t *o = json_object();
    json_set_str(o, "value", value);
    json_set_str(o, "label", label);
    return o;
}

static struct str id_text(struct work *w, const json_t *o, const char *key) {
    return str_printf(w->arena, "%lld", (long long)json_integer_value(json_object_get(o, key)));
}

static struct str text_of(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static bool ask_fits(const json_t *a, enum source s) {
    bool others = str_is(text_of(a, "kind"), "third") || str_is(text_of(a, "kind"), "organ");
    bool is_open = json_is_true(json_object_get(a, "is_open"));
    return s == ASKS_UNRECEIVED ? json_is_true(json_object_get(a, "waits_receipt"))
           : s == ASKS_OPEN     ? others && is_open
                                : others && str_is(text_of(a, "state"), "lapsed") && !text_of(a, "answered").n;
}

static json_t *ask_choices(struct work *w, const struct request *c, enum source s) {
    json_t *list = json_array(), *all = asks_json(w, c->id, false), *a;
    size_t i;
    json_array_foreach(all, i, a) if (ask_fits(a, s)) json_array_append_new(
        list, option(id_text(w, a, "id"), str_printf(w->arena, "%.*s%s%.*s", STR_ARG(text_of(a, "kind_name")),
                                                     text_of(a, "party").n ? "：" : "", STR_ARG(text_of(a, "party")))));
    json_decref(all);
    return list;
}

static json_t *unit_choices(struct work *w, const struct request *c) {
    json_t *list = json_array(), *all = request_units(w, 0), *u;
    size_t i;
    json_array_foreach(all, i, u) if (json_integer_value(json_object_get(u, "id")) != c->unit_id)
        json_array_append_new(list, option(id_text(w, u, "id"), text_of(u, "short_name")));
    json_decref(all);
    return list;
}

static json_t *outcome_choices(struct work *w, const struct request *c) {
    const struct request_outcome *all;
    size_t n = request_outcomes(&all);
    json_t *list = json_array();
    bool correction = str_is(c->matter, "correction");
    for (size_t i = 0; i < n; i++)
        if ((all[i].code[0] == 'C') == correction && strcmp(all[i].code, "R15") != 0 && strcmp(all[i].code, "R16") != 0)
            json_array_append_new(
                list, option(str_z(all[i].code), str_printf(w->arena, "%s（%s）", all[i].name, all[i].article)));
    return list;
}

static json_t *remedy_choices(struct work *w, const struct request *c) {
    json_t *list = json_array(), *all = remedies_json(w, c->id), *m;
    size_t i;
    json_array_foreach(all, i, m) json_array_append_new(
        list, option(id_text(w, m, "id"), str_printf(w->arena, "%.*s %.*s %.*s", STR_ARG(text_of(m, "kind_name")),
                                                     STR_ARG(text_of(m, "organ")), STR_ARG(text_of(m, "number")))));
    json_decref(all);
    return list;
}

static json_t *options_of(struct work *w, const struct request *c, const struct form_field *f) {
    bool late = !str_is(c->state, "consulting");
    json_t *list;
    switch (f->source) {
    case UNITS:
        return unit_choices(w, c);
    case ASKS_UNRECEIVED:
        return ask_choices(w, c, ASKS_UNRECEIVED);
    case ASKS_OPEN:
    case ASKS_LATE:
        return ask_choices(w, c, late ? ASKS_LATE : ASKS_OPEN);
    case OUTCOMES:
        return outcome_choices(w, c);
    case REMEDIES:
        return remedy_choices(w, c);
    case GIVEN:
        break;
    }
    list = json_array();
    for (const struct field_option *o = f->options; o && o->value; o++)
        json_array_append_new(list, option(str_z(o->value), str_z(o->label)));
    return list;
}

json_t *request_reply_words(struct work *w, const struct request *c) {
    struct str plain;
    json_t *o = c->reply.n && seal_open(w, "request reply", c->reply, &plain) == 0
                    ? json_loadb(plain.p, plain.n, 0, NULL)
                    : NULL;
    return o ? o : json_object();
}

static struct str preset_of(struct work *w, const struct request *c, const struct form_field *f, const json_t *reply) {
    switch (f->preset) {
    case TODAY:
        return day_str(w->arena, work_today(w));
    case DAYS_SUPPLEMENT:
        return str_printf(w->arena, "%d", foi_rule(RULE_SUPPLEMENT)->limit.n);
    case DAYS_REASONS:
        return str_printf(w->arena, "%d", foi_rule(RULE_REASONS)->limit.n);
    case DAYS_EXTEND:
        return str_printf(w->arena, "%d", foi_rule(RULE_EXTEND)->limit.n);
    case OF_REPLY:
        return str_dup(w->arena, text_of(reply, f->name));
    case OF_DELIVERY:
        return c->delivery;
    case OF_CASE:
        return c->subject;
    case NOTHING:
        break;
    }
    return STR_NONE;
}

/* The first choice when there is but one. */
static void choose(json_t *options, struct str value) {
    json_t *o;
    size_t i;
    json_array_foreach(options, i, o) json_set_bool(o, "selected", str_eq(text_of(o, "value"), value));
}

static const char *const controls[] = {"", "line", "area", "day", "number", "choice"};

static json_t *field_json(struct work *w, const struct request *c, const struct form_field *f, const json_t *reply,
                          const json_t *form) {
    const json_t *typed = json_object_get(form, f->name);
    json_t *o = json_object();
    struct str value = typed ? text_of(typed, "value") : preset_of(w, c, f, reply);
    json_object_set_new(o, "name", json_string(f->name));
    json_set_str(o, "id", str_printf(w->arena, "%s-%s", f->verb, f->name));
    json_object_set_new(o, "label", json_string(f->label));
    json_set_bool(o, "required", f->required);
    json_object_set_new(o, "hint", json_string(f->hint ? f->hint : ""));
    json_set_str(o, "value", value);
    json_set_str(o, "error", typed ? text_of(typed, "error") : STR_NONE);
    json_object_set_new(o, "control", json_string(controls[f->control]));
    for (size_t i = 1; i < countof(controls); i++)
        json_set_bool(o, controls[i], i == (size_t)f->control);
    json_t *options = f->control == CHOICE ? options_of(w, c, f) : json_array();
    choose(options, json_array_size(options) == 1 ? text_of(json_array_get(options, 0), "value") : value);
    json_set_bool(o, "free", json_array_size(options) != 1);
    json_object_set_new(o, "options", options);
    return o;
}

static json_t *fields_of(struct work *w, const struct request *c, const char *verb, const json_t *form) {
    json_t *list = json_array(), *reply = request_reply_words(w, c);
    for (size_t i = 0; i < countof(form_fields); i++)
        if (strcmp(form_fields[i].verb, verb) == 0)
            json_array_append_new(list, field_json(w, c, &form_fields[i], reply, form));
    json_decref(reply);
    return list;
}

/* A form whose choice is empty has nothing to act on: no late opinion, no paper that waits for its receipt. */
static bool pointless(const json_t *fields) {
    json_t *f;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)fields, i,
                       f) if (json_is_true(json_object_get(f, "choice")) &&
                              json_array_size(json_object_get(f, "options")) == 0) return true;
    return false;
}

/* What can be done now and what not yet, with the fields of each form; typed: the verb whose form was refused. */
json_t *request_actions(struct work *w, const struct request *c, struct str typed, const json_t *form) {
    struct request_step none = {.day = DAY_NONE, .until = DAY_NONE};
    struct subject s = {.c = *c, .x = &none, .from = str_dupz(w->arena, c->state)};
    json_t *all = flow_actions(w, &request_flow, s.from, &s), *kept = json_array(), *a;
    size_t i;
    json_array_foreach(all, i, a) {
        const char *verb = json_string_value(json_object_get(a, "verb"));
        bool again = str_is(typed, verb);
        json_t *fields = fields_of(w, c, verb, again ? form : NULL);
        if (pointless(fields) || (strcmp(verb, "delay") == 0 && ask_count(w, c->id, "reasons") <= 0)) {
            json_decref(fields);
            continue;
        }
        json_object_set_new(a, "fields", fields);
        json_object_set_new(a, "again", json_boolean(again));
        json_object_set_new(a, "unfolded", json_boolean(again || json_is_true(json_object_get(a, "main"))));
        json_object_set_new(a, "charges", json_boolean(strcmp(verb, "charge") == 0));
        json_array_append(kept, a);
    }
    json_decref(all);
    return kept;
}

/* The summary's links lead to the fields of the form that was refused. */
static void point_errors(struct work *w, json_t *form, struct str verb) {
    json_t *e;
    size_t i;
    json_array_foreach(json_object_get(form, "errors"), i, e) {
        struct str field = text_of(e, "field");
        json_set_str(e, "field",
                     str_is(field, "files") ? S("files")
                                            : str_printf(w->arena, "%.*s-%.*s", STR_ARG(verb), STR_ARG(field)));
    }
}

static int refused(struct http_request *in, struct http_response *out, int64_t id, struct str verb) {
    struct work *w = in->w;
    struct request c;
    struct error kept = w->error;
    error_clear(w); /* the page's own errors must not hide the step's */
    if (request_get(w, id, &c) < 0 || org_may(w, PERM_REQUEST_READ, c.unit_id) < 0)
        return -1;
    json_t *model = request_page_model(w, &c);
    w->error = kept;
    int rc = view_form_again(in, out, "request/desk_page", &request_step_table, model);
    if (rc == 0) {
        json_t *form = json_object_get(out->model, "form");
        kept = w->error;
        error_clear(w);
        point_errors(w, form, verb);
        json_object_set_new(out->model, "actions", request_actions(w, &c, verb, form));
        w->error = kept;
    }
    return rc;
}

int desk_request_step(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request_step x;
    struct request c;
    int64_t id;
    struct str verb = http_path_part(in, "verb");
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    int rc = fields_read(in, &request_step_table, &x);
    if (rc == 0)
        x.until = DAY_NONE;
    if (rc == 0)
        rc = request_step(w, id, str_dupz(w->arena, verb), &x);
    if (rc < 0)
        return in->api || w->error.code != ERR_INVALID ? -1 : refused(in, out, id, verb);
    if (request_get(w, id, &c) < 0)
        return -1;
    bool readable = org_may_quiet(w, PERM_REQUEST_READ, c.unit_id); /* it may just have been handed on */
    if (in->api)
        return view_page(out, NULL, readable ? request_page_model(w, &c) : json_object());
    return readable ? view_redirect(in, out, "/desk/requests/%lld", (long long)id)
                    : view_redirect(in, out, "/desk/requests");
}
