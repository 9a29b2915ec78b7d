/* test_request.c: applications: the tariff, outcomes, receipt days, the flow cell by cell, clocks of asks and their
 * silences, extensions, splitting, calendars that change, proposals, retention. */
#include "unit_db.h"

#include "request/request_internal.h"

#include <ftw.h>

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(force_state, "UPDATE request SET state = $2, officer_id = NULL WHERE id = $1", true);
STATEMENT(count_events, "SELECT COUNT(*) FROM event WHERE room = 'request' AND subject_id = $1 AND verb = $2", false);
STATEMENT(count_notices, "SELECT COUNT(*) FROM notice WHERE title LIKE $1", false);
STATEMENT(count_proposals, "SELECT COUNT(*) FROM request_proposal WHERE unit_id = $1", false);
STATEMENT(count_children, "SELECT COUNT(*), MIN(received_day), MIN(due_at) FROM request WHERE parent_id = $1", false);
STATEMENT(raw_row,
          "SELECT person, masked, person_key, name_key, subject, description, reply FROM request WHERE id = $1", false);

static enum db_engine engine = DB_SQLITE;
static struct unit_db unit;
static struct work w;
static char dir[64];
static struct app_config config;
static int64_t changjiang, mzj, zfb;

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

static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static void at(const char *day) {
    w.now = day_start(d(day)) + 9 * 3600000;
}

static void as(const char *login) {
    int64_t person;
    if (!login) {
        w.actor = (struct actor){.address = "127.0.0.1"};
        return;
    }
    assert_int_equal(account_find(&w, str_z(login), &person), 1);
    w.actor = (struct actor){.person_id = person, .address = "127.0.0.1"};
    ok(org_actor_fill(&w, 0));
}

static int64_t unit_of(const char *code) {
    struct unit u;
    assert_int_equal(unit_by_code(&w, str_z(code), &u), 1);
    return u.id;
}

static struct str id_card(int serial) {
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    char body[24];
    int sum = 0;
    snprintf(body, sizeof body, "32068219800101%03d", serial);
    for (int i = 0; i < 17; i++)
        sum += (body[i] - '0') * weights[i];
    return str_printf(w.arena, "%s%c", body, "10X98765432"[sum % 11]);
}

static struct request_input input(const char *channel, int who, const char *subject) {
    return (struct request_input){.name = str_printf(w.arena, "测试申请人%d", who),
                                  .id_number = id_card(who),
                                  .address = S("测试路1号"),
                                  .subject = str_z(subject),
                                  .unit_id = changjiang,
                                  .channel = str_z(channel),
                                  .came_day = DAY_NONE,
                                  .received_day = DAY_NONE};
}

static int64_t asked(const char *channel, int who, const char *subject) {
    struct request_made made;
    struct request_input x = input(channel, who, subject);
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    return made.id;
}

