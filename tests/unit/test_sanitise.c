/* test_sanitise.c: HTML from outside. Good cases say what must survive, bad ones what must not; every case is cleaned
 * twice. */
#include "unit.h"
#include "view/view.h"

static char *repeat(struct arena *a, const char *piece, size_t times) {
    size_t n = strlen(piece);
    char *text = arena_alloc(a, n * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * n, piece, n);
    return text;
}

static void expect(const char *in, const char *out) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct str once, twice;
    assert_int_equal(html_sanitise(&w, str_z(in), &once), 0);
    assert_string_equal(once.p, out);
    assert_int_equal(html_sanitise(&w, once, &twice), 0);
    assert_string_equal(twice.p, out);
    arena_free(w.arena);
}
static void same(const char *html) {
    expect(html, html);
}

/* ── what survives ── */

static void ordinary_text_stays_as_it_is(void **s) {
    (void)s;
    same("");
    same("公开");
    same("<h2>一、总体要求</h2><p>各乡镇（街道）：</p><p "
         "class=\"indent\">根据<strong>规定</strong>，<em>现</em><u>将</u><s>有关</s>H<sub>2</sub>O m<sup>2</sup></p>");
    same("<ul><li>甲<ul><li>乙</li></ul></li><li>丙</li></ul><ol><li>丁</li></ol>");
    same("<blockquote><p>引文</p></blockquote><hr><p>一<br>二</p>");
    same("<figure><img src=\"/attachments/abc/1\" alt=\"示意图\"><figcaption>图1</figcaption></figure>");
}
static void tables_keep_merged_cells_and_scopes(void **s) {
    (void)s;
    same("<table><caption>补助</caption><thead><tr><th colspan=\"2\" scope=\"col\">项目</th></tr></thead>"
         "<tbody><tr><td rowspan=\"2\">甲</td><td "
         "class=\"ta-right\">1</td></tr><tr><td>2</td></tr></tbody><tfoot><tr><td>计</td></tr></tfoot></table>");
    expect("<table width=5 border=1><tr><td colspan=1 rowspan=0 colspan=9 bgcolor=red scope=x>甲<td colspan='2'>乙<td "
           "rowspan=1001>丙",
           "<table><tbody><tr><td>甲</td><td colspan=\"2\">乙</td><td>丙</td></tr></tbody></table>");
    expect("<p>前<table><tr><td>中</table>后", "<p>前</p><table><tbody><tr><td>中</td></tr></tbody></table>后");
    expect("<div><span><table><tr><td>甲</table></span></div>", "<table><tbody><tr><td>甲</td></tr></tbody></table>");
    expect("<table><colgroup><col width=1><col></colgroup><tr><td>甲<table><tr><td>乙</table></table>",
           "<table><tbody><tr><td>甲<table><tbody><tr><td>乙</td></tr></tbody></table></td></tr></tbody></table>");
}
static void good_links_stay(void **s) {
    (void)s;
    same("<a href=\"https://www.gov.cn/a?b=1&amp;c=2#d\">甲</a>");
    same("<a href=\"http://a.gov.cn/\">甲</a> <a href=\"mailto:a@b.cn\">乙</a> <a href=\"/info/1\">丙</a> <a "
         "href=\"?x=a:b\">丁</a> <a href=\"#a:b\">戊</a>");
    expect("<a href=' HTTPS://A/ ' target=_blank rel=x onclick=y>甲</a>", "<a href=\"HTTPS://A/\">甲</a>");
}
static void alignment_and_indent_become_classes(void **s) {
    (void)s;
    expect("<p style='text-align:center'>甲</p>", "<p class=\"ta-center\">甲</p>");
    expect("<p align=RIGHT>甲</p>", "<p class=\"ta-right\">甲</p>");
    expect("<h1 style='mso-x:1;TEXT-ALIGN : Center ;text-indent:0'>甲</h1>", "<h1 class=\"ta-center\">甲</h1>");
    expect("<p style='text-align:right;text-align:left'>甲</p>", "<p>甲</p>");
    expect("<p style='text-align:justify;text-indent:32.0pt;mso-char-indent-count:2.0'>甲</p>",
           "<p class=\"indent\">甲</p>");
    expect("<p style='text-indent:2em'>甲</p><p style='text-indent:.74cm'>乙</p><p "
           "style='text-indent:24px;text-align:right'>丙</p>",
           "<p class=\"indent\">甲</p><p class=\"indent\">乙</p><p class=\"ta-right indent\">丙</p>");
    expect("<p style='text-indent:0.5em'>甲</p><p style='text-indent:-2em'>乙</p><p style='text-indent:3px'>丙</p><p "
           "style='-x-text-indent:2em'>丁</p><p style='text-indent'>戊</p>",
           "<p>甲</p><p>乙</p><p>丙</p><p>丁</p><p>戊</p>");
    same("<p class=\"ta-center indent\">甲</p>");
    expect("<p class='MsoNormal xindent ta-centered'>甲</p>", "<p>甲</p>");
}
static void old_names_become_standard_ones(void **s) {
    (void)s;
    expect("<b>甲</b><i>乙</i><strike>丙</strike><del>丁</del><ins>戊</ins>",
           "<strong>甲</strong><em>乙</em><s>丙</s><s>丁</s><u>戊</u>");
    expect("<div>甲</div><div><div>乙</div></div><section><p>丙</p></section>", "<p>甲</p><p>乙</p><p>丙</p>");
    expect("<dl><dt>甲<dd>乙</dl><pre>丙\n丁</pre>", "<p>甲</p><p>乙</p><p>丙\n丁</p>");
    expect("<b><b>甲</b></b>", "<strong>甲</strong>");
    expect("<form action=/x><p>甲</p><input value=乙></form>", "<p>甲</p>");
}
static void pasted_from_word_comes_out_clean(void **s) {
    (void)s;
    expect(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta charset=utf-8><style><!-- p.MsoNormal "
        "{margin:0} --></style>"
        "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head><body "
        "lang=ZH-CN><!--StartFragment-->"
        "<p class=MsoNormal align=center style='text-align:center;mso-pagination:widow-orphan'><b><span "
        "style='font-size:22.0pt;font-family:\"方正小标宋简体\"'>通知<span lang=EN-US><o:p></o:p></span></span></b></p>"
        "<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><span lang=EN-US "
        "style='font-size:16.0pt'>2026</span><span style='font-family:仿宋'>年<o:p></o:p></span></p>"
        "<p class=MsoListParagraph><![if !supportLists]><span>1.<span style='font:7.0pt \"Times New "
        "Roman\"'>&nbsp;&nbsp; </span></span><![endif]>事项</p>"
        "<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>"
        "<![if !vml]><img src=\"file:///C:/clip.png\" v:shapes=\"x\"><![endif]><v:shape id=1><v:imagedata "
        "src=x/></v:shape><!--EndFragment--></body></html>",
        "<p class=\"ta-center\"><strong>通知</strong></p><p class=\"indent\">2026年</p><p>1.\xc2\xa0\xc2\xa0 事项</p>");
}
static void what_says_nothing_vanishes_but_still_parts_its_neighbours(void **s) {
    (void)s;
    expect("甲<b> </b>乙<i></i>丙", "甲 乙丙");
    expect("<p>甲</p><p>　&nbsp;</p><p></p><h2><br></h2>", "<p>甲</p>\n<h2><br></h2>");
    expect("甲<p></p>乙", "甲\n乙");
    expect("<ul> <li> </li></ul>", "");
    expect("<p><b><span> </span></b></p>", "");
    expect("<table><tr><td></td></tr></table>", "<table><tbody><tr><td></td></tr></tbody></table>");
}

