/* portal_nav.c: the main navigation: which entry a path belongs to. */
#include "portal/portal_internal.h"

struct entry {
    const char *label, *href;
    const char *prefixes[4]; /* paths that belong to it; the first is its own */
};
static const struct entry entries[] = {
    {"首页", "/", {NULL}},
    {"政府信息公开", "/info", {"/info", "/disclosures", "/search", NULL}},
    {"依申请公开", "/requests", {"/requests", NULL}},
    {"政策与解读", "/columns/policies", {"/columns", NULL}},
    {"试点领域", "/fields", {"/fields", NULL}},
    {"公开目录", "/catalogues", {"/catalogues", "/items", NULL}},
    {"五公开", "/five/decision", {"/five", NULL}},
    {"公开单位", "/units", {"/units", NULL}},
    {"监督评议", "/supervision", {"/supervision", "/five-alls", NULL}},
};

/* "/fields" covers "/fields" and "/fields/01", not "/fieldsx". */
static bool covers(const char *prefix, struct str path) {
    struct str p = str_z(prefix);
    return str_starts(path, p) && (path.n == p.n || path.p[p.n] == '/');
}

static bool active(const struct entry *e, struct str path) {
    if (!e->prefixes[0])
        return str_is(path, e->href);
    for (size_t i = 0; e->prefixes[i]; i++)
        if (covers(e->prefixes[i], path))
            return true;
    return false;
}

json_t *portal_nav(struct str path) {
    json_t *list = json_array();
    for (size_t i = 0; i < countof(entries); i++) {
        json_t *o = json_pack("{s:s, s:s}", "label", entries[i].label, "href", entries[i].href);
        json_object_set_new(o, "active", json_boolean(active(&entries[i], path)));
        json_array_append_new(list, o);
    }
    return list;
}
