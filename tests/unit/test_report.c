/* test_report.c: the annual report's identities on a filled table, its figures from cases cell by cell, drafting,
 * saving, finishing, the city total, and the statistics. */
#include "unit_db.h"

#include "calendar/calendar.h"
#include "ledger/ledger.h"
#include "report/report_internal.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(unit_add,
          "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
          "details, valid_from) VALUES ($1, $2, $3, $4, $5, $5, $6, '000000000', $1, FALSE, '{}', '2020-01-01')",
          true);
STATEMENT(
    case_add,
    "INSERT INTO request (id, number, code_key, matter, unit_id, state, channel, applicant, person, masked, "
    "person_key, name_key, subject, info_number, description, fingerprint, carrier, delivery, other_way, help, "
    "submitted_at, received_day, officer_post, due_at, suspended, provisional, certificate, calendar_version, "
    "next_at, warned, outcome, reply, replied_at, delivered_at, closed_day, archived_at, late, days_used, extended, "
    "rating, rating_text, erased_at, demo, revision, created_at) VALUES ($1, $2, '', $3, $4, $5, $6, $7, '', '', "
    "'', '', '', '', '', '', 'paper', 'post', FALSE, '', 0, $8, $9, $10, FALSE, FALSE, '', 1, 0, '', $11, '', 0, "
    "0, $12, 0, $13, $14, $15, 0, '', 0, FALSE, 1, 0)",
    true);
STATEMENT(remedy_add,
          "INSERT INTO request_remedy (request_id, unit_id, kind, organ, number, filed_day, result, result_day, note) "
          "VALUES ($1, $2, $3, '', '', $4, $5, $6, '')",
          true);
STATEMENT(
    fee_add,
    "INSERT INTO request_ask (request_id, kind, party, content, sent_day, due_at, state, answer, answer_text, "
    "answered_day, fee_fen, fee_basis, fee_count, disputed) VALUES ($1, 'fee', '', '', '2025-03-01', 0, 'answered', "
    "$2, '', $3, $4, 'piece', 1, '')",
    true);
STATEMENT(post_add, "INSERT INTO post (id, unit_id, name, roles, all_units) VALUES ($1, $2, $3, 0, FALSE)", true);
STATEMENT(wipe_cases, "DELETE FROM request", true);
STATEMENT(wipe_asks, "DELETE FROM request_ask", true);
STATEMENT(wipe_remedies, "DELETE FROM request_remedy", true);
STATEMENT(wipe_reports, "DELETE FROM annual_report", true);
STATEMENT(events_of, "SELECT verb FROM event WHERE room = 'report' ORDER BY id", false);

enum { CITY = 1, CHANGJIANG, BAIPU };
static struct unit_db unit;
static enum db_engine engine = DB_SQLITE;
static struct work w;
static const struct app_config config;
static int64_t next_case;

static void begin(void) {
    assert_int_equal(db_begin(&w), 0);
}
static void commit(void) {
    if (db_commit(&w) < 0)
        unit_fail("%s\n", error_text(&w.error));
}

struct one {
    int64_t unit_id;
    const char *applicant, *received, *closed, *outcome; /* NULL: not yet */
    const char *matter, *state, *channel;
    int64_t days;
    bool late, extended;
};
static int64_t add(struct one c) {
    int64_t id = ++next_case, post = c.unit_id == BAIPU ? 0 : 7;
    begin();
    int n = db_exec(&w, &case_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "2025-%06lld", (long long)id)),
                    DB_TEXTZ(c.matter ? c.matter : "access"), DB_INT(c.unit_id ? c.unit_id : CHANGJIANG),
                    DB_TEXTZ(c.state ? c.state : "working"), DB_TEXTZ(c.channel ? c.channel : "internet"),
                    DB_TEXTZ(c.applicant ? c.applicant : "person"), DB_OPT(str_z(c.received)), DB_ID(post),
                    DB_INT(day_end(day_from(2025, 12, 1))), DB_TEXTZ(c.outcome ? c.outcome : ""),
                    DB_OPT(str_z(c.closed)), DB_BOOL(c.late), DB_INT(c.days), DB_BOOL(c.extended));
    if (n != 1)
        unit_fail("%s\n", error_text(&w.error));
    commit();
    return id;
}

