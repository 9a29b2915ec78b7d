/* test_check_site.c: the site's checks at their edges: the last day in time, the first day too late; what is withdrawn,
 * what ends, what was found and mended; the walk against a small server of its own. */
#include "supervision/supervision_internal.h"
#define rule rule_of_foi /* the room request has an enum of that name inside */
#include "unit_request.h"
#undef rule
#include "disclosure/disclosure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

STATEMENT(column_id, "SELECT id FROM site_column WHERE code = $2 AND id > $1", false);
STATEMENT(end_unit, "UPDATE unit SET valid_to = $2 WHERE id = $1", true);
STATEMENT(withdraw,
          "UPDATE disclosure SET state = 'withdrawn', withdrawn_at = $2, public_version_id = NULL WHERE id = $1", true);
STATEMENT(findings, "SELECT id, kind, address, status, tries, ended_at FROM site_finding WHERE id > $1 ORDER BY id",
          false);
STATEMENT(events_of, "SELECT COUNT(*) FROM event WHERE room = 'supervision' AND subject_id = $1 AND verb = $2", false);
STATEMENT(day_of_tries, "INSERT INTO site_day (day, tries, slow) VALUES ($2, $1, $3)", true);

static json_t *columns;
static json_t *shown_columns(struct work *work) {
    (void)work;
    return json_incref(columns);
}

static void columns_are(const char *json) {
    json_decref(columns);
    columns = json_loads(json, 0, NULL);
    assert_non_null(columns);
    ok(supervision_site_columns(&w));
}

#define THREE                                                                                                            \
    "{\"columns\":[{\"code\":\"policies\",\"name\":\"政策文件库\",\"type\":\"政策文件\",\"filter\":{\"class\":" \
    "\"case\"}},"                                                                                                        \
    "{\"code\":\"news\",\"name\":\"动态\",\"type\":\"工作动态\",\"filter\":{\"class\":\"rule\",\"kind\":"          \
    "\"document\"}},"                                                                                                    \
    "{\"code\":\"guides\",\"name\":\"指南\",\"type\":\"信息公开指南\",\"filter\":{\"class\":\"guide\"}},"        \
    "{\"code\":\"own\",\"name\":\"自选\",\"type\":\"专题专栏\",\"filter\":{\"q\":\"慈善\",\"class\":\"policy\"}}]}"

static int64_t column(const char *code) {
    return number_of(&column_id, 0, code);
}

static int64_t published(const char *day, int64_t unit_id, const char *kind, const char *year) {
    struct actor before = w.actor;
    struct disclosure_input x = {.title = S("关于测试的信息"),
                                 .body = S("<p>正文</p>"),
                                 .attribute = S("active"),
                                 .validity = S("valid"),
                                 .kind = str_z(kind),
                                 .source = S("测试"),
                                 .formed = d(day),
                                 .effective = DAY_NONE,
                                 .expires = DAY_NONE};
    int64_t id, now = w.now;
    at(day);
    w.actor = (struct actor){.all_units = true, .rights = {~0ULL, ~0ULL}};
    if (year)
        x.el[ELEMENT_YEAR] = str_z(year);
    if (strcmp(kind, "profile") == 0)
        x.el[ELEMENT_ADDRESS] = x.el[ELEMENT_HOURS] = x.el[ELEMENT_TELEPHONE] = S("见正文");
    ok(disclosure_create(&w, unit_id, &x, &id));
    ok(disclosure_enter_existing(&w, id));
    w.actor = before;
    w.now = now;
    return id;
}

static int64_t morning(const char *day) {
    return day_start(d(day)) + 9 * 3600000;
}

