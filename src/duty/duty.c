/* duty.c: what becomes of a duty: met, owed again, waived, void; its counts; its words. */
#include "duty/duty_internal.h"

/* ── words ── */

const struct field_option duty_state_options[] = {
    {"open", "待公开"},  {"overdue", "逾期未公开"}, {"soon", "五个工作日内到期"},
    {"met", "按期公开"}, {"met_late", "逾期公开"},  {"waived", "已免除"},
    {"void", "已失效"},  {"all", "全部"},           {NULL, NULL},
};
const struct field_option duty_source_options[] = {
    {"in_force", "首次公开"}, {"fact", "信息形成"}, {"period", "定期公开"}, {"fixed_date", "定日公开"}, {NULL, NULL},
};
/* 条例第十四至十六条、第三十六条第七项 (rules.md §1.2). */
const struct field_option duty_ground_options[] = {
    {"ND1", "依法确定为国家秘密"},
    {"ND2", "法律、行政法规禁止公开"},
    {"ND3", "公开后可能危及国家安全、公共安全、经济安全、社会稳定"},
    {"ND4", "涉及商业秘密、个人隐私，公开会损害第三方合法权益"},
    {"ND5", "内部事务信息"},
    {"ND6", "过程性信息"},
    {"ND7", "行政执法案卷信息"},
    {"ND8", "依专门规定办理的行政查询事项"},
    {"other", "其他"},
    {NULL, NULL},
};
const struct field_option fact_kind_options[] = {
    {"formed", "信息形成或变更"},
    {"decided", "作出决定"},
    {"approved", "批准、批复"},
    {"received", "收到"},
    {"ended", "活动、程序结束"},
    {"starting", "活动、程序开始"},
    {NULL, NULL},
};

const char *duty_state_name(struct str code) {
    return field_option_label(duty_state_options, code);
}
const char *duty_source_name(struct str code) {
    return field_option_label(duty_source_options, code);
}
const char *duty_ground_name(struct str code) {
    return field_option_label(duty_ground_options, code);
}
bool duty_waive_ground(struct str ground) {
    return duty_ground_name(ground)[0] != 0;
}
const char *fact_kind_name(struct str code) {
    return field_option_label(fact_kind_options, code);
}

/* ── reading ── */

static void row_words(const struct db_rows *r, struct duty_row *x) {
    struct str *const texts[] = {&x->unit_code,  &x->unit_name,  &x->item_code,      &x->level1,
                                 &x->level2,     &x->elements,   &x->basis,          &x->limit_text,
                                 &x->field_code, &x->field_name, &x->fact_subject,   &x->fact_number,
                                 &x->fact_kind,  &x->fact_day,   &x->fact_source_ref};
    for (size_t i = 0; i < countof(texts); i++)
        *texts[i] = db_s(r, 0, 19 + i);
}

int duty_row_get(struct work *w, int64_t id, struct duty_row *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_duty_row, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这项应公开任务");
    *ret = (struct duty_row){
        .d = {.id = id,
              .unit_id = db_i(&r, 0, 1),
              .item_id = db_i(&r, 0, 2),
              .item_version_id = db_i(&r, 0, 3),
              .fact_id = db_i(&r, 0, 6),
              .disclosure_id = db_i(&r, 0, 15),
              .state = db_s(&r, 0, 13),
              .source = db_s(&r, 0, 5),
              .subject = db_s(&r, 0, 9),
              .trigger_at = db_i(&r, 0, 10),
              .due_at = db_i(&r, 0, 11),
              .met_at = db_i(&r, 0, 14),
              .certificate = db_s(&r, 0, 17)},
        .field_id = db_i(&r, 0, 4),
        .period_key = db_s(&r, 0, 7),
        .rule_no = db_i(&r, 0, 8),
        .due_day = db_s(&r, 0, 12),
        .waive_ground = db_s(&r, 0, 16),
        .created_at = db_i(&r, 0, 18),
    };
    row_words(&r, ret);
    return 0;
}

int duty_get(struct work *w, int64_t id, struct duty *ret) {
    struct duty_row r;
    if (duty_row_get(w, id, &r) < 0)
        return -1;
    *ret = r.d;
    return 0;
}

/* ── events and counts ── */

int duty_event(struct work *w, const struct duty_row *r, const char *verb, json_t *public, json_t *secret) {
    json_t *p = public ? public : json_object();
    json_set_str(p, "unit", r->unit_code);
    json_set_str(p, "item", r->item_code);
    json_set_str(p, "due", r->due_day);
    json_set_str(p, "source", r->d.source);
    json_set_str(p, "period_key", r->period_key);
    if (r->d.fact_id) {
        secret = secret ? secret : json_object();
        json_set_str(secret, "subject", r->fact_subject);
        json_set_str(secret, "number", r->fact_number);
        json_set_int(secret, "fact_id", r->d.fact_id);
    }
    struct event e = {.room = "duty",
                      .verb = verb,
                      .subject_kind = "duty",
                      .subject_id = r->d.id,
                      .unit_id = r->d.unit_id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p,
                      .secret = secret};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    json_decref(secret);
    return rc;
}

