/* test_paper_letter.c: official letters as PDF, measured with another library, and as Word, opened with LibreOffice. */
#include "unit.h"
#include "paper/paper.h"
#include <poppler.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MM(x) ((x)*72.0 / 25.4)

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

static const struct paper_letter usual = {
    .organ = {"如皋市财政局", 18},
    .number = {"财政局依复〔2026〕12号", 30},
    .title = {"政府信息公开告知书", 27},
    .addressee = {"张三", 6},
    .body = {"一、第一段。\n二、第二段。", 37},
    .signer = {"如皋市财政局", 18},
    .note = {"联系电话：0513-87650000", 28},
    .check = {"https://zwgk.example.gov.cn/letters/ABCDEFGHIJKLMNOP", 52},
};

static PopplerDocument *opened(struct str pdf) {
    GBytes *bytes = g_bytes_new(pdf.p, pdf.n);
    PopplerDocument *d = poppler_document_new_from_bytes(bytes, NULL, NULL);
    g_bytes_unref(bytes);
    assert_non_null(d);
    return d;
}
static PopplerDocument *pdf_of(struct work *w, const struct paper_letter *l) {
    struct str pdf = STR_NONE;
    assert_int_equal(paper_letter_pdf(w, l, &pdf), 0);
    return opened(pdf);
}
/* All pages, without blanks. */
static struct str all_text(struct work *w, PopplerDocument *d) {
    struct buf b;
    buf_init(&b, 8 << 20);
    for (int i = 0; i < poppler_document_get_n_pages(d); i++) {
        PopplerPage *g = poppler_document_get_page(d, i);
        char *t = poppler_page_get_text(g);
        for (const char *p = t; *p; p++)
            if (*p != ' ' && *p != '\n' && *p != '\f')
                buf_addc(&b, *p);
        g_free(t);
        g_object_unref(g);
    }
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}
static bool has(struct str s, const char *what) {
    return str_find(s, str_z(what)) >= 0;
}
/* Where a text first stands on a page, from the upper left; fails when it does not. */
static PopplerRectangle place(PopplerDocument *d, int page, const char *what) {
    PopplerPage *g = poppler_document_get_page(d, page);
    GList *found = poppler_page_find_text(g, what);
    double width, height;
    poppler_page_get_size(g, &width, &height);
    if (!found)
        print_error("not on page %d: %s\n", page, what);
    assert_non_null(found);
    PopplerRectangle r = *(PopplerRectangle *)found->data;
    for (GList *l = found; l; l = l->next)
        r = ((PopplerRectangle *)l->data)->y2 > r.y2 ? *(PopplerRectangle *)l->data : r;
    double y1 = r.y1;
    r.y1 = height - r.y2;
    r.y2 = height - y1;
    g_list_free_full(found, (GDestroyNotify)poppler_rectangle_free);
    g_object_unref(g);
    return r;
}
/* Lines of the text and the signs of the longest; not the number of the page. */
static void grid_of(PopplerDocument *d, int page, size_t *ret_lines, size_t *ret_longest) {
    PopplerPage *g = poppler_document_get_page(d, page);
    char *t = poppler_page_get_text(g);
    struct str rest = str_z(t), line;
    *ret_lines = *ret_longest = 0;
    while (str_cut(rest, '\n', &line, &rest) || (line = rest, rest = STR_NONE, line.n)) {
        size_t n = utf8_length(str_trim(line));
        if (str_find(line, S("—")) >= 0)
            continue;
        *ret_lines += n > 0;
        *ret_longest = n > *ret_longest ? n : *ret_longest;
    }
    g_free(t);
    g_object_unref(g);
}
/* What is red on page 1, in millimetres: the organ's name above, the line below. */
static void red_ink(PopplerDocument *d, double *top, double *bottom, double *left, double *right) {
    PopplerPage *g = poppler_document_get_page(d, 0);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 840, 1188); /* four pixels a millimetre */
    cairo_t *cr = cairo_create(image);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, 4 * 25.4 / 72, 4 * 25.4 / 72);
    poppler_page_render(g, cr);
    cairo_surface_flush(image);
    *top = *left = 1000;
    *bottom = *right = 0;
    for (int y = 0; y < 1188; y++)
        for (int x = 0; x < 840; x++) {
            const unsigned char *at =
                cairo_image_surface_get_data(image) + (ptrdiff_t)y * cairo_image_surface_get_stride(image) + 4 * x;
            if (at[2] < 150 || at[1] > 100)
                continue;
            *top = y / 4.0 < *top ? y / 4.0 : *top;
            *bottom = y / 4.0;
            *left = x / 4.0 < *left ? x / 4.0 : *left;
            *right = x / 4.0 > *right ? x / 4.0 : *right;
        }
    cairo_destroy(cr);
    cairo_surface_destroy(image);
    g_object_unref(g);
}
static struct str repeated(struct work *w, const char *what, int times) {
    struct buf b;
    buf_init(&b, 8 << 20);
    while (times-- > 0)
        buf_addz(&b, what);
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}
static const char paragraph[] =
    "本机关对你申请公开的政府信息进行了检索和审查现将有关情况告知如下请予知悉并保存好本告知书"
    "本机关对你申请公开的政府信息进行了检索和审查现将有关情况告知如下请予知悉并保存好本告知书\n";

