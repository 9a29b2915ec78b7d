/* rule.c: a rule as it is kept, read and held against what it may concern. */
#include "catalogue/catalogue.h"
#include "supervision/supervision_internal.h"
#include <ctype.h>

/* ── parameters ── */

static const struct check_parameter *parameter_of(const struct check *c, const char *name) {
    for (const struct check_parameter *p = c->parameters; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

int64_t rule_int(const struct rule *r, const char *name) {
    const json_t *v = json_object_get(r->parameters, name);
    const struct check_parameter *p = parameter_of(r->check, name);
    int64_t n = 0;
    if (json_is_integer(v))
        return json_integer_value(v);
    return p && str_int(str_z(p->fallback), &n) == 0 ? n : 0;
}

struct str rule_text(const struct rule *r, const char *name) {
    const json_t *v = json_object_get(r->parameters, name);
    const struct check_parameter *p = parameter_of(r->check, name);
    return json_is_string(v) ? str_z(json_string_value(v)) : str_z(p ? p->fallback : "");
}

static void parameter_check(struct work *w, const struct check_parameter *p, const json_t *v) {
    if (p->type != PARAMETER_TEXT) {
        if (!json_is_integer(v) || json_integer_value(v) < p->min || json_integer_value(v) > p->max)
            fail_field(w, p->name, "range", "请填写 %lld 至 %lld 的整数", (long long)p->min, (long long)p->max);
        return;
    }
    size_t n = json_is_string(v) ? utf8_length(str_z(json_string_value(v))) : 0;
    if (!json_is_string(v) || (int64_t)n < p->min || (int64_t)n > p->max)
        fail_field(w, p->name, "range", "请填写 %lld 至 %lld 个字", (long long)p->min, (long long)p->max);
}

int rule_parameters_check(struct work *w, const struct check *c, const json_t *parameters) {
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)parameters, name, v) {
        const struct check_parameter *p = parameter_of(c, name);
        if (p)
            parameter_check(w, p, v);
        else
            fail_field(w, "parameters", "unknown", "检查项“%s”没有参数 %s", c->label, name);
    }
    return w->error.code ? -1 : 0;
}

/* ── scope ── */

static int id_add(struct work *w, const char *field, const struct str code, int64_t *ret) {
    struct unit u;
    struct item it;
    int n = 0;
    if (strcmp(field, "fields") == 0) {
        n = str_int(code, ret) == 0 && *ret >= 1 && *ret <= 26;
    } else if (strcmp(field, "items") == 0) {
        if ((n = item_by_code(w, code, &it)) == 1)
            *ret = it.id;
    } else if ((n = unit_by_code(w, code, &u)) == 1) {
        *ret = u.id;
    }
    if (n == 0)
        return fail_field(w, field, "unknown", "没有代码为“%.*s”的%s", STR_ARG(code),
                          strcmp(field, "fields") == 0  ? "领域"
                          : strcmp(field, "items") == 0 ? "目录事项"
                                                        : "单位");
    return n < 0 ? -1 : 0;
}

static int ids_read(struct work *w, const json_t *scope, const char *field, int64_t **ret, size_t *ret_n) {
    const json_t *list = json_object_get(scope, field);
    size_t n = json_array_size(list);
    *ret = arena_many(w->arena, int64_t, n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < n; i++)
        if (id_add(w, field, str_z(json_string_value(json_array_get(list, i))), &(*ret)[*ret_n]) == 0)
            (*ret_n)++;
    return w->error.code ? -1 : 0;
}

static void texts_read(struct work *w, const json_t *scope, const char *field, struct str **ret, size_t *ret_n) {
    const json_t *list = json_object_get(scope, field);
    *ret_n = json_array_size(list);
    *ret = arena_many(w->arena, struct str, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++)
        (*ret)[i] = str_dup(w->arena, str_z(json_string_value(json_array_get(list, i))));
}

static bool has_id(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

int rule_scope_read(struct work *w, const json_t *scope, struct scope *ret) {
    struct scope s = {0};
    if (ids_read(w, scope, "units", &s.units, &s.n_units) < 0 ||
        ids_read(w, scope, "except", &s.except, &s.n_except) < 0 ||
        ids_read(w, scope, "fields", &s.fields, &s.n_fields) < 0 ||
        ids_read(w, scope, "items", &s.items, &s.n_items) < 0)
        return -1;
    texts_read(w, scope, "unit_kinds", &s.unit_kinds, &s.n_unit_kinds);
    texts_read(w, scope, "kinds", &s.kinds, &s.n_kinds);
    for (size_t i = 0; i < s.n_units; i++)
        if (has_id(s.except, s.n_except, s.units[i]))
            return fail_field(w, "except", "contradiction", "同一单位不能既在适用范围内又在例外单位里");
    *ret = s;
    return 0;
}

/* Is the unit, or one it belongs to, among these? path: "/1/5/". */
static bool path_has(struct str path, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char part[24];
        snprintf(part, sizeof part, "/%lld/", (long long)ids[i]);
        if (str_find(path, str_z(part)) >= 0)
            return true;
    }
    return false;
}

