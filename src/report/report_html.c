/* report_html.c: the six sections with the national tables as HTML, sanitised: for the page (cells lead to their cases)
 * and as the text that is published. Labels are given more columns than figures, so that they are wide enough on paper
 * too. */
#include "report/report_internal.h"

struct str cell_address(struct work *w, const struct report *rp, const char *cell, const char *column) {
    struct str s = str_printf(w->arena, "/desk/requests?matter=access&year=%d&cell=%s", rp->year, cell);
    if (*column && strcmp(column, "total") != 0)
        s = str_printf(w->arena, "%.*s&column=%s", STR_ARG(s), column);
    return rp->city ? s : str_printf(w->arena, "%.*s&unit=%.*s", STR_ARG(s), STR_ARG(rp->unit.code));
}

struct str remedy_address(struct work *w, const struct report *rp, int kind, int result) {
    struct str s = str_printf(w->arena, "/desk/requests/remedies?year=%d&kind=%s", rp->year, remedy_codes[kind]);
    if (result != RESULT_TOTAL)
        s = str_printf(w->arena, "%.*s&result=%s", STR_ARG(s), result_codes[result]);
    return rp->city ? s : str_printf(w->arena, "%.*s&unit=%.*s", STR_ARG(s), STR_ARG(rp->unit.code));
}

struct writer {
    struct work *w;
    const struct report *rp;
    struct buf b;
    bool links;
};

static void escaped(struct writer *x, struct str s) {
    buf_add(&x->b, html_escape(x->w->arena, s));
}

static void head(struct writer *x, int columns, int rows, const char *text) {
    buf_printf(&x->b, "<th colspan=\"%d\" rowspan=\"%d\">%s</th>", columns, rows, text);
}

static void figure(struct writer *x, int64_t n, struct str to) {
    buf_addz(&x->b, "<td class=\"ta-right\">");
    if (x->links) {
        buf_addz(&x->b, "<a href=\"");
        escaped(x, to);
        buf_printf(&x->b, "\">%lld</a></td>", (long long)n);
    } else
        buf_printf(&x->b, "%lld</td>", (long long)n);
}

/* ── table 二 ── */

static void table2_counts(struct writer *x, const char *name, int first, int n, int width) {
    buf_addz(&x->b, "<tr>");
    head(x, 1, 1, name);
    for (int i = first; i < first + n; i++) {
        buf_printf(&x->b, "<td colspan=\"%d\" class=\"ta-right\">", width);
        if (i == CHARGES)
            escaped(x, charges_text(x->w->arena, x->rp->f.two[i]));
        else
            buf_printf(&x->b, "%lld", (long long)x->rp->f.two[i]);
        buf_addz(&x->b, "</td>");
    }
    buf_addz(&x->b, "</tr>");
}

static void table2_head(struct writer *x, const char *item, const char *what) {
    buf_addz(&x->b, "<tr>");
    head(x, 4, 1, item);
    buf_addz(&x->b, "</tr><tr>");
    head(x, 1, 1, "信息内容");
    if (what)
        head(x, 3, 1, what);
    else {
        head(x, 1, 1, "本年制发件数");
        head(x, 1, 1, "本年废止件数");
        head(x, 1, 1, "现行有效件数");
    }
    buf_addz(&x->b, "</tr>");
}

static void table2(struct writer *x) {
    buf_addz(&x->b, "<table>");
    table2_head(x, "第二十条第（一）项", NULL);
    table2_counts(x, "规章", RULE_MADE, 3, 1);
    table2_counts(x, "行政规范性文件", NORM_MADE, 3, 1);
    table2_head(x, "第二十条第（五）项", "本年处理决定数量");
    table2_counts(x, "行政许可", LICENCES, 1, 3);
    table2_head(x, "第二十条第（六）项", "本年处理决定数量");
    table2_counts(x, "行政处罚", PENALTIES, 1, 3);
    table2_counts(x, "行政强制", COMPULSION, 1, 3);
    table2_head(x, "第二十条第（八）项", "本年收费金额（单位：万元）");
    table2_counts(x, "行政事业性收费", CHARGES, 1, 3);
    buf_addz(&x->b, "</table>");
}

/* ── table 三: labels over five columns (1 + 1 + 3), figures over seven ── */

