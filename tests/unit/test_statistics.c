/* test_statistics.c: intervals against known ones, ranks, buckets at their edges, what each record counts for, what is
 * overdue as time goes by, and random histories whose maintained figures equal a count of the records. */
#include "unit_db.h"

#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "supervision/supervision_internal.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(unit_add,
          "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
          "details, valid_from) VALUES ($1, $2, $3, $4, $4, $4, $5, '000000000', $1, FALSE, '{}', '2020-01-01')",
          true);
STATEMENT(post_add, "INSERT INTO post (id, unit_id, name, roles, all_units) VALUES ($1, $2, $3, $4, FALSE)", true);
STATEMENT(field_add, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (10, '10', '社会救助', TRUE, '')",
          true);
STATEMENT(catalogue_add,
          "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) VALUES ($1, "
          "$2, $3, 'town', 1, '目录', 'here', 1, 0)",
          true);
STATEMENT(item_add,
          "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES ($1, $2, $3, $4, 0)", true);
STATEMENT(version_add,
          "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, limit_text, "
          "limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, mode_active, mode_request, "
          "level_city, level_town, extra, valid_from, created_at) VALUES ($1, $1, 1, 1, '一级', '二级', "
          "'办事指南;联系电话;投诉渠道', '依据', '', '[]', TRUE, '', '', TRUE, '', TRUE, FALSE, FALSE, TRUE, '{}', "
          "'2020-01-01', 0)",
          true);
STATEMENT(duty_add,
          "INSERT INTO duty (id, unit_id, item_id, item_version_id, field_id, source, period_key, rule_no, subject, "
          "trigger_at, due_at, due_day, state, certificate, created_at) VALUES ($1, $2, $3, $3, $4, 'period', $5, 0, "
          "'', 0, $6, $7, 'open', '{}', 0)",
          true);
STATEMENT(duty_set, "UPDATE duty SET state = $2, met_at = $3, disclosure_id = $4 WHERE id = $1", true);
STATEMENT(duty_move, "UPDATE duty SET due_at = $2, due_day = $3 WHERE id = $1", true);
STATEMENT(disclosure_add,
          "INSERT INTO disclosure (id, public_id, unit_id, item_id, field_id, index_number, state, title, number, "
          "number_folded, five, kind, demo, revision, created_at, published_at, public_version_id, part) VALUES ($1, "
          "$2, $3, $4, $5, '', 'published', 't', '', '', '', '', FALSE, 1, 0, $6, $7, $8)",
          true);
STATEMENT(disclosure_withdraw,
          "UPDATE disclosure SET withdrawn_at = $2, public_version_id = NULL, state = 'withdrawn' WHERE id = $1", true);
STATEMENT(version_text,
          "INSERT INTO disclosure_version (id, disclosure_id, version, frozen, title, number, body, body_text, "
          "summary, keywords, attribute, ground, ground_note, genre, theme, validity, source, sha256, public_from, "
          "created_at) VALUES ($1, $2, $3, TRUE, 't', '', '', $4, '', '', 'active', '', '', '', '', 'valid', '', '', "
          "$5, 0)",
          true);
STATEMENT(request_add,
          "INSERT INTO request (id, number, code_key, matter, unit_id, state, channel, applicant, person, masked, "
          "person_key, name_key, subject, info_number, description, fingerprint, carrier, delivery, other_way, help, "
          "submitted_at, received_day, officer_post, due_at, suspended, provisional, certificate, calendar_version, "
          "next_at, warned, outcome, reply, replied_at, delivered_at, closed_day, archived_at, late, days_used, "
          "extended, rating, rating_text, erased_at, demo, revision, created_at) VALUES ($1, $2, '', $3, $4, "
          "'working', 'internet', 'person', '', '', '', '', '', '', '', '', 'paper', 'post', FALSE, '', 0, $5, NULL, "
          "$6, FALSE, FALSE, '', 1, 0, '', '', '', 0, 0, NULL, 0, FALSE, 0, FALSE, 0, '', 0, FALSE, 1, 0)",
          true);
