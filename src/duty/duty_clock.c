/* duty_clock.c: what is left, in a colour, a word and a sentence (ux.md rule 3); duties as JSON for pages and programs.
 */
#include "duty/duty_internal.h"

/* Working days left at which a clock turns 临近 and 紧急 (rules.md §1.5). */
#define CLOCK_NEAR 5
#define CLOCK_URGENT 2

struct clock_words {
    const char *tone, *word;
    struct str text;
    int left;
};

static struct clock_words clock_open(struct work *w, int64_t due_at) {
    day_t today = work_today(w), due = day_of(due_at);
    int left = calendar_working_between(today, due);
    if (w->now > due_at) {
        struct str text = left < 0 ? str_printf(w->arena, "逾期%d个工作日", -left) : S("已逾期");
        return (struct clock_words){"red", "逾期", text, left};
    }
    struct str rest = due == today ? S("今天到期") : str_printf(w->arena, "还剩%d个工作日", left);
    if (left <= CLOCK_URGENT)
        return (struct clock_words){"orange", "紧急", str_printf(w->arena, "紧急，%.*s", STR_ARG(rest)), left};
    if (left <= CLOCK_NEAR)
        return (struct clock_words){"yellow", "临近", str_printf(w->arena, "临近，%.*s", STR_ARG(rest)), left};
    return (struct clock_words){"green", "按期", str_printf(w->arena, "按期，%.*s", STR_ARG(rest)), left};
}

static struct clock_words clock_of(struct work *w, int64_t due_at, int64_t met_at, struct str state) {
    if (str_is(state, "waived"))
        return (struct clock_words){"grey", "免除", S("已免除"), 0};
    if (str_is(state, "void"))
        return (struct clock_words){"grey", "失效", S("已失效"), 0};
    if (!met_at)
        return clock_open(w, due_at);
    int late = met_at > due_at ? calendar_working_between(day_of(due_at), day_of(met_at)) : 0;
    if (met_at > due_at)
        return (struct clock_words){"grey", "已办", str_printf(w->arena, "已办，逾期%d个工作日", late), 0};
    return (struct clock_words){"green", "已办", S("已办，按期"), 0};
}

json_t *duty_clock(struct work *w, int64_t due_at, int64_t met_at, const char *state) {
    if (due_at == 0)
        return json_null();
    struct clock_words c = clock_of(w, due_at, met_at, str_z(state));
    json_t *o = json_object();
    json_set_day(w->arena, o, "due", day_of(due_at));
    json_set_str(o, "due_text", day_chinese(w->arena, day_of(due_at)));
    json_set_int(o, "left_days", c.left);
    json_set_str(o, "tone", str_z(c.tone));
    json_set_str(o, "word", str_z(c.word));
    json_set_str(o, "text", c.text);
    return o;
}

/* ── one duty ── */

static json_t *item_words(const struct duty_row *r) {
    json_t *o = json_object();
    json_set_int(o, "id", r->d.item_id);
    json_set_str(o, "code", r->item_code);
    json_set_str(o, "level1", r->level1);
    json_set_str(o, "level2", r->level2);
    json_set_str(o, "elements", r->elements);
    json_set_str(o, "basis", r->basis);
    json_set_str(o, "limit_text", r->limit_text);
    json_set_str(o, "field_code", r->field_code);
    json_set_str(o, "field_name", r->field_name);
    return o;
}

static json_t *fact_words(struct work *w, const struct duty_row *r) {
    json_t *o = json_object();
    (void)w;
    json_set_int(o, "id", r->d.fact_id);
    json_set_str(o, "kind", r->fact_kind);
    json_set_str(o, "kind_name", str_z(fact_kind_name(r->fact_kind)));
    json_set_str(o, "subject", r->fact_subject);
    json_set_str(o, "number", r->fact_number);
    json_set_str(o, "day", r->fact_day);
    json_set_str(o, "source_ref", r->fact_source_ref);
    return o;
}

static void put_state(struct work *w, json_t *o, const struct duty_row *r) {
    const struct duty *d = &r->d;
    json_set_str(o, "state", d->state);
    json_set_str(o, "state_name", str_z(duty_state_name(d->state)));
    json_set_str(o, "source", d->source);
    json_set_str(o, "source_name", str_z(duty_source_name(d->source)));
    json_set_day(w->arena, o, "trigger", day_of(d->trigger_at));
    json_set_str(o, "due", r->due_day);
    json_set_instant(w->arena, o, "due_at", d->due_at);
    if (d->met_at)
        json_set_instant(w->arena, o, "met", d->met_at);
    if (d->disclosure_id)
        json_set_int(o, "disclosure_id", d->disclosure_id);
    if (r->waive_ground.n) {
        json_set_str(o, "waive_ground", r->waive_ground);
        json_set_str(o, "waive_ground_name", str_z(duty_ground_name(r->waive_ground)));
    }
    json_set_bool(o, "is_open", str_is(d->state, "open"));
    json_object_set_new(o, "clock", duty_clock(w, d->due_at, d->met_at, d->state.p));
}

