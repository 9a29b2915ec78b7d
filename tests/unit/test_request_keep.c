/* test_request_keep.c: what happens to a case by the passing of time: warnings, calendars that change, personal data
 * past its retention. */
#include "unit_request.h"

#include "report/report.h"

STATEMENT(notices,
          "SELECT COUNT(*) FROM notice WHERE address = $1 AND tone = $2 AND permission = $3 AND title LIKE '答复%'",
          false);
STATEMENT(events_of_verb, "SELECT COUNT(*) FROM event WHERE subject_kind = 'request' AND subject_id = $1 AND verb = $2",
          false);
STATEMENT(redated_notices, "SELECT COUNT(*) FROM notice WHERE address = $1 AND title LIKE $2", false);
STATEMENT(redated_payload,
          "SELECT s.payload FROM event e JOIN event_secret s ON s.event_id = e.id WHERE e.subject_kind = 'request' AND "
          "e.subject_id = $1 AND e.verb = 'redated'",
          false);
STATEMENT(all_redated, "SELECT COUNT(*) FROM event WHERE subject_kind = 'request' AND verb = 'redated'", false);
#define SAME                                                                                                           \
    "code_key, matter, unit_id, state, channel, applicant, person, masked, person_key, name_key, subject, "            \
    "info_number, description, fingerprint, carrier, delivery, other_way, help, submitted_at, received_day, due_at, "  \
    "suspended, provisional, certificate, calendar_version, warned, outcome, reply, replied_at, delivered_at, "        \
    "archived_at, late, days_used, extended, rating, rating_text, erased_at, demo, revision, created_at"
STATEMENT(many_more,
          "INSERT INTO request (number, next_at, " SAME ") SELECT r.number || '-' || n.i, 1, " SAME
          " FROM request r, (WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 520) SELECT i "
          "FROM k) n WHERE r.id = $1 ORDER BY n.i",
          true);
STATEMENT(their_marks,
          "INSERT INTO request_mark (request_id, kind, day, until, n, ref, rule, at) SELECT r.id, m.kind, m.day, "
          "m.until, m.n, m.ref, m.rule, m.at FROM request_mark m, request r WHERE m.request_id = $1 AND r.number LIKE "
          "(SELECT number FROM request WHERE id = $1) || '-%'",
          true);
STATEMENT(moved_in_silence,
          "SELECT COUNT(*) FROM request r WHERE r.due_at <> $1 AND r.number LIKE '%-%-%' AND NOT EXISTS (SELECT 1 FROM "
          "event e WHERE e.subject_kind = 'request' AND e.subject_id = r.id AND e.verb = 'redated')",
          false);
STATEMENT(forget_more,
          "UPDATE request SET state = 'split', closed_day = '2026-12-31', next_at = 0 WHERE number LIKE '%-%-%'", true);
STATEMENT(
    left_of_a_case,
    "SELECT (SELECT COUNT(*) FROM request WHERE id = $1 AND (erased_at = 0 OR person <> '' OR person_key <> '' OR "
    "name_key <> '' OR reply <> '' OR description <> '' OR subject <> '（已删除）')), "
    "(SELECT COUNT(*) FROM request_ask WHERE request_id = $1 AND (party <> '' OR content <> '' OR answer_text <> "
    "'' OR disputed <> '')), "
    "(SELECT COUNT(*) FROM request_delivery WHERE request_id = $1 AND proof <> ''), "
    "(SELECT COUNT(*) FROM request_remedy WHERE request_id = $1 AND note <> ''), "
    "(SELECT COUNT(*) FROM request_review WHERE request_id = $1 AND reason <> ''), "
    "(SELECT COUNT(*) FROM letter WHERE subject_kind = 'request' AND subject_id = $1 AND (sealed <> '' OR pdf <> "
    "'')), "
    "(SELECT COUNT(*) FROM request_file f JOIN sealed_file s ON s.id = f.file_id WHERE f.request_id = $1 AND "
    "s.erased_at = 0), "
    "(SELECT COUNT(*) FROM event e JOIN event_secret s ON s.event_id = e.id WHERE e.subject_kind = 'request' AND "
    "e.subject_id = $1 AND e.verb <> 'personal_data_erased')",
    false);
STATEMENT(parts, "SELECT id FROM request WHERE parent_id = $1 ORDER BY id", false);

/* ── warnings ── */

