/* test_check_document.c: what supervision's checks say of documents: interpretation, links, consultations, validity;
 * and of what public versions say: elements, personal data, words. */
#include "unit_check.h"

#include "blob/blob.h"

static int64_t made(const char *kind, const char *title, const char *from) {
    int64_t id = publication(kind, title, 0);
    edition(id, (struct edition_made){.from = nine(from), .title = title});
    return id;
}

/* ── interpretations ── */

static int64_t interprets(int64_t policy, const char *from, const char *until) {
    int64_t id = publication("interpretation", "解读", 0);
    edition(id, (struct edition_made){.from = nine(from),
                                      .until = until ? nine(until) : 0,
                                      .elements = str_printf(w.arena, "{\"interprets\":\"%s\"}", public_id(policy)).p});
    begin();
    ok(db_exec(&w, &publication_about, DB_INT(id), DB_INT(policy)));
    commit();
    return id;
}

static void a_policy_is_interpreted_within_three_working_days(void **s) {
    (void)s;
    at("2026-11-02");
    /* Wednesday 30 September: 8, 9 and 10 October, a Saturday made up */
    int64_t id = made("policy", "关于某事的通知", "2026-09-30");
    expect("interpretation_late", NULL, id, "yellow 2026-10-09–2026-10-11; red 2026-10-11–");
    assert_int_equal(said.due_at, day_end(d("2026-10-10")));
    expect("interpretation_late", "{\"yellow_days\": 0}", id, "red 2026-10-11–");
    int64_t first = interprets(id, "2026-10-10", "2026-11-05");
    expect("interpretation_late", "{\"yellow_days\": 0}", id, "red 2026-11-05 09:00–");
    interprets(id, "2026-11-09", NULL);
    expect("interpretation_late", "{\"yellow_days\": 0}", id, "red 2026-11-05 09:00–2026-11-09 09:00");
    assert_true(reached("interpretation_late", "disclosure", "withdrawn", "disclosure", first, id));
    assert_true(reached("interpretation_late", "disclosure", "published", "disclosure", id, id));
    assert_true(listed("interpretation_late", id));
    assert_false(listed("interpretation_late", first));
    no_matter("interpretation_late", NULL, first);
    int64_t late = made("policy", "另一通知", "2026-11-02");
    interprets(late, "2026-11-06", NULL);
    expect("interpretation_late", NULL, late, "yellow 2026-11-04–2026-11-06; red 2026-11-06–2026-11-06 09:00");
}

static void an_old_or_expired_policy_needs_no_interpretation(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t old = made("policy", "此前的通知", "2026-11-02"), over = made("policy", "失效的通知", "2026-11-02");
    happened("disclosure", "entered", "disclosure", old, nine("2026-11-02"));
    no_matter("interpretation_late", NULL, old);
    happened("disclosure", "expired", "disclosure", over, nine("2026-11-10"));
    expect("interpretation_late", NULL, over, "yellow 2026-11-04–2026-11-06; red 2026-11-06–2026-11-10 09:00");
}

static void an_interpretation_links_both_ways_to_what_is_public(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t policy = publication("policy", "通知", 0);
    edition(policy, (struct edition_made){.from = nine("2026-11-02"), .until = nine("2026-11-16")});
    int64_t id = interprets(policy, "2026-11-04", NULL), gone = interprets(policy, "2026-11-04", "2026-11-16");
    expect("link_one_way", NULL, id, "red 2026-11-16 09:00–");
    noted("不再公开");
    expect("link_one_way", NULL, gone, "");
    edition(policy, (struct edition_made){.from = nine("2026-11-18")});
    expect("link_one_way", NULL, id, "red 2026-11-16 09:00–2026-11-18 09:00");
    assert_true(reached("link_one_way", "disclosure", "withdrawn", "disclosure", policy, id));
    assert_true(reached("link_one_way", "disclosure", "published", "disclosure", id, id));
    begin();
    ok(db_exec(&w, &publication_about, DB_INT(id), DB_NULL));
    commit();
    expect("link_one_way", NULL, id, "red 2026-11-04 09:00–");
    noted("单向");
    no_matter("link_one_way", NULL, policy);
}