static struct request_step nothing(void) {
    return (struct request_step){.day = DAY_NONE, .until = DAY_NONE};
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

static void due_is(int64_t id, const char *day) {
    struct request c = get(id);
    if (!c.due_at || day_of(c.due_at) != d(day))
        unit_fail("due %s, expected %s\n", c.due_at ? day_str(w.arena, day_of(c.due_at)).p : "none", day);
}

static int64_t number_of(const struct db_statement *st, int64_t id, const char *verb) {
    struct db_rows r;
    assert_int_equal(db_one(&w, st, &r, DB_INT(id), DB_TEXTZ(verb)), 1);
    return db_i(&r, 0, 0);
}

static int64_t working(const char *channel, int who, const char *subject) {
    int64_t id = asked(channel, who, subject);
    ok(step("changjiang-foi", id, "take", nothing()));
    return id;
}

/* ── set-up ── */

static json_t *asset(const char *name) {
    const struct asset *a = asset_find(&config, w.arena, name);
    assert_non_null(a);
    json_t *o = json_loadb(a->bytes.p, a->bytes.n, 0, NULL);
    assert_non_null(o);
    return o;
}

static int set_up(void **s) {
    (void)s;
    snprintf(dir, sizeof dir, "/tmp/mingtang-request-XXXXXX");
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
    const struct asset *foi = asset_find(&config, w.arena, "data/foi.json");
    assert_int_equal(request_rules_load(foi->bytes), 0);
    json_t *units = asset("data/units.json"), *accounts = asset("data/accounts-demo.json");
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(org_load(&w, units));
    ok(org_load_accounts(&w, accounts));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    changjiang = unit_of("changjiang");
    mzj = unit_of("mzj");
    zfb = unit_of("zfb");
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

/* ── the tariff (rules.md §1.7) ── */

static void the_tariff_is_that_of_the_state_council(void **s) {
    static const struct {
        int64_t n, yuan;
    } rates[] = {{1, 0},    {10, 0},   {11, 100}, {30, 100}, {31, 200}, {40, 200},
                 {41, 300}, {50, 300}, {51, 400}, {60, 400}, {61, 500}, {71, 600}},
      pages[] = {{0, 0}, {1, 0}, {30, 0}, {31, 10}, {100, 700}, {101, 720}, {200, 2700}, {201, 2740}, {250, 4700}};
    (void)s;
    for (size_t i = 0; i < countof(rates); i++)
        assert_int_equal(request_fee_pieces(rates[i].n - 1, 1), rates[i].yuan * 100);
    assert_int_equal(request_fee_pieces(0, 45), 5500 * 100);
    for (size_t i = 0; i < countof(pages); i++)
        assert_int_equal(request_fee_pages(pages[i].n), pages[i].yuan * 100);
}

static void every_outcome_is_in_exactly_one_row_of_the_annual_table(void **s) {
    static const char *const want[][2] = {
        {"R01", "r3.1"},     {"R02", "r3.1"},     {"R03", "r3.2"},     {"R04.1", "r3.3.1"}, {"R04.2", "r3.3.2"},
        {"R04.3", "r3.3.3"}, {"R04.4", "r3.3.4"}, {"R04.5", "r3.3.5"}, {"R04.6", "r3.3.6"}, {"R04.7", "r3.3.7"},
        {"R05", "r3.3.8"},   {"R06", "r3.4.1"},   {"R07", "r3.4.1"},   {"R08", "r3.4.2"},   {"R09", "r3.4.3"},
        {"R10", "r3.5.1"},   {"R11", "r3.5.2"},   {"R12", "r3.5.3"},   {"R13", "r3.5.4"},   {"R14", "r3.5.5"},
        {"R15", "r3.6.1"},   {"R16", "r3.6.2"},   {"R17", "r3.6.3"},   {"R18", "r3.6.3"},   {"C1", ""},
        {"C2", ""},          {"C3", ""}};
    const struct request_outcome *all;
    (void)s;
    assert_int_equal(request_outcomes(&all), countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        const struct request_outcome *o = request_outcome(str_z(want[i][0]));
        assert_non_null(o);
        assert_string_equal(o->row, want[i][1]);
        size_t times = 0;
        for (size_t k = 0; k < countof(want); k++)
            times += strcmp(all[k].code, want[i][0]) == 0;
        assert_int_equal(times, 1);
    }
}

/* ── receipt (第三十一条) ── */

static void the_receipt_day_follows_from_the_channel(void **s) {
    static const struct {
        const char *channel, *received, *state;
    } rows[] = {{"in_person", "2026-10-30", "registered"},
                {"post_signed", "2026-10-30", "registered"},
                {"post_ordinary", NULL, "submitted"},
                {"fax", NULL, "submitted"},
                {"internet", NULL, "submitted"}};
    (void)s;
    for (size_t i = 0; i < countof(rows); i++) {
        struct request_made made;
        struct request_input x = input(rows[i].channel, 100 + (int)i, "关于测试的文件");
        x.came_day = d("2026-10-30");
        as("yishenqing");
        ok(request_submit(&w, &x, &made));
        struct request c = get(made.id);
        assert_true(str_is(c.state, rows[i].state));
        if (rows[i].received) {
            assert_int_equal(c.received_day, d(rows[i].received));
            due_is(made.id, "2026-11-27");
            continue;
        }
        assert_int_equal(c.received_day, DAY_NONE);
        assert_int_equal(c.due_at, 0);
        struct request_step x2 = nothing();
        x2.day = d("2026-11-03");
        refused(step("changjiang-foi", made.id, "confirm", x2), ERR_INVALID); /* tomorrow */
        x2.day = d("2026-10-29");
        refused(step("changjiang-foi", made.id, "confirm", x2), ERR_INVALID); /* before it came */
        x2.day = d("2026-11-02");
        ok(step("changjiang-foi", made.id, "confirm", x2));
        due_is(made.id, "2026-11-30");
    }
}

static void a_receipt_day_to_come_is_refused(void **s) {
    struct request_made made;
    struct request_input x = input("in_person", 110, "关于测试的文件");
    (void)s;
    as("yishenqing");
    x.came_day = d("2026-11-03");
    refused(request_submit(&w, &x, &made), ERR_INVALID);
    x.came_day = DAY_NONE;
    x.received_day = d("2026-11-03");
    refused(request_submit(&w, &x, &made), ERR_INVALID);
    x.received_day = DAY_NONE;
    x.id_number = S("320682198001011010");
    refused(request_submit(&w, &x, &made), ERR_INVALID);
}

/* ── the flow, cell by cell ── */

/* Written down from the law and the duties of the posts, apart from the program's own table. W: 经办, D: 统一受理 (also
 * works), L: 合法性审核, H: 机构负责人, S: 保密审查, A: the applicant. */
static const struct {
    const char *verb, *states, *roles;
} allowed[] = {
    {"confirm", " submitted ", "WD"},
    {"assign", " submitted registered working ", "D"},
    {"take", " registered ", "WD"},
    {"split", " registered working ", "D"},
    {"draft", " working drafting ", "WD"},
    {"clarify", " working drafting ", "WD"},
    {"consult", " working consulting drafting ", "WD"},
    {"ask_reasons", " working ", "WD"},
    {"charge", " working ", "WD"},
    {"delay", " working ", "H"},
    {"got", " clarifying consulting reasons fee ", "WD"},
    {"supplement", " clarifying ", "WD"},
    {"supplement_own", " clarifying ", "A"},
    {"lapse", " clarifying reasons fee ", "WD"},
    {"answer", " working consulting drafting ", "WD"},
    {"consult_lapse", " consulting ", ""},
    {"reasons_given", " reasons ", "WD"},
    {"reasons_own", " reasons ", "A"},
    {"paid", " fee ", "WD"},
    {"dispute_own", " fee ", "A"},
    {"submit", " drafting ", "WD"},
    {"extend", " registered working consulting reasons drafting legal secrecy signing ", "H"},
    {"ask_extension", " registered working consulting reasons drafting legal secrecy signing ", "WD"},
    {"sign", " signing ", "H"},
    {"deliver", " replied ", "WD"},
    {"fetch_own", " replied ", "A"},
    {"archive", " delivered closed ", "WD"},
    {"remedy", " replied delivered archived closed ", "WD"},
    {"remedy_result", " replied delivered archived closed ", "WD"},
    {"rate", " replied delivered archived closed ", "A"},
    {"suggest", " replied delivered archived closed ", "A"},
    {"withdraw", " submitted registered working clarifying consulting reasons fee drafting legal secrecy signing ",
     "WD"},
    {"withdraw_own", " submitted registered working clarifying consulting reasons fee drafting legal secrecy signing ",
     "A"},
};
static const struct {
    const char *login;
    char role;
} people[] = {{"changjiang-foi", 'W'},
              {"yishenqing", 'D'},
              {"changjiang-fazhi", 'L'},
              {"changjiang-fuze", 'H'},
              {"changjiang-baomi", 'S'},
              {NULL, 'A'},
              {"changjiang-bianji", 'x'},
              {"office", 'x'},
              {"mzj-foi", 'x'},
              {"mzj-fuze", 'x'},
              {"sjgly", 'x'}};

static bool may(const char *verb, const char *state, char role) {
    char word[40];
    snprintf(word, sizeof word, " %s ", state);
    if (strcmp(verb, "pass") == 0)
        return (strcmp(state, "legal") == 0 && role == 'L') || (strcmp(state, "secrecy") == 0 && role == 'S');
    if (strcmp(verb, "return") == 0)
        return may("pass", state, role) || (strcmp(state, "signing") == 0 && role == 'H');
    for (size_t i = 0; i < countof(allowed); i++)
        if (strcmp(allowed[i].verb, verb) == 0)
            return strstr(allowed[i].states, word) && strchr(allowed[i].roles, role);
    return false;
}

/* Past the gate: neither the right nor the state was the objection. What the verb then makes of nothing typed is not
 * asked here. */
static bool passes(int64_t id, const char *verb) {
    struct request_step x = nothing();
    ok(db_begin(&w));
    x.reason = S("测试理由");
    bool in = request_step(&w, id, verb, &x) == 0 ||
              (w.error.code != ERR_FORBIDDEN && w.error.code != ERR_SIGN_IN && w.error.code != ERR_NOT_FOUND &&
               !(w.error.code == ERR_WRONG_STATE && str_starts(str_z(error_text(&w.error)), S("此事项现为"))));
    error_clear(&w);
    db_rollback(&w);
    return in;
}

static void each_cell_of_role_state_and_verb(void **s) {
    int64_t id = asked("in_person", 120, "关于流程的文件");
    size_t cells = 0, open = 0;
    (void)s;
    for (size_t k = 0; k < countof(people); k++) {
        as(people[k].login);
        struct actor actor = w.actor;
        for (size_t i = 0; i < request_flow.state_count; i++) {
            const char *state = request_flow.states[i].code;
            assert_int_equal(db_exec(&w, &force_state, DB_INT(id), DB_TEXTZ(state)), 1);
            for (size_t v = 0; v < countof(allowed) + 2; v++) {
                const char *verb = v < countof(allowed) ? allowed[v].verb : v == countof(allowed) ? "pass" : "return";
                struct arena *kept = w.arena;
                w.arena = arena_new(LIMIT_ARENA_BYTES);
                w.actor = actor;
                bool want = may(verb, state, people[k].role), is = passes(id, verb);
                arena_free(w.arena);
                w.arena = kept;
                if (want != is)
                    unit_fail("%s in %s by %s: %d, expected %d\n", verb, state,
                              people[k].login ? people[k].login : "the applicant", is, want);
                cells++;
                open += is;
            }
        }
    }
    print_message("%zu cells, %zu open\n", cells, open);
    assert_true(open > 50 && open < cells / 4);
}

/* ── extension (第三十三条) ── */

static struct request_step days(int n) {
    struct request_step x = nothing();
    x.n = n;
    x.reason = S("需要逐项核对");
    return x;
}

static void an_extension_comes_before_the_limit_and_once(void **s) {
    int64_t last = working("in_person", 130, "第一件文件"), late = working("in_person", 131, "第二件文件");
    (void)s;
    due_is(last, "2026-11-30");
    at("2026-11-30");
    refused(step("changjiang-fuze", last, "extend", days(21)), ERR_INVALID);
    refused(step("changjiang-fuze", last, "extend", days(0)), ERR_INVALID);
    refused(step("changjiang-foi", last, "extend", days(20)), ERR_FORBIDDEN);
    ok(step("changjiang-fuze", last, "extend", days(20)));
    due_is(last, "2026-12-28");
    refused(step("changjiang-fuze", last, "extend", days(1)), ERR_WRONG_STATE);
    at("2026-12-01");
    refused(step("changjiang-fuze", late, "extend", days(20)), ERR_WRONG_STATE);
    due_is(late, "2026-11-30");
}

/* ── supplement (第三十条) ── */

static struct request_step say(const char *text) {
    struct request_step x = nothing();
    x.text = str_z(text);
    return x;
}

static void a_supplement_is_asked_for_once_within_seven_days(void **s) {
    int64_t on_time = working("in_person", 140, "拆迁文件"), late = working("in_person", 141, "另外的文件");
    (void)s;
    at("2026-11-11"); /* the seventh working day after 2026-11-02 */
    ok(step("changjiang-foi", on_time, "clarify", say("请写明项目")));
    at("2026-11-12");
    refused(step("changjiang-foi", late, "clarify", say("请写明项目")), ERR_WRONG_STATE);
    ok(step("changjiang-foi", on_time, "got", nothing()));
    at("2026-11-16");
    ok(step("changjiang-foi", on_time, "supplement", say("某某项目")));
    due_is(on_time, "2026-12-14"); /* begins anew with the day the supplement came */
    refused(step("changjiang-foi", on_time, "clarify", say("再问一次")), ERR_WRONG_STATE);
}

static void without_a_supplement_the_case_ends_after_the_limit_alone(void **s) {
    int64_t id = working("in_person", 142, "拆迁文件");
    (void)s;
    at("2026-11-03");
    ok(step("changjiang-foi", id, "clarify", say("请写明项目")));
    refused(step("changjiang-foi", id, "lapse", nothing()), ERR_WRONG_STATE); /* nobody knows that it arrived */
    ok(step("changjiang-foi", id, "got", nothing()));
    at("2026-11-24"); /* the fifteenth working day */
    refused(step("changjiang-foi", id, "lapse", nothing()), ERR_WRONG_STATE);
    at("2026-11-25");
    ok(step("changjiang-foi", id, "lapse", nothing()));
    assert_true(str_is(get(id).outcome, "R15"));
    assert_true(str_is(get(id).state, "closed"));
}

/* ── opinions of others (第三十二、三十三、三十四条) ── */

static struct request_step ask_party(const char *kind) {
    struct request_step x = say("是否同意公开");
    x.kind = str_z(kind);
    x.party = S("某某单位");
    x.day = work_today(&w);
    return x;
}

static struct ask first_ask(int64_t id) {
    struct ask a = {0};
    json_t *list = asks_json(&w, id, false);
    ok(ask_get(&w, id, json_integer_value(json_object_get(json_array_get(list, 0), "id")), &a));
    json_decref(list);
    return a;
}

static int look(const char *day) {
    at(day);
    struct actor before = w.actor;
    int rc = request_tick(&w, NULL);
    w.actor = before;
    return rc;
}

static void silence_of_a_third_party_is_no_consent_and_of_an_organ_is(void **s) {
    int64_t third = working("in_person", 150, "第三方的合同"), organ = working("in_person", 151, "共同制作的文件");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", third, "consult", ask_party("third")));
    ok(step("changjiang-foi", organ, "consult", ask_party("organ")));
    assert_true(get(third).suspended);
    ok(look("2026-11-25")); /* the fifteenth working day: not over */
    assert_true(str_is(get(third).state, "consulting"));
    ok(look("2026-11-26"));
    assert_true(str_is(first_ask(third).answer, "silent"));
    assert_true(str_is(first_ask(organ).answer, "agree"));
    assert_true(str_is(get(third).state, "working"));
    assert_false(get(third).suspended);
    due_is(third, "2026-12-21"); /* fifteen working days are left out */
    struct request_step late = say("不同意，涉及商业秘密");
    late.ask_id = first_ask(third).id;
    late.answer = S("refuse");
    ok(step("changjiang-foi", third, "answer", late));
    assert_true(str_is(first_ask(third).answer, "refuse"));
    assert_int_equal(number_of(&count_events, third, "answered_late"), 1);
    due_is(third, "2026-12-21"); /* a late opinion changes no clock */
    refused(step("changjiang-foi", third, "answer", late), ERR_WRONG_STATE);
}

static void an_opinion_in_time_lets_the_clock_run_on(void **s) {
    int64_t id = working("in_person", 152, "第三方的合同");
    (void)s;
    at("2026-11-04");
    ok(step("changjiang-foi", id, "consult", ask_party("third")));
    at("2026-11-09");
    struct request_step x = say("");
    x.answer = S("agree");
    ok(step("changjiang-foi", id, "answer", x));
    due_is(id, "2026-12-03"); /* 5, 6 and 9 November are left out */
}

/* ── fee ── */

static void a_payment_begins_the_limit_anew(void **s) {
    int64_t id = working("in_person", 160, "全部决定书");
    struct request_step x = say("缴费码");
    (void)s;
    at("2026-11-05");
    x.basis = S("page");
    x.n = 30;
    refused(step("changjiang-foi", id, "charge", x), ERR_INVALID); /* free */
    x.n = 31;
    ok(step("changjiang-foi", id, "charge", x));
    assert_int_equal(first_ask(id).fee_fen, 1000);
    ok(step("changjiang-foi", id, "got", nothing()));
    at("2026-11-10");
    ok(step("changjiang-foi", id, "paid", nothing()));
    due_is(id, "2026-12-08");
    refused(step("changjiang-foi", id, "charge", x), ERR_WRONG_STATE); /* once */
}

static void a_fee_by_piece_counts_the_month_of_one_applicant(void **s) {
    struct request_step x = say("缴费码");
    int64_t id = 0;
    (void)s;
    x.basis = S("piece");
    for (int i = 0; i < 10; i++) {
        char subject[60];
        snprintf(subject, sizeof subject, "同一申请人的第%d份文件", i);
        id = asked("in_person", 161, subject);
    }
    ok(step("changjiang-foi", id, "take", nothing()));
    refused(step("changjiang-foi", id, "charge", x), ERR_INVALID); /* the tenth is free */
    id = working("in_person", 161, "同一申请人的第十一份文件");
    ok(step("changjiang-foi", id, "charge", x));
    assert_int_equal(first_ask(id).fee_fen, 10000);
}

/* ── splitting ── */

static void a_split_case_keeps_day_and_clock(void **s) {
    int64_t id = working("in_person", 170, "两份文件");
    struct request_step x = nothing();
    struct db_rows r;
    (void)s;
    at("2026-11-09");
    x.parts = S("第一份文件的全文");
    ok(db_begin(&w));
    refused(step("yishenqing", id, "split", x), ERR_INVALID);
    db_rollback(&w);
    x.parts = S("第一份文件的全文\n第二份文件的全文");
    ok(step("yishenqing", id, "split", x));
    assert_true(str_is(get(id).state, "split"));
    assert_int_equal(db_one(&w, &count_children, &r, DB_INT(id)), 1);
    assert_int_equal(db_i(&r, 0, 0), 2);
    assert_true(str_is(db_s(&r, 0, 1), "2026-11-02"));
    assert_int_equal(day_of(db_i(&r, 0, 2)), d("2026-11-30"));
}

/* ── the same information asked by others (第四十四条) ── */

static void three_applicants_raise_one_proposal(void **s) {
    (void)s;
    static const char *const others[] = {"第一份文件", "第二份文件", "第三份文件", "第四份文件"};
    for (int i = 0; i < 4; i++) {
        asked("in_person", 180 + (i == 1 ? 0 : i), "2025年道路养护计划"); /* the second is the first again */
        asked("in_person", 190 + i, others[i]);
    }
    struct db_rows r;
    int64_t id = asked("fax", 184, "《2025年道路养护计划》");
    struct request_step x = nothing();
    ok(step("changjiang-foi", id, "confirm", x));
    id = asked("fax", 185, "关于2025年道路养护计划");
    ok(step("changjiang-foi", id, "confirm", x));
    assert_int_equal(db_one(&w, &count_proposals, &r, DB_INT(changjiang)), 1);
    assert_int_equal(db_i(&r, 0, 0), 1);
}

/* ── what a reply must have ── */

static void a_reply_without_its_parts_is_refused(void **s) {
    int64_t id = working("in_person", 200, "一份文件");
    static const char *const needs[] = {"R01", "R02", "R03", "R04.4", "R05", "R06", "R07", "R08", "R09",
                                        "R10", "R11", "R12", "R13",   "R14", "R15", "R16", "R18", "C1"};
    (void)s;
    for (size_t i = 0; i < countof(needs); i++) {
        struct request_step x = nothing();
        x.outcome = str_z(needs[i]);
        refused(step("changjiang-foi", id, "draft", x), ERR_INVALID);
    }
    assert_true(str_is(get(id).state, "working"));
}

/* ── retention and calendars: committed, so that the log can be checked; last ── */

static int64_t answered(int who) {
    int64_t id = working("in_person", who, "会被删除的申请");
    struct request_step x = nothing();
    x.outcome = S("R06");
    x.search_record = S("检索了全部目录");
    ok(step("changjiang-foi", id, "draft", x));
    ok(step("changjiang-foi", id, "submit", nothing()));
    ok(step("changjiang-fazhi", id, "pass", nothing()));
    ok(step("changjiang-baomi", id, "pass", nothing()));
    ok(step("changjiang-fuze", id, "sign", nothing()));
    x = say("当面签收");
    x.way = S("pick_up");
    ok(step("changjiang-foi", id, "deliver", x));
    ok(step("changjiang-foi", id, "archive", nothing()));
    return id;
}

static void retention_erases_and_the_log_still_verifies(void **s) {
    struct ledger_report report = {0};
    struct db_rows r;
    (void)s;
    at("2026-11-02");
    error_clear(&w);
    ok(ledger_open(&w));
    ok(db_begin(&w));
    int64_t id = answered(210);
    ok(db_commit(&w));
    while (ledger_sequence_once(&w) > 0)
        ;
    ok(look("2036-11-01"));
    assert_int_equal(get(id).erased_at, 0);
    ok(look("2037-01-05"));
    assert_true(get(id).erased_at > 0);
    assert_int_equal(db_one(&w, &raw_row, &r, DB_INT(id)), 1);
    for (size_t i = 0; i < 7; i++)
        assert_true(db_s(&r, 0, i).n == 0 || str_is(db_s(&r, 0, i), "（已删除）"));
    while (ledger_sequence_once(&w) > 0)
        ;
    ok(ledger_verify(&w, NULL, 0, NULL, &report));
    assert_true(report.erased > 0);
    ledger_report_free(&report);
    json_t *list = letter_list(&w, "request", id);
    assert_true(json_array_size(list) > 0);
    struct str pdf;
    refused(letter_pdf(&w, json_integer_value(json_object_get(json_array_get(list, 0), "id")), &pdf), ERR_GONE);
    json_decref(list);
}

/* 2027 has no holiday notice yet: a clock that crosses into it is provisional; the notice re-dates it aloud. */
static void a_late_holiday_notice_redates_open_cases(void **s) {
    json_error_t why;
    struct db_rows r;
    (void)s;
    at("2026-12-21");
    error_clear(&w);
    ok(db_begin(&w));
    int64_t id = working("in_person", 220, "跨年的申请");
    ok(db_commit(&w));
    assert_true(get(id).provisional);
    due_is(id, "2027-01-19");
    json_t *year = json_loads("{\"year\":2027,\"notice\":\"测试通知\",\"off\":["
                              "{\"reason\":\"元旦\",\"from\":\"2027-01-01\",\"to\":\"2027-01-05\"},"
                              "{\"reason\":\"春节\",\"from\":\"2027-02-05\",\"to\":\"2027-02-11\"},"
                              "{\"reason\":\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],"
                              "\"makeup\":[]}",
                              0, &why);
    as("xtgly");
    ok(db_begin(&w));
    ok(calendar_import(&w, year, "test", NULL));
    ok(db_commit(&w));
    json_decref(year);
    ok(calendar_load(&w));
    ok(look("2026-12-22"));
    due_is(id, "2027-01-21"); /* two working days fewer in January */
    assert_false(get(id).provisional);
    assert_int_equal(number_of(&count_events, id, "redated"), 1);
    assert_int_equal(db_one(&w, &count_notices, &r, DB_TEXTZ("工作日历调整%2027年1月21日")), 1);
    assert_true(db_i(&r, 0, 0) >= 1);
    ok(look("2026-12-23"));
    assert_int_equal(number_of(&count_events, id, "redated"), 1); /* once */
}

#define one(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        one(the_tariff_is_that_of_the_state_council),
        one(every_outcome_is_in_exactly_one_row_of_the_annual_table),
        one(the_receipt_day_follows_from_the_channel),
        one(a_receipt_day_to_come_is_refused),
        one(each_cell_of_role_state_and_verb),
        one(an_extension_comes_before_the_limit_and_once),
        one(a_supplement_is_asked_for_once_within_seven_days),
        one(without_a_supplement_the_case_ends_after_the_limit_alone),
        one(silence_of_a_third_party_is_no_consent_and_of_an_organ_is),
        one(an_opinion_in_time_lets_the_clock_run_on),
        one(a_payment_begins_the_limit_anew),
        one(a_fee_by_piece_counts_the_month_of_one_applicant),
        one(a_split_case_keeps_day_and_clock),
        one(three_applicants_raise_one_proposal),
        one(a_reply_without_its_parts_is_refused),
        cmocka_unit_test(a_late_holiday_notice_redates_open_cases),
        cmocka_unit_test(retention_erases_and_the_log_still_verifies),
    };
    int failed = cmocka_run_group_tests_name("request on SQLite", tests, set_up, tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("request on PostgreSQL", tests, set_up, tear_down)
               : failed;
}
