/* five_alls.c: the five "alls" (五全): 全流程权力公开, 全过程服务公开, 全要素事项公开, 全渠道信息获取, 全方位监督评价,
 * each a ratio of recorded things, with what it is made of and what is missing. */
#include "supervision/supervision_internal.h"

#define PAGE 50

/* ── ways to get information, means of supervision ── */

struct way {
    const char *name, *about, *href; /* href "": nothing to open */
    bool (*there)(const struct app_config *c);
    const char *lacking; /* why not */
};

static bool always(const struct app_config *c) {
    (void)c;
    return true;
}
static bool never(const struct app_config *c) {
    (void)c;
    return false;
}
static bool has_mail(const struct app_config *c) {
    return c->smtp && *c->smtp;
}
static bool has_ipv6(const struct app_config *c) {
    return c->site_ipv6;
}

#define NOT_OPEN "没有开通"
#define NOT_YET "尚未纳入本系统"
static const struct way channels[] = {
    {"门户网站", "按栏目、单位、领域和目录浏览", "/", always, ""},
    {"全文检索", "按词、句子、文号查找正文和附件", "/search", always, ""},
    {"订阅源", "任何检索都可以用阅读器订阅（Atom）", "/search", always, ""},
    {"邮件订阅", "新信息用邮件通知", "/subscribe", has_mail, NOT_OPEN},
    {"数据接口", "公开页面的内容都可以由程序读取（JSON）", "/api/v1/openapi.json", always, ""},
    {"下载和导出", "网页、PDF、Word、压缩包，检索结果和目录可以导出表格", "/disclosures", always, ""},
    {"长者模式", "大字号、高对比、朗读", "/elder?on=1&back=/five-alls", always, ""},
    {"过去时点的内容", "首页、栏目、目录等页面可以查看过去某一时点的样子", "/supervision", always, ""},
    {"在线申请公开", "没有主动公开的信息可以申请", "/requests", always, ""},
    {"IPv6 访问", "下一代互联网协议", "", has_ipv6, NOT_OPEN},
    {"政务新媒体", "微信、微博、客户端", "", never, NOT_YET},
    {"数据开放目录", "成批的原始数据", "", never, NOT_YET},
    {"线下公开查阅点", "政务服务大厅、图书馆、档案馆", "", never, NOT_YET},
};
static const struct way means[] = {
    {"监督评议", "各单位、各领域按期率和逾期清单", "/supervision", always, ""},
    {"公开凭证和存证账本", "任何人都可以核对何时公开、是否改动", "/verify", always, ""},
    {"依申请公开", "对没有公开的信息提出申请", "/requests", always, ""},
    {"申请更正", "对不准确的本人信息提出更正", "/requests/new", always, ""},
    {"对答复作出评价", "收到答复后打分、写意见", "/requests/track", always, ""},
    {"投诉举报", "对不依法公开的投诉、举报", "", never, NOT_YET},
    {"咨询留言", "网上提问和答复", "", never, NOT_YET},
    {"社会评议和满意度调查", "第三方和公众评议", "", never, NOT_YET},
};

static json_t *ways_json(struct work *w, const struct way *v, size_t n, int64_t *ret_there) {
    json_t *list = json_array();
    *ret_there = 0;
    for (size_t i = 0; i < n; i++) {
        bool there = v[i].there(w->config);
        *ret_there += there;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:b, s:s}", "name", v[i].name, "about", v[i].about, "href",
                                        there ? v[i].href : "", "there", there, "lacking", there ? "" : v[i].lacking));
    }
    return list;
}

/* ── the five ratios ── */

static json_t *ratio(struct work *w, const char *code, const char *name, int64_t part, int64_t whole) {
    json_t *o = json_object();
    json_set_str(o, "code", str_z(code));
    json_set_str(o, "name", str_z(name));
    json_set_int(o, "part", part);
    json_set_int(o, "whole", whole);
    json_set_str(o, "ratio", figure_rate(w->arena, part, whole));
    return o;
}

static void say(json_t *o, const char *part_name, const char *whole_name, struct str definition) {
    json_set_str(o, "part_name", str_z(part_name));
    json_set_str(o, "whole_name", str_z(whole_name));
    json_set_str(o, "definition", definition);
}

static void put_missing(struct work *w, json_t *o, int64_t n, const char *what, const char *href) {
    json_set_int(o, "missing", n);
    json_set_str(o, "missing_text", n ? str_printf(w->arena, "%lld %s", (long long)n, what) : STR_NONE);
    json_set_str(o, "missing_href", n ? str_z(href) : STR_NONE);
}

