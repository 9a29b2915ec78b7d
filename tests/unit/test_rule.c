/* test_rule.c: rules as a manager makes, tries, switches and compares them. Subjects are made up or real duties put
 * into the tables; all else is real. */
#include "unit_db.h"

#include "auth/auth.h"
#include "calendar/calendar.h"
#include "job/job.h"
#include "ledger/ledger.h"
#include "supervision/rule_internal.h"

#define HOUR 3600000LL
#define DAY (24 * HOUR)
#define NOW (day_start(day_from(2026, 11, 23)) + 9 * HOUR) /* a Monday */

enum { MANAGER = 11, OFFICE, AUTHOR };
static enum db_engine engine;
static struct unit_db db;
static struct work w;
static struct app_config config;

/* ── made-up subjects ── */

#define SUBJECTS 450 /* more than two batches */
static struct course courses[SUBJECTS + 1];
static int64_t calls, stop_after; /* stop_after: the job's process dies after so many */
static bool broken;

static int made_course(struct work *x, const struct rule *r, int64_t subject, struct course *ret) {
    (void)r;
    calls++;
    if (broken || (stop_after && calls > stop_after))
        return fail(x, ERR_INTERNAL, "读取失败");
    if (!courses[subject].unit_id)
        return 0;
    *ret = courses[subject];
    return 1;
}
static int made_subjects(struct work *x, int64_t after, int64_t *ids, size_t cap) {
    int n = 0;
    (void)x;
    for (int64_t i = after + 1; i <= SUBJECTS && n < (int)cap; i++)
        if (courses[i].unit_id)
            ids[n++] = i;
    return n;
}
static const struct check_parameter parameters[] = {{"days", "提前天数", PARAMETER_INT, 1, 9, "3"},
                                                    {"word", "用语", PARAMETER_TEXT, 0, 4, "甲"},
                                                    {NULL, NULL, 0, 0, 0, NULL}};
static const struct check_event events[] = {{NULL, NULL, NULL, NULL}};
static const struct check made_up[] = {
    {"made_thing", "试验检查", "试验", "thing", "duty", parameters, events, made_course, made_subjects},
    {"made_request", "试验申请检查", "试验", "request", "request", parameters, events, made_course, made_subjects},
};

/* A stretch of one subject: yellow from, red from (0: never), until. */
static void stretch(int64_t subject, int64_t unit, int64_t from, int64_t red, int64_t until) {
    struct course *c = &courses[subject];
    if (!c->unit_id)
        *c = (struct course){
            .unit_id = unit, .holder = PERM_ALERT_ANSWER, .title = S("某事项"), .address = str_z("/desk/duties/1")};
    course_span(c, LEVEL_YELLOW, from, red ? red : until);
    if (red)
        course_span(c, LEVEL_RED, red, until);
}

#define ok(e)                                                                                                          \
    do {                                                                                                               \
        if ((e) < 0)                                                                                                   \
            unit_fail("%s: %s %s %s\n", #e, error_text(&w.error), w.error.field_count ? w.error.fields[0].field : "",  \
                      w.error.field_count ? w.error.fields[0].message : "");                                           \
    } while (0)

static void as(int64_t person) {
    w.actor.person_id = person;
    w.actor.rights[0] = w.actor.rights[1] = 0;
    actor_grant_roles(&w.actor, person == OFFICE ? ROLE_SUPERVISOR | ROLE_RULE : ROLE_RULE);
}

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 2);
    unit_db_migrate(&db);
    unit_work_open(&w, &db);
    config = (struct app_config){.clock = {.fixed_ms = NOW}};
    w.config = &config;
    w.now = NOW;
    w.actor.all_units = true;
    memset(courses, 0, sizeof courses);
    calls = stop_after = 0;
    broken = false;
    rule_limits = (struct rule_limits){10000, 20, 30, 1096};
    check_register(made_up, countof(made_up));
    supervision_checks();
    unit_db_tamper(&db, "INSERT INTO unit (id, parent_id, path, code, name, short_name, kind, org_code, sort_key, "
                        "demonstration, details, valid_from) VALUES "
                        "(1, NULL, '/1/', 'city', '某市', '某市', 'city', '', 1, FALSE, '{}', '2020-01-01'), "
                        "(2, 1, '/1/2/', 'town', '甲镇', '甲镇', 'town', '', 2, FALSE, '{}', '2020-01-01'), "
                        "(3, 1, '/1/3/', 'bureau', '乙局', '乙局', 'department', '', 3, FALSE, '{}', '2020-01-01'), "
                        "(4, 2, '/1/2/4/', 'village', '丙村', '丙村', 'village', '', 4, FALSE, '{}', '2020-01-01')");
    unit_db_tamper(
        &db,
        "INSERT INTO person (id, login, name, password_hash, password_at, must_change, disabled, demo, created_at) "
        "VALUES "
        "(11, 'a', '规则管理岗', '', 0, FALSE, FALSE, FALSE, 0), (12, 'b', '监督岗', '', 0, FALSE, FALSE, FALSE, 0), "
        "(13, 'c', '编写岗', '', 0, FALSE, FALSE, FALSE, 0), (14, 'd', '信息员', '', 0, FALSE, FALSE, FALSE, 0)");
    unit_db_tamper(&db, "INSERT INTO post (id, unit_id, name, roles, all_units) VALUES (21, 2, '信息员', 1, FALSE)");
    unit_db_tamper(&db, "INSERT INTO appointment (id, person_id, post_id, from_day) VALUES (31, 14, 21, '2020-01-01')");
    unit_db_tamper(&db, "INSERT INTO field (id, code, name, compiled_here, note) VALUES (1, '01', '重大建设项目', "
                        "TRUE, ''), (2, '02', '公共资源交易', TRUE, '')");
    unit_db_tamper(&db, "INSERT INTO catalogue (id, code, kind, level, unit_id, name, compiled, sort_key, created_at) "
                        "VALUES (1, 'c', 'standard', 'city', 1, '目录', 'here', 1, 0)");
    unit_db_tamper(&db, "INSERT INTO catalogue_item (id, catalogue_id, field_id, code, created_at) VALUES (1, 1, 1, "
                        "'T-01', 0), (2, 1, 2, 'T-02', 0)");
    unit_db_tamper(&db, "INSERT INTO item_version (id, item_id, version, serial, level1, level2, elements, basis, "
                        "limit_text, limit_rules, limit_settled, owners_text, channels, audience_all, audience_group, "
                        "mode_active, mode_request, level_city, level_town, extra, valid_from, created_at) VALUES "
                        "(1, 1, 1, 1, '一', '批准结果', '', '', '', '[]', TRUE, '', '', TRUE, '', TRUE, FALSE, TRUE, "
                        "FALSE, '{}', '2020-01-01', 0), "
                        "(2, 2, 1, 1, '二', '成交信息', '', '', '', '[]', TRUE, '', '', TRUE, '', TRUE, FALSE, TRUE, "
                        "FALSE, '{}', '2020-01-01', 0)");
    unit_db_tamper(&db, "INSERT INTO item_owner (version_id, unit_id) VALUES (1, 3), (2, 2)");
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    as(MANAGER);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    error_clear(&w);
    unit_work_close(&w);
    unit_db_remove(&db);
    return 0;
}