static int64_t told(int64_t id, const char *tone, const char *permission) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &notices, &r, DB_TEXT(str_printf(w.arena, "/desk/requests/%lld", (long long)id)),
                            DB_TEXTZ(tone), DB_TEXTZ(permission)),
                     1);
    return db_i(&r, 0, 0);
}

static void told_is(int64_t id, const char *day, const int want[6]) {
    static const char *const of[6][2] = {{"yellow", "request.work"}, {"orange", "request.work"},
                                         {"red", "request.work"},    {"orange", "request.approve"},
                                         {"red", "request.approve"}, {"red", "request.desk"}};
    look(day);
    for (size_t i = 0; i < 6; i++)
        if (told(id, of[i][0], of[i][1]) != want[i])
            unit_fail("%s %s to %s: %lld, expected %d\n", day, of[i][0], of[i][1],
                      (long long)told(id, of[i][0], of[i][1]), want[i]);
}

static void each_step_is_told_once(void **s) {
    int64_t id = working(1, "按期提醒的文件"); /* due 30 November */
    (void)s;
    told_is(id, "2026-11-20", (int[6]){0});
    told_is(id, "2026-11-23", (int[6]){1, 0, 0, 0, 0, 0});
    told_is(id, "2026-11-24", (int[6]){1, 0, 0, 0, 0, 0});
    told_is(id, "2026-11-26", (int[6]){1, 1, 0, 1, 0, 0});
    told_is(id, "2026-11-30", (int[6]){1, 1, 0, 1, 0, 0}); /* the last day is not over */
    told_is(id, "2026-12-01", (int[6]){1, 1, 1, 1, 1, 1});
    told_is(id, "2026-12-02", (int[6]){1, 1, 1, 1, 1, 1});
    assert_int_equal(number_of(&events_of_verb, id, "overdue"), 1);
}

static void no_warning_while_the_clock_stands_and_all_again_after(void **s) {
    int64_t id = working(2, "缴费以后提醒的文件");
    struct request_step x = say("缴费码");
    (void)s;
    x.basis = S("page");
    x.n = 40;
    told_is(id, "2026-11-23", (int[6]){1, 0, 0, 0, 0, 0});
    ok(step("changjiang-foi", id, "charge", x));
    told_is(id, "2026-11-26", (int[6]){1, 0, 0, 0, 0, 0});
    told_is(id, "2026-12-01", (int[6]){1, 0, 0, 0, 0, 0});
    ok(step("changjiang-foi", id, "paid", nothing()));
    due_is(id, "2026-12-29");
    told_is(id, "2026-12-02", (int[6]){1, 0, 0, 0, 0, 0});
    told_is(id, "2026-12-21", (int[6]){1, 0, 0, 0, 0, 0});
    told_is(id, "2026-12-22", (int[6]){2, 0, 0, 0, 0, 0});
    told_is(id, "2026-12-25", (int[6]){2, 1, 0, 1, 0, 0});
    told_is(id, "2026-12-30", (int[6]){2, 1, 1, 1, 1, 1});
}

static void a_consultation_that_stands_is_not_warned_of(void **s) {
    int64_t id = working(3, "征求意见的文件");
    (void)s;
    at("2026-11-20");
    ok(step("changjiang-foi", id, "consult", party("third", NULL))); /* nobody knows yet when it arrived */
    told_is(id, "2026-11-26", (int[6]){0});
    told_is(id, "2026-12-03", (int[6]){0});
    assert_true(get(id).suspended);
    at("2026-12-07");
    struct ask a = ask_at(id, 0);
    ok(step("changjiang-foi", id, "answer", answer(&a, "agree")));
    due_is(id, "2026-12-15"); /* six working days were left on 20 November */
    told_is(id, "2026-12-08", (int[6]){1, 0, 0, 0, 0, 0});
}

/* ── calendars that change: committed ── */

static void import(json_t *year) {
    as("xtgly");
    ok(db_begin(&w));
    ok(calendar_import(&w, year, "test", NULL));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    json_decref(year);
}

static int64_t open_one, closed_one, standing_one;

static void prepare(void) {
    struct request_step x = say("请写明项目");
    error_clear(&w);
    at("2026-12-21");
    ok(db_begin(&w));
    open_one = working(10, "跨年的文件");
    closed_one = working(11, "已经答复的文件");
    to_signing(closed_one, not_there());
    ok(step("changjiang-fuze", closed_one, "sign", nothing()));
    standing_one = working(12, "等待补正的文件");
    ok(step("changjiang-foi", standing_one, "clarify", x));
    ok(db_commit(&w));
    assert_true(get(open_one).provisional && get(standing_one).suspended);
    due_is(open_one, "2027-01-19");
}

