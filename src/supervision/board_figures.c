/* board_figures.c: what the live board shows, from maintained counts alone: units × fields, what is due, the trend, the
 * slowest posts. The same for everyone who may see the board: the stream's news and the page's version are its digest.
 */
#include "supervision/supervision_internal.h"

#include "catalogue/catalogue.h"

#define BOARD_FIELDS 27 /* 1 … 26, and 0: items without a field */
#define TREND_DAYS 30
#define SLOW_POSTS 10

struct cell {
    int64_t required, met, late, overdue, level[LEVEL_RED + 1];
};
struct line {
    int64_t unit_id;
    struct str code, name;
    struct cell cells[BOARD_FIELDS], total;
};
struct board {
    struct line *lines, **by_id; /* in the official order; by unit */
    size_t n;
    struct cell columns[BOARD_FIELDS], total;
};

/* ── reading ── */

static void add(struct cell *c, const struct cell *x) {
    c->required += x->required;
    c->met += x->met;
    c->late += x->late;
    c->overdue += x->overdue;
    for (int l = 0; l <= LEVEL_RED; l++)
        c->level[l] += x->level[l];
}

static int by_unit(const void *a, const void *b) {
    const struct line *const *x = a, *const *y = b;
    return (*x)->unit_id < (*y)->unit_id ? -1 : (*x)->unit_id > (*y)->unit_id;
}

static struct line *line_of(struct board *b, int64_t unit_id) {
    const struct line key = {.unit_id = unit_id}, *wanted = &key;
    struct line **l = b->n ? bsearch(&wanted, b->by_id, b->n, sizeof(*b->by_id), by_unit) : NULL;
    return l ? *l : NULL;
}

static void put(struct board *b, int64_t unit_id, int64_t field_id, struct cell x) {
    struct line *l = line_of(b, unit_id);
    size_t f = field_id > 0 && field_id < BOARD_FIELDS ? (size_t)field_id : 0;
    if (!l)
        return;
    add(&l->cells[f], &x);
    add(&l->total, &x);
    add(&b->columns[f], &x);
    add(&b->total, &x);
}

static int read_board(struct work *w, struct board *b) {
    struct db_rows units, duties, late, alerts;
    struct str today = day_str(w->arena, work_today(w));
    if (db_query(w, &sql_board_units, &units) < 0 || db_query(w, &sql_board_duties, &duties) < 0 ||
        db_query(w, &sql_board_overdue, &late, DB_TEXT(today), DB_TEXT(str_sub(today, 0, 7)),
                 DB_TEXT(str_sub(today, 0, 4))) < 0 ||
        db_query(w, &sql_board_alerts, &alerts) < 0)
        return -1;
    *b = (struct board){.lines = arena_many(w->arena, struct line, units.n + 1),
                        .by_id = arena_many(w->arena, struct line *, units.n + 1),
                        .n = units.n};
    for (size_t i = 0; i < units.n; i++) {
        b->by_id[i] = &b->lines[i];
        b->lines[i].unit_id = db_i(&units, i, 0);
        b->lines[i].code = db_s(&units, i, 1);
        b->lines[i].name = db_s(&units, i, 2);
    }
    qsort(b->by_id, b->n, sizeof(*b->by_id), by_unit);
    for (size_t i = 0; i < duties.n; i++)
        put(b, db_i(&duties, i, 0), db_i(&duties, i, 1),
            (struct cell){.required = db_i(&duties, i, 2), .met = db_i(&duties, i, 3), .late = db_i(&duties, i, 4)});
    for (size_t i = 0; i < late.n; i++)
        put(b, db_i(&late, i, 0), db_i(&late, i, 1), (struct cell){.overdue = db_i(&late, i, 2)});
    for (size_t i = 0; i < alerts.n; i++) {
        int64_t level = db_i(&alerts, i, 2);
        struct cell x = {0};
        if (level >= LEVEL_YELLOW && level <= LEVEL_RED)
            x.level[level] = db_i(&alerts, i, 3);
        put(b, db_i(&alerts, i, 0), db_i(&alerts, i, 1), x);
    }
    return 0;
}

static bool concerned(const struct cell *c) {
    return c->required || c->overdue || c->level[LEVEL_YELLOW] || c->level[LEVEL_ORANGE] || c->level[LEVEL_RED];
}

/* ── words and addresses ── */

static struct str rate_text(struct work *w, const struct cell *c) {
    int64_t decided = c->met + c->late + c->overdue; /* what is not yet due weighs neither way */
    return decided ? str_printf(w->arena, "%lld%%", (long long)(c->met * 100 / decided)) : S("—");
}

