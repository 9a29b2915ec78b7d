/* desk.c: navigation by role and the numbers that wait beside it. */
#include "desk/desk.h"
#include "auth/auth.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "org/org.h"
#include "view/view.h"

struct nav_entry {
    const char *href, *label, *icon;
    int permission[3]; /* any of these shows it */
};
/* At most seven are shown to one person: the order is the order of use. */
static const struct nav_entry entries[] = {
    {"/desk", "我的工作", "home", {PERM_SIGNED_IN}},
    {"/desk/duties", "应公开任务", "clock", {PERM_DUTY_READ}},
    {"/desk/disclosures", "公开信息", "file", {PERM_DISCLOSURE_READ}},
    {"/desk/requests", "依申请公开", "send", {PERM_REQUEST_READ}},
    {"/desk/reports", "年度报告", "book", {PERM_REPORT_EDIT}},
    {"/desk/supervision", "监督看板", "chart", {PERM_BOARD_READ}},
    {"/desk/alerts", "预警和督办", "bell", {PERM_ALERT_READ}},
    {"/desk/catalogues", "三张目录", "table", {PERM_CATALOGUE_PROPOSE, PERM_CATALOGUE_APPROVE, PERM_CATALOGUE_IMPORT}},
    {"/desk/proposals", "目录调整", "edit", {PERM_CATALOGUE_PROPOSE, PERM_CATALOGUE_APPROVE}},
    {"/desk/units", "单位和岗位", "sitemap", {PERM_ORG_ADMIN, PERM_RIGHTS_ADMIN}},
    {"/desk/accounts", "账号", "users", {PERM_ACCOUNT_ADMIN}},
    {"/desk/tokens", "业务系统令牌", "key", {PERM_TOKEN_ADMIN}},
    {"/desk/calendar", "工作日历", "calendar", {PERM_CALENDAR_ADMIN}},
    {"/desk/audit", "办理全过程", "history", {PERM_AUDIT_READ}},
    {"/desk/portal", "门户栏目和专题", "book", {PERM_PORTAL_EDIT}},
    {"/desk/synonyms", "检索同义词", "search", {PERM_PORTAL_EDIT}},
};

/* The pages of supervision belong together: one row of tabs above each of them. */
static const struct nav_entry supervision[] = {
    {"/desk/supervision", "看板", NULL, {PERM_BOARD_READ}},
    {"/desk/alerts", "预警", NULL, {PERM_ALERT_READ}},
    {"/desk/tickets", "督办单", NULL, {PERM_ALERT_READ}},
    {"/desk/statistics/supervision", "统计", NULL, {PERM_STATISTICS_READ}},
    {"/desk/board", "任务完成情况", NULL, {PERM_BOARD_READ}},
    {"/desk/rules", "监督规则", NULL, {PERM_RULE_READ}},
    {"/desk/site-check", "网站自查", NULL, {PERM_BOARD_READ}},
    {"/desk/audit", "办理全过程", NULL, {PERM_AUDIT_READ}},
};

static bool shown(const struct actor *a, const struct nav_entry *e) {
    for (size_t i = 0; i < countof(e->permission); i++)
        if (e->permission[i] && actor_may(a, e->permission[i]))
            return true;
    return false;
}

static bool active(struct str path, const char *href) {
    struct str h = str_z(href);
    if (str_eq(path, h))
        return true;
    return h.n > 5 && str_starts(path, h) && path.n > h.n && path.p[h.n] == '/';
}

json_t *desk_tabs(struct work *w, struct str path) {
    json_t *list = json_array();
    bool here = false;
    for (size_t i = 0; i < countof(supervision); i++) {
        here |= active(path, supervision[i].href);
        if (shown(&w->actor, &supervision[i]))
            json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "href", supervision[i].href, "label",
                                                  supervision[i].label, "active", active(path, supervision[i].href)));
    }
    if (here && json_array_size(list) > 1)
        return list;
    json_decref(list);
    return NULL;
}

json_t *desk_nav(struct work *w, struct str path) {
    json_t *list = json_array();
    for (size_t i = 0; i < countof(entries) && json_array_size(list) < 8; i++) {
        if (!shown(&w->actor, &entries[i]))
            continue;
        json_t *o =
            json_pack("{s:s, s:s, s:s}", "href", entries[i].href, "label", entries[i].label, "icon", entries[i].icon);
        json_object_set_new(o, "count",
                            json_integer(0)); /* said even when none: a page's own count must not show through */
        json_object_set_new(o, "active", json_boolean(active(path, entries[i].href)));
        json_array_append_new(list, o);
    }
    return list;
}
