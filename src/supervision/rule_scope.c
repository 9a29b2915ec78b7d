/* rule_scope.c: whom and what a rule concerns: contradictions told at the field, and the scope in words. */
#include "catalogue/catalogue.h"
#include "disclosure/disclosure.h"
#include "supervision/rule_internal.h"

#define NAMED 3 /* units, fields, items named in a sentence; then only how many */

const struct field_option rule_unit_kinds[] = {
    {"office", "政府办公室"}, {"department", "部门"}, {"town", "镇、区、街道"}, {"village", "村、社区"}, {NULL, NULL}};
const struct field_option rule_kinds[] = {{"policy", "政策文件"},
                                          {"interpretation", "政策解读"},
                                          {"consultation", "征求意见"},
                                          {"guide", "公开指南"},
                                          {"rule", "公开制度"},
                                          {"report", "年度报告"},
                                          {"profile", "机构概况"},
                                          {"answer", "依申请公开答复"},
                                          {"case", "典型案例"},
                                          {"plan", "工作方案"},
                                          {NULL, NULL}};

int rule_units(struct work *w, struct db_rows *ret) {
    return db_query(w, &sql_rulebook_units, ret);
}

/* ── lists of codes ── */

static struct str code_at(const json_t *scope, const char *part, size_t i) {
    return str_z(json_string_value(json_array_get(json_object_get(scope, part), i)));
}

static size_t codes(const json_t *scope, const char *part) {
    return json_array_size(json_object_get(scope, part));
}

static bool has_code(const json_t *scope, const char *part, struct str code) {
    for (size_t i = 0; i < codes(scope, part); i++)
        if (str_eq(code_at(scope, part, i), code))
            return true;
    return false;
}

static ptrdiff_t unit_at(const struct db_rows *units, struct str code) {
    for (size_t i = 0; i < units->n; i++)
        if (str_eq(db_s(units, i, 1), code))
            return (ptrdiff_t)i;
    return -1;
}

/* Is unit i, or one it belongs to, in the list? Then the name of that one. */
static struct str belongs(const json_t *scope, const char *part, const struct db_rows *units, size_t i) {
    for (size_t k = 0; k < codes(scope, part); k++) {
        ptrdiff_t u = unit_at(units, code_at(scope, part, k));
        if (u >= 0 && str_starts(db_s(units, i, 4), db_s(units, (size_t)u, 4)))
            return db_s(units, (size_t)u, 2);
    }
    return STR_NONE;
}

static bool covered(const json_t *scope, const struct db_rows *units, size_t i) {
    return (!codes(scope, "units") || belongs(scope, "units", units, i).n) && !belongs(scope, "except", units, i).n &&
           (!codes(scope, "unit_kinds") || has_code(scope, "unit_kinds", db_s(units, i, 3)));
}

/* ── contradictions ── */

static void exceptions_check(struct work *w, const json_t *scope, const struct db_rows *units) {
    for (size_t i = 0; i < codes(scope, "units"); i++) {
        ptrdiff_t u = unit_at(units, code_at(scope, "units", i));
        struct str by = u < 0 ? STR_NONE : belongs(scope, "except", units, (size_t)u);
        if (!by.n)
            continue;
        struct str name = db_s(units, (size_t)u, 2);
        if (str_eq(by, name))
            fail_field(w, "except", "contradiction", "“%.*s”既在适用单位里，又在例外单位里，请去掉一处", STR_ARG(name));
        else
            fail_field(w, "except", "contradiction", "“%.*s”隶属于例外单位“%.*s”，列为适用单位没有作用", STR_ARG(name),
                       STR_ARG(by));
        return;
    }
    for (size_t i = 0; codes(scope, "units") && i < codes(scope, "except"); i++) {
        ptrdiff_t u = unit_at(units, code_at(scope, "except", i));
        if (u >= 0 && !belongs(scope, "units", units, (size_t)u).n) {
            fail_field(w, "except", "contradiction", "“%.*s”不在适用单位里，不需要列为例外",
                       STR_ARG(db_s(units, (size_t)u, 2)));
            return;
        }
    }
}

static void units_check(struct work *w, const json_t *scope, const struct db_rows *units) {
    for (size_t i = 0; i < units->n; i++)
        if (covered(scope, units, i))
            return;
    const char *at = codes(scope, "unit_kinds") ? "unit_kinds" : codes(scope, "except") ? "except" : "units";
    fail_field(w, at, "empty", "所选单位、例外单位和单位类别合在一起，没有一个单位适用");
}

static void texts_check(struct work *w, const json_t *scope, const char *part, const struct field_option *options,
                        const char *what) {
    for (size_t i = 0; i < codes(scope, part); i++)
        if (!*field_option_label(options, code_at(scope, part, i))) {
            fail_field(w, part, "unknown", "没有“%.*s”这种%s", STR_ARG(code_at(scope, part, i)), what);
            return;
        }
}

/* Of an item's owners one must be concerned. 1, 0, -1. */
static int item_concerned(struct work *w, const json_t *scope, const struct db_rows *units, const struct item *it) {
    json_t *owners = item_owners(w, it->version_id), *o;
    size_t i;
    int found = !owners ? -1 : json_array_size(owners) == 0;
    json_array_foreach(owners, i, o) {
        ptrdiff_t u = unit_at(units, str_z(json_string_value(json_object_get(o, "code"))));
        found = found || (u >= 0 && covered(scope, units, (size_t)u));
    }
    json_decref(owners);
    return found;
}

