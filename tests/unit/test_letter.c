/* test_letter.c: official letters: every template with its facts, remedies by day, numbers, drafts, seal, erasure. */
#include "unit_db.h"

#include "ledger/ledger.h"
#include "letter/letter.h"
#include "org/org.h"

#include <openssl/sha.h>
#include <poppler.h>
#include <pthread.h>

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(all_letters, "SELECT sealed, pdf, state, number, day, sha256 FROM letter WHERE id = $1", false);
STATEMENT(all_events, "SELECT verb, payload FROM event WHERE room = 'letter' ORDER BY id", false);
STATEMENT(serials, "SELECT serial FROM letter WHERE unit_id = $1 AND year = $2 ORDER BY serial", false);

static enum db_engine engine = DB_SQLITE;
static struct unit_db unit;
static struct work w;
static struct app_config config = {.base_url = "https://zwgk.example.gov.cn",
                                   .secret = "0123456789abcdef0123456789abcde"};
static int64_t zfb, czj; /* 市政府办公室, 市财政局 */

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
        assert_int_equal(w.error.code, wanted);                                                                        \
    } while (0)

static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}
static bool has(struct str s, const char *what) {
    return str_find(s, str_z(what)) >= 0;
}
static int64_t unit_id_of(const char *name) {
    struct unit u;
    ok(unit_by_name(&w, str_z(name), &u));
    return u.id;
}

