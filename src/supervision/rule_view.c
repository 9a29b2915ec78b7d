/* rule_view.c: rules, versions and dry runs as pages and programs see them. */
#include "supervision/rule_internal.h"

const struct field_option rule_statuses[] = {
    {"C", "法律法规或者上级文件明文规定"}, {"L", "本市规定"},         {"P", "工作建议，没有明文规定"},
    {"M", "有规定，原文待核对"},           {"U", "尚不确定，待核对"}, {NULL, NULL}};
const struct field_option rule_levels[] = {
    {"yellow", "黄色（临近）"}, {"orange", "橙色（紧急）"}, {"red", "红色（逾期或者违反）"}, {NULL, NULL}};
const struct field_option rule_audiences[] = {
    {"holder", "承办岗位"}, {"superior", "单位负责人"}, {"office", "市政府办公室监督岗"}, {NULL, NULL}};

struct str rule_weight_text(struct arena *a, int64_t n) {
    return n % 100 == 0 ? str_printf(a, "%lld", (long long)(n / 100))
                        : str_printf(a, "%lld.%02lld", (long long)(n / 100), (long long)(n % 100));
}

static struct str text_of(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

struct str rule_step_words(struct work *w, const json_t *step) {
    int64_t after = json_integer_value(json_object_get(step, "after"));
    const char *level = field_option_label(rule_levels, text_of(step, "level")),
               *to = field_option_label(rule_audiences, text_of(step, "to"));
    struct str when = after ? str_printf(w->arena, "满 %lld 个工作日", (long long)after) : S("当日");
    return str_printf(w->arena, "%s%.*s提醒%s%s", level, STR_ARG(when), to,
                      json_is_true(json_object_get(step, "ticket")) ? "，并拟出督办单" : "");
}

/* ── one version ── */

static void add_part(json_t *list, const char *label, struct str value) {
    json_t *o = json_object();
    json_set_str(o, "label", str_z(label));
    json_set_str(o, "value", value);
    json_array_append_new(list, o);
}

static void add_parameters(struct work *w, json_t *list, const struct rule_row *r) {
    json_t *kept = rule_json_of(r->parameters);
    for (const struct check_parameter *p = r->check ? r->check->parameters : NULL; p && p->name; p++) {
        const json_t *v = json_object_get(kept, p->name);
        struct str s = json_is_integer(v)  ? str_printf(w->arena, "%lld", (long long)json_integer_value(v))
                       : json_is_string(v) ? str_dup(w->arena, str_z(json_string_value(v)))
                                           : str_z(p->fallback);
        add_part(list, p->label, s);
    }
    json_decref(kept);
}

static void add_scope(struct work *w, json_t *list, const struct rule_row *r) {
    static const struct {
        const char *part, *label, *all;
    } parts[] = {{"units", "适用单位", "全部单位"}, {"except", "例外单位", "无"},  {"unit_kinds", "单位类别", "不限"},
                 {"fields", "领域", "不限"},        {"items", "目录事项", "不限"}, {"kinds", "信息种类", "不限"}};
    json_t *scope = rule_json_of(r->scope);
    for (size_t i = 0; i < countof(parts); i++) {
        struct str s = rule_scope_part(w, scope, parts[i].part);
        add_part(list, parts[i].label, s.n ? s : str_z(parts[i].all));
    }
    json_decref(scope);
}

static struct str ladder_words(struct work *w, const struct rule_row *r) {
    json_t *ladder = rule_json_of(r->ladder), *o;
    struct buf b;
    size_t i;
    buf_init(&b, 16 * 1024);
    json_array_foreach(ladder, i, o) {
        buf_printf(&b, "%s%zu. ", i ? "\n" : "", i + 1);
        buf_add(&b, rule_step_words(w, o));
    }
    struct str s = b.n ? str_dup(w->arena, buf_str(&b)) : S("无");
    buf_release(&b);
    json_decref(ladder);
    return s;
}

json_t *rule_parts(struct work *w, const struct rule_row *r) {
    json_t *list = json_array();
    add_part(list, "名称", r->name);
    add_parameters(w, list, r);
    add_scope(w, list, r);
    add_part(list, "提醒步骤", ladder_words(w, r));
    add_part(list, "考核权重", rule_weight_text(w->arena, r->weight));
    add_part(list, "依据", r->ground);
    add_part(list, "依据的性质", str_z(field_option_label(rule_statuses, r->status)));
    add_part(list, "生效日期", r->effective);
    return list;
}

json_t *rule_version_json(struct work *w, const struct rule_row *r) {
    json_t *o = json_object(), *scope = rule_json_of(r->scope);
    json_set_int(o, "version", r->version);
    json_set_str(o, "name", r->name);
    json_set_str(o, "scope_words", rule_scope_words(w, scope));
    json_object_set_new(o, "parameters", rule_json_of(r->parameters));
    json_object_set_new(o, "scope", scope);
    json_object_set_new(o, "ladder", rule_json_of(r->ladder));
    json_object_set_new(o, "parts", rule_parts(w, r));
    json_set_str(o, "weight", rule_weight_text(w->arena, r->weight));
    json_set_str(o, "ground", r->ground);
    json_set_str(o, "status", r->status);
    json_set_str(o, "effective", r->effective);
    json_set_str(o, "digest", r->digest);
    json_set_bool(o, "in_force", r->version_id == r->on_version_id && str_is(r->state, "on"));
    json_set_str(o, "made_by", r->made_by ? r->made_by_name : S("随系统提供"));
    json_set_instant(w->arena, o, "created", r->created_at);
    return o;
}

/* ── a dry run ── */

static const struct {
    const char *code, *name;
} verdicts[] = {{"confirmed", "属实：逾期后补办，或者经认定"},
                {"red", "属实：仍然逾期"},
                {"lapsed", "提醒期内办结，没有逾期"},
                {"pending", "尚未到期，没有结果"},
                {"false", "认定为误报"},
                {"waived", "已免除"}};

static const char *verdict_name(struct str code) {
    for (size_t i = 0; i < countof(verdicts); i++)
        if (str_is(code, verdicts[i].code))
            return verdicts[i].name;
    return "";
}

static json_t *counts_json(const json_t *kept, int64_t raised) {
    json_t *list = json_array();
    for (size_t i = 0; i < countof(verdicts); i++) {
        int64_t n = json_integer_value(json_object_get(kept, verdicts[i].code));
        json_t *o = json_object();
        json_set_str(o, "code", str_z(verdicts[i].code));
        json_set_str(o, "name", str_z(verdicts[i].name));
        json_set_int(o, "n", n);
        json_set_int(o, "percent", raised ? (n * 100 + raised / 2) / raised : 0);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *levels_json(const json_t *kept) {
    json_t *list = json_array();
    for (int l = LEVEL_YELLOW; l <= LEVEL_RED; l++) {
        json_t *o = json_object();
        json_set_str(o, "level", str_z(alert_level_code(l)));
        json_set_str(o, "name", str_z(alert_level_name(l)));
        json_set_int(o, "n", json_integer_value(json_object_get(kept, alert_level_code(l))));
        json_array_append_new(list, o);
    }
    return list;
}

/* In official order, so that the same unit always stands in the same place. */
static json_t *units_json(const struct db_rows *units, const json_t *kept) {
    json_t *list = json_array();
    for (size_t i = 0; i < units->n; i++) {
        char key[24];
        snprintf(key, sizeof key, "%lld", (long long)db_i(units, i, 0));
        const json_t *u = json_object_get(kept, key);
        if (!u)
            continue;
        static const char *const counts[] = {"raised", "red", "confirmed", "false"};
        json_t *o = json_object();
        json_set_str(o, "code", db_s(units, i, 1));
        json_set_str(o, "name", db_s(units, i, 2));
        for (size_t k = 0; k < countof(counts); k++)
            json_set_int(o, counts[k], json_integer_value(json_object_get(u, counts[k])));
        json_array_append_new(list, o);
    }
    return list;
}

struct post_line {
    const char *key, *worst_week;
    int64_t notices, worst;
};

/* n / d to one place, halves up. */
static struct str tenths(struct arena *a, int64_t n, int64_t d) {
    int64_t t = d > 0 ? (n * 10 + d / 2) / d : 0;
    return str_printf(a, "%lld.%lld", (long long)(t / 10), (long long)(t % 10));
}

static int by_worst(const void *a, const void *b) {
    const struct post_line *x = a, *y = b;
    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    return x->notices != y->notices ? (x->notices < y->notices ? 1 : -1) : strcmp(x->key, y->key);
}

static int post_name(struct work *w, struct str key, struct str *ret) {
    struct db_rows r;
    int64_t id = 0;
    *ret = S("市政府办公室监督岗");
    if (str_int(key, &id) < 0 || id == 0)
        return 0;
    int n = db_one(w, &sql_rulebook_post, &r, DB_INT(id));
    if (n == 1) /* most posts are named with their unit */
        *ret = str_starts(db_s(&r, 0, 0), db_s(&r, 0, 1))
                   ? db_s(&r, 0, 0)
                   : str_printf(w->arena, "%.*s%.*s", STR_ARG(db_s(&r, 0, 1)), STR_ARG(db_s(&r, 0, 0)));
    return n < 0 ? -1 : 0;
}

/* The busiest posts, at most 20. */
static int posts_json(struct work *w, json_t *o, const json_t *kept, int64_t weeks) {
    const char *key, *week;
    json_t *per, *n, *list = json_array();
    size_t count = 0;
    struct post_line *v = arena_many(w->arena, struct post_line, json_object_size(kept) + 1);
    json_object_foreach((json_t *)(uintptr_t)kept, key, per) {
        struct post_line *p = &v[count++];
        *p = (struct post_line){.key = key, .worst_week = ""};
        json_object_foreach(per, week, n) {
            p->notices += json_integer_value(n);
            if (json_integer_value(n) > p->worst) {
                p->worst = json_integer_value(n);
                p->worst_week = week;
            }
        }
    }
    qsort(v, count, sizeof *v, by_worst);
    for (size_t i = 0; i < count && i < 20; i++) {
        json_t *line = json_object();
        struct str name;
        if (post_name(w, str_z(v[i].key), &name) < 0) {
            json_decref(line);
            json_decref(list);
            return -1;
        }
        json_set_str(line, "name", name);
        json_set_int(line, "notices", v[i].notices);
        json_set_int(line, "worst", v[i].worst);
        json_set_str(line, "worst_week", str_z(v[i].worst_week));
        json_set_str(line, "per_week", tenths(w->arena, v[i].notices, weeks));
        json_array_append_new(list, line);
    }
    json_object_set_new(o, "posts", list);
    json_set_int(o, "posts_left", count > 20 ? (int64_t)count - 20 : 0);
    return 0;
}

static json_t *examples_json(const struct db_rows *units, const json_t *kept) {
    json_t *list = json_array(), *e;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)kept, i, e) {
        json_t *o = json_copy(e);
        int64_t unit = json_integer_value(json_object_get(e, "unit"));
        struct str level = text_of(e, "level");
        for (size_t k = 0; k < units->n; k++)
            if (db_i(units, k, 0) == unit)
                json_set_str(o, "unit_name", db_s(units, k, 2));
        for (int l = LEVEL_YELLOW; l <= LEVEL_RED; l++)
            if (str_is(level, alert_level_code(l)))
                json_set_str(o, "level_name", str_z(alert_level_name(l)));
        if (!json_object_get(o, "ended_text"))
            json_set_str(o, "ended_text", STR_NONE);
        json_set_str(o, "verdict_name", str_z(verdict_name(text_of(e, "verdict"))));
        json_array_append_new(list, o);
    }
    return list;
}

static int result_json(struct work *w, json_t *o, const struct rule_run *run) {
    struct db_rows units;
    struct rule_load load;
    const json_t *x = run->result;
    if (rule_units(w, &units) < 0)
        return -1;
    rule_run_load(w, run, &load);
    struct str large = rule_large(w, &load), busiest = STR_NONE;
    if (load.busiest && post_name(w, load.busiest_post, &busiest) < 0)
        return -1;
    json_set_int(o, "raised", load.raised);
    json_set_int(o, "standing", load.standing);
    json_set_int(o, "standing_red", json_integer_value(json_object_get(x, "standing_red")));
    json_set_int(o, "notices", load.notices);
    json_set_int(o, "weeks", load.weeks);
    json_set_int(o, "busiest", load.busiest);
    json_set_str(o, "busiest_post", busiest);
    json_set_str(o, "busiest_week", load.busiest_week);
    json_set_str(o, "per_post_week", tenths(w->arena, load.notices, load.posts * load.weeks));
    json_set_str(o, "large", large);
    json_object_set_new(o, "levels", levels_json(json_object_get(x, "levels")));
    json_object_set_new(o, "verdicts", counts_json(json_object_get(x, "verdicts"), load.raised));
    json_object_set_new(o, "units", units_json(&units, json_object_get(x, "units")));
    json_object_set_new(o, "examples", examples_json(&units, json_object_get(x, "examples")));
    return posts_json(w, o, json_object_get(x, "posts"), load.weeks);
}

static const struct field_option run_states[] = {
    {"waiting", "等待中"}, {"running", "进行中"}, {"done", "已完成"}, {"failed", "没有完成"}, {NULL, NULL}};
const char *rule_run_state(struct str code) {
    return field_option_label(run_states, code);
}

json_t *rule_run_json(struct work *w, const struct rule_run *run) {
    json_t *o = json_object();
    bool done = str_is(run->state, "done");
    json_set_int(o, "id", run->id);
    json_set_int(o, "rule_id", run->rule_id);
    json_set_int(o, "version", run->version);
    json_set_str(o, "state", run->state);
    json_set_str(o, "state_name", str_z(rule_run_state(run->state)));
    json_set_bool(o, "done_now", done);
    json_set_bool(o, "failed", str_is(run->state, "failed"));
    json_set_bool(o, "going", str_is(run->state, "waiting") || str_is(run->state, "running"));
    json_set_str(o, "from", run->from);
    json_set_str(o, "to", run->to);
    json_set_int(o, "done", run->done);
    json_set_int(o, "total", run->total);
    json_set_int(o, "percent", run->total ? run->done * 100 / run->total : 0);
    json_set_str(o, "made_by", run->made_by_name);
    json_set_str(o, "digest", run->digest);
    json_set_instant(w->arena, o, "created", run->created_at);
    if (run->ended_at)
        json_set_instant(w->arena, o, "ended", run->ended_at);
    if (done && result_json(w, o, run) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}