static void remedy(int64_t unit_id, const char *kind, const char *filed, const char *result, const char *day) {
    int64_t id =
        add((struct one){.unit_id = unit_id, .received = "2020-01-01", .closed = "2020-01-02", .outcome = "R02"});
    begin();
    assert_int_equal(db_exec(&w, &remedy_add, DB_INT(id), DB_INT(unit_id), DB_TEXTZ(kind), DB_TEXTZ(filed),
                             DB_TEXTZ(result), DB_OPT(str_z(day))),
                     1);
    commit();
}

static void load(struct report *rp, const char *code, int year) {
    if (report_load(&w, str_z(code), year, rp) < 0)
        unit_fail("%s\n", error_text(&w.error));
}

/* Exactly these cells hold these numbers, every other one is zero. */
struct cell {
    const char *row, *column;
    int64_t n;
};
static void only(const struct figures *f, const struct cell *cells, size_t n) {
    int64_t want[ROWS3][COLUMNS] = {{0}};
    for (size_t i = 0; i < n; i++) {
        int row = row3_of(str_z(cells[i].row)), column = column_of(str_z(cells[i].column));
        assert_true(row >= 0 && column >= 0);
        want[row][column] += cells[i].n;
        want[row][COLUMN_TOTAL] += cells[i].n;
        if (row >= ROW_LEAF && row < ROW_SUM) {
            want[ROW_SUM][column] += cells[i].n;
            want[ROW_SUM][COLUMN_TOTAL] += cells[i].n;
        }
    }
    for (int r = 0; r < ROWS3; r++)
        for (int c = 0; c < COLUMNS; c++)
            if (want[r][c] != f->three[r][c])
                unit_fail("%s %s: %lld, expected %lld\n", row3_forms[r].code, column_codes[c],
                          (long long)f->three[r][c], (long long)want[r][c]);
}

static size_t failing(const struct check_line *v, size_t n, int number, bool blocking) {
    size_t bad = 0;
    for (size_t i = 0; i < n; i++)
        bad += !v[i].ok && v[i].number == number && v[i].blocking == blocking;
    return bad;
}

/* ── the filled table (rules.md §2.4): 自然人 and 总计 as published, the rest of each row in one column ── */

static const int64_t person[] = {13612, 535, 5345, 2120, 13, 30,  11, 49,  103, 84,  282,   147, 3075,
                                 177,   19,  199,  147,  0,  100, 5,  315, 202, 941, 13364, 783};
static const int64_t total[] = {14069, 560, 5548, 2168, 13, 30,  11, 51,  104, 85,  286,   150, 3222,
                                180,   19,  203,  148,  0,  101, 5,  318, 203, 965, 13810, 819};

static void sample(struct figures *f) {
    *f = (struct figures){0};
    for (int r = 0; r < ROWS3; r++) {
        f->three[r][COLUMN_PERSON] = person[r];
        f->three[r][COLUMN_OTHER] = total[r] - person[r];
        f->three[r][COLUMN_TOTAL] = total[r];
    }
}

static void a_published_table_passes_every_identity(void **s) {
    struct check_line v[CHECK_LINES];
    struct figures f;
    (void)s;
    sample(&f);
    size_t n = report_checks(w.arena, &f, NULL, v);
    assert_true(n > 40 && n < CHECK_LINES);
    for (size_t i = 0; i < n; i++)
        assert_true(v[i].ok);
    assert_true(checks_sound(v, n));
    assert_int_equal(v[0].left, 13612 + 535);
    assert_int_equal(v[0].right, 13364 + 783);
    assert_int_equal(v[6].left, 14069 + 560);
    assert_int_equal(v[6].right, 13810 + 819);
}

static void one_case_more_in_any_cell_is_found_and_blocks(void **s) {
    struct check_line v[CHECK_LINES];
    struct figures f;
    (void)s;
    for (int r = 0; r < ROWS3; r++)
        for (int c = 0; c < COLUMNS; c++) {
            sample(&f);
            f.three[r][c]++;
            size_t n = report_checks(w.arena, &f, NULL, v);
            assert_false(checks_sound(v, n));
            assert_int_equal(failing(v, n, 3, true), 1);
            bool ends = r == ROW_R1 || r == ROW_R2 || r == ROW_SUM || r == ROW_R4;
            assert_int_equal(failing(v, n, 1, true), ends ? 1 : 0);
            assert_int_equal(failing(v, n, 2, true), r >= ROW_LEAF && r <= ROW_SUM ? 1 : 0);
        }
}

