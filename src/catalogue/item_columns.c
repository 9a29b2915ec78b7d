/* item_columns.c: the columns of the standard table: their names, JSON, differences and what they must hold. */
#include "catalogue/catalogue_internal.h"

#define TEXT(member, words, most)                                                                                      \
    { #member, words, COLUMN_TEXT, offsetof(struct item_columns, member), most }
#define TICK(member, words)                                                                                            \
    { #member, words, COLUMN_TICK, offsetof(struct item_columns, member), 0 }
const struct column item_column[] = {
    TEXT(level1, "一级事项", 100),
    TEXT(level2, "二级事项", 200),
    TEXT(elements, "公开内容（要素）", 4000),
    TEXT(basis, "公开依据", 4000),
    TEXT(limit_text, "公开时限", 500),
    TEXT(owners_text, "公开主体", 500),
    TEXT(channels, "公开渠道和载体", 1000),
    TICK(audience_all, "公开对象：全社会"),
    TEXT(audience_group, "公开对象：特定群体", 200),
    TICK(mode_active, "公开方式：主动"),
    TICK(mode_request, "公开方式：依申请公开"),
    TICK(level_city, "公开层级：县级"),
    TICK(level_town, "公开层级：乡级"),
};
const size_t item_column_count = countof(item_column);

struct str column_text(const struct item_columns *c, const struct column *k) {
    return *(const struct str *)(const void *)((const char *)c + k->offset);
}

bool column_tick(const struct item_columns *c, const struct column *k) {
    return *(const bool *)(const void *)((const char *)c + k->offset);
}

json_t *columns_json(const struct item_columns *c) {
    json_t *o = json_object();
    json_set_int(o, "serial", c->serial);
    for (size_t i = 0; i < item_column_count; i++) {
        const struct column *k = &item_column[i];
        if (k->kind == COLUMN_TEXT)
            json_set_str(o, k->name, column_text(c, k));
        else
            json_set_bool(o, k->name, column_tick(c, k));
    }
    return o;
}

void columns_from_json(const json_t *j, struct item_columns *ret) {
    *ret = (struct item_columns){.serial = json_integer_value(json_object_get(j, "serial"))};
    for (size_t i = 0; i < item_column_count; i++) {
        const struct column *k = &item_column[i];
        const json_t *v = json_object_get(j, k->name);
        void *at = (char *)ret + k->offset;
        if (k->kind == COLUMN_TEXT)
            *(struct str *)at = (struct str){json_string_value(v), json_string_length(v)};
        else
            *(bool *)at = json_is_true(v);
    }
}

struct item_columns columns_dup(struct arena *a, const struct item_columns *c) {
    struct item_columns copy = *c;
    for (size_t i = 0; i < item_column_count; i++)
        if (item_column[i].kind == COLUMN_TEXT)
            *(struct str *)(void *)((char *)&copy + item_column[i].offset) =
                str_dup(a, column_text(c, &item_column[i]));
    return copy;
}

static bool same(const struct item_columns *x, const struct item_columns *y, const struct column *k) {
    return k->kind == COLUMN_TEXT ? str_eq(column_text(x, k), column_text(y, k))
                                  : column_tick(x, k) == column_tick(y, k);
}

bool columns_equal(const struct item_columns *x, const struct item_columns *y) {
    for (size_t i = 0; i < item_column_count; i++)
        if (!same(x, y, &item_column[i]))
            return false;
    return true;
}

static struct str shown(const struct item_columns *c, const struct column *k) {
    return k->kind == COLUMN_TEXT ? column_text(c, k) : column_tick(c, k) ? S("√") : S("");
}

json_t *columns_diff(struct arena *a, const struct item_columns *before, const struct item_columns *after) {
    json_t *list = json_array();
    for (size_t i = 0; i < item_column_count; i++) {
        const struct column *k = &item_column[i];
        if (same(before, after, k))
            continue;
        json_t *o = json_object();
        json_set_str(o, "column", str_z(k->name));
        json_set_str(o, "label", str_z(k->label));
        json_set_str(o, "before", shown(before, k));
        json_set_str(o, "after", shown(after, k));
        if (a)
            json_object_set_new(o, "diff", text_diff(a, shown(before, k), shown(after, k)));
        json_array_append_new(list, o);
    }
    return list;
}

int columns_check(struct work *w, const struct item_columns *c) {
    static const char *const needed[] = {"level1", "level2", "basis", "limit_text", "owners_text"};
    for (size_t i = 0; i < item_column_count; i++) {
        const struct column *k = &item_column[i];
        if (k->kind != COLUMN_TEXT)
            continue;
        struct str s = column_text(c, k);
        bool need = false;
        for (size_t n = 0; n < countof(needed); n++)
            need |= strcmp(needed[n], k->name) == 0;
        if (need && !str_trim(s).n)
            fail_field(w, k->name, "required", "缺少%s的事项不能生效，请补填", k->label);
        else if (utf8_length(s) > k->max)
            fail_field(w, k->name, "too_long", "%s不能超过 %zu 个字", k->label, k->max);
    }
    if (!c->audience_all && !c->audience_group.n)
        fail_field(w, "audience_all", "required", "请选择公开对象：全社会，或者写明特定群体");
    if (!c->mode_active && !c->mode_request)
        fail_field(w, "mode_active", "required", "请选择公开方式：主动，或者依申请公开");
    return w->error.code ? -1 : 0;
}
