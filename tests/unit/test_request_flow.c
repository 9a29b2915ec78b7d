/* test_request_flow.c: every cell of role × state × verb. A case waits in each state with what its verbs need, so that
 * a step that is allowed is taken to its end, with its event; one that is not changes nothing at all. What is allowed
 * is written down here from the law and the duties of the posts (条例第二十九至四十五条), apart from the program's
 * table. */
#include "unit_request.h"

STATEMENT(the_state, "SELECT state FROM request WHERE id = $1", false);
STATEMENT(whole_case,
          "SELECT r.revision || ' ' || r.state || ' ' || r.unit_id || ' ' || r.due_at || ' ' || r.outcome || ' ' || "
          "COALESCE(r.letter_id, 0) || ' ' || COALESCE(r.officer_id, 0) || ' ' || r.rating || ' ' || "
          "COALESCE(r.closed_day, '') || ' ' || COALESCE(r.received_day, ''), "
          "(SELECT COUNT(*) FROM event WHERE subject_kind = 'request' AND subject_id = r.id), "
          "(SELECT COUNT(*) FROM request_mark WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request_ask WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request_ask WHERE request_id = r.id AND (state <> 'open' OR disputed <> '')), "
          "(SELECT COUNT(*) FROM request_review WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request_delivery WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request_remedy WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request_remedy WHERE request_id = r.id AND result <> 'pending'), "
          "(SELECT COUNT(*) FROM letter WHERE subject_kind = 'request' AND subject_id = r.id), "
          "(SELECT COUNT(*) FROM request_proposal WHERE request_id = r.id), "
          "(SELECT COUNT(*) FROM request WHERE parent_id = r.id), (SELECT COUNT(*) FROM notice) "
          "FROM request r WHERE r.id = $1",
          false);

/* ── what is allowed ── */

/* W 经办 of the unit (and the unified desk) · D 统一受理 · L 合法性审核 · H 机构负责人 · S 保密审查 · A the applicant,
 * by number and query code. "verb>state it leads to". */
static const struct {
    const char *state, *w, *d, *l, *h, *s, *a;
} allowed[] = {
    {"submitted", "confirm>registered withdraw>closed", "assign>submitted", "", "", "", "withdraw_own>closed"},
    {"registered", "take>working ask_extension>registered withdraw>closed", "assign>registered split>split", "",
     "extend>registered", "", "withdraw_own>closed"},
    {"working",
     "draft>drafting clarify>clarifying consult>consulting ask_reasons>reasons charge>fee answer>working "
     "ask_extension>working withdraw>closed",
     "assign>registered split>split", "", "extend>working delay>working", "", "withdraw_own>closed"},
    {"clarifying", "got>clarifying supplement>working lapse>closed withdraw>closed", "", "", "", "",
     "supplement_own>working withdraw_own>closed"},
    {"consulting",
     "consult>consulting got>consulting answer>working ask_extension>consulting "
     "withdraw>closed",
     "", "", "extend>consulting", "", "withdraw_own>closed"},
    {"reasons", "got>reasons reasons_given>working lapse>working ask_extension>reasons withdraw>closed", "", "",
     "extend>reasons", "", "reasons_own>working withdraw_own>closed"},
    {"fee", "got>fee paid>working lapse>closed withdraw>closed", "", "", "", "", "dispute_own>fee withdraw_own>closed"},
    {"drafting",
     "draft>drafting submit>legal clarify>clarifying consult>consulting answer>drafting ask_extension>drafting "
     "withdraw>closed",
     "", "", "extend>drafting", "", "withdraw_own>closed"},
    {"legal", "ask_extension>legal withdraw>closed", "", "pass>secrecy return>drafting", "extend>legal", "",
     "withdraw_own>closed"},
    {"secrecy", "ask_extension>secrecy withdraw>closed", "", "", "extend>secrecy", "pass>signing return>drafting",
     "withdraw_own>closed"},
    {"signing", "ask_extension>signing withdraw>closed", "", "", "sign>replied return>drafting extend>signing", "",
     "withdraw_own>closed"},
    {"replied", "deliver>delivered remedy>replied remedy_result>replied", "", "", "", "",
     "fetch_own>delivered rate>replied suggest>replied"},
    {"delivered", "archive>archived remedy>delivered remedy_result>delivered", "", "", "", "",
     "rate>delivered suggest>delivered"},
    {"archived", "remedy>archived remedy_result>archived", "", "", "", "", "rate>archived suggest>archived"},
    {"closed", "archive>archived remedy>closed remedy_result>closed", "", "", "", "", "rate>closed suggest>closed"},
    {"split", "", "", "", "", "", ""},
};

