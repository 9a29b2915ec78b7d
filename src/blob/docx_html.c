/* docx_html.c: a .docx as clean HTML for the editor.
 *
 * Kept: paragraphs, headings (one level down: the page's title is the first), bold, italic, underline, sub- and
 * superscript, links, lists, tables with spans, alignment, first-line indent, notes as text at the end. Numbers that
 * Word generates (一、 （三） 2.1) are written out: in an official document they are part of the text. Pictures are
 * left out with a remark. Deleted text is left out, inserted text kept. The result still goes through html_sanitise().
 */
#include "blob/docx_internal.h"

#include <libxml/parser.h>

#define TABLE_DEPTH 6
#define TABLE_COLUMNS 500
#define LIST_DEPTH DOCX_LEVELS

enum { BOLD = 1, ITALIC = 2, UNDERLINE = 4, SUB = 8, SUPER = 16 };
static const struct {
    unsigned bit;
    const char *name;
} emphasis[] = {{BOLD, "strong"}, {ITALIC, "em"}, {UNDERLINE, "u"}, {SUB, "sub"}, {SUPER, "sup"}};

struct writer {
    struct buf *out;
    struct docx_styles styles;
    xmlDoc *rels, *notes;  /* notes: footnotes, then endnotes are not kept apart */
    unsigned open;         /* emphasis that is open */
    char tags[LIST_DEPTH]; /* open lists: 'u' or 'o' */
    int lists, tables;
    int note_count;
    bool picture, any; /* a remark was written in this paragraph; anything was */
    const char *note_ids[200];
};

static void escape(struct buf *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            buf_addz(out, "&amp;");
        else if (c == '<')
            buf_addz(out, "&lt;");
        else if (c == '>')
            buf_addz(out, "&gt;");
        else if (c == '"')
            buf_addz(out, "&quot;");
        else if ((unsigned char)c >= 0x20 || c == '\t')
            buf_addc(out, c);
        else
            buf_addc(out, ' ');
    }
}

/* ── inside a paragraph ── */

/* Closes and opens so that exactly `want` is open; nested in the table's order. */
static void set_emphasis(struct writer *h, unsigned want) {
    if (h->open == want)
        return;
    for (size_t i = countof(emphasis); i > 0; i--)
        if (h->open & emphasis[i - 1].bit)
            buf_printf(h->out, "</%s>", emphasis[i - 1].name);
    for (size_t i = 0; i < countof(emphasis); i++)
        if (want & emphasis[i].bit)
            buf_printf(h->out, "<%s>", emphasis[i].name);
    h->open = want;
}

static bool toggled(const struct writer *h, const xmlNode *properties, const char *name) {
    bool said, on = on_of(properties, name, &said);
    return said ? on : run_style_on(&h->styles, properties, name);
}

static unsigned emphasis_of(const struct writer *h, const xmlNode *run) {
    const xmlNode *p = child_of(run, "rPr");
    const char *vertical = val_of(p, "vertAlign");
    unsigned e = 0;
    if (!p)
        return 0;
    e |= toggled(h, p, "b") ? BOLD : 0;
    e |= toggled(h, p, "i") ? ITALIC : 0;
    e |= toggled(h, p, "u") ? UNDERLINE : 0;
    if (vertical && strcmp(vertical, "subscript") == 0)
        e |= SUB;
    if (vertical && strcmp(vertical, "superscript") == 0)
        e |= SUPER;
    return e;
}

static void put_text(struct writer *h, struct str s) {
    escape(h->out, s);
    h->any = h->any || str_trim(s).n > 0;
}

static void put_content(struct writer *h, const xmlNode *n) {
    for (const xmlNode *c = n->children; c; c = c->next)
        if (c->content && (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE))
            put_text(h, str_z((const char *)c->content));
}

static void put_picture(struct writer *h) {
    if (!h->picture)
        put_text(h, S("〔此处图片未导入〕"));
    h->picture = true;
}

static void put_note(struct writer *h, const xmlNode *n) {
    const char *id = attribute_of(n, "id");
    if (!id || h->note_count >= (int)countof(h->note_ids))
        return;
    h->note_ids[h->note_count++] = id;
    buf_printf(h->out, "〔注%d〕", h->note_count);
    h->any = true;
}

static void put_run(struct writer *h, xmlNode *run) {
    set_emphasis(h, emphasis_of(h, run));
    for (xmlNode *n = next_element(run->children); n; n = next_element(n->next)) {
        if (node_is(n, "t"))
            put_content(h, n);
        else if (node_is(n, "tab"))
            buf_addz(h->out, "\t");
        else if (node_is(n, "br") || node_is(n, "cr"))
            buf_addz(h->out, "<br>");
        else if (node_is(n, "noBreakHyphen"))
            buf_addc(h->out, '-');
        else if (node_is(n, "drawing") || node_is(n, "pict") || node_is(n, "object") || node_is(n, "AlternateContent"))
            put_picture(h);
        else if (node_is(n, "footnoteReference"))
            put_note(h, n);
    }
}