static json_t *matters(struct work *w, const struct db_rows *r, const char *kind) {
    bool power = strcmp(kind, "power") == 0;
    int64_t total = 0, linked = 0, exempt = 0;
    for (size_t i = 0; i < r->n; i++)
        if (str_is(db_s(r, i, 0), kind)) {
            total = db_i(r, i, 1);
            linked = db_i(r, i, 2);
            exempt = db_i(r, i, 3);
        }
    json_t *o =
        ratio(w, power ? "powers" : "services", power ? "全流程权力公开" : "全过程服务公开", linked + exempt, total);
    say(o, "已对应公开事项或写明不公开依据", power ? "现行行政权力" : "现行公共服务",
        power ? S("权责清单中的每一项行政权力，都应当在公开目录中有对应的公开事项，或者写明不公开的依据。")
              : S("公共服务事项清单中的每一项服务，都应当在公开目录中有对应的公开事项，或者写明不公开的依据。"));
    put_missing(w, o, total - linked - exempt, power ? "项权力没有对应的公开事项" : "项服务没有对应的公开事项",
                power ? "/five-alls/powers" : "/five-alls/services");
    if (total == 0)
        json_set_str(o, "empty",
                     power ? S("还没有导入权责清单，无法计算。") : S("还没有导入公共服务事项清单，无法计算。"));
    else if (exempt)
        json_set_str(o, "note", str_printf(w->arena, "其中 %lld 项写明了不公开的依据。", (long long)exempt));
    return o;
}

static json_t *elements(struct work *w, const struct db_rows *r) {
    int64_t total = db_i(r, 0, 0), published = db_i(r, 0, 1), complete = db_i(r, 0, 2);
    json_t *o = ratio(w, "elements", "全要素事项公开", complete, published);
    say(o, "要素齐全的事项", "现行目录中已有公开信息的事项",
        S("目录为每个事项规定了公开内容（要素）。最近一次公开的信息中，标题、正文或附件写有每一个要素的名称，就算要素齐"
          "全。"
          "按名称比对，用别的说法写明的也会列为缺项，供核对。"));
    put_missing(w, o, published - complete, "个事项的信息中没有找到全部要素", "/five-alls/elements");
    if (published == 0)
        json_set_str(o, "empty", S("现行目录的事项还没有公开信息，无法计算。"));
    if (total > published)
        json_set_str(o, "note",
                     str_printf(w->arena, "现行主动公开事项共 %lld 个，另有 %lld 个还没有公开过信息。",
                                (long long)total, (long long)(total - published)));
    return o;
}

static json_t *access_ways(struct work *w) {
    int64_t there;
    json_t *list = ways_json(w, channels, countof(channels), &there);
    json_t *o = ratio(w, "channels", "全渠道信息获取", there, (int64_t)countof(channels));
    say(o, "可以使用的渠道", "应有的渠道", S("公众获取公开信息的渠道，逐一核对本站是否可以使用。"));
    put_missing(w, o, (int64_t)countof(channels) - there, "种渠道还不能使用", "");
    json_object_set_new(o, "ways", list);
    json_set_bool(o, "has_ways", true);
    return o;
}

static json_t *evaluation(struct work *w, const struct figures *f) {
    const int64_t *n = f->all.n;
    int64_t there, answered = n[M_REPLIED] + n[M_REPLIED_LATE], due = answered + n[M_REQUEST_OVERDUE];
    json_t *list = ways_json(w, means, countof(means), &there);
    json_t *o = ratio(w, "evaluation", "全方位监督评价", answered, due);
    say(o, "已经答复的公开申请", "应当答复的公开申请",
        S("公众通过监督渠道提出的，应当件件有答复。现在统计公开申请：已答复的，与已答复和逾期未答复之和的比。其他渠道纳"
          "入本"
          "系统后一并统计。"));
    put_missing(w, o, (int64_t)countof(means) - there, "种监督评价渠道还不能使用", "");
    json_set_int(o, "unanswered", n[M_REQUEST_OVERDUE]);
    if (due == 0)
        json_set_str(o, "empty", S("还没有到期应当答复的申请。"));
    else if (n[M_REQUEST_OVERDUE])
        json_set_str(o, "note", str_printf(w->arena, "有 %lld 件申请逾期没有答复。", (long long)n[M_REQUEST_OVERDUE]));
    json_object_set_new(o, "ways", list);
    json_set_bool(o, "has_ways", true);
    return o;
}