/* What each of them may do of the above; reads: may see a case of this unit at all. */
static const struct somebody {
    const char *login, *duties;
    bool reads;
} people[] = {
    {"changjiang-foi", "W", true},
    {"yishenqing", "WD", true},
    {"changjiang-fazhi", "L", true},
    {"changjiang-fuze", "H", true},
    {"changjiang-baomi", "S", true},
    {"changjiang-bianji", "", false},
    {"changjiang-chushen", "", false},
    {"changjiang-qianfa", "", false},
    {"office", "", true},
    {"sjgly", "", true},
    {"xtgly", "", false},
    {"aqgly", "", false},
    {"mulu", "", false},
    {"mzj-foi", "", false},
    {"mzj-fazhi", "", false},
    {"mzj-fuze", "", false},
    {"mzj-baomi", "", false},
    {"mzj-bianji", "", false},
    {"zfb-foi", "", false},
    {"token of the unit", "D", true},
    {"token of another unit", "", false},
    {"token that may read", "", true},
    {"the applicant", "A", true},
};

static const char *row_of(size_t i, char duty) {
    switch (duty) {
    case 'W':
        return allowed[i].w;
    case 'D':
        return allowed[i].d;
    case 'L':
        return allowed[i].l;
    case 'H':
        return allowed[i].h;
    case 'S':
        return allowed[i].s;
    default:
        return allowed[i].a;
    }
}

/* Where the verb leads, "" when these duties do not allow it from there. */
static struct str leads(const char *state, const char *verb, const char *duties) {
    for (size_t i = 0; i < countof(allowed); i++)
        for (const char *duty = duties; strcmp(allowed[i].state, state) == 0 && *duty; duty++)
            for (struct str rest = str_z(row_of(i, *duty)), one, tail; rest.n; rest = tail) {
                struct str name, to;
                one = rest;
                tail = STR_NONE;
                str_cut(rest, ' ', &one, &tail);
                if (str_cut(one, '>', &name, &to) && str_is(name, verb))
                    return to;
            }
    return STR_NONE;
}

/* ── who acts ── */

static void become(const struct somebody *p) {
    const char *l = p->login;
    if (strncmp(l, "token", 5) != 0) {
        as(strcmp(l, "the applicant") == 0 ? NULL : l);
        return;
    }
    w.actor = (struct actor){.token_id = 7, .unit_id = strstr(l, "another") ? mzj : changjiang, .address = "127.0.0.1"};
    /* Asked for more than a program may have: the rest is not granted. */
    actor_grant_scopes(&w.actor, strstr(l, "read") ? S("request.read")
                                                   : S("request.read request.desk request.work request.sign "
                                                       "request.legal request.approve disclosure.secrecy"));
}

/* ── a case in each state ── */

static struct {
    const char *state, *verb; /* verb NULL: for all others */
    int64_t id;
} cases[40];
static size_t case_count;

static int64_t keep(const char *state, const char *verb, int64_t id) {
    state_is(id, state);
    cases[case_count].state = state;
    cases[case_count].verb = verb;
    cases[case_count++].id = id;
    return id;
}

static int64_t case_for(const char *state, const char *verb) {
    int64_t found = 0;
    for (size_t i = 0; i < case_count; i++)
        if (strcmp(cases[i].state, state) == 0 && (!cases[i].verb || strcmp(cases[i].verb, verb) == 0))
            found = cases[i].verb || !found ? cases[i].id : found;
    assert_true(found != 0);
    return found;
}

static struct request_step remedy(const char *kind) {
    struct request_step x = nothing();
    x.kind = str_z(kind);
    x.organ = S("如皋市人民政府");
    x.day = work_today(&w);
    return x;
}

/* One whose applicant's limit is over on 2 November. */
static void waiting_long(void) {
    struct request_step x = say("请写明项目名称");
    int64_t id = working(1, "等待补正的文件");
    ok(step("changjiang-foi", id, "clarify", x));
    ok(step("changjiang-foi", id, "got", nothing()));
    keep("clarifying", NULL, id);
    x = say("缴费码");
    x.basis = S("page");
    x.n = 31;
    id = working(2, "等待缴费的文件");
    ok(step("changjiang-foi", id, "charge", x));
    ok(step("changjiang-foi", id, "got", nothing()));
    keep("fee", NULL, id);
    id = working(7, "没有说明理由的文件");
    ok(step("changjiang-foi", id, "ask_reasons", say("请说明理由")));
    ok(step("changjiang-foi", id, "got", nothing()));
    keep("reasons", "lapse", id);
}

