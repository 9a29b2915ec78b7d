/* check_catalogue.c: catalogues (三张目录): items nobody publishes, incomplete or doubled ones, powers and services
 * without an item. */
#include "supervision/supervision_internal.h"

#define FOREVER_DAY INT32_MAX

static day_t day_cell(const struct db_rows *r, size_t i, size_t column, day_t otherwise) {
    day_t d;
    return day_parse(db_s(r, i, column), &d) == 0 ? d : otherwise;
}

/* The instant after the last day in force. */
static int64_t after_day(day_t last) {
    return last == FOREVER_DAY ? INT64_MAX : day_start(last + 1);
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* ── an item in force of which an owner has published nothing ── */

static const struct check_parameter unpublished_parameters[] = {
    {"days", "生效后多少日（自然日）仍无公开信息", PARAMETER_INT, 1, 3660, "60"},
    NO_MORE_PARAMETERS,
};

static int owners_of_item(struct work *w, int64_t item, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_owners_of_item, DB_INT(item), after % OWNER_UNITS, ids, cap);
}

static int owners_of_catalogue(struct work *w, int64_t catalogue, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_check_owners_of_catalogue, &r, DB_INT(catalogue), DB_INT(after / OWNER_UNITS),
                 DB_INT(after % OWNER_UNITS), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

static int owner_of_disclosure(struct work *w, int64_t disclosure, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    int n = db_one(w, &sql_check_owner_of_disclosure, &r, DB_INT(disclosure));
    if (n <= 0 || cap == 0 || db_i(&r, 0, 0) <= after)
        return n < 0 ? -1 : 0;
    ids[0] = db_i(&r, 0, 0);
    return 1;
}

static const struct check_event unpublished_events[] = {
    {"catalogue", "in_force", "catalogue", owners_of_catalogue},
    {"catalogue", NULL, "item", owners_of_item},
    {"disclosure", "published", "disclosure", owner_of_disclosure},
    {"disclosure", "corrected", "disclosure", owner_of_disclosure},
    {"disclosure", "withdrawn", "disclosure", owner_of_disclosure},
    {"disclosure", "entered", "disclosure", owner_of_disclosure},
    NO_MORE_EVENTS,
};

/* Versions in which the unit owes the item, without gaps between them: the last such run. */
static bool owed_run(const struct db_rows *r, day_t *ret_from, day_t *ret_last) {
    *ret_from = DAY_NONE;
    for (size_t i = 0; i < r->n; i++) {
        day_t from = day_cell(r, i, 0, DAY_NONE), last = day_cell(r, i, 1, FOREVER_DAY);
        if (from == DAY_NONE || last < from) /* replaced on the day it began */
            continue;
        if (*ret_from == DAY_NONE || *ret_last == FOREVER_DAY || from > *ret_last + 1)
            *ret_from = from;
        *ret_last = last;
    }
    return *ret_from != DAY_NONE;
}

static int unpublished_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    int64_t item = subject / OWNER_UNITS, unit = subject % OWNER_UNITS;
    struct db_rows spans, words, first, still;
    day_t from, last = FOREVER_DAY;
    if (db_query(w, &sql_check_owner_spans, &spans, DB_INT(item), DB_INT(unit)) < 0)
        return -1;
    if (!owed_run(&spans, &from, &last))
        return 0;
    int n = db_one(w, &sql_check_item_words, &words, DB_INT(item));
    if (n <= 0)
        return n;
    int64_t red = day_start(from + (day_t)rule_int(r, "days") + 1), until = after_day(last);
    *ret = (struct course){.unit_id = unit,
                           .field_id = db_i(&words, 0, 2),
                           .item_id = item,
                           .holder = PERM_DISCLOSURE_EDIT,
                           .due_at = red - 1,
                           .title = db_s(&words, 0, 1),
                           .address = str_printf(w->arena, "/desk/items/%lld", (long long)item)};
    ret->note = str_printf(w->arena, "目录事项 %.*s 自%.*s起由本单位公开，至今没有公开过任何信息",
                           STR_ARG(db_s(&words, 0, 0)), STR_ARG(day_chinese(w->arena, from)));
    n = db_one(w, &sql_check_published_first, &first, DB_INT(item), DB_INT(unit));
    if (n < 0)
        return -1;
    int64_t shown = n ? db_i(&first, 0, 0) : INT64_MAX;
    course_span(ret, LEVEL_RED, red, shown < until ? shown : until);
    if (!n)
        return 1;
    if (db_one(w, &sql_check_published_still, &still, DB_INT(item), DB_INT(unit)) < 0)
        return -1;
    if (!db_i(&still, 0, 0)) {
        ret->note = str_printf(w->arena, "目录事项 %.*s 公开过的信息都已撤回", STR_ARG(db_s(&words, 0, 0)));
        course_span(ret, LEVEL_RED, most(red, most(db_i(&still, 0, 1), shown)), until);
    }
    return 1;
}

