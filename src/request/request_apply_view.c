/* request_apply_view.c: what the screens of the application form show: choices of organs, kept answers, uploaded files,
 * all answers to check, published information like what is wanted; and the entry page of 依申请公开. */
#include "disclosure/disclosure.h"
#include "catalogue/catalogue.h"
#include "request/request_apply.h"
#include "search/search.h"

#define SIMILAR_MOST 5
#define ANSWERS_MOST 3

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static struct str typed(const json_t *form, const char *name) {
    return text(json_object_get(form, name), "value");
}

static void put_value(json_t *form, const char *name, struct str value) {
    json_t *o = json_object_get(form, name);
    if (o)
        json_set_str(o, "value", value);
}

/* ── options of a choice ── */

static json_t *choices(const struct field_option *options, struct str chosen) {
    json_t *list = json_array();
    for (const struct field_option *o = options; o->value; o++) {
        json_t *one =
            json_pack("{s:s, s:s, s:b}", "value", o->value, "label", o->label, "checked", str_is(chosen, o->value));
        json_object_set_new(one, "first", json_boolean(o == options));
        json_array_append_new(list, one);
    }
    return list;
}

/* ── ① organs ── */

static const struct {
    const char *kind, *group;
} unit_kinds[] = {{"city", "市政府"}, {"office", "市政府"}, {"department", "市级部门"}, {"town", "镇、区、街道"}};

static json_t *unit_choice(const json_t *u, struct str chosen, struct str aliases) {
    json_t *o = json_object();
    json_object_set(o, "code", json_object_get(u, "code"));
    json_object_set(o, "name", json_object_get(u, "name"));
    json_set_str(o, "words", aliases);
    json_set_bool(o, "checked", str_eq(text(u, "code"), chosen));
    return o;
}

/* The organs of one heading that the words leave. */
static void add_group(json_t *groups, const char *name, json_t *units) {
    json_t *last = json_array_size(groups) ? json_array_get(groups, json_array_size(groups) - 1) : NULL, *u;
    size_t i;
    if (last && str_is(text(last, "name"), name)) {
        json_array_foreach(units, i, u) json_array_append(json_object_get(last, "units"), u);
        json_decref(units);
    } else if (json_array_size(units)) {
        json_array_append_new(groups, json_pack("{s:s, s:o}", "name", name, "units", units));
    } else {
        json_decref(units);
    }
}

static int put_units(struct work *w, json_t *model, struct str chosen, struct str find) {
    json_t *groups = json_array(), *names = unit_names(w), *u;
    struct str wanted = str_trim(find);
    size_t i, left = 0;
    for (size_t k = 0; k < countof(unit_kinds); k++) {
        json_t *all = unit_list(w, unit_kinds[k].kind), *kept = json_array();
        json_array_foreach(all, i, u) {
            const char *id = str_printf(w->arena, "%lld", (long long)json_integer_value(json_object_get(u, "id"))).p;
            struct str words = str_printf(w->arena, "%.*s %.*s", STR_ARG(text(u, "name")), STR_ARG(text(names, id)));
            if (str_eq(text(u, "code"), chosen)) {
                json_object_set(model, "chosen_name", json_object_get(u, "name"));
                json_set_str(model, "chosen_code", chosen);
            }
            if (wanted.n && str_find(words, wanted) < 0)
                continue;
            json_array_append_new(kept, unit_choice(u, chosen, words));
            left++;
        }
        json_decref(all);
        add_group(groups, unit_kinds[k].group, kept);
    }
    json_decref(names);
    json_set_bool(model, "none_found", wanted.n && !left);
    json_object_set_new(model, "groups", groups);
    return 0;
}

/* Responsible for a field: its departments, the leading one first. */
static int put_fields(struct work *w, json_t *model, struct str field, struct str chosen) {
    json_t *all = field_list(w), *options = json_array(), *units = json_array(), *f, *d;
    size_t i, k;
    json_array_foreach(all, i, f) {
        bool here = str_eq(text(f, "code"), field);
        json_array_append_new(options, json_pack("{s:O, s:O, s:b}", "value", json_object_get(f, "code"), "label",
                                                 json_object_get(f, "name"), "selected", here));
        if (!here)
            continue;
        json_object_set(model, "field_name", json_object_get(f, "name"));
        json_array_foreach(json_object_get(f, "departments"), k, d) {
            json_t *o = unit_choice(d, chosen, text(d, "name"));
            json_object_set(o, "lead", json_object_get(d, "lead"));
            json_array_append_new(units, o);
        }
    }
    json_decref(all);
    json_object_set_new(model, "fields", options);
    json_object_set_new(model, "field_units", units);
    return all ? 0 : -1;
}

/* ── ② like what is wanted ── */

