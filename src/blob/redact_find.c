/* redact_find.c: where phrases stand in a PDF, however their lines are broken.
 *
 * All characters of the document with their places, folded and without blanks, in reading order. A phrase is walked
 * character by character. After the end of a segment (characters beside each other) it may go on with the next in
 * reading order, at the head of a segment just below (a cell of a table), or at the head of the next page. Every way
 * that fits is covered: too much is seen in the preview, too little is not. A character whose place is not known makes
 * the whole page black. */
#include "blob/redact_internal.h"

#define GLYPHS (4 * 1000 * 1000)
#define WALK_STEPS 20000   /* from one character: bounds a hostile page, no real one comes near */
#define EDGE_SEGMENTS 4    /* at the end of a page and the head of the next: foot, head and number of the page */
#define HIGH_BOX 1.6       /* times the size: a box that reaches into the lines above and below */
#define PICTURE_SHARE 0.03 /* of the page's area: more than a seal or a logo may hold text */

/* ── reading ── */

static void *grown(void *v, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity)
        return v;
    *capacity = *capacity ? *capacity * 2 : 1024;
    return g_realloc_n(v, *capacity, size);
}

static bool beside(const struct glyph *a, const struct glyph *b) {
    float size = MAX(a->size, b->size);
    return b->y1 < a->y2 && b->y2 > a->y1 && b->x1 - a->x2 < size * 0.3F && b->x1 > a->x1 - size;
}

static void segment_add(struct finder *f, size_t at, bool fresh) {
    struct glyph *g = &f->glyphs[at];
    if (fresh) {
        f->segments = grown(f->segments, &f->segment_capacity, f->segment_count, sizeof *f->segments);
        f->segments[f->segment_count++] = (struct segment){at, at, g->page, g->x1, g->y1, g->x2, g->y2};
    }
    struct segment *s = &f->segments[f->segment_count - 1];
    s->last = at;
    s->x1 = MIN(s->x1, g->x1);
    s->y1 = MIN(s->y1, g->y1);
    s->x2 = MAX(s->x2, g->x2);
    s->y2 = MAX(s->y2, g->y2);
    g->segment = (int)(f->segment_count - 1);
}

static void glyph_add(struct finder *f, struct glyph g, bool new_line) {
    if (f->count == GLYPHS) {
        f->too_much = true;
        return;
    }
    f->glyphs = grown(f->glyphs, &f->capacity, f->count, sizeof *f->glyphs);
    f->glyphs[f->count] = g;
    const struct glyph *last = f->count ? &f->glyphs[f->count - 1] : NULL;
    bool fresh = !last || last->page != g.page || new_line || (g.placed && !beside(last, &g));
    segment_add(f, f->count++, fresh);
}

/* The layout of a page as poppler tells it: one place and one size a character. */
struct layout {
    char *text;
    PopplerRectangle *places;
    guint count;
    float *sizes;
    bool placed;
};

static void layout_read(struct layout *l, PopplerPage *page) {
    *l = (struct layout){.text = poppler_page_get_text(page)};
    if (!l->text || !poppler_page_get_text_layout(page, &l->places, &l->count))
        l->count = 0;
    l->placed = l->count && l->count == (guint)g_utf8_strlen(l->text, -1);
    l->sizes = g_new0(float, (gsize)l->count + 1);
    GList *list = poppler_page_get_text_attributes(page);
    for (GList *k = list; k; k = k->next) {
        const PopplerTextAttributes *t = k->data;
        for (gint i = MAX(t->start_index, 0); i <= t->end_index && (guint)i < l->count; i++)
            l->sizes[i] = (float)t->font_size;
    }
    poppler_page_free_text_attributes(list);
}

static void layout_free(struct layout *l) {
    g_free(l->places);
    g_free(l->sizes);
    g_free(l->text);
}

/* The size poppler tells can be twice the true one, which the width of the letter shows: Han characters are square,
 * others wider than half of their size, or nearly. */
static float true_size(float told, float width, float height, bool wide) {
    float size = told > 0 && told < height ? told : height, shown = wide ? width : width * 2.2F;
    return CLAMP(shown, size * 0.5F, size);
}

static void place(struct glyph *g, const PopplerRectangle *r, float size, int32_t c) {
    g->placed = true;
    g->x1 = (float)MIN(r->x1, r->x2);
    g->x2 = (float)MAX(r->x1, r->x2);
    g->y1 = (float)MIN(r->y1, r->y2);
    g->y2 = (float)MAX(r->y1, r->y2);
    g->size = true_size(size, g->x2 - g->x1, g->y2 - g->y1, g_unichar_iswide((gunichar)c));
}

