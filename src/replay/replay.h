/* replay.h: the complete replay of a matter (完整还原): every step with who, post, unit, what changed, the documents as
 * they stood, the duty's clock beside it, who looked, and the proof that none of it was changed since. */
#ifndef MINGTANG_REPLAY_H
#define MINGTANG_REPLAY_H
#include "base/base.h"
#include "http/http.h"
#include <jansson.h>

/* Matters of rooms above this one: how to read one, for its replay. Registered once before the server starts. */
struct replay_source {
    const char *kind, *name, *place;             /* "request", "公开申请", "/desk/requests" */
    int permission;                              /* who may see the course beside auditors, in their scope */
    json_t *(*read)(struct work *w, int64_t id); /* {id, unit_id, title …}; new reference, NULL with an error */
    json_t *(*clock)(struct work *w, int64_t id, int64_t at); /* as it ran at that instant; NULL or null none */
    const char *(*word)(const char *member, struct str code); /* words of codes in payloads */
};
void replay_register(const struct replay_source *list, size_t n);
extern const struct route replay_routes[];
extern const size_t replay_route_count;
#endif
