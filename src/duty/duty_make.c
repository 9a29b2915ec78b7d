/* duty_make.c: where duties come from: an item version coming into force, and facts (信息形成). */
#include "duty/duty_internal.h"

/* ── rules of an item ── */

int duty_rules_read(struct work *w, const json_t *rules, struct duty_rules *ret) {
    const json_t *j;
    size_t i;
    *ret = (struct duty_rules){.n = 0};
    json_array_foreach(rules, i, j) {
        if (ret->n < DUTY_RULES_MAX && limit_rule_from_json(w, j, &ret->v[ret->n++]) < 0)
            return -1;
    }
    if (ret->n == 0) /* an empty cell: the statutory cap of whatever is not understood */
        ret->n = limit_parse(w->arena, S("未写明时限"), ret->v, 1);
    return ret->n > 0 ? 0 : fail(w, ERR_INTERNAL, "data/limits.json 没有载入");
}

bool duty_rule_owes(const struct limit_rule *r) {
    return r->kind == LIMIT_EVENT || r->kind == LIMIT_PROMPT || r->kind == LIMIT_IMMEDIATE ||
           r->kind == LIMIT_CONTINUOUS || r->kind == LIMIT_MANUAL;
}

/* 其他信息、除…外: what is not named elsewhere. */
static bool scope_is_rest(struct str scope) {
    return scope.n == 0 || str_starts(scope, S("其他")) || str_starts(scope, S("其它")) || str_starts(scope, S("除"));
}

int duty_main_rule(const struct duty_rules *r) {
    for (int i = 0; i < r->n; i++)
        if (duty_rule_owes(&r->v[i]) && r->v[i].trigger == TRIGGER_FORMED && scope_is_rest(r->v[i].scope))
            return i;
    for (int i = 0; i < r->n; i++)
        if (duty_rule_owes(&r->v[i]))
            return i;
    return -1;
}

static bool only_kinds(const struct duty_rules *r, bool recurring) {
    for (int i = 0; i < r->n; i++) {
        bool recurs = r->v[i].kind == LIMIT_PERIODIC || r->v[i].kind == LIMIT_FIXED_DATE;
        if (recurs != recurring || duty_rule_owes(&r->v[i]))
            return false;
    }
    return true;
}

/* ── writing ── */

void duty_count_down(struct work *w, struct duty_new *n, int64_t trigger, struct limit l, struct str rule) {
    json_t *c;
    n->trigger_at = trigger;
    n->due_at = limit_due(trigger, l, str_dupz(w->arena, rule), &c);
    char *text = json_dumps(c, JSON_COMPACT);
    n->certificate = str_dup(w->arena, str_z(text));
    free(text);
    json_decref(c);
}

void duty_insert_values(struct work *w, const struct duty_new *n, struct db_value v[DUTY_INSERT_WIDTH]) {
    const struct db_value all[DUTY_INSERT_WIDTH] = {
        DB_INT(n->unit_id),       DB_INT(n->item->id), DB_INT(n->item->version_id),
        DB_ID(n->item->field_id), DB_TEXTZ(n->source), DB_ID(n->fact_id),
        DB_TEXT(n->period_key),   DB_INT(n->rule_no),  DB_TEXT(n->subject),
        DB_INT(n->trigger_at),    DB_INT(n->due_at),   DB_TEXT(day_str(w->arena, day_of(n->due_at))),
        DB_TEXT(n->certificate),  DB_INT(w->now),
    };
    memcpy(v, all, sizeof all);
}

bool json_owner(const json_t *owners, int64_t unit_id) {
    const json_t *o;
    size_t i;
    json_array_foreach(owners, i, o) if (json_integer_value(json_object_get(o, "unit_id")) == unit_id) return true;
    return false;
}

/* ── an item version comes into force ── */

static bool in_rows(const struct db_rows *r, int64_t unit_id) {
    for (size_t i = 0; i < r->n; i++)
        if (db_i(r, i, 0) == unit_id)
            return true;
    return false;
}

/* A recurring duty of the old version goes on, with its day, when the new version has the same rule for the unit. */
static bool carried_on(struct work *w, const struct db_rows *r, size_t i, const struct duty_rules *rules,
                       const json_t *owners, bool active) {
    int64_t no = db_i(r, i, 3);
    struct limit_rule old;
    json_t *all = json_loadb(db_s(r, i, 4).p, db_s(r, i, 4).n, 0, NULL);
    const json_t *j = json_array_get(all, (size_t)no);
    bool known = j && limit_rule_from_json(w, j, &old) == 0;
    json_decref(all);
    error_clear(w);
    if (str_is(db_s(r, i, 2), "in_force") || !active || !known || no >= rules->n || !json_owner(owners, db_i(r, i, 1)))
        return false;
    const struct limit_rule *new = &rules->v[no];
    return new->period != PERIOD_WORKDAYS &&old.kind == new->kind &&old.period == new->period &&old.month ==
           new->month &&old.day == new->day &&str_eq(old.scope, new->scope);
}

