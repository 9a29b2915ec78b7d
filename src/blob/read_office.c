/* read_office.c: text of zipped office documents (OOXML, ODF, OFD), part by part through libxml2's reader.
 * Deleted text, comments, notes and headers are read too: they go out with the file. */
#include "blob/blob_internal.h"

#include <libxml/xmlreader.h>

enum step { STEP_OPEN, STEP_CLOSE, STEP_TEXT };
/* name: the element's local name (of the text's parent for STEP_TEXT it is NULL). */
typedef void visit_fn(void *ctx, enum step step, const char *name, xmlTextReaderPtr x);

static int visit_node(xmlTextReaderPtr x, visit_fn *fn, void *ctx) {
    const char *name = (const char *)xmlTextReaderConstLocalName(x);
    switch (xmlTextReaderNodeType(x)) {
    case XML_READER_TYPE_ELEMENT:
        if (xmlTextReaderDepth(x) > BLOB_XML_DEPTH)
            return -1;
        bool empty = xmlTextReaderIsEmptyElement(x) == 1;
        fn(ctx, STEP_OPEN, name, x);
        if (empty)
            fn(ctx, STEP_CLOSE, name, x);
        return 0;
    case XML_READER_TYPE_END_ELEMENT:
        fn(ctx, STEP_CLOSE, name, x);
        return 0;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        fn(ctx, STEP_TEXT, NULL, x);
        return 0;
    case XML_READER_TYPE_DOCUMENT_TYPE:
        return -1; /* office documents have none; entity bombs do */
    default:
        return 0;
    }
}

