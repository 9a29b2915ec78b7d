/* disclosure_step.c: one step of the life cycle, from page, API, job or loader alike; attachments of drafts; jobs. */
#include "disclosure/disclosure_internal.h"

static int subject_load(struct work *w, int64_t id, struct subject *ret) {
    struct db_rows lock;
    if (db_in_transaction(w) && db_lock(w, &sql_disclosure_lock, &lock, DB_INT(id)) < 0)
        return -1;
    if (disclosure_get(w, id, &ret->d) < 0 || version_get(w, ret->d.draft_version_id, &ret->v) < 0)
        return -1;
    ret->from = str_dupz(w->arena, ret->d.state);
    return 0;
}

int disclosure_step(struct work *w, int64_t id, const char *verb, const struct disclosure_step *x) {
    struct subject s = {.step = x};
    if (subject_load(w, id, &s) < 0)
        return -1;
    if (x->revision && x->revision != s.d.revision)
        return fail(w, ERR_CONFLICT, "此件的内容或状态刚刚变化，请查看最新情况后再办理");
    const struct flow_row *row = flow_find(&disclosure_flow, s.from, verb);
    if (row && (row->flags & FLOW_REASON) && str_trim(x->reason).n == 0)
        return org_may(w, row->permission, s.d.unit_id) < 0 ? -1 : fail_field(w, "reason", "required", "请写明理由");
    return flow_step(w, &disclosure_flow, s.from, verb, &s, x);
}

int disclosure_attach(struct work *w, int64_t id, int64_t blob_id, struct str name) {
    struct subject s = {0};
    struct blob b;
    struct db_rows r;
    if (subject_load(w, id, &s) < 0 || org_may(w, PERM_DISCLOSURE_EDIT, s.d.unit_id) < 0)
        return -1;
    if (!str_is(s.d.state, "draft") || s.v.frozen)
        return fail(w, ERR_WRONG_STATE, "此件已提交审核，退回后才能增减附件");
    if (blob_get(w, blob_id, &b) < 0 || db_one(w, &sql_disclosure_attachment_add, &r, DB_INT(s.v.id), DB_INT(blob_id),
                                               DB_TEXT(blob_clean_name(w->arena, name))) < 0)
        return -1;
    if (db_i(&r, 0, 0) > LIMIT_UPLOAD_FILES * 5)
        return fail(w, ERR_TOO_LARGE, "一条公开信息的附件不能超过 %d 个", LIMIT_UPLOAD_FILES * 5);
    json_t *p = json_object();
    json_set_str(p, "name", name);
    json_set_str(p, "sha256", str_z(b.sha256));
    return disclosure_event(w, &s.d, "attached", EVENT_RESTRICTED, p, NULL);
}

int disclosure_detach(struct work *w, int64_t id, int64_t position) {
    struct subject s = {0};
    if (subject_load(w, id, &s) < 0 || org_may(w, PERM_DISCLOSURE_EDIT, s.d.unit_id) < 0)
        return -1;
    if (!str_is(s.d.state, "draft") || s.v.frozen)
        return fail(w, ERR_WRONG_STATE, "此件已提交审核，退回后才能增减附件");
    int n = db_exec(w, &sql_disclosure_attachment_remove, DB_INT(s.v.id), DB_INT(position));
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_NOT_FOUND, "没有这个附件，可能已被移除");
    json_t *p = json_object();
    json_set_int(p, "position", position);
    return disclosure_event(w, &s.d, "detached", EVENT_RESTRICTED, p, NULL);
}

json_t *disclosure_actions(struct work *w, int64_t id) {
    struct disclosure_step none = {0};
    struct subject s = {.step = &none};
    return subject_load(w, id, &s) < 0 ? NULL : flow_actions(w, &disclosure_flow, s.from, &s);
}

/* The clock acts for the post that set it in motion: the step is the system's, permitted by its own row. */
static int step_by_clock(struct work *w, int64_t id, const char *verb, const char *reason) {
    struct disclosure_step x = {.reason = str_z(reason)};
    struct actor before = w->actor;
    w->actor.all_units = true;
    actor_grant_roles(&w->actor, ROLE_SIGNER);
    int rc = db_begin(w);
    if (rc == 0) {
        rc = disclosure_step(w, id, verb, &x);
        if (rc == 0)
            rc = db_commit(w);
        else
            db_rollback(w);
    }
    w->actor = before;
    return rc;
}

/* Each matter in a transaction of its own: one that cannot be published keeps none of the others waiting. */
int disclosure_publish_due(struct work *w, json_t *args) {
    (void)args;
    struct db_rows r;
    int failed = 0;
    if (db_query(w, &sql_disclosure_due_to_publish, &r, DB_INT(w->now)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (step_by_clock(w, db_i(&r, i, 0), "publish_due", "") < 0) {
            log_line(LOG_ERROR, "publish_due", "disclosure=%lld reason=%s", (long long)db_i(&r, i, 0),
                     error_name(w->error.code));
            error_clear(w);
            failed++;
        }
    if (db_query(w, &sql_disclosure_due_to_expire, &r, DB_TEXT(day_str(w->arena, work_today(w)))) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (step_by_clock(w, db_i(&r, i, 0), "expire_due", "有效期届满") < 0) {
            log_line(LOG_ERROR, "expire_due", "disclosure=%lld reason=%s", (long long)db_i(&r, i, 0),
                     error_name(w->error.code));
            error_clear(w);
            failed++;
        }
    return failed ? fail(w, ERR_INTERNAL, "有 %d 件定时发布或到期失效没有办成", failed) : 0;
}

static json_t *waiting_in(struct work *w, json_t *list, const char *state, struct str path) {
    struct db_rows r;
    if (db_query(w, &sql_disclosure_waiting, &r, DB_TEXT(path), DB_TEXTZ(state), DB_INT(50)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        json_set_int(o, "id", db_i(&r, i, 0));
        json_set_str(o, "title", db_s(&r, i, 1));
        json_set_str(o, "state", db_s(&r, i, 2));
        json_object_set_new(o, "state_name", json_string(flow_state(&disclosure_flow, state)->name));
        json_set_str(o, "unit_name", db_s(&r, i, 3));
        json_set_int(o, "due_at", db_i(&r, i, 4));
        if (db_i(&r, i, 4))
            json_object_set_new(o, "clock", duty_clock(w, db_i(&r, i, 4), db_i(&r, i, 5), db_s(&r, i, 6).p));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *disclosure_waiting(struct work *w) {
    json_t *list = json_array();
    struct str path = org_path(w);
    const char *last = "";
    for (size_t i = 0; i < disclosure_flow.row_count; i++) {
        const struct flow_row *row = &disclosure_flow.rows[i];
        if (!(row->flags & FLOW_MAIN) || strcmp(row->from, last) == 0 || !actor_may(&w->actor, row->permission))
            continue;
        last = row->from;
        waiting_in(w, list, row->from, path);
    }
    return list;
}
