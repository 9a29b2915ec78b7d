/* supervision_event.c: what else follows an event: the maintained figures. */
#include "supervision/supervision_internal.h"

int supervision_event(struct work *w, struct str subject_kind, int64_t subject_id) {
    (void)w, (void)subject_kind, (void)subject_id;
    return 0;
}