static int64_t scalar(const char *sql) {
    char text[400];
    snprintf(text, sizeof text, "%s", sql);
    struct db_statement st = {"scalar", "test", text, "a fixture", false, UINT32_MAX, 0};
    struct db_rows r;
    int n = db_one(&w, &st, &r);
    ok(n);
    return n ? db_i(&r, 0, 0) : -1;
}

/* ── rules ── */

struct said {
    const char *check, *name, *parameters, *scope, *ladder, *ground, *status;
    int64_t weight;
};
#define LADDER                                                                                                         \
    "[{\"level\": \"yellow\", \"after\": 0, \"to\": \"holder\"}, {\"level\": \"red\", \"after\": 1, \"to\": "          \
    "\"holder\"}]"
static const struct said plain = {
    "made_thing", "试验规则", "{\"days\": 4, \"word\": \"乙\"}", "{}", LADDER, "条例第二十六条", "C", 100};

static struct rule_draft draft(const struct said *s) {
    return (struct rule_draft){.name = str_z(s->name),
                               .ground = str_z(s->ground),
                               .status = str_z(s->status),
                               .weight = s->weight,
                               .effective = day_from(2026, 1, 1),
                               .parameters = json_loads(s->parameters, 0, NULL),
                               .scope = json_loads(s->scope, 0, NULL),
                               .ladder = json_loads(s->ladder, 0, NULL)};
}

static void drop(struct rule_draft *d) {
    json_decref(d->parameters);
    json_decref(d->scope);
    json_decref(d->ladder);
}

static int try_make(const struct said *s, int64_t *ret) {
    struct rule_draft d = draft(s);
    ok(db_begin(&w));
    int rc = rule_make(&w, str_z(s->check), &d, ret);
    if (rc < 0)
        db_rollback(&w);
    else
        ok(db_commit(&w));
    drop(&d);
    return rc;
}

static int64_t make(const struct said *s) {
    int64_t id = 0;
    ok(try_make(s, &id));
    return id;
}

static int try_save(int64_t id, int64_t base, const struct said *s) {
    struct rule_draft d = draft(s);
    int64_t version;
    ok(db_begin(&w));
    int rc = rule_save(&w, id, base, &d, &version);
    if (rc < 0) {
        db_rollback(&w);
    } else {
        ok(db_commit(&w));
        assert_int_equal(version, base + 1);
    }
    drop(&d);
    return rc;
}

static int step_of(int64_t id, const char *verb, int64_t version, const char *reason) {
    ok(db_begin(&w));
    int rc = rule_step(&w, id, verb, &(struct rule_step_input){str_z(reason), version});
    if (rc < 0)
        db_rollback(&w);
    else
        ok(db_commit(&w));
    return rc;
}
static int step(int64_t id, const char *verb) {
    return step_of(id, verb, 0, "测试理由");
}

static void told(const char *words) {
    if (!strstr(error_text(&w.error), words))
        unit_fail("told: %s, expected: %s\n", error_text(&w.error), words);
    error_clear(&w);
}
static void told_at(const char *field, const char *words) {
    for (size_t i = 0; i < w.error.field_count; i++)
        if (strcmp(w.error.fields[i].field, field) == 0 && strstr(w.error.fields[i].message, words)) {
            error_clear(&w);
            return;
        }
    unit_fail("told %s: %s, expected %s: %s\n", w.error.field_count ? w.error.fields[0].field : "-",
              w.error.field_count ? w.error.fields[0].message : error_text(&w.error), field, words);
}