/* A third party that has been silent: its limit is over on 2 November. */
static void silent_party(const char *day) {
    int64_t id = working(3, "征求意见的文件");
    at(day);
    ok(step("changjiang-foi", id, "consult", party("third", day)));
    keep("consulting", NULL, id);
    int64_t late = working(4, "逾期意见的文件"), drafted = working(5, "逾期意见拟稿的文件");
    ok(step("changjiang-foi", late, "consult", party("third", day)));
    ok(step("changjiang-foi", drafted, "consult", party("third", day)));
    at("2026-11-02");
    struct request_step x = nothing();
    w.actor = (struct actor){.all_units = true};
    actor_grant_roles(&w.actor, ROLE_FOI);
    x.ask_id = ask_at(late, 0).id;
    ok(request_step(&w, late, "consult_lapse", &x));
    x.ask_id = ask_at(drafted, 0).id;
    ok(request_step(&w, drafted, "consult_lapse", &x));
    ok(step("changjiang-foi", drafted, "draft", not_there()));
    keep("working", "answer", late);
    keep("drafting", "answer", drafted);
}

static void answered_ones(void) {
    static const char *const states[] = {"legal", "secrecy", "signing", "replied", "delivered", "archived"};
    for (size_t i = 0; i < countof(states); i++) {
        int64_t id = working(20 + (int)i, states[i]);
        struct request_step x = say("当面签收");
        x.way = S("pick_up");
        ok(step("changjiang-foi", id, "draft", not_there()));
        ok(step("changjiang-foi", id, "submit", nothing()));
        if (i > 0)
            ok(step("changjiang-fazhi", id, "pass", nothing()));
        if (i > 1)
            ok(step("changjiang-baomi", id, "pass", nothing()));
        if (i > 2)
            ok(step("changjiang-fuze", id, "sign", nothing()));
        if (i > 2)
            ok(step("changjiang-foi", id, "remedy", remedy("reconsideration")));
        if (i > 3)
            ok(step("changjiang-foi", id, "deliver", x));
        if (i > 4)
            ok(step("changjiang-foi", id, "archive", nothing()));
        keep(states[i], NULL, id);
    }
}

static void fresh_ones(void) {
    struct request_step x = say("请说明理由");
    keep("submitted", NULL, asked("internet", 10, "待确认的文件"));
    keep("registered", NULL, asked("in_person", 11, "已登记的文件"));
    keep("working", NULL, working(12, "办理中的文件"));
    int64_t id = working(13, "说明理由的文件");
    ok(step("changjiang-foi", id, "ask_reasons", x));
    keep("reasons", NULL, id);
    id = working(14, "说明过理由的文件");
    ok(step("changjiang-foi", id, "ask_reasons", x));
    x.answer = S("accepted");
    ok(step("changjiang-foi", id, "reasons_given", x));
    keep("working", "delay", id);
    id = working(15, "拟稿的文件");
    ok(step("changjiang-foi", id, "draft", not_there()));
    keep("drafting", NULL, id);
    id = working(16, "撤回的文件");
    x.reason = S("申请人来电撤回");
    ok(step("changjiang-foi", id, "withdraw", x));
    ok(step("changjiang-foi", id, "remedy", remedy("suit")));
    keep("closed", NULL, id);
    id = working(17, "拆分的文件");
    x.parts = S("第一份文件的全文\n第二份文件的全文");
    ok(step("yishenqing", id, "split", x));
    keep("split", NULL, id);
}

static int set_up(void **s) {
    case_count = 0;
    request_set_up(s);
    ok(db_begin(&w));
    at("2026-09-01");
    waiting_long();
    at("2026-10-09");
    silent_party("2026-10-09");
    at("2026-11-02");
    fresh_ones();
    answered_ones();
    ok(db_commit(&w));
    return 0;
}

/* ── a cell ── */

