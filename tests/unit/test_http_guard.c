/* test_http_guard.c: framing that is ambiguous is refused, by the guard's pure functions. */
#include "unit.h"
#include "http/http_internal.h"

static const char *guard(const char *target, const char *version, const char *const *headers) {
    struct guard_input g = {.method = "POST", .target = target, .version = version};
    for (; *headers; headers += 2)
        guard_header(&g, str_z(headers[0]), str_z(headers[1]));
    return guard_check(&g);
}

static void an_ordinary_request_passes(void **s) {
    (void)s;
    assert_null(guard("/a?b=c", "HTTP/1.1", (const char *const[]){"Host", "x", "Content-Length", "12", NULL}));
    assert_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Transfer-Encoding", "chunked", NULL}));
    assert_null(guard("/", "HTTP/1.0", (const char *const[]){NULL}));
}
static void ambiguous_lengths_are_refused(void **s) {
    (void)s;
    assert_non_null(
        guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Content-Length", "1", "Content-Length", "1", NULL}));
    assert_non_null(
        guard("/", "HTTP/1.1",
              (const char *const[]){"Host", "x", "Content-Length", "1", "Transfer-Encoding", "chunked", NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Content-Length", "+1", NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Content-Length", "", NULL}));
    assert_non_null(
        guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Content-Length", "99999999999999999999", NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "Transfer-Encoding", "identity", NULL}));
    assert_non_null(guard(
        "/", "HTTP/1.1",
        (const char *const[]){"Host", "x", "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked", NULL}));
}
static void hosts_targets_and_characters_are_checked(void **s) {
    (void)s;
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "host", "y", NULL}));
    assert_non_null(guard("a", "HTTP/1.1", (const char *const[]){"Host", "x", NULL}));
    assert_non_null(guard("/a\tb", "HTTP/1.1", (const char *const[]){"Host", "x", NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "X ", "y", NULL}));
    assert_non_null(guard("/", "HTTP/1.1", (const char *const[]){"Host", "x", "X", "a\x02", NULL}));
}
static void percent_codes_decode_once_and_only_to_utf8(void **s) {
    (void)s;
    struct arena *a = arena_new(1 << 16);
    struct str r;
    assert_int_equal(percent_decode(a, S("%E5%85%AC%2525"), false, &r), 0);
    assert_true(str_is(r, "公%25"));
    assert_int_equal(percent_decode(a, S("a+b"), true, &r), 0);
    assert_true(str_is(r, "a b"));
    assert_int_equal(percent_decode(a, S("%"), false, &r), -1);
    assert_int_equal(percent_decode(a, S("%4"), false, &r), -1);
    assert_int_equal(percent_decode(a, S("%00"), false, &r), -1);
    assert_int_equal(percent_decode(a, S("%ED%A0%80"), false, &r), -1);
    arena_free(a);
}
static void forms_are_parsed_and_bounded(void **s) {
    (void)s;
    struct work w = {.arena = arena_new(64 << 20)};
    struct params p = {0};
    assert_int_equal(urlencoded_parse(&w, S("a=1&b=%E4%B8%AD&&c&a=2"), &p), 0);
    assert_int_equal(p.n, 4);
    assert_true(str_is(params_get(&p, "b"), "中"));
    assert_true(str_is(params_get(&p, "a"), "1"));
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i <= LIMIT_FIELDS; i++)
        buf_addz(&b, "x=1&");
    assert_int_equal(urlencoded_parse(&w, buf_str(&b), &(struct params){0}), -1);
    assert_int_equal(w.error.code, ERR_TOO_LARGE);
    buf_release(&b);
    arena_free(w.arena);
}
static void etags_match_in_lists_and_weakly(void **s) {
    (void)s;
    assert_true(etag_matches(S("\"a\", W/\"b\""), "\"b\""));
    assert_true(etag_matches(S("*"), "\"b\""));
    assert_false(etag_matches(S("\"c\""), "\"b\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_request_passes),
        cmocka_unit_test(ambiguous_lengths_are_refused),
        cmocka_unit_test(hosts_targets_and_characters_are_checked),
        cmocka_unit_test(percent_codes_decode_once_and_only_to_utf8),
        cmocka_unit_test(forms_are_parsed_and_bounded),
        cmocka_unit_test(etags_match_in_lists_and_weakly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
