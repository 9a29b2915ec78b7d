/* paper_table.c: texts side by side: tables, and pairs of term and value. */
#include "paper/paper_internal.h"

struct row {
    struct cell cell[PAPER_MAX_COLUMNS];
    size_t n;
    double x[PAPER_MAX_COLUMNS + 1]; /* left edges, and the right end */
    double pad_x, pad_y;
    double height; /* with padding; more than a page when the row cannot stay whole */
    bool framed, shaded;
};

/* The row's edges are set before. */
static void row_begin(struct row *r, struct paper *p, const enum style *styles, const struct str *texts) {
    double most = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct cell *c = &r->cell[i];
        double width = r->x[i + 1] - r->x[i] - 2 * r->pad_x;
        cell_begin(c, p, styles[i], width > 6 ? width : 6, texts[i]);
        c->x = r->x[i] + r->pad_x;
        most = c->height > most ? c->height : most;
    }
    r->height = most + 2 * r->pad_y;
}

static void row_release(struct row *r) {
    for (size_t i = 0; i < r->n; i++)
        cell_release(&r->cell[i]);
}

static void frame(const struct row *r, struct paper *p, double top, double bottom) {
    grey(p, 0.6);
    cairo_set_line_width(p->cr, 0.5);
    cairo_rectangle(p->cr, r->x[0], top, r->x[r->n] - r->x[0], bottom - top);
    for (size_t i = 1; i < r->n; i++) {
        cairo_move_to(p->cr, r->x[i], top);
        cairo_line_to(p->cr, r->x[i], bottom);
    }
    cairo_stroke(p->cr);
}

/* Draws as many lines as fit above the foot of the page, at the head of a page at least one of each cell. True: there
 * are more. */
static bool row_part(struct row *r, struct paper *p) {
    double top = p->y, bottom = top, h;
    bool more = false, head = !page_begun(p);
    if (r->shaded) {
        grey(p, 0.93);
        cairo_rectangle(p->cr, r->x[0], top, r->x[r->n] - r->x[0], r->height);
        cairo_fill(p->cr);
    }
    for (size_t i = 0; i < r->n; i++) {
        struct cell *c = &r->cell[i];
        double y = top + r->pad_y;
        bool forced = head;
        while (flow_line(&c->flow, &h) && (forced || y + h + r->pad_y <= BOTTOM + 0.01)) {
            flow_draw(&c->flow, c->x, y);
            y += h;
            forced = false;
        }
        more = flow_line(&c->flow, &h) || more;
        bottom = y + r->pad_y > bottom ? y + r->pad_y : bottom;
    }
    if (r->framed)
        frame(r, p, top, bottom);
    p->y = bottom;
    return more;
}

static void header_draw(struct row *header, struct paper *p) {
    if (!header)
        return;
    (void)row_part(header, p);
    for (size_t i = 0; i < header->n; i++)
        flow_rewind(&header->cell[i].flow);
}

/* The least height with which a row may begin on a page. */
static double row_least(const struct row *r, double page) {
    double few = 40 + 2 * r->pad_y; /* two lines */
    return r->height <= page ? r->height : few < page ? few : page;
}

static void row_place(struct row *r, struct paper *p, struct row *header) {
    double page = BODY - (header ? header->height : 0);
    if (page_begun(p) && p->y + row_least(r, page) > BOTTOM + 0.01) {
        page_turn(p);
        header_draw(header, p);
    }
    while (!paper_stopped(p) && row_part(r, p)) {
        page_turn(p);
        header_draw(header, p);
    }
}

void paper_facts(struct paper *p, struct str term, struct str value) {
    static const enum style styles[] = {STYLE_TERM, STYLE_TEXT};
    if (paper_stopped(p))
        return;
    struct row r = {.n = 2, .x = {LEFT, LEFT + POINTS(38), LEFT + WIDTH}, .pad_y = 1};
    struct str texts[] = {term, value};
    row_begin(&r, p, styles, texts);
    page_need(p, row_least(&r, BODY));
    row_place(&r, p, NULL);
    row_release(&r);
    p->gap = 1.5;
}

/* Edges by parts of the whole; a part under a fiftieth of it is taken as that much. */
static void edges(double x[], size_t columns, const int *widths) {
    double part[PAPER_MAX_COLUMNS], sum = 0, total = 0;
    for (size_t i = 0; i < columns; i++)
        sum += widths && widths[i] > 0 ? widths[i] : 1;
    for (size_t i = 0; i < columns; i++) {
        part[i] = (widths && widths[i] > 0 ? widths[i] : 1) / sum;
        part[i] = part[i] > 0.02 ? part[i] : 0.02;
        total += part[i];
    }
    x[0] = LEFT;
    for (size_t i = 0; i < columns; i++)
        x[i + 1] = x[i] + part[i] / total * WIDTH;
}

void paper_table(struct paper *p, size_t columns, const int *widths, const struct str *cells, size_t rows,
                 bool header) {
    enum style styles[PAPER_MAX_COLUMNS];
    struct row head = {.pad_x = 3, .pad_y = 2.5, .framed = true, .shaded = true};
    struct row *above = NULL;
    if (rows == 0 || paper_stopped(p))
        return;
    if (columns == 0 || columns > PAPER_MAX_COLUMNS) {
        paper_fail(p, ERR_INTERNAL, "");
        return;
    }
    head.n = columns;
    edges(head.x, columns, widths);
    struct row plain = head;
    plain.shaded = false;
    if (header) {
        for (size_t i = 0; i < columns; i++)
            styles[i] = STYLE_HEADER;
        row_begin(&head, p, styles, cells);
        if (head.height <= BODY / 3) /* a taller one would leave no room: it stands once, as a row */
            above = &head;
        else
            row_release(&head);
    }
    for (size_t i = 0; i < columns; i++)
        styles[i] = STYLE_CELL;
    for (size_t i = above ? 1 : 0; i < rows && !paper_stopped(p); i++) {
        struct row r = plain;
        row_begin(&r, p, styles, cells + i * columns);
        if (i == (above ? 1u : 0u)) { /* the header and the first row stand together, below what waits */
            double over = above ? above->height : 0;
            page_need(p, over + row_least(&r, BODY - over));
            header_draw(above, p);
        }
        row_place(&r, p, above);
        row_release(&r);
    }
    if (above && rows == 1) {
        page_need(p, above->height);
        header_draw(above, p);
    }
    if (above)
        row_release(above);
    p->gap = 8;
}
