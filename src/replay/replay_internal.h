/* replay_internal.h: a matter gathered for its replay. */
#ifndef MINGTANG_REPLAY_INTERNAL_H
#define MINGTANG_REPLAY_INTERNAL_H
#include "auth/auth.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "paper/paper.h"
#include "replay/replay.h"
#include "view/view.h"

struct matter {
    struct str kind; /* subject kind: "disclosure", "duty" … */
    int64_t id, unit_id, duty_id;
    struct str title, kind_name, href;  /* href: its page in the workbench, "" none */
    json_t *events;                     /* owned; oldest first, those of its duty or publication among them, no reads */
    json_t *reads;                      /* owned; who looked */
    json_t *document;                   /* owned; disclosure_replay(), NULL when it is none */
    const struct replay_source *source; /* of a room above, NULL when it is none */
};
/* 0, or -1: unknown, or not the actor's to see. To be released by matter_free either way. */
int matter_gather(struct work *w, struct str kind, int64_t id, struct matter *ret);
void matter_free(struct matter *m);
int64_t event_instant(const json_t *event);  /* ms UTC */
const char *step_stage(const json_t *event); /* 初审 … : the state a step was taken in, "" none */
/* What one step changed and how things then stood, for page and paper: {facts, title_changes, body_changes, document,
 * clock}. New reference. */
json_t *step_details(struct work *w, const struct matter *m, size_t at);

/* Exports, with proofs; each is an event of its own. */
int replay_json(struct http_request *in, struct http_response *out);
int replay_pdf(struct http_request *in, struct http_response *out);
json_t *replay_export(struct work *w, const struct matter *m); /* mingtang-replay/1. New reference, NULL on error */
#endif