static struct str place(struct work *w, const char *page, struct str unit, int64_t field) {
    struct str field_part = field >= 1 ? str_printf(w->arena, "&field=%02lld", (long long)field) : S("");
    struct str unit_part = unit.n ? str_printf(w->arena, "&unit=%.*s", STR_ARG(unit)) : S("");
    return str_printf(w->arena, "%s%.*s%.*s", page, STR_ARG(unit_part), STR_ARG(field_part));
}

static struct str alerts_at(struct work *w, int level, struct str unit, int64_t field) {
    return place(w, str_printf(w->arena, "/desk/alerts?level=%s", alert_level_code(level)).p, unit, field);
}

/* One figure to a cell: the worst that is there, and how many; when nothing is wrong, the share on time. */
static void cell_figure(struct work *w, json_t *o, const struct cell *c, struct str unit, int64_t field) {
    int level = LEVEL_RED;
    while (level > LEVEL_NONE && !c->level[level])
        level--;
    if (c->overdue > c->level[LEVEL_RED]) { /* duties say it although no rule does */
        json_set_str(o, "tone", S("red"));
        json_set_int(o, "n", c->overdue);
        json_set_str(o, "word", S("逾期"));
        json_set_str(o, "href", place(w, "/desk/duties?state=overdue", unit, field));
    } else if (level) {
        json_set_str(o, "tone", str_z(alert_level_code(level)));
        json_set_int(o, "n", c->level[level]);
        json_set_str(o, "word", level == LEVEL_RED ? S("违反") : str_z(alert_level_name(level)));
        json_set_str(o, "href", alerts_at(w, level, unit, field));
    } else {
        json_set_str(o, "tone", c->required ? S("green") : S("grey"));
        json_set_str(o, "word", S("按期率"));
        json_set_str(o, "href", place(w, "/desk/duties?state=all", unit, field));
    }
}

static json_t *cell_json(struct work *w, const struct cell *c, struct str unit, int64_t field) {
    json_t *o = json_object();
    json_set_bool(o, "any", concerned(c));
    if (!concerned(c))
        return o;
    json_set_int(o, "required", c->required);
    json_set_int(o, "done", c->met + c->late);
    json_set_int(o, "on_time", c->met);
    json_set_int(o, "overdue", c->overdue);
    json_set_int(o, "red", c->level[LEVEL_RED]);
    json_set_int(o, "orange", c->level[LEVEL_ORANGE]);
    json_set_int(o, "yellow", c->level[LEVEL_YELLOW]);
    json_set_str(o, "rate", rate_text(w, c));
    cell_figure(w, o, c, unit, field);
    return o;
}

/* ── units × fields ── */

static void field_json(json_t *list, const struct board *b, const json_t *f) {
    int64_t id = json_integer_value(json_object_get(f, "id"));
    if (id < 1 || id >= BOARD_FIELDS || !concerned(&b->columns[id]))
        return;
    json_t *o = json_object();
    json_object_set(o, "id", json_object_get(f, "id"));
    json_object_set(o, "code", json_object_get(f, "code"));
    json_object_set(o, "name", json_object_get(f, "name"));
    json_array_append_new(list, o);
}

static json_t *fields_json(struct work *w, const struct board *b) {
    json_t *all = field_list(w), *list = json_array(), *f;
    size_t i;
    if (!all) {
        json_decref(list);
        return NULL;
    }
    json_array_foreach(all, i, f) field_json(list, b, f);
    if (concerned(&b->columns[0]))
        json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "id", 0, "code", "—", "name", "不分领域"));
    json_decref(all);
    return list;
}

static json_t *cells_json(struct work *w, const struct cell *cells, const json_t *fields, struct str unit) {
    json_t *list = json_array(), *f;
    size_t i;
    json_array_foreach(fields, i, f) {
        int64_t id = json_integer_value(json_object_get(f, "id"));
        json_array_append_new(list, cell_json(w, &cells[id], unit, id));
    }
    return list;
}

static json_t *line_json(struct work *w, const struct line *l, const json_t *fields) {
    json_t *o = json_object();
    json_set_str(o, "code", l->code);
    json_set_str(o, "name", l->name);
    json_object_set_new(o, "cells", cells_json(w, l->cells, fields, l->code));
    json_object_set_new(o, "total", cell_json(w, &l->total, l->code, 0));
    return o;
}

/* Worst first, for a wall: a figure that matters must not be below its edge. */
static int worse(const void *a, const void *b) {
    const struct cell *x = &((const struct line *)a)->total, *y = &((const struct line *)b)->total;
    for (int l = LEVEL_RED; l > LEVEL_NONE; l--) {
        int64_t p = l == LEVEL_RED && x->overdue > x->level[l] ? x->overdue : x->level[l];
        int64_t q = l == LEVEL_RED && y->overdue > y->level[l] ? y->overdue : y->level[l];
        if (p != q)
            return p < q ? 1 : -1;
    }
    return 0;
}