static int course_with(const char *code, int64_t id, const char *parameters, int64_t on_from, struct course *ret) {
    struct rule r = {
        .check = check_find(str_z(code)), .parameters = json_loads(parameters, 0, NULL), .on_from = on_from};
    assert_true(r.check && r.parameters);
    int rc = r.check->course(&w, &r, id, ret);
    if (rc < 0)
        unit_fail("%s: %s\n", code, error_text(&w.error));
    json_decref(r.parameters);
    for (size_t i = 0; rc == 1 && i < ret->n; i++) {
        assert_true(ret->spans[i].from < ret->spans[i].until);
        assert_true(i == 0 || ret->spans[i - 1].until <= ret->spans[i].from);
    }
    return rc;
}

static struct course course_of(const char *code, int64_t id) {
    struct course c;
    if (course_with(code, id, "{}", 0, &c) != 1)
        unit_fail("%s: not concerned\n", code);
    return c;
}

static void level_is(const struct course *c, int64_t instant, int level) {
    int64_t next;
    int got = course_level(c, instant, &next);
    if (got != level)
        unit_fail("%s at %s, expected %s\n", alert_level_code(got), instant_rfc3339(w.arena, instant).p,
                  alert_level_code(level));
}

static void turns_at(const struct course *c, int64_t instant, int before, int level) {
    level_is(c, instant - 1, before);
    level_is(c, instant, level);
}

static void turns(const struct course *c, const char *day, int before, int level) {
    turns_at(c, day_start(d(day)), before, level);
}

/* ── home page and columns ── */

static void the_home_page_has_two_weeks(void **s) {
    (void)s;
    published("2026-10-12", zfb, "rule", NULL);
    columns_are(THREE);
    struct course c = course_of("home_stale", column("/"));
    assert_true(c.unit_id == zfb && c.holder == PERM_PORTAL_EDIT);
    assert_int_equal(day_of(c.due_at), d("2026-10-26")); /* the fourteenth day after */
    turns(&c, "2026-10-22", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2026-10-25", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2026-10-27", LEVEL_ORANGE, LEVEL_RED);
    published("2026-10-28", zfb, "rule", NULL); /* any publication of any unit renews it */
    published("2026-11-02", mzj, "case", NULL);
    c = course_of("home_stale", column("/"));
    turns_at(&c, morning("2026-10-28"), LEVEL_RED, LEVEL_NONE);
    turns(&c, "2026-11-17", LEVEL_ORANGE, LEVEL_RED);
    level_is(&c, day_start(d("2026-11-12")) - 1, LEVEL_NONE);
}

static void a_day_in_time_is_no_gap_and_a_day_later_is(void **s) {
    (void)s;
    published("2026-08-03", zfb, "rule", NULL);
    published("2026-08-17", zfb, "rule", NULL); /* the fourteenth day */
    published("2026-09-01", zfb, "rule", NULL); /* the fifteenth */
    columns_are(THREE);
    struct course c = course_of("home_stale", column("/"));
    level_is(&c, morning("2026-08-17") - 1, LEVEL_ORANGE);
    level_is(&c, morning("2026-08-17"), LEVEL_NONE);
    turns(&c, "2026-09-01", LEVEL_ORANGE, LEVEL_RED);
    turns_at(&c, morning("2026-09-01"), LEVEL_RED, LEVEL_NONE);
}

static void columns_have_the_limit_of_their_kind(void **s) {
    struct course c, none;
    (void)s;
    published("2026-03-31", zfb, "case", NULL);
    published("2026-03-31", zfb, "rule", NULL);
    published("2026-03-31", zfb, "guide", NULL);
    columns_are(THREE);
    c = course_of("column_stale", column("policies")); /* six months: 30 September, the last of its month */
    assert_true(str_is(c.kind, "notice"));
    turns(&c, "2026-10-01", LEVEL_ORANGE, LEVEL_RED);
    c = course_of("column_stale", column("news"));
    turns(&c, "2026-04-15", LEVEL_ORANGE, LEVEL_RED);
    c = course_of("column_stale", column("guides"));
    assert_int_equal(c.n, 0); /* not asked to be renewed */
    assert_int_equal(course_with("column_stale", column("guides"), "{\"other_months\":12}", 0, &c), 1);
    turns(&c, "2027-04-01", LEVEL_ORANGE, LEVEL_RED);
    assert_int_equal(course_with("column_stale", column("policies"), "{\"notice_months\":3}", 0, &c), 1);
    turns(&c, "2026-07-01", LEVEL_ORANGE, LEVEL_RED);
    assert_int_equal(course_with("column_stale", column("own"), "{}", 0, &none), 0); /* a search of its own */
    assert_int_equal(course_with("column_stale", column("/"), "{}", 0, &none), 0);
    assert_int_equal(course_with("home_stale", column("news"), "{}", 0, &none), 0);
}

