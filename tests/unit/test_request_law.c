/* test_request_law.c: what the law says of a case between receipt and delivery, at its edges: receipt days, one
 * supplement, opinions of several others, extension and delay, fee, splitting and handing on. */
#include "unit_request.h"

#include "report/report.h"

STATEMENT(events_of_verb, "SELECT COUNT(*) FROM event WHERE subject_kind = 'request' AND subject_id = $1 AND verb = $2",
          false);
STATEMENT(letters_of,
          "SELECT COUNT(*) FROM letter WHERE subject_kind = 'request' AND subject_id = $1 AND template = $2", false);
STATEMENT(child, "SELECT id FROM request WHERE parent_id = $1 ORDER BY id LIMIT 1", false);

/* ── receipt (第三十一条) ── */

static void a_receipt_day_is_not_before_the_application(void **s) {
    struct request_made made;
    struct request_input x = input("fax", 1, "关于测试的文件");
    struct request_step c = nothing();
    (void)s;
    as("yishenqing");
    x.came_day = d("2026-10-30");
    x.received_day = d("2026-10-29");
    refused_at(request_submit(&w, &x, &made), "received_day");
    x.received_day = d("2026-11-03");
    refused_at(request_submit(&w, &x, &made), "received_day");
    x.came_day = d("2026-11-03");
    refused_at(request_submit(&w, &x, &made), "came_day");
    x.came_day = d("2026-10-30");
    x.received_day = DAY_NONE;
    ok(request_submit(&w, &x, &made));
    c.day = d("2026-10-29");
    refused_at(step("changjiang-foi", made.id, "confirm", c), "day");
    c.day = d("2026-11-03");
    refused_at(step("changjiang-foi", made.id, "confirm", c), "day");
    c.day = d("2026-10-30");
    ok(step("changjiang-foi", made.id, "confirm", c));
    due_is(made.id, "2026-11-27");
}

/* Handed in or signed for: that is the day, whatever else is typed. */
static void a_receipt_day_that_the_law_fixes_is_not_chosen(void **s) {
    static const char *const fixed[] = {"in_person", "post_signed"};
    (void)s;
    for (size_t i = 0; i < countof(fixed); i++) {
        struct request_made made;
        struct request_input x = input(fixed[i], 2, "关于测试的文件");
        as("yishenqing");
        x.came_day = d("2026-10-28");
        x.received_day = d("2026-10-30");
        refused_at(request_submit(&w, &x, &made), "received_day");
        x.received_day = d("2026-10-28");
        ok(request_submit(&w, &x, &made));
        assert_int_equal(get(made.id).received_day, d("2026-10-28"));
    }
}

/* Nobody signed in applies by internet and today, whatever is sent. */
static void the_portal_knows_one_channel_and_one_day(void **s) {
    struct request_made made;
    struct request_input x = input("in_person", 3, "关于测试的文件");
    (void)s;
    as(NULL);
    x.came_day = x.received_day = d("2026-10-12");
    ok(request_submit(&w, &x, &made));
    struct request c = get(made.id);
    assert_true(str_is(c.channel, "internet") && str_is(c.state, "submitted"));
    assert_int_equal(c.received_day, DAY_NONE);
    assert_int_equal(day_of(c.submitted_at), d("2026-11-02"));
}

/* ── supplement (第三十条) ── */

static void a_supplement_restarts_across_a_make_up_day(void **s) {
    at("2026-09-11");
    int64_t id = working(10, "征收补偿文件");
    struct request_step x = say("请写明地块");
    (void)s;
    due_is(id, "2026-10-15"); /* 20 September and 10 October worked, 25 September and 1 to 7 October not */
    at("2026-09-14");
    ok(step("changjiang-foi", id, "clarify", x));
    at("2026-09-18");
    x.text = S("");
    refused_at(step("changjiang-foi", id, "supplement", x), "text");
    x = say("某某地块");
    x.day = d("2026-09-13");
    refused_at(step("changjiang-foi", id, "supplement", x), "day");
    x.day = d("2026-09-19");
    refused_at(step("changjiang-foi", id, "supplement", x), "day");
    ok(step("changjiang-foi", id, "supplement", say("某某地块")));
    due_is(id, "2026-10-22"); /* rules.md: 2026-09-18 and twenty working days */
    assert_false(get(id).suspended);
    refused(step("changjiang-foi", id, "clarify", say("再问")), ERR_WRONG_STATE);
}

