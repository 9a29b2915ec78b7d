/* proposal_pages.c: change proposals: the list, one with its differences and buttons, a step. */
#include "catalogue/pages_internal.h"

#define PAGE 50

struct proposals_input {
    struct str state, after;
};
static const struct field_option state_options[] = {
    {"draft", "拟议"},      {"submitted", "待审定"},  {"approved", "已审定，待生效"},
    {"in_force", "已生效"}, {"rejected", "不予采纳"}, {NULL, NULL}};
static const struct field proposals_fields[] = {
    FIELD(FIELD_ENUM, proposals_input, state, "状态", FIELD_OPTIONAL, 0, 0, state_options, NULL),
    FIELD(FIELD_STR, proposals_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
const struct field_table proposals_table = {proposals_fields, countof(proposals_fields),
                                            sizeof(struct proposals_input)};

static json_t *row_json(struct work *w, const struct db_rows *r, size_t i) {
    json_t *o = db_json_row(r, i);
    const struct flow_state *s = flow_state(catalogue_proposal_flow, str_dupz(w->arena, db_s(r, i, 1)));
    json_set_str(o, "state_name", str_z(s ? s->name : ""));
    json_set_str(o, "tone", str_z(s ? s->tone : "grey"));
    json_set_bool(o, "stuck", str_is(db_s(r, i, 1), "approved") && db_s(r, i, 6).n > 0);
    json_set_instant(w->arena, o, "created", db_i(r, i, 5));
    json_object_del(o, "size");
    return o;
}

static json_t *states_json(struct str selected) {
    json_t *list = json_array();
    for (const struct field_option *s = state_options; s->value; s++) {
        json_t *o = json_object();
        json_set_str(o, "value", str_z(s->value));
        json_set_str(o, "label", str_z(s->label));
        json_set_bool(o, "selected", str_is(selected, s->value));
        json_array_append_new(list, o);
    }
    return list;
}

int proposals_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct proposals_input x;
    struct db_rows r;
    int64_t key, id;
    if (fields_read(in, &proposals_table, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    if (db_query(w, &sql_proposal_list, &r, DB_TEXT(org_path(w)), DB_INT(w->actor.person_id), DB_OPT(x.state),
                 DB_INT(id), DB_INT(PAGE + 1)) < 0)
        return -1;
    json_t *model = json_object(), *rows = json_array();
    size_t n = r.n > PAGE ? PAGE : r.n;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, row_json(w, &r, i));
    json_object_set_new(model, "proposals", rows);
    json_object_set_new(model, "states", states_json(x.state));
    view_pager(in, model, r.n > PAGE ? view_cursor(w->arena, 0, db_i(&r, n - 1, 0)) : STR_NONE, PAGE);
    return view_page(out, "catalogue/proposals", model);
}

/* ── one ── */

struct proposal_page_input {
    int64_t from;
};
static const struct field proposal_page_fields[] = {
    FIELD(FIELD_INT, proposal_page_input, from, "从第几个事项起", FIELD_OPTIONAL, 0, PROPOSAL_CHANGES, NULL, NULL)};
const struct field_table proposal_page_table = {proposal_page_fields, countof(proposal_page_fields),
                                                sizeof(struct proposal_page_input)};

/* Those who may propose or approve in the catalogue's unit, and the proposer. */
static int may_see(struct work *w, int64_t id) {
    struct proposal p;
    if (proposal_get(w, id, &p) < 0)
        return -1;
    bool mine = w->actor.person_id && p.proposed_by == w->actor.person_id;
    return mine || org_may_quiet(w, PERM_CATALOGUE_PROPOSE, p.catalogue.unit_id) ||
                   org_may_quiet(w, PERM_CATALOGUE_APPROVE, p.catalogue.unit_id) ||
                   org_may_quiet(w, PERM_AUDIT_READ, p.catalogue.unit_id)
               ? 0
               : fail(w, ERR_FORBIDDEN, "这件目录调整不在您的岗位范围内");
}

int proposal_page(struct http_request *in, struct http_response *out) {
    struct proposal_page_input x;
    int64_t id;
    if (fields_read(in, &proposal_page_table, &x) < 0 || http_path_int(in, "id", &id) < 0 || may_see(in->w, id) < 0)
        return -1;
    json_t *model = json_object();
    return page_end(out, "catalogue/proposal", model,
                    model_part(model, "proposal", proposal_json(in->w, id, (size_t)x.from)));
}

struct verb_input {
    struct str reason;
};
static const struct field verb_fields[] = {
    FIELD(FIELD_TEXT, verb_input, reason, "理由", FIELD_OPTIONAL, 0, 500, NULL, NULL)};
const struct field_table verb_table = {verb_fields, countof(verb_fields), sizeof(struct verb_input)};

int proposal_verb(struct http_request *in, struct http_response *out) {
    struct verb_input x;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || may_see(in->w, id) < 0)
        return -1;
    const char *verb = str_dupz(in->w->arena, http_path_part(in, "verb"));
    if (fields_read(in, &verb_table, &x) == 0 && proposal_step(in->w, id, verb, x.reason) == 0)
        return view_redirect(in, out, "/desk/proposals/%lld", (long long)id);
    if (!in->w->error.field_count)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = json_object();
    if (model_part(model, "proposal", proposal_json(in->w, id, 0)) < 0)
        return page_end(out, "", model, -1);
    in->w->error = kept;
    return view_form_again(in, out, "catalogue/proposal", &verb_table, model);
}
