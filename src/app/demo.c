/* demo.c: demonstration data (演示数据): publications in every state, made by the demonstration posts through the same
 * steps as real ones, with instants in the last weeks. What they say is in data/demo.json, marked as made up. */
#include "app/app.h"
#include "app_sql.h"

/* Acts as the demonstration account; its first post. */
int demo_become(struct work *w, struct str login) {
    int64_t person;
    int n = account_find(w, login, &person);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_INTERNAL, "没有演示账号 %.*s", STR_ARG(login));
    w->actor = (struct actor){.person_id = person, .address = "127.0.0.1"};
    return org_actor_fill(w, 0);
}

static struct str field(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return str_z(s);
}

/* The instant so many working days before today, at 9:00 plus minutes: steps follow each other. */
int64_t demo_instant(struct work *w, int64_t real_now, int working_days, int minutes) {
    day_t d = day_of(real_now);
    (void)w;
    while (working_days > 0)
        working_days -= calendar_workday(--d);
    int64_t at = day_start(d) + 9 * 3600000LL + minutes * 60000LL;
    return at > real_now ? real_now : at;
}

/* The steps of one document up to the wanted state, each by the post that may take it. */
static const struct {
    const char *state, *verb, *who;
} walk[] = {
    {"draft", "submit", "bianji"},       {"review1", "pass", "chushen"},  {"review2", "pass", "fushen"},
    {"review3", "pass", "zhongshen"},    {"secrecy", "pass", "baomi"},    {"signing", "pass", "qianfa"},
    {"proofreading", "pass", "jiaodui"}, {"ready", "publish", "jiaodui"}, {"published", NULL, NULL},
};

static int walk_to(struct work *w, int64_t id, struct str unit, struct str state, int64_t real_now, int days_ago) {
    for (size_t i = 0; i < countof(walk) && walk[i].verb; i++) {
        struct disclosure_step x = {.accept_warnings = true};
        if (str_is(state, walk[i].state))
            return 0;
        w->now = demo_instant(w, real_now, days_ago, (int)(5 + 7 * i));
        if (demo_become(w, str_printf(w->arena, "%.*s-%s", STR_ARG(unit), walk[i].who)) < 0)
            return -1;
        if (strcmp(walk[i].state, "secrecy") == 0)
            x.conclusion = S("agree");
        if (disclosure_step(w, id, walk[i].verb, &x) < 0)
            return -1;
    }
    return 0;
}

/* After publication: withdrawn, corrected (back to draft while public), or an earlier return by a reviewer. */
static int afterwards(struct work *w, int64_t id, struct str unit, const json_t *o, int64_t real_now, int days_ago) {
    struct str then = field(o, "then");
    if (!then.n)
        return 0;
    struct disclosure_step x = {.reason = field(o, "reason")};
    w->now = demo_instant(w, real_now, days_ago > 0 ? days_ago - 1 : 0, 100);
    const char *who = str_is(then, "return") ? "chushen" : "qianfa";
    return demo_become(w, str_printf(w->arena, "%.*s-%s", STR_ARG(unit), who)) < 0
               ? -1
               : disclosure_step(w, id, str_dupz(w->arena, then), &x);
}

/* The unit's item with these names; its owner list is what counts. */
static int item_named(struct work *w, int64_t unit_id, struct str level1, struct str level2, struct item *ret) {
    json_t *items = items_of_unit(w, unit_id), *o;
    size_t i;
    int64_t id = 0;
    json_array_foreach(items, i, o) {
        if (str_eq(field(o, "level1"), level1) && str_eq(field(o, "level2"), level2))
            id = json_integer_value(json_object_get(o, "id"));
    }
    json_decref(items);
    if (!id)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "演示数据：没有事项 %.*s", STR_ARG(level2));
    return item_in_force(w, id, work_today(w), ret) == 1 ? 0 : fail(w, ERR_INTERNAL, "演示数据：事项未生效");
}

