/* paper_flow.c: any bytes made clean text, and clean text made lines. */
#include "paper/paper_internal.h"

#define CHUNK 12000  /* bytes laid out at once: more than two pages of Chinese */
#define LONG_WORD 24 /* letters and digits in one: a line broken before it is not stretched */
#define MARKS_MAX 8  /* combining marks on one letter: scripts need four, pranks hundreds */

#define SANS "Noto Sans CJK SC,Noto Serif CJK SC,sans-serif"
#define MONO "Noto Sans Mono CJK SC,DejaVu Sans Mono,monospace"
static const struct look {
    const char *family;
    double size, grey, spacing; /* spacing: between lines */
    bool bold, justify, anywhere;
} looks[] = {
    [STYLE_TEXT] = {SANS, 11, 0, 2, .justify = true},
    [STYLE_NOTE] = {SANS, 9, 0.4, 1},
    [STYLE_MONO] = {MONO, 8.5, 0, 0, .anywhere = true},
    [STYLE_HEADING_1] = {SANS, 18, 0, 2, .bold = true},
    [STYLE_HEADING_2] = {SANS, 14, 0, 2, .bold = true},
    [STYLE_HEADING_3] = {SANS, 12, 0, 1, .bold = true},
    [STYLE_TERM] = {SANS, 10.5, 0.4, 1},
    [STYLE_CELL] = {SANS, 9.5, 0, 0},
    [STYLE_HEADER] = {SANS, 9.5, 0, 0, .bold = true},
    [STYLE_FOOTER] = {SANS, 8.5, 0.4, 0},
};

/* ── clean text ── */

