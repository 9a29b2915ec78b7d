/* check_disclosure.c: publications (公开信息): tied to an item, attribute, formed day, reviews, how long they stay. */
#include "catalogue/catalogue.h"
#include "disclosure/disclosure.h"
#include "supervision/supervision_internal.h"

static const struct check_parameter no_parameters[] = {NO_MORE_PARAMETERS};
static const struct check_event publication_events[] = {PUBLICATION_EVENTS, NO_MORE_EVENTS};

/* ── not tied to an item ── */

static int no_item_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    (void)r;
    int n = publication_read(w, subject, p);
    if (n <= 0 || !disclosure_kind_needs_item(p->kind))
        return n < 0 ? -1 : 0;
    publication_course(w, p, PERM_WITHDRAW, ret);
    ret->note = S("这条信息没有归入任何目录事项：事项不能随更正改变，须撤回后归入事项重新公开");
    for (size_t i = 0; i < p->n && !p->item_id; i++)
        course_span(ret, LEVEL_RED, p->v[i].from, p->v[i].until);
    return 1;
}

/* ── attribute changed away from 主动公开 after reviewers had dealt with it ── */

static const struct check_event attribute_events[] = {
    {"disclosure", "submitted", "disclosure", NULL},
    {"disclosure", "passed", "disclosure", NULL},
    {"disclosure", "returned", "disclosure", NULL},
    NO_MORE_EVENTS,
};

static int attribute_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    struct db_rows d, v;
    (void)r;
    int n = db_one(w, &sql_check_publication, &d, DB_INT(subject));
    if (n <= 0 || db_query(w, &sql_check_attributes, &v, DB_INT(subject)) < 0)
        return n == 0 ? 0 : -1;
    *p = (struct publication){.id = subject,
                              .unit_id = db_i(&d, 0, 0),
                              .item_id = db_i(&d, 0, 1),
                              .field_id = db_i(&d, 0, 2),
                              .kind = db_s(&d, 0, 4),
                              .title = db_s(&d, 0, 5)};
    publication_course(w, p, PERM_DISCLOSURE_EDIT, ret);
    ret->note = S("审核时认定为主动公开，此后改为不主动公开，请核对依据和理由");
    bool was_active = false;
    int64_t since = 0;
    for (size_t i = 0; i < v.n; i++) {
        bool active = str_is(db_s(&v, i, 0), "active");
        int64_t at = db_i(&v, i, 3) ? db_i(&v, i, 3) : db_i(&v, i, 1);
        if (since && active) {
            course_span(ret, LEVEL_ORANGE, since, at);
            since = 0;
        } else if (!since && !active && was_active) {
            since = at;
        }
        was_active = active ? was_active || db_i(&v, i, 2) > 0 : was_active;
    }
    if (since)
        course_span(ret, LEVEL_ORANGE, since, INT64_MAX);
    return 1;
}

static int submitted_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return check_ids(w, &sql_check_submitted, after, ids, cap);
}

/* ── formed day (生成日期) implausible or moved ── */

static const struct check_parameter formed_parameters[] = {
    {"days", "首次公开距生成日期超过（工作日）", PARAMETER_INT, 1, 3660, "20"},
    {"years", "生成日期早于公开多少年视为存疑", PARAMETER_INT, 1, 100, "10"},
    NO_MORE_PARAMETERS,
};

/* What is wrong with the formed day of one edition: its level, and the words. *base: the first day that was plausible.
 */
