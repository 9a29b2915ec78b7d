/* limit_rule.c: a time-limit rule as JSON and as plain Chinese, and the default numbers of days (data/limits.json). */
#include "catalogue/limit_internal.h"

#include <pthread.h>

/* ── codes ── */

static const char *const kind_codes[] = {NULL,         "event",       "periodic",     "immediate",  "prompt",
                                         "fixed_date", "min_display", "before_event", "continuous", "manual"};
static const char *const trigger_codes[] = {NULL,    "formed",     "decided",     "approved", "received",
                                            "ended", "period_end", "event_start", "date"};
static const char *const unit_codes[] = {NULL, "WD", "CD", "H", "M"};
static const char *const period_codes[] = {NULL, "day", "week", "month", "quarter", "half", "year", "workdays"};

/* Position of a code in its list; 0 when it is not there. */
static int code_find(const char *const *codes, size_t n, const char *code) {
    for (size_t i = 1; code && i < n; i++)
        if (strcmp(codes[i], code) == 0)
            return (int)i;
    return 0;
}
#define CODE_FIND(codes, code) code_find(codes, countof(codes), code)

/* ── defaults ── */

static struct limit_defaults loaded;
static bool have_defaults;
static pthread_once_t embedded_once = PTHREAD_ONCE_INIT;

static int limit_read(const json_t *o, struct limit *ret) {
    json_int_t n = json_integer_value(json_object_get(o, "n"));
    int unit = CODE_FIND(unit_codes, json_string_value(json_object_get(o, "unit")));
    if (n < 0 || n > 10000 || unit == 0)
        return -1;
    *ret = (struct limit){(int)n, (enum limit_unit)unit};
    return 0;
}

static int default_read(const json_t *o, struct limit_default *ret) {
    const json_t *cap = json_object_get(o, "cap");
    const char *status = json_string_value(json_object_get(o, "status"));
    if (limit_read(json_object_get(o, "target"), &ret->target) < 0 || (cap && limit_read(cap, &ret->cap) < 0))
        return -1;
    snprintf(ret->status, sizeof ret->status, "%s", status ? status : "P");
    return 0;
}

int limit_defaults_load(struct str json) {
    struct limit_defaults d = {0};
    json_t *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *periods = json_object_get(o, "period");
    int rc = default_read(json_object_get(o, "prompt"), &d.prompt) |
             default_read(json_object_get(o, "immediate"), &d.immediate) |
             default_read(json_object_get(o, "continuous"), &d.continuous) |
             default_read(json_object_get(o, "manual"), &d.manual);
    for (int p = PERIOD_DAY; p < PERIOD_WORKDAYS; p++)
        rc |= default_read(json_object_get(periods, period_codes[p]), &d.period[p]);
    json_decref(o);
    if (rc < 0)
        return -1;
    loaded = d;
    have_defaults = true;
    return 0;
}

static void load_embedded(void) {
    for (size_t i = 0; !have_defaults && i < app_asset_count; i++)
        if (strcmp(app_assets[i].name, "data/limits.json") == 0)
            (void)limit_defaults_load(app_assets[i].bytes);
}

const struct limit_defaults *limit_defaults(void) {
    pthread_once(&embedded_once, load_embedded);
    return have_defaults ? &loaded : NULL;
}

/* ── JSON ── */

static void put_text(json_t *o, const char *key, struct str s) {
    if (s.n)
        json_object_set_new(o, key, json_stringn(s.p, s.n));
}

static void put_limit(json_t *o, const char *key, struct limit l) {
    if (l.unit)
        json_object_set_new(o, key, json_pack("{s:i, s:s}", "n", l.n, "unit", unit_codes[l.unit]));
}

json_t *limit_rule_json(const struct limit_rule *r) {
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(kind_codes[r->kind]));
    json_object_set_new(o, "trigger", json_string(trigger_codes[r->trigger]));
    put_limit(o, "limit", r->limit);
    put_limit(o, "cap", r->cap);
    if (r->period)
        json_object_set_new(o, "period", json_string(period_codes[r->period]));
    put_limit(o, "due_offset", r->due_offset);
    if (r->kind == LIMIT_FIXED_DATE) {
        json_object_set_new(o, "month", json_integer(r->month));
        json_object_set_new(o, "day", json_integer(r->day));
    }
    put_text(o, "scope", r->scope);
    put_text(o, "text", r->text);
    json_object_set_new(o, "status", json_string(r->status ? r->status : "U"));
    return o;
}

static struct str get_text(struct work *w, const json_t *o, const char *key) {
    const json_t *s = json_object_get(o, key);
    return json_is_string(s) ? str_dup(w->arena, (struct str){json_string_value(s), json_string_length(s)}) : S("");
}

