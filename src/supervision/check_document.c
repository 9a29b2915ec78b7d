/* check_document.c: documents and what belongs to them: interpretation, consultation and its result, validity. */
#include "supervision/supervision_internal.h"

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* A publication of the kind. 1, 0, -1. */
static int read_kind(struct work *w, int64_t id, const char *kind, struct publication *p) {
    int n = publication_read(w, id, p);
    return n == 1 && !str_is(p->kind, kind) ? 0 : n;
}

static int kind_subjects(struct work *w, const char *kind, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_publications_of_kind, DB_TEXTZ(kind), after, ids, cap);
}

static int policy_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return kind_subjects(w, "policy", after, ids, cap);
}

static int interpretation_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return kind_subjects(w, "interpretation", after, ids, cap);
}

static int consultation_subjects(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    return kind_subjects(w, "consultation", after, ids, cap);
}

/* ── a policy without an interpretation in time ── */

static const struct check_parameter interpretation_parameters[] = {
    {"days", "文件公开后（工作日）", PARAMETER_INT, 1, 250, "3"},
    {"yellow_days", "黄色预警提前（工作日），0为不预警", PARAMETER_INT, 0, 60, "1"},
    NO_MORE_PARAMETERS,
};

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The publication with this public id. 1, 0, -1. */
static int by_public_id(struct work *w, struct str public_id, int64_t *ret) {
    struct db_rows r;
    int n = public_id.n ? db_one(w, &sql_check_by_public_id, &r, DB_TEXT(public_id)) : 0;
    if (n == 1)
        *ret = db_i(&r, 0, 0);
    return n;
}

/* The event's publication and every document one of its versions has said it interprets: a correction may have turned
 * it from one to another. */
static int documents_of(struct work *w, int64_t id, int64_t after, int64_t *ids, size_t cap) {
    int64_t all[2 * EDITIONS + 1] = {id};
    struct db_rows r;
    size_t n = 1, kept = 0;
    if (db_query(w, &sql_check_elements, &r, DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n && n < countof(all); i++) {
        struct edition e = {.elements = db_s(&r, i, 0)};
        int found = by_public_id(w, edition_element(w, &e, "interprets"), &all[n]);
        if (found < 0)
            return -1;
        n += (size_t)found;
    }
    qsort(all, n, sizeof *all, by_id);
    for (size_t i = 0; i < n && kept < cap; i++)
        if (all[i] > after && (kept == 0 || ids[kept - 1] != all[i]))
            ids[kept++] = all[i];
    return (int)kept;
}

static const struct check_event interpretation_events[] = {
    {"disclosure", "published", "disclosure", documents_of}, {"disclosure", "corrected", "disclosure", documents_of},
    {"disclosure", "withdrawn", "disclosure", documents_of}, {"disclosure", "entered", "disclosure", documents_of},
    {"disclosure", "expired", "disclosure", documents_of},   NO_MORE_EVENTS,
};

/* Of documents published here: what was public before this system had its interpretation elsewhere. */
static int interpretation_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    struct stretches *made = arena_one(w->arena, struct stretches);
    int n = read_kind(w, subject, "policy", p);
    if (n <= 0 || p->v[0].entered)
        return n < 0 ? -1 : 0;
    if (check_stretches(w, &sql_check_interpreted, subject, made) < 0)
        return -1;
    int yellow = (int)rule_int(r, "yellow_days");
    day_t due = calendar_add_working(day_of(p->published_at), (int)rule_int(r, "days"));
    int64_t red = day_start(due + 1),
            warn = yellow ? most(day_start(check_warn_day(due, yellow)), p->published_at) : red;
    publication_course(w, p, PERM_DISCLOSURE_EDIT, ret);
    ret->due_at = red - 1;
    ret->note = str_printf(w->arena, "文件公开后%d个工作日内（%.*s前）应有解读材料，并与文件互相链接",
                           (int)rule_int(r, "days"), STR_ARG(day_chinese(w->arena, due)));
    for (size_t i = 0; i < p->n; i++) {
        const struct edition *e = &p->v[i];
        int64_t until = e->expired_at ? least(e->until, e->expired_at) : e->until;
        check_uncovered(ret, LEVEL_YELLOW, most(e->from, warn), least(until, red), made);
        check_uncovered(ret, LEVEL_RED, most(e->from, red), until, made);
    }
    return 1;
}