static json_t *found(struct work *w, struct str q, const char *facet, const char *value, size_t most) {
    struct search_query x = {.q = utf8_head(q, SEARCH_CHARS_MOST),
                             .from = DAY_NONE,
                             .to = DAY_NONE,
                             .page = 1,
                             .size = (int64_t)most,
                             .plain = true,
                             .literal = true};
    search_filter(&x, "kind", S("document"));
    search_filter(&x, facet, str_z(value));
    json_t *o = search_find(w, &x), *list = json_array(), *hit;
    size_t i;
    json_array_foreach(json_object_get(o, "hits"), i, hit) {
        json_t *one = json_object();
        static const char *const members[] = {"address", "title", "number", "day", "unit_name"};
        for (size_t k = 0; k < countof(members); k++)
            json_object_set(one, members[k], json_object_get(hit, members[k]));
        if (json_array_size(list) < most)
            json_array_append_new(list, one);
        else
            json_decref(one);
    }
    json_decref(o);
    error_clear(w); /* while the index is being built nothing is shown */
    return list;
}

json_t *apply_similar(struct work *w, struct str q, struct str unit) {
    json_t *o = json_object();
    bool enough = utf8_length(q) >= 2;
    json_t *answers = enough ? found(w, q, "class", "answer", ANSWERS_MOST) : json_array();
    json_t *hits = enough && unit.n ? found(w, q, "unit", str_dupz(w->arena, unit), SIMILAR_MOST) : json_array();
    if (enough && json_array_size(hits) == 0) {
        json_decref(hits);
        hits = found(w, q, "kind", "document", SIMILAR_MOST);
    }
    json_set_bool(o, "any", json_array_size(hits) + json_array_size(answers) > 0);
    json_object_set_new(o, "hits", hits);
    json_object_set_new(o, "answers", answers);
    json_set_bool(o, "any_answers", json_array_size(answers) > 0);
    return o;
}

struct similar_input {
    struct str q, unit;
};
static const struct field similar_fields[] = {
    FIELD(FIELD_STR, similar_input, q, "所需信息", FIELD_OPTIONAL, 0, 200, NULL, "名称、文号或者描述"),
    FIELD(FIELD_STR, similar_input, unit, "机关代码", FIELD_OPTIONAL, 0, 60, NULL, NULL),
};
const struct field_table similar_table = {similar_fields, countof(similar_fields), sizeof(struct similar_input)};

int similar_page(struct http_request *in, struct http_response *out) {
    struct similar_input x;
    if (fields_read(in, &similar_table, &x) < 0)
        return -1;
    out->model = apply_similar(in->w, x.q, x.unit);
    return 0;
}

/* ── what is carried along ── */

static bool shown_here(enum apply_step s, const char *name, const json_t *form) {
    if (!apply_step_has(s, name))
        return false;
    if (strcmp(name, "evidence") == 0)
        return str_is(typed(form, "matter"), "correction");
    bool again = s == APPLY_WAY && (strcmp(name, "mail") == 0 || strcmp(name, "address") == 0);
    return !again || typed(form, name).n == 0 || json_object_get(json_object_get(form, name), "error");
}

static void keep(json_t *list, const char *name, struct str value) {
    json_t *o = json_pack("{s:s}", "name", name);
    json_set_str(o, "value", value);
    json_array_append_new(list, o);
}

static json_t *kept_fields(const struct apply_input *x, enum apply_step s, const json_t *form) {
    static const char *const own[] = {"step", "go", "draft", "identity", "material", "field", "find", "checked"};
    json_t *list = json_array();
    for (size_t i = 0; i < request_apply_table.n; i++) {
        const struct field *f = &request_apply_table.fields[i];
        bool mine = f->type == FIELD_FILES || shown_here(s, f->name, form);
        for (size_t k = 0; k < countof(own) && !mine; k++)
            mine = strcmp(f->name, own[k]) == 0;
        if ((!mine || strcmp(f->name, "matter") == 0) && typed(form, f->name).n)
            keep(list, f->name, typed(form, f->name));
    }
    keep(list, "step", str_z(apply_step_names[s]));
    keep(list, "draft", x->draft);
    if (x->identity.n)
        keep(list, "identity", x->identity);
    for (size_t i = 0; i < x->material.n; i++)
        keep(list, "material", x->material.v[i]);
    if (x->checked)
        keep(list, "checked", S("1"));
    return list;
}

/* ── files ── */

static json_t *file_json(struct work *w, const struct apply_input *x, struct str token, struct str which) {
    struct sealed_file f;
    json_t *o = json_object();
    if (apply_file(w, x->draft, token, &f) != 1)
        return o;
    json_set_str(o, "name", f.name);
    json_set_str(o, "which", which);
    json_set_str(o, "size_text",
                 f.size < 1048576 ? str_printf(w->arena, "%lld KB", (long long)(f.size + 1023) / 1024)
                                  : str_printf(w->arena, "%.1f MB", (double)f.size / 1048576));
    return o;
}

static void put_files(struct work *w, json_t *model, const struct apply_input *x) {
    json_t *list = json_array();
    if (x->identity.n)
        json_object_set_new(model, "identity", file_json(w, x, x->identity, S("identity")));
    for (size_t i = 0; i < x->material.n; i++)
        json_array_append_new(list, file_json(w, x, x->material.v[i], str_printf(w->arena, "%zu", i)));
    json_set_bool(model, "any_materials", x->material.n > 0);
    json_set_bool(model, "room_left", x->material.n < APPLY_MATERIALS);
    json_object_set_new(model, "materials", list);
}