static void other_identities_block_or_warn_as_they_should(void **s) {
    struct check_line v[CHECK_LINES];
    struct figures f, last;
    (void)s;
    sample(&f);
    sample(&last);
    last.three[ROW_R4][COLUMN_PERSON] = 536; /* this year's r2 is 535 */
    last.three[ROW_R4][COLUMN_OTHER] = 25;
    last.three[ROW_R4][COLUMN_TOTAL] = 561;
    last.four[0][RESULT_PENDING] = 2;
    f.carried[0] = 1;
    f.two[NORM_FORCE] = 9;
    size_t n = report_checks(w.arena, &f, &last, v);
    assert_int_equal(failing(v, n, 4, false), 2);
    assert_int_equal(failing(v, n, 5, false), 1);
    assert_int_equal(failing(v, n, 6, false), 1);
    assert_true(checks_sound(v, n));
    last.two[NORM_FORCE] = 8;
    f.two[NORM_MADE] = 2;
    f.two[NORM_REPEALED] = 1;
    n = report_checks(w.arena, &f, &last, v);
    assert_int_equal(failing(v, n, 6, false), 0);
    f.four[2][RESULT_TOTAL] = 1;
    n = report_checks(w.arena, &f, &last, v);
    assert_int_equal(failing(v, n, 5, true), 1);
    f.four[2][RESULT_TOTAL] = 0;
    f.two[PENALTIES] = -1;
    n = report_checks(w.arena, &f, &last, v);
    assert_int_equal(failing(v, n, 7, true), 1);
    f.two[PENALTIES] = 0;
    f.unmapped = 1;
    n = report_checks(w.arena, &f, &last, v);
    assert_int_equal(failing(v, n, 8, true), 1);
    assert_false(checks_sound(v, n));
}

static void amounts_have_two_decimals_and_nothing_else(void **s) {
    int64_t n;
    (void)s;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0}, {"12", 1200}, {"12.5", 1250}, {"12.05", 1205}, {"0.01", 1}, {"1000000000", 100000000000}};
    static const char *const bad[] = {"",     ".",  "1.",  ".5", "1.234", "-1",         "-0.5",
                                      "1.-5", "+1", "1,5", "十", "/",     "1000000001", "1e3"};
    for (size_t i = 0; i < countof(good); i++) {
        assert_int_equal(charges_read(str_z(good[i].text), &n), 0);
        assert_int_equal(n, good[i].value);
    }
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(charges_read(str_z(bad[i]), &n), -1);
    assert_string_equal(charges_text(w.arena, 1205).p, "12.05");
    assert_string_equal(charges_text(w.arena, 0).p, "0.00");
}

/* ── figures from cases ── */

static void every_outcome_is_in_exactly_one_row(void **s) {
    const struct request_outcome *all;
    size_t n = request_outcomes(&all);
    int used[ROWS3] = {0};
    (void)s;
    for (size_t i = 0; i < n; i++) {
        if (all[i].code[0] != 'R') {
            assert_string_equal(all[i].row, "");
            continue;
        }
        int row = row3_of(str_z(all[i].row));
        assert_true(row >= ROW_LEAF && row < ROW_SUM);
        used[row]++;
        int64_t id = add((struct one){.received = "2025-02-03", .closed = "2025-02-20", .outcome = all[i].code});
        (void)id;
    }
    for (int r = ROW_LEAF; r < ROW_SUM; r++)
        assert_true(used[r] > 0);
    struct report rp;
    load(&rp, "changjiang", 2025);
    for (int r = ROW_LEAF; r < ROW_SUM; r++)
        assert_int_equal(rp.f.three[r][COLUMN_PERSON], used[r]);
    assert_int_equal(rp.f.three[ROW_SUM][COLUMN_TOTAL], rp.f.three[ROW_R1][COLUMN_TOTAL]);
    assert_true(rp.sound);
}