/* ── links one way only ── */

static int interpretations_of(struct work *w, int64_t id, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_interpretations_of, DB_INT(id), after, ids, cap);
}

static const struct check_event link_events[] = {
    {"disclosure", "published", "disclosure", interpretations_of},
    {"disclosure", "corrected", "disclosure", interpretations_of},
    {"disclosure", "withdrawn", "disclosure", interpretations_of},
    {"disclosure", "entered", "disclosure", interpretations_of},
    NO_MORE_EVENTS,
};
static const struct check_parameter no_parameters[] = {NO_MORE_PARAMETERS};

/* One edition of an interpretation against the document it names; i is the newest or not. */
static int link_edition(struct work *w, const struct publication *p, size_t i, struct course *ret) {
    const struct edition *e = &p->v[i];
    struct stretches *shown = arena_one(w->arena, struct stretches);
    int64_t document = 0;
    int n = by_public_id(w, edition_element(w, e, "interprets"), &document);
    if (n < 0)
        return -1;
    bool reverse = i + 1 < p->n || (document && document == p->about_id);
    if (!reverse) {
        ret->note = S("解读与文件只有单向链接：文件页面上没有这份解读");
        course_span(ret, LEVEL_RED, e->from, e->until);
        return 0;
    }
    if (check_stretches(w, &sql_check_shown, document, shown) < 0)
        return -1;
    struct course alone = {0};
    check_uncovered(&alone, LEVEL_RED, e->from, e->until, shown);
    for (size_t k = 0; k < alone.n; k++) {
        ret->note = S("所解读的文件已不再公开，解读里的链接打不开文件");
        course_span(ret, LEVEL_RED, alone.spans[k].from, alone.spans[k].until);
    }
    return 0;
}

static int link_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    (void)r;
    int n = read_kind(w, subject, "interpretation", p);
    if (n <= 0)
        return n;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++)
        if (link_edition(w, p, i, ret) < 0)
            return -1;
    return 1;
}

/* ── consultations ── */

static const struct check_event publication_events[] = {PUBLICATION_EVENTS, NO_MORE_EVENTS};
static const struct check_parameter consultation_parameters[] = {
    {"days", "征求意见不少于（自然日）", PARAMETER_INT, 1, 365, "30"},
    NO_MORE_PARAMETERS,
};

static day_t opinions_until(struct work *w, const struct edition *e) {
    day_t d;
    return day_parse(edition_element(w, e, "opinions_until"), &d) == 0 ? d : DAY_NONE;
}

static int consultation_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    int n = read_kind(w, subject, "consultation", p), days = (int)rule_int(r, "days");
    if (n <= 0)
        return n;
    publication_course(w, p, PERM_WITHDRAW, ret);
    day_t shown = day_of(p->published_at);
    for (size_t i = 0; i < p->n; i++) {
        const struct edition *e = &p->v[i];
        day_t last = opinions_until(w, e);
        if (last == DAY_NONE || last - shown >= days || edition_element(w, e, "short_reason").n)
            continue;
        ret->note = str_printf(w->arena, "征求意见到%.*s止，只有%d日，少于%d日，也没有说明缩短期限的理由",
                               STR_ARG(day_chinese(w->arena, last)), last > shown ? last - shown : 0, days);
        course_span(ret, LEVEL_RED, e->from, e->until);
    }
    return 1;
}

#define RESULT_WORDS "采纳,反馈,结果,意见汇总"
static const struct check_parameter result_parameters[] = {
    {"days", "征求意见结束后（工作日）", PARAMETER_INT, 1, 250, "20"},
    {"yellow_days", "黄色预警提前（工作日），0为不预警", PARAMETER_INT, 0, 60, "5"},
    {"words", "结果公告的标题除草案名称外还含有其中一词（逗号分开）", PARAMETER_TEXT, 1, 300, RESULT_WORDS},
    NO_MORE_PARAMETERS,
};

