/* test_mustache.c: our own cases, and the official spec's (JSON) when they lie beside the checkout or at
 * $MUSTACHE_SPEC. */
#include "unit.h"
#include "view/view.h"
#include <dirent.h>

struct partials {
    json_t *texts;
    struct mustache *made[64];
    char *names[64];
    size_t n;
};

static const struct mustache *get(void *ctx, struct str name) {
    struct partials *p = ctx;
    char why[200];
    for (size_t i = 0; i < p->n; i++)
        if (str_is(name, p->names[i]))
            return p->made[i];
    const char *text = json_string_value(json_object_getn(p->texts, name.p, name.n));
    if (!text || p->n == countof(p->made))
        return NULL;
    p->names[p->n] = strndup(name.p, name.n);
    p->made[p->n] = mustache_compile(str_z(text), why, sizeof why);
    return p->made[p->n++];
}

static void release(struct partials *p) {
    for (size_t i = 0; i < p->n; i++) {
        mustache_free(p->made[i]);
        free(p->names[i]);
    }
}

/* Renders; NULL when it could not be compiled or rendered. Caller frees. */
static char *render(const char *text, json_t *texts, json_t *data) {
    char why[200] = "";
    struct partials p = {.texts = texts};
    struct buf out;
    struct mustache *m = mustache_compile(str_z(text), why, sizeof why);
    if (!m)
        return NULL;
    buf_init(&out, 1 << 20);
    json_t *stack[] = {data};
    int rc = mustache_render(m, stack, 1, get, &p, &out);
    char *result = rc == 0 ? strdup(out.p ? out.p : "") : NULL;
    buf_release(&out);
    mustache_free(m);
    release(&p);
    return result;
}

static void expect(const char *text, const char *partials, const char *data, const char *expected) {
    json_t *t = json_loads(partials, 0, NULL), *d = json_loads(data, JSON_DECODE_ANY, NULL);
    char *got = render(text, t, d);
    assert_non_null(got);
    assert_string_equal(got, expected);
    free(got);
    json_decref(t);
    json_decref(d);
}

static void what_is_printed_is_escaped(void **s) {
    (void)s;
    expect("{{a}}|{{{a}}}|{{&a}}", "{}", "{\"a\": \"<b> & \\\"c\\\" 'd'\"}",
           "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;|<b> & \"c\" 'd'|<b> & \"c\" 'd'");
}
static void zero_empty_and_false_are_falsy(void **s) {
    (void)s;
    expect("{{#a}}x{{/a}}{{^b}}y{{/b}}{{^c}}z{{/c}}{{#d}}w{{/d}}", "{}", "{\"a\": 0, \"b\": \"\", \"c\": [], \"d\": 2}",
           "yzw");
}
static void a_layout_is_filled_by_its_page(void **s) {
    (void)s;
    expect("{{< layout}}\n{{$title}}公开信息{{/title}}\n{{$body}}\n<p>{{x}}</p>\n{{/body}}\n{{/ layout}}\n",
           "{\"layout\": \"<title>{{$title}}无{{/title}}</title>\\n{{$body}}{{/body}}\\n{{$foot}}脚{{/foot}}\\n\"}",
           "{\"x\": 1}", "<title>公开信息</title>\n<p>1</p>\n\n脚\n");
}
static void an_unclosed_section_is_refused_with_its_line(void **s) {
    (void)s;
    char why[200] = "";
    assert_null(mustache_compile(S("a\n{{#x}}\n"), why, sizeof why));
    assert_non_null(strstr(why, "x"));
    assert_null(mustache_compile(S("{{/x}}"), why, sizeof why));
    assert_null(mustache_compile(S("{{#a}}{{/b}}"), why, sizeof why));
    assert_null(mustache_compile(S("{{a"), why, sizeof why));
    assert_null(mustache_compile(S("{{}}"), why, sizeof why));
}
static void a_partial_that_includes_itself_for_ever_is_stopped(void **s) {
    (void)s;
    json_t *t = json_loads("{\"p\": \"{{>p}}\"}", 0, NULL), *d = json_object();
    assert_null(render("{{>p}}", t, d));
    json_decref(t);
    json_decref(d);
}