static int unpublished_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_owners, DB_INT(after / OWNER_UNITS), after % OWNER_UNITS, ids, cap);
}

/* ── an item's versions ── */

enum { C_CODE, C_FIELD, C_UNIT, C_LEVEL1, C_LEVEL2, C_BASIS, C_SETTLED, C_FROM, C_TO, C_OWNERS };

static const struct check_parameter no_parameters[] = {NO_MORE_PARAMETERS};

static int items_of_catalogue(struct work *w, int64_t catalogue, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_items_of_catalogue, DB_INT(catalogue), after, ids, cap);
}

static const struct check_event item_events[] = {
    {"catalogue", "in_force", "catalogue", items_of_catalogue},
    {"catalogue", NULL, "item", NULL},
    NO_MORE_EVENTS,
};

static int item_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_items, after, ids, cap);
}

static void item_course(struct work *w, int64_t item, const struct db_rows *v, struct course *ret) {
    size_t newest = v->n - 1;
    *ret = (struct course){.unit_id = db_i(v, newest, C_UNIT),
                           .field_id = db_i(v, newest, C_FIELD),
                           .item_id = item,
                           .holder = PERM_CATALOGUE_PROPOSE,
                           .title = db_s(v, newest, C_LEVEL2),
                           .address = str_printf(w->arena, "/desk/items/%lld", (long long)item)};
}

/* What a version lacks, in words; "" when nothing. */
static struct str lacks(struct work *w, const struct db_rows *v, size_t i) {
    bool owner = db_i(v, i, C_OWNERS) == 0, basis = str_trim(db_s(v, i, C_BASIS)).n == 0,
         limit = !db_i(v, i, C_SETTLED);
    if (!owner && !basis && !limit)
        return STR_NONE;
    return str_printf(w->arena, "%s%s%s%s%s", owner ? "公开主体没有落实到单位" : "",
                      owner && (basis || limit) ? "；" : "", basis ? "没有公开依据" : "", basis && limit ? "；" : "",
                      limit ? "公开时限尚未确定" : "");
}

static int incomplete_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct db_rows v;
    (void)r;
    if (db_query(w, &sql_check_item_versions, &v, DB_INT(subject)) < 0)
        return -1;
    if (v.n == 0)
        return 0;
    item_course(w, subject, &v, ret);
    for (size_t i = 0; i < v.n; i++) {
        struct str what = lacks(w, &v, i);
        if (!what.n)
            continue;
        ret->note = str_printf(w->arena, "目录事项 %.*s：%.*s", STR_ARG(db_s(&v, i, C_CODE)), STR_ARG(what));
        course_span(ret, LEVEL_RED, day_start(day_cell(&v, i, C_FROM, 0)),
                    after_day(day_cell(&v, i, C_TO, FOREVER_DAY)));
    }
    return 1;
}

/* ── the same item twice in the catalogues of one unit ── */

static int twins_of(struct work *w, int64_t item, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_items_of_unit_of, DB_INT(item), after, ids, cap);
}

static const struct check_event duplicate_events[] = {
    {"catalogue", "in_force", "catalogue", items_of_catalogue},
    {"catalogue", NULL, "item", twins_of},
    NO_MORE_EVENTS,
};

/* While version i of the later item is in force, red where an earlier item has the same names in force. */
static int twins_of_version(struct work *w, int64_t item, const struct db_rows *v, size_t i, struct course *ret) {
    struct db_rows t;
    day_t first = day_cell(v, i, C_FROM, 0), last = day_cell(v, i, C_TO, FOREVER_DAY);
    if (db_query(w, &sql_check_item_twins, &t, DB_INT(item), DB_INT(db_i(v, i, C_UNIT)), DB_INT(db_i(v, i, C_FIELD)),
                 DB_TEXT(db_s(v, i, C_LEVEL1)), DB_TEXT(db_s(v, i, C_LEVEL2))) < 0)
        return -1;
    int64_t done = day_start(first);
    for (size_t k = 0; k < t.n; k++) {
        int64_t from = most(day_start(day_cell(&t, k, 1, 0)), done), until = after_day(day_cell(&t, k, 2, FOREVER_DAY));
        until = until < after_day(last) ? until : after_day(last);
        if (from >= until)
            continue;
        ret->note = str_printf(w->arena, "本单位的目录中另有同名事项 %.*s（%.*s／%.*s），请合并或者改名",
                               STR_ARG(db_s(&t, k, 0)), STR_ARG(db_s(v, i, C_LEVEL1)), STR_ARG(db_s(v, i, C_LEVEL2)));
        course_span(ret, LEVEL_ORANGE, from, until);
        done = until;
    }
    return 0;
}

