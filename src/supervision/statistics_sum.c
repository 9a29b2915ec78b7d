/* statistics_sum.c: sums by unit, post, field, kind of catalogue or month; on-time rates with their interval and ranks
 * that small numbers do not get. */
#include "supervision/supervision_internal.h"

#include <math.h>
#include <stdlib.h>

#define Z95 1.959963984540054 /* of the normal distribution, two-sided 95 % */
#define SAME 1e-12

const char *const figure_by_codes[FIGURE_BYS] = {"unit", "post", "field", "catalogue", "month"};
const char *const figure_by_names[FIGURE_BYS] = {"单位", "岗位", "领域", "目录", "月份"};
const char *const figure_catalogue_names[4] = {"不属于目录事项", "标准目录", "补充目录", "村级目录"};

const struct figure_measure figure_measures[MEASURES] = {
    [M_OWED] = {"owed", "应公开", "duty"},
    [M_MET] = {"met", "按期公开", "duty"},
    [M_LATE] = {"late", "逾期公开", "duty"},
    [M_LATE_5] = {"late_5", "逾期5个工作日以内", "duty"},
    [M_LATE_20] = {"late_20", "逾期6至20个工作日", "duty"},
    [M_LATE_MORE] = {"late_more", "逾期20个工作日以上", "duty"},
    [M_OPEN] = {"open", "尚未公开", "duty"},
    [M_WAIVED] = {"waived", "免除", "duty"},
    [M_PUBLISHED] = {"published", "发布", "disclosure"},
    [M_CORRECTED] = {"corrected", "更正", "disclosure"},
    [M_WITHDRAWN] = {"withdrawn", "撤回", "disclosure"},
    [M_REQUESTS] = {"requests", "收到公开申请", "request"},
    [M_REPLIED] = {"replied", "按期答复", "request"},
    [M_REPLIED_LATE] = {"replied_late", "逾期答复", "request"},
    [M_REQUEST_OPEN] = {"request_open", "尚未办结的申请", "request"},
    [M_CORRECTIONS] = {"corrections", "收到更正申请", "request"},
    [M_REMEDIES] = {"remedies", "复议、诉讼", "request"},
    [M_YELLOW] = {"yellow", "黄色预警", "alert"},
    [M_ORANGE] = {"orange", "橙色预警", "alert"},
    [M_RED] = {"red", "红色预警", "alert"},
    [M_ALERT_OPEN] = {"alert_open", "未解除的预警", "alert"},
    [M_CONFIRMED] = {"confirmed", "属实的预警", "alert"},
    [M_FALSE] = {"false_alarm", "误报", "alert"},
    [M_ALERT_WAIVED] = {"alert_waived", "免除的预警", "alert"},
    [M_LATE_DAYS] = {"late_days", "逾期工作日合计", "duty"},
    [M_OVERDUE] = {"overdue", "逾期未公开", "duty"},
    [M_REQUEST_OVERDUE] = {"request_overdue", "逾期未答复", "request"},
};

/* Wilson's score interval (1927): what the true rate can be when `good` of `n` were seen. */
void figure_interval(int64_t good, int64_t n, double *ret_low, double *ret_high) {
    *ret_low = 0;
    *ret_high = 1;
    if (n <= 0)
        return;
    double total = (double)n, p = (double)good / total, z2 = Z95 * Z95;
    double middle = p + z2 / (2 * total), half = Z95 * sqrt(p * (1 - p) / total + z2 / (4 * total * total));
    double low = (middle - half) / (1 + z2 / total), high = (middle + half) / (1 + z2 / total);
    *ret_low = good == 0 || low < 0 ? 0 : low;
    *ret_high = good == n || high > 1 ? 1 : high;
}

int64_t figure_due(const struct figure_row *r) {
    return r->n[M_MET] + r->n[M_LATE] + r->n[M_OVERDUE];
}