/* The same days again under a new version: nobody is told anything, however long the clock has stood meanwhile. */
static void a_calendar_without_a_difference_is_silent(void **s) {
    struct db_rows r;
    (void)s;
    prepare();
    at("2026-12-23");
    int before = calendar_version();
    import(asset("data/calendar/2026.json"));
    assert_true(calendar_version() > before);
    look("2026-12-23");
    assert_int_equal(db_one(&w, &all_redated, &r), 1);
    assert_int_equal(db_i(&r, 0, 0), 0);
    assert_int_equal(get(open_one).calendar_version, calendar_version());
    assert_int_equal(get(standing_one).calendar_version, calendar_version());
    assert_true(day_of(get(standing_one).due_at) > d("2027-01-20")); /* the projected end moved on with the days */
}

static void a_notice_moves_open_cases_aloud_and_once(void **s) {
    struct db_rows r;
    struct str closed_certificate = str_dup(w.arena, get(closed_one).certificate);
    int64_t old_due = get(open_one).due_at;
    (void)s;
    ok(db_begin(&w));
    assert_true(db_exec(&w, &many_more, DB_INT(open_one)) == 520 && db_exec(&w, &their_marks, DB_INT(open_one)) == 520);
    ok(db_commit(&w));
    import(json_loads(
        "{\"year\":2027,\"notice\":\"测试通知\",\"off\":[{\"reason\":\"元旦\",\"from\":\"2027-01-01\","
        "\"to\":\"2027-01-05\"},{\"reason\":\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],\"makeup\":[]}",
        0, NULL));
    look("2026-12-24");
    due_is(open_one, "2027-01-21");
    assert_false(get(open_one).provisional);
    assert_int_equal(db_one(&w, &redated_payload, &r, DB_INT(open_one)), 1);
    assert_true(str_find(db_s(&r, 0, 0), S("\"due_before\":\"2027-01-19\"")) >= 0);
    assert_true(str_find(db_s(&r, 0, 0), S("\"due\":\"2027-01-21\"")) >= 0);
    struct str address = str_printf(w.arena, "/desk/requests/%lld", (long long)open_one);
    assert_int_equal(db_one(&w, &redated_notices, &r, DB_TEXT(address), DB_TEXTZ("工作日历调整%1月19日%1月21日")), 1);
    assert_int_equal(db_i(&r, 0, 0), 1);
    assert_int_equal(number_of(&events_of_verb, closed_one, "redated"), 0);
    assert_true(str_eq(get(closed_one).certificate, closed_certificate));
    /* More than one batch: whoever is not reached yet keeps the day that was announced. */
    assert_int_equal(db_one(&w, &moved_in_silence, &r, DB_INT(old_due)), 1);
    assert_int_equal(db_i(&r, 0, 0), 0);
    look("2026-12-25");
    assert_int_equal(number_of(&events_of_verb, open_one, "redated"), 1);
    assert_int_equal(db_one(&w, &redated_notices, &r, DB_TEXT(address), DB_TEXTZ("工作日历调整%")), 1);
    assert_int_equal(db_i(&r, 0, 0), 1);
    ok(db_begin(&w));
    assert_true(db_exec(&w, &forget_more) == 520);
    ok(db_commit(&w));
}

/* ── retention: committed ── */

static int64_t archived_with_everything(int who) {
    int64_t id = working(who, "保管期满的文件");
    struct request_step x = nothing();
    ok(step("changjiang-foi", id, "consult", party("third", "2026-11-02")));
    struct ask a = ask_at(id, 0);
    ok(step("changjiang-foi", id, "answer", answer(&a, "agree")));
    as("changjiang-foi");
    ok(request_attach(&w, id, S("released"), S("合同.pdf"), S("application/pdf"), S("%PDF-1.7 test")));
    x.outcome = S("R02");
    signed_and_sent(id, x);
    x = say("当事人补充了材料");
    x.kind = S("reconsideration");
    x.organ = S("如皋市人民政府");
    x.day = d("2026-11-02");
    ok(step("changjiang-foi", id, "remedy", x));
    ok(step("changjiang-foi", id, "archive", nothing()));
    return id;
}