/* Target of an outside link that people may follow; NULL for anything else. */
static const char *link_of(const struct writer *h, const xmlNode *n) {
    const char *id = attribute_of(n, "id");
    xmlNode *root = h->rels ? xmlDocGetRootElement(h->rels) : NULL;
    for (xmlNode *r = root && id ? root->children : NULL; r; r = r->next) {
        const char *target = attribute_of(r, "Target");
        if (node_is(r, "Relationship") && attribute_of(r, "Id") && strcmp(attribute_of(r, "Id"), id) == 0 && target)
            return strncasecmp(target, "http://", 7) == 0 || strncasecmp(target, "https://", 8) == 0 ||
                           strncasecmp(target, "mailto:", 7) == 0
                       ? target
                       : NULL;
    }
    return NULL;
}

static void put_inline(struct writer *h, xmlNode *parent, int depth) {
    for (xmlNode *n = next_element(parent->children); n && depth < BLOB_XML_DEPTH; n = next_element(n->next)) {
        const char *href = node_is(n, "hyperlink") ? link_of(h, n) : NULL;
        if (node_is(n, "r")) {
            put_run(h, n);
        } else if (href) {
            set_emphasis(h, 0);
            buf_addz(h->out, "<a href=\"");
            escape(h->out, str_z(href));
            buf_addz(h->out, "\">");
            put_inline(h, n, depth + 1);
            set_emphasis(h, 0);
            buf_addz(h->out, "</a>");
        } else if (node_is(n, "hyperlink") || node_is(n, "ins") || node_is(n, "smartTag") || node_is(n, "sdt") ||
                   node_is(n, "sdtContent") || node_is(n, "fldSimple") || node_is(n, "moveTo") || node_is(n, "oMath") ||
                   node_is(n, "oMathPara") || node_is(n, "customXml")) {
            put_inline(h, n, depth + 1);
        }
    }
}

/* ── lists ── */

static void close_lists(struct writer *h, int keep) {
    bool last = h->lists > 0 && keep == 0;
    while (h->lists > keep)
        buf_addz(h->out, h->tags[--h->lists] == 'u' ? "</li></ul>" : "</li></ol>");
    if (last)
        buf_addc(h->out, '\n');
}

/* Opens what is needed so that an item of this level may be written; false when HTML would number it differently. */
static bool open_item(struct writer *h, const struct list_item *item) {
    char tag = item->kind == LIST_BULLETS ? 'u' : 'o';
    int depth = item->level < LIST_DEPTH ? item->level + 1 : LIST_DEPTH;
    bool goes_on = h->lists >= depth && h->tags[depth - 1] == tag;
    if (tag == 'o' && !goes_on && item->number != 1)
        return false;
    close_lists(h, goes_on ? depth : depth - 1);
    if (goes_on)
        buf_addz(h->out, "</li><li>");
    while (h->lists < depth) {
        h->tags[h->lists++] = tag;
        buf_addz(h->out, tag == 'u' ? "<ul><li>" : "<ol><li>");
    }
    return true;
}

/* ── paragraphs ── */

static const char *alignment_of(const struct writer *h, const xmlNode *properties) {
    const char *v = attribute_of(paragraph_property(&h->styles, properties, "jc"), "val");
    return !v                                                 ? NULL
           : strcmp(v, "center") == 0                         ? "center"
           : strcmp(v, "right") == 0 || strcmp(v, "end") == 0 ? "right"
                                                              : NULL;
}

static bool indented(const struct writer *h, const xmlNode *properties) {
    const xmlNode *n = paragraph_property(&h->styles, properties, "ind");
    const char *chars = attribute_of(n, "firstLineChars"), *twips = attribute_of(n, "firstLine");
    int64_t v = 0;
    return (chars && str_int(str_z(chars), &v) == 0 && v > 0) || (twips && str_int(str_z(twips), &v) == 0 && v > 0);
}

static void open_block(struct writer *h, const char *tag, const char *align, bool indent) {
    buf_printf(h->out, "<%s", tag);
    if (align || indent)
        buf_printf(h->out, " style=\"%s%s%s\"", align ? "text-align:" : "", align ? align : "",
                   indent ? align ? ";text-indent:2em" : "text-indent:2em" : "");
    buf_addc(h->out, '>');
}