STATEMENT(request_reply,
          "UPDATE request SET replied_at = $2, late = $3, closed_day = $4, state = 'replied' WHERE id = $1", true);
STATEMENT(request_stand, "UPDATE request SET suspended = $2 WHERE id = $1", true);
STATEMENT(remedy_add,
          "INSERT INTO request_remedy (request_id, unit_id, kind, organ, number, filed_day, result, note) VALUES ($1, "
          "$2, 'suit', '', '', $3, 'pending', '')",
          true);
STATEMENT(rule_add,
          "INSERT INTO rule (id, code, check_code, state, shipped, created_at) VALUES ($1, $2, 'duty_due', 'on', TRUE, "
          "0)",
          true);
STATEMENT(rule_version_add,
          "INSERT INTO rule_version (id, rule_id, version, frozen, name, parameters, scope, ladder, weight, ground, "
          "status, effective, created_at) VALUES ($1, $1, 1, TRUE, '规则', '{}', '{}', '[]', 100, '', 'C', "
          "'2026-01-01', 0)",
          true);
STATEMENT(alert_add,
          "INSERT INTO alert (id, rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, "
          "item_id, post_id, level, peak, began_at, level_at, red_at, due_at, raised_at, state, outcome, title, note, "
          "address, step) VALUES ($1, 1, 1, 'duty_due', 'duty', $1, $2, 10, 1, $3, 1, 1, $4, $4, 0, 0, $4, 'open', '', "
          "'t', '', '/desk', 0)",
          true);
STATEMENT(alert_set, "UPDATE alert SET peak = $2, state = $3, outcome = $4 WHERE id = $1", true);
STATEMENT(duty_truth,
          "SELECT unit_id, COUNT(*) FILTER (WHERE state IN ('open', 'met', 'met_late')) AS owed, "
          "COUNT(*) FILTER (WHERE state = 'met') AS met, COUNT(*) FILTER (WHERE state = 'met_late') AS late, "
          "COUNT(*) FILTER (WHERE state = 'open' AND due_at < $2) AS overdue, "
          "COUNT(*) FILTER (WHERE state = 'waived') AS waived FROM duty WHERE substr(due_day, 1, 7) = $1 GROUP BY "
          "unit_id ORDER BY unit_id",
          false);
STATEMENT(spoil_sum, "UPDATE statistics SET met = met + 1 WHERE month = 202605", true);
STATEMENT(spoil_open, "UPDATE statistics_open SET n = n + 1", true);
STATEMENT(spoil_part, "UPDATE statistics_part SET days = days + 1 WHERE subject_kind = 'duty'", true);
STATEMENT(parts_count, "SELECT COUNT(*) FROM statistics_part", false);
STATEMENT(item_missing, "SELECT disclosure_id, elements, missing FROM statistics_item WHERE item_id = $1", false);
STATEMENT(forget_all, "DELETE FROM statistics_part", true);

enum { CITY = 1, CHANGJIANG, BAIPU, EDITOR = 7 };
static struct unit_db unit;
static enum db_engine engine = DB_SQLITE;
static struct work w;
static struct app_config config;
static int64_t next_duty, next_request, next_alert, next_disclosure, next_text;
#define ok(x)                                                                                                          \
    do {                                                                                                               \
        if ((x) < 0)                                                                                                   \
            unit_fail("%s: %s\n", #x, error_text(&w.error));                                                           \
    } while (0)

static int64_t field_of(int64_t item) {
    return item == 1 ? 10 : 0;
}
static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}
static int64_t noon(const char *day) {
    return day_start(d(day)) + 12 * 3600000LL;
}
static void touch(const char *kind, int64_t id) {
    ok(db_begin(&w));
    ok(statistics_touch(&w, kind, id));
    ok(db_commit(&w));
}
static void agree(void) {
    int rc = statistics_recount_check(&w);
    if (rc != 0)
        unit_fail("recount: %d %s\n", rc, error_text(&w.error));
}