static struct rule_row row_of(int64_t id) {
    struct rule_row r;
    assert_int_equal(rule_row_get(&w, id, 0, &r), 1);
    return r;
}

static int64_t start_try(int64_t id, day_t from, day_t to) {
    int64_t run = 0;
    ok(db_begin(&w));
    ok(rule_try_start(&w, id, 0, from, to, &run));
    ok(db_commit(&w));
    return run;
}

static int job(int64_t run) {
    json_t *args = json_pack("{s:I}", "run", (json_int_t)run);
    int rc = rule_try(&w, args);
    json_decref(args);
    return rc;
}

static int64_t tried(int64_t id, day_t from, day_t to) {
    int64_t run = start_try(id, from, to);
    ok(job(run));
    return run;
}

static json_t *shown(int64_t run) {
    struct rule_run x;
    assert_int_equal(rule_run_get(&w, run, &x), 1);
    json_t *o = rule_run_json(&w, &x);
    json_decref(x.result);
    assert_non_null(o);
    return o;
}

static int64_t figure(const json_t *o, const char *key) {
    return json_integer_value(json_object_get(o, key));
}
/* Of a list of {code or level, n}. */
static int64_t count_of(const json_t *o, const char *list, const char *code) {
    const json_t *e;
    size_t i;
    json_array_foreach(json_object_get(o, list), i, e) {
        const char *c = json_string_value(json_object_get(e, strcmp(list, "levels") == 0 ? "level" : "code"));
        if (c && strcmp(c, code) == 0)
            return json_integer_value(json_object_get(e, strcmp(list, "units") == 0 ? "raised" : "n"));
    }
    return 0;
}

/* ── making and changing ── */

static void a_rule_is_made_as_a_draft_and_on_record(void **s) {
    (void)s;
    int64_t id = make(&plain);
    struct rule_row r = row_of(id);
    assert_true(str_is(r.state, "draft") && r.version == 1 && !r.on_version_id && !r.frozen && r.made_by == MANAGER);
    assert_true(str_starts(r.code, S("r-")) && r.digest.n == 64);
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE room = 'supervision' AND verb = 'rule_saved'"), 1);
}

