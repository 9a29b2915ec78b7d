/* item.c: reading items: a version by day, id or code, as JSON, and lists of them. */
#include "catalogue/catalogue_internal.h"

/* The columns of the item_version_… statements, in their order. */
enum {
    C_ID,
    C_VERSION_ID,
    C_CATALOGUE,
    C_FIELD,
    C_CODE,
    C_VERSION,
    C_KIND,
    C_LEVEL,
    C_UNIT,
    C_LEVEL1,
    C_LEVEL2,
    C_ELEMENTS,
    C_BASIS,
    C_LIMIT,
    C_OWNERS,
    C_CHANNELS,
    C_GROUP,
    C_ALL,
    C_ACTIVE,
    C_REQUEST,
    C_CITY,
    C_TOWN,
    C_RULES,
    C_FROM,
    C_TO,
    C_SERIAL,
    C_SETTLED,
    C_EXTRA
};

static day_t day_cell(const struct db_rows *r, size_t i, size_t column) {
    day_t d;
    return day_parse(db_s(r, i, column), &d) == 0 ? d : DAY_NONE;
}

void item_row_read(const struct db_rows *r, size_t i, struct item_row *ret) {
    *ret = (struct item_row){.serial = db_i(r, i, C_SERIAL),
                             .settled = db_i(r, i, C_SETTLED) != 0,
                             .rules_text = db_s(r, i, C_RULES),
                             .extra = db_s(r, i, C_EXTRA)};
    ret->item = (struct item){
        .id = db_i(r, i, C_ID),
        .version_id = db_i(r, i, C_VERSION_ID),
        .catalogue_id = db_i(r, i, C_CATALOGUE),
        .field_id = db_i(r, i, C_FIELD),
        .code = db_s(r, i, C_CODE),
        .version = (int)db_i(r, i, C_VERSION),
        .kind = db_s(r, i, C_KIND),
        .level = db_s(r, i, C_LEVEL),
        .catalogue_unit_id = db_i(r, i, C_UNIT),
        .level1 = db_s(r, i, C_LEVEL1),
        .level2 = db_s(r, i, C_LEVEL2),
        .elements = db_s(r, i, C_ELEMENTS),
        .basis = db_s(r, i, C_BASIS),
        .limit_text = db_s(r, i, C_LIMIT),
        .owners_text = db_s(r, i, C_OWNERS),
        .channels = db_s(r, i, C_CHANNELS),
        .audience_group = db_s(r, i, C_GROUP),
        .audience_all = db_i(r, i, C_ALL) != 0,
        .mode_active = db_i(r, i, C_ACTIVE) != 0,
        .mode_request = db_i(r, i, C_REQUEST) != 0,
        .level_city = db_i(r, i, C_CITY) != 0,
        .level_town = db_i(r, i, C_TOWN) != 0,
        .rules = rules_interned(ret->rules_text),
        .valid_from = day_cell(r, i, C_FROM),
        .valid_to = day_cell(r, i, C_TO),
    };
}

struct item_columns item_row_columns(const struct item_row *r) {
    const struct item *i = &r->item;
    return (struct item_columns){
        .serial = r->serial,
        .level1 = i->level1,
        .level2 = i->level2,
        .elements = i->elements,
        .basis = i->basis,
        .limit_text = i->limit_text,
        .owners_text = i->owners_text,
        .channels = i->channels,
        .audience_group = i->audience_group,
        .audience_all = i->audience_all,
        .mode_active = i->mode_active,
        .mode_request = i->mode_request,
        .level_city = i->level_city,
        .level_town = i->level_town,
    };
}

bool item_row_current(const struct item *i, day_t on) {
    return i->valid_from <= on && (i->valid_to == DAY_NONE || i->valid_to >= on);
}

/* 1 and the row, 0 nothing, -1. */
static int one(int found, const struct db_rows *r, struct item_row *ret) {
    if (found == 1)
        item_row_read(r, 0, ret);
    return found;
}