int duty_due_change(struct work *w, int64_t unit_id, int64_t field_id, struct str due_day, int open) {
    return db_exec(w, &sql_due_count_add, DB_INT(unit_id), DB_INT(field_id), DB_TEXT(due_day),
                   DB_TEXT(str_sub(due_day, 0, 7)), DB_TEXT(str_sub(due_day, 0, 4)), DB_INT(open)) < 0
               ? -1
               : 0;
}

int duty_count_change(struct work *w, int64_t unit_id, int64_t field_id, struct str due_day, int required, int met,
                      int met_late) {
    int open = required - met - met_late;
    return db_exec(w, &sql_duty_count_add, DB_INT(unit_id), DB_INT(field_id), DB_INT(required), DB_INT(met),
                   DB_INT(met_late)) < 0 ||
                   (open && duty_due_change(w, unit_id, field_id, due_day, open) < 0)
               ? -1
               : 0;
}

/* ── met ── */

/* 1 met, 0 it was no longer open. On time until the last millisecond of the due day. */
static int meet_one(struct work *w, int64_t id, int64_t disclosure_id, struct str public_id, int64_t at) {
    struct duty_row r;
    if (duty_row_get(w, id, &r) < 0)
        return -1;
    bool late = at > r.d.due_at;
    struct db_rows changed;
    int n = db_one(w, &sql_duty_set_met, &changed, DB_INT(id), DB_TEXTZ(late ? "met_late" : "met"), DB_INT(at),
                   DB_INT(disclosure_id));
    if (n <= 0)
        return n;
    json_t *p = json_object();
    json_set_str(p, "met", day_str(w->arena, day_of(at)));
    json_set_str(p, "disclosure", public_id);
    return duty_event(w, &r, late ? "met_late" : "met", p, NULL) < 0 ||
                   duty_count_change(w, r.d.unit_id, r.field_id, db_s(&changed, 0, 0), 0, !late, late) < 0
               ? -1
               : 1;
}

/* The named duty when it is open, else the oldest open one; none when this disclosure has met one before (a
 * correction). */
static int meet_main(struct work *w, int64_t duty_id, int64_t disclosure_id, const struct db_rows *d, int64_t at) {
    struct db_rows r;
    int n = db_one(w, &sql_duty_met_by, &r, DB_INT(disclosure_id));
    if (n != 0)
        return n < 0 ? -1 : 0;
    struct duty named = {0};
    if (duty_id && duty_get(w, duty_id, &named) < 0)
        return -1;
    if (named.unit_id == db_i(d, 0, 0) && named.item_id == db_i(d, 0, 1) &&
        (n = meet_one(w, duty_id, disclosure_id, db_s(d, 0, 2), at)) != 0)
        return n < 0 ? -1 : 0;
    n = db_one(w, &sql_duty_oldest_open, &r, DB_INT(db_i(d, 0, 1)), DB_INT(db_i(d, 0, 0)));
    if (n <= 0)
        return n;
    return meet_one(w, db_i(&r, 0, 0), disclosure_id, db_s(d, 0, 2), at) < 0 ? -1 : 0;
}

int duty_meet(struct work *w, int64_t duty_id, int64_t disclosure_id, int64_t at) {
    struct db_rows d, open;
    int n = db_one(w, &sql_duty_disclosure_of, &d, DB_INT(disclosure_id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条公开信息");
    if (meet_main(w, duty_id, disclosure_id, &d, at) < 0 ||
        db_query(w, &sql_duty_first_open, &open, DB_INT(db_i(&d, 0, 1)), DB_INT(db_i(&d, 0, 0))) < 0)
        return -1;
    for (size_t i = 0; i < open.n; i++)
        if (meet_one(w, db_i(&open, i, 0), disclosure_id, db_s(&d, 0, 2), at) < 0)
            return -1;
    return 0;
}

/* ── owed again, waived, void ── */

int duty_reopen(struct work *w, int64_t disclosure_id) {
    struct db_rows list;
    if (db_query(w, &sql_duty_met_by, &list, DB_INT(disclosure_id)) < 0)
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        struct duty_row r;
        if (duty_row_get(w, db_i(&list, i, 0), &r) < 0)
            return -1;
        bool late = str_is(r.d.state, "met_late");
        struct db_rows changed;
        int n = db_one(w, &sql_duty_set_open, &changed, DB_INT(r.d.id));
        if (n < 0 ||
            (n > 0 && (duty_event(w, &r, "reopened", NULL, NULL) < 0 ||
                       duty_count_change(w, r.d.unit_id, r.field_id, db_s(&changed, 0, 0), 0, -!late, -late) < 0)))
            return -1;
    }
    return 0;
}

int duty_waive(struct work *w, int64_t duty_id, struct str ground, struct str reason) {
    struct duty_row r;
    if (duty_row_get(w, duty_id, &r) < 0 || org_may(w, PERM_DUTY_WAIVE, r.d.unit_id) < 0)
        return -1;
    if (!duty_ground_name(ground)[0])
        fail_field(w, "ground", "unknown", "请选择免除的依据");
    if (utf8_length(str_trim(reason)) < 4)
        fail_field(w, "reason", "required", "请写明免除的理由");
    if (w->error.code)
        return -1;
    struct db_rows changed;
    int n = db_one(w, &sql_duty_set_waived, &changed, DB_INT(duty_id), DB_TEXT(ground));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "只有待公开的任务可以免除");
    json_t *p = json_object(), *secret = json_object();
    json_set_str(p, "ground", ground);
    json_set_str(secret, "reason", reason);
    return duty_event(w, &r, "waived", p, secret) < 0
               ? -1
               : duty_count_change(w, r.d.unit_id, r.field_id, db_s(&changed, 0, 0), -1, 0, 0);
}