static void bad_values_are_told_at_their_field_all_at_once(void **s) {
    int64_t id;
    (void)s;
    struct said bad = {"made_thing", "一", "{\"days\": 10, \"word\": \"太长的用语\"}", "{}", "[]", "", "X", 10001};
    assert_int_equal(try_make(&bad, &id), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    static const char *const fields[] = {"days", "word", "ladder", "name", "ground", "status", "weight"};
    for (size_t i = 0; i < countof(fields); i++) {
        bool found = false;
        for (size_t k = 0; k < w.error.field_count; k++)
            found = found || strcmp(w.error.fields[k].field, fields[i]) == 0;
        if (!found)
            unit_fail("nothing told at %s\n", fields[i]);
    }
    error_clear(&w);
    bad = plain;
    bad.parameters = "{\"days\": 9, \"colour\": 1}";
    assert_int_equal(try_make(&bad, &id), -1);
    told_at("parameters", "没有参数 colour");
    bad = plain;
    bad.check = "no_such";
    assert_int_equal(try_make(&bad, &id), -1);
    told_at("check", "选择一项");
    bad = plain;
    bad.ladder = "[{\"level\": \"red\", \"after\": 0, \"to\": \"holder\"}, {\"level\": \"yellow\", \"after\": 0, "
                 "\"to\": \"holder\"}]";
    assert_int_equal(try_make(&bad, &id), -1);
    told_at("ladder", "第 2 步");
    assert_int_equal(scalar("SELECT count(*) FROM rule"), 0);
    struct said edge = plain; /* the last values that are good */
    edge.parameters = "{\"days\": 9, \"word\": \"四个字的\"}";
    edge.weight = 10000;
    make(&edge);
}

static void contradictory_scopes_are_told_at_the_field(void **s) {
    static const struct {
        const char *check, *scope, *field, *words;
    } cases[] = {
        {"made_thing", "{\"units\": [\"town\"], \"except\": [\"town\"]}", "except", "“甲镇”既在适用单位里"},
        {"made_thing", "{\"units\": [\"village\"], \"except\": [\"town\"]}", "except", "“丙村”隶属于例外单位“甲镇”"},
        {"made_thing", "{\"units\": [\"town\"], \"except\": [\"bureau\"]}", "except", "不需要列为例外"},
        {"made_thing", "{\"units\": [\"bureau\"], \"unit_kinds\": [\"town\"]}", "unit_kinds", "没有一个单位适用"},
        {"made_thing", "{\"except\": [\"city\"]}", "except", "没有一个单位适用"},
        {"made_thing", "{\"units\": [\"nowhere\"]}", "units", "没有代码为“nowhere”"},
        {"made_thing", "{\"unit_kinds\": [\"moon\"]}", "unit_kinds", "没有“moon”"},
        {"made_thing", "{\"items\": [\"T-01\"], \"fields\": [\"2\"]}", "items", "“批准结果”（T-01）不属于所选领域"},
        {"made_thing", "{\"items\": [\"T-01\"], \"units\": [\"town\"]}", "items", "公开主体都不在适用单位里"},
        {"made_thing", "{\"items\": [\"T-09\"]}", "items", "没有代码为“T-09”"},
        {"made_thing", "{\"fields\": [\"27\"]}", "fields", "没有代码为“27”"},
        {"made_request", "{\"fields\": [\"1\"]}", "fields", "不分领域和事项"},
    };
    (void)s;
    for (size_t i = 0; i < countof(cases); i++) {
        struct said x = plain;
        int64_t id;
        x.check = cases[i].check;
        x.scope = cases[i].scope;
        if (try_make(&x, &id) != -1)
            unit_fail("taken: %s\n", cases[i].scope);
        told_at(cases[i].field, cases[i].words);
    }
    struct said good = plain;
    good.scope = "{\"units\": [\"town\"], \"except\": [\"village\"]}";
    make(&good);
    good.scope = "{\"units\": [\"bureau\"], \"items\": [\"T-01\", \"T-02\"], \"fields\": [\"1\", \"2\"]}";
    make(&good);
}

static void a_change_is_a_further_version_and_a_stale_form_is_refused(void **s) {
    (void)s;
    int64_t id = make(&plain);
    struct said x = plain;
    assert_int_equal(try_save(id, 1, &x), -1);
    told_at("name", "没有需要保存的修改");
    x.parameters = "{\"days\": 5, \"word\": \"乙\"}";
    struct rule_row before = row_of(id);
    ok(try_save(id, 1, &x));
    struct rule_row after = row_of(id);
    assert_true(after.version == 2 && !str_eq(before.digest, after.digest));
    assert_int_equal(rule_row_get(&w, id, 1, &before), 1); /* the first one is as it was */
    assert_true(before.version == 1 && str_find(before.parameters, S("4")) >= 0);
    x.name = "另一名称";
    assert_int_equal(try_save(id, 1, &x), -1);
    assert_int_equal(w.error.code, ERR_CONFLICT);
    told("已保存第 2 版");
    ok(try_save(id, 2, &x));
    assert_true(str_eq(after.digest, row_of(id).digest)); /* a name changes nothing of what was tried */
}

static void versions_differ_part_by_part_in_words(void **s) {
    (void)s;
    struct said x = plain;
    x.scope = "{\"units\": [\"town\"], \"except\": [\"village\"], \"fields\": [\"1\"]}";
    int64_t id = make(&x);
    struct rule_row r = row_of(id);
    json_t *parts = rule_parts(&w, &r);
    char *text = json_dumps(parts, JSON_ENSURE_ASCII);
    static const char *const expected[][2] = {
        {"提前天数", "4"},        {"用语", "乙"},       {"适用单位", "甲镇"},       {"例外单位", "丙村"},
        {"领域", "重大建设项目"}, {"目录事项", "不限"}, {"生效日期", "2026-01-01"}, {"考核权重", "1"}};
    for (size_t i = 0; i < countof(expected); i++) {
        bool found = false;
        const json_t *p;
        size_t k;
        json_array_foreach(parts, k, p) found =
            found || (strcmp(json_string_value(json_object_get(p, "label")), expected[i][0]) == 0 &&
                      strcmp(json_string_value(json_object_get(p, "value")), expected[i][1]) == 0);
        if (!found)
            unit_fail("%s: %s not found in %s\n", expected[i][0], expected[i][1], text);
    }
    free(text);
    json_decref(parts);
    json_t *scope = rule_json_of(r.scope);
    struct str words = rule_scope_words(&w, scope);
    assert_true(str_is(words, "甲镇（丙村除外）；领域：重大建设项目"));
    json_decref(scope);
}

/* ── who may ── */

static void posts_of_one_unit_and_other_roles_touch_no_rule(void **s) {
    int64_t id = make(&plain), other;
    (void)s;
    w.actor.all_units = false;
    assert_int_equal(try_make(&plain, &other), -1);
    told("只有管全市的岗位");
    assert_int_equal(step(id, "end"), -1);
    told("只有管全市的岗位");
    w.actor.all_units = true;
    w.actor.rights[0] = w.actor.rights[1] = 0;
    actor_grant_roles(&w.actor, ROLE_SUPERVISOR); /* approves, does not write */
    assert_int_equal(try_make(&plain, &other), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN);
    error_clear(&w);
    assert_int_equal(step(id, "end"), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN);
    error_clear(&w);
    assert_true(str_is(row_of(id).state, "draft"));
}

/* ── trying ── */

static const day_t no_day = DAY_NONE;

static void the_days_of_a_dry_run_are_checked_at_their_edges(void **s) {
    (void)s;
    int64_t id = make(&plain), run;
    day_t today = work_today(&w);
    struct {
        day_t from, to;
        const char *field, *words;
    } cases[] = {{no_day, today, "from", "请填写"},
                 {today, no_day, "to", "请填写"},
                 {today, today + 1, "to", "不能晚于今天"},
                 {today, today - 1, "from", "不能晚于结束日期"},
                 {today - 1096, today, "from", "最多试运行 1096 天"}};
    for (size_t i = 0; i < countof(cases); i++) {
        ok(db_begin(&w));
        assert_int_equal(rule_try_start(&w, id, 0, cases[i].from, cases[i].to, &run), -1);
        db_rollback(&w);
        told_at(cases[i].field, cases[i].words);
    }
    start_try(id, today - 1095, today);
    ok(db_begin(&w));
    assert_int_equal(rule_try_start(&w, id, 0, today, today, &run), -1); /* pressed twice */
    db_rollback(&w);
    told("正在试运行");
    assert_int_equal(scalar("SELECT count(*) FROM job WHERE kind = 'rule_try'"), 1);
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE verb = 'rule_tried'"), 1);
}

static void a_dry_run_counts_what_begins_within_its_days_to_the_millisecond(void **s) {
    (void)s;
    day_t from = day_from(2026, 10, 12), to = day_from(2026, 10, 18); /* a week, Monday to Sunday */
    int64_t a = day_start(from), b = day_start(to + 1);
    stretch(1, 2, a - 1, 0, a + DAY);              /* began the day before */
    stretch(2, 2, a, 0, a + 1);                    /* the first instant */
    stretch(3, 2, b - 1, b, b + DAY);              /* the last one; red only after the days */
    stretch(4, 2, b, 0, b + DAY);                  /* the day after */
    stretch(5, 3, a + HOUR, a + DAY, a + 5 * DAY); /* red within the days */
    stretch(5, 3, a + 6 * DAY, 0, INT64_MAX);      /* a second stretch, still open */
    int64_t id = make(&plain), run = tried(id, from, to);
    json_t *o = shown(run);
    assert_int_equal(figure(o, "raised"), 4);
    assert_int_equal(count_of(o, "levels", "yellow"), 3);
    assert_int_equal(count_of(o, "levels", "orange"), 0);
    assert_int_equal(count_of(o, "levels", "red"), 1);
    assert_int_equal(count_of(o, "units", "town"), 2);
    assert_int_equal(count_of(o, "units", "bureau"), 2);
    assert_int_equal(figure(o, "standing"), 1);
    assert_int_equal(figure(o, "total"), 5);
    assert_int_equal(count_of(o, "verdicts", "confirmed"), 2); /* 3 and 5: red, then mended late */
    assert_int_equal(count_of(o, "verdicts", "lapsed"), 1);
    assert_int_equal(count_of(o, "verdicts", "pending"), 1);
    assert_int_equal(json_array_size(json_object_get(o, "examples")), 4);
    json_decref(o);
    assert_int_equal(scalar("SELECT count(*) FROM alert"), 0); /* nothing came of it */
    assert_int_equal(scalar("SELECT count(*) FROM alert_notice"), 0);
}

static void todays_dry_run_ends_now_and_knows_no_future(void **s) {
    (void)s;
    stretch(1, 2, NOW, 0, INT64_MAX);
    stretch(2, 2, NOW + 1, 0, INT64_MAX);
    stretch(3, 2, NOW - HOUR, NOW + HOUR, INT64_MAX); /* will be red in an hour: not yet */
    int64_t id = make(&plain);
    json_t *o = shown(tried(id, work_today(&w), work_today(&w)));
    assert_int_equal(figure(o, "raised"), 2);
    assert_int_equal(figure(o, "standing"), 2);
    assert_int_equal(figure(o, "standing_red"), 0);
    assert_int_equal(count_of(o, "levels", "red"), 0);
    assert_int_equal(count_of(o, "verdicts", "pending"), 2);
    json_decref(o);
}

static void notices_are_counted_by_the_ladder_per_post_and_week(void **s) {
    (void)s;
    day_t monday = day_from(2026, 10, 12);
    int64_t a = day_start(monday) + 9 * HOUR;
    stretch(1, 2, a, a + 4 * DAY, a + 10 * DAY); /* yellow Monday, red Friday: told again on the Monday after */
    stretch(2, 2, a, a + 4 * DAY, a + 5 * DAY);  /* mended on Saturday: the second step never comes */
    stretch(3, 2, a + 7 * DAY, 0, a + 8 * DAY);
    stretch(4, 3, a, 0, a + DAY); /* nobody holds it there: the city office hears */
    int64_t id = make(&plain), run = tried(id, monday, monday + 13);
    json_t *o = shown(run), *posts = json_object_get(o, "posts"), *first = json_array_get(posts, 0);
    assert_int_equal(json_array_size(posts), 2);
    assert_int_equal(figure(o, "notices"), 5);
    assert_int_equal(figure(o, "weeks"), 2);
    assert_int_equal(figure(first, "notices"), 4);
    assert_int_equal(figure(first, "worst"), 2);
    assert_int_equal(figure(json_array_get(posts, 1), "notices"), 1);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "甲镇信息员");
    assert_string_equal(json_string_value(json_object_get(o, "per_post_week")), "1.3"); /* 5 of 2 posts in 2 weeks */
    json_decref(o);
}

