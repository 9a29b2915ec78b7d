/* test_request_reply.c: what a reply must have before it is a letter, who reviews and signs it, and when it is late
 * (条例第三十六至四十一条). */
#include "unit_request.h"

STATEMENT(force_state, "UPDATE request SET state = $2 WHERE id = $1", true);
STATEMENT(letters_of,
          "SELECT COUNT(*) FROM letter WHERE subject_kind = 'request' AND subject_id = $1 AND template = $2", false);
STATEMENT(traces,
          "SELECT (SELECT COUNT(*) FROM event WHERE subject_kind = 'request' AND subject_id = $1), (SELECT COUNT(*) "
          "FROM letter WHERE subject_kind = 'request' AND subject_id = $1), (SELECT revision FROM request WHERE id = "
          "$1)",
          false);

static struct request_step reply(const char *outcome, const char *reason) {
    struct request_step x = nothing();
    x.outcome = str_z(outcome);
    x.reason = str_z(reason);
    return x;
}

/* ── what a reply must have (第三十六至三十九条) ── */

static void same_traces(int64_t id, const struct db_rows *before) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &traces, &r, DB_INT(id)), 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(db_i(&r, 0, i), db_i(before, 0, i));
    assert_int_equal(get(id).outcome.n, 0);
}

/* Each outcome without the part it needs is refused at that field and leaves nothing; with it, it is a letter. */
static void every_outcome_has_its_parts(void **s) {
    static const struct {
        const char *outcome, *fields;
    } parts[] = {{"R01", "where"},    {"R02", "where"},        {"R04.1", "reason"},      {"R04.2", "reason"},
                 {"R04.3", "reason"}, {"R04.4", "reason"},     {"R04.5", "reason"},      {"R04.6", "reason"},
                 {"R04.7", "reason"}, {"R05", "reason where"}, {"R06", "search_record"}, {"R07", "reason"},
                 {"R08", "reason"},   {"R10", "reason"},       {"R11", "reason"},        {"R12", "reason where"},
                 {"R14", "reason"},   {"R17", "reason"},       {"R18", "reason"}};
    (void)s;
    for (size_t i = 0; i < countof(parts); i++) {
        int64_t id = working(70, "各种结果的文件");
        struct db_rows r;
        struct request_step x = reply(parts[i].outcome, "");
        assert_int_equal(db_one(&w, &traces, &r, DB_INT(id)), 1);
        struct str rest = str_z(parts[i].fields), one = rest, tail;
        for (; rest.n; rest = one = tail) { /* all that is missing is said at once */
            tail = STR_NONE;
            str_cut(rest, ' ', &one, &tail);
            refused_at(step("changjiang-foi", id, "draft", x), str_dupz(w.arena, one));
        }
        same_traces(id, &r);
        x.reason = strstr(parts[i].fields, "reason") ? S("属于这种情形") : STR_NONE;
        x.where = strstr(parts[i].fields, "where") ? S("市政府网站") : STR_NONE;
        x.search_record = strstr(parts[i].fields, "search_record") ? S("检索了档案") : STR_NONE;
        ok(step("changjiang-foi", id, "draft", x));
        state_is(id, "drafting");
        assert_int_equal(number_of(&letters_of, id, parts[i].outcome), 1);
    }
}

static void some_outcomes_need_a_step_before_or_a_file(void **s) {
    int64_t id = working(71, "前置步骤");
    struct db_rows r;
    (void)s;
    assert_int_equal(db_one(&w, &traces, &r, DB_INT(id)), 1);
    refused_at(step("changjiang-foi", id, "draft", reply("R09", "仍不明确")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("R13", "大量反复")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("R15", "逾期")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("R16", "逾期")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("R99", "没有这种")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("", "没有选择")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("C1", "更正")), "outcome");
    refused_at(step("changjiang-foi", id, "draft", reply("R03", "涉及个人隐私")), "files");
    refused_at(step("changjiang-foi", id, "draft", reply("R03", "")), "reason");
    same_traces(id, &r);
    as("changjiang-foi");
    ok(request_attach(&w, id, S("released"), S("合同（遮盖后）.pdf"), S("application/pdf"), S("%PDF-1.7 test")));
    refused_at(step("changjiang-foi", id, "draft", reply("R03", "")), "reason");
    ok(step("changjiang-foi", id, "draft", reply("R03", "涉及个人隐私")));
}

