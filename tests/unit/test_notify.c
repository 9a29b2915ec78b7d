/* test_notify.c: whom can be written to, messages as they leave, words, notices. Sending itself: tests/http. */
#include "unit_db.h"
#include "auth/auth.h"
#include "notify/notify_internal.h"
#include "notify_sql.h"

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

/* ── SMS ── */

static void only_mobile_numbers_of_the_mainland_are_written_to(void **state) {
    static const char *const good[] = {"13000000000", "13812345678", "19999999999"};
    static const char *const bad[] = {"",
                                      "1381234567",
                                      "138123456789",
                                      "12812345678",
                                      "23812345678",
                                      "1381234567x",
                                      "+8613812345678",
                                      "138 1234567",
                                      "1381234567８",
                                      "0513-87654321"};
    (void)state;
    for (size_t i = 0; i < countof(good); i++)
        assert_true(notify_mobile_ok(str_z(good[i])));
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(notify_mobile_ok(str_z(bad[i])));
}

static void settings_of_the_gateway_are_checked(void **state) {
    static const char *const hours[] = {"21:00",      "21:00-24:00", "25:00-08:00", "21:60-08:00", "21:00-21:00",
                                        "9:00-10:00", "21:00 08:00", "+1:00-08:00", "21:00-08:00 "};
    (void)state;
    assert_true(notify_quiet_hours_ok("21:00-08:00"));
    assert_true(notify_quiet_hours_ok("12:00-14:00"));
    assert_true(notify_quiet_hours_ok(""));
    for (size_t i = 0; i < countof(hours); i++)
        assert_false(notify_quiet_hours_ok(hours[i]));
    assert_true(notify_sms_url_ok(""));
    assert_true(notify_sms_url_ok("https://sms.example.gov.cn/send?to={to}&text={text}"));
    assert_false(notify_sms_url_ok("https://sms.example.gov.cn/send?to={to}"));
    assert_false(notify_sms_url_ok("ftp://sms.example.gov.cn/{to}{text}"));
    assert_true(notify_sms_accept_ok("^(0: Accepted|[03]: )"));
    assert_false(notify_sms_accept_ok("^(0"));
    assert_false(notify_sms_accept_ok(""));
}

static void quiet_hours_end_on_the_right_day(void **state) {
    struct app_config night = {.quiet_hours = "21:00-08:00"}, noon = {.quiet_hours = "12:00-14:00"},
                      none = {.quiet_hours = ""};
    const int64_t day = day_start(day_from(2026, 11, 23)), minute = 60000, next = day + 86400000;
    (void)state;
    assert_int_equal(notify_quiet_until(&night, day + 21 * 60 * minute - 1), 0);
    assert_int_equal(notify_quiet_until(&night, day + 21 * 60 * minute), next + 8 * 60 * minute);
    assert_int_equal(notify_quiet_until(&night, next - 1), next + 8 * 60 * minute);
    assert_int_equal(notify_quiet_until(&night, day), day + 8 * 60 * minute);
    assert_int_equal(notify_quiet_until(&night, day + 8 * 60 * minute - 1), day + 8 * 60 * minute);
    assert_int_equal(notify_quiet_until(&night, day + 8 * 60 * minute), 0);
    assert_int_equal(notify_quiet_until(&noon, day + 12 * 60 * minute), day + 14 * 60 * minute);
    assert_int_equal(notify_quiet_until(&noon, day + 14 * 60 * minute), 0);
    assert_int_equal(notify_quiet_until(&none, day), 0);
}

/* ── with a database ── */

static enum db_engine engine;
static struct unit_db db;
static struct work w;
static struct app_config config;

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 3);
    unit_db_migrate(&db);
    unit_work_open(&w, &db);
    config = (struct app_config){.secret = "0123456789abcdef0123456789abcde",
                                 .site_name = "如皋市政务公开",
                                 .site_host_unit = "如皋市人民政府办公室",
                                 .base_url = "https://www.example.gov.cn",
                                 .sms_url = "http://127.0.0.1:1/?to={to}&text={text}",
                                 .sms_accept = "^0",
                                 .quiet_hours = "21:00-08:00",
                                 .smtp = "smtp://127.0.0.1:1",
                                 .mail_from = "gongkai@example.gov.cn"};
    w.config = &config;
    w.now = day_start(day_from(2026, 11, 23)) + 10LL * 3600 * 1000;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unit_work_close(&w);
    unit_db_remove(&db);
    return 0;
}

