/* test_request_person.c: who applies and what is wanted: identity numbers and credit codes with their check
 * characters, names as lists show them, the key by which the same wanted information is found again, query codes typed
 * by hand, and the proposal that three applicants raise (条例第四十四条). */
#include "unit_request.h"

STATEMENT(proposals, "SELECT COUNT(*) FROM request_proposal WHERE unit_id = $1 AND state <> $2", false);

/* ── identity ── */

static int check(struct request_input x, struct request_input *ret) {
    error_clear(&w);
    *ret = x;
    return request_check(&w, ret);
}

static void identity_numbers_have_a_right_check_digit(void **s) {
    static const struct {
        const char *typed, *kept; /* kept NULL: refused */
    } rows[] = {
        {"11010519491231002X", "11010519491231002X"}, /* GB 11643, annex A */
        {"11010519491231002x", "11010519491231002X"},
        {"１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"},
        {" 11010519491231002X ", "11010519491231002X"},
        {"440524188001010014", NULL}, /* the other example: born in 1880, nobody alive */
        {"110105194912310020", NULL},
        {"110105491231002", NULL}, /* fifteen digits: no longer valid since 2013 */
        {"11010519491331002X", NULL},
        {"110105194902300026", NULL}, /* 30 February */
        {"1101051949123100 2X", NULL},
        {"11010519491231002Y", NULL},
        {"", NULL},
        {"A1010519491231002X", NULL},
    };
    (void)s;
    for (size_t i = 0; i < countof(rows); i++) {
        struct request_input x = input("internet", 1, "关于测试的文件"), out;
        x.id_number = str_z(rows[i].typed);
        int rc = check(x, &out);
        if (!rows[i].kept) {
            if (rc == 0)
                unit_fail("%s was taken\n", rows[i].typed);
            refused_at(rc, "id_number");
            continue;
        }
        ok(rc);
        assert_true(str_is(out.id_number, rows[i].kept));
    }
}

static void credit_codes_have_a_right_check_character(void **s) {
    static const struct {
        const char *typed;
        bool good;
    } rows[] = {
        {"91440115618712245T", true},   {"11230500001755309F", true},
        {"91440115618712245t", true},   {"９１４４０１１５６１８７１２２４５Ｔ", true},
        {"91440115618712245U", false},  {"11230500001755309E", false},
        {"9144011561871224ST", false},  {"9144011561871224IT", false},
        {"9144011561871224OT", false},  {"9144011561871224VT", false},
        {"9144011561871224ZT", false},  {"91440115618712245", false},
        {"91440115618712245TT", false}, {"", false},
        {"91440115618721245T", false},
    };
    (void)s;
    for (size_t i = 0; i < countof(rows); i++) {
        struct request_input x = input("internet", 1, "关于测试的文件"), out;
        x.applicant = S("company");
        x.contact_name = S("联系人");
        x.id_number = str_z(rows[i].typed);
        int rc = check(x, &out);
        if ((rc == 0) != rows[i].good)
            unit_fail("%s: %d %s\n", rows[i].typed, rc, error_text(&w.error));
        if (rc < 0)
            refused_at(rc, "id_number");
    }
}

static void names_are_masked_by_their_length(void **s) {
    static const struct {
        const char *name, *masked;
        bool organisation;
    } rows[] = {{"张明", "张*", false},
                {"张小明", "张*明", false},
                {"爱新觉罗", "爱**罗", false},
                {"迪丽热巴尔古丽", "迪*****丽", false},
                {"欧阳修", "欧阳*", false},
                {"司马相如", "司马*如", false},
                {"欧阳", "欧*", false},
                {"李", "*", false},
                {"", "", false},
                {"如皋市某有限公司", "如皋市某有限公司", true}};
    (void)s;
    for (size_t i = 0; i < countof(rows); i++) {
        struct str m = person_mask(w.arena, str_z(rows[i].name), rows[i].organisation);
        if (!str_is(m, rows[i].masked))
            unit_fail("%s: %.*s, expected %s\n", rows[i].name, STR_ARG(m), rows[i].masked);
    }
    struct str n = person_mask_number(w.arena, S("11010519491231002X"));
    assert_true(str_is(n, "110105********002X"));
}

/* ── what is wanted ── */

static struct str print(const char *subject, const char *number) {
    struct str f = fingerprint(&w, str_z(subject), str_z(number), STR_NONE);
    assert_true(f.n > 0);
    return f;
}

static void the_same_information_has_the_same_key(void **s) {
    static const char *const numbers[] = {
        "皋政办发〔2025〕12号",       "皋政办发[2025]12号",   "皋政办发（2025）12号",
        "皋政办发(2025)12号",         "皋政办发【2025】12号", "皋政办发 〔2025〕 12 号",
        "皋政办发〔２０２５〕１２号", "皋政办发﹝2025﹞12号", "皋政办发［2025］12号"};
    static const char *const names[] = {
        "2025年道路养护计划",     "《2025年道路养护计划》", "关于2025年道路养护的计划", "关于《2025年道路养护计划》",
        "２０２５年道路养护计划", "2025 年道路养护计划",    "「2025年道路养护计划」",   "2025年，道路养护计划。"};
    (void)s;
    for (size_t i = 1; i < countof(numbers); i++)
        if (!str_eq(print("", numbers[i]), print("", numbers[0])))
            unit_fail("%s is another number\n", numbers[i]);
    for (size_t i = 1; i < countof(names); i++)
        if (!str_eq(print(names[i], ""), print(names[0], "")))
            unit_fail("%s is another name\n", names[i]);
    assert_false(str_eq(print("", "皋政办发〔2025〕13号"), print("", numbers[0])));
    assert_false(str_eq(print("", "皋政办发〔2024〕12号"), print("", numbers[0])));
    assert_false(str_eq(print("2024年道路养护计划", ""), print(names[0], "")));
    assert_true(str_eq(print("随便什么名称", numbers[1]), print("", numbers[0]))); /* the number decides */
}

