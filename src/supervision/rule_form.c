/* rule_form.c: the form a rule is made and changed with: its check's parameters, whom it concerns, who is told when.
 * One form for both; what was typed comes back when it is refused. */
#include "catalogue/catalogue.h"
#include "supervision/rule_internal.h"

#define PARAMETERS_MAX 16
#define STEP_ROWS LADDER_STEPS

struct rule_input {
    struct str check, name, ground, status, weight, items;
    day_t effective;
    struct str_list units, except, unit_kinds, fields, kinds, step_level, step_after, step_to, step_ticket;
    json_t *parameters, *ladder; /* as programs send them */
    int64_t base;
    struct str parameter[PARAMETERS_MAX];
};
#define LIST(member, label) FIELD(FIELD_LIST, rule_input, member, label, FIELD_OPTIONAL, 0, 0, NULL, NULL)
static const struct field fixed[] = {
    FIELD(FIELD_STR, rule_input, check, "检查项", FIELD_OPTIONAL, 0, 60, NULL, "新建时填写"),
    FIELD(FIELD_STR, rule_input, name, "规则名称", FIELD_REQUIRED, 0, 60, NULL, NULL),
    FIELD(FIELD_JSON, rule_input, parameters, "参数", FIELD_OPTIONAL, 0, 0, NULL,
          "对象：检查项的各个参数。也可以每个参数各作一个字段"),
    LIST(units, "适用单位"),
    LIST(except, "例外单位"),
    LIST(unit_kinds, "单位类别"),
    LIST(fields, "领域"),
    FIELD(FIELD_TEXT, rule_input, items, "目录事项", FIELD_OPTIONAL, 0, 4000, NULL, "事项代码，每行一个"),
    LIST(kinds, "信息种类"),
    FIELD(FIELD_JSON, rule_input, ladder, "提醒步骤", FIELD_OPTIONAL, 0, 0, NULL,
          "数组：level、after（工作日）、to、ticket。也可以用下面四组字段"),
    LIST(step_level, "提醒步骤：级别"),
    LIST(step_after, "提醒步骤：工作日"),
    LIST(step_to, "提醒步骤：提醒对象"),
    LIST(step_ticket, "提醒步骤：拟出督办单的步骤号"),
    FIELD(FIELD_STR, rule_input, weight, "考核权重", FIELD_OPTIONAL, 0, 10, NULL, "0 到 100，最多两位小数"),
    FIELD(FIELD_TEXT, rule_input, ground, "依据", FIELD_REQUIRED, 0, 1000, NULL, NULL),
    FIELD(FIELD_STR, rule_input, status, "依据的性质", FIELD_REQUIRED, 0, 1, NULL, NULL),
    FIELD(FIELD_DAY, rule_input, effective, "生效日期", FIELD_REQUIRED, 0, 0, NULL, NULL),
    FIELD(FIELD_INT, rule_input, base, "所修改的版本", FIELD_OPTIONAL, 0, 1000000, NULL, "打开时的最新版本号"),
};
const struct field_table rule_form_table = {fixed, countof(fixed), sizeof(struct rule_input)};

static bool is_fixed(const char *name) {
    for (size_t i = 0; i < countof(fixed); i++)
        if (strcmp(fixed[i].name, name) == 0)
            return true;
    return false;
}

/* A parameter's control; one that is called as a field of every rule ("kinds") has a name of its own. */
static const char *control_of(struct work *w, const char *parameter) {
    return is_fixed(parameter) ? str_dupz(w->arena, str_printf(w->arena, "parameter_%s", parameter)) : parameter;
}

/* The fixed fields and those of the check's parameters. */
static struct field_table table_of(struct work *w, const struct check *c) {
    struct field *v = arena_many(w->arena, struct field, countof(fixed) + PARAMETERS_MAX);
    size_t n = countof(fixed);
    memcpy(v, fixed, sizeof fixed);
    for (size_t i = 0; c && c->parameters && c->parameters[i].name && i < PARAMETERS_MAX; i++)
        v[n++] = (struct field){.name = control_of(w, c->parameters[i].name),
                                .type = FIELD_STR,
                                .label = c->parameters[i].label,
                                .max = 4000,
                                .offset = offsetof(struct rule_input, parameter) + i * sizeof(struct str)};
    return (struct field_table){v, n, sizeof(struct rule_input)};
}