static int put_lines(struct work *w, json_t *o, struct board *b, bool worst_first) {
    json_t *fields = fields_json(w, b), *lines = json_array(), *idle = json_array();
    if (worst_first)
        qsort(b->lines, b->n, sizeof *b->lines, worse);
    for (size_t i = 0; fields && i < b->n; i++) {
        if (concerned(&b->lines[i].total))
            json_array_append_new(lines, line_json(w, &b->lines[i], fields));
        else
            json_array_append_new(
                idle, json_pack("{s:s%}", "name", b->lines[i].name.p ? b->lines[i].name.p : "", b->lines[i].name.n));
    }
    if (fields)
        json_object_set_new(o, "columns", cells_json(w, b->columns, fields, S("")));
    json_object_set_new(o, "total", cell_json(w, &b->total, S(""), 0));
    json_object_set_new(o, "fields", fields ? fields : json_array());
    json_object_set_new(o, "units", lines);
    json_set_int(o, "idle_count", (int64_t)json_array_size(idle));
    json_object_set_new(o, "idle", idle);
    return fields ? 0 : -1;
}

/* ── what is due, today's breaches ── */

static void tile(struct work *w, json_t *list, const char *name, const char *note, const char *tone, int64_t n,
                 struct str href) {
    json_t *o = json_object();
    json_set_str(o, "name", str_z(name));
    json_set_str(o, "note", str_z(note));
    json_set_str(o, "tone", n ? str_z(tone) : S("grey"));
    json_set_int(o, "n", n);
    json_set_str(o, "text", str_printf(w->arena, "%lld", (long long)n));
    json_set_str(o, "href", href);
    json_array_append_new(list, o);
}

static struct str due_between(struct work *w, day_t from, day_t to) {
    return str_printf(w->arena, "/desk/duties?state=open&from=%.*s&to=%.*s", STR_ARG(day_str(w->arena, from)),
                      STR_ARG(day_str(w->arena, to)));
}

static int put_tiles(struct work *w, json_t *o, const struct board *b, int64_t red_today) {
    static const struct {
        int days;
        const char *name, *tone;
    } spans[] = {
        {0, "今天到期", "orange"}, {3, "3天内到期", "orange"}, {7, "7天内到期", "yellow"}, {30, "30天内到期", "blue"}};
    struct db_rows r;
    day_t today = work_today(w);
    int64_t sums[countof(spans)] = {0};
    if (db_query(w, &sql_board_due_days, &r, DB_TEXT(day_str(w->arena, today)),
                 DB_TEXT(day_str(w->arena, today + 30))) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        day_t d;
        for (size_t k = 0; day_parse(db_s(&r, i, 0), &d) == 0 && k < countof(spans); k++)
            sums[k] += d <= today + spans[k].days ? db_i(&r, i, 1) : 0;
    }
    json_t *list = json_array();
    tile(w, list, "今天新增违反", "今天起逾期或违反要求的预警", "red", red_today,
         str_printf(w->arena, "/desk/supervision/day?what=red&day=%.*s", STR_ARG(day_str(w->arena, today))));
    tile(w, list, "逾期未公开", "到期没有公开的任务", "red", b->total.overdue, S("/desk/duties?state=overdue"));
    for (size_t k = 0; k < countof(spans); k++)
        tile(w, list, spans[k].name, k ? "今天起，含今天，待公开的任务" : "待公开的任务", spans[k].tone, sums[k],
             due_between(w, today, today + spans[k].days));
    json_object_set_new(o, "tiles", list);
    return 0;
}

/* ── the trend ── */

struct trend {
    int64_t raised, red, closed;
};

/* A line of the chart: "0,96 24,80 …" in a box of 720 × 120. */
static struct str points(struct work *w, const struct trend *t, size_t member, int64_t most) {
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < TREND_DAYS; i++) {
        int64_t n = *(const int64_t *)(const void *)((const char *)&t[i] + member);
        buf_printf(&b, "%s%d,%lld", i ? " " : "", 10 + i * 700 / (TREND_DAYS - 1), (long long)(115 - n * 105 / most));
    }
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static json_t *day_json(struct work *w, day_t d, const struct trend *t) {
    json_t *o = json_object();
    json_set_day(w->arena, o, "day", d);
    json_set_int(o, "raised", t->raised);
    json_set_int(o, "red", t->red);
    json_set_int(o, "closed", t->closed);
    return o;
}

