/* report_flow.c: a report's steps: draft → finished (figures frozen) → published as information of the kind 年度报告,
 * which then walks its own life cycle. */
#include "report/report_internal.h"

static const struct flow_state states[] = {{"draft", "编制中", "yellow"}, {"finished", "已定稿", "blue"}};

static bool year_over(struct work *w, const struct report *rp) {
    return work_today(w) > day_from(rp->year, 12, 31);
}

static int guard_finish(struct work *w, void *subject) {
    const struct report *rp = subject;
    if (!year_over(w, rp))
        return fail(w, ERR_WRONG_STATE, "统计期限到%d年12月31日，年度结束后才能定稿", rp->year);
    if (rp->id == 0)
        return fail(w, ERR_WRONG_STATE, "请先编辑并保存报告");
    for (int i = 0; i < SECTIONS; i++) {
        const char *name = section_names[i == SECTION_OVERVIEW ? 0 : 3 + i];
        if (str_trim(rp->text[i]).n == 0)
            return fail(w, ERR_WRONG_STATE, "“%s”还没有内容", name);
        if (str_find(rp->text[i], S("【请补充")) >= 0)
            return fail(w, ERR_WRONG_STATE, "“%s”还有需要补充的内容（【请补充：…】）", name);
    }
    for (size_t i = 0; i < rp->check_count; i++)
        if (!rp->checks[i].ok && rp->checks[i].blocking)
            return fail(w, ERR_WRONG_STATE, "勾稽关系不符：%s（%.*s：%lld，应为%lld）",
                        check_names[rp->checks[i].number], STR_ARG(rp->checks[i].label), (long long)rp->checks[i].left,
                        (long long)rp->checks[i].right);
    return 0;
}

static int stale(struct work *w, int n) {
    return n < 0 ? -1 : n == 0 ? fail(w, ERR_CONFLICT, "%s", "") : 0;
}

static struct str frozen_json(struct work *w, const struct report *rp) {
    json_t *o = figures_json(&rp->f), *units = json_array();
    for (size_t i = 0; i < rp->unit_count; i++) {
        json_t *u = figures_json(&rp->units[i].f);
        json_set_str(u, "code", rp->units[i].code);
        json_set_str(u, "name", rp->units[i].name);
        json_array_append_new(units, u);
    }
    if (rp->city)
        json_object_set(o, "units", units);
    json_decref(units);
    struct str s = json_canonical(w->arena, o);
    json_decref(o);
    return s;
}

static int act_finish(struct work *w, void *subject, const void *input) {
    struct report *rp = subject;
    json_t *sections = json_object(), *two = json_object();
    (void)input;
    for (int i = 0; i < SECTIONS; i++)
        json_set_str(sections, section_codes[i], rp->text[i]);
    for (int i = 0; i < CELLS2; i++)
        json_set_int(two, cell2_forms[i].name, rp->f.two[i]);
    int n = db_exec(w, &sql_report_finish, DB_INT(rp->id), DB_INT(rp->revision),
                    DB_TEXT(json_canonical(w->arena, sections)), DB_TEXT(json_canonical(w->arena, two)),
                    DB_TEXT(frozen_json(w, rp)), DB_INT(w->now));
    json_decref(sections);
    json_decref(two);
    return stale(w, n) < 0 ? -1 : report_event(w, rp, "finished", NULL);
}

static int guard_reopen(struct work *w, void *subject) {
    const struct report *rp = subject;
    if (rp->disclosure_id && !str_is(rp->disclosure_state, "draft") && !str_is(rp->disclosure_state, "withdrawn"))
        return fail(w, ERR_WRONG_STATE, "公开稿件已提交审核或已公布：先退回或撤回稿件；公布后的更正在公开信息中办理");
    return 0;
}

static int act_reopen(struct work *w, void *subject, const void *input) {
    struct report *rp = subject;
    (void)input;
    int n = db_exec(w, &sql_report_reopen, DB_INT(rp->id), DB_INT(rp->revision));
    return stale(w, n) < 0 ? -1 : report_event(w, rp, "reopened", NULL);
}

static int guard_publish(struct work *w, void *subject) {
    const struct report *rp = subject;
    if (org_may(w, PERM_DISCLOSURE_EDIT, rp->unit.id) < 0)
        return -1;
    if (rp->disclosure_id && !str_is(rp->disclosure_state, "draft") && !str_is(rp->disclosure_state, "withdrawn"))
        return fail(w, ERR_WRONG_STATE, "公开稿件已经在审核或已公布");
    return 0;
}

/* The draft that exists keeps what its editors added around the report's own text. */
static int refresh(struct work *w, const struct report *rp, struct disclosure_input *x) {
    struct db_rows r;
    if (db_one(w, &sql_report_disclosure, &r, DB_INT(rp->disclosure_id)) <= 0)
        return -1;
    x->revision = db_i(&r, 0, 0);
    x->item_id = db_i(&r, 0, 2);
    x->five = db_s(&r, 0, 3);
    x->number = db_s(&r, 0, 4);
    x->summary = db_s(&r, 0, 5);
    x->keywords = db_s(&r, 0, 6);
    x->genre = db_s(&r, 0, 7);
    x->theme = db_s(&r, 0, 8);
    x->source = db_s(&r, 0, 9);
    if (db_s(&r, 0, 10).n && day_parse(db_s(&r, 0, 10), &x->effective) < 0)
        x->effective = DAY_NONE;
    return disclosure_save(w, rp->disclosure_id, x);
}

static int act_publish(struct work *w, void *subject, const void *input) {
    struct report *rp = subject;
    struct str body;
    int64_t id = rp->disclosure_id;
    (void)input;
    if (report_html(w, rp, false, &body) < 0)
        return -1;
    struct disclosure_input x = {.title = report_title(w, rp),
                                 .body = body,
                                 .attribute = S("active"),
                                 .validity = S("valid"),
                                 .kind = S("report"),
                                 .source = rp->unit.name,
                                 .formed = day_of(rp->finished_at),
                                 .effective = DAY_NONE,
                                 .expires = DAY_NONE};
    x.el[ELEMENT_YEAR] = str_printf(w->arena, "%d", rp->year);
    bool again = id && str_is(rp->disclosure_state, "draft");
    if (again ? refresh(w, rp, &x) < 0 : disclosure_create(w, rp->unit.id, &x, &id) < 0)
        return -1;
    int n = db_exec(w, &sql_report_set_disclosure, DB_INT(rp->id), DB_INT(rp->revision), DB_INT(id));
    if (stale(w, n) < 0)
        return -1;
    rp->disclosure_id = id;
    return report_event(w, rp, "drafted", json_pack("{s:I}", "disclosure_id", (json_int_t)id));
}

static int scope(struct work *w, void *subject, int permission) {
    return org_may(w, permission, ((const struct report *)subject)->unit.id);
}

static const struct flow_row rows[] = {
    {"draft", "finish", "finished", PERM_REPORT_EDIT, guard_finish, act_finish, "定稿", FLOW_MAIN},
    {"finished", "publish", NULL, PERM_REPORT_EDIT, guard_publish, act_publish, "生成公开稿件", FLOW_MAIN},
    {"finished", "reopen", "draft", PERM_REPORT_EDIT, guard_reopen, act_reopen, "退回修改", FLOW_PLAIN},
};
const struct flow report_flow = {"report", states, countof(states), rows, countof(rows), scope, actor_may};

int report_step(struct work *w, struct report *rp, const char *verb) {
    return flow_step(w, &report_flow, rp->state.p, verb, rp, NULL);
}
