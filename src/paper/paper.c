/* paper.c: the document: pages, footers, headings, paragraphs. */
#include "paper/paper_internal.h"
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#define LINE_BYTES 1000 /* of a title or a footer */

static cairo_status_t write_bytes(void *at, const unsigned char *bytes, unsigned n) {
    struct paper *p = at;
    if (!p->failed)
        buf_add(&p->out, (struct str){(const char *)bytes, n});
    return p->failed || p->out.failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

void paper_fail(struct paper *p, enum error_code code, const char *text) {
    p->failed = true;
    (void)fail(p->w, code, "%s", text);
}

bool paper_stopped(struct paper *p) {
    if (p->failed)
        return true;
    if (p->out.failed)
        paper_fail(p, ERR_TOO_LARGE, "生成的文件过大，请缩小内容的范围后再试");
    else if (cairo_status(p->cr) || cairo_surface_status(p->surface))
        paper_fail(p, ERR_INTERNAL, "");
    return p->failed;
}

void grey(struct paper *p, double level) {
    cairo_set_source_rgb(p->cr, level, level, level);
}

/* ── pages ── */

bool page_begun(const struct paper *p) {
    return p->y > TOP + 0.01;
}

static struct str clean_line(struct work *w, struct str text) {
    struct buf b;
    struct str head = str_sub(text, 0, LINE_BYTES);
    while (head.n < text.n && head.n && (text.p[head.n] & 0xC0) == 0x80)
        head.n--;
    buf_init(&b, 4 * LINE_BYTES);
    clean_text(&b, head, false);
    struct str s = str_dup(w->arena, b.failed ? STR_NONE : str_trim(buf_str(&b)));
    buf_release(&b);
    return s;
}

static void footer_part(struct paper *p, struct str text, double x, double y, double width, PangoAlignment side) {
    struct cell c;
    double h;
    cell_begin(&c, p, STYLE_FOOTER, width, text);
    if (flow_line(&c.flow, &h)) { /* now there is a layout */
        pango_layout_set_alignment(c.flow.layout, side);
        pango_layout_set_ellipsize(c.flow.layout, PANGO_ELLIPSIZE_END);
        flow_rewind(&c.flow);
        flow_draw(&c.flow, x, y);
    }
    cell_release(&c);
}

/* The document's own line, and at the right end the number of the page. */
static void page_close(struct paper *p) {
    char number[32];
    double y = BOTTOM + POINTS(6), room = POINTS(24);
    grey(p, 0.75);
    cairo_set_line_width(p->cr, 0.5);
    cairo_move_to(p->cr, LEFT, y);
    cairo_rel_line_to(p->cr, WIDTH, 0);
    cairo_stroke(p->cr);
    snprintf(number, sizeof number, "第 %d 页", p->page);
    footer_part(p, p->footer, LEFT, y + 3, WIDTH - room, PANGO_ALIGN_LEFT);
    footer_part(p, str_z(number), LEFT + WIDTH - room, y + 3, room, PANGO_ALIGN_RIGHT);
    cairo_show_page(p->cr);
}

void page_turn(struct paper *p) {
    page_close(p);
    p->page++;
    p->y = TOP;
    p->gap = 0;
    if (p->page > PAPER_MAX_PAGES)
        paper_fail(p, ERR_TOO_LARGE, "生成的文件页数过多，请缩小内容的范围后再试");
}

/* From p->y over the waiting headings to where the next piece begins. */
static double approach(struct paper *p, bool draw) {
    double y = p->y;
    for (size_t i = 0; i < p->headings; i++) {
        struct heading *h = &p->heading[i];
        y += y > TOP + 0.01 ? h->before : 0;
        if (draw)
            cell_draw(&h->cell, LEFT, y);
        y += h->cell.height;
    }
    return y > TOP + 0.01 ? y + p->gap : y;
}

static void drop_headings(struct paper *p) {
    for (size_t i = 0; i < p->headings; i++)
        cell_release(&p->heading[i].cell);
    p->headings = 0;
}

void page_need(struct paper *p, double height) {
    if (page_begun(p) && approach(p, false) + height > BOTTOM) {
        double gap = p->headings ? p->gap : 0;
        page_turn(p);
        p->gap = gap;
    }
    if (approach(p, false) + height > BOTTOM)
        p->gap = 0;
    p->y = approach(p, true);
    p->gap = 0;
    drop_headings(p);
}

/* ── beginning and end ── */

struct paper *paper_begin(struct work *w, struct str title, struct str footer) {
    struct paper *p = arena_one(w->arena, struct paper);
    p->w = w;
    p->page = 1;
    p->y = TOP;
    p->footer = clean_line(w, footer);
    buf_init(&p->out, PAPER_MAX_BYTES);
    p->surface = cairo_pdf_surface_create_for_stream(write_bytes, p, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, clean_line(w, title).p);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Mingtang");
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, instant_rfc3339(w->arena, w->now).p);
    p->cr = cairo_create(p->surface);
    p->context = pango_cairo_create_context(p->cr);
    pango_context_set_language(p->context, pango_language_from_string("zh-cn"));
    pango_context_set_base_dir(p->context, PANGO_DIRECTION_LTR);
    pango_context_set_round_glyph_positions(p->context, FALSE);
    return p;
}

