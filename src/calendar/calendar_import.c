/* calendar_import.c: year files: read, checked, compared with what is in force, written as a new version with an event.
 */
#include "calendar/calendar_internal.h"
#include "calendar_sql.h"
#include "ledger/ledger.h"
#include "view/view.h"

#define FILE_FIELD "year_file"

static int bad(struct work *w, const char *fmt, struct str what) {
    struct str s = str_printf(w->arena, "%s%.*s", fmt, STR_ARG(what));
    return fail_field(w, FILE_FIELD, "format", "%.*s", STR_ARG(s));
}

static struct str text_of(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static bool listed(const struct year_file *f, struct str day) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->days[i].day, day))
            return true;
    return false;
}

/* ── reading ── */

static int add_day(struct work *w, struct year_file *f, struct str day, day_t d, bool working, struct str reason) {
    if (listed(f, day))
        return bad(w, "同一天列了两次：", day);
    if (f->n == CALENDAR_DAYS_MAX)
        return bad(w, "放假和调休的天数过多", S(""));
    f->days[f->n].day = str_dup(w->arena, day);
    f->days[f->n].d = d;
    f->days[f->n].working = working;
    f->days[f->n++].reason = str_dup(w->arena, reason);
    return 0;
}

static int year_of(day_t d) {
    int y, m, md;
    day_split(d, &y, &m, &md);
    return y;
}

static int read_off(struct work *w, const json_t *list, struct year_file *f) {
    const json_t *o;
    size_t i;
    json_array_foreach(list, i, o) {
        struct str reason = text_of(o, "reason"), from = text_of(o, "from"), to = text_of(o, "to");
        day_t a, b;
        if (!reason.n || utf8_length(reason) > 20)
            return bad(w, "每段放假要写明节日名称（reason，20字以内）", S(""));
        if (day_parse(from, &a) < 0 || day_parse(to, &b) < 0)
            return bad(w, "放假起止日期应为 YYYY-MM-DD：", reason);
        if (b < a || b - a > 15)
            return bad(w, "放假的止日早于起日，或者一段超过16天：", reason);
        for (day_t d = a; d <= b; d++) {
            if (year_of(d) != f->year)
                return bad(w, "日期不在本年内：", day_str(w->arena, d));
            if (add_day(w, f, day_str(w->arena, d), d, false, reason) < 0)
                return -1;
        }
    }
    return 0;
}

static int read_makeup(struct work *w, const json_t *list, struct year_file *f) {
    const json_t *o;
    size_t i;
    json_array_foreach(list, i, o) {
        struct str day = str_z(json_string_value(o));
        day_t d;
        if (day_parse(day, &d) < 0)
            return bad(w, "调休上班日期应为 YYYY-MM-DD：", day);
        if (year_of(d) != f->year)
            return bad(w, "日期不在本年内：", day);
        if (day_weekday(d) < 6)
            return bad(w, "调休上班日应为周六或周日：", day);
        if (add_day(w, f, day, d, true, S("调休上班")) < 0)
            return -1;
    }
    return 0;
}

static int read_head(struct work *w, const json_t *j, bool provisional, struct year_file *f) {
    const json_t *year = json_object_get(j, "year");
    if (!json_is_object(j) || !json_is_integer(year))
        return bad(w, "应是一个年度文件：年份（year）、通知（notice）、放假（off）、调休上班（makeup）", S(""));
    json_int_t y = json_integer_value(year);
    if (y < CALENDAR_YEAR_MIN || y > CALENDAR_YEAR_MAX)
        return bad(w, "年份（year）应在2000至2100之间", S(""));
    *f = (struct year_file){
        .year = (int)y, .notice = text_of(j, "notice"), .status = text_of(j, "status"), .provisional = provisional};
    if (!f->status.n)
        f->status = S("C");
    if (provisional && f->notice.n)
        return bad(w, "推算的年份没有通知", S(""));
    if (!provisional && (!f->notice.n || utf8_length(f->notice) > 100))
        return bad(w, "要写明放假通知的文号或名称（notice，100字以内）", S(""));
    if (f->status.n > 4 || !json_is_array(json_object_get(j, "off")) ||
        (json_object_get(j, "makeup") && !json_is_array(json_object_get(j, "makeup"))))
        return bad(w, "放假（off）和调休上班（makeup）应是数组", S(""));
    return 0;
}