static int set_up(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 4);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.now = day_start(d("2026-11-23")) + 9 * 3600000;
    json_t *units = json_loadb(asset_find(&config, w.arena, "data/units.json")->bytes.p,
                               asset_find(&config, w.arena, "data/units.json")->bytes.n, 0, NULL);
    ok(db_begin(&w));
    ok(org_load(&w, units));
    zfb = unit_id_of("如皋市人民政府办公室");
    czj = unit_id_of("如皋市财政局");
    struct unit u;
    ok(unit_get(&w, czj, &u));
    json_t *details = json_pack("{s:s, s:s}", "telephone", "0513-87650000", "address", "如皋市宁海路1号");
    ok(unit_save(&w, &u, details));
    json_decref(details);
    ok(db_commit(&w));
    json_decref(units);
    return 0;
}
static int tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}
/* Each test in a transaction that leaves nothing behind. */
static struct arena *group_arena;
static int begin(void **s) {
    (void)s;
    group_arena = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    w.now = day_start(d("2026-11-23")) + 9 * 3600000;
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

/* ── facts ── */

static json_t *full_facts(void) {
    json_error_t why;
    static const char text[] =
        "{\"number\":\"20261102001\",\"subject\":\"绩效评价\",\"description\":\"2025年度<预算>&“绩效”评价结果\","
        "\"received_text\":\"2026年11月2日\",\"channel_name\":\"互联网\",\"due_text\":\"2026年11月30日\","
        "\"applicant\":{\"name\":\"张<三>&'四'\",\"address\":\"如皋市某路1号\",\"is_person\":true},"
        "\"reason\":\"{{理由}}<b>所在</b>\",\"other_organ\":{\"name\":\"如皋市审计局\",\"contact\":\"0513-87651111\"},"
        "\"where\":\"到本机关网站查阅\",\"supplement\":{\"items\":\"信息名称\",\"until_text\":\"2026年12月10日\","
        "\"limit_days\":10},\"fee\":{\"amount_yuan\":\"5500\",\"basis_text\":\"按件\",\"until_text\":"
        "\"2026年12月21日\","
        "\"method\":\"扫码\"},\"extension\":{\"days\":20,\"reason\":\"情况复杂\",\"due_text\":\"2026年12月28日\"},"
        "\"consult\":{\"party_name\":\"某公司\",\"question\":\"是否同意公开\",\"days\":15,\"until_text\":"
        "\"2026年12月14日\"},"
        "\"ticket\":{\"number\":\"督办〔2026〕1号\",\"unit_name\":\"某镇人民政府\",\"findings\":"
        "\"1．某事项没有公开。\","
        "\"demand\":\"按期公开\",\"acknowledge_text\":\"2026年11月24日\",\"due_text\":\"2026年11月30日\"},"
        "\"search_record\":\"在档案系统以关键词检索\",\"materials\":[\"评价结果汇总表\",\"说明\"]}";
    json_t *o = json_loads(text, 0, &why);
    if (!o)
        unit_fail("%s\n", why.text);
    return o;
}

static int64_t drafted(int64_t unit_id, const char *template) {
    int64_t id = 0;
    json_t *facts = full_facts();
    struct letter_new n = {unit_id, template, "request", 7, facts};
    ok(letter_draft(&w, &n, &id));
    json_decref(facts);
    return id;
}
static json_t *shown(int64_t id) {
    json_t *o = letter_json(&w, id, true);
    if (!o)
        ok(-1);
    return o;
}
static struct str text_of(json_t *o, const char *key) {
    return str_dup(w.arena, str_z(json_string_value(json_object_get(o, key))));
}
static struct str member_of(int64_t id, const char *key) {
    json_t *o = shown(id);
    struct str s = text_of(o, key);
    json_decref(o);
    return s;
}

/* ── templates ── */

static void every_template_becomes_a_letter_that_names_its_articles(void **s) {
    (void)s;
    json_t *list = letter_templates(&w), *t, *law;
    size_t i, k;
    assert_int_equal(json_array_size(list), 39);
    json_array_foreach(list, i, t) {
        const char *code = json_string_value(json_object_get(t, "code"));
        int64_t id = drafted(czj, code);
        struct str body = member_of(id, "body"), to = member_of(id, "addressee"), title = member_of(id, "title");
        if (has(body, "&amp;") || has(body, "&lt;") || has(body, "&#39;") || !title.n || body.n < 60)
            unit_fail("%s: %.*s\n", code, STR_ARG(body));
        if (has(str_replace(w.arena, body, S("{{理由}}"), S("")), "{{"))
            unit_fail("%s: a tag is left: %.*s\n", code, STR_ARG(body));
        json_array_foreach(json_object_get(t, "law"), k, law) if (!has(body, json_string_value(law)))
            unit_fail("%s: %s is not named\n", code, json_string_value(law));
        if (strcmp(code, "delivery") != 0)
            assert_true(has(to, "张<三>&'四'") || has(to, "某公司") || has(to, "某镇人民政府"));
        struct str pdf, docx;
        ok(letter_pdf(&w, id, &pdf));
        ok(letter_docx(&w, id, &docx));
    }
    json_decref(list);
}

/* What law demands in the reply: reason, way to get it, the organ that has it, limits, remedies. */
static void replies_say_what_law_demands(void **s) {
    static const struct {
        const char *code, *words[5];
    } wanted[] = {
        {"R01", {"到本机关网站查阅", "行政复议", "行政诉讼"}},
        {"R02", {"到本机关网站查阅", "见附件", "6个月"}},
        {"R03", {"到本机关网站查阅", "{{理由}}<b>所在</b>", "对不予公开的部分"}},
        {"R04.4", {"商业秘密、个人隐私", "{{理由}}<b>所在</b>", "应当先", "15日内"}},
        {"R06", {"在档案系统以关键词检索", "不存在"}},
        {"R07", {"如皋市审计局", "0513-87651111", "{{理由}}"}},
        {"R10", {"不作为政府信息公开申请处理", "到本机关网站查阅"}},
        {"clarify", {"信息名称", "2026年12月10日", "视为放弃申请", "自本机关收到补正的申请之日起计算"}},
        {"extend", {"政府信息公开工作机构负责人同意", "20个工作日", "2026年12月28日", "情况复杂"}},
        {"consult_third", {"15个工作日", "逾期未提出意见的，由本机关依照"}},
        {"consult_organ", {"15个工作日", "视为同意公开"}},
        {"third_told", {"公共利益", "{{理由}}", "某公司"}},
        {"fee", {"5500元", "按件", "扫码", "2026年12月21日", "20个工作日"}},
        {"correct_transfer", {"如皋市审计局", "转送"}},
        {"delivery", {"评价结果汇总表；说明；", "张<三>&'四'"}},
    };
    (void)s;
    for (size_t i = 0; i < countof(wanted); i++) {
        int64_t id = drafted(czj, wanted[i].code);
        struct str all =
            str_printf(w.arena, "%.*s %.*s", STR_ARG(member_of(id, "addressee")), STR_ARG(member_of(id, "body")));
        for (size_t k = 0; k < countof(wanted[i].words) && wanted[i].words[k]; k++)
            if (!has(all, wanted[i].words[k]))
                unit_fail("%s: no “%s” in %.*s\n", wanted[i].code, wanted[i].words[k], STR_ARG(all));
    }
}

static void set_empty(json_t *facts, struct str path) {
    struct str head = path;
    while (str_cut(path, '.', &head, &path))
        facts = json_object_getn(facts, head.p, head.n);
    json_object_setn_new(facts, path.p, path.n, json_string(" \u3000"));
}

static void a_fact_that_is_missing_is_named(void **s) {
    (void)s;
    json_t *list = letter_templates(&w), *t, *r;
    size_t i, k, tried = 0;
    json_array_foreach(list, i, t) json_array_foreach(json_object_get(t, "requires"), k, r) {
        int64_t id;
        json_t *facts = full_facts();
        struct str path = str_z(json_string_value(r));
        struct letter_new n = {czj, json_string_value(json_object_get(t, "code")), "request", 7, facts};
        if (!str_is(path, "today_text") && !str_is(path, "remedy_text")) { /* those two are filled in */
            set_empty(facts, path);
            refused(letter_draft(&w, &n, &id), ERR_INVALID);
            assert_int_equal(w.error.field_count, 1);
            assert_true(str_eq(str_z(w.error.fields[0].field), path));
            assert_string_equal(w.error.fields[0].code, "required");
            for (const char *p = w.error.fields[0].message; *p; p++)
                assert_false(*p >= 'a' && *p <= 'z'); /* in Chinese */
            error_clear(&w);
            tried++;
        }
        json_decref(facts);
    }
    assert_true(tried > 150);
    json_t *none = json_object();
    struct letter_new bare = {czj, "R07", "request", 7, none}, unknown = {czj, "R99", "request", 7, none};
    int64_t id;
    refused(letter_draft(&w, &bare, &id), ERR_INVALID);
    assert_int_equal(w.error.field_count, 5); /* all at once */
    error_clear(&w);
    refused(letter_draft(&w, &unknown, &id), ERR_NOT_FOUND);
    json_decref(none);
    json_decref(list);
}

static void organisations_are_addressed_as_such(void **s) {
    (void)s;
    json_t *facts = full_facts();
    int64_t id;
    json_object_set_new(json_object_get(facts, "applicant"), "is_person", json_false());
    struct letter_new n = {czj, "R01", "request", 7, facts};
    ok(letter_draft(&w, &n, &id));
    assert_true(has(member_of(id, "body"), "你单位申请公开"));
    json_decref(facts);
}

/* ── remedies ── */

static struct str remedy(const char *outcome, const char *day, json_t *facts) {
    struct str text = S("?");
    ok(letter_remedy(&w, str_z(outcome), d(day), facts, &text));
    return text;
}

static void refusals_lead_to_reconsideration_first_from_2024_on(void **s) {
    static const char *const first[] = {"R04.1", "R04.4", "R04.7", "R03"}, *const choice[] = {"R01", "R02",       "R06",
                                                                                              "R07", "R10",       "R11",
                                                                                              "R12", "R13",       "R15",
                                                                                              "R16", "correct_no"};
    (void)s;
    json_t *facts = json_pack("{s:s, s:{s:s}}", "city", "如皋市人民政府", "unit", "kind", "department");
    for (size_t i = 0; i < countof(first); i++) {
        struct str before = remedy(first[i], "2023-12-31", facts), after = remedy(first[i], "2024-01-01", facts);
        assert_true(has(before, "60日内") && has(before, "也可以自收到本告知书之日起6个月内") &&
                    !has(before, "应当先"));
        assert_true(has(before, "上一级主管部门"));
        assert_true(has(after, "应当先自收到本告知书之日起60日内向如皋市人民政府申请行政复议") && has(after, "15日内"));
        assert_int_equal(has(after, "6个月"), strcmp(first[i], "R03") == 0); /* only for the other part */
        assert_true(has(after, "投诉、举报"));
    }
    for (size_t i = 0; i < countof(choice); i++) {
        struct str after = remedy(choice[i], "2026-11-23", facts);
        assert_true(has(after, "60日内向如皋市人民政府申请行政复议，也可以") && has(after, "6个月"));
    }
    assert_int_equal(remedy("R17", "2026-11-23", facts).n, 0);
    json_object_set_new(facts, "reconsideration_organ", json_string("南通市税务局"));
    json_object_set_new(facts, "court", json_string("如皋市人民法院"));
    struct str own = remedy("R04.2", "2026-11-23", facts);
    assert_true(has(own, "向南通市税务局申请行政复议") && has(own, "向如皋市人民法院提起行政诉讼"));
    json_decref(facts);
    facts = json_pack("{s:s, s:{s:s}}", "city", "如皋市人民政府", "unit", "kind", "city");
    assert_true(has(remedy("R04.2", "2026-11-23", facts), "向上一级人民政府申请"));
    struct str text;
    refused(letter_remedy(&w, S("R99"), d("2026-11-23"), facts, &text), ERR_INTERNAL);
    json_decref(facts);
}

static void every_rule_tells_its_source_and_how_sure_it_is(void **s) {
    static const char *const files[] = {"data/letters.json", "data/remedies.json"}, *const lists[] = {"letters",
                                                                                                      "rules"};
    (void)s;
    size_t disputed = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct asset *a = asset_find(&config, w.arena, files[i]);
        json_t *o = json_loadb(a->bytes.p, a->bytes.n, 0, NULL), *r;
        size_t k;
        json_array_foreach(json_object_get(o, lists[i]), k, r) {
            struct str status = text_of(r, "status");
            assert_true(text_of(r, "source").n > 0 && status.n == 1 && strchr("CMUP", *status.p));
            bool open = json_is_true(json_object_get(r, "disputed"));
            disputed += open;
            assert_true(!open || *status.p == 'U');
        }
        json_decref(o);
    }
    assert_true(disputed > 0);
}

