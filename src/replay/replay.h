/* replay.h: the complete replay of a matter (完整还原): every step with who, post, unit, what changed, the documents as
 * they stood, the duty's clock beside it, who looked, and the proof that none of it was changed since. */
#ifndef MINGTANG_REPLAY_H
#define MINGTANG_REPLAY_H
#include "base/base.h"
#include "http/http.h"
extern const struct route replay_routes[];
extern const size_t replay_route_count;
#endif
