/* init.c: what a new installation holds: units, calendars, the 26 fields and their catalogues, the plan itself
 * (皋政办发〔2020〕147号) and, with --demo, accounts named after posts and publications marked 演示数据. Repeatable. */
#include "app/app.h"

struct init_step {
    bool demo;
    day_t effective;
};

static int load_units(struct work *w, void *arg) {
    (void)arg;
    json_t *units = app_data(w, "data/units.json");
    int rc = units ? org_load(w, units) : -1;
    json_decref(units);
    return rc;
}

static int load_calendar(struct work *w, void *arg) {
    (void)arg;
    return calendar_init_data(w);
}

static int load_catalogues(struct work *w, void *arg) {
    return catalogue_init_data(w, ((struct init_step *)arg)->effective);
}

/* ── the plan as a published document ── */

static struct str text_of(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return str_z(s);
}

static day_t day_in(const json_t *o, const char *key) {
    day_t d;
    return day_parse(text_of(o, key), &d) == 0 ? d : DAY_NONE;
}

static int plan_tasks(struct work *w, int64_t id, const json_t *tasks) {
    const json_t *t;
    size_t i;
    json_array_foreach(tasks, i, t) if (disclosure_plan_task(w, id, text_of(t, "serial"), text_of(t, "title"),
                                                             text_of(t, "content"), text_of(t, "units"),
                                                             day_in(t, "due")) < 0) return -1;
    return 0;
}

/* It was public before this system existed: entered by the system as a transcription, said so in its source. */
static int load_plan(struct work *w, void *arg) {
    struct unit office;
    int64_t id;
    (void)arg;
    json_t *p = app_data(w, "data/plan-147.json");
    int rc = -1, n = p ? unit_by_code(w, text_of(p, "unit"), &office) : -1;
    if (n == 1 && (n = disclosure_number_known(w, text_of(p, "number"))) == 0) {
        struct disclosure_input x = {
            .title = text_of(p, "title"),
            .number = text_of(p, "number"),
            .body = text_of(p, "body"),
            .summary = text_of(p, "summary"),
            .attribute = S("active"),
            .genre = S("通知"),
            .theme = S("综合政务"),
            .validity = S("valid"),
            .five = S("decision"),
            .formed = day_in(p, "formed"),
            .effective = day_in(p, "formed"),
            .expires = DAY_NONE,
            .source = text_of(p, "source"),
            .keywords = text_of(p, "keywords"),
            .kind = S("plan"),
        };
        rc = disclosure_create(w, office.id, &x, &id) < 0 || disclosure_enter_existing(w, id) < 0
                 ? -1
                 : plan_tasks(w, id, json_object_get(p, "tasks"));
    } else if (n == 1) {
        rc = 0;
    } else if (n == 0) {
        fail(w, ERR_INTERNAL, "data/plan-147.json：没有单位 %.*s", STR_ARG(text_of(p, "unit")));
    }
    json_decref(p);
    return rc;
}

/* ── accounts ── */

static int load_accounts(struct work *w, void *arg) {
    (void)arg;
    json_t *accounts = app_data(w, "data/accounts-demo.json");
    int rc = accounts ? org_load_accounts(w, accounts) : -1;
    json_decref(accounts);
    return rc;
}

static int load_synonyms(struct work *w, void *arg) {
    (void)arg;
    json_t *synonyms = app_data(w, "data/search/synonyms.json");
    int rc = synonyms ? search_synonyms_load(w, synonyms) : -1;
    json_decref(synonyms);
    return rc;
}

static int bootstrap(struct work *w, void *arg) {
    return org_admin_bootstrap(w, arg);
}

int app_supervision_rules(struct work *w, void *later) {
    json_t *rules = app_data(w, "data/rules.json");
    int rc = rules && supervision_site_columns(w) == 0 ? supervision_init(w, rules, later != NULL) : -1;
    json_decref(rules);
    return rc;
}

static void print_accounts(json_t *list) {
    json_t *o;
    size_t i;
    json_array_foreach(list, i, o)
        printf("  %-20s %-28s %s\n", json_string_value(json_object_get(o, "login")),
               json_string_value(json_object_get(o, "password")), json_string_value(json_object_get(o, "name")));
}

/* The catalogues take force today; for a demonstration 15 working days ago, so that clocks are under way. */
static day_t effective_day(struct work *w, bool demo) {
    day_t d = work_today(w);
    for (int n = 0; demo && n < 15;)
        n += calendar_workday(--d);
    return d;
}

static int step(struct work *w, const char *what, int (*fn)(struct work *, void *), void *arg) {
    uint64_t t0 = clock_mono_ns();
    int rc = command_transaction(w, fn, arg);
    fprintf(stderr, "%s: %s (%.1f s)\n", what, rc == 0 ? "done" : "FAILED", (double)(clock_mono_ns() - t0) / 1e9);
    return rc;
}

/* Everything is followed here: a server that starts finds nothing to catch up with. */
static int look_at_all(struct work *w) {
    uint64_t t0 = clock_mono_ns();
    w->now = clock_now(&w->config->clock);
    w->actor = (struct actor){.all_units = true};
    ledger_sequence_all(w);
    int n = supervision_catch_up(w);
    ledger_sequence_all(w);
    while (n >= 0 && (n = supervision_pass(w)) > 0)
        ledger_sequence_all(w);
    if (n < 0)
        return command_error(w);
    fprintf(stderr, "supervision: done (%.1f s)\n", (double)(clock_mono_ns() - t0) / 1e9);
    return 0;
}

int init_data(struct work *w, bool demo) {
    struct init_step s = {.demo = demo};
    if (step(w, "calendars 2020-2026", load_calendar, NULL) || calendar_load(w) < 0)
        return 1;
    s.effective = effective_day(w, demo);
    if (step(w, "units", load_units, NULL) || step(w, "catalogues of 26 fields", load_catalogues, &s) ||
        step(w, "the plan", load_plan, NULL) || step(w, "synonyms of search", load_synonyms, NULL) ||
        step(w, "supervision rules", app_supervision_rules, NULL))
        return 1;
    if (demo)
        return step(w, "demonstration accounts", load_accounts, NULL) || demo_load(w) || look_at_all(w);
    json_t *made = json_array();
    int rc = step(w, "administrators", bootstrap, made);
    if (rc == 0 && json_array_size(made)) {
        printf("three administrators were made; these one-time passwords are shown once:\n");
        print_accounts(made);
    }
    json_decref(made);
    return rc || look_at_all(w);
}

int cmd_init(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    bool demo = argc == 2 && strcmp(argv[1], "--demo") == 0;
    if (argc > 2 || (argc == 2 && !demo))
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = init_data(&cw.w, demo);
    while (rc == 0 && ledger_sequence_once(&cw.w) > 0)
        ;
    command_close(&cw);
    return rc;
}
