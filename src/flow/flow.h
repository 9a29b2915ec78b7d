/* flow.h: state tables. A workflow is rows: state × verb → next state, permission, guard, action.
 * Buttons on pages, the diagram in the docs and the tests all come from the table. */
#ifndef MINGTANG_FLOW_H
#define MINGTANG_FLOW_H

#include "base/base.h"
#include <jansson.h>

struct flow_state {
    const char *code, *name; /* "review1", "初审" */
    const char *tone;        /* status colour: grey, blue, yellow, orange, red, green */
};
/* A guard says no by fail(…) with the Chinese reason and returns -1; must not change anything. */
typedef int flow_guard(struct work *w, void *subject);
/* The action does the change (rows, event) and returns 0 or -1. input may be NULL. */
typedef int flow_action(struct work *w, void *subject, const void *input);
struct flow_row {
    const char *from, *verb, *to; /* to NULL: the state stays or the action decides */
    int permission;               /* enum permission */
    flow_guard *guard;            /* may be NULL */
    flow_action *action;
    const char *label; /* the button: verb and object, Chinese */
    unsigned flags;
};
enum flow_flags {
    FLOW_PLAIN = 0,
    FLOW_REASON = 1 << 0, /* needs a written reason */
    FLOW_MAIN = 1 << 1,   /* the main action of the state */
    FLOW_SYSTEM = 1 << 2, /* by the clock or a job, never a button */
    FLOW_DANGER = 1 << 3,
};
struct flow {
    const char *name;
    const struct flow_state *states;
    size_t state_count;
    const struct flow_row *rows;
    size_t row_count;
    /* May this actor act on the subject's unit at all (data scope)? 0 or -1 with fail(). */
    int (*scope)(struct work *w, void *subject, int permission);
    bool (*permitted)(const struct actor *a, int permission);
};
const struct flow_state *flow_state(const struct flow *f, const char *code);
const struct flow_row *flow_find(const struct flow *f, const char *from, const char *verb);
/* One step: finds the row (ERR_WRONG_STATE when the state has been left), scope, permission, guard, action. 0 or -1. */
int flow_step(struct work *w, const struct flow *f, const char *state, const char *verb, void *subject,
              const void *input);
/* What can be done now: [{"verb","label","main","danger","reason"(needs one),"allowed","why"(when not)}]. Rows whose
 * permission the actor lacks are left out; rows with a failing guard are shown with why. New reference. */
json_t *flow_actions(struct work *w, const struct flow *f, const char *state, void *subject);
/* The table as Graphviz-free Markdown for docs, and as JSON. */
json_t *flow_describe(const struct flow *f);

#endif