static int walk(const struct part *p, visit_fn *fn, void *ctx) {
    if (p->n == 0 || p->n > BLOB_XML_BYTES)
        return -1;
    xmlTextReaderPtr x =
        xmlReaderForMemory(p->p, (int)p->n, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    int rc = x ? 1 : -1, bad = 0;
    while (rc == 1 && !bad && (rc = xmlTextReaderRead(x)) == 1)
        bad = visit_node(x, fn, ctx);
    if (x)
        xmlFreeTextReader(x);
    return rc < 0 || bad ? -1 : 0;
}

static bool is(const char *name, const char *wanted) {
    return name && strcmp(name, wanted) == 0;
}

static struct str value_of(xmlTextReaderPtr x) {
    return str_z((const char *)xmlTextReaderConstValue(x));
}

/* ── runs of text in marked elements ── */

struct flowing {
    struct reading *r;
    const char *const *texts; /* elements whose text counts; NULL-terminated */
    const char *const *lines; /* elements that end a line */
    int inside, stops;        /* depth in text elements; in a list of tab stops, which are no tabs */
};

static bool among(const char *name, const char *const *list) {
    for (; *list; list++)
        if (is(name, *list))
            return true;
    return false;
}

static void visit_flowing(void *ctx, enum step step, const char *name, xmlTextReaderPtr x) {
    struct flowing *f = ctx;
    if (step == STEP_TEXT) {
        if (f->inside > 0)
            reading_add(f->r, value_of(x));
        return;
    }
    if (among(name, f->texts))
        f->inside += step == STEP_OPEN ? 1 : -1;
    if (is(name, "tabs"))
        f->stops += step == STEP_OPEN ? 1 : -1;
    if (step == STEP_OPEN && is(name, "tab") && !f->stops)
        reading_add(f->r, S("\t"));
    if (step == STEP_CLOSE && among(name, f->lines))
        reading_add(f->r, S("\n"));
}

/* All parts of k as flowing text; a page break after each when pages. */
static void flow_parts(struct package *k, struct reading *r, const char *const *texts, const char *const *lines,
                       bool pages) {
    package_sort(k);
    for (size_t i = 0; i < k->n; i++) {
        struct flowing f = {r, texts, lines, 0, 0};
        if (walk(&k->v[i], visit_flowing, &f) < 0 && !r->problem)
            r->problem = problem_broken;
        if (pages)
            reading_add(r, S("\f"));
    }
}

/* Opens, or says why not; `need` must be among the parts. */
static bool opened(struct package *k, const char *path, bool (*wanted)(const char *), const char *need,
                   struct reading *r) {
    if (package_read(k, path, wanted) == 0 && (!need || package_part(k, need)))
        return true;
    r->problem = k->problem ? k->problem : problem_broken;
    package_free(k);
    return false;
}

static bool starts(const char *s, const char *head) {
    return strncmp(s, head, strlen(head)) == 0;
}

static bool ends(const char *s, const char *tail) {
    return str_ends(str_z(s), str_z(tail));
}

static bool wanted_docx(const char *name) {
    static const char *const parts[] = {"document", "footnotes", "endnotes", "comments", "header", "footer"};
    if (!starts(name, "word/") || !ends(name, ".xml") || strchr(name + 5, '/'))
        return false;
    for (size_t i = 0; i < countof(parts); i++)
        if (starts(name + 5, parts[i]))
            return true;
    return false;
}

void read_docx(const char *path, struct reading *r) {
    static const char *const texts[] = {"t", "delText", NULL}, *const lines[] = {"p", "br", "cr", NULL};
    struct package k;
    if (!opened(&k, path, wanted_docx, "word/document.xml", r))
        return;
    flow_parts(&k, r, texts, lines, false);
    package_free(&k);
}

static bool wanted_pptx(const char *name) {
    return (starts(name, "ppt/slides/slide") || starts(name, "ppt/notesSlides/notesSlide")) && ends(name, ".xml");
}

void read_pptx(const char *path, struct reading *r) {
    static const char *const texts[] = {"t", NULL}, *const lines[] = {"p", "br", NULL};
    struct package k;
    if (!opened(&k, path, wanted_pptx, NULL, r))
        return;
    for (size_t i = 0; i < k.n; i++)
        r->pages += starts(k.v[i].name, "ppt/slides/");
    flow_parts(&k, r, texts, lines, true);
    package_free(&k);
}

static bool wanted_ofd(const char *name) {
    return ends(name, "/Content.xml") || ends(name, "/Annotation.xml");
}

void read_ofd(const char *path, struct reading *r) {
    static const char *const texts[] = {"TextCode", NULL}, *const lines[] = {"TextObject", NULL};
    struct package k;
    if (!opened(&k, path, wanted_ofd, NULL, r))
        return;
    for (size_t i = 0; i < k.n; i++)
        r->pages += ends(k.v[i].name, "/Content.xml");
    flow_parts(&k, r, texts, lines, true);
    package_free(&k);
}

/* ── ODF: one part; tables in spreadsheets are pages, rows are lines ── */

struct odf {
    struct reading *r;
    int inside, cells; /* depth in paragraphs; in table cells */
    bool sheets;
};

static void visit_odf(void *ctx, enum step step, const char *name, xmlTextReaderPtr x) {
    struct odf *o = ctx;
    if (step == STEP_TEXT) {
        if (o->inside > 0)
            reading_add(o->r, value_of(x));
        return;
    }
    int delta = step == STEP_OPEN ? 1 : -1;
    if (is(name, "p") || is(name, "h"))
        o->inside += delta;
    if (is(name, "table-cell"))
        o->cells += delta;
    if (step == STEP_OPEN && o->inside && (is(name, "s") || is(name, "tab")))
        reading_add(o->r, S(" "));
    if (step == STEP_OPEN)
        return;
    if (is(name, "table-cell"))
        reading_add(o->r, S("\t"));
    else if (is(name, "table-row") || is(name, "line-break") || ((is(name, "p") || is(name, "h")) && !o->cells))
        reading_add(o->r, S("\n"));
    else if (is(name, "page") || (o->sheets && is(name, "table"))) {
        o->r->pages++;
        reading_add(o->r, S("\f"));
    }
}

static bool wanted_odf(const char *name) {
    return is(name, "content.xml") || is(name, "mimetype") || is(name, "META-INF/manifest.xml");
}

void read_odf(const char *path, struct reading *r) {
    struct package k;
    if (!opened(&k, path, wanted_odf, "content.xml", r))
        return;
    const struct part *mime = package_part(&k, "mimetype"), *manifest = package_part(&k, "META-INF/manifest.xml");
    struct odf o = {.r = r, .sheets = mime && str_find((struct str){mime->p, mime->n}, S("spreadsheet")) >= 0};
    if (manifest && str_find((struct str){manifest->p, manifest->n}, S("encryption-data")) >= 0)
        r->problem = problem_locked;
    else if (walk(package_part(&k, "content.xml"), visit_odf, &o) < 0)
        r->problem = problem_broken;
    package_free(&k);
}

/* ── XLSX: shared strings first, then the sheets ── */

struct strings {
    struct str *v;
    size_t n, cap;
    struct buf one;
    int inside, phonetic;
};

static void strings_keep(struct strings *s) {
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 256;
        s->v = realloc(s->v, s->cap * sizeof *s->v);
        if (!s->v)
            abort();
    }
    char *p = strndup(s->one.p ? s->one.p : "", s->one.n);
    s->v[s->n++] = (struct str){p, s->one.n};
    buf_clear(&s->one);
}