/* What a title calls the draft: the words in 《》; STR_NONE when it names none. */
static struct str draft_name(struct str title) {
    ptrdiff_t from = str_find(title, S("《")), to = str_find(title, S("》"));
    return from >= 0 && to > from + 3 ? str_sub(title, (size_t)from + 3, (size_t)(to - from - 3)) : STR_NONE;
}

/* May a publication with one of these titles be the result of the consultation? */
static bool names_draft(const struct db_rows *titles, struct str consultation) {
    struct str name = draft_name(consultation);
    for (size_t i = 0; name.n && i < titles->n; i++)
        if (str_find(db_s(titles, i, 0), name) >= 0)
            return true;
    return false;
}

/* The publication itself in its place among the consultations of its unit whose draft one of its versions named. */
static int consultations_of(struct work *w, int64_t id, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows titles, r;
    size_t kept = 0;
    bool own = id > after;
    if (db_query(w, &sql_check_titles, &titles, DB_INT(id)) < 0 ||
        db_query(w, &sql_check_consultations_of_unit, &r, DB_INT(id), DB_INT(after), DB_INT(2000)) < 0)
        return -1;
    for (size_t i = 0; i < r.n && kept < cap; i++) {
        int64_t other = db_i(&r, i, 0);
        if (own && id <= other) {
            ids[kept++] = id;
            own = false;
        }
        if (other != id && kept < cap && names_draft(&titles, db_s(&r, i, 1)))
            ids[kept++] = other;
    }
    if (own && kept < cap)
        ids[kept++] = id;
    return (int)kept;
}

static const struct check_event result_events[] = {
    {"disclosure", "published", "disclosure", consultations_of},
    {"disclosure", "corrected", "disclosure", consultations_of},
    {"disclosure", "withdrawn", "disclosure", consultations_of},
    {"disclosure", "entered", "disclosure", consultations_of},
    NO_MORE_EVENTS,
};

static struct str like_literal(struct work *w, struct str s) {
    s = str_replace(w->arena, s, S("!"), S("!!"));
    s = str_replace(w->arena, s, S("%"), S("!%"));
    s = str_replace(w->arena, s, S("_"), S("!_"));
    return str_printf(w->arena, "%%%.*s%%", STR_ARG(s));
}

/* When the result was made public after the day `last`: in the consultation itself, or as another publication of the
 * unit whose title names the draft and says so. INT64_MAX: not yet. */
static int result_at(struct work *w, const struct rule *r, const struct publication *p, day_t last, int64_t *ret) {
    struct db_rows found;
    struct str name = draft_name(p->title);
    *ret = INT64_MAX;
    for (size_t i = p->n; i-- > 0;)
        if (edition_element(w, &p->v[i], "opinions_result").n)
            *ret = p->v[i].from;
    if (utf8_length(name) < 4)
        return 0;
    if (db_query(w, &sql_check_results, &found, DB_INT(p->unit_id), DB_INT(day_start(last + 1)),
                 DB_TEXT(like_literal(w, name))) < 0)
        return -1;
    for (size_t i = 0; i < found.n; i++) {
        struct str rest = str_replace(w->arena, db_s(&found, i, 0), name, STR_NONE);
        if (check_word_in(rule_text(r, "words"), rest))
            *ret = least(*ret, db_i(&found, i, 1));
    }
    return 0;
}

static int result_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    int64_t result;
    int n = read_kind(w, subject, "consultation", p), days = (int)rule_int(r, "days");
    if (n <= 0)
        return n;
    day_t last = opinions_until(w, &p->v[p->n - 1]);
    if (last == DAY_NONE)
        return 0;
    if (result_at(w, r, p, last, &result) < 0)
        return -1;
    day_t due = calendar_add_working(last, days);
    publication_course(w, p, PERM_DISCLOSURE_EDIT, ret);
    ret->due_at = day_end(due);
    ret->note = str_printf(w->arena, "征求意见%.*s结束，应在%d个工作日内（%.*s前）公布意见采纳情况",
                           STR_ARG(day_chinese(w->arena, last)), days, STR_ARG(day_chinese(w->arena, due)));
    for (size_t i = 0; i < p->n; i++)
        check_clock(ret, due, (int)rule_int(r, "yellow_days"), p->v[i].from, least(p->v[i].until, result));
    return 1;
}

