/* redact_helper.c: the hidden command redact: reads what is to be covered on stdin, draws, answers on stdout.
 *
 *   mingtang redact cover PATH SECONDS   {"list": [{"phrase", "page"} or {"page", "x", "y", "w", "h"} …]}
 *   mingtang redact page PATH SECONDS    {"page", "width"}
 * Phrases come by stdin because arguments can be seen by every process of the machine. The answer:
 *   mingtang-redact 1 LF problem TEXT LF report JSON LF LF the bytes */
#include "blob/redact_internal.h"

#include <math.h>
#include <unistd.h>

#define INPUT_BYTES (2 * 1024 * 1024)

static const char problem_no_page[] = "没有这一页，请核对页码";
static const char problem_result[] = "遮盖后的文件超过 40 MB，请拆分后再遮盖";
static const char problem_text[] = "文件中的文字过多，请拆分后再遮盖";

struct answer {
    json_t *report;
    struct buf bytes;
};

static int integer(const json_t *o, const char *key) {
    return (int)json_integer_value(json_object_get(o, key));
}

/* ── bars ── */

static void black(const struct drawn *d, double x1, double y1, double x2, double y2) {
    cairo_t *c = cairo_create(d->surface);
    cairo_set_antialias(c, CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(c, 0, 0, 0);
    cairo_rectangle(c, floor(x1), floor(y1), ceil(x2) - floor(x1), ceil(y2) - floor(y1));
    cairo_fill(c);
    cairo_destroy(c);
}

/* Anything drawn in this row of the page between x1 and x2? */
static bool ink(const struct drawn *d, int y, int x1, int x2) {
    int width = cairo_image_surface_get_width(d->surface), height = cairo_image_surface_get_height(d->surface);
    if (y < 0 || y >= height)
        return false;
    const unsigned char *row =
        cairo_image_surface_get_data(d->surface) + (size_t)y * (size_t)cairo_image_surface_get_stride(d->surface);
    for (int x = MAX(x1, 0); x < MIN(x2, width); x++)
        if (MIN(row[x * 4], MIN(row[x * 4 + 1], row[x * 4 + 2])) < 230)
            return true;
    return false;
}

/* Some fonts claim a height of several lines. The letters stand about the middle of it: that is kept, and from there
 * each way up to the first row that is white, so that no letter is cut and the lines beside stay to be read. */
static void trim(const struct drawn *d, struct bar *b) {
    double middle = (b->y1 + b->y2) / 2, margin = 0.2 * b->size; /* the frame of a cell is no letter */
    int x1 = (int)floor((b->x1 + margin) * d->scale), x2 = (int)ceil((b->x2 - margin) * d->scale);
    int y1 = (int)floor((middle - 0.6 * b->size) * d->scale), y2 = (int)ceil((middle + 0.8 * b->size) * d->scale);
    while (y1 > b->y1 * d->scale && ink(d, y1, x1, x2))
        y1--;
    while (y2 < b->y2 * d->scale && ink(d, y2, x1, x2))
        y2++;
    b->y1 = MAX(b->y1, y1 / d->scale);
    b->y2 = MIN(b->y2, (y2 + 1) / d->scale);
}

static void draw_bars(struct finder *f, const struct drawn *d, int page) {
    cairo_surface_flush(d->surface);
    for (size_t i = 0; i < f->bar_count; i++)
        if (f->bars[i].page == page && f->bars[i].size > 0)
            trim(d, &f->bars[i]);
    for (size_t i = 0; i < f->bar_count; i++) {
        const struct bar *b = &f->bars[i];
        if (b->page == page)
            black(d, b->x1 * d->scale, b->y1 * d->scale, b->x2 * d->scale, b->y2 * d->scale);
    }
}

static void draw_areas(const json_t *list, const struct drawn *d, int page) {
    size_t i;
    json_t *o;
    double width = cairo_image_surface_get_width(d->surface), height = cairo_image_surface_get_height(d->surface);
    json_array_foreach(list, i, o) {
        if (json_object_get(o, "phrase") || integer(o, "page") != page + 1)
            continue;
        int x = integer(o, "x"), y = integer(o, "y");
        black(d, x * width / 1000, y * height / 1000, (x + integer(o, "w")) * width / 1000,
              (y + integer(o, "h")) * height / 1000);
    }
}

/* ── the modes ── */

static const char *draw_covered(const struct source *s, struct finder *f, const json_t *list, struct picture_pdf *pdf) {
    for (int i = 0; i < s->pages; i++) {
        struct drawn d;
        const char *problem = source_draw(s, i, REDACT_DPI / 72, &d);
        if (problem)
            return problem;
        if (f->whole[i])
            black(&d, 0, 0, cairo_image_surface_get_width(d.surface), cairo_image_surface_get_height(d.surface));
        draw_bars(f, &d, i);
        draw_areas(list, &d, i);
        bool ok = picture_pdf_page(pdf, &d);
        cairo_surface_destroy(d.surface);
        if (!ok)
            return problem_result;
    }
    return picture_pdf_end(pdf) ? NULL : problem_result;
}

static const char *cover(const struct source *s, const json_t *input, struct answer *a) {
    const json_t *list = json_object_get(input, "list");
    struct finder f;
    size_t i;
    json_t *o;
    json_array_foreach(list, i, o) if (integer(o, "page") > s->pages) return problem_no_page;
    buf_release(&a->bytes);
    finder_open(&f, s);
    a->report = json_array();
    json_array_foreach(list, i, o) {
        const json_t *phrase = json_object_get(o, "phrase");
        if (phrase)
            json_array_append_new(a->report,
                                  finder_cover(&f, (struct str){json_string_value(phrase), json_string_length(phrase)},
                                               integer(o, "page")));
    }
    struct picture_pdf *pdf = g_new0(struct picture_pdf, 1);
    picture_pdf_begin(pdf);
    const char *problem = f.too_much ? problem_text : draw_covered(s, &f, list, pdf);
    a->bytes = pdf->out;
    g_free(pdf);
    finder_close(&f);
    return problem;
}

static cairo_status_t write_png(void *to, const unsigned char *p, unsigned n) {
    struct buf *b = to;
    buf_add(b, (struct str){(const char *)p, n});
    return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static const char *page_png(const struct source *s, const json_t *input, struct answer *a) {
    int page = integer(input, "page") - 1;
    double width, height;
    struct drawn d;
    if (page < 0 || page >= s->pages)
        return problem_no_page;
    const char *problem = source_size(s, page, &width, &height);
    if (!problem)
        problem = source_draw(s, page, integer(input, "width") / width, &d);
    if (problem)
        return problem;
    bool ok = cairo_surface_write_to_png_stream(d.surface, write_png, &a->bytes) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(d.surface);
    return ok ? NULL : problem_result;
}

static json_t *read_input(void) {
    struct buf b;
    char chunk[16384];
    ssize_t k;
    buf_init(&b, INPUT_BYTES);
    while ((k = read(0, chunk, sizeof chunk)) > 0)
        buf_add(&b, (struct str){chunk, (size_t)k});
    json_t *input = k == 0 && !b.failed && b.n ? json_loadb(b.p, b.n, 0, NULL) : NULL;
    buf_release(&b);
    return input;
}

int blob_redact_main(int argc, char **argv) {
    struct source s = {0};
    struct answer a = {0};
    int64_t seconds = 0;
    if (argc != 4 || str_int(str_z(argv[3]), &seconds) < 0 || seconds < 1)
        return 2;
    helper_confine((int)MIN(seconds, LIMIT_REDACT_SECONDS));
    json_t *input = read_input();
    buf_init(&a.bytes, LIMIT_REDACT_RESULT);
    if (!input)
        return 2;
    const char *problem = source_open(&s, argv[2]);
    if (!problem)
        problem = strcmp(argv[1], "cover") == 0 ? cover(&s, input, &a) : page_png(&s, input, &a);
    char *report = json_dumps(a.report ? a.report : json_null(), JSON_COMPACT | JSON_ENCODE_ANY);
    printf("mingtang-redact 1\nproblem %s\nreport %s\n\n", problem ? problem : "", report ? report : "null");
    if (!problem)
        fwrite(a.bytes.p, 1, a.bytes.n, stdout);
    _exit(fflush(stdout) ? 1 : 0); /* nothing is tidied up: the file may have been hostile, and the answer is given */
}
