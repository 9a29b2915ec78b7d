/* calendar_load.c: from the tables into memory, and year files into the tables. */
#include "calendar/calendar_internal.h"
#include "ledger/ledger.h"

static struct year_info *year_slot(struct snapshot *s, int64_t year) {
    if (year < FIRST_YEAR || year > LAST_YEAR)
        return NULL;
    struct year_info **slot = &s->years[year - FIRST_YEAR];
    if (!*slot)
        *slot = calloc(1, sizeof **slot);
    return *slot;
}

static void load_years(struct snapshot *s, const struct db_rows *r) {
    for (size_t i = 0; i < r->n; i++) {
        struct year_info *y = year_slot(s, db_i(r, i, 0));
        if (!y)
            continue;
        memset(y, 0, sizeof *y); /* a newer version replaces the whole year */
        y->known = true;
        snprintf(y->notice, sizeof y->notice, "%.*s", STR_ARG(db_s(r, i, 2)));
        snprintf(y->status, sizeof y->status, "%.*s", STR_ARG(db_s(r, i, 3)));
        if ((int)db_i(r, i, 1) > s->version)
            s->version = (int)db_i(r, i, 1);
    }
}

/* The version of a year in force is the last one listed. */
static int64_t version_of(const struct db_rows *years, int year) {
    int64_t v = 0;
    for (size_t i = 0; i < years->n; i++)
        if (db_i(years, i, 0) == year)
            v = db_i(years, i, 1);
    return v;
}

int calendar_load(struct work *w) {
    struct db_rows years, days;
    if (db_query(w, &sql_calendar_years, &years) < 0 || db_query(w, &sql_calendar_days, &days) < 0)
        return -1;
    struct snapshot *s = calloc(1, sizeof *s);
    if (!s)
        return fail(w, ERR_INTERNAL, "内存不足");
    load_years(s, &years);
    for (size_t i = 0; i < days.n; i++) {
        day_t d;
        int y, m, k;
        if (day_parse(db_s(&days, i, 0), &d) < 0)
            continue;
        day_split(d, &y, &m, &k);
        struct year_info *info = year_slot(s, y);
        if (!info || db_i(&days, i, 1) != version_of(&years, y))
            continue;
        struct special_day *one = &info->days[d - day_from(y, 1, 1)];
        one->set = true;
        one->working = db_i(&days, i, 2);
        snprintf(one->reason, sizeof one->reason, "%.*s", STR_ARG(db_s(&days, i, 3)));
    }
    calendar_swap(s);
    return 0;
}

/* ── import ── */

static int file_day(struct work *w, const json_t *o, const char *key, int64_t year, day_t *ret) {
    int y, m, d;
    struct str text = str_z(json_is_string(o) ? json_string_value(o) : json_string_value(json_object_get(o, key)));
    if (day_parse(text, ret) < 0)
        return fail(w, ERR_INVALID, "日历文件：“%.*s”不是日期，应写成 2027-01-01", STR_ARG(text));
    day_split(*ret, &y, &m, &d);
    return y == year ? 0 : fail(w, ERR_INVALID, "日历文件：%.*s 不在 %lld 年内", STR_ARG(text), (long long)year);
}

static int insert_day(struct work *w, day_t d, int64_t version, bool working, struct str reason) {
    return db_exec(w, &sql_calendar_day_insert, DB_TEXT(day_str(w->arena, d)), DB_INT(version), DB_BOOL(working), DB_TEXT(reason)) < 0 ? -1 : 0;
}

static int import_off(struct work *w, const json_t *ranges, int64_t year, int64_t version) {
    const json_t *o;
    size_t i;
    day_t from, to;
    json_array_foreach(ranges, i, o) {
        struct str name = str_z(json_string_value(json_object_get(o, "name")));
        if (file_day(w, o, "from", year, &from) < 0 || file_day(w, o, "to", year, &to) < 0)
            return -1;
        if (name.n == 0 || name.n > 36 || to < from || to - from > 31)
            return fail(w, ERR_INVALID, "日历文件：第 %zu 段假期的名称或起止不正确", i + 1);
        for (day_t d = from; d <= to; d++)
            if (insert_day(w, d, version, false, name) < 0)
                return -1;
    }
    return 0;
}

static int import_makeup(struct work *w, const json_t *days, int64_t year, int64_t version) {
    const json_t *o;
    size_t i;
    day_t d;
    json_array_foreach(days, i, o) {
        if (file_day(w, o, "", year, &d) < 0)
            return -1;
        if (day_weekday(d) <= 5)
            return fail(w, ERR_INVALID, "日历文件：调休上班日 %.*s 不是周末", STR_ARG(day_str(w->arena, d)));
        if (insert_day(w, d, version, true, S("调休上班")) < 0)
            return -1;
    }
    return 0;
}

int calendar_import(struct work *w, json_t *file, const char *source, int64_t *ret_version) {
    struct db_rows r;
    int64_t year = json_integer_value(json_object_get(file, "year"));
    struct str notice = str_z(json_string_value(json_object_get(file, "notice")));
    struct str status = str_z(json_string_value(json_object_get(file, "status")));
    json_t *off = json_object_get(file, "off"), *makeup = json_object_get(file, "makeup");
    if (year < FIRST_YEAR || year > LAST_YEAR || notice.n == 0 || notice.n > 110 || !json_is_array(off) || !json_is_array(makeup))
        return fail(w, ERR_INVALID, "日历文件须有 year、notice、off、makeup 四项");
    if (db_one(w, &sql_calendar_last_version, &r) < 0)
        return -1;
    int64_t version = db_i(&r, 0, 0) + 1;
    if (db_exec(w, &sql_calendar_version_insert, DB_INT(version), DB_TEXTZ(source), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_calendar_year_insert, DB_INT(year), DB_INT(version), DB_TEXT(notice), DB_TEXT(status.n ? status : S("U"))) < 0 ||
        import_off(w, off, year, version) < 0 || import_makeup(w, makeup, year, version) < 0)
        return -1;
    json_t *payload = json_pack("{s:I, s:I, s:s%, s:s}", "year", (json_int_t)year, "version", (json_int_t)version, "notice", notice.p, notice.n, "source", source);
    struct event e = {.room = "calendar", .verb = "imported", .subject_kind = "calendar", .subject_id = year, .visibility = EVENT_PUBLIC, .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    if (rc == 0)
        *ret_version = version;
    return rc;
}

int calendar_init_data(struct work *w) {
    for (int year = 2020; year <= 2026; year++) {
        struct db_rows r;
        int64_t version;
        int known = db_one(w, &sql_calendar_year_known, &r, DB_INT(year));
        if (known < 0)
            return -1;
        if (known)
            continue;
        struct str name = str_printf(w->arena, "data/calendar/%d.json", year);
        const struct asset *a = asset_find(w->config, w->arena, name.p);
        json_t *file = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
        int rc = file ? calendar_import(w, file, name.p, &version) : fail(w, ERR_INTERNAL, "%s 缺失", name.p);
        json_decref(file);
        if (rc < 0)
            return -1;
    }
    return 0;
}