/* ── input → draft ── */

static json_t *parameter_value(struct work *w, const struct check_parameter *p, struct str typed) {
    static const char *const suffixes[] = {"个工作日", "工作日", "天", "日"};
    int64_t n;
    struct str s = str_trim(utf8_halfwidth(w->arena, typed));
    if (p->type == PARAMETER_TEXT)
        return json_stringn(typed.p ? typed.p : "", typed.n);
    for (size_t i = 0; p->type == PARAMETER_DAYS && i < countof(suffixes); i++)
        if (str_ends(s, str_z(suffixes[i]))) {
            s = str_trim(str_sub(s, 0, s.n - strlen(suffixes[i])));
            break;
        }
    return str_int(s, &n) == 0 ? json_integer(n) : json_stringn(s.p ? s.p : "", s.n); /* no number: told at the field */
}

static json_t *parameters_of(struct work *w, const struct check *c, const struct rule_input *x) {
    json_t *o = x->parameters ? json_copy(x->parameters) : json_object();
    for (size_t i = 0; c->parameters && c->parameters[i].name && i < PARAMETERS_MAX; i++)
        if (!x->parameters || x->parameter[i].n)
            json_object_set_new(o, c->parameters[i].name, parameter_value(w, &c->parameters[i], x->parameter[i]));
    return o;
}

static void scope_list(json_t *scope, const char *part, const struct str_list *list) {
    json_t *a = json_array();
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].n)
            json_array_append_new(a, json_stringn(list->v[i].p, list->v[i].n));
    if (json_array_size(a))
        json_object_set(scope, part, a);
    json_decref(a);
}

/* Codes between blanks, line ends and commas of both scripts. */
static void scope_items(struct work *w, json_t *scope, struct str typed) {
    json_t *a = json_array();
    struct str s = typed, head, rest;
    static const char *const commas[] = {"、", "，", "；", ";", "\n", "\t", " ", "　"};
    for (size_t i = 0; i < countof(commas); i++)
        s = str_replace(w->arena, s, str_z(commas[i]), S(","));
    while (s.n) {
        head = s;
        rest = STR_NONE;
        str_cut(s, ',', &head, &rest);
        if (head.n)
            json_array_append_new(a, json_stringn(head.p, head.n));
        s = rest;
    }
    if (json_array_size(a))
        json_object_set(scope, "items", a);
    json_decref(a);
}

static json_t *scope_of(struct work *w, const struct rule_input *x) {
    json_t *o = json_object();
    scope_list(o, "units", &x->units);
    scope_list(o, "except", &x->except);
    scope_list(o, "unit_kinds", &x->unit_kinds);
    scope_list(o, "fields", &x->fields);
    scope_list(o, "kinds", &x->kinds);
    scope_items(w, o, x->items);
    return o;
}

static struct str at(const struct str_list *list, size_t i) {
    return i < list->n ? str_trim(list->v[i]) : STR_NONE;
}

static bool ticket_of(const struct rule_input *x, size_t i) {
    for (size_t k = 0; k < x->step_ticket.n; k++) {
        int64_t n;
        if (str_int(x->step_ticket.v[k], &n) == 0 && n == (int64_t)i + 1)
            return true;
    }
    return false;
}

static json_t *ladder_of(const struct rule_input *x) {
    if (x->ladder)
        return json_incref(x->ladder);
    json_t *list = json_array();
    for (size_t i = 0; i < x->step_level.n || i < x->step_to.n; i++) {
        struct str level = at(&x->step_level, i), after = at(&x->step_after, i), to = at(&x->step_to, i);
        int64_t n = 0;
        if (!level.n && !to.n && !after.n)
            continue;
        if (after.n && (str_int(after, &n) < 0 || n > 10000))
            n = -1;
        json_t *o = json_object();
        json_set_str(o, "level", level);
        json_set_int(o, "after", n);
        json_set_str(o, "to", to);
        if (ticket_of(x, i))
            json_set_bool(o, "ticket", true);
        json_array_append_new(list, o);
    }
    return list;
}