static int items_check(struct work *w, const json_t *scope, const struct db_rows *units) {
    int concerned = 0;
    for (size_t i = 0; i < codes(scope, "items"); i++) {
        struct str code = code_at(scope, "items", i);
        struct item it;
        int n = item_by_code(w, code, &it);
        if (n <= 0)
            return n < 0 ? -1 : fail_field(w, "items", "unknown", "没有代码为“%.*s”的目录事项", STR_ARG(code));
        bool fits = !codes(scope, "fields");
        for (size_t k = 0; !fits && k < codes(scope, "fields"); k++) {
            int64_t field = 0;
            fits = str_int(code_at(scope, "fields", k), &field) == 0 && field == it.field_id;
        }
        if (!fits)
            return fail_field(w, "items", "contradiction", "事项“%.*s”（%.*s）不属于所选领域", STR_ARG(it.level2),
                              STR_ARG(code));
        if ((n = item_concerned(w, scope, units, &it)) < 0)
            return -1;
        concerned += n;
    }
    return codes(scope, "items") && !concerned
               ? fail_field(w, "items", "empty", "所选事项的公开主体都不在适用单位里，这条规则不会检查任何内容")
               : 0;
}

static bool of_items(const struct check *c) {
    return strcmp(c->subject, "request") != 0 && strcmp(c->subject, "site") != 0;
}

int rule_scope_check(struct work *w, const struct check *c, const json_t *scope) {
    struct db_rows units;
    struct scope read;
    if (!of_items(c) && (codes(scope, "fields") || codes(scope, "items")))
        fail_field(w, codes(scope, "fields") ? "fields" : "items", "empty",
                   "“%s”检查的对象不分领域和事项，按领域或事项限定后不会检查任何内容", c->label);
    if (codes(scope, "kinds") && strcmp(c->subject, "disclosure") == 0)
        texts_check(w, scope, "kinds", rule_kinds, "信息");
    texts_check(w, scope, "unit_kinds", rule_unit_kinds, "单位");
    if (w->error.code || rule_units(w, &units) < 0)
        return -1;
    exceptions_check(w, scope, &units);
    if (w->error.code || rule_scope_read(w, scope, &read) < 0) /* unknown codes */
        return -1;
    units_check(w, scope, &units);
    if (w->error.code)
        return -1;
    return items_check(w, scope, &units);
}

/* ── words ── */

static struct str name_of(struct work *w, const char *part, struct str code, const struct db_rows *units,
                          const json_t *fields) {
    struct item it;
    int64_t id = 0;
    const char *label = strcmp(part, "unit_kinds") == 0 ? field_option_label(rule_unit_kinds, code)
                        : strcmp(part, "kinds") == 0    ? field_option_label(rule_kinds, code)
                                                        : "";
    if (*label)
        return str_z(label);
    if (strcmp(part, "units") == 0 || strcmp(part, "except") == 0) {
        ptrdiff_t u = unit_at(units, code);
        return u >= 0 ? db_s(units, (size_t)u, 2) : code;
    }
    if (strcmp(part, "fields") == 0 && str_int(code, &id) == 0) {
        const json_t *f = json_array_get(fields, (size_t)(id - 1));
        const char *name = json_string_value(json_object_get(f, "name"));
        return name ? str_dup(w->arena, str_z(name)) : code;
    }
    if (strcmp(part, "items") == 0 && item_by_code(w, code, &it) == 1)
        return str_printf(w->arena, "%.*s（%.*s）", STR_ARG(it.level2), STR_ARG(code));
    return code;
}

static struct str names(struct work *w, const json_t *scope, const char *part, size_t most, const char *counter) {
    struct db_rows units = {0};
    size_t n = codes(scope, part);
    struct buf b;
    if (n == 0)
        return STR_NONE;
    bool of_units = strcmp(part, "units") == 0 || strcmp(part, "except") == 0;
    if (of_units && rule_units(w, &units) < 0)
        return STR_NONE;
    json_t *fields = strcmp(part, "fields") == 0 ? field_list(w) : NULL;
    buf_init(&b, 64 * 1024);
    for (size_t i = 0; i < n && i < most; i++) {
        buf_addz(&b, i ? "、" : "");
        buf_add(&b, name_of(w, part, code_at(scope, part, i), &units, fields));
    }
    if (n > most)
        buf_printf(&b, "等%zu%s", n, counter);
    json_decref(fields);
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

struct str rule_scope_part(struct work *w, const json_t *scope, const char *part) {
    return names(w, scope, part, SIZE_MAX, "");
}

struct str rule_scope_words(struct work *w, const json_t *scope) {
    struct str units = names(w, scope, "units", NAMED, "个单位"), except = names(w, scope, "except", NAMED, "个单位"),
               kinds = names(w, scope, "unit_kinds", 9, ""), fields = names(w, scope, "fields", NAMED, "个领域"),
               items = names(w, scope, "items", 1, "个事项"), of = names(w, scope, "kinds", NAMED, "种信息");
    struct buf b;
    buf_init(&b, 64 * 1024);
    if (units.n)
        buf_add(&b, units);
    else
        buf_addz(&b, kinds.n ? "" : "各单位");
    if (kinds.n)
        buf_printf(&b, units.n ? "中的%.*s" : "全部%.*s", STR_ARG(kinds));
    if (except.n)
        buf_printf(&b, "（%.*s除外）", STR_ARG(except));
    buf_addz(&b, "；");
    if (items.n)
        buf_printf(&b, "事项：%.*s", STR_ARG(items));
    else if (fields.n)
        buf_printf(&b, "领域：%.*s", STR_ARG(fields));
    else
        buf_addz(&b, "不限领域和事项");
    if (of.n)
        buf_printf(&b, "；%.*s", STR_ARG(of));
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}
