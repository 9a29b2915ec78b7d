/* test_paper.c: what was put on paper comes back when the PDF is read by another library. */
#include "unit.h"
#include <poppler.h>
#include <cairo.h>
#include <qrencode.h>
#include "paper/paper.h"

static int begin(void **s) {
    struct work *w = calloc(1, sizeof *w);
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    w->now = 1795392306000; /* 2026-11-23 08:05:06 in Shanghai */
    *s = w;
    return 0;
}
static int end(void **s) {
    struct work *w = *s;
    arena_free(w->arena);
    free(w);
    return 0;
}

static PopplerDocument *opened(struct str pdf) {
    assert_true(str_starts(pdf, S("%PDF-")));
    GBytes *bytes = g_bytes_new(pdf.p, pdf.n);
    PopplerDocument *d = poppler_document_new_from_bytes(bytes, NULL, NULL);
    g_bytes_unref(bytes);
    assert_non_null(d);
    return d;
}
static PopplerDocument *ended(struct paper *p) {
    struct str pdf = STR_NONE;
    assert_int_equal(paper_end(p, &pdf), 0);
    return opened(pdf);
}
static char *page_text(PopplerDocument *d, int page) {
    PopplerPage *g = poppler_document_get_page(d, page);
    char *t = poppler_page_get_text(g);
    g_object_unref(g);
    return t;
}
static bool page_has(PopplerDocument *d, int page, const char *what) {
    char *t = page_text(d, page);
    bool has = strstr(t, what) != NULL;
    g_free(t);
    return has;
}
/* All pages without blanks and line ends. */
static struct str all_text(struct work *w, PopplerDocument *d) {
    struct buf b;
    buf_init(&b, 64 << 20);
    for (int i = 0; i < poppler_document_get_n_pages(d); i++) {
        char *t = page_text(d, i);
        for (const char *p = t; *p; p++)
            if (*p != ' ' && *p != '\n' && *p != '\f')
                buf_addc(&b, *p);
        g_free(t);
    }
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}
static bool has(struct str s, const char *what) {
    return str_find(s, str_z(what)) >= 0;
}
static size_t count_of(struct str s, const char *what) {
    size_t n = 0;
    for (const char *p = s.p; (p = strstr(p, what)); p++)
        n++;
    return n;
}
static struct str repeated(struct work *w, const char *what, size_t times) {
    struct buf b;
    buf_init(&b, 64 << 20);
    while (times--)
        buf_addz(&b, what);
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}
/* Greatest right edge and lowest lower edge of what stands on a page, without the footer. */
static void extent(PopplerDocument *d, int page, double *ret_right, double *ret_bottom) {
    PopplerPage *g = poppler_document_get_page(d, page);
    PopplerRectangle *r = NULL;
    guint n = 0;
    *ret_right = *ret_bottom = 0;
    assert_true(poppler_page_get_text_layout(g, &r, &n));
    for (guint i = 0; i < n; i++) {
        *ret_right = r[i].x2 > *ret_right ? r[i].x2 : *ret_right;
        if (r[i].y1 < 272 * 72 / 25.4)
            *ret_bottom = r[i].y2 > *ret_bottom ? r[i].y2 : *ret_bottom;
    }
    g_free(r);
    g_object_unref(g);
}

/* A page as an image, four pixels a millimetre. */
static cairo_surface_t *rendered(PopplerDocument *d, int page) {
    PopplerPage *g = poppler_document_get_page(d, page);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 840, 1188);
    cairo_t *cr = cairo_create(image);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, 4 * 25.4 / 72, 4 * 25.4 / 72);
    poppler_page_render(g, cr);
    cairo_surface_flush(image);
    cairo_destroy(cr);
    g_object_unref(g);
    return image;
}

