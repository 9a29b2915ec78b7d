/* unit_request.h: a database with the units, posts and calendars as shipped, and the hands that work a case, for the
 * tests of the room request. */
#ifndef UNIT_REQUEST_H
#define UNIT_REQUEST_H

#include "unit_db.h"

#include "request/request_internal.h"

#include <ftw.h>

#define STATEMENT(id, text, w) static const struct db_statement id = {#id, "test", text, "a fixture", w, UINT32_MAX, 0}

static enum db_engine engine = DB_SQLITE;
static struct unit_db unit;
static struct work w;
static char data_dir[64];
static struct app_config config;
static int64_t changjiang, mzj, zfb;

/* What went wrong, in words, when a verb fails. */
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
        if (w.error.code != (wanted))                                                                                  \
            unit_fail("%s: %s\n", #expression, error_text(&w.error));                                                  \
        error_clear(&w);                                                                                               \
    } while (0)
/* Refused at this very field of the form. */
#define refused_at(expression, wanted)                                                                                 \
    do {                                                                                                               \
        assert_int_equal(expression, -1);                                                                              \
        bool at_field = false;                                                                                         \
        for (int field_at = 0; field_at < (int)w.error.field_count; field_at++)                                        \
            at_field |= strcmp(w.error.fields[field_at].field, wanted) == 0;                                           \
        if (w.error.code != ERR_INVALID || !at_field)                                                                  \
            unit_fail("%s: not at %s: %s\n", #expression, wanted, error_text(&w.error));                               \
        error_clear(&w);                                                                                               \
    } while (0)

static inline day_t d(const char *text) {
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(str_z(text), &day), 0);
    return day;
}

static inline void at(const char *day) {
    w.now = day_start(d(day)) + 9 * 3600000;
}

/* NULL: the applicant, who has no account. */
static inline void as(const char *login) {
    int64_t person;
    w.actor = (struct actor){.address = "127.0.0.1"};
    if (!login)
        return;
    if (account_find(&w, str_z(login), &person) != 1)
        unit_fail("no account %s\n", login);
    w.actor.person_id = person;
    ok(org_actor_fill(&w, 0));
}

static inline int64_t unit_of(const char *code) {
    struct unit u;
    assert_int_equal(unit_by_code(&w, str_z(code), &u), 1);
    return u.id;
}

static inline struct str id_card(int serial) {
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    char body[24];
    int sum = 0;
    snprintf(body, sizeof body, "32068219800101%03d", serial);
    for (int i = 0; i < 17; i++)
        sum += (body[i] - '0') * weights[i];
    return str_printf(w.arena, "%s%c", body, "10X98765432"[sum % 11]);
}

static inline struct request_input input(const char *channel, int who, const char *subject) {
    return (struct request_input){.name = str_printf(w.arena, "申请人%d", who),
                                  .id_number = id_card(who),
                                  .address = S("测试路1号"),
                                  .subject = str_z(subject),
                                  .unit_id = changjiang,
                                  .channel = str_z(channel),
                                  .came_day = DAY_NONE,
                                  .received_day = DAY_NONE};
}

static inline struct request_step nothing(void) {
    return (struct request_step){.day = DAY_NONE, .until = DAY_NONE};
}

static inline struct request_step say(const char *text) {
    struct request_step x = nothing();
    x.text = str_z(text);
    return x;
}

static inline int step(const char *login, int64_t id, const char *verb, struct request_step x) {
    as(login);
    return request_step(&w, id, verb, &x);
}

/* The desk takes it in today. */
static inline int64_t asked(const char *channel, int who, const char *subject) {
    struct request_made made;
    struct request_input x = input(channel, who, subject);
    as("yishenqing");
    ok(request_submit(&w, &x, &made));
    return made.id;
}

static inline int64_t working(int who, const char *subject) {
    int64_t id = asked("in_person", who, subject);
    ok(step("changjiang-foi", id, "take", nothing()));
    return id;
}

static inline struct request get(int64_t id) {
    struct request c;
    ok(request_get(&w, id, &c));
    return c;
}

static inline void state_is(int64_t id, const char *state) {
    struct request c = get(id);
    if (!str_is(c.state, state))
        unit_fail("state %.*s, expected %s\n", STR_ARG(c.state), state);
}

static inline void due_is(int64_t id, const char *day) {
    struct request c = get(id);
    if (!c.due_at || day_of(c.due_at) != d(day))
        unit_fail("due %s, expected %s\n", c.due_at ? day_str(w.arena, day_of(c.due_at)).p : "none", day);
}

