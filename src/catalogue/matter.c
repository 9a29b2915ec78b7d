/* matter.c: powers (权责清单) and public services (公共服务事项): imported as tables, each linked to catalogue items or
 * kept out with a legal ground, so that nothing is missed. */
#include "catalogue/matter_internal.h"

enum matter_column { M_NONE = 0, M_CODE, M_NAME, M_CATEGORY, M_BASIS, M_UNIT, M__N };
static const struct {
    const char *words;
    uint8_t column;
} headings[] = {
    {"编码", M_CODE},         {"事项编码", M_CODE},     {"权力编码", M_CODE},     {"基本编码", M_CODE},
    {"实施编码", M_CODE},     {"职权编码", M_CODE},     {"编号", M_CODE},         {"名称", M_NAME},
    {"事项名称", M_NAME},     {"权力名称", M_NAME},     {"职权名称", M_NAME},     {"权力事项", M_NAME},
    {"服务事项名称", M_NAME}, {"服务事项", M_NAME},     {"类别", M_CATEGORY},     {"权力类型", M_CATEGORY},
    {"权力类别", M_CATEGORY}, {"事项类型", M_CATEGORY}, {"职权类别", M_CATEGORY}, {"服务类型", M_CATEGORY},
    {"依据", M_BASIS},        {"设定依据", M_BASIS},    {"实施依据", M_BASIS},    {"法定依据", M_BASIS},
    {"法律依据", M_BASIS},    {"单位", M_UNIT},         {"实施主体", M_UNIT},     {"责任单位", M_UNIT},
    {"行使主体", M_UNIT},     {"实施机关", M_UNIT},     {"实施单位", M_UNIT},     {"部门", M_UNIT},
};

struct matter_reader {
    struct work *w;
    const char *kind;
    int64_t own_unit; /* rows without a unit belong to it */
    uint8_t of[TABLE_COLUMNS];
    bool found[M__N], heading;
    struct owner_names *names;
    struct catalogue city; /* for the resolution of names: a city's table */
    json_t *problems;
    size_t rows, bad;
};

static uint8_t column_of(struct str cell) {
    struct str s = str_trim(cell);
    for (size_t i = 0; i < countof(headings); i++)
        if (str_is(s, headings[i].words))
            return headings[i].column;
    return M_NONE;
}

static void seek_heading(struct matter_reader *m, const struct table_cells *cells) {
    memset(m->of, 0, sizeof m->of);
    memset(m->found, 0, sizeof m->found);
    for (size_t i = 0; i < cells->n && i < TABLE_COLUMNS; i++) {
        uint8_t c = column_of(cells->v[i]);
        if (c && !m->found[c]) {
            m->of[i] = c;
            m->found[c] = true;
        }
    }
    m->heading = m->found[M_CODE] && m->found[M_NAME];
}

static int problem(struct matter_reader *m, int64_t row, const char *column, const char *text) {
    m->bad++;
    if (json_array_size(m->problems) < 200)
        json_array_append_new(m->problems,
                              json_pack("{s:I, s:s, s:s}", "row", (json_int_t)row, "column", column, "text", text));
    return 0;
}

static int unit_of(struct matter_reader *m, struct str name, int64_t *ret) {
    struct owners o;
    *ret = m->own_unit;
    if (!name.n)
        return 0;
    if (owners_resolve(m->w, m->names, &m->city, name, &o) < 0)
        return -1;
    *ret = o.unknown.n || o.n != 1 ? 0 : o.unit[0];
    return 0;
}

static int put_row(struct matter_reader *m, const struct table_cells *cells, const struct str v[M__N]) {
    struct work *w = m->w;
    int64_t unit;
    if (!v[M_CODE].n || utf8_length(v[M_CODE]) > 60)
        return problem(m, cells->row, "编码", "缺少编码，或者编码过长");
    if (!v[M_NAME].n || utf8_length(v[M_NAME]) > 300)
        return problem(m, cells->row, "名称", "缺少名称，或者名称过长");
    if (unit_of(m, v[M_UNIT], &unit) < 0)
        return -1;
    if (!unit)
        return problem(m, cells->row, "单位", "没有这个单位，请写单位全称或规范简称");
    if (!org_may_quiet(w, PERM_CATALOGUE_IMPORT, unit))
        return problem(m, cells->row, "单位", "不在您的岗位范围内");
    m->rows++;
    return db_exec(w, &sql_matter_put, DB_TEXTZ(m->kind), DB_TEXT(v[M_CODE]), DB_INT(unit), DB_TEXT(v[M_NAME]),
                   DB_TEXT(utf8_head(v[M_CATEGORY], 60)), DB_TEXT(utf8_head(v[M_BASIS], 4000)),
                   DB_TEXT(day_str(w->arena, work_today(w))), DB_INT(w->now)) < 0
               ? -1
               : 0;
}