static int64_t duty(int64_t unit_id, int64_t item, const char *due) {
    int64_t id = ++next_duty;
    ok(db_begin(&w));
    ok(db_exec(&w, &duty_add, DB_INT(id), DB_INT(unit_id), DB_INT(item), DB_ID(field_of(item)),
               DB_TEXT(str_printf(w.arena, "p%lld", (long long)id)), DB_INT(day_end(d(due))), DB_TEXTZ(due)));
    ok(db_commit(&w));
    return id;
}
static void set(int64_t id, const char *state, int64_t met, int64_t disclosure) {
    ok(db_begin(&w));
    ok(db_exec(&w, &duty_set, DB_INT(id), DB_TEXTZ(state), DB_INT(met), DB_ID(disclosure)));
    ok(db_commit(&w));
    touch("duty", id);
}

static void sums(enum figure_by by, int64_t from, int64_t to, int64_t unit_id, struct figures *f) {
    struct figure_query q = {by, from, to, unit_id, -1, -1, -1, S("%"), STR_NONE};
    ok(figures_of(&w, &q, f));
}
static int64_t total(enum measure m, int64_t month, int64_t unit_id) {
    struct figures f;
    sums(FIGURE_BY_UNIT, month, month, unit_id, &f);
    return f.all.n[m];
}

/* ── pure ── */

static void near(double a, double b) {
    if (a - b > 0.00006 || b - a > 0.00006)
        unit_fail("%.5f, expected %.5f\n", a, b);
}

/* Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3. */
static void intervals_are_those_of_the_literature(void **s) {
    static const struct {
        int64_t good, n;
        double low, high;
    } known[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
    (void)s;
    for (size_t i = 0; i < countof(known); i++) {
        double low, high;
        figure_interval(known[i].good, known[i].n, &low, &high);
        near(low, known[i].low);
        near(high, known[i].high);
        figure_interval(known[i].n - known[i].good, known[i].n, &low, &high); /* the mirror image */
        near(low, 1 - known[i].high);
        near(high, 1 - known[i].low);
    }
    double low, high;
    figure_interval(0, 0, &low, &high);
    near(low, 0);
    near(high, 1);
}

static struct figure_row row(int64_t key, int64_t met, int64_t late, int64_t overdue) {
    struct figure_row r = {.key = key, .order = key};
    r.n[M_MET] = met;
    r.n[M_LATE] = late;
    r.n[M_OVERDUE] = overdue;
    return r;
}

static void ranks_follow_the_lower_bound_and_ties_share_one(void **s) {
    (void)s;
    struct figure_row v[] = {row(1, 9, 1, 0),  row(2, 90, 5, 5), row(3, 9, 0, 0), row(4, 90, 10, 0),
                             row(5, 10, 0, 0), row(6, 0, 0, 0),  row(7, 0, 0, 30)};
    figure_rank(v, countof(v), 10);
    static const struct { int64_t key, rank; } want[] = {{2, 1}, {4, 1}, {5, 3}, {1, 4}, {7, 5}, {3, 0}, {6, 0}};
    for (size_t i = 0; i < countof(v); i++) {
        assert_int_equal(v[i].key, want[i].key);
        assert_int_equal(v[i].rank, want[i].rank);
    }
    assert_true(v[3].low < v[2].low); /* 9 of 10 comes after 10 of 10, 90 of 100 before both: more is known of it */
    struct figure_row edge[] = {row(1, 9, 0, 0), row(2, 10, 0, 0)};
    figure_rank(edge, 2, 9);
    assert_int_equal(edge[1].rank, 2);
    struct figure_row none = row(0, 50, 0, 0);
    none.nobody = true;
    figure_rank(&none, 1, 10);
    assert_int_equal(none.rank, 0);
}

/* ── what a record counts for ── */

/* Due on the last working day before the National Day week of 2026; 10 October is a Saturday at work. */
static void days_late_fall_into_their_buckets_across_holidays(void **s) {
    static const struct {
        const char *met;
        int64_t days;
        enum measure bucket;
    } cases[] = {{"2026-10-01", 0, M_LATE_5},   {"2026-10-08", 1, M_LATE_5},     {"2026-10-10", 3, M_LATE_5},
                 {"2026-10-11", 3, M_LATE_5},   {"2026-10-13", 5, M_LATE_5},     {"2026-10-14", 6, M_LATE_20},
                 {"2026-11-03", 20, M_LATE_20}, {"2026-11-04", 21, M_LATE_MORE}, {"2027-01-29", 83, M_LATE_MORE}};
    (void)s;
    w.now = noon("2026-09-01");
    int64_t id = duty(CHANGJIANG, 1, "2026-09-30");
    for (size_t i = 0; i < countof(cases); i++) {
        struct figures f;
        set(id, "met_late", noon(cases[i].met), 0);
        sums(FIGURE_BY_UNIT, 202609, 202609, CHANGJIANG, &f);
        if (cases[i].days == 83) /* a year without a notice: only that it counts on */
            assert_true(f.all.n[M_LATE_DAYS] > 70);
        else
            assert_int_equal(f.all.n[M_LATE_DAYS], cases[i].days);
        assert_int_equal(f.all.n[M_LATE], 1);
        for (enum measure m = M_LATE_5; m <= M_LATE_MORE; m++)
            assert_int_equal(f.all.n[m], m == cases[i].bucket);
        touch("duty", id); /* seen twice */
        agree();
    }
    set(id, "void", 0, 0);
    assert_int_equal(total(M_OWED, 202609, CHANGJIANG), 0);
    agree();
}

static void what_is_open_turns_overdue_by_the_clock_alone(void **s) {
    (void)s;
    w.now = noon("2026-06-01");
    int64_t id = duty(BAIPU, 1, "2026-06-15");
    touch("duty", id);
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 0);
    w.now = day_end(d("2026-06-15"));
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 0);
    w.now++;
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 1);
    assert_int_equal(total(M_OPEN, 202606, BAIPU), 1);
    ok(db_begin(&w)); /* a limit in hours: due in the middle of a day */
    ok(db_exec(&w, &duty_move, DB_INT(id), DB_INT(noon("2026-06-20")), DB_TEXTZ("2026-06-20")));
    ok(db_commit(&w));
    touch("duty", id);
    w.now = noon("2026-06-20");
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 0);
    w.now++;
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 1);
    set(id, "waived", 0, 0);
    assert_int_equal(total(M_OVERDUE, 202606, BAIPU), 0);
    assert_int_equal(total(M_OWED, 202606, BAIPU), 0);
    assert_int_equal(total(M_WAIVED, 202606, BAIPU), 1);
    agree();
}