/* ── numbers ── */

static struct str issued(int64_t unit_id, const char *day) {
    int64_t id = drafted(unit_id, "R01");
    ok(letter_issue(&w, id, d(day)));
    return member_of(id, "number");
}

static void numbers_run_by_unit_and_year_without_gaps(void **s) {
    (void)s;
    w.now = day_start(d("2027-01-04"));
    assert_true(str_is(issued(zfb, "2026-12-31"), "皋政办依复〔2026〕1号"));
    assert_true(str_is(issued(czj, "2026-12-31"), "财政局依复〔2026〕1号"));
    assert_true(str_is(issued(zfb, "2026-12-31"), "皋政办依复〔2026〕2号"));
    assert_true(str_is(issued(zfb, "2027-01-04"), "皋政办依复〔2027〕1号"));
    assert_true(str_is(issued(zfb, "2026-12-30"), "皋政办依复〔2026〕3号")); /* the year of its day */
    ok(db_begin(&w));
    assert_true(str_is(issued(zfb, "2027-01-04"), "皋政办依复〔2027〕2号"));
    db_rollback(&w);
    assert_true(str_is(issued(zfb, "2027-01-04"), "皋政办依复〔2027〕2号"));
    int64_t id = drafted(zfb, "R01");
    refused(letter_issue(&w, id, d("2027-01-05")), ERR_INVALID); /* tomorrow */
    error_clear(&w);
    refused(letter_issue(&w, id, DAY_NONE), ERR_INVALID);
}