int year_file_working_days(const struct year_file *f) {
    int n = 0;
    for (day_t d = day_from(f->year, 1, 1); d <= day_from(f->year, 12, 31); d++)
        n += day_weekday(d) < 6;
    for (size_t i = 0; i < f->n; i++)
        n += f->days[i].working ? 1 : -(day_weekday(f->days[i].d) < 6);
    return n;
}

int year_file_read(struct work *w, const json_t *j, bool provisional, struct year_file *ret) {
    struct year_file *f = arena_one(w->arena, struct year_file);
    if (read_head(w, j, provisional, f) < 0 || read_off(w, json_object_get(j, "off"), f) < 0 ||
        read_makeup(w, json_object_get(j, "makeup"), f) < 0)
        return -1;
    /* 11 to 13 statutory days on top of some 104 to 106 weekend days: anything far from 250 is a slip of the pen. */
    int n = year_file_working_days(f);
    if (!provisional && (n < 240 || n > 256))
        return bad(w, "全年工作日算出来是", str_printf(w->arena, "%d天，不在240至256天之间，请核对", n));
    *ret = *f;
    return 0;
}

/* Days that are the same every year: {"notice","status","off":[{"reason","days":["MM-DD"]}]}. */
static int annual_read(struct work *w, const json_t *j, struct year_file *ret) {
    const json_t *o, *day;
    size_t i, k;
    *ret = (struct year_file){.year = 0, .notice = text_of(j, "notice"), .status = text_of(j, "status")};
    json_array_foreach(json_object_get(j, "off"), i, o) {
        json_array_foreach(json_object_get(o, "days"), k, day) {
            struct str text = str_printf(w->arena, "--%s", json_string_value(day) ? json_string_value(day) : "");
            if (text.n != 7 || add_day(w, ret, text, DAY_NONE, false, text_of(o, "reason")) < 0)
                return bad(w, "每年固定节日的日期应为 MM-DD：", text);
        }
    }
    return 0;
}

/* ── comparing ── */