/* ── validity of normative documents ── */

static const struct check_parameter validity_parameters[] = {
    {"months", "失效前多少个月提醒评估，0为不提醒", PARAMETER_INT, 0, 36, "6"},
    {"grace", "期满后留给标注的时间（自然日）", PARAMETER_INT, 0, 365, "1"},
    {"years", "没有写明失效日期的，视为施行后几年有效，0为不推定", PARAMETER_INT, 0, 50, "0"},
    {"trial_years", "标题含“暂行”“试行”的，视为施行后几年有效，0为不推定", PARAMETER_INT, 0, 50, "0"},
    NO_MORE_PARAMETERS,
};

static bool shown_as_valid(struct str validity) {
    return !str_is(validity, "expired") && !str_is(validity, "repealed") && !str_is(validity, "future");
}

/* The last day a document is valid: as written, else supposed from the day it took effect; DAY_NONE: without end. */
static day_t last_valid(const struct rule *r, const struct edition *e) {
    bool trial = check_word_in(S("暂行,试行"), e->title);
    int years = (int)rule_int(r, trial ? "trial_years" : "years");
    day_t from = e->effective != DAY_NONE ? e->effective : e->formed;
    if (e->expires != DAY_NONE)
        return e->expires;
    return years && from != DAY_NONE ? calendar_add_months(from, years * 12, false) : DAY_NONE;
}

static int validity_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    int n = read_kind(w, subject, "policy", p), months = (int)rule_int(r, "months");
    if (n <= 0)
        return n;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        const struct edition *e = &p->v[i];
        day_t last = last_valid(r, e);
        if (last == DAY_NONE || !shown_as_valid(e->validity))
            continue;
        int64_t until = e->expired_at ? least(e->until, e->expired_at) : e->until;
        int64_t red = day_start(last + 1 + (day_t)rule_int(r, "grace"));
        ret->due_at = day_end(last);
        ret->note = str_printf(w->arena, "文件有效期至%.*s%s，请评估后更正有效性、宣布失效或者重新公布",
                               STR_ARG(day_chinese(w->arena, last)), e->expires == DAY_NONE ? "（按年限推定）" : "");
        if (months)
            course_span(ret, LEVEL_YELLOW, most(e->from, day_start(calendar_add_months(last, -months, false))),
                        least(until, red));
        course_span(ret, LEVEL_RED, most(e->from, red), until);
    }
    return 1;
}

const struct check document_checks[] = {
    {"interpretation_late", "政策文件没有及时解读", "政策文件公开后，没有在规定的工作日内公开解读材料", "disclosure",
     "disclosure", interpretation_parameters, interpretation_events, interpretation_course, policy_subjects},
    {"link_one_way", "解读与文件未双向关联", "解读所指的文件已不公开，或者文件页面上没有这份解读的链接", "disclosure",
     "disclosure", no_parameters, link_events, link_course, interpretation_subjects},
    {"consultation_short", "征求意见时间过短", "公开征求意见少于规定的天数，又没有说明理由", "disclosure", "disclosure",
     consultation_parameters, publication_events, consultation_course, consultation_subjects},
    {"consultation_result", "征求意见结果未公布", "征求意见结束后，没有在规定的工作日内公布意见采纳情况", "disclosure",
     "disclosure", result_parameters, result_events, result_course, consultation_subjects},
    {"validity_over", "规范性文件超过有效期", "文件期满后仍显示为有效；期满前提醒评估", "disclosure", "disclosure",
     validity_parameters, publication_events, validity_course, policy_subjects},
};
const size_t document_check_count = countof(document_checks);