/* ── consultations ── */

static int64_t consulted(const char *title, const char *from, const char *elements) {
    int64_t id = publication("consultation", title, 0);
    edition(id, (struct edition_made){.from = nine(from), .title = title, .elements = elements});
    return id;
}

static void thirty_days_are_counted_from_the_day_after_publication(void **s) {
    (void)s;
    at("2026-11-02");
    expect("consultation_short", NULL, consulted("征求意见", "2026-11-02", "{\"opinions_until\":\"2026-12-01\"}"),
           "red 2026-11-02 09:00–");
    noted("只有29日");
    expect("consultation_short", NULL, consulted("征求意见", "2026-11-02", "{\"opinions_until\":\"2026-12-02\"}"), "");
    expect("consultation_short", NULL, consulted("征求意见", "2026-11-02", "{\"opinions_until\":\"2026-12-03\"}"), "");
    expect("consultation_short", "{\"days\": 7}",
           consulted("征求意见", "2026-11-02", "{\"opinions_until\":\"2026-11-09\"}"), "");
    int64_t reasoned =
        consulted("征求意见", "2026-11-02", "{\"opinions_until\":\"2026-11-20\",\"short_reason\":\"防汛紧急\"}");
    expect("consultation_short", NULL, reasoned, "");
    int64_t longer = publication("consultation", "征求意见", 0);
    edition(longer, (struct edition_made){.from = nine("2026-11-02"),
                                          .until = nine("2026-11-10"),
                                          .elements = "{\"opinions_until\":\"2026-11-20\"}"});
    edition(longer,
            (struct edition_made){.from = nine("2026-11-10"), .elements = "{\"opinions_until\":\"2026-12-02\"}"});
    expect("consultation_short", NULL, longer, "red 2026-11-02 09:00–2026-11-10 09:00");
    no_matter("consultation_short", NULL, made("policy", "通知", "2026-11-02"));
}

#define UNTIL "{\"opinions_until\":\"2026-09-30\"}"

static void a_result_is_public_twenty_working_days_after_the_end(void **s) {
    (void)s;
    at("2026-11-02");
    /* from 30 September: 8, 9, 10 (made up), 12 … 16, 19 … 23, 26 … 30 October, 2 and 3 November */
    int64_t id = consulted("关于《垃圾分类管理办法（草案）》公开征求意见的公告", "2026-08-20", UNTIL);
    expect("consultation_result", NULL, id, "yellow 2026-10-27–2026-11-04; red 2026-11-04–");
    assert_int_equal(said.due_at, day_end(d("2026-11-03")));
    int64_t before = made("", "《垃圾分类管理办法（草案）》征求意见结果预告", "2026-09-30");
    int64_t other = made("", "《垃圾分类管理办法（草案）》起草说明", "2026-10-20");
    expect("consultation_result", NULL, id, "yellow 2026-10-27–2026-11-04; red 2026-11-04–");
    int64_t result = made("", "《垃圾分类管理办法（草案）》公众意见采纳情况", "2026-11-05");
    expect("consultation_result", NULL, id, "yellow 2026-10-27–2026-11-04; red 2026-11-04–2026-11-05 09:00");
    assert_true(reached("consultation_result", "disclosure", "published", "disclosure", result, id));
    assert_true(listed("consultation_result", id) && !listed("consultation_result", before) && other);
    assert_true(reached("consultation_result", "disclosure", "corrected", "disclosure", id, id));
    assert_false(reached("consultation_result", "disclosure", "published", "disclosure",
                         made("", "《垃圾处理费》征收结果", "2026-11-05"), id));
    int64_t within = publication("consultation", "征求意见", 0);
    edition(within, (struct edition_made){.from = nine("2026-08-20"), .until = nine("2026-11-03"), .elements = UNTIL});
    edition(within,
            (struct edition_made){.from = nine("2026-11-03"),
                                  .elements = "{\"opinions_until\":\"2026-09-30\",\"opinions_result\":\"收到3条\"}"});
    expect("consultation_result", "{\"yellow_days\": 0}", within, "");
    int64_t withdrawn = publication("consultation", "征求意见", 0);
    edition(withdrawn,
            (struct edition_made){.from = nine("2026-08-20"), .until = nine("2026-11-06"), .elements = UNTIL});
    expect("consultation_result", "{\"yellow_days\": 0}", withdrawn, "red 2026-11-04–2026-11-06 09:00");
}

