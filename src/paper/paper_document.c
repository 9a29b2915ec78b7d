/* paper_document.c: one document as PDF and as a Word document (OOXML): title, 文号, facts, text, notes, the code that
 * leads to its receipt. Word: type sizes and faces of GB/T 9704 (title 二号小标宋, text 三号仿宋, 黑体 and 楷体
 * headings). */
#include "paper/paper_blocks.h"
#include "paper/paper_word.h"

/* ── PDF ── */

static void pdf_table(struct paper *p, struct arena *a, const struct block_table *t) {
    struct str *cells = arena_many(a, struct str, t->rows * t->columns);
    bool head = true;
    for (size_t i = 0; i < t->rows * t->columns; i++) {
        cells[i] = t->cells[i].columns && !t->cells[i].below ? runs_text(a, &t->cells[i].runs) : STR_NONE;
        if (i < t->columns)
            head = head && (t->cells[i].head || !t->cells[i].columns);
    }
    if (t->columns <= PAPER_MAX_COLUMNS) {
        paper_table(p, t->columns, NULL, cells, t->rows, head);
        return;
    }
    for (size_t i = 0; i < t->rows; i++) { /* too wide for paper: a row is a paragraph */
        struct str line = STR_NONE;
        for (size_t k = 0; k < t->columns; k++)
            if (cells[i * t->columns + k].n)
                line =
                    str_printf(a, "%.*s%s%.*s", STR_ARG(line), line.n ? "；" : "", STR_ARG(cells[i * t->columns + k]));
        paper_text(p, line);
    }
}

static void pdf_block(struct paper *p, struct arena *a, const struct block *b) {
    struct str text = b->kind == BLOCK_TABLE ? STR_NONE : runs_text(a, &b->runs);
    switch (b->kind) {
    case BLOCK_HEADING:
        paper_heading(p, b->level < 3 ? 2 : 3, text);
        break;
    case BLOCK_TABLE:
        pdf_table(p, a, &b->table);
        break;
    case BLOCK_RULE:
        paper_rule(p);
        break;
    case BLOCK_ITEM:
        paper_text(p, b->number ? str_printf(a, "%d. %.*s", b->number, STR_ARG(text))
                                : str_printf(a, "• %.*s", STR_ARG(text)));
        break;
    default:
        paper_text(p, text);
        break;
    }
}

int paper_pdf(struct work *w, const struct paper_document *d, struct str *ret) {
    struct blocks blocks;
    struct paper *p = paper_begin(w, d->title, d->footer);
    blocks_of(w->arena, d->html, &blocks);
    paper_heading(p, 1, d->title);
    for (size_t i = 0; i < d->fact_count; i++)
        if (d->facts[i].value.n)
            paper_facts(p, d->facts[i].term, d->facts[i].value);
    paper_rule(p);
    for (size_t i = 0; i < blocks.n; i++)
        pdf_block(p, w->arena, &blocks.v[i]);
    for (size_t i = 0; i < d->note_count; i++)
        paper_note(p, d->notes[i]);
    if (d->check.n)
        paper_qr(p, d->check, 28, str_printf(w->arena, "扫码核对公开凭证：%.*s", STR_ARG(d->check)));
    return paper_end(p, ret);
}

/* ── Word ── */

static void word_run(struct buf *b, struct str text, unsigned marks) {
    static const struct {
        unsigned mark;
        const char *xml;
    } set[] = {{RUN_BOLD, "<w:b/>"},
               {RUN_ITALIC, "<w:i/>"},
               {RUN_STRIKE, "<w:strike/>"},
               {RUN_UNDERLINE, "<w:u w:val=\"single\"/>"},
               {RUN_SUB, "<w:vertAlign w:val=\"subscript\"/>"},
               {RUN_SUP, "<w:vertAlign w:val=\"superscript\"/>"}};
    if (marks & RUN_BREAK) {
        buf_addz(b, "<w:r><w:br/></w:r>");
        return;
    }
    buf_addz(b, "<w:r>");
    if (marks)
        buf_addz(b, "<w:rPr>");
    for (size_t i = 0; i < countof(set); i++)
        if ((marks & set[i].mark) && !((marks & RUN_SUB) && set[i].mark == RUN_SUP))
            buf_addz(b, set[i].xml);
    buf_addz(b, marks ? "</w:rPr><w:t xml:space=\"preserve\">" : "<w:t xml:space=\"preserve\">");
    word_text(b, text);
    buf_addz(b, "</w:t></w:r>");
}