/* Content of a paragraph; false and nothing written when it is empty. */
static bool put_body(struct writer *h, xmlNode *p, const char *words) {
    h->any = h->picture = false;
    h->open = 0;
    if (words[0])
        put_text(h, str_z(words));
    put_inline(h, p, 0);
    set_emphasis(h, 0);
    return h->any;
}

static void put_block(struct writer *h, xmlNode *p, const char *tag, const char *words, const char *align,
                      bool indent) {
    size_t before = h->out->n;
    open_block(h, tag, align, indent);
    if (put_body(h, p, words))
        buf_printf(h->out, "</%s>\n", tag);
    else if (!h->out->failed)
        h->out->p[h->out->n = before] = 0; /* empty paragraphs are only spacing */
}

static void put_paragraph(struct writer *h, xmlNode *p) {
    const xmlNode *properties = child_of(p, "pPr");
    struct list_item item = list_item_of(&h->styles, properties);
    int level = heading_level(&h->styles, properties);
    if (level == 0 && (item.kind == LIST_BULLETS || item.kind == LIST_NUMBERS) && open_item(h, &item)) {
        put_body(h, p, "");
        return;
    }
    close_lists(h, 0);
    char tag[16] = "p";
    if (level)
        snprintf(tag, sizeof tag, "h%d", level < 5 ? level + 1 : 6);
    put_block(h, p, tag, item.kind == LIST_BULLETS ? "" : item.words, alignment_of(h, properties),
              !level && indented(h, properties));
}

/* ── tables ── */

static void put_blocks(struct writer *h, xmlNode *parent, int depth);

static int span_of(const xmlNode *cell) {
    const char *v = val_of(child_of(cell, "tcPr"), "gridSpan");
    int64_t n;
    return v && str_int(str_z(v), &n) == 0 && n > 1 && n <= TABLE_COLUMNS ? (int)n : 1;
}

static int skipped_of(const xmlNode *row) {
    const char *v = val_of(child_of(row, "trPr"), "gridBefore");
    int64_t n;
    return v && str_int(str_z(v), &n) == 0 && n > 0 && n <= TABLE_COLUMNS ? (int)n : 0;
}

enum merge { MERGE_NO, MERGE_FIRST, MERGE_MORE };
static enum merge merge_of(const xmlNode *cell) {
    const char *v = val_of(child_of(cell, "tcPr"), "vMerge");
    return !v ? MERGE_NO : strcmp(v, "restart") == 0 ? MERGE_FIRST : MERGE_MORE;
}

static const xmlNode *cell_at(const xmlNode *row, int column) {
    int at = skipped_of(row);
    for (const xmlNode *c = row->children; c && at <= column; c = c->next) {
        if (!node_is(c, "tc"))
            continue;
        if (at == column)
            return c;
        at += span_of(c);
    }
    return NULL;
}

static int rows_merged(const xmlNode *row, int column) {
    int n = 1;
    for (const xmlNode *r = row->next; r; r = r->next) {
        if (!node_is(r, "tr"))
            continue;
        const xmlNode *c = cell_at(r, column);
        if (!c || merge_of(c) != MERGE_MORE)
            break;
        n++;
    }
    return n;
}

static int count_blocks(const xmlNode *cell, xmlNode **ret_only) {
    int n = 0;
    for (xmlNode *c = next_element(cell->children); c; c = next_element(c->next))
        if (!node_is(c, "tcPr")) {
            n += node_is(c, "p") ? 1 : 2;
            *ret_only = c;
        }
    return n;
}

static void put_cell(struct writer *h, xmlNode *cell, const char *tag, int rows, int depth) {
    xmlNode *only = NULL;
    bool plain = count_blocks(cell, &only) == 1;
    struct list_item item = {LIST_NONE, 0, 0, ""};
    const char *align = plain ? alignment_of(h, child_of(only, "pPr")) : NULL;
    if (plain)
        item = list_item_of(&h->styles, child_of(only, "pPr"));
    buf_printf(h->out, "<%s", tag);
    if (span_of(cell) > 1)
        buf_printf(h->out, " colspan=\"%d\"", span_of(cell));
    if (rows > 1)
        buf_printf(h->out, " rowspan=\"%d\"", rows);
    if (align)
        buf_printf(h->out, " style=\"text-align:%s\"", align);
    buf_addc(h->out, '>');
    if (plain)
        put_body(h, only, item.words);
    else
        put_blocks(h, cell, depth + 1);
    buf_printf(h->out, "</%s>", tag);
}