/* What message `id` holds: {"to","text",…}. */
static json_t *opened(int64_t id, const char *channel) {
    struct db_rows r;
    struct str plain;
    assert_int_equal(db_one(&w, &sql_message_get, &r, DB_INT(id)), 1);
    assert_true(str_is(db_s(&r, 0, 0), channel));
    assert_int_equal(str_find(db_s(&r, 0, 1), S("13812345678")), -1);
    assert_int_equal(seal_open(&w, "message", db_s(&r, 0, 1), &plain), 0);
    return json_loadb(plain.p, plain.n, 0, NULL);
}

static void in_transaction(int (*fn)(void), int want) {
    assert_int_equal(db_begin(&w), 0);
    assert_int_equal(fn(), want);
    if (want < 0)
        db_rollback(&w);
    else
        assert_int_equal(db_commit(&w), 0);
}

static struct str sms_text;
static int one_sms(void) {
    return notify_sms(&w, S("13812345678"), sms_text);
}

static void a_long_sms_is_cut_to_five_parts_between_characters(void **state) {
    struct buf b;
    json_t *o;
    (void)state;
    sms_text = S(" 您好\t\r\n😀 ");
    in_transaction(one_sms, 0);
    o = opened(1, "sms");
    assert_string_equal(json_string_value(json_object_get(o, "text")), "您好\n😀");
    json_decref(o);
    buf_init(&b, 1 << 16);
    for (int i = 0; i < 335; i++)
        buf_addz(&b, "明");
    sms_text = buf_str(&b);
    in_transaction(one_sms, 0);
    o = opened(2, "sms");
    assert_true(str_eq(str_z(json_string_value(json_object_get(o, "text"))), sms_text));
    json_decref(o);
    buf_addz(&b, "明");
    sms_text = buf_str(&b);
    in_transaction(one_sms, 0);
    o = opened(3, "sms");
    struct str cut = str_z(json_string_value(json_object_get(o, "text")));
    assert_int_equal(utf8_length(cut), 335);
    assert_true(str_ends(cut, S("明…")));
    json_decref(o);
    buf_clear(&b);
    for (int i = 0; i < 200; i++)
        buf_addz(&b, "😀"); /* two units each */
    sms_text = buf_str(&b);
    in_transaction(one_sms, 0);
    o = opened(4, "sms");
    cut = str_z(json_string_value(json_object_get(o, "text")));
    assert_int_equal(utf8_length(cut), 168);
    assert_true(str_ends(cut, S("😀…")) && utf8_valid(cut));
    json_decref(o);
    buf_release(&b);
    sms_text = S(" \n ");
    in_transaction(one_sms, -1);
    error_clear(&w);
}

static const struct notify_to *told;
static const char *told_name;
static json_t *told_values;
static int tell(void) {
    return notify_tell(&w, told, told_name, told_values);
}

static void it_is_told_by_what_is_configured_and_given(void **state) {
    const struct notify_to both = {S("a@example.cn"), S("13812345678")}, mail = {S("a@example.cn"), STR_NONE},
                           none = {STR_NONE, STR_NONE}, wrong = {S("a@"), S("12345")};
    (void)state;
    told_values = json_pack("{s:s, s:s, s:s}", "number", "如依申〔2026〕12号", "due", "2026年12月18日", "address",
                            "/requests/12");
    told_name = "request_confirmed";
    told = &both;
    in_transaction(tell, 2);
    json_t *o = opened(1, "mail");
    const char *text = json_string_value(json_object_get(o, "text"));
    assert_string_equal(json_string_value(json_object_get(o, "subject")),
                        "政府信息公开申请已受理（如依申〔2026〕12号）");
    assert_non_null(strstr(text, "https://www.example.gov.cn/requests/12\n"));
    assert_non_null(strstr(text, "2026年12月18日"));
    assert_non_null(strstr(text, "如皋市人民政府办公室（如皋市政务公开）"));
    json_decref(o);
    json_decref(opened(2, "sms"));
    told = &mail;
    in_transaction(tell, 1);
    told = &none;
    in_transaction(tell, 0);
    told = &wrong;
    in_transaction(tell, 0);
    told = &both;
    config.sms_url = "";
    in_transaction(tell, 1);
    config.smtp = "";
    in_transaction(tell, 0);
    told_name = "no_such";
    in_transaction(tell, -1);
    error_clear(&w);
    json_decref(told_values);
}

/* Every message with all values and with the number alone: no hole, no HTML, short enough for one SMS, nothing secret.
 */
