/* check_found.c: what the walk over the site found wrong at an address (site_walk.c, site_look.c). Each finding is a
 * subject of its own, from the first failed look to the first good one; what is asked over the net counts from the
 * second failed look on. */
#include "supervision/supervision_internal.h"

static const struct check_parameter found_parameters[] = {
    {"days", "几天没有改正转为红色（自然日）", PARAMETER_INT, 0, 366, "3"},
    {NULL, NULL, 0, 0, 0, NULL},
};
static const struct {
    const char *check, *kind, *title;
} kinds[] = {
    {"link_dead", "link", "链接打不开"},           {"attachment_missing", "attachment", "附件打不开"},
    {"outside_link", "outside", "外链没有提示"},   {"meta_tags", "meta", "网页标签缺失"},
    {"site_footer", "footer", "页面底部要素缺失"},
};

static int found_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    struct finding f;
    size_t k = 0;
    int n = finding_get(w, subject, &f);
    while (k < countof(kinds) && strcmp(kinds[k].check, r->check->code) != 0)
        k++;
    if (n <= 0 || k == countof(kinds) || !str_is(f.kind, kinds[k].kind))
        return n < 0 ? -1 : 0;
    *ret = (struct course){.unit_id = f.unit_id,
                           .kind = f.kind,
                           .holder = f.disclosure_id ? PERM_DISCLOSURE_EDIT : PERM_PORTAL_EDIT,
                           .title = str_printf(w->arena, "%s：%.*s", kinds[k].title, STR_ARG(f.title)),
                           .note = str_printf(w->arena, "%.*s（%.*s）", STR_ARG(f.detail), STR_ARG(f.address)),
                           .address = f.disclosure_id
                                          ? str_printf(w->arena, "/desk/disclosures/%lld", (long long)f.disclosure_id)
                                          : S("/desk/portal")};
    if (f.tries < finding_threshold(f.kind))
        return 1;
    int64_t red = f.failed_at + rule_int(r, "days") * DAY_MS, end = f.ended_at ? f.ended_at : INT64_MAX;
    course_span(ret, LEVEL_YELLOW, f.failed_at, red < end ? red : end);
    course_span(ret, LEVEL_RED, red, end);
    return 1;
}

static int all_findings(struct work *w, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_site_finding_ids, &r, DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

static const struct check_event found_events[] = {
    {"supervision", "site_found", "finding", NULL},
    {"supervision", "site_mended", "finding", NULL},
    {NULL, NULL, NULL, NULL},
};

#define ROW(code, label, about)                                                                                        \
    { code, label, about, "finding", "site", found_parameters, found_events, found_course, all_findings }
const struct check found_checks[] = {
    ROW("link_dead", "链接打不开", "公开内容里的链接两次访问都打不开"),
    ROW("attachment_missing", "附件打不开", "公开内容的附件或者图片两次访问都打不开"),
    ROW("outside_link", "外链没有提示", "公开页面上有离开政府网站而没有提示的链接"),
    ROW("meta_tags", "网页标签缺失", "首页、栏目页、内容页缺少必选的网页标签"),
    ROW("site_footer", "页面底部要素缺失", "网站底部缺少规定的七项要素"),
};
const size_t found_check_count = countof(found_checks);