/* The limit that the notice names is the one that runs, on paper as well. */
static void the_supplement_has_the_days_that_the_notice_says(void **s) {
    int64_t id = working(11, "征收补偿文件");
    struct request_step x = say("请写明地块");
    (void)s;
    x.n = 2;
    refused_at(step("changjiang-foi", id, "clarify", x), "n");
    x.n = 61;
    refused_at(step("changjiang-foi", id, "clarify", x), "n");
    x.n = 30;
    ok(step("changjiang-foi", id, "clarify", x));
    assert_int_equal(ask_at(id, 0).due_at, 0); /* by post: not there yet */
    at("2026-11-04");
    ok(step("changjiang-foi", id, "got", nothing()));
    assert_int_equal(ask_at(id, 0).due_at, day_end(calendar_add_working(d("2026-11-04"), 30)));
    w.now = ask_at(id, 0).due_at;
    refused(step("changjiang-foi", id, "lapse", nothing()), ERR_WRONG_STATE);
    w.now++;
    ok(step("changjiang-foi", id, "lapse", nothing()));
    assert_true(str_is(get(id).outcome, "R15"));
    refused(step("changjiang-foi", id, "supplement", x), ERR_WRONG_STATE);
}

static void reasons_are_asked_for_with_a_limit_of_sense(void **s) {
    int64_t id = working(12, "许多文件");
    struct request_step x = say("一个月内申请四十件，请说明理由");
    (void)s;
    x.n = 1000000;
    refused_at(step("changjiang-foi", id, "ask_reasons", x), "n");
    x.n = 10;
    ok(step("changjiang-foi", id, "ask_reasons", x));
    ok(step("changjiang-foi", id, "got", nothing()));
    assert_int_equal(ask_at(id, 0).due_at, day_end(d("2026-11-16")));
    due_is(id, "2026-11-30"); /* asking for reasons stops no clock */
}

/* ── opinions of others (第三十二至三十四条) ── */

static void two_parties_leave_out_the_union_of_their_days(void **s) {
    int64_t id = working(20, "两方的合同");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-04")));
    at("2026-11-06");
    ok(step("changjiang-foi", id, "consult", party("organ", "2026-11-06")));
    at("2026-11-10");
    struct ask first = ask_at(id, 0), second = ask_at(id, 1);
    ok(step("changjiang-foi", id, "answer", answer(&first, "agree")));
    state_is(id, "consulting");
    assert_true(get(id).suspended);
    at("2026-11-12");
    ok(step("changjiang-foi", id, "answer", answer(&second, "agree")));
    state_is(id, "working");
    assert_false(get(id).suspended);
    due_is(id, "2026-12-08"); /* 5, 6, 9, 10, 11, 12 November once each */
}

/* One lapses, the other still has time: back to work only when both are done. */
static void one_silence_does_not_end_the_waiting_for_another(void **s) {
    int64_t id = working(21, "两方的合同");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-04")));
    at("2026-11-09");
    ok(step("changjiang-foi", id, "consult", party("organ", "2026-11-09")));
    look("2026-11-26");
    assert_true(str_is(ask_at(id, 0).state, "lapsed") && str_is(ask_at(id, 0).answer, "silent"));
    assert_true(str_is(ask_at(id, 1).state, "open"));
    state_is(id, "consulting");
    look("2026-12-01");
    assert_true(str_is(ask_at(id, 1).state, "lapsed") && str_is(ask_at(id, 1).answer, "agree"));
    state_is(id, "working");
    due_is(id, "2026-12-24"); /* 5 to 30 November: eighteen working days */
}

static void an_answer_on_the_last_day_is_in_time(void **s) {
    int64_t id = working(22, "第三方的合同");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-04")));
    struct ask a = ask_at(id, 0);
    assert_int_equal(a.due_at, day_end(d("2026-11-25")));
    w.now = a.due_at;
    ok(step("changjiang-foi", id, "answer", answer(&a, "agree")));
    assert_int_equal(number_of(&events_of_verb, id, "answered"), 1);
    assert_int_equal(number_of(&events_of_verb, id, "answered_late"), 0);
    due_is(id, "2026-12-21");
}