static void each_case_is_counted_in_the_year_its_days_say(void **s) {
    struct report rp;
    (void)s;
    add((struct one){.received = "2024-12-31", .closed = "2024-12-31", .outcome = "R02"}); /* over before the year */
    add((struct one){.received = "2024-12-31", .closed = "2025-01-01", .outcome = "R03"}); /* carried, ended */
    add((struct one){.received = "2024-06-01", .applicant = "company"});                   /* carried on and on */
    add((struct one){.received = "2025-01-01", .closed = "2025-12-31", .outcome = "R04.4", .applicant = "legal"});
    add((struct one){.received = "2025-12-31", .closed = "2026-01-01", .outcome = "R01", .applicant = "research"});
    add((struct one){.received = "2025-12-31", .applicant = "welfare"});
    add((struct one){.received = "2026-01-01", .closed = "2026-01-05", .outcome = "R02"}); /* after it */
    add((struct one){.received = "2025-05-01", .closed = "2025-05-02", .outcome = "C1", .matter = "correction"});
    add((struct one){.received = "2025-05-01", .closed = "2025-05-02", .state = "split"}); /* its parts count */
    add((struct one){.received = "2025-05-01", .closed = "2025-05-12", .outcome = "R02", .applicant = "other"});
    add((struct one){.closed = "2025-05-03", .outcome = "R17"}); /* withdrawn before its receipt */
    add((struct one){.unit_id = BAIPU, .received = "2025-05-01", .closed = "2025-05-02", .outcome = "R02"});
    load(&rp, "changjiang", 2025);
    static const struct cell cells[] = {{"r1", "legal", 1},    {"r1", "research", 1},  {"r1", "welfare", 1},
                                        {"r1", "other", 1},    {"r2", "person", 1},    {"r2", "company", 1},
                                        {"r3.2", "person", 1}, {"r3.3.4", "legal", 1}, {"r3.1", "other", 1},
                                        {"r4", "company", 1},  {"r4", "research", 1},  {"r4", "welfare", 1}};
    only(&rp.f, cells, countof(cells));
    assert_true(rp.sound);
    assert_int_equal(rp.f.known.unreceived, 1);
    load(&rp, "changjiang", 2024);
    static const struct cell before[] = {
        {"r1", "person", 2}, {"r1", "company", 1}, {"r3.1", "person", 1}, {"r4", "person", 1}, {"r4", "company", 1}};
    only(&rp.f, before, countof(before));
    load(&rp, "changjiang", 2026);
    static const struct cell after[] = {{"r1", "person", 1},  {"r2", "company", 1},  {"r2", "research", 1},
                                        {"r2", "welfare", 1}, {"r3.1", "person", 1}, {"r3.1", "research", 1},
                                        {"r4", "company", 1}, {"r4", "welfare", 1}};
    only(&rp.f, after, countof(after));
}

static void a_case_without_outcome_or_column_or_order_blocks(void **s) {
    struct report rp;
    (void)s;
    int64_t before = next_case;
    add((struct one){.received = "2025-03-01", .closed = "2025-03-05", .outcome = ""});
    load(&rp, "changjiang", 2025);
    assert_false(rp.sound);
    assert_int_equal(failing(rp.checks, rp.check_count, 8, true), 1);
    assert_int_equal(failing(rp.checks, rp.check_count, 2, true), 2);
    add((struct one){.received = "2025-03-01", .closed = "2025-03-05", .outcome = "R02", .applicant = "martian"});
    load(&rp, "changjiang", 2025);
    assert_true(failing(rp.checks, rp.check_count, 3, true) > 0);
    add((struct one){.received = "2025-03-09", .closed = "2024-12-01", .outcome = "R02"});
    load(&rp, "changjiang", 2025);
    assert_true(failing(rp.checks, rp.check_count, 1, true) > 0);
    assert_true(next_case > before);
}

static void remedies_stay_until_they_are_settled(void **s) {
    struct report rp;
    (void)s;
    remedy(CHANGJIANG, "reconsideration", "2024-11-01", "upheld", "2024-12-31"); /* before */
    remedy(CHANGJIANG, "reconsideration", "2024-11-01", "corrected", "2025-01-01");
    remedy(CHANGJIANG, "reconsideration", "2025-02-01", "pending", NULL);
    remedy(CHANGJIANG, "suit", "2025-02-01", "other", "2026-01-10"); /* not yet at the year's end */
    remedy(CHANGJIANG, "suit_after", "2023-02-01", "pending", NULL);
    remedy(CHANGJIANG, "suit_after", "2026-01-01", "pending", NULL); /* after */
    remedy(BAIPU, "suit", "2025-02-01", "upheld", "2025-03-01");
    load(&rp, "changjiang", 2025);
    static const int64_t want[REMEDIES][RESULTS] = {{0, 1, 0, 1, 2}, {0, 0, 0, 1, 1}, {0, 0, 0, 1, 1}};
    assert_memory_equal(rp.f.four, want, sizeof want);
    assert_int_equal(rp.f.carried[0], 1);
    assert_int_equal(rp.f.carried[1], 0);
    assert_int_equal(rp.f.carried[2], 1);
    assert_true(rp.sound);
}

