/* calendar_pages.c: the public year, the workbench's list of years, and the import of a year file with a trial run
 * first. */
#include "auth/auth.h"
#include "calendar/calendar_internal.h"
#include "view/view.h"

#include <fcntl.h>
#include <unistd.h>

/* ── one year ── */

static json_t *special_json(const struct calendar *c, day_t d, const struct day_look *look) {
    static const char *const weekdays[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};
    char text[11];
    (void)c;
    json_t *o = json_object();
    json_set_str(o, "day", str_z(day_text(text, d)));
    json_set_str(o, "weekday", str_z(weekdays[day_weekday(d) - 1]));
    json_set_bool(o, "working", look->working);
    json_set_str(o, "reason", str_z(look->reason));
    return o;
}

json_t *calendar_year_json(struct work *w, int year, bool with_days) {
    const struct calendar *c = calendar_now();
    const struct special_year *y = calendar_year_of(c, year);
    json_t *o = json_object(), *days = json_array();
    bool provisional = !y || !y->notice[0];
    json_set_int(o, "year", year);
    json_set_bool(o, "provisional", provisional);
    json_set_str(o, "notice", str_z(provisional ? c->annual_notice : y->notice));
    json_set_int(o, "working_days", calendar_working_days_of_year(year));
    json_set_int(o, "calendar_version", c->version);
    if (y) {
        json_set_str(o, "status", str_z(y->status));
        json_set_instant(w->arena, o, "imported", y->imported_at);
    }
    for (day_t d = day_from(year, 1, 1); with_days && d <= day_from(year, 12, 31); d++) {
        struct day_look look = calendar_look(c, d);
        if (look.working != (day_weekday(d) < 6) || (!look.working && look.notice[0]))
            json_array_append_new(days, special_json(c, d, &look));
    }
    json_object_set_new(o, "days", days);
    return o;
}

static int public_year(struct http_request *in, struct http_response *out) {
    int64_t year;
    if (http_path_int(in, "year", &year) < 0)
        return -1;
    if (year < CALENDAR_YEAR_MIN || year > CALENDAR_YEAR_MAX)
        return fail(in->w, ERR_NOT_FOUND, "没有这一年的工作日历");
    return view_page(out, "calendar/year", calendar_year_json(in->w, (int)year, true));
}

/* ── staff ── */

static json_t *years_json(struct work *w) {
    const struct calendar *c = calendar_now();
    int this_year, m, d, last;
    day_split(work_today(w), &this_year, &m, &d);
    last = this_year + 1;
    if (c->year_count && c->years[c->year_count - 1].year > last)
        last = c->years[c->year_count - 1].year;
    json_t *list = json_array();
    for (int year = last; year >= (c->year_count ? c->years[0].year : this_year); year--) {
        json_t *o = calendar_year_json(w, year, false);
        json_set_bool(o, "current", year == this_year);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *desk_model(struct work *w) {
    json_t *o = json_object();
    json_object_set_new(o, "years", years_json(w));
    json_set_int(o, "calendar_version", calendar_version());
    return o;
}

static int desk_calendar(struct http_request *in, struct http_response *out) {
    return view_page(out, "calendar/desk", desk_model(in->w));
}

struct check_input {
    struct file_list file;
    json_t *year_file;
};
static const struct field check_fields[] = {
    FIELD(FIELD_FILES, check_input, file, "年度文件", FIELD_OPTIONAL, 0, 1, NULL,
          "JSON 文件，格式同 data/calendar 下的年度文件"),
    FIELD(FIELD_JSON, check_input, year_file, "年度文件", FIELD_OPTIONAL, 0, CALENDAR_FILE_BYTES, NULL, NULL),
};
FIELD_TABLE(check, check_input);

/* The uploaded file's JSON, a new reference; NULL after fail_field. */
static json_t *file_json(struct work *w, const struct http_file *f) {
    char *p = arena_alloc(w->arena, CALENDAR_FILE_BYTES);
    size_t n = 0;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got = 1; fd >= 0 && got > 0 && n < CALENDAR_FILE_BYTES; n += (size_t)(got > 0 ? got : 0))
        got = read(fd, p + n, CALENDAR_FILE_BYTES - n);
    if (fd >= 0)
        close(fd);
    json_t *j = f->size < CALENDAR_FILE_BYTES ? json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!j)
        fail_field(w, "file", "format", "不是有效的 JSON 年度文件，或者超过 64 KB");
    return j;
}

/* Trial run: says what would change and offers to import just that. Writes nothing. */
static int desk_check(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct check_input x;
    struct year_file *f = arena_one(w->arena, struct year_file);
    json_t *j = NULL;
    if (fields_read(in, &check, &x) < 0)
        return in->api ? -1 : view_form_again(in, out, "calendar/desk", &check, desk_model(w));
    if (x.file.n == 0 && !x.year_file)
        fail_field(w, "file", "required", "请选择要导入的年度文件");
    else
        j = x.file.n ? file_json(w, &x.file.v[0]) : json_incref(x.year_file);
    if (!j || year_file_read(w, j, false, f) < 0) {
        json_decref(j);
        return in->api ? -1 : view_form_again(in, out, "calendar/desk", &check, desk_model(w));
    }
    json_t *model = json_object(), *report = year_file_report(w, f);
    char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    json_object_set_new(model, "report", report);
    json_object_set_new(model, "year_file_text", json_string(text));
    free(text);
    json_decref(j);
    return view_page(out, "calendar/check", model);
}

struct import_input {
    json_t *year_file;
    struct str source;
};
static const struct field import_fields[] = {
    FIELD(FIELD_JSON, import_input, year_file, "年度文件", FIELD_REQUIRED, 0, CALENDAR_FILE_BYTES, NULL,
          "年份、通知、放假、调休上班"),
    FIELD(FIELD_STR, import_input, source, "来源", FIELD_OPTIONAL, 0, 100, NULL, "通知的出处，如网址"),
};
FIELD_TABLE(import, import_input);

static int desk_import(struct http_request *in, struct http_response *out) {
    struct import_input x;
    int64_t version;
    if (fields_read(in, &import, &x) < 0 ||
        calendar_import(in->w, x.year_file, x.source.n ? str_dupz(in->w->arena, x.source) : "工作台导入", &version) < 0)
        return in->api ? -1 : view_form_again(in, out, "calendar/desk", &import, desk_model(in->w));
    int rc = view_redirect(in, out, "/desk/calendar");
    if (in->api && rc == 0) {
        json_decref(out->model);
        out->model = json_pack("{s:I}", "calendar_version", (json_int_t)version);
    }
    return rc;
}

const struct route calendar_routes[] = {
    {HTTP_GET, "/calendar/{year}", public_year, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_PLAIN, "一年的工作日历"},
    {HTTP_GET, "/desk/calendar", desk_calendar, PERM_CALENDAR_ADMIN, NO_CACHE, NULL, ROUTE_PLAIN, "工作日历"},
    {HTTP_POST, "/desk/calendar/check", desk_check, PERM_CALENDAR_ADMIN, NO_CACHE, &check, ROUTE_UPLOAD,
     "试导入年度文件"},
    {HTTP_POST, "/desk/calendar", desk_import, PERM_CALENDAR_ADMIN, NO_CACHE, &import, ROUTE_PLAIN, "导入年度文件"},
};
const size_t calendar_route_count = countof(calendar_routes);
