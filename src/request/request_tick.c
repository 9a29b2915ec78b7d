/* request_tick.c: what happens by the clock: warnings to those who answer for it, silence of others, applications that
 * wait for confirmation, calendars that changed, personal data past its retention. Work per case that is due, never a
 * sweep: request.next_at says when each must be looked at. */
#include "request/request_internal.h"

#define BATCH 500
#define ATTEMPTS_MS (24 * 3600000LL)

/* The job acts for the system on every unit; it grants itself what the rows of the table ask for. */
static void become_system(struct work *w) {
    w->actor = (struct actor){.all_units = true};
    w->actor.rights[PERM_REQUEST_WORK / 64] |= 1ULL << (PERM_REQUEST_WORK % 64);
    w->actor.rights[PERM_REQUEST_READ / 64] |= 1ULL << (PERM_REQUEST_READ % 64);
}

static struct str once(struct work *w, const struct request *c, const char *what) {
    return str_printf(w->arena, "request %s %lld %lld", what, (long long)c->id, (long long)c->due_at);
}

/* Yellow to the officer, orange to the head too, red to the city office as well: each step once. */
static int warn(struct work *w, struct request *c) {
    static const char *const steps[] = {"", "yellow", "orange", "red"};
    static const char *const titles[] = {"", "答复期限临近", "答复期限紧急", "答复已经逾期"};
    int left = calendar_working_between(work_today(w), day_of(c->due_at)), now = 0, before = 0;
    if (!c->due_at || c->suspended)
        return 0;
    now = w->now > c->due_at ? 3 : left <= foi_numbers()->orange ? 2 : left <= foi_numbers()->yellow ? 1 : 0;
    for (int i = 0; i < 4; i++)
        if (str_is(c->warned, steps[i]))
            before = i;
    if (now == before)
        return 0;
    if (db_exec(w, &sql_request_set_warned, DB_INT(c->id), DB_TEXTZ(steps[now])) < 0)
        return -1;
    if (now < before)
        return 0; /* the clock began anew */
    struct str title = str_printf(w->arena, "%s：%.*s到期", titles[now], STR_ARG(request_clock_words(w, c->due_at)));
    if (request_notice(w, c, PERM_REQUEST_WORK, false, steps[now], title, once(w, c, steps[now])) < 0)
        return -1;
    if (now >= 2 && request_notice(w, c, PERM_REQUEST_APPROVE, false, steps[now], title,
                                   str_printf(w->arena, "%.*s head", STR_ARG(once(w, c, steps[now])))) < 0)
        return -1;
    if (now < 3)
        return 0;
    json_t *p = json_object();
    json_set_day(w->arena, p, "due", day_of(c->due_at));
    if (request_event(w, c, "overdue", p, NULL) < 0)
        return -1;
    return request_notice(w, c, PERM_REQUEST_DESK, true, "red", title,
                          str_printf(w->arena, "%.*s office", STR_ARG(once(w, c, "red"))));
}

/* Applications wait for confirmation one working day (rules.md §1.4). */
static int unconfirmed(struct work *w, const struct request *c) {
    day_t last = calendar_add_working(day_of(c->submitted_at), foi_rule(RULE_CONFIRM)->limit.n);
    if (c->received_day != DAY_NONE || c->closed_day != DAY_NONE || w->now <= day_end(last))
        return 0;
    if (request_notice(w, c, PERM_REQUEST_WORK, false, "red", S("公开申请超过1个工作日没有确认"),
                       once(w, c, "unconfirmed")) < 0)
        return -1;
    return request_notice(w, c, PERM_REQUEST_DESK, true, "red", S("公开申请超过1个工作日没有确认"),
                          str_printf(w->arena, "%.*s office", STR_ARG(once(w, c, "unconfirmed"))));
}

static int lapse(struct work *w, const struct request *c, int64_t ask_id) {
    struct request_step x = {.ask_id = ask_id, .day = DAY_NONE, .until = DAY_NONE};
    return request_step(w, c->id, "consult_lapse", &x);
}

/* Limits given to others that have passed. */
static int look_at_asks(struct work *w, const struct request *c) {
    json_t *list = asks_json(w, c->id, false), *a;
    size_t i;
    int rc = 0;
    json_array_foreach(list, i, a) {
        const char *kind = json_string_value(json_object_get(a, "kind"));
        int64_t id = json_integer_value(json_object_get(a, "id"));
        if (rc < 0 || !json_is_true(json_object_get(a, "is_open")) || !json_is_true(json_object_get(a, "passed")))
            continue;
        bool others = strcmp(kind, "third") == 0 || strcmp(kind, "organ") == 0;
        if (others && str_is(c->state, "consulting"))
            rc = lapse(w, c, id);
        else if (!others)
            rc = request_notice(w, c, PERM_REQUEST_WORK, false, "yellow",
                                S("申请人的期限已过，可以依法终止办理或者继续办理"),
                                str_printf(w->arena, "request passed %lld", (long long)id));
    }
    json_decref(list);
    return rc;
}

/* A batch of the older calendar may not have reached this case yet: nothing below may move its day unannounced. */
static int redate_first(struct work *w, struct request *c) {
    bool older = c->calendar_version && c->calendar_version != calendar_version();
    return older && c->closed_day == DAY_NONE ? request_redate(w, c) : 0;
}