static void fees_are_those_paid_in_the_year(void **s) {
    struct report rp;
    (void)s;
    int64_t id = add((struct one){.received = "2025-03-01"});
    begin();
    assert_int_equal(db_exec(&w, &fee_add, DB_INT(id), DB_TEXTZ("paid"), DB_TEXTZ("2025-03-09"), DB_INT(550050)), 1);
    assert_int_equal(db_exec(&w, &fee_add, DB_INT(id), DB_TEXTZ("paid"), DB_TEXTZ("2026-01-01"), DB_INT(10000)), 1);
    assert_int_equal(db_exec(&w, &fee_add, DB_INT(id), DB_TEXTZ(""), DB_NULL, DB_INT(10000)), 1);
    commit();
    load(&rp, "changjiang", 2025);
    assert_int_equal(rp.f.known.paid, 1);
    assert_int_equal(rp.f.known.paid_fen, 550050);
    assert_non_null(strstr(rp.drafted[SECTION_OTHER].p, "收取信息处理费1件，共5500.50元"));
}

static void a_unit_without_cases_reports_zeros(void **s) {
    struct report rp;
    struct str html;
    (void)s;
    load(&rp, "baipu", 2025);
    only(&rp.f, NULL, 0);
    assert_true(rp.sound);
    assert_int_equal(report_html(&w, &rp, false, &html), 0);
    assert_non_null(strstr(html.p, "本年没有收到政府信息公开申请"));
    assert_null(strstr(html.p, "<td></td>"));
    assert_null(strstr(html.p, "href"));
    assert_int_equal(report_html(&w, &rp, true, &html), 0);
    assert_non_null(strstr(html.p, "cell=r3.3.4&amp;column=person&amp;unit=baipu"));
}

/* ── saving, finishing, the year after, the city ── */

static struct report_input input(int64_t revision) {
    struct report_input x = {
        .overview = S("总体情况。\n第二段。"), .problems = S("问题。"), .other = S("没有。"), .revision = revision};
    for (int i = 0; i < CELLS2; i++)
        x.cell[i] = S("");
    return x;
}

static int save(struct report *rp, const struct report_input *x) {
    int64_t revision = 0;
    begin();
    int rc = report_save(&w, rp, x, &revision);
    if (rc == 0)
        commit();
    else
        db_rollback(&w);
    return rc;
}

static void finish(const char *code, int year) {
    struct report rp;
    load(&rp, code, year);
    struct report_input x = input(rp.revision);
    if (rp.id == 0)
        assert_int_equal(save(&rp, &x), 0);
    load(&rp, code, year);
    begin();
    if (report_step(&w, &rp, "finish") < 0)
        unit_fail("%s\n", error_text(&w.error));
    commit();
}

static void refused(const char *code, int year, const char *verb, const char *words) {
    struct report rp;
    load(&rp, code, year);
    begin();
    assert_int_equal(report_step(&w, &rp, verb), -1);
    if (!strstr(error_text(&w.error), words))
        unit_fail("%s\n", error_text(&w.error));
    db_rollback(&w);
    error_clear(&w);
}