static void what_people_decided_on_recorded_alerts_is_reported(void **s) {
    (void)s;
    int64_t id = make(&plain), a = day_start(day_from(2026, 10, 12));
    static const char *const outcomes[] = {"false", "waived", "mended"};
    for (int64_t i = 1; i <= 4; i++)
        stretch(i, 2, a, 0, a + 2 * DAY);
    for (int64_t i = 1; i <= 3; i++) { /* under a rule of the same check */
        char sql[600];
        snprintf(
            sql, sizeof sql,
            "INSERT INTO alert (rule_id, version_id, check_code, subject_kind, subject_id, unit_id, field_id, item_id, "
            "post_id, level, peak, "
            "began_at, level_at, red_at, due_at, raised_at, state, outcome, closed_at, title, note, address, step) "
            "VALUES (%lld, (SELECT min(id) FROM rule_version), 'made_thing', 'thing', %lld, 2, 0, 0, 0, 1, 1, %lld, 0, "
            "0, 0, 0, 'closed', '%s', %lld, '', '', '', 0)",
            (long long)id, (long long)i, (long long)a, outcomes[i - 1], (long long)(a + DAY));
        unit_db_tamper(&db, sql);
    }
    json_t *o = shown(tried(id, day_from(2026, 10, 12), day_from(2026, 10, 13)));
    assert_int_equal(count_of(o, "verdicts", "false"), 1);
    assert_int_equal(count_of(o, "verdicts", "waived"), 1);
    assert_int_equal(count_of(o, "verdicts", "confirmed"), 1);
    assert_int_equal(count_of(o, "verdicts", "lapsed"), 1);
    json_decref(o);
}

