/* disclosure_legal.c: which legally required content (法定主动公开内容, 条例第二十、二十一条) a publication belongs to,
 * by the default rules of data/columns.json: its field, its kind, words of its title; and the column it stands in. */
#include "disclosure/disclosure_internal.h"

#include <pthread.h>

/* Read once, never changed: shared by all threads. */
static json_t *rules;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static json_t *rules_once(struct work *w) {
    pthread_mutex_lock(&mutex);
    if (!rules) {
        const struct asset *a = asset_find(w->config, w->arena, "data/columns.json");
        rules = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    }
    json_t *r = rules;
    pthread_mutex_unlock(&mutex);
    return r;
}

static bool listed(const json_t *list, struct str value) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_is(value, json_string_value(json_array_get(list, i))))
            return true;
    return false;
}

static bool named(const json_t *list, struct str title) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_find(title, str_z(json_string_value(json_array_get(list, i)))) >= 0)
            return true;
    return false;
}

void add_legal(struct work *w, struct search_doc *doc, struct str unit_kind, struct str field, struct str class) {
    json_t *all = json_object_get(rules_once(w), "legal");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i), *m = json_object_get(one, "match");
        const char *level = json_string_value(json_object_get(m, "level"));
        bool town = str_is(unit_kind, "town");
        bool fits = json_is_true(json_object_get(m, "rest"))
                        ? n == 0
                        : listed(json_object_get(m, "fields"), field) || listed(json_object_get(m, "classes"), class) ||
                              named(json_object_get(m, "words"), doc->title);
        if (!fits || (level && town != (strcmp(level, "town") == 0)))
            continue;
        search_doc_facet(doc, "legal", str_z(json_string_value(json_object_get(one, "code"))));
        n++;
    }
}

/* ── the column of a publication (rules.md §5.2: a page of content bears the tags of its column too) ── */

/* The shipped column that holds a class. Borrowed; NULL none. */
static const json_t *column_of(struct work *w, struct str class) {
    const json_t *all = json_object_get(rules_once(w), "columns");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        const char *held = json_string_value(json_object_get(json_object_get(one, "filter"), "class"));
        if (held && str_is(class, held))
            return one;
    }
    return NULL;
}

/* The part by which the office replaced a column. Borrowed; NULL none. */
static const json_t *edited(const json_t *parts, const json_t *column) {
    for (size_t i = 0; column && i < json_array_size(parts); i++) {
        const json_t *one = json_array_get(parts, i);
        if (json_equal(json_object_get(one, "code"), json_object_get(column, "code")))
            return one;
    }
    return NULL;
}

static void put_first(json_t *o, const char *key, const json_t *part, const char *part_key, const json_t *column,
                      const char *column_key, const char *otherwise) {
    const json_t *from[] = {json_object_get(part, part_key), json_object_get(column, column_key)};
    const char *value = otherwise;
    for (size_t i = countof(from); i-- > 0;)
        if (json_string_length(from[i]))
            value = json_string_value(from[i]);
    json_object_set_new(o, key, json_string(value));
}

int add_column(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    const json_t *column = column_of(w, class_of(d, v)), *item = json_object_get(o, "item"), *part;
    const char *level1 = json_string_value(json_object_get(item, "level1"));
    json_t *parts = column ? disclosure_parts(w, "column") : NULL;
    if (column && !parts)
        return -1;
    part = edited(parts, column);
    /* Ordinary information stands under what asks for it; without that, in the list of all. */
    bool listed_alone = !column && !level1;
    put_first(o, "column_name", part, "title", column, "name", level1 ? level1 : "政府信息公开");
    put_first(o, "column", NULL, "", column, "type", kind_of(d->kind)->column);
    put_first(o, "column_keywords", part, "keywords", column, "keywords", level1 ? level1 : "政府信息公开");
    put_first(o, "column_about", part, "summary", column, "about",
              listed_alone ? "最新公开的政府信息，按发布时间排列" : "公开事项的内容要素、依据、时限、主体和已公开信息");
    json_decref(parts);
    return 0;
}
