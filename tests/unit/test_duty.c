/* test_duty.c: duties through the real rooms: in force, facts, periods, met, late, reopened, waived, void, counts. */
#include "unit_db.h"

#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}
STATEMENT(unit_add,
          "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, demonstration, "
          "details, valid_from) VALUES ($1, $2, $3, $4, $4, $4, 'town', '000000000', $1, FALSE, '{}', '2020-01-01')",
          true);
STATEMENT(field_add, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (10, '10', '社会救助', TRUE, '')",
          true);
STATEMENT(catalogue_add,
          "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) VALUES (1, "
          "'c', 'standard', 'town', 1, '目录', 'here', 1, 0)",
          true);
STATEMENT(item_add,
          "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES ($1, 1, 10, $2, 0)", true);
STATEMENT(version_add,
          "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, limit_text, "
          "limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, mode_active, mode_request, "
          "level_city, level_town, extra, valid_from, created_at) VALUES ($1, $2, $3, 1, '一级', '二级', $4, '依据', "
          "$5, $6, TRUE, '', '', TRUE, '', TRUE, FALSE, FALSE, TRUE, '{}', $7, 0)",
          true);
STATEMENT(version_end, "UPDATE item_version SET valid_to = $2 WHERE id = $1", true);
STATEMENT(owner_add, "INSERT INTO item_owner (version_id, unit_id) VALUES ($1, $2)", true);
STATEMENT(
    disclosure_add,
    "INSERT INTO disclosure (id, public_id, unit_id, item_id, index_number, state, title, number, number_folded, five, "
    "kind, demo, revision, created_at) VALUES ($1, $2, $3, $4, '', 'published', 't', '', '', '', '', FALSE, 1, 0)",
    true);
STATEMENT(duty_list,
          "SELECT id, unit_id, source, state, due_day, period_key, rule_no, subject, certificate FROM duty WHERE "
          "item_id = $1 ORDER BY id",
          false);
STATEMENT(count_spoil, "UPDATE duty_count SET met = met + 1", true);
STATEMENT(due_spoil, "UPDATE due_count SET open = open + 1 WHERE scale = 2", true);
STATEMENT(event_list_of, "SELECT verb, payload FROM event WHERE subject_kind = 'duty' AND subject_id = $1 ORDER BY id",
          false);
STATEMENT(event_summaries,
          "SELECT COUNT(*) AS n FROM event WHERE room = 'duty' AND verb = 'created' AND subject_kind = 'item' AND "
          "subject_id = $1",
          false);

enum { CITY = 1, CHANGJIANG, BAIPU };
static struct unit_db unit;
static enum db_engine engine = DB_SQLITE;
static struct work w;
static const struct app_config config;
static int64_t next_item, next_version, next_disclosure;

static day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static void at(const char *day) {
    w.now = day_start(d(day)) + 9 * 3600000LL;
}

static void begin(void) {
    assert_int_equal(db_begin(&w), 0);
}

static void commit(void) {
    if (db_commit(&w) < 0)
        unit_fail("%s\n", error_text(&w.error));
}

/* A new version of an item in force from the day, owned by the units in the bits; the hook is called. */
static int64_t version(int64_t item_id, int number, const char *limit, const char *from, const char *elements,
                       unsigned owners) {
    struct limit_rule rules[8];
    struct item item;
    int n = limit_parse(w.arena, str_z(limit), rules, 8);
    json_t *all = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(all, limit_rule_json(&rules[i]));
    char *text = json_dumps(all, JSON_COMPACT);
    int64_t id = ++next_version;
    begin();
    assert_true(db_exec(&w, &version_add, DB_INT(id), DB_INT(item_id), DB_INT(number), DB_TEXTZ(elements),
                        DB_TEXTZ(limit), DB_TEXTZ(text), DB_TEXTZ(from)) == 1);
    for (int u = CITY; u <= BAIPU; u++)
        if (owners & 1u << u)
            assert_true(db_exec(&w, &owner_add, DB_INT(id), DB_INT(u)) == 1);
    assert_int_equal(item_version_get(&w, id, &item), 0);
    if (duty_on_item_in_force(&w, &item) < 0)
        unit_fail("%s\n", error_text(&w.error));
    commit();
    free(text);
    json_decref(all);
    return id;
}

#define TOWNS (1u << CHANGJIANG | 1u << BAIPU)
static int64_t item(const char *limit, const char *from, unsigned owners) {
    int64_t id = ++next_item;
    begin();
    assert_true(
        db_exec(&w, &item_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "320682-10-01-%03lld", (long long)id))) == 1);
    commit();
    version(id, 1, limit, from, "要素", owners);
    return id;
}

static struct db_rows duties(int64_t item_id) {
    struct db_rows r;
    assert_int_equal(db_query(&w, &duty_list, &r, DB_INT(item_id)), 0);
    return r;
}