static int settle_older(struct work *w, const struct item *item, const struct duty_rules *rules, const json_t *owners) {
    struct db_rows r;
    if (db_query(w, &sql_duty_open_of_other_versions, &r, DB_INT(item->id), DB_INT(item->version_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (!carried_on(w, &r, i, rules, owners, item->mode_active) &&
            duty_void(w, db_i(&r, i, 0), "目录事项已调整，按新版本重新确定") < 0)
            return -1;
    return 0;
}

/* One event for all units: at the start thousands come into being. */
static int created_event(struct work *w, const struct item *item, const struct duty_new *n, json_t *units,
                         struct str rule) {
    json_t *p = json_object();
    json_set_str(p, "item", item->code);
    json_set_str(p, "source", str_z(n->source));
    json_set_str(p, "rule", rule);
    json_set_day(w->arena, p, "due", day_of(n->due_at));
    json_object_set_new(p, "units", units);
    struct event e = {.room = "duty",
                      .verb = "created",
                      .subject_kind = "item",
                      .subject_id = item->id,
                      .unit_id = item->catalogue_unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static int insert_first(struct work *w, struct duty_new *n, const json_t *owners, const struct db_rows *have,
                        const struct db_rows *satisfied, struct str rule) {
    size_t count = 0, i;
    struct db_value *v = arena_many(w->arena, struct db_value, json_array_size(owners) * DUTY_INSERT_WIDTH + 1);
    struct str due_day = day_str(w->arena, day_of(n->due_at));
    json_t *units = json_array();
    const json_t *o;
    json_array_foreach(owners, i, o) {
        n->unit_id = json_integer_value(json_object_get(o, "unit_id"));
        if (in_rows(have, n->unit_id) || in_rows(satisfied, n->unit_id))
            continue;
        duty_insert_values(w, n, v + DUTY_INSERT_WIDTH * count++);
        json_array_append(units, json_object_get(o, "code"));
        if (duty_count_change(w, n->unit_id, n->item->field_id, due_day, 1, 0, 0) < 0) {
            json_decref(units);
            return -1;
        }
    }
    if (count == 0) {
        json_decref(units);
        return 0;
    }
    int made = db_exec_many(w, &sql_duty_insert, v, DUTY_INSERT_WIDTH, count);
    if (made >= 0 && (size_t)made != count)
        made = fail(w, ERR_CONFLICT, "另一处正在产生同样的任务，请稍后再试");
    if (made < 0) {
        json_decref(units);
        return -1;
    }
    return created_event(w, n->item, n, units, rule);
}

/* What is owed first: an item whose clock runs from the forming of information, by its own limit; one whose clock waits
 * for an event (a decision, an approval, 实时 …) that has not happened, or that names no length, by the cap of
 * 条例第二十六条. */
static struct limit first_limit(struct work *w, const struct limit_rule *rule, struct str *ret_words) {
    struct limit_rule cap;
    if (rule->kind == LIMIT_EVENT && rule->trigger == TRIGGER_FORMED && rule->limit.n > 0) {
        *ret_words = limit_rule_text(w->arena, rule);
        return rule->limit;
    }
    struct limit last = limit_parse(w->arena, S("未写明时限"), &cap, 1) == 1 ? cap.limit : limit_rule_last(rule);
    *ret_words =
        str_printf(w->arena, "目录事项生效后首次公开，最迟%d个工作日内（《政府信息公开条例》第二十六条）", last.n);
    return last;
}

/* First publication (首次公开), counted from the day the version came into force. */
static int make_first(struct work *w, const struct item *item, const struct duty_rules *rules, const json_t *owners) {
    struct db_rows have, satisfied;
    struct str words;
    int main = duty_main_rule(rules);
    if (main < 0)
        return 0;
    if (db_query(w, &sql_duty_units_with_first, &have, DB_INT(item->version_id)) < 0 ||
        db_query(w, &sql_duty_units_satisfied, &satisfied, DB_INT(item->id), DB_TEXT(item->elements)) < 0)
        return -1;
    struct duty_new n = {.item = item, .source = "in_force", .rule_no = main, .period_key = S(""), .subject = S("")};
    struct limit last = first_limit(w, &rules->v[main], &words);
    duty_count_down(w, &n, day_start(item->valid_from), last, words);
    return insert_first(w, &n, owners, &have, &satisfied, words);
}

int duty_on_item_in_force(struct work *w, const struct item *i) {
    struct duty_rules *rules = arena_one(w->arena, struct duty_rules);
    int64_t made;
    if (duty_rules_read(w, i->rules, rules) < 0)
        return -1;
    json_t *owners = item_owners(w, i->version_id);
    int rc = !owners || settle_older(w, i, rules, owners) < 0 ? -1 : 0;
    if (rc == 0 && i->mode_active)
        rc = make_first(w, i, rules, owners) < 0 || duty_make_periods(w, i, &made) < 0 ? -1 : 0;
    json_decref(owners);
    return rc;
}

/* ── facts ── */

static enum limit_trigger trigger_of(struct str kind) {
    static const struct {
        const char *kind;
        enum limit_trigger trigger;
    } map[] = {{"formed", TRIGGER_FORMED},     {"decided", TRIGGER_DECIDED}, {"approved", TRIGGER_APPROVED},
               {"received", TRIGGER_RECEIVED}, {"ended", TRIGGER_ENDED},     {"starting", TRIGGER_EVENT_START}};
    for (size_t i = 0; i < countof(map); i++)
        if (str_is(kind, map[i].kind))
            return map[i].trigger;
    return 0;
}

/* Does a scope (处罚决定, 结果信息) speak of this fact? By its kind, or because the subject says the word. */
static bool scope_names(struct str scope, const struct fact_new *f) {
    static const char *const decided[] = {"决定", "处罚", "许可", "执法"};
    for (size_t i = 0; str_is(f->kind, "decided") && i < countof(decided); i++)
        if (str_find(scope, str_z(decided[i])) >= 0)
            return true;
    struct str word = str_ends(scope, S("信息")) ? str_sub(scope, 0, scope.n - strlen("信息")) : scope;
    return word.n && str_find(f->subject, word) >= 0;
}

/* Marks the rules that the fact starts; the special ones win over those for the rest. How many. */
static int rules_started(const struct duty_rules *r, const struct fact_new *f, bool started[DUTY_RULES_MAX]) {
    enum limit_trigger trigger = trigger_of(f->kind);
    int special = 0, rest = 0;
    bool named[DUTY_RULES_MAX] = {0}, general[DUTY_RULES_MAX] = {0};
    for (int i = 0; i < r->n; i++) {
        const struct limit_rule *rule = &r->v[i];
        if (!duty_rule_owes(rule) || (rule->trigger != trigger && !(rule->scope.n && scope_names(rule->scope, f))))
            continue;
        named[i] = !scope_is_rest(rule->scope) && scope_names(rule->scope, f);
        general[i] = scope_is_rest(rule->scope);
        special += named[i];
        rest += general[i];
    }
    memcpy(started, special ? named : general, sizeof named);
    return special ? special : rest;
}

static int fact_check(struct work *w, const struct fact_new *f, struct item *item, json_t **ret_owners) {
    if (org_may(w, PERM_FACT_RECORD, f->unit_id) < 0)
        return -1;
    if (!trigger_of(f->kind))
        fail_field(w, "kind", "unknown", "请选择发生了什么");
    if (!f->subject.n || utf8_length(f->subject) > LIMIT_TITLE_CHARS)
        fail_field(w, "subject", "required", "请写明信息名称，200字以内");
    if (f->day == DAY_NONE)
        fail_field(w, "day", "required", "请填写发生的日期");
    else if (f->day > work_today(w))
        fail_field(w, "day", "future", "发生的日期不能晚于今天");
    if (w->error.code)
        return -1;
    int n = item_in_force(w, f->item_id, f->day, item);
    if (n <= 0)
        return n < 0 ? -1
                     : fail_field(w, "item", "not_in_force", "此事项在 %.*s 没有生效的目录版本",
                                  STR_ARG(day_str(w->arena, f->day)));
    if (!item->mode_active)
        return fail_field(w, "item", "not_active", "此事项不属于主动公开");
    json_t *owners = item_owners(w, item->version_id);
    if (owners && !json_owner(owners, f->unit_id)) {
        json_decref(owners);
        return fail_field(w, "item", "not_owner", "本单位不是此事项的公开主体");
    }
    *ret_owners = owners;
    return owners ? 0 : -1;
}

/* The same number again: 1 and the same id when the content is the same, else -1 (ERR_CONFLICT); 0: a new number. */
static int fact_known(struct work *w, const struct fact_new *f, int64_t *ret_id) {
    struct db_rows r;
    int n = f->source_ref.n ? db_one(w, &sql_fact_by_source, &r, DB_INT(w->actor.token_id), DB_TEXT(f->source_ref)) : 0;
    if (n <= 0)
        return n;
    bool same = db_i(&r, 0, 1) == f->item_id && db_i(&r, 0, 2) == f->unit_id && str_eq(db_s(&r, 0, 3), f->kind) &&
                str_eq(db_s(&r, 0, 4), f->subject) && str_eq(db_s(&r, 0, 5), f->number) &&
                str_eq(db_s(&r, 0, 6), day_str(w->arena, f->day));
    if (!same)
        return fail(w, ERR_CONFLICT, "编号 %.*s 已登记过内容不同的信息；登记后不能更改，请用新的编号登记更正",
                    STR_ARG(f->source_ref));
    *ret_id = db_i(&r, 0, 0);
    return 1;
}

static int fact_event(struct work *w, const struct fact_new *f, const struct item *item, int64_t id) {
    json_t *p = json_object();
    json_set_str(p, "item", item->code);
    json_set_str(p, "kind", f->kind);
    json_set_str(p, "subject", f->subject);
    json_set_str(p, "number", f->number);
    json_set_day(w->arena, p, "day", f->day);
    json_set_str(p, "source_ref", f->source_ref);
    struct event e = {.room = "duty",
                      .verb = "recorded",
                      .subject_kind = "fact",
                      .subject_id = id,
                      .unit_id = f->unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static int fact_duty(struct work *w, const struct fact_new *f, const struct item *item, const struct duty_rules *rules,
                     int no, int64_t fact_id) {
    struct db_rows r;
    struct db_value v[DUTY_INSERT_WIDTH];
    struct duty_row row;
    const struct limit_rule *rule = &rules->v[no];
    struct duty_new n = {.item = item,
                         .unit_id = f->unit_id,
                         .fact_id = fact_id,
                         .source = "fact",
                         .period_key = S(""),
                         .subject = f->subject,
                         .rule_no = no};
    duty_count_down(w, &n, day_start(f->day), limit_rule_last(rule), limit_rule_text(w->arena, rule));
    duty_insert_values(w, &n, v);
    int got = db_one_n(w, &sql_duty_insert_id, &r, v, DUTY_INSERT_WIDTH);
    if (got <= 0)
        return got;
    return duty_row_get(w, db_i(&r, 0, 0), &row) < 0 || duty_event(w, &row, "created", NULL, NULL) < 0
               ? -1
               : duty_count_change(w, f->unit_id, item->field_id, row.due_day, 1, 0, 0);
}

/* Every rule the fact starts. When no rule speaks of this kind of fact, the main one: something was formed and is owed.
 * Items with recurring rules only owe it with their period; those with a minimum display only, within the cap. */
static int fact_duties(struct work *w, const struct fact_new *f, const struct item *item, int64_t fact_id) {
    struct duty_rules *rules = arena_one(w->arena, struct duty_rules);
    bool started[DUTY_RULES_MAX] = {0};
    if (duty_rules_read(w, item->rules, rules) < 0)
        return -1;
    if (rules_started(rules, f, started) == 0) {
        int main = duty_main_rule(rules);
        if (main < 0 && only_kinds(rules, true))
            return 0;
        if (main < 0) {
            main = rules->n < DUTY_RULES_MAX ? rules->n : 0;
            rules->n += limit_parse(w->arena, S("未写明时限"), &rules->v[main], 1);
        }
        started[main] = true;
    }
    for (int i = 0; i < rules->n; i++)
        if (started[i] && fact_duty(w, f, item, rules, i, fact_id) < 0)
            return -1;
    return 0;
}

int fact_record(struct work *w, const struct fact_new *f, int64_t *ret_fact_id) {
    struct item item;
    struct db_rows r;
    json_t *owners = NULL;
    int64_t id;
    if (fact_check(w, f, &item, &owners) < 0)
        return -1;
    json_decref(owners);
    int n = fact_known(w, f, &id);
    if (n == 0) {
        n = db_one(w, &sql_fact_insert, &r, DB_INT(f->item_id), DB_INT(f->unit_id), DB_TEXT(f->kind),
                   DB_TEXT(f->subject), DB_TEXT(f->number), DB_TEXT(day_str(w->arena, f->day)), DB_TEXT(f->source_ref),
                   DB_INT(w->actor.token_id), DB_ID(w->actor.person_id), DB_INT(w->now));
        if (n == 0) /* another node took the number a moment ago */
            n = fact_known(w, f, &id) == 1 ? 1 : fail(w, ERR_CONFLICT, "同一编号正在登记，请稍后再试");
        else if (n > 0 && (fact_event(w, f, &item, id = db_i(&r, 0, 0)) < 0 || fact_duties(w, f, &item, id) < 0))
            n = -1;
    }
    if (n < 0)
        return -1;
    *ret_fact_id = id;
    return 0;
}