/* True when the page has any character. */
static bool read_page(struct finder *f, PopplerPage *page, int number) {
    struct layout l;
    size_t before = f->count, i = 0;
    bool new_line = true;
    layout_read(&l, page);
    for (const char *p = l.text; p && *p; p = g_utf8_next_char(p), i++) {
        int32_t folded[FOLDED], c = (int32_t)g_utf8_get_char(p);
        size_t n = redact_fold(c, folded);
        struct glyph g = {.page = number};
        if (l.placed)
            place(&g, &l.places[i], l.sizes[i], c);
        for (size_t k = 0; k < n; k++) {
            g.c = folded[k];
            glyph_add(f, g, new_line);
            new_line = false;
        }
        new_line = new_line || c == '\n';
    }
    layout_free(&l);
    return f->count > before;
}

static bool has_pictures(PopplerPage *page) {
    double width, height, area = 0;
    poppler_page_get_size(page, &width, &height);
    GList *list = poppler_page_get_image_mapping(page);
    for (GList *l = list; l; l = l->next) {
        const PopplerRectangle *r = &((PopplerImageMapping *)l->data)->area;
        area += ABS((r->x2 - r->x1) * (r->y2 - r->y1));
    }
    poppler_page_free_image_mapping(list);
    return area > width * height * PICTURE_SHARE;
}

void finder_open(struct finder *f, const struct source *s) {
    *f = (struct finder){.pages = s->pages};
    f->unread = g_malloc0((gsize)s->pages);
    f->whole = g_malloc0((gsize)s->pages);
    for (int i = 0; i < s->pages && !f->too_much; i++) {
        PopplerPage *page = s->pdf ? poppler_document_get_page(s->pdf, i) : NULL;
        f->unread[i] = !page || !read_page(f, page, i) || has_pictures(page);
        if (page)
            g_object_unref(page);
    }
}

void finder_close(struct finder *f) {
    g_free(f->glyphs);
    g_free(f->segments);
    g_free(f->bars);
    g_free(f->unread);
    g_free(f->whole);
    *f = (struct finder){0};
}

/* ── walking a phrase ── */

struct walk {
    struct finder *f;
    int32_t phrase[LIMIT_REDACT_PHRASE * FOLDED];
    size_t path[LIMIT_REDACT_PHRASE * FOLDED];
    size_t length, steps;
    unsigned char *pages; /* that were covered by this phrase */
    unsigned char *whole;
    bool found;
};

/* Text that does not run from left to right: poppler's boxes then lie on either side of the line. */
static bool sideways(const struct finder *f, size_t at) {
    const struct glyph *g = &f->glyphs[at];
    for (size_t i = at ? at - 1 : at; i <= at && i + 1 < f->count; i++) {
        const struct glyph *a = &f->glyphs[i], *b = a + 1;
        if (a->page != g->page || b->page != g->page || !a->placed || !b->placed)
            continue;
        float dx = (b->x1 + b->x2 - a->x1 - a->x2) / 2, dy = (b->y1 + b->y2 - a->y1 - a->y2) / 2;
        bool near = ABS(dx) < g->size * 1.5F && ABS(dy) < g->size * 1.5F;
        if (near && (ABS(dy) > ABS(dx) || dx < -0.1F * g->size))
            return true;
    }
    return false;
}

static void bar_add(struct finder *f, size_t first, size_t last) {
    const struct glyph *g = &f->glyphs[first];
    struct bar b = {.page = g->page, .x1 = g->x1, .y1 = g->y1, .x2 = g->x2, .y2 = g->y2};
    double size = 0, wide = 0;
    for (size_t i = first; i <= last; i++) {
        g = &f->glyphs[i];
        b.x1 = MIN(b.x1, g->x1);
        b.y1 = MIN(b.y1, g->y1);
        b.x2 = MAX(b.x2, g->x2);
        b.y2 = MAX(b.y2, g->y2);
        size = MAX(size, g->size);
        if (sideways(f, i))
            wide = MAX(wide, 0.6 * MAX(g->y2 - g->y1, g->x2 - g->x1));
    }
    double margin = MAX(wide, MAX(0.12 * size, 0.5));
    if (wide == 0 && b.y2 - b.y1 > HIGH_BOX * size)
        b.size = size;
    b.x1 -= margin;
    b.y1 -= margin;
    b.x2 += margin;
    b.y2 += margin;
    f->bars = grown(f->bars, &f->bar_capacity, f->bar_count, sizeof *f->bars);
    f->bars[f->bar_count++] = b;
}

/* One bar for both, with the blank between them. */
static bool one_bar(const struct glyph *a, const struct glyph *b) {
    return a->placed && b->placed && a->page == b->page && b->y1 < a->y2 && b->y2 > a->y1 &&
           ABS(b->y1 - a->y1) < a->size * 0.5F && b->x1 - a->x2 < a->size * 1.2F && b->x1 > a->x1 - a->size;
}