/* Control, direction, invisible and invalid code points. Joiners and the zero-width space stay: they shape words. */
static bool unwanted(uint32_t c) {
    static const uint32_t ranges[][2] = {
        {0, 0x1F},        {0x7F, 0x9F},     {0xAD, 0xAD},     {0x200E, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < countof(ranges); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return (c & 0xFFFE) == 0xFFFE;
}

void clean_text(struct buf *out, struct str s, bool lines) {
    unsigned marks = 0;
    while (s.n) {
        struct str before = s;
        int32_t c = utf8_next(&s);
        if (c < 0) { /* the broken byte alone, so that nothing after it is lost */
            s = str_sub(before, 1, before.n - 1);
            c = 0xFFFD;
        }
        if (c == '\r' && s.n && *s.p == '\n')
            continue;
        if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
            c = lines ? '\n' : ' ';
        else if (c == '\t')
            c = ' ';
        else if (unwanted((uint32_t)c))
            continue;
        marks = g_unichar_ismark((gunichar)c) ? marks + 1 : 0;
        if (marks > MARKS_MAX)
            continue;
        char t[4];
        buf_add(out, (struct str){t, utf8_put(t, (uint32_t)c)});
    }
}

/* ── lines ── */

static void add(PangoAttrList *list, PangoAttribute *a, size_t from, size_t to) {
    a->start_index = (guint)from;
    a->end_index = (guint)to;
    pango_attr_list_insert(list, a);
}

static void add_marks(struct flow *f, PangoAttrList *list, size_t n) {
    size_t from = f->base + f->at, to = from + n;
    while (f->mark < f->mark_count && f->marks[f->mark].to <= from)
        f->mark++;
    for (size_t i = f->mark; i < f->mark_count && f->marks[i].from < to; i++) {
        const struct mark *m = &f->marks[i];
        size_t a = m->from > from ? m->from - from : 0, b = (m->to < to ? m->to : to) - from;
        if (m->op == PAPER_INSERTED) {
            add(list, pango_attr_foreground_new(0, 0x6600, 0x2200), a, b);
            add(list, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), a, b);
        } else if (m->op == PAPER_DELETED) {
            add(list, pango_attr_foreground_new(0xB000, 0, 0), a, b);
            add(list, pango_attr_strikethrough_new(TRUE), a, b);
        }
    }
}

static bool has_long_word(struct str s) {
    size_t run = 0;
    for (size_t i = 0; i < s.n && run < LONG_WORD; i++)
        run = s.p[i] > ' ' && s.p[i] < 0x7F ? run + 1 : 0;
    return run == LONG_WORD;
}

static void dress(struct flow *f, struct str chunk) {
    const struct look *look = &looks[f->style];
    PangoFontDescription *font = pango_font_description_from_string(look->family);
    pango_font_description_set_absolute_size(font, look->size * PANGO_SCALE);
    pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(f->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(f->layout, (int)(f->width * PANGO_SCALE));
    pango_layout_set_wrap(f->layout, look->anywhere ? PANGO_WRAP_CHAR : PANGO_WRAP_WORD_CHAR);
    pango_layout_set_spacing(f->layout, (int)(look->spacing * PANGO_SCALE));
    pango_layout_set_auto_dir(f->layout, FALSE);
    pango_layout_set_justify(f->layout, look->justify && !has_long_word(chunk));
    PangoAttrList *list = pango_attr_list_new();
    pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
    add_marks(f, list, chunk.n);
    pango_layout_set_attributes(f->layout, list);
    pango_attr_list_unref(list);
}

/* Lays out the chunk at `at`. Of a chunk that is not the last, the last line is left to the next one: it may be short.
 */
static void load(struct flow *f, size_t at) {
    struct str chunk = str_sub(f->text, at, CHUNK);
    while (at + chunk.n < f->text.n && (f->text.p[at + chunk.n] & 0xC0) == 0x80)
        chunk.n--;
    flow_release(f);
    f->at = at;
    f->layout = pango_layout_new(f->p->context);
    dress(f, chunk);
    pango_layout_set_text(f->layout, chunk.n ? chunk.p : "", (int)chunk.n);
    f->iter = pango_layout_get_iter(f->layout);
    f->lines = pango_layout_get_line_count(f->layout);
    f->last = at + chunk.n == f->text.n;
    f->resume = at + chunk.n;
    if (!f->last && f->lines > 1) {
        const PangoLayoutLine *line = pango_layout_get_line_readonly(f->layout, f->lines - 1);
        if (line && line->start_index > 0) {
            f->resume = at + (size_t)line->start_index;
            f->lines--;
        }
    }
    f->left = f->lines;
}

void flow_begin(struct flow *f, struct paper *p, enum style style, double width, struct str clean) {
    *f = (struct flow){.p = p, .style = style, .width = width, .text = clean};
}

void flow_release(struct flow *f) {
    if (f->iter)
        pango_layout_iter_free(f->iter);
    if (f->layout)
        g_object_unref(f->layout);
    f->iter = NULL;
    f->layout = NULL;
}

bool flow_line(struct flow *f, double *ret_height) {
    int from, to;
    if (!f->layout)
        load(f, 0);
    if (f->left == 0)
        return false;
    pango_layout_iter_get_line_yrange(f->iter, &from, &to);
    *ret_height = (double)(to - from) / PANGO_SCALE;
    return true;
}

void flow_skip(struct flow *f) {
    f->left--;
    if (f->left > 0)
        pango_layout_iter_next_line(f->iter);
    else if (!f->last)
        load(f, f->resume);
}

void flow_draw(struct flow *f, double x, double y) {
    cairo_t *cr = f->p->cr;
    PangoRectangle r;
    int from, to;
    pango_layout_iter_get_line_yrange(f->iter, &from, &to);
    pango_layout_iter_get_line_extents(f->iter, NULL, &r);
    double base = (double)(pango_layout_iter_get_baseline(f->iter) - from) / PANGO_SCALE;
    bool wide =
        r.width > (f->width + 1) * PANGO_SCALE; /* one sign wider than the column must not cover its neighbour */
    if (wide) {
        cairo_save(cr);
        cairo_rectangle(cr, x, y, f->width, (double)(to - from) / PANGO_SCALE);
        cairo_clip(cr);
    }
    line_draw(f->p, pango_layout_iter_get_line_readonly(f->iter), x + (double)r.x / PANGO_SCALE, y + base,
              looks[f->style].grey);
    if (wide)
        cairo_restore(cr);
    flow_skip(f);
}

void flow_rewind(struct flow *f) {
    f->mark = 0;
    if (!f->layout || f->at > 0) {
        flow_release(f);
        return;
    }
    pango_layout_iter_free(f->iter);
    f->iter = pango_layout_get_iter(f->layout);
    f->left = f->lines;
}

void flow_down(struct flow *f, double x) {
    size_t done = 0;
    double h;
    while (!paper_stopped(f->p) && flow_line(f, &h)) {
        bool first = done == 0 && f->left > 1, near_end = done > 1 && f->last && f->left == 2;
        page_need(f->p, first || near_end ? 2 * h : h); /* no line of a paragraph stands alone */
        flow_draw(f, x, f->p->y);
        f->p->y += h;
        done++;
    }
}

/* ── cells ── */

static struct str without_tail(struct str s) {
    while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
        s.n--;
    return s;
}

void cell_begin(struct cell *c, struct paper *p, enum style style, double width, struct str text) {
    double h;
    *c = (struct cell){0};
    buf_init(&c->text, PAPER_MAX_BYTES);
    clean_text(&c->text, text, true);
    if (c->text.failed)
        paper_fail(p, ERR_TOO_LARGE, "文字过长，不能生成文件");
    flow_begin(&c->flow, p, style, width, c->text.failed ? STR_NONE : without_tail(buf_str(&c->text)));
    while (c->height <= BODY && flow_line(&c->flow, &h)) {
        c->height += h;
        flow_skip(&c->flow);
    }
    flow_rewind(&c->flow);
}

void cell_release(struct cell *c) {
    flow_release(&c->flow);
    buf_release(&c->text);
}

void cell_draw(struct cell *c, double x, double y) {
    double h;
    while (flow_line(&c->flow, &h)) {
        flow_draw(&c->flow, x, y);
        y += h;
    }
    flow_rewind(&c->flow);
}