/* A rule that begins later reads on from the publication before, and says the same from then on. */
static void a_later_beginning_says_the_same_from_then_on(void **s) {
    struct course all, later;
    static const char *const days[] = {"2026-01-05", "2026-02-20", "2026-03-01",
                                       "2026-03-20", "2026-04-10", "2026-07-01"};
    (void)s;
    for (size_t i = 0; i < countof(days); i++)
        published(days[i], zfb, "rule", NULL);
    columns_are(THREE);
    assert_int_equal(course_with("home_stale", column("/"), "{}", 0, &all), 1);
    assert_int_equal(course_with("home_stale", column("/"), "{}", morning("2026-03-25"), &later), 1);
    assert_true(later.n < all.n);
    for (int64_t t = morning("2026-03-25"); t < day_start(d("2026-09-01")); t += 6 * 3600000) {
        int64_t next;
        level_is(&later, t, course_level(&all, t, &next));
    }
}

/* Against the plain reading: walk every hour and look for the newest publication before it. */
static void the_walk_over_gaps_agrees_with_a_plain_reading(void **s) {
    int64_t at_days[60];
    size_t n = 0;
    unsigned seed = 20261102;
    (void)s;
    for (day_t day = d("2025-01-06"); day < d("2026-06-01") && n < countof(at_days);) {
        published(day_str(w.arena, day).p, zfb, "rule", NULL);
        at_days[n++] = day_start(day) + 9 * 3600000;
        seed = seed * 1103515245u + 12345u;
        day += 1 + (day_t)(seed / 65536u % 24u);
    }
    columns_are(THREE);
    struct course c = course_of("home_stale", column("/"));
    int64_t first_kept = c.n > COURSE_SPANS - 7 ? c.spans[0].from : at_days[0];
    for (int64_t t = first_kept; t < at_days[n - 1] + 40 * DAY_MS; t += 3600000) {
        int64_t last = 0;
        for (size_t i = 0; i < n && at_days[i] <= t; i++)
            last = at_days[i];
        day_t gone = day_of(t) - day_of(last);
        level_is(&c, t, gone > 14 ? LEVEL_RED : gone > 12 ? LEVEL_ORANGE : gone > 9 ? LEVEL_YELLOW : LEVEL_NONE);
    }
}

static void a_column_without_anything_is_empty(void **s) {
    struct course c;
    (void)s;
    columns_are(THREE); /* first looked at on 2 November at nine */
    int64_t since = w.now;
    c = course_of("column_empty", column("policies"));
    turns_at(&c, since, LEVEL_NONE, LEVEL_YELLOW);
    turns_at(&c, since + 14 * DAY_MS, LEVEL_YELLOW, LEVEL_RED);
    int64_t id = published("2026-11-20", zfb, "case", NULL);
    c = course_of("column_empty", column("policies"));
    turns_at(&c, morning("2026-11-20"), LEVEL_RED, LEVEL_NONE);
    level_is(&c, day_start(d("2028-01-01")), LEVEL_NONE);
    assert_int_equal(db_exec(&w, &withdraw, DB_INT(id), DB_INT(morning("2026-12-01"))), 1);
    c = course_of("column_empty", column("policies"));
    turns_at(&c, morning("2026-12-01"), LEVEL_NONE, LEVEL_YELLOW);
    published("2026-12-03", zfb, "case", NULL);
    c = course_of("column_empty", column("policies"));
    turns_at(&c, morning("2026-12-03"), LEVEL_YELLOW, LEVEL_NONE);
}

