/* site_finding.c: what a look at a page found wrong is kept from the first failed look to the first good one. An event
 * is written when it begins to count and when it is mended, so that the checks follow; nothing else of a look is on
 * record. */
#include "supervision/supervision_internal.h"
#include <openssl/sha.h>

int finding_threshold(struct str kind) {
    return str_is(kind, "link") || str_is(kind, "attachment") ? 2 : 1; /* the net may have stumbled once */
}

int finding_get(struct work *w, int64_t id, struct finding *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_site_finding_get, &r, DB_INT(id));
    if (n == 1)
        *ret = (struct finding){.id = db_i(&r, 0, 0),
                                .kind = db_s(&r, 0, 1),
                                .disclosure_id = db_i(&r, 0, 2),
                                .unit_id = db_i(&r, 0, 3),
                                .page = db_s(&r, 0, 4),
                                .title = db_s(&r, 0, 5),
                                .address = db_s(&r, 0, 6),
                                .status = db_s(&r, 0, 7),
                                .detail = db_s(&r, 0, 8),
                                .failed_at = db_i(&r, 0, 9),
                                .asked_at = db_i(&r, 0, 10),
                                .tries = db_i(&r, 0, 11),
                                .ended_at = db_i(&r, 0, 12)};
    return n;
}

static int tell(struct work *w, const char *verb, int64_t id, int64_t unit) {
    return event_append(w,
                        &(struct event){.room = "supervision",
                                        .verb = verb,
                                        .subject_kind = "finding",
                                        .subject_id = id,
                                        .unit_id = unit,
                                        .visibility = EVENT_INTERNAL},
                        NULL);
}

int finding_failed(struct work *w, const struct finding *f, struct look *seen) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct db_rows r;
    SHA256((const unsigned char *)f->address.p, f->address.n, digest);
    struct str key = hex_encode(w->arena, digest, sizeof digest);
    int n = db_one(w, &sql_site_finding_again, &r, DB_TEXT(f->kind), DB_INT(f->disclosure_id), DB_TEXT(key),
                   DB_INT(w->now), DB_TEXT(f->status), DB_TEXT(f->detail), DB_TEXT(f->title), DB_INT(f->unit_id));
    int64_t tries = n == 1 ? db_i(&r, 0, 1) : 1;
    if (n == 0)
        n = db_one(w, &sql_site_finding_insert, &r, DB_TEXT(f->kind), DB_INT(f->disclosure_id), DB_INT(f->unit_id),
                   DB_TEXT(f->page), DB_TEXT(f->title), DB_TEXT(f->address), DB_TEXT(key), DB_TEXT(f->status),
                   DB_TEXT(f->detail), DB_INT(w->now));
    if (n != 1)
        return -1;
    if (seen->n < countof(seen->ids))
        seen->ids[seen->n++] = db_i(&r, 0, 0);
    return tries == finding_threshold(f->kind) ? tell(w, "site_found", db_i(&r, 0, 0), f->unit_id) : 0;
}

static bool has(const struct look *seen, int64_t id) {
    for (size_t i = 0; i < seen->n; i++)
        if (seen->ids[i] == id)
            return true;
    return false;
}

int finding_settle(struct work *w, int64_t disclosure_id, struct str page, const struct look *seen) {
    struct db_rows r;
    if (seen->n == countof(seen->ids)) /* more was wrong than can be remembered: nothing is called mended */
        return 0;
    if (db_query(w, &sql_site_finding_open_of, &r, DB_INT(disclosure_id), DB_TEXT(page)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        int64_t id = db_i(&r, i, 0);
        if (has(seen, id))
            continue;
        if (db_exec(w, &sql_site_finding_end, DB_INT(id), DB_INT(w->now)) < 0 ||
            (db_i(&r, i, 2) >= finding_threshold(db_s(&r, i, 1)) && tell(w, "site_mended", id, db_i(&r, i, 3)) < 0))
            return -1;
    }
    return 0;
}
