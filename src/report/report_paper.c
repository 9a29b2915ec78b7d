/* report_paper.c: the report as a file: one HTML page, Word (paper_document), PDF. On paper the tables have their
 * labels in one column, since seven or fifteen figures need the width. */
#include "paper/paper.h"
#include "report/report_internal.h"

static const char *const draft_note = "未定稿：数据和文字还可能变化。";

static struct str number(struct work *w, int64_t n) {
    return str_printf(w->arena, "%lld", (long long)n);
}

static void pdf_table2(struct work *w, struct paper *p, const struct report *rp) {
    static const int widths[] = {70, 30};
    struct str cells[2 * (CELLS2 + 1)] = {S("信息内容"), S("数量（件）；收费为万元")};
    for (int i = 0; i < CELLS2; i++) {
        cells[2 * (i + 1)] = str_z(cell2_forms[i].label);
        cells[2 * (i + 1) + 1] = i == CHARGES ? charges_text(w->arena, rp->f.two[i]) : number(w, rp->f.two[i]);
    }
    paper_table(p, 2, widths, cells, CELLS2 + 1, true);
}

static void pdf_table3(struct work *w, struct paper *p, const struct report *rp) {
    static const int widths[] = {44, 8, 8, 8, 8, 8, 8, 8};
    struct str cells[(ROWS3 + 1) * (COLUMNS + 1)];
    size_t k = 0;
    cells[k++] = S("申请人情况");
    for (int c = 0; c < COLUMNS; c++)
        cells[k++] = str_z(column_names[c]);
    for (int r = 0; r < ROWS3; r++) {
        const struct row3_form *f = &row3_forms[r];
        cells[k++] = f->text ? str_printf(w->arena, "%s %s", f->group, f->text) : str_z(f->group ? f->group : f->part);
        for (int c = 0; c < COLUMNS; c++)
            cells[k++] = number(w, rp->f.three[r][c]);
    }
    paper_table(p, COLUMNS + 1, widths, cells, ROWS3 + 1, true);
    paper_note(p, S("勾稽关系：第一项加第二项之和，等于第三项加第四项之和。"));
}

static void pdf_table4(struct work *w, struct paper *p, const struct report *rp) {
    static const int widths[] = {40, 12, 12, 12, 12, 12};
    struct str cells[(REMEDIES + 1) * (RESULTS + 1)];
    size_t k = 0;
    cells[k++] = S("");
    for (int c = 0; c < RESULTS; c++)
        cells[k++] = str_z(result_names[c]);
    for (int r = 0; r < REMEDIES; r++) {
        cells[k++] = str_z(remedy_names[r]);
        for (int c = 0; c < RESULTS; c++)
            cells[k++] = number(w, rp->f.four[r][c]);
    }
    paper_table(p, RESULTS + 1, widths, cells, REMEDIES + 1, true);
}

static void pdf_text(struct paper *p, struct str s) {
    while (s.n) {
        struct str one = s, rest = STR_NONE;
        str_cut(s, '\n', &one, &rest);
        s = rest;
        if (str_trim(one).n)
            paper_text(p, str_trim(one));
    }
}

static int pdf(struct work *w, const struct report *rp, struct str *ret) {
    struct str title = report_title(w, rp);
    struct paper *p = paper_begin(w, title, rp->unit.name);
    paper_heading(p, 1, title);
    if (!str_is(rp->state, "finished"))
        paper_note(p, str_z(draft_note));
    for (int i = 0; i < 6; i++) {
        paper_heading(p, 2, str_z(section_names[i]));
        if (i == 1)
            pdf_table2(w, p, rp);
        else if (i == 2)
            pdf_table3(w, p, rp);
        else if (i == 3)
            pdf_table4(w, p, rp);
        else
            pdf_text(p, rp->text[i == 0 ? SECTION_OVERVIEW : i == 4 ? SECTION_PROBLEMS : SECTION_OTHER]);
    }
    return paper_end(p, ret);
}

static int docx(struct work *w, const struct report *rp, struct str *ret) {
    struct str html, notes[1] = {str_z(draft_note)};
    if (report_html(w, rp, false, &html) < 0)
        return -1;
    struct paper_document d = {.title = report_title(w, rp),
                               .html = html,
                               .notes = notes,
                               .note_count = str_is(rp->state, "finished") ? 0 : 1,
                               .footer = rp->unit.name};
    return paper_docx(w, &d, ret);
}

/* A page that stands alone: no script, nothing fetched. */
static int html(struct work *w, const struct report *rp, struct str *ret) {
    struct str body, title = html_escape(w->arena, report_title(w, rp));
    if (report_html(w, rp, false, &body) < 0)
        return -1;
    *ret = str_printf(
        w->arena,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>%.*s</title>\n"
        "<style>body{max-width:60em;margin:2em auto;padding:0 "
        "1em;line-height:1.7}table{border-collapse:collapse;width:100%%}"
        "th,td{border:1px solid #667085;padding:.2em .4em;font-weight:400}.ta-right{text-align:right}</style>\n"
        "</head>\n<body>\n<h1>%.*s</h1>\n%s%s%s%.*s\n</body>\n</html>\n",
        STR_ARG(title), STR_ARG(title), str_is(rp->state, "finished") ? "" : "<p>",
        str_is(rp->state, "finished") ? "" : draft_note, str_is(rp->state, "finished") ? "" : "</p>\n", STR_ARG(body));
    return 0;
}

int report_file(struct work *w, const struct report *rp, const char *form, struct str *ret) {
    if (strcmp(form, "pdf") == 0)
        return pdf(w, rp, ret);
    return strcmp(form, "docx") == 0 ? docx(w, rp, ret) : html(w, rp, ret);
}