int item_in_force(struct work *w, int64_t item_id, day_t on, struct item *ret) {
    struct db_rows r;
    struct item_row row;
    int n = one(db_one(w, &sql_item_version_on, &r, DB_INT(item_id), DB_TEXT(day_str(w->arena, on))), &r, &row);
    if (n == 1)
        *ret = row.item;
    return n;
}

int item_row_get(struct work *w, int64_t version_id, struct item_row *ret) {
    struct db_rows r;
    int n = one(db_one(w, &sql_item_version_by_id, &r, DB_INT(version_id)), &r, ret);
    return n == 1 ? 0 : n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个事项版本");
}

int item_version_get(struct work *w, int64_t version_id, struct item *ret) {
    struct item_row row;
    if (item_row_get(w, version_id, &row) < 0)
        return -1;
    *ret = row.item;
    return 0;
}

int item_newest(struct work *w, int64_t item_id, struct item_row *ret) {
    struct db_rows r;
    return one(db_one(w, &sql_item_version_newest, &r, DB_INT(item_id)), &r, ret);
}

int item_by_code(struct work *w, struct str code, struct item *ret) {
    struct db_rows r;
    struct item_row row;
    int n = db_one(w, &sql_item_id_by_code, &r, DB_TEXT(code));
    if (n <= 0)
        return n;
    int64_t id = db_i(&r, 0, 0);
    n = item_in_force(w, id, work_today(w), ret);
    if (n != 0)
        return n;
    n = item_newest(w, id, &row);
    if (n == 1)
        *ret = row.item;
    return n;
}

/* ── elements ── */

static bool separates(int32_t c) {
    return c == 0x3001 || c == 0xFF1B || c == ';' || c == '\n' || c == 0x3002; /* 、；。 */
}

/* "等" at the end says that the list is open; it is no element. */
static struct str element_clean(struct str s) {
    static const struct str tails[] = {{"等信息", 9}, {"等内容", 9}, {"等等", 6}, {"等", 3}};
    s = str_trim(s);
    for (size_t i = 0; i < countof(tails); i++)
        if (str_ends(s, tails[i]) && s.n > tails[i].n)
            return str_trim(str_sub(s, 0, s.n - tails[i].n));
    return str_is(s, "等") ? STR_NONE : s;
}

static void element_add(json_t *list, struct str s) {
    s = element_clean(s);
    if (s.n)
        json_array_append_new(list, json_stringn(s.p, s.n));
}

json_t *item_elements(struct arena *a, struct str elements) {
    json_t *list = json_array();
    struct str rest = elements;
    const char *start = rest.p;
    int depth = 0;
    (void)a;
    for (;;) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        if (c < 0)
            break;
        depth += (c == '(' || c == 0xFF08) - (c == ')' || c == 0xFF09);
        depth = depth < 0 ? 0 : depth;
        if (depth == 0 && separates(c)) {
            element_add(list, (struct str){start, (size_t)(at - start)});
            start = rest.p;
        }
    }
    if (elements.n)
        element_add(list, (struct str){start, (size_t)(elements.p + elements.n - start)});
    return list;
}

/* ── JSON ── */

json_t *item_owners(struct work *w, int64_t version_id) {
    struct db_rows r;
    return db_query(w, &sql_item_owner_list, &r, DB_INT(version_id)) < 0 ? NULL : db_json(&r);
}

static json_t *rules_in_words(struct work *w, const json_t *rules) {
    json_t *list = json_array(), *rule;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)rules, i, rule) {
        struct limit_rule l;
        json_t *o = json_copy(rule);
        if (limit_rule_from_json(w, rule, &l) == 0) {
            json_set_str(o, "clause", l.text);
            json_set_str(o, "text", limit_rule_text(w->arena, &l));
        } else {
            error_clear(w);
        }
        json_array_append_new(list, o);
    }
    return list;
}