/* Late is late, whether the clock has looked already or not; no day more is left out for it. */
static void an_answer_after_the_limit_is_recorded_late(void **s) {
    int64_t before = working(23, "第三方的合同"), after = working(24, "第三方的合同二");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", before, "consult", party("third", "2026-11-04")));
    ok(step("changjiang-foi", after, "consult", party("third", "2026-11-04")));
    struct ask a = ask_at(before, 0), b = ask_at(after, 0);
    w.now = a.due_at + 1;
    ok(step("changjiang-foi", before, "answer", answer(&a, "refuse")));
    assert_int_equal(number_of(&events_of_verb, before, "answered_late"), 1);
    state_is(before, "working");
    due_is(before, "2026-12-21");
    look("2026-11-26");
    state_is(after, "working");
    at("2026-11-30");
    ok(step("changjiang-foi", after, "answer", answer(&b, "refuse")));
    assert_int_equal(number_of(&events_of_verb, after, "answered_late"), 1);
    assert_true(str_is(ask_at(after, 0).answer, "refuse"));
    due_is(after, "2026-12-21");
}

/* It came in time and was typed in late: only the days until it came are left out. */
static void an_answer_in_time_counts_from_its_own_day(void **s) {
    int64_t id = working(25, "第三方的合同");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-04")));
    struct request_step x = nothing();
    look("2026-11-26");
    struct ask a = ask_at(id, 0);
    x = answer(&a, "agree");
    x.day = d("2026-11-03");
    refused_at(step("changjiang-foi", id, "answer", x), "day"); /* before it was asked */
    x.day = d("2026-11-10");
    ok(step("changjiang-foi", id, "answer", x));
    assert_int_equal(number_of(&events_of_verb, id, "answered"), 1);
    due_is(id, "2026-12-04"); /* 5, 6, 9, 10 November */
}

static void a_letter_is_received_after_it_was_sent(void **s) {
    int64_t id = working(26, "第三方的合同");
    (void)s;
    at("2026-11-09");
    refused_at(step("changjiang-foi", id, "consult", party("third", "2026-11-10")), "day");
    refused_at(step("changjiang-foi", id, "consult", party("third", "2026-10-12")), "day");
    ok(step("changjiang-foi", id, "consult", party("third", NULL)));
    assert_int_equal(ask_at(id, 0).due_at, 0);
    struct request_step x = nothing();
    at("2026-11-11");
    x.day = d("2026-11-08");
    refused_at(step("changjiang-foi", id, "got", x), "day");
    x.day = d("2026-11-12");
    refused_at(step("changjiang-foi", id, "got", x), "day");
    ok(step("changjiang-foi", id, "got", nothing()));
    assert_int_equal(ask_at(id, 0).due_at, day_end(d("2026-12-02")));
}

static int64_t with_file(int who) {
    int64_t id = working(who, "含第三方信息的合同");
    at("2026-11-03");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-03")));
    struct ask a = ask_at(id, 0);
    ok(step("changjiang-foi", id, "answer", answer(&a, who % 2 ? "refuse" : "agree")));
    return id;
}

/* 第三十二条: disclosed against a third party's will: told in writing; one that agreed is not. */
static void a_third_party_that_refused_is_told(void **s) {
    struct request_step reply = nothing();
    (void)s;
    reply.outcome = S("R02");
    reply.where = S("见附件");
    reply.reason = S("不公开会对公共利益造成重大影响");
    int64_t refused_one = with_file(31), agreed = with_file(32), kept = with_file(33);
    to_signing(refused_one, reply);
    ok(step("changjiang-fuze", refused_one, "sign", nothing()));
    to_signing(agreed, reply);
    ok(step("changjiang-fuze", agreed, "sign", nothing()));
    reply.outcome = S("R04.4");
    to_signing(kept, reply);
    ok(step("changjiang-fuze", kept, "sign", nothing()));
    assert_int_equal(number_of(&letters_of, refused_one, "third_told"), 1);
    assert_int_equal(number_of(&letters_of, agreed, "third_told"), 0);
    assert_int_equal(number_of(&letters_of, kept, "third_told"), 0);
}