/* Fields of the kind; a day is given as working distance from today. */
static void set_elements(struct work *w, const json_t *o, int64_t real_now, struct disclosure_input *x) {
    const json_t *e = json_object_get(o, "elements");
    int days = (int)json_integer_value(json_object_get(e, "opinions_until_days"));
    x->kind = field(o, "kind");
    x->el[ELEMENT_INTERPRETS] = field(e, "interprets");
    x->el[ELEMENT_OPINIONS_TO] = field(e, "opinions_to");
    x->el[ELEMENT_ADDRESS] = field(e, "address");
    x->el[ELEMENT_HOURS] = field(e, "hours");
    x->el[ELEMENT_TELEPHONE] = field(e, "telephone");
    x->el[ELEMENT_CODE] = field(e, "code");
    x->el[ELEMENT_SEARCH] = field(e, "search");
    x->el[ELEMENT_LINK] = field(e, "link");
    x->el[ELEMENT_ORDER] = field(e, "order");
    if (days)
        x->el[ELEMENT_OPINIONS_UNTIL] = day_str(w->arena, day_of(real_now) + days);
}

struct demo_one {
    const json_t *o;
    int64_t real_now;
};

/* One publication: the item by code; a formed fact when given (so that a duty with a clock is met on time or late). */
static int demo_one(struct work *w, void *arg) {
    const struct demo_one *d = arg;
    const json_t *o = d->o;
    struct item item = {0}; /* some kinds belong to none */
    struct unit unit;
    int64_t fact = 0, duty = 0, id;
    struct str code = field(o, "unit");
    int formed_ago = (int)json_integer_value(json_object_get(o, "formed_days_ago"));
    int done_ago = (int)json_integer_value(json_object_get(o, "done_days_ago"));
    w->now = demo_instant(w, d->real_now, formed_ago, 0);
    if (unit_by_code(w, code, &unit) <= 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "演示数据：没有单位 %.*s", STR_ARG(code));
    if (!field(o, "kind").n && item_named(w, unit.id, field(o, "level1"), field(o, "level2"), &item) < 0)
        return -1;
    if (demo_become(w, str_printf(w->arena, "%.*s-bianji", STR_ARG(code))) < 0)
        return -1;
    day_t formed = work_today(w);
    if (json_is_true(json_object_get(o, "fact"))) {
        struct fact_new f = {
            .item_id = item.id, .unit_id = unit.id, .kind = S("formed"), .subject = field(o, "title"), .day = formed};
        if (fact_record(w, &f, &fact) < 0 || duty_of_fact(w, fact, &duty) < 0)
            return -1;
    }
    if (str_is(field(o, "state"), "owed"))
        return 0;
    w->now = demo_instant(w, d->real_now, done_ago, 0);
    struct disclosure_input x = {
        .title = field(o, "title"),
        .number = field(o, "number"),
        .body = field(o, "body"),
        .summary = field(o, "summary"),
        .attribute = field(o, "attribute").n ? field(o, "attribute") : S("active"),
        .ground = field(o, "ground"),
        .ground_note = field(o, "ground_note"),
        .genre = field(o, "genre"),
        .theme = field(o, "theme"),
        .validity = S("valid"),
        .five = field(o, "five"),
        .formed = formed,
        .effective = DAY_NONE,
        .expires = DAY_NONE,
        .item_id = item.id,
        .duty_id = duty,
        .source = unit.name,
        .demo = true,
    };
    set_elements(w, o, d->real_now, &x);
    if (disclosure_create(w, unit.id, &x, &id) < 0)
        return -1;
    struct str state = field(o, "state");
    return walk_to(w, id, code, state.n ? state : S("published"), d->real_now, done_ago) < 0 ||
                   afterwards(w, id, code, o, d->real_now, done_ago) < 0
               ? -1
               : 0;
}

int demo_load(struct work *w) {
    struct demo_one d = {.real_now = w->now};
    struct actor before = w->actor;
    json_t *all = app_data(w, "data/demo.json");
    size_t i;
    int rc = all ? 0 : command_error(w);
    if (rc == 0 && demo_present(w)) {
        fprintf(stderr, "demonstration data: already there\n");
        json_decref(all);
        return 0;
    }
    json_array_foreach(json_object_get(all, "publications"), i, d.o) {
        if (rc == 0 && (rc = command_transaction(w, demo_one, &d)) != 0)
            fprintf(stderr, "  in data/demo.json, publication %zu\n", i + 1);
    }
    w->actor = before;
    w->now = d.real_now;
    fprintf(stderr, "demonstration data: %zu matters, %s\n", i, rc == 0 ? "done" : "FAILED");
    json_decref(all);
    return rc ? rc : demo_requests_load(w);
}

bool demo_present(struct work *w) {
    struct db_rows r;
    return db_one(w, &sql_app_demo_present, &r) == 1;
}