static int formed_level(struct work *w, const struct rule *r, const struct publication *p, size_t i, day_t *base,
                        struct str *ret_why) {
    const struct edition *e = &p->v[i];
    day_t shown = day_of(e->from);
    int years = (int)rule_int(r, "years"), days = (int)rule_int(r, "days");
    bool first = e->from == p->published_at && !e->entered;
    if (e->formed == DAY_NONE)
        return LEVEL_NONE;
    if (e->formed > shown) {
        *ret_why = str_printf(w->arena, "生成日期%.*s晚于公开日期", STR_ARG(day_chinese(w->arena, e->formed)));
        return LEVEL_RED;
    }
    if (first && calendar_add_months(e->formed, years * 12, false) < shown) {
        *ret_why = str_printf(w->arena, "生成日期%.*s早于公开%d年以上，可能填写有误",
                              STR_ARG(day_chinese(w->arena, e->formed)), years);
        return LEVEL_YELLOW;
    }
    if (*base != DAY_NONE && e->formed != *base) {
        *ret_why = str_printf(w->arena, "生成日期由%.*s改为%.*s", STR_ARG(day_chinese(w->arena, *base)),
                              STR_ARG(day_chinese(w->arena, e->formed)));
        return LEVEL_ORANGE;
    }
    *base = e->formed;
    if (first && calendar_working_between(e->formed, shown) > days) {
        *ret_why = str_printf(w->arena, "生成日期%.*s距首次公开超过%d个工作日",
                              STR_ARG(day_chinese(w->arena, e->formed)), days);
        return LEVEL_YELLOW;
    }
    return LEVEL_NONE;
}

static int formed_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    int n = publication_read(w, subject, p);
    day_t base = DAY_NONE;
    if (n <= 0)
        return n;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        int level = formed_level(w, r, p, i, &base, &ret->note);
        if (level != LEVEL_NONE)
            course_span(ret, level, p->v[i].from, p->v[i].until);
    }
    return 1;
}

/* ── public without each review ── */

static const char *const steps[] = {"review1", "review2", "review3", "secrecy", "signing"};
static const char *const step_names[] = {"初审", "复审", "终审", "由拟稿人以外的人进行的保密审查", "签发"};

/* The steps that the edition has not passed before it was public, in words; "" when none is missing. */
static struct str steps_missing(struct work *w, const struct publication *p, const struct edition *e,
                                const struct db_rows *passed) {
    struct str list = STR_NONE;
    for (size_t k = 0; k < countof(steps); k++) {
        bool there = false;
        for (size_t i = 0; i < passed->n && !there; i++) {
            int64_t person = db_i(passed, i, 2);
            bool own = str_is(db_s(passed, i, 1), "secrecy") && (person == p->drafter_id || person == e->made_by);
            there = db_i(passed, i, 0) == e->id && str_is(db_s(passed, i, 1), steps[k]) &&
                    db_i(passed, i, 3) <= e->from && !own;
        }
        if (!there)
            list = str_printf(w->arena, "%.*s%s%s", STR_ARG(list), list.n ? "、" : "", step_names[k]);
    }
    return list;
}

static int review_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    struct db_rows passed;
    (void)r;
    int n = publication_read(w, subject, p);
    if (n <= 0)
        return n;
    if (db_query(w, &sql_check_reviews_passed, &passed, DB_INT(subject)) < 0)
        return -1;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        struct str missing = p->v[i].entered ? STR_NONE : steps_missing(w, p, &p->v[i], &passed);
        if (!missing.n)
            continue;
        ret->note = str_printf(w->arena, "公开的版本缺少：%.*s", STR_ARG(missing));
        course_span(ret, LEVEL_RED, p->v[i].from, p->v[i].until);
    }
    return 1;
}

/* ── how long it is shown ── */

/* The last day of the minimum display (公示不少于…) that the item asks for, counted from the day it became public;
 * DAY_NONE when it asks for none. */
static int item_display(struct work *w, const struct publication *p, day_t from, day_t *ret) {
    struct item item;
    struct limit_rule l;
    size_t i;
    json_t *rule;
    *ret = DAY_NONE;
    int n = p->item_id ? item_in_force(w, p->item_id, from, &item) : 0;
    if (n <= 0)
        return n;
    json_array_foreach(item.rules, i, rule) {
        if (limit_rule_from_json(w, rule, &l) < 0)
            return -1;
        if (l.kind != LIMIT_MIN_DISPLAY)
            continue;
        day_t last = l.limit.unit == LIMIT_WORKING_DAYS ? calendar_add_working(from, l.limit.n)
                     : l.limit.unit == LIMIT_MONTHS     ? calendar_add_months(from, l.limit.n, false)
                     : l.limit.unit == LIMIT_HOURS      ? from + (l.limit.n + 23) / 24
                                                        : from + l.limit.n;
        if (*ret == DAY_NONE || last > *ret)
            *ret = last;
    }
    return 1;
}