static void a_column_taken_down_is_over(void **s) {
    (void)s;
    columns_are(THREE);
    int64_t id = column("policies");
    at("2026-12-01");
    columns_are("{\"columns\":[]}");
    struct course c = course_of("column_empty", id);
    turns_at(&c, morning("2026-12-01"), LEVEL_RED, LEVEL_NONE);
    assert_int_equal(number_of(&events_of, id, "site_changed"), 2);
    columns_are("{\"columns\":[]}"); /* nothing new: no event */
    assert_int_equal(number_of(&events_of, id, "site_changed"), 2);
}

static void a_publication_concerns_its_columns(void **s) {
    int64_t ids[8];
    const struct check_event *e = check_find(S("column_stale"))->events;
    (void)s;
    columns_are(THREE);
    int64_t policy = published("2026-11-02", zfb, "case", NULL);
    assert_int_equal(e->of(&w, policy, 0, ids, 8), 2);
    assert_true(ids[0] == column("/") && ids[1] == column("policies"));
    assert_int_equal(e->of(&w, policy, ids[0], ids, 8), 1);
}

/* ── reachable ── */

static void five_in_a_hundred_of_a_week_is_unreachable(void **s) {
    struct course c;
    (void)s;
    columns_are(THREE);
    for (int i = 0; i < 7; i++) /* 140 tries; 7 slow are five in a hundred */
        assert_int_equal(db_exec(&w, &day_of_tries, DB_INT(20), DB_TEXT(day_str(w.arena, d("2026-11-02") + i)),
                                 DB_INT(i == 3 ? 6 : 0)),
                         1);
    c = course_of("site_unreachable", column("/"));
    turns(&c, "2026-11-06", LEVEL_NONE, LEVEL_RED);    /* 6 of 80: the week so far */
    turns(&c, "2026-11-08", LEVEL_RED, LEVEL_RED);     /* 6 of 120: exactly five */
    turns(&c, "2026-11-09", LEVEL_RED, LEVEL_YELLOW);  /* 6 of 140 */
    turns(&c, "2026-11-10", LEVEL_YELLOW, LEVEL_NONE); /* not measured any more */
    assert_int_equal(course_with("site_unreachable", column("/"), "{\"least\":141}", 0, &c), 1);
    assert_int_equal(c.n, 0);
}

/* ── organs ── */

static void an_organ_without_guide_is_missing_one(void **s) {
    struct course c;
    (void)s;
    columns_are(THREE);
    int64_t since = w.now;
    c = course_of("guide_missing", mzj);
    assert_true(c.unit_id == mzj && c.holder == PERM_DISCLOSURE_EDIT);
    turns_at(&c, since, LEVEL_NONE, LEVEL_YELLOW);
    turns_at(&c, since + 30 * DAY_MS, LEVEL_YELLOW, LEVEL_RED);
    int64_t id = published("2026-11-20", mzj, "guide", NULL);
    c = course_of("guide_missing", mzj);
    turns_at(&c, morning("2026-11-20"), LEVEL_YELLOW, LEVEL_NONE);
    level_is(&c, day_start(d("2030-01-01")), LEVEL_NONE);
    assert_int_equal(db_exec(&w, &withdraw, DB_INT(id), DB_INT(morning("2026-12-20"))), 1);
    c = course_of("guide_missing", mzj);
    turns_at(&c, morning("2026-12-20"), LEVEL_NONE, LEVEL_YELLOW);
    c = course_of("profile_missing", mzj); /* a guide is no profile */
    level_is(&c, since + 31 * DAY_MS, LEVEL_RED);
    assert_int_equal(db_exec(&w, &end_unit, DB_INT(mzj), DB_TEXTZ("2026-12-31")), 1);
    c = course_of("profile_missing", mzj);
    turns(&c, "2027-01-01", LEVEL_RED, LEVEL_NONE);
}

