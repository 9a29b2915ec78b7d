/* disclosure_enter.c: entering what was already public before this system was used (补录). */
#include "disclosure/disclosure_internal.h"

int disclosure_number_known(struct work *w, struct str number) {
    struct db_rows r;
    return db_one(w, &sql_disclosure_number_known, &r, DB_TEXT(number_fold(w->arena, number)));
}

/* The original was reviewed, signed and published on paper or elsewhere: the reviews are not repeated, and the event
 * that makes it public here says "entered", never "published", so that nobody takes the one for the other. */
int disclosure_enter_existing(struct work *w, int64_t id) {
    static const struct disclosure_step none = {0};
    struct subject s = {.step = &none, .from = "draft", .entered = true};
    if (w->actor.person_id || w->actor.token_id)
        return fail(w, ERR_FORBIDDEN, "补录只能由系统初始化进行");
    if (disclosure_get(w, id, &s.d) < 0 || version_get(w, s.d.draft_version_id, &s.v) < 0 ||
        check_required(w, &s.d, &s.v) < 0 || version_freeze(w, &s.v) < 0 || version_get(w, s.v.id, &s.v) < 0)
        return -1;
    return publish_now(w, &s);
}