static const struct check_parameter withdrawn_parameters[] = {
    {"days", "目录没有写明公示期的，至少显示（自然日）", PARAMETER_INT, 1, 3660, "30"},
    NO_MORE_PARAMETERS,
};

/* From the withdrawal until it is public again; orange when it was withdrawn as unlawful to show. */
static int withdrawn_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    day_t last, shown;
    int n = publication_read(w, subject, p);
    if (n <= 0 || !p->whole)
        return n < 0 ? -1 : 0;
    shown = day_of(p->published_at);
    if (item_display(w, p, shown, &last) < 0)
        return -1;
    if (last == DAY_NONE)
        last = shown + (day_t)rule_int(r, "days");
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        const struct edition *e = &p->v[i];
        int64_t again = i + 1 < p->n ? p->v[i + 1].from : INT64_MAX;
        if (e->until >= again || day_of(e->until) > last)
            continue;
        bool law = e->concealed_at == e->until;
        ret->note = str_printf(w->arena, "应显示到%.*s，%.*s即撤回%s", STR_ARG(day_chinese(w->arena, last)),
                               STR_ARG(day_chinese(w->arena, day_of(e->until))),
                               law ? "（撤回理由为依法不得公开，请核对）" : "");
        course_span(ret, law ? LEVEL_ORANGE : LEVEL_RED, e->until, again);
    }
    return 1;
}

static const struct check_parameter display_parameters[] = {
    {"words", "标题含有其中一词的信息（逗号分开）", PARAMETER_TEXT, 1, 300, "公示,名单"},
    {"days", "没有写明失效日期的，公示多少日（自然日）后撤下", PARAMETER_INT, 1, 3660, "90"},
    NO_MORE_PARAMETERS,
};

static int display_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    day_t shown, asked;
    int n = publication_read(w, subject, p);
    if (n <= 0 || !check_word_in(rule_text(r, "words"), p->title))
        return n < 0 ? -1 : 0;
    shown = day_of(p->published_at);
    if (item_display(w, p, shown, &asked) < 0)
        return -1;
    day_t otherwise = shown + (day_t)rule_int(r, "days");
    otherwise = asked != DAY_NONE && asked > otherwise ? asked : otherwise;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        const struct edition *e = &p->v[i];
        day_t last = e->expires != DAY_NONE ? e->expires : otherwise;
        int64_t over = day_start(last + 1);
        ret->due_at = over - 1;
        ret->note = str_printf(w->arena, "公示期至%.*s，期满后仍在公开，请撤下", STR_ARG(day_chinese(w->arena, last)));
        course_span(ret, LEVEL_RED, over > e->from ? over : e->from, e->until);
    }
    return 1;
}

const struct check disclosure_checks[] = {
    {"no_item", "公开信息未归入目录事项", "应当归入目录事项的公开信息没有对应任何事项", "disclosure", "disclosure",
     no_parameters, publication_events, no_item_course, publication_subjects},
    {"attribute_changed", "审核后改为不主动公开", "审核人员看过的主动公开稿件，后来改成依申请公开或者不予公开",
     "disclosure", "disclosure", no_parameters, attribute_events, attribute_course, submitted_subjects},
    {"formed_implausible", "生成日期存疑",
     "生成日期晚于公开日期、早得不合常理、距首次公开过久，或者在更正时被改动（伪造发稿日期是单项否决情形）",
     "disclosure", "disclosure", formed_parameters, publication_events, formed_course, publication_subjects},
    {"review_missing", "未经审核即公开", "公开的版本缺少三审、保密审查或者签发（系统不允许发生，此项用来证明）",
     "disclosure", "disclosure", no_parameters, publication_events, review_course, publication_subjects},
    {"withdrawn_early", "提前撤下", "没有显示到规定的最短期限就撤回", "disclosure", "disclosure", withdrawn_parameters,
     publication_events, withdrawn_course, publication_subjects},
    {"display_over", "公示期满未撤下", "公示、名单等信息期满后仍在公开（含个人信息的名单尤其要及时撤下）", "disclosure",
     "disclosure", display_parameters, publication_events, display_course, publication_subjects},
};
const size_t disclosure_check_count = countof(disclosure_checks);