static void villages_owe_none_of_it(void **s) {
    struct db_rows r;
    struct course c;
    STATEMENT(any_village,
              "SELECT id FROM unit WHERE kind NOT IN ('city', 'office', 'department', 'town') ORDER BY id LIMIT 1",
              false);
    (void)s;
    columns_are(THREE);
    if (db_one(&w, &any_village, &r) == 1)
        assert_int_equal(course_with("guide_missing", db_i(&r, 0, 0), "{}", 0, &c), 0);
    assert_int_equal(course_with("guide_missing", 999999, "{}", 0, &c), 0);
}

static void a_report_is_due_on_the_last_of_january(void **s) {
    struct course c;
    (void)s;
    columns_are(THREE); /* November 2026: the first one to come is that of 2026 */
    c = course_of("report_late", mzj);
    assert_true(c.holder == PERM_REPORT_EDIT && day_of(c.due_at) == d("2027-01-31"));
    level_is(&c, w.now, LEVEL_NONE);
    turns(&c, "2027-01-16", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2027-01-26", LEVEL_YELLOW, LEVEL_ORANGE);
    turns(&c, "2027-02-01", LEVEL_ORANGE, LEVEL_RED); /* a Sunday does not move it */
    level_is(&c, day_start(d("2029-06-01")), LEVEL_RED);
    published("2027-01-31", mzj, "report", "2025"); /* another year's is not it */
    c = course_of("report_late", mzj);
    turns(&c, "2027-02-01", LEVEL_ORANGE, LEVEL_RED);
    published("2027-02-03", mzj, "report", "2026");
    c = course_of("report_late", mzj);
    turns_at(&c, morning("2027-02-03"), LEVEL_RED, LEVEL_NONE);
    turns(&c, "2028-01-16", LEVEL_NONE, LEVEL_YELLOW);
    turns(&c, "2028-02-01", LEVEL_ORANGE, LEVEL_RED);
    assert_int_equal(day_of(c.due_at), d("2028-01-31"));
}

static void the_city_has_until_the_end_of_march(void **s) {
    struct course c;
    struct db_rows r;
    STATEMENT(city, "SELECT id FROM unit WHERE kind = 'city' ORDER BY id LIMIT 1", false);
    (void)s;
    columns_are(THREE);
    assert_int_equal(db_one(&w, &city, &r), 1);
    int64_t id = db_i(&r, 0, 0);
    c = course_of("report_late", id);
    turns(&c, "2027-04-01", LEVEL_ORANGE, LEVEL_RED);
    published("2027-03-31", id, "report", "2026");
    c = course_of("report_late", id);
    turns_at(&c, morning("2027-03-31"), LEVEL_ORANGE, LEVEL_NONE);
    turns(&c, "2028-04-01", LEVEL_ORANGE, LEVEL_RED);
    assert_int_equal(course_with("report_late", id, "{\"city_day\":\"02-28\"}", 0, &c), 1);
    turns(&c, "2027-03-01", LEVEL_ORANGE, LEVEL_RED);
}

/* ── findings ── */

static struct finding finding(const char *kind, const char *address) {
    return (struct finding){.kind = str_z(kind),
                            .unit_id = mzj,
                            .disclosure_id = 7,
                            .page = S("/disclosures/x"),
                            .title = S("某信息"),
                            .address = str_z(address),
                            .status = S("404"),
                            .detail = S("打不开，应答 404")};
}

static int64_t first_finding(void) {
    struct db_rows r;
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, 1);
    return db_i(&r, 0, 0);
}

