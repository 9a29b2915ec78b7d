/* ticket_pages.c: routes of tickets: one ticket with its clocks, rounds and alerts; making one; steps; the formal
 * notice as a file; the replay. */
#include "supervision/ticket_internal.h"

#include "letter/letter.h"
#include "supervision/alert_internal.h"

/* ── one ticket ── */

json_t *ticket_alerts_json(struct work *w, int64_t id) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_ticket_alerts, &r, DB_INT(id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        bool closed = str_is(db_s(&r, i, 4), "closed");
        json_t *o = json_object();
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "title", db_s(&r, i, 1));
        json_set_str(o, "note", db_s(&r, i, 2));
        json_set_str(o, "tone", closed ? S("green") : str_z(alert_level_code((int)db_i(&r, i, 3))));
        json_set_str(o, "word",
                     str_z(closed ? alert_outcome_name(db_s(&r, i, 5)) : alert_level_name((int)db_i(&r, i, 3))));
        json_set_bool(o, "closed", closed);
        json_set_instant(w->arena, o, "began", db_i(&r, i, 6));
        json_set_str(o, "ground", db_s(&r, i, 9));
        json_array_append_new(list, o);
    }
    return list;
}

static void put_acknowledge(struct work *w, json_t *model, const struct ticket *t) {
    json_t *o = json_object(), *c = json_loadb(t->ack_certificate.p, t->ack_certificate.n, 0, NULL);
    json_object_set_new(o, "certificate", c ? c : json_object());
    json_set_day(w->arena, o, "trigger", day_of(t->sent_at));
    json_set_day(w->arena, o, "due", day_of(t->ack_due_at));
    json_object_set_new(model, "acknowledge", o);
}

static int ticket_model(struct work *w, const struct ticket *t, json_t **ret) {
    json_t *course = event_list(w, "ticket", t->id, true), *model = json_object(), *e;
    size_t i;
    if (!course) {
        json_decref(model);
        return -1;
    }
    json_array_foreach(course, i, e) event_words(e);
    json_object_set_new(model, "ticket", ticket_json(w, t));
    json_object_set_new(model, "alerts", ticket_alerts_json(w, t->id));
    json_object_set_new(model, "rounds", ticket_rounds_json(w, t));
    json_object_set_new(model, "actions", ticket_actions(w, t));
    json_object_set_new(model, "course", course);
    put_acknowledge(w, model, t);
    *ret = model;
    return 0;
}

static int ticket_of_path(struct http_request *in, struct ticket *ret) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || ticket_get(in->w, id, ret) < 0)
        return -1;
    return org_may(in->w, PERM_ALERT_READ, ret->unit_id);
}

int ticket_page(struct http_request *in, struct http_response *out) {
    struct ticket t;
    json_t *model;
    if (ticket_of_path(in, &t) < 0 || ticket_model(in->w, &t, &model) < 0)
        return -1;
    return view_page(out, "supervision/ticket", model);
}

/* ── making one ── */

struct new_input {
    struct str_list alert;
};
static const struct field ticket_new_fields[] = {
    FIELD(FIELD_LIST, new_input, alert, "预警", FIELD_OPTIONAL, 0, 20, NULL, "可以选几条同一单位的预警"),
};
const struct field_table ticket_new_table = {ticket_new_fields, countof(ticket_new_fields), sizeof(struct new_input)};

struct make_input {
    struct str_list alert;
    struct str title, demand;
};
static const struct field ticket_fields[] = {
    FIELD(FIELD_LIST, make_input, alert, "预警", FIELD_REQUIRED, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, make_input, title, "督办事项", FIELD_REQUIRED, 4, 100, NULL, NULL),
    FIELD(FIELD_TEXT, make_input, demand, "督办要求", FIELD_REQUIRED, 4, 2000, NULL, NULL),
};
const struct field_table ticket_table = {ticket_fields, countof(ticket_fields), sizeof(struct make_input)};

static int ids_of(struct work *w, const struct str_list *list, struct ticket_new *ret) {
    int64_t *ids = arena_many(w->arena, int64_t, list->n + 1);
    ret->alerts = ids;
    for (size_t i = 0; i < list->n; i++) {
        int64_t id;
        if (str_int(list->v[i], &id) < 0 || id < 1)
            return fail_field(w, "alert", "unknown", "没有这条预警");
        bool twice = false;
        for (size_t k = 0; k < ret->n; k++)
            twice |= ids[k] == id;
        if (!twice)
            ids[ret->n++] = id;
    }
    return 0;
}

