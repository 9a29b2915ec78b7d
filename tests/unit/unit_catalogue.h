/* unit_catalogue.h: a database with the units and the shipped catalogues, for the tests of this room. */
#ifndef UNIT_CATALOGUE_H
#define UNIT_CATALOGUE_H

#include "unit_db.h"

#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "ledger/ledger.h"
#include "org/org.h"

static struct unit_db unit;
static struct work w;
static char data_dir[64];
static struct app_config config = {.site_name = "测试", .data_dir = data_dir};

/* What went wrong, in words, when a verb fails. */
#define ok(expression)                                                                                                 \
    do {                                                                                                               \
        if ((expression) < 0)                                                                                          \
            unit_fail("%s: %s %s: %s\n", #expression, error_text(&w.error),                                            \
                      w.error.field_count ? w.error.fields[0].field : "",                                              \
                      w.error.field_count ? w.error.fields[0].message : "");                                           \
    } while (0)

static inline int catalogue_set_up(void **s) {
    (void)s;
    unit_db_place(&unit, getenv("MINGTANG_TEST_PG") ? DB_POSTGRESQL : DB_SQLITE);
    unit_db_open(&unit, 2);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    snprintf(data_dir, sizeof data_dir, "/tmp/mingtang-unit-XXXXXX");
    assert_non_null(mkdtemp(data_dir));
    w.config = &config;
    w.actor.all_units = true;
    actor_grant_roles(&w.actor, ROLE_CATALOGUE | ROLE_SUPERVISOR);
    const struct asset *a = asset_find(&config, w.arena, "data/units.json");
    assert_non_null(a);
    json_t *units = json_loadb(a->bytes.p, a->bytes.n, 0, NULL);
    ok(db_begin(&w));
    ok(org_load(&w, units));
    ok(catalogue_init_data(&w, work_today(&w) - 20));
    ok(db_commit(&w));
    json_decref(units);
    return 0;
}

static inline int catalogue_tear_down(void **s) {
    (void)s;
    char command_path[100];
    snprintf(command_path, sizeof command_path, "%s/tmp", data_dir);
    rmdir(command_path);
    rmdir(data_dir);
    unit_work_close(&w);
    unit_db_remove(&unit);
    return 0;
}

/* Each test has the memory of one request. */
static struct arena *group_arena;

static inline int fresh_arena(void **s) {
    (void)s;
    group_arena = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    error_clear(&w);
    return 0;
}

static inline int drop_arena(void **s) {
    (void)s;
    error_clear(&w);
    arena_free(w.arena);
    w.arena = group_arena;
    return 0;
}
#define catalogue_test(f) cmocka_unit_test_setup_teardown(f, fresh_arena, drop_arena)

static inline int64_t catalogue_named(const char *code) {
    int64_t id = 0;
    assert_int_equal(catalogue_id_by_code(&w, str_z(code), &id), 1);
    return id;
}
#endif
