/* demo_requests.c: demonstration applications (演示数据) of data/requests-demo.json, walked by the demonstration posts
 * through the same steps as real ones. Applicants are made up; they have a postal address of nowhere only, so that a
 * demonstration never writes to anybody. */
#include "app/app.h"

static struct str field(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return str_z(s);
}

static int number(const json_t *o, const char *key) {
    return (int)json_integer_value(json_object_get(o, key));
}

/* GB 11643: an identity number of nobody: region 320682, a birthday, a serial, and the right check character. */
static struct str id_card(struct work *w, int serial) {
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    char body[24];
    int sum = 0;
    snprintf(body, sizeof body, "32068219800101%03d", serial % 1000);
    for (int i = 0; i < 17; i++)
        sum += (body[i] - '0') * weights[i];
    return str_printf(w->arena, "%s%c", body, "10X98765432"[sum % 11]);
}

/* GB 32100: a credit code of no organisation. */
static struct str credit_code(struct work *w, int serial) {
    static const char signs[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    char body[24];
    int sum = 0, weight = 1;
    snprintf(body, sizeof body, "91320682MA00000%02d", serial % 100);
    for (int i = 0; i < 17; i++) {
        sum += (int)(strchr(signs, body[i]) - signs) * weight;
        weight = weight * 3 % 31;
    }
    return str_printf(w->arena, "%s%c", body, signs[(31 - sum % 31) % 31]);
}

struct one {
    const json_t *o;
    int64_t real_now;
    int serial;
};

static int submit(struct work *w, const struct one *d, int64_t unit_id, int64_t *ret) {
    const json_t *o = d->o;
    struct request_made made;
    bool organisation = field(o, "applicant").n && !str_is(field(o, "applicant"), "person");
    struct request_input x = {
        .applicant = field(o, "applicant"),
        .name = field(o, "name"),
        .id_number = organisation ? credit_code(w, d->serial) : id_card(w, d->serial),
        .contact_name = organisation ? S("演示联系人") : STR_NONE,
        .address = S("演示市演示路1号"),
        .subject = field(o, "subject"),
        .description = field(o, "description"),
        .carrier = field(o, "carrier"),
        .delivery = field(o, "delivery"),
        .unit_id = unit_id,
        .channel = field(o, "channel"),
        .came_day = DAY_NONE,
        .received_day = DAY_NONE,
        .demo = true,
    };
    w->now = demo_instant(w, d->real_now, number(o, "days_ago"), 0);
    if (str_is(x.channel, "internet"))
        w->actor = (struct actor){.address = "127.0.0.1"};
    else if (demo_become(w, S("yishenqing")) < 0)
        return -1;
    if (request_submit(w, &x, &made) < 0)
        return -1;
    *ret = made.id;
    return 0;
}

/* A paper of one page. */
static int attach(struct work *w, int64_t id, const json_t *o) {
    struct str pdf;
    struct paper *p = paper_begin(w, field(o, "name"), S("演示数据"));
    paper_text(p, field(o, "text"));
    return paper_end(p, &pdf) < 0
               ? -1
               : request_attach(w, id, field(o, "attach"), field(o, "name"), S("application/pdf"), pdf);
}

static int walk(struct work *w, const struct one *d, int64_t id, struct str unit, const json_t *o, size_t i) {
    struct request_step x = {
        .reason = field(o, "reason"),
        .text = field(o, "text"),
        .party = field(o, "party"),
        .contact = field(o, "contact"),
        .outcome = field(o, "outcome"),
        .basis = field(o, "basis"),
        .way = field(o, "way"),
        .kind = field(o, "kind"),
        .organ = field(o, "organ"),
        .number = field(o, "number"),
        .search_record = field(o, "search_record"),
        .where = field(o, "where"),
        .day = DAY_NONE,
        .until = DAY_NONE,
        .n = number(o, "n"),
    };
    w->now = demo_instant(w, d->real_now, number(o, "days_ago"), 5 + 7 * (int)i);
    if (str_is(x.kind, "reconsideration"))
        x.day = work_today(w);
    if (str_is(field(o, "who"), "applicant"))
        w->actor = (struct actor){.address = "127.0.0.1"};
    else if (demo_become(w, str_printf(w->arena, "%.*s-%.*s", STR_ARG(unit), STR_ARG(field(o, "who")))) < 0)
        return -1;
    if (field(o, "attach").n)
        return attach(w, id, o);
    return request_step(w, id, str_dupz(w->arena, field(o, "verb")), &x);
}

static int load_one(struct work *w, void *arg) {
    const struct one *d = arg;
    struct unit unit;
    struct str code = field(d->o, "unit");
    int64_t id;
    json_t *step;
    size_t i;
    if (unit_by_code(w, code, &unit) <= 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "演示数据：没有单位 %.*s", STR_ARG(code));
    if (submit(w, d, unit.id, &id) < 0)
        return -1;
    json_array_foreach(json_object_get(d->o, "steps"), i, step) {
        if (walk(w, d, id, code, step, i) < 0) {
            fprintf(stderr, "  step %zu\n", i + 1);
            return -1;
        }
    }
    return 0;
}

int demo_requests_load(struct work *w) {
    struct one d = {.real_now = w->now};
    struct actor before = w->actor;
    uint64_t t0 = clock_mono_ns();
    json_t *all = app_data(w, "data/requests-demo.json");
    size_t i;
    int rc = all ? 0 : command_error(w);
    json_array_foreach(json_object_get(all, "requests"), i, d.o) {
        d.serial = (int)i + 1;
        if (rc == 0 && (rc = command_transaction(w, load_one, &d)) != 0)
            fprintf(stderr, "  in data/requests-demo.json, request %zu\n", i + 1);
    }
    w->actor = before;
    w->now = d.real_now;
    fprintf(stderr, "demonstration requests: %zu cases, %s (%.1f s)\n", i, rc == 0 ? "done" : "FAILED",
            (double)(clock_mono_ns() - t0) / 1e9);
    json_decref(all);
    return rc;
}
