/* disclosure_replay.c: what the replay of a matter needs from this room: its versions, and who looked at it inside. */
#include "disclosure/disclosure_internal.h"

#define READ_AGAIN_MS (30 * 60 * 1000LL)

static json_t *replay_version(struct work *w, const struct disclosure *d, int64_t id) {
    struct version v;
    if (version_get(w, id, &v) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "version", v.number_of_version);
    json_set_str(o, "title", v.title);
    json_set_str(o, "number", v.number);
    json_set_str(o, "body_text", v.body_text);
    json_set_str(o, "sha256", v.sha256);
    json_set_instant(w->arena, o, "public_from", v.public_from);
    json_set_instant(w->arena, o, "public_to", v.public_to);
    json_object_set_new(o, "attachments", attachments_json(w, d, v.id, true));
    return o;
}

json_t *disclosure_replay(struct work *w, int64_t id) {
    struct disclosure d;
    struct db_rows r;
    if (disclosure_get(w, id, &d) < 0 || db_query(w, &sql_disclosure_version_ids, &r, DB_INT(id)) < 0)
        return NULL;
    json_t *o = json_object(), *list = json_array();
    json_set_int(o, "id", d.id);
    json_set_int(o, "unit_id", d.unit_id);
    json_set_int(o, "duty_id", d.duty_id);
    json_set_str(o, "title", d.title);
    json_set_str(o, "unit_name", d.unit_name);
    json_set_str(o, "public_id", d.public_id);
    json_set_str(o, "index_number", d.index_number);
    json_object_set_new(o, "versions", list);
    for (size_t i = 0; i < r.n; i++) {
        json_t *v = replay_version(w, &d, db_i(&r, i, 0));
        if (!v) {
            json_decref(o);
            return NULL;
        }
        json_array_append_new(list, v);
    }
    return o;
}

static int read_append(struct work *w, const struct disclosure *d) {
    if (db_begin(w) < 0)
        return -1;
    if (disclosure_event(w, d, "read", EVENT_INTERNAL, NULL, NULL) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

void disclosure_read_on_record(struct work *w, int64_t id) {
    struct db_rows r;
    struct disclosure d;
    if (!w->actor.person_id)
        return; /* a program reads by its token: the access log has it */
    int n = db_one(w, &sql_disclosure_last_read, &r, DB_INT(id), DB_INT(w->actor.person_id));
    bool fresh =
        n == 1 && !db_null(&r, 0, 0) && db_i(&r, 0, 0) > w->now - READ_AGAIN_MS && db_i(&r, 0, 1) >= db_i(&r, 0, 2);
    if (n >= 0 && (fresh || (disclosure_get(w, id, &d) == 0 && read_append(w, &d) == 0)))
        return;
    log_line(LOG_ERROR, "read_unrecorded", "disclosure=%lld person=%lld reason=%s", (long long)id,
             (long long)w->actor.person_id, error_name(w->error.code));
    error_clear(w);
}