int duty_void(struct work *w, int64_t id, const char *reason) {
    struct duty_row r;
    if (duty_row_get(w, id, &r) < 0)
        return -1;
    struct db_rows changed;
    int n = db_one(w, &sql_duty_set_void, &changed, DB_INT(id));
    if (n <= 0)
        return n;
    json_t *p = json_object();
    json_set_str(p, "reason", str_z(reason));
    return duty_event(w, &r, "voided", p, NULL) < 0
               ? -1
               : duty_count_change(w, r.d.unit_id, r.field_id, db_s(&changed, 0, 0), -1, 0, 0);
}

/* ── the counts against the duties ── */

/* Two lists in the same order: numbers and texts. */
static bool rows_equal(const struct db_rows *a, const struct db_rows *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        for (size_t k = 0; k < a->columns; k++)
            same &= db_i(a, i, k) == db_i(b, i, k) && str_eq(db_s(a, i, k), db_s(b, i, k));
    return same;
}

int duty_recount_check(struct work *w) {
    struct db_rows kept, truth, due, due_truth;
    if (db_query(w, &sql_duty_count_all, &kept) < 0 || db_query(w, &sql_duty_count_truth, &truth) < 0 ||
        db_query(w, &sql_due_count_all, &due) < 0 || db_query(w, &sql_due_count_truth, &due_truth) < 0)
        return -1;
    return rows_equal(&kept, &truth) && rows_equal(&due, &due_truth) ? 0 : 1;
}

int duty_recount(struct work *w) {
    struct db_rows truth;
    if (db_exec(w, &sql_duty_count_clear) < 0 || db_query(w, &sql_duty_count_truth, &truth) < 0)
        return -1;
    for (size_t i = 0; i < truth.n; i++)
        if (db_exec(w, &sql_duty_count_rebuild, DB_INT(db_i(&truth, i, 0)), DB_INT(db_i(&truth, i, 1)),
                    DB_INT(db_i(&truth, i, 2)), DB_INT(db_i(&truth, i, 3)), DB_INT(db_i(&truth, i, 4))) < 0)
            return -1;
    return db_exec(w, &sql_due_count_clear) < 0 || db_exec(w, &sql_due_count_rebuild) < 0 ? -1 : 0;
}

static void put_rate(struct work *w, json_t *o, int64_t met, int64_t late, int64_t overdue) {
    int64_t decided = met + late + overdue; /* those whose day has come; what is not yet due weighs neither way */
    int64_t tenths = decided ? met * 1000 / decided : 0;
    json_set_str(o, "on_time_text",
                 decided ? str_printf(w->arena, "%lld.%lld%%", (long long)(tenths / 10), (long long)(tenths % 10))
                         : S("—"));
    json_set_int(o, "on_time_tenths", decided ? tenths : -1);
}

json_t *duty_totals(struct work *w, int64_t unit_id, int64_t field_id) {
    struct db_rows r, late;
    int rc = w->as_of ? db_one(w, &sql_duty_totals_as_of, &r, DB_INT(w->as_of), DB_ID(unit_id), DB_ID(field_id))
                      : db_one(w, &sql_duty_count_total, &r, DB_ID(unit_id), DB_ID(field_id));
    if (rc < 0 ||
        (!w->as_of && db_one(w, &sql_duty_overdue_total, &late, DB_INT(w->now), DB_ID(unit_id), DB_ID(field_id)) < 0))
        return NULL;
    int64_t required = db_i(&r, 0, 0), met = db_i(&r, 0, 1), met_late = db_i(&r, 0, 2),
            overdue = w->as_of ? db_i(&r, 0, 3) : db_i(&late, 0, 0);
    json_t *o = json_object();
    json_set_int(o, "required", required);
    json_set_int(o, "done", met + met_late);
    json_set_int(o, "on_time", met);
    json_set_int(o, "late", met_late);
    json_set_int(o, "open", required - met - met_late);
    json_set_int(o, "overdue", overdue);
    put_rate(w, o, met, met_late, overdue);
    return o;
}