static void every_piece(struct paper *p) {
    static const struct str cells[] = {S("时间"), S("办理人"), S("九时"), S("张三")};
    static const int widths[] = {1, 3};
    static const struct paper_run runs[] = {{PAPER_SAME, S("办理时限为")},
                                            {PAPER_DELETED, S("十五")},
                                            {PAPER_INSERTED, S("二十")},
                                            {PAPER_SAME, S("个工作日。\n次段")}};
    paper_heading(p, 1, S("政府信息公开存证证明"));
    paper_text(p, S("第一段。\n第二段 <b>&amp;</b>"));
    paper_note(p, S("小字说明"));
    paper_mono(p, S("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"));
    paper_rule(p);
    paper_space(p, 5);
    paper_heading(p, 2, S("事实"));
    paper_facts(p, S("文号"), S("明政发〔2026〕7号"));
    paper_heading(p, 3, S("修改"));
    paper_marked(p, runs, countof(runs));
    paper_table(p, 2, widths, cells, 2, true);
    paper_qr(p, S("https://example.gov.cn/v/1"), 30, S("扫码核验"));
}
static void what_is_written_comes_back(void **s) {
    struct work *w = *s;
    struct paper *p = paper_begin(w, S("存证证明\n<第一号>"), S("明堂示例市人民政府"));
    every_piece(p);
    PopplerDocument *d = ended(p);
    char *title = poppler_document_get_title(d), *creator = poppler_document_get_creator(d);
    static const char *const expected[] = {"政府信息公开存证证明",
                                           "第一段。",
                                           "第二段<b>&amp;</b>",
                                           "小字说明",
                                           "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                                           "事实",
                                           "文号",
                                           "明政发〔2026〕7号",
                                           "办理时限为十五二十个工作日。",
                                           "次段",
                                           "办理人",
                                           "张三",
                                           "扫码核验",
                                           "明堂示例市人民政府",
                                           "第1页"};
    assert_string_equal(title, "存证证明 <第一号>");
    assert_string_equal(creator, "Mingtang");
    assert_int_equal(poppler_document_get_creation_date(d), w->now / 1000);
    assert_int_equal(poppler_document_get_n_pages(d), 1);
    struct str text = all_text(w, d);
    for (size_t i = 0; i < countof(expected); i++)
        if (!has(text, expected[i])) {
            print_error("%s is not in %s\n", expected[i], text.p);
            assert_true(false);
        }
    g_free(title);
    g_free(creator);
    g_object_unref(d);
}
static void the_same_calls_give_the_same_bytes(void **s) {
    struct work *w = *s;
    struct str pdf[2];
    for (int i = 0; i < 2; i++) {
        struct paper *p = paper_begin(w, S("题"), S("脚"));
        every_piece(p);
        assert_int_equal(paper_end(p, &pdf[i]), 0);
    }
    assert_true(str_eq(pdf[0], pdf[1]));
}
/* Cairo's own subsets of these fonts leave signs empty (如) or end the process. */
static void every_sign_is_drawn(void **s) {
    struct work *w = *s;
    struct paper *p = paper_begin(w, S("字"), S("脚"));
    struct buf b;
    buf_init(&b, 1 << 20);
    for (uint32_t c = 0x4E00; c < 0x9FA6; c++) {
        char t[4];
        buf_add(&b, (struct str){t, utf8_put(t, c)});
        if (c % 32 == 31)
            buf_addc(&b, '\n');
    }
    paper_mono(p, buf_str(&b));
    paper_text(p, S("如"));
    buf_release(&b);
    PopplerDocument *d = ended(p);
    size_t signs = 0;
    for (int g = 0; g < poppler_document_get_n_pages(d); g++) {
        PopplerPage *page = poppler_document_get_page(d, g);
        PopplerRectangle *r = NULL;
        guint n = 0;
        char *text = poppler_page_get_text(page);
        struct str rest = str_z(text);
        cairo_surface_t *image = rendered(d, g);
        assert_true(poppler_page_get_text_layout(page, &r, &n));
        for (guint i = 0; i < n && rest.n; i++) {
            int dark = 0;
            if (utf8_next(&rest) < 0x4E00)
                continue;
            for (int y = (int)(r[i].y1 / 72 * 25.4 * 4); y < r[i].y2 / 72 * 25.4 * 4; y++)
                for (int x = (int)(r[i].x1 / 72 * 25.4 * 4); x < r[i].x2 / 72 * 25.4 * 4; x++)
                    dark +=
                        cairo_image_surface_get_data(image)[y * cairo_image_surface_get_stride(image) + 4 * x] < 200;
            assert_true(dark > 0);
            signs++;
        }
        cairo_surface_destroy(image);
        g_free(r);
        g_free(text);
        g_object_unref(page);
    }
    assert_true(signs >= 0x9FA6 - 0x4E00 + 1);
    g_object_unref(d);
}
static void an_empty_paper_is_one_page(void **s) {
    struct work *w = *s;
    struct paper *p = paper_begin(w, STR_NONE, STR_NONE);
    paper_text(p, STR_NONE);
    paper_mono(p, S("\n\n"));
    paper_marked(p, NULL, 0);
    paper_table(p, 3, NULL, NULL, 0, true);
    PopplerDocument *d = ended(p);
    assert_int_equal(poppler_document_get_n_pages(d), 1);
    assert_string_equal(all_text(w, d).p, "第1页");
    g_object_unref(d);
    paper_abandon(NULL);
}

