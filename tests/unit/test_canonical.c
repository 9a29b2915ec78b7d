/* test_canonical.c: canonical JSON, the hashes of the tree, and what a leaf says: the pure functions of the ledger. */
#include "unit.h"
#include "ledger/ledger_internal.h"

#include <math.h>

#define unit_fail(...)                                                                                                 \
    do {                                                                                                               \
        print_error(__VA_ARGS__);                                                                                      \
        _fail(__FILE__, __LINE__);                                                                                     \
    } while (0)

/* ── canonical JSON ── */

static void canonical_is(const char *in, const char *out) {
    struct arena *a = arena_new(1 << 20);
    json_error_t e;
    json_t *v = json_loads(in, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    if (!v)
        unit_fail("%s: %s\n", in, e.text);
    assert_string_equal(json_canonical(a, v).p, out);
    json_decref(v);
    arena_free(a);
}

static void members_are_sorted_by_utf16(void **state) {
    (void)state;
    canonical_is("{\"b\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"b\":1}");
    canonical_is("{\"标题\":\"公告\",\"A\":[true,false,null],\"文号\":\"皋政办发〔2020〕147号\"}",
                 "{\"A\":[true,false,null],\"文号\":\"皋政办发〔2020〕147号\",\"标题\":\"公告\"}");
    /* U+1F600 is D83D DE00 in UTF-16 and so comes before U+FB33, though after it in UTF-8 (RFC 8785, 3.2.3). */
    canonical_is("{\"\\u20ac\":\"Euro\",\"\\r\":\"CR\",\"\\ufb33\":\"Dalet\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Face\","
                 "\"\\u0080\":\"C\",\"\\u00f6\":\"o\"}",
                 "{\"\\r\":\"CR\",\"1\":\"One\",\"\xc2\x80\":\"C\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Face\","
                 "\"\xef\xac\xb3\":\"Dalet\"}");
    canonical_is("{\"ab\":1,\"a\":2,\"abc\":3}", "{\"a\":2,\"ab\":1,\"abc\":3}");
    canonical_is("{\"\\ud83d\\ude01\":1,\"\\ud83d\\ude00\":2}", "{\"😀\":2,\"😁\":1}");
}

static void strings_have_one_spelling(void **state) {
    (void)state;
    canonical_is("\"\\u20ac$\\u000f\\nA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    canonical_is("\"\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\"", "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"");
    canonical_is("[ 1 , [ ] , { } ]", "[1,[],{}]");
}

static void number_is(double d, const char *text) {
    char out[32];
    assert_true(canonical_double(out, d) > 0);
    assert_string_equal(out, text);
}

static double of_bits(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static void numbers_are_printed_as_browsers_do(void **state) {
    (void)state;
    /* RFC 8785, appendix B. */
    number_is(0, "0");
    number_is(-0.0, "0");
    number_is(5e-324, "5e-324");
    number_is(-5e-324, "-5e-324");
    number_is(1.7976931348623157e308, "1.7976931348623157e+308");
    number_is(9007199254740992, "9007199254740992");
    number_is(-9007199254740992, "-9007199254740992");
    number_is(295147905179352830000.0, "295147905179352830000");
    number_is(of_bits(0x44b52d02c7e14af5), "9.999999999999997e+22");
    number_is(of_bits(0x44b52d02c7e14af6), "1e+23");
    number_is(of_bits(0x44b52d02c7e14af7), "1.0000000000000001e+23");
    number_is(of_bits(0x444b1ae4d6e2ef4e), "999999999999999700000");
    number_is(of_bits(0x444b1ae4d6e2ef4f), "999999999999999900000");
    number_is(of_bits(0x444b1ae4d6e2ef50), "1e+21");
    number_is(of_bits(0x3eb0c6f7a0b5ed8c), "9.999999999999997e-7");
    number_is(of_bits(0x3eb0c6f7a0b5ed8d), "0.000001");
    number_is(of_bits(0x41b3de4355555553), "333333333.3333332");
    number_is(of_bits(0x41b3de4355555554), "333333333.33333325");
    number_is(of_bits(0x41b3de4355555555), "333333333.3333333");
    number_is(of_bits(0xbecbf647612f3696), "-0.0000033333333333333333");
    number_is(of_bits(0x43143ff3c1cb0959), "1424953923781206.2");
    number_is(ldexp(1, -44), "5.684341886080802e-14");
    number_is(4.50, "4.5");
    number_is(2e-3, "0.002");
    number_is(0.1 + 0.2, "0.30000000000000004");
}

static void what_has_no_canonical_form_is_refused(void **state) {
    struct arena *a = arena_new(1 << 20);
    char out[32];
    (void)state;
    assert_int_equal(canonical_double(out, NAN), -1);
    assert_int_equal(canonical_double(out, INFINITY), -1);
    json_t *v = json_integer(9007199254740993LL), *deep = json_array(), *top = deep;
    assert_null(json_canonical(a, v).p);
    json_decref(v);
    for (int i = 0; i < 100; i++) {
        json_t *inner = json_array();
        json_array_append_new(deep, inner);
        deep = inner;
    }
    assert_null(json_canonical(a, top).p);
    assert_null(json_canonical(a, NULL).p);
    json_decref(top);
    arena_free(a);
}

/* ── the tree: the eight leaves and roots that Certificate Transparency's own tests use ── */

static const char *const ct_leaves[8] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const ct_roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct str unhex(struct arena *a, const char *hex) {
    size_t n = strlen(hex) / 2;
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        p[i] = (char)strtol(two, NULL, 16);
    }
    return (struct str){p, n};
}

static void roots_are_those_of_rfc_6962(void **state) {
    struct arena *a = arena_new(1 << 20);
    struct merkle_range r = {0}, back;
    struct hash h;
    char hex[65], text[MERKLE_TEXT_BYTES];
    (void)state;
    for (int i = 0; i <= 8; i++) {
        merkle_root(&r, &h);
        hash_hex(hex, &h);
        assert_string_equal(hex, ct_roots[i]);
        merkle_text(&r, text);
        assert_int_equal(merkle_parse(str_z(text), r.size, &back), 0);
        assert_memory_equal(&back.h, &r.h, r.n * sizeof r.h[0]);
        assert_int_equal(merkle_parse(str_z(text), r.size + 1, &back),
                         __builtin_popcountll(r.size + 1) == (int)r.n ? 0 : -1);
        if (i < 8) {
            hash_leaf(&h, unhex(a, ct_leaves[i]));
            merkle_append(&r, &h);
        }
    }
    assert_int_equal(merkle_parse(S("zz"), 1, &back), -1);
    assert_int_equal(hash_parse(S("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"), &h), -1);
    arena_free(a);
}

static void a_public_leaf_names_nobody(void **state) {
    struct buf b;
    struct event_row e = {.id = 9,
                          .at = 1790000000123,
                          .person_id = 3,
                          .unit_id = 5,
                          .subject_id = 8,
                          .visibility = EVENT_PUBLIC,
                          .person_name = S("长江镇信息员"),
                          .post_name = S("信息员"),
                          .actor_unit_name = S("长江镇"),
                          .room = S("disclosure"),
                          .verb = S("published"),
                          .subject_kind = S("disclosure"),
                          .payload = S("{\"title\":\"公告\"}"),
                          .commitment = S("ab")};
    (void)state;
    buf_init(&b, 4096);
    leaf_add(&b, &e, 1, 0);
    assert_string_equal(b.p,
                        "{\"at\":\"2026-09-21T22:13:20+08:00\",\"commitment\":\"ab\",\"id\":9,\"payload\":{\"title\":"
                        "\"公告\"},\"room\":\"disclosure\","
                        "\"subject\":{\"id\":8,\"kind\":\"disclosure\"},\"unit\":5,\"v\":1,\"verb\":\"published\"}");
    struct arena *a = arena_new(1 << 16);
    json_t *v = json_loads(b.p, 0, NULL);
    assert_string_equal(json_canonical(a, v).p, b.p); /* it is its own canonical form */
    json_decref(v);
    buf_clear(&b);
    e.visibility = EVENT_RESTRICTED;
    leaf_add(&b, &e, 1, 0);
    assert_string_equal(b.p, "{\"at\":\"2026-09-21T22:13:20+08:00\",\"commitment\":\"ab\",\"id\":9,\"v\":1}");
    buf_clear(&b);
    protected_add(&b, &e, S("{\"payload\":\"密\"}"));
    v = json_loads(b.p, 0, NULL);
    assert_non_null(v);
    assert_string_equal(json_canonical(a, v).p, b.p);
    json_decref(v);
    arena_free(a);
    buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_sorted_by_utf16),        cmocka_unit_test(strings_have_one_spelling),
        cmocka_unit_test(numbers_are_printed_as_browsers_do), cmocka_unit_test(what_has_no_canonical_form_is_refused),
        cmocka_unit_test(roots_are_those_of_rfc_6962),        cmocka_unit_test(a_public_leaf_names_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
