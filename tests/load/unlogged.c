/* unlogged.c: linked into the whole program with --wrap, to measure a publication without the log.
 * MINGTANG_LOAD_UNLOGGED set to "all": no event is written, numbered or waited for; "tree": events are written as ever,
 * but not numbered, hashed and signed. Never shipped. */
#include "ledger/ledger_internal.h"

#include <stdlib.h>

int __real_event_append(struct work *w, const struct event *e, int64_t *ret_id);
int __wrap_event_append(struct work *w, const struct event *e, int64_t *ret_id);
int __real_ledger_settled(struct work *w);
int __wrap_ledger_settled(struct work *w);
int __real_ledger_pass(struct work *w, int64_t *ret_public_size);
int __wrap_ledger_pass(struct work *w, int64_t *ret_public_size);
void __real_ledger_before_commit(struct work *w);
void __wrap_ledger_before_commit(struct work *w);

static bool without(const char *what) {
    const char *said = getenv("MINGTANG_LOAD_UNLOGGED");
    return said && (strcmp(said, "all") == 0 || strcmp(said, what) == 0);
}

int __wrap_event_append(struct work *w, const struct event *e, int64_t *ret_id) {
    if (!without("events"))
        return __real_event_append(w, e, ret_id);
    w->events++;
    if (ret_id)
        *ret_id = 0;
    return 0;
}

int __wrap_ledger_settled(struct work *w) {
    return without("tree") ? 0 : __real_ledger_settled(w);
}

int __wrap_ledger_pass(struct work *w, int64_t *ret_public_size) {
    return without("tree") ? 0 : __real_ledger_pass(w, ret_public_size);
}

void __wrap_ledger_before_commit(struct work *w) {
    if (!without("tree"))
        __real_ledger_before_commit(w);
}
