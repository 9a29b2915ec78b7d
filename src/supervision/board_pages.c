/* board_pages.c: the live board (监督看板), its stream, and the alerts behind a day's figures. */
#include "supervision/supervision_internal.h"

#define WALL_UNITS 14 /* lines that a wall screen shows: the worst first */

struct board_input {
    bool wall;
};
static const struct field board_fields[] = {
    FIELD(FIELD_BOOL, board_input, wall, "大屏", FIELD_OPTIONAL, 0, 0, NULL, "大字、没有导航，供大屏使用"),
};
FIELD_TABLE(board, board_input);

static void cut_to_wall(json_t *model) {
    json_t *units = json_object_get(model, "units");
    size_t n = json_array_size(units);
    while (json_array_size(units) > WALL_UNITS)
        json_array_remove(units, json_array_size(units) - 1);
    if (n > WALL_UNITS)
        json_set_int(model, "more_units", (int64_t)(n - WALL_UNITS));
}

static int board_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct board_input x;
    if (fields_read(in, &board, &x) < 0)
        return -1;
    json_t *figures = board_figures(w, false);
    if (!figures)
        return -1;
    int64_t version = board_version(figures);
    if (x.wall) {
        json_decref(figures);
        figures = board_figures(w, true);
        if (!figures)
            return -1;
        cut_to_wall(figures);
    }
    json_set_str(figures, "version", str_printf(w->arena, "%lld", (long long)version));
    json_set_instant(w->arena, figures, "at", w->now);
    return view_page(out, x.wall ? "supervision/wall" : "supervision/board", figures);
}

static int board_stream_open(struct http_request *in, struct http_response *out) {
    (void)in;
    out->stream = &board_stream;
    return 0;
}

/* ── the alerts behind a day's figures ── */

static const struct field_option what_options[] = {
    {"raised", "发出的预警"}, {"red", "转为逾期或违反的预警"}, {"closed", "解除的预警"}, {NULL, NULL}};
struct day_input {
    struct str what, after;
    day_t day, from;
    int64_t page_size;
};
static const struct field day_fields[] = {
    FIELD(FIELD_ENUM, day_input, what, "预警", FIELD_OPTIONAL, 0, 0, what_options, NULL),
    FIELD(FIELD_DAY, day_input, day, "日期", FIELD_OPTIONAL, 0, 0, NULL, "空为今天"),
    FIELD(FIELD_DAY, day_input, from, "起始日期", FIELD_OPTIONAL, 0, 0, NULL, "空为当天"),
    FIELD(FIELD_STR, day_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, day_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
FIELD_TABLE(day, day_input);

static json_t *day_row(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = json_object();
    json_set_int(o, "id", db_i(r, i, 0));
    json_set_str(o, "title", db_s(r, i, 1));
    json_set_instant(w->arena, o, "when", db_i(r, i, 2));
    json_set_str(o, "tone", str_z(alert_level_code((int)db_i(r, i, 3))));
    json_set_str(o, "level", str_z(alert_level_name((int)db_i(r, i, 3))));
    json_set_bool(o, "closed", str_is(db_s(r, i, 4), "closed"));
    json_set_str(o, "unit", db_s(r, i, 5));
    return o;
}

static int day_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct day_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &day, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    x.day = x.day == DAY_NONE ? work_today(w) : x.day;
    x.from = x.from == DAY_NONE ? x.day : x.from;
    if (x.from > x.day)
        return fail_field(w, "day", "range", "截止日期不能早于起始日期");
    int64_t size = x.page_size ? x.page_size : 50;
    const struct db_statement *st = str_is(x.what, "red")      ? &sql_board_day_red
                                    : str_is(x.what, "closed") ? &sql_board_day_closed
                                                               : &sql_board_day_raised;
    if (db_query(w, st, &r, DB_INT(day_start(x.from)), DB_INT(day_end(x.day) + 1), DB_TEXT(org_path(w)), DB_INT(key),
                 DB_INT(id), DB_INT(size + 1)) < 0)
        return -1;
    bool more = r.n > (size_t)size;
    size_t n = more ? (size_t)size : r.n;
    json_t *model = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, day_row(w, &r, i));
    json_object_set_new(model, "alerts", rows);
    json_set_day(w->arena, model, "day", x.day);
    json_set_str(model, "span",
                 x.from == x.day ? day_chinese(w->arena, x.day)
                                 : str_printf(w->arena, "%.*s至%.*s", STR_ARG(day_chinese(w->arena, x.from)),
                                              STR_ARG(day_chinese(w->arena, x.day))));
    json_set_str(model, "what", str_z(field_option_label(what_options, x.what.n ? x.what : S("raised"))));
    view_pager(in, model, more ? view_cursor(w->arena, db_i(&r, n - 1, 2), db_i(&r, n - 1, 0)) : STR_NONE, size);
    return view_page(out, "supervision/board_day", model);
}

const struct route board_routes[] = {
    {HTTP_GET, "/desk/supervision", board_page, PERM_BOARD_READ, NO_CACHE, &board, ROUTE_PLAIN, "监督看板"},
    {HTTP_GET, "/desk/supervision/stream", board_stream_open, PERM_BOARD_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "监督看板的实时消息（text/event-stream）：event: board，data 中 version 与看板不同时，看板已有变化"},
    {HTTP_GET, "/desk/supervision/day", day_page, PERM_BOARD_READ, NO_CACHE, &day, ROUTE_PLAIN, "某日的预警"},
};
const size_t board_route_count = countof(board_routes);