static void table3_head(struct writer *x) {
    buf_addz(&x->b, "<tr>");
    head(x, 5, 3, "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）");
    head(x, 7, 1, "申请人情况");
    buf_addz(&x->b, "</tr><tr>");
    head(x, 1, 2, column_names[COLUMN_PERSON]);
    head(x, 5, 1, "法人或其他组织");
    head(x, 1, 2, column_names[COLUMN_TOTAL]);
    buf_addz(&x->b, "</tr><tr>");
    for (int c = COLUMN_COMPANY; c < COLUMN_TOTAL; c++)
        head(x, 1, 1, column_names[c]);
    buf_addz(&x->b, "</tr>");
}

/* How many rows from r on say the same part (or group). */
static int same(int r, bool group) {
    const char *mine = group ? row3_forms[r].group : row3_forms[r].part;
    int n = 1;
    while (r + n < ROWS3) {
        const struct row3_form *next = &row3_forms[r + n];
        const char *theirs = group ? (next->text ? next->group : NULL) : next->part;
        if (!theirs || strcmp(theirs, mine) != 0)
            break;
        n++;
    }
    return n;
}

static void table3_labels(struct writer *x, int r) {
    const struct row3_form *f = &row3_forms[r], *before = r ? &row3_forms[r - 1] : NULL;
    if (!f->group) {
        head(x, 5, 1, f->part);
        return;
    }
    if (!before || strcmp(before->part, f->part) != 0)
        head(x, 1, same(r, false), f->part);
    if (!f->text) {
        head(x, 4, 1, f->group);
        return;
    }
    if (!before->text || strcmp(before->group, f->group) != 0)
        head(x, 1, same(r, true), f->group);
    head(x, 3, 1, f->text);
}

static void table3(struct writer *x) {
    buf_addz(&x->b, "<table>");
    table3_head(x);
    for (int r = 0; r < ROWS3; r++) {
        buf_addz(&x->b, "<tr>");
        table3_labels(x, r);
        for (int c = 0; c < COLUMNS; c++)
            figure(x, x->rp->f.three[r][c], cell_address(x->w, x->rp, row3_forms[r].code, column_codes[c]));
        buf_addz(&x->b, "</tr>");
    }
    buf_addz(&x->b, "</table>");
}

/* ── table 四 ── */

static void table4(struct writer *x) {
    buf_addz(&x->b, "<table><tr>");
    head(x, RESULTS, 2, "行政复议");
    head(x, 2 * RESULTS, 1, "行政诉讼");
    buf_addz(&x->b, "</tr><tr>");
    head(x, RESULTS, 1, "未经复议直接起诉");
    head(x, RESULTS, 1, "复议后起诉");
    buf_addz(&x->b, "</tr><tr>");
    for (int i = 0; i < REMEDIES * RESULTS; i++)
        head(x, 1, 1, result_names[i % RESULTS]);
    buf_addz(&x->b, "</tr><tr>");
    for (int k = 0; k < REMEDIES; k++)
        for (int c = 0; c < RESULTS; c++)
            figure(x, x->rp->f.four[k][c], remedy_address(x->w, x->rp, k, c));
    buf_addz(&x->b, "</tr></table>");
}

static void text(struct writer *x, struct str s) {
    while (s.n) {
        struct str one = s, rest = STR_NONE;
        str_cut(s, '\n', &one, &rest);
        s = rest;
        one = str_trim(one);
        if (!one.n)
            continue;
        buf_addz(&x->b, "<p>");
        escaped(x, one);
        buf_addz(&x->b, "</p>");
    }
}

int report_html(struct work *w, const struct report *rp, bool links, struct str *ret) {
    struct writer x = {.w = w, .rp = rp, .links = links};
    buf_init(&x.b, LIMIT_BODY_TEXT);
    for (int i = 0; i < 6; i++) {
        buf_printf(&x.b, "<h2>%s</h2>", section_names[i]);
        if (i == 1)
            table2(&x);
        else if (i == 2)
            table3(&x);
        else if (i == 3)
            table4(&x);
        else
            text(&x, rp->text[i == 0 ? SECTION_OVERVIEW : i == 4 ? SECTION_PROBLEMS : SECTION_OTHER]);
    }
    int rc = x.b.failed ? fail(w, ERR_TOO_LARGE, "报告内容太多") : html_sanitise(w, buf_str(&x.b), ret);
    buf_release(&x.b);
    return rc;
}