static void check(const struct db_rows *r, size_t i, int64_t unit_id, const char *source, const char *state,
                  const char *due) {
    assert_true(i < r->n);
    assert_int_equal(db_i(r, i, 1), unit_id);
    assert_string_equal(db_s(r, i, 2).p, source);
    assert_string_equal(db_s(r, i, 3).p, state);
    assert_string_equal(db_s(r, i, 4).p, due);
}

static int64_t publish(int64_t item_id, int64_t unit_id, int64_t duty_id) {
    int64_t id = ++next_disclosure;
    begin();
    assert_true(db_exec(&w, &disclosure_add, DB_INT(id), DB_TEXT(str_printf(w.arena, "p%lld", (long long)id)),
                        DB_INT(unit_id), DB_ID(item_id)) == 1);
    assert_int_equal(duty_meet(&w, duty_id, id, w.now), 0);
    commit();
    return id;
}

static void counts_agree(void) {
    assert_int_equal(duty_recount_check(&w), 0);
}

static struct fact_new fact(int64_t item_id, const char *kind, const char *subject, const char *day) {
    return (struct fact_new){.item_id = item_id,
                             .unit_id = CHANGJIANG,
                             .kind = str_z(kind),
                             .subject = str_z(subject),
                             .source_ref = S(""),
                             .number = S(""),
                             .day = d(day)};
}

static int64_t record(const struct fact_new *f) {
    int64_t id = 0;
    begin();
    if (fact_record(&w, f, &id) < 0)
        unit_fail("%s\n", error_text(&w.error));
    commit();
    return id;
}

static void refused(const struct fact_new *f, enum error_code code, const char *field) {
    int64_t id = 77;
    begin();
    assert_int_equal(fact_record(&w, f, &id), -1);
    assert_int_equal(w.error.code, code);
    if (field)
        assert_string_equal(w.error.fields[0].field, field);
    assert_int_equal(id, 77);
    db_rollback(&w);
    error_clear(&w);
}

/* ── in force ── */

static void an_item_in_force_is_owed_once_by_each_owner(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("信息形成或变更之日起20个工作日内", "2026-11-02", TOWNS);
    struct db_rows r = duties(id), e;
    assert_int_equal(r.n, 2);
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    check(&r, 1, BAIPU, "in_force", "open", "2026-11-30");
    assert_int_equal(db_one(&w, &event_summaries, &e, DB_INT(id)), 1);
    assert_int_equal(db_i(&e, 0, 0), 1);
    struct item again;
    assert_int_equal(item_in_force(&w, id, d("2026-11-02"), &again), 1);
    begin();
    assert_int_equal(duty_on_item_in_force(&w, &again), 0);
    commit();
    assert_int_equal(duties(id).n, 2);
    counts_agree();
}

static void what_is_only_displayed_or_announced_before_owes_no_first_publication(void **s) {
    (void)s;
    at("2026-11-02");
    assert_int_equal(duties(item("公告时间不少于30日", "2026-11-02", TOWNS)).n, 0);
    assert_int_equal(duties(item("采购活动开始前30日公开", "2026-11-02", TOWNS)).n, 0);
    counts_agree();
}

static void first_publication_of_what_waits_for_an_event_is_owed_by_the_cap_of_article_26(void **s) {
    (void)s;
    at("2026-11-02");
    struct db_rows r = duties(item("及时公开", "2026-11-02", 1u << CHANGJIANG));
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    r = duties(item("按有关规定公开", "2026-11-02", 1u << CHANGJIANG));
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    r = duties(item("长期公开", "2026-11-02", 1u << CHANGJIANG));
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    r = duties(item("实时公开", "2026-11-02", 1u << CHANGJIANG)); /* nothing has happened yet */
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    r = duties(item("自中标、成交供应商确定之日起2个工作日内", "2026-11-02", 1u << CHANGJIANG));
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    r = duties(item("制作或获取信息之日起7个工作日内", "2026-11-02", 1u << CHANGJIANG));
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-11");
}

static void a_changed_item_voids_what_was_open_and_owes_anew(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", TOWNS);
    at("2026-11-10");
    publish(id, BAIPU, 0);
    version(id, 2, "10个工作日", "2026-11-10", "要素", TOWNS);
    struct db_rows r = duties(id), e;
    assert_int_equal(r.n, 3); /* 白蒲 has published the same elements */
    check(&r, 0, CHANGJIANG, "in_force", "void", "2026-11-30");
    check(&r, 1, BAIPU, "in_force", "met", "2026-11-30");
    check(&r, 2, CHANGJIANG, "in_force", "open", "2026-11-24");
    assert_int_equal(db_query(&w, &event_list_of, &e, DB_INT(db_i(&r, 0, 0))), 0);
    assert_string_equal(db_s(&e, e.n - 1, 0).p, "voided");
    version(id, 3, "10个工作日", "2026-11-10", "新的要素", TOWNS);
    r = duties(id);
    check(&r, r.n - 1, BAIPU, "in_force", "open", "2026-11-24");
    counts_agree();
}