static void a_dry_run_sees_only_the_rules_scope(void **s) {
    (void)s;
    int64_t a = day_start(day_from(2026, 10, 12));
    for (int64_t i = 1; i <= 3; i++)
        stretch(i, i + 1, a, 0, a + DAY); /* town, bureau, village */
    struct said x = plain;
    x.scope = "{\"units\": [\"town\"]}";
    json_t *o = shown(tried(make(&x), day_from(2026, 10, 12), day_from(2026, 10, 12)));
    assert_int_equal(figure(o, "raised"), 2); /* the town and its village */
    json_decref(o);
    x.scope = "{\"units\": [\"town\"], \"except\": [\"village\"]}";
    o = shown(tried(make(&x), day_from(2026, 10, 12), day_from(2026, 10, 12)));
    assert_int_equal(figure(o, "raised"), 1);
    json_decref(o);
}

static void a_dry_run_that_died_goes_on_and_counts_each_once(void **s) {
    (void)s;
    int64_t a = day_start(day_from(2026, 10, 12));
    for (int64_t i = 1; i <= SUBJECTS; i++)
        stretch(i, 2, a, 0, a + DAY);
    int64_t id = make(&plain), run = start_try(id, day_from(2026, 10, 12), day_from(2026, 10, 12));
    stop_after = 300;
    assert_int_equal(job(run), -1);
    error_clear(&w);
    json_t *o = shown(run);
    assert_string_equal(json_string_value(json_object_get(o, "state")), "running");
    assert_int_equal(figure(o, "total"), SUBJECTS);
    json_decref(o);
    stop_after = 0;
    w.now += 3 * DAY; /* another node takes it over; what it counts as now is the day it was asked for */
    ok(job(run));
    o = shown(run);
    assert_string_equal(json_string_value(json_object_get(o, "state")), "done");
    assert_int_equal(figure(o, "raised"), SUBJECTS);
    assert_int_equal(figure(o, "done"), SUBJECTS);
    assert_int_equal(json_array_size(json_object_get(o, "examples")), 50);
    json_decref(o);
    ok(job(run)); /* the lease's second runner: nothing changes */
    o = shown(run);
    assert_int_equal(figure(o, "raised"), SUBJECTS);
    json_decref(o);
}

static void a_dry_run_that_cannot_be_done_says_so_and_frees_the_rule(void **s) {
    (void)s;
    stretch(1, 2, NOW - DAY, 0, INT64_MAX);
    int64_t id = make(&plain), run = start_try(id, work_today(&w), work_today(&w));
    broken = true;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(job(run), -1);
        told("读取失败");
    }
    json_t *o = shown(run);
    assert_string_equal(json_string_value(json_object_get(o, "state")), "failed");
    json_decref(o);
    assert_int_equal(step(id, "on"), -1);
    told("没有完成过试运行");
    broken = false;
    tried(id, work_today(&w), work_today(&w));
    ok(step(id, "on"));
}

static void real_duties_are_counted_at_the_edge_of_the_days(void **s) {
    (void)s;
    static const struct {
        int id;
        const char *made, *due, *state, *met;
    } duties[] = {
        {1, "2026-09-01", "2026-10-23", "met", "2026-10-22"},      /* yellow from 10-16, met in time */
        {2, "2026-09-01", "2026-10-26", "met_late", "2026-11-02"}, /* yellow from 10-19: the first day; met late */
        {3, "2026-09-01", "2026-11-02", "open", NULL},             /* yellow from 10-26: the day after the last */
        {4, "2026-09-01", "2026-10-30", "void", NULL},
        {5, "2026-10-23", "2026-10-26", "open", NULL}, /* made when it was orange already; red since */
    };
    for (size_t i = 0; i < countof(duties); i++) {
        day_t made = 0, due = 0, met = 0;
        char sql[700];
        assert_int_equal(day_parse(str_z(duties[i].made), &made), 0);
        assert_int_equal(day_parse(str_z(duties[i].due), &due), 0);
        if (duties[i].met)
            assert_int_equal(day_parse(str_z(duties[i].met), &met), 0);
        snprintf(sql, sizeof sql,
                 "INSERT INTO duty (id, unit_id, item_id, item_version_id, field_id, source, period_key, rule_no, "
                 "subject, trigger_at, due_at, due_day, "
                 "state, met_at, certificate, created_at) VALUES (%d, 2, 1, 1, 1, 'period', 'p%d', 0, '', 0, %lld, "
                 "'%s', '%s', %lld, '{}', %lld)",
                 duties[i].id, duties[i].id, (long long)day_end(due), duties[i].due, duties[i].state,
                 (long long)(met ? day_start(met) + 9 * HOUR : 0), (long long)(day_start(made) + 9 * HOUR));
        unit_db_tamper(&db, sql);
    }
    struct said x = plain;
    x.check = "duty_due";
    x.parameters = "{\"yellow_days\": 5, \"orange_days\": 2}";
    x.scope = "{\"units\": [\"town\"], \"fields\": [\"1\"]}";
    int64_t id = make(&x);
    json_t *o = shown(tried(id, day_from(2026, 10, 19), day_from(2026, 10, 25)));
    assert_int_equal(figure(o, "raised"), 2); /* 2 and 5 */
    assert_int_equal(count_of(o, "verdicts", "confirmed"), 1);
    assert_int_equal(count_of(o, "verdicts", "red"), 1);
    assert_int_equal(figure(o, "standing"), 2); /* 3 and 5 */
    const json_t *e = json_array_get(json_object_get(o, "examples"), 0);
    assert_string_equal(json_string_value(json_object_get(e, "address")), "/desk/duties/2");
    json_decref(o);
    o = shown(tried(id, day_from(2026, 10, 16), day_from(2026, 10, 26)));
    assert_int_equal(figure(o, "raised"), 4);
    json_decref(o);
}