static void a_link_counts_from_its_second_failure(void **s) {
    struct finding f = finding("link", "/gone");
    struct look seen = {.n = 0};
    struct course c;
    (void)s;
    int64_t first = w.now;
    ok(finding_failed(&w, &f, &seen));
    int64_t id = first_finding();
    c = course_of("link_dead", id);
    assert_int_equal(c.n, 0);
    assert_int_equal(number_of(&events_of, id, "site_found"), 0);
    w.now += 3600000;
    ok(finding_failed(&w, &f, &seen));
    ok(finding_failed(&w, &f, &seen));
    assert_int_equal(first_finding(), id); /* the same one */
    assert_int_equal(number_of(&events_of, id, "site_found"), 1);
    c = course_of("link_dead", id);
    turns_at(&c, first, LEVEL_NONE, LEVEL_YELLOW);
    turns_at(&c, first + 3 * DAY_MS, LEVEL_YELLOW, LEVEL_RED);
    assert_int_equal(course_with("attachment_missing", id, "{}", 0, &c), 0);
    w.now += 5 * DAY_MS;
    struct look good = {.n = 0};
    ok(finding_settle(&w, 7, S("/disclosures/other"), &good)); /* another page's look says nothing of it */
    assert_int_equal(number_of(&events_of, id, "site_mended"), 0);
    ok(finding_settle(&w, 7, S("/disclosures/x"), &good));
    assert_int_equal(number_of(&events_of, id, "site_mended"), 1);
    c = course_of("link_dead", id);
    turns_at(&c, w.now, LEVEL_RED, LEVEL_NONE);
    ok(finding_failed(&w, &f, &seen)); /* broken again: a finding of its own */
    struct db_rows r;
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, 2);
}

static void a_single_failure_that_passes_was_nothing(void **s) {
    struct finding f = finding("attachment", "/attachments/x/1");
    struct look seen = {.n = 0}, good = {.n = 0};
    (void)s;
    ok(finding_failed(&w, &f, &seen));
    int64_t id = first_finding();
    ok(finding_settle(&w, 7, f.page, &good));
    assert_int_equal(number_of(&events_of, id, "site_found") + number_of(&events_of, id, "site_mended"), 0);
    struct course c = course_of("attachment_missing", id);
    assert_int_equal(c.n, 0);
}

/* ── what a page shows ── */

static void tags_must_be_there_and_filled(void **s) {
    struct str html = S("<meta name=\"SiteName\" content=\"如皋\"><meta name=\"SiteDomain\" content=\" \">"
                        "<meta name=\"sitecode\" content=\"1\"><meta name=\"ColumnName\" content=\"x\">");
    (void)s;
    assert_string_equal(site_tags(&w, html, TAGS_SITE).p, "SiteDomain、SiteIDCode");
    assert_string_equal(site_tags(&w, html, TAGS_COLUMN).p, "ColumnDescription、ColumnKeywords、ColumnType");
    assert_string_equal(site_tags(&w, html, TAGS_CONTENT).p, "ArticleTitle、PubDate、ContentSource");
}

static void the_foot_is_read_and_not_the_body(void **s) {
    json_t *o = site_indicators(&w), *elements = json_object_get(o, "footer");
    (void)s;
    assert_int_equal(json_array_size(elements), 7);
    struct str html = S("<body>主办单位：甲 ICP备1号<footer class=\"x\"><p>联系方式：乙</p></footer>公网安备");
    struct str missing = site_footer(&w, html, elements);
    assert_true(str_find(missing, S("主办单位")) >= 0 && str_find(missing, S("公安机关备案号")) >= 0);
    assert_true(str_find(missing, S("联系方式")) < 0);
    assert_true(str_find(site_footer(&w, S("<body>"), elements), S("联系方式")) >= 0);
    json_decref(o);
}