/* "1.5" → 150; -1: no such number. */
static int64_t weight_of(struct str s) {
    struct str whole = s, part = STR_NONE;
    int64_t a = 0, b = 0;
    if (!s.n)
        return 0;
    str_cut(s, '.', &whole, &part);
    if (str_int(whole, &a) < 0 || a < 0 || a > 10000 || part.n > 2 || (part.n && str_int(part, &b) < 0) || b < 0)
        return -1;
    return a * 100 + (part.n == 1 ? b * 10 : b);
}

static void draft_of(struct work *w, const struct check *c, const struct rule_input *x, struct rule_draft *ret) {
    *ret = (struct rule_draft){.name = x->name,
                               .ground = x->ground,
                               .status = x->status,
                               .weight = weight_of(x->weight),
                               .effective = x->effective,
                               .parameters = parameters_of(w, c, x),
                               .scope = scope_of(w, x),
                               .ladder = ladder_of(x)};
}

static void draft_release(struct rule_draft *d) {
    json_decref(d->parameters);
    json_decref(d->scope);
    json_decref(d->ladder);
}

/* ── what is kept → input, for showing ── */

static struct str_list list_of(struct work *w, const json_t *array) {
    struct str *v = arena_many(w->arena, struct str, json_array_size(array) + 1);
    for (size_t i = 0; i < json_array_size(array); i++)
        v[i] = str_dup(w->arena, str_z(json_string_value(json_array_get(array, i))));
    return (struct str_list){v, json_array_size(array)};
}

static void ladder_input(struct work *w, const json_t *ladder, struct rule_input *x) {
    size_t n = json_array_size(ladder);
    struct str *level = arena_many(w->arena, struct str, n + 1), *after = arena_many(w->arena, struct str, n + 1),
               *to = arena_many(w->arena, struct str, n + 1), *ticket = arena_many(w->arena, struct str, n + 1);
    x->step_ticket = (struct str_list){ticket, 0};
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(ladder, i);
        level[i] = str_dup(w->arena, str_z(json_string_value(json_object_get(o, "level"))));
        to[i] = str_dup(w->arena, str_z(json_string_value(json_object_get(o, "to"))));
        after[i] = str_printf(w->arena, "%lld", (long long)json_integer_value(json_object_get(o, "after")));
        if (json_is_true(json_object_get(o, "ticket")))
            ticket[x->step_ticket.n++] = str_printf(w->arena, "%zu", i + 1);
    }
    x->step_level = (struct str_list){level, n};
    x->step_after = (struct str_list){after, n};
    x->step_to = (struct str_list){to, n};
}

static void parameter_inputs(struct work *w, const struct check *c, const json_t *kept, struct rule_input *x) {
    for (size_t i = 0; c->parameters && c->parameters[i].name && i < PARAMETERS_MAX; i++) {
        const json_t *v = json_object_get(kept, c->parameters[i].name);
        x->parameter[i] = json_is_integer(v)  ? str_printf(w->arena, "%lld", (long long)json_integer_value(v))
                          : json_is_string(v) ? str_dup(w->arena, str_z(json_string_value(v)))
                                              : str_z(c->parameters[i].fallback);
    }
}

static void input_of_row(struct work *w, const struct rule_row *r, struct rule_input *x) {
    json_t *scope = rule_json_of(r->scope), *ladder = rule_json_of(r->ladder),
           *parameters = rule_json_of(r->parameters);
    struct buf b;
    *x = (struct rule_input){.check = r->check_code,
                             .name = r->name,
                             .ground = r->ground,
                             .status = r->status,
                             .weight = rule_weight_text(w->arena, r->weight),
                             .base = r->version};
    if (day_parse(r->effective, &x->effective) < 0)
        x->effective = DAY_NONE;
    x->units = list_of(w, json_object_get(scope, "units"));
    x->except = list_of(w, json_object_get(scope, "except"));
    x->unit_kinds = list_of(w, json_object_get(scope, "unit_kinds"));
    x->fields = list_of(w, json_object_get(scope, "fields"));
    x->kinds = list_of(w, json_object_get(scope, "kinds"));
    buf_init(&b, 64 * 1024);
    for (size_t i = 0; i < json_array_size(json_object_get(scope, "items")); i++)
        buf_printf(&b, "%s%s", i ? "\n" : "", json_string_value(json_array_get(json_object_get(scope, "items"), i)));
    x->items = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    ladder_input(w, ladder, x);
    parameter_inputs(w, r->check, parameters, x);
    json_decref(scope);
    json_decref(ladder);
    json_decref(parameters);
}

