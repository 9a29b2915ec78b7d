/* proposal_json.c: a proposal as a decision needs to see it: each change with its differences, what no longer fits,
 * what other catalogues already hold, whom it touches. */
#include "catalogue/catalogue_internal.h"

json_t *duplicate_warnings(struct work *w, const struct catalogue *c, struct str level1, struct str level2) {
    struct db_rows r;
    if (db_query(w, &sql_items_same_name, &r, DB_INT(c->unit_id), DB_INT(c->id), DB_TEXT(level1), DB_TEXT(level2),
                 DB_TEXT(day_str(w->arena, work_today(w)))) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++)
        json_array_append_new(list,
                              json_sprintf("与%.*s的事项 %.*s 重复", STR_ARG(db_s(&r, i, 2)), STR_ARG(db_s(&r, i, 1))));
    return list;
}

static const char *op_name(enum change_op op) {
    return op == CHANGE_ADD ? "新增" : op == CHANGE_EDIT ? "修改" : op == CHANGE_END ? "停止执行" : "";
}

static json_t *rules_words(struct work *w, const json_t *rules) {
    json_t *list = json_array();
    const json_t *rule;
    struct limit_rule l;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)rules, i, rule) if (limit_rule_from_json(w, rule, &l) == 0) {
        struct str text = limit_rule_text(w->arena, &l);
        json_array_append_new(list, json_stringn(text.p, text.n));
    }
    error_clear(w);
    return list;
}

static json_t *change_json(struct work *w, const struct proposal *p, const struct catalogue_state *state,
                           const json_t *change) {
    enum change_op op = change_op(change);
    struct item_columns before, after;
    bool open = !str_is(p->state, "in_force") && !str_is(p->state, "rejected");
    const json_t *rules = json_object_get(change, "limit_rules");
    columns_from_json(json_object_get(change, "before"), &before);
    columns_from_json(json_object_get(change, "after"), &after);
    const struct item_columns *shown = op == CHANGE_END ? &before : &after;
    struct str conflict = open ? change_conflict(w, state, change) : STR_NONE;
    json_t *o = json_object(), *warnings = op != CHANGE_END && open
                                               ? duplicate_warnings(w, &p->catalogue, after.level1, after.level2)
                                               : json_array();
    json_set_str(o, "op", str_z(json_string_value(json_object_get(change, "op"))));
    json_set_str(o, "op_name", str_z(op_name(op)));
    json_object_set(o, "item_id", json_object_get(change, "item_id"));
    json_object_set(o, "code", json_object_get(change, "code"));
    json_set_str(o, "level1", shown->level1);
    json_set_str(o, "level2", shown->level2);
    json_set_str(o, "conflict", conflict);
    json_object_set_new(o, "warnings", warnings ? warnings : json_array());
    json_object_set_new(o, "diff", op == CHANGE_END ? json_array() : columns_diff(w->arena, &before, &after));
    if (rules)
        json_object_set_new(o, "rules", rules_words(w, rules));
    return o;
}

/* The units that owe what is changed, before and after. */
static int units_touched(struct work *w, const struct proposal *p, const json_t *changes, json_t *ret) {
    struct owner_names *names = owner_names_new(w);
    const json_t *change;
    size_t i;
    struct str seen = S("|");
    json_array_foreach((json_t *)(uintptr_t)changes, i, change) {
        for (int side = 0; side < 2; side++) {
            struct item_columns c;
            struct owners o;
            columns_from_json(json_object_get(change, side ? "after" : "before"), &c);
            if (owners_resolve(w, names, &p->catalogue, c.owners_text, &o) < 0)
                return -1;
            for (size_t k = 0; k < o.n; k++) {
                struct str key = str_printf(w->arena, "|%lld|", (long long)o.unit[k]);
                struct unit u;
                if (str_find(seen, key) >= 0)
                    continue;
                if (unit_get(w, o.unit[k], &u) < 0)
                    return -1;
                seen = str_printf(w->arena, "%.*s%.*s", STR_ARG(seen), STR_ARG(str_sub(key, 1, key.n)));
                json_t *unit = json_object();
                json_set_int(unit, "id", u.id);
                json_set_str(unit, "code", u.code);
                json_set_str(unit, "name", u.name);
                json_array_append_new(ret, unit);
            }
        }
    }
    return 0;
}

