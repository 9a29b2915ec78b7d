/* test_request_edges.c: applications at their edges: who may see a case, review a reply, open a part of a case; limits
 * that cannot be mended by a later step; calendars that change between two looks; what is left after retention. */
#include "unit_db.h"

#include "request/request_desk.h"
#include "request/request_internal.h"

#include <ftw.h>

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(count_events, "SELECT COUNT(*) FROM event WHERE room = 'request' AND subject_id = $1 AND verb = $2", false);
STATEMENT(older_calendar, "UPDATE request SET calendar_version = 1, certificate = $2, due_at = $3 WHERE id = $1", true);
STATEMENT(words_left,
          "SELECT (SELECT COALESCE(MAX(proof), '') FROM request_delivery WHERE request_id = $1), "
          "(SELECT COALESCE(MAX(reason), '') FROM request_review WHERE request_id = $1), "
          "(SELECT COALESCE(MAX(sealed), '') FROM letter WHERE subject_kind = 'request' AND subject_id = $1)",
          false);
STATEMENT(children, "SELECT id FROM request WHERE parent_id = $1 ORDER BY id", false);

static enum db_engine engine = DB_SQLITE;
static struct unit_db unit;
static struct work w;
static char dir[64];
static struct app_config config;
static int64_t changjiang;

#define ok(expression)                                                                                                 \
    do {                                                                                                               \
        if ((expression) < 0)                                                                                          \
            unit_fail("%s: %s %s: %s\n", #expression, error_text(&w.error),                                            \
                      w.error.field_count ? w.error.fields[0].field : "",                                              \
                      w.error.field_count ? w.error.fields[0].message : "");                                           \
    } while (0)
#define refused(expression, wanted)                                                                                    \
    do {                                                                                                               \
        assert_int_equal(expression, -1);                                                                              \
        if (w.error.code != (wanted))                                                                                  \
            unit_fail("%s: %s\n", #expression, error_text(&w.error));                                                  \
        error_clear(&w);                                                                                               \
    } while (0)

static void at(const char *day) {
    day_t d = DAY_NONE;
    assert_int_equal(day_parse(str_z(day), &d), 0);
    w.now = day_start(d) + 9 * 3600000;
}

static void as(const char *login) {
    int64_t person;
    w.actor = (struct actor){.address = "127.0.0.1"};
    if (!login)
        return;
    assert_int_equal(account_find(&w, str_z(login), &person), 1);
    w.actor.person_id = person;
    ok(org_actor_fill(&w, 0));
}

static struct request_input input(const char *channel, const char *id_number, const char *subject) {
    return (struct request_input){.name = S("测试申请人"),
                                  .id_number = str_z(id_number),
                                  .address = S("测试路1号"),
                                  .subject = str_z(subject),
                                  .unit_id = changjiang,
                                  .channel = str_z(channel),
                                  .came_day = DAY_NONE,
                                  .received_day = DAY_NONE};
}

#define SOMEBODY "110101199001010015"
#define NAMESAKE "110101199001010031"

static struct request_made asked(struct request_input x) {
    struct request_made made;
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    return made;
}

static struct request_step say(const char *text) {
    return (struct request_step){.text = str_z(text), .day = DAY_NONE, .until = DAY_NONE};
}

static int step(const char *login, int64_t id, const char *verb, struct request_step x) {
    as(login);
    return request_step(&w, id, verb, &x);
}

static struct request get(int64_t id) {
    struct request c;
    ok(request_get(&w, id, &c));
    return c;
}

static int64_t working(const char *subject) {
    int64_t id = asked(input("in_person", SOMEBODY, subject)).id;
    ok(step("changjiang-foi", id, "take", say("")));
    return id;
}

static int64_t events(int64_t id, const char *verb) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &count_events, &r, DB_INT(id), DB_TEXTZ(verb)), 1);
    return db_i(&r, 0, 0);
}

static int tick(const char *day) {
    at(day);
    struct actor before = w.actor;
    int rc = request_tick(&w, NULL);
    w.actor = before;
    return rc;
}

/* ── set-up ── */