static void word_paragraph(struct buf *b, const char *style, const char *more, const struct runs *r,
                           struct str before) {
    buf_printf(b, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/>%s</w:pPr>", style, more);
    if (before.n)
        word_run(b, before, 0);
    for (size_t i = 0; i < r->n; i++)
        word_run(b, r->v[i].text, r->v[i].marks);
    buf_addz(b, "</w:p>");
}

static void word_line(struct buf *b, const char *style, struct str text) {
    struct run one = {text, 0};
    word_paragraph(b, style, "", &(struct runs){&one, 1, 1}, STR_NONE);
}

static void word_table(struct buf *b, const struct block_table *t) {
    buf_addz(b,
             "<w:tbl><w:tblPr><w:tblStyle w:val=\"Grid\"/><w:tblW w:w=\"5000\" w:type=\"pct\"/></w:tblPr><w:tblGrid>");
    for (size_t k = 0; k < t->columns; k++)
        buf_printf(b, "<w:gridCol w:w=\"%zu\"/>", 8800 / t->columns);
    buf_addz(b, "</w:tblGrid>");
    for (size_t i = 0; i < t->rows; i++) {
        buf_addz(b, "<w:tr>");
        for (size_t k = 0; k < t->columns; k++) {
            const struct table_cell *c = &t->cells[i * t->columns + k];
            if (!c->columns)
                continue;
            buf_addz(b, "<w:tc><w:tcPr>");
            if (c->columns > 1)
                buf_printf(b, "<w:gridSpan w:val=\"%d\"/>", c->columns);
            if (c->below || c->rows > 1)
                buf_addz(b, c->below ? "<w:vMerge/>" : "<w:vMerge w:val=\"restart\"/>");
            buf_addz(b, "</w:tcPr>");
            word_paragraph(b, "Cell", "", &c->runs, STR_NONE);
            buf_addz(b, "</w:tc>");
        }
        buf_addz(b, "</w:tr>");
    }
    buf_addz(b, "</w:tbl><w:p/>");
}

static void word_block(struct buf *b, struct arena *a, const struct block *x) {
    const char *place = x->center  ? "<w:ind w:firstLine=\"0\"/><w:jc w:val=\"center\"/>"
                        : x->right ? "<w:jc w:val=\"right\"/>"
                                   : "";
    switch (x->kind) {
    case BLOCK_HEADING:
        word_paragraph(b,
                       x->level <= 2   ? "Heading1"
                       : x->level == 3 ? "Heading2"
                                       : "Heading3",
                       place, &x->runs, STR_NONE);
        break;
    case BLOCK_TABLE:
        word_table(b, &x->table);
        break;
    case BLOCK_ITEM:
        word_paragraph(b, "Item", str_printf(a, "<w:ind w:left=\"%d\" w:hanging=\"420\"/>", 420 * (x->level + 1)).p,
                       &x->runs, x->number ? str_printf(a, "%d. ", x->number) : S("• "));
        break;
    case BLOCK_RULE:
        word_line(b, "Rule", STR_NONE);
        break;
    default:
        word_paragraph(b, x->kind == BLOCK_QUOTE ? "Quote" : "Normal", place, &x->runs, STR_NONE);
        break;
    }
}

static struct str word_body(struct work *w, const struct paper_document *d) {
    struct blocks blocks;
    struct buf b;
    blocks_of(w->arena, d->html, &blocks);
    buf_init(&b, PAPER_MAX_BYTES);
    buf_addz(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><w:document "
                 "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>");
    word_line(&b, "Title", d->title);
    if (d->number.n)
        word_line(&b, "Number", d->number);
    for (size_t i = 0; i < blocks.n; i++)
        word_block(&b, w->arena, &blocks.v[i]);
    word_line(&b, "Rule", STR_NONE);
    for (size_t i = 0; i < d->fact_count; i++)
        if (d->facts[i].value.n)
            word_line(&b, "Note",
                      str_printf(w->arena, "%.*s：%.*s", STR_ARG(d->facts[i].term), STR_ARG(d->facts[i].value)));
    for (size_t i = 0; i < d->note_count; i++)
        word_line(&b, "Note", d->notes[i]);
    if (d->check.n)
        word_line(&b, "Note", str_printf(w->arena, "核对公开凭证：%.*s", STR_ARG(d->check)));
    buf_addz(
        &b,
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\" "
        "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"/><w:pgSz w:w=\"11906\" "
        "w:h=\"16838\"/>"
        "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" w:footer=\"992\" "
        "w:gutter=\"0\"/></w:sectPr></w:body></w:document>");
    struct str s = b.failed ? STR_NONE : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static const char styles_xml[] = XML
    "<w:styles " WORD_NS
    "><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:pPr>"
    "<w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/><w:jc "
    "w:val=\"both\"/>"
    "</w:pPr><w:rPr>" FACE("仿宋_GB2312") SIZE("32") "</w:rPr></w:style>" STYLE(
        "Title", "Title",
        "<w:spacing w:before=\"200\" w:after=\"300\" w:line=\"640\" w:lineRule=\"exact\"/>" NO_INDENT
        "<w:jc w:val=\"center\"/>",
        FACE("方正小标宋简体")
            SIZE("44")) STYLE("Number", "Number", "<w:spacing w:after=\"300\"/>" NO_INDENT "<w:jc w:val=\"center\"/>",
                              "") STYLE("Heading1", "heading 1", "<w:outlineLvl w:val=\"0\"/>",
                                        FACE("黑体")) STYLE("Heading2", "heading 2", "<w:outlineLvl w:val=\"1\"/>",
                                                            FACE("楷体_GB2312")) STYLE("Heading3", "heading 3",
                                                                                       "<w:outlineLvl w:val=\"2\"/>",
                                                                                       "<w:b/>") STYLE("Item",
                                                                                                       "List Paragraph",
                                                                                                       NO_INDENT, "")
        STYLE("Quote", "Quote", "<w:ind w:left=\"640\" w:firstLine=\"0\"/>", FACE("楷体_GB2312")) STYLE(
            "Cell",
            "Table Cell",
            "<w:spacing w:line=\"360\" w:lineRule=\"atLeast\"/>" NO_INDENT "<w:jc w:val=\"left\"/>",
            SIZE(
                "24")) STYLE("Note", "Note",
                             "<w:spacing w:line=\"320\" w:lineRule=\"exact\"/>" NO_INDENT "<w:jc w:val=\"left\"/>",
                             SIZE("21"))
            STYLE(
                "Rule",
                "Rule",
                "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"1\" w:color=\"auto\"/></w:pBdr>" NO_INDENT,
                "") "<w:style w:type=\"table\" w:styleId=\"Grid\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>"
                    "<w:top w:val=\"single\" w:sz=\"4\"/><w:left w:val=\"single\" w:sz=\"4\"/><w:bottom "
                    "w:val=\"single\" w:sz=\"4\"/>"
                    "<w:right w:val=\"single\" w:sz=\"4\"/><w:insideH w:val=\"single\" w:sz=\"4\"/><w:insideV "
                    "w:val=\"single\" w:sz=\"4\"/>"
                    "</w:tblBorders></w:tblPr></w:style></w:styles>";

static struct str footer_xml(struct work *w, struct str text) {
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_addz(&b, XML "<w:ftr " WORD_NS "><w:p><w:pPr><w:pStyle w:val=\"Note\"/><w:jc w:val=\"center\"/></w:pPr>");
    word_run(&b, text, 0);
    buf_addz(&b, "<w:r><w:t xml:space=\"preserve\">　第 </w:t></w:r><w:fldSimple "
                 "w:instr=\"PAGE\"><w:r><w:t>1</w:t></w:r></w:fldSimple>"
                 "<w:r><w:t xml:space=\"preserve\"> 页</w:t></w:r></w:p></w:ftr>");
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

int paper_docx(struct work *w, const struct paper_document *d, struct str *ret) {
    const struct word_part parts[] = {{"styles.xml", "styles", str_z(styles_xml), STR_NONE},
                                      {"footer1.xml", "footer", footer_xml(w, d->footer), STR_NONE}};
    return word_package(w, word_body(w, d), parts, countof(parts), ret);
}