static int get_limit(const json_t *o, const char *key, struct limit *ret) {
    const json_t *l = json_object_get(o, key);
    return l ? limit_read(l, ret) : 0;
}

static const char *get_code(const json_t *o, const char *key) {
    return json_string_value(json_object_get(o, key));
}

/* The numbers each kind cannot do without. */
static bool complete(const struct limit_rule *r) {
    switch (r->kind) {
    case LIMIT_PERIODIC:
        return r->period && (r->period != PERIOD_WORKDAYS || (r->limit.n > 0 && r->limit.unit == LIMIT_WORKING_DAYS));
    case LIMIT_FIXED_DATE:
        return day_from(2024, r->month, r->day) != DAY_NONE;
    default:
        return r->limit.unit != 0;
    }
}

int limit_rule_from_json(struct work *w, const json_t *j, struct limit_rule *ret) {
    struct limit_rule r = {
        .kind = (enum limit_kind)CODE_FIND(kind_codes, get_code(j, "kind")),
        .trigger = (enum limit_trigger)CODE_FIND(trigger_codes, get_code(j, "trigger")),
        .period = (enum limit_period)CODE_FIND(period_codes, get_code(j, "period")),
        .month = (int)json_integer_value(json_object_get(j, "month")),
        .day = (int)json_integer_value(json_object_get(j, "day")),
        .scope = get_text(w, j, "scope"),
        .text = get_text(w, j, "text"),
        .status = get_text(w, j, "status").p,
    };
    if (!r.kind || !r.trigger || get_limit(j, "limit", &r.limit) < 0 || get_limit(j, "cap", &r.cap) < 0 ||
        get_limit(j, "due_offset", &r.due_offset) < 0 || !complete(&r))
        return fail(w, ERR_INVALID, "公开时限规则的内容不完整");
    *ret = r;
    return 0;
}

/* ── words ── */

struct limit limit_rule_last(const struct limit_rule *r) {
    return r->cap.n ? r->cap : r->limit;
}

static struct str amount(struct arena *a, struct limit l) {
    static const char *const names[] = {"", "个工作日", "日", "小时", "个月"};
    return str_printf(a, "%d%s", l.n, names[l.unit]);
}

static struct str event_words(struct arena *a, const struct limit_rule *r) {
    static const char *const after[] = {
        "", "信息形成或变更", "作出决定", "批准或批复", "收到", "活动或程序结束", "期间届满", "活动开始", "期限届至"};
    if (r->kind == LIMIT_PROMPT)
        return str_printf(a, "%s后及时公开，目标%.*s内，最迟%.*s内", after[r->trigger], STR_ARG(amount(a, r->limit)),
                          STR_ARG(amount(a, limit_rule_last(r))));
    if (r->limit.n == 0)
        return S("与所附文件或者活动同时公开");
    return str_printf(a, "%s后%.*s内", after[r->trigger], STR_ARG(amount(a, r->limit)));
}

static struct str period_words(struct arena *a, const struct limit_rule *r) {
    static const char *const names[] = {"", "日", "周", "月", "季度", "半年", "年"};
    if (r->period == PERIOD_WORKDAYS)
        return str_printf(a, "每%.*s公开一次", STR_ARG(amount(a, r->limit)));
    return str_printf(a, "每%s公开，期间届满后%.*s内", names[r->period], STR_ARG(amount(a, r->due_offset)));
}

static struct str rule_words(struct arena *a, const struct limit_rule *r) {
    switch (r->kind) {
    case LIMIT_EVENT:
    case LIMIT_PROMPT:
        return event_words(a, r);
    case LIMIT_PERIODIC:
        return period_words(a, r);
    case LIMIT_IMMEDIATE:
        return str_printf(a, "实时公开，%.*s内，最迟%.*s内", STR_ARG(amount(a, r->limit)),
                          STR_ARG(amount(a, limit_rule_last(r))));
    case LIMIT_FIXED_DATE:
        return str_printf(a, "每年%d月%d日前", r->month, r->day);
    case LIMIT_MIN_DISPLAY:
        return str_printf(a, "公示不少于%.*s", STR_ARG(amount(a, r->limit)));
    case LIMIT_BEFORE_EVENT:
        return r->limit.n ? str_printf(a, "活动开始%.*s前", STR_ARG(amount(a, r->limit))) : S("活动开始前");
    case LIMIT_CONTINUOUS:
        return str_printf(a, "长期公开，变更后%.*s内更新", STR_ARG(amount(a, r->limit)));
    default:
        return str_printf(a, "时限待人工确定，最迟%.*s内", STR_ARG(amount(a, r->limit)));
    }
}

struct str limit_rule_text(struct arena *a, const struct limit_rule *r) {
    struct str s = rule_words(a, r);
    return r->scope.n ? str_printf(a, "%.*s：%.*s", STR_ARG(r->scope), STR_ARG(s)) : s;
}