/* ── extension and delay (第三十三、三十五条) ── */

static struct request_step days(int n) {
    struct request_step x = say("需要逐项核对");
    x.n = n;
    x.reason = S("需要逐项核对");
    return x;
}

static void an_extension_ends_with_the_last_millisecond(void **s) {
    int64_t id = working(40, "需要延期的文件"), waits = asked("internet", 41, "没有确认的文件");
    (void)s;
    refused(step("changjiang-fuze", waits, "extend", days(5)), ERR_WRONG_STATE);
    refused_at(step("changjiang-fuze", id, "extend", days(0)), "n");
    refused_at(step("changjiang-fuze", id, "extend", days(21)), "n");
    w.now = get(id).due_at + 1;
    refused(step("changjiang-fuze", id, "extend", days(20)), ERR_WRONG_STATE);
    w.now--;
    ok(step("changjiang-fuze", id, "extend", days(20)));
    due_is(id, "2026-12-28");
    refused(step("changjiang-fuze", id, "extend", days(1)), ERR_WRONG_STATE);
    assert_int_equal(number_of(&letters_of, id, "extend"), 1);
}

static int64_t with_reasons(int who, const char *verdict) {
    int64_t id = working(who, "许多文件");
    struct request_step x = say("请说明理由");
    refused(step("changjiang-fuze", id, "delay", days(30)), ERR_WRONG_STATE);
    ok(step("changjiang-foi", id, "ask_reasons", x));
    x.answer = str_z(verdict);
    ok(step("changjiang-foi", id, "reasons_given", x));
    return id;
}

static void a_delay_needs_reasons_that_hold_and_a_limit_not_over(void **s) {
    int64_t good = with_reasons(42, "accepted"), bad = with_reasons(43, "refused"), late = with_reasons(44, "accepted");
    (void)s;
    refused_at(step("changjiang-fuze", good, "delay", days(251)), "n");
    refused_at(step("changjiang-fuze", good, "delay", days(0)), "n");
    ok(step("changjiang-fuze", good, "delay", days(30)));
    assert_int_equal(day_of(get(good).due_at), calendar_add_working(d("2026-11-02"), 50));
    refused(step("changjiang-fuze", bad, "delay", days(30)), ERR_WRONG_STATE);
    at("2026-12-01");
    refused(step("changjiang-fuze", late, "delay", days(30)), ERR_WRONG_STATE);
    due_is(late, "2026-11-30");
}

static void silence_when_asked_for_reasons_lets_the_work_go_on(void **s) {
    int64_t id = working(45, "许多文件");
    (void)s;
    ok(step("changjiang-foi", id, "ask_reasons", say("请说明理由")));
    ok(step("changjiang-foi", id, "got", nothing()));
    w.now = ask_at(id, 0).due_at;
    refused(step("changjiang-foi", id, "lapse", nothing()), ERR_WRONG_STATE);
    w.now++;
    ok(step("changjiang-foi", id, "lapse", nothing()));
    assert_true(str_is(get(id).state, "working"));
    assert_true(str_is(ask_at(id, 0).answer, "unexplained"));
    refused(step("changjiang-fuze", id, "delay", days(30)), ERR_WRONG_STATE);
    struct request_step x = nothing();
    x.outcome = S("R13");
    x.reason = S("数量、频次明显超过合理范围，逾期未说明理由");
    ok(step("changjiang-foi", id, "draft", x));
}

static struct request_step reply(const char *outcome, const char *reason) {
    struct request_step x = nothing();
    x.outcome = str_z(outcome);
    x.reason = str_z(reason);
    return x;
}

/* 无正当理由: reasons that hold are no ground to turn the application away. */
static void many_applications_are_refused_for_want_of_reasons_alone(void **s) {
    int64_t good = with_reasons(45, "accepted"), bad = with_reasons(46, "refused");
    (void)s;
    refused_at(step("changjiang-foi", good, "draft", reply("R13", "大量反复")), "outcome");
    ok(step("changjiang-foi", bad, "draft", reply("R13", "大量反复")));
}