static void every_message_reads_well(void **state) {
    const struct asset *a = asset_find(NULL, w.arena, "data/messages.json");
    json_t *all = json_loadb(a->bytes.p, a->bytes.n, 0, NULL), *words, *m;
    json_t *full = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "number", "<20261123-0001>", "due", "2026年12月18日",
                             "step", "申请人撤回", "address", "/requests/a", "name", "张三", "subject", "秘密内容");
    json_t *bare = json_pack("{s:s}", "number", "<20261123-0001>");
    static const char *const holes[] = {"&",    "{{",     "  ",   "（）", "，，", "，。",  "于 前",
                                        "于前", "\n\n\n", "张三", "秘密", "：。", "，请请"};
    const char *name, *part;
    int count = 0;
    (void)state;
    json_object_foreach(all, name, words) {
        if (strcmp(name, "end") == 0)
            continue;
        count++;
        assert_true(json_string_length(json_object_get(words, "note")) > 0);
        for (int k = 0; k < 2; k++) {
            json_t *out = notify_words(&w, name, k ? bare : full);
            assert_non_null(out);
            assert_int_equal(json_object_size(out), 3);
            json_object_foreach(out, part, m) {
                struct str s = str_z(json_string_value(m));
                if (str_find(s, S("<20261123-0001>")) < 0)
                    unit_fail("%s.%s: no number\n", name, part);
                for (size_t i = 0; i < countof(holes); i++)
                    if (str_find(s, str_z(holes[i])) >= 0)
                        unit_fail("%s.%s: “%s” in %s\n", name, part, holes[i], s.p);
                if (strcmp(part, "sms") == 0 && utf8_length(s) > 67)
                    unit_fail("%s: an SMS of %zu characters\n", name, utf8_length(s));
            }
            json_decref(out);
        }
    }
    assert_int_equal(count, 11);
    json_decref(full);
    json_decref(bare);
    json_decref(all);
}

/* ── notices ── */

static struct notice base;
static int one_notice(void) {
    return notice_add(&w, &base);
}

static void sits_in(int64_t person, int64_t post, int64_t unit, int64_t roles, bool all_units) {
    w.actor = (struct actor){.person_id = person, .post_id = post, .unit_id = unit, .all_units = all_units};
    actor_grant_roles(&w.actor, roles);
}

static size_t seen_by_actor(void) {
    int64_t next;
    json_t *list = notice_list(&w, INT64_MAX, 50, &next);
    size_t n = json_array_size(list);
    json_decref(list);
    return n;
}

static int64_t read_id;
static int read_it(void) {
    return notice_read(&w, read_id);
}

/* Two units, three accounts; past our code: their rooms are above this one. */
static void town_made(void) {
    static const char *const sql[] = {"INSERT INTO unit (id, path, code, name, short_name, kind, org_code, sort_key, "
                                      "demonstration, details, valid_from) "
                                      "VALUES (1, '/1/', 'a', 'a', '甲镇', 'town', '', 1, FALSE, '{}', '2020-01-01'), "
                                      "(2, '/2/', 'b', 'b', '乙局', 'department', '', 2, FALSE, '{}', '2020-01-01')",
                                      "INSERT INTO person (id, login, name, password_hash, password_at, must_change, "
                                      "disabled, demo, created_at) VALUES "
                                      "(11, 'a', 'a', '', 0, FALSE, FALSE, FALSE, 0), (12, 'b', 'b', '', 0, FALSE, "
                                      "FALSE, FALSE, 0), (13, 'c', 'c', '', 0, FALSE, FALSE, FALSE, 0)"};
    for (size_t i = 0; i < countof(sql); i++)
        unit_db_tamper(&db, sql[i]);
    base = (struct notice){.unit_id = 1,
                           .permission = PERM_SIGN,
                           .tone = "red",
                           .title = S("今天到期"),
                           .text = S("如依申〔2026〕12号"),
                           .address = S("/desk/requests/12")};
}

static void a_notice_reaches_who_holds_the_right_in_the_unit(void **state) {
    (void)state;
    town_made();
    in_transaction(one_notice, 1);
    base.unit_id = 2;
    base.office = true;
    base.permission = PERM_BOARD_READ;
    in_transaction(one_notice, 1);
    sits_in(11, 21, 1, ROLE_SIGNER, false);
    assert_int_equal(seen_by_actor(), 1);
    assert_int_equal(notice_unread(&w), 1);
    sits_in(11, 22, 2, ROLE_SIGNER, false); /* the same person in another unit's post */
    assert_int_equal(seen_by_actor(), 0);
    sits_in(12, 23, 1, ROLE_EDITOR, false); /* no such right */
    assert_int_equal(seen_by_actor(), 0);
    sits_in(12, 24, 1, ROLE_SUPERVISOR, false); /* the right, but one unit only */
    assert_int_equal(seen_by_actor(), 0);
    sits_in(13, 25, 1, ROLE_SUPERVISOR, true);
    assert_int_equal(seen_by_actor(), 1);
    sits_in(0, 0, 1, ROLE_SIGNER, false); /* a program */
    assert_int_equal(notice_unread(&w), 0);
    in_transaction(read_it, -1);
    error_clear(&w);
}