static int set_around(struct work *w, json_t *o, const struct item *i) {
    struct db_rows r;
    int n = db_one(w, &sql_item_more, &r, DB_INT(i->id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个事项");
    json_t *field = json_null(), *catalogue = json_object(), *unit = json_object();
    if (i->field_id) {
        field = json_object();
        json_set_int(field, "id", i->field_id);
        json_set_str(field, "code", db_s(&r, 0, 1));
        json_set_str(field, "name", db_s(&r, 0, 2));
    }
    json_set_int(catalogue, "id", i->catalogue_id);
    json_set_str(catalogue, "code", db_s(&r, 0, 3));
    json_set_str(catalogue, "name", db_s(&r, 0, 4));
    json_set_int(unit, "id", i->catalogue_unit_id);
    json_set_str(unit, "code", db_s(&r, 0, 5));
    json_set_str(unit, "name", db_s(&r, 0, 6));
    json_object_set_new(o, "field", field);
    json_object_set_new(o, "catalogue", catalogue);
    json_object_set_new(o, "unit", unit);
    json_set_int(o, "unit_id", i->catalogue_unit_id);
    json_set_str(o, "unit_name", db_s(&r, 0, 6));
    if (!db_null(&r, 0, 0))
        json_set_int(o, "source_item_id", db_i(&r, 0, 0));
    return 0;
}

static int set_version(struct work *w, json_t *o, const struct item *i) {
    struct item_row row;
    if (item_row_get(w, i->version_id, &row) < 0)
        return -1;
    json_t *extra = json_loadb(row.extra.p ? row.extra.p : "", row.extra.n, 0, NULL);
    const char *status = json_string_value(json_object_get(extra, "status"));
    json_set_bool(o, "unchecked", status && strcmp(status, "M") == 0);
    json_set_bool(o, "limit_settled", row.settled);
    json_set_int(o, "serial", row.serial);
    json_object_set_new(o, "extra", extra ? extra : json_object());
    return 0;
}

json_t *item_json(struct work *w, const struct item *i) {
    struct item_row row = {.item = *i};
    struct item_columns c = item_row_columns(&row);
    json_t *o = columns_json(&c), *owners;
    json_set_int(o, "id", i->id);
    json_set_int(o, "version_id", i->version_id);
    json_set_str(o, "code", i->code);
    json_set_int(o, "version", i->version);
    json_set_str(o, "kind", i->kind);
    json_set_str(o, "kind_name", str_z(catalogue_kind_name(i->kind)));
    json_set_str(o, "level", i->level);
    json_set_day(w->arena, o, "valid_from", i->valid_from);
    json_set_day(w->arena, o, "valid_to", i->valid_to);
    json_set_bool(o, "ended", i->valid_to != DAY_NONE && i->valid_to < work_today(w));
    json_object_set_new(o, "elements_list", item_elements(w->arena, i->elements));
    json_object_set_new(o, "rules", rules_in_words(w, i->rules));
    if (set_version(w, o, i) < 0 || set_around(w, o, i) < 0 || !(owners = item_owners(w, i->version_id))) {
        json_decref(o);
        return NULL;
    }
    json_object_set_new(o, "owners", owners);
    return o;
}

json_t *item_versions(struct work *w, int64_t item_id) {
    struct db_rows r;
    if (db_query(w, &sql_item_version_list, &r, DB_INT(item_id)) < 0)
        return NULL;
    json_t *list = db_json(&r), *v;
    size_t n;
    struct str today = day_str(w->arena, work_today(w));
    json_array_foreach(list, n, v) {
        struct str from = db_s(&r, n, 2), to = db_s(&r, n, 3);
        json_set_bool(v, "current", str_cmp(from, today) <= 0 && (!to.n || str_cmp(to, today) >= 0));
        json_set_bool(v, "coming", str_cmp(from, today) > 0);
        json_set_bool(v, "replaced_same_day", to.n && str_cmp(to, from) < 0);
    }
    return list;
}

json_t *items_of_unit(struct work *w, int64_t unit_id) {
    struct db_rows r;
    return db_query(w, &sql_items_of_unit_on, &r, DB_INT(unit_id), DB_TEXT(day_str(w->arena, work_today(w)))) < 0
               ? NULL
               : db_json(&r);
}
