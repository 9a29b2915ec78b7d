/* Addresses that can be written to; the message as it leaves. */
#include "notify/notify.h"
#include "unit.h"

static void only_addresses_that_can_be_written_to_are_taken(void **state) {
    static const char *const good[] = {"a@b", "name@example.cn", "first.last+tag@mail.example.gov.cn", "o'x@1.cn"};
    static const char *const bad[] = {"",       "a",     "@b",      "a@",      "a@b@c",   ".a@b", "a.@b",
                                      "a..b@c", "a b@c", "a@b c",   "a@-b.c",  "a@.b",    "a@b.", "a@b..c",
                                      "<a@b>",  "a,b@c", "a\r\n@b", "张@b.cn", "a@张.cn", "a\"@b"};
    (void)state;
    for (size_t i = 0; i < countof(good); i++)
        assert_true(notify_address_ok(str_z(good[i])));
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(notify_address_ok(str_z(bad[i])));
    char longest[400];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 64, "@b", 2);
    assert_true(notify_address_ok((struct str){longest, 80}));
    assert_false(notify_address_ok((struct str){longest, 300}));
    assert_false(notify_address_ok((struct str){longest + 10, 40}));
}

static void the_message_keeps_to_the_rules_of_mail(void **state) {
    struct app_config c = {.site_name = "如皋市政务公开", .mail_from = "gongkai@example.gov.cn"};
    struct work w = {.arena = arena_new(1 << 20), .now = 1795486230387LL, .config = &c};
    struct notify_mail m = {.to = S("reader@example.cn"),
                            .subject = S("标题\r\nBcc: x@example.cn，很长很长很长很长很长很长很长很长很长很长很长"),
                            .text = S("第一行\n.\n第三行\n"),
                            .leave = S("https://example.gov.cn/s/1/end")};
    (void)state;
    struct str s = notify_compose(&w, &m, S("abc"));
    assert_true(str_find(s, S("\r\nTo: <reader@example.cn>\r\n")) > 0);
    assert_true(str_find(s, S("\r\nMessage-ID: <abc@example.gov.cn>\r\n")) > 0);
    assert_true(str_find(s, S("\r\nDate: Tue, 24 Nov 2026 10:10:30 +0800\r\n")) > 0);
    assert_true(str_find(s, S("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")) > 0);
    assert_int_equal(str_find(s, S("Bcc")), -1); /* no line of a subject becomes a header */
    for (struct str rest = s, line; rest.n;) {
        ptrdiff_t at = str_find(rest, S("\r\n"));
        assert_true(at >= 0);
        line = str_sub(rest, 0, (size_t)at);
        assert_true(line.n <= 78);
        for (size_t i = 0; i < line.n; i++)
            assert_true((unsigned char)line.p[i] < 0x80 && line.p[i] != '\n' && line.p[i] != '\r');
        rest = str_sub(rest, (size_t)at + 2, rest.n);
    }
    ptrdiff_t at = str_find(s, S("\r\n\r\n"));
    struct str body;
    assert_int_equal(base64_decode(w.arena, str_trim(str_sub(s, (size_t)at + 4, s.n)), &body), 0);
    assert_true(str_is(body, "第一行\r\n.\r\n第三行\r\n"));
    arena_free(w.arena);
}

static void what_is_sealed_opens_for_its_purpose_only(void **state) {
    struct app_config c = {.secret = "0123456789abcdef0123456789abcde"},
                      other = {.secret = "another installation's secret.."};
    struct work w = {.arena = arena_new(1 << 20), .config = &c}, x = {.arena = w.arena, .config = &other};
    struct str plain = S("reader@example.cn"), back, a = seal(&w, "message", plain), b = seal(&w, "message", plain);
    (void)state;
    assert_false(str_eq(a, b));
    assert_int_equal(str_find(a, plain), -1);
    assert_int_equal(seal_open(&w, "message", a, &back), 0);
    assert_true(str_eq(back, plain));
    assert_int_equal(seal_open(&w, "totp", a, &back), -1);
    assert_int_equal(seal_open(&x, "message", a, &back), -1);
    for (size_t i = 0; i < a.n; i += 7) {
        struct str bent = str_dup(w.arena, a);
        ((char *)(uintptr_t)bent.p)[i] = bent.p[i] == 'A' ? 'B' : 'A';
        assert_int_equal(seal_open(&w, "message", bent, &back), -1);
    }
    assert_int_equal(seal_open(&w, "message", S(""), &back), -1);
    assert_true(str_eq(blind_index(&w, "s", plain), blind_index(&w, "s", plain)));
    assert_false(str_eq(blind_index(&w, "s", plain), blind_index(&w, "t", plain)));
    assert_false(str_eq(blind_index(&w, "s", plain), blind_index(&x, "s", plain)));
    arena_free(w.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_that_can_be_written_to_are_taken),
        cmocka_unit_test(the_message_keeps_to_the_rules_of_mail),
        cmocka_unit_test(what_is_sealed_opens_for_its_purpose_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