static void visit_strings(void *ctx, enum step step, const char *name, xmlTextReaderPtr x) {
    struct strings *s = ctx;
    if (step == STEP_TEXT) {
        if (s->inside && !s->phonetic)
            buf_add(&s->one, value_of(x));
        return;
    }
    int delta = step == STEP_OPEN ? 1 : -1;
    if (is(name, "t"))
        s->inside += delta;
    if (is(name, "rPh"))
        s->phonetic += delta;
    if (step == STEP_CLOSE && is(name, "si"))
        strings_keep(s);
}

struct sheet {
    struct reading *r;
    const struct strings *strings;
    bool shared, value;
    struct buf index;
};

static void sheet_shared(struct sheet *s) {
    int64_t i;
    if (str_int(str_trim(buf_str(&s->index)), &i) == 0 && i >= 0 && (size_t)i < s->strings->n)
        reading_add(s->r, s->strings->v[i]);
    buf_clear(&s->index);
}

static void visit_sheet(void *ctx, enum step step, const char *name, xmlTextReaderPtr x) {
    struct sheet *s = ctx;
    if (step == STEP_TEXT) {
        if (s->value && s->shared)
            buf_add(&s->index, value_of(x));
        else if (s->value)
            reading_add(s->r, value_of(x));
        return;
    }
    if (is(name, "c") && step == STEP_OPEN) {
        char *t = (char *)xmlTextReaderGetAttribute(x, BAD_CAST "t");
        s->shared = is(t, "s");
        xmlFree(t);
    }
    if (is(name, "v") || is(name, "t"))
        s->value = step == STEP_OPEN;
    if (step == STEP_OPEN)
        return;
    if (is(name, "v") && s->shared)
        sheet_shared(s);
    else if (is(name, "c"))
        reading_add(s->r, S("\t"));
    else if (is(name, "row"))
        reading_add(s->r, S("\n"));
}

static bool is_sheet(const char *name) {
    return starts(name, "xl/worksheets/") && ends(name, ".xml") && !strchr(name + 14, '/');
}

static bool is_comment(const char *name) {
    return starts(name, "xl/") && strstr(name, "omment") && ends(name, ".xml");
}

static bool wanted_xlsx(const char *name) {
    return is(name, "xl/sharedStrings.xml") || is(name, "xl/workbook.xml") || is_sheet(name) || is_comment(name);
}

static void read_sheets(struct package *k, const struct strings *strings, struct reading *r) {
    static const char *const texts[] = {"t", "text", NULL}, *const lines[] = {"comment", "threadedComment", NULL};
    package_sort(k);
    for (size_t i = 0; i < k->n; i++) {
        const struct part *p = &k->v[i];
        struct sheet s = {.r = r, .strings = strings};
        struct flowing f = {r, texts, lines, 0, 0};
        buf_init(&s.index, 64);
        int rc = is_sheet(p->name) ? walk(p, visit_sheet, &s) : is_comment(p->name) ? walk(p, visit_flowing, &f) : 0;
        buf_release(&s.index);
        if (rc < 0 && !r->problem)
            r->problem = problem_broken;
        r->pages += is_sheet(p->name);
        if (is_sheet(p->name) || is_comment(p->name))
            reading_add(r, S("\f"));
    }
}

void read_xlsx(const char *path, struct reading *r) {
    struct package k;
    struct strings s = {0};
    if (!opened(&k, path, wanted_xlsx, NULL, r))
        return;
    buf_init(&s.one, BLOB_TEXT_BYTES);
    const struct part *shared = package_part(&k, "xl/sharedStrings.xml");
    if (shared && walk(shared, visit_strings, &s) < 0)
        r->problem = problem_broken;
    read_sheets(&k, &s, r);
    if (r->pages == 0 && !r->problem)
        r->problem = problem_broken; /* .xlsb and the like: nothing was read */
    for (size_t i = 0; i < s.n; i++)
        free((char *)(uintptr_t)s.v[i].p);
    free(s.v);
    buf_release(&s.one);
    package_free(&k);
}

/* ── DOCX as HTML ── */

void read_docx_html(const char *path, struct reading *r) {
    struct package k;
    if (!opened(&k, path, docx_html_wanted, "word/document.xml", r))
        return;
    docx_html(&k, r);
    package_free(&k);
}
