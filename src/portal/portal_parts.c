/* portal_parts.c: what the office edits of the portal: topics with their pages, blocks, links and banners of the home
 * page; the workbench's list of them and the preview of one before it is published. Columns: portal_column.c. */
#include "portal/portal_internal.h"

#define BLOCK_ENTRIES 6
#define TOPIC_ENTRIES 50

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

/* A draft takes the place of its published self, or stands after the others. */
json_t *portal_parts(struct work *w, const char *kind, const json_t *draft) {
    json_t *list = disclosure_parts(w, kind), *o;
    size_t i;
    if (!list || !draft || !str_is(text(draft, "kind"), kind))
        return list;
    json_t *shown = json_deep_copy(draft);
    json_object_set_new(shown, "draft", json_true());
    json_array_foreach(list, i, o) if (json_integer_value(json_object_get(o, "id")) ==
                                       json_integer_value(json_object_get(draft, "id"))) {
        json_array_set_new(list, i, shown);
        return list;
    }
    json_array_append_new(list, shown);
    return list;
}

/* The newest of what a part gathers, when it gathers; a past instant offers no search and no feed of it. */
static int put_gathered(struct work *w, json_t *part, int64_t size) {
    struct search_input x;
    struct str search = text(part, "search");
    if (!search.n)
        return 0;
    search_input_of(w, search, &x);
    if (!x.kind.n) /* what was published, not what the catalogue asks for */
        x.kind = S("document");
    json_t *found = portal_newest(w, &x, 1, size, false);
    if (!found && w->error.code != ERR_BUSY)
        return -1;
    error_clear(w); /* while the index is being built the page stands without the list, and is not kept */
    json_set_bool(part, "gathers", true);
    json_set_bool(part, "found", json_array_size(json_object_get(found, "hits")) > 0);
    json_object_set(part, "hits", json_object_get(found, "hits"));
    if (!w->as_of) {
        json_set_str(part, "search_href", search_address(w->arena, &x, "/search", "sort", S("newest")));
        json_set_str(part, "feed", search_address(w->arena, &x, "/search.atom", NULL, STR_NONE));
    }
    json_decref(found);
    return 0;
}

static int put_parts(struct work *w, json_t *model, const char *key, const char *kind, const json_t *draft) {
    json_t *list = portal_parts(w, kind, draft);
    json_set_bool(model, str_printf(w->arena, "has_%s", key).p, json_array_size(list) > 0);
    return model_put(model, key, list);
}

int put_home_parts(struct work *w, json_t *model, const json_t *draft) {
    json_t *o;
    size_t i;
    if (put_parts(w, model, "banners", "banner", draft) < 0 || put_parts(w, model, "blocks", "block", draft) < 0 ||
        put_parts(w, model, "topics", "topic", draft) < 0 || put_parts(w, model, "links", "link", draft) < 0)
        return -1;
    json_array_foreach(json_object_get(model, "blocks"), i, o) if (put_gathered(w, o, BLOCK_ENTRIES) < 0) return -1;
    json_t *columns = portal_columns_of(w, draft);
    int rc = columns ? json_object_set(model, "columns", json_object_get(columns, "columns")) : -1;
    json_decref(columns);
    json_set_bool(model, "preview", draft != NULL);
    return rc;
}

/* ── topics ── */

int portal_topics(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    int rc = put_renewal(in->w, model, &(struct disclosure_filter){.kind = S("topic")}, NULL);
    return portal_page(out, "portal/topics", model, rc < 0 ? rc : put_parts(in->w, model, "topics", "topic", NULL));
}

static int topic_page(struct http_request *in, struct http_response *out, struct str code, const json_t *draft) {
    struct work *w = in->w;
    json_t *list = portal_parts(w, "topic", draft), *o, *one = NULL;
    size_t i;
    json_array_foreach(list, i, o) if (str_eq(text(o, "code"), code)) one = o;
    if (list && !one) {
        json_decref(list);
        return moved_redirect(in, out, "没有这个专题，或者已经撤下");
    }
    int rc = one ? put_gathered(w, one, TOPIC_ENTRIES) : -1;
    json_t *model = json_object();
    json_object_set(model, "topic", one);
    json_set_bool(model, "preview", draft != NULL);
    json_decref(list);
    out->no_cache = !search_caught_up(1000);
    return portal_page(out, "portal/topic", model, rc);
}

int portal_topic(struct http_request *in, struct http_response *out) {
    return topic_page(in, out, http_path_part(in, "code"), NULL);
}

/* ── the workbench ── */

int portal_desk(struct http_request *in, struct http_response *out) {
    static const struct {
        const char *kind, *name, *about;
    } kinds[] = {{"column", "栏目", "有固定地址、按条件自动收录信息的页面"},
                 {"topic", "专题", "围绕一件事的页面，在首页和专题页列出"},
                 {"block", "首页板块", "首页上的一块文字，或者收录信息的最新几条"},
                 {"banner", "横幅", "首页上方的图片或文字"},
                 {"link", "相关链接", "首页下方的链接"}};
    json_t *all = disclosure_part_work_list(in->w), *groups = json_array(), *o;
    size_t i;
    if (!all) {
        json_decref(groups);
        return -1;
    }
    for (size_t k = 0; k < countof(kinds); k++) {
        json_t *g = json_pack("{s:s, s:s, s:s}", "kind", kinds[k].kind, "name", kinds[k].name, "about", kinds[k].about);
        json_t *list = json_array();
        json_array_foreach(all, i, o) if (str_is(text(o, "kind"), kinds[k].kind)) json_array_append(list, o);
        json_set_bool(g, "any", json_array_size(list) > 0);
        json_object_set_new(g, "parts", list);
        json_array_append_new(groups, g);
    }
    json_decref(all);
    json_t *model = json_object();
    json_object_set_new(model, "groups", groups);
    json_set_bool(model, "may_write", actor_may(&in->w->actor, PERM_DISCLOSURE_EDIT));
    return view_page(out, "portal/desk", model);
}

int portal_preview(struct http_request *in, struct http_response *out) {
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    json_t *draft = disclosure_part_draft(in->w, id);
    if (!draft)
        return -1;
    struct str kind = text(draft, "kind"), code = str_dup(in->w->arena, text(draft, "code"));
    int rc = str_is(kind, "column")  ? portal_column_page(in, out, code, draft)
             : str_is(kind, "topic") ? topic_page(in, out, code, draft)
                                     : portal_home_page(in, out, draft);
    json_decref(draft);
    return rc;
}
