/* portal_search.c: the search page: what was asked, what was understood, results, filters with counts; suggestions. */
#include "portal/portal_internal.h"

static const struct field_option sorts[] = {{"relevance", "按相关度"}, {"newest", "按时间"}, {NULL, NULL}};
static const struct field_option formats[] = {{"csv", "CSV"}, {"xlsx", "Excel"}, {"json", "JSON"}, {NULL, NULL}};
const struct field_option portal_often[] = {
    {"day", "每天一次（早上八点）"}, {"week", "每周一次（星期一早上八点）"}, {"soon", "一有新信息就发"}, {NULL, NULL}};
/* The last two only where a search is subscribed to. */
static const struct field search_fields[] = {
    FIELD(FIELD_STR, search_input, q, "检索词", FIELD_OPTIONAL, 0, 20000, NULL, "词、句子、文号或数字"),
    FIELD(FIELD_ENUM, search_input, sort, "排序", FIELD_OPTIONAL, 0, 0, sorts, NULL),
    FIELD(FIELD_STR, search_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, search_input, field, "领域", FIELD_OPTIONAL, 0, 10, NULL, "领域编号，如 10"),
    FIELD(FIELD_STR, search_input, item, "目录事项", FIELD_OPTIONAL, 0, 60, NULL, "事项代码"),
    FIELD(FIELD_STR, search_input, catalogue, "目录", FIELD_OPTIONAL, 0, 20, NULL,
          "standard、supplementary 或 village"),
    FIELD(FIELD_STR, search_input, five, "五公开", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, search_input, genre, "体裁", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, search_input, theme, "主题分类", FIELD_OPTIONAL, 0, 40, NULL, NULL),
    FIELD(FIELD_STR, search_input, year, "年份", FIELD_OPTIONAL, 0, 4, NULL, "如 2026"),
    FIELD(FIELD_STR, search_input, validity, "有效性", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, search_input, type, "文件类型", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, search_input, kind, "种类", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, search_input, class, "信息种类", FIELD_OPTIONAL, 0, 20, NULL, "policy、interpretation 等"),
    FIELD(FIELD_STR, search_input, legal, "法定主动公开内容", FIELD_OPTIONAL, 0, 20, NULL, "如 FD20-07"),
    FIELD(FIELD_DAY, search_input, from, "发布时间自", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, search_input, to, "发布时间至", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, search_input, all, "包括已失效的", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_BOOL, search_input, literal, "按原文检索", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, search_input, page, "页码", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_ENUM, search_input, format, "格式", FIELD_OPTIONAL, 0, 0, formats, NULL),
    FIELD(FIELD_STR, search_input, email, "邮箱", FIELD_REQUIRED, 0, 254, NULL, "如 name@example.cn"),
    FIELD(FIELD_ENUM, search_input, often, "多久一次", FIELD_OPTIONAL, 0, 0, portal_often, NULL),
};
const struct field_table portal_search_table = {search_fields, countof(search_fields) - 2, sizeof(struct search_input)};
const struct field_table portal_export_table = {search_fields, countof(search_fields) - 2, sizeof(struct search_input)};
const struct field_table portal_subscribe_table = {search_fields, countof(search_fields), sizeof(struct search_input)};

/* The facets as people see them, in this order. */
static const struct {
    const char *name, *label;
    size_t offset;
} facets[] = {
    {"kind", "种类", offsetof(struct search_input, kind)},
    {"class", "信息种类", offsetof(struct search_input, class)},
    {"unit", "单位", offsetof(struct search_input, unit)},
    {"field", "领域", offsetof(struct search_input, field)},
    {"item", "目录事项", offsetof(struct search_input, item)},
    {"catalogue", "目录", offsetof(struct search_input, catalogue)},
    {"five", "五公开", offsetof(struct search_input, five)},
    {"genre", "体裁", offsetof(struct search_input, genre)},
    {"theme", "主题分类", offsetof(struct search_input, theme)},
    {"year", "年份", offsetof(struct search_input, year)},
    {"validity", "有效性", offsetof(struct search_input, validity)},
    {"type", "附件类型", offsetof(struct search_input, type)},
    {"legal", "法定主动公开内容", offsetof(struct search_input, legal)},
};

