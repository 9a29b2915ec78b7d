/* paper_glyph.c: a laid out line drawn into the PDF.
 *
 * Cairo 1.16 drops subroutines when it makes a subset of a CFF font: with Noto Sans CJK the sign 如 comes out empty,
 * with Noto Serif CJK an assertion of Cairo's ends the process. So no font is given to the PDF as it is. Each face is
 * wrapped in a user font whose glyphs are the outlines, which Cairo writes without looking into the font's programs.
 * The text behind the glyphs goes along and can be searched and copied. */
#include "paper/paper_internal.h"
#include <pango/pangocairo.h>

#define EM 1000 /* outlines are taken at this size and scaled down: FreeType rounds to 1/64 */

struct face {
    struct face *next;
    cairo_font_face_t *from, *user;
    cairo_scaled_font_t *large; /* `from` at EM */
    cairo_t *pen;               /* paths of `large` are made here */
};

static const cairo_user_data_key_t face_key;

static cairo_status_t render(cairo_scaled_font_t *font, unsigned long glyph, cairo_t *cr, cairo_text_extents_t *e) {
    struct face *f = cairo_font_face_get_user_data(cairo_scaled_font_get_font_face(font), &face_key);
    cairo_glyph_t g = {glyph, 0, 0};
    cairo_text_extents_t large;
    cairo_scaled_font_glyph_extents(f->large, &g, 1, &large);
    e->x_advance = large.x_advance / EM;
    cairo_new_path(f->pen);
    cairo_glyph_path(f->pen, &g, 1);
    cairo_path_t *path = cairo_copy_path(f->pen);
    cairo_scale(cr, 1.0 / EM, 1.0 / EM);
    cairo_append_path(cr, path);
    cairo_fill(cr);
    cairo_path_destroy(path);
    return cairo_status(f->pen) ? CAIRO_STATUS_USER_FONT_ERROR : CAIRO_STATUS_SUCCESS;
}