static int set_up(void **s) {
    (void)s;
    snprintf(dir, sizeof dir, "/tmp/mingtang-edges-XXXXXX");
    assert_non_null(mkdtemp(dir));
    config = (struct app_config){.base_url = "http://127.0.0.1",
                                 .data_dir = dir,
                                 .ledger_key_file = "",
                                 .secret = "0123456789abcdef0123456789abcde"};
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 4);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    at("2026-11-02");
    assert_int_equal(request_rules_load(asset_find(&config, w.arena, "data/foi.json")->bytes), 0);
    json_t *units = json_loads(asset_find(&config, w.arena, "data/units.json")->bytes.p, 0, NULL),
           *accounts = json_loads(asset_find(&config, w.arena, "data/accounts-demo.json")->bytes.p, 0, NULL);
    struct unit u;
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(org_load(&w, units));
    ok(org_load_accounts(&w, accounts));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    assert_int_equal(unit_by_code(&w, S("changjiang"), &u), 1);
    changjiang = u.id;
    json_decref(units);
    json_decref(accounts);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f) {
    (void)st, (void)flag, (void)f;
    return remove(path);
}

static int tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    ledger_forget();
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct arena *group_arena;
static int begin(void **s) {
    (void)s;
    group_arena = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    at("2026-11-02");
    error_clear(&w);
    return db_begin(&w);
}

static int end(void **s) {
    (void)s;
    db_rollback(&w);
    arena_free(w.arena);
    w.arena = group_arena;
    return 0;
}

/* ── outcomes ── */

static void a_correction_is_granted_refused_or_passed_on(void **s) {
    static const char *const outcomes[] = {"C1", "C2", "C3"};
    (void)s;
    for (size_t i = 0; i < countof(outcomes); i++) {
        struct request_input x = input("in_person", SOMEBODY, "户籍登记的出生日期");
        x.matter = S("correction");
        x.evidence = S("出生医学证明");
        int64_t id = asked(x).id;
        struct request_step draft = say("");
        draft.outcome = str_z(outcomes[i]);
        draft.reason = S("与原始登记核对");
        draft.where = S("到本机关查阅");
        draft.organ = S("市公安局");
        draft.contact = S("0513-87650000");
        ok(step("changjiang-foi", id, "take", say("")));
        ok(step("changjiang-foi", id, "draft", draft));
        assert_true(get(id).letter_id > 0);
    }
}

/* 第三十五条 */
static void reasons_that_hold_are_no_ground_to_refuse_and_bad_ones_none_to_delay(void **s) {
    int64_t good = working("理由合理的申请"), bad = working("理由不合理的申请");
    struct request_step refuse = say(""), delay = say(""), reasons = say("课题研究需要");
    (void)s;
    refuse.outcome = S("R13");
    delay.n = 10;
    refuse.reason = delay.reason = S("测试理由");
    refused(step("changjiang-fuze", good, "delay", delay), ERR_WRONG_STATE);
    ok(step("changjiang-foi", good, "ask_reasons", say("一个月内五十件")));
    ok(step("changjiang-foi", bad, "ask_reasons", say("一个月内五十件")));
    reasons.answer = S("accepted");
    ok(step("changjiang-foi", good, "reasons_given", reasons));
    reasons.answer = S("refused");
    ok(step("changjiang-foi", bad, "reasons_given", reasons));
    refused(step("changjiang-foi", good, "draft", refuse), ERR_INVALID);
    refused(step("changjiang-fuze", bad, "delay", delay), ERR_WRONG_STATE);
    ok(step("changjiang-fuze", good, "delay", delay));
    ok(step("changjiang-foi", bad, "draft", refuse));
}

/* ── limits ── */

