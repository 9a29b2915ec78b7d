/* describe.c: a state table as JSON and Markdown, for the documents and the tests. */
#include "flow/flow.h"

#define MARKDOWN_BYTES (256 * 1024)

static const char *name_of(const struct flow *f, const char *code) {
    const struct flow_state *s = flow_state(f, code);
    return s ? s->name : "（由办理结果决定）";
}

static json_t *states_json(const struct flow *f) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->state_count; i++) {
        const struct flow_state *s = &f->states[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "code", s->code, "name", s->name, "tone", s->tone ? s->tone : ""));
    }
    return list;
}

static json_t *rows_json(const struct flow *f) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->row_count; i++) {
        const struct flow_row *r = &f->rows[i];
        json_t *o = json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:b, s:b}", "from", r->from, "verb", r->verb,
                              "label", r->label, "permission", r->permission, "guarded", r->guard != NULL, "main",
                              (r->flags & FLOW_MAIN) != 0, "reason", (r->flags & FLOW_REASON) != 0, "danger",
                              (r->flags & FLOW_DANGER) != 0, "system", (r->flags & FLOW_SYSTEM) != 0);
        json_object_set_new(o, "to", r->to ? json_string(r->to) : json_null());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *markdown(const struct flow *f) {
    struct buf b;
    buf_init(&b, MARKDOWN_BYTES);
    buf_addz(&b, "| 状态 | 办理 | 之后 | 由谁 |\n|---|---|---|---|\n");
    for (size_t i = 0; i < f->row_count; i++) {
        const struct flow_row *r = &f->rows[i];
        buf_printf(&b, "| %s | %s（%s）%s | %s | %s |\n", name_of(f, r->from), r->label, r->verb,
                   r->flags & FLOW_REASON ? "，须写明理由" : "", r->to ? name_of(f, r->to) : name_of(f, NULL),
                   r->flags & FLOW_SYSTEM ? "系统" : "岗位");
    }
    json_t *s = b.failed ? json_string("") : json_stringn(b.p, b.n);
    buf_release(&b);
    return s;
}

json_t *flow_describe(const struct flow *f) {
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(f->name));
    json_object_set_new(o, "states", states_json(f));
    json_object_set_new(o, "rows", rows_json(f));
    json_object_set_new(o, "markdown", markdown(f));
    return o;
}