static void the_parts_stand_where_the_standard_puts_them(void **s) {
    struct work *w = *s;
    struct paper_letter l = usual;
    l.day = day_of(w->now);
    PopplerDocument *d = pdf_of(w, &l);
    PopplerRectangle organ = place(d, 0, "如皋市财政局"), number = place(d, 0, "财政局依复〔2026〕12号"),
                     title = place(d, 0, "政府信息公开告知书"), to = place(d, 0, "张三："),
                     first = place(d, 0, "一、第一段。"), day = place(d, 0, "2026年11月23日"),
                     page = place(d, 0, "—1—"), code = place(d, 0, "扫码核对");
    double middle = MM(28 + 78), top, bottom, left, right;
    red_ink(d, &top, &bottom, &left, &right);
    assert_float_equal(top, 37 + 35, 1.5); /* 发文机关标志 */
    assert_float_equal(left, 28, 0.5);     /* the line is as wide as the text */
    assert_float_equal(right, 28 + 156, 0.5);
    assert_true(MM(bottom) > number.y1 + 16 && MM(bottom) < title.y2);
    assert_true(number.y2 > organ.y2 && title.y2 > number.y2 && to.y2 > title.y2 && first.y2 > to.y2);
    assert_float_equal((organ.x1 + organ.x2) / 2, middle, 2);
    assert_float_equal((number.x1 + number.x2) / 2, middle, 2);
    assert_float_equal((title.x1 + title.x2) / 2, middle, 2);
    assert_float_equal(to.x1, MM(28), 1.5);
    assert_float_equal(first.x1, MM(28) + 2 * MM(156) / 28, 1.5);     /* two signs in */
    assert_float_equal(day.x2, MM(28 + 156) - 4 * MM(156) / 28, 1.5); /* four signs from the right */
    assert_true(page.y2 > MM(262 + 5) && page.x2 > MM(170));
    assert_true(code.y2 > MM(266) && code.x1 < MM(60));
    assert_true(has(all_text(w, d), "（联系电话：0513-87650000）"));
    g_object_unref(d);
}

static void a_page_has_22_lines_of_28_signs(void **s) {
    struct work *w = *s;
    struct paper_letter l = usual;
    size_t lines, longest;
    l.body = repeated(w, paragraph, 40);
    l.day = day_of(w->now);
    PopplerDocument *d = pdf_of(w, &l);
    assert_true(poppler_document_get_n_pages(d) > 5);
    for (int i = 1; i < 4; i++) {
        grid_of(d, i, &lines, &longest);
        assert_int_equal(lines, 22);
        assert_int_equal(longest, 28);
    }
    PopplerRectangle two = place(d, 1, "—2—"), three = place(d, 2, "—3—");
    assert_true(two.x1 < MM(40) && three.x2 > MM(170)); /* outer sides */
    g_object_unref(d);
}