static void a_table_repeats_its_header_and_keeps_rows_whole(void **s) {
    enum { ROWS = 90 };
    struct work *w = *s;
    static const int widths[] = {2, 5, 3};
    struct str *cells = arena_many(w->arena, struct str, 3 * (ROWS + 1));
    cells[0] = S("序号栏");
    cells[1] = S("内容栏");
    cells[2] = S("备注栏");
    for (int i = 1; i <= ROWS; i++) {
        cells[3 * i] = str_printf(w->arena, "始%d。", i);
        cells[3 * i + 1] = str_printf(w->arena, "一行\n二行\n终%d。", i);
    }
    struct paper *p = paper_begin(w, S("表"), S("脚"));
    paper_heading(p, 1, S("大表"));
    paper_table(p, 3, widths, cells, ROWS + 1, true);
    PopplerDocument *d = ended(p);
    int pages = poppler_document_get_n_pages(d), seen = 0;
    assert_true(pages >= 3);
    for (int g = 0; g < pages; g++) {
        double right, bottom;
        assert_true(page_has(d, g, "序号栏") && page_has(d, g, "备注栏"));
        extent(d, g, &right, &bottom);
        assert_true(bottom <= 272 * 72 / 25.4 + 8);
        for (int i = 1; i <= ROWS; i++) {
            char from[32], to[32];
            snprintf(from, sizeof from, "始%d。", i);
            snprintf(to, sizeof to, "终%d。", i);
            assert_int_equal(page_has(d, g, from), page_has(d, g, to));
            seen += page_has(d, g, from);
        }
    }
    assert_int_equal(seen, ROWS);
    g_object_unref(d);
}
static void a_row_taller_than_a_page_is_split(void **s) {
    struct work *w = *s;
    struct str cells[] = {S("甲栏"), S("乙栏"), S("短"), repeated(w, "长格内容", 2000), S("末"), S("终")};
    struct paper *p = paper_begin(w, S("表"), S("脚"));
    paper_text(p, S("表前"));
    paper_table(p, 2, NULL, cells, 3, true);
    PopplerDocument *d = ended(p);
    int pages = poppler_document_get_n_pages(d);
    struct str text = all_text(w, d);
    assert_true(pages >= 3);
    for (int g = 0; g < pages; g++)
        assert_true(page_has(d, g, "甲栏"));
    assert_int_equal(count_of(text, "内"), 2000);
    assert_true(has(text, "末") && has(text, "终"));
    g_object_unref(d);
}
static void odd_tables_do_no_harm(void **s) {
    struct work *w = *s;
    struct str giant[] = {repeated(w, "巨大表头", 3000), S("值")}, sixteen[16];
    static const int odd[] = {-1, 0, 1000000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct str pdf = STR_NONE;
    for (size_t i = 0; i < 16; i++)
        sixteen[i] = S("abcdef0123456789abcdef 窄列");
    struct paper *p = paper_begin(w, S("表"), S("脚"));
    paper_table(p, 1, NULL, giant, 2, true);
    paper_table(p, 1, NULL, giant + 1, 1, true);
    paper_table(p, 16, odd, sixteen, 1, false);
    PopplerDocument *d = ended(p);
    struct str text = all_text(w, d);
    assert_int_equal(count_of(text, "巨"), 3000); /* once, not on each page */
    assert_int_equal(count_of(text, "值"), 2);
    g_object_unref(d);
    p = paper_begin(w, S("表"), S("脚"));
    paper_table(p, PAPER_MAX_COLUMNS + 1, NULL, giant, 1, false);
    assert_int_equal(paper_end(p, &pdf), -1);
    assert_int_equal(w->error.code, ERR_INTERNAL);
}

static void a_very_long_paragraph_flows(void **s) {
    struct work *w = *s;
    struct buf b;
    struct str pdf;
    buf_init(&b, 4 << 20);
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "字%05d，天地玄黄宇", i); /* 14 characters with the number */
    uint64_t start = clock_mono_ns();
    struct paper *p = paper_begin(w, S("长"), S("脚"));
    paper_text(p, buf_str(&b));
    assert_int_equal(paper_end(p, &pdf), 0);
    assert_true(clock_mono_ns() - start < 60000000000ull);
    PopplerDocument *d = opened(pdf);
    struct str text = all_text(w, d);
    int pages = poppler_document_get_n_pages(d);
    assert_true(pages > 100);
    for (int i = 0; i < 20000; i++) { /* nothing lost, nothing twice, at the borders of chunks and pages too */
        char mark[16];
        snprintf(mark, sizeof mark, "字%05d", i);
        const char *at = strstr(text.p, mark);
        assert_non_null(at);
        text.p = at + 8;
    }
    for (int g = 0; g < pages; g += 20) {
        double right, bottom;
        extent(d, g, &right, &bottom);
        assert_true(right <= 190 * 72 / 25.4 + 2 && bottom <= 272 * 72 / 25.4 + 8);
    }
    buf_release(&b);
    g_object_unref(d);
}
static void long_words_stay_between_the_margins(void **s) {
    struct work *w = *s;
    struct str hex = repeated(w, "0123456789abcdef", 40);
    struct paper *p = paper_begin(w, S("长"), S("脚"));
    struct str cells[] = {hex, S("甲")};
    double right, bottom;
    paper_text(p, hex);
    paper_mono(p, hex);
    paper_note(p, hex);
    paper_facts(p, hex, hex);
    paper_heading(p, 3, hex);
    paper_table(p, 2, NULL, cells, 1, false);
    PopplerDocument *d = ended(p);
    extent(d, 0, &right, &bottom);
    assert_true(right <= 190 * 72 / 25.4 + 2);
    struct str text = all_text(w, d);
    assert_int_equal(count_of(text, "f"), 7 * 40);
    assert_false(has(text, "-")); /* no hyphens came in */
    g_object_unref(d);
}
static void a_heading_stays_with_what_follows(void **s) {
    struct work *w = *s;
    static const struct str cells[] = {S("表头"), S("跟随\n一\n二\n三")};
    for (int lines = 24; lines < 40; lines++) {
        struct paper *p = paper_begin(w, S("题"), S("脚"));
        for (int i = 0; i < lines; i++)
            paper_text(p, S("行"));
        for (int level = 0; level <= 4; level += 2) /* out-of-range levels count as the nearest */
            paper_heading(p, level, str_printf(w->arena, "标题%d", level));
        if (lines % 2)
            paper_text(p, str_printf(w->arena, "跟随%s", repeated(w, "正文", 60).p));
        else
            paper_table(p, 1, NULL, cells, 2, true);
        PopplerDocument *d = ended(p);
        for (int g = 0; g < poppler_document_get_n_pages(d); g++) {
            assert_int_equal(page_has(d, g, "标题4"), page_has(d, g, "跟随"));
            assert_int_equal(page_has(d, g, "标题2"), page_has(d, g, "跟随"));
        }
        g_object_unref(d);
    }
    struct paper *p =
        paper_begin(w, S("题"), S("脚")); /* a heading longer than a page, and one with nothing after it */
    paper_heading(p, 1, repeated(w, "很长", 2000));
    paper_space(p, 1e9);
    paper_heading(p, 2, S("最后"));
    paper_space(p, 1e9);
    PopplerDocument *d = ended(p);
    struct str text = all_text(w, d);
    assert_int_equal(count_of(text, "很"), 2000);
    assert_int_equal(count_of(text, "最后"), 1);
    g_object_unref(d);
}

