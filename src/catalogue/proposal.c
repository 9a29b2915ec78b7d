/* proposal.c: a change to a catalogue as proposed: made, read, checked against the catalogue as it is. */
#include "auth/auth.h"
#include "catalogue/catalogue_internal.h"

#define GROUND_CHARS 1000

static day_t day_in(struct str s) {
    day_t d;
    return day_parse(s, &d) == 0 ? d : DAY_NONE;
}

int proposal_get(struct work *w, int64_t id, struct proposal *ret) {
    struct db_rows r;
    struct proposal p;
    int n = db_one(w, &sql_proposal_by_id, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这件目录调整");
    p = (struct proposal){
        .id = id,
        .state = db_s(&r, 0, 2),
        .title = db_s(&r, 0, 3),
        .ground = db_s(&r, 0, 4),
        .effective = day_in(db_s(&r, 0, 5)),
        .changes_text = db_s(&r, 0, 6),
        .import_id = db_i(&r, 0, 7),
        .revision = db_i(&r, 0, 8),
        .proposed_by = db_i(&r, 0, 9),
        .decided_by = db_i(&r, 0, 10),
        .reason = db_s(&r, 0, 11),
        .created_at = db_i(&r, 0, 12),
        .decided_at = db_i(&r, 0, 13),
    };
    if (catalogue_get(w, db_i(&r, 0, 1), &p.catalogue) < 0)
        return -1;
    *ret = p;
    return 0;
}

json_t *proposal_changes(struct work *w, const struct proposal *p) {
    json_t *list = json_loadb(p->changes_text.p ? p->changes_text.p : "", p->changes_text.n, 0, NULL);
    if (json_is_array(list))
        return list;
    json_decref(list);
    fail(w, ERR_INTERNAL, "目录调整 %lld 的内容无法读取", (long long)p->id);
    return NULL;
}

int proposal_event(struct work *w, const struct proposal *p, const char *verb, struct str reason) {
    json_t *o = json_object();
    json_set_str(o, "title", p->title);
    json_set_str(o, "catalogue", p->catalogue.code);
    json_set_day(w->arena, o, "effective", p->effective);
    if (reason.n)
        json_set_str(o, "reason", reason);
    struct event e = {.room = "catalogue",
                      .verb = verb,
                      .subject_kind = "proposal",
                      .subject_id = p->id,
                      .unit_id = p->catalogue.unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = o};
    int rc = event_append(w, &e, NULL);
    json_decref(o);
    return rc;
}

int may_propose(struct work *w, const struct catalogue *c, int64_t item_id) {
    struct item_row row;
    struct db_rows owners;
    if (org_may_quiet(w, PERM_CATALOGUE_PROPOSE, c->unit_id))
        return 0;
    if (!actor_may(&w->actor, PERM_CATALOGUE_PROPOSE))
        return fail(w, ERR_FORBIDDEN, "您的岗位没有提出目录调整的权限");
    int n = item_id ? item_newest(w, item_id, &row) : 0;
    if (n < 0 || (n == 1 && db_query(w, &sql_item_owner_list, &owners, DB_INT(row.item.version_id)) < 0))
        return -1;
    for (size_t i = 0; n == 1 && i < owners.n; i++)
        if (org_may_quiet(w, PERM_CATALOGUE_PROPOSE, db_i(&owners, i, 0)))
            return 0;
    return fail(w, ERR_FORBIDDEN, "只能对本单位的目录、本单位负责的事项提出调整");
}

/* ── one change ── */

enum change_op change_op(const json_t *change) {
    const char *op = json_string_value(json_object_get(change, "op"));
    return !op                         ? 0
           : strcmp(op, "add") == 0    ? CHANGE_ADD
           : strcmp(op, "change") == 0 ? CHANGE_EDIT
           : strcmp(op, "end") == 0    ? CHANGE_END
                                       : 0;
}

struct str change_conflict(struct work *w, const struct catalogue_state *s, const json_t *change) {
    enum change_op op = change_op(change);
    int64_t item_id = json_integer_value(json_object_get(change, "item_id")),
            base = json_integer_value(json_object_get(change, "base_version_id"));
    struct item_columns after;
    columns_from_json(json_object_get(change, "after"), &after);
    const struct item_row *row = op == CHANGE_ADD ? NULL : state_by_id(s, item_id);
    if (op != CHANGE_ADD && !row)
        return S("目录中没有这个事项");
    if (row && row->item.version_id != base)
        return str_printf(w->arena, "提出以后，该事项已有第 %d 版（%.*s 起）", row->item.version,
                          STR_ARG(day_str(w->arena, row->item.valid_from)));
    if (row && op == CHANGE_END && row->item.valid_to != DAY_NONE)
        return S("该事项已经停止执行");
    if (op == CHANGE_END)
        return STR_NONE;
    int64_t field = op == CHANGE_ADD ? json_integer_value(json_object_get(change, "field_id")) : row->item.field_id;
    const struct item_row *same = state_by_name(s, field, after.level1, after.level2);
    if (same && same->item.valid_to == DAY_NONE && same->item.id != item_id)
        return str_printf(w->arena, "目录中已有同名事项 %.*s", STR_ARG(same->item.code));
    return STR_NONE;
}

/* The owners of a cell; a field error when nobody, or nobody known, is named. */
static int check_owners(struct work *w, const struct catalogue *c, struct owner_names *names,
                        const struct item_columns *after) {
    struct owners o;
    if (owners_resolve(w, names, c, after->owners_text, &o) < 0)
        return -1;
    if (o.unknown.n)
        return fail_field(w, "owners_text", "unknown", "没有“%.*s”这个单位，请写单位全称或规范简称",
                          STR_ARG(o.unknown));
    if (o.too_many)
        return fail_field(w, "owners_text", "too_many", "公开主体过多，请分为几个事项");
    return o.n || !after->owners_text.n ? 0
                                        : fail_field(w, "owners_text", "required", "公开主体中没有本目录的责任单位");
}

static int check_rules(struct work *w, const json_t *rules) {
    const json_t *rule;
    struct limit_rule l;
    size_t i;
    if (rules && (!json_is_array(rules) || json_array_size(rules) == 0 || json_array_size(rules) > 8))
        return fail_field(w, "limit_rules", "format", "时限规则应为1至8条");
    json_array_foreach((json_t *)(uintptr_t)rules, i, rule) if (limit_rule_from_json(w, rule, &l) < 0) return -1;
    return 0;
}

static int prepare(struct work *w, const struct catalogue *c, const struct catalogue_state *s,
                   struct owner_names *names, json_t *change) {
    enum change_op op = change_op(change);
    int64_t item_id = json_integer_value(json_object_get(change, "item_id"));
    const struct item_row *row = op == CHANGE_ADD ? NULL : state_by_id(s, item_id);
    if (!op || (op != CHANGE_ADD && !row))
        return fail(w, ERR_NOT_FOUND, "目录中没有要调整的事项");
    if (row) {
        struct item_columns before = item_row_columns(row);
        json_object_set_new(change, "before", columns_json(&before));
        json_set_int(change, "base_version_id", row->item.version_id);
        json_set_int(change, "field_id", row->item.field_id);
        json_set_str(change, "code", row->item.code);
    }
    struct str conflict = change_conflict(w, s, change);
    if (conflict.n)
        return fail_field(w, op == CHANGE_END ? "end" : "level2", "conflict", "%.*s", STR_ARG(conflict));
    if (op == CHANGE_END)
        return 0;
    struct item_columns after, before = {0};
    columns_from_json(json_object_get(change, "after"), &after);
    if (row)
        before = item_row_columns(row);
    int rc = columns_check(w, &after);
    if (check_owners(w, c, names, &after) < 0 || check_rules(w, json_object_get(change, "limit_rules")) < 0)
        rc = -1;
    if (rc == 0 && op == CHANGE_EDIT && columns_equal(&before, &after) && !json_object_get(change, "limit_rules") &&
        row->item.valid_to == DAY_NONE)
        return fail_field(w, "level2", "unchanged", "内容没有变化，不需要提出调整");
    return rc;
}

int change_prepare(struct work *w, const struct catalogue *c, const struct catalogue_state *s,
                   struct owner_names *names, json_t *change, bool several) {
    if (prepare(w, c, s, names, change) == 0)
        return 0;
    if (several && w->error.field_count) {
        struct item_columns after;
        char why[300];
        snprintf(why, sizeof why, "%s", w->error.fields[0].message);
        columns_from_json(json_object_get(change, "after"), &after);
        error_clear(w);
        return fail(w, ERR_INVALID, "“%.*s”：%s", STR_ARG(utf8_head(after.level2, 40)), why);
    }
    return -1;
}

/* ── making one ── */

static int prepare_all(struct work *w, const struct catalogue *c, json_t *changes) {
    struct catalogue_state *s;
    json_t *change;
    size_t i, n = json_array_size(changes);
    if (n == 0)
        return fail(w, ERR_INVALID, "没有要调整的事项");
    if (n > PROPOSAL_CHANGES)
        return fail(w, ERR_INVALID, "一次最多调整 %d 个事项，请按领域分开", PROPOSAL_CHANGES);
    if (catalogue_state_open(w, c, &s) < 0)
        return -1;
    struct owner_names *names = owner_names_new(w);
    json_array_foreach(changes, i, change) {
        if (change_op(change) != CHANGE_ADD &&
            may_propose(w, c, json_integer_value(json_object_get(change, "item_id"))) < 0)
            return -1;
        if (change_prepare(w, c, s, names, change, n > 1) < 0)
            return -1;
    }
    return 0;
}

/* Somebody outside the catalogue's unit may add only what their own unit will owe. */
static int may_add(struct work *w, const struct catalogue *c, const json_t *changes) {
    struct owner_names *names = owner_names_new(w);
    const json_t *change;
    size_t i;
    if (org_may_quiet(w, PERM_CATALOGUE_PROPOSE, c->unit_id))
        return 0;
    json_array_foreach((json_t *)(uintptr_t)changes, i, change) {
        struct item_columns after;
        struct owners o;
        bool own = change_op(change) != CHANGE_ADD;
        columns_from_json(json_object_get(change, "after"), &after);
        if (!own && owners_resolve(w, names, c, after.owners_text, &o) < 0)
            return -1;
        for (size_t k = 0; !own && k < o.n; k++)
            own = org_may_quiet(w, PERM_CATALOGUE_PROPOSE, o.unit[k]);
        if (!own)
            return fail_field(w, "owners_text", "scope", "新增事项的公开主体应包括本单位");
    }
    return actor_may(&w->actor, PERM_CATALOGUE_PROPOSE) ? 0 : fail(w, ERR_FORBIDDEN, "您的岗位没有提出目录调整的权限");
}

static int check_head(struct work *w, const struct proposal_new *p) {
    if (!str_trim(p->ground).n)
        fail_field(w, "ground", "required", "请写明调整依据：法律法规、上级规定或者职能变化");
    else if (utf8_length(p->ground) > GROUND_CHARS)
        fail_field(w, "ground", "too_long", "调整依据不能超过 %d 个字", GROUND_CHARS);
    if (p->effective == DAY_NONE)
        fail_field(w, "effective", "required", "请填写生效日期");
    return w->error.code ? -1 : 0;
}

int proposal_create(struct work *w, const struct proposal_new *n, int64_t *ret_id) {
    struct db_rows r;
    struct proposal p = {.title = n->title, .effective = n->effective};
    if (catalogue_get(w, n->catalogue_id, &p.catalogue) < 0 || may_add(w, &p.catalogue, n->changes) < 0)
        return -1;
    int rc = check_head(w, n);
    if ((rc < 0 && !w->error.field_count) || prepare_all(w, &p.catalogue, n->changes) < 0 || rc < 0)
        return -1;
    char *text = json_dumps(n->changes, JSON_COMPACT);
    if (!text)
        return fail(w, ERR_INTERNAL, "目录调整无法保存");
    struct str title = n->title.n ? n->title : str_printf(w->arena, "调整%.*s", STR_ARG(p.catalogue.name));
    rc = db_one(w, &sql_proposal_insert, &r, DB_INT(p.catalogue.id), DB_TEXT(title), DB_TEXT(str_trim(n->ground)),
                DB_TEXT(day_str(w->arena, n->effective)), DB_TEXTZ(text), DB_ID(n->import_id),
                DB_ID(w->actor.person_id), DB_INT(w->now));
    free(text);
    if (rc < 0)
        return -1;
    p.id = db_i(&r, 0, 0);
    p.title = title;
    if (proposal_event(w, &p, "proposed", STR_NONE) < 0)
        return -1;
    *ret_id = p.id;
    return 0;
}