static void only_links_that_leave_without_asking_are_unguarded(void **s) {
    static const struct {
        const char *html, *found;
    } cases[] = {
        {"<a href=\"/leave?to=https%3A%2F%2Fexample.com\">x</a>", ""},
        {"<a href=\"https://www.gov.cn/\">x</a><a href=\"/units\">y</a><a href=\"#a\">z</a>", ""},
        {"<a class=\"b\" href=\"https://example.com/?a=1&amp;b=2\">x</a>", "https://example.com/?a=1&b=2"},
        {"<a href=\"//example.com/\">x</a>", "//example.com/"},
        {"<a href=\"https://evil.gov.cn.example.org/\">x</a>", "https://evil.gov.cn.example.org/"},
        {"<a href=\"https://gov.cn@example.net/\">x</a>", "https://gov.cn@example.net/"},
        {"<link href=\"https://example.com/x.css\"><a href=\"mailto:a@b.cn\">x</a>", ""},
    };
    (void)s;
    for (size_t i = 0; i < countof(cases); i++)
        if (!str_is(site_unguarded(&w, str_z(cases[i].html)), cases[i].found))
            unit_fail("%s\n", cases[i].html);
}

/* ── the walk, against a server that answers by path ── */

static struct {
    int fd, port;
    pthread_t thread;
    const char *missing; /* answers 404; "" nothing */
    const char *body;
} web;

static void *web_run(void *ctx) {
    (void)ctx;
    for (int c; (c = accept(web.fd, NULL, NULL)) >= 0; close(c)) {
        char in[4096], out[4096];
        ssize_t n = read(c, in, sizeof in - 1);
        in[n > 0 ? n : 0] = 0;
        bool head = strncmp(in, "HEAD", 4) == 0, gone = *web.missing && strstr(in, web.missing);
        int k = snprintf(out, sizeof out, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                         gone ? "404 Not Found" : "200 OK", strlen(web.body), head ? "" : web.body);
        if (write(c, out, (size_t)k) < 0)
            break;
    }
    return NULL;
}

static void web_start(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    web.missing = "";
    web.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(web.fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(web.fd, 16), 0);
    assert_int_equal(getsockname(web.fd, (struct sockaddr *)&a, &n), 0);
    web.port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&web.thread, NULL, web_run, NULL), 0);
}

static void web_stop(void) {
    shutdown(web.fd, SHUT_RDWR);
    close(web.fd);
    pthread_join(web.thread, NULL);
}

static void finding_is(size_t i, const char *kind, const char *address, int64_t tries, bool open) {
    struct db_rows r;
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_true(i < r.n);
    if (!str_is(db_s(&r, i, 1), kind) || !str_is(db_s(&r, i, 2), address) || db_i(&r, i, 4) != tries ||
        (db_i(&r, i, 5) == 0) != open)
        unit_fail("%.*s %.*s %lld\n", STR_ARG(db_s(&r, i, 1)), STR_ARG(db_s(&r, i, 2)), (long long)db_i(&r, i, 4));
}

static void the_walk_finds_what_does_not_open_and_sees_it_mended(void **s) {
    char own[64];
    (void)s;
    web_start();
    snprintf(own, sizeof own, "http://127.0.0.1:%d", web.port);
    config.probe_addresses = own;
    web.body = "<meta name=\"ArticleTitle\" content=\"x\"><meta name=\"PubDate\" content=\"x\"><meta "
               "name=\"ContentSource\" content=\"x\">";
    columns_are(THREE);
    struct actor before = w.actor;
    w.actor = (struct actor){.all_units = true, .rights = {~0ULL, ~0ULL}};
    struct disclosure_input x = {
        .title = S("带链接的信息"),
        .body =
            S("<p><a href=\"/units\">单位</a><a href=\"/gone\">旧页</a><a href=\"https://example.com/\">外</a></p>"),
        .attribute = S("active"),
        .validity = S("valid"),
        .kind = S("rule"),
        .formed = d("2026-11-02"),
        .effective = DAY_NONE,
        .expires = DAY_NONE};
    int64_t id;
    ok(disclosure_create(&w, mzj, &x, &id));
    ok(disclosure_enter_existing(&w, id));
    w.actor = before;
    ok(supervision_site_walk(&w, NULL));
    struct db_rows r;
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, 0);
    web.missing = " /gone ";
    w.now += 3600000;
    ok(supervision_site_walk(&w, NULL));
    finding_is(0, "link", "/gone", 1, true);
    w.now += 3600000;
    ok(supervision_site_walk(&w, NULL));
    web.missing = "";
    web.body = "<a href=\"https://example.com/\">外</a>";
    w.now += 3600000;
    ok(supervision_site_walk(&w, NULL));
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, 3);
    assert_true(db_i(&r, 0, 5) == w.now);
    assert_true(str_is(db_s(&r, 1, 1), "outside") && str_is(db_s(&r, 2, 1), "meta"));
    assert_int_equal(db_exec(&w, &withdraw, DB_INT(id), DB_INT(w.now)), 1);
    w.now += 3600000;
    ok(supervision_site_walk(&w, NULL)); /* public no more: nothing is left to mend */
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    for (size_t i = 0; i < r.n; i++)
        assert_true(db_i(&r, i, 5) > 0);
    web_stop();
    ok(supervision_site_walk(&w, NULL)); /* nobody answers: no finding */
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, 3);
    config.probe_addresses = "";
}