/* Ranked ones by the lower bound, then the few, then those without any case. */
static int by_low(const void *a, const void *b) {
    const struct figure_row *x = a, *y = b;
    int cx = !x->ranked + (figure_due(x) == 0), cy = !y->ranked + (figure_due(y) == 0);
    if (cx != cy)
        return cx < cy ? -1 : 1;
    if (fabs(x->low - y->low) > SAME)
        return x->low > y->low ? -1 : 1;
    return x->order != y->order ? (x->order < y->order ? -1 : 1) : (x->key > y->key) - (x->key < y->key);
}

void figure_rank(struct figure_row *rows, size_t n, int64_t least) {
    for (size_t i = 0; i < n; i++) {
        int64_t due = figure_due(&rows[i]);
        figure_interval(rows[i].n[M_MET], due, &rows[i].low, &rows[i].high);
        rows[i].ranked = due > 0 && due >= least && !rows[i].nobody;
        rows[i].rank = 0;
    }
    qsort(rows, n, sizeof *rows, by_low);
    for (size_t i = 0; i < n && rows[i].ranked; i++)
        rows[i].rank = i > 0 && fabs(rows[i].low - rows[i - 1].low) <= SAME ? rows[i - 1].rank : (int64_t)i + 1;
}

/* ── reading ── */

static struct figure_row *row_of(struct figures *f, int64_t key) {
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].key == key)
            return &f->rows[i];
    return NULL;
}

#define LIMITS(w, q)                                                                                                   \
    DB_INT((q)->by), DB_INT((q)->from), DB_INT((q)->to), DB_TEXT((q)->path), DB_INT((q)->unit_id),                     \
        DB_INT((q)->field_id), DB_INT((q)->catalogue), DB_INT((q)->post_id), DB_TEXT((q)->unit_kind)

static void put_overdue(struct figures *f, const struct db_rows *r) {
    for (size_t i = 0; i < r->n; i++) {
        struct figure_row *row = row_of(f, db_i(r, i, 0));
        enum measure m = str_is(db_s(r, i, 1), "duty") ? M_OVERDUE : M_REQUEST_OVERDUE;
        if (row)
            row->n[m] += db_i(r, i, 2);
    }
}

static int read_sums(struct work *w, const struct figure_query *q, struct figures *f) {
    struct db_rows sums, before, today;
    day_t day = work_today(w);
    if (db_query(w, &sql_figure_sums, &sums, LIMITS(w, q)) < 0 ||
        db_query(w, &sql_figure_overdue, &before, LIMITS(w, q), DB_INT(day)) < 0 ||
        db_query(w, &sql_figure_overdue_today, &today, LIMITS(w, q), DB_INT(day_start(day)), DB_INT(w->now)) < 0)
        return -1;
    f->rows = arena_many(w->arena, struct figure_row, sums.n + 1);
    for (size_t i = 0; i < sums.n; i++) {
        struct figure_row *row = &f->rows[f->count++];
        row->key = db_i(&sums, i, 0);
        for (int m = 0; m < STORED_MEASURES; m++)
            row->n[m] = db_i(&sums, i, (size_t)m + 1);
    }
    put_overdue(f, &before);
    put_overdue(f, &today);
    size_t kept = 0; /* what was taken out of the sums again leaves rows of zeros */
    for (size_t i = 0; i < f->count; i++) {
        int64_t any = 0;
        for (int m = 0; m < MEASURES; m++)
            any |= f->rows[i].n[m];
        if (any)
            f->rows[kept++] = f->rows[i];
    }
    f->count = kept;
    return 0;
}

/* ── names ── */

static void name_plain(struct work *w, const struct figure_query *q, struct figure_row *row) {
    if (q->by == FIGURE_BY_CATALOGUE)
        row->name = str_z(figure_catalogue_names[row->key >= 0 && row->key < 4 ? row->key : 0]);
    else
        row->name = str_printf(w->arena, "%04lld年%lld月", (long long)(row->key / 100), (long long)(row->key % 100));
    row->code = q->by == FIGURE_BY_MONTH
                    ? str_printf(w->arena, "%04lld-%02lld", (long long)(row->key / 100), (long long)(row->key % 100))
                    : str_printf(w->arena, "%lld", (long long)row->key);
    row->order = row->key;
}