static json_t *change_json(day_t d, const struct day_look *now, bool then, struct str reason) {
    static const char *const weekdays[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
    char text[11];
    json_t *o = json_object();
    json_set_str(o, "day", str_z(day_text(text, d)));
    json_set_str(o, "weekday", str_z(weekdays[day_weekday(d) - 1]));
    json_set_str(o, "now", str_z(now->working ? "上班" : "休息"));
    json_set_str(o, "now_reason", str_z(now->reason));
    json_set_str(o, "then", str_z(then ? "上班" : "休息"));
    json_set_str(o, "then_reason", reason);
    return o;
}

json_t *year_file_report(struct work *w, const struct year_file *f) {
    const struct calendar *c = calendar_now();
    const struct special_year *before = calendar_year_of(c, f->year);
    json_t *o = json_object(), *changes = json_array();
    for (day_t d = day_from(f->year, 1, 1); d <= day_from(f->year, 12, 31); d++) {
        struct day_look now = calendar_look(c, d);
        bool then = day_weekday(d) < 6;
        struct str reason = str_z(then ? "工作日" : day_weekday(d) == 6 ? "周六" : "周日"), day = day_str(w->arena, d);
        for (size_t i = 0; i < f->n; i++)
            if (str_eq(f->days[i].day, day)) {
                then = f->days[i].working;
                reason = f->days[i].reason;
            }
        if (then != now.working || !str_is(reason, now.reason))
            json_array_append_new(changes, change_json(d, &now, then, reason));
    }
    json_set_int(o, "year", f->year);
    json_set_str(o, "notice", f->notice);
    json_set_str(o, "notice_before", before ? str_z(before->notice) : S(""));
    json_set_bool(o, "known", before && before->notice[0]);
    json_set_int(o, "working_days", year_file_working_days(f));
    json_set_int(o, "working_days_before", calendar_working_days_of_year(f->year));
    json_set_int(o, "change_count", (int64_t)json_array_size(changes));
    json_object_set_new(o, "changes", changes);
    return o;
}

/* ── writing ── */

static int version_new(struct work *w, struct str source, int64_t *ret) {
    struct db_rows r;
    if (db_one(w, &sql_calendar_version_last, &r) < 0)
        return -1;
    int64_t version = db_i(&r, 0, 0) + 1;
    if (db_exec(w, &sql_calendar_version_insert, DB_INT(version), DB_TEXT(source), DB_INT(w->now)) < 0)
        return -1;
    *ret = version;
    return 0;
}

static int imported_event(struct work *w, const struct year_file *f, int64_t version, struct str source) {
    json_t *p = json_object(), *off = json_array(), *makeup = json_array();
    for (size_t i = 0; i < f->n; i++)
        json_array_append_new(f->days[i].working ? makeup : off, json_stringn(f->days[i].day.p, f->days[i].day.n));
    json_set_int(p, "year", f->year);
    json_set_str(p, "notice", f->notice);
    json_set_str(p, "status", f->status);
    json_set_str(p, "source", source);
    json_set_bool(p, "provisional", f->provisional);
    json_object_set_new(p, "off", off);
    json_object_set_new(p, "makeup", makeup);
    struct event e = {.room = "calendar",
                      .verb = "imported",
                      .subject_kind = "calendar",
                      .subject_id = version,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static int year_write(struct work *w, const struct year_file *f, int64_t version, struct str source) {
    if (db_exec(w, &sql_calendar_year_insert, DB_INT(f->year), DB_INT(version), DB_TEXT(f->notice),
                DB_TEXT(f->status)) < 0)
        return -1;
    for (size_t i = 0; i < f->n; i++)
        if (db_exec(w, &sql_calendar_day_insert, DB_TEXT(f->days[i].day), DB_INT(version), DB_BOOL(f->days[i].working),
                    DB_TEXT(f->days[i].reason)) < 0)
            return -1;
    return imported_event(w, f, version, source);
}

/* Readers see the new calendar only when the transaction has been committed. */
static int in_force_on_commit(struct work *w) {
    struct calendar *c = calendar_build(w);
    if (!c)
        return -1;
    db_on_commit(w, calendar_install, c);
    return 0;
}

int calendar_import(struct work *w, json_t *year_file, const char *source, int64_t *ret_version) {
    struct year_file f;
    int64_t version;
    if (year_file_read(w, year_file, false, &f) < 0 || version_new(w, str_z(source), &version) < 0 ||
        year_write(w, &f, version, str_z(source)) < 0 || in_force_on_commit(w) < 0)
        return -1;
    if (ret_version)
        *ret_version = version;
    return 0;
}

/* ── the shipped years ── */

static json_t *shipped(struct work *w, const char *name) {
    const struct asset *a = asset_find(w->config, w->arena, name);
    json_t *j = a ? json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (a && !j)
        fail(w, ERR_INTERNAL, "%s 不是有效的 JSON", name);
    return j;
}

/* The annual rule and the years without a notice, computed from new moons and solar terms. */
static int write_festivals(struct work *w, const json_t *all, int64_t version) {
    const json_t *o;
    size_t i;
    struct year_file *f = arena_one(w->arena, struct year_file);
    if (annual_read(w, json_object_get(all, "annual"), f) < 0 ||
        year_write(w, f, version, S("data/calendar/festivals.json")) < 0)
        return -1;
    json_array_foreach(json_object_get(all, "years"), i,
                       o) if (year_file_read(w, o, true, f) < 0 ||
                              year_write(w, f, version, S("data/calendar/festivals.json")) < 0) return -1;
    return 0;
}

static int write_years(struct work *w, int64_t version) {
    struct year_file *f = arena_one(w->arena, struct year_file);
    for (int year = CALENDAR_YEAR_MIN; year <= CALENDAR_YEAR_MAX; year++) {
        struct str name = str_printf(w->arena, "data/calendar/%d.json", year);
        json_t *j = shipped(w, name.p);
        if (!j && w->error.code)
            return -1;
        int rc = j && (year_file_read(w, j, false, f) < 0 || year_write(w, f, version, name) < 0) ? -1 : 0;
        json_decref(j);
        if (rc < 0)
            return -1;
    }
    return 0;
}

int calendar_init_data(struct work *w) {
    struct db_rows r;
    int64_t version;
    if (db_query(w, &sql_calendar_years_in_force, &r) < 0)
        return -1;
    if (r.n > 0)
        return 0;
    json_t *festivals = shipped(w, "data/calendar/festivals.json");
    if (!festivals)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "data/calendar/festivals.json 缺失");
    /* Notices after the computed years: a year that has since been announced wins by its higher version. */
    int rc = version_new(w, S("data/calendar/festivals.json"), &version) < 0 ||
                     write_festivals(w, festivals, version) < 0 || version_new(w, S("data/calendar"), &version) < 0 ||
                     write_years(w, version) < 0
                 ? -1
                 : in_force_on_commit(w);
    json_decref(festivals);
    return rc;
}