/* ── met ── */

static void publication_on_the_last_day_is_on_time_and_the_next_is_late(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", TOWNS);
    struct db_rows r = duties(id);
    w.now = day_end(d("2026-11-30")); /* 23:59:59.999 */
    publish(id, CHANGJIANG, db_i(&r, 0, 0));
    w.now++;
    publish(id, BAIPU, 0);
    r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "met", "2026-11-30");
    check(&r, 1, BAIPU, "in_force", "met_late", "2026-11-30");
    counts_agree();
}

static void a_publication_meets_the_oldest_and_the_first_publication(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    at("2026-11-03");
    struct fact_new early = fact(id, "formed", "甲", "2026-10-30"), late = fact(id, "formed", "乙", "2026-11-03");
    early.day = d("2026-11-02");
    record(&late);
    int64_t first = record(&early);
    int64_t duty = 0;
    assert_int_equal(duty_of_fact(&w, first, &duty), 0);
    publish(id, CHANGJIANG, duty);
    struct db_rows r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "met", "2026-11-30");
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-12-01");
    check(&r, 2, CHANGJIANG, "fact", "met", "2026-11-30");
    counts_agree();
}

static void a_correction_meets_nothing_more(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    int64_t disclosure = publish(id, CHANGJIANG, 0);
    struct fact_new f = fact(id, "formed", "乙", "2026-11-02");
    record(&f);
    begin();
    assert_int_equal(duty_meet(&w, 0, disclosure, w.now), 0);
    commit();
    struct db_rows r = duties(id);
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-11-30");
}

static void a_withdrawn_publication_is_owed_again_with_the_same_day(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    int64_t disclosure = publish(id, CHANGJIANG, 0);
    begin();
    assert_int_equal(duty_reopen(&w, disclosure), 0);
    commit();
    struct db_rows r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    counts_agree();
    at("2026-12-01");
    publish(id, CHANGJIANG, 0);
    r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "met_late", "2026-11-30");
    counts_agree();
}

/* ── waived ── */

static void a_duty_is_waived_with_a_ground_and_a_reason_and_only_once(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    int64_t duty = db_i(&r, 0, 0);
    begin();
    assert_int_equal(duty_waive(&w, duty, S("ND9"), S("理由充分")), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    error_clear(&w);
    assert_int_equal(duty_waive(&w, duty, S("other"), S(" ")), -1);
    error_clear(&w);
    assert_int_equal(duty_waive(&w, duty, S("ND4"), S("涉及第三方商业秘密")), 0);
    assert_int_equal(duty_waive(&w, duty, S("ND4"), S("涉及第三方商业秘密")), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    error_clear(&w);
    commit();
    r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "waived", "2026-11-30");
    counts_agree();
}

static void who_may_not_waive_is_refused(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    struct actor before = w.actor;
    w.actor = (struct actor){.person_id = 9, .unit_id = BAIPU};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    begin();
    assert_int_equal(duty_waive(&w, db_i(&r, 0, 0), S("ND4"), S("涉及第三方商业秘密")), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN);
    db_rollback(&w);
    error_clear(&w);
    w.actor = before;
}

/* ── facts ── */

static void a_fact_starts_the_rule_that_names_it(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("信息形成20个工作日内公开；其中行政许可、行政处罚事项应自作出行政决定之日起7个工作日内公示",
                      "2026-11-02", 1u << CHANGJIANG);
    at("2026-11-03");
    struct fact_new decided = fact(id, "decided", "某处罚", "2026-11-03"),
                    formed = fact(id, "formed", "某文件", "2026-11-03");
    record(&decided);
    record(&formed);
    struct db_rows r = duties(id);
    assert_int_equal(r.n, 3);
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-11-12");
    assert_int_equal(db_i(&r, 1, 6), 1);
    check(&r, 2, CHANGJIANG, "fact", "open", "2026-12-01");
    assert_int_equal(db_i(&r, 2, 6), 0);
}

static void a_scope_word_in_the_subject_chooses_its_rule(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("自信息形成或者变更之日起20个工作日内予以公开；结果信息自形成或者变更之日起7个工作日内予以公开",
                      "2026-11-03", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "抽检结果通报", "2026-11-03");
    record(&f);
    struct db_rows r = duties(id);
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-11-12");
    assert_int_equal(r.n, 2);
}

static void a_fact_of_another_kind_still_starts_the_main_rule(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("财政部门批复后20日内", "2026-11-03", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "部门预算", "2026-11-03");
    record(&f);
    struct db_rows r = duties(id);
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-11-23");
}

static void a_fact_for_an_item_without_a_length_is_owed_within_the_cap(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("公告时间不少于30日", "2026-11-03", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "公告", "2026-11-03");
    record(&f);
    struct db_rows r = duties(id);
    check(&r, 0, CHANGJIANG, "fact", "open", "2026-12-01");
}

static void a_pushed_fact_is_recorded_once_and_never_changed(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("20个工作日", "2026-11-03", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "推送的信息", "2026-11-03");
    f.source_ref = S("OA-2026-1");
    struct actor before = w.actor;
    w.actor.token_id = 5;
    int64_t first = record(&f);
    size_t n = duties(id).n;
    assert_int_equal(record(&f), first);
    assert_int_equal(duties(id).n, n);
    f.subject = S("改过的名称");
    refused(&f, ERR_CONFLICT, NULL);
    w.actor.token_id = 6; /* another system's number */
    assert_true(record(&f) != first);
    w.actor = before;
    counts_agree();
}

static void a_bad_fact_is_refused_at_its_field(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "x", "2026-11-03");
    f.day = d("2026-11-04");
    refused(&f, ERR_INVALID, "day");
    f.day = DAY_NONE;
    refused(&f, ERR_INVALID, "day");
    f.day = d("2026-10-30"); /* no version in force yet */
    refused(&f, ERR_INVALID, "item");
    f.day = d("2026-11-03");
    f.kind = S("invented");
    refused(&f, ERR_INVALID, "kind");
    f.kind = S("formed");
    f.subject = S("");
    refused(&f, ERR_INVALID, "subject");
    f.subject = S("x");
    f.unit_id = BAIPU; /* not an owner */
    refused(&f, ERR_INVALID, "item");
    f.unit_id = CHANGJIANG;
    struct actor before = w.actor;
    w.actor = (struct actor){.person_id = 9, .unit_id = BAIPU};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    refused(&f, ERR_FORBIDDEN, NULL);
    w.actor = before;
}

