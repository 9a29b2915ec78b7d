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
    {"/desk/rules", "监督规则", "settings", {PERM_RULE_EDIT}},
    {"/desk/reports", "年度报告", "book", {PERM_REPORT_EDIT}},
    {"/desk/board", "全市看板", "chart", {PERM_BOARD_READ}},
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