static void input_of_check(struct work *w, const struct check *c, struct rule_input *x) {
    json_t *ladder =
        json_pack("[{s:s, s:i, s:s}, {s:s, s:i, s:s}, {s:s, s:i, s:s}]", "level", "yellow", "after", 0, "to", "holder",
                  "level", "red", "after", 0, "to", "holder", "level", "red", "after", 1, "to", "superior");
    *x = (struct rule_input){.check = str_z(c->code),
                             .name = str_z(c->label),
                             .status = S("L"),
                             .weight = S("1"),
                             .effective = work_today(w)};
    ladder_input(w, ladder, x);
    parameter_inputs(w, c, NULL, x);
    json_decref(ladder);
}

/* ── the form's model ── */

static bool in_list(const struct str_list *list, struct str code) {
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], code))
            return true;
    return false;
}

static void add_option(json_t *list, struct str value, struct str label, bool chosen) {
    json_t *o = json_object();
    json_set_str(o, "value", value);
    json_set_str(o, "label", label);
    json_set_bool(o, "chosen", chosen);
    json_array_append_new(list, o);
}

static json_t *options_of(const struct field_option *options, const struct str_list *chosen) {
    json_t *list = json_array();
    for (; options->value; options++)
        add_option(list, str_z(options->value), str_z(options->label), in_list(chosen, str_z(options->value)));
    return list;
}

static json_t *options_one(const struct field_option *options, struct str chosen) {
    return options_of(options, &(struct str_list){&chosen, 1});
}

/* Units by kind, each kind a group. */
static json_t *units_of(const struct db_rows *units, const struct str_list *chosen) {
    json_t *groups = json_array();
    for (const struct field_option *k = rule_unit_kinds; k->value; k++) {
        json_t *g = json_object(), *list = json_array();
        for (size_t i = 0; i < units->n; i++)
            if (str_is(db_s(units, i, 3), k->value))
                add_option(list, db_s(units, i, 1), db_s(units, i, 2), in_list(chosen, db_s(units, i, 1)));
        json_set_str(g, "label", str_z(k->label));
        json_object_set(g, "options", list);
        if (json_array_size(list) && json_array_size(list) <= 60) /* villages are many: by their town */
            json_array_append(groups, g);
        json_decref(list);
        json_decref(g);
    }
    return groups;
}

static json_t *fields_of(struct work *w, const struct str_list *chosen) {
    json_t *all = field_list(w), *f, *list = json_array();
    size_t i;
    json_array_foreach(all, i, f) {
        struct str id = str_printf(w->arena, "%lld", (long long)json_integer_value(json_object_get(f, "id")));
        add_option(list, id, str_z(json_string_value(json_object_get(f, "name"))), in_list(chosen, id));
    }
    json_decref(all);
    return list;
}

static json_t *steps_of(struct work *w, const struct rule_input *x) {
    json_t *list = json_array();
    for (size_t i = 0; i < STEP_ROWS; i++) {
        json_t *o = json_object();
        json_set_int(o, "n", (int64_t)i + 1);
        json_object_set_new(o, "levels", options_one(rule_levels, at(&x->step_level, i)));
        json_object_set_new(o, "audiences", options_one(rule_audiences, at(&x->step_to, i)));
        json_set_str(o, "after", at(&x->step_after, i));
        json_set_bool(o, "ticket", ticket_of(x, i));
        json_array_append_new(list, o);
    }
    (void)w;
    return list;
}

static json_t *parameters_json(struct work *w, const struct check *c, const struct rule_input *x, const json_t *form) {
    json_t *list = json_array();
    for (size_t i = 0; c->parameters && c->parameters[i].name && i < PARAMETERS_MAX; i++) {
        const struct check_parameter *p = &c->parameters[i];
        json_t *o = json_object();
        const char *name = control_of(w, p->name),
                   *error = json_string_value(json_object_get(json_object_get(form, name), "error"));
        json_set_str(o, "name", str_z(name));
        json_set_str(o, "label", str_z(p->label));
        json_set_str(o, "value", x->parameter[i]);
        json_set_str(o, "error", str_z(error));
        json_set_bool(o, "number", p->type != PARAMETER_TEXT);
        json_set_str(o, "hint",
                     p->type == PARAMETER_TEXT ? str_printf(w->arena, "最多 %lld 个字", (long long)p->max)
                                               : str_printf(w->arena, "%lld 到 %lld 的整数；系统默认 %s",
                                                            (long long)p->min, (long long)p->max, p->fallback));
        json_array_append_new(list, o);
    }
    return list;
}