static struct str value_of(const struct search_input *x, size_t i) {
    return *(const struct str *)(const void *)((const char *)x + facets[i].offset);
}

void search_query_of(const struct search_input *x, struct search_query *ret) {
    *ret = (struct search_query){.q = x->q,
                                 .from = x->from,
                                 .to = x->to,
                                 .sort = str_is(x->sort, "newest") ? SEARCH_NEWEST : SEARCH_RELEVANCE,
                                 .ended = x->all || x->validity.n,
                                 .literal = x->literal,
                                 .page = x->page};
    for (size_t i = 0; i < countof(facets); i++)
        search_filter(ret, facets[i].name, value_of(x, i));
}

static void add_param(struct buf *b, struct arena *a, const char *name, struct str value) {
    if (value.n)
        buf_printf(b, "%s%s=%.*s", strchr(b->p ? b->p : "", '?') ? "&" : "?", name, STR_ARG(str_percent(a, value)));
}

struct str search_address(struct arena *a, const struct search_input *x, const char *path, const char *name,
                          struct str value) {
    struct buf b;
    buf_init(&b, 256 * 1024);
    buf_addz(&b, path);
    const struct {
        const char *name;
        struct str value;
    } rest[] = {{"q", x->q},
                {"sort", x->sort},
                {"from", day_str(a, x->from)},
                {"to", day_str(a, x->to)},
                {"all", x->all ? S("1") : STR_NONE},
                {"literal", x->literal ? S("1") : STR_NONE},
                {"page", STR_NONE},
                {"format", STR_NONE}};
    for (size_t i = 0; i < countof(rest); i++)
        add_param(&b, a, rest[i].name, name && strcmp(name, rest[i].name) == 0 ? value : rest[i].value);
    for (size_t i = 0; i < countof(facets); i++)
        add_param(&b, a, facets[i].name, name && strcmp(name, facets[i].name) == 0 ? value : value_of(x, i));
    struct str ret = str_dup(a, buf_str(&b));
    buf_release(&b);
    return ret;
}

/* ── a search that is kept ── */

json_t *search_input_json(const struct search_input *x) {
    json_t *o = json_object();
    char day[11];
    if (x->q.n)
        json_set_str(o, "q", x->q);
    for (size_t i = 0; i < countof(facets); i++)
        if (value_of(x, i).n)
            json_set_str(o, facets[i].name, value_of(x, i));
    if (x->from != DAY_NONE)
        json_object_set_new(o, "from", json_string(day_text(day, x->from)));
    if (x->to != DAY_NONE)
        json_object_set_new(o, "to", json_string(day_text(day, x->to)));
    if (x->all)
        json_object_set_new(o, "all", json_string("1"));
    if (x->literal)
        json_object_set_new(o, "literal", json_string("1"));
    return o;
}

void search_input_from(struct arena *a, const json_t *o, struct search_input *ret) {
    *ret = (struct search_input){.from = DAY_NONE, .to = DAY_NONE};
    ret->q = str_dup(a, str_z(json_string_value(json_object_get(o, "q"))));
    for (size_t i = 0; i < countof(facets); i++)
        *(struct str *)(void *)((char *)ret + facets[i].offset) =
            str_dup(a, str_z(json_string_value(json_object_get(o, facets[i].name))));
    day_parse(str_z(json_string_value(json_object_get(o, "from"))), &ret->from);
    day_parse(str_z(json_string_value(json_object_get(o, "to"))), &ret->to);
    ret->all = json_object_get(o, "all") != NULL;
    ret->literal = json_object_get(o, "literal") != NULL;
}