/* ── what does not ── */

static void nothing_that_runs_survives(void **s) {
    (void)s;
    expect("甲<script>alert(1)</script>乙", "甲乙");
    expect("<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;");
    expect("<p onclick=alert(1) onmouseover='x' id=a name=b data-x=1>甲</p>", "<p>甲</p>");
    expect("<style>p{background:url(javascript:1)}</style>甲", "甲");
    expect("<svg onload=alert(1)><a xlink:href=javascript:1>乙</a></svg>甲", "甲");
    expect("<math><mtext><script>1</script></mtext></math>甲", "甲");
    expect("<iframe src=//x srcdoc='<script>'></iframe><object data=x>乙</object><embed src=x>甲", "甲");
    expect("<template><p>x</template><noscript><p title='</noscript><img src=x onerror=1>'></noscript>甲", "<p>甲</p>");
    expect("<input autofocus onfocus=1><button>x</button><select><option>y</select><textarea><script>z</textarea>甲",
           "甲");
    expect("<base href=//x><meta http-equiv=refresh content=0><link rel=stylesheet href=x>甲", "甲");
    expect("<body onload=alert(1)>甲", "甲");
    expect("<img src=x onerror=alert(1)><img src=data:image/png;base64,AA><img src=//x/attachments/1><img "
           "src='/attachments/../desk/x'><img src='/attachments/\\..'>甲",
           "甲");
    expect("<p style='background:url(javascript:1);text-align:expression(1)'>甲</p>", "<p>甲</p>");
    expect("<!--[if IE]><script>1</script><![endif]-->甲<!-- --!><b>乙</b>", "甲<strong>乙</strong>");
    expect("<plaintext><script>x", "&lt;script&gt;x");
    expect("<noembed><script>x</script></noembed><noframes><b>y</b></noframes>甲", "甲");
    expect("<p/onclick=x>甲<br/ onx=y>", "<p>甲<br></p>");
    expect("<frameset><frame src=javascript:1></frameset>", "");
}
static void links_that_run_lose_their_link(void **s) {
    static const char *const bad[] = {
        "javascript:alert(1)",
        "JaVaScRiPt:1",
        " javascript:1",
        "\x01javascript:1",
        "java\tscript:1",
        "java\nscript:1",
        "java\rscript:1",
        "&#106;avascript:1",
        "&#x6A;&#x61;vascript:1",
        "javascript&colon;1",
        "java&Tab;script:1",
        "java&NewLine;script:1",
        "&#1;javascript:1",
        "java&#0;script:1",
        "javascript&#58;1",
        "data:text/html,<script>1</script>",
        "DATA:text/html;base64,AA",
        "vbscript:x",
        "feed:javascript:1",
        "view-source:x",
        "file:///etc/passwd",
        "blob:x",
        "about:blank",
        "x:y",
        "\xc2\xa0javascript:1",
        "",
        "  ",
        "httpx://a",
        "httpsssssssssssssssssssssss://a",
        "ht tp:x:javascript:1",
    };
    (void)s;
    for (size_t i = 0; i < countof(bad); i++) {
        struct work w = {.arena = arena_new(1 << 20)};
        struct str out, html = str_printf(w.arena, "<a href=\"%s\">甲</a>", bad[i]);
        assert_int_equal(html_sanitise(&w, html, &out), 0);
        if (i < countof(bad) - 1)
            assert_string_equal(out.p, "甲");
        else
            assert_null(strstr(out.p, "<a href=\"javascript"));
        arena_free(w.arena);
    }
    expect("<a href='\xef\xbb\xbf \xef\xbb\xbf'>甲</a><a href='\xef\xbb\xbf /x'>乙</a>", "甲<a href=\"/x\">乙</a>");
    expect("<a>甲</a><a name=x>乙</a>", "甲乙");
    expect("<a href=/1>甲<table><tr><td><a href=/2>乙</a></table></a>",
           "<a href=\"/1\">甲<table><tbody><tr><td>乙</td></tr></tbody></table></a>");
}
static void text_that_looks_like_html_stays_text(void **s) {
    (void)s;
    same("&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt; &quot;&#39;");
    expect("1 < 2 & 3 > 2 \"'", "1 &lt; 2 &amp; 3 &gt; 2 &quot;&#39;");
    expect("&amp;#106;", "&amp;#106;");
    expect("<a href='/x\"onclick=\"y'>甲</a>", "<a href=\"/x&quot;onclick=&quot;y\">甲</a>");
    expect("<xmp><b>x</b></xmp>", "&lt;b&gt;x&lt;/b&gt;");
}
static void broken_html_comes_out_well_formed(void **s) {
    (void)s;
    expect("<p>甲<p>乙</div></span>", "<p>甲</p><p>乙</p>");
    expect("<b><i>甲</b>乙</i>丙", "<strong><em>甲</em></strong><em>乙</em>丙");
    expect("<li>甲<section><li>乙</section>", "<li>甲乙</li>");
    expect("<h1>甲<p>乙</p><table><tr><td>丙</table></h1>", "<h1>甲乙丙</h1>");
    expect("<td>甲</td><tr>乙", "甲乙");
    expect("<", "&lt;");
    expect("<p", "");
    expect("<p title='", "");
    expect("&", "&amp;");
    expect("</", "&lt;/");
    expect("<!", "");
    expect("<a href=/x", "");
}
static void bytes_that_are_no_text_do_not_pass(void **s) {
    struct work w = {.arena = arena_new(1 << 20)};
    struct str out;
    (void)s;
    expect("a\x01\x02\x7f"
           "b",
           "ab");
    expect("\xef\xbb\xbf甲", "甲");
    expect("a&#02222222222222222222222222222222222222222222;b", "ab"); /* gumbo's overflow, no UTF-8 */
    assert_int_equal(html_sanitise(&w, (struct str){"<p>\xff\xfe\0\xe6\x98</p>", 13}, &out), 0);
    assert_true(utf8_valid(out));
    assert_int_equal(html_sanitise(&w, STR_NONE, &out), 0);
    assert_string_equal(out.p, "");
    arena_free(w.arena);
}

