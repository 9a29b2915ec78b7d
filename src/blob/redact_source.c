/* redact_source.c: the document that is redacted, in the helper: PDF by poppler, PNG by Cairo, JPEG by libjpeg.
 *
 * A page is drawn as its content alone. Annotations and form fields are taken off first: their text is not found by a
 * search of the page, so what they show could be left uncovered unseen. */
#include "blob/redact_internal.h"

#include <jpeglib.h>
#include <math.h>
#include <setjmp.h>
#include <sys/stat.h>

#define PICTURE_PIXELS (40LL * 1000 * 1000) /* a camera's picture; 160 MB while it is read */
#define A4_SHORT 595.276
#define A4_LONG 841.89

static const char problem_kind[] = "只能遮盖 PDF 文件和 PNG、JPEG 图片";
static const char problem_word[] = "Word、WPS 等文档请先另存为 PDF 再遮盖";
static const char problem_size[] = "页面尺寸不正常，不能遮盖";
static const char problem_pixels[] = "图片过大（超过 4000 万像素），请缩小后再遮盖";
static const char problem_notes[] = "文件里有去不掉的批注或表单，请先用“打印为 PDF”另存一份再遮盖";

/* ── pictures ── */

struct jpeg_failure {
    struct jpeg_error_mgr base;
    jmp_buf back;
};

static void jpeg_failed(j_common_ptr c) {
    longjmp(((struct jpeg_failure *)c->err)->back, 1);
}

static void jpeg_row(const unsigned char *from, int components, bool inverted, int width, uint32_t *to) {
    for (int x = 0; x < width; x++, from += components) {
        unsigned r = from[0], g = from[0], b = from[0];
        if (components == 3) {
            g = from[1];
            b = from[2];
        } else if (components == 4) { /* CMYK; Adobe writes it inverted */
            unsigned k = inverted ? from[3] : 255U - from[3];
            r = (inverted ? from[0] : 255U - from[0]) * k / 255;
            g = (inverted ? from[1] : 255U - from[1]) * k / 255;
            b = (inverted ? from[2] : 255U - from[2]) * k / 255;
        }
        to[x] = r << 16 | g << 8 | b;
    }
}

static const char *jpeg_decode(struct jpeg_decompress_struct *d, cairo_surface_t **ret) {
    jpeg_read_header(d, TRUE);
    if ((long long)d->image_width * d->image_height > PICTURE_PIXELS)
        return problem_pixels;
    d->out_color_space = d->num_components == 1 ? JCS_GRAYSCALE : d->num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(d);
    int width = (int)d->output_width, height = (int)d->output_height;
    *ret = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    if (cairo_surface_status(*ret) != CAIRO_STATUS_SUCCESS)
        return problem_pixels;
    unsigned char *pixels = cairo_image_surface_get_data(*ret);
    int stride = cairo_image_surface_get_stride(*ret);
    JSAMPARRAY row =
        (*d->mem->alloc_sarray)((j_common_ptr)d, JPOOL_IMAGE, (JDIMENSION)(width * d->output_components), 1);
    while (d->output_scanline < d->output_height) {
        size_t y = d->output_scanline;
        if (jpeg_read_scanlines(d, row, 1) != 1)
            break;
        jpeg_row(row[0], d->output_components, d->saw_Adobe_marker, width,
                 (uint32_t *)(void *)(pixels + y * (size_t)stride));
    }
    cairo_surface_mark_dirty(*ret);
    return d->err->num_warnings ? problem_broken : NULL; /* cut off or spoiled: grey where something was */
}

static const char *open_jpeg(struct source *s, const char *path) {
    struct jpeg_decompress_struct d;
    struct jpeg_failure failure;
    const char *volatile problem = problem_broken;
    FILE *f = fopen(path, "rb");
    if (!f)
        return problem_broken;
    d.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = jpeg_failed;
    if (setjmp(failure.back) == 0) { /* libjpeg's way to report an error */
        jpeg_create_decompress(&d);
        jpeg_stdio_src(&d, f);
        problem = jpeg_decode(&d, &s->picture);
    } else {
        problem = problem_broken;
    }
    jpeg_destroy_decompress(&d);
    fclose(f);
    return problem;
}

static unsigned long be32(const unsigned char *p) {
    return (unsigned long)p[0] << 24 | (unsigned long)p[1] << 16 | (unsigned long)p[2] << 8 | p[3];
}

static const char *open_png(struct source *s, const char *path, const unsigned char *head) {
    unsigned long width = be32(head + 16), height = be32(head + 20);
    if (width == 0 || height == 0 || width > 100000 || height > 100000)
        return problem_broken;
    if ((long long)width * (long long)height > PICTURE_PIXELS)
        return problem_pixels;
    s->picture = cairo_image_surface_create_from_png(path);
    return cairo_surface_status(s->picture) == CAIRO_STATUS_SUCCESS ? NULL : problem_broken;
}

/* ── opening ── */

