/* redact_write.c: a PDF whose pages are pictures, and nothing else: no properties, no text, no names, no identifier.
 *
 * A page is grey when it has no colour, and kept as 16 shades, deflated: text takes little room that way. When that is
 * large (a scan, a photograph), it is also made a JPEG, and the smaller one is taken. */
#include "blob/redact_internal.h"

#include <jpeglib.h>
#include <zlib.h>

#define PAGE_SIDE 14400.0           /* points: the largest page readers open */
#define COLOURLESS 24               /* difference of red, green and blue that scanning makes */
#define SMALL_ENOUGH (120 * 1024UL) /* no JPEG is tried */
#define JPEG_QUALITY 80

struct pixels {
    const unsigned char *p; /* rows of blue, green, red, nothing */
    int width, height, stride;
    int colours; /* 1 or 3 */
};
struct encoded {
    unsigned char *p; /* malloc'ed */
    unsigned long n;
    const char *filter;
    int bits;
};

static bool colourless(const struct pixels *x) {
    for (int y = 0; y < x->height; y++) {
        const unsigned char *p = x->p + (size_t)y * (size_t)x->stride;
        for (int i = 0; i < x->width; i++, p += 4) {
            int most = MAX(p[0], MAX(p[1], p[2])), least = MIN(p[0], MIN(p[1], p[2]));
            if (most - least > COLOURLESS)
                return false;
        }
    }
    return true;
}

/* One row with a byte for each colour of a pixel. */
static void samples(const struct pixels *x, int y, unsigned char *to) {
    const unsigned char *p = x->p + (size_t)y * (size_t)x->stride;
    for (int i = 0; i < x->width; i++, p += 4) {
        if (x->colours == 1) {
            *to++ = (unsigned char)((p[0] * 29 + p[1] * 150 + p[2] * 77) >> 8);
        } else {
            *to++ = p[2];
            *to++ = p[1];
            *to++ = p[0];
        }
    }
}

static bool deflate_page(const struct pixels *x, struct encoded *ret) {
    size_t values = (size_t)x->width * (size_t)x->colours, line = (values + 1) / 2;
    unsigned char *row = malloc(values + 1), *packed = malloc(line * (size_t)x->height);
    uLongf n = compressBound(line * (size_t)x->height);
    *ret = (struct encoded){.p = malloc(n), .filter = "FlateDecode", .bits = 4};
    bool ok = row && packed && ret->p;
    for (int y = 0; ok && y < x->height; y++) {
        unsigned char *to = packed + line * (size_t)y;
        samples(x, y, row);
        row[values] = 0;
        for (size_t i = 0; i < values; i += 2)
            *to++ = (unsigned char)((row[i] + 8) / 17 << 4 | (row[i + 1] + 8) / 17);
    }
    ok = ok && compress2(ret->p, &n, packed, line * (size_t)x->height, 6) == Z_OK;
    ret->n = n;
    free(row);
    free(packed);
    return ok;
}

/* libjpeg ends the process when it fails: memory, in the helper. */
static bool jpeg_page(const struct pixels *x, struct encoded *ret) {
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *row = malloc((size_t)x->width * (size_t)x->colours);
    if (!row)
        return false;
    *ret = (struct encoded){.filter = "DCTDecode", .bits = 8};
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &ret->p, &ret->n);
    c.image_width = (JDIMENSION)x->width;
    c.image_height = (JDIMENSION)x->height;
    c.input_components = x->colours;
    c.in_color_space = x->colours == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, JPEG_QUALITY, TRUE);
    jpeg_start_compress(&c, TRUE);
    for (int y = 0; y < x->height; y++) {
        samples(x, y, row);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    free(row);
    return true;
}

static bool encode(const struct pixels *x, struct encoded *ret) {
    struct encoded jpeg;
    if (!deflate_page(x, ret))
        return false;
    if (ret->n <= SMALL_ENOUGH || !jpeg_page(x, &jpeg))
        return true;
    bool smaller = jpeg.n < ret->n;
    free(smaller ? ret->p : jpeg.p);
    if (smaller)
        *ret = jpeg;
    return true;
}

/* ── the file: 1 catalog, 2 pages, then a page, its content and its picture each ── */

static void object(struct picture_pdf *p, int number) {
    p->offsets[number] = p->out.n;
    buf_printf(&p->out, "%d 0 obj\n", number);
}

void picture_pdf_begin(struct picture_pdf *p) {
    p->pages = 0;
    buf_init(&p->out, LIMIT_REDACT_RESULT);
    buf_addz(&p->out, "%PDF-1.5\n%\xe6\x98\x8e\n");
    object(p, 1);
    buf_addz(&p->out, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
}

bool picture_pdf_page(struct picture_pdf *p, const struct drawn *d) {
    struct encoded e = {0};
    cairo_surface_flush(d->surface);
    struct pixels x = {cairo_image_surface_get_data(d->surface), cairo_image_surface_get_width(d->surface),
                       cairo_image_surface_get_height(d->surface), cairo_image_surface_get_stride(d->surface), 3};
    if (colourless(&x))
        x.colours = 1;
    if (p->pages == LIMIT_REDACT_PAGES || !encode(&x, &e)) {
        free(e.p);
        return false;
    }
    int first = 3 + 3 * p->pages++;
    double shrink = MIN(1.0, PAGE_SIDE / MAX(d->width, d->height));
    char content[120];
    int n = snprintf(content, sizeof content, "%.3f 0 0 %.3f 0 0 cm /P Do", d->width * shrink, d->height * shrink);
    object(p, first);
    buf_printf(&p->out,
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.3f %.3f]/Resources<</XObject<</P %d 0 R>>>>/Contents %d 0 "
               "R>>\nendobj\n",
               d->width * shrink, d->height * shrink, first + 2, first + 1);
    object(p, first + 1);
    buf_printf(&p->out, "<</Length %d>>\nstream\n%s\nendstream\nendobj\n", n, content);
    object(p, first + 2);
    buf_printf(&p->out,
               "<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/%s/BitsPerComponent %d/Filter/%s/Length "
               "%lu>>\nstream\n",
               x.width, x.height, x.colours == 1 ? "DeviceGray" : "DeviceRGB", e.bits, e.filter, e.n);
    buf_add(&p->out, (struct str){(const char *)e.p, e.n});
    buf_addz(&p->out, "\nendstream\nendobj\n");
    free(e.p);
    return !p->out.failed;
}

bool picture_pdf_end(struct picture_pdf *p) {
    int objects = 3 + 3 * p->pages;
    object(p, 2);
    buf_printf(&p->out, "<</Type/Pages/Count %d/Kids[", p->pages);
    for (int i = 0; i < p->pages; i++)
        buf_printf(&p->out, "%d 0 R ", 3 + 3 * i);
    buf_addz(&p->out, "]>>\nendobj\n");
    size_t start = p->out.n;
    buf_printf(&p->out, "xref\n0 %d\n0000000000 65535 f \n", objects);
    for (int i = 1; i < objects; i++)
        buf_printf(&p->out, "%010zu 00000 n \n", p->offsets[i]);
    buf_printf(&p->out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", objects, start);
    return !p->out.failed;
}