int five_alls_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct db_rows kinds, items;
    struct figures f;
    struct str today = day_str(w->arena, work_today(w));
    struct figure_query all = {FIGURE_BY_MONTH, 0, 999999, -1, -1, -1, -1, S("%"), STR_NONE};
    if (db_query(w, &sql_five_matters, &kinds, DB_TEXT(today)) < 0 ||
        db_query(w, &sql_five_items, &items, DB_TEXT(today)) < 0 || figures_of(w, &all, &f) < 0)
        return -1;
    json_t *model = json_object(), *list = json_array();
    json_array_append_new(list, matters(w, &kinds, "power"));
    json_array_append_new(list, matters(w, &kinds, "service"));
    json_array_append_new(list, elements(w, &items));
    json_array_append_new(list, access_ways(w));
    json_array_append_new(list, evaluation(w, &f));
    json_object_set_new(model, "alls", list);
    out->no_cache = !figure_caught_up(w);
    return view_page(out, "supervision/five_alls", model);
}

/* ── what is missing of one ── */

struct missing_input {
    struct str after;
};
static const struct field missing_fields[] = {
    FIELD(FIELD_STR, missing_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
const struct field_table five_alls_table = {missing_fields, countof(missing_fields), sizeof(struct missing_input)};

static json_t *matter_json(const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    json_set_str(o, "code", db_s(r, i, 1));
    json_set_str(o, "name", db_s(r, i, 2));
    json_set_str(o, "category", db_s(r, i, 3));
    json_set_str(o, "unit_code", db_s(r, i, 4));
    json_set_str(o, "unit_name", db_s(r, i, 5));
    return o;
}

static json_t *item_json(const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    json_set_str(o, "code", db_s(r, i, 1));
    json_set_str(o, "name", db_s(r, i, 3).n ? db_s(r, i, 3) : db_s(r, i, 2));
    json_set_str(o, "elements", db_s(r, i, 4));
    json_set_str(o, "public_id", db_s(r, i, 5));
    json_set_str(o, "title", db_s(r, i, 6));
    json_set_str(o, "unit_code", db_s(r, i, 7));
    json_set_str(o, "unit_name", db_s(r, i, 8));
    return o;
}

int five_alls_missing(struct http_request *in, struct http_response *out) {
    static const struct {
        const char *part, *kind, *name, *about;
    } parts[] = {
        {"powers", "power", "没有对应公开事项的行政权力",
         "权责清单中还没有对应公开事项、也没有写明不公开依据的行政权力。"},
        {"services", "service", "没有对应公开事项的公共服务",
         "公共服务事项清单中还没有对应公开事项、也没有写明不公开依据的服务。"},
        {"elements", "", "要素不全的事项", "最近一次公开的信息中，没有找到目录规定的这些要素。按名称比对，供核对。"},
    };
    struct work *w = in->w;
    struct missing_input x;
    struct db_rows r;
    int64_t key = 0, id = 0;
    size_t p = 0;
    while (p < countof(parts) && !str_is(http_path_part(in, "part"), parts[p].part))
        p++;
    if (p == countof(parts))
        return fail(w, ERR_NOT_FOUND, "五全没有这一项缺项清单");
    if (fields_read(in, &five_alls_table, &x) < 0 || (x.after.n && view_cursor_read(w, x.after, &key, &id) < 0))
        return -1;
    bool items = !*parts[p].kind;
    struct str today = day_str(w->arena, work_today(w));
    int rc = items ? db_query(w, &sql_five_items_missing, &r, DB_TEXT(today), DB_INT(id), DB_INT(PAGE + 1))
                   : db_query(w, &sql_five_matters_missing, &r, DB_TEXTZ(parts[p].kind), DB_TEXT(today), DB_INT(id),
                              DB_INT(PAGE + 1));
    if (rc < 0)
        return -1;
    size_t n = r.n > PAGE ? PAGE : r.n;
    json_t *model = json_object(), *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, items ? item_json(&r, i) : matter_json(&r, i));
    json_object_set_new(model, items ? "items" : "matters", list);
    json_set_str(model, "name", str_z(parts[p].name));
    json_set_str(model, "about", str_z(parts[p].about));
    json_set_bool(model, "of_items", items);
    json_set_bool(model, "any", n > 0);
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, PAGE);
    out->no_cache = items && !figure_caught_up(w);
    return view_page(out, "supervision/five_missing", model);
}
