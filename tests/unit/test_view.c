/* test_view.c: the templates shipped, and the endings of handlers. */
#include "unit.h"
#include "view/mustache_internal.h"

static struct arena *a;
static struct work w;
static struct http_request in;

static int setup(void **s) {
    (void)s;
    a = arena_new(1 << 20);
    w = (struct work){.arena = a};
    in = (struct http_request){.w = &w};
    return 0;
}
static int teardown(void **s) {
    (void)s;
    arena_free(a);
    return 0;
}

static bool shipped(struct str name) {
    struct str file = str_printf(a, "templates/%.*s.mustache", STR_ARG(name));
    for (size_t i = 0; i < app_asset_count; i++)
        if (str_is(file, app_assets[i].name))
            return true;
    return false;
}

/* ── templates ── */

static void every_template_compiles_and_names_only_templates_that_exist(void **s) {
    size_t found = 0, bad = 0;
    char why[300];
    (void)s;
    for (size_t i = 0; i < app_asset_count; i++) {
        if (!str_ends(str_z(app_assets[i].name), S(".mustache")))
            continue;
        struct mustache *m = mustache_compile(app_assets[i].bytes, why, sizeof why);
        found++;
        if (!m) {
            print_error("%s: %s\n", app_assets[i].name, why);
            bad++;
            continue;
        }
        for (size_t k = 0; k < m->n; k++)
            if ((m->nodes[k].kind == NODE_PARTIAL || m->nodes[k].kind == NODE_PARENT) && !shipped(m->nodes[k].text)) {
                print_error("%s: no template %.*s\n", app_assets[i].name, STR_ARG(m->nodes[k].text));
                bad++;
            }
        mustache_free(m);
    }
    assert_true(found > 20);
    assert_int_equal(bad, 0);
}
/* What may stand in {{{…}}}: bodies went through html_sanitise() before they were stored; the marked titles and
 * passages of a search are escaped by search/snippet.c, which writes nothing else but <mark>. */
static bool sanitised(const char *asset, struct str name) {
    static const struct {
        const char *asset, *name;
    } raw[] = {{"/disclosure/", "disclosure.body"},
               {"/disclosure/docx.", "html"},
               {"/portal/unit.", "body"},
               {"/portal/search.", "title_html"},
               {"/portal/search.", "snippet_html"}};
    for (size_t i = 0; i < countof(raw); i++)
        if (str_is(name, raw[i].name) && strstr(asset, raw[i].asset))
            return true;
    return str_ends(name, S("sanitised_html"));
}
static void only_sanitised_html_is_printed_raw(void **s) {
    size_t bad = 0;
    char why[300];
    (void)s;
    for (size_t i = 0; i < app_asset_count; i++) {
        bool template = str_ends(str_z(app_assets[i].name), S(".mustache"));
        struct mustache *m = template ? mustache_compile(app_assets[i].bytes, why, sizeof why) : NULL;
        for (size_t k = 0; m && k < m->n; k++)
            if (m->nodes[k].kind == NODE_RAW && !sanitised(app_assets[i].name, m->nodes[k].text)) {
                print_error("%s: raw %.*s\n", app_assets[i].name, STR_ARG(m->nodes[k].text));
                bad++;
            }
        mustache_free(m);
    }
    assert_int_equal(bad, 0);
}
/* As the program does at its start, once. */
static void templates_loaded(void) {
    static const struct app_config config = {0};
    static bool loaded;
    if (!loaded)
        view_init(&config);
    loaded = true;
}
/* Within any room's object: what happened to the clock, above the days; nothing when the limit only runs. */
static void a_certificate_shows_what_happened_to_its_clock(void **s) {
    json_t *globals = json_object();
    json_t *marks = json_pack("[{s:s,s:s,s:s,s:b},{s:s,s:s,s:s,s:b},{s:s,s:s,s:s,s:b,s:s},{s:s,s:s,s:s,s:b,s:i}]",
                              "day", "2026-11-02", "kind_name", "开始计算", "text", "收到<申请>", "void", 1, "day",
                              "2026-11-16", "kind_name", "重新计算", "text", "收到补正材料", "void", 0, "day",
                              "2026-11-17", "kind_name", "中止计算", "text", "征求意见", "void", 0, "until",
                              "2026-12-08", "day", "2026-11-20", "kind_name", "延长", "text", "", "void", 0, "n", 4);
    json_t *certificate = json_pack("{s:s, s:[], s:i, s:o}", "text", "t", "days", "allowed", 24, "marks", marks);
    json_t *model =
        json_pack("{s:s, s:s, s:o}", "trigger", "2026-11-16", "due", "2026-12-18", "certificate", certificate);
    struct buf out;
    (void)s;
    assert_non_null(model);
    templates_loaded();
    buf_init(&out, 1 << 20);
    assert_int_equal(view_render("duty/days", globals, model, &out), 0);
    assert_non_null(strstr(out.p, "收到&lt;申请&gt;<span class=\"text-secondary\">（期限已重新计算，此项不再适用）"));
    assert_non_null(strstr(out.p, "重新计算</strong>　收到补正材料</div>"));
    assert_non_null(strstr(out.p, "征求意见；最迟至2026-12-08</div>"));
    assert_non_null(strstr(out.p, "<strong>延长4天</strong>"));
    assert_true(strstr(out.p, "延长4天") < strstr(out.p, "<table"));
    json_object_del(certificate, "marks");
    json_object_del(certificate, "allowed");
    buf_clear(&out);
    assert_int_equal(view_render("duty/days", globals, model, &out), 0);
    assert_null(strstr(out.p, "<ol"));
    buf_release(&out);
    json_decref(globals);
    json_decref(model);
}
static void a_shipped_page_is_rendered_and_an_unknown_one_is_not(void **s) {
    json_t *globals = json_pack("{s:{s:s}, s:s}", "site", "name", "某市<政务>", "path", "/"), *model = json_object();
    struct buf out;
    (void)s;
    templates_loaded();
    buf_init(&out, 1 << 20);
    assert_int_equal(view_render("error", globals, model, &out), 0);
    assert_non_null(strstr(out.p, "某市&lt;政务&gt;"));
    assert_null(strstr(out.p, "{{"));
    buf_clear(&out);
    log_set_level(LOG_ERROR + 1);
    assert_int_equal(view_render("no/such", globals, model, &out), -1);
    buf_release(&out);
    json_decref(globals);
    json_decref(model);
}