static void a_look_at_the_pages_counts_the_public_address_too(void **s) {
    char own[64];
    struct db_rows r;
    (void)s;
    web_start();
    snprintf(own, sizeof own, "http://127.0.0.1:%d", web.port);
    config.probe_addresses = config.base_url = own;
    web.body = "<p>空</p>";
    columns_are(THREE);
    ok(supervision_site_look(&w, NULL));
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    size_t n = r.n;
    assert_int_equal(n, 2 + 4); /* home: tags and foot; four columns: tags */
    int64_t tries, slow;
    ok(site_slow_share(&w, work_today(&w) + 1, &tries, &slow));
    assert_true(tries == 1 && slow == 0);
    web_stop();
    ok(supervision_site_look(&w, NULL)); /* does not open: counted, and no page is called wrong */
    ok(site_slow_share(&w, work_today(&w) + 1, &tries, &slow));
    assert_true(tries == 2 && slow == 1);
    assert_int_equal(number_of(&events_of, column("/"), "site_slow"), 1);
    assert_int_equal(db_query(&w, &findings, &r, DB_INT(0)), 0);
    assert_int_equal(r.n, n);
    config.probe_addresses = "";
    config.base_url = "http://127.0.0.1";
}

int main(void) {
    supervision_checks();
    supervision_columns_from(shown_columns);
    const struct CMUnitTest tests[] = {
        request_test(the_home_page_has_two_weeks),
        request_test(a_day_in_time_is_no_gap_and_a_day_later_is),
        request_test(columns_have_the_limit_of_their_kind),
        request_test(a_later_beginning_says_the_same_from_then_on),
        request_test(the_walk_over_gaps_agrees_with_a_plain_reading),
        request_test(a_column_without_anything_is_empty),
        request_test(a_column_taken_down_is_over),
        request_test(a_publication_concerns_its_columns),
        request_test(five_in_a_hundred_of_a_week_is_unreachable),
        request_test(an_organ_without_guide_is_missing_one),
        request_test(villages_owe_none_of_it),
        request_test(a_report_is_due_on_the_last_of_january),
        request_test(the_city_has_until_the_end_of_march),
        request_test(a_link_counts_from_its_second_failure),
        request_test(a_single_failure_that_passes_was_nothing),
        request_test(tags_must_be_there_and_filled),
        request_test(the_foot_is_read_and_not_the_body),
        request_test(only_links_that_leave_without_asking_are_unguarded),
        request_test(the_walk_finds_what_does_not_open_and_sees_it_mended),
        request_test(a_look_at_the_pages_counts_the_public_address_too),
    };
    int failed = cmocka_run_group_tests_name("checks of the site on SQLite", tests, request_set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    failed += getenv("MINGTANG_TEST_PG") ? cmocka_run_group_tests_name("checks of the site on PostgreSQL", tests,
                                                                       request_set_up, request_tear_down)
                                         : 0;
    json_decref(columns);
    return failed;
}