static void the_word_of_an_organ_can_be_set_but_not_taken(void **s) {
    static const char *const bad[] = {"", "皋Z", "皋〔", "一二三四五六七八九十一"};
    struct str word;
    (void)s;
    ok(letter_word_set(&w, czj, S(" 皋财 ")));
    assert_true(str_is(issued(czj, "2026-11-23"), "皋财依复〔2026〕1号"));
    ok(letter_word_set(&w, czj, S("皋财政")));
    assert_true(str_is(issued(czj, "2026-11-23"), "皋财政依复〔2026〕2号"));
    for (size_t i = 0; i < countof(bad); i++) {
        refused(letter_word_set(&w, czj, str_z(bad[i])), ERR_INVALID);
        error_clear(&w);
    }
    refused(letter_word_set(&w, zfb, S("皋财政")), ERR_INVALID);
    error_clear(&w);
    ok(letter_word(&w, zfb, &word));
    assert_true(str_is(word, "皋政办"));
    ok(letter_word_set(&w, czj, S("皋政办"))); /* nobody's by setting, but the office's by its file */
    assert_true(str_is(issued(zfb, "2026-11-23"), "皋政办依复〔2026〕1号"));
    (void)issued(zfb, "2026-11-23");
    (void)issued(zfb, "2026-11-23");
    int64_t id = drafted(czj, "R01");
    refused(letter_issue(&w, id, d("2026-11-23")), ERR_DUPLICATE);
}

/* ── drafts, seal, erasure ── */