static const char *open_pdf(struct source *s, const char *path) {
    GError *e = NULL;
    const char *problem = NULL;
    char *absolute = realpath(path, NULL), *uri = absolute ? g_filename_to_uri(absolute, NULL, NULL) : NULL;
    s->pdf = uri ? poppler_document_new_from_file(uri, NULL, &e) : NULL;
    if (s->pdf)
        s->pages = poppler_document_get_n_pages(s->pdf);
    else if (e && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        problem = "文件已加密，请先去掉密码再遮盖";
    if (!problem && s->pages <= 0)
        problem = problem_broken;
    if (s->pages > LIMIT_REDACT_PAGES)
        problem = "文件超过 200 页，请拆分后再遮盖";
    g_clear_error(&e);
    g_free(uri);
    free(absolute);
    return problem;
}

const char *source_open(struct source *s, const char *path) {
    unsigned char head[1024] = {0};
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    *s = (struct source){.pages = 1};
    if (memmem(head, n, "%PDF-", 5))
        return open_pdf(s, path);
    if (n > 24 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0)
        return open_png(s, path, head);
    if (n > 3 && memcmp(head, "\xff\xd8\xff", 3) == 0)
        return open_jpeg(s, path);
    if (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "\xd0\xcf\x11\xe0", 4) == 0 || memcmp(head, "{\\rtf", 5) == 0)
        return problem_word;
    return problem_kind;
}

void source_close(struct source *s) {
    if (s->pdf)
        g_object_unref(s->pdf);
    if (s->picture)
        cairo_surface_destroy(s->picture);
    *s = (struct source){0};
}

/* ── drawing ── */

static const char *picture_size(cairo_surface_t *p, double *width, double *height) {
    double w = cairo_image_surface_get_width(p), h = cairo_image_surface_get_height(p);
    double fit = w > h ? fmin(A4_LONG / w, A4_SHORT / h) : fmin(A4_SHORT / w, A4_LONG / h);
    *width = fmax(w * fit, 1);
    *height = fmax(h * fit, 1);
    return NULL;
}

static const char *page_size(PopplerPage *page, double *width, double *height) {
    if (!page)
        return problem_broken;
    poppler_page_get_size(page, width, height);
    bool good = isfinite(*width) && isfinite(*height) && *width >= 1 && *height >= 1;
    return good && *width < 1e7 && *height < 1e7 ? NULL : problem_size;
}

const char *source_size(const struct source *s, int i, double *ret_width, double *ret_height) {
    if (s->picture)
        return picture_size(s->picture, ret_width, ret_height);
    PopplerPage *page = poppler_document_get_page(s->pdf, i);
    const char *problem = page_size(page, ret_width, ret_height);
    if (page)
        g_object_unref(page);
    return problem;
}

/* Links draw nothing but a frame, the window of a note is closed. */
static bool harmless(PopplerAnnot *a) {
    PopplerAnnotType type = poppler_annot_get_annot_type(a);
    return type == POPPLER_ANNOT_LINK || type == POPPLER_ANNOT_POPUP;
}

/* False when something is left that would be drawn. */
static bool strip(PopplerPage *page) {
    bool clean = true;
    GList *list = poppler_page_get_annot_mapping(page);
    for (GList *l = list; l; l = l->next)
        poppler_page_remove_annot(page, ((PopplerAnnotMapping *)l->data)->annot);
    poppler_page_free_annot_mapping(list);
    list = poppler_page_get_annot_mapping(page);
    for (GList *l = list; l; l = l->next)
        clean = clean && harmless(((PopplerAnnotMapping *)l->data)->annot);
    poppler_page_free_annot_mapping(list);
    return clean;
}

static cairo_t *canvas(struct drawn *d, double scale) {
    scale = fmin(scale, REDACT_SIDE / fmax(d->width, d->height));
    scale = fmin(scale, sqrt(REDACT_AREA / (d->width * d->height)));
    d->scale = scale;
    d->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)fmax(ceil(d->width * scale - 0.001), 1),
                                            (int)fmax(ceil(d->height * scale - 0.001), 1));
    if (cairo_surface_status(d->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(d->surface);
        return NULL;
    }
    cairo_t *c = cairo_create(d->surface);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_scale(c, scale, scale);
    return c;
}

static const char *draw_picture(const struct source *s, double scale, struct drawn *d) {
    picture_size(s->picture, &d->width, &d->height);
    cairo_t *c = canvas(d, scale);
    if (!c)
        return problem_size;
    cairo_scale(c, d->width / cairo_image_surface_get_width(s->picture),
                d->height / cairo_image_surface_get_height(s->picture));
    cairo_set_source_surface(c, s->picture, 0, 0);
    cairo_paint(c);
    cairo_destroy(c);
    return NULL;
}

const char *source_draw(const struct source *s, int i, double scale, struct drawn *ret) {
    if (s->picture)
        return draw_picture(s, scale, ret);
    PopplerPage *page = poppler_document_get_page(s->pdf, i);
    const char *problem = page_size(page, &ret->width, &ret->height);
    if (!problem && !strip(page))
        problem = problem_notes;
    cairo_t *c = problem ? NULL : canvas(ret, scale);
    if (c) {
        poppler_page_render(page, c);
        cairo_destroy(c);
    } else if (!problem) {
        problem = problem_size;
    }
    if (page)
        g_object_unref(page);
    return problem;
}