static void a_unit_with_one_drafting_post_owes_through_it(void **s) {
    struct figures f;
    (void)s;
    w.now = noon("2026-04-01");
    touch("duty", duty(CHANGJIANG, 1, "2026-04-10"));
    touch("duty", duty(BAIPU, 1, "2026-04-10")); /* two posts draft there: nobody can say whose it is */
    sums(FIGURE_BY_POST, 202604, 202604, -1, &f);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.rows[0].key == EDITOR ? f.rows[0].n[M_OWED] : f.rows[1].n[M_OWED], 1);
    for (size_t i = 0; i < f.count; i++)
        assert_true(f.rows[i].key == EDITOR || f.rows[i].nobody);
}

static int64_t publish(int64_t item, int64_t at, const char *text, bool part) {
    int64_t id = ++next_disclosure, version = ++next_text;
    ok(db_begin(&w));
    ok(db_exec(&w, &disclosure_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "p%lld", (long long)id)),
               DB_INT(CHANGJIANG), DB_ID(item), DB_ID(field_of(item)), DB_INT(at), DB_INT(version), DB_BOOL(part)));
    ok(db_exec(&w, &version_text, DB_INT(version), DB_INT(id), DB_INT(1), DB_TEXTZ(text), DB_INT(at)));
    ok(db_commit(&w));
    touch("disclosure", id);
    return id;
}