static void a_draft_is_edited_by_one_at_a_time_and_an_issued_letter_by_nobody(void **s) {
    (void)s;
    int64_t id = drafted(czj, "R06"), gone = drafted(czj, "R06");
    ok(letter_save(&w, id, S("李四"), S("新标题"), S("第一段\n第二段"), 1));
    assert_true(str_is(member_of(id, "body"), "第一段\n第二段") && str_is(member_of(id, "title"), "新标题"));
    refused(letter_save(&w, id, S("王五"), S("旧标题"), S("旧文"), 1), ERR_CONFLICT);
    error_clear(&w);
    refused(letter_save(&w, id, S("王五"), S(" "), S(""), 2), ERR_INVALID);
    assert_int_equal(w.error.field_count, 2);
    error_clear(&w);
    refused(letter_save(&w, id, S("\xff"), S("题"), S("文"), 2), ERR_INVALID);
    error_clear(&w);
    ok(letter_delete_draft(&w, gone));
    assert_null(letter_json(&w, gone, false));
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
    refused(letter_erase(&w, id), ERR_WRONG_STATE);
    error_clear(&w);
    ok(letter_issue(&w, id, d("2026-11-20")));
    refused(letter_save(&w, id, S("王五"), S("题"), S("文"), 3), ERR_WRONG_STATE);
    error_clear(&w);
    refused(letter_issue(&w, id, d("2026-11-20")), ERR_WRONG_STATE);
    error_clear(&w);
    refused(letter_delete_draft(&w, id), ERR_WRONG_STATE);
    error_clear(&w);
    json_t *list = letter_list(&w, "request", 7), *none = letter_list(&w, "request", 8);
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(json_array_size(none), 0);
    assert_null(json_object_get(json_array_get(list, 0), "body"));
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")), "信息不存在告知书");
    json_decref(list);
    json_decref(none);
}

static struct str pdf_text(struct str pdf) {
    GBytes *bytes = g_bytes_new(pdf.p, pdf.n);
    PopplerDocument *doc = poppler_document_new_from_bytes(bytes, NULL, NULL);
    struct str all = STR_NONE;
    assert_non_null(doc);
    for (int i = 0; i < poppler_document_get_n_pages(doc); i++) {
        PopplerPage *page = poppler_document_get_page(doc, i);
        char *t = poppler_page_get_text(page);
        all = str_printf(w.arena, "%.*s%s", STR_ARG(all), t);
        g_free(t);
        g_object_unref(page);
    }
    g_object_unref(doc);
    g_bytes_unref(bytes);
    return str_replace(w.arena, str_replace(w.arena, all, S("\n"), S("")), S(" "), S(""));
}

