/* paper_letter_word.c: official letters as Word documents, the same layout as the PDF, in the faces that offices have
 * (方正小标宋简体, 仿宋_GB2312), to be edited there. */
#include "paper/paper_letter.h"
#include "paper/paper_internal.h"
#include "paper/paper_word.h"

#define EM_TWIPS 316 /* 15.8 points: 28 signs on a line */
#define CODE_PIXELS 4
#define ANCHOR_NS                                                                                                      \
    "xmlns:r=\"" WORD_RELATIONS "\" "                                                                                  \
    "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" "                             \
    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "                                               \
    "xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\""

static const char letter_styles[] =
    XML "<w:styles " WORD_NS
        "><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:pPr>"
        "<w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/><w:spacing w:line=\"579\" "
        "w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"632\"/>"
        "<w:jc w:val=\"both\"/></w:pPr><w:rPr>" FACE("仿宋_GB2312") "<w:spacing w:val=\"-4\"/>" SIZE("32") //
    "</w:rPr></w:style>"                                                                                   //
    STYLE("Mark", "Mark", NO_INDENT "<w:jc w:val=\"center\"/>",
          FACE("方正小标宋简体") "<w:b/><w:color w:val=\"D40000\"/><w:spacing w:val=\"0\"/>") //
    STYLE("Number", "Number",
          "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"11\" w:color=\"D40000\"/></w:pBdr><w:spacing "
          "w:before=\"1158\" w:after=\"1158\"/>" NO_INDENT "<w:jc w:val=\"center\"/>",
          "") //
    STYLE("Title", "Title", NO_INDENT "<w:jc w:val=\"center\"/>",
          FACE("方正小标宋简体") "<w:b/><w:spacing w:val=\"0\"/>" SIZE("44")) //
    STYLE("Flush", "Flush", NO_INDENT, "")                                    //
    STYLE("Signature", "Signature", NO_INDENT "<w:jc w:val=\"right\"/>", "")  //
    STYLE("Page", "Page", "<w:spacing w:line=\"400\" w:lineRule=\"exact\"/>" NO_INDENT,
          FACE("宋体") "<w:spacing w:val=\"0\"/>" SIZE("28")) //
    STYLE("Caption", "Caption",
          "<w:spacing w:line=\"220\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"0\" w:left=\"1250\" "
          "w:firstLine=\"0\"/><w:jc w:val=\"left\"/>",
          "<w:spacing w:val=\"0\"/>" SIZE("16")) //
    STYLE("Draft", "Draft", NO_INDENT "<w:jc w:val=\"right\"/>",
          "<w:b/><w:color w:val=\"8C8C8C\"/><w:spacing w:val=\"0\"/>" SIZE(
              "44") "<w:bdr w:val=\"single\" w:sz=\"8\" w:space=\"4\" w:color=\"8C8C8C\"/>") //
    "</w:styles>";
static const char letter_settings[] = XML "<w:settings " WORD_NS "><w:evenAndOddHeaders/></w:settings>";
static const char code_relations[] = XML
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
    "Type=\"" WORD_RELATIONS "/image\" Target=\"media/code.png\"/></Relationships>";
/* 27 mm from the left, 266 mm from the top, 21 mm wide; in 36,000ths of a millimetre. */
static const char code_anchor[] =
    "<w:r><w:drawing><wp:anchor distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\" simplePos=\"0\" relativeHeight=\"2\" "
    "behindDoc=\"0\" locked=\"0\" layoutInCell=\"1\" allowOverlap=\"1\"><wp:simplePos x=\"0\" y=\"0\"/><wp:positionH "
    "relativeFrom=\"page\"><wp:posOffset>972000</wp:posOffset></wp:positionH><wp:positionV relativeFrom=\"page\">"
    "<wp:posOffset>9576000</wp:posOffset></wp:positionV><wp:extent cx=\"756000\" cy=\"756000\"/><wp:wrapNone/>"
    "<wp:docPr id=\"1\" name=\"code\" descr=\"核对本文书的二维码\"/><a:graphic><a:graphicData "
    "uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"1\" "
    "name=\"code.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"rId1\"/><a:stretch><a:fillRect/>"
    "</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"756000\" cy=\"756000\"/></a:xfrm>"
    "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:anchor>"
    "</w:drawing></w:r>";

