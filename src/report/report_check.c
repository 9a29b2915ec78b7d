/* report_check.c: the identities between the figures (勾稽关系), each with both its sides. Pure: figures in, lines out.
 */
#include "report/report_internal.h"

const char *const check_names[10] = {
    "",
    "第一项加第二项之和，等于第三项加第四项之和（表三各列）",
    "办理结果总计等于各种结果之和（表三各列）",
    "总计等于自然人与各类法人或其他组织之和（表三各行）",
    "上年结转数等于上年度报告的结转下年度数",
    "表四总计等于维持、纠正、其他、尚未审结之和",
    "现行有效件数等于上年现行有效件数加制发减废止（表二）",
    "各项都是不小于零的数，没有空缺",
    "每件申请只计一次，都有办理结果",
    "全市合计等于各单位之和",
};

struct lines {
    struct arena *a;
    struct check_line *v;
    size_t n;
};

static void line(struct lines *l, int number, bool blocking, struct str label, int64_t left, int64_t right) {
    if (l->n < CHECK_LINES)
        l->v[l->n++] = (struct check_line){number, blocking, left == right, label, left, right};
}

static struct str row_label(struct arena *a, int row) {
    const struct row3_form *x = &row3_forms[row];
    const char *part = x->text ? x->group : x->group ? x->group : x->part;
    return x->text ? str_printf(a, "%s %s", part, x->text) : str_z(part);
}

static void check_columns(struct lines *l, const struct figures *f) {
    for (int c = 0; c < COLUMNS; c++)
        line(l, 1, true, str_z(column_names[c]), f->three[ROW_R1][c] + f->three[ROW_R2][c],
             f->three[ROW_SUM][c] + f->three[ROW_R4][c]);
    for (int c = 0; c < COLUMNS; c++) {
        int64_t sum = 0;
        for (int r = ROW_LEAF; r < ROW_SUM; r++)
            sum += f->three[r][c];
        line(l, 2, true, str_z(column_names[c]), f->three[ROW_SUM][c], sum);
    }
}

static void check_rows(struct lines *l, const struct figures *f) {
    for (int r = 0; r < ROWS3; r++) {
        int64_t sum = 0;
        for (int c = 0; c < COLUMN_TOTAL; c++)
            sum += f->three[r][c];
        line(l, 3, true, row_label(l->a, r), f->three[r][COLUMN_TOTAL], sum);
    }
}

static void check_remedies(struct lines *l, const struct figures *f, const struct figures *last) {
    for (int k = 0; k < REMEDIES; k++) {
        int64_t sum = 0;
        for (int c = 0; c < RESULT_TOTAL; c++)
            sum += f->four[k][c];
        line(l, 5, true, str_z(remedy_names[k]), f->four[k][RESULT_TOTAL], sum);
    }
    for (int k = 0; k < REMEDIES && last; k++)
        line(l, 5, false, str_printf(l->a, "%s：上年尚未审结的本年继续列入", remedy_names[k]), f->carried[k],
             last->four[k][RESULT_PENDING]);
}

/* Only what can be bad by then: counts are counts; amounts were typed. */
static void check_numbers(struct lines *l, const struct figures *f) {
    int64_t bad = 0;
    for (int i = 0; i < CELLS2; i++)
        bad += f->two[i] < 0;
    line(l, 7, true, S("表二中小于零的项数"), bad, 0);
    bad = 0;
    for (int r = 0; r < ROWS3; r++)
        for (int c = 0; c < COLUMNS; c++)
            bad += f->three[r][c] < 0;
    for (int k = 0; k < REMEDIES; k++)
        for (int c = 0; c < RESULTS; c++)
            bad += f->four[k][c] < 0;
    line(l, 7, true, S("表三、表四中小于零的项数"), bad, 0);
}

size_t report_checks(struct arena *a, const struct figures *f, const struct figures *last, struct check_line *v) {
    struct lines l = {a, v, 0};
    check_columns(&l, f);
    check_rows(&l, f);
    for (int c = 0; c < COLUMNS && last; c++)
        line(&l, 4, false, str_z(column_names[c]), f->three[ROW_R2][c], last->three[ROW_R4][c]);
    check_remedies(&l, f, last);
    if (last) {
        line(&l, 6, false, S("规章"), f->two[RULE_FORCE],
             last->two[RULE_FORCE] + f->two[RULE_MADE] - f->two[RULE_REPEALED]);
        line(&l, 6, false, S("行政规范性文件"), f->two[NORM_FORCE],
             last->two[NORM_FORCE] + f->two[NORM_MADE] - f->two[NORM_REPEALED]);
    }
    check_numbers(&l, f);
    line(&l, 8, true, S("已办结但没有对应办理结果的申请"), f->unmapped, 0);
    line(&l, 8, true, S("办结日早于收到日的申请"), f->backwards, 0);
    return l.n;
}

bool checks_sound(const struct check_line *v, size_t n) {
    bool sound = true;
    for (size_t i = 0; i < n; i++)
        sound &= v[i].ok || !v[i].blocking;
    return sound;
}