/* ── validity ── */

static void a_document_is_looked_at_six_months_before_it_ends_and_red_after(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = publication("policy", "办法", 0), noted_expired = publication("policy", "办法", 0);
    edition(id, (struct edition_made){.from = nine("2026-01-05"), .title = "办法", .expires = "2026-11-30"});
    expect("validity_over", NULL, id, "yellow 2026-05-30–2026-12-02; red 2026-12-02–");
    expect("validity_over", "{\"grace\": 0, \"months\": 0}", id, "red 2026-12-01–");
    happened("disclosure", "expired", "disclosure", id, nine("2026-12-01"));
    expect("validity_over", NULL, id, "yellow 2026-05-30–2026-12-01 09:00");
    edition(noted_expired,
            (struct edition_made){.from = nine("2026-01-05"), .expires = "2026-01-30", .validity = "repealed"});
    expect("validity_over", NULL, noted_expired, "");
    int64_t open = publication("policy", "管理规定（试行）", 0);
    edition(open, (struct edition_made){.from = nine("2026-01-05"),
                                        .title = "管理规定（试行）",
                                        .effective = "2025-02-28",
                                        .formed = "2025-01-01"});
    expect("validity_over", NULL, open, "");
    expect("validity_over", "{\"years\": 5, \"trial_years\": 2, \"grace\": 0}", open,
           "yellow 2026-08-28–2027-03-01; red 2027-03-01–");
    noted("按年限推定");
    int64_t five = publication("policy", "管理规定", 0);
    edition(five, (struct edition_made){.from = nine("2026-01-05"), .formed = "2021-12-31"});
    expect("validity_over", "{\"years\": 5, \"trial_years\": 2, \"grace\": 0}", five,
           "yellow 2026-06-30–2027-01-01; red 2027-01-01–");
}

/* ── elements ── */

static void an_element_counts_wherever_it_stands(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t owner = item_made((struct item_made){.limit = "20个工作日",
                                                 .from = "2026-11-02",
                                                 .elements = "批复文号、建设地点、投资规模、咨询电话等",
                                                 .owners = OWNED_HERE});
    int64_t id = publication("", "批复文号公告", owner);
    int64_t v = edition(
        id, (struct edition_made){.from = nine("2026-11-03"), .title = "批复文号公告", .body = "建设地点：长江镇"});
    attached(v, 1, "投资规模.pdf", "");
    expect("element_missing", NULL, id, "orange 2026-11-03 09:00–");
    noted("未见目录要求的1项内容：“咨询电话”");
    expect("element_missing", "{\"least\": 2}", id, "");
    attached(v, 2, "附件.pdf", "……咨询电话：见公告……");
    expect("element_missing", NULL, id, "");
    /* what the item asks for today does not bind what was published before */
    at("2026-11-16");
    item_made((struct item_made){
        .item = owner, .limit = "20个工作日", .from = "2026-11-16", .elements = "验收结论", .owners = OWNED_HERE});
    expect("element_missing", NULL, id, "");
    int64_t next = publication("", "公告", owner);
    edition(next, (struct edition_made){.from = nine("2026-11-16"), .body = "建设地点"});
    expect("element_missing", NULL, next, "orange 2026-11-16 09:00–");
    assert_true(reached("element_missing", "catalogue", "item_changed", "item", owner, next));
    assert_false(reached("element_missing", "catalogue", "item_changed", "item", owner, id));
    assert_true(reached("element_missing", "disclosure", "text_read", "disclosure", id, id));
    expect("element_missing", NULL, made("guide", "没有事项", "2026-11-03"), "");
}

