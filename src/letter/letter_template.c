/* letter_template.c: data/letters.json and data/remedies.json: facts checked and set into plain text. */
#include "letter/letter_internal.h"

#define TEXT_BYTES (256 * 1024)

json_t *letter_data(struct work *w, const char *name) {
    json_error_t why;
    const struct asset *a = asset_find(w->config, w->arena, name);
    json_t *o = a ? json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, &why) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "%s：%s", name, a ? why.text : "缺失");
    return o;
}

static struct str member(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

/* ── Mustache for paper: nothing is escaped ── */

/* {{x}} becomes {{&x}}. */
static struct str unescaped(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, TEXT_BYTES);
    for (ptrdiff_t at; (at = str_find(s, S("{{"))) >= 0;) {
        buf_add(&b, str_sub(s, 0, (size_t)at + 2));
        s = str_sub(s, (size_t)at + 2, s.n);
        if (s.n && !strchr("#^/!>&={<$", *s.p))
            buf_addc(&b, '&');
        else if (s.n && *s.p == '{') { /* {{{x}}} as it is */
            buf_addc(&b, '{');
            s = str_sub(s, 1, s.n);
        }
    }
    buf_add(&b, s);
    struct str ret = b.failed ? STR_NONE : str_dup(a, buf_str(&b));
    buf_release(&b);
    return ret;
}

struct parts {
    struct work *w;
    const json_t *texts; /* name → text */
    struct mustache *made[32];
    struct str names[32];
    size_t n;
};

static const struct mustache *part_get(void *ctx, struct str name) {
    struct parts *p = ctx;
    char why[200];
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->names[i], name))
            return p->made[i];
    struct str text = member(p->texts, str_dupz(p->w->arena, name));
    if (!text.n || p->n == countof(p->made))
        return NULL;
    struct mustache *m = mustache_compile(unescaped(p->w->arena, text), why, sizeof why);
    if (m) {
        p->names[p->n] = name;
        p->made[p->n++] = m;
    }
    return m;
}

/* where: for the message, a file and the place in it. */
static int set_text(struct work *w, const char *where, struct str text, const json_t *texts, json_t *facts,
                    struct str *ret) {
    struct parts parts = {.w = w, .texts = texts};
    struct buf b;
    char why[200] = "";
    struct mustache *m = mustache_compile(unescaped(w->arena, text), why, sizeof why);
    if (!m)
        return fail(w, ERR_INTERNAL, "%s：%s", where, why);
    buf_init(&b, TEXT_BYTES);
    int rc = mustache_render(m, &facts, 1, part_get, &parts, &b);
    if (rc == 0)
        *ret = str_dup(w->arena, str_trim(buf_str(&b)));
    buf_release(&b);
    mustache_free(m);
    for (size_t i = 0; i < parts.n; i++)
        mustache_free(parts.made[i]);
    return rc == 0 ? 0 : fail(w, ERR_TOO_LARGE, "文书内容过长，请缩短后再试");
}

/* ── facts ── */

static json_t *at_path(json_t *facts, struct str path) {
    struct str head = path;
    while (str_cut(path, '.', &head, &path))
        facts = json_object_getn(facts, head.p, head.n);
    return json_object_getn(facts, path.p, path.n);
}

static bool empty(const json_t *v) {
    if (json_is_string(v))
        return str_trim(str_z(json_string_value(v))).n == 0;
    return !v || json_is_null(v) || json_is_object(v) || (json_is_array(v) && json_array_size(v) == 0);
}

static int require_facts(struct work *w, const json_t *entry, const json_t *labels, json_t *facts) {
    const json_t *r;
    size_t i;
    int rc = 0;
    json_array_foreach(json_object_get(entry, "requires"), i, r) {
        struct str path = str_z(json_string_value(r)), label = member(labels, json_string_value(r));
        if (empty(at_path(facts, path)))
            rc = fail_field(w, str_dupz(w->arena, path), "required", "缺少“%.*s”，请补充后再生成文书",
                            STR_ARG(label.n ? label : path));
    }
    return rc;
}

static void add_unit(struct work *w, const struct unit *u, json_t *facts) {
    json_t *o = json_object(), *given = json_object_get(facts, "unit"),
           *details = json_loadb(u->details.p, u->details.n, 0, NULL);
    json_set_str(o, "name", u->name);
    json_set_str(o, "short_name", u->short_name);
    json_set_str(o, "kind", u->kind);
    json_set_str(o, "address", str_dup(w->arena, member(details, "address")));
    json_set_str(o, "telephone", str_dup(w->arena, member(details, "telephone")));
    json_decref(details);
    if (json_is_object(given))
        json_object_update(o, given);
    json_object_set_new(facts, "unit", o);
}

/* The caller's facts and what is added. New reference. */
static json_t *all_facts(struct work *w, const struct unit *u, json_t *given, const json_t *entry) {
    json_t *facts = given ? json_deep_copy(given) : json_object(), *cities = unit_list(w, "city");
    struct str remedy = STR_NONE, outcome = member(entry, "remedy");
    add_unit(w, u, facts);
    if (empty(json_object_get(facts, "today_text")))
        json_set_str(facts, "today_text", day_chinese(w->arena, work_today(w)));
    if (empty(json_object_get(facts, "city")))
        json_set_str(facts, "city", member(json_array_get(cities, 0), "name"));
    json_decref(cities);
    json_set_bool(facts, "has_materials", json_array_size(json_object_get(facts, "materials")) > 0);
    outcome = outcome.n ? outcome : member(entry, "outcome");
    if (outcome.n && empty(json_object_get(facts, "remedy_text"))) {
        if (letter_remedy(w, outcome, work_today(w), facts, &remedy) < 0) {
            json_decref(facts);
            return NULL;
        }
        json_set_str(facts, "remedy_text", remedy);
    }
    return facts;
}