static int on_sheet(void *ctx, struct str name) {
    (void)name;
    ((struct matter_reader *)ctx)->heading = false;
    return 0;
}

static int on_row(void *ctx, const struct table_cells *cells) {
    struct matter_reader *m = ctx;
    struct str v[M__N] = {{0}};
    bool any = false;
    if (!m->heading) {
        seek_heading(m, cells);
        return 0;
    }
    for (size_t i = 0; i < cells->n && i < TABLE_COLUMNS; i++) {
        struct str s = str_trim(cells->v[i]);
        any |= s.n && !(cells->merged && cells->merged[i]);
        if (m->of[i])
            v[m->of[i]] = s;
    }
    if (!any || (!v[M_CODE].n && !v[M_NAME].n))
        return 0;
    struct arena *saved = m->w->arena;
    m->w->arena = arena_new(4 * 1024 * 1024);
    int rc = put_row(m, cells, v);
    arena_free(m->w->arena);
    m->w->arena = saved;
    return rc;
}

static int import_event(struct work *w, const struct matter_reader *m) {
    json_t *p = json_pack("{s:s, s:I}", "kind", m->kind, "rows", (json_int_t)m->rows);
    struct event e = {.room = "catalogue",
                      .verb = "matters_imported",
                      .subject_kind = "matter",
                      .subject_id = 0,
                      .unit_id = w->actor.unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

/* Whole or nothing: any row that cannot be read, and nothing is taken. */
int matters_read(struct work *w, const char *kind, const char *path, struct str file_name, json_t **ret_report) {
    struct matter_reader m = {
        .w = w, .kind = kind, .own_unit = w->actor.unit_id, .names = owner_names_new(w), .problems = json_array()};
    struct table_sink sink = {&m, on_sheet, on_row, NULL};
    m.city.level = S("city");
    int rc = db_begin(w);
    if (rc == 0) {
        rc = table_read(w, path, file_name, &sink);
        if (rc == 0 && m.rows + m.bad == 0)
            rc = table_fail(w, "没有找到清单：表头应有编码、名称、类别、依据、单位等列");
        if (rc == 0 && m.bad == 0)
            rc = import_event(w, &m);
        if (rc == 0 && m.bad == 0)
            rc = db_commit(w);
        else
            db_rollback(w);
    }
    if (rc < 0) {
        json_decref(m.problems);
        return -1;
    }
    *ret_report =
        json_pack("{s:I, s:I, s:o}", "rows", (json_int_t)m.rows, "errors", (json_int_t)m.bad, "problems", m.problems);
    return 0;
}

/* ── links ── */

static int link_event(struct work *w, int64_t matter_id, int64_t unit_id, struct str code, struct str exemption) {
    json_t *p = json_object();
    if (code.n)
        json_set_str(p, "item", code);
    else
        json_set_str(p, "exemption", exemption);
    struct event e = {.room = "catalogue",
                      .verb = code.n ? "matter_linked" : "matter_exempted",
                      .subject_kind = "matter",
                      .subject_id = matter_id,
                      .unit_id = unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

int matter_link_to(struct work *w, int64_t id, struct str item_code, struct str exemption) {
    struct db_rows r, item;
    int n = db_one(w, &sql_matter_by_id, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个事项");
    int64_t unit = db_i(&r, 0, 3);
    if (org_may(w, PERM_CATALOGUE_PROPOSE, unit) < 0)
        return -1;
    if (!item_code.n == !exemption.n)
        return fail_field(w, "item_code", "required", "请填写目录事项编码，或者写明不对应目录事项的依据，两者填一项");
    if (item_code.n) {
        n = db_one(w, &sql_item_id_by_code, &item, DB_TEXT(item_code));
        if (n <= 0)
            return n < 0 ? -1 : fail_field(w, "item_code", "unknown", "目录中没有编码 %.*s", STR_ARG(item_code));
        n = db_exec(w, &sql_matter_item_insert, DB_INT(id), DB_INT(db_i(&item, 0, 0)));
    } else {
        n = db_exec(w, &sql_matter_set_exemption, DB_INT(id), DB_TEXT(exemption));
    }
    return n < 0 ? -1 : link_event(w, id, unit, item_code, exemption);
}
