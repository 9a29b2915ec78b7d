/* request_publish.c: from an answered case to what everyone may read: a draft of a typical case (典型案例) or of an
 * answer, without anything of the applicant, for the ordinary review life cycle. Whoever drafts looks it through again;
 * the program takes out what it knows: every value the applicant gave, and what looks like personal data. */
#include "request/request_internal.h"

#include "disclosure/disclosure.h"
#include "request/request_desk.h"

struct case_input {
    struct str kind, title;
};
static const struct field_option case_kinds[] = {{"case", "典型案例"}, {"answer", "依申请公开答复"}, {NULL, NULL}};
static const struct field case_fields[] = {
    FIELD(FIELD_ENUM, case_input, kind, "公开为", FIELD_REQUIRED, 0, 0, case_kinds, NULL),
    FIELD(FIELD_STR, case_input, title, "标题", FIELD_OPTIONAL, 0, 200, NULL, "不写的，按所需信息的名称拟题"),
};
const struct field_table case_table = {case_fields, countof(case_fields), sizeof(struct case_input)};

/* Longer values first: a name may be part of an address. */
static struct str without_values(struct work *w, struct str s, const json_t *person) {
    static const char *const members[][2] = {
        {"address", "（地址略）"}, {"workplace", "（单位略）"}, {"mail", "（邮箱略）"}, {"id_number", "（证件号码略）"},
        {"mobile", "（电话略）"},  {"fax", "（传真略）"},       {"name", "申请人"},     {"contact_name", "联系人"},
        {"head", "法定代表人"},
    };
    for (size_t i = 0; i < countof(members); i++) {
        struct str value = str_z(json_string_value(json_object_get(person, members[i][0])));
        if (utf8_length(value) >= 2)
            s = str_replace(w->arena, s, value, str_z(members[i][1]));
    }
    return s;
}

/* Names and contacts of those whose opinion was asked. */
static struct str without_parties(struct work *w, struct str s, int64_t id) {
    json_t *asks = asks_json(w, id, false), *a;
    size_t i;
    json_array_foreach(asks, i, a) {
        struct str party = str_z(json_string_value(json_object_get(a, "party"))), name = party, rest;
        ptrdiff_t comma = str_find(party, S("，"));
        if (comma > 0) {
            name = str_sub(party, 0, (size_t)comma);
            rest = str_trim(str_sub(party, (size_t)comma + strlen("，"), party.n));
            if (utf8_length(rest) >= 2)
                s = str_replace(w->arena, s, rest, S("（联系方式略）"));
        }
        if (strcmp(json_string_value(json_object_get(a, "kind")), "third") == 0 && utf8_length(name) >= 2)
            s = str_replace(w->arena, s, name, S("第三方"));
    }
    json_decref(asks);
    return s;
}

/* Digits of any length that a scan takes for personal data are hidden whole: runs of seven and more. */
static struct str without_numbers(struct work *w, struct str s) {
    char *out = arena_alloc(w->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t run = 0;
        while (i + run < s.n && ((s.p[i + run] >= '0' && s.p[i + run] <= '9') || s.p[i + run] == 'X'))
            run++;
        for (size_t k = 0; k < run; k++)
            out[n++] = run >= 7 ? '*' : s.p[i + k];
        i += run;
        if (run == 0)
            out[n++] = s.p[i++];
    }
    return (struct str){out, n};
}

static struct str anonymous(struct work *w, const struct request *c, struct str s, const json_t *person) {
    return without_numbers(w, without_parties(w, without_values(w, s, person), c->id));
}

static struct str paragraph(struct work *w, struct str html, const char *label, struct str text) {
    struct str rest = text, line;
    if (!text.n)
        return html;
    html = str_printf(w->arena, "%.*s<h2>%s</h2>", STR_ARG(html), label);
    while (rest.n) {
        struct str tail = STR_NONE;
        line = rest;
        str_cut(rest, '\n', &line, &tail);
        rest = tail;
        if (str_trim(line).n)
            html = str_printf(w->arena, "%.*s<p>%.*s</p>", STR_ARG(html), STR_ARG(html_escape(w->arena, line)));
    }
    return html;
}

static struct str member(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static struct str body_of(struct work *w, const struct request *c) {
    const struct request_outcome *o = request_outcome(c->outcome);
    json_t *person = request_person(w, c), *reply = request_reply_words(w, c);
    struct str wanted = c->subject, html = STR_NONE;
    if (c->info_number.n)
        wanted = str_printf(w->arena, "%.*s（%.*s）", STR_ARG(wanted), STR_ARG(c->info_number));
    html = paragraph(w, html, "所需信息", anonymous(w, c, wanted, person));
    html = paragraph(w, html, "申请内容", anonymous(w, c, c->description, person));
    html = paragraph(w, html, "处理结果",
                     o ? str_printf(w->arena, "%s（《中华人民共和国政府信息公开条例》%s）", o->name, o->article)
                       : STR_NONE);
    html = paragraph(w, html, "理由", anonymous(w, c, member(reply, "reason"), person));
    html = paragraph(w, html, "获取方式、途径", anonymous(w, c, member(reply, "where"), person));
    html = paragraph(w, html, "检索情况", anonymous(w, c, member(reply, "search_record"), person));
    html = paragraph(w, html, "答复日期", c->closed_day == DAY_NONE ? STR_NONE : day_chinese(w->arena, c->closed_day));
    json_decref(person);
    json_decref(reply);
    return html;
}

static struct str title_of(struct work *w, const struct request *c, const struct case_input *x) {
    json_t *person = request_person(w, c);
    struct str wanted = c->subject.n ? c->subject : utf8_head(c->description, 60),
               title = x->title.n ? x->title
                                  : str_printf(w->arena, "关于公开“%.*s”申请的%s", STR_ARG(wanted),
                                               str_is(x->kind, "case") ? "办理案例" : "答复");
    title = anonymous(w, c, title, person);
    json_decref(person);
    return title;
}

static int make(struct work *w, const struct request *c, const struct case_input *x, int64_t *ret) {
    struct disclosure_input d = {.title = title_of(w, c, x),
                                 .body = body_of(w, c),
                                 .attribute = S("active"),
                                 .validity = S("valid"),
                                 .formed = c->closed_day,
                                 .effective = DAY_NONE,
                                 .expires = DAY_NONE,
                                 .source = c->unit_name,
                                 .unit_id = c->unit_id,
                                 .kind = x->kind,
                                 .demo = c->demo};
    if (!c->replied_at || c->erased_at)
        return fail(w, ERR_WRONG_STATE, "答复签发以后才能拟写典型案例或者公开答复");
    if (disclosure_create(w, c->unit_id, &d, ret) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "disclosure_id", *ret);
    json_set_str(p, "kind", x->kind);
    return request_event(w, c, "case_drafted", p, NULL);
}

int desk_case(struct http_request *in, struct http_response *out) {
    struct case_input x;
    struct request c;
    int64_t id;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0 || fields_read(in, &case_table, &x) < 0 ||
        make(in->w, &c, &x, &id) < 0)
        return -1;
    if (in->api)
        out->status = 201;
    return in->api ? view_page(out, NULL, json_pack("{s:I}", "disclosure_id", (json_int_t)id))
                   : view_redirect(in, out, "/desk/disclosures/%lld/edit", (long long)id);
}