/* ── switching ── */

static void switching_on_needs_a_dry_run_of_exactly_this_and_not_too_old(void **s) {
    (void)s;
    int64_t id = make(&plain);
    assert_int_equal(step(id, "on"), -1);
    told("没有完成过试运行");
    tried(id, work_today(&w) - 7, work_today(&w));
    struct said x = plain;
    x.parameters = "{\"days\": 5, \"word\": \"乙\"}";
    ok(try_save(id, 1, &x));
    assert_int_equal(step(id, "on"), -1); /* version 2 was not tried */
    told("第 2 版在 30 日内没有完成过试运行");
    ok(try_save(id, 2, &plain)); /* as it was tried, but a day too old */
    w.now = NOW + 30 * DAY + 1;
    assert_int_equal(step(id, "on"), -1);
    told("没有完成过试运行");
    w.now = NOW + 30 * DAY;
    assert_int_equal(step_of(id, "on", 0, " "), -1);
    told_at("reason", "请写明“启用规则”的理由");
    assert_int_equal(step_of(id, "on", 2, "看到的是旧版"), -1);
    assert_int_equal(w.error.code, ERR_CONFLICT);
    error_clear(&w);
    ok(step_of(id, "on", 3, "测试理由"));
    struct rule_row r = row_of(id);
    assert_true(str_is(r.state, "on") && r.on_version == 3 && r.frozen && r.on_at == w.now);
    assert_int_equal(scalar("SELECT count(*) FROM job WHERE kind = 'supervision_enrol'"), 1);
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE verb = 'rule_on'"), 1);
    assert_int_equal(step(id, "on"), -1);
    told("第 3 版已经启用");
}

static void a_rule_edited_while_it_fires_fires_as_it_was_until_switched(void **s) {
    struct rule fires;
    (void)s;
    int64_t id = make(&plain);
    tried(id, work_today(&w) - 7, work_today(&w));
    ok(step(id, "on"));
    struct said x = plain;
    x.parameters = "{\"days\": 7, \"word\": \"乙\"}";
    ok(try_save(id, 1, &x));
    assert_int_equal(rule_get(&w, id, 0, &fires), 1);
    assert_true(fires.version == 1 && rule_int(&fires, "days") == 4);
    rule_release(&fires);
    tried(id, work_today(&w) - 7, work_today(&w));
    ok(step(id, "on"));
    assert_int_equal(rule_get(&w, id, 0, &fires), 1);
    assert_true(fires.version == 2 && rule_int(&fires, "days") == 7);
    rule_release(&fires);
}