static struct face *face_of(struct paper *p, cairo_font_face_t *from) {
    for (struct face *f = p->faces; f; f = f->next)
        if (f->from == from)
            return f;
    struct face *f = arena_one(p->w->arena, struct face);
    cairo_matrix_t em, unit;
    cairo_font_options_t *plain = cairo_font_options_create();
    cairo_surface_t *dot = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_font_options_set_hint_style(plain, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(plain, CAIRO_HINT_METRICS_OFF);
    cairo_matrix_init_scale(&em, EM, EM);
    cairo_matrix_init_identity(&unit);
    f->from = cairo_font_face_reference(from);
    f->large = cairo_scaled_font_create(from, &em, &unit, plain);
    f->pen = cairo_create(dot);
    cairo_set_scaled_font(f->pen, f->large);
    f->user = cairo_user_font_face_create();
    cairo_user_font_face_set_render_glyph_func(f->user, render);
    (void)cairo_font_face_set_user_data(f->user, &face_key, f, NULL);
    cairo_surface_destroy(dot);
    cairo_font_options_destroy(plain);
    f->next = p->faces;
    return p->faces = f;
}

void faces_release(struct paper *p) {
    for (struct face *f = p->faces; f; f = f->next) {
        cairo_font_face_destroy(f->user);
        cairo_destroy(f->pen);
        cairo_scaled_font_destroy(f->large);
        cairo_font_face_destroy(f->from);
    }
    p->faces = NULL;
}

static bool set_font(struct paper *p, PangoFont *font) {
    cairo_scaled_font_t *scaled =
        PANGO_IS_CAIRO_FONT(font) ? pango_cairo_font_get_scaled_font((PangoCairoFont *)font) : NULL;
    cairo_matrix_t m;
    if (!scaled || cairo_scaled_font_status(scaled))
        return false;
    cairo_scaled_font_get_font_matrix(scaled, &m);
    cairo_set_font_face(p->cr, face_of(p, cairo_scaled_font_get_font_face(scaled))->user);
    cairo_set_font_matrix(p->cr, &m);
    return true;
}

/* No font has the sign: an empty box as wide as Pango made room for. */
static void box(struct paper *p, const PangoGlyphInfo *g, double x, double y) {
    double w = (double)g->geometry.width / PANGO_SCALE;
    cairo_set_line_width(p->cr, 0.4);
    cairo_rectangle(p->cr, x + 0.1 * w, y - 0.8 * w, 0.8 * w, 0.8 * w);
    cairo_stroke(p->cr);
}

/* The glyphs of one run from x on; the clusters say which bytes they stand for. */
static void show(struct paper *p, PangoGlyphItem *run, const char *text, double x, double y) {
    const PangoGlyphString *s = run->glyphs;
    size_t count = (size_t)s->num_glyphs, n = 0, parts = 0;
    cairo_glyph_t *glyphs = g_new(cairo_glyph_t, count + 1);
    int *kept = g_new0(int, count + 1);
    cairo_text_cluster_t *clusters = g_new(cairo_text_cluster_t, (size_t)run->item->num_chars + 1);
    for (size_t i = 0; i < count; i++) {
        const PangoGlyphInfo *g = &s->glyphs[i];
        double gx = x + (double)g->geometry.x_offset / PANGO_SCALE, gy = y + (double)g->geometry.y_offset / PANGO_SCALE;
        if (g->glyph & PANGO_GLYPH_UNKNOWN_FLAG) {
            box(p, g, gx, gy);
        } else if (g->glyph != PANGO_GLYPH_EMPTY) {
            glyphs[n++] = (cairo_glyph_t){g->glyph, gx, gy};
            kept[i] = 1;
        }
        x += (double)g->geometry.width / PANGO_SCALE;
    }
    PangoGlyphItemIter it;
    for (gboolean ok = pango_glyph_item_iter_init_start(&it, run, text); ok;
         ok = pango_glyph_item_iter_next_cluster(&it)) {
        int step = it.end_glyph > it.start_glyph ? 1 : -1, mine = 0;
        for (int i = it.start_glyph; i != it.end_glyph; i += step)
            mine += kept[i];
        clusters[parts++] = (cairo_text_cluster_t){it.end_index - it.start_index, mine};
    }
    if (n)
        cairo_show_text_glyphs(p->cr, text + run->item->offset, run->item->length, glyphs, (int)n, clusters, (int)parts,
                               run->item->analysis.level & 1 ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD : 0);
    g_free(clusters);
    g_free(kept);
    g_free(glyphs);
}

/* A line under or through a run, as the font would have it. */
static void stroke(struct paper *p, PangoFont *font, bool under, double x, double y, double width) {
    PangoFontMetrics *m = pango_font_get_metrics(font, NULL);
    int at = under ? pango_font_metrics_get_underline_position(m) : pango_font_metrics_get_strikethrough_position(m);
    int thick =
        under ? pango_font_metrics_get_underline_thickness(m) : pango_font_metrics_get_strikethrough_thickness(m);
    cairo_rectangle(p->cr, x, y - (double)at / PANGO_SCALE, width, (double)thick / PANGO_SCALE);
    cairo_fill(p->cr);
    pango_font_metrics_unref(m);
}

/* In the colour that is set. */
static void strokes(struct paper *p, const PangoItem *item, double x, double y, double width) {
    for (const GSList *l = item->analysis.extra_attrs; l; l = l->next) {
        const PangoAttribute *a = l->data;
        if (a->klass->type == PANGO_ATTR_UNDERLINE || a->klass->type == PANGO_ATTR_STRIKETHROUGH)
            stroke(p, item->analysis.font, a->klass->type == PANGO_ATTR_UNDERLINE, x, y, width);
    }
}

static void colour(struct paper *p, const PangoItem *item, double level) {
    grey(p, level);
    for (const GSList *l = item->analysis.extra_attrs; l; l = l->next) {
        const PangoAttribute *a = l->data;
        const PangoAttrColor *c = l->data;
        if (a->klass->type == PANGO_ATTR_FOREGROUND)
            cairo_set_source_rgb(p->cr, c->color.red / 65535.0, c->color.green / 65535.0, c->color.blue / 65535.0);
    }
}

void line_draw(struct paper *p, PangoLayoutLine *line, double x, double y, double level) {
    const char *text = pango_layout_get_text(line->layout);
    for (const GSList *l = line->runs; l; l = l->next) {
        PangoGlyphItem *run = l->data;
        double width = (double)pango_glyph_string_get_width(run->glyphs) / PANGO_SCALE;
        colour(p, run->item, level);
        if (run->item->analysis.font && set_font(p, run->item->analysis.font)) {
            show(p, run, text, x, y);
            strokes(p, run->item, x, y, width);
        }
        x += width;
    }
}
