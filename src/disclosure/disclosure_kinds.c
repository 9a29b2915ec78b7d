/* disclosure_kinds.c: the kinds of public information (种类) and the fields that only one kind has: a table. Forms,
 * checks and pages come from it. */
#include "disclosure/disclosure_internal.h"

/* In the order of enum element. */
static const struct element_field fields[ELEMENT__MAX] = {
    [ELEMENT_INTERPRETS] = {"interprets", "解读的文件", ELEMENT_MATTER, "文号、索引号或网址；须是已经公开的文件"},
    [ELEMENT_OPINIONS_UNTIL] = {"opinions_until", "征求意见截止日", ELEMENT_DAY, "一般不少于30日"},
    [ELEMENT_OPINIONS_TO] = {"opinions_to", "意见提交方式", ELEMENT_TEXT, "电话、信箱、地址等"},
    [ELEMENT_YEAR] = {"year", "年度", ELEMENT_YEAR_NUMBER, "如 2025"},
    [ELEMENT_ADDRESS] = {"address", "办公地址", ELEMENT_TEXT, NULL},
    [ELEMENT_HOURS] = {"hours", "办公时间", ELEMENT_TEXT, NULL},
    [ELEMENT_TELEPHONE] = {"telephone", "联系电话", ELEMENT_TEXT, "公开的办公电话"},
    [ELEMENT_HEAD] = {"head", "负责人姓名", ELEMENT_TEXT, "条例第二十条第二项"},
    [ELEMENT_SHORT_REASON] = {"short_reason", "缩短征求意见期限的理由", ELEMENT_TEXT,
                              "少于30日的须说明，随此件公开（重大行政决策程序暂行条例第十五条）"},
    [ELEMENT_OPINIONS_RESULT] = {"opinions_result", "意见采纳情况", ELEMENT_TEXT,
                                 "征求意见结束后更正此件时填写：收到多少条、采纳情况，或者结果公告的网址"},
    [ELEMENT_CODE] = {"code", "代码", ELEMENT_NAME, "用在网址里：小写字母开头，可有数字和横线，如 charity-2026"},
    [ELEMENT_SEARCH] = {"search", "收录的信息", ELEMENT_QUERY,
                        "到检索页找好要收录的信息，把网址粘贴到这里，如 /search?q=慈善&unit=mzj"},
    [ELEMENT_LINK] = {"link", "链接地址", ELEMENT_TARGET, "以 https:// 开头的网址，或本站以 / 开头的地址"},
    [ELEMENT_ORDER] = {"order", "排列次序", ELEMENT_NUMBER, "1 至 999，小的在前；不填排在最后"},
};