/* The phrase is complete: one bar for each stretch of a line. */
static void cover(struct walk *w) {
    struct finder *f = w->f;
    w->found = true;
    for (size_t i = 0; i < w->length;) {
        size_t j = i;
        const struct glyph *g = &f->glyphs[w->path[i]];
        while (j + 1 < w->length && w->path[j + 1] == w->path[j] + 1 &&
               one_bar(&f->glyphs[w->path[j]], &f->glyphs[w->path[j + 1]]))
            j++;
        w->pages[g->page] = 1;
        if (g->placed)
            bar_add(f, w->path[i], w->path[j]);
        else
            f->whole[g->page] = w->whole[g->page] = 1;
        i = j + 1;
    }
}

static void step(struct walk *w, size_t at, size_t k);

/* Segments just below that begin left of this one's end: the next line of its column, or of any to the left. */
static void go_below(struct walk *w, const struct segment *a, size_t k) {
    const struct finder *f = w->f;
    float size = f->glyphs[a->last].size, middle = (a->y1 + a->y2) / 2;
    for (size_t i = 0; i < f->segment_count; i++) {
        const struct segment *b = &f->segments[i];
        float below = (b->y1 + b->y2) / 2;
        if (b->page == a->page && below - middle > size * 0.4F && below - middle < size * 3 && b->x1 < a->x2)
            step(w, b->first, k);
    }
}

static void go_to_next_page(struct walk *w, size_t segment, size_t k) {
    const struct finder *f = w->f;
    int page = f->segments[segment].page;
    size_t i = segment, left = 0;
    while (i + 1 < f->segment_count && f->segments[i + 1].page == page && left <= EDGE_SEGMENTS)
        i++, left++;
    if (left >= EDGE_SEGMENTS)
        return;
    for (size_t n = 0; n < EDGE_SEGMENTS && ++i < f->segment_count && f->segments[i].page == page + 1; n++)
        step(w, f->segments[i].first, k);
}

/* Character k of the phrase stands at `at`? Then on from there. */
static void step(struct walk *w, size_t at, size_t k) {
    const struct finder *f = w->f;
    if (at >= f->count || w->steps >= WALK_STEPS || f->glyphs[at].c != w->phrase[k])
        return;
    w->steps++;
    w->path[k] = at;
    if (k + 1 == w->length) {
        cover(w);
        return;
    }
    size_t segment = (size_t)f->glyphs[at].segment, last = f->segments[segment].last;
    step(w, at + 1, k + 1);
    if (at + 1 == last && f->glyphs[last].c == '-' &&
        w->phrase[k + 1] != '-') { /* a word divided at the end of a line */
        step(w, last + 1, k + 1);
        at = last;
    }
    if (at == last && f->glyphs[at].placed)
        go_below(w, &f->segments[segment], k + 1);
    if (at == last)
        go_to_next_page(w, segment, k + 1);
}

/* ── the report ── */

static json_t *page_list(const unsigned char *flags, int from, int to) {
    json_t *list = json_array();
    for (int i = from; i < to; i++)
        if (flags[i])
            json_array_append_new(list, json_integer(i + 1));
    return list;
}

static bool prepare(struct walk *w, struct str phrase) {
    for (struct str rest = phrase; rest.n;) {
        int32_t c = utf8_next(&rest);
        if (c < 0 || w->length + FOLDED > countof(w->phrase))
            return false;
        w->length += redact_fold(c, w->phrase + w->length);
    }
    return w->length > 0;
}

json_t *finder_cover(struct finder *f, struct str phrase, int page) {
    struct walk *w = g_new0(struct walk, 1);
    int64_t count = 0;
    w->f = f;
    w->pages = g_malloc0((gsize)f->pages);
    w->whole = g_malloc0((gsize)f->pages);
    size_t end = prepare(w, phrase) ? f->count : 0;
    for (size_t i = 0; i < end; i++) {
        if (page && f->glyphs[i].page != page - 1)
            continue;
        w->found = false;
        w->steps = 0;
        step(w, i, 0);
        count += w->found;
    }
    int from = page ? page - 1 : 0, to = page ? page : f->pages;
    json_t *row = json_pack("{s:s%, s:I, s:o, s:o, s:o}", "phrase", phrase.p, phrase.n, "count", (json_int_t)count,
                            "pages", page_list(w->pages, 0, f->pages), "whole_pages", page_list(w->whole, 0, f->pages),
                            "unread", page_list(f->unread, from, to));
    g_free(w->pages);
    g_free(w->whole);
    g_free(w);
    return row;
}
