/* disclosure_flow.c: the life cycle as a table (data-model.md, rules.md §7.2–7.5):
 * draft → first, second, third review → secrecy review → signature → proofreading → ready → published
 *       → corrected | withdrawn | expired | archived. Each reviewer can send it back with a reason.
 * A correction is a new version that walks the same way while the public keeps seeing the old one. */
#include "disclosure/disclosure_internal.h"

static const struct flow_state states[] = {
    {"draft", "拟稿", "grey"},
    {"review1", "初审", "blue"},
    {"review2", "复审", "blue"},
    {"review3", "终审", "blue"},
    {"secrecy", "保密审查", "blue"},
    {"signing", "签发", "blue"},
    {"proofreading", "校对", "blue"},
    {"ready", "待发布", "yellow"},
    {"scheduled", "定时发布", "yellow"},
    {"published", "已发布", "green"},
    {"filed", "不主动公开，已备案", "grey"},
    {"expired", "已失效", "grey"},
    {"withdrawn", "已撤回", "red"},
    {"archived", "已归档", "grey"},
};

static int move(struct work *w, struct subject *s, const char *to) {
    return db_exec(w, &sql_disclosure_set_state, DB_INT(s->d.id), DB_TEXTZ(to)) < 0 ? -1 : 0;
}

static int record_review(struct work *w, struct subject *s, const char *outcome) {
    return db_exec(w, &sql_review_insert, DB_INT(s->d.id), DB_INT(s->v.id), DB_INT(s->v.number_of_version),
                   DB_TEXTZ(s->from), DB_TEXTZ(outcome), DB_TEXT(s->step->conclusion), DB_TEXT(s->step->reason),
                   DB_INT(w->actor.person_id), DB_INT(w->actor.post_id), DB_INT(w->now)) < 0
               ? -1
               : 0;
}

/* One internal event per step: from, to, version and its digest, reason. */
static int record_step(struct work *w, struct subject *s, const char *verb, const char *to) {
    json_t *p = json_object();
    json_object_set_new(p, "from", json_string(s->from));
    json_object_set_new(p, "to", json_string(to));
    json_set_int(p, "version", s->v.number_of_version);
    json_set_str(p, "sha256", s->v.sha256);
    if (s->step->reason.n)
        json_set_str(p, "reason", s->step->reason);
    if (s->step->conclusion.n)
        json_set_str(p, "conclusion", s->step->conclusion);
    return disclosure_event(w, &s->d, verb, EVENT_RESTRICTED, p, NULL);
}

/* ── guards ── */

static int guard_person(struct work *w) {
    return w->actor.person_id ? 0 : fail(w, ERR_FORBIDDEN, "审核、签发须由在岗人员办理，业务系统令牌不能代替");
}

/* Reviewers are not the drafter; the three reviews are by at least three people, two in towns (rules.md §7.4 [M]). */
static int guard_review(struct work *w, void *subject) {
    struct subject *s = subject;
    if (guard_person(w) < 0)
        return -1;
    if (s->d.drafter_id == w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "拟稿人不能审核自己拟的稿");
    struct db_rows r;
    if (db_query(w, &sql_review_passed, &r, DB_INT(s->v.id)) < 0)
        return -1;
    int mine = 0;
    for (size_t i = 0; i < r.n; i++)
        mine += str_starts(db_s(&r, i, 0), S("review")) && db_i(&r, i, 1) == w->actor.person_id;
    int allowed = str_is(s->d.unit_kind, "town") ? 1 : 0;
    return mine > allowed ? fail(w, ERR_FORBIDDEN, "三审须由不同人员办理，您已审过这一稿") : 0;
}

/* 保密法第三十五条: the secrecy review is never the drafter's. */
static int guard_secrecy(struct work *w, void *subject) {
    struct subject *s = subject;
    if (guard_person(w) < 0)
        return -1;
    if (s->d.drafter_id == w->actor.person_id || s->v.made_by == w->actor.person_id)
        return fail(w, ERR_FORBIDDEN, "拟稿人不能做本件的保密审查");
    return 0;
}