/* ── endings ── */

static void a_page_without_a_model_gets_an_empty_one(void **s) {
    struct http_response out = {0};
    (void)s;
    assert_int_equal(view_page(&out, "portal/home", NULL), 0);
    assert_string_equal(out.template, "portal/home");
    assert_true(json_is_object(out.model));
    json_decref(out.model);
}
static void a_redirect_tells_programs_where_in_the_body_too(void **s) {
    struct http_response page = {0}, api = {0}, own = {.model = json_pack("{s:i}", "id", 7)};
    (void)s;
    view_redirect(&in, &page, "/desk/disclosures/%d", 7);
    assert_string_equal(page.location, "/desk/disclosures/7");
    assert_null(page.model);
    in.api = true;
    view_redirect(&in, &api, "/x");
    assert_string_equal(json_string_value(json_object_get(api.model, "location")), "/x");
    view_redirect(&in, &own, "/x");
    assert_int_equal(json_integer_value(json_object_get(own.model, "id")), 7);
    json_decref(api.model);
    json_decref(own.model);
}
static void a_refused_form_is_an_error_for_programs(void **s) {
    struct http_response out = {0};
    (void)s;
    in.api = true;
    fail(&w, ERR_INVALID, "有误");
    assert_int_equal(view_form_again(&in, &out, "x/y", NULL, json_object()), -1);
    assert_null(out.model);
}
static void a_position_in_a_list_comes_back_and_a_forged_one_is_refused(void **s) {
    static const int64_t values[] = {0, 1, -1, 1795449906000, INT64_MAX, INT64_MIN};
    static const char *const bad[] = {"x", "!!!!", "MQ", "MTo", "OjE", "MToyOjM", "MToyIA", "====", "一"};
    int64_t key = 3, id = 4;
    (void)s;
    for (size_t i = 0; i < countof(values); i++)
        for (size_t k = 0; k < countof(values); k++) {
            assert_int_equal(view_cursor_read(&w, view_cursor(a, values[i], values[k]), &key, &id), 0);
            assert_true(key == values[i] && id == values[k]);
        }
    assert_int_equal(view_cursor_read(&w, STR_NONE, &key, &id), 0);
    assert_true(key == INT64_MAX && id == INT64_MAX);
    for (size_t i = 0; i < countof(bad); i++) {
        error_clear(&w);
        assert_int_equal(view_cursor_read(&w, str_z(bad[i]), &key, &id), -1);
        assert_int_equal(w.error.code, ERR_BAD_REQUEST);
    }
    assert_true(key == INT64_MAX);
}
static void the_last_page_has_no_next_one(void **s) {
    json_t *model = json_object(), *pager;
    (void)s;
    view_pager(&in, model, STR_NONE, 20);
    pager = json_object_get(model, "pager");
    assert_int_equal(json_integer_value(json_object_get(pager, "page_size")), 20);
    assert_null(json_object_get(pager, "next"));
    json_decref(model);
}
static void small_values_are_set_as_people_and_programs_read_them(void **s) {
    json_t *o = json_object();
    (void)s;
    json_set_str(o, "none", STR_NONE);
    json_set_str(o, "text", S("甲\0乙"));
    json_set_str(o, "broken", S("\xff"));
    json_set_int(o, "int", INT64_MIN);
    json_set_bool(o, "bool", true);
    json_set_day(a, o, "day", day_from(2026, 11, 23));
    json_set_day(a, o, "no_day", DAY_NONE);
    json_set_instant(a, o, "at", day_end(day_from(2026, 11, 23)));
    json_set_instant(a, o, "never", 0);
    assert_string_equal(json_string_value(json_object_get(o, "none")), "");
    assert_int_equal(json_string_length(json_object_get(o, "text")), 7);
    assert_string_equal(json_string_value(json_object_get(o, "broken")), "");
    assert_true(json_integer_value(json_object_get(o, "int")) == INT64_MIN);
    assert_true(json_is_true(json_object_get(o, "bool")));
    assert_string_equal(json_string_value(json_object_get(o, "day")), "2026-11-23");
    assert_string_equal(json_string_value(json_object_get(o, "at")), "2026-11-23T23:59:59+08:00");
    assert_string_equal(json_string_value(json_object_get(o, "at_text")), "2026-11-23 23:59");
    assert_null(json_object_get(o, "no_day"));
    assert_null(json_object_get(o, "never"));
    json_decref(o);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(every_template_compiles_and_names_only_templates_that_exist),
        T(only_sanitised_html_is_printed_raw),
        T(a_certificate_shows_what_happened_to_its_clock),
        T(a_shipped_page_is_rendered_and_an_unknown_one_is_not),
        T(a_page_without_a_model_gets_an_empty_one),
        T(a_redirect_tells_programs_where_in_the_body_too),
        T(a_refused_form_is_an_error_for_programs),
        T(a_position_in_a_list_comes_back_and_a_forged_one_is_refused),
        T(the_last_page_has_no_next_one),
        T(small_values_are_set_as_people_and_programs_read_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