/* ── the progress line ── */

static json_t *progress(enum apply_step s) {
    static const struct {
        const char *name;
        enum apply_step last; /* of its screens */
    } groups[] = {{"受理机关", APPLY_UNIT}, {"所需信息", APPLY_WANTED}, {"申请人", APPLY_PERSON},
                  {"提供方式", APPLY_WAY},  {"证明材料", APPLY_FILES},  {"核对提交", APPLY_CHECK}};
    json_t *o = json_object(), *list = json_array();
    size_t now = 0;
    while (groups[now].last < s)
        now++;
    for (size_t i = 0; i < countof(groups); i++)
        json_array_append_new(list, json_pack("{s:s, s:i, s:b, s:b}", "name", groups[i].name, "n", (int)i + 1, "now",
                                              i == now, "done", i < now));
    json_object_set_new(o, "groups", list);
    json_set_int(o, "n", (int64_t)now + 1);
    json_set_int(o, "of", countof(groups));
    json_object_set_new(o, "name", json_string(groups[now].name));
    return o;
}

/* ── the model of a screen ── */

static void put_choices(json_t *model, json_t *form) {
    static const struct {
        const char *key, *field, *usual; /* usual: chosen when nothing was */
        const struct field_option *options;
    } sets[] = {{"applicants", "applicant", "", applicant_options},
                {"id_types", "id_type", "id_card", id_type_options},
                {"carriers", "carrier", "electronic", carrier_options},
                {"deliveries", "delivery", "download", delivery_options}};
    for (size_t i = 0; i < countof(sets); i++) {
        struct str chosen = typed(form, sets[i].field);
        json_object_set_new(model, sets[i].key, choices(sets[i].options, chosen.n ? chosen : str_z(sets[i].usual)));
        struct str label = str_z(field_option_label(sets[i].options, chosen));
        json_t *o = json_object_get(form, sets[i].field);
        if (o)
            json_set_str(o, "label", label);
    }
}

static struct str wanted_words(const struct apply_input *x) {
    return x->subject.n ? x->subject : x->info_number.n ? x->info_number : utf8_head(x->description, 60);
}

json_t *apply_model(struct http_request *in, const struct apply_input *x, enum apply_step s) {
    struct work *w = in->w;
    json_t *model = json_object(), *form = fields_form(in, &request_apply_table);
    put_value(form, "unit", x->unit.n ? x->unit : typed(form, "unit"));
    if (x->matter.n)
        put_value(form, "matter", x->matter);
    json_object_set_new(model, str_printf(w->arena, "at_%s", apply_step_names[s]).p, json_true());
    json_set_bool(model, "correction", str_is(typed(form, "matter"), "correction"));
    json_set_bool(model, "person", str_is(typed(form, "applicant"), "person"));
    json_set_bool(model, "agreed_other", x->other_way);
    json_set_bool(model, "checked", x->checked);
    json_set_bool(model, "may_go_back", s != APPLY_UNIT);
    json_object_set_new(model, "progress", progress(s));
    put_choices(model, form);
    put_files(w, model, x);
    put_units(w, model, typed(form, "unit"), s == APPLY_UNIT ? x->find : STR_NONE);
    if (s == APPLY_UNIT)
        put_fields(w, model, x->field, typed(form, "unit"));
    if (s == APPLY_KIND && !str_is(x->matter, "correction"))
        json_object_set_new(model, "similar", apply_similar(w, wanted_words(x), x->unit));
    if (s == APPLY_WAY) {
        json_set_bool(model, "asks_mail", shown_here(s, "mail", form));
        json_set_bool(model, "asks_address", shown_here(s, "address", form));
    }
    json_object_set_new(model, "kept", kept_fields(x, s, form));
    json_object_set_new(model, "form", form);
    return model;
}

/* ── the entry page ── */

static int put_published(struct work *w, json_t *model, const char *kind, const char *key) {
    struct disclosure_filter f = {.kind = str_z(kind), .page_size = 6};
    json_t *list = disclosure_latest(w, &f, NULL);
    if (!list)
        return -1;
    json_set_bool(model, str_printf(w->arena, "any_%s", key).p, json_array_size(list) > 0);
    return json_object_set_new(model, key, list);
}

int start_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    json_t *model = json_object();
    int64_t pages = 0;
    while (pages < 1000 && request_fee_pages(pages + 1) == 0)
        pages++;
    json_set_int(model, "confirm_days", foi_rule(RULE_CONFIRM)->limit.n);
    json_set_int(model, "reply_days", foi_rule(RULE_REPLY)->limit.n);
    json_set_int(model, "extend_days", foi_rule(RULE_EXTEND)->limit.n);
    json_set_int(model, "clarify_days", foi_rule(RULE_CLARIFY_NOTICE)->limit.n);
    json_set_int(model, "third_days", foi_rule(RULE_THIRD)->limit.n);
    json_set_int(model, "free_pieces", foi_numbers()->many_pieces);
    json_set_int(model, "free_pages", pages);
    if (put_published(w, model, "answer", "answers") < 0 || put_published(w, model, "case", "cases") < 0) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "request/start", model);
}