static int guard_own(struct work *w, void *subject) {
    (void)subject;
    return guard_person(w);
}

/* Must never be: published without an attribute, a secrecy review by someone other than the drafter, and a signature.
 */
static int guard_publish(struct work *w, void *subject) {
    struct subject *s = subject;
    struct db_rows r;
    if (!str_is(s->v.attribute, "active"))
        return fail(w, ERR_WRONG_STATE, "公开属性不是主动公开，不能发布");
    if (!s->v.frozen || db_query(w, &sql_review_passed, &r, DB_INT(s->v.id)) < 0)
        return w->error.code ? -1 : fail(w, ERR_WRONG_STATE, "此稿尚未提交审核");
    bool secrecy = false, signature = false;
    for (size_t i = 0; i < r.n; i++) {
        secrecy |= str_is(db_s(&r, i, 0), "secrecy") && db_i(&r, i, 1) != s->d.drafter_id;
        signature |= str_is(db_s(&r, i, 0), "signing");
    }
    if (!secrecy)
        return fail(w, ERR_WRONG_STATE, "这一版本没有经过保密审查，不能发布");
    if (!signature)
        return fail(w, ERR_WRONG_STATE, "这一版本没有签发，不能发布");
    return 0;
}

/* ── actions ── */

static int act_submit(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (check_required(w, &s->d, &s->v) < 0)
        return -1;
    json_t *warnings = check_warnings(w, &s->d, &s->v);
    if (!warnings)
        return -1;
    size_t n = json_array_size(warnings);
    if (n && !s->step->accept_warnings) {
        json_decref(warnings);
        return fail_field(w, "accept_warnings", "warnings",
                          "有 %zu 项提示需要核对，请逐项核对后勾选“已核对，依法应当公开”再提交", n);
    }
    if (version_freeze(w, &s->v) < 0 || version_get(w, s->v.id, &s->v) < 0 || move(w, s, "review1") < 0) {
        json_decref(warnings);
        return -1;
    }
    json_t *p = json_object();
    json_set_int(p, "version", s->v.number_of_version);
    json_set_str(p, "sha256", s->v.sha256);
    json_set_str(p, "attribute", s->v.attribute);
    json_set_str(p, "ground", s->v.ground);
    json_object_set_new(p, "accepted_warnings", warnings);
    return disclosure_event(w, &s->d, "submitted", EVENT_RESTRICTED, p, NULL);
}

static int pass_to(struct work *w, struct subject *s, const char *to) {
    return record_review(w, s, "passed") < 0 || move(w, s, to) < 0 || record_step(w, s, "passed", to) < 0 ? -1 : 0;
}

static int act_pass1(struct work *w, void *subject, const void *input) {
    (void)input;
    return pass_to(w, subject, "review2");
}
static int act_pass2(struct work *w, void *subject, const void *input) {
    (void)input;
    return pass_to(w, subject, "review3");
}
static int act_pass3(struct work *w, void *subject, const void *input) {
    (void)input;
    return pass_to(w, subject, "secrecy");
}

static int act_secrecy(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    bool active = str_is(s->v.attribute, "active");
    if (s->step->conclusion.n == 0)
        return fail_field(w, "conclusion", "required", "请选择保密审查结论");
    if (active && !str_is(s->step->conclusion, "agree") && !str_is(s->step->conclusion, "partial"))
        return fail_field(w, "conclusion", "mismatch", "结论为不公开或报请确定的，请退回修改公开属性");
    return pass_to(w, s, "signing");
}

static int act_sign(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (db_exec(w, &sql_disclosure_set_signed, DB_INT(s->d.id), DB_INT(w->actor.person_id), DB_INT(w->now)) < 0)
        return -1;
    return pass_to(w, s, str_is(s->v.attribute, "active") ? "proofreading" : "filed");
}