static void a_finished_report_keeps_its_figures(void **s) {
    struct report rp;
    (void)s;
    add((struct one){.received = "2025-03-01", .closed = "2025-03-05", .outcome = "R02"});
    add((struct one){.received = "2025-12-20"});
    refused("changjiang", 2025, "finish", "请先编辑并保存");
    finish("changjiang", 2025);
    add((struct one){.received = "2025-06-01", .closed = "2025-06-05", .outcome = "R02"}); /* found out later */
    load(&rp, "changjiang", 2025);
    assert_string_equal(rp.state.p, "finished");
    assert_int_equal(rp.f.three[ROW_R1][COLUMN_TOTAL], 2);
    assert_int_equal(rp.now.three[ROW_R1][COLUMN_TOTAL], 3);
    struct report_input x = input(rp.revision);
    assert_int_equal(save(&rp, &x), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    error_clear(&w);
    load(&rp, "changjiang", 2026);
    assert_int_equal(rp.last_is, LAST_FINISHED);
    assert_int_equal(failing(rp.checks, rp.check_count, 4, false), 0);
    add((struct one){.received = "2025-11-01"}); /* now one more is carried than the stored report said */
    load(&rp, "changjiang", 2026);
    assert_int_equal(failing(rp.checks, rp.check_count, 4, false), 2);
    begin();
    load(&rp, "changjiang", 2025);
    assert_int_equal(report_step(&w, &rp, "reopen"), 0);
    commit();
    load(&rp, "changjiang", 2025);
    assert_int_equal(rp.f.three[ROW_R1][COLUMN_TOTAL], 4);
    struct db_rows r;
    assert_int_equal(db_query(&w, &events_of, &r), 0);
    static const char *const verbs[] = {"saved", "finished", "reopened"};
    assert_true(r.n >= 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(db_s(&r, r.n - 3 + i, 0).p, verbs[i]);
}

static void a_report_is_finished_only_when_it_is_whole(void **s) {
    struct report rp;
    (void)s;
    load(&rp, "changjiang", 2025);
    struct report_input x = input(0);
    x.problems = S("一些话【请补充：改进措施】");
    assert_int_equal(save(&rp, &x), 0);
    refused("changjiang", 2025, "finish", "还有需要补充的内容");
    load(&rp, "changjiang", 2025);
    x = input(rp.revision);
    x.other = S("  \n ");
    assert_int_equal(save(&rp, &x), 0);
    refused("changjiang", 2025, "finish", "还没有内容");
    load(&rp, "changjiang", 2025);
    x = input(rp.revision);
    assert_int_equal(save(&rp, &x), 0);
    add((struct one){.received = "2025-03-01", .closed = "2025-03-05", .outcome = ""});
    refused("changjiang", 2025, "finish", "勾稽关系不符");
    load(&rp, "changjiang", 2026); /* the year is not over */
    x = input(0);
    assert_int_equal(save(&rp, &x), 0);
    refused("changjiang", 2026, "finish", "年度结束后才能定稿");
}

static void bad_figures_and_stale_forms_are_refused_at_their_field(void **s) {
    struct report rp;
    (void)s;
    static const char *const bad[] = {"-1", "1.5", "一", "/", "99999999999"};
    for (size_t i = 0; i < countof(bad); i++) {
        load(&rp, "baipu", 2025);
        struct report_input x = input(0);
        x.cell[PENALTIES] = str_z(bad[i]);
        assert_int_equal(save(&rp, &x), -1);
        assert_int_equal(w.error.code, ERR_INVALID);
        assert_string_equal(w.error.fields[0].field, "penalties");
        error_clear(&w);
    }
    load(&rp, "baipu", 2025);
    struct report_input x = input(0);
    x.cell[CHARGES] = S("12.5");
    x.cell[PENALTIES] = S("7");
    assert_int_equal(save(&rp, &x), 0);
    load(&rp, "baipu", 2025);
    assert_int_equal(rp.f.two[CHARGES], 1250);
    assert_int_equal(rp.f.two[PENALTIES], 7);
    assert_int_equal(rp.f.two[RULE_MADE], 0);
    assert_string_equal(rp.text[SECTION_OVERVIEW].p, "总体情况。\n第二段。");
    x.revision = 0; /* another person's form */
    assert_int_equal(save(&rp, &x), -1);
    assert_int_equal(w.error.code, ERR_CONFLICT);
    error_clear(&w);
    x = input(rp.revision);
    x.autosave = true;
    assert_int_equal(save(&rp, &x), 0);
    load(&rp, "baipu", 2025);
    assert_int_equal(rp.revision, 2);
}

static void who_is_of_another_unit_neither_reads_nor_writes(void **s) {
    struct report rp;
    struct actor all = w.actor;
    (void)s;
    w.actor.all_units = false;
    w.actor.unit_id = BAIPU;
    assert_int_equal(report_load(&w, S("changjiang"), 2025, &rp), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN);
    error_clear(&w);
    load(&rp, "baipu", 2025);
    w.actor = all;
    assert_int_equal(report_load(&w, S("changjiang"), 2027, &rp), -1);
    error_clear(&w);
    assert_int_equal(report_load(&w, S("nowhere"), 2025, &rp), -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
}

static void the_city_is_the_sum_of_its_units(void **s) {
    struct report rp, a, b;
    (void)s;
    add((struct one){.received = "2025-03-01", .closed = "2025-03-05", .outcome = "R02"});
    add((struct one){.unit_id = BAIPU, .received = "2025-03-01", .applicant = "company"});
    add((struct one){
        .unit_id = CITY, .received = "2025-03-01", .closed = "2025-04-01", .outcome = "R06", .applicant = "legal"});
    remedy(BAIPU, "suit", "2025-02-01", "upheld", "2025-03-01");
    load(&rp, "all", 2025);
    assert_true(rp.city);
    assert_int_equal(rp.unit_count, 3);
    static const struct cell cells[] = {{"r1", "person", 1},  {"r1", "company", 1},  {"r1", "legal", 1},
                                        {"r4", "company", 1}, {"r3.1", "person", 1}, {"r3.4.1", "legal", 1}};
    only(&rp.f, cells, countof(cells));
    load(&a, "changjiang", 2025);
    load(&b, "baipu", 2025);
    for (int r = 0; r < ROWS3; r++)
        for (int c = 0; c < COLUMNS; c++)
            assert_int_equal(rp.f.three[r][c], a.f.three[r][c] + b.f.three[r][c] + rp.units[0].f.three[r][c]);
    assert_int_equal(rp.f.four[1][RESULT_TOTAL], 1);
    assert_int_equal(failing(rp.checks, rp.check_count, 9, false), 0);
    finish("changjiang", 2025);
    add((struct one){.received = "2025-06-01"}); /* not in the unit's finished report */
    load(&rp, "all", 2025);
    assert_int_equal(rp.f.three[ROW_R1][COLUMN_TOTAL], 3);
    assert_int_equal(failing(rp.checks, rp.check_count, 9, false), 4);
    assert_true(rp.sound);
    assert_int_equal(report_deadline(true, 2025), day_from(2026, 3, 31));
    assert_int_equal(report_deadline(false, 2025), day_from(2026, 1, 31)); /* a Saturday: not moved */
}

static void a_report_can_be_taken_away_in_every_form(void **s) {
    (void)s;
    static const struct {
        const char *form, *begins;
    } forms[] = {{"pdf", "%PDF-"}, {"docx", "PK"}, {"html", "<!DOCTYPE html>"}};
    for (size_t i = 0; i < countof(forms); i++) {
        struct report_asked x = {.unit = S("all"), .year = 2025, .form = forms[i].form};
        if (report_annual(&w, &x) < 0)
            unit_fail("%s\n", error_text(&w.error));
        assert_true(x.sound);
        assert_memory_equal(x.bytes.p, forms[i].begins, strlen(forms[i].begins));
        assert_int_equal(json_array_size(json_object_get(x.json, "checks")), 9);
        json_decref(x.json);
    }
}

/* ── statistics ── */

static const struct tally *tally(const struct statistics *x, enum dimension d, const char *key) {
    for (size_t i = 0; i < x->count[d]; i++)
        if (str_is(x->rows[d][i].key, key))
            return &x->rows[d][i].t;
    unit_fail("no row %s\n", key);
    return NULL;
}

static void statistics_fold_each_case_into_every_table(void **s) {
    struct statistics x;
    (void)s;
    add((struct one){.received = "2025-03-01", .closed = "2025-03-15", .outcome = "R02", .days = 10});
    add((struct one){.received = "2025-03-31",
                     .closed = "2025-06-15",
                     .outcome = "R04.4",
                     .days = 40,
                     .late = true,
                     .extended = true,
                     .applicant = "company",
                     .channel = "fax"});
    add((struct one){.received = "2025-04-01"}); /* open, past its limit of 2025-12-01 */
    add((struct one){.unit_id = BAIPU, .received = "2025-04-01", .closed = "2025-04-02", .outcome = "R02", .days = 1});
    add((struct one){.received = "2026-01-01"});
    remedy(CHANGJIANG, "suit", "2025-02-01", "upheld", "2025-03-01");
    assert_int_equal(statistics_count(&w, STR_NONE, day_from(2025, 1, 1), day_from(2025, 12, 31), &x), 0);
    assert_int_equal(x.all.received, 4);
    assert_int_equal(x.all.closed, 3);
    assert_string_equal(tally_rate(w.arena, &x.all).p, "50.0%"); /* 2 of 3 closed and 1 overdue */
    assert_string_equal(tally_days(w.arena, &x.all).p, "17.0");
    assert_int_equal(tally(&x, BY_UNIT, "changjiang")->received, 3);
    assert_int_equal(tally(&x, BY_UNIT, "changjiang")->overdue, 1);
    assert_int_equal(tally(&x, BY_UNIT, "baipu")->received, 1);
    assert_int_equal(tally(&x, BY_UNIT, "rugao")->received, 0);
    assert_int_equal(tally(&x, BY_POST, "7")->received, 3);
    assert_int_equal(tally(&x, BY_CHANNEL, "fax")->late, 1);
    assert_int_equal(tally(&x, BY_APPLICANT, "company")->extended, 1);
    assert_int_equal(tally(&x, BY_OUTCOME, "R02")->received, 2);
    assert_int_equal(x.count[BY_GROUND], 1);
    assert_int_equal(tally(&x, BY_GROUND, "R04.4")->received, 1);
    assert_int_equal(tally(&x, BY_MONTH, "2025-03")->received, 2);
    assert_int_equal(tally(&x, BY_MONTH, "2025-04")->received, 2);
    assert_int_equal(x.remedies[1][0], 1);
    assert_int_equal(x.remedies[1][RESULT_TOTAL], 1);
    assert_string_equal(statistics_address(&w, &x, BY_MONTH, S("2025-03"), "late=1").p,
                        "/desk/requests?matter=access&state=all&from=2025-03-01&to=2025-03-31&late=1");
    assert_int_equal(statistics_count(&w, S("baipu"), day_from(2025, 4, 1), day_from(2025, 4, 1), &x), 0);
    assert_int_equal(x.all.received, 1);
    assert_string_equal(tally_rate(w.arena, &x.all).p, "100.0%");
    assert_int_equal(statistics_count(&w, S("baipu"), day_from(2025, 4, 2), day_from(2025, 4, 2), &x), 0);
    assert_string_equal(tally_rate(w.arena, &x.all).p, "—");
    assert_string_equal(tally_days(w.arena, &x.all).p, "—");
}

static int wipe(void **s) {
    static const struct db_statement *const all[] = {&wipe_asks, &wipe_remedies, &wipe_reports, &wipe_cases};
    (void)s;
    error_clear(&w);
    begin();
    for (size_t i = 0; i < countof(all); i++)
        assert_true(db_exec(&w, all[i]) >= 0);
    commit();
    return 0;
}

static int setup(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 4);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.now = day_start(day_from(2026, 2, 10)) + 9 * 3600000LL;
    w.actor =
        (struct actor){.person_id = 0, .all_units = true, .rights = {UINT64_MAX, UINT64_MAX}, .person_name = S("系统")};
    begin();
    static const struct {
        int64_t id;
        const char *path, *code, *name, *kind;
    } units[] = {{CITY, "/1/", "rugao", "如皋市人民政府", "city"},
                 {CHANGJIANG, "/1/2/", "changjiang", "长江镇", "town"},
                 {BAIPU, "/1/3/", "baipu", "白蒲镇", "town"}};
    for (size_t i = 0; i < countof(units); i++) {
        int64_t parent = i ? CITY : 0;
        assert_int_equal(db_exec(&w, &unit_add, DB_INT(units[i].id), DB_ID(parent), DB_TEXTZ(units[i].path),
                                 DB_TEXTZ(units[i].code), DB_TEXTZ(units[i].name), DB_TEXTZ(units[i].kind)),
                         1);
    }
    assert_int_equal(db_exec(&w, &post_add, DB_INT(7), DB_INT(CHANGJIANG), DB_TEXTZ("经办岗")), 1);
    commit();
    next_case = 0;
    const struct asset *foi = asset_find(&config, w.arena, "data/foi.json");
    assert_non_null(foi);
    assert_int_equal(request_rules_load(foi->bytes), 0);
    return calendar_load(&w);
}

static int teardown(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_table_passes_every_identity),
        cmocka_unit_test(one_case_more_in_any_cell_is_found_and_blocks),
        cmocka_unit_test(other_identities_block_or_warn_as_they_should),
        cmocka_unit_test(amounts_have_two_decimals_and_nothing_else),
        cmocka_unit_test_teardown(every_outcome_is_in_exactly_one_row, wipe),
        cmocka_unit_test_teardown(each_case_is_counted_in_the_year_its_days_say, wipe),
        cmocka_unit_test_teardown(a_case_without_outcome_or_column_or_order_blocks, wipe),
        cmocka_unit_test_teardown(remedies_stay_until_they_are_settled, wipe),
        cmocka_unit_test_teardown(fees_are_those_paid_in_the_year, wipe),
        cmocka_unit_test_teardown(a_unit_without_cases_reports_zeros, wipe),
        cmocka_unit_test_teardown(a_finished_report_keeps_its_figures, wipe),
        cmocka_unit_test_teardown(a_report_is_finished_only_when_it_is_whole, wipe),
        cmocka_unit_test_teardown(bad_figures_and_stale_forms_are_refused_at_their_field, wipe),
        cmocka_unit_test_teardown(who_is_of_another_unit_neither_reads_nor_writes, wipe),
        cmocka_unit_test_teardown(the_city_is_the_sum_of_its_units, wipe),
        cmocka_unit_test_teardown(a_report_can_be_taken_away_in_every_form, wipe),
        cmocka_unit_test_teardown(statistics_fold_each_case_into_every_table, wipe),
    };
    int failed = cmocka_run_group_tests_name("report on SQLite", tests, setup, teardown);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("report on PostgreSQL", tests, setup, teardown)
               : failed;
}