static int look(struct work *w, int64_t id) {
    struct subject s = {0};
    if (subject_load(w, id, &s) < 0 || redate_first(w, &s.c) < 0 || look_at_asks(w, &s.c) < 0 ||
        request_get(w, id, &s.c) < 0 || unconfirmed(w, &s.c) < 0)
        return -1;
    if (s.c.closed_day != DAY_NONE)
        return db_exec(w, &sql_request_set_looked, DB_INT(id), DB_INT(0), DB_INT(s.c.calendar_version)) < 0 ? -1 : 0;
    return warn(w, &s.c) < 0 || request_look_again(w, &s.c) < 0 ? -1 : 0;
}

static int redate(struct work *w, int64_t id) {
    struct subject s = {0};
    return subject_load(w, id, &s) < 0 ? -1 : request_redate(w, &s.c);
}

/* ── retention ── */

static int erase_files(struct work *w, int64_t id) {
    struct db_rows r, users;
    if (db_query(w, &sql_request_files, &r, DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (db_one(w, &sql_request_file_users, &users, DB_INT(db_i(&r, i, 3))) < 0 ||
            (db_i(&users, 0, 0) == 0 && sealed_erase(w, db_i(&r, i, 3)) < 0))
            return -1;
    return 0;
}

static int erase_letters(struct work *w, int64_t id) {
    json_t *list = letter_list(w, "request", id), *l;
    size_t i;
    int rc = 0;
    json_array_foreach(list, i, l) {
        const char *state = json_string_value(json_object_get(l, "state"));
        int64_t letter = json_integer_value(json_object_get(l, "id"));
        if (rc == 0 && strcmp(state, "erased") != 0)
            rc = strcmp(state, "draft") == 0 ? letter_delete_draft(w, letter) : letter_erase(w, letter);
    }
    json_decref(list);
    return rc;
}

/* Free text that may name the applicant or a third party. */
static int erase_words(struct work *w, int64_t id) {
    static const struct db_statement *const all[] = {&sql_request_ask_erase, &sql_request_delivery_erase,
                                                     &sql_request_remedy_erase, &sql_request_review_erase,
                                                     &sql_request_proposal_erase};
    for (size_t i = 0; i < countof(all); i++)
        if (db_exec(w, all[i], DB_INT(id)) < 0)
            return -1;
    return 0;
}

static int erase_one(struct work *w, int64_t id, int64_t *ret_parent) {
    struct subject s = {0};
    struct db_rows r;
    if (subject_load(w, id, &s) < 0 || db_exec(w, &sql_request_set_erased, DB_INT(id), DB_INT(w->now)) < 0 ||
        erase_words(w, id) < 0 || erase_files(w, id) < 0 || erase_letters(w, id) < 0 ||
        db_query(w, &sql_request_events, &r, DB_INT(id)) < 0)
        return -1;
    *ret_parent = s.c.parent_id;
    for (size_t i = 0; i < r.n; i++)
        if (event_erase(w, db_i(&r, i, 0), S("保管期满，删除申请人个人信息")) < 0)
            return -1;
    return request_event(w, &s.c, "personal_data_erased", json_object(), NULL);
}

/* A case that was split is never archived itself: it goes with the last of its parts. */
static int erase(struct work *w, int64_t id) {
    struct db_rows r;
    while (id) {
        int64_t parent = 0;
        if (erase_one(w, id, &parent) < 0 || db_one(w, &sql_request_parts_left, &r, DB_INT(parent)) < 0)
            return -1;
        id = db_i(&r, 0, 0) == 0 ? parent : 0;
    }
    return 0;
}

/* ── the pass ── */

static int each(struct work *w, const struct db_rows *r, int (*fn)(struct work *, int64_t)) {
    for (size_t i = 0; i < r->n; i++) {
        if (db_begin(w) < 0)
            return -1;
        if (fn(w, db_i(r, i, 0)) < 0) {
            log_line(LOG_ERROR, "request_tick", "request=%lld reason=%s", (long long)db_i(r, i, 0),
                     error_text(&w->error));
            db_rollback(w);
            error_clear(w);
            continue; /* one case must not hold up the others */
        }
        if (db_commit(w) < 0)
            return -1;
    }
    return 0;
}

static int sweep(struct work *w) {
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_request_attempt_sweep, DB_INT(w->now - ATTEMPTS_MS)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

int request_tick(struct work *w, json_t *args) {
    struct db_rows r;
    day_t old = calendar_add_months(work_today(w), -12 * foi_numbers()->retention_years, false);
    (void)args;
    become_system(w);
    if (calendar_refresh(w) < 0 ||
        db_query(w, &sql_request_older_calendar, &r, DB_INT(calendar_version()), DB_INT(BATCH)) < 0 ||
        each(w, &r, redate) < 0)
        return -1;
    if (db_query(w, &sql_request_due_now, &r, DB_INT(w->now), DB_INT(BATCH)) < 0 || each(w, &r, look) < 0)
        return -1;
    if (db_query(w, &sql_request_to_erase, &r, DB_INT(day_start(old)), DB_INT(BATCH)) < 0 || each(w, &r, erase) < 0)
        return -1;
    return sweep(w);
}