static int act_proofread(struct work *w, void *subject, const void *input) {
    (void)input;
    return pass_to(w, subject, "ready");
}

/* Back to the drafter: the frozen version stays as it was, work goes on in a copy. */
static int act_return(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    int64_t next;
    (void)input;
    if (db_exec(w, &sql_disclosure_set_schedule, DB_INT(s->d.id), DB_INT(0)) < 0 ||
        record_review(w, s, "returned") < 0 || version_continue(w, &s->d, s->v.id, &next) < 0 ||
        move(w, s, "draft") < 0)
        return -1;
    return record_step(w, s, "returned", "draft");
}

static int act_publish(struct work *w, void *subject, const void *input) {
    (void)input;
    return publish_now(w, subject);
}

static int act_schedule(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (s->step->publish_at <= w->now)
        return fail_field(w, "publish_at", "range", "定时发布的时间须晚于现在");
    if (s->step->publish_at > w->now + 366LL * 86400000)
        return fail_field(w, "publish_at", "range", "定时发布的时间须在一年以内");
    if (db_exec(w, &sql_disclosure_set_schedule, DB_INT(s->d.id), DB_INT(s->step->publish_at)) < 0 ||
        move(w, s, "scheduled") < 0)
        return -1;
    return record_step(w, s, "scheduled", "scheduled");
}

static int act_unschedule(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    if (db_exec(w, &sql_disclosure_set_schedule, DB_INT(s->d.id), DB_INT(0)) < 0 || move(w, s, "ready") < 0)
        return -1;
    return record_step(w, s, "unscheduled", "ready");
}

static int act_correct(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    int64_t next;
    (void)input;
    if (version_continue(w, &s->d, s->v.id, &next) < 0 || move(w, s, "draft") < 0)
        return -1;
    return record_step(w, s, "correcting", "draft");
}

static int act_withdraw(struct work *w, void *subject, const void *input) {
    (void)input;
    return withdraw_now(w, subject);
}

static int act_expire(struct work *w, void *subject, const void *input) {
    (void)input;
    return expire_now(w, subject);
}

static int act_archive(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    (void)input;
    return move(w, s, "archived") < 0 ? -1 : record_step(w, s, "archived", "archived");
}

static int guard_past(struct work *w, void *subject) {
    struct subject *s = subject;
    struct db_rows r;
    if (db_one(w, &sql_disclosure_versions_past, &r, DB_INT(s->d.id), DB_INT(s->d.public_version_id)) < 0)
        return -1;
    return db_i(&r, 0, 0) ? 0 : fail(w, ERR_WRONG_STATE, "没有还在显示的以前版本");
}

static int act_conceal(struct work *w, void *subject, const void *input) {
    (void)input;
    return conceal_now(w, subject);
}

/* A correction under way is given up: the public version stays, the working copy goes back to it. */
static int guard_public(struct work *w, void *subject) {
    struct subject *s = subject;
    return s->d.public_version_id ? 0 : fail(w, ERR_WRONG_STATE, "此件没有已公开的版本");
}

/* While a correction is reviewed the old version is public: a withdrawal never waits for a review. */
#define WITHDRAW_ROW(state)                                                                                            \
    { state, "withdraw", "withdrawn", PERM_WITHDRAW, guard_public, act_withdraw, "撤回公开", FLOW_REASON | FLOW_DANGER }
#define REVIEW_ROWS(state, permission, guard, pass_action, pass_label, next)                                           \
    {state, "pass", next, permission, guard, pass_action, pass_label, FLOW_MAIN},                                      \
        {state, "return", "draft", permission, guard, act_return, "退回修改", FLOW_REASON}, WITHDRAW_ROW(state)

/* What was public once may turn out to be what law forbids to show: then it is shown at no past instant either. */
#define CONCEAL_ROW(state)                                                                                             \
    { state, "conceal", state, PERM_WITHDRAW, guard_past, act_conceal, "停止显示以前版本", FLOW_REASON | FLOW_DANGER }

