/* alert.c: alerts as they are kept: each change is one row and one event. */
#include "supervision/supervision_internal.h"

void alert_from_row(const struct db_rows *r, size_t i, struct alert *ret) {
    *ret = (struct alert){.id = db_i(r, i, 0),
                          .rule_id = db_i(r, i, 1),
                          .version_id = db_i(r, i, 2),
                          .check_code = db_s(r, i, 3),
                          .subject_kind = db_s(r, i, 4),
                          .subject_id = db_i(r, i, 5),
                          .unit_id = db_i(r, i, 6),
                          .field_id = db_i(r, i, 7),
                          .item_id = db_i(r, i, 8),
                          .post_id = db_i(r, i, 9),
                          .level = (int)db_i(r, i, 10),
                          .peak = (int)db_i(r, i, 11),
                          .began_at = db_i(r, i, 12),
                          .level_at = db_i(r, i, 13),
                          .red_at = db_i(r, i, 14),
                          .due_at = db_i(r, i, 15),
                          .raised_at = db_i(r, i, 16),
                          .state = db_s(r, i, 17),
                          .outcome = db_s(r, i, 18),
                          .closed_at = db_i(r, i, 19),
                          .title = db_s(r, i, 20),
                          .note = db_s(r, i, 21),
                          .address = db_s(r, i, 22),
                          .step = (int)db_i(r, i, 23),
                          .answer = db_s(r, i, 24)};
}

int alert_get(struct work *w, int64_t id, struct alert *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_alert_get, &r, DB_INT(id));
    if (n == 1)
        alert_from_row(&r, 0, ret);
    return n;
}

int alert_event(struct work *w, const struct alert *a, const char *verb, json_t *payload) {
    json_t *p = payload ? payload : json_object();
    json_set_int(p, "rule", a->rule_id);
    json_set_int(p, "version", a->version_id);
    json_set_str(p, "subject_kind", a->subject_kind);
    json_set_int(p, "subject", a->subject_id);
    json_set_str(p, "level", str_z(alert_level_code(a->level)));
    int rc = event_append(w,
                          &(struct event){.room = "supervision",
                                          .verb = verb,
                                          .subject_kind = "alert",
                                          .subject_id = a->id,
                                          .unit_id = a->unit_id,
                                          .visibility = EVENT_INTERNAL,
                                          .payload = p},
                          NULL);
    json_decref(p);
    return rc;
}

int alert_insert(struct work *w, struct alert *a) {
    struct db_rows r;
    int n = db_one(w, &sql_alert_insert, &r, DB_INT(a->rule_id), DB_INT(a->version_id), DB_TEXT(a->check_code),
                   DB_TEXT(a->subject_kind), DB_INT(a->subject_id), DB_INT(a->unit_id), DB_INT(a->field_id),
                   DB_INT(a->item_id), DB_INT(a->post_id), DB_INT(a->level), DB_INT(a->peak), DB_INT(a->began_at),
                   DB_INT(a->level_at), DB_INT(a->red_at), DB_INT(a->due_at), DB_INT(a->raised_at), DB_TEXT(a->state),
                   DB_TEXT(a->outcome), DB_INT(a->closed_at), DB_TEXT(a->title), DB_TEXT(a->note), DB_TEXT(a->address));
    if (n != 1)
        return n < 0 ? -1 : fail(w, ERR_INTERNAL, "预警没有写成");
    a->id = db_i(&r, 0, 0);
    json_t *p = json_object();
    json_set_instant(w->arena, p, "began", a->began_at);
    if (a->closed_at)
        json_set_instant(w->arena, p, "ended", a->closed_at);
    return board_alert_changed(w, NULL, a) < 0 ? (json_decref(p), -1) : alert_event(w, a, "raised", p);
}

int alert_save(struct work *w, const struct alert *before, const struct alert *a, const char *verb) {
    int n =
        db_exec(w, &sql_alert_update, DB_INT(a->id), DB_INT(a->level), DB_INT(a->peak), DB_INT(a->level_at),
                DB_INT(a->red_at), DB_INT(a->due_at), DB_TEXT(a->state), DB_TEXT(a->outcome), DB_INT(a->closed_at),
                DB_TEXT(a->title), DB_TEXT(a->note), DB_INT(a->unit_id), DB_INT(a->field_id), DB_TEXT(before->state));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_CONFLICT, "预警的状态已经变化，请刷新后再办理");
    if (board_alert_changed(w, before, a) < 0)
        return -1;
    if (!verb)
        return 0;
    json_t *p = json_object();
    json_set_instant(w->arena, p, "since", a->closed_at ? a->closed_at : a->level_at);
    if (a->outcome.n)
        json_set_str(p, "outcome", a->outcome);
    return alert_event(w, a, verb, p);
}