static void names_are_found_outwards_and_dotted_names_from_their_first_part(void **s) {
    (void)s;
    expect("{{#a}}{{x}}{{y}}{{/a}}", "{}", "{\"x\": 1, \"y\": 2, \"a\": {\"x\": 3}}", "32");
    expect("{{#a}}{{b.c}}|{{/a}}{{a.b.c.d}}", "{}", "{\"a\": {\"b\": {}}, \"b\": {\"c\": 5}}", "|");
    expect("{{a.b}}{{#a.l}}{{.}},{{/a.l}}{{^a.none}}无{{/a.none}}", "{}",
           "{\"a\": {\"b\": \"甲\", \"l\": [1, 2, true]}}", "甲1,2,true,无");
    expect("{{ a }}{{&  a}}{{{ a }}}{{a.length}}{{none}}", "{}", "{\"a\": \"x\"}", "xxx");
    expect("{{#.}}{{.}}{{/.}}", "{}", "[1, \"a\"]", "1a");
    expect("{{a}}{{b}}{{c}}{{d}}", "{}", "{\"a\": null, \"b\": false, \"c\": {}, \"d\": []}", "");
    expect("{{a}} {{b}} {{c}}", "{}", "{\"a\": -7, \"b\": 1.5, \"c\": 9007199254740993}", "-7 1.5 9007199254740993");
    expect("{{#a}}x{{/a}}{{#b}}y{{/b}}", "{}", "{\"a\": 0.0, \"b\": 0.5}", "y");
}
static void tags_alone_on_a_line_leave_no_line(void **s) {
    (void)s;
    expect("<ul>\n  {{#l}}\n  <li>{{.}}</li>\n  {{/l}}\n</ul>\n", "{}", "{\"l\": [1, 2]}",
           "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n");
    expect("a\r\n{{! x }}\r\nb {{! y }}\r\n", "{}", "{}", "a\r\nb \r\n");
    expect("{{#a}}{{/a}}\n{{#a}} {{/a}}\n", "{}", "{\"a\": 1}", "\n \n");
    expect("  {{>p}}\nx {{>p}}\n", "{\"p\": \"1\\n2\\n\"}", "{}", "  1\n  2\nx 1\n2\n\n");
    expect(" {{>p}}", "{\"p\": \"<{{{a}}}>\\n {{>q}}\", \"q\": \"z\\n\"}", "{\"a\": \"1\\n2\"}", " <1\n2>\n  z\n");
}
static void delimiters_change_for_the_rest_of_one_template_only(void **s) {
    (void)s;
    expect("{{=| |=}}|a| {{a}} |>p| |={{ }}=|{{a}}", "{\"p\": \"{{a}}|a|\"}", "{\"a\": 1}", "1 {{a}} 1|a| 1");
    char why[100];
    static const char *const bad[] = {"{{=}}", "{{==}}", "{{=a=}}", "{{= =}}", "{{={{ }}", "{{={{=}}"};
    for (size_t i = 0; i < countof(bad); i++)
        assert_null(mustache_compile(str_z(bad[i]), why, sizeof why));
}
static void blocks_pass_through_layouts_upon_layouts(void **s) {
    (void)s;
    const char *layouts = "{\"base\": \"<{{$title}}站{{/title}}|{{$body}}{{/body}}>\", \"desk\": "
                          "\"{{<base}}{{$body}}[{{$main}}空{{/main}}]{{/body}}{{/base}}\"}";
    expect("{{<desk}}{{$main}}页{{/main}}{{/desk}}", layouts, "{}", "<站|[页]>");
    expect("{{<desk}}{{$title}}题{{/title}}{{/desk}}", layouts, "{}", "<题|[空]>");
    expect("{{<desk}}{{$body}}全{{/body}} 忽略 {{/desk}}", layouts, "{}", "<站|全>");
    expect("{{<none}}{{$body}}x{{/body}}{{/none}}", layouts, "{}", "");
    expect("{{$x}}默认{{a}}{{/x}}", layouts, "{\"a\": 1}", "默认1");
    expect("{{#l}}{{<base}}{{$body}}{{.}}{{/body}}{{/base}}{{/l}}", layouts, "{\"l\": [1, 2]}", "<站|1><站|2>");
}
static void a_block_keeps_the_indentation_of_its_place(void **s) {
    (void)s;
    expect("{{<p}}\n{{$b}}\n    <i>\n      x\n    </i>\n{{/b}}\n{{/p}}\n",
           "{\"p\": \"<div>\\n  {{$b}}\\n  {{/b}}\\n</div>\\n\"}", "{}", "<div>\n  <i>\n    x\n  </i>\n</div>\n");
}

