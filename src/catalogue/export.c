/* export.c: the standard table of a catalogue as a file: the national form as XLSX, or CSV. What is exported imports
 * again without differences. */
#include "catalogue/export_internal.h"

#include <errno.h>
#include <sys/stat.h>

const char *const export_heading[EXPORT_COLUMNS][2] = {
    {"序号", NULL},
    {"领域", NULL},
    {"公开事项", "一级事项"},
    {"公开事项", "二级事项"},
    {"公开内容（要素）", NULL},
    {"公开依据", NULL},
    {"公开时限", NULL},
    {"公开主体", NULL},
    {"公开渠道和载体", NULL},
    {"公开对象", "全社会"},
    {"公开对象", "特定群体"},
    {"公开方式", "主动"},
    {"公开方式", "依申请公开"},
    {"公开层级", "县级"},
    {"公开层级", "乡级"},
    {"事项编码", NULL},
};

static struct str tick(bool on) {
    return on ? S("√") : S("");
}

void export_cells(struct arena *a, const struct export_table *t, size_t i, struct str ret[EXPORT_COLUMNS]) {
    const struct item_row *row = &t->rows[i];
    const struct item *it = &row->item;
    struct str group = str_is(it->audience_group, "特定群体") ? S("√")
                       : it->audience_group.n ? str_printf(a, "√（%.*s）", STR_ARG(it->audience_group))
                                              : S("");
    struct str cells[EXPORT_COLUMNS] = {
        str_printf(a, "%lld", (long long)row->serial),
        field_name_of(t->fields, it->field_id),
        it->level1,
        it->level2,
        it->elements,
        it->basis,
        it->limit_text,
        it->owners_text,
        it->channels,
        tick(it->audience_all),
        group,
        tick(it->mode_active),
        tick(it->mode_request),
        tick(it->level_city),
        tick(it->level_town),
        it->code,
    };
    memcpy(ret, cells, sizeof cells);
}

/* ── CSV ── */

/* A spreadsheet program takes = + - @ at the start of a cell for a formula: a ' before them keeps it a text. */
static void csv_cell(FILE *f, struct str s) {
    bool risky = s.n && (strchr("=+-@", s.p[0]) || s.p[0] == '\t' || s.p[0] == '\r');
    fputc('"', f);
    if (risky)
        fputc('\'', f);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            fputc('"', f);
        fputc(s.p[i], f);
    }
    fputc('"', f);
}

static void csv_heading(FILE *f) {
    fputs("\xEF\xBB\xBF", f);
    for (size_t c = 0; c < EXPORT_COLUMNS; c++) {
        const char *group = export_heading[c][0], *sub = export_heading[c][1];
        bool whole = sub && strcmp(group, "公开事项") != 0;
        fprintf(f, "%s%s%s%s", c ? "," : "", sub && !whole ? sub : group, whole ? "-" : "", whole ? sub : "");
    }
    fputs("\r\n", f);
}

static int export_csv(struct work *w, const struct export_table *t, const char *path) {
    FILE *f = fopen(path, "we");
    struct str cells[EXPORT_COLUMNS];
    if (!f)
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    csv_heading(f);
    for (size_t i = 0; i < t->n; i++) {
        export_cells(w->arena, t, i, cells);
        for (size_t c = 0; c < EXPORT_COLUMNS; c++) {
            if (c)
                fputc(',', f);
            csv_cell(f, cells[c]);
        }
        fputs("\r\n", f);
    }
    bool failed = ferror(f) != 0;
    failed |= fclose(f) != 0;
    return failed ? fail(w, ERR_INTERNAL, "导出文件无法写入") : 0;
}

/* ── the file ── */

static int temporary(struct work *w, const char *format, const char **ret) {
    const char *root = w->config->data_dir;
    struct str dir = str_printf(w->arena, "%s/tmp", root), token = random_token(w->arena, 12);
    if ((mkdir(root, 0700) < 0 && errno != EEXIST) || (mkdir(dir.p, 0700) < 0 && errno != EEXIST))
        return fail(w, ERR_INTERNAL, "导出文件无法写入");
    *ret = str_printf(w->arena, "%.*s/export-%.*s.%s", STR_ARG(dir), STR_ARG(token), format).p;
    return 0;
}

static int read_table(struct work *w, int64_t catalogue_id, int64_t field_id, struct export_table *t) {
    struct db_rows r;
    if (catalogue_get(w, catalogue_id, &t->catalogue) < 0 || field_names_open(w, &t->fields) < 0 ||
        db_query(w, &sql_item_versions_on, &r, DB_INT(catalogue_id), DB_TEXT(day_str(w->arena, work_today(w))),
                 DB_ID(field_id)) < 0)
        return -1;
    struct item_row *rows = arena_many(w->arena, struct item_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        item_row_read(&r, i, &rows[i]);
    t->rows = rows;
    t->n = r.n;
    struct str field = field_name_of(t->fields, field_id);
    t->title = field.n ? str_printf(w->arena, "%.*s（%.*s领域）", STR_ARG(t->catalogue.name), STR_ARG(field))
                       : t->catalogue.name;
    return 0;
}

int catalogue_export(struct work *w, int64_t catalogue_id, int64_t field_id, const char *format,
                     const char **ret_path) {
    struct export_table t = {0};
    const char *path = NULL;
    bool xlsx = strcmp(format, "xlsx") == 0;
    if (!xlsx && strcmp(format, "csv") != 0)
        return fail(w, ERR_INVALID, "只能导出 xlsx 或 csv");
    if (read_table(w, catalogue_id, field_id, &t) < 0 || temporary(w, format, &path) < 0)
        return -1;
    if ((xlsx ? export_xlsx(w, &t, path) : export_csv(w, &t, path)) < 0) {
        remove(path);
        return -1;
    }
    *ret_path = path;
    return 0;
}