#define BIT(e) (1u << (e))
static const struct kind kinds[] = {
    {"", "一般信息", "目录事项要求公开的信息", "信息公开目录", true, 0, 0, 0},
    {"policy", "政策文件", "规范性文件和其他政策文件", "政策文件", true, 0, 0, 0},
    {"interpretation", "政策解读", "对已公开文件的解读，与文件互相链接", "政策解读", false, BIT(ELEMENT_INTERPRETS),
     BIT(ELEMENT_INTERPRETS), 0},
    {"consultation", "征求意见", "决策草案向社会征求意见", "征集调查", false,
     BIT(ELEMENT_OPINIONS_UNTIL) | BIT(ELEMENT_OPINIONS_TO) | BIT(ELEMENT_SHORT_REASON) | BIT(ELEMENT_OPINIONS_RESULT),
     BIT(ELEMENT_OPINIONS_UNTIL) | BIT(ELEMENT_OPINIONS_TO), 0},
    {"guide", "公开指南", "本机关政府信息公开指南（条例第十二条）", "信息公开指南", false, 0, 0, 0},
    {"rule", "公开制度", "政府信息公开的制度规定", "政策文件", false, 0, 0, 0},
    {"report", "年度报告", "政府信息公开工作年度报告", "信息公开年报", false, BIT(ELEMENT_YEAR), BIT(ELEMENT_YEAR), 0},
    {"profile", "机构概况", "机关职能、办公地址、时间、联系方式、负责人（条例第二十条第二项）", "机构职能", false,
     BIT(ELEMENT_ADDRESS) | BIT(ELEMENT_HOURS) | BIT(ELEMENT_TELEPHONE) | BIT(ELEMENT_HEAD),
     BIT(ELEMENT_ADDRESS) | BIT(ELEMENT_HOURS) | BIT(ELEMENT_TELEPHONE), 0},
    {"answer", "依申请公开答复", "对公开申请的答复中可以让所有人看到的：隐去申请人和第三方的信息", "依申请公开", false,
     0, 0, 0},
    {"case", "典型案例", "依申请公开办理的典型案例：隐去申请人和第三方的信息", "依申请公开", false, 0, 0, 0},
    {"plan", "工作方案", "带任务分解的方案", "政策文件", false, 0, 0, 0},
    {"column", "门户栏目",
     "门户的一个栏目：名称、说明（内容概述）和收录哪些信息；代码与随系统的栏目相同的，替换那个栏目", "栏目", false,
     BIT(ELEMENT_CODE) | BIT(ELEMENT_SEARCH) | BIT(ELEMENT_ORDER), BIT(ELEMENT_CODE) | BIT(ELEMENT_SEARCH),
     KIND_PART | KIND_BODILESS | KIND_NO_TEXT},
    {"topic", "门户专题", "围绕一件事的专题页：正文，以及收录的信息", "专题专栏", false,
     BIT(ELEMENT_CODE) | BIT(ELEMENT_SEARCH) | BIT(ELEMENT_ORDER), BIT(ELEMENT_CODE), KIND_PART},
    {"block", "首页板块", "首页上的一块：正文，或者收录信息中最新的几条", "首页", false,
     BIT(ELEMENT_SEARCH) | BIT(ELEMENT_ORDER), 0, KIND_PART | KIND_BODILESS},
    {"link", "门户链接", "首页下方“相关链接”里的一条", "链接", false, BIT(ELEMENT_LINK) | BIT(ELEMENT_ORDER),
     BIT(ELEMENT_LINK), KIND_PART | KIND_BODILESS | KIND_NO_TEXT},
    {"banner", "首页横幅", "首页上方的横幅：第一张图片附件，没有图片的显示标题；填了失效日期的到期自动撤下", "首页",
     false, BIT(ELEMENT_LINK) | BIT(ELEMENT_ORDER), 0, KIND_PART | KIND_BODILESS | KIND_NO_TEXT},
};
const struct field_option kind_options[] = {
    {"policy", "政策文件"},  {"interpretation", "政策解读"}, {"consultation", "征求意见"},
    {"guide", "公开指南"},   {"rule", "公开制度"},           {"report", "年度报告"},
    {"profile", "机构概况"}, {"answer", "依申请公开答复"},   {"case", "典型案例"},
    {"column", "门户栏目"},  {"topic", "门户专题"},          {"block", "首页板块"},
    {"link", "门户链接"},    {"banner", "首页横幅"},         {NULL, NULL},
};

const struct kind *kind_of(struct str code) {
    for (size_t i = 0; i < countof(kinds); i++)
        if (str_is(code, kinds[i].code))
            return &kinds[i];
    return &kinds[0];
}

bool disclosure_kind_needs_item(struct str code) {
    return kind_of(code)->needs_item;
}

const char *disclosure_kind_name(struct str code) {
    return code.n ? kind_of(code)->name : "";
}

static const char *field_name(struct work *w, size_t i) {
    return str_printf(w->arena, "el_%s", fields[i].name).p;
}

/* What was typed for a matter, to its public id; the field's error when nothing public is meant. */
static int matter_resolve(struct work *w, size_t i, struct str typed, struct str *ret) {
    struct db_rows r;
    ptrdiff_t at = str_find(typed, S("/disclosures/"));
    struct str id = at >= 0 ? str_sub(typed, (size_t)at + 13, typed.n) : typed, rest;
    str_cut(id, '/', &id, &rest);
    int n = disclosure_id_of(w, id, ret);
    if (n == 0) {
        n = db_one(w, &sql_disclosure_public_by_number, &r, DB_TEXT(number_fold(w->arena, typed)));
        if (n == 1)
            *ret = db_s(&r, 0, 0);
    }
    if (n < 0)
        return -1;
    return n ? 0 : fail_field(w, field_name(w, i), "unknown", "没有找到已公开的这份文件，请核对文号、索引号或网址");
}

static bool name_ok(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && (i == 0 || (!(c >= '0' && c <= '9') && c != '-')))
            return false;
    }
    return s.n >= 2 && s.n <= 40;
}

/* Of this site, or http and https; nothing that a browser would run. */
static bool target_ok(struct str s) {
    bool own = s.n > 0 && s.p[0] == '/' && !(s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\'));
    bool web = (str_starts(s, S("https://")) && s.n > 8) || (str_starts(s, S("http://")) && s.n > 7);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("\"<>\\", s.p[i]))
            return false;
    return own || web;
}

