/* report.c: one annual report: what is saved, what is counted, the city total as the sum of the units' reports, saving.
 */
#include "report/report_internal.h"

const char *const section_codes[SECTIONS] = {"overview", "problems", "other"};
const char *const section_names[6] = {"一、总体情况",
                                      "二、主动公开政府信息情况",
                                      "三、收到和处理政府信息公开申请情况",
                                      "四、政府信息公开行政复议、行政诉讼情况",
                                      "五、存在的主要问题及改进情况",
                                      "六、其他需要报告的事项"};

/* 条例第四十九条: fixed days, which no rest day moves. */
day_t report_deadline(bool city, int year) {
    return day_from(year + 1, city ? 3 : 1, 31);
}

struct str report_title(struct work *w, const struct report *rp) {
    struct str name = rp->unit.name;
    if (rp->city && str_ends(name, S("人民政府")))
        name = str_sub(name, 0, name.n - S("人民政府").n);
    return str_printf(w->arena, "%.*s%d年政府信息公开工作年度报告", STR_ARG(name), rp->year);
}

int report_units(struct work *w, struct db_rows *ret) {
    return db_query(w, &sql_report_units, ret);
}

/* ── table 二: typed figures ── */

static void two_read(struct str text, int64_t two[CELLS2]) {
    json_t *o = text.n ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    for (int i = 0; i < CELLS2 && o; i++)
        two[i] = json_integer_value(json_object_get(o, cell2_forms[i].name));
    json_decref(o);
}

static struct str two_text(struct work *w, const int64_t two[CELLS2]) {
    json_t *o = json_object();
    for (int i = 0; i < CELLS2; i++)
        json_set_int(o, cell2_forms[i].name, two[i]);
    struct str s = json_canonical(w->arena, o);
    json_decref(o);
    return s;
}

static int two_typed(struct work *w, const struct report_input *x, int64_t two[CELLS2]) {
    for (int i = 0; i < CELLS2; i++) {
        struct str s = x->cell[i].n ? x->cell[i] : S("0"); /* a blank is zero: no cell stays empty */
        if (i == CHARGES ? charges_read(s, &two[i]) < 0 : (str_int(s, &two[i]) < 0 || two[i] < 0 || two[i] > INT32_MAX))
            fail_field(w, cell2_forms[i].name, "format", "%s",
                       i == CHARGES ? "请填写以万元为单位的金额，最多两位小数，如 12.50"
                                    : "请填写不小于零的整数，没有的填 0");
    }
    return w->error.code ? -1 : 0;
}

/* ── the parts of the city total ── */

static bool saved_of_unit(const struct db_rows *saved, int64_t unit_id, size_t *ret) {
    for (size_t i = 0; i < saved->n; i++)
        if (db_i(saved, i, 0) == unit_id) {
            *ret = i;
            return true;
        }
    return false;
}

static int load_parts(struct work *w, struct report *rp, int year, struct report_unit **ret, size_t *ret_n,
                      struct figures *now) {
    struct db_rows units, saved;
    if (report_units(w, &units) < 0 || db_query(w, &sql_report_of_year, &saved, DB_INT(year)) < 0)
        return -1;
    struct report_unit *parts = arena_many(w->arena, struct report_unit, units.n + 1);
    for (size_t i = 0; i < units.n; i++) {
        struct report_unit *p = &parts[i];
        struct figures counted;
        size_t k;
        bool own = db_i(&units, i, 0) == rp->unit.id; /* the city's own cases: a row of the sum, no report of its own */
        *p =
            (struct report_unit){.unit_id = db_i(&units, i, 0), .code = db_s(&units, i, 1), .name = db_s(&units, i, 2)};
        if (figures_count(w, p->unit_id, year, &counted) < 0)
            return -1;
        p->f = counted;
        if (!own && saved_of_unit(&saved, p->unit_id, &k)) {
            two_read(db_s(&saved, k, 2), p->f.two);
            p->finished = str_is(db_s(&saved, k, 1), "finished") && figures_read(db_s(&saved, k, 3), &p->f) == 0;
        }
        figures_add(now, &counted);
    }
    *ret = parts;
    *ret_n = units.n;
    return 0;
}

