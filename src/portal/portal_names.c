/* portal_names.c: the names that search suggests and understands: units with all their names, fields, 五公开 classes,
 * and the words of the facets' codes. */
#include "portal/portal_internal.h"

static int add_units(struct work *w, search_name_add *add, void *ctx) {
    json_t *units = unit_list(w, NULL), *names = unit_names(w), *u;
    size_t i;
    json_array_foreach(units, i, u) {
        struct str code = str_z(json_string_value(json_object_get(u, "code")));
        struct str name = str_z(json_string_value(json_object_get(u, "short_name")));
        const char *id = str_printf(w->arena, "%lld", (long long)json_integer_value(json_object_get(u, "id"))).p;
        struct search_name n = {
            .facet = "unit",
            .value = code,
            .name = name.n ? name : str_z(json_string_value(json_object_get(u, "name"))),
            .aliases = str_printf(
                w->arena, "%s %s", json_string_value(json_object_get(u, "name")),
                json_string_value(json_object_get(names, id)) ? json_string_value(json_object_get(names, id)) : ""),
            .address = str_printf(w->arena, "/units/%.*s", STR_ARG(code)),
            .understood = true,
        };
        add(ctx, &n);
    }
    json_decref(units);
    json_decref(names);
    return w->error.code ? -1 : 0;
}

static int add_fields(struct work *w, search_name_add *add, void *ctx) {
    json_t *fields = field_list(w), *aliases = field_aliases(w), *f;
    size_t i;
    json_array_foreach(fields, i, f) {
        struct str code = str_z(json_string_value(json_object_get(f, "code")));
        struct search_name n = {.facet = "field",
                                .value = code,
                                .name = str_z(json_string_value(json_object_get(f, "name"))),
                                .aliases = str_z(json_string_value(json_object_get(aliases, code.p))),
                                .address = str_printf(w->arena, "/fields/%.*s", STR_ARG(code))};
        add(ctx, &n);
    }
    json_decref(aliases);
    json_decref(fields);
    return fields ? 0 : -1;
}

/* Codes that stand for words of their own. */
static const struct {
    const char *facet, *value, *name;
} words[] = {
    {"catalogue", "standard", "标准目录"},
    {"catalogue", "supplementary", "主动公开补充目录"},
    {"catalogue", "village", "面向村（居）目录"},
    {"class", "information", "一般信息"},
    {"class", "policy", "政策文件"},
    {"class", "interpretation", "政策解读"},
    {"class", "consultation", "征求意见"},
    {"class", "guide", "公开指南"},
    {"class", "rule", "公开制度"},
    {"class", "report", "年度报告"},
    {"class", "profile", "机构概况"},
    {"class", "answer", "依申请公开答复"},
    {"class", "case", "典型案例"},
    {"class", "topic", "专题"},
    {"kind", "document", "公开信息"},
    {"kind", "item", "目录事项"},
    {"validity", "valid", "有效"},
    {"validity", "partly", "部分失效"},
    {"validity", "amended", "已修改"},
    {"validity", "expired", "失效"},
    {"validity", "repealed", "废止"},
    {"validity", "future", "尚未生效"},
    {"type", "pdf", "PDF、OFD 文档"},
    {"type", "word", "Word、WPS 文字"},
    {"type", "excel", "表格"},
    {"type", "slides", "演示文稿"},
    {"type", "image", "图片"},
    {"type", "video", "视频"},
    {"type", "audio", "音频"},
    {"type", "other", "其他文件"},
};

static int add_legal(struct work *w, search_name_add *add, void *ctx) {
    json_t *all = portal_columns(w), *o;
    size_t i;
    json_array_foreach(json_object_get(all, "legal"), i, o) {
        struct search_name n = {.facet = "legal",
                                .value = str_z(json_string_value(json_object_get(o, "code"))),
                                .name = str_z(json_string_value(json_object_get(o, "name")))};
        add(ctx, &n);
    }
    json_decref(all);
    return all ? 0 : -1;
}

int portal_names(struct work *w, search_name_add *add, void *ctx) {
    if (add_units(w, add, ctx) < 0 || add_fields(w, add, ctx) < 0 || add_legal(w, add, ctx) < 0)
        return -1;
    for (size_t i = 0; i < portal_five_count; i++) {
        struct search_name n = {.facet = "five",
                                .value = str_z(portal_five[i].code),
                                .name = str_z(portal_five[i].name),
                                .address = str_printf(w->arena, "/five/%s", portal_five[i].code),
                                .understood = true};
        add(ctx, &n);
    }
    for (size_t i = 0; i < countof(words); i++)
        add(ctx, &(struct search_name){
                     .facet = words[i].facet, .value = str_z(words[i].value), .name = str_z(words[i].name)});
    return 0;
}