static int part_element_check(struct work *w, size_t i, struct str typed, struct str *ret) {
    int64_t n;
    ptrdiff_t at = str_find(typed, S("/search"));
    switch (fields[i].type) {
    case ELEMENT_NAME:
        return name_ok(typed) ? 0
                              : fail_field(w, field_name(w, i), "format",
                                           "代码须以小写字母开头，只含小写字母、数字和横线，2 至 40 个字符");
    case ELEMENT_QUERY:
        if (at < 0 || (typed.n > (size_t)at + 7 && typed.p[at + 7] != '?'))
            return fail_field(w, field_name(w, i), "format", "请粘贴检索页的网址，如 /search?q=慈善&unit=mzj");
        *ret = str_sub(typed, (size_t)at, typed.n);
        return 0;
    case ELEMENT_TARGET:
        return target_ok(typed)
                   ? 0
                   : fail_field(w, field_name(w, i), "format", "请填写以 https:// 开头的网址，或本站以 / 开头的地址");
    default:
        return str_int(typed, &n) == 0 && n >= 1 && n <= 999
                   ? 0
                   : fail_field(w, field_name(w, i), "format", "请填写 1 至 999 的整数");
    }
}

static int element_check(struct work *w, size_t i, struct str typed, struct str *ret) {
    int64_t year;
    day_t day;
    *ret = typed;
    switch (fields[i].type) {
    case ELEMENT_NAME:
    case ELEMENT_QUERY:
    case ELEMENT_TARGET:
    case ELEMENT_NUMBER:
        return part_element_check(w, i, typed, ret);
    case ELEMENT_DAY:
        return day_parse(typed, &day) == 0 ? 0
                                           : fail_field(w, field_name(w, i), "format", "请写成年-月-日，如 2026-12-31");
    case ELEMENT_YEAR_NUMBER:
        return typed.n == 4 && str_int(typed, &year) == 0 && year >= 2008 && year <= 2100
                   ? 0
                   : fail_field(w, field_name(w, i), "format", "请填写四位年度，如 2025");
    case ELEMENT_MATTER:
        return matter_resolve(w, i, typed, ret);
    default:
        return 0;
    }
}

int elements_read(struct work *w, const struct kind *k, const struct disclosure_input *x, struct str *ret) {
    json_t *o = json_object();
    struct str value;
    for (size_t i = 0; i < ELEMENT__MAX; i++)
        if ((k->has & BIT(i)) && x->el[i].n && element_check(w, i, x->el[i], &value) == 0)
            json_set_str(o, fields[i].name, value);
    *ret = json_object_size(o) ? json_canonical(w->arena, o) : STR_NONE;
    json_decref(o);
    return w->error.code ? -1 : 0;
}

struct str element_value(struct arena *a, struct str elements, enum element e) {
    json_t *o = elements.n ? json_loadb(elements.p, elements.n, 0, NULL) : NULL;
    struct str value = str_dup(a, str_z(json_string_value(json_object_get(o, fields[e].name))));
    json_decref(o);
    return value;
}

int elements_required(struct work *w, const struct kind *k, struct str elements) {
    for (size_t i = 0; i < ELEMENT__MAX; i++)
        if ((k->needs & BIT(i)) && element_value(w->arena, elements, (enum element)i).n == 0)
            fail_field(w, field_name(w, i), "required", "%s须填写%s", k->name, fields[i].label);
    return w->error.code ? -1 : 0;
}

json_t *elements_form(struct work *w, const struct kind *k, json_t *form) {
    json_t *list = json_array();
    for (size_t i = 0; i < ELEMENT__MAX; i++) {
        if (!(k->has & BIT(i)))
            continue;
        const char *name = field_name(w, i);
        json_t *typed = json_object_get(form, name);
        json_t *o = json_pack("{s:s, s:s, s:b, s:b}", "name", name, "label", fields[i].label, "day",
                              fields[i].type == ELEMENT_DAY, "required", (k->needs & BIT(i)) != 0);
        if (fields[i].hint)
            json_object_set_new(o, "hint", json_string(fields[i].hint));
        if (typed) {
            json_object_set(o, "value", json_object_get(typed, "value"));
            if (json_object_get(typed, "error"))
                json_object_set(o, "error", json_object_get(typed, "error"));
        }
        json_array_append_new(list, o);
    }
    return list;
}

void elements_to_form(struct work *w, json_t *form, struct str elements) {
    for (size_t i = 0; i < ELEMENT__MAX; i++) {
        struct str value = element_value(w->arena, elements, (enum element)i);
        if (value.n) {
            json_t *o = json_object();
            json_set_str(o, "value", value);
            json_object_set_new(form, field_name(w, i), o);
        }
    }
}

json_t *elements_json(struct work *w, const struct kind *k, struct str elements) {
    json_t *list = json_array();
    for (size_t i = 0; i < ELEMENT__MAX; i++) {
        struct str value = (k->has & BIT(i)) ? element_value(w->arena, elements, (enum element)i) : STR_NONE;
        if (!value.n || fields[i].type == ELEMENT_MATTER) /* a matter is shown as a link */
            continue;
        json_t *o = json_pack("{s:s}", "label", fields[i].label);
        json_set_str(o, "value", value);
        json_array_append_new(list, o);
    }
    return list;
}