/* ── personal data ── */

#define CARD "320682198001010011"
#define MOBILE "13812345678"

static void personal_data_anywhere_in_a_public_version_is_red_and_never_repeated(void **s) {
    (void)s;
    at("2026-11-02");
    char card[19] = CARD;
    for (char c = '0'; !pii_id_card(str_z(card)) && c <= '9'; c++) /* its check digit */
        card[17] = c;
    if (!pii_id_card(str_z(card)))
        card[17] = 'X';
    assert_true(pii_id_card(str_z(card)));
    int64_t body = publication("", "名单", 0), title = publication("", "名单", 0), file = publication("", "名单", 0);
    edition(body, (struct edition_made){.from = nine("2026-11-03"),
                                        .until = nine("2026-11-05"),
                                        .body = str_printf(w.arena, "张某，%s", card).p});
    edition(body, (struct edition_made){.from = nine("2026-11-05"), .body = "张某"});
    expect("personal_data", NULL, body, "red 2026-11-03 09:00–2026-11-05 09:00");
    noted("身份证号 320682");
    assert_true(str_find(said.note, str_z(card)) < 0);
    edition(title, (struct edition_made){.from = nine("2026-11-03"), .title = "电话" MOBILE});
    expect("personal_data", NULL, title, "red 2026-11-03 09:00–");
    assert_true(str_find(said.note, S(MOBILE)) < 0 && str_find(said.note, S("138****5678")) >= 0);
    expect("personal_data", "{\"kinds\": \"身份证号\"}", title, "");
    attached(edition(file, (struct edition_made){.from = nine("2026-11-03")}), 1, "名单.xlsx", card);
    expect("personal_data", NULL, file, "red 2026-11-03 09:00–");
    noted("附件1");
    int64_t office = publication("", "电话", 0);
    edition(office, (struct edition_made){.from = nine("2026-11-03"), .body = "办公电话：0513-87654321"});
    expect("personal_data", NULL, office, "");
    expect("personal_data", "{\"kinds\": \"固定电话\"}", office, "red 2026-11-03 09:00–");
    assert_true(listed("personal_data", file));
    assert_true(reached("personal_data", "disclosure", "text_read", "disclosure", file, file));
}

static void a_number_in_a_title_is_masked_whatever_the_check(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = publication("", "联系人" MOBILE, 0);
    edition(id, (struct edition_made){.from = nine("2026-11-03")});
    assert_int_equal(asked("no_item", NULL, id), 1);
    assert_true(str_find(said.title, S(MOBILE)) < 0);
}

/* ── words ── */

static void words_of_the_list_are_found_unless_they_stand_where_they_are_right(void **s) {
    (void)s;
    size_t n;
    at("2026-11-02");
    assert_non_null(watchlist(&n));
    assert_true(n > 10); /* the list that ships */
    assert_int_equal(
        watchlist_load(S("{\"words\": [{\"word\": \"旧称\", \"instead\": \"新称\", \"level\": 2, \"unless\": "
                         "[\"旧称谓\", \"所谓旧称\"]}, {\"word\": \"占位文字\", \"level\": 3}]}")),
        0);
    int64_t id = publication("", "公告", 0);
    int64_t v = edition(id, (struct edition_made){.from = nine("2026-11-03"), .body = "旧称谓和所谓旧称都不算"});
    expect("watch_words", NULL, id, "");
    attached(v, 1, "附件.pdf", "旧称谓、旧称");
    expect("watch_words", NULL, id, "orange 2026-11-03 09:00–");
    noted("“旧称”（应为“新称”）");
    expect("watch_words", "{\"attachments\": 0}", id, "");
    expect("watch_words", "{\"least\": 3}", id, "");
    int64_t empty = publication("", "占位文字", 0);
    edition(empty, (struct edition_made){.from = nine("2026-11-03"), .title = "占位文字"});
    expect("watch_words", "{\"least\": 3}", empty, "red 2026-11-03 09:00–");
    for (size_t i = 0; i < app_asset_count; i++)
        if (strcmp(app_assets[i].name, "data/watchlist.json") == 0)
            assert_int_equal(watchlist_load(app_assets[i].bytes), 0);
}