/* ── too much ── */

static void refused(const char *piece, size_t times, const char *tail) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct str out = S("kept"), html = str_printf(w.arena, "%s%s", repeat(w.arena, piece, times), tail);
    uint64_t start = clock_mono_ns();
    assert_int_equal(html_sanitise(&w, html, &out), -1);
    assert_int_equal(w.error.code, ERR_TOO_LARGE);
    assert_true(strlen(w.error.text) > 0 && utf8_valid(str_z(w.error.text)));
    assert_true(str_is(out, "kept"));
    assert_true(clock_mono_ns() - start < 20000000000ull);
    arena_free(w.arena);
}
static void absurd_nesting_is_refused_quickly_in_every_disguise(void **s) {
    (void)s;
    refused("<div>", 200000, "");
    refused("<div>", 1000000, "x");
    refused("<div/>", 200000, "");
    refused("<div></x>", 200000, "");
    refused("<div><!-- </div> -->", 200000, "");
    refused("<div title='</div>'>", 200000, "");
    refused("<table><td></div>", 100000, "");
    refused("<table><tr><td></div></div></div>", 50000, "甲");
    refused("<ul><li>", 100000, "甲");
    refused("<b><p>", 3000, "");
    refused("<span>", 300, "甲");
}
static void elements_that_multiply_are_refused(void **s) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct buf b;
    struct str out;
    (void)s;
    buf_init(&b, 8 << 20);
    for (int i = 0; i < 180; i++)
        buf_printf(&b, "<font size=%d>", i);
    for (int i = 0; i < 500000; i++)
        buf_addz(&b, "<p>x");
    assert_int_equal(html_sanitise(&w, buf_str(&b), &out), -1);
    assert_int_equal(w.error.code, ERR_TOO_LARGE);
    buf_release(&b);
    arena_free(w.arena);
}
static void a_body_over_the_limit_is_refused_and_a_long_one_passes(void **s) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct str out;
    (void)s;
    refused("<p>政务公开</p>", 110000 + 3000, "");
    char *html = repeat(w.arena,
                        "<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><span "
                        "style='font-size:16.0pt'>政务公开政务公开</span></p>\r\n",
                        33000);
    assert_int_equal(html_sanitise(&w, str_z(html), &out), 0);
    assert_true(str_starts(out, S("<p class=\"indent\">政务公开政务公开</p>\n<p")));
    arena_free(w.arena);
}