static int put_trend(struct work *w, json_t *o, int64_t *ret_red_today) {
    struct db_rows r;
    struct trend t[TREND_DAYS] = {{0}}, sum = {0};
    day_t today = work_today(w), first = today - TREND_DAYS + 1;
    int64_t most = 1;
    if (db_query(w, &sql_board_trend, &r, DB_INT(first)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        int64_t k = db_i(&r, i, 0) - first;
        if (k >= 0 && k < TREND_DAYS)
            t[k] = (struct trend){db_i(&r, i, 1), db_i(&r, i, 2), db_i(&r, i, 3)};
    }
    json_t *days = json_array(), *trend = json_object();
    for (int i = TREND_DAYS - 1; i >= 0; i--) {
        json_array_append_new(days, day_json(w, first + i, &t[i]));
        sum = (struct trend){sum.raised + t[i].raised, sum.red + t[i].red, sum.closed + t[i].closed};
        most = t[i].raised > most ? t[i].raised : most;
        most = t[i].red > most ? t[i].red : most;
        most = t[i].closed > most ? t[i].closed : most;
    }
    json_object_set_new(trend, "days", days);
    json_object_set_new(trend, "sum", day_json(w, DAY_NONE, &sum));
    json_set_bool(trend, "any", sum.raised || sum.red || sum.closed);
    json_set_int(trend, "most", most);
    json_set_day(w->arena, trend, "first", first);
    json_set_str(trend, "raised_line", points(w, t, offsetof(struct trend, raised), most));
    json_set_str(trend, "red_line", points(w, t, offsetof(struct trend, red), most));
    json_set_str(trend, "closed_line", points(w, t, offsetof(struct trend, closed), most));
    json_object_set_new(o, "trend", trend);
    *ret_red_today = t[TREND_DAYS - 1].red;
    return 0;
}

/* ── the slowest posts ── */

static const char *step_name(struct str step) {
    static const char *const names[][2] = {{"review1", "初审"},     {"review2", "复审"}, {"review3", "终审"},
                                           {"secrecy", "保密审查"}, {"signing", "签发"}, {"proofreading", "校对"}};
    for (size_t i = 0; i < countof(names); i++)
        if (str_is(step, names[i][0]))
            return names[i][1];
    return step.p;
}

static struct str duration_text(struct work *w, int64_t ms) {
    int64_t minutes = ms / 60000;
    if (minutes < 60)
        return str_printf(w->arena, "%lld分钟", (long long)minutes);
    if (minutes < 48 * 60)
        return str_printf(w->arena, "%lld.%lld小时", (long long)(minutes / 60), (long long)(minutes % 60 / 6));
    return str_printf(w->arena, "%lld.%lld天", (long long)(minutes / 1440), (long long)(minutes % 1440 / 144));
}

static int put_posts(struct work *w, json_t *o) {
    struct db_rows r;
    int y, m, md;
    day_split(work_today(w), &y, &m, &md);
    struct str now = str_printf(w->arena, "%04d-%02d", y, m),
               before = m > 1 ? str_printf(w->arena, "%04d-%02d", y, m - 1) : str_printf(w->arena, "%04d-12", y - 1);
    if (db_query(w, &sql_board_posts, &r, DB_TEXT(now), DB_TEXT(before), DB_INT(SLOW_POSTS)) < 0)
        return -1;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *p = json_object();
        json_set_str(p, "post", db_s(&r, i, 1));
        json_set_str(p, "post_href",
                     str_printf(w->arena, "/desk/audit?kind=disclosure&post=%.*s",
                                STR_ARG(str_percent(w->arena, db_s(&r, i, 1)))));
        json_set_str(p, "unit", db_s(&r, i, 2));
        json_set_str(p, "step", str_z(step_name(db_s(&r, i, 3))));
        json_set_int(p, "matters", db_i(&r, i, 4));
        json_set_int(p, "average_ms", db_i(&r, i, 5));
        json_set_int(p, "worst_ms", db_i(&r, i, 6));
        json_set_int(p, "worst_id", db_i(&r, i, 7));
        json_set_str(p, "average", duration_text(w, db_i(&r, i, 5)));
        json_set_str(p, "worst", duration_text(w, db_i(&r, i, 6)));
        json_array_append_new(list, p);
    }
    json_object_set_new(o, "posts", list);
    return 0;
}

/* ── all of it ── */

json_t *board_figures(struct work *w, bool worst_first) {
    struct board *b = arena_one(w->arena, struct board);
    json_t *o = json_object();
    int64_t red_today = 0;
    json_set_day(w->arena, o, "day", work_today(w));
    if (read_board(w, b) < 0 || put_trend(w, o, &red_today) < 0 || put_tiles(w, o, b, red_today) < 0 ||
        put_posts(w, o) < 0 || put_lines(w, o, b, worst_first) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

int64_t board_version(const json_t *figures) {
    char *text = json_dumps(figures, JSON_COMPACT | JSON_SORT_KEYS);
    int64_t v = (int64_t)(str_hash(str_z(text)) >> 1);
    free(text);
    return v ? v : 1;
}