void search_input_of(struct work *w, struct str address, struct search_input *ret) {
    *ret = (struct search_input){.from = DAY_NONE, .to = DAY_NONE};
    ret->q = http_param(w, address, "q");
    for (size_t i = 0; i < countof(facets); i++)
        *(struct str *)(void *)((char *)ret + facets[i].offset) = http_param(w, address, facets[i].name);
    day_parse(http_param(w, address, "from"), &ret->from);
    day_parse(http_param(w, address, "to"), &ret->to);
    ret->all = http_param(w, address, "all").n > 0;
    ret->literal = http_param(w, address, "literal").n > 0;
}

/* The words of a facet's value; an item's are its name. */
static struct str value_name(struct work *w, const char *facet, struct str value) {
    struct item i;
    if (strcmp(facet, "item") == 0 && item_by_code(w, value, &i) == 1)
        return i.level2.n ? str_printf(w->arena, "%.*s / %.*s", STR_ARG(i.level1), STR_ARG(i.level2)) : i.level1;
    struct str name = search_name_of(w, facet, value);
    return name.n ? name : value;
}

struct str search_title(struct work *w, const struct search_input *x) {
    struct str text = utf8_head(x->q, 40);
    for (size_t i = 0; i < countof(facets); i++) {
        struct str value = value_of(x, i);
        if (!value.n)
            continue;
        struct str name = value_name(w, facets[i].name, value);
        text = text.n ? str_printf(w->arena, "%.*s · %.*s", STR_ARG(text), STR_ARG(name)) : name;
    }
    return text.n ? text : S("全部公开信息");
}

/* What was understood in the words becomes what the address says: so it can be taken off. */
static struct search_input as_understood(struct work *w, const struct search_input *x, const json_t *found) {
    struct search_input y = *x;
    json_t *list = json_object_get(found, "understood"), *u;
    size_t i;
    y.page = 0;
    if (json_array_size(list) == 0)
        return y;
    y.q = str_dup(w->arena, str_z(json_string_value(json_object_get(found, "rest"))));
    json_array_foreach(list, i, u) {
        struct str facet = str_z(json_string_value(json_object_get(u, "facet")));
        struct str value = str_dup(w->arena, str_z(json_string_value(json_object_get(u, "value"))));
        for (size_t k = 0; k < countof(facets); k++)
            if (str_is(facet, facets[k].name))
                *(struct str *)(void *)((char *)&y + facets[k].offset) = value;
        if (str_is(facet, "days")) {
            day_parse(str_z(json_string_value(json_object_get(u, "from"))), &y.from);
            day_parse(str_z(json_string_value(json_object_get(u, "to"))), &y.to);
        }
    }
    return y;
}

static json_t *link(struct str label, struct str href) {
    json_t *o = json_object();
    json_set_str(o, "label", label);
    json_set_str(o, "href", href);
    return o;
}

/* What narrows the results now; each can be taken off. */
static json_t *chips(struct work *w, const struct search_input *x) {
    json_t *list = json_array();
    struct arena *a = w->arena;
    for (size_t i = 0; i < countof(facets); i++) {
        struct str value = value_of(x, i);
        if (value.n)
            json_array_append_new(
                list, link(str_printf(a, "%s：%.*s", facets[i].label, STR_ARG(value_name(w, facets[i].name, value))),
                           search_address(a, x, "/search", facets[i].name, STR_NONE)));
    }
    if (x->from != DAY_NONE || x->to != DAY_NONE) {
        struct search_input y = *x;
        y.from = y.to = DAY_NONE;
        json_array_append_new(list, link(str_printf(a, "发布时间：%.*s 至 %.*s", STR_ARG(day_str(a, x->from)),
                                                    STR_ARG(day_str(a, x->to))),
                                         search_address(a, &y, "/search", NULL, STR_NONE)));
    }
    if (x->all)
        json_array_append_new(list, link(S("包括已失效的"), search_address(a, x, "/search", "all", STR_NONE)));
    return list;
}