static void publications_count_by_the_month_of_each_act(void **s) {
    (void)s;
    int64_t id = publish(1, noon("2025-03-31"), "", false);
    ok(db_begin(&w));
    ok(db_exec(&w, &version_text, DB_INT(++next_text), DB_INT(id), DB_INT(2), DB_TEXTZ(""),
               DB_INT(noon("2025-04-01"))));
    ok(db_exec(&w, &version_text, DB_INT(++next_text), DB_INT(id), DB_INT(3), DB_TEXTZ(""),
               DB_INT(noon("2025-04-02"))));
    ok(db_exec(&w, &version_text, DB_INT(++next_text), DB_INT(id), DB_INT(4), DB_TEXTZ(""), DB_INT(0)));
    ok(db_exec(&w, &disclosure_withdraw, DB_INT(id), DB_INT(noon("2025-05-01"))));
    ok(db_commit(&w));
    touch("disclosure", id);
    publish(0, noon("2025-03-31"), "", true); /* a part of the portal is no information */
    assert_int_equal(total(M_PUBLISHED, 202503, CHANGJIANG), 1);
    assert_int_equal(total(M_CORRECTED, 202504, CHANGJIANG), 2);
    assert_int_equal(total(M_WITHDRAWN, 202505, CHANGJIANG), 1);
    agree();
}

static void missing(int64_t item, int64_t disclosure, const char *words) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &item_missing, &r, DB_INT(item)), 1);
    assert_int_equal(db_i(&r, 0, 0), disclosure);
    assert_int_equal(db_i(&r, 0, 1), 3);
    assert_string_equal(db_s(&r, 0, 2).p, words);
}

static void an_item_is_judged_by_its_newest_publication(void **s) {
    (void)s;
    w.now = noon("2026-11-01");
    int64_t first = publish(2, noon("2026-02-01"), "办事指南和联系电话", false);
    missing(2, first, "投诉渠道");
    int64_t second = publish(2, noon("2026-02-02"), "办事指南", false);
    missing(2, second, "联系电话、投诉渠道");
    agree();
    ok(db_begin(&w));
    ok(db_exec(&w, &disclosure_withdraw, DB_INT(second), DB_INT(noon("2026-02-03"))));
    ok(db_commit(&w));
    assert_int_equal(statistics_recount_check(&w), 1);
    touch("disclosure", second);
    missing(2, first, "投诉渠道");
    agree();
}

static int64_t request(const char *matter, const char *received, const char *due) {
    int64_t id = ++next_request;
    ok(db_begin(&w));
    ok(db_exec(&w, &request_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "2026-%06lld", (long long)id)),
               DB_TEXTZ(matter), DB_INT(BAIPU), DB_OPT(str_z(received)), DB_INT(received ? day_end(d(due)) : 0)));
    ok(db_commit(&w));
    touch("request", id);
    return id;
}

static void applications_count_by_the_month_received(void **s) {
    (void)s;
    w.now = noon("2026-03-02");
    request("access", NULL, NULL);
    request("correction", "2026-03-02", "2026-03-30");
    int64_t id = request("access", "2026-03-02", "2026-03-30");
    assert_int_equal(total(M_REQUESTS, 202603, BAIPU), 1);
    assert_int_equal(total(M_CORRECTIONS, 202603, BAIPU), 1);
    w.now = day_end(d("2026-03-30")) + 1;
    assert_int_equal(total(M_REQUEST_OVERDUE, 202603, BAIPU), 1);
    ok(db_begin(&w));
    ok(db_exec(&w, &request_stand, DB_INT(id), DB_BOOL(true)));
    ok(db_exec(&w, &remedy_add, DB_INT(id), DB_INT(BAIPU), DB_TEXTZ("2026-07-01")));
    ok(db_commit(&w));
    touch("request", id);
    assert_int_equal(total(M_REQUEST_OVERDUE, 202603, BAIPU), 0); /* while the clock stands nothing lapses */
    assert_int_equal(total(M_REMEDIES, 202607, BAIPU), 1);
    ok(db_begin(&w));
    ok(db_exec(&w, &request_stand, DB_INT(id), DB_BOOL(false)));
    ok(db_exec(&w, &request_reply, DB_INT(id), DB_INT(noon("2026-04-01")), DB_BOOL(true), DB_TEXTZ("2026-04-01")));
    ok(db_commit(&w));
    touch("request", id);
    assert_int_equal(total(M_REPLIED_LATE, 202603, BAIPU), 1);
    assert_int_equal(total(M_REQUEST_OVERDUE, 202603, BAIPU), 0);
    assert_int_equal(total(M_REQUEST_OPEN, 202603, BAIPU), 0);
    agree();
}