/* ── text ── */

static void the_plain_text_has_its_blocks_on_their_own_lines(void **s) {
    struct arena *a = arena_new(1 << 20);
    (void)s;
    assert_string_equal(
        str_dupz(a, html_text(a, S("<h2>一</h2><p>甲<br>乙 &lt;b&gt; &amp;amp; "
                                   "&quot;&#39;</p><ul><li>丙</li><li>丁</li></ul><table><tbody><tr><th>戊</th><td>己</"
                                   "td></tr></tbody></table>"))),
        "一\n甲\n乙 <b> &amp; \"'\n丙\n丁\n戊\t己");
    assert_string_equal(str_dupz(a, html_text(a, S("甲<p"))), "甲");
    assert_string_equal(str_dupz(a, html_text(a, S(""))), "");
    assert_string_equal(html_escape(a, S("<a href='x'>\"&\x01")).p, "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
    assert_string_equal(html_escape(a, S("")).p, "");
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_text_stays_as_it_is),
        cmocka_unit_test(tables_keep_merged_cells_and_scopes),
        cmocka_unit_test(good_links_stay),
        cmocka_unit_test(alignment_and_indent_become_classes),
        cmocka_unit_test(old_names_become_standard_ones),
        cmocka_unit_test(pasted_from_word_comes_out_clean),
        cmocka_unit_test(what_says_nothing_vanishes_but_still_parts_its_neighbours),
        cmocka_unit_test(nothing_that_runs_survives),
        cmocka_unit_test(links_that_run_lose_their_link),
        cmocka_unit_test(text_that_looks_like_html_stays_text),
        cmocka_unit_test(broken_html_comes_out_well_formed),
        cmocka_unit_test(bytes_that_are_no_text_do_not_pass),
        cmocka_unit_test(absurd_nesting_is_refused_quickly_in_every_disguise),
        cmocka_unit_test(elements_that_multiply_are_refused),
        cmocka_unit_test(a_body_over_the_limit_is_refused_and_a_long_one_passes),
        cmocka_unit_test(the_plain_text_has_its_blocks_on_their_own_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