/* Drafted, then withdrawn: a letter that was never issued. */
static int64_t archived_with_a_draft(int who) {
    int64_t id = working(who, "撤回的申请文件");
    struct request_step x = say("申请人来电");
    x.reason = S("申请人来电撤回");
    ok(step("changjiang-foi", id, "draft", not_there()));
    ok(step("changjiang-foi", id, "withdraw", x));
    ok(step("changjiang-foi", id, "archive", nothing()));
    return id;
}

static int64_t split_and_archived(int who, int64_t part[2]) {
    struct request_made made;
    struct request_input in = input("in_person", who, "两份文件的申请");
    struct request_step x = nothing();
    struct sealed_file f;
    struct db_rows r;
    as("yishenqing");
    ok(sealed_put(&w, S("身份证.jpg"), S("image/jpeg"), S("\xff\xd8\xff test"), &f));
    in.file_ids[0] = f.id;
    in.file_count = 1;
    ok(request_submit(&w, &in, &made));
    x.parts = S("第一份文件的全文\n第二份文件的全文");
    ok(step("yishenqing", made.id, "split", x));
    ok(db_query(&w, &parts, &r, DB_INT(made.id)));
    assert_int_equal(r.n, 2);
    x.reason = S("申请人来电撤回");
    for (size_t i = 0; i < 2; i++) {
        part[i] = db_i(&r, i, 0);
        ok(step("changjiang-foi", part[i], "withdraw", x));
    }
    ok(step("changjiang-foi", part[0], "archive", nothing()));
    return made.id;
}

static void nothing_is_left(int64_t id, const char *which) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &left_of_a_case, &r, DB_INT(id)), 1);
    for (size_t i = 0; i < 8; i++)
        if (db_i(&r, 0, i) != 0)
            unit_fail("%s: part %zu is left\n", which, i);
}

static struct str figures(void) {
    struct report_asked x = {.unit = S("changjiang"), .year = 2026};
    as("office");
    ok(report_annual(&w, &x));
    char *text = json_dumps(json_object_get(x.json, "table3"), JSON_COMPACT | JSON_SORT_KEYS);
    struct str s = str_dup(w.arena, str_z(text));
    assert_true(x.sound && s.n > 100);
    free(text);
    json_decref(x.json);
    return s;
}

static void after_ten_years_only_figures_are_left(void **s) {
    struct ledger_report report = {0};
    struct request_step x = nothing();
    int64_t part[2];
    (void)s;
    error_clear(&w);
    at("2026-11-02");
    ok(ledger_open(&w));
    ok(db_begin(&w));
    int64_t whole = archived_with_everything(20), draft = archived_with_a_draft(21),
            parent = split_and_archived(22, part);
    at("2026-12-28");
    ok(step("changjiang-foi", part[1], "archive", x));
    ok(db_commit(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    struct str before = figures();
    look("2036-11-02");
    assert_int_equal(get(whole).erased_at, 0); /* ten years are over with the end of this day */
    look("2036-11-03");
    nothing_is_left(whole, "answered");
    nothing_is_left(draft, "drafted and withdrawn");
    assert_true(get(part[0]).erased_at > 0 && get(part[1]).erased_at == 0 && get(parent).erased_at == 0);
    look("2036-12-29");
    nothing_is_left(part[0], "first part");
    nothing_is_left(part[1], "second part");
    nothing_is_left(parent, "split");
    assert_true(str_eq(figures(), before));
    while (ledger_sequence_once(&w) > 0)
        ;
    if (ledger_verify(&w, NULL, 0, NULL, &report) < 0)
        unit_fail("%s\n", error_text(&w.error));
    assert_true(report.erased > 0 && json_array_size(report.findings) == 0);
    ledger_report_free(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        request_test(each_step_is_told_once),
        request_test(no_warning_while_the_clock_stands_and_all_again_after),
        request_test(a_consultation_that_stands_is_not_warned_of),
        cmocka_unit_test(a_calendar_without_a_difference_is_silent),
        cmocka_unit_test(a_notice_moves_open_cases_aloud_and_once),
        cmocka_unit_test(after_ten_years_only_figures_are_left),
    };
    int failed = cmocka_run_group_tests_name("requests in time on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG") ? failed + cmocka_run_group_tests_name("requests in time on PostgreSQL", tests,
                                                                             request_set_up, request_tear_down)
                                      : failed;
}