void paper_limit(struct paper *p, size_t bytes) {
    if (bytes < p->out.max)
        p->out.max = bytes;
}

void paper_abandon(struct paper *p) {
    if (!p)
        return;
    p->failed = true; /* what Cairo still writes is for nobody */
    drop_headings(p);
    g_object_unref(p->context);
    cairo_destroy(p->cr);
    cairo_surface_destroy(p->surface);
    faces_release(p);
    buf_release(&p->out);
}

int paper_end(struct paper *p, struct str *ret_pdf) {
    if (!paper_stopped(p)) {
        page_need(p, 0);
        page_close(p);
    }
    return paper_finish(p, ret_pdf);
}

int paper_finish(struct paper *p, struct str *ret_pdf) {
    if (!paper_stopped(p))
        cairo_surface_finish(p->surface);
    int rc = paper_stopped(p) ? -1 : 0;
    if (rc == 0)
        *ret_pdf = str_dup(p->w->arena, buf_str(&p->out));
    paper_abandon(p);
    return rc;
}

/* ── pieces ── */

/* Every line of the text is a paragraph; empty ones are only the gap. */
static void paragraphs(struct paper *p, enum style style, struct str clean, const struct mark *marks, size_t n) {
    size_t at = 0;
    while (at < clean.n && !paper_stopped(p)) {
        const char *end = memchr(clean.p + at, '\n', clean.n - at);
        size_t len = end ? (size_t)(end - clean.p) - at : clean.n - at;
        while (n && marks->to <= at) {
            marks++;
            n--;
        }
        if (len) {
            struct flow f;
            flow_begin(&f, p, style, WIDTH, str_sub(clean, at, len));
            f.marks = marks;
            f.mark_count = n;
            f.base = at;
            flow_down(&f, LEFT);
            flow_release(&f);
            p->gap = style == STYLE_NOTE ? 3 : 6;
        }
        at += len + 1;
    }
}

static void whole_text(struct paper *p, enum style style, struct str text) {
    struct buf b;
    if (paper_stopped(p))
        return;
    buf_init(&b, PAPER_MAX_BYTES);
    clean_text(&b, text, true);
    if (b.failed)
        paper_fail(p, ERR_TOO_LARGE, "文字过长，不能生成文件");
    else
        paragraphs(p, style, buf_str(&b), NULL, 0);
    buf_release(&b);
}

void paper_text(struct paper *p, struct str text) {
    whole_text(p, STYLE_TEXT, text);
}

void paper_note(struct paper *p, struct str text) {
    whole_text(p, STYLE_NOTE, text);
}

void paper_mono(struct paper *p, struct str text) {
    struct cell c;
    if (paper_stopped(p))
        return;
    cell_begin(&c, p, STYLE_MONO, WIDTH, text);
    if (c.text.n) {
        flow_down(&c.flow, LEFT);
        p->gap = 6;
    }
    cell_release(&c);
}

void paper_marked(struct paper *p, const struct paper_run *runs, size_t count) {
    struct buf b;
    if (paper_stopped(p))
        return;
    struct mark *marks = arena_many(p->w->arena, struct mark, count ? count : 1);
    buf_init(&b, PAPER_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        struct buf one;
        buf_init(&one, PAPER_MAX_BYTES);
        clean_text(&one, runs[i].text, true);
        marks[i] = (struct mark){b.n, b.n, runs[i].op};
        buf_add(&b, buf_str(&one));
        b.failed = b.failed || one.failed;
        marks[i].to = b.n;
        buf_release(&one);
    }
    if (b.failed)
        paper_fail(p, ERR_TOO_LARGE, "文字过长，不能生成文件");
    else
        paragraphs(p, STYLE_TEXT, buf_str(&b), marks, count);
    buf_release(&b);
}

void paper_heading(struct paper *p, int level, struct str text) {
    if (paper_stopped(p))
        return;
    level = level < 1 ? 1 : level > 3 ? 3 : level;
    if (p->headings == countof(p->heading))
        page_need(p, 0);
    struct heading *h = &p->heading[p->headings];
    cell_begin(&h->cell, p, STYLE_HEADING_1 + (unsigned)(level - 1), WIDTH, text);
    double before = 22 - 4 * level;
    h->before = p->gap > BODY / 4 ? BODY / 4 : p->gap > before ? p->gap : before;
    if (h->cell.height > BODY / 4) { /* no heading, whatever it is called: it flows like a text */
        page_need(p, 0);
        p->gap = h->before;
        flow_down(&h->cell.flow, LEFT);
        cell_release(&h->cell);
    } else {
        p->headings++;
    }
    p->gap = 6;
}

void paper_rule(struct paper *p) {
    if (paper_stopped(p))
        return;
    page_need(p, 1);
    grey(p, 0.6);
    cairo_set_line_width(p->cr, 0.6);
    cairo_move_to(p->cr, LEFT, p->y + 0.5);
    cairo_rel_line_to(p->cr, WIDTH, 0);
    cairo_stroke(p->cr);
    p->y += 1;
    p->gap = 6;
}

void paper_space(struct paper *p, double mm) {
    if (mm > 0)
        p->gap += POINTS(mm < 250 ? mm : 250);
}