/* ── the query code ── */

static void a_query_code_may_be_typed_carelessly(void **s) {
    struct request_made made;
    struct request_input x = input("internet", 5, "关于测试的文件");
    struct request c;
    char lower[16] = "", bare[16] = "", like[16] = "";
    (void)s;
    as(NULL);
    for (;;) { /* a code that has both figures that letters are taken for */
        x.subject = str_printf(w.arena, "关于测试的文件%lld", (long long)w.now);
        w.now += 1000;
        ok(request_submit(&w, &x, &made));
        if (memchr(made.code.p, '0', made.code.n) && memchr(made.code.p, '1', made.code.n))
            break;
    }
    assert_int_equal(made.code.n, 11);
    for (size_t i = 0; i < made.code.n; i++) {
        char ch = made.code.p[i];
        lower[i] = (char)(ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
        like[i] = ch == '0' ? 'o' : ch == '1' ? 'I' : ch;
        if (ch != '-')
            bare[strlen(bare)] = ch;
    }
    ok(request_unlock(&w, made.number, made.code, &c));
    assert_int_equal(c.id, made.id);
    ok(request_unlock(&w, made.number, str_z(lower), &c));
    ok(request_unlock(&w, made.number, str_z(bare), &c));
    ok(request_unlock(&w, made.number, str_z(like), &c));
    ok(request_unlock(&w, made.number, str_printf(w.arena, " %s ", bare), &c));
    like[0] = like[0] == 'A' ? 'B' : 'A';
    refused_at(request_unlock(&w, made.number, str_z(like), &c), "code");
    refused_at(request_unlock(&w, S("2026-999999"), made.code, &c), "code"); /* the same words: no oracle */
}

/* ── three applicants (第四十四条) ── */

static int64_t raised(void) {
    return number_of(&proposals, changjiang, "declined");
}

static int64_t wants(int who, const char *name, const char *number) {
    struct request_made made;
    struct request_input x = input("in_person", who, "");
    x.name = str_z(name);
    x.info_number = str_z(number);
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    return made.id;
}

static void three_people_raise_one_proposal(void **s) {
    (void)s;
    wants(10, "张明", "皋政办发〔2025〕12号");
    wants(10, "张 明", "皋政办发[2025]12号"); /* the same person, written otherwise */
    wants(11, "李强", "皋政办发（2025）12号");
    assert_int_equal(raised(), 0);
    wants(12, "张明", "皋政办发【2025】１２号"); /* of the same name, somebody else */
    assert_int_equal(raised(), 1);
    int64_t id = wants(13, "王刚", "皋政办发(2025)12号");
    ok(step("changjiang-foi", id, "take", nothing()));
    signed_and_sent(id, not_there());
    assert_int_equal(raised(), 1);
}

/* Raised when the third is confirmed, where the channel asks for that. */
static void the_third_counts_from_receipt(void **s) {
    (void)s;
    wants(20, "张明", "皋政办发〔2025〕20号");
    wants(21, "李强", "皋政办发〔2025〕20号");
    struct request_made made;
    struct request_input x = input("fax", 22, "");
    x.info_number = S("皋政办发〔2025〕20号");
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    assert_int_equal(raised(), 0);
    ok(step("changjiang-foi", made.id, "confirm", nothing()));
    assert_int_equal(raised(), 1);
}

static void what_was_refused_is_not_proposed(void **s) {
    struct request_step x = nothing();
    int64_t id = wants(30, "张明", "皋政办发〔2025〕30号");
    (void)s;
    ok(step("changjiang-foi", id, "take", nothing()));
    x.outcome = S("R04.5");
    x.reason = S("属于内部工作流程");
    signed_and_sent(id, x);
    wants(31, "李强", "皋政办发〔2025〕30号");
    wants(32, "王刚", "皋政办发〔2025〕30号");
    wants(33, "赵勇", "皋政办发〔2025〕30号");
    assert_int_equal(raised(), 0);
}

/* Of another organ, or more than a year apart: not the same wish. */
static void others_and_old_ones_do_not_count(void **s) {
    struct request_made made;
    struct request_input x = input("in_person", 42, "");
    (void)s;
    at("2025-10-20");
    wants(40, "张明", "皋政办发〔2025〕40号");
    at("2026-11-02");
    wants(41, "李强", "皋政办发〔2025〕40号");
    x.info_number = S("皋政办发〔2025〕40号");
    x.unit_id = mzj;
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    wants(43, "王刚", "皋政办发〔2025〕40号");
    assert_int_equal(raised(), 0);
    wants(44, "赵勇", "皋政办发〔2025〕40号");
    assert_int_equal(raised(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        request_test(identity_numbers_have_a_right_check_digit),
        request_test(credit_codes_have_a_right_check_character),
        request_test(names_are_masked_by_their_length),
        request_test(the_same_information_has_the_same_key),
        request_test(a_query_code_may_be_typed_carelessly),
        request_test(three_people_raise_one_proposal),
        request_test(the_third_counts_from_receipt),
        request_test(what_was_refused_is_not_proposed),
        request_test(others_and_old_ones_do_not_count),
    };
    int failed = cmocka_run_group_tests_name("applicants on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG") ? failed + cmocka_run_group_tests_name("applicants on PostgreSQL", tests,
                                                                             request_set_up, request_tear_down)
                                      : failed;
}