/* Whatever the length, the page with the signature has text before it, and nothing of the text is lost. */
static void the_signature_never_stands_alone(void **s) {
    struct work *w = *s;
    for (int n = 1; n < 40; n++) {
        struct paper_letter l = usual;
        l.body = repeated(w, "本段只有一行。\n", n);
        l.signer = S("署名机关");
        l.day = day_of(w->now);
        PopplerDocument *d = pdf_of(w, &l);
        int last = poppler_document_get_n_pages(d) - 1;
        PopplerRectangle text = place(d, last, "本段只有一行。"), signer = place(d, last, "署名机关");
        assert_true(text.y1 < signer.y1 && place(d, last, "2026年11月23日").y2 < MM(263));
        struct str all = all_text(w, d);
        int seen = 0;
        for (const char *p = all.p; (p = strstr(p, "本段只有一行。")); p++)
            seen++;
        assert_int_equal(seen, n);
        g_object_unref(d);
    }
}

static void annexes_are_named_before_the_signature(void **s) {
    struct work *w = *s;
    const struct str names[] = {S("预算绩效评价结果汇总表"), S("第三方机构复核意见")};
    struct paper_letter l = usual;
    l.annexes = names;
    l.annex_count = 1;
    PopplerDocument *d = pdf_of(w, &l);
    assert_true(has(all_text(w, d), "附件：预算绩效评价结果汇总表"));
    g_object_unref(d);
    l.annex_count = 2;
    d = pdf_of(w, &l);
    struct str all = all_text(w, d);
    assert_true(has(all, "附件：1.预算绩效评价结果汇总表2.第三方机构复核意见"));
    g_object_unref(d);
}

static void a_draft_says_so_and_has_neither_number_nor_code(void **s) {
    struct work *w = *s;
    struct paper_letter l = usual;
    l.draft = true;
    l.day = DAY_NONE;
    l.body = repeated(w, paragraph, 12);
    PopplerDocument *d = pdf_of(w, &l);
    struct str all = all_text(w, d);
    assert_false(has(all, "财政局依复") || has(all, "扫码核对"));
    assert_true(has(all, "尚未编号") && has(all, "年月日"));
    for (int i = 0; i < poppler_document_get_n_pages(d); i++)
        (void)place(d, i, "草");
    g_object_unref(d);
}

static void long_and_hostile_texts_do_no_harm(void **s) {
    struct work *w = *s;
    struct paper_letter l = usual;
    struct str out = STR_NONE;
    l.organ = S("如皋市某某某某某某某某某某某某某某某某某某某某某某某某某某某某委员会办公室");
    l.title = repeated(w, "关于公开政府信息的", 12);
    l.addressee = S("<b>&李\x01四\xff");
    l.body = S("w:p></w:p>]]>\u202e反向\n\n<img src=x>");
    l.day = day_of(w->now);
    PopplerDocument *d = pdf_of(w, &l);
    struct str all = all_text(w, d);
    assert_true(has(all, "<b>&李四") && has(all, "</w:p>]]>反向") && has(all, "办公室"));
    g_object_unref(d);
    assert_int_equal(paper_letter_docx(w, &l, &out), 0);
    l.body = repeated(w, "很长", 100000);
    assert_int_equal(paper_letter_pdf(w, &l, &out), -1);
    assert_int_equal(w->error.code, ERR_TOO_LARGE);
    error_clear(w);
    assert_int_equal(paper_letter_docx(w, &l, &out), -1);
    assert_int_equal(w->error.code, ERR_TOO_LARGE);
    error_clear(w);
    l = usual;
    l.check = repeated(w, "x", 3000);
    assert_int_equal(paper_letter_pdf(w, &l, &out), -1);
    assert_int_equal(w->error.code, ERR_TOO_LARGE);
}

static void the_same_letter_gives_the_same_bytes(void **s) {
    struct work *w = *s;
    struct str a, b;
    assert_int_equal(paper_letter_pdf(w, &usual, &a), 0);
    assert_int_equal(paper_letter_pdf(w, &usual, &b), 0);
    assert_true(str_eq(a, b));
    assert_int_equal(paper_letter_docx(w, &usual, &a), 0);
    assert_int_equal(paper_letter_docx(w, &usual, &b), 0);
    assert_true(str_eq(a, b));
}

