/* test_redact.c: redaction for partial disclosure: what is covered is gone, what could not be covered is said.
 * The helper process is this test itself. What poppler's tools see in the result is held against the source. */
#include "unit.h"
#include "blob/redact_internal.h"
#include "paper/paper.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static struct work w;
static char dir[64];

static pid_t start(const char *const *argv, int out) {
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out, 1);
        freopen("/dev/null", "w", stderr);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

/* What a program prints; it must end well. */
static struct str output_of(const char *const *argv) {
    int fds[2], status;
    struct buf b;
    char chunk[65536];
    ssize_t k;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = start(argv, fds[1]);
    close(fds[1]);
    buf_init(&b, 64 << 20);
    while ((k = read(fds[0], chunk, sizeof chunk)) > 0)
        buf_add(&b, (struct str){chunk, (size_t)k});
    close(fds[0]);
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        print_error("%s ended with %d\n", argv[0], status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct str s = str_dup(w.arena, buf_str(&b));
    buf_release(&b);
    return s;
}
#define OUTPUT(...) output_of((const char *const[]){__VA_ARGS__, NULL})

static int setup(void **state) {
    (void)state;
    w = (struct work){.arena = arena_new(LIMIT_ARENA_BYTES), .now = 1790000000000};
    snprintf(dir, sizeof dir, "/tmp/mingtang-redact-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    OUTPUT("rm", "-rf", "--", dir);
    arena_free(w.arena);
    return 0;
}

static const char *in_dir(const char *name) {
    return str_printf(w.arena, "%s/%s", dir, name).p;
}

static const char *written(const char *name, struct str s) {
    const char *path = in_dir(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
    fclose(f);
    return path;
}

static bool has(struct str s, const char *part) {
    return str_find(s, str_z(part)) >= 0;
}

/* ── documents ── */

static const char *paper_of(const char *name, const char *const *texts, size_t n) {
    struct str pdf;
    struct paper *p = paper_begin(&w, S("测试文件"), S("测试"));
    for (size_t i = 0; i < n; i++)
        paper_text(p, str_z(texts[i]));
    assert_int_equal(paper_end(p, &pdf), 0);
    return written(name, pdf);
}
#define PAPER(name, ...)                                                                                               \
    paper_of(name, (const char *const[]){__VA_ARGS__}, countof(((const char *const[]){__VA_ARGS__})))

/* Objects written by hand; poppler finds them without a table. */
static const char *raw_pdf(const char *name, const char *objects) {
    return written(
        name, str_printf(w.arena, "%%PDF-1.7\n%s\ntrailer<</Root 1 0 R/Size 30>>\nstartxref\n9\n%%%%EOF\n", objects));
}
#define FONT "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
static struct str stream(int number, const char *dictionary, const char *content) {
    return str_printf(w.arena, "%d 0 obj<<%s/Length %zu>>stream\n%s\nendstream endobj\n", number, dictionary,
                      strlen(content), content);
}

/* ── results ── */

static const char *redacted(const char *source, const struct redaction *list, size_t n, json_t **report) {
    static int count;
    struct str pdf = STR_NONE;
    error_clear(&w);
    if (redact_pdf(&w, source, list, n, &pdf, report) < 0) {
        print_error("%s\n", error_text(&w.error));
        assert_true(false);
    }
    return written(str_printf(w.arena, "out%d.pdf", count++).p, pdf);
}

static void refused(const char *source, enum error_code code, const char *reason) {
    struct str pdf = S("untouched");
    json_t *report = NULL;
    struct redaction r = {.phrase = S("x")};
    error_clear(&w);
    assert_int_equal(redact_pdf(&w, source, &r, 1, &pdf, &report), -1);
    if (w.error.code != code || !strstr(error_text(&w.error), reason))
        print_error("said: %s\n", error_text(&w.error));
    assert_int_equal(w.error.code, code);
    assert_non_null(strstr(error_text(&w.error), reason));
    assert_string_equal(pdf.p, "untouched");
    assert_null(report);
}

struct grey {
    const unsigned char *p;
    int width, height;
};

/* A page as pdftoppm draws it, 72 dpi × 2. */
static struct grey page_of(const char *pdf, int page) {
    struct grey g;
    int at = 0;
    const char *n = str_printf(w.arena, "%d", page).p;
    struct str s = OUTPUT("pdftoppm", "-r", "144", "-gray", "-f", n, "-l", n, pdf);
    assert_int_equal(sscanf(s.p, "P5 %d %d 255%n", &g.width, &g.height, &at), 2);
    g.p = (const unsigned char *)s.p + at + 1;
    assert_int_equal((size_t)at + 1 + (size_t)g.width * (size_t)g.height, s.n);
    return g;
}

/* Parts of 1000 of a box (points from the top left) that are darker than nearly black. */
static int darkness(const struct grey *g, double x1, double y1, double x2, double y2) {
    int dark = 0, all = 0;
    for (int y = (int)(y1 * 2) + 1; y < (int)(y2 * 2) && y < g->height; y++)
        for (int x = (int)(x1 * 2) + 1; x < (int)(x2 * 2) && x < g->width; x++, all++)
            dark += g->p[(size_t)y * (size_t)g->width + (size_t)x] < 24;
    return all ? dark * 1000 / all : -1;
}

/* Where poppler itself finds a text in the source; every place must be black (or none may be) in the result. Boxes of
 * our own papers are 2.6 times as high as the type: the letters stand in their middle. The number of places. */
static int places(const char *source, const char *result, int page, const char *text, bool black) {
    char *uri = g_filename_to_uri(source, NULL, NULL);
    PopplerDocument *d = poppler_document_new_from_file(uri, NULL, NULL);
    PopplerPage *p = poppler_document_get_page(d, page - 1);
    GList *list = poppler_page_find_text(p, text);
    struct grey g = page_of(result, page);
    double width, height;
    int n = 0;
    poppler_page_get_size(p, &width, &height);
    for (GList *l = list; l; l = l->next, n++) {
        const PopplerRectangle *r = l->data;
        double middle = height - (r->y1 + r->y2) / 2, high = r->y2 - r->y1;
        int dark = black ? darkness(&g, r->x1, middle - 0.22 * high, r->x2, middle + 0.3 * high)
                         : darkness(&g, r->x1, height - r->y2, r->x2, height - r->y1);
        if (black ? dark != 1000 : dark > 500 || dark < 5)
            print_error("%s on page %d: %d of 1000 dark\n", text, page, dark);
        assert_true(black ? dark == 1000 : dark <= 500 && dark >= 5);
        poppler_rectangle_free(l->data);
    }
    g_list_free(list);
    g_object_unref(p);
    g_object_unref(d);
    g_free(uri);
    return n;
}

static void reported(const json_t *report, size_t i, int count, const char *pages, const char *whole,
                     const char *unread) {
    const json_t *o = json_array_get(report, i);
    const char *const keys[] = {"pages", "whole_pages", "unread"}, *const expected[] = {pages, whole, unread};
    assert_int_equal(json_integer_value(json_object_get(o, "count")), count);
    for (size_t k = 0; k < countof(keys); k++) {
        char *text = json_dumps(json_object_get(o, keys[k]), JSON_COMPACT);
        assert_string_equal(text, expected[k]);
        free(text);
    }
}

/* ── phrases ── */

static void a_covered_phrase_is_gone(void **state) {
    json_t *report;
    (void)state;
    const char *source = PAPER("plain", "申请人：张三丰，身份证号 320682199001011231，联系电话 13812345678。",
                               "经查，张三丰于 2020 年取得该宅基地。其余内容可以公开。");
    const struct redaction list[] = {{.phrase = S("张三丰")}, {.phrase = S("320682199001011231")}};
    const char *result = redacted(source, list, 2, &report);
    reported(report, 0, 2, "[1]", "[]", "[]");
    reported(report, 1, 1, "[1]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, "张三丰", true), 2);
    assert_int_equal(places(source, result, 1, "320682199001011231", true), 1);
    assert_int_equal(places(source, result, 1, "13812345678", false), 1);
    assert_int_equal(places(source, result, 1, "其余内容可以公开", false), 1);
    assert_true(has(OUTPUT("pdftotext", source, "-"), "320682199001011231"));
    assert_int_equal(str_trim(str_replace(w.arena, OUTPUT("pdftotext", result, "-"), S("\f"), S(""))).n, 0);
    struct str bytes = OUTPUT("cat", result), plain = OUTPUT("qpdf", "--qdf", "--object-streams=disable", result, "-");
    static const char *const words[] = {"张三",      "320682",   "测试", "/Font",  "/Info",
                                        "/Metadata", "Producer", "/ID",  "/Annots"};
    for (size_t i = 0; i < countof(words); i++) {
        assert_false(has(bytes, words[i]));
        if (strcmp(words[i], "/ID") != 0) /* qpdf writes one of its own */
            assert_false(has(plain, words[i]));
    }
    /* One picture a page and no mask or other picture under it; the picture itself is black there. */
    struct str images = OUTPUT("pdfimages", "-list", result);
    int lines = 0;
    for (size_t i = 0; i < images.n; i++)
        lines += images.p[i] == '\n';
    assert_int_equal(lines, 3);
    OUTPUT("qpdf", "--check", result);
}

static void a_phrase_over_two_lines_is_covered_on_both(void **state) {
    json_t *report;
    (void)state;
    const char *fill = "本件为信息公开申请的答复意见";
    struct str text =
        str_printf(w.arena, "%s%s住所地江苏省如皋市长江镇永平闸村十七组二十九号附五号%s", fill, fill, fill);
    const char *source = PAPER("wrapped", text.p);
    struct str lines = OUTPUT("pdftotext", source, "-");
    const char *phrase = "江苏省如皋市长江镇永平闸村十七组二十九号附五号";
    struct redaction r = {.phrase = str_z(phrase)};
    if (has(lines, phrase))
        print_error("%s\n", lines.p);
    if (has(lines, phrase)) /* the break must be inside the phrase for this test to say anything */
        assert_true(false);
    const char *result = redacted(source, &r, 1, &report);
    reported(report, 0, 1, "[1]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, "江苏省", true), 1);
    assert_int_equal(places(source, result, 1, "附五号", true), 1);
    assert_int_equal(places(source, result, 1, "住所地", false), 1);
}

static void a_phrase_in_a_narrow_cell_is_covered_on_every_line(void **state) {
    json_t *report;
    struct str pdf;
    (void)state;
    struct paper *p = paper_begin(&w, S("表"), S("表"));
    const struct str cells[] = {S("姓名"),
                                S("住址"),
                                S("说明"),
                                S("李四"),
                                S("江苏省如皋市长江镇永平闸村十七组"),
                                S("该户于二〇一九年签订协议，面积核定无误，款项已付清，材料齐全。")};
    paper_table(p, 3, (const int[]){2, 1, 1}, cells, 2, true);
    for (int i = 0; i < 3; i++)
        paper_text(p, S("其他"));
    assert_int_equal(paper_end(p, &pdf), 0);
    const char *source = written("table", pdf);
    struct redaction r = {.phrase = S("江苏省如皋市长江镇永平闸村十七组")};
    assert_false(has(OUTPUT("pdftotext", source, "-"), r.phrase.p));
    const char *result = redacted(source, &r, 1, &report);
    reported(report, 0, 1, "[1]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, "江苏", true), 1);
    assert_int_equal(places(source, result, 1, "七组", true), 1);
    assert_int_equal(places(source, result, 1, "李四", false), 1);
    struct grey before = page_of(source, 1), after = page_of(result, 1); /* the heading just above stays to be read */
    int was = darkness(&before, 300, 75, 330, 85), is = darkness(&after, 300, 75, 330, 85);
    assert_true(was > 50 && is < was * 2 && darkness(&after, 300, 86, 330, 88) == 0);
}

/* Columns drawn line by line, so that the reading order goes across them. */
static void a_phrase_in_columns_written_across_is_covered(void **state) {
    json_t *report;
    (void)state;
    struct str content = stream(
        4, "",
        "BT /F 12 Tf 50 700 Td (Alpha Street) Tj 110 0 Td (second thing) Tj -110 -14 Td (No 17 Rugao) Tj 110 0 Td "
        "(goes on here) Tj ET");
    const char *source = raw_pdf(
        "columns",
        str_printf(w.arena,
                   "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
                   "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 800]%s>>/Contents 4 0 R>>endobj\n%s",
                   FONT, content.p)
            .p);
    const struct redaction list[] = {{.phrase = S("alpha street no 17")}, {.phrase = S("Thing goes")}};
    const char *result = redacted(source, list, 2, &report);
    reported(report, 0, 1, "[1]", "[]", "[]");
    reported(report, 1, 1, "[1]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, "Street", true), 1);
    assert_int_equal(places(source, result, 1, "No 17", true), 1);
    assert_int_equal(places(source, result, 1, "goes", true), 1);
    assert_int_equal(places(source, result, 1, "second", false), 1);
}

static void a_phrase_over_two_pages_is_covered_on_both(void **state) {
    json_t *report;
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 400; i++)
        buf_printf(&b, "第%04d段文字，", i);
    const char *source = PAPER("pages", b.p);
    buf_release(&b);
    /* The phrase is what stands before and after the break, as the text itself runs. */
    struct str first = OUTPUT("pdftotext", "-l", "1", source, "-");
    int last = 0;
    for (int i = 0; i < 400; i++)
        if (has(first, str_printf(w.arena, "%04d", i).p))
            last = i;
    assert_in_range(last, 100, 398);
    struct str phrase = str_printf(w.arena, "%04d段文字，第%04d段文字，第%04d段文字", last - 1, last, last + 1);
    struct redaction r = {.phrase = phrase};
    const char *result = redacted(source, &r, 1, &report);
    reported(report, 0, 1, "[1,2]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, str_printf(w.arena, "%04d", last).p, true), 1);
    assert_int_equal(places(source, result, 2, str_printf(w.arena, "%04d", last + 1).p, true), 1);
    assert_int_equal(places(source, result, 2, str_printf(w.arena, "%04d", last + 3).p, false), 1);
}

static void width_case_blanks_and_radicals_do_not_hide_a_phrase(void **state) {
    json_t *report;
    int32_t out[FOLDED];
    (void)state;
    const char *source = PAPER("width", "电话：１３８１２３４５６７８，另 139 1234 5678，信箱 Zhang.San@Example.com。");
    const struct redaction list[] = {
        {.phrase = S("13812345678")}, {.phrase = S("139１234 5678")}, {.phrase = S("ZHANG.SAN@EXAMPLE.COM")}};
    const char *result = redacted(source, list, 3, &report);
    for (size_t i = 0; i < 3; i++)
        reported(report, i, 1, "[1]", "[]", "[]");
    json_decref(report);
    assert_int_equal(places(source, result, 1, "139 1234 5678", true), 1);
    assert_int_equal(places(source, result, 1, "Zhang.San", true), 1);
    assert_int_equal(places(source, result, 1, "信箱", false), 1);
    assert_int_equal(redact_fold(0x2EE2, out), 1); /* ⻢ */
    assert_int_equal(out[0], 0x9A6C);
    assert_int_equal(redact_fold(0x2F50, out), 1); /* ⽐ */
    assert_int_equal(out[0], 0x6BD4);
    assert_int_equal(redact_fold(0xFB01, out), 2); /* ﬁ */
    assert_int_equal(redact_fold(0x3000, out), 0);
    assert_int_equal(redact_fold(0x200B, out), 0);
}

static void a_phrase_that_is_nowhere_is_said(void **state) {
    json_t *report;
    (void)state;
    const char *source = PAPER("none", "这里没有那个名字。");
    const struct redaction list[] = {{.phrase = S("王五")}, {.phrase = S("名字")}, {.phrase = S("名字"), .page = 1}};
    redacted(source, list, 3, &report);
    reported(report, 0, 0, "[]", "[]", "[]");
    reported(report, 1, 1, "[1]", "[]", "[]");
    reported(report, 2, 1, "[1]", "[]", "[]");
    assert_string_equal(json_string_value(json_object_get(json_array_get(report, 0), "phrase")), "王五");
    json_decref(report);
}

/* ── areas and pictures ── */

static void an_area_is_covered_on_its_page_only(void **state) {
    json_t *report;
    (void)state;
    const char *one = PAPER("a1", "一"), *source = in_dir("two");
    OUTPUT("qpdf", "--empty", "--pages", one, one, "--", source);
    struct redaction r = {.page = 2, .x = 250, .y = 500, .w = 500, .h = 100};
    const char *result = redacted(source, &r, 1, &report);
    assert_int_equal(json_array_size(report), 0);
    json_decref(report);
    struct grey g = page_of(result, 2);
    double x = g.width / 2000.0, y = g.height / 2000.0;
    assert_int_equal(darkness(&g, 250 * x, 500 * y, 750 * x, 600 * y), 1000);
    assert_int_equal(darkness(&g, 254 * x, 606 * y, 750 * x, 700 * y), 0);
    assert_int_equal(darkness(&g, 0, 500 * y, 246 * x, 600 * y), 0);
    g = page_of(result, 1);
    assert_int_equal(darkness(&g, 250 * x, 500 * y, 750 * x, 600 * y), 0);
}

static const char *picture(const char *name, int width, int height) {
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    cairo_t *c = cairo_create(s);
    cairo_set_source_rgb(c, 0.8, 0.2, 0.2);
    cairo_rectangle(c, width / 4.0, 0, width / 2.0, height);
    cairo_fill(c);
    cairo_destroy(c);
    assert_int_equal(cairo_surface_write_to_png(s, in_dir(name)), CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(s);
    return in_dir(name);
}

static void pictures_are_covered_by_area_and_become_pdf(void **state) {
    json_t *report;
    (void)state;
    const char *png = picture("p.png", 800, 600), *half = in_dir("half"), *as_pdf;
    const struct redaction list[] = {{.page = 1, .x = 0, .y = 0, .w = 500, .h = 500}, {.phrase = S("张三")}};
    as_pdf = redacted(png, list, 2, &report);
    reported(report, 0, 0, "[]", "[]", "[1]"); /* its text could not be read: a person must look */
    json_decref(report);
    OUTPUT("pdftoppm", "-jpeg", "-r", "90", "-singlefile", as_pdf, half);
    const char *sources[] = {as_pdf, redacted(str_printf(w.arena, "%s.jpg", half).p, list, 2, &report)};
    json_decref(report);
    for (size_t i = 0; i < countof(sources); i++) {
        struct grey g = page_of(sources[i], 1);
        assert_true(g.width > g.height);
        assert_int_equal(darkness(&g, 0, 0, g.width / 4.0, g.height / 4.0), 1000);
        assert_int_equal(darkness(&g, g.width / 4.0 + 4, 0, g.width / 2.0, g.height / 2.0), 0);
    }
}

static void hostile_pictures_are_refused(void **state) {
    (void)state;
    struct str png = str_dup(w.arena, OUTPUT("cat", picture("q.png", 300, 200)));
    char *p = str_dupz(w.arena, png);
    memcpy(p + 16, "\0\0\x75\x30\0\0\x75\x30", 8); /* 30000 × 30000 */
    refused(written("bomb.png", (struct str){p, png.n}), ERR_INVALID, "4000 万像素");
    refused(written("cut.png", str_sub(png, 0, png.n / 2)), ERR_INVALID, "损坏");
    const char *jpeg = in_dir("whole");
    OUTPUT("pdftoppm", "-jpeg", "-singlefile", PAPER("j", "文字文字文字"), jpeg);
    struct str bytes = OUTPUT("cat", str_printf(w.arena, "%s.jpg", jpeg).p);
    refused(written("cut.jpg", str_sub(bytes, 0, bytes.n / 2)), ERR_INVALID, "损坏");
    refused(written("no.jpg", S("\xff\xd8\xff\xe0 nothing that follows is a picture")), ERR_INVALID, "损坏");
}

static void scanned_pages_are_named_as_unread(void **state) {
    json_t *report;
    (void)state;
    struct redaction area = {.page = 1, .x = 0, .y = 0, .w = 1, .h = 1}, r = {.phrase = S("甲方")};
    const char *text = PAPER("t", "甲方"), *scan = redacted(text, &area, 1, &report), *both = in_dir("both");
    json_decref(report);
    OUTPUT("qpdf", "--empty", "--pages", text, scan, "--", both);
    redacted(both, &r, 1, &report);
    reported(report, 0, 1, "[1]", "[]", "[2]");
    json_decref(report);
}

/* ── what else a PDF holds ── */

#define WIDGET "/Type/Annot/Subtype/Widget/FT/Tx/T(f)/F 4/V(SECRETFIELD)/Rect[50 500 350 540]/AP<</N 9 0 R>>"
static const char *loaded_pdf(const char *name, const char *annotations) {
    struct str objects = str_printf(
        w.arena,
        "1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>/OCProperties<</OCGs[8 0 R]/D<</OFF[8 0 R]>>>>"
        "/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]%s/Properties<</L 8 0 R>>>>/Contents 4 0 "
        "R/Annots[%s]>>endobj\n"
        "5 0 obj<<" WIDGET ">>endobj\n"
        "6 0 obj<</Type/Annot/Subtype/FreeText/F 4/Contents(SECRETNOTE)/DA(/Helv 20 Tf 0 g)/Rect[50 300 350 "
        "340]/AP<</N 9 0 R>>>>endobj\n"
        "8 0 obj<</Type/OCG/Name(hidden)>>endobj\n10 0 obj<</Type/Filespec/F(a)/EF<</F 11 0 R>>>>endobj\n%s%s%s",
        FONT, annotations,
        stream(4, "",
               "/OC /L BDC BT /F 20 Tf 50 100 Td (HIDDENLAYER) Tj ET 50 90 300 4 re f EMC BT /F 20 Tf 50 200 Td "
               "(VISIBLE) Tj ET")
            .p,
        stream(9, "/Type/XObject/Subtype/Form/BBox[0 0 300 40]", "0 0 300 40 re f").p,
        stream(11, "/Type/EmbeddedFile", "SECRETATTACHMENT").p);
    return raw_pdf(name, objects.p);
}

static void notes_forms_layers_and_attachments_do_not_survive(void **state) {
    json_t *report;
    (void)state;
    struct redaction r = {.phrase = S("nothing")};
    const char *source = loaded_pdf("loaded", "5 0 R 6 0 R"), *result = redacted(source, &r, 1, &report);
    json_decref(report);
    struct grey before = page_of(source, 1), after = page_of(result, 1);
    assert_true(darkness(&before, 60, 65, 340, 95) > 900 && darkness(&before, 60, 265, 340, 295) > 900); /* drawn */
    assert_int_equal(darkness(&after, 0, 0, 400, 380), 0);
    assert_int_equal(darkness(&after, 0, 440, 400, 600), 0);
    assert_int_equal(places(source, result, 1, "VISIBLE", false), 1);
    struct str bytes = OUTPUT("qpdf", "--qdf", "--object-streams=disable", result, "-");
    assert_false(has(bytes, "SECRET"));
    assert_false(has(bytes, "/OCG"));
    refused(loaded_pdf("inline", "<<" WIDGET ">>"), ERR_INVALID, "打印为 PDF");
}

static void turned_and_cropped_pages_are_covered_in_the_right_place(void **state) {
    json_t *report;
    (void)state;
    const char *source = PAPER("upright", "甲方为张三丰，乙方为李四光。"), *turned = in_dir("turned"),
               *cropped = in_dir("cropped");
    OUTPUT("qpdf", "--rotate=90", source, turned);
    struct redaction r = {.phrase = S("张三丰")};
    const char *result = redacted(turned, &r, 1, &report);
    reported(report, 0, 1, "[1]", "[]", "[]");
    json_decref(report);
    struct grey g = page_of(result, 1);
    assert_true(g.width > g.height);
    /* Turned back, it is where the upright page has it. */
    const char *back = in_dir("back");
    OUTPUT("qpdf", "--rotate=-90", result, back);
    assert_int_equal(places(source, back, 1, "张三丰", true), 1);
    assert_int_equal(places(source, back, 1, "李四光", false), 1);
    struct str plain = OUTPUT("qpdf", "--qdf", source, "-");
    struct str shifted = str_replace(w.arena, plain, S("/MediaBox ["), S("/CropBox [30 40 560 800] /MediaBox ["));
    if (shifted.n == plain.n)
        assert_true(false);
    OUTPUT("qpdf", written("shifted", shifted), "--static-id", "--warning-exit-0", cropped);
    result = redacted(cropped, &r, 1, &report);
    json_decref(report);
    assert_int_equal(places(cropped, result, 1, "张三丰", true), 1);
    assert_int_equal(places(cropped, result, 1, "李四光", false), 1);
}

/* ── refusals and limits ── */

static void what_cannot_be_redacted_is_refused_with_a_reason(void **state) {
    (void)state;
    const char *plain = PAPER("r", "文字"), *locked = in_dir("locked");
    struct str bytes = OUTPUT("cat", plain);
    OUTPUT("qpdf", "--encrypt", "u", "o", "256", "--", plain, locked);
    refused(locked, ERR_INVALID, "加密");
    refused(written("damaged", str_sub(bytes, 0, 60)), ERR_INVALID, "损坏");
    refused(in_dir("absent"), ERR_NOT_FOUND, "不存在");
    refused(written("d.docx", S("PK\3\4 a document")), ERR_INVALID, "先另存为 PDF 再遮盖");
    refused(written("d.doc", S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), ERR_INVALID, "先另存为 PDF 再遮盖");
    refused(written("d.txt", S("text")), ERR_INVALID, "只能遮盖");
    refused(written("empty", S("")), ERR_INVALID, "只能遮盖");
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_addz(
        &b,
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n2 0 "
        "obj<</Type/Pages/Count 201/Kids[");
    for (int i = 0; i < 201; i++)
        buf_printf(&b, "%d 0 R ", 100 + i);
    buf_addz(&b, "]>>endobj\n");
    for (int i = 0; i < 201; i++)
        buf_printf(&b, "%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n", 100 + i);
    refused(raw_pdf("many.pdf", b.p), ERR_INVALID, "超过 200 页");
    buf_release(&b);
    assert_int_equal(truncate(written("big", S("%PDF-1.4")), LIMIT_REDACT_BYTES + 1), 0);
    refused(in_dir("big"), ERR_TOO_LARGE, "20 MB");
}

static void what_is_asked_is_checked(void **state) {
    struct str pdf;
    json_t *report;
    (void)state;
    char text[300];
    memset(text, 'a', sizeof text);
    static const struct {
        struct redaction r;
        const char *reason;
    } bad[] = {
        {{.page = 0, .w = 10, .h = 10}, "不在页面内"},
        {{.page = 1, .x = 995, .w = 10, .h = 10}, "不在页面内"},
        {{.page = 1, .y = -1, .w = 10, .h = 10}, "不在页面内"},
        {{.page = 1, .w = 0, .h = 10}, "不在页面内"},
        {{.page = 1, .w = INT_MAX, .h = 10}, "不在页面内"},
        {{.page = 2, .w = 10, .h = 10}, "没有这一页"},
        {{.phrase = S("a"), .page = 2}, "没有这一页"},
        {{.phrase = S("a"), .page = -1}, "页码不正确"},
        {{.phrase = S(" 　")}, "不能只是空格"},
        {{.phrase = S("\xff\xfe")}, "不正确"},
    };
    const char *source = PAPER("asked", "文字");
    for (size_t i = 0; i < countof(bad); i++) {
        error_clear(&w);
        assert_int_equal(redact_pdf(&w, source, &bad[i].r, 1, &pdf, &report), -1);
        assert_non_null(strstr(error_text(&w.error), bad[i].reason));
    }
    struct redaction long_one = {.phrase = {text, sizeof text}};
    error_clear(&w);
    assert_int_equal(redact_pdf(&w, source, &long_one, 1, &pdf, &report), -1);
    assert_non_null(strstr(error_text(&w.error), "不超过 200 字"));
    error_clear(&w);
    assert_int_equal(redact_pdf(&w, source, NULL, 0, &pdf, &report), -1);
    assert_non_null(strstr(error_text(&w.error), "没有指定"));
}

static const char *page_with(const char *name, const char *box, const char *content) {
    return raw_pdf(
        name,
        str_printf(w.arena,
                   "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 "
                   "obj<</Type/Page/Parent 2 0 R/MediaBox[%s]%s>>/Contents 4 0 R>>endobj\n%s",
                   box, FONT, stream(4, "", content).p)
            .p);
}

static void a_huge_page_is_drawn_smaller(void **state) {
    json_t *report;
    (void)state;
    struct redaction r = {.phrase = S("SECRET")};
    const char *source = page_with("huge", "0 0 14400 14400", "BT /F 900 Tf 500 7000 Td (A SECRET Z) Tj ET");
    const char *result = redacted(source, &r, 1, &report);
    reported(report, 0, 1, "[1]", "[]", "[]");
    json_decref(report);
    struct str info = OUTPUT("pdfimages", "-list", result);
    assert_true(has(info, " 4000  4000 "));
    assert_true(has(OUTPUT("pdfinfo", result), "14400 x 14400 pts"));
    refused(page_with("larger", "0 0 1000000000 9", "0 0 9 9 re f"), ERR_INVALID, "尺寸不正常");
    result = redacted(page_with("wide", "0 0 500000 3", "0 0 9 9 re f"), &r, 1, &report);
    json_decref(report);
    assert_true(has(OUTPUT("pdfinfo", result), "Pages:           1"));
}

/* Forms that draw each other ten times, twelve deep. */
static void a_pdf_that_never_ends_is_ended(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 16);
    buf_addz(&b,
             "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
             "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Resources<</XObject<</F 5 0 R>>>>/Contents 4 0 "
             "R>>endobj\n");
    buf_add(&b, stream(4, "", "/F Do"));
    for (int i = 5; i < 17; i++)
        buf_add(&b, stream(i,
                           str_printf(w.arena,
                                      "/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</F %d 0 R>>>>",
                                      i + 1)
                               .p,
                           i == 16 ? "0 0 9 9 re f" : "/F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do"));
    const char *source = raw_pdf("endless", b.p);
    buf_release(&b);
    redact_set_seconds(2);
    uint64_t t = clock_mono_ns();
    refused(source, ERR_INVALID, "没有处理完");
    assert_true(clock_mono_ns() - t < 10 * 1000000000ULL);
    assert_true(clock_mono_ns() - t > 1 * 1000000000ULL); /* it did try */
    redact_set_seconds(LIMIT_REDACT_SECONDS);
}

static void a_helper_that_dies_or_talks_nonsense_gives_no_file(void **state) {
    (void)state;
    static const char *const bad[] = {"/bin/false", "/bin/echo", "/bin/kill", "/nonexistent"};
    const char *source = PAPER("h", "文字");
    for (size_t i = 0; i < countof(bad); i++) {
        blob_set_extractor(bad[i]);
        refused(source, ERR_INVALID, "没有生成任何文件");
    }
    blob_set_extractor("/proc/self/exe");
}

/* ── suggestions and preview ── */

static void personal_data_is_suggested_and_can_be_covered(void **state) {
    json_t *report;
    (void)state;
    const char *source = PAPER("s", "身份证号：320682199001011239 和 11010519491231002X。",
                               "电话：138 1234 5678，又 13812345679。", "再次 13812345679。");
    json_t *list = redact_suggest(&w, source), *o;
    size_t i;
    struct redaction r[10];
    bool spaced = false, x = false;
    assert_non_null(list);
    assert_in_range(json_array_size(list), 3, 4);
    json_array_foreach(list, i, o) {
        const char *phrase = json_string_value(json_object_get(o, "phrase"));
        assert_non_null(strchr(json_string_value(json_object_get(o, "masked")), '*'));
        assert_int_equal(json_array_size(json_object_get(o, "pages")), 1);
        spaced = spaced || strcmp(phrase, "138 1234 5678") == 0;
        x = x || strcmp(phrase, "11010519491231002X") == 0;
        r[i] = (struct redaction){.phrase = str_z(phrase)};
    }
    assert_true(spaced && x);
    const char *result = redacted(source, r, json_array_size(list), &report);
    json_array_foreach(report, i, o) assert_true(json_integer_value(json_object_get(o, "count")) > 0);
    assert_int_equal(places(source, result, 1, "13812345679", true), 2);
    assert_int_equal(places(source, result, 1, "11010519491231002X", true), 1);
    json_decref(report);
    json_decref(list);
    list = redact_suggest(
        &w, page_with("sw", "0 0 300 300", "BT /F 12 Tf 50 200 Td (No 110105194912) Tj 0 -14 Td (31002X end) Tj ET"));
    assert_int_equal(json_array_size(list), 1); /* broken over two lines */
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "phrase")), "11010519491231002X");
    json_decref(list);
    list = redact_suggest(&w, picture("s.png", 30, 30));
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    error_clear(&w);
    assert_null(redact_suggest(&w, written("sd", S("%PDF-1.4 nothing"))));
    assert_non_null(strstr(error_text(&w.error), "打不开"));
}

static void a_page_is_shown_as_it_will_be_drawn(void **state) {
    struct str png = STR_NONE;
    (void)state;
    error_clear(&w);
    assert_int_equal(pdf_page_png(&w, loaded_pdf("shown", "5 0 R"), 1, 800, &png), 0);
    written("shown.png", png);
    cairo_surface_t *s = cairo_image_surface_create_from_png(in_dir("shown.png"));
    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(s), 800);
    assert_int_equal(cairo_image_surface_get_height(s), 1200);
    const unsigned char *p = cairo_image_surface_get_data(s);
    assert_int_equal(p[(size_t)cairo_image_surface_get_stride(s) * 160 + 4 * 400], 255); /* the form is not there */
    cairo_surface_destroy(s);
    assert_int_equal(pdf_page_png(&w, in_dir("shown"), 2, 800, &png), -1);
    assert_non_null(strstr(error_text(&w.error), "没有这一页"));
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "extract-text") == 0)
        return blob_extract_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "redact") == 0)
        return blob_redact_main(argc - 1, argv + 1);
    log_set_level(LOG_ERROR + 1);
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_covered_phrase_is_gone),
        T(a_phrase_over_two_lines_is_covered_on_both),
        T(a_phrase_in_a_narrow_cell_is_covered_on_every_line),
        T(a_phrase_in_columns_written_across_is_covered),
        T(a_phrase_over_two_pages_is_covered_on_both),
        T(width_case_blanks_and_radicals_do_not_hide_a_phrase),
        T(a_phrase_that_is_nowhere_is_said),
        T(an_area_is_covered_on_its_page_only),
        T(pictures_are_covered_by_area_and_become_pdf),
        T(hostile_pictures_are_refused),
        T(scanned_pages_are_named_as_unread),
        T(notes_forms_layers_and_attachments_do_not_survive),
        T(turned_and_cropped_pages_are_covered_in_the_right_place),
        T(what_cannot_be_redacted_is_refused_with_a_reason),
        T(what_is_asked_is_checked),
        T(a_huge_page_is_drawn_smaller),
        T(a_pdf_that_never_ends_is_ended),
        T(a_helper_that_dies_or_talks_nonsense_gives_no_file),
        T(personal_data_is_suggested_and_can_be_covered),
        T(a_page_is_shown_as_it_will_be_drawn),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("redaction", tests, NULL, NULL);
}