static int64_t alert(const char *began) {
    int64_t id = ++next_alert;
    ok(db_begin(&w));
    ok(db_exec(&w, &alert_add, DB_INT(id), DB_INT(CHANGJIANG), DB_INT(EDITOR), DB_INT(noon(began))));
    ok(db_commit(&w));
    touch("alert", id);
    return id;
}

static void alerts_count_by_their_highest_level_and_what_came_of_them(void **s) {
    static const struct {
        const char *outcome;
        enum measure m;
    } ends[] = {{"mended", M_CONFIRMED},
                {"late", M_CONFIRMED},
                {"false", M_FALSE},
                {"waived", M_ALERT_WAIVED},
                {"lapsed", MEASURES}};
    (void)s;
    for (size_t i = 0; i < countof(ends); i++) {
        struct figures before, after;
        int64_t id = alert("2025-08-31");
        sums(FIGURE_BY_UNIT, 202508, 202508, CHANGJIANG, &before);
        ok(db_begin(&w));
        ok(db_exec(&w, &alert_set, DB_INT(id), DB_INT(LEVEL_RED), DB_TEXTZ("closed"), DB_TEXTZ(ends[i].outcome)));
        ok(db_commit(&w));
        touch("alert", id);
        sums(FIGURE_BY_UNIT, 202508, 202508, CHANGJIANG, &after);
        assert_int_equal(after.all.n[M_RED], before.all.n[M_RED] + 1);
        assert_int_equal(after.all.n[M_YELLOW], before.all.n[M_YELLOW] - 1);
        assert_int_equal(after.all.n[M_ALERT_OPEN], 0);
        for (enum measure m = M_CONFIRMED; m <= M_ALERT_WAIVED; m++)
            assert_int_equal(after.all.n[m], before.all.n[m] + (m == ends[i].m));
    }
    agree();
}

/* ── random histories ── */

static uint64_t seed = 20261128;
static int64_t pick(int64_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)n);
}
static const char *random_day(void) {
    return day_str(w.arena, d("2026-04-15") + (day_t)pick(80)).p;
}

static void one_step(void) {
    static const char *const states[] = {"open", "met", "met_late", "waived", "void"};
    static const char *const outcomes[] = {"", "mended", "late", "lapsed", "false", "waived"};
    int64_t id;
    switch (pick(6)) {
    case 0:
        touch("duty", duty(pick(2) ? CHANGJIANG : BAIPU, 1 + pick(3), random_day()));
        break;
    case 1:
        set(1 + pick(next_duty), states[pick(5)], noon(random_day()), 0);
        break;
    case 2:
        id = 1 + pick(next_duty);
        const char *day = random_day();
        ok(db_begin(&w));
        ok(db_exec(&w, &duty_move, DB_INT(id), DB_INT(day_end(d(day))), DB_TEXTZ(day)));
        ok(db_commit(&w));
        touch("duty", id);
        break;
    case 3:
        request(pick(4) ? "access" : "correction", random_day(), "2026-07-01");
        break;
    case 4:
        id = alert(random_day());
        ok(db_begin(&w));
        ok(db_exec(&w, &alert_set, DB_INT(1 + pick(id)), DB_INT(1 + pick(3)), DB_TEXTZ(pick(2) ? "open" : "closed"),
                   DB_TEXTZ(outcomes[pick(6)])));
        ok(db_commit(&w));
        for (int64_t i = 1; i <= id; i++)
            touch("alert", i);
        break;
    default:
        publish(1 + pick(3), noon(random_day()), "办事指南", false);
    }
    if (pick(3) == 0) /* an event seen again */
        touch("duty", 1 + pick(next_duty));
}

