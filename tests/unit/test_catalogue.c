/* test_catalogue.c: the three catalogues through a real database: what is shipped, versions by day, change proposals,
 * import and export there and back, powers and services. */
#include "unit_db.h"

#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "ledger/ledger.h"
#include "org/org.h"

static struct unit_db unit;
static struct work w;
static struct app_config config = {.site_name = "测试"};
static int told; /* versions the hook was told of */

static int hook(struct work *work, const struct item *i) {
    (void)work;
    assert_true(i->version_id > 0 && i->id > 0 && json_is_array(i->rules));
    told++;
    return 0;
}

static json_t *asset_json(const char *name) {
    const struct asset *a = asset_find(&config, w.arena, name);
    assert_non_null(a);
    json_t *o = json_loadb(a->bytes.p, a->bytes.n, 0, NULL);
    assert_non_null(o);
    return o;
}

#define ok(expression)                                                                                                 \
    do {                                                                                                               \
        if ((expression) < 0)                                                                                          \
            unit_fail("%s: %s %s %s\n", #expression, error_text(&w.error), w.error.field_count ? w.error.fields[0].field : "", w.error.field_count ? w.error.fields[0].message : ""); \
    } while (0)

static int set_up(void **s) {
    (void)s;
    const char *pg = getenv("MINGTANG_TEST_PG");
    unit_db_place(&unit, pg ? DB_POSTGRESQL : DB_SQLITE);
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    w.actor.all_units = true;
    catalogue_on_in_force(hook);
    json_t *units = asset_json("data/units.json");
    ok(db_begin(&w));
    ok(org_load(&w, units));
    ok(db_commit(&w));
    json_decref(units);
    uint64_t t0 = clock_mono_ns();
    ok(db_begin(&w));
    ok(catalogue_init_data(&w, work_today(&w) - 20));
    ok(db_commit(&w));
    print_message("init %.2f s\n", (double)(clock_mono_ns() - t0) / 1e9);
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

static void sixteen_catalogues_are_in_force(void **s) {
    (void)s;
    json_t *all = catalogues_list(&w, "standard");
    print_message("told %d\n", told);
    assert_int_equal(json_array_size(all), 16);
    json_decref(all);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_catalogues_are_in_force),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