/* ── fee (国办函〔2020〕109号) ── */

static struct request_step fee(const char *basis, int64_t n) {
    struct request_step x = say("缴费码");
    x.basis = str_z(basis);
    x.n = n;
    return x;
}

static void a_fee_is_asked_once_by_one_standard_and_paid_or_lapses(void **s) {
    int64_t paid = working(50, "全部决定书"), never = working(51, "全部决定书二");
    struct request_step x = nothing();
    (void)s;
    refused_at(step("changjiang-foi", paid, "charge", fee("", 40)), "basis");
    refused_at(step("changjiang-foi", paid, "charge", fee("piece", 0)), "basis"); /* the first piece is free */
    refused_at(step("changjiang-foi", paid, "charge", fee("page", 0)), "n");
    refused_at(step("changjiang-foi", paid, "charge", fee("page", 30)), "n"); /* so are thirty pages */
    ok(step("changjiang-foi", paid, "charge", fee("page", 250)));
    ok(step("changjiang-foi", never, "charge", fee("page", 101)));
    assert_int_equal(ask_at(paid, 0).fee_fen, 470000);
    at("2026-11-06");
    x.day = d("2026-11-01");
    refused_at(step("changjiang-foi", paid, "paid", x), "day");
    x.day = d("2026-11-07");
    refused_at(step("changjiang-foi", paid, "paid", x), "day");
    x.day = d("2026-11-05");
    ok(step("changjiang-foi", paid, "paid", x));
    due_is(paid, "2026-12-03");
    refused(step("changjiang-foi", paid, "charge", fee("piece", 0)), ERR_WRONG_STATE);
    refused(step("changjiang-foi", never, "lapse", nothing()), ERR_WRONG_STATE);
    ok(step("changjiang-foi", never, "got", nothing()));
    w.now = ask_at(never, 0).due_at;
    assert_int_equal(w.now, day_end(d("2026-12-04")));
    refused(step("changjiang-foi", never, "lapse", nothing()), ERR_WRONG_STATE);
    w.now++;
    ok(step("changjiang-foi", never, "lapse", nothing()));
    assert_true(str_is(get(never).outcome, "R16"));
}

/* ── splitting, handing on ── */

static int64_t first_child(int64_t id) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &child, &r, DB_INT(id)), 1);
    return db_i(&r, 0, 0);
}

static int64_t received_of_report(void) {
    struct report_asked x = {.unit = S("changjiang"), .year = 2026};
    ok(report_annual(&w, &x));
    json_t *rows = json_object_get(json_object_get(x.json, "comparison"), "rows");
    int64_t n = json_integer_value(json_object_get(json_array_get(rows, 0), "now"));
    assert_true(x.sound);
    json_decref(x.json);
    return n;
}

static struct request_step two_parts(void) {
    struct request_step x = nothing();
    x.parts = S("第一份文件的全文\n\n  第二份文件的全文  \n");
    return x;
}

static void parts_of_a_case_go_on_where_it_stood(void **s) {
    int64_t id = working(60, "两份文件"), before = received_of_report();
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-04")));
    at("2026-11-09");
    struct ask a = ask_at(id, 0);
    ok(step("changjiang-foi", id, "answer", answer(&a, "agree")));
    ok(step("changjiang-fuze", id, "extend", days(5)));
    due_is(id, "2026-12-10");
    at("2026-11-11");
    ok(step("yishenqing", id, "split", two_parts()));
    int64_t one = first_child(id);
    due_is(one, "2026-12-10");
    struct request c = get(one), p = get(id);
    assert_true(c.received_day == d("2026-11-02") && c.extended && !c.suspended);
    assert_true(str_eq(c.person_key, p.person_key) && str_is(c.state, "registered"));
    assert_int_equal(c.days_used, 4); /* 3, 4, 10, 11 November */
    refused(step("changjiang-fuze", one, "extend", days(1)), ERR_WRONG_STATE);
    assert_int_equal(received_of_report(), before + 1); /* two for one */
    refused(step("yishenqing", id, "split", two_parts()), ERR_WRONG_STATE);
}