/* A template of n times the same text. */
static struct str many(struct arena *a, const char *text, size_t n) {
    struct buf b;
    buf_init(&b, 64 << 20);
    for (size_t i = 0; i < n; i++)
        buf_addz(&b, text);
    struct str r = str_dup(a, buf_str(&b));
    buf_release(&b);
    return r;
}
static void nesting_without_end_is_refused_and_width_is_not(void **s) {
    struct arena *a = arena_new(64 << 20);
    char why[100];
    (void)s;
    assert_null(mustache_compile(many(a, "{{#a}}", 100000), why, sizeof why));
    assert_non_null(strstr(why, "deep"));
    struct mustache *m = mustache_compile(many(a, "{{#a}}{{x}}{{/a}}\n", 20000), why, sizeof why);
    assert_non_null(m);
    mustache_free(m);
    arena_free(a);
}
static void inclusions_that_double_are_stopped(void **s) {
    json_t *t = json_object(), *d = json_object();
    (void)s;
    for (int i = 0; i < 50; i++) {
        char name[16], text[64];
        snprintf(name, sizeof name, "p%d", i);
        snprintf(text, sizeof text, "{{>p%d}}{{>p%d}}", i + 1, i + 1);
        json_object_set_new(t, name, json_string(text));
    }
    assert_null(render("{{>p0}}", t, d));
    assert_null(render("{{<q}}{{$b}}{{$b}}x{{/b}}{{/b}}{{/q}}",
                       json_object_set_new(t, "q", json_string("{{$b}}{{/b}}")) ? NULL : t, d));
    json_decref(t);
    json_decref(d);
}
static void output_over_the_limit_is_a_failure_not_a_cut_page(void **s) {
    char why[100];
    struct buf out;
    json_t *d = json_loads("{\"l\": [1, 2, 3]}", 0, NULL), *stack[] = {d};
    struct mustache *m = mustache_compile(S("{{#l}}{{.}}{{/l}}"), why, sizeof why);
    (void)s;
    buf_init(&out, 2);
    assert_int_equal(mustache_render(m, stack, 1, NULL, NULL, &out), -1);
    buf_release(&out);
    buf_init(&out, 3);
    assert_int_equal(mustache_render(m, stack, 1, NULL, NULL, &out), 0);
    buf_release(&out);
    mustache_free(m);
    json_decref(d);
}

static unsigned run_file(const char *path, unsigned *bad) {
    unsigned n = 0;
    size_t i;
    json_error_t e;
    json_t *file = json_load_file(path, 0, &e), *test;
    json_array_foreach(json_object_get(file, "tests"), i, test) {
        const char *expected = json_string_value(json_object_get(test, "expected"));
        char *got = render(json_string_value(json_object_get(test, "template")), json_object_get(test, "partials"),
                           json_object_get(test, "data"));
        n++;
        if (!got || strcmp(got, expected) != 0) {
            ++*bad;
            print_error("%s: %s\n  expected %s\n  got      %s\n", path,
                        json_string_value(json_object_get(test, "name")), expected, got ? got : "(refused)");
        }
        free(got);
    }
    json_decref(file);
    return n;
}

static void the_official_spec_passes_where_it_is_there(void **s) {
    const char *dir = getenv("MUSTACHE_SPEC") ? getenv("MUSTACHE_SPEC") : "../shared/data/mustache-spec";
    unsigned n = 0, bad = 0;
    (void)s;
    DIR *d = opendir(dir);
    if (!d)
        skip();
    for (struct dirent *e; (e = readdir(d));) {
        char path[1024];
        if (!strstr(e->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        n += run_file(path, &bad);
    }
    closedir(d);
    print_message("%u of %u cases of the official spec\n", n - bad, n);
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_escaped),
        cmocka_unit_test(zero_empty_and_false_are_falsy),
        cmocka_unit_test(a_layout_is_filled_by_its_page),
        cmocka_unit_test(an_unclosed_section_is_refused_with_its_line),
        cmocka_unit_test(a_partial_that_includes_itself_for_ever_is_stopped),
        cmocka_unit_test(names_are_found_outwards_and_dotted_names_from_their_first_part),
        cmocka_unit_test(tags_alone_on_a_line_leave_no_line),
        cmocka_unit_test(delimiters_change_for_the_rest_of_one_template_only),
        cmocka_unit_test(blocks_pass_through_layouts_upon_layouts),
        cmocka_unit_test(a_block_keeps_the_indentation_of_its_place),
        cmocka_unit_test(nesting_without_end_is_refused_and_width_is_not),
        cmocka_unit_test(inclusions_that_double_are_stopped),
        cmocka_unit_test(output_over_the_limit_is_a_failure_not_a_cut_page),
        cmocka_unit_test(the_official_spec_passes_where_it_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