/* The values of a facet that more than nothing would be left of. */
static json_t *choices(struct work *w, const struct search_input *x, const json_t *found) {
    json_t *groups = json_array(), *counted = json_object_get(found, "facets"), *v;
    size_t k;
    for (size_t i = 0; i < countof(facets); i++) {
        json_t *values = json_object_get(counted, facets[i].name), *shown = json_array(), *more = json_array();
        if (value_of(x, i).n || json_array_size(values) < 2) {
            json_decref(shown);
            json_decref(more);
            continue;
        }
        json_array_foreach(values, k, v) {
            struct str value = str_z(json_string_value(json_object_get(v, "value")));
            if (k == 20) /* more would help nobody */
                break;
            json_t *o = link(value_name(w, facets[i].name, value),
                             search_address(w->arena, x, "/search", facets[i].name, value));
            json_object_set(o, "count", json_object_get(v, "count"));
            json_array_append_new(k < 6 ? shown : more, o);
        }
        json_t *g = json_pack("{s:s, s:s, s:b, s:o}", "name", facets[i].name, "label", facets[i].label, "has_more",
                              json_array_size(more) > 0, "values", shown);
        json_object_set_new(g, "more", more);
        json_array_append_new(groups, g);
    }
    return groups;
}

static void put_pages(struct work *w, const struct search_input *x, json_t *model) {
    int64_t page = json_integer_value(json_object_get(model, "page")),
            pages = json_integer_value(json_object_get(model, "pages"));
    if (page > 1)
        json_set_str(model, "previous_href",
                     search_address(w->arena, x, "/search", "page",
                                    str_printf(w->arena, "%lld", (long long)(page > pages ? pages : page - 1))));
    if (page < pages)
        json_set_str(model, "next_href",
                     search_address(w->arena, x, "/search", "page", str_printf(w->arena, "%lld", (long long)page + 1)));
    json_set_bool(model, "several_pages", pages > 1 || page > 1);
    json_set_bool(model, "beyond", pages > 0 && page > pages);
}

/* Links to the same results in another order or form. */
static void put_links(struct work *w, const struct search_input *typed, const struct search_input *x, json_t *model) {
    struct arena *a = w->arena;
    bool newest = str_is(x->sort, "newest");
    json_set_bool(model, "newest", newest);
    json_set_str(model, "by_relevance", search_address(a, x, "/search", "sort", STR_NONE));
    json_set_str(model, "by_time", search_address(a, x, "/search", "sort", S("newest")));
    if (!x->all && !x->validity.n)
        json_set_str(model, "with_ended", search_address(a, x, "/search", "all", S("1")));
    json_set_str(model, "feed", search_address(a, x, "/search.atom", NULL, STR_NONE));
    json_set_str(model, "subscribe", search_address(a, x, "/subscribe", "sort", STR_NONE));
    json_t *list = json_array();
    for (const struct field_option *f = formats; f->value; f++)
        json_array_append_new(list,
                              link(str_z(f->label), search_address(a, x, "/search/export", "format", str_z(f->value))));
    json_object_set_new(model, "exports", list);
    json_set_str(model, "literal_href", search_address(a, typed, "/search", "literal", S("1")));
    struct str mean = str_z(json_string_value(json_object_get(model, "did_you_mean")));
    if (mean.n)
        json_set_str(model, "mean_href", search_address(a, x, "/search", "q", mean));
}

/* The fields that the form must carry along besides the words. */
static json_t *hidden(const struct search_input *x) {
    json_t *list = json_array();
    for (size_t i = 0; i < countof(facets); i++)
        if (value_of(x, i).n) {
            json_t *o = json_pack("{s:s}", "name", facets[i].name);
            json_set_str(o, "value", value_of(x, i));
            json_array_append_new(list, o);
        }
    return list;
}

/* A past instant has no index of its own: titles and numbers of what was public then. */
static int search_past(struct http_request *in, struct http_response *out, const struct search_input *x) {
    struct disclosure_filter f = {.q = utf8_head(x->q, 100), .after = http_query(in, "after"), .page_size = 20};
    struct str after = STR_NONE;
    json_t *model = json_object();
    json_set_str(model, "q", x->q);
    json_set_bool(model, "past", true);
    int rc = x->q.n ? put_entries(in->w, model, &f, &after) : 0;
    if (rc == 0)
        view_pager(in, model, after, f.page_size);
    return portal_page(out, "portal/search", model, rc);
}