/* All that a verb could need, so that nothing but the flow stands in its way. */
static struct request_step everything(int64_t id, const char *state, const char *verb) {
    struct request_step x = say("必要的内容");
    json_t *list = remedies_json(&w, id);
    x.reason = S("必要的理由");
    x.way = S("pick_up");
    x.unit_id = mzj;
    x.party = S("某某公司");
    x.parts = S("第一份文件的全文\n第二份文件的全文");
    x.outcome = S("R06");
    x.search_record = S("检索了全部目录");
    x.kind = strcmp(verb, "consult") == 0 ? S("organ") : S("suit");
    x.organ = S("如皋市人民法院");
    x.result = S("upheld");
    x.answer = strcmp(verb, "reasons_given") == 0 ? S("accepted") : S("refuse");
    x.basis = S("page");
    x.n = strcmp(verb, "charge") == 0 ? 31 : strcmp(verb, "clarify") == 0 ? 15 : 5;
    x.remedy_id = json_integer_value(json_object_get(json_array_get(list, 0), "id"));
    json_decref(list);
    x.day = strncmp(verb, "remedy", 6) == 0 ? work_today(&w) : DAY_NONE;
    if (strcmp(verb, "answer") == 0 && (strcmp(state, "working") == 0 || strcmp(state, "drafting") == 0))
        x.ask_id = ask_at(id, 0).id;
    return x;
}

static struct str all_of(int64_t id) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &whole_case, &r, DB_INT(id)), 1);
    struct str s = str_dup(w.arena, db_s(&r, 0, 0));
    for (size_t i = 1; i < 13; i++)
        s = str_printf(w.arena, "%.*s %lld", STR_ARG(s), (long long)db_i(&r, 0, i));
    return s;
}

static int64_t events_of(int64_t id) {
    struct db_rows r;
    assert_int_equal(db_one(&w, &whole_case, &r, DB_INT(id)), 1);
    return db_i(&r, 0, 1);
}

static void taken(const struct somebody *p, const char *state, const char *verb, int64_t id, struct str to, int rc,
                  int64_t events) {
    struct db_rows r;
    if (rc < 0)
        unit_fail("%s in %s by %s was refused: %s %s\n", verb, state, p->login, error_text(&w.error),
                  w.error.field_count ? w.error.fields[0].message : "");
    assert_int_equal(db_one(&w, &the_state, &r, DB_INT(id)), 1);
    if (!str_eq(db_s(&r, 0, 0), to))
        unit_fail("%s in %s by %s leads to %.*s, not %.*s\n", verb, state, p->login, STR_ARG(db_s(&r, 0, 0)),
                  STR_ARG(to));
    if (events_of(id) <= events)
        unit_fail("%s in %s by %s wrote no event\n", verb, state, p->login);
}

static void turned_away(const struct somebody *p, const char *state, const char *verb, int64_t id, struct str before,
                        int rc) {
    bool known =
        leads(state, verb, "WDLHSA").n > 0 || (strcmp(state, "consulting") == 0 && strcmp(verb, "consult_lapse") == 0);
    bool applicant = strcmp(p->duties, "A") == 0;
    enum error_code want = known && applicant ? ERR_SIGN_IN : !p->reads || known ? ERR_FORBIDDEN : ERR_WRONG_STATE;
    if (rc == 0)
        unit_fail("%s in %s by %s was let through\n", verb, state, p->login);
    if (w.error.code != want)
        unit_fail("%s in %s by %s: %s\n", verb, state, p->login, error_text(&w.error));
    error_clear(&w);
    if (!str_eq(all_of(id), before))
        unit_fail("%s in %s by %s changed something: %.*s, was %.*s\n", verb, state, p->login, STR_ARG(all_of(id)),
                  STR_ARG(before));
}

static bool cell(const struct somebody *p, const struct actor *actor, const char *state, const char *verb) {
    struct arena *kept = w.arena;
    w.arena = arena_new(LIMIT_ARENA_BYTES);
    error_clear(&w);
    int64_t id = case_for(state, verb);
    ok(db_begin(&w));
    struct request_step x = everything(id, state, verb);
    struct str to = leads(state, verb, p->duties), before = all_of(id);
    int64_t events = events_of(id);
    w.actor = *actor;
    int rc = request_step(&w, id, verb, &x);
    if (to.n)
        taken(p, state, verb, id, to, rc, events);
    else
        turned_away(p, state, verb, id, before, rc);
    error_clear(&w);
    db_rollback(&w);
    arena_free(w.arena);
    w.arena = kept;
    return to.n > 0;
}