/* ── Word ── */

static void run(const char *const argv[]) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        (void)freopen("/dev/null", "w", stdout);
        (void)freopen("/dev/null", "w", stderr);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        print_error("%s ended with %d\n", argv[0], status);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static PopplerDocument *by_libreoffice(struct work *w, struct str docx) {
    char dir[] = "/tmp/mingtang-letter-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct str in = str_printf(w->arena, "%s/a.docx", dir),
               profile = str_printf(w->arena, "-env:UserInstallation=file://%s/p", dir);
    FILE *f = fopen(in.p, "wb");
    assert_true(f && fwrite(docx.p, 1, docx.n, f) == docx.n && fclose(f) == 0);
    const char *const convert[] = {"timeout", "120",      "soffice", "--headless", profile.p, "--convert-to",
                                   "pdf",     "--outdir", dir,       in.p,         NULL};
    run(convert);
    char *bytes;
    gsize n;
    assert_true(g_file_get_contents(str_printf(w->arena, "%s/a.pdf", dir).p, &bytes, &n, NULL));
    PopplerDocument *d = opened(str_dup(w->arena, (struct str){bytes, n}));
    g_free(bytes);
    const char *const clear[] = {"rm", "-r", dir, NULL};
    run(clear);
    return d;
}

static void the_word_document_opens_and_looks_alike(void **s) {
    struct work *w = *s;
    const struct str names[] = {S("预算绩效评价结果汇总表"), S("第三方机构复核意见")};
    struct paper_letter l = usual;
    struct str docx;
    l.day = day_of(w->now);
    l.annexes = names;
    l.annex_count = 2;
    l.body = repeated(w, paragraph, 6);
    assert_int_equal(paper_letter_docx(w, &l, &docx), 0);
    PopplerDocument *word = by_libreoffice(w, docx), *pdf = pdf_of(w, &l);
    assert_int_equal(poppler_document_get_n_pages(word), poppler_document_get_n_pages(pdf));
    static const char *const first[] = {"如皋市财政局", "政府信息公开告知书", "张三：", "扫码核对"};
    for (size_t i = 0; i < countof(first); i++) {
        PopplerRectangle a = place(word, 0, first[i]), b = place(pdf, 0, first[i]);
        assert_float_equal(a.x1, b.x1, MM(5));
        assert_float_equal(a.y1, b.y1, MM(16));
    }
    struct str all = all_text(w, word);
    assert_true(has(all, "附件：1.预算绩效评价结果汇总表2.第三方机构复核意见"));
    assert_true(has(all, "2026年11月23日") && has(all, "财政局依复〔2026〕12号") && has(all, "—2—"));
    size_t lines, longest;
    grid_of(word, 1, &lines, &longest);
    assert_int_equal(longest, 28);
    g_object_unref(word);
    g_object_unref(pdf);
    l.draft = true;
    assert_int_equal(paper_letter_docx(w, &l, &docx), 0);
    word = by_libreoffice(w, docx);
    all = all_text(w, word);
    assert_true(has(all, "草　稿") || has(all, "草稿"));
    assert_false(has(all, "财政局依复") || has(all, "扫码核对"));
    g_object_unref(word);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_parts_stand_where_the_standard_puts_them, begin, end),
        cmocka_unit_test_setup_teardown(a_page_has_22_lines_of_28_signs, begin, end),
        cmocka_unit_test_setup_teardown(the_signature_never_stands_alone, begin, end),
        cmocka_unit_test_setup_teardown(annexes_are_named_before_the_signature, begin, end),
        cmocka_unit_test_setup_teardown(a_draft_says_so_and_has_neither_number_nor_code, begin, end),
        cmocka_unit_test_setup_teardown(long_and_hostile_texts_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(the_same_letter_gives_the_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(the_word_document_opens_and_looks_alike, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
