/* replay_pages.c: the route table and the timeline's page: one step shown at a time, all steps beside it. */
#include "replay/replay_internal.h"

struct replay_input {
    int64_t step; /* from 1; 0: the last */
    struct str unit, post, verb;
};
static const struct field replay_table_fields[] = {
    FIELD(FIELD_INT, replay_input, step, "第几步", FIELD_OPTIONAL, 0, 1000000, NULL, NULL),
    FIELD(FIELD_STR, replay_input, unit, "单位", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, replay_input, post, "岗位", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, replay_input, verb, "类别", FIELD_OPTIONAL, 0, 60, NULL, NULL),
};
FIELD_TABLE(replay_table, replay_input);

static struct str member(const json_t *e, const char *key) {
    return str_z(json_string_value(json_object_get(e, key)));
}

static bool passes(const json_t *e, const struct replay_input *x) {
    return (!x->unit.n || str_eq(member(e, "unit"), x->unit)) && (!x->post.n || str_eq(member(e, "post"), x->post)) &&
           (!x->verb.n || str_eq(member(e, "verb"), x->verb));
}

/* The distinct values of a member, for a filter. */
static json_t *choices(const json_t *events, const char *key, const char *label, struct str chosen) {
    json_t *list = json_array(), *e, *known = json_object();
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)events, i, e) {
        struct str v = member(e, key);
        if (v.n == 0 || json_object_get(known, v.p))
            continue;
        json_object_set_new(known, v.p, json_true());
        json_t *o = json_object();
        json_set_str(o, "value", v);
        json_set_str(o, "label", member(e, label));
        json_set_bool(o, "selected", str_eq(v, chosen));
        json_array_append_new(list, o);
    }
    json_decref(known);
    return list;
}

static struct str step_href(struct http_request *in, size_t n) {
    return http_with_query(in, "step", str_printf(in->w->arena, "%zu", n));
}

static json_t *step_row(struct http_request *in, const json_t *e, size_t n, size_t current) {
    static const char *const kept[] = {"at_text", "verb_name", "post", "person", "unit", "seq", "room"};
    json_t *o = json_object();
    for (size_t i = 0; i < countof(kept); i++)
        if (json_object_get(e, kept[i]))
            json_object_set(o, kept[i], json_object_get(e, kept[i]));
    json_object_set_new(o, "stage", json_string(step_stage(e)));
    json_set_int(o, "n", (int64_t)n);
    json_set_str(o, "step_href", step_href(in, n));
    json_set_bool(o, "active", n == current);
    return o;
}

/* Readers up to an instant: once each, the latest look first. */
static json_t *readers(const struct matter *m, int64_t at) {
    json_t *list = json_array(), *e;
    size_t i;
    json_array_foreach(m->reads, i, e) if (event_instant(e) <= at) {
        json_t *o = json_object();
        json_object_set(o, "at_text", json_object_get(e, "at_text"));
        json_object_set(o, "reader", json_object_get(e, member(e, "post").n ? "post" : "person"));
        json_object_set(o, "unit_name", json_object_get(e, "unit"));
        json_array_insert_new(list, 0, o);
    }
    return list;
}

static void add_filters(json_t *model, const struct matter *m, const struct replay_input *x) {
    json_object_set_new(model, "units", choices(m->events, "unit", "unit", x->unit));
    json_object_set_new(model, "posts", choices(m->events, "post", "post", x->post));
    json_object_set_new(model, "verbs", choices(m->events, "verb", "verb_name", x->verb));
    json_set_bool(model, "filtered", x->unit.n || x->post.n || x->verb.n);
}

/* Steps that pass, with the shown one, its neighbours and its details. */
static void add_steps(struct http_request *in, json_t *model, const struct matter *m, const struct replay_input *x) {
    json_t *steps = json_array(), *e;
    size_t n = json_array_size(m->events), current = 0, last = 0, before = 0, after = 0, i;
    json_array_foreach(m->events, i, e) if (passes(e, x)) {
        last = i + 1;
        if (x->step && (int64_t)(i + 1) <= x->step)
            current = i + 1;
    }
    if (!x->step || (!current && last))
        current = x->step ? 0 : last;
    json_array_foreach(m->events, i, e) if (passes(e, x)) {
        if (!current)
            current = i + 1; /* the first that passes */
        if (i + 1 < current)
            before = i + 1;
        if (i + 1 > current && !after)
            after = i + 1;
        json_array_append_new(steps, step_row(in, e, i + 1, current));
    }
    json_object_set_new(model, "steps", steps);
    json_set_int(model, "step_count", (int64_t)n);
    if (!current)
        return;
    e = json_array_get(m->events, current - 1);
    json_t *step = step_details(in->w, m, current - 1);
    json_object_update_missing(step, e);
    json_set_int(step, "n", (int64_t)current);
    json_object_set_new(step, "readers", readers(m, event_instant(e)));
    json_set_bool(step, "looked", json_array_size(json_object_get(step, "readers")) > 0);
    json_object_set_new(model, "step", step);
    if (before)
        json_set_str(model, "before_href", step_href(in, before));
    if (after)
        json_set_str(model, "after_href", step_href(in, after));
    json_set_str(model, "first_href", step_href(in, 1));
}

static json_t *matter_json(const struct matter *m) {
    json_t *o = json_object();
    json_set_str(o, "kind", m->kind);
    json_set_str(o, "kind_name", m->kind_name);
    json_set_int(o, "id", m->id);
    json_set_str(o, "title", m->title);
    json_set_str(o, "href", m->href);
    json_set_int(o, "duty_id", m->duty_id);
    return o;
}

static int replay_page(struct http_request *in, struct http_response *out) {
    struct replay_input x;
    struct matter m = {0};
    int64_t id;
    if (fields_read(in, &replay_table, &x) < 0 || http_path_int(in, "id", &id) < 0)
        return -1;
    if (matter_gather(in->w, http_path_part(in, "kind"), id, &m) < 0) {
        matter_free(&m);
        return -1;
    }
    json_t *model = json_object();
    json_object_set_new(model, "matter", matter_json(&m));
    add_filters(model, &m, &x);
    add_steps(in, model, &m, &x);
    matter_free(&m);
    return view_page(out, "replay/page", model);
}

const struct route replay_routes[] = {
    {HTTP_GET, "/desk/replay/{kind}/{id}", replay_page, PERM_SIGNED_IN, NO_CACHE, &replay_table, ROUTE_PLAIN,
     "一件事项的办理全过程"},
    {HTTP_GET, "/desk/replay/{kind}/{id}/export.json", replay_json, PERM_SIGNED_IN, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX, "导出办理全过程和证明（JSON）"},
    {HTTP_GET, "/desk/replay/{kind}/{id}/export.pdf", replay_pdf, PERM_SIGNED_IN, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX, "导出办理全过程（PDF）"},
};
const size_t replay_route_count = countof(replay_routes);
