/* paper_qr.c: QR codes, on paper and as SVG. */
#include "paper/paper_internal.h"
#include <errno.h>

#define QUIET 4 /* modules of nothing around the code: ISO/IEC 18004 */

QRcode *qr_encode(struct work *w, struct str text) {
    if (text.n == 0 || !utf8_valid(text)) {
        (void)fail(w, ERR_INVALID, "二维码的内容为空或不是有效的文字");
        return NULL;
    }
    if (text.n > 6000) { /* the largest code of level M holds 2331 bytes, or 5596 digits */
        (void)fail(w, ERR_TOO_LARGE, "二维码的内容过长");
        return NULL;
    }
    QRcode *code = QRcode_encodeString(str_dupz(w->arena, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        (void)fail(w, errno == ERANGE ? ERR_TOO_LARGE : ERR_INTERNAL, "%s", errno == ERANGE ? "二维码的内容过长" : "");
    return code;
}

/* The run of dark modules in row y at or after *x: its length, 0 when there is none; *x becomes its beginning. */
static int dark_run(const QRcode *code, int y, int *x) {
    const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
    int n = 0;
    while (*x < code->width && !(row[*x] & 1))
        (*x)++;
    while (*x + n < code->width && (row[*x + n] & 1))
        n++;
    return n;
}

int paper_qr_svg(struct work *w, struct str text, struct str *ret_svg) {
    QRcode *code = qr_encode(w, text);
    struct buf b;
    if (!code)
        return -1;
    int whole = code->width + 2 * QUIET, n;
    buf_init(&b, 1 << 20);
    buf_printf(
        &b,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
        "shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
        4 * whole, 4 * whole, whole, whole, whole, whole);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; (n = dark_run(code, y, &x)) > 0; x += n)
            buf_printf(&b, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, n, n);
    buf_addz(&b, "\"/></svg>\n");
    QRcode_free(code);
    int rc = b.failed ? fail(w, ERR_INTERNAL, "%s", "") : 0;
    if (rc == 0)
        *ret_svg = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return rc;
}

void qr_draw(cairo_t *cr, const QRcode *code, double x0, double y0, double size) {
    double unit = size / (code->width + 2 * QUIET);
    int n;
    for (int y = 0; y < code->width; y++)
        for (int x = 0; (n = dark_run(code, y, &x)) > 0; x += n)
            cairo_rectangle(cr, x0 + (x + QUIET) * unit, y0 + (y + QUIET) * unit, n * unit, unit);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
}

void paper_qr(struct paper *p, struct str text, double size_mm, struct str caption) {
    struct cell c;
    if (paper_stopped(p))
        return;
    QRcode *code = qr_encode(p->w, text);
    if (!code) {
        p->failed = true;
        return;
    }
    double size = POINTS(size_mm > 15 ? size_mm < 160 ? size_mm : 160 : 15), side = WIDTH - size - 6;
    bool beside = false;
    if (side >= POINTS(40)) {
        cell_begin(&c, p, STYLE_NOTE, side, caption);
        beside = c.height <= size;
        if (!beside)
            cell_release(&c);
    }
    page_need(p, beside ? size : size + 30);
    qr_draw(p->cr, code, LEFT, p->y, size);
    QRcode_free(code);
    if (beside) {
        cell_draw(&c, LEFT + size + 6, p->y + (size - c.height) / 2);
        cell_release(&c);
    }
    p->y += size;
    p->gap = 4;
    if (!beside)
        paper_note(p, caption);
}