static int duplicate_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct db_rows v;
    (void)r;
    if (db_query(w, &sql_check_item_versions, &v, DB_INT(subject)) < 0)
        return -1;
    if (v.n == 0)
        return 0;
    item_course(w, subject, &v, ret);
    for (size_t i = 0; i < v.n; i++)
        if (twins_of_version(w, subject, &v, i, ret) < 0)
            return -1;
    return 1;
}

/* ── a power or a public service without an item ── */

static const struct check_parameter matter_parameters[] = {
    {"days", "列入清单后多少工作日内须对应", PARAMETER_INT, 0, 250, "20"},
    NO_MORE_PARAMETERS,
};

static int unlinked_all(struct work *w, int64_t subject, int64_t after, int64_t *ids, size_t cap) {
    (void)subject;
    return check_ids(w, &sql_check_matters_unlinked, after, ids, cap);
}

static const struct check_event matter_events[] = {
    {"catalogue", "matters_imported", "matter", unlinked_all},
    {"catalogue", "matter_linked", "matter", NULL},
    {"catalogue", "matter_exempted", "matter", NULL},
    NO_MORE_EVENTS,
};

static int matter_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct db_rows m, settled;
    int n = db_one(w, &sql_check_matter_row, &m, DB_INT(subject));
    if (n <= 0)
        return n;
    int64_t from = db_i(&m, 0, 6), until = after_day(day_cell(&m, 0, 5, FOREVER_DAY));
    if (db_i(&m, 0, 7) || db_s(&m, 0, 4).n) {
        n = db_one(w, &sql_check_matter_settled, &settled, DB_INT(subject));
        if (n < 0)
            return -1;
        int64_t at = n ? db_i(&settled, 0, 0) : from;
        until = at < until ? at : until;
    }
    day_t due = calendar_add_working(day_of(from), (int)rule_int(r, "days"));
    bool power = str_is(db_s(&m, 0, 0), "power");
    *ret = (struct course){.unit_id = db_i(&m, 0, 2),
                           .holder = PERM_CATALOGUE_PROPOSE,
                           .due_at = day_end(due),
                           .title = db_s(&m, 0, 3),
                           .address = str_printf(w->arena, "/desk/matters?kind=%s", power ? "power" : "service")};
    ret->note = str_printf(w->arena, "%s %.*s 没有对应的公开目录事项，也没有写明不对应的依据",
                           power ? "权力事项" : "公共服务事项", STR_ARG(db_s(&m, 0, 1)));
    course_span(ret, LEVEL_YELLOW, from, ret->due_at + 1 < until ? ret->due_at + 1 : until);
    course_span(ret, LEVEL_RED, most(from, ret->due_at + 1), until);
    return 1;
}

static int matter_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_matters, after, ids, cap);
}

const struct check catalogue_checks[] = {
    {"item_unpublished", "目录事项从未公开", "目录事项生效一段时间后，公开主体仍没有公开过任何信息", "item_owner",
     "catalogue", unpublished_parameters, unpublished_events, unpublished_course, unpublished_subjects},
    {"item_incomplete", "目录事项要件不全", "生效的目录事项没有落实公开主体、公开依据，或者公开时限尚未确定", "item",
     "catalogue", no_parameters, item_events, incomplete_course, item_subjects},
    {"item_duplicate", "目录事项重复", "同一单位的目录里，同一领域有两个同名的事项", "item", "catalogue", no_parameters,
     duplicate_events, duplicate_course, item_subjects},
    {"matter_unlinked", "权力、服务事项未对应目录",
     "权责清单、公共服务清单中的事项没有对应的公开目录事项，也没有写明不对应的依据", "matter", "catalogue",
     matter_parameters, matter_events, matter_course, matter_subjects},
};
const size_t catalogue_check_count = countof(catalogue_checks);