static void put_row(struct writer *h, const xmlNode *row, int depth) {
    bool said;
    const char *tag = on_of(child_of(row, "trPr"), "tblHeader", &said) ? "th" : "td";
    int column = skipped_of(row);
    buf_addz(h->out, "<tr>");
    if (column)
        buf_printf(h->out, "<td colspan=\"%d\"></td>", column);
    for (xmlNode *c = next_element(row->children); c; c = next_element(c->next)) {
        if (!node_is(c, "tc"))
            continue;
        enum merge m = merge_of(c);
        if (m != MERGE_MORE)
            put_cell(h, c, tag, m == MERGE_FIRST ? rows_merged(row, column) : 1, depth);
        column += span_of(c);
    }
    buf_addz(h->out, "</tr>\n");
}

static void put_table(struct writer *h, xmlNode *table, int depth) {
    close_lists(h, 0);
    if (depth > TABLE_DEPTH)
        return;
    buf_addz(h->out, "<table>\n");
    for (xmlNode *r = next_element(table->children); r; r = next_element(r->next))
        if (node_is(r, "tr"))
            put_row(h, r, depth);
    buf_addz(h->out, "</table>\n");
}

/* ── the document ── */

static void put_blocks(struct writer *h, xmlNode *parent, int depth) {
    int outside = h->lists;
    h->lists = 0; /* lists of a cell are its own */
    for (xmlNode *n = next_element(parent->children); n && depth < BLOB_XML_DEPTH && !h->out->failed;
         n = next_element(n->next)) {
        if (node_is(n, "p"))
            put_paragraph(h, n);
        else if (node_is(n, "tbl"))
            put_table(h, n, depth + 1);
        else if (node_is(n, "sdt") && child_of(n, "sdtContent"))
            put_blocks(h, child_of(n, "sdtContent"), depth + 1);
        else if (node_is(n, "ins") || node_is(n, "customXml") || node_is(n, "moveTo"))
            put_blocks(h, n, depth + 1);
    }
    close_lists(h, 0);
    h->lists = outside;
}

static void put_notes(struct writer *h) {
    xmlNode *root = h->notes ? xmlDocGetRootElement(h->notes) : NULL;
    int wanted = h->note_count;
    for (int i = 0; root && i < wanted; i++)
        for (xmlNode *n = next_element(root->children); n; n = next_element(n->next)) {
            const char *id = attribute_of(n, "id");
            xmlNode *p = child_of(n, "p");
            char words[32];
            if (!node_is(n, "footnote") || !id || strcmp(id, h->note_ids[i]) != 0)
                continue;
            snprintf(words, sizeof words, "〔注%d〕", i + 1);
            for (; p; p = next_element(p->next)) {
                put_block(h, p, "p", words, NULL, false);
                words[0] = 0;
            }
            break;
        }
}

/* A part as a tree; NULL when absent. A document type declaration is refused: office documents have none. */
static xmlDoc *tree_of(const struct package *k, const char *name) {
    const struct part *p = package_part(k, name);
    xmlDoc *d = p && p->n ? xmlReadMemory(p->p, (int)p->n, NULL, NULL,
                                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
                          : NULL;
    if (d && xmlGetIntSubset(d)) {
        xmlFreeDoc(d);
        return NULL;
    }
    return d;
}

bool docx_html_wanted(const char *name) {
    static const char *const parts[] = {"word/document.xml", "word/styles.xml", "word/numbering.xml",
                                        "word/footnotes.xml", "word/_rels/document.xml.rels"};
    for (size_t i = 0; i < countof(parts); i++)
        if (strcmp(name, parts[i]) == 0)
            return true;
    return false;
}

void docx_html(const struct package *k, struct reading *r) {
    struct writer *h = calloc(1, sizeof *h);
    xmlDoc *d = tree_of(k, "word/document.xml");
    xmlNode *body = d ? child_of(xmlDocGetRootElement(d), "body") : NULL;
    if (!h)
        abort();
    h->out = &r->text;
    h->styles.styles = tree_of(k, "word/styles.xml");
    h->styles.numbering = tree_of(k, "word/numbering.xml");
    h->rels = tree_of(k, "word/_rels/document.xml.rels");
    h->notes = tree_of(k, "word/footnotes.xml");
    if (body) {
        put_blocks(h, body, 0);
        put_notes(h);
    }
    if (!body)
        r->problem = problem_broken;
    else if (r->text.failed)
        r->problem = "文档内容超过正文允许的长度，请改为附件上传";
    if (r->text.failed)
        r->text.n = 0;
    xmlDoc *const docs[] = {d, h->styles.styles, h->styles.numbering, h->rels, h->notes};
    for (size_t i = 0; i < countof(docs); i++)
        if (docs[i])
            xmlFreeDoc(docs[i]);
    free(h);
}