static void form_value(json_t *form, const char *name, struct str value) {
    json_t *o = json_object();
    json_set_str(o, "value", value);
    json_object_set_new(form, name, o);
}

static json_t *form_of(struct work *w, const struct rule_input *x) {
    json_t *form = json_object();
    form_value(form, "name", x->name);
    form_value(form, "ground", x->ground);
    form_value(form, "weight", x->weight);
    form_value(form, "items", x->items);
    form_value(form, "effective", day_str(w->arena, x->effective));
    return form;
}

/* form: taken. */
static json_t *form_model(struct work *w, const struct check *c, const struct rule_input *x, json_t *form) {
    struct db_rows units;
    json_t *m = json_object();
    json_object_set_new(m, "form", form);
    if (rule_units(w, &units) < 0) {
        json_decref(m);
        return NULL;
    }
    json_object_set_new(m, "check",
                        json_pack("{s:s, s:s, s:s}", "code", c->code, "label", c->label, "about", c->about));
    json_object_set_new(m, "parameters", parameters_json(w, c, x, form));
    json_object_set_new(m, "units", units_of(&units, &x->units));
    json_object_set_new(m, "except", units_of(&units, &x->except));
    json_set_int(m, "units_chosen", (int64_t)x->units.n);
    json_set_int(m, "except_chosen", (int64_t)x->except.n);
    json_set_int(m, "fields_chosen", (int64_t)x->fields.n);
    json_object_set_new(m, "unit_kinds", options_of(rule_unit_kinds, &x->unit_kinds));
    bool of_items = strcmp(c->subject, "request") != 0 && strcmp(c->subject, "site") != 0;
    json_set_bool(m, "of_items", of_items);
    json_object_set_new(m, "fields", of_items ? fields_of(w, &x->fields) : json_array());
    bool of_kinds = strcmp(c->subject, "disclosure") == 0;
    json_set_bool(m, "of_kinds", of_kinds);
    json_object_set_new(m, "kinds", of_kinds ? options_of(rule_kinds, &x->kinds) : json_array());
    json_object_set_new(m, "steps", steps_of(w, x));
    json_object_set_new(m, "statuses", options_one(rule_statuses, x->status));
    json_set_int(m, "base", x->base);
    return m;
}

/* ── pages ── */

struct new_input {
    struct str check;
};
static const struct field new_fields[] = {
    FIELD(FIELD_STR, new_input, check, "检查项", FIELD_OPTIONAL, 0, 60, NULL, "检查项代码")};
const struct field_table rule_new_table = {new_fields, countof(new_fields), sizeof(struct new_input)};

static int show(struct http_response *out, json_t *m, const char *action, struct str title) {
    if (!m)
        return -1;
    json_set_str(m, "action", str_z(action));
    json_set_str(m, "title", title);
    return view_page(out, "supervision/rule_form", m);
}

int rule_new_form(struct http_request *in, struct http_response *out) {
    struct new_input x;
    struct rule_input shown;
    if (rule_may(in->w, PERM_RULE_EDIT) < 0 || fields_read(in, &rule_new_table, &x) < 0)
        return -1;
    const struct check *c = check_find(x.check);
    if (!c)
        return view_redirect(in, out, "/desk/rules/checks");
    input_of_check(in->w, c, &shown);
    return show(out, form_model(in->w, c, &shown, form_of(in->w, &shown)), "/desk/rules", S("新建监督规则"));
}