static void a_list_that_cannot_be_read_changes_nothing(void **s) {
    (void)s;
    size_t before, after;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"words\": {}}",
                                      "{\"words\": [{\"word\": \"单\"}, {\"word\": \"\"}]}",
                                      "{\"words\": [{\"word\": \"两字\", \"level\": 4}]}",
                                      "{\"words\": [{\"instead\": \"某\"}]}"};
    watchlist(&before);
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(watchlist_load(str_z(bad[i])), -1);
    watchlist(&after);
    assert_int_equal(before, after);
}

/* ── the table ── */

static void every_rule_that_ships_can_be_loaded_and_a_second_time_changes_nothing(void **s) {
    (void)s;
    at("2026-11-02");
    json_t *rules = NULL;
    for (size_t i = 0; i < app_asset_count; i++)
        if (strcmp(app_assets[i].name, "data/rules.json") == 0)
            rules = json_loadb(app_assets[i].bytes.p, app_assets[i].bytes.n, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_array_size(rules) > 20);
    STATEMENT(rules_kept, "SELECT count(*) AS n FROM rule", false);
    struct db_rows r;
    for (int i = 0; i < 2; i++) {
        begin();
        ok(supervision_init(&w, rules, true));
        commit();
        assert_int_equal(db_one(&w, &rules_kept, &r), 1);
        assert_int_equal(db_i(&r, 0, 0), json_array_size(rules));
    }
    json_decref(rules);
}

static void every_check_has_words_parameters_that_pass_and_events(void **s) {
    (void)s;
    const struct check *c;
    for (size_t i = 0; (c = check_at(i)); i++) {
        assert_true(utf8_length(str_z(c->label)) >= 4 && utf8_length(str_z(c->about)) >= 8);
        assert_true(c->events && c->events[0].room && c->course && c->subjects);
        assert_ptr_equal(check_find(str_z(c->code)), c);
        for (const struct check_parameter *p = c->parameters; p && p->name; p++) {
            int64_t n = 0;
            struct str fallback = str_z(p->fallback);
            bool fits = p->type == PARAMETER_TEXT
                            ? (int64_t)utf8_length(fallback) >= p->min && (int64_t)utf8_length(fallback) <= p->max
                            : str_int(fallback, &n) == 0 && n >= p->min && n <= p->max;
            if (!fits)
                unit_fail("%s: the default of %s is out of its range\n", c->code, p->name);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_interpreted_within_three_working_days),
        cmocka_unit_test(an_old_or_expired_policy_needs_no_interpretation),
        cmocka_unit_test(an_interpretation_links_both_ways_to_what_is_public),
        cmocka_unit_test(thirty_days_are_counted_from_the_day_after_publication),
        cmocka_unit_test(a_result_is_public_twenty_working_days_after_the_end),
        cmocka_unit_test(a_document_is_looked_at_six_months_before_it_ends_and_red_after),
        cmocka_unit_test(an_element_counts_wherever_it_stands),
        cmocka_unit_test(personal_data_anywhere_in_a_public_version_is_red_and_never_repeated),
        cmocka_unit_test(a_number_in_a_title_is_masked_whatever_the_check),
        cmocka_unit_test(words_of_the_list_are_found_unless_they_stand_where_they_are_right),
        cmocka_unit_test(a_list_that_cannot_be_read_changes_nothing),
        cmocka_unit_test(every_rule_that_ships_can_be_loaded_and_a_second_time_changes_nothing),
        cmocka_unit_test(every_check_has_words_parameters_that_pass_and_events),
    };
    return run_checks("checks of documents", tests);
}