static const struct flow_row rows[] = {
    {"draft", "submit", "review1", PERM_DISCLOSURE_EDIT, NULL, act_submit, "提交审核", FLOW_MAIN},
    WITHDRAW_ROW("draft"),
    REVIEW_ROWS("review1", PERM_REVIEW_FIRST, guard_review, act_pass1, "通过初审", "review2"),
    REVIEW_ROWS("review2", PERM_REVIEW_SECOND, guard_review, act_pass2, "通过复审", "review3"),
    REVIEW_ROWS("review3", PERM_REVIEW_FINAL, guard_review, act_pass3, "通过终审", "secrecy"),
    REVIEW_ROWS("secrecy", PERM_REVIEW_SECRECY, guard_secrecy, act_secrecy, "通过保密审查", "signing"),
    REVIEW_ROWS("signing", PERM_SIGN, guard_own, act_sign, "签发", NULL),
    REVIEW_ROWS("proofreading", PERM_PROOFREAD, guard_own, act_proofread, "校对无误", "ready"),
    {"ready", "publish", "published", PERM_PUBLISH, guard_publish, act_publish, "立即发布", FLOW_MAIN},
    {"ready", "schedule", "scheduled", PERM_PUBLISH, guard_publish, act_schedule, "定时发布", FLOW_PLAIN},
    {"ready", "return", "draft", PERM_PUBLISH, NULL, act_return, "退回修改", FLOW_REASON},
    WITHDRAW_ROW("ready"),
    WITHDRAW_ROW("scheduled"),
    {"scheduled", "publish", "published", PERM_PUBLISH, guard_publish, act_publish, "立即发布", FLOW_MAIN},
    {"scheduled", "publish_due", "published", PERM_PUBLISH, guard_publish, act_publish, "到时发布", FLOW_SYSTEM},
    {"scheduled", "unschedule", "ready", PERM_PUBLISH, NULL, act_unschedule, "取消定时", FLOW_PLAIN},
    {"published", "correct", "draft", PERM_WITHDRAW, NULL, act_correct, "更正内容", FLOW_REASON},
    {"published", "withdraw", "withdrawn", PERM_WITHDRAW, NULL, act_withdraw, "撤回公开", FLOW_REASON | FLOW_DANGER},
    CONCEAL_ROW("published"),
    CONCEAL_ROW("expired"),
    CONCEAL_ROW("archived"),
    CONCEAL_ROW("withdrawn"),
    {"published", "expire", "expired", PERM_WITHDRAW, NULL, act_expire, "宣布失效", FLOW_REASON},
    {"published", "expire_due", "expired", PERM_WITHDRAW, NULL, act_expire, "到期失效", FLOW_SYSTEM},
    {"published", "archive", "archived", PERM_WITHDRAW, NULL, act_archive, "归档", FLOW_PLAIN},
    {"expired", "withdraw", "withdrawn", PERM_WITHDRAW, NULL, act_withdraw, "撤回公开", FLOW_REASON | FLOW_DANGER},
    {"expired", "archive", "archived", PERM_WITHDRAW, NULL, act_archive, "归档", FLOW_PLAIN},
    {"archived", "withdraw", "withdrawn", PERM_WITHDRAW, NULL, act_withdraw, "撤回公开", FLOW_REASON | FLOW_DANGER},
    {"withdrawn", "correct", "draft", PERM_WITHDRAW, NULL, act_correct, "修改后重新公开", FLOW_REASON},
    {"filed", "correct", "draft", PERM_WITHDRAW, NULL, act_correct, "重新认定属性", FLOW_REASON},
};

static int scope(struct work *w, void *subject, int permission) {
    struct subject *s = subject;
    return org_may(w, permission, s->d.unit_id);
}

const struct flow disclosure_flow = {
    "disclosure", states, countof(states), rows, countof(rows), scope, actor_may,
};