/* ── the text ── */

static void line(struct buf *b, const char *style, const char *paragraph, const char *run, struct str text) {
    buf_printf(b, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/>%s</w:pPr>", style, paragraph);
    if (text.n)
        buf_printf(b, "<w:r>%s<w:t xml:space=\"preserve\">", run);
    word_text(b, text);
    buf_addz(b, text.n ? "</w:t></w:r></w:p>" : "</w:p>");
}

static void lines(struct buf *b, const char *style, const char *last, struct str text) {
    for (struct str one; text.n;) {
        if (!str_cut(text, '\n', &one, &text))
            one = text, text = STR_NONE;
        line(b, style, text.n ? "" : last, "", str_trim(one));
    }
}

static void word_head(struct buf *b, struct arena *a, const struct letter_text *t) {
    double size = letter_mark_size(t->organ);
    struct str place = str_printf(a, "<w:spacing w:before=\"1984\" w:line=\"%d\" w:lineRule=\"exact\"/>",
                                  (int)(size * 20 * 1.2)),
               type = str_printf(a, "<w:rPr><w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/></w:rPr>", (int)(2 * size),
                                 (int)(2 * size));
    line(b, "Mark", place.p, type.p, t->organ);
    line(b, "Number", "", "", t->number);
}

/* About how wide: Chinese signs are one em, digits and letters half. */
static int twips_of(struct str text) {
    int half = 0;
    for (int32_t c; (c = utf8_next(&text)) >= 0;)
        half += c < 0x80 ? 1 : 2;
    return half * EM_TWIPS / 2;
}

static void word_signature(struct buf *b, struct arena *a, const struct letter_text *t) {
    int name = twips_of(t->signer), day = twips_of(t->day), middle = 4 * EM_TWIPS + day / 2; /* from the right */
    middle = middle < name / 2 ? name / 2 : middle;
    line(b, "Normal", "<w:keepNext/>", "", STR_NONE); /* nothing of this stands on a page without text before it */
    line(b, "Normal", "<w:keepNext/>", "", STR_NONE);
    if (t->signer.n)
        line(b, "Signature", str_printf(a, "<w:keepNext/><w:ind w:right=\"%d\"/>", middle - name / 2).p, "", t->signer);
    line(b, "Signature", str_printf(a, "<w:ind w:right=\"%d\"/>", middle - day / 2).p, "", t->day);
    if (t->note.n)
        line(b, "Normal", "", "", t->note);
}

static void word_annexes(struct buf *b, struct arena *a, const struct letter_text *t) {
    if (t->annex_count)
        line(b, "Normal", "", "", STR_NONE);
    for (size_t i = 0; i < t->annex_count; i++)
        line(b, "Flush", str_printf(a, "<w:ind w:left=\"%d\" w:hanging=\"%d\"/>", 5 * EM_TWIPS, i ? 0 : 3 * EM_TWIPS).p,
             "", str_printf(a, "%s%.*s", i ? "" : "附件：", STR_ARG(t->annexes[i])));
}

static struct str word_letter(struct work *w, const struct letter_text *t, bool draft) {
    struct buf b;
    buf_init(&b, PAPER_MAX_BYTES);
    buf_addz(&b, XML "<w:document " WORD_NS " xmlns:r=\"" WORD_RELATIONS "\"><w:body>");
    word_head(&b, w->arena, t);
    lines(&b, "Title", "", t->title);
    line(&b, "Normal", "", "", STR_NONE);
    if (t->addressee.n)
        line(&b, "Flush", "", "", t->addressee);
    lines(&b, "Normal", "<w:keepNext/>", t->body);
    word_annexes(&b, w->arena, t);
    word_signature(&b, w->arena, t);
    buf_addz(&b, "<w:sectPr>");
    for (int i = 0; draft && i < 3; i++)
        buf_printf(&b, "<w:headerReference w:type=\"%s\" r:id=\"rId6\"/>", i ? i > 1 ? "even" : "first" : "default");
    buf_addz(&b, "<w:footerReference w:type=\"default\" r:id=\"rId4\"/><w:footerReference w:type=\"first\" "
                 "r:id=\"rId3\"/><w:footerReference w:type=\"even\" r:id=\"rId5\"/><w:pgSz w:w=\"11906\" "
                 "w:h=\"16838\"/><w:pgMar w:top=\"2098\" w:right=\"1465\" w:bottom=\"1984\" w:left=\"1588\" "
                 "w:header=\"1020\" w:footer=\"743\" w:gutter=\"0\"/><w:titlePg/></w:sectPr></w:body></w:document>");
    struct str s = b.failed ? STR_NONE : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

/* ── head and foot ── */

/* The number of the page, one sign from the outer side; below it the caption of the code, or as much room. */
static struct str footer_of(struct work *w, bool left, bool code, struct str check) {
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_printf(&b, XML "<w:ftr " WORD_NS " " ANCHOR_NS "><w:p><w:pPr><w:pStyle w:val=\"Page\"/><w:ind w:%s=\"%d\"/>",
               left ? "left" : "right", EM_TWIPS);
    buf_printf(&b, "<w:jc w:val=\"%s\"/></w:pPr>%s<w:r><w:t xml:space=\"preserve\">— </w:t></w:r>",
               left ? "left" : "right", code ? code_anchor : "");
    buf_addz(&b, "<w:fldSimple w:instr=\"PAGE\"><w:r><w:t>1</w:t></w:r></w:fldSimple><w:r><w:t "
                 "xml:space=\"preserve\"> —</w:t></w:r></w:p>");
    line(&b, "Caption", "", "", code ? S("扫码核对") : STR_NONE);
    line(&b, "Caption", "", "", code ? check : STR_NONE);
    buf_addz(&b, "</w:ftr>");
    struct str s = b.failed ? STR_NONE : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static struct str draft_header(struct work *w) {
    struct buf b;
    buf_init(&b, 4096);
    buf_addz(&b, XML "<w:hdr " WORD_NS ">");
    line(&b, "Draft", "", "", S("草　稿"));
    buf_addz(&b, "</w:hdr>");
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static cairo_status_t write_png(void *at, const unsigned char *bytes, unsigned n) {
    buf_add(at, (struct str){(const char *)bytes, n});
    return ((struct buf *)at)->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static int code_png(struct work *w, struct str check, struct str *ret) {
    struct buf b;
    QRcode *code = qr_encode(w, check);
    if (!code)
        return -1;
    int side = (code->width + 8) * CODE_PIXELS;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    cairo_t *cr = cairo_create(image);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    qr_draw(cr, code, 0, 0, side);
    buf_init(&b, 1 << 20);
    bool good = cairo_surface_write_to_png_stream(image, write_png, &b) == CAIRO_STATUS_SUCCESS;
    *ret = good ? str_dup(w->arena, buf_str(&b)) : STR_NONE;
    buf_release(&b);
    cairo_destroy(cr);
    cairo_surface_destroy(image);
    QRcode_free(code);
    return good ? 0 : fail(w, ERR_INTERNAL, "%s", "");
}

int paper_letter_docx(struct work *w, const struct paper_letter *l, struct str *ret) {
    struct letter_text t;
    struct str png = STR_NONE;
    bool code = l->check.n && !l->draft;
    if (letter_text_of(w, l, &t) < 0 || (code && code_png(w, l->check, &png) < 0))
        return -1;
    struct word_part parts[6] = {
        {"styles.xml", "styles", str_z(letter_styles), STR_NONE},
        {"settings.xml", "settings", str_z(letter_settings), STR_NONE},
        {"footer1.xml", "footer", footer_of(w, false, code, l->check), code ? str_z(code_relations) : STR_NONE},
        {"footer2.xml", "footer", footer_of(w, false, false, STR_NONE), STR_NONE},
        {"footer3.xml", "footer", footer_of(w, true, false, STR_NONE), STR_NONE},
    };
    size_t count = 5;
    if (code)
        parts[count++] = (struct word_part){"media/code.png", "image", png, STR_NONE};
    if (l->draft)
        parts[count++] = (struct word_part){"header1.xml", "header", draft_header(w), STR_NONE};
    return word_package(w, word_letter(w, &t, l->draft), parts, count, ret);
}