/* Every verb once. */
static size_t verbs(const char *ret[64]) {
    size_t n = 0;
    for (size_t i = 0; i < request_flow.row_count; i++) {
        size_t k = 0;
        while (k < n && strcmp(ret[k], request_flow.rows[i].verb) != 0)
            k++;
        if (k == n && n < 64)
            ret[n++] = request_flow.rows[i].verb;
    }
    return n;
}

static void each_cell_of_role_state_and_verb(void **s) {
    const char *verb[64];
    size_t n = verbs(verb), cells = 0, open = 0;
    (void)s;
    assert_int_equal(request_flow.state_count, countof(allowed));
    for (size_t k = 0; k < countof(people); k++) {
        become(&people[k]);
        struct actor actor = w.actor;
        for (size_t i = 0; i < countof(allowed); i++)
            for (size_t v = 0; v < n; v++, cells++)
                open += cell(&people[k], &actor, allowed[i].state, verb[v]);
    }
    print_message("%zu cells, %zu open\n", cells, open);
    assert_int_equal(cells, countof(people) * countof(allowed) * n);
}

/* Silence counts by the clock alone. */
static void only_the_clock_lets_a_consultation_lapse(void **s) {
    int64_t id = case_for("consulting", "consult_lapse");
    struct request_step x = nothing();
    (void)s;
    x.ask_id = ask_at(id, 0).id;
    w.actor = (struct actor){.all_units = true};
    actor_grant_roles(&w.actor, ROLE_FOI);
    ok(request_step(&w, id, "consult_lapse", &x));
    state_is(id, "working");
}

/* Written down here and not in the program's table, or the other way round. */
static void the_tables_name_the_same_steps(void **s) {
    size_t here = 0, there = 0;
    (void)s;
    for (size_t i = 0; i < request_flow.row_count; i++) {
        const struct flow_row *r = &request_flow.rows[i];
        there += strcmp(r->verb, "consult_lapse") != 0;
        if (!leads(r->from, r->verb, "WDLHSA").n && strcmp(r->verb, "consult_lapse") != 0)
            unit_fail("%s in %s is not written down\n", r->verb, r->from);
    }
    for (size_t i = 0; i < countof(allowed); i++)
        for (const char *duty = "WDLHSA"; *duty; duty++)
            for (const char *p = row_of(i, *duty); *p; p++)
                here += *p == '>';
    assert_int_equal(here, there);
}

static size_t place(const char *state) {
    for (size_t i = 0; i < request_flow.state_count; i++)
        if (strcmp(request_flow.states[i].code, state) == 0)
            return i;
    unit_fail("no state %s\n", state);
    return 0;
}

/* Rows whose action decides (the last opinion has come) lead back to work. */
static const char *target(const struct flow_row *r) {
    return r->to ? r->to : "working";
}

static void no_state_is_out_of_reach_and_none_a_dead_end(void **s) {
    bool reached[32] = {false}, ends[32] = {false};
    (void)s;
    reached[place("submitted")] = reached[place("registered")] = true; /* by channel */
    ends[place("archived")] = ends[place("split")] = true;
    for (size_t round = 0; round < request_flow.state_count; round++)
        for (size_t i = 0; i < request_flow.row_count; i++) {
            const struct flow_row *r = &request_flow.rows[i];
            reached[place(target(r))] |= reached[place(r->from)];
            /* A way on that someone in office can take, whatever the applicant does. */
            if (!(r->flags & FLOW_SYSTEM))
                ends[place(r->from)] |= ends[place(target(r))];
        }
    for (size_t i = 0; i < request_flow.state_count; i++)
        if (!reached[i] || !ends[i])
            unit_fail("%s: reached %d, leads to an end %d\n", request_flow.states[i].code, reached[i], ends[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_name_the_same_steps),
        cmocka_unit_test(no_state_is_out_of_reach_and_none_a_dead_end),
        cmocka_unit_test(each_cell_of_role_state_and_verb),
        request_test(only_the_clock_lets_a_consultation_lapse),
    };
    int failed = cmocka_run_group_tests_name("flow of requests on SQLite", tests, set_up, request_tear_down);
    engine = DB_POSTGRESQL;
    return getenv("MINGTANG_TEST_PG") ? failed + cmocka_run_group_tests_name("flow of requests on PostgreSQL", tests,
                                                                             set_up, request_tear_down)
                                      : failed;
}