static bool has_text(const struct str *list, size_t n, struct str s) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i], s))
            return true;
    return false;
}

bool rule_covers(struct work *w, const struct rule *r, const struct course *c) {
    const struct scope *s = &r->scope;
    struct db_rows u;
    if ((s->n_fields && !has_id(s->fields, s->n_fields, c->field_id)) ||
        (s->n_items && !has_id(s->items, s->n_items, c->item_id)) ||
        (s->n_kinds && !has_text(s->kinds, s->n_kinds, c->kind)))
        return false;
    if (!s->n_units && !s->n_except && !s->n_unit_kinds)
        return true;
    if (db_one(w, &sql_supervision_unit, &u, DB_INT(c->unit_id)) != 1)
        return false;
    return (!s->n_units || path_has(db_s(&u, 0, 0), s->units, s->n_units)) &&
           !path_has(db_s(&u, 0, 0), s->except, s->n_except) &&
           (!s->n_unit_kinds || has_text(s->unit_kinds, s->n_unit_kinds, db_s(&u, 0, 1)));
}

/* ── ladder ── */

static int level_of(const char *code) {
    for (int l = LEVEL_YELLOW; l <= LEVEL_RED; l++)
        if (code && strcmp(code, alert_level_code(l)) == 0)
            return l;
    return LEVEL_NONE;
}

static enum audience audience_of(const char *code) {
    static const char *const all[] = {"", "holder", "superior", "office"};
    for (size_t i = 1; i < countof(all); i++)
        if (code && strcmp(code, all[i]) == 0)
            return (enum audience)i;
    return 0;
}

int rule_ladder_read(struct work *w, const json_t *ladder, struct rule *ret) {
    size_t n = json_array_size(ladder);
    if (n > LADDER_STEPS)
        return fail_field(w, "ladder", "too_many", "提醒步骤最多 %d 步", LADDER_STEPS);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(ladder, i), *after = json_object_get(o, "after");
        struct ladder_step s = {
            level_of(json_string_value(json_object_get(o, "level"))), (int)json_integer_value(after),
            audience_of(json_string_value(json_object_get(o, "to"))), json_is_true(json_object_get(o, "ticket"))};
        if (!s.level || !s.to || s.after < 0 || s.after > 250)
            return fail_field(w, "ladder", "format", "第 %zu 步须写明级别、提醒对象和 0 至 250 个工作日", i + 1);
        if (i && (s.level < ret->ladder[i - 1].level ||
                  (s.level == ret->ladder[i - 1].level && s.after < ret->ladder[i - 1].after)))
            return fail_field(w, "ladder", "order", "第 %zu 步不能早于前一步", i + 1);
        ret->ladder[i] = s;
    }
    ret->steps = n;
    return 0;
}

/* ── reading ── */

static json_t *json_of(struct str s) {
    return s.n ? json_loadb(s.p, s.n, 0, NULL) : NULL;
}

int rule_get(struct work *w, int64_t id, int64_t version, struct rule *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_rule_get, &r, DB_INT(id), DB_INT(version));
    if (n <= 0)
        return n;
    struct rule x = {.id = db_i(&r, 0, 0),
                     .code = db_s(&r, 0, 1),
                     .check = check_find(db_s(&r, 0, 2)),
                     .state = db_s(&r, 0, 3),
                     .version_id = db_i(&r, 0, 5),
                     .version = db_i(&r, 0, 6),
                     .name = db_s(&r, 0, 7),
                     .weight = db_i(&r, 0, 11),
                     .ground = db_s(&r, 0, 12)};
    day_t effective;
    if (!x.check) /* of a room that is not there any more */
        return 0;
    x.on_from = db_i(&r, 0, 4);
    if (day_parse(db_s(&r, 0, 13), &effective) == 0 && day_start(effective) > x.on_from)
        x.on_from = day_start(effective);
    json_t *scope = json_of(db_s(&r, 0, 9)), *ladder = json_of(db_s(&r, 0, 10));
    x.parameters = json_of(db_s(&r, 0, 8));
    int rc = rule_scope_read(w, scope, &x.scope) < 0 || rule_ladder_read(w, ladder, &x) < 0 ? -1 : 1;
    json_decref(scope);
    json_decref(ladder);
    if (rc < 0)
        json_decref(x.parameters);
    else
        *ret = x;
    return rc;
}

void rule_release(struct rule *r) {
    json_decref(r->parameters);
    r->parameters = NULL;
}
