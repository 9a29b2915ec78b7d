/* redact_internal.h: what the parts of the redaction helper share: the source, the places of phrases, the result. */
#ifndef MINGTANG_REDACT_INTERNAL_H
#define MINGTANG_REDACT_INTERNAL_H

#include "blob/blob_internal.h"

#include <cairo.h>
#include <poppler.h>

#define REDACT_DPI 200.0
#define REDACT_SIDE 5000               /* pixels; larger pages are drawn smaller */
#define REDACT_AREA (16 * 1000 * 1000) /* pixels of one page: 64 MB while it is drawn */

/* ── redact.c ── */
void redact_set_seconds(int seconds); /* lowers the helper's time of CPU; for tests */

/* ── redact_source.c: a PDF or a picture, page by page ── */
struct source {
    PopplerDocument *pdf;
    cairo_surface_t *picture; /* when it is no PDF */
    int pages;
};
/* NULL, or the problem in Chinese. */
const char *source_open(struct source *s, const char *path);
void source_close(struct source *s);
struct drawn {
    cairo_surface_t *surface; /* RGB24, white below; the caller destroys it */
    double width, height;     /* of the page, in points */
    double scale;             /* pixels of a point */
};
/* Page i (from 0) without any annotation, `scale` pixels a point, less when that would be too large. NULL or the
 * problem. */
const char *source_draw(const struct source *s, int i, double scale, struct drawn *ret);
/* The page's size in points. NULL or the problem. */
const char *source_size(const struct source *s, int i, double *ret_width, double *ret_height);

/* ── redact_find.c: where phrases stand ── */
struct bar {
    int page;              /* from 0 */
    double x1, y1, x2, y2; /* points from the top left; a little larger than the letters */
    double size;           /* of the type, when the box is much higher than it; 0 */
};
struct glyph {
    int32_t c; /* folded */
    int page, segment;
    float x1, y1, x2, y2;
    float size;  /* of the font; the box may be much higher */
    bool placed; /* its place is known */
};
struct segment { /* characters that stand beside each other */
    size_t first, last;
    int page;
    float x1, y1, x2, y2;
};
struct finder {
    struct glyph *glyphs;
    size_t count, capacity;
    struct segment *segments;
    size_t segment_count, segment_capacity;
    struct bar *bars;
    size_t bar_count, bar_capacity;
    unsigned char *unread, *whole; /* of each page: needs a person's eyes; is covered entirely */
    int pages;
    bool too_much; /* more text than any document of that size has */
};
void finder_open(struct finder *f, const struct source *s);
void finder_close(struct finder *f);
/* Covers every occurrence that begins on that page (from 1; 0: any). Its row of the report; new reference. */
json_t *finder_cover(struct finder *f, struct str phrase, int page);

/* ── redact_fold.c: characters that look alike are one ── */
#define FOLDED 20 /* characters that one may become */
/* 0 for blanks and what nobody sees. */
size_t redact_fold(int32_t c, int32_t out[FOLDED]);

/* ── redact_write.c: a PDF of pictures ── */
struct picture_pdf {
    struct buf out;
    size_t offsets[3 + 3 * LIMIT_REDACT_PAGES]; /* of the objects */
    int pages;
};
void picture_pdf_begin(struct picture_pdf *p);
bool picture_pdf_page(struct picture_pdf *p, const struct drawn *d); /* false: out of memory or too large */
bool picture_pdf_end(struct picture_pdf *p);
#endif