/* The chosen alerts as the form shows them; what cannot be sent says why not. */
static int put_chosen(struct work *w, const struct ticket_new *x, json_t *model) {
    json_t *list = json_array(), *first = NULL;
    bool several = false;
    json_object_set_new(model, "alerts", list);
    for (size_t i = 0; i < x->n && i < TICKET_ALERTS; i++) {
        struct alert a;
        struct unit u;
        int n = alert_get(w, x->alerts[i], &a);
        if (n < 0 || (n && (org_may(w, PERM_TICKET_ISSUE, a.unit_id) < 0 || unit_get(w, a.unit_id, &u) < 0)))
            return -1;
        if (n == 0)
            continue;
        json_t *o = json_object();
        json_set_int(o, "id", a.id);
        json_set_str(o, "title", a.title);
        json_set_str(o, "note", a.note);
        json_set_str(o, "tone", str_z(alert_level_code(a.level)));
        json_set_str(o, "word", str_z(alert_level_name(a.level)));
        json_set_str(o, "unit_name", u.name);
        json_array_append_new(list, o);
        several |=
            first && strcmp(json_string_value(json_object_get(first, "unit_name")), str_dupz(w->arena, u.name)) != 0;
        first = first ? first : o;
    }
    json_set_bool(model, "several_units", several);
    if (first) {
        json_set_str(model, "unit_name", str_z(json_string_value(json_object_get(first, "unit_name"))));
        size_t n = json_array_size(list);
        struct str title = str_z(json_string_value(json_object_get(first, "title")));
        title = n > 1 ? str_printf(w->arena, "%.*s等%zu项", STR_ARG(utf8_head(title, 90)), n) : utf8_head(title, 100);
        json_set_str(model, "suggested_title", title);
    }
    return 0;
}

int ticket_new_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct new_input x;
    struct ticket_new t = {0};
    if (fields_read(in, &ticket_new_table, &x) < 0 || ids_of(w, &x.alert, &t) < 0)
        return -1;
    json_t *model = json_object();
    if (put_chosen(w, &t, model) < 0) {
        json_decref(model);
        return -1;
    }
    return view_page(out, "supervision/ticket_new", model);
}

static int refused_form(struct http_request *in, struct http_response *out, const struct ticket_new *t) {
    struct work *w = in->w;
    struct error why = w->error;
    json_t *model = json_object();
    error_clear(w);
    if (put_chosen(w, t, model) < 0) {
        json_decref(model);
        return -1;
    }
    w->error = why;
    json_set_bool(model, "again", true);
    return view_form_again(in, out, "supervision/ticket_new", &ticket_table, model);
}

int ticket_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct make_input x;
    struct ticket_new t = {0};
    int64_t id = 0;
    int read = fields_read(in, &ticket_table, &x);
    int rc = ids_of(w, &x.alert, &t) < 0 || read < 0 ? -1 : 0;
    t.title = x.title;
    t.demand = x.demand;
    if (rc < 0 || ticket_make(w, &t, &id) < 0)
        return in->api || w->error.code != ERR_INVALID ? -1 : refused_form(in, out, &t);
    if (in->api)
        json_set_int(out->model = json_object(), "id", id);
    return in->api ? 0 : view_redirect(in, out, "/desk/tickets/%lld", (long long)id);
}

/* ── steps ── */

struct step_input {
    struct str text;
    int64_t revision;
};
static const struct field ticket_step_fields[] = {
    FIELD(FIELD_TEXT, step_input, text, "说明", FIELD_OPTIONAL, 0, 4000, NULL, NULL),
    FIELD(FIELD_INT, step_input, revision, "修订号", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
};
const struct field_table ticket_step_table = {ticket_step_fields, countof(ticket_step_fields),
                                              sizeof(struct step_input)};

/* The page again with what was typed, unless the ticket has moved on meanwhile: then as it is now. */
static int step_refused(struct http_request *in, struct http_response *out, const char *verb) {
    struct work *w = in->w;
    struct ticket t;
    json_t *model, *a;
    size_t i;
    enum error_code code = w->error.code;
    if (in->api || (code != ERR_INVALID && code != ERR_WRONG_STATE && code != ERR_CONFLICT))
        return -1;
    struct error why = w->error;
    error_clear(w);
    if (ticket_of_path(in, &t) < 0 || ticket_model(w, &t, &model) < 0)
        return -1;
    w->error = why;
    json_t *form = fields_form(in, &ticket_step_table);
    json_array_foreach(json_object_get(model, "actions"), i, a) {
        if (strcmp(json_string_value(json_object_get(a, "verb")), verb) != 0)
            continue;
        json_object_set(a, "typed", json_object_get(form, "text"));
        json_set_bool(a, "unfolded", true);
    }
    json_decref(form);
    return view_form_again(in, out, "supervision/ticket", &ticket_step_table, model);
}

int ticket_step_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct step_input x;
    int64_t id;
    const char *verb = str_dupz(w->arena, http_path_part(in, "verb"));
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &ticket_step_table, &x) < 0 ||
        ticket_step(w, id, verb, &(struct ticket_step){.text = x.text, .revision = x.revision}) < 0)
        return step_refused(in, out, verb);
    return view_redirect(in, out, "/desk/tickets/%lld", (long long)id);
}

