/* portal.c: the parts that several public pages show: fields with counts, units by kind, catalogues by kind, columns.
 */
#include "portal/portal_internal.h"

const struct five_class portal_five[] = {
    {"decision", "决策公开", "重大决策的草案、征求意见和采纳情况、决定和后评估"},
    {"execution", "执行公开", "重点工作、民生实事、政策落实和审计整改的进展"},
    {"management", "管理公开", "权责清单、行政许可、行政处罚和监督检查"},
    {"service", "服务公开", "办事指南、办理流程和公共企事业单位信息"},
    {"result", "结果公开", "建议提案办理、督查、考核和评估的结果"},
};
const size_t portal_five_count = countof(portal_five);

json_t *five_list(struct str code) {
    json_t *list = json_array();
    for (size_t i = 0; i < portal_five_count; i++) {
        const struct five_class *f = &portal_five[i];
        json_t *o = json_pack("{s:s, s:s, s:s}", "code", f->code, "name", f->name, "about", f->about);
        json_object_set_new(o, "href", json_sprintf("/five/%s", f->code));
        json_object_set_new(o, "active", json_boolean(str_is(code, f->code)));
        json_array_append_new(list, o);
    }
    return list;
}

int model_put(json_t *model, const char *key, json_t *value) {
    return value ? json_object_set_new(model, key, value) : -1;
}

int portal_page(struct http_response *out, const char *template, json_t *model, int rc) {
    if (rc == 0)
        return view_page(out, template, model);
    json_decref(model);
    return -1;
}

json_t *fields_with_counts(struct work *w) {
    json_t *fields = field_list(w), *fresh = fields ? disclosure_fresh_by_field(w) : NULL, *f;
    size_t i;
    if (!fresh)
        goto out;
    json_array_foreach(fields, i, f) {
        json_t *n = json_object_get(fresh, json_string_value(json_object_get(f, "code")));
        json_t *totals = duty_totals(w, 0, json_integer_value(json_object_get(f, "id")));
        json_object_set_new(f, "fresh", json_integer(n ? json_integer_value(n) : 0));
        if (model_put(f, "totals", totals) < 0)
            goto out;
    }
    json_decref(fresh);
    return fields;
out:
    json_decref(fresh);
    json_decref(fields);
    return NULL;
}

/* ── units ── */

static const struct unit_kind {
    const char *kind, *name, *group;
} unit_kinds[] = {
    {"city", "市政府", "市政府"},
    {"office", "市政府办公室", "市政府"},
    {"department", "市级部门", "市级部门"},
    {"town", "镇、区、街道", "镇、区、街道"},
    {"enterprise", "公共企事业单位", "公共企事业单位"},
};

const char *portal_unit_kind_name(struct str kind) {
    for (size_t i = 0; i < countof(unit_kinds); i++)
        if (str_is(kind, unit_kinds[i].kind))
            return unit_kinds[i].name;
    return "";
}

static json_t *group_of_kind(json_t *groups, const struct unit_kind *k) {
    json_t *g;
    size_t i;
    json_array_foreach(groups, i, g) if (strcmp(json_string_value(json_object_get(g, "name")), k->group) == 0) return g;
    g = json_pack("{s:s, s:s, s:[]}", "name", k->group, "anchor", k->kind, "units");
    json_array_append_new(groups, g);
    return g;
}

json_t *unit_groups(struct work *w, bool with_totals) {
    json_t *groups = json_array();
    for (size_t k = 0; k < countof(unit_kinds); k++) {
        json_t *units = unit_list(w, unit_kinds[k].kind), *u;
        size_t i;
        bool failed = !units;
        json_array_foreach(units, i, u) {
            json_array_append(json_object_get(group_of_kind(groups, &unit_kinds[k]), "units"), u);
            if (with_totals)
                failed |= model_put(u, "totals", duty_totals(w, json_integer_value(json_object_get(u, "id")), 0)) < 0;
        }
        json_decref(units);
        if (failed) {
            json_decref(groups);
            return NULL;
        }
    }
    return groups;
}

/* ── catalogues ── */

const struct portal_catalogue_kind portal_catalogue_kinds[] = {
    {"standard", "标准目录", "试点领域的政务公开事项，市、镇两级编制"},
    {"supplementary", "主动公开补充目录", "标准目录以外，依法应当主动公开的事项"},
    {"village", "面向村（居）目录", "村民、居民身边事的公开事项"},
};
const size_t portal_catalogue_kind_count = countof(portal_catalogue_kinds);

json_t *catalogue_groups(struct work *w) {
    json_t *all = catalogues_list(w, NULL), *groups = json_array(), *c;
    size_t i;
    if (!all) {
        json_decref(groups);
        return NULL;
    }
    for (size_t k = 0; k < portal_catalogue_kind_count; k++) {
        json_t *mine = json_array();
        json_array_foreach(all, i, c) {
            const char *kind = json_string_value(json_object_get(c, "kind"));
            if (kind && strcmp(kind, portal_catalogue_kinds[k].kind) == 0)
                json_array_append(mine, c);
        }
        json_t *g = json_pack("{s:s, s:s, s:s}", "kind", portal_catalogue_kinds[k].kind, "name",
                              portal_catalogue_kinds[k].name, "about", portal_catalogue_kinds[k].about);
        json_object_set_new(g, "any", json_boolean(json_array_size(mine) > 0));
        json_object_set_new(g, "catalogues", mine);
        json_array_append_new(groups, g);
    }
    json_decref(all);
    return groups;
}

static bool same_text(const json_t *a, const json_t *b, const char *key) {
    const char *x = json_string_value(json_object_get(a, key)), *y = json_string_value(json_object_get(b, key));
    return x && y && strcmp(x, y) == 0;
}

json_t *rows_grouped(json_t *rows, const char *key) {
    json_t *groups = json_array(), *row, *group = NULL, *first = NULL;
    size_t i;
    json_array_foreach(rows, i, row) {
        if (!first || !same_text(first, row, key)) {
            first = row;
            group = json_object();
            json_object_set(group, "name", json_object_get(row, key));
            json_object_set_new(group, "items", json_array());
            json_array_append_new(groups, group);
        }
        json_array_append(json_object_get(group, "items"), row);
        json_object_set_new(group, "count", json_integer((json_int_t)json_array_size(json_object_get(group, "items"))));
    }
    return groups;
}

/* ── publications ── */

int put_entries(struct work *w, json_t *model, const struct disclosure_filter *f, struct str *ret_after) {
    json_t *entries = disclosure_latest(w, f, ret_after);
    if (!entries)
        return -1;
    json_object_set_new(model, "has_entries", json_boolean(json_array_size(entries) > 0));
    return json_object_set_new(model, "entries", entries);
}

int put_renewal(struct work *w, json_t *model, const struct disclosure_filter *f, const struct search_input *x) {
    struct disclosure_filter newest = *f;
    struct str after;
    newest.after = STR_NONE;
    newest.page_size = 1;
    json_t *one = disclosure_latest(w, &newest, &after), *day;
    if (!one)
        return -1;
    if ((day = json_object_get(json_array_get(one, 0), "day")) != NULL)
        json_object_set(model, "renewed", day);
    json_decref(one);
    if (x) {
        json_set_str(model, "feed", search_address(w->arena, x, "/search.atom", NULL, STR_NONE));
        json_set_str(model, "subscribe", search_address(w->arena, x, "/subscribe", NULL, STR_NONE));
    }
    return 0;
}