/* Who typed zfbz or mzj and pressed Enter meant a unit or a field: its page, when no text holds the words. */
static void put_names(struct work *w, const struct search_input *x, json_t *model) {
    json_t *names = json_array(), *all = NULL, *o;
    size_t i;
    if (json_is_true(json_object_get(model, "none")) || json_is_true(json_object_get(model, "loose")))
        all = search_suggest(w, x->q, 4);
    json_array_foreach(all, i, o) if (strcmp(json_string_value(json_object_get(o, "kind")), "document") != 0)
        json_array_append(names, o);
    json_decref(all);
    json_set_bool(model, "has_names", json_array_size(names) > 0);
    json_object_set_new(model, "names", names);
}

int portal_search(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct search_input x;
    struct search_query ask;
    if (fields_read(in, &portal_search_table, &x) < 0)
        return -1;
    if (w->as_of)
        return search_past(in, out, &x);
    search_query_of(&x, &ask);
    ask.facets = true;
    out->no_cache = !search_caught_up(1000);
    bool asked = x.q.n || ask.filter_count || x.from != DAY_NONE || x.to != DAY_NONE;
    json_t *model = asked ? search_find(w, &ask) : json_object();
    if (!model)
        return -1;
    json_set_str(model, "q", x.q);
    json_set_bool(model, "asked", asked);
    if (!asked || in->api)
        return view_page(out, "portal/search", model);
    struct search_input y = as_understood(w, &x, model);
    json_set_bool(model, "understood_any", json_array_size(json_object_get(model, "understood")) > 0);
    json_set_bool(model, "found", json_array_size(json_object_get(model, "hits")) > 0);
    json_set_bool(model, "loose", *json_string_value(json_object_get(model, "how")) == 's');
    json_set_bool(model, "literally", *json_string_value(json_object_get(model, "how")) == 'l');
    json_set_bool(model, "none", json_integer_value(json_object_get(model, "count")) == 0);
    put_names(w, &x, model);
    json_t *taken = chips(w, &y), *groups = choices(w, &y, model);
    json_set_bool(model, "has_chips", json_array_size(taken) > 0);
    json_object_set_new(model, "chips", taken);
    json_set_bool(model, "has_groups", json_array_size(groups) > 0);
    json_object_set_new(model, "groups", groups);
    json_object_set_new(model, "kept", hidden(&x));
    json_set_str(model, "title", search_title(w, &x));
    put_pages(w, &y, model);
    put_links(w, &x, &y, model);
    return view_page(out, "portal/search", model);
}

/* ── suggestions ── */

struct suggest_input {
    struct str q;
};
static const struct field suggest_fields[] = {
    FIELD(FIELD_STR, suggest_input, q, "检索词", FIELD_OPTIONAL, 0, 200, NULL, "词、文号，或名称的拼音首字母"),
};
const struct field_table portal_suggest_table = {suggest_fields, countof(suggest_fields), sizeof(struct suggest_input)};

int portal_suggest(struct http_request *in, struct http_response *out) {
    static const struct field_option kinds[] = {
        {"unit", "单位"}, {"field", "领域"}, {"five", "五公开"}, {"document", "信息"}, {NULL, NULL}};
    struct suggest_input x;
    if (fields_read(in, &portal_suggest_table, &x) < 0)
        return -1;
    out->no_cache = !search_caught_up(200);
    json_t *model = json_object(), *list = search_suggest(in->w, x.q, 8), *o;
    size_t i;
    json_array_foreach(list, i, o) json_object_set_new(
        o, "kind_name", json_string(field_option_label(kinds, str_z(json_string_value(json_object_get(o, "kind"))))));
    json_object_set_new(model, "suggestions", list);
    json_set_str(model, "q", x.q);
    json_set_bool(model, "any", json_array_size(list) > 0);
    return view_page(out, "portal/suggest", model);
}