static void the_pdf_is_made_once_and_carries_its_address(void **s) {
    (void)s;
    int64_t id = drafted(czj, "R02");
    struct str preview, pdf, again;
    ok(letter_pdf(&w, id, &preview));
    assert_true(has(pdf_text(preview), "尚未编号"));
    ok(letter_issue(&w, id, d("2026-11-23")));
    ok(letter_pdf(&w, id, &pdf));
    w.now += 86400000;
    ok(letter_pdf(&w, id, &again));
    assert_true(str_eq(pdf, again));
    json_t *o = shown(id);
    struct str code = text_of(o, "code"), address = text_of(o, "address"), text = pdf_text(pdf);
    assert_int_equal(code.n, 16);
    assert_int_equal(strspn(code.p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 16);
    assert_true(str_eq(address, str_printf(w.arena, "https://zwgk.example.gov.cn/letters/%.*s", STR_ARG(code))));
    assert_true(has(text, address.p) && has(text, "扫码核对"));
    assert_true(has(text, "财政局依复〔2026〕1号") && has(text, "2026年11月23日") &&
                has(text, "（联系电话：0513-87650000）"));
    assert_true(has(text, "附件：1.评价结果汇总表2.说明") && !has(text, "草稿"));
    unsigned char md[32];
    SHA256((const unsigned char *)pdf.p, pdf.n, md);
    assert_true(str_eq(text_of(o, "sha256"), hex_encode(w.arena, md, 32)));
    json_decref(o);
}

static void nothing_of_a_person_is_readable_in_the_database(void **s) {
    struct db_rows r;
    (void)s;
    int64_t id = drafted(czj, "R02");
    ok(letter_issue(&w, id, d("2026-11-23")));
    ok(db_query(&w, &all_letters, &r, DB_INT(id)));
    assert_int_equal(has(db_s(&r, 0, 0), "张"), 0);
    assert_int_equal(has(db_s(&r, 0, 1), "%PDF"), 0);
    ok(letter_erase(&w, id));
    ok(db_query(&w, &all_letters, &r, DB_INT(id)));
    assert_int_equal(db_s(&r, 0, 0).n + db_s(&r, 0, 1).n, 0);
    assert_true(str_is(db_s(&r, 0, 2), "erased") && str_is(db_s(&r, 0, 3), "财政局依复〔2026〕1号"));
    assert_true(str_is(db_s(&r, 0, 4), "2026-11-23") && db_s(&r, 0, 5).n == 64);
    struct str bytes;
    refused(letter_pdf(&w, id, &bytes), ERR_GONE);
    error_clear(&w);
    refused(letter_docx(&w, id, &bytes), ERR_GONE);
    error_clear(&w);
    refused(letter_erase(&w, id), ERR_WRONG_STATE);
    error_clear(&w);
    json_t *o = shown(id);
    assert_null(json_object_get(o, "body"));
    json_decref(o);
    assert_true(str_is(issued(czj, "2026-11-23"), "财政局依复〔2026〕2号")); /* its number is not given again */
    ok(db_query(&w, &all_events, &r));
    assert_int_equal(r.n, 5); /* drafted issued erased drafted issued */
    assert_true(str_is(db_s(&r, 1, 0), "issued") && str_is(db_s(&r, 2, 0), "erased"));
    for (size_t i = 0; i < r.n; i++)
        assert_false(has(db_s(&r, i, 1), "张") || has(db_s(&r, i, 1), "绩效"));
}

static void with_another_key_nothing_opens(void **s) {
    static struct app_config other = {.base_url = "https://zwgk.example.gov.cn",
                                      .secret = "another installation's secret.."};
    struct str bytes;
    (void)s;
    int64_t id = drafted(czj, "R02");
    ok(letter_issue(&w, id, d("2026-11-23")));
    w.config = &other;
    assert_int_equal(letter_pdf(&w, id, &bytes), -1);
    error_clear(&w);
    assert_null(letter_json(&w, id, true));
    w.config = &config;
}

/* ── two nodes at once ── */

enum { EACH = 8 };
static void *issue_many(void *arg) {
    int *failures = arg;
    struct work me = {.arena = arena_new(LIMIT_ARENA_BYTES), .config = &config, .now = day_start(d("2026-11-23"))};
    if (db_attach(&me, unit.pool) < 0)
        return NULL;
    for (int done = 0, tries = 0; done < EACH && tries < 200; tries++) {
        json_t *facts = full_facts();
        struct letter_new n = {zfb, "R01", "request", 9, facts};
        int64_t id;
        error_clear(&me);
        bool good = db_begin(&me) == 0;
        if (good && (letter_draft(&me, &n, &id) < 0 || letter_issue(&me, id, d("2026-11-23")) < 0 || tries % 3 == 1)) {
            db_rollback(&me); /* every third one is given up */
            good = false;
        }
        good = good && db_commit(&me) == 0;
        done += good;
        json_decref(facts);
        if (done == EACH)
            *failures = 0;
    }
    db_detach(&me);
    arena_free(me.arena);
    return NULL;
}

static void two_at_once_share_one_row_of_numbers(void **s) {
    pthread_t t[2];
    int failures[2] = {1, 1};
    struct db_rows r;
    (void)s;
    db_rollback(&w); /* the tests' own transaction would keep both waiting */
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&t[i], NULL, issue_many, &failures[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(failures[0] + failures[1], 0);
    ok(db_query(&w, &serials, &r, DB_INT(zfb), DB_INT(2026)));
    assert_int_equal(r.n, 2 * EACH);
    for (size_t i = 0; i < r.n; i++)
        assert_int_equal(db_i(&r, i, 0), i + 1);
    ok(db_begin(&w));
}

#define one(test) cmocka_unit_test_setup_teardown(test, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        one(every_template_becomes_a_letter_that_names_its_articles),
        one(replies_say_what_law_demands),
        one(a_fact_that_is_missing_is_named),
        one(organisations_are_addressed_as_such),
        one(refusals_lead_to_reconsideration_first_from_2024_on),
        one(every_rule_tells_its_source_and_how_sure_it_is),
        one(numbers_run_by_unit_and_year_without_gaps),
        one(the_word_of_an_organ_can_be_set_but_not_taken),
        one(a_draft_is_edited_by_one_at_a_time_and_an_issued_letter_by_nobody),
        one(the_pdf_is_made_once_and_carries_its_address),
        one(nothing_of_a_person_is_readable_in_the_database),
        one(with_another_key_nothing_opens),
        one(two_at_once_share_one_row_of_numbers), /* the last: it leaves its letters */
    };
    int bad = cmocka_run_group_tests_name("letters (SQLite)", tests, set_up, tear_down);
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        bad += cmocka_run_group_tests_name("letters (PostgreSQL)", tests, set_up, tear_down);
    }
    return bad;
}