json_t *duty_json(struct work *w, const struct duty *d, bool with_certificate) {
    struct duty_row r;
    if (duty_row_get(w, d->id, &r) < 0)
        return NULL;
    json_t *o = json_object(), *unit = json_object();
    json_set_int(o, "id", d->id);
    json_set_str(unit, "code", r.unit_code);
    json_set_str(unit, "name", r.unit_name);
    json_object_set_new(o, "unit", unit);
    json_set_int(o, "unit_id", d->unit_id);
    json_object_set_new(o, "item", item_words(&r));
    json_set_str(o, "subject", d->subject);
    json_set_str(o, "title",
                 d->subject.n ? str_printf(w->arena, "%.*s：%.*s", STR_ARG(r.level2), STR_ARG(d->subject)) : r.level2);
    json_t *c = json_loadb(d->certificate.p, d->certificate.n, 0, NULL);
    json_object_set(o, "rule", json_object_get(c, "rule"));
    put_state(w, o, &r);
    if (d->fact_id)
        json_object_set_new(o, "fact", fact_words(w, &r));
    if (with_certificate)
        json_object_set(o, "certificate", c);
    json_decref(c);
    return o;
}

/* ── lists for other rooms ── */

json_t *duty_owed_by_item(struct work *w, int64_t item_id, int64_t unit_id) {
    struct db_rows r;
    int rc = w->as_of ? db_query(w, &sql_duty_owed_by_item_as_of, &r, DB_INT(item_id), DB_ID(unit_id), DB_INT(w->as_of))
                      : db_query(w, &sql_duty_owed_by_item, &r, DB_INT(item_id), DB_ID(unit_id));
    if (rc < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        /* What a fact is called may not be public yet; periods are. */
        bool words = !str_is(db_s(&r, i, 1), "fact");
        json_set_str(o, "subject", words ? db_s(&r, i, 2) : S(""));
        json_set_str(o, "source", db_s(&r, i, 1));
        json_set_str(o, "source_name", str_z(duty_source_name(db_s(&r, i, 1))));
        json_set_day(w->arena, o, "due", day_of(db_i(&r, i, 3)));
        json_set_str(o, "due_text", day_chinese(w->arena, day_of(db_i(&r, i, 3))));
        json_set_str(o, "unit_code", db_s(&r, i, 4));
        json_set_str(o, "unit_name", db_s(&r, i, 5));
        json_object_set_new(o, "clock", duty_clock(w, db_i(&r, i, 3), 0, "open"));
        json_array_append_new(list, o);
    }
    return list;
}

int duty_of_fact(struct work *w, int64_t fact_id, int64_t *ret_duty_id) {
    struct db_rows r;
    int n = db_one(w, &sql_duty_of_fact, &r, DB_INT(fact_id));
    if (n < 0)
        return -1;
    *ret_duty_id = n ? db_i(&r, 0, 0) : 0;
    return 0;
}

json_t *duty_open_of_actor(struct work *w, int64_t limit) {
    struct db_rows r;
    if (db_query(w, &sql_duty_list_open, &r, DB_INT(0), DB_INT(0), DB_INT(0), DB_INT(INT64_MAX), DB_TEXT(org_path(w)),
                 DB_NULL, DB_NULL, DB_NULL, DB_INT(limit)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        struct str subject = db_s(&r, i, 3), level2 = db_s(&r, i, 12);
        json_t *o = json_object();
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "title",
                     subject.n ? str_printf(w->arena, "%.*s：%.*s", STR_ARG(level2), STR_ARG(subject)) : level2);
        json_set_str(o, "note",
                     str_printf(w->arena, "%.*s · %.*s · %.*s", STR_ARG(db_s(&r, i, 9)), STR_ARG(db_s(&r, i, 10)),
                                STR_ARG(utf8_head(db_s(&r, i, 13), 60))));
        json_set_int(o, "due_at", db_i(&r, i, 5));
        json_object_set_new(o, "clock", duty_clock(w, db_i(&r, i, 5), 0, "open"));
        json_array_append_new(list, o);
    }
    return list;
}