static int set_person(struct work *w, json_t *o, const char *key, int64_t person_id) {
    struct db_rows r;
    int n = person_id ? db_one(w, &sql_person_name, &r, DB_INT(person_id)) : 0;
    if (n == 1)
        json_set_str(o, key, db_s(&r, 0, 0));
    return n < 0 ? -1 : 0;
}

static json_t *head_json(struct work *w, const struct proposal *p) {
    json_t *o = json_object();
    const struct flow_state *state = flow_state(catalogue_proposal_flow, str_dupz(w->arena, p->state));
    json_set_int(o, "id", p->id);
    json_set_str(o, "state", p->state);
    json_set_str(o, "state_name", str_z(state ? state->name : ""));
    json_set_str(o, "tone", str_z(state ? state->tone : "grey"));
    json_set_str(o, "title", p->title);
    json_set_str(o, "ground", p->ground);
    json_set_day(w->arena, o, "effective", p->effective);
    json_set_str(o, "reason", p->reason);
    json_set_int(o, "revision", p->revision);
    json_set_instant(w->arena, o, "created", p->created_at);
    if (p->decided_at)
        json_set_instant(w->arena, o, "decided", p->decided_at);
    if (p->import_id)
        json_set_int(o, "import_id", p->import_id);
    return o;
}

static int fill(struct work *w, const struct proposal *p, const json_t *changes, size_t from, json_t *o) {
    struct catalogue_state *state;
    json_t *shown = json_array(), *units = json_array();
    size_t n = json_array_size(changes), count[4] = {0}, conflicts = 0;
    bool open = !str_is(p->state, "in_force") && !str_is(p->state, "rejected");
    json_object_set_new(o, "changes", shown);
    json_object_set_new(o, "units", units);
    if (catalogue_state_open(w, &p->catalogue, &state) < 0 || units_touched(w, p, changes, units) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const json_t *change = json_array_get(changes, i);
        count[change_op(change)]++;
        conflicts += open && change_conflict(w, state, change).n > 0;
        if (i >= from && i < from + PROPOSAL_SHOWN)
            json_array_append_new(shown, change_json(w, p, state, change));
    }
    json_set_int(o, "total", (int64_t)n);
    json_set_int(o, "added", (int64_t)count[CHANGE_ADD]);
    json_set_int(o, "changed", (int64_t)count[CHANGE_EDIT]);
    json_set_int(o, "ended", (int64_t)count[CHANGE_END]);
    json_set_int(o, "conflicts", (int64_t)conflicts);
    json_set_bool(o, "many", n > PROPOSAL_SHOWN);
    if (from + PROPOSAL_SHOWN < n)
        json_set_int(o, "next_from", (int64_t)(from + PROPOSAL_SHOWN));
    return 0;
}

json_t *proposal_json(struct work *w, int64_t id, size_t from) {
    struct proposal p;
    if (proposal_get(w, id, &p) < 0)
        return NULL;
    json_t *changes = proposal_changes(w, &p), *o = head_json(w, &p), *part;
    int rc = changes && fill(w, &p, changes, from, o) == 0 ? 0 : -1;
    json_decref(changes);
    if (rc == 0)
        rc = set_person(w, o, "proposed_by", p.proposed_by) < 0 || set_person(w, o, "decided_by", p.decided_by) < 0 ? -1
                                                                                                                    : 0;
    if (rc == 0 && (part = catalogue_json(w, &p.catalogue)))
        json_object_set_new(o, "catalogue", part);
    if (rc == 0 && (part = event_list(w, "proposal", id, false)))
        json_object_set_new(o, "course", part);
    if (rc == 0)
        json_object_set_new(o, "actions", proposal_actions(w, &p));
    if (rc == 0 && !w->error.code)
        return o;
    json_decref(o);
    return NULL;
}
