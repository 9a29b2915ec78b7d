/* paper_internal.h: shared by the files of this room. Inside, lengths are points (1/72 inch) from the upper left. */
#ifndef MINGTANG_PAPER_INTERNAL_H
#define MINGTANG_PAPER_INTERNAL_H
#include "paper/paper.h"
#include <cairo.h>
#include <pango/pango.h>
#include <qrencode.h>

#define POINTS(mm) ((mm)*72.0 / 25.4)
#define PAGE_WIDTH POINTS(210)
#define PAGE_HEIGHT POINTS(297)
#define LEFT POINTS(20)
#define TOP POINTS(25)
#define WIDTH (PAGE_WIDTH - 2 * LEFT)
#define BOTTOM (PAGE_HEIGHT - TOP)
#define BODY (BOTTOM - TOP)

enum style {
    STYLE_TEXT,
    STYLE_NOTE,
    STYLE_MONO,
    STYLE_HEADING_1,
    STYLE_HEADING_2,
    STYLE_HEADING_3,
    STYLE_TERM,
    STYLE_CELL,
    STYLE_HEADER,
    STYLE_FOOTER
};

/* Bytes from..to of a flow's text that were inserted or deleted. */
struct mark {
    size_t from, to;
    enum paper_op op;
};

/* One text running down a column, line by line. It is laid out in chunks, so that time and memory grow with the length
 * and not with its square. */
struct flow {
    struct paper *p;
    enum style style;
    double width;
    struct str text; /* clean; the caller's */
    const struct mark *marks;
    size_t mark_count;
    size_t base; /* offset of `text` in what the marks count */

    PangoLayout *layout; /* of the present chunk */
    PangoLayoutIter *iter;
    size_t at, resume; /* where the chunk begins, where the next one does */
    size_t mark;       /* the first mark not wholly before the chunk */
    int lines, left;   /* of the chunk; left counts the present line */
    bool last;         /* the chunk reaches the end */
};

/* A text of its own with its flow. */
struct cell {
    struct buf text;
    struct flow flow;
    double x, height; /* height: of all lines, counted to a little more than a page */
};

struct face;
struct heading {
    struct cell cell;
    double before; /* the gap above, except at the head of a page */
};

struct paper {
    struct work *w;
    struct buf out;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    struct str footer; /* clean, in the arena */
    double y, gap;     /* where the next piece begins, once `gap` is left */
    int page;          /* from 1 */
    bool failed;
    struct face *faces;        /* of the glyphs drawn */
    struct heading heading[4]; /* waiting for what follows them */
    size_t headings;
};

/* paper.c */
bool paper_stopped(struct paper *p);
void paper_fail(struct paper *p, enum error_code code, const char *text);
int paper_finish(struct paper *p, struct str *ret_pdf); /* paper_end() without what is left of a page */
bool page_begun(const struct paper *p);                 /* something stands on the page */
void page_turn(struct paper *p);
void page_need(struct paper *p, double height); /* draws waiting headings; turns the page unless so much fits below */
void grey(struct paper *p, double level);       /* 0 black, 1 white */

/* paper_flow.c */
void clean_text(struct buf *out, struct str s, bool lines); /* lines: line feeds stay, else they become blanks */
void flow_begin(struct flow *f, struct paper *p, enum style style, double width, struct str clean);
void flow_release(struct flow *f);
bool flow_line(struct flow *f, double *ret_height); /* the present line; false past the end */
void flow_draw(struct flow *f, double x, double y); /* draws the present line and goes on */
void flow_skip(struct flow *f);                     /* goes on */
void flow_rewind(struct flow *f);
void flow_down(struct flow *f, double x); /* all of it, over pages */
void cell_begin(struct cell *c, struct paper *p, enum style style, double width, struct str text);
void cell_release(struct cell *c);
void cell_draw(struct cell *c, double x, double y); /* all of it, on this page */

/* paper_glyph.c */
void line_draw(struct paper *p, PangoLayoutLine *line, double x, double y, double level); /* y: the baseline */
void faces_release(struct paper *p); /* after the surface: it still asks for outlines at its end */

/* paper_qr.c */
QRcode *qr_encode(struct work *w, struct str text); /* NULL: w->error; freed by QRcode_free() */
void qr_draw(cairo_t *cr, const QRcode *code, double x0, double y0, double size); /* with its quiet zone */

#endif
