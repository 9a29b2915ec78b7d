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
        cmocka_unit_test(the_official_spec_passes_where_it_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