static void what_a_fact_is_about_is_not_in_the_public_payload(void **s) {
    (void)s;
    at("2026-11-03");
    int64_t id = item("20个工作日", "2026-11-03", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "尚未公开的名称", "2026-11-03");
    f.number = S("皋内〔2026〕1号");
    record(&f);
    struct db_rows r = duties(id), e;
    assert_int_equal(db_query(&w, &event_list_of, &e, DB_INT(db_i(&r, 1, 0))), 0);
    assert_int_equal(e.n, 1);
    assert_null(strstr(db_s(&e, 0, 1).p, "尚未公开"));
    assert_null(strstr(db_s(&e, 0, 1).p, "皋内"));
    assert_non_null(strstr(db_s(&e, 0, 1).p, "2026-12-01"));
    json_t *owed = duty_owed_by_item(&w, id, 0);
    char *text = json_dumps(owed, 0);
    assert_null(strstr(text, "尚未公开"));
    free(text);
    json_decref(owed);
}

/* ── periods ── */

static void each_quarter_is_owed_from_its_beginning(void **s) {
    (void)s;
    at("2026-08-03");
    int64_t id = item("每季度公开", "2026-08-03", TOWNS);
    struct db_rows r = duties(id);
    assert_int_equal(r.n, 2);
    check(&r, 0, CHANGJIANG, "period", "open", "2026-10-15");
    assert_string_equal(db_s(&r, 0, 5).p, "2026Q3");
    assert_string_equal(db_s(&r, 0, 7).p, "2026年第3季度");
    assert_int_equal(duty_tick(&w, NULL), 0);
    assert_int_equal(duties(id).n, 2);
    at("2027-01-04");
    assert_int_equal(duty_tick(&w, NULL), 0);
    r = duties(id);
    assert_int_equal(r.n, 6);
    check(&r, 2, CHANGJIANG, "period", "open", "2027-01-15");
    check(&r, 4, CHANGJIANG, "period", "open", "2027-04-15");
    assert_int_equal(duty_tick(&w, NULL), 0);
    assert_int_equal(duties(id).n, 6);
    counts_agree();
}