static void name_from(struct work *w, const struct figure_query *q, const struct db_rows *r, struct figure_row *row) {
    row->code = str_printf(w->arena, "%lld", (long long)row->key);
    row->order = INT64_MAX;
    row->nobody = row->key == 0;
    row->name = q->by == FIGURE_BY_POST    ? S("未落实到岗")
                : q->by == FIGURE_BY_FIELD ? S("不属于试点领域")
                                           : S("（单位不详）");
    for (size_t i = 0; i < r->n; i++)
        if (db_i(r, i, 0) == row->key) {
            bool post = q->by == FIGURE_BY_POST;
            row->order = (int64_t)i;
            row->code = post ? row->code : db_s(r, i, 1);
            row->name = post ? str_printf(w->arena, "%.*s", STR_ARG(db_s(r, i, 1))) : db_s(r, i, 2);
            row->note = post ? db_s(r, i, 2) : STR_NONE;
        }
}

static int put_names(struct work *w, const struct figure_query *q, struct figures *f) {
    struct db_rows r = {0};
    int rc = 0;
    if (q->by == FIGURE_BY_UNIT)
        rc = db_query(w, &sql_figure_units, &r, DB_TEXT(q->path));
    else if (q->by == FIGURE_BY_POST)
        rc = db_query(w, &sql_figure_posts, &r, DB_TEXT(q->path));
    else if (q->by == FIGURE_BY_FIELD)
        rc = db_query(w, &sql_figure_fields, &r);
    for (size_t i = 0; rc == 0 && i < f->count; i++)
        if (q->by == FIGURE_BY_CATALOGUE || q->by == FIGURE_BY_MONTH)
            name_plain(w, q, &f->rows[i]);
        else
            name_from(w, q, &r, &f->rows[i]);
    return rc < 0 ? -1 : 0;
}

int figure_least(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/supervision.json");
    json_t *all = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    int64_t least =
        json_integer_value(json_object_get(json_object_get(json_object_get(all, "statistics"), "rank_least"), "value"));
    json_decref(all);
    return least >= 1 && least <= 100000 ? (int)least : 10;
}

int figures_of(struct work *w, const struct figure_query *q, struct figures *f) {
    *f = (struct figures){.least = figure_least(w)};
    if (read_sums(w, q, f) < 0 || put_names(w, q, f) < 0)
        return -1;
    f->all.name = S("合计");
    for (size_t i = 0; i < f->count; i++)
        for (int m = 0; m < MEASURES; m++)
            f->all.n[m] += f->rows[i].n[m];
    figure_interval(f->all.n[M_MET], figure_due(&f->all), &f->all.low, &f->all.high);
    f->ranking = q->by == FIGURE_BY_UNIT || q->by == FIGURE_BY_POST || q->by == FIGURE_BY_FIELD;
    if (f->ranking)
        figure_rank(f->rows, f->count, f->least);
    else
        for (size_t i = 0; i < f->count; i++)
            figure_interval(f->rows[i].n[M_MET], figure_due(&f->rows[i]), &f->rows[i].low, &f->rows[i].high);
    return 0;
}

/* ── in words ── */

struct str figure_rate(struct arena *a, int64_t good, int64_t of) {
    return of > 0 ? str_printf(a, "%.1f%%", 100.0 * (double)good / (double)of) : S("—");
}

struct str figure_span(struct arena *a, const struct figure_row *r) {
    return figure_due(r) > 0 ? str_printf(a, "%.1f%%～%.1f%%", 100 * r->low, 100 * r->high) : S("—");
}

struct str figure_days(struct arena *a, const struct figure_row *r) {
    return r->n[M_LATE] ? str_printf(a, "%.1f", (double)r->n[M_LATE_DAYS] / (double)r->n[M_LATE]) : S("—");
}