static void same_as_counted(const char *month) {
    struct db_rows r;
    struct figures f;
    int64_t m = (month[0] - '0') * 100000 + (month[1] - '0') * 10000 + (month[2] - '0') * 1000 +
                (month[3] - '0') * 100 + (month[5] - '0') * 10 + (month[6] - '0');
    ok(db_query(&w, &duty_truth, &r, DB_TEXTZ(month), DB_INT(w.now)));
    for (size_t i = 0; i < r.n; i++) {
        sums(FIGURE_BY_UNIT, m, m, db_i(&r, i, 0), &f);
        assert_int_equal(f.all.n[M_OWED], db_i(&r, i, 1));
        assert_int_equal(f.all.n[M_MET], db_i(&r, i, 2));
        assert_int_equal(f.all.n[M_LATE], db_i(&r, i, 3));
        assert_int_equal(f.all.n[M_OVERDUE], db_i(&r, i, 4));
        assert_int_equal(f.all.n[M_WAIVED], db_i(&r, i, 5));
    }
}

static void random_histories_equal_a_recount(void **s) {
    (void)s;
    w.now = noon("2026-04-15");
    for (int i = 0; i < 300; i++) {
        w.now += pick(86400000);
        one_step();
        if (i % 60 == 59) {
            agree();
            same_as_counted("2026-04");
            same_as_counted("2026-05");
            same_as_counted("2026-06");
        }
    }
    struct figures unit_rows, month_rows, post_rows, field_rows, catalogue_rows;
    sums(FIGURE_BY_UNIT, 202604, 202607, -1, &unit_rows);
    sums(FIGURE_BY_MONTH, 202604, 202607, -1, &month_rows);
    sums(FIGURE_BY_POST, 202604, 202607, -1, &post_rows);
    sums(FIGURE_BY_FIELD, 202604, 202607, -1, &field_rows);
    sums(FIGURE_BY_CATALOGUE, 202604, 202607, -1, &catalogue_rows);
    for (int m = 0; m < MEASURES; m++) { /* every way of dividing adds up to the same */
        assert_int_equal(unit_rows.all.n[m], month_rows.all.n[m]);
        assert_int_equal(unit_rows.all.n[m], post_rows.all.n[m]);
        assert_int_equal(unit_rows.all.n[m], field_rows.all.n[m]);
        assert_int_equal(unit_rows.all.n[m], catalogue_rows.all.n[m]);
    }
}

static void spoilt_figures_are_found_and_built_anew(void **s) {
    static const struct db_statement *const spoils[] = {&spoil_sum, &spoil_open, &spoil_part};
    (void)s;
    touch("duty", duty(CHANGJIANG, 1, "2026-05-05"));
    for (size_t i = 0; i < countof(spoils); i++) {
        agree();
        ok(db_begin(&w));
        assert_true(db_exec(&w, spoils[i]) > 0);
        ok(db_commit(&w));
        assert_int_equal(statistics_recount_check(&w), 1);
        ok(db_begin(&w));
        ok(statistics_recount(&w));
        ok(db_commit(&w));
    }
    agree();
}

static void what_was_there_before_is_counted_in_batches(void **s) {
    struct db_rows before, after;
    int64_t done, all;
    (void)s;
    ok(db_one(&w, &parts_count, &before));
    ok(db_begin(&w));
    ok(db_exec(&w, &forget_all));
    ok(db_exec(&w, &sql_figure_clear));
    ok(db_exec(&w, &sql_figure_open_clear));
    ok(figure_fill_again(&w));
    ok(db_commit(&w));
    assert_int_equal(figure_progress(&w, &done, &all), 1);
    assert_int_equal(done, 0);
    assert_true(all > 0);
    touch("duty", 1); /* an event meanwhile */
    ok(statistics_fill(&w, NULL));
    assert_int_equal(figure_progress(&w, &done, &all), 0);
    ok(db_one(&w, &parts_count, &after));
    assert_int_equal(db_i(&after, 0, 0), db_i(&before, 0, 0));
    agree();
    touch("calendar", 2); /* another calendar: days late may be others */
    assert_int_equal(figure_progress(&w, &done, &all), 1);
    ok(statistics_fill(&w, NULL));
    agree();
}