static void a_fixed_date_is_owed_each_year_and_does_not_move(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("每年1月31日前公布", "2026-11-02", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    assert_int_equal(r.n, 1);
    check(&r, 0, CHANGJIANG, "fixed_date", "open", "2027-01-31"); /* a Sunday */
    at("2027-02-01");
    assert_int_equal(duty_tick(&w, NULL), 0);
    r = duties(id);
    assert_int_equal(r.n, 2);
    check(&r, 1, CHANGJIANG, "fixed_date", "open", "2028-01-31");
}

static void every_twenty_working_days_follow_each_other(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("每20个工作日更新", "2026-11-02", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    assert_int_equal(r.n, 1);
    check(&r, 0, CHANGJIANG, "period", "open", "2026-11-30");
    at("2026-12-01");
    assert_int_equal(duty_tick(&w, NULL), 0);
    r = duties(id);
    assert_int_equal(r.n, 2);
    check(&r, 1, CHANGJIANG, "period", "open", "2026-12-28");
}

static void other_periods_have_their_names_and_ends(void **s) {
    (void)s;
    at("2026-11-23");
    static const struct {
        const char *limit, *key, *due;
    } v[] = {
        {"每月公开", "2026-11", "2026-12-10"},
        {"每半年公开", "2026H2", "2027-02-01"}, /* 01-30 and -31 are a weekend */
        {"每年公开1次", "2026", "2027-03-01"},
        {"每周更新", "2026W48", "2026-12-02"},
        {"每日公开", "2026-11-23", "2026-11-24"},
    };
    for (size_t i = 0; i < countof(v); i++) {
        struct db_rows r = duties(item(v[i].limit, "2026-11-23", 1u << CHANGJIANG));
        assert_int_equal(r.n, 1);
        assert_string_equal(db_s(&r, 0, 5).p, v[i].key);
        check(&r, 0, CHANGJIANG, "period", "open", v[i].due);
    }
}

static void a_recurring_duty_goes_on_under_a_version_with_the_same_rule(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("每季度公开", "2026-11-02", TOWNS);
    at("2026-11-10");
    version(id, 2, "每季度公开", "2026-11-10", "新要素", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    assert_int_equal(r.n, 2);
    check(&r, 0, CHANGJIANG, "period", "open", "2027-01-15");
    check(&r, 1, BAIPU, "period", "void", "2027-01-15"); /* no longer an owner */
    version(id, 3, "每月公开", "2026-11-10", "新要素", 1u << CHANGJIANG);
    r = duties(id);
    check(&r, 0, CHANGJIANG, "period", "void", "2027-01-15");
    check(&r, 2, CHANGJIANG, "period", "open", "2026-12-10");
    counts_agree();
}

static void what_an_ended_item_owed_is_void_but_its_facts_stay_owed(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    struct fact_new f = fact(id, "formed", "旧事项的信息", "2026-11-02");
    record(&f);
    begin();
    assert_int_equal(db_exec(&w, &version_end, DB_INT(next_version), DB_TEXTZ("2026-11-05")), 1);
    commit();
    at("2026-11-05");
    assert_int_equal(duty_tick(&w, NULL), 0);
    struct db_rows r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "open", "2026-11-30");
    at("2026-11-06");
    assert_int_equal(duty_tick(&w, NULL), 0);
    r = duties(id);
    check(&r, 0, CHANGJIANG, "in_force", "void", "2026-11-30");
    check(&r, 1, CHANGJIANG, "fact", "open", "2026-11-30");
    counts_agree();
}

/* ── clocks and figures ── */

static void a_clock_has_a_day_a_colour_and_words(void **s) {
    (void)s;
    static const struct {
        const char *today, *word, *text;
        int left;
    } v[] = {
        {"2026-11-20", "按期", "按期，还剩6个工作日", 6}, {"2026-11-23", "临近", "临近，还剩5个工作日", 5},
        {"2026-11-25", "临近", "临近，还剩3个工作日", 3}, {"2026-11-26", "紧急", "紧急，还剩2个工作日", 2},
        {"2026-11-30", "紧急", "紧急，今天到期", 0},      {"2026-12-01", "逾期", "逾期1个工作日", -1},
        {"2026-12-07", "逾期", "逾期5个工作日", -5},
    };
    int64_t due = day_end(d("2026-11-30"));
    for (size_t i = 0; i < countof(v); i++) {
        at(v[i].today);
        json_t *c = duty_clock(&w, due, 0, "open");
        assert_string_equal(json_string_value(json_object_get(c, "word")), v[i].word);
        assert_string_equal(json_string_value(json_object_get(c, "text")), v[i].text);
        assert_string_equal(json_string_value(json_object_get(c, "due")), "2026-11-30");
        assert_int_equal(json_integer_value(json_object_get(c, "left_days")), v[i].left);
        json_decref(c);
    }
    json_t *c = duty_clock(&w, due, due, "met");
    assert_string_equal(json_string_value(json_object_get(c, "text")), "已办，按期");
    json_decref(c);
    c = duty_clock(&w, due, due + 1, "met_late");
    assert_string_equal(json_string_value(json_object_get(c, "text")), "已办，逾期1个工作日");
    json_decref(c);
    assert_true(json_is_null(duty_clock(&w, 0, 0, "")));
}

static void a_certificate_is_kept_with_its_duty(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02", 1u << CHANGJIANG);
    struct db_rows r = duties(id);
    struct duty one;
    assert_int_equal(duty_get(&w, db_i(&r, 0, 0), &one), 0);
    json_t *j = duty_json(&w, &one, true), *days = json_object_get(json_object_get(j, "certificate"), "days");
    assert_int_equal(json_array_size(days), 28);
    assert_string_equal(json_string_value(json_object_get(j, "rule")), "信息形成或变更后20个工作日内");
    assert_string_equal(json_string_value(json_object_get(j, "due")), "2026-11-30");
    json_decref(j);
    assert_int_equal(duty_get(&w, 999999, &one), -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    error_clear(&w);
}

/* The calendar in force, and 2027 as announced by the test: 春节 02-05 to 02-11, 02-20 worked. */
static void announce_2027(const char *off_to) {
    char text[400];
    snprintf(text, sizeof text,
             "{\"year\":2027,\"notice\":\"测试通知\",\"off\":["
             "{\"reason\":\"元旦\",\"from\":\"2027-01-01\",\"to\":\"2027-01-03\"},"
             "{\"reason\":\"春节\",\"from\":\"2027-02-05\",\"to\":\"%s\"},"
             "{\"reason\":\"国庆节\",\"from\":\"2027-10-01\",\"to\":\"2027-10-07\"}],"
             "\"makeup\":[\"2027-02-20\"]}",
             off_to);
    json_t *year = json_loads(text, 0, NULL);
    begin();
    if (calendar_import(&w, year, "test", NULL) < 0)
        unit_fail("%s %s\n", error_text(&w.error), w.error.field_count ? w.error.fields[0].message : "");
    commit();
    json_decref(year);
}

/* How often a duty got a new day; what the last event says of it. */
static size_t redated(int64_t duty_id, json_t **ret_last) {
    json_t *all = event_list(&w, "duty", duty_id, false), *e;
    size_t i, n = 0;
    assert_non_null(all);
    json_array_foreach(all, i, e) {
        if (strcmp(json_string_value(json_object_get(e, "verb")), "redated") != 0)
            continue;
        json_decref(*ret_last);
        *ret_last = json_incref(json_object_get(e, "public"));
        n++;
    }
    json_decref(all);
    return n;
}

/* Last of all: the calendar of this database changes for good. */
static void an_announced_year_moves_what_is_open_and_says_so(void **s) {
    (void)s;
    struct duty one;
    json_t *e = NULL;
    at("2027-01-25");
    int64_t moved = item("20个工作日", "2027-01-25", TOWNS), stays = item("5个工作日", "2027-01-25", TOWNS),
            fixed = item("每年3月31日前", "2027-01-25", TOWNS), runs = item("每20个工作日更新", "2027-01-25", TOWNS);
    struct db_rows r = duties(moved), kept = duties(stays);
    check(&r, 0, CHANGJIANG, "in_force", "open", "2027-02-24");
    publish(moved, BAIPU, db_i(&r, 1, 0));
    assert_int_equal(duty_tick(&w, NULL), 0);
    assert_int_equal(redated(db_i(&r, 0, 0), &e), 0);

    announce_2027("2027-02-11");
    assert_int_equal(duty_tick(&w, NULL), 0);
    struct db_rows after = duties(moved);
    check(&after, 0, CHANGJIANG, "in_force", "open", "2027-02-26"); /* 02-09, 10, 11 gone; 02-20 won */
    check(&after, 1, BAIPU, "in_force", "met", "2027-02-24");       /* decided: stays */
    assert_int_equal(redated(db_i(&r, 0, 0), &e), 1);
    counts_agree(); /* by day too: what moved is counted under its new day */
    assert_string_equal(json_string_value(json_object_get(e, "due_before")), "2027-02-24");
    assert_string_equal(json_string_value(json_object_get(e, "due")), "2027-02-26");
    assert_non_null(strstr(json_string_value(json_object_get(e, "reason")),
                           "最后一日由2027年2月24日改为2027年2月26日；2027年2月9日由计入（工作日）改为不计入（春节）"));
    assert_int_equal(json_array_size(json_object_get(e, "changes")), 6);
    assert_int_equal(redated(db_i(&r, 1, 0), &e), 0);
    assert_int_equal(duty_get(&w, db_i(&r, 0, 0), &one), 0);
    assert_int_equal(one.due_at, day_end(d("2027-02-26")));
    json_t *c = json_loadb(one.certificate.p, one.certificate.n, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(c, "calendar_version")), calendar_version());
    assert_true(json_is_false(json_object_get(c, "provisional")));
    json_decref(c);

    after = duties(stays);
    check(&after, 0, CHANGJIANG, "in_force", "open", "2027-02-01");
    assert_string_equal(db_s(&after, 0, 8).p, db_s(&kept, 0, 8).p); /* the certificate too */
    assert_int_equal(redated(db_i(&after, 0, 0), &e), 0);
    after = duties(fixed);
    check(&after, 0, CHANGJIANG, "fixed_date", "open", "2027-03-31");
    after = duties(runs);
    check(&after, 0, CHANGJIANG, "period", "open", "2027-02-26");
    assert_string_equal(db_s(&after, 0, 7).p, "截至2027年2月26日");
    assert_int_equal(duty_tick(&w, NULL), 0); /* once */
    assert_int_equal(redated(db_i(&r, 0, 0), &e), 1);
    counts_agree();

    /* a correction moves it back, and the second run with its beginning */
    at("2027-03-01");
    assert_int_equal(duty_tick(&w, NULL), 0);
    after = duties(runs);
    assert_int_equal(after.n, 4);
    check(&after, 2, CHANGJIANG, "period", "open", "2027-03-26");
    announce_2027("2027-02-10");
    assert_int_equal(duty_tick(&w, NULL), 0);
    after = duties(runs);
    check(&after, 2, CHANGJIANG, "period", "open", "2027-03-25");
    assert_string_equal(db_s(&after, 2, 7).p, "截至2027年3月25日");
    assert_int_equal(duty_get(&w, db_i(&after, 2, 0), &one), 0);
    assert_int_equal(one.trigger_at, day_start(d("2027-02-25")));
    assert_int_equal(redated(db_i(&r, 0, 0), &e), 2);
    assert_string_equal(json_string_value(json_object_get(e, "due")), "2027-02-25");
    counts_agree();
    json_decref(e);
}

static void totals_weigh_only_what_has_come_due(void **s) {
    (void)s;
    json_t *t = duty_totals(&w, CITY, 0);
    assert_string_equal(json_string_value(json_object_get(t, "on_time_text")), "—");
    json_decref(t);
    at("2026-11-02");
    int64_t a = item("20个工作日", "2026-11-02", 1u << CITY), b = item("20个工作日", "2026-11-02", 1u << CITY);
    item("20个工作日", "2026-11-02", 1u << CITY);
    publish(a, CITY, 0);
    at("2026-12-01");
    publish(b, CITY, 0);
    t = duty_totals(&w, CITY, 0);
    assert_int_equal(json_integer_value(json_object_get(t, "required")), 3);
    assert_int_equal(json_integer_value(json_object_get(t, "done")), 2);
    assert_int_equal(json_integer_value(json_object_get(t, "on_time")), 1);
    assert_int_equal(json_integer_value(json_object_get(t, "late")), 1);
    assert_int_equal(json_integer_value(json_object_get(t, "open")), 1);
    assert_int_equal(json_integer_value(json_object_get(t, "overdue")), 1);
    assert_string_equal(json_string_value(json_object_get(t, "on_time_text")), "33.3%");
    json_decref(t);
}

/* ── counts against the duties, after histories nobody thought of ── */

static uint64_t next_random(uint64_t *x) {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static void one_random_step(uint64_t *seed, const int64_t *items, size_t n, int64_t *disclosures, size_t *published) {
    int64_t id = items[next_random(seed) % n], unit_id = next_random(seed) % 2 ? CHANGJIANG : BAIPU;
    struct db_rows r = duties(id);
    w.now += (int64_t)(next_random(seed) % 5) * 86400000;
    switch (next_random(seed) % 6) {
    case 0: {
        struct fact_new f = fact(id, "formed", "随机", "2026-11-02");
        f.unit_id = unit_id;
        f.day = work_today(&w);
        record(&f);
        break;
    }
    case 1:
    case 2:
        disclosures[(*published)++] = publish(id, unit_id, r.n ? db_i(&r, next_random(seed) % r.n, 0) : 0);
        break;
    case 3:
        begin();
        if (*published)
            assert_int_equal(duty_reopen(&w, disclosures[next_random(seed) % *published]), 0);
        commit();
        break;
    case 4:
        begin();
        if (r.n)
            (void)duty_waive(&w, db_i(&r, next_random(seed) % r.n, 0), S("ND6"), S("过程性信息"));
        error_clear(&w);
        commit();
        break;
    default:
        assert_int_equal(duty_tick(&w, NULL), 0);
    }
}

static void random_histories_leave_the_counts_right(void **s) {
    (void)s;
    for (uint64_t start = 1; start <= 4; start++) {
        uint64_t seed = start * 0x9e3779b97f4a7c15ULL;
        int64_t disclosures[100], items[3];
        size_t published = 0;
        at("2026-11-02");
        items[0] = item("20个工作日", "2026-11-02", TOWNS);
        items[1] = item("每月公开", "2026-11-02", TOWNS);
        items[2] = item("每年3月31日前；变更之日起7个工作日内", "2026-11-02", TOWNS);
        for (int i = 0; i < 60; i++) {
            one_random_step(&seed, items, countof(items), disclosures, &published);
            if (duty_recount_check(&w) != 0)
                unit_fail("counts differ: seed %llu, step %d\n", (unsigned long long)start, i);
        }
    }
}

static void a_spoilt_count_is_found_and_rebuilt(void **s) {
    (void)s;
    begin();
    assert_true(db_exec(&w, &count_spoil) > 0);
    commit();
    assert_int_equal(duty_recount_check(&w), 1);
    begin();
    assert_int_equal(duty_recount(&w), 0);
    commit();
    counts_agree();
    begin();
    assert_true(db_exec(&w, &due_spoil) > 0);
    commit();
    assert_int_equal(duty_recount_check(&w), 1);
    begin();
    assert_int_equal(duty_recount(&w), 0);
    commit();
    counts_agree();
}

/* ── */

static void fixtures(void) {
    begin();
    assert_int_equal(calendar_init_data(&w), 0);
    db_exec(&w, &unit_add, DB_INT(CITY), DB_NULL, DB_TEXTZ("/1/"), DB_TEXTZ("city"));
    db_exec(&w, &unit_add, DB_INT(CHANGJIANG), DB_INT(CITY), DB_TEXTZ("/1/2/"), DB_TEXTZ("changjiang"));
    db_exec(&w, &unit_add, DB_INT(BAIPU), DB_INT(CITY), DB_TEXTZ("/1/3/"), DB_TEXTZ("baipu"));
    db_exec(&w, &field_add);
    db_exec(&w, &catalogue_add);
    commit();
    assert_int_equal(calendar_load(&w), 0);
}

static int setup(void **s) {
    (void)s;
    unit_db_place(&unit, engine);
    next_item = next_version = next_disclosure = 0;
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.actor = (struct actor){.person_name = S("测试"), .all_units = true};
    memset(w.actor.rights, 0xff, sizeof w.actor.rights);
    at("2026-11-02");
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
        cmocka_unit_test(an_item_in_force_is_owed_once_by_each_owner),
        cmocka_unit_test(what_is_only_displayed_or_announced_before_owes_no_first_publication),
        cmocka_unit_test(first_publication_of_what_waits_for_an_event_is_owed_by_the_cap_of_article_26),
        cmocka_unit_test(a_changed_item_voids_what_was_open_and_owes_anew),
        cmocka_unit_test(publication_on_the_last_day_is_on_time_and_the_next_is_late),
        cmocka_unit_test(a_publication_meets_the_oldest_and_the_first_publication),
        cmocka_unit_test(a_correction_meets_nothing_more),
        cmocka_unit_test(a_withdrawn_publication_is_owed_again_with_the_same_day),
        cmocka_unit_test(a_duty_is_waived_with_a_ground_and_a_reason_and_only_once),
        cmocka_unit_test(who_may_not_waive_is_refused),
        cmocka_unit_test(a_fact_starts_the_rule_that_names_it),
        cmocka_unit_test(a_scope_word_in_the_subject_chooses_its_rule),
        cmocka_unit_test(a_fact_of_another_kind_still_starts_the_main_rule),
        cmocka_unit_test(a_fact_for_an_item_without_a_length_is_owed_within_the_cap),
        cmocka_unit_test(a_pushed_fact_is_recorded_once_and_never_changed),
        cmocka_unit_test(a_bad_fact_is_refused_at_its_field),
        cmocka_unit_test(what_a_fact_is_about_is_not_in_the_public_payload),
        cmocka_unit_test(each_quarter_is_owed_from_its_beginning),
        cmocka_unit_test(a_fixed_date_is_owed_each_year_and_does_not_move),
        cmocka_unit_test(every_twenty_working_days_follow_each_other),
        cmocka_unit_test(other_periods_have_their_names_and_ends),
        cmocka_unit_test(a_recurring_duty_goes_on_under_a_version_with_the_same_rule),
        cmocka_unit_test(what_an_ended_item_owed_is_void_but_its_facts_stay_owed),
        cmocka_unit_test(a_clock_has_a_day_a_colour_and_words),
        cmocka_unit_test(a_certificate_is_kept_with_its_duty),
        cmocka_unit_test(totals_weigh_only_what_has_come_due),
        cmocka_unit_test(random_histories_leave_the_counts_right),
        cmocka_unit_test(a_spoilt_count_is_found_and_rebuilt),
        cmocka_unit_test(an_announced_year_moves_what_is_open_and_says_so),
    };
    int failed = cmocka_run_group_tests_name("duty on SQLite", tests, setup, teardown);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG")
               ? failed + cmocka_run_group_tests_name("duty on PostgreSQL", tests, setup, teardown)
               : failed;
}