static void what_is_late_is_not_mended_by_a_fee_or_a_delay(void **s) {
    int64_t fee = working("收费的文件"), delay = working("延迟的文件");
    struct request_step pay = say("缴到财政专户"), later = say(""), given = say("工作需要");
    (void)s;
    pay.basis = S("page");
    pay.n = 100;
    later.n = 10;
    later.reason = S("数量很大");
    given.answer = S("accepted");
    ok(step("changjiang-foi", delay, "ask_reasons", say("数量很大")));
    ok(step("changjiang-foi", delay, "reasons_given", given));
    at("2026-12-01"); /* the day after the twentieth working day */
    refused(step("changjiang-foi", fee, "charge", pay), ERR_WRONG_STATE);
    refused(step("changjiang-fuze", delay, "delay", later), ERR_WRONG_STATE);
    at("2026-11-30");
    ok(step("changjiang-foi", fee, "charge", pay));
    ok(step("changjiang-fuze", delay, "delay", later));
}

static void a_correction_costs_nothing(void **s) {
    struct request_input x = input("in_person", SOMEBODY, "土地登记的面积");
    struct request_step pay = say("缴到财政专户");
    (void)s;
    x.matter = S("correction");
    x.evidence = S("测绘报告");
    pay.basis = S("page");
    pay.n = 100;
    int64_t id = asked(x).id;
    ok(step("changjiang-foi", id, "take", say("")));
    refused(step("changjiang-foi", id, "charge", pay), ERR_WRONG_STATE);
}

/* The calendar changed and nobody has looked at the case since: whatever counts it next says so. */
static void a_step_after_a_new_calendar_says_that_the_day_has_moved(void **s) {
    static const char was[] =
        "{\"days\":[{\"counted\":true,\"day\":\"2026-11-03\"}],\"due\":\"2026-11-03T23:59:59+08:00\"}";
    int64_t by_step = working("一份文件"), by_clock = working("又一份文件");
    day_t wrong = DAY_NONE;
    (void)s;
    assert_int_equal(day_parse(S("2026-12-03"), &wrong), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            db_exec(&w, &older_calendar, DB_INT(i ? by_step : by_clock), DB_TEXTZ(was), DB_INT(day_end(wrong))), 1);
    ok(step("changjiang-foi", by_step, "clarify", say("请写明年度")));
    assert_int_equal(events(by_step, "redated"), 1);
    struct request c = get(by_clock);
    ok(request_up_to_date(&w, &c));
    assert_int_equal(events(by_clock, "redated"), 1);
    ok(request_up_to_date(&w, &c));
    assert_int_equal(events(by_clock, "redated"), 1);
    assert_int_equal(get(by_clock).calendar_version, calendar_version());
}

/* ── who ── */

static void who_wrote_at_a_reply_does_not_review_it(void **s) {
    int64_t id = working("审核分离的文件");
    struct request_step draft = say("");
    (void)s;
    draft.outcome = S("R06");
    draft.search_record = S("检索了全部目录");
    ok(step("changjiang-foi", id, "draft", draft));
    ok(step("changjiang-foi", id, "submit", say("")));
    as("changjiang-fazhi");
    json_t *nothing = json_object(); /* the reviewer had written at it, whoever is its officer */
    struct request c = get(id);
    ok(request_event(&w, &c, "letter_saved", nothing, NULL));
    refused(step("changjiang-fazhi", id, "pass", say("")), ERR_FORBIDDEN);
}

static void namesakes_may_ask_the_same_in_the_same_minute(void **s) {
    struct request_input x = input("internet", SOMEBODY, "道路养护计划");
    struct request_made made;
    (void)s;
    as(NULL);
    ok(request_submit(&w, &x, &made));
    refused(request_submit(&w, &x, &made), ERR_DUPLICATE);
    x.id_number = S(NAMESAKE);
    ok(request_submit(&w, &x, &made));
}

static void the_code_of_an_application_opens_what_was_split_from_it(void **s) {
    struct request_made made, other;
    struct request_step parts = say("");
    struct request c;
    struct db_rows r;
    (void)s;
    ok(db_commit(&w)); /* wrong codes are counted in transactions of their own */
    ok(db_begin(&w));
    made = asked(input("in_person", SOMEBODY, "两份文件"));
    other = asked(input("in_person", NAMESAKE, "别的文件"));
    parts.parts = S("第一份文件的全文\n第二份文件的全文");
    ok(step("changjiang-foi", made.id, "take", say("")));
    ok(step("yishenqing", made.id, "split", parts));
    ok(db_commit(&w));
    assert_int_equal(db_query(&w, &children, &r, DB_INT(made.id)), 0);
    assert_int_equal(r.n, 2);
    struct str child = str_dup(w.arena, get(db_i(&r, 0, 0)).number);
    as(NULL);
    ok(request_unlock(&w, child, made.code, &c));
    assert_true(str_eq(c.number, child));
    refused(request_unlock(&w, child, other.code, &c), ERR_INVALID);
    ok(db_begin(&w));
}