static void a_notice_with_a_key_is_told_once(void **state) {
    (void)state;
    town_made();
    base.once = S("request 12 due");
    in_transaction(one_notice, 1);
    in_transaction(one_notice, 0);
    base.once = STR_NONE;
    in_transaction(one_notice, 1);
    in_transaction(one_notice, 1);
    sits_in(11, 21, 1, ROLE_SIGNER, false);
    assert_int_equal(notice_unread(&w), 3);
    base.address = S("https://example.cn/");
    in_transaction(one_notice, -1);
    error_clear(&w);
    base.address = S("/desk/x");
    base.tone = "pink";
    in_transaction(one_notice, -1);
    error_clear(&w);
    base.tone = "red";
    base.permission = PERM_PUBLIC;
    in_transaction(one_notice, -1);
    error_clear(&w);
}

static void reading_is_each_persons_own(void **state) {
    int64_t next = 0;
    (void)state;
    town_made();
    for (int i = 0; i < 5; i++)
        in_transaction(one_notice, 1);
    sits_in(11, 21, 1, ROLE_SIGNER, false);
    json_t *page = notice_list(&w, INT64_MAX, 2, &next), *rest;
    assert_int_equal(json_array_size(page), 2);
    assert_true(json_is_false(json_object_get(json_array_get(page, 0), "seen")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(page, 0), "unit")), "甲镇");
    rest = notice_list(&w, next, 3, &next);
    assert_int_equal(json_array_size(rest), 3);
    assert_int_equal(next, 0);
    read_id = json_integer_value(json_object_get(json_array_get(page, 1), "id"));
    json_decref(page);
    json_decref(rest);
    in_transaction(read_it, 0);
    in_transaction(read_it, 0);
    assert_int_equal(notice_unread(&w), 4);
    sits_in(12, 26, 1, ROLE_SIGNER, false);
    assert_int_equal(notice_unread(&w), 5);
    read_id = 0;
    in_transaction(read_it, 0);
    assert_int_equal(notice_unread(&w), 0);
    in_transaction(one_notice, 1);
    assert_int_equal(notice_unread(&w), 1);
    sits_in(11, 21, 1, ROLE_SIGNER, false);
    assert_int_equal(notice_unread(&w), 5);
    sits_in(13, 27, 2, ROLE_SIGNER, false); /* not theirs */
    read_id = 1;
    in_transaction(read_it, -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
    for (int i = 0; i < NOTICE_UNREAD_CAP; i++)
        in_transaction(one_notice, 1);
    sits_in(11, 21, 1, ROLE_SIGNER, false);
    assert_int_equal(notice_unread(&w), NOTICE_UNREAD_CAP);
    w.now += 91LL * 86400 * 1000; /* no news any more */
    assert_int_equal(notice_unread(&w), 0);
}

static int run_all(enum db_engine e) {
    engine = e;
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_long_sms_is_cut_to_five_parts_between_characters),
        T(it_is_told_by_what_is_configured_and_given),
        T(every_message_reads_well),
        T(a_notice_reaches_who_holds_the_right_in_the_unit),
        T(a_notice_with_a_key_is_told_once),
        T(reading_is_each_persons_own),
    };
    return cmocka_run_group_tests_name(e == DB_SQLITE ? "notify (SQLite)" : "notify (PostgreSQL)", tests, NULL, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_that_can_be_written_to_are_taken),
        cmocka_unit_test(the_message_keeps_to_the_rules_of_mail),
        cmocka_unit_test(only_mobile_numbers_of_the_mainland_are_written_to),
        cmocka_unit_test(settings_of_the_gateway_are_checked),
        cmocka_unit_test(quiet_hours_end_on_the_right_day),
    };
    log_set_level(LOG_ERROR + 1);
    int rc = cmocka_run_group_tests_name("notify", tests, NULL, NULL) + run_all(DB_SQLITE);
    return rc + (getenv("MINGTANG_TEST_PG") ? run_all(DB_POSTGRESQL) : 0);
}