static int count(struct work *w, struct report *rp, int year, struct figures *shown, struct figures *now) {
    struct report_unit *parts = NULL;
    size_t n = 0;
    *shown = *now = (struct figures){0};
    if (!rp->city) {
        if (figures_count(w, rp->unit.id, year, now) < 0)
            return -1;
        *shown = *now;
        return 0;
    }
    if (load_parts(w, rp, year, &parts, &n, now) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        figures_add(shown, &parts[i].f);
    if (year == rp->year) {
        rp->units = parts;
        rp->unit_count = n;
    }
    return 0;
}

/* ── loading ── */

static void read_row(struct report *rp, const struct db_rows *r) {
    rp->id = db_i(r, 0, 0);
    rp->state = db_s(r, 0, 1);
    rp->finished_at = db_i(r, 0, 5);
    rp->disclosure_id = db_i(r, 0, 6);
    rp->revision = db_i(r, 0, 7);
    rp->changed_at = db_i(r, 0, 8);
    rp->disclosure_state = db_s(r, 0, 9);
    rp->public_id = db_s(r, 0, 10);
    rp->published_at = str_is(rp->disclosure_state, "withdrawn") ? 0 : db_i(r, 0, 11);
}

static void read_texts(struct work *w, struct report *rp, struct str text) {
    json_t *o = json_loadb(text.p, text.n, 0, NULL);
    for (int i = 0; i < SECTIONS; i++)
        rp->text[i] = str_dup(w->arena, str_z(json_string_value(json_object_get(o, section_codes[i]))));
    json_decref(o);
}

static int load_last(struct work *w, struct report *rp) {
    struct db_rows r;
    struct figures now;
    static const struct figures nothing;
    int n = db_one(w, &sql_report_get, &r, DB_INT(rp->unit.id), DB_INT(rp->year - 1));
    if (n < 0)
        return -1;
    if (n == 1 && figures_read(db_s(&r, 0, 4), &rp->last) == 0) {
        rp->last_is = LAST_FINISHED;
        return 0;
    }
    if (count(w, rp, rp->year - 1, &rp->last, &now) < 0)
        return -1;
    rp->last_is = memcmp(&rp->last, &nothing, sizeof nothing) != 0 ? LAST_COUNTED : LAST_NONE;
    return 0;
}

/* Only the city total: the units' reports against the cases as they are counted now (rules.md §2.4, 9). */
static void check_total(struct work *w, struct report *rp) {
    static const int rows[] = {ROW_R1, ROW_R2, ROW_SUM, ROW_R4};
    static const char *const names[] = {"本年新收", "上年结转", "办理结果总计", "结转下年度"};
    for (size_t i = 0; i < countof(rows); i++)
        for (int c = 0; c < COLUMNS && rp->check_count < CHECK_LINES; c += COLUMN_TOTAL)
            rp->checks[rp->check_count++] = (struct check_line){
                .number = 9,
                .ok = rp->f.three[rows[i]][c] == rp->now.three[rows[i]][c],
                .label = str_printf(w->arena, "%s（%s）：各单位报告之和，按申请件统计", names[i], column_names[c]),
                .left = rp->f.three[rows[i]][c],
                .right = rp->now.three[rows[i]][c]};
}

static int find_unit(struct work *w, struct str code, struct unit *ret) {
    struct db_rows r;
    if (str_is(code, "all")) {
        int n = db_one(w, &sql_report_city, &r);
        if (n < 0)
            return -1;
        code = n ? db_s(&r, 0, 0) : STR_NONE;
    }
    int n = unit_by_code(w, code, ret);
    return n == 1 ? 0 : n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个单位");
}

int report_load(struct work *w, struct str code, int year, struct report *rp) {
    struct db_rows r;
    int this_year;
    day_split(work_today(w), &this_year, &(int){0}, &(int){0});
    *rp = (struct report){.year = year, .state = S("draft")};
    if (year < 2008 || year > this_year)
        return fail(w, ERR_NOT_FOUND, "没有这个年度的报告：请选择2008年至%d年", this_year);
    if (find_unit(w, code, &rp->unit) < 0 || org_may(w, PERM_REQUEST_READ, rp->unit.id) < 0)
        return -1;
    rp->city = str_is(rp->unit.kind, "city");
    int n = db_one(w, &sql_report_get, &r, DB_INT(rp->unit.id), DB_INT(year));
    if (n < 0 || count(w, rp, year, &rp->f, &rp->now) < 0 || load_last(w, rp) < 0)
        return -1;
    if (n == 1) {
        read_row(rp, &r);
        read_texts(w, rp, db_s(&r, 0, 2));
        two_read(db_s(&r, 0, 3), rp->f.two);
        two_read(db_s(&r, 0, 3), rp->now.two);
        if (str_is(rp->state, "finished") && figures_read(db_s(&r, 0, 4), &rp->f) < 0)
            return fail(w, ERR_INTERNAL, "这份年度报告定稿时的数据无法读取");
    }
    rp->check_count = report_checks(w->arena, &rp->f, rp->last_is == LAST_FINISHED ? &rp->last : NULL, rp->checks);
    rp->sound = checks_sound(rp->checks, rp->check_count);
    if (rp->city)
        check_total(w, rp);
    return report_texts(w, rp);
}

/* ── saving ── */

static struct str texts_json(struct work *w, const struct str text[SECTIONS]) {
    json_t *o = json_object();
    for (int i = 0; i < SECTIONS; i++)
        json_set_str(o, section_codes[i], text[i]);
    struct str s = json_canonical(w->arena, o);
    json_decref(o);
    return s;
}

int report_event(struct work *w, const struct report *rp, const char *verb, json_t *more) {
    json_t *payload = more ? more : json_object();
    json_set_int(payload, "year", rp->year);
    struct event e = {.room = "report",
                      .verb = verb,
                      .subject_kind = "report",
                      .subject_id = rp->id,
                      .unit_id = rp->unit.id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}

int report_save(struct work *w, struct report *rp, const struct report_input *x, int64_t *ret_revision) {
    struct str text[SECTIONS] = {x->overview, x->problems, x->other};
    int64_t two[CELLS2];
    struct db_rows r;
    if (org_may(w, PERM_REPORT_EDIT, rp->unit.id) < 0)
        return -1;
    if (!str_is(rp->state, "draft"))
        return fail(w, ERR_WRONG_STATE, "报告已经定稿，退回修改后才能编辑");
    if (two_typed(w, x, two) < 0)
        return -1;
    if (x->revision != rp->revision)
        return fail(w, ERR_CONFLICT, "%s", "");
    struct db_value sections = DB_TEXT(texts_json(w, text)), table = DB_TEXT(two_text(w, two));
    if (rp->id == 0) {
        if (db_one(w, &sql_report_insert, &r, DB_INT(rp->unit.id), DB_INT(rp->year), sections, table, DB_INT(w->now)) <
            0)
            return -1;
        rp->id = db_i(&r, 0, 0);
        rp->revision = 1;
        *ret_revision = 1;
        return report_event(w, rp, "saved", NULL);
    }
    int n = db_exec(w, x->autosave ? &sql_report_autosave : &sql_report_update, DB_INT(rp->id), DB_INT(rp->revision),
                    sections, table, DB_INT(w->now));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_CONFLICT, "%s", "");
    *ret_revision = ++rp->revision;
    return x->autosave ? 0 : report_event(w, rp, "saved", NULL);
}