/* 一次性告知: what has been asked of the whole is not asked again of a part, however deep. */
static void a_part_is_not_asked_to_supplement_again(void **s) {
    int64_t id = working(61, "两份文件");
    (void)s;
    at("2026-11-03");
    ok(step("changjiang-foi", id, "clarify", say("请写明项目")));
    ok(step("changjiang-foi", id, "supplement", say("某某项目")));
    ok(step("yishenqing", id, "split", two_parts()));
    int64_t part = first_child(id);
    ok(step("changjiang-foi", part, "take", nothing()));
    refused(step("changjiang-foi", part, "clarify", say("再问一次")), ERR_WRONG_STATE);
    ok(step("yishenqing", part, "split", two_parts()));
    part = first_child(part);
    ok(step("changjiang-foi", part, "take", nothing()));
    refused(step("changjiang-foi", part, "clarify", say("再问一次")), ERR_WRONG_STATE);
    ok(step("changjiang-foi", part, "draft", reply("R09", "补正后仍不能确定"))); /* it was asked for, of the whole */
}

static void a_case_handed_on_keeps_its_clock(void **s) {
    int64_t id = working(62, "民政局的文件");
    struct request_step x = nothing();
    struct unit u = {.parent_id = unit_of("rugao"),
                     .code = S("water"),
                     .name = S("如皋市某自来水公司"),
                     .short_name = S("自来水公司"),
                     .kind = S("enterprise"),
                     .org_code = S("RG0009999")};
    (void)s;
    at("2026-11-09");
    as("xtgly");
    ok(unit_save(&w, &u, NULL));
    refused_at(step("yishenqing", id, "assign", x), "unit_id");
    x.unit_id = changjiang;
    refused_at(step("yishenqing", id, "assign", x), "unit_id");
    x.unit_id = u.id;
    refused_at(step("yishenqing", id, "assign", x), "unit_id"); /* 第五十五条: has rules of its own */
    x.unit_id = mzj;
    ok(step("yishenqing", id, "assign", x));
    due_is(id, "2026-11-30");
    struct request c = get(id);
    assert_true(c.unit_id == mzj && c.officer_id == 0 && str_is(c.state, "registered"));
    refused(step("changjiang-foi", id, "take", nothing()), ERR_FORBIDDEN);
    ok(step("mzj-foi", id, "take", nothing()));
    due_is(id, "2026-11-30");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        request_test(a_receipt_day_is_not_before_the_application),
        request_test(a_receipt_day_that_the_law_fixes_is_not_chosen),
        request_test(the_portal_knows_one_channel_and_one_day),
        request_test(a_supplement_restarts_across_a_make_up_day),
        request_test(the_supplement_has_the_days_that_the_notice_says),
        request_test(reasons_are_asked_for_with_a_limit_of_sense),
        request_test(two_parties_leave_out_the_union_of_their_days),
        request_test(one_silence_does_not_end_the_waiting_for_another),
        request_test(an_answer_on_the_last_day_is_in_time),
        request_test(an_answer_after_the_limit_is_recorded_late),
        request_test(an_answer_in_time_counts_from_its_own_day),
        request_test(a_letter_is_received_after_it_was_sent),
        request_test(a_third_party_that_refused_is_told),
        request_test(an_extension_ends_with_the_last_millisecond),
        request_test(a_delay_needs_reasons_that_hold_and_a_limit_not_over),
        request_test(silence_when_asked_for_reasons_lets_the_work_go_on),
        request_test(many_applications_are_refused_for_want_of_reasons_alone),
        request_test(a_fee_is_asked_once_by_one_standard_and_paid_or_lapses),
        request_test(parts_of_a_case_go_on_where_it_stood),
        request_test(a_part_is_not_asked_to_supplement_again),
        request_test(a_case_handed_on_keeps_its_clock),
    };
    int failed = cmocka_run_group_tests_name("law of requests on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG") ? failed + cmocka_run_group_tests_name("law of requests on PostgreSQL", tests,
                                                                             request_set_up, request_tear_down)
                                      : failed;
}