/* ── templates ── */

static json_t *entry_of(const json_t *file, struct str code) {
    json_t *e;
    size_t i;
    json_array_foreach(json_object_get(file, "letters"), i, e) if (str_eq(member(e, "code"), code)) return e;
    return NULL;
}

static int compose(struct work *w, const json_t *file, const json_t *entry, json_t *facts,
                   struct letter_text_new *ret) {
    const json_t *parts = json_object_get(file, "parts"), *to = json_object_get(entry, "addressee");
    if (require_facts(w, entry, json_object_get(file, "facts"), facts) < 0 ||
        set_text(w, "data/letters.json", to ? str_z(json_string_value(to)) : S("{{applicant.name}}"), parts, facts,
                 &ret->addressee) < 0 ||
        set_text(w, "data/letters.json", member(entry, "title"), parts, facts, &ret->title) < 0)
        return -1;
    return set_text(w, "data/letters.json", member(entry, "body"), parts, facts, &ret->body);
}

int letter_compose(struct work *w, const char *code, const struct unit *u, json_t *given, struct letter_text_new *ret) {
    json_t *file = letter_data(w, "data/letters.json");
    const json_t *entry = file ? entry_of(file, str_z(code)) : NULL;
    int rc = -1;
    if (file && !entry)
        fail(w, ERR_NOT_FOUND, "没有这种文书：%s", code);
    json_t *facts = entry ? all_facts(w, u, given, entry) : NULL;
    if (facts)
        rc = compose(w, file, entry, facts, ret);
    json_decref(facts);
    json_decref(file);
    return rc;
}

struct str letter_template_word(struct work *w, struct str code, const char *key) {
    json_t *file = letter_data(w, "data/letters.json");
    struct str s = str_dup(w->arena, member(file ? entry_of(file, code) : NULL, key));
    json_decref(file);
    return s;
}

json_t *letter_templates(struct work *w) {
    static const char *const kept[] = {"code", "name", "title", "outcome", "law", "requires"};
    json_t *file = letter_data(w, "data/letters.json"), *list = file ? json_array() : NULL, *e;
    size_t i;
    json_array_foreach(json_object_get(file, "letters"), i, e) {
        json_t *o = json_object();
        for (size_t k = 0; k < countof(kept); k++)
            json_object_set(o, kept[k], json_object_get(e, kept[k]));
        json_array_append_new(list, o);
    }
    json_decref(file);
    return list;
}

/* ── remedies ── */

static bool in_force(struct work *w, const json_t *rule, day_t day) {
    struct str from = member(rule, "from"), until = member(rule, "until"), at = day_str(w->arena, day);
    return (!from.n || str_cmp(from, at) <= 0) && (!until.n || str_cmp(at, until) <= 0);
}

/* "*", "R04.*" or the word itself. */
static bool listed(const json_t *list, struct str word) {
    const json_t *v;
    size_t i;
    json_array_foreach(list, i, v) {
        struct str pattern = str_z(json_string_value(v));
        if (str_eq(pattern, word) ||
            (str_ends(pattern, S("*")) && str_starts(word, str_sub(pattern, 0, pattern.n - 1))))
            return true;
    }
    return false;
}

/* The first rule of the list that holds on the day for the word. */
static const json_t *rule_of(struct work *w, const json_t *rules, const char *key, struct str word, day_t day) {
    const json_t *r;
    size_t i;
    json_array_foreach(rules, i, r) if (in_force(w, r, day) && listed(json_object_get(r, key), word)) return r;
    return NULL;
}

static int add_organs(struct work *w, const json_t *file, day_t day, json_t *facts) {
    struct str organ = STR_NONE, kind = member(json_object_get(facts, "unit"), "kind");
    if (empty(json_object_get(facts, "court")))
        json_set_str(facts, "court", member(json_object_get(file, "court"), "name"));
    if (!empty(json_object_get(facts, "reconsideration_organ")))
        return 0;
    const json_t *r = rule_of(w, json_object_get(file, "organs"), "kinds", kind, day);
    if (set_text(w, "data/remedies.json", member(r, "organ"), NULL, facts, &organ) < 0)
        return -1;
    json_set_str(facts, "reconsideration_organ", organ.n ? organ : S("有管辖权的行政复议机关"));
    return 0;
}

int letter_remedy(struct work *w, struct str outcome, day_t day, json_t *given, struct str *ret) {
    json_t *file = letter_data(w, "data/remedies.json");
    if (!file)
        return -1;
    json_t *facts = given ? json_deep_copy(given) : json_object();
    const json_t *rule = rule_of(w, json_object_get(file, "rules"), "outcomes", outcome, day);
    struct str text = member(json_object_get(file, "texts"), json_string_value(json_object_get(rule, "kind"))),
               told = STR_NONE;
    int rc = rule ? 0 : fail(w, ERR_INTERNAL, "data/remedies.json：没有 %.*s 的规则", STR_ARG(outcome));
    if (rc == 0 && text.n)
        rc = add_organs(w, file, day, facts) < 0 ||
                     set_text(w, "data/remedies.json",
                              str_printf(w->arena, "%.*s\n%.*s", STR_ARG(text),
                                         STR_ARG(member(json_object_get(file, "complaint"), "text"))),
                              NULL, facts, &told) < 0
                 ? -1
                 : 0;
    if (rc == 0)
        *ret = told;
    json_decref(facts);
    json_decref(file);
    return rc;
}