/* ── the formal notice ── */

static const struct field_option form_options[] = {{"pdf", "PDF"}, {"docx", "Word"}, {NULL, NULL}};
struct file_input {
    struct str form;
};
static const struct field ticket_letter_fields[] = {
    FIELD(FIELD_ENUM, file_input, form, "格式", FIELD_OPTIONAL, 0, 0, form_options, NULL),
};
const struct field_table ticket_letter_table = {ticket_letter_fields, countof(ticket_letter_fields),
                                                sizeof(struct file_input)};

int ticket_letter_file(struct http_request *in, struct http_response *out) {
    struct file_input x;
    struct ticket t;
    if (fields_read(in, &ticket_letter_table, &x) < 0 || ticket_of_path(in, &t) < 0)
        return -1;
    if (!t.letter_id)
        return fail(in->w, ERR_NOT_FOUND, "督办通知书还没有制发");
    bool word = str_is(x.form, "docx");
    out->type = word ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document" : "application/pdf";
    out->download_name = str_printf(in->w->arena, "督办通知书 %.*s.%s", STR_ARG(t.number), word ? "docx" : "pdf");
    return word ? letter_docx(in->w, t.letter_id, &out->body) : letter_pdf(in->w, t.letter_id, &out->body);
}

/* ── replay ── */

json_t *ticket_replay(struct work *w, int64_t id) {
    struct ticket t;
    if (ticket_get(w, id, &t) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "id", t.id);
    json_set_int(o, "unit_id", t.unit_id);
    json_set_str(o, "unit_name", t.unit_name);
    json_set_str(o, "title", str_printf(w->arena, "督办单 %.*s：%.*s", STR_ARG(t.number), STR_ARG(t.title)));
    return o;
}

/* As the rows of its rounds say it ran then. */
json_t *ticket_replay_clock(struct work *w, int64_t id, int64_t at) {
    struct ticket t;
    struct db_rows r;
    int64_t now = w->now;
    if (ticket_get(w, id, &t) < 0 || db_query(w, &sql_ticket_rounds, &r, DB_INT(id)) < 0)
        return NULL;
    if (!t.closed_at || t.closed_at > at)
        t.state = t.acknowledged_at && t.acknowledged_at <= at ? S("acknowledged") : S("sent");
    for (size_t i = 0; i < r.n && db_i(&r, i, 1) <= at; i++) {
        t.due_at = db_i(&r, i, 2);
        t.reported_at = db_i(&r, i, 5) <= at ? db_i(&r, i, 5) : 0;
    }
    w->now = at;
    json_t *clock = ticket_clock(w, &t);
    w->now = now;
    return clock;
}

const struct route ticket_routes[] = {
    {HTTP_GET, "/desk/tickets", ticket_list_page, PERM_ALERT_READ, NO_CACHE, &ticket_list_table, ROUTE_PLAIN, "督办单"},
    {HTTP_GET, "/desk/tickets/new", ticket_new_page, PERM_TICKET_ISSUE, NO_CACHE, &ticket_new_table, ROUTE_HTML_ONLY,
     "发出督办单"},
    {HTTP_POST, "/desk/tickets", ticket_post, PERM_TICKET_ISSUE, NO_CACHE, &ticket_table, ROUTE_PLAIN, "发出督办单"},
    {HTTP_GET, "/desk/tickets/{id}", ticket_page, PERM_ALERT_READ, NO_CACHE, NULL, ROUTE_PLAIN, "一张督办单"},
    {HTTP_POST, "/desk/tickets/{id}/steps/{verb}", ticket_step_post, PERM_ALERT_READ, NO_CACHE, &ticket_step_table,
     ROUTE_PLAIN, "办理督办单"},
    {HTTP_GET, "/desk/tickets/{id}/letter", ticket_letter_file, PERM_ALERT_READ, NO_CACHE, &ticket_letter_table,
     ROUTE_PLAIN, "督办通知书"},
};
const size_t ticket_route_count = countof(ticket_routes);