static inline int64_t number_of(const struct db_statement *st, int64_t id, const char *text) {
    struct db_rows r;
    assert_int_equal(db_one(&w, st, &r, DB_INT(id), DB_TEXTZ(text)), 1);
    return db_i(&r, 0, 0);
}

/* The ask of this place in the order of asking. */
static inline struct ask ask_at(int64_t id, size_t place) {
    struct ask a = {0};
    json_t *list = asks_json(&w, id, false);
    ok(ask_get(&w, id, json_integer_value(json_object_get(json_array_get(list, place), "id")), &a));
    json_decref(list);
    return a;
}

static inline struct request_step party(const char *kind, const char *got) {
    struct request_step x = say("是否同意公开");
    x.kind = str_z(kind);
    x.party = S("某某单位");
    x.day = got ? d(got) : DAY_NONE;
    return x;
}

static inline struct request_step answer(const struct ask *a, const char *what) {
    struct request_step x = say("意见和理由");
    x.ask_id = a->id;
    x.answer = str_z(what);
    return x;
}

static inline struct request_step not_there(void) {
    struct request_step x = nothing();
    x.outcome = S("R06");
    x.search_record = S("检索了全部目录和档案");
    return x;
}

static inline void to_signing(int64_t id, struct request_step reply) {
    ok(step("changjiang-foi", id, "draft", reply));
    ok(step("changjiang-foi", id, "submit", nothing()));
    ok(step("changjiang-fazhi", id, "pass", nothing()));
    ok(step("changjiang-baomi", id, "pass", nothing()));
}

static inline void signed_and_sent(int64_t id, struct request_step reply) {
    struct request_step x = say("当面签收");
    to_signing(id, reply);
    ok(step("changjiang-fuze", id, "sign", nothing()));
    x.way = S("pick_up");
    ok(step("changjiang-foi", id, "deliver", x));
}

/* The job at nine o'clock of a day; the actor stays who he was. */
static inline void look(const char *day) {
    struct actor before = w.actor;
    at(day);
    ok(request_tick(&w, NULL));
    w.actor = before;
}

/* ── set-up ── */

static inline json_t *asset(const char *name) {
    const struct asset *a = asset_find(&config, w.arena, name);
    assert_non_null(a);
    json_t *o = json_loadb(a->bytes.p, a->bytes.n, 0, NULL);
    assert_non_null(o);
    return o;
}

static inline int request_set_up(void **s) {
    (void)s;
    snprintf(data_dir, sizeof data_dir, "/tmp/mingtang-request-XXXXXX");
    assert_non_null(mkdtemp(data_dir));
    config = (struct app_config){.base_url = "http://127.0.0.1",
                                 .data_dir = data_dir,
                                 .ledger_key_file = "",
                                 .secret = "0123456789abcdef0123456789abcde"};
    unit_db_place(&unit, engine);
    unit_db_open(&unit, 4);
    unit_db_migrate(&unit);
    unit_work_open(&w, &unit);
    w.config = &config;
    at("2026-11-02");
    const struct asset *foi = asset_find(&config, w.arena, "data/foi.json");
    assert_int_equal(request_rules_load(foi->bytes), 0);
    json_t *units = asset("data/units.json"), *accounts = asset("data/accounts-demo.json");
    ok(db_begin(&w));
    ok(calendar_init_data(&w));
    ok(org_load(&w, units));
    ok(org_load_accounts(&w, accounts));
    ok(db_commit(&w));
    ok(calendar_load(&w));
    changjiang = unit_of("changjiang");
    mzj = unit_of("mzj");
    zfb = unit_of("zfb");
    json_decref(units);
    json_decref(accounts);
    return 0;
}

static inline int request_remove_one(const char *path, const struct stat *st, int flag, struct FTW *f) {
    (void)st, (void)flag, (void)f;
    return remove(path);
}

static inline int request_tear_down(void **s) {
    (void)s;
    unit_work_close(&w);
    unit_db_remove(&unit);
    ledger_forget();
    return nftw(data_dir, request_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Each test has the memory of one request, and leaves no row behind. */
static struct arena *group_arena;
static inline int request_begin(void **s) {
    (void)s;
    group_arena = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    at("2026-11-02");
    error_clear(&w);
    return db_begin(&w);
}

static inline int request_end(void **s) {
    (void)s;
    db_rollback(&w);
    arena_free(w.arena);
    w.arena = group_arena;
    return 0;
}
#define request_test(f) cmocka_unit_test_setup_teardown(f, request_begin, request_end)
#endif