static void off_on_again_and_ended_for_good(void **s) {
    (void)s;
    int64_t id = make(&plain);
    assert_int_equal(step(id, "off"), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    error_clear(&w);
    tried(id, work_today(&w) - 7, work_today(&w));
    ok(step(id, "on"));
    int64_t first = row_of(id).on_at;
    w.now += DAY;
    ok(step(id, "off"));
    assert_true(str_is(row_of(id).state, "off"));
    ok(step(id, "on"));
    assert_int_equal(row_of(id).on_at, first);
    ok(step(id, "end"));
    assert_true(str_is(row_of(id).state, "ended"));
    assert_int_equal(step(id, "on"), -1);
    assert_int_equal(w.error.code, ERR_WRONG_STATE);
    error_clear(&w);
    struct said x = plain;
    x.name = "又改";
    assert_int_equal(try_save(id, 1, &x), -1);
    told("已经废止");
    static const char *const verbs[] = {"rule_on", "rule_off", "rule_ended"};
    static const int64_t times[] = {2, 1, 1};
    for (size_t i = 0; i < countof(verbs); i++) {
        char sql[120];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM event WHERE verb = '%s'", verbs[i]);
        assert_int_equal(scalar(sql), times[i]);
    }
}

/* ── large ones ── */

static void how_many(int64_t n) {
    memset(courses, 0, sizeof courses);
    for (int64_t i = 1; i <= n; i++)
        stretch(i, 3, NOW - DAY, 0, NOW - HOUR);
}

static void a_large_rule_needs_another_person(void **s) {
    (void)s;
    rule_limits.alerts = 10;
    rule_limits.per_post_week = 1000;
    how_many(9);
    int64_t id = make(&plain);
    tried(id, work_today(&w) - 1, work_today(&w));
    assert_int_equal(step(id, "ask"), -1); /* nine: one person may */
    told("可以直接启用");
    how_many(10);
    tried(id, work_today(&w) - 1, work_today(&w)); /* the newest dry run counts */
    assert_int_equal(step(id, "on"), -1);
    told("将产生 10 条预警，达到 10 条，须申请启用");
    assert_int_equal(step(id, "approve"), -1);
    assert_int_equal(w.error.code, ERR_FORBIDDEN); /* a rule manager approves nothing */
    error_clear(&w);
    ok(step(id, "ask"));
    assert_int_equal(scalar("SELECT count(*) FROM notice WHERE permission = 'rule.approve'"), 1);
    assert_int_equal(step(id, "ask"), -1);
    told("正在等待复核");
    assert_true(str_is(row_of(id).state, "draft"));
    as(OFFICE);
    ok(step_of(id, "refuse", 1, "范围过大"));
    assert_int_equal(row_of(id).asked_by, 0);
    as(MANAGER);
    ok(step(id, "ask"));
    as(OFFICE);
    ok(step(id, "approve"));
    assert_true(str_is(row_of(id).state, "on"));
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE verb = 'rule_asked'"), 2);
    assert_int_equal(scalar("SELECT count(*) FROM event WHERE verb = 'rule_refused'"), 1);
}

static void who_asked_or_wrote_does_not_approve(void **s) {
    (void)s;
    rule_limits.alerts = 1;
    how_many(1);
    as(OFFICE); /* holds both roles */
    int64_t id = make(&plain);
    tried(id, work_today(&w) - 1, work_today(&w));
    ok(step(id, "ask"));
    assert_int_equal(step(id, "approve"), -1);
    told("由您提出，须由另一人复核");
    assert_int_equal(step(id, "refuse"), -1);
    told("由您提出");
    struct said x = plain;
    x.name = "另一版";
    ok(try_save(id, 1, &x)); /* a newer version: the request falls away */
    assert_int_equal(row_of(id).asked_by, 0);
    as(AUTHOR);
    ok(step(id, "ask")); /* of what OFFICE wrote */
    as(OFFICE);
    assert_int_equal(step(id, "approve"), -1);
    told("由您编写");
    assert_true(str_is(row_of(id).state, "draft"));
}

static void a_post_flooded_in_one_week_needs_another_person_too(void **s) {
    (void)s;
    rule_limits.per_post_week = 5;
    how_many(5);
    int64_t id = make(&plain);
    tried(id, work_today(&w) - 1, work_today(&w));
    struct rule_run run;
    struct rule_load load;
    struct rule_row r = row_of(id);
    assert_int_equal(rule_run_valid(&w, &r, &run), 1);
    rule_run_load(&w, &run, &load);
    json_decref(run.result);
    assert_int_equal(load.busiest, 5);
    assert_int_equal(rule_large(&w, &load).n, 0);
    how_many(6);
    tried(id, work_today(&w) - 1, work_today(&w));
    assert_int_equal(step(id, "on"), -1);
    told("最忙的岗位一周将收到 6 条提醒，超过 5 条");
}

static void the_limits_are_read_or_refused_whole(void **s) {
    (void)s;
    ok(rule_limits_load(S("{\"rules\": {\"second_person_alerts\": 7, \"tried_days\": 2}}")));
    assert_true(rule_limits.alerts == 7 && rule_limits.tried_days == 2 && rule_limits.per_post_week == 20);
    assert_int_equal(rule_limits_load(S("{\"rules\": {\"second_person_alerts\": 0}}")), -1);
    assert_int_equal(rule_limits_load(S("{\"rules\": {\"tried_days\": \"30\"}}")), -1);
    assert_int_equal(rule_limits_load(S("{}")), -1);
    assert_int_equal(rule_limits.alerts, 7);
}

static int run_all(enum db_engine e) {
    engine = e;
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_rule_is_made_as_a_draft_and_on_record),
        T(bad_values_are_told_at_their_field_all_at_once),
        T(contradictory_scopes_are_told_at_the_field),
        T(a_change_is_a_further_version_and_a_stale_form_is_refused),
        T(versions_differ_part_by_part_in_words),
        T(posts_of_one_unit_and_other_roles_touch_no_rule),
        T(the_days_of_a_dry_run_are_checked_at_their_edges),
        T(a_dry_run_counts_what_begins_within_its_days_to_the_millisecond),
        T(todays_dry_run_ends_now_and_knows_no_future),
        T(notices_are_counted_by_the_ladder_per_post_and_week),
        T(what_people_decided_on_recorded_alerts_is_reported),
        T(a_dry_run_sees_only_the_rules_scope),
        T(a_dry_run_that_died_goes_on_and_counts_each_once),
        T(a_dry_run_that_cannot_be_done_says_so_and_frees_the_rule),
        T(real_duties_are_counted_at_the_edge_of_the_days),
        T(switching_on_needs_a_dry_run_of_exactly_this_and_not_too_old),
        T(a_rule_edited_while_it_fires_fires_as_it_was_until_switched),
        T(off_on_again_and_ended_for_good),
        T(a_large_rule_needs_another_person),
        T(who_asked_or_wrote_does_not_approve),
        T(a_post_flooded_in_one_week_needs_another_person_too),
        T(the_limits_are_read_or_refused_whole),
    };
    return cmocka_run_group_tests_name(e == DB_SQLITE ? "rules (SQLite)" : "rules (PostgreSQL)", tests, NULL, NULL);
}

int main(void) {
    log_set_level(LOG_ERROR);
    int rc = run_all(DB_SQLITE);
    return rc + (getenv("MINGTANG_TEST_PG") ? run_all(DB_POSTGRESQL) : 0);
}
