/* supervision_event.c: what else follows an event: the maintained figures. */
#include "supervision/supervision_internal.h"

int supervision_event(struct work *w, struct str subject_kind, int64_t subject_id) {
    return statistics_touch(w, str_dupz(w->arena, subject_kind), subject_id);
}