static void a_correction_has_outcomes_of_its_own(void **s) {
    struct request_made made;
    struct request_input in = input("in_person", 72, "本人的登记信息");
    struct request_step x = nothing();
    (void)s;
    in.matter = S("correction");
    as("yishenqing");
    refused_at(request_submit(&w, &in, &made), "evidence");
    in.evidence = S("户口簿");
    ok(request_submit(&w, &in, &made));
    ok(step("changjiang-foi", made.id, "take", nothing()));
    refused_at(step("changjiang-foi", made.id, "draft", not_there()), "outcome");
    refused_at(step("changjiang-foi", made.id, "draft", reply("C1", "")), "reason");
    refused_at(step("changjiang-foi", made.id, "draft", reply("C1", "")), "where");
    refused_at(step("changjiang-foi", made.id, "draft", reply("C2", "")), "reason");
    refused_at(step("changjiang-foi", made.id, "draft", reply("C3", "")), "organ");
    x = reply("C3", "");
    x.organ = S("如皋市民政局");
    ok(step("changjiang-foi", made.id, "draft", x));
    x = reply("C1", "户口簿可以证明");
    x.where = S("持身份证到窗口领取");
    ok(step("changjiang-foi", made.id, "draft", x));
    ok(step("changjiang-foi", made.id, "draft", reply("C2", "证据不足")));
}

/* ── reviews and signature ── */

static void who_works_a_case_does_not_review_it(void **s) {
    int64_t id = working(80, "审核的文件");
    struct request_step none = nothing();
    (void)s;
    ok(step("changjiang-foi", id, "draft", not_there()));
    ok(step("changjiang-foi", id, "submit", nothing()));
    as("changjiang-foi");
    actor_grant_roles(&w.actor, ROLE_FOI_LEGAL | ROLE_SECRECY);
    refused(request_step(&w, id, "pass", &none), ERR_FORBIDDEN);
    ok(step("changjiang-fazhi", id, "pass", nothing()));
    as("changjiang-foi");
    actor_grant_roles(&w.actor, ROLE_FOI_LEGAL | ROLE_SECRECY);
    refused(request_step(&w, id, "pass", &none), ERR_FORBIDDEN);
    state_is(id, "secrecy");
}

/* A reply is signed when this very letter has been through both reviews. */
static void no_signature_without_the_reviews_of_this_letter(void **s) {
    int64_t id = working(81, "签发的文件");
    struct request_step back = nothing();
    (void)s;
    ok(step("changjiang-foi", id, "draft", not_there()));
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("signing")), 1);
    refused(step("changjiang-fuze", id, "sign", nothing()), ERR_WRONG_STATE);
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("legal")), 1);
    ok(step("changjiang-fazhi", id, "pass", nothing()));
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("signing")), 1);
    refused(step("changjiang-fuze", id, "sign", nothing()), ERR_WRONG_STATE);
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("secrecy")), 1);
    ok(step("changjiang-baomi", id, "pass", nothing()));
    back.reason = S("请补充检索范围");
    ok(step("changjiang-fuze", id, "return", back));
    ok(step("changjiang-foi", id, "draft", not_there())); /* another letter */
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("signing")), 1);
    refused(step("changjiang-fuze", id, "sign", nothing()), ERR_WRONG_STATE);
    assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ("drafting")), 1);
    ok(step("changjiang-foi", id, "submit", nothing()));
    ok(step("changjiang-fazhi", id, "pass", nothing()));
    ok(step("changjiang-baomi", id, "pass", nothing()));
    ok(step("changjiang-fuze", id, "sign", nothing()));
}

static void late_begins_with_the_next_day(void **s) {
    int64_t id = working(82, "最后一刻的文件");
    (void)s;
    to_signing(id, not_there());
    int64_t due = get(id).due_at;
    assert_int_equal(due, day_start(d("2026-12-01")) - 1);
    ok(db_begin(&w));
    w.now = due;
    ok(step("changjiang-fuze", id, "sign", nothing()));
    assert_false(get(id).late);
    db_rollback(&w);
    w.now = due + 1;
    ok(step("changjiang-fuze", id, "sign", nothing()));
    assert_true(get(id).late);
    assert_int_equal(get(id).closed_day, d("2026-12-01"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        request_test(every_outcome_has_its_parts),
        request_test(some_outcomes_need_a_step_before_or_a_file),
        request_test(a_correction_has_outcomes_of_its_own),
        request_test(who_works_a_case_does_not_review_it),
        request_test(no_signature_without_the_reviews_of_this_letter),
        request_test(late_begins_with_the_next_day),
    };
    int failed = cmocka_run_group_tests_name("replies on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("replies on PostgreSQL", tests, request_set_up, request_tear_down)
               : failed;
}