/* ── the clock ── */

/* A case whose steps fail for ever is tried again in an hour and holds up nobody. */
static void a_broken_case_is_looked_at_later(void **s) {
    int64_t id = working("坏了的申请");
    (void)s;
    for (int i = 0; i < 201; i++) /* more marks than a clock takes */
        assert_int_equal(
            request_mark(&w, &(struct request){.id = id}, CLOCK_SUSPEND, day_of(w.now), DAY_NONE, 0, 0, ""), 0);
    ok(db_commit(&w));
    ok(tick("2026-11-24"));
    assert_int_equal(get(id).next_at, w.now + 3600000);
    ok(db_begin(&w));
}

/* ── retention ── */

static void nothing_is_left_of_a_case_withdrawn_while_drafted_nor_of_one_that_was_split(void **s) {
    struct request_step draft = say(""), gone = say(""), parts = say("");
    struct db_rows r;
    int64_t parent = asked(input("in_person", SOMEBODY, "会被删除的两份文件")).id;
    (void)s;
    parts.parts = S("会被删除的第一份文件\n会被删除的第二份文件");
    draft.outcome = S("R06");
    draft.search_record = S("检索了全部目录");
    gone.reason = S("申请人来电撤回");
    ok(step("changjiang-foi", parent, "take", say("")));
    ok(step("yishenqing", parent, "split", parts));
    assert_int_equal(db_query(&w, &children, &r, DB_INT(parent)), 0);
    int64_t ids[2] = {db_i(&r, 0, 0), db_i(&r, 1, 0)};
    for (int i = 0; i < 2; i++) {
        ok(step("changjiang-foi", ids[i], "take", say("")));
        ok(step("changjiang-foi", ids[i], "draft", draft));
        ok(step("changjiang-foi", ids[i], "submit", say("")));
        struct request_step back = say("");
        back.reason = S("申请人张某的情况没有写明");
        ok(step("changjiang-fazhi", ids[i], "return", back));
        ok(step("changjiang-foi", ids[i], "withdraw", gone));
        ok(step("changjiang-foi", ids[i], "archive", say("")));
    }
    ok(db_commit(&w));
    ok(ledger_open(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    ok(tick("2037-01-05"));
    for (int i = 0; i < 2; i++) {
        assert_true(get(ids[i]).erased_at > 0);
        assert_int_equal(db_one(&w, &words_left, &r, DB_INT(ids[i])), 1);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(db_s(&r, 0, k).n, 0);
    }
    assert_true(get(parent).erased_at > 0);
    assert_int_equal(get(parent).person.n, 0);
    ok(db_begin(&w));
}

#define one(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        one(a_correction_is_granted_refused_or_passed_on),
        one(reasons_that_hold_are_no_ground_to_refuse_and_bad_ones_none_to_delay),
        one(what_is_late_is_not_mended_by_a_fee_or_a_delay),
        one(a_correction_costs_nothing),
        one(a_step_after_a_new_calendar_says_that_the_day_has_moved),
        one(who_wrote_at_a_reply_does_not_review_it),
        one(namesakes_may_ask_the_same_in_the_same_minute),
        one(the_code_of_an_application_opens_what_was_split_from_it),
        one(a_broken_case_is_looked_at_later),
        one(nothing_is_left_of_a_case_withdrawn_while_drafted_nor_of_one_that_was_split),
    };
    int failed = cmocka_run_group_tests_name("request edges on SQLite", tests, set_up, tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("request edges on PostgreSQL", tests, set_up, tear_down)
               : failed;
}