/* The form again with what was typed; theirs: the version somebody saved meanwhile, 0 none. */
static int again(struct http_request *in, struct http_response *out, const struct check *c, struct rule_input *x,
                 const struct rule_row *r, bool theirs) {
    struct work *w = in->w;
    struct field_table t = table_of(w, c);
    if (in->api || (w->error.code != ERR_INVALID && w->error.code != ERR_CONFLICT))
        return -1;
    for (size_t i = 0; i < w->error.field_count; i++) /* what is wrong with a parameter is told at its control */
        for (size_t k = 0; c->parameters && c->parameters[k].name; k++)
            if (strcmp(w->error.fields[i].field, c->parameters[k].name) == 0)
                w->error.fields[i].field = control_of(w, c->parameters[k].name);
    struct error kept = w->error;
    json_t *form = fields_form(in, &t);
    int64_t base = x->base;
    error_clear(w);
    if (theirs) { /* saving once more is then on purpose */
        x->base = r->version;
    }
    json_t *m = form_model(w, c, x, form);
    if (!m)
        return -1;
    json_set_str(m, "action", r ? str_printf(w->arena, "/desk/rules/%lld", (long long)r->id) : S("/desk/rules"));
    json_set_str(m, "title", r ? str_printf(w->arena, "修改：%.*s", STR_ARG(r->name)) : S("新建监督规则"));
    if (r)
        json_set_int(m, "id", r->id);
    if (theirs)
        json_object_set_new(m, "theirs",
                            json_pack("{s:I, s:I, s:I}", "id", (json_int_t)r->id, "from", (json_int_t)base, "to",
                                      (json_int_t)r->version));
    w->error = kept;
    return view_form_again(in, out, "supervision/rule_form", &t, m);
}

static int made(struct http_request *in, struct http_response *out, int64_t id, int64_t version) {
    if (in->api) {
        out->status = 201;
        out->location = str_dupz(in->w->arena, str_printf(in->w->arena, "/desk/rules/%lld", (long long)id));
        out->model = json_pack("{s:I, s:I}", "id", (json_int_t)id, "version", (json_int_t)version);
        return 0;
    }
    return view_redirect(in, out, "/desk/rules/%lld", (long long)id);
}

/* Which check the posted form is of: read by itself first, for its parameters are fields too. */
static const struct check *posted_check(struct http_request *in) {
    struct rule_input x;
    fields_read(in, &rule_form_table, &x);
    error_clear(in->w);
    return check_find(x.check);
}

int rule_new_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct rule_input x;
    struct rule_draft d;
    int64_t id = 0;
    if (rule_may(w, PERM_RULE_EDIT) < 0)
        return -1;
    const struct check *c = posted_check(in);
    if (!c)
        return fail_field(w, "check", "unknown", "请从检查项目录中选择一项");
    struct field_table t = table_of(w, c);
    if (fields_read(in, &t, &x) < 0)
        return again(in, out, c, &x, NULL, false);
    draft_of(w, c, &x, &d);
    int rc = rule_make(w, x.check, &d, &id);
    draft_release(&d);
    return rc < 0 ? again(in, out, c, &x, NULL, false) : made(in, out, id, 1);
}

static int row_of_path(struct http_request *in, struct rule_row *ret) {
    int64_t id;
    if (rule_may(in->w, PERM_RULE_EDIT) < 0 || http_path_int(in, "id", &id) < 0)
        return -1;
    int n = rule_row_get(in->w, id, 0, ret);
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这条监督规则");
    if (str_is(ret->state, "ended"))
        return fail(in->w, ERR_WRONG_STATE, "规则已经废止，不能再修改；需要时另建一条");
    return ret->check ? 0 : fail(in->w, ERR_WRONG_STATE, "这条规则使用的检查项已经不在系统中，不能再修改");
}

int rule_edit_form(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct rule_row r;
    struct rule_input x;
    if (row_of_path(in, &r) < 0)
        return -1;
    input_of_row(w, &r, &x);
    json_t *m = form_model(w, r.check, &x, form_of(w, &x));
    if (m)
        json_set_int(m, "id", r.id);
    return show(out, m, str_dupz(w->arena, str_printf(w->arena, "/desk/rules/%lld", (long long)r.id)),
                str_printf(w->arena, "修改：%.*s", STR_ARG(r.name)));
}

int rule_edit_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct rule_row r;
    struct rule_input x;
    struct rule_draft d;
    int64_t version = 0;
    if (row_of_path(in, &r) < 0)
        return -1;
    struct field_table t = table_of(w, r.check);
    if (fields_read(in, &t, &x) < 0)
        return again(in, out, r.check, &x, &r, false);
    draft_of(w, r.check, &x, &d);
    int rc = rule_save(w, r.id, x.base, &d, &version);
    draft_release(&d);
    if (rc < 0)
        return again(in, out, r.check, &x, &r, w->error.code == ERR_CONFLICT);
    return made(in, out, r.id, version);
}