static void hostile_text_is_only_text(void **s) {
    struct work *w = *s;
    struct str binary = {arena_alloc(w->arena, 4096), 4096};
    char *bytes = arena_alloc(w->arena, 4096);
    for (size_t i = 0; i < 4096; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    binary.p = bytes;
    const struct str hostile[] = {S("<span size='9999999'>&#x41;</span>"),
                                  S("坏\xff字\xe4\xb8"),
                                  S("\x00\x01\x1b[31m甲\x7f乙"),
                                  S("左\u202e右\u2066\ufeff末"),
                                  repeated(w, "\u0301", 5000),
                                  repeated(w, "\u200b\u200d", 5000),
                                  repeated(w, "\u05d0\u05d1 ", 500),
                                  repeated(w, "\ufdfd", 20),
                                  repeated(w, "\n", 100000),
                                  repeated(w, " ", 50000),
                                  S("\r\nend\r"),
                                  S("\xed\xa0\x80\xf8\xc0\x80"),
                                  binary};
    struct paper *p = paper_begin(w, binary, repeated(w, "\xff很长的页脚", 500));
    for (size_t i = 0; i < countof(hostile); i++) {
        struct paper_run runs[] = {
            {PAPER_DELETED, hostile[i]}, {PAPER_SAME, STR_NONE}, {(enum paper_op)77, hostile[i]}};
        struct str cells[] = {hostile[i], S("邻"), hostile[i], S("居")};
        paper_heading(p, 1, hostile[i]);
        paper_text(p, hostile[i]);
        paper_note(p, hostile[i]);
        paper_mono(p, hostile[i]);
        paper_facts(p, hostile[i], hostile[i]);
        paper_marked(p, runs, countof(runs));
        paper_table(p, 2, NULL, cells, 2, true);
        paper_qr(p, S("x"), -5, hostile[i]);
    }
    PopplerDocument *d = ended(p);
    struct str text = all_text(w, d);
    assert_true(has(text, "<spansize='9999999'>&#x41;</span>"));
    assert_true(has(text, "坏\ufffd字\ufffd"));
    assert_true(has(text, "[31m甲乙"));
    assert_true(has(text, "左右末"));
    g_object_unref(d);
}

static void too_large_is_told_and_stays(void **s) {
    struct work *w = *s;
    struct str pdf = S("untouched");
    struct paper *p = paper_begin(w, S("大"), S("脚"));
    paper_limit(p, 20000);
    paper_limit(p, PAPER_MAX_BYTES); /* only lower */
    for (int i = 0; i < 200; i++)
        paper_text(p, repeated(w, "天地玄黄宇宙洪荒", 200));
    every_piece(p);
    assert_int_equal(paper_end(p, &pdf), -1);
    assert_int_equal(w->error.code, ERR_TOO_LARGE);
    assert_true(str_is(pdf, "untouched"));
    error_clear(w);
    p = paper_begin(w, S("页"), S("脚"));
    paper_mono(p, repeated(w, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n.", 20 * (PAPER_MAX_PAGES / 5)));
    assert_int_equal(paper_end(p, &pdf), -1);
    assert_int_equal(w->error.code, ERR_TOO_LARGE);
    error_clear(w);
    p = paper_begin(w, S("弃"), S("脚"));
    every_piece(p);
    paper_heading(p, 1, S("还在等待"));
    paper_abandon(p);
    assert_int_equal(w->error.code, ERR_NONE);
}

static QRcode *reference(const char *text) {
    QRcode *q = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    assert_non_null(q);
    return q;
}
static void the_svg_is_the_code(void **s) {
    struct work *w = *s;
    static const char *const texts[] = {"https://example.gov.cn/v/9f86d081?a=1&b=<2>", "明堂 核验", "12345"};
    for (size_t i = 0; i < countof(texts); i++) {
        QRcode *q = reference(texts[i]);
        struct str svg;
        int whole = q->width + 8, moves = 0;
        char *dark = arena_alloc(w->arena, (size_t)(whole * whole));
        assert_int_equal(paper_qr_svg(w, str_z(texts[i]), &svg), 0);
        struct str head = str_printf(
            w->arena, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
            4 * whole, 4 * whole, whole, whole);
        assert_true(str_starts(svg, head));
        assert_true(str_ends(svg, S("</svg>\n")));
        assert_int_equal(count_of(svg, "<path "), 1);
        assert_false(has(svg, "style") || has(svg, "script"));
        int x, y, n, m;
        for (const char *p = strstr(svg.p, " d=\"") + 4; sscanf(p, "M%d %dh%dv1h-%dz", &x, &y, &n, &m) == 4; moves++) {
            assert_true(n == m && x >= 4 && y >= 4 && x + n <= whole - 4 && y < whole - 4);
            memset(dark + y * whole + x, 1, (size_t)n);
            p = strchr(p, 'z') + 1;
        }
        assert_true(moves > q->width);
        for (y = 0; y < q->width; y++)
            for (x = 0; x < q->width; x++)
                assert_int_equal(dark[(y + 4) * whole + x + 4], q->data[y * q->width + x] & 1);
        QRcode_free(q);
    }
}
static void the_code_on_paper_can_be_read(void **s) {
    struct work *w = *s;
    const char *text = "https://example.gov.cn/v/1";
    QRcode *q = reference(text);
    double unit = 40.0 * 4 / (q->width + 8); /* pixels: 4 a millimetre */
    struct paper *p = paper_begin(w, S("码"), S("脚"));
    paper_qr(p, str_z(text), 40, S("旁注"));
    paper_qr(p, str_z(text), 150, repeated(w, "下注", 300));
    PopplerDocument *d = ended(p);
    cairo_surface_t *image = rendered(d, 0);
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++) {
            int px = (int)(20 * 4 + (x + 4.5) * unit), py = (int)(25 * 4 + (y + 4.5) * unit);
            const unsigned char *at =
                cairo_image_surface_get_data(image) + (ptrdiff_t)py * cairo_image_surface_get_stride(image);
            assert_int_equal(at[4 * px + 1] < 128, q->data[y * q->width + x] & 1);
        }
    assert_true(page_has(d, 0, "旁注"));
    assert_int_equal(count_of(all_text(w, d), "下注"), 300);
    cairo_surface_destroy(image);
    g_object_unref(d);
    QRcode_free(q);
}
static void what_is_no_code_is_refused(void **s) {
    struct work *w = *s;
    struct {
        struct str text;
        enum error_code code;
    } bad[] = {{STR_NONE, ERR_INVALID},
               {S("a\0b"), ERR_INVALID},
               {S("\xff"), ERR_INVALID},
               {repeated(w, "x", 2500), ERR_TOO_LARGE},
               {repeated(w, "x", 100000), ERR_TOO_LARGE}};
    for (size_t i = 0; i < countof(bad); i++) {
        struct str out = STR_NONE;
        assert_int_equal(paper_qr_svg(w, bad[i].text, &out), -1);
        assert_int_equal(w->error.code, bad[i].code);
        error_clear(w);
        struct paper *p = paper_begin(w, S("码"), S("脚"));
        paper_qr(p, bad[i].text, 30, S("注"));
        paper_text(p, S("之后"));
        assert_int_equal(paper_end(p, &out), -1);
        assert_int_equal(w->error.code, bad[i].code);
        error_clear(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(the_same_calls_give_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(every_sign_is_drawn, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_paper_is_one_page, begin, end),
        cmocka_unit_test_setup_teardown(a_table_repeats_its_header_and_keeps_rows_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_row_taller_than_a_page_is_split, begin, end),
        cmocka_unit_test_setup_teardown(odd_tables_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(a_very_long_paragraph_flows, begin, end),
        cmocka_unit_test_setup_teardown(long_words_stay_between_the_margins, begin, end),
        cmocka_unit_test_setup_teardown(a_heading_stays_with_what_follows, begin, end),
        cmocka_unit_test_setup_teardown(hostile_text_is_only_text, begin, end),
        cmocka_unit_test_setup_teardown(too_large_is_told_and_stays, begin, end),
        cmocka_unit_test_setup_teardown(the_svg_is_the_code, begin, end),
        cmocka_unit_test_setup_teardown(the_code_on_paper_can_be_read, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_code_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