static void fixtures(void) {
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(db_exec(&w, &unit_add, DB_INT(CITY), DB_NULL, DB_TEXTZ("/1/"), DB_TEXTZ("city"), DB_TEXTZ("city")));
    ok(db_exec(&w, &unit_add, DB_INT(CHANGJIANG), DB_INT(CITY), DB_TEXTZ("/1/2/"), DB_TEXTZ("changjiang"),
               DB_TEXTZ("town")));
    ok(db_exec(&w, &unit_add, DB_INT(BAIPU), DB_INT(CITY), DB_TEXTZ("/1/3/"), DB_TEXTZ("baipu"), DB_TEXTZ("town")));
    ok(db_exec(&w, &post_add, DB_INT(EDITOR), DB_INT(CHANGJIANG), DB_TEXTZ("信息员"), DB_INT(ROLE_EDITOR)));
    ok(db_exec(&w, &post_add, DB_INT(8), DB_INT(CHANGJIANG), DB_TEXTZ("签发人"), DB_INT(ROLE_SIGNER)));
    ok(db_exec(&w, &post_add, DB_INT(9), DB_INT(BAIPU), DB_TEXTZ("信息员甲"), DB_INT(ROLE_EDITOR)));
    ok(db_exec(&w, &post_add, DB_INT(10), DB_INT(BAIPU), DB_TEXTZ("信息员乙"), DB_INT(ROLE_EDITOR)));
    ok(db_exec(&w, &field_add));
    ok(db_exec(&w, &catalogue_add, DB_INT(1), DB_TEXTZ("c1"), DB_TEXTZ("standard")));
    ok(db_exec(&w, &catalogue_add, DB_INT(2), DB_TEXTZ("c2"), DB_TEXTZ("village")));
    for (int64_t i = 1; i <= 3; i++) {
        ok(db_exec(&w, &item_add, DB_INT(i), DB_INT(i == 3 ? 2 : 1), DB_ID(field_of(i)),
                   DB_TEXT(str_printf(w.arena, "320682-10-01-%03lld", (long long)i))));
        ok(db_exec(&w, &version_add, DB_INT(i)));
    }
    ok(db_exec(&w, &rule_add, DB_INT(1), DB_TEXTZ("duty-due")));
    ok(db_exec(&w, &rule_version_add, DB_INT(1)));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    ok(db_begin(&w));
    ok(statistics_recount(&w)); /* all is counted: from now on they are held against the records */
    ok(db_commit(&w));
}

static int setup(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    next_duty = next_request = next_alert = next_disclosure = next_text = 0;
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.actor = (struct actor){.person_name = S("测试"), .all_units = true};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    w.now = noon("2026-01-05");
    fixtures();
    return 0;
}

static int teardown(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_the_literature),
        cmocka_unit_test(ranks_follow_the_lower_bound_and_ties_share_one),
        cmocka_unit_test(days_late_fall_into_their_buckets_across_holidays),
        cmocka_unit_test(what_is_open_turns_overdue_by_the_clock_alone),
        cmocka_unit_test(a_unit_with_one_drafting_post_owes_through_it),
        cmocka_unit_test(publications_count_by_the_month_of_each_act),
        cmocka_unit_test(an_item_is_judged_by_its_newest_publication),
        cmocka_unit_test(applications_count_by_the_month_received),
        cmocka_unit_test(alerts_count_by_their_highest_level_and_what_came_of_them),
        cmocka_unit_test(random_histories_equal_a_recount),
        cmocka_unit_test(spoilt_figures_are_found_and_built_anew),
        cmocka_unit_test(what_was_there_before_is_counted_in_batches),
    };
    int failed = cmocka_run_group_tests_name("statistics on SQLite", tests, setup, teardown);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("statistics on PostgreSQL", tests, setup, teardown)
               : failed;
}
